package engine

import (
	"slices"
	"strings"

	"github.com/redshiftsim/redshiftsim/engine/ast"
	"github.com/redshiftsim/redshiftsim/engine/catalog"
	"github.com/redshiftsim/redshiftsim/engine/principal"
	"github.com/redshiftsim/redshiftsim/internal/sqlstate"
	"github.com/redshiftsim/redshiftsim/storage"
)

// A datashare is an entry of the producer's catalog; consumers are clusters of the process (namespace.go), which look into the producer's newest state (import.go).
// https://docs.aws.amazon.com/redshift/latest/dg/within-account.html

// datashare is CREATE, ALTER, DROP and DESC DATASHARE.
func (s *Session) datashare(c *call, st *ast.Datashare) (*rowset, error) {
	s.tx.Refresh()
	switch st.Action {
	case "create":
		return nil, s.createDatashare(st)
	case "alter":
		return nil, s.alterDatashare(st)
	case "drop":
		return nil, s.dropDatashare(st)
	}
	return s.descDatashare(c, st)
}

// createDatashare is CREATE DATASHARE.
// https://docs.aws.amazon.com/redshift/latest/dg/r_CREATE_DATASHARE.html
func (s *Session) createDatashare(st *ast.Datashare) error {
	switch {
	case st.ManagedBy != "":
		return unsupported(st, "CREATE DATASHARE MANAGEDBY "+upper(st.ManagedBy))
	case !s.system(principal.CreateDatashare) && s.user.ID != s.catalog().DatabaseOwner(s.db.ID):
		return denied("permission denied to create datashare")
	case s.tx.Catalog().Datashare(st.Name.Name) != nil:
		return sqlstate.DuplicateObject.Errorf("datashare \"%s\" already exists", st.Name.Name).At(st.Name.Offset())
	}
	d := &catalog.Datashare{ID: s.c.newID(), Name: st.Name.Name, Database: s.db.ID, Owner: s.user.ID, Created: s.c.cfg.Clock()}
	d.Public = st.Public != nil && *st.Public
	s.tx.EditEntry(d)
	return nil
}

// datashareNamed finds a datashare.
func (s *Session) datashareNamed(name string, pos int) (*catalog.Datashare, error) {
	if d := s.tx.Catalog().Datashare(name); d != nil {
		return d, nil
	}
	return nil, sqlstate.UndefinedObject.Errorf("datashare \"%s\" does not exist", name).At(pos)
}

// onDatashare says whether the acting user owns a datashare, has a role with the system privilege, or was granted a privilege on it.
func (s *Session) onDatashare(d *catalog.Datashare, sys principal.System, want principal.Privilege) bool {
	return s.user.ID == d.Owner || sys != 0 && s.system(sys) || want != 0 && s.may(principal.Datashare, d.ID, 0, d.Owner, want) || s.user.Superuser
}

// dropDatashare is DROP DATASHARE: consumers lose what it has at once.
// https://docs.aws.amazon.com/redshift/latest/dg/r_DROP_DATASHARE.html
func (s *Session) dropDatashare(st *ast.Datashare) error {
	d, err := s.datashareNamed(st.Name.Name, st.Name.Offset())
	switch {
	case err != nil:
		return err
	case !s.onDatashare(d, principal.DropDatashare, 0):
		return denied("must be owner of datashare %s", d.Name)
	}
	if d.Database != s.db.ID && grantedAnything(s.c.txns.Root().Of(d.Database), shareIdentity(d)) { // that stands with objects of another database
		return ofAnotherDatabase(d, st.Name.Offset())
	}
	for _, a := range s.catalog().Accesses() {
		s.takeBack(a, shareIdentity(d))
	}
	s.tx.RemoveEntry(catalog.EntryKey(d))
	s.dropAccess(principal.Datashare, d.ID)
	return nil
}

// alterDatashare is ALTER DATASHARE, of a datashare of the current database.
// https://docs.aws.amazon.com/redshift/latest/dg/r_ALTER_DATASHARE.html
func (s *Session) alterDatashare(st *ast.Datashare) error {
	d, err := s.datashareNamed(st.Name.Name, st.Name.Offset())
	switch {
	case err != nil:
		return err
	case st.ManagedBy != "":
		return unsupported(st, "ALTER DATASHARE MANAGEDBY "+upper(st.ManagedBy))
	case !s.onDatashare(d, principal.AlterDatashare, principal.Alter):
		return denied("permission denied for datashare %s", d.Name)
	case d.Database != s.db.ID:
		return ofAnotherDatabase(d, st.Name.Offset())
	case st.Public != nil:
		n := *d
		n.Public = *st.Public
		s.tx.EditEntry(&n)
		return nil
	case st.IncludeNew != nil:
		return s.includeNew(d, st)
	}
	n := d
	for i := range st.Routines {
		if n, err = s.shareFunction(n, st, &st.Routines[i]); err != nil {
			return err
		}
	}
	for _, name := range st.Names {
		if n, err = s.shareNamed(n, st, name); err != nil {
			return err
		}
	}
	if n != d {
		s.tx.EditEntry(n)
	}
	return nil
}

// includeNew is SET INCLUDENEW FOR SCHEMA: objects that are younger than the newest of now are in the datashare by themselves, until it is set to FALSE.
func (s *Session) includeNew(d *catalog.Datashare, st *ast.Datashare) error {
	if !s.user.Superuser {
		return denied("must be superuser to set INCLUDENEW of datashare %s", d.Name)
	}
	sch, err := s.sharedSchema(d, st.Schema)
	if err != nil {
		return err
	}
	last := s.c.ids.Load()
	n := d.Listed(s.tx.Catalog(), sch, last).WithSchema(catalog.SharedSchema{ID: sch.ID, IncludeNew: *st.IncludeNew, After: last})
	s.tx.EditEntry(n)
	return nil
}

// schemaOfDatabase finds a schema of the session's database that ALTER DATASHARE names.
func (s *Session) schemaOfDatabase(n ast.Name) (*catalog.Schema, error) {
	if err := n.ForeignSchema(s.db.Name); err != nil {
		return nil, err
	}
	sch, err := s.schemaNamed(n.Object())
	if err != nil {
		return nil, atOffset(err, n.Offset())
	}
	if sch.External != nil || sch.Name == catalog.PgCatalog || sch.Name == catalog.Information {
		return nil, sqlstate.FeatureNotSupported.Errorf("schema \"%s\" cannot be added to a datashare", sch.Name).At(n.Offset())
	}
	return sch, nil
}

// sharedSchema finds a schema that a datashare has.
func (s *Session) sharedSchema(d *catalog.Datashare, n ast.Name) (*catalog.Schema, error) {
	sch, err := s.schemaOfDatabase(n)
	if err != nil {
		return nil, err
	}
	if !s.sharing(d).Shows(sch.ID) {
		return nil, notShared(d, sch.Name, n.Offset())
	}
	return sch, nil
}

// notShared refuses objects of a schema that is not in the datashare.
func notShared(d *catalog.Datashare, schema string, pos int) error {
	return sqlstate.UndefinedObject.Errorf("schema \"%s\" is not in datashare \"%s\"", schema, d.Name).
		WithHint("ALTER DATASHARE .. ADD SCHEMA comes first.").At(pos)
}

// shareNamed adds or removes what one name of ALTER DATASHARE stands for.
func (s *Session) shareNamed(d *catalog.Datashare, st *ast.Datashare, n ast.Name) (*catalog.Datashare, error) {
	switch st.Kind {
	case "schema":
		return s.shareSchema(d, st, n)
	case "table":
		return s.shareRelation(d, st, n)
	}
	sch, err := s.sharedSchema(d, n)
	if err != nil {
		return nil, err
	}
	cat := s.tx.Catalog()
	if st.Kind == "functions in schema" {
		for _, f := range cat.AllFunctions() {
			if f.Schema != sch.Name || !f.Shareable() {
				continue
			}
			if d, err = s.putShared(d, st, sch, f.Object(), f.ID, s.maySee(f.Object(), f.ID, sch.ID, f.Owner, principal.Execute), f.Word()+" "+f.Name); err != nil {
				return nil, err
			}
		}
		return d, nil
	}
	for _, o := range cat.InSchema(sch.Name) {
		if t, ok := o.(*catalog.Table); ok && t.Maintains != 0 {
			continue
		}
		if d, err = s.shareObject(d, st, sch, o); err != nil {
			return nil, atOffset(err, n.Offset())
		}
	}
	return d, nil
}

// shareSchema adds or removes a schema; with it go the objects of it that the datashare has.
func (s *Session) shareSchema(d *catalog.Datashare, st *ast.Datashare, n ast.Name) (*catalog.Datashare, error) {
	sch, err := s.schemaOfDatabase(n)
	switch {
	case err != nil:
		return nil, err
	case st.Remove && !s.sharing(d).Shows(sch.ID):
		return nil, notShared(d, sch.Name, n.Offset())
	case st.Remove:
		for _, id := range d.Objects {
			if s.schemaOf(id) == sch.Name {
				d = d.Without(id)
			}
		}
		return s.withoutSchema(d, sch)
	case !s.maySee(principal.Schema, sch.ID, 0, sch.Owner, principal.Usage):
		return nil, atOffset(denied("permission denied for schema %s", sch.Name), n.Offset())
	case d.Schema(sch.ID) != nil:
		return nil, alreadyShared("schema", sch.Name, d, n.Offset())
	}
	return d.WithSchema(catalog.SharedSchema{ID: sch.ID}), nil
}

// withoutSchema takes back what was granted to a datashare on a schema and on all that is in it.
func (s *Session) withoutSchema(d *catalog.Datashare, sch *catalog.Schema) (*catalog.Datashare, error) {
	for _, o := range []principal.Object{principal.Schema, principal.TablesInSchema, principal.FunctionsInSchema} {
		s.withdraw(d, o, sch.ID)
	}
	for _, o := range s.tx.Catalog().InSchema(sch.Name) {
		s.withdraw(d, principal.Relation, catalog.IDOf(o))
	}
	for _, f := range s.tx.Catalog().AllFunctions() {
		if f.Schema == sch.Name {
			s.withdraw(d, f.Object(), f.ID)
		}
	}
	if d = d.WithoutSchema(sch.ID); s.sharing(d).Shows(sch.ID) {
		return nil, sharedInScope("schema "+sch.Name, d)
	}
	return d, nil
}

// sharedInScope refuses to remove what a scoped permission gives.
// https://docs.aws.amazon.com/redshift/latest/dg/writes-adding-datashare.html
func sharedInScope(what string, d *catalog.Datashare) error {
	return sqlstate.FeatureNotSupported.Errorf("%s is in datashare \"%s\" by a scoped permission", what, d.Name).WithHint("REVOKE .. FOR .. IN .. FROM DATASHARE takes it back.")
}

// grantedAnything says whether a principal was granted something in a database.
func grantedAnything(c *catalog.Catalog, id principal.Identity) bool {
	return slices.ContainsFunc(c.Accesses(), func(a *principal.Access) bool { return a.ACL.Has(id) })
}

// schemaOf is the name of the schema in which a table, view or function of a number stands, "" when there is none.
func (s *Session) schemaOf(id uint32) string {
	for _, o := range s.tx.Catalog().Objects() {
		if catalog.IDOf(o) == id {
			return catalog.KeyOf(o).Schema
		}
	}
	for _, f := range s.tx.Catalog().AllFunctions() {
		if f.ID == id {
			return f.Schema
		}
	}
	return ""
}

// alreadyShared refuses what a datashare has.
func alreadyShared(what, name string, d *catalog.Datashare, pos int) error {
	return sqlstate.DuplicateObject.Errorf("%s \"%s\" is already in datashare \"%s\"", what, name, d.Name).At(pos)
}

// maySee says whether the user owns an object or has what sharing it needs.
// https://docs.aws.amazon.com/redshift/latest/dg/r_ALTER_DATASHARE.html#r_ALTER_DATASHARE_usage
func (s *Session) maySee(o principal.Object, id, schema uint32, owner int, want principal.Privilege) bool {
	return s.user.ID == owner || s.may(o, id, schema, owner, want)
}

// shareRelation adds or removes a table or view by its name.
func (s *Session) shareRelation(d *catalog.Datashare, st *ast.Datashare, n ast.Name) (*catalog.Datashare, error) {
	o, err := s.resolve(n)
	if err != nil {
		return nil, err
	}
	k := catalog.KeyOf(o)
	sch := s.tx.Catalog().Schema(k.Schema)
	if sch == nil || catalog.IsExternal(o) {
		return nil, sqlstate.FeatureNotSupported.Errorf("relation \"%s\" cannot be added to a datashare", k.Name).At(n.Offset())
	}
	if v, ok := o.(*catalog.Virtual); ok {
		return nil, sqlstate.FeatureNotSupported.Errorf("system table \"%s\" cannot be added to a datashare", v.Name).At(n.Offset())
	}
	sharing := s.sharing(d)
	if sharing.Lists(sch.ID, catalog.IDOf(o)) && !st.Remove {
		return nil, alreadyShared("relation", k.Name, d, n.Offset())
	} else if st.Remove && !sharing.Has(principal.Relation, sch.ID, catalog.IDOf(o)) {
		return nil, sqlstate.UndefinedObject.Errorf("relation \"%s\" is not in datashare \"%s\"", k.Name, d.Name).At(n.Offset())
	}
	d, err = s.shareObject(d, st, sch, o)
	return d, atOffset(err, n.Offset())
}

// shareObject adds or removes a table or view.
func (s *Session) shareObject(d *catalog.Datashare, st *ast.Datashare, sch *catalog.Schema, o any) (*catalog.Datashare, error) {
	k, id := catalog.KeyOf(o), catalog.IDOf(o)
	if !st.Remove {
		if err := s.canShare(o); err != nil {
			return nil, err
		}
	}
	return s.putShared(d, st, sch, principal.Relation, id, s.maySee(principal.Relation, id, sch.ID, ownerOf(o), principal.Select), "relation "+k.Name)
}

// putShared adds or removes an object by number; with it goes what was granted to the datashare on it.
func (s *Session) putShared(d *catalog.Datashare, st *ast.Datashare, sch *catalog.Schema, o principal.Object, id uint32, may bool, what string) (*catalog.Datashare, error) {
	switch {
	case !s.sharing(d).Shows(sch.ID):
		return nil, notShared(d, sch.Name, -1)
	case !may:
		return nil, denied("permission denied for %s", what)
	case st.Remove: // what SET INCLUDENEW has brought is listed first, so that one of it can go
		s.withdraw(d, o, id)
		d = d.Listed(s.tx.Catalog(), sch, s.c.ids.Load()).Without(id)
		if s.sharing(d).Can(o, id, sch.ID) != 0 {
			return nil, sharedInScope(what, d)
		}
		return d, nil
	}
	return d.With(id), nil
}

// canShare refuses what no datashare can have: tables with an interleaved sort key, and views over them or over system tables.
// https://docs.aws.amazon.com/redshift/latest/dg/considerations-datashare-reads-writes.html
func (s *Session) canShare(o any) error {
	switch o := o.(type) {
	case *catalog.Table:
		switch {
		case o.Temp:
			return sqlstate.FeatureNotSupported.Errorf("temporary table \"%s\" cannot be added to a datashare", o.Name)
		case interleaved(o):
			return sqlstate.FeatureNotSupported.Errorf("table \"%s\" with an interleaved sort key cannot be added to a datashare", o.Name)
		}
	case *catalog.View:
		if o.LateBinding {
			return nil // what it names is looked up when it is read
		}
		b, err := s.viewBound(o)
		if err != nil {
			return err
		}
		if len(b.Virtual) > 0 {
			return sqlstate.FeatureNotSupported.Errorf("view \"%s\" over system tables cannot be added to a datashare", o.Name)
		}
		for _, t := range b.Reads {
			if interleaved(t) {
				return sqlstate.FeatureNotSupported.Errorf("view \"%s\" over a table with an interleaved sort key cannot be added to a datashare", o.Name)
			}
		}
	}
	return nil
}

// unshareable refuses a function that no datashare can have.
func unshareable(f *catalog.Function) error {
	return sqlstate.FeatureNotSupported.Errorf("function %s, which is not in SQL, cannot be added to a datashare", f.Signature())
}

// shareFunction adds or removes a SQL function.
func (s *Session) shareFunction(d *catalog.Datashare, st *ast.Datashare, r *ast.Routine) (*catalog.Datashare, error) {
	f, err := s.routineNamed(r, false)
	if err != nil {
		return nil, err
	}
	if !f.Shareable() {
		return nil, atOffset(unshareable(f), r.Name.Offset())
	}
	sch := s.tx.Catalog().Schema(f.Schema)
	sharing := s.sharing(d)
	switch {
	case !sharing.Shows(sch.ID):
		return nil, notShared(d, sch.Name, r.Name.Offset())
	case sharing.Lists(sch.ID, f.ID) && !st.Remove:
		return nil, alreadyShared("function", strings.ToLower(f.Signature()), d, r.Name.Offset())
	case st.Remove && !sharing.Has(f.Object(), sch.ID, f.ID):
		return nil, sqlstate.UndefinedObject.Errorf("function \"%s\" is not in datashare \"%s\"", f.Signature(), d.Name).At(r.Name.Offset())
	}
	return s.putShared(d, st, sch, f.Object(), f.ID, s.maySee(f.Object(), f.ID, sch.ID, f.Owner, principal.Execute), f.Word()+" "+f.Name)
}

// interleaved says whether a table has an interleaved sort key.
func interleaved(t *catalog.Table) bool { return t.Def.Sort.Style == storage.Interleaved }
