package plan

import (
	"github.com/redshiftsim/redshiftsim/engine/catalog"
	"github.com/redshiftsim/redshiftsim/engine/expr"
)

// Origin is the column of a table or view that a column of a result is, as clients show it (JDBC's getBaseTableName). The zero value: it is computed.
type Origin struct {
	Relation any    // *catalog.Table, *catalog.View, *catalog.Virtual or *catalog.ExternalTable
	Schema   string // by which an external table was named
	Attr     int    // the column's place in the relation
}

// Names are those of the schema and the relation, "" = there is none. A materialized view has its own name, not that of the table with its rows.
func (o Origin) Names() (schema, relation string) {
	switch r := o.Relation.(type) {
	case *catalog.Table:
		return r.Schema, r.Shown()
	case *catalog.View:
		return r.Schema, r.Name
	case *catalog.Virtual:
		return r.Schema, r.Name
	case *catalog.ExternalTable:
		return o.Schema, r.Name
	}
	return "", ""
}

// NotNull says that it is a column of a table and NOT NULL.
func (o Origin) NotNull() bool {
	t, ok := o.Relation.(*catalog.Table)
	return ok && t.Columns[o.Attr].NotNull
}

// oidAttribute is the number of the hidden column oid of pg_class and its like, in PostgreSQL before version 12.
const oidAttribute = -2

// Number is the column's pg_attribute.attrelid and attnum; 0, 0 = it has none, as those of external tables.
func (o Origin) Number() (relation uint32, attribute int16) {
	switch r := o.Relation.(type) {
	case *catalog.Table:
		if r.Maintains != 0 {
			return r.Maintains, int16(o.Attr + 1)
		}
		return r.ID, int16(r.Columns[o.Attr].Number(o.Attr))
	case *catalog.View:
		return r.ID, int16(o.Attr + 1)
	case *catalog.Virtual:
		if r.Columns[o.Attr].Hidden {
			return r.ID, oidAttribute
		}
		return r.ID, int16(o.Attr + 1)
	}
	return 0, 0
}

// Origins finds where the columns of a logical plan, as bind makes it, come from. A view's columns are the view's, whatever it reads; those of set operations and
// of recursive queries are nobody's, as in PostgreSQL. nil = all are computed.
//
//	Project [a = Column 3, x = Call]        a  -> public.t.a
//	  Subquery v {View v} [1 2 3]           x  -> computed
func Origins(root Node, columns []Column) []Origin {
	f := finder{found: make(map[expr.ColumnID]Origin, len(columns)), same: map[expr.ColumnID]expr.ColumnID{}}
	for i := range columns {
		f.found[columns[i].ID] = Origin{}
	}
	f.walk(root)
	var out []Origin
	for i := range columns {
		id := columns[i].ID
		for f.same[id] != 0 {
			id = f.same[id]
		}
		if o := f.found[id]; o.Relation != nil {
			if out == nil {
				out = make([]Origin, len(columns))
			}
			out[i] = o
		}
	}
	return out
}

// finder goes down a plan once.
type finder struct {
	found map[expr.ColumnID]Origin        // of columns that are looked for
	same  map[expr.ColumnID]expr.ColumnID // a column that a projection has under another number
}

func (f *finder) walk(n Node) {
	switch n := n.(type) {
	case *Scan:
		f.relation(n.Table, "", n.Output, n.Attrs, len(n.Table.Columns))
	case *VirtualScan:
		f.relation(n.Table, "", n.Output, n.Attrs, len(n.Table.Columns))
	case *ExternalScan:
		f.relation(n.Table, n.Schema, n.Output, n.Attrs, len(n.Table.Columns))
	case *Project:
		for i := range n.Exprs {
			x := &n.Exprs[i]
			if _, wanted := f.found[x.ID]; !wanted {
				continue
			}
			if c, ok := x.Expr.(*expr.Column); ok && c.ID != x.ID {
				f.same[x.ID], f.found[c.ID] = c.ID, Origin{}
			}
		}
		f.walk(n.Input)
	case *Subquery:
		if n.View == nil {
			f.walk(n.Input)
			return
		}
		for i := range n.Output {
			if _, wanted := f.found[n.Output[i].ID]; wanted {
				f.found[n.Output[i].ID] = Origin{Relation: n.View, Attr: i}
			}
		}
	case *Append, *SetOp, *Recursive:
	case *With:
		f.walk(n.Input)
	default:
		for _, c := range n.Children() {
			f.walk(c)
		}
	}
}

// relation notes the columns of a scan; n is how many the relation has.
func (f *finder) relation(r any, schema string, output []Column, attrs []int, n int) {
	for i := range output {
		if _, wanted := f.found[output[i].ID]; wanted && attrs[i] >= 0 && attrs[i] < n {
			f.found[output[i].ID] = Origin{r, schema, attrs[i]}
		}
	}
}
