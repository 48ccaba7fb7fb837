package compile

import (
	"cmp"
	"slices"

	"github.com/redshiftsim/redshiftsim/engine/exec"
	"github.com/redshiftsim/redshiftsim/engine/plan"
)

// link is a join of a chain: its outer side is the next one, that of the last is compiled when the tables of all are there.
type link struct {
	n     *plan.Join
	below plan.Set // columns that its sides must give
	inner *flow
	table *exec.HashStep // nil = not compiled yet
}

// chain compiles a join and those that follow it on its outer side. The tables are filled smallest first, for what one side knows spares the other work:
// each prunes the scans of those that come later, and a small table costs little and often leaves little.
//
//	lineitem x supplier(s_suppkey) x orders(o_orderkey) x customer(c_custkey, c_nationkey)       c_nationkey = s_nationkey, c_custkey = o_custkey
//
//	table 0  supplier of five nations
//	table 1  customer, of those nations              the values of table 0 restrict its scan
//	table 2  orders of those customers               table 1 restricts its scan
//	         lineitem of those orders and suppliers
func (c *compiler) chain(n *plan.Join, need plan.Set, share float64) (*flow, error) {
	var links []*link
	for at := n; at != nil; {
		need = joinNeeds(at, need)
		links = append(links, &link{n: at, below: need})
		share *= leaves(at)
		next, ok := at.Outer.(*plan.Join)
		if !ok || outerFirst(next, share) {
			break
		}
		at = next
	}
	order := slices.Clone(links)
	slices.SortStableFunc(order, func(a, b *link) int { return cmp.Compare(a.n.Inner.Props().Rows, b.n.Inner.Props().Rows) })
	for _, l := range order {
		var err error
		l.inner, l.table, err = c.inner(l.n, l.below, func(f *flow) { c.asked(l, links, f) })
		if err != nil {
			return nil, err
		}
	}
	last := links[len(links)-1]
	c.share = share
	f, err := c.outer(last.n, last.below)
	if err != nil {
		return nil, err
	}
	for i, l := range slices.Backward(links) {
		if i < len(links)-1 {
			c.moveOuter(l.n, f, l.below)
		}
		if err := c.probe(l.n, f, l.inner, l.table, true); err != nil {
			return nil, err
		}
	}
	return f, nil
}

// asked restricts the rows of the inner side of l by tables that are there and that the outer side's keys come from, or are equal to a key of: what these do
// not have, no outer row will ask for.
func (c *compiler) asked(l *link, links []*link, inner *flow) {
	switch l.n.Kind {
	case plan.Inner, plan.Left, plan.Semi, plan.Anti, plan.SingleRow:
	default: // of a right or full join all rows are handed on, and NOT IN must know whether there is a NULL
		return
	}
	for k, id := range l.n.EquiOuter {
		for _, o := range links[slices.Index(links, l)+1:] {
			if o.table == nil {
				continue
			}
			from := o.inner.layout(id)
			if m := slices.Index(o.n.EquiOuter, id); from < 0 && m >= 0 && (o.n.Kind == plan.Inner || o.n.Kind == plan.Semi) {
				from = o.inner.layout(o.n.EquiInner[m])
			}
			if from >= 0 {
				c.restrict(inner, inner.positions(l.n.EquiInner[k:k+1]), o.table.Table, []int{from}, o.table.Types)
			}
		}
	}
}
