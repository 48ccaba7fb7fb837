package sqlstate

import (
	"reflect"
	"strconv"
	"strings"
)

// drivers are the error types of the PostgreSQL drivers by package path and name: lib/pq, pgx 5, pgx 4.
var drivers = map[string]bool{
	"github.com/lib/pq.Error":                true,
	"github.com/jackc/pgx/v5/pgconn.PgError": true,
	"github.com/jackc/pgconn.PgError":        true,
}

// As is errors.As for the error types of the PostgreSQL drivers: target is a **pq.Error of github.com/lib/pq or a **pgconn.PgError of pgx 4 and 5, and
// gets an error with the same fields, so that code which was written for them finds what it looks for.
//
//	var e *pq.Error
//	if errors.As(err, &e) && e.Code == "42P01" { ... }
//
// The types are known by package path and name: nothing is imported. A vendored copy counts too. Fields that this error has not (InternalQuery, DataTypeName,
// SeverityUnlocalized, which Redshift does not send) stay empty. A bare type assertion, err.(*pq.Error), cannot be served.
func (e *Error) As(target any) bool {
	p := reflect.ValueOf(target)
	if p.Kind() != reflect.Pointer || p.IsNil() || p.Type().Elem().Kind() != reflect.Pointer {
		return false
	}
	t := p.Type().Elem().Elem()
	if t.Kind() != reflect.Struct || !ofDriver(t) {
		return false
	}
	v := reflect.New(t)
	for name, value := range e.fields() {
		set(v.Elem().FieldByName(name), value)
	}
	p.Elem().Set(v)
	return true
}

// ofDriver says whether t is one of drivers.
func ofDriver(t reflect.Type) bool {
	path := t.PkgPath()
	if i := strings.LastIndex(path, "/vendor/"); i >= 0 {
		path = path[i+len("/vendor/"):]
	}
	return drivers[path+"."+t.Name()]
}

// fields are the values of the drivers' fields, under the names that either driver gives them. What is "" is not set.
func (e *Error) fields() map[string]string {
	return map[string]string{
		"Severity": e.Severity, "Code": string(e.Code), "Message": e.Message, "Detail": e.Detail, "Hint": e.Hint, "Position": decimal(e.Position), "Where": e.Where,
		"Schema": e.Schema, "Table": e.Table, "Column": e.Column, "Constraint": e.Constraint,
		"SchemaName": e.Schema, "TableName": e.Table, "ColumnName": e.Column, "ConstraintName": e.Constraint,
		"File": e.File, "Line": decimal(e.Line), "Routine": e.Routine,
	}
}

// decimal is a number as the protocol sends it; 0 is not sent.
func decimal(n int) string {
	if n == 0 {
		return ""
	}
	return strconv.Itoa(n)
}

// set gives a field its value: a string of any name (lib/pq's ErrorCode is one), or a number (pgconn's Position and Line).
func set(field reflect.Value, value string) {
	if !field.IsValid() || !field.CanSet() || value == "" {
		return
	}
	switch field.Kind() {
	case reflect.String:
		field.SetString(value)
	case reflect.Int, reflect.Int32, reflect.Int64:
		if n, err := strconv.ParseInt(value, 10, 32); err == nil {
			field.SetInt(n)
		}
	}
}
