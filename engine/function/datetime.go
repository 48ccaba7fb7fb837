package function

import (
	"math"
	"strings"
	"time"

	"github.com/redshiftsim/redshiftsim/internal/types"
	"github.com/redshiftsim/redshiftsim/internal/vector"
)

// datetimeFunctions is the chapter of dates and times, but for the clocks (clock.go). A timestamptz is counted on the session's wall clock.
// https://docs.aws.amazon.com/redshift/latest/dg/Date_functions_header.html
var datetimeFunctions = []Scalar{
	{Name: "dateadd", Aliases: []string{"date_add"}, Column: "date_add", Args: sig(text, int8, timestamp), Returns: always(types.TTimestamp), Bind: knownPart("timestamp", millennium), Kernel: dateadd(false), Doc: "r_DATEADD_function"},
	{Name: "dateadd", Aliases: []string{"date_add"}, Column: "date_add", Args: sig(text, int8, timestampTZ), Returns: always(types.TTimestampTZ), Bind: knownPart("timestamp", millennium), Kernel: dateadd(true), Volatility: Stable, Doc: "r_DATEADD_function"},
	{Name: "dateadd", Aliases: []string{"date_add"}, Column: "date_add", Args: sig(text, int8, clock), Returns: always(types.TTime), Bind: knownPart("time", hour), Kernel: timeadd, Doc: "r_DATEADD_function"},
	{Name: "dateadd", Aliases: []string{"date_add"}, Column: "date_add", Args: sig(text, int8, clockTZ), Returns: always(types.TTimeTZ), Bind: knownPart("time", hour), Kernel: timeadd, Doc: "r_DATEADD_function"},
	{Name: "datediff", Aliases: []string{"date_diff"}, Column: "date_diff", Args: sig(text, timestamp, timestamp), Returns: always(types.TInt8), Bind: knownPart("timestamp", millennium), Kernel: datediff(false), Doc: "r_DATEDIFF_function"},
	{Name: "datediff", Aliases: []string{"date_diff"}, Column: "date_diff", Args: sig(text, timestampTZ, timestampTZ), Returns: always(types.TInt8), Bind: knownPart("timestamp", millennium), Kernel: datediff(true), Volatility: Stable, Doc: "r_DATEDIFF_function"},
	{Name: "datediff", Aliases: []string{"date_diff"}, Column: "date_diff", Args: sig(text, clock, clock), Returns: always(types.TInt8), Bind: knownPart("time", hour), Kernel: timediff, Doc: "r_DATEDIFF_function"},
	{Name: "datediff", Aliases: []string{"date_diff"}, Column: "date_diff", Args: sig(text, clockTZ, clockTZ), Returns: always(types.TInt8), Bind: knownPart("time", hour), Kernel: timediff, Doc: "r_DATEDIFF_function"},
	{Name: "date_part", Aliases: []string{"pgdate_part", "datepart"}, Column: "pgdate_part", Args: sig(text, timestamp), Returns: always(types.TFloat8), Bind: knownPart("timestamp", dayOfYear), Kernel: datePart(false), Doc: "r_DATE_PART_function"},
	{Name: "date_part", Aliases: []string{"pgdate_part", "datepart"}, Column: "pgdate_part", Args: sig(text, timestampTZ), Returns: always(types.TFloat8), Bind: knownPart("timestamp", zoneMinute), Kernel: datePart(false), Volatility: Stable, Doc: "r_DATE_PART_function"},
	{Name: "date_part", Aliases: []string{"pgdate_part", "datepart"}, Column: "pgdate_part", Args: sig(text, clock), Returns: always(types.TFloat8), Bind: knownPart("time", zoneMinute), Kernel: datePart(false), Doc: "r_DATE_PART_function"},
	{Name: "date_part", Aliases: []string{"pgdate_part", "datepart"}, Column: "pgdate_part", Args: sig(text, clockTZ), Returns: always(types.TFloat8), Bind: knownPart("time", zoneMinute), Kernel: datePart(false), Doc: "r_DATE_PART_function"},
	{Name: "date_part", Aliases: []string{"pgdate_part", "datepart"}, Column: "pgdate_part", Args: sig(text, interval), Returns: always(types.TFloat8), Bind: knownPart("interval", epoch), Kernel: datePart(false), Doc: "r_DATE_PART_function"},
	{Name: "extract", Column: "date_part", Args: sig(text, timestamp), Bind: extractInt("timestamp", dayOfYear), Kernel: datePart(true), Doc: "r_EXTRACT_function"},
	{Name: "extract", Column: "date_part", Args: sig(text, timestampTZ), Returns: always(types.TFloat8), Bind: knownPart("timestamp", zoneMinute), Kernel: datePart(true), Volatility: Stable, Doc: "r_EXTRACT_function"},
	{Name: "extract", Column: "date_part", Args: sig(text, clock), Bind: extractInt("time", zoneMinute), Kernel: datePart(true), Doc: "r_EXTRACT_function"},
	{Name: "extract", Column: "date_part", Args: sig(text, clockTZ), Bind: extractInt("time", zoneMinute), Kernel: datePart(true), Doc: "r_EXTRACT_function"},
	{Name: "extract", Column: "date_part", Args: sig(text, interval), Bind: extractInt("interval", epoch), Kernel: datePart(true), Doc: "r_EXTRACT_function"},
	{Name: "date_part_year", Args: sig(date), Returns: always(types.TInt4), Kernel: map1(func(d int64) int64 { y, _, _ := types.CivilFromDays(d); return yearPart(year, y) }), Doc: "r_DATE_PART_YEAR"},
	{Name: "date_trunc", Args: sig(text, timestamp), Returns: always(types.TTimestamp), Bind: knownPart("timestamp", millennium), Kernel: dateTrunc(false), Doc: "r_DATE_TRUNC"},
	{Name: "date_trunc", Args: sig(text, timestampTZ), Returns: always(types.TTimestampTZ), Bind: knownPart("timestamp", millennium), Kernel: dateTrunc(true), Volatility: Stable, Doc: "r_DATE_TRUNC"},
	{Name: "trunc", Args: sig(timestamp), Returns: always(types.TDate), Kernel: map1(func(us int64) int64 { d, _ := types.SplitMicros(us); return d }), Doc: "r_TRUNC_date"},
	{Name: "last_day", Args: sig(date), Returns: always(types.TDate), Kernel: map1(lastDay), Doc: "r_LAST_DAY"},
	{Name: "add_months", Args: sig(timestamp, int8), Returns: always(types.TTimestamp), Kernel: each(addMonths), Doc: "r_ADD_MONTHS"},
	{Name: "months_between", Args: sig(timestamp, timestamp), Returns: always(types.TFloat8), Kernel: map2(monthsBetween), Doc: "r_MONTHS_BETWEEN_function"},
	{Name: "next_day", Args: sig(date, text), Returns: always(types.TDate), Kernel: each(nextDay), Doc: "r_NEXT_DAY"},
	{Name: "age", Args: sig(timestamp, timestamp), Returns: always(types.TInterval), Kernel: map2(age), Place: LeaderOnly, Doc: "c_SQL_functions_leader_node_only"},
	{Name: "age", Args: sig(timestamp), Returns: always(types.TInterval), Kernel: each(ageToday), Place: LeaderOnly, Volatility: Stable, Doc: "c_SQL_functions_leader_node_only"},
	{Name: "isfinite", Args: sig(timestamp), Returns: always(types.TBool), Kernel: map1(func(int64) bool { return true }), Place: LeaderOnly, Doc: "c_SQL_functions_leader_node_only"},
}

// knownPart checks a constant date part when the call is bound: it must be one of those up to last.
func knownPart(what string, last part) func(b *Bound, args []Arg) error {
	return func(_ *Bound, args []Arg) error {
		s, ok := constText(args[0])
		if !ok {
			return nil
		}
		p, err := parsePart(s, what)
		if err == nil && p > last || what == "time" && p > hour && p < epoch {
			return p.unsupported(what)
		}
		return err
	}
}

// extractInt is knownPart of EXTRACT: its result is an integer, but the seconds of an interval have a fraction and an epoch needs a bigint.
// https://docs.aws.amazon.com/redshift/latest/dg/r_EXTRACT_function.html
func extractInt(what string, last part) func(b *Bound, args []Arg) error {
	known := knownPart(what, last)
	return func(b *Bound, args []Arg) error {
		b.Returns = types.TInt4
		if s, ok := constText(args[0]); ok {
			switch p, _ := parsePart(s, what); {
			case what == "interval" && p == second:
				b.Returns = types.TFloat8
			case p == epoch:
				b.Returns = types.TInt8
			}
		}
		return known(b, args)
	}
}

// localZone is where a value is counted: the session's zone of a timestamptz, else UTC.
func localZone(env *Env, zoned bool) *time.Location {
	if zoned {
		return zoneOf(env)
	}
	return time.UTC
}

// dateadd moves a timestamp. Months are clamped to the month's last day; years keep the day, so that one year after February 29 is March 1.
// https://docs.aws.amazon.com/redshift/latest/dg/r_DATEADD_function.html#r_DATEADD_usage_notes
func dateadd(zoned bool) Kernel {
	return func(env *Env, n int, args []*vector.Vector, out *vector.Vector) error {
		ps := parts{v: args[0], what: "timestamp"}
		k, mk := intRows(args[1])
		a, ma := intRows(args[2])
		loc := localZone(env, zoned)
		for i := range n {
			if out.Null(i) {
				continue
			}
			p, err := ps.upTo(i, millennium)
			if err != nil {
				return err
			}
			v, ok := addPart(p, a[i&ma], k[i&mk], loc)
			if !ok {
				return types.DatetimeRange(types.Timestamp)
			}
			out.Int64s[i] = v
		}
		return nil
	}
}

// addPart adds n parts to a moment; ok is false when the result is beyond the years that a timestamp holds.
func addPart(p part, us, n int64, loc *time.Location) (int64, bool) {
	inRange := func(v int64) bool { return v >= types.MinTimestamp && v <= types.MaxTimestamp }
	if unit := partUnits[p]; unit > 0 {
		if n > math.MaxInt64/unit || n < -math.MaxInt64/unit {
			return 0, false
		}
		if p >= day {
			us = types.UTCToLocal(us, loc)
		}
		v, ok := intOne('+', us, n*unit)
		if ok && p >= day {
			v = types.LocalToUTC(v, loc)
		}
		return v, ok && inRange(v)
	}
	if n > 1e8 || n < -1e8 {
		return 0, false
	}
	n *= partMonths[p]
	if n > 1e7 || n < -1e7 {
		return 0, false
	}
	us = types.UTCToLocal(us, loc)
	var v int64
	if p < year {
		v = types.AddMonthsMicros(us, n)
	} else {
		days, t := types.SplitMicros(us)
		y, m, d := types.CivilFromDays(days)
		v = types.DaysFromCivil(y+n/12, m, d)
		if v < types.MinDate || v > types.MaxDate {
			return 0, false
		}
		v = v*types.MicrosPerDay + t
	}
	v = types.LocalToUTC(v, loc)
	return v, inRange(v)
}

// clockRow is a time's or a timetz's microseconds since midnight, the latter in UTC.
func clockRow(v *vector.Vector, i int) int64 {
	i &= maskOf(v)
	if v.Type.Kind != types.TimeTZ {
		return v.Int64s[i]
	}
	_, t := types.SplitMicros(int64(v.Wides[i].Lo) - v.Wides[i].Hi*types.MicrosPerSecond)
	return t
}

// timeadd is dateadd of a time, around the clock.
func timeadd(_ *Env, n int, args []*vector.Vector, out *vector.Vector) error {
	ps := parts{v: args[0], what: "time"}
	k, mk := intRows(args[1])
	for i := range n {
		if out.Null(i) {
			continue
		}
		p, err := ps.upTo(i, hour)
		if err != nil {
			return err
		}
		steps := k[i&mk] % (types.MicrosPerDay / partUnits[p])
		_, t := types.SplitMicros(clockRow(args[2], i) + steps*partUnits[p])
		if out.Type.Kind == types.TimeTZ {
			out.Wides[i] = types.Int128{Lo: uint64(t)}
		} else {
			out.Int64s[i] = t
		}
	}
	return nil
}

// datediff counts the boundaries of a part between two timestamps.
// https://docs.aws.amazon.com/redshift/latest/dg/r_DATEDIFF_function.html
func datediff(zoned bool) Kernel {
	return func(env *Env, n int, args []*vector.Vector, out *vector.Vector) error {
		ps := parts{v: args[0], what: "timestamp"}
		a, ma := intRows(args[1])
		b, mb := intRows(args[2])
		loc := localZone(env, zoned)
		for i := range n {
			if out.Null(i) {
				continue
			}
			p, err := ps.upTo(i, millennium)
			if err != nil {
				return err
			}
			x, y := a[i&ma], b[i&mb]
			if zoned {
				x, y = types.UTCToLocal(x, loc), types.UTCToLocal(y, loc)
			}
			out.Int64s[i] = boundary(p, y) - boundary(p, x)
		}
		return nil
	}
}

// timediff is datediff of times.
func timediff(_ *Env, n int, args []*vector.Vector, out *vector.Vector) error {
	ps := parts{v: args[0], what: "time"}
	for i := range n {
		if out.Null(i) {
			continue
		}
		p, err := ps.upTo(i, hour)
		if err != nil {
			return err
		}
		out.Int64s[i] = boundary(p, clockRow(args[2], i)) - boundary(p, clockRow(args[1], i))
	}
	return nil
}

// datePart is DATE_PART and, with whole numbers only, EXTRACT.
// https://docs.aws.amazon.com/redshift/latest/dg/r_Dateparts_for_datetime_functions.html#r_Dateparts_for_datetime_functions-variations-in-results
func datePart(whole bool) Kernel {
	return func(env *Env, n int, args []*vector.Vector, out *vector.Vector) error {
		ps := parts{v: args[0], what: "timestamp"}
		for i := range n {
			if out.Null(i) {
				continue
			}
			p, err := ps.at(i)
			if err != nil {
				return err
			}
			v, scale, err := field(env, p, args[1], i, whole)
			if err != nil {
				return err
			}
			if out.Type.Lane() == types.LaneFloat {
				out.Floats[i] = float64(v) / float64(scale)
			} else {
				out.Int64s[i] = v / scale
			}
		}
		return nil
	}
}

// field reads a part of row i of any kind of time, as a fraction v/scale.
func field(env *Env, p part, v *vector.Vector, i int, whole bool) (n, scale int64, err error) {
	k := i & maskOf(v)
	var us, offset int64
	what := "timestamp"
	switch v.Type.Kind {
	case types.Interval:
		return intervalField(p, v.Wides[k])
	case types.TimestampTZ:
		at := v.Int64s[k]
		offset = int64(types.OffsetAt(at, zoneOf(env)))
		if us = at + offset*types.MicrosPerSecond; p == epoch {
			us = at
		}
	case types.TimeTZ:
		us, offset, what = int64(v.Wides[k].Lo), v.Wides[k].Hi, "time"
	case types.Time:
		us, what = v.Int64s[k], "time"
	default:
		us = v.Int64s[k]
	}
	switch {
	case p == zone && (v.Type.Kind == types.TimestampTZ || v.Type.Kind == types.TimeTZ):
		return offset, 1, nil
	case p == zoneHour && (v.Type.Kind == types.TimestampTZ || v.Type.Kind == types.TimeTZ):
		return offset / 3600, 1, nil
	case p == zoneMinute && (v.Type.Kind == types.TimestampTZ || v.Type.Kind == types.TimeTZ):
		return offset / 60 % 60, 1, nil
	case what == "time" && p == epoch:
		return us - offset*types.MicrosPerSecond, types.MicrosPerSecond, nil
	case what == "time" && p > hour, p >= zone:
		return 0, 0, p.unsupported(what)
	}
	if !whole {
		switch p {
		case millisecond:
			return (us%types.MicrosPerSecond + types.MicrosPerSecond) % types.MicrosPerSecond, 1000, nil
		case second:
			_, t := types.SplitMicros(us)
			return t % types.MicrosPerMinute, types.MicrosPerSecond, nil
		case epoch:
			return us + epochSeconds*types.MicrosPerSecond, types.MicrosPerSecond, nil
		}
	}
	n, _ = fieldOf(p, us)
	return n, 1, nil
}

// intervalField reads a part of an interval: what is left after the larger parts; seconds keep their fraction.
func intervalField(p part, v types.Int128) (n, scale int64, err error) {
	mo, us := types.IntervalParts(v)
	switch p {
	case microsecond:
		return us % types.MicrosPerSecond, 1, nil
	case millisecond:
		return us % types.MicrosPerSecond, 1000, nil
	case second:
		return us % types.MicrosPerMinute, types.MicrosPerSecond, nil
	case minute:
		return us / types.MicrosPerMinute % 60, 1, nil
	case hour:
		return us / types.MicrosPerHour % 24, 1, nil
	case day:
		return us / types.MicrosPerDay, 1, nil
	case month:
		return mo % 12, 1, nil
	case quarter:
		return mo%12/3 + 1, 1, nil
	case year:
		return mo / 12, 1, nil
	case decade, century, millennium:
		return mo / partMonths[p], 1, nil
	case epoch: // a year is 365.25 days and a month 30
		days := mo/12*36525/100 + mo%12*30
		return days*86400 + us/types.MicrosPerSecond, 1, nil
	}
	return 0, 0, p.unsupported("interval")
}

// dateTrunc moves timestamps back to the start of a part.
// https://docs.aws.amazon.com/redshift/latest/dg/r_DATE_TRUNC.html
func dateTrunc(zoned bool) Kernel {
	return func(env *Env, n int, args []*vector.Vector, out *vector.Vector) error {
		ps := parts{v: args[0], what: "timestamp"}
		a, ma := intRows(args[1])
		loc := localZone(env, zoned)
		for i := range n {
			if out.Null(i) {
				continue
			}
			p, err := ps.upTo(i, millennium)
			if err != nil {
				return err
			}
			if zoned {
				out.Int64s[i] = types.LocalToUTC(truncate(p, types.UTCToLocal(a[i&ma], loc)), loc)
			} else {
				out.Int64s[i] = truncate(p, a[i&ma])
			}
		}
		return nil
	}
}

// lastDay is the last day of a date's month.
func lastDay(d int64) int64 {
	y, m, _ := types.CivilFromDays(d)
	return types.DaysFromCivil(y, m, types.DaysInMonth(y, m))
}

// addMonths moves a timestamp by months; the last day of a month stays the last day.
// https://docs.aws.amazon.com/redshift/latest/dg/r_ADD_MONTHS.html
func addMonths(r *row) error {
	us, n := r.int(0), r.int(1)
	v, ok := addPart(month, us, n, time.UTC)
	if !ok {
		return types.DatetimeRange(types.Timestamp)
	}
	if d, _ := types.SplitMicros(us); d == lastDay(d) {
		to, t := types.SplitMicros(v)
		v = lastDay(to)*types.MicrosPerDay + t
	}
	r.setInt(v)
	return nil
}

// monthsBetween is the number of months from b to a; what is left of a month counts as days of a month of 31.
// https://docs.aws.amazon.com/redshift/latest/dg/r_MONTHS_BETWEEN_function.html
func monthsBetween(a, b int64) float64 {
	d1, t1 := types.SplitMicros(a)
	d2, t2 := types.SplitMicros(b)
	y1, m1, day1 := types.CivilFromDays(d1)
	y2, m2, day2 := types.CivilFromDays(d2)
	whole := float64((y1-y2)*12 + int64(m1-m2))
	if day1 == day2 || d1 == lastDay(d1) && d2 == lastDay(d2) {
		return whole
	}
	return whole + (float64(day1-day2)+float64(t1-t2)/float64(types.MicrosPerDay))/31
}

// weekdayNames are the names that NEXT_DAY takes, Sunday first.
// https://docs.aws.amazon.com/redshift/latest/dg/r_NEXT_DAY.html
var weekdayNames = [7]string{"su sun sunday", "m mo mon monday", "tu tue tues tuesday", "w we wed wednesday", "th thu thurs thursday", "f fr fri friday", "sa sat saturday"}

// nextDay is the first date after a date that is a certain day of the week.
func nextDay(r *row) error {
	d, name := r.int(0), strings.ToLower(strings.TrimSpace(r.text(1)))
	for w, names := range weekdayNames {
		for _, n := range strings.Fields(names) {
			if n == name {
				r.setInt(d + int64(w-types.Weekday(d)+6)%7 + 1)
				return nil
			}
		}
	}
	return invalid("Not a valid day entry - %s", r.text(1))
}

// age is the interval from b to a in years, months, days and time.
func age(a, b int64) types.Int128 {
	if a < b {
		mo, us := types.IntervalParts(age(b, a))
		return types.MakeInterval(-mo, -us)
	}
	d1, _ := types.SplitMicros(a)
	d2, _ := types.SplitMicros(b)
	y1, m1, _ := types.CivilFromDays(d1)
	y2, m2, _ := types.CivilFromDays(d2)
	mo := (y1-y2)*12 + int64(m1-m2)
	if types.AddMonthsMicros(b, mo) > a {
		mo--
	}
	return types.MakeInterval(mo, a-types.AddMonthsMicros(b, mo))
}

// ageToday is the age at today's midnight.
func ageToday(r *row) error {
	today, _ := types.SplitMicros(types.UTCToLocal(types.MicrosFromTime(nowOf(r.env)), zoneOf(r.env)))
	r.setWide(age(today*types.MicrosPerDay, r.int(0)))
	return nil
}
