package passthrough

import (
	"database/sql/driver"
	"encoding/binary"
	"encoding/hex"
	"io"
	"math"
	"reflect"
	"regexp"
	"strconv"
	"strings"
	"time"

	"github.com/jackc/pgx/v5/pgconn"
	"github.com/jackc/pgx/v5/pgtype"

	"github.com/redshiftsim/redshiftsim/internal/sqlstate"
	"github.com/redshiftsim/redshiftsim/internal/types"
)

// results are what the statements of one text give, one after the other.
type results interface {
	next() *pgconn.ResultReader // nil = there is no other, or it failed: close says which
	close() error
}

// several are the results of a simple query.
type several struct{ m *pgconn.MultiResultReader }

func (s *several) next() *pgconn.ResultReader {
	if !s.m.NextResult() {
		return nil
	}
	return s.m.ResultReader()
}

func (s *several) close() error { return s.m.Close() }

// single is the result of one statement with arguments.
type single struct {
	r    *pgconn.ResultReader
	done bool
}

func (s *single) next() *pgconn.ResultReader {
	if s.done {
		return nil
	}
	s.done = true
	return s.r
}

func (s *single) close() error {
	_, err := s.r.Close()
	return err
}

// rows gives a text's rows. The next result set is sought before it is asked for, since database/sql wants to know whether there is one.
type rows struct {
	c       *conn
	res     results
	r       *pgconn.ResultReader // nil = none
	columns []column
	zone    *time.Location // of timestamptz
	after   *pgconn.ResultReader
	looked  bool // after is the next result
	err     error
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

// column is one column: its type as the engine has it, or the name of one that it has not.
type column struct {
	name string
	typ  types.Type
	// other is the name of a type that is none of Redshift's; its values are texts.
	other string
	bytea bool
	bits  bool // a float comes as its bytes
}

// kinds finds a type by its number on the wire.
var kinds = func() map[uint32]types.Kind {
	m := map[uint32]types.Kind{3999: types.Geometry} // clusters send 3999 for 3000
	for k := range types.NumKinds {
		m[types.Type{Kind: k}.OID()] = k
	}
	return m
}()

// describe reads the columns of a result.
func describe(fields []pgconn.FieldDescription) []column {
	out := make([]column, len(fields))
	for i, f := range fields {
		c := column{name: f.Name, bits: f.Format == pgtype.BinaryFormatCode}
		mod := f.TypeModifier - 4
		kind, ok := kinds[f.DataTypeOID]
		switch c.typ.Kind = kind; {
		case f.DataTypeOID == pgtype.ByteaOID:
			c.typ.Kind, c.bytea = types.Varbyte, true
		case !ok:
			c.typ.Kind, c.other = types.Unknown, otherName(f.DataTypeOID)
		case mod < 0:
		case kind == types.Char, kind == types.Varchar, kind == types.Varbyte:
			c.typ.Len = mod
		case kind == types.Numeric:
			c.typ.Prec, c.typ.Scale = uint8(mod>>16), uint8(mod)
		}
		out[i] = c
	}
	return out
}

// otherName names a type that Redshift has not.
func otherName(oid uint32) string {
	if t, ok := pgtype.NewMap().TypeForOID(oid); ok {
		return strings.ToUpper(t.Name)
	}
	return strconv.FormatUint(uint64(oid), 10)
}

// newRows goes to the first result that has rows.
func newRows(c *conn, res results) (*rows, error) {
	r := &rows{c: c, res: res, zone: time.UTC}
	first := r.seek()
	if r.err != nil {
		return nil, r.err
	}
	r.take(first)
	return r, nil
}

// take starts on a result.
func (r *rows) take(next *pgconn.ResultReader) {
	r.r, r.columns = next, nil
	if next == nil {
		return
	}
	r.columns = describe(next.FieldDescriptions())
	if zone, err := types.LoadZone(r.c.pg.ParameterStatus("TimeZone")); err == nil {
		r.zone = zone
	}
}

// seek finds the next result that has columns; those without are read to their end.
func (r *rows) seek() *pgconn.ResultReader {
	for next := r.res.next(); next != nil; next = r.res.next() {
		if len(next.FieldDescriptions()) > 0 {
			return next
		}
		if _, err := next.Close(); err != nil {
			r.fail(err)
			return nil
		}
	}
	r.fail(r.res.close())
	return nil
}

// fail keeps the first error.
func (r *rows) fail(err error) {
	if err != nil && r.err == nil {
		r.err = translated(err)
		_ = r.res.close()
	}
}

// Columns names the columns.
func (r *rows) Columns() []string {
	out := make([]string, len(r.columns))
	for i, c := range r.columns {
		out[i] = c.name
	}
	return out
}

// Close drops rows that are left and lets the statements that are left run.
func (r *rows) Close() error {
	for r.r != nil {
		if err := r.NextResultSet(); err != nil {
			break
		}
	}
	r.fail(r.res.close())
	err := r.err
	r.err = nil
	return err
}

// Next gives the next row.
func (r *rows) Next(dest []driver.Value) error {
	if r.r == nil || r.looked {
		return io.EOF
	}
	if !r.r.NextRow() {
		if _, err := r.r.Close(); err != nil {
			r.fail(err)
			err, r.err = r.err, nil
			r.r = nil
			return err
		}
		r.after, r.looked = r.seek(), true
		return io.EOF
	}
	for i, text := range r.r.Values() {
		v, err := r.columns[i].value(text, r.zone)
		if err != nil {
			return err
		}
		dest[i] = v
	}
	return nil
}

// HasNextResultSet says whether a further statement gives rows, or fails.
func (r *rows) HasNextResultSet() bool { return r.looked && (r.after != nil || r.err != nil) }

// NextResultSet goes on to the rows of the next statement that gives any.
func (r *rows) NextResultSet() error {
	if !r.looked && r.r != nil {
		if _, err := r.r.Close(); err != nil {
			r.fail(err)
		} else {
			r.after = r.seek()
		}
	}
	next, err := r.after, r.err
	r.after, r.looked, r.err = nil, false, nil
	r.take(next)
	if next == nil && err == nil {
		err = io.EOF
	}
	return err
}

// value gives a text of the wire the Go value that the engine gives for the type:
//
//	smallint, integer, bigint, oid      int64
//	real, double precision              float64
//	boolean                             bool
//	date, timestamp                     time.Time in UTC
//	timestamptz                         time.Time in the zone of the session
//	numeric                             string, its digits as sent
//	char                                string, padded with blanks
//	time, timetz, interval              string as the engine prints it; an interval in another IntervalStyle than postgres as sent
//	varbyte, PostgreSQL's bytea         string of hexadecimal digits
//	super, geometry, all else           string as sent
//
// What the engine's types cannot hold, such as PostgreSQL's infinity, is an error.
func (c *column) value(text []byte, zone *time.Location) (driver.Value, error) {
	if text == nil {
		return nil, nil
	}
	if c.bits {
		switch len(text) {
		case 4:
			return float64(math.Float32frombits(binary.BigEndian.Uint32(text))), nil
		case 8:
			return math.Float64frombits(binary.BigEndian.Uint64(text)), nil
		}
		return nil, sqlstate.Code("08P01").Errorf("%d bytes are no floating-point number", len(text))
	}
	s := string(text)
	switch c.typ.Kind {
	case types.Interval, types.IntervalYM, types.IntervalDS, types.Time, types.TimeTZ:
		if k := c.typ.Kind; k != types.Time && k != types.TimeTZ && styled(s) {
			return s, nil
		}
		d, err := types.Parse(s, types.Type{Kind: c.typ.Kind}, zone)
		if err != nil {
			return s, nil
		}
		return types.Format(d, zone), nil
	case types.Varbyte:
		return bytes(s, c.bytea), nil
	case types.Bool, types.Int2, types.Int4, types.Int8, types.OID, types.Float4, types.Float8, types.Date, types.Timestamp, types.TimestampTZ:
	default:
		return s, nil
	}
	d, err := types.Parse(s, types.Type{Kind: c.typ.Kind}, zone)
	if err != nil {
		return nil, err
	}
	switch c.typ.Kind {
	case types.Bool:
		return d.Bool, nil
	case types.Float4, types.Float8:
		return d.Float, nil
	case types.Date, types.Timestamp, types.TimestampTZ:
		return types.TimeOf(c.typ.Kind, d.Int, zone), nil
	}
	return d.Int, nil
}

// plainInterval is a time alone, which the style postgres writes with two digits of hours.
var plainInterval = regexp.MustCompile(`^-?\d\d+:\d\d:\d\d(\.\d+)?$`)

// styled says that the text of an interval is in another style than postgres: "@ 1 day 2 hours", "1 2:03:04", "1-2", where that writes units.
func styled(s string) bool {
	return strings.HasPrefix(s, "@") || !strings.ContainsAny(s, "abcdefghijklmnopqrstuvwxyz") && !plainInterval.MatchString(s)
}

// bytes gives the hexadecimal digits of a bytea, which servers print as \x41 or, with bytea_output=escape, as A.
func bytes(s string, bytea bool) string {
	if !bytea {
		return s
	}
	if digits, ok := strings.CutPrefix(s, `\x`); ok {
		return digits
	}
	var raw []byte
	for i := 0; i < len(s); i++ {
		switch {
		case s[i] != '\\' || i+1 >= len(s):
			raw = append(raw, s[i])
		case s[i+1] == '\\':
			raw = append(raw, '\\')
			i++
		default:
			n, _ := strconv.ParseUint(s[i+1:min(i+4, len(s))], 8, 8)
			raw = append(raw, byte(n))
			i += 3
		}
	}
	return hex.EncodeToString(raw)
}

// ColumnTypeDatabaseTypeName is the type's name as the engine has it; of a type that Redshift has not, PostgreSQL's.
func (r *rows) ColumnTypeDatabaseTypeName(i int) string {
	switch c := &r.columns[i]; {
	case c.bytea:
		return "BYTEA"
	case c.other != "":
		return c.other
	default:
		return c.typ.DatabaseTypeName()
	}
}

// ColumnTypeLength is the declared length of a char or varchar, when the server sends one.
func (r *rows) ColumnTypeLength(i int) (int64, bool) {
	n := int64(r.columns[i].typ.Len)
	return n, n > 0
}

// ColumnTypeNullable is not told by servers.
func (r *rows) ColumnTypeNullable(int) (nullable, ok bool) { return true, false }

// ColumnTypePrecisionScale is that of a numeric, when the server sends one.
func (r *rows) ColumnTypePrecisionScale(i int) (precision, scale int64, ok bool) {
	t := r.columns[i].typ
	return int64(t.Prec), int64(t.Scale), t.Prec > 0
}

// scans are the Go types that hold values, where that is no string.
var scans = map[types.Kind]reflect.Type{
	types.Bool: reflect.TypeFor[bool](), types.Int2: reflect.TypeFor[int16](), types.Int4: reflect.TypeFor[int32](), types.Int8: reflect.TypeFor[int64](),
	types.OID: reflect.TypeFor[int64](), types.Float4: reflect.TypeFor[float32](), types.Float8: reflect.TypeFor[float64](),
	types.Date: reflect.TypeFor[time.Time](), types.Timestamp: reflect.TypeFor[time.Time](), types.TimestampTZ: reflect.TypeFor[time.Time](),
}

// ColumnTypeScanType is a Go type that holds the column's values; NULL needs a pointer to it, or an sql.Null type.
func (r *rows) ColumnTypeScanType(i int) reflect.Type {
	if t, ok := scans[r.columns[i].typ.Kind]; ok {
		return t
	}
	return reflect.TypeFor[string]()
}
