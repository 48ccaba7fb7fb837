package bench

import (
	"bufio"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"strconv"
	"strings"
	"time"
)

// Relation is a table that is loaded from files: its columns, in words that all engines understand, and what only Redshift knows, as DISTKEY.
type Relation struct{ Name, Columns, Attributes string }

// TPCHTables are the eight tables of TPC-H, in the order in which they are loaded.
var TPCHTables = []Relation{
	{"region", "r_regionkey int, r_name char(25), r_comment varchar(152)", "DISTSTYLE ALL"},
	{"nation", "n_nationkey int, n_name char(25), n_regionkey int, n_comment varchar(152)", "DISTSTYLE ALL"},
	{
		"supplier", "s_suppkey int, s_name char(25), s_address varchar(40), s_nationkey int, s_phone char(15), s_acctbal decimal(12,2), s_comment varchar(101)",
		"DISTSTYLE EVEN",
	},
	{
		"part", "p_partkey bigint, p_name varchar(55), p_mfgr char(25), p_brand char(10), p_type varchar(25), p_size int, p_container char(10), " +
			"p_retailprice decimal(12,2), p_comment varchar(23)", "DISTKEY(p_partkey)",
	},
	{"partsupp", "ps_partkey bigint, ps_suppkey int, ps_availqty int, ps_supplycost decimal(12,2), ps_comment varchar(199)", "DISTKEY(ps_partkey)"},
	{
		"customer", "c_custkey bigint, c_name varchar(25), c_address varchar(40), c_nationkey int, c_phone char(15), c_acctbal decimal(12,2), " +
			"c_mktsegment char(10), c_comment varchar(117)", "DISTKEY(c_custkey)",
	},
	{
		"orders", "o_orderkey bigint, o_custkey bigint, o_orderstatus char(1), o_totalprice decimal(12,2), o_orderdate date, o_orderpriority char(15), " +
			"o_clerk char(15), o_shippriority int, o_comment varchar(79)", "DISTKEY(o_orderkey)",
	},
	{
		"lineitem", "l_orderkey bigint, l_partkey bigint, l_suppkey int, l_linenumber int, l_quantity decimal(12,2), l_extendedprice decimal(12,2), " +
			"l_discount decimal(12,2), l_tax decimal(12,2), l_returnflag char(1), l_linestatus char(1), l_shipdate date, l_commitdate date, l_receiptdate date, " +
			"l_shipinstruct char(25), l_shipmode char(10), l_comment varchar(44)", "DISTKEY(l_orderkey)",
	},
}

// Words of the generated texts, after the grammar of TPC-H's specification (4.2.2.14), cut short.
var (
	tpchNouns = strings.Fields("packages requests accounts deposits foxes ideas theodolites instructions dependencies excuses platelets asymptotes courts " +
		"dolphins multipliers sauternes warthogs frets dinos attainments somas pinto_beans patterns")
	tpchVerbs = strings.Fields("sleep wake are cajole haggle nag use boost affix detect integrate maintain nod was lose sublate solve thrash promise engage " +
		"hinder print x-ray breach eat grow impress mold poach serve run dazzle snooze doze unwind kindle play hang believe doubt")
	tpchAdjectives = strings.Fields("furious sly careful blithe quick fluffy slow quiet ruthless thin close dogged daring brave stealthy permanent enticing idle " +
		"busy regular final ironic even bold silent special pending unusual express")
	tpchColors = strings.Fields("almond antique aquamarine azure beige bisque black blanched blue blush brown burlywood burnished chartreuse chiffon chocolate " +
		"coral cornflower cornsilk cream cyan dark deep dim dodger drab firebrick floral forest frosted gainsboro ghost goldenrod green grey honeydew hot indian " +
		"ivory khaki lace lavender lawn lemon light lime linen magenta maroon medium metallic midnight mint misty moccasin navajo navy olive orange orchid pale " +
		"papaya peach peru pink plum powder puff purple red rose rosy royal saddle salmon sandy seashell sienna sky slate smoke snow spring steel tan thistle " +
		"tomato turquoise violet wheat white yellow")
	tpchNations = []struct {
		name   string
		region int
	}{
		{"ALGERIA", 0},
		{"ARGENTINA", 1},
		{"BRAZIL", 1},
		{"CANADA", 1},
		{"EGYPT", 4},
		{"ETHIOPIA", 0},
		{"FRANCE", 3},
		{"GERMANY", 3},
		{"INDIA", 2},
		{"INDONESIA", 2},
		{"IRAN", 4},
		{"IRAQ", 4},
		{"JAPAN", 2},
		{"JORDAN", 4},
		{"KENYA", 0},
		{"MOROCCO", 0},
		{"MOZAMBIQUE", 0},
		{"PERU", 1},
		{"CHINA", 2},
		{"ROMANIA", 3},
		{"SAUDI ARABIA", 4},
		{"VIETNAM", 2},
		{"RUSSIA", 3},
		{"UNITED KINGDOM", 3},
		{"UNITED STATES", 1},
	}
	tpchRegions    = []string{"AFRICA", "AMERICA", "ASIA", "EUROPE", "MIDDLE EAST"}
	tpchTypes      = [3][]string{strings.Fields("STANDARD SMALL MEDIUM LARGE ECONOMY PROMO"), strings.Fields("ANODIZED BURNISHED PLATED POLISHED BRUSHED"), strings.Fields("TIN NICKEL BRASS STEEL COPPER")}
	tpchContainers = [2][]string{strings.Fields("SM LG MED JUMBO WRAP"), strings.Fields("CASE BOX BAG JAR PKG PACK CAN DRUM")}
	tpchSegments   = strings.Fields("AUTOMOBILE BUILDING FURNITURE MACHINERY HOUSEHOLD")
	tpchPriorities = []string{"1-URGENT", "2-HIGH", "3-MEDIUM", "4-NOT SPECIFIED", "5-LOW"}
	tpchInstruct   = []string{"DELIVER IN PERSON", "COLLECT COD", "NONE", "TAKE BACK RETURN"}
	tpchModes      = strings.Fields("REG AIR RAIL SHIP TRUCK MAIL FOB")
)

// tpchWriter writes rows of fields with bars between them.
type tpchWriter struct {
	out *bufio.Writer
	x   uint64 // of splitmix64
	buf []byte
}

func (w *tpchWriter) next(n int) int {
	w.x += 0x9E3779B97F4A7C15
	z := (w.x ^ w.x>>30) * 0xBF58476D1CE4E5B9
	z = (z ^ z>>27) * 0x94D049BB133111EB
	return int((z ^ z>>31) % uint64(n))
}

func (w *tpchWriter) between(lo, hi int) int   { return lo + w.next(hi-lo+1) }
func (w *tpchWriter) one(list []string) string { return list[w.next(len(list))] }

// row writes a row of at least one field: strings and integers as they are, money in cents, dates in days since 1992-01-01.
func (w *tpchWriter) row(fields ...any) {
	w.buf = w.buf[:0]
	for _, f := range fields {
		switch f := f.(type) {
		case string:
			w.buf = append(w.buf, f...)
		case int:
			w.buf = strconv.AppendInt(w.buf, int64(f), 10)
		case money:
			if f < 0 {
				w.buf, f = append(w.buf, '-'), -f
			}
			w.buf = strconv.AppendInt(w.buf, int64(f/100), 10)
			w.buf = append(w.buf, '.', byte('0'+f/10%10), byte('0'+f%10))
		case day:
			w.buf = tpchEpoch.AddDate(0, 0, int(f)).AppendFormat(w.buf, time.DateOnly)
		}
		w.buf = append(w.buf, '|')
	}
	w.buf[len(w.buf)-1] = '\n'
	w.out.Write(w.buf) //nolint:errcheck // Flush tells
}

type (
	money int
	day   int
)

var tpchEpoch = time.Date(1992, 1, 1, 0, 0, 0, 0, time.UTC)

// Days of the specification: orders end 151 days before 1998-12-31, and what was received by 1995-06-17 may have been returned.
const (
	tpchOrderDays = 2406
	tpchCurrent   = 1263
)

// text makes a comment of lo to hi bytes.
func (w *tpchWriter) text(lo, hi int) string {
	n := w.between(lo, hi)
	var b strings.Builder
	for b.Len() < n {
		if b.Len() > 0 {
			b.WriteByte(' ')
		}
		switch w.next(4) {
		case 0:
			b.WriteString(w.one(tpchAdjectives))
			b.WriteString("ly")
		case 1:
			b.WriteString(w.one(tpchVerbs))
		default:
			b.WriteString(w.one(tpchAdjectives))
			b.WriteByte(' ')
			b.WriteString(w.one(tpchNouns))
		}
	}
	return strings.TrimRight(b.String()[:n], " ")
}

// address makes an address of 10 to 40 letters and digits.
func (w *tpchWriter) address() string {
	const letters = "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789"
	b := make([]byte, w.between(10, 40))
	for i := range b {
		b[i] = letters[w.next(len(letters))]
	}
	return string(b)
}

func (w *tpchWriter) phone(nation int) string {
	return fmt.Sprintf("%d-%03d-%03d-%04d", 10+nation, w.between(100, 999), w.between(100, 999), w.between(1000, 9999))
}

func retail(part int) money { return money(90000 + part/10%20001 + 100*(part%1000)) }

// TPCHFiles writes the tables of a scale factor to dir, as files TABLE.tbl.N, fields parted by bars, and returns their bytes. The same scale gives the same
// bytes, on every machine. It follows TPC-H's specification in schema, sizes, keys and distributions; its texts are not those of dbgen, so answers are
// not either: compare engines with each other.
func TPCHFiles(dir string, scale float64, parts int) (int64, error) {
	total := int64(0)
	for _, t := range TPCHTables {
		n := parts
		if t.Name == "region" || t.Name == "nation" {
			n = 1
		}
		for p := range n {
			size, err := tpchFile(filepath.Join(dir, fmt.Sprintf("%s.tbl.%d", t.Name, p)), t.Name, scale, p, n)
			if err != nil {
				return 0, err
			}
			total += size
		}
	}
	return total, nil
}

// tpchFile writes part p of n of a table to a file, and gives its size.
func tpchFile(name, table string, scale float64, p, n int) (size int64, err error) {
	f, err := os.Create(name)
	if err != nil {
		return 0, err
	}
	defer func() {
		if e := f.Close(); err == nil {
			err = e
		}
	}()
	if err := TPCHPart(f, table, scale, p, n); err != nil {
		return 0, err
	}
	st, err := f.Stat()
	if err != nil {
		return 0, err
	}
	return st.Size(), nil
}

// TPCHPart writes part p of n of a table, the bytes of file TABLE.tbl.p that [TPCHFiles] makes; lineitem's goes with its orders. region and nation are of one
// part. Errors are those of out.
func TPCHPart(out io.Writer, table string, scale float64, p, n int) error {
	w := &tpchWriter{out: bufio.NewWriterSize(out, 1<<20), x: uint64(p)<<32 + uint64(len(table))<<8 + uint64(table[0])}
	count := func(base int) (lo, hi, all int) {
		all = max(n, int(float64(base)*scale))
		return all * p / n, all * (p + 1) / n, all
	}
	_, _, suppliers := count(10_000)
	_, _, parts := count(200_000)
	_, _, customers := count(150_000)
	switch table {
	case "region":
		for i, r := range tpchRegions {
			w.row(i, r, w.text(31, 115))
		}
	case "nation":
		for i, x := range tpchNations {
			w.row(i, x.name, x.region, w.text(31, 114))
		}
	case "supplier":
		lo, hi, _ := count(10_000)
		for i := lo + 1; i <= hi; i++ {
			nation := w.next(25)
			w.row(i, fmt.Sprintf("Supplier#%09d", i), w.address(), nation, w.phone(nation), money(w.between(-99999, 999999)), w.text(25, 100))
		}
	case "part":
		lo, hi, _ := count(200_000)
		for i := lo + 1; i <= hi; i++ {
			m := w.between(1, 5)
			name := w.one(tpchColors) + " " + w.one(tpchColors) + " " + w.one(tpchColors) + " " + w.one(tpchColors) + " " + w.one(tpchColors)
			w.row(i, name, fmt.Sprintf("Manufacturer#%d", m), fmt.Sprintf("Brand#%d%d", m, w.between(1, 5)),
				w.one(tpchTypes[0])+" "+w.one(tpchTypes[1])+" "+w.one(tpchTypes[2]), w.between(1, 50), w.one(tpchContainers[0])+" "+w.one(tpchContainers[1]),
				retail(i), w.text(5, 22))
		}
	case "partsupp":
		lo, hi, _ := count(200_000)
		for i := lo + 1; i <= hi; i++ {
			for j := range 4 {
				w.row(i, 1+(i+j*(suppliers/4+(i-1)/suppliers))%suppliers, w.between(1, 9999), money(w.between(100, 100000)), w.text(49, 198))
			}
		}
	case "customer":
		lo, hi, _ := count(150_000)
		for i := lo + 1; i <= hi; i++ {
			nation := w.next(25)
			w.row(i, fmt.Sprintf("Customer#%09d", i), w.address(), nation, w.phone(nation), money(w.between(-99999, 999999)), w.one(tpchSegments), w.text(29, 116))
		}
	default:
		lo, hi, all := count(1_500_000)
		w.orders(table, lo, hi, max(1, all/1000), parts, suppliers, customers)
	}
	return w.out.Flush()
}

// orders writes orders lo..hi, or their line items: both tables make the same choices from the order's number.
func (w *tpchWriter) orders(table string, lo, hi, clerks, parts, suppliers, customers int) {
	for i := lo; i < hi; i++ {
		w.x = uint64(i) * 0xD1342543DE82EF95
		key := i/8*32 + i%8 + 1 // a quarter of the numbers is used
		customer := w.between(1, customers)
		customer -= customer % 3 / 2 * min(1, customer-1) // a third of the customers has no orders
		date := w.next(tpchOrderDays)
		lines := w.between(1, 7)
		total, shipped := money(0), 0
		comment, priority, clerk := w.text(19, 78), w.one(tpchPriorities), w.between(1, clerks)
		for l := range lines {
			part := w.between(1, parts)
			supplier := 1 + (part+w.next(4)*(suppliers/4+(part-1)/suppliers))%suppliers
			quantity := w.between(1, 50)
			price := retail(part) * money(quantity)
			discount, tax := money(w.next(11)), money(w.next(9))
			ship := date + w.between(1, 121)
			commit, receipt := date+w.between(30, 90), ship+w.between(1, 30)
			flag, status := "N", "O"
			if receipt <= tpchCurrent {
				flag = "R"
				if w.next(2) == 0 {
					flag = "A"
				}
			}
			if ship <= tpchCurrent {
				status = "F"
				shipped++
			}
			total += price * (100 - discount) / 100 * (100 + tax) / 100
			if table == "lineitem" {
				w.row(key, part, supplier, l+1, money(quantity*100), price, discount, tax, flag, status, day(ship), day(commit), day(receipt), w.one(tpchInstruct),
					w.one(tpchModes), w.text(10, 43))
			}
		}
		if table == "orders" {
			status := "P"
			switch shipped {
			case 0:
				status = "O"
			case lines:
				status = "F"
			}
			w.row(key, customer, status, total, day(date), priority, fmt.Sprintf("Clerk#%09d", clerk), 0, comment)
		}
	}
}
