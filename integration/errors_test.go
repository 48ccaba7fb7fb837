package integration

import (
	"database/sql"
	"errors"
	"testing"

	pgconn4 "github.com/jackc/pgconn"
	"github.com/jackc/pgx/v5/pgconn"
	"github.com/lib/pq"
	"github.com/redshiftsim/redshiftsim"
)

// TestErrorsOfDrivers finds the errors of lib/pq, pgx 5 and pgx 4 in those of our driver, field by field.
func TestErrorsOfDrivers(t *testing.T) {
	db, err := sql.Open("redshiftsim", "redshiftsim://")
	if err != nil {
		t.Fatal(err)
	}
	defer db.Close()
	_, failed := db.Exec("SELECT titel FROM (SELECT 1 AS title) AS movies")
	var own *redshiftsim.Error
	if !errors.As(failed, &own) {
		t.Fatal(failed)
	}
	var a *pq.Error
	if !errors.As(failed, &a) {
		t.Fatalf("no *pq.Error in %v", failed)
	}
	if a.Code != "42703" || a.Code.Name() != "undefined_column" || a.Severity != "ERROR" || a.Message != `column "titel" does not exist in movies` || a.Position != "8" ||
		a.Detail != own.Detail || a.Hint != own.Hint || a.SQLState() != "42703" {
		t.Errorf("lib/pq: %+v", a)
	}
	var b *pgconn.PgError
	if !errors.As(failed, &b) {
		t.Fatalf("no *pgconn.PgError in %v", failed)
	}
	if b.Code != "42703" || b.Severity != "ERROR" || b.Message != a.Message || b.Position != 8 || b.Detail != own.Detail || b.Hint != own.Hint {
		t.Errorf("pgx 5: %+v", b)
	}
	var c *pgconn4.PgError
	if !errors.As(failed, &c) || c.Code != "42703" || c.Message != a.Message || c.Position != 8 {
		t.Errorf("pgx 4: %+v", c)
	}
}

// TestIsRetryableOfDrivers reads errors that the drivers got from a real cluster.
func TestIsRetryableOfDrivers(t *testing.T) {
	for _, x := range []struct {
		code, message string
		want          bool
	}{
		{"XX000", "1023", true},
		{"XX000", "could not complete because of conflict with concurrent transaction", true},
		{"XX000", "Value too long for character type", false},
		{"40P01", "deadlock detected", true},
		{"57014", "canceling statement due to user request", false},
	} {
		for _, err := range []error{
			&pq.Error{Severity: "ERROR", Code: pq.ErrorCode(x.code), Message: x.message},
			&pgconn.PgError{Severity: "ERROR", Code: x.code, Message: x.message},
			&pgconn4.PgError{Severity: "ERROR", Code: x.code, Message: x.message},
		} {
			if got := redshiftsim.IsRetryable(err); got != x.want {
				t.Errorf("%T %s %s: %v", err, x.code, x.message, got)
			}
		}
	}
}
