package plpgsql

import (
	"strings"

	"github.com/redshiftsim/redshiftsim/engine/ast"
	"github.com/redshiftsim/redshiftsim/internal/sqlstate"
	"github.com/redshiftsim/redshiftsim/internal/types"
)

// block compiles [DECLARE ..] BEGIN .. [EXCEPTION ..] END.
func (c *compiler) block(b *ast.Block) (*blockNode, error) {
	n := &blockNode{scope: &scope{label: b.Label, block: true}}
	defer c.enter(n.scope)()
	for i := range b.Declare {
		if err := c.declare(n, &b.Declare[i]); err != nil {
			return nil, err
		}
	}
	var err error
	if n.body, err = c.list(b.Body); err != nil {
		return nil, err
	}
	if len(b.Handlers) > 0 {
		n.handler, err = c.handler(b.Handlers)
	}
	return n, err
}

// handler compiles EXCEPTION. OTHERS is the only condition, so the first handler is the only one.
// https://docs.aws.amazon.com/redshift/latest/dg/stored-procedure-trapping-errors.html
func (c *compiler) handler(list []ast.Handler) (*handlerNode, error) {
	for i := range list {
		for _, name := range list[i].Conditions {
			if name != "others" {
				return nil, sqlstate.FeatureNotSupported.Errorf("exception condition \"%s\" is not supported", name).
					WithHint("The only supported condition is OTHERS.").At(list[i].Offset())
			}
		}
	}
	h := &list[0]
	switch {
	case len(list) > 1:
		return nil, sqlstate.FeatureNotSupported.Errorf("more than one exception handler in a block is not supported").At(list[1].Offset())
	case h.Kind != "" && !c.p.nonatomic:
		return nil, sqlstate.FeatureNotSupported.Errorf("%s_HANDLER is only supported in NONATOMIC procedures", strings.ToUpper(h.Kind)).At(h.Offset())
	}
	n := &handlerNode{continues: h.Kind == "continue", line: c.line(h.Offset())}
	defer c.enter(&scope{})()
	n.state, n.text = c.slot("sqlstate", variable{typ: types.TVarcharMax}), c.slot("sqlerrm", variable{typ: types.TVarcharMax})
	was := c.in
	c.in = true
	var err error
	n.body, err = c.list(h.Body)
	c.in = was
	return n, err
}

// declare compiles one declaration.
// https://docs.aws.amazon.com/redshift/latest/dg/c_PLpgSQL-structure.html#r_PLpgSQL-variable-declaration
func (c *compiler) declare(n *blockNode, d *ast.Declare) error {
	if _, ok := n.scope.names[d.Name]; ok {
		return sqlstate.Syntax.Errorf("duplicate declaration at or near \"%s\"", d.Name).At(d.Offset())
	}
	if d.AliasFor != "" {
		slot, ok := c.find([]string{d.AliasFor})
		if !ok {
			rec, found := c.record([]string{d.AliasFor})
			if !found {
				return sqlstate.UndefinedObject.Errorf("variable \"%s\" does not exist", d.AliasFor).At(d.Offset())
			}
			slot.slot = rec
		}
		n.scope.names[d.Name] = slot.slot
		return nil
	}
	if len(c.p.vars) >= maxVariables {
		return sqlstate.ProgramLimit.Errorf("a procedure cannot have more than %d variables", maxVariables).At(d.Offset())
	}
	v := variable{constant: d.Constant, notNull: d.NotNull}
	if err := c.typed(&v, d); err != nil {
		return err
	}
	if d.NotNull && d.Default == nil {
		return sqlstate.NullNotAllowed.Errorf("variable \"%s\" must have a default value, since it's declared NOT NULL", d.Name).At(d.Offset())
	}
	if v.kind == record && d.Default != nil {
		return sqlstate.FeatureNotSupported.Errorf("default value for a record is not supported").At(d.Offset())
	}
	x := declared{line: c.line(d.Offset())}
	var err error
	if x.value, err = c.formula(d.Default); err != nil { // before the name is there
		return err
	}
	if d.Cursor {
		if v.cursor, err = c.bound(d); err != nil {
			return err
		}
	}
	x.slot = c.slot(d.Name, v)
	n.declared = append(n.declared, x)
	return nil
}

// typed gives a variable its type.
func (c *compiler) typed(v *variable, d *ast.Declare) (err error) {
	switch {
	case d.Cursor:
		v.typ, v.refs = types.TText, true
	case d.RowType != nil:
		if r, ok := c.record(d.RowType.Parts); ok && len(c.p.vars[r].fields) > 0 {
			v.kind, v.fields, v.types = record, c.p.vars[r].fields, c.p.vars[r].types
			return nil
		}
		c.p.Bound = true
		v.kind = record
		v.fields, v.types, err = c.env.Columns(*d.RowType)
		return err
	case d.TypeOf != nil:
		parts := d.TypeOf.Parts
		if r, ok := c.find(parts); ok && r.field == "" {
			v.typ = c.p.vars[r.slot].typ
			return nil
		}
		if len(parts) < 2 {
			return sqlstate.UndefinedObject.Errorf("variable \"%s\" does not exist", parts[0]).At(d.Offset())
		}
		c.p.Bound = true
		table := *d.TypeOf
		table.Parts = parts[:len(parts)-1]
		v.typ, err = c.env.Column(table, parts[len(parts)-1])
		return placed(err, d.Offset())
	case d.Type.Err != nil:
		return d.Type.Err
	case d.Type.Known:
		v.typ, err = VariableType(d.Type)
		return err
	case d.Type.Name == "record":
		v.kind = record
	case d.Type.Name == "refcursor":
		v.typ, v.refs = types.TText, true
	default:
		return sqlstate.UndefinedObject.Errorf("type \"%s\" does not exist", d.Type.Name).At(d.Type.Offset())
	}
	return nil
}

// VariableType is the type of a variable or an argument that is declared with a type that SQL knows.
func VariableType(n *ast.TypeName) (types.Type, error) {
	switch n.Type.Kind {
	case types.Geometry, types.Geography, types.Unknown:
		return types.Type{}, sqlstate.FeatureNotSupported.Errorf("variables of type %s are not supported", n.Type).At(n.Offset())
	case types.Text:
		return types.TVarcharMax, nil
	}
	return n.Type, nil
}

// bound compiles the query of name CURSOR [(args)] FOR query: its arguments are variables that only it knows.
func (c *compiler) bound(d *ast.Declare) (*cursorNode, error) {
	n := &cursorNode{}
	defer c.enter(&scope{label: d.Name})()
	for i := range d.Args {
		a := &d.Args[i]
		v := variable{}
		if err := c.typed(&v, &ast.Declare{Type: a.Type}); err != nil {
			return nil, err
		}
		if v.kind == record || a.Name == "" {
			return nil, sqlstate.Syntax.Errorf("an argument of a cursor is a name and a type").At(a.Offset())
		}
		n.args = append(n.args, c.slot(a.Name, v))
	}
	var err error
	n.query, err = c.query(d.QueryText, d.Offset())
	return n, err
}
