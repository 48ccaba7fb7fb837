package function

import (
	"math/rand"
	"testing"
	"time"

	"github.com/redshiftsim/redshiftsim/internal/types"
)

// The examples of https://docs.aws.amazon.com/redshift/latest/dg/Date_functions_header.html and its pages.
func TestDatetime(t *testing.T) {
	check(t, [][2]string{
		{`dateadd('day', 30, date'2008-11-01')`, "2008-12-01 00:00:00"},
		{`dateadd('month', 18, '2008-02-28')`, "2009-08-28 00:00:00"},
		{`dateadd('m', 30, '2008-02-28')`, "2008-02-28 00:30:00"},
		{`dateadd('minute', 5, time'00:00:00.5550')`, "00:05:00.5550"},
		{`dateadd('hour', 8, time'13:24:55')`, "21:24:55"},
		{`dateadd('hour', 12, time'13:24:55')`, "01:24:55"},
		{`dateadd('hour', -14, time'13:24:55')`, "23:24:55"},
		{`dateadd('minute', 5, timetz'05:58:00+00')`, "06:03:00+00"},
		{`dateadd('hour', 2, timetz'13:24:55 PST')`, "23:24:55+00"},
		{`dateadd('month', 1, '2008-04-30')`, "2008-05-30 00:00:00"},
		{`dateadd('month', 12, '2016-02-29')`, "2017-02-28 00:00:00"},
		{`dateadd('year', 1, '2016-02-29')`, "2017-03-01 00:00:00"},
		{`dateadd('year', 20, timestamp'1988-05-15 10:23:31')`, "2008-05-15 10:23:31"},
		{`dateadd('second', 5, timestamp'2001-06-06')`, "2001-06-06 00:00:05"},
		{`dateadd('qtr', -1, date'2008-05-31')`, "2008-02-29 00:00:00"},
		{`dateadd('week', 2, date'2008-01-01')`, "2008-01-15 00:00:00"},
		{`dateadd('c', 1, date'2008-01-01')`, "2108-01-01 00:00:00"},
		{`dateadd('us', 1, timestamp'2008-01-01')`, "2008-01-01 00:00:00.000001"},
		{`dateadd('fortnight', 1, '2008-01-01')`, `22023 timestamp units "fortnight" not recognized`},
		{`dateadd('dow', 1, '2008-01-01')`, `22023 timestamp units "dayofweek" not supported`},
		{`dateadd('day', 1, time'10:00')`, `22023 time units "day" not supported`},
		{`dateadd('year', 400000, date'2008-01-01')`, "22008 timestamp out of range"},
		{`dateadd('day', 9223372036854775807, date'2008-01-01')`, "22008 timestamp out of range"},

		{`datediff('week', '2009-01-01', '2009-12-31')`, "52"},
		{`datediff('hour', '2023-01-01', '2023-01-03 05:04:03')`, "53"},
		{`datediff('days', 'Jun 1,2008  09:59:59 EST', 'Jul 4,2008  09:59:59 EST')`, "33"},
		{`datediff('day', date'2009-01-01', date'2009-03-23')`, "81"},
		{`datediff('day', date'2023-01-04', date'2024-05-04')`, "486"},
		{`datediff('qtr', '1998-07-01', date'2008-06-05')`, "39"}, // the guide prints 40, one boundary more than there are
		{`datediff('year', '2008-12-31', '2009-01-01')`, "1"},
		{`datediff('year', '2009-12-31', '2009-01-01')`, "0"},
		{`datediff('hour', '2009-01-01 8:30:00', '2009-01-01 10:00:00')`, "2"},
		{`datediff('month', '2009-02-28', '2009-01-31')`, "-1"},
		{`datediff('hour', time'20:00:00', time'15:24:45')`, "-5"},
		{`datediff('hour', time'00:00:00.5550', time'15:24:45')`, "15"},
		{`datediff('minute', time'20:00:00', time'21:00:00')`, "60"},
		{`datediff('hours', timetz'20:00:00 PST', timetz'00:00:00.5550+00')`, "-4"},
		{`datediff('hours', timetz'20:00:00 PST', timetz'00:58:00 EST')`, "1"},
		{`datediff('s', '1999-12-31 23:59:59.9', '2000-01-01 00:00:00.1')`, "1"},
		{`datediff('dec', '1999-12-31', '2000-01-01')`, "1"},
		{`datediff('century', '2000-12-31', '2001-01-01')`, "1"},
		{`datediff('mil', '2000-12-31', '2001-01-01')`, "1"},

		{`date_part('minute', timestamp'20230104 04:05:06.789')`, "5"},
		{`date_part('week', timestamp'20220502 04:05:06.789')`, "18"},
		{`date_part('day', timestamp'20220502 04:05:06.789')`, "2"},
		{`date_part('dayofweek', timestamp'20220502 04:05:06.789')`, "1"},
		{`date_part('century', timestamp'20220502 04:05:06.789')`, "21"},
		{`date_part('millennium', timestamp'20220502 04:05:06.789')`, "3"},
		{`date_part('microsecond', timestamp'20220502 04:05:06.789')`, "789000"},
		{`date_part('month', date'20220502')`, "5"},
		{`date_part('w', timestamp'2008-06-17 09:44:54')`, "25"},
		{`date_part('dow', timestamp'2008-01-05 14:00:00')`, "6"},
		{`date_part('sec', timestamp'2009-09-21 11:10:03.189717')`, "3.189717"},
		{`date_part('epoch', timestamp'2008-01-01 20:00:00')`, "1199217600"},
		{`date_part('doy', date'2008-12-31')`, "366"},
		{`date_part('year', date'0044-03-15 BC')`, "-44"},
		{`date_part('timezone', date'2008-01-01')`, `22023 timestamp units "timezone" not supported`},
		{`date_part_year(date'20220502')`, "2022"},

		{`extract('sec', timestamp'2009-09-21 11:10:03.189717')`, "3"},
		{`extract('minute', timestamp'2009-09-09 12:08:43')`, "8"},
		{`extract('ms', timestamp'2009-09-09 12:08:43.101')`, "101"},
		{`extract('year', timestamptz'1.12.1997 07:37:16.00 PST')`, "1997"},
		{`extract('minute', time'00:58:00')`, "58"},
		{`extract('ms', time'18:25:33.123456')`, "123"},
		{`extract('hour', timetz'05:58:00+00')`, "5"},
		{`extract('ms', timetz'18:25:33.123456 EST')`, "123"},
		{`extract('timezone_hour', timetz'07:37:16.00 PDT')`, "-7"},
		{`extract('century', timestamp'2000-12-16 12:21:13')`, "20"},
		{`extract('century', timestamp'2001-12-16 12:21:13')`, "21"},
		{`extract('decade', timestamp'1999-02-16 20:38:40')`, "200"},
		{`extract('decade', timestamp'2000-02-16 20:38:40')`, "201"},
		{`extract('decade', timestamp'2010-02-16 20:38:40')`, "202"},
		{`extract('mil', timestamp'2000-12-16 12:21:13')`, "2"},
		{`extract('mil', timestamp'2001-12-16 12:21:13')`, "3"},
		{`extract('epoch', timestamp'2038-01-19 03:14:08')`, "2147483648"},
		{`extract('days', interval'36 hours')`, "1"},
		{`extract('month', interval'15 months')`, "3"},
		{`extract('hours', interval'50 hours')`, "2"},
		{`extract('minute', interval'70 minutes 70.123 seconds')`, "11"},
		{`extract('seconds', interval'1 day 1:1:1.11')`, "1.11"},

		{`date_trunc('second', timestamp'20200430 04:05:06.789')`, "2020-04-30 04:05:06"},
		{`date_trunc('minute', timestamp'20200430 04:05:06.789')`, "2020-04-30 04:05:00"},
		{`date_trunc('hour', timestamp'20200430 04:05:06.789')`, "2020-04-30 04:00:00"},
		{`date_trunc('day', timestamp'20200430 04:05:06.789')`, "2020-04-30 00:00:00"},
		{`date_trunc('month', timestamp'20200430 04:05:06.789')`, "2020-04-01 00:00:00"},
		{`date_trunc('quarter', timestamp'20200430 04:05:06.789')`, "2020-04-01 00:00:00"},
		{`date_trunc('year', timestamp'20200430 04:05:06.789')`, "2020-01-01 00:00:00"},
		{`date_trunc('millennium', timestamp'20200430 04:05:06.789')`, "2001-01-01 00:00:00"},
		{`date_trunc('century', timestamp'20001231')`, "1901-01-01 00:00:00"},
		{`date_trunc('decade', date'2019-12-31')`, "2010-01-01 00:00:00"},
		{`date_trunc('week', timestamp'20220430 04:05:06.789')`, "2022-04-25 00:00:00"},
		{`date_trunc('week', date'2008-09-07')`, "2008-09-01 00:00:00"},
		{`date_trunc('ms', timestamp'2020-01-01 00:00:00.123456')`, "2020-01-01 00:00:00.123"},
		{`date_trunc('epoch', date'2008-09-07')`, `22023 timestamp units "epoch" not supported`},

		{`last_day(sysdate())`, "2014-01-31"},
		{`last_day(date'2008-02-03')`, "2008-02-29"},
		{`add_months('2008-01-01 05:07:30', 1)`, "2008-02-01 05:07:30"},
		{`add_months('2008-03-31', 1)`, "2008-04-30 00:00:00"},
		{`add_months('2008-04-30', 1)`, "2008-05-31 00:00:00"},
		{`add_months(date'2008-02-28', 12)`, "2009-02-28 00:00:00"},
		{`add_months(date'2009-02-28', -12)`, "2008-02-29 00:00:00"},
		{`months_between('1969-01-18', '1969-03-18')`, "-2"},
		{`months_between('1969-01-18', '1969-01-18')`, "0"},
		{`months_between('2014-08-31', '2014-09-30')`, "-1"},
		{`round(months_between('2008-12-25 15:00', '2008-01-21 19:30'), 2)`, "11.12"},
		{`round(months_between('2008-12-01 19:30', '2008-01-03 15:00'), 2)`, "10.94"},
		{`round(months_between('2008-12-07 14:00', '2008-01-16 19:30'), 2)`, "10.7"},
		{`next_day('2014-08-20', 'Tuesday')`, "2014-08-26"},
		{`next_day(timestamp'2008-01-01 05:54:44', 'Tue')`, "2008-01-08"},
		{`next_day(date'2008-07-06', 'Monday')`, "2008-07-07"},
		{`next_day(date'2008-07-06', 'noday')`, "22023 Not a valid day entry - noday"},
		{`age(timestamp'2001-04-10', timestamp'1957-06-13')`, "43 years 9 mons 28 days"},
		{`age(timestamp'1957-06-13', timestamp'2001-04-10')`, "-43 years -9 mons -28 days"},

		{`getdate()`, "2014-01-20 16:10:43"},
		{`sysdate()`, "2014-01-20 16:10:43.976353"},
		{`current_date()`, "2014-01-20"},
		{`timeofday()`, "Mon Jan 20 16:10:43.976353 2014 UTC"},
		{`now()`, "2014-01-20 16:10:43.976353+00"},
		{`localtime()`, "16:10:43.976353"},
		{`convert_timezone('PST', '2008-08-21 07:23:54')`, "2008-08-20 23:23:54"},
		{`convert_timezone('PST', timestamp'2008-08-24 09:36:12')`, "2008-08-24 01:36:12"},
		{`convert_timezone('US/Pacific', timestamp'2008-08-24 09:36:12')`, "2008-08-24 02:36:12"},
		{`convert_timezone('EST', 'PST', '20080305 12:25:29')`, "2008-03-05 09:25:29"},
		{`convert_timezone('America/New_York', '2013-02-01 08:00:00')`, "2013-02-01 03:00:00"},
		{`convert_timezone('America/New_York', '2013-06-01 08:00:00')`, "2013-06-01 04:00:00"},
		{`convert_timezone('america/new_york', '2013-06-01 08:00:00')`, "2013-06-01 04:00:00"},
		{`convert_timezone('GMT','NEWZONE +2','2014-05-17 12:00:00')`, "2014-05-17 10:00:00"},
		{`convert_timezone('GMT','NEWZONE-2:15','2014-05-17 12:00:00')`, "2014-05-17 14:15:00"},
		{`convert_timezone('GMT','America/Los_Angeles+2','2014-05-17 12:00:00')`, "2014-05-17 10:00:00"},
		{`convert_timezone('GMT','GMT+2','2014-05-17 12:00:00')`, "2014-05-17 10:00:00"},
		{`convert_timezone('Nowhere/Land', '2014-05-17 12:00:00')`, `22023 time zone "Nowhere/Land" not recognized`},
		{`timezone('PST', '2008-06-17 09:44:54')`, "2008-06-17 17:44:54+00"},
		{`timezone('PST', timestamptz('2008-06-17 09:44:54+00'))`, "2008-06-17 01:44:54"},

		{`date_cmp(date'2008-01-01', '2008-01-04')`, "-1"},
		{`date_cmp_timestamp('2008-06-18', timestamp'2008-01-24 06:43:29')`, "1"},
		{`timestamp_cmp(timestamp'2008-01-24 06:43:29', timestamp'2008-02-18 02:36:48')`, "-1"},
		{`timestamp_cmp_date(timestamp'2008-06-18', date'2008-06-18')`, "0"},
		{`timestamptz_cmp_timestamp(timestamptz'2008-06-18 00:00:00+02', timestamp'2008-06-18')`, "-1"},
		{`interval_cmp('3 days', '1 year')`, "-1"},
		{`interval_cmp('7 days', '1 week')`, "0"},
	})
}

func TestSystem(t *testing.T) {
	check(t, [][2]string{
		{`current_user()`, "dwuser"},
		{`user()`, "dwuser"},
		{`session_user()`, "boss"},
		{`current_user_id()`, "100"},
		{`current_database()`, "dev"},
		{`current_schemas(false)`, "{public}"},
		{`current_schemas(true)`, "{pg_catalog,public}"},
		{`version()`, "PostgreSQL 8.0.2"},
		{`pg_backend_pid()`, "42"},
		{`current_setting('autocommit')`, "off"},
		{`current_setting('nope')`, `42704 unrecognized configuration parameter "nope"`},
		{`current_setting('nope', false)`, "NULL"},
		{`pg_last_copy_id()`, "-1"},
		{`has_table_privilege('guest', 'listing', 'select')`, "0A000 function has_table_privilege() is not supported"},
		{`format_type(1043, 24)`, "character varying(20)"},
		{`format_type(1700, 524294)`, "numeric(8,2)"},
		{`format_type(23, null)`, "integer"},
		{`format_type(null, 1)`, "NULL"},
	})
}

// What DATEADD adds, DATEDIFF counts, for every part of fixed length and for months of days that every month has.
func TestDateaddDatediff(t *testing.T) {
	rnd := rand.New(rand.NewSource(3))
	for range 2000 {
		us := rnd.Int63n(2e17) - 1e17
		for p := microsecond; p <= millennium; p++ {
			n := rnd.Int63n(100) - 50
			at := us
			if p >= month { // a day that every month has
				d, clock := types.SplitMicros(us)
				y, m, _ := types.CivilFromDays(d)
				at = types.DaysFromCivil(y, m, 1+rnd.Intn(28))*types.MicrosPerDay + clock
			}
			if p >= century { // stay within the years that a timestamp holds
				n %= 3
			}
			v, ok := addPart(p, at, n, time.UTC)
			if !ok {
				t.Fatalf("part %d: %d + %d is out of range", p, at, n)
			}
			if d := boundary(p, v) - boundary(p, at); d != n {
				t.Fatalf("part %d: %d + %d parts: %d boundaries", p, at, n, d)
			}
			if back, _ := addPart(p, v, -n, time.UTC); back != at {
				t.Fatalf("part %d: %d + %d - %d = %d", p, at, n, n, back)
			}
		}
	}
}

// The start of a part is at or before the moment, in the same part, and its own start.
func TestDateTruncProperty(t *testing.T) {
	rnd := rand.New(rand.NewSource(4))
	for range 5000 {
		us := rnd.Int63n(1.2e17) - 6e16
		for p := microsecond; p <= millennium; p++ {
			s := truncate(p, us)
			if s > us || truncate(p, s) != s {
				t.Fatalf("part %d of %d: %d", p, us, s)
			}
			if p != week && boundary(p, s) != boundary(p, us) { // DATEDIFF's weeks begin on Sunday
				t.Fatalf("part %d of %d: start %d lies in another", p, us, s)
			}
		}
	}
}
