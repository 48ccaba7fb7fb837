package optimize

import (
	"github.com/redshiftsim/redshiftsim/engine/expr"
	"github.com/redshiftsim/redshiftsim/engine/plan"
)

// distinct rewrites count(distinct x) and its like to an aggregation over groups by x, when all distinct aggregates of a node have the same argument
// and no other aggregate stands beside them (min and max may: duplicates change nothing):
//
//	Aggregate [g] count(distinct x)      ->      Aggregate [g] count(x)
//	  in                                           Aggregate [g x]
//	                                                 in
//
// The lower one runs on the slices in parallel, where rows of one x need not meet before.
func (o *optimizer) distinct(n plan.Node) (plan.Node, error) {
	if !o.distincts {
		return n, nil
	}
	n, err := inputs(n, o.distinct)
	if err != nil {
		return nil, err
	}
	a, ok := n.(*plan.Aggregate)
	if !ok {
		return n, nil
	}
	var arg expr.Expr
	for i := range a.Aggs {
		g := &a.Aggs[i]
		if len(g.Args) != 1 || len(g.Order) > 0 || !g.Distinct && g.Fn.Name != "min" && g.Fn.Name != "max" || volatile(g.Args[0]) {
			return n, nil
		}
		if arg != nil && !expr.Equal(arg, g.Args[0]) {
			return n, nil
		}
		arg = g.Args[0]
	}
	distinct := false
	for i := range a.Aggs {
		distinct = distinct || a.Aggs[i].Distinct
	}
	if !distinct {
		return n, nil
	}
	in := a.Input
	col, ok := arg.(*expr.Column)
	if !ok {
		col = &expr.Column{ID: o.id(), Typ: arg.Type(), Name: "?column?"}
		p := &plan.Project{Input: in}
		have := in.Columns()
		for _, g := range a.Groups {
			if c := findColumn(have, g); c != nil {
				p.Exprs = append(p.Exprs, plan.Named{Column: *c, Expr: column(c)})
			}
		}
		p.Exprs = append(p.Exprs, plan.Named{Column: plan.Column{ID: col.ID, Name: col.Name, Type: col.Typ}, Expr: arg})
		in = p
	}
	groups := append([]expr.ColumnID(nil), a.Groups...)
	found := false
	for _, g := range groups {
		found = found || g == col.ID
	}
	if !found {
		groups = append(groups, col.ID)
	}
	c := *a
	c.Aggs = append([]plan.Agg(nil), a.Aggs...)
	for i := range c.Aggs {
		c.Aggs[i].Distinct = false
		c.Aggs[i].Args = []expr.Expr{col}
	}
	c.Input = &plan.Aggregate{Input: in, Groups: groups}
	return &c, nil
}
