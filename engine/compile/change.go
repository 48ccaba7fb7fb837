package compile

import (
	"github.com/redshiftsim/redshiftsim/engine/catalog"
	"github.com/redshiftsim/redshiftsim/engine/exec"
	"github.com/redshiftsim/redshiftsim/engine/expr"
	"github.com/redshiftsim/redshiftsim/engine/plan"
	"github.com/redshiftsim/redshiftsim/storage"
)

// writer makes the writer of a table, or gives the one that it has.
func (c *compiler) writer(t *catalog.Table) int {
	view := c.view(t)
	for i := range c.p.Writers {
		if c.p.Writers[i].View == view {
			return i
		}
	}
	c.p.Writers = append(c.p.Writers, exec.WriterSpec{View: view})
	return len(c.p.Writers) - 1
}

// insert compiles INSERT: rows go to the slices that the table's distribution says, unless they are there.
// https://docs.aws.amazon.com/redshift/latest/dg/c_choosing_dist_sort.html
func (c *compiler) insert(n *plan.Insert) (*flow, error) {
	cols := n.Input.Columns()
	f, err := c.node(n.Input, plan.SetOfColumns(cols))
	if err != nil {
		return nil, err
	}
	f.exactly(cols)
	w := c.writer(n.Table)
	if !placed(n, f, cols) {
		c.place(f, w, n.ID)
	}
	f.step(&exec.InsertStep{Writer: w, NodeID: n.ID})
	return f, nil
}

// place sends rows to where a writer's table puts them.
func (c *compiler) place(f *flow, w, node int) {
	c.exchange(f, exec.OnSlices, func(x int) exec.StepSpec { return &exec.PlaceStep{Exchange: x, Writer: w, NodeID: node} })
}

// placed says that rows are already on the slices of their distribution key.
func placed(n *plan.Insert, f *flow, cols []plan.Column) bool {
	d := n.Table.Def
	p := n.Input.Props().Place
	if len(f.open) != 1 || f.where() != exec.OnSlices || d.Dist.Style != storage.Key || p.Kind != plan.ByKey || len(p.Keys) != 1 {
		return false
	}
	key := &cols[d.Dist.Column]
	if !p.SameAsKey(0, key.ID) {
		return false
	}
	// The rows were hashed as the type they had where they were placed.
	same := true
	plan.Walk(n.Input, func(x plan.Node) bool {
		if c := columnIn(x.Columns(), p.Keys[0]); c != nil {
			same = same && sameFamily(c.Type, key.Type)
		}
		return same
	})
	return same
}

// delete compiles DELETE: rows go where they are.
func (c *compiler) delete(n *plan.Delete) (*flow, error) {
	cols := n.Input.Columns()
	f, err := c.node(n.Input, plan.SetOfColumns(cols))
	if err != nil {
		return nil, err
	}
	f.exactly(cols)
	f.step(&exec.DeleteStep{Writer: c.writer(n.Table), Once: n.Once, NodeID: n.ID})
	return f, nil
}

// update compiles UPDATE: the old row is deleted, the new one inserted; it stays on its slice unless its distribution key changes.
// https://docs.aws.amazon.com/redshift/latest/dg/r_UPDATE.html
func (c *compiler) update(n *plan.Update) (*flow, error) {
	cols := n.Input.Columns()
	f, err := c.node(n.Input, plan.SetOfColumns(cols))
	if err != nil {
		return nil, err
	}
	f.exactly(cols)
	w := c.writer(n.Table)
	f.step(&exec.DeleteStep{Writer: w, Forward: true, Once: n.Once, NodeID: n.ID})
	f.cols = cols[1:]
	if d := n.Table.Def; d.Dist.Style == storage.Key || d.Dist.Style == storage.AutoKey {
		if !unchanged(n, f.cols[d.Dist.Column].ID, d.Dist.Column) {
			c.place(f, w, n.ID)
		}
	}
	f.step(&exec.InsertStep{Writer: w, NodeID: n.ID})
	return f, nil
}

// unchanged says that column id of the new row is the old row's column attr.
func unchanged(n *plan.Update, id expr.ColumnID, attr int) bool {
	found := false
	plan.Walk(n.Input, func(x plan.Node) bool {
		s, ok := x.(*plan.Scan)
		if !ok {
			return true
		}
		target := false
		for _, a := range s.Attrs {
			target = target || a < 0
		}
		for i, a := range s.Attrs {
			found = found || target && a == attr && s.Output[i].ID == id
		}
		return true
	})
	return found
}
