package load

import (
	"strconv"
	"strings"
	"time"

	"github.com/redshiftsim/redshiftsim/internal/types"
	"github.com/redshiftsim/redshiftsim/internal/vector"
)

// epoch is the origin of dates and timestamps.
var epoch = time.Date(2000, 1, 1, 0, 0, 0, 0, time.UTC)

const day = 86400 * 1000000 // microseconds

// dated converts dates and timestamps by a DATEFORMAT or TIMEFORMAT; def is the default format.
// https://docs.aws.amazon.com/redshift/latest/dg/r_DATEFORMAT_and_TIMEFORMAT_strings.html
func dated(t types.Type, format, def string, anyDate bool, zone *time.Location) convert {
	code, reason := 1206, "Invalid timestamp format or value ["+strings.Replace(def, "HH:", "HH24:", 1)+"]"
	if t.Kind == types.Date {
		code, reason = 1205, "Invalid Date Format - length must be 10 or more"
	}
	if format != "" && format != "auto" {
		reason = "Invalid timestamp format or value [" + format + "]"
		if t.Kind == types.Date {
			reason = "Invalid Date Format [" + format + "]"
		}
	}
	if zone == nil {
		zone = time.UTC
	}
	layout := formatTokens(format)
	return func(_ *Reader, f []byte, col *vector.Vector, n int) *RowError {
		s := strings.TrimSpace(str(f))
		us, ok := int64(0), false
		switch format {
		case "":
			if us, ok = iso(s, t, zone); !ok && t.Kind != types.Date {
				us, ok = auto(s, t, zone)
			}
		case "auto":
			if us, ok = iso(s, t, zone); !ok {
				us, ok = auto(s, t, zone)
			}
		case "epochsecs", "epochmillisecs":
			us, ok = epochText(s, format == "epochmillisecs")
		default:
			us, ok = byFormat(s, layout, t, zone)
		}
		if !ok {
			if anyDate {
				col.SetNull(n)
				return nil
			}
			return &RowError{Code: code, Reason: reason}
		}
		if t.Kind == types.Date {
			us = floorDiv(us, day)
		}
		col.Int64s[n] = us
		return nil
	}
}

func floorDiv(a, b int64) int64 {
	q := a / b
	if a%b < 0 {
		q--
	}
	return q
}

// iso is the fast road: YYYY-MM-DD[( |T)HH:MI:SS[.ffffff][offset]].
func iso(s string, t types.Type, zone *time.Location) (int64, bool) {
	if len(s) < 10 || s[4] != '-' || s[7] != '-' {
		return 0, false
	}
	y, ok1 := digits(s[0:4])
	m, ok2 := digits(s[5:7])
	d, ok3 := digits(s[8:10])
	if !ok1 || !ok2 || !ok3 || m < 1 || m > 12 || d < 1 || d > monthDays(y, m) {
		return 0, false
	}
	us := civil(y, m, d) * day
	s = s[10:]
	hasOffset := false
	if len(s) > 0 && (s[0] == ' ' || s[0] == 'T') {
		s = s[1:]
		clock, rest, ok := clockText(s)
		if !ok {
			return 0, false
		}
		us += clock
		s = rest
		if off, rest, ok := offsetText(s); ok {
			us -= off
			s, hasOffset = rest, true
		}
	}
	if strings.TrimSpace(s) != "" {
		return 0, false
	}
	if hasOffset && t.Kind != types.TimestampTZ {
		return 0, false
	}
	if t.Kind == types.TimestampTZ && !hasOffset && zone != time.UTC {
		us = local(us, zone)
	}
	return us, true
}

// auto recognises what types.Parse does, by the guide's list of forms.
// https://docs.aws.amazon.com/redshift/latest/dg/automatic-recognition.html
func auto(s string, t types.Type, zone *time.Location) (int64, bool) {
	as := t
	d, err := types.Parse(s, as, zone)
	if err != nil || d.Null {
		return 0, false
	}
	if t.Kind == types.Date {
		return d.Int * day, true
	}
	return d.Int, true
}

func local(us int64, zone *time.Location) int64 {
	u := epoch.Add(time.Duration(us) * time.Microsecond)
	if us > 9e18/1000 || us < -9e18/1000 { // beyond time.Duration
		return us
	}
	l := time.Date(u.Year(), u.Month(), u.Day(), u.Hour(), u.Minute(), u.Second(), u.Nanosecond(), zone)
	return l.Sub(epoch).Microseconds()
}

func digits(s string) (int, bool) {
	v := 0
	for i := 0; i < len(s); i++ {
		c := s[i] - '0'
		if c > 9 {
			return 0, false
		}
		v = v*10 + int(c)
	}
	return v, len(s) > 0
}

// clockText reads HH:MI[:SS[.ffffff]].
func clockText(s string) (us int64, rest string, ok bool) {
	if len(s) < 5 || s[2] != ':' {
		return 0, s, false
	}
	h, ok1 := digits(s[0:2])
	m, ok2 := digits(s[3:5])
	if !ok1 || !ok2 || h > 24 || m > 59 {
		return 0, s, false
	}
	us = int64(h*3600+m*60) * 1000000
	s = s[5:]
	if len(s) >= 3 && s[0] == ':' {
		sec, ok := digits(s[1:3])
		if !ok || sec > 60 {
			return 0, s, false
		}
		us += int64(sec) * 1000000
		s = s[3:]
		if len(s) > 1 && s[0] == '.' {
			unit := int64(100000)
			i := 1
			for ; i < len(s) && s[i]-'0' <= 9; i++ {
				us += int64(s[i]-'0') * unit
				unit /= 10
			}
			s = s[i:]
		}
	}
	return us, s, true
}

// offsetText reads +HH, +HHMI, +HH:MI, Z or UTC; the result is in microseconds.
func offsetText(s string) (us int64, rest string, ok bool) {
	s = strings.TrimLeft(s, " ")
	switch {
	case strings.HasPrefix(s, "Z"):
		return 0, s[1:], true
	case strings.HasPrefix(s, "UTC"):
		return 0, s[3:], true
	case len(s) < 3 || (s[0] != '+' && s[0] != '-'):
		return 0, s, false
	}
	h, ok := digits(s[1:3])
	if !ok {
		return 0, s, false
	}
	m, rest := 0, s[3:]
	if len(rest) >= 3 && rest[0] == ':' {
		m, ok = digits(rest[1:3])
		rest = rest[3:]
	} else if len(rest) >= 2 {
		m, ok = digits(rest[0:2])
		rest = rest[2:]
	}
	us = int64(h*3600+m*60) * 1000000
	if s[0] == '-' {
		us = -us
	}
	return us, rest, ok
}

func epochText(s string, millis bool) (int64, bool) {
	unit := int64(1000000)
	if millis {
		unit = 1000
	}
	whole, frac, _ := strings.Cut(s, ".")
	v, err := strconv.ParseInt(whole, 10, 64)
	if err != nil {
		return 0, false
	}
	if frac != "" {
		if _, ok := digits(frac); !ok {
			return 0, false
		}
	}
	return v*unit - 946684800*1000000, true
}

// civil is the number of days from 2000-01-01 to a date of the Gregorian calendar.
func civil(y, m, d int) int64 {
	if m <= 2 {
		y--
	}
	era := floorDiv(int64(y), 400)
	yoe := int64(y) - era*400
	mp := int64((m + 9) % 12)
	doy := (153*mp+2)/5 + int64(d) - 1
	doe := yoe*365 + yoe/4 - yoe/100 + doy
	return era*146097 + doe - 730425
}

func monthDays(y, m int) int {
	switch m {
	case 4, 6, 9, 11:
		return 30
	case 2:
		if y%4 == 0 && (y%100 != 0 || y%400 == 0) {
			return 29
		}
		return 28
	}
	return 31
}

// formatWords are the parts of a DATEFORMAT or TIMEFORMAT that stand for something; the longest that fits counts, in any case.
var formatWords = []string{"YYYY", "MONTH", "HH24", "HH12", "MON", "YY", "MM", "DD", "HH", "MI", "SS", "AM", "PM"}

// formatTokens cuts a format into its words and the characters between them.
func formatTokens(f string) []string {
	var out []string
next:
	for len(f) > 0 {
		for _, w := range formatWords {
			if len(f) >= len(w) && strings.EqualFold(f[:len(w)], w) {
				out = append(out, w)
				f = f[len(w):]
				continue next
			}
		}
		out = append(out, f[:1])
		f = f[1:]
	}
	return out
}

// ValidFormat says that f is a DATEFORMAT or TIMEFORMAT: words of dates and times with separators between them, T and Z among these. A time zone cannot
// be in it.
// https://docs.aws.amazon.com/redshift/latest/dg/r_DATEFORMAT_and_TIMEFORMAT_strings.html
func ValidFormat(f string) bool {
	words := false
	for _, w := range formatTokens(f) {
		switch c := w[0]; {
		case len(w) > 1:
			words = true
		case w == "T" || w == "Z":
		case c >= '0' && c <= '9', c|0x20 >= 'a' && c|0x20 <= 'z':
			return false
		}
	}
	return words
}

var months = []string{"jan", "feb", "mar", "apr", "may", "jun", "jul", "aug", "sep", "oct", "nov", "dec"}

// byFormat reads s by a DATEFORMAT or TIMEFORMAT. Numbers may have fewer digits than the word has letters when a separator follows.
func byFormat(s string, layout []string, t types.Type, zone *time.Location) (int64, bool) {
	y, mo, d, h, mi := 2000, 1, 1, 0, 0
	var sub int64
	pm, am, clock := false, false, false
	number := func(most int) (int, bool) {
		i := 0
		for i < len(s) && i < most && s[i]-'0' <= 9 {
			i++
		}
		v, ok := digits(s[:i])
		s = s[i:]
		return v, ok
	}
	for k, w := range layout {
		ok := true
		switch w {
		case "YYYY":
			y, ok = number(4)
		case "YY":
			if y, ok = number(2); ok {
				if y < 70 {
					y += 2000
				} else {
					y += 1900
				}
			}
		case "MM":
			mo, ok = number(2)
		case "MON", "MONTH":
			ok = false
			for i, name := range months {
				if len(s) >= 3 && strings.EqualFold(s[:3], name) {
					mo, ok = i+1, true
					break
				}
			}
			if ok {
				i := 3
				for i < len(s) && (s[i]|0x20) >= 'a' && (s[i]|0x20) <= 'z' {
					i++
				}
				s = s[i:]
			}
		case "DD":
			d, ok = number(2)
		case "HH", "HH24", "HH12":
			if s == "" { // a date without a time is midnight
				break
			}
			h, ok = number(2)
			clock = true
		case "MI":
			if s == "" && !clock {
				break
			}
			mi, ok = number(2)
		case "SS":
			if s == "" && !clock {
				break
			}
			var sec int
			sec, ok = number(2)
			sub = int64(sec) * 1000000
			if ok && len(s) > 1 && s[0] == '.' && (k+1 == len(layout) || layout[k+1] != ".") {
				unit, i := int64(100000), 1
				for ; i < len(s) && s[i]-'0' <= 9; i++ {
					sub += int64(s[i]-'0') * unit
					unit /= 10
				}
				s = s[i:]
			}
		case "AM", "PM":
			if len(s) >= 2 && strings.EqualFold(s[:2], "pm") {
				pm = true
			} else if len(s) >= 2 && strings.EqualFold(s[:2], "am") {
				am = true
			} else {
				return 0, false
			}
			s = s[2:]
		default:
			switch {
			case s == "" && !clock && w == " ":
			case strings.HasPrefix(s, w):
				s = s[len(w):]
			case s != "" && strings.Contains("-/.:, ", w) && strings.Contains("-/.:, ", s[:1]):
				s = s[1:]
			default:
				return 0, false
			}
		}
		if !ok {
			return 0, false
		}
	}
	if strings.TrimSpace(s) != "" || mo < 1 || mo > 12 || d < 1 || d > monthDays(y, mo) || h > 24 || mi > 59 || sub > 60*1000000 {
		return 0, false
	}
	if pm && h < 12 {
		h += 12
	} else if am && h == 12 {
		h = 0
	}
	us := civil(y, mo, d)*day + int64(h*3600+mi*60)*1000000 + sub
	if t.Kind == types.TimestampTZ && zone != time.UTC {
		us = local(us, zone)
	}
	return us, true
}
