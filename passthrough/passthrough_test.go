package passthrough

import (
	"context"
	"database/sql"
	"errors"
	"os"
	"reflect"
	"strings"
	"testing"
	"time"

	"github.com/redshiftsim/redshiftsim"
)

// postgres opens the PostgreSQL server that REDSHIFTSIM_POSTGRES names (.ci/postgres starts one); the test is skipped without.
func postgres(t *testing.T) *sql.DB {
	t.Helper()
	dsn := os.Getenv("REDSHIFTSIM_POSTGRES")
	if dsn == "" {
		t.Skip("REDSHIFTSIM_POSTGRES names no PostgreSQL server: .ci/postgres starts one")
	}
	return open(t, dsn)
}

// everywhere gives the databases that must answer alike: the engine, the engine through server and wire, and the PostgreSQL server when there is one.
func everywhere(t *testing.T) map[string]*sql.DB {
	t.Helper()
	_, wired := pair(t)
	wire, err := wired()
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = wire.Close() })
	all := map[string]*sql.DB{"engine": open(t, "redshiftsim://"), "wire": wire}
	if dsn := os.Getenv("REDSHIFTSIM_POSTGRES"); dsn != "" {
		all["server"] = open(t, dsn)
	}
	return all
}

func open(t *testing.T, dsn string) *sql.DB {
	t.Helper()
	db, err := sql.Open("redshiftsim", dsn)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = db.Close() })
	return db
}

// row reads the only row of a query, with the types' names.
func row(t *testing.T, db *sql.DB, query string, args ...any) (vals []any, names []string) {
	t.Helper()
	rows, err := db.Query(query, args...)
	if err != nil {
		t.Fatalf("%s: %v", query, err)
	}
	defer rows.Close()
	cols, err := rows.ColumnTypes()
	if err != nil {
		t.Fatal(err)
	}
	ptrs := make([]any, len(cols))
	vals = make([]any, len(cols))
	for i, c := range cols {
		names = append(names, c.DatabaseTypeName())
		ptrs[i] = &vals[i]
	}
	if !rows.Next() {
		t.Fatalf("%s: no row: %v", query, rows.Err())
	}
	if err := rows.Scan(ptrs...); err != nil {
		t.Fatalf("%s: %v", query, err)
	}
	if rows.Next() || rows.Err() != nil {
		t.Fatalf("%s: more than a row, or %v", query, rows.Err())
	}
	return vals, names
}

// equal compares values; times by their moment and their wall clock.
func equal(a, b any) bool {
	x, ok := a.(time.Time)
	y, ok2 := b.(time.Time)
	if ok && ok2 {
		return x.Equal(y) && x.Format(time.DateTime) == y.Format(time.DateTime)
	}
	return reflect.DeepEqual(a, b)
}

// TestValues: a value is the same Go value of the same type whether the engine or a server gives it.
func TestValues(t *testing.T) {
	all := everywhere(t)
	for _, c := range []struct {
		sql  string
		want any
		name string
	}{
		{"SELECT 7::smallint", int64(7), "INT2"},
		{"SELECT -7::integer", int64(-7), "INT4"},
		{"SELECT 9223372036854775807::bigint", int64(9223372036854775807), "INT8"},
		{"SELECT 1.5::real", 1.5, "FLOAT4"},
		{"SELECT 0.1::double precision", 0.1, "FLOAT8"},
		{"SELECT 'NaN'::float8 > 1", true, "BOOL"},
		{"SELECT 1 = 2", false, "BOOL"},
		{"SELECT 12.30::numeric(10,2)", "12.30", "NUMERIC"},
		{"SELECT (-0.001)::numeric(8,3)", "-0.001", "NUMERIC"},
		{"SELECT 'ab'::char(4)", "ab  ", "BPCHAR"},
		{"SELECT 'ab'::varchar(4)", "ab", "VARCHAR"},
		{"SELECT '2008-02-29'::date", time.Date(2008, 2, 29, 0, 0, 0, 0, time.UTC), "DATE"},
		{"SELECT '0044-03-15 BC'::date", time.Date(-43, 3, 15, 0, 0, 0, 0, time.UTC), "DATE"},
		{"SELECT '2008-02-29 01:02:03.456789'::timestamp", time.Date(2008, 2, 29, 1, 2, 3, 456789000, time.UTC), "TIMESTAMP"},
		{"SELECT '2008-02-29 01:02:03+02'::timestamptz", time.Date(2008, 2, 28, 23, 2, 3, 0, time.UTC), "TIMESTAMPTZ"},
		{"SELECT '01:02:03.5'::time", "01:02:03.50", "TIME"},
		{"SELECT '01:02:03+05'::timetz", "01:02:03+05", "TIMETZ"},
		{"SELECT NULL::integer", nil, "INT4"},
		{"SELECT ''::varchar", "", "VARCHAR"},
	} {
		for name, db := range all {
			if name == "server" {
				if _, err := db.Exec("SET timezone TO 'UTC'"); err != nil {
					t.Fatal(err)
				}
			}
			got, names := row(t, db, c.sql)
			if !equal(got[0], c.want) || names[0] != c.name {
				t.Errorf("%s on the %s: %T %v of %s, want %T %v of %s", c.sql, name, got[0], got[0], names[0], c.want, c.want, c.name)
			}
		}
	}
}

// TestServerValues are types that the engine spells otherwise.
func TestServerValues(t *testing.T) {
	pg := postgres(t)
	pg.SetMaxOpenConns(1)
	if _, err := pg.Exec("SET timezone TO 'America/New_York'"); err != nil {
		t.Fatal(err)
	}
	for _, c := range []struct {
		sql  string
		want any
		name string
	}{
		{`SELECT '\x00ff'::bytea`, "00ff", "BYTEA"},
		{`SET bytea_output TO escape; SELECT 'a\\b\000'::bytea`, "615c6200", "BYTEA"},
		{"SELECT interval '1 day 2 hours'", "1 day 02:00:00", "INTERVAL"},
		{"SET intervalstyle TO iso_8601; SELECT interval '1 day 2 hours'", "P1DT2H", "INTERVAL"},
		{"SET intervalstyle TO postgres_verbose; SELECT interval '1 day 2 hours'", "@ 1 day 2 hours", "INTERVAL"},
		{"SET intervalstyle TO sql_standard; SELECT interval '1 day 2 hours'", "1 2:00:00", "INTERVAL"},
		{"SET intervalstyle TO postgres; SELECT -interval '2 hours'", "-02:00:00", "INTERVAL"},
		{"SELECT ARRAY[1,2]", "{1,2}", "_INT4"},
		{"SELECT 'x'::text", "x", "TEXT"},
		{"SELECT 'x'::name", "x", "NAME"},
		{"SELECT 5::oid", int64(5), "OID"},
		{`SELECT '{"a": 1}'::jsonb`, `{"a": 1}`, "JSONB"},
		{"SELECT NULL::bytea", nil, "BYTEA"},
		{"SELECT '2008-02-29 12:00:00+00'::timestamptz", time.Date(2008, 2, 29, 7, 0, 0, 0, time.FixedZone("", -5*3600)), "TIMESTAMPTZ"},
	} {
		got, names := row(t, pg, c.sql)
		if !equal(got[0], c.want) || names[0] != c.name {
			t.Errorf("%s: %T %v of %s, want %v of %s", c.sql, got[0], got[0], names[0], c.want, c.name)
		}
	}
	var d time.Time
	if err := pg.QueryRow("SELECT 'infinity'::date").Scan(&d); err == nil {
		t.Errorf("infinity is %v", d)
	}
}

// TestColumnTypes: lengths and precisions that the wire carries.
func TestColumnTypes(t *testing.T) {
	pg := postgres(t)
	rows, err := pg.Query("SELECT 'a'::varchar(9), 'a'::char(3), 1::numeric(12,5), 1, 'x'::text")
	if err != nil {
		t.Fatal(err)
	}
	defer rows.Close()
	types, err := rows.ColumnTypes()
	if err != nil {
		t.Fatal(err)
	}
	for i, want := range []int64{9, 3} {
		if n, ok := types[i].Length(); !ok || n != want {
			t.Errorf("column %d: length %d %t, want %d", i, n, ok, want)
		}
	}
	if p, s, ok := types[2].DecimalSize(); !ok || p != 12 || s != 5 {
		t.Errorf("numeric(%d,%d) %t", p, s, ok)
	}
	if _, ok := types[3].Length(); ok || types[3].ScanType() != reflect.TypeFor[int32]() || types[4].ScanType() != reflect.TypeFor[string]() {
		t.Errorf("scan types %v %v", types[3].ScanType(), types[4].ScanType())
	}
}

// TestArguments: the server decides what an argument's type is; it arrives as it would at the engine.
func TestArguments(t *testing.T) {
	at := time.Date(2008, 2, 29, 1, 2, 3, 0, time.UTC)
	for where, db := range everywhere(t) {
		got, _ := row(t, db, "SELECT $1::integer, $2::varchar, $3::float8, $4::boolean, $5::timestamp, $6::date, $7::varchar, $8::varchar, $9::numeric(20,0)",
			7, "it's \\ ?", 0.25, true, at, at, nil, []byte("bytes"), uint64(18446744073709551615))
		want := []any{int64(7), "it's \\ ?", 0.25, true, at, at.Truncate(24 * time.Hour), nil, "bytes", "18446744073709551615"}
		for i := range want {
			if !equal(got[i], want[i]) {
				t.Errorf("%s: $%d is %T %v, want %v", where, i+1, got[i], got[i], want[i])
			}
		}
		got, _ = row(t, db, "SELECT :b::varchar, :a::integer, :b::varchar", sql.Named("a", 1), sql.Named("b", "x"))
		if got[0] != "x" || got[1] != int64(1) || got[2] != "x" {
			t.Errorf("named: %v", got)
		}
		var e *redshiftsim.Error
		if _, err := db.Query("SELECT :a::integer", sql.Named("b", 1)); !errors.As(err, &e) || e.SQLState() != "42P02" {
			t.Errorf("a parameter without a value: %v", err)
		}
		if _, err := db.Query("SELECT :a::integer", sql.Named("a", 1), sql.Named("b", 2)); !errors.As(err, &e) || e.SQLState() != "42P02" {
			t.Errorf("%s: a value without a parameter: %v", where, err)
		}
		if _, err := db.Exec("SELECT 1", struct{}{}); err == nil {
			t.Error("a struct is no argument")
		}
	}
}

// TestStatements: several statements of one text, each with its result set; what they change; prepared ones.
func TestStatements(t *testing.T) {
	for _, db := range everywhere(t) {
		db.SetMaxOpenConns(1)
		res, err := db.Exec("CREATE TEMP TABLE t (a integer); INSERT INTO t VALUES (1), (2); INSERT INTO t VALUES (3)")
		if err != nil {
			t.Fatal(err)
		}
		if n, err := res.RowsAffected(); err != nil || n != 1 {
			t.Errorf("%d rows, %v", n, err)
		}
		if _, err := res.LastInsertId(); err == nil {
			t.Error("an identity")
		}
		rows, err := db.Query("UPDATE t SET a = a; SELECT a FROM t WHERE a = 1; INSERT INTO t VALUES (4); SELECT 'x', 'y'")
		if err != nil {
			t.Fatal(err)
		}
		sets := [][]string{}
		for {
			cols, _ := rows.Columns()
			sets = append(sets, cols)
			for rows.Next() {
			}
			if !rows.NextResultSet() {
				break
			}
		}
		if rows.Err() != nil || len(sets) != 2 || len(sets[0]) != 1 || len(sets[1]) != 2 {
			t.Errorf("result sets %v, %v", sets, rows.Err())
		}
		rows.Close()
		// A result that is closed early still runs what is behind it.
		rows, err = db.Query("SELECT a FROM t; INSERT INTO t VALUES (5)")
		if err != nil {
			t.Fatal(err)
		}
		if err := rows.Close(); err != nil {
			t.Error(err)
		}
		st, err := db.Prepare("SELECT count(*) FROM t WHERE a > $1")
		if err != nil {
			t.Fatal(err)
		}
		for want := int64(5); want > 3; want-- {
			var n int64
			if err := st.QueryRow(5 - want).Scan(&n); err != nil || n != want {
				t.Errorf("%d above %d, %v", n, 5-want, err)
			}
		}
		if err := st.Close(); err != nil {
			t.Error(err)
		}
		if _, err := db.Prepare("SELECT nope FROM t"); err == nil || !strings.Contains(err.Error(), "42703") {
			t.Errorf("prepared: %v", err)
		}
	}
}

// TestErrors: errors have the engine's type wherever they come from: at once, among the rows, in a later statement, at the login.
func TestErrors(t *testing.T) {
	pg := postgres(t)
	for name, c := range map[string]struct {
		sql, code string
		position  int
	}{
		"at once":        {"SELECT nope", "42703", 8},
		"syntax":         {"SELECT FROM WHERE", "42601", 13},
		"among rows":     {"SELECT 1 / (500 - i) FROM generate_series(1, 1000) i", "22012", 0},
		"in another one": {"SELECT 1; SELECT 1 / 0", "22012", 0},
		"raised":         {"DO $$ BEGIN RAISE EXCEPTION 'stop' USING ERRCODE = '40001', DETAIL = 'why', HINT = 'again'; END $$", "40001", 0},
	} {
		rows, err := pg.Query(c.sql)
		if err == nil {
			for ok := true; ok; ok = rows.NextResultSet() {
				for rows.Next() {
				}
			}
			err = rows.Err()
			rows.Close()
		}
		var e *redshiftsim.Error
		if !errors.As(err, &e) || e.SQLState() != c.code || e.Position != c.position {
			t.Errorf("%s: %v, want %s at %d", name, err, c.code, c.position)
		}
		if name == "raised" && (e.Message != "stop" || e.Detail != "why" || e.Hint != "again" || !redshiftsim.IsRetryable(err)) {
			t.Errorf("fields %+v", e)
		}
	}
	bad := open(t, os.Getenv("REDSHIFTSIM_POSTGRES")+"&user=nobody_of_that_name")
	var e *redshiftsim.Error
	if err := bad.Ping(); !errors.As(err, &e) || e.SQLState()[:2] != "28" {
		t.Errorf("login: %v", err)
	}
	var one int
	if err := pg.QueryRow("SELECT 1").Scan(&one); err != nil || one != 1 {
		t.Errorf("the connection is lost: %v", err)
	}
}

// TestTransactions: levels, read only, a failed one, and one that a BEGIN of its user's left open.
func TestTransactions(t *testing.T) {
	pg := postgres(t)
	pg.SetMaxOpenConns(1)
	ctx := context.Background()
	x, err := pg.BeginTx(ctx, &sql.TxOptions{Isolation: sql.LevelSerializable, ReadOnly: true})
	if err != nil {
		t.Fatal(err)
	}
	var level, only string
	if err := x.QueryRow("SELECT current_setting('transaction_isolation'), current_setting('transaction_read_only')").Scan(&level, &only); err != nil || level != "serializable" || only != "on" {
		t.Errorf("%s, read only %s, %v", level, only, err)
	}
	_, err = x.Exec("CREATE TABLE no (a int)")
	var e *redshiftsim.Error
	if !errors.As(err, &e) || e.SQLState() != "25006" {
		t.Errorf("%v", err)
	}
	if err := x.Commit(); !errors.As(err, &e) || e.SQLState() != "25P02" {
		t.Errorf("COMMIT of a failed transaction: %v", err)
	}
	if _, err := pg.BeginTx(ctx, &sql.TxOptions{Isolation: sql.LevelLinearizable}); !errors.As(err, &e) || e.SQLState() != "0A000" {
		t.Errorf("a level that is none: %v", err)
	}
	if _, err := pg.Exec("BEGIN"); err != nil {
		t.Fatal(err)
	}
	var status string // a new transaction for each statement: the one of BEGIN is gone
	if err := pg.QueryRow("SELECT CASE WHEN now() = statement_timestamp() THEN 'own' ELSE 'open' END").Scan(&status); err != nil || status != "own" {
		t.Errorf("%s, %v", status, err)
	}
}

// TestCancel: a cancelled context ends the statement on the server, and the connection goes on.
func TestCancel(t *testing.T) {
	pg := postgres(t)
	pg.SetMaxOpenConns(1)
	var pid int
	if err := pg.QueryRow("SELECT pg_backend_pid()").Scan(&pid); err != nil {
		t.Fatal(err)
	}
	ctx, cancel := context.WithTimeout(context.Background(), 100*time.Millisecond)
	defer cancel()
	start := time.Now()
	_, err := pg.ExecContext(ctx, "SELECT pg_sleep(30)")
	var e *redshiftsim.Error
	if !errors.As(err, &e) || e.SQLState() != "57014" || time.Since(start) > 10*time.Second {
		t.Errorf("after %s: %v", time.Since(start), err)
	}
	var again int
	if err := pg.QueryRow("SELECT pg_backend_pid()").Scan(&again); err != nil || again != pid {
		t.Errorf("process %d, then %d, %v", pid, again, err)
	}
	done, cancel := context.WithCancel(context.Background())
	cancel()
	if _, err := pg.ExecContext(done, "SELECT 1"); !errors.Is(err, context.Canceled) {
		t.Errorf("a context that has ended: %v", err)
	}
}

// TestNotice: what the server says besides errors reaches the connector's function.
func TestNotice(t *testing.T) {
	postgres(t)
	var got []string
	k, err := NewConnector(os.Getenv("REDSHIFTSIM_POSTGRES"), Options{Notice: func(e *redshiftsim.Error) { got = append(got, e.Severity+" "+e.Message) }})
	if err != nil {
		t.Fatal(err)
	}
	db := sql.OpenDB(k)
	defer db.Close()
	if _, err := db.Exec("DO $$ BEGIN RAISE NOTICE 'hello'; END $$"); err != nil || len(got) != 1 || got[0] != "NOTICE hello" {
		t.Errorf("%q, %v", got, err)
	}
}

// TestDSN: ports, secrets in errors.
func TestDSN(t *testing.T) {
	for dsn, port := range map[string]uint16{
		"redshift://u@h/db": 5439, "redshift://u@h:5555/db": 5555, "redshift://u@h/db?port=7000": 7000, "postgres://u@h/db": 5432, "postgresql://u@h/db": 5432,
	} {
		k, err := NewConnector(dsn, Options{})
		if err != nil || k.cfg.Port != port || k.cfg.User != "u" || k.cfg.Database != "db" {
			t.Errorf("%s: %+v, %v", dsn, k, err)
		}
	}
	k, err := NewConnector("redshift://u@h/db?extra_float_digits=0&datestyle=SQL", Options{})
	if err != nil || k.cfg.RuntimeParams["extra_float_digits"] != "0" || k.cfg.RuntimeParams["datestyle"] != "SQL" || k.cfg.RuntimeParams["DateStyle"] != "" || k.cfg.RuntimeParams["client_encoding"] != "UTF8" {
		t.Errorf("%v, %v", k.cfg.RuntimeParams, err)
	}
	for _, dsn := range []string{"redshift://u:geheim@h:port/db", "postgres://u:geheim@h:port/db", "redshift://u:geheim@h/db?sslmode=never"} {
		if _, err := NewConnector(dsn, Options{}); err == nil || strings.Contains(err.Error(), "geheim") {
			t.Errorf("%s: %v", dsn, err)
		}
	}
}
