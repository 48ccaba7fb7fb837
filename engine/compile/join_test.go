package compile

import (
	"testing"

	"github.com/redshiftsim/redshiftsim/engine/catalog"
	"github.com/redshiftsim/redshiftsim/engine/exec"
	"github.com/redshiftsim/redshiftsim/engine/expr"
	"github.com/redshiftsim/redshiftsim/engine/optimize"
	"github.com/redshiftsim/redshiftsim/engine/plan"
	"github.com/redshiftsim/redshiftsim/internal/types"
	"github.com/redshiftsim/redshiftsim/storage"
)

// TestRestrict: the keys of a join's table prune the scan of the other side, where a row without a partner is dropped and nothing between counts rows.
func TestRestrict(t *testing.T) {
	topo := storage.Topology{Nodes: 2, SlicesPerNode: 2}
	seen := map[exec.JoinKind]bool{}
	for _, kind := range []plan.JoinKind{plan.Inner, plan.Right, plan.Left, plan.Full} {
		for _, style := range []storage.DistStyle{storage.Even, storage.Key, storage.All} {
			for _, limited := range []bool{false, true} {
				a, b := two(style)
				outer, inner := scanOf(a, 1, false), scanOf(b, 11, false)
				var left plan.Node = outer
				if limited {
					left = &plan.Limit{Input: outer, Count: 3}
				}
				on := &expr.Compare{Op: expr.Eq, Left: ref(outer.Output[0]), Right: ref(inner.Output[0])}
				_, p := program(t, &plan.Join{Kind: kind, Outer: left, Inner: inner, On: []expr.Expr{on}}, topo)
				got := 0
				for _, s := range p.Streams {
					for _, g := range s.Segments {
						scan, ok := g.Source.(*exec.ScanSource)
						if !ok || len(scan.Runtime) == 0 {
							continue
						}
						got += len(scan.Runtime)
						r := scan.Runtime[0]
						if scan.Columns[r.Column] != 0 || g.Types[r.Column] != types.TInt4 || r.Table != 0 || r.From != 0 {
							t.Errorf("%v %v: %+v over columns %v", kind, style, r, scan.Columns)
						}
					}
				}
				run, limit := probe(p)
				seen[run] = true
				want := 0
				if (run == exec.InnerJoin || run == exec.RightJoin) && !limit {
					want = 1
				}
				if got != want {
					t.Errorf("join %v, style %v, limit %v: %d filters, want %d\n%s", kind, style, limited, got, want, Steps(p))
				}
			}
		}
	}
	if !seen[exec.InnerJoin] || !seen[exec.LeftJoin] || !seen[exec.FullJoin] {
		t.Errorf("kinds %v", seen)
	}
}

// probe is the kind of join that runs, the optimizer may have turned it round, and whether a limit stands before it.
func probe(p *exec.Program) (kind exec.JoinKind, limit bool) {
	for _, g := range p.Streams[len(p.Streams)-1].Segments {
		for _, s := range g.Steps {
			switch s := s.(type) {
			case *exec.LimitStep:
				limit = true
			case *exec.HJoinStep:
				return s.Kind, limit
			}
		}
	}
	panic("no join")
}

// TestOuterFirst: EXISTS over a table that is far larger than the outer side keeps the outer rows first, and their keys prune the large table's scan.
func TestOuterFirst(t *testing.T) {
	topo := storage.Topology{Nodes: 2, SlicesPerNode: 2}
	for _, kind := range []plan.JoinKind{plan.Semi, plan.Anti, plan.AntiNull} {
		a, b := two(storage.Key)
		outer, inner := scanOf(a, 1, false), scanOf(b, 11, false)
		on := &expr.Compare{Op: expr.Eq, Left: ref(outer.Output[0]), Right: ref(inner.Output[0])}
		p, err := optimize.Optimize(&plan.Join{Kind: kind, Outer: outer, Inner: inner, On: []expr.Expr{on}}, &optimize.Env{
			Topology: topo,
			Stats: func(t *catalog.Table) optimize.TableStats {
				if t.ID == a.ID {
					return optimize.TableStats{Rows: 1000}
				}
				return optimize.TableStats{Rows: 1_000_000}
			},
		})
		if err != nil {
			t.Fatal(err)
		}
		prog, err := Compile(p, &Env{Topology: topo})
		if err != nil {
			t.Fatal(err)
		}
		saves, restricted := 0, 0
		for i, s := range prog.Streams {
			for _, g := range s.Segments {
				for _, s := range g.Steps {
					if h, ok := s.(*exec.HashStep); ok && h.Save {
						saves++
					}
				}
				if scan, ok := g.Source.(*exec.ScanSource); ok && scan.Table == "s" && i > 0 {
					restricted += len(scan.Runtime)
				}
			}
		}
		want := 1
		if kind == plan.AntiNull { // a NULL of the large side would be missed
			want = 0
		}
		if saves != want || restricted != want {
			t.Errorf("join %v: %d saves, %d filters, want %d\n%s", kind, saves, restricted, want, Steps(prog))
		}
	}
}
