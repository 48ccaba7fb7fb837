package hashtable

import (
	"math/bits"

	"github.com/redshiftsim/redshiftsim/internal/types"
	"github.com/redshiftsim/redshiftsim/internal/vector"
)

// Several integers whose bounds are known are one word, by which an intTable numbers them: a third of the memory that the pairs themselves would take, or a
// direct array.
//
//	custkey 1..150000, nationkey 0..24      word = (custkey - 1) + 150001 * nationkey
//
// A value out of its bounds is one beyond the greatest: the table has no such key.

// packed is how a key column goes into the word.
type packed struct {
	lo     int64
	last   uint64 // the place of values out of bounds
	factor uint64
}

// packedMost bounds the words.
const packedMost = 1 << 62

// pack makes a table without keys one of words, if its key columns are integers within the bounds and the words are not too many; none may be NULL. nobody
// reads the keys back. words is the number that there may be.
func (g *Groups) pack(bs []bounds) (words int64, ok bool) {
	if len(bs) < 2 {
		return 0, false
	}
	ps, factor := make([]packed, len(bs)), uint64(1)
	for i, b := range bs {
		if g.keys[i].Type.Lane() != types.LaneInt || !b.some || b.null {
			return 0, false
		}
		last := width(b.lo.Int, b.hi.Int)
		ps[i] = packed{lo: b.lo.Int, last: last, factor: factor}
		hi, lo := bits.Mul64(factor, last+1)
		if hi != 0 || lo > packedMost || last+1 == 0 {
			return 0, false
		}
		factor = lo
	}
	g.kind, g.packs, g.read = packedWords, ps, false
	return int64(factor), true
}

// packed is the road of several integers that are one word.
func (l *Lookup) packed(keys []*vector.Vector, sel []uint16, n int, out []uint32, add bool) {
	ws := room(&l.words[0], n)
	clear(ws)
	for i, k := range keys {
		p := l.g.packs[i]
		part := words(k, sel, n, &l.words[1])[:len(ws)]
		for j, w := range part {
			ws[j] += int64(min(uint64(w)-uint64(p.lo), p.last) * p.factor)
		}
	}
	missing := l.g.ints.findWords(ws, out)
	for _, k := range keys {
		dropNulls(k, sel, out)
	}
	if missing && add {
		l.addWords(ws, out)
	}
}
