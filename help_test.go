package redshiftsim_test

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"reflect"
	"strings"
	"testing"

	"github.com/redshiftsim/redshiftsim"
)

// open opens a DSN until the test ends.
func open(t testing.TB, dsn string) *sql.DB {
	t.Helper()
	db, err := sql.Open("redshiftsim", dsn)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if err := db.Close(); err != nil {
			t.Error(err)
		}
	})
	return db
}

// querier is what *sql.DB, *sql.Tx and *sql.Conn share.
type querier interface {
	ExecContext(ctx context.Context, text string, args ...any) (sql.Result, error)
	QueryContext(ctx context.Context, text string, args ...any) (*sql.Rows, error)
}

// exec runs texts that must not fail.
func exec(t testing.TB, q querier, texts ...string) {
	t.Helper()
	for _, text := range texts {
		if _, err := q.ExecContext(context.Background(), text); err != nil {
			t.Fatalf("%s: %v", text, err)
		}
	}
}

// all reads a query's rows, cells parted by blanks, as they come.
func all(t testing.TB, q querier, text string, args ...any) []string {
	t.Helper()
	out, err := lines(q, text, args...)
	if err != nil {
		t.Fatalf("%s: %v", text, err)
	}
	return out
}

func lines(q querier, text string, args ...any) ([]string, error) {
	rows, err := q.QueryContext(context.Background(), text, args...)
	if err != nil {
		return nil, err
	}
	defer rows.Close()
	cols, err := rows.Columns()
	if err != nil {
		return nil, err
	}
	out := []string{}
	for rows.Next() {
		vals, ptrs := make([]any, len(cols)), make([]any, len(cols))
		for i := range vals {
			ptrs[i] = &vals[i]
		}
		if err := rows.Scan(ptrs...); err != nil {
			return nil, err
		}
		out = append(out, strings.TrimSuffix(fmt.Sprintln(vals...), "\n"))
	}
	return out, rows.Err()
}

// want compares a query's rows.
func want(t testing.TB, q querier, text string, rows ...string) {
	t.Helper()
	if rows == nil {
		rows = []string{}
	}
	if got := all(t, q, text); !reflect.DeepEqual(got, rows) {
		t.Errorf("%s: got %q, want %q", text, got, rows)
	}
}

// fails says that err has a SQLSTATE and a part of its text.
func fails(t testing.TB, err error, code, part string) {
	t.Helper()
	var e *redshiftsim.Error
	if !errors.As(err, &e) {
		t.Errorf("%v, want %s %s", err, code, part)
		return
	}
	if e.SQLState() != code || !strings.Contains(err.Error(), part) {
		t.Errorf("%v, want %s %s", err, code, part)
	}
}

// refused runs a text that must fail.
func refused(t testing.TB, q querier, text, code, part string) {
	t.Helper()
	_, err := q.ExecContext(context.Background(), text)
	if err == nil {
		t.Errorf("%s: did not fail, want %s %s", text, code, part)
		return
	}
	fails(t, err, code, part)
}

// few is how many seeds a random test takes.
func few(seeds, short uint64) uint64 {
	if testing.Short() {
		return short
	}
	return seeds
}
