package types

import (
	"encoding/hex"
	"math"
	"strconv"
	"time"

	"github.com/redshiftsim/redshiftsim/internal/sketch"
	"github.com/redshiftsim/redshiftsim/internal/spatial"
)

// AppendText writes a value as Redshift prints it; NULL writes nothing. loc is the session's time zone, for timestamptz.
// https://docs.aws.amazon.com/redshift/latest/dg/c_Supported_data_types.html
func AppendText(dst []byte, d *Datum, loc *time.Location) []byte {
	if d.Null {
		return dst
	}
	switch d.Type.Lane() {
	case LaneBool:
		return AppendBool(dst, d.Bool)
	case LaneInt:
		return AppendInt(dst, d.Type, d.Int, loc)
	case LaneWide:
		return AppendWide(dst, d.Type, d.Wide)
	case LaneFloat:
		return AppendFloat(dst, d.Type.Kind, d.Float)
	}
	switch d.Type.Kind {
	case Geometry, Geography:
		return spatial.AppendHexWKB(dst, d.Text, true)
	case HLLSketch:
		return sketch.AppendText(dst, d.Text)
	case Varbyte:
		return hex.AppendEncode(dst, []byte(d.Text))
	case Super:
		return superKnows.text(dst, d.Text)
	}
	dst = append(dst, d.Text...)
	if d.Type.Kind == Char {
		for n := len(d.Text); n < int(d.Type.Len); n++ {
			dst = append(dst, ' ')
		}
	}
	return dst
}

// Format is AppendText as a string; char is padded to its length.
func Format(d Datum, loc *time.Location) string {
	if d.Type.Lane() == LaneText && d.Type.Kind != Char && d.Type.Kind != Varbyte && d.Type.Kind != Super && !d.Type.IsOpaque() {
		return d.Text
	}
	return string(AppendText(nil, &d, loc))
}

// AppendBool writes t or f.
func AppendBool(dst []byte, v bool) []byte {
	if v {
		return append(dst, 't')
	}
	return append(dst, 'f')
}

// AppendInt writes a value of the int lane.
func AppendInt(dst []byte, t Type, v int64, loc *time.Location) []byte {
	switch t.Kind {
	case Numeric:
		return AppendDecimal64(dst, v, int(t.Scale))
	case Date:
		return AppendDate(dst, v)
	case Time:
		return appendTimeOfDay(dst, v)
	case Timestamp:
		return AppendTimestamp(dst, v)
	case TimestampTZ:
		return AppendTimestampTZ(dst, v, loc)
	case IntervalYM:
		if v == 0 {
			return append(dst, "0 years"...)
		}
		return AppendInterval(dst, v, 0)
	case IntervalDS:
		return AppendInterval(dst, 0, v)
	}
	return strconv.AppendInt(dst, v, 10)
}

// AppendWide writes a value of the wide lane.
func AppendWide(dst []byte, t Type, v Int128) []byte {
	switch t.Kind {
	case TimeTZ:
		return appendOffset(appendTimeOfDay(dst, int64(v.Lo)), int(v.Hi))
	case Interval:
		return AppendInterval(dst, v.Hi, int64(v.Lo))
	}
	return AppendDecimal(dst, v, int(t.Scale))
}

// AppendFloat writes as many digits as the type is sure to hold: 6 for real, 15 for double precision (extra_float_digits = 0).
func AppendFloat(dst []byte, k Kind, f float64) []byte {
	switch {
	case math.IsNaN(f):
		return append(dst, "NaN"...)
	case math.IsInf(f, 1):
		return append(dst, "Infinity"...)
	case math.IsInf(f, -1):
		return append(dst, "-Infinity"...)
	}
	if k == Float4 {
		return strconv.AppendFloat(dst, f, 'g', 6, 64)
	}
	return strconv.AppendFloat(dst, f, 'g', 15, 64)
}

// AppendDate writes 2008-12-31; years before 1 get " BC".
func AppendDate(dst []byte, days int64) []byte {
	y, m, d := CivilFromDays(days)
	bc := y <= 0
	if bc {
		y = 1 - y
	}
	dst = appendYear(dst, y)
	dst = append(dst, '-', byte('0'+m/10), byte('0'+m%10), '-', byte('0'+d/10), byte('0'+d%10))
	if bc {
		dst = append(dst, " BC"...)
	}
	return dst
}

func appendYear(dst []byte, y int64) []byte {
	for p := int64(1000); p > y && p > 1; p /= 10 {
		dst = append(dst, '0')
	}
	return strconv.AppendInt(dst, y, 10)
}

// AppendTimestamp writes 2008-06-01 09:59:59[.ffffff], trailing zeros dropped.
func AppendTimestamp(dst []byte, us int64) []byte {
	days, t := SplitMicros(us)
	if days < -730119 { // before year 1: BC comes after the time
		dst = AppendDate(dst, days)
		dst = append(dst[:len(dst)-3], ' ')
		return append(appendClock(dst, t), " BC"...)
	}
	return appendClock(append(AppendDate(dst, days), ' '), t)
}

// AppendTimestampTZ writes an instant on the wall clock of loc, with its offset: 2008-06-01 09:59:59+00.
func AppendTimestampTZ(dst []byte, us int64, loc *time.Location) []byte {
	off := OffsetAt(us, loc)
	us += int64(off) * MicrosPerSecond
	days, t := SplitMicros(us)
	if days < -730119 {
		dst = AppendDate(dst, days)
		dst = append(dst[:len(dst)-3], ' ')
		return append(appendOffset(appendClock(dst, t), off), " BC"...)
	}
	return appendOffset(appendClock(append(AppendDate(dst, days), ' '), t), off)
}

// appendClock writes HH:MM:SS[.ffffff].
func appendClock(dst []byte, us int64) []byte {
	h := us / MicrosPerHour
	m := us / MicrosPerMinute % 60
	s := us / MicrosPerSecond % 60
	f := us % MicrosPerSecond
	if h > 99 {
		dst = strconv.AppendInt(dst, h, 10)
	} else {
		dst = append(dst, byte('0'+h/10), byte('0'+h%10))
	}
	dst = append(dst, ':', byte('0'+m/10), byte('0'+m%10), ':', byte('0'+s/10), byte('0'+s%10))
	if f != 0 {
		dst = append(dst, '.')
		for p := int64(100_000); f > 0; p /= 10 {
			dst = append(dst, byte('0'+f/p))
			f %= p
		}
	}
	return dst
}

// appendTimeOfDay is appendClock of the types time and timetz, whose fractions lose zeros by pairs: 00:00:00.5550.
// https://docs.aws.amazon.com/redshift/latest/dg/r_DATEADD_function.html
func appendTimeOfDay(dst []byte, us int64) []byte {
	start := len(dst)
	dst = appendClock(dst, us)
	if us%MicrosPerSecond != 0 && (len(dst)-start-len("00:00:00."))%2 == 1 {
		dst = append(dst, '0')
	}
	return dst
}

// appendOffset writes +hh[:mm[:ss]].
func appendOffset(dst []byte, off int) []byte {
	sign := byte('+')
	if off < 0 {
		sign, off = '-', -off
	}
	h, m, s := off/3600, off/60%60, off%60
	dst = append(dst, sign)
	if h >= 100 { // a zone that is written out may be a week away
		dst = append(dst, byte('0'+h/100))
	}
	dst = append(dst, byte('0'+h/10%10), byte('0'+h%10))
	if m != 0 || s != 0 {
		dst = append(dst, ':', byte('0'+m/10), byte('0'+m%10))
	}
	if s != 0 {
		dst = append(dst, ':', byte('0'+s/10), byte('0'+s%10))
	}
	return dst
}
