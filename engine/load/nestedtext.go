package load

import (
	"bytes"
	"strings"
	"time"
	"unsafe"

	"github.com/redshiftsim/redshiftsim/internal/nested"
	"github.com/redshiftsim/redshiftsim/internal/super"
	"github.com/redshiftsim/redshiftsim/internal/vector"
)

// nestedText makes values of a nested column of the JSON text of a record. The text is one well-formed value; what in it is not what the type says is NULL.
//
//	struct<given:varchar(20),phones:array<int>>    {"phones": [7, "x"], "Given": "Ann"}    ->    ["Ann", [7, null]]
//
// https://docs.aws.amazon.com/redshift/latest/dg/tutorial-query-nested-data.html
type nestedText struct {
	column     *Column
	i          int
	root       *textPart
	ignoreCase bool
	b          super.Builder
	buf        []byte
	cell       []byte // a string without its escapes
}

// textPart is a part of the column's type.
type textPart struct {
	t      *nested.Type
	unread bool
	parts  []*textPart
	scalar *nestedScalar
	conv   convert
	fields []token // of a struct in hand
}

func newNestedText(c *Column, i int, o *Options, zone *time.Location) *nestedText {
	x := &nestedText{column: c, i: i, ignoreCase: o.IgnoreCase}
	x.root = x.part(c.Nested, o, zone)
	return x
}

func (x *nestedText) part(t *nested.Type, o *Options, zone *time.Location) *textPart {
	p := &textPart{t: t, unread: x.column.JSON == nil && !t.Reads()}
	if t.Kind == nested.Scalar {
		p.scalar = newNestedScalar(x.column, t)
		p.conv = converter(&p.scalar.column, x.i, o, zone)
	}
	for _, e := range t.Parts {
		p.parts = append(p.parts, x.part(e, o, zone))
	}
	p.fields = make([]token, len(t.Names))
	return p
}

// convert is the conversion of the column.
func (x *nestedText) convert(r *Reader, f []byte, col *vector.Vector, n int) *RowError {
	r.nestedDrop = false
	x.b.Reset(x.buf[:0])
	err := x.value(r, x.root, f)
	if x.buf = x.b.Bytes(); err == nil {
		err = r.keepNested(x.column, x.buf, col, n)
	}
	if err != nil || r.nestedDrop {
		return &RowError{done: &outcome{all: r.nestedDrop, err: err}}
	}
	return nil
}

// value adds what a JSON text is as a part.
func (x *nestedText) value(r *Reader, p *textPart, f []byte) error {
	c := cursor{b: f}
	c.space()
	open := byte('{')
	if p.t.Kind == nested.Array {
		open = '['
	}
	switch {
	case p.unread || f[c.i] == 'n':
	case p.t.Kind == nested.Scalar:
		return x.add(r, p, &c)
	case f[c.i] != open:
	case p.t.Kind == nested.Struct:
		return x.object(r, p, &c)
	default:
		return x.list(r, p, &c)
	}
	x.b.Null()
	return nil
}

// add adds a scalar.
func (x *nestedText) add(r *Reader, p *textPart, c *cursor) error {
	v, _ := c.value(0)
	f := c.b[v.from:v.to]
	switch {
	case v.kind == '"' && v.escaped:
		x.cell = super.AppendUnescaped(x.cell[:0], f[1:len(f)-1])
		f = x.cell
	case v.kind == '"':
		f = f[1 : len(f)-1]
	case v.kind == '{' || v.kind == '[':
		x.cell = oneLine(x.cell[:0], f)
		f = x.cell
	}
	if !p.t.Scalar.IsText() && len(bytes.TrimSpace(f)) == 0 {
		x.b.Null()
		return nil
	}
	return x.scalar(r, p, f)
}

// scalar adds the scalar of a text.
func (x *nestedText) scalar(r *Reader, p *textPart, f []byte) error {
	s := p.scalar
	s.one.Reset(1)
	from, used := unsafe.SliceData(r.arena), len(r.arena)
	if bad := p.conv(r, f, &s.one, 0); bad != nil {
		if err := s.replace(r, bad, f, x.i); err != nil {
			return err
		}
	}
	s.add(r, &x.b, from, used)
	return nil
}

// object adds the fields of a struct in the order of the type.
func (x *nestedText) object(r *Reader, p *textPart, c *cursor) error {
	clear(p.fields)
	_ = c.members(0, func(key []byte) *RowError { // it is well-formed
		v, _ := c.value(0)
		for i, n := range p.t.Names {
			if n == string(key) || x.ignoreCase && strings.EqualFold(n, str(key)) {
				p.fields[i] = v
			}
		}
		return nil
	})
	x.b.BeginArray()
	for i, v := range p.fields {
		if v.to == 0 {
			x.b.Null()
			continue
		}
		if err := x.value(r, p.parts[i], c.b[v.from:v.to]); err != nil {
			return err
		}
	}
	x.b.EndArray()
	return nil
}

// list adds the elements of an array, or the pairs of a map.
func (x *nestedText) list(r *Reader, p *textPart, c *cursor) (err error) {
	x.b.BeginArray()
	if p.t.Kind == nested.Array {
		c.elements(0, func() bool {
			v, _ := c.value(0)
			err = x.value(r, p.parts[0], c.b[v.from:v.to])
			return err == nil
		})
	} else {
		_ = c.members(0, func(key []byte) *RowError { // it is well-formed
			v, _ := c.value(0)
			if err == nil {
				err = x.pair(r, p, key, c.b[v.from:v.to])
			}
			return nil
		})
	}
	if err == nil {
		x.b.EndArray()
	}
	return err
}

// pair adds a key and its value.
func (x *nestedText) pair(r *Reader, p *textPart, key, value []byte) error {
	x.b.BeginArray()
	k := p.parts[0]
	if k.unread {
		x.b.Null()
	} else if err := x.scalar(r, k, key); err != nil {
		return err
	}
	if err := x.value(r, p.parts[1], value); err != nil {
		return err
	}
	x.b.EndArray()
	return nil
}
