package redshiftsim_test

import "testing"

// BenchmarkDistinct times what counts distinct values, exactly and by HyperLogLog, over a million rows on four slices; ns/row is reported.
func BenchmarkDistinct(b *testing.B) {
	db := open(b, "redshiftsim://?nodes=2&slices=2")
	exec(b, db, `CREATE TABLE digits (d int);
		INSERT INTO digits VALUES (0), (1), (2), (3), (4), (5), (6), (7), (8), (9);
		CREATE TABLE t (id int, few int, name varchar(20), day date) DISTSTYLE EVEN;
		INSERT INTO t SELECT i, i % 100, 'user ' || i, '2020-01-01'::date + i % 1000 FROM
			(SELECT a.d + 10 * b.d + 100 * c.d + 1000 * e.d + 10000 * f.d + 100000 * g.d AS i FROM digits a, digits b, digits c, digits e, digits f, digits g)`)
	const rows = 1_000_000
	for _, of := range []struct{ name, arg, groups string }{
		{"unique integers", "id", ""},
		{"a hundred integers", "few", ""},
		{"unique texts", "name", ""},
		{"a hundred groups", "id", " GROUP BY few"},
		{"a thousand groups", "id", " GROUP BY day"},
	} {
		for _, call := range []struct{ name, begin string }{
			{"count distinct", "count(DISTINCT "}, {"approximate", "approximate count(DISTINCT "}, {"hll", "hll("}, {"sketch", "hll_create_sketch("},
		} {
			b.Run(of.name+"/"+call.name, func(b *testing.B) {
				for b.Loop() {
					all(b, db, "SELECT "+call.begin+of.arg+") FROM t"+of.groups)
				}
				b.ReportMetric(float64(b.Elapsed().Nanoseconds())/float64(b.N)/rows, "ns/row")
			})
		}
	}
}
