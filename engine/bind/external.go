package bind

import (
	"github.com/redshiftsim/redshiftsim/engine/catalog"
	"github.com/redshiftsim/redshiftsim/engine/expr"
	"github.com/redshiftsim/redshiftsim/engine/plan"
	"github.com/redshiftsim/redshiftsim/engine/principal"
	"github.com/redshiftsim/redshiftsim/internal/sqlstate"
	"github.com/redshiftsim/redshiftsim/internal/types"
)

// external makes the scan of an external table that was named through a schema: columns of the files, partition columns, and the pseudocolumns, which * leaves
// out. Who may use the schema may read its tables, and must be allowed to make temporary tables.
// https://docs.aws.amazon.com/redshift/latest/dg/c-spectrum-external-tables.html
func (b *binder) external(t *catalog.ExternalTable, schema, alias string) (source, error) {
	if b.within != nil && !b.within.LateBinding || b.env.Guard != nil && b.env.Guard.Whole {
		return source{}, sqlstate.FeatureNotSupported.Errorf("External tables are not supported in views").
			WithHint("CREATE VIEW .. WITH NO SCHEMA BINDING makes a view of external tables.")
	}
	if g := b.env.Guard; b.guarded() {
		id := g.Catalog.DatabaseID()
		if g.Catalog.May(b.as, principal.Database, id, 0, g.Catalog.DatabaseOwner(id), principal.Temp) != 0 {
			return source{}, sqlstate.InsufficientPrivilege.Errorf("permission denied to create temporary tables in database \"%s\"", g.Catalog.Database())
		}
	}
	s := &plan.ExternalScan{Table: t, Schema: schema, Alias: alias, Format: t.Storage.Word()}
	r := relation{alias: alias, schema: schema}
	if alias != t.Name {
		r.schema = ""
	}
	add := func(name string, typ types.Type) {
		id := b.id()
		s.Attrs = append(s.Attrs, len(s.Attrs))
		s.Output = append(s.Output, plan.Column{ID: id, Name: name, Table: alias, Type: typ})
		r.cols = append(r.cols, expr.Column{ID: id, Typ: typ, Table: alias, Name: name})
	}
	for i := range t.Columns {
		add(t.Columns[i].Name, t.Columns[i].Type)
	}
	if !b.env.NoPseudoColumns {
		add("$path", types.TVarcharMax)
		add("$size", types.TInt8)
		r.hidden = 2
	}
	if !b.caseful {
		foldColumns(r.cols)
	}
	b.scans = append(b.scans, s)
	b.out.External = append(b.out.External, t)
	b.out.UsesTables, b.tables, b.out.Volatile = true, true, true
	return source{node: s, rels: []relation{r}}, nil
}
