package redshiftsim_test

import (
	"database/sql"
	"encoding/json"
	"reflect"
	"testing"
)

// TestSuperValues: a SUPER comes out as a string of JSON; json.RawMessage goes in as JSON, a string as a string value, numbers and booleans as such.
func TestSuperValues(t *testing.T) {
	db := open(t, "redshiftsim://")
	exec(t, db, "CREATE TABLE t (id int, v super)")
	for i, v := range []any{json.RawMessage(`{"a": [1, 2.50]}`), `{"a": 1}`, []byte("x"), 5, 2.5, true, nil, json.RawMessage(nil)} {
		if _, err := db.Exec("INSERT INTO t VALUES ($1, $2)", i, v); err != nil {
			t.Fatal(i, err)
		}
	}
	rows, err := db.Query("SELECT v FROM t ORDER BY id")
	if err != nil {
		t.Fatal(err)
	}
	defer rows.Close()
	cols, err := rows.ColumnTypes()
	if err != nil {
		t.Fatal(err)
	}
	if n := cols[0].DatabaseTypeName(); n != "SUPER" || cols[0].ScanType() != reflect.TypeFor[string]() {
		t.Errorf("the column is of type %s, to be scanned as %v", n, cols[0].ScanType())
	}
	want := []string{`{"a":[1,2.50]}`, `"{\"a\": 1}"`, `"x"`, `5`, `2.5e+0`, `true`, `NULL`, `NULL`}
	for i := 0; rows.Next(); i++ {
		var s sql.NullString
		if err := rows.Scan(&s); err != nil {
			t.Fatal(err)
		}
		if !s.Valid {
			s.String = "NULL"
		}
		if s.String != want[i] {
			t.Errorf("value %d is %s, not %s", i, s.String, want[i])
		}
	}
	var raw []byte
	if err := db.QueryRow("SELECT v.a FROM t WHERE v = $1", json.RawMessage(`{"a":[1.0, 2.5]}`)).Scan(&raw); err != nil || string(raw) != `[1,2.50]` {
		t.Errorf("%s %v", raw, err)
	}
	if _, err := db.Exec("INSERT INTO t VALUES (9, $1)", json.RawMessage(`{"a"`)); err == nil {
		t.Error("what is no JSON went in")
	}
}
