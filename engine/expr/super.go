package expr

import (
	"github.com/redshiftsim/redshiftsim/internal/super"
	"github.com/redshiftsim/redshiftsim/internal/types"
	"github.com/redshiftsim/redshiftsim/internal/vector"
)

// compareSupers compares SUPER values by their dynamic types: numbers of all kinds as numbers, strings without trailing blanks, arrays and objects in depth.
// Values of different types are unequal; whether one is smaller is not known, which unordered says afterwards.
// https://docs.aws.amazon.com/redshift/latest/dg/query-super.html#dynamic-typing-lax-processing
func compareSupers(op CompareOp, a, b *vector.Vector, bc bool, o []bool) {
	y := super.Value(b.Texts[0])
	for i, x := range a.Texts[:len(o)] {
		if !bc {
			y = super.Value(b.Texts[i])
		}
		if op == Eq || op == Ne {
			o[i] = super.Equal(super.Value(x), y) == (op == Eq)
		} else {
			o[i] = op.holds(super.Compare(super.Value(x), y))
		}
	}
}

// unordered makes the result of a comparison by order NULL for values of different dynamic types, and for arrays and objects, which have none but that of
// ORDER BY. b is one value when bc, both are when ac, too.
// https://docs.aws.amazon.com/redshift/latest/dg/query-super.html#dynamic-typing-lax-processing-dynamic-and-static
func (sl *slot) unordered(a, b *vector.Vector, ac, bc bool, n int) *vector.Vector {
	out := &sl.out
	out.Nulls = words(&sl.nulls, out.Len)
	y := super.Value(b.Texts[0])
	for i, x := range a.Texts[:out.Len] {
		if !bc {
			y = super.Value(b.Texts[i])
		}
		if a.Null(i) || !bc && b.Null(i) || !ordered(super.Value(x), y) {
			out.Nulls[i>>6] |= 1 << (uint(i) & 63)
		}
	}
	if ac && bc {
		if out.Null(0) {
			return sl.constant(types.NullOf(types.TBool), n)
		}
		out.Nulls = nil
		out.Form, out.Len = vector.Const, n
	}
	return out
}

// ordered says that one of two values is smaller, or both are equal.
func ordered(a, b super.Value) bool {
	x, y := a.Kind(), b.Kind()
	switch {
	case x == super.Array || x == super.Object || x == super.Null:
		return false
	case x >= super.Int && x <= super.Float:
		return y >= super.Int && y <= super.Float
	}
	return x == y
}
