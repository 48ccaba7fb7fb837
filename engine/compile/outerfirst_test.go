package compile

import (
	"testing"

	"github.com/redshiftsim/redshiftsim/engine/catalog"
	"github.com/redshiftsim/redshiftsim/engine/exec"
	"github.com/redshiftsim/redshiftsim/engine/expr"
	"github.com/redshiftsim/redshiftsim/engine/optimize"
	"github.com/redshiftsim/redshiftsim/engine/plan"
	"github.com/redshiftsim/redshiftsim/storage"
)

// TestOuterFirstShrinks: a join whose outer side is as large as its inner one keeps the outer rows first all the same when the table of a join above, which
// is there already, leaves few of them; that table restricts the scan behind the rows that are kept, and these restrict the inner scan.
func TestOuterFirstShrinks(t *testing.T) {
	topo := storage.Topology{Nodes: 2, SlicesPerNode: 2}
	rows := map[string]float64{"t": 1_000_000, "s": 1_000_000, "d": 100}
	for _, left := range []float64{900_000, 10_000} { // rows that the table above leaves of a million
		fact, other := two(storage.Even)
		small := *other
		small.ID, small.Name = 100003, "d"
		f, o, d := scanOf(fact, 1, false), scanOf(other, 11, false), scanOf(&small, 21, false)
		equal := func(a, b plan.Column) []expr.Expr {
			return []expr.Expr{&expr.Compare{Op: expr.Eq, Left: ref(a), Right: ref(b)}}
		}
		root, err := optimize.Optimize(&plan.Join{
			Kind: plan.Inner, Inner: d, On: equal(f.Output[1], d.Output[0]),
			Outer: &plan.Join{Kind: plan.Left, Outer: f, Inner: o, On: equal(f.Output[0], o.Output[0])},
		}, &optimize.Env{Topology: topo, Stats: func(t *catalog.Table) optimize.TableStats {
			return optimize.TableStats{Rows: rows[t.Name]}
		}})
		if err != nil {
			t.Fatal(err)
		}
		joins := 0
		plan.Walk(root, func(n plan.Node) bool { // the figures that the test is about
			switch n := n.(type) {
			case *plan.Join:
				if joins++; joins == 1 {
					n.Props().Rows = left
				} else {
					n.Props().Rows = 1_000_000
				}
			case *plan.Scan:
				n.Props().Rows = rows[n.Table.Name]
			}
			return true
		})
		p, err := Compile(root, &Env{Topology: topo})
		if err != nil {
			t.Fatal(err)
		}
		saves, filters := 0, map[string]int{}
		for _, s := range p.Streams {
			for _, g := range s.Segments {
				for _, st := range g.Steps {
					if h, ok := st.(*exec.HashStep); ok && h.Save {
						saves++
					}
				}
				if scan, ok := g.Source.(*exec.ScanSource); ok {
					filters[scan.Table] += len(scan.Runtime)
				}
			}
		}
		want := 0
		if left < 500_000 {
			want = 1
		}
		if saves != want || filters["s"] != want || filters["t"] != 1 || filters["d"] != 0 {
			t.Errorf("%.0f rows left: %d saves, filters %v\n%s", left, saves, filters, Steps(p))
		}
	}
}
