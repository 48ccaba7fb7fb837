package redshifttest_test

import (
	"context"
	"database/sql"
	"fmt"
	"strings"
	"testing"
	"time"

	"github.com/redshiftsim/redshiftsim"
	"github.com/redshiftsim/redshiftsim/redshifttest"
)

const upper = "CREATE EXTERNAL FUNCTION f_upper(varchar) RETURNS varchar STABLE LAMBDA 'upper' IAM_ROLE default RETRY_TIMEOUT 200"

// shout is a Lambda function of one row.
func shout(_ context.Context, args []any) (any, error) {
	return strings.ToUpper(fmt.Sprint(args[0])), nil
}

// ExampleLambda gives a Lambda UDF the function that stands for it.
func ExampleLambda() {
	t, end := example() // func TestShout(t *testing.T) {
	defer end()
	db := redshifttest.New(t,
		redshifttest.Lambda("upper", redshiftsim.LambdaEach(func(_ context.Context, args []any) (any, error) {
			return strings.ToUpper(args[0].(string)), nil
		})),
		redshifttest.SQL("CREATE EXTERNAL FUNCTION f_upper(varchar) RETURNS varchar STABLE LAMBDA 'upper' IAM_ROLE default"))
	var s string
	err := db.QueryRow("SELECT f_upper('alien')").Scan(&s)
	fmt.Println(s, err)
	// Output: ALIEN <nil>
}

// TestLambdaFaults: what is refused for the moment is tried again, what fails is the statement's error, what is slow can be timed out.
func TestLambdaFaults(t *testing.T) {
	db := redshifttest.New(t, redshifttest.Lambda("upper", redshiftsim.LambdaEach(shout)), redshifttest.SQL(upper))
	ask := func(want, failure string) {
		t.Helper()
		var got string
		err := db.QueryRow("SELECT f_upper('alien')").Scan(&got)
		if failure == "" && (err != nil || got != want) || failure != "" && (err == nil || !strings.Contains(err.Error(), failure)) {
			t.Errorf("%q %v", got, err)
		}
	}
	twice := redshifttest.Throttled().Times(2)
	redshifttest.Inject(t, db, twice)
	if ask("ALIEN", ""); twice.Struck() != 2 {
		t.Errorf("it struck %d times", twice.Struck())
	}
	always := redshifttest.Throttled().Times(0).On("upper")
	redshifttest.Inject(t, db, always)
	ask("", "Rate Exceeded.; Exception: TooManyRequestsException; ShouldRetry: 1")
	always.Lift()
	redshifttest.Inject(t, db, redshifttest.LambdaFails("division by zero").Nth(2))
	ask("ALIEN", "")
	ask("", "division by zero")
	ask("ALIEN", "")
	slow := redshifttest.SlowLambda(time.Hour)
	redshifttest.Inject(t, db, slow)
	ctx, cancel := context.WithTimeout(t.Context(), 20*time.Millisecond)
	defer cancel()
	if _, err := db.ExecContext(ctx, "SELECT f_upper('alien')"); err == nil {
		t.Error("it did not wait")
	}
	slow.Lift()
	ask("ALIEN", "")
}

// TestLambdaClone: a clone has the functions of its base, or others.
func TestLambdaClone(t *testing.T) {
	base := redshifttest.NewBase(redshifttest.Lambda("upper", redshiftsim.LambdaEach(shout)), redshifttest.SQL(upper))
	other := redshifttest.Lambda("upper", redshiftsim.LambdaEach(func(context.Context, []any) (any, error) { return "other", nil }))
	for want, db := range map[string]func() string{
		"ALIEN": func() string { return value(t, base.Clone(t)) },
		"other": func() string { return value(t, base.Clone(t, other)) },
	} {
		if got := db(); got != want {
			t.Errorf("%q, want %q", got, want)
		}
	}
}

func value(t *testing.T, db *sql.DB) (s string) {
	t.Helper()
	if err := db.QueryRow("SELECT f_upper('alien')").Scan(&s); err != nil {
		t.Fatal(err)
	}
	return s
}
