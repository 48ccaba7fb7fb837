package exec

import (
	"math/rand/v2"
	"testing"

	"github.com/redshiftsim/redshiftsim/internal/types"
	"github.com/redshiftsim/redshiftsim/internal/vector"
)

// void is a sink that forgets.
type void struct{}

func (void) push(*vector.Batch) error { return nil }
func (void) finish() error            { return nil }

// pushAll measures a sink over batches of one column.
func pushAll(b *testing.B, s sink, in []*vector.Vector) {
	batches := make([]*vector.Batch, len(in))
	for i, v := range in {
		batches[i] = &vector.Batch{Columns: []*vector.Vector{v}, Len: v.Len}
	}
	rows := len(in) * vector.Size
	b.SetBytes(int64(rows) * 8)
	for b.Loop() {
		for _, x := range batches {
			if err := s.push(x); err != nil {
				b.Fatal(err)
			}
		}
	}
	b.ReportMetric(float64(b.Elapsed().Nanoseconds())/float64(b.N)/float64(rows), "ns/row")
}

// manyInts makes batches of random integers below spread times step.
func manyInts(spread, step int64) []*vector.Vector {
	r := rand.New(rand.NewPCG(1, 2))
	vs := make([]*vector.Vector, 512)
	for i := range vs {
		vs[i] = vector.New(types.TInt8, vector.Size)
		for j := range vs[i].Int64s {
			vs[i].Int64s[j] = r.Int64N(spread) * step
		}
	}
	return vs
}

// BenchmarkAggrNarrow is SELECT year, count(*) GROUP BY year over one-byte codes.
func BenchmarkAggrNarrow(b *testing.B) {
	vs := make([]*vector.Vector, 64)
	for i := range vs {
		vs[i] = &vector.Vector{Type: types.TInt4, Form: vector.Narrow, Len: vector.Size, Base: 1900, U8: make([]uint8, vector.Size)}
		for j := range vs[i].U8 {
			vs[i].U8[j] = uint8(rand.IntN(90))
		}
	}
	pushAll(b, countBy(b), vs)
}

// benchJoin is an inner join with a table of 100,000 unique keys and one more column.
func benchJoin(b *testing.B, step int64) {
	const n = 100_000
	two := []types.Type{types.TInt8, types.TInt8}
	h := &HashStep{Types: two, Keys: []int{0}, Shared: true}
	q := testQuery(1, h)
	build, err := h.start(&task{q: q}, two, nil)
	if err != nil {
		b.Fatal(err)
	}
	v := vector.New(types.TInt8, vector.Size)
	for lo := 0; lo < n; lo += vector.Size {
		v.Reset(min(vector.Size, n-lo))
		for i := range v.Int64s {
			v.Int64s[i] = int64(lo+i) * step
		}
		if err := build.push(&vector.Batch{Columns: []*vector.Vector{v, v}, Len: v.Len}); err != nil {
			b.Fatal(err)
		}
	}
	if err := build.finish(); err != nil {
		b.Fatal(err)
	}
	s, err := (&HJoinStep{Keys: []int{0}, Types: append(two, types.TInt8)}).start(&task{q: q, eager: true}, two[:1], void{})
	if err != nil {
		b.Fatal(err)
	}
	pushAll(b, s, manyInts(n, step))
}

func BenchmarkHashJoinDirect100k(b *testing.B) { benchJoin(b, 1) }
func BenchmarkHashJoinHashed100k(b *testing.B) { benchJoin(b, 1_000_003) }
