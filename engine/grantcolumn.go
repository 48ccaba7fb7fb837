package engine

import (
	"github.com/redshiftsim/redshiftsim/engine/ast"
	"github.com/redshiftsim/redshiftsim/engine/catalog"
	"github.com/redshiftsim/redshiftsim/engine/principal"
	"github.com/redshiftsim/redshiftsim/internal/sqlstate"
)

// columnGrant says whether a GRANT is on columns.
func columnGrant(st *ast.Grant) bool {
	for i := range st.Privileges {
		if len(st.Privileges[i].Columns) > 0 {
			return true
		}
	}
	return false
}

// partly warns that not all of a GRANT was done, in PostgreSQL's words.
func (s *Session) partly(st *ast.Grant, nothing bool) {
	done := "granted"
	if st.Revoke {
		done = "revoked"
	}
	if nothing {
		s.tell("WARNING", "01007", "no privileges were %s", done)
		return
	}
	s.tell("WARNING", "01007", "not all privileges were %s", done)
}

// columnsFirst refuses a privilege on a table to who has it on a column of it: a principal cannot have both.
// https://docs.aws.amazon.com/redshift/latest/dg/r_GRANT-usage-notes.html#r_GRANT-usage-notes-clp
func (s *Session) columnsFirst(a *principal.Access, id principal.Identity, want principal.Privilege) error {
	for _, acl := range a.Columns {
		for i := range acl {
			if acl[i].To == id && acl[i].Can&want != 0 {
				return sqlstate.InvalidGrant.Errorf("cannot grant %s on the table to who has it on a column", acl[i].Can.Words()[0]).
					WithHint("Revoke the privilege on the columns first.")
			}
		}
	}
	return nil
}

// withoutColumns is an access in which a principal has lost privileges on all columns.
func withoutColumns(a *principal.Access, id principal.Identity, p principal.Privilege) *principal.Access {
	for c, acl := range a.Columns {
		n := principal.ACL{}
		for _, i := range acl {
			if i.To == id {
				i.Can &^= p
			}
			if i.Can != 0 {
				n = append(n, i)
			}
		}
		a = a.With(c, n)
	}
	return a
}

// grantColumns grants or revokes privileges on columns: the owner's and superusers' business.
// https://docs.aws.amazon.com/redshift/latest/dg/r_GRANT-usage-notes.html#r_GRANT-usage-notes-clp
func (s *Session) grantColumns(st *ast.Grant, t *target, to []grantee) error {
	may := principal.Column.All()
	var columns []catalog.Column
	switch r := t.rel.(type) {
	case *catalog.Table:
		columns = r.Columns
	case *catalog.View:
		if r.LateBinding {
			return sqlstate.FeatureNotSupported.Errorf("column-level privileges on late-binding view \"%s\" are not supported", r.Name)
		}
		columns, may = r.Columns, principal.Select
	default:
		return sqlstate.InvalidGrant.Errorf("column privileges are only valid for relations").At(st.Privileges[0].Offset())
	}
	if err := s.owns(t.owner, catalog.KeyOf(t.rel).Name); err != nil {
		return err
	}
	a := s.catalog().Access(t.object, t.id)
	for i := range st.Privileges {
		g := &st.Privileges[i]
		p := may
		if !all(st) {
			p, _ = principal.ParsePrivilege(g.Name)
		}
		if p == 0 || p&^may != 0 || len(g.Columns) == 0 {
			return sqlstate.InvalidGrant.Errorf("invalid privilege type %s for column", g.Name).At(g.Offset())
		}
		for _, cn := range g.Columns {
			at := 0
			for k := range columns {
				if columns[k].Name == cn.Name {
					at = columns[k].PosAttr
				}
			}
			if at == 0 {
				return sqlstate.UndefinedColumn.Errorf("column \"%s\" of relation \"%s\" does not exist", cn.Name, catalog.KeyOf(t.rel).Name).At(cn.Offset())
			}
			var err error
			if a, err = s.grantColumn(st, t, a, at, p, to); err != nil {
				return err
			}
		}
	}
	s.tx.EditEntry(a)
	return nil
}

// grantColumn grants or revokes p on one column.
func (s *Session) grantColumn(st *ast.Grant, t *target, a *principal.Access, column int, p principal.Privilege, to []grantee) (*principal.Access, error) {
	acl := a.Columns[column]
	for _, g := range to {
		if g.option || st.OptionOnly {
			return nil, sqlstate.InvalidGrant.Errorf("WITH GRANT OPTION is not supported for column-level privileges")
		}
		var table principal.Privilege
		for i := range a.ACL {
			if a.ACL[i].To == g.Identity {
				table |= a.ACL[i].Can
			}
		}
		var err error
		switch {
		case st.Revoke && table&p != 0:
			return nil, sqlstate.InvalidGrant.Errorf("cannot revoke %s on a column from who has it on the table", (table & p).Words()[0]).
				WithHint("Revoke the privilege on the table.")
		case st.Revoke:
			acl, err = acl.Without(g.Identity, t.owner, p, false, false, t.owner)
		case p&^table != 0: // who has it on the table has it already
			acl = acl.With(g.Identity, t.owner, p&^table, false)
		}
		if err != nil {
			return nil, err
		}
	}
	return a.With(column, acl), nil
}
