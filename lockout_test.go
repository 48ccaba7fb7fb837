package redshiftsim_test

import (
	"database/sql"
	"errors"
	"fmt"
	"sync"
	"testing"
	"time"

	"github.com/redshiftsim/redshiftsim"
)

// visitors log in to a cluster whose clock stands still.
type visitors struct {
	t     *testing.T
	name  string
	admin *sql.DB
}

var noon = time.Date(2026, 8, 10, 12, 0, 0, 0, time.UTC)

func newVisitors(t *testing.T, name string, statements ...string) *visitors {
	k, err := redshiftsim.NewConnector(redshiftsim.Config{Name: name, Clock: func() time.Time { return noon }})
	if err != nil {
		t.Fatal(err)
	}
	v := &visitors{t, name, sql.OpenDB(k)}
	t.Cleanup(func() { v.admin.Close() })
	exec(t, v.admin, statements...)
	return v
}

// try logs in, and gives the SQLSTATE with which that fails.
func (v *visitors) try(user, password string) string {
	k, err := redshiftsim.NewConnector(redshiftsim.Config{Name: v.name, User: user, Password: password})
	if err != nil {
		v.t.Fatal(err)
	}
	db := sql.OpenDB(k)
	defer db.Close()
	var e *redshiftsim.Error
	switch err := db.Ping(); {
	case err == nil:
		return ""
	case errors.As(err, &e):
		return e.SQLState()
	default:
		return err.Error()
	}
}

// tries tries passwords one after the other, and wants these codes.
func (v *visitors) tries(user string, list ...[2]string) {
	v.t.Helper()
	for i, x := range list {
		if got := v.try(user, x[0]); got != x[1] {
			v.t.Errorf("%s, try %d with %q: %q, want %q", user, i+1, x[0], got, x[1])
		}
	}
}

// TestLockout: wrong passwords, one after the other, lock a user, until LOGIN PASSWORD.
// https://docs.aws.amazon.com/redshift/latest/dg/r_Users-user-lockout.html
func TestLockout(t *testing.T) {
	const right, other = "Abcd1234", "Abcd1235"
	wrong := [2]string{"guess", "28P01"}
	v := newVisitors(t, "lockout", "CREATE USER ann PASSWORD 'Abcd1234'", "CREATE USER bob PASSWORD 'Abcd1234'", "CREATE USER iam PASSWORD DISABLE", "CREATE USER keeper CREATEUSER PASSWORD 'Abcd1234'")

	// "A successful sign-in resets the counter."; no password at all is no guess.
	v.tries("ann", wrong, wrong, wrong, wrong, [2]string{right, ""}, wrong, wrong, wrong, wrong)
	v.tries("ann", [2]string{"", "28P01"}, [2]string{"", "28P01"})
	want(t, v.admin, "SHOW USER LOCKOUT",
		"ann false <nil> <nil> 2026-08-10 12:00:00 +0000 UTC 4 <nil>", "bob false <nil> <nil> <nil> 0 <nil>", "keeper false <nil> <nil> <nil> 0 <nil>")

	// The fifth wrong one locks: "login attempts are rejected even with the correct password".
	v.tries("ann", wrong, [2]string{right, "28000"}, [2]string{"guess", "28000"})
	v.tries("bob", [2]string{right, ""})
	want(t, v.admin, "SHOW USER LOCKOUT",
		"ann true automatic 2026-08-10 12:00:00 +0000 UTC 2026-08-10 12:00:00 +0000 UTC 5 <nil>", "bob false <nil> <nil> <nil> 0 <nil>", "keeper false <nil> <nil> <nil> 0 <nil>")

	// LOGIN PASSWORD unlocks with another password and an empty count; not if it is rolled back.
	exec(t, v.admin, "BEGIN; ALTER USER ann LOGIN PASSWORD 'Abcd1235'; ROLLBACK")
	v.tries("ann", [2]string{other, "28000"})
	exec(t, v.admin, "ALTER USER ann LOGIN PASSWORD 'Abcd1235'")
	v.tries("ann", [2]string{right, "28P01"}, [2]string{other, ""})

	// A lower threshold holds at once.
	exec(t, v.admin, "ALTER SYSTEM SET max_failed_login_attempts TO 2")
	v.tries("keeper", wrong, wrong, [2]string{right, "28000"})
	exec(t, v.admin, "ALTER USER keeper LOGIN PASSWORD 'Abcd1234'")

	// NOLOGIN leaves open sessions as they are, and locks superusers too; the administrator is never locked, nor who has no password.
	k, err := redshiftsim.NewConnector(redshiftsim.Config{Name: v.name, User: "bob", Password: right})
	if err != nil {
		t.Fatal(err)
	}
	db := sql.OpenDB(k)
	defer db.Close()
	want(t, db, "SELECT current_user", "bob")
	exec(t, v.admin, "ALTER USER bob NOLOGIN", "ALTER USER keeper NOLOGIN")
	want(t, db, "SELECT current_user", "bob")
	v.tries("bob", [2]string{right, "28000"})
	v.tries("keeper", [2]string{right, "28000"})
	want(t, v.admin, "SHOW USER LOCKOUT", "bob true manual 2026-08-10 12:00:00 +0000 UTC <nil> 0 100", // who is locked comes first
		"keeper true manual 2026-08-10 12:00:00 +0000 UTC <nil> 0 100", "ann false <nil> <nil> <nil> 0 <nil>")
	v.tries("iam", wrong, wrong, wrong)
	exec(t, v.admin, "ALTER USER awsuser PASSWORD 'Admin1234'")
	v.tries("awsuser", wrong, wrong, wrong, [2]string{"Admin1234", ""})

	// Who comes back under an old name is another user.
	exec(t, v.admin, "ALTER SYSTEM SET max_failed_login_attempts TO 2")
	v.tries("ann", wrong, wrong, [2]string{other, "28000"})
	exec(t, v.admin, "DROP USER ann; CREATE USER ann PASSWORD 'Abcd1235'")
	v.tries("ann", [2]string{other, ""})
}

// TestLockoutOfClone: a clone has the locks of the cluster that it was made from, and counts for itself.
func TestLockoutOfClone(t *testing.T) {
	v := newVisitors(t, "lockout of clone", "CREATE USER ann PASSWORD 'Abcd1234'", "CREATE USER bob PASSWORD 'Abcd1234'", "ALTER SYSTEM SET max_failed_login_attempts TO 3")
	v.tries("ann", [2]string{"a", "28P01"}, [2]string{"b", "28P01"})
	k, err := redshiftsim.NewConnector(redshiftsim.Config{Name: v.name})
	if err != nil {
		t.Fatal(err)
	}
	defer k.Close()
	clone := sql.OpenDB(k.Cluster().Clone())
	defer clone.Close()
	v.tries("ann", [2]string{"c", "28P01"}, [2]string{"Abcd1234", "28000"})
	const bob = "bob false <nil> <nil> <nil> 0 <nil>"
	want(t, clone, "SHOW USER LOCKOUT", "ann false <nil> <nil> 2026-08-10 12:00:00 +0000 UTC 2 <nil>", bob)
	want(t, clone, "SHOW max_failed_login_attempts", "3")
}

// TestLockoutAtOnce: many guesses at once are no more guesses than the threshold allows.
func TestLockoutAtOnce(t *testing.T) {
	v := newVisitors(t, "lockout at once", "CREATE USER ann PASSWORD 'Abcd1234'")
	var all sync.WaitGroup
	codes := make([]string, 40)
	for i := range codes {
		all.Go(func() { codes[i] = v.try("ann", fmt.Sprint("guess", i)) })
	}
	all.Wait()
	n := map[string]int{}
	for _, c := range codes {
		n[c]++
	}
	if n["28P01"] != 5 || n["28000"] != 35 {
		t.Errorf("%v", n)
	}
}
