// Package super holds the value of the type SUPER: one JSON value as bytes that are read in place.
//
//	{"a": 1, "b": [true, "x"]}
//
//	a 01 INT   b  TRUE  x STRING  01 03 02 ARRAY   01 03 04 0c  00 01  02 OBJECT
//	name value name ----- elements  ends    n  kind   ends of names  by   n  kind
//	                                                  and values    name
//
//	scalar   its bytes, the kind
//	array    elements, where each ends, how many, the kind
//	object   name and value of each attribute as written, where each ends, the attributes' numbers by name, how many, the kind
//
// The kind stands last, so that to build a value is to append: an array does not know its length when it begins. An element is a substring of its array and a
// value itself; Index is one look-up, Field a binary search over the names. Ends and numbers are 1, 2 or 4 bytes wide, as the value needs.
//
// A Value lies in the text lane of a vector as it is. Reading allocates nothing, and bytes that are no value read as null, never as a panic.
// https://docs.aws.amazon.com/redshift/latest/dg/r_SUPER_type.html
package super

import (
	"math"
	"strings"

	"github.com/redshiftsim/redshiftsim/internal/types"
)

// Value is one value of the type SUPER; "" is null.
type Value string

// Kind is what a value is: its dynamic type.
// https://docs.aws.amazon.com/redshift/latest/dg/query-super.html#dynamic-typing-lax-processing
type Kind uint8

// Kinds. An integer of 64 bits is an Int, whatever it was written as; other exact numbers are a Decimal.
const (
	Null Kind = iota
	Bool
	Int
	Decimal
	Float
	String
	Array
	Object
)

// Limits of a value.
// https://docs.aws.amazon.com/redshift/latest/dg/limitations-super.html
const (
	MaxDepth  = 1000             // arrays and objects within each other
	MaxSize   = 16 * 1024 * 1024 // bytes of a value
	MaxString = types.MaxText    // bytes of a string
)

// The last byte of a value: a tag in its lower half, in the upper half of a container the width of its table (0, 1, 2: 1, 2, 4 bytes).
const (
	tagNull byte = iota
	tagFalse
	tagTrue
	tagInt
	tagDecimal
	tagFloat
	tagString
	tagArray
	tagObject
	tagMask   = 0xF
	widthBits = 4
)

// kinds are the kinds of the tags.
var kinds = [tagMask + 1]Kind{tagFalse: Bool, tagTrue: Bool, tagInt: Int, tagDecimal: Decimal, tagFloat: Float, tagString: String, tagArray: Array, tagObject: Object}

// typeNames are the kinds as JSON_TYPEOF names them.
var typeNames = [Object + 1]string{"null", "boolean", "number", "number", "number", "string", "array", "object"}

// tag is the tag of a value.
func (v Value) tag() byte {
	if v == "" {
		return tagNull
	}
	return v[len(v)-1] & tagMask
}

// Kind says what a value is.
func (v Value) Kind() Kind { return kinds[v.tag()] }

// TypeOf is the kind as JSON_TYPEOF names it: null, boolean, number, string, array, object.
// https://docs.aws.amazon.com/redshift/latest/dg/r_json_typeof.html
func (v Value) TypeOf() string { return typeNames[v.Kind()] }

// IsNumber says Int, Decimal or Float.
func (v Value) IsNumber() bool { k := v.Kind(); return k >= Int && k <= Float }

// IsScalar says a boolean, a number or a string.
// https://docs.aws.amazon.com/redshift/latest/dg/r_is_scalar.html
func (v Value) IsScalar() bool { k := v.Kind(); return k >= Bool && k <= String }

// Bool is the truth of a Bool.
func (v Value) Bool() bool { return v.tag() == tagTrue }

// Text is the text of a String, "" of others.
func (v Value) Text() string {
	if v.tag() != tagString {
		return ""
	}
	return string(v[:len(v)-1])
}

// Int is the number of an Int, 0 of others.
func (v Value) Int() int64 {
	if v.tag() != tagInt {
		return 0
	}
	n := 0
	var x uint64
	for ; n < len(v)-1 && n < 8; n++ {
		x |= uint64(v[n]) << (8 * n)
	}
	return int64(x<<(64-8*n)) >> (64 - 8*n) // a shift by 64 leaves the 0 of no bytes
}

// Decimal is the unscaled value and the scale of an exact number, an Int or a Decimal.
func (v Value) Decimal() (types.Int128, int) {
	if v.tag() != tagDecimal || len(v) < 2 {
		return types.FromInt64(v.Int()), 0
	}
	var lo, hi uint64
	digits := v[:min(len(v)-2, 16)]
	for i := range len(digits) {
		if b := uint64(digits[i]); i < 8 {
			lo |= b << (8 * i)
		} else {
			hi |= b << (8 * (i - 8))
		}
	}
	d := types.Int128{Hi: int64(hi), Lo: lo}
	switch n := 8 * len(digits); {
	case n <= 64:
		d = types.FromInt64(int64(lo<<(64-n)) >> (64 - n))
	case n < 128:
		d.Hi = int64(hi<<(128-n)) >> (128 - n)
	}
	scale := min(int(v[len(v)-2]), types.MaxScale)
	if !types.FitsPrecision(d, types.MaxPrecision) {
		return types.Int128{}, scale
	}
	return d, scale
}

// Float is a number as a double, the nearest one to an exact number; 0 of what is no number.
func (v Value) Float() float64 {
	switch v.tag() {
	case tagInt:
		return float64(v.Int())
	case tagDecimal:
		return decimalFloat(v.Decimal())
	case tagFloat:
		if len(v) == 9 {
			var x uint64
			for i := range 8 {
				x |= uint64(v[i]) << (8 * i)
			}
			if f := math.Float64frombits(x); !math.IsNaN(f) && !math.IsInf(f, 0) {
				return f
			}
		}
	}
	return 0
}

// table is where the parts of an array or object lie.
type table struct {
	n     int // elements or attributes
	width int // of a number of the table, in bytes
	ends  int // where the table begins, and the payload ends
}

// table reads the end of an array or object; n is 0 when it has no elements, or is none.
func (v Value) table() (t table) {
	t.width = 1 << (v[len(v)-1] >> widthBits)
	if t.width > 4 {
		return table{}
	}
	at := len(v) - 1 - t.width
	if at < 0 {
		return table{}
	}
	columns := 1
	if v.tag() == tagObject {
		columns = 3
	}
	n := v.number(at, t.width)
	if n > at/(columns*t.width) {
		return table{}
	}
	t.n, t.ends = n, at-n*columns*t.width
	return t
}

// number reads a number of the table.
func (v Value) number(at, width int) int {
	switch width {
	case 1:
		return int(v[at])
	case 2:
		return int(v[at]) | int(v[at+1])<<8
	}
	return int(v[at]) | int(v[at+1])<<8 | int(v[at+2])<<16 | int(v[at+3])<<24
}

// part is what lies between the ends i-1 and i.
func (v Value) part(t *table, i int) Value {
	lo, hi := 0, v.number(t.ends+i*t.width, t.width)
	if i > 0 {
		lo = v.number(t.ends+(i-1)*t.width, t.width)
	}
	if lo > hi || hi > t.ends {
		return ""
	}
	return v[lo:hi]
}

// Len is the number of an array's elements or of an object's attributes, 0 of others.
func (v Value) Len() int {
	if k := v.Kind(); k != Array && k != Object {
		return 0
	}
	t := v.table()
	return t.n
}

// Index is the element i of an array, counted from 0; false when v is no array or has no such element.
// https://docs.aws.amazon.com/redshift/latest/dg/query-super.html#navigation
func (v Value) Index(i int) (Value, bool) {
	if v.Kind() != Array {
		return "", false
	}
	t := v.table()
	if uint(i) >= uint(t.n) {
		return "", false
	}
	return v.part(&t, i), true
}

// Field is the attribute of a name; false when v is no object or has no such attribute. Names are the same when their letters are: a name that a query writes
// becomes small letters before it comes here, unless the session is case sensitive.
// https://docs.aws.amazon.com/redshift/latest/dg/super-configurations.html#upper-mixed-case
func (v Value) Field(name string) (Value, bool) {
	if v.Kind() != Object {
		return "", false
	}
	t := v.table()
	lo, hi := 0, t.n
	for lo < hi {
		m := int(uint(lo+hi) >> 1)
		at := v.sorted(&t, m)
		switch c := strings.Compare(string(v.part(&t, 2*at)), name); {
		case c == 0:
			return v.part(&t, 2*at+1), true
		case c < 0:
			lo = m + 1
		default:
			hi = m
		}
	}
	return "", false
}

// sorted is the number of the attribute whose name is the i-th by its bytes.
func (v Value) sorted(t *table, i int) int {
	at := v.number(t.ends+(2*t.n+i)*t.width, t.width)
	if at >= t.n {
		return 0
	}
	return at
}

// Attribute is the name and the value of the attribute i of an object, counted from 0 as they were written; empty when there is none.
// https://docs.aws.amazon.com/redshift/latest/dg/query-super.html#unpivoting
func (v Value) Attribute(i int) (name string, value Value) {
	if v.Kind() != Object {
		return "", ""
	}
	t := v.table()
	if uint(i) >= uint(t.n) {
		return "", ""
	}
	return string(v.part(&t, 2*i)), v.part(&t, 2*i+1)
}

// ByName is Attribute with the attributes ordered by the bytes of their names.
func (v Value) ByName(i int) (name string, value Value) {
	if v.Kind() != Object {
		return "", ""
	}
	t := v.table()
	if uint(i) >= uint(t.n) {
		return "", ""
	}
	at := v.sorted(&t, i)
	return string(v.part(&t, 2*at)), v.part(&t, 2*at+1)
}

// Depth is how many arrays and objects lie within each other, v with them: 0 of a scalar. It stops counting beyond MaxDepth.
func (v Value) Depth() int { return v.depth(0) }

func (v Value) depth(above int) int {
	k := v.Kind()
	if k != Array && k != Object || above > MaxDepth {
		return 0
	}
	t, most := v.table(), 0
	for i := range t.n {
		at := i
		if k == Object {
			at = 2*i + 1
		}
		if e := v.part(&t, at); e.tag() >= tagArray {
			most = max(most, e.depth(above+1))
		}
	}
	return most + 1
}
