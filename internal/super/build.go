package super

import (
	"encoding/binary"
	"math"
	"slices"
	"strconv"
	"strings"
	"unsafe"

	"github.com/redshiftsim/redshiftsim/internal/types"
)

// AppendBool appends a boolean.
func AppendBool(dst []byte, b bool) []byte {
	if b {
		return append(dst, tagTrue)
	}
	return append(dst, tagFalse)
}

// AppendInt appends an integer.
func AppendInt(dst []byte, x int64) []byte {
	for more := x != 0; more; x >>= 8 {
		dst = append(dst, byte(x))
		more = x < -128 || x > 127
	}
	return append(dst, tagInt)
}

// AppendDecimal appends an exact number of at most 38 digits, scale of them after the point. With scale 0 it is an integer: SUPER does not tell them apart.
// https://docs.aws.amazon.com/redshift/latest/dg/limitations-super.html
func AppendDecimal(dst []byte, x types.Int128, scale int) []byte {
	if i, ok := x.Int64(); ok && scale == 0 {
		return AppendInt(dst, i)
	}
	for more := x.Sign() != 0; more; x = (types.Int128{Hi: x.Hi >> 8, Lo: x.Lo>>8 | uint64(x.Hi)<<56}) {
		dst = append(dst, byte(x.Lo))
		i, short := x.Int64()
		more = !short || i < -128 || i > 127
	}
	return append(dst, byte(scale), tagDecimal)
}

// AppendFloat appends a floating-point number. What JSON cannot write, NaN and the infinities, becomes null.
func AppendFloat(dst []byte, f float64) []byte {
	if math.IsNaN(f) || math.IsInf(f, 0) {
		return append(dst, tagNull)
	}
	return append(binary.LittleEndian.AppendUint64(dst, math.Float64bits(f)), tagFloat)
}

// AppendString appends a string of at most MaxString bytes, which must be UTF-8.
func AppendString(dst []byte, s string) []byte { return append(append(dst, s...), tagString) }

// AppendNull appends JSON's null.
func AppendNull(dst []byte) []byte { return append(dst, tagNull) }

// Constants without a payload.
const (
	NullValue  = Value("\x00")
	FalseValue = Value("\x01")
	TrueValue  = Value("\x02")
)

// OfBool makes the value of a boolean.
func OfBool(b bool) Value {
	if b {
		return TrueValue
	}
	return FalseValue
}

// OfInt makes the value of an integer.
func OfInt(x int64) Value {
	var b [9]byte
	return Value(AppendInt(b[:0], x))
}

// OfDecimal makes the value of an exact number: AppendDecimal.
func OfDecimal(x types.Int128, scale int) Value {
	var b [18]byte
	return Value(AppendDecimal(b[:0], x, scale))
}

// OfFloat makes the value of a floating-point number: AppendFloat.
func OfFloat(f float64) Value {
	var b [9]byte
	return Value(AppendFloat(b[:0], f))
}

// OfString makes the value of a string.
func OfString(s string) Value { return Value(s + string(rune(tagString))) }

// Builder builds a value from its parts, appending to a slice of bytes:
//
//	b.Reset(dst); b.BeginObject(); b.Name("a"); b.Int(1); b.EndObject(); dst = b.Bytes()
//
// It may be used again after Reset and then allocates nothing but the bytes.
type Builder struct {
	buf   []byte
	ends  []uint32
	open  []frame
	order []uint32 // attributes of the object that is being closed, by name
}

// frame is an array or object that has begun.
type frame struct {
	at   int // where its payload begins
	ends int // where its ends begin
}

// Reset begins a value that is appended to dst.
func (b *Builder) Reset(dst []byte) { b.buf, b.ends, b.open = dst, b.ends[:0], b.open[:0] }

// Bytes is dst with what was built after it.
func (b *Builder) Bytes() []byte { return b.buf }

// end notes where a name, an element or an attribute's value ends.
func (b *Builder) end() {
	if n := len(b.open); n > 0 {
		b.ends = append(b.ends, uint32(len(b.buf)-b.open[n-1].at))
	}
}

// Null adds null.
func (b *Builder) Null() { b.buf = AppendNull(b.buf); b.end() }

// Bool adds a boolean.
func (b *Builder) Bool(x bool) { b.buf = AppendBool(b.buf, x); b.end() }

// Int adds an integer.
func (b *Builder) Int(x int64) { b.buf = AppendInt(b.buf, x); b.end() }

// Decimal adds an exact number: AppendDecimal.
func (b *Builder) Decimal(x types.Int128, scale int) { b.buf = AppendDecimal(b.buf, x, scale); b.end() }

// Float adds a floating-point number: AppendFloat.
func (b *Builder) Float(f float64) { b.buf = AppendFloat(b.buf, f); b.end() }

// Real adds a floating-point number of single precision: the double with the digits that print it, and not those of the double that holds it.
func (b *Builder) Real(f float32) {
	var buf [32]byte
	text := strconv.AppendFloat(buf[:0], float64(f), 'g', -1, 32)
	x, err := strconv.ParseFloat(unsafe.String(&text[0], len(text)), 64)
	if err != nil { // an infinity is null
		x = float64(f)
	}
	b.Float(x)
}

// String adds a string.
func (b *Builder) String(s string) { b.buf = AppendString(b.buf, s); b.end() }

// Value adds a value as it is.
func (b *Builder) Value(v Value) {
	if v == "" {
		v = NullValue
	}
	b.buf = append(b.buf, v...)
	b.end()
}

// Name begins an attribute of the object that is open; its value follows.
func (b *Builder) Name(s string) { b.buf = append(b.buf, s...); b.end() }

// BeginArray begins an array; the values that follow are its elements.
func (b *Builder) BeginArray() { b.open = append(b.open, frame{len(b.buf), len(b.ends)}) }

// BeginObject begins an object; names and values follow in turn.
func (b *Builder) BeginObject() { b.BeginArray() }

// EndArray ends the array.
func (b *Builder) EndArray() {
	f := b.open[len(b.open)-1]
	b.open = b.open[:len(b.open)-1]
	ends := b.ends[f.ends:]
	b.write(len(b.buf)-f.at, len(ends), ends, nil, tagArray)
	b.ends = b.ends[:f.ends]
	b.end()
}

// EndObject ends the object, and tells a name that it has twice.
func (b *Builder) EndObject() (twice string, found bool) { return b.endObject(false) }

// gone marks the end of the name of an attribute that is taken out.
const gone = 1 << 31

// endObject is EndObject; dedup takes out all but the last attribute of a name first.
func (b *Builder) endObject(dedup bool) (twice string, found bool) {
	f := b.open[len(b.open)-1]
	b.open = b.open[:len(b.open)-1]
	payload, ends := b.buf[f.at:], b.ends[f.ends:]
	b.sort(payload, ends)
	for i := 1; i < len(b.order); i++ {
		if p, q := b.order[i-1], b.order[i]; name(payload, ends, p) == name(payload, ends, q) {
			if !found {
				twice, found = strings.Clone(name(payload, ends, q)), true
			}
			ends[2*p] |= gone
		}
	}
	if found {
		payload, ends = compact(payload, ends, dedup)
		b.buf = b.buf[:f.at+len(payload)]
		b.sort(payload, ends)
	}
	b.write(len(payload), len(b.order), ends, b.order, tagObject)
	b.ends = b.ends[:f.ends]
	b.end()
	return twice, found
}

// compact closes the gaps that the marked attributes leave; it only takes the marks away unless they are to go.
func compact(payload []byte, ends []uint32, drop bool) ([]byte, []uint32) {
	from, to, kept := uint32(0), uint32(0), 0
	for i := 0; i < len(ends); i += 2 {
		name, value := ends[i]&^gone, ends[i+1]
		if !drop || ends[i]&gone == 0 {
			copy(payload[to:], payload[from:value])
			ends[kept], ends[kept+1] = to+name-from, to+value-from
			kept, to = kept+2, to+value-from
		}
		from = value
	}
	return payload[:to], ends[:kept]
}

// name is the name of attribute i.
func name(payload []byte, ends []uint32, i uint32) string {
	lo := uint32(0)
	if i > 0 {
		lo = ends[2*i-1]
	}
	if hi := ends[2*i]; hi > lo {
		return unsafe.String(&payload[lo], int(hi-lo))
	}
	return ""
}

// sort fills b.order; of one name, the attribute written first comes first.
func (b *Builder) sort(payload []byte, ends []uint32) {
	n := len(ends) / 2
	b.order = slices.Grow(b.order[:0], n)[:n]
	for i := range b.order {
		b.order[i] = uint32(i)
	}
	if n > 16 {
		slices.SortStableFunc(b.order, func(p, q uint32) int { return strings.Compare(name(payload, ends, p), name(payload, ends, q)) })
		return
	}
	for i := 1; i < n; i++ {
		for j := i; j > 0 && name(payload, ends, b.order[j-1]) > name(payload, ends, b.order[j]); j-- {
			b.order[j-1], b.order[j] = b.order[j], b.order[j-1]
		}
	}
}

// write writes the table of a container and its tag.
func (b *Builder) write(payload, n int, ends, order []uint32, tag byte) {
	width := byte(0)
	switch {
	case payload > math.MaxUint16:
		width = 2
	case payload > math.MaxUint8:
		width = 1
	}
	b.numbers(ends, width)
	b.numbers(order, width)
	one := [1]uint32{uint32(n)}
	b.numbers(one[:], width)
	b.buf = append(b.buf, tag|width<<widthBits)
}

// numbers writes numbers of a table.
func (b *Builder) numbers(list []uint32, width byte) {
	switch width {
	case 0:
		for _, x := range list {
			b.buf = append(b.buf, byte(x))
		}
	case 1:
		for _, x := range list {
			b.buf = append(b.buf, byte(x), byte(x>>8))
		}
	default:
		for _, x := range list {
			b.buf = binary.LittleEndian.AppendUint32(b.buf, x)
		}
	}
}
