package bench

import (
	"context"
	"database/sql"
	"fmt"
	"strings"
	"time"
)

// OLTP is what one row costs: 100,000 rows with DISTKEY(id) SORTKEY(id), asked and changed one at a time, as literals in the text, as parameters and by a
// prepared statement; and again after 10,000 updates that no VACUUM followed. The times are those of single statements: the report shows their tail.
type OLTP struct {
	Rows    int // 0 = 100,000
	Updates int // before the last queries; 0 = 10,000
	Ops     int // statements of a timed run; 0 = 2,000
}

// freshIDs is how many ids of new rows a round has to itself.
const freshIDs = 1 << 20

// Name is oltp.
func (w OLTP) Name() string { return "oltp" }

func orElse(n, other int) int {
	if n > 0 {
		return n
	}
	return other
}

// Prepare makes the table, 1,000 rows a statement.
func (w OLTP) Prepare(ctx context.Context, t Target, db *sql.DB) error {
	create := "CREATE TABLE kv (id bigint PRIMARY KEY, v varchar(40), n int)"
	if t.Flavor == "redshift" {
		create += " DISTKEY(id) SORTKEY(id)"
	}
	if _, err := db.ExecContext(ctx, create); err != nil {
		return err
	}
	rows := orElse(w.Rows, 100_000)
	for at := 0; at < rows; {
		var b strings.Builder
		b.WriteString("INSERT INTO kv VALUES ")
		for i := range min(1000, rows-at) {
			if i > 0 {
				b.WriteByte(',')
			}
			fmt.Fprintf(&b, "(%d, 'value %d', %d)", at+i, at+i, (at+i)%97)
		}
		if _, err := db.ExecContext(ctx, b.String()); err != nil {
			return err
		}
		at += 1000
	}
	return nil
}

// mark is parameter n as an engine writes it.
func mark(t Target, n int) string {
	if t.Flavor == "redshift" || t.Flavor == "postgres" {
		return fmt.Sprintf("$%d", n)
	}
	return "?"
}

// Queries are the single-row statements.
func (w OLTP) Queries(t Target) []Query {
	rows, ops := orElse(w.Rows, 100_000), orElse(w.Ops, 2000)
	key := func(round, i int) int { return (round*7919 + i*104_729 + 2*104_729) % rows }
	one := func(ctx context.Context, q interface {
		QueryRowContext(context.Context, ...any) *sql.Row
	}, id int,
	) error {
		var v string
		if err := q.QueryRowContext(ctx, id).Scan(&v); err != nil {
			return err
		}
		return nil
	}
	timed := func(name string, do func(ctx context.Context, db *sql.DB, round, i int) error) Query {
		return Query{Name: name, Measured: func(ctx context.Context, db *sql.DB, round int) ([]time.Duration, error) {
			times := make([]time.Duration, 0, ops)
			for i := range ops {
				start := time.Now()
				if err := do(ctx, db, round, i); err != nil {
					return nil, fmt.Errorf("%s: %w", name, err)
				}
				times = append(times, time.Since(start))
			}
			return times, nil
		}}
	}
	get := func(name string) []Query {
		return []Query{
			timed("select literal"+name, func(ctx context.Context, db *sql.DB, round, i int) error {
				var v string
				return db.QueryRowContext(ctx, fmt.Sprintf("SELECT v FROM kv WHERE id = %d", key(round, i))).Scan(&v)
			}),
			timed("select parameter"+name, func(ctx context.Context, db *sql.DB, round, i int) error {
				var v string
				return db.QueryRowContext(ctx, "SELECT v FROM kv WHERE id = "+mark(t, 1), key(round, i)).Scan(&v)
			}),
			{Name: "select prepared" + name, Measured: func(ctx context.Context, db *sql.DB, round int) ([]time.Duration, error) {
				st, err := db.PrepareContext(ctx, "SELECT v FROM kv WHERE id = "+mark(t, 1))
				if err != nil {
					return nil, err
				}
				defer st.Close()
				times := make([]time.Duration, 0, ops)
				for i := range ops {
					start := time.Now()
					if err := one(ctx, st, key(round, i)); err != nil {
						return nil, err
					}
					times = append(times, time.Since(start))
				}
				return times, nil
			}},
		}
	}
	exec := func(name, format string, id func(round, i int) int) Query {
		return timed(name, func(ctx context.Context, db *sql.DB, round, i int) error {
			r, err := db.ExecContext(ctx, fmt.Sprintf(format, id(round, i)))
			if err != nil {
				return err
			}
			if n, err := r.RowsAffected(); err == nil && n != 1 {
				return fmt.Errorf("%d rows", n)
			}
			return nil
		})
	}
	fresh := func(round, i int) int { return rows + (round+2)*max(ops, freshIDs) + i } // a round's own, however many statements others have
	age := Query{Name: "10,000 updates", Ops: orElse(w.Updates, 10_000), Once: true, Do: func(ctx context.Context, db *sql.DB, _ int) error {
		for i := range orElse(w.Updates, 10_000) {
			if _, err := db.ExecContext(ctx, fmt.Sprintf("UPDATE kv SET n = n + 1 WHERE id = %d", key(0, i))); err != nil {
				return err
			}
		}
		return nil
	}}
	out := get("")
	out = append(out,
		exec("insert", "INSERT INTO kv VALUES (%[1]d, 'value %[1]d', 5)", fresh),
		exec("update", "UPDATE kv SET n = n + 1 WHERE id = %d", key),
		exec("delete", "DELETE FROM kv WHERE id = %d", fresh),
		age)
	return append(out, get(", after updates")...)
}
