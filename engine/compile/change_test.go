package compile

import (
	"strings"
	"testing"

	"github.com/redshiftsim/redshiftsim/engine/catalog"
	"github.com/redshiftsim/redshiftsim/engine/exec"
	"github.com/redshiftsim/redshiftsim/engine/expr"
	"github.com/redshiftsim/redshiftsim/engine/function"
	"github.com/redshiftsim/redshiftsim/engine/optimize"
	"github.com/redshiftsim/redshiftsim/engine/plan"
	"github.com/redshiftsim/redshiftsim/internal/types"
	"github.com/redshiftsim/redshiftsim/storage"
)

// two makes tables t(k, x) and s(k, x); t is distributed by style.
func two(style storage.DistStyle) (t, s *catalog.Table) {
	cols := []catalog.Column{{Name: "k", Type: types.TInt4}, {Name: "x", Type: types.TInt4}}
	def := func(id uint32, st storage.DistStyle) *storage.Definition {
		d := &storage.Definition{ID: id, Dist: storage.Distribution{Style: st, Column: -1}}
		if st == storage.Key {
			d.Dist.Column = 0
		}
		return d
	}
	t = &catalog.Table{ID: 100001, Schema: "public", Name: "t", Columns: cols, Def: def(100001, style)}
	s = &catalog.Table{ID: 100002, Schema: "public", Name: "s", Columns: cols, Def: def(100002, storage.Even)}
	return t, s
}

func scanOf(t *catalog.Table, first expr.ColumnID, rowID bool) *plan.Scan {
	s := &plan.Scan{Table: t, Alias: t.Name}
	if rowID {
		s.Output, s.Attrs = append(s.Output, plan.Column{ID: first + 50, Table: t.Name, Type: types.TInt8}), append(s.Attrs, -1)
	}
	for i, c := range t.Columns {
		s.Output = append(s.Output, plan.Column{ID: first + expr.ColumnID(i), Name: c.Name, Table: t.Name, Type: c.Type})
		s.Attrs = append(s.Attrs, i)
	}
	return s
}

func num(n int64) expr.Expr {
	return &expr.Const{Value: types.Datum{Type: types.TInt4, Int: n}}
}

func program(t *testing.T, n plan.Node, topo storage.Topology) (plan.Node, *exec.Program) {
	t.Helper()
	p, err := optimize.Optimize(n, &optimize.Env{Topology: topo})
	if err != nil {
		t.Fatal(err)
	}
	prog, err := Compile(p, &Env{Topology: topo})
	if err != nil {
		t.Fatal(err)
	}
	return p, prog
}

func ints(v ...int64) row {
	var r row
	for _, x := range v {
		r = append(r, types.Datum{Type: types.TInt4, Int: x})
	}
	return r
}

// TestSteps checks the programs of common statements on 2x2, by AWS's step labels.
func TestSteps(t *testing.T) {
	topo := storage.Topology{Nodes: 2, SlicesPerNode: 2}
	tab, other := two(storage.Key)
	even, _ := two(storage.Even)
	avg := &function.BoundAggregate{Name: "avg", Returns: types.TInt8, Partial: []types.Type{types.TInt8, types.TInt8}}
	mean := func(n plan.Node, arg plan.Column, groups ...expr.ColumnID) plan.Node {
		return &plan.Aggregate{Input: n, Groups: groups, Aggs: []plan.Agg{{Column: plan.Column{ID: 90, Name: "avg", Type: types.TInt8}, Fn: avg, Args: []expr.Expr{ref(arg)}}}}
	}
	ts, es, os := scanOf(tab, 1, false), scanOf(even, 1, false), scanOf(other, 11, false)
	joined := &plan.Join{Kind: plan.Inner, Outer: ts, Inner: os, On: []expr.Expr{&expr.Compare{Op: expr.Eq, Left: ref(ts.Output[0]), Right: ref(os.Output[0])}}}
	for _, c := range []struct {
		name string
		n    plan.Node
		want string
	}{
		{"the lesson's average", mean(es, es.Output[1]), `
stream 0
  segment 0 slices  scan t | aggr partial avg | return
  segment 1 leader  scan network | aggr final avg | return
`},
		{"groups of the DISTKEY are whole", mean(ts, ts.Output[1], 1), `
stream 0
  segment 0 slices  scan t | aggr avg | return
  segment 1 leader  scan network | return
`},
		{"other groups meet on the way", mean(ts, ts.Output[0], 2), `
stream 0
  segment 0 slices  scan t | aggr partial avg | dist
  segment 1 slices  scan network | aggr final avg | return
  segment 2 leader  scan network | return
`},
		{"sort and limit: the slices keep three rows in their sort", &plan.Limit{Input: &plan.Sort{Input: es, Keys: []plan.SortKey{{ID: 2}}}, Count: 3}, `
stream 0
  segment 0 slices  scan t | sort | return
  segment 1 leader  merge | limit | return
`},
		{"a join with the DISTKEY: the other side moves", joined, `
stream 0
  segment 0 slices  scan t | hash
stream 1
  segment 1 slices  scan s | dist
  segment 2 slices  scan network | hjoin | return
  segment 3 leader  scan network | return
`},
		{"insert of constants", &plan.Insert{Table: even, Input: &plan.Values{Output: es.Output, Rows: [][]expr.Expr{{num(1), num(2)}}}}, `
stream 0
  segment 0 slice 0  scan constants | dist
  segment 1 slices  scan network | insert
`},
		{"insert of rows that are in place", &plan.Insert{Table: tab, Input: ts}, `
stream 0
  segment 0 slices  scan t | insert
`},
		{"select without a table", &plan.Project{Input: &plan.Values{Rows: [][]expr.Expr{{}}}, Exprs: []plan.Named{{Column: plan.Column{ID: 1, Type: types.TInt4}, Expr: num(1)}}}, `
stream 0
  segment 0 leader  scan constants | project | return
`},
	} {
		_, p := program(t, c.n, topo)
		got := Steps(p)
		if got != c.want[1:] {
			t.Errorf("%s:\n%swant\n%s", c.name, got, c.want[1:])
		}
	}
}

// TestPredicates checks what storage tests itself, and that an equality on the DISTKEY names one slice.
func TestPredicates(t *testing.T) {
	topo := storage.Topology{Nodes: 2, SlicesPerNode: 2}
	tab, _ := two(storage.Key)
	s := scanOf(tab, 1, false)
	k, x := ref(s.Output[0]), ref(s.Output[1])
	wide := &expr.Cast{Arg: x, To: types.TInt8, Implicit: true, Pos: -1}
	big := &expr.Const{Value: types.Datum{Type: types.TInt8, Int: 1 << 40}}
	n := &plan.Filter{Input: s, Conds: []expr.Expr{
		&expr.Compare{Op: expr.Lt, Left: big, Right: wide},
		&expr.Compare{Op: expr.Eq, Left: k, Right: &expr.Param{N: 1, Typ: types.TInt4}},
		&expr.In{Arg: x, List: []expr.Expr{num(1), num(2)}},
		&expr.IsNull{Arg: x, Not: true},
		&expr.Compare{Op: expr.Eq, Left: k, Right: x},
	}}
	_, p := program(t, n, topo)
	src := p.Streams[0].Segments[0].Source.(*exec.ScanSource)
	var ops []storage.Op
	for _, q := range src.Predicates {
		ops = append(ops, q.Op)
	}
	if len(ops) != 4 || ops[0] != storage.Gt || ops[1] != storage.Eq || ops[2] != storage.In || ops[3] != storage.IsNotNull {
		t.Errorf("predicates %v", ops)
	}
	if src.KeyPred != 1 || src.Filter == nil {
		t.Errorf("KeyPred %d, filter %v", src.KeyPred, src.Filter)
	}
}

// TestChanges runs DELETE and UPDATE, alone and by a join, on every style: rows are changed where they are.
func TestChanges(t *testing.T) {
	for _, style := range []storage.DistStyle{storage.Even, storage.Key, storage.All} {
		for _, topo := range []storage.Topology{{Nodes: 1, SlicesPerNode: 1}, {Nodes: 2, SlicesPerNode: 2}, {Nodes: 3, SlicesPerNode: 4}} {
			tab, other := two(style)
			g := &generator{rows: map[uint32][]row{}}
			for i := int64(0); i < 20; i++ {
				g.rows[tab.ID] = append(g.rows[tab.ID], ints(i, i%4))
			}
			g.rows[other.ID] = []row{ints(3, 0), ints(3, 1), ints(7, 0), ints(99, 0)}
			ts, os := scanOf(tab, 1, true), scanOf(other, 11, false)
			id, k, x := ts.Output[0], ts.Output[1], ts.Output[2]
			join := &plan.Filter{
				Input: &plan.Join{Kind: plan.Inner, Outer: ts, Inner: os},
				Conds: []expr.Expr{&expr.Compare{Op: expr.Eq, Left: ref(k), Right: ref(os.Output[0])}},
			}
			some := &plan.Filter{Input: ts, Conds: []expr.Expr{&expr.Compare{Op: expr.Eq, Left: ref(x), Right: num(2)}}}
			newX := plan.Column{ID: 70, Name: "x", Type: types.TInt4}
			for _, c := range []struct {
				name    string
				n       plan.Node
				deleted string
				added   string
			}{
				{"delete", &plan.Delete{Table: tab, Input: passing(some, []plan.Column{id})}, "2 6 10 14 18", ""},
				{"delete using", &plan.Delete{Table: tab, Input: &plan.Distinct{Input: passing(join, []plan.Column{id})}}, "3 7", ""},
				{
					"update", &plan.Update{Table: tab, Input: &plan.Project{Input: some, Exprs: []plan.Named{{Column: id, Expr: ref(id)}, {Column: k, Expr: ref(k)}, {Column: newX, Expr: num(5)}}}},
					"2 6 10 14 18", "10|5| 14|5| 18|5| 2|5| 6|5|",
				},
				{
					"update from", &plan.Update{Table: tab, Input: &plan.Project{Input: join, Exprs: []plan.Named{{Column: id, Expr: ref(id)}, {Column: newX, Expr: num(5)}, {Column: x, Expr: ref(x)}}}},
					"3 7", "5|3| 5|3|",
				},
			} {
				p, prog := program(t, c.n, topo)
				views, keys := g.spread(p, topo.Slices())
				m, err := run(prog, views, keys)
				if err != nil {
					t.Fatal(err)
				}
				var gone, added []row
				for slice, ids := range m.writers[0].deleted {
					for _, i := range ids {
						v := 0
						for j, x := range Views(p) {
							if x == tab {
								v = j
							}
						}
						gone = append(gone, views[v][slice][i][:1])
					}
				}
				for slice, rs := range m.writers[0].inserted {
					added = append(added, rs...)
					for _, r := range rs {
						if style == storage.Key && hashOf(r[0])%topo.Slices() != slice || style == storage.All && slice != 0 {
							t.Errorf("%s on %v %v: a new row on the wrong slice", c.name, style, topo)
						}
					}
				}
				want := make([]row, 0)
				for _, f := range strings.Fields(c.deleted) {
					n := int64(0)
					for _, d := range f {
						n = n*10 + int64(d-'0')
					}
					want = append(want, ints(n))
				}
				if bag(gone) != bag(want) || strings.ReplaceAll(bag(added), "\n", " ") != c.added {
					t.Errorf("%s on %v %v: deleted\n%s\nadded\n%s\n%s", c.name, style, topo, bag(gone), bag(added), Steps(prog))
				}
			}
		}
	}
}

// BenchmarkPoint optimizes and compiles a point select.
func BenchmarkPoint(b *testing.B) {
	topo := storage.Topology{Nodes: 2, SlicesPerNode: 2}
	tab, _ := two(storage.Key)
	s := scanOf(tab, 1, false)
	n := passing(&plan.Filter{Input: s, Conds: []expr.Expr{&expr.Compare{Op: expr.Eq, Left: ref(s.Output[0]), Right: num(7)}}}, s.Output[1:])
	oe, ce := &optimize.Env{Topology: topo}, &Env{Topology: topo}
	b.Run("optimize", func(b *testing.B) {
		b.ReportAllocs()
		for b.Loop() {
			if _, err := optimize.Optimize(n, oe); err != nil {
				b.Fatal(err)
			}
		}
	})
	p, _ := optimize.Optimize(n, oe)
	b.Run("compile", func(b *testing.B) {
		b.ReportAllocs()
		for b.Loop() {
			if _, err := Compile(p, ce); err != nil {
				b.Fatal(err)
			}
		}
	})
}
