package function

import (
	"fmt"
	"math"
	"math/big"
	"math/rand"
	"slices"
	"testing"

	"github.com/redshiftsim/redshiftsim/internal/types"
)

// sameResult compares results, doubles to 12 digits.
func sameResult(a, b types.Datum) bool {
	if a.Null || b.Null || a.Type.Lane() != types.LaneFloat {
		return a.Equal(&b)
	}
	if a.Float == b.Float || a.Float != a.Float && b.Float != b.Float {
		return true
	}
	return math.Abs(a.Float-b.Float) <= 1e-12*max(math.Abs(a.Float), math.Abs(b.Float))
}

// bigOf is a number of any lane but floats, unscaled.
func bigOf(d types.Datum) *big.Int {
	if d.Type.Lane() == types.LaneWide {
		return d.Wide.Big()
	}
	return big.NewInt(d.Int)
}

// numberOf makes an unscaled number a value of a type.
func numberOf(t types.Type, x *big.Int) types.Datum {
	d := types.Datum{Type: t}
	if t.Lane() == types.LaneInt {
		d.Int = x.Int64()
		return d
	}
	lo := new(big.Int).And(x, new(big.Int).SetUint64(math.MaxUint64))
	d.Wide = types.Int128{Hi: new(big.Int).Rsh(x, 64).Int64(), Lo: lo.Uint64()}
	return d
}

// naive computes the aggregates of the first chapter by their meaning.
func naive(name string, returns types.Type, vals []types.Datum) types.Datum {
	var in []types.Datum
	for _, d := range vals {
		if !d.Null {
			in = append(in, d)
		}
	}
	if name == "count" {
		return types.Datum{Type: types.TInt8, Int: int64(len(in))}
	}
	if len(in) == 0 {
		return types.NullOf(returns)
	}
	switch name {
	case "any_value":
		return in[0]
	case "bool_and", "bool_or":
		best := in[0]
		for _, d := range in {
			if d.Bool == (name == "bool_or") {
				best = d
			}
		}
		return best
	case "bit_and", "bit_or":
		best := in[0]
		for _, d := range in {
			if name == "bit_or" {
				best.Int |= d.Int
			} else {
				best.Int &= d.Int
			}
		}
		return best
	case "var_pop", "stddev_samp":
		return naiveVariance(name == "stddev_samp", in)
	case "median":
		slices.SortFunc(in, func(a, b types.Datum) int { return types.Compare(&a, &b) })
		lo, hi := in[(len(in)-1)/2], in[len(in)/2]
		switch {
		case returns.Lane() == types.LaneFloat:
			return types.Datum{Type: returns, Float: (lo.Float + hi.Float) / 2}
		case returns.Kind == types.Numeric: // a digit more: five times the sum
			return numberOf(returns, new(big.Int).Mul(big.NewInt(5), new(big.Int).Add(bigOf(lo), bigOf(hi))))
		}
		return types.Datum{Type: returns, Int: lo.Int + (hi.Int-lo.Int)/2}
	case "min", "max":
		best := in[0]
		for _, d := range in {
			if c := types.Compare(&d, &best); name == "min" && c < 0 || name == "max" && c > 0 {
				best = d
			}
		}
		best.Type = returns
		return best
	}
	if in[0].Type.Lane() == types.LaneFloat {
		sum := new(big.Float).SetPrec(200)
		for _, d := range in {
			sum.Add(sum, big.NewFloat(d.Float))
		}
		f, _ := sum.Float64()
		if name == "avg" {
			f /= float64(len(in))
		}
		return types.Datum{Type: returns, Float: f}
	}
	sum := new(big.Int)
	for _, d := range in {
		sum.Add(sum, bigOf(d))
	}
	if name == "avg" {
		sum.Quo(sum, big.NewInt(int64(len(in))))
	}
	return numberOf(returns, sum)
}

// naiveVariance computes (n*sum(x^2) - sum(x)^2) / n^2 with many digits, or the root of the sample's.
func naiveVariance(sample bool, in []types.Datum) types.Datum {
	prec := func() *big.Float { return new(big.Float).SetPrec(300) }
	sum, squares, n := prec(), prec(), prec().SetInt64(int64(len(in)))
	for _, d := range in {
		x := prec().SetFloat64(d.Float)
		sum.Add(sum, x)
		squares.Add(squares, prec().Mul(x, x))
	}
	v := prec().Sub(prec().Mul(n, squares), prec().Mul(sum, sum))
	v.Quo(v, n)
	if sample {
		if len(in) < 2 {
			return types.NullOf(types.TFloat8)
		}
		f, _ := v.Quo(v, prec().SetInt64(int64(len(in)-1))).Float64()
		return types.Datum{Type: types.TFloat8, Float: math.Sqrt(f)}
	}
	f, _ := v.Quo(v, n).Float64()
	return types.Datum{Type: types.TFloat8, Float: f}
}

// randomValue draws a value; span tells how far apart values lie.
func randomValue(rng *rand.Rand, typ types.Type, span int) types.Datum {
	d := types.Datum{Type: typ}
	if rng.Intn(5) == 0 && span&1 == 1 {
		return types.NullOf(typ)
	}
	small := [...]int64{200, 60000, 1 << 31, 1 << 50, 1 << 58}[span/2%5]
	switch typ.Kind {
	case types.Int2:
		small = min(small, 1<<15)
	case types.Int4:
		small = min(small, 1<<31)
	}
	base := int64(0)
	if typ.Kind == types.Int8 && span%4 == 3 {
		base = -small / 3
	}
	switch typ.Lane() {
	case types.LaneInt:
		d.Int = base + rng.Int63n(small)
	case types.LaneWide:
		d.Wide = types.Int128{Hi: rng.Int63n(1 << 20), Lo: rng.Uint64()}
	case types.LaneFloat:
		d.Float = float64(rng.Int63n(small)) / 8
	case types.LaneBool:
		d.Bool = rng.Intn(3) > 0
	default:
		d.Text = fmt.Sprint(rng.Int63n(small))
	}
	return d
}

// TestAggregateRandom compares random rows in random groups, splits and forms with their meaning.
func TestAggregateRandom(t *testing.T) {
	rng := rand.New(rand.NewSource(2))
	kinds := []types.Type{types.TInt2, types.TInt4, types.TInt8, types.TNumeric(12, 2), types.TNumeric(30, 4), types.TFloat8, types.TVarchar(20), types.TDate, types.TBool}
	for _, name := range []string{"count", "sum", "avg", "min", "max", "any_value", "bit_and", "bit_or", "bool_and", "bool_or", "var_pop", "stddev_samp", "median"} {
		for _, typ := range kinds {
			b, err := FindAggregate(name, ofTypes(typ), false)
			if err != nil || b.Params[0] != typ {
				continue // not for this type
			}
			for round := range 10 {
				n, count := rng.Intn(6000), [...]int{1, 3, 64, 65, 2000}[rng.Intn(5)]
				var groups []uint32
				if count > 1 || rng.Intn(2) == 0 {
					groups = make([]uint32, n)
				}
				vals := make([]types.Datum, n)
				by := make([][]types.Datum, count)
				for i := range vals {
					g := rng.Intn(count)
					if groups != nil {
						groups[i] = uint32(g)
					}
					vals[i] = randomValue(rng, typ, round)
					by[g] = append(by[g], vals[i])
				}
				got, err := aggregateOf(rng, b, groups, count, [][]types.Datum{vals})
				if err != nil {
					t.Fatal(name, typ, err)
				}
				for g := range got {
					want := naive(name, b.Returns, by[g])
					if name == "any_value" && !got[g].Null { // any will do
						for _, d := range by[g] {
							if d.Equal(&got[g]) {
								want = d
							}
						}
					}
					if !sameResult(got[g], want) {
						t.Fatalf("%s(%s), round %d, group %d of %d, %d rows: %v, want %v", name, typ, round, g, count, n, got[g], want)
					}
				}
			}
		}
	}
}
