package engine

import (
	"fmt"
	"testing"
)

// shapes are the clusters of a test over many rows: nodes and slices of each. A short run has one of them.
func shapes() [][2]int {
	if testing.Short() {
		return [][2]int{{2, 2}}
	}
	return [][2]int{{1, 1}, {2, 2}, {3, 4}}
}

// TestSkew: 99 of 100 rows have one key, and so lie, meet or are grouped on one slice. Nothing grows with the pairs that they make: every answer comes
// within a memory that holds the rows a few times over.
//
//	big    100,000 rows    k = 7 for 99,000 of them, 1,000 other keys once each (k = 1000 + a/100)
//	small      500 rows    k = 7 for 495 of them, and 5 of the others
func TestSkew(t *testing.T) {
	for _, topo := range shapes() {
		for _, attrs := range []string{"DISTSTYLE EVEN", "DISTKEY(k)", "DISTKEY(k) SORTKEY(k)"} {
			c := New(Config{Nodes: topo[0], Slices: topo[1], MemoryLimit: 48 << 20})
			s := connect(t, c, "")
			run(t, s, wide...)
			run(t, s,
				fmt.Sprintf("CREATE TABLE big (k int, a bigint, w varchar(40)) %s", attrs),
				"INSERT INTO big SELECT CASE WHEN a % 100 = 0 THEN 1000 + a / 100 ELSE 7 END, a, w FROM t",
				fmt.Sprintf("CREATE TABLE small (k int, b bigint) %s", attrs),
				"INSERT INTO small SELECT CASE WHEN a % 100 = 0 THEN 1000 + a / 100 ELSE 7 END, a FROM t WHERE a < 500",
				"DROP TABLE t", "ANALYZE")
			const pairs = 99000*495 + 5
			want(t, s, "SELECT count(*) FROM big JOIN small ON big.k = small.k", fmt.Sprint(pairs))
			want(t, s, "SELECT count(*), count(small.b) FROM big LEFT JOIN small ON big.k = small.k AND big.a < small.b", fmt.Sprintf("%d %d", 99000+1000-494+495*494/2, 495*494/2))
			want(t, s, "SELECT count(*) FROM big WHERE k IN (SELECT k FROM small)", "99005")
			want(t, s, "SELECT count(*) FROM (SELECT k, count(*) AS n, count(DISTINCT w) AS d FROM big GROUP BY k) q WHERE n = d", "1001")
			want(t, s, "SELECT k, count(*), count(DISTINCT a % 10) FROM big GROUP BY k ORDER BY 2 DESC, 1 LIMIT 2", "7 99000 10", "1000 1 1")
			want(t, s, "SELECT max(n), min(n), sum(n) FROM (SELECT row_number() OVER (PARTITION BY k ORDER BY a) AS n FROM big) q", fmt.Sprintf("99000 1 %d", int64(99000*99001/2+1000)))
			want(t, s, "SELECT count(*) FROM (SELECT k FROM big INTERSECT SELECT k FROM small) q", "6")
			want(t, s, "SELECT k FROM big ORDER BY k LIMIT 1 OFFSET 98999", "7")
			want(t, s, "SELECT median(a) FROM big WHERE k = 7", "50000.0")
			if _, granted, _ := use(t, c); granted != 0 {
				t.Errorf("%v %s: %d bytes are still granted", topo, attrs, granted)
			}
		}
	}
}
