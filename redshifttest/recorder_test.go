package redshifttest_test

import (
	"context"
	"database/sql"
	"fmt"
	"reflect"
	"testing"

	"github.com/redshiftsim/redshiftsim/redshifttest"
)

func TestRecorder(t *testing.T) {
	t.Parallel()
	spy := redshifttest.NewRecorder()
	db := redshifttest.New(t, redshifttest.SQL(schema), spy)
	if got := spy.Statements(); got != nil {
		t.Errorf("fixtures are recorded: %v", got)
	}
	tx, err := db.Begin()
	if err != nil {
		t.Fatal(err)
	}
	if _, err := tx.Exec("UPDATE   movies\nSET year = $1 WHERE title = :t", 2000, sql.Named("t", "Alien")); err == nil {
		t.Fatal("numbers and names at once")
	}
	if _, err := tx.Exec("UPDATE   movies\nSET year = :y WHERE title = :t", sql.Named("t", "Alien"), sql.Named("y", 2000)); err != nil {
		t.Fatal(err)
	}
	if err := tx.Commit(); err != nil {
		t.Fatal(err)
	}
	if _, err := db.Exec("SELECT 1; SELEC 2"); err == nil {
		t.Fatal("a syntax error is none")
	}
	if _, err := db.Exec("BEGIN; INSERT INTO movies (title) VALUES ('x'), ('y'); SELECT 1 / 0; COMMIT"); err == nil {
		t.Fatal("a division by zero is none")
	}
	var n int
	if err := db.QueryRow("SELECT count(*) FROM movies WHERE price < $1 OR title = $2", 4.5, nil).Scan(&n); err != nil || n != 1 {
		t.Fatal(n, err)
	}
	upd := spy.Sent(t, "update movies set")
	if !reflect.DeepEqual(upd.Args, []any{int64(2000), "Alien"}) || upd.Rows != 1 || upd.Err != nil || upd.PID == 0 || upd.Transaction == 0 || upd.User != "awsuser" || upd.Duration <= 0 {
		t.Errorf("%+v", upd)
	}
	sel := spy.Sent(t, "FROM movies WHERE price")
	if !reflect.DeepEqual(sel.Args, []any{4.5, nil}) || sel.Rows != 1 {
		t.Errorf("%+v", sel)
	}
	spy.InOrder(t, "BEGIN", "UPDATE movies", "COMMIT", "SELEC 2", "BEGIN", "INSERT INTO movies", "1 / 0", "ROLLBACK", "SELECT count")
	spy.NotSent(t, "DROP")
	if e := spy.Sent(t, "1 / 0").Err; e == nil {
		t.Error("the error is not there")
	}
	if e := spy.Sent(t, "SELEC 2").Err; e == nil {
		t.Error("the syntax error is not there")
	}
	if got := len(spy.Find("")); got != 9 {
		t.Errorf("%d statements: %v", got, spy.Statements())
	}
	wants(t, func(f *fakeT) { spy.Sent(f, "DROP TABLE") }, `nothing like "DROP TABLE" was sent:`, "UPDATE movies SET year = $1 WHERE title = $2 [2000 Alien]: 1 rows")
	wants(t, func(f *fakeT) { spy.NotSent(f, "INSERT") }, `"INSERT" was sent: INSERT INTO movies (title) VALUES ('x'), ('y'): 2 rows`)
	wants(t, func(f *fakeT) { spy.InOrder(f, "COMMIT", "UPDATE") }, `after ["COMMIT"] nothing like "UPDATE" was sent`)
	spy.Reset()
	wants(t, func(f *fakeT) { spy.Sent(f, "x") }, "nothing was sent at all")
}

// TestRecorderOfAll hears other sessions, prepared statements and what is read in pieces; a base's recorder hears its clones.
func TestRecorderOfAll(t *testing.T) {
	t.Parallel()
	ctx := context.Background()
	spy := redshifttest.NewRecorder()
	db := redshifttest.New(t, redshifttest.SQL(schema))
	t.Run("part", func(t *testing.T) {
		spy.Listen(t, db)
		for i := range 2 {
			c, err := db.Conn(ctx)
			if err != nil {
				t.Fatal(err)
			}
			defer c.Close()
			st, err := c.PrepareContext(ctx, "SELECT title FROM movies WHERE year > $1 ORDER BY year")
			if err != nil {
				t.Fatal(err)
			}
			rows, err := st.Query(1900 + i)
			if err != nil {
				t.Fatal(err)
			}
			if !rows.Next() {
				t.Fatal(rows.Err())
			}
			if err := rows.Close(); err != nil {
				t.Fatal(err)
			}
		}
	})
	found := spy.Find("SELECT title")
	if len(found) != 2 || found[0].PID == found[1].PID || fmt.Sprint(found[0].Args, found[1].Args) != "[1900] [1901]" {
		t.Errorf("%+v", found)
	}
	check(t, db, "SELECT 1", "1")
	spy.NotSent(t, "SELECT 1")
	of := redshifttest.NewRecorder()
	base := redshifttest.NewBase(redshifttest.SQL(schema), of)
	own := redshifttest.NewRecorder()
	check(t, base.Clone(t, own), "SELECT 17", "17")
	of.Sent(t, "SELECT 17")
	of.NotSent(t, "CREATE")
	own.Sent(t, "SELECT 17")
}

// ExampleRecorder looks at what was sent.
func ExampleRecorder() {
	t, end := example()
	defer end()
	spy := redshifttest.NewRecorder()
	db := redshifttest.New(t, redshifttest.SQL("CREATE TABLE stock (id int, n int); INSERT INTO stock VALUES (7, 3)"), spy)
	tx, _ := db.Begin()
	_, _ = tx.Exec("UPDATE stock SET n = n - 1 WHERE id = $1", 7)
	_ = tx.Commit()
	spy.InOrder(t, "BEGIN", "UPDATE stock", "COMMIT")
	spy.NotSent(t, "DELETE")
	sent := spy.Sent(t, "update stock")
	fmt.Println(sent.Args, sent.Rows, sent.Err)
	// Output: [7] 1 <nil>
}

// ExampleCoLocated asks where the rows of a join are.
func ExampleCoLocated() {
	t, end := example()
	defer end()
	db := redshifttest.New(t, redshifttest.SQL("CREATE TABLE orders (id int DISTKEY); CREATE TABLE lines (order_id int DISTKEY) SORTKEY (order_id)"))
	const query = "SELECT count(*) FROM orders JOIN lines ON id = order_id WHERE order_id > $1"
	redshifttest.CoLocated(t, db, query, 7)
	redshifttest.NoBroadcast(t, db, query, 7)
	redshifttest.NoNestedLoop(t, db, query, 7)
	redshifttest.UsesSortKey(t, db, "lines", query, 7)
	redshifttest.MaxBlocksRead(t, db, 4, query, 7)
	fmt.Println(t.Failed())
	// Output: false
}
