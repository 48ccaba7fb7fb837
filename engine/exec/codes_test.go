package exec

import (
	"testing"

	"github.com/redshiftsim/redshiftsim/engine/function"
	"github.com/redshiftsim/redshiftsim/internal/types"
	"github.com/redshiftsim/redshiftsim/internal/vector"
)

// countBy is COUNT(*) by one integer, running.
func countBy(tb testing.TB) sink {
	tb.Helper()
	count, err := function.FindAggregate("count", nil, false)
	if err != nil {
		tb.Fatal(err)
	}
	s, err := (&AggrStep{Groups: []int{0}, Aggs: []AggrCall{{Fn: count}}, Types: []types.Type{types.TInt4, types.TInt8}}).
		start(&task{q: testQuery(0)}, []types.Type{types.TInt4}, void{})
	if err != nil {
		tb.Fatal(err)
	}
	return s
}

// TestCodeCounts: codes are counted in any batch of the kind, and in no other.
func TestCodeCounts(t *testing.T) {
	a := countBy(t).(*aggr)
	want := map[int64]int64{}
	codes := make([]uint8, vector.Size-3)
	for i := range codes {
		codes[i] = uint8(i * i % 251)
		want[1900+int64(codes[i])] += 2
	}
	v := &vector.Vector{Type: types.TInt4, Form: vector.Narrow, Len: len(codes), Base: 1900, U8: codes}
	nulls := *v
	nulls.Nulls = make([]uint64, vector.Size/64)
	batch := func(v *vector.Vector) *vector.Batch { return &vector.Batch{Columns: []*vector.Vector{v}, Len: v.Len} }
	for range 2 {
		if done, err := a.codes.add(a, batch(v)); !done || err != nil {
			t.Fatal(done, err)
		}
	}
	for _, other := range []*vector.Batch{
		batch(&nulls),
		{Columns: []*vector.Vector{v}, Len: len(codes), Sel: []uint16{1, 2}},
		{Columns: []*vector.Vector{v}, Len: codeRows - 1},
		batch(vector.New(types.TInt4, vector.Size)),
	} {
		if done, err := a.codes.add(a, other); done || err != nil {
			t.Error(done, err)
		}
	}
	keys, counts := newVectors(1), vector.New(types.TInt8, 0)
	a.groups.Read(0, a.groups.Len(), keys)
	if err := a.calls[0].state.Final(0, a.groups.Len(), counts); err != nil {
		t.Fatal(err)
	}
	if a.groups.Len() != len(want) {
		t.Fatalf("%d groups, want %d", a.groups.Len(), len(want))
	}
	for i := range a.groups.Len() {
		if k := keys[0].Get(i).Int; counts.Int64s[i] != want[k] {
			t.Errorf("%d has %d rows, want %d", k, counts.Int64s[i], want[k])
		}
	}
}
