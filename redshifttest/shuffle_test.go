package redshifttest_test

import (
	"database/sql"
	"fmt"
	"slices"
	"strings"
	"testing"

	"github.com/redshiftsim/redshiftsim/redshifttest"
)

const shuffleSchema = `
CREATE TABLE d (d int) DISTSTYLE ALL; INSERT INTO d VALUES (0), (1), (2), (3), (4), (5), (6), (7), (8), (9);
CREATE TABLE few (a int, k varchar(10)) %[1]s; INSERT INTO few VALUES (1, 'x'), (2, 'x'), (3, 'x'), (4, 'y');
CREATE TABLE many (a int, b varchar(20)) %[1]s;
INSERT INTO many SELECT v.d + 10 * w.d + 100 * x.d + 1000 * y.d + 10000 * z.d, 'b' || (v.d + 10 * w.d) FROM d v, d w, d x, d y, d z;
`

// outcomes runs a query n times, without the result cache, and gives each result that it had.
func outcomes(t *testing.T, db *sql.DB, n int, query string) []string {
	t.Helper()
	seen := map[string]bool{}
	for range n {
		seen[column(t, db, query)] = true
	}
	var out []string
	for s := range seen {
		out = append(out, s)
	}
	slices.Sort(out)
	return out
}

// TestShuffle finds every order that rows may have, and none that they may not, wherever they lie.
func TestShuffle(t *testing.T) {
	t.Parallel()
	orders := []string{"1 2 3", "1 3 2", "2 1 3", "2 3 1", "3 1 2", "3 2 1"}
	for _, lie := range []string{"DISTSTYLE ALL", "DISTSTYLE EVEN", "DISTKEY (a) SORTKEY (a)"} {
		for _, nodes := range []int{1, 2} {
			t.Run(fmt.Sprint(lie, nodes), func(t *testing.T) {
				t.Parallel()
				db := redshifttest.New(t, redshifttest.SQL(fmt.Sprintf(shuffleSchema, lie)), redshifttest.Shape(nodes, nodes),
					redshifttest.Setting("enable_result_cache_for_session", "off"))
				for _, x := range []struct {
					query string
					want  []string // all of them must be seen, some where rows of two slices tie: those of one stay together
				}{
					{"SELECT a FROM few WHERE k = 'x'", orders},
					{"SELECT a FROM few WHERE k = 'x' ORDER BY a", orders[:1]},
					{"SELECT a FROM few WHERE a < 4 ORDER BY k", orders}, // ties
					{"SELECT a FROM few ORDER BY k DESC, a", []string{"4 1 2 3"}},
					{"SELECT a FROM few LIMIT 1", []string{"1", "2", "3", "4"}},
					{"SELECT a FROM few ORDER BY a LIMIT 2", []string{"1 2"}},
					{"SELECT a FROM few ORDER BY k LIMIT 1", []string{"1", "2", "3"}},
					{"SELECT a FROM few ORDER BY a OFFSET 2", []string{"3 4"}},
					{"SELECT a FROM (SELECT a FROM few ORDER BY a LIMIT 3) t", orders[:1]}, // nothing undoes it
					{"SELECT a FROM few WHERE a < 4 GROUP BY a", orders},
					{"SELECT DISTINCT a FROM few WHERE a < 4", orders},
					{"SELECT a FROM few WHERE a < 3 UNION ALL SELECT 3", orders},
					{"SELECT a FROM few WHERE a < 4 GROUP BY a ORDER BY count(*)", orders},
					{"SELECT listagg(a, ' ') FROM few WHERE a < 4", orders},
					{"SELECT listagg(a, ' ') WITHIN GROUP (ORDER BY a DESC) FROM few WHERE a < 4", orders[5:]},
					{"SELECT a FROM (SELECT a, row_number() OVER (ORDER BY k) AS r FROM few) t WHERE r = 1", []string{"1", "2", "3"}},
					{"SELECT x.a FROM few x JOIN few y ON x.a = y.a WHERE x.a < 4", orders},
					{"WITH w AS (SELECT a FROM few WHERE a < 4) SELECT a FROM w", orders},
					{"SELECT 1 AS a UNION ALL SELECT 2 UNION ALL SELECT 3", orders},
					{"SELECT CASE datname WHEN 'dev' THEN 1 ELSE 1 END FROM pg_database WHERE datname = 'dev'", []string{"1"}},
				} {
					got := outcomes(t, db, 150, x.query)
					want := slices.Clone(x.want)
					slices.Sort(want)
					tied := strings.HasSuffix(x.query, "ORDER BY k") || strings.HasSuffix(x.query, "ORDER BY count(*)")
					if tied && len(got) >= 4 && !slices.ContainsFunc(got, func(s string) bool { return !slices.Contains(want, s) }) {
						continue
					}
					if !slices.Equal(got, want) {
						t.Errorf("%s: %q, want %q", x.query, got, want)
					}
				}
				check(t, db, "SELECT count(*) || ' ' || sum(a) || ' ' || count(DISTINCT b) FROM many", "100000 4999950000 100")
				long := strings.Fields(column(t, db, "SELECT a FROM many"))
				if len(long) != 100000 || slices.IsSorted(long) {
					t.Errorf("%d rows, sorted %v", len(long), slices.IsSorted(long))
				}
				slices.Sort(long)
				if len(slices.Compact(long)) != 100000 {
					t.Error("rows come twice")
				}
			})
		}
	}
}

// TestShuffleSeed has one seed give one order, and Ordered none that changes.
func TestShuffleSeed(t *testing.T) {
	t.Parallel()
	run := func(opts ...redshifttest.Option) string {
		db := redshifttest.New(t, append(opts, redshifttest.SQL(fmt.Sprintf(shuffleSchema, "DISTSTYLE EVEN")))...)
		db.SetMaxOpenConns(1)
		return column(t, db, "SELECT a FROM many WHERE a < 100") + "/" + column(t, db, "SELECT a FROM many LIMIT 5") + "/" + column(t, db, "SELECT b FROM many GROUP BY b")
	}
	if a, b := run(redshifttest.Seed(3)), run(redshifttest.Seed(3)); a != b {
		t.Errorf("one seed, two orders:\n%s\n%s", a, b)
	}
	if a, b := run(redshifttest.Seed(3)), run(redshifttest.Seed(4)); a == b {
		t.Error("two seeds, one order")
	}
	if a, b := run(), run(); a == b {
		t.Error("without a seed, one order")
	}
	db := redshifttest.New(t, redshifttest.Ordered(), redshifttest.SQL(fmt.Sprintf(shuffleSchema, "DISTSTYLE EVEN")), redshifttest.Setting("enable_result_cache_for_session", "off"))
	if got := outcomes(t, db, 30, "SELECT a FROM few"); len(got) != 1 {
		t.Errorf("Ordered: %q", got)
	}
}

// TestShuffleReports has the logs say the same of a query whether its rows were shuffled or not.
func TestShuffleReports(t *testing.T) {
	t.Parallel()
	const query = "SELECT b, count(*) FROM many WHERE a % 3 = 0 GROUP BY b ORDER BY b LIMIT 7"
	report := func(opts ...redshifttest.Option) string {
		db := redshifttest.New(t, append(opts, redshifttest.SQL(fmt.Sprintf(shuffleSchema, "DISTSTYLE EVEN")))...)
		db.SetMaxOpenConns(1)
		column := func(query string) string { return column(t, db, query) }
		column("SELECT b FROM (" + query + ") t ORDER BY b")
		return column("SELECT seg || ':' || step || ':' || trim(label) || ':' || rows FROM svl_query_summary WHERE query = pg_last_query_id() ORDER BY seg, step") +
			column("SELECT sum(zones_read) || ' ' || sum(rows_pre_filter) || ' ' || sum(rows) FROM redshiftsim_scan WHERE query = (SELECT max(query) FROM redshiftsim_scan)")
	}
	if a, b := report(), report(redshifttest.Ordered()); a != b {
		t.Errorf("shuffled:\n%s\nordered:\n%s", a, b)
	}
}

// TestShuffleMemory shuffles under a limit that a whole result would pass.
func TestShuffleMemory(t *testing.T) {
	t.Parallel()
	db := redshifttest.New(t, redshifttest.SQL(fmt.Sprintf(shuffleSchema, "DISTSTYLE EVEN")), redshifttest.MemoryLimit(16<<20))
	const wide = "SELECT sha1(m.a) || sha1(m.a + 1) || sha1(m.a + 2) || d.d FROM many m, d"
	rows, err := db.Query(wide)
	if err != nil {
		t.Fatal(err)
	}
	defer rows.Close()
	n := 0
	for rows.Next() {
		n++
	}
	if rows.Err() != nil || n != 1000000 {
		t.Errorf("%d rows, %v", n, rows.Err())
	}
	check(t, db, "SELECT granted_bytes FROM redshiftsim_memory_use", "0")
}

// ExampleOrdered shows what is the default: an ORDER BY that is missing is found.
func ExampleOrdered() {
	t, end := example()
	defer end()
	const script = "CREATE TABLE movies (title varchar(20)); INSERT INTO movies VALUES ('Alien'), ('Brazil'), ('Cube'), ('Dune')"
	for _, opts := range [][]redshifttest.Option{{redshifttest.SQL(script)}, {redshifttest.SQL(script), redshifttest.Ordered()}} {
		orders := map[string]bool{}
		for i := range 30 {
			db := redshifttest.New(t, append(opts, redshifttest.Seed(uint64(i+1)))...)
			rows, err := db.Query("SELECT title FROM movies")
			if err != nil {
				fmt.Println(err)
				return
			}
			order := ""
			for rows.Next() {
				var title string
				_ = rows.Scan(&title)
				order += title
			}
			orders[order] = true
		}
		fmt.Println(len(orders) > 1)
	}
	// Output:
	// true
	// false
}
