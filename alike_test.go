package redshiftsim_test

import (
	"context"
	"database/sql"
	"database/sql/driver"
	"fmt"
	"math/rand"
	"reflect"
	"runtime"
	"sort"
	"strconv"
	"strings"
	"testing"

	"github.com/redshiftsim/redshiftsim"
)

// alikeRows makes the INSERTs of two tables that join, with NULLs, ties and skew.
func alikeRows() []string {
	r := rand.New(rand.NewSource(1))
	var out []string
	row := func(n int, value func(i int) string) string {
		var b strings.Builder
		for i := range n {
			if i > 0 {
				b.WriteByte(',')
			}
			b.WriteString(value(i))
		}
		return b.String()
	}
	null := func(s string) string {
		if r.Intn(15) == 0 {
			return "NULL"
		}
		return s
	}
	for k := range 6 {
		out = append(out, "INSERT INTO a VALUES "+row(400, func(i int) string {
			return fmt.Sprintf("(%d, %s, %s, %s, %s)", k*400+i, null(strconv.Itoa(r.Intn(40))), null(fmt.Sprintf("'w%d'", r.Intn(9)*r.Intn(9))),
				null(fmt.Sprintf("%d.%02d", r.Intn(500)-250, r.Intn(100))), null(fmt.Sprintf("'2008-%02d-%02d'", r.Intn(12)+1, r.Intn(28)+1)))
		}))
	}
	return append(out, "INSERT INTO b VALUES "+row(60, func(i int) string {
		return fmt.Sprintf("(%s, 'name %d', %d)", null(strconv.Itoa(r.Intn(50))), i%17, r.Intn(1000))
	}), "DELETE FROM a WHERE id % 7 = 3", "UPDATE a SET k = k + 1 WHERE id % 5 = 0")
}

// alikeQueries have one answer, as a multiset.
var alikeQueries = []string{
	"SELECT count(*), count(k), sum(k), min(w), max(d), avg(k) FROM a",
	"SELECT k, count(*), sum(n), min(d), max(w) FROM a GROUP BY k",
	"SELECT w, count(DISTINCT k), avg(n) FROM a GROUP BY w HAVING count(*) > 20",
	"SELECT a.id, b.name FROM a JOIN b ON a.k = b.k WHERE b.x < 500",
	"SELECT a.id, b.name, b.x FROM a LEFT JOIN b ON a.k = b.k AND b.x > 300",
	"SELECT b.name, a.w FROM a RIGHT JOIN b ON a.k = b.k AND a.id < 100",
	"SELECT x.id, y.id FROM a x JOIN a y ON x.d = y.d AND x.id < y.id WHERE x.n > 200",
	"SELECT id, n FROM a ORDER BY n DESC, id LIMIT 25 OFFSET 5",
	"SELECT DISTINCT w, k % 3 FROM a",
	"SELECT id FROM a WHERE k IN (SELECT k FROM b WHERE x > 900)",
	"SELECT id FROM a WHERE k NOT IN (SELECT k FROM b WHERE k IS NOT NULL)",
	"SELECT id FROM a WHERE n > (SELECT avg(n) FROM a)",
	"SELECT k FROM a UNION SELECT k FROM b",
	"SELECT k FROM a INTERSECT SELECT k FROM b",
	"SELECT k FROM b EXCEPT SELECT k FROM a WHERE id < 200",
	"SELECT CASE WHEN d < '2008-06-01' THEN 'first' ELSE 'second' END, sum(n) FROM a GROUP BY 1",
	"SELECT id FROM a WHERE w = 'w8' AND d BETWEEN '2008-03-01' AND '2008-09-30'",
	"SELECT id, w FROM a WHERE id = 1234",
}

// TestAlike asks the same of clusters of several shapes, under every distribution and sort key, with blocks of 4 KB to 1 MB: the answers are the same.
func TestAlike(t *testing.T) {
	texts := alikeRows()
	var wanted [][]string
	for _, c := range []struct{ shape, a, b string }{
		{"nodes=1&slices=1", "DISTSTYLE EVEN", "DISTSTYLE EVEN"},
		{"nodes=1&slices=1&block_size=4KB", "DISTSTYLE ALL SORTKEY(d)", "DISTKEY(k)"},
		{"nodes=2&slices=2", "DISTKEY(k)", "DISTKEY(k)"},
		{"nodes=2&slices=2&block_size=4KB", "DISTKEY(id) SORTKEY(k, id)", "DISTSTYLE ALL"},
		{"nodes=2&slices=2&block_size=64KB&workers=4", "", ""},
		{"nodes=3&slices=4", "DISTSTYLE EVEN SORTKEY(w)", "DISTKEY(x)"},
		{"nodes=3&slices=4&block_size=16KB", "DISTKEY(w)", "DISTSTYLE EVEN SORTKEY(k)"},
		{"nodes=16&slices=8", "DISTKEY(k) SORTKEY(k)", "DISTKEY(k) SORTKEY(k)"},
		{"nodes=16&slices=8&block_size=4KB", "DISTSTYLE ALL", "DISTSTYLE ALL"},
	} {
		db := open(t, "redshiftsim://?"+c.shape)
		exec(t, db, "CREATE TABLE a (id int, k int, w varchar(10), n numeric(8,2), d date) "+c.a, "CREATE TABLE b (k int, name varchar(20), x int) "+c.b)
		exec(t, db, texts...)
		for i, q := range alikeQueries {
			got := all(t, db, q)
			sort.Strings(got)
			if len(wanted) <= i {
				if len(got) == 0 {
					t.Errorf("%s: no rows", q)
				}
				wanted = append(wanted, got)
				continue
			}
			if !reflect.DeepEqual(got, wanted[i]) {
				t.Errorf("%s, %s, %s: %s: %d rows, want %d", c.shape, c.a, c.b, q, len(got), len(wanted[i]))
			}
		}
	}
}

// TestValuesCost counts allocations: between a block and rows.go none a row, in rows.go at most one a value.
func TestValuesCost(t *testing.T) {
	c, err := redshiftsim.NewConnector(redshiftsim.Config{})
	if err != nil {
		t.Fatal(err)
	}
	defer c.Close()
	db := sql.OpenDB(c)
	exec(t, db, "CREATE TABLE v (a int, n numeric(12,2), f double precision, s varchar(20), c char(8), ts timestamp) DISTSTYLE EVEN",
		"INSERT INTO v VALUES (1000, 12.5, 0.5, 'text', 'char', '2008-01-01 10:00:00')")
	for range 15 {
		exec(t, db, "INSERT INTO v SELECT a + 1, n + 1, f, s, c, ts FROM v")
	}
	dc, err := c.Connect(context.Background())
	if err != nil {
		t.Fatal(err)
	}
	defer dc.Close()
	count := func(columns string) (allocs, rows int) {
		r, err := dc.(driver.QueryerContext).QueryContext(context.Background(), "SELECT "+columns+" FROM v", nil)
		if err != nil {
			t.Fatal(err)
		}
		dest := make([]driver.Value, len(r.Columns()))
		var before, after runtime.MemStats
		runtime.ReadMemStats(&before)
		for r.Next(dest) == nil {
			rows++
		}
		runtime.ReadMemStats(&after)
		if err := r.Close(); err != nil {
			t.Fatal(err)
		}
		return int(after.Mallocs - before.Mallocs), rows
	}
	for columns, most := range map[string]float64{"a": 1, "n": 1, "f": 1, "s": 1, "c": 1, "ts": 1, "a, n, f, s, c, ts": 6, "a > 0": 0, "NULL::int": 0} {
		allocs, rows := count(columns)
		if rows != 1<<15 {
			t.Fatalf("%s: %d rows", columns, rows)
		}
		if per := float64(allocs) / float64(rows); per > most+0.05 {
			t.Errorf("%s: %.2f allocations a row, want at most %v", columns, per, most)
		}
	}
}

// TestBounded runs 200,000 statements: what a cluster keeps of them is bounded.
func TestBounded(t *testing.T) {
	if testing.Short() {
		t.Skip("it takes seconds")
	}
	const n = 200_000
	db := open(t, "redshiftsim://?log_limit=1MB")
	c, err := db.Conn(context.Background())
	if err != nil {
		t.Fatal(err)
	}
	defer c.Close()
	exec(t, c, "CREATE TABLE t (a int) DISTSTYLE EVEN", "INSERT INTO t VALUES (1)")
	serial := 0
	some := func(n int) uint64 {
		for range n {
			serial++
			var x int
			// One in twenty has a shape of its own.
			if err := c.QueryRowContext(context.Background(), fmt.Sprintf("SELECT a + %d FROM t WHERE a < %d", serial/20, serial+2)).Scan(&x); err != nil {
				t.Fatal(err)
			}
		}
		var m runtime.MemStats
		runtime.GC()
		runtime.GC()
		runtime.ReadMemStats(&m)
		return m.HeapAlloc
	}
	before := some(n / 5)
	after := some(n - n/5)
	if after > before+4<<20 {
		t.Errorf("the heap grew from %d to %d bytes", before, after)
	}
}
