package engine

import (
	"context"
	"fmt"
	"testing"

	"github.com/redshiftsim/redshiftsim/engine/load"
	"github.com/redshiftsim/redshiftsim/internal/sqlstate"
	"github.com/redshiftsim/redshiftsim/storage"
)

// use reads redshiftsim_memory_use.
func use(t *testing.T, c *Cluster) (data, granted, old int64) {
	t.Helper()
	m := c.memory()
	return m.Data, m.Granted, m.Old
}

// limited gives a cluster a memory limit, under which what it holds counts.
func limited(c *Cluster, bytes int64) {
	c.txns.Budget = storage.NewBudget(bytes)
	c.txns.Budget.Resize(c.txns.Bytes())
}

// wide fills table t with 100,000 rows of about 20 bytes that no encoding makes smaller: 16 random bytes, as text.
var wide = []string{
	"CREATE TABLE d (d int) DISTSTYLE ALL", "INSERT INTO d VALUES (0), (1), (2), (3), (4), (5), (6), (7), (8), (9)",
	"CREATE TABLE t (a bigint, w varchar(40)) DISTSTYLE EVEN",
	"INSERT INTO t SELECT x, md5(x::varchar) FROM (SELECT a.d + 10 * b.d + 100 * c.d + 1000 * e.d + 10000 * f.d AS x FROM d a, d b, d c, d e, d f)",
}

// TestMemoryLimit: memory_limit bounds data and statements together. What would pass it fails with 53200 and gives back what it took.
func TestMemoryLimit(t *testing.T) {
	c := New(Config{MemoryLimit: 8 << 20})
	s := connect(t, c, "")
	run(t, s, wide...)
	limited(c, c.txns.Bytes()+3<<20)
	data, granted, _ := use(t, c)
	if data < 2<<20 || data > 5<<20 || granted != 0 {
		t.Fatalf("%d bytes of data, %d granted", data, granted)
	}
	if _, kept, _ := c.txns.Budget.Held(); kept != data {
		t.Errorf("the budget counts %d bytes of data, there are %d", kept, data)
	}
	for _, text := range []string{
		"INSERT INTO t SELECT a + 100000, md5(w) FROM t",
		"CREATE TABLE u AS SELECT md5(w || 'x') AS w, a FROM t",
		"UPDATE t SET w = md5(w)",
		"SELECT count(*) FROM (SELECT DISTINCT md5(x.w || 'a') || md5(x.w || 'b') || md5(x.w || 'c') || md5(x.w || 'd') FROM t x)",
	} {
		refused(t, s, text, sqlstate.OutOfMemory, "out of memory")
		if now, granted, _ := use(t, c); now != data || granted != 0 {
			t.Fatalf("%s: %d bytes of data, %d granted, there were %d", text, now, granted, data)
		}
	}
	want(t, s, "SELECT count(*), min(a), max(a) FROM t", "100000 0 99999")

	// A transaction holds what it has changed until it ends.
	run(t, s, "BEGIN", "INSERT INTO t SELECT a, w FROM t WHERE a < 20000")
	if _, granted, _ := use(t, c); granted < 1<<19 || granted%(256<<10) != 0 {
		t.Errorf("%d bytes granted to a transaction with 20,000 new rows", granted)
	}
	run(t, s, "ROLLBACK")
	if now, granted, _ := use(t, c); now != data || granted != 0 {
		t.Errorf("%d bytes of data, %d granted", now, granted)
	}
	// Space that is given up can be used again.
	run(t, s, "TRUNCATE t")
	if now, _, _ := use(t, c); now > 1<<20 {
		t.Errorf("%d bytes behind TRUNCATE", now)
	}
	limited(c, 8<<20) // rows that wait to be encoded take more than those that are
	run(t, s, wide[3])
	if now, _, _ := use(t, c); now > data+data/10 {
		t.Errorf("%d bytes, there were %d", now, data)
	}
	n := c.Clone()
	if _, kept, _ := n.txns.Budget.Held(); kept == 0 {
		t.Error("a clone counts nothing")
	}
}

// TestOldVersions: what only an old version holds is told apart while somebody reads it, and is gone when nobody does.
func TestOldVersions(t *testing.T) {
	c := New(Config{})
	a, b := connect(t, c, ""), connect(t, c, "")
	run(t, a, wide...)
	data, _, old := use(t, c)
	if old != 0 {
		t.Errorf("%d bytes of old versions", old)
	}
	run(t, b, "BEGIN")
	want(t, b, "SELECT count(*) FROM t", "100000")
	for i, text := range []string{"DELETE FROM t WHERE a % 2 = 0", "VACUUM t", "DELETE FROM t", "VACUUM t"} {
		run(t, a, text)
		if _, _, old := use(t, c); (old > 0) != (i > 0) || i > 0 && (old < data*9/10 || old > data*11/10) {
			t.Errorf("%s: %d bytes of old versions, the one that is read has %d", text, old, data)
		}
	}
	if now, _, _ := use(t, c); now > data/2 {
		t.Errorf("%d bytes of data in an empty table", now)
	}
	want(t, b, "SELECT count(*), sum(a) FROM t", "100000 4999950000")
	run(t, b, "COMMIT")
	if _, _, old := use(t, c); old != 0 {
		t.Errorf("%d bytes of old versions when nobody reads them", old)
	}
	want(t, a, "SELECT limit_bytes, granted_bytes, old_bytes FROM redshiftsim_memory_use", "NULL 0 0")
}

// TestActualBytes: what tables are said to hold is what they hold, however they came to it.
func TestActualBytes(t *testing.T) {
	c := New(Config{MemoryLimit: 1 << 30})
	s := connect(t, c, "")
	run(t, s, wide...)
	run(t, s, "CREATE TABLE k (a int, b varchar(10), c int) SORTKEY(a)")
	for i := range 50 {
		run(t, s, fmt.Sprintf("INSERT INTO k SELECT a, 'b' || (a %% 100)::varchar, %d FROM t WHERE a < 500", i))
	}
	for _, text := range []string{
		"DELETE FROM k WHERE a % 3 = 0", "VACUUM k", "ALTER TABLE k ADD COLUMN e varchar(5) DEFAULT 'x'", "ALTER TABLE k DROP COLUMN c", "UPDATE k SET a = a + 1",
		"ALTER TABLE k ALTER DISTSTYLE EVEN", "VACUUM SORT ONLY k", "ANALYZE k", "CREATE TABLE l AS SELECT * FROM k", "DROP TABLE k", "TRUNCATE l",
	} {
		run(t, s, text)
		data, granted, _ := use(t, c)
		if _, kept, _ := c.txns.Budget.Held(); kept != data || granted != 0 {
			t.Errorf("%s: %d bytes are counted, %d are there; %d granted", text, kept, data, granted)
		}
	}
	if err := c.Resize(context.Background(), 3, 2); err != nil {
		t.Fatal(err)
	}
	data, _, _ := use(t, c)
	if _, kept, _ := c.txns.Budget.Held(); kept != data {
		t.Errorf("resized: %d bytes are counted, %d are there", kept, data)
	}
}

// TestUnloadMemory: what UNLOAD holds until a file gets it counts: a row group of Parquet, a compressor's blocks. What is refused leaves nothing.
func TestUnloadMemory(t *testing.T) {
	bucket := load.NewMemory()
	c := New(Config{Nodes: 1, Slices: 1, MemoryLimit: 64 << 20, Buckets: map[string]load.ObjectStore{"m": bucket}})
	s := connect(t, c, "")
	run(t, s, wide...)
	unload := func(options string) string {
		return "UNLOAD ('select a, w from t') TO 's3://m/x' IAM_ROLE default ALLOWOVERWRITE " + options
	}
	limited(c, c.txns.Bytes()+3<<20)
	for _, options := range []string{"PARQUET", "BZIP2", "CSV ZSTD"} {
		refused(t, s, unload(options), sqlstate.OutOfMemory, "out of memory")
		if _, granted, _ := use(t, c); granted != 0 {
			t.Errorf("%s: %d bytes are granted afterwards", options, granted)
		}
		if list, _ := bucket.List(context.Background(), ""); len(list) != 0 {
			t.Errorf("%s left %v", options, list)
		}
	}
	run(t, s, unload(""), unload("CSV"), unload("JSON"))
	limited(c, c.txns.Bytes()+20<<20)
	run(t, s, unload("PARQUET"), unload("CSV ZSTD"), unload("GZIP"), unload("PARALLEL OFF BZIP2"))
	if _, granted, _ := use(t, c); granted != 0 {
		t.Errorf("%d bytes are granted afterwards", granted)
	}
}
