package lift

import (
	"slices"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/pingcap/tidb/pkg/parser"

	"github.com/redshiftsim/redshiftsim/engine/parse/bridge"
	"github.com/redshiftsim/redshiftsim/engine/parse/lex"
)

// q1 is TPC-H's first query.
const q1 = `select l_returnflag, l_linestatus, sum(l_quantity) as sum_qty, sum(l_extendedprice) as sum_base_price,
 sum(l_extendedprice * (1 - l_discount)) as sum_disc_price, sum(l_extendedprice * (1 - l_discount) * (1 + l_tax)) as sum_charge,
 avg(l_quantity) as avg_qty, avg(l_extendedprice) as avg_price, avg(l_discount) as avg_disc, count(*) as count_order
from lineitem where l_shipdate <= date '1998-12-01' - interval '90 days' group by l_returnflag, l_linestatus order by l_returnflag, l_linestatus`

// rows is INSERT of n rows of five literals, in which Redshift's and MySQL's grammars agree.
func rows(n int) string {
	var b strings.Builder
	b.WriteString("INSERT INTO t VALUES ")
	for i := range n {
		if i > 0 {
			b.WriteString(", ")
		}
		k := strconv.Itoa(i)
		b.WriteString("(" + k + ", 'name " + k + "', " + k + ".25, NULL, '2008-01-01')")
	}
	return b.String()
}

// written calls f with what the bridge writes of a text.
func written(tb testing.TB, text string, f func(*bridge.Output)) {
	p := bridge.Take()
	if err := p.Scan(text, lex.Options{}); err != nil {
		tb.Fatal(err)
	}
	p.Begin()
	var err error
	if p.Is("insert") {
		err = p.Insert()
	} else {
		err = p.Query(true)
	}
	if err != nil {
		tb.Fatal(err)
	}
	f(p.Finish())
	p.Release()
}

// tidbAlone parses a text with TiDB's parser and does nothing else.
func tidbAlone(tb testing.TB, text string) {
	p := parsers.Get().(*parser.Parser)
	if _, _, err := p.ParseSQL(text); err != nil {
		tb.Fatal(err)
	}
	p.Reset()
	p.SetSQLMode(mode)
	parsers.Put(p)
}

// lifted parses and lifts what the bridge has written.
func lifted(tb testing.TB, x *bridge.Output) {
	if _, err := Statement(x); err != nil {
		tb.Fatal(err)
	}
}

// median is the median of times, in nanoseconds: other work on the machine does not move it.
func median(list []time.Duration) float64 {
	slices.Sort(list)
	return float64(list[len(list)/2])
}

// BenchmarkRatios measures, side by side in one run, what the bridge and lift add to TiDB's parser: the metrics are times of TiDB's parser alone on the
// text that the bridge writes; for INSERT on the text as it is.
func BenchmarkRatios(b *testing.B) {
	for _, c := range []struct{ name, text string }{{"point", "select v from kv where id = $1"}, {"q1", q1}, {"insert1000", rows(1000)}} {
		b.Run(c.name, func(b *testing.B) {
			alone := ""
			written(b, c.text, func(x *bridge.Output) { alone = x.Text })
			if c.name == "insert1000" {
				alone = c.text
			}
			var tidb, both, all []time.Duration
			b.ReportAllocs()
			for b.Loop() {
				t0 := time.Now()
				tidbAlone(b, alone)
				t1 := time.Now()
				written(b, c.text, func(x *bridge.Output) { tidbAlone(b, x.Text) })
				t2 := time.Now()
				written(b, c.text, func(x *bridge.Output) { lifted(b, x) })
				t3 := time.Now()
				tidb, both, all = append(tidb, t1.Sub(t0)), append(both, t2.Sub(t1)), append(all, t3.Sub(t2))
			}
			m := median(tidb)
			b.ReportMetric(m, "tidb-ns")
			b.ReportMetric(median(both)/m, "bridge+tidb/tidb")
			b.ReportMetric(median(all)/m, "all/tidb")
		})
	}
}

// BenchmarkParts measures each part alone, with its allocations.
func BenchmarkParts(b *testing.B) {
	for _, c := range []struct{ name, text string }{{"point", "select v from kv where id = $1"}, {"q1", q1}, {"insert1000", rows(1000)}} {
		alone := ""
		written(b, c.text, func(x *bridge.Output) { alone = x.Text })
		for _, part := range []struct {
			name string
			run  func()
		}{
			{"lex", func() { _, _ = lex.Scan(c.text, lex.Options{}) }},
			{"bridge", func() { written(b, c.text, func(*bridge.Output) {}) }},
			{"tidb", func() { tidbAlone(b, alone) }},
			{"tidb-as-written", func() { tidbAlone(b, strings.ReplaceAll(c.text, "$1", "?")) }},
			{"all", func() { written(b, c.text, func(x *bridge.Output) { lifted(b, x) }) }},
		} {
			if part.name == "tidb-as-written" && c.name == "q1" { // its interval is not MySQL's
				continue
			}
			b.Run(c.name+"/"+part.name, func(b *testing.B) {
				b.ReportAllocs()
				for b.Loop() {
					part.run()
				}
			})
		}
	}
}
