package compile

import (
	"slices"

	"github.com/redshiftsim/redshiftsim/engine/exec"
	"github.com/redshiftsim/redshiftsim/engine/expr"
	"github.com/redshiftsim/redshiftsim/engine/plan"
)

// join compiles a join: the inner side fills a table in a stream of its own, the outer side probes it. Of a merge join the table is in order, not hashed,
// and the outer side, which comes in order too, goes through it once. Joins whose outer side is a join in turn are compiled together, see chain.
//
// share is the part of the outer rows that tables of joins above will leave, 0 = all.
func (c *compiler) join(n *plan.Join, need plan.Set, share float64) (*flow, error) {
	if share == 0 {
		share = 1
	}
	if !outerFirst(n, share) {
		return c.chain(n, need, share)
	}
	below := joinNeeds(n, need)
	f, err := c.outer(n, below)
	if err != nil {
		return nil, err
	}
	table := c.table()
	f = c.put(f, table, n.ID)
	if c.first == nil {
		c.first = map[int]bool{}
	}
	c.first[table] = true
	inner, h, err := c.inner(n, below, func(inner *flow) {
		c.restrict(inner, inner.positions(n.EquiInner), table, f.positions(n.EquiOuter), typesOf(f.cols))
	})
	if err != nil {
		return nil, err
	}
	return f, c.probe(n, f, inner, h, false)
}

// joinNeeds are the columns that the sides of a join must give.
func joinNeeds(n *plan.Join, need plan.Set) plan.Set {
	below := need.Clone()
	for _, id := range n.EquiOuter {
		below.Add(id)
	}
	for _, id := range n.EquiInner {
		below.Add(id)
	}
	for _, e := range n.On {
		below.AddExpr(e)
	}
	return below
}

// inner compiles the inner side of a join into a table. restrict is called with its rows before they go anywhere.
//
// A table built from a broadcast or a DISTSTYLE ALL copy is the same on every slice: one segment builds it once and all slices share it.
func (c *compiler) inner(n *plan.Join, below plan.Set, restrict func(*flow)) (*flow, *exec.HashStep, error) {
	inner, err := c.node(n.Inner, below)
	if err != nil {
		return nil, nil, err
	}
	restrict(inner)
	inner.narrow(below)
	c.moveInner(n, inner)
	c.together(inner, n.ID)
	h := &exec.HashStep{Table: c.table(), Types: typesOf(inner.cols), Shared: inner.where() != exec.OnSlices, NodeID: n.ID}
	if n.Method != plan.NestedLoop {
		h.Keys = inner.positions(n.EquiInner)
	}
	h.Merge = n.Method == plan.MergeJoin
	inner.step(h)
	c.stream(inner)
	return inner, h, nil
}

// outer compiles the outer side of a join, to where its rows meet the table.
func (c *compiler) outer(n *plan.Join, below plan.Set) (*flow, error) {
	f, err := c.node(n.Outer, below)
	if err != nil {
		return nil, err
	}
	c.moveOuter(n, f, below)
	return f, nil
}

// moveOuter sends the outer side where the label says.
func (c *compiler) moveOuter(n *plan.Join, f *flow, below plan.Set) {
	switch n.Distribution {
	case plan.DistOuter, plan.DistBoth:
		f.narrow(below)
		c.byKeys(f, n.DistOuter, n.ID)
	}
	if n.Kind == plan.Right || n.Kind == plan.Full { // rows of the table that nobody met are given once
		c.together(f, n.ID)
	}
}

// probe ends the outer flow of a join with the step that looks in the table, and lets the table's keys restrict what comes there.
func (c *compiler) probe(n *plan.Join, f, inner *flow, h *exec.HashStep, restrict bool) error {
	var keys []int
	if n.Method != plan.NestedLoop {
		keys = f.positions(n.EquiOuter)
	}
	both := &flow{cols: append(f.cols[:len(f.cols):len(f.cols)], inner.cols...)}
	var on *expr.Program
	if len(n.On) > 0 {
		var err error
		if on, err = both.program(expr.AndOf(n.On...)); err != nil {
			return err
		}
	}
	switch n.Kind {
	case plan.Semi, plan.Anti, plan.AntiNull:
	default:
		f.cols = both.cols
	}
	if n.Method == plan.NestedLoop {
		f.step(&exec.NLoopStep{Kind: exec.JoinKind(n.Kind), Table: h.Table, Cond: on, Types: typesOf(f.cols), NodeID: n.ID})
		return nil
	}
	switch n.Kind {
	case plan.Inner, plan.Semi, plan.Right: // a row without a partner goes no further
		if restrict {
			c.restrict(f, keys, h.Table, h.Keys, h.Types)
		}
	}
	f.step(&exec.HJoinStep{Kind: exec.JoinKind(n.Kind), Table: h.Table, Keys: keys, Merge: h.Merge, Residual: on, Types: typesOf(f.cols), NodeID: n.ID})
	return nil
}

// How much smaller than the inner side the outer one must be, and how large the inner one, for its rows to be kept first.
const (
	outerSmaller = 4
	innerLarge   = 1 << 16
)

// outerFirst says that a join keeps the rows of its outer side before the table is made of the inner one, so that no row comes into the table that meets
// none of them: the side that the plan hashes may be far larger than what looks into it, as in EXISTS over a fact table.
func outerFirst(n *plan.Join, share float64) bool {
	switch n.Kind {
	case plan.Inner, plan.Left, plan.Semi, plan.Anti, plan.SingleRow:
	default:
		return false
	}
	in := n.Inner.Props().Rows
	if n.InnerLeft > 0 {
		in = min(in, n.InnerLeft)
	}
	if n.Method != plan.HashJoin || in < innerLarge || share*n.Outer.Props().Rows*outerSmaller > in {
		return false
	}
	for _, id := range n.EquiInner {
		if scanned(n.Inner, id) {
			return true
		}
	}
	return false
}

// leaves is the part of the rows of a join's outermost scan that its table leaves there, as far as the plan knows.
func leaves(n *plan.Join) float64 {
	out := n.Outer.Props().Rows
	if n.Kind != plan.Inner && n.Kind != plan.Semi || n.Method == plan.NestedLoop || len(n.On) > 0 || out <= 0 {
		return 1
	}
	for _, id := range n.EquiOuter {
		if scanned(n.Outer, id) {
			return min(1, n.Props().Rows/out)
		}
	}
	return 1
}

// scanned says that a column comes from a scan as it is, with nothing between that asks for all rows.
func scanned(n plan.Node, id expr.ColumnID) bool {
	switch n := n.(type) {
	case *plan.Scan:
		return columnIn(n.Output, id) != nil
	case *plan.Aggregate:
		return slices.Contains(n.Groups, id) && scanned(n.Input, id)
	case *plan.Project:
		for i := range n.Exprs {
			if n.Exprs[i].ID == id {
				col, ok := n.Exprs[i].Expr.(*expr.Column)
				return ok && scanned(n.Input, col.ID)
			}
		}
		return false
	case *plan.Join:
		return n.Kind != plan.Full && n.Kind != plan.Right && n.Kind != plan.SingleRow && scanned(n.Outer, id)
	case *plan.Filter:
		return scanned(n.Input, id)
	case *plan.Subquery:
		return scanned(n.Input, id)
	case *plan.Network:
		return scanned(n.Input, id)
	}
	return false
}

// moveInner sends the inner side where the label says.
func (c *compiler) moveInner(n *plan.Join, f *flow) {
	switch n.Distribution {
	case plan.BcastInner:
		c.exchange(f, exec.OnOneSlice, func(x int) exec.StepSpec { return &exec.BcastStep{Exchange: x, NodeID: n.ID} })
	case plan.DistInner, plan.DistBoth:
		c.byKeys(f, n.DistInner, n.ID)
	case plan.DistAllInner, plan.DistAllNone:
		c.toSlice0(f, n.ID) // a copy of an ALL table is there already
	}
}

// setOp compiles INTERSECT and EXCEPT: equal rows meet by the hash of all columns, the right side is a table that the left side is tested against.
func (c *compiler) setOp(n *plan.SetOp) (*flow, error) {
	side := func(in plan.Node) (*flow, error) {
		cols := in.Columns()
		f, err := c.node(in, plan.SetOfColumns(cols))
		if err != nil {
			return nil, err
		}
		f.exactly(cols)
		if n.Place.Kind == plan.ByKey {
			keys := make([]expr.ColumnID, len(cols))
			for i := range cols {
				keys[i] = cols[i].ID
			}
			c.byKeys(f, keys, n.ID)
		} else {
			c.toSlice0(f, n.ID)
		}
		return f, nil
	}
	right, err := side(n.Right)
	if err != nil {
		return nil, err
	}
	h := &exec.HashStep{Table: c.p.Tables, Types: typesOf(right.cols), Shared: right.where() != exec.OnSlices, NodeID: n.ID}
	for i := range right.cols {
		h.Keys = append(h.Keys, i)
	}
	c.p.Tables++
	right.step(h)
	c.stream(right)
	f, err := side(n.Left)
	if err != nil {
		return nil, err
	}
	f.step(&exec.SetOpStep{Table: h.Table, Except: n.Except, NodeID: n.ID})
	f.cols = n.Output
	return f, nil
}

// append compiles UNION ALL: the branches stay open side by side, and every step above runs on each until rows meet.
func (c *compiler) append(n *plan.Append) (*flow, error) {
	all := &flow{cols: n.Output}
	for _, in := range n.Inputs {
		cols := in.Columns()
		f, err := c.node(in, plan.SetOfColumns(cols))
		if err != nil {
			return nil, err
		}
		f.exactly(cols)
		all.done = append(all.done, f.done...)
		all.open = append(all.open, f.open...)
	}
	return all, nil
}
