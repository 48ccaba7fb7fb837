package vector

import (
	"fmt"
	"math"
	"math/rand/v2"
	"slices"
	"testing"

	"github.com/redshiftsim/redshiftsim/internal/types"
)

// forms gives the same rows in every form that can hold them: Flat, Narrow of three widths, Dict of three widths.
func forms(t types.Type, rows []types.Datum) map[string]*Vector {
	flat := New(t, len(rows))
	for i, d := range rows {
		flat.Set(i, d)
	}
	out := map[string]*Vector{"flat": flat}
	dict := New(t, 0)
	at := map[string]uint32{}
	codes := make([]uint32, len(rows))
	for i := range rows {
		if rows[i].Null {
			continue
		}
		k := fmt.Sprint(rows[i])
		if _, ok := at[k]; !ok {
			at[k] = uint32(dict.Len)
			n := dict.Len
			grown := New(t, n+1)
			for j := range n {
				grown.Set(j, dict.Get(j))
			}
			grown.Set(n, rows[i])
			dict = grown
		}
		codes[i] = at[k]
	}
	add := func(name string, form Form, v *Vector) {
		v.Type, v.Form, v.Len, v.Nulls = t, form, len(rows), flat.Nulls
		out[name] = v
	}
	if dict.Len <= 256 {
		add("dict8", Dict, &Vector{U8: cut[uint8](codes), Dict: dict})
	}
	add("dict16", Dict, &Vector{U16: cut[uint16](codes), Dict: dict})
	add("dict32", Dict, &Vector{U32: slices.Clone(codes), Dict: dict})
	if t.Lane() != types.LaneInt {
		return out
	}
	lo, hi := int64(math.MaxInt64), int64(math.MinInt64)
	for _, d := range rows {
		if !d.Null {
			lo, hi = min(lo, d.Int), max(hi, d.Int)
		}
	}
	if lo > hi || hi-lo < 0 || hi-lo > math.MaxUint32 {
		return out
	}
	for i, d := range rows {
		codes[i] = 0
		if !d.Null {
			codes[i] = uint32(d.Int - lo)
		}
	}
	if hi-lo <= 255 {
		add("narrow8", Narrow, &Vector{U8: cut[uint8](codes), Base: lo})
	}
	if hi-lo <= 65535 {
		add("narrow16", Narrow, &Vector{U16: cut[uint16](codes), Base: lo})
	}
	add("narrow32", Narrow, &Vector{U32: slices.Clone(codes), Base: lo})
	return out
}

func cut[C uint8 | uint16](codes []uint32) []C {
	out := make([]C, len(codes))
	for i, c := range codes {
		out[i] = C(c)
	}
	return out
}

// samples are rows of each lane, with NULLs.
func samples(r *rand.Rand) map[string][]types.Datum {
	n := 1 + r.IntN(200)
	make1 := func(t types.Type, f func(d *types.Datum)) []types.Datum {
		out := make([]types.Datum, n)
		for i := range out {
			out[i].Type = t
			if r.IntN(7) == 0 {
				out[i].Null = true
				continue
			}
			f(&out[i])
		}
		return out
	}
	return map[string][]types.Datum{
		"int":   make1(types.TInt4, func(d *types.Datum) { d.Int = r.Int64N(300) - 50 }),
		"big":   make1(types.TInt8, func(d *types.Datum) { d.Int = int64(r.Uint64()) }),
		"bool":  make1(types.TBool, func(d *types.Datum) { d.Bool = r.IntN(2) == 0 }),
		"wide":  make1(types.TNumeric(38, 0), func(d *types.Datum) { d.Wide = types.Int128{Hi: r.Int64N(3) - 1, Lo: r.Uint64N(3)} }),
		"float": make1(types.TFloat8, func(d *types.Datum) { d.Float = float64(r.IntN(9)) / 4 }),
		"text":  make1(types.TVarchar(9), func(d *types.Datum) { d.Text = fmt.Sprint(r.IntN(60)) }),
	}
}

// TestGather: whatever the form, and under a selection, the rows are the same.
func TestGather(t *testing.T) {
	r := rand.New(rand.NewPCG(3, 1))
	for range 30 {
		for lane, rows := range samples(r) {
			var sel []uint16
			for i := range rows {
				if r.IntN(3) > 0 {
					sel = append(sel, uint16(i))
				}
			}
			for form, v := range forms(rows[0].Type, rows) {
				for i := range rows {
					if got := v.Get(i); got != rows[i] {
						t.Fatalf("%s %s: Get(%d) = %v, want %v", lane, form, i, got, rows[i])
					}
				}
				for _, s := range [][]uint16{nil, sel} {
					out := New(v.Type, 0)
					v.Gather(s, out)
					n := len(rows)
					if s != nil {
						n = len(s)
					}
					if out.Form != Flat || out.Len != n {
						t.Fatalf("%s %s: form %d, %d rows, want %d", lane, form, out.Form, out.Len, n)
					}
					for i := range n {
						want := rows[i]
						if s != nil {
							want = rows[s[i]]
						}
						if got := out.Get(i); got != want {
							t.Fatalf("%s %s: row %d is %v, want %v", lane, form, i, got, want)
						}
					}
				}
			}
		}
	}
}

// TestHash: equal rows hash alike in every form, under a selection, and as part of a composite key; different ones mostly do not.
func TestHash(t *testing.T) {
	r := rand.New(rand.NewPCG(4, 1))
	for range 30 {
		for lane, rows := range samples(r) {
			seed := make([]uint64, len(rows))
			for i := range seed {
				seed[i] = r.Uint64()
			}
			var plain, seeded []uint64
			for form, v := range forms(rows[0].Type, rows) {
				a, b := make([]uint64, len(rows)), make([]uint64, len(rows))
				Hash(v, nil, nil, a)
				Hash(v, nil, seed, b)
				if plain == nil {
					plain, seeded = a, b
				}
				if !slices.Equal(a, plain) || !slices.Equal(b, seeded) {
					t.Fatalf("%s: %s hashes unlike another form", lane, form)
				}
				sel := []uint16{0, uint16(len(rows) - 1)}
				if len(rows) == 1 {
					sel = sel[:1]
				}
				out := make([]uint64, len(sel))
				Hash(v, sel, nil, out)
				for i, at := range sel {
					if out[i] != plain[at] {
						t.Fatalf("%s %s: row %d hashes otherwise under a selection", lane, form, at)
					}
				}
			}
			for i := range rows {
				for j := range i {
					equal := rows[i] == rows[j] || rows[i].Null && rows[j].Null
					if equal != (plain[i] == plain[j]) {
						t.Fatalf("%s: %v and %v hash to %x and %x", lane, rows[i], rows[j], plain[i], plain[j])
					}
				}
			}
		}
	}
}

// TestHashAcross: what compares equal across types hashes alike, so that keys of two tables collocate.
func TestHashAcross(t *testing.T) {
	hash := func(d types.Datum) uint64 {
		var out [1]uint64
		Hash(NewConst(d, 1), nil, nil, out[:])
		return out[0]
	}
	int2, int8 := types.Datum{Type: types.TInt2, Int: -7}, types.Datum{Type: types.TInt8, Int: -7}
	if hash(int2) != hash(int8) {
		t.Error("smallint and bigint")
	}
	dec, wide := types.Datum{Type: types.TNumeric(10, 2), Int: -1234}, types.Datum{Type: types.TNumeric(30, 2), Wide: types.Int128{Hi: -1, Lo: ^uint64(1233)}}
	if hash(dec) != hash(wide) {
		t.Error("numeric(10,2) and numeric(30,2)")
	}
	a, b := types.Datum{Type: types.TVarchar(9), Text: "a"}, types.Datum{Type: types.TChar(9), Text: "a   "}
	if hash(a) != hash(b) {
		t.Error("trailing blanks")
	}
	zero, minus := types.Datum{Type: types.TFloat8}, types.Datum{Type: types.TFloat8, Float: math.Copysign(0, -1)}
	if hash(zero) != hash(minus) {
		t.Error("-0 and 0")
	}
	if hash(types.NullOf(types.TInt4)) != hash(types.NullOf(types.TVarchar(3))) {
		t.Error("NULLs share a slice")
	}
}

// TestSelect: the kernels against a loop, with and without a selection to refine.
func TestSelect(t *testing.T) {
	r := rand.New(rand.NewPCG(5, 1))
	for range 200 {
		n := 1 + r.IntN(Size)
		codes := make([]uint8, n)
		vals := make([]int64, n)
		words := make([]uint64, (n+63)/64)
		table := make([]uint8, 256)
		for i := range table {
			table[i] = uint8(r.IntN(2))
		}
		for i := range n {
			codes[i] = uint8(r.IntN(256))
			vals[i] = int64(r.Uint64()) >> r.IntN(64)
			words[i>>6] |= uint64(r.IntN(2)) << (i & 63)
		}
		lo8, width8 := uint8(r.IntN(256)), uint8(r.IntN(256))
		lo, hi := vals[r.IntN(n)], vals[r.IntN(n)]
		if lo > hi {
			lo, hi = hi, lo
		}
		count := 0
		for _, c := range codes {
			count += bit(c-lo8 <= width8)
		}
		if got := CountCodes(codes, lo8, width8); got != count {
			t.Fatalf("CountCodes of %d codes from %d, width %d: %d, want %d", n, lo8, width8, got, count)
		}
		in := []uint16{}
		for i := range n {
			if r.IntN(2) == 0 {
				in = append(in, uint16(i))
			}
		}
		for _, from := range [][]uint16{nil, in} {
			for name, c := range map[string]struct {
				run  func(sel []uint16) int
				pass func(i int) bool
			}{
				"codes": {func(sel []uint16) int { return SelectCodes(codes, lo8, width8, from, sel) }, func(i int) bool { return codes[i]-lo8 <= width8 }},
				"ints":  {func(sel []uint16) int { return SelectInt64(vals, lo, hi, from, sel) }, func(i int) bool { return vals[i] >= lo && vals[i] <= hi }},
				"table": {func(sel []uint16) int { return SelectTable(codes, table, from, sel) }, func(i int) bool { return table[codes[i]] == 1 }},
				"bits":  {func(sel []uint16) int { return SelectBits(words, 1, n, from, sel) }, func(i int) bool { return words[i>>6]>>(i&63)&1 == 1 }},
				"other": {func(sel []uint16) int { return SelectOther(codes, lo8, from, sel) }, func(i int) bool { return codes[i] != lo8 }},
			} {
				sel := make([]uint16, max(n, r.IntN(2)*Size))
				got := sel[:c.run(sel)]
				want := []uint16{}
				for i := range n {
					if (from == nil || slices.Contains(from, uint16(i))) && c.pass(i) {
						want = append(want, uint16(i))
					}
				}
				if !slices.Equal(got, want) {
					t.Fatalf("%s of %d rows: %v, want %v", name, n, got, want)
				}
			}
		}
	}
}

// BenchmarkCountCodes is count(*) WHERE BETWEEN over a batch of one-byte codes.
func BenchmarkCountCodes(b *testing.B) {
	r := rand.New(rand.NewPCG(5, 1))
	codes := make([]uint8, Size)
	for i := range codes {
		codes[i] = uint8(r.IntN(122))
	}
	b.SetBytes(Size)
	for b.Loop() {
		CountCodes(codes, 58, 19)
	}
}

// BenchmarkSelectCodes is BETWEEN over a batch of one-byte codes.
func BenchmarkSelectCodes(b *testing.B) {
	r := rand.New(rand.NewPCG(5, 1))
	codes := make([]uint8, Size)
	for i := range codes {
		codes[i] = uint8(r.IntN(122))
	}
	sel := make([]uint16, Size)
	b.SetBytes(Size)
	for b.Loop() {
		SelectCodes(codes, 58, 19, nil, sel)
	}
}
