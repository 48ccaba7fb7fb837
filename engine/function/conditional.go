package function

import (
	"github.com/redshiftsim/redshiftsim/internal/sqlstate"
	"github.com/redshiftsim/redshiftsim/internal/super"
	"github.com/redshiftsim/redshiftsim/internal/types"
	"github.com/redshiftsim/redshiftsim/internal/vector"
)

// conditionalFunctions is the chapter of conditions, without the forms that compute only some of their arguments (CASE, COALESCE, NVL2, DECODE,
// NULLIF): those are expressions of their own.
// https://docs.aws.amazon.com/redshift/latest/dg/c_conditional_expressions.html
var conditionalFunctions = []Scalar{
	{Name: "greatest", Args: sig(anything), Variadic: true, Bind: bindExtreme(1), Loose: true, Doc: "r_GREATEST_LEAST"},
	{Name: "least", Args: sig(anything), Variadic: true, Bind: bindExtreme(-1), Loose: true, Doc: "r_GREATEST_LEAST"},
}

// bindExtreme makes GREATEST (sign 1) and LEAST (-1): all arguments are cast to their common type.
func bindExtreme(sign int) func(b *Bound, args []Arg) error {
	return func(b *Bound, args []Arg) error {
		kinds := make([]types.Type, len(args))
		for i, a := range args {
			kinds[i] = a.Type
		}
		t, err := CommonType(kinds...)
		if err != nil {
			return err
		}
		if t.IsOpaque() {
			return sqlstate.UndefinedFunction.Errorf("could not identify a comparison function for type %s", t)
		}
		for i := range b.Params {
			b.Params[i] = t
		}
		b.Returns = t
		switch t.Lane() {
		case types.LaneText:
			order := types.CompareText
			if t.Kind == types.Super {
				order = func(a, b string) int { return super.Compare(super.Value(a), super.Value(b)) }
			}
			b.Kernel = extreme(func(a, b string) bool { return order(a, b)*sign > 0 })
		case types.LaneBool:
			b.Kernel = extreme(func(a, b bool) bool { return (a && !b) == (sign > 0) && a != b })
		case types.LaneInt:
			b.Kernel = extreme(func(a, b int64) bool { return a != b && (a > b) == (sign > 0) })
		case types.LaneWide:
			b.Kernel = extreme(func(a, b types.Int128) bool { return types.CompareWide(t.Kind, a, b)*sign > 0 })
		default:
			b.Kernel = extreme(func(a, b float64) bool { return types.CompareFloat(a, b)*sign > 0 })
		}
		return nil
	}
}

// extreme keeps, argument by argument, the value that is better than the ones before it; NULLs are passed over.
func extreme[T lane](better func(a, b T) bool) Kernel {
	return func(_ *Env, n int, args []*vector.Vector, out *vector.Vector) error {
		o, found := laneOf[T](out), make([]bool, n)
		for _, v := range args {
			a, m := laneOf[T](v), maskOf(v)
			for i := range n {
				if v.Null(i & m) {
					continue
				}
				if x := a[i&m]; !found[i] || better(x, o[i]) {
					o[i], found[i] = x, true
				}
			}
		}
		for i, f := range found {
			if !f {
				out.SetNull(i)
			}
		}
		return nil
	}
}
