package bind

import (
	"errors"

	"github.com/redshiftsim/redshiftsim/engine/ast"
	"github.com/redshiftsim/redshiftsim/engine/catalog"
	"github.com/redshiftsim/redshiftsim/engine/principal"
	"github.com/redshiftsim/redshiftsim/internal/sqlstate"
)

// Abroad is a Resolver that knows other databases of the cluster, and its data catalog.
// https://docs.aws.amazon.com/redshift/latest/dg/cross-database-overview.html
type Abroad interface {
	Resolver
	// In gives the resolver and the catalog of a database by name, 3D000 when there is none.
	In(database string) (Resolver, *catalog.Catalog, error)
	// Over gives a resolver of a catalog that is no database's: of what a view of a datashare may name.
	Over(c *catalog.Catalog) Resolver
	// Linked says to which schema of which database an external schema leads, "" = to none.
	Linked(schema string) (database, there string)
	// External gives a *catalog.ExternalTable or *catalog.ExternalView of an external database, nil when there is neither.
	External(database, name string) any
}

// abroad says which other database a name in FROM says, "" = none.
func (b *binder) abroad(n ast.Name) string {
	if b.env.Function == nil || n.Foreign(b.env.Function.Database) == nil {
		return ""
	}
	return n.Parts[len(n.Parts)-3]
}

// visit makes the binder look names up in another database, hold privileges against what is granted there, and know no functions but the built-in ones, and those
// of a datashare. back undoes it. What a table or view abroad is asked for is noted as read only: a statement changes tables of its own database. linked = an
// external schema leads there, so USAGE on the database is not asked.
func (b *binder) visit(n ast.Name, database string, linked bool) (back func(), err error) {
	r, ok := b.env.Catalog.(Abroad)
	if !ok {
		return nil, n.Foreign(b.env.Function.Database)
	}
	res, c, err := r.In(database)
	if err != nil {
		return nil, at(err, n.Offset())
	}
	if id := c.DatabaseID(); c.Imports() != nil && !linked && b.guarded() && c.May(b.as, principal.Database, id, 0, c.DatabaseOwner(id), principal.Usage) != 0 {
		return nil, sqlstate.InsufficientPrivilege.Errorf("permission denied for database %s", database).At(n.Offset())
	}
	leave := b.enterCatalog(res, c, database)
	b.out.Abroad = true
	b.visits++
	return func() {
		leave()
		b.visits--
	}, nil
}

// enterCatalog makes the binder look names up in another catalog, by a resolver of it; back undoes it.
func (b *binder) enterCatalog(res Resolver, c *catalog.Catalog, database string) (back func()) {
	home := b.env
	env := *home
	env.Catalog, env.Functions, env.RoutinesFirst = res, nil, false
	if c.Imports() != nil {
		env.Functions = func(schema, name string) []*catalog.Functions {
			if schema == "" { // in the body of another function, and in a late-binding view
				schema = catalog.Public
			}
			if set := c.Functions(schema, name); set != nil {
				return []*catalog.Functions{set}
			}
			return nil
		}
	}
	fn := *home.Function
	fn.Database = database
	env.Function = &fn
	if home.Guard != nil {
		g := *home.Guard
		g.Catalog = c
		env.Guard = &g
	}
	b.env = &env
	return func() { b.env = home }
}

// linked leads a name to the schema that an external schema stands for; "" = the name's schema is one of the database. Who has USAGE on it may.
// https://docs.aws.amazon.com/redshift/latest/dg/r_CREATE_EXTERNAL_SCHEMA.html
func (b *binder) linked(schema string, pos int) (database, there string, err error) {
	r, ok := b.env.Catalog.(Abroad)
	if !ok || schema == "" {
		return "", "", nil
	}
	if database, there = r.Linked(schema); database != "" {
		err = b.usesSchema(schema, pos)
	}
	return database, there, err
}

// leads says that an external schema has led to one of a datashare: USAGE on the external schema is all that is asked.
func (b *binder) leads(database string) bool {
	return database != "" && b.env.Guard != nil && b.env.Guard.Catalog.Imports() != nil
}

// insideOf makes the binder bind the text of a view that a datashare has brought: by what the producer's database has. back undoes it.
func (b *binder) insideOf(v *catalog.View) (back func()) {
	r, ok := b.env.Catalog.(Abroad)
	if v.Inside == nil || !ok {
		return func() {}
	}
	return b.enterCatalog(r.Over(v.Inside.Catalog), v.Inside.Catalog, v.Inside.Database)
}

// visitTarget makes the binder look up the table that a statement changes, and hold privileges on it against what is granted there: in its own database, or in one of a
// datashare. back undoes the first.
// https://docs.aws.amazon.com/redshift/latest/dg/multi-warehouse-writes-sql-statements.html
func (b *binder) visitTarget(n ast.Name) (back func(), err error) {
	back = func() {}
	switch database := b.abroad(n); database {
	case "":
		if r, ok := b.env.Catalog.(Abroad); ok && n.Schema() != "" {
			if led, _ := r.Linked(n.Schema()); led != "" {
				return nil, sqlstate.FeatureNotSupported.Errorf("schema \"%s\" is one of another database, and cannot be written through", n.Schema()).At(n.Offset())
			}
		}
	case catalog.DataCatalogName:
		return nil, b.local(n)
	default:
		back, err = b.visit(n, database, false)
		if e := (*sqlstate.Error)(nil); errors.As(err, &e) && e.Code == sqlstate.InvalidCatalogName {
			return nil, b.local(n)
		} else if err != nil {
			return nil, err
		}
	}
	if b.env.Guard != nil {
		b.granted = b.env.Guard.Catalog
	}
	if b.visits > 0 && (b.granted == nil || !b.granted.Lends()) { // another database of the cluster: USE does it
		back()
		return nil, b.local(n)
	}
	return back, nil
}

// closedAfar refuses to change a table of a datashare that policies of the producer's protect.
// https://docs.aws.amazon.com/redshift/latest/dg/t_rls.html
func (b *binder) closedAfar(t *catalog.Table, pos int) error {
	if b.granted == nil || !b.granted.Lends() || !t.Secured {
		return nil
	}
	if sec := b.granted.Security(t.ID); sec != nil && sec.Remote {
		return ProtectedAfar(t, pos)
	}
	return nil
}
