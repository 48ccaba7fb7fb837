package optimize

import (
	"github.com/redshiftsim/redshiftsim/engine/expr"
	"github.com/redshiftsim/redshiftsim/engine/function"
	"github.com/redshiftsim/redshiftsim/engine/plan"
	"github.com/redshiftsim/redshiftsim/internal/types"
)

// anyValue makes a boolean of x op ANY (q) that may be NULL: true when a row of q makes the comparison true, else NULL when one makes it NULL, else
// false. What q is like is counted, once or for each value of the correlation:
//
//	x < ANY (q)      CASE WHEN n = 0 THEN false WHEN x < greatest THEN true WHEN x IS NULL OR n > filled THEN NULL ELSE false END
//	                   Join left on the correlation
//	                     in
//	                     Aggregate [n = count(*), filled = count(c), greatest = max(c)]
//	                       q
//
// Equality, which no single value of q decides, joins with the distinct rows of a second copy of q as well.
func (o *optimizer) anyValue(in plan.Node, s *expr.Subquery, op expr.CompareOp) (plan.Node, expr.Expr, error) {
	q, err := o.queryOf(s)
	if err != nil {
		return nil, nil, err
	}
	outer := outerSet(s)
	if len(outer) > 0 && sumsGroups(q) {
		return nil, nil, refuse(s.Pos)
	}
	if d, ok := q.(*plan.Distinct); ok { // duplicates change nothing
		q = d.Input
	}
	below, right := outerList(q, q.Columns(), outer)
	lifted, conds, err := o.lift(below, outer, s.Pos)
	if err != nil {
		return nil, nil, err
	}
	if len(s.Left) != 1 || below != q || !o.byEqualities(lifted, conds, outer) {
		return o.anyByRow(in, lifted, right, conds, s, op)
	}
	if op == expr.Eq {
		return o.equalsAny(in, s, q)
	}
	x, c := s.Left[0], column(&q.Columns()[0])
	q, on, keys, err := o.keyedQuery(q, outer, s.Pos)
	if err != nil {
		return nil, nil, err
	}
	n := &counter{o: o, groups: ids(keys)}
	rows, filled := n.add("count", nil), n.add("count", c)
	var met expr.Expr
	switch op {
	case expr.Lt, expr.Le:
		met = &expr.Compare{Op: op, Left: x, Right: n.add("max", c)}
	case expr.Gt, expr.Ge:
		met = &expr.Compare{Op: op, Left: x, Right: n.add("min", c)}
	default: // two values that differ cannot both be x
		met = &expr.Or{Args: []expr.Expr{&expr.Compare{Op: op, Left: x, Right: n.add("min", c)}, &expr.Compare{Op: op, Left: x, Right: n.add("max", c)}}}
	}
	if n.err != nil {
		return nil, nil, n.err
	}
	return n.join(in, q, on), threeValued(x, rows, filled, met), nil
}

// equalsAny makes the boolean of x = ANY (q).
func (o *optimizer) equalsAny(in plan.Node, s *expr.Subquery, q plan.Node) (plan.Node, expr.Expr, error) {
	x, outer := s.Left[0], outerSet(s)
	again, fresh := o.copied(q)
	c := q.Columns()[0]
	q, on, keys, err := o.keyedQuery(q, outer, s.Pos)
	if err != nil {
		return nil, nil, err
	}
	n := &counter{o: o, groups: ids(keys)}
	rows, filled := n.add("count", nil), n.add("count", column(&c))
	if n.err != nil {
		return nil, nil, n.err
	}
	in = n.join(in, q, on)
	d := c
	d.ID = fresh[c.ID]
	again, on, keys, err = o.keyedQuery(again, outer, s.Pos)
	if err != nil {
		return nil, nil, err
	}
	keys = append(keys, column(&d))
	on = append(on, &expr.Compare{Op: expr.Eq, Left: x, Right: column(&d)})
	in = &plan.Join{Kind: plan.Left, Outer: in, Inner: &plan.Aggregate{Input: again, Groups: ids(keys)}, On: on}
	return in, threeValued(x, rows, filled, &expr.IsNull{Arg: column(&d), Not: true}), nil
}

// byEqualities says that a correlation is one that keyed takes.
func (o *optimizer) byEqualities(q plan.Node, conds []expr.Expr, outer plan.Set) bool {
	_, _, _, err := o.keyed(q, conds, outer, 0)
	return err == nil
}

// keyedQuery takes the correlation out of q as equalities with columns of it.
func (o *optimizer) keyedQuery(q plan.Node, outer plan.Set, pos int) (plan.Node, []expr.Expr, []*expr.Column, error) {
	q, conds, err := o.lift(q, outer, pos)
	if err != nil {
		return nil, nil, nil, err
	}
	return o.keyed(q, conds, outer, pos)
}

// threeValued is what x op ANY gives, from the number of rows, that of those which are not NULL, and whether one is met.
func threeValued(x, rows, filled, met expr.Expr) expr.Expr {
	truth := func(v bool) expr.Expr { return &expr.Const{Value: types.Datum{Type: types.TBool, Bool: v}} }
	none := &expr.Compare{Op: expr.Eq, Left: rows, Right: &expr.Const{Value: types.Datum{Type: rows.Type()}}}
	unknown := &expr.Or{Args: []expr.Expr{&expr.IsNull{Arg: x}, &expr.Compare{Op: expr.Gt, Left: rows, Right: filled}}}
	return &expr.Case{Typ: types.TBool, Else: truth(false), Whens: []expr.When{
		{Cond: none, Then: truth(false)},
		{Cond: met, Then: truth(true)},
		{Cond: unknown, Then: &expr.Const{Value: types.NullOf(types.TBool)}},
	}}
}

// counter builds the aggregation of a subquery's rows by the columns of its correlation.
type counter struct {
	o      *optimizer
	groups []expr.ColumnID
	aggs   []plan.Agg
	err    error
}

// add adds an aggregate and gives its value; a count of no group is 0.
func (n *counter) add(name string, arg *expr.Column) expr.Expr {
	var args []function.Arg
	var exprs []expr.Expr
	if arg != nil {
		args, exprs = []function.Arg{{Type: arg.Typ}}, []expr.Expr{arg}
	}
	fn, err := function.FindAggregate(name, args, false)
	if err != nil {
		n.err = err
		return nil
	}
	a := plan.Agg{Column: plan.Column{ID: n.o.id(), Name: name, Type: fn.Returns}, Fn: fn, Args: exprs}
	n.aggs = append(n.aggs, a)
	if fn.Empty != nil && len(n.groups) > 0 {
		return &expr.Coalesce{Args: []expr.Expr{column(&a.Column), &expr.Const{Value: *fn.Empty}}, Typ: fn.Returns}
	}
	return column(&a.Column)
}

// join joins in with the aggregation of q.
func (n *counter) join(in, q plan.Node, on []expr.Expr) plan.Node {
	j := &plan.Join{Kind: plan.Left, Outer: in, Inner: &plan.Aggregate{Input: q, Groups: n.groups, Aggs: n.aggs}, On: on}
	if len(n.groups) == 0 {
		j.Kind = plan.SingleRow
	}
	return j
}

// sumsGroups says that a query aggregates groups by more than MIN and MAX: as the right side of IN Redshift takes it only without correlation.
// https://docs.aws.amazon.com/redshift/latest/dg/r_correlated_subqueries.html
func sumsGroups(q plan.Node) bool {
	for {
		switch n := q.(type) {
		case *plan.Project:
			q = n.Input
		case *plan.Subquery:
			q = n.Input
		case *plan.Filter:
			q = n.Input
		case *plan.Distinct:
			q = n.Input
		case *plan.Sort:
			q = n.Input
		case *plan.Aggregate:
			for i := range n.Aggs {
				if f := n.Aggs[i].Fn.Name; f != "min" && f != "max" {
					return len(n.Groups) > 0
				}
			}
			return false
		default:
			return false
		}
	}
}
