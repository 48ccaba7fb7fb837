package sortkey

import (
	"math"

	"github.com/redshiftsim/redshiftsim/internal/types"
	"github.com/redshiftsim/redshiftsim/internal/vector"
)

// Bound is the worst row that the first rows of an order still have: of others, those that cannot come before it by the first key alone need not be
// kept.
type Bound struct {
	key    Key
	prefix uint64
	null   bool
	set    bool
}

// NewBound makes the bound of row i of the columns, Flat vectors.
func NewBound(columns []*vector.Vector, keys []Key, i int) Bound {
	if len(keys) == 0 {
		return Bound{}
	}
	b := Bound{key: keys[0], set: true}
	v := columns[b.key.Column]
	if v.Null(i) {
		b.null = true
		return b
	}
	var e [1]entry
	prefixes(e[:], []uint32{uint32(i)}, v, b.key.Desc)
	b.prefix = e[0].prefix
	return b
}

// Select writes the live rows of a batch that may come before the bound to out, which has room for all, and gives their number.
func (b *Bound) Select(batch *vector.Batch, out []uint16) int {
	sel, n := batch.Sel, batch.Rows()
	if sel == nil {
		sel = vector.Rows[:batch.Len]
	}
	if !b.set {
		return copy(out, sel)
	}
	v := batch.Columns[b.key.Column]
	if v.Form != vector.Flat || v.Type.Lane() != types.LaneInt || v.Nulls != nil || b.null {
		return b.slow(v, sel, out)
	}
	flip := uint64(1 << 63)
	if b.key.Desc {
		flip ^= math.MaxUint64
	}
	k := 0
	for _, r := range sel[:n] {
		out[k] = r
		if uint64(v.Int64s[r])^flip <= b.prefix {
			k++
		}
	}
	return k
}

// slow is Select for any form and lane.
func (b *Bound) slow(v *vector.Vector, sel, out []uint16) int {
	flat := v
	if v.Form != vector.Flat {
		flat = vector.New(v.Type, 0)
		v.Gather(nil, flat)
	}
	k := 0
	var e [1]entry
	for _, r := range sel {
		keep := false
		switch null := flat.Null(int(r)); {
		case null && b.null:
			keep = true
		case null:
			keep = b.key.NullsFirst
		case b.null:
			keep = !b.key.NullsFirst
		default:
			prefixes(e[:], []uint32{uint32(r)}, flat, b.key.Desc)
			keep = e[0].prefix <= b.prefix
		}
		if keep {
			out[k] = r
			k++
		}
	}
	return k
}
