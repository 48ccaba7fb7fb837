package function

import (
	"math/rand"
	"strings"
	"testing"
	"time"

	"github.com/redshiftsim/redshiftsim/internal/types"
)

// The examples of https://docs.aws.amazon.com/redshift/latest/dg/r_TO_CHAR.html, with the blanks that the page's layout loses, and PostgreSQL's
// (https://www.postgresql.org/docs/8.0/functions-formatting.html, table 9-25).
func TestToChar(t *testing.T) {
	check(t, [][2]string{
		{`to_char(timestamp'2009-12-31 23:15:59', 'MONTH-DY-DD-YYYY HH12:MIPM')`, "DECEMBER -THU-31-2009 11:15PM"},
		{`to_char(timestamp'2009-12-31 23:15:59', 'DDD')`, "365"},
		{`to_char(timestamp'2022-05-16 23:15:59', 'ID')`, "1"},
		{`to_char(date'2009-12-31', 'MONTH')`, "DECEMBER "},
		{`to_char(timestamp'2008-01-25 14:30:00', 'MON-DD-YYYY HH12:MIPM')`, "JAN-25-2008 02:30PM"},
		{`to_char(timestamp'2009-12-31 23:15:59', 'HH24:MI:SS')`, "23:15:59"},
		{`to_char(date'2020-12-31', 'CC')`, "21"},
		{`to_char(date'2000-12-31', 'cc')`, "20"},
		{`to_char(timestamptz'2023-05-31 09:34:26', 'FMDay, FMDD HH12:MI:SS')`, "Wednesday, 31 09:34:26"},
		{`to_char(timestamp'2008-01-25 14:30:00', 'HH12:MI:SS TZ')`, "02:30:00 UTC"},
		{`to_char(timestamp'2015-04-10 18:45:09.325143', 'HH24:MI:SS.MS')`, "18:45:09.325"},
		{`to_char(timestamp'2015-04-10 18:45:09.325143', 'HH24:MI:SS:US')`, "18:45:09:325143"},
		{`to_char(timestamp'2001-02-06 05:39:18', 'Day, DD  HH12:MI:SS')`, "Tuesday  , 06  05:39:18"},
		{`to_char(timestamp'2001-02-06 05:39:18', 'FMDay, FMDD  HH12:MI:SS')`, "Tuesday, 6  05:39:18"},
		{`to_char(date'2008-02-09', 'Dy dy Q W WW IW IYYY IY J D')`, "Sat sat 1 2 06 06 2008 08 2454506 7"},
		{`to_char(date'2008-01-03', 'DDth FMDDTH Mon')`, "03rd 3RD Jan"},
		{`to_char(date'2008-07-04', 'RM rm Y,YYY YYY YY Y')`, "VII  vii  2,008 008 08 8"},
		{`to_char(date'0044-03-15 BC', 'YYYY BC')`, "0044 BC"},
		{`to_char(date'2008-07-04', '"Year": YYYY "o''clock" a.m.')`, "Year: 2008 o'clock a.m."},
		{`to_char(timestamp'2008-07-04 12:00', 'SSSS HH24 OF')`, "43200 12 +00"},

		{`to_char(125.8, '999.99')`, " 125.80"},
		{`to_char(125.8, '999D99')`, " 125.80"},
		{`to_char(125.8, '0999D99')`, " 0125.80"},
		{`to_char(-125.8, '999D99S')`, "125.80-"},
		{`to_char(125.8, '999D99SG')`, "125.80+"},
		{`to_char(125.8, 'PL999D99')`, "+ 125.80"},
		{`to_char(-125.88, '$S999D99')`, "$-125.88"},
		{`to_char(-125.88, 'S999D99L')`, "-125.88$"},
		{`to_char(1125.8, '9,999.99')`, " 1,125.80"},
		{`to_char(-125.88, '$999D99PR')`, "$<125.88>"},
		{`to_char(125, 'RN')`, "           CXXV"},
		{`to_char(482, '999th')`, " 482nd"},
		{`to_char(618.80::numeric(8,2), 'rn')`, "          dcxix"},
		{`to_char(130.90::numeric(8,2), 'rn')`, "          cxxxi"},
		{`to_char(618.80::numeric(8,2), 'l99999D99')`, "$   618.80"},
		{`to_char(64.60::numeric(8,2), 'l99999D99')`, "$    64.60"},

		{`to_char(-0.1, '99.99')`, "  -.10"},
		{`to_char(-0.1, 'FM9.99')`, "-.1"},
		{`to_char(0.1, '0.9')`, " 0.1"},
		{`to_char(12, '9990999.9')`, "    0012.0"},
		{`to_char(12, 'FM9990999.9')`, "0012."},
		{`to_char(485, '999')`, " 485"},
		{`to_char(-485, '999')`, "-485"},
		{`to_char(485, '9 9 9')`, " 4 8 5"},
		{`to_char(1485, '9,999')`, " 1,485"},
		{`to_char(485, '9,999')`, "   485"},
		{`to_char(1485, '9G999')`, " 1,485"},
		{`to_char(148.5, '999.999')`, " 148.500"},
		{`to_char(148.5, 'FM999.999')`, "148.5"},
		{`to_char(148.5, 'FM999.990')`, "148.500"},
		{`to_char(148.5, '999D999')`, " 148.500"},
		{`to_char(3148.5, '9G999D999')`, " 3,148.500"},
		{`to_char(-485, '999S')`, "485-"},
		{`to_char(-485, '999MI')`, "485-"},
		{`to_char(485, '999MI')`, "485 "},
		{`to_char(485, 'FM999MI')`, "485"},
		{`to_char(485, 'PL999')`, "+ 485"},
		{`to_char(485, 'SG999')`, "+485"},
		{`to_char(-485, 'SG999')`, "-485"},
		{`to_char(-485, '9SG99')`, "4-85"},
		{`to_char(-485, '999PR')`, "<485>"},
		{`to_char(485, 'L999')`, "$ 485"},
		{`to_char(485, 'FMRN')`, "CDLXXXV"},
		{`to_char(5.2, 'FMRN')`, "V"},
		{`to_char(485, '"Good number:"999')`, "Good number: 485"},
		{`to_char(485.8, '"Pre:"999" Post:" .999')`, "Pre: 485 Post: .800"},
		{`to_char(12, '99V999')`, " 12000"},
		{`to_char(12.4, '99V999')`, " 12400"},
		{`to_char(12.45, '99V9')`, " 125"},
		{`to_char(1234, '999')`, " ###"},
		{`to_char(0, '99')`, "  0"},
		{`to_char(0, '9.9')`, "  .0"},
		{`to_char(2.5::float8, '9.99')`, " 2.50"},
		{`to_char(4000, 'RN')`, "###############"},
	})
}

// The examples of https://docs.aws.amazon.com/redshift/latest/dg/r_TO_DATE_function.html and its neighbours.
func TestFromChar(t *testing.T) {
	check(t, [][2]string{
		{`to_date('02 Oct 2001', 'DD Mon YYYY')`, "2001-10-02"},
		{`to_date('20010631', 'YYYYMMDD', false)`, "2001-07-01"},
		{`to_date('20010631', 'YYYYMMDD')`, "2001-07-01"},
		{`to_date('20010631', 'YYYYMMDD', true)`, "22008 date/time field date value out of range: 2001-6-31"},
		{`to_date('2001-6-3', 'YYYY-MM-DD')`, "2001-06-03"},
		{`to_date('3 january 99', 'DD MONTH YY')`, "1999-01-03"},
		{`to_date('3/1/08', 'MM/DD/YY')`, "2008-03-01"},
		{`to_date('2008366', 'YYYYDDD')`, "2008-12-31"},
		{`to_date('2008-W01', 'IYYY-"W"IW')`, "2007-12-31"},
		{`to_date('2451187', 'J')`, "1999-01-08"},
		{`to_date('44-03-15 BC', 'YYYY-MM-DD BC')`, "0044-03-15 BC"},
		{`to_date('', 'YYYY-MM-DD')`, "0001-01-01"},
		{`to_date('2008-xx-01', 'YYYY-MM-DD')`, `22007 invalid value "xx" for "MM"`},
		{`to_date('2008-1', 'YYYY-Q')`, `0A000 format pattern "Q" is not supported as input`},
		{`to_date('Tuesday 5th February 2008', 'Day DDth Month YYYY')`, "2008-02-05"},
		{`to_date('IX 2008', 'RM YYYY')`, "2008-09-01"},
		{`to_timestamp(timestamp'2021-04-05 19:27:53.281812', 'YYYY-MM-DD HH24:MI:SS')`, "2021-04-05 19:27:53+00"},
		{`to_timestamp('2017', 'YYYY')`, "2017-01-01 00:00:00+00"},
		{`to_timestamp('2011-12-18 24:38:15', 'YYYY-MM-DD HH24:MI:SS')`, "2011-12-19 00:38:15+00"},
		{`to_timestamp('2011-12-18 24:38:15', 'YYYY-MM-DD HH24:MI:SS', true)`, "22008 date/time field time value out of range: 24:38:15.0"},
		{`to_timestamp('2000-01-01 00:00:00', 'YYYY-MM-DD HH:MI:SS')`, "2000-01-01 00:00:00+00"},
		{`to_timestamp('05 Dec 2000 07:30 pm', 'DD Mon YYYY HH12:MI am')`, "2000-12-05 19:30:00+00"},
		{`to_timestamp('12:00 AM', 'HH12:MI AM')`, "0001-01-01 00:00:00+00"},
		{`to_timestamp('2008-01-01 00:00:01.5', 'YYYY-MM-DD HH24:MI:SS.MS')`, "2008-01-01 00:00:01.5+00"},
		{`to_timestamp('2008-01-01 00:00:01.000123', 'YYYY-MM-DD HH24:MI:SS.US')`, "2008-01-01 00:00:01.000123+00"},

		{`to_number('12,454.8-', 'FM99G999D9S')`, "-12454.8"},
		{`to_number('12,454.8-', '99G999D9S')`, "-12454.8"},
		{`to_number('$ 12,454.88', 'FML99G999D99')`, "12454.88"},
		{`to_number('$ 12,454.88', 'L 99G999D99')`, "12454.88"},
		{`to_number('$ 2,012,454.88', 'FML9,999,999.99')`, "2012454.88"},
		{`to_number('12.345', 'FM99D999')`, "12.345"},
		{`to_number('<34>', '99PR')`, "-34"},
		{`to_number('x', '99')`, `22P02 invalid input syntax for type numeric: "x"`},

		{`text_to_int_alt('123-')`, "-123"},
		{`text_to_int_alt('2147483647+')`, "2147483647"},
		{`text_to_int_alt('-123E-2')`, "-1"},
		{`text_to_int_alt('123{', '999S')`, "1230"},
		{`text_to_int_alt('123J', '999S')`, "-1231"},
		{`text_to_int_alt('USD123', 'C9(I)')`, "123"},
		{`text_to_int_alt('123.123')`, "123"},
		{`text_to_int_alt('')`, "0"},
		{`text_to_int_alt('12x')`, `22P02 invalid input syntax for numeric: "12x"`},
		{`text_to_int_alt('2147483648')`, "22003 integer out of range"},
		{`text_to_numeric_alt('1.5')`, "2"},
		{`text_to_numeric_alt('2.5')`, "2"},
		{`text_to_numeric_alt('2.51')`, "3"},
		{`text_to_numeric_alt('123.52501', 10, 2)`, "123.53"},
		{`text_to_numeric_alt('123{', '999S')`, "1230"},
		{`text_to_numeric_alt('USD123.9', 'C9(I)')`, "124"},
		{`text_to_numeric_alt('-123E2')`, "-12300"},
		{`text_to_numeric_alt('99999999999999999999999999999999999999+')`, "99999999999999999999999999999999999999"},
	})
}

// What TO_CHAR writes, TO_TIMESTAMP and TO_DATE read.
func TestToCharInverse(t *testing.T) {
	rnd := rand.New(rand.NewSource(5))
	for range 2000 {
		us := rnd.Int63n(2.4e17) - 6e16 // 98 to 9605
		for _, format := range []string{
			"YYYY-MM-DD HH24:MI:SS.US", "YYYYMMDDHH24MISSUS", "DD Month YYYY HH12:MI:SS.US AM", "J SSSS US", "YYYY DDD HH24:MI:SS.US", "Dy, DD Mon YYYY, HH:MI:SS p.m. US",
			"FMDDth FMMonth YYYY HH24:MI:SS.US", "RM/DD/YYYY HH24:MI:SS.US",
		} {
			f, err := parseDateFormat(format)
			if err != nil {
				t.Fatal(err)
			}
			if strings.HasPrefix(format, "YYYYMM") && us > 2.5e17 {
				continue
			}
			s := string(f.append(nil, us, us, time.UTC))
			back, err := f.read(s, true)
			if err != nil || back != us {
				t.Fatalf("%q: %q is %s, not %s: %v", format, s, types.AppendTimestamp(nil, back), types.AppendTimestamp(nil, us), err)
			}
		}
	}
}

// Formats and texts of any bytes give a value or an error.
func FuzzFormats(f *testing.F) {
	f.Add("FMDDth Month YYYY", "5th May 2008", int64(1250))
	f.Add("L9G999D99PR", "<1,234.5>", int64(-1))
	f.Add("V9RN", "", int64(0))
	f.Fuzz(func(t *testing.T, format, text string, v int64) {
		if d, err := parseDateFormat(format); err == nil {
			d.append(nil, v%types.MaxTimestamp, v%types.MaxTimestamp, time.UTC)
			_, _ = d.read(text, v&1 == 0)
		}
		if n, err := parseNumberFormat(format); err == nil && len(format) < 30 {
			n.append(nil, types.FromInt64(v), int(v&15))
			_, _ = n.read(text)
		}
		_, _ = readTeradata(text, format)
	})
}
