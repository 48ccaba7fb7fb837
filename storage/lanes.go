package storage

import (
	"slices"
	"unsafe"

	"github.com/redshiftsim/redshiftsim/internal/types"
	"github.com/redshiftsim/redshiftsim/internal/vector"
)

// lane holds the plain values of one column: of a tail, or of rows that wait to be encoded. One of the slices is in use, by the type's lane.
// A NULL row holds the zero value and a 1 in nulls, a byte a row: two writers that own different rows never share a word.
type lane struct {
	bools  []bool
	ints   []int64
	wides  []types.Int128
	floats []float64
	texts  []string
	nulls  []uint8
}

// newLane makes a lane of length and capacity n.
func newLane(t types.Type, n int) lane {
	l := lane{nulls: make([]uint8, n)}
	switch t.Lane() {
	case types.LaneBool:
		l.bools = make([]bool, n)
	case types.LaneInt:
		l.ints = make([]int64, n)
	case types.LaneWide:
		l.wides = make([]types.Int128, n)
	case types.LaneFloat:
		l.floats = make([]float64, n)
	default:
		l.texts = make([]string, n)
	}
	return l
}

// actual is what the lane holds in memory, without the bytes of its texts.
func (l *lane) actual() int64 {
	return int64(len(l.bools) + 8*len(l.ints) + 16*len(l.wides) + 8*len(l.floats) + 16*len(l.texts) + len(l.nulls))
}

// textBytes counts the bytes of n texts from row `from` on; 0 when the lane has none.
func (l *lane) textBytes(from, n int) int {
	if l.texts == nil {
		return 0
	}
	size := 0
	for _, t := range l.texts[from : from+n] {
		size += len(t)
	}
	return size
}

// grown is a copy of the first n rows with room for size.
func (l *lane) grown(t types.Type, n, size int) lane {
	g := newLane(t, size)
	copy(g.nulls, l.nulls[:n])
	switch t.Lane() {
	case types.LaneBool:
		copy(g.bools, l.bools[:n])
	case types.LaneInt:
		copy(g.ints, l.ints[:n])
	case types.LaneWide:
		copy(g.wides, l.wides[:n])
	case types.LaneFloat:
		copy(g.floats, l.floats[:n])
	default:
		copy(g.texts, l.texts[:n])
	}
	return g
}

// put writes the live rows of v to rows at.. and says whether a NULL was among them.
func (l *lane) put(at int, v *vector.Vector, sel []uint16) bool {
	n := v.Len
	if sel != nil {
		n = len(sel)
	}
	if v.Form == vector.Const && v.Null(0) { // its lane may be empty
		for i := range n {
			l.setNull(at + i)
		}
		return n > 0
	}
	switch v.Type.Lane() {
	case types.LaneBool:
		putLane(l.bools[at:at+n], v.Bools, v, sel)
	case types.LaneInt:
		if v.Form == vector.Narrow {
			putNarrow(l.ints[at:at+n], v, sel)
		} else {
			putLane(l.ints[at:at+n], v.Int64s, v, sel)
		}
	case types.LaneWide:
		putLane(l.wides[at:at+n], v.Wides, v, sel)
	case types.LaneFloat:
		putLane(l.floats[at:at+n], v.Floats, v, sel)
	default:
		putLane(l.texts[at:at+n], v.Texts, v, sel)
	}
	if v.Nulls == nil {
		return false
	}
	any := false
	for i := range n {
		r := i
		if sel != nil {
			r = int(sel[i])
		}
		if v.Null(r) {
			l.setNull(at + i)
			any = true
		}
	}
	return any
}

// setNull makes row i NULL and its value zero, so that what lies under a NULL never depends on who wrote it.
func (l *lane) setNull(i int) {
	l.nulls[i] = 1
	switch {
	case l.ints != nil:
		l.ints[i] = 0
	case l.texts != nil:
		l.texts[i] = ""
	case l.floats != nil:
		l.floats[i] = 0
	case l.wides != nil:
		l.wides[i] = types.Int128{}
	default:
		l.bools[i] = false
	}
}

func putLane[T any](dst, src []T, v *vector.Vector, sel []uint16) {
	switch {
	case v.Form == vector.Const:
		for i := range dst {
			dst[i] = src[0]
		}
	case v.Form == vector.Dict:
		var dict []T
		switch d := any(&dict).(type) {
		case *[]bool:
			*d = v.Dict.Bools
		case *[]int64:
			*d = v.Dict.Int64s
		case *[]types.Int128:
			*d = v.Dict.Wides
		case *[]float64:
			*d = v.Dict.Floats
		case *[]string:
			*d = v.Dict.Texts
		}
		if len(dict) == 0 { // all rows are NULL
			return
		}
		for i := range dst {
			r := i
			if sel != nil {
				r = int(sel[i])
			}
			dst[i] = dict[v.Code(r)]
		}
	case sel == nil:
		copy(dst, src[:len(dst)])
	default:
		for i, r := range sel {
			dst[i] = src[r]
		}
	}
}

func putNarrow(dst []int64, v *vector.Vector, sel []uint16) {
	switch {
	case v.U8 != nil:
		putCodes(dst, v.U8, v.Base, sel)
	case v.U16 != nil:
		putCodes(dst, v.U16, v.Base, sel)
	default:
		putCodes(dst, v.U32, v.Base, sel)
	}
}

func putCodes[C uint8 | uint16 | uint32](dst []int64, codes []C, base int64, sel []uint16) {
	if sel == nil {
		for i, c := range codes[:len(dst)] {
			dst[i] = base + int64(c)
		}
		return
	}
	for i, r := range sel {
		dst[i] = base + int64(codes[r])
	}
}

// view makes v a Flat vector over rows from..to; the values are shared, the bitmap of NULLs is made into words (room for it) when hasNulls.
func (l *lane) view(v *vector.Vector, from, to int, hasNulls bool, words []uint64) {
	v.Form, v.Len, v.Nulls, v.Dict = vector.Flat, to-from, nil, nil
	v.U8, v.U16, v.U32 = nil, nil, nil
	switch {
	case l.ints != nil:
		v.Int64s = l.ints[from:to:to]
	case l.texts != nil:
		v.Texts = l.texts[from:to:to]
	case l.floats != nil:
		v.Floats = l.floats[from:to:to]
	case l.wides != nil:
		v.Wides = l.wides[from:to:to]
	default:
		v.Bools = l.bools[from:to:to]
	}
	if hasNulls {
		v.Nulls = packNulls(l.nulls[from:to], words)
	}
}

// packNulls turns a byte a row into a bit a row; nil when there is no NULL.
func packNulls(bytes []uint8, words []uint64) []uint64 {
	words = words[:(len(bytes)+63)/64]
	clear(words)
	var any uint64
	for i, b := range bytes {
		words[i>>6] |= uint64(b) << (uint(i) & 63)
	}
	for _, w := range words {
		any |= w
	}
	if any == 0 {
		return nil
	}
	return words
}

// move copies n rows from row `from` to the front.
func (l *lane) move(from, n int) {
	copy(l.nulls, l.nulls[from:from+n])
	clear(l.nulls[n:])
	switch {
	case l.ints != nil:
		copy(l.ints, l.ints[from:from+n])
	case l.texts != nil:
		copy(l.texts, l.texts[from:from+n]) // what was there stays until other rows come: to clear it costs as much as to copy it
	case l.floats != nil:
		copy(l.floats, l.floats[from:from+n])
	case l.wides != nil:
		copy(l.wides, l.wides[from:from+n])
	default:
		copy(l.bools, l.bools[from:from+n])
	}
}

// part is a copy of n rows from row `from` on; texts are copied into one arena, so that what they were cut from can go.
func (l *lane) part(t types.Type, from, n int) lane {
	p := newLane(t, n)
	copy(p.nulls, l.nulls[from:from+n])
	switch {
	case l.ints != nil:
		copy(p.ints, l.ints[from:])
	case l.texts != nil:
		copyTexts(p.texts, l.texts[from:from+n])
	case l.floats != nil:
		copy(p.floats, l.floats[from:])
	case l.wides != nil:
		copy(p.wides, l.wides[from:])
	default:
		copy(p.bools, l.bools[from:])
	}
	return p
}

// copyTexts copies texts into one arena.
func copyTexts(dst, src []string) {
	size := 0
	for _, t := range src {
		size += len(t)
	}
	arena := make([]byte, size)
	at := 0
	for i, t := range src {
		if n := copy(arena[at:], t); n > 0 {
			dst[i] = unsafe.String(&arena[at], n) // nobody writes to arena any more
			at += n
		} else {
			dst[i] = ""
		}
	}
}

// reordered makes a lane of its own of the first rows, ordered by perm: without the copy that permute makes first.
func (l *lane) reordered(perm []uint32) (o lane) {
	o.pick(l, perm)
	return o
}

// pick makes the lane rows of another.
func (l *lane) pick(from *lane, rows []uint32) {
	l.nulls = picked(l.nulls, from.nulls, rows)
	switch {
	case from.ints != nil:
		l.ints = picked(l.ints, from.ints, rows)
	case from.texts != nil:
		l.texts = picked(l.texts, from.texts, rows)
	case from.floats != nil:
		l.floats = picked(l.floats, from.floats, rows)
	case from.wides != nil:
		l.wides = picked(l.wides, from.wides, rows)
	default:
		l.bools = picked(l.bools, from.bools, rows)
	}
}

// picked lists the values of rows, in buf when that is large enough.
func picked[T any](buf, vals []T, rows []uint32) []T {
	if cap(buf) < len(rows) {
		buf = make([]T, len(rows))
	}
	buf = buf[:len(rows)]
	for i, r := range rows {
		buf[i] = vals[r]
	}
	return buf
}

// permute orders rows from.. by perm, which holds row numbers from `from` on. It does so in place, the slices stay: rows before them may be others' to
// read at this time.
func (l *lane) permute(from int, perm []uint32) {
	to := from + len(perm)
	permuted(l.nulls[from:to], perm)
	switch {
	case l.ints != nil:
		permuted(l.ints[from:to], perm)
	case l.texts != nil:
		permuted(l.texts[from:to], perm)
	case l.floats != nil:
		permuted(l.floats[from:to], perm)
	case l.wides != nil:
		permuted(l.wides[from:to], perm)
	default:
		permuted(l.bools[from:to], perm)
	}
}

// permuted orders vals in place.
func permuted[T any](vals []T, perm []uint32) {
	src := slices.Clone(vals)
	for i, r := range perm {
		vals[i] = src[r]
	}
}
