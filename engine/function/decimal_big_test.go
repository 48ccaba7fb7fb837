package function

import (
	"math/big"
	"math/rand"
	"testing"

	"github.com/redshiftsim/redshiftsim/internal/types"
)

// scaledTo brings an unscaled value from one scale to another: half away from zero, or cut.
func scaledTo(v *big.Int, from, to int, cut bool) *big.Int {
	pow := func(k int) *big.Int { return new(big.Int).Exp(big.NewInt(10), big.NewInt(int64(k)), nil) }
	if to >= from {
		return new(big.Int).Mul(v, pow(to-from))
	}
	unit := pow(from - to)
	q, rem := new(big.Int).QuoRem(v, unit, new(big.Int))
	if !cut && rem.Abs(rem).Lsh(rem, 1).Cmp(unit) >= 0 {
		q.Add(q, big.NewInt(int64(v.Sign())))
	}
	return q
}

// randomNumeric is a value of a numeric type; one in eight is as large as the type holds, or half a unit of a shorter scale.
func randomNumeric(rng *rand.Rand, t types.Type) types.Datum {
	digits := 1 + rng.Intn(int(t.Prec))
	text := make([]byte, 0, 40)
	if rng.Intn(2) == 0 {
		text = append(text, '-')
	}
	kind := rng.Intn(16)
	if kind == 0 {
		digits = int(t.Prec)
	}
	for i := range digits {
		c := byte('0' + rng.Intn(10))
		switch {
		case kind == 0 && digits != 19: // 19 digits end at 9223372036854775807
			c = '9'
		case kind == 0:
			c = "9223372036854775807"[i]
		case kind == 1 && i > 0:
			c = '0'
			if i == digits/2 {
				c = '5'
			}
		case digits == 19 && i == 0:
			c = byte('0' + rng.Intn(9))
		}
		text = append(text, c)
	}
	v, _ := new(big.Int).SetString(string(text), 10)
	return numberOf(t, v)
}

// TestRoundCastAgainstBig compares casts of numerics and integers (implicit ones round, explicit ones of stored values cut), ROUND and TRUNC with exact
// arithmetic, at random types and values: what is not an error has the right digits, what fits is not an error.
func TestRoundCastAgainstBig(t *testing.T) {
	rng := rand.New(rand.NewSource(8))
	n := 1_000_000
	if testing.Short() {
		n = 20_000
	}
	env := testEnv()
	numeric := func() types.Type {
		p := 1 + rng.Intn(38)
		return types.TNumeric(p, rng.Intn(p))
	}
	for i := range n / 50 {
		from, to := numeric(), numeric()
		var b *Bound
		cut := false
		places := 0
		switch i % 5 {
		case 0, 1: // between numerics
			b, _ = FindCast(from, to, false)
			if cut = i%5 == 1 && CutsNumeric(from, to); cut {
				b = CutNumeric(b)
			}
		case 2: // to an integer
			to = []types.Type{types.TInt2, types.TInt4, types.TInt8}[rng.Intn(3)]
			b, _ = FindCast(from, to, false)
		case 3: // from an integer
			k := rng.Intn(3)
			from = []types.Type{types.TInt2, types.TInt4, types.TInt8}[k]
			b, _ = FindCast(from, to, false)
		default:
			name := "round"
			if cut = rng.Intn(2) == 0; cut {
				name = "trunc"
			}
			places = rng.Intn(45) - 5
			at := types.Datum{Type: types.TInt4, Int: int64(places)}
			var err error
			if b, err = Find(name, []Arg{{Type: from}, {Type: types.TInt4, Const: &at}}); err != nil {
				t.Fatal(err)
			}
			to = b.Returns
		}
		if b == nil {
			t.Fatalf("no cast from %s to %s", from, to)
		}
		for range 50 {
			var d types.Datum
			if from.Kind == types.Numeric {
				d = randomNumeric(rng, from)
			} else {
				d = types.Datum{Type: from, Int: int64(rng.Uint64()) >> (64 - 8*map[types.Kind]uint{types.Int2: 2, types.Int4: 4, types.Int8: 8}[from.Kind] + uint(rng.Intn(9)))}
			}
			args := []types.Datum{d}
			want := bigOf(d)
			if i%5 == 4 {
				args = append(args, types.Datum{Type: types.TInt4, Int: int64(places)})
				want = scaledTo(scaledTo(want, int(from.Scale), min(places, int(from.Scale)), cut), min(places, int(from.Scale)), int(to.Scale), false)
			} else {
				want = scaledTo(want, int(from.Scale), int(to.Scale), cut)
			}
			fits := false
			switch limit := new(big.Int).Exp(big.NewInt(10), big.NewInt(int64(to.Prec)), nil); {
			case to.IsInteger():
				fits = want.IsInt64() && types.IntFits(want.Int64(), to.Kind)
			case i%5 == 4: // digits before the point may become one more: the lane is the limit
				fits = want.CmpAbs(new(big.Int).Exp(big.NewInt(10), big.NewInt(38), nil)) < 0 && (to.Lane() == types.LaneWide || want.IsInt64())
			default:
				fits = want.CmpAbs(limit) < 0 && (to.Lane() == types.LaneWide || want.IsInt64())
			}
			got, err := oneRow(b, env, args)
			if err == nil != fits {
				t.Fatalf("%s(%s %s, %d) as %s: %v, %v; exact is %v, fits %t", b.Name, from, d, places, to, got, err, want, fits)
			}
			if got.Type = to; err == nil && bigOf(got).Cmp(want) != 0 {
				t.Fatalf("%s(%s %s, %d) as %s: %v, want %v", b.Name, from, d, places, to, bigOf(got), want)
			}
		}
	}
}
