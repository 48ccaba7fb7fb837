package engine

import "testing"

// TestPackedTexts: texts that are made for a batch stay good for whoever keeps rows beyond it: rows that travel between slices by reference, groups, sorts,
// windows, copies into other tables.
func TestPackedTexts(t *testing.T) {
	for _, topo := range shapes() {
		c := New(Config{Nodes: topo[0], Slices: topo[1]})
		s := connect(t, c, "")
		run(t, s, wide...)
		run(t, s, "CREATE TABLE e (k int, a bigint, w varchar(40)) DISTSTYLE EVEN", "INSERT INTO e SELECT CASE WHEN a % 100 = 0 THEN 1000 + a / 100 ELSE 7 END, a, w FROM t",
			"CREATE TABLE s (a bigint, w varchar(40)) DISTKEY(w) SORTKEY(w)", "INSERT INTO s SELECT a, w FROM e", "CREATE TABLE few (a bigint, w varchar(40))", "INSERT INTO few SELECT a, w FROM e WHERE w LIKE '%00ff%'")
		for _, x := range [][2]string{
			{"SELECT count(*) FROM e WHERE w = md5(a::varchar)", "100000"},
			{"SELECT count(*) FROM s WHERE w = md5(a::varchar)", "100000"},
			{"SELECT count(*) - (SELECT count(*) FROM few), count(CASE WHEN w <> md5(a::varchar) THEN 1 END) FROM e WHERE w LIKE '%00ff%'", "0 0"},
			{"SELECT k, count(*), count(DISTINCT w) FROM e GROUP BY k ORDER BY 2 DESC, 1 LIMIT 1", "7 99000 99000"},
			{"SELECT count(DISTINCT w) FROM e", "100000"},
			{"SELECT count(*) FROM (SELECT a, max(w) AS w FROM e GROUP BY a) q WHERE w = md5(a::varchar)", "100000"},
			{"SELECT count(*) FROM (SELECT a, w, row_number() OVER (PARTITION BY k ORDER BY w) AS n FROM e) q WHERE w = md5(a::varchar)", "100000"},
			{"SELECT count(*) FROM e JOIN s ON e.w = s.w WHERE e.a = s.a AND s.w = md5(e.a::varchar)", "100000"},
			{"SELECT count(*) FROM (SELECT w, a FROM e ORDER BY w LIMIT 5000) q WHERE w = md5(a::varchar)", "5000"},
			{"SELECT a FROM e WHERE w = md5('4711')", "4711"},
			{"SELECT w = md5('4711') FROM e WHERE a = 4711", "t"},
		} {
			want(t, s, x[0], x[1])
		}
		run(t, s, "DELETE FROM e WHERE a % 2 = 0", "VACUUM e TO 100 PERCENT", "ALTER TABLE e ALTER DISTKEY a", "UPDATE e SET w = w || 'x' WHERE a < 1000")
		want(t, s, "SELECT count(*), count(CASE WHEN w = md5(a::varchar) || CASE WHEN a < 1000 THEN 'x' ELSE '' END THEN 1 END) FROM e", "50000 50000")
	}
}
