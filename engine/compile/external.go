package compile

import (
	"github.com/redshiftsim/redshiftsim/engine/exec"
	"github.com/redshiftsim/redshiftsim/engine/expr"
	"github.com/redshiftsim/redshiftsim/engine/plan"
)

// external compiles the scan of an external table. Each slice reads files, or parts of files, of its own; conditions on partition columns choose them before.
//
//	Filter [saledate = '2008-12-01', pricepaid > 30]  ->  Partitions saledate = ..   Predicates [pricepaid > 30]   project pricepaid > 30
func (c *compiler) external(n *plan.ExternalScan) (*flow, error) {
	s := &exec.ExternalSource{Table: n.Table, Name: n.Schema + "." + n.Table.Name, NodeID: n.ReadID(), Columns: n.Attrs, Nested: n.Nested, JSON: n.JSON}
	partitions, rows := n.Parts()
	if len(partitions) > 0 {
		data := len(n.Table.Data())
		p, err := expr.Compile(expr.AndOf(partitions...), func(id expr.ColumnID) int {
			for i := range n.Output {
				if n.Output[i].ID == id {
					return n.Attrs[i] - data
				}
			}
			return -1
		})
		if err != nil {
			return nil, err
		}
		s.Partitions = p
	}
	for _, e := range rows {
		p, ok, err := predicate(n.Output, n.Attrs, e)
		if err != nil {
			return nil, err
		}
		if ok && !p.Days && (p.Value != nil || len(p.Values) > 0) && p.Column < len(n.Table.Data()) {
			s.Predicates = append(s.Predicates, p)
		}
	}
	f := source(exec.OnSlices, s, n.Output)
	return f, f.filter(rows)
}
