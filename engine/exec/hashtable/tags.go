package hashtable

import (
	"math/bits"

	"github.com/redshiftsim/redshiftsim/internal/super"
	"github.com/redshiftsim/redshiftsim/internal/types"
	"github.com/redshiftsim/redshiftsim/internal/vector"
)

// tagTable numbers keys of any kind. A slot is the upper half of the key's hash and its group + 1; 0 = empty. Keys whose halves agree are compared
// column by column with the groups' keys, all such rows of a batch at once.
type tagTable struct {
	slots []uint64
	shift uint // 32 - log2(len(slots)): a slot's place comes from its tag, so a table grows without its keys
	until Until
}

// reserve makes the slots at least twice as many as n keys.
func (t *tagTable) reserve(n int) {
	if 2*n <= len(t.slots) {
		return
	}
	old := t.slots
	log := min(max(4, bits.Len(uint(2*n-1))), 31)
	t.slots, t.shift = make([]uint64, 1<<log), uint(32-log)
	mask := uint32(len(t.slots) - 1)
	t.until.pieces(len(old), func(lo, hi int) {
		for _, s := range old[lo:hi] {
			if s == 0 {
				continue
			}
			p := uint32(s>>32) >> t.shift
			for t.slots[p&mask] != 0 {
				p++
			}
			t.slots[p&mask] = s
		}
	})
}

// bytes is what the table holds.
func (t *tagTable) bytes() int64 { return int64(cap(t.slots)) * 8 }

// tagWork is a task's room for lookups.
type tagWork struct {
	hashes  []uint64
	pos     []uint32
	pending []uint16 // rows that have not met their group yet
	check   []uint16 // rows that met a group of their tag
	fresh   []uint16 // rows that founded a group
	rest    []uint16 // of those, the ones without NULLs
	differ  []bool
	flat    []vector.Vector
	cols    []*vector.Vector
}

// tagged is the road of keys of any kind. With add, keys that are not there become groups; else they are Missing.
func (l *Lookup) tagged(keys []*vector.Vector, sel []uint16, n int, out []uint32, add bool) {
	g, w, t := l.g, &l.tag, &l.g.tags
	if add {
		t.reserve(g.n + n)
	}
	out = out[:n]
	if len(t.slots) == 0 {
		for i := range out {
			out[i] = Missing
		}
		return
	}
	hashes := room(&w.hashes, n)
	var seed []uint64
	for _, k := range keys {
		vector.Hash(k, sel, seed, hashes)
		seed = hashes
	}
	l.taggedHashed(keys, sel, n, out, add)
}

// taggedHashed is tagged from the hashes on.
func (l *Lookup) taggedHashed(keys []*vector.Vector, sel []uint16, n int, out []uint32, add bool) {
	g, w, t := l.g, &l.tag, &l.g.tags
	hashes := w.hashes[:n]
	cols := w.dense(keys, sel, n)
	pos := room(&w.pos, n)
	shift, mask := t.shift, uint32(len(t.slots)-1)
	for i := range pos {
		pos[i] = uint32(hashes[i]>>32) >> shift
	}
	differ := room(&w.differ, n)
	check, fresh := room(&w.check, n), room(&w.fresh, n)
	pending := append(w.pending[:0], vector.Rows[:n]...)
	for len(pending) > 0 {
		checks, founders := 0, 0
		for _, r := range pending {
			tag, p := hashes[r]>>32, pos[r]
			for {
				s := t.slots[p&mask]
				if s == 0 {
					out[r] = Missing
					if add {
						t.slots[p&mask] = tag<<32 | uint64(g.n+1)
						out[r] = uint32(g.n)
						g.n++
						fresh[founders] = r
						founders++
					}
					break
				}
				if s>>32 == tag {
					out[r], pos[r] = uint32(s)-1, p
					check[checks] = r
					checks++
					break
				}
				p++
			}
		}
		if founders > 0 {
			for i, v := range cols {
				g.keys[i].Append(v, fresh[:founders], founders)
			}
		}
		for _, r := range check[:checks] {
			differ[r] = false
		}
		for i, v := range cols {
			k := &g.keys[i]
			k.compare(v, k.withoutNulls(v, check[:checks], out, differ, &w.rest), out, differ)
		}
		pending = pending[:0]
		for _, r := range check[:checks] {
			if differ[r] {
				pos[r]++
				pending = append(pending, r)
			}
		}
	}
	w.pending = pending
}

// dense brings the keys to Flat or Const form without selection.
func (w *tagWork) dense(keys []*vector.Vector, sel []uint16, n int) []*vector.Vector {
	if len(w.flat) < len(keys) {
		w.flat, w.cols = make([]vector.Vector, len(keys)), make([]*vector.Vector, len(keys))
	}
	for i, k := range keys {
		if k.Form == vector.Const || k.Form == vector.Flat && sel == nil {
			w.cols[i] = k
			continue
		}
		w.flat[i].Type = k.Type
		k.Gather(sel, &w.flat[i])
		w.cols[i] = &w.flat[i]
	}
	return w.cols[:len(keys)]
}

// compare sets differ for the rows listed of v, Flat or Const, that are not the column's row groups[row]; no NULL is among them.
func (c *Column) compare(v *vector.Vector, rows []uint16, groups []uint32, differ []bool) {
	if v.Form == vector.Const {
		c.compareConst(v, rows, groups, differ)
		return
	}
	switch c.Type.Lane() {
	case types.LaneBool:
		unequal(c.Bools, v.Bools, rows, groups, differ)
	case types.LaneInt:
		unequal(c.Int64s, v.Int64s, rows, groups, differ)
	case types.LaneWide:
		unequal(c.Wides, v.Wides, rows, groups, differ)
	case types.LaneFloat:
		for _, r := range rows {
			if x, y := vector.At(c.Floats, int(groups[r])), v.Floats[r]; x != y && (x == x || y == y) {
				differ[r] = true
			}
		}
	default:
		if c.Type.Kind == types.Varbyte {
			unequal(c.Texts, v.Texts, rows, groups, differ)
			break
		}
		if c.Type.Kind == types.Super {
			for _, r := range rows {
				if !super.Equal(super.Value(vector.At(c.Texts, int(groups[r]))), super.Value(v.Texts[r])) {
					differ[r] = true
				}
			}
			break
		}
		for _, r := range rows {
			if !types.EqualText(vector.At(c.Texts, int(groups[r])), v.Texts[r]) {
				differ[r] = true
			}
		}
	}
}

// withoutNulls settles the rows in which a NULL meets something, and gives the others.
func (c *Column) withoutNulls(v *vector.Vector, rows []uint16, groups []uint32, differ []bool, buf *[]uint16) []uint16 {
	if c.Nulls == nil && v.Nulls == nil {
		return rows
	}
	rest := room(buf, len(rows))[:0]
	for _, r := range rows {
		x, y := c.Null(int(groups[r])), v.Null(int(r))
		switch {
		case !x && !y:
			rest = append(rest, r)
		case x != y:
			differ[r] = true
		}
	}
	return rest
}

// unequal compares values that are equal when their bits are. A row that differs already stays so.
func unequal[T comparable](keys [][]T, vals []T, rows []uint16, groups []uint32, differ []bool) {
	for _, r := range rows {
		if g := groups[r]; keys[g>>vector.ChunkBits][g&vector.ChunkMask] != vals[r] {
			differ[r] = true
		}
	}
}

// compareConst is compare with one value for all rows.
func (c *Column) compareConst(v *vector.Vector, rows []uint16, groups []uint32, differ []bool) {
	if len(rows) == 0 { // perhaps because it is NULL
		return
	}
	d := v.Get(0)
	for _, r := range rows {
		if !c.equals(int(groups[r]), &d) {
			differ[r] = true
		}
	}
}

// equals says whether row i, which is not NULL, is d.
func (c *Column) equals(i int, d *types.Datum) bool {
	switch c.Type.Lane() {
	case types.LaneBool:
		return vector.At(c.Bools, i) == d.Bool
	case types.LaneInt:
		return vector.At(c.Int64s, i) == d.Int
	case types.LaneWide:
		return vector.At(c.Wides, i) == d.Wide
	case types.LaneFloat:
		return floatWord(vector.At(c.Floats, i)) == floatWord(d.Float)
	}
	if c.Type.Kind == types.Varbyte {
		return vector.At(c.Texts, i) == d.Text
	}
	if c.Type.Kind == types.Super {
		return super.Equal(super.Value(vector.At(c.Texts, i)), super.Value(d.Text))
	}
	return types.EqualText(vector.At(c.Texts, i), d.Text)
}
