package engine

import (
	"slices"

	"github.com/redshiftsim/redshiftsim/engine/ast"
	"github.com/redshiftsim/redshiftsim/engine/catalog"
	"github.com/redshiftsim/redshiftsim/engine/principal"
	"github.com/redshiftsim/redshiftsim/internal/sqlstate"
)

// What a datashare's consumers may do, GRANT and REVOKE .. DATASHARE say. What reads, runs or enters is what ALTER DATASHARE adds (Datashare.Objects, Schemas); all else is an
// item of the object's ACL, or of the scope's.
// https://docs.aws.amazon.com/redshift/latest/dg/writes-adding-datashare.html

// sharing is a datashare of the session's database with what was granted to it.
func (s *Session) sharing(d *catalog.Datashare) *catalog.Sharing { return s.tx.Catalog().Sharing(d) }

// toDatashare says that a GRANT or REVOKE is to a datashare.
func toDatashare(st *ast.Grant) bool {
	return slices.ContainsFunc(st.To, func(p ast.Principal) bool { return p.Kind == "datashare" })
}

// grantDatashare is GRANT and REVOKE of privileges on objects, or for all in a scope, to a datashare.
func (s *Session) grantDatashare(st *ast.Grant) error {
	to := &st.To[0]
	switch {
	case len(st.To) > 1:
		return sqlstate.Syntax.Errorf("%s names one datashare and nobody else", ast.KindOf(st)).At(st.To[1].Offset())
	case st.On == nil && st.In == nil, st.On != nil && st.On.Kind == "iam role":
		return sqlstate.InvalidGrant.Errorf("privileges on objects alone can be granted to a datashare").At(to.Offset())
	case to.Option || st.OptionOnly:
		return sqlstate.InvalidGrant.Errorf("grant options can only be granted to individual users")
	case columnGrant(st):
		return sqlstate.InvalidGrant.Errorf("privileges on columns cannot be granted to a datashare").At(st.Privileges[0].Offset())
	}
	d, err := s.datashareNamed(to.Name, to.Offset())
	switch {
	case err != nil:
		return err
	case !s.onDatashare(d, principal.AlterDatashare, principal.Alter):
		return denied("permission denied for datashare %s", d.Name)
	case d.Database != s.db.ID:
		return ofAnotherDatabase(d, to.Offset())
	}
	targets, err := s.targets(st)
	if err != nil {
		return err
	}
	for i := range targets {
		if d, err = s.grantShared(st, d, &targets[i]); err != nil {
			return err
		}
	}
	return nil
}

// ofAnotherDatabase refuses a datashare of another database than the current one.
func ofAnotherDatabase(d *catalog.Datashare, pos int) error {
	return sqlstate.FeatureNotSupported.Errorf("datashare \"%s\" is one of another database", d.Name).
		WithDetail("Only datashares of the current database can be altered.").At(pos)
}

// grantShared grants a datashare privileges on one object, or takes them back, and gives the datashare as it is then.
func (s *Session) grantShared(st *ast.Grant, d *catalog.Datashare, t *target) (*catalog.Datashare, error) {
	want, err := rights(st, t.object)
	switch {
	case err != nil:
		return nil, err
	case t.in != nil, t.db != nil && t.db.ID != d.Database: // https://docs.aws.amazon.com/redshift/latest/dg/considerations-datashare-reads-writes.html
		return nil, sqlstate.FeatureNotSupported.Errorf("%s is not one of the datashare's database", t.name)
	case t.object == principal.Procedure, t.object == principal.Language, t.object == principal.LanguagesInDatabase, t.object == principal.Datashare:
		return nil, sqlstate.FeatureNotSupported.Errorf("privileges on a %s cannot be granted to a datashare", t.object)
	case t.object == principal.Database && want&principal.Temp != 0:
		if want &^= principal.Temp; !all(st) {
			return nil, sqlstate.InvalidGrant.Errorf("invalid privilege type TEMP for a datashare")
		}
	}
	next := d
	if t.object == principal.Relation || t.object == principal.Function || t.object == principal.Schema {
		if next, err = s.grantReading(st, d, t, want); err != nil {
			return nil, err
		}
		want &^= t.object.Reading()
	}
	if want == 0 {
		return next, nil
	}
	return next, s.give(st, t, []grantee{{Identity: shareIdentity(d)}}, want)
}

// shareIdentity is a datashare as the grantee of privileges.
func shareIdentity(d *catalog.Datashare) principal.Identity {
	return principal.Identity{Kind: principal.ToDatashare, ID: int(d.ID)}
}

// grantReading adds what is granted to be read, run or entered, or removes it: what ALTER DATASHARE does. An object comes after its schema.
func (s *Session) grantReading(st *ast.Grant, d *catalog.Datashare, t *target, want principal.Privilege) (*catalog.Datashare, error) {
	reads := want&t.object.Reading() != 0
	next := d
	switch {
	case t.object == principal.Schema && !reads:
		return d, nil
	case t.object == principal.Schema && st.Revoke:
		next = d.WithoutSchema(t.id)
	case t.object == principal.Schema:
		if !s.maySee(principal.Schema, t.id, 0, t.owner, principal.Usage) {
			return nil, denied("permission denied for %s", t.name)
		}
		if err := s.mayBeShared(t); err != nil || d.Schema(t.id) != nil {
			return d, err
		}
		next = d.WithSchema(catalog.SharedSchema{ID: t.id})
	case !st.Revoke && !s.sharing(d).Shows(t.schema):
		return nil, notShared(d, s.schemaNameOf(t.schema), -1)
	case st.Revoke && reads:
		next = d.Listed(s.tx.Catalog(), s.tx.Catalog().Schema(s.schemaNameOf(t.schema)), s.c.ids.Load()).Without(t.id)
	case !st.Revoke:
		if err := s.mayBeShared(t); err != nil || !reads {
			return d, err
		}
		if !s.maySee(t.object, t.id, t.schema, t.owner, t.object.Reading()) {
			return nil, denied("permission denied for %s", t.name)
		}
		next = d.With(t.id)
	}
	if next != d {
		s.tx.EditEntry(next)
	}
	return next, nil
}

// mayBeShared refuses objects that no datashare can have.
func (s *Session) mayBeShared(t *target) error {
	switch t.object {
	case principal.Schema:
		sch := s.schemaByID(t.id)
		if sch.External != nil || sch.Name == catalog.PgCatalog || sch.Name == catalog.Information {
			return sqlstate.FeatureNotSupported.Errorf("schema \"%s\" cannot be added to a datashare", sch.Name)
		}
	case principal.Relation:
		return s.canShare(t.rel)
	case principal.Function:
		for _, f := range s.tx.Catalog().AllFunctions() {
			if f.ID == t.id && !f.Shareable() {
				return unshareable(f)
			}
		}
	}
	return nil
}

// schemaByID finds a schema of the session's database by number, nil when there is none.
func (s *Session) schemaByID(id uint32) *catalog.Schema {
	for _, sch := range s.tx.Catalog().Schemas() {
		if sch.ID == id {
			return sch
		}
	}
	return nil
}

// schemaNameOf is the name of a schema by number, "" when there is none.
func (s *Session) schemaNameOf(id uint32) string {
	if sch := s.schemaByID(id); sch != nil {
		return sch.Name
	}
	return ""
}

// withdraw takes what was granted to a datashare on an object back.
func (s *Session) withdraw(d *catalog.Datashare, o principal.Object, id uint32) {
	s.takeBack(s.tx.Catalog().Access(o, id), shareIdentity(d))
}

// takeBack takes what was granted to a principal on an object back.
func (s *Session) takeBack(a *principal.Access, id principal.Identity) {
	if a.ACL.Has(id) {
		s.tx.EditEntry(a.With(0, slices.DeleteFunc(slices.Clone(a.ACL), func(i principal.Item) bool { return i.To == id })))
	}
}
