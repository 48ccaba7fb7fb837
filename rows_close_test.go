package redshiftsim_test

import (
	"context"
	"database/sql/driver"
	"io"
	"testing"

	"github.com/redshiftsim/redshiftsim"
)

// TestRowsClosed: rows that are closed give none, whatever the connection runs next in their room.
func TestRowsClosed(t *testing.T) {
	c, err := redshiftsim.Driver{}.Open("redshiftsim://")
	if err != nil {
		t.Fatal(err)
	}
	defer c.Close()
	query := func(text string) driver.Rows {
		t.Helper()
		r, err := c.(driver.QueryerContext).QueryContext(context.Background(), text, nil)
		if err != nil {
			t.Fatal(err)
		}
		return r
	}
	one := query("SELECT 1 AS a")
	names := one.Columns()
	for range 2 { // database/sql closes once; others may again
		if err := one.Close(); err != nil {
			t.Error(err)
		}
	}
	two := query("SELECT 2 AS b UNION ALL SELECT 2")
	dest := make([]driver.Value, 1)
	if err := one.Next(dest); err != io.EOF || one.(driver.RowsNextResultSet).HasNextResultSet() || one.(driver.RowsNextResultSet).NextResultSet() != io.EOF {
		t.Errorf("rows after the end: %v, %v", dest, err)
	}
	if err := one.Close(); err != nil {
		t.Error(err)
	}
	for range 2 {
		if err := two.Next(dest); err != nil || dest[0] != int64(2) {
			t.Errorf("%v, %v", dest, err)
		}
	}
	if err := two.Next(dest); err != io.EOF {
		t.Error(err)
	}
	if names[0] != "a" || two.Columns()[0] != "b" {
		t.Errorf("%v %v", names, two.Columns())
	}
	if err := two.Close(); err != nil {
		t.Error(err)
	}
}
