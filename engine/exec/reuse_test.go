package exec

import (
	"fmt"
	"testing"

	"github.com/redshiftsim/redshiftsim/engine/expr"
	"github.com/redshiftsim/redshiftsim/internal/types"
	"github.com/redshiftsim/redshiftsim/storage"
)

// TestPipelinesRest groups on 64 slices: the answer is right, and the slices share the pipelines of the workers.
func TestPipelinesRest(t *testing.T) {
	noLeak(t)
	topo := storage.Topology{Nodes: 8, SlicesPerNode: 8}
	tb := filled(topo, storage.Even, 40000)
	sums := map[string][2]int64{} // by name: rows and the sum of grp
	for _, r := range tb.rows {
		key := row{r[2]}.String()
		s := sums[key]
		if !r[1].Null {
			s = [2]int64{s[0] + 1, s[1] + r[1].Int}
		}
		sums[key] = s
	}
	in, out := testTypes(1, 2), []types.Type{types.TVarchar(20)}
	result := []types.Type{types.TVarchar(20), types.TInt8, types.TInt8}
	arg := []*expr.Program{compiled(t, at(0, types.TInt4))}
	calls := func(inputs ...[]int) []AggrCall {
		cs := []AggrCall{{Fn: aggregateOf(t, "count", types.TInt4)}, {Fn: aggregateOf(t, "sum", types.TInt4)}}
		for i := range cs {
			if cs[i].Args = arg; inputs != nil {
				cs[i].Args, cs[i].Inputs = nil, inputs[i]
			}
		}
		return cs
	}
	partial := calls()
	out = append(append(out, partial[0].Fn.Partial...), partial[1].Fn.Partial...)
	var second []int
	for i := range partial[1].Fn.Partial {
		second = append(second, 2+i)
	}
	p := program(topo, []Exchange{{Types: out}, {Types: result, ToLeader: true}},
		seg(OnSlices, scanOf(1, 2), in, &AggrStep{Phase: Partial, Groups: []int{1}, Aggs: partial, Types: out}, &DistStep{Exchange: 0, Keys: []int{0}}),
		seg(OnSlices, &InboxSource{Exchange: 0}, out, &AggrStep{Phase: Final, Groups: []int{0}, Aggs: calls([]int{1}, second), Types: result}, &ReturnStep{Exchange: 1}),
		seg(OnLeader, &InboxSource{Exchange: 1}, result))
	for _, workers := range []int{1, 2, 4} {
		c := start(t, p, Options{Workers: workers, SmallQuery: -1, CollectReport: true}, tb.view())
		got := all(t, c)
		if len(got) != len(sums) {
			t.Fatalf("%d groups, want %d", len(got), len(sums))
		}
		for _, r := range got {
			want := sums[row{r[0]}.String()]
			if fmt.Sprint(r[1].Int, r[2].Int) != fmt.Sprint(want[0], want[1]) {
				t.Errorf("%s: %v, want %v", r[0].Text, r[1:], want)
			}
		}
		own := 0
		for i := range c.q.parts {
			if p := &c.q.parts[i]; p.seg.scan != nil && p.first == &p.own {
				own++
			}
		}
		if own > workers {
			t.Errorf("%d workers made %d pipelines of the scan", workers, own)
		}
		for _, s := range c.Report().Steps {
			if s.Label == "scan" && s.Segment == 0 && s.Rows != 625 {
				t.Errorf("the report says that slice %d scanned %d rows of 625", s.Slice, s.Rows)
			}
		}
	}
}
