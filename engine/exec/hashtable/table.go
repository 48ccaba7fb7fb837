package hashtable

import (
	"slices"
	"sync"
	"sync/atomic"

	"github.com/redshiftsim/redshiftsim/internal/types"
	"github.com/redshiftsim/redshiftsim/internal/vector"
)

// Table holds rows and finds them by key. It is filled by one task or by several that are joined, then sealed; from then on it is read-only but for the
// marks, and any number of tasks may probe it.
type Table struct {
	Columns []Column
	keys    []int
	n       int

	groups *Groups  // of the keys; nil = no keys
	merged *merged  // the keys in order, in the place of groups; nil = there is none
	starts []uint32 // by group, and one more: where its rows begin in order; nil = no key is there twice
	order  []uint32 // rows by group; nil = row r is group r
	marks  []uint32 // a bit a row, set when a probe met it; nil until KeepMarks
	once   sync.Once
	bounds []bounds // by key
}

// bounds are the least and the greatest of a key's values, where these are of the int lane.
type bounds struct {
	lo, hi types.Datum
	ok     bool // they are known
	some   bool // there is a value
	null   bool // there is a NULL
}

// NewTable makes an empty table of rows of the types; keys are columns, none for a table that is only walked through.
func NewTable(ts []types.Type, keys []int) *Table {
	t := &Table{Columns: make([]Column, len(ts)), keys: keys}
	for i, typ := range ts {
		t.Columns[i].Type = typ
	}
	return t
}

// Rows is the number of rows.
func (t *Table) Rows() int { return t.n }

// Append adds the live rows of a batch.
func (t *Table) Append(b *vector.Batch) {
	n := b.Rows()
	for i := range t.Columns {
		t.Columns[i].Append(b.Columns[i], b.Sel, n)
	}
	t.n += n
}

// Join adds the rows of o, a table of the same columns that is not used any more.
func (t *Table) Join(o *Table) {
	if t.n < o.n { // the smaller one moves
		t.Columns, o.Columns = o.Columns, t.Columns
		t.n, o.n = o.n, t.n
	}
	for i := range t.Columns {
		t.Columns[i].Take(&o.Columns[i])
	}
	t.n += o.n
	o.Columns, o.n = nil, 0
}

// Extend adds copies of the rows of o, a table of the same columns.
func (t *Table) Extend(o *Table) {
	for i := range t.Columns {
		t.Columns[i].AppendColumn(&o.Columns[i])
	}
	t.n += o.n
}

// Seal ends the filling: it numbers the keys and sorts the rows by them.
func (t *Table) Seal() { t.SealUntil(nil) }

// SealUntil is Seal that gives up soon after stop, which it asks before each batch of rows, has said true; the table is then of no use.
func (t *Table) SealUntil(stop func() bool) {
	if len(t.keys) == 0 {
		return
	}
	if stop == nil {
		stop = never
	}
	ts := make([]types.Type, len(t.keys))
	t.bounds = make([]bounds, len(t.keys))
	for i, k := range t.keys {
		if stop() {
			return
		}
		ts[i] = t.Columns[k].Type
		t.bounds[i] = t.Columns[k].bounds()
	}
	g := NewGroups(ts)
	g.Until(stop)
	t.groups = g
	if g.kind != anyKeys {
		g.read = false // the slots know the words
	}
	if n, ok := g.pack(t.bounds); ok {
		g.ints.reserve(0, n-1, t.n)
	}
	switch b := &t.bounds[0]; g.kind {
	case oneWord:
		if ts[0].Lane() == types.LaneInt && b.some {
			g.ints.reserve(b.lo.Int, b.hi.Int, t.n)
		}
	case twoWords:
		g.pairs.resize(t.n)
	case anyKeys:
		g.tags.reserve(t.n)
	}
	l := g.NewLookup()
	group := make([]uint32, t.n)
	vecs, keys := make([]vector.Vector, len(t.keys)), make([]*vector.Vector, len(t.keys))
	for lo := 0; lo < t.n; lo += vector.Size {
		if stop() {
			return
		}
		hi := min(lo+vector.Size, t.n)
		for i, k := range t.keys {
			t.Columns[k].View(lo, hi, &vecs[i])
			keys[i] = &vecs[i]
		}
		l.Add(keys, nil, hi-lo, group[lo:hi])
	}
	for r, x := range group {
		if int(x) != r { // a key came twice, or NULL or a collision got its number out of turn
			t.sort(group, stop)
			break
		}
	}
	if g.n == t.n {
		t.starts = nil
	}
}

// never does not stop.
func never() bool { return false }

// stretch is the number of rows that a pass of SealUntil looks at before it asks again: less than a millisecond of work.
const stretch = 1 << 15

// sort lists the rows group by group, in the order in which they came, until stop says true.
func (t *Table) sort(group []uint32, stop func() bool) {
	starts := make([]uint32, t.groups.n+2)
	for part := range slices.Chunk(group, stretch) {
		if stop() {
			return
		}
		for _, g := range part {
			starts[g+2]++
		}
	}
	for i := 2; i < len(starts); i++ {
		starts[i] += starts[i-1]
	}
	order := make([]uint32, t.n)
	r := uint32(0)
	for part := range slices.Chunk(group, stretch) {
		if stop() {
			return
		}
		for _, g := range part { // starts[g+1] moves from the group's begin to its end, the next one's begin
			order[starts[g+1]] = r
			starts[g+1]++
			r++
		}
	}
	t.starts, t.order = starts[:t.groups.n+1], order
}

// bounds finds the least and the greatest value of the int lane; of others nobody asks for them.
func (c *Column) bounds() bounds {
	b := bounds{ok: true, null: c.Nulls != nil}
	lo, hi := types.Datum{Type: c.Type}, types.Datum{Type: c.Type}
	if c.Type.Lane() == types.LaneInt {
		lo.Int, hi.Int, b.some = limits(c)
	} else {
		b.ok = false
		for i := 0; i < c.Len && !b.some; i++ {
			b.some = !c.Null(i)
		}
	}
	b.lo, b.hi = lo, hi
	return b
}

// limits gives the least and the greatest integer.
func limits(c *Column) (lo, hi int64, some bool) {
	at := 0
	for _, chunk := range c.Int64s {
		for i, x := range chunk {
			switch {
			case c.Nulls != nil && c.Null(at+i):
			case !some:
				lo, hi, some = x, x, true
			default:
				lo, hi = min(lo, x), max(hi, x)
			}
		}
		at += len(chunk)
	}
	return lo, hi, some
}

// Bounds gives the least and the greatest value of column c; those of keys are known already. some is false when no row has one; ok is false when they are
// not known.
func (t *Table) Bounds(c int) (lo, hi types.Datum, some, ok bool) {
	for i, k := range t.keys {
		if b := t.bounds; k == c && i < len(b) {
			return b[i].lo, b[i].hi, b[i].some, b[i].ok && b[i].some
		}
	}
	b := t.Columns[c].bounds()
	return b.lo, b.hi, b.some, b.ok && b.some
}

// HasNullKey says whether a key column of some row is NULL.
func (t *Table) HasNullKey() bool {
	for i := range t.bounds {
		if t.bounds[i].null {
			return true
		}
	}
	return false
}

// Unique says that no two rows have the same key.
func (t *Table) Unique() bool { return t.starts == nil }

// KeepMarks makes room for marks, once. Several tasks may call it at once.
func (t *Table) KeepMarks() {
	t.once.Do(func() { t.marks = make([]uint32, (t.n+31)/32) })
}

// Mark notes that a probe met the rows. Several tasks may do so at once.
func (t *Table) Mark(rows []uint32) {
	for _, r := range rows {
		w, bit := &t.marks[r>>5], uint32(1)<<(r&31)
		if atomic.LoadUint32(w)&bit == 0 {
			atomic.OrUint32(w, bit)
		}
	}
}

// Unmarked writes rows that no probe met, from row `from` on, until rows is full; next is where to go on, Rows at the end.
func (t *Table) Unmarked(from int, rows []uint32) (n, next int) {
	for from < t.n && n < len(rows) {
		if from&31 == 0 && t.marks[from>>5] == allMarked {
			from += 32
			continue
		}
		if t.marks[from>>5]>>(from&31)&1 == 0 {
			rows[n] = uint32(from)
			n++
		}
		from++
	}
	return n, min(from, t.n)
}

// allMarked is a word of marks in which all are set.
const allMarked = 1<<32 - 1

// Bytes is the memory that the table holds.
func (t *Table) Bytes() int64 {
	n := int64(cap(t.starts)+cap(t.order)+cap(t.marks)) * 4
	for i := range t.Columns {
		n += t.Columns[i].Bytes()
	}
	if t.groups != nil {
		n += t.groups.Bytes()
	}
	if t.merged != nil {
		n += 4 * int64(cap(t.merged.first))
		if t.merged.first != nil { // else the keys are the column's
			n += 8 * int64(t.merged.n)
		}
	}
	return n
}
