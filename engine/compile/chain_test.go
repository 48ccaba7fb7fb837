package compile

import (
	"testing"

	"github.com/redshiftsim/redshiftsim/engine/exec"
	"github.com/redshiftsim/redshiftsim/engine/expr"
	"github.com/redshiftsim/redshiftsim/engine/plan"
	"github.com/redshiftsim/redshiftsim/storage"
)

// TestChain: of joins one above the other the smallest table is filled first, whichever is the upper one, and prunes the scan that the larger one is filled
// from, where the upper join equates their columns; a right join hands on all its rows, so its inner side is not pruned.
//
//	(t x s on t.k = s.k) x d on t.x = d.k and s.x = d.x
func TestChain(t *testing.T) {
	topo := storage.Topology{Nodes: 2, SlicesPerNode: 2}
	for _, kind := range []plan.JoinKind{plan.Inner, plan.Right} {
		for _, large := range []string{"s", "d"} { // the other one is small
			rows := map[string]float64{"t": 1_000_000, "s": 100, "d": 100}
			rows[large] = 50_000
			fact, other := two(storage.Even)
			third := *other
			third.ID, third.Name = 100003, "d"
			f, o, d := scanOf(fact, 1, false), scanOf(other, 11, false), scanOf(&third, 21, false)
			equal := func(a, b plan.Column) expr.Expr { return &expr.Compare{Op: expr.Eq, Left: ref(a), Right: ref(b)} }
			lower := &plan.Join{
				Info: plan.Info{Rows: 1_000_000}, Kind: plan.Inner, Method: plan.HashJoin, Distribution: plan.BcastInner,
				Outer: f, Inner: o, EquiOuter: []expr.ColumnID{f.Output[0].ID}, EquiInner: []expr.ColumnID{o.Output[0].ID}, Conds: []expr.Expr{equal(f.Output[0], o.Output[0])},
			}
			root := &plan.Join{
				Info: plan.Info{Rows: 1_000_000}, Kind: kind, Method: plan.HashJoin, Distribution: plan.BcastInner, Outer: lower, Inner: d,
				EquiOuter: []expr.ColumnID{f.Output[1].ID, o.Output[1].ID}, EquiInner: []expr.ColumnID{d.Output[0].ID, d.Output[1].ID},
				Conds: []expr.Expr{equal(f.Output[1], d.Output[0]), equal(o.Output[1], d.Output[1])},
			}
			if kind == plan.Right {
				root.Distribution = plan.DistBoth
				root.DistOuter, root.DistInner = root.EquiOuter, root.EquiInner
			}
			for _, s := range []*plan.Scan{f, o, d} {
				s.Info.Rows = rows[s.Table.Name]
			}
			p, err := Compile(root, &Env{Topology: topo})
			if err != nil {
				t.Fatal(err)
			}
			var order string
			filters := map[string][]exec.RuntimeFilter{}
			for _, s := range p.Streams {
				if scan, ok := s.Segments[0].Source.(*exec.ScanSource); ok {
					order += scan.Table
					filters[scan.Table] = scan.Runtime
				}
			}
			small, want := "s", "sdt"
			if large == "s" {
				small, want = "d", "dst"
			}
			if order != want {
				t.Errorf("kind %d, %s is large: filled in the order %s, not %s\n%s", kind, large, order, want, Steps(p))
			}
			pruned := 1 // by the smaller table's column x
			if kind == plan.Right && large == "d" {
				pruned = 0
			}
			if got := filters[large]; len(got) != pruned || pruned > 0 && (got[0].Table != 0 || got[0].Column != 1) || len(filters[small]) > 0 {
				t.Errorf("kind %d, %s is large: its scan has the filters %v, that of %s %v\n%s", kind, large, got, small, filters[small], Steps(p))
			}
		}
	}
}
