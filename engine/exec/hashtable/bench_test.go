package hashtable

import (
	"fmt"
	"math/rand/v2"
	"testing"

	"github.com/redshiftsim/redshiftsim/internal/types"
	"github.com/redshiftsim/redshiftsim/internal/vector"
)

// perRow reports nanoseconds a row.
func perRow(b *testing.B, rows int) {
	b.ReportMetric(float64(b.Elapsed().Nanoseconds())/float64(b.N)/float64(rows), "ns/row")
}

// ints makes batches of random integers below spread times step.
func ints(batches int, spread, step int64) []*vector.Vector {
	r := rand.New(rand.NewPCG(1, 2))
	vs := make([]*vector.Vector, batches)
	for i := range vs {
		vs[i] = vector.New(types.TInt8, vector.Size)
		for j := range vs[i].Int64s {
			vs[i].Int64s[j] = r.Int64N(spread) * step
		}
	}
	return vs
}

// texts makes batches of n distinct texts, plain or as codes.
func texts(batches, n int, coded bool) []*vector.Vector {
	r := rand.New(rand.NewPCG(1, 2))
	t := types.TVarchar(32)
	dict := vector.New(t, n)
	for i := range n {
		dict.Texts[i] = fmt.Sprintf("Customer#%09d", i)
	}
	vs := make([]*vector.Vector, batches)
	for i := range vs {
		if coded {
			vs[i] = &vector.Vector{Type: t, Form: vector.Dict, Len: vector.Size, Dict: dict, U16: make([]uint16, vector.Size)}
			for j := range vs[i].U16 {
				vs[i].U16[j] = uint16(r.IntN(n))
			}
			continue
		}
		vs[i] = vector.New(t, vector.Size)
		for j := range vs[i].Texts {
			vs[i].Texts[j] = dict.Texts[r.IntN(n)]
		}
	}
	return vs
}

// narrow makes batches of one-byte codes.
func narrow(batches, most int) []*vector.Vector {
	r := rand.New(rand.NewPCG(1, 2))
	vs := make([]*vector.Vector, batches)
	for i := range vs {
		vs[i] = &vector.Vector{Type: types.TInt4, Form: vector.Narrow, Len: vector.Size, Base: 1900, U8: make([]uint8, vector.Size)}
		for j := range vs[i].U8 {
			vs[i].U8[j] = uint8(r.IntN(most))
		}
	}
	return vs
}

// groupBy measures Add of a full table: the groups are there after the first round.
func groupBy(b *testing.B, columns ...[]*vector.Vector) {
	ts := make([]types.Type, len(columns))
	for i, c := range columns {
		ts[i] = c[0].Type
	}
	g := NewGroups(ts)
	l := g.NewLookup()
	out := make([]uint32, vector.Size)
	keys := make([]*vector.Vector, len(columns))
	round := func() {
		for i := range columns[0] {
			for k := range keys {
				keys[k] = columns[k][i]
			}
			l.Add(keys, nil, vector.Size, out)
		}
	}
	round()
	rows := len(columns[0]) * vector.Size
	b.SetBytes(int64(rows) * 8)
	for b.Loop() {
		round()
	}
	perRow(b, rows)
}

func BenchmarkGroupByNarrow(b *testing.B)     { groupBy(b, narrow(64, 90)) }
func BenchmarkGroupByTwoNarrow(b *testing.B)  { groupBy(b, narrow(64, 3), narrow(64, 2)) }
func BenchmarkGroupByDense100k(b *testing.B)  { groupBy(b, ints(512, 100_000, 1)) }
func BenchmarkGroupBySparse100k(b *testing.B) { groupBy(b, ints(512, 100_000, 1_000_003)) }
func BenchmarkGroupByPair100k(b *testing.B)   { groupBy(b, ints(512, 300, 7), ints(512, 331, 1)) }
func BenchmarkGroupByText10k(b *testing.B)    { groupBy(b, texts(64, 10_000, false)) }
func BenchmarkGroupByDict10k(b *testing.B)    { groupBy(b, texts(64, 10_000, true)) }
func BenchmarkGroupByTextInt(b *testing.B)    { groupBy(b, texts(64, 1000, false), ints(64, 10, 1)) }

// probe measures a join with a table of 100,000 unique keys: pairs, and one column of the table.
func probe(b *testing.B, step int64) {
	const n = 100_000
	t := NewTable([]types.Type{types.TInt8, types.TInt8}, []int{0})
	v := vector.New(types.TInt8, vector.Size)
	for lo := 0; lo < n; lo += vector.Size {
		v.Reset(min(vector.Size, n-lo))
		for i := range v.Int64s {
			v.Int64s[i] = int64(lo+i) * step
		}
		t.Append(&vector.Batch{Columns: []*vector.Vector{v, v}, Len: v.Len})
	}
	t.Seal()
	in := ints(512, n, step)
	p := t.NewProbe()
	rows, build := make([]uint16, vector.Size), make([]uint32, vector.Size)
	out := vector.New(types.TInt8, vector.Size)
	b.SetBytes(int64(len(in)) * vector.Size * 8)
	for b.Loop() {
		for _, v := range in {
			p.Start([]*vector.Vector{v}, nil, vector.Size, false)
			if k := p.Next(rows, build); k != vector.Size {
				b.Fatal(k)
			}
			t.Columns[1].Scatter(build, rows, vector.Size, out)
		}
	}
	perRow(b, len(in)*vector.Size)
}

func BenchmarkProbeDirect100k(b *testing.B) { probe(b, 1) }
func BenchmarkProbeHashed100k(b *testing.B) { probe(b, 1_000_003) }

// BenchmarkSeal measures building the index of 100,000 unique keys.
func BenchmarkSeal100k(b *testing.B) {
	in := ints(49, 1<<40, 1)
	b.SetBytes(49 * vector.Size * 8)
	for b.Loop() {
		t := NewTable([]types.Type{types.TInt8}, []int{0})
		for _, v := range in {
			t.Append(&vector.Batch{Columns: []*vector.Vector{v}, Len: v.Len})
		}
		t.Seal()
	}
	perRow(b, 49*vector.Size)
}

// BenchmarkGroupByScattered2M measures groups that are many and lie far apart: their table is larger than the caches.
func BenchmarkGroupByScattered2M(b *testing.B) { groupBy(b, ints(2048, 2_000_000, 601)) }

// founding measures Add of keys nearly all of which are new, as the first phase of a grouping that hardly reduces has them.
func founding(b *testing.B, step int64) {
	batches := ints(100, 100_000_000, step)
	l := NewGroups([]types.Type{types.TInt8}).NewLookup()
	out := make([]uint32, vector.Size)
	for b.Loop() {
		l.Clear()
		for _, v := range batches {
			l.Add([]*vector.Vector{v}, nil, vector.Size, out)
		}
	}
	perRow(b, len(batches)*vector.Size)
}

func BenchmarkFound200k(b *testing.B) { founding(b, 1) }

// BenchmarkFoundDense is the same of keys that lie close together.
func BenchmarkFoundDense(b *testing.B) {
	v := vector.New(types.TInt8, vector.Size)
	for i := range v.Int64s {
		v.Int64s[i] = int64(i * 977 % 2048)
	}
	l := NewGroups([]types.Type{types.TInt8}).NewLookup()
	out := make([]uint32, vector.Size)
	for b.Loop() {
		l.Clear()
		l.Add([]*vector.Vector{v}, nil, vector.Size, out)
	}
	perRow(b, vector.Size)
}
