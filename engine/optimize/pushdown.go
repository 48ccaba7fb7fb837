package optimize

import (
	"slices"

	"github.com/redshiftsim/redshiftsim/engine/expr"
	"github.com/redshiftsim/redshiftsim/engine/plan"
	"github.com/redshiftsim/redshiftsim/internal/types"
)

// pushdown moves every condition as far down as its meaning allows: into scans, below projections, groupings and joins. An outer join whose made-up
// NULL rows a condition above would throw away becomes an inner join.
func (o *optimizer) pushdown(n plan.Node) (plan.Node, error) {
	if !o.filters && !o.joins {
		return n, nil
	}
	return o.push(n, nil), nil
}

// push gives n with conds applied, as deep as possible. conds read n's output.
func (o *optimizer) push(n plan.Node, conds []expr.Expr) plan.Node {
	switch n := n.(type) {
	case *plan.Filter:
		var stay, down []expr.Expr
		for _, c := range n.Conds {
			if volatile(c) {
				stay = append(stay, c)
			} else {
				down = append(down, c)
			}
		}
		if len(stay) > 0 { // conditions from above see only the rows that pass
			return filtered(&plan.Filter{Input: o.push(n.Input, down), Conds: stay}, conds)
		}
		if len(conds) == 0 {
			return o.push(n.Input, n.Conds)
		}
		return o.push(n.Input, append(down, conds...))
	case *plan.Scan:
		if len(conds) == 0 {
			return n
		}
		c := *n
		c.Filter = append(c.Filter[:len(c.Filter):len(c.Filter)], conds...)
		return &c
	case *plan.ExternalScan:
		if len(conds) == 0 {
			return n
		}
		c := *n
		c.Filter = append(c.Filter[:len(c.Filter):len(c.Filter)], conds...)
		return &c
	case *plan.VirtualScan:
		if len(conds) == 0 {
			return n
		}
		c := *n
		c.Filter = append(c.Filter[:len(c.Filter):len(c.Filter)], conds...)
		return &c
	case *plan.Project:
		return o.pushProject(n, conds)
	case *plan.Aggregate:
		return o.pushAggregate(n, conds)
	case *plan.Join:
		return o.pushJoin(n, conds)
	case *plan.Subquery:
		if n.Secure != nil {
			return filtered(o.below(n, nil), conds)
		}
		return o.below(n, conds)
	case *plan.Distinct, *plan.Sort:
		return o.below(n, conds)
	case *plan.Expand:
		var down, stay []expr.Expr
		for _, c := range conds {
			if slices.Contains(expr.Columns(c), n.Number.ID) {
				stay = append(stay, c)
			} else {
				down = append(down, c)
			}
		}
		return filtered(o.below(n, down), stay)
	case *plan.Unnest:
		return o.pushUnnest(n, conds)
	case *plan.Window:
		var down, stay []expr.Expr
		for _, c := range conds {
			if len(n.Partition) > 0 && within(c, n.Partition) {
				down = append(down, c)
			} else {
				stay = append(stay, c)
			}
		}
		return filtered(o.below(n, down), stay)
	case *plan.Append:
		c := *n
		c.Inputs = make([]plan.Node, len(n.Inputs))
		for i, in := range n.Inputs {
			c.Inputs[i] = o.push(in, renamed(conds, n.Output, in.Columns()))
		}
		return &c
	case *plan.With:
		return plan.WithInputs(n, []plan.Node{o.push(n.Query, nil), o.push(n.Input, conds)})
	case *plan.SetOp:
		c := *n
		c.Left = o.push(n.Left, renamed(conds, n.Output, n.Left.Columns()))
		c.Right = o.push(n.Right, renamed(conds, n.Output, n.Right.Columns()))
		return &c
	}
	in, _ := inputs(n, func(c plan.Node) (plan.Node, error) { return o.push(c, nil), nil })
	return filtered(in, conds)
}

// below pushes conds into the only input of n, whose columns are n's.
func (o *optimizer) below(n plan.Node, conds []expr.Expr) plan.Node {
	in := n.Children()[0]
	if d := o.push(in, conds); d != in {
		return plan.WithInputs(n, []plan.Node{d})
	}
	return n
}

// filtered puts a Filter above n, if there is something to test.
func filtered(n plan.Node, conds []expr.Expr) plan.Node {
	if len(conds) == 0 {
		return n
	}
	return &plan.Filter{Input: n, Conds: conds}
}

// within says that a condition reads columns of a list only, and at least one.
func within(e expr.Expr, list []expr.ColumnID) bool {
	cols := expr.Columns(e)
	for _, id := range cols {
		found := false
		for _, g := range list {
			found = found || g == id
		}
		if !found {
			return false
		}
	}
	return len(cols) > 0
}

// renamed rewrites conditions over the output of a set operation to ones over an input, by position.
func renamed(conds []expr.Expr, out, in []plan.Column) []expr.Expr {
	if len(conds) == 0 {
		return nil
	}
	named := make([]plan.Named, len(out))
	for i := range out {
		named[i] = plan.Named{Column: out[i], Expr: column(&in[i])}
	}
	list := make([]expr.Expr, len(conds))
	for i, c := range conds {
		list[i] = substitute(c, named)
	}
	return list
}

// pushProject pushes conditions with the projected expressions put in; one over a volatile expression stays above.
func (o *optimizer) pushProject(n *plan.Project, conds []expr.Expr) plan.Node {
	var down, stay []expr.Expr
	for _, c := range conds {
		free := true
		for _, id := range expr.Columns(c) {
			for i := range n.Exprs {
				if n.Exprs[i].ID == id && volatile(n.Exprs[i].Expr) {
					free = false
				}
			}
		}
		if !free {
			stay = append(stay, c)
			continue
		}
		if s := substitute(c, n.Exprs); s != c {
			c, _ = o.foldExpr(s) // folding cannot fail: what fails is left as it is
		}
		down = append(down, c)
	}
	in := o.push(n.Input, down)
	if in != n.Input {
		n = plan.WithInputs(n, []plan.Node{in}).(*plan.Project)
	}
	return filtered(n, stay)
}

// pushAggregate pushes conditions on group columns below the grouping; the others join HAVING.
func (o *optimizer) pushAggregate(n *plan.Aggregate, conds []expr.Expr) plan.Node {
	var down, having []expr.Expr
	for _, list := range [...][]expr.Expr{n.Having, conds} {
		for _, c := range list {
			if within(c, n.Groups) && !volatile(c) {
				down = append(down, c)
			} else {
				having = append(having, c)
			}
		}
	}
	in := o.push(n.Input, down)
	if in == n.Input && len(down) == 0 && len(conds) == 0 {
		return n
	}
	c := *n
	c.Input, c.Having = in, having
	return &c
}

// pushJoin sorts conditions, those of the join and those from above, to the sides that they concern.
func (o *optimizer) pushJoin(n *plan.Join, conds []expr.Expr) plan.Node {
	j := *n
	if j.Kind == plan.Right { // one of the two mirror images is enough
		j.Kind, j.Outer, j.Inner = plan.Left, j.Inner, j.Outer
	}
	outer, inner := plan.SetOfColumns(j.Outer.Columns()), plan.SetOfColumns(j.Inner.Columns())
	for _, c := range conds {
		if j.Kind == plan.Left && rejectsNull(c, inner) {
			j.Kind = plan.Inner
		}
		if j.Kind == plan.Full {
			o, i := rejectsNull(c, outer), rejectsNull(c, inner)
			switch {
			case o && i:
				j.Kind = plan.Inner
			case o: // rows without an outer row go
				j.Kind = plan.Left
			case i:
				j.Kind, j.Outer, j.Inner = plan.Left, j.Inner, j.Outer
				outer, inner = inner, outer
			}
		}
	}
	var toOuter, toInner, on, above []expr.Expr
	if j.Kind == plan.Inner {
		all := make([]expr.Expr, 0, len(j.On)+len(conds))
		for _, list := range [...][]expr.Expr{j.On, conds} {
			for _, c := range list {
				all = append(all, expr.Conjuncts(c)...)
			}
		}
		for _, c := range transitive(all) {
			switch {
			case volatile(c):
				above = append(above, c)
			case outer.Holds(c): // a constant condition too
				toOuter = append(toOuter, c)
			case inner.Holds(c):
				toInner = append(toInner, c)
			default:
				on = append(on, c)
			}
		}
	} else {
		for _, c := range conds {
			switch {
			case !volatile(c) && outer.Holds(c) && j.Kind != plan.Full:
				toOuter = append(toOuter, c)
			default:
				above = append(above, c)
			}
		}
		for _, c := range j.On {
			switch {
			case volatile(c) || j.Kind == plan.Full || j.Kind == plan.AntiNull:
				on = append(on, c)
			case inner.Holds(c) && len(expr.Columns(c)) > 0:
				toInner = append(toInner, c)
			case j.Kind == plan.Semi && outer.Holds(c):
				toOuter = append(toOuter, c)
			default:
				on = append(on, c)
			}
		}
	}
	j.On = on
	j.Outer, j.Inner = o.push(j.Outer, toOuter), o.push(j.Inner, toInner)
	return filtered(&j, above)
}

// transitive adds what follows from equalities: with a = b and a = 5 also b = 5, so that both scans can use it.
func transitive(conds []expr.Expr) []expr.Expr {
	n := len(conds)
	for i := 0; i < n; i++ {
		id, op, value, ok := columnOpConst(conds[i])
		if !ok || op != expr.Eq {
			continue
		}
		known := []expr.ColumnID{id}
		for k := 0; k < len(known); k++ {
			for m := 0; m < n; m++ {
				l, r, ok := columnsEqual(conds[m])
				if !ok || l.Typ != r.Typ || l.Typ != value.Type() {
					continue
				}
				other := r
				switch known[k] {
				case l.ID:
				case r.ID:
					other = l
				default:
					continue
				}
				seen := false
				for _, x := range known {
					seen = seen || x == other.ID
				}
				if seen {
					continue
				}
				known = append(known, other.ID)
				e := &expr.Compare{Op: expr.Eq, Left: other, Right: value}
				for _, c := range conds {
					seen = seen || expr.Equal(c, e)
				}
				if !seen {
					conds = append(conds, e)
				}
			}
		}
	}
	return conds
}

// columnsEqual takes `column = column` apart.
func columnsEqual(e expr.Expr) (l, r *expr.Column, ok bool) {
	c, is := e.(*expr.Compare)
	if !is || c.Op != expr.Eq {
		return nil, nil, false
	}
	l, lok := c.Left.(*expr.Column)
	r, rok := c.Right.(*expr.Column)
	return l, r, lok && rok
}

// rejectsNull says that a condition cannot be true when all columns of a side are NULL.
func rejectsNull(e expr.Expr, side plan.Set) bool {
	switch e := e.(type) {
	case *expr.And:
		for _, a := range e.Args {
			if rejectsNull(a, side) {
				return true
			}
		}
		return false
	case *expr.Or:
		for _, a := range e.Args {
			if !rejectsNull(a, side) {
				return false
			}
		}
		return len(e.Args) > 0
	case *expr.Compare:
		return nullIn(e.Left, side) || nullIn(e.Right, side)
	case *expr.IsNull:
		return e.Not && nullIn(e.Arg, side)
	case *expr.IsBool:
		return !e.Not && nullIn(e.Arg, side)
	case *expr.In:
		return nullIn(e.Arg, side)
	case *expr.Not:
		switch a := e.Arg.(type) {
		case *expr.Compare, *expr.In, *expr.Column, *expr.Call:
			return nullIn(a, side)
		case *expr.IsNull:
			return !a.Not && nullIn(a.Arg, side)
		}
		return false
	}
	return e.Type().Kind == types.Bool && nullIn(e, side)
}

// nullIn says that an expression is NULL when all columns of a side are.
func nullIn(e expr.Expr, side plan.Set) bool {
	switch e := e.(type) {
	case *expr.Column:
		return side.Has(e.ID)
	case *expr.Cast:
		return nullIn(e.Arg, side)
	case *expr.Compare:
		return nullIn(e.Left, side) || nullIn(e.Right, side)
	case *expr.In:
		return nullIn(e.Arg, side)
	case *expr.Not:
		return nullIn(e.Arg, side)
	case *expr.Call:
		if !e.Fn.Strict {
			return false
		}
		for _, a := range e.Args {
			if nullIn(a, side) {
				return true
			}
		}
	}
	return false
}
