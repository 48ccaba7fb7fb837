package optimize

import (
	"github.com/redshiftsim/redshiftsim/engine/expr"
	"github.com/redshiftsim/redshiftsim/engine/plan"
	"github.com/redshiftsim/redshiftsim/storage"
)

// aggregate plans a grouping: in one phase where the rows of a group are together, else part on the slices, then distributed and finished.
func (o *optimizer) aggregate(n *plan.Aggregate, need plan.Set, top bool) (plan.Node, error) {
	c := *n
	var having plan.Set
	calls := 0.0
	for _, h := range n.Having {
		having.AddExpr(h)
		expr.Walk(h, func(e expr.Expr) bool {
			if x, ok := e.(*expr.Column); ok && isAggregate(n, x.ID) {
				calls++
			}
			return true
		})
	}
	c.Aggs = make([]plan.Agg, 0, len(n.Aggs))
	for i := range n.Aggs {
		id := n.Aggs[i].ID
		if need.Has(id) {
			calls++
		}
		if need.Has(id) || having.Has(id) {
			c.Aggs = append(c.Aggs, n.Aggs[i])
		}
	}
	if len(c.Aggs) == 0 && len(n.Groups) == 0 && len(n.Aggs) > 0 { // one row, whatever it holds
		c.Aggs = append(c.Aggs, n.Aggs[0])
	}
	var below plan.Set
	for _, g := range n.Groups {
		below.Add(g)
	}
	split := true
	for i := range c.Aggs {
		a := &c.Aggs[i]
		for _, e := range a.Args {
			below.AddExpr(e)
		}
		for _, k := range a.Order {
			below.Add(k.ID)
		}
		split = split && !a.Distinct && len(a.Order) == 0 && len(a.Fn.Partial) > 0
	}
	in, err := o.physical(n.Input, below, top)
	if err != nil {
		return nil, err
	}
	c.Input = in
	i := in.Props()
	c.Info = *i
	if len(n.Groups) == 0 {
		c.Startup = i.Total + operatorCost*i.Rows*calls
		c.Total = c.Startup + operatorCost*(calls+ops(n.Having))
		c.Rows = 1
	} else {
		c.Rows = o.groups(n.Groups, i.Rows)
		c.Sorted = o.inGroupOrder(in, n.Groups)
		keys, work := operatorCost*i.Rows*float64(len(n.Groups)), operatorCost*i.Rows*calls
		out := operatorCost*c.Rows*calls + c.Rows*operatorCost*(ops(n.Having)+computedGroups(in, n.Groups))
		if c.Sorted {
			c.Startup, c.Total = i.Startup, i.Total+keys+work+out
		} else {
			c.Startup = i.Total + keys + work
			c.Total = c.Startup + out
		}
	}
	switch {
	case i.Place.Single():
		if i.Place.Kind == plan.OnAll {
			c.Place = plan.Place{Kind: plan.OnSlice0}
		}
	case i.Place.Covers(n.Groups) && len(n.Groups) > 0:
	default:
		c.TwoPhase = split
		switch {
		case len(n.Groups) > 0:
			c.Place = plan.Place{Kind: plan.ByKey, Keys: n.Groups}
		case top:
			c.Place = plan.Place{Kind: plan.OnLeader}
		default:
			c.Place = plan.Place{Kind: plan.OnSlice0}
		}
	}
	return &c, nil
}

func isAggregate(n *plan.Aggregate, id expr.ColumnID) bool {
	for i := range n.Aggs {
		if n.Aggs[i].ID == id {
			return true
		}
	}
	return false
}

// computedGroups counts the operators of group expressions, which PostgreSQL charges once more on the groups.
func computedGroups(in plan.Node, groups []expr.ColumnID) float64 {
	p, ok := in.(*plan.Project)
	if !ok {
		return 0
	}
	n := 0
	for i := range p.Exprs {
		for _, g := range groups {
			if p.Exprs[i].ID == g {
				n += expr.Ops(p.Exprs[i].Expr)
			}
		}
	}
	return float64(n)
}

// inGroupOrder says that rows come in the order of the groups: a scan of a sorted table by a prefix of its sort key, groups whole on a slice.
func (o *optimizer) inGroupOrder(in plan.Node, groups []expr.ColumnID) bool {
	for {
		p, ok := in.(*plan.Project)
		if !ok {
			break
		}
		in = p.Input
	}
	s, ok := in.(*plan.Scan)
	if !ok || !s.Place.Covers(groups) {
		return false
	}
	d := s.Table.Def
	if d == nil || d.Sort.Style != storage.Compound || len(d.Sort.Columns) < len(groups) {
		return false
	}
	for _, attr := range d.Sort.Columns[:len(groups)] {
		found := false
		for _, g := range groups {
			if r, _ := o.ref(g); r.rel != nil && r.attr == attr && r.rel.loaded && r.rel.unsorted == 0 {
				found = true
			}
		}
		if !found {
			return false
		}
	}
	return true
}
