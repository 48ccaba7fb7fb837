package hashtable

import (
	"math"

	"github.com/redshiftsim/redshiftsim/internal/types"
	"github.com/redshiftsim/redshiftsim/internal/vector"
)

// A word is a key of the lanes bool, int or float as 64 bits that are equal exactly when the values are.

// hasWord says whether keys of the type are words.
func hasWord(t types.Type) bool {
	switch t.Lane() {
	case types.LaneBool, types.LaneInt, types.LaneFloat:
		return true
	}
	return false
}

// words gives the words of n live rows, dense: the vector's own memory where that is possible, else buf's. Those of NULL rows are anything.
func words(v *vector.Vector, sel []uint16, n int, buf *[]int64) []int64 {
	lane := v.Type.Lane()
	if lane == types.LaneInt && v.Form == vector.Flat && sel == nil {
		return v.Int64s[:n]
	}
	out := room(buf, n)
	if v.Form == vector.Const && v.Null(0) { // its lane may be empty
		clear(out)
		return out
	}
	switch lane {
	case types.LaneInt:
		to := vector.Vector{Type: v.Type, Int64s: out}
		bare := *v
		bare.Nulls, bare.Len = nil, n
		bare.Gather(sel, &to)
	case types.LaneBool:
		flags := v.Bools
		if v.Form == vector.Dict {
			flags = v.Dict.Bools
		}
		for i := range out {
			out[i] = 0
			if k := place(v, sel, i); k < len(flags) && flags[k] {
				out[i] = 1
			}
		}
	default:
		floats := v.Floats
		if v.Form == vector.Dict {
			floats = v.Dict.Floats
		}
		for i := range out {
			out[i] = 0
			if k := place(v, sel, i); k < len(floats) {
				out[i] = floatWord(floats[k])
			}
		}
	}
	return out
}

// place is where live row i's value lies in its lane: the vector's, or its dictionary's.
func place(v *vector.Vector, sel []uint16, i int) int {
	switch v.Form {
	case vector.Const:
		return 0
	case vector.Dict:
		return int(v.Code(row(sel, i)))
	}
	return row(sel, i)
}

// floatWord makes -0 and 0, and all NaNs, one word.
func floatWord(x float64) int64 {
	if x == 0 {
		return 0
	}
	if x != x {
		return 0x7ff8000000000001
	}
	return int64(math.Float64bits(x))
}

// appendWord adds a word to a column as the value that it stands for.
func (c *Column) appendWord(w int64) {
	c.grow(1)
	switch c.Type.Lane() {
	case types.LaneBool:
		*last(c.Bools) = w != 0
	case types.LaneInt:
		*last(c.Int64s) = w
	default:
		*last(c.Floats) = math.Float64frombits(uint64(w))
	}
}

// appendWords adds rows of words.
func (c *Column) appendWords(ws []int64) {
	if c.Type.Lane() == types.LaneInt {
		c.Append(&vector.Vector{Type: c.Type, Len: len(ws), Int64s: ws}, nil, len(ws))
		return
	}
	for _, w := range ws {
		c.appendWord(w)
	}
}

// last is the last element of a lane.
func last[T any](chunks [][]T) *T {
	chunk := chunks[len(chunks)-1]
	return &chunk[len(chunk)-1]
}

// room gives a buffer of n elements.
func room[T any](buf *[]T, n int) []T {
	if cap(*buf) < n {
		*buf = make([]T, max(n, min(vector.Size, 2*n+16)))
	}
	return (*buf)[:n]
}
