package engine

import (
	"github.com/redshiftsim/redshiftsim/engine/ast"
	"github.com/redshiftsim/redshiftsim/engine/catalog"
	"github.com/redshiftsim/redshiftsim/engine/principal"
	"github.com/redshiftsim/redshiftsim/engine/system"
	"github.com/redshiftsim/redshiftsim/internal/sqlstate"
)

// listingOfPolicies is SHOW RLS POLICIES and SHOW MASKING POLICIES: those of a database, or those attached to a relation.
// https://docs.aws.amazon.com/redshift/latest/dg/r_SHOW_POLICIES.html
func (s *Session) listingOfPolicies(st *ast.ShowObjects) (l system.Listing, err error) {
	if !s.secures() {
		return l, denied("permission denied to show policies")
	}
	e := s.systemEnv()
	if st.Of == "database" {
		e, err = s.inDatabase(st, 0)
	}
	if st.Of != "table" || err != nil {
		if err != nil {
			return l, err
		}
		return e.ShowPolicies(st.Kind), nil
	}
	if e, err = s.inDatabase(st, 2); err != nil {
		return l, err
	}
	o, err := e.Catalog.Resolve(s.searchPath(), st.Name.Schema(), st.Name.Object())
	if err != nil {
		return l, atOffset(err, st.Name.Offset())
	}
	var to *principal.Identity
	if st.For != nil {
		id, err := s.identified(st.For, false)
		if err != nil {
			return l, err
		}
		to = &id
	}
	return e.ShowPoliciesOn(st.Kind, o, to), nil
}

// maskFor is MASK_GET_POLICY_FOR_USER_ON_COLUMN and MASK_GET_POLICY_FOR_ROLE_ON_COLUMN: the mask that counts for a user or a role on a column.
// https://docs.aws.amazon.com/redshift/latest/dg/r_SVV_ATTACHED_MASKING_POLICY.html
func (s *Session) maskFor(function, schema, relation, column, name string) (*catalog.Virtual, error) {
	c := s.catalog()
	o, err := c.Resolve(s.searchPath(), schema, relation)
	if err != nil {
		return nil, err
	}
	if _, system := o.(*catalog.Virtual); system {
		return nil, denied("permission denied: \"%s\" is a system catalog", relation)
	}
	var is *principal.Reach
	if function == "mask_get_policy_for_user_on_column" {
		u, err := s.userNamed(name)
		if err != nil {
			return nil, err
		}
		is = c.Reach(u)
	} else {
		r, err := s.roleNamed(name)
		if err != nil {
			return nil, err
		}
		is = principal.ReachOfRole(r.ID, c.Roles())
	}
	if cols := knownColumns(o); cols != nil && !has(cols, column) {
		return nil, sqlstate.UndefinedColumn.Errorf("column \"%s\" of relation \"%s\" does not exist", column, relation)
	}
	return system.MaskFor(function, o, column, is), nil
}

// has says whether a column is among others.
func has(cols []catalog.Column, name string) bool {
	for i := range cols {
		if cols[i].Name == name {
			return true
		}
	}
	return false
}
