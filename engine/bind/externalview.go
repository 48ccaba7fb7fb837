package bind

import (
	"github.com/redshiftsim/redshiftsim/engine/ast"
	"github.com/redshiftsim/redshiftsim/engine/catalog"
	"github.com/redshiftsim/redshiftsim/internal/sqlstate"
)

// A view of the data catalog is read with its definer's eyes: its text names tables through schemas of the database in which it was made, so each name was kept
// with what it meant, and nobody's search path, schemas or functions count.
//
//	SELECT a FROM lake.v            USAGE on lake, of who reads
//	  v: SELECT a FROM raw.t        {raw.t -> database "rawdb", table "t"}: asked of nobody
//
// https://docs.aws.amazon.com/redshift/latest/dg/data-catalog-views-overview.html

// externalTable is external with the alias list of FROM. The names of the statement's own text are kept.
func (b *binder) externalTable(t *catalog.ExternalTable, schema, alias string, f *ast.TableRef) (source, error) {
	s, err := b.external(t, schema, alias)
	if err != nil {
		return source{}, at(err, f.Offset())
	}
	if b.within == nil {
		b.out.Bases = append(b.out.Bases, catalog.ExternalBase{Written: f.Name.Parts, Database: t.Database, Name: t.Name})
	}
	return s, rename(&s.rels[0], f.Columns, f.Offset())
}

// mounted binds awsdatacatalog.database.relation, which no schema's USAGE guards: it is for superusers.
func (b *binder) mounted(f *ast.TableRef, alias string) (source, error) {
	r, ok := b.env.Catalog.(Abroad)
	if !ok {
		return source{}, f.Name.Foreign(b.env.Function.Database)
	}
	if b.guarded() {
		return source{}, sqlstate.InsufficientPrivilege.Errorf("permission denied for database %s", catalog.DataCatalogName).At(f.Offset())
	}
	b.out.Abroad = true
	switch o := r.External(f.Name.Schema(), f.Name.Object()).(type) {
	case *catalog.ExternalTable:
		return b.externalTable(o, f.Name.Schema(), alias, f)
	case *catalog.ExternalView:
		return b.externalView(o, alias, f)
	}
	return source{}, noExternal(f.Name.Schema(), f.Name.Object()).At(f.Offset())
}

// baseOf binds a name in the text of an external view.
func (b *binder) baseOf(f *ast.TableRef, alias string) (source, error) {
	at := b.lake.Base(f.Name.Parts)
	r, ok := b.env.Catalog.(Abroad)
	if at == nil || !ok { // a view is made of names that it keeps
		return source{}, noExternal(f.Name.Schema(), f.Name.Object()).At(f.Offset())
	}
	t, ok := r.External(at.Database, at.Name).(*catalog.ExternalTable)
	if !ok {
		return source{}, noExternal(at.Database, at.Name).At(f.Offset())
	}
	return b.externalTable(t, f.Name.Schema(), alias, f)
}

// noExternal says that the data catalog has no such table.
func noExternal(database, name string) *sqlstate.Error {
	return sqlstate.UndefinedTable.Errorf("relation \"%s.%s\" does not exist", database, name)
}

// externalView binds the text of an external view as its definer's, and gives it the view's column names.
func (b *binder) externalView(v *catalog.ExternalView, alias string, f *ast.TableRef) (source, error) {
	if err := b.readsExternal(); err != nil {
		return source{}, at(err, f.Offset())
	}
	if v.Text == "" {
		return source{}, sqlstate.ObjectNotInPrerequisite.Errorf("External view \"%s\" has no definition", v.Name).
			WithHint("ALTER EXTERNAL VIEW .. AS gives it one.").At(f.Offset())
	}
	b.out.ExternalViews, b.out.Abroad = append(b.out.ExternalViews, v), true
	stmt, err := b.env.Parse(v.Text)
	if err != nil {
		return source{}, inBody(err, f.Offset())
	}
	sel, ok := stmt.(*ast.Select)
	if !ok {
		return source{}, sqlstate.WrongObjectType.Errorf("the text of view \"%s\" is not a query", v.Name).At(f.Offset())
	}
	back := b.asDefiner(v)
	q, err := b.query(sel, nil, nil)
	back()
	if err != nil {
		return source{}, inBody(err, f.Offset())
	}
	names := make([]string, len(v.Columns))
	for i := range names {
		names[i] = v.Columns[i].Name
		if i >= len(q.cols) || q.cols[i].Name != names[i] || len(q.cols) > len(names) {
			return source{}, sqlstate.ObjectNotInPrerequisite.Errorf("External view \"%s\" is stale: its tables have other columns now", v.Name).
				WithHint("ALTER EXTERNAL VIEW .. FORCE AS gives it those of now.").At(f.Offset())
		}
	}
	s, err := b.derived(q, alias, names, f.Offset())
	if err != nil {
		return source{}, err
	}
	return s, rename(&s.rels[0], f.Columns, f.Offset())
}

// asDefiner makes the binder bind the text of an external view; back undoes it.
func (b *binder) asDefiner(v *catalog.ExternalView) (back func()) {
	env, as, base, caseful, within := b.env, b.as, b.base, b.caseful, b.within
	own := *env
	own.Functions = nil
	b.env, b.as, b.base, b.caseful, b.lake = &own, nil, b.depth, v.CaseSensitive, v
	b.within = &catalog.View{Name: v.Name, LateBinding: true}
	return func() { b.env, b.as, b.base, b.caseful, b.lake, b.within = env, as, base, caseful, nil, within }
}
