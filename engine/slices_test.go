package engine

import (
	"fmt"
	"slices"
	"sync"
	"testing"
)

// TestManySlices has sessions ask a cluster of 128 slices at once: slices take up what others have made, and exchanges the parcels that other queries have
// left, and every answer is that of arithmetic, of each kind of step that rests.
func TestManySlices(t *testing.T) {
	c := New(Config{Nodes: 16, Slices: 8})
	s := connect(t, c, "")
	run(t, s, wide...)
	run(t, s, "CREATE TABLE e (k int, v bigint, w varchar(40)) DISTKEY(k)", "INSERT INTO e SELECT a % 1000, a, w FROM t", "ANALYZE")
	asked := []struct {
		text string
		rows []string
	}{
		{"SELECT count(*), sum(n), max(m) FROM (SELECT v % 20000 AS g, count(*) AS n, max(w || 'x') AS m FROM e GROUP BY 1) q WHERE m > ''", nil},
		{"SELECT min(n), max(n), sum(d) FROM (SELECT k, count(*) AS n, count(DISTINCT v % 7) AS d, avg(v * 1.5) AS x, stddev(v) AS y, min(w) AS z FROM e GROUP BY k) q", []string{"100 100 7000"}},
		{"SELECT count(*), sum(x.v - y.a) FROM e x JOIN t y ON x.v = y.a JOIN d ON d.d = x.k % 10 WHERE y.w = x.w", []string{"100000 0"}},
		{"SELECT count(*) FROM e x LEFT JOIN t y ON x.v = y.a + 50000 WHERE y.a IS NULL", []string{"50000"}},
		{"SELECT count(*), count(x.v), count(y.a) FROM (SELECT * FROM e WHERE v < 60000) x FULL JOIN (SELECT * FROM t WHERE a >= 30000) y ON x.v = y.a", []string{"100000 60000 70000"}},
		{"SELECT count(*) FROM (SELECT w FROM e WHERE v < 700 INTERSECT SELECT w FROM t WHERE a >= 300) q", []string{"400"}},
		{"SELECT count(*) FROM (SELECT DISTINCT v / 3, k % 2 FROM e) q", []string{"66667"}},
		{"SELECT v FROM e ORDER BY w || '', v LIMIT 1", nil},
		{"WITH q AS (SELECT k, sum(v) AS s FROM e GROUP BY k) SELECT count(*), max(q.s) FROM q WHERE s > (SELECT avg(s) FROM q)", []string{"500 5049900"}},
	}
	for i := range asked {
		if got, err := rowsIn(s, asked[i].text); err != nil {
			t.Fatal(asked[i].text, err)
		} else if asked[i].rows == nil { // what follows from md5 is not arithmetic: the answer of one slice
			asked[i].rows = got
		}
	}
	one := New(Config{Nodes: 1, Slices: 1})
	alone := connect(t, one, "")
	run(t, alone, wide...)
	run(t, alone, "CREATE TABLE e (k int, v bigint, w varchar(40))", "INSERT INTO e SELECT a % 1000, a, w FROM t")
	for _, a := range asked {
		want(t, alone, a.text, a.rows...)
	}
	var group sync.WaitGroup
	errs := make(chan error, 100)
	for n := range 4 {
		s := connect(t, c, "")
		group.Go(func() {
			for i := range 2 * len(asked) {
				a := asked[(i*(n+1)+n)%len(asked)]
				if got, err := rowsIn(s, a.text); err != nil || !slices.Equal(got, a.rows) {
					errs <- fmt.Errorf("%s: got %q, want %q, %v", a.text, got, a.rows, err)
				}
			}
		})
	}
	group.Wait()
	close(errs)
	for err := range errs {
		t.Error(err)
	}
}
