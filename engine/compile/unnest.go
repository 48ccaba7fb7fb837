package compile

import (
	"github.com/redshiftsim/redshiftsim/engine/exec"
	"github.com/redshiftsim/redshiftsim/engine/expr"
	"github.com/redshiftsim/redshiftsim/engine/plan"
)

// unnest compiles the unnesting of a SUPER value. What is only read for the value or for another array does not go on.
func (c *compiler) unnest(n *plan.Unnest, need plan.Set) (*flow, error) {
	above := need.Clone()
	for _, e := range n.On {
		above.AddExpr(e)
	}
	below := above.Clone()
	below.AddExpr(n.Value)
	f, err := c.node(n.Input, below)
	if err != nil {
		return nil, err
	}
	s := &exec.UnnestStep{Object: n.Object, Outer: n.Outer, At: n.At.ID != 0, Met: n.Met.ID != 0, NodeID: n.ID}
	if s.Value, err = f.program(n.Value); err != nil {
		return nil, err
	}
	var cols []plan.Column
	for i := range f.cols {
		if above.Has(f.cols[i].ID) {
			cols, s.Keep = append(cols, f.cols[i]), append(s.Keep, i)
		}
	}
	f.step(s)
	f.cols = append(cols, n.Made()...)
	s.Types = typesOf(f.cols)
	if len(n.On) > 0 {
		s.On, err = f.program(expr.AndOf(n.On...))
	}
	return f, err
}
