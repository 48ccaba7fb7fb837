package load

import (
	"encoding/binary"
	"math"

	"github.com/redshiftsim/redshiftsim/internal/types"
)

// This file reads numbers and dates that are written plainly, which most are, eight bytes at a time where it can. What it refuses goes the slow road, which
// knows blanks, signs, exponents and errors.

// digits8 reads a word of eight digits, the first in the lowest byte.
//
//	"12345678"  -> four pairs 12 34 56 78 -> 1234 5678 -> 12345678
func digits8(w uint64) (v uint64, ok bool) {
	w ^= '0' * ones
	if (w|(w+(0x80-10)*ones))&(0x80*ones) != 0 {
		return 0, false
	}
	w = w * (10<<8 + 1) >> 8 & 0x00FF00FF00FF00FF
	w = w * (100<<16 + 1) >> 16 & 0x0000FFFF0000FFFF
	return w * (10000<<32 + 1) >> 32, true
}

// ended makes a word end with its first n bytes, 1 to 8, and begin with zeros.
func ended(w uint64, n int) uint64 { return w<<(64-8*n) | '0'*ones>>(8*n) }

// fewDigits reads a number of 1 to 16 digits; false where a span is none, or where eight bytes from its begin on are not in buf.
func fewDigits(buf []byte, s *span) (int64, bool) {
	from, n := int(s.from), int(s.to&^inQuotes)-int(s.from)
	if n == 0 || n > 16 || from+8 > len(buf) {
		return 0, false
	}
	w := binary.LittleEndian.Uint64(buf[from:])
	if n <= 8 {
		v, ok := digits8(ended(w, n))
		return int64(v), ok
	}
	low, ok := digits8(binary.LittleEndian.Uint64(buf[from+n-8:]))
	high, also := digits8(ended(w, n-8))
	return int64(high*1e8 + low), ok && also
}

// fewDecimals reads digits, a point, and as many digits as scale says: up to 7 of them in all, or up to 8 on each side; false where a span is something else.
func fewDecimals(buf []byte, s *span, scale int) (int64, bool) {
	from, n := int(s.from), int(s.to&^inQuotes)-int(s.from)
	if n <= scale+1 || scale == 0 || scale > 8 || n > scale+9 || from+16 > len(buf) || buf[from+n-scale-1] != '.' {
		return 0, false
	}
	w := binary.LittleEndian.Uint64(buf[from:])
	if n <= 8 { // what stands before the point takes its place
		w = ended(w, n)
		behind := ^uint64(0) << (64 - 8*scale)
		v, ok := digits8(w&behind | w<<8&^behind | '0')
		return int64(v), ok
	}
	whole, ok := digits8(ended(w, n-scale-1))
	frac, also := digits8(ended(binary.LittleEndian.Uint64(buf[from+n-scale:]), scale))
	return int64(whole*uint64(powers[scale]) + frac), ok && also
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

// limitOf is the first number that is too large for a column; 0 = the window does not convert such a type.
func limitOf(t types.Type) int64 {
	switch t.Kind {
	case types.Int2:
		return 1 << 15
	case types.Int4:
		return 1 << 31
	case types.Int8:
		return math.MaxInt64 // of 18 digits none is larger
	case types.Numeric:
		if t.Prec <= 18 {
			return powers[t.Prec]
		}
	default:
		// no number
	}
	return 0
}
