package engine

import (
	"slices"

	"github.com/redshiftsim/redshiftsim/engine/ast"
	"github.com/redshiftsim/redshiftsim/engine/bind"
	"github.com/redshiftsim/redshiftsim/engine/catalog"
	"github.com/redshiftsim/redshiftsim/engine/principal"
	"github.com/redshiftsim/redshiftsim/engine/system"
	"github.com/redshiftsim/redshiftsim/internal/sqlstate"
)

// What policies forbid other statements.

// unpoliced refuses to change a column that a policy reads: of a relation that it is attached to, or of a table that it looks up.
// https://docs.aws.amazon.com/redshift/latest/dg/t_rls-example.html
func (a *alteration) unpoliced(i int, what string) error {
	c := a.s.tx.Catalog()
	col := &a.t.Columns[i]
	refuse := func(p string) error {
		return sqlstate.DependentObjects.Errorf("cannot %s column %s of table %s because a policy depends on it", what, col.Name, a.t.Name).
			WithDetail("%s depends on column \"%s\".", p, col.Name).At(a.st.Old.Offset())
	}
	if sec := c.Security(a.t.ID); sec != nil {
		if p := sec.Naming(c, col.Name); p != "" {
			return refuse(p)
		}
	}
	for _, masking := range []bool{false, true} {
		for _, p := range c.Policies(masking) {
			if !p.LooksUp(a.t.ID) {
				continue
			}
			using, err := bind.PolicyText(p, parseOne)
			if err != nil {
				return err
			}
			x, err := bind.CheckPolicy(p, using, a.s.policyEnv())
			if err != nil {
				return err
			}
			if slices.Contains(x.Looks[a.t.ID], col.PosAttr) {
				return refuse(p.Kind() + " " + p.Name)
			}
		}
	}
	return nil
}

// movePolicies tells the policies that look a table up where it is now.
func (s *Session) movePolicies(id uint32, at catalog.Key) {
	for _, masking := range []bool{false, true} {
		for _, p := range s.catalog().Policies(masking) {
			if !p.LooksUp(id) {
				continue
			}
			n := *p
			n.Refs = slices.Clone(p.Refs)
			for i := range n.Refs {
				if n.Refs[i].ID == id {
					n.Refs[i].At = at
				}
			}
			s.tx.EditEntry(&n)
		}
	}
}

// appendsFrom refuses ALTER TABLE APPEND from a table whose rows or values policies hide from the user: all rows move.
// https://docs.aws.amazon.com/redshift/latest/dg/t_rls_usage.html
func (s *Session) appendsFrom(t *catalog.Table) error {
	sec := s.catalog().Security(t.ID)
	if sec == nil {
		return nil
	}
	if sec.RLS && !s.system(principal.IgnoreRLS) {
		return denied("permission denied: ALTER TABLE APPEND from RLS-protected relation \"%s\" needs IGNORE RLS", t.Name)
	}
	for i := range t.Columns {
		if len(sec.MasksOf(s.is(), t.Columns[i].Name)) > 0 {
			return denied("permission denied: ALTER TABLE APPEND from masked relation \"%s\"", t.Name)
		}
	}
	return nil
}

// mayWriteNames refuses regular users to change how they write names while there are policies.
// https://docs.aws.amazon.com/redshift/latest/dg/t_rls_usage.html
func (s *Session) mayWriteNames(st *ast.User) error {
	name := st.Reset
	if st.Set != nil {
		name = st.Set.Name
	}
	if !slices.Contains(caseSettings, name) || !s.catalog().HasPolicies() || s.system(principal.AlterUser) {
		return nil
	}
	return denied("permission denied: \"%s\" cannot be changed while there are RLS or masking policies", name)
}

// hasPolicy says whether a policy is attached to a user or role.
func (s *Session) hasPolicy(id principal.Identity) bool {
	for _, sec := range s.catalog().Securities() {
		if slices.ContainsFunc(sec.Policies, func(a catalog.Attachment) bool { return a.To == id }) ||
			slices.ContainsFunc(sec.Masks, func(m catalog.Mask) bool { return m.To == id }) {
			return true
		}
	}
	return false
}

// appliedPolicies is what the log keeps of the policies that were applied.
func appliedPolicies(list []bind.Applied) []system.AppliedPolicy {
	out := make([]system.AppliedPolicy, len(list))
	for i, a := range list {
		out[i] = system.AppliedPolicy{
			Masking: a.Masking, Relation: catalog.KeyOf(a.Relation), Kind: system.PolicyRelationKind(a.Relation), Policy: a.Policy, Attachment: a.Attachment,
		}
	}
	return out
}
