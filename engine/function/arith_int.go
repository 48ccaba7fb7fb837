package function

import (
	"math"
	"math/bits"

	"github.com/redshiftsim/redshiftsim/internal/sqlstate"
	"github.com/redshiftsim/redshiftsim/internal/types"
	"github.com/redshiftsim/redshiftsim/internal/vector"
)

// The loops compute every row, NULL ones too, and gather what went wrong in the sign bit of one word; only when it is set are the rows looked at
// one by one, and a NULL row's overflow forgiven.

// errDivisionByZero is PostgreSQL's.
func errDivisionByZero() error { return sqlstate.DivisionByZero.Errorf("division by zero") }

// intKernel is + - * / % of integers; the result must fit kind.
func intKernel(op byte, kind types.Kind) Kernel {
	if op == '/' || op == '%' {
		return intDivKernel(op, kind)
	}
	return func(_ *Env, n int, args []*vector.Vector, out *vector.Vector) error {
		o := out.Int64s[:n]
		bad := intLoop(op, o, args[0], args[1])
		switch kind {
		case types.Int2:
			for _, v := range o {
				d := v ^ int64(int16(v))
				bad |= d | -d // negative unless d is 0
			}
		case types.Int4:
			for _, v := range o {
				d := v ^ int64(int32(v))
				bad |= d | -d
			}
		}
		if bad >= 0 {
			return nil
		}
		a, ma := intRows(args[0])
		b, mb := intRows(args[1])
		for i := range n {
			if r, ok := intOne(op, a[i&ma], b[i&mb]); (!ok || !types.IntFits(r, kind)) && !out.Null(i) {
				return rangeError(kind)
			}
		}
		return nil
	}
}

// intRows gives a vector's int lane and the mask for its index: all ones, or zero for a Const.
func intRows(v *vector.Vector) ([]int64, int) {
	if v.Form == vector.Const {
		return v.Int64s, 0
	}
	return v.Int64s, -1
}

// intOne is one row of intLoop and whether it fits in 64 bits.
func intOne(op byte, a, b int64) (int64, bool) {
	var bad int64
	r := [1]int64{}
	switch op {
	case '+':
		bad = addInts(r[:], []int64{a}, []int64{b})
	case '-':
		bad = subInts(r[:], []int64{a}, []int64{b})
	default:
		bad = mulInts(r[:], []int64{a}, []int64{b})
	}
	return r[0], bad >= 0
}

// intLoop computes + - * into o; the result is negative when a row overflowed 64 bits.
func intLoop(op byte, o []int64, l, r *vector.Vector) int64 {
	lc, rc := l.Form == vector.Const, r.Form == vector.Const
	switch {
	case lc && rc:
		v, ok := intOne(op, l.Int64s[0], r.Int64s[0])
		for i := range o {
			o[i] = v
		}
		if !ok {
			return -1
		}
		return 0
	case op == '+' && lc:
		return addIntsConst(o, r.Int64s, l.Int64s[0])
	case op == '+' && rc:
		return addIntsConst(o, l.Int64s, r.Int64s[0])
	case op == '+':
		return addInts(o, l.Int64s, r.Int64s)
	case op == '-' && lc:
		return subConstInts(o, l.Int64s[0], r.Int64s)
	case op == '-' && rc && r.Int64s[0] != math.MinInt64:
		return addIntsConst(o, l.Int64s, -r.Int64s[0])
	case op == '-' && rc:
		return -1 // beyond what anybody subtracts: the careful road decides
	case op == '-':
		return subInts(o, l.Int64s, r.Int64s)
	case lc:
		return mulIntsConst(o, r.Int64s, l.Int64s[0])
	case rc:
		return mulIntsConst(o, l.Int64s, r.Int64s[0])
	}
	return mulInts(o, l.Int64s, r.Int64s)
}

func addInts(o, a, b []int64) (bad int64) {
	a, b = a[:len(o)], b[:len(o)]
	for i := range o {
		x, y := a[i], b[i]
		s := x + y
		bad |= (x ^ s) & (y ^ s)
		o[i] = s
	}
	return bad
}

func addIntsConst(o, a []int64, c int64) (bad int64) {
	a = a[:len(o)]
	for i := range o {
		x := a[i]
		s := x + c
		bad |= (x ^ s) & (c ^ s)
		o[i] = s
	}
	return bad
}

func subInts(o, a, b []int64) (bad int64) {
	a, b = a[:len(o)], b[:len(o)]
	for i := range o {
		x, y := a[i], b[i]
		d := x - y
		bad |= (x ^ y) & (x ^ d)
		o[i] = d
	}
	return bad
}

func subConstInts(o []int64, c int64, b []int64) (bad int64) {
	b = b[:len(o)]
	for i := range o {
		y := b[i]
		d := c - y
		bad |= (c ^ y) & (c ^ d)
		o[i] = d
	}
	return bad
}

// mulInts multiplies; the product overflows when the high half of the signed 128-bit product is not the sign of the low half.
func mulInts(o, a, b []int64) (bad int64) {
	a, b = a[:len(o)], b[:len(o)]
	for i := range o {
		x, y := a[i], b[i]
		hi, lo := mulSigned(x, y)
		d := hi ^ int64(lo)>>63
		bad |= d | -d
		o[i] = int64(lo)
	}
	return bad
}

func mulIntsConst(o, a []int64, c int64) (bad int64) {
	a = a[:len(o)]
	for i := range o {
		hi, lo := mulSigned(a[i], c)
		d := hi ^ int64(lo)>>63
		bad |= d | -d
		o[i] = int64(lo)
	}
	return bad
}

// mulSigned is the signed 128-bit product.
func mulSigned(x, y int64) (hi int64, lo uint64) {
	h, l := bits.Mul64(uint64(x), uint64(y))
	return int64(h) - x>>63&y - y>>63&x, l
}

// intDivKernel is / (toward zero) and % (sign of the dividend); rows are looked at one by one because a divisor of zero traps.
func intDivKernel(op byte, kind types.Kind) Kernel {
	return func(_ *Env, n int, args []*vector.Vector, out *vector.Vector) error {
		a, ma := intRows(args[0])
		b, mb := intRows(args[1])
		o := out.Int64s[:n]
		if mb == 0 && b[0] > 0 && ma != 0 { // by a positive constant nothing can go wrong
			if c := b[0]; op == '/' {
				for i, x := range a[:n] {
					o[i] = x / c
				}
			} else {
				for i, x := range a[:n] {
					o[i] = x % c
				}
			}
			return nil
		}
		for i := range o {
			x, y := a[i&ma], b[i&mb]
			if y == 0 {
				if !out.Null(i) {
					return errDivisionByZero()
				}
				continue
			}
			if op == '%' {
				o[i] = 0
				if y != -1 {
					o[i] = x % y
				}
				continue
			}
			if y == -1 {
				if (x == math.MinInt64 || !types.IntFits(-x, kind)) && !out.Null(i) {
					return rangeError(kind)
				}
				o[i] = -x
				continue
			}
			o[i] = x / y
		}
		return nil
	}
}

// floatKernel is + - * / ^ of double precision. A result that is infinite though no operand is, is an overflow.
func floatKernel(op byte) Kernel {
	return func(_ *Env, n int, args []*vector.Vector, out *vector.Vector) error {
		a, b, o := args[0].Floats, args[1].Floats, out.Floats[:n]
		ma, mb := -1, -1
		if args[0].Form == vector.Const {
			ma = 0
		}
		if args[1].Form == vector.Const {
			mb = 0
		}
		switch op {
		case '+':
			for i := range o {
				o[i] = a[i&ma] + b[i&mb]
			}
		case '-':
			for i := range o {
				o[i] = a[i&ma] - b[i&mb]
			}
		case '*':
			for i := range o {
				o[i] = a[i&ma] * b[i&mb]
			}
		case '/':
			for i := range o {
				if b[i&mb] == 0 && !out.Null(i) {
					return errDivisionByZero()
				}
				o[i] = a[i&ma] / b[i&mb]
			}
		default:
			for i := range o {
				x, y := a[i&ma], b[i&mb]
				if !out.Null(i) && (x < 0 && y != math.Trunc(y) || x == 0 && y < 0) {
					return sqlstate.Code("2201F").Errorf("invalid argument for power function")
				}
				o[i] = math.Pow(x, y)
			}
		}
		for i, r := range o {
			if math.IsInf(r, 0) && !out.Null(i) && !math.IsInf(a[i&ma], 0) && !math.IsInf(b[i&mb], 0) {
				return rangeError(types.Float8)
			}
		}
		return nil
	}
}

// bitKernel is & | # of integers.
func bitKernel(op string) Kernel {
	return func(_ *Env, n int, args []*vector.Vector, out *vector.Vector) error {
		a, ma := intRows(args[0])
		b, mb := intRows(args[1])
		o := out.Int64s[:n]
		switch op {
		case "&":
			for i := range o {
				o[i] = a[i&ma] & b[i&mb]
			}
		case "|":
			for i := range o {
				o[i] = a[i&ma] | b[i&mb]
			}
		default:
			for i := range o {
				o[i] = a[i&ma] ^ b[i&mb]
			}
		}
		return nil
	}
}

// shiftKernel is << and >>; bits that leave the kind's width are lost, and the count is taken modulo the width, as C does.
func shiftKernel(op string, kind types.Kind) Kernel {
	return func(_ *Env, n int, args []*vector.Vector, out *vector.Vector) error {
		a, ma := intRows(args[0])
		b, mb := intRows(args[1])
		mask := int64(63)
		if kind != types.Int8 {
			mask = 31
		}
		for i := range n {
			v, s := a[i&ma], uint(b[i&mb]&mask)
			if op == "<<" {
				v <<= s
			} else {
				v >>= s
			}
			switch kind {
			case types.Int2:
				v = int64(int16(v))
			case types.Int4:
				v = int64(int32(v))
			}
			out.Int64s[i] = v
		}
		return nil
	}
}

// complement is ~.
func complement(_ *Env, n int, in, out *vector.Vector) error {
	for i, v := range in.Int64s[:n] {
		out.Int64s[i] = ^v
	}
	return nil
}

// negate is the unary minus of any number or interval.
func negate(t types.Type) func(*Env, int, *vector.Vector, *vector.Vector) error {
	return func(_ *Env, n int, in, out *vector.Vector) error {
		switch t.Lane() {
		case types.LaneInt:
			for i, v := range in.Int64s[:n] {
				if (v == math.MinInt64 || !types.IntFits(-v, t.Kind)) && !out.Null(i) {
					return rangeError(t.Kind)
				}
				out.Int64s[i] = -v
			}
		case types.LaneWide:
			for i, v := range in.Wides[:n] {
				if t.Kind == types.Interval {
					mo, us := types.IntervalParts(v)
					out.Wides[i] = types.MakeInterval(-mo, -us)
				} else {
					out.Wides[i] = v.Neg()
				}
			}
		default:
			for i, v := range in.Floats[:n] {
				out.Floats[i] = -v
			}
		}
		return nil
	}
}

// absolute is the prefix operator @.
func absolute(t types.Type) func(*Env, int, *vector.Vector, *vector.Vector) error {
	return func(_ *Env, n int, in, out *vector.Vector) error {
		switch t.Lane() {
		case types.LaneInt:
			for i, v := range in.Int64s[:n] {
				if v < 0 {
					v = -v
				}
				if (v < 0 || !types.IntFits(v, t.Kind)) && !out.Null(i) {
					return rangeError(t.Kind)
				}
				out.Int64s[i] = v
			}
		case types.LaneWide:
			for i, v := range in.Wides[:n] {
				if v.Hi < 0 {
					v = v.Neg()
				}
				out.Wides[i] = v
			}
		default:
			for i, v := range in.Floats[:n] {
				out.Floats[i] = math.Abs(v)
			}
		}
		return nil
	}
}

// root is |/ (square root) and ||/ (cube root).
func root(op string) func(*Env, int, *vector.Vector, *vector.Vector) error {
	return func(_ *Env, n int, in, out *vector.Vector) error {
		for i, v := range in.Floats[:n] {
			if op == "||/" {
				out.Floats[i] = math.Cbrt(v)
				continue
			}
			if v < 0 && !out.Null(i) {
				return sqlstate.Code("2201F").Errorf("cannot take square root of a negative number")
			}
			out.Floats[i] = math.Sqrt(v)
		}
		return nil
	}
}
