package compile

import (
	"github.com/redshiftsim/redshiftsim/engine/exec"
	"github.com/redshiftsim/redshiftsim/engine/plan"
	"github.com/redshiftsim/redshiftsim/internal/types"
)

// maxRecursion is the number of rows that a recursive query may find, Redshift's max_recursion_rows.
const maxRecursion = 10_000_000

// saved is a worktable in the program: the table that holds its rows, on the slices where they were found.
type saved struct {
	table int
	where exec.Where
}

// save ends a query whose columns go by place: each place keeps its rows in a table.
func (c *compiler) save(n plan.Node, node, table int) ([]types.Type, exec.Where, error) {
	cols := n.Columns()
	f, err := c.node(n, plan.SetOfColumns(cols))
	if err != nil {
		return nil, 0, err
	}
	f.exactly(cols)
	where := c.put(f, table, node).where()
	return typesOf(cols), where, nil
}

// put ends a flow: each place keeps its rows in a table; the flow given reads them.
func (c *compiler) put(f *flow, table, node int) *flow {
	c.together(f, node)
	where := f.where()
	f.step(&exec.HashStep{Table: table, Types: typesOf(f.cols), Shared: where == exec.OnLeader, Save: true, NodeID: node})
	c.stream(f)
	return source(where, &exec.SavedSource{Table: table, Name: "Internal Worktable", NodeID: node}, f.cols)
}

// table numbers a new table.
func (c *compiler) table() int {
	c.p.Tables++
	return c.p.Tables - 1
}

func (c *compiler) keep(t *plan.Worktable, s saved) {
	if c.saved == nil {
		c.saved = map[*plan.Worktable]saved{}
	}
	c.saved[t] = s
}

// recursive compiles a recursive query: the seed, then streams that run again as long as they find rows.
func (c *compiler) recursive(n *plan.Recursive) (*flow, error) {
	work, next, all := c.table(), c.table(), c.table()
	c.keep(n.Work, saved{table: work})
	ts, _, err := c.save(n.Seed, n.ID, next)
	if err != nil {
		return nil, err
	}
	c.streams[len(c.streams)-1].Turn = &exec.Turn{Next: next, All: all, Work: work, Types: ts, Limit: maxRecursion}
	from := len(c.streams)
	if _, _, err = c.save(n.Step, n.ID, next); err != nil {
		return nil, err
	}
	c.streams[len(c.streams)-1].Turn = &exec.Turn{Next: next, All: all, Work: work, Types: ts, Repeat: true, From: from, Limit: maxRecursion}
	return source(exec.OnSlices, &exec.SavedSource{Table: all, Name: n.Work.Name, NodeID: n.ID}, n.Output), nil
}

// with compiles a query that is computed once, then what reads it.
func (c *compiler) with(n *plan.With, need plan.Set) (*flow, error) {
	t := c.table()
	_, where, err := c.save(n.Query, n.ID, t)
	if err != nil {
		return nil, err
	}
	c.keep(n.Table, saved{table: t, where: where})
	return c.node(n.Input, need)
}

// workScan compiles the reading of a worktable.
func (c *compiler) workScan(n *plan.WorkScan) (*flow, error) {
	s := c.saved[n.Table]
	return source(s.where, &exec.SavedSource{Table: s.table, Name: n.Table.Name, NodeID: n.ID}, n.Output), nil
}
