package sortkey

import (
	"github.com/redshiftsim/redshiftsim/internal/super"
	"github.com/redshiftsim/redshiftsim/internal/types"
	"github.com/redshiftsim/redshiftsim/internal/vector"
)

// compareTexts orders two values of the text lane.
func compareTexts(kind types.Kind, a, b string) int {
	if kind == types.Super {
		return super.Compare(super.Value(a), super.Value(b))
	}
	return types.CompareText(a, b)
}

// equalTexts says whether two values of the text lane are equal.
func equalTexts(kind types.Kind, a, b string) bool {
	if kind == types.Super {
		return super.Equal(super.Value(a), super.Value(b))
	}
	return types.EqualText(a, b)
}

// orderly gives the columns with keys in the place of the SUPER columns that rows are ordered by: texts whose bytes order as the values do.
func orderly(columns []*vector.Long, keys []Key, n int) []*vector.Long {
	own := columns
	for _, k := range keys {
		v := own[k.Column]
		if v.Type.Kind != types.Super {
			continue
		}
		if &own[0] == &columns[0] {
			own = append([]*vector.Long(nil), columns...)
		}
		own[k.Column] = superKeys(v, n)
	}
	return own
}

// superKeys makes the keys of n rows of SUPER values. Keys of a chunk share an allocation.
func superKeys(v *vector.Long, n int) *vector.Long {
	out := &vector.Long{Type: types.Type{Kind: types.Text}, Len: n, Nulls: v.Nulls}
	var buf []byte
	ends := make([]int, min(n, vector.ChunkRows))
	for lo := 0; lo < n; lo += vector.ChunkRows {
		hi := min(n, lo+vector.ChunkRows)
		buf = buf[:0]
		for i := lo; i < hi; i++ {
			if !v.Null(i) {
				buf = super.AppendKey(buf, super.Value(vector.At(v.Texts, i)))
			}
			ends[i-lo] = len(buf)
		}
		text, at, chunk := string(buf), 0, make([]string, hi-lo)
		for i := range chunk {
			chunk[i], at = text[at:ends[i]], ends[i]
		}
		out.Texts = append(out.Texts, chunk)
	}
	return out
}

// superHeads is Heads of a SUPER column: the first bytes of the keys.
func superHeads(v *vector.Vector, n int, out []uint64) {
	var room [64]byte
	for i, t := range v.Texts[:n] {
		out[i] = 0
		if !v.Null(i) {
			out[i] = textWord(string(super.AppendKey(room[:0], super.Value(t))), 0)
		}
	}
}
