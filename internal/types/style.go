package types

import (
	"strconv"
	"time"
)

// DateForm is how dates and timestamps are printed.
// https://docs.aws.amazon.com/redshift/latest/dg/r_datestyle.html
type DateForm uint8

// Forms; the example is 8 January 1999, 17:32:01 in New York, month first.
const (
	FormISO      DateForm = iota // 1999-01-08 17:32:01-05
	FormSQL                      // 01/08/1999 17:32:01 EST
	FormPostgres                 // Fri Jan 08 17:32:01 1999 EST; a date alone: 01-08-1999
	FormGerman                   // 08.01.1999 17:32:01 EST
)

// DateOrder is the order in which the numbers of a date are read where its text does not tell, and, in some forms, printed.
type DateOrder uint8

// Orders.
const (
	MonthFirst DateOrder = iota // MDY
	DayFirst                    // DMY
	YearFirst                   // YMD
)

// IntervalForm is how intervals are printed.
// https://docs.aws.amazon.com/redshift/latest/dg/r_interval_data_types.html#r_interval_data_types-interval-styles
type IntervalForm uint8

// Forms; the examples are intervals of 1 year 2 months, and of a day and some hours.
const (
	IntervalPlain    IntervalForm = iota // 1 year 2 mons; 1 day 02:03:04.5678
	IntervalVerbose                      // @ 1 year 2 mons; @ 1 day 2 hours 3 mins 4.56 secs
	IntervalStandard                     // 1-2; 1 2:03:04.5678
)

// Style is what a session says of the text of values. The zero value is Redshift's default: ISO, MDY, no extra digits.
type Style struct {
	Form   DateForm
	Order  DateOrder
	Digits int8 // extra_float_digits, -15 to 2
	Spans  IntervalForm
}

// AppendText is AppendText in a session's style.
func (s Style) AppendText(dst []byte, d *Datum, loc *time.Location) []byte {
	if d.Null {
		return dst
	}
	switch k := d.Type.Kind; {
	case k == Date && s.Form != FormISO:
		return s.appendDate(dst, d.Int)
	case k == Timestamp && s.Form != FormISO:
		return s.appendTimestamp(dst, d.Int)
	case k == TimestampTZ && s.Form != FormISO:
		return s.appendTimestampTZ(dst, d.Int, loc)
	case s.Spans != IntervalPlain && k == IntervalYM:
		return s.appendInterval(dst, d.Int, 0)
	case s.Spans != IntervalPlain && k == IntervalDS:
		return s.appendInterval(dst, 0, d.Int)
	case s.Spans != IntervalPlain && k == Interval:
		return s.appendInterval(dst, d.Wide.Hi, int64(d.Wide.Lo))
	case d.Type.IsFloat() && s.Digits != 0:
		return appendFloat(dst, k, d.Float, s.Digits)
	}
	return AppendText(dst, d, loc)
}

// appendDate writes a day in another form than ISO's.
func (s Style) appendDate(dst []byte, days int64) []byte {
	y, m, d := CivilFromDays(days)
	sep := byte('-')
	switch s.Form {
	case FormSQL:
		sep = '/'
	case FormGerman:
		sep = '.'
	}
	a, b := m, d
	if s.Order == DayFirst || s.Form == FormGerman {
		a, b = d, m
	}
	dst = appendTwo(dst, a)
	dst = appendTwo(append(dst, sep), b)
	return appendEra(append(dst, sep), y)
}

// appendTwo writes a number of two digits.
func appendTwo(dst []byte, n int) []byte { return append(dst, byte('0'+n/10), byte('0'+n%10)) }

// appendEra writes a year, and BC when it is one before 1.
func appendEra(dst []byte, y int64) []byte {
	if y <= 0 {
		return append(appendYear(dst, 1-y), " BC"...)
	}
	return appendYear(dst, y)
}

// appendTimestamp writes a timestamp in another form than ISO's.
func (s Style) appendTimestamp(dst []byte, us int64) []byte {
	days, t := SplitMicros(us)
	y, m, d := CivilFromDays(days)
	if s.Form == FormPostgres {
		dst = append(dst, dayNames[(days+6)%7+7*b2i((days+6)%7 < 0)]...)
		dst = append(dst, ' ')
		if s.Order == DayFirst {
			dst = append(append(appendTwo(dst, d), ' '), shortMonths[m-1]...)
		} else {
			dst = appendTwo(append(append(dst, shortMonths[m-1]...), ' '), d)
		}
		dst = appendClock(append(dst, ' '), t)
		return appendEra(append(dst, ' '), y)
	}
	dst = s.appendDate(dst, days)
	if y <= 0 { // BC comes after the time
		return append(appendClock(append(dst[:len(dst)-3], ' '), t), " BC"...)
	}
	return appendClock(append(dst, ' '), t)
}

// appendTimestampTZ is appendTimestamp on a zone's wall clock, with the zone's name at that moment behind it.
func (s Style) appendTimestampTZ(dst []byte, us int64, loc *time.Location) []byte {
	dst = s.appendTimestamp(dst, UTCToLocal(us, loc))
	name, off := TimeFromMicros(us).In(loc).Zone()
	if name != "" && name[0] != '+' && name[0] != '-' {
		return append(append(dst, ' '), name...)
	}
	return appendOffset(append(dst, ' '), off)
}

var (
	dayNames    = [7]string{"Sun", "Mon", "Tue", "Wed", "Thu", "Fri", "Sat"}
	shortMonths = [12]string{"Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec"}
)

func b2i(b bool) int64 {
	if b {
		return 1
	}
	return 0
}

// appendFloat writes a floating-point number with more or fewer digits than its type is sure to hold.
// https://docs.aws.amazon.com/redshift/latest/dg/r_extra_float_digits.html
func appendFloat(dst []byte, k Kind, f float64, extra int8) []byte {
	if f-f != 0 { // NaN and the infinities
		return AppendFloat(dst, k, f)
	}
	digits := 15
	if k == Float4 {
		digits = 6
	}
	return strconv.AppendFloat(dst, f, 'g', max(digits+int(extra), 1), 64)
}

// appendInterval writes an interval in another form than the plain one.
func (s Style) appendInterval(dst []byte, months, micros int64) []byte {
	if s.Spans == IntervalVerbose {
		return appendVerbose(dst, months, micros)
	}
	year, mon, day, t := months/12, months%12, micros/MicrosPerDay, micros%MicrosPerDay
	abs := func(v int64) int64 { return max(v, -v) }
	clock := func(dst []byte) []byte {
		at := len(dst)
		dst = appendClock(dst, abs(t))
		if dst[at] == '0' { // hours have no zero before them
			dst = append(dst[:at], dst[at+1:]...)
		}
		return dst
	}
	switch {
	case months == 0 && micros == 0:
		return append(dst, '0')
	case months != 0 && micros != 0: // both kinds: every part with its sign
		dst = strconv.AppendInt(appendSign(dst, months), abs(year), 10)
		dst = strconv.AppendInt(append(dst, '-'), abs(mon), 10)
		dst = strconv.AppendInt(appendSign(append(dst, ' '), day), abs(day), 10)
		return clock(appendSign(append(dst, ' '), t))
	case months != 0:
		if months < 0 {
			dst = append(dst, '-')
		}
		return strconv.AppendInt(append(strconv.AppendInt(dst, abs(year), 10), '-'), abs(mon), 10)
	}
	if micros < 0 {
		dst = append(dst, '-')
	}
	if day != 0 {
		dst = append(strconv.AppendInt(dst, abs(day), 10), ' ')
	}
	return clock(dst)
}

func appendSign(dst []byte, v int64) []byte {
	if v < 0 {
		return append(dst, '-')
	}
	return append(dst, '+')
}

// appendVerbose writes every field with its unit, seconds to two digits; an interval whose first field is negative is turned round and ends in ago.
func appendVerbose(dst []byte, months, micros int64) []byte {
	dst = append(dst, '@')
	fields := [...]struct {
		v    int64
		name string
	}{
		{months / 12, "year"},
		{months % 12, "mon"},
		{micros / MicrosPerDay, "day"},
		{micros / MicrosPerHour % 24, "hour"},
		{micros / MicrosPerMinute % 60, "min"},
		{micros % MicrosPerMinute / 10000, "sec"},
	}
	some, ago := false, false
	for i, f := range fields {
		v := f.v
		if v == 0 {
			continue
		}
		if !some {
			some, ago = true, v < 0
		}
		if ago {
			v = -v
		}
		dst = append(dst, ' ')
		whole, rest := v, int64(0)
		if i == len(fields)-1 {
			whole, rest = v/100, v%100
			if v < 0 && whole == 0 {
				dst = append(dst, '-')
			}
		}
		dst = strconv.AppendInt(dst, whole, 10)
		if rest != 0 {
			dst = appendTwo(append(dst, '.'), int(max(rest, -rest)))
		}
		dst = append(append(dst, ' '), f.name...)
		if v != 1 && v != -1 && i < len(fields)-1 || i == len(fields)-1 && v != 100 {
			dst = append(dst, 's')
		}
	}
	switch {
	case !some:
		dst = append(dst, " 0"...)
	case ago:
		dst = append(dst, " ago"...)
	}
	return dst
}
