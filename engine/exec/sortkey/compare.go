package sortkey

import (
	"cmp"

	"github.com/redshiftsim/redshiftsim/internal/types"
	"github.com/redshiftsim/redshiftsim/internal/vector"
)

// compare orders row i of a and row j of b, Flat vectors of one type; neither is NULL.
func compare(a *vector.Vector, i int, b *vector.Vector, j int) int {
	switch a.Type.Lane() {
	case types.LaneBool:
		return cmp.Compare(boolWord(a.Bools[i]), boolWord(b.Bools[j]))
	case types.LaneInt:
		return cmp.Compare(a.Int64s[i], b.Int64s[j])
	case types.LaneFloat:
		return types.CompareFloat(a.Floats[i], b.Floats[j])
	case types.LaneWide:
		return types.CompareWide(a.Type.Kind, a.Wides[i], b.Wides[j])
	}
	return compareTexts(a.Type.Kind, a.Texts[i], b.Texts[j])
}

// CompareRows orders row i of the columns a and row j of the columns b, Flat vectors, by keys.
func CompareRows(keys []Key, a []*vector.Vector, i int, b []*vector.Vector, j int) int {
	for k := range keys {
		key := &keys[k]
		x, y := a[key.Column], b[key.Column]
		if xn, yn := x.Null(i), y.Null(j); xn || yn {
			switch {
			case xn && yn:
				continue
			case xn == key.NullsFirst:
				return -1
			}
			return 1
		}
		c := compare(x, i, y, j)
		if c == 0 {
			continue
		}
		if key.Desc {
			return -c
		}
		return c
	}
	return 0
}

// Differ sets begins[i] for each i > 0 where row order[i] of the column v differs from row order[i-1]. NULL differs from all but NULL.
func Differ(v *vector.Long, order []uint32, begins []bool) {
	if len(order) == 0 {
		return
	}
	switch {
	case v.Nulls != nil:
		differNulls(v, order, begins)
	case v.Type.Lane() == types.LaneInt:
		differ(v.Int64s, order, begins)
	case v.Type.Lane() == types.LaneBool:
		differ(v.Bools, order, begins)
	case v.Type.Lane() == types.LaneText:
		before := vector.At(v.Texts, int(order[0]))
		for i, r := range order {
			if t := vector.At(v.Texts, int(r)); !equalTexts(v.Type.Kind, before, t) {
				begins[i] = true
				before = t
			}
		}
	default:
		for i := 1; i < len(order); i++ {
			begins[i] = begins[i] || !same(v, int(order[i-1]), int(order[i]))
		}
	}
}

// differ is Differ of a lane whose values are equal when they are the same.
func differ[T comparable](vals [][]T, order []uint32, begins []bool) {
	before := vector.At(vals, int(order[0]))
	begins = begins[:len(order)]
	for i, r := range order {
		x := vector.At(vals, int(r))
		begins[i] = begins[i] || x != before
		before = x
	}
}

// differNulls is Differ of a column with NULLs.
func differNulls(v *vector.Long, order []uint32, begins []bool) {
	for i := 1; i < len(order); i++ {
		if begins[i] {
			continue
		}
		a, b := int(order[i-1]), int(order[i])
		an, bn := v.Null(a), v.Null(b)
		begins[i] = an != bn || !an && !same(v, a, b)
	}
}

// same says whether two rows of a column, neither of them NULL, are equal.
func same(v *vector.Long, a, b int) bool {
	switch v.Type.Lane() {
	case types.LaneBool:
		return vector.At(v.Bools, a) == vector.At(v.Bools, b)
	case types.LaneInt:
		return vector.At(v.Int64s, a) == vector.At(v.Int64s, b)
	case types.LaneFloat:
		return types.CompareFloat(vector.At(v.Floats, a), vector.At(v.Floats, b)) == 0
	case types.LaneWide:
		return types.CompareWide(v.Type.Kind, vector.At(v.Wides, a), vector.At(v.Wides, b)) == 0
	}
	return equalTexts(v.Type.Kind, vector.At(v.Texts, a), vector.At(v.Texts, b))
}
