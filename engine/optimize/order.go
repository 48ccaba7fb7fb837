package optimize

import (
	"github.com/redshiftsim/redshiftsim/engine/expr"
	"github.com/redshiftsim/redshiftsim/engine/plan"
	"github.com/redshiftsim/redshiftsim/internal/types"
)

// unique plans DISTINCT: every column is a key. Rows to be changed are known by their row ids, which mean something on their own slice only: they stay.
func (o *optimizer) unique(n *plan.Distinct, top bool) (plan.Node, error) {
	cols := n.Input.Columns()
	need := plan.SetOfColumns(cols)
	in, err := o.physical(n.Input, need, top)
	if err != nil {
		return nil, err
	}
	c := *n
	keys := make([]expr.ColumnID, len(cols))
	for i := range cols {
		keys[i] = cols[i].ID
	}
	if _, ok := in.(*plan.Append); ok { // UNION sorts before it looks for duplicates
		s := &plan.Sort{Input: in, Info: sortInfo(in.Props())}
		for _, k := range keys {
			s.Keys = append(s.Keys, plan.SortKey{ID: k})
		}
		in = s
	}
	i := in.Props()
	c.Input, c.Info = in, *i
	c.Total = i.Total + operatorCost*i.Rows*float64(len(cols))
	c.Rows = o.groups(keys, i.Rows)
	if _, ok := in.(*plan.Sort); ok {
		c.Rows = i.Rows
	}
	switch {
	case i.Place.Kind == plan.OnAll:
		c.Place = plan.Place{Kind: plan.OnSlice0}
	case i.Place.Covers(keys), o.rowID != 0 && need.Has(o.rowID):
	default:
		c.TwoPhase = true
		c.Place = plan.Place{Kind: plan.ByKey, Keys: keys}
	}
	return &c, nil
}

// sort plans ORDER BY. On the way to the leader every slice sorts its rows and the leader merges them; anywhere else an order means nothing but to LIMIT.
func (o *optimizer) sort(n *plan.Sort, need plan.Set, top bool, limit int64) (plan.Node, error) {
	below := need.Clone()
	for _, k := range n.Keys {
		below.Add(k.ID)
	}
	in, err := o.physical(n.Input, below, top)
	if err != nil {
		return nil, err
	}
	c := *n
	c.Input, c.Info, c.Limit = in, sortInfo(in.Props()), limit
	if !top || c.Place.Kind == plan.OnLeader {
		return &c, nil
	}
	net := &plan.Network{Info: c.Info, Input: &c, Kind: plan.SendToLeader}
	net.Place = plan.Place{Kind: plan.OnLeader}
	return &plan.Merge{Info: net.Info, Input: net, Keys: n.Keys}, nil
}

// maxTopN bounds the rows that a slice sorts for a LIMIT in a heap instead of sorting all.
const maxTopN = 1 << 20

// limit plans LIMIT; a sort below it keeps only the rows that can be shown.
func (o *optimizer) limit(n *plan.Limit, need plan.Set, top bool) (plan.Node, error) {
	var in plan.Node
	var err error
	if s, ok := n.Input.(*plan.Sort); ok {
		keep := int64(0)
		if n.Count >= 0 && n.Count+n.Offset <= maxTopN && n.Count+n.Offset > 0 {
			keep = n.Count + n.Offset
		}
		in, err = o.sort(s, need, top, keep)
	} else {
		in, err = o.physical(n.Input, need, top)
	}
	if err != nil {
		return nil, err
	}
	c := *n
	c.Input, c.Info = in, limitInfo(in.Props(), n.Count, n.Offset)
	if keep := n.Count + n.Offset; n.Count >= 0 && keep > 0 && keep <= maxTopN {
		enough(in, keep)
	}
	switch {
	case c.Place.Kind == plan.OnLeader, c.Place.Kind == plan.OnSlice0:
	case c.Place.Kind == plan.OnAll || !top:
		c.Place = plan.Place{Kind: plan.OnSlice0}
	default:
		c.Place = plan.Place{Kind: plan.OnLeader}
	}
	return &c, nil
}

// enough tells a DISTINCT, or a grouping without aggregates and conditions, that any so many rows of it are enough: it need not read the rest.
func enough(n plan.Node, rows int64) {
	switch n := n.(type) {
	case *plan.Project:
		enough(n.Input, rows)
	case *plan.Subquery:
		enough(n.Input, rows)
	case *plan.Distinct:
		n.Limit = rows
	case *plan.Aggregate:
		if len(n.Aggs) == 0 && len(n.Having) == 0 && len(n.Groups) > 0 {
			n.Limit = rows
		}
	}
}

// window plans window functions: rows of a partition meet, then are sorted.
func (o *optimizer) window(n *plan.Window, need plan.Set, top bool) (plan.Node, error) {
	c := *n
	c.Funcs = nil
	below := need.Clone()
	for _, p := range n.Partition {
		below.Add(p)
	}
	for _, k := range n.Order {
		below.Add(k.ID)
	}
	for i := range n.Funcs {
		f := &n.Funcs[i]
		if !need.Has(f.ID) {
			continue
		}
		c.Funcs = append(c.Funcs, *f)
		for _, a := range f.Args {
			below.AddExpr(a)
		}
	}
	in, err := o.physical(n.Input, below, top)
	if err != nil || len(c.Funcs) == 0 {
		return in, err
	}
	if p := &in.Props().Place; !p.Single() && (len(n.Partition) == 0 || !p.Covers(n.Partition)) {
		net := &plan.Network{Info: *in.Props(), Input: in, Kind: plan.SendToSlice0}
		net.Place = plan.Place{Kind: plan.OnSlice0}
		if len(n.Partition) > 0 {
			net.Kind, net.Keys = plan.Distribute, n.Partition
			net.Place = plan.Place{Kind: plan.ByKey, Keys: n.Partition}
		}
		in = net
	}
	if len(n.Partition)+len(n.Order) > 0 {
		s := &plan.Sort{Input: in, Info: sortInfo(in.Props())}
		for _, p := range n.Partition {
			s.Keys = append(s.Keys, plan.SortKey{ID: p})
		}
		for _, k := range n.Order {
			seen := false
			for _, p := range n.Partition {
				seen = seen || p == k.ID
			}
			if !seen {
				s.Keys = append(s.Keys, k)
			}
		}
		in = s
	}
	c.Input, c.Info = in, *in.Props()
	c.Total += c.Rows * (windowCost + operatorCost*float64(len(n.Partition)+len(n.Order)))
	c.Width += o.widthOf(functionColumns(c.Funcs), need)
	if c.Place.Kind == plan.OnAll {
		c.Place = plan.Place{Kind: plan.OnSlice0}
	}
	return &c, nil
}

func functionColumns(fs []plan.WindowFunc) []plan.Column {
	out := make([]plan.Column, len(fs))
	for i := range fs {
		out[i] = fs[i].Column
	}
	return out
}

// sameHash says that equal values of two types have one hash, so that rows may meet by it.
func sameHash(a, b types.Type) bool {
	switch {
	case a.IsInteger() && b.IsInteger(), a.IsText() && b.IsText(), a.IsFloat() && b.IsFloat():
		return true
	case a.Kind != b.Kind || a.Lane() != b.Lane():
		return false
	case a.Kind == types.Numeric:
		return a.Scale == b.Scale
	}
	return true
}
