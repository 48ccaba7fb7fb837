package sortkey

import (
	"fmt"
	"math"
	"math/rand/v2"
	"slices"
	"sort"
	"strings"
	"testing"

	"github.com/redshiftsim/redshiftsim/internal/types"
	"github.com/redshiftsim/redshiftsim/internal/vector"
)

// kinds are types of keys, each with a way to make values.
var kinds = []struct {
	typ  types.Type
	make func(r *rand.Rand) types.Datum
}{
	{types.TBool, func(r *rand.Rand) types.Datum { return types.Datum{Bool: r.IntN(2) == 0} }},
	{types.TInt4, func(r *rand.Rand) types.Datum { return types.Datum{Int: r.Int64N(50) - 25} }},
	{types.TInt8, func(r *rand.Rand) types.Datum { return types.Datum{Int: int64(r.Uint64())} }},
	{types.TInt8, func(r *rand.Rand) types.Datum {
		return types.Datum{Int: []int64{math.MinInt64, -1, 0, 1, math.MaxInt64, math.MaxInt64 - 1}[r.IntN(6)]}
	}},
	{types.TFloat8, func(r *rand.Rand) types.Datum {
		return types.Datum{Float: []float64{math.NaN(), math.Copysign(math.NaN(), -1), math.Copysign(0, -1), 0, math.Inf(1), math.Inf(-1), 1.5, -1.5, 5e-324, -5e-324}[r.IntN(10)]}
	}},
	{types.TFloat8, func(r *rand.Rand) types.Datum { return types.Datum{Float: r.NormFloat64()} }},
	{types.TNumeric(38, 2), func(r *rand.Rand) types.Datum {
		return types.Datum{Wide: types.Int128{Hi: r.Int64N(5) - 2, Lo: []uint64{0, 1, math.MaxUint64, 1 << 63}[r.IntN(4)]}}
	}},
	{types.TInterval, func(r *rand.Rand) types.Datum { // 1 month and 30 days are equal
		return types.Datum{Wide: types.Int128{Hi: r.Int64N(3) - 1, Lo: uint64(r.Int64N(3) * 30 * types.MicrosPerDay)}}
	}},
	{types.TTimeTZ, func(r *rand.Rand) types.Datum {
		return types.Datum{Wide: types.Int128{Hi: r.Int64N(3)*3600 - 3600, Lo: uint64(r.Int64N(4) * 3600 * types.MicrosPerSecond)}}
	}},
	{types.TVarchar(40), func(r *rand.Rand) types.Datum { // few, with blanks, a byte below the blank, zeros and high bytes
		return types.Datum{Text: []string{"", " ", "a", "a ", "a\t", "a\x00", "a\x00\x00", "a\x00b", "ab", "é", "\xff", "aaaaaaaa", "aaaaaaaa ", "aaaaaaaab"}[r.IntN(14)]}
	}},
	{types.TVarchar(40), func(r *rand.Rand) types.Datum { // long common beginnings
		return types.Datum{Text: fmt.Sprintf("Customer#%012d%s", r.IntN(300), strings.Repeat(" ", r.IntN(3)))}
	}},
	{types.TVarchar(40), func(r *rand.Rand) types.Datum {
		b := make([]byte, r.IntN(20))
		for i := range b {
			b[i] = "ab "[r.IntN(3)]
		}
		return types.Datum{Text: string(b)}
	}},
}

// column makes n random values; share of 10 of them are NULL.
func column(r *rand.Rand, kind, n, share int) *vector.Vector {
	v := vector.New(kinds[kind].typ, n)
	for i := range n {
		d := kinds[kind].make(r)
		d.Type = v.Type
		v.Set(i, d)
		if r.IntN(10) < share { // any value lies under a NULL
			v.SetNull(i)
		}
	}
	return v
}

// longs gives columns as a sort takes them.
func longs(columns []*vector.Vector) []*vector.Long {
	out := make([]*vector.Long, len(columns))
	for i, v := range columns {
		out[i] = new(vector.Long).Of(v)
	}
	return out
}

// orderOf compares two values by a key: the model.
func orderOf(k Key, a, b types.Datum) int {
	switch {
	case a.Null && b.Null:
		return 0
	case a.Null == k.NullsFirst && (a.Null || b.Null):
		return -1
	case a.Null || b.Null:
		return 1
	case k.Desc:
		return types.Compare(&b, &a)
	}
	return types.Compare(&a, &b)
}

// rowOrder compares two rows by keys: the model.
func rowOrder(keys []Key, columns []*vector.Vector, a, b int) int {
	for _, k := range keys {
		if c := orderOf(k, columns[k.Column].Get(a), columns[k.Column].Get(b)); c != 0 {
			return c
		}
	}
	return 0
}

// randomColumns makes up to three columns of n rows and keys over some of them.
func randomColumns(r *rand.Rand, n int) (columns []*vector.Vector, keys []Key, name string) {
	for range 1 + r.IntN(3) {
		kind := r.IntN(len(kinds))
		share := []int{0, 0, 1, 5, 10}[r.IntN(5)]
		columns = append(columns, column(r, kind, n, share))
		name += fmt.Sprintf(" %s/%d nulls %d", kinds[kind].typ, kind, share)
	}
	for range 1 + r.IntN(3) {
		keys = append(keys, Key{r.IntN(len(columns)), r.IntN(2) == 0, r.IntN(2) == 0})
	}
	return columns, keys, fmt.Sprint(n, name, keys)
}

// TestSort compares orders with those of sort.SliceStable over single values.
func TestSort(t *testing.T) {
	r := rand.New(rand.NewPCG(1, 2))
	for range 400 {
		n := []int{0, 1, 2, few, few + 1, counted + 10, 1000, 5000}[r.IntN(8)]
		columns, keys, name := randomColumns(r, n)
		got := SortUntil(longs(columns), keys, n, nil)
		want := make([]int, n)
		for i := range want {
			want[i] = i
		}
		sort.SliceStable(want, func(i, j int) bool { return rowOrder(keys, columns, want[i], want[j]) < 0 })
		seen := make([]bool, n)
		for i, row := range got {
			if seen[row] {
				t.Fatalf("%s: row %d twice", name, row)
			}
			seen[row] = true
			if rowOrder(keys, columns, int(row), want[i]) != 0 {
				t.Fatalf("%s: place %d has row %d, want one like row %d", name, i, row, want[i])
			}
		}
	}
}

// TestSortWide: many rows, so that digits are wide; ascending, descending and random.
func TestSortWide(t *testing.T) {
	const n = 3 * many
	r := rand.New(rand.NewPCG(1, 3))
	for name, value := range map[string]func(i int) int64{
		"random":     func(int) int64 { return int64(r.Uint64()) },
		"few":        func(int) int64 { return r.Int64N(5) },
		"ascending":  func(i int) int64 { return int64(i) },
		"descending": func(i int) int64 { return int64(-i) },
		"skewed":     func(int) int64 { return int64(math.Exp(r.Float64() * 43)) },
	} {
		v := vector.New(types.TInt8, n)
		for i := range v.Int64s {
			v.Int64s[i] = value(i)
		}
		want := slices.Clone(v.Int64s)
		slices.Sort(want)
		for i, row := range SortUntil(longs([]*vector.Vector{v}), []Key{{}}, n, nil) {
			if v.Int64s[row] != want[i] {
				t.Fatalf("%s: place %d has %d, want %d", name, i, v.Int64s[row], want[i])
			}
		}
	}
}

// TestCompareRows: the model, and words of the merge that do not contradict it.
func TestCompareRows(t *testing.T) {
	r := rand.New(rand.NewPCG(1, 4))
	for range 200 {
		const n = 60
		columns, keys, name := randomColumns(r, n)
		heads := make([]uint64, n)
		Heads(columns, keys, n, heads)
		for i := range n {
			for j := range n {
				want := rowOrder(keys, columns, i, j)
				if got := CompareRows(keys, columns, i, columns, j); got != want {
					t.Fatalf("%s: rows %d and %d: %d, want %d", name, i, j, got, want)
				}
				if heads[i] < heads[j] && want >= 0 {
					t.Fatalf("%s: heads of rows %d and %d say -1, want %d", name, i, j, want)
				}
			}
		}
	}
}

// TestDiffer: the model.
func TestDiffer(t *testing.T) {
	r := rand.New(rand.NewPCG(1, 5))
	for range 200 {
		const n = 300
		columns, keys, name := randomColumns(r, n)
		order := SortUntil(longs(columns), keys, n, nil)
		got := make([]bool, n)
		for _, k := range keys {
			Differ(longs(columns)[k.Column], order, got)
		}
		for i := 1; i < n; i++ {
			if want := rowOrder(keys, columns, int(order[i-1]), int(order[i])) != 0; got[i] != want {
				t.Fatalf("%s: row %d: %v, want %v", name, i, got[i], want)
			}
		}
	}
}

// form gives a column as another form of vector, where its type allows.
func form(r *rand.Rand, v *vector.Vector) *vector.Vector {
	n := v.Len
	w := &vector.Vector{Type: v.Type, Len: n, Nulls: v.Nulls}
	switch {
	case r.IntN(3) == 0:
		return v
	case v.Type.Lane() == types.LaneInt && v.Type != types.TInt8:
		w.Form, w.Base = vector.Narrow, -25
		switch r.IntN(3) {
		case 0:
			w.U8 = make([]uint8, n)
			for i := range n {
				w.U8[i] = uint8(v.Int64s[i] + 25)
			}
		case 1:
			w.U16 = make([]uint16, n)
			for i := range n {
				w.U16[i] = uint16(v.Int64s[i] + 25)
			}
		default:
			w.U32 = make([]uint32, n)
			for i := range n {
				w.U32[i] = uint32(v.Int64s[i] + 25)
			}
		}
		return w
	case v.Nulls == nil && r.IntN(4) == 0:
		return vector.NewConst(v.Get(r.IntN(n)), n)
	}
	w.Form, w.Dict, w.U16 = vector.Dict, v, make([]uint16, n)
	for i := range w.U16 {
		w.U16[i] = uint16(i)
	}
	plain := *v
	plain.Nulls = nil
	w.Dict = &plain
	return w
}

// TestBound: the rows selected are those before the bound, whatever the form of the columns and the selection.
func TestBound(t *testing.T) {
	r := rand.New(rand.NewPCG(1, 6))
	for range 1000 {
		const n = 200
		columns, keys, name := randomColumns(r, n)
		at := r.IntN(n)
		b := NewBound(longs(columns), keys, at)
		batch := &vector.Batch{Len: n}
		for _, v := range columns {
			batch.Columns = append(batch.Columns, form(r, v))
		}
		if r.IntN(2) == 0 {
			batch.Sel = []uint16{}
			for i := range n {
				if r.IntN(3) > 0 {
					batch.Sel = append(batch.Sel, uint16(i))
				}
			}
		}
		got := slices.Clone(b.Select(batch))
		want := []uint16{}
		rows := batch.Sel
		if rows == nil {
			rows = vector.Rows[:n]
		}
		for _, i := range rows {
			c := 0
			for _, k := range keys {
				if c = orderOf(k, batch.Columns[k.Column].Get(int(i)), columns[k.Column].Get(at)); c != 0 {
					break
				}
			}
			if c < 0 {
				want = append(want, i)
			}
		}
		if !slices.Equal(got, want) {
			t.Fatalf("%s: %v, want %v", name, got, want)
		}
	}
}

// perRow reports the time of one of n rows.
func perRow(b *testing.B, n int) {
	b.ReportMetric(float64(b.Elapsed().Nanoseconds())/float64(b.N)/float64(n), "ns/row")
}

// BenchmarkSort orders a million rows.
func BenchmarkSort(b *testing.B) {
	const n = 1 << 20
	r := rand.New(rand.NewPCG(1, 7))
	ints := func(f func(i int) int64) *vector.Vector {
		v := vector.New(types.TInt8, n)
		for i := range v.Int64s {
			v.Int64s[i] = f(i)
		}
		return v
	}
	texts := func(f func() string) *vector.Vector {
		v := vector.New(types.TVarchar(40), n)
		for i := range v.Texts {
			v.Texts[i] = f()
		}
		return v
	}
	word := func() string {
		b := make([]byte, 5+r.IntN(15))
		for i := range b {
			b[i] = byte('a' + r.IntN(26))
		}
		return string(b)
	}
	nulls := ints(func(int) int64 { return int64(r.Uint64()) })
	for i := 0; i < n; i += 10 {
		nulls.SetNull(i)
	}
	for _, c := range []struct {
		name    string
		columns []*vector.Vector
		keys    []Key
	}{
		{"int8", []*vector.Vector{ints(func(int) int64 { return int64(r.Uint64()) })}, []Key{{}}},
		{"int8nulls", []*vector.Vector{nulls}, []Key{{Desc: true}}},
		{"int4", []*vector.Vector{ints(func(int) int64 { return int64(r.Uint32()) })}, []Key{{}}},
		{"sorted", []*vector.Vector{ints(func(i int) int64 { return int64(i) })}, []Key{{}}},
		{"date,int", []*vector.Vector{ints(func(int) int64 { return r.Int64N(2500) }), ints(func(int) int64 { return r.Int64N(100000) })}, []Key{{}, {Column: 1}}},
		{"text", []*vector.Vector{texts(word)}, []Key{{}}},
		{"textprefix", []*vector.Vector{texts(func() string { return fmt.Sprintf("Customer#%09d", r.IntN(n)) })}, []Key{{}}},
		{"textfew", []*vector.Vector{texts(func() string { return fmt.Sprintf("%d-URGENT", r.IntN(5)) })}, []Key{{}}},
	} {
		b.Run(c.name, func(b *testing.B) {
			columns := longs(c.columns)
			b.ReportAllocs()
			for b.Loop() {
				SortUntil(columns, c.keys, n, nil)
			}
			perRow(b, n)
		})
	}
}
