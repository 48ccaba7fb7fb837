package bind

import (
	"github.com/redshiftsim/redshiftsim/engine/ast"
	"github.com/redshiftsim/redshiftsim/engine/expr"
	"github.com/redshiftsim/redshiftsim/engine/plan"
	"github.com/redshiftsim/redshiftsim/internal/sqlstate"
	"github.com/redshiftsim/redshiftsim/internal/types"
)

// A query in FROM may go through a nested array of an item to its left. One that is an aggregate has a row for each of that item's, its columns are subqueries of
// expressions; any other is the going through itself:
//
//	FROM customers c, (SELECT count(*) AS n FROM c.orders o) s          Project [c.*, (SELECT count(*) FROM c.orders o) AS n]
//	FROM customers c, (SELECT o.price FROM c.orders o) s                Project [c.*, o.price]
//	                                                                      Unnest [orders of c]
//
// https://docs.aws.amazon.com/redshift/latest/dg/nested-data-use-cases.html#aggregating-with-subquery

// goesThrough says that a query in FROM goes through a nested array of an item to its left.
func (k *block) goesThrough(q *ast.Select, left *source) bool {
	in := *k
	in.src = *left
	for _, f := range q.From {
		t, ok := leftmost(f).(*ast.TableRef)
		if !ok {
			continue
		}
		if c := (&ast.ColumnRef{Pos: t.Name.Pos, Parts: t.Name.Parts}); len(c.Parts) > 1 && in.leads(c) {
			x, _, _ := in.qualified(c.Parts, c.Offset()) // the reading of the query tells what is wrong with a name
			if x == nil {
				x, _ = in.src.find(c.Parts[0], c.Offset())
			}
			return x != nil && x.Type().Kind == types.Nested
		}
	}
	return false
}

// lateral puts such a query beside the rows to its left.
func (k *block) lateral(left source, f *ast.Derived) (source, error) {
	around := &block{b: k.b, outer: k.outer, ctes: k.ctes, src: left}
	defer k.b.inside(ofFrom)()
	bind := func() (query, error) {
		q, err := k.b.query(f.Query, around, k.ctes)
		if err == nil {
			err = k.b.settle(&q)
		}
		return q, err
	}
	q, err := bind()
	if err != nil {
		return source{}, err
	}
	p := &plan.Project{Input: left.node}
	for _, c := range left.node.Columns() {
		p.Exprs = append(p.Exprs, plan.Named{Column: c, Expr: columnOf(c)})
	}
	own := len(p.Exprs)
	top, ok := q.node.(*plan.Project)
	switch {
	case !ok:
	case oneRow(top.Input):
		for i := range q.cols {
			if i > 0 { // each subquery has its own
				if q, err = bind(); err != nil {
					return source{}, err
				}
			}
			e := k.subquery(expr.Scalar, exact(query{node: q.node, cols: q.cols[i : i+1], outer: q.outer}), f.Offset())
			e.Typ = q.cols[i].Type
			c := q.cols[i]
			c.ID = k.b.id()
			p.Exprs = append(p.Exprs, plan.Named{Column: c, Expr: e})
		}
	default:
		if p.Input, ok = through(top.Input, left.node); ok {
			p.Exprs = append(p.Exprs, top.Exprs...)
		}
	}
	if !ok {
		return source{}, sqlstate.Unbuilt("SELECT", "GROUP BY, DISTINCT and set operations in a query of FROM that goes through an array to its left").At(f.Offset())
	}
	for _, id := range around.outerUsed {
		k.outerUsed = addID(k.outerUsed, id)
	}
	k.unnested = true
	k.b.laterals = append(k.b.laterals, p)
	alias := f.Alias
	if alias == "" {
		alias = k.b.unnamedAlias()
	}
	return besideColumns(left, p, p.Exprs[own:], f, alias)
}

// besideColumns is the source of a lateral query: what is to its left, and a relation of its columns.
func besideColumns(left source, p *plan.Project, made []plan.Named, f *ast.Derived, alias string) (source, error) {
	r := relation{alias: alias}
	for i := range made {
		c := &made[i].Column
		c.Table = alias
		if i < len(f.Columns) {
			c.Name = f.Columns[i]
		}
		r.cols = append(r.cols, expr.Column{ID: c.ID, Typ: c.Type, Table: c.Table, Name: c.Name})
	}
	if len(f.Columns) > len(made) {
		return source{}, tooManyNames(alias, len(made), len(f.Columns), f.Offset())
	}
	one := source{node: p, rels: []relation{r}}
	s, err := joined(left, one, f.Offset())
	s.node = p
	return s, err
}

// oneRow says that a query gives one row whatever it reads: an aggregate without groups, of which no row is dropped.
func oneRow(n plan.Node) bool {
	a, ok := n.(*plan.Aggregate)
	return ok && len(a.Groups) == 0 && len(a.Having) == 0
}

// through puts rows in the place of the one row from which a query starts that only goes through arrays; false = it does more.
func through(n, rows plan.Node) (plan.Node, bool) {
	switch n := n.(type) {
	case *plan.Values:
		return rows, len(n.Rows) == 1 && len(n.Output) == 0
	case *plan.Filter, *plan.Unnest:
		in, ok := through(n.Children()[0], rows)
		if !ok {
			return nil, false
		}
		return plan.WithInputs(n, []plan.Node{in}), true
	}
	return nil, false
}
