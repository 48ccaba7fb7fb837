package function

import (
	"math"
	"time"

	"github.com/redshiftsim/redshiftsim/internal/sqlstate"
	"github.com/redshiftsim/redshiftsim/internal/types"
	"github.com/redshiftsim/redshiftsim/internal/vector"
)

// castKernel chooses the kernel by families; nil = there is none.
func castKernel(from, to types.Type, explicit bool) Kernel {
	if Reinterprets(from, to) {
		return castCopy
	}
	f, t := from.Kind, to.Kind
	isInterval := func(k types.Kind) bool {
		return k == types.Interval || k == types.IntervalYM || k == types.IntervalDS
	}
	switch {
	case to.IsReg():
		return ask("to " + to.InternalName())
	case from.IsReg():
		return ask("of " + from.InternalName())
	case from.IsArray() || f == types.ACLItem:
		return nil
	case t == types.Super:
		return castRows(toSuper(from))
	case f == types.Super:
		return castRows(fromSuper(to))
	case to.IsText() || t == types.Unknown:
		if from.IsText() || f == types.Unknown {
			return castRows(textToText(to, explicit))
		}
		if f == types.Varbyte {
			return castRows(bytesToText(to, explicit))
		}
		return castRows(toText(from, to, explicit))
	case from.IsText() || f == types.Unknown:
		return castRows(fromText(to, f == types.Unknown))
	case f == types.Varbyte && t == types.Varbyte:
		return castRows(textToText(to, explicit))
	case f == types.Geometry && t == types.Geography:
		return castRows(toGeography)
	case t == types.Bool && from.IsInteger():
		return castRows(intToBool)
	case f == types.Bool && to.IsInteger():
		return castRows(boolToInt)
	case from.IsNumber() && to.IsNumber():
		return castRows(castNumber(from, to))
	case isInterval(f) && isInterval(t), f == types.Time && t == types.IntervalDS:
		return castRows(castInterval(f, to))
	}
	if step := castTime(f, t); step != nil {
		return castRows(step)
	}
	return nil
}

// castRows lifts a loop over Flat rows to one that may get a Const: that is computed once.
func castRows(loop func(env *Env, n int, in, out *vector.Vector) error) Kernel {
	return func(env *Env, n int, args []*vector.Vector, out *vector.Vector) error {
		in := args[0]
		if in.Form != vector.Const || n <= 1 {
			return loop(env, n, in, out)
		}
		if err := loop(env, 1, in, out); err != nil {
			return err
		}
		spread(out, n)
		return nil
	}
}

// spread copies row 0 of a Flat vector to rows 1..n-1.
func spread(out *vector.Vector, n int) {
	switch out.Type.Lane() {
	case types.LaneBool:
		fillRows(out.Bools[:n])
	case types.LaneInt:
		fillRows(out.Int64s[:n])
	case types.LaneWide:
		fillRows(out.Wides[:n])
	case types.LaneFloat:
		fillRows(out.Floats[:n])
	default:
		fillRows(out.Texts[:n])
	}
}

func fillRows[T any](s []T) {
	for i := 1; i < len(s); i++ {
		s[i] = s[0]
	}
}

// castCopy is the conversion that changes nothing.
func castCopy(_ *Env, n int, args []*vector.Vector, out *vector.Vector) error {
	in, k := args[0], n
	if in.Form == vector.Const {
		k = min(n, 1)
	}
	switch out.Type.Lane() {
	case types.LaneBool:
		copy(out.Bools[:k], in.Bools)
	case types.LaneInt:
		copy(out.Int64s[:k], in.Int64s)
	case types.LaneWide:
		copy(out.Wides[:k], in.Wides)
	case types.LaneFloat:
		copy(out.Floats[:k], in.Floats)
	default:
		copy(out.Texts[:k], in.Texts)
	}
	if k < n {
		spread(out, n)
	}
	return nil
}

// textToText fits text into another limit: cut when explicit, else refused. A CHAR takes no text of several bytes a character.
func textToText(to types.Type, explicit bool) func(*Env, int, *vector.Vector, *vector.Vector) error {
	return func(_ *Env, n int, in, out *vector.Vector) error {
		for i, s := range in.Texts[:n] {
			if to.Kind == types.Char && !out.Null(i) {
				if err := types.SingleByte(s); err != nil {
					return err
				}
			}
			if explicit && to.Len > 0 {
				s = types.CutText(s, int(to.Len))
			}
			s, err := types.FitText(s, to)
			if err != nil && !out.Null(i) {
				return err
			}
			out.Texts[i] = s
		}
		return nil
	}
}

// bytesToText reads varbyte as UTF-8.
func bytesToText(to types.Type, explicit bool) func(*Env, int, *vector.Vector, *vector.Vector) error {
	return textToText(to, explicit)
}

// toText prints values. The texts of a batch share one allocation.
func toText(from, to types.Type, explicit bool) func(*Env, int, *vector.Vector, *vector.Vector) error {
	return func(env *Env, n int, in, out *vector.Vector) error {
		buf := make([]byte, 0, 16*n)
		var ends [64]int
		loc := zoneOf(env)
		style := styleOf(env)
		for lo := 0; lo < n; lo += len(ends) {
			hi := min(n, lo+len(ends))
			start := len(buf)
			for i := lo; i < hi; i++ {
				switch {
				case out.Null(i):
				case style != types.Style{}:
					d := in.Get(i)
					d.Type = from
					buf = style.AppendText(buf, &d, loc)
				default:
					switch from.Lane() {
					case types.LaneBool:
						buf = types.AppendBool(buf, in.Bools[i])
					case types.LaneInt:
						buf = types.AppendInt(buf, from, in.Int64s[i], loc)
					case types.LaneWide:
						buf = types.AppendWide(buf, from, in.Wides[i])
					case types.LaneFloat:
						buf = types.AppendFloat(buf, from.Kind, in.Floats[i])
					}
				}
				ends[i-lo] = len(buf) - start
			}
			text, at := string(buf[start:]), 0
			for i := lo; i < hi; i++ {
				s := text[at:ends[i-lo]]
				at = ends[i-lo]
				if to.Len > 0 && len(s) > int(to.Len) {
					if !explicit {
						return sqlstate.StringTruncation.Errorf("value too long for type %s", to)
					}
					s = s[:to.Len]
				}
				out.Texts[i] = s
			}
			buf = buf[:0]
		}
		return nil
	}
}

// zoneOf is the session's time zone.
func zoneOf(env *Env) *time.Location {
	if env == nil || env.Location == nil {
		return time.UTC
	}
	return env.Location
}

// styleOf is the session's style of dates and floating-point numbers.
func styleOf(env *Env) types.Style {
	if env == nil {
		return types.Style{}
	}
	return env.Style
}

// nowOf is what 'now' means in a literal: the transaction's start.
func nowOf(env *Env) time.Time {
	if env == nil {
		return time.Time{}
	}
	if env.TxNow.IsZero() {
		return env.Now
	}
	return env.TxNow
}

// fromText parses values. Bytes of a varbyte are the text's own.
func fromText(to types.Type, _ bool) func(*Env, int, *vector.Vector, *vector.Vector) error {
	return func(env *Env, n int, in, out *vector.Vector) error {
		loc, now, style := zoneOf(env), nowOf(env), styleOf(env)
		for i, s := range in.Texts[:n] {
			if out.Null(i) {
				continue
			}
			d, err := style.Parse(s, to, loc, now)
			if err != nil {
				return err
			}
			switch to.Lane() {
			case types.LaneBool:
				out.Bools[i] = d.Bool
			case types.LaneInt:
				out.Int64s[i] = d.Int
			case types.LaneWide:
				out.Wides[i] = d.Wide
			case types.LaneFloat:
				out.Floats[i] = d.Float
			default:
				out.Texts[i] = d.Text
			}
		}
		return nil
	}
}

func intToBool(_ *Env, n int, in, out *vector.Vector) error {
	for i, v := range in.Int64s[:n] {
		out.Bools[i] = v != 0
	}
	return nil
}

func boolToInt(_ *Env, n int, in, out *vector.Vector) error {
	for i, v := range in.Bools[:n] {
		out.Int64s[i] = 0
		if v {
			out.Int64s[i] = 1
		}
	}
	return nil
}

// rangeError is the error of a value that an integer or floating kind does not hold.
func rangeError(k types.Kind) error {
	switch k {
	case types.Float4:
		return sqlstate.NumericOutOfRange.Errorf("type \"real\" value out of range: overflow")
	case types.Float8:
		return sqlstate.NumericOutOfRange.Errorf("type \"double precision\" value out of range: overflow")
	}
	return sqlstate.NumericOutOfRange.Errorf("%s out of range", types.Type{Kind: k})
}

// castOverflow is the error of a number that a numeric type does not hold.
func castOverflow() error {
	return sqlstate.NumericOutOfRange.Errorf("Numeric data overflow (result precision)")
}

// castNumber converts between integers, numerics and floating numbers, by lanes.
func castNumber(from, to types.Type) func(*Env, int, *vector.Vector, *vector.Vector) error {
	fs, ts, prec := int(from.Scale), int(to.Scale), int(to.Prec)
	if from.Kind != types.Numeric {
		fs = 0
	}
	if to.Kind != types.Numeric {
		ts = 0
	}
	fl, tl := from.Lane(), to.Lane()
	fits := func(v int64) bool { return types.IntFits(v, to.Kind) }
	fail := func() error { return rangeError(to.Kind) }
	if to.Kind == types.Numeric {
		fits = func(v int64) bool { return types.FitsInt64(v, prec) }
		fail = castOverflow
	}
	switch {
	case fl == types.LaneInt && tl == types.LaneInt:
		return func(_ *Env, n int, in, out *vector.Vector) error {
			for i, v := range in.Int64s[:n] {
				r, ok := types.RescaleInt64(v, fs, ts)
				if (!ok || !fits(r)) && !out.Null(i) {
					return fail()
				}
				out.Int64s[i] = r
			}
			return nil
		}
	case fl == types.LaneInt && tl == types.LaneWide:
		return func(_ *Env, n int, in, out *vector.Vector) error {
			for i, v := range in.Int64s[:n] {
				r, ok := types.Rescale(types.FromInt64(v), fs, ts)
				if (!ok || !types.FitsPrecision(r, prec)) && !out.Null(i) {
					return fail()
				}
				out.Wides[i] = r
			}
			return nil
		}
	case fl == types.LaneWide && tl == types.LaneInt:
		return func(_ *Env, n int, in, out *vector.Vector) error {
			for i, v := range in.Wides[:n] {
				w, ok := types.Rescale(v, fs, ts)
				r, ok2 := w.Int64()
				if (!ok || !ok2 || !fits(r)) && !out.Null(i) {
					return fail()
				}
				out.Int64s[i] = r
			}
			return nil
		}
	case fl == types.LaneWide && tl == types.LaneWide:
		return func(_ *Env, n int, in, out *vector.Vector) error {
			for i, v := range in.Wides[:n] {
				r, ok := types.Rescale(v, fs, ts)
				if (!ok || !types.FitsPrecision(r, prec)) && !out.Null(i) {
					return fail()
				}
				out.Wides[i] = r
			}
			return nil
		}
	case tl == types.LaneFloat:
		return castToFloat(fl, to.Kind, fs)
	case tl == types.LaneInt:
		return func(_ *Env, n int, in, out *vector.Vector) error {
			for i, f := range in.Floats[:n] {
				r, ok := floatToInt(f, to, prec, ts)
				if (!ok || !fits(r)) && !out.Null(i) {
					return fail()
				}
				out.Int64s[i] = r
			}
			return nil
		}
	}
	return func(_ *Env, n int, in, out *vector.Vector) error {
		for i, f := range in.Floats[:n] {
			r, ok := types.FromFloat(f, prec, ts)
			if !ok && !out.Null(i) {
				return fail()
			}
			out.Wides[i] = r
		}
		return nil
	}
}

// floatToInt rounds to the nearest integer (halves to even, as PostgreSQL's rint) or to a numeric's last digit.
func floatToInt(f float64, to types.Type, prec, scale int) (int64, bool) {
	if to.Kind == types.Numeric {
		v, ok := types.FromFloat(f, prec, scale)
		r, _ := v.Int64()
		return r, ok
	}
	f = math.RoundToEven(f)
	if !(f >= -9223372036854775808 && f < 9223372036854775808) {
		return 0, false
	}
	return int64(f), true
}

// castToFloat converts to real and double precision; real is rounded to 24 bits.
func castToFloat(fl types.Lane, kind types.Kind, scale int) func(*Env, int, *vector.Vector, *vector.Vector) error {
	div := types.Pow10(scale).Float64()
	return func(_ *Env, n int, in, out *vector.Vector) error {
		o := out.Floats[:n]
		switch fl {
		case types.LaneInt:
			for i, v := range in.Int64s[:n] {
				o[i] = float64(v) / div
			}
		case types.LaneWide:
			for i, v := range in.Wides[:n] {
				o[i] = v.Float64() / div
			}
		default:
			copy(o, in.Floats[:n])
		}
		if kind == types.Float4 {
			for i, f := range o {
				if !types.FloatFits(f, kind) && !out.Null(i) {
					return rangeError(kind)
				}
				o[i] = float64(float32(f))
			}
		}
		return nil
	}
}

// castInterval converts between the old literal, a time, and the two column types; what a type cannot hold is dropped.
func castInterval(from types.Kind, to types.Type) func(*Env, int, *vector.Vector, *vector.Vector) error {
	return func(_ *Env, n int, in, out *vector.Vector) error {
		for i := range n {
			var mo, us int64
			switch from {
			case types.Interval:
				mo, us = types.IntervalParts(in.Wides[i])
			case types.IntervalYM:
				mo = in.Int64s[i]
			default:
				us = in.Int64s[i]
			}
			switch to.Kind {
			case types.Interval:
				out.Wides[i] = types.MakeInterval(mo, us)
			case types.IntervalYM:
				out.Int64s[i] = to.CutInterval(mo)
			default:
				out.Int64s[i] = to.CutInterval(us)
			}
		}
		return nil
	}
}

// castTime converts between dates, times and timestamps; nil = no such conversion.
func castTime(from, to types.Kind) func(*Env, int, *vector.Vector, *vector.Vector) error {
	one := func(f func(v int64, loc *time.Location) int64) func(*Env, int, *vector.Vector, *vector.Vector) error {
		return func(env *Env, n int, in, out *vector.Vector) error {
			loc := zoneOf(env)
			for i, v := range in.Int64s[:n] {
				out.Int64s[i] = f(v, loc)
			}
			return nil
		}
	}
	day := func(us int64) int64 { d, _ := types.SplitMicros(us); return d }
	clock := func(us int64) int64 { _, t := types.SplitMicros(us); return t }
	type pair struct{ from, to types.Kind }
	switch (pair{from, to}) {
	case pair{types.Date, types.Timestamp}:
		return one(func(v int64, _ *time.Location) int64 { return v * types.MicrosPerDay })
	case pair{types.Date, types.TimestampTZ}:
		return one(func(v int64, loc *time.Location) int64 { return types.LocalToUTC(v*types.MicrosPerDay, loc) })
	case pair{types.Timestamp, types.Date}:
		return one(func(v int64, _ *time.Location) int64 { return day(v) })
	case pair{types.Timestamp, types.Time}:
		return one(func(v int64, _ *time.Location) int64 { return clock(v) })
	case pair{types.Timestamp, types.TimestampTZ}:
		return one(types.LocalToUTC)
	case pair{types.TimestampTZ, types.Timestamp}:
		return one(types.UTCToLocal)
	case pair{types.TimestampTZ, types.Date}:
		return one(func(v int64, loc *time.Location) int64 { return day(types.UTCToLocal(v, loc)) })
	case pair{types.TimestampTZ, types.Time}:
		return one(func(v int64, loc *time.Location) int64 { return clock(types.UTCToLocal(v, loc)) })
	case pair{types.IntervalDS, types.Time}:
		return one(func(v int64, _ *time.Location) int64 { return clock(v) })
	case pair{types.TimestampTZ, types.TimeTZ}:
		return func(env *Env, n int, in, out *vector.Vector) error {
			loc := zoneOf(env)
			for i, v := range in.Int64s[:n] {
				out.Wides[i] = types.Int128{Hi: int64(types.OffsetAt(v, loc)), Lo: uint64(clock(types.UTCToLocal(v, loc)))}
			}
			return nil
		}
	case pair{types.Time, types.TimeTZ}:
		return func(env *Env, n int, in, out *vector.Vector) error {
			off := int64(types.OffsetAt(types.MicrosFromTime(nowOf(env)), zoneOf(env)))
			for i, v := range in.Int64s[:n] {
				out.Wides[i] = types.Int128{Hi: off, Lo: uint64(v)}
			}
			return nil
		}
	case pair{types.TimeTZ, types.Time}:
		return func(_ *Env, n int, in, out *vector.Vector) error {
			for i, v := range in.Wides[:n] {
				out.Int64s[i] = int64(v.Lo)
			}
			return nil
		}
	case pair{types.Time, types.Interval}:
		return func(_ *Env, n int, in, out *vector.Vector) error {
			for i, v := range in.Int64s[:n] {
				out.Wides[i] = types.MakeInterval(0, v)
			}
			return nil
		}
	case pair{types.Interval, types.Time}:
		return func(_ *Env, n int, in, out *vector.Vector) error {
			for i, v := range in.Wides[:n] {
				_, us := types.IntervalParts(v)
				out.Int64s[i] = clock(us)
			}
			return nil
		}
	}
	return nil
}
