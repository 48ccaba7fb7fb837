package engine

import (
	"context"
	"errors"
	"fmt"
	"io"
	"math/rand/v2"
	"runtime"
	"slices"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"github.com/redshiftsim/redshiftsim/engine/load"
	"github.com/redshiftsim/redshiftsim/internal/sqlstate"
)

// trap fires a fault when it has counted down: random() of every row asks it, in the kernels that run on slices.
type trap struct {
	left   atomic.Int64
	fire   func() float64
	caught atomic.Bool
}

func (f *trap) float() float64 {
	if f.left.Add(-1) == 0 {
		f.caught.Store(true)
		return f.fire()
	}
	return 0.5
}

// brokenStore is a bucket whose object ends in an error, or a panic, in the middle.
type brokenStore struct {
	load.ObjectStore
	after  int
	panics bool
}

// Open reads as far as the store goes.
func (b brokenStore) Open(context.Context, string) (io.ReadCloser, error) {
	return io.NopCloser(&brokenReader{b: b}), nil
}

// List gives one object.
func (b brokenStore) List(context.Context, string) ([]load.Object, error) {
	return []load.Object{{Name: "t.csv", Size: 1 << 20}}, nil
}

type brokenReader struct {
	b    brokenStore
	read int
}

func (r *brokenReader) Read(p []byte) (int, error) {
	if r.read >= r.b.after {
		if r.b.panics {
			panic("a store that breaks")
		}
		return 0, errors.New("connection reset by peer")
	}
	n := copy(p, strings.Repeat("7,7\n", 256))
	n -= n % 4
	r.read += n
	return n, nil
}

// digest is what is in the tables.
func digest(t *testing.T, s *Session) string {
	t.Helper()
	rows, err := rowsIn(s, "SELECT 't', count(*), sum(k), sum(v), min(k), max(v) FROM t UNION ALL SELECT 'u', count(*), sum(k), sum(v), min(k), max(v) FROM u")
	if err != nil {
		t.Fatal(err)
	}
	slices.Sort(rows)
	return strings.Join(rows, "\n")
}

// changes are statements that pass the fault's point on many rows. The odd one divides by zero where random() is 3.
var changes = []string{
	"INSERT INTO t SELECT k, v + random()::int FROM u",
	"INSERT INTO t SELECT k, 1 / (CASE WHEN random() < 2 THEN 1 ELSE 0 END) FROM u",
	"UPDATE t SET v = v + 1 + random()::int WHERE k % 3 = 0",
	"UPDATE t SET k = k + random()::int, v = u.v FROM u WHERE t.k = u.k",
	"DELETE FROM t WHERE random() < 2 AND k % 7 = 1",
	"DELETE FROM t USING u WHERE t.k = u.k AND random() > 0",
	"MERGE INTO t USING u ON t.k = u.k WHEN MATCHED THEN UPDATE SET v = u.v + random()::int WHEN NOT MATCHED THEN INSERT VALUES (u.k, u.v)",
	"CREATE TABLE w AS SELECT t.k, max(t.v + random()::int) AS v FROM t, u WHERE t.k = u.k GROUP BY t.k; DROP TABLE w",
	"SELECT t.k, sum(t.v + random()::int) OVER (PARTITION BY t.k ORDER BY t.v ROWS UNBOUNDED PRECEDING) FROM t ORDER BY 2, 1",
	"COPY t FROM 's3://broken/t' IAM_ROLE 'arn:aws:iam::123456789012:role/r' CSV",
}

// TestFaultsAnywhere: whatever happens in the middle of a statement (a cancel, an error, a panic in a kernel, no memory, a store that breaks), the tables are as they
// were, no lock and no memory is left, the session goes on, and no goroutine stays.
func TestFaultsAnywhere(t *testing.T) {
	seed := rand.Uint64() >> 1
	t.Logf("seed %d", seed)
	r := rand.New(rand.NewPCG(seed, 1))
	c := New(Config{MemoryLimit: 64 << 20, Buckets: map[string]load.ObjectStore{}, LogLimit: 1 << 20})
	s := connect(t, c, "")
	run(t, s, "CREATE TABLE t (k int, v int) DISTKEY(k)", "CREATE TABLE u (k int, v int) DISTSTYLE EVEN SORTKEY(k)", "INSERT INTO u VALUES (0, 0)",
		"SET enable_result_cache_for_session TO off")
	for range 11 {
		run(t, s, "INSERT INTO u SELECT k + (SELECT count(*) FROM u), v + 1 FROM u")
	}
	run(t, s, "INSERT INTO t SELECT k * 2, v FROM u")
	before := digest(t, s)
	idle := runtime.NumGoroutine()
	hit := 0
	for i := 0; hit < *faults; i++ {
		if i > 20**faults {
			t.Fatalf("%d faults in %d statements", hit, i)
		}
		name, err := oneFault(t, c, s, r)
		if err == nil { // the statement was faster than its fault: it changed what there is
			run(t, s, "TRUNCATE t", "INSERT INTO t SELECT k * 2, v FROM u")
			continue
		}
		hit++
		if got := digest(t, s); got != before {
			t.Fatalf("fault %d, %s: %v: the tables are\n%s\nthey were\n%s", i, name, err, got, before)
		}
		if n := len(c.txns.Locks()); n != 0 {
			t.Fatalf("fault %d, %s: %v: %d locks are left", i, name, err, n)
		}
		if _, _, granted := c.txns.Budget.Held(); granted != 0 {
			t.Fatalf("fault %d, %s: %v: %d bytes are not given back", i, name, err, granted)
		}
	}
	for wait := 0; runtime.NumGoroutine() > idle+2; wait++ {
		if wait > 100 {
			t.Fatalf("%d goroutines, %d before", runtime.NumGoroutine(), idle)
		}
		time.Sleep(10 * time.Millisecond)
	}
}

// oneFault runs a statement with a fault in its way, in a block or alone; nil = it went through.
func oneFault(t *testing.T, c *Cluster, s *Session, r *rand.Rand) (name string, err error) {
	t.Helper()
	ctx, cancel := context.WithCancel(context.Background())
	defer cancel()
	f := &trap{}
	f.left.Store(1 + r.Int64N(2500))
	text := changes[r.IntN(len(changes))]
	after := func() {}
	switch kind := r.IntN(4); kind {
	case 0:
		name, f.fire = "cancel", func() float64 { cancel(); return 0.5 }
	case 1:
		name, f.fire, text = "division by zero", func() float64 { return 3 }, changes[1]
	case 2:
		name, f.fire = "panic", func() float64 { panic("a kernel that breaks") }
	case 3:
		name, f.fire = "no memory", func() float64 { return 0.5 }
		limit, data, _ := c.txns.Budget.Held()
		n, err := c.txns.Budget.Grant(limit - data - r.Int64N(4)<<18 - 1<<18)
		if err != nil {
			t.Fatal(err)
		}
		after = func() { c.txns.Budget.Return(n) }
	}
	if strings.HasPrefix(text, "COPY") {
		c.mu.Lock()
		c.buckets["broken"] = brokenStore{after: r.IntN(1 << 16), panics: name == "panic"}
		c.mu.Unlock()
	}
	block := r.IntN(3) == 0
	if block {
		run(t, s, "BEGIN")
		if r.IntN(2) == 0 && name != "no memory" {
			run(t, s, "INSERT INTO t VALUES (-1, -1)", "DELETE FROM t WHERE k = 4")
		}
	}
	s.env(nil) // fills s.asked
	s.asked.Random = f.float
	_, err = s.Exec(ctx, text, nil)
	after()
	s.asked.Random = s.randomFloat
	var e *sqlstate.Error
	if err != nil && !errors.As(err, &e) {
		t.Fatalf("%s: %s: an error of no kind: %v", name, text, err)
	}
	if err != nil && e.Code == sqlstate.Internal && name != "panic" && !strings.HasPrefix(text, "COPY") {
		t.Fatalf("%s: %s: %v\n%s", name, text, err, e.Where)
	}
	if block {
		if err != nil {
			if _, again := s.Exec(context.Background(), "SELECT 1", nil); again == nil {
				t.Fatalf("%s: %s: the block goes on", name, text)
			}
		}
		run(t, s, "ROLLBACK")
		if err == nil {
			err = fmt.Errorf("rolled back")
		}
	}
	return name + " in " + text, err
}
