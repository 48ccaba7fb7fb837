package hashtable

import (
	"math"
	"math/rand/v2"
	"slices"
	"testing"

	"github.com/redshiftsim/redshiftsim/internal/types"
	"github.com/redshiftsim/redshiftsim/internal/vector"
)

// forms gives the values, all of which lie in base..base+255, as vectors of every form of the int lane.
func forms(vals []int64, base int64, nulls []uint64) []*vector.Vector {
	n := len(vals)
	flat := &vector.Vector{Type: types.TInt8, Len: n, Int64s: vals, Nulls: nulls}
	u8, u16, u32 := *flat, *flat, *flat
	dict := *flat
	codes := make([]uint8, n)
	own := vector.Vector{Type: types.TInt8, Len: 256, Int64s: make([]int64, 256)}
	for i := range own.Int64s {
		own.Int64s[i] = base + int64(i)
	}
	u8.Form, u16.Form, u32.Form, dict.Form = vector.Narrow, vector.Narrow, vector.Narrow, vector.Dict
	u8.Base, u16.Base, u32.Base = base, base, base
	for i, x := range vals {
		codes[i] = uint8(x - base)
		u16.U16, u32.U32 = append(u16.U16, uint16(x-base)), append(u32.U32, uint32(x-base))
	}
	u8.U8, dict.U8, dict.Dict = codes, codes, &own
	for _, v := range []*vector.Vector{&u8, &u16, &u32, &dict} {
		v.Int64s = nil
	}
	return []*vector.Vector{flat, &u8, &u16, &u32, &dict}
}

// TestKeySet: an exact set keeps the rows that are in it and no others, a Bloom filter keeps at least those; NULLs are in neither.
func TestKeySet(t *testing.T) {
	r := rand.New(rand.NewPCG(7, 7))
	for round := range 400 {
		base := []int64{0, -100, math.MinInt64, math.MaxInt64 - 255, 1 << 40}[round%5]
		far := round%2 == 1 && base != math.MinInt64
		in := map[int64]bool{}
		tb := NewTable([]types.Type{types.TInt4, types.TInt8}, nil)
		vals := make([]int64, 1+r.IntN(200))
		var nulls []uint64
		for i := range vals {
			vals[i] = base + int64(r.IntN(256))
			if far && i == 0 {
				vals[i] = math.MinInt64
			}
			if r.IntN(10) == 0 && round%3 == 0 {
				if nulls == nil {
					nulls = make([]uint64, 4)
				}
				nulls[i>>6] |= 1 << (i & 63)
				continue
			}
			in[vals[i]] = true
		}
		v := &vector.Vector{Type: types.TInt8, Len: len(vals), Int64s: vals, Nulls: nulls}
		tb.Append(&vector.Batch{Columns: []*vector.Vector{{Type: types.TInt4, Len: len(vals), Int64s: make([]int64, len(vals))}, v}, Len: len(vals)})
		lo, hi, some, ok := tb.Bounds(1)
		if !some || !ok {
			continue
		}
		s := NewKeySet(lo.Int, hi.Int, tb.Rows())
		s.Add(tb, 1)
		if far && in[math.MinInt64] == (s.exact != nil) {
			t.Fatalf("round %d: far apart %v, exact %v", round, in[math.MinInt64], s.exact != nil)
		}
		asked := make([]int64, 1+r.IntN(vector.Size))
		var none []uint64
		if round%4 == 0 {
			none = make([]uint64, (len(asked)+63)/64)
		}
		var sel []uint16
		for i := range asked {
			asked[i] = base + int64(r.IntN(256))
			if r.IntN(2) == 0 && round%7 > 2 {
				sel = append(sel, uint16(i))
			}
			if none != nil && r.IntN(5) == 0 {
				none[i>>6] |= 1 << (i & 63)
			}
		}
		live := sel
		if live == nil {
			live = vector.Rows[:len(asked)]
		}
		var want []uint16
		for _, i := range live {
			if (none == nil || none[i>>6]>>(i&63)&1 == 0) && in[asked[i]] {
				want = append(want, i)
			}
		}
		for f, v := range forms(asked, base, none) {
			out := make([]uint16, vector.Size)
			got := out[:s.Filter(v, sel, len(live), out)]
			if s.exact != nil {
				if !slices.Equal(got, want) {
					t.Fatalf("round %d, form %d: %v, want %v", round, f, got, want)
				}
				continue
			}
			at := 0
			for _, i := range got {
				if at < len(want) && want[at] == i {
					at++
				}
				if none != nil && none[i>>6]>>(i&63)&1 != 0 {
					t.Fatalf("round %d, form %d: row %d is NULL", round, f, i)
				}
			}
			if at < len(want) {
				t.Fatalf("round %d, form %d: row %d is missing", round, f, want[at])
			}
			if len(in) < 100 && len(got) > len(want)+len(live)/8+8 {
				t.Errorf("round %d, form %d: %d rows for %d of %d", round, f, len(got), len(want), len(live))
			}
		}
		one := &vector.Vector{Type: types.TInt8, Form: vector.Const, Len: len(asked), Int64s: asked[:1]}
		out := make([]uint16, vector.Size)
		if k := s.Filter(one, sel, len(live), out); in[asked[0]] && k != len(live) || s.exact != nil && !in[asked[0]] && k != 0 {
			t.Fatalf("round %d: %d of %d rows of a constant", round, k, len(live))
		}
	}
}

// BenchmarkKeySet is what a scan pays for asking, by row.
func BenchmarkKeySet(b *testing.B) {
	r := rand.New(rand.NewPCG(7, 7))
	tb := NewTable([]types.Type{types.TInt8}, nil)
	vals := make([]int64, vector.Size)
	codes := make([]uint32, vector.Size)
	for i := range vals {
		vals[i], codes[i] = int64(r.IntN(1_500_000)), r.Uint32N(1_500_000)
	}
	tb.Append(&vector.Batch{Columns: []*vector.Vector{{Type: types.TInt8, Len: len(vals), Int64s: vals}}, Len: len(vals)})
	s := NewKeySet(0, 1_500_000, len(vals))
	s.Add(tb, 0)
	v := &vector.Vector{Type: types.TInt8, Form: vector.Narrow, Len: len(codes), U32: codes}
	out := make([]uint16, vector.Size)
	for b.Loop() {
		s.Filter(v, nil, vector.Size, out)
	}
	b.ReportMetric(float64(b.Elapsed().Nanoseconds())/float64(b.N)/vector.Size, "ns/row")
}
