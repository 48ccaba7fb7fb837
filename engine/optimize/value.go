package optimize

import (
	"slices"

	"github.com/redshiftsim/redshiftsim/engine/expr"
	"github.com/redshiftsim/redshiftsim/engine/function"
	"github.com/redshiftsim/redshiftsim/engine/plan"
	"github.com/redshiftsim/redshiftsim/internal/types"
)

// value computes the subqueries inside an expression by joins below it. asCondition says that NULL may stand for false.
func (o *optimizer) value(in plan.Node, e expr.Expr, asCondition bool) (plan.Node, expr.Expr, error) {
	var err error
	switch x := e.(type) {
	case *expr.And:
		in, args, err := o.values(in, x.Args, asCondition)
		return in, &expr.And{Args: args}, err
	case *expr.Or:
		in, args, err := o.values(in, x.Args, asCondition)
		return in, &expr.Or{Args: args}, err
	case *expr.Subquery:
		return o.subqueryValue(in, x, asCondition)
	}
	// every other operator: replace the subqueries in it one by one
	var subs []*expr.Subquery
	expr.Walk(e, func(e expr.Expr) bool {
		if s, ok := e.(*expr.Subquery); ok {
			subs = append(subs, s)
			return false
		}
		return true
	})
	for i, s := range subs {
		if slices.Contains(subs[:i], s) {
			continue
		}
		var v expr.Expr
		if in, v, err = o.subqueryValue(in, s, false); err != nil {
			return nil, nil, err
		}
		e = expr.Rewrite(e, func(e expr.Expr) expr.Expr {
			if e == expr.Expr(s) {
				return v
			}
			return e
		})
	}
	return in, e, nil
}

func (o *optimizer) values(in plan.Node, es []expr.Expr, asCondition bool) (plan.Node, []expr.Expr, error) {
	out := make([]expr.Expr, len(es))
	for i, e := range es {
		out[i] = e
		if !hasSubquery(e) {
			continue
		}
		var err error
		if in, out[i], err = o.value(in, e, asCondition); err != nil {
			return nil, nil, err
		}
	}
	return in, out, nil
}

// subqueryValue joins in with one subquery and gives the expression that holds its value.
func (o *optimizer) subqueryValue(in plan.Node, s *expr.Subquery, asCondition bool) (plan.Node, expr.Expr, error) {
	o.joins = true
	if goesThroughOuter(s) {
		var v expr.Expr
		in, err := o.overElements(in, s, func(in plan.Node, s *expr.Subquery) (plan.Node, error) {
			in, x, err := o.subqueryValue(in, s, asCondition)
			v = x
			return in, err
		})
		return in, v, err
	}
	switch {
	case s.Kind == expr.Scalar:
		return o.scalar(in, s)
	case s.Kind == expr.Exists:
		return o.existsValue(in, s)
	case s.Kind == expr.Any && s.Op == expr.Eq && !s.Not && asCondition && !anySubquery(s.Left):
		return o.inValue(in, s)
	}
	return o.quantifiedValue(in, s)
}

// quantifiedValue computes x op ANY or ALL (q), in three-valued logic.
func (o *optimizer) quantifiedValue(in plan.Node, s *expr.Subquery) (plan.Node, expr.Expr, error) {
	k := *s
	k.Left = append([]expr.Expr(nil), s.Left...)
	for i, l := range k.Left {
		var err error
		if !hasSubquery(l) {
			continue
		}
		if in, k.Left[i], err = o.value(in, l, false); err != nil {
			return nil, nil, err
		}
	}
	op, not := k.Op, k.Not
	if k.Kind == expr.All { // x op ALL q is NOT (x negated-op ANY q)
		op, not = op.Negate(), !not
	}
	in, v, err := o.anyValue(in, &k, op)
	if not && err == nil {
		v = &expr.Not{Arg: v}
	}
	return in, v, err
}

// scalar joins in with (SELECT one value).
func (o *optimizer) scalar(in plan.Node, s *expr.Subquery) (plan.Node, expr.Expr, error) {
	q, err := o.queryOf(s)
	if err != nil {
		return nil, nil, err
	}
	outer := outerSet(s)
	col := q.Columns()[0]
	if !uses(q, outer) {
		return &plan.Join{Kind: plan.SingleRow, Outer: in, Inner: q}, column(&col), nil
	}
	// an aggregate over a correlated query: group it by the columns of the correlation
	result := expr.Expr(column(&col))
	a, result := aggregateBelow(q, result)
	if a == nil {
		q, value := outerList(q, []plan.Column{col}, outer)
		if v, ok := q.(*plan.Values); ok && len(v.Rows) == 1 && len(v.Output) == 0 && !uses(q, outer) { // (SELECT outer column)
			return in, value[0], nil
		}
		q, conds, err := o.lift(q, outer, s.Pos)
		if err != nil {
			return nil, nil, err
		}
		j := &plan.Join{Kind: plan.SingleRow, Outer: in, Inner: q, On: conds}
		if c, ok := value[0].(*expr.Column); ok && c.ID == col.ID {
			return j, value[0], nil
		}
		met := plan.Column{ID: o.id(), Name: "met", Type: types.TInt4} // NULL when there is no row, whatever the outer columns are
		p := passing(q, q.Columns())
		p.Exprs = append(p.Exprs, plan.Named{Column: met, Expr: &expr.Const{Value: types.Datum{Type: types.TInt4, Int: 1}}})
		j.Inner = p
		return j, &expr.Case{Whens: []expr.When{{Cond: &expr.IsNull{Arg: column(&met), Not: true}, Then: value[0]}}, Typ: col.Type}, nil
	}
	g, conds, err := o.liftAggregate(a, outer, s.Pos)
	if err != nil {
		return o.scalarByRow(in, a, result, s)
	}
	empty, before := false, result
	result = expr.Rewrite(result, func(e expr.Expr) expr.Expr {
		c, ok := e.(*expr.Column)
		if !ok {
			return e
		}
		for i := range a.Aggs {
			if x := &a.Aggs[i]; x.ID == c.ID && x.Fn.Empty != nil {
				empty = true
				return &expr.Coalesce{Args: []expr.Expr{c, &expr.Const{Value: *x.Fn.Empty}}, Typ: x.Type}
			}
		}
		return e
	})
	if empty && len(a.Having) > 0 { // no group may mean no rows, or rows that HAVING drops
		return o.scalarByRow(in, a, before, s)
	}
	return &plan.Join{Kind: plan.Left, Outer: in, Inner: g, On: conds}, result, nil
}

// aggregateBelow finds an Aggregate without groups under Projects and rewrites result, an expression over q's output, to one over the Aggregate's.
func aggregateBelow(q plan.Node, result expr.Expr) (*plan.Aggregate, expr.Expr) {
	for {
		switch n := q.(type) {
		case *plan.Project:
			result = substitute(result, n.Exprs)
			q = n.Input
		case *plan.Subquery:
			q = n.Input
		case *plan.Aggregate:
			if len(n.Groups) == 0 {
				return n, result
			}
			return nil, result
		default:
			return nil, result
		}
	}
}

// substitute puts the expressions of a Project in the place of its columns.
func substitute(e expr.Expr, named []plan.Named) expr.Expr {
	return expr.Rewrite(e, func(e expr.Expr) expr.Expr {
		if c, ok := e.(*expr.Column); ok {
			for i := range named {
				if named[i].ID == c.ID {
					return named[i].Expr
				}
			}
		}
		return e
	})
}

// existsValue makes a boolean of [NOT] EXISTS (q).
func (o *optimizer) existsValue(in plan.Node, s *expr.Subquery) (plan.Node, expr.Expr, error) {
	q, err := o.queryOf(s)
	if err != nil {
		return nil, nil, err
	}
	q = rowsOnly(q)
	outer := outerSet(s)
	if !uses(q, outer) {
		count, err := function.FindAggregate("count", nil, false)
		if err != nil {
			return nil, nil, err
		}
		a := plan.Agg{Column: plan.Column{ID: o.id(), Name: "count", Type: count.Returns}, Fn: count}
		q = &plan.Aggregate{Input: &plan.Limit{Input: q, Count: 1}, Aggs: []plan.Agg{a}}
		op := expr.Gt
		if s.Not {
			op = expr.Eq
		}
		return &plan.Join{Kind: plan.SingleRow, Outer: in, Inner: q},
			&expr.Compare{Op: op, Left: column(&a.Column), Right: &expr.Const{Value: types.Datum{Type: count.Returns}}}, nil
	}
	q, conds, err := o.lift(q, outer, s.Pos)
	if err != nil {
		return nil, nil, err
	}
	if !o.byEqualities(q, conds, outer) {
		return o.existsByRow(in, q, conds, s)
	}
	q, on, keys, err := o.keyed(q, conds, outer, s.Pos)
	if err != nil {
		return nil, nil, err
	}
	j := &plan.Join{Kind: plan.Left, Outer: in, Inner: &plan.Aggregate{Input: q, Groups: ids(keys)}, On: on}
	return j, &expr.IsNull{Arg: keys[0], Not: !s.Not}, nil
}

// inValue makes a boolean of x IN (q) where NULL may stand for false: a match leaves its key, which is never NULL.
func (o *optimizer) inValue(in plan.Node, s *expr.Subquery) (plan.Node, expr.Expr, error) {
	q, err := o.queryOf(s)
	if err != nil {
		return nil, nil, err
	}
	cols := q.Columns()
	outer := outerSet(s)
	if len(s.Outer) > 0 && sumsGroups(q) {
		return nil, nil, refuse(s.Pos)
	}
	if d, ok := q.(*plan.Distinct); ok {
		q = d.Input
	}
	below, right := outerList(q, cols, outer)
	lifted, conds, err := o.lift(below, outer, s.Pos)
	if err != nil {
		return nil, nil, err
	}
	if below != q || !o.byEqualities(lifted, conds, outer) {
		return o.anyByRow(in, lifted, right, conds, s, expr.Eq)
	}
	q = lifted
	q, on, keys, err := o.keyed(q, conds, outer, s.Pos)
	if err != nil {
		return nil, nil, err
	}
	for i := range s.Left {
		c := column(&cols[i])
		keys = append(keys, c)
		on = append(on, &expr.Compare{Op: expr.Eq, Left: s.Left[i], Right: c})
	}
	j := &plan.Join{Kind: plan.Left, Outer: in, Inner: &plan.Aggregate{Input: q, Groups: ids(keys)}, On: on}
	return j, &expr.IsNull{Arg: keys[len(keys)-1], Not: true}, nil
}

func ids(cols []*expr.Column) []expr.ColumnID {
	var out []expr.ColumnID
next:
	for _, c := range cols {
		for _, id := range out {
			if id == c.ID {
				continue next
			}
		}
		out = append(out, c.ID)
	}
	return out
}
