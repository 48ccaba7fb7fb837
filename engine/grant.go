package engine

import (
	"strings"

	"github.com/redshiftsim/redshiftsim/engine/ast"
	"github.com/redshiftsim/redshiftsim/engine/catalog"
	"github.com/redshiftsim/redshiftsim/engine/principal"
	"github.com/redshiftsim/redshiftsim/internal/sqlstate"
)

// grant is GRANT and REVOKE.
// https://docs.aws.amazon.com/redshift/latest/dg/r_GRANT.html
// https://docs.aws.amazon.com/redshift/latest/dg/r_REVOKE.html
func (s *Session) grant(st *ast.Grant) error {
	s.tx.Refresh()
	if what := elsewhere(st); what != "" {
		return unsupported(st, ast.KindOf(st)+" "+what)
	}
	switch {
	case toConsumers(st):
		return s.grantConsumer(st)
	case toDatashare(st):
		return s.grantDatashare(st)
	case st.Roles != nil:
		return s.grantRoles(st)
	case st.On != nil && st.On.Kind == "iam role":
		return s.grantAssume(st)
	case st.On == nil && st.In == nil:
		return s.grantSystem(st)
	}
	to, err := s.grantees(st)
	if err != nil {
		return err
	}
	targets, err := s.targets(st)
	if err != nil {
		return err
	}
	for i := range targets {
		if err := s.grantOn(st, &targets[i], to); err != nil {
			return err
		}
	}
	return nil
}

// elsewhere names what a GRANT is about when it is something that is not built here; "" when all of it is.
func elsewhere(st *ast.Grant) string {
	if len(st.Privileges) == 1 {
		switch name := st.Privileges[0].Name; {
		case name == "CONNECT":
			return name
		case name == "CREATE MODEL" && st.To[0].Kind != "role": // of users it is no system privilege
			return name
		}
	}
	if st.On != nil {
		switch st.On.Kind {
		case "model", "external table", "external schema":
			return "ON " + strings.ToUpper(st.On.Kind)
		}
	}
	for i := range st.To {
		switch k := st.To[i].Kind; k {
		case "namespace", "account":
			if st.On != nil && st.On.Kind == "datashare" {
				continue
			}
			return "of " + strings.ToUpper(k)
		case "iam_role":
			return "of " + strings.ToUpper(k)
		}
	}
	return ""
}

// grantee is a principal of a GRANT and whether it may grant on what it gets.
type grantee struct {
	principal.Identity
	option bool
}

// grantees finds the principals of a GRANT. WITH GRANT OPTION at the end of a list of users is for all of them, as in PostgreSQL.
func (s *Session) grantees(st *ast.Grant) ([]grantee, error) {
	out := make([]grantee, len(st.To))
	all := optionForAll(st)
	for i := range st.To {
		g := &st.To[i]
		id, err := s.identified(g, false)
		if err != nil {
			return nil, err
		}
		out[i] = grantee{id, g.Option || all && id.Kind == principal.ToUser}
		if (g.Option || st.OptionOnly) && id.Kind != principal.ToUser {
			return nil, sqlstate.InvalidGrant.Errorf("grant options can only be granted to individual users")
		}
	}
	return out, nil
}

// optionForAll says that the option was said once, at the end.
func optionForAll(st *ast.Grant) bool {
	n := 0
	for i := range st.To {
		if st.To[i].Option {
			n++
		}
	}
	return n == 1 && st.To[len(st.To)-1].Option
}

// identified finds one principal; loose = a role's name will do without the word ROLE before it.
func (s *Session) identified(g *ast.Principal, loose bool) (principal.Identity, error) {
	switch g.Kind {
	case "public":
		return principal.Identity{}, nil
	case "rls policy", "masking policy":
		p, err := s.policyNamed(g.Kind == "masking policy", ast.Name{Pos: g.Pos, Parts: []string{g.Name}})
		if err != nil {
			return principal.Identity{}, err
		}
		return principal.Identity{Kind: principal.ToPolicy, ID: int(p.ID)}, nil
	case "group":
		x, err := s.groupNamed(g.Name)
		if err != nil {
			return principal.Identity{}, err
		}
		return principal.Identity{Kind: principal.ToGroup, ID: x.ID}, nil
	case "user":
		u, err := s.userNamed(g.Name)
		if err == nil {
			return principal.Identity{Kind: principal.ToUser, ID: u.ID}, nil
		}
		if !loose || s.catalog().Role(g.Name) == nil {
			return principal.Identity{}, err
		}
	}
	r, err := s.roleNamed(g.Name)
	if err != nil {
		return principal.Identity{}, err
	}
	return principal.Identity{Kind: principal.ToRole, ID: r.ID}, nil
}

// all says that a GRANT is of ALL privileges.
func all(st *ast.Grant) bool { return len(st.Privileges) == 1 && st.Privileges[0].Name == "ALL" }

// rights reads the privileges of a GRANT for a kind of object.
func rights(st *ast.Grant, o principal.Object) (principal.Privilege, error) {
	if all(st) {
		return o.All(), nil
	}
	var sum principal.Privilege
	for i := range st.Privileges {
		g := &st.Privileges[i]
		p, ok := principal.ParsePrivilege(g.Name)
		if !ok || p&o.May() == 0 {
			return 0, sqlstate.InvalidGrant.Errorf("invalid privilege type %s for %s", g.Name, o).At(g.Offset())
		}
		sum |= p
	}
	return sum, nil
}

// grantOn grants or revokes privileges on one object. Who owns it, and a superuser, acts as its owner; others grant on what they were given to grant.
func (s *Session) grantOn(st *ast.Grant, t *target, to []grantee) error {
	if err := toPolicies(st, t, to); err != nil {
		return err
	}
	if columnGrant(st) && t.in != nil { // https://docs.aws.amazon.com/redshift/latest/dg/considerations-datashare-reads-writes.html
		return unsupported(st, ast.KindOf(st)+" on columns of what a datashare has brought")
	}
	if columnGrant(st) {
		return s.grantColumns(st, t, to)
	}
	want, err := rights(st, t.object)
	if err != nil {
		return err
	}
	if err := s.onShared(st, t, want); err != nil {
		return err
	}
	return s.give(st, t, to, want)
}

// give grants or revokes privileges on one object as far as the acting user may.
func (s *Session) give(st *ast.Grant, t *target, to []grantee, want principal.Privilege) (err error) {
	a := s.catalogOf(t).Access(t.object, t.id)
	acl := s.catalogOf(t).ACL(t.object, t.id, t.owner)
	by := t.owner
	if !s.user.Superuser && s.user.ID != t.owner {
		by = s.user.ID
		may := acl.Grantable(s.is()) | s.grantableInScope(t)
		if may&want == 0 && acl.Of(s.is()) == 0 {
			return denied("permission denied for %s", t.name)
		}
		if may&want != want && !all(st) || may&want == 0 {
			s.partly(st, may&want == 0)
		}
		if want &= may; want == 0 {
			return nil
		}
	}
	for _, g := range to {
		if !st.Revoke {
			if err := s.columnsFirst(a, g.Identity, want); err != nil {
				return err
			}
			acl = acl.With(g.Identity, by, want, g.option)
			continue
		}
		if acl, err = acl.Without(g.Identity, by, want, st.OptionOnly, st.Cascade, t.owner); err != nil {
			return err
		}
		if !st.OptionOnly {
			a = withoutColumns(a, g.Identity, want)
		}
	}
	if t.in != nil {
		s.tx.EditEntry(&catalog.ImportedAccess{Database: t.in.DatabaseID(), Access: a.With(0, acl)})
		return nil
	}
	s.tx.EditEntry(a.With(0, acl))
	return nil
}

// toPolicies refuses to grant a policy anything but SELECT on a table that it looks up.
// https://docs.aws.amazon.com/redshift/latest/dg/r_GRANT.html
func toPolicies(st *ast.Grant, t *target, to []grantee) error {
	for i := range to {
		if to[i].Kind != principal.ToPolicy {
			continue
		}
		if _, table := t.rel.(*catalog.Table); !table || len(st.Privileges) != 1 || st.Privileges[0].Name != "SELECT" || len(st.Privileges[0].Columns) > 0 {
			return sqlstate.InvalidGrant.Errorf("only SELECT on a table can be granted to a policy")
		}
	}
	return nil
}

// grantableInScope is what the acting user may grant on an object because it may grant it in its schema or database.
func (s *Session) grantableInScope(t *target) principal.Privilege {
	inSchema, inDatabase, ok := t.object.Scopes()
	if !ok {
		return 0
	}
	c := s.catalogOf(t)
	p := c.Access(inDatabase, c.DatabaseID()).ACL.Grantable(s.is())
	if t.schema != 0 {
		p |= c.Access(inSchema, t.schema).ACL.Grantable(s.is())
	}
	return p
}

// grantSystem grants system privileges to roles, or takes them back. Superusers may, and who administers a role may with what it has itself.
// https://docs.aws.amazon.com/redshift/latest/dg/r_roles-system-privileges.html
func (s *Session) grantSystem(st *ast.Grant) error {
	want := principal.System(0)
	for i := range st.Privileges {
		g := &st.Privileges[i]
		p, ok := principal.ParseSystem(g.Name)
		switch {
		case g.Name == "ALL" && len(g.Columns) == 0:
			p = principal.AllSystem
		case !ok || len(g.Columns) > 0:
			return sqlstate.InvalidGrant.Errorf("invalid privilege type %s for role", g.Name).At(g.Offset())
		}
		want |= p
	}
	for _, g := range st.To {
		if g.Kind != "role" {
			return sqlstate.InvalidGrant.Errorf("system privileges can only be granted to roles").At(g.Offset())
		}
		r, err := s.ownRole(g.Name)
		if err != nil {
			return err
		}
		if !s.user.Superuser && (!r.Administers(s.user.ID) && !s.is().System.GrantsRoles() || !s.system(want)) {
			return denied("permission denied to grant system privileges")
		}
		n := *r
		if n.System |= want; st.Revoke {
			n.System &^= want
		}
		s.tx.EditEntry(&n)
	}
	return nil
}

// grantRoles grants roles to users and other roles, or takes them back.
// https://docs.aws.amazon.com/redshift/latest/dg/t_role_assignment.html
func (s *Session) grantRoles(st *ast.Grant) error {
	all := optionForAll(st)
	for _, x := range st.Roles {
		name := x.Name
		if _, err := s.roleNamed(name); err != nil {
			return err
		}
		for k := range st.To {
			g := &st.To[k]
			r, err := s.roleNamed(name)
			if err != nil {
				return err
			}
			if !s.user.Superuser && !r.Administers(s.user.ID) && !s.is().System.GrantsRoles() {
				return denied("must have admin option on role \"%s\"", name)
			}
			id, err := s.identified(g, true)
			if err != nil {
				return err
			}
			if err := s.grantRole(st, r, id, g.Option || all && id.Kind == principal.ToUser); err != nil {
				return err
			}
		}
	}
	return nil
}

// grantRole grants one role to one principal, or takes it back.
func (s *Session) grantRole(st *ast.Grant, r *principal.Role, id principal.Identity, admin bool) error {
	if (admin || st.OptionOnly) && id.Kind != principal.ToUser {
		return sqlstate.InvalidGrant.Errorf("the admin option of a role can only be granted to users")
	}
	switch {
	case st.Revoke:
		s.tx.EditEntry(r.Without(id, st.OptionOnly))
		return nil
	case id.Kind == principal.ToGroup:
		return sqlstate.InvalidGrant.Errorf("a role cannot be granted to a group")
	case id.Kind == principal.ToRole && principal.ReachOfRole(r.ID, s.catalog().Roles()).Role(id.ID):
		return sqlstate.InvalidGrant.Errorf("cannot grant this role, a circular dependency was detected between these roles")
	}
	s.tx.EditEntry(r.With(principal.Member{To: id, Admin: admin, By: s.user.ID}))
	return nil
}

// alterDefaultPrivileges is ALTER DEFAULT PRIVILEGES: what new objects of a user begin with.
// https://docs.aws.amazon.com/redshift/latest/dg/r_ALTER_DEFAULT_PRIVILEGES.html
func (s *Session) alterDefaultPrivileges(st *ast.DefaultPrivileges) error {
	object := map[string]principal.Object{"tables": principal.Relation, "functions": principal.Function, "procedures": principal.Procedure}[st.Grant.On.Kind]
	if columnGrant(st.Grant) {
		return sqlstate.InvalidGrant.Errorf("default privileges cannot be set for columns").At(st.Grant.Privileges[0].Offset())
	}
	want, err := rights(st.Grant, object)
	if err != nil {
		return err
	}
	to, err := s.grantees(st.Grant)
	if err != nil {
		return err
	}
	owners := []*principal.User{s.user}
	if len(st.ForUsers) > 0 {
		owners = owners[:0]
	}
	for _, n := range st.ForUsers {
		u, err := s.userNamed(n.Name)
		if err != nil {
			return err
		}
		if u.ID != s.user.ID && !s.system(principal.AlterDefaultPrivileges) {
			return denied("permission denied to change default privileges of other users")
		}
		owners = append(owners, u)
	}
	schemas := []uint32{0}
	if len(st.Schemas) > 0 {
		schemas = schemas[:0]
	}
	for _, n := range st.Schemas {
		sch, err := s.schemaNamed(n.Name)
		if err != nil {
			return atOffset(err, n.Offset())
		}
		for _, u := range owners {
			c := s.catalog()
			if c.May(c.Reach(u), principal.Schema, sch.ID, 0, sch.Owner, principal.Create) != 0 {
				return denied("permission denied for schema %s", sch.Name)
			}
		}
		schemas = append(schemas, sch.ID)
	}
	for _, u := range owners {
		for _, sch := range schemas {
			if err := s.setDefaults(st.Grant, u.ID, sch, object, want, to); err != nil {
				return err
			}
		}
	}
	return nil
}

// setDefaults changes the default privileges of one user for one kind of object, in one schema or (0) in all. What is the default anyway is not kept.
func (s *Session) setDefaults(st *ast.Grant, owner int, schema uint32, o principal.Object, want principal.Privilege, to []grantee) error {
	usual := principal.ACL{}
	if schema == 0 {
		usual = principal.Default(o, owner)
	}
	acl := usual
	if d := s.catalog().Defaults(owner, o, schema); d != nil {
		acl = d.ACL
	}
	for _, g := range to {
		if !st.Revoke {
			acl = acl.With(g.Identity, owner, want, g.option)
			continue
		}
		var err error
		if acl, err = acl.Without(g.Identity, owner, want, st.OptionOnly, st.Cascade, owner); err != nil {
			return err
		}
	}
	d := &principal.Defaults{Owner: owner, Schema: schema, Object: o, ACL: acl}
	if acl.Equal(usual) {
		s.tx.RemoveEntry(catalog.EntryKey(d))
		return nil
	}
	s.tx.EditEntry(d)
	return nil
}
