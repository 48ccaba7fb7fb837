package engine

import (
	"bytes"
	"context"
	"errors"
	"flag"
	"fmt"
	"io"
	"math/rand/v2"
	"runtime"
	"strings"
	"testing"
	"time"

	"github.com/redshiftsim/redshiftsim/engine/load"
	"github.com/redshiftsim/redshiftsim/storage"
)

var faults = flag.Int("faults", 120, "statements that TestFaults disturbs")

// faulty is a bucket whose one object fails, or panics, when so many bytes have been read.
type faulty struct {
	data  []byte
	at    int // < 0 = never
	panic bool
}

var errFaulty = errors.New("the line is dead")

func (f *faulty) List(context.Context, string) ([]load.Object, error) {
	return []load.Object{{Name: "f", Size: int64(len(f.data))}}, nil
}

func (f *faulty) Open(context.Context, string) (io.ReadCloser, error) {
	return io.NopCloser(&faultyReader{f: f, r: bytes.NewReader(f.data)}), nil
}

func (f *faulty) Create(context.Context, string) (io.WriteCloser, error) { return nil, errFaulty }

type faultyReader struct {
	f *faulty
	r *bytes.Reader
	n int
}

func (r *faultyReader) Read(p []byte) (int, error) {
	n, err := r.r.Read(p[:min(len(p), 4096)])
	if r.n += n; r.f.at >= 0 && r.n > r.f.at {
		if r.f.panic {
			panic("the reader broke")
		}
		return 0, errFaulty
	}
	return n, err
}

// faultTable is what a table holds, whatever lies where.
func faultTable(t *testing.T, s *Session, table string) string {
	t.Helper()
	got, err := rowsIn(s, "SELECT count(*), sum(a), sum(b), count(DISTINCT w), min(w), max(w) FROM "+table)
	if err != nil {
		t.Fatal(err)
	}
	return strings.Join(got, "")
}

// TestFaults disturbs changes of a table at random points: they are cancelled, pass memory_limit, divide by zero in some row, or read a file that ends in an
// error or a panic. A statement that fails leaves the table as it was, and all that it took is given back; one that succeeds has done all its work.
// go test ./engine -run TestFaults -faults 10000 runs as many.
func TestFaults(t *testing.T) {
	seed := uint64(time.Now().UnixNano())
	t.Logf("seed %d", seed)
	r := rand.New(rand.NewPCG(seed, 0))
	var file bytes.Buffer
	for i := range 20000 {
		fmt.Fprintf(&file, "%d,%d,w%d\n", 100000+i, i%7, i%3000)
	}
	store := &faulty{data: file.Bytes(), at: -1}
	c := New(Config{MemoryLimit: 1 << 30, Workers: 3, Buckets: map[string]load.ObjectStore{"b": store}})
	s := connect(t, c, "")
	run(t, s, "CREATE TABLE d (d int) DISTSTYLE ALL", "INSERT INTO d VALUES (0), (1), (2), (3), (4), (5), (6), (7), (8), (9)",
		"CREATE TABLE base (a int, b int, w varchar(20)) DISTSTYLE EVEN",
		"INSERT INTO base SELECT v.d + 10 * w.d + 100 * x.d + 1000 * y.d, w.d, 'w' || (v.d * 7 + x.d)::varchar FROM d v, d w, d x, d y",
		"CREATE TABLE t (a int SORTKEY, b int, w varchar(20)) DISTKEY(b)", "INSERT INTO t SELECT * FROM base")
	reader := connect(t, c, "")
	before := runtime.NumGoroutine()
	failed := 0
	for range *faults {
		if r.IntN(40) == 0 { // begin anew: the table must not grow for ever
			run(t, s, "TRUNCATE t", "INSERT INTO t SELECT * FROM base")
		}
		k := r.IntN(10000)
		text := []string{
			fmt.Sprintf("INSERT INTO t SELECT a + 1, b, w FROM base WHERE 100 / (a - %d) < 1000", k),
			fmt.Sprintf("UPDATE t SET b = b + 1, w = w || 'x' WHERE 100 / (a - %d) < 1000 AND len(w) < 15", k),
			fmt.Sprintf("DELETE FROM t WHERE 100 / (a - %d) < 1000 AND a %% 5 = %d", k, r.IntN(5)),
			"COPY t FROM 's3://b/f' IAM_ROLE DEFAULT CSV", "VACUUM t", "VACUUM SORT ONLY t TO 100 PERCENT", "ANALYZE t",
			fmt.Sprintf("CREATE TABLE u%d AS SELECT x.*, y.a AS ya FROM t x JOIN base y ON x.a = y.a", r.IntN(1<<30)),
			"ALTER TABLE t ALTER DISTSTYLE EVEN", "ALTER TABLE t ALTER DISTKEY b",
		}[r.IntN(10)]
		was, tables := faultTable(t, reader, "t"), len(c.txns.Root().Catalog.Tables())
		ctx, cancel := context.WithCancel(context.Background())
		data, _, _ := use(t, c)
		limit := int64(1 << 30)
		store.at = -1
		switch r.IntN(4) {
		case 0:
			time.AfterFunc(time.Duration(r.IntN(8000))*time.Microsecond, cancel)
		case 1:
			limit = data + r.Int64N(4<<20)
		case 2:
			store.at, store.panic = r.IntN(len(store.data)), r.IntN(2) == 0
		}
		c.txns.Budget = storage.NewBudget(limit)
		c.txns.Budget.Resize(data)
		_, err := s.Exec(ctx, text, nil)
		cancel()
		if _, kept, granted := c.txns.Budget.Held(); granted != 0 || kept != c.txns.Bytes() {
			t.Fatalf("%s: %v, but %d bytes are still granted, and %d of data counted where there are %d", text, err, granted, kept, c.txns.Bytes())
		}
		c.txns.Budget = storage.NewBudget(1 << 30)
		c.txns.Budget.Resize(c.txns.Bytes())
		if s.Status() != 'I' {
			t.Fatalf("%s: status %c", text, s.Status())
		}
		if err != nil {
			failed++
			if now := faultTable(t, reader, "t"); now != was {
				t.Fatalf("%s: %v, but the table changed: %s, was %s", text, err, now, was)
			}
			if n := len(c.txns.Root().Catalog.Tables()); n != tables {
				t.Fatalf("%s: %v, but there are %d tables, were %d", text, err, n, tables)
			}
		}
		if locks := c.txns.Locks(); len(locks) > 0 {
			t.Fatalf("%s: %v, but locks are held: %v", text, err, locks)
		}
		if strings.HasPrefix(text, "CREATE") && err == nil {
			run(t, s, "DROP TABLE "+strings.Fields(text)[2])
		}
	}
	t.Logf("%d of %d statements failed", failed, *faults)
	if *faults >= 100 && (failed < *faults/10 || failed == *faults) {
		t.Errorf("%d of %d statements failed: the faults do not hit", failed, *faults)
	}
	for range 100 {
		if runtime.NumGoroutine() <= before {
			return
		}
		time.Sleep(10 * time.Millisecond)
	}
	t.Errorf("%d goroutines, there were %d", runtime.NumGoroutine(), before)
}
