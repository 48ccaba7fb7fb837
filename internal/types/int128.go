package types

import (
	"math/big"
	"math/bits"
)

// Int128 is a signed 128-bit integer in two's complement: numerics of more than 19 digits, sums, and the two-part values of timetz and interval.
type Int128 struct {
	Hi int64
	Lo uint64
}

// FromInt64 widens v.
func FromInt64(v int64) Int128 { return Int128{Hi: v >> 63, Lo: uint64(v)} }

// Int64 gives v and whether it fits.
func (a Int128) Int64() (int64, bool) { return int64(a.Lo), a.Hi == int64(a.Lo)>>63 }

// Add is a+b modulo 2^128.
func (a Int128) Add(b Int128) Int128 {
	lo, c := bits.Add64(a.Lo, b.Lo, 0)
	return Int128{Hi: a.Hi + b.Hi + int64(c), Lo: lo}
}

// AddInt64 is a+v modulo 2^128.
func (a Int128) AddInt64(v int64) Int128 { return a.Add(FromInt64(v)) }

// Sub is a-b modulo 2^128.
func (a Int128) Sub(b Int128) Int128 {
	lo, c := bits.Sub64(a.Lo, b.Lo, 0)
	return Int128{Hi: a.Hi - b.Hi - int64(c), Lo: lo}
}

// Neg is -a.
func (a Int128) Neg() Int128 { return Int128{}.Sub(a) }

// Sign is -1, 0 or 1.
func (a Int128) Sign() int {
	if a.Hi < 0 {
		return -1
	}
	if a.Hi == 0 && a.Lo == 0 {
		return 0
	}
	return 1
}

// Cmp orders a and b as signed numbers.
func (a Int128) Cmp(b Int128) int {
	switch {
	case a.Hi < b.Hi || (a.Hi == b.Hi && a.Lo < b.Lo):
		return -1
	case a == b:
		return 0
	}
	return 1
}

// Abs is the magnitude as an unsigned pair.
func (a Int128) Abs() (hi, lo uint64) {
	if a.Hi < 0 {
		a = a.Neg()
	}
	return uint64(a.Hi), a.Lo
}

// Mul is a*b, and whether the product fits in 128 bits.
func (a Int128) Mul(b Int128) (Int128, bool) {
	ah, al := a.Abs()
	bh, bl := b.Abs()
	if ah != 0 && bh != 0 {
		return Int128{}, false
	}
	hi, lo := bits.Mul64(al, bl)
	c1h, c1 := bits.Mul64(ah, bl)
	c2h, c2 := bits.Mul64(al, bh)
	if c1h != 0 || c2h != 0 {
		return Int128{}, false
	}
	s, carry := bits.Add64(hi, c1, 0)
	s, carry2 := bits.Add64(s, c2, 0)
	if carry != 0 || carry2 != 0 || int64(s) < 0 {
		return Int128{}, false
	}
	r := Int128{Hi: int64(s), Lo: lo}
	if (a.Hi < 0) != (b.Hi < 0) {
		r = r.Neg()
	}
	return r, true
}

// QuoRem divides toward zero; b must not be 0.
func (a Int128) QuoRem(b Int128) (q, r Int128) {
	ah, al := a.Abs()
	bh, bl := b.Abs()
	var qh, ql, rh, rl uint64
	if bh == 0 {
		qh = ah / bl
		ql, rl = bits.Div64(ah%bl, al, bl)
	} else { // at most 64 rounds of shift and subtract: b has more than 64 bits, so the quotient has fewer than 64
		n := uint(bits.LeadingZeros64(bh))
		if ah != 0 && uint(bits.LeadingZeros64(ah)) <= n {
			n -= uint(bits.LeadingZeros64(ah))
			dh, dl := bh<<n|bl>>(64-n), bl<<n
			if n == 0 {
				dh, dl = bh, bl
			}
			rh, rl = ah, al
			for i := int(n); i >= 0; i-- {
				ql <<= 1
				if rh > dh || (rh == dh && rl >= dl) {
					var c uint64
					rl, c = bits.Sub64(rl, dl, 0)
					rh, _ = bits.Sub64(rh, dh, c)
					ql |= 1
				}
				dl = dl>>1 | dh<<63
				dh >>= 1
			}
		} else {
			rh, rl = ah, al
		}
	}
	q, r = Int128{Hi: int64(qh), Lo: ql}, Int128{Hi: int64(rh), Lo: rl}
	if (a.Hi < 0) != (b.Hi < 0) {
		q = q.Neg()
	}
	if a.Hi < 0 {
		r = r.Neg()
	}
	return q, r
}

// Float64 is the nearest double.
func (a Int128) Float64() float64 {
	hi, lo := a.Abs()
	f := float64(hi)*18446744073709551616 + float64(lo)
	if a.Hi < 0 {
		return -f
	}
	return f
}

// Big is for formatting and tests, never for kernels.
func (a Int128) Big() *big.Int {
	v := new(big.Int).Lsh(big.NewInt(a.Hi), 64)
	return v.Add(v, new(big.Int).SetUint64(a.Lo))
}

// pow10 holds 10^0 .. 10^38.
var pow10 = func() (p [39]Int128) {
	p[0] = FromInt64(1)
	for i := 1; i < len(p); i++ {
		p[i], _ = p[i-1].Mul(FromInt64(10))
	}
	return p
}()

// Pow10 is 10^n for n in 0..38.
func Pow10(n int) Int128 { return pow10[n] }
