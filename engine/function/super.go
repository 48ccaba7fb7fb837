package function

import (
	"github.com/redshiftsim/redshiftsim/internal/sqlstate"
	"github.com/redshiftsim/redshiftsim/internal/super"
	"github.com/redshiftsim/redshiftsim/internal/types"
	"github.com/redshiftsim/redshiftsim/internal/vector"
)

// superFunctions is the chapter of SUPER values but for arrays (superarray.go): JSON in and out, what a value is, objects. NULL and JSON's null are one thing
// here; a value of another kind than a function is for gives NULL.
// https://docs.aws.amazon.com/redshift/latest/dg/operators-functions.html
var superFunctions = []Scalar{
	{Name: "json_parse", Args: sig(text), Returns: always(types.TSuper), Kernel: jsonParse, Volatility: Stable, Doc: "JSON_PARSE"},
	{Name: "json_parse", Args: sig(varbyte), Returns: always(types.TSuper), Kernel: jsonParse, Volatility: Stable, Doc: "JSON_PARSE"},
	{Name: "can_json_parse", Args: sig(text), Returns: always(types.TBool), Kernel: canJSONParse, Volatility: Stable, Doc: "CAN_JSON_PARSE"},
	{Name: "can_json_parse", Args: sig(varbyte), Returns: always(types.TBool), Kernel: canJSONParse, Volatility: Stable, Doc: "CAN_JSON_PARSE"},
	{Name: "json_serialize", Args: sig(superValue), Returns: always(types.TTextMax), Kernel: build(appendJSON), Loose: true, Doc: "JSON_SERIALIZE"},
	{Name: "json_serialize_to_varbyte", Args: sig(superValue), Returns: always(types.Type{Kind: types.Varbyte, Len: types.MaxVarbyte}), Kernel: build(appendJSON), Loose: true, Doc: "JSON_SERIALIZE_TO_VARBYTE"},

	{Name: "json_typeof", Args: sig(superValue), Returns: always(types.TVarchar(7)), Kernel: each(func(r *row) error { r.setText(r.super(0).TypeOf()); return nil }), Loose: true, Doc: "r_json_typeof"},
	{Name: "json_size", Args: sig(superValue), Returns: always(types.TInt4), Kernel: jsonSize, Loose: true, Doc: "r_json_size"},
	{Name: "size", Args: sig(superValue), Returns: always(types.TInt4), Kernel: each(func(r *row) error { r.setInt(int64(r.super(0).Size())); return nil }), Loose: true, Doc: "r_SIZE"},
	{Name: "decimal_precision", Args: sig(superValue), Returns: always(types.TInt4), Kernel: each(decimalPrecision), Doc: "r_decimal_precision"},
	{Name: "decimal_scale", Args: sig(superValue), Returns: always(types.TInt4), Kernel: each(decimalScale), Doc: "r_decimal_scale"},
	{Name: "is_array", Args: sig(superValue), Returns: always(types.TBool), Kernel: superTest(ofKind(super.Array, super.Array)), Loose: true, Doc: "r_is_array"},
	{Name: "is_object", Args: sig(superValue), Returns: always(types.TBool), Kernel: superTest(ofKind(super.Object, super.Object)), Loose: true, Doc: "r_is_object"},
	{Name: "is_scalar", Args: sig(superValue), Returns: always(types.TBool), Kernel: superTest(super.Value.IsScalar), Loose: true, Doc: "r_is_scalar"},
	{Name: "is_boolean", Args: sig(superValue), Returns: always(types.TBool), Kernel: superTest(ofKind(super.Bool, super.Bool)), Loose: true, Doc: "r_is_boolean"},
	{Name: "is_smallint", Args: sig(superValue), Returns: always(types.TBool), Kernel: superTest(fits(types.Int2)), Loose: true, Doc: "r_is_smallint"},
	{Name: "is_integer", Args: sig(superValue), Returns: always(types.TBool), Kernel: superTest(fits(types.Int4)), Loose: true, Doc: "r_is_integer"},
	{Name: "is_bigint", Args: sig(superValue), Returns: always(types.TBool), Kernel: superTest(ofKind(super.Int, super.Int)), Loose: true, Doc: "r_is_bigint"},
	{Name: "is_decimal", Args: sig(superValue), Returns: always(types.TBool), Kernel: superTest(ofKind(super.Int, super.Decimal)), Loose: true, Doc: "r_is_decimal"},
	{Name: "is_float", Args: sig(superValue), Returns: always(types.TBool), Kernel: superTest(ofKind(super.Float, super.Float)), Loose: true, Doc: "r_is_float"},
	{Name: "is_char", Args: sig(superValue), Returns: always(types.TBool), Kernel: superTest(charValue), Loose: true, Doc: "r_is_char"},
	{Name: "is_varchar", Args: sig(superValue), Returns: always(types.TBool), Kernel: superTest(ofKind(super.String, super.String)), Loose: true, Doc: "r_is_varchar"},

	{Name: "object", Args: sig(anything), Optional: 1, Variadic: true, Returns: always(types.TSuper), Bind: bindObject, Loose: true, Doc: "r_object_function"},
	{Name: "get_number_attributes", Args: sig(superValue), Returns: always(types.TInt4), Kernel: each(superLength(super.Object)), Doc: "get_number_attributes"},
	{Name: "object_transform", Args: sig(superValue, int4, anything), Optional: 2, Variadic: true, Returns: always(types.TSuper), Bind: bindTransform, Loose: true, Grammar: "OBJECT_TRANSFORM(input [KEEP path, ...] [SET path, value, ...])", Doc: "r_object_transform_function"},
	{Name: "lower_attribute_names", Args: sig(superValue), Returns: always(types.TSuper), Kernel: superBuild(attributeNames(lower)), Doc: "r_lower_attribute_names"},
	{Name: "upper_attribute_names", Args: sig(superValue), Returns: always(types.TSuper), Kernel: superBuild(attributeNames(upper)), Doc: "r_upper_attribute_names"},
}

// super is a SUPER argument; NULL is null.
func (r *row) super(k int) super.Value {
	if r.null(k) {
		return super.NullValue
	}
	return super.Value(r.text(k))
}

// on says whether a boolean setting of the session is on.
func (e *Env) on(name string) bool {
	if e.Setting == nil {
		return false
	}
	v, _ := e.Setting(name)
	return v == "on"
}

// parser is a parser of JSON as the session's settings ask for it.
// https://docs.aws.amazon.com/redshift/latest/dg/super-configurations.html#parsing-options-super
func (e *Env) parser() *super.Parser {
	return &super.Parser{Dedup: e.on("json_parse_dedup_attributes"), Truncate: e.on("json_parse_truncate_strings")}
}

// jsonParse is JSON_PARSE.
func jsonParse(env *Env, n int, args []*vector.Vector, out *vector.Vector) error {
	p, lax := env.parser(), env.on("parse_super_null_on_error")
	return build(func(dst []byte, r *row) ([]byte, error) {
		at := len(dst)
		dst, err := p.Parse(dst, r.text(0))
		if err != nil && !lax {
			return dst, err
		}
		if err != nil || super.Value(dst[at:]).Kind() == super.Null {
			r.setNull()
			return dst[:at], nil
		}
		return dst, nil
	})(env, n, args, out)
}

// canJSONParse is CAN_JSON_PARSE: whether JSON_PARSE would succeed.
func canJSONParse(env *Env, n int, args []*vector.Vector, out *vector.Vector) error {
	p := env.parser()
	var buf []byte
	return each(func(r *row) (err error) {
		buf, err = p.Parse(buf[:0], r.text(0))
		r.out.Bools[r.i] = err == nil
		return nil
	})(env, n, args, out)
}

func appendJSON(dst []byte, r *row) ([]byte, error) { return r.super(0).AppendJSON(dst), nil }

// jsonSize counts the bytes of JSON_SERIALIZE.
func jsonSize(env *Env, n int, args []*vector.Vector, out *vector.Vector) error {
	var buf []byte
	return each(func(r *row) error {
		buf = r.super(0).AppendJSON(buf[:0])
		r.setInt(int64(len(buf)))
		return nil
	})(env, n, args, out)
}

// superTest is a question that NULL answers as null does.
func superTest(f func(v super.Value) bool) Kernel {
	return each(func(r *row) error { r.out.Bools[r.i] = f(r.super(0)); return nil })
}

// ofKind says whether a value's kind is between two.
func ofKind(lo, hi super.Kind) func(super.Value) bool {
	return func(v super.Value) bool { k := v.Kind(); return lo <= k && k <= hi }
}

// fits says whether a value is an integer of a type.
func fits(k types.Kind) func(super.Value) bool {
	return func(v super.Value) bool { return v.Kind() == super.Int && types.IntFits(v.Int(), k) }
}

// charValue says whether a string could be a CHAR.
func charValue(v super.Value) bool {
	return v.Kind() == super.String && types.SingleByte(v.Text()) == nil
}

// decimalPrecision counts the digits of an exact number.
func decimalPrecision(r *row) error {
	v := r.super(0)
	if k := v.Kind(); k != super.Int && k != super.Decimal {
		r.setNull()
		return nil
	}
	x, scale := v.Decimal()
	n := max(scale, 1)
	for n < types.MaxPrecision && !withinDigits(x, n) {
		n++
	}
	r.setInt(int64(n))
	return nil
}

// withinDigits says that n digits hold x.
func withinDigits(x types.Int128, n int) bool {
	p := types.Pow10(n)
	return x.Cmp(p) < 0 && x.Cmp(p.Neg()) > 0
}

// decimalScale counts the digits after the point of an exact number.
func decimalScale(r *row) error {
	v := r.super(0)
	if k := v.Kind(); k != super.Int && k != super.Decimal {
		r.setNull()
		return nil
	}
	_, scale := v.Decimal()
	r.setInt(int64(scale))
	return nil
}

// superLength counts the parts of values of a kind.
func superLength(k super.Kind) func(r *row) error {
	return func(r *row) error {
		v := r.super(0)
		if v.Kind() != k {
			r.setNull()
		}
		r.setInt(int64(v.Len()))
		return nil
	}
}

// superBuild makes SUPER values with a builder; those of many rows share one allocation. f says no for NULL.
func superBuild(f func(b *super.Builder, r *row) (bool, error)) Kernel {
	return func(env *Env, n int, args []*vector.Vector, out *vector.Vector) error {
		var b super.Builder
		return build(func(dst []byte, r *row) ([]byte, error) {
			b.Reset(dst)
			ok, err := f(&b, r)
			if err != nil || !ok {
				if err == nil {
					r.setNull()
				}
				return dst, err
			}
			return b.Bytes(), nil
		})(env, n, args, out)
	}
}

// convertible says whether values of a type become SUPER values; dates and times do not.
// https://docs.aws.amazon.com/redshift/latest/dg/limitations-super.html
func convertible(t types.Type) bool {
	return t.Kind == types.Bool || t.Kind == types.Super || t.Kind == types.Unknown || t.IsNumber() || t.IsText()
}

// checkConvertible refuses arguments, every step-th from first, that do not become SUPER values.
// https://docs.aws.amazon.com/redshift/latest/dg/r_object_function.html#r_object_function_example
func checkConvertible(name string, args []Arg, first, step int) error {
	for i := first; i < len(args); i += step {
		if t := args[i].Type; !convertible(t) {
			return sqlstate.CannotCoerce.Errorf("%s could not convert type %s to super", name, bareName(t))
		}
	}
	return nil
}

// addSuper adds row i of a vector, read as a type that becomes SUPER, to what a builder builds; NULL is null.
func addSuper(b *super.Builder, t types.Type, v *vector.Vector, i int) {
	i &= maskOf(v)
	if v.Null(i) {
		b.Null()
		return
	}
	switch t.Kind {
	case types.Super:
		b.Value(super.Value(v.Texts[i]))
	case types.Bool:
		b.Bool(v.Bools[i])
	case types.Numeric:
		if t.Lane() == types.LaneInt {
			b.Decimal(types.FromInt64(v.Int64s[i]), int(t.Scale))
			return
		}
		b.Decimal(v.Wides[i], int(t.Scale))
	case types.Float4:
		b.Real(float32(v.Floats[i]))
	case types.Float8:
		b.Float(v.Floats[i])
	default:
		if t.Lane() == types.LaneInt {
			b.Int(v.Int64s[i])
			return
		}
		b.String(v.Texts[i])
	}
}

// bindObject makes names of every other argument.
func bindObject(b *Bound, args []Arg) error {
	if len(args)%2 != 0 {
		return sqlstate.UndefinedFunction.Errorf("function object() requires an even number of arguments")
	}
	for i := 0; i < len(args); i += 2 {
		if _, ok := text.cost(args[i].Type); !ok {
			return CastError(args[i].Type, types.TVarcharMax)
		}
		b.Params[i] = text.typeOf(args[i].Type)
	}
	b.Kernel = superBuild(func(to *super.Builder, r *row) (bool, error) { return object(to, r, b.Params) })
	return checkConvertible("OBJECT", args, 1, 2)
}

// object is OBJECT.
func object(b *super.Builder, r *row, params []types.Type) (bool, error) {
	b.BeginObject()
	for k := 0; k < len(r.args); k += 2 {
		if r.null(k) {
			return false, sqlstate.NullNotAllowed.Errorf("the name of an attribute must not be null").WithDetail("argument %d of OBJECT is null", k+1)
		}
		b.Name(r.text(k))
		addSuper(b, params[k+1], r.args[k+1], r.i)
	}
	if name, twice := b.EndObject(); twice {
		return false, sqlstate.Internal.Errorf("Invalid input").WithDetail("code: 8001, the attribute \"%s\" appears more than once in an object", name)
	}
	return true, tooDeep(r)
}

// tooDeep refuses to put an argument that nests as deeply as a value may into an array or object.
func tooDeep(r *row) error {
	for k, a := range r.args {
		if a.Type.Kind == types.Super && r.super(k).Depth() >= super.MaxDepth {
			return super.TooDeep()
		}
	}
	return nil
}

// attributeNames changes the names of all attributes.
func attributeNames(change func(dst []byte, s string) []byte) func(b *super.Builder, r *row) (bool, error) {
	return func(b *super.Builder, r *row) (bool, error) {
		if twice := renamed(b, r.super(0), change, nil); twice {
			return false, sqlstate.Internal.Errorf("Invalid input").WithDetail("code: 8001, SUPER value has duplicate attributes after case conversion.")
		}
		return true, nil
	}
}

// renamed builds v with other names and says whether an object has one twice.
func renamed(b *super.Builder, v super.Value, change func(dst []byte, s string) []byte, buf []byte) (twice bool) {
	switch v.Kind() {
	case super.Array:
		b.BeginArray()
		for i := range v.Len() {
			e, _ := v.Index(i)
			twice = renamed(b, e, change, buf) || twice
		}
		b.EndArray()
	case super.Object:
		b.BeginObject()
		for i := range v.Len() {
			name, value := v.Attribute(i)
			buf = change(buf[:0], name)
			b.Name(string(buf))
			twice = renamed(b, value, change, buf) || twice
		}
		_, found := b.EndObject()
		twice = twice || found
	default:
		b.Value(v)
	}
	return twice
}
