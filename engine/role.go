package engine

import (
	"github.com/redshiftsim/redshiftsim/engine/ast"
	"github.com/redshiftsim/redshiftsim/engine/catalog"
	"github.com/redshiftsim/redshiftsim/engine/principal"
	"github.com/redshiftsim/redshiftsim/internal/sqlstate"
)

// roleNamed finds a role by name, or says that there is none.
func (s *Session) roleNamed(name string) (*principal.Role, error) {
	if r := s.catalog().Role(name); r != nil {
		return r, nil
	}
	return nil, sqlstate.UndefinedObject.Errorf("role \"%s\" does not exist", name)
}

// createRole is CREATE ROLE.
// https://docs.aws.amazon.com/redshift/latest/dg/r_CREATE_ROLE.html
func (s *Session) createRole(st *ast.Role) error {
	if st.Alter {
		return s.alterRole(st)
	}
	if !s.system(principal.CreateRole) {
		return denied("permission denied to create role")
	}
	if err := s.freeLogin("role", st.Role); err != nil {
		return err
	}
	r := &principal.Role{ID: int(s.c.newID()), Name: st.Role.Name, Owner: s.user.ID}
	if st.ExternalID != nil {
		r.ExternalID = *st.ExternalID
	}
	s.tx.EditEntry(r)
	return nil
}

// ownRole finds a role that may be changed: no system-defined one.
func (s *Session) ownRole(name string) (*principal.Role, error) {
	r, err := s.roleNamed(name)
	if err == nil && r.Owner == principal.BootstrapID {
		return nil, denied("system-defined role \"%s\" cannot be changed", name)
	}
	return r, err
}

// alterRole is ALTER ROLE.
// https://docs.aws.amazon.com/redshift/latest/dg/r_ALTER_ROLE.html
func (s *Session) alterRole(st *ast.Role) error {
	old, err := s.ownRole(st.Role.Name)
	if err != nil {
		return err
	}
	if !s.user.Superuser && old.Owner != s.user.ID {
		return denied("permission denied to alter role")
	}
	r := *old
	if st.RenameTo != "" {
		if err := s.freeLogin("role", ast.Principal{Pos: st.Role.Pos, Name: st.RenameTo}); err != nil {
			return err
		}
		r.Name = st.RenameTo
		s.tx.RemoveEntry(catalog.EntryKey(old))
	}
	if st.Owner != nil {
		if r.Owner, err = s.newOwner(st.Owner.Name); err != nil {
			return err
		}
	}
	if st.ExternalID != nil {
		r.ExternalID = *st.ExternalID
	}
	s.tx.EditEntry(&r)
	return nil
}

// leaveRoles takes all roles from a principal.
func (s *Session) leaveRoles(id principal.Identity) {
	for _, r := range s.catalog().Roles() {
		if r.Member(id) >= 0 {
			s.tx.EditEntry(r.Without(id, false))
		}
	}
}

// dropRole is DROP ROLE; FORCE takes the role from all who have it, and from it all roles that it has.
// https://docs.aws.amazon.com/redshift/latest/dg/r_DROP_ROLE.html
func (s *Session) dropRole(name string, ifExists, force bool) error {
	if ifExists && s.catalog().Role(name) == nil {
		s.tell("INFO", sqlstate.UndefinedObject, "role \"%s\" does not exist and will be skipped", name)
		return nil
	}
	r, err := s.ownRole(name)
	if err != nil {
		return err
	}
	if !r.Administers(s.user.ID) && !s.system(principal.DropRole) {
		return denied("permission denied to drop role")
	}
	id := principal.Identity{Kind: principal.ToRole, ID: r.ID}
	if !force {
		if len(r.Members) > 0 {
			on := "a user"
			if r.Members[0].To.Kind == principal.ToRole {
				on = "another role"
			}
			return sqlstate.DependentObjects.Errorf("cannot drop this role since it has been granted on %s", on)
		}
		for _, o := range s.catalog().Roles() {
			if o.Member(id) >= 0 {
				return sqlstate.DependentObjects.Errorf("cannot drop this role since it depends on another role")
			}
		}
	}
	if s.hasAny(id) {
		return sqlstate.ObjectInUse.Errorf("role \"%s\" cannot be dropped because the role has a privilege on some object", name)
	}
	if s.hasPolicy(id) {
		return sqlstate.ObjectInUse.Errorf("role \"%s\" cannot be dropped because a policy is attached to the role", name)
	}
	s.leaveRoles(id)
	s.forgetAssumed(id)
	s.tx.RemoveEntry(catalog.EntryKey(r))
	return nil
}
