package exec

import (
	"math/rand/v2"
	"slices"
	"testing"
)

// TestOrdered finds which segments of a program read rows whose order counts.
func TestOrdered(t *testing.T) {
	sort, filter, ret, aggr := &SortStep{}, &FilterStep{}, &ReturnStep{Exchange: 0}, &AggrStep{}
	inbox := &Segment{Where: OnLeader, Source: &InboxSource{Exchange: 0}}
	sender := func(where Where, steps ...StepSpec) *Segment {
		return &Segment{Where: where, Source: &ScanSource{}, Steps: append(steps, ret)}
	}
	for _, x := range []struct {
		name     string
		segments []*Segment
		want     []bool
	}{
		{"one place sorts", []*Segment{sender(OnOneSlice, sort, filter), inbox}, []bool{false, true}},
		{"each slice sorts", []*Segment{sender(OnSlices, sort), inbox}, []bool{false, false}},
		{"nobody sorts", []*Segment{sender(OnOneSlice, filter), inbox}, []bool{false, false}},
		{"groups undo a sort", []*Segment{sender(OnOneSlice, sort, aggr), inbox}, []bool{false, false}},
		{"a sort behind groups", []*Segment{sender(OnOneSlice, aggr, sort), inbox}, []bool{false, true}},
		{"two places send", []*Segment{sender(OnOneSlice, sort), sender(OnOneSlice, sort), inbox}, []bool{false, false, false}},
		{"a merge", []*Segment{sender(OnSlices, sort), {Where: OnLeader, Source: &MergeSource{Exchange: 0}}}, []bool{false, true}},
		{"handed on", []*Segment{
			sender(OnOneSlice, sort),
			{Where: OnOneSlice, Source: &InboxSource{Exchange: 0}, Steps: []StepSpec{filter, &ReturnStep{Exchange: 1}}},
			{Where: OnLeader, Source: &InboxSource{Exchange: 1}},
		}, []bool{false, true, true}},
	} {
		p := &Program{Exchanges: make([]Exchange, 2), Streams: []Stream{{Segments: x.segments}}}
		if got := p.ordered(); !slices.Equal(got, x.want) {
			t.Errorf("%s: %v, want %v", x.name, got, x.want)
		}
	}
}

// TestPermutation draws permutations: each number once, and one seed the same.
func TestPermutation(t *testing.T) {
	a, b := permutation(rand.New(rand.NewPCG(1, 2)), 1000), permutation(rand.New(rand.NewPCG(1, 2)), 1000)
	if !slices.Equal(a, b) || slices.IsSorted(a) {
		t.Error("one seed, two orders, or none")
	}
	slices.Sort(a)
	for i, x := range a {
		if int(x) != i {
			t.Fatalf("%d is not there", i)
		}
	}
}
