package function

import (
	"math"
	"math/bits"

	"github.com/redshiftsim/redshiftsim/internal/sqlstate"
	"github.com/redshiftsim/redshiftsim/internal/types"
	"github.com/redshiftsim/redshiftsim/internal/vector"
)

// decimalKernel is + - * / % of numerics. Operands of at most 19 digits travel as int64, others as Int128; so does the result.
//
//	numeric(8,2) + numeric(8,2)     int64 + int64 -> int64        one add a row
//	numeric(12,2) * numeric(13,2)   int64 * int64 -> Int128       one multiplication a row, cannot overflow
//	others                          Int128, a call a row
func decimalKernel(op byte, l, r, t types.Type) Kernel {
	s1, s2, sr := int(l.Scale), int(r.Scale), int(t.Scale)
	narrow := l.Lane() == types.LaneInt && r.Lane() == types.LaneInt
	switch {
	case (op == '+' || op == '-') && narrow && t.Lane() == types.LaneInt:
		return decimalAdd64(op, s1, s2, sr)
	case op == '*' && narrow && s1+s2 == sr && t.Lane() == types.LaneWide:
		return decimalMul64
	case op == '*' && narrow && s1+s2 == sr:
		return decimalMulInt
	}
	var one func(a, b types.Int128) (types.Int128, bool)
	what := "addition"
	switch op {
	case '+', '-':
		if op == '-' {
			what = "subtraction"
		}
		one = func(a, b types.Int128) (types.Int128, bool) {
			a, ok1 := types.Rescale(a, s1, max(s1, s2))
			b, ok2 := types.Rescale(b, s2, max(s1, s2))
			var c types.Int128
			if op == '-' {
				c = a.Sub(b)
				ok1 = ok1 && ((a.Hi^b.Hi)&(a.Hi^c.Hi)) >= 0
			} else {
				c = a.Add(b)
				ok1 = ok1 && ((a.Hi^c.Hi)&(b.Hi^c.Hi)) >= 0
			}
			return types.DivRound(c, max(s1, s2)-sr), ok1 && ok2
		}
	case '*':
		what = "multiplication"
		one = func(a, b types.Int128) (types.Int128, bool) { return mulDivRound(a, b, s1+s2-sr) }
		if k := s1 + s2 - sr; t.Lane() == types.LaneWide && k >= 0 && k < 18 {
			return decimalMulWide(l, r, k, decimalRows(l, r, t, what, one))
		}
	case '/':
		return decimalDivide(l, r, t)
	default:
		return decimalModulo(l, r, t)
	}
	return decimalRows(l, r, t, what, one)
}

// decimalOverflow is the error of a result that 38 digits, or 64 bits, do not hold.
func decimalOverflow(t types.Type, what string) error {
	n := "128"
	if t.Lane() == types.LaneInt {
		n = "64"
	}
	return sqlstate.NumericOutOfRange.Errorf("%s bit numeric data overflow (%s)", n, what)
}

// wideRows reads the numerics of either lane as Int128.
type wideRows struct {
	ints  []int64
	wides []types.Int128
	mask  int
}

func wideOf(v *vector.Vector, t types.Type) wideRows {
	w := wideRows{mask: -1}
	if v.Form == vector.Const {
		w.mask = 0
	}
	if t.Lane() == types.LaneInt {
		w.ints = v.Int64s
	} else {
		w.wides = v.Wides
	}
	return w
}

func (w *wideRows) at(i int) types.Int128 {
	if w.ints != nil {
		return types.FromInt64(w.ints[i&w.mask])
	}
	return w.wides[i&w.mask]
}

// decimalRows is the general road: Int128 in, Int128 or int64 out, checked.
func decimalRows(l, r, t types.Type, what string, one func(a, b types.Int128) (types.Int128, bool)) Kernel {
	wide, prec := t.Lane() == types.LaneWide, int(t.Prec)
	if !wide {
		prec = 19
	} else {
		prec = max(prec, types.MaxPrecision) // a sum may carry more digits than its type says; 38 is the wall
	}
	return func(_ *Env, n int, args []*vector.Vector, out *vector.Vector) error {
		a, b := wideOf(args[0], l), wideOf(args[1], r)
		for i := range n {
			v, ok := one(a.at(i), b.at(i))
			if (!ok || !types.FitsPrecision(v, prec)) && !out.Null(i) {
				return decimalOverflow(t, what)
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

// decimalMulWide is a * b / 10^k, rounded, with an Int128 result: in 64 bits as long as all factors and products of a batch fit there, as they do but for
// the largest; else the general road starts again.
func decimalMulWide(l, r types.Type, k int, general Kernel) Kernel {
	by := newTenDivisor(k)
	return func(env *Env, n int, args []*vector.Vector, out *vector.Vector) error {
		a, b := wideOf(args[0], l), wideOf(args[1], r)
		o := out.Wides[:n]
		var far int64
		switch {
		case a.mask&b.mask == 0 || (a.ints == nil) == (b.ints == nil): // a constant, or two columns of one lane
			for i := range o {
				x, y := a.at(i), b.at(i)
				hi, lo := mulSigned(int64(x.Lo), int64(y.Lo))
				far |= (x.Hi ^ int64(x.Lo)>>63) | (y.Hi ^ int64(y.Lo)>>63) | (hi ^ int64(lo)>>63)
				v := by.round(int64(lo))
				o[i] = types.Int128{Hi: v >> 63, Lo: uint64(v)}
			}
		case a.ints != nil:
			far = mulWideInts(o, b.wides, a.ints, &by)
		default:
			far = mulWideInts(o, a.wides, b.ints, &by)
		}
		if far != 0 {
			return general(env, n, args, out)
		}
		return nil
	}
}

// mulWideInts writes a * b, divided, to o; not 0 = a factor or a product does not fit in 64 bits.
func mulWideInts(o, a []types.Int128, b []int64, by *tenDivisor) (far int64) {
	a, b = a[:len(o)], b[:len(o)]
	d := *by
	for i := range o {
		x := int64(a[i].Lo)
		hi, lo := mulSigned(x, b[i])
		far |= (a[i].Hi ^ x>>63) | (hi ^ int64(lo)>>63)
		v := d.round(int64(lo))
		o[i] = types.Int128{Hi: v >> 63, Lo: uint64(v)}
	}
	return far
}

// tenDivisor divides by 10^k without a division: 10^k is 2^k * 5^k, so a number of 64 bits is shifted by k and multiplied by m, which is 2^(64+shift) / 5^k
// rounded up; that is exact for numbers of 64-k bits (Granlund and Montgomery 1994, theorem 4.2, with N = 64-k and l = shift+k).
type tenDivisor struct {
	k, shift uint
	m, half  uint64
}

// newTenDivisor makes the divisor by 10^k, 0 <= k < 18.
func newTenDivisor(k int) tenDivisor {
	if k == 0 {
		return tenDivisor{}
	}
	d := tenDivisor{k: uint(k), half: uint64(types.Pow10Int64(k)) / 2}
	fives := uint64(types.Pow10Int64(k)) >> k
	d.shift = uint(bits.Len64(fives)) - d.k
	m, _ := bits.Div64(1<<d.shift, 0, fives)
	d.m = m + 1
	return d
}

// round is v / 10^k, rounded half away from zero.
func (d *tenDivisor) round(v int64) int64 {
	if d.k == 0 {
		return v
	}
	sign := v >> 63
	hi, _ := bits.Mul64(d.m, (uint64(v^sign)-uint64(sign)+d.half)>>(d.k&63))
	return (int64(hi>>(d.shift&63)) ^ sign) - sign
}

// decimalAdd64 is + and - in the int lane; the side of smaller scale is multiplied first.
func decimalAdd64(op byte, s1, s2, sr int) Kernel {
	what := "addition"
	if op == '-' {
		what = "subtraction"
	}
	m1, m2 := types.Pow10Int64(sr-s1), types.Pow10Int64(sr-s2)
	return func(_ *Env, n int, args []*vector.Vector, out *vector.Vector) error {
		l, r, o := args[0], args[1], out.Int64s[:n]
		var bad int64
		var left, right vector.Vector // headers only: at most one side is scaled, into the result's own rows or into a constant
		var c [1]int64
		if m1 != 1 {
			if left.Form, left.Int64s = l.Form, o; l.Form == vector.Const {
				left.Int64s = c[:]
			}
			bad |= mulIntsConst(left.Int64s, l.Int64s, m1)
			l = &left
		}
		if m2 != 1 {
			if right.Form, right.Int64s = r.Form, o; r.Form == vector.Const {
				right.Int64s = c[:]
			}
			bad |= mulIntsConst(right.Int64s, r.Int64s, m2)
			r = &right
		}
		bad |= intLoop(op, o, l, r)
		if bad >= 0 {
			return nil
		}
		for i := range n {
			if out.Null(i) {
				continue
			}
			a, ma := intRows(args[0])
			b, mb := intRows(args[1])
			x, ok1 := types.RescaleInt64(a[i&ma], s1, sr)
			y, ok2 := types.RescaleInt64(b[i&mb], s2, sr)
			v, ok3 := intOne(op, x, y)
			if !ok1 || !ok2 || !ok3 || v == math.MinInt64 {
				return decimalOverflow(types.TNumeric(19, sr), what)
			}
			o[i] = v
		}
		return nil
	}
}

// decimalMulInt is * of two int lanes whose product fits in 64 bits by type.
func decimalMulInt(_ *Env, n int, args []*vector.Vector, out *vector.Vector) error {
	o := out.Int64s[:n]
	if intLoop('*', o, args[0], args[1]) >= 0 {
		return nil
	}
	a, ma := intRows(args[0])
	b, mb := intRows(args[1])
	for i := range n {
		if _, ok := intOne('*', a[i&ma], b[i&mb]); !ok && !out.Null(i) {
			return decimalOverflow(out.Type, "multiplication")
		}
	}
	return nil
}

// decimalMul64 is * of two int lanes into the wide lane: 63 x 63 bits never overflow 128.
func decimalMul64(_ *Env, n int, args []*vector.Vector, out *vector.Vector) error {
	l, r, o := args[0], args[1], out.Wides[:n]
	if l.Form == vector.Const && r.Form != vector.Const {
		l, r = r, l
	}
	switch {
	case l.Form == vector.Const:
		hi, lo := mulSigned(l.Int64s[0], r.Int64s[0])
		for i := range o {
			o[i] = types.Int128{Hi: hi, Lo: lo}
		}
	case r.Form == vector.Const:
		a, c := l.Int64s[:n], r.Int64s[0]
		for i := range o {
			hi, lo := mulSigned(a[i], c)
			o[i] = types.Int128{Hi: hi, Lo: lo}
		}
	default:
		a, b := l.Int64s[:n], r.Int64s[:n]
		for i := range o {
			hi, lo := mulSigned(a[i], b[i])
			o[i] = types.Int128{Hi: hi, Lo: lo}
		}
	}
	return nil
}

// decimalDivide is /: the dividend is brought to the result's scale and divided, the rest cut off, as compute nodes do (41211.00 / 57535.00 prints
// 0.71627704 in the guide, whose next digit is an 8).
// https://docs.aws.amazon.com/redshift/latest/dg/tutorial_linear_learner_multi-class_classification.html
func decimalDivide(l, r, t types.Type) Kernel {
	k := int(t.Scale) - int(l.Scale) + int(r.Scale)
	wide := t.Lane() == types.LaneWide
	return func(_ *Env, n int, args []*vector.Vector, out *vector.Vector) error {
		a, b := wideOf(args[0], l), wideOf(args[1], r)
		for i := range n {
			x, y := a.at(i), b.at(i)
			if y == (types.Int128{}) {
				if out.Null(i) {
					continue
				}
				return errDivisionByZero()
			}
			q, ok := scaledQuotient(x, y, k)
			if wide {
				if (!ok || !types.FitsPrecision(q, types.MaxPrecision)) && !out.Null(i) {
					return decimalOverflow(t, "division")
				}
				out.Wides[i] = q
				continue
			}
			v, fits := q.Int64()
			if (!ok || !fits || v == math.MinInt64) && !out.Null(i) {
				return decimalOverflow(t, "division")
			}
			out.Int64s[i] = v
		}
		return nil
	}
}

// scaledQuotient is trunc(x * 10^k / y), and whether 128 bits hold it.
func scaledQuotient(x, y types.Int128, k int) (types.Int128, bool) {
	if k < 0 {
		if k < -38 {
			return types.Int128{}, true
		}
		x, _ = x.QuoRem(types.Pow10(-k))
		q, _ := x.QuoRem(y)
		return q, true
	}
	if k <= 18 {
		if xi, ok := x.Int64(); ok {
			hi, lo := mulSigned(xi, types.Pow10Int64(k))
			q, _ := (types.Int128{Hi: hi, Lo: lo}).QuoRem(y)
			return q, true
		}
	}
	if k <= 38 {
		if p, ok := x.Mul(types.Pow10(k)); ok {
			q, _ := p.QuoRem(y)
			return q, true
		}
	}
	// Digit by digit: the rest stays below the divisor, which has at most 127 bits; ten times it may need a third word.
	neg := (x.Hi < 0) != (y.Hi < 0)
	yh, yl := y.Abs()
	if x.Hi < 0 {
		x = x.Neg()
	}
	q, rest := x.QuoRem(types.Int128{Hi: int64(yh), Lo: yl})
	rh, rl := uint64(rest.Hi), rest.Lo
	for range k {
		var digit int64
		var top uint64
		top, rh, rl = times10(rh, rl)
		for top > 0 || rh > yh || (rh == yh && rl >= yl) {
			var c uint64
			rl, c = bits.Sub64(rl, yl, 0)
			rh, c = bits.Sub64(rh, yh, c)
			top -= c
			digit++
		}
		var ok bool
		if q, ok = q.Mul(types.FromInt64(10)); !ok {
			return q, false
		}
		q = q.AddInt64(digit)
	}
	if neg {
		q = q.Neg()
	}
	return q, true
}

// times10 is a 128-bit number times ten, in three words.
func times10(h, l uint64) (top, hi, lo uint64) {
	c, lo := bits.Mul64(l, 10)
	top, hi = bits.Mul64(h, 10)
	hi, carry := bits.Add64(hi, c, 0)
	return top + carry, hi, lo
}

// mulDivRound is a * b / 10^k, rounded half away from zero; the product may have 256 bits.
func mulDivRound(a, b types.Int128, k int) (types.Int128, bool) {
	if p, ok := a.Mul(b); ok {
		return types.DivRound(p, k), true
	}
	if k <= 0 {
		return types.Int128{}, false
	}
	ah, al := a.Abs()
	bh, bl := b.Abs()
	var w [4]uint64 // little end first
	var c uint64
	w[1], w[0] = bits.Mul64(al, bl)
	h, l := bits.Mul64(ah, bl)
	w[1], c = bits.Add64(w[1], l, 0)
	w[2], c = bits.Add64(h, 0, c)
	w[3] = c
	h, l = bits.Mul64(al, bh)
	w[1], c = bits.Add64(w[1], l, 0)
	w[2], c = bits.Add64(w[2], h, c)
	w[3] += c
	h, l = bits.Mul64(ah, bh)
	w[2], c = bits.Add64(w[2], l, 0)
	w[3] += h + c
	div := func(d uint64) (rem uint64) {
		for i := 3; i >= 0; i-- {
			w[i], rem = bits.Div64(rem, w[i], d)
		}
		return rem
	}
	for n := k - 1; n > 0; {
		step := min(n, 18)
		div(uint64(types.Pow10Int64(step)))
		n -= step
	}
	if div(10) >= 5 {
		w[0], c = bits.Add64(w[0], 1, 0)
		w[1] += c
	}
	if w[3] != 0 || w[2] != 0 || w[1] > math.MaxInt64 {
		return types.Int128{}, false
	}
	v := types.Int128{Hi: int64(w[1]), Lo: w[0]}
	if (a.Hi < 0) != (b.Hi < 0) {
		v = v.Neg()
	}
	return v, true
}

// decimalModulo is %: the rest has the sign of the dividend.
func decimalModulo(l, r, t types.Type) Kernel {
	s1, s2, s := int(l.Scale), int(r.Scale), int(max(l.Scale, r.Scale))
	wide := t.Lane() == types.LaneWide
	return func(_ *Env, n int, args []*vector.Vector, out *vector.Vector) error {
		a, b := wideOf(args[0], l), wideOf(args[1], r)
		for i := range n {
			x, ok1 := types.Rescale(a.at(i), s1, s)
			y, ok2 := types.Rescale(b.at(i), s2, s)
			if out.Null(i) {
				continue
			}
			if y == (types.Int128{}) {
				return errDivisionByZero()
			}
			if !ok1 || !ok2 {
				return decimalOverflow(t, "modulo")
			}
			_, rest := x.QuoRem(y)
			rest = types.DivRound(rest, s-int(t.Scale))
			if wide {
				out.Wides[i] = rest
				continue
			}
			v, ok := rest.Int64()
			if !ok {
				return decimalOverflow(t, "modulo")
			}
			out.Int64s[i] = v
		}
		return nil
	}
}
