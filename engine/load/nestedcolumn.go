package load

import (
	"strings"
	"unsafe"

	"github.com/parquet-go/parquet-go"

	"github.com/redshiftsim/redshiftsim/internal/nested"
	"github.com/redshiftsim/redshiftsim/internal/sqlstate"
	"github.com/redshiftsim/redshiftsim/internal/super"
	"github.com/redshiftsim/redshiftsim/internal/vector"
)

// Columns of the types struct, array and map are made into values of package nested: the type of the column says what is looked for in a file, its marks what
// is read. Of a Parquet file only the leaves with marks have their chunks read, and one more where an array has none:
//
//	column   orders array<struct<shipdate:timestamp, price:double precision>>      SELECT o.price FROM t, t.orders o
//	file     optional group orders (LIST) { repeated group list { optional group element { int64 shipdate; double price } } }
//	parts    list [ tuple [ absent, scalar price ] ]                               leaves: price
//
// https://docs.aws.amazon.com/redshift/latest/dg/tutorial-query-nested-data.html

// typed matches a column of a file with a nested column of the table; nil = it does not fit.
func (r *Reader) typed(i int, c *parquet.Column) *nestedValues {
	n := &nestedValues{}
	col := &r.job.Columns[i]
	m := &matching{r: r, n: n, column: i, all: col.JSON != nil}
	if n.root = m.part(c, 0, col.Nested, false); m.unfit {
		return nil
	}
	return n
}

// matching is what typed is at.
type matching struct {
	r      *Reader
	n      *nestedValues
	column int
	all    bool // everything is read
	unfit  bool
}

// absent is a part that reads nothing.
func (m *matching) absent() *part { return &part{kind: absentPart} }

// part matches c, whose first leaf is number at of the column, with t. element says that a repetition of c is t.
func (m *matching) part(c *parquet.Column, at int, t *nested.Type, element bool) *part {
	if !m.all && !t.Reads() {
		return m.absent()
	}
	if c.Repeated() && !element {
		if t.Kind != nested.Array {
			m.unfit = true
			return m.absent()
		}
		p := m.counted(m.part(c, at, t.Parts[0], true), c, at)
		p.repeated = true
		return p
	}
	p := m.n.levels(c)
	p.repeated = false
	switch {
	case t.Kind == nested.Scalar && c.Leaf():
		m.leaf(at)
		if p.add = m.r.scalar(m.column, c, t); p.add == nil {
			m.unfit = true
		}
	case t.Kind == nested.Struct && !c.Leaf() && !wraps(c, "LIST") && !wraps(c, "MAP"):
		p.kind = tuplePart
		m.fields(p, c, at, t)
	case t.Kind == nested.Array && wraps(c, "LIST"):
		p.kind, p.parts = listPart, []*part{m.list(c, at, t.Parts[0])}
	case t.Kind == nested.Map && wraps(c, "MAP") && len(c.Columns()[0].Columns()) == 2:
		p.kind, p.parts = listPart, []*part{m.entries(c.Columns()[0], at, t)}
	default:
		m.unfit = true
	}
	if p.last = len(m.n.leaves); p.first == p.last && !m.unfit {
		return m.emptied(c, at)
	}
	return p
}

// leaf adds a leaf.
func (m *matching) leaf(at int) { m.n.leaves = append(m.n.leaves, &leaf{at: at}) }

// emptied is a struct that has in the file none of the fields that are read: as a text it is there all the same.
func (m *matching) emptied(c *parquet.Column, at int) *part {
	if !m.all {
		return m.absent()
	}
	return m.passed(c, at)
}

// passed is a part of which is only read how often it is there.
func (m *matching) passed(c *parquet.Column, at int) *part {
	p := m.n.levels(c)
	p.kind = passedPart
	m.leaf(at)
	p.last = len(m.n.leaves)
	return p
}

// counted is a part that is repeated, which needs a leaf.
func (m *matching) counted(p *part, c *parquet.Column, at int) *part {
	if p.kind == absentPart && !m.unfit {
		return m.passed(c, at)
	}
	return p
}

// fields matches the fields of a struct by their names, in any case.
func (m *matching) fields(p *part, c *parquet.Column, at int, t *nested.Type) {
	for i, name := range t.Names {
		field, leaf := m.absent(), at
		for _, x := range c.Columns() {
			if strings.EqualFold(x.Name(), name) {
				field = m.part(x, leaf, t.Parts[i], false)
				break
			}
			leaf += leavesOf(x)
		}
		p.parts = append(p.parts, field)
	}
}

// list matches what the repeated part of a list holds, or is.
func (m *matching) list(c *parquet.Column, at int, t *nested.Type) *part {
	inner := c.Columns()[0]
	if !holdsElement(c) {
		p := m.counted(m.part(inner, at, t, true), inner, at)
		p.repeated = true
		return p
	}
	p := m.n.levels(inner)
	p.wrapper = true
	e := inner.Columns()[0]
	p.parts = []*part{m.counted(m.part(e, at, t, false), e, at)}
	p.last = len(m.n.leaves)
	return p
}

// entries matches the repeated part of a map, a pair of key and value.
func (m *matching) entries(c *parquet.Column, at int, t *nested.Type) *part {
	p := m.n.levels(c)
	p.kind = tuplePart
	key, value := c.Columns()[0], c.Columns()[1]
	p.parts = []*part{m.part(key, at, t.Parts[0], false), m.part(value, at+leavesOf(key), t.Parts[1], false)}
	if len(m.n.leaves) == p.first && !m.unfit {
		p.parts[0] = m.passed(key, at)
	}
	p.last = len(m.n.leaves)
	return p
}

// tuple builds the array of a struct's fields, or of a key and its value.
func (n *nestedValues) tuple(p *part) error {
	n.b.BeginArray()
	for _, x := range p.parts {
		if err := n.write(x); err != nil {
			return err
		}
	}
	n.b.EndArray()
	return nil
}

// pass builds null for a part, and goes behind the values that its leaf has for one repetition of what holds it.
func (n *nestedValues) pass(p *part) error {
	n.b.Null()
	l := n.leaves[p.first]
	if v, err := n.next(p); v == nil {
		return err
	}
	for {
		l.lo++
		v, err := l.peek()
		if err != nil || v == nil || v.RepetitionLevel() <= p.repetition {
			return err
		}
	}
}

// scalar chooses how values of a leaf are added; nil = its type does not fit. They are those of a column of that type.
func (r *Reader) scalar(i int, c *parquet.Column, t *nested.Type) func(b *super.Builder, v *parquet.Value) error {
	s := newNestedScalar(&r.job.Columns[i], t)
	values := valuesOf(&s.column, i, c)
	if values == nil {
		return nil
	}
	if t.Scalar.IsText() { // which valuesOf converts as the column's
		text := converter(&s.column, i, &r.job.Options, r.job.Zone)
		values = func(r *Reader, v *parquet.Value, col *vector.Vector, n int) *RowError {
			return text(r, v.ByteArray(), col, n)
		}
	}
	return func(b *super.Builder, v *parquet.Value) error {
		s.one.Reset(1)
		from, used := unsafe.SliceData(r.arena), len(r.arena)
		if bad := values(r, v, &s.one, 0); bad != nil {
			if err := s.replace(r, bad, textOf(v), i); err != nil {
				return err
			}
		}
		s.add(r, b, from, used)
		return nil
	}
}

// textOf is a value of a file as the log shows it.
func textOf(v *parquet.Value) []byte {
	if k := v.Kind(); k == parquet.ByteArray || k == parquet.FixedLenByteArray {
		return v.ByteArray()
	}
	return []byte(v.String())
}

// nestedScalar converts values of a scalar within a nested column, one at a time.
type nestedScalar struct {
	column Column
	one    vector.Vector
}

func newNestedScalar(c *Column, t *nested.Type) *nestedScalar {
	return &nestedScalar{column: Column{Name: c.Name, Type: t.Scalar}, one: vector.Vector{Type: t.Scalar}}
}

// replace does with a value that its type cannot hold what the rules say. The error is the query's.
func (s *nestedScalar) replace(r *Reader, bad *RowError, text []byte, column int) error {
	clearNull(&s.one, 0)
	_, all, err := r.act(bad, text, column, &s.column, &s.one, 0)
	r.nestedDrop = r.nestedDrop || all
	return err
}

// add adds what s.one holds. It is a copy: what the arena, which began at from, holds behind the first used bytes is free again.
func (s *nestedScalar) add(r *Reader, b *super.Builder, from *byte, used int) {
	nested.Append(b, &s.one, 0)
	if used = min(used, len(r.arena)); unsafe.SliceData(r.arena) != from {
		used = 0
	}
	r.arena = r.arena[:used]
}

// fillTyped reads n values of a nested column.
func (r *Reader) fillTyped(i int, col *vector.Vector, n int) error {
	x, c := r.parquet.nested[i], &r.job.Columns[i]
	for k := range n {
		r.replaced, r.nestedDrop = -1, false
		v, err := x.row(r.cell[:0])
		if err != nil {
			if _, told := err.(*sqlstate.Error); told {
				return err
			}
			return scanError(15001, "File '%s' is broken: column '%s': %v", r.read.File, c.Name, err)
		}
		r.cell = v
		if err := r.keepNested(c, v, col, k); err != nil {
			return err
		}
		if r.nestedDrop {
			r.dropped = append(r.dropped, k)
		}
	}
	return nil
}

// keepNested writes a value of a nested column, or its JSON, to row n. A text that is too long is NULL.
// https://docs.aws.amazon.com/redshift/latest/dg/serializing-complex-JSON.html
func (r *Reader) keepNested(c *Column, v []byte, col *vector.Vector, n int) error {
	if len(v) > super.MaxSize {
		return super.TooLarge()
	}
	value := super.Value(unsafe.String(unsafe.SliceData(v), len(v)))
	if value.Kind() == super.Null {
		col.SetNull(n)
		return nil
	}
	if c.JSON != nil {
		if r.text = c.JSON.Append(r.text[:0], c.Nested, value); len(r.text) > nested.MaxJSON {
			col.SetNull(n)
			return nil
		}
		v = r.text
	}
	col.Texts[n] = r.keep(v)
	return nil
}
