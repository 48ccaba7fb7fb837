package unload

import (
	"encoding/binary"
	"errors"
	"unsafe"

	"github.com/parquet-go/parquet-go"
	"github.com/parquet-go/parquet-go/compress/snappy"

	"github.com/redshiftsim/redshiftsim/engine/load"
	"github.com/redshiftsim/redshiftsim/internal/sqlstate"
	"github.com/redshiftsim/redshiftsim/internal/types"
	"github.com/redshiftsim/redshiftsim/internal/vector"
)

// rowGroups writes the rows of a slice as Parquet, version 1.0, compressed by Snappy.
//
//	smallint, integer INT32   bigint INT64   real FLOAT   double precision DOUBLE   boolean BOOLEAN   char, varchar BYTE_ARRAY (STRING)
//	date INT32 (DATE)   time INT64 (TIME_MICROS)   timestamp, timestamptz INT64 (TIMESTAMP_MICROS, without a zone)
//	super BYTE_ARRAY (JSON)
//	numeric INT32 up to 9 digits, INT64 up to 18, else FIXED_LEN_BYTE_ARRAY(16) (DECIMAL)
//
// https://docs.aws.amazon.com/redshift/latest/dg/r_UNLOAD.html#unload-parquet-usage
type rowGroups struct {
	w       *Writer
	schema  *parquet.Schema
	file    *parquet.GenericWriter[any]
	columns []*parquet.ColumnWriter
	most    int64 // bytes of a file
	group   int64 // bytes of a row group, before compression
	bytes   int64 // that the row group in hand has
	values  [vector.Size]parquet.Value
	wide    [vector.Size][16]byte
}

// From 1970-01-01, where Parquet counts from, to 2000-01-01.
const (
	unixDays   = 10957
	unixMicros = unixDays * types.MicrosPerDay
)

// newRowGroups prepares the schema of a writer's files.
func newRowGroups(w *Writer) *rowGroups {
	o := &w.job.Options
	t := &rowGroups{w: w, group: min(o.RowGroupSize, o.MaxFileSize)}
	t.most = o.MaxFileSize / t.group * t.group
	root := ordered{Group: parquet.Group{}}
	for _, c := range w.cols {
		one := parquet.Group{c.Name: parquet.Optional(nodeOf(c.Type))}
		root.fields = append(root.fields, one.Fields()...)
	}
	t.schema = parquet.NewSchema("schema", root)
	return t
}

// ordered is a group whose fields have an order of their own.
type ordered struct {
	parquet.Group
	fields []parquet.Field
}

// Fields gives the columns of the query in their order.
func (o ordered) Fields() []parquet.Field { return o.fields }

// nodeOf is the type of a column in the file.
func nodeOf(t types.Type) parquet.Node {
	switch t.Kind {
	case types.Bool:
		return parquet.Leaf(parquet.BooleanType)
	case types.Int2:
		return parquet.Int(16)
	case types.Int4:
		return parquet.Int(32)
	case types.Int8, types.OID:
		return parquet.Int(64)
	case types.Float4:
		return parquet.Leaf(parquet.FloatType)
	case types.Float8:
		return parquet.Leaf(parquet.DoubleType)
	case types.Date:
		return parquet.Date()
	case types.Time:
		return parquet.TimeAdjusted(parquet.Microsecond, false)
	case types.Timestamp, types.TimestampTZ:
		return parquet.TimestampAdjusted(parquet.Microsecond, false)
	case types.Numeric:
		physical := parquet.FixedLenByteArrayType(16)
		switch {
		case t.Prec <= 9:
			physical = parquet.Int32Type
		case t.Prec <= 18:
			physical = parquet.Int64Type
		}
		return parquet.Decimal(int(t.Scale), int(t.Prec), physical)
	case types.Super:
		return parquet.JSON()
	}
	return parquet.String()
}

// begin begins a file.
func (t *rowGroups) begin() error {
	codec := parquet.Compression(&snappy.Codec{})
	if t.w.job.Options.Plain {
		codec = parquet.Compression(&parquet.Uncompressed)
	}
	t.file = parquet.NewGenericWriter[any](t.w.out, t.schema, codec, parquet.DataPageVersion(1))
	t.columns, t.bytes = t.file.ColumnWriters(), 0
	return nil
}

// end ends the file.
func (t *rowGroups) end() error { return t.failed(t.file.Close()) }

// failed is an error of the file's writer.
func (t *rowGroups) failed(err error) error {
	var e *sqlstate.Error
	if err == nil || errors.As(err, &e) {
		return err
	}
	return load.StoreError(t.w.out.file.URL, err)
}

// rows writes the rows lo to hi of the batch in hand. A row group that is full is ended, and the file when it has no room for another.
func (t *rowGroups) rows(lo, hi int) error {
	if mid := (lo + hi) / 2; mid > lo && t.size(lo, hi) > t.group/4 { // long texts: sizes are looked at more often
		if err := t.rows(lo, mid); err != nil {
			return err
		}
		return t.rows(mid, hi)
	}
	w := t.w
	if err := w.begin(); err != nil {
		return err
	}
	for k, c := range w.cols {
		values, err := t.column(c, k, lo, hi)
		if err == nil {
			_, err = t.columns[k].WriteRowValues(values)
		}
		if err != nil {
			return t.failed(err)
		}
	}
	w.out.file.Rows += int64(hi - lo)
	if t.bytes < t.group {
		return nil
	}
	t.bytes = 0
	if err := t.file.Flush(); err != nil {
		return t.failed(err)
	}
	if w.out.bytes+t.group > t.most {
		return w.end()
	}
	return nil
}

// size is the number of bytes of the texts in rows of the batch in hand.
func (t *rowGroups) size(lo, hi int) (n int64) {
	for _, c := range t.w.cols {
		if c.isText {
			for _, s := range c.flat.Texts[lo:hi] {
				n += int64(len(s))
			}
		}
	}
	return n
}

// column makes values of a column's rows; they are valid until the next call, or the next batch.
func (t *rowGroups) column(c *column, k, lo, hi int) ([]parquet.Value, error) {
	v := c.flat
	out := t.values[:hi-lo]
	switch c.Type.Kind {
	case types.Bool:
		for i := range out {
			out[i] = parquet.BooleanValue(v.Bools[lo+i])
		}
	case types.Int2, types.Int4:
		for i := range out {
			out[i] = parquet.Int32Value(int32(v.Int64s[lo+i]))
		}
	case types.Int8, types.OID, types.Time:
		for i := range out {
			out[i] = parquet.Int64Value(v.Int64s[lo+i])
		}
	case types.Date:
		for i := range out {
			out[i] = parquet.Int32Value(int32(v.Int64s[lo+i] + unixDays))
		}
	case types.Timestamp, types.TimestampTZ:
		for i := range out {
			if v.Int64s[lo+i] > types.MaxTimestamp-unixMicros && !v.Null(lo+i) {
				return nil, sqlstate.DatetimeOverflow.Errorf("timestamp out of range of a Parquet file")
			}
			out[i] = parquet.Int64Value(v.Int64s[lo+i] + unixMicros)
		}
	case types.Float4:
		for i := range out {
			out[i] = parquet.FloatValue(float32(v.Floats[lo+i]))
		}
	case types.Float8:
		for i := range out {
			out[i] = parquet.DoubleValue(v.Floats[lo+i])
		}
	case types.Numeric:
		t.decimals(c, out, lo)
	default:
		for i := range out {
			s := v.Texts[lo+i]
			t.bytes += int64(len(s))
			out[i] = parquet.ByteArrayValue(unsafe.Slice(unsafe.StringData(s), len(s))) // it is only read
		}
	}
	t.bytes += 8 * int64(len(out))
	for i := range out {
		if v.Nulls != nil && v.Null(lo+i) {
			out[i] = parquet.NullValue().Level(0, 0, k)
		} else {
			out[i] = out[i].Level(0, 1, k)
		}
	}
	return out, nil
}

// decimals makes values of a NUMERIC column, in the physical type that its precision has.
func (t *rowGroups) decimals(c *column, out []parquet.Value, lo int) {
	v := c.flat
	switch {
	case c.Type.Prec <= 9:
		for i := range out {
			out[i] = parquet.Int32Value(int32(v.Int64s[lo+i]))
		}
	case c.Type.Prec <= 18:
		for i := range out {
			out[i] = parquet.Int64Value(v.Int64s[lo+i])
		}
	default:
		t.bytes += 8 * int64(len(out))
		for i := range out {
			x := types.Int128{}
			if v.Wides != nil {
				x = v.Wides[lo+i]
			} else {
				x = types.FromInt64(v.Int64s[lo+i])
			}
			binary.BigEndian.PutUint64(t.wide[i][:8], uint64(x.Hi))
			binary.BigEndian.PutUint64(t.wide[i][8:], x.Lo)
			out[i] = parquet.FixedLenByteArrayValue(t.wide[i][:])
		}
	}
}
