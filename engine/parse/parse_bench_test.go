package parse

import (
	"fmt"
	"strings"
	"testing"
)

// rows is INSERT of n rows of five literals.
func rows(n int) string {
	var b strings.Builder
	b.WriteString("INSERT INTO t VALUES ")
	for i := range n {
		if i > 0 {
			b.WriteString(", ")
		}
		fmt.Fprintf(&b, "(%d, 'name %d', %d.25, NULL, '2008-01-%02d')", i, i, i, i%28+1)
	}
	return b.String()
}

// q1 is TPC-H's first query.
const q1 = `select l_returnflag, l_linestatus, sum(l_quantity) as sum_qty, sum(l_extendedprice) as sum_base_price,
 sum(l_extendedprice * (1 - l_discount)) as sum_disc_price, sum(l_extendedprice * (1 - l_discount) * (1 + l_tax)) as sum_charge,
 avg(l_quantity) as avg_qty, avg(l_extendedprice) as avg_price, avg(l_discount) as avg_disc, count(*) as count_order
from lineitem where l_shipdate <= date '1998-12-01' - interval '90 days' group by l_returnflag, l_linestatus order by l_returnflag, l_linestatus`

// BenchmarkParse parses statements of the usual sizes.
func BenchmarkParse(b *testing.B) {
	for _, c := range []struct{ name, text string }{
		{"point", "select v from kv where id = $1"},
		{"insert1", "insert into t values (1, 'a', 2.5, null, '2008-01-01')"},
		{"q1", q1},
		{"insert1000", rows(1000)},
	} {
		b.Run(c.name, func(b *testing.B) {
			b.SetBytes(int64(len(c.text)))
			b.ReportAllocs()
			for b.Loop() {
				if _, err := Parse(c.text); err != nil {
					b.Fatal(err)
				}
			}
		})
	}
}
