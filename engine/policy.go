package engine

import (
	"slices"
	"strings"

	"github.com/redshiftsim/redshiftsim/engine/ast"
	"github.com/redshiftsim/redshiftsim/engine/bind"
	"github.com/redshiftsim/redshiftsim/engine/catalog"
	"github.com/redshiftsim/redshiftsim/engine/principal"
	"github.com/redshiftsim/redshiftsim/engine/txn"
	"github.com/redshiftsim/redshiftsim/internal/sqlstate"
)

// RLS and masking policies. A policy is made once and attached to relations for users, roles or all; what it does to a query is bind's business (bind/policy.go).
//
//	CREATE RLS POLICY p WITH (a int) USING (a > 0)     catalog.Policy {rls p}
//	ATTACH RLS POLICY p ON t TO ROLE r                 catalog.Security {t, Policies: p for r}, t.Secured
//	ALTER TABLE t ROW LEVEL SECURITY ON                catalog.Security {t, RLS}

// secures says whether the acting user may make and attach policies.
// https://docs.aws.amazon.com/redshift/latest/dg/t_rls_ownership.html
func (s *Session) secures() bool { return s.user.Superuser || s.is().System.Secures() }

// mustSecure refuses who may not.
func (s *Session) mustSecure(st ast.Statement) error {
	if s.secures() {
		return nil
	}
	return denied("permission denied: %s needs a superuser or the role sys:secadmin", ast.KindOf(st))
}

// policyName is the name of a policy of this database.
func (s *Session) policyName(n ast.Name) (string, error) {
	switch len(n.Parts) {
	case 1:
		return n.Object(), nil
	case 2:
		if n.Parts[0] == s.db.Name {
			return n.Object(), nil
		}
		return "", sqlstate.Unbuilt("CREATE RLS POLICY", "a policy of another database").At(n.Offset())
	}
	return "", sqlstate.Syntax.Errorf("improper policy name (too many dotted names): %s", strings.Join(n.Parts, ".")).At(n.Offset())
}

// policyNamed finds a policy, or says that there is none.
func (s *Session) policyNamed(masking bool, n ast.Name) (*catalog.Policy, error) {
	name, err := s.policyName(n)
	if err != nil {
		return nil, err
	}
	if p := s.catalog().Policy(masking, name); p != nil {
		return p, nil
	}
	return nil, sqlstate.UndefinedObject.Errorf("%s \"%s\" does not exist", (&catalog.Policy{Masking: masking}).Kind(), name).At(n.Offset())
}

// policy is CREATE, ALTER and DROP of an RLS or masking policy.
// https://docs.aws.amazon.com/redshift/latest/dg/r_CREATE_RLS_POLICY.html
// https://docs.aws.amazon.com/redshift/latest/dg/r_CREATE_MASKING_POLICY.html
func (s *Session) policy(st *ast.Policy) error {
	s.tx.Refresh()
	if err := s.mustSecure(st); err != nil {
		return err
	}
	switch st.Action {
	case "create":
		return s.createPolicy(st)
	case "alter":
		return s.alterPolicy(st)
	}
	return s.dropPolicy(st)
}

func (s *Session) createPolicy(st *ast.Policy) error {
	name, err := s.policyName(st.Name)
	if err != nil {
		return err
	}
	p := &catalog.Policy{Masking: st.Masking, Name: name, Alias: st.Alias}
	if s.catalog().Policy(st.Masking, name) != nil {
		if st.IfNotExists {
			s.tell("INFO", sqlstate.DuplicateObject, "%s \"%s\" already exists and will be skipped", p.Kind(), name)
			return nil
		}
		return sqlstate.DuplicateObject.Errorf("%s \"%s\" already exists", p.Kind(), name).At(st.Name.Offset())
	}
	for i := range st.Columns {
		c := &st.Columns[i]
		t, err := columnType(name, c)
		if err != nil {
			return err
		}
		if slices.ContainsFunc(p.Columns, func(o catalog.Column) bool { return o.Name == c.Name }) {
			return sqlstate.DuplicateColumn.Errorf("column \"%s\" specified more than once", c.Name).At(c.Offset())
		}
		p.Columns = append(p.Columns, catalog.Column{Name: c.Name, Type: t})
	}
	if err := s.definePolicy(p, st); err != nil {
		return err
	}
	p.ID = s.c.newID()
	s.tx.EditEntry(p)
	return nil
}

// definePolicy gives a policy its expressions, when they can be bound.
func (s *Session) definePolicy(p *catalog.Policy, st *ast.Policy) error {
	x, err := bind.CheckPolicy(p, st.Using, s.policyEnv())
	if err != nil {
		return err
	}
	p.Text, p.Refs, p.By, p.Modified, p.CaseSensitive = s.kept(st.Text), x.Refs, s.user.ID, s.c.cfg.Clock(), s.caseful
	p.Outputs = nil
	for _, t := range x.Types {
		p.Outputs = append(p.Outputs, catalog.Column{Type: t})
	}
	p.Shown = shownPolicy(p, st.Using)
	return nil
}

// policyEnv is that in which a policy's expressions are bound when it is made.
func (s *Session) policyEnv() *bind.Env {
	return s.bindEnv(&resolver{c: s.tx.Catalog(), path: s.searchPath(), in: s.database}, nil, nil)
}

// alterPolicy is ALTER RLS POLICY and ALTER MASKING POLICY: other expressions over the same columns. Where the policy is attached it must still fit.
// https://docs.aws.amazon.com/redshift/latest/dg/r_ALTER_RLS_POLICY.html
// https://docs.aws.amazon.com/redshift/latest/dg/r_ALTER_MASKING_POLICY.html
func (s *Session) alterPolicy(st *ast.Policy) error {
	old, err := s.policyNamed(st.Masking, st.Name)
	if err != nil {
		return err
	}
	p := *old
	if err := s.definePolicy(&p, st); err != nil {
		return err
	}
	c := s.catalog()
	for _, sec := range c.Securities() {
		if !sec.Uses(old) {
			continue
		}
		o := c.RelationByID(sec.Relation)
		if !p.Masking {
			if p.LooksUp(sec.Relation) {
				return lookedUp(&p, o)
			}
			continue
		}
		for i := range sec.Masks {
			if m := &sec.Masks[i]; m.Policy == p.Name {
				if err := fits(&p, o, m); err != nil {
					return err
				}
			}
		}
	}
	for _, r := range p.Refs {
		if sec := c.Security(r.ID); sec != nil && !p.Masking && (sec.RLS || len(sec.Policies) > 0) {
			return lookedUp(&p, c.RelationByID(r.ID))
		}
	}
	s.tx.EditEntry(&p)
	return nil
}

// dropPolicy is DROP RLS POLICY and DROP MASKING POLICY. CASCADE, of RLS policies, detaches the policy everywhere first.
// https://docs.aws.amazon.com/redshift/latest/dg/r_DROP_RLS_POLICY.html
// https://docs.aws.amazon.com/redshift/latest/dg/r_DROP_MASKING_POLICY.html
func (s *Session) dropPolicy(st *ast.Policy) error {
	p, err := s.policyNamed(st.Masking, st.Name)
	if err != nil {
		if e, ok := err.(*sqlstate.Error); ok && st.IfExists && e.Code == sqlstate.UndefinedObject {
			s.tell("INFO", sqlstate.UndefinedObject, "RLS policy \"%s\" does not exist and will be skipped", st.Name.Object())
			return nil
		}
		return err
	}
	for _, sec := range s.catalog().Securities() {
		if !sec.Uses(p) {
			continue
		}
		o := s.catalog().RelationByID(sec.Relation)
		if !st.Cascade {
			e := sqlstate.DependentObjects.Errorf("cannot drop %s %s because it is attached to relation %s", p.Kind(), p.Name, catalog.KeyOf(o).Name)
			if p.Masking {
				return e
			}
			return e.WithHint("Use DROP ... CASCADE to detach the policy too.")
		}
		n := *sec
		n.Policies = slices.DeleteFunc(slices.Clone(sec.Policies), func(a catalog.Attachment) bool { return a.Policy == p.Name })
		s.putSecurity(o, &n)
	}
	s.forgetPolicy(p)
	s.tx.RemoveEntry(catalog.EntryKey(p))
	return nil
}

// forgetPolicy takes what was granted to a policy back.
func (s *Session) forgetPolicy(p *catalog.Policy) {
	id := principal.Identity{Kind: principal.ToPolicy, ID: int(p.ID)}
	for _, a := range s.catalog().Accesses() {
		s.takeBack(a, id)
	}
}

// putSecurity gives a relation another Security, and makes it another object: plans that were made of the old one no longer hold.
func (s *Session) putSecurity(o any, sec *catalog.Security) {
	if sec.Empty() {
		s.tx.RemoveEntry(catalog.SecurityKey(sec.Relation))
	} else {
		s.tx.EditEntry(sec)
	}
	switch o := o.(type) {
	case *catalog.Table:
		n := *o
		n.Secured = !sec.Empty()
		n.Version++
		s.tx.Edit(&n)
	case *catalog.View:
		n := *o
		n.Secured = !sec.Empty()
		n.Version++
		s.tx.Edit(&n)
	}
}

// securityOf is the Security of a relation, to be changed; an empty one when it has none.
func (s *Session) securityOf(o any) *catalog.Security {
	if sec := s.catalog().Security(catalog.IDOf(o)); sec != nil {
		n := *sec
		n.Policies, n.Masks = slices.Clone(sec.Policies), slices.Clone(sec.Masks)
		return &n
	}
	return &catalog.Security{Relation: catalog.IDOf(o)}
}

// lookedUp refuses to protect a relation that a policy reads.
func lookedUp(p *catalog.Policy, o any) error {
	return sqlstate.FeatureNotSupported.Errorf("relation \"%s\" is a lookup table of %s \"%s\" and cannot be protected by RLS", catalog.KeyOf(o).Name, p.Kind(), p.Name)
}

// alterSecurity is ALTER TABLE .. ROW LEVEL SECURITY and MASKING.
// https://docs.aws.amazon.com/redshift/latest/dg/r_ALTER_TABLE.html
func (s *Session) alterSecurity(c *call, st *ast.AlterSecurity) error {
	s.tx.Refresh()
	if err := s.mustSecure(st); err != nil {
		return err
	}
	if st.View {
		if _, err := s.materializedView(st.Table); err != nil {
			return err
		}
	}
	o, err := s.protectable(st.Table, "row-level security")
	if err != nil {
		return err
	}
	if _, ok := o.(*catalog.Table); ok { // nobody reads or writes meanwhile
		if o, err = s.lockTable(c, st.Table, txn.AccessExclusive); err != nil {
			return err
		}
	}
	sec := s.securityOf(o)
	switch {
	case st.Masking && !st.ForDatashares:
		return sqlstate.Syntax.Errorf("syntax error at end of input").WithHint("MASKING is switched FOR DATASHARES.")
	case st.Masking:
		sec.OpenMasking = !st.On
	case st.ForDatashares:
		sec.OpenRLS = !st.On
		if st.Conjunction != "" {
			sec.OrShared = st.Conjunction == "or"
		}
	default:
		if p := s.rlsLookup(catalog.IDOf(o)); st.On && p != nil {
			return lookedUp(p, o)
		}
		sec.RLS = st.On
		if st.Conjunction != "" {
			sec.Or = st.Conjunction == "or"
		}
	}
	s.putSecurity(o, sec)
	return nil
}

// rlsLookup finds an RLS policy that reads a table.
func (s *Session) rlsLookup(id uint32) *catalog.Policy {
	for _, p := range s.catalog().Policies(false) {
		if p.LooksUp(id) {
			return p
		}
	}
	return nil
}

// protectable finds a relation that policies may protect: a table or view of this database that is not temporary. A late-binding view may not be read by another
// view, and a view may not read system tables, unless it is late binding.
// https://docs.aws.amazon.com/redshift/latest/dg/r_ATTACH_RLS_POLICY.html
// https://docs.aws.amazon.com/redshift/latest/dg/t_ddm-considerations.html
func (s *Session) protectable(n ast.Name, what string) (any, error) {
	o, err := s.resolve(n)
	if err != nil {
		return nil, err
	}
	switch o := o.(type) {
	case *catalog.Table:
		if o.Temp {
			return nil, sqlstate.FeatureNotSupported.Errorf("%s is not supported for temporary tables", what).At(n.Offset())
		}
		return o, ofView(o, n)
	case *catalog.View:
		if o.LateBinding {
			if len(s.catalog().Dependents(o.ID)) > 0 {
				return nil, sqlstate.FeatureNotSupported.Errorf("%s is not supported for late-binding view \"%s\", which another view reads", what, o.Name).At(n.Offset())
			}
			return o, nil
		}
		b, err := s.viewBound(o)
		if err != nil {
			return nil, err
		}
		if len(b.Virtual) > 0 {
			return nil, sqlstate.FeatureNotSupported.Errorf("%s is not supported for view \"%s\", which reads system table \"%s\"", what, o.Name, b.Virtual[0].Name).At(n.Offset())
		}
		return o, nil
	case *catalog.ExternalTable, *catalog.ExternalView:
		return nil, notExternalTables().At(n.Offset())
	}
	return nil, denied("permission denied: \"%s\" is a system catalog", n.Object())
}

// viewBound binds the reading of all columns of a view, for what it reads; nobody's privileges are asked.
func (s *Session) viewBound(v *catalog.View) (*bind.Bound, error) {
	all := &ast.Select{Items: []ast.Item{{Expr: &ast.Star{}}}, From: []ast.From{&ast.TableRef{Name: ast.Name{Parts: []string{v.Schema, v.Name}}}}}
	env := s.bindEnv(&resolver{c: s.tx.Catalog(), path: s.searchPath()}, nil, nil)
	env.Guard = nil
	return bind.Bind(all, env)
}

// caseSettings are those that say how names are written, on which policies depend.
// https://docs.aws.amazon.com/redshift/latest/dg/t_rls_usage.html
var caseSettings = []string{"enable_case_sensitive_super_attribute", "enable_case_sensitive_identifier", "downcase_delimited_identifier"}

// policySettings refuses to read a protected relation when the session writes names in another way than it began with.
func (s *Session) policySettings(applied []bind.Applied) error {
	for _, name := range caseSettings {
		was := ""
		if p := findParameter(name); p != nil {
			was = p.def
		}
		if v, ok := s.initial[name]; ok {
			was = v
		}
		if now, _ := s.Setting(name); now == was {
			continue
		}
		what := "RLS"
		if applied[0].Masking {
			what = "DDM"
		}
		return sqlstate.FeatureNotSupported.Errorf("%s protected relation does not support session level config on case sensitivity being different from its default value.", what)
	}
	return nil
}
