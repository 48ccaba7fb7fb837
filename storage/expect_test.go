package storage

import (
	"math/rand/v2"
	"slices"
	"testing"

	"github.com/redshiftsim/redshiftsim/internal/types"
	"github.com/redshiftsim/redshiftsim/internal/vector"
)

// TestExpect: what a writer is told of the rows to come changes how often its rows move, and nothing else: however wrong it is, they lie in order.
func TestExpect(t *testing.T) {
	const rows = 6 * guessRows
	def := &Definition{ID: 100000, Columns: []Column{{Name: "i", Type: types.TInt8}, {Name: "t", Type: types.TVarchar(20)}}, Sort: SortKey{Style: Compound, Columns: []int{0}}}
	def.Dist.Column = -1
	r := rand.New(rand.NewPCG(5, 6))
	vals := make([]int64, rows)
	for i := range vals {
		vals[i] = r.Int64N(rows)
	}
	want := slices.Sorted(slices.Values(vals))
	moves := map[string]int{}
	for name, expect := range map[string]func() int64{
		"nobody knows": nil,
		"unknown":      func() int64 { return 0 },
		"right":        func() int64 { return rows },
		"far too few":  func() int64 { return 5 },
		"too many":     func() int64 { return 2 * rows },
	} {
		v := NewVersion(def, Topology{Nodes: 1, SlicesPerNode: 1})
		w := ViewOf(v).NewWriter()
		w.Expect(expect)
		last := (*int64)(nil)
		for part := range slices.Chunk(vals, vector.Size) {
			b := intBatch(types.TInt8, part)
			b.Columns = append(b.Columns, vector.NewConst(types.Datum{Type: types.TVarchar(20), Text: "same"}, len(part)))
			if err := w.Append(0, b); err != nil {
				t.Fatal(err)
			}
			if at := w.parts[0].build; at != nil && &at.lanes[0].ints[0] != last {
				last = &at.lanes[0].ints[0]
				moves[name]++
			}
		}
		d, err := w.Close()
		if err != nil {
			t.Fatal(err)
		}
		if v, err = v.Apply(d); err != nil {
			t.Fatal(err)
		}
		if got := intsOf(v, 0); !slices.Equal(got, want) {
			t.Errorf("%s: %d rows are not those that were appended, in order", name, len(got))
		}
	}
	if moves["right"] >= moves["unknown"] || moves["too many"] != moves["right"] || moves["far too few"] != moves["unknown"] || moves["nobody knows"] != moves["unknown"] {
		t.Errorf("rooms that rows had: %v", moves)
	}
}
