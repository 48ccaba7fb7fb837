package redshiftsim

import (
	"database/sql/driver"
	"errors"
	"fmt"
	"io"
	"reflect"
	"strings"
	"time"

	"github.com/redshiftsim/redshiftsim/engine"
	"github.com/redshiftsim/redshiftsim/internal/types"
	"github.com/redshiftsim/redshiftsim/internal/vector"
)

// rows gives a result row by row. It is the only place where a value leaves its vector and becomes a driver.Value.
//
//	batch [year: narrow U16+1900 | title: dict codes | price: int64 numeric]    sel [3 17 ..]
//	   Next: int64(1979), "Alien", "12.50"
//
// A value costs at most one allocation, the box of its interface: texts point into the block or the batch, and what must be printed (numerics, padded
// CHARs) is printed once a batch into one string.
type rows struct {
	r       *engine.Result
	s       *engine.Session
	zone    *time.Location
	names   []string
	columns []cells
	batch   *vector.Batch
	at, n   int // next row of the batch, and how many it has

	fewNames [4]string // room of names and columns, when they are few
	fewCells [4]cells
}

var (
	_ driver.Rows                           = (*rows)(nil)
	_ driver.RowsNextResultSet              = (*rows)(nil)
	_ driver.RowsColumnTypeDatabaseTypeName = (*rows)(nil)
	_ driver.RowsColumnTypeLength           = (*rows)(nil)
	_ driver.RowsColumnTypeNullable         = (*rows)(nil)
	_ driver.RowsColumnTypePrecisionScale   = (*rows)(nil)
	_ driver.RowsColumnTypeScanType         = (*rows)(nil)
)

// cells is one column of the rows.
type cells struct {
	typ   types.Type
	as    valueKind
	vec   *vector.Vector
	print *printed // when as is asPrinted
}

// printed are a column's values in a batch as texts, which are parts of one.
type printed struct {
	texts []string // of the batch's live rows
	buf   []byte
	ends  []int
}

// valueKind is the Go type that a column's values get.
type valueKind uint8

const (
	asBool valueKind = iota
	asInt
	asTime
	asFloat
	asText
	asPrinted // a string that is printed: numerics, padded char, times, intervals, bytes, SUPER as JSON
)

// kindOf says how a type's values are given.
func kindOf(t types.Type) valueKind {
	switch t.Kind {
	case types.Bool:
		return asBool
	case types.Int2, types.Int4, types.Int8, types.OID:
		return asInt
	case types.Date, types.Timestamp, types.TimestampTZ:
		return asTime
	case types.Float4, types.Float8:
		return asFloat
	case types.Varchar, types.Text, types.Name, types.Unknown:
		return asText
	}
	return asPrinted
}

// newRows starts on a result's first rows.
func newRows(s *engine.Session, r *engine.Result) *rows {
	x := &rows{r: r, s: s, zone: s.Location()}
	x.describe()
	return x
}

// describe takes over the columns of the rows at hand.
func (r *rows) describe() {
	cols := r.r.Columns()
	if n := len(cols); n <= len(r.fewNames) && r.names == nil { // names that were given out stay what they are
		r.names, r.columns = r.fewNames[:n:n], r.fewCells[:n]
	} else {
		r.names, r.columns = make([]string, n), make([]cells, n)
	}
	for i := range cols {
		r.names[i] = cols[i].Name
		r.columns[i] = cells{typ: cols[i].Type, as: kindOf(cols[i].Type)}
	}
	r.batch, r.at, r.n = nil, 0, 0
}

// Columns names the columns.
func (r *rows) Columns() []string { return r.names }

// Close ends the result: rows that are left are dropped, statements that are left run.
func (r *rows) Close() error {
	if r.r == nil {
		return nil
	}
	err := r.r.Close()
	r.r.Release()
	r.r, r.batch, r.at, r.n = nil, nil, 0, 0
	return err
}

// HasNextResultSet says whether statements are left.
func (r *rows) HasNextResultSet() bool { return r.r != nil && r.r.HasNext() }

// NextResultSet goes on to the rows of the next statement that gives any.
func (r *rows) NextResultSet() error {
	if r.r == nil {
		return io.EOF
	}
	more, err := r.r.NextResult()
	if err != nil {
		return err
	}
	if !more {
		return io.EOF
	}
	r.describe()
	return nil
}

// Next gives the next row.
func (r *rows) Next(dest []driver.Value) error {
	for r.at >= r.n {
		if err := r.fetch(); err != nil {
			return err
		}
	}
	i := r.at
	r.at++
	row := i
	if r.batch.Sel != nil {
		row = int(r.batch.Sel[i])
	}
	for c := range r.columns {
		dest[c] = r.columns[c].value(row, i, r.zone)
	}
	return nil
}

// fetch takes the next batch.
func (r *rows) fetch() error {
	if r.r == nil {
		return io.EOF
	}
	b, err := r.r.Next()
	if errors.Is(err, engine.LostConnection()) {
		return fmt.Errorf("%w: %w", driver.ErrBadConn, err)
	}
	if err != nil {
		return err
	}
	if b == nil {
		return io.EOF
	}
	r.batch, r.at, r.n = b, 0, b.Rows()
	for c := range r.columns {
		x := &r.columns[c]
		x.vec = b.Columns[c]
		if x.as == asPrinted {
			x.write(b, r.s.Style())
		}
	}
	return nil
}

// write prints the column's values in the batch into one string. Of the session's style only that of intervals is seen: dates and floats are no strings.
func (c *cells) write(b *vector.Batch, style types.Style) {
	if c.print == nil {
		c.print = &printed{}
	}
	p := c.print
	buf, ends := p.buf[:0], p.ends[:0]
	for i := range b.Rows() {
		if b.Sel != nil {
			i = int(b.Sel[i])
		}
		d := c.vec.Get(i)
		d.Type = c.typ
		buf = style.AppendText(buf, &d, time.UTC)
		ends = append(ends, len(buf))
	}
	all := string(buf)
	texts, from := p.texts[:0], 0
	for _, to := range ends {
		texts = append(texts, all[from:to])
		from = to
	}
	p.buf, p.ends, p.texts = buf, ends, texts
}

// value is the value of physical row `row`, which is live row `live` of the batch.
func (c *cells) value(row, live int, zone *time.Location) driver.Value {
	v := c.vec
	if v.Nulls != nil && v.Null(row) {
		return nil
	}
	switch c.as {
	case asInt:
		return v.Int64(row)
	case asTime:
		return types.TimeOf(c.typ.Kind, v.Int64(row), zone)
	case asPrinted:
		return c.print.texts[live]
	}
	switch v, row = v.At(row); c.as {
	case asText:
		return v.Texts[row]
	case asFloat:
		return v.Floats[row]
	}
	return v.Bools[row]
}

// ColumnTypeDatabaseTypeName is the type's name as lib/pq and pgx have it: INT8, VARCHAR, NUMERIC, TIMESTAMPTZ.
func (r *rows) ColumnTypeDatabaseTypeName(i int) string {
	return strings.ToUpper(r.columns[i].typ.DatabaseTypeName())
}

// ColumnTypeLength is the declared length in bytes of a char or varchar.
func (r *rows) ColumnTypeLength(i int) (int64, bool) {
	t := r.columns[i].typ
	switch t.Kind {
	case types.Char, types.Varchar, types.Varbyte:
		return int64(t.Len), t.Len > 0
	}
	return 0, false
}

// ColumnTypeNullable is not told by Redshift.
func (r *rows) ColumnTypeNullable(int) (nullable, ok bool) { return true, false }

// ColumnTypePrecisionScale is that of a numeric.
func (r *rows) ColumnTypePrecisionScale(i int) (precision, scale int64, ok bool) {
	t := r.columns[i].typ
	if t.Kind != types.Numeric || t.Prec == 0 {
		return 0, 0, false
	}
	return int64(t.Prec), int64(t.Scale), true
}

// ColumnTypeScanType is a Go type that holds the column's values; NULL needs a pointer to it, or an sql.Null type.
func (r *rows) ColumnTypeScanType(i int) reflect.Type {
	switch c := &r.columns[i]; c.as {
	case asBool:
		return reflect.TypeFor[bool]()
	case asInt:
		switch c.typ.Kind {
		case types.Int2:
			return reflect.TypeFor[int16]()
		case types.Int4:
			return reflect.TypeFor[int32]()
		}
		return reflect.TypeFor[int64]()
	case asTime:
		return reflect.TypeFor[time.Time]()
	case asFloat:
		if c.typ.Kind == types.Float4 {
			return reflect.TypeFor[float32]()
		}
		return reflect.TypeFor[float64]()
	}
	return reflect.TypeFor[string]()
}
