package function

import (
	"strings"

	"github.com/redshiftsim/redshiftsim/internal/types"
	"github.com/redshiftsim/redshiftsim/internal/vector"
)

// CollectArray is the aggregate behind ARRAY(query): the values of a type in the order in which they come, NULLs among them. No rows give an empty
// array. It has no name by which it could be called, for Redshift has no ARRAY_AGG.
// https://www.postgresql.org/docs/8.0/sql-expressions.html
func CollectArray(element types.Type) *BoundAggregate {
	t := types.ArrayOf(element)
	fn := BoundAggregate{Name: "array", Params: []types.Type{element}, Returns: t, Place: LeaderOnly, New: func() State { return &collectState{typ: t} }}
	met := fn
	met.Params = append(met.Params, types.TInt4)
	fn.Met = &met
	return &fn
}

// collectState keeps the elements of each group.
type collectState struct {
	typ    types.Type
	groups [][]types.Item
	held   int64
}

// Resize makes room for groups.
func (s *collectState) Resize(n int) {
	for len(s.groups) < n {
		s.groups = append(s.groups, nil)
	}
}

// Update keeps the values of rows; a second argument that is NULL says that there is no row.
func (s *collectState) Update(groups []uint32, n int, args []*vector.Vector) error {
	for i := range n {
		if len(args) > 1 && args[1].Null(i) {
			continue
		}
		d := args[0].Get(i)
		it := types.Item{Null: d.Null}
		if !d.Null {
			it.Text = strings.TrimRight(types.Format(d, nil), " ")
		}
		g := groupAt(groups, i)
		s.groups[g] = append(s.groups[g], it)
		s.held += int64(len(it.Text)) + 24
	}
	return nil
}

// Partial is never called: the aggregate has no partial form.
func (s *collectState) Partial(_, _ int, _ []*vector.Vector) {}

// Merge is never called: the aggregate has no partial form.
func (s *collectState) Merge(_ []uint32, _ int, _ []*vector.Vector) error { return nil }

// Final prints the array of each group.
func (s *collectState) Final(lo, hi int, out *vector.Vector) error {
	out.Type = s.typ
	out.Reset(hi - lo)
	for g := lo; g < hi; g++ {
		out.Texts[g-lo] = string(types.AppendArray(nil, s.typ, s.groups[g]))
	}
	return nil
}

// Bytes is what the elements hold.
func (s *collectState) Bytes() int64 { return s.held }
