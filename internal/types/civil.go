package types

import "time"

// Units of the int lane of times.
const (
	MicrosPerSecond = int64(1_000_000)
	MicrosPerMinute = 60 * MicrosPerSecond
	MicrosPerHour   = 60 * MicrosPerMinute
	MicrosPerDay    = 24 * MicrosPerHour
)

// epochDays is 2000-01-01 counted from 1970-01-01.
const epochDays = 10957

// Bounds of dates and timestamps: 4713 BC to 294276 AD.
// https://docs.aws.amazon.com/redshift/latest/dg/r_Datetime_types.html
var (
	MinDate      = DaysFromCivil(-4712, 1, 1)
	MaxDate      = DaysFromCivil(294276, 12, 31)
	MinTimestamp = MinDate * MicrosPerDay
	MaxTimestamp = (MaxDate+1)*MicrosPerDay - 1
)

// DaysFromCivil gives the days since 2000-01-01 of a day of the proleptic Gregorian calendar; year 0 is 1 BC. month must be 1..12; day may
// lie outside the month and then counts on.
// It is the algorithm of https://howardhinnant.github.io/date_algorithms.html: years begin in March, so that the leap day is the last.
func DaysFromCivil(year int64, month, day int) int64 {
	if month <= 2 {
		year--
	}
	era := floorDiv(year, 400)
	yoe := year - era*400
	mp := int64(month+9) % 12
	doy := (153*mp+2)/5 + int64(day) - 1
	doe := yoe*365 + yoe/4 - yoe/100 + doy
	return era*146097 + doe - 719468 - epochDays
}

// CivilFromDays is the inverse of DaysFromCivil.
func CivilFromDays(days int64) (year int64, month, day int) {
	z := days + epochDays + 719468
	era := floorDiv(z, 146097)
	doe := z - era*146097
	yoe := (doe - doe/1460 + doe/36524 - doe/146096) / 365
	doy := doe - (365*yoe + yoe/4 - yoe/100)
	mp := (5*doy + 2) / 153
	day = int(doy-(153*mp+2)/5) + 1
	month = int(mp) + 3
	year = yoe + era*400
	if month > 12 {
		month -= 12
		year++
	}
	return year, month, day
}

// IsLeap says whether a year has 366 days.
func IsLeap(year int64) bool { return year%4 == 0 && (year%100 != 0 || year%400 == 0) }

// DaysInMonth gives the length of a month.
func DaysInMonth(year int64, month int) int {
	switch month {
	case 2:
		if IsLeap(year) {
			return 29
		}
		return 28
	case 4, 6, 9, 11:
		return 30
	}
	return 31
}

// Weekday gives 0 for Sunday to 6 for Saturday. 2000-01-01 was a Saturday.
func Weekday(days int64) int { return int(floorMod(days+6, 7)) }

// DayOfYear gives 1 for January 1st.
func DayOfYear(days int64) int {
	y, _, _ := CivilFromDays(days)
	return int(days-DaysFromCivil(y, 1, 1)) + 1
}

// ISOWeek gives the ISO 8601 year and week of a day: weeks begin on Monday, week 1 holds the year's first Thursday.
func ISOWeek(days int64) (year int64, week int) {
	thursday := days - floorMod(days+5, 7) + 3
	year, _, _ = CivilFromDays(thursday)
	return year, int(thursday-DaysFromCivil(year, 1, 1))/7 + 1
}

// SplitMicros cuts a timestamp into its day and the microseconds since midnight.
func SplitMicros(us int64) (days, micros int64) {
	days = floorDiv(us, MicrosPerDay)
	return days, us - days*MicrosPerDay
}

// AddMonths moves a day by months, keeping the day of the month or taking the month's last when it is shorter.
func AddMonths(days, months int64) int64 {
	y, m, d := CivilFromDays(days)
	t := y*12 + int64(m-1) + months
	y, m = floorDiv(t, 12), int(floorMod(t, 12))+1
	return DaysFromCivil(y, m, min(d, DaysInMonth(y, m)))
}

// AddMonthsMicros is AddMonths for a timestamp; the time of day stays.
func AddMonthsMicros(us, months int64) int64 {
	if months == 0 {
		return us
	}
	d, t := SplitMicros(us)
	return AddMonths(d, months)*MicrosPerDay + t
}

// MicrosFromTime gives t as microseconds since 2000-01-01 00:00:00 UTC.
func MicrosFromTime(t time.Time) int64 {
	return (t.Unix()-epochDays*86400)*MicrosPerSecond + int64(t.Nanosecond()/1000)
}

// TimeFromMicros is the inverse of MicrosFromTime, in UTC.
func TimeFromMicros(us int64) time.Time {
	s := floorDiv(us, MicrosPerSecond)
	return time.Unix(s+epochDays*86400, (us-s*MicrosPerSecond)*1000).UTC()
}

// OffsetAt gives the seconds east of UTC that loc keeps at an instant.
func OffsetAt(us int64, loc *time.Location) int {
	if loc == nil || loc == time.UTC {
		return 0
	}
	_, off := TimeFromMicros(us).In(loc).Zone()
	return off
}

// LocalToUTC reads a wall clock's microseconds as a time in loc, as PostgreSQL does: a time that the clock skips has the offset before the gap, one that it
// shows twice the offset after the change, so that both are standard time.
func LocalToUTC(us int64, loc *time.Location) int64 {
	if loc == nil || loc == time.UTC {
		return us
	}
	before, after := int64(OffsetAt(us-MicrosPerDay, loc)), int64(OffsetAt(us+MicrosPerDay, loc))
	late := us - after*MicrosPerSecond
	if before == after || int64(OffsetAt(late, loc)) == after {
		return late
	}
	return us - before*MicrosPerSecond
}

// UTCToLocal gives the wall clock in loc at an instant.
func UTCToLocal(us int64, loc *time.Location) int64 {
	return us + int64(OffsetAt(us, loc))*MicrosPerSecond
}

// floorDiv and floorMod divide toward minus infinity; b > 0.
func floorDiv(a, b int64) int64 {
	q := a / b
	if a%b < 0 {
		q--
	}
	return q
}

func floorMod(a, b int64) int64 {
	m := a % b
	if m < 0 {
		m += b
	}
	return m
}
