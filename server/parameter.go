package server

import (
	"encoding/binary"
	"math"
	"strconv"
	"strings"
	"unicode/utf8"

	"github.com/redshiftsim/redshiftsim/internal/sqlstate"
	"github.com/redshiftsim/redshiftsim/internal/types"
)

// typeOf is the type that a client means with an OID. TUnknown leaves it to the statement: also for NUMERIC and CHAR, whose modifiers no client says.
func typeOf(oid uint32) types.Type {
	switch oid {
	case 25, 1043:
		return types.TVarcharMax
	}
	for _, t := range [...]types.Type{
		types.TBool, types.TInt2, types.TInt4, types.TInt8, types.TFloat4, types.TFloat8, types.TDate, types.TTime, types.TTimeTZ, types.TTimestamp,
		types.TTimestampTZ, types.TInterval, types.TOID,
	} {
		if t.OID() == oid {
			return t
		}
	}
	return types.TUnknown
}

// Values of dates and timestamps that stand for infinity: Redshift has none.
const (
	lastDate  = math.MaxInt32
	firstDate = math.MinInt32
)

// parameter reads a value of Bind; b nil = NULL. Text is left to the session, which reads it in its style.
func parameter(b []byte, t types.Type, format int16, number int) (types.Datum, error) {
	switch {
	case b == nil:
		return types.NullOf(types.TUnknown), nil
	case format == textFormat:
		return textParameter(b)
	case format != binaryFormat:
		return types.Datum{}, sqlstate.InvalidParameterValue.Errorf("unsupported format code: %d", format)
	}
	d, ok, err := binaryParameter(b, t)
	if err == nil && !ok {
		err = sqlstate.Code("22P03").Errorf("incorrect binary data format in bind parameter %d", number)
	}
	return d, err
}

// textParameter is a text: it must be UTF-8 without a zero byte.
func textParameter(b []byte) (types.Datum, error) {
	s := string(b)
	if strings.IndexByte(s, 0) >= 0 {
		return types.Datum{}, sqlstate.InvalidByteSequence.Errorf("invalid byte sequence for encoding \"UTF8\": 0x00")
	}
	if !utf8.ValidString(s) {
		for i, r := range s {
			if _, n := utf8.DecodeRuneInString(s[i:]); r == utf8.RuneError && n == 1 {
				return types.Datum{}, sqlstate.InvalidByteSequence.Errorf("invalid byte sequence for encoding \"UTF8\": 0x%02x", s[i])
			}
		}
	}
	return types.Datum{Type: types.TUnknown, Text: s}, nil
}

// binaryParameter reads a value in the binary form of its type; false = it has another length, or is none.
func binaryParameter(b []byte, t types.Type) (d types.Datum, ok bool, err error) {
	d.Type = t
	switch t.Kind {
	case types.Bool:
		if ok = len(b) == 1; ok {
			d.Bool = b[0] != 0
		}
	case types.Int2:
		if ok = len(b) == 2; ok {
			d.Int = int64(int16(binary.BigEndian.Uint16(b)))
		}
	case types.OID:
		if ok = len(b) == 4; ok {
			d.Int = int64(binary.BigEndian.Uint32(b))
		}
	case types.Int4, types.IntervalYM, types.Date:
		if ok = len(b) == 4; ok {
			d.Int = int64(int32(binary.BigEndian.Uint32(b)))
		}
		if t.Kind == types.Date && (d.Int == lastDate || d.Int == firstDate) {
			return d, ok, sqlstate.DatetimeOverflow.Errorf("date out of range")
		}
	case types.Int8, types.Time, types.Timestamp, types.TimestampTZ, types.IntervalDS:
		if ok = len(b) == 8; ok {
			d.Int = int64(binary.BigEndian.Uint64(b))
		}
		if (t.Kind == types.Timestamp || t.Kind == types.TimestampTZ) && (d.Int == math.MaxInt64 || d.Int == math.MinInt64) {
			return d, ok, sqlstate.DatetimeOverflow.Errorf("timestamp out of range")
		}
		if t.Kind == types.Time && (d.Int < 0 || d.Int > types.MicrosPerDay) {
			return d, ok, sqlstate.DatetimeOverflow.Errorf("time out of range")
		}
	case types.Float4:
		if ok = len(b) == 4; ok {
			d.Float = float64(math.Float32frombits(binary.BigEndian.Uint32(b)))
		}
	case types.Float8:
		if ok = len(b) == 8; ok {
			d.Float = math.Float64frombits(binary.BigEndian.Uint64(b))
		}
	case types.TimeTZ:
		if ok = len(b) == 12; ok {
			d.Wide = types.Int128{Hi: -int64(int32(binary.BigEndian.Uint32(b[8:]))), Lo: binary.BigEndian.Uint64(b)}
		}
	case types.Interval:
		if ok = len(b) == 16; ok {
			days := int64(int32(binary.BigEndian.Uint32(b[8:])))
			d.Wide = types.MakeInterval(int64(int32(binary.BigEndian.Uint32(b[12:]))), int64(binary.BigEndian.Uint64(b))+days*types.MicrosPerDay)
		}
	case types.Numeric:
		var text []byte
		text, ok = numericText(b)
		return types.Datum{Type: types.TUnknown, Text: string(text)}, ok, nil
	case types.Varbyte:
		d.Text, ok = string(b), t.Len == 0 || len(b) <= int(t.Len)
		if !ok {
			return d, false, sqlstate.StringTruncation.Errorf("value too long for type %s", t)
		}
	default:
		if t.IsArray() && hasBinary(t.Element()) {
			return arrayParameter(b, t)
		}
		d, err = textParameter(b)
		return d, true, err
	}
	return d, ok, nil
}

// maxNumericScale is PostgreSQL's.
const maxNumericScale = 16383

// numericText prints a numeric in binary form.
func numericText(b []byte) ([]byte, bool) {
	if len(b) < 8 {
		return nil, false
	}
	n := int(binary.BigEndian.Uint16(b))
	weight, sign, scale := int(int16(binary.BigEndian.Uint16(b[2:]))), binary.BigEndian.Uint16(b[4:]), int(binary.BigEndian.Uint16(b[6:]))
	digits := b[8:]
	if sign == numericNaN {
		return []byte("NaN"), true
	}
	if len(digits) != 2*n || sign != 0 && sign != numericMinus || scale > maxNumericScale || weight > 4096 || weight < -4096 {
		return nil, false
	}
	group := func(g int) (int, bool) { // of weight g
		i := weight - g
		if i < 0 || i >= n {
			return 0, true
		}
		d := int(binary.BigEndian.Uint16(digits[2*i:]))
		return d, d < 10000
	}
	var dst []byte
	if sign == numericMinus {
		dst = append(dst, '-')
	}
	if weight < 0 {
		dst = append(dst, '0')
	}
	for g := weight; g >= 0; g-- {
		d, ok := group(g)
		if !ok {
			return nil, false
		}
		if g < weight {
			dst = appendFour(dst, d)
		} else {
			dst = strconv.AppendInt(dst, int64(d), 10)
		}
	}
	if scale == 0 {
		return dst, true
	}
	dst = append(dst, '.')
	end := len(dst) + scale
	for g := -1; len(dst) < end; g-- {
		d, ok := group(g)
		if !ok {
			return nil, false
		}
		dst = appendFour(dst, d)
	}
	return dst[:end], true
}

// appendFour writes four digits.
func appendFour(dst []byte, d int) []byte {
	return append(dst, byte('0'+d/1000), byte('0'+d/100%10), byte('0'+d/10%10), byte('0'+d%10))
}
