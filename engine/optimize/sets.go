package optimize

import (
	"strconv"

	"github.com/redshiftsim/redshiftsim/engine/expr"
	"github.com/redshiftsim/redshiftsim/engine/plan"
)

// append plans UNION ALL; the branches are shown as "*SELECT* 1", "*SELECT* 2".
func (o *optimizer) append(n *plan.Append) (plan.Node, error) {
	c := *n
	c.Inputs = make([]plan.Node, len(n.Inputs))
	c.Info = plan.Info{}
	slice0 := true
	for i, in := range n.Inputs {
		b, err := o.branch(in, i+1)
		if err != nil {
			return nil, err
		}
		c.Inputs[i] = b
		p := b.Props()
		if i == 0 {
			c.Startup = p.Startup
		}
		c.Total += p.Total
		c.Rows += p.Rows
		c.Width = max(c.Width, p.Width)
		slice0 = slice0 && (p.Place.Kind == plan.OnSlice0 || p.Place.Kind == plan.OnAll)
	}
	c.Place = plan.Place{Kind: plan.Anyhow}
	if slice0 {
		c.Place.Kind = plan.OnSlice0
	}
	return &c, nil
}

// branch plans one side of a set operation, which goes by position: all columns stay.
func (o *optimizer) branch(in plan.Node, number int) (plan.Node, error) {
	cols := in.Columns()
	b, err := o.exactly(in)
	if err != nil {
		return nil, err
	}
	s := &plan.Subquery{Input: b, Alias: `"*SELECT* ` + strconv.Itoa(number) + `"`, Output: cols, Info: *b.Props()}
	s.Total += s.Rows * tupleCost
	return s, nil
}

func sameColumns(a, b []plan.Column) bool {
	if len(a) != len(b) {
		return false
	}
	for i := range a {
		if a[i].ID != b[i].ID {
			return false
		}
	}
	return true
}

// setOp plans INTERSECT and EXCEPT.
func (o *optimizer) setOp(n *plan.SetOp) (plan.Node, error) {
	c := *n
	var err error
	if c.Left, err = o.branch(n.Left, 1); err != nil {
		return nil, err
	}
	if c.Right, err = o.branch(n.Right, 2); err != nil {
		return nil, err
	}
	l, r := c.Left.Props(), c.Right.Props()
	keys := make([]expr.ColumnID, len(n.Output))
	for i := range n.Output {
		keys[i] = n.Output[i].ID
	}
	c.Info = plan.Info{Rows: 1, Width: max(l.Width, r.Width)}
	if n.Except {
		c.Appended = plan.Info{Startup: l.Startup, Total: l.Total + r.Total, Rows: l.Rows + r.Rows, Width: c.Width}
		c.Sorted = sortInfo(&c.Appended)
		c.Startup = c.Sorted.Startup
		c.Total = c.Sorted.Total + operatorCost*c.Sorted.Rows*float64(len(keys))
		c.Rows = clampRows(0.1 * c.Sorted.Rows)
	}
	c.Place = plan.Place{Kind: plan.ByKey, Keys: keys}
	if l.Place.Single() && r.Place.Single() {
		c.Place = plan.Place{Kind: plan.OnSlice0}
	}
	return &c, nil
}
