package redshiftsim_test

import (
	"bufio"
	"fmt"
	"math/rand/v2"
	"os"
	"path/filepath"
	"regexp"
	"strconv"
	"strings"
	"time"
)

// tpcdsData makes small TPC-DS tables for a set of queries: their columns hold, more often than not, the constants that the queries compare them with, so
// that most queries find rows. Keys refer to rows that are there, the lines of an order share its date and customer, returns are of sales.
//
//	date_dim 1998-2003   time_dim, a row a minute   item customer store ..  some hundreds   sales 20,000 each   returns half of them
type tpcdsData struct {
	r      *rand.Rand
	tables []tpcdsTable
	rows   map[string]int      // of the tables made so far
	words  map[string][]string // constants by column
}

// tpcdsTable is a table of the DDL.
type tpcdsTable struct {
	name    string
	columns []tpcdsColumn
}

type tpcdsColumn struct{ name, kind string }

var (
	tpcdsCreate  = regexp.MustCompile(`(?is)create table (\w+)\s*\((.*?)\)\s*(?:distkey|diststyle|;)`)
	tpcdsDefine  = regexp.MustCompile(`(?im)^\s*(\w+)\s+(int4|int8|integer|date|timestamp|char\(\d+\)|varchar\(\d+\)|numeric\(\d+,\d+\)|decimal\(\d+,\d+\))`)
	tpcdsCompare = regexp.MustCompile(`(?is)\b([a-z]+_\w+)\s*(?:,\s*\d+\s*,\s*\d+\s*\))?\s*(=|<=|>=|<|>|in\s*\(|between|like)\s*(.{0,600})`)
	tpcdsLiteral = regexp.MustCompile(`'([^']*)'|(-?\d+(?:\.\d+)?)(?:\s*\+\s*(\d+))?`)
)

// tpcdsSeed is one of many that were tried: with it most statements find rows.
const tpcdsSeed = 20

// newTPCDSData reads the DDL and the constants of the queries.
func newTPCDSData(ddl string, queries []string) *tpcdsData {
	d := &tpcdsData{r: rand.New(rand.NewPCG(tpcdsSeed, 7)), rows: map[string]int{}, words: map[string][]string{}}
	known := map[string]bool{}
	for _, m := range tpcdsCreate.FindAllStringSubmatch(ddl, -1) {
		t := tpcdsTable{name: strings.ToLower(m[1])}
		for _, c := range tpcdsDefine.FindAllStringSubmatch(m[2], -1) {
			t.columns = append(t.columns, tpcdsColumn{strings.ToLower(c[1]), strings.ToLower(c[2])})
			known[strings.ToLower(c[1])] = true
		}
		d.tables = append(d.tables, t)
	}
	for _, q := range queries {
		for from := 0; ; {
			m := tpcdsCompare.FindStringSubmatchIndex(q[from:])
			if m == nil {
				break
			}
			if column := strings.ToLower(q[from+m[2] : from+m[3]]); known[column] {
				d.constants(column, strings.ToLower(q[from+m[4]:from+m[5]]), q[from+m[6]:from+m[7]])
			}
			from += m[5]
		}
	}
	return d
}

// constants notes what a column is compared with: op and the text behind it.
func (d *tpcdsData) constants(column, op, text string) {
	many := strings.HasPrefix(op, "in")
	if many {
		if end := strings.IndexByte(text, ')'); end >= 0 {
			text = text[:end]
		}
	}
	for i, m := range tpcdsLiteral.FindAllStringSubmatchIndex(text, -1) {
		if !many && (i > 1 || i == 1 && op != "between" || i == 0 && strings.TrimLeft(text[:m[0]], " \n\t(cast") != "") {
			return
		}
		value := ""
		if m[2] >= 0 {
			value = strings.Trim(text[m[2]:m[3]], "%_")
		} else {
			value = text[m[4]:m[5]]
			if m[6] >= 0 { // 1200 + 11
				a, _ := strconv.Atoi(value)
				b, _ := strconv.Atoi(text[m[6]:m[7]])
				d.words[column] = append(d.words[column], strconv.Itoa(a+b/2))
			}
		}
		if value != "" {
			d.words[column] = append(d.words[column], value)
		}
	}
}

// tpcdsRows are how many rows the tables get that are not made in another way; others have 24.
var tpcdsRows = map[string]int{
	"customer_address": 150, "customer_demographics": 200, "household_demographics": 150, "item": 200, "customer": 200, "store": 8, "promotion": 40,
	"catalog_page": 60, "web_page": 30, "income_band": 20, "reason": 35, "ship_mode": 20, "warehouse": 5, "web_site": 8, "call_center": 6,
	"inventory": 20000, "store_sales": 20000, "catalog_sales": 20000, "web_sales": 20000,
}

// tpcdsKeys says by the end of a column's name which table it refers to.
var tpcdsKeys = []struct{ suffix, table string }{
	{"date_sk", "date_dim"},
	{"time_sk", "time_dim"},
	{"item_sk", "item"},
	{"customer_sk", "customer"},
	{"hdemo_sk", "household_demographics"},
	{"cdemo_sk", "customer_demographics"},
	{"addr_sk", "customer_address"},
	{"store_sk", "store"},
	{"promo_sk", "promotion"},
	{"warehouse_sk", "warehouse"},
	{"ship_mode_sk", "ship_mode"},
	{"call_center_sk", "call_center"},
	{"catalog_page_sk", "catalog_page"},
	{"web_page_sk", "web_page"},
	{"web_site_sk", "web_site"},
	{"reason_sk", "reason"},
	{"income_band_sk", "income_band"},
}

// firstDay is the first day of date_dim, whose keys are Julian days.
var firstDay = time.Date(1998, 1, 1, 0, 0, 0, 0, time.UTC)

const (
	firstDaySK = 2450815
	days       = 6*365 + 1
)

// write makes all tables below dir, a file each, columns parted by bars.
func (d *tpcdsData) write(dir string) error {
	returns := map[string][]map[string]string{}
	for _, t := range d.tables {
		d.rows[t.name] = 24
		if n := tpcdsRows[t.name]; n > 0 {
			d.rows[t.name] = n
		}
	}
	d.rows["date_dim"], d.rows["time_dim"] = days, 1440
	for _, pass := range []string{"", "_returns"} { // returns are made of sales
		for _, t := range d.tables {
			if strings.HasSuffix(t.name, "_returns") != (pass != "") {
				continue
			}
			f, err := os.Create(filepath.Join(dir, t.name+".tbl"))
			if err != nil {
				return err
			}
			w := bufio.NewWriter(f)
			if pass != "" {
				for i, sale := range returns[t.name] {
					d.line(w, t, d.returned(t, sale, i))
				}
			} else {
				order := map[string]string{}
				for i := range d.rows[t.name] {
					row := d.row(t, i, order)
					d.line(w, t, row)
					if to := strings.TrimSuffix(t.name, "_sales") + "_returns"; strings.HasSuffix(t.name, "_sales") && d.r.IntN(2) == 0 {
						returns[to] = append(returns[to], row)
					}
				}
			}
			if err := w.Flush(); err != nil {
				return err
			}
			if err := f.Close(); err != nil {
				return err
			}
		}
	}
	return nil
}

func (d *tpcdsData) line(w *bufio.Writer, t tpcdsTable, row map[string]string) {
	for i, c := range t.columns {
		if i > 0 {
			w.WriteByte('|')
		}
		w.WriteString(row[c.name])
	}
	w.WriteByte('\n')
}

// row makes row i of a table that is not of returns.
func (d *tpcdsData) row(t tpcdsTable, i int, order map[string]string) map[string]string {
	switch t.name {
	case "date_dim":
		return dateRow(i)
	case "time_dim":
		return timeRow(i)
	}
	row := map[string]string{}
	sales := strings.HasSuffix(t.name, "_sales")
	number, newOrder := orderOf(i)
	for j, c := range t.columns {
		switch {
		case j == 0 && strings.HasSuffix(c.name, "_sk") && !sales && t.name != "inventory":
			row[c.name] = strconv.Itoa(i + 1)
		case strings.HasSuffix(c.name, "_order_number") || strings.HasSuffix(c.name, "_ticket_number"):
			row[c.name] = strconv.Itoa(number)
		case strings.HasSuffix(c.name, "_id") && strings.HasPrefix(c.kind, "char(16)"):
			row[c.name] = fmt.Sprintf("AAAAAAAA%08d", i/2)
		case sales && !newOrder && (strings.HasSuffix(c.name, "_sk") && !strings.HasSuffix(c.name, "_item_sk")): // the lines of an order have it in common
			row[c.name] = order[c.name]
		default:
			row[c.name] = d.value(t, c)
		}
	}
	switch {
	case sales:
		for k, v := range row {
			order[k] = v
		}
		d.amounts(row, t.columns)
	case t.name == "inventory": // weekly
		row["inv_date_sk"] = strconv.Itoa(firstDaySK + 7*d.r.IntN(days/7))
	}
	return row
}

// orderOf gives the order of line i: some have 18 lines, some five, most two.
func orderOf(i int) (number int, first bool) {
	block, at := i/60*16, i%60
	switch {
	case at < 18:
		return block + 1, at == 0
	case at < 38:
		return block + 2 + (at-18)/5, (at-18)%5 == 0
	}
	return block + 6 + (at-38)/2, at%2 == 0
}

// returned makes the return of a sale, some days later.
func (d *tpcdsData) returned(t tpcdsTable, sale map[string]string, i int) map[string]string {
	prefix := map[string]string{"store_returns": "ss_", "catalog_returns": "cs_", "web_returns": "ws_"}[t.name]
	row := map[string]string{}
	for _, c := range t.columns {
		_, end, _ := strings.Cut(c.name, "_")
		v, ok := sale[prefix+end]
		switch {
		case ok:
		case strings.HasPrefix(end, "refunded_") || strings.HasPrefix(end, "returning_"):
			_, end, _ := strings.Cut(end, "_")
			if v, ok = sale[prefix+"bill_"+end]; !ok {
				v = d.value(t, c)
			}
		case end == "returned_date_sk":
			if sold, err := strconv.Atoi(sale[prefix+"sold_date_sk"]); err == nil {
				v = strconv.Itoa(min(sold+d.r.IntN(90), firstDaySK+days-1))
			}
		case end == "return_quantity":
			if n, err := strconv.Atoi(sale[prefix+"quantity"]); err == nil {
				v = strconv.Itoa(1 + d.r.IntN(n))
			}
		default:
			v = d.value(t, c)
		}
		row[c.name] = v
	}
	return row
}

// value makes a value of a column: a key, a constant of the queries, or anything.
func (d *tpcdsData) value(t tpcdsTable, c tpcdsColumn) string {
	if d.r.IntN(25) == 0 && !strings.HasSuffix(c.name, "_item_sk") && !strings.HasPrefix(c.name, "inv_") {
		return ""
	}
	for _, k := range tpcdsKeys {
		if strings.HasSuffix(c.name, k.suffix) {
			if w := d.words[c.name]; len(w) > 0 && d.r.IntN(6) == 0 {
				return w[d.r.IntN(len(w))]
			}
			n := d.r.IntN(d.rows[k.table])
			switch {
			case k.table == "customer" && t.name != "store_sales": // some only come to the store
				n /= 2
			case k.table == "item" && t.name == "inventory": // few things, often counted
				n /= 4
			}
			switch k.table {
			case "date_dim":
				return strconv.Itoa(firstDaySK + d.day())
			case "time_dim":
				return strconv.Itoa(n * 60)
			}
			return strconv.Itoa(n + 1)
		}
	}
	if strings.HasSuffix(c.name, "_demo_sk") || strings.HasSuffix(c.name, "_sk") {
		return strconv.Itoa(1 + d.r.IntN(100))
	}
	switch {
	case c.name == "inv_quantity_on_hand": // little or much
		if d.r.IntN(3) > 0 {
			return strconv.Itoa(d.r.IntN(5))
		}
		return strconv.Itoa(100 + d.r.IntN(900))
	case strings.HasSuffix(c.name, "_return_amt"), strings.HasSuffix(c.name, "_return_amount"):
		return fmt.Sprintf("%d.%02d", d.r.IntN(15000), d.r.IntN(100))
	}
	if w := d.words[c.name]; len(w) > 0 && d.r.IntN(8) > 0 {
		return d.fit(c, w[d.r.IntN(len(w))])
	}
	switch {
	case strings.Contains(c.kind, "char"):
		return d.fit(c, fmt.Sprintf("%s %d", strings.SplitN(c.name, "_", 2)[1], d.r.IntN(9)))
	case c.kind == "date":
		return firstDay.AddDate(0, 0, d.r.IntN(days)).Format(time.DateOnly)
	case c.kind == "timestamp":
		return firstDay.Format(time.DateTime)
	case strings.HasPrefix(c.kind, "int"):
		return strconv.Itoa(d.r.IntN(100))
	}
	return fmt.Sprintf("%d.%02d", d.r.IntN(100), d.r.IntN(100))
}

// day chooses a day of date_dim: in a year and a month that queries ask for, or any.
func (d *tpcdsData) day() int {
	years, months := d.words["d_year"], d.words["d_moy"]
	if d.r.IntN(4) == 0 {
		return d.r.IntN(days)
	}
	y, _ := strconv.Atoi(years[d.r.IntN(len(years))])
	m, _ := strconv.Atoi(months[d.r.IntN(len(months))])
	n := int(time.Date(y, time.Month(m), 1+d.r.IntN(28), 0, 0, 0, 0, time.UTC).Sub(firstDay).Hours() / 24)
	return min(max(n, 0), days-1)
}

// fit makes a constant one of the column's type.
func (d *tpcdsData) fit(c tpcdsColumn, v string) string {
	if i := strings.Index(c.kind, "char("); i >= 0 {
		n, _ := strconv.Atoi(strings.TrimSuffix(c.kind[i+5:], ")"))
		return v[:min(n, len(v))]
	}
	if _, err := strconv.ParseFloat(v, 64); err != nil && c.kind != "date" {
		return ""
	}
	if strings.HasPrefix(c.kind, "int") {
		v, _, _ = strings.Cut(v, ".")
	}
	return v
}

// amounts makes the money of a sale hang together.
func (d *tpcdsData) amounts(row map[string]string, cols []tpcdsColumn) {
	cents := func(n int) string { return fmt.Sprintf("%d.%02d", n/100, n%100) }
	quantity := 1 + d.r.IntN(100)
	wholesale := 100 + d.r.IntN(9900)
	list := wholesale + d.r.IntN(wholesale*2)
	price := list * (30 + d.r.IntN(71)) / 100
	for _, c := range cols {
		_, end, _ := strings.Cut(c.name, "_")
		switch end {
		case "quantity":
			row[c.name] = strconv.Itoa(quantity)
		case "wholesale_cost":
			row[c.name] = cents(wholesale)
		case "list_price":
			row[c.name] = cents(list)
		case "sales_price":
			row[c.name] = cents(price)
		case "ext_sales_price", "net_paid":
			row[c.name] = cents(price * quantity)
		case "ext_list_price":
			row[c.name] = cents(list * quantity)
		case "ext_wholesale_cost":
			row[c.name] = cents(wholesale * quantity)
		case "net_profit":
			if n := (price - wholesale) * quantity; n < 0 {
				row[c.name] = "-" + cents(-n)
			} else {
				row[c.name] = cents(n)
			}
		}
	}
}

// dateRow is row i of date_dim, a real calendar.
func dateRow(i int) map[string]string {
	t := firstDay.AddDate(0, 0, i)
	months := (t.Year()-1900)*12 + int(t.Month()) - 1
	quarter := (int(t.Month()) + 2) / 3
	first := t.AddDate(0, 0, 1-t.Day())
	row := map[string]string{
		"d_date_id": fmt.Sprintf("AAAAAAAA%08d", i), "d_date": t.Format(time.DateOnly), "d_day_name": t.Weekday().String(),
		"d_quarter_name": fmt.Sprintf("%dQ%d", t.Year(), quarter), "d_holiday": "N", "d_weekend": "N", "d_following_holiday": "N",
		"d_current_day": "N", "d_current_week": "N", "d_current_month": "N", "d_current_quarter": "N", "d_current_year": "N",
	}
	if t.Weekday() == time.Saturday || t.Weekday() == time.Sunday {
		row["d_weekend"] = "Y"
	}
	for name, n := range map[string]int{
		"d_date_sk": firstDaySK + i, "d_month_seq": months, "d_week_seq": 5113 + (i+4)/7, "d_quarter_seq": months / 3, "d_year": t.Year(),
		"d_dow": int(t.Weekday()), "d_moy": int(t.Month()), "d_dom": t.Day(), "d_qoy": quarter, "d_fy_year": t.Year(), "d_fy_quarter_seq": months / 3,
		"d_fy_week_seq": 5113 + (i+4)/7, "d_first_dom": firstDaySK + i + 1 - t.Day(), "d_last_dom": firstDaySK + i - t.Day() + first.AddDate(0, 1, -1).Day(),
		"d_same_day_ly": firstDaySK + i - 365, "d_same_day_lq": firstDaySK + i - 91,
	} {
		row[name] = strconv.Itoa(n)
	}
	return row
}

// timeRow is row i of time_dim: minute i of the day.
func timeRow(i int) map[string]string {
	h := i / 60
	row := map[string]string{
		"t_time_id": fmt.Sprintf("AAAAAAAA%08d", i), "t_am_pm": "AM", "t_shift": []string{"third", "first", "second"}[h/8], "t_sub_shift": "night",
		"t_time_sk": strconv.Itoa(i * 60), "t_time": strconv.Itoa(i * 60), "t_hour": strconv.Itoa(h), "t_minute": strconv.Itoa(i % 60), "t_second": "0",
	}
	if h >= 12 {
		row["t_am_pm"] = "PM"
	}
	switch {
	case h >= 6 && h <= 9:
		row["t_meal_time"] = "breakfast"
	case h >= 11 && h <= 14:
		row["t_meal_time"] = "lunch"
	case h >= 17 && h <= 21:
		row["t_meal_time"] = "dinner"
	}
	return row
}
