package engine

import (
	"testing"

	"github.com/redshiftsim/redshiftsim/internal/sqlstate"
)

// TestMemoryOfOperators drives each operator that keeps rows to the limit: 53200, all that it took is given back, and the session goes on.
func TestMemoryOfOperators(t *testing.T) {
	c := New(Config{})
	s := connect(t, c, "")
	run(t, s, wide...)
	limited(c, c.txns.Bytes()+3500<<10)
	run(t, s, "CREATE TABLE k1 (a bigint, w varchar(40)) DISTKEY(a) SORTKEY(a)", "CREATE TABLE m (a bigint, w varchar(40))", "INSERT INTO m VALUES (1, 'one')")
	data, _, _ := use(t, c)
	for _, x := range []struct{ operator, text string }{
		{"hash join", "SELECT count(*) FROM t x JOIN t y ON x.w = y.w || ''"},
		{"hash join, a broadcast side", "SELECT count(*) FROM t x LEFT JOIN t y ON x.w = y.w || '' AND x.a > y.a"},
		{"full join", "SELECT count(*) FROM t x FULL JOIN t y ON x.w = y.w || 'z'"},
		{"semi join", "SELECT count(*) FROM t WHERE w || 'x' IN (SELECT w || 'y' FROM t)"},
		{"nested loop", "SELECT count(*) FROM t x, t y WHERE x.w || 'a' < y.w AND x.a + y.a < 0"},
		{"aggregation", "SELECT count(*) FROM (SELECT w || 'x' AS v, sum(a) AS n, min(w) AS m FROM t GROUP BY 1) q"},
		{"aggregation, many states", "SELECT count(*) FROM (SELECT a, min(w) AS b, max(w) AS c, avg(a) AS d, count(*) AS e FROM t GROUP BY a) q"},
		{"distinct aggregates", "SELECT count(DISTINCT w || 'x'), count(DISTINCT md5(w)) FROM t"},
		{"listagg", "SELECT len(listagg(w, ',')) FROM t GROUP BY a % 100"},
		{"median", "SELECT median(a), percentile_cont(0.3) WITHIN GROUP (ORDER BY a), median(a * 2.5) FROM t GROUP BY a % 2"},
		{"sort", "SELECT md5(w), w || 'x', w || 'y' FROM t ORDER BY 1"},
		{"sort below a limit", "SELECT count(*) FROM (SELECT md5(w) AS v, w || 'x' AS x FROM t ORDER BY 1 LIMIT 90000) q"},
		{"unique", "SELECT count(*) FROM (SELECT DISTINCT md5(w), w || 'x' FROM t) q"},
		{"union", "SELECT count(*) FROM (SELECT w FROM t UNION SELECT md5(w) FROM t) q"},
		{"intersect", "SELECT w || 'x' FROM t INTERSECT SELECT md5(w) FROM t"},
		{"except", "SELECT w || 'x' FROM t EXCEPT SELECT md5(w) FROM t"},
		{"window", "SELECT sum(n), max(w) FROM (SELECT row_number() OVER (PARTITION BY a % 3 ORDER BY w || 'x') AS n, w FROM t) q"},
		{"window, a frame", "SELECT sum(n), max(w) FROM (SELECT sum(a * 1.5) OVER (PARTITION BY a % 3 ORDER BY w ROWS 5 PRECEDING) AS n, w FROM t) q"},
		{"worktable", "WITH q AS (SELECT md5(w) AS w, a FROM t) SELECT max(x.w), min(y.w) FROM q x JOIN q y ON x.a = y.a"},
		{"recursion", "WITH RECURSIVE r (a, w) AS (SELECT a, w FROM t UNION ALL SELECT a + 100000, md5(w) FROM r WHERE a < 300000) SELECT count(*) FROM r"},
		{"grouping sets", "SELECT count(*) FROM (SELECT w, a, count(*) AS n FROM t GROUP BY CUBE (w, a)) q"},
		{"subquery for each row", "SELECT count((SELECT max(y.a) FROM t y WHERE y.a < x.a AND y.a > x.a - 3)) FROM t x"},
		{"insert", "INSERT INTO t SELECT a + 100000, md5(w) FROM t"},
		{"insert, distributed", "INSERT INTO k1 SELECT a, md5(w) FROM t"},
		{"create table as", "CREATE TABLE u AS SELECT md5(w || 'x') AS w, a FROM t"},
		{"update", "UPDATE t SET w = md5(w)"},
		{"merge", "MERGE INTO m USING t ON m.a = t.a WHEN MATCHED THEN UPDATE SET w = t.w WHEN NOT MATCHED THEN INSERT VALUES (t.a, md5(t.w))"},
	} {
		refused(t, s, x.text, sqlstate.OutOfMemory, "out of memory")
		if now, granted, _ := use(t, c); now != data || granted != 0 {
			t.Fatalf("%s: %d bytes of data, %d granted; there were %d", x.operator, now, granted, data)
		}
		want(t, s, "SELECT count(*), min(a), max(a) FROM t", "100000 0 99999")
	}
	run(t, s, "BEGIN", "DECLARE c CURSOR FOR SELECT md5(w), w || 'x', w || 'y' FROM t")
	refused(t, s, "FETCH FORWARD 1 FROM c", sqlstate.OutOfMemory, "out of memory")
	run(t, s, "ROLLBACK")
	if now, granted, _ := use(t, c); now != data || granted != 0 {
		t.Errorf("cursor: %d bytes of data, %d granted; there were %d", now, granted, data)
	}
}
