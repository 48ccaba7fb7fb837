package exec

import (
	"fmt"
	"math/rand/v2"
	"slices"
	"testing"

	"github.com/redshiftsim/redshiftsim/internal/sqlstate"
	"github.com/redshiftsim/redshiftsim/internal/types"
	"github.com/redshiftsim/redshiftsim/internal/vector"
	"github.com/redshiftsim/redshiftsim/storage"
)

// compareBy orders two rows by keys: the model.
func compareBy(keys []SortKey, a, b row) int {
	for _, k := range keys {
		x, y := &a[k.Column], &b[k.Column]
		if x.Null || y.Null {
			switch {
			case x.Null && y.Null:
				continue
			case x.Null == k.NullsFirst:
				return -1
			}
			return 1
		}
		c := types.Compare(x, y)
		if k.Desc {
			c = -c
		}
		if c != 0 {
			return c
		}
	}
	return 0
}

// inOrder checks that rows are in order.
func inOrder(t testing.TB, keys []SortKey, rows []row) {
	t.Helper()
	for i := 1; i < len(rows); i++ {
		if compareBy(keys, rows[i-1], rows[i]) > 0 {
			t.Fatalf("row %d is %v, behind %v", i, rows[i], rows[i-1])
		}
	}
}

// firstRows checks that got are limit first rows of want: those that are certain are there, and those of the last key are some of those that have it.
func firstRows(t testing.TB, keys []SortKey, got, want []row, limit int) {
	t.Helper()
	inOrder(t, keys, got)
	slices.SortStableFunc(want, func(a, b row) int { return compareBy(keys, a, b) })
	if n := min(limit, len(want)); len(got) != n {
		t.Fatalf("%d rows, want %d", len(got), n)
	}
	if len(got) == 0 {
		return
	}
	last := want[len(got)-1]
	i := len(got)
	for i > 0 && compareBy(keys, want[i-1], last) == 0 {
		i--
	}
	sameRows(t, got[:i], want[:i])
	left := map[string]int{}
	for _, r := range want[i:] {
		if compareBy(keys, r, last) != 0 {
			break
		}
		left[r.String()]++
	}
	for _, r := range got[i:] {
		if left[r.String()]--; left[r.String()] < 0 {
			t.Fatalf("row %v is not one of the first %d, or comes too often", r, limit)
		}
	}
}

// someKeys makes random keys over n columns.
func someKeys(r *rand.Rand, n int) []SortKey {
	var keys []SortKey
	for range 1 + r.IntN(3) {
		keys = append(keys, SortKey{Column: r.IntN(n), Desc: r.IntN(2) == 0, NullsFirst: r.IntN(2) == 0})
	}
	return keys
}

// sorting is a program that sorts on the slices and merges on the leader.
func sorting(topo storage.Topology, cols []int, keys []SortKey, limit int64) *Program {
	ts := testTypes(cols...)
	return program(topo, []Exchange{{Types: ts, ToLeader: true, Ordered: true}},
		seg(OnSlices, scanOf(cols...), ts, &SortStep{Keys: keys, Limit: limit}, &ReturnStep{Exchange: 0}),
		seg(OnLeader, &MergeSource{Exchange: 0, Keys: keys}, ts))
}

// TestSortMerge: tables sorted on the slices and merged on the leader, whatever the keys, are in order and whole.
func TestSortMerge(t *testing.T) {
	noLeak(t)
	r := rand.New(rand.NewPCG(3, 1))
	cols := []int{0, 1, 2, 3, 4, 5}
	everyWay(t, func(t *testing.T, topo storage.Topology, o Options) {
		for _, n := range []int{0, 1, 10000} {
			tb := filled(topo, storage.Even, n)
			keys := someKeys(r, len(cols))
			got := all(t, start(t, sorting(topo, cols, keys, 0), o, tb.view()))
			inOrder(t, keys, got)
			sameRows(t, got, tb.rows)
		}
	})
}

// TestTopN: with a limit the slices give their first rows, and these are the same as those of a full sort.
func TestTopN(t *testing.T) {
	noLeak(t)
	r := rand.New(rand.NewPCG(3, 2))
	cols := []int{0, 1, 2, 3, 4, 5}
	everyWay(t, func(t *testing.T, topo storage.Topology, o Options) {
		tb := filled(topo, storage.Even, 8000)
		for _, limit := range []int{1, 10, 1000, 9000} {
			keys := someKeys(r, len(cols))
			p := sorting(topo, cols, keys, int64(limit))
			p.Streams[0].Segments[1].Steps = []StepSpec{&LimitStep{Count: int64(limit)}}
			firstRows(t, keys, all(t, start(t, p, o, tb.view())), slices.Clone(tb.rows), limit)
		}
	})
}

// TestSortMemory: what a sort keeps counts against the limit, and is given back; with a limit it keeps little.
func TestSortMemory(t *testing.T) {
	topo := topologies[0]
	tb := filled(topo, storage.Even, 100000)
	cols, keys := []int{0, 2}, []SortKey{{Column: 0, Desc: true}}
	c := start(t, sorting(topo, cols, keys, 0), Options{MemoryLimit: 1 << 20}, tb.view())
	if _, err := c.Next(); code(err) != sqlstate.OutOfMemory {
		t.Errorf("%v, want out of memory", err)
	}
	closed(t, c)
	for _, limit := range []int64{0, 10} {
		o := Options{CollectReport: true}
		if limit > 0 {
			o.MemoryLimit = 1 << 20
		}
		c = start(t, sorting(topo, cols, keys, limit), o, tb.view())
		rows := 0
		for b, err := c.Next(); b != nil; b, err = c.Next() {
			if err != nil {
				t.Fatal(err)
			}
			rows += b.Rows()
		}
		if want := 100000; limit == 0 && rows != want || limit > 0 && rows != int(limit) {
			t.Errorf("%d rows", rows)
		}
		if used := c.q.used.Load(); used != 0 {
			t.Errorf("limit %d: %d bytes are held at the end", limit, used)
		}
		if peak := c.Report().PeakMemory; limit == 0 && peak < 100000*24 {
			t.Errorf("%d bytes at most, 100000 rows need more", peak)
		}
		closed(t, c)
	}
}

// sorted keeps what is pushed.
type sorted struct{ rows []row }

func (c *sorted) push(b *vector.Batch) error { c.rows = append(c.rows, rowsOf(b)...); return nil }
func (c *sorted) finish() error              { return nil }

// direct is a task of a query without anything else.
func direct() *task { return &task{q: &query{run: run{env: testEnv}}} }

// drained drains and finishes a sink.
func drained(t testing.TB, s sink) {
	t.Helper()
	if d, ok := s.(drainer); ok {
		for more := true; more; {
			var err error
			if more, err = d.drain(); err != nil {
				t.Fatal(err)
			}
		}
	}
	if err := s.finish(); err != nil {
		t.Fatal(err)
	}
}

// pushSorted gives rows to a sink in batches of random lengths and forms.
func pushSorted(t testing.TB, r *rand.Rand, s sink, ts []types.Type, rows []row) {
	t.Helper()
	for len(rows) > 0 {
		n := min(len(rows), 1+r.IntN(vector.Size))
		b := batchOf(ts, rows[:n])
		if r.IntN(2) == 0 { // rows that are not alive lie between
			wide := make([]row, 0, 2*n)
			b.Sel = nil
			for i := range n {
				if len(wide)+2*(n-i) > vector.Size {
					wide = append(wide, rows[i])
				} else {
					wide = append(wide, rows[r.IntN(n)], rows[i])
				}
				b.Sel = append(b.Sel, uint16(len(wide)-1))
			}
			sel := b.Sel
			b = batchOf(ts, wide)
			b.Sel = sel
		}
		if err := s.push(b); err != nil {
			t.Fatal(err)
		}
		rows = rows[n:]
	}
}

// TestSortCombine: rows split over pipelines at random, and combined, give what one pipeline gives.
func TestSortCombine(t *testing.T) {
	r := rand.New(rand.NewPCG(3, 3))
	ts := testTypes(0, 1, 2, 3, 4, 5)
	for range 100 {
		rows := make([]row, r.IntN(6000))
		for i := range rows {
			rows[i] = randomRow(r, int64(r.IntN(1000)))
		}
		step := &SortStep{Keys: someKeys(r, len(ts))}
		limit := len(rows)
		if r.IntN(2) == 0 {
			limit = 1 + r.IntN(300)
			step.Limit = int64(limit)
		}
		tk, end := direct(), &sorted{}
		var sinks []sink
		for rest, n := rows, 1+r.IntN(4); n > 0; n-- {
			s, err := step.start(tk, ts, end)
			if err != nil {
				t.Fatal(err)
			}
			k := len(rest)
			if n > 1 {
				k = r.IntN(len(rest) + 1)
			}
			pushSorted(t, r, s, ts, rest[:k])
			rest = rest[k:]
			sinks = append(sinks, s)
		}
		for _, s := range sinks[1:] {
			if err := sinks[0].(combiner).combine(s); err != nil {
				t.Fatal(err)
			}
		}
		drained(t, sinks[0])
		firstRows(t, step.Keys, end.rows, slices.Clone(rows), limit)
		if tk.used != 0 {
			t.Fatalf("%d bytes are held", tk.used)
		}
	}
}

// TestSortKeepsNulls: the bound of a limit says where NULLs are, first or last.
func TestSortKeepsNulls(t *testing.T) {
	r := rand.New(rand.NewPCG(3, 4))
	ts := []types.Type{types.TInt8}
	for _, key := range []SortKey{{}, {Desc: true}, {NullsFirst: true}, {Desc: true, NullsFirst: true}} {
		for _, share := range []int{0, 1, 50, 99, 100} {
			rows := make([]row, 20000)
			for i := range rows {
				if rows[i] = (row{num(r.Int64N(1000))}); r.IntN(100) < share {
					rows[i] = row{types.NullOf(types.TInt8)}
				}
			}
			end := &sorted{}
			s, _ := (&SortStep{Keys: []SortKey{key}, Limit: 700}).start(direct(), ts, end)
			pushSorted(t, r, s, ts, rows)
			drained(t, s)
			firstRows(t, []SortKey{key}, end.rows, rows, 700)
		}
	}
}

// TestTopNLast: of a row that comes after the last pruning, only the limit's last row says whether it is wanted.
func TestTopNLast(t *testing.T) {
	ts := []types.Type{types.TInt8}
	for _, last := range []int64{50, 99, 100, 101} {
		rows := []row{{num(100)}, {num(0)}}
		for range 3000 {
			rows = append(rows, row{num(1000)})
		}
		end := &sorted{}
		s, _ := (&SortStep{Keys: []SortKey{{}}, Limit: 2}).start(direct(), ts, end)
		for _, part := range [][]row{rows[:2048], rows[2048:], {{num(last)}}} {
			if err := s.push(batchOf(ts, part)); err != nil {
				t.Fatal(err)
			}
		}
		drained(t, s)
		if got, want := fmt.Sprint(texts(end.rows)), fmt.Sprint([]int64{0, min(last, 100)}); got != want {
			t.Errorf("with %d: %s, want %s", last, got, want)
		}
	}
}

// TestMergeLimit: a merge whose reader has enough ends its senders.
func TestMergeLimit(t *testing.T) {
	noLeak(t)
	everyWay(t, func(t *testing.T, topo storage.Topology, o Options) {
		tb := filled(topo, storage.Even, 100000)
		keys := []SortKey{{Column: 0}}
		p := sorting(topo, []int{0, 2}, keys, 0)
		p.Streams[0].Segments[1].Steps = []StepSpec{&LimitStep{Count: 10, Offset: 5000}}
		got := all(t, start(t, p, o, tb.view()))
		sameRows(t, got, project(tb.rows[5000:5010], 0, 2)) // ids count from 0
		inOrder(t, keys, got)
	})
}

// BenchmarkTopN keeps the first ten of ten million integers, which come in batches as a scan gives them.
func BenchmarkTopN(b *testing.B) {
	const batches, limit = 4883, 10
	r := rand.New(rand.NewPCG(3, 5))
	for _, form := range []string{"flat", "narrow", "ascending"} {
		b.Run(form, func(b *testing.B) {
			ts := []types.Type{types.TInt8}
			var in []*vector.Batch
			for range 64 {
				v := vector.New(types.TInt8, vector.Size)
				for k := range v.Int64s {
					v.Int64s[k] = r.Int64N(1 << 24)
					if form == "ascending" {
						v.Int64s[k] = int64(k)
					}
				}
				if form != "flat" {
					u := make([]uint32, vector.Size)
					for k := range u {
						u[k] = uint32(v.Int64s[k])
					}
					v = &vector.Vector{Type: types.TInt8, Form: vector.Narrow, Len: vector.Size, U32: u}
				}
				in = append(in, &vector.Batch{Columns: []*vector.Vector{v}, Len: vector.Size})
			}
			for b.Loop() {
				s, err := (&SortStep{Keys: []SortKey{{Desc: form == "ascending"}}, Limit: limit}).start(direct(), ts, discard{})
				if err != nil {
					b.Fatal(err)
				}
				for i := range batches {
					if form == "ascending" { // in descending order: each batch is better than all before it
						in[i%len(in)].Columns[0].Base = int64(i) * vector.Size
					}
					if err := s.push(in[i%len(in)]); err != nil {
						b.Fatal(err)
					}
				}
				drained(b, s)
			}
			b.ReportMetric(float64(b.Elapsed().Nanoseconds())/float64(b.N)/batches/vector.Size, "ns/row")
		})
	}
}

// BenchmarkSortStep sorts a million rows of a key and a text, pushes to batches.
func BenchmarkSortStep(b *testing.B) {
	const batches = 512
	r := rand.New(rand.NewPCG(3, 6))
	for _, key := range []int{0, 1} {
		b.Run([]string{"int8", "text"}[key], func(b *testing.B) {
			ts := []types.Type{types.TInt8, types.TVarchar(20)}
			var in []*vector.Batch
			for range batches {
				n, s := vector.New(ts[0], vector.Size), vector.New(ts[1], vector.Size)
				for k := range n.Int64s {
					n.Int64s[k] = int64(r.Uint64())
					s.Texts[k] = fmt.Sprintf("%x", r.Uint32())
				}
				in = append(in, &vector.Batch{Columns: []*vector.Vector{n, s}, Len: vector.Size})
			}
			for b.Loop() {
				s, err := (&SortStep{Keys: []SortKey{{Column: key}}}).start(direct(), ts, discard{})
				if err != nil {
					b.Fatal(err)
				}
				for _, x := range in {
					if err := s.push(x); err != nil {
						b.Fatal(err)
					}
				}
				drained(b, s)
			}
			b.ReportMetric(float64(b.Elapsed().Nanoseconds())/float64(b.N)/batches/vector.Size, "ns/row")
		})
	}
}

// BenchmarkMerge merges runs of a million rows in all.
func BenchmarkMerge(b *testing.B) {
	const rows = 1 << 20
	for _, runs := range []int{1, 2, 8, 32} {
		b.Run(fmt.Sprint(runs), func(b *testing.B) {
			ts := []types.Type{types.TInt8}
			r := rand.New(rand.NewPCG(3, 7))
			var parts [][]*vector.Batch
			for range runs {
				v := vector.New(types.TInt8, rows/runs)
				for i := range v.Int64s {
					v.Int64s[i] = int64(r.Uint64())
				}
				slices.Sort(v.Int64s)
				var part []*vector.Batch
				for at := 0; at < v.Len; at += vector.Size {
					w := &vector.Vector{Type: types.TInt8, Len: vector.Size, Int64s: v.Int64s[at : at+vector.Size]}
					part = append(part, &vector.Batch{Columns: []*vector.Vector{w}, Len: w.Len})
				}
				parts = append(parts, part)
			}
			for b.Loop() {
				x, m := merging(ts, runs, []SortKey{{}})
				for i, part := range parts {
					for _, batch := range part {
						if _, err := x.send(i, batch, nil, true); err != nil {
							b.Fatal(err)
						}
					}
					x.end(i)
				}
				for n := 0; n < rows; {
					batch, end, err := m.next()
					if err != nil || end {
						b.Fatalf("end after %d rows: %v", n, err)
					}
					n += batch.Rows()
				}
			}
			b.ReportMetric(float64(b.Elapsed().Nanoseconds())/float64(b.N)/rows, "ns/row")
		})
	}
}

// merging is an Ordered exchange of n senders and its reader.
func merging(ts []types.Type, n int, keys []SortKey) (*exchange, *mergeReader) {
	tk := direct()
	tk.q.exchanges = make([]exchange, 1)
	x := &tk.q.exchanges[0]
	x.senders.Store(int32(n))
	x.start(tk.q, &Exchange{Types: ts, Ordered: true}, n)
	r, _ := (&MergeSource{Keys: keys}).open(tk) // it does not fail
	return x, r.(*mergeReader)
}

// TestMerge: random sorted runs that arrive bit by bit are merged in order, and the reader waits only for runs of which it has nothing.
func TestMerge(t *testing.T) {
	r := rand.New(rand.NewPCG(3, 8))
	ts := testTypes(0, 1, 2, 3, 4, 5)
	for range 60 {
		n := r.IntN(6)
		keys := someKeys(r, len(ts))
		x, m := merging(ts, n, keys)
		runs, want := make([][]row, n), []row(nil)
		for i := range runs {
			for range r.IntN(2) * r.IntN(3000) {
				runs[i] = append(runs[i], randomRow(r, int64(r.IntN(200))))
			}
			slices.SortFunc(runs[i], func(a, b row) int { return compareBy(keys, a, b) })
			want = append(want, runs[i]...)
		}
		var got []row
		left, ended := n, make([]bool, n)
		for {
			if m.ready() {
				b, end, err := m.next()
				if err != nil {
					t.Fatal(err)
				}
				if end {
					break
				}
				if b != nil {
					got = append(got, rowsOf(b)...)
					continue
				}
				t.Fatal("ready, but no batch")
			} else if b, end, _ := m.next(); b != nil || end {
				t.Fatal("not ready, but a batch or the end")
			}
			if left == 0 {
				t.Fatal("it waits for runs that have ended")
			}
			i := r.IntN(n)
			for ended[i] {
				i = (i + 1) % n
			}
			if len(runs[i]) == 0 {
				ended[i] = true
				left--
				x.end(i)
				continue
			}
			k := min(len(runs[i]), 1+r.IntN(800))
			x.running.Add(1) // a sender is driven while it sends
			if _, err := x.send(i, batchOf(ts, runs[i][:k]), nil, r.IntN(2) == 0); err != nil {
				t.Fatal(err)
			}
			x.running.Add(-1)
			runs[i] = runs[i][k:]
		}
		inOrder(t, keys, got)
		sameRows(t, got, want)
		if err := m.close(); err != nil {
			t.Fatal(err)
		}
		if used := x.q.used.Load(); used != 0 {
			t.Fatalf("%d bytes are held", used)
		}
	}
}
