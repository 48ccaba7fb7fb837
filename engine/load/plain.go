package load

import (
	"encoding/binary"
	"math/bits"
)

// This file reads numbers and dates that are written plainly, which most are, eight bytes at a time where it can. What it refuses goes the slow road, which
// knows blanks, signs, exponents and errors.

// notDigits takes eight digits as numbers, the first in the lowest byte, and has the highest bit set of the first byte that is none.
func notDigits(w uint64) (digits, m uint64) {
	w ^= '0' * ones
	return w, (w | (w + (0x80-10)*ones)) & (0x80 * ones)
}

// value8 puts eight digits together, the first in the lowest byte.
//
//	1 2 3 4 5 6 7 8  -> four pairs 12 34 56 78 -> 1234 5678 -> 12345678
func value8(w uint64) int64 {
	w = w * (10<<8 + 1) >> 8 & 0x00FF00FF00FF00FF
	w = w * (100<<16 + 1) >> 16 & 0x0000FFFF0000FFFF
	return int64(w * (10000<<32 + 1) >> 32)
}

// numberAt reads a number of 1 to 15 digits and says where it ends. Sixteen bytes can be read from `at` on.
func numberAt(buf []byte, at int) (v int64, to int, ok bool) {
	w, m := notDigits(load(buf, at))
	if m != 0 {
		n := bits.TrailingZeros64(m) &^ 7 // bits of the digits
		return value8(w << (64 - n)), at + n>>3, n > 0
	}
	x, m := notDigits(load(buf, at+8))
	if m == 0 {
		return 0, 0, false
	}
	n := bits.TrailingZeros64(m) &^ 7
	return value8(w)*powers[n>>3] + value8(x<<(64-n)), at + 8 + n>>3, true
}

// fractionAt reads 1 to 7 digits, a point, and scale digits, 1 to 7, and says where that ends. Seventeen bytes can be read from `at` on.
func fractionAt(buf []byte, at, scale int) (v int64, to int, ok bool) {
	w, m := notDigits(load(buf, at))
	n := bits.TrailingZeros64(m) &^ 7
	point := at + n>>3
	if m == 0 || n == 0 || buf[point] != '.' {
		return 0, 0, false
	}
	x, m := notDigits(load(buf, point+1))
	if to = point + 1 + bits.TrailingZeros64(m)>>3; m == 0 || to != point+1+scale {
		return 0, 0, false
	}
	if v = value8(w << (64 - n)); scale == 2 { // as most have
		return v*100 + int64(x&15*10+x>>8&15), to, true
	}
	return v*powers[scale] + value8(x<<(64-8*scale)), to, true
}

// plainInteger reads up to 18 digits with a sign.
func plainInteger(f []byte) (v int64, ok bool) {
	neg := false
	if len(f) > 0 && f[0] == '-' {
		neg, f = true, f[1:]
	}
	if len(f) == 0 || len(f) > 18 {
		return 0, false
	}
	for _, c := range f {
		c -= '0'
		if c > 9 {
			return 0, false
		}
		v = v*10 + int64(c)
	}
	if neg {
		v = -v
	}
	return v, true
}

// powers are the powers of ten that fit.
var powers = func() (p [19]int64) {
	p[0] = 1
	for i := 1; i < len(p); i++ {
		p[i] = 10 * p[i-1]
	}
	return p
}()

// plainDecimal reads a decimal of up to 18 digits in all, and no more behind the point than scale.
func plainDecimal(f []byte, scale int) (v int64, ok bool) {
	neg := false
	if len(f) > 0 && f[0] == '-' {
		neg, f = true, f[1:]
	}
	point := len(f)
	for i, c := range f {
		c -= '0'
		if c > 9 {
			if f[i] != '.' || point != len(f) {
				return 0, false
			}
			point = i
			continue
		}
		v = v*10 + int64(c)
	}
	frac := max(0, len(f)-point-1)
	whole := point
	if whole+frac == 0 || frac > scale || whole+scale > 18 {
		return 0, false
	}
	v *= powers[scale-frac]
	if neg {
		v = -v
	}
	return v, true
}

// plainDate reads YYYY-MM-DD into days since 2000-01-01.
func plainDate(f []byte) (int64, bool) {
	const (
		zeros  = 0x2D30302D30303030 // "0000-00-", the first byte the lowest
		dashes = 0xFF0000FF00000000
		top    = 0x0080800080808080 // of the digits
	)
	if len(f) != 10 {
		return 0, false
	}
	w, h, i := binary.LittleEndian.Uint64(f)^zeros, f[8]-'0', f[9]-'0'
	if w&dashes|(w|(w+top/0x80*(0x80-10)))&top != 0 || h > 3 || i > 9 {
		return 0, false
	}
	y := uint(w&15)*1000 + uint(w>>8&15)*100 + uint(w>>16&15)*10 + uint(w>>24&15)
	m, day := uint(w>>40&15)*10+uint(w>>48&15), uint(h)*10+uint(i)
	if y == 0 || m == 0 || m > 12 || day == 0 || day > 28 && int(day) > monthDays(int(y), int(m)) {
		return 0, false
	}
	if y -= firstYear; y < manyYears {
		return int64(monthBegins[12*y+m-1]) + int64(day-1), true
	}
	return civil(int(y+firstYear), int(m), int(day)), true
}

// monthBegins are the days since 2000-01-01 on which the months of the years 1900 to 2099 begin.
var monthBegins = func() (days [12 * manyYears]int32) {
	for i := range days {
		days[i] = int32(civil(firstYear+i/12, i%12+1, 1))
	}
	return days
}()

const firstYear, manyYears = 1900, 200

// plainTime reads YYYY-MM-DD HH:MI:SS into microseconds since 2000-01-01.
func plainTime(f []byte) (int64, bool) {
	if len(f) != 19 || f[10] != ' ' || f[13] != ':' || f[16] != ':' {
		return 0, false
	}
	days, ok := plainDate(f[:10])
	a, b, c, d, e, g := f[11]-'0', f[12]-'0', f[14]-'0', f[15]-'0', f[17]-'0', f[18]-'0'
	if !ok || a > 2 || b > 9 || c > 5 || d > 9 || e > 5 || g > 9 {
		return 0, false
	}
	h := int64(a)*10 + int64(b)
	if h > 23 {
		return 0, false
	}
	return days*day + ((h*60+int64(c)*10+int64(d))*60+int64(e)*10+int64(g))*1000000, true
}
