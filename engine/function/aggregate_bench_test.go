package function

import (
	"fmt"
	"math/rand"
	"testing"

	"github.com/redshiftsim/redshiftsim/internal/types"
	"github.com/redshiftsim/redshiftsim/internal/vector"
)

// benchColumns makes full batches of the forms in which rows come.
func benchColumns() map[string]*vector.Vector {
	rng := rand.New(rand.NewSource(1))
	n := vector.Size
	m := map[string]*vector.Vector{}
	u8 := &vector.Vector{Type: types.TInt4, Form: vector.Narrow, Len: n, Base: 7}
	u16 := &vector.Vector{Type: types.TInt4, Form: vector.Narrow, Len: n, Base: 7}
	u32 := &vector.Vector{Type: types.TInt8, Form: vector.Narrow, Len: n, Base: 7}
	i4, i8, f8 := vector.New(types.TInt4, n), vector.New(types.TInt8, n), vector.New(types.TFloat8, n)
	dict := &vector.Vector{Type: types.TVarchar(20), Form: vector.Dict, Len: n, Dict: vector.New(types.TVarchar(20), 50)}
	text := vector.New(types.TVarchar(20), n)
	for i := range 50 {
		dict.Dict.Texts[i] = fmt.Sprintf("text%02d", i*7%50)
	}
	for i := range n {
		x := rng.Int63()
		u8.U8 = append(u8.U8, uint8(x))
		u16.U16 = append(u16.U16, uint16(x))
		u32.U32 = append(u32.U32, uint32(x))
		i4.Int64s[i], i8.Int64s[i], f8.Floats[i] = x>>33, x>>20, float64(x>>40)
		dict.U8 = append(dict.U8, uint8(x%50))
		text.Texts[i] = dict.Dict.Texts[x%50]
	}
	m["u8"], m["u16"], m["u32"], m["int4"], m["int8"], m["float8"], m["dict"], m["text"] = u8, u16, u32, i4, i8, f8, dict, text
	nulls := *u8
	for i := 0; i < n; i += 10 {
		nulls.SetNull(i)
	}
	m["u8 nulls"] = &nulls
	return m
}

// BenchmarkAggregate times a batch of 2,048 rows; ns/row is reported.
func BenchmarkAggregate(b *testing.B) {
	cols := benchColumns()
	for _, name := range []string{"count", "sum", "avg", "min", "max"} {
		for _, form := range []string{"u8", "u8 nulls", "u16", "u32", "int4", "int8", "float8", "dict", "text"} {
			for _, groups := range []int{0, 4, 1000, 100000} {
				v := cols[form]
				fn, err := FindAggregate(name, ofTypes(v.Type), false)
				if err != nil || name == "count" && form != "u8" && form != "u8 nulls" {
					continue
				}
				b.Run(fmt.Sprintf("%s/%s/groups=%d", name, form, groups), func(b *testing.B) {
					s := fn.New()
					s.Resize(max(groups, 1))
					var gs []uint32
					if groups > 0 {
						rng := rand.New(rand.NewSource(1))
						for range vector.Size {
							gs = append(gs, uint32(rng.Intn(groups)))
						}
					}
					args := []*vector.Vector{v}
					b.ReportAllocs()
					for b.Loop() {
						if err := s.Update(gs, vector.Size, args); err != nil {
							b.Fatal(err)
						}
					}
					b.ReportMetric(float64(b.Elapsed().Nanoseconds())/float64(b.N)/vector.Size, "ns/row")
				})
			}
		}
	}
}
