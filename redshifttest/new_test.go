package redshifttest_test

import (
	"database/sql"
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"testing/fstest"
	"time"

	"github.com/redshiftsim/redshiftsim"
	"github.com/redshiftsim/redshiftsim/redshifttest"
)

const schema = `
CREATE TABLE movies (title varchar(80), year int, price numeric(6,2), seen date) DISTSTYLE EVEN SORTKEY (year);
INSERT INTO movies VALUES ('Alien', 1979, 3.50, '2001-02-03'), ('Brazil', 1985, NULL, NULL); -- two
`

// column reads the values of a query's only column.
func column(t testing.TB, db *sql.DB, query string, args ...any) string {
	t.Helper()
	rows, err := db.Query(query, args...)
	if err != nil {
		t.Fatalf("%s: %v", query, err)
	}
	defer rows.Close()
	var out []string
	for rows.Next() {
		var s sql.NullString
		if err := rows.Scan(&s); err != nil {
			t.Fatal(err)
		}
		if !s.Valid {
			s.String = "NULL"
		}
		out = append(out, s.String)
	}
	if err := rows.Err(); err != nil {
		t.Fatalf("%s: %v", query, err)
	}
	return strings.Join(out, " ")
}

func check(t testing.TB, db *sql.DB, query, want string) {
	t.Helper()
	if got := column(t, db, query); got != want {
		t.Errorf("%s: %q, want %q", query, got, want)
	}
}

func TestNew(t *testing.T) {
	t.Parallel()
	noon := time.Date(2008, 2, 15, 12, 0, 0, 0, time.UTC)
	clock := redshifttest.NewClock(noon)
	lake := redshiftsim.NewMemory()
	db := redshifttest.New(t, redshifttest.SQL(schema), redshifttest.Shape(3, 4), redshifttest.Setting("search_path", "sales, public"), clock.Option(),
		redshifttest.Bucket("lake", lake), redshifttest.MemoryLimit(64<<20), redshifttest.Config(func(c *redshiftsim.Config) { c.Isolation = "serializable" }))
	check(t, db, "SELECT title FROM movies ORDER BY year", "Alien Brazil")
	check(t, db, "SELECT count(*) FROM stv_slices", "12")
	check(t, db, "SHOW search_path", "sales, public")
	check(t, db, "SELECT getdate()::varchar", "2008-02-15 12:00:00")
	clock.Advance(36 * time.Hour)
	check(t, db, "SELECT getdate()::varchar", "2008-02-17 00:00:00")
	if !clock.Now().Equal(noon.Add(36 * time.Hour)) {
		t.Error(clock.Now())
	}
	if _, err := db.Exec("UNLOAD ('SELECT title FROM movies') TO 's3://lake/m' IAM_ROLE DEFAULT PARALLEL OFF"); err != nil {
		t.Error(err)
	}
	other := redshifttest.New(t, redshifttest.At(noon))
	check(t, other, "SELECT count(*) FROM pg_tables WHERE tablename = 'movies'", "0")
	check(t, other, "SELECT getdate()::varchar", "2008-02-15 12:00:00")
}

func TestSeed(t *testing.T) {
	t.Parallel()
	draw := func(opts ...redshifttest.Option) string {
		return column(t, redshifttest.New(t, opts...), "SELECT random()")
	}
	a, b := draw(redshifttest.Seed(7)), draw(redshifttest.Seed(7))
	if a != b {
		t.Errorf("one seed: %s, %s", a, b)
	}
	if c, d := draw(), draw(); c == d {
		t.Errorf("two seeds: %s, %s", c, d)
	}
}

func TestFixtures(t *testing.T) {
	t.Parallel()
	type key struct {
		Title string
	}
	type movie struct {
		key
		Year    *int
		Price   string `db:"price,omitempty"`
		private bool
		Ignored int `db:"-"`
	}
	year := 1999
	dir := fstest.MapFS{
		"a.sql":             {Data: []byte("CREATE SCHEMA sales; CREATE TABLE sales.orders (id int IDENTITY(1,1), note varchar(20) DEFAULT 'none', at timestamp, n int)")},
		"sales.orders.csv":  {Data: []byte("note,at,n\n\"a, \"\"b\"\"\",2020-01-02 03:04:05,7\n,,\n\"\",,8\n")},
		"unwanted/more.csv": {Data: []byte("x")},
	}
	db := redshifttest.New(t, redshifttest.SQL(schema), redshifttest.Files(dir, "*.sql", "*.csv"),
		redshifttest.Rows("movies", []movie{{key: key{"Matrix"}, Year: &year, Price: "9.99", private: true}, {key: key{"Unknown"}, Price: "0"}}),
		redshifttest.Rows("movies", []map[string]any{{"title": "Ran", "year": 1985}, {"title": "Heat"}}))
	redshifttest.Load(t, db, redshifttest.Rows("sales.orders", []*struct{ N int }{{41}, {42}}))
	check(t, db, "SELECT title || ' ' || coalesce(year, 0) || ' ' || coalesce(price, -1) || ';' FROM movies ORDER BY 1",
		"Alien 1979 3.50; Brazil 1985 -1.00; Heat 0 -1.00; Matrix 1999 9.99; Ran 1985 -1.00; Unknown 0 0.00;")
	check(t, db, "SELECT coalesce(note, 'NULL') || '|' || coalesce(at::varchar, 'NULL') || '|' || coalesce(n, -1) FROM sales.orders ORDER BY n, note",
		`a, "b"|2020-01-02 03:04:05|7 NULL|NULL|8 none|NULL|41 none|NULL|42 NULL|NULL|-1`)
	many := make([]map[string]any, 1000)
	for i := range many {
		many[i] = map[string]any{"title": fmt.Sprint(i), "year": i, "price": nil}
	}
	redshifttest.Load(t, db, redshifttest.SQL("TRUNCATE movies"), redshifttest.Rows("movies", many))
	check(t, db, "SELECT count(*) || ' ' || sum(year) || ' ' || count(price) FROM movies", "1000 499500 0")
}

func TestFixtureErrors(t *testing.T) {
	t.Parallel()
	load := func(fixtures ...redshifttest.Fixture) func(*fakeT) {
		return func(f *fakeT) { redshifttest.Load(f, redshifttest.New(f, redshifttest.SQL(schema)), fixtures...) }
	}
	file := func(name, text string) redshifttest.Fixture {
		return redshifttest.Files(fstest.MapFS{name: {Data: []byte(text)}}, "*")
	}
	wants(t, load(redshifttest.SQL("SELECT 1;\n  SELECT é,\n titel FROM movies")), "SQL of new_test.go:", "line 2:10: ERROR: column \"é\" does not exist")
	wants(t, load(redshifttest.SQL("SELECT 1;\nSELECT 'open")), "SQL of new_test.go:", "line 2:8: ERROR: unterminated")
	wants(t, load(file("a.sql", "\n\nINSERT INTO movies VALUES (1/0)")), "a.sql, line 3:1: ERROR")
	wants(t, load(file("movies.csv", "title,year\nAlien,1979\nBrazil,MCM\n")), `movies.csv:3: table movies, column year: "MCM": `)
	wants(t, load(file("films.csv", "title\nAlien\n")), "films.csv: table films: ERROR", "films")
	wants(t, load(file("movies.csv", "")), "movies.csv: the line with the names of the columns")
	wants(t, load(file("movies.xml", "")), "movies.xml: fixtures are .sql and .csv files")
	wants(t, load(redshifttest.Files(fstest.MapFS{}, "*.csv")), "Files of new_test.go:", "*.csv: no such file")
	wants(t, load(redshifttest.Rows("movies", []map[string]any{{"year": 1}, {"year": "x"}, {"year": 3}})), "Rows of new_test.go:", "table movies, row 1: ERROR")
	wants(t, load(redshifttest.Rows("movies", 3)), "rows are a slice of structs or of map[string]any, not a int")
	wants(t, load(redshifttest.Rows("movies", []int{3})), "row 0 is a int")
	wants(t, load(redshifttest.Rows("movies", []any{map[string]any{"year": 1}, nil})), "row 1 is a interface {}")
	wants(t, load(redshifttest.Rows("movies", []struct{}{{}})), "row 0 has no columns")
	wants(t, func(f *fakeT) {
		redshifttest.New(f, redshifttest.Config(func(c *redshiftsim.Config) { c.Name = "shared" }))
	}, "has no name")
	wants(t, func(f *fakeT) { redshifttest.New(f, redshifttest.Shape(0, 65)) }, "Slices is 65")
}

func TestDump(t *testing.T) {
	t.Parallel()
	folder := t.TempDir()
	fail := func(opts ...redshifttest.Option) func(f *fakeT) {
		return func(f *fakeT) {
			db := redshifttest.New(f, append(opts, redshifttest.Seed(42), redshifttest.SQL(schema))...)
			db.SetMaxOpenConns(1)
			tx, err := db.Begin() // left open: it holds the only connection, and a table
			if err != nil {
				f.Fatal(err)
			}
			if _, err := tx.Exec("CREATE TABLE mine (a int)"); err != nil {
				f.Fatal(err)
			}
			_, err = tx.Exec("SELECT nothing FROM movies")
			f.Errorf("it went wrong: %v", err)
			_ = tx.Rollback()
		}
	}
	wants(t, fail(), "failed on 2 nodes x 2 slices with seed 42", "public.movies: 2 rows", "year integer", "SELECT nothing FROM movies", "42703")
	wants(t, fail(redshifttest.DumpTo(folder)), "the dump is in")
	dir := filepath.Join(folder, "TestFake_a_b")
	text, err := os.ReadFile(filepath.Join(dir, "report.txt"))
	if err != nil || !strings.Contains(string(text), "public.movies: 2 rows") {
		t.Errorf("%v: %s", err, text)
	}
	rows, err := os.ReadFile(filepath.Join(dir, "public.movies.csv"))
	lines := strings.Split(strings.TrimSpace(string(rows)), "\n")
	slices.Sort(lines)
	if want := "Alien,1979,3.50,2001-02-03T00:00:00Z Brazil,1985,, title,year,price,seen"; err != nil || strings.Join(lines, " ") != want {
		t.Errorf("%v: %s", err, lines)
	}
	page, err := os.ReadFile(filepath.Join(dir, "explorer.html"))
	if err != nil || !strings.Contains(string(page), `"name":"movies"`) || strings.Contains(string(page), `src="`) {
		t.Errorf("%v: a page of %d bytes", err, len(page))
	}
	if said, failed := fake(t, func(f *fakeT) { redshifttest.New(f, redshifttest.DumpTo(folder)) }); failed || said != "" {
		t.Errorf("a test that does not fail says %s", said)
	}
}

func TestBase(t *testing.T) {
	t.Parallel()
	base := redshifttest.NewBase(redshifttest.SQL(schema), redshifttest.Setting("query_group", "base"), redshifttest.Shape(2, 4))
	t.Run("clones", func(t *testing.T) {
		for i := range 20 {
			t.Run(fmt.Sprint(i), func(t *testing.T) {
				t.Parallel()
				db := base.Clone(t, redshifttest.Rows("movies", []map[string]any{{"title": fmt.Sprint(i)}}), redshifttest.Setting("timezone", "CET"))
				if _, err := db.Exec("DELETE FROM movies WHERE year = 1979"); err != nil {
					t.Fatal(err)
				}
				check(t, db, "SELECT title FROM movies ORDER BY year", fmt.Sprintf("Brazil %d", i))
				check(t, db, "SHOW query_group", "base")
				check(t, db, "SHOW timezone", "CET")
				check(t, db, "SELECT count(*) FROM stv_slices", "8")
			})
		}
	})
	check(t, base.Clone(t), "SELECT title FROM movies ORDER BY 1", "Alien Brazil")
	wants(t, func(f *fakeT) { base.Clone(f, redshifttest.Shape(1, 1), redshifttest.Seed(3)) }, "Shape, Seed: a clone has the cluster's of its base")
	if err := base.Close(); err != nil {
		t.Error(err)
	}
	wants(t, func(f *fakeT) { base.Clone(f) }, "the base: it is closed")
	broken := redshifttest.NewBase(redshifttest.SQL("SELECT 1; SELECT x"))
	for range 2 {
		wants(t, func(f *fakeT) { broken.Clone(f) }, "the base: SQL of new_test.go:", "line 1:18: ERROR")
	}
}
