package function

import (
	"github.com/redshiftsim/redshiftsim/internal/sqlstate"
	"github.com/redshiftsim/redshiftsim/internal/types"
	"github.com/redshiftsim/redshiftsim/internal/vector"
)

// stackRows is the size of partitions up to which row numbers are kept on the stack: most partitions are short.
const stackRows = 128

// notNull lists the rows of v that are not NULL, for IGNORE NULLS: rows[k] is the k-th of them, before[i] how many lie before row i.
//
//	v       7 NULL NULL 8 9        rows    0 3 4
//	before  0 1    1    1 2 3
func notNull(v *vector.Vector, n int) (rows, before []int32) {
	both := make([]int32, 2*n+1)
	rows, before = both[:0:n], both[n:]
	for i := range n {
		before[i] = int32(len(rows))
		if !v.Null(i) {
			rows = append(rows, int32(i))
		}
	}
	before[n] = int32(len(rows))
	return rows, before
}

// takeRows fills out with the rows from[i] of v; a negative number is NULL.
func takeRows(v *vector.Vector, from []int32, out *vector.Vector) {
	switch v.Type.Lane() {
	case types.LaneBool:
		takeLane(out.Bools, v.Bools, from)
	case types.LaneInt:
		takeLane(out.Int64s, v.Int64s, from)
	case types.LaneWide:
		takeLane(out.Wides, v.Wides, from)
	case types.LaneFloat:
		takeLane(out.Floats, v.Floats, from)
	default:
		takeLane(out.Texts, v.Texts, from)
	}
	for i, r := range from {
		if r < 0 || v.Nulls != nil && v.Null(int(r)) {
			out.SetNull(i)
		}
	}
}

// takeLane copies the rows from of a lane.
func takeLane[T any](dst, src []T, from []int32) {
	for i, r := range from {
		if r >= 0 {
			dst[i] = src[r]
		}
	}
}

// rowNumbers makes n row numbers, in space when it is large enough.
func rowNumbers(space []int32, n int) []int32 {
	if n <= len(space) {
		return space[:n]
	}
	return make([]int32, n)
}

// lag is the value so many rows before.
func lag(_ *Env, n int, args []*vector.Vector, _, _, _ []int32, ignoreNulls bool, out *vector.Vector) error {
	shift(n, args, -1, ignoreNulls, out)
	return nil
}

// lead is the value so many rows after.
func lead(_ *Env, n int, args []*vector.Vector, _, _, _ []int32, ignoreNulls bool, out *vector.Vector) error {
	shift(n, args, 1, ignoreNulls, out)
	return nil
}

// shift computes LAG (sign -1) and LEAD (sign 1). The offset is 1, or the row's second argument; 0 is the row itself, a NULL offset gives NULL, a
// negative one looks the other way.
func shift(n int, args []*vector.Vector, sign int64, ignoreNulls bool, out *vector.Vector) {
	var space [stackRows]int32
	from := rowNumbers(space[:], n)
	var rows, before []int32
	if ignoreNulls {
		rows, before = notNull(args[0], n)
	}
	for i := range from {
		from[i] = -1
		k := sign
		if len(args) > 1 {
			if args[1].Null(i) {
				continue
			}
			k = sign * max(min(args[1].Int64s[i], int64(n)), -int64(n))
		}
		if !ignoreNulls || k == 0 {
			if at := int64(i) + k; at >= 0 && at < int64(n) {
				from[i] = int32(at)
			}
			continue
		}
		at := int64(before[i]) + k // the k-th before: there are before[i] of them
		if k > 0 {
			at = int64(before[i+1]) + k - 1
		}
		if at >= 0 && at < int64(len(rows)) {
			from[i] = rows[at]
		}
	}
	takeRows(args[0], from, out)
}

// firstValue is the first value of the frame.
func firstValue(_ *Env, n int, args []*vector.Vector, _, lo, hi []int32, ignoreNulls bool, out *vector.Vector) error {
	edge(n, args, lo, hi, false, ignoreNulls, out)
	return nil
}

// lastValue is the last value of the frame.
func lastValue(_ *Env, n int, args []*vector.Vector, _, lo, hi []int32, ignoreNulls bool, out *vector.Vector) error {
	edge(n, args, lo, hi, true, ignoreNulls, out)
	return nil
}

// edge computes FIRST_VALUE, and with last LAST_VALUE; a frame that has no row gives NULL.
func edge(n int, args []*vector.Vector, lo, hi []int32, last, ignoreNulls bool, out *vector.Vector) {
	var space [stackRows]int32
	from := rowNumbers(space[:], n)
	var rows, before []int32
	if ignoreNulls {
		rows, before = notNull(args[0], n)
	}
	for i := range from {
		from[i] = -1
		first, end := lo[i], hi[i]
		if ignoreNulls && first < end {
			first, end = before[first], before[end]
		}
		if first >= end {
			continue
		}
		if last {
			first = end - 1
		}
		if ignoreNulls {
			first = rows[first]
		}
		from[i] = first
	}
	takeRows(args[0], from, out)
}

// nthValue is the so-manieth value of the frame.
func nthValue(_ *Env, n int, args []*vector.Vector, _, lo, hi []int32, ignoreNulls bool, out *vector.Vector) error {
	var space [stackRows]int32
	from := rowNumbers(space[:], n)
	var rows, before []int32
	if ignoreNulls {
		rows, before = notNull(args[0], n)
	}
	for i := range from {
		from[i] = -1
		if args[1].Null(i) {
			continue
		}
		k := args[1].Int64s[i]
		if k <= 0 {
			return sqlstate.InvalidNthValue.Errorf("argument of nth_value must be greater than zero")
		}
		switch {
		case lo[i] >= hi[i]:
		case !ignoreNulls:
			if k <= int64(hi[i]-lo[i]) {
				from[i] = lo[i] + int32(k) - 1
			}
		case k <= int64(before[hi[i]]-before[lo[i]]):
			from[i] = rows[int64(before[lo[i]])+k-1]
		}
	}
	takeRows(args[0], from, out)
	return nil
}
