package bind

import (
	"github.com/redshiftsim/redshiftsim/engine/ast"
	"github.com/redshiftsim/redshiftsim/engine/catalog"
	"github.com/redshiftsim/redshiftsim/engine/expr"
	"github.com/redshiftsim/redshiftsim/engine/plan"
	"github.com/redshiftsim/redshiftsim/engine/principal"
	"github.com/redshiftsim/redshiftsim/internal/sqlstate"
	"github.com/redshiftsim/redshiftsim/internal/types"
)

// target finds the table that a statement changes: by INSERT, UPDATE or DELETE.
func (b *binder) target(n ast.Name, by string) (*catalog.Table, error) {
	back, err := b.visitTarget(n)
	if err != nil {
		return nil, err
	}
	defer back()
	r, err := b.env.Catalog.Relation(n.Schema(), n.Object(), int(n.Pos))
	if err != nil {
		return nil, at(err, int(n.Pos))
	}
	if err := b.usesSchema(n.Schema(), int(n.Pos)); err != nil {
		return nil, err
	}
	if err := b.changes(r, int(n.Pos)); err != nil {
		return nil, err
	}
	switch r := r.(type) {
	case *catalog.Table:
		b.out.Writes = r
		return r, b.closedAfar(r, int(n.Pos))
	case *catalog.View, *catalog.ExternalView:
		what := map[string]string{"INSERT": "insert into", "UPDATE": "update", "DELETE": "delete from"}[by]
		return nil, sqlstate.FeatureNotSupported.Errorf("cannot %s a view", what).WithHint("You need an unconditional ON %s DO INSTEAD rule.", by).At(int(n.Pos))
	case *catalog.ExternalTable:
		return nil, externalTarget(by).At(int(n.Pos))
	case *catalog.Virtual:
		return nil, sqlstate.InsufficientPrivilege.Errorf("permission denied: \"%s\" is a system catalog", r.Name).At(int(n.Pos))
	}
	return nil, sqlstate.WrongObjectType.Errorf("\"%s\" is not a table", n.Object()).At(int(n.Pos))
}

// columnIndex finds a column of a table by name, -1 when there is none.
func columnIndex(t *catalog.Table, name string) int {
	for i := range t.Columns {
		if t.Columns[i].Name == name {
			return i
		}
	}
	return -1
}

// bindInsert binds INSERT: VALUES rows or a query's rows become rows of the table, in its column order and types, with defaults filled in.
// https://docs.aws.amazon.com/redshift/latest/dg/r_INSERT_30.html
func (b *binder) bindInsert(s *ast.Insert) error {
	t, err := b.target(s.Table, "INSERT")
	if err != nil {
		return err
	}
	b.demandsOf(t, principal.Insert, nil)
	targets := make([]int, 0, len(t.Columns)) // the columns that values come for, in the order of the values
	if len(s.Columns) == 0 {
		for i := range t.Columns {
			targets = append(targets, i)
		}
	}
	for _, c := range s.Columns {
		i := columnIndex(t, c.Name)
		if i < 0 {
			return sqlstate.UndefinedColumn.Errorf("column \"%s\" of relation \"%s\" does not exist", c.Name, t.Name).At(c.Offset())
		}
		for _, o := range targets {
			if o == i {
				return sqlstate.DuplicateColumn.Errorf("column \"%s\" specified more than once", c.Name).At(c.Offset())
			}
		}
		targets = append(targets, i)
	}
	n := &plan.Insert{Table: t}
	switch {
	case s.Default:
		v, err := b.values(t, targets, [][]ast.Expr{{}})
		if err != nil {
			return err
		}
		n.Input = v
	case s.Query != nil:
		p, err := b.insertQuery(t, targets, s)
		if err != nil {
			return err
		}
		n.Input = p
	default:
		if n := len(s.Rows[0]); n < len(s.Columns) {
			return sqlstate.Syntax.Errorf("INSERT has more target columns than expressions").At(s.Columns[n].Offset())
		}
		v, err := b.values(t, targets, s.Rows)
		if err != nil {
			return err
		}
		n.Input = v
	}
	b.out.Kind, b.out.Plan = Insert, n
	return nil
}

// values makes the rows of VALUES.
func (b *binder) values(t *catalog.Table, targets []int, rows [][]ast.Expr) (*plan.Values, error) {
	v := &plan.Values{Output: make([]plan.Column, len(t.Columns)), Rows: make([][]expr.Expr, len(rows))}
	for i := range t.Columns {
		v.Output[i] = plan.Column{ID: b.id(), Name: t.Columns[i].Name, Type: t.Columns[i].Type}
	}
	k := &block{b: b, noAgg: "cannot use aggregate function in VALUES", noWin: "Window functions are not allowed in VALUES"}
	cells := make([]expr.Expr, len(rows)*len(t.Columns))
	for r, row := range rows {
		out := cells[r*len(t.Columns) : (r+1)*len(t.Columns) : (r+1)*len(t.Columns)]
		if len(row) > len(targets) {
			return nil, sqlstate.Syntax.Errorf("INSERT has more expressions than target columns").At(row[len(targets)].Offset())
		}
		if r > 0 && len(row) != len(rows[0]) {
			return nil, sqlstate.Syntax.Errorf("VALUES lists must all be the same length").At(rowOffset(row))
		}
		for i, e := range row {
			c := targets[i]
			col := &t.Columns[c]
			if l, ok := e.(*ast.Literal); ok && l.Kind == ast.Default {
				continue
			}
			if col.Identity != nil && !col.Identity.ByDefault {
				return nil, identityError(e.Offset())
			}
			x, err := k.expr(e)
			if err != nil {
				return nil, err
			}
			if len(rows) > 1 && hasSubquery(x) {
				return nil, sqlstate.FeatureNotSupported.Errorf("can't use subqueries in multi-row VALUES").At(e.Offset())
			}
			if out[c], err = b.assign(x, col.Type, col.Name, e.Offset()); err != nil {
				return nil, err
			}
		}
		for c := range out {
			if out[c] == nil {
				var err error
				if out[c], err = b.defaultOf(t, c); err != nil {
					return nil, err
				}
			}
		}
		v.Rows[r] = out
	}
	return v, nil
}

func rowOffset(row []ast.Expr) int {
	if len(row) == 0 {
		return -1
	}
	return row[0].Offset()
}

func identityError(pos int) error {
	return sqlstate.InvalidColumnDefinition.Errorf("cannot set an identity column to a value").At(pos)
}

func hasSubquery(x expr.Expr) bool {
	found := false
	expr.Walk(x, func(x expr.Expr) bool {
		_, ok := x.(*expr.Subquery)
		found = found || ok
		return !found
	})
	return found
}

// defaultOf is what a column holds that no value came for: the next identity value, its default, or NULL.
// https://docs.aws.amazon.com/redshift/latest/dg/r_CREATE_TABLE_NEW.html
func (b *binder) defaultOf(t *catalog.Table, c int) (expr.Expr, error) {
	col := &t.Columns[c]
	switch {
	case col.Identity != nil:
		if b.env.Identity == nil {
			return nil, unsupported(-1, "an identity column is")
		}
		b.out.Volatile = true
		b.out.PerSlice = b.out.PerSlice || b.striped
		call := expr.Expr(&expr.Call{Fn: b.env.Identity(t, c, b.striped), Pos: -1})
		return b.assign(call, col.Type, col.Name, -1)
	case col.Default == "":
		return &expr.Const{Value: types.NullOf(col.Type)}, nil
	}
	if b.env.Parse == nil {
		return nil, unsupported(-1, "a column default is")
	}
	stmt, err := b.env.Parse("SELECT " + col.Default)
	if err != nil {
		return nil, err
	}
	sel, ok := stmt.(*ast.Select)
	if !ok || len(sel.Items) != 1 {
		return nil, sqlstate.InvalidTableDefinition.Errorf("the default of column \"%s\" is not an expression", col.Name)
	}
	k := &block{b: b, noAgg: "cannot use aggregate in default expression", noWin: "Window functions are not allowed in default expressions"}
	x, err := k.expr(sel.Items[0].Expr)
	if err != nil {
		if e, ok := err.(*sqlstate.Error); ok { // places in the default's text mean nothing in the statement
			c := *e
			return nil, c.Shift(-(c.Offset() + 1))
		}
		return nil, err
	}
	return b.assign(x, col.Type, col.Name, -1)
}

// insertQuery makes rows of the table of a query's rows.
func (b *binder) insertQuery(t *catalog.Table, targets []int, s *ast.Insert) (plan.Node, error) {
	q, err := b.query(s.Query, nil, nil)
	if err != nil {
		return nil, err
	}
	if len(q.cols) > len(targets) {
		return nil, sqlstate.Syntax.Errorf("INSERT has more expressions than target columns").At(s.Query.Pos.Offset())
	}
	if len(s.Columns) > len(q.cols) {
		return nil, sqlstate.Syntax.Errorf("INSERT has more target columns than expressions").At(s.Columns[len(q.cols)].Offset())
	}
	// Literals of the list take the columns' types where they stand.
	want := make([]types.Type, len(q.cols))
	for i := range q.cols {
		want[i] = q.cols[i].Type
		if want[i].Kind == types.Unknown {
			want[i] = t.Columns[targets[i]].Type
		}
	}
	if err := b.castQuery(&q, want); err != nil {
		return nil, err
	}
	b.striped = true
	defer func() { b.striped = false }()
	p := &plan.Project{Input: q.node, Exprs: make([]plan.Named, len(t.Columns))}
	for c := range t.Columns {
		col := &t.Columns[c]
		var x expr.Expr
		for i, at := range targets[:len(q.cols)] {
			if at != c {
				continue
			}
			if col.Identity != nil && !col.Identity.ByDefault {
				return nil, identityError(s.Query.Pos.Offset())
			}
			if x, err = b.assign(columnOf(q.cols[i]), col.Type, col.Name, s.Query.Pos.Offset()); err != nil {
				return nil, err
			}
		}
		if x == nil {
			if x, err = b.defaultOf(t, c); err != nil {
				return nil, err
			}
		}
		n := plan.Named{Column: plan.Column{ID: b.id(), Name: col.Name, Type: col.Type}, Expr: x}
		if e, ok := x.(*expr.Column); ok && !taken(p.Exprs[:c], e.ID) {
			n.ID = e.ID
		}
		p.Exprs[c] = n
	}
	return p, nil
}

// taken says that a list of computed columns already has a number.
func taken(list []plan.Named, id expr.ColumnID) bool {
	for i := range list {
		if list[i].ID == id {
			return true
		}
	}
	return false
}
