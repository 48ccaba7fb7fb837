package redshiftsim_test

import (
	"context"
	"database/sql"
	"database/sql/driver"
	"errors"
	"fmt"
	"io"
	"testing"

	"github.com/redshiftsim/redshiftsim"
)

// coded has the method that lib/pq's and pgx's errors have, and a text as they print it.
type coded struct{ code, text string }

func (e *coded) Error() string    { return e.text }
func (e *coded) SQLState() string { return e.code }

// safe is as pgconn's errors of a connection that broke before anything was sent.
type safe bool

func (e safe) Error() string     { return "unexpected EOF" }
func (e safe) SafeToRetry() bool { return bool(e) }

func TestIsRetryable(t *testing.T) {
	for _, x := range []struct {
		err  error
		want bool
	}{
		{nil, false},
		{io.ErrUnexpectedEOF, false},
		{context.DeadlineExceeded, false},
		{driver.ErrBadConn, true},
		{fmt.Errorf("begin: %w", driver.ErrBadConn), true},
		{safe(true), true},
		{safe(false), false},
		{&coded{"XX000", "pq: 1023"}, true},
		{&coded{"XX000", "ERROR: 1023 (SQLSTATE XX000)"}, true},
		{&coded{"XX000", "ERROR:1023 DETAIL: Serializable isolation violation on table in Redshift"}, true},
		{fmt.Errorf("save: %w", &coded{"XX000", "ERROR: 1018 (SQLSTATE XX000)"}), true},
		{&coded{"XX000", "pq: could not complete because of conflict with concurrent transaction"}, true},
		{&coded{"XX000", "pq: 10230 rows"}, false},
		{&coded{"XX000", "pq: Value too long for character type"}, false},
		{&coded{"42P01", "pq: 1023"}, false},
		{&coded{"40001", ""}, true},
		{&coded{"40P01", ""}, true},
		{&coded{"53300", ""}, true},
		{&coded{"57P01", ""}, true},
		{&coded{"57P03", ""}, true},
		{&coded{"08001", ""}, true},
		{&coded{"08004", ""}, true},
		{&coded{"08006", ""}, false},
		{&coded{"53100", ""}, false},
		{&coded{"53200", ""}, false},
		{&coded{"55P03", ""}, false},
		{&coded{"57014", ""}, false},
		{&redshiftsim.Error{Severity: "ERROR", Code: "XX000", Message: "1023"}, true},
	} {
		if got := redshiftsim.IsRetryable(x.err); got != x.want {
			t.Errorf("%v: %v", x.err, got)
		}
	}
}

// TestRetry meets the errors that two transactions make.
func TestRetry(t *testing.T) {
	db := open(t, "redshiftsim://")
	exec(t, db, "CREATE TABLE t (a int); INSERT INTO t VALUES (1)")
	ctx := context.Background()
	a, err := db.BeginTx(ctx, nil)
	if err != nil {
		t.Fatal(err)
	}
	defer a.Rollback()
	var n int
	if err := a.QueryRow("SELECT a FROM t").Scan(&n); err != nil {
		t.Fatal(err)
	}
	exec(t, db, "UPDATE t SET a = 2")
	exec(t, db, "CREATE TABLE younger (a int)")
	if _, err := a.Exec("UPDATE t SET a = 3"); !redshiftsim.IsRetryable(err) {
		t.Errorf("1023: %v", err)
	}
	a.Rollback()
	if _, err := db.Exec("SELECT 1 / 0"); err == nil || redshiftsim.IsRetryable(err) {
		t.Errorf("a division: %v", err)
	}
}

// ExampleIsRetryable runs a transaction until no other is in its way.
func ExampleIsRetryable() {
	db, _ := sql.Open("redshiftsim", "redshiftsim://")
	defer db.Close()
	db.Exec("CREATE TABLE accounts (id int, balance int); INSERT INTO accounts VALUES (1, 100)")
	withdraw := func() error {
		tx, err := db.Begin()
		if err != nil {
			return err
		}
		defer tx.Rollback()
		if _, err := tx.Exec("UPDATE accounts SET balance = balance - 10 WHERE id = 1"); err != nil {
			return err
		}
		return tx.Commit()
	}
	err := withdraw()
	for try := 1; redshiftsim.IsRetryable(err) && try < 5; try++ {
		err = withdraw()
	}
	fmt.Println(err, redshiftsim.IsRetryable(errors.New("1023")))
	// Output: <nil> false
}
