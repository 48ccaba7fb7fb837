package bind

import (
	"github.com/redshiftsim/redshiftsim/engine/ast"
	"github.com/redshiftsim/redshiftsim/engine/catalog"
	"github.com/redshiftsim/redshiftsim/engine/expr"
)

// note keeps what a name means.
func note(refs *[]catalog.Ref, schema, name string, r any) {
	ref := catalog.Ref{Written: catalog.Key{Schema: schema, Name: name}, Found: catalog.KeyOf(r), ID: catalog.IDOf(r)}
	ref.At = ref.Found
	for i := range *refs {
		if (*refs)[i].Written == ref.Written {
			return
		}
	}
	if t, ok := r.(*catalog.Table); ok {
		for i := range t.Columns {
			ref.Columns = append(ref.Columns, catalog.RefColumn{Name: t.Columns[i].Name, PosAttr: t.Columns[i].PosAttr})
		}
	}
	*refs = append(*refs, ref)
}

// noteLate keeps what a name in the text of a late-binding view means now.
func (b *binder) noteLate(v *catalog.View, schema, name string, r any) {
	if b.out.Late == nil {
		b.out.Late = map[uint32][]catalog.Ref{}
	}
	refs := b.out.Late[v.ID]
	note(&refs, schema, name, r)
	b.out.Late[v.ID] = refs
}

// asInlined is a late-binding view as the bound view that names it has it: by its query and its owner of then, under the policies of now.
// https://docs.aws.amazon.com/redshift/latest/dg/r_CREATE_VIEW.html#r_CREATE_VIEW_late-binding-views
func (b *binder) asInlined(r any) any {
	v, ok := r.(*catalog.View)
	if !ok || !v.LateBinding {
		return r
	}
	for _, then := range b.inlined {
		if then.ID == v.ID {
			c := *then
			c.Secured = v.Secured
			return &c
		}
	}
	return r
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
