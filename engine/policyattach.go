package engine

import (
	"slices"

	"github.com/redshiftsim/redshiftsim/engine/ast"
	"github.com/redshiftsim/redshiftsim/engine/bind"
	"github.com/redshiftsim/redshiftsim/engine/catalog"
	"github.com/redshiftsim/redshiftsim/engine/function"
	"github.com/redshiftsim/redshiftsim/engine/principal"
	"github.com/redshiftsim/redshiftsim/internal/sqlstate"
	"github.com/redshiftsim/redshiftsim/internal/types"
)

// attachPolicy is ATTACH and DETACH of an RLS or masking policy.
// https://docs.aws.amazon.com/redshift/latest/dg/r_ATTACH_RLS_POLICY.html
// https://docs.aws.amazon.com/redshift/latest/dg/r_ATTACH_MASKING_POLICY.html
func (s *Session) attachPolicy(st *ast.AttachPolicy) error {
	s.tx.Refresh()
	if err := s.mustSecure(st); err != nil {
		return err
	}
	p, err := s.policyNamed(st.Masking, st.Policy)
	if err != nil {
		return err
	}
	to := make([]principal.Identity, len(st.To))
	for i := range st.To {
		if to[i], err = s.identified(&st.To[i], false); err != nil {
			return err
		}
	}
	for _, n := range st.Tables {
		if err := s.attachTo(st, p, n, to); err != nil {
			return err
		}
	}
	return nil
}

// attachTo attaches a policy to one relation, or detaches it.
func (s *Session) attachTo(st *ast.AttachPolicy, p *catalog.Policy, n ast.Name, to []principal.Identity) error {
	what := "a masking policy"
	if !p.Masking {
		what = "an RLS policy"
	}
	o, err := s.protectable(n, what)
	if err != nil {
		return err
	}
	sec := s.securityOf(o)
	for _, id := range to {
		switch {
		case st.Masking && st.Detach:
			err = s.unmask(sec, st, p, id)
		case st.Masking:
			err = s.attachMask(sec, st, p, o, id)
		case st.Detach:
			err = s.detachRLS(sec, p, o, id)
		default:
			err = s.attachRLS(sec, p, o, id)
		}
		if err != nil {
			return atOffset(err, n.Offset())
		}
	}
	s.putSecurity(o, sec)
	return nil
}

// grantedTo is a grantee in an error.
func (s *Session) grantedTo(id principal.Identity) string {
	if id.Kind == principal.Public {
		return "public"
	}
	return id.Kind.String() + " \"" + s.catalog().NameOf(id) + "\""
}

// attachRLS attaches an RLS policy: the relation must have its columns, and all its policies the same alias.
func (s *Session) attachRLS(sec *catalog.Security, p *catalog.Policy, o any, id principal.Identity) error {
	c := s.catalog()
	name := catalog.KeyOf(o).Name
	if x := s.rlsLookup(catalog.IDOf(o)); x != nil {
		return lookedUp(x, o)
	}
	if p.LooksUp(catalog.IDOf(o)) {
		return lookedUp(p, o)
	}
	if cols := knownColumns(o); cols != nil {
		for i := range p.Columns {
			k := slices.IndexFunc(cols, func(x catalog.Column) bool { return x.Name == p.Columns[i].Name })
			switch {
			case k < 0:
				return sqlstate.UndefinedColumn.Errorf("column \"%s\" of RLS policy \"%s\" does not exist in relation \"%s\"", p.Columns[i].Name, p.Name, name)
			case !bind.PolicyTakes(p, cols[k].Type, p.Columns[i].Type):
				return sqlstate.DatatypeMismatch.Errorf("column \"%s\" of RLS policy \"%s\" is of type %s, that of relation \"%s\" of type %s",
					p.Columns[i].Name, p.Name, p.Columns[i].Type, name, cols[k].Type)
			}
		}
	}
	for _, a := range sec.Policies {
		if a.Policy == p.Name && a.To == id {
			return sqlstate.DuplicateObject.Errorf("RLS policy \"%s\" is already attached on relation \"%s\" to %s", p.Name, name, s.grantedTo(id))
		}
		if x := c.Policy(false, a.Policy); x != nil && x.Alias != p.Alias {
			return sqlstate.InvalidObjectDefinition.Errorf("RLS policies attached on relation \"%s\" must have the same table alias", name).
				WithDetail("Policy \"%s\" has \"%s\", policy \"%s\" has \"%s\".", x.Name, aliasOf(x), p.Name, aliasOf(p))
		}
	}
	sec.Policies = append(sec.Policies, catalog.Attachment{Policy: p.Name, To: id, By: s.user.ID})
	return nil
}

// aliasOf is the name of the relation in an RLS policy.
func aliasOf(p *catalog.Policy) string {
	if p.Alias == "" {
		return catalog.RLSAlias
	}
	return p.Alias
}

// knownColumns lists the columns of a relation; nil = they are not known before it is read: of a late-binding view.
func knownColumns(o any) []catalog.Column {
	switch o := o.(type) {
	case *catalog.Table:
		return o.Columns
	case *catalog.View:
		if !o.LateBinding {
			return o.Columns
		}
	}
	return nil
}

func (s *Session) detachRLS(sec *catalog.Security, p *catalog.Policy, o any, id principal.Identity) error {
	i := slices.IndexFunc(sec.Policies, func(a catalog.Attachment) bool { return a.Policy == p.Name && a.To == id })
	if i < 0 {
		return sqlstate.UndefinedObject.Errorf("RLS policy \"%s\" is not attached on relation \"%s\" to %s", p.Name, catalog.KeyOf(o).Name, s.grantedTo(id))
	}
	sec.Policies = slices.Delete(sec.Policies, i, i+1)
	return nil
}

// maskPaths reads what ATTACH and DETACH MASKING POLICY name. Of what is masked nothing may lead into another.
func maskPaths(list []ast.Name, apart bool) ([]catalog.MaskPath, error) {
	out := make([]catalog.MaskPath, len(list))
	for i, n := range list {
		out[i] = catalog.NewMaskPath(n.Parts)
		k := slices.IndexFunc(out[:i], func(p catalog.MaskPath) bool { return p == out[i] || apart && p.Conflicts(out[i]) })
		switch {
		case k < 0:
		case out[k] == out[i]:
			return nil, sqlstate.DuplicateColumn.Errorf("column \"%s\" specified more than once", out[i]).At(n.Offset())
		default:
			return nil, sqlstate.InvalidObjectDefinition.Errorf("the SUPER paths \"%s\" and \"%s\" conflict", out[k], out[i]).At(n.Offset())
		}
	}
	return out, nil
}

// attachMask attaches a masking policy.
// https://docs.aws.amazon.com/redshift/latest/dg/t_ddm-hierarchy.html
func (s *Session) attachMask(sec *catalog.Security, st *ast.AttachPolicy, p *catalog.Policy, o any, id principal.Identity) error {
	m := catalog.Mask{Attachment: catalog.Attachment{Policy: p.Name, To: id, By: s.user.ID}, ID: s.c.newID(), Priority: int(st.Priority)}
	var err error
	if m.Outputs, err = maskPaths(st.Outputs, true); err != nil {
		return err
	}
	if m.Inputs = m.Outputs; st.Inputs != nil {
		if m.Inputs, err = maskPaths(st.Inputs, false); err != nil {
			return err
		}
	}
	if err := fits(p, o, &m); err != nil {
		return err
	}
	for i := range sec.Masks { // the guide's example names the last of two
		if err := s.beside(&sec.Masks[len(sec.Masks)-1-i], &m, catalog.KeyOf(o).Name); err != nil {
			return err
		}
	}
	sec.Masks = append(sec.Masks, m)
	return nil
}

// beside refuses a mask that one attached before leaves no room for: on the same column or path for the same grantee; or with the same
// priority, but for the same mask of another grantee. Of SUPER columns paths count as one where one leads into the other.
// https://docs.aws.amazon.com/redshift/latest/dg/r_ATTACH_MASKING_POLICY.html
// https://docs.aws.amazon.com/redshift/latest/dg/t_ddm-super.html
func (s *Session) beside(old, m *catalog.Mask, relation string) error {
	same := old.Policy == m.Policy && slices.Equal(old.Outputs, m.Outputs) && slices.Equal(old.Inputs, m.Inputs)
	for _, p := range old.Outputs {
		k := slices.IndexFunc(m.Outputs, p.Conflicts)
		switch {
		case k < 0:
		case old.To == m.To && (old.Priority != m.Priority || same):
			return sqlstate.DuplicateObject.Errorf("a masking policy is already attached on column \"%s\" of relation \"%s\" to %s", p, relation, s.grantedTo(m.To))
		case old.Priority == m.Priority && !same:
			return sqlstate.DuplicateObject.Errorf("DDM policy \"%s\" is already attached on relation \"%s\" column \"%s\" with same priority", old.Policy, relation, p)
		}
	}
	return nil
}

// fits says whether a masking policy takes and gives what columns of a relation, or parts of them, are.
// https://docs.aws.amazon.com/redshift/latest/dg/t_ddm-considerations.html
func fits(p *catalog.Policy, o any, m *catalog.Mask) error {
	switch {
	case len(m.Inputs) != len(p.Columns):
		return sqlstate.InvalidObjectDefinition.Errorf("masking policy \"%s\" takes %d columns, not %d", p.Name, len(p.Columns), len(m.Inputs))
	case len(m.Outputs) != len(p.Outputs):
		return sqlstate.InvalidObjectDefinition.Errorf("masking policy \"%s\" masks %d columns, not %d", p.Name, len(p.Outputs), len(m.Outputs))
	}
	cols := knownColumns(o)
	if cols == nil {
		return nil
	}
	for i, n := range m.Outputs {
		t, err := maskedType(cols, n, o)
		if err != nil {
			return err
		}
		if x := p.Outputs[i].Type; !bind.MaskGives(x, t) && !(n.Path != "" && function.BecomesSuper(x)) {
			return sqlstate.DatatypeMismatch.Errorf("cannot attach masking policy for output of type \"%s\" to column \"%s\" of type \"%s\"", x, n, t)
		}
	}
	for i, n := range m.Inputs {
		t, err := maskedType(cols, n, o)
		if err != nil {
			return err
		}
		x := &p.Columns[i]
		if _, cast := function.FindCast(t, x.Type, true); !bind.PolicyTakes(p, t, x.Type) && !(n.Path != "" && cast) {
			return sqlstate.DatatypeMismatch.Errorf("cannot attach masking policy for input of type \"%s\" to column \"%s\" of type \"%s\"", x.Type, n, t)
		}
	}
	return nil
}

// maskedType is the type of a column that a mask names; one with a path must be a SUPER.
func maskedType(cols []catalog.Column, p catalog.MaskPath, o any) (types.Type, error) {
	for i := range cols {
		if cols[i].Name != p.Column {
			continue
		}
		if t := cols[i].Type; t.Kind == types.Super || p.Path == "" {
			return t, nil
		}
		return types.Type{}, sqlstate.DatatypeMismatch.Errorf("column \"%s\" of relation \"%s\" is of type %s, not super", p.Column, catalog.KeyOf(o).Name, cols[i].Type)
	}
	return types.Type{}, sqlstate.UndefinedColumn.Errorf("column \"%s\" of relation \"%s\" does not exist", p.Column, catalog.KeyOf(o).Name)
}

// unmask detaches a masking policy.
// https://docs.aws.amazon.com/redshift/latest/dg/r_DETACH_MASKING_POLICY.html
func (s *Session) unmask(sec *catalog.Security, st *ast.AttachPolicy, p *catalog.Policy, id principal.Identity) error {
	outputs, err := maskPaths(st.Outputs, true)
	if err != nil {
		return err
	}
	i := slices.IndexFunc(sec.Masks, func(m catalog.Mask) bool { return m.Policy == p.Name && m.To == id && slices.Equal(m.Outputs, outputs) })
	if i < 0 {
		return sqlstate.UndefinedObject.Errorf("masking policy \"%s\" is not attached on these columns to %s", p.Name, s.grantedTo(id))
	}
	sec.Masks = slices.Delete(sec.Masks, i, i+1)
	return nil
}
