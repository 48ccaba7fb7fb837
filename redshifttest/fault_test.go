package redshifttest_test

import (
	"context"
	"database/sql/driver"
	"errors"
	"fmt"
	"runtime"
	"strings"
	"testing"
	"testing/fstest"
	"time"

	"github.com/redshiftsim/redshiftsim"
	"github.com/redshiftsim/redshiftsim/redshifttest"
)

// faultSchema has 20,000 rows on four slices: three batches each.
const faultSchema = `
CREATE TABLE d (d int) DISTSTYLE ALL; INSERT INTO d VALUES (0), (1), (2), (3), (4), (5), (6), (7), (8), (9);
CREATE TABLE base (a int, b int) DISTSTYLE EVEN;
INSERT INTO base SELECT v.d + 10 * w.d + 100 * x.d + 1000 * y.d, w.d FROM d v, d w, d x, d y; INSERT INTO base SELECT a + 10000, b FROM base;
CREATE TABLE t (a int, b int) DISTKEY (a); INSERT INTO t SELECT * FROM base;
`

// code is the SQLSTATE of an error, "" when it has none.
func code(err error) string {
	var e *redshiftsim.Error
	if errors.As(err, &e) {
		return e.SQLState()
	}
	return ""
}

// TestFaults disturbs every kind of change by every fault that can meet it: the change fails, tables are as they were, locks and memory are free, and no
// goroutine is left.
func TestFaults(t *testing.T) {
	var csv strings.Builder
	for i := range 20000 {
		fmt.Fprintf(&csv, "%d,%d\n", 100000+i, i%7)
	}
	files := redshiftsim.FS(fstest.MapFS{"f.csv": {Data: []byte(csv.String())}})
	db := redshifttest.New(t, redshifttest.SQL(faultSchema), redshifttest.Bucket("b", files), redshifttest.MemoryLimit(1<<30))
	changes := []string{
		"INSERT INTO t SELECT a + 1, b FROM base",
		"UPDATE t SET b = b + 1 WHERE a % 2 = 0",
		"DELETE FROM t WHERE a % 3 = 0",
		"COPY t FROM 's3://b/f' IAM_ROLE DEFAULT CSV",
		"MERGE INTO t USING base ON t.a = base.a WHEN MATCHED THEN UPDATE SET b = 9 WHEN NOT MATCHED THEN INSERT VALUES (base.a, 1)",
		"CREATE TABLE made AS SELECT * FROM base",
		"SELECT * INTO made FROM base",
		"BEGIN; DELETE FROM t WHERE a < 100; INSERT INTO t SELECT a + 1, b FROM base; COMMIT",
	}
	faults := []struct {
		make         func() *redshifttest.Fault
		code, words  string
		except, only string
	}{
		{make: redshifttest.Conflict, code: "XX000", words: "1023"},
		{make: func() *redshifttest.Fault { return redshifttest.LostSlice(1, 0) }, code: "XX000", words: "could not reach slice 1"},
		{make: func() *redshifttest.Fault { return redshifttest.LostSlice(1, 1) }, code: "XX000", words: "could not reach slice 1"},
		{make: func() *redshifttest.Fault { return redshifttest.DiskFull(3000) }, code: "XX000", words: "Disk Full", except: "DELETE FROM t WHERE a % 3"},
		{make: func() *redshifttest.Fault { return redshifttest.Timeout(3) }, code: "57014", words: "statement timeout"},
		{make: redshifttest.SlowDown, code: "XX000", words: "Status 503,Error SlowDown", only: "COPY"},
		{make: func() *redshifttest.Fault { return redshifttest.SlowDown().Nth(2) }, code: "XX000", words: "Status 503,Error SlowDown", only: "COPY"},
	}
	const state = "SELECT count(*) || ' ' || sum(a) || ' ' || sum(b) FROM t"
	was := column(t, db, state)
	before := runtime.NumGoroutine()
	for _, change := range changes {
		for _, x := range faults {
			if x.except != "" && strings.HasPrefix(change, x.except) || !strings.HasPrefix(change, x.only) {
				continue
			}
			f := x.make()
			t.Run(change+"/"+x.words, func(t *testing.T) {
				redshifttest.Inject(t, db, f)
				_, err := db.Exec(change)
				if code(err) != x.code || !strings.Contains(err.Error(), x.words) {
					t.Errorf("%v", err)
				}
			})
			f.Lift()
			check(t, db, state, was)
			check(t, db, "SELECT count(*) FROM pg_tables WHERE tablename = 'made'", "0")
			check(t, db, "SELECT count(*) FROM stv_locks", "0")
			if got := column(t, db, "SELECT granted_bytes FROM redshiftsim_memory_use"); got != "0" {
				t.Errorf("%s: %s bytes are granted", change, got)
			}
		}
	}
	if _, err := db.Exec(changes[0]); err != nil {
		t.Errorf("without faults: %v", err)
	}
	for range 100 {
		if runtime.NumGoroutine() <= before {
			return
		}
		time.Sleep(10 * time.Millisecond)
	}
	t.Errorf("%d goroutines, there were %d", runtime.NumGoroutine(), before)
}

func TestConflict(t *testing.T) {
	t.Parallel()
	for _, level := range []string{"snapshot", "serializable"} {
		f := redshifttest.Conflict().Nth(2)
		db := redshifttest.New(t, redshifttest.SQL(schema), f, redshifttest.Config(func(c *redshiftsim.Config) { c.Isolation = level }))
		insert := func() error {
			tx, err := db.Begin()
			if err != nil {
				return err
			}
			if _, err := tx.Exec("INSERT INTO movies (title) VALUES ('x')"); err != nil {
				return err
			}
			return tx.Commit()
		}
		check(t, db, "SELECT count(*) FROM movies", "2") // changes nothing: no COMMIT that counts
		if err := insert(); err != nil {
			t.Fatal(err)
		}
		err := insert()
		if code(err) != "XX000" || !redshiftsim.IsRetryable(err) || !strings.Contains(err.Error(), "Serializable isolation violation on table - ") {
			t.Errorf("%s: %v", level, err)
		}
		if err := insert(); err != nil {
			t.Errorf("%s: the third: %v", level, err)
		}
		check(t, db, "SELECT count(*) FROM movies", "4")
		if f.Struck() != 1 {
			t.Errorf("it struck %d times", f.Struck())
		}
	}
	spy := redshifttest.NewRecorder()
	db := redshifttest.New(t, redshifttest.SQL(schema), spy, redshifttest.Conflict().On("create table").Times(2))
	for range 2 {
		if _, err := db.Exec("CREATE TABLE other (a int)"); err == nil || !redshiftsim.IsRetryable(err) {
			t.Error(err)
		}
		if _, err := db.Exec("INSERT INTO movies (title) VALUES ('x')"); err != nil {
			t.Error(err)
		}
	}
	if e := spy.Sent(t, "CREATE TABLE").Err; e == nil {
		t.Error("the recorder does not know that the COMMIT of a statement failed")
	}
	if _, err := db.Exec("CREATE TABLE other (a int)"); err != nil {
		t.Error(err)
	}
}

func TestResetConnection(t *testing.T) {
	t.Parallel()
	db := redshifttest.New(t, redshifttest.SQL(faultSchema), redshifttest.ResetConnection(3).On("SELECT a FROM t"))
	db.SetMaxOpenConns(1)
	pid := column(t, db, "SELECT pg_backend_pid()")
	read := func(text string) (int, error) {
		rows, err := db.Query(text)
		if err != nil {
			return -1, err
		}
		defer rows.Close()
		n := 0
		for rows.Next() {
			n++
		}
		return n, rows.Err()
	}
	n, err := read("SELECT a FROM t")
	if n != 3 || !errors.Is(err, driver.ErrBadConn) || code(err) != "08006" || !redshiftsim.IsRetryable(err) {
		t.Errorf("%d rows, %v", n, err)
	}
	if now := column(t, db, "SELECT pg_backend_pid()"); now == pid {
		t.Error("the pool has kept the connection")
	}
	if n, err := read("SELECT a FROM t WHERE a < 2"); n != 2 || err != nil {
		t.Errorf("%d rows, %v", n, err)
	}
	if n, err := read("SELECT a FROM t"); n != 20000 || err != nil {
		t.Errorf("%d rows, %v", n, err)
	}
	tx, err := db.Begin() // a transaction goes with its connection, and so do its locks
	if err != nil {
		t.Fatal(err)
	}
	defer tx.Rollback()
	if _, err := tx.Exec("DELETE FROM base"); err != nil {
		t.Fatal(err)
	}
	redshifttest.Inject(t, db, redshifttest.ResetConnection(0).On("count"))
	var all int
	if err := tx.QueryRow("SELECT count(*) FROM t").Scan(&all); !errors.Is(err, driver.ErrBadConn) {
		t.Errorf("%v", err)
	}
	if err := tx.Commit(); err == nil {
		t.Error("COMMIT on a broken connection")
	}
	check(t, db, "SELECT count(*) FROM base", "20000")
	check(t, db, "SELECT count(*) FROM stv_locks", "0")
}

func TestSlowSlice(t *testing.T) {
	t.Parallel()
	f := redshifttest.SlowSlice(2, 20*time.Millisecond).On("FROM t")
	db := redshifttest.New(t, redshifttest.SQL(faultSchema), f)
	start := time.Now()
	check(t, db, "SELECT count(*) FROM t WHERE a >= 0", "20000")
	if took := time.Since(start); took < 60*time.Millisecond || f.Struck() < 3 {
		t.Errorf("%v, %d batches waited", took, f.Struck())
	}
	ctx, stop := context.WithCancel(context.Background())
	defer stop()
	before := f.Struck()
	go func() {
		for f.Struck() == before && ctx.Err() == nil { // until it waits
			time.Sleep(time.Millisecond)
		}
		stop()
	}()
	if _, err := db.ExecContext(ctx, "SELECT sum(b) FROM t"); code(err) != "57014" {
		t.Errorf("a cancel while a slice waits: %v", err)
	}
	f.Lift()
	n := f.Struck()
	check(t, db, "SELECT count(*) FROM t WHERE b >= 0", "20000")
	if f.Struck() != n {
		t.Error("it strikes after Lift")
	}
}

func TestFaultRules(t *testing.T) {
	t.Parallel()
	wants(t, func(f *fakeT) {
		db := redshifttest.New(f, redshifttest.SQL(schema), redshifttest.DiskFull(1).On("INSERT").Nth(2))
		if _, err := db.Exec("INSERT INTO movies (title) VALUES ('x'), ('y')"); err != nil {
			f.Error(err)
		}
	}, "never struck: it could have struck 1 times, and was to strike from time 2 on", "the fault DiskFull(1) of fault_test.go:", "public.movies: 4 rows")
	wants(t, func(f *fakeT) {
		db := redshifttest.New(f, redshifttest.SQL(schema))
		redshifttest.Inject(f, db, redshifttest.Timeout(1).On("FROM nowhere"), redshifttest.SlowSlice(77, time.Second))
		check(t, db, "SELECT count(*) FROM movies", "2")
	}, `the fault Timeout(1) of fault_test.go:`, `never struck: nothing came that has "FROM nowhere" in it`, "the fault SlowSlice(77, 1s) of fault_test.go:",
		"never struck: 1 came, and in none the moment that it waits for")
	wants(t, func(f *fakeT) {
		redshifttest.NewBase(redshifttest.Conflict()).Clone(f)
	}, "a fault is an option of Clone")
	db := redshifttest.New(t, redshifttest.SQL(schema))
	f := redshifttest.DiskFull(0).On("insert into movies").Nth(2).Times(2)
	redshifttest.Inject(t, db, f)
	for i, fails := range []bool{false, true, true, false} {
		check(t, db, "SELECT 1", "1")
		if _, err := db.Exec("INSERT INTO  movies (title) VALUES ('x')"); fails != (err != nil) {
			t.Errorf("%d: %v", i, err)
		}
	}
	check(t, db, "SELECT count(*) FROM movies", "4")
	var e *redshiftsim.Error
	redshifttest.Inject(t, db, redshifttest.DiskFull(0))
	if _, err := db.Exec("UPDATE movies SET year = 1"); !errors.As(err, &e) || e.Message != "Disk Full" || !strings.Contains(e.Detail, "code:      1016") {
		t.Errorf("%v", err)
	}
}

// ExampleConflict has the first COMMIT fail and looks whether the program tries again.
func ExampleConflict() {
	t, end := example()
	defer end()
	db := redshifttest.New(t, redshifttest.SQL("CREATE TABLE stock (id int, n int); INSERT INTO stock VALUES (7, 3)"), redshifttest.Conflict())
	take := func() error {
		_, err := db.Exec("UPDATE stock SET n = n - 1 WHERE id = 7")
		return err
	}
	err := take()
	for redshiftsim.IsRetryable(err) {
		fmt.Println(err.(*redshiftsim.Error).Message)
		err = take()
	}
	var n int
	_ = db.QueryRow("SELECT n FROM stock").Scan(&n)
	fmt.Println(n, err)
	// Output:
	// 1023
	// 2 <nil>
}
