package function

import (
	"math"
	"math/big"

	"github.com/redshiftsim/redshiftsim/internal/sqlstate"
	"github.com/redshiftsim/redshiftsim/internal/types"
	"github.com/redshiftsim/redshiftsim/internal/vector"
)

// mathFunctions is the chapter of numbers.
// https://docs.aws.amazon.com/redshift/latest/dg/Math_functions.html
var mathFunctions = []Scalar{
	{Name: "abs", Args: sig(number), Returns: same(0), Bind: bindAbs, Doc: "r_ABS"},
	{Name: "ceil", Aliases: []string{"ceiling"}, Args: sig(number), Bind: bindRound(roundUp), Doc: "r_CEILING_FLOOR"},
	{Name: "floor", Args: sig(number), Bind: bindRound(roundDown), Doc: "r_FLOOR"},
	{Name: "round", Args: sig(number, int4), Optional: 1, Bind: bindRound(roundNearest), Doc: "r_ROUND"},
	{Name: "trunc", Args: sig(number, int4), Optional: 1, Bind: bindRound(roundZero), Doc: "r_TRUNC"},
	{Name: "abs", Args: sig(superValue), Returns: always(types.TSuper), Kernel: superMath(superAbs), Doc: "r_ABS"},
	{Name: "ceil", Aliases: []string{"ceiling"}, Args: sig(superValue), Returns: always(types.TSuper), Kernel: superMath(superRound(roundUp)), Doc: "r_CEILING_FLOOR"},
	{Name: "floor", Args: sig(superValue), Returns: always(types.TSuper), Kernel: superMath(superRound(roundDown)), Doc: "r_FLOOR"},
	{Name: "round", Args: sig(superValue, int4), Optional: 1, Returns: always(types.TSuper), Kernel: superMath(superRound(roundNearest)), Doc: "r_ROUND"},
	{Name: "trunc", Args: sig(superValue, int4), Optional: 1, Returns: always(types.TSuper), Kernel: superMath(superRound(roundZero)), Doc: "r_TRUNC"},
	{Name: "mod", Args: sig(number, number), Bind: bindMod, Doc: "r_MOD"},
	{Name: "sign", Args: sig(number), Bind: bindSign, Doc: "r_SIGN"},
	{Name: "sqrt", Args: sig(float8), Returns: always(types.TFloat8), Kernel: floatMap(math.Sqrt, negativeRoot), Doc: "r_SQRT"},
	{Name: "cbrt", Args: sig(float8), Returns: always(types.TFloat8), Kernel: floatMap(math.Cbrt, outOfRange), Doc: "r_CBRT"},
	{Name: "power", Aliases: []string{"pow"}, Args: sig(float8, float8), Returns: always(types.TFloat8), Kernel: floatKernel('^'), Doc: "r_POWER"},
	{Name: "exp", Aliases: []string{"dexp"}, Args: sig(float8), Returns: always(types.TFloat8), Kernel: floatMap(math.Exp, outOfRange), Doc: "r_EXP"},
	{Name: "ln", Aliases: []string{"dlog1"}, Args: sig(float8), Returns: always(types.TFloat8), Kernel: floatMap(math.Log, noLogarithm), Doc: "r_LN"},
	{Name: "log", Aliases: []string{"dlog10"}, Column: "dlog10", Args: sig(float8), Returns: always(types.TFloat8), Kernel: floatMap(math.Log10, noLogarithm), Doc: "r_LOG"},
	{Name: "log", Args: sig(float8, float8), Returns: always(types.TFloat8), Kernel: each(logOf), Doc: "r_LOG"},
	{Name: "pi", Returns: always(types.TFloat8), Kernel: each(func(r *row) error { r.setFloat(math.Pi); return nil }), Doc: "r_PI"},
	{Name: "random", Returns: always(types.TFloat8), Kernel: each(func(r *row) error { r.setFloat(r.env.Random()); return nil }), Volatility: Volatile, Doc: "r_RANDOM"},
	{Name: "sin", Args: sig(float8), Returns: always(types.TFloat8), Kernel: floatMap(math.Sin, outOfRange), Doc: "r_SIN"},
	{Name: "cos", Args: sig(float8), Returns: always(types.TFloat8), Kernel: floatMap(math.Cos, outOfRange), Doc: "r_COS"},
	{Name: "tan", Args: sig(float8), Returns: always(types.TFloat8), Kernel: floatMap(math.Tan, outOfRange), Doc: "r_TAN"},
	{Name: "cot", Args: sig(float8), Returns: always(types.TFloat8), Kernel: floatMap(cot, outOfRange), Doc: "r_COT"},
	{Name: "asin", Args: sig(float8), Returns: always(types.TFloat8), Kernel: floatMap(math.Asin, outOfRange), Doc: "r_ASIN"},
	{Name: "acos", Args: sig(float8), Returns: always(types.TFloat8), Kernel: floatMap(math.Acos, outOfRange), Doc: "r_ACOS"},
	{Name: "atan", Args: sig(float8), Returns: always(types.TFloat8), Kernel: floatMap(math.Atan, outOfRange), Doc: "r_ATAN"},
	{Name: "atan2", Args: sig(float8, float8), Returns: always(types.TFloat8), Kernel: map2(math.Atan2), Doc: "r_ATAN2"},
	{Name: "degrees", Args: sig(float8), Returns: always(types.TFloat8), Kernel: floatMap(degrees, outOfRange), Doc: "r_DEGREES"},
	{Name: "radians", Args: sig(float8), Returns: always(types.TFloat8), Kernel: floatMap(radians, outOfRange), Doc: "r_RADIANS"},
	{Name: "factorial", Args: sig(int8), Returns: always(types.TNumeric(38, 0)), Kernel: each(factorial), Place: LeaderOnly, Doc: "c_SQL_functions_leader_node_only"},
}

func cot(x float64) float64     { return 1 / math.Tan(x) }
func degrees(x float64) float64 { return x / math.Pi * 180 }
func radians(x float64) float64 { return x / 180 * math.Pi }

// negativeRoot is the error of sqrt.
func negativeRoot(float64) error {
	return sqlstate.Code("2201F").Errorf("cannot take square root of a negative number")
}

// noLogarithm is the error of ln and log.
func noLogarithm(x float64) error {
	if x == 0 {
		return sqlstate.Code("2201E").Errorf("cannot take logarithm of zero")
	}
	return sqlstate.Code("2201E").Errorf("cannot take logarithm of a negative number")
}

// logOf is the logarithm to a base.
// https://docs.aws.amazon.com/redshift/latest/dg/r_LOG.html
func logOf(r *row) error {
	base, x := r.float(0), r.float(1)
	switch {
	case x <= 0:
		return noLogarithm(x)
	case base <= 0:
		return noLogarithm(base)
	case base == 1:
		return sqlstate.DivisionByZero.Errorf("division by zero")
	}
	r.setFloat(math.Log(x) / math.Log(base))
	return nil
}

// outOfRange is the error of an argument outside a function's domain.
func outOfRange(float64) error { return sqlstate.NumericOutOfRange.Errorf("input is out of range") }

// bindAbs chooses the loop of the argument's lane.
func bindAbs(b *Bound, _ []Arg) error {
	b.Kernel = castRows(absolute(b.Params[0]))
	return nil
}

// bindMod is % as a function.
func bindMod(b *Bound, args []Arg) error {
	for i, a := range args { // a literal of unknown type takes the type of the other side
		if a.Type.Kind == types.Unknown && args[1-i].Type.Kind != types.Unknown {
			b.Params[i] = args[1-i].Type
		}
	}
	m := findOperator("%", b.Params[0], b.Params[1])
	if m == nil { // floating numbers have no remainder, as in PostgreSQL: they take part as decimals
		for i, p := range b.Params {
			if p.IsFloat() {
				b.Params[i] = types.TNumeric(types.MaxPrecision, 10)
			}
		}
		m = findOperator("%", b.Params[0], b.Params[1])
	}
	b.Params, b.Returns, b.Kernel = m.Params, m.Returns, m.Kernel
	return nil
}

// bindSign is -1, 0 or 1: numeric(1,0) of a numeric, double precision of the others.
func bindSign(b *Bound, _ []Arg) error {
	p := b.Params[0]
	if p.Kind != types.Numeric {
		b.Params[0], b.Returns = types.TFloat8, types.TFloat8
		b.Kernel = map1(func(x float64) float64 {
			switch {
			case x > 0:
				return 1
			case x < 0:
				return -1
			}
			return 0
		})
		return nil
	}
	b.Returns = types.TNumeric(1, 0)
	b.Kernel = func(_ *Env, n int, args []*vector.Vector, out *vector.Vector) error {
		a := wideOf(args[0], p)
		for i := range n {
			v := a.at(i)
			out.Int64s[i] = int64(v.Sign())
		}
		return nil
	}
	return nil
}

// rounding says which whole number takes the place of another.
type rounding uint8

const (
	roundNearest rounding = iota // halves away from zero
	roundZero
	roundUp
	roundDown
)

// bindRound makes ceil, floor, round and trunc. Of a numeric with a constant number of places the result has that scale, as the guide's examples
// print it: round(28.05, 1) is 28.1. Integers are whole already but for negative places.
func bindRound(way rounding) func(b *Bound, args []Arg) error {
	return func(b *Bound, args []Arg) error {
		p := b.Params[0]
		places, constant := 0, true
		if len(args) > 1 {
			places, constant = constInt(args[1])
		}
		switch {
		case p.IsFloat():
			b.Params[0], b.Returns = types.TFloat8, types.TFloat8
			b.Kernel = roundFloat(way)
			return nil
		case p.IsInteger() && len(args) == 1:
			b.Returns, b.Kernel = p, castCopy
			return nil
		case p.IsInteger():
			b.Params[0] = intDecimal(p)
		}
		p = b.Params[0]
		b.Returns = p
		if constant {
			b.Returns.Scale = uint8(min(max(places, 0), int(p.Scale)))
		}
		b.Kernel = roundDecimal(way, p, b.Returns)
		return nil
	}
}

// placesOf gives the second argument's rows, or zeros.
func placesOf(args []*vector.Vector) ([]int64, int) {
	if len(args) < 2 {
		return []int64{0}, 0
	}
	return args[1].Int64s, maskOf(args[1])
}

// roundFloat rounds double precision.
func roundFloat(way rounding) Kernel {
	return func(_ *Env, n int, args []*vector.Vector, out *vector.Vector) error {
		a, ma := floatMask(args[0])
		p, mp := placesOf(args)
		for i := range n {
			x, places := a[i&ma], p[i&mp]
			out.Floats[i] = roundDouble(x, places, way)
		}
		return nil
	}
}

// roundDouble rounds one double.
func roundDouble(x float64, places int64, way rounding) float64 {
	if places != 0 && x-x == 0 {
		return roundPlaces(x, places, way)
	}
	switch way {
	case roundNearest:
		return math.Round(x)
	case roundZero:
		return math.Trunc(x)
	case roundUp:
		return math.Ceil(x)
	}
	return math.Floor(x)
}

// roundPlaces rounds or cuts a double to decimal places, by the digits that print it.
func roundPlaces(x float64, places int64, way rounding) float64 {
	if places > 17 {
		return x
	}
	if places < -308 {
		return 0
	}
	f := math.Pow(10, math.Abs(float64(places)))
	y := x * f
	if places < 0 {
		y = x / f
	}
	if math.Abs(y) >= 1<<53 {
		return x
	}
	if r := math.Round(y); math.Abs(y-r) < math.Abs(y)*1e-15 { // 1.15 * 100 is 114.99999999999999
		y = r
	}
	if way == roundZero {
		y = math.Trunc(y)
	} else if t := math.Trunc(y); math.Abs(math.Abs(y-t)-0.5) < math.Abs(y)*1e-15 {
		y = t + math.Copysign(1, y)
	} else {
		y = math.Round(y)
	}
	if places < 0 {
		return y * f
	}
	return y / f
}

// roundDecimal rounds numerics from p's scale to places, and gives them in t's scale.
func roundDecimal(way rounding, p, t types.Type) Kernel {
	wide := t.Lane() == types.LaneWide
	prec := 19
	if wide {
		prec = types.MaxPrecision
	}
	return func(_ *Env, n int, args []*vector.Vector, out *vector.Vector) error {
		a := wideOf(args[0], p)
		places, mp := placesOf(args)
		if drop := int(p.Scale) - int(t.Scale); a.ints != nil && !wide && mp == 0 && places[0] == int64(t.Scale) && drop > 0 && drop <= 18 {
			roundInts(way, types.Pow10Int64(drop), a, out.Int64s[:n])
			return nil
		}
		for i := range n {
			drop := int(p.Scale) - int(max(min(places[i&mp], 100), -100))
			v, ok := roundDigits(a.at(i), drop, way)
			if ok {
				v, ok = types.Rescale(v, int(p.Scale), int(t.Scale))
			}
			if (!ok || !types.FitsPrecision(v, prec)) && !out.Null(i) {
				return decimalOverflow(t, "round")
			}
			if wide {
				out.Wides[i] = v
			} else {
				out.Int64s[i] = int64(v.Lo)
			}
		}
		return nil
	}
}

// roundInts is the usual case of roundDecimal, in the int lane: a value is divided by its unit, and the quotient is the result.
func roundInts(way rounding, unit int64, a wideRows, o []int64) {
	for i := range o {
		x := a.ints[i&a.mask]
		q := x / unit
		rest := x - q*unit
		switch way {
		case roundNearest:
			if rest >= unit-rest {
				q++
			} else if -rest >= unit+rest {
				q--
			}
		case roundUp:
			if rest > 0 {
				q++
			}
		case roundDown:
			if rest < 0 {
				q--
			}
		}
		o[i] = q
	}
}

// roundDigits sets the last drop digits of an unscaled value to zero.
func roundDigits(v types.Int128, drop int, way rounding) (types.Int128, bool) {
	if drop <= 0 {
		return v, true
	}
	if drop > types.MaxPrecision {
		return types.Int128{}, true
	}
	unit := types.Pow10(drop)
	q, rest := v.QuoRem(unit)
	switch {
	case rest.Sign() == 0:
		return v, true
	case way == roundNearest:
		q = types.DivRound(v, drop)
	case way == roundUp && rest.Sign() > 0:
		q = q.AddInt64(1)
	case way == roundDown && rest.Sign() < 0:
		q = q.AddInt64(-1)
	}
	return q.Mul(unit)
}

// factorial is n!, up to the 38 digits of a numeric.
func factorial(r *row) error {
	n := r.int(0)
	if n < 0 {
		return outOfRange(0)
	}
	if n > 33 {
		return sqlstate.NumericOutOfRange.Errorf("Numeric data overflow (result precision)")
	}
	f := new(big.Int).MulRange(1, max(n, 1))
	lo := new(big.Int).And(f, new(big.Int).SetUint64(math.MaxUint64)).Uint64()
	r.setWide(types.Int128{Hi: new(big.Int).Rsh(f, 64).Int64(), Lo: lo})
	return nil
}
