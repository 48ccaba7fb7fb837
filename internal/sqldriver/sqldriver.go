// Package sqldriver is what the engine's driver and passthrough's share of database/sql/driver, so that both answer alike: arguments in the order of a
// statement's parameters, and the result of a change.
//
//	SELECT :low, :high   -- Named -->  SELECT $1  , $2     names [low high]
//	high=9, low=3        -- Bind  -->  values [3 9]
package sqldriver

import (
	"database/sql/driver"
	"encoding/json"
	"fmt"
	"reflect"
	"strconv"

	"github.com/redshiftsim/redshiftsim/engine"
	"github.com/redshiftsim/redshiftsim/internal/sqlstate"
	"github.com/redshiftsim/redshiftsim/internal/super"
	"github.com/redshiftsim/redshiftsim/internal/types"
)

// Check turns an argument into a driver.Value, as database/sql does; unsigned numbers that need 64 bits go as their digits. What is no value is an error
// of SQLSTATE 42804.
func Check(v *driver.NamedValue) error {
	out, err := driver.DefaultParameterConverter.ConvertValue(v.Value)
	if err != nil {
		if r := reflect.ValueOf(v.Value); r.IsValid() && r.Kind() == reflect.Uint64 {
			v.Value = strconv.FormatUint(r.Uint(), 10)
			return nil
		}
		name := "$" + strconv.Itoa(v.Ordinal)
		if v.Name != "" {
			name = ":" + v.Name
		}
		return sqlstate.DatatypeMismatch.Errorf("argument %s: %v", name, err)
	}
	v.Value = out
	return nil
}

// Numbered gives arguments their numbers, for the interfaces of database/sql/driver that have none.
func Numbered(args []driver.Value) []driver.NamedValue {
	out := make([]driver.NamedValue, len(args))
	for i, v := range args {
		out[i] = driver.NamedValue{Ordinal: i + 1, Value: v}
	}
	return out
}

// Named rewrites the :name parameters of a text to numbers when its arguments have names, and gives the names by number: nil = no argument has a name,
// empty = the arguments have names and the text has none.
func Named(text string, args []driver.NamedValue) (string, []string, error) {
	for i := range args {
		if args[i].Name != "" {
			text, names, err := engine.NamedParameters(text)
			if names == nil {
				names = []string{}
			}
			return text, names, err
		}
	}
	return text, nil, nil
}

// valueOf makes a value of an argument. A json.RawMessage is the SUPER value that its JSON is; a string is a string value even where a SUPER is asked for.
func valueOf(v any) (types.Datum, error) {
	raw, ok := v.(json.RawMessage)
	if !ok {
		return types.FromGo(v)
	}
	if raw == nil {
		return types.NullOf(types.TUnknown), nil
	}
	b, err := super.Parse(nil, string(raw))
	return types.Datum{Type: types.TSuper, Text: string(b)}, err
}

// Bind appends the values of the parameters to dst: of the arguments in their order, or with names of the argument of each name. A name without
// an argument, and an argument that no parameter takes, are errors of SQLSTATE 42P02.
func Bind(dst []types.Datum, args []driver.NamedValue, names []string) ([]types.Datum, error) {
	if names == nil {
		for i := range args {
			if args[i].Name != "" {
				return nil, sqlstate.UndefinedParameter.Errorf("there is no parameter :%s", args[i].Name)
			}
			d, err := valueOf(args[i].Value)
			if err != nil {
				return nil, err
			}
			dst = append(dst, d)
		}
		return dst, nil
	}
	for _, n := range names {
		a := find(args, n)
		if a == nil {
			return nil, sqlstate.UndefinedParameter.Errorf("there is no value for parameter :%s", n).WithHint("Give it as sql.Named(%q, value).", n)
		}
		d, err := valueOf(a.Value)
		if err != nil {
			return nil, err
		}
		dst = append(dst, d)
	}
	if len(names) < len(args) {
		return nil, sqlstate.UndefinedParameter.Errorf("the statement has %d named parameters, %d values were given", len(names), len(args))
	}
	return dst, nil
}

// find gives the first argument of a name.
func find(args []driver.NamedValue, name string) *driver.NamedValue {
	for i := range args {
		if args[i].Name == name {
			return &args[i]
		}
	}
	return nil
}

// Result is the number of rows that a statement changed.
type Result int64

// RowsAffected gives it; of what changes no rows, 0. COPY and CREATE TABLE AS say 0, as Redshift's do: ask pg_last_copy_count().
func (r Result) RowsAffected() (int64, error) { return int64(r), nil }

// LastInsertId is what Redshift has not: SQLSTATE 0A000.
func (Result) LastInsertId() (int64, error) {
	return 0, sqlstate.FeatureNotSupported.Errorf("LastInsertId: Redshift does not tell the last identity value").
		WithHint("Select the identity column: SELECT max(id) FROM t.")
}

// String prints the result for debugging.
func (r Result) String() string { return fmt.Sprintf("%d rows", int64(r)) }
