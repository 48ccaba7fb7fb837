package load

import (
	"encoding/binary"
	"fmt"
	"math"
	"strings"

	"github.com/parquet-go/parquet-go"
	"github.com/parquet-go/parquet-go/format"

	"github.com/redshiftsim/redshiftsim/internal/types"
	"github.com/redshiftsim/redshiftsim/internal/vector"
)

// parquetValues writes a value of a file, which is not NULL, to row n of col.
type parquetValues func(r *Reader, v *parquet.Value, col *vector.Vector, n int) *RowError

// valuesOf chooses the conversion of a column of a file; nil = the file's type does not fit the column's. A number fits a type that holds all of its own.
func valuesOf(c *Column, i int, f *parquet.Column) parquetValues {
	t := c.Type
	var logical any
	if l := f.Type().LogicalType(); l != nil {
		logical = l.Value
	}
	kind := f.Type().Kind()
	switch l := logical.(type) {
	case *format.DecimalType:
		return decimalValues(t, kind, l)
	case *format.DateType:
		if t.Kind == types.Date {
			return func(_ *Reader, v *parquet.Value, col *vector.Vector, n int) *RowError {
				col.Int64s[n] = int64(v.Int32()) - unixDays
				return nil
			}
		}
		return nil
	case *format.TimestampType:
		return timestampValues(t, l.Unit.Value)
	case *format.TimeType:
		return timeValues(t, kind, l.Unit.Value)
	case *format.UUIDType:
		return nil
	case *format.IntType:
		return integerValues(t, kind, int(l.BitWidth), l.IsSigned)
	}
	switch kind {
	case parquet.Boolean:
		if t.Kind == types.Bool {
			return func(_ *Reader, v *parquet.Value, col *vector.Vector, n int) *RowError {
				col.Bools[n] = v.Boolean()
				return nil
			}
		}
	case parquet.Int32:
		return integerValues(t, kind, 32, true)
	case parquet.Int64:
		return integerValues(t, kind, 64, true)
	case parquet.Int96:
		return int96Values(t)
	case parquet.Float:
		if t.Kind == types.Float4 || t.Kind == types.Float8 {
			return func(_ *Reader, v *parquet.Value, col *vector.Vector, n int) *RowError {
				col.Floats[n] = float64(v.Float())
				return nil
			}
		}
	case parquet.Double:
		if t.Kind == types.Float8 {
			return func(_ *Reader, v *parquet.Value, col *vector.Vector, n int) *RowError {
				col.Floats[n] = v.Double()
				return nil
			}
		}
	case parquet.ByteArray, parquet.FixedLenByteArray:
		return textValues(t, i)
	}
	return nil
}

// unixDays is the number of days from 1970-01-01, where Parquet counts from, to 2000-01-01.
const unixDays = 10957

// julian2000 is the Julian day of 2000-01-01.
const julian2000 = 2451545

// unixMicros is the same in microseconds.
const unixMicros = unixDays * day

// integerValues reads integers of so many bits.
func integerValues(t types.Type, kind parquet.Kind, bits int, signed bool) parquetValues {
	room := map[types.Kind]int{types.Int2: 16, types.Int4: 32, types.Int8: 64}[t.Kind]
	if !signed {
		bits++
	}
	if bits > room {
		return nil
	}
	if kind == parquet.Int32 {
		return func(_ *Reader, v *parquet.Value, col *vector.Vector, n int) *RowError {
			if col.Int64s[n] = int64(v.Int32()); !signed {
				col.Int64s[n] = int64(v.Uint32())
			}
			return nil
		}
	}
	return func(_ *Reader, v *parquet.Value, col *vector.Vector, n int) *RowError {
		col.Int64s[n] = v.Int64()
		return nil
	}
}

// unscaled is the number of a decimal without its point; ok is false when it is wider than 128 bits.
func unscaled(kind parquet.Kind, v *parquet.Value) (x types.Int128, ok bool) {
	switch kind {
	case parquet.Int32:
		return types.FromInt64(int64(v.Int32())), true
	case parquet.Int64:
		return types.FromInt64(v.Int64()), true
	}
	return bigEndian(v.ByteArray())
}

// decimalValues reads decimals, whose scale must be the column's.
func decimalValues(t types.Type, kind parquet.Kind, l *format.DecimalType) parquetValues {
	if t.Kind != types.Numeric || int32(t.Scale) != l.Scale || int32(t.Prec) < l.Precision {
		return nil
	}
	limit := types.Pow10(int(t.Prec))
	wide := t.Lane() == types.LaneWide
	return func(_ *Reader, v *parquet.Value, col *vector.Vector, n int) *RowError {
		x, ok := unscaled(kind, v)
		neg := x.Cmp(types.Int128{}) < 0
		if neg {
			x = x.Neg()
		}
		if !ok || x.Cmp(types.Int128{}) < 0 {
			return &RowError{Code: 1222, Reason: "Overflow, Type: Decimal"}
		}
		return store(x, neg, limit, wide, nil, t, col, n)
	}
}

// bigEndian reads a number in two's complement; ok is false when it is too large.
func bigEndian(b []byte) (x types.Int128, ok bool) {
	fill := byte(0)
	if len(b) > 0 && b[0] >= 0x80 {
		fill = 0xFF
	}
	for len(b) > 16 {
		if b[0] != fill || (b[1]^fill) >= 0x80 {
			return x, false
		}
		b = b[1:]
	}
	var full [16]byte
	for i := range full {
		full[i] = fill
	}
	copy(full[16-len(b):], b)
	return types.Int128{Hi: int64(binary.BigEndian.Uint64(full[:8])), Lo: binary.BigEndian.Uint64(full[8:])}, true
}

// inMicros brings times to microseconds: they are multiplied, or divided and rounded down.
func inMicros(unit format.TimeUnitValue) (mul, div int64) {
	switch unit.(type) {
	case *format.MilliSeconds:
		return 1000, 1
	case *format.NanoSeconds:
		return 1, 1000
	}
	return 1, 1
}

// timestampValues reads timestamps; what the file says of their zone does not count, as in Redshift, where both types hold UTC.
func timestampValues(t types.Type, unit format.TimeUnitValue) parquetValues {
	if t.Kind != types.Timestamp && t.Kind != types.TimestampTZ {
		return nil
	}
	mul, div := inMicros(unit)
	return func(_ *Reader, v *parquet.Value, col *vector.Vector, n int) *RowError {
		x := v.Int64()
		if x > math.MaxInt64/mul || x < math.MinInt64/mul+unixMicros {
			return &RowError{Code: 1206, Reason: "Invalid timestamp format or value: out of range"}
		}
		col.Int64s[n] = floorDiv(x*mul, div) - unixMicros
		return nil
	}
}

// int96Values reads the timestamps of older writers: nanoseconds of the day and the Julian day.
func int96Values(t types.Type) parquetValues {
	if t.Kind != types.Timestamp && t.Kind != types.TimestampTZ {
		return nil
	}
	return func(_ *Reader, v *parquet.Value, col *vector.Vector, n int) *RowError {
		x := v.Int96()
		nanos := int64(uint64(x[0]) | uint64(x[1])<<32)
		days := int64(x[2]) - julian2000
		if days > 1<<26 || nanos < 0 || nanos > 2*1000*day {
			return &RowError{Code: 1206, Reason: "Invalid timestamp format or value: out of range"}
		}
		col.Int64s[n] = days*day + nanos/1000
		return nil
	}
}

// timeValues reads times of the day.
func timeValues(t types.Type, kind parquet.Kind, unit format.TimeUnitValue) parquetValues {
	if t.Kind != types.Time {
		return nil
	}
	mul, div := inMicros(unit)
	return func(_ *Reader, v *parquet.Value, col *vector.Vector, n int) *RowError {
		x := v.Int64()
		if kind == parquet.Int32 {
			x = int64(v.Int32())
		}
		if x < 0 || x*mul/div > day {
			return &RowError{Code: 1206, Reason: "Invalid timestamp format or value: out of range"}
		}
		col.Int64s[n] = x * mul / div
		return nil
	}
}

// textValues reads strings into character columns, bytes into VARBYTE.
func textValues(t types.Type, i int) parquetValues {
	if t.Kind == types.Varbyte {
		return func(_ *Reader, v *parquet.Value, col *vector.Vector, n int) *RowError {
			return bytesOf(v.ByteArray(), int(t.Len), col, n)
		}
	}
	if t.Kind != types.Char && t.Kind != types.Varchar {
		return nil
	}
	return func(r *Reader, v *parquet.Value, col *vector.Vector, n int) *RowError {
		bad := r.conv[i](r, v.ByteArray(), col, n)
		if bad != nil {
			bad.RawField = clip(strings.ToValidUTF8(string(v.ByteArray()), "?"), 1024)
		}
		if bad != nil && bad.Code == 1204 { // the message tells the length
			bad.RawField = itoa(len(v.ByteArray()))
		}
		return bad
	}
}

// upperType is a column's type as Spectrum's messages name it.
func upperType(t types.Type) string { return strings.ToUpper(t.String()) }

// schemaText is a column of a file as the messages show it: "optional int64 id".
func schemaText(c *parquet.Column) string {
	how := "required"
	if c.Optional() {
		how = "optional"
	}
	if c.Repeated() {
		how = "repeated"
	}
	what := "group"
	if c.Leaf() {
		what = strings.ToLower(c.Type().String())
	}
	return fmt.Sprintf("%s %s %s", how, what, c.Name())
}
