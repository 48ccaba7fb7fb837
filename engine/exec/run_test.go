package exec

import (
	"context"
	"errors"
	"fmt"
	"runtime"
	"slices"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"github.com/redshiftsim/redshiftsim/engine/expr"
	"github.com/redshiftsim/redshiftsim/internal/sqlstate"
	"github.com/redshiftsim/redshiftsim/internal/types"
	"github.com/redshiftsim/redshiftsim/internal/vector"
	"github.com/redshiftsim/redshiftsim/storage"
)

// moving is a program that scans, sends by a hash, and returns; steps are added before each send.
func moving(topo storage.Topology, first, second []StepSpec) *Program {
	ts := testTypes(0, 2)
	return program(topo, []Exchange{{Types: ts}, {Types: ts, ToLeader: true}},
		seg(OnSlices, scanOf(0, 2), ts, append(slices.Clone(first), &DistStep{Exchange: 0, Keys: []int{0}})...),
		seg(OnSlices, &InboxSource{Exchange: 0}, ts, append(slices.Clone(second), &ReturnStep{Exchange: 1})...),
		seg(OnLeader, &InboxSource{Exchange: 1}, ts))
}

// code is the SQLSTATE of an error.
func code(err error) sqlstate.Code {
	var e *sqlstate.Error
	if errors.As(err, &e) {
		return e.Code
	}
	return ""
}

// TestParking: with a small mark little waits in an exchange, however slow its reader is, and nothing is lost.
func TestParking(t *testing.T) {
	noLeak(t)
	for _, topo := range topologies {
		for _, workers := range []int{1, 2, 4} {
			tb := filled(topo, storage.Even, 100000)
			most := atomic.Int32{}
			p := moving(topo, nil, []StepSpec{&eachStep{func(tk *task, _ *vector.Batch) error {
				for i := range tk.q.exchanges {
					n := tk.q.exchanges[i].waiting.Load()
					for m := most.Load(); n > m && !most.CompareAndSwap(m, n); m = most.Load() {
					}
				}
				return nil
			}}})
			c := start(t, p, Options{Workers: workers, WaitMark: 2, SmallQuery: -1}, tb.view())
			sameRows(t, all(t, c), project(tb.rows, 0, 2))
			// A batch puts at most two parcels into an inbox: the open one, now whole, and one of its own. Each worker may have one batch in hand.
			n := int32(topo.Slices())
			if limit := 2 + int32(workers)*2*n; most.Load() > limit {
				t.Errorf("%d parcels waited, the mark allows %d", most.Load(), limit)
			}
		}
	}
}

// TestSlowReader: a cursor that nobody reads holds no helper once its exchanges are full, and goes on when it is read.
func TestSlowReader(t *testing.T) {
	noLeak(t)
	topo := topologies[1]
	tb := filled(topo, storage.Even, 200000)
	c := start(t, moving(topo, nil, nil), Options{Workers: 4, WaitMark: 1}, tb.view())
	var got []row
	b, err := c.Next()
	for ; b != nil && err == nil; b, err = c.Next() {
		got = append(got, rowsOf(b)...)
		if len(got) > 50000 && len(got) < 60000 {
			for range 200 {
				c.q.mu.Lock()
				n := c.q.helpers
				c.q.mu.Unlock()
				if n == 0 {
					break
				}
				time.Sleep(time.Millisecond)
			}
			c.q.mu.Lock()
			if c.q.helpers != 0 {
				t.Errorf("%d helpers wait for a reader", c.q.helpers)
			}
			c.q.mu.Unlock()
		}
	}
	if err != nil {
		t.Fatal(err)
	}
	closed(t, c)
	sameRows(t, got, project(tb.rows, 0, 2))
}

// TestSmallQuery: a query that scans at most 65,536 rows starts no goroutine.
func TestSmallQuery(t *testing.T) {
	topo := topologies[1]
	for _, n := range []int{65536, 65537} {
		tb := filled(topo, storage.Even, n)
		most := 0
		p := moving(topo, []StepSpec{&eachStep{func(tk *task, _ *vector.Batch) error {
			tk.q.mu.Lock()
			most = max(most, tk.q.helpers)
			tk.q.mu.Unlock()
			return nil
		}}}, nil)
		all(t, start(t, p, Options{Workers: 4}, tb.view()))
		if most > 0 != (n > 65536) {
			t.Errorf("%d rows: %d helpers", n, most)
		}
		if most > 3 {
			t.Errorf("%d helpers of 3", most)
		}
	}
}

// TestNoHelpers: when the process has no helper to spare the caller does all.
func TestNoHelpers(t *testing.T) {
	if !helpers.TryAcquire(testHelpers) {
		t.Fatal("helpers are busy")
	}
	topo := topologies[1]
	tb := filled(topo, storage.Even, 100000)
	c := start(t, moving(topo, nil, nil), Options{Workers: 4, WaitMark: 1}, tb.view())
	n := 0
	for {
		b, err := c.Next()
		if err != nil {
			t.Fatal(err)
		}
		if b == nil {
			break
		}
		n += b.Rows()
	}
	helpers.Release(testHelpers)
	closed(t, c)
	if n != 100000 {
		t.Fatalf("%d rows", n)
	}
}

// TestCancel: after a cancel no further batch is started, by anybody; the error is 57014.
func TestCancel(t *testing.T) {
	noLeak(t)
	for _, topo := range topologies {
		for _, o := range []Options{{Workers: 1}, {Workers: 4, CollectReport: true}, {Workers: 3, WaitMark: 1}} {
			tb := filled(topo, storage.Even, 150000)
			ctx, cancel := context.WithCancel(context.Background())
			var after, seen atomic.Int64
			p := moving(topo, []StepSpec{&eachStep{func(tk *task, _ *vector.Batch) error {
				if seen.Add(1) == 5 {
					cancel()
					after.Store(tk.q.batches.Load())
				}
				return nil
			}}}, nil)
			c, err := Run(ctx, p, testEnv, nil, []storage.View{tb.view()}, o)
			if err != nil {
				t.Fatal(err)
			}
			for {
				b, err := c.Next()
				if b == nil && err == nil {
					t.Fatal("a cancelled query ran to its end")
				}
				if err != nil {
					if code(err) != sqlstate.QueryCanceled || !strings.Contains(err.Error(), "canceling statement due to user request") {
						t.Fatalf("%v", err)
					}
					if _, again := c.Next(); again != err {
						t.Fatalf("then %v", again)
					}
					break
				}
			}
			closed(t, c)
			// Those that had passed the check when cancel was called may still start theirs: one a worker.
			if n, limit := c.q.batches.Load(), after.Load()+int64(o.Workers-1); n > limit {
				t.Errorf("%d batches were started, %d before the cancel", n, after.Load())
			}
		}
	}
}

// TestCancelFirst: a context that has ended before the query begins.
func TestCancelFirst(t *testing.T) {
	ctx, cancel := context.WithCancel(context.Background())
	cancel()
	tb := filled(topologies[1], storage.Even, 10)
	c, err := Run(ctx, moving(topologies[1], nil, nil), testEnv, nil, []storage.View{tb.view()}, Options{})
	if err != nil {
		t.Fatal(err)
	}
	if _, err := c.Next(); code(err) != sqlstate.QueryCanceled {
		t.Fatalf("%v", err)
	}
	closed(t, c)
	if c.q.batches.Load() != 0 {
		t.Fatal("a batch was started")
	}
}

// TestMemory: what is kept and what waits counts; more than the limit is 53200, and all is given back at the end.
func TestMemory(t *testing.T) {
	noLeak(t)
	for _, topo := range topologies {
		tb := filled(topo, storage.Even, 100000)
		keep := []StepSpec{&keepStep{}}
		for _, o := range []Options{{Workers: 1, MemoryLimit: 50000}, {Workers: 4, MemoryLimit: 50000}} {
			c := start(t, moving(topo, keep, nil), o, tb.view())
			var err error
			for b := (&vector.Batch{}); b != nil && err == nil; {
				b, err = c.Next()
			}
			if code(err) != sqlstate.OutOfMemory {
				t.Fatalf("%v", err)
			}
			var e *sqlstate.Error
			if errors.As(err, &e); e.Message != "out of memory" || e.Detail == "" {
				t.Fatalf("%+v", e)
			}
			closed(t, c)
		}
		c := start(t, moving(topo, nil, nil), Options{Workers: 3, WaitMark: 2, MemoryLimit: 64 << 20, CollectReport: true}, tb.view())
		sameRows(t, all(t, c), project(tb.rows, 0, 2))
		if n := c.q.used.Load(); n != 0 {
			t.Errorf("%d bytes are still charged", n)
		}
		if c.Report().PeakMemory == 0 {
			t.Error("no peak")
		}
	}
}

// TestErrors: an error in a step, wherever it runs, ends the query and leaves no goroutine.
func TestErrors(t *testing.T) {
	noLeak(t)
	bad := sqlstate.DivisionByZero.Errorf("division by zero")
	for _, topo := range topologies {
		tb := filled(topo, storage.Even, 100000)
		for _, workers := range []int{1, 2, 4} {
			for at := range 3 {
				n := atomic.Int64{}
				fail := []StepSpec{&eachStep{func(*task, *vector.Batch) error {
					if n.Add(1) == 7 {
						return bad
					}
					return nil
				}}}
				p := moving(topo, nil, nil)
				g := p.Streams[0].Segments[at]
				g.Steps = append(fail, g.Steps...)
				c := start(t, p, Options{Workers: workers, WaitMark: 2}, tb.view())
				var err error
				for b := (&vector.Batch{}); b != nil && err == nil; {
					b, err = c.Next()
				}
				if err != bad {
					t.Fatalf("segment %d: %v", at, err)
				}
				if c.Deltas() != nil {
					t.Fatal("changes of a query that failed")
				}
				closed(t, c)
			}
		}
	}
}

// TestCloseEarly: a cursor may be closed at any time.
func TestCloseEarly(t *testing.T) {
	noLeak(t)
	for _, topo := range topologies {
		tb := filled(topo, storage.Even, 100000)
		for batches := range 4 {
			c := start(t, moving(topo, nil, []StepSpec{&keepStep{stepwise: true}}), Options{Workers: 4, WaitMark: 1, CollectReport: true}, tb.view())
			for range batches {
				if _, err := c.Next(); err != nil {
					t.Fatal(err)
				}
			}
			closed(t, c)
			closed(t, c)
			if b, err := c.Next(); b != nil || err != nil {
				t.Fatalf("after Close: %v %v", b, err)
			}
			r := c.Report().Whole()
			if len(r.Steps) != 5*topo.Slices()+2 || r.End.Before(r.Start) {
				t.Fatalf("%d steps", len(r.Steps))
			}
		}
	}
}

// TestPanics: a panic on a helper's goroutine reaches the caller's; Close then still works and says nothing twice.
func TestPanics(t *testing.T) {
	noLeak(t)
	topo := topologies[1]
	tb := filled(topo, storage.Even, 200000)
	for _, workers := range []int{1, 4} {
		caller := goroutine()
		elsewhere := atomic.Bool{}
		n := atomic.Int64{}
		p := moving(topo, []StepSpec{&eachStep{func(*task, *vector.Batch) error {
			if goroutine() != caller && workers > 1 || workers == 1 && n.Add(1) == 5 {
				elsewhere.Store(workers > 1)
				panic("a bug")
			}
			runtime.Gosched()
			return nil
		}}}, nil)
		c := start(t, p, Options{Workers: workers}, tb.view())
		var got any
		func() {
			defer func() { got = recover() }()
			for {
				if b, err := c.Next(); b == nil || err != nil {
					break
				}
			}
		}()
		if !strings.Contains(fmt.Sprint(got), "a bug") {
			t.Fatalf("workers %d: recovered %v", workers, got)
		}
		if elsewhere.Load() && !strings.Contains(fmt.Sprint(got), "run_test.go") {
			t.Errorf("no stack in %v", got)
		}
		closed(t, c)
		if workers > 1 {
			if _, err := c.Next(); code(err) != sqlstate.Internal {
				t.Errorf("then %v", err)
			}
		}
	}
}

// goroutine names the goroutine that runs.
func goroutine() string {
	var buf [64]byte
	return strings.Fields(string(buf[:runtime.Stack(buf[:], false)]))[1]
}

// TestReport: rows by step, zones and blocks of scans, once however many pipelines there were.
func TestReport(t *testing.T) {
	for _, topo := range topologies {
		for _, workers := range []int{1, 4} {
			tb := filled(topo, storage.Even, 100000)
			ts := testTypes(0, 2)
			scan := scanOf(0, 2)
			scan.NodeID = 4
			scan.Predicates = []Pred{{Column: 0, Op: storage.Lt, Value: prog(t, konst(num(500)))}}
			p := program(topo, []Exchange{{Types: ts, ToLeader: true}},
				seg(OnSlices, scan, ts, &FilterStep{Cond: prog(t, &expr.Compare{Op: expr.Ge, Left: col(0), Right: konst(num(100))})}, &ReturnStep{Exchange: 0, NodeID: 9}),
				leaderOf(ts))
			c := start(t, p, Options{Workers: workers, CollectReport: true}, tb.view())
			if got := all(t, c); len(got) != 400 {
				t.Fatalf("%d rows", len(got))
			}
			sums := map[string]StepReport{}
			blocks := int64(0)
			for _, s := range c.Report().Whole().Steps {
				k := fmt.Sprintf("%d%d%s", s.Segment, s.Step, s.Label)
				sum := sums[k]
				sum.Rows += s.Rows
				sum.Scan.Rows += s.Scan.Rows
				sum.Scan.ZonesRead += s.Scan.ZonesRead
				sum.Scan.ZonesSkipped += s.Scan.ZonesSkipped
				blocks += s.Scan.BlocksRead + s.Scan.BlocksSkipped
				sum.Restrict, sum.NodeID, sum.Name = s.Restrict, s.NodeID, s.Name
				sums[k] = sum
			}
			s := sums["00scan"]
			zones, want := int64(0), int64(0)
			v := tb.view()
			for i := range topo.Slices() {
				zones += int64(v.Zones(i))
			}
			if s.Rows != 500 || s.Scan.ZonesRead+s.Scan.ZonesSkipped != zones || !s.Restrict || s.NodeID != 4 || s.Name != "t" {
				t.Errorf("scan: %+v of %d zones", s, zones)
			}
			if s := sums["01project"]; s.Rows != 400 {
				t.Errorf("project: %+v", s)
			}
			if s := sums["02return"]; s.Rows != 400 || s.NodeID != 9 {
				t.Errorf("return: %+v", s)
			}
			if s := sums["11return"]; s.Rows != 400 {
				t.Errorf("return of the leader: %+v", s)
			}
			for i := range topo.Slices() {
				sc := v.Scan(i, &storage.ScanSpec{Columns: []int{0, 2}})
				n := sc.Counters()
				want += n.BlocksRead + n.BlocksSkipped
			}
			if blocks != want {
				t.Errorf("%d blocks, want %d", blocks, want)
			}
		}
	}
}

// TestConcurrent: a program may run many times at once.
func TestConcurrent(t *testing.T) {
	noLeak(t)
	topo := topologies[1]
	tb := filled(topo, storage.Even, 70000)
	p := moving(topo, nil, []StepSpec{&keepStep{stepwise: true}})
	done := make(chan int)
	const runs = 6
	for range runs {
		go func() {
			n := 0
			c, err := Run(context.Background(), p, testEnv, nil, []storage.View{tb.view()}, Options{Workers: 3, WaitMark: 2})
			for b := (&vector.Batch{}); b != nil && err == nil; {
				if b, err = c.Next(); b != nil {
					n += b.Rows()
				}
			}
			if err != nil {
				n = -1
			}
			_ = c.Close()
			done <- n
		}()
	}
	for range runs {
		if n := <-done; n != 70000 {
			t.Errorf("%d rows", n)
		}
	}
}

// TestLoad: each slice reads its own files, and closes them.
func TestLoad(t *testing.T) {
	everyWay(t, func(t *testing.T, topo storage.Topology, o Options) {
		ts := testTypes(0)
		var opened, left atomic.Int64
		src := &LoadSource{Name: "t", Open: func(slice, slices int) (RowReader, error) {
			opened.Add(1)
			left.Add(1)
			return &fakeReader{next: int64(slice), by: int64(slices), left: &left}, nil
		}}
		p := program(topo, []Exchange{{Types: ts, ToLeader: true}}, seg(OnSlices, src, ts, &ReturnStep{Exchange: 0}), leaderOf(ts))
		p.Views = 0
		got := all(t, start(t, p, o))
		var want []row
		for i := range fakeRows {
			want = append(want, row{num(int64(i))})
		}
		sameRows(t, got, want)
		if int(opened.Load()) != topo.Slices() || left.Load() != 0 {
			t.Errorf("%d opened, %d not closed", opened.Load(), left.Load())
		}
	})
}

const fakeRows = 5000

// fakeReader yields its share of the numbers below fakeRows, in memory that it uses again.
type fakeReader struct {
	next, by int64
	left     *atomic.Int64
}

func (r *fakeReader) Next(b *vector.Batch) (int, error) {
	if b.Columns == nil {
		b.Columns = []*vector.Vector{vector.New(types.TInt8, vector.Size)}
	}
	n := 0
	for ; n < 700 && r.next < fakeRows; n++ {
		b.Columns[0].Int64s[n] = r.next
		r.next += r.by
	}
	b.Len, b.Columns[0].Len = n, n
	return n, nil
}

func (r *fakeReader) Close() error { r.left.Add(-1); return nil }
