package function

import (
	"testing"

	"github.com/redshiftsim/redshiftsim/internal/types"
	"github.com/redshiftsim/redshiftsim/internal/vector"
)

// BenchmarkScalar measures kernels over a full batch.
func BenchmarkScalar(b *testing.B) {
	const n = vector.Size
	texts, times, cents := vector.New(types.TVarchar(40), n), vector.New(types.TTimestamp, n), vector.New(types.TNumeric(8, 2), n)
	jsons, amounts, bytes := vector.New(types.TVarchar(60), n), vector.New(types.TVarchar(12), n), vector.New(types.Type{Kind: types.Varbyte, Len: 8}, n)
	for i := range n {
		jsons.Texts[i], amounts.Texts[i], bytes.Texts[i] = `{"id": 7, "place": {"city": "Oslo", "zip": "0150"}}`, "1,234.50-", "\x01\x02abcd"
		texts.Texts[i] = []string{"Mamma Mia!", "Spring Awakening", "K.D. Lang", "The Cherry Orchard"}[i%4]
		times.Int64s[i] = int64(i) * 7919 * types.MicrosPerHour
		cents.Int64s[i] = int64(i) * 977
	}
	unknown := func(s string) *vector.Vector {
		return vector.NewConst(types.Datum{Type: types.TVarchar(len(s)), Text: s}, n)
	}
	one := vector.NewConst(types.Datum{Type: types.TInt4, Int: 1}, n)
	for _, c := range []struct {
		name string
		args []*vector.Vector
	}{
		{"lower", []*vector.Vector{texts}},
		{"len", []*vector.Vector{texts}},
		{"substring", []*vector.Vector{texts, one, one}},
		{"replace", []*vector.Vector{texts, unknown("an"), unknown("AN")}},
		{"regexp_replace", []*vector.Vector{texts, unknown("[aeiou]+"), unknown("")}},
		{"md5", []*vector.Vector{texts}},
		{"date_trunc", []*vector.Vector{unknown("month"), times}},
		{"date_part", []*vector.Vector{unknown("year"), times}},
		{"datediff", []*vector.Vector{unknown("day"), times, times}},
		{"dateadd", []*vector.Vector{unknown("month"), one, times}},
		{"to_char", []*vector.Vector{times, unknown("YYYY-MM-DD")}},
		{"round", []*vector.Vector{cents, one}},
		{"abs", []*vector.Vector{cents}},
		{"json_extract_path_text", []*vector.Vector{jsons, unknown("place"), unknown("zip")}},
		{"to_number", []*vector.Vector{amounts, unknown("9,999.99S")}},
		{"to_hex", []*vector.Vector{bytes}},
		{"fnv_hash", []*vector.Vector{texts}},
	} {
		b.Run(c.name, func(b *testing.B) {
			args := make([]Arg, len(c.args))
			for i, v := range c.args {
				args[i].Type = v.Type
				if v.Form == vector.Const {
					d := v.Get(0)
					args[i].Const = &d
				}
			}
			f, err := Find(c.name, args)
			if err != nil {
				b.Fatal(err)
			}
			env, out := testEnv(), vector.New(f.Returns, n)
			b.ReportAllocs()
			for b.Loop() {
				if err := f.Kernel(env, n, c.args, out); err != nil {
					b.Fatal(err)
				}
			}
			b.ReportMetric(float64(b.Elapsed().Nanoseconds())/float64(b.N)/n, "ns/row")
		})
	}
}
