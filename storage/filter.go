package storage

import (
	"github.com/redshiftsim/redshiftsim/internal/types"
	"github.com/redshiftsim/redshiftsim/internal/vector"
)

// filter writes the rows of v (all, or those of in) that pass to sel and returns how many. in may be the front of sel. When every row passes, sel need not be
// written.
func (t *test) filter(v *vector.Vector, in, sel []uint16) int {
	rows := v.Len
	count := rows
	if in != nil {
		count = len(in)
	}
	if t.nulls || t.free {
		if v.Nulls == nil || v.Form == vector.Const {
			if v.Null(0) != t.nulls {
				return 0
			}
			return count
		}
		want := uint64(0)
		if t.nulls {
			want = 1
		}
		return vector.SelectBits(v.Nulls, want, rows, in, sel)
	}
	var n int
	switch v.Form {
	case vector.Const:
		if v.Null(0) || !t.passConst(v) {
			return 0
		}
		return count
	case vector.Narrow:
		switch {
		case v.U8 != nil:
			n = filterNarrow(t, v.U8, v.Base, in, sel)
		case v.U16 != nil:
			n = filterNarrow(t, v.U16, v.Base, in, sel)
		default:
			n = filterNarrow(t, v.U32, v.Base, in, sel)
		}
	case vector.Dict:
		if t.dict != v.Dict {
			t.learn(v.Dict)
		}
		switch {
		case v.U8 != nil:
			n = vector.SelectTable(v.U8, t.table, in, sel)
		case v.U16 != nil:
			n = vector.SelectTable(v.U16, t.table, in, sel)
		default:
			n = vector.SelectTable(v.U32, t.table, in, sel)
		}
	default:
		n = t.filterFlat(v, in, sel)
	}
	if v.Nulls != nil {
		if n == count && in == nil {
			return vector.SelectBits(v.Nulls, 0, rows, nil, sel)
		}
		n = vector.SelectBits(v.Nulls, 0, rows, sel[:n], sel)
	}
	return n
}

// passConst tests the value of a Const that is not NULL.
func (t *test) passConst(v *vector.Vector) bool {
	switch v.Type.Lane() {
	case types.LaneText:
		return t.passText(v.Texts[0])
	case types.LaneWide:
		return t.passWide(v.Wides[0])
	case types.LaneFloat:
		return t.pass64(floatOrder(v.Floats[0]))
	case types.LaneInt:
		return t.pass64(v.Int64s[0])
	}
	if v.Bools[0] {
		return t.pass64(1)
	}
	return t.pass64(0)
}

// learn tests every entry of a dictionary once. The table has an entry even for an empty dictionary: NULL rows have code 0.
func (t *test) learn(d *vector.Vector) {
	t.dict = d
	t.table = make([]uint8, max(d.Len, 1))
	for i, x := range d.Texts[:d.Len] {
		if t.passText(x) {
			t.table[i] = 1
		}
	}
}

// bounds turns the test's bounds into codes; ok is false when none can pass.
func bounds[C uint8 | uint16 | uint32](t *test, base int64) (lo, hi C, ok bool) {
	hi = ^C(0)
	top := uint64(hi)
	if t.hi < base {
		return 0, 0, false
	}
	if t.lo > base {
		d := uint64(t.lo) - uint64(base)
		if d > top {
			return 0, 0, false
		}
		lo = C(d)
	}
	if d := uint64(t.hi) - uint64(base); d < top {
		hi = C(d)
	}
	return lo, hi, true
}

// count is the number of rows of v that pass; ok is false when it takes a filter to tell.
func (t *test) count(v *vector.Vector) (n int, ok bool) {
	if v.Form != vector.Narrow || v.U8 == nil || v.Nulls != nil || t.nulls || t.free || t.isIn || len(t.not) > 0 {
		return 0, false
	}
	lo, hi, some := bounds[uint8](t, v.Base)
	if !some || lo > hi {
		return 0, true
	}
	return vector.CountCodes(v.U8[:v.Len], lo, hi-lo), true
}

// filterNarrow turns the test's bounds into codes and compares codes.
func filterNarrow[C uint8 | uint16 | uint32](t *test, codes []C, base int64, in, sel []uint16) int {
	lo, hi, ok := bounds[C](t, base)
	if !ok {
		return 0
	}
	top := ^C(0)
	n := len(codes)
	if in != nil {
		n = len(in)
	}
	if lo > 0 || hi < top {
		n = vector.SelectCodes(codes, lo, hi-lo, in, sel)
		in = sel[:n]
	}
	if t.isIn {
		if few, ok := any(codes).([]uint8); ok {
			n = t.keepListed(few, base, in, sel)
		} else {
			n = keep(codes, in, sel, func(c C) bool { return t.listed(base + int64(c)) })
		}
		in = sel[:n]
	}
	for _, x := range t.not {
		if x < base || uint64(x)-uint64(base) > uint64(top) {
			continue
		}
		c := C(uint64(x) - uint64(base))
		n = vector.SelectOther(codes, c, in, sel)
		in = sel[:n]
	}
	return n
}

// keepListed keeps the byte codes of values in the IN list.
func (t *test) keepListed(codes []uint8, base int64, in, sel []uint16) int {
	var table [256]uint8
	for _, x := range t.in {
		if c := uint64(x) - uint64(base); c < uint64(len(table)) {
			table[c] = 1
		}
	}
	return vector.SelectTable(codes, table[:], in, sel)
}

// listed says whether x is in the IN list.
func (t *test) listed(x int64) bool {
	lo, hi := 0, len(t.in)
	for lo < hi {
		m := (lo + hi) / 2
		if t.in[m] < x {
			lo = m + 1
		} else {
			hi = m
		}
	}
	return lo < len(t.in) && t.in[lo] == x
}

// keep is the road for tests that no kernel has.
func keep[T any](vals []T, in, sel []uint16, pass func(T) bool) int {
	n := 0
	if in != nil {
		for _, r := range in {
			sel[n] = r
			if pass(vals[r]) {
				n++
			}
		}
		return n
	}
	for i, x := range vals {
		sel[n] = uint16(i)
		if pass(x) {
			n++
		}
	}
	return n
}

// filterFlat tests plain values.
func (t *test) filterFlat(v *vector.Vector, in, sel []uint16) int {
	switch v.Type.Lane() {
	case types.LaneInt:
		n := vector.SelectInt64(v.Int64s[:v.Len], t.lo, t.hi, in, sel)
		if t.isIn || len(t.not) > 0 {
			n = keep(v.Int64s[:v.Len], sel[:n], sel, t.pass64)
		}
		return n
	case types.LaneFloat:
		return keep(v.Floats[:v.Len], in, sel, func(x float64) bool { return t.pass64(floatOrder(x)) })
	case types.LaneBool:
		return keep(v.Bools[:v.Len], in, sel, func(x bool) bool {
			if x {
				return t.pass64(1)
			}
			return t.pass64(0)
		})
	case types.LaneWide:
		return keep(v.Wides[:v.Len], in, sel, t.passWide)
	}
	if len(t.conds) == 1 && t.conds[0].op == Eq {
		want := t.conds[0].text
		return keep(v.Texts[:v.Len], in, sel, func(x string) bool { return len(x) >= len(want) && types.EqualText(x, want) })
	}
	return keep(v.Texts[:v.Len], in, sel, t.passText)
}
