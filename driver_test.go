package redshiftsim_test

import (
	"context"
	"database/sql"
	"database/sql/driver"
	"errors"
	"fmt"
	"math/rand/v2"
	"net/url"
	"reflect"
	"runtime"
	"strings"
	"sync"
	"testing"
	"testing/fstest"
	"time"

	"github.com/redshiftsim/redshiftsim"
	"github.com/redshiftsim/redshiftsim/internal/sqltest"
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

// TestDSN reads data source names.
func TestDSN(t *testing.T) {
	for dsn, want := range map[string]redshiftsim.Config{
		"redshiftsim://":                          {},
		"redshiftsim:///dev":                      {Database: "dev"},
		"redshiftsim://orders":                    {Name: "orders"},
		"redshiftsim://ann:p%40ss@orders/sales":   {User: "ann", Password: "p@ss", Name: "orders", Database: "sales"},
		"redshiftsim://?nodes=3&slices=4":         {Nodes: 3, Slices: 4},
		"redshiftsim://?order=Shuffle":            {Order: "shuffle"},
		"redshiftsim://?order=stable":             {Order: "stable"},
		"redshiftsim://?block_size=4KB&seed=7":    {BlockBytes: 4096, Seed: 7},
		"redshiftsim://?bucket=films=./x":         {Folders: map[string]redshiftsim.Folder{"films": {Path: "./x"}}},
		"redshiftsim://?bucket=a=x&bucket=b=y,rw": {Folders: map[string]redshiftsim.Folder{"a": {Path: "x"}, "b": {Path: "y", Write: true}}},
		"redshiftsim://o?keep=true&log_limit=-1":  {Name: "o", Keep: true, LogLimit: -1},
		"redshiftsim://?account=987654321012&iam_role=arn:aws:iam::987654321012:role/r": {Account: 987654321012, IAMRole: "arn:aws:iam::987654321012:role/r"},
		"redshiftsim://?memory_limit=1GB&workers=2&timezone=Europe/Berlin&statement_timeout=50": {
			MemoryLimit: 1 << 30, Workers: 2,
			Settings: map[string]string{"timezone": "Europe/Berlin", "statement_timeout": "50"},
		},
	} {
		got, err := redshiftsim.ParseDSN(dsn)
		if err != nil || !reflect.DeepEqual(got, want) {
			t.Errorf("%s: %+v, %v", dsn, got, err)
		}
	}
	for dsn, part := range map[string]string{
		"":                                     "a DSN is redshiftsim://",
		"postgres://localhost/dev":             "a DSN is redshiftsim://",
		"redshiftsim://localhost:5439/dev":     "no port",
		"redshiftsim://?order=":                "option order=: it takes stable or shuffle",
		"redshiftsim://?order=random":          "option order=random: it takes stable or shuffle",
		"redshiftsim://?nodes=none":            "option nodes=none: it takes a number of nodes from 1 to 128",
		"redshiftsim://?slices=0":              "option slices=0: it takes",
		"redshiftsim://?block_size=2MB":        "option block_size=2MB: it takes bytes from 4KB to 1MB",
		"redshiftsim://?keep=perhaps":          "option keep=perhaps: it takes true or false",
		"redshiftsim://?clock=noon":            "option clock=noon: it takes a moment such as 2008",
		"redshiftsim://?account=1234567890123": "option account=1234567890123: it takes the number",
		"redshiftsim://?iam_role=role/r":       "option iam_role=role/r: it takes the ARN",
		"redshiftsim://?bucket=films":          "it takes NAME=DIR, NAME=DIR,rw or NAME=mem:",
		"redshiftsim://?node=3":                "unknown option \"node\": there are nodes, slices",
		"redshiftsim://?nodes":                 "option \"nodes\" has no value",
		"redshiftsim://?statement_timeout=x":   "option statement_timeout=x",
		"redshiftsim://?timezone=Mars":         "option timezone=Mars",
		"redshiftsim:///dev/nodes=3":           "options follow a question mark",
	} {
		_, err := redshiftsim.ParseDSN(dsn)
		if err == nil || !strings.Contains(err.Error(), part) {
			t.Errorf("%s: %v, want %s", dsn, err, part)
		}
	}
	if _, err := sql.Open("redshiftsim", "redshiftsim://?bucket=films=/no/such/folder"); err == nil || !strings.Contains(err.Error(), "bucket films") {
		t.Errorf("a missing folder: %v", err)
	}
	if _, err := redshiftsim.NewConnector(redshiftsim.Config{Nodes: 1000}); err == nil || !strings.Contains(err.Error(), "Config.Nodes is 1000") {
		t.Errorf("too many nodes: %v", err)
	}
}

// TestDeterministic: clock= stops the clock and seed= makes random() begin anew, so that two clusters answer alike.
func TestDeterministic(t *testing.T) {
	var first [3]string
	for i := range 2 {
		db, err := sql.Open("redshiftsim", "redshiftsim://?clock=2008-02-15T12:34:56.789Z&seed=7&timezone=America/New_York")
		if err != nil {
			t.Fatal(err)
		}
		var got [3]string
		if err := db.QueryRow("SELECT getdate()::varchar, sysdate::varchar, random()::varchar").Scan(&got[0], &got[1], &got[2]); err != nil {
			t.Fatal(err)
		}
		db.Close()
		if got[0] != "2008-02-15 07:34:56" || got[1] != "2008-02-15 07:34:56.789" {
			t.Errorf("getdate and sysdate are %v", got)
		}
		if i > 0 && got != first {
			t.Errorf("%v, then %v", first, got)
		}
		first = got
	}
}

// TestDefaults: 2 nodes x 2 slices, database dev, user awsuser.
func TestDefaults(t *testing.T) {
	db := open(t, "redshiftsim://")
	c, err := redshiftsim.ClusterOf(db)
	if err != nil {
		t.Fatal(err)
	}
	if n, s := c.Shape(); n != 2 || s != 2 {
		t.Errorf("%d x %d", n, s)
	}
	want(t, db, "SELECT current_database(), current_user", "dev awsuser")
	other := open(t, "redshiftsim:///sales")
	want(t, other, "SELECT current_database()", "sales")
}

// TestSharing: one name is one cluster, no name is one of its own.
func TestSharing(t *testing.T) {
	a, b := open(t, "redshiftsim://sharing?nodes=1&slices=2"), open(t, "redshiftsim://sharing")
	exec(t, a, "CREATE TABLE t (a int)", "INSERT INTO t VALUES (1)")
	want(t, b, "SELECT a FROM t", "1")
	for _, dsn := range []string{"redshiftsim://", "redshiftsim://", "redshiftsim://another"} {
		refused(t, open(t, dsn), "SELECT * FROM t", "42P01", `relation "t" does not exist`)
	}
	if _, err := sql.Open("redshiftsim", "redshiftsim://sharing?nodes=2"); err == nil || !strings.Contains(err.Error(), "option nodes=2: cluster \"sharing\" exists with nodes=1") {
		t.Errorf("another shape: %v", err)
	}
	wrong := open(t, "redshiftsim://sharing/other")
	fails(t, wrong.Ping(), "3D000", `database "other" does not exist`)
}

// TestLife: a cluster ends with its last handle, which is a *sql.DB and not a connection.
func TestLife(t *testing.T) {
	first, err := sql.Open("redshiftsim", "redshiftsim://life")
	if err != nil {
		t.Fatal(err)
	}
	exec(t, first, "CREATE TABLE t (a int)", "INSERT INTO t VALUES (1)")
	second, err := sql.Open("redshiftsim", "redshiftsim://life") // a handle, though it has no connection
	if err != nil {
		t.Fatal(err)
	}
	if err := first.Close(); err != nil {
		t.Fatal(err)
	}
	want(t, second, "SELECT a FROM t", "1")
	if err := second.Close(); err != nil {
		t.Fatal(err)
	}
	if err := second.Ping(); err == nil {
		t.Error("a closed database answered")
	}
	refused(t, open(t, "redshiftsim://life"), "SELECT * FROM t", "42P01", "does not exist")

	kept, err := sql.Open("redshiftsim", "redshiftsim://kept?keep=true")
	if err != nil {
		t.Fatal(err)
	}
	exec(t, kept, "CREATE TABLE t (a int)", "INSERT INTO t VALUES (7)")
	kept.Close()
	again, err := sql.Open("redshiftsim", "redshiftsim://kept")
	if err != nil {
		t.Fatal(err)
	}
	want(t, again, "SELECT a FROM t", "7")
	again.Close()
	if err := redshiftsim.Drop("kept"); err != nil {
		t.Fatal(err)
	}
	refused(t, open(t, "redshiftsim://kept"), "SELECT * FROM t", "42P01", "does not exist")
	if err := redshiftsim.Drop("never"); err == nil {
		t.Error("a cluster that never was was dropped")
	}
}

// TestPool: no setting of the pool loses data.
func TestPool(t *testing.T) {
	for name, set := range map[string]func(db *sql.DB){
		"no idle connections": func(db *sql.DB) { db.SetMaxIdleConns(0) },
		"short lives":         func(db *sql.DB) { db.SetConnMaxLifetime(time.Nanosecond) },
		"short idling":        func(db *sql.DB) { db.SetConnMaxIdleTime(time.Nanosecond) },
		"one connection":      func(db *sql.DB) { db.SetMaxOpenConns(1) },
	} {
		t.Run(name, func(t *testing.T) {
			db := open(t, "redshiftsim://")
			set(db)
			exec(t, db, "CREATE TABLE t (a int)")
			for i := range 10 {
				exec(t, db, fmt.Sprintf("INSERT INTO t VALUES (%d)", i))
				time.Sleep(time.Microsecond)
			}
			want(t, db, "SELECT count(*) FROM t", "10")
		})
	}
}

// TestAbandoned: of a connection that comes back to the pool inside a transaction the transaction is rolled back, and the session goes on.
func TestAbandoned(t *testing.T) {
	db := open(t, "redshiftsim://")
	db.SetMaxOpenConns(1)
	exec(t, db, "CREATE TABLE t (a int)", "CREATE TEMP TABLE kept (a int)", "SET timezone TO 'America/Los_Angeles'")
	c, err := db.Conn(context.Background())
	if err != nil {
		t.Fatal(err)
	}
	exec(t, c, "BEGIN", "INSERT INTO t VALUES (1)")
	c.Close()
	exec(t, db, "INSERT INTO t VALUES (2)") // the lock is free
	want(t, db, "SELECT a FROM t", "2")
	want(t, db, "SELECT current_setting('timezone'), count(*) FROM kept", "America/Los_Angeles 0")

	exec(t, db, "BEGIN") // through the pool: it ends with the call
	exec(t, db, "INSERT INTO t VALUES (3)")
	if c, err = db.Conn(context.Background()); err != nil {
		t.Fatal(err)
	}
	exec(t, c, "BEGIN", "SET timezone TO 'UTC'", "CREATE TEMP TABLE lost (a int)")
	if _, err := c.ExecContext(context.Background(), "SELECT 1 / 0"); err == nil {
		t.Fatal("1 / 0")
	}
	c.Close()
	want(t, db, "SELECT count(*) FROM t", "2") // nothing of 25P02
	want(t, db, "SHOW timezone", "America/Los_Angeles")
	if _, err := db.Exec("SELECT * FROM lost"); err == nil {
		t.Error("a table of the transaction that was rolled back is there")
	}
}

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

// TestTransactions: commit, rollback, the state after an error, isolation levels.
func TestTransactions(t *testing.T) {
	db := open(t, "redshiftsim://")
	ctx := context.Background()
	exec(t, db, "CREATE TABLE t (a int)")
	tx, err := db.Begin()
	if err != nil {
		t.Fatal(err)
	}
	exec(t, tx, "INSERT INTO t VALUES (1)", "INSERT INTO t VALUES (2)", "CREATE TABLE u (b int)")
	want(t, tx, "SELECT count(*) FROM t", "2")
	want(t, db, "SELECT count(*) FROM t", "0")
	if err := tx.Rollback(); err != nil {
		t.Fatal(err)
	}
	want(t, db, "SELECT count(*) FROM t", "0")
	refused(t, db, "SELECT * FROM u", "42P01", "u")
	if tx, err = db.Begin(); err != nil {
		t.Fatal(err)
	}
	exec(t, tx, "INSERT INTO t VALUES (1)")
	if err := tx.Commit(); err != nil {
		t.Fatal(err)
	}
	want(t, db, "SELECT count(*) FROM t", "1")

	if tx, err = db.Begin(); err != nil {
		t.Fatal(err)
	}
	exec(t, tx, "INSERT INTO t VALUES (2)")
	refused(t, tx, "SELECT 1/0", "22012", "division by zero")
	refused(t, tx, "SELECT 1", "25P02", "current transaction is aborted, commands ignored until end of transaction block")
	fails(t, tx.Commit(), "25P02", "rollback")
	want(t, db, "SELECT count(*) FROM t", "1")

	for _, l := range []sql.IsolationLevel{sql.LevelReadUncommitted, sql.LevelReadCommitted, sql.LevelRepeatableRead, sql.LevelSnapshot, sql.LevelSerializable} {
		tx, err := db.BeginTx(ctx, &sql.TxOptions{Isolation: l})
		if err != nil {
			t.Fatal(l, err)
		}
		tx.Rollback()
	}
	_, err = db.BeginTx(ctx, &sql.TxOptions{Isolation: sql.LevelLinearizable})
	fails(t, err, "0A000", "Linearizable")
	if tx, err = db.BeginTx(ctx, &sql.TxOptions{ReadOnly: true}); err != nil {
		t.Fatal(err)
	}
	want(t, tx, "SELECT count(*) FROM t", "1")
	refused(t, tx, "INSERT INTO t VALUES (3)", "25006", "read-only")
	tx.Rollback()
	if tx, err = db.BeginTx(ctx, &sql.TxOptions{ReadOnly: true}); err != nil {
		t.Fatal(err)
	}
	refused(t, tx, "DROP TABLE t", "25006", "read-only")
	tx.Rollback()
	exec(t, db, "INSERT INTO t VALUES (3)")
}

// TestSnapshot: a transaction reads what was committed before its first look at a table, and its own changes.
func TestSnapshot(t *testing.T) {
	db := open(t, "redshiftsim://")
	exec(t, db, "CREATE TABLE t (a int)", "INSERT INTO t VALUES (1)", "CREATE TABLE u (a int)")
	tx, err := db.Begin()
	if err != nil {
		t.Fatal(err)
	}
	defer tx.Rollback()
	exec(t, db, "INSERT INTO t VALUES (2)") // BEGIN takes no snapshot
	want(t, tx, "SELECT count(*) FROM t", "2")
	exec(t, db, "INSERT INTO t VALUES (3)", "INSERT INTO u VALUES (1)")
	want(t, tx, "SELECT count(*) FROM t", "2")
	want(t, tx, "SELECT count(*) FROM u", "0")
	exec(t, tx, "INSERT INTO t VALUES (10)")
	want(t, tx, "SELECT a FROM t ORDER BY a", "1", "2", "10")
	if err := tx.Commit(); err != nil {
		t.Fatal(err)
	}
	want(t, db, "SELECT a FROM t ORDER BY a", "1", "2", "3", "10")
}

// TestTexts: a text of several statements is one transaction, all or nothing; what may not run in one is refused in it.
func TestTexts(t *testing.T) {
	db := open(t, "redshiftsim://")
	exec(t, db, "CREATE TABLE t (a int); INSERT INTO t VALUES (1), (2); INSERT INTO t VALUES (3);")
	want(t, db, "SELECT count(*) FROM t", "3")
	refused(t, db, "INSERT INTO t VALUES (4); CREATE TABLE u (a int); INSERT INTO nowhere VALUES (1)", "42P01", "nowhere")
	want(t, db, "SELECT count(*) FROM t", "3")
	refused(t, db, "SELECT * FROM u", "42P01", "u")
	refused(t, db, "INSERT INTO t VALUES (5); SELEC 1", "42601", "syntax error")
	want(t, db, "SELECT count(*) FROM t", "3")
	_, err := db.Exec("INSERT INTO t VALUES ($1); INSERT INTO t VALUES (1)", 1)
	fails(t, err, "42601", "cannot insert multiple commands into a prepared statement")
	exec(t, db, "VACUUM t", "")
	refused(t, db, "INSERT INTO t VALUES (6); VACUUM t", "25001", "VACUUM cannot run inside a multiple commands statement")
	want(t, db, "SELECT count(*) FROM t", "3")
	tx, err := db.Begin()
	if err != nil {
		t.Fatal(err)
	}
	refused(t, tx, "VACUUM t", "25001", "VACUUM cannot run inside a transaction block")
	tx.Rollback()
	exec(t, db, "CREATE TABLE w (v varchar(4))")
	if tx, err = db.Begin(); err != nil {
		t.Fatal(err)
	}
	refused(t, tx, "ALTER TABLE w ALTER COLUMN v TYPE varchar(8)", "25001", "ALTER TABLE ALTER COLUMN cannot run inside a transaction block")
	tx.Rollback()
	exec(t, db, "ALTER TABLE w ALTER COLUMN v TYPE varchar(8)")

	rows, err := db.Query("SELECT a FROM t ORDER BY a; INSERT INTO t VALUES (4); SELECT count(*) AS n FROM t")
	if err != nil {
		t.Fatal(err)
	}
	defer rows.Close()
	var sets []string
	for {
		cols, _ := rows.Columns()
		sets = append(sets, cols...)
		for rows.Next() {
			var n int
			if err := rows.Scan(&n); err != nil {
				t.Fatal(err)
			}
			sets = append(sets, fmt.Sprint(n))
		}
		if !rows.NextResultSet() {
			break
		}
	}
	if err := rows.Err(); err != nil || !reflect.DeepEqual(sets, []string{"a", "1", "2", "3", "n", "4"}) {
		t.Error(sets, err)
	}
}

// TestTruncate commits the transaction that it is in. https://docs.aws.amazon.com/redshift/latest/dg/r_TRUNCATE.html
func TestTruncate(t *testing.T) {
	db := open(t, "redshiftsim://")
	exec(t, db, "CREATE TABLE t (a int)", "CREATE TABLE u (a int)", "INSERT INTO t VALUES (1)")
	tx, err := db.Begin()
	if err != nil {
		t.Fatal(err)
	}
	exec(t, tx, "INSERT INTO u VALUES (1)", "TRUNCATE t", "INSERT INTO u VALUES (2)")
	if err := tx.Rollback(); err != nil {
		t.Fatal(err)
	}
	want(t, db, "SELECT count(*) FROM t", "0")
	want(t, db, "SELECT a FROM u", "1")
}

// TestResults: rows affected, and the id that Redshift does not tell.
func TestResults(t *testing.T) {
	db := open(t, "redshiftsim://")
	for _, x := range []struct {
		text string
		n    int64
	}{
		{"CREATE TABLE t (id int identity(10, 5), a int)", 0},
		{"INSERT INTO t (a) VALUES (1), (2), (3)", 3},
		{"UPDATE t SET a = a + 1 WHERE a > 1", 2},
		{"DELETE FROM t WHERE a = 1", 1},
		{"CREATE TABLE u AS SELECT * FROM t", 0},
		{"SELECT * FROM t", 2},
	} {
		res, err := db.Exec(x.text)
		if err != nil {
			t.Fatalf("%s: %v", x.text, err)
		}
		if n, err := res.RowsAffected(); n != x.n || err != nil {
			t.Errorf("%s: %d rows, %v, want %d", x.text, n, err, x.n)
		}
		_, err = res.LastInsertId()
		fails(t, err, "0A000", "Select the identity column")
	}
	refused(t, db, "SELECT 10 / (a - 3) FROM t", "22012", "division by zero") // read to the end, though nobody asks for the rows
}

// cutShort runs a statement with a context that ends while it runs, and gives the statement's error. On a busy machine the time may be over before
// database/sql has handed the statement on: then it is given more.
func cutShort(t *testing.T, db *sql.DB, text string) error {
	t.Helper()
	for d := 30 * time.Millisecond; ; d *= 2 {
		ctx, cancel := context.WithTimeout(context.Background(), d)
		start := time.Now()
		_, err := db.ExecContext(ctx, text)
		cancel()
		var e *redshiftsim.Error
		if errors.As(err, &e) || !errors.Is(err, context.DeadlineExceeded) || d > 10*time.Second {
			if took := time.Since(start); took > d+5*time.Second {
				t.Errorf("cancelled after %v", took)
			}
			return err
		}
	}
}

// TestCancel ends a statement in the middle; its connection goes on.
func TestCancel(t *testing.T) {
	db := open(t, "redshiftsim://")
	db.SetMaxOpenConns(1)
	exec(t, db, "CREATE TABLE n (a int) DISTSTYLE EVEN", "INSERT INTO n VALUES (0),(1),(2),(3),(4),(5),(6),(7),(8),(9)")
	exec(t, db, "INSERT INTO n SELECT x.a + 10 * y.a + 10 FROM n x, n y")
	const long = "SELECT count(*) FROM n a, n b, n c, n d, n e WHERE a.a + b.a + c.a + d.a + e.a = -1"
	fails(t, cutShort(t, db, long), "57014", "canceling statement due to user request")
	want(t, db, "SELECT 1", "1")

	c, err := db.Conn(context.Background())
	if err != nil {
		t.Fatal(err)
	}
	exec(t, c, "SET statement_timeout TO 30")
	refused(t, c, long, "57014", "canceling statement due to statement timeout")
	exec(t, c, "SET statement_timeout TO 0")
	want(t, c, "SELECT 1", "1")
	ctx2, cancel2 := context.WithCancel(context.Background())
	exec(t, c, "CREATE TABLE m (a int) DISTSTYLE EVEN", "INSERT INTO m SELECT x.a FROM n x, n y")
	rows, err := c.QueryContext(ctx2, "SELECT m.a FROM m, n")
	if err != nil {
		t.Fatal(err)
	}
	for range 10 {
		if !rows.Next() {
			t.Fatal(rows.Err())
		}
	}
	cancel2()
	for rows.Next() { // ends soon
	}
	if rows.Err() == nil {
		t.Error("rows of a cancelled query ended without an error")
	}
	rows.Close()
	want(t, c, "SELECT 1", "1")
	c.Close()
}

// TestLocks: a writer waits for another of the same table, gives up with its context, and a cycle is broken.
func TestLocks(t *testing.T) {
	db := open(t, "redshiftsim://")
	exec(t, db, "CREATE TABLE t (a int)", "CREATE TABLE u (a int)")
	one, err := db.Begin()
	if err != nil {
		t.Fatal(err)
	}
	exec(t, one, "DELETE FROM t", "INSERT INTO t VALUES (1)")
	ctx, cancel := context.WithCancel(context.Background())
	defer cancel()
	watched := make(chan error)
	go func() {
		err := waiting(db)
		cancel()
		watched <- err
	}()
	_, err = db.ExecContext(ctx, "INSERT INTO t VALUES (2)")
	fails(t, err, "57014", "canceling statement due to user request")
	if err := <-watched; err != nil {
		t.Fatal(err)
	}
	conn, err := db.Conn(context.Background())
	if err != nil {
		t.Fatal(err)
	}
	exec(t, conn, "SET statement_timeout TO 20")
	refused(t, conn, "INSERT INTO t VALUES (2)", "57014", "statement timeout")
	exec(t, conn, "SET statement_timeout TO 0") // the pool keeps the session
	conn.Close()
	done := make(chan error)
	go func() {
		_, err := db.Exec("INSERT INTO t VALUES (3)")
		done <- err
	}()
	if err := waiting(db); err != nil {
		t.Fatal(err)
	}
	if err := one.Commit(); err != nil {
		t.Fatal(err)
	}
	if err := <-done; err != nil {
		t.Fatal(err)
	}
	want(t, db, "SELECT a FROM t ORDER BY a", "1", "3")

	if one, err = db.Begin(); err != nil {
		t.Fatal(err)
	}
	two, err := db.Begin()
	if err != nil {
		t.Fatal(err)
	}
	exec(t, one, "UPDATE t SET a = 4 WHERE a = 3")
	exec(t, two, "UPDATE u SET a = 4")
	go func() {
		_, err := one.Exec("INSERT INTO u VALUES (5)")
		done <- err
	}()
	if err := waiting(db); err != nil {
		t.Fatal(err)
	}
	refused(t, two, "INSERT INTO t VALUES (5)", "40P01", "deadlock detected")
	two.Rollback()
	if err := <-done; err != nil {
		t.Fatal(err)
	}
	if err := one.Commit(); err != nil {
		t.Fatal(err)
	}
	want(t, db, "SELECT a FROM u", "5")
}

// waiting comes back when a statement of another session waits for a lock.
func waiting(db *sql.DB) error {
	for end := time.Now().Add(30 * time.Second); time.Now().Before(end); time.Sleep(time.Millisecond) {
		var n int
		if err := db.QueryRow("SELECT count(*) FROM pg_locks WHERE NOT granted").Scan(&n); err != nil || n > 0 {
			return err
		}
	}
	return errors.New("no statement waits")
}

// TestCopy loads from a bucket, tells what it loaded, and says which rows it could not.
func TestCopy(t *testing.T) {
	var notices []string
	c, err := redshiftsim.NewConnector(redshiftsim.Config{
		Buckets: map[string]redshiftsim.ObjectStore{"b": redshiftsim.FS(fstest.MapFS{
			"films/1.csv": {Data: []byte("1,Alien,1979\n2,\"Brazil, again\",1985\n")}, "films/2.csv": {Data: []byte("3,Charade,1963\n")},
			"bad.txt": {Data: []byte("4|Dumbo|1941\n5|Eraserhead|x\n")},
		})},
		Notice: func(e *redshiftsim.Error) { notices = append(notices, e.Severity+": "+e.Message) },
	})
	if err != nil {
		t.Fatal(err)
	}
	db := sql.OpenDB(c)
	defer db.Close()
	db.SetMaxOpenConns(1)
	exec(t, db, "CREATE TABLE films (id int, title varchar(20), year int)")
	res, err := db.Exec("COPY films FROM 's3://b/films/' IAM_ROLE DEFAULT CSV")
	if err != nil {
		t.Fatal(err)
	}
	if n, _ := res.RowsAffected(); n != 0 {
		t.Errorf("%d rows", n)
	}
	want(t, db, "SELECT id, title, year FROM films ORDER BY id", "1 Alien 1979", "2 Brazil, again 1985", "3 Charade 1963")
	want(t, db, "SELECT pg_last_copy_count()", "3")
	if w := []string{"INFO: Load into table 'films' completed, 3 record(s) loaded successfully."}; !reflect.DeepEqual(notices, w) {
		t.Errorf("%q", notices)
	}
	refused(t, db, "COPY films FROM 's3://b/bad.txt' IAM_ROLE DEFAULT", "XX000", "Load into table 'films' failed.  Check 'stl_load_errors' system table for details.")
	want(t, db, "SELECT count(*) FROM films", "3")
	exec(t, db, "COPY films FROM 's3://b/bad.txt' IAM_ROLE DEFAULT MAXERROR 5")
	want(t, db, "SELECT count(*) FROM films", "4")
	refused(t, db, "COPY films FROM 's3://b/none' IAM_ROLE DEFAULT", "XX000", "The specified S3 prefix 'none' does not exist")
	refused(t, db, "COPY films FROM 's3://other/none' IAM_ROLE DEFAULT", "XX000", "NoSuchBucket")
	refused(t, db, "COPY films FROM 's3://b/films/' CSV", "42601", "requires an authorization")
	refused(t, db, "COPY films FROM 's3://b/films/' IAM_ROLE DEFAULT ORC", "0A000", "ORC")
	refused(t, db, "COPY films (id, nothing) FROM 's3://b/films/' IAM_ROLE DEFAULT CSV", "42703", "nothing")
	exec(t, db, "CREATE TABLE f2 (n int identity(1,1), title varchar(20) , id int, kind varchar(9) DEFAULT 'film')",
		"COPY f2 (id, title, kind) FROM 's3://b/films/' IAM_ROLE DEFAULT CSV")
	want(t, db, "SELECT title, kind FROM f2 WHERE id = 1", "Alien 1979")
	want(t, db, "SELECT count(DISTINCT n) FROM f2", "3")
}

// TestClone: two clones of a cluster append to the tail that they share, and a writer rolls back, all at once; none sees another's rows.
func TestClone(t *testing.T) {
	base := open(t, "redshiftsim://?nodes=1&slices=1")
	exec(t, base, "CREATE TABLE t (a int, b varchar(20))", "INSERT INTO t VALUES (0, 'base')")
	c, err := redshiftsim.ClusterOf(base)
	if err != nil {
		t.Fatal(err)
	}
	dbs := []*sql.DB{base, sql.OpenDB(c.Clone()), sql.OpenDB(c.Clone())}
	defer dbs[1].Close()
	defer dbs[2].Close()
	const n = 200
	var wg sync.WaitGroup
	for k, db := range dbs {
		wg.Add(2)
		go func() {
			defer wg.Done()
			for i := range n {
				exec(t, db, fmt.Sprintf("INSERT INTO t VALUES (%d, 'of %d')", i+1, k))
			}
		}()
		go func() {
			defer wg.Done()
			for range n / 10 {
				tx, err := db.Begin()
				if err != nil {
					t.Error(err)
					return
				}
				exec(t, tx, "INSERT INTO t VALUES (-1, 'gone'), (-2, 'gone')")
				if err := tx.Rollback(); err != nil {
					t.Error(err)
				}
			}
		}()
	}
	wg.Wait()
	for k, db := range dbs {
		want(t, db, "SELECT count(*), min(a), max(a) FROM t", fmt.Sprintf("%d 0 %d", n+1, n))
		want(t, db, fmt.Sprintf("SELECT count(*) FROM t WHERE b = 'of %d'", k), fmt.Sprint(n))
	}
}

// TestManySessions writes and reads from many goroutines.
func TestManySessions(t *testing.T) {
	db := open(t, "redshiftsim://")
	exec(t, db, "CREATE TABLE t (a int, b int) DISTSTYLE EVEN")
	var wg sync.WaitGroup
	for g := range 8 {
		wg.Add(1)
		go func() {
			defer wg.Done()
			for i := range 25 {
				exec(t, db, fmt.Sprintf("INSERT INTO t VALUES (%d, %d)", g, i))
				if got := all(t, db, fmt.Sprintf("SELECT count(*) FROM t WHERE a = %d", g)); got[0] != fmt.Sprint(i+1) {
					t.Errorf("session %d sees %s of %d rows", g, got[0], i+1)
				}
			}
		}()
	}
	wg.Wait()
	want(t, db, "SELECT count(*), sum(b) FROM t", "200 2400")
}

// TestLeaks: what is closed leaves neither goroutines nor memory.
func TestLeaks(t *testing.T) {
	once := func(i int) {
		db, err := sql.Open("redshiftsim", fmt.Sprintf("redshiftsim://leak%d", i))
		if err != nil {
			t.Fatal(err)
		}
		exec(t, db, "CREATE TABLE t (a int, b varchar(1000))", "INSERT INTO t VALUES (1, repeat('x', 1000))")
		rows, err := db.Query("SELECT * FROM t")
		if err != nil {
			t.Fatal(err)
		}
		rows.Next() // rows that nobody closes
		if err := rows.Close(); err != nil {
			t.Fatal(err)
		}
		if err := db.Close(); err != nil {
			t.Fatal(err)
		}
	}
	for i := range 20 {
		once(i)
	}
	heap := func() uint64 {
		var m runtime.MemStats
		runtime.GC()
		runtime.GC()
		runtime.ReadMemStats(&m)
		return m.HeapAlloc
	}
	before, goroutines := heap(), runtime.NumGoroutine()
	for i := range 300 {
		once(i)
	}
	if after := heap(); after > before+4<<20 {
		t.Errorf("the heap grew from %d to %d bytes", before, after)
	}
	for i := 0; runtime.NumGoroutine() > goroutines+2; i++ {
		if i > 100 {
			t.Fatalf("%d goroutines, %d before", runtime.NumGoroutine(), goroutines)
		}
		time.Sleep(10 * time.Millisecond)
	}
}

// TestSession: parameters of the DSN, temporary tables, RESET.
func TestSession(t *testing.T) {
	db := open(t, "redshiftsim://?search_path=s,public&timezone=Europe/Berlin&query_group=mine")
	exec(t, db, "CREATE SCHEMA s", "CREATE TABLE t (a int)", "CREATE TABLE public.t (b int)")
	c, err := db.Conn(context.Background())
	if err != nil {
		t.Fatal(err)
	}
	defer c.Close()
	want(t, c, "SELECT count(a) FROM t", "0")
	want(t, c, "SHOW query_group", "mine")
	exec(t, c, "SET search_path TO public")
	want(t, c, "SELECT count(b) FROM t", "0")
	exec(t, c, "RESET search_path")
	want(t, c, "SELECT count(a) FROM t", "0")
	exec(t, c, "CREATE TEMP TABLE t (z int)", "INSERT INTO t VALUES (5)")
	want(t, c, "SELECT z FROM t", "5")
	want(t, db, "SELECT count(a) FROM t", "0")
	refused(t, c, "SET nonsense TO 1", "42704", "unrecognized configuration parameter")
	refused(t, c, "SET extra_float_digits TO 3", "22023", `3 is outside the valid range for parameter "extra_float_digits" (-15 .. 2)`)
}

// TestUsers: another user is ordinary; tables are their owners'.
func TestUsers(t *testing.T) {
	admin, ann := open(t, "redshiftsim://users"), open(t, "redshiftsim://ann@users")
	exec(t, admin, "CREATE TABLE t (a int)")
	want(t, ann, "SELECT current_user", "ann")
	for _, text := range []string{"DROP TABLE t", "TRUNCATE t", "ALTER TABLE t ADD COLUMN b int"} {
		refused(t, ann, text, "42501", "must be owner of relation t")
	}
	exec(t, ann, "CREATE TABLE mine (a int)")
	exec(t, admin, "DROP TABLE mine")
}

// TestStatistics plans by figures that the rows do not bear out.
func TestStatistics(t *testing.T) {
	db := open(t, "redshiftsim://")
	exec(t, db, "CREATE TABLE t (a int) DISTSTYLE EVEN")
	c, err := redshiftsim.ClusterOf(db)
	if err != nil {
		t.Fatal(err)
	}
	ctx := context.Background()
	if err := c.SetStatistics(ctx, "t", redshiftsim.Statistics{Rows: 172456, Columns: map[string]redshiftsim.ColumnStatistics{"a": {Distinct: 100}}}); err != nil {
		t.Fatal(err)
	}
	if got := all(t, db, "EXPLAIN SELECT * FROM t"); len(got) != 1 || !strings.Contains(got[0], "rows=172456") {
		t.Errorf("%q", got)
	}
	if err := c.SetStatistics(ctx, "t", redshiftsim.Statistics{Columns: map[string]redshiftsim.ColumnStatistics{"b": {}}}); err == nil {
		t.Error("statistics of a column that is not there")
	}
	fails(t, c.SetStatistics(ctx, "u", redshiftsim.Statistics{}), "42P01", "u")
	steps, err := c.Steps(ctx, "SELECT a FROM t")
	if err != nil || !strings.Contains(steps, "scan t") {
		t.Error(steps, err)
	}
}

// TestSQL runs testdata on clusters of several shapes, which must answer alike.
func TestSQL(t *testing.T) {
	sqltest.Run(t, "testdata", sqltest.Options{
		Skip: []string{"tickit"}, // has data of its own
		Open: func(t *testing.T, s sqltest.Shape, dir, params string) *sql.DB {
			if s.Nodes == 3 { // what no ORDER BY puts in order comes in a random order there
				seed := rand.Uint64()
				t.Logf("seed=%d", seed)
				params = fmt.Sprintf("&order=shuffle&seed=%d", seed) + params
			}
			return open(t, fmt.Sprintf("redshiftsim://?nodes=%d&slices=%d&bucket=testdata=testdata&bucket=test=%s,rw%s", s.Nodes, s.Slices, url.QueryEscape(dir), params))
		},
		Steps: func(db *sql.DB, text string) (string, error) {
			c, err := redshiftsim.ClusterOf(db)
			if err != nil {
				return "", err
			}
			return c.Steps(context.Background(), text)
		},
	})
}

// FuzzParseDSN: whatever a DSN is, it is read or refused with words; what is read opens or is refused as well.
func FuzzParseDSN(f *testing.F) {
	for _, s := range []string{
		"redshiftsim://", "redshiftsim://me:secret@orders/dev?nodes=3&slices=4&seed=7", "redshiftsim://?bucket=films=./testdata,rw&block_size=4096",
		"redshiftsim://x?nodes=-1", "redshiftsim://?order=shuffle&seed=3", "redshiftsim://%zz", "postgres://x", "redshiftsim://a b", "redshiftsim://?timezone=UTC&statement_timeout=5",
	} {
		f.Add(s)
	}
	f.Fuzz(func(t *testing.T, dsn string) {
		cfg, err := redshiftsim.ParseDSN(dsn)
		if err != nil {
			if !strings.HasPrefix(err.Error(), "redshiftsim: ") {
				t.Errorf("%q: %v", dsn, err)
			}
			return
		}
		cfg.Buckets = nil // no folder of this machine is touched
		cfg.Nodes, cfg.Slices = min(cfg.Nodes, 4), min(cfg.Slices, 4)
		c, err := redshiftsim.NewConnector(cfg)
		if err != nil {
			return
		}
		if err := c.Close(); err != nil {
			t.Errorf("%q: close: %v", dsn, err)
		}
	})
}

// TestLogin: a user's name is believed while the user has no password; one that is given must be right.
func TestLogin(t *testing.T) {
	admin := open(t, "redshiftsim://awsuser:First1234@login")
	want(t, admin, "SELECT current_user", "awsuser")
	exec(t, admin, "CREATE USER ann PASSWORD 'Abcd1234'", "CREATE USER md PASSWORD 'md5b27ff6b1ba7e8d5f1a1d0b5e5a4f3c2d'",
		"CREATE USER iam PASSWORD DISABLE", "CREATE USER late PASSWORD 'Abcd1234' VALID UNTIL '2017-06-10'",
		"ALTER USER ann SET query_group TO 'anns'", "ALTER USER ann CONNECTION LIMIT 2")
	want(t, open(t, "redshiftsim://ann:Abcd1234@login"), "SELECT current_user, current_setting('query_group')", "ann anns")
	want(t, open(t, "redshiftsim://login"), "SELECT current_user", "awsuser")
	want(t, open(t, "redshiftsim://believed@login"), "SELECT current_user", "believed")
	for dsn, code := range map[string]string{
		"redshiftsim://ann:wrong@login":         "28P01",
		"redshiftsim://ann@login":               "28P01",
		"redshiftsim://awsuser:Other1234@login": "28P01",
		"redshiftsim://ghost:Abcd1234@login":    "28000",
		"redshiftsim://md:anything@login":       "28P01",
		"redshiftsim://iam:anything@login":      "28P01",
		"redshiftsim://late:Abcd1234@login":     "28P01",
	} {
		db := open(t, dsn)
		_, err := db.Exec("SELECT 1")
		fails(t, err, code, "user")
	}
	// The second connection of ann's is the last that she may have.
	two := open(t, "redshiftsim://ann:Abcd1234@login")
	c, err := two.Conn(context.Background())
	if err != nil {
		t.Fatal(err)
	}
	defer c.Close()
	_, err = two.Exec("SELECT 1")
	fails(t, err, "53300", `too many connections for user "ann"`)

	// What is granted, and what is taken back, holds for sessions that are open, and for plans that are kept.
	exec(t, admin, "CREATE TABLE t (a int)", "INSERT INTO t VALUES (1)", "CREATE GROUP g USER believed", "GRANT SELECT ON t TO GROUP g")
	b, err := open(t, "redshiftsim://believed@login").Conn(context.Background())
	if err != nil {
		t.Fatal(err)
	}
	defer b.Close()
	for range 3 {
		want(t, b, "SELECT a FROM t WHERE a = 1", "1")
		exec(t, admin, "ALTER GROUP g DROP USER believed")
		refused(t, b, "SELECT a FROM t WHERE a = 1", "42501", "permission denied for relation t")
		want(t, admin, "SELECT a FROM t WHERE a = 1", "1")
		exec(t, admin, "ALTER GROUP g ADD USER believed")
	}
	exec(t, admin, "ALTER USER believed CREATEUSER")
	exec(t, b, "CREATE USER more PASSWORD 'Abcd1234'")
	exec(t, admin, "ALTER USER believed NOCREATEUSER")
	refused(t, b, "DROP USER more", "42501", "must be superuser to drop users")
}

// TestIdle: SESSION TIMEOUT ends a session that was idle for too long, by the cluster's clock.
func TestIdle(t *testing.T) {
	now := time.Date(2026, 1, 1, 0, 0, 0, 0, time.UTC)
	k, err := redshiftsim.NewConnector(redshiftsim.Config{Name: "idle", Clock: func() time.Time { return now }})
	if err != nil {
		t.Fatal(err)
	}
	admin := sql.OpenDB(k)
	t.Cleanup(func() { admin.Close() })
	exec(t, admin, "CREATE USER ann PASSWORD 'Abcd1234' SESSION TIMEOUT 60")
	c, err := open(t, "redshiftsim://ann:Abcd1234@idle").Conn(context.Background())
	if err != nil {
		t.Fatal(err)
	}
	defer c.Close()
	want(t, c, "SELECT 1", "1")
	now = now.Add(60 * time.Second)
	want(t, c, "SELECT 1", "1")
	now = now.Add(61 * time.Second)
	refused(t, c, "SELECT 1", "57P01", "terminating connection due to idle session timeout")
}

// TestGrantsAside grants and revokes beside queries: who was refused was refused by what was true at some moment, and nothing is lost.
func TestGrantsAside(t *testing.T) {
	admin := open(t, "redshiftsim://aside")
	exec(t, admin, "CREATE TABLE t (a int)", "INSERT INTO t VALUES (1)", "CREATE USER ann PASSWORD 'Abcd1234'", "CREATE GROUP g")
	stop := make(chan struct{})
	var wg sync.WaitGroup
	for range 2 {
		db := open(t, "redshiftsim://ann:Abcd1234@aside")
		wg.Add(1)
		go func() {
			defer wg.Done()
			for {
				select {
				case <-stop:
					return
				default:
				}
				var n int
				var e *redshiftsim.Error
				if err := db.QueryRow("SELECT a FROM t").Scan(&n); err != nil && (!errors.As(err, &e) || e.SQLState() != "42501") {
					t.Error(err)
					return
				}
			}
		}()
	}
	other := open(t, "redshiftsim://aside")
	wg.Add(1)
	go func() { // another's grants on other objects do not conflict with these
		defer wg.Done()
		for i := range 50 {
			exec(t, other, fmt.Sprintf("CREATE TABLE o%d (a int)", i), fmt.Sprintf("GRANT SELECT ON o%d TO GROUP g", i), fmt.Sprintf("DROP TABLE o%d", i))
		}
	}()
	ann := open(t, "redshiftsim://ann:Abcd1234@aside")
	for range 100 {
		exec(t, admin, "GRANT SELECT ON t TO ann")
		want(t, ann, "SELECT a FROM t", "1")
		exec(t, admin, "REVOKE SELECT ON t FROM ann")
		refused(t, ann, "SELECT a FROM t", "42501", "permission denied for relation t")
	}
	close(stop)
	wg.Wait()
}

// TestTerminatedConnection has the pool drop a connection whose session somebody else has ended.
func TestTerminatedConnection(t *testing.T) {
	db, admin := open(t, "redshiftsim://terminated"), open(t, "redshiftsim://terminated")
	db.SetMaxOpenConns(1)
	was := all(t, db, "SELECT pg_backend_pid()")
	exec(t, admin, "SELECT pg_terminate_backend("+was[0]+")")
	if now := all(t, db, "SELECT pg_backend_pid()"); now[0] == was[0] {
		t.Error("the session lives")
	}
	if n := all(t, admin, "SELECT count(*) FROM stv_sessions WHERE process = "+was[0]); n[0] != "0" {
		t.Error("the session is still listed")
	}
}
