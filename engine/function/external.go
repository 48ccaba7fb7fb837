package function

import (
	"github.com/redshiftsim/redshiftsim/engine/exfunc"
	"github.com/redshiftsim/redshiftsim/internal/sqlstate"
	"github.com/redshiftsim/redshiftsim/internal/vector"
)

// Externally is a Lambda function as a scalar function. NULL arguments are sent like others. Its kernel serves where a call is not a step of its own: in arms of
// CASE and the like, whose rows are those of one batch.
// https://docs.aws.amazon.com/redshift/latest/dg/udf-creating-a-lambda-sql-udf.html
func Externally(name string, fn *exfunc.Function) *Bound {
	b := &Bound{Name: name, Params: fn.Args, Returns: fn.Returns, Volatility: Volatile, External: fn}
	if fn.Stable {
		b.Volatility = Stable
	}
	b.Kernel = func(env *Env, n int, args []*vector.Vector, out *vector.Vector) error {
		if env == nil || env.Calls == nil {
			return sqlstate.FeatureNotSupported.Errorf("external function %s is not supported here", fn.Name)
		}
		return env.Calls.Call(fn, env.Slice, n, args, out)
	}
	return b
}
