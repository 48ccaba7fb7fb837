package function

import (
	"strconv"
	"strings"
	"time"

	"github.com/redshiftsim/redshiftsim/internal/sqlstate"
	"github.com/redshiftsim/redshiftsim/internal/types"
)

// dateFormat is a parsed format of a date or time:
//
//	'FMMonth DD, YYYY'    Month (FM) | " " | DD | ", " | YYYY
type dateFormat struct {
	nodes []dateNode
}

// dateNode is a field or a text between fields.
type dateNode struct {
	field string // as in dateFields, in capitals; "" = text
	text  string // the text, or the field as it was written: its case counts
	fill  bool   // FM: no padding
	th    string // TH or th behind the field
}

// dateFields are the fields, each before those that begin it.
// https://docs.aws.amazon.com/redshift/latest/dg/r_FORMAT_strings.html
var dateFields = []string{
	"A.D.", "A.M.", "AD", "AM", "B.C.", "BC", "CC", "DAY", "DDD", "DD", "DY", "D", "HH24", "HH12", "HH", "IDDD", "ID", "IW", "IYYY", "IYY", "IY", "I", "J",
	"MI", "MM", "MONTH", "MON", "MS", "OF", "P.M.", "PM", "Q", "RM", "SSSS", "SS", "TZ", "US", "WW", "W", "Y,YYY", "YYYY", "YYY", "YY", "Y",
}

// matchField finds the field at the start of s. Fields may be written in any of two cases, names of months and days in three.
func matchField(s string) string {
	for _, f := range dateFields {
		if len(s) < len(f) || !strings.EqualFold(s[:len(f)], f) {
			continue
		}
		w := s[:len(f)]
		named := f == "DAY" || f == "DY" || f == "MONTH" || f == "MON"
		if w == f || w == strings.ToLower(f) || named && w == f[:1]+strings.ToLower(f[1:]) {
			return f
		}
	}
	return ""
}

// parseDateFormat cuts a format into fields and texts.
func parseDateFormat(s string) (*dateFormat, error) {
	f := &dateFormat{}
	literal := func(t string) {
		if k := len(f.nodes) - 1; k >= 0 && f.nodes[k].field == "" {
			f.nodes[k].text += t
			return
		}
		f.nodes = append(f.nodes, dateNode{text: t})
	}
	fill := false // FM stands before the next field
	for s != "" {
		if s[0] == '"' {
			fill = false
			s = s[1:]
			for s != "" && s[0] != '"' {
				if s[0] == '\\' && len(s) > 1 {
					s = s[1:]
				}
				literal(s[:1])
				s = s[1:]
			}
			if s != "" {
				s = s[1:]
			}
			continue
		}
		n := dateNode{fill: fill}
		fill = false
		switch {
		case strings.HasPrefix(s, "FM"), strings.HasPrefix(s, "fm"):
			fill = true
			s = s[2:]
			continue
		case strings.HasPrefix(s, "FX"), strings.HasPrefix(s, "fx"):
			s = s[2:]
			continue
		}
		n.field = matchField(s)
		if n.field == "" {
			if s[0] == '\\' && len(s) > 1 {
				s = s[1:]
			}
			literal(s[:1])
			s = s[1:]
			continue
		}
		n.text, s = s[:len(n.field)], s[len(n.field):]
		if strings.HasPrefix(s, "TH") || strings.HasPrefix(s, "th") {
			n.th, s = s[:2], s[2:]
		}
		f.nodes = append(f.nodes, n)
	}
	return f, nil
}

var (
	monthNames = [12]string{"January", "February", "March", "April", "May", "June", "July", "August", "September", "October", "November", "December"}
	dayNames   = [7]string{"Sunday", "Monday", "Tuesday", "Wednesday", "Thursday", "Friday", "Saturday"}
	romanMonth = [12]string{"I", "II", "III", "IV", "V", "VI", "VII", "VIII", "IX", "X", "XI", "XII"}
)

// cased writes a name in the case in which its field is written: MONTH, Month, month.
func cased(name, like string) string {
	switch {
	case like[0] >= 'a':
		return strings.ToLower(name)
	case len(like) > 1 && like[1] >= 'a':
		return name
	}
	return strings.ToUpper(name)
}

// ordinal is the ending of an ordinal number.
func ordinal(n int64) string {
	switch n := max(n, -n); {
	case n/10%10 == 1:
	case n%10 == 1:
		return "ST"
	case n%10 == 2:
		return "ND"
	case n%10 == 3:
		return "RD"
	}
	return "TH"
}

// julianDay is 2000-01-01 counted from January 1, 4713 BC.
const julianDay = 2451545

// append writes a wall clock's moment; at is the instant and loc the zone, for TZ and OF.
func (f *dateFormat) append(dst []byte, us, at int64, loc *time.Location) []byte {
	days, t := types.SplitMicros(us)
	y, m, d := types.CivilFromDays(days)
	shown := shownYear(y)
	for i := range f.nodes {
		n := &f.nodes[i]
		number := func(v int64, width int) { dst = n.appendNumber(dst, v, width) }
		word := func(s string, width int) {
			dst = append(dst, s...)
			for k := len(s); !n.fill && k < width; k++ {
				dst = append(dst, ' ')
			}
		}
		switch n.field {
		case "":
			dst = append(dst, n.text...)
		case "A.D.", "B.C.", "AD", "BC":
			s := "AD"
			if y <= 0 {
				s = "BC"
			}
			dst = n.appendMark(dst, s)
		case "CC":
			number(yearPart(century, y), 2)
		case "DAY":
			word(cased(dayNames[types.Weekday(days)], n.text), 9)
		case "DY":
			word(cased(dayNames[types.Weekday(days)][:3], n.text), 3)
		case "MONTH":
			word(cased(monthNames[m-1], n.text), 9)
		case "MON":
			word(cased(monthNames[m-1][:3], n.text), 3)
		case "RM":
			word(cased(romanMonth[m-1], n.text), 4)
		case "DDD":
			number(int64(types.DayOfYear(days)), 3)
		case "IDDD":
			_, w := types.ISOWeek(days)
			number(int64((w-1)*7+(types.Weekday(days)+6)%7+1), 3)
		case "DD":
			number(int64(d), 2)
		case "D":
			number(int64(types.Weekday(days)+1), 1)
		case "ID":
			number(int64((types.Weekday(days)+6)%7+1), 1)
		case "J":
			number(days+julianDay, 1)
		case "MM":
			number(int64(m), 2)
		case "Q":
			number(int64(m+2)/3, 1)
		case "W":
			number(int64(d-1)/7+1, 1)
		case "WW":
			number(int64(types.DayOfYear(days)-1)/7+1, 2)
		case "IW":
			_, w := types.ISOWeek(days)
			number(int64(w), 2)
		case "IYYY", "IYY", "IY", "I":
			iso, _ := types.ISOWeek(days)
			number(lastDigits(shownYear(iso), len(n.field)), len(n.field))
		case "Y,YYY":
			number(shown/1000, 1)
			dst = append(dst, ',')
			dst = append(dst, threeDigits(shown%1000)...)
		case "YYYY", "YYY", "YY", "Y":
			number(lastDigits(shown, len(n.field)), len(n.field))
		case "TZ":
			name, _ := types.TimeFromMicros(at).In(loc).Zone()
			dst = append(dst, cased(name, n.text)...)
		case "OF":
			dst = appendZone(dst, types.OffsetAt(at, loc))
		default:
			dst, _ = n.appendClock(dst, t)
		}
	}
	return dst
}

// shownYear is a year as it is written, before Christ counted backwards from 1: year 0 is 1 BC.
func shownYear(y int64) int64 {
	if y <= 0 {
		return 1 - y
	}
	return y
}

// appendNumber writes a number of at least so many digits, its sign beside them, and its ordinal ending if the field asks for it.
func (n *dateNode) appendNumber(dst []byte, v int64, width int) []byte {
	if v < 0 {
		dst = append(dst, '-')
	}
	u := uint64(max(v, -v))
	if !n.fill {
		for least := uint64(10); width > 1; width, least = width-1, least*10 {
			if u < least {
				dst = append(dst, '0')
			}
		}
	}
	if dst = strconv.AppendUint(dst, u, 10); n.th != "" {
		dst = append(dst, cased(ordinal(v), n.th)...)
	}
	return dst
}

// appendMark writes AD, BC, AM or PM, with dots where the field has them.
func (n *dateNode) appendMark(dst []byte, mark string) []byte {
	if n.field[1] == '.' {
		mark = mark[:1] + "." + mark[1:] + "."
	}
	return append(dst, cased(mark, n.text)...)
}

// appendClock writes a field of a time of day, of which t microseconds have passed; an interval's may be negative.
// It says whether the field is one.
func (n *dateNode) appendClock(dst []byte, t int64) ([]byte, bool) {
	hours := t / types.MicrosPerHour
	switch n.field {
	case "A.M.", "P.M.", "AM", "PM":
		if hours >= 12 {
			return n.appendMark(dst, "PM"), true
		}
		return n.appendMark(dst, "AM"), true
	case "HH24":
		return n.appendNumber(dst, hours, 2), true
	case "HH12", "HH":
		h := hours % 12
		if h == 0 {
			h = 12
		}
		return n.appendNumber(dst, h, 2), true
	case "MI":
		return n.appendNumber(dst, t/types.MicrosPerMinute%60, 2), true
	case "SS":
		return n.appendNumber(dst, t/types.MicrosPerSecond%60, 2), true
	case "MS":
		return n.appendNumber(dst, t/1000%1000, 3), true
	case "US":
		return n.appendNumber(dst, t%types.MicrosPerSecond, 6), true
	case "SSSS":
		return n.appendNumber(dst, t/types.MicrosPerSecond, 1), true
	}
	return dst, false
}

// lastDigits are the last n digits of a year; four are all.
func lastDigits(y int64, n int) int64 {
	if n == 4 {
		return y
	}
	return y % [4]int64{1, 10, 100, 1000}[n]
}

func threeDigits(v int64) string {
	return string([]byte{byte('0' + v/100), byte('0' + v/10%10), byte('0' + v%10)})
}

// appendZone writes +hh[:mm].
func appendZone(dst []byte, off int) []byte {
	sign := byte('+')
	if off < 0 {
		sign, off = '-', -off
	}
	dst = append(dst, sign, byte('0'+off/36000), byte('0'+off/3600%10))
	if m := off / 60 % 60; m != 0 {
		dst = append(dst, ':', byte('0'+m/10), byte('0'+m%10))
	}
	return dst
}

// moment is what a text said in a format; what it did not say keeps its zero.
type moment struct {
	year, month, day   int64
	doy, week, isoWeek int64
	isoYear, julian    int64
	century            int64
	hour, min, sec, us int64
	seconds            int64 // SSSS
	bc, pm, am         bool
	yearDigits         int
	hasJulian, hasTime bool
}

// read reads a text: fields by their digits, texts between them character for character where the input has no letter or digit there. Input that is
// too short leaves fields out.
func (f *dateFormat) read(s string, strict bool) (int64, error) {
	var m moment
	rest := strings.TrimLeft(s, " ")
	for i := range f.nodes {
		n := &f.nodes[i]
		if n.field == "" {
			for k := 0; k < len(n.text); k++ {
				c := n.text[k]
				if c != ' ' {
					rest = strings.TrimLeft(rest, " ")
				}
				if rest != "" && (rest[0] == c || !isAlnum(rest[0]) && rest[0] < 0x80 && (c != ' ' || rest[0] != '-' && rest[0] != '+')) {
					rest = rest[1:]
				}
			}
			continue
		}
		if rest = strings.TrimLeft(rest, " "); rest == "" {
			break
		}
		var err error
		if rest, err = m.field(n, rest, i+1 == len(f.nodes) || f.nodes[i+1].field == "" || n.fill); err != nil {
			return 0, err
		}
	}
	return m.micros(strict)
}

// afterOrdinal leaves the suffix of an ordinal number out, where the format has one.
func (n *dateNode) afterOrdinal(s string) string {
	if n.th != "" && len(s) >= 2 {
		switch strings.ToLower(s[:2]) {
		case "st", "nd", "rd", "th":
			return s[2:]
		}
	}
	return s
}

func isAlnum(c byte) bool { return c >= '0' && c <= '9' || c|0x20 >= 'a' && c|0x20 <= 'z' }

// fieldWidths are the digits of the fields that are numbers.
var fieldWidths = map[string]int{
	"CC": 2, "DDD": 3, "DD": 2, "D": 1, "HH24": 2, "HH12": 2, "HH": 2, "IDDD": 3, "ID": 1, "IW": 2, "IYYY": 4, "IYY": 3, "IY": 2, "I": 1, "J": 7, "MI": 2, "MM": 2,
	"MS": 3, "SSSS": 5, "SS": 2, "US": 6, "WW": 2, "W": 1, "YYYY": 4, "YYY": 3, "YY": 2, "Y": 1,
}

// field reads one field; apart says that no digits of another field follow, so that a year may be longer than its field.
func (m *moment) field(n *dateNode, s string, apart bool) (string, error) {
	bad := func() (string, error) {
		word := s
		if at := strings.IndexAny(s, " -/:.,"); at > 0 {
			word = s[:at]
		}
		return "", sqlstate.InvalidDatetime.Errorf("invalid value \"%s\" for \"%s\"", word, n.text)
	}
	name := func(names []string, short int) (int, string) {
		for i, w := range names {
			if len(s) >= len(w) && strings.EqualFold(s[:len(w)], w) {
				return i + 1, s[len(w):]
			}
		}
		for i, w := range names {
			if short > 0 && len(s) >= short && strings.EqualFold(s[:short], w[:short]) {
				return i + 1, s[short:]
			}
		}
		return 0, s
	}
	switch n.field {
	case "A.D.", "B.C.", "AD", "BC", "A.M.", "P.M.", "AM", "PM":
		k, rest := name([]string{"A.D.", "B.C.", "A.M.", "P.M.", "AD", "BC", "AM", "PM"}, 0)
		if k == 0 {
			return bad()
		}
		switch k {
		case 2, 6:
			m.bc = true
		case 3, 7:
			m.am = true
		case 4, 8:
			m.pm = true
		}
		return rest, nil
	case "MONTH", "MON":
		k, rest := name(monthNames[:], 3)
		if k == 0 {
			return bad()
		}
		if n.field == "MON" {
			rest = s[3:]
		}
		m.month = int64(k)
		return rest, nil
	case "DAY", "DY":
		k, rest := name(dayNames[:], 3)
		if k == 0 {
			return bad()
		}
		if n.field == "DY" {
			rest = s[3:]
		}
		return rest, nil
	case "RM":
		best := 0
		for i, w := range romanMonth {
			if len(s) >= len(w) && strings.EqualFold(s[:len(w)], w) && (best == 0 || len(w) > len(romanMonth[best-1])) {
				best = i + 1
			}
		}
		if best == 0 {
			return bad()
		}
		m.month = int64(best)
		return s[len(romanMonth[best-1]):], nil
	case "TZ", "OF", "Q":
		return "", sqlstate.FeatureNotSupported.Errorf("format pattern \"%s\" is not supported as input", n.text)
	case "Y,YYY":
		at := strings.IndexByte(s, ',')
		if at < 1 || at+4 > len(s) {
			return bad()
		}
		v, err := strconv.Atoi(s[:at] + s[at+1:at+4])
		if err != nil {
			return bad()
		}
		m.year, m.yearDigits = int64(v), 4
		return n.afterOrdinal(s[at+4:]), nil
	}
	width := fieldWidths[n.field]
	limit := width
	if year := n.field[0] == 'Y' || n.field[0] == 'I' && n.field[len(n.field)-1] == 'Y'; apart && (year || n.field == "J" || n.field == "US") {
		limit = 9
	}
	k := 0
	if s[0] == '-' || s[0] == '+' {
		k++
	}
	start := k
	for k < len(s) && k-start < limit && s[k] >= '0' && s[k] <= '9' {
		k++
	}
	if k == start {
		return bad()
	}
	v, _ := strconv.ParseInt(strings.TrimPrefix(s[:k], "+"), 10, 64)
	rest := n.afterOrdinal(s[k:])
	digits := k - start
	switch n.field {
	case "YYYY", "YYY", "YY", "Y":
		m.year, m.yearDigits = v, digits
		if width == 4 || digits > 3 {
			m.yearDigits = 4
		}
	case "IYYY", "IYY", "IY", "I":
		m.isoYear = fullYear(v, width)
	case "CC":
		m.century = v
	case "MM":
		m.month = v
	case "DD":
		m.day = v
	case "DDD", "IDDD":
		m.doy = v
	case "WW":
		m.week = v
	case "W":
		m.day = (v-1)*7 + 1
	case "IW":
		m.isoWeek = v
	case "J":
		m.julian, m.hasJulian = v, true
	case "HH24", "HH12", "HH":
		m.hour, m.hasTime = v, true
	case "MI":
		m.min, m.hasTime = v, true
	case "SS":
		m.sec, m.hasTime = v, true
	case "SSSS":
		m.seconds = v
	case "MS", "US": // a fraction: the digits stand behind a point
		for ; digits < 6; digits++ {
			v *= 10
		}
		for ; digits > 6; digits-- {
			v /= 10
		}
		m.us = v
	}
	return rest, nil
}

// fullYear completes a year of fewer than four digits: 00 to 69 lie after 2000.
func fullYear(y int64, digits int) int64 {
	switch {
	case digits >= 4 || y < 0:
		return y
	case digits == 3 && y >= 100:
		return 1000 + y
	case digits == 2 && y >= 70:
		return 1900 + y
	}
	return 2000 + y
}

// micros makes a timestamp of the parts. Parts that are too large count on, unless strict refuses them.
func (m *moment) micros(strict bool) (int64, error) {
	y := int64(1)
	switch {
	case m.yearDigits > 0 && m.century > 0 && m.yearDigits < 3:
		y = (m.century-1)*100 + m.year
	case m.yearDigits > 0:
		y = fullYear(m.year, m.yearDigits)
	case m.century > 0:
		y = (m.century-1)*100 + 1
	}
	if y == 0 && strict {
		return 0, sqlstate.DatetimeOverflow.Errorf("date/time field date value out of range: %d-%d-%d", y, max(m.month, 1), max(m.day, 1))
	}
	if m.bc {
		y = 1 - y
	}
	if y > 300000 || y < -5000 {
		return 0, types.DatetimeRange(types.Timestamp)
	}
	mo, d := max(m.month, 1), max(m.day, 1)
	if strict && (m.month < 0 || m.day < 0 || mo > 12 || int(d) > types.DaysInMonth(y, int(mo))) {
		return 0, sqlstate.DatetimeOverflow.Errorf("date/time field date value out of range: %d-%d-%d", y, mo, d)
	}
	if m.pm && m.hour < 12 {
		m.hour += 12
	} else if m.am && m.hour == 12 {
		m.hour = 0
	}
	if strict && (m.hour > 23 || m.min > 59 || m.sec > 59) {
		return 0, sqlstate.DatetimeOverflow.Errorf("date/time field time value out of range: %d:%d:%d.%d", m.hour, m.min, m.sec, m.us)
	}
	first := types.DaysFromCivil(y+(mo-1)/12, int((mo-1)%12)+1, 1)
	days := first + d - 1
	switch {
	case m.hasJulian:
		days = m.julian - julianDay
	case m.doy > 0:
		days = types.DaysFromCivil(y, 1, 1) + m.doy - 1
	case m.isoWeek > 0:
		if m.isoYear == 0 {
			m.isoYear = y
		}
		jan4 := types.DaysFromCivil(m.isoYear, 1, 4)
		days = jan4 - int64(types.Weekday(jan4)+6)%7 + (m.isoWeek-1)*7
	case m.week > 0:
		days = types.DaysFromCivil(y, 1, 1) + (m.week-1)*7
	}
	t := m.hour*types.MicrosPerHour + m.min*types.MicrosPerMinute + (m.sec+m.seconds)*types.MicrosPerSecond + m.us
	return days*types.MicrosPerDay + t, nil
}
