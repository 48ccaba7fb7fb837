package catalog

import (
	"slices"

	"github.com/redshiftsim/redshiftsim/engine/principal"
	"github.com/redshiftsim/redshiftsim/storage"
)

// A database that was made from a datashare holds nothing. What it shows is a catalog that is made of two: the principals and databases of the consumer, and what the
// datashare has of the producer's database, with numbers of the consumer's:
//
//	producer  Schema public, Table sales 100001, View top 100002 over sales        datashare: public, top
//	consumer  Schema public, View top 100051 {Inside}                              what statements may name
//	             Inside: Schema public, View top 100051, Table sales 100052         what the view's text may name
//
// Everything in it belongs to the database's owner. Its tables have a distribution that promises nothing: other slices read them (storage.View.Spread).
//
// https://docs.aws.amazon.com/redshift/latest/dg/within-account.html

// Imported is the catalog of such a database: c is the consumer's, share what the producer's catalog from has, number gives the consumer's numbers of the
// producer's objects. there has the producer's tables by the consumer's numbers. spread = the consumer's slices read them, not the producer's.
func (c *Catalog) Imported(share *Datashare, from *Catalog, number func(uint32) uint32, spread bool) (out *Catalog, there map[uint32]*Table) {
	db := c.DatabaseByID(c.database)
	sharing := from.Sharing(share)
	i := &importer{c: c, db: db, number: number, there: map[uint32]*Table{}, spread: spread, inside: &Inside{Database: from.Database()}}
	shown := c.Bare()
	i.grants(shown)
	all := shown
	for _, s := range from.schemas {
		if s.External != nil || s.Name == PgCatalog || s.Name == Information || IsTempSchema(s.Name) {
			continue
		}
		n := &Schema{ID: number(s.ID), Name: s.Name, Owner: db.Owner}
		all = all.WithSchema(n)
		if sharing.Shows(s.ID) {
			shown = shown.WithSchema(n)
		}
		for _, o := range from.InSchema(s.Name) {
			has := sharing.Shares(s.ID, o)
			if t, ok := o.(*Table); ok && t.Maintains != 0 { // the rows of a materialized view come with it
				has = sharing.Has(principal.Relation, s.ID, t.Maintains)
			}
			x := i.object(o)
			all = all.With(x)
			if has {
				shown = shown.With(x)
			}
		}
	}
	for _, f := range from.AllFunctions() {
		if s := from.Schema(f.Schema); s != nil && f.Shareable() {
			x := i.function(f)
			if db.Import.Permissions && all.Entry(accessKey(principal.Function, x.ID)) == nil { // else everybody may run it
				none := &principal.Access{Object: principal.Function, ID: x.ID, ACL: principal.ACL{{To: principal.Identity{Kind: principal.ToUser, ID: db.Owner}, By: db.Owner, Can: principal.Execute}}}
				all, shown = all.WithEntry(none), shown.WithEntry(none)
			}
			all = all.WithEntry(all.Functions(f.Schema, f.Name).With(x))
			if sharing.Has(f.Object(), s.ID, f.ID) {
				shown = shown.WithEntry(shown.Functions(f.Schema, f.Name).With(x))
			}
		}
	}
	for _, s := range from.Securities() {
		if s.RLS && !s.OpenRLS || len(s.Masks) > 0 && !s.OpenMasking {
			hidden := &Security{Relation: number(s.Relation), Remote: true}
			all, shown = all.WithEntry(hidden), shown.WithEntry(hidden)
		}
	}
	out = i.lent(shown, sharing, from)
	inside := *all
	inside.system = nil // a view over system tables is not shared
	i.inside.Catalog = &inside
	return out, i.there
}

// lent gives the catalog with what the datashare may do, at most, with the schemas and relations in it and with the database.
func (i *importer) lent(shown *Catalog, sharing *Sharing, from *Catalog) *Catalog {
	n := *shown
	n.lends = map[lentKey]principal.Privilege{{principal.Database, n.database}: sharing.Can(principal.Database, from.database, 0)}
	for _, s := range from.schemas {
		n.lends[lentKey{principal.Schema, i.number(s.ID)}] = sharing.Can(principal.Schema, s.ID, 0)
		for _, o := range from.InSchema(s.Name) {
			can := sharing.Can(principal.Relation, IDOf(o), s.ID)
			if t, ok := o.(*Table); ok && t.Maintains != 0 { // a materialized view is read through its table
				can |= sharing.Can(principal.Relation, t.Maintains, s.ID) & principal.Select
			}
			if can != 0 {
				n.lends[lentKey{principal.Relation, i.number(IDOf(o))}] = can
			}
		}
	}
	return &n
}

// lentKey is an object that a datashare has brought.
type lentKey struct {
	object principal.Object
	id     uint32
}

// Lends says that the catalog is one of a datashare.
func (c *Catalog) Lends() bool { return c.lends != nil }

// Lent is what the datashare that the catalog's database was made from may do, at most, with an object; ok = the database was made from one.
func (c *Catalog) Lent(o principal.Object, id uint32) (can principal.Privilege, ok bool) {
	return c.lends[lentKey{o, id}], c.lends != nil
}

// Inside is where the names of a view's text are looked up: in the database that it comes from, called Database there.
type Inside struct {
	Catalog  *Catalog
	Database string
}

// Bare is the catalog of a database in which there is nothing but system tables.
func (c *Catalog) Bare() *Catalog {
	n := *c
	n.schemas = firstSchemas()[:2]
	n.objects, n.access = tree{}, firstAccess(n.schemas)
	n.views, n.materialized, n.temps, n.functions, n.policies, n.templates, n.jobs = 0, 0, 0, 0, 0, 0, 0
	return &n
}

// Imports says from which datashare the database was made, nil = from none.
func (c *Catalog) Imports() *Import {
	if d := c.DatabaseByID(c.database); d != nil {
		return d.Import
	}
	return nil
}

// importer makes the consumer's objects of the producer's.
type importer struct {
	c      *Catalog
	db     *Database
	number func(uint32) uint32
	there  map[uint32]*Table
	spread bool
	inside *Inside
}

// grants puts the privileges on the objects there: those that were granted, or, without WITH PERMISSIONS, all to whoever may use the database. The datashare may do less.
func (i *importer) grants(c *Catalog) {
	if !i.db.Import.Permissions {
		for o, p := range map[principal.Object]principal.Privilege{
			principal.SchemasInDatabase: principal.SchemasInDatabase.May(), principal.TablesInDatabase: principal.TablesInDatabase.May(),
			principal.FunctionsInDatabase: principal.Execute,
		} {
			e := &principal.Access{Object: o, ID: i.db.ID, ACL: principal.ACL{{By: i.db.Owner, Can: p}}}
			c.book = c.book.with(EntryKey(e), e)
		}
		return
	}
	for _, a := range i.c.ImportedAccesses() {
		if a.Database == i.db.ID {
			c.access = c.access.with(EntryKey(a.Access), a.Access)
		}
	}
}

// object makes a table or view.
func (i *importer) object(o any) any {
	switch o := o.(type) {
	case *Table:
		return i.table(o)
	case *View:
		return i.view(o)
	}
	panic("catalog: neither a table nor a view")
}

func (i *importer) table(t *Table) *Table {
	n := *t
	n.ID, n.Owner = i.number(t.ID), i.db.Owner
	if i.spread {
		n.Def = SpreadDefinition(t.Def)
	}
	n.Constraints = slices.DeleteFunc(slices.Clone(t.Constraints), func(k Constraint) bool { return k.Kind == 'f' })
	if t.Maintains != 0 {
		n.Maintains = i.number(t.Maintains)
	}
	i.there[n.ID] = t
	return &n
}

// SpreadDefinition is a table's definition as slices of another cluster see it: rows lie anywhere, or, of a table of style ALL, on every node.
func SpreadDefinition(def *storage.Definition) *storage.Definition {
	n := *def
	if !n.Dist.All() {
		n.Dist = storage.Distribution{Style: storage.Even, Column: -1}
	}
	return &n
}

func (i *importer) view(v *View) *View {
	n := *v
	n.ID, n.Owner, n.Depends, n.Inside = i.number(v.ID), i.db.Owner, nil, i.inside
	n.Refs = slices.Clone(v.Refs)
	for k := range n.Refs {
		n.Refs[k].ID = i.number(n.Refs[k].ID)
	}
	n.Inlined = slices.Clone(v.Inlined)
	for k := range n.Inlined {
		n.Inlined[k] = i.view(n.Inlined[k])
	}
	if v.Materialized != nil {
		m := *v.Materialized
		m.Table, m.Bases = i.number(m.Table), nil
		n.Materialized = &m
	}
	return &n
}

// function makes a function.
func (i *importer) function(f *Function) *Function {
	n := *f
	n.ID, n.Owner = i.number(f.ID), i.db.Owner
	return &n
}
