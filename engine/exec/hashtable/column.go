package hashtable

import (
	"slices"
	"unsafe"

	"github.com/redshiftsim/redshiftsim/internal/types"
	"github.com/redshiftsim/redshiftsim/internal/vector"
)

// Column holds the values of many rows. It grows by chunks: what it has stays where it is, and no step takes long, so that a cancelled query ends soon.
type Column struct {
	vector.Long
	text  int64 // bytes of texts
	until Until
}

// Append adds the n live rows of v; sel as in a batch.
func (c *Column) Append(v *vector.Vector, sel []uint16, n int) {
	at := c.Len
	c.grow(n)
	if v.Form == vector.Const && v.Null(0) { // its lane may be empty
		for i := at; i < c.Len; i++ {
			c.setNull(i)
		}
		return
	}
	bare := *v
	bare.Nulls = nil
	for lo := at; lo < c.Len; {
		hi := min(c.Len, (lo|vector.ChunkMask)+1)
		bare.Len = hi - lo
		if sel != nil {
			c.write(&bare, sel[lo-at:hi-at], lo, hi)
		} else {
			c.write(&bare, nil, lo, hi)
			bare.Skip(hi - lo)
		}
		lo = hi
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

// write fills rows [lo,hi), which lie in one chunk, with the rows sel of v.
func (c *Column) write(v *vector.Vector, sel []uint16, lo, hi int) {
	var to vector.Vector
	c.Part(lo, hi, &to)
	v.Gather(sel, &to)
	if c.Type.Lane() == types.LaneText {
		for _, s := range to.Texts {
			c.text += int64(len(s))
		}
	}
}

// AppendColumn adds copies of all rows of o, a column of the same lane.
func (c *Column) AppendColumn(o *Column) {
	var v vector.Vector
	for k := range o.Chunks() {
		if k > 0 && c.until != nil && c.until() {
			c.grow(o.Len - k*vector.ChunkRows)
			return
		}
		o.Chunk(k, &v)
		c.Append(&v, nil, v.Len)
	}
}

// Take adds the rows of o, a column of the same lane that is not used any more. Full chunks are taken as they are, before the last one of c: rows of that
// get other numbers.
//
//	c  [full][full][part]      o  [FULL][PA]      ->  [full][full][FULL][partPA]
func (c *Column) Take(o *Column) {
	kept, full := c.Len&^vector.ChunkMask, o.Len&^vector.ChunkMask
	rest := Column{Long: vector.Long{Type: c.Type}}
	switch c.Type.Lane() {
	case types.LaneBool:
		c.Bools, rest.Bools = insert(c.Bools, o.Bools, kept, full)
	case types.LaneInt:
		c.Int64s, rest.Int64s = insert(c.Int64s, o.Int64s, kept, full)
	case types.LaneWide:
		c.Wides, rest.Wides = insert(c.Wides, o.Wides, kept, full)
	case types.LaneFloat:
		c.Floats, rest.Floats = insert(c.Floats, o.Floats, kept, full)
	default:
		c.Texts, rest.Texts = insert(c.Texts, o.Texts, kept, full)
	}
	if c.Nulls != nil || o.Nulls != nil {
		words := make([]uint64, 0, (c.Len+o.Len+63)/64)
		words = appendNulls(words, c.Nulls, 0, kept)
		words = appendNulls(words, o.Nulls, 0, full)
		c.Nulls = appendNulls(words, c.Nulls, kept, c.Len)
		if o.Nulls != nil {
			rest.Nulls = appendNulls(nil, o.Nulls, full, o.Len)
		}
	}
	c.Len += full
	c.text += o.text
	if rest.Len = o.Len - full; rest.Len > 0 {
		text := c.text // it has those of the rest
		c.AppendColumn(&rest)
		c.text = text
	}
	o.Long, o.text = vector.Long{Type: o.Type}, 0
}

// insert puts the full chunks of b behind the full ones of a, and gives what is left of b.
func insert[T any](a, b [][]T, kept, full int) (all, rest [][]T) {
	k, n := kept>>vector.ChunkBits, full>>vector.ChunkBits
	return slices.Insert(a, k, b[:n]...), b[n:]
}

// appendNulls adds the bits of rows [lo,hi), lo a multiple of 64; nil stands for zeros.
func appendNulls(words, nulls []uint64, lo, hi int) []uint64 {
	n := (hi+63)/64 - lo/64
	if nulls == nil {
		return append(words, make([]uint64, n)...)
	}
	return append(words, nulls[lo/64:lo/64+n]...)
}

// grow makes room for n more rows.
func (c *Column) grow(n int) {
	c.Len += n
	switch c.Type.Lane() {
	case types.LaneBool:
		c.Bools = extend(c.Bools, c.Len)
	case types.LaneInt:
		c.Int64s = extend(c.Int64s, c.Len)
	case types.LaneWide:
		c.Wides = extend(c.Wides, c.Len)
	case types.LaneFloat:
		c.Floats = extend(c.Floats, c.Len)
	default:
		c.Texts = extend(c.Texts, c.Len)
	}
	if words := (c.Len + 63) / 64; words > len(c.Nulls) && c.Nulls != nil {
		c.Nulls = append(c.Nulls, make([]uint64, words-len(c.Nulls))...)
	}
}

// extend gives a lane the length n. The first chunk doubles as it grows, others are made whole. A lane never shrinks, so what is new is zero.
func extend[T any](chunks [][]T, n int) [][]T {
	for k := max(len(chunks)-1, 0); k*vector.ChunkRows < n; k++ {
		want := min(n-k*vector.ChunkRows, vector.ChunkRows)
		switch {
		case k == len(chunks) && k == 0:
			chunks = append(chunks, make([]T, want, max(want, 16)))
		case k == len(chunks):
			chunks = append(chunks, make([]T, want, vector.ChunkRows))
		case want <= cap(chunks[k]):
			chunks[k] = chunks[k][:want]
		default:
			grown := make([]T, want, min(vector.ChunkRows, max(want, 2*cap(chunks[k]))))
			copy(grown, chunks[k])
			chunks[k] = grown
		}
	}
	return chunks
}

// setNull marks row i NULL.
func (c *Column) setNull(i int) {
	if c.Nulls == nil {
		c.Nulls = make([]uint64, (c.Len+63)/64)
	}
	c.Nulls[i>>6] |= 1 << (uint(i) & 63)
}

// Gather fills out, Flat, with the rows listed. out must be of the column's lane.
func (c *Column) Gather(rows []uint32, out *vector.Vector) {
	n := len(rows)
	out.Reset(n)
	switch c.Type.Lane() {
	case types.LaneBool:
		gather(out.Bools, c.Bools, rows)
	case types.LaneInt:
		gather(out.Int64s, c.Int64s, rows)
	case types.LaneWide:
		gather(out.Wides, c.Wides, rows)
	case types.LaneFloat:
		gather(out.Floats, c.Floats, rows)
	default:
		gather(out.Texts, c.Texts, rows)
	}
	if c.Nulls == nil {
		return
	}
	for i, r := range rows {
		if c.Nulls[r>>6]>>(r&63)&1 != 0 {
			out.SetNull(i)
		}
	}
}

// Scatter makes out a Flat vector of n rows in which row at[i] is the column's row rows[i]; the other rows hold anything and are not NULL.
func (c *Column) Scatter(rows []uint32, at []uint16, n int, out *vector.Vector) {
	out.Reset(n)
	switch c.Type.Lane() {
	case types.LaneBool:
		scatter(out.Bools, c.Bools, rows, at)
	case types.LaneInt:
		scatter(out.Int64s, c.Int64s, rows, at)
	case types.LaneWide:
		scatter(out.Wides, c.Wides, rows, at)
	case types.LaneFloat:
		scatter(out.Floats, c.Floats, rows, at)
	default:
		scatter(out.Texts, c.Texts, rows, at)
	}
	if c.Nulls == nil {
		return
	}
	for i, r := range rows {
		if c.Nulls[r>>6]>>(r&63)&1 != 0 {
			out.SetNull(int(at[i]))
		}
	}
}

// arrays are the chunks of a lane as arrays, whose elements are found without a test of their bounds.
type arrays[T any] [64]*[vector.ChunkRows]T

// set fills a from chunks for a visit to n elements; false = they are too many, or the visit too short to pay for it.
func (a *arrays[T]) set(chunks [][]T, n int) bool {
	if len(chunks) > len(a) || len(chunks) == 0 || n < 4*len(chunks) || cap(chunks[len(chunks)-1]) < vector.ChunkRows {
		return false
	}
	for k, c := range chunks {
		a[k] = (*[vector.ChunkRows]T)(c[:vector.ChunkRows])
	}
	return true
}

// gather copies the elements listed.
func gather[T any](dst []T, src [][]T, rows []uint32) {
	dst = dst[:len(rows)]
	if len(src) == 1 {
		one := src[0]
		for i, r := range rows {
			dst[i] = one[r]
		}
		return
	}
	var a arrays[T]
	if a.set(src, len(rows)) {
		for i, r := range rows {
			dst[i] = a[r>>vector.ChunkBits&63][r&vector.ChunkMask]
		}
		return
	}
	for i, r := range rows {
		dst[i] = src[r>>vector.ChunkBits][r&vector.ChunkMask]
	}
}

// scatter copies the elements listed to the places listed.
func scatter[T any](dst []T, src [][]T, rows []uint32, at []uint16) {
	at = at[:len(rows)]
	if len(src) == 1 {
		one := src[0]
		for i, r := range rows {
			dst[at[i]] = one[r]
		}
		return
	}
	var a arrays[T]
	if a.set(src, len(rows)) {
		for i, r := range rows {
			dst[at[i]] = a[r>>vector.ChunkBits&63][r&vector.ChunkMask]
		}
		return
	}
	for i, r := range rows {
		dst[at[i]] = src[r>>vector.ChunkBits][r&vector.ChunkMask]
	}
}

// Bytes is the memory that the column holds.
func (c *Column) Bytes() int64 {
	n := int64(cap(c.Nulls))*8 + c.text
	switch c.Type.Lane() {
	case types.LaneBool:
		return n + capacity(c.Bools)
	case types.LaneInt:
		return n + 8*capacity(c.Int64s)
	case types.LaneWide:
		return n + 16*capacity(c.Wides)
	case types.LaneFloat:
		return n + 8*capacity(c.Floats)
	}
	return n + int64(unsafe.Sizeof(""))*capacity(c.Texts)
}

// capacity is the number of elements that there is room for.
func capacity[T any](chunks [][]T) int64 {
	k := len(chunks) - 1
	if k < 0 {
		return 0
	}
	return int64(k)*vector.ChunkRows + int64(cap(chunks[k]))
}

// row is the physical row of live row i.
func row(sel []uint16, i int) int {
	if sel == nil {
		return i
	}
	return int(sel[i])
}
