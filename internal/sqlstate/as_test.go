package sqlstate

import (
	"errors"
	"fmt"
	"reflect"
	"testing"
)

// Types with the fields of lib/pq 1.12 and pgconn 5: the real ones are met in the nested module integration.
type errorCode string

type pqError struct {
	Severity, Message, Detail, Hint, Position, InternalPosition, InternalQuery, Where, Schema, Table, Column, DataTypeName, Constraint, File, Line, Routine string
	Code                                                                                                                                                    errorCode
	query                                                                                                                                                   string
}

func (e *pqError) Error() string { return "pq: " + e.Message + e.query }

type pgError struct {
	Severity, SeverityUnlocalized, Code, Message, Detail, Hint                                  string
	Position, InternalPosition                                                                  int32
	InternalQuery, Where, SchemaName, TableName, ColumnName, DataTypeName, ConstraintName, File string
	Line                                                                                        int32
	Routine                                                                                     string
}

func (e *pgError) Error() string { return e.Message }

// stranger is of no driver.
type stranger struct{ Message string }

func (e *stranger) Error() string { return e.Message }

// valued is an error that is no pointer.
type valued struct{ Message string }

func (e valued) Error() string { return e.Message }

func TestAs(t *testing.T) {
	path := reflect.TypeFor[pqError]().PkgPath()
	for _, name := range []string{"pqError", "pgError"} {
		drivers[path+"."+name] = true
		defer delete(drivers, path+"."+name)
	}
	err := fmt.Errorf("load: %w", &Error{
		Severity: "ERROR", Code: UndefinedTable, Message: "m", Detail: "d", Hint: "h", Position: 19, Where: "w", Schema: "s", Table: "t", Column: "c",
		Constraint: "k", File: "f.c", Line: 1204, Routine: "r",
	})
	var pq *pqError
	want := pqError{
		Severity: "ERROR", Code: "42P01", Message: "m", Detail: "d", Hint: "h", Position: "19", Where: "w", Schema: "s", Table: "t", Column: "c",
		Constraint: "k", File: "f.c", Line: "1204", Routine: "r",
	}
	if !errors.As(err, &pq) || *pq != want {
		t.Errorf("lib/pq's: %+v", pq)
	}
	var pg *pgError
	if !errors.As(err, &pg) || *pg != (pgError{
		Severity: "ERROR", Code: "42P01", Message: "m", Detail: "d", Hint: "h", Position: 19, Where: "w", SchemaName: "s", TableName: "t", ColumnName: "c",
		ConstraintName: "k", File: "f.c", Line: 1204, Routine: "r",
	}) {
		t.Errorf("pgconn's: %+v", pg)
	}
	if !errors.As(Syntax.Errorf("m"), &pq) || pq.Position != "" || pq.Line != "" {
		t.Errorf("an error without a place: %+v", pq)
	}
	var s *stranger
	var v valued
	if errors.As(err, &s) || errors.As(err, &v) {
		t.Error("types of no driver are filled")
	}
	e := Syntax.Errorf("m")
	if e.As(nil) || e.As((**pqError)(nil)) || e.As(3) || e.As(&v) {
		t.Error("As takes what is no pointer to a pointer")
	}
}

// TestDrivers holds the names of types to those of the drivers, vendored or not.
func TestDrivers(t *testing.T) {
	for _, n := range []string{"github.com/lib/pq.Error", "github.com/jackc/pgx/v5/pgconn.PgError", "github.com/jackc/pgconn.PgError"} {
		if !drivers[n] {
			t.Error(n)
		}
	}
	if len(drivers) != 3 || ofDriver(reflect.TypeFor[pqError]()) {
		t.Errorf("%v", drivers)
	}
}
