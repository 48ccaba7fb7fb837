package bind

import (
	"github.com/redshiftsim/redshiftsim/engine/ast"
	"github.com/redshiftsim/redshiftsim/engine/catalog"
	"github.com/redshiftsim/redshiftsim/internal/sqlstate"
)

// Abroad is a Resolver that knows other databases of the cluster, and its data catalog.
// https://docs.aws.amazon.com/redshift/latest/dg/cross-database-overview.html
type Abroad interface {
	Resolver
	// In gives the resolver and the catalog of a database by name, 3D000 when there is none.
	In(database string) (Resolver, *catalog.Catalog, error)
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

// visit makes the binder look names up in another database, hold privileges against what is granted there, and know no functions but the built-in ones. back
// undoes it. What a table or view abroad is asked for is noted as read only: a statement changes tables of its own database.
func (b *binder) visit(n ast.Name, database string) (back func(), err error) {
	r, ok := b.env.Catalog.(Abroad)
	if !ok {
		return nil, n.Foreign(b.env.Function.Database)
	}
	res, c, err := r.In(database)
	if err != nil {
		if e, ok := err.(*sqlstate.Error); ok {
			err = e.At(n.Offset())
		}
		return nil, err
	}
	home := b.env
	env := *home
	env.Catalog, env.Functions = res, nil
	fn := *home.Function
	fn.Database = database
	env.Function = &fn
	if home.Guard != nil {
		g := *home.Guard
		g.Catalog = c
		env.Guard = &g
	}
	b.env, b.out.Abroad = &env, true
	b.visits++
	return func() {
		b.env = home
		b.visits--
	}, nil
}
