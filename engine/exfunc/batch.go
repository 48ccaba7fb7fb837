package exfunc

import (
	"strconv"
	"time"
	"unicode/utf8"

	"github.com/redshiftsim/redshiftsim/internal/types"
	"github.com/redshiftsim/redshiftsim/internal/vector"
)

// Batch collects the records of one invocation: {"request_id": .., "arguments": [[1,"a"],[2,null]]}.
type Batch struct {
	Rows    int
	fn      *Function
	records []byte // [1,"a"],[2,null]
}

// NewBatch begins a batch.
func NewBatch(fn *Function) *Batch { return &Batch{fn: fn} }

// envelope is about what a payload is beside its records.
const envelope = 512

// Add adds row i of the arguments, in any form; false = the batch is full, and the row is not in it. A row that alone is too large is a batch of its own.
func (b *Batch) Add(args []*vector.Vector, i int) bool {
	if b.Rows == b.fn.MaxRows {
		return false
	}
	from := len(b.records)
	if b.Rows > 0 {
		b.records = append(b.records, ',')
	}
	b.records = append(b.records, '[')
	for k, v := range args {
		if k > 0 {
			b.records = append(b.records, ',')
		}
		b.records = appendValue(b.records, v, i)
	}
	b.records = append(b.records, ']')
	if b.Rows > 0 && len(b.records)+envelope > b.fn.MaxBytes {
		b.records = b.records[:from]
		return false
	}
	b.Rows++
	return true
}

// Bytes is what the batch holds.
func (b *Batch) Bytes() int64 { return int64(len(b.records)) }

// payload is the request for an invocation.
// https://docs.aws.amazon.com/redshift/latest/dg/udf-creating-a-lambda-sql-udf.html#udf-lambda-json
func (b *Batch) payload(c *Caller) []byte {
	p := make([]byte, 0, len(b.records)+envelope)
	p = append(p, `{"request_id":"`...)
	p = append(p, newUUID()...)
	p = append(p, `","cluster":`...)
	p = appendString(p, c.Cluster)
	p = append(p, `,"user":`...)
	p = appendString(p, c.User)
	p = append(p, `,"database":`...)
	p = appendString(p, c.Database)
	p = append(p, `,"external_function":`...)
	p = appendString(p, b.fn.Name)
	p = append(p, `,"query_id":`...)
	p = strconv.AppendInt(p, c.Query, 10)
	p = append(p, `,"num_records":`...)
	p = strconv.AppendInt(p, int64(b.Rows), 10)
	p = append(p, `,"arguments":[`...)
	p = append(p, b.records...)
	return append(p, ']', '}')
}

// appendValue appends row i of an argument as JSON: numbers as numbers with all their digits, booleans, and all else as the text that Redshift prints.
// What JSON has no number for (NaN, Infinity) is a text, too.
func appendValue(dst []byte, v *vector.Vector, i int) []byte {
	if v.Null(i) {
		return append(dst, "null"...)
	}
	t := v.Type
	if v.Form == vector.Narrow {
		return appendInt(dst, t, v.Base+int64(v.Code(i)))
	}
	v, i = v.At(i)
	switch t.Lane() {
	case types.LaneBool:
		return strconv.AppendBool(dst, v.Bools[i])
	case types.LaneInt:
		return appendInt(dst, t, v.Int64s[i])
	case types.LaneWide:
		return types.AppendWide(dst, t, v.Wides[i])
	case types.LaneFloat:
		if f := v.Floats[i]; f-f != 0 { // NaN, Infinity
			return append(types.AppendFloat(append(dst, '"'), t.Kind, f), '"')
		}
		bits := 64
		if t.Kind == types.Float4 {
			bits = 32
		}
		return strconv.AppendFloat(dst, v.Floats[i], 'g', -1, bits)
	}
	return appendString(dst, v.Texts[i])
}

// appendInt appends a value of the integer lane: a number, a date or a timestamp.
func appendInt(dst []byte, t types.Type, v int64) []byte {
	if t.IsDatetime() {
		return append(types.AppendInt(append(dst, '"'), t, v, time.UTC), '"')
	}
	return types.AppendInt(dst, t, v, time.UTC)
}

// appendString appends a text as JSON. Bytes that are no UTF-8 are replaced, as JSON cannot have them.
func appendString(dst []byte, s string) []byte {
	const digits = "0123456789abcdef"
	dst = append(dst, '"')
	from := 0
	for i := 0; i < len(s); {
		c := s[i]
		if c >= utf8.RuneSelf {
			r, n := utf8.DecodeRuneInString(s[i:])
			if r == utf8.RuneError && n == 1 {
				dst = append(append(dst, s[from:i]...), "\ufffd"...)
				from = i + 1
			}
			i += n
			continue
		}
		if c >= ' ' && c != '"' && c != '\\' {
			i++
			continue
		}
		dst = append(dst, s[from:i]...)
		switch c {
		case '"', '\\':
			dst = append(dst, '\\', c)
		case '\n':
			dst = append(dst, '\\', 'n')
		case '\r':
			dst = append(dst, '\\', 'r')
		case '\t':
			dst = append(dst, '\\', 't')
		default:
			dst = append(dst, '\\', 'u', '0', '0', digits[c>>4], digits[c&15])
		}
		i++
		from = i
	}
	return append(append(dst, s[from:]...), '"')
}
