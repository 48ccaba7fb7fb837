package redshifttest_test

import (
	"context"
	"database/sql/driver"
	"errors"
	"fmt"
	"os"
	"time"

	"github.com/redshiftsim/redshiftsim"
	"github.com/redshiftsim/redshiftsim/redshifttest"
)

// ExampleSQL runs a script, one statement after the other.
func ExampleSQL() {
	t, end := example()
	defer end()
	db := redshifttest.New(t, redshifttest.SQL("CREATE SCHEMA shop; CREATE TABLE shop.t (a int); INSERT INTO shop.t VALUES (1)"))
	fmt.Println(column(t, db, "SELECT a FROM shop.t"))
	// Output: 1
}

// ExampleLoad adds rows in the midst of a test.
func ExampleLoad() {
	t, end := example()
	defer end()
	db := redshifttest.New(t, redshifttest.SQL("CREATE TABLE t (a int, b varchar(9) DEFAULT 'none')"))
	redshifttest.Load(t, db, redshifttest.Rows("t", []map[string]any{{"a": 1}, {"a": 2, "b": "two"}, {"a": 3, "b": nil}}))
	fmt.Println(column(t, db, "SELECT b FROM t ORDER BY a"))
	// Output: none two NULL
}

// ExampleShape has a cluster of three nodes with four slices each.
func ExampleShape() {
	t, end := example()
	defer end()
	db := redshifttest.New(t, redshifttest.Shape(3, 4))
	fmt.Println(column(t, db, "SELECT count(DISTINCT node) || ' ' || count(*) FROM stv_slices"))
	// Output: 3 12
}

// ExampleSetting has sessions begin with a search path.
func ExampleSetting() {
	t, end := example()
	defer end()
	db := redshifttest.New(t, redshifttest.Setting("search_path", "shop, public"), redshifttest.SQL("CREATE SCHEMA shop; CREATE TABLE t (a int)"))
	fmt.Println(column(t, db, "SELECT schemaname FROM pg_tables WHERE tablename = 't'"))
	// Output: shop
}

// ExampleSeed has random() give the same numbers each time.
func ExampleSeed() {
	t, end := example()
	defer end()
	a := redshifttest.New(t, redshifttest.Seed(7))
	b := redshifttest.New(t, redshifttest.Seed(7))
	fmt.Println(column(t, a, "SELECT random()") == column(t, b, "SELECT random()"))
	// Output: true
}

// ExampleAt stops the clock.
func ExampleAt() {
	t, end := example()
	defer end()
	db := redshifttest.New(t, redshifttest.At(time.Date(2008, 2, 29, 12, 0, 0, 0, time.UTC)))
	fmt.Println(column(t, db, "SELECT dateadd(day, 1, getdate())::varchar"))
	// Output: 2008-03-01 12:00:00
}

// ExampleBucket unloads to a bucket in memory, and copies from it.
func ExampleBucket() {
	t, end := example()
	defer end()
	db := redshifttest.New(t, redshifttest.Bucket("lake", redshiftsim.NewMemory()), redshifttest.SQL(`
		CREATE TABLE t (a int); INSERT INTO t VALUES (1), (2);
		UNLOAD ('SELECT a FROM t') TO 's3://lake/t_' IAM_ROLE DEFAULT CSV;
		COPY t FROM 's3://lake/t_' IAM_ROLE DEFAULT CSV`))
	fmt.Println(column(t, db, "SELECT sum(a) FROM t"))
	// Output: 6
}

// ExampleMemoryLimit has a query need more memory than there is.
func ExampleMemoryLimit() {
	t, end := example()
	defer end()
	db := redshifttest.New(t, redshifttest.MemoryLimit(4<<20), redshifttest.SQL(faultSchema))
	_, err := db.Exec("SELECT x.a, sha1(y.d) || sha1(x.b) AS h FROM t x CROSS JOIN d y ORDER BY h")
	fmt.Println(code(err))
	// Output: 53200
}

// ExampleConfig changes what has no option of its own.
func ExampleConfig() {
	t, end := example()
	defer end()
	db := redshifttest.New(t, redshifttest.Config(func(c *redshiftsim.Config) { c.Isolation = "serializable" }))
	fmt.Println(column(t, db, "SELECT database_isolation_level FROM svv_redshift_databases WHERE database_name = 'dev'"))
	// Output: Serializable
}

// ExampleDumpTo keeps what a failed test leaves.
func ExampleDumpTo() {
	folder, _ := os.MkdirTemp("", "dump")
	defer os.RemoveAll(folder)
	t, end := example()
	redshifttest.New(t, redshifttest.DumpTo(folder), redshifttest.SQL("CREATE TABLE t (a int)"))
	t.failed = true // t.Error("...")
	t.said.Reset()
	for _, c := range t.cleanups {
		c()
	}
	t.failed, t.cleanups = false, nil
	end()
	files, _ := os.ReadDir(folder + "/TestExample")
	for _, f := range files {
		fmt.Println(f.Name())
	}
	// Output:
	// explorer.html
	// public.t.csv
	// report.txt
}

// ExampleMaxBlocksRead counts blocks: two columns of one slice, a block each.
func ExampleMaxBlocksRead() {
	t, end := example()
	defer end()
	db := redshifttest.New(t, redshifttest.Shape(1, 1), redshifttest.SQL(faultSchema))
	redshifttest.MaxBlocksRead(t, db, 2, "SELECT sum(a), sum(b) FROM t")
	fmt.Println(t.Failed())
	// Output: false
}

// ExampleUsesSortKey finds a condition that zone maps can use.
func ExampleUsesSortKey() {
	t, end := example()
	defer end()
	db := redshifttest.New(t, redshifttest.SQL("CREATE TABLE sales (at date SORTKEY, n int)"))
	redshifttest.UsesSortKey(t, db, "sales", "SELECT sum(n) FROM sales WHERE at BETWEEN $1 AND $2", "2020-01-01", "2020-01-31")
	fmt.Println(t.Failed())
	// Output: false
}

// ExampleNoBroadcast keeps a join from moving a whole table.
func ExampleNoBroadcast() {
	t, end := example()
	defer end()
	db := redshifttest.New(t, redshifttest.SQL("CREATE TABLE a (id int DISTKEY); CREATE TABLE b (id int) DISTSTYLE ALL"))
	redshifttest.NoBroadcast(t, db, "SELECT count(*) FROM a JOIN b USING (id)")
	fmt.Println(t.Failed())
	// Output: false
}

// ExampleNoNestedLoop finds that two tables are joined by an equality.
func ExampleNoNestedLoop() {
	t, end := example()
	defer end()
	db := redshifttest.New(t, redshifttest.SQL("CREATE TABLE a (id int, lo int); CREATE TABLE b (id int, n int)"))
	redshifttest.NoNestedLoop(t, db, "SELECT count(*) FROM a JOIN b ON a.id = b.id AND n > lo")
	fmt.Println(t.Failed())
	// Output: false
}

// ExampleInject fills the disk while rows are written: the table stays as it was.
func ExampleInject() {
	t, end := example()
	defer end()
	db := redshifttest.New(t, redshifttest.SQL("CREATE TABLE t (a int)"))
	redshifttest.Inject(t, db, redshifttest.DiskFull(2))
	for _, text := range []string{"INSERT INTO t VALUES (1), (2)", "INSERT INTO t VALUES (3), (4), (5)", "INSERT INTO t VALUES (6), (7), (8)"} {
		_, err := db.Exec(text)
		fmt.Println(code(err), column(t, db, "SELECT count(*) FROM t"))
	}
	// Output:
	//  2
	// XX000 2
	//  5
}

// ExampleResetConnection breaks a connection after two rows.
func ExampleResetConnection() {
	t, end := example()
	defer end()
	db := redshifttest.New(t, redshifttest.SQL("CREATE TABLE t (a int); INSERT INTO t VALUES (1), (2), (3)"), redshifttest.ResetConnection(2).On("SELECT a"))
	rows, err := db.Query("SELECT a FROM t")
	if err != nil {
		fmt.Println(err)
		return
	}
	n := 0
	for rows.Next() {
		n++
	}
	fmt.Println(n, code(rows.Err()), errors.Is(rows.Err(), driver.ErrBadConn))
	fmt.Println(column(t, db, "SELECT a FROM t ORDER BY a")) // on another connection
	// Output:
	// 2 08006 true
	// 1 2 3
}

// ExampleLostSlice takes a node down.
func ExampleLostSlice() {
	t, end := example()
	defer end()
	db := redshifttest.New(t, redshifttest.SQL(faultSchema), redshifttest.LostSlice(3, 0))
	_, err := db.Exec("SELECT sum(a) FROM t")
	fmt.Println(err)
	// Output: ERROR: could not reach slice 3: its compute node is down (SQLSTATE XX000)
}

// ExampleSlowSlice has one slice of four hold all the others up.
func ExampleSlowSlice() {
	t, end := example()
	defer end()
	slow := redshifttest.SlowSlice(3, time.Millisecond)
	db := redshifttest.New(t, redshifttest.SQL(faultSchema), slow)
	fmt.Println(column(t, db, "SELECT sum(b) FROM t WHERE a < 20000"), slow.Struck() > 0)
	// Output: 90000 true
}

// ExampleTimeout ends a statement in its midst.
func ExampleTimeout() {
	t, end := example()
	defer end()
	db := redshifttest.New(t, redshifttest.SQL(faultSchema), redshifttest.Timeout(2).On("DELETE"))
	_, err := db.ExecContext(context.Background(), "DELETE FROM t WHERE b = 3")
	fmt.Println(code(err), column(t, db, "SELECT count(*) FROM t"))
	// Output: 57014 20000
}

// ExampleSlowDown has S3 refuse the first two requests.
func ExampleSlowDown() {
	t, end := example()
	defer end()
	db := redshifttest.New(t, redshifttest.Bucket("lake", redshiftsim.NewMemory()), redshifttest.SlowDown().Times(2), redshifttest.SQL("CREATE TABLE t (a int)"))
	for range 3 {
		_, err := db.Exec("UNLOAD ('SELECT 1') TO 's3://lake/x' IAM_ROLE DEFAULT PARALLEL OFF")
		var e *redshiftsim.Error
		fmt.Println(errors.As(err, &e) && e.Message == "S3ServiceException:Please reduce your request rate.,Status 503,Error SlowDown")
	}
	// Output:
	// true
	// true
	// false
}

// ExampleRows_super has SUPER values in rows: a map is an object, a slice an array.
func ExampleRows_super() {
	t, end := example()
	defer end()
	db := redshifttest.New(t, redshifttest.SQL("CREATE TABLE t (id int, v super)"))
	redshifttest.Load(t, db, redshifttest.Rows("t", []map[string]any{{"id": 1, "v": map[string]any{"tags": []string{"a<b", "c"}}}, {"id": 2, "v": []int{7}}}))
	fmt.Println(column(t, db, "SELECT v.tags[0] FROM t WHERE id = 1"), column(t, db, "SELECT x FROM t, t.v x WHERE id = 2"))
	// Output: "a<b" 7
}
