package super_test

import (
	"bytes"
	"cmp"
	"math"
	"math/rand/v2"
	"testing"

	"github.com/redshiftsim/redshiftsim/internal/super"
	"github.com/redshiftsim/redshiftsim/internal/types"
)

// anyValue makes a small value of any kind, often equal to another one.
func anyValue(r *rand.Rand, depth int) super.Value {
	texts := []string{"", "a", "a ", "ab", "a\x00", "a\x00b", "A", "é", " ", "\x01"}
	switch k := r.IntN(8); {
	case k == 0:
		return super.OfBool(r.IntN(2) == 0)
	case k == 1:
		return super.OfInt(int64(r.IntN(7) - 3))
	case k == 2:
		return super.OfInt(int64(r.Uint64()))
	case k == 3:
		return super.OfDecimal(types.FromInt64(int64(r.IntN(4000)-2000)), r.IntN(5))
	case k == 4:
		return super.OfFloat([]float64{0, 1, -1, 1.5, 1e300, -1e300, 5e-324, 0.1, 1e15, math.Copysign(0, -1)}[r.IntN(10)])
	case k == 5 && depth > 0:
		var b super.Builder
		b.Reset(nil)
		b.BeginArray()
		for range r.IntN(4) {
			b.Value(anyValue(r, depth-1))
		}
		b.EndArray()
		return super.Value(b.Bytes())
	case k == 6 && depth > 0:
		var b super.Builder
		b.Reset(nil)
		b.BeginObject()
		for _, i := range r.Perm(len(texts))[:r.IntN(4)] {
			b.Name(texts[i])
			b.Value(anyValue(r, depth-1))
		}
		b.EndObject()
		return super.Value(b.Bytes())
	case k == 7 && depth < 2:
		return super.NullValue
	}
	return super.OfString(texts[r.IntN(len(texts))])
}

// TestKey holds the order of keys against Compare.
func TestKey(t *testing.T) {
	r := rand.New(rand.NewPCG(1, 2))
	for range 200_000 {
		a, b := anyValue(r, 2), anyValue(r, 2)
		x, y := super.AppendKey(nil, a), super.AppendKey(nil, b)
		if got, want := bytes.Compare(x, y), super.Compare(a, b); got != cmp.Compare(want, 0) {
			t.Fatalf("keys of %s and %s order as %d, the values as %d\n%x\n%x", a.JSON(), b.JSON(), got, want, x, y)
		}
		if x[len(x)-1] == ' ' {
			t.Fatalf("the key of %s ends in a blank: %x", a.JSON(), x)
		}
	}
}
