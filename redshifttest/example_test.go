package redshifttest_test

import (
	"fmt"
	"testing/fstest"
	"time"

	"github.com/redshiftsim/redshiftsim/redshifttest"
)

// example stands for the *testing.T that a test is given; end runs what was registered with Cleanup.
func example() (t *fakeT, end func()) {
	t = &fakeT{name: "TestExample"}
	return t, func() {
		for i := len(t.cleanups) - 1; i >= 0; i-- {
			t.cleanups[i]()
		}
		if t.failed {
			fmt.Print(t.said.String())
		}
	}
}

// ExampleNew is the least that a test needs.
func ExampleNew() {
	t, end := example() // func TestTitles(t *testing.T) {
	defer end()
	db := redshifttest.New(t, redshifttest.SQL("CREATE TABLE movies (title varchar(80)); INSERT INTO movies VALUES ('Alien')"))
	var title string
	err := db.QueryRow("SELECT title FROM movies").Scan(&title)
	fmt.Println(title, err)
	// Output: Alien <nil>
}

// ExampleNewBase seeds a cluster once and gives each test a clone of it.
func ExampleNewBase() {
	base := redshifttest.NewBase(redshifttest.SQL("CREATE TABLE t (a int); INSERT INTO t VALUES (1), (2)")) // var base = ...
	for range 2 {
		t, end := example() // func TestDelete(t *testing.T) {
		db := base.Clone(t)
		var rows int
		err := db.QueryRow("SELECT count(*) FROM t").Scan(&rows)
		fmt.Println(rows, err)
		if _, err := db.Exec("DELETE FROM t"); err != nil {
			fmt.Println(err)
		}
		end()
	}
	// Output:
	// 2 <nil>
	// 2 <nil>
}

// ExampleFiles loads a schema and a table from files.
func ExampleFiles() {
	t, end := example()
	defer end()
	testdata := fstest.MapFS{ // os.DirFS("testdata"), or an embed.FS
		"schema.sql": {Data: []byte("CREATE TABLE movies (title varchar(80), year int)")},
		"movies.csv": {Data: []byte("title,year\nAlien,1979\nBrazil,\n")},
	}
	db := redshifttest.New(t, redshifttest.Files(testdata, "*.sql", "*.csv"))
	var rows, years int
	err := db.QueryRow("SELECT count(*), count(year) FROM movies").Scan(&rows, &years)
	fmt.Println(rows, years, err)
	// Output: 2 1 <nil>
}

// ExampleRows inserts structs.
func ExampleRows() {
	t, end := example()
	defer end()
	type movie struct {
		Title string
		Year  int `db:"released"`
	}
	db := redshifttest.New(t, redshifttest.SQL("CREATE TABLE movies (title varchar(80), released int)"))
	redshifttest.Load(t, db, redshifttest.Rows("movies", []movie{{"Alien", 1979}, {"Brazil", 1985}}))
	var first int
	err := db.QueryRow("SELECT min(released) FROM movies").Scan(&first)
	fmt.Println(first, err)
	// Output: 1979 <nil>
}

// ExampleClock lets a day go by.
func ExampleClock() {
	t, end := example()
	defer end()
	clock := redshifttest.NewClock(time.Date(2008, 2, 28, 12, 0, 0, 0, time.UTC))
	db := redshifttest.New(t, clock.Option())
	for range 2 {
		var now string
		if err := db.QueryRow("SELECT getdate()::varchar").Scan(&now); err != nil {
			fmt.Println(err)
		}
		fmt.Println(now)
		clock.Advance(24 * time.Hour)
	}
	// Output:
	// 2008-02-28 12:00:00
	// 2008-02-29 12:00:00
}
