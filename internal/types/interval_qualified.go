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
	months, micros, err := ParseInterval(text, intervalFields[last])
	if err != nil {
		return Datum{}, err
	}
	if last <= 1 {
		if micros != 0 && !lax {
			return Datum{}, composite("Year To Month", "day-time")
		}
		if last == 0 {
			months -= months % 12
		}
		return Datum{Type: Type{Kind: IntervalYM}, Int: months}, nil
	}
	if months != 0 && !lax {
		return Datum{}, composite("Day To Second", "year-month")
	}
	unit := [...]int64{2: MicrosPerDay, MicrosPerHour, MicrosPerMinute, 1}[last]
	micros -= micros % unit
	if digits < 6 && last == 5 {
		unit = Pow10Int64(6 - digits)
		micros = DivRoundInt64(micros, 6-digits) * unit
	}
	return Datum{Type: Type{Kind: IntervalDS}, Int: micros}, nil
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
