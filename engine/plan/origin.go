package plan

import (
	"github.com/redshiftsim/redshiftsim/engine/catalog"
	"github.com/redshiftsim/redshiftsim/engine/expr"
)

// Origin is the column of a table or view that a column of a result is, as clients show it (JDBC's getBaseTableName). The zero value: it is computed.
type Origin struct {
	Schema, Table, Column string // of a view, Column is the name under which it is read
	NotNull               bool   // the table's column is NOT NULL
}

// Origins finds where the columns of a logical plan, as bind makes it, come from. A view's columns are the view's, whatever it reads; those of set operations and
// of recursive queries are nobody's, as in PostgreSQL.
//
//	Project [a = Column 3, x = Call]        a  -> public.t.a
//	  Subquery v {View v} [1 2 3]           x  -> computed
func Origins(root Node, columns []Column) []Origin {
	out := make([]Origin, len(columns))
	for i := range columns {
		out[i] = originOf(root, columns[i].ID)
	}
	return out
}

// originOf finds where column id of a node comes from.
func originOf(n Node, id expr.ColumnID) Origin {
	switch n := n.(type) {
	case *Scan:
		return ofRelation(n.Table.Schema, n.Table.Shown(), n.Table.Columns, n.Output, n.Attrs, id)
	case *VirtualScan:
		return ofRelation(n.Table.Schema, n.Table.Name, n.Table.Columns, n.Output, n.Attrs, id)
	case *ExternalScan:
		return ofRelation(n.Schema, n.Table.Name, n.Table.Columns, n.Output, n.Attrs, id)
	case *Project:
		for i := range n.Exprs {
			if n.Exprs[i].ID != id {
				continue
			}
			if c, ok := n.Exprs[i].Expr.(*expr.Column); ok {
				return originOf(n.Input, c.ID)
			}
			return Origin{}
		}
	case *Subquery:
		if n.View == nil {
			break
		}
		for i := range n.Output {
			if n.Output[i].ID == id {
				return Origin{Schema: n.View.Schema, Table: n.View.Name, Column: n.Output[i].Name}
			}
		}
		return Origin{}
	case *Append, *SetOp, *Recursive:
		return Origin{}
	case *With:
		return originOf(n.Input, id)
	}
	for _, c := range n.Children() { // a column has one number wherever it travels
		if o := originOf(c, id); o != (Origin{}) {
			return o
		}
	}
	return Origin{}
}

// ofRelation is a column of a scan.
func ofRelation(schema, table string, columns []catalog.Column, output []Column, attrs []int, id expr.ColumnID) Origin {
	for i := range output {
		if output[i].ID == id && attrs[i] >= 0 && attrs[i] < len(columns) {
			c := &columns[attrs[i]]
			return Origin{Schema: schema, Table: table, Column: c.Name, NotNull: c.NotNull}
		}
	}
	return Origin{}
}
