package function

import (
	"math"
	"time"

	"github.com/redshiftsim/redshiftsim/internal/sqlstate"
	"github.com/redshiftsim/redshiftsim/internal/types"
	"github.com/redshiftsim/redshiftsim/internal/vector"
)

// findTimeOperator is + - * / of dates, times, timestamps and intervals; nil = no such operator.
// https://docs.aws.amazon.com/redshift/latest/dg/r_interval_data_types.html
func findTimeOperator(op byte, l, r types.Type) *Bound {
	isInterval := func(t types.Type) bool {
		return t.Kind == types.Interval || t.Kind == types.IntervalYM || t.Kind == types.IntervalDS
	}
	make2 := func(a, b, t types.Type, k Kernel) *Bound {
		return &Bound{Params: []types.Type{a, b}, Returns: t, Kernel: k}
	}
	sign := int64(1)
	if op == '-' {
		sign = -1
	}
	if (op == '+' || op == '-') && isInterval(l) && isInterval(r) {
		return make2(types.TInterval, types.TInterval, types.TInterval, intervalAdd(sign))
	}
	if isInterval(l) && r.IsNumber() && (op == '*' || op == '/') {
		return make2(types.TInterval, types.TFloat8, types.TInterval, intervalScale(op))
	}
	if op == '*' && l.IsNumber() && isInterval(r) {
		return make2(types.TFloat8, types.TInterval, types.TInterval, swapArgs(intervalScale(op)))
	}
	if op != '+' && op != '-' {
		return nil
	}
	if op == '+' && !l.IsDatetime() && r.IsDatetime() { // sums commute: a time stands on the left
		b := findTimeOperator(op, r, l)
		if b == nil {
			return nil
		}
		return make2(b.Params[1], b.Params[0], b.Returns, swapArgs(b.Kernel))
	}
	if op == '+' && l.Kind == types.Time && r.Kind == types.Date {
		return make2(types.TTime, types.TDate, types.TTimestamp, swapArgs(dateTime))
	}
	if op == '+' && l.Kind == types.TimeTZ && r.Kind == types.Date {
		return make2(types.TTimeTZ, types.TDate, types.TTimestampTZ, swapArgs(dateTimeTZ))
	}
	switch l.Kind {
	case types.Date:
		switch {
		case r.IsInteger():
			return make2(l, r, types.TDate, dateShift(sign))
		case r.Kind == types.Date && op == '-':
			return make2(l, r, types.TInt4, intKernel('-', types.Int4))
		case r.Kind == types.Time && op == '+':
			return make2(l, r, types.TTimestamp, dateTime)
		case r.Kind == types.TimeTZ && op == '+':
			return make2(l, r, types.TTimestampTZ, dateTimeTZ)
		case r.Kind == types.IntervalYM: // https://docs.aws.amazon.com/redshift/latest/dg/r_interval_data_types.html#r_interval_data_types-arithmetic
			return make2(l, r, types.TDate, dateMonths(sign))
		case isInterval(r):
			return make2(types.TTimestamp, types.TInterval, types.TTimestamp, timestampShift(sign, false))
		case r.Kind == types.Timestamp && op == '-':
			return make2(types.TTimestamp, r, types.TInterval, timestampDiff)
		case r.Kind == types.TimestampTZ && op == '-':
			return make2(types.TTimestampTZ, r, types.TInterval, timestampDiff)
		}
	case types.Timestamp, types.TimestampTZ:
		zoned := l.Kind == types.TimestampTZ
		switch {
		case isInterval(r):
			b := make2(l, types.TInterval, l, timestampShift(sign, zoned))
			if zoned {
				b.Volatility = Stable
			}
			return b
		case r.IsInteger():
			return make2(l, r, l, timestampDays(sign))
		case op == '-' && (r.Kind == types.Timestamp || r.Kind == types.Date || r.Kind == types.TimestampTZ):
			t := l
			if r.Kind == types.TimestampTZ {
				t = r
			}
			return make2(t, t, types.TInterval, timestampDiff)
		}
	case types.Time:
		switch {
		case isInterval(r):
			return make2(l, types.TInterval, l, timeShift(sign))
		case r.Kind == types.Time && op == '-':
			return make2(l, r, types.TInterval, timestampDiff)
		}
	case types.TimeTZ:
		if isInterval(r) {
			return make2(l, types.TInterval, l, timetzShift(sign))
		}
	}
	return nil
}

// swapArgs calls a kernel with its two arguments exchanged.
func swapArgs(k Kernel) Kernel {
	return func(env *Env, n int, args []*vector.Vector, out *vector.Vector) error {
		return k(env, n, []*vector.Vector{args[1], args[0]}, out)
	}
}

// wideMask gives a vector's wide lane and its index mask.
func wideMask(v *vector.Vector) ([]types.Int128, int) {
	if v.Form == vector.Const {
		return v.Wides, 0
	}
	return v.Wides, -1
}

// floatMask gives a vector's float lane and its index mask.
func floatMask(v *vector.Vector) ([]float64, int) {
	if v.Form == vector.Const {
		return v.Floats, 0
	}
	return v.Floats, -1
}

func intervalRange() error { return sqlstate.DatetimeOverflow.Errorf("interval out of range") }

// intervalAdd adds part by part.
func intervalAdd(sign int64) Kernel {
	return func(_ *Env, n int, args []*vector.Vector, out *vector.Vector) error {
		a, ma := wideMask(args[0])
		b, mb := wideMask(args[1])
		for i := range n {
			m1, u1 := types.IntervalParts(a[i&ma])
			m2, u2 := types.IntervalParts(b[i&mb])
			us, ok := intOne('+', u1, sign*u2)
			if !ok && !out.Null(i) {
				return intervalRange()
			}
			out.Wides[i] = types.MakeInterval(m1+sign*m2, us)
		}
		return nil
	}
}

// intervalScale multiplies or divides; what is left of a month counts as thirtieths of days.
func intervalScale(op byte) Kernel {
	return func(_ *Env, n int, args []*vector.Vector, out *vector.Vector) error {
		a, ma := wideMask(args[0])
		b, mb := floatMask(args[1])
		for i := range n {
			if out.Null(i) {
				continue
			}
			mo, us := types.IntervalParts(a[i&ma])
			f := b[i&mb]
			m, u := float64(mo)*f, float64(us)*f
			if op == '/' {
				if f == 0 {
					return errDivisionByZero()
				}
				m, u = float64(mo)/f, float64(us)/f
			}
			whole := math.Trunc(m)
			u += (m - whole) * float64(30*types.MicrosPerDay)
			if math.Abs(whole) > math.MaxInt32 || math.Abs(u) > 9.2e18 || math.IsNaN(u) {
				return intervalRange()
			}
			out.Wides[i] = types.MakeInterval(int64(whole), int64(math.RoundToEven(u)))
		}
		return nil
	}
}

// dateShift is date + integer: days.
func dateShift(sign int64) Kernel {
	return func(_ *Env, n int, args []*vector.Vector, out *vector.Vector) error {
		a, ma := intRows(args[0])
		b, mb := intRows(args[1])
		for i := range n {
			v, ok := intOne('+', a[i&ma], sign*b[i&mb])
			if (!ok || v < types.MinDate || v > types.MaxDate) && !out.Null(i) {
				return types.DatetimeRange(types.Date)
			}
			out.Int64s[i] = v
		}
		return nil
	}
}

// dateMonths is date + interval year to month: the day of the month stays, or becomes the last.
func dateMonths(sign int64) Kernel {
	return func(_ *Env, n int, args []*vector.Vector, out *vector.Vector) error {
		a, ma := intRows(args[0])
		b, mb := intRows(args[1])
		for i := range n {
			if out.Null(i) {
				continue
			}
			mo := b[i&mb]
			if mo > 12*600000 || mo < -12*600000 {
				return types.DatetimeRange(types.Date)
			}
			v, _ := types.SplitMicros(types.AddMonthsMicros(a[i&ma]*types.MicrosPerDay, sign*mo))
			if v < types.MinDate || v > types.MaxDate {
				return types.DatetimeRange(types.Date)
			}
			out.Int64s[i] = v
		}
		return nil
	}
}

// timestampDays is timestamp + integer: whole days.
func timestampDays(sign int64) Kernel {
	return func(_ *Env, n int, args []*vector.Vector, out *vector.Vector) error {
		a, ma := intRows(args[0])
		b, mb := intRows(args[1])
		for i := range n {
			d, ok1 := intOne('*', b[i&mb], sign*types.MicrosPerDay)
			v, ok2 := intOne('+', a[i&ma], d)
			if (!ok1 || !ok2 || v < types.MinTimestamp || v > types.MaxTimestamp) && !out.Null(i) {
				return types.DatetimeRange(types.Timestamp)
			}
			out.Int64s[i] = v
		}
		return nil
	}
}

// dateTime is date + time.
func dateTime(_ *Env, n int, args []*vector.Vector, out *vector.Vector) error {
	a, ma := intRows(args[0])
	b, mb := intRows(args[1])
	for i := range n {
		out.Int64s[i] = a[i&ma]*types.MicrosPerDay + b[i&mb]
	}
	return nil
}

// dateTimeTZ is date + timetz: an instant.
// https://docs.aws.amazon.com/redshift/latest/dg/r_DATE-CONCATENATE_function.html
func dateTimeTZ(_ *Env, n int, args []*vector.Vector, out *vector.Vector) error {
	a, ma := intRows(args[0])
	b, mb := wideMask(args[1])
	for i := range n {
		t := b[i&mb]
		out.Int64s[i] = a[i&ma]*types.MicrosPerDay + int64(t.Lo) - t.Hi*types.MicrosPerSecond
	}
	return nil
}

// timestampShift is timestamp + interval: first the months, on the calendar, then the rest; a timestamptz moves on the session's wall clock.
func timestampShift(sign int64, zoned bool) Kernel {
	return func(env *Env, n int, args []*vector.Vector, out *vector.Vector) error {
		a, ma := intRows(args[0])
		b, mb := wideMask(args[1])
		loc := time.UTC
		if zoned {
			loc = zoneOf(env)
		}
		for i := range n {
			if out.Null(i) {
				continue
			}
			mo, us := types.IntervalParts(b[i&mb])
			v := a[i&ma]
			if mo != 0 {
				if mo > 12*600000 || mo < -12*600000 {
					return types.DatetimeRange(types.Timestamp)
				}
				v = types.LocalToUTC(types.AddMonthsMicros(types.UTCToLocal(v, loc), sign*mo), loc)
			}
			v, ok := intOne('+', v, sign*us)
			if !ok || v < types.MinTimestamp || v > types.MaxTimestamp {
				return types.DatetimeRange(types.Timestamp)
			}
			out.Int64s[i] = v
		}
		return nil
	}
}

// timestampDiff is timestamp - timestamp: days and time, no months.
func timestampDiff(_ *Env, n int, args []*vector.Vector, out *vector.Vector) error {
	a, ma := intRows(args[0])
	b, mb := intRows(args[1])
	for i := range n {
		v, ok := intOne('-', a[i&ma], b[i&mb])
		if !ok && !out.Null(i) {
			return intervalRange()
		}
		out.Wides[i] = types.MakeInterval(0, v)
	}
	return nil
}

// timeShift is time + interval, around the clock.
func timeShift(sign int64) Kernel {
	return func(_ *Env, n int, args []*vector.Vector, out *vector.Vector) error {
		a, ma := intRows(args[0])
		b, mb := wideMask(args[1])
		for i := range n {
			_, us := types.IntervalParts(b[i&mb])
			_, out.Int64s[i] = types.SplitMicros(a[i&ma] + sign*(us%types.MicrosPerDay))
		}
		return nil
	}
}

// timetzShift is timetz + interval; the zone stays.
func timetzShift(sign int64) Kernel {
	return func(_ *Env, n int, args []*vector.Vector, out *vector.Vector) error {
		a, ma := wideMask(args[0])
		b, mb := wideMask(args[1])
		for i := range n {
			_, us := types.IntervalParts(b[i&mb])
			_, t := types.SplitMicros(int64(a[i&ma].Lo) + sign*(us%types.MicrosPerDay))
			out.Wides[i] = types.Int128{Hi: a[i&ma].Hi, Lo: uint64(t)}
		}
		return nil
	}
}
