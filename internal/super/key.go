package super

import (
	"math"
	"strconv"

	"github.com/redshiftsim/redshiftsim/internal/types"
)

// What a key begins with, by rank.
const (
	keyEnd    = 0x01 // of an array or object
	keyName   = 0x02 // of an attribute
	keyBool   = 0x10
	keyNumber = 0x30
	keyString = 0x40
	keyArray  = 0x50
	keyObject = 0x60
	keyNull   = 0x70
)

// AppendKey appends bytes that order as Compare orders values: of two keys the one whose bytes come first belongs to the smaller value. No key is the beginning of another, and none ends in a blank.
//
//	number   the double, then exponent and digits of the number itself    string   its bytes, 0 as 0 ff, then 0 1
//	array    the keys of its elements, an end                            object   names and keys in the order of the names, an end
func AppendKey(dst []byte, v Value) []byte { return appendKey(dst, v, 0) }

func appendKey(dst []byte, v Value, depth int) []byte {
	switch v.Kind() {
	case Bool:
		if v.Bool() {
			return append(dst, keyBool, 2)
		}
		return append(dst, keyBool, 1)
	case Int, Decimal, Float:
		return appendNumberKey(append(dst, keyNumber), v)
	case String:
		return appendTextKey(append(dst, keyString), types.TrimBlanks(v.Text()))
	case Array:
		dst = append(dst, keyArray)
		for i := range v.Len() {
			if e, ok := v.Index(i); ok && depth < MaxDepth {
				dst = appendKey(dst, e, depth+1)
			}
		}
		return append(dst, keyEnd)
	case Object:
		dst = append(dst, keyObject)
		for i := range v.Len() {
			name, x := v.ByName(i)
			dst = appendTextKey(append(dst, keyName), name)
			if depth < MaxDepth {
				dst = appendKey(dst, x, depth+1)
			}
		}
		return append(dst, keyEnd)
	}
	return append(dst, keyNull)
}

// appendTextKey appends a text and its end.
func appendTextKey(dst []byte, s string) []byte {
	for i := range len(s) {
		if dst = append(dst, s[i]); s[i] == 0 {
			dst = append(dst, 0xff)
		}
	}
	return append(dst, 0, 1)
}

// appendNumberKey appends a number: its double in bytes that order as doubles do, then, for numbers that are one double, exponent and digits to the base of
// ten, turned over when it is negative.
func appendNumberKey(dst []byte, v Value) []byte {
	f := v.Float()
	bits := math.Float64bits(f)
	switch {
	case f == 0:
		bits = 1 << 63
	case bits>>63 != 0:
		bits = ^bits
	default:
		bits |= 1 << 63
	}
	dst = append(dst, byte(bits>>56), byte(bits>>48), byte(bits>>40), byte(bits>>32), byte(bits>>24), byte(bits>>16), byte(bits>>8), byte(bits))
	from := len(dst)
	var room [64]byte
	digits, exponent, negative := v.digits(room[:0])
	dst = append(dst, byte((exponent+1<<15)>>8), byte(exponent))
	dst = append(append(dst, digits...), 0)
	if negative {
		for i := from; i < len(dst); i++ {
			dst[i] = ^dst[i]
		}
	}
	return dst
}

// digits gives the digits of a number without zeros at either end, and its exponent: 0.digits times ten to the exponent.
func (v Value) digits(room []byte) (digits []byte, exponent int, negative bool) {
	if v.Kind() == Float {
		room = strconv.AppendFloat(room, v.Float(), 'e', -1, 64)
	} else {
		x, scale := v.Decimal()
		room = types.AppendDecimal(room, x, 0)
		exponent = -scale
	}
	if len(room) > 0 && room[0] == '-' {
		negative, room = true, room[1:]
	}
	mantissa := room
	for i, c := range room {
		if c == 'e' {
			e, _ := strconv.Atoi(string(room[i+1:]))
			mantissa, exponent = room[:i], e
			break
		}
	}
	digits = mantissa[:0]
	point := -1
	for i, c := range mantissa {
		if c == '.' {
			point = i
			continue
		}
		digits = append(digits, c)
	}
	if point < 0 {
		point = len(digits)
	}
	exponent += point
	for len(digits) > 0 && digits[0] == '0' {
		digits, exponent = digits[1:], exponent-1
	}
	for len(digits) > 0 && digits[len(digits)-1] == '0' {
		digits = digits[:len(digits)-1]
	}
	if len(digits) == 0 {
		return nil, 0, false
	}
	return digits, exponent, negative
}
