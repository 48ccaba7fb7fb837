// Package vector holds columns of values in flight: vectors, batches and the primitives over them.
//
//	Batch  Len=2048 (physical rows)   Sel=[3 17 40 ...] (nil = all rows)
//	  Columns[0] Narrow  U16: code+Base      integers as a scan finds them in a block
//	  Columns[1] Dict    U8 -> Dict[...]     strings as codes of one shared dictionary
//	  Columns[2] Flat    Int64s              computed values, in the lane of their type
//	  Columns[3] Const   Int64s[0]           one value for all rows
//	             Nulls   bit i set = row i is NULL (nil = no NULLs)
//
// Vectors that point into a storage block are read-only for ever; others belong to the step that made them and are valid only until its next
// Push: who keeps a batch copies it (Gather, or a Long column) first. Nothing here knows SQL beyond types.Type.
package vector

import (
	"github.com/redshiftsim/redshiftsim/internal/types"
)

// Size is the number of rows of a full batch, and of a storage zone.
const Size = 2048

// Form says which payload of a Vector is in use.
type Form uint8

// Forms. Flat and Const use the lane slice of the type; Narrow (integer lanes only) U8, U16 or U32 and Base; Dict one of U8, U16, U32 and Dict.
const (
	Flat Form = iota
	Const
	Narrow
	Dict
)

// Vector is one column of a batch, at most Size rows (a Dict's dictionary may be longer).
// Exactly one payload is set; NULL rows hold any value in it (kernels may read them, never trust them).
type Vector struct {
	Type  types.Type
	Form  Form
	Len   int      // physical rows; for Const the number of rows it stands for
	Nulls []uint64 // bit set = NULL; nil = none; len >= (Len+63)/64; a Const is NULL when bit 0 is set

	Bools  []bool
	Int64s []int64
	Wides  []types.Int128
	Floats []float64
	Texts  []string
	Lent   bool // Texts were made for this batch and are written to again with the next: who keeps a vector of storage copies them (the bytes stay)

	U8   []uint8 // codes of Narrow or Dict: exactly one of the three
	U16  []uint16
	U32  []uint32
	Base int64   // Narrow: value = Base + code
	Dict *Vector // Dict: Flat vector of distinct values without NULLs, shared and read-only
}

// Batch is up to Size rows of several columns.
type Batch struct {
	Columns []*Vector
	Len     int      // physical rows in every column
	Sel     []uint16 // ascending physical row numbers that are alive; nil = all Len
}

// Rows is the number of live rows.
func (b *Batch) Rows() int {
	if b.Sel != nil {
		return len(b.Sel)
	}
	return b.Len
}

// New makes a Flat vector of n rows without NULLs, its lane allocated to capacity max(n, Size).
func New(t types.Type, n int) *Vector {
	v := &Vector{Type: t}
	v.Reset(n)
	return v
}

// Reset makes v a Flat vector of n rows without NULLs, reusing its lane; values are what they were.
func (v *Vector) Reset(n int) {
	v.Form, v.Len, v.Nulls, v.Dict = Flat, n, nil, nil
	v.U8, v.U16, v.U32, v.Base = nil, nil, nil, 0
	switch v.Type.Lane() {
	case types.LaneBool:
		v.Bools = grow(v.Bools, n)
	case types.LaneInt:
		v.Int64s = grow(v.Int64s, n)
	case types.LaneWide:
		v.Wides = grow(v.Wides, n)
	case types.LaneFloat:
		v.Floats = grow(v.Floats, n)
	default:
		v.Texts = grow(v.Texts, n)
	}
}

// Exact gives v, which has no lane, one of exactly n rows: for vectors that are kept.
func (v *Vector) Exact(n int) {
	switch v.Type.Lane() {
	case types.LaneBool:
		v.Bools = make([]bool, n)
	case types.LaneInt:
		v.Int64s = make([]int64, n)
	case types.LaneWide:
		v.Wides = make([]types.Int128, n)
	case types.LaneFloat:
		v.Floats = make([]float64, n)
	default:
		v.Texts = make([]string, n)
	}
	v.Reset(n)
}

// Empty takes the rows out of v and keeps the room that its type has: texts, dictionaries and codes can go.
func (v *Vector) Empty() {
	clear(v.Texts[:cap(v.Texts)])
	*v = Vector{Type: v.Type, Bools: v.Bools[:0], Int64s: v.Int64s[:0], Wides: v.Wides[:0], Floats: v.Floats[:0], Texts: v.Texts[:0]}
}

func grow[T any](s []T, n int) []T {
	if cap(s) < n {
		return make([]T, n, max(n, min(Size, max(16, 2*n))))
	}
	return s[:n]
}

// NewConst makes a vector of n rows that all hold d.
func NewConst(d types.Datum, n int) *Vector {
	v := &Vector{Type: d.Type}
	v.Reset(1)
	v.Set(0, d)
	v.Form, v.Len = Const, n
	return v
}

// Null says whether row i is NULL.
func (v *Vector) Null(i int) bool {
	if v.Nulls == nil {
		return false
	}
	if v.Form == Const {
		i = 0
	}
	return v.Nulls[i>>6]>>(uint(i)&63)&1 != 0
}

// SetNull marks row i NULL, making the bitmap when it is the first.
func (v *Vector) SetNull(i int) {
	if need := (max(v.Len, i+1) + 63) / 64; len(v.Nulls) < need {
		v.Nulls = append(v.Nulls, make([]uint64, need-len(v.Nulls))...)
	}
	v.Nulls[i>>6] |= 1 << (uint(i) & 63)
}

// Code gives the code of row i of a Narrow or Dict vector.
func (v *Vector) Code(i int) uint32 {
	switch {
	case v.U8 != nil:
		return uint32(v.U8[i])
	case v.U16 != nil:
		return uint32(v.U16[i])
	}
	return v.U32[i]
}

// At gives the vector in whose lane the value of row i lies, and where: for a Dict its dictionary, for a Const row 0, else v itself. The values of a Narrow
// vector lie in no lane: Int64 reads those.
func (v *Vector) At(i int) (*Vector, int) {
	switch v.Form {
	case Const:
		return v, 0
	case Dict:
		return v.Dict, int(v.Code(i))
	}
	return v, i
}

// Int64 reads row i of the integer lane in any form.
func (v *Vector) Int64(i int) int64 {
	if v.Form == Narrow {
		return v.Base + int64(v.Code(i))
	}
	v, i = v.At(i)
	return v.Int64s[i]
}

// Set writes d to row i of a Flat vector; for tests and edges, not for hot loops.
func (v *Vector) Set(i int, d types.Datum) {
	if d.Null {
		v.SetNull(i)
		return
	}
	switch v.Type.Lane() {
	case types.LaneBool:
		v.Bools[i] = d.Bool
	case types.LaneInt:
		v.Int64s[i] = d.Int
	case types.LaneWide:
		v.Wides[i] = d.Wide
	case types.LaneFloat:
		v.Floats[i] = d.Float
	default:
		v.Texts[i] = d.Text
	}
}

// Get reads row i in any form; for tests and edges, not for hot loops.
func (v *Vector) Get(i int) types.Datum {
	d := types.Datum{Type: v.Type}
	if v.Null(i) {
		d.Null = true
		return d
	}
	if v.Form == Narrow {
		d.Int = v.Base + int64(v.Code(i))
		return d
	}
	lane := v.Type.Lane()
	v, i = v.At(i)
	switch lane {
	case types.LaneBool:
		d.Bool = v.Bools[i]
	case types.LaneInt:
		d.Int = v.Int64s[i]
	case types.LaneWide:
		d.Wide = v.Wides[i]
	case types.LaneFloat:
		d.Float = v.Floats[i]
	default:
		d.Text = v.Texts[i]
	}
	return d
}

// Gather fills out with the rows sel of v (nil = all v.Len rows), Flat and dense. out.Type must have v's lane. Const stays cheap: callers that
// can use a Const test Form first.
func (v *Vector) Gather(sel []uint16, out *Vector) {
	n := v.Len
	if sel != nil {
		n = len(sel)
	}
	out.Reset(n)
	if v.Form == Const {
		if v.Null(0) {
			for i := range n {
				out.SetNull(i)
			}
			return
		}
		switch v.Type.Lane() {
		case types.LaneBool:
			fill(out.Bools, v.Bools[0])
		case types.LaneInt:
			fill(out.Int64s, v.Int64s[0])
		case types.LaneWide:
			fill(out.Wides, v.Wides[0])
		case types.LaneFloat:
			fill(out.Floats, v.Floats[0])
		default:
			fill(out.Texts, v.Texts[0])
		}
		return
	}
	gatherNulls(v, sel, n, out)
	switch {
	case v.Form == Narrow && v.U8 != nil:
		widen(out.Int64s, v.U8, v.Base, sel)
	case v.Form == Narrow && v.U16 != nil:
		widen(out.Int64s, v.U16, v.Base, sel)
	case v.Form == Narrow:
		widen(out.Int64s, v.U32, v.Base, sel)
	case v.Form == Dict:
		switch v.Type.Lane() {
		case types.LaneBool:
			decode(out.Bools, v.Dict.Bools, v, sel)
		case types.LaneInt:
			decode(out.Int64s, v.Dict.Int64s, v, sel)
		case types.LaneWide:
			decode(out.Wides, v.Dict.Wides, v, sel)
		case types.LaneFloat:
			decode(out.Floats, v.Dict.Floats, v, sel)
		default:
			decode(out.Texts, v.Dict.Texts, v, sel)
		}
	default:
		switch v.Type.Lane() {
		case types.LaneBool:
			pick(out.Bools, v.Bools, sel)
		case types.LaneInt:
			pick(out.Int64s, v.Int64s, sel)
		case types.LaneWide:
			pick(out.Wides, v.Wides, sel)
		case types.LaneFloat:
			pick(out.Floats, v.Floats, sel)
		default:
			pick(out.Texts, v.Texts, sel)
		}
	}
}

func gatherNulls(v *Vector, sel []uint16, n int, out *Vector) {
	if v.Nulls == nil {
		return
	}
	if sel == nil {
		out.Nulls = append(out.Nulls[:0], v.Nulls[:(n+63)/64]...)
		return
	}
	var nulls []uint64
	for i, r := range sel {
		if v.Nulls[r>>6]>>(r&63)&1 != 0 {
			if nulls == nil {
				nulls = make([]uint64, (n+63)/64)
			}
			nulls[i>>6] |= 1 << (uint(i) & 63)
		}
	}
	out.Nulls = nulls
}

// Skip drops the first n rows of a vector without NULLs.
func (v *Vector) Skip(n int) {
	if v.Form == Const {
		return
	}
	if v.Form == Flat {
		v.Bools, v.Int64s, v.Wides, v.Floats, v.Texts = after(v.Bools, n), after(v.Int64s, n), after(v.Wides, n), after(v.Floats, n), after(v.Texts, n)
		return
	}
	v.U8, v.U16, v.U32 = after(v.U8, n), after(v.U16, n), after(v.U32, n)
}

// after is what lies behind the first n elements of a lane, if it is in use.
func after[T any](lane []T, n int) []T { return lane[min(n, len(lane)):] }

func fill[T any](dst []T, x T) {
	for i := range dst {
		dst[i] = x
	}
}

func widen[C uint8 | uint16 | uint32](dst []int64, codes []C, base int64, sel []uint16) {
	if sel == nil {
		codes = codes[:len(dst)]
		for i, c := range codes {
			dst[i] = base + int64(c)
		}
		return
	}
	for i, r := range sel {
		dst[i] = base + int64(codes[r])
	}
}

func decode[T any](dst, dict []T, v *Vector, sel []uint16) {
	switch {
	case v.U8 != nil:
		decodeCodes(dst, dict, v.U8, sel)
	case v.U16 != nil:
		decodeCodes(dst, dict, v.U16, sel)
	default:
		decodeCodes(dst, dict, v.U32, sel)
	}
}

// decodeCodes looks each code up; codes of NULL rows must be legal too (writers store 0), and a dictionary is empty only when all rows are NULL.
func decodeCodes[T any, C uint8 | uint16 | uint32](dst, dict []T, codes []C, sel []uint16) {
	if len(dict) == 0 {
		return
	}
	if sel == nil {
		codes = codes[:len(dst)]
		for i, c := range codes {
			dst[i] = dict[c]
		}
		return
	}
	for i, r := range sel {
		dst[i] = dict[codes[r]]
	}
}

func pick[T any](dst, src []T, sel []uint16) {
	if sel == nil {
		copy(dst, src)
		return
	}
	for i, r := range sel {
		dst[i] = src[r]
	}
}
