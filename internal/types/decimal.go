package types

import (
	"math"
	"math/bits"
	"strconv"
	"strings"

	"github.com/redshiftsim/redshiftsim/internal/sqlstate"
)

// pow10i holds 10^0 .. 10^18, which fit in an int64.
var pow10i = func() (p [19]int64) {
	p[0] = 1
	for i := 1; i < len(p); i++ {
		p[i] = p[i-1] * 10
	}
	return p
}()

// Pow10Int64 is 10^n for n in 0..18.
func Pow10Int64(n int) int64 { return pow10i[n] }

// FitsPrecision says whether an unscaled value has at most prec digits. A numeric(19,s) is a 64-bit number: it holds whatever an int64 holds
// but the smallest.
// https://docs.aws.amazon.com/redshift/latest/dg/r_Numeric_types201.html
func FitsPrecision(v Int128, prec int) bool {
	if prec == 19 {
		i, ok := v.Int64()
		return ok && i != math.MinInt64
	}
	p := pow10[prec]
	return v.Cmp(p) < 0 && v.Cmp(p.Neg()) > 0
}

// FitsInt64 is FitsPrecision for the int lane; prec <= 19.
func FitsInt64(v int64, prec int) bool {
	if prec >= 19 {
		return v != math.MinInt64
	}
	p := pow10i[prec]
	return v < p && v > -p
}

// Rescale changes the scale of an unscaled value, rounding half away from zero; ok is false when 128 bits do not hold the result.
func Rescale(v Int128, from, to int) (r Int128, ok bool) {
	if to >= from {
		if to == from || v.Sign() == 0 {
			return v, true
		}
		if to-from > 38 {
			return v, false
		}
		return v.Mul(pow10[to-from])
	}
	return DivRound(v, from-to), true
}

// DivRound is v / 10^n, rounded half away from zero; n may be 0..76.
func DivRound(v Int128, n int) Int128 {
	for n > 38 {
		v, _ = v.QuoRem(pow10[n-38]) // beyond 38 digits nothing is left but a zero
		n = 38
	}
	p := pow10[n]
	q, r := v.QuoRem(p)
	rh, rl := r.Abs()
	// half of 10^n is exact for n >= 1
	if n > 0 {
		h, _ := p.QuoRem(FromInt64(2))
		if rh > uint64(h.Hi) || (rh == uint64(h.Hi) && rl >= h.Lo) {
			if v.Hi < 0 {
				q = q.AddInt64(-1)
			} else {
				q = q.AddInt64(1)
			}
		}
	}
	return q
}

// RescaleInt64 is Rescale in the int lane.
func RescaleInt64(v int64, from, to int) (int64, bool) {
	if to >= from {
		if to-from > 18 {
			return v, v == 0
		}
		p := pow10i[to-from]
		hi, lo := bits.Mul64(absU(v), uint64(p))
		if hi != 0 || lo > math.MaxInt64 {
			return 0, false
		}
		if v < 0 {
			return -int64(lo), true
		}
		return int64(lo), true
	}
	return DivRoundInt64(v, from-to), true
}

// DivRoundInt64 is v / 10^n, rounded half away from zero.
func DivRoundInt64(v int64, n int) int64 {
	switch {
	case n == 0:
		return v
	case n == 19: // 10^19 is more than an int64; half of it is not
		if v >= 5e18 {
			return 1
		} else if v <= -5e18 {
			return -1
		}
		return 0
	case n > 19:
		return 0
	}
	p := pow10i[n]
	q, r := v/p, v%p
	if r >= p/2 {
		q++
	} else if r <= -p/2 {
		q--
	}
	return q
}

func absU(v int64) uint64 {
	if v < 0 {
		return uint64(-v)
	}
	return uint64(v)
}

// FromFloat gives f * 10^scale rounded half away from zero, and whether prec digits hold it.
func FromFloat(f float64, prec, scale int) (Int128, bool) {
	if math.IsNaN(f) || math.IsInf(f, 0) {
		return Int128{}, false
	}
	// A double carries 15 decimal digits for sure; through its text no binary dust is added to the digits below them.
	var buf [32]byte
	s := strconv.AppendFloat(buf[:0], f, 'g', 15, 64)
	v, st := scanDecimal(s, scale, true)
	return v, st == decimalOK && FitsPrecision(v, prec)
}

// decimalStatus says how scanDecimal ended.
type decimalStatus uint8

const (
	decimalOK decimalStatus = iota
	decimalSyntax
	decimalRange
)

// scanDecimal reads [+-]digits[.digits][e[+-]digits] exactly and rounds half away from zero (or cuts) to scale digits.
func scanDecimal[S string | []byte](s S, scale int, round bool) (Int128, decimalStatus) {
	i, neg := 0, false
	if i < len(s) && (s[i] == '-' || s[i] == '+') {
		neg = s[i] == '-'
		i++
	}
	start := i
	digits, point := 0, -1
	for ; i < len(s); i++ {
		if c := s[i]; c >= '0' && c <= '9' {
			digits++
		} else if c == '.' && point < 0 {
			point = i
		} else {
			break
		}
	}
	if digits == 0 {
		return Int128{}, decimalSyntax
	}
	end, exp := i, 0
	if i < len(s) && (s[i] == 'e' || s[i] == 'E') {
		i++
		eneg := false
		if i < len(s) && (s[i] == '-' || s[i] == '+') {
			eneg = s[i] == '-'
			i++
		}
		if i == len(s) {
			return Int128{}, decimalSyntax
		}
		for ; i < len(s); i++ {
			if s[i] < '0' || s[i] > '9' {
				return Int128{}, decimalSyntax
			}
			if exp < 100000 {
				exp = exp*10 + int(s[i]-'0')
			}
		}
		if eneg {
			exp = -exp
		}
	}
	if i != len(s) {
		return Int128{}, decimalSyntax
	}
	if point < 0 {
		point = end
	}
	// keep counts the digits from the first one to the last that the scale keeps; it may be negative or beyond the digits written.
	keep := point - start + exp + scale
	var small uint64 // up to 18 digits
	var v Int128
	n, wide, seen := 0, false, 0
	roundUp := false
	for j := start; j < end; j++ {
		if s[j] == '.' {
			continue
		}
		if seen == keep {
			roundUp = round && s[j] >= '5'
			break
		}
		if keep < 0 {
			break
		}
		seen++
		d := uint64(s[j] - '0')
		if n == 0 && d == 0 {
			continue
		}
		n++
		if n > 38 {
			return Int128{}, decimalRange
		}
		if n <= 18 {
			small = small*10 + d
			continue
		}
		if !wide {
			v, wide = Int128{Lo: small}, true
		}
		v = mul10(v).Add(Int128{Lo: d})
	}
	if !wide {
		v = Int128{Lo: small}
	}
	if pad := keep - seen; pad > 0 && n > 0 {
		if pad+n > 38 {
			return Int128{}, decimalRange
		}
		v, _ = v.Mul(pow10[pad])
	}
	if roundUp {
		v = v.AddInt64(1)
	}
	if neg {
		v = v.Neg()
	}
	return v, decimalOK
}

// mul10 is v*10 for v below 10^37.
func mul10(v Int128) Int128 {
	hi, lo := bits.Mul64(v.Lo, 10)
	return Int128{Hi: v.Hi*10 + int64(hi), Lo: lo}
}

// ParseDecimal reads a number into an unscaled value of scale digits, rounding half away from zero.
func ParseDecimal(text string, prec, scale int) (Int128, error) {
	s := trim(text)
	v, st := scanDecimal(s, scale, true)
	if st == decimalOK && FitsPrecision(v, prec) {
		return v, nil
	}
	if st == decimalSyntax {
		return Int128{}, sqlstate.InvalidText.Errorf("invalid input syntax for type numeric: \"%s\"", text)
	}
	return Int128{}, NumericOverflow(prec, scale)
}

// NumericOverflow is the error for a value that a numeric type does not hold.
func NumericOverflow(prec, scale int) error {
	return sqlstate.NumericOutOfRange.Errorf("numeric field overflow").
		WithDetail("The absolute value is greater than or equal to 10^%d for field with precision %d, scale %d.", prec-scale, prec, scale)
}

// OwnDecimal reads a number as the numeric of its own digits: '1.50' is a numeric(3,2), '1e3' a numeric(4,0). ok is false when the text is no number,
// or one of more than 38 digits.
func OwnDecimal(text string) (d Datum, ok bool) {
	s := trim(text)
	mantissa, power := s, 0
	if i := strings.IndexAny(s, "eE"); i >= 0 {
		var err error
		if power, err = strconv.Atoi(s[i+1:]); err != nil || power > MaxPrecision || power < -MaxPrecision {
			return d, false
		}
		mantissa = s[:i]
	}
	t, ok := DecimalType(mantissa)
	if !ok {
		return d, false
	}
	if power != 0 {
		scale := max(int(t.Scale)-power, 0)
		digits := max(int(t.Prec)-int(t.Scale)+power, 0) + scale
		if digits > MaxPrecision || scale > MaxScale {
			return d, false
		}
		t = TNumeric(max(digits, 1), scale)
	}
	d, err := Parse(s, t, nil)
	return d, err == nil
}

// DecimalType gives the numeric type that a written number has: 1.50 is numeric(3,2); ok is false when it has more than 38 digits or an exponent.
func DecimalType(text string) (Type, bool) {
	digits, scale, point := 0, 0, false
	for i := 0; i < len(text); i++ {
		switch c := text[i]; {
		case c >= '0' && c <= '9':
			if point {
				scale++
				digits++
			} else if digits > 0 || c != '0' {
				digits++
			}
		case c == '.' && !point:
			point = true
		case (c == '-' || c == '+') && i == 0:
		default:
			return Type{}, false
		}
	}
	digits = max(digits, scale, 1)
	if digits > MaxPrecision || scale > MaxScale {
		return Type{}, false
	}
	return TNumeric(digits, scale), true
}

// AppendDecimal writes an unscaled value with scale digits after the point.
func AppendDecimal(dst []byte, v Int128, scale int) []byte {
	if i, ok := v.Int64(); ok {
		return AppendDecimal64(dst, i, scale)
	}
	hi, lo := v.Abs()
	if v.Hi < 0 {
		dst = append(dst, '-')
	}
	var buf [40]byte
	i := len(buf)
	for n := 0; hi != 0 || lo != 0 || n <= scale; n++ {
		if n == scale && n > 0 {
			i--
			buf[i] = '.'
		}
		var r uint64
		hi, r = hi/10, hi%10
		lo, r = bits.Div64(r, lo, 10)
		i--
		buf[i] = byte('0' + r)
	}
	return append(dst, buf[i:]...)
}

// AppendDecimal64 is AppendDecimal in the int lane.
func AppendDecimal64(dst []byte, v int64, scale int) []byte {
	if scale == 0 {
		return strconv.AppendInt(dst, v, 10)
	}
	u := absU(v)
	if v < 0 {
		dst = append(dst, '-')
	}
	var buf [48]byte
	i := len(buf)
	for n := 0; u != 0 || n <= scale; n++ {
		if n == scale {
			i--
			buf[i] = '.'
		}
		i--
		buf[i] = byte('0' + u%10)
		u /= 10
	}
	return append(dst, buf[i:]...)
}
