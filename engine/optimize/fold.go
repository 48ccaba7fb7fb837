package optimize

import (
	"slices"

	"github.com/redshiftsim/redshiftsim/engine/expr"
	"github.com/redshiftsim/redshiftsim/engine/function"
	"github.com/redshiftsim/redshiftsim/engine/plan"
	"github.com/redshiftsim/redshiftsim/internal/types"
)

// fold computes constant parts of expressions. Rows of VALUES are left: each is computed once anyway.
func (o *optimizer) fold(n plan.Node) (plan.Node, error) {
	n, err := inputs(n, o.fold)
	if err != nil {
		return nil, err
	}
	switch n := n.(type) {
	case *plan.Filter:
		conds, changed, err := o.foldConds(n.Conds)
		if err != nil || !changed {
			return n, err
		}
		if len(conds) == 0 {
			return n.Input, nil
		}
		c := *n
		c.Conds = conds
		return &c, nil
	case *plan.Join:
		conds, changed, err := o.foldConds(n.On)
		if err != nil || !changed {
			return n, err
		}
		c := *n
		c.On = conds
		return &c, nil
	case *plan.Aggregate:
		return o.foldAggregate(n)
	case *plan.Unnest:
		v, err := o.foldExpr(n.Value)
		if err != nil {
			return nil, err
		}
		on, changed, err := o.foldConds(n.On)
		if err != nil || !changed && v == n.Value {
			return n, err
		}
		c := *n
		c.Value, c.On = v, on
		return &c, nil
	case *plan.Project:
		var c *plan.Project
		for i := range n.Exprs {
			e, err := o.foldExpr(n.Exprs[i].Expr)
			if err != nil {
				return nil, err
			}
			if e == n.Exprs[i].Expr {
				continue
			}
			if c == nil {
				d := *n
				d.Exprs = append([]plan.Named(nil), n.Exprs...)
				c = &d
			}
			c.Exprs[i].Expr = e
		}
		if c != nil {
			return c, nil
		}
	}
	return n, nil
}

func (o *optimizer) foldAggregate(n *plan.Aggregate) (plan.Node, error) {
	having, changed, err := o.foldConds(n.Having)
	if err != nil {
		return nil, err
	}
	c := *n
	c.Having = having
	copied := false
	for i := range n.Aggs {
		for j, a := range n.Aggs[i].Args {
			e, err := o.foldExpr(a)
			if err != nil {
				return nil, err
			}
			if e == a {
				continue
			}
			if !copied {
				c.Aggs, copied = append([]plan.Agg(nil), n.Aggs...), true
			}
			args := append([]expr.Expr(nil), c.Aggs[i].Args...)
			args[j] = e
			c.Aggs[i].Args = args
		}
	}
	if changed || copied {
		return &c, nil
	}
	return n, nil
}

// foldExpr folds one expression; leaves are passed at once.
func (o *optimizer) foldExpr(e expr.Expr) (expr.Expr, error) {
	switch e := e.(type) {
	case *expr.Column, *expr.Const, *expr.Param:
		return e, nil
	case *expr.Compare: // column op constant: nothing to fold
		if leaf(e.Left) && leaf(e.Right) && !(isConst(e.Left) || isConst(e.Right)) {
			return e, nil
		}
		if _, ok := e.Left.(*expr.Column); ok && isConst(e.Right) && !e.Right.(*expr.Const).Value.Null {
			return e, nil
		}
	}
	return expr.Fold(e, o.env.Function)
}

// foldConds folds conditions that must all hold: what is true goes, nested ANDs are split.
func (o *optimizer) foldConds(conds []expr.Expr) ([]expr.Expr, bool, error) {
	var out []expr.Expr
	changed := false
	for i, c := range conds {
		e, err := o.foldExpr(c)
		if err != nil {
			return nil, false, err
		}
		if or, ok := e.(*expr.Or); ok {
			e = factored(or)
		}
		_, and := e.(*expr.And)
		if !changed && (e != c || and || isTrue(e)) {
			changed = true
			out = append(out, conds[:i]...)
		}
		if changed && !isTrue(e) {
			out = append(out, expr.Conjuncts(e)...)
		}
	}
	if !changed {
		return conds, false, nil
	}
	return out, true, nil
}

// factored takes what all arms of an OR have in common out of it, as PostgreSQL does: a join that each arm repeats becomes one that can be hashed.
//
//	(a = b AND c) OR (a = b AND d)     a = b AND (c OR d)
func factored(or *expr.Or) expr.Expr {
	arms := make([][]expr.Expr, len(or.Args))
	for i, a := range or.Args {
		arms[i] = expr.Conjuncts(a)
	}
	holds := func(arm []expr.Expr, c expr.Expr) bool {
		return slices.ContainsFunc(arm, func(x expr.Expr) bool { return expr.Equal(x, c) })
	}
	var common []expr.Expr
next:
	for _, c := range arms[0] {
		for _, arm := range arms[1:] {
			if !holds(arm, c) {
				continue next
			}
		}
		if !volatile(c) && !holds(common, c) {
			common = append(common, c)
		}
	}
	if len(common) == 0 {
		return or
	}
	rest := make([]expr.Expr, len(arms))
	for i, arm := range arms {
		left := slices.DeleteFunc(slices.Clone(arm), func(x expr.Expr) bool { return holds(common, x) })
		if len(left) == 0 { // this arm asks for nothing more, so neither does the OR
			return expr.AndOf(common...)
		}
		rest[i] = expr.AndOf(left...)
	}
	return expr.AndOf(append(common, &expr.Or{Args: rest})...)
}

func leaf(e expr.Expr) bool {
	switch e.(type) {
	case *expr.Column, *expr.Const, *expr.Param:
		return true
	}
	return false
}

func isConst(e expr.Expr) bool {
	_, ok := e.(*expr.Const)
	return ok
}

func isTrue(e expr.Expr) bool {
	c, ok := e.(*expr.Const)
	return ok && !c.Value.Null && c.Value.Type.Kind == types.Bool && c.Value.Bool
}

// volatile says that an expression may give another value each time it is computed: it must stay where it was written.
func volatile(e expr.Expr) bool {
	if leaf(e) {
		return false
	}
	found := false
	expr.Walk(e, func(e expr.Expr) bool {
		switch e := e.(type) {
		case *expr.Call:
			found = found || e.Fn.Volatility == function.Volatile
		case *expr.Subquery:
			found = true
		}
		return !found
	})
	return found
}
