package bench

import (
	"bufio"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"time"
)

// SSBTables are the five tables of the Star Schema Benchmark (O'Neil, O'Neil, Chen, revision 3), with the keys of AWS's tutorial on tuning table design.
// https://docs.aws.amazon.com/redshift/latest/dg/tutorial-tuning-tables.html
var SSBTables = []Relation{
	{
		"dwdate", "d_datekey int, d_date varchar(19), d_dayofweek varchar(10), d_month varchar(10), d_year int, d_yearmonthnum int, d_yearmonth varchar(8), " +
			"d_daynuminweek int, d_daynuminmonth int, d_daynuminyear int, d_monthnuminyear int, d_weeknuminyear int, d_sellingseason varchar(13), " +
			"d_lastdayinweekfl int, d_lastdayinmonthfl int, d_holidayfl int, d_weekdayfl int", "DISTSTYLE ALL SORTKEY(d_datekey)",
	},
	{
		"supplier", "s_suppkey int, s_name varchar(25), s_address varchar(25), s_city varchar(10), s_nation varchar(15), s_region varchar(12), s_phone varchar(15)",
		"DISTSTYLE ALL SORTKEY(s_suppkey)",
	},
	{
		"customer", "c_custkey int, c_name varchar(25), c_address varchar(25), c_city varchar(10), c_nation varchar(15), c_region varchar(12), c_phone varchar(15), " +
			"c_mktsegment varchar(10)", "DISTSTYLE ALL SORTKEY(c_custkey)",
	},
	{
		"part", "p_partkey int, p_name varchar(22), p_mfgr varchar(6), p_category varchar(7), p_brand1 varchar(9), p_color varchar(11), p_type varchar(25), p_size int, " +
			"p_container varchar(10)", "DISTKEY(p_partkey) SORTKEY(p_partkey)",
	},
	{
		"lineorder", "lo_orderkey int, lo_linenumber int, lo_custkey int, lo_partkey int, lo_suppkey int, lo_orderdate int, lo_orderpriority varchar(15), " +
			"lo_shippriority varchar(1), lo_quantity int, lo_extendedprice int, lo_ordertotalprice int, lo_discount int, lo_revenue int, lo_supplycost int, lo_tax int, " +
			"lo_commitdate int, lo_shipmode varchar(10)", "DISTKEY(lo_partkey) SORTKEY(lo_orderdate)",
	},
}

// ssbDays are the days of the date dimension: seven years.
const ssbDays = 2556

// SSBFiles writes the tables of a scale factor to dir, as files TABLE.tbl.N, fields parted by bars. The same scale gives the same bytes on every machine.
// Schema, sizes and distributions are those of the benchmark; its texts are not those of its program, so compare engines with each other.
func SSBFiles(dir string, scale float64, parts int) error {
	for _, t := range SSBTables {
		n := parts
		if t.Name == "dwdate" {
			n = 1
		}
		for p := range n {
			if err := ssbFile(filepath.Join(dir, fmt.Sprintf("%s.tbl.%d", t.Name, p)), t.Name, scale, p, n); err != nil {
				return err
			}
		}
	}
	return nil
}

func ssbFile(name, table string, scale float64, p, n int) (err error) {
	f, err := os.Create(name)
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, f.Close()) }()
	w := &tpchWriter{out: bufio.NewWriterSize(f, 1<<20), x: uint64(p)<<32 + uint64(len(table))<<8 + uint64(table[0]) + 7}
	all := func(base int) int { return max(n, int(float64(base)*scale)) }
	part := func(base int) (lo, hi int) { return all(base)*p/n + 1, all(base) * (p + 1) / n }
	parts := 200_000 // grows with the logarithm of the scale
	for s := 2.0; s <= scale; s *= 2 {
		parts += 200_000
	}
	if scale < 1 {
		parts = max(n, int(200_000*scale))
	}
	switch table {
	case "dwdate":
		w.dates()
	case "supplier":
		for i, hi := part(2_000); i <= hi; i++ {
			city, nation := w.city()
			w.row(i, fmt.Sprintf("Supplier#%09d", i), w.address()[:10], city, tpchNations[nation].name, tpchRegions[tpchNations[nation].region], w.phone(nation))
		}
	case "customer":
		for i, hi := part(30_000); i <= hi; i++ {
			city, nation := w.city()
			w.row(i, fmt.Sprintf("Customer#%09d", i), w.address()[:10], city, tpchNations[nation].name, tpchRegions[tpchNations[nation].region], w.phone(nation),
				w.one(tpchSegments))
		}
	case "part":
		for i := parts*p/n + 1; i <= parts*(p+1)/n; i++ {
			m, c := w.between(1, 5), w.between(1, 5)
			color := w.one(tpchColors)
			w.row(i, color+" "+w.one(tpchColors), fmt.Sprintf("MFGR#%d", m), fmt.Sprintf("MFGR#%d%d", m, c), fmt.Sprintf("MFGR#%d%d%02d", m, c, w.between(1, 40)), color,
				w.one(tpchTypes[0])+" "+w.one(tpchTypes[1])+" "+w.one(tpchTypes[2]), w.between(1, 50), w.one(tpchContainers[0])+" "+w.one(tpchContainers[1]))
		}
	default:
		lo, hi := part(1_500_000)
		w.lineorder(lo, hi, all(30_000), parts, all(2_000))
	}
	return w.out.Flush()
}

// city is one of the ten of a nation: nine letters of its name and a digit.
func (w *tpchWriter) city() (string, int) {
	n := w.next(25)
	return fmt.Sprintf("%-9.9s%d", tpchNations[n].name, w.next(10)), n
}

func datekey(d time.Time) int { return d.Year()*10_000 + int(d.Month())*100 + d.Day() }

func (w *tpchWriter) dates() {
	seasons := [...]string{"Winter", "Winter", "Spring", "Spring", "Spring", "Summer", "Summer", "Summer", "Fall", "Fall", "Christmas", "Christmas"}
	for i := range ssbDays {
		d := tpchEpoch.AddDate(0, 0, i)
		last := d.AddDate(0, 0, 1).Month() != d.Month()
		week := d.Weekday()
		w.row(datekey(d), d.Format("January 2, 2006"), week.String(), d.Month().String(), d.Year(), d.Year()*100+int(d.Month()), d.Format("Jan2006"),
			int(week)+1, d.Day(), d.YearDay(), int(d.Month()), (d.YearDay()-1)/7+1, seasons[d.Month()-1],
			b2i(week == time.Saturday), b2i(last), b2i(d.Month() == time.December && d.Day() >= 24), b2i(week != time.Sunday && week != time.Saturday))
	}
}

// lineorder writes the lines of orders lo to hi.
func (w *tpchWriter) lineorder(lo, hi, customers, parts, suppliers int) {
	for i := lo; i <= hi; i++ {
		lines, customer, date, priority := w.between(1, 7), w.between(1, customers), w.next(tpchOrderDays), w.one(tpchPriorities)
		type item struct{ part, quantity, price, discount, tax int }
		items := make([]item, lines)
		total := 0
		for l := range items {
			x := item{part: w.between(1, parts), quantity: w.between(1, 50), discount: w.next(11), tax: w.next(9)}
			x.price = x.quantity * int(retail(x.part))
			total += x.price * (100 - x.discount) / 100 * (100 + x.tax) / 100
			items[l] = x
		}
		for l, x := range items {
			w.row(i, l+1, customer, x.part, w.between(1, suppliers), datekey(tpchEpoch.AddDate(0, 0, date)), priority, "0", x.quantity, x.price, total, x.discount,
				x.price*(100-x.discount)/100, int(retail(x.part))*6/10, x.tax, datekey(tpchEpoch.AddDate(0, 0, date+w.between(30, 90))), w.one(tpchModes))
		}
	}
}
