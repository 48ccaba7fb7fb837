package exec

import (
	"slices"
	"testing"

	"github.com/redshiftsim/redshiftsim/engine/expr"
	"github.com/redshiftsim/redshiftsim/internal/types"
	"github.com/redshiftsim/redshiftsim/internal/vector"
	"github.com/redshiftsim/redshiftsim/storage"
)

// leaderOf reads exchange 0 to the cursor.
func leaderOf(ts []types.Type, steps ...StepSpec) *Segment {
	return seg(OnLeader, &InboxSource{Exchange: 0}, ts, steps...)
}

func project(rows []row, cols ...int) []row {
	var out []row
	for _, r := range rows {
		var o row
		for _, c := range cols {
			o = append(o, r[c])
		}
		out = append(out, o)
	}
	return out
}

func keepRows(rows []row, keep func(row) bool) []row {
	var out []row
	for _, r := range rows {
		if keep(r) {
			out = append(out, r)
		}
	}
	return out
}

// TestScanReturn: rows of all lanes and forms reach the cursor unchanged, whatever their number and the table's distribution.
func TestScanReturn(t *testing.T) {
	for _, style := range []storage.DistStyle{storage.Even, storage.Key, storage.All} {
		for _, n := range []int{0, 1, 100, 3000, 30000} {
			if n == 30000 && testing.Short() {
				continue
			}
			everyWay(t, func(t *testing.T, topo storage.Topology, o Options) {
				tb := filled(topo, style, n)
				ts := testTypes(0, 1, 2, 3, 4, 5)
				where := OnSlices
				if style == storage.All {
					where = OnOneSlice
				}
				p := program(topo, []Exchange{{Types: ts, ToLeader: true}},
					seg(where, scanOf(0, 1, 2, 3, 4, 5), ts, &ReturnStep{Exchange: 0}), leaderOf(ts))
				sameRows(t, all(t, start(t, p, o, tb.view())), tb.rows)
			})
		}
	}
}

// TestFilterProject: predicates, a scan's filter, a FilterStep and computed columns beside columns that pass.
func TestFilterProject(t *testing.T) {
	everyWay(t, func(t *testing.T, topo storage.Topology, o Options) {
		tb := filled(topo, storage.Even, 20000)
		scan := scanOf(0, 1, 2, 3)
		scan.Predicates = []Pred{{Column: 1, Op: storage.Ge, Value: prog(t, konst(i4(10)))}, {Column: 1, Op: storage.In, Values: []*expr.Program{
			prog(t, konst(i4(3))), prog(t, konst(i4(12))), prog(t, konst(i4(13))), prog(t, konst(i4(40))),
		}}}
		scan.Filter = prog(t, &expr.Compare{Op: expr.Gt, Left: col(3), Right: konst(types.Datum{Type: types.TFloat8, Float: 20})})
		cond := prog(t, &expr.Compare{Op: expr.Ne, Left: col(2), Right: konst(text("name 7"))})
		plus := prog(t, call(t, "+", col(0), konst(num(5))))
		out := []types.Type{types.TVarchar(20), types.TInt8, types.TInt4}
		p := program(topo, []Exchange{{Types: out, ToLeader: true}},
			seg(OnSlices, scan, testTypes(0, 1, 2, 3), &FilterStep{Cond: cond},
				&ProjectStep{Exprs: []*expr.Program{nil, plus, nil}, PassThrough: []int{2, -1, 1}, Types: out}, &ReturnStep{Exchange: 0}),
			leaderOf(out, &ProjectStep{Exprs: make([]*expr.Program, 3), PassThrough: []int{0, 1, 2}, Types: out}))
		var want []row
		for _, r := range tb.rows {
			g := r[1].Int
			if r[1].Null || g != 12 && g != 13 && g != 40 || r[3].Null || r[3].Float <= 20 || r[2].Null || r[2].Text == "name 7" {
				continue
			}
			want = append(want, row{r[2], num(r[0].Int + 5), r[1]})
		}
		sameRows(t, all(t, start(t, p, o, tb.view())), want)
	})
}

// TestDist: each row comes to the slice of its key's hash, once, and back; the report's matrix knows where each went.
func TestDist(t *testing.T) {
	for _, keys := range [][]int{{0}, {2}, {1, 2}, nil} {
		everyWay(t, func(t *testing.T, topo storage.Topology, o Options) {
			tb := filled(topo, storage.Even, 15000)
			ts := testTypes(0, 1, 2)
			n := topo.Slices()
			check := &eachStep{func(tk *task, b *vector.Batch) error {
				for _, r := range rowsOf(b) {
					if len(keys) == 1 {
						if s := storage.SlotOf(&r[keys[0]], n); int(s) != tk.slice {
							t.Errorf("%v is on slice %d, its hash says %d", r, tk.slice, s)
						}
					}
				}
				return nil
			}}
			p := program(topo, []Exchange{{Types: ts}, {Types: ts, ToLeader: true}},
				seg(OnSlices, scanOf(0, 1, 2), ts, &DistStep{Exchange: 0, Keys: keys, NodeID: 3}),
				seg(OnSlices, &InboxSource{Exchange: 0}, ts, check, &ReturnStep{Exchange: 1}),
				seg(OnLeader, &InboxSource{Exchange: 1}, ts))
			c := start(t, p, o, tb.view())
			sameRows(t, all(t, c), project(tb.rows, 0, 1, 2))
			r := c.Report().Whole()
			if !o.CollectReport {
				if r != nil {
					t.Fatal("a report that nobody asked for")
				}
				return
			}
			if len(r.Moves) != 2 || r.Moves[0].Label != "dist" || r.Moves[0].NodeID != 3 || r.Moves[1].Label != "return" {
				t.Fatalf("moves %+v", r.Moves)
			}
			want := make([]int64, n)
			total, bytes := int64(0), int64(0)
			for _, x := range tb.rows {
				if len(keys) == 1 {
					want[storage.SlotOf(&x[keys[0]], n)]++
				}
				bytes += 8 + 4 + 4 + int64(len(x[2].Text))
			}
			sent := int64(0)
			for to := range n {
				sum := int64(0)
				for from := range n {
					sum += r.Moves[0].Rows[from][to]
					sent += r.Moves[0].Bytes[from][to]
				}
				if len(keys) == 1 && sum != want[to] {
					t.Errorf("slice %d got %d rows, want %d", to, sum, want[to])
				}
				if len(keys) == 0 && (sum < 15000/int64(n) || sum > 15000/int64(n)+1) {
					t.Errorf("round robin gave slice %d %d rows", to, sum)
				}
				total += r.Moves[1].Rows[to][n]
			}
			if total != 15000 {
				t.Errorf("%d rows returned", total)
			}
			if sent != bytes {
				t.Errorf("%d bytes sent, want %d", sent, bytes)
			}
			for _, s := range r.Steps {
				if s.Start.IsZero() || s.End.Before(s.Start) {
					t.Errorf("times of %+v", s)
				}
			}
			if want := 2*n + 3*n + 2; len(r.Steps) != want {
				t.Errorf("%d steps, want %d", len(r.Steps), want)
			}
		})
	}
}

// TestBcast: every slice gets every row.
func TestBcast(t *testing.T) {
	everyWay(t, func(t *testing.T, topo storage.Topology, o Options) {
		tb := filled(topo, storage.Even, 5000)
		ts := testTypes(0, 2)
		n := topo.Slices()
		p := program(topo, []Exchange{{Types: ts}, {Types: ts, ToLeader: true}},
			seg(OnSlices, scanOf(0, 2), ts, &BcastStep{Exchange: 0}),
			seg(OnSlices, &InboxSource{Exchange: 0}, ts, &ReturnStep{Exchange: 1}),
			seg(OnLeader, &InboxSource{Exchange: 1}, ts))
		var want []row
		for range n {
			want = append(want, project(tb.rows, 0, 2)...)
		}
		sameRows(t, all(t, start(t, p, o, tb.view())), want)
		// One slice may read it for all: each row once, counted for each slice.
		p = program(topo, []Exchange{{Types: ts}, {Types: ts, ToLeader: true}},
			seg(OnSlices, scanOf(0, 2), ts, &BcastStep{Exchange: 0}),
			seg(OnOneSlice, &InboxSource{Exchange: 0}, ts, &ReturnStep{Exchange: 1}),
			seg(OnLeader, &InboxSource{Exchange: 1}, ts))
		o.CollectReport = true
		c := start(t, p, o, tb.view())
		sameRows(t, all(t, c), project(tb.rows, 0, 2))
		for to := range n {
			sum := int64(0)
			for from := range n {
				sum += c.Report().Whole().Moves[0].Rows[from][to]
			}
			if sum != 5000 {
				t.Errorf("slice %d got %d rows", to, sum)
			}
		}
	})
}

// TestKeyPred: an equality on the distribution key is looked for on one slice; a NULL value finds nothing.
func TestKeyPred(t *testing.T) {
	for _, topo := range topologies {
		tb := filled(topo, storage.Key, 10000)
		for _, v := range []types.Datum{num(77), num(-1), types.NullOf(types.TInt8), {Type: types.TInt4, Int: 9999}} {
			scan := scanOf(0, 2)
			scan.Predicates, scan.KeyPred = []Pred{{Column: 0, Op: storage.Eq, Value: prog(t, konst(v))}}, 0
			ts := testTypes(0, 2)
			p := program(topo, []Exchange{{Types: ts, ToLeader: true}}, seg(OnSlices, scan, ts, &ReturnStep{Exchange: 0}), leaderOf(ts))
			c := start(t, p, Options{CollectReport: true}, tb.view())
			want := keepRows(tb.rows, func(r row) bool { return !v.Null && r[0].Int == v.Int })
			sameRows(t, all(t, c), project(want, 0, 2))
			reading := 0
			for _, s := range c.Report().Whole().Steps {
				if s.Label == "scan" && s.Table != 0 && s.Scan.ZonesRead+s.Scan.ZonesSkipped > 0 {
					reading++
				}
			}
			if reading > 1 {
				t.Errorf("%d slices read", reading)
			}
		}
	}
}

// TestEverySlice: each slice reads the one copy of a DISTSTYLE ALL table for itself.
func TestEverySlice(t *testing.T) {
	everyWay(t, func(t *testing.T, topo storage.Topology, o Options) {
		tb := filled(topo, storage.All, 4000)
		scan := scanOf(0)
		scan.EverySlice = true
		ts := testTypes(0)
		p := program(topo, []Exchange{{Types: ts, ToLeader: true}}, seg(OnSlices, scan, ts, &ReturnStep{Exchange: 0}), leaderOf(ts))
		var want []row
		for range topo.Slices() {
			want = append(want, project(tb.rows, 0)...)
		}
		sameRows(t, all(t, start(t, p, o, tb.view())), want)
		scan.EverySlice = false
		sameRows(t, all(t, start(t, p, o, tb.view())), project(tb.rows, 0))
	})
}

// TestLimit: Count and Offset hold over all pipelines of a place, and what is above the limit stops.
func TestLimit(t *testing.T) {
	everyWay(t, func(t *testing.T, topo storage.Topology, o Options) {
		tb := filled(topo, storage.Even, 30000)
		ts := testTypes(0)
		for _, l := range []struct{ count, offset, want int64 }{{10, 0, 10}, {5000, 100, 5000}, {0, 0, 0}, {-1, 29990, 10}, {100, 29950, 50}, {-1, 0, 30000}, {7, 40000, 0}} {
			p := program(topo, []Exchange{{Types: ts, ToLeader: true}},
				seg(OnSlices, scanOf(0), ts, &ReturnStep{Exchange: 0}), leaderOf(ts, &LimitStep{Count: l.count, Offset: l.offset}))
			got := all(t, start(t, p, o, tb.view()))
			if int64(len(got)) != l.want {
				t.Fatalf("limit %d offset %d gave %d rows", l.count, l.offset, len(got))
			}
			seen := map[int64]bool{}
			for _, r := range got {
				if seen[r[0].Int] {
					t.Fatalf("row %d came twice", r[0].Int)
				}
				seen[r[0].Int] = true
			}
			// On each slice, and then counted: the pipelines of a slice share the limit.
			per := &LimitStep{Count: l.count, Offset: l.offset}
			p = program(topo, []Exchange{{Types: ts, ToLeader: true}},
				seg(OnSlices, scanOf(0), ts, per, &ReturnStep{Exchange: 0}), leaderOf(ts, &countStep{}))
			want := int64(0)
			v := tb.view()
			for s := range topo.Slices() {
				n := max(0, v.SliceRows(s)-l.offset)
				if l.count >= 0 {
					n = min(n, l.count)
				}
				want += n
			}
			if got := all(t, start(t, p, o, v)); got[0][0].Int != want {
				t.Fatalf("limit %d offset %d a slice: %d rows, want %d", l.count, l.offset, got[0][0].Int, want)
			}
		}
	})
}

// TestLimitStops: a limit on slice 0, in the middle of a program, ends the scans that feed it.
func TestLimitStops(t *testing.T) {
	for _, topo := range topologies {
		tb := filled(topo, storage.Even, 200000)
		ts := testTypes(0)
		p := program(topo, []Exchange{{Types: ts}, {Types: ts, ToLeader: true}},
			seg(OnSlices, scanOf(0), ts, &DistStep{Exchange: 0, ToSlice0: true}),
			seg(OnOneSlice, &InboxSource{Exchange: 0}, ts, &LimitStep{Count: 10}, &ReturnStep{Exchange: 1}),
			seg(OnLeader, &InboxSource{Exchange: 1}, ts, &countStep{}))
		for _, o := range []Options{{Workers: 1}, {Workers: 3}} {
			o.CollectReport = true
			c := start(t, p, o, tb.view())
			if got := all(t, c); got[0][0].Int != 10 {
				t.Fatalf("%v rows", got)
			}
			if n := c.Report().Batches; n > 90 { // of about 98 zones and what was sent
				t.Errorf("%d batches for 10 rows", n)
			}
		}
	}
}

// TestEnough: a DISTINCT, or a grouping, of which some rows are enough ends its scans when it has them.
func TestEnough(t *testing.T) {
	for _, topo := range topologies {
		tb := filled(topo, storage.Even, 200000)
		ts := testTypes(0)
		for name, steps := range map[string][2]StepSpec{
			"unique": {&UniqueStep{Limit: 10}, &UniqueStep{Limit: 10}},
			"aggr":   {&AggrStep{Groups: []int{0}, Types: ts, Limit: 10, Phase: Partial}, &AggrStep{Groups: []int{0}, Types: ts, Limit: 10, Phase: Final}},
		} {
			p := program(topo, []Exchange{{Types: ts}, {Types: ts, ToLeader: true}},
				seg(OnSlices, scanOf(0), ts, steps[0], &DistStep{Exchange: 0, Keys: []int{0}}),
				seg(OnSlices, &InboxSource{Exchange: 0}, ts, steps[1], &LimitStep{Count: 10}, &ReturnStep{Exchange: 1}),
				seg(OnLeader, &InboxSource{Exchange: 1}, ts, &LimitStep{Count: 10}, &countStep{}))
			for _, o := range []Options{{Workers: 1}, {Workers: 3}} {
				o.CollectReport = true
				c := start(t, p, o, tb.view())
				if got := all(t, c); got[0][0].Int != 10 {
					t.Fatalf("%s: %v rows", name, got)
				}
				// one batch a pipeline of each slice, the rows that come of them, and those that meet on the leader
				if n, most := c.Report().Batches, int64((2*o.Workers+1)*topo.Slices()+topo.Slices()*topo.Slices()); n > most {
					t.Errorf("%v %s: %d batches for 10 rows, want at most %d", topo, name, n, most)
				}
			}
		}
	}
}

// TestBarrier: a stream begins when all of the one before it has ended.
func TestBarrier(t *testing.T) {
	everyWay(t, func(t *testing.T, topo storage.Topology, o Options) {
		tb := filled(topo, storage.Even, 20000)
		ts := testTypes(0)
		rows := make([]int, topo.Slices())
		count := &eachStep{func(tk *task, b *vector.Batch) error {
			tk.q.mu.Lock()
			rows[tk.slice] += b.Rows()
			tk.q.mu.Unlock()
			return nil
		}}
		check := &eachStep{func(*task, *vector.Batch) error {
			sum := 0
			for _, n := range rows {
				sum += n
			}
			if sum != 20000 {
				t.Errorf("the second stream began after %d rows", sum)
			}
			return nil
		}}
		p := program(topo, []Exchange{{Types: ts}, {Types: ts, ToLeader: true}},
			seg(OnSlices, scanOf(0), ts, &DistStep{Exchange: 0, Keys: []int{0}}),
			seg(OnSlices, &InboxSource{Exchange: 0}, ts, count))
		p.Streams = append(p.Streams, Stream{Segments: []*Segment{
			seg(OnSlices, scanOf(0), ts, check, &ReturnStep{Exchange: 1}), seg(OnLeader, &InboxSource{Exchange: 1}, ts),
		}})
		sameRows(t, all(t, start(t, p, o, tb.view())), project(tb.rows, 0))
	})
}

// TestCombine: steps that keep rows are combined over the pipelines of a slice, one behind the other too, and are given out whole.
func TestCombine(t *testing.T) {
	everyWay(t, func(t *testing.T, topo storage.Topology, o Options) {
		tb := filled(topo, storage.Even, 20000)
		ts := testTypes(0, 2)
		for _, step := range []*keepStep{{}, {stepwise: true}} {
			p := program(topo, []Exchange{{Types: ts}, {Types: ts, ToLeader: true}},
				seg(OnSlices, scanOf(0, 2), ts, step, &FilterStep{Cond: prog(t, &expr.Compare{Op: expr.Lt, Left: col(0), Right: konst(num(1 << 40))})}, step,
					&DistStep{Exchange: 0, Keys: []int{1}}),
				seg(OnSlices, &InboxSource{Exchange: 0}, ts, step, &ReturnStep{Exchange: 1}),
				seg(OnLeader, &InboxSource{Exchange: 1}, ts, step))
			sameRows(t, all(t, start(t, p, o, tb.view())), project(tb.rows, 0, 2))
		}
		// A count on each slice gives one row a slice, with rows or without.
		one := []types.Type{types.TInt8}
		none := scanOf(0)
		none.Predicates = []Pred{{Column: 0, Op: storage.Lt, Value: prog(t, konst(num(0)))}}
		for i, scan := range []*ScanSource{scanOf(0), none} {
			p := program(topo, []Exchange{{Types: one, ToLeader: true}},
				seg(OnSlices, scan, testTypes(0), &countStep{}, &ReturnStep{Exchange: 0}), leaderOf(one))
			got := all(t, start(t, p, o, tb.view()))
			sum := int64(0)
			for _, r := range got {
				sum += r[0].Int
			}
			if len(got) != topo.Slices() || sum != []int64{20000, 0}[i] {
				t.Fatalf("counts %v", got)
			}
		}
		// Limits behind what keeps rows.
		p := program(topo, []Exchange{{Types: ts, ToLeader: true}},
			seg(OnSlices, scanOf(0, 2), ts, &keepStep{stepwise: true}, &LimitStep{Count: 3}, &keepStep{}, &LimitStep{Count: 2}, &ReturnStep{Exchange: 0}), leaderOf(ts))
		if got := all(t, start(t, p, o, tb.view())); len(got) != 2*topo.Slices() {
			t.Fatalf("%d rows", len(got))
		}
	})
}

// TestUnionAll: several segments send into one exchange, from slices, from one, from the leader; several leader segments feed one cursor.
// What is written first is given first, as long as nothing has to move.
func TestUnionAll(t *testing.T) {
	everyWay(t, func(t *testing.T, topo storage.Topology, o Options) {
		tb := filled(topo, storage.Even, 5000)
		ts := testTypes(0)
		vals := &ValuesSource{Rows: [][]*expr.Program{{prog(t, konst(num(-1)))}, {prog(t, konst(num(-2)))}}}
		p := program(topo, []Exchange{{Types: ts}, {Types: ts, ToLeader: true}},
			seg(OnSlices, scanOf(0), ts, &DistStep{Exchange: 0, ToSlice0: true}),
			seg(OnLeader, vals, ts, &DistStep{Exchange: 0, ToSlice0: true}),
			seg(OnOneSlice, vals, ts, &DistStep{Exchange: 0, ToSlice0: true}),
			seg(OnOneSlice, &InboxSource{Exchange: 0}, ts, &ReturnStep{Exchange: 1}),
			seg(OnLeader, vals, ts),
			seg(OnLeader, &InboxSource{Exchange: 1}, ts))
		want := project(tb.rows, 0)
		for range 3 {
			want = append(want, row{num(-1)}, row{num(-2)})
		}
		sameRows(t, all(t, start(t, p, o, tb.view())), want)
		more := &ValuesSource{Rows: [][]*expr.Program{{prog(t, konst(num(-3)))}}}
		p = program(topo, nil, seg(OnLeader, vals, ts), seg(OnLeader, more, ts))
		p.Views = 0
		if got := texts(all(t, start(t, p, o))); !slices.Equal(got, []string{"-1", "-2", "-3"}) {
			t.Fatalf("%v", got)
		}
	})
}

// TestValues: constant rows, more than a batch of them; a row without columns.
func TestValues(t *testing.T) {
	topo := topologies[0]
	src := &ValuesSource{}
	var want []row
	for i := range 5000 {
		r := row{num(int64(i)), text("x")}
		if i%3 == 0 {
			r[1] = types.NullOf(r[1].Type)
		}
		want = append(want, r)
		src.Rows = append(src.Rows, []*expr.Program{prog(t, konst(r[0])), prog(t, konst(r[1]))})
	}
	p := program(topo, nil, seg(OnLeader, src, []types.Type{types.TInt8, types.TVarchar(20)}))
	p.Views = 0
	got := all(t, start(t, p, Options{}))
	if !slices.Equal(texts(got), texts(want)) {
		t.Fatal("rows differ")
	}
	p = program(topo, nil, seg(OnLeader, &ValuesSource{Rows: [][]*expr.Program{{}}}, nil,
		&ProjectStep{Exprs: []*expr.Program{prog(t, konst(num(3)))}, PassThrough: []int{-1}, Types: []types.Type{types.TInt8}}))
	p.Views = 0
	if got := all(t, start(t, p, Options{})); len(got) != 1 || got[0].String() != "3" {
		t.Fatalf("%v", got)
	}
}

// TestVirtual: the rows of a system table, some of its columns.
func TestVirtual(t *testing.T) {
	src := &VirtualSource{Columns: []int{1, 0}, Name: "stl_x", Rows: func(env any, emit func([]types.Datum) bool) error {
		for i := range 3000 {
			r := []types.Datum{num(int64(i)), text("t")}
			if i > 2900 {
				r[1].Null = true
			}
			if !emit(r) {
				return nil
			}
		}
		return nil
	}}
	var want []row
	for i := range 3000 {
		r := row{text("t"), num(int64(i))}
		r[0].Null = i > 2900
		want = append(want, r)
	}
	p := program(topologies[1], nil, seg(OnLeader, src, []types.Type{types.TVarchar(20), types.TInt8}))
	p.Views = 0
	if got := all(t, start(t, p, Options{})); !slices.Equal(texts(got), texts(want)) {
		t.Fatal("rows differ")
	}
	c := start(t, p, Options{MemoryLimit: 1000})
	if _, err := c.Next(); err == nil {
		t.Fatal("a table larger than the limit")
	}
	closed(t, c)
}

// TestRuntime: the keys of a hash table prune the scan that probes it; an empty table leaves nothing to read.
func TestRuntime(t *testing.T) {
	everyWay(t, func(t *testing.T, topo storage.Topology, o Options) {
		o.CollectReport = true
		tb := filled(topo, storage.Even, 200000)
		ts := testTypes(0, 2)
		for _, c := range []struct{ lo, hi int64 }{{199000, 199100}, {5, 5}} {
			build := scanOf(0)
			build.Predicates = []Pred{{Column: 0, Op: storage.Ge, Value: prog(t, konst(num(c.lo)))}, {Column: 0, Op: storage.Lt, Value: prog(t, konst(num(c.hi)))}}
			probe := scanOf(2, 0)
			probe.Runtime = []RuntimeFilter{{Column: 1, Table: 0, From: 0}}
			p := program(topo, []Exchange{{Types: testTypes(0)}},
				seg(OnSlices, build, testTypes(0), &BcastStep{Exchange: 0}),
				seg(OnOneSlice, &InboxSource{Exchange: 0}, testTypes(0), &HashStep{Table: 0, Keys: []int{0}, Types: testTypes(0), Shared: true}))
			p.Exchanges = append(p.Exchanges, Exchange{Types: testTypes(2, 0), ToLeader: true})
			p.Tables = 1
			p.Streams = append(p.Streams, Stream{Segments: []*Segment{
				seg(OnSlices, probe, testTypes(2, 0), &HJoinStep{Kind: SemiJoin, Keys: []int{1}, Types: testTypes(2, 0)}, &ReturnStep{Exchange: 1}),
				seg(OnLeader, &InboxSource{Exchange: 1}, testTypes(2, 0), &ProjectStep{Exprs: make([]*expr.Program, 2), PassThrough: []int{1, 0}, Types: ts}),
			}})
			cur := start(t, p, o, tb.view())
			sameRows(t, all(t, cur), project(keepRows(tb.rows, func(r row) bool { return r[0].Int >= c.lo && r[0].Int < c.hi }), 0, 2))
			read := int64(0)
			for _, s := range cur.Report().Steps {
				if s.Segment == 2 && s.Step == 0 {
					read += s.Scan.ZonesRead
					if want := c.lo < c.hi; s.IsDelayed != want {
						t.Errorf("is_delayed_scan is %v", s.IsDelayed)
					}
				}
			}
			if c.lo == c.hi && read > 0 || read > 2*int64(topo.Slices()) {
				t.Errorf("%d zones were read", read)
			}
		}
	})
}
