package compile

import (
	"github.com/redshiftsim/redshiftsim/engine/exec"
	"github.com/redshiftsim/redshiftsim/engine/expr"
	"github.com/redshiftsim/redshiftsim/engine/plan"
)

// join compiles a join: the inner side fills a table in a stream of its own, the outer side probes it. Of a merge join the table is in order, not hashed,
// and the outer side, which comes in order too, goes through it once.
//
// A table built from a broadcast or a DISTSTYLE ALL copy is the same on every slice: one segment builds it once and all slices share it.
func (c *compiler) join(n *plan.Join, need plan.Set) (*flow, error) {
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
	inner, err := c.node(n.Inner, below)
	if err != nil {
		return nil, err
	}
	inner.narrow(below)
	c.moveInner(n, inner)
	c.together(inner, n.ID)
	h := &exec.HashStep{Table: c.p.Tables, Types: typesOf(inner.cols), Shared: inner.where() != exec.OnSlices, NodeID: n.ID}
	if n.Method != plan.NestedLoop {
		h.Keys = inner.positions(n.EquiInner)
	}
	h.Merge = n.Method == plan.MergeJoin
	c.p.Tables++
	inner.step(h)
	c.stream(inner)

	f, err := c.node(n.Outer, below)
	if err != nil {
		return nil, err
	}
	switch n.Distribution {
	case plan.DistOuter, plan.DistBoth:
		f.narrow(below)
		c.byKeys(f, n.DistOuter, n.ID)
	}
	if n.Kind == plan.Right || n.Kind == plan.Full { // rows of the table that nobody met are given once
		c.together(f, n.ID)
	}
	var keys []int
	if n.Method != plan.NestedLoop {
		keys = f.positions(n.EquiOuter)
	}
	both := &flow{cols: append(f.cols[:len(f.cols):len(f.cols)], inner.cols...)}
	var on *expr.Program
	if len(n.On) > 0 {
		if on, err = both.program(expr.AndOf(n.On...)); err != nil {
			return nil, err
		}
	}
	switch n.Kind {
	case plan.Semi, plan.Anti, plan.AntiNull:
	default:
		f.cols = both.cols
	}
	if n.Method == plan.NestedLoop {
		f.step(&exec.NLoopStep{Kind: exec.JoinKind(n.Kind), Table: h.Table, Cond: on, Types: typesOf(f.cols), NodeID: n.ID})
	} else {
		switch n.Kind {
		case plan.Inner, plan.Semi, plan.Right: // a row without a partner goes no further
			for i, at := range keys {
				r := restriction{c: c, f: f, key: exec.RuntimeFilter{Table: h.Table, From: h.Keys[i]}, typ: h.Types[h.Keys[i]]}
				for _, g := range f.open {
					r.from(g, len(g.Steps), at)
				}
			}
		}
		f.step(&exec.HJoinStep{Kind: exec.JoinKind(n.Kind), Table: h.Table, Keys: keys, Merge: h.Merge, Residual: on, Types: typesOf(f.cols), NodeID: n.ID})
	}
	return f, nil
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
