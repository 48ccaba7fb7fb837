package engine

import (
	"context"
	"fmt"
	"testing"

	"github.com/redshiftsim/redshiftsim/internal/types"
)

// kv makes a table of n rows with a key and a value.
func kv(b *testing.B, n int) *Session {
	s := connect(b, New(Config{}), "")
	run(b, s, "SET enable_result_cache_for_session TO off")
	run(b, s, "CREATE TABLE kv (id int, v varchar(40)) DISTKEY(id) SORTKEY(id)", "INSERT INTO kv VALUES (0, 'value 0')")
	for rows := 1; rows < n; rows *= 2 {
		run(b, s, fmt.Sprintf("INSERT INTO kv SELECT id + %d, 'value ' || (id + %d) FROM kv WHERE id + %d < %d", rows, rows, rows, n))
	}
	return s
}

// drainOne runs a query to its end and counts its rows.
func drainOne(b *testing.B, r *Result, err error) (n int) {
	if err != nil {
		b.Fatal(err)
	}
	for {
		x, err := r.Next()
		if err != nil {
			b.Fatal(err)
		}
		if x == nil {
			break
		}
		n += x.Rows()
	}
	if err := r.Close(); err != nil {
		b.Fatal(err)
	}
	return n
}

// BenchmarkPoint reads and writes single rows: texts that never repeat, and prepared ones.
func BenchmarkPoint(b *testing.B) {
	ctx := context.Background()
	const n = 10000
	b.Run("select/literal", func(b *testing.B) {
		s := kv(b, n)
		b.ReportAllocs()
		for i := 0; b.Loop(); i++ {
			r, err := s.Query(ctx, fmt.Sprintf("SELECT v FROM kv WHERE id = %d", i*7919%n), nil)
			if got := drainOne(b, r, err); got != 1 {
				b.Fatal(got)
			}
		}
	})
	b.Run("select/prepared", func(b *testing.B) {
		s := kv(b, n)
		st, err := s.Prepare(ctx, "SELECT v FROM kv WHERE id = $1")
		if err != nil {
			b.Fatal(err)
		}
		b.ReportAllocs()
		for i := 0; b.Loop(); i++ {
			r, err := st.Query(ctx, []types.Datum{{Type: types.TInt8, Int: int64(i * 7919 % n)}})
			if got := drainOne(b, r, err); got != 1 {
				b.Fatal(got)
			}
		}
	})
	b.Run("insert/literal", func(b *testing.B) {
		s := kv(b, n)
		b.ReportAllocs()
		for i := 0; b.Loop(); i++ {
			run(b, s, fmt.Sprintf("INSERT INTO kv VALUES (%d, 'new %d')", n+i, i))
		}
	})
	b.Run("select/long way", func(b *testing.B) {
		s := kv(b, n)
		b.ReportAllocs()
		for i := 0; b.Loop(); i++ {
			r, err := s.Query(ctx, fmt.Sprintf("SELECT v FROM kv WHERE id = %d + 0", i*7919%n), nil)
			drainOne(b, r, err)
		}
	})
}

// BenchmarkScan reads all rows of a table: between a block and the driver nothing is allocated for a row, and a constant number for a batch.
func BenchmarkScan(b *testing.B) {
	s := kv(b, 1<<18)
	b.ReportAllocs()
	for b.Loop() {
		r, err := s.Query(context.Background(), "SELECT id, v FROM kv WHERE id >= 0", nil)
		if n := drainOne(b, r, err); n != 1<<18 {
			b.Fatal(n)
		}
	}
}

// BenchmarkShapeHit finds a text that differs from others in its literals alone parsed: what a point query pays before its plan.
func BenchmarkShapeHit(b *testing.B) {
	s := kv(b, 1)
	texts := make([]string, 1024)
	for i := range texts {
		texts[i] = fmt.Sprintf("SELECT v FROM kv WHERE id = %d", i)
	}
	b.ReportAllocs()
	for i := 0; b.Loop(); i++ {
		x, lits, err := s.read(texts[i%len(texts)], nil)
		if err != nil || len(lits) != 1 || len(x.stmts) != 1 {
			b.Fatal(lits, err)
		}
	}
}
