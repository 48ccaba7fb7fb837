package types

import (
	"strings"
	"time"

	"github.com/redshiftsim/redshiftsim/internal/sqlstate"
)

// moment is what a text said about a date and a time.
type moment struct {
	days    int64 // since 2000-01-01
	micros  int64 // since midnight; 24:00:00 and leap seconds may reach MicrosPerDay and more
	offset  int64 // seconds east of UTC
	hasDate bool
	hasTime bool
	hasZone bool
	instant bool // 'now': days and micros are UTC whatever the type
}

// scanState says how a text failed to be a moment.
type scanState uint8

const (
	scanOK scanState = iota
	scanSyntax
	scanRange
)

// scanMoment reads dates and times in all the forms that DATESTYLE accepts; clock says that the value is a time. The usual ISO forms take a short cut.
// https://docs.aws.amazon.com/redshift/latest/dg/r_Date_and_time_literals.html
func scanMoment(s string, loc *time.Location, now time.Time, order DateOrder, clock bool) (moment, scanState) {
	if m, rest, ok := scanISODate(s); ok {
		if rest == "" {
			return m, scanOK
		}
		if len(rest) >= 9 && (rest[0] == ' ' || rest[0] == 'T') {
			if t, tail, ok := scanClock(rest[1:]); ok {
				m.micros, m.hasTime = t, true
				if tail == "" {
					return m, scanOK
				}
				if tail == "Z" || tail == "+00" {
					m.hasZone = true
					return m, scanOK
				}
			}
		}
	}
	p := momentParser{s: s, loc: loc, now: now, order: order, clock: clock}
	return p.parse()
}

// scanISODate reads YYYY-MM-DD at the start of s.
func scanISODate(s string) (moment, string, bool) {
	if len(s) < 10 || s[4] != '-' || s[7] != '-' || (len(s) > 10 && isDigit(s[10])) {
		return moment{}, s, false
	}
	var n [8]int
	for i, j := range [8]int{0, 1, 2, 3, 5, 6, 8, 9} {
		c := s[j] - '0'
		if c > 9 {
			return moment{}, s, false
		}
		n[i] = int(c)
	}
	y := int64(n[0]*1000 + n[1]*100 + n[2]*10 + n[3])
	mo, d := n[4]*10+n[5], n[6]*10+n[7]
	if y == 0 || mo < 1 || mo > 12 || d < 1 || d > DaysInMonth(y, mo) {
		return moment{}, s, false
	}
	return moment{days: DaysFromCivil(y, mo, d), hasDate: true}, s[10:], true
}

// scanClock reads HH:MM[:SS[.ffffff]] at the start of s; the hour may have one digit.
func scanClock(s string) (us int64, rest string, ok bool) {
	h, i := number(s, 0)
	if i == 0 || i > 2 || i >= len(s) || s[i] != ':' {
		return 0, s, false
	}
	m, j := number(s, i+1)
	if j == i+1 || j > i+3 {
		return 0, s, false
	}
	var sec, frac int64
	if j < len(s) && s[j] == ':' {
		k := j + 1
		sec, j = number(s, k)
		if j == k || j > k+2 {
			return 0, s, false
		}
		if j < len(s) && s[j] == '.' {
			frac, j = fraction(s, j+1)
		}
	}
	us = h*MicrosPerHour + m*MicrosPerMinute + sec*MicrosPerSecond + frac
	if h > 24 || m > 59 || sec > 60 || (h == 24 && us > MicrosPerDay) {
		return -1, s, true
	}
	return us, s[j:], true
}

// fraction reads the digits after a decimal point as microseconds, rounded.
func fraction(s string, i int) (us int64, end int) {
	scale, n := int64(100_000), 0
	for ; i < len(s) && isDigit(s[i]); i++ {
		d := int64(s[i] - '0')
		if n < 6 {
			us += d * scale
			scale /= 10
		} else if n == 6 && d >= 5 {
			us++
		}
		n++
	}
	return us, i
}

// number reads digits from i on; longer runs than 17 are cut.
func number(s string, i int) (v int64, end int) {
	for n := 0; i < len(s) && isDigit(s[i]); i++ {
		if n < 17 {
			v = v*10 + int64(s[i]-'0')
		}
		n++
	}
	return v, i
}

func isDigit(c byte) bool { return c-'0' <= 9 }
func isLetter(c byte) bool {
	return c|0x20 >= 'a' && c|0x20 <= 'z'
}

// part is a piece of a date: a number as written or a month's name.
type part struct {
	v      int64
	digits int // 0 = a month by name
}

// momentParser reads the free forms, token by token.
type momentParser struct {
	s     string
	i     int
	loc   *time.Location
	now   time.Time
	order DateOrder
	m     moment
	parts [4]part
	n     int
	bc    bool
	ad    bool
	pm    byte // 'a', 'p' or 0
	// joined says that the parts of the date have no blanks between them: 8-1-1999.
	joined bool
	named  bool // the zone is an abbreviation, which an offset may follow
	place  *time.Location
	clock  bool // a time is read: 040506 is one, where a date would be YYMMDD
}

var monthNames = [12]string{"january", "february", "march", "april", "may", "june", "july", "august", "september", "october", "november", "december"}

var weekdayNames = [7]string{"sunday", "monday", "tuesday", "wednesday", "thursday", "friday", "saturday"}

// named finds word in names by its whole or by its first three letters (four for sept).
func named(names []string, word string) int {
	for i, n := range names {
		if word == n || word == n[:3] || (len(word) >= 3 && len(word) <= 5 && strings.HasPrefix(n, word)) {
			return i + 1
		}
	}
	return 0
}

func (p *momentParser) parse() (moment, scanState) {
	for p.i < len(p.s) {
		c := p.s[p.i]
		var st scanState
		switch {
		case c == ' ' || c == ',' || c == '\t' || c == '\n':
			p.i++
		case isDigit(c):
			st = p.digits()
		case isLetter(c):
			st = p.word()
		case c == '+' || c == '-':
			st = p.sign()
		default:
			st = scanSyntax
		}
		if st != scanOK {
			return p.m, st
		}
	}
	if p.n > 0 {
		if st := p.date(); st != scanOK {
			return p.m, st
		}
	}
	if p.bc && !p.m.hasDate {
		return p.m, scanSyntax
	}
	if p.pm != 0 {
		if h := p.m.micros / MicrosPerHour; !p.m.hasTime || h > 12 {
			return p.m, scanRange
		} else if p.pm == 'p' && h < 12 {
			p.m.micros += 12 * MicrosPerHour
		} else if p.pm == 'a' && h == 12 {
			p.m.micros -= 12 * MicrosPerHour
		}
	}
	if !p.m.hasDate && !p.m.hasTime {
		return p.m, scanSyntax
	}
	if p.place != nil {
		local := p.m.days*MicrosPerDay + p.m.micros
		p.m.offset = (local - LocalToUTC(local, p.place)) / MicrosPerSecond
	}
	return p.m, scanOK
}

// digits reads a token that begins with a digit: a clock, a compound date, a bare number.
func (p *momentParser) digits() scanState {
	v, end := number(p.s, p.i)
	n := end - p.i
	next := byte(0)
	if end < len(p.s) {
		next = p.s[end]
	}
	switch {
	case next == ':':
		us, rest, ok := scanClock(p.s[p.i:])
		if !ok || p.m.hasTime {
			return scanSyntax
		}
		if us < 0 {
			return scanRange
		}
		p.m.micros, p.m.hasTime = us, true
		p.i = len(p.s) - len(rest)
		return scanOK
	case next == '.' && n == 4 && p.n == 0 && !p.m.hasDate: // 2008.366
		doy, e := number(p.s, end+1)
		if e-end-1 == 3 && (e == len(p.s) || !isDigit(p.s[e]) && p.s[e] != '.') {
			days := int64(365)
			if IsLeap(v) {
				days++
			}
			if doy < 1 || doy > days {
				return scanRange
			}
			p.m.days, p.m.hasDate = DaysFromCivil(v, 1, 1)+doy-1, true
			p.i = e
			return scanOK
		}
	case next == '.' && n == 6 && (p.m.hasDate || p.n == 3 || p.clock): // HHMMSS.fff
		frac, e := fraction(p.s, end+1)
		p.i = e
		return p.packedClock(v, 6, frac)
	case p.clock && (n == 6 || n == 4) && p.n == 0 && !p.m.hasDate && !p.m.hasTime && next != '.' && next != '/' && (next != '-' || n == 6):
		p.i = end
		return p.packedClock(v, n, 0)
	case next == '-' || next == '/': // a part of a compound date, even one of six digits
	case n >= 8 && !p.m.hasDate && p.n == 0 && n != 14: // YYYYMMDD
		p.i = end
		return p.setDate(v/10000, int(v/100%100), int(v%100))
	case n == 14 && !p.m.hasDate && p.n == 0: // YYYYMMDDHHMMSS
		p.i = end
		if st := p.setDate(v/1e10, int(v/1e8%100), int(v/1e6%100)); st != scanOK {
			return st
		}
		return p.packedClock(v%1e6, 6, 0)
	case n == 6 && !p.m.hasDate && p.n == 0: // YYMMDD
		p.i = end
		return p.setDate(century(v/10000), int(v/100%100), int(v%100))
	case (n == 6 || n == 4) && (p.m.hasDate || p.n == 3) && !p.m.hasTime:
		p.i = end
		return p.packedClock(v, n, 0)
	}
	if p.m.hasDate || p.n == 3 {
		return scanSyntax
	}
	p.parts[p.n] = part{v, n}
	p.n++
	p.i = end
	if next == '-' || next == '/' || next == '.' {
		p.i++
		p.joined = true
		if p.i == len(p.s) || !isDigit(p.s[p.i]) && !isLetter(p.s[p.i]) || p.n == 3 {
			return scanSyntax
		}
	}
	return scanOK
}

// packedClock sets HHMMSS or HHMM.
func (p *momentParser) packedClock(v int64, n int, frac int64) scanState {
	if n == 4 {
		v *= 100
	}
	h, m, s := v/10000, v/100%100, v%100
	if p.m.hasTime {
		return scanSyntax
	}
	if h > 24 || m > 59 || s > 60 {
		return scanRange
	}
	p.m.micros, p.m.hasTime = h*MicrosPerHour+m*MicrosPerMinute+s*MicrosPerSecond+frac, true
	return scanOK
}

// sign reads a zone offset, behind a time or a whole date: +hh, +hhmm, +hh:mm[:ss].
func (p *momentParser) sign() scanState {
	if !p.m.hasTime && !p.m.hasDate && p.n != 3 || p.m.hasZone && !p.named {
		return scanSyntax
	}
	neg := p.s[p.i] == '-'
	v, end := number(p.s, p.i+1)
	n := end - p.i - 1
	var h, m, sec int64
	switch {
	case n == 0 || n > 4:
		return scanSyntax
	case n <= 2:
		h = v
		if end < len(p.s) && p.s[end] == ':' {
			m, end = number(p.s, end+1)
			if end < len(p.s) && p.s[end] == ':' {
				sec, end = number(p.s, end+1)
			}
		}
	default:
		h, m = v/100, v%100
	}
	if h > 14 || m > 59 || sec > 59 {
		return scanRange
	}
	off := h*3600 + m*60 + sec
	if neg {
		off = -off
	}
	if p.named { // 'EST+3', as in POSIX: hours west of what the abbreviation says
		off = p.m.offset - off
	}
	p.m.offset, p.m.hasZone, p.named = off, true, false
	p.i = end
	return scanOK
}

// word reads a name: of a month, a day, a zone, half a day, an era, or a special moment.
func (p *momentParser) word() scanState {
	start := p.i
	for p.i < len(p.s) && (isLetter(p.s[p.i]) || p.s[p.i] == '_') {
		p.i++
	}
	w := strings.ToLower(p.s[start:p.i])
	switch w {
	case "am", "pm":
		p.pm = w[0]
		return scanOK
	case "bc":
		p.bc = true
		return scanOK
	case "ad":
		p.ad = true
		return scanOK
	case "t":
		if p.i < len(p.s) && isDigit(p.s[p.i]) {
			return scanOK
		}
	case "j":
		if v, end := number(p.s, p.i); end > p.i && !p.m.hasDate && p.n == 0 {
			p.i = end
			p.m.days, p.m.hasDate = v-2451545, true
			return scanOK
		}
	case "now", "today", "tomorrow", "yesterday", "epoch", "allballs":
		return p.special(w)
	case "at", "on", "of":
		return scanOK
	}
	if m := named(monthNames[:], w); m > 0 {
		if p.n == 3 || p.m.hasDate {
			return scanSyntax
		}
		p.parts[p.n] = part{int64(m), 0}
		p.n++
		if p.i < len(p.s) && (p.s[p.i] == '-' || p.s[p.i] == '/' || p.s[p.i] == '.') {
			p.i++
		}
		return scanOK
	}
	if named(weekdayNames[:], w) > 0 {
		return scanOK
	}
	if h, ok := zoneAbbreviations[w]; ok && (p.i == len(p.s) || p.s[p.i] != '/') {
		if p.m.hasZone {
			return scanSyntax
		}
		p.m.offset, p.m.hasZone, p.named = int64(h*3600), true, true
		return scanOK
	}
	for p.i < len(p.s) && p.s[p.i] != ' ' && p.s[p.i] != ',' {
		p.i++
	}
	loc, err := time.LoadLocation(p.s[start:p.i])
	if err != nil || p.m.hasZone || len(p.s[start:p.i]) < 3 {
		return scanSyntax
	}
	p.place, p.m.hasZone = loc, true // its offset is known when the moment is
	return scanOK
}

// special sets 'now', 'today' and their like.
func (p *momentParser) special(w string) scanState {
	if p.m.hasDate || p.n > 0 {
		return scanSyntax
	}
	at := MicrosFromTime(p.now)
	if w == "now" {
		p.m.days, p.m.micros = SplitMicros(at)
		p.m.hasDate, p.m.hasTime, p.m.hasZone, p.m.instant = true, true, true, true
		return scanOK
	}
	if w == "allballs" {
		p.m.hasTime = true
		return scanOK
	}
	p.m.days, _ = SplitMicros(UTCToLocal(at, p.loc))
	p.m.hasDate = true
	switch w {
	case "tomorrow":
		p.m.days++
	case "yesterday":
		p.m.days--
	case "epoch":
		p.m.days, p.m.hasTime, p.m.hasZone = -epochDays, true, true
	}
	return scanOK
}

// century reads a year of two digits.
func century(y int64) int64 {
	if y < 70 {
		return 2000 + y
	}
	return 1900 + y
}

// date makes a day of the three parts. A month's name and a year of three digits or more show themselves; the order of the others is the session's.
func (p *momentParser) date() scanState {
	if p.n != 3 {
		return scanSyntax
	}
	a, b, c := p.parts[0], p.parts[1], p.parts[2]
	p.n = 0
	y, m, d := a, b, c
	switch {
	case a.digits == 0:
		y, m, d = p.beside(b, c, a)
	case b.digits == 0:
		y, m, d = p.beside(a, c, b)
	case c.digits == 0 && !p.joined:
		y, m, d = p.beside(a, b, c)
	case c.digits == 0:
		return scanSyntax
	case a.digits > 2 || p.order == YearFirst:
	case p.order == DayFirst:
		y, m, d = c, b, a
	default:
		y, m, d = c, a, b
	}
	if y.digits == 0 || d.digits == 0 {
		return scanSyntax
	}
	if y.digits <= 2 && !p.bc {
		y.v = century(y.v)
	}
	return p.setDate(y.v, int(m.v), int(d.v))
}

// beside tells year and day apart, two numbers in the order in which they were written beside a month's name.
func (p *momentParser) beside(first, second, month part) (y, m, d part) {
	if first.digits > 2 || p.order == YearFirst && second.digits <= 2 {
		return first, month, second
	}
	return second, month, first
}

// setDate checks and keeps a day.
func (p *momentParser) setDate(y int64, m, d int) scanState {
	if p.m.hasDate {
		return scanSyntax
	}
	if y == 0 {
		return scanRange
	}
	if p.bc || (!p.ad && strings.HasSuffix(strings.ToLower(p.s), "bc")) {
		y = 1 - y
	}
	if m < 1 || m > 12 || d < 1 || d > DaysInMonth(y, m) || y > 294276 || y < -4712 {
		return scanRange
	}
	p.m.days, p.m.hasDate = DaysFromCivil(y, m, d), true
	return scanOK
}

// ParseDatetime reads text as a value of one of the datetime kinds, in the type's lane (timetz: Wide; the others in Lo). loc is the session's
// time zone; now is what 'now' and 'today' mean; order is that of DATESTYLE.
func ParseDatetime(text string, kind Kind, loc *time.Location, now time.Time, order DateOrder) (Int128, error) {
	s := trim(text)
	m, st := scanMoment(s, loc, now, order, kind == Time || kind == TimeTZ)
	if st == scanOK {
		if kind != Time && kind != TimeTZ && !m.hasDate {
			st = scanSyntax
		} else if (kind == Time || kind == TimeTZ) && !m.hasTime {
			st = scanSyntax
		}
	}
	switch st {
	case scanSyntax:
		return Int128{}, sqlstate.InvalidDatetime.Errorf("invalid input syntax for type %s: \"%s\"", names[kind], text)
	case scanRange:
		return Int128{}, sqlstate.DatetimeOverflow.Errorf("date/time field value out of range: \"%s\"", text)
	}
	v := m.days*MicrosPerDay + m.micros
	if m.instant && kind != TimestampTZ {
		v = UTCToLocal(v, loc)
		m.days, m.micros = SplitMicros(v)
	}
	switch kind {
	case Date:
		v = m.days
		if v < MinDate || v > MaxDate {
			return Int128{}, DatetimeRange(Date)
		}
		return FromInt64(v), nil
	case Time:
		return FromInt64(m.micros), nil
	case TimeTZ:
		off := m.offset
		if !m.hasZone || m.instant {
			off = int64(OffsetAt(MicrosFromTime(now), loc))
		}
		return Int128{Hi: off, Lo: uint64(m.micros)}, nil
	case TimestampTZ:
		if m.hasZone {
			v -= m.offset * MicrosPerSecond
		} else {
			v = LocalToUTC(v, loc)
		}
	}
	if v < MinTimestamp || v > MaxTimestamp {
		return Int128{}, DatetimeRange(kind)
	}
	return FromInt64(v), nil
}

// DatetimeRange is the error for a date or timestamp beyond the years that the types hold.
func DatetimeRange(kind Kind) error {
	if kind == Date {
		return sqlstate.DatetimeOverflow.Errorf("date out of range")
	}
	return sqlstate.DatetimeOverflow.Errorf("timestamp out of range")
}

// trim cuts the blanks that PostgreSQL's isspace knows from both ends.
func trim(s string) string {
	for len(s) > 0 && isSpace(s[0]) {
		s = s[1:]
	}
	for len(s) > 0 && isSpace(s[len(s)-1]) {
		s = s[:len(s)-1]
	}
	return s
}

func isSpace(c byte) bool { return c == ' ' || c >= '\t' && c <= '\r' }
