package engine

import (
	"github.com/redshiftsim/redshiftsim/engine/ast"
	"github.com/redshiftsim/redshiftsim/engine/bind"
	"github.com/redshiftsim/redshiftsim/engine/catalog"
	"github.com/redshiftsim/redshiftsim/engine/principal"
	"github.com/redshiftsim/redshiftsim/engine/txn"
	"github.com/redshiftsim/redshiftsim/internal/sqlstate"
)

// Who may do what. A query's privileges are checked when it is bound (bind.Guard) and its plan serves whom it was made for until principals, privileges or
// schemas change; all other statements ask here. A superuser may do everything, and nobody asks further.

// may says whether the acting user has all of want on an object that stands in schema (0 = it stands in none).
func (s *Session) may(o principal.Object, id, schema uint32, owner int, want principal.Privilege) bool {
	return s.user.Superuser || s.catalog().May(s.is(), o, id, schema, owner, want) == 0
}

// system says whether the acting user has a system privilege, by one of its roles.
// https://docs.aws.amazon.com/redshift/latest/dg/r_roles-system-privileges.html
func (s *Session) system(p principal.System) bool {
	return s.user.Superuser || s.is().System&p == p
}

// schemaID is the number of a schema by name; 0 for that of a session's temporary tables.
func (s *Session) schemaID(name string) uint32 {
	if sch := s.catalog().Schema(name); sch != nil {
		return sch.ID
	}
	return 0
}

// mayRelation says whether the acting user has all of want on a table or view.
func (s *Session) mayRelation(o any, want principal.Privilege) bool {
	k := catalog.KeyOf(o)
	return s.may(principal.Relation, catalog.IDOf(o), s.schemaID(k.Schema), ownerOf(o), want)
}

// ownerOf is the number of the user who owns a table or view.
func ownerOf(o any) int {
	switch o := o.(type) {
	case *catalog.Table:
		return o.Owner
	case *catalog.View:
		return o.Owner
	}
	return principal.BootstrapID
}

// owns refuses who is neither an object's owner nor a superuser.
// https://docs.aws.amazon.com/redshift/latest/dg/r_Privileges.html
func (s *Session) owns(owner int, name string) error {
	if s.user.Superuser || s.user.ID == owner {
		return nil
	}
	return sqlstate.InsufficientPrivilege.Errorf("must be owner of relation %s", name)
}

// commands refuses who may not do with a table or view what its owner may, has not been granted the privilege want on it, and has no role with the system
// privilege sys: DROP, ALTER, TRUNCATE, and (want 0) VACUUM and ANALYZE.
func (s *Session) commands(o any, want principal.Privilege, sys principal.System) error {
	err := s.owns(ownerOf(o), catalog.KeyOf(o).Name)
	if err == nil || want != 0 && s.granted(o, want) || s.system(sys) {
		return nil
	}
	return err
}

// lockAllowed is lockTable for whom may lets: it is asked before the lock, so that nobody waits for, or keeps others from, a table that is none of theirs,
// and again of the table that was locked.
func (s *Session) lockAllowed(c *call, n ast.Name, mode txn.Mode, may func(*catalog.Table) error) (*catalog.Table, error) {
	s.tx.Refresh()
	o, err := s.resolve(n)
	if err != nil {
		return nil, err
	}
	if t, ok := o.(*catalog.Table); ok {
		if err := may(t); err != nil {
			return nil, err
		}
	}
	t, err := s.lockTable(c, n, mode)
	if err != nil {
		return nil, err
	}
	return t, may(t)
}

// granted says whether the acting user has been granted a privilege on a table or view.
func (s *Session) granted(o any, want principal.Privilege) bool { return s.mayRelation(o, want) }

// needs refuses who lacks one of want on a table or view.
func (s *Session) needs(o any, want principal.Privilege) error {
	if s.mayRelation(o, want) {
		return nil
	}
	return sqlstate.InsufficientPrivilege.Errorf("permission denied for relation %s", catalog.KeyOf(o).Name)
}

// createsIn refuses who may not create objects in a schema; sys is the system privilege that is as good.
func (s *Session) createsIn(schema string, sys principal.System) error {
	sch := s.catalog().Schema(schema)
	if sch == nil || s.may(principal.Schema, sch.ID, 0, sch.Owner, principal.Create) || s.system(sys) {
		return nil
	}
	return sqlstate.InsufficientPrivilege.Errorf("permission denied for schema %s", schema)
}

// onDatabase says whether the acting user has all of want on the session's database.
func (s *Session) onDatabase(want principal.Privilege) bool {
	return s.may(principal.Database, s.db.ID, 0, s.catalog().DatabaseOwner(s.db.ID), want)
}

// createsTemp refuses who may not create temporary tables.
// https://docs.aws.amazon.com/redshift/latest/dg/r_GRANT.html#grant-temporary
func (s *Session) createsTemp() error {
	if s.onDatabase(principal.Temp) {
		return nil
	}
	return sqlstate.InsufficientPrivilege.Errorf("permission denied to create temporary tables in database \"%s\"", s.db.Name)
}

// uses refuses who lacks USAGE on the schema that a name says.
func (s *Session) uses(schema string) error {
	if schema == "" || s.user.Superuser {
		return nil
	}
	sch := s.catalog().Schema(schema)
	if sch == nil || s.may(principal.Schema, sch.ID, 0, sch.Owner, principal.Usage) {
		return nil
	}
	return sqlstate.InsufficientPrivilege.Errorf("permission denied for schema %s", schema)
}

// usable drops from a search path the schemas on which the acting user lacks USAGE: names are not looked up there.
func (s *Session) usable(path []string) []string {
	if s.user.Superuser {
		return path
	}
	out := path[:0:0]
	for _, p := range path {
		if s.uses(p) == nil {
			out = append(out, p)
		}
	}
	return out
}

// guard is what binding checks a statement of the acting user against.
func (s *Session) guard() *bind.Guard {
	return &bind.Guard{Catalog: s.catalog(), User: s.is()}
}

// newOwner finds the user to whom an object is given: by a superuser, or by its owner to the same.
func (s *Session) newOwner(name string) (int, error) {
	u, err := s.userNamed(name)
	if err != nil {
		return 0, err
	}
	if !s.user.Superuser && u.ID != s.user.ID {
		return 0, sqlstate.InsufficientPrivilege.Errorf("must be superuser to change owner")
	}
	return u.ID, nil
}

// passAccess puts the new owner of an object into the place of the old one in its list of privileges.
func (s *Session) passAccess(o principal.Object, id uint32, from, to int) {
	if a := s.catalog().Access(o, id); a.ACL != nil && from != to {
		s.tx.EditEntry(a.With(0, a.ACL.Owned(from, to)))
	}
}

// dropAccess forgets the privileges on an object that is gone, and what protected it.
func (s *Session) dropAccess(o principal.Object, id uint32) {
	s.tx.RemoveEntry(catalog.AccessKey(o, id))
	if o == principal.Relation {
		s.tx.RemoveEntry(catalog.SecurityKey(id))
	}
}

// dropSchemaAccess forgets the privileges on a schema that is gone, and what new objects in it would have begun with.
func (s *Session) dropSchemaAccess(id uint32) {
	for _, o := range principal.SchemaScopes {
		s.dropAccess(o, id)
	}
	for _, d := range s.catalog().AllDefaults() {
		if d.Schema == id {
			s.tx.RemoveEntry(catalog.EntryKey(d))
		}
	}
}

// beginAccess gives a new object the privileges that ALTER DEFAULT PRIVILEGES has set for its maker: those for all schemas in the place of the usual
// ones, those for its schema beside them.
// https://docs.aws.amazon.com/redshift/latest/dg/r_ALTER_DEFAULT_PRIVILEGES.html
func (s *Session) beginAccess(o principal.Object, id uint32, schema string, owner int) {
	c := s.catalog()
	if !c.HasDefaults() || catalog.IsTempSchema(schema) {
		return
	}
	acl := principal.Default(o, owner)
	said := false
	if d := c.Defaults(owner, o, 0); d != nil {
		acl, said = d.ACL, true
	}
	if d := c.Defaults(owner, o, s.schemaID(schema)); d != nil {
		for _, i := range d.ACL {
			acl, said = acl.With(i.To, i.By, i.Can&^i.Grant, false).With(i.To, i.By, i.Grant, true), true
		}
	}
	if said {
		s.tx.EditEntry((&principal.Access{Object: o, ID: id}).With(0, acl))
	}
}
