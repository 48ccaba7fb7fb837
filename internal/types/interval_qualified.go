package types

import (
	"strconv"
	"strings"

	"github.com/redshiftsim/redshiftsim/internal/sqlstate"
)

// intervalFields are the fields of qualifiers, from the longest to the shortest.
var intervalFields = [...]string{"year", "month", "day", "hour", "minute", "second"}

// ParseQualified reads an interval literal with a qualifier: YEAR, MONTH, YEAR TO MONTH make an interval year to month; DAY, DAY TO SECOND(3), HOUR
// TO MINUTE and their like an interval day to second. A bare number counts the last field; what is shorter than the last field is cut. lax drops the
// parts that the type does not have, which are an error otherwise.
// https://docs.aws.amazon.com/redshift/latest/dg/r_interval_data_types.html
// https://docs.aws.amazon.com/redshift/latest/dg/r_interval_forbid_composite_literals.html
func ParseQualified(text, qualifier string, lax bool) (Datum, error) {
	first, last, digits, ok := intervalQualifier(qualifier)
	if !ok {
		return Datum{}, sqlstate.Syntax.Errorf("invalid interval qualifier: %s", qualifier)
	}
	text = shapedInterval(text, first, last)
	if last == 5 {
		text = cutFraction(text)
	}
	months, micros, err := ParseInterval(text, intervalFields[last])
	if err != nil {
		return Datum{}, err
	}
	t := intervalOf(last, digits)
	if t.Kind == IntervalYM {
		if micros != 0 && !lax {
			return Datum{}, composite("Year To Month", "day-time")
		}
		return Datum{Type: Type{Kind: IntervalYM}, Int: t.CutInterval(months)}, nil
	}
	if months != 0 && !lax {
		return Datum{}, composite("Day To Second", "year-month")
	}
	return Datum{Type: Type{Kind: IntervalDS}, Int: t.CutInterval(micros)}, nil
}

// The fields that a Type's Scale has of an interval's last one; 0 = month or microsecond, nothing is cut.
const (
	cutYear   = 1 // of an interval year to month
	cutDay    = 1 // of an interval day to second
	cutHour   = 2
	cutMinute = 3
	cutSecond = 4 // and digits, up to 5
)

// intervalOf is the type of a qualifier's last field.
func intervalOf(last, digits int) Type {
	t := Type{Kind: IntervalDS, Prec: 6}
	switch {
	case last == 0:
		return Type{Kind: IntervalYM, Scale: cutYear}
	case last == 1:
		return Type{Kind: IntervalYM}
	case last < 5:
		t.Scale = uint8(last - 2 + cutDay)
	case digits < 6:
		t.Prec, t.Scale = uint8(digits), uint8(cutSecond+digits)
	}
	return t
}

// IntervalType is the type of a column that a qualifier describes: HOUR TO MINUTE, SECOND(3).
// https://docs.aws.amazon.com/redshift/latest/dg/r_interval_data_types.html
func IntervalType(qualifier string) (Type, error) {
	_, last, digits, ok := intervalQualifier(qualifier)
	if !ok {
		return Type{}, sqlstate.Syntax.Errorf("invalid interval qualifier: %s", qualifier)
	}
	return intervalOf(last, digits), nil
}

// CutInterval drops from months, or microseconds, what an interval type's fields do not hold; digits of seconds are rounded.
func (t Type) CutInterval(v int64) int64 {
	switch {
	case t.Scale == 0:
	case t.Kind == IntervalYM:
		return v - v%12
	case t.Scale < cutSecond:
		return v - v%[...]int64{cutDay: MicrosPerDay, cutHour: MicrosPerHour, cutMinute: MicrosPerMinute}[t.Scale]
	default:
		digits := int(t.Scale - cutSecond)
		return DivRoundInt64(v, 6-digits) * Pow10Int64(6-digits)
	}
	return v
}

// intervalUnit is what a number without a unit counts in text that becomes an interval of the type: its last field.
func (t Type) intervalUnit() string {
	switch {
	case t.Kind == IntervalYM && t.Scale == cutYear:
		return "year"
	case t.Kind == IntervalYM:
		return "month"
	case t.Kind == IntervalDS && t.Scale > 0 && t.Scale < cutSecond:
		return intervalFields[t.Scale-cutDay+2]
	}
	return ""
}

// cutFraction drops what stands behind six digits of a fraction: INTERVAL '1.23456789' SECOND is 1.234567.
func cutFraction(text string) string {
	at := strings.IndexByte(text, '.')
	end := at + 1
	for at >= 0 && end < len(text) && isDigit(text[end]) {
		end++
	}
	if at < 0 || end-at <= 7 {
		return text
	}
	return text[:at+7] + text[end:]
}

// shapedInterval writes what a qualifier alone tells apart: '2:2' is minutes and seconds of MINUTE TO SECOND, or with a fraction; '1 2' of DAY TO HOUR is
// days and hours.
func shapedInterval(text string, first, last int) string {
	if last == 5 && strings.Count(text, ":") == 1 && (first >= 4 || strings.Contains(text, ".")) {
		at := strings.IndexByte(text, ':')
		for at > 0 && isDigit(text[at-1]) {
			at--
		}
		return text[:at] + "0:" + text[at:]
	}
	if f := strings.Fields(text); first == 2 && last == 3 && len(f) == 2 {
		if _, err := strconv.Atoi(f[0]); err == nil {
			if _, err := strconv.Atoi(f[1]); err == nil {
				return f[0] + " days " + f[1] + " hours"
			}
		}
	}
	return text
}

// composite is the error of an interval literal with parts of both kinds.
func composite(kind, parts string) error {
	return sqlstate.InvalidDatetime.Errorf("Interval %s literal cannot contain %s parts. Disable the GUC interval_forbid_composite_literals to suppress "+
		"this error and silently discard the %s part.", kind, parts, parts)
}

// intervalQualifier reads FIELD [TO FIELD] [(digits)].
func intervalQualifier(q string) (first, last, digits int, ok bool) {
	digits = 6
	q = strings.ToLower(q)
	if at := strings.IndexByte(q, '('); at >= 0 {
		end := strings.IndexByte(q[at:], ')')
		if end < 0 {
			return 0, 0, 0, false
		}
		n, err := strconv.Atoi(strings.TrimSpace(q[at+1 : at+end]))
		if err != nil || n < 0 || n > 6 {
			return 0, 0, 0, false
		}
		digits, q = n, q[:at]
	}
	w := strings.Fields(q)
	if len(w) != 1 && (len(w) != 3 || w[1] != "to") {
		return 0, 0, 0, false
	}
	first, last = intervalField(w[0]), intervalField(w[len(w)-1])
	return first, last, digits, first >= 0 && last >= first && (first <= 1) == (last <= 1)
}

func intervalField(name string) int {
	for i, f := range intervalFields {
		if name == f {
			return i
		}
	}
	return -1
}
