package optimize

import (
	"github.com/redshiftsim/redshiftsim/engine/expr"
	"github.com/redshiftsim/redshiftsim/engine/plan"
)

// readsOf are the columns that an Unnest and who is above it read of its input.
func readsOf(n *plan.Unnest, need plan.Set) plan.Set {
	below := need.Clone()
	below.AddExpr(n.Value)
	for _, c := range n.On {
		below.AddExpr(c)
	}
	return below
}

// pushUnnest pushes conditions that read nothing of the elements below the Unnest: a row goes with all its elements. A condition that no NULL passes makes an
// inner one of a left one.
func (o *optimizer) pushUnnest(n *plan.Unnest, conds []expr.Expr) plan.Node {
	made := plan.SetOfColumns(n.Made())
	var down, stay []expr.Expr
	inner := false
	for _, c := range conds {
		switch {
		case volatile(c), made.Meets(c):
			inner = inner || n.Outer && n.Met.ID == 0 && rejectsNull(c, made)
			stay = append(stay, c)
		default:
			down = append(down, c)
		}
	}
	if inner {
		c := *n
		c.Outer, c.On = false, nil
		n, stay = &c, append(n.On[:len(n.On):len(n.On)], stay...)
	}
	return filtered(o.below(n, down), stay)
}

// elementsOf is how many elements an array is thought to have, as in PostgreSQL.
const elementsOf = 10

// elements plans the unnesting of rows, which stay where they are.
func (o *optimizer) elements(n *plan.Unnest, need plan.Set, top bool) (plan.Node, error) {
	in, err := o.physical(n.Input, readsOf(n, need), top)
	if err != nil {
		return nil, err
	}
	c := *n
	c.Input, c.Info = in, *in.Props()
	c.Rows *= elementsOf
	c.Total += tupleCost * c.Rows
	for _, m := range n.Made() {
		c.Width += typeWidth(m.Type)
	}
	return &c, nil
}
