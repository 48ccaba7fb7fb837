package redshiftsim_test

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"reflect"
	"testing"
	"time"

	"github.com/redshiftsim/redshiftsim"
)

// TestTransactions: commit, rollback, the state after an error, isolation levels.
func TestTransactions(t *testing.T) {
	db := open(t, "redshiftsim://")
	ctx := context.Background()
	exec(t, db, "CREATE TABLE t (a int)")
	tx, err := db.Begin()
	if err != nil {
		t.Fatal(err)
	}
	exec(t, tx, "INSERT INTO t VALUES (1)", "INSERT INTO t VALUES (2)", "CREATE TABLE u (b int)")
	want(t, tx, "SELECT count(*) FROM t", "2")
	want(t, db, "SELECT count(*) FROM t", "0")
	if err := tx.Rollback(); err != nil {
		t.Fatal(err)
	}
	want(t, db, "SELECT count(*) FROM t", "0")
	refused(t, db, "SELECT * FROM u", "42P01", "u")
	if tx, err = db.Begin(); err != nil {
		t.Fatal(err)
	}
	exec(t, tx, "INSERT INTO t VALUES (1)")
	if err := tx.Commit(); err != nil {
		t.Fatal(err)
	}
	want(t, db, "SELECT count(*) FROM t", "1")

	if tx, err = db.Begin(); err != nil {
		t.Fatal(err)
	}
	exec(t, tx, "INSERT INTO t VALUES (2)")
	refused(t, tx, "SELECT 1/0", "22012", "division by zero")
	refused(t, tx, "SELECT 1", "25P02", "current transaction is aborted, commands ignored until end of transaction block")
	fails(t, tx.Commit(), "25P02", "rollback")
	want(t, db, "SELECT count(*) FROM t", "1")

	for _, l := range []sql.IsolationLevel{sql.LevelReadUncommitted, sql.LevelReadCommitted, sql.LevelRepeatableRead, sql.LevelSnapshot, sql.LevelSerializable} {
		tx, err := db.BeginTx(ctx, &sql.TxOptions{Isolation: l})
		if err != nil {
			t.Fatal(l, err)
		}
		tx.Rollback()
	}
	_, err = db.BeginTx(ctx, &sql.TxOptions{Isolation: sql.LevelLinearizable})
	fails(t, err, "0A000", "Linearizable")
	if tx, err = db.BeginTx(ctx, &sql.TxOptions{ReadOnly: true}); err != nil {
		t.Fatal(err)
	}
	want(t, tx, "SELECT count(*) FROM t", "1")
	refused(t, tx, "INSERT INTO t VALUES (3)", "25006", "read-only")
	tx.Rollback()
	if tx, err = db.BeginTx(ctx, &sql.TxOptions{ReadOnly: true}); err != nil {
		t.Fatal(err)
	}
	refused(t, tx, "DROP TABLE t", "25006", "read-only")
	tx.Rollback()
	exec(t, db, "INSERT INTO t VALUES (3)")
}

// TestSnapshot: a transaction reads what was committed before its first look at a table, and its own changes.
func TestSnapshot(t *testing.T) {
	db := open(t, "redshiftsim://")
	exec(t, db, "CREATE TABLE t (a int)", "INSERT INTO t VALUES (1)", "CREATE TABLE u (a int)")
	tx, err := db.Begin()
	if err != nil {
		t.Fatal(err)
	}
	defer tx.Rollback()
	exec(t, db, "INSERT INTO t VALUES (2)") // BEGIN takes no snapshot
	want(t, tx, "SELECT count(*) FROM t", "2")
	exec(t, db, "INSERT INTO t VALUES (3)", "INSERT INTO u VALUES (1)")
	want(t, tx, "SELECT count(*) FROM t", "2")
	want(t, tx, "SELECT count(*) FROM u", "0")
	exec(t, tx, "INSERT INTO t VALUES (10)")
	want(t, tx, "SELECT a FROM t ORDER BY a", "1", "2", "10")
	if err := tx.Commit(); err != nil {
		t.Fatal(err)
	}
	want(t, db, "SELECT a FROM t ORDER BY a", "1", "2", "3", "10")
}

// TestTexts: a text of several statements is one transaction, all or nothing; what may not run in one is refused in it.
func TestTexts(t *testing.T) {
	db := open(t, "redshiftsim://")
	exec(t, db, "CREATE TABLE t (a int); INSERT INTO t VALUES (1), (2); INSERT INTO t VALUES (3);")
	want(t, db, "SELECT count(*) FROM t", "3")
	refused(t, db, "INSERT INTO t VALUES (4); CREATE TABLE u (a int); INSERT INTO nowhere VALUES (1)", "42P01", "nowhere")
	want(t, db, "SELECT count(*) FROM t", "3")
	refused(t, db, "SELECT * FROM u", "42P01", "u")
	refused(t, db, "INSERT INTO t VALUES (5); SELEC 1", "42601", "syntax error")
	want(t, db, "SELECT count(*) FROM t", "3")
	_, err := db.Exec("INSERT INTO t VALUES ($1); INSERT INTO t VALUES (1)", 1)
	fails(t, err, "42601", "cannot insert multiple commands into a prepared statement")
	exec(t, db, "VACUUM t", "")
	refused(t, db, "INSERT INTO t VALUES (6); VACUUM t", "25001", "VACUUM cannot run inside a multiple commands statement")
	want(t, db, "SELECT count(*) FROM t", "3")
	tx, err := db.Begin()
	if err != nil {
		t.Fatal(err)
	}
	refused(t, tx, "VACUUM t", "25001", "VACUUM cannot run inside a transaction block")
	tx.Rollback()
	exec(t, db, "CREATE TABLE w (v varchar(4))")
	if tx, err = db.Begin(); err != nil {
		t.Fatal(err)
	}
	refused(t, tx, "ALTER TABLE w ALTER COLUMN v TYPE varchar(8)", "25001", "ALTER TABLE ALTER COLUMN cannot run inside a transaction block")
	tx.Rollback()
	exec(t, db, "ALTER TABLE w ALTER COLUMN v TYPE varchar(8)")

	rows, err := db.Query("SELECT a FROM t ORDER BY a; INSERT INTO t VALUES (4); SELECT count(*) AS n FROM t")
	if err != nil {
		t.Fatal(err)
	}
	defer rows.Close()
	var sets []string
	for {
		cols, _ := rows.Columns()
		sets = append(sets, cols...)
		for rows.Next() {
			var n int
			if err := rows.Scan(&n); err != nil {
				t.Fatal(err)
			}
			sets = append(sets, fmt.Sprint(n))
		}
		if !rows.NextResultSet() {
			break
		}
	}
	if err := rows.Err(); err != nil || !reflect.DeepEqual(sets, []string{"a", "1", "2", "3", "n", "4"}) {
		t.Error(sets, err)
	}
}

// TestTruncate commits the transaction that it is in. https://docs.aws.amazon.com/redshift/latest/dg/r_TRUNCATE.html
func TestTruncate(t *testing.T) {
	db := open(t, "redshiftsim://")
	exec(t, db, "CREATE TABLE t (a int)", "CREATE TABLE u (a int)", "INSERT INTO t VALUES (1)")
	tx, err := db.Begin()
	if err != nil {
		t.Fatal(err)
	}
	exec(t, tx, "INSERT INTO u VALUES (1)", "TRUNCATE t", "INSERT INTO u VALUES (2)")
	if err := tx.Rollback(); err != nil {
		t.Fatal(err)
	}
	want(t, db, "SELECT count(*) FROM t", "0")
	want(t, db, "SELECT a FROM u", "1")
}

// cutShort runs a statement with a context that ends while it runs, and gives the statement's error. On a busy machine the time may be over before
// database/sql has handed the statement on: then it is given more.
func cutShort(t *testing.T, db *sql.DB, text string) error {
	t.Helper()
	for d := 30 * time.Millisecond; ; d *= 2 {
		ctx, cancel := context.WithTimeout(context.Background(), d)
		start := time.Now()
		_, err := db.ExecContext(ctx, text)
		cancel()
		var e *redshiftsim.Error
		if errors.As(err, &e) || !errors.Is(err, context.DeadlineExceeded) || d > 10*time.Second {
			if took := time.Since(start); took > d+5*time.Second {
				t.Errorf("cancelled after %v", took)
			}
			return err
		}
	}
}

// TestCancel ends a statement in the middle; its connection goes on.
func TestCancel(t *testing.T) {
	db := open(t, "redshiftsim://")
	db.SetMaxOpenConns(1)
	exec(t, db, "CREATE TABLE n (a int) DISTSTYLE EVEN", "INSERT INTO n VALUES (0),(1),(2),(3),(4),(5),(6),(7),(8),(9)")
	exec(t, db, "INSERT INTO n SELECT x.a + 10 * y.a + 10 FROM n x, n y")
	const long = "SELECT count(*) FROM n a, n b, n c, n d, n e WHERE a.a + b.a + c.a + d.a + e.a = -1"
	fails(t, cutShort(t, db, long), "57014", "canceling statement due to user request")
	want(t, db, "SELECT 1", "1")

	c, err := db.Conn(context.Background())
	if err != nil {
		t.Fatal(err)
	}
	exec(t, c, "SET statement_timeout TO 30")
	refused(t, c, long, "57014", "canceling statement due to statement timeout")
	exec(t, c, "SET statement_timeout TO 0")
	want(t, c, "SELECT 1", "1")
	ctx2, cancel2 := context.WithCancel(context.Background())
	exec(t, c, "CREATE TABLE m (a int) DISTSTYLE EVEN", "INSERT INTO m SELECT x.a FROM n x, n y")
	rows, err := c.QueryContext(ctx2, "SELECT m.a FROM m, n")
	if err != nil {
		t.Fatal(err)
	}
	for range 10 {
		if !rows.Next() {
			t.Fatal(rows.Err())
		}
	}
	cancel2()
	for rows.Next() { // ends soon
	}
	if rows.Err() == nil {
		t.Error("rows of a cancelled query ended without an error")
	}
	rows.Close()
	want(t, c, "SELECT 1", "1")
	c.Close()
}

// TestLocks: a writer waits for another of the same table, gives up with its context, and a cycle is broken.
func TestLocks(t *testing.T) {
	db := open(t, "redshiftsim://")
	exec(t, db, "CREATE TABLE t (a int)", "CREATE TABLE u (a int)")
	one, err := db.Begin()
	if err != nil {
		t.Fatal(err)
	}
	exec(t, one, "DELETE FROM t", "INSERT INTO t VALUES (1)")
	ctx, cancel := context.WithCancel(context.Background())
	defer cancel()
	watched := make(chan error)
	go func() {
		err := waiting(db)
		cancel()
		watched <- err
	}()
	_, err = db.ExecContext(ctx, "INSERT INTO t VALUES (2)")
	fails(t, err, "57014", "canceling statement due to user request")
	if err := <-watched; err != nil {
		t.Fatal(err)
	}
	conn, err := db.Conn(context.Background())
	if err != nil {
		t.Fatal(err)
	}
	exec(t, conn, "SET statement_timeout TO 20")
	refused(t, conn, "INSERT INTO t VALUES (2)", "57014", "statement timeout")
	exec(t, conn, "SET statement_timeout TO 0") // the pool keeps the session
	conn.Close()
	done := make(chan error)
	go func() {
		_, err := db.Exec("INSERT INTO t VALUES (3)")
		done <- err
	}()
	if err := waiting(db); err != nil {
		t.Fatal(err)
	}
	if err := one.Commit(); err != nil {
		t.Fatal(err)
	}
	if err := <-done; err != nil {
		t.Fatal(err)
	}
	want(t, db, "SELECT a FROM t ORDER BY a", "1", "3")

	if one, err = db.Begin(); err != nil {
		t.Fatal(err)
	}
	two, err := db.Begin()
	if err != nil {
		t.Fatal(err)
	}
	exec(t, one, "UPDATE t SET a = 4 WHERE a = 3")
	exec(t, two, "UPDATE u SET a = 4")
	go func() {
		_, err := one.Exec("INSERT INTO u VALUES (5)")
		done <- err
	}()
	if err := waiting(db); err != nil {
		t.Fatal(err)
	}
	refused(t, two, "INSERT INTO t VALUES (5)", "40P01", "deadlock detected")
	two.Rollback()
	if err := <-done; err != nil {
		t.Fatal(err)
	}
	if err := one.Commit(); err != nil {
		t.Fatal(err)
	}
	want(t, db, "SELECT a FROM u", "5")
}

// waiting comes back when a statement of another session waits for a lock.
func waiting(db *sql.DB) error {
	for end := time.Now().Add(30 * time.Second); time.Now().Before(end); time.Sleep(time.Millisecond) {
		var n int
		if err := db.QueryRow("SELECT count(*) FROM pg_locks WHERE NOT granted").Scan(&n); err != nil || n > 0 {
			return err
		}
	}
	return errors.New("no statement waits")
}

// TestTerminatedConnection has the pool drop a connection whose session somebody else has ended.
func TestTerminatedConnection(t *testing.T) {
	db, admin := open(t, "redshiftsim://terminated"), open(t, "redshiftsim://terminated")
	db.SetMaxOpenConns(1)
	was := all(t, db, "SELECT pg_backend_pid()")
	exec(t, admin, "SELECT pg_terminate_backend("+was[0]+")")
	if now := all(t, db, "SELECT pg_backend_pid()"); now[0] == was[0] {
		t.Error("the session lives")
	}
	if n := all(t, admin, "SELECT count(*) FROM stv_sessions WHERE process = "+was[0]); n[0] != "0" {
		t.Error("the session is still listed")
	}
}
