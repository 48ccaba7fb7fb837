package redshiftsim_test

import (
	"bytes"
	"context"
	"database/sql"
	"encoding/json"
	"fmt"
	"math/rand/v2"
	"strings"
	"testing"
	"time"

	"github.com/parquet-go/parquet-go"
)

// stamp is a timestamp of a Parquet file, and the text of one in JSON.
type stamp int64

// MarshalJSON writes ISO 8601.
func (s stamp) MarshalJSON() ([]byte, error) {
	return json.Marshal(time.UnixMicro(int64(s)).UTC().Format("2006-01-02T15:04:05.000000Z"))
}

type nestedLine struct {
	SKU string `parquet:"SKU" json:"sku"`
	Qty int32  `parquet:"qty" json:"qty"`
}

type nestedOrder struct {
	Shipdate stamp        `parquet:"shipdate,timestamp(microsecond)" json:"shipdate"`
	Price    *float64     `parquet:"price" json:"price"`
	Lines    []nestedLine `parquet:"lines,list" json:"Lines"`
}

type nestedName struct {
	Given  string  `parquet:"given" json:"given"`
	Family *string `parquet:"family" json:"family"`
}

type nestedRow struct {
	ID     int32            `parquet:"id" json:"ID"`
	Extra  string           `parquet:"extra" json:"extra"`
	Name   *nestedName      `parquet:"Name" json:"name"`
	Phones []string         `parquet:"phones,list" json:"phones"`
	Orders []nestedOrder    `parquet:"orders,list" json:"orders"`
	Tags   map[string]int64 `parquet:"tags" json:"tags"`
	Nums   []*int32         `parquet:"nums,list" json:"nums"`
	Raw    []int32          `parquet:"raw" json:"raw"`
}

// nestedRows makes random rows.
func nestedRows(r *rand.Rand, n int) []nestedRow {
	words := []string{"a", "bb", "é", `quote "`, "", "comma, and more", "line\nbreak"}
	word := func() string { return words[r.IntN(len(words))] }
	rows := make([]nestedRow, n)
	for i := range rows {
		x := &rows[i]
		*x = nestedRow{ID: int32(i), Extra: strings.Repeat("x", 500), Phones: []string{}, Orders: []nestedOrder{}, Tags: map[string]int64{}, Nums: []*int32{}, Raw: []int32{}}
		if r.IntN(4) > 0 {
			x.Name = &nestedName{Given: word()}
			if r.IntN(3) > 0 {
				f := word()
				x.Name.Family = &f
			}
		}
		for range r.IntN(4) {
			x.Phones, x.Raw = append(x.Phones, word()), append(x.Raw, r.Int32())
		}
		for range r.IntN(5) {
			o := nestedOrder{Shipdate: stamp(r.Int64N(2e15)), Lines: []nestedLine{}}
			if r.IntN(4) > 0 {
				p := float64(r.IntN(10000)) / 4
				o.Price = &p
			}
			for range r.IntN(3) {
				o.Lines = append(o.Lines, nestedLine{SKU: word(), Qty: r.Int32N(100)})
			}
			x.Orders = append(x.Orders, o)
		}
		for k := range r.IntN(3) {
			x.Tags[fmt.Sprint("k", k)] = r.Int64()
		}
		for range r.IntN(3) {
			v := r.Int32()
			x.Nums = append(x.Nums, &v, nil)
		}
	}
	return rows
}

// TestNestedFiles reads the same random rows from Parquet and from JSON files: both answer alike, and as the rows say.
func TestNestedFiles(t *testing.T) {
	seed := rand.Uint64()
	t.Logf("seed=%d", seed)
	rows := nestedRows(rand.New(rand.NewPCG(seed, 1)), 1000)
	for _, shape := range [][2]int{{1, 1}, {2, 2}, {3, 4}} {
		db, bucket := lake(t, shape[0], shape[1])
		put := func(key string, data []byte) {
			w, err := bucket.Create(context.Background(), key)
			if err != nil {
				t.Fatal(err)
			}
			if _, err := w.Write(data); err != nil {
				t.Fatal(err)
			}
			if err := w.Close(); err != nil {
				t.Fatal(err)
			}
		}
		for i, from := range []int{0, 200, 1000} {
			if i == 0 {
				continue
			}
			part := rows[[]int{0, 200}[i-1]:from]
			var pq, js bytes.Buffer
			if err := parquet.Write(&pq, part, parquet.MaxRowsPerRowGroup(300)); err != nil {
				t.Fatal(err)
			}
			for k := range part {
				if err := json.NewEncoder(&js).Encode(&part[k]); err != nil {
					t.Fatal(err)
				}
			}
			put(fmt.Sprintf("pq/%d.parquet", i), pq.Bytes())
			put(fmt.Sprintf("js/%d.json", i), js.Bytes())
		}
		columns := "(id int, extra varchar(1000), name struct<given:varchar(20),family:varchar(4)>, phones array<varchar(20)>, " +
			"orders array<struct<shipdate:timestamp,price:double precision,lines:array<struct<sku:string,qty:int>>,missing:int>>, tags map<varchar(5),bigint>, nums array<int>, raw array<int>)"
		exec(t, db, "CREATE EXTERNAL TABLE lake.pq "+columns+" STORED AS PARQUET LOCATION 's3://m/pq/'",
			"CREATE EXTERNAL TABLE lake.js "+columns+" ROW FORMAT SERDE 'org.openx.data.jsonserde.JsonSerDe' STORED AS TEXTFILE LOCATION 's3://m/js/'")
		compareNested(t, db)
		checkNested(t, db, rows)
		checkLeaves(t, db)
	}
}

// compareNested asks both tables.
func compareNested(t *testing.T, db *sql.DB) {
	t.Helper()
	for _, q := range []string{
		"SELECT c.id, c.name.given, c.name.family FROM lake.%s c ORDER BY 1",
		"SELECT c.id, p FROM lake.%s c LEFT JOIN c.phones p ON true ORDER BY 1, 2",
		"SELECT c.id, o.shipdate, o.price, o.missing FROM lake.%s c LEFT JOIN c.orders o ON o.price > 100 ORDER BY 1, 2",
		"SELECT c.id, l.sku, l.qty, o.price FROM lake.%s c, c.orders o, o.lines l WHERE l.qty > 10 ORDER BY 1, 2, 3, 4",
		"SELECT c.id, c.name.given, l.qty FROM lake.%s c LEFT JOIN c.orders o ON true LEFT JOIN o.lines l ON true ORDER BY 1, 2, 3",
		"SELECT count(*) FROM lake.%s c, c.orders o, o.lines l",
		"SELECT c.id, t.value FROM lake.%s c, c.tags t WHERE t.key = 'k1' ORDER BY 1, 2",
		"SELECT count(*) FROM lake.%s c, c.tags t",
		"SELECT c.id, n FROM lake.%s c, c.nums n ORDER BY 1, 2",
		"SELECT sum(r::bigint), count(*) FROM lake.%s c, c.raw r",
		"SELECT count(*) FROM lake.%s c, c.raw r",
		"SELECT c.id, (SELECT count(*) FROM c.orders), (SELECT max(o.price) FROM c.orders o WHERE o.price < 2000) FROM lake.%s c WHERE EXISTS (SELECT 1 FROM c.phones p WHERE p LIKE 'b%%') ORDER BY 1",
		"SELECT c.id, s.n FROM lake.%s c, (SELECT sum(o.price) AS n FROM c.orders o) s ORDER BY 1",
		"SELECT c.id, c.orders[1].price, c.orders[0].lines[1].sku, c.raw[2] FROM lake.%s c ORDER BY 1",
		"SELECT c.name.family, count(*) FROM lake.%s c GROUP BY 1 ORDER BY 1",
	} {
		if want, got := listed(t, db, fmt.Sprintf(q, "js")), listed(t, db, fmt.Sprintf(q, "pq")); got != want {
			t.Errorf("%s: Parquet gives\n%.1000s\nJSON\n%.1000s", q, got, want)
		}
	}
	conn, err := db.Conn(context.Background())
	if err != nil {
		t.Fatal(err)
	}
	defer conn.Close()
	texts := func(table string) (out []string) {
		r, err := conn.QueryContext(context.Background(), "SELECT name, phones, orders, tags, nums, raw FROM lake."+table+" ORDER BY id")
		if err != nil {
			t.Fatal(err)
		}
		defer r.Close()
		for r.Next() {
			var v [6]sql.NullString
			if err := r.Scan(&v[0], &v[1], &v[2], &v[3], &v[4], &v[5]); err != nil {
				t.Fatal(err)
			}
			for _, s := range v {
				out = append(out, fmt.Sprint(s.Valid, canonical(t, s)))
			}
		}
		if err := r.Err(); err != nil {
			t.Fatal(err)
		}
		return out
	}
	if _, err := conn.ExecContext(context.Background(), "SET json_serialization_enable TO on"); err != nil {
		t.Fatal(err)
	}
	pq, js := texts("pq"), texts("js")
	if _, err := conn.ExecContext(context.Background(), "RESET json_serialization_enable"); err != nil {
		t.Fatal(err)
	}
	for i := range js {
		if pq[i] != js[i] {
			t.Fatalf("value %d: Parquet gives %s, JSON %s", i, pq[i], js[i])
		}
	}
}

// canonical is JSON with the keys of its objects in order: a map has none.
func canonical(t *testing.T, s sql.NullString) string {
	t.Helper()
	if !s.Valid {
		return ""
	}
	var v any
	if err := json.Unmarshal([]byte(s.String), &v); err != nil {
		t.Fatal(s.String, err)
	}
	b, err := json.Marshal(v)
	if err != nil {
		t.Fatal(err)
	}
	return string(b)
}

// checkNested asks for what the rows themselves say.
func checkNested(t *testing.T, db *sql.DB, rows []nestedRow) {
	t.Helper()
	lines, qty, orders, phones, nums, nulls, families := 0, int64(0), 0, 0, int64(0), 0, 0
	for i := range rows {
		x := &rows[i]
		orders, phones = orders+len(x.Orders), phones+len(x.Phones)
		if x.Name != nil && x.Name.Family != nil && *x.Name.Family != "" {
			families++
		}
		for k := range x.Orders {
			for _, l := range x.Orders[k].Lines {
				lines, qty = lines+1, qty+int64(l.Qty)
			}
		}
		for _, v := range x.Nums {
			if v == nil {
				nulls++
			} else {
				nums += int64(*v)
			}
		}
	}
	for q, want := range map[string]string{
		"SELECT count(*), sum(l.qty) FROM lake.pq c, c.orders o, o.lines l":                fmt.Sprintln(lines, qty),
		"SELECT count(*), count(DISTINCT c.id) >= 0 FROM lake.pq c, c.orders o":            fmt.Sprintln(orders, true),
		"SELECT count(*), count(p) FROM lake.pq c, c.phones p":                             fmt.Sprintln(phones, phones),
		"SELECT sum(n::bigint), count(*) - count(n) FROM lake.pq c, c.nums n":              fmt.Sprintln(nums, nulls),
		"SELECT count(*), count(c.name.given) >= 0 FROM lake.pq c":                         fmt.Sprintln(len(rows), true),
		"SELECT count(*), max(len(c.name.family)) FROM lake.pq c WHERE c.name.family > ''": fmt.Sprintln(families, 4),
	} {
		if got := listed(t, db, q) + "\n"; got != want {
			t.Errorf("%s gives %s, want %s", q, got, want)
		}
	}
}

// checkLeaves counts the bytes that are read: those of the leaves that a query asks for.
func checkLeaves(t *testing.T, db *sql.DB) {
	t.Helper()
	conn, err := db.Conn(context.Background())
	if err != nil {
		t.Fatal(err)
	}
	defer conn.Close()
	bytesOf := func(query string) (n int64) {
		var nested bool
		all(t, conn, query)
		const scanned = "SELECT s3_scanned_bytes, is_nested = 't' FROM svl_s3query_summary WHERE query = pg_last_query_id()"
		if err := conn.QueryRowContext(context.Background(), scanned).Scan(&n, &nested); err != nil {
			t.Fatal(query, err)
		}
		if nested != strings.Contains(query, "c.") {
			t.Errorf("%s: is_nested is %t", query, nested)
		}
		return n
	}
	ids := bytesOf("SELECT sum(id) FROM lake.pq")
	given, both := bytesOf("SELECT count(c.name.given) FROM lake.pq c"), bytesOf("SELECT count(c.name.given), count(c.name.family) FROM lake.pq c")
	prices, shipped := bytesOf("SELECT sum(o.price) FROM lake.pq c, c.orders o"), bytesOf("SELECT sum(o.price), max(o.shipdate) FROM lake.pq c, c.orders o")
	if ids <= 0 || given <= 0 || prices <= 0 || given >= both || prices >= shipped {
		t.Errorf("bytes read: id %d, given %d, with family %d, price %d, with shipdate %d", ids, given, both, prices, shipped)
	}
}
