package redshifttest_test

import (
	"context"
	"database/sql"
	"flag"
	"fmt"
	"runtime"
	"strings"
	"sync"
	"testing"

	"github.com/redshiftsim/redshiftsim"
	"github.com/redshiftsim/redshiftsim/bench"
	"github.com/redshiftsim/redshiftsim/redshifttest"
)

var (
	cloneScale = flag.Float64("clonescale", 0.005, "scale factor of the TPC-H data that TestCloneBytes clones")
	cloneCount = flag.Int("clones", 200, "clones of it that run at once")
)

// TestCloneBytes counts what clones of TPC-H data hold that are all open at once, each with a connection, a query that has run and a change of its own.
//
//	go test ./redshifttest -run TestCloneBytes -v -clonescale 0.1 -clones 1000
func TestCloneBytes(t *testing.T) {
	dir := t.TempDir()
	if _, err := bench.TPCHFiles(dir, *cloneScale, 4); err != nil {
		t.Fatal(err)
	}
	files, err := redshiftsim.OpenDir(dir, false)
	if err != nil {
		t.Fatal(err)
	}
	defer files.Close()
	var script strings.Builder
	for _, x := range bench.TPCHTables {
		fmt.Fprintf(&script, "CREATE TABLE %[1]s (%[2]s); COPY %[1]s FROM 's3://tpch/%[1]s.tbl' IAM_ROLE DEFAULT DELIMITER '|';\n", x.Name, x.Columns)
	}
	base := redshifttest.NewBase(redshifttest.Bucket("tpch", files), redshifttest.SQL(script.String()))
	defer base.Close()
	held := func() int64 {
		var m runtime.MemStats
		runtime.GC()
		runtime.ReadMemStats(&m)
		return int64(m.HeapAlloc)
	}
	const query, change = "SELECT count(*) FROM lineitem JOIN orders ON l_orderkey = o_orderkey WHERE o_custkey % 10 = 3", "DELETE FROM orders WHERE o_orderkey = $1"
	start := held()
	rows := column(t, base.Clone(t), query)
	data := held() - start
	before := held()
	var wg sync.WaitGroup
	for i := range *cloneCount {
		db := base.Clone(t)
		wg.Add(1)
		go func() {
			defer wg.Done()
			if _, err := db.ExecContext(context.Background(), change, 32+i); err != nil {
				t.Error(err)
			}
			if n := column(t, db, "SELECT count(*) FROM orders WHERE o_orderkey = "+fmt.Sprint(32+i)); n != "0" {
				t.Errorf("clone %d: %s orders", i, n)
			}
		}()
	}
	wg.Wait()
	each := (held() - before) / int64(*cloneCount)
	if again := column(t, base.Clone(t), query); again != rows {
		t.Errorf("the base has %s rows, had %s", again, rows)
	}
	t.Logf("scale %g: %d bytes of data; %d clones: %d bytes each", *cloneScale, data, *cloneCount, each)
	if each > 100<<10 {
		t.Errorf("a clone holds %d bytes", each)
	}
}

// TestCloneOfMaterializedView: clones have the materialized views of the seeded cluster, and each refreshes its own.
func TestCloneOfMaterializedView(t *testing.T) {
	base := redshifttest.NewBase(redshifttest.SQL("CREATE TABLE t (a int); INSERT INTO t VALUES (1), (2); CREATE MATERIALIZED VIEW v AS SELECT sum(a) AS s, a % 2 AS odd FROM t GROUP BY 2"))
	defer base.Close()
	a, b := base.Clone(t), base.Clone(t)
	for _, text := range []string{"INSERT INTO t VALUES (3)", "REFRESH MATERIALIZED VIEW v"} {
		if _, err := a.Exec(text); err != nil {
			t.Fatal(err)
		}
	}
	for _, x := range []struct {
		name string
		db   *sql.DB
		want string
	}{{"the clone that refreshed", a, "2 4 f"}, {"the other", b, "2 1 f"}} {
		if got := column(t, x.db, "SELECT s FROM v ORDER BY odd") + " " + column(t, x.db, "SELECT is_stale FROM stv_mv_info"); got != x.want {
			t.Errorf("%s: %s", x.name, got)
		}
	}
	if status := column(t, a, "SELECT trim(status) FROM svl_mv_refresh_status"); status != "Refresh successfully updated MV incrementally" {
		t.Error(status)
	}
}
