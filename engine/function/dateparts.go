package function

import (
	"strings"

	"github.com/redshiftsim/redshiftsim/internal/types"
	"github.com/redshiftsim/redshiftsim/internal/vector"
)

// part is a date part.
type part uint8

// Date parts, from the smallest unit to the largest, then those that only DATE_PART and EXTRACT know.
const (
	microsecond part = iota
	millisecond
	second
	minute
	hour
	day
	week
	month
	quarter
	year
	decade
	century
	millennium
	epoch
	dayOfWeek
	dayOfYear
	zone
	zoneHour
	zoneMinute
	numParts
)

// partNames lists the names and abbreviations of each part; m is the minute.
// https://docs.aws.amazon.com/redshift/latest/dg/r_Dateparts_for_datetime_functions.html
var partNames = [numParts]string{
	microsecond: "microsecond microseconds microsec microsecs usecond useconds us usec usecs",
	millisecond: "millisecond milliseconds ms msec msecs msecond mseconds millisec millisecs millisecon",
	second:      "second seconds s sec secs",
	minute:      "minute minutes m min mins",
	hour:        "hour hours h hr hrs",
	day:         "day days d",
	week:        "week weeks w",
	month:       "month months mon mons",
	quarter:     "quarter quarters qtr qtrs",
	year:        "year years y yr yrs",
	decade:      "decade decades dec decs",
	century:     "century centuries c cent cents",
	millennium:  "millennium millennia mil mils",
	epoch:       "epoch",
	dayOfWeek:   "dayofweek dow dw weekday",
	dayOfYear:   "dayofyear doy dy yearday",
	zone:        "timezone",
	zoneHour:    "timezone_hour",
	zoneMinute:  "timezone_minute",
}

// partUnits are the parts of a fixed length, in microseconds; 0 = the length varies.
var partUnits = [numParts]int64{
	microsecond: 1, millisecond: 1000, second: types.MicrosPerSecond, minute: types.MicrosPerMinute, hour: types.MicrosPerHour,
	day: types.MicrosPerDay, week: 7 * types.MicrosPerDay,
}

// partMonths are the parts that are counted in months.
var partMonths = [numParts]int64{month: 1, quarter: 3, year: 12, decade: 120, century: 1200, millennium: 12000}

// parsePart finds a date part by one of its names. what is the type that is spoken of in the error.
func parsePart(name, what string) (part, error) {
	word := strings.ToLower(strings.TrimSpace(name))
	for p, names := range partNames {
		if at := strings.Index(names, word); at >= 0 && word != "" {
			for _, n := range strings.Fields(names) {
				if n == word {
					return part(p), nil
				}
			}
		}
	}
	return 0, invalid("%s units \"%s\" not recognized", what, name)
}

// unsupported is the error of a part that a function does not know for a type.
func (p part) unsupported(what string) error {
	return invalid("%s units \"%s\" not supported", what, strings.Fields(partNames[p])[0])
}

// parts reads the date part of each row; a constant is read once.
type parts struct {
	v    *vector.Vector
	what string
	last string
	part part
	set  bool
}

func (p *parts) at(i int) (part, error) {
	s := p.v.Texts[i&maskOf(p.v)]
	if p.set && s == p.last {
		return p.part, nil
	}
	var err error
	p.part, err = parsePart(s, p.what)
	p.last, p.set = s, err == nil
	return p.part, err
}

// upTo reads the part of row i for a function that knows the parts up to last.
func (p *parts) upTo(i int, last part) (part, error) {
	found, err := p.at(i)
	if err == nil && found > last {
		err = found.unsupported(p.what)
	}
	return found, err
}

// floorDiv divides toward minus infinity.
func floorDiv(a, b int64) int64 {
	q := a / b
	if a%b < 0 {
		q--
	}
	return q
}

// yearPart gives the parts of a year: centuries and millennia begin with year 1, decades are counted from 1, and there is no year 0.
func yearPart(p part, y int64) int64 {
	switch p {
	case year:
		if y <= 0 {
			y--
		}
		return y
	case decade:
		return floorDiv(y, 10) + 1
	case century:
		if y > 0 {
			return (y + 99) / 100
		}
		return -((100 - y) / 100)
	default:
		if y > 0 {
			return (y + 999) / 1000
		}
		return -((1000 - y) / 1000)
	}
}

// fieldOf is the value of a part of a wall clock's moment; ok is false for a part that needs a zone. Seconds and their fractions stand each alone:
// a second has no fraction, a millisecond no seconds.
func fieldOf(p part, us int64) (int64, bool) {
	days, t := types.SplitMicros(us)
	switch p {
	case microsecond:
		return t % types.MicrosPerSecond, true
	case millisecond:
		return t / 1000 % 1000, true
	case second:
		return t / types.MicrosPerSecond % 60, true
	case minute:
		return t / types.MicrosPerMinute % 60, true
	case hour:
		return t / types.MicrosPerHour, true
	case week:
		_, w := types.ISOWeek(days)
		return int64(w), true
	case dayOfWeek:
		return int64(types.Weekday(days)), true
	case dayOfYear:
		return int64(types.DayOfYear(days)), true
	case epoch:
		return floorDiv(us, types.MicrosPerSecond) + epochSeconds, true
	case zone, zoneHour, zoneMinute:
		return 0, false
	}
	y, m, d := types.CivilFromDays(days)
	switch p {
	case day:
		return int64(d), true
	case month:
		return int64(m), true
	case quarter:
		return int64(m+2) / 3, true
	}
	return yearPart(p, y), true
}

// epochSeconds is 2000-01-01 in seconds since 1970-01-01.
const epochSeconds = 10957 * 86400

// truncate moves a wall clock's moment back to the start of a part.
func truncate(p part, us int64) int64 {
	if p <= day {
		return floorDiv(us, partUnits[p]) * partUnits[p]
	}
	days, _ := types.SplitMicros(us)
	if p == week { // to Monday
		return (days - int64(types.Weekday(days)+6)%7) * types.MicrosPerDay
	}
	y, m, d := types.CivilFromDays(days)
	switch p {
	case month:
		return (days - int64(d) + 1) * types.MicrosPerDay
	case quarter:
		m = (m-1)/3*3 + 1
	case year:
		m = 1
	case decade:
		y, m = floorDiv(y, 10)*10, 1
	case century:
		y, m = floorDiv(y-1, 100)*100+1, 1
	case millennium:
		y, m = floorDiv(y-1, 1000)*1000+1, 1
	}
	return types.DaysFromCivil(y, m, 1) * types.MicrosPerDay
}

// boundary numbers the parts of the calendar: the difference of two numbers is how many boundaries lie between two moments. Weeks begin on Sunday.
func boundary(p part, us int64) int64 {
	if p <= day {
		return floorDiv(us, partUnits[p])
	}
	days, _ := types.SplitMicros(us)
	if p == week {
		return floorDiv(days+6, 7)
	}
	y, m, _ := types.CivilFromDays(days)
	switch p {
	case month:
		return y*12 + int64(m)
	case quarter:
		return y*4 + int64(m-1)/3
	case year:
		return y
	case decade:
		return floorDiv(y, 10)
	case century:
		return floorDiv(y-1, 100)
	}
	return floorDiv(y-1, 1000)
}
