package function

import (
	"math"

	"github.com/redshiftsim/redshiftsim/internal/sqlstate"
	"github.com/redshiftsim/redshiftsim/internal/super"
	"github.com/redshiftsim/redshiftsim/internal/types"
	"github.com/redshiftsim/redshiftsim/internal/vector"
)

// The templates below make kernels of functions of one row. They skip NULL rows, and read a Const argument as if it had a value a row. They are for
// the long tail: arithmetic and comparisons have their loops spelled out.
//
//	map1, map2    a value of a lane from one or two others; cannot fail
//	build         texts, appended to one buffer for many rows
//	each          anything else: the row reads its arguments and sets its result

// lane is the Go type of one of the lanes.
type lane interface {
	bool | int64 | types.Int128 | float64 | string
}

// laneOf gives the lane of a vector.
func laneOf[T lane](v *vector.Vector) []T {
	var zero T
	var p any
	switch any(zero).(type) {
	case bool:
		p = v.Bools
	case int64:
		p = v.Int64s
	case types.Int128:
		p = v.Wides
	case float64:
		p = v.Floats
	default:
		p = v.Texts
	}
	return p.([]T)
}

// maskOf is what the row number is masked with to index a vector's lane: all ones, or zero for a Const.
func maskOf(v *vector.Vector) int {
	if v.Form == vector.Const {
		return 0
	}
	return -1
}

// map1 computes a value from one argument.
func map1[A, R lane](f func(a A) R) Kernel {
	return func(_ *Env, n int, args []*vector.Vector, out *vector.Vector) error {
		a, ma, o := laneOf[A](args[0]), maskOf(args[0]), laneOf[R](out)
		for i := range n {
			if !out.Null(i) {
				o[i] = f(a[i&ma])
			}
		}
		return nil
	}
}

// map2 computes a value from two arguments.
func map2[A, B, R lane](f func(a A, b B) R) Kernel {
	return func(_ *Env, n int, args []*vector.Vector, out *vector.Vector) error {
		a, ma, b, mb, o := laneOf[A](args[0]), maskOf(args[0]), laneOf[B](args[1]), maskOf(args[1]), laneOf[R](out)
		for i := range n {
			if !out.Null(i) {
				o[i] = f(a[i&ma], b[i&mb])
			}
		}
		return nil
	}
}

// floatMap computes double precision from one argument. f gives NaN for an argument outside its domain, of which fail makes the error; an infinite
// result of a finite argument is an overflow.
func floatMap(f func(float64) float64, fail func(x float64) error) Kernel {
	return func(_ *Env, n int, args []*vector.Vector, out *vector.Vector) error {
		a, ma := floatMask(args[0])
		for i := range n {
			x := a[i&ma]
			r := f(x)
			out.Floats[i] = r
			if r-r == 0 || out.Null(i) || x-x != 0 {
				continue
			}
			if math.IsNaN(r) || math.IsInf(r, -1) {
				return fail(x)
			}
			return rangeError(types.Float8)
		}
		return nil
	}
}

// row is one row of a call.
type row struct {
	env  *Env
	args []*vector.Vector
	out  *vector.Vector
	i    int
}

func (r *row) null(k int) bool     { return r.args[k].Null(r.i & maskOf(r.args[k])) }
func (r *row) text(k int) string   { return r.args[k].Texts[r.i&maskOf(r.args[k])] }
func (r *row) int(k int) int64     { return r.args[k].Int64s[r.i&maskOf(r.args[k])] }
func (r *row) float(k int) float64 { return r.args[k].Floats[r.i&maskOf(r.args[k])] }
func (r *row) bool(k int) bool     { return r.args[k].Bools[r.i&maskOf(r.args[k])] }
func (r *row) wide(k int) types.Int128 {
	return r.args[k].Wides[r.i&maskOf(r.args[k])]
}

// flag is a boolean argument that may be missing.
func (r *row) flag(k int) bool { return k < len(r.args) && r.bool(k) }

func (r *row) setNull()               { r.out.SetNull(r.i) }
func (r *row) setText(s string)       { r.out.Texts[r.i] = s }
func (r *row) setBool(v bool)         { r.out.Bools[r.i] = v }
func (r *row) setInt(v int64)         { r.out.Int64s[r.i] = v }
func (r *row) setFloat(v float64)     { r.out.Floats[r.i] = v }
func (r *row) setWide(v types.Int128) { r.out.Wides[r.i] = v }

// each calls f for every row that is not NULL by a strict argument.
func each(f func(r *row) error) Kernel {
	return func(env *Env, n int, args []*vector.Vector, out *vector.Vector) error {
		r := row{env: env, args: args, out: out}
		for r.i = range n {
			if out.Null(r.i) {
				continue
			}
			if err := f(&r); err != nil {
				return err
			}
		}
		return nil
	}
}

// build makes texts by appending them to a buffer; those of many rows share one allocation. A text may not be longer than a varchar can be.
func build(f func(dst []byte, r *row) ([]byte, error)) Kernel {
	return func(env *Env, n int, args []*vector.Vector, out *vector.Vector) error {
		const rows, bytes = 256, 64 << 10
		limit := max(types.MaxVarchar, int(out.Type.Len))
		if out.Type.Kind == types.Super {
			limit = super.MaxSize
		}
		r := row{env: env, args: args, out: out}
		var ends [rows]int
		var buf []byte
		for lo := 0; lo < n; {
			buf = buf[:0]
			hi := lo
			for ; hi < min(n, lo+rows) && len(buf) < bytes; hi++ {
				if r.i = hi; !out.Null(hi) {
					var err error
					if buf, err = f(buf, &r); err != nil {
						return err
					}
				}
				ends[hi-lo] = len(buf)
			}
			text, at := string(buf), 0
			for i := lo; i < hi; i++ {
				out.Texts[i] = text[at:ends[i-lo]]
				if ends[i-lo]-at > limit && out.Type.Kind != types.Varbyte && !out.Type.IsOpaque() {
					if out.Type.Kind == types.Super {
						return super.TooLarge()
					}
					return tooLong(limit)
				}
				at = ends[i-lo]
			}
			lo = hi
		}
		return nil
	}
}

// build1 is build of functions of one text that cannot fail.
func build1(f func(dst []byte, s string) []byte) Kernel {
	return build(func(dst []byte, r *row) ([]byte, error) { return f(dst, r.text(0)), nil })
}

// cut makes kernels whose results are parts of their first argument; no text is copied.
func cut(f func(s string, r *row) (string, error)) Kernel {
	return each(func(r *row) error {
		s, err := f(r.text(0), r)
		r.setText(s)
		return err
	})
}

// tooLong is the error of a text that its type does not hold.
func tooLong(n int) error {
	return sqlstate.StringTruncation.Errorf("value too long for type %s", types.TVarchar(n))
}

// invalid is the error of an argument with a value that the function does not take.
func invalid(format string, args ...any) error {
	return sqlstate.InvalidParameterValue.Errorf(format, args...)
}
