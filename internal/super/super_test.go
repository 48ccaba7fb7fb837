package super_test

import (
	"bytes"
	"encoding/json"
	"fmt"
	"math"
	"math/big"
	"math/rand/v2"
	"reflect"
	"slices"
	"strconv"
	"strings"
	"testing"

	"github.com/redshiftsim/redshiftsim/internal/super"
	"github.com/redshiftsim/redshiftsim/internal/types"
	"github.com/redshiftsim/redshiftsim/internal/vector"
)

func parse(t testing.TB, text string) super.Value {
	t.Helper()
	b, err := super.Parse(nil, text)
	if err != nil {
		t.Fatalf("%s: %v", text, err)
	}
	return super.Value(b)
}

// TestJSON holds what is printed against what was read.
func TestJSON(t *testing.T) {
	for _, c := range []struct{ in, out string }{
		{`null`, ``},
		{` true `, `true`},
		{`[ 10001 , 10002, "abc" ]`, `[10001,10002,"abc"]`},
		{`{"b" : 1, "a" : {"x":[ ]}, "" : {} }`, `{"b":1,"a":{"x":[]},"":{}}`},
		{`-0`, `0`},
		{`-0.0`, `0.0`},
		{`10.00`, ``},
		{`-128`, ``},
		{`-129`, ``},
		{`255`, ``},
		{`32768`, ``},
		{`9223372036854775807`, ``},
		{`-9223372036854775808`, ``},
		{`9223372036854775808`, ``},
		{`-9223372036854775809`, ``},
		{`99999999999999999999999999999999999999`, ``},
		{`-0.1234567890123456789012345678901234567`, ``},
		{`0.000000000000000000000000000000000000001`, `1e-39`},
		{`100000000000000000000000000000000000000`, `1e+38`},
		{`2.22e0`, `2.22e+0`},
		{`1E100`, `1e+100`},
		{`1.5e-7`, `1.5e-7`},
		{`"a\u0041\/\n\"\\\b\f\t\r\u0001é"`, `"aA/\n\"\\\b\f\t\r\u0001é"`},
		{`"\ud83d\ude00"`, `"😀"`},
		{`"\ud83d"`, `"` + "\uFFFD" + `"`},
		{`"` + strings.Repeat("x", 70000) + `"`, ``},
	} {
		if c.out == "" {
			c.out = c.in
		}
		if got := parse(t, c.in).JSON(); got != c.out {
			t.Errorf("%.60s: %.60s, want %.60s", c.in, got, c.out)
		}
	}
}

// TestRefused are texts that are no JSON, or more than a value may be.
func TestRefused(t *testing.T) {
	deep := func(n int) string { return strings.Repeat("[", n) + strings.Repeat("]", n) }
	for _, c := range []struct{ in, detail string }{
		{``, `a JSON value is missing at byte 1`},
		{`This`, `no JSON value begins at byte 1`},
		{`[1,]`, `no JSON value begins at byte 4`},
		{`[1 2]`, `an array goes on without a comma or its end at byte 4`},
		{`{"a" 1}`, `a colon is missing after the name of an attribute at byte 6`},
		{`{a:1}`, `the name of an attribute is missing at byte 2`},
		{`{"a":1`, `an object goes on without a comma or its end at byte 7`},
		{`[1] x`, `text after the end of the JSON value at byte 5`},
		{`01`, `a number is not written as JSON writes it at byte 3`},
		{`1.`, `a number is not written as JSON writes it at byte 3`},
		{`1e400`, `a number is out of the range of double precision at byte 1`},
		{`"a`, `the end of a string is missing at byte 3`},
		{`"\x"`, `a string has an escape that JSON does not know at byte 2`},
		{"\"\n\"", `a string has a control character that is not escaped at byte 2`},
		{"\"\xff\"", `a string is not valid UTF-8`},
		{`{"a":1,"b":2,"a":3}`, `the attribute "a" appears more than once in an object`},
		{deep(1001), `the value is nested more deeply than the limit of a SUPER value, 1000 levels`},
		{`"` + strings.Repeat("x", 16000001) + `"`, `a string is longer than the limit of a string in a SUPER value, 16000000 bytes`},
		{`["` + strings.Repeat("x", 9000000) + `","` + strings.Repeat("x", 9000000) + `"]`, `the value is larger than the limit of a SUPER value, 16777216 bytes`},
	} {
		dst, err := super.Parse([]byte("kept"), c.in)
		if string(dst) != "kept" {
			t.Errorf("%.40s: dst came back as %.40q", c.in, dst)
		}
		f, ok := err.(interface {
			Fields() (string, string, string, int)
		})
		if !ok {
			t.Errorf("%.40s: %v", c.in, err)
			continue
		}
		if message, detail, _, _ := f.Fields(); message != "JSON parsing error" || detail != c.detail && !strings.HasPrefix(detail, c.detail) {
			t.Errorf("%.40s: %s (%s), want %s", c.in, message, detail, c.detail)
		}
	}
	parse(t, deep(1000))
}

// TestParsingOptions are the settings json_parse_dedup_attributes and json_parse_truncate_strings.
func TestParsingOptions(t *testing.T) {
	p := super.Parser{Dedup: true, Truncate: true}
	for _, c := range []struct{ in, out string }{
		{`{"a":1,"b":2,"a":"three"}`, `{"b":2,"a":"three"}`},
		{`{"a":1,"a":{"a":2,"a":[]},"a":3,"c":{"a":4}}`, `{"a":3,"c":{"a":4}}`},
		{`{"a":1}`, `{"a":1}`},
	} {
		b, err := p.Parse(nil, c.in)
		if got := super.Value(b).JSON(); err != nil || got != c.out {
			t.Errorf("%s: %s %v, want %s", c.in, got, err, c.out)
		}
		if v, _ := super.Value(b).Field("a"); v == "" {
			t.Errorf("%s: a is not found", c.in)
		}
	}
	b, err := p.Parse(nil, `["`+strings.Repeat("x", 15999999)+`é"]`)
	if v, _ := super.Value(b).Index(0); err != nil || len(v.Text()) != 15999999 {
		t.Errorf("a string is cut to %d bytes: %v", len(v.Text()), err)
	}
}

// TestNavigation walks through tables of all widths.
func TestNavigation(t *testing.T) {
	for _, n := range []int{0, 1, 3, 30, 300, 3000, 30000} {
		var b super.Builder
		b.Reset([]byte("before"))
		b.BeginObject()
		names := rand.New(rand.NewPCG(1, uint64(n))).Perm(n)
		for i, x := range names {
			b.Name(fmt.Sprint("n", x))
			b.BeginArray()
			b.Int(int64(i))
			b.String(fmt.Sprint(x))
			b.EndArray()
		}
		if twice, found := b.EndObject(); found {
			t.Fatalf("%s is there twice", twice)
		}
		v := super.Value(b.Bytes()[len("before"):])
		if v.Len() != n {
			t.Fatalf("%d attributes, want %d", v.Len(), n)
		}
		sorted := make([]string, n)
		for i, x := range names {
			name, value := v.Attribute(i)
			f, ok := v.Field(fmt.Sprint("n", x))
			if !ok || f != value || name != fmt.Sprint("n", x) {
				t.Fatalf("attribute %d of %d: %s, found %v", i, n, name, ok)
			}
			first, _ := f.Index(0)
			second, _ := f.Index(1)
			if _, ok := f.Index(2); ok || first.Int() != int64(i) || second.Text() != fmt.Sprint(x) {
				t.Fatalf("attribute %d of %d: %s", i, n, f.JSON())
			}
			sorted[i], _ = v.ByName(i)
		}
		if !slices.IsSorted(sorted) {
			t.Errorf("the names of %d attributes are not in order", n)
		}
		for _, miss := range []string{"", "n", "zzz", "n-1"} {
			if f, ok := v.Field(miss); ok || f != "" {
				t.Errorf("%q is found", miss)
			}
		}
	}
	for _, text := range []string{`null`, `1`, `"a"`, `[1]`, `{"a":1}`} {
		v := parse(t, text)
		_, index := v.Index(0)
		_, field := v.Field("a")
		if index != (v.Kind() == super.Array) || field != (v.Kind() == super.Object) {
			t.Errorf("%s: index %v field %v", text, index, field)
		}
		if _, ok := v.Index(-1); ok {
			t.Errorf("%s has an element -1", text)
		}
	}
}

// TestSize are the sizes that the guide prints.
// https://docs.aws.amazon.com/redshift/latest/dg/r_SIZE.html
func TestSize(t *testing.T) {
	for text, want := range map[string]int{`null`: 4, `true`: 4, `[0,1,2,3]`: 23, `{"a":0,"b":1,"c":2,"d":3}`: 52} {
		if got := parse(t, text).Size(); got != want {
			t.Errorf("%s: %d, want %d", text, got, want)
		}
	}
}

// TestOrder holds Compare, Equal and HashSuper together over a list in the order of ORDER BY; lines are equal values.
func TestOrder(t *testing.T) {
	list := [][]string{
		{`false`},
		{`true`},
		{`-1e300`},
		{`-9223372036854775809`},
		{`-9223372036854775808`},
		{`-1.5`, `-15e-1`, `-1.500`},
		{`0`, `0.00`, `-0`, `-0e0`},
		{`0.1`, `1e-1`, `0.10`},
		{`1`, `1.0`, `1.0000000000000000000000000000000000000`},
		{`1.0000000000000000000000000000000000001`},
		{`9007199254740993`},
		{`9223372036854775807`},
		{`9223372036854775807.5`},
		{`99999999999999999999999999999999999999`},
		{`1e300`},
		{`""`, `"  "`},
		{`"A"`, `"A "`},
		{`"a"`},
		{`"a b"`},
		{`[]`},
		{`[1]`, `[1.0]`},
		{`[1,2]`, `[1e0, 2.00]`},
		{`[2]`},
		{`["a"]`, `["a "]`},
		{`[null]`},
		{`{}`},
		{`{"a":1,"b":2}`, `{"b":2,"a":1.0}`},
		{`{"a":2}`},
		{`{"b":null}`},
		{`null`},
	}
	for i, line := range list {
		for j, other := range list {
			for _, x := range line {
				for _, y := range other {
					a, b := parse(t, x), parse(t, y)
					if got := super.Compare(a, b); sign(got) != sign(i-j) {
						t.Errorf("compare %s with %s: %d", x, y, got)
					}
					if super.Equal(a, b) != (i == j) {
						t.Errorf("%s equal %s: %v", x, y, i != j)
					}
					if ha, hb := vector.HashSuper(a), vector.HashSuper(b); i == j && ha != hb {
						t.Errorf("%s and %s do not hash alike", x, y)
					}
				}
			}
		}
	}
}

func sign(n int) int { return min(max(n, -1), 1) }

// TestDecimals holds stored decimals, their order and their doubles against math/big.
func TestDecimals(t *testing.T) {
	r := rand.New(rand.NewPCG(3, 4))
	random := func() (super.Value, *big.Rat) {
		digits := 1 + r.IntN(38)
		x := types.Int128{}
		for range digits {
			x, _ = x.Mul(types.FromInt64(10))
			x = x.AddInt64(int64(r.IntN(10)))
		}
		if r.IntN(2) == 0 {
			x = x.Neg()
		}
		scale := r.IntN(38)
		v := super.OfDecimal(x, scale)
		if y, s := v.Decimal(); y != x || s != scale {
			t.Fatalf("%v scale %d came back as %v scale %d", x.Big(), scale, y.Big(), s)
		}
		return v, new(big.Rat).SetFrac(x.Big(), new(big.Int).Exp(big.NewInt(10), big.NewInt(int64(scale)), nil))
	}
	for range 20000 {
		a, x := random()
		b, y := random()
		if got, want := super.Compare(a, b), x.Cmp(y); got != want {
			t.Fatalf("compare %s with %s: %d, want %d", a.JSON(), b.JSON(), got, want)
		}
		if want, _ := x.Float64(); a.Float() != want {
			t.Fatalf("%s is %v, want %v", a.JSON(), a.Float(), want)
		}
	}
}

// TestNoAllocations holds that reading a value allocates nothing.
func TestNoAllocations(t *testing.T) {
	a, b := parse(t, document), parse(t, document+" ")
	if n := testing.AllocsPerRun(100, func() {
		orders, _ := a.Field("c_orders")
		order, _ := orders.Index(1)
		total, _ := order.Field("o_totalprice")
		if total.Float() != 242588.87 || super.Compare(a, b) != 0 || vector.HashSuper(a) != vector.HashSuper(b) {
			t.Error("the document is not itself")
		}
	}); n != 0 {
		t.Errorf("%v allocations", n)
	}
}

const document = `{"c_custkey":9451,"c_name":"Customer#000009451","c_nationkey":null,"c_orders":[{"o_orderkey":7859205,"o_orderstatus":"F","o_totalprice":146004.24,` +
	`"o_orderdate":"1992-04-30","o_lineitems":[{"l_partkey":17,"l_tax":0.02,"l_shipmode":"AIR"},{"l_partkey":18,"l_tax":0.06,"l_shipmode":"RAIL"}]},` +
	`{"o_orderkey":3020007,"o_orderstatus":"P","o_totalprice":242588.87,"o_orderdate":"1996-07-04","o_lineitems":[]}]}`

// FuzzParse holds Parse against encoding/json: what we take it takes, with the same meaning; what we write reads back as the same value. Bytes that are no value
// are read without a panic.
func FuzzParse(f *testing.F) {
	for _, s := range []string{document, `[]`, `{"a":{"a":1e5}}`, `[1.50,-0,"\ud800\u0041é",true,null]`, "\x00\x07", "\xff\xff\xff\xff\x28", "\x01\x05\x00\x01\x08", "\x01\x04"} {
		f.Add(s)
	}
	f.Fuzz(func(t *testing.T, s string) {
		raw := super.Value(s)
		_ = raw.AppendJSON(nil)
		_, _, _ = raw.Size(), vector.HashSuper(raw), super.Compare(raw, super.Value(s+"\x02\x00\x07"))
		for i := range min(raw.Len(), 100) {
			raw.Index(i)
			raw.Attribute(i)
			raw.ByName(i)
		}
		raw.Field(s)
		p := super.Parser{Dedup: true}
		b, err := p.Parse(nil, s)
		if err != nil {
			return
		}
		v := super.Value(b)
		want, got := decode(t, s), decode(t, v.JSON())
		if !reflect.DeepEqual(want, got) {
			t.Fatalf("%q reads as %s", s, v.JSON())
		}
		again, err := super.Parse(nil, v.JSON())
		if err != nil || super.Value(again) != v {
			t.Fatalf("%s comes back as %s: %v", v.JSON(), super.Value(again).JSON(), err)
		}
		if super.Compare(v, v) != 0 || !super.Equal(v, super.Value(again)) {
			t.Fatalf("%s is not itself", v.JSON())
		}
	})
}

// decode reads JSON with encoding/json; numbers as doubles.
func decode(t *testing.T, s string) (v any) {
	if err := json.Unmarshal([]byte(s), &v); err != nil {
		t.Fatalf("%q: %v", s, err)
	}
	return v
}

// BenchmarkParse reads a document of 480 bytes; encoding/json's check that it is well formed stands beside it.
func BenchmarkParse(b *testing.B) {
	b.Run("super", func(b *testing.B) {
		b.SetBytes(int64(len(document)))
		b.ReportAllocs()
		var p super.Parser
		var dst []byte
		for b.Loop() {
			dst, _ = p.Parse(dst[:0], document)
		}
	})
	b.Run("valid", func(b *testing.B) {
		b.SetBytes(int64(len(document)))
		text := []byte(document)
		for b.Loop() {
			json.Valid(text)
		}
	})
}

// BenchmarkField takes one number out of a document, as a binary value and as its text.
func BenchmarkField(b *testing.B) {
	v := parse(b, document)
	for b.Loop() {
		orders, _ := v.Field("c_orders")
		order, _ := orders.Index(1)
		price, _ := order.Field("o_totalprice")
		if price.Kind() != super.Decimal {
			b.Fatal(price.JSON())
		}
	}
	b.ReportMetric(float64(len(v))/float64(len(document)), "bytes/byte")
}

// BenchmarkPrint writes the document.
func BenchmarkPrint(b *testing.B) {
	v := parse(b, document)
	var dst []byte
	for b.Loop() {
		dst = v.AppendJSON(dst[:0])
	}
	if !bytes.Equal(dst, []byte(document)) {
		b.Fatal(string(dst))
	}
}

// Equality is an equivalence, the order is total, and both are those of the keys: random numbers close to each other, exact and not.
func TestNumbersAreOrdered(t *testing.T) {
	r := rand.New(rand.NewPCG(3, 4))
	texts := []string{
		"0", "-0.0", "-0e0", "1", "1.0", "1e0", "1.0000000000000000000000000000000000001", "0.1", "1e-1", "0.10000000000000000555", "9007199254740993", "9007199254740992", "9007199254740992e0",
		"9007199254740994e0", "-9007199254740993", "-9007199254740992e0", "123456789012345678901234567890.5", "1234567890123456789012345678905e-1", "123456789012345680000000000000", "1.2345678901234568e29",
	}
	for range 300 {
		f := math.Float64frombits(r.Uint64()&^(0x7ff<<52) | uint64(0x3ff-60+r.IntN(160))<<52)
		texts = append(texts, strconv.FormatFloat(f, 'e', -1, 64), strconv.FormatFloat(f, 'f', 8, 64), strconv.FormatFloat(f, 'f', 0, 64))
	}
	values, keys := make([]super.Value, len(texts)), make([]string, len(texts))
	for i, s := range texts {
		values[i] = parse(t, s)
		keys[i] = string(super.AppendKey(nil, values[i]))
	}
	for i, a := range values {
		for j, b := range values {
			c := super.Compare(a, b)
			if want := strings.Compare(keys[i], keys[j]); (c < 0) != (want < 0) || (c > 0) != (want > 0) || super.Equal(a, b) != (want == 0) {
				t.Fatalf("%s and %s: %d, their keys %d", texts[i], texts[j], c, want)
			}
			if c == 0 && vector.HashSuper(a) != vector.HashSuper(b) {
				t.Fatalf("%s and %s are equal, and hash differently", texts[i], texts[j])
			}
		}
	}
}
