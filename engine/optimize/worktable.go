package optimize

import (
	"slices"

	"github.com/redshiftsim/redshiftsim/engine/expr"
	"github.com/redshiftsim/redshiftsim/engine/plan"
)

// rounds is how many times as many rows as the seed a round of a recursive query is taken to start from, and how many rounds there are: PostgreSQL's guess.
const rounds = 10

// recursive plans a recursive WITH query. Its rows stay where they were found.
func (o *optimizer) recursive(n *plan.Recursive) (plan.Node, error) {
	c := *n
	var err error
	if c.Seed, err = o.exactly(n.Seed); err != nil {
		return nil, err
	}
	s := c.Seed.Props()
	o.worktable(n.Work, plan.Info{Rows: rounds * s.Rows, Width: s.Width})
	if c.Step, err = o.exactly(n.Step); err != nil {
		return nil, err
	}
	t := c.Step.Props()
	c.Info = plan.Info{Startup: s.Startup, Rows: s.Rows + rounds*t.Rows, Width: max(s.Width, t.Width)}
	c.Total = s.Total + rounds*t.Total + tupleCost*c.Rows
	return &c, nil
}

// with plans a WITH query that is computed once and read several times.
func (o *optimizer) with(n *plan.With, need plan.Set, top bool) (plan.Node, error) {
	c := *n
	var err error
	if c.Query, err = o.exactly(n.Query); err != nil {
		return nil, err
	}
	q := c.Query.Props()
	o.worktable(n.Table, plan.Info{Rows: q.Rows, Width: q.Width, Place: placeOf(&q.Place, c.Query.Columns())})
	if c.Input, err = o.physical(n.Input, need, top); err != nil {
		return nil, err
	}
	c.Info = *c.Input.Props()
	c.Startup, c.Total = c.Startup+q.Total, c.Total+q.Total
	return &c, nil
}

// worktable notes what is known of a worktable.
func (o *optimizer) worktable(t *plan.Worktable, i plan.Info) {
	if o.worktables == nil {
		o.worktables = map[*plan.Worktable]plan.Info{}
	}
	o.worktables[t] = i
}

// workScan plans the reading of a worktable.
func (o *optimizer) workScan(n *plan.WorkScan) plan.Node {
	c := *n
	c.Info = o.worktables[n.Table]
	c.Total = c.Rows * tupleCost
	if c.Place.Kind == plan.ByKey {
		keys := make([]expr.ColumnID, len(c.Place.Keys))
		for i, at := range c.Place.Keys {
			keys[i] = n.Output[at].ID
		}
		c.Place.Keys = keys
	}
	return &c
}

// placeOf is where the rows of a worktable are, its keys being places among the columns.
func placeOf(p *plan.Place, cols []plan.Column) plan.Place {
	switch p.Kind {
	case plan.OnAll, plan.OnSlice0:
		return plan.Place{Kind: plan.OnSlice0}
	case plan.ByKey:
		out := plan.Place{Kind: plan.ByKey}
		for k := range p.Keys {
			at := slices.IndexFunc(cols, func(c plan.Column) bool { return p.SameAsKey(k, c.ID) })
			if at < 0 {
				return plan.Place{}
			}
			out.Keys = append(out.Keys, expr.ColumnID(at))
		}
		return out
	}
	return plan.Place{}
}

// exactly plans a query whose columns go by place: all stay, in their order.
func (o *optimizer) exactly(in plan.Node) (plan.Node, error) {
	cols := in.Columns()
	b, err := o.physical(in, plan.SetOfColumns(cols), false)
	if err != nil || sameColumns(b.Columns(), cols) { // a join may give its columns in another order
		return b, err
	}
	p := passing(b, cols)
	p.Info = *b.Props()
	return p, nil
}
