package bind

import (
	"github.com/redshiftsim/redshiftsim/engine/ast"
	"github.com/redshiftsim/redshiftsim/engine/catalog"
	"github.com/redshiftsim/redshiftsim/engine/expr"
)

// noteRef keeps what a name of the statement's own text means.
func (b *binder) noteRef(schema, name string, r any) {
	ref := catalog.Ref{Written: catalog.Key{Schema: schema, Name: name}, Found: catalog.KeyOf(r), ID: catalog.IDOf(r)}
	ref.At = ref.Found
	for i := range b.out.Refs {
		if b.out.Refs[i].Written == ref.Written {
			return
		}
	}
	if t, ok := r.(*catalog.Table); ok {
		for i := range t.Columns {
			ref.Columns = append(ref.Columns, catalog.RefColumn{Name: t.Columns[i].Name, PosAttr: t.Columns[i].PosAttr})
		}
	}
	b.out.Refs = append(b.out.Refs, ref)
}

// local refuses a name in another database.
func (b *binder) local(n ast.Name) error {
	if b.env.Function == nil {
		return nil
	}
	return n.Foreign(b.env.Function.Database)
}

// asThen gives a table in a view the columns that it had when the view was made, by their names of then: what was renamed since keeps its name, what was
// added is not there.
// https://docs.aws.amazon.com/redshift/latest/dg/r_CREATE_VIEW.html
func asThen(ref *catalog.Ref, t *catalog.Table, rel *relation) {
	cols := make([]expr.Column, 0, len(ref.Columns))
	for _, c := range ref.Columns {
		for i := range t.Columns {
			if t.Columns[i].PosAttr == c.PosAttr {
				col := rel.cols[i]
				col.Name = c.Name
				cols = append(cols, col)
			}
		}
	}
	rel.cols = cols
	if rel.alias == ref.Written.Name {
		rel.schema = ref.Found.Schema
	}
}
