package plan

import (
	"strings"

	"github.com/redshiftsim/redshiftsim/engine/catalog"
	"github.com/redshiftsim/redshiftsim/engine/expr"
	"github.com/redshiftsim/redshiftsim/engine/function"
	"github.com/redshiftsim/redshiftsim/internal/nested"
)

// ExternalScan reads an external table: the files of those partitions whose values meet the conditions that ask for nothing else. Behind the table's columns
// Attrs counts the pseudocolumns: PathColumn, SizeColumn and OIDColumn.
// https://docs.aws.amazon.com/redshift/latest/dg/c-spectrum-external-tables.html
type ExternalScan struct {
	Info
	Table  *catalog.ExternalTable
	Schema string // by which it was named
	Alias  string
	Format string // of the files, as EXPLAIN has it: TEXT, PARQUET
	Output []Column
	Attrs  []int
	Filter []expr.Expr
	// Nested are the types of nested columns, by column of the table, with marks at what is read; nil = it has none. With JSON they are texts.
	Nested []*nested.Type
	JSON   *nested.JSON
	// Query, Read and Listed are the figures of the lines below the first: S3 Query Scan, S3 Seq Scan, Seq Scan PartitionInfo.
	Query, Read, Listed Info
}

// Pseudocolumns, behind the columns of the table.
// https://docs.aws.amazon.com/redshift/latest/dg/r_CREATE_EXTERNAL_TABLE_usage.html#r_CREATE_EXTERNAL_TABLE_usage-pseudocolumns
const (
	PathColumn = iota
	SizeColumn
	OIDColumn
)

// Children gives none.
func (n *ExternalScan) Children() []Node { return nil }

// Columns is the output.
func (n *ExternalScan) Columns() []Column { return n.Output }

// Parts splits the conditions: those on partition columns alone say which partitions are read.
func (n *ExternalScan) Parts() (partitions, rows []expr.Expr) {
	if n.Table.Keys == 0 {
		return nil, n.Filter
	}
	keys := map[expr.ColumnID]bool{}
	for i, a := range n.Attrs {
		keys[n.Output[i].ID] = a >= len(n.Table.Data()) && a < len(n.Table.Columns)
	}
	for _, e := range n.Filter {
		ids := expr.Columns(e)
		only := len(ids) > 0
		for _, id := range ids {
			only = only && keys[id]
		}
		expr.Walk(e, func(e expr.Expr) bool {
			if c, ok := e.(*expr.Call); ok && c.Fn.Volatility == function.Volatile {
				only = false
			}
			return only
		})
		if only {
			partitions = append(partitions, e)
		} else {
			rows = append(rows, e)
		}
	}
	return partitions, rows
}

// ReadID is the number of the last of its lines, which reads.
func (n *ExternalScan) ReadID() int { return n.ID + n.lines() - 1 }

// lines is how many lines of EXPLAIN it takes.
func (n *ExternalScan) lines() int {
	if n.Table.Keys > 0 {
		return 4
	}
	return 2
}

// external prints the scan of an external table.
//
//	XN Partition Loop                                        of a table with partitions
//	  ->  XN Seq Scan PartitionInfo of spectrum.sales_part
//	        Filter: (saledate = '2008-12-01'::date)
//	  ->  XN S3 Query Scan sales_part
//	        ->  S3 Seq Scan spectrum.sales_part location:"s3://bucket/sales" format:TEXT
//	              Filter: (pricepaid > 30.00)
//
// https://docs.aws.amazon.com/redshift/latest/dg/c-spectrum-external-performance.html
func (p *explainer) external(n *ExternalScan, depth int, i *Info, conds []expr.Expr, pre string) {
	partitions, rows := n.Parts()
	name := ident(n.Schema) + "." + ident(n.Table.Name)
	if n.Table.Keys > 0 {
		p.line(n, depth, pre+"Partition Loop", i)
		i = &n.Query
		depth++
		p.line(n, depth, pre+"Seq Scan PartitionInfo of "+name, &n.Listed)
		if len(partitions) > 0 {
			p.detail("Filter", p.conditions(partitions, n))
		}
	}
	p.line(n, depth, pre+"S3 Query Scan "+ident(n.Alias), i)
	if len(conds) > 0 {
		p.detail("Filter", p.conditions(conds, n))
	}
	p.line(n, depth+1, "S3 Seq Scan "+name+` location:"`+strings.TrimSuffix(n.Table.Location, "/")+`" format:`+n.Format, &n.Read)
	if len(rows) > 0 {
		p.detail("Filter", p.conditions(rows, n))
	}
}
