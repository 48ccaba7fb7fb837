package optimize

import (
	"github.com/redshiftsim/redshiftsim/engine/expr"
	"github.com/redshiftsim/redshiftsim/engine/plan"
)

// uses says that n or something below it names one of the columns.
func uses(n plan.Node, outer plan.Set) bool {
	if len(outer) == 0 {
		return false
	}
	found := false
	plan.Walk(n, func(n plan.Node) bool {
		plan.Exprs(n, func(e expr.Expr) { found = found || outer.Meets(e) })
		return !found
	})
	return found
}

// lift takes the conditions that name outer columns out of q. The columns of q that they need are added to its output.
//
//	Project [e.name]                          Project [e.name e.venue]        conds: e.venue = v.id
//	  Filter [e.venue = v.id, e.seats > 5]      Filter [e.seats > 5]
//	    Scan e                                    Scan e
func (o *optimizer) lift(q plan.Node, outer plan.Set, pos int) (plan.Node, []expr.Expr, error) {
	if !uses(q, outer) {
		return q, nil, nil
	}
	switch n := q.(type) {
	case *plan.Filter:
		in, conds, err := o.lift(n.Input, outer, pos)
		if err != nil {
			return nil, nil, err
		}
		var rest []expr.Expr
		for _, c := range n.Conds {
			if outer.Meets(c) {
				conds = append(conds, c)
			} else {
				rest = append(rest, c)
			}
		}
		if len(rest) == 0 {
			return in, conds, nil
		}
		return &plan.Filter{Input: in, Conds: rest}, conds, nil
	case *plan.Project:
		for i := range n.Exprs {
			if outer.Meets(n.Exprs[i].Expr) {
				return nil, nil, refuse(pos)
			}
		}
		in, conds, err := o.lift(n.Input, outer, pos)
		if err != nil {
			return nil, nil, err
		}
		p := &plan.Project{Input: in, Exprs: n.Exprs}
		for _, c := range missing(conds, outer, plan.SetOfColumns(n.Columns()), in) {
			p.Exprs = append(p.Exprs[:len(p.Exprs):len(p.Exprs)], plan.Named{Column: c, Expr: column(&c)})
		}
		return p, conds, nil
	case *plan.Subquery:
		in, conds, err := o.lift(n.Input, outer, pos)
		if err != nil {
			return nil, nil, err
		}
		s := *n
		s.Input = in
		s.Output = append(s.Output[:len(s.Output):len(s.Output)], missing(conds, outer, plan.SetOfColumns(n.Output), in)...)
		return &s, conds, nil
	case *plan.With:
		in, conds, err := o.lift(n.Input, outer, pos)
		if err != nil {
			return nil, nil, err
		}
		return &plan.With{Table: n.Table, Query: n.Query, Input: in}, conds, nil
	case *plan.Unnest:
		if outer.Meets(n.Value) {
			return nil, nil, refuse(pos)
		}
		in, conds, err := o.lift(n.Input, outer, pos)
		if err != nil {
			return nil, nil, err
		}
		return plan.WithInputs(n, []plan.Node{in}), conds, nil
	case *plan.Sort:
		return o.lift(n.Input, outer, pos)
	case *plan.Join:
		return o.liftJoin(n, outer, pos)
	case *plan.Aggregate:
		if len(n.Groups) > 0 { // without groups there is a row even for no rows, which a group would not give
			return o.liftAggregate(n, outer, pos)
		}
	}
	return nil, nil, refuse(pos)
}

// missing lists the columns of conds that are q's and not yet in its output.
func missing(conds []expr.Expr, outer, have plan.Set, in plan.Node) []plan.Column {
	var out []plan.Column
	cols := in.Columns()
	for _, c := range conds {
		for _, id := range expr.Columns(c) {
			if outer.Has(id) || have.Has(id) {
				continue
			}
			if f := findColumn(cols, id); f != nil {
				have.Add(id)
				out = append(out, *f)
			}
		}
	}
	return out
}

// liftJoin lifts through a join, from the sides whose rows it does not make up.
func (o *optimizer) liftJoin(n *plan.Join, outer plan.Set, pos int) (plan.Node, []expr.Expr, error) {
	j := *n
	var conds []expr.Expr
	j.On = nil
	for _, c := range n.On {
		if !outer.Meets(c) {
			j.On = append(j.On, c)
			continue
		}
		if n.Kind != plan.Inner {
			return nil, nil, refuse(pos)
		}
		conds = append(conds, c)
	}
	lift := func(side plan.Node, may bool) (plan.Node, error) {
		if !may && uses(side, outer) {
			return nil, refuse(pos)
		}
		in, c, err := o.lift(side, outer, pos)
		conds = append(conds, c...)
		return in, err
	}
	var err error
	if j.Outer, err = lift(n.Outer, n.Kind != plan.Right && n.Kind != plan.Full); err != nil {
		return nil, nil, err
	}
	if j.Inner, err = lift(n.Inner, n.Kind == plan.Inner || n.Kind == plan.Right); err != nil {
		return nil, nil, err
	}
	return &j, conds, nil
}

// liftAggregate lifts equalities through an aggregation by grouping by their inner side as well.
func (o *optimizer) liftAggregate(n *plan.Aggregate, outer plan.Set, pos int) (plan.Node, []expr.Expr, error) {
	for _, h := range n.Having {
		if outer.Meets(h) {
			return nil, nil, refuse(pos)
		}
	}
	for i := range n.Aggs {
		for _, a := range n.Aggs[i].Args {
			if outer.Meets(a) {
				return nil, nil, refuse(pos)
			}
		}
	}
	in, conds, err := o.lift(n.Input, outer, pos)
	if err != nil {
		return nil, nil, err
	}
	a := *n
	var on []expr.Expr
	var keys []*expr.Column
	if a.Input, on, keys, err = o.keyed(in, conds, outer, pos); err != nil {
		return nil, nil, err
	}
	a.Groups = append([]expr.ColumnID(nil), n.Groups...)
	for _, k := range keys {
		found := false
		for _, g := range a.Groups {
			found = found || g == k.ID
		}
		if !found {
			a.Groups = append(a.Groups, k.ID)
		}
	}
	return &a, on, nil
}

// keyed splits conditions `inner expression = outer expression` so that the inner side is a column of q; anything else is refused.
func (o *optimizer) keyed(q plan.Node, conds []expr.Expr, outer plan.Set, pos int) (plan.Node, []expr.Expr, []*expr.Column, error) {
	var on []expr.Expr
	var keys []*expr.Column
	var made []plan.Named
	for _, c := range conds {
		e, ok := c.(*expr.Compare)
		if !ok || e.Op != expr.Eq {
			return nil, nil, nil, refuse(pos)
		}
		l, r := e.Left, e.Right
		if outer.Meets(l) {
			l, r = r, l
		}
		if outer.Meets(l) || len(expr.Columns(l)) == 0 {
			return nil, nil, nil, refuse(pos)
		}
		for _, id := range expr.Columns(r) {
			if !outer.Has(id) {
				return nil, nil, nil, refuse(pos)
			}
		}
		k, ok := l.(*expr.Column)
		if !ok {
			if bare, is := expr.Bare(l).(*expr.Column); is && sameHash(bare.Typ, r.Type()) {
				k = bare
			} else {
				k = &expr.Column{ID: o.id(), Typ: l.Type(), Name: "?column?"}
				made = append(made, plan.Named{Column: plan.Column{ID: k.ID, Name: k.Name, Type: k.Typ}, Expr: l})
			}
		}
		keys = append(keys, k)
		on = append(on, &expr.Compare{Op: expr.Eq, Left: r, Right: k})
	}
	if len(made) > 0 {
		p := passing(q, q.Columns())
		p.Exprs = append(p.Exprs, made...)
		q = p
	}
	return q, on, keys, nil
}
