package function

import (
	"github.com/redshiftsim/redshiftsim/internal/sqlstate"
	"github.com/redshiftsim/redshiftsim/internal/super"
	"github.com/redshiftsim/redshiftsim/internal/types"
	"github.com/redshiftsim/redshiftsim/internal/vector"
)

// SuperOf gives a scalar as a SUPER value: a boolean, a number or a string, never JSON that a text may hold. NULL and NaN are null.
// https://docs.aws.amazon.com/redshift/latest/dg/limitations-super.html
func SuperOf(d types.Datum) (types.Datum, error) {
	from := d.Type
	if from.Kind == types.Unknown {
		from = types.TText
	}
	b, ok := FindCast(from, types.TSuper, true)
	switch {
	case d.Null:
		return types.NullOf(types.TSuper), nil
	case !ok:
		return d, CastError(from, types.TSuper)
	}
	in, out := vector.New(from, 1), vector.New(types.TSuper, 1)
	d.Type = from
	in.Set(0, d)
	if err := b.Kernel(nil, 1, []*vector.Vector{in}, out); err != nil {
		return d, err
	}
	d = out.Get(0)
	d.Type = types.TSuper
	return d, nil
}

// toSuper makes values of a scalar type SUPER values. Texts are strings: JSON_PARSE reads JSON. NaN and the infinities, none of JSON's numbers, are NULL.
func toSuper(from types.Type) func(*Env, int, *vector.Vector, *vector.Vector) error {
	kernel := superBuild(func(b *super.Builder, r *row) (bool, error) {
		if from.IsFloat() {
			if f := r.float(0); f-f != 0 {
				return false, nil
			}
		}
		addSuper(b, from, r.args[0], r.i)
		return true, nil
	})
	return func(env *Env, n int, in, out *vector.Vector) error {
		return kernel(env, n, []*vector.Vector{in}, out)
	}
}

// fromSuper makes SUPER values of a scalar type, each by its dynamic type as a value of that type would be converted. What cannot be is NULL, or an error when
// the session's cast_super_null_on_error is off.
// https://docs.aws.amazon.com/redshift/latest/dg/query-super.html#lax-semantics
func fromSuper(to types.Type) func(*Env, int, *vector.Vector, *vector.Vector) error {
	return func(env *Env, n int, in, out *vector.Vector) error {
		c := superReader{env: env, to: to, out: out}
		for i, t := range in.Texts[:n] {
			if out.Null(i) {
				continue
			}
			err := c.read(i, super.Value(t))
			if err == nil {
				continue
			}
			if env != nil && env.StrictCasts {
				return err
			}
			out.SetNull(i)
		}
		c.texts()
		return nil
	}
}

// superReader converts the SUPER values of a batch to one type.
type superReader struct {
	env     *Env
	to      types.Type
	out     *vector.Vector
	printed []int // rows whose texts lie in buf, and where each ends
	buf     []byte
}

// wrongKind is the error of a dynamic type that has no conversion. Lax casts make no more of it than NULL.
func (c *superReader) wrongKind(v super.Value) error {
	if c.env == nil || !c.env.StrictCasts {
		return errNoCast
	}
	return sqlstate.CannotCoerce.Errorf("cannot cast SUPER value of type %s to %s", v.TypeOf(), bareName(c.to))
}

// errNoCast stands for an error that nobody sees.
var errNoCast = sqlstate.CannotCoerce.Errorf("cannot cast SUPER value")

// read converts one value.
func (c *superReader) read(i int, v super.Value) error {
	switch k := v.Kind(); {
	case k == super.Null:
		c.out.SetNull(i)
		return nil
	case c.to.IsText():
		return c.text(i, v)
	case k == super.String:
		return c.parse(i, v)
	case k == super.Bool:
		return c.fromBool(i, v)
	case k == super.Float && c.to.IsNumber():
		return c.fromFloat(i, v.Float())
	case k == super.Int || k == super.Decimal:
		return c.fromExact(i, v)
	}
	return c.wrongKind(v)
}

// fromBool makes integers of truth values.
func (c *superReader) fromBool(i int, v super.Value) error {
	switch {
	case c.to.Kind == types.Bool:
		c.out.Bools[i] = v.Bool()
	case c.to.IsInteger():
		c.out.Int64s[i] = 0
		if v.Bool() {
			c.out.Int64s[i] = 1
		}
	default:
		return c.wrongKind(v)
	}
	return nil
}

// fromFloat makes numbers of a floating-point number.
func (c *superReader) fromFloat(i int, f float64) error {
	switch {
	case c.to.IsFloat():
		if !types.FloatFits(f, c.to.Kind) {
			return rangeError(c.to.Kind)
		}
		if c.to.Kind == types.Float4 {
			f = float64(float32(f))
		}
		c.out.Floats[i] = f
	case c.to.Lane() == types.LaneInt:
		x, ok := floatToInt(f, c.to, int(c.to.Prec), int(c.to.Scale))
		if !ok || c.to.IsInteger() && !types.IntFits(x, c.to.Kind) {
			return c.tooLarge()
		}
		c.out.Int64s[i] = x
	default:
		x, ok := types.FromFloat(f, int(c.to.Prec), int(c.to.Scale))
		if !ok {
			return c.tooLarge()
		}
		c.out.Wides[i] = x
	}
	return nil
}

// tooLarge is the error of a number that the type does not hold.
func (c *superReader) tooLarge() error {
	if c.to.Kind == types.Numeric {
		return castOverflow()
	}
	return rangeError(c.to.Kind)
}

// fromExact makes numbers and truth values of an exact number. Digits behind the point are cut, unless the session rounds.
// https://docs.aws.amazon.com/redshift/latest/dg/r_enable_numeric_rounding.html
func (c *superReader) fromExact(i int, v super.Value) error {
	x, scale := v.Decimal()
	if c.to.Kind == types.Bool {
		if scale > 0 {
			return c.wrongKind(v)
		}
		c.out.Bools[i] = x != types.Int128{}
		return nil
	}
	if c.to.IsFloat() {
		return c.fromFloat(i, v.Float())
	}
	if !c.to.IsNumber() {
		return c.wrongKind(v)
	}
	ok := true
	if drop := scale - int(c.to.Scale); drop > 0 && (c.env == nil || !c.env.Rounding) {
		x, _ = x.QuoRem(types.Pow10(drop))
	} else {
		x, ok = types.Rescale(x, scale, int(c.to.Scale))
	}
	if !ok || c.to.Kind == types.Numeric && !types.FitsPrecision(x, int(c.to.Prec)) {
		return c.tooLarge()
	}
	if c.to.Lane() == types.LaneWide {
		c.out.Wides[i] = x
		return nil
	}
	r, ok := x.Int64()
	if !ok || c.to.IsInteger() && !types.IntFits(r, c.to.Kind) {
		return c.tooLarge()
	}
	c.out.Int64s[i] = r
	return nil
}

// parse reads a string as a value of the type.
func (c *superReader) parse(i int, v super.Value) error {
	d, err := styleOf(c.env).Parse(v.Text(), c.to, zoneOf(c.env), nowOf(c.env))
	if err != nil {
		return err
	}
	c.out.Set(i, d)
	return nil
}

// text gives strings as they are, cut to the type's length, and numbers as they print. Truth values have no text, as BOOLEAN has none; arrays and objects have
// it by JSON_SERIALIZE alone.
// https://docs.aws.amazon.com/redshift/latest/dg/limitations-super.html
func (c *superReader) text(i int, v super.Value) error {
	switch {
	case v.Kind() == super.String:
		s := v.Text()
		if c.to.Len > 0 && len(s) > int(c.to.Len) {
			s = types.CutText(s, int(c.to.Len))
		}
		if c.to.Kind == types.Char {
			if err := types.SingleByte(s); err != nil {
				return err
			}
			s = types.TrimBlanks(s)
		}
		c.out.Texts[i] = s
		return nil
	case v.Kind() == super.Float:
		c.buf = types.AppendFloat(c.buf, types.Float8, v.Float())
	case v.IsNumber():
		x, scale := v.Decimal()
		c.buf = types.AppendDecimal(c.buf, x, scale)
	default:
		return c.wrongKind(v)
	}
	c.printed = append(c.printed, i, len(c.buf))
	return nil
}

// texts sets what was printed: the texts of a batch share one allocation.
func (c *superReader) texts() {
	all, from := string(c.buf), 0
	for k := 0; k < len(c.printed); k += 2 {
		s := all[from:c.printed[k+1]]
		from = c.printed[k+1]
		if c.to.Len > 0 && len(s) > int(c.to.Len) {
			s = s[:c.to.Len]
		}
		c.out.Texts[c.printed[k]] = s
	}
}
