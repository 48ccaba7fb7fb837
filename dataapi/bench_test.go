package dataapi

import (
	"testing"

	"github.com/redshiftsim/redshiftsim"
)

// BenchmarkRows makes results of 100,000 rows of an integer, a numeric and a text: nothing is allocated for a row.
func BenchmarkRows(b *testing.B) {
	c := newClient(b, redshiftsim.Config{}, Options{})
	c.run("create table d (n int)", nil)
	c.run("insert into d values (0), (1), (2), (3), (4), (5), (6), (7), (8), (9)", nil)
	c.run(`create table t as select a.n + 10 * b.n + 100 * c.n + 1000 * d.n + 10000 * e.n as a, (a.n / 7.0)::numeric(12,2) as b, 'customer ' || b.n as c
		from d a, d b, d c, d d, d e`, nil)
	for _, format := range []string{"JSON", "CSV"} {
		b.Run(format, func(b *testing.B) {
			b.ReportAllocs()
			for b.Loop() {
				c.run("select a, b, c from t", m{"ResultFormat": format})
			}
		})
	}
}

// BenchmarkSelect is the smallest statement, from its submission to its result: two requests.
func BenchmarkSelect(b *testing.B) {
	c := newClient(b, redshiftsim.Config{}, Options{})
	b.ReportAllocs()
	for b.Loop() {
		id := c.call("ExecuteStatement", in("select 1", m{"WaitTimeSeconds": nil}))["Id"]
		c.call("GetStatementResult", m{"Id": id, "WaitTimeSeconds": 10})
	}
}
