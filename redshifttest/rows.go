package redshifttest

import (
	"bytes"
	"context"
	"database/sql"
	"database/sql/driver"
	"encoding/json"
	"fmt"
	"maps"
	"reflect"
	"slices"
	"strings"
)

// Rows inserts rows into a table. rows is a slice of structs, or of pointers to them, or a slice of map[string]any: the keys of a map are columns, and those
// that a row lacks get their default. A field of a struct is the column that its tag names (`db:"title"`, "-" = none), or the one of its own name in
// lower case; the fields of an embedded struct are fields. Values are what database/sql takes as arguments; a map or a slice, other than of bytes, is a SUPER
// value: an object or an array, as encoding/json writes it.
func Rows(table string, rows any) Fixture {
	from := "Rows of " + caller()
	return fixture{func(ctx context.Context, db *sql.DB) error {
		list, err := tabled(rows)
		if err != nil {
			return fmt.Errorf("%s: %w", from, err)
		}
		for i := 0; i < len(list); {
			n := run(list[i:])
			if err := insert(ctx, db, table, list[i:i+n]); err != nil {
				return fmt.Errorf("%s: %w", from, whose(ctx, db, table, list, i, n, err))
			}
			i += n
		}
		return nil
	}}
}

// row is a row with the columns that it has.
type row struct {
	columns []string
	values  []any
}

// Rows go to the database so many at a time, or as many as have so many values together.
const (
	maxRows   = 256
	maxValues = 4096
)

// run is how many of the first rows go together: they have the same columns.
func run(list []row) int {
	n := 1
	for n < len(list) && n < maxRows && (n+1)*len(list[0].columns) <= maxValues && slices.Equal(list[n].columns, list[0].columns) {
		n++
	}
	return n
}

// insert inserts rows of the same columns.
func insert(ctx context.Context, db *sql.DB, table string, list []row) error {
	var text strings.Builder
	var args []any
	fmt.Fprintf(&text, "INSERT INTO %s (%s) VALUES ", table, names(list[0].columns))
	for i, r := range list {
		if i > 0 {
			text.WriteString(", ")
		}
		sep := "("
		for _, v := range r.values {
			v, err := super(v)
			if err != nil {
				return err
			}
			args = append(args, v)
			fmt.Fprintf(&text, "%s$%d", sep, len(args))
			sep = ", "
		}
		text.WriteByte(')')
	}
	_, err := db.ExecContext(ctx, text.String(), args...)
	return err
}

// super makes JSON of a map or a slice, for a SUPER column. Bytes and what makes values itself stay.
func super(v any) (any, error) {
	if _, ok := v.(driver.Valuer); ok || v == nil {
		return v, nil
	}
	switch t := reflect.TypeOf(v); {
	case t.Kind() == reflect.Slice && t.Elem().Kind() == reflect.Uint8:
		return v, nil
	case t.Kind() == reflect.Map, t.Kind() == reflect.Slice, t.Kind() == reflect.Array && t.Elem().Kind() != reflect.Uint8:
	default:
		return v, nil
	}
	var b bytes.Buffer
	e := json.NewEncoder(&b)
	e.SetEscapeHTML(false)
	if err := e.Encode(v); err != nil {
		return nil, err
	}
	return json.RawMessage(b.Bytes()), nil
}

// whose finds the row among those that failed together with err.
func whose(ctx context.Context, db *sql.DB, table string, list []row, from, n int, err error) error {
	for i := from; i < from+n; i++ {
		if own := insert(ctx, db, table, list[i:i+1]); own != nil {
			return fmt.Errorf("table %s, row %d: %w", table, i, own)
		}
	}
	return fmt.Errorf("table %s, rows %d to %d: %w", table, from, from+n-1, err)
}

// tabled turns a slice into rows.
func tabled(rows any) ([]row, error) {
	v := reflect.ValueOf(rows)
	if v.Kind() != reflect.Slice && v.Kind() != reflect.Array {
		return nil, fmt.Errorf("rows are a slice of structs or of map[string]any, not a %T", rows)
	}
	out := make([]row, 0, v.Len())
	for i := range v.Len() {
		r := v.Index(i)
		for r.Kind() == reflect.Pointer || r.Kind() == reflect.Interface {
			r = r.Elem()
		}
		var x row
		switch m, ok := valueOf(r).(map[string]any); {
		case ok:
			for _, c := range slices.Sorted(maps.Keys(m)) {
				x.columns, x.values = append(x.columns, c), append(x.values, m[c])
			}
		case r.Kind() == reflect.Struct:
			x.add(r)
		default:
			return nil, fmt.Errorf("row %d is a %s: rows are structs or map[string]any", i, v.Index(i).Type())
		}
		if len(x.columns) == 0 {
			return nil, fmt.Errorf("row %d has no columns", i)
		}
		out = append(out, x)
	}
	return out, nil
}

// valueOf is what v holds, nil when it holds nothing.
func valueOf(v reflect.Value) any {
	if !v.IsValid() {
		return nil
	}
	return v.Interface()
}

// add adds the fields of a struct.
func (x *row) add(v reflect.Value) {
	for i := range v.NumField() {
		f := v.Type().Field(i)
		name, tagged := f.Tag.Lookup("db")
		name, _, _ = strings.Cut(name, ",")
		switch {
		case name == "-":
		case f.Anonymous && !tagged && f.Type.Kind() == reflect.Struct:
			x.add(v.Field(i))
		case f.IsExported():
			if name == "" {
				name = strings.ToLower(f.Name)
			}
			x.columns, x.values = append(x.columns, name), append(x.values, v.Field(i).Interface())
		}
	}
}
