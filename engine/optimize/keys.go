package optimize

import (
	"slices"

	"github.com/redshiftsim/redshiftsim/engine/catalog"
	"github.com/redshiftsim/redshiftsim/engine/expr"
	"github.com/redshiftsim/redshiftsim/engine/plan"
)

// trimKeys believes the keys that tables declare, which nobody enforces, and leaves out what they make superfluous:
//
//	SELECT DISTINCT pk, a FROM t                                    the DISTINCT; a GROUP BY without aggregates; the DISTINCT of count(DISTINCT pk)
//	SELECT f.a FROM f LEFT JOIN d ON f.x = d.pk                     the join: no row finds two partners, and nobody reads d
//	SELECT f.a, d.pk FROM f JOIN d ON f.fk = d.pk                   the join: each row finds its partner, unless fk is NULL, and d.pk is f.fk
//
// "If your application allows invalid foreign keys or primary keys, some queries could return incorrect results."
// https://docs.aws.amazon.com/redshift/latest/dg/t_Defining_constraints.html
func (o *optimizer) trimKeys(n plan.Node) (plan.Node, error) {
	if !o.hasKeys {
		return n, nil
	}
	return o.trim(n, plan.SetOfColumns(n.Columns())), nil
}

// trim gives n without what keys make superfluous, when only the columns in need are read above it.
func (o *optimizer) trim(n plan.Node, need plan.Set) plan.Node {
	switch n := n.(type) {
	case *plan.Filter:
		below := need.Clone()
		for _, c := range n.Conds {
			below.AddExpr(c)
		}
		return o.trimInput(n, n.Input, below)
	case *plan.Project:
		return o.trimProject(n, need)
	case *plan.Join:
		return o.trimJoin(n, need)
	case *plan.Aggregate:
		return o.trimAggregate(n)
	case *plan.Sort:
		below := need.Clone()
		for _, k := range n.Keys {
			below.Add(k.ID)
		}
		return o.trimInput(n, n.Input, below)
	case *plan.Limit:
		return o.trimInput(n, n.Input, need)
	case *plan.Expand:
		return o.trimInput(n, n.Input, withBounds(n, need))
	case *plan.Unnest:
		return o.trimInput(n, n.Input, readsOf(n, need))
	case *plan.Window:
		below := need.Clone()
		below.AddWindow(n)
		return o.trimInput(n, n.Input, below)
	case *plan.Distinct:
		in := o.trimExact(n.Input)
		if o.uniqueBy(in, plan.SetOfColumns(in.Columns()), false) {
			return in
		}
		return o.replaced(n, n.Input, in)
	}
	out, _ := inputs(n, func(in plan.Node) (plan.Node, error) { return o.trimExact(in), nil })
	return out
}

// withBounds adds what an Expand reads itself.
func withBounds(n *plan.Expand, need plan.Set) plan.Set {
	if len(n.Bounds) == 0 {
		return need
	}
	below := need.Clone()
	for _, id := range n.Bounds {
		below.Add(id)
	}
	return below
}

// trimInput trims the only input of n.
func (o *optimizer) trimInput(n, in plan.Node, need plan.Set) plan.Node {
	return o.replaced(n, in, o.trim(in, need))
}

// replaced is n with another input, if it is another.
func (o *optimizer) replaced(n, before, after plan.Node) plan.Node {
	if before == after {
		return n
	}
	return plan.WithInputs(n, []plan.Node{after})
}

// trimExact trims a node whose columns the one above it counts: they stay as they are.
func (o *optimizer) trimExact(n plan.Node) plan.Node {
	cols := n.Columns()
	out := o.trim(n, plan.SetOfColumns(cols))
	if !slices.EqualFunc(out.Columns(), cols, func(a, b plan.Column) bool { return a.ID == b.ID }) {
		return passing(out, cols)
	}
	return out
}

// trimProject drops the expressions that nobody reads, and trims the input by what is left.
func (o *optimizer) trimProject(n *plan.Project, need plan.Set) plan.Node {
	var below plan.Set
	var kept []plan.Named
	for i := range n.Exprs {
		if e := &n.Exprs[i]; need.Has(e.ID) {
			kept = append(kept, *e)
			below.AddExpr(e.Expr)
		}
	}
	in := o.trim(n.Input, below)
	if in == n.Input {
		return n
	}
	return &plan.Project{Input: in, Exprs: kept}
}

// trimAggregate leaves a grouping out that computes nothing and has a row for each row, and the DISTINCT of aggregates whose values come once.
func (o *optimizer) trimAggregate(n *plan.Aggregate) plan.Node {
	var below plan.Set
	for _, g := range n.Groups {
		below.Add(g)
	}
	for i := range n.Aggs {
		a := &n.Aggs[i]
		for _, e := range a.Args {
			below.AddExpr(e)
		}
		for _, k := range a.Order {
			below.Add(k.ID)
		}
	}
	c := *n
	c.Input = o.trim(n.Input, below)
	if len(n.Aggs) == 0 && len(n.Having) == 0 && len(n.Groups) > 0 && o.uniqueBy(c.Input, idSet(n.Groups), false) {
		return passing(c.Input, n.Columns())
	}
	c.Aggs = slices.Clone(n.Aggs)
	changed := c.Input != n.Input
	for i := range c.Aggs {
		a := &c.Aggs[i]
		if !a.Distinct || len(a.Args) != 1 {
			continue
		}
		if x, ok := a.Args[0].(*expr.Column); ok && o.uniqueBy(c.Input, idSet([]expr.ColumnID{x.ID}), true) {
			a.Distinct, changed = false, true
		}
	}
	if !changed {
		return n
	}
	return &c
}

// trimJoin leaves out a side that is looked up by a key and that nobody reads.
func (o *optimizer) trimJoin(n *plan.Join, need plan.Set) plan.Node {
	if n.Kind == plan.Inner {
		if out := o.trimRegion(n, need); out != nil {
			return o.trim(out, need)
		}
	}
	inner := n.Inner.Columns()
	if n.Kind == plan.Left && !slices.ContainsFunc(inner, func(c plan.Column) bool { return need.Has(c.ID) }) &&
		o.uniqueBy(n.Inner, joinColumns(n.On, n.Outer, n.Inner), true) {
		return o.trim(n.Outer, need)
	}
	below := need.Clone()
	for _, c := range n.On {
		below.AddExpr(c)
	}
	outer, in := o.trim(n.Outer, below), o.trim(n.Inner, below)
	if outer == n.Outer && in == n.Inner {
		return n
	}
	return plan.WithInputs(n, []plan.Node{outer, in})
}

// trimRegion leaves out one table of a region of inner joins that is only the target of a foreign key; nil = there is none.
func (o *optimizer) trimRegion(n *plan.Join, need plan.Set) plan.Node {
	var leafs []plan.Node
	var conds []expr.Expr
	gather(n, &leafs, &conds)
	for i, l := range leafs {
		d, ok := l.(*plan.Scan)
		if !ok {
			continue
		}
		for k, f := range leafs {
			fact, ok := f.(*plan.Scan)
			if !ok || i == k {
				continue
			}
			for c := range fact.Table.Constraints {
				if same, left := o.target(d, fact, &fact.Table.Constraints[c], conds, need); same != nil {
					return o.without(leafs, i, left, same, n.Columns(), need)
				}
			}
		}
	}
	return nil
}

// target says whether scan d is only there as the target of foreign key k of scan f: it is joined by the key, and nobody reads more of it than the key.
// same gives the columns of f for those of d, left the conditions that are left, without d.
func (o *optimizer) target(d, f *plan.Scan, k *catalog.Constraint, conds []expr.Expr, need plan.Set) (same []plan.Named, left []expr.Expr) {
	if k.Kind != 'f' || k.RefTable != d.Table.ID && (k.RefTable != 0 || f.Table.ID != d.Table.ID) || len(k.RefColumns) != len(k.Columns) || len(k.Columns) == 0 {
		return nil, nil
	}
	joined := make([]bool, len(conds))
	var notNull []expr.Expr
	for i := range k.Columns {
		from, to := columnAt(f, k.Columns[i]), columnAt(d, k.RefColumns[i])
		if from == nil || to == nil || from.Type != to.Type {
			return nil, nil
		}
		found := false
		for c, e := range conds {
			if l, r, ok := columnsEqual(e); ok && (l.ID == from.ID && r.ID == to.ID || l.ID == to.ID && r.ID == from.ID) {
				joined[c], found = true, true
			}
		}
		if !found {
			return nil, nil
		}
		same = append(same, plan.Named{Column: *to, Expr: column(from)})
		if !f.Table.Columns[k.Columns[i]].NotNull {
			notNull = append(notNull, &expr.IsNull{Arg: column(from), Not: true})
		}
	}
	cols, keys := plan.SetOfColumns(d.Output), namedSet(same)
	if !o.uniqueBy(d, keys, true) {
		return nil, nil
	}
	for _, c := range d.Output {
		if need.Has(c.ID) && !keys.Has(c.ID) {
			return nil, nil
		}
	}
	left = slices.Clone(d.Filter)
	for c, e := range conds {
		if !joined[c] {
			left = append(left, e)
		}
	}
	for i, e := range left {
		for _, id := range expr.Columns(e) {
			if cols.Has(id) && !keys.Has(id) {
				return nil, nil
			}
		}
		if volatile(e) {
			return nil, nil
		}
		left[i] = substitute(e, same)
	}
	return same, append(left, notNull...)
}

// without joins the leafs but number i under the conditions; the columns same of the leaf that is gone are computed.
func (o *optimizer) without(leafs []plan.Node, i int, conds []expr.Expr, same []plan.Named, cols []plan.Column, need plan.Set) plan.Node {
	var n plan.Node
	for k, l := range leafs {
		switch {
		case k == i:
		case n == nil:
			n = l
		default:
			n = &plan.Join{Kind: plan.Inner, Outer: n, Inner: l}
		}
	}
	n = o.push(n, conds)
	p := &plan.Project{Input: n}
	have, gone := plan.SetOfColumns(n.Columns()), namedSet(same)
	for _, c := range cols {
		if !need.Has(c.ID) {
			continue
		}
		switch {
		case gone.Has(c.ID):
			for _, s := range same {
				if s.ID == c.ID {
					p.Exprs = append(p.Exprs, s)
				}
			}
		case have.Has(c.ID):
			p.Exprs = append(p.Exprs, plan.Named{Column: c, Expr: column(&c)})
		}
	}
	return p
}

// uniqueBy says that no two rows of n agree in cols. With nulls, rows in which a column of the key is NULL do not count; else NULL equals NULL.
func (o *optimizer) uniqueBy(n plan.Node, cols plan.Set, nulls bool) bool {
	switch n := n.(type) {
	case *plan.Scan:
		for i := range n.Table.Constraints {
			if k := &n.Table.Constraints[i]; k.Kind != 'f' && scanHas(n, k, cols, nulls) {
				return true
			}
		}
	case *plan.Filter, *plan.Sort, *plan.Limit, *plan.Subquery:
		return o.uniqueBy(n.Children()[0], cols, nulls)
	case *plan.Project:
		var below plan.Set
		for i := range n.Exprs {
			if x, ok := n.Exprs[i].Expr.(*expr.Column); ok && cols.Has(n.Exprs[i].ID) {
				below.Add(x.ID)
			}
		}
		return o.uniqueBy(n.Input, below, nulls)
	case *plan.Distinct:
		return !slices.ContainsFunc(n.Columns(), func(c plan.Column) bool { return !cols.Has(c.ID) }) || o.uniqueBy(n.Input, cols, nulls)
	case *plan.Aggregate:
		return !slices.ContainsFunc(n.Groups, func(g expr.ColumnID) bool { return !cols.Has(g) })
	case *plan.Join:
		switch n.Kind {
		case plan.Semi, plan.Anti, plan.AntiNull:
			return o.uniqueBy(n.Outer, cols, nulls)
		case plan.Inner, plan.Left, plan.SingleRow:
			outer := o.uniqueBy(n.Outer, cols, nulls)
			if outer && (n.Kind == plan.SingleRow || o.uniqueBy(n.Inner, joinColumns(n.On, n.Outer, n.Inner), true)) {
				return true
			}
			if n.Kind == plan.Inner && o.uniqueBy(n.Inner, cols, nulls) && (outer || o.uniqueBy(n.Outer, joinColumns(n.On, n.Inner, n.Outer), true)) {
				return true
			}
		}
	}
	return false
}

// scanHas says that a scan gives all columns of a key, and that they are in cols.
func scanHas(n *plan.Scan, k *catalog.Constraint, cols plan.Set, nulls bool) bool {
	for _, attr := range k.Columns {
		c := columnAt(n, attr)
		if c == nil || !cols.Has(c.ID) || !nulls && !n.Table.Columns[attr].NotNull {
			return false
		}
	}
	return len(k.Columns) > 0
}

// joinColumns are the columns of inner that conditions set equal to something of outer alone.
func joinColumns(on []expr.Expr, outer, inner plan.Node) plan.Set {
	out, in := plan.SetOfColumns(outer.Columns()), plan.SetOfColumns(inner.Columns())
	var cols plan.Set
	for _, e := range on {
		c, ok := e.(*expr.Compare)
		if !ok || c.Op != expr.Eq || volatile(e) {
			continue
		}
		for _, p := range [...][2]expr.Expr{{c.Left, c.Right}, {c.Right, c.Left}} {
			if x, ok := p[0].(*expr.Column); ok && in.Has(x.ID) && out.Holds(p[1]) {
				cols.Add(x.ID)
			}
		}
	}
	return cols
}

// columnAt finds the output column of a table's column; nil = the scan does not give it.
func columnAt(n *plan.Scan, attr int) *plan.Column {
	if i := slices.Index(n.Attrs, attr); i >= 0 {
		return &n.Output[i]
	}
	return nil
}

// idSet makes a set of columns.
func idSet(ids []expr.ColumnID) (s plan.Set) {
	for _, id := range ids {
		s.Add(id)
	}
	return s
}

// namedSet makes a set of the columns of a list.
func namedSet(list []plan.Named) (s plan.Set) {
	for i := range list {
		s.Add(list[i].ID)
	}
	return s
}
