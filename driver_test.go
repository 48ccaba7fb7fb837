package redshiftsim_test

import (
	"context"
	"database/sql"
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
	"github.com/redshiftsim/redshiftsim/internal/bridge"
	"github.com/redshiftsim/redshiftsim/internal/sqltest"
)

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
		Open: func(t *testing.T, s sqltest.Shape, dir, params string, notice func(severity, message string)) *sql.DB {
			if s.Nodes == 3 { // what no ORDER BY puts in order comes in a random order there
				seed := rand.Uint64()
				t.Logf("seed=%d", seed)
				params = fmt.Sprintf("&order=shuffle&seed=%d", seed) + params
			}
			cfg, err := redshiftsim.ParseDSN(fmt.Sprintf("redshiftsim://?nodes=%d&slices=%d&bucket=testdata=testdata&bucket=test=%s,rw%s", s.Nodes, s.Slices, url.QueryEscape(dir), params))
			if err != nil {
				t.Fatal(err)
			}
			cfg.Notice = func(n *redshiftsim.Error) { notice(n.Severity, n.Message) }
			cfg.Lambdas = guideLambdas()
			k, err := redshiftsim.NewConnector(cfg)
			if err != nil {
				t.Fatal(err)
			}
			db := sql.OpenDB(k)
			t.Cleanup(func() { db.Close() })
			return db
		},
		Waits: func(conn *sql.Conn) (waits func() bool, err error) {
			err = conn.Raw(func(dc any) error {
				s := bridge.Session(dc)
				waits = func() bool { return s.Cluster().Waiting(s.PID()) }
				return nil
			})
			return waits, err
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
