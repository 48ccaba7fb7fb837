package bind

import (
	"github.com/redshiftsim/redshiftsim/engine/ast"
	"github.com/redshiftsim/redshiftsim/engine/expr"
	"github.com/redshiftsim/redshiftsim/engine/plan"
	"github.com/redshiftsim/redshiftsim/engine/principal"
	"github.com/redshiftsim/redshiftsim/internal/sqlstate"
)

// changed binds what UPDATE and DELETE share: the target with its row ids, the other tables beside it, and WHERE. It gives the rows to change and
// the row id's column.
func (b *binder) changed(name ast.Name, by, as string, with []ast.CTE, recursive bool, others []ast.From, where ast.Expr) (*block, *plan.Scan, plan.Node, error) {
	ctes, err := withCTEs(nil, with, recursive)
	if err != nil {
		return nil, nil, nil, err
	}
	for c := ctes; c != nil; c = c.parent {
		c.top = true
	}
	t, err := b.target(name, by)
	if err != nil {
		return nil, nil, nil, err
	}
	if as == "" {
		as = t.Name
	}
	k := &block{b: b, ctes: ctes}
	target := b.scan(t, as, true)
	scan := target.node.(*plan.Scan)
	if t.Secured {
		if target, err = b.protect(t, target, name.Offset()); err != nil {
			return nil, nil, nil, err
		}
	}
	k.src = target
	if len(others) > 0 {
		rest := &block{b: b, ctes: ctes}
		if err := rest.from(others); err != nil {
			return nil, nil, nil, err
		}
		if k.src, err = joined(target, rest.src, others[0].Offset()); err != nil {
			return nil, nil, nil, err
		}
	}
	node := k.src.node
	if where != nil {
		k.noAgg, k.noWin = inWhere, "Window functions are not allowed in WHERE"
		cond, err := k.condition(where, "WHERE")
		if err != nil {
			return nil, nil, nil, err
		}
		node = &plan.Filter{Input: node, Conds: expr.Conjuncts(cond)}
	}
	return k, scan, node, nil
}

// bindDelete binds DELETE; a row that several rows of USING meet is deleted once.
// https://docs.aws.amazon.com/redshift/latest/dg/r_DELETE.html
func (b *binder) bindDelete(s *ast.Delete) error {
	_, scan, node, err := b.changed(s.Table, "DELETE", s.Alias, s.With, s.Recursive, s.Using, s.Where)
	if err != nil {
		return err
	}
	b.demandsOf(scan.Table, principal.Delete, nil)
	node = passing(node, scan.Output[:1])
	if len(s.Using) > 0 {
		node = &plan.Distinct{Input: node}
	}
	b.out.Kind, b.out.Plan = Delete, &plan.Delete{Table: scan.Table, Input: node}
	return nil
}

// outerJoin finds an outer join in an item of FROM, nil when there is none: the FROM of an UPDATE may not have one.
func outerJoin(f ast.From) *ast.Join {
	j, ok := f.(*ast.Join)
	if !ok {
		return nil
	}
	if j.Kind == "left" || j.Kind == "right" || j.Kind == "full" {
		return j
	}
	if l := outerJoin(j.L); l != nil {
		return l
	}
	return outerJoin(j.R)
}

// bindUpdate binds UPDATE: the row id and the whole new row.
// https://docs.aws.amazon.com/redshift/latest/dg/r_UPDATE.html
func (b *binder) bindUpdate(s *ast.Update) error {
	for _, f := range s.From {
		if j := outerJoin(f); j != nil {
			return sqlstate.FeatureNotSupported.Errorf("Target table must be part of an equijoin predicate").At(j.Offset())
		}
	}
	k, scan, node, err := b.changed(s.Table, "UPDATE", s.Alias, s.With, s.Recursive, s.From, s.Where)
	if err != nil {
		return err
	}
	t := scan.Table
	k.noAgg, k.noWin = "cannot use aggregate function in UPDATE", "Window functions are not allowed in UPDATE"
	set := make([]expr.Expr, len(t.Columns))
	for i := range s.Set {
		a := &s.Set[i]
		c := columnIndex(t, a.Column.Name)
		if c < 0 {
			return sqlstate.UndefinedColumn.Errorf("column \"%s\" of relation \"%s\" does not exist", a.Column.Name, t.Name).At(a.Column.Offset())
		}
		if set[c] != nil {
			return sqlstate.Syntax.Errorf("multiple assignments to same column \"%s\"", a.Column.Name).At(a.Column.Offset())
		}
		col := &t.Columns[c]
		if l, ok := a.Value.(*ast.Literal); ok && l.Kind == ast.Default {
			if set[c], err = b.defaultOf(t, c); err != nil {
				return err
			}
			continue
		}
		if col.Identity != nil && !col.Identity.ByDefault {
			return identityError(a.Value.Offset())
		}
		x, err := k.expr(a.Value)
		if err != nil {
			return err
		}
		if set[c], err = b.assign(x, col.Type, col.Name, a.Value.Offset()); err != nil {
			return err
		}
	}
	b.readSoFar(scan)
	written := []int{}
	for c := range set {
		if set[c] != nil {
			written = append(written, c)
		}
	}
	b.demandsOf(t, principal.Update, written)
	p := &plan.Project{Input: node, Exprs: make([]plan.Named, 0, len(set)+1)}
	p.Exprs = append(p.Exprs, plan.Named{Column: scan.Output[0], Expr: columnOf(scan.Output[0])})
	for c := range set {
		old := scan.Output[c+1]
		n := plan.Named{Column: old}
		if n.Expr = set[c]; n.Expr == nil {
			b.use(old.ID)
			n.Expr = columnOf(old)
		} else {
			n.ID, n.Table = b.id(), ""
		}
		p.Exprs = append(p.Exprs, n)
	}
	b.out.Kind, b.out.Plan = Update, &plan.Update{Table: t, Input: p}
	return nil
}
