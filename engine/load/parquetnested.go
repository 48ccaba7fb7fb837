package load

import (
	"encoding/hex"
	"errors"
	"io"
	"math"
	"unicode/utf8"

	"github.com/parquet-go/parquet-go"
	"github.com/parquet-go/parquet-go/format"

	"github.com/redshiftsim/redshiftsim/internal/super"
	"github.com/redshiftsim/redshiftsim/internal/types"
	"github.com/redshiftsim/redshiftsim/internal/vector"
)

// nestedValues makes SUPER values of a column of a Parquet file, structures and lists within it, and of plain columns too. The values of the leaves lie in chunks of
// their own; levels say what is NULL, what is empty and where a list goes on:
//
//	optional group l (LIST) { repeated group list { optional int32 element } }
//
//	rows       [1, 2]   []   NULL   [NULL]
//	values      1    2   -    -       -
//	definition  3    3   1    0       2         3 = a value, 2 = NULL in the list, 1 = an empty list, 0 = no list
//	repetition  0    1   0    0       0         1 = the list of the row goes on
//
// Of columns of external tables, whose types say what is wanted, it makes values of package nested (nestedcolumn.go).
// https://github.com/apache/parquet-format/blob/master/LogicalTypes.md#nested-types
type nestedValues struct {
	root   *part
	leaves []*leaf
	b      super.Builder
}

// partKind is what a part of a schema makes.
type partKind uint8

const (
	scalarPart partKind = iota
	structPart          // an object of its parts
	listPart            // an array of what is in its one repeated part
	mapPart             // an object of the keys and values in its one repeated part
	tuplePart           // an array of its parts
	absentPart          // null: the file has it not, or nobody reads it
	passedPart          // null: its one leaf is only there to count how often it is there
)

// part is a column, or a column within it.
type part struct {
	name       string
	kind       partKind
	optional   bool
	repeated   bool
	definition int  // level from which on it is there
	repetition int  // level at which it goes on
	wrapper    bool // it is repeated around what a list holds
	parts      []*part
	first      int // leaf
	last       int // the one behind its last leaf
	add        func(b *super.Builder, v *parquet.Value) error
}

// leaf reads the values of a chunk one by one.
type leaf struct {
	at    int // its number within the column
	chunk *chunkReader
	buf   [columnar]parquet.Value
	lo    int
	hi    int
}

// errNested is the error of levels that do not fit the schema.
var errNested = errors.New("the levels of a nested column do not fit its schema")

// newNested prepares a column of a file; false when it holds what no SUPER value can be made of.
func newNested(c *parquet.Column) (*nestedValues, bool) {
	n := &nestedValues{}
	ok := true
	n.root = n.partOf(c, &ok)
	return n, ok
}

// levels begins a part of a column.
func (n *nestedValues) levels(c *parquet.Column) *part {
	return &part{name: c.Name(), optional: c.Optional(), repeated: c.Repeated(), definition: c.MaxDefinitionLevel(), repetition: c.MaxRepetitionLevel(), first: len(n.leaves)}
}

// partOf takes a column of the schema apart.
func (n *nestedValues) partOf(c *parquet.Column, ok *bool) *part {
	p := n.levels(c)
	if c.Leaf() {
		n.leaves = append(n.leaves, &leaf{at: len(n.leaves)})
		p.add = scalarOf(c.Type())
		*ok = *ok && p.add != nil
	}
	for _, x := range c.Columns() {
		p.parts = append(p.parts, n.partOf(x, ok))
	}
	p.last = len(n.leaves)
	switch {
	case c.Leaf():
	case wraps(c, "LIST"):
		p.kind, p.parts[0].wrapper = listPart, holdsElement(c)
	case wraps(c, "MAP") && len(p.parts[0].parts) == 2:
		p.kind = mapPart
	default:
		p.kind = structPart
	}
	return p
}

// wraps says that a group is a list or a map with its one repeated part.
func wraps(c *parquet.Column, what string) bool {
	return !c.Leaf() && c.Type().String() == what && len(c.Columns()) == 1 && c.Columns()[0].Repeated()
}

// holdsElement says that the repeated part of a list holds the element, as list.element does; older writers repeat the element itself.
// https://github.com/apache/parquet-format/blob/master/LogicalTypes.md#backward-compatibility-rules
func holdsElement(c *parquet.Column) bool {
	inner := c.Columns()[0]
	return len(inner.Columns()) == 1 && inner.Name() != "array" && inner.Name() != c.Name()+"_tuple"
}

// peek gives the next value of a leaf; nil at the end of its chunk.
func (l *leaf) peek() (*parquet.Value, error) {
	if l.lo == l.hi {
		k, err := l.chunk.some(l.buf[:])
		if err != nil && err != io.EOF {
			return nil, err
		}
		if l.lo, l.hi = 0, k; k == 0 {
			return nil, nil
		}
	}
	return &l.buf[l.lo], nil
}

// begin goes to a row group, whose chunks of the column are given.
func (n *nestedValues) begin(chunks []*chunkReader) {
	for _, l := range n.leaves {
		l.chunk, l.lo, l.hi = chunks[l.at], 0, 0
	}
}

// row builds the value of the next row, appended to dst.
func (n *nestedValues) row(dst []byte) ([]byte, error) {
	n.b.Reset(dst)
	err := n.write(n.root)
	return n.b.Bytes(), err
}

// next is the next value of a part's first leaf, by which all of it is decided.
func (n *nestedValues) next(p *part) (*parquet.Value, error) {
	if p.first == p.last {
		return nil, errNested
	}
	v, err := n.leaves[p.first].peek()
	if v == nil && err == nil {
		err = io.ErrUnexpectedEOF
	}
	return v, err
}

// skip passes over the one value that each leaf of a part has for what is not there.
func (n *nestedValues) skip(p *part) error {
	for i := p.first; i < p.last; i++ {
		v, err := n.leaves[i].peek()
		if err != nil {
			return err
		}
		if v == nil {
			return io.ErrUnexpectedEOF
		}
		n.leaves[i].lo++
	}
	return nil
}

// write builds a part: null where it is not there, an array where it is repeated without a list around it.
func (n *nestedValues) write(p *part) error {
	switch {
	case p.kind == absentPart:
		n.b.Null()
		return nil
	case p.kind == passedPart && !p.repeated:
		return n.pass(p)
	}
	v, err := n.next(p)
	if err != nil {
		return err
	}
	if p.repeated {
		n.b.BeginArray()
		if err := n.repeat(p, func() error { return n.body(p) }); err != nil {
			return err
		}
		n.b.EndArray()
		return nil
	}
	if p.optional && v.DefinitionLevel() < p.definition {
		n.b.Null()
		return n.skip(p)
	}
	return n.body(p)
}

// repeat calls each for every repetition of a part.
func (n *nestedValues) repeat(p *part, each func() error) error {
	v, err := n.next(p)
	if err != nil {
		return err
	}
	if v.DefinitionLevel() < p.definition {
		return n.skip(p)
	}
	for {
		if err := each(); err != nil {
			return err
		}
		if v, err = n.leaves[p.first].peek(); err != nil {
			return err
		}
		if v == nil || v.RepetitionLevel() < p.repetition {
			return nil
		}
		if v.RepetitionLevel() > p.repetition {
			return errNested
		}
	}
}

// body builds a part that is there, once.
func (n *nestedValues) body(p *part) error {
	switch p.kind {
	case structPart:
		return n.object(p)
	case listPart:
		inner := p.parts[0]
		n.b.BeginArray()
		err := n.repeat(inner, func() error {
			if inner.wrapper {
				return n.write(inner.parts[0])
			}
			return n.body(inner)
		})
		n.b.EndArray()
		return err
	case mapPart:
		return n.mapOf(p.parts[0])
	case tuplePart:
		return n.tuple(p)
	case passedPart:
		return n.pass(p)
	}
	l := n.leaves[p.first]
	if l.buf[l.lo].IsNull() {
		return errNested
	}
	err := p.add(&n.b, &l.buf[l.lo])
	l.lo++
	return err
}

// object builds an object of a structure.
func (n *nestedValues) object(p *part) error {
	n.b.BeginObject()
	for _, x := range p.parts {
		n.b.Name(x.name)
		if err := n.write(x); err != nil {
			return err
		}
	}
	if _, twice := n.b.EndObject(); twice {
		return errors.New("a structure has two fields of one name")
	}
	return nil
}

// mapOf builds an object of a map, whose keys are its names.
func (n *nestedValues) mapOf(entry *part) error {
	n.b.BeginObject()
	err := n.repeat(entry, func() error {
		key := entry.parts[0]
		if key.kind != scalarPart {
			return errors.New("a map has keys that are no scalars")
		}
		v, err := n.next(key)
		if err != nil {
			return err
		}
		var name super.Builder
		if v.IsNull() {
			return errors.New("a map has a NULL key")
		}
		if err := key.add(&name, v); err != nil {
			return err
		}
		n.leaves[key.first].lo++
		if k := super.Value(name.Bytes()); k.Kind() == super.String {
			n.b.Name(k.Text())
		} else {
			n.b.Name(k.JSON())
		}
		return n.write(entry.parts[1])
	})
	if _, twice := n.b.EndObject(); twice && err == nil {
		return errors.New("a map has one key twice")
	}
	return err
}

// some reads at least one value, io.EOF at the end. Texts lie in the pages, which stay until the next call.
func (c *chunkReader) some(vals []parquet.Value) (int, error) {
	c.release()
	for {
		if c.page == nil {
			var err error
			if c.page, err = c.pages.ReadPage(); err != nil {
				c.page = nil
				return 0, err
			}
			c.values = c.page.Values()
		}
		k, err := c.values.ReadValues(vals)
		if err == io.EOF || err == nil && k == 0 {
			c.spent = append(c.spent, c.page)
			c.page, err = nil, nil
		}
		if k > 0 || err != nil {
			return k, err
		}
	}
}

// scalarOf chooses how values of a leaf become SUPER values; nil = they cannot. Dates and times become texts.
// https://docs.aws.amazon.com/redshift/latest/dg/copy_json.html#copy_json-from-parquet-orc
func scalarOf(t parquet.Type) func(b *super.Builder, v *parquet.Value) error {
	var logical any
	if l := t.LogicalType(); l != nil {
		logical = l.Value
	}
	switch l := logical.(type) {
	case *format.DecimalType:
		return decimalScalar(t.Kind(), int(l.Scale))
	case *format.DateType:
		return instant(types.TDate, func(v *parquet.Value) int64 { return int64(v.Int32()) - unixDays })
	case *format.TimestampType:
		mul, div := inMicros(l.Unit.Value)
		return instant(types.TTimestamp, func(v *parquet.Value) int64 { return floorDiv(clampMul(v.Int64(), mul), div) - unixMicros })
	case *format.TimeType:
		mul, div := inMicros(l.Unit.Value)
		return instant(types.TTime, func(v *parquet.Value) int64 {
			if v.Kind() == parquet.Int32 {
				return int64(v.Int32()) * mul / div
			}
			return clampMul(v.Int64(), mul) / div
		})
	case *format.IntType:
		if !l.IsSigned {
			return func(b *super.Builder, v *parquet.Value) error {
				x := v.Uint64()
				if v.Kind() == parquet.Int32 {
					x = uint64(v.Uint32())
				}
				b.Decimal(types.Int128{Lo: x}, 0)
				return nil
			}
		}
	case *format.JsonType:
		return documentScalar
	case *format.UUIDType:
		return uuidScalar
	}
	return physicalScalar(t.Kind())
}

// instant makes texts of dates and times.
func instant(t types.Type, of func(v *parquet.Value) int64) func(b *super.Builder, v *parquet.Value) error {
	return func(b *super.Builder, v *parquet.Value) error {
		x := of(v)
		lo, hi := types.MinTimestamp, types.MaxTimestamp
		switch t.Kind {
		case types.Date:
			lo, hi = types.MinDate, types.MaxDate
		case types.Time:
			lo, hi = 0, types.MicrosPerDay
		}
		if x < lo || x > hi {
			return errors.New("a date or time is out of range")
		}
		var text [64]byte
		b.String(string(types.AppendInt(text[:0], t, x, nil)))
		return nil
	}
}

// clampMul is x*mul, or what is beyond all dates.
func clampMul(x, mul int64) int64 {
	if x > math.MaxInt64/mul || x < math.MinInt64/mul {
		return math.MaxInt64 / 2
	}
	return x * mul
}

// decimalScalar makes exact numbers.
func decimalScalar(kind parquet.Kind, scale int) func(b *super.Builder, v *parquet.Value) error {
	if scale < 0 || scale > types.MaxScale {
		return nil
	}
	return func(b *super.Builder, v *parquet.Value) error {
		x, ok := unscaled(kind, v)
		if !ok || !types.FitsPrecision(x, types.MaxPrecision) {
			return errors.New("a decimal has more than 38 digits")
		}
		b.Decimal(x, scale)
		return nil
	}
}

// documentScalar reads JSON, as which UNLOAD writes SUPER columns.
// https://docs.aws.amazon.com/redshift/latest/dg/unload-super.html
func documentScalar(b *super.Builder, v *parquet.Value) error {
	x, err := super.Parse(nil, string(v.ByteArray()))
	if err == nil {
		b.Value(super.Value(x))
	}
	return err
}

// uuidScalar writes a UUID as text.
func uuidScalar(b *super.Builder, v *parquet.Value) error {
	x := v.ByteArray()
	if len(x) != 16 {
		return errors.New("a UUID has not 16 bytes")
	}
	h := hex.AppendEncode(make([]byte, 0, 32), x)
	b.String(string(h[:8]) + "-" + string(h[8:12]) + "-" + string(h[12:16]) + "-" + string(h[16:20]) + "-" + string(h[20:]))
	return nil
}

// physicalScalar makes values of a type without a logical one, and of strings.
func physicalScalar(kind parquet.Kind) func(b *super.Builder, v *parquet.Value) error {
	switch kind {
	case parquet.Boolean:
		return func(b *super.Builder, v *parquet.Value) error { b.Bool(v.Boolean()); return nil }
	case parquet.Int32:
		return func(b *super.Builder, v *parquet.Value) error { b.Int(int64(v.Int32())); return nil }
	case parquet.Int64:
		return func(b *super.Builder, v *parquet.Value) error { b.Int(v.Int64()); return nil }
	case parquet.Float:
		return func(b *super.Builder, v *parquet.Value) error { b.Real(v.Float()); return nil }
	case parquet.Double:
		return func(b *super.Builder, v *parquet.Value) error { b.Float(v.Double()); return nil }
	case parquet.Int96:
		return instant(types.TTimestamp, func(v *parquet.Value) int64 {
			x := v.Int96()
			days, micros := int64(x[2])-julian2000, int64(uint64(x[0])|uint64(x[1])<<32)/1000
			if days > 1<<26 || days < -1<<26 || micros < 0 || micros > 2*day {
				return math.MaxInt64
			}
			return days*day + micros
		})
	}
	return func(b *super.Builder, v *parquet.Value) error {
		x := v.ByteArray()
		if !utf8.Valid(x) {
			return errors.New("a string is not valid UTF-8")
		}
		if len(x) > super.MaxString {
			return errors.New("a string is longer than a string of a SUPER value may be")
		}
		b.String(string(x))
		return nil
	}
}

// fillNested reads n values of a SUPER column.
func (r *Reader) fillNested(i int, col *vector.Vector, n int) error {
	x := r.parquet.nested[i]
	var buf []byte
	for k := range n {
		var err error
		if buf, err = x.row(buf[:0]); err != nil {
			return scanError(15001, "File '%s' is broken: column '%s': %v", r.read.File, r.job.Columns[i].Name, err)
		}
		if len(buf) > super.MaxSize {
			return super.TooLarge()
		}
		if bad := r.keepSuper(&r.job.Columns[i], buf, col, k); bad != nil {
			return r.fails(bad, i, int64(k))
		}
	}
	return nil
}
