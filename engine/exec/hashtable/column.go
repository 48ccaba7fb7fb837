package hashtable

import (
	"unsafe"

	"github.com/redshiftsim/redshiftsim/internal/types"
	"github.com/redshiftsim/redshiftsim/internal/vector"
)

// Column holds the values of many rows in one piece: the lane of its type, and a bitmap of NULLs when there are any.
type Column struct {
	Type  types.Type
	n     int
	nulls []uint64 // nil = none; else (n+63)/64 words

	bools  []bool
	ints   []int64
	wides  []types.Int128
	floats []float64
	texts  []string
	text   int64 // bytes of texts
	until  Until
}

// Null says whether row i is NULL.
func (c *Column) Null(i int) bool { return c.nulls != nil && c.nulls[i>>6]>>(uint(i)&63)&1 != 0 }

// Append adds the n live rows of v; sel as in a batch.
func (c *Column) Append(v *vector.Vector, sel []uint16, n int) {
	at := c.n
	c.grow(n)
	if v.Form == vector.Const && v.Null(0) { // its lane may be empty
		for i := at; i < c.n; i++ {
			c.setNull(i)
		}
		return
	}
	end := c.part(at, c.n)
	bare := *v
	bare.Nulls, bare.Len = nil, n
	bare.Gather(sel, &end)
	if c.Type.Lane() == types.LaneText {
		for _, s := range end.Texts {
			c.text += int64(len(s))
		}
	}
	if v.Nulls == nil || v.Form == vector.Const {
		return
	}
	for i := range n {
		if r := row(sel, i); v.Nulls[r>>6]>>(uint(r)&63)&1 != 0 {
			c.setNull(at + i)
		}
	}
}

// AppendColumn adds all rows of o, a column of the same lane.
func (c *Column) AppendColumn(o *Column) {
	at := c.n
	c.grow(o.n)
	switch c.Type.Lane() {
	case types.LaneBool:
		move(c.bools[at:], o.bools, c.until)
	case types.LaneInt:
		move(c.ints[at:], o.ints, c.until)
	case types.LaneWide:
		move(c.wides[at:], o.wides, c.until)
	case types.LaneFloat:
		move(c.floats[at:], o.floats, c.until)
	default:
		move(c.texts[at:], o.texts, c.until)
	}
	c.text += o.text
	if o.nulls == nil {
		return
	}
	for i := range o.n {
		if o.Null(i) {
			c.setNull(at + i)
		}
	}
}

// grow makes room for n more rows; a lane that must move at least doubles.
func (c *Column) grow(n int) {
	c.n += n
	switch c.Type.Lane() {
	case types.LaneBool:
		c.bools = extend(c.bools, c.n, c.until)
	case types.LaneInt:
		c.ints = extend(c.ints, c.n, c.until)
	case types.LaneWide:
		c.wides = extend(c.wides, c.n, c.until)
	case types.LaneFloat:
		c.floats = extend(c.floats, c.n, c.until)
	default:
		c.texts = extend(c.texts, c.n, c.until)
	}
	if c.nulls != nil {
		c.nulls = extend(c.nulls, (c.n+63)/64, c.until)
	}
}

// extend gives s the length n; a lane never shrinks, so what is new is zero.
func extend[T any](s []T, n int, u Until) []T {
	if n <= cap(s) {
		return s[:n]
	}
	t := make([]T, n, max(n, 2*cap(s), 16))
	move(t, s, u)
	return t
}

// setNull marks row i NULL.
func (c *Column) setNull(i int) {
	if c.nulls == nil {
		c.nulls = make([]uint64, (c.n+63)/64)
	}
	c.nulls[i>>6] |= 1 << (uint(i) & 63)
}

// part is rows [lo,hi) as a Flat vector over the column's own memory, without its NULLs.
func (c *Column) part(lo, hi int) vector.Vector {
	v := vector.Vector{Type: c.Type, Len: hi - lo}
	switch c.Type.Lane() {
	case types.LaneBool:
		v.Bools = c.bools[lo:hi:hi]
	case types.LaneInt:
		v.Int64s = c.ints[lo:hi:hi]
	case types.LaneWide:
		v.Wides = c.wides[lo:hi:hi]
	case types.LaneFloat:
		v.Floats = c.floats[lo:hi:hi]
	default:
		v.Texts = c.texts[lo:hi:hi]
	}
	return v
}

// View makes out rows [lo,hi) without copying them; lo must be a multiple of 64. The rows must not be written to while out is in use.
func (c *Column) View(lo, hi int, out *vector.Vector) {
	*out = c.part(lo, hi)
	if c.nulls != nil {
		out.Nulls = c.nulls[lo>>6 : (hi+63)>>6]
	}
}

// Value makes out a Const of n rows that all hold row i.
func (c *Column) Value(i, n int, out *vector.Vector) {
	*out = c.part(i, i+1)
	out.Form, out.Len = vector.Const, n
	if c.Null(i) {
		out.SetNull(0)
	}
}

// Gather fills out, Flat, with the rows listed. out must be of the column's lane.
func (c *Column) Gather(rows []uint32, out *vector.Vector) {
	n := len(rows)
	out.Reset(n)
	switch c.Type.Lane() {
	case types.LaneBool:
		gather(out.Bools, c.bools, rows)
	case types.LaneInt:
		gather(out.Int64s, c.ints, rows)
	case types.LaneWide:
		gather(out.Wides, c.wides, rows)
	case types.LaneFloat:
		gather(out.Floats, c.floats, rows)
	default:
		gather(out.Texts, c.texts, rows)
	}
	if c.nulls == nil {
		return
	}
	for i, r := range rows {
		if c.nulls[r>>6]>>(r&63)&1 != 0 {
			out.SetNull(i)
		}
	}
}

// Scatter makes out a Flat vector of n rows in which row at[i] is the column's row rows[i]; the other rows hold anything and are not NULL.
func (c *Column) Scatter(rows []uint32, at []uint16, n int, out *vector.Vector) {
	out.Reset(n)
	switch c.Type.Lane() {
	case types.LaneBool:
		scatter(out.Bools, c.bools, rows, at)
	case types.LaneInt:
		scatter(out.Int64s, c.ints, rows, at)
	case types.LaneWide:
		scatter(out.Wides, c.wides, rows, at)
	case types.LaneFloat:
		scatter(out.Floats, c.floats, rows, at)
	default:
		scatter(out.Texts, c.texts, rows, at)
	}
	if c.nulls == nil {
		return
	}
	for i, r := range rows {
		if c.nulls[r>>6]>>(r&63)&1 != 0 {
			out.SetNull(int(at[i]))
		}
	}
}

// gather copies the elements listed.
func gather[T any](dst, src []T, rows []uint32) {
	dst = dst[:len(rows)]
	for i, r := range rows {
		dst[i] = src[r]
	}
}

// scatter copies the elements listed to the places listed.
func scatter[T any](dst, src []T, rows []uint32, at []uint16) {
	at = at[:len(rows)]
	for i, r := range rows {
		dst[at[i]] = src[r]
	}
}

// Bytes is the memory that the column holds.
func (c *Column) Bytes() int64 {
	return int64(cap(c.nulls))*8 + int64(cap(c.bools)) + int64(cap(c.ints))*8 + int64(cap(c.wides))*16 + int64(cap(c.floats))*8 +
		int64(cap(c.texts))*int64(unsafe.Sizeof("")) + c.text
}

// row is the physical row of live row i.
func row(sel []uint16, i int) int {
	if sel == nil {
		return i
	}
	return int(sel[i])
}
