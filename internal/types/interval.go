package types

import (
	"math"
	"strconv"
	"strings"

	"github.com/redshiftsim/redshiftsim/internal/sqlstate"
)

// MakeInterval makes the Wide form of months and microseconds.
func MakeInterval(months, micros int64) Int128 { return Int128{Hi: months, Lo: uint64(micros)} }

// IntervalParts splits the Wide form.
func IntervalParts(v Int128) (months, micros int64) { return v.Hi, int64(v.Lo) }

// IntervalOrder gives a number by which intervals are compared: a month counts 30 days, as in PostgreSQL.
func IntervalOrder(v Int128) Int128 {
	p, _ := FromInt64(v.Hi).Mul(FromInt64(30 * MicrosPerDay))
	return p.AddInt64(int64(v.Lo))
}

// unit is what a word for a span of time means: months or microseconds.
type unit struct{ months, micros int64 }

var unitNames = []struct {
	words string
	unit  unit
}{
	{"us usec usecs microsecond microseconds microsec microsecs usecond useconds", unit{0, 1}},
	{"ms msec msecs millisecond milliseconds millisec millisecs msecond mseconds millisecon", unit{0, 1000}},
	{"s sec secs second seconds", unit{0, MicrosPerSecond}},
	{"m min mins minute minutes", unit{0, MicrosPerMinute}},
	{"h hr hrs hour hours", unit{0, MicrosPerHour}},
	{"d day days", unit{0, MicrosPerDay}},
	{"w week weeks", unit{0, 7 * MicrosPerDay}},
	{"mon mons month months", unit{1, 0}},
	{"q qtr qtrs quarter quarters", unit{3, 0}},
	{"y yr yrs year years", unit{12, 0}},
	{"dec decs decade decades", unit{120, 0}},
	{"c cent cents century centuries", unit{1200, 0}},
	{"mil mils millennium millennia", unit{12000, 0}},
}

// units maps each word to its unit.
var units = func() map[string]unit {
	m := map[string]unit{}
	for _, u := range unitNames {
		for _, w := range strings.Fields(u.words) {
			m[w] = u.unit
		}
	}
	return m
}()

// ParseInterval reads a span: '1 day 2 hours', '1 year, 10 months', '28.5 days 2 hrs', '02:03:04', '1-2' (years-months), 'ago' at the end. A number
// without a unit counts fields ("" = seconds).
// https://docs.aws.amazon.com/redshift/latest/dg/r_interval_literals.html
func ParseInterval(text, field string) (months, micros int64, err error) {
	fail := func() (int64, int64, error) {
		return 0, 0, sqlstate.InvalidDatetime.Errorf("invalid input syntax for type interval: \"%s\"", text)
	}
	bare := unit{0, MicrosPerSecond}
	if field != "" {
		u, ok := units[strings.ToLower(field)]
		if !ok {
			return fail()
		}
		bare = u
	}
	r := intervalReader{s: strings.TrimPrefix(trim(text), "@"), bare: bare}
	ago := false
	for i := 0; i < len(r.s); {
		c := r.s[i]
		switch {
		case isSpace(c) || c == ',':
			i++
		case isDigit(c) || c == '-' || c == '+' || c == '.':
			var ok bool
			if i, ok = r.amount(i); !ok {
				return fail()
			}
		case r.some && strings.ToLower(trim(r.s[i:])) == "ago":
			ago = true
			i = len(r.s)
		default:
			return fail()
		}
	}
	if !r.some {
		return fail()
	}
	if math.Abs(r.months) > 2147483647 || math.Abs(r.micros) > 9.2e18 {
		return 0, 0, sqlstate.DatetimeOverflow.Errorf("interval out of range")
	}
	months, micros = int64(r.months), int64(r.micros)
	if ago {
		months, micros = -months, -micros
	}
	return months, micros, nil
}

// intervalReader adds up the amounts of an interval's text.
type intervalReader struct {
	s              string
	bare           unit    // of a number without one
	months, micros float64 // exact for all values that fit
	some           bool
	clocks, bares  int // '1 2' and '2:03 2:04' say nothing certain; PostgreSQL refuses them as well
}

// add adds so many of a unit; parts of a month are days of it.
func (r *intervalReader) add(v float64, u unit) {
	r.some = true
	if u.months == 0 {
		r.micros += math.Round(v * float64(u.micros))
		return
	}
	t := v * float64(u.months)
	whole := math.Trunc(t)
	r.months += whole
	r.micros += math.Round((t - whole) * float64(30*MicrosPerDay))
}

// amount reads the amount that begins at i, a clock, years and months, or a number with its unit, and gives where it ends.
func (r *intervalReader) amount(i int) (end int, ok bool) {
	s, j, sign := r.s, i, 1.0
	if s[i] == '-' || s[i] == '+' {
		if j++; s[i] == '-' {
			sign = -1
		}
	}
	if us, rest, ok := scanHours(s[j:]); ok {
		r.clocks++
		r.micros += sign * float64(us)
		r.some = true
		return len(s) - len(rest), r.clocks == 1
	}
	k := j
	for k < len(s) && (isDigit(s[k]) || s[k] == '.') {
		k++
	}
	v, err := strconv.ParseFloat(s[j:k], 64)
	if err != nil {
		return 0, false
	}
	if k+1 < len(s) && s[k] == '-' && isDigit(s[k+1]) { // years-months
		mo, end := number(s, k+1)
		r.add(sign*(v*12+float64(mo)), unit{1, 0})
		return end, mo <= 11
	}
	for k < len(s) && isSpace(s[k]) {
		k++
	}
	e := k
	for e < len(s) && isLetter(s[e]) {
		e++
	}
	u := r.bare
	if _, _, clock := scanHours(strings.TrimLeft(s[k:], "+-")); clock { // '1 02:03:04' begins with days
		u = unit{0, MicrosPerDay}
	}
	if w := strings.ToLower(s[k:e]); w != "" && w != "ago" {
		if u, ok = units[w]; !ok {
			return 0, false
		}
		k = e
	} else if r.bares++; r.bares > 1 {
		return 0, false
	}
	r.add(sign*v, u)
	return k, true
}

// scanHours reads H...:MM[:SS[.f]], any number of hours, at the start of s.
func scanHours(s string) (us int64, rest string, ok bool) {
	h, i := number(s, 0)
	if i == 0 || i > 9 || i >= len(s) || s[i] != ':' {
		return 0, s, false
	}
	m, j := number(s, i+1)
	if j == i+1 || j > i+3 || m > 59 {
		return 0, s, false
	}
	var sec, frac int64
	if j < len(s) && s[j] == ':' {
		k := j + 1
		sec, j = number(s, k)
		if j == k || j > k+2 || sec > 60 {
			return 0, s, false
		}
	}
	if j < len(s) && s[j] == '.' {
		frac, j = fraction(s, j+1)
	}
	return h*MicrosPerHour + m*MicrosPerMinute + sec*MicrosPerSecond + frac, s[j:], true
}

// AppendInterval writes years, months, days and the time as PostgreSQL 8.0 does: 1 year 2 mons 3 days 04:05:06.
func AppendInterval(dst []byte, months, micros int64) []byte {
	start, before := len(dst), false
	field := func(v int64, name string) {
		if v == 0 {
			return
		}
		if len(dst) > start {
			dst = append(dst, ' ')
		}
		if before && v > 0 {
			dst = append(dst, '+')
		}
		dst = strconv.AppendInt(dst, v, 10)
		dst = append(dst, ' ')
		dst = append(dst, name...)
		if v != 1 {
			dst = append(dst, 's')
		}
		before = v < 0
	}
	field(months/12, "year")
	field(months%12, "mon")
	field(micros/MicrosPerDay, "day")
	t := micros % MicrosPerDay
	if t == 0 && len(dst) > start {
		return dst
	}
	if len(dst) > start {
		dst = append(dst, ' ')
	}
	if t < 0 {
		dst = append(dst, '-')
		t = -t
	} else if before {
		dst = append(dst, '+')
	}
	return appendClock(dst, t)
}
