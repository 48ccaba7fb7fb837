package sortkey

import (
	"math"

	"github.com/redshiftsim/redshiftsim/internal/types"
	"github.com/redshiftsim/redshiftsim/internal/vector"
)

// Heads fills out with a word for each of the n rows of Flat columns, by which rows of different batches are compared first: of two rows, the one with
// the smaller word comes first; rows of one word are compared whole, by CompareRows.
func Heads(columns []*vector.Vector, keys []Key, n int, out []uint64) {
	out = out[:n]
	if len(keys) == 0 {
		clear(out)
		return
	}
	key := &keys[0]
	v := columns[key.Column]
	switch v.Type.Lane() {
	case types.LaneBool:
		for i, x := range v.Bools[:n] {
			out[i] = boolWord(x)
		}
	case types.LaneInt:
		for i, x := range v.Int64s[:n] {
			out[i] = uint64(x) ^ 1<<63
		}
	case types.LaneFloat:
		for i, x := range v.Floats[:n] {
			out[i] = floatWord(x)
		}
	case types.LaneWide:
		for i, x := range v.Wides[:n] {
			out[i], _ = wideWords(v.Type.Kind, x)
		}
	default:
		if v.Type.Kind == types.Super {
			superHeads(v, n, out)
			break
		}
		for i, t := range v.Texts[:n] {
			out[i] = textWord(trimmed(t), 0)
		}
	}
	if key.Desc {
		for i := range out {
			out[i] = ^out[i]
		}
	}
	if v.Nulls == nil {
		return
	}
	null := uint64(math.MaxUint64) // a value may have this word too, and is told from NULL as rows of one word are
	if key.NullsFirst {
		null = 0
	}
	for i := range out {
		if v.Null(i) {
			out[i] = null
		}
	}
}
