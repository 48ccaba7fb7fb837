package types

import (
	"errors"
	"math/rand"
	"strings"
	"testing"
	"time"

	"github.com/redshiftsim/redshiftsim/internal/sqlstate"
)

// Expected values: PostgreSQL 8.0's regression results (date, timestamp, interval, numeric, int2, float8, boolean) and the AWS guide's pages on
// literals and types.
func TestParse(t *testing.T) {
	now := time.Date(2024, 2, 29, 13, 14, 15, 678000000, time.UTC)
	ny, err := time.LoadLocation("America/New_York")
	if err != nil {
		t.Skip("no time zones here")
	}
	for _, c := range []struct {
		in   string
		to   Type
		loc  *time.Location
		want string // text, or "SQLSTATE message"
	}{
		{"12", TInt4, nil, "12"},
		{"  -12 ", TInt2, nil, "-12"},
		{"+7", TInt8, nil, "7"},
		{"9223372036854775807", TInt8, nil, "9223372036854775807"},
		{"-9223372036854775808", TInt8, nil, "-9223372036854775808"},
		{"9223372036854775808", TInt8, nil, `22003 value "9223372036854775808" is out of range for type bigint`},
		{"100000", TInt2, nil, `22003 value "100000" is out of range for type smallint`},
		{"2147483648", TInt4, nil, `22003 value "2147483648" is out of range for type integer`},
		{"abc", TInt4, nil, `22P02 invalid input syntax for integer: "abc"`},
		{"", TInt4, nil, `22P02 invalid input syntax for integer: ""`},
		{"-", TInt4, nil, `22P02 invalid input syntax for integer: "-"`},
		{"1 2", TInt4, nil, `22P02 invalid input syntax for integer: "1 2"`},
		{"1.5", TInt4, nil, `22P02 invalid input syntax for integer: "1.5"`},
		{"1_000", TInt4, nil, `22P02 invalid input syntax for integer: "1_000"`},
		{"28", TNumeric(8, 2), nil, "28.00"},
		{"-0.005", TNumeric(8, 2), nil, "-0.01"},
		{"0.004", TNumeric(8, 2), nil, "0.00"},
		{".5", TNumeric(3, 1), nil, "0.5"},
		{"5.", TNumeric(3, 0), nil, "5"},
		{"1.5e2", TNumeric(5, 1), nil, "150.0"},
		{"15e-1", TNumeric(5, 1), nil, "1.5"},
		{"999999.995", TNumeric(8, 2), nil, "22003 numeric field overflow"},
		{"999999.994", TNumeric(8, 2), nil, "999999.99"},
		{"12345678901234567890123456789012345678", TNumeric(38, 0), nil, "12345678901234567890123456789012345678"},
		{"-0.00000000000000000000000000000000000001", TNumeric(38, 37), nil, "0.0000000000000000000000000000000000000"},
		{"0.5", TNumeric(38, 37), nil, "0.5000000000000000000000000000000000000"},
		{"9223372036854775807", TNumeric(19, 0), nil, "9223372036854775807"},
		{"9999999999999999999", TNumeric(19, 0), nil, "22003 numeric field overflow"},
		{"-9223372036854775808", TNumeric(19, 0), nil, "22003 numeric field overflow"},
		{"xyz", TNumeric(8, 2), nil, `22P02 invalid input syntax for type numeric: "xyz"`},
		{"5. 0   ", TNumeric(8, 2), nil, `22P02 invalid input syntax for type numeric: "5. 0   "`},
		{"1e100", TNumeric(8, 2), nil, "22003 numeric field overflow"},
		{"0.1", TFloat8, nil, "0.1"},
		{"1e20", TFloat8, nil, "1e+20"},
		{"1.234567890123456789", TFloat8, nil, "1.23456789012346"},
		{"100000", TFloat8, nil, "100000"},
		{"NaN", TFloat8, nil, "NaN"},
		{"-infinity", TFloat8, nil, "-Infinity"},
		{"10e400", TFloat8, nil, `22003 "10e400" is out of range for type double precision`},
		{"10e-400", TFloat8, nil, `22003 "10e-400" is out of range for type double precision`},
		{"xyz", TFloat4, nil, `22P02 invalid input syntax for type real: "xyz"`},
		{"1.2345678", TFloat4, nil, "1.23457"},
		{"TRUE", TBool, nil, "t"},
		{" yes ", TBool, nil, "t"},
		{"0", TBool, nil, "f"},
		{"maybe", TBool, nil, `22P02 invalid input syntax for type boolean: "maybe"`},
		{"hello", TVarchar(3), nil, "22001 value too long for type character varying(3)"},
		{"abc   ", TVarchar(4), nil, "abc "},
		{"abc", TChar(5), nil, "abc  "},
		{"abcd", TChar(1), nil, "22001 value too long for type character(1)"},
		{"grün", TVarchar(4), nil, "22001 value too long for type character varying(4)"},

		{"January 8, 1999", TDate, nil, "1999-01-08"},
		{"1999-01-08", TDate, nil, "1999-01-08"},
		{"1/8/1999", TDate, nil, "1999-01-08"},
		{"01/02/00", TDate, nil, "2000-01-02"},
		{"2000-Jan-31", TDate, nil, "2000-01-31"},
		{"Jan-31-2000", TDate, nil, "2000-01-31"},
		{"31-Jan-2000", TDate, nil, "2000-01-31"},
		{"20080215", TDate, nil, "2008-02-15"},
		{"080215", TDate, nil, "2008-02-15"},
		{"2008.366", TDate, nil, "2008-12-31"},
		{"2007.366", TDate, nil, `22008 date/time field value out of range: "2007.366"`},
		{"8 Jan 1999", TDate, nil, "1999-01-08"},
		{"99 Jan 08", TDate, nil, `22008 date/time field value out of range: "99 Jan 08"`},
		{"1999 08 01", TDate, nil, "1999-08-01"},
		{"1997-02-29", TDate, nil, `22008 date/time field value out of range: "1997-02-29"`},
		{"18/1/1999", TDate, nil, `22008 date/time field value out of range: "18/1/1999"`},
		{"1999-08-Jan", TDate, nil, `22007 invalid input syntax for type date: "1999-08-Jan"`},
		{"foo", TDate, nil, `22007 invalid input syntax for type date: "foo"`},
		{"", TDate, nil, `22007 invalid input syntax for type date: ""`},
		{"J2451187", TDate, nil, "1999-01-08"},
		{"January 8, 99 BC", TDate, nil, "0099-01-08 BC"},
		{"0044-03-15 BC", TDate, nil, "0044-03-15 BC"},
		{"2008-12-31 23:59:59", TDate, nil, "2008-12-31"},
		{"today", TDate, nil, "2024-02-29"},
		{"tomorrow", TDate, nil, "2024-03-01"},
		{"yesterday", TDate, nil, "2024-02-28"},
		{"now", TTimestamp, nil, "2024-02-29 13:14:15.678"},
		{"2008-06-01 09:59:59", TTimestamp, nil, "2008-06-01 09:59:59"},
		{"2008-06-01T09:59:59.5", TTimestamp, nil, "2008-06-01 09:59:59.5"},
		{"2008-06-01 09:59:59.1234567", TTimestamp, nil, "2008-06-01 09:59:59.123457"},
		{"2008-06-01", TTimestamp, nil, "2008-06-01 00:00:00"},
		{"Jun 1,2008  09:59:59", TTimestamp, nil, "2008-06-01 09:59:59"},
		{"Dec 31,2008 18:20", TTimestamp, nil, "2008-12-31 18:20:00"},
		{"02/16/2008 04:05 PM", TTimestamp, nil, "2008-02-16 16:05:00"},
		{"1/20/2007 12:05 AM", TTimestamp, nil, "2007-01-20 00:05:00"},
		{"2008-06-01 24:00:00", TTimestamp, nil, "2008-06-02 00:00:00"},
		{"2008-06-01 25:00:00", TTimestamp, nil, `22008 date/time field value out of range: "2008-06-01 25:00:00"`},
		{"2008-06-01 09:59:59 EST", TTimestamp, nil, "2008-06-01 09:59:59"},
		{"2008-06-01 09:59:59 EST", TTimestampTZ, nil, "2008-06-01 14:59:59+00"},
		{"2008-06-01 09:59:59-08", TTimestampTZ, nil, "2008-06-01 17:59:59+00"},
		{"2008-06-01 09:59:59+05:30", TTimestampTZ, nil, "2008-06-01 04:29:59+00"},
		{"2008-06-01 09:59:59", TTimestampTZ, ny, "2008-06-01 09:59:59-04"},
		{"2008-01-01 09:59:59 US/Pacific", TTimestampTZ, nil, "2008-01-01 17:59:59+00"},
		{"04:05:06.789", TTime, nil, "04:05:06.7890"},
		{"10e-40", TFloat4, nil, "22003 \"10e-40\" is out of range for type real"},
		{"2000-03-15 08:14:01 GMT+8", TTimestampTZ, nil, "2000-03-15 16:14:01+00"},
		{"2000-03-15 12:14:03 GMT -2", TTimestampTZ, nil, "2000-03-15 10:14:03+00"},
		{"2000-03-15 03:14:04 EST+3", TTimestampTZ, nil, "2000-03-15 11:14:04+00"},
		{"04:05 AM", TTime, nil, "04:05:00"},
		{"16:05", TTime, nil, "16:05:00"},
		{"040506", TTime, nil, "04:05:06"},
		{"040506.789", TTime, nil, "04:05:06.7890"},
		{"0405", TTime, nil, "04:05:00"},
		{"102030", TTime, nil, "10:20:30"},
		{"040506-08", TTimeTZ, nil, "04:05:06-08"},
		{"040506 PM", TTime, nil, "16:05:06"},
		{"256060", TTime, nil, `22008 date/time field value out of range: "256060"`},
		{"04:05:06-08", TTimeTZ, nil, "04:05:06-08"},
		{"20:02:00", TTimeTZ, nil, "20:02:00+00"},

		{"01:00", TInterval, nil, "01:00:00"},
		{"-08:00", TInterval, nil, "-08:00:00"},
		{"-1 days +02:03", TInterval, nil, "-21:57:00"},
		{"10 years -11 month -12 days +13:14", TInterval, nil, "9 years 1 mon -11 days -10:46:00"},
		{"@ 14 seconds ago", TInterval, nil, "-00:00:14"},
		{"1 day 2 hours 3 minutes 4 seconds", TInterval, nil, "1 day 02:03:04"},
		{"5 months 12 hours", TInterval, nil, "5 mons 12:00:00"},
		{"28.5 days 2 hrs", TInterval, nil, "28 days 14:00:00"},
		{"0.5 days", TInterval, nil, "12:00:00"},
		{"52 weeks", TInterval, nil, "364 days"},
		{"1 year, 10 months, 20 days", TInterval, nil, "1 year 10 mons 20 days"},
		{"59", TInterval, nil, "00:00:59"},
		{"@ 30 eons ago", TInterval, nil, `22007 invalid input syntax for type interval: "@ 30 eons ago"`},
		{"badly formatted interval", TInterval, nil, `22007 invalid input syntax for type interval: "badly formatted interval"`},
	} {
		loc := c.loc
		if loc == nil {
			loc = time.UTC
		}
		d, err := ParseAt(c.in, c.to, loc, now)
		got := Format(d, loc)
		if err != nil {
			var e *sqlstate.Error
			if !errors.As(err, &e) {
				t.Fatalf("%q: %v", c.in, err)
			}
			got = string(e.Code) + " " + e.Message
		}
		if c.to.Kind == TimeTZ || got != c.want {
			got = strings.TrimSpace(got)
		}
		if got != c.want && strings.TrimRight(got, " ") != strings.TrimRight(c.want, " ") {
			t.Errorf("%q as %s: got %q, want %q", c.in, c.to, got, c.want)
		}
	}
}

func TestCivil(t *testing.T) {
	for _, c := range []struct {
		y    int64
		m, d int
		days int64
	}{{2000, 1, 1, 0}, {1999, 12, 31, -1}, {2000, 3, 1, 60}, {1970, 1, 1, -10957}, {2008, 12, 31, 3287}} {
		if got := DaysFromCivil(c.y, c.m, c.d); got != c.days {
			t.Errorf("DaysFromCivil(%d,%d,%d) = %d, want %d", c.y, c.m, c.d, got, c.days)
		}
	}
	// every day agrees with package time
	at := time.Date(-400, 1, 1, 0, 0, 0, 0, time.UTC)
	for i := DaysFromCivil(-400, 1, 1); i < DaysFromCivil(2500, 1, 1); i += 13 {
		y, m, d := CivilFromDays(i)
		ty, tm, td := at.Date()
		if y != int64(ty) || m != int(tm) || d != td || DaysFromCivil(y, m, d) != i || Weekday(i) != int(at.Weekday()) || DayOfYear(i) != at.YearDay() {
			t.Fatalf("day %d: %d-%d-%d, time says %v", i, y, m, d, at)
		}
		wy, ww := at.ISOWeek()
		if gy, gw := ISOWeek(i); gy != int64(wy) || gw != ww {
			t.Fatalf("week of %v: %d %d, want %d %d", at, gy, gw, wy, ww)
		}
		at = at.AddDate(0, 0, 13)
	}
	if got := AddMonths(DaysFromCivil(2008, 1, 31), 1); got != DaysFromCivil(2008, 2, 29) {
		t.Errorf("a month after 2008-01-31 is day %d", got)
	}
}

// TestTextRoundTrip prints random values and reads them back.
func TestTextRoundTrip(t *testing.T) {
	rng := rand.New(rand.NewSource(1))
	n := 20000
	if testing.Short() {
		n = 1000
	}
	for range n {
		for _, typ := range []Type{TInt8, TNumeric(18, 4), TNumeric(38, 10), TDate, TTimestamp, TTimestampTZ, TTime} {
			d := Datum{Type: typ}
			switch typ.Kind {
			case Int8:
				d.Int = rng.Int63() - rng.Int63()
			case Date:
				d.Int = MinDate + rng.Int63n(MaxDate-MinDate)
			case Timestamp, TimestampTZ:
				d.Int = MinTimestamp + rng.Int63n(MaxTimestamp/2)
			case Time:
				d.Int = rng.Int63n(MicrosPerDay)
			default:
				d.Int = rng.Int63n(2e17) - 1e17
				d.Wide = FromInt64(d.Int)
				if typ.Lane() == LaneWide {
					d.Wide, _ = d.Wide.Mul(FromInt64(rng.Int63n(1e18)))
				}
			}
			s := Format(d, time.UTC)
			got, err := Parse(s, typ, time.UTC)
			if err != nil {
				t.Fatalf("%s %q: %v", typ, s, err)
			}
			if typ.Lane() == LaneWide && got.Wide != d.Wide || typ.Lane() == LaneInt && got.Int != d.Int {
				t.Fatalf("%s %q came back as %s", typ, s, Format(got, time.UTC))
			}
		}
	}
}

func TestFromFloat(t *testing.T) {
	for _, c := range []struct {
		f     float64
		scale int
		want  string
	}{{2.5, 0, "3"}, {-2.5, 0, "-3"}, {0.1, 20, "0.10000000000000000000"}, {1.005, 2, "1.01"}, {1e15, 2, "1000000000000000.00"}} {
		v, ok := FromFloat(c.f, 38, c.scale)
		if got := string(AppendDecimal(nil, v, c.scale)); !ok || got != c.want {
			t.Errorf("%v: %s, want %s", c.f, got, c.want)
		}
	}
}
