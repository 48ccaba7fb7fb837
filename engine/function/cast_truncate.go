package function

import (
	"github.com/redshiftsim/redshiftsim/internal/types"
	"github.com/redshiftsim/redshiftsim/internal/vector"
)

// CutsNumeric says that an explicit cast of a computed value drops digits behind the point, which the session's enable_numeric_rounding decides how.
func CutsNumeric(from, to types.Type) bool {
	return from.Kind == types.Numeric && from.Scale > 0 && (to.IsInteger() || to.Kind == types.Numeric && to.Scale < from.Scale)
}

// CutNumeric makes the cast of such a pair truncate where the session does not round. Constants, and values that are assigned to a column, are rounded
// always.
// https://docs.aws.amazon.com/redshift/latest/dg/r_enable_numeric_rounding.html
func CutNumeric(b *Bound) *Bound {
	round := b.Kernel
	cut := castRows(truncateNumeric(b.Params[0], b.Returns))
	c := *b
	c.Kernel = func(env *Env, n int, args []*vector.Vector, out *vector.Vector) error {
		if env != nil && env.Rounding {
			return round(env, n, args, out)
		}
		return cut(env, n, args, out)
	}
	return &c
}

// truncateNumeric drops the digits that a numeric of a smaller scale, or an integer, does not hold.
func truncateNumeric(from, to types.Type) func(*Env, int, *vector.Vector, *vector.Vector) error {
	drop, prec := int(from.Scale), types.MaxPrecision
	fail := func() error { return rangeError(to.Kind) }
	if to.Kind == types.Numeric {
		drop, prec, fail = drop-int(to.Scale), int(to.Prec), castOverflow
	}
	fits := func(v int64) bool {
		if to.Kind == types.Numeric {
			return types.FitsInt64(v, prec)
		}
		return types.IntFits(v, to.Kind)
	}
	if from.Lane() == types.LaneInt { // a lower scale of at most 19 digits never needs the wide lane, which a cast may ask for all the same
		unit := int64(1)
		if drop <= 18 {
			unit = types.Pow10Int64(drop)
		}
		wide := to.Lane() == types.LaneWide
		return func(_ *Env, n int, in, out *vector.Vector) error {
			for i, v := range in.Int64s[:n] {
				if v /= unit; drop > 18 {
					v = 0
				}
				if wide {
					out.Wides[i] = types.FromInt64(v)
					continue
				}
				if !fits(v) && !out.Null(i) {
					return fail()
				}
				out.Int64s[i] = v
			}
			return nil
		}
	}
	unit := types.Pow10(drop)
	narrow := to.Lane() == types.LaneInt
	return func(_ *Env, n int, in, out *vector.Vector) error {
		for i, v := range in.Wides[:n] {
			q, _ := v.QuoRem(unit)
			if narrow {
				r, ok := q.Int64()
				if (!ok || !fits(r)) && !out.Null(i) {
					return fail()
				}
				out.Int64s[i] = r
				continue
			}
			if !types.FitsPrecision(q, prec) && !out.Null(i) {
				return fail()
			}
			out.Wides[i] = q
		}
		return nil
	}
}
