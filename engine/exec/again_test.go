package exec

import (
	"context"
	"math/rand/v2"
	"runtime"
	"slices"
	"strings"
	"testing"
	"weak"

	"github.com/redshiftsim/redshiftsim/engine/expr"
	"github.com/redshiftsim/redshiftsim/engine/function"
	"github.com/redshiftsim/redshiftsim/internal/types"
	"github.com/redshiftsim/redshiftsim/storage"
)

// byID makes SELECT id + 1, grp, name, score FROM t WHERE id = $1 AND grp IS NOT NULL LIMIT 5.
func byID(t testing.TB, topo storage.Topology) *Program {
	scan := &ScanSource{Columns: []int{0, 1, 2, 3}, KeyPred: -1, Predicates: []Pred{{Column: 0, Op: storage.Eq, Value: prog(t, &expr.Param{N: 1, Typ: types.TInt8})}}}
	ts := testTypes(0, 1, 2, 3)
	p := program(topo, []Exchange{{Types: ts, ToLeader: true}},
		seg(OnSlices, scan, ts, &FilterStep{Cond: prog(t, &expr.IsNull{Arg: col(1), Not: true})},
			&ProjectStep{Exprs: []*expr.Program{prog(t, call(t, "+", col(0), konst(num(1)))), nil, nil, nil}, PassThrough: []int{-1, 1, 2, 3}, Types: ts},
			&ReturnStep{Exchange: 0}),
		leaderOf(ts, &LimitStep{Count: 5}))
	if !p.Reruns() {
		t.Fatal("it cannot be kept")
	}
	return p
}

// summed makes SELECT count(*), sum(id), min(name), max(score) FROM t WHERE id <= $1.
func summed(t testing.TB, topo storage.Topology) *Program {
	scan := &ScanSource{Columns: []int{0, 2, 3}, KeyPred: -1, Predicates: []Pred{{Column: 0, Op: storage.Le, Value: prog(t, &expr.Param{N: 1, Typ: types.TInt8})}}}
	ts := testTypes(0, 2, 3)
	fns := []*function.BoundAggregate{aggregateOf(t, "count"), aggregateOf(t, "sum", ts[0]), aggregateOf(t, "min", ts[1]), aggregateOf(t, "max", ts[2])}
	first, last := &AggrStep{Phase: Partial}, &AggrStep{Phase: Final}
	for i, f := range fns {
		a := AggrCall{Fn: f}
		if i > 0 {
			a.Args = []*expr.Program{prog(t, &expr.Column{ID: expr.ColumnID(i - 1), Typ: ts[i-1]})}
		}
		first.Aggs = append(first.Aggs, a)
		b := AggrCall{Fn: f}
		for _, p := range f.Partial {
			b.Inputs = append(b.Inputs, len(first.Types))
			first.Types = append(first.Types, p)
		}
		last.Aggs, last.Types = append(last.Aggs, b), append(last.Types, f.Returns)
	}
	p := program(topo, []Exchange{{Types: first.Types, ToLeader: true}}, seg(OnSlices, scan, ts, first, &ReturnStep{Exchange: 0}), leaderOf(first.Types, last))
	if !p.Reruns() {
		t.Fatal("it cannot be kept")
	}
	return p
}

// plainUpdate is updating without the step that repeats rows.
func plainUpdate(t testing.TB, tb *table, lo, hi int64, move bool) *Program {
	p := updating(t, tb, lo, hi, 0, 1, move)
	g := p.Streams[0].Segments[0]
	g.Steps = slices.DeleteFunc(g.Steps, func(s StepSpec) bool { _, ok := s.(*repeatStep); return ok })
	if !p.Reruns() {
		t.Fatal("it cannot be kept")
	}
	return p
}

// rerun runs a program in the room of c, nil = in new room, to its end or, with stop, up to its first batch.
func rerun(t testing.TB, c *Cursor, p *Program, env *function.Env, stop bool, views ...storage.View) (*Cursor, []row, *Report) {
	t.Helper()
	o := Options{Workers: 1, CollectReport: true, Keep: true}
	var err error
	if c != nil {
		err = c.Again(context.Background(), env, nil, views, o)
	} else {
		c, err = Run(context.Background(), p, env, nil, views, o)
	}
	if err != nil {
		t.Fatal(err)
	}
	var rows []row
	for {
		b, err := c.Next()
		if err != nil {
			t.Fatal(err)
		}
		if b == nil {
			break
		}
		rows = append(rows, rowsOf(b)...)
		if stop {
			break
		}
	}
	closed(t, c)
	return c, rows, c.Report()
}

// TestAgain: a query and a change run again and again in one room, with other arguments, over tables that change, to their end or not, and give the rows, the
// change and the report of a run in new room.
func TestAgain(t *testing.T) {
	for _, topo := range topologies {
		for _, style := range []storage.DistStyle{storage.Even, storage.Key} {
			tb := filled(topo, style, 9000)
			r := rand.New(rand.NewPCG(5, uint64(topo.Slices())))
			get, sum, set := byID(t, topo), summed(t, topo), plainUpdate(t, tb, 4000, 4002, style == storage.Key)
			var kept, sums, changes *Cursor
			for i := range 40 {
				env := *testEnv
				env.Params = []types.Datum{num(r.Int64N(9500))}
				var rows, want []row
				var rep, other *Report
				kept, rows, rep = rerun(t, kept, get, &env, i%3 == 2, tb.view())
				_, want, other = rerun(t, nil, get, &env, i%3 == 2, tb.view())
				sameRows(t, rows, want)
				if what := differs(rep, other); what != "" {
					t.Fatalf("%v %v, round %d: the report of a run in room that was used, and of one in new room:\n%s", topo, style, i, what)
				}
				if !kept.Idle() {
					t.Fatalf("%v %v, round %d: it is not kept", topo, style, i)
				}
				env.Params = []types.Datum{num(r.Int64N(idleRows / 2))}
				sums, rows, rep = rerun(t, sums, sum, &env, i%3 == 2, tb.view())
				_, want, other = rerun(t, nil, sum, &env, i%3 == 2, tb.view())
				sameRows(t, rows, want)
				if what := differs(rep, other); what != "" || len(rows) != 1 {
					t.Fatalf("%v %v, round %d: %v, and the report of a run in room that was used, and of one in new room:\n%s", topo, style, i, rows, what)
				}
				if !sums.Idle() {
					t.Fatalf("%v %v, round %d: the sums are not kept", topo, style, i)
				}
				if i%4 > 0 {
					continue
				}
				changes, _, rep = rerun(t, changes, set, testEnv, false, tb.view())
				fresh, _, other := rerun(t, nil, set, testEnv, false, tb.view())
				if what := differs(rep, other); what != "" || changes.Affected() != fresh.Affected() || changes.Affected() != 2 {
					t.Fatalf("%v %v, round %d: UPDATE %d, %d in new room\n%s", topo, style, i, changes.Affected(), fresh.Affected(), what)
				}
				tb.take(changes.Deltas()[0])
				if !changes.Idle() {
					t.Fatalf("%v %v, round %d: the change is not kept", topo, style, i)
				}
			}
			if n := len(tb.content(t)); n != 9000 {
				t.Errorf("%v %v: %d rows", topo, style, n)
			}
		}
	}
}

// TestIdle: what a run that is kept has read can go, and one that was large, or failed, is not kept.
func TestIdle(t *testing.T) {
	topo := topologies[1]
	tb := fill(topo, storage.Even, 5000)
	env := *testEnv
	env.Params = []types.Datum{num(77)}
	c, _, _ := rerun(t, nil, byID(t, topo), &env, false, tb.view())
	set, _, _ := rerun(t, nil, plainUpdate(t, tb, 100, 103, false), testEnv, false, tb.view())
	few := *testEnv
	few.Params = []types.Datum{num(7)}
	sums, _, _ := rerun(t, nil, summed(t, topo), &few, false, tb.view())
	if !c.Idle() || !set.Idle() || !sums.Idle() {
		t.Fatal("they are not kept")
	}
	gone := weak.Make(tb.v)
	shard := weak.Make(tb.v.Shard(0))
	tb = nil
	runtime.GC()
	runtime.GC()
	if gone.Value() != nil || shard.Value() != nil {
		t.Error("a version is held")
	}
	runtime.KeepAlive(c)
	runtime.KeepAlive(sums)
	runtime.KeepAlive(set)

	tb = fill(topo, storage.Even, 5000)
	if c, _, _ := rerun(t, nil, plainUpdate(t, tb, 0, 5000, false), testEnv, false, tb.view()); c.Idle() {
		t.Error("a large run is kept")
	}
	ended, cancel := context.WithCancel(context.Background())
	cancel()
	c, err := Run(ended, byID(t, topo), &env, nil, []storage.View{tb.view()}, Options{Keep: true})
	if err != nil {
		t.Fatal(err)
	}
	if _, err := c.Next(); err == nil {
		t.Error("a run is not cancelled")
	}
	closed(t, c)
	if c.Idle() {
		t.Error("a run that failed is kept")
	}
}

// TestConstantsAgain: constants, with and without arguments, run in the room of a run before.
func TestConstantsAgain(t *testing.T) {
	ts := []types.Type{types.TInt8, types.TVarchar(9)}
	for _, topo := range topologies {
		values := &ValuesSource{Rows: [][]*expr.Program{
			{prog(t, &expr.Param{N: 1, Typ: types.TInt8}), prog(t, konst(text("x")))},
			{prog(t, konst(num(7))), prog(t, &expr.Param{N: 2, Typ: types.TVarchar(9)})},
		}}
		p := program(topo, nil, seg(OnLeader, values, ts, &ProjectStep{Exprs: []*expr.Program{prog(t, call(t, "+", col(0), konst(num(1)))), nil}, PassThrough: []int{-1, 1}, Types: ts}))
		p.Views = 0
		if !p.Reruns() {
			t.Fatal("it cannot be kept")
		}
		var kept *Cursor
		for i := range int64(4) {
			env := *testEnv
			env.Params = []types.Datum{num(i), text(strings.Repeat("y", int(i)))}
			var rows []row
			var rep, other *Report
			kept, rows, rep = rerun(t, kept, p, &env, false)
			_, want, other := rerun(t, nil, p, &env, false)
			sameRows(t, rows, want)
			if what := differs(rep, other); what != "" || len(rows) != 2 || rows[0][0].Int != i+1 || rows[1][1].Text != env.Params[1].Text {
				t.Fatalf("%v, round %d: %v\n%s", topo, i, rows, what)
			}
			if !kept.Idle() {
				t.Fatalf("%v, round %d: it is not kept", topo, i)
			}
		}
	}
}
