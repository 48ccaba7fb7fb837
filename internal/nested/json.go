package nested

import (
	"encoding/json"
	"strconv"
	"strings"

	"github.com/redshiftsim/redshiftsim/internal/super"
	"github.com/redshiftsim/redshiftsim/internal/types"
)

// JSON says how values are written as JSON, which json_serialization_enable asks for.
// https://docs.aws.amazon.com/redshift/latest/dg/serializing-complex-JSON.html
type JSON struct {
	// Inline writes strings that are JSON as they are: json_serialization_parse_nested_strings.
	Inline bool
}

// MaxJSON is how many bytes the JSON of a value may have; of one that has more the column is NULL.
// https://docs.aws.amazon.com/redshift/latest/dg/serializing-complex-JSON.html
const MaxJSON = types.MaxVarchar

// Append appends the JSON of a value of type t, which is complete: {"given": "John", "family": "Smith"}. Timestamps are texts of ISO 8601, keys of maps texts.
// https://docs.aws.amazon.com/redshift/latest/dg/serializing-complex-JSON.html
func (o *JSON) Append(dst []byte, t *Type, v super.Value) []byte {
	switch {
	case v.Kind() == super.Null:
		return append(dst, "null"...)
	case t.Kind == Scalar:
		return o.scalar(dst, t.Scalar, v)
	}
	open, end := byte('{'), byte('}')
	if t.Kind == Array {
		open, end = '[', ']'
	}
	dst = append(dst, open)
	for i := range v.Len() {
		if i > 0 {
			dst = append(dst, ", "...)
		}
		e, _ := v.Index(i)
		switch t.Kind {
		case Array:
			dst = o.Append(dst, t.Parts[0], e)
		case Map:
			key, _ := e.Index(0)
			dst = append(appendKey(dst, t.Parts[0].Scalar, key), ": "...)
			value, _ := e.Index(1)
			dst = o.Append(dst, t.Parts[1], value)
		default:
			dst = append(super.AppendQuoted(dst, t.Names[i]), ": "...)
			dst = o.Append(dst, t.Parts[i], e)
		}
	}
	return append(dst, end)
}

// scalar appends a scalar.
func (o *JSON) scalar(dst []byte, t types.Type, v super.Value) []byte {
	switch {
	case t.IsText():
		if s := v.Text(); o.Inline && json.Valid([]byte(s)) {
			return append(dst, s...)
		}
		return super.AppendQuoted(dst, v.Text())
	case t.Kind == types.Date, t.Kind == types.Timestamp:
		return super.AppendQuoted(dst, plain(t, v))
	}
	return append(dst, plain(t, v)...)
}

// appendKey appends the key of a map as a string.
func appendKey(dst []byte, t types.Type, v super.Value) []byte {
	return super.AppendQuoted(dst, plain(t, v))
}

// plain is the text of a scalar without quotes.
func plain(t types.Type, v super.Value) string {
	switch t.Kind {
	case types.Bool:
		return strconv.FormatBool(v.Bool())
	case types.Char, types.Varchar:
		return v.Text()
	case types.Float4, types.Float8:
		bits := 64
		if t.Kind == types.Float4 {
			bits = 32
		}
		return strconv.FormatFloat(v.Float(), 'f', -1, bits)
	case types.Timestamp:
		return isoTimestamp(v.Int())
	}
	d := types.Datum{Type: t, Int: v.Int()}
	if t.Lane() == types.LaneWide {
		d.Wide, _ = v.Decimal()
	}
	return d.String()
}

// isoTimestamp is 2018-03-01T11:59:59.000Z: milliseconds, or as many digits as it needs.
// https://docs.aws.amazon.com/redshift/latest/dg/serializing-complex-JSON.html
func isoTimestamp(x int64) string {
	d := types.Datum{Type: types.TTimestamp, Int: x}
	s, fraction, _ := strings.Cut(d.String(), ".")
	return strings.Replace(s, " ", "T", 1) + "." + fraction + "000"[min(len(fraction), 3):] + "Z"
}
