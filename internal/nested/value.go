package nested

import (
	"github.com/redshiftsim/redshiftsim/internal/super"
	"github.com/redshiftsim/redshiftsim/internal/types"
	"github.com/redshiftsim/redshiftsim/internal/vector"
)

// Append adds row i of a flat vector of scalars to a value that is built.
func Append(b *super.Builder, v *vector.Vector, i int) {
	if v.Null(i) {
		b.Null()
		return
	}
	switch v.Type.Lane() {
	case types.LaneBool:
		b.Bool(v.Bools[i])
	case types.LaneInt:
		b.Int(v.Int64s[i])
	case types.LaneWide:
		b.Decimal(v.Wides[i], int(v.Type.Scale))
	case types.LaneFloat:
		b.Float(v.Floats[i])
	default:
		b.String(v.Texts[i])
	}
}

// Put writes a part of a value to row i of a flat vector of its type; false = it is null, and nothing was written. Texts lie within the value.
func Put(v *vector.Vector, i int, x super.Value) bool {
	if x.Kind() == super.Null {
		return false
	}
	switch v.Type.Lane() {
	case types.LaneBool:
		v.Bools[i] = x.Bool()
	case types.LaneInt:
		v.Int64s[i] = x.Int()
	case types.LaneWide:
		v.Wides[i], _ = x.Decimal()
	case types.LaneFloat:
		v.Floats[i] = x.Float()
	default:
		if v.Type.Kind == types.Nested {
			v.Texts[i] = string(x)
		} else {
			v.Texts[i] = x.Text()
		}
	}
	return true
}

// At goes steps into a value, each the number of a field or of an element; null where there is none.
func At(x super.Value, steps []int) super.Value {
	for _, s := range steps {
		var ok bool
		if x, ok = x.Index(s); !ok {
			return super.NullValue
		}
	}
	return x
}
