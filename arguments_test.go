package redshiftsim_test

import (
	"database/sql"
	"database/sql/driver"
	"errors"
	"fmt"
	"reflect"
	"testing"
	"time"
)

// TestArguments passes values of every Go type in and out.
func TestArguments(t *testing.T) {
	db := open(t, "redshiftsim://")
	exec(t, db, `CREATE TABLE v (s smallint, i int, b bigint, n numeric(10,2), r real, d double precision, o boolean, c char(5), v varchar(20), t date, ts timestamp)`)
	day := time.Date(2008, 2, 29, 13, 14, 15, 123456000, time.UTC)
	if _, err := db.Exec("INSERT INTO v VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11)",
		int16(-5), 42, int64(1)<<40, "12.5", float32(0.5), 1e10, true, "ab", []byte("bytes"), day, day); err != nil {
		t.Fatal(err)
	}
	if _, err := db.Exec("INSERT INTO v (i, n) VALUES ($1, $2)", nil, 3); err != nil {
		t.Fatal(err)
	}
	rows, err := db.Query("SELECT s, i, b, n, r, d, o, c, v, t, ts FROM v ORDER BY i")
	if err != nil {
		t.Fatal(err)
	}
	defer rows.Close()
	cols, _ := rows.Columns()
	var got [][]any
	for rows.Next() {
		vals, ptrs := make([]any, len(cols)), make([]any, len(cols))
		for i := range vals {
			ptrs[i] = &vals[i]
		}
		if err := rows.Scan(ptrs...); err != nil {
			t.Fatal(err)
		}
		got = append(got, vals)
	}
	if err := rows.Err(); err != nil {
		t.Fatal(err)
	}
	wanted := [][]any{
		{int64(-5), int64(42), int64(1) << 40, "12.50", 0.5, 1e10, true, "ab   ", "bytes", time.Date(2008, 2, 29, 0, 0, 0, 0, time.UTC), day},
		{nil, nil, nil, "3.00", nil, nil, nil, nil, nil, nil, nil},
	}
	if !reflect.DeepEqual(got, wanted) {
		t.Errorf("got  %v\nwant %v", got, wanted)
	}
	_, err = rows.ColumnTypes()
	if err == nil {
		t.Error("column types of closed rows")
	}
	rows2, err := db.Query("SELECT i, n, c, v, t, ts, d, o, s FROM v LIMIT 1")
	if err != nil {
		t.Fatal(err)
	}
	defer rows2.Close()
	types, err := rows2.ColumnTypes()
	if err != nil {
		t.Fatal(err)
	}
	var names []string
	for _, c := range types {
		s := c.Name() + " " + c.DatabaseTypeName() + " " + c.ScanType().String()
		if n, ok := c.Length(); ok {
			s += fmt.Sprint(" ", n)
		}
		if p, sc, ok := c.DecimalSize(); ok {
			s += fmt.Sprint(" ", p, ",", sc)
		}
		names = append(names, s)
	}
	if w := []string{
		"i INT4 int32", "n NUMERIC string 10,2", "c BPCHAR string 5", "v VARCHAR string 20", "t DATE time.Time", "ts TIMESTAMP time.Time",
		"d FLOAT8 float64", "o BOOL bool", "s INT2 int16",
	}; !reflect.DeepEqual(names, w) {
		t.Errorf("got %q, want %q", names, w)
	}
}

// valuer is an argument with a method of its own.
type valuer string

func (v valuer) Value() (driver.Value, error) { return string(v) + "!", nil }

// TestNamed takes parameters by name, valuers, and refuses what does not fit.
func TestNamed(t *testing.T) {
	db := open(t, "redshiftsim://")
	exec(t, db, "CREATE TABLE t (a int, b varchar(20))", "INSERT INTO t VALUES (1, 'x!'), (2, ':n')")
	var n int
	if err := db.QueryRow("SELECT count(*) FROM t WHERE a = :id AND b = :name OR a = :id", sql.Named("name", valuer("x")), sql.Named("id", 1)).Scan(&n); err != nil || n != 1 {
		t.Error(n, err)
	}
	if err := db.QueryRow("SELECT a::int FROM t WHERE b = ':n' AND a > :n", sql.Named("n", 0)).Scan(&n); err != nil || n != 2 {
		t.Error(n, err)
	}
	st, err := db.Prepare("SELECT count(*) FROM t WHERE a >= :low")
	if err != nil {
		t.Fatal(err)
	}
	defer st.Close()
	if err := st.QueryRow(sql.Named("low", 2)).Scan(&n); err != nil || n != 1 {
		t.Error(n, err)
	}
	_, err = st.Query(sql.Named("high", 2))
	fails(t, err, "42P02", ":low")
	_, err = db.Query("SELECT 1", sql.Named("x", 1))
	fails(t, err, "42P02", "named")
	_, err = db.Query("SELECT a FROM t WHERE a = $1", 1, 2)
	fails(t, err, "08P01", "bind message supplies 2 parameters")
	_, err = db.Query("SELECT a FROM t WHERE a = $1")
	fails(t, err, "08P01", "bind message supplies 0 parameters")
	_, err = db.Query("SELECT a FROM t WHERE a = ?", 1)
	fails(t, err, "42601", "use $1, $2")
	_, err = db.Query("SELECT a FROM t WHERE a = $1", "many")
	fails(t, err, "22P02", "many")
	_, err = db.Query("SELECT a FROM t WHERE a = $1", struct{}{})
	fails(t, err, "42804", "$1")
}

// TestPrepared runs one statement often, over tables that change, in and out of transactions.
func TestPrepared(t *testing.T) {
	db := open(t, "redshiftsim://")
	exec(t, db, "CREATE TABLE t (a int, b varchar(20))")
	ins, err := db.Prepare("INSERT INTO t VALUES ($1, $2)")
	if err != nil {
		t.Fatal(err)
	}
	defer ins.Close()
	for i := range 100 {
		res, err := ins.Exec(i, fmt.Sprint("row ", i))
		if err != nil {
			t.Fatal(err)
		}
		if n, err := res.RowsAffected(); n != 1 || err != nil {
			t.Fatal(n, err)
		}
	}
	sel, err := db.Prepare("SELECT b FROM t WHERE a = $1")
	if err != nil {
		t.Fatal(err)
	}
	defer sel.Close()
	for i := range 100 {
		var s string
		if err := sel.QueryRow(i).Scan(&s); err != nil || s != fmt.Sprint("row ", i) {
			t.Fatal(s, err)
		}
	}
	tx, err := db.Begin()
	if err != nil {
		t.Fatal(err)
	}
	if _, err := tx.Stmt(ins).Exec(1000, "gone"); err != nil {
		t.Fatal(err)
	}
	if err := tx.Rollback(); err != nil {
		t.Fatal(err)
	}
	var s string
	if err := sel.QueryRow(1000).Scan(&s); !errors.Is(err, sql.ErrNoRows) {
		t.Error(s, err)
	}
	exec(t, db, "DROP TABLE t", "CREATE TABLE t (b varchar(9), a int)", "INSERT INTO t VALUES ('new', 5)")
	if err := sel.QueryRow(5).Scan(&s); err != nil || s != "new" {
		t.Error(s, err)
	}
	exec(t, db, "DROP TABLE t")
	_, err = sel.Query(5)
	fails(t, err, "42P01", `relation "t" does not exist`)
	_, err = db.Prepare("SELECT nothing FROM nowhere")
	fails(t, err, "42P01", "nowhere")
}

// TestArgumentsOfNothing passes values to statements that take none: PostgreSQL counts them (08P01); what is not built says so whatever comes with it.
func TestArgumentsOfNothing(t *testing.T) {
	db := open(t, "redshiftsim://")
	for _, c := range []struct{ text, code, message string }{
		{"CREATE MODEL m FROM t TARGET a FUNCTION f IAM_ROLE $1", "0A000", "CREATE MODEL is not supported"},
		{"SHOW MODEL $1", "0A000", "SHOW MODEL is not supported"},
		{"SHOW TABLES FROM DATA CATALOG", "42601", "syntax error"},
		{"LISTEN x", "0A000", "LISTEN is not supported"},
		{"BEGIN", "08P01", `bind message supplies 1 parameters, but prepared statement "" requires 0`},
		{"SHOW timezone", "08P01", `bind message supplies 1 parameters, but prepared statement "" requires 0`},
		{"CREATE VIEW v AS SELECT $1", "08P01", `bind message supplies 1 parameters, but prepared statement "" requires 0`},
		{"COPY t FROM $1", "42601", `syntax error at or near "$1"`},
	} {
		_, err := db.Exec(c.text, "x")
		fails(t, err, c.code, c.message)
		if st, e := db.Prepare(c.text); e == nil {
			_, err = st.Exec("x")
			_ = st.Close()
		} else {
			err = e
		}
		fails(t, err, c.code, c.message)
	}
}
