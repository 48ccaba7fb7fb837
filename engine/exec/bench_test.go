package exec

import (
	"context"
	"math/rand/v2"
	"testing"

	"github.com/redshiftsim/redshiftsim/engine/expr"
	"github.com/redshiftsim/redshiftsim/internal/types"
	"github.com/redshiftsim/redshiftsim/storage"
)

// benchRun runs a program to its end, again and again.
func benchRun(b *testing.B, p *Program, o Options, want int, views ...storage.View) {
	b.Helper()
	b.ReportAllocs()
	for b.Loop() {
		c, err := Run(context.Background(), p, testEnv, nil, views, o)
		if err != nil {
			b.Fatal(err)
		}
		n := 0
		for {
			batch, err := c.Next()
			if err != nil {
				b.Fatal(err)
			}
			if batch == nil {
				break
			}
			n += batch.Rows()
		}
		if err := c.Close(); err != nil {
			b.Fatal(err)
		}
		if n != want {
			b.Fatalf("%d rows, want %d", n, want)
		}
	}
}

// BenchmarkPoint is the whole of a point select on a table of one row: what a query costs before it does anything.
func BenchmarkPoint(b *testing.B) {
	topo := topologies[1]
	ts := testTypes(0, 1, 2)
	for _, style := range []storage.DistStyle{storage.Even, storage.All} {
		for _, report := range []bool{false, true} {
			tb := filled(topo, style, 1)
			scan := scanOf(0, 1, 2)
			scan.Predicates = []Pred{{Column: 0, Op: storage.Eq, Value: prog(b, konst(num(0)))}}
			where := OnSlices
			if style == storage.All {
				where = OnOneSlice
			}
			p := program(topo, []Exchange{{Types: ts, ToLeader: true}}, seg(where, scan, ts, &ReturnStep{Exchange: 0}), leaderOf(ts))
			name := style.String()
			if report {
				name += "/report"
			}
			b.Run(name, func(b *testing.B) { benchRun(b, p, Options{Workers: 2, CollectReport: report}, 1, tb.view()) })
		}
	}
}

// BenchmarkCount is count(*) of a table of one row: an aggregate on each slice and one on the leader.
func BenchmarkCount(b *testing.B) {
	topo := topologies[1]
	one := []types.Type{types.TInt8}
	count := aggregateOf(b, "count")
	for _, style := range []storage.DistStyle{storage.Even, storage.All} {
		tb := filled(topo, style, 1)
		where := OnSlices
		if style == storage.All {
			where = OnOneSlice
		}
		p := program(topo, []Exchange{{Types: one, ToLeader: true}},
			seg(where, scanOf(0), testTypes(0), &AggrStep{Phase: Partial, Aggs: []AggrCall{{Fn: count}}, Types: one}, &ReturnStep{Exchange: 0}),
			leaderOf(one, &AggrStep{Phase: Final, Aggs: []AggrCall{{Fn: count, Inputs: []int{0}}}, Types: one}))
		b.Run(style.String(), func(b *testing.B) { benchRun(b, p, Options{Workers: 2}, 1, tb.view()) })
	}
}

// BenchmarkPointOfMany is a point select on a table with rows on each slice.
func BenchmarkPointOfMany(b *testing.B) {
	topo := topologies[1]
	ts := testTypes(0, 1, 2)
	tb := filled(topo, storage.Even, 20000)
	scan := scanOf(0, 1, 2)
	scan.Predicates = []Pred{{Column: 0, Op: storage.Eq, Value: prog(b, konst(num(777)))}}
	p := program(topo, []Exchange{{Types: ts, ToLeader: true}}, seg(OnSlices, scan, ts, &ReturnStep{Exchange: 0}), leaderOf(ts))
	benchRun(b, p, Options{Workers: 2}, 1, tb.view())
}

// BenchmarkInsertOne is INSERT VALUES of one row.
func BenchmarkInsertOne(b *testing.B) {
	topo := topologies[1]
	tb := newTable(topo, storage.Even)
	p := placeFrom(topo, 1, OnLeader, literals(b, []row{randomRow(rand.New(rand.NewPCG(1, 1)), 1)}))
	benchRun(b, p, Options{Workers: 2}, 0, tb.view())
}

// BenchmarkScan returns, moves or counts a million rows; workers as named.
func BenchmarkScan(b *testing.B) {
	topo := topologies[1]
	const n = 1_000_000
	tb := filled(topo, storage.Even, n)
	ts := testTypes(0, 1, 2)
	half := scanOf(0, 1, 2)
	half.Filter = prog(b, &expr.Compare{Op: expr.Lt, Left: col(1), Right: konst(i4(25))})
	one := []types.Type{types.TInt8}
	for _, c := range []struct {
		name string
		p    *Program
		rows int
	}{
		{"return", program(topo, []Exchange{{Types: ts, ToLeader: true}}, seg(OnSlices, scanOf(0, 1, 2), ts, &ReturnStep{Exchange: 0}), leaderOf(ts)), n},
		{"count", program(topo, []Exchange{{Types: one, ToLeader: true}}, seg(OnSlices, scanOf(0), testTypes(0), &countStep{}, &ReturnStep{Exchange: 0}), leaderOf(one)), 4},
		{"dist", program(topo, []Exchange{{Types: ts}, {Types: one, ToLeader: true}},
			seg(OnSlices, scanOf(0, 1, 2), ts, &DistStep{Exchange: 0, Keys: []int{0}}),
			seg(OnSlices, &InboxSource{Exchange: 0}, ts, &countStep{}, &ReturnStep{Exchange: 1}), seg(OnLeader, &InboxSource{Exchange: 1}, one)), 4},
		{"distfew", program(topo, []Exchange{{Types: ts}, {Types: one, ToLeader: true}},
			seg(OnSlices, half, ts, &FilterStep{Cond: prog(b, &expr.Compare{Op: expr.Lt, Left: col(1), Right: konst(i4(12))})}, &DistStep{Exchange: 0, Keys: []int{0}}),
			seg(OnSlices, &InboxSource{Exchange: 0}, ts, &countStep{}, &ReturnStep{Exchange: 1}), seg(OnLeader, &InboxSource{Exchange: 1}, one)), 4},
	} {
		for _, workers := range []int{1, 2} {
			b.Run(c.name+"/"+string(rune('0'+workers)), func(b *testing.B) {
				benchRun(b, c.p, Options{Workers: workers}, c.rows, tb.view())
				b.ReportMetric(float64(b.Elapsed().Nanoseconds())/float64(b.N)/n, "ns/row")
			})
		}
	}
}
