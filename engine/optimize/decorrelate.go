package optimize

import (
	"github.com/redshiftsim/redshiftsim/engine/expr"
	"github.com/redshiftsim/redshiftsim/engine/plan"
	"github.com/redshiftsim/redshiftsim/internal/sqlstate"
	"github.com/redshiftsim/redshiftsim/internal/types"
)

// decorrelate turns every subquery of an expression into a join, so that nothing runs once per row:
//
//	WHERE EXISTS (q)         semi join          WHERE NOT EXISTS (q)       anti join
//	WHERE x IN (q)           semi join on x     WHERE x NOT IN (q)         anti join that knows NULLs
//	(SELECT c FROM q)        left join that fails on a second row
//	(SELECT sum(c) FROM q WHERE q.k = outer.k)      left join with q grouped by k
//
// Conditions of q that name columns of the outer query go up into the join; what cannot be taken apart so is refused in Redshift's words.
// https://docs.aws.amazon.com/redshift/latest/dg/r_correlated_subqueries.html
func (o *optimizer) decorrelate(n plan.Node) (plan.Node, error) {
	if !o.subqueries {
		return n, nil
	}
	return o.unnest(n)
}

// queryOf gives the query of a subquery. An expression that stands in several places (an alias that is named again, the operand of BETWEEN) gives each a
// copy of its own.
func (o *optimizer) queryOf(s *expr.Subquery) (plan.Node, error) {
	n := s.Plan.(plan.Node)
	q, err := o.fold(n)
	if err == nil {
		q, err = o.unnest(q)
	}
	if err != nil || !o.joined[n] {
		if o.joined == nil {
			o.joined = map[plan.Node]bool{}
		}
		o.joined[n] = true
		return q, err
	}
	q, _ = o.copied(q)
	return q, nil
}

// refuse is Redshift's answer to a correlation that cannot be a join.
func refuse(pos int) error {
	return sqlstate.FeatureNotSupported.Errorf("This type of correlated subquery pattern is not supported yet").At(pos)
}

// hasSubquery says that an expression holds a subquery.
func hasSubquery(e expr.Expr) bool {
	if leaf(e) {
		return false
	}
	found := false
	expr.Walk(e, func(e expr.Expr) bool {
		if _, ok := e.(*expr.Subquery); ok {
			found = true
		}
		return !found
	})
	return found
}

func anySubquery(es []expr.Expr) bool {
	for _, e := range es {
		if hasSubquery(e) {
			return true
		}
	}
	return false
}

// unnest rewrites n and everything below it.
func (o *optimizer) unnest(n plan.Node) (plan.Node, error) {
	n, err := inputs(n, o.unnest)
	if err != nil {
		return nil, err
	}
	switch n := n.(type) {
	case *plan.Filter:
		if anySubquery(n.Conds) {
			return o.unnestFilter(n)
		}
	case *plan.Project:
		p := *n
		p.Exprs = append([]plan.Named(nil), n.Exprs...)
		changed := false
		for i := range p.Exprs {
			if !hasSubquery(p.Exprs[i].Expr) {
				continue
			}
			if p.Input, p.Exprs[i].Expr, err = o.value(p.Input, p.Exprs[i].Expr, false); err != nil {
				return nil, err
			}
			changed = true
		}
		if changed {
			return &p, nil
		}
	case *plan.Aggregate:
		return o.unnestAggregate(n)
	case *plan.Join:
		if !anySubquery(n.On) {
			return n, nil
		}
		if n.Kind != plan.Inner {
			return o.unnestOuterJoin(n)
		}
		j := *n
		f := &plan.Filter{Input: &j}
		f.Conds, j.On = subqueriesApart(n.On)
		return o.unnestFilter(f)
	case *plan.Window:
		return o.unnestWindow(n)
	case *plan.Values:
		return o.unnestValues(n)
	}
	return n, nil
}

// unnestOuterJoin computes the subqueries of an outer join's condition below the join, on the side whose columns they are compared with. They may not
// be correlated. https://docs.aws.amazon.com/redshift/latest/dg/r_correlated_subqueries.html
func (o *optimizer) unnestOuterJoin(n *plan.Join) (plan.Node, error) {
	j := *n
	j.On = append([]expr.Expr(nil), n.On...)
	cols := n.Columns()
	outer := plan.SetOfColumns(n.Outer.Columns())
	for i, c := range j.On {
		var reads plan.Set
		correlated := -1
		expr.Walk(c, func(e expr.Expr) bool {
			if s, ok := e.(*expr.Subquery); ok {
				if len(s.Outer) > 0 {
					correlated = max(s.Pos, 0)
				}
				for _, l := range s.Left {
					reads.AddExpr(l)
				}
			}
			return true
		})
		if correlated >= 0 {
			return nil, refuse(correlated)
		}
		var below []expr.ColumnID // of the outer side
		all := 0
		for _, col := range cols {
			if reads.Has(col.ID) {
				all++
				if outer.Has(col.ID) {
					below = append(below, col.ID)
				}
			}
		}
		side := &j.Inner
		switch {
		case len(below) > 0 && len(below) == all:
			side = &j.Outer
		case len(below) > 0:
			return nil, sqlstate.FeatureNotSupported.Errorf("a subquery in the condition of an outer join that is compared with both sides is not supported")
		}
		var err error
		if *side, j.On[i], err = o.value(*side, c, true); err != nil {
			return nil, err
		}
	}
	return passing(&j, cols), nil
}

// unnestWindow computes the subqueries in the arguments of window functions below the window.
func (o *optimizer) unnestWindow(n *plan.Window) (plan.Node, error) {
	cols := n.Columns()
	w := *n
	w.Funcs = append([]plan.WindowFunc(nil), n.Funcs...)
	changed := false
	for i := range w.Funcs {
		f := &w.Funcs[i]
		if !anySubquery(f.Args) {
			continue
		}
		f.Args = append([]expr.Expr(nil), f.Args...)
		for j := range f.Args {
			var err error
			if w.Input, f.Args[j], err = o.value(w.Input, f.Args[j], false); err != nil {
				return nil, err
			}
		}
		changed = true
	}
	if !changed {
		return n, nil
	}
	return passing(&w, cols), nil
}

// subqueriesApart divides conditions into those with a subquery and those without.
func subqueriesApart(conds []expr.Expr) (nested, plain []expr.Expr) {
	for _, c := range conds {
		if hasSubquery(c) {
			nested = append(nested, c)
		} else {
			plain = append(plain, c)
		}
	}
	return nested, plain
}

// unnestFilter makes joins of the conditions with subqueries.
func (o *optimizer) unnestFilter(f *plan.Filter) (plan.Node, error) {
	in, cols := f.Input, f.Input.Columns()
	nested, rest := subqueriesApart(f.Conds)
	if len(rest) > 0 { // first what needs no join: it makes the joins smaller
		in, rest = &plan.Filter{Input: in, Conds: rest}, nil
	}
	for _, c := range nested {
		var err error
		if in, c, err = o.condition(in, c); err != nil {
			return nil, err
		}
		if c != nil {
			rest = append(rest, c)
		}
	}
	o.joins = true
	if len(rest) > 0 {
		o.filters = true
		in = &plan.Filter{Input: in, Conds: rest}
	}
	if len(in.Columns()) != len(cols) {
		return passing(in, cols), nil
	}
	return in, nil
}

// unnestAggregate moves subqueries of HAVING into a Filter above and those of arguments below.
func (o *optimizer) unnestAggregate(n *plan.Aggregate) (plan.Node, error) {
	c := *n
	c.Aggs = append([]plan.Agg(nil), n.Aggs...)
	for i := range c.Aggs {
		if !anySubquery(c.Aggs[i].Args) {
			continue
		}
		args := append([]expr.Expr(nil), c.Aggs[i].Args...)
		for j := range args {
			var err error
			if c.Input, args[j], err = o.value(c.Input, args[j], false); err != nil {
				return nil, err
			}
		}
		c.Aggs[i].Args = args
	}
	if !anySubquery(n.Having) {
		return &c, nil
	}
	f := &plan.Filter{Input: &c}
	f.Conds, c.Having = subqueriesApart(n.Having)
	return o.unnestFilter(f)
}

// unnestValues turns VALUES ((SELECT ...), 1) into a Project over the joined queries.
func (o *optimizer) unnestValues(n *plan.Values) (plan.Node, error) {
	found := false
	for _, r := range n.Rows {
		found = found || anySubquery(r)
	}
	if !found {
		return n, nil
	}
	if len(n.Rows) != 1 {
		return nil, sqlstate.FeatureNotSupported.Errorf("can't use subqueries in multi-row VALUES")
	}
	p := &plan.Project{Input: &plan.Values{Rows: [][]expr.Expr{{}}}}
	for i, e := range n.Rows[0] {
		var err error
		if p.Input, e, err = o.value(p.Input, e, false); err != nil {
			return nil, err
		}
		p.Exprs = append(p.Exprs, plan.Named{Column: n.Output[i], Expr: e})
	}
	return p, nil
}

// condition joins in with the subqueries of a condition that must hold; what is left to be tested afterwards comes back, nil = nothing.
func (o *optimizer) condition(in plan.Node, c expr.Expr) (plan.Node, expr.Expr, error) {
	not := false
	e := c
	for {
		n, ok := e.(*expr.Not)
		if !ok {
			break
		}
		not, e = !not, n.Arg
	}
	s, ok := e.(*expr.Subquery)
	if !ok || s.Kind == expr.Scalar {
		return o.value(in, c, true)
	}
	if goesThroughOuter(s) {
		in, err := o.overElements(in, s, func(in plan.Node, s *expr.Subquery) (plan.Node, error) {
			var c expr.Expr = s
			if not {
				c = &expr.Not{Arg: s}
			}
			in, rest, err := o.condition(in, c)
			if err == nil && rest != nil {
				in = &plan.Filter{Input: in, Conds: []expr.Expr{rest}}
			}
			return in, err
		})
		return in, nil, err
	}
	k := *s
	if k.Kind == expr.Exists {
		k.Not = k.Not != not
		j, err := o.exists(in, &k)
		return j, nil, err
	}
	if k.Not { // NOT IN written as a flag
		not = !not
	}
	if not { // NOT (x op ANY q) is x negated-op ALL q
		if k.Kind == expr.Any {
			k.Kind = expr.All
		} else {
			k.Kind = expr.Any
		}
		k.Op = k.Op.Negate()
	}
	for i := range k.Left {
		if hasSubquery(k.Left[i]) {
			left := append([]expr.Expr(nil), k.Left...)
			var err error
			if in, left[i], err = o.value(in, left[i], false); err != nil {
				return nil, nil, err
			}
			k.Left = left
		}
	}
	j, err := o.quantified(in, &k)
	return j, nil, err
}

// exists joins in with [NOT] EXISTS (q).
func (o *optimizer) exists(in plan.Node, s *expr.Subquery) (plan.Node, error) {
	q, err := o.queryOf(s)
	if err != nil {
		return nil, err
	}
	q = rowsOnly(q)
	if a, ok := q.(*plan.Aggregate); ok && len(a.Groups) == 0 && len(a.Having) == 0 { // there is always one row
		if !s.Not {
			return in, nil
		}
		o.filters = true
		return &plan.Filter{Input: in, Conds: []expr.Expr{&expr.Const{Value: types.Datum{Type: types.TBool}}}}, nil
	}
	q, conds, err := o.lift(q, outerSet(s), s.Pos)
	if err != nil {
		return nil, err
	}
	if len(conds) == 0 { // one row decides
		q = &plan.Limit{Input: q, Count: 1}
	}
	j := &plan.Join{Kind: plan.Semi, Outer: in, Inner: q, On: conds}
	if s.Not {
		j.Kind = plan.Anti
	}
	return j, nil
}

// rowsOnly strips what does not decide whether there is a row.
func rowsOnly(q plan.Node) plan.Node {
	for {
		switch n := q.(type) {
		case *plan.Project:
			q = n.Input
		case *plan.Distinct:
			q = n.Input
		case *plan.Sort:
			q = n.Input
		case *plan.Subquery:
			q = n.Input
		case *plan.Limit:
			if n.Count == 0 || n.Offset > 0 {
				return q
			}
			q = n.Input
		default:
			return q
		}
	}
}

// quantified joins in with x op ANY (q) or x op ALL (q).
func (o *optimizer) quantified(in plan.Node, s *expr.Subquery) (plan.Node, error) {
	q, err := o.queryOf(s)
	if err != nil {
		return nil, err
	}
	cols := q.Columns()
	if len(s.Outer) > 0 && sumsGroups(q) {
		return nil, refuse(s.Pos)
	}
	if d, ok := q.(*plan.Distinct); ok { // duplicates change nothing
		q = d.Input
	}
	q, right := outerList(q, cols, outerSet(s))
	q, conds, err := o.lift(q, outerSet(s), s.Pos)
	if err != nil {
		return nil, err
	}
	j := &plan.Join{Kind: plan.Semi, Outer: in, Inner: q}
	compare := func(op expr.CompareOp, i int) expr.Expr {
		return &expr.Compare{Op: op, Left: s.Left[i], Right: right[i]}
	}
	if s.Kind == expr.Any {
		var parts []expr.Expr
		for i := range s.Left {
			parts = append(parts, compare(s.Op, i))
		}
		if s.Op == expr.Ne && len(parts) > 1 { // rows differ when one column does
			parts = []expr.Expr{&expr.Or{Args: parts}}
		}
		j.On = append(parts, conds...)
		return j, nil
	}
	if _, plain := right[0].(*expr.Column); plain && s.Op == expr.Ne && len(s.Left) == 1 && len(conds) == 0 {
		j.Kind, j.On = plan.AntiNull, []expr.Expr{compare(expr.Eq, 0)}
		return j, nil
	}
	// A row goes when some row of q makes the comparison false or NULL.
	j.Kind = plan.Anti
	var parts []expr.Expr
	for i := range s.Left {
		args := []expr.Expr{compare(s.Op.Negate(), i), &expr.IsNull{Arg: s.Left[i]}, &expr.IsNull{Arg: right[i]}}
		parts = append(parts, &expr.Or{Args: args})
	}
	if s.Op == expr.Eq && len(parts) > 1 {
		parts = []expr.Expr{&expr.Or{Args: parts}}
	}
	j.On = append(parts, conds...)
	return j, nil
}

// outerList takes the list of a query away when it names outer columns: what is compared is then computed where the rows meet. right are the expressions
// that stand for cols.
func outerList(q plan.Node, cols []plan.Column, outer plan.Set) (below plan.Node, right []expr.Expr) {
	for i := range cols {
		right = append(right, column(&cols[i]))
	}
	p, ok := q.(*plan.Project)
	if !ok || len(p.Exprs) < len(cols) {
		return q, right
	}
	named := false
	for i := range p.Exprs {
		named = named || outer.Meets(p.Exprs[i].Expr)
	}
	if !named {
		return q, right
	}
	for i := range right {
		right[i] = substitute(right[i], p.Exprs)
	}
	return p.Input, right
}

func outerSet(s *expr.Subquery) plan.Set {
	var set plan.Set
	for _, id := range s.Outer {
		set.Add(id)
	}
	return set
}
