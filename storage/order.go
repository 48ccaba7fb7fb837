package storage

import (
	"math"

	"github.com/redshiftsim/redshiftsim/internal/types"
)

// floatOrder maps a double to an int64 that orders as PostgreSQL orders doubles: -0 is 0, NaN is one value above all others.
func floatOrder(f float64) int64 {
	if f == 0 {
		return 0
	}
	if f != f {
		return math.MaxInt64
	}
	b := int64(math.Float64bits(f))
	if b < 0 {
		b = -(b & math.MaxInt64)
	}
	return b
}

// floatFromOrder is the inverse of floatOrder.
func floatFromOrder(b int64) float64 {
	if b == math.MaxInt64 {
		return math.NaN()
	}
	if b < 0 {
		return math.Float64frombits(uint64(-b) | 1<<63)
	}
	return math.Float64frombits(uint64(b))
}

// range64 is a running minimum and maximum of sortable 64-bit values.
type range64 struct {
	lo, hi int64
	some   bool
}

func (r *range64) add(x int64) {
	if !r.some {
		r.lo, r.hi, r.some = x, x, true
		return
	}
	r.lo, r.hi = min(r.lo, x), max(r.hi, x)
}

// widen makes lo..hi cover the data l..h as well; some says whether lo and hi hold yet.
func widen(lo, hi *types.Datum, some bool, l, h types.Datum) {
	if !some || types.Compare(&l, lo) < 0 {
		*lo = l
	}
	if !some || types.Compare(&h, hi) > 0 {
		*hi = h
	}
}

// zoneValue is the 8-byte value that a zone map shows for a datum: numbers and times as they are, reals cut to integers, of wide numerics the high
// half, of texts the first 8 bytes.
// https://docs.aws.amazon.com/redshift/latest/dg/r_STV_BLOCKLIST.html
func zoneValue(d *types.Datum) int64 {
	switch d.Type.Lane() {
	case types.LaneBool:
		if d.Bool {
			return 1
		}
		return 0
	case types.LaneInt:
		return d.Int
	case types.LaneWide:
		if d.Type.Kind == types.TimeTZ {
			return int64(d.Wide.Lo)
		}
		return d.Wide.Hi
	case types.LaneFloat:
		switch {
		case d.Float != d.Float || d.Float >= math.MaxInt64:
			return math.MaxInt64
		case d.Float <= math.MinInt64:
			return math.MinInt64
		}
		return int64(d.Float)
	}
	var x uint64
	for i := range 8 {
		x <<= 8
		switch {
		case i < len(d.Text):
			x |= uint64(d.Text[i])
		case i < int(d.Type.Len) && d.Type.Kind == types.Char: // stored with its trailing blanks
			x |= ' '
		}
	}
	return int64(x)
}
