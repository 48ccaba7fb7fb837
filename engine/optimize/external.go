package optimize

import (
	"math"
	"strconv"

	"github.com/redshiftsim/redshiftsim/engine/plan"
)

// Figures of external tables. Without numRows they are taken to be larger than what a cluster holds.
// https://docs.aws.amazon.com/redshift/latest/dg/c-spectrum-external-performance.html
const (
	externalRows  = 1e10
	partitionRows = 1000 // of a table whose partitions the plan lists
)

// external plans the scan of an external table. The guide's figures: rows are those of numRows, whatever conditions there are; the S3 layer takes a tuple's and
// its operators' cost a row, and the S3 Query Scan above it another tuple's.
// https://docs.aws.amazon.com/redshift/latest/dg/c-spectrum-external-performance.html
func (o *optimizer) external(n *plan.ExternalScan, need plan.Set) *plan.ExternalScan {
	c := *n
	rows := float64(externalRows)
	if v, ok := n.Table.Property("numRows"); ok {
		if k, err := strconv.ParseInt(v, 10, 64); err == nil {
			rows = math.Max(float64(k), 1)
		}
	}
	partitions, conds := n.Parts()
	width := o.widthOf(n.Output, need)
	place := plan.Place{Kind: plan.Anyhow}
	c.Read = plan.Info{Total: rows * (tupleCost + operatorCost*ops(conds)), Rows: rows, Width: width, Place: place}
	c.Query = plan.Info{Startup: c.Read.Startup, Total: c.Read.Total + rows*tupleCost, Rows: rows, Width: width, Place: place}
	c.Info = c.Query
	if n.Table.Keys > 0 {
		listed := clampRows(partitionRows * o.selectivity(partitions))
		c.Listed = plan.Info{Total: partitionRows * (tupleCost + operatorCost*ops(partitions)), Rows: listed, Place: place}
		c.Total += c.Listed.Total
	}
	all := need.Clone()
	for _, f := range n.Filter {
		all.AddExpr(f)
	}
	c.Output, c.Attrs = keepColumns(n.Output, n.Attrs, all)
	return &c
}
