package function

import (
	"time"

	"github.com/redshiftsim/redshiftsim/internal/types"
)

// clockFunctions is the part of the chapter of dates that asks the clock, converts between time zones, or compares.
// https://docs.aws.amazon.com/redshift/latest/dg/Date_functions_header.html
var clockFunctions = []Scalar{
	{Name: "getdate", Returns: always(types.TTimestamp), Kernel: each(getdate), Volatility: Stable, Doc: "r_GETDATE"},
	{Name: "sysdate", Column: "timestamp", Returns: always(types.TTimestamp), Kernel: each(sysdate), Volatility: Stable, Doc: "r_SYSDATE"},
	{Name: "current_date", Column: "date", Returns: always(types.TDate), Kernel: each(currentDate), Volatility: Stable, Doc: "r_CURRENT_DATE_function"},
	{Name: "timeofday", Returns: always(types.TVarcharMax), Kernel: each(timeofday), Volatility: Stable, Doc: "r_TIMEOFDAY_function"},
	{Name: "now", Aliases: []string{"current_timestamp"}, Returns: always(types.TTimestampTZ), Kernel: each(now), Place: LeaderOnly, Volatility: Stable, Doc: "c_SQL_functions_leader_node_only"},
	{Name: "localtimestamp", Column: "timestamp", Returns: always(types.TTimestamp), Kernel: each(sysdate), Place: LeaderOnly, Volatility: Stable, Doc: "c_SQL_functions_leader_node_only"},
	{Name: "current_time", Column: "timetz", Returns: always(types.TTimeTZ), Kernel: each(currentTime), Place: LeaderOnly, Volatility: Stable, Doc: "c_SQL_functions_leader_node_only"},
	{Name: "localtime", Column: "time", Returns: always(types.TTime), Kernel: each(localTime), Place: LeaderOnly, Volatility: Stable, Doc: "c_SQL_functions_leader_node_only"},
	{Name: "convert_timezone", Args: sig(text, timestamp), Returns: always(types.TTimestamp), Kernel: each(fromUTC), Doc: "CONVERT_TIMEZONE"},
	{Name: "convert_timezone", Args: sig(text, text, timestamp), Returns: always(types.TTimestamp), Kernel: each(convertTimezone), Doc: "CONVERT_TIMEZONE"},
	{Name: "timezone", Args: sig(text, timestamp), Returns: always(types.TTimestampTZ), Kernel: each(toUTC), Doc: "r_TIMEZONE"},
	{Name: "timezone", Args: sig(text, timestampTZ), Returns: always(types.TTimestamp), Kernel: each(fromUTC), Doc: "r_TIMEZONE"},
	{Name: "timezone", Args: sig(text, clockTZ), Returns: always(types.TTimeTZ), Kernel: each(timetzZone), Volatility: Stable, Doc: "r_AT_TIME_ZONE"},
	{Name: "date_cmp", Args: sig(date, date), Returns: always(types.TInt4), Kernel: map2(compareInts), Doc: "r_DATE_CMP"},
	{Name: "date_cmp_timestamp", Args: sig(date, timestamp), Bind: compareAs(types.TTimestamp), Doc: "r_DATE_CMP_TIMESTAMP"},
	{Name: "date_cmp_timestamptz", Args: sig(date, timestampTZ), Bind: compareAs(types.TTimestampTZ), Doc: "r_DATE_CMP_TIMESTAMPTZ"},
	{Name: "timestamp_cmp", Args: sig(timestamp, timestamp), Returns: always(types.TInt4), Kernel: map2(compareInts), Doc: "r_TIMESTAMP_CMP"},
	{Name: "timestamp_cmp_date", Args: sig(timestamp, date), Bind: compareAs(types.TTimestamp), Doc: "r_TIMESTAMP_CMP_DATE"},
	{Name: "timestamp_cmp_timestamptz", Args: sig(timestamp, timestampTZ), Bind: compareAs(types.TTimestampTZ), Doc: "r_TIMESTAMP_CMP_TIMESTAMPTZ"},
	{Name: "timestamptz_cmp", Args: sig(timestampTZ, timestampTZ), Returns: always(types.TInt4), Kernel: map2(compareInts), Doc: "r_TIMESTAMPTZ_CMP"},
	{Name: "timestamptz_cmp_date", Args: sig(timestampTZ, date), Bind: compareAs(types.TTimestampTZ), Doc: "r_TIMESTAMPTZ_CMP_DATE"},
	{Name: "timestamptz_cmp_timestamp", Args: sig(timestampTZ, timestamp), Bind: compareAs(types.TTimestampTZ), Doc: "r_TIMESTAMPTZ_CMP_TIMESTAMP"},
	{Name: "interval_cmp", Args: sig(interval, interval), Returns: always(types.TInt4), Kernel: map2(func(a, b types.Int128) int64 { return int64(types.CompareWide(types.Interval, a, b)) }), Doc: "r_INTERVAL_CMP"},
}

// startOf is a moment on the session's wall clock.
func startOf(env *Env, t time.Time) int64 {
	return types.UTCToLocal(types.MicrosFromTime(t), zoneOf(env))
}

// getdate is the start of the statement, to the second.
func getdate(r *row) error {
	us := startOf(r.env, r.env.Now)
	r.setInt(truncate(second, us))
	return nil
}

// sysdate is the start of the transaction.
func sysdate(r *row) error {
	r.setInt(startOf(r.env, nowOf(r.env)))
	return nil
}

// currentDate is the day on which the transaction began.
func currentDate(r *row) error {
	d, _ := types.SplitMicros(startOf(r.env, nowOf(r.env)))
	r.setInt(d)
	return nil
}

// localTime is the time of day at which the transaction began.
func localTime(r *row) error {
	_, t := types.SplitMicros(startOf(r.env, nowOf(r.env)))
	r.setInt(t)
	return nil
}

// currentTime is localTime with its zone.
func currentTime(r *row) error {
	at := types.MicrosFromTime(nowOf(r.env))
	_, t := types.SplitMicros(types.UTCToLocal(at, zoneOf(r.env)))
	r.setWide(types.Int128{Hi: int64(types.OffsetAt(at, zoneOf(r.env))), Lo: uint64(t)})
	return nil
}

// now is the start of the transaction as an instant.
func now(r *row) error {
	r.setInt(types.MicrosFromTime(nowOf(r.env)))
	return nil
}

// timeofday writes the start of the statement.
func timeofday(r *row) error {
	r.setText(r.env.Now.In(zoneOf(r.env)).Format("Mon Jan 02 15:04:05.000000 2006 MST"))
	return nil
}

// fromUTC gives a zone's wall clock at an instant.
func fromUTC(r *row) error {
	loc, err := types.LoadZone(r.text(0))
	if err != nil {
		return err
	}
	r.setInt(types.UTCToLocal(r.int(1), loc))
	return nil
}

// toUTC reads a wall clock in a zone.
func toUTC(r *row) error {
	loc, err := types.LoadZone(r.text(0))
	if err != nil {
		return err
	}
	r.setInt(types.LocalToUTC(r.int(1), loc))
	return nil
}

// convertTimezone reads a wall clock in one zone and gives that of another.
func convertTimezone(r *row) error {
	from, err := types.LoadZone(r.text(0))
	if err != nil {
		return err
	}
	to, err := types.LoadZone(r.text(1))
	if err != nil {
		return err
	}
	r.setInt(types.UTCToLocal(types.LocalToUTC(r.int(2), from), to))
	return nil
}

// timetzZone moves a time of day to another zone, with the offset that the zone has now.
func timetzZone(r *row) error {
	loc, err := types.LoadZone(r.text(0))
	if err != nil {
		return err
	}
	v := r.wide(1)
	off := int64(types.OffsetAt(types.MicrosFromTime(nowOf(r.env)), loc))
	_, t := types.SplitMicros(int64(v.Lo) + (off-v.Hi)*types.MicrosPerSecond)
	r.setWide(types.Int128{Hi: off, Lo: uint64(t)})
	return nil
}

// compareInts is -1, 0 or 1.
func compareInts(a, b int64) int64 {
	switch {
	case a < b:
		return -1
	case a > b:
		return 1
	}
	return 0
}

// compareAs compares two kinds of time as one of them.
func compareAs(t types.Type) func(b *Bound, args []Arg) error {
	return func(b *Bound, _ []Arg) error {
		b.Params[0], b.Params[1] = t, t
		b.Returns, b.Kernel = types.TInt4, map2(compareInts)
		return nil
	}
}
