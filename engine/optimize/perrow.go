package optimize

import (
	"github.com/redshiftsim/redshiftsim/engine/expr"
	"github.com/redshiftsim/redshiftsim/engine/function"
	"github.com/redshiftsim/redshiftsim/engine/plan"
	"github.com/redshiftsim/redshiftsim/internal/types"
)

// perRow computes what a subquery gives for each row of in, whatever its correlation: every row gets a number, is joined with the rows of the subquery that
// it is correlated with, and these are aggregated by the number.
//
//	(SELECT count(*) FROM q WHERE q.b < in.b)
//	  Aggregate [in's columns, number] [count(met)]
//	    Join left [q.b < in.b]
//	      Expand [number]
//	        in
//	      Project [q's columns, met = 1]
//
// A correlation by equalities needs no such join: the subquery is aggregated by itself, see keyed.
type perRow struct {
	o     *optimizer
	join  *plan.Join
	met   *expr.Column // NULL where a row is correlated with none
	group *plan.Aggregate
	err   error
}

// byRow joins in with q on conds.
func (o *optimizer) byRow(in, q plan.Node, conds []expr.Expr, pos int) (*perRow, error) {
	if o.rowID != 0 && plan.SetOfColumns(in.Columns()).Has(o.rowID) { // rows that are to be changed may not move
		return nil, refuse(pos)
	}
	number := plan.Column{ID: o.id(), Name: "number", Type: types.TInt8}
	rows := &plan.Expand{Input: in, Number: number, Count: 1, Unique: true}
	p := &perRow{o: o, met: &expr.Column{ID: o.id(), Typ: types.TInt4, Name: "met"}}
	side := passing(q, q.Columns())
	side.Exprs = append(side.Exprs, plan.Named{
		Column: plan.Column{ID: p.met.ID, Name: p.met.Name, Type: p.met.Typ}, Expr: &expr.Const{Value: types.Datum{Type: types.TInt4, Int: 1}},
	})
	p.join = &plan.Join{Kind: plan.Left, Outer: rows, Inner: side, On: conds}
	p.group = &plan.Aggregate{Input: p.join}
	for _, c := range rows.Columns() {
		p.group.Groups = append(p.group.Groups, c.ID)
	}
	return p, nil
}

// only is an expression in the rows that are correlated with some, NULL in the others.
func (p *perRow) only(x expr.Expr) expr.Expr {
	return &expr.Case{Whens: []expr.When{{Cond: &expr.IsNull{Arg: p.met, Not: true}, Then: x}}, Typ: x.Type()}
}

// count counts the correlated rows for which a condition is true, nil = all.
func (p *perRow) count(cond expr.Expr) expr.Expr {
	x := expr.Expr(p.met)
	if cond != nil {
		x = &expr.Case{Whens: []expr.When{{Cond: &expr.And{Args: []expr.Expr{&expr.IsNull{Arg: p.met, Not: true}, cond}}, Then: p.met}}, Typ: types.TInt4}
	}
	fn, err := function.FindAggregate("count", []function.Arg{{Type: types.TInt4}}, false)
	if err != nil {
		p.err = err
		return nil
	}
	a := plan.Agg{Column: plan.Column{ID: p.o.id(), Name: "count", Type: fn.Returns}, Fn: fn, Args: []expr.Expr{x}}
	p.group.Aggs = append(p.group.Aggs, a)
	return column(&a.Column)
}

// some says that a count is not zero.
func some(n expr.Expr) expr.Expr {
	return &expr.Compare{Op: expr.Gt, Left: n, Right: &expr.Const{Value: types.Datum{Type: n.Type()}}}
}

// scalarByRow computes an aggregate over correlated rows; result is the subquery's value over the columns of a.
func (o *optimizer) scalarByRow(in plan.Node, a *plan.Aggregate, result expr.Expr, s *expr.Subquery) (plan.Node, expr.Expr, error) {
	q, conds, err := o.lift(a.Input, outerSet(s), s.Pos)
	if err != nil {
		return nil, nil, err
	}
	p, err := o.byRow(in, q, conds, s.Pos)
	if err != nil {
		return nil, nil, err
	}
	for _, g := range a.Aggs {
		switch {
		case len(g.Args) == 0: // count(*)
			if g.Fn, err = function.FindAggregate(g.Fn.Name, []function.Arg{{Type: types.TInt4}}, false); err != nil {
				return nil, nil, err
			}
			g.Args = []expr.Expr{p.met}
		case g.Fn.Met != nil: // NULL is a value to it, so what is no row must be said
			g.Fn, g.Args = g.Fn.Met, append(append([]expr.Expr(nil), g.Args...), p.met)
		case len(g.Order) > 0:
			return nil, nil, refuse(s.Pos)
		default:
			args := append([]expr.Expr(nil), g.Args...)
			for i, x := range args {
				if _, ok := x.(*expr.Const); !ok || i == 0 {
					args[i] = p.only(x)
				}
			}
			g.Args = args
		}
		p.group.Aggs = append(p.group.Aggs, g)
	}
	if len(a.Having) > 0 {
		result = &expr.Case{Whens: []expr.When{{Cond: expr.AndOf(a.Having...), Then: result}}, Typ: result.Type()}
	}
	return p.group, result, nil
}

// existsByRow makes a boolean of [NOT] EXISTS (q) for any correlation.
func (o *optimizer) existsByRow(in, q plan.Node, conds []expr.Expr, s *expr.Subquery) (plan.Node, expr.Expr, error) {
	p, err := o.byRow(in, q, conds, s.Pos)
	if err != nil {
		return nil, nil, err
	}
	v := some(p.count(nil))
	if s.Not {
		v = &expr.Not{Arg: v}
	}
	return p.group, v, p.err
}

// anyByRow makes a boolean of x op ANY (q) for any correlation, and for rows of several columns. right is what x is compared with, over the columns of
// both sides.
func (o *optimizer) anyByRow(in, q plan.Node, right []expr.Expr, conds []expr.Expr, s *expr.Subquery, op expr.CompareOp) (plan.Node, expr.Expr, error) {
	p, err := o.byRow(in, q, conds, s.Pos)
	if err != nil {
		return nil, nil, err
	}
	var parts []expr.Expr
	for i := range s.Left {
		parts = append(parts, &expr.Compare{Op: op, Left: s.Left[i], Right: right[i]})
	}
	same := expr.AndOf(parts...)
	if op == expr.Ne && len(parts) > 1 { // rows differ when one column does
		same = &expr.Or{Args: parts}
	}
	met, unknown := p.count(same), p.count(&expr.IsNull{Arg: same})
	truth := func(v bool) expr.Expr { return &expr.Const{Value: types.Datum{Type: types.TBool, Bool: v}} }
	return p.group, &expr.Case{Typ: types.TBool, Else: truth(false), Whens: []expr.When{
		{Cond: some(met), Then: truth(true)},
		{Cond: some(unknown), Then: &expr.Const{Value: types.NullOf(types.TBool)}},
	}}, p.err
}
