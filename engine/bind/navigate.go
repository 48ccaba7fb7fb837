package bind

import (
	"github.com/redshiftsim/redshiftsim/engine/ast"
	"github.com/redshiftsim/redshiftsim/engine/expr"
	"github.com/redshiftsim/redshiftsim/engine/function"
	"github.com/redshiftsim/redshiftsim/internal/sqlstate"
	"github.com/redshiftsim/redshiftsim/internal/types"
)

// maxQualifiers is the number of names that may stand before a column's: database, schema and table.
const maxQualifiers = 3

// reference resolves a name of several parts: a column that a table's name stands before, or a path into a SUPER value.
//
//	c.orders.total     column orders of c, its attribute total; else column c, its attribute orders, of that total
//
// The names of tables in FROM come before those of columns, an inner SELECT before the ones around it.
// https://docs.aws.amazon.com/redshift/latest/dg/query-super.html#navigation
func (k *block) reference(c *ast.ColumnRef) (expr.Expr, error) {
	parts, pos := c.Parts, c.Offset()
	if len(parts) == 1 {
		return k.column(parts[0], pos)
	}
	var unclear error // which column the first part is: unless it is a table further out
	for q := k; q != nil; q = q.outer {
		x, used, missing := q.qualified(parts, pos)
		if x == nil {
			var err error
			if x, err = k.first(q, parts[0], pos); unclear == nil {
				unclear = err
			}
			used = 1
		}
		switch {
		case x == nil && missing != nil:
			return nil, missing
		case x == nil:
			continue
		}
		if c.Written != nil && x.Type().Kind == types.Super {
			k.keepsCase(pos, used, c.Written[used:]...)
		}
		if x = k.named(q, x, pos); x.Type().Kind == types.Nested {
			return k.fields(x, parts[used:], pos)
		}
		return navigated(x, attributes(c, used), pos), nil
	}
	if unclear != nil {
		return nil, unclear
	}
	table := parts[len(parts)-2]
	if len(parts) > maxQualifiers+1 {
		table = parts[0]
	}
	return nil, sqlstate.UndefinedTable.Errorf("missing FROM-clause entry for table \"%s\"", table).At(pos)
}

// qualified finds the column that the first parts name with its table, and how many parts that are. When there is a table, but no such column in it, that is the
// error.
func (k *block) qualified(parts []string, pos int) (found expr.Expr, used int, missing error) {
	for n := min(maxQualifiers, len(parts)-1); n > 0; n-- {
		schema := ""
		if n > 1 {
			schema = parts[n-2]
		}
		r := k.src.relation(schema, parts[n-1])
		if r == nil {
			continue
		}
		c, err := r.column(parts[n], pos)
		switch {
		case err != nil:
			return nil, 0, err
		case c == nil:
			missing = sqlstate.UndefinedColumn.Errorf("column %s.%s does not exist", parts[n-1], parts[n]).At(pos)
		case n+1 == len(parts) || c.Typ.Kind == types.Super || c.Typ.Kind == types.Nested:
			return c, n + 1, nil
		}
	}
	return nil, 0, missing
}

// first finds a SUPER or nested value that the first part of a path names: of block q, as k sees it.
func (k *block) first(q *block, name string, pos int) (expr.Expr, error) {
	e, err := q.src.find(name, pos)
	if e == nil && err == nil && q == k {
		e, err = k.byAlias(name, pos)
	}
	if err != nil || e == nil || e.Type().Kind != types.Super && e.Type().Kind != types.Nested {
		return nil, err
	}
	return e, nil
}

// column finds a column of a relation; nil = it has none of that name.
func (r *relation) column(name string, pos int) (*expr.Column, error) {
	var found *expr.Column
	for i := range r.cols {
		if r.cols[i].Name == name {
			if found != nil && found.ID != r.cols[i].ID {
				return nil, ambiguous(name, pos)
			}
			found = &r.cols[i]
		}
	}
	return found, nil
}

// valueNamed finds an element of an array, or an index, that FROM gives a name: it hides columns of that name.
func (s *source) valueNamed(name string) expr.Expr {
	for i := range s.rels {
		if s.rels[i].value {
			for j := range s.rels[i].cols {
				if c := &s.rels[i].cols[j]; c.Name == name {
					return c
				}
			}
		}
	}
	return nil
}

// Attribute is where a text names attributes of a SUPER value: the names that stand behind a dot each, after the name at Pos and Skip more, or after a dot at
// Pos.
type Attribute struct {
	Pos, Skip int
	Names     []string
}

// keepsCase notes names of attributes in their case.
func (k *block) keepsCase(pos, skip int, names ...string) {
	if k.b.within == nil && k.inline == nil && k.b.policies == 0 {
		k.b.out.Attributes = append(k.b.out.Attributes, Attribute{pos, skip, names})
	}
}

// attributes are the steps that the parts of a name behind the first ones are.
func attributes(c *ast.ColumnRef, used int) []function.SuperStep {
	names := c.Parts
	if c.Written != nil {
		names = c.Written
	}
	steps := make([]function.SuperStep, 0, len(names)-used)
	for _, n := range names[used:] {
		steps = append(steps, function.SuperStep{Name: n})
	}
	return steps
}

// navigated goes steps into a SUPER value; those of a path that is one already are joined to it, so that equal paths are equal however they came to be.
func navigated(x expr.Expr, steps []function.SuperStep, pos int) expr.Expr {
	if len(steps) == 0 {
		return x
	}
	if c, ok := x.(*expr.Call); ok && c.Fn.Path != nil {
		x, steps = c.Args[0], append(c.Fn.Path[:len(c.Fn.Path):len(c.Fn.Path)], steps...)
	}
	return &expr.Call{Fn: function.SuperPath(steps), Args: []expr.Expr{x}, Pos: pos}
}

// step goes one step of a path, to an attribute or to an element.
func (k *block) step(x expr.Expr, s *ast.Step) (expr.Expr, error) {
	pos := s.Offset()
	if s.Index == nil {
		name := s.Name
		if s.Written != "" {
			name = s.Written
			k.keepsCase(pos, 0, name)
		}
		return navigated(x, []function.SuperStep{{Name: name}}, pos), nil
	}
	i, err := k.expr(s.Index)
	if err != nil {
		return nil, err
	}
	if c, ok := i.(*expr.Const); ok && c.Value.Type.IsInteger() && !c.Value.Null {
		return navigated(x, []function.SuperStep{{Index: int(c.Value.Int), Element: true}}, pos), nil
	}
	if t := i.Type(); t.Kind != types.Unknown && !t.IsInteger() {
		return nil, sqlstate.DatatypeMismatch.Errorf("array subscript must have type integer").At(s.Index.Offset())
	}
	if i, err = k.b.coerce(i, types.TInt8, s.Index.Offset()); err != nil {
		return nil, err
	}
	return &expr.Call{Fn: function.SuperAt(), Args: []expr.Expr{x, i}, Pos: pos}, nil
}

// noParts is the error of a step into a value that has no parts, in PostgreSQL's words.
func noParts(t types.Type, s *ast.Step) error {
	if s.Index == nil {
		return sqlstate.WrongObjectType.Errorf("column notation .%s applied to type %s, which is not a composite type", s.Name, bare(t)).At(s.Offset())
	}
	return sqlstate.DatatypeMismatch.Errorf("cannot subscript type %s because it is not an array", bare(t)).At(s.Offset())
}
