package hashtable

import (
	"math"

	"github.com/redshiftsim/redshiftsim/internal/types"
	"github.com/redshiftsim/redshiftsim/internal/vector"
)

// Missing is the group of a key that is not in the table.
const Missing = math.MaxUint32

// Groups numbers distinct keys from 0 in the order in which they first appear. NULL is a value, equal to itself.
type Groups struct {
	n    int
	keys []Column // by key column: the value of each group; without rows in an index of words, which nobody reads back
	kind groupKind
	read bool // keys are kept for reading

	ints  intTable
	null  uint32   // group+1 of NULL, beside ints; 0 = none
	packs []packed // by key column
	pairs pairTable
	tags  tagTable
}

// groupKind says which table numbers the keys.
type groupKind uint8

// Kinds of groups.
const (
	oneWord groupKind = iota
	twoWords
	packedWords // chosen by pack alone
	anyKeys
)

// NewGroups makes an empty table for keys of the types, at least one.
func NewGroups(ts []types.Type) *Groups {
	g := &Groups{keys: make([]Column, len(ts)), kind: anyKeys, read: true}
	for i, t := range ts {
		g.keys[i].Type = t
	}
	switch {
	case len(ts) == 1 && hasWord(ts[0]):
		g.kind = oneWord
	case len(ts) == 1 && ts[0].Lane() == types.LaneWide, len(ts) == 2 && hasWord(ts[0]) && hasWord(ts[1]):
		g.kind = twoWords
	}
	return g
}

// Len is the number of groups.
func (g *Groups) Len() int { return g.n }

// Columns is the number of key columns.
func (g *Groups) Columns() int { return len(g.keys) }

// Read makes out[i] the key column i of groups [lo,hi), without copying; lo must be a multiple of 64. It is valid until keys are added.
func (g *Groups) Read(lo, hi int, out []*vector.Vector) {
	for i := range g.keys {
		g.keys[i].View(lo, hi, out[i])
	}
}

// Bytes is the memory that the table holds.
func (g *Groups) Bytes() int64 {
	n := g.ints.bytes() + g.pairs.bytes() + g.tags.bytes()
	for i := range g.keys {
		n += g.keys[i].Bytes()
	}
	return n
}

// Lookup is a task's access to a table: its buffers and what it remembers of dictionaries.
type Lookup struct {
	g     *Groups
	words [2][]int64
	fresh []int64  // words that have become groups
	rows  []uint32 // that are Missing
	nulls []uint8
	tag   tagWork
	codes codes
}

// NewLookup makes one. Only one of a table's Lookups may Add, and only while the others rest.
func (g *Groups) NewLookup() *Lookup { return &Lookup{g: g} }

// Add writes the group of each of n live rows (sel as in a batch) to out, which has room for n; keys that are not there become groups.
func (l *Lookup) Add(keys []*vector.Vector, sel []uint16, n int, out []uint32) {
	if n > 0 {
		l.look(keys, sel, out[:n], true)
	}
}

// Find is Add that adds nothing: a key that is not there is Missing. With nullsMatch false that is also a key in which a column is NULL.
// A Lookup remembers what was Missing: it finds in a table that does not grow any more.
func (l *Lookup) Find(keys []*vector.Vector, sel []uint16, n int, nullsMatch bool, out []uint32) {
	if n == 0 {
		return
	}
	out = out[:n]
	l.look(keys, sel, out, false)
	if nullsMatch {
		return
	}
	for _, k := range keys {
		dropNulls(k, sel, out)
	}
}

// look chooses the road: one look for a key that is the same in all rows, codes, or plain values.
func (l *Lookup) look(keys []*vector.Vector, sel []uint16, out []uint32, add bool) {
	same := true
	for _, k := range keys {
		same = same && k.Form == vector.Const
	}
	switch {
	case same:
		l.plain(keys, vector.Rows[:1], 1, out[:1], add)
		for i := range out {
			out[i] = out[0]
		}
	case !l.coded(keys, sel, out, add):
		l.plain(keys, sel, len(out), out, add)
	}
}

// dropNulls makes the group of NULL rows Missing.
func dropNulls(k *vector.Vector, sel []uint16, out []uint32) {
	if k.Nulls == nil {
		return
	}
	if k.Form == vector.Const && !k.Null(0) {
		return
	}
	for i := range out {
		if k.Null(row(sel, i)) {
			out[i] = Missing
		}
	}
}

// plain is the road without codes.
func (l *Lookup) plain(keys []*vector.Vector, sel []uint16, n int, out []uint32, add bool) {
	switch l.g.kind {
	case oneWord:
		l.oneWord(keys[0], sel, n, out, add)
	case twoWords:
		l.twoWords(keys, sel, n, out, add)
	case packedWords:
		l.packed(keys, sel, n, out, add)
	default:
		l.tagged(keys, sel, n, out, add)
	}
}

// oneWord is the road of one key that is a word.
func (l *Lookup) oneWord(v *vector.Vector, sel []uint16, n int, out []uint32, add bool) {
	g := l.g
	t := &g.ints
	var missing bool
	var ws []int64
	switch {
	case v.Form == vector.Narrow && t.direct != nil:
		missing = t.narrow(v, sel, out)
	default:
		ws = words(v, sel, n, &l.words[0])
		missing = t.findWords(ws, out)
	}
	if v.Nulls != nil && (v.Form != vector.Const || v.Null(0)) {
		for i := range out {
			if v.Null(row(sel, i)) {
				if add && g.null == 0 {
					g.null = g.found(0)
					if g.read {
						g.keys[0].setNull(g.keys[0].Len - 1)
					}
				}
				out[i] = g.null - 1
			}
		}
	}
	if missing && add {
		if ws == nil {
			ws = words(v, sel, n, &l.words[0])
		}
		l.addWords(ws, out)
	}
}

// narrow finds narrow codes in a direct array.
func (t *intTable) narrow(v *vector.Vector, sel []uint16, out []uint32) bool {
	switch {
	case v.U8 != nil:
		if off := uint64(v.Base) - uint64(t.origin); sel == nil && off+256 <= uint64(len(t.direct)) && off < off+256 {
			return findBytes((*[256]uint32)(t.direct[off:off+256]), v.U8, out)
		}
		return findCodes(t, v.U8, v.Base, sel, out)
	case v.U16 != nil:
		return findCodes(t, v.U16, v.Base, sel, out)
	}
	return findCodes(t, v.U32, v.Base, sel, out)
}

// addWords adds the words of the rows that are Missing. Those of NULLs are not: NULL has a group by now.
func (l *Lookup) addWords(ws []int64, out []uint32) {
	g := l.g
	t := &g.ints
	rows, k := room(&l.rows, len(out)), 0
	for i, x := range out {
		rows[k] = uint32(i)
		k += int(x >> 31) // of Missing alone
	}
	if rows = rows[:k]; k == 0 {
		return
	}
	lo, hi := ws[rows[0]], ws[rows[0]]
	for _, i := range rows {
		lo, hi = min(lo, ws[i]), max(hi, ws[i])
	}
	t.prepare(lo, hi, len(ws))
	if !g.read { // nobody asks which words are new
		g.n += t.addAll(ws, rows, out, uint32(g.n), nil)
		return
	}
	fresh := room(&l.fresh, k)
	n := t.addAll(ws, rows, out, uint32(g.n), fresh)
	g.n += n
	g.keys[0].appendWords(fresh[:n])
}

// found makes a group of one word; it gives its number + 1.
func (g *Groups) found(w int64) uint32 {
	if g.read {
		g.keys[0].appendWord(w)
	}
	g.n++
	return uint32(g.n)
}

// twoWords is the road of two words or of one key of the wide lane.
func (l *Lookup) twoWords(keys []*vector.Vector, sel []uint16, n int, out []uint32, add bool) {
	g := l.g
	var a, b []int64
	if len(keys) == 1 {
		a, b = room(&l.words[0], n), room(&l.words[1], n)
		wide := keys[0].Wides
		if keys[0].Form == vector.Dict {
			wide = keys[0].Dict.Wides
		}
		for i := range a {
			a[i], b[i] = 0, 0
			if k := place(keys[0], sel, i); k < len(wide) {
				a[i], b[i] = wide[k].Hi, int64(wide[k].Lo)
			}
		}
	} else {
		a, b = words(keys[0], sel, n, &l.words[0]), words(keys[1], sel, n, &l.words[1])
	}
	nulls, a, b := l.pairNulls(keys, sel, n, a, b)
	if !g.pairs.find(a, b, nulls, out) || !add {
		return
	}
	for i := range out {
		if out[i] != Missing {
			continue
		}
		var null uint32
		if nulls != nil {
			null = uint32(nulls[i])
		}
		group, fresh := g.pairs.add(a[i], b[i], null, uint32(g.n))
		if fresh {
			g.n++
			if g.read {
				g.keepPair(a[i], b[i], null)
			}
		}
		out[i] = group
	}
}

// pairNulls gives the NULL bits of keys of two words, nil when there are none, and the words with 0 where they are NULL.
func (l *Lookup) pairNulls(keys []*vector.Vector, sel []uint16, n int, a, b []int64) (nulls []uint8, a2, b2 []int64) {
	for k, v := range keys {
		if v.Nulls == nil {
			continue
		}
		if nulls == nil {
			nulls = room(&l.nulls, n)
			clear(nulls)
		}
		for i := range nulls {
			if v.Null(row(sel, i)) {
				nulls[i] |= 1 << k
			}
		}
	}
	if nulls == nil {
		return nil, a, b
	}
	own := func(ws []int64, buf *[]int64) []int64 { // the words may be somebody's column
		to := room(buf, n)
		copy(to, ws)
		return to
	}
	a, b = own(a, &l.words[0]), own(b, &l.words[1])
	for i, null := range nulls {
		if null&1 != 0 {
			a[i] = 0
			if len(keys) == 1 {
				b[i] = 0
			}
		}
		if null&2 != 0 {
			b[i] = 0
		}
	}
	return nulls, a, b
}

// keepPair adds the key of a new group to the key columns.
func (g *Groups) keepPair(a, b int64, nulls uint32) {
	if len(g.keys) == 1 {
		c := &g.keys[0]
		c.grow(1)
		*last(c.Wides) = types.Int128{Hi: a, Lo: uint64(b)}
	} else {
		g.keys[0].appendWord(a)
		g.keys[1].appendWord(b)
	}
	for i := range g.keys {
		if nulls>>i&1 != 0 {
			g.keys[i].setNull(g.keys[i].Len - 1)
		}
	}
}
