package super

import (
	"strconv"
	"unicode/utf8"

	"github.com/redshiftsim/redshiftsim/internal/types"
)

// AppendJSON writes a value as JSON_SERIALIZE does: no white space, attributes in the order in which they were written, decimals with their scale, floating-point
// numbers with an exponent, 2.22e+0. What is nested more deeply than a value may be is written as null.
// https://docs.aws.amazon.com/redshift/latest/dg/JSON_SERIALIZE.html
func (v Value) AppendJSON(dst []byte) []byte { return v.appendJSON(dst, 0) }

// JSON is AppendJSON as a string.
func (v Value) JSON() string { return string(v.AppendJSON(nil)) }

func (v Value) appendJSON(dst []byte, depth int) []byte {
	switch v.Kind() {
	case Bool:
		return strconv.AppendBool(dst, v.Bool())
	case Int:
		return strconv.AppendInt(dst, v.Int(), 10)
	case Decimal:
		x, scale := v.Decimal()
		return types.AppendDecimal(dst, x, scale)
	case Float:
		return appendFloat(dst, v.Float())
	case String:
		return AppendQuoted(dst, v.Text())
	case Array, Object:
		if depth < MaxDepth {
			return v.appendParts(dst, depth+1)
		}
	}
	return append(dst, "null"...)
}

// appendParts writes an array or object that lies within depth-1 others.
func (v Value) appendParts(dst []byte, depth int) []byte {
	t := v.table()
	if v.Kind() == Array {
		dst = append(dst, '[')
		for i := range t.n {
			if i > 0 {
				dst = append(dst, ',')
			}
			dst = v.part(&t, i).appendJSON(dst, depth)
		}
		return append(dst, ']')
	}
	dst = append(dst, '{')
	for i := range t.n {
		if i > 0 {
			dst = append(dst, ',')
		}
		dst = append(AppendQuoted(dst, string(v.part(&t, 2*i))), ':')
		dst = v.part(&t, 2*i+1).appendJSON(dst, depth)
	}
	return append(dst, '}')
}

// appendFloat writes the shortest digits that mean f, and an exponent without leading zeros: 2.22e+0, 1e-7.
// https://docs.aws.amazon.com/redshift/latest/dg/r_is_float.html
func appendFloat(dst []byte, f float64) []byte {
	dst = strconv.AppendFloat(dst, f, 'e', -1, 64)
	if n := len(dst); dst[n-2] == '0' && (dst[n-3] == '+' || dst[n-3] == '-') {
		dst[n-2] = dst[n-1]
		dst = dst[:n-1]
	}
	return dst
}

// AppendQuoted writes a text as a string of JSON.
// https://datatracker.ietf.org/doc/html/rfc8259#section-7
func AppendQuoted(dst []byte, s string) []byte {
	const hex = "0123456789abcdef"
	dst = append(dst, '"')
	from := 0
	for i := range len(s) {
		c := s[i]
		if plain[c] || c >= utf8.RuneSelf {
			continue
		}
		dst = append(dst, s[from:i]...)
		from = i + 1
		switch c {
		case '"', '\\':
			dst = append(dst, '\\', c)
		case '\b':
			dst = append(dst, '\\', 'b')
		case '\f':
			dst = append(dst, '\\', 'f')
		case '\n':
			dst = append(dst, '\\', 'n')
		case '\r':
			dst = append(dst, '\\', 'r')
		case '\t':
			dst = append(dst, '\\', 't')
		default:
			dst = append(dst, '\\', 'u', '0', '0', hex[c>>4], hex[c&0xF])
		}
	}
	return append(append(dst, s[from:]...), '"')
}

// Size is what SIZE shows: the bytes of a value in the form that Redshift keeps in memory, as far as its guide lets it be told. Every value has 4 bytes and then
// its own, none of null and booleans; every attribute a name with 6 bytes more than its text, and an object one byte of its own.
// https://docs.aws.amazon.com/redshift/latest/dg/r_SIZE.html
func (v Value) Size() int { return v.size(0) }

func (v Value) size(depth int) int {
	const header, name = 4, 6
	switch k := v.Kind(); k {
	case Null, Bool:
		return header
	case Array, Object:
		if depth >= MaxDepth {
			return header
		}
		t, sum := v.table(), header
		if k == Object {
			sum++
			for i := range t.n {
				sum += name + len(v.part(&t, 2*i)) + v.part(&t, 2*i+1).size(depth+1)
			}
			return sum
		}
		for i := range t.n {
			sum += v.part(&t, i).size(depth + 1)
		}
		return sum
	}
	return header + len(v) - 1
}
