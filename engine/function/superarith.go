package function

import (
	"math"

	"github.com/redshiftsim/redshiftsim/internal/super"
	"github.com/redshiftsim/redshiftsim/internal/types"
	"github.com/redshiftsim/redshiftsim/internal/vector"
)

// superOperator chooses + - * / % of SUPER values; what is not SUPER becomes so. nil = there is none.
// https://docs.aws.amazon.com/redshift/latest/dg/operators-functions.html#arithmetic-opertors
func superOperator(op string, l, r types.Type) *Bound {
	switch op {
	case "+", "-", "*", "/", "%":
	default:
		return nil
	}
	for _, t := range [...]types.Type{l, r} {
		if castWays[t.Kind][types.Super] != castImplicit {
			return nil
		}
	}
	o := op[0]
	kernel := build(func(dst []byte, r *row) ([]byte, error) {
		out, err := appendArith(dst, o, super.Value(r.text(0)), super.Value(r.text(1)))
		if err == nil && len(out) == len(dst) {
			r.setNull()
		}
		return out, err
	})
	return &Bound{Params: []types.Type{types.TSuper, types.TSuper}, Returns: types.TSuper, Kernel: kernel}
}

// appendArith appends a op b; nothing when it is null: + adds numbers and joins strings, the others take numbers alone. A floating-point operand makes the
// other one so, exact ones have the scale that decimals of as many digits would have. Overflow and division by zero are errors.
func appendArith(dst []byte, op byte, a, b super.Value) ([]byte, error) {
	if !a.IsNumber() || !b.IsNumber() {
		if op == '+' && a.Kind() == super.String && b.Kind() == super.String {
			if len(a.Text())+len(b.Text()) > super.MaxString {
				return nil, tooLong(super.MaxString)
			}
			return super.AppendString(append(dst, a.Text()...), b.Text()), nil
		}
		return dst, nil
	}
	if a.Kind() == super.Float || b.Kind() == super.Float {
		return appendFloats(dst, op, a.Float(), b.Float())
	}
	if a.Kind() == super.Int && b.Kind() == super.Int {
		x, y := a.Int(), b.Int()
		switch op {
		case '/', '%':
			if y == 0 {
				return nil, errDivisionByZero()
			}
			if x == math.MinInt64 && y == -1 {
				break
			}
			if op == '/' {
				return super.AppendInt(dst, x/y), nil
			}
			return super.AppendInt(dst, x%y), nil
		default:
			if z, ok := intOne(op, x, y); ok {
				return super.AppendInt(dst, z), nil
			}
		}
	}
	return appendExact(dst, op, a, b)
}

// appendFloats is appendArith in double precision, which has no remainder.
func appendFloats(dst []byte, op byte, x, y float64) ([]byte, error) {
	switch op {
	case '+':
		x += y
	case '-':
		x -= y
	case '*':
		x *= y
	case '/':
		if y == 0 {
			return nil, errDivisionByZero()
		}
		x /= y
	default:
		return dst, nil
	}
	if x-x != 0 {
		return nil, rangeError(types.Float8)
	}
	return super.AppendFloat(dst, x), nil
}

// digitsOf is the numeric type of a value's own digits.
func digitsOf(x types.Int128, scale int) types.Type {
	p := 1
	for p < types.MaxPrecision && !types.FitsPrecision(x, p) {
		p++
	}
	return types.TNumeric(max(p, scale), scale)
}

// appendExact is appendArith of exact numbers.
// https://docs.aws.amazon.com/redshift/latest/dg/r_numeric_computations201.html
func appendExact(dst []byte, op byte, a, b super.Value) ([]byte, error) {
	x, s1 := a.Decimal()
	y, s2 := b.Decimal()
	t := decimalResult(op, digitsOf(x, s1), digitsOf(y, s2))
	scale, most := int(t.Scale), max(s1, s2)
	if s1+s2 == 0 && op != '*' { // whole numbers that 64 bits do not hold
		scale = 0
	}
	var z types.Int128
	var ok bool
	what := "multiplication"
	switch op {
	case '*':
		z, ok = mulDivRound(x, y, s1+s2-scale)
	case '/':
		what = "division"
		if y == (types.Int128{}) {
			return nil, errDivisionByZero()
		}
		z, ok = scaledQuotient(x, y, scale-s1+s2)
	default:
		var ok2 bool
		x, ok = types.Rescale(x, s1, most)
		y, ok2 = types.Rescale(y, s2, most)
		ok = ok && ok2
		switch op {
		case '+':
			z, what = x.Add(y), "addition"
		case '-':
			z, what = x.Sub(y), "subtraction"
		default:
			what = "modulo"
			if y == (types.Int128{}) {
				return nil, errDivisionByZero()
			}
			_, z = x.QuoRem(y)
		}
		z = types.DivRound(z, most-scale)
	}
	if !ok || !types.FitsPrecision(z, types.MaxPrecision) {
		return nil, decimalOverflow(types.TNumeric(types.MaxPrecision, scale), what)
	}
	return super.AppendDecimal(dst, z, scale), nil
}

// superPrefix is + and - before a SUPER value, and @; null of what is no number.
func superPrefix(op string) *Bound {
	one := map[string]superNumber{"+": superSame, "-": superNegative, "@": superAbs}[op]
	if one == nil {
		return nil
	}
	return &Bound{Params: []types.Type{types.TSuper}, Returns: types.TSuper, Kernel: superMath(one)}
}

// superNumber appends what a function of one number makes of it.
type superNumber func(dst []byte, v super.Value, places int) ([]byte, error)

// superMath makes the kernel of a function of numbers, and perhaps of a number of places; it gives null of all that is no number.
// https://docs.aws.amazon.com/redshift/latest/dg/operators-functions.html#arithmetic-functions
func superMath(one superNumber) Kernel {
	return build(func(dst []byte, r *row) ([]byte, error) {
		v, places := super.Value(r.text(0)), 0
		if !v.IsNumber() {
			r.setNull()
			return dst, nil
		}
		if len(r.args) > 1 {
			places = int(max(min(r.int(1), 100), -100))
		}
		return one(dst, v, places)
	})
}

func superSame(dst []byte, v super.Value, _ int) ([]byte, error) { return append(dst, v...), nil }

func superNegative(dst []byte, v super.Value, _ int) ([]byte, error) {
	if v.Kind() == super.Float {
		return super.AppendFloat(dst, -v.Float()), nil
	}
	x, scale := v.Decimal()
	return super.AppendDecimal(dst, x.Neg(), scale), nil
}

// superAbs keeps the scale.
func superAbs(dst []byte, v super.Value, places int) ([]byte, error) {
	x, _ := v.Decimal()
	if v.Kind() == super.Float && v.Float() < 0 || v.Kind() != super.Float && x.Sign() < 0 {
		return superNegative(dst, v, places)
	}
	return superSame(dst, v, places)
}

// superRound is ceil, floor, round or trunc: what is behind the last place kept is gone from the scale, too.
func superRound(way rounding) superNumber {
	return func(dst []byte, v super.Value, places int) ([]byte, error) {
		if v.Kind() == super.Float {
			return super.AppendFloat(dst, roundDouble(v.Float(), int64(places), way)), nil
		}
		x, scale := v.Decimal()
		keep := min(max(places, 0), scale)
		x, ok := roundDigits(x, scale-places, way)
		if ok {
			x, ok = types.Rescale(x, scale, keep)
		}
		if !ok || !types.FitsPrecision(x, types.MaxPrecision) {
			return nil, decimalOverflow(types.TNumeric(types.MaxPrecision, keep), "round")
		}
		return super.AppendDecimal(dst, x, keep), nil
	}
}

// superSum completes SUM or AVG of SUPER values: of the numbers among them, exact ones exactly in the largest scale, as doubles once there is one.
// https://docs.aws.amazon.com/redshift/latest/dg/r_SUM.html
func superSum(b *BoundAggregate, avg bool) *BoundAggregate {
	b.Returns, b.Partial = types.TSuper, []types.Type{types.TSuper}
	if avg {
		b.Partial = append(b.Partial, types.TInt8)
	}
	b.New = func() State { return &superSumState{avg: avg} }
	return b
}

// superCell is the sum of one group.
type superCell struct {
	exact types.Int128
	float float64 // of the floating-point numbers, when there is one
	n     int64
	scale int16
	mixed bool // there is a floating-point number
}

// superSumState is SUM and AVG of SUPER values.
type superSumState struct {
	avg     bool
	cells   []superCell
	scratch vector.Vector
}

// Resize makes room for groups.
func (s *superSumState) Resize(n int) { s.cells = growTo(s.cells, n) }

// Update adds rows; those that are no numbers count for nothing.
func (s *superSumState) Update(groups []uint32, n int, args []*vector.Vector) error {
	return s.add(groups, n, args[0], nil)
}

// add adds rows, each for counts of it.
func (s *superSumState) add(groups []uint32, n int, in *vector.Vector, counts []int64) error {
	v := flat(in, &s.scratch)
	for i, t := range v.Texts[:n] {
		x := super.Value(t)
		if v.Null(i) || !x.IsNumber() {
			continue
		}
		c := &s.cells[groupAt(groups, i)]
		if err := c.add(x); err != nil {
			return err
		}
		if counts != nil {
			c.n += counts[i]
		} else {
			c.n++
		}
	}
	return nil
}

// add adds a number.
func (c *superCell) add(v super.Value) error {
	if v.Kind() == super.Float {
		c.float, c.mixed = c.float+v.Float(), true
		return nil
	}
	x, scale := v.Decimal()
	most := max(scale, int(c.scale))
	sum, ok1 := types.Rescale(c.exact, int(c.scale), most)
	x, ok2 := types.Rescale(x, scale, most)
	sum = sum.Add(x)
	if !ok1 || !ok2 || !types.FitsPrecision(sum, types.MaxPrecision) {
		return decimalOverflow(types.TNumeric(types.MaxPrecision, most), "addition")
	}
	c.exact, c.scale = sum, int16(most)
	return nil
}

// total is the sum.
func (c *superCell) total() super.Value {
	v := super.OfDecimal(c.exact, int(c.scale))
	if c.mixed {
		v = super.OfFloat(c.float + v.Float())
	}
	return v
}

// Merge adds partial sums.
func (s *superSumState) Merge(groups []uint32, n int, partial []*vector.Vector) error {
	var counts []int64
	if s.avg {
		var scratch vector.Vector
		counts = flat(partial[1], &scratch).Int64s
	}
	return s.add(groups, n, partial[0], counts)
}

// Partial writes the sums, and for AVG the numbers of rows.
func (s *superSumState) Partial(lo, hi int, out []*vector.Vector) {
	out[0].Type = types.TSuper
	out[0].Reset(hi - lo)
	if s.avg {
		out[1].Type = types.TInt8
		out[1].Reset(hi - lo)
	}
	for i := range hi - lo {
		c := &s.cells[lo+i]
		if s.avg {
			out[1].Int64s[i] = c.n
		}
		if c.n == 0 {
			out[0].SetNull(i)
			continue
		}
		out[0].Texts[i] = string(c.total())
	}
}

// Final writes the results. The average of exact numbers is cut at the scale of their sum, as that of a column of decimals is.
func (s *superSumState) Final(lo, hi int, out *vector.Vector) error {
	out.Type = types.TSuper
	out.Reset(hi - lo)
	for i := range hi - lo {
		c := &s.cells[lo+i]
		switch {
		case c.n == 0:
			out.SetNull(i)
		case !s.avg:
			out.Texts[i] = string(c.total())
		case c.mixed:
			out.Texts[i] = string(super.OfFloat(c.total().Float() / float64(c.n)))
		default:
			q, _ := c.exact.QuoRem(types.FromInt64(c.n))
			out.Texts[i] = string(super.OfDecimal(q, int(c.scale)))
		}
	}
	return nil
}

// Bytes is what the cells hold.
func (s *superSumState) Bytes() int64 { return int64(cap(s.cells)) * 48 }
