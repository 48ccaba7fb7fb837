package compile

import (
	"slices"

	"github.com/redshiftsim/redshiftsim/engine/exec"
	"github.com/redshiftsim/redshiftsim/engine/expr"
	"github.com/redshiftsim/redshiftsim/engine/plan"
	"github.com/redshiftsim/redshiftsim/internal/sqlstate"
	"github.com/redshiftsim/redshiftsim/internal/types"
)

// aggregate compiles a grouping.
//
//	two phases   aggr partial | dist -> aggr final        groups' states travel
//	one phase    [dist ->] aggr                           rows travel, unless the groups are whole already
func (c *compiler) aggregate(n *plan.Aggregate) (*flow, error) {
	var below plan.Set
	for _, g := range n.Groups {
		below.Add(g)
	}
	var order []plan.SortKey
	for i := range n.Aggs {
		a := &n.Aggs[i]
		for _, e := range a.Args {
			below.AddExpr(e)
		}
		if len(a.Order) == 0 {
			continue
		}
		if order != nil && !slices.Equal(order, a.Order) {
			return nil, sqlstate.FeatureNotSupported.Errorf("within group ORDER BY clauses for aggregate functions must be the same")
		}
		order = a.Order
		for _, k := range a.Order {
			below.Add(k.ID)
		}
	}
	f, err := c.node(n.Input, below)
	if err != nil {
		return nil, err
	}
	if n, err = c.called(f, n, &below, order); err != nil {
		return nil, err
	}
	groups := make([]plan.Column, len(n.Groups))
	in := n.Input.Columns()
	for i, g := range n.Groups {
		for j := range in {
			if in[j].ID == g {
				groups[i] = in[j]
			}
		}
	}
	out := append([]plan.Column(nil), groups...)
	for i := range n.Aggs {
		out = append(out, n.Aggs[i].Column)
	}
	if !n.TwoPhase {
		p := n.Input.Props().Place
		if !p.Single() && (len(n.Groups) == 0 || !p.Covers(n.Groups)) {
			f.narrow(below)
			c.moved(f, &n.Place, n.ID)
		}
		c.together(f, n.ID)
		if len(order) > 0 {
			f.step(&exec.SortStep{Keys: sortKeys(f, order), NodeID: n.ID})
		}
		if err := c.aggr(n, f, exec.Single, out); err != nil {
			return nil, err
		}
	} else {
		partial := append([]plan.Column(nil), groups...)
		for i := range n.Aggs {
			for _, t := range n.Aggs[i].Fn.Partial {
				partial = append(partial, plan.Column{ID: -1, Type: t})
			}
		}
		if err := c.aggr(n, f, exec.Partial, partial); err != nil {
			return nil, err
		}
		c.moved(f, &n.Place, n.ID)
		s := &exec.AggrStep{Phase: exec.Final, Groups: first(len(groups)), Types: typesOf(out), Limit: n.Limit, NodeID: n.ID}
		at := len(groups)
		for i := range n.Aggs {
			call := exec.AggrCall{Fn: n.Aggs[i].Fn}
			for range n.Aggs[i].Fn.Partial {
				call.Inputs = append(call.Inputs, at)
				at++
			}
			s.Aggs = append(s.Aggs, call)
		}
		f.step(s)
		f.cols = out
	}
	return f, c.filter(f, n.Having, plan.SetOfColumns(out), n.ID)
}

// called is an aggregate whose arguments read the results of Lambda functions as columns, which read then has.
func (c *compiler) called(f *flow, n *plan.Aggregate, read *plan.Set, order []plan.SortKey) (*plan.Aggregate, error) {
	var args []expr.Expr
	for i := range n.Aggs {
		args = append(args, n.Aggs[i].Args...)
	}
	if _, calling := parted(args); len(calling) == 0 {
		return n, nil
	}
	var need plan.Set
	for _, g := range n.Groups {
		need.Add(g)
	}
	for _, k := range order {
		need.Add(k.ID)
	}
	args, err := c.calls(f, args, need, n.ID)
	if err != nil {
		return nil, err
	}
	*read = need
	m := *n
	m.Aggs = slices.Clone(n.Aggs)
	for i := range m.Aggs {
		a := &m.Aggs[i]
		a.Args, args = args[:len(a.Args):len(a.Args)], args[len(a.Args):]
		for _, e := range a.Args {
			read.AddExpr(e)
		}
	}
	return &m, nil
}

// aggr adds the step that reads rows: a single or partial phase.
func (c *compiler) aggr(n *plan.Aggregate, f *flow, phase exec.Phase, out []plan.Column) error {
	s := &exec.AggrStep{Phase: phase, Groups: f.positions(n.Groups), Types: typesOf(out), Limit: n.Limit, Sorted: n.Sorted, NodeID: n.ID}
	for i := range n.Aggs {
		a := &n.Aggs[i]
		args, err := f.programs(a.Args)
		if err != nil {
			return err
		}
		s.Aggs = append(s.Aggs, exec.AggrCall{Fn: a.Fn, Args: args, Distinct: a.Distinct})
	}
	f.step(s)
	f.cols = out
	return nil
}

func first(n int) []int {
	out := make([]int, n)
	for i := range out {
		out[i] = i
	}
	return out
}

// sortKeys turns columns into positions.
func sortKeys(f *flow, keys []plan.SortKey) []exec.SortKey {
	out := make([]exec.SortKey, len(keys))
	for i, k := range keys {
		out[i] = exec.SortKey{Column: f.position(k.ID), Desc: k.Desc, NullsFirst: k.NullsFirst}
	}
	return out
}

// expand compiles the repetition of rows.
func (c *compiler) expand(n *plan.Expand, need plan.Set) (*flow, error) {
	if len(n.Bounds) > 0 {
		need = need.Clone()
		for _, id := range n.Bounds {
			need.Add(id)
		}
	}
	f, err := c.node(n.Input, need)
	if err != nil {
		return nil, err
	}
	f.narrow(need)
	step := &exec.ExpandStep{Count: n.Count, NodeID: n.ID, Bounds: f.positions(n.Bounds), Type: n.Number.Type}
	if n.Unique {
		step.Unique, c.p.Counters = true, c.p.Counters+1
		step.Counter = c.p.Counters - 1
	}
	f.step(step)
	f.cols = append(f.cols[:len(f.cols):len(f.cols)], n.Number)
	return f, nil
}

// distinct compiles the removal of duplicates. The sort that EXPLAIN shows below a UNION is not run: a hash does its work.
func (c *compiler) distinct(n *plan.Distinct) (*flow, error) {
	in := n.Input
	if s, ok := in.(*plan.Sort); ok && s.Limit == 0 {
		if _, ok := s.Input.(*plan.Append); ok {
			in = s.Input
		}
	}
	cols := n.Columns()
	f, err := c.node(in, plan.SetOfColumns(cols))
	if err != nil {
		return nil, err
	}
	f.exactly(cols)
	if n.TwoPhase {
		f.step(&exec.UniqueStep{Limit: n.Limit, NodeID: n.ID})
		c.moved(f, &n.Place, n.ID)
	}
	c.together(f, n.ID)
	f.step(&exec.UniqueStep{Limit: n.Limit, NodeID: n.ID})
	return f, nil
}

// sort compiles a sort of each place's rows.
func (c *compiler) sort(n *plan.Sort, need plan.Set) (*flow, error) {
	below := need.Clone()
	for _, k := range n.Keys {
		below.Add(k.ID)
	}
	f, err := c.node(n.Input, below)
	if err != nil {
		return nil, err
	}
	c.together(f, n.ID)
	f.narrow(below)
	f.step(&exec.SortStep{Keys: sortKeys(f, n.Keys), Limit: n.Limit, NodeID: n.ID})
	return f, nil
}

// merge compiles the leader's merge of the slices' sorted runs.
func (c *compiler) merge(n *plan.Merge, need plan.Set) (*flow, error) {
	below := need.Clone()
	for _, k := range n.Keys {
		below.Add(k.ID)
	}
	in, node := n.Input, n.ID
	if net, ok := in.(*plan.Network); ok {
		in, node = net.Input, net.ID
	}
	f, err := c.node(in, below)
	if err != nil || f.where() == exec.OnLeader {
		return f, err
	}
	x := len(c.p.Exchanges)
	c.exchange(f, exec.OnLeader, func(x int) exec.StepSpec { return &exec.ReturnStep{Exchange: x, NodeID: node} })
	c.p.Exchanges[x].Ordered = true
	f.open[0].Source = &exec.MergeSource{Exchange: x, Keys: sortKeys(f, n.Keys)}
	return f, nil
}

// network compiles a move that the plan shows.
func (c *compiler) network(n *plan.Network, need plan.Set) (*flow, error) {
	below := need.Clone()
	for _, k := range n.Keys {
		below.Add(k)
	}
	f, err := c.node(n.Input, below)
	if err != nil {
		return nil, err
	}
	f.narrow(below)
	switch n.Kind {
	case plan.SendToLeader:
		c.toLeader(f, n.ID)
	case plan.SendToSlice0:
		c.toSlice0(f, n.ID)
	case plan.Distribute:
		c.byKeys(f, n.Keys, n.ID)
	default:
		panic("compile: a network that nothing asks for")
	}
	return f, nil
}

// limit compiles LIMIT: first where the rows are, then where they meet.
func (c *compiler) limit(n *plan.Limit, need plan.Set) (*flow, error) {
	below := need
	s, sorted := n.Input.(*plan.Sort)
	if sorted {
		below = need.Clone()
		for _, k := range s.Keys {
			below.Add(k.ID)
		}
	}
	f, err := c.node(n.Input, below)
	if err != nil {
		return nil, err
	}
	if len(f.open) > 1 || f.where() == exec.OnSlices {
		if n.Count >= 0 {
			f.step(&exec.LimitStep{Count: n.Count + n.Offset, NodeID: n.ID})
		}
		f.narrow(below)
		c.moved(f, &n.Place, n.ID)
		if sorted { // not on the way to the leader: sorted runs meet unsorted
			f.step(&exec.SortStep{Keys: sortKeys(f, s.Keys), Limit: s.Limit, NodeID: s.ID})
		}
	}
	f.step(&exec.LimitStep{Count: n.Count, Offset: n.Offset, NodeID: n.ID})
	return f, nil
}

// window compiles window functions; the plan has brought partitions together and sorted them.
func (c *compiler) window(n *plan.Window, need plan.Set) (*flow, error) {
	below := need.Clone()
	below.AddWindow(n)
	f, err := c.node(n.Input, below)
	if err != nil {
		return nil, err
	}
	c.together(f, n.ID)
	s := &exec.WindowStep{Partition: f.positions(n.Partition), Order: sortKeys(f, n.Order), NodeID: n.ID}
	for i := range n.Funcs {
		w := &n.Funcs[i]
		args, err := f.programs(w.Args)
		if err != nil {
			return nil, err
		}
		s.Funcs = append(s.Funcs, exec.WindowCall{
			Fn: w.Fn, Agg: w.Agg, Args: args, Distinct: w.Distinct, IgnoreNulls: w.IgnoreNulls, Whole: w.Whole,
			LoUnbounded: w.Lo.Unbounded, HiUnbounded: w.Hi.Unbounded, Lo: w.Lo.Offset, Hi: w.Hi.Offset,
		})
		f.cols = append(f.cols[:len(f.cols):len(f.cols)], w.Column)
	}
	s.Types = typesOf(f.cols)
	f.step(s)
	return f, nil
}

// sameFamily says that values of two types are placed by one hash.
func sameFamily(a, b types.Type) bool {
	return a.IsInteger() && b.IsInteger() || a.IsText() && b.IsText() || a == b
}

// columnIn finds an output column.
func columnIn(cols []plan.Column, id expr.ColumnID) *plan.Column {
	for i := range cols {
		if cols[i].ID == id {
			return &cols[i]
		}
	}
	return nil
}
