package exec

import (
	"sync/atomic"

	"github.com/redshiftsim/redshiftsim/internal/types"
	"github.com/redshiftsim/redshiftsim/internal/vector"
)

// parcel is a batch on its way: rows of its own, or of memory that never changes.
//
//	Batch.Columns[0] -> columns[0].whole.ref points into a storage block; Sel says which rows
//	Batch.Columns[1] -> columns[1].own   values that were copied
type parcel struct {
	vector.Batch
	columns []parcelColumn
	rows    []uint16     // room for Sel
	bytes   int64        // charged to the query
	shared  atomic.Int32 // inboxes that hold it, less one
}

// parcelColumn is the room for one column. ref and own are kept apart, for memory that own has had is written to again.
type parcelColumn struct {
	own   vector.Vector
	nulls []uint64
	whole *wholeColumn // of large shares alone: small ones are many, and live in own
}

// wholeColumn is the further room of a column that travels in large shares.
type wholeColumn struct {
	ref   vector.Vector
	texts []string
	u8    []uint8
	u16   []uint16
	u32   []uint32
}

// room gives the column's further room.
func (c *parcelColumn) room() *wholeColumn {
	if c.whole == nil {
		c.whole = &wholeColumn{}
	}
	return c.whole
}

// newParcel makes an empty parcel.
func newParcel(columns int) *parcel {
	if columns <= len(fewColumns{}.columns) {
		few := &fewColumns{}
		few.parcel.columns, few.parcel.Columns = few.columns[:columns], few.vectors[:columns]
		return &few.parcel
	}
	p := &parcel{columns: make([]parcelColumn, columns)}
	p.Columns = make([]*vector.Vector, columns)
	return p
}

// fewColumns is a narrow parcel in one piece.
type fewColumns struct {
	parcel  parcel
	columns [2]parcelColumn
	vectors [2]*vector.Vector
}

// fill makes the parcel hold n rows of b: those of rows, nil = all. Stable columns are passed by reference.
func (p *parcel) fill(q *query, b *vector.Batch, rows []uint16, n int, stable bool) error {
	p.bytes = 256
	if stable {
		p.Len, p.Sel = b.Len, nil
		if rows != nil {
			p.rows = append(p.rows[:0], rows...)
			p.Sel = p.rows
			p.bytes += int64(2 * n)
		}
		for i, v := range b.Columns {
			p.columns[i].refer(v)
			p.Columns[i] = &p.columns[i].whole.ref
			if v.Lent {
				p.bytes += int64(n)*laneBytes(v.Type) + textBytes(v, rows, n)
			}
		}
		return q.charge(p.bytes)
	}
	p.Len, p.Sel = n, nil
	for i, v := range b.Columns {
		p.columns[i].copy(v, rows, n)
		p.Columns[i] = &p.columns[i].own
		p.bytes += int64(n)*laneBytes(v.Type) + textBytes(v, rows, n)
	}
	return q.charge(p.bytes)
}

// refer makes ref a view of v; its bitmap and texts, which a scan may have made for this batch alone, are copied.
func (c *parcelColumn) refer(v *vector.Vector) {
	w := c.room()
	w.ref = *v
	if v.Nulls != nil {
		c.nulls = append(c.nulls[:0], v.Nulls...)
		w.ref.Nulls = c.nulls
	}
	if v.Lent {
		w.texts = append(w.texts[:0], v.Texts[:v.Len]...)
		w.ref.Texts, w.ref.Lent = w.texts, false
	}
}

// copy makes own the rows of v, dense. Codes stay codes: a dictionary is shared for good.
func (c *parcelColumn) copy(v *vector.Vector, rows []uint16, n int) {
	o := &c.own
	o.Type = v.Type
	switch v.Form {
	case vector.Const:
		one := *v
		one.Len = 1
		one.Gather(nil, o)
		o.Form, o.Len = vector.Const, n
		return
	case vector.Flat:
		bare := *v // the bitmap is gathered into room of our own
		bare.Nulls, bare.Len = nil, n
		bare.Gather(rows, o)
	default:
		o.Form, o.Len, o.Base, o.Dict = v.Form, n, v.Base, v.Dict
		o.U8, o.U16, o.U32 = nil, nil, nil
		w := c.room()
		switch {
		case v.U8 != nil:
			w.u8 = gather(w.u8, v.U8, rows, n)
			o.U8 = w.u8
		case v.U16 != nil:
			w.u16 = gather(w.u16, v.U16, rows, n)
			o.U16 = w.u16
		default:
			w.u32 = gather(w.u32, v.U32, rows, n)
			o.U32 = w.u32
		}
	}
	o.Nulls = nil
	if v.Nulls == nil {
		return
	}
	words := (n + 63) / 64
	if cap(c.nulls) < words {
		c.nulls = make([]uint64, words, vector.Size/64)
	}
	c.nulls = c.nulls[:words]
	clear(c.nulls)
	if orNulls(c.nulls, 0, v, rows, n) {
		o.Nulls = c.nulls
	}
}

// gather copies the codes of rows, nil = the first n, to buf.
func gather[C uint8 | uint16 | uint32](buf, codes []C, rows []uint16, n int) []C {
	if cap(buf) < n {
		buf = make([]C, n, max(n, min(vector.Size, max(16, 4*n))))
	}
	buf = buf[:n]
	if rows == nil {
		copy(buf, codes)
		return buf
	}
	for i, r := range rows {
		buf[i] = codes[r]
	}
	return buf
}

// orNulls sets the bits at.. of words for the rows of v that are NULL and says whether there was one.
func orNulls(words []uint64, at int, v *vector.Vector, rows []uint16, n int) bool {
	if v.Form == vector.Const {
		if !v.Null(0) {
			return false
		}
		for i := at; i < at+n; i++ {
			words[i>>6] |= 1 << (uint(i) & 63)
		}
		return n > 0
	}
	var any uint64
	for i := range n {
		r := i
		if rows != nil {
			r = int(rows[i])
		}
		bit := v.Nulls[r>>6] >> (uint(r) & 63) & 1
		any |= bit
		j := at + i
		words[j>>6] |= bit << (uint(j) & 63)
	}
	return any != 0
}

// add appends rows of b, nil = the first n, to an open parcel, whose columns are Flat; texts are the bytes of their texts.
func (p *parcel) add(x *exchange, b *vector.Batch, rows []uint16, n int, texts int64) error {
	for i, v := range b.Columns {
		c := &p.columns[i]
		p.Columns[i] = &c.own
		c.append(x.types[i], p.Len, v, rows, n)
	}
	p.Len += n
	bytes := x.lane*int64(n) + texts
	p.bytes += bytes
	return x.q.charge(bytes)
}

// append writes rows of v behind the first `at` rows of own.
func (c *parcelColumn) append(t types.Type, at int, v *vector.Vector, rows []uint16, n int) {
	o := &c.own
	if at == 0 {
		o.Type = t
		o.Reset(0)
		c.nulls = c.nulls[:0]
	}
	end := vector.Vector{Type: v.Type} // the part of own that is filled now
	bare := *v
	bare.Nulls, bare.Len = nil, n
	null := v.Form == vector.Const && v.Null(0) // its lane may be empty
	switch t.Lane() {
	case types.LaneBool:
		o.Bools = extend(o.Bools, at+n)
		end.Bools = o.Bools[at:]
	case types.LaneInt:
		o.Int64s = extend(o.Int64s, at+n)
		end.Int64s = o.Int64s[at:]
	case types.LaneWide:
		o.Wides = extend(o.Wides, at+n)
		end.Wides = o.Wides[at:]
	case types.LaneFloat:
		o.Floats = extend(o.Floats, at+n)
		end.Floats = o.Floats[at:]
	default:
		o.Texts = extend(o.Texts, at+n)
		end.Texts = o.Texts[at:]
	}
	if !null {
		bare.Gather(rows, &end)
	}
	o.Len = at + n
	if v.Nulls == nil && o.Nulls == nil {
		return
	}
	words := (at + n + 63) / 64
	for len(c.nulls) < words {
		c.nulls = append(c.nulls, 0)
	}
	if v.Nulls != nil && orNulls(c.nulls, at, v, rows, n) || o.Nulls != nil {
		o.Nulls = c.nulls
	}
}

// extend gives s the length n, its values kept.
func extend[T any](s []T, n int) []T {
	if n <= cap(s) {
		return s[:n]
	}
	t := make([]T, n, max(n, min(vector.Size, max(16, 4*n))))
	copy(t, s)
	return t
}

// textBytes is the length of the texts in rows of v, nil = the first n.
func textBytes(v *vector.Vector, rows []uint16, n int) int64 {
	if v.Type.Lane() != types.LaneText {
		return 0
	}
	total := 0
	switch v.Form {
	case vector.Const:
		if !v.Null(0) {
			total = n * len(v.Texts[0])
		}
	case vector.Dict:
		if v.Dict.Len == 0 {
			return 0
		}
		switch {
		case v.U8 != nil:
			total = codesBytes(v.U8, v.Dict.Texts, rows, n)
		case v.U16 != nil:
			total = codesBytes(v.U16, v.Dict.Texts, rows, n)
		default:
			total = codesBytes(v.U32, v.Dict.Texts, rows, n)
		}
	default:
		if rows == nil {
			for _, t := range v.Texts[:n] {
				total += len(t)
			}
			break
		}
		for _, r := range rows {
			total += len(v.Texts[r])
		}
	}
	if v.Nulls != nil && v.Form != vector.Const { // what lies under a NULL is no text
		for i := range n {
			r := i
			if rows != nil {
				r = int(rows[i])
			}
			if v.Nulls[r>>6]>>(uint(r)&63)&1 == 0 {
				continue
			}
			if v.Form == vector.Dict {
				total -= len(v.Dict.Texts[v.Code(r)])
			} else {
				total -= len(v.Texts[r])
			}
		}
	}
	return int64(total)
}

// codesBytes is textBytes of codes.
func codesBytes[C uint8 | uint16 | uint32](codes []C, dict []string, rows []uint16, n int) int {
	total := 0
	if rows == nil {
		for _, c := range codes[:n] {
			total += len(dict[c])
		}
		return total
	}
	for _, r := range rows {
		total += len(dict[codes[r]])
	}
	return total
}
