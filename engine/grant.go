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
		case "model", "datashare", "external table", "external schema", "copy job", "template":
			return "ON " + strings.ToUpper(st.On.Kind)
		}
	}
	if st.In != nil && (st.In.Of == "copy jobs" || st.In.Of == "templates") {
		return "FOR " + strings.ToUpper(st.In.Of)
	}
	for i := range st.To {
		switch k := st.To[i].Kind; k {
		case "iam_role", "namespace", "account", "rls policy", "masking policy":
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

// target is one object of a GRANT.
type target struct {
	object     principal.Object
	id, schema uint32
	owner      int
	name       string // as the refusal calls it: "relation t"
	rel        any    // a *catalog.Table or *catalog.View
}

// targets finds the objects of a GRANT.
func (s *Session) targets(st *ast.Grant) ([]target, error) {
	if st.In != nil {
		return s.scopeTarget(st)
	}
	if len(st.On.Routines) > 0 {
		return s.routineTargets(st)
	}
	var out []target
	for _, n := range st.On.Names {
		list, err := s.target(st.On.Kind, n)
		if err != nil {
			return nil, atOffset(err, n.Offset())
		}
		out = append(out, list...)
	}
	return out, nil
}

// target finds what one name of a GRANT stands for.
func (s *Session) target(kind string, n ast.Name) ([]target, error) {
	name := n.Object()
	switch kind {
	case "table":
		r, err := s.resolve(n)
		if err != nil {
			return nil, err
		}
		if _, ok := r.(*catalog.Virtual); ok {
			return nil, denied("permission denied: \"%s\" is a system catalog", name)
		}
		return []target{s.relationTarget(r)}, nil
	case "tables in schema":
		sch, err := s.schemaNamed(name)
		if err != nil {
			return nil, err
		}
		var out []target
		for _, r := range s.catalog().InSchema(sch.Name) {
			out = append(out, s.relationTarget(r))
		}
		return out, nil
	case "schema":
		sch, err := s.schemaNamed(name)
		if err != nil {
			return nil, err
		}
		return []target{{object: principal.Schema, id: sch.ID, owner: sch.Owner, name: "schema " + name}}, nil
	case "functions in schema", "procedures in schema":
		sch, err := s.schemaNamed(name)
		if err != nil || kind == "procedures in schema" { // there are no procedures
			return nil, err
		}
		var out []target
		for _, f := range s.catalog().AllFunctions() {
			if f.Schema == sch.Name {
				out = append(out, s.functionTarget(f))
			}
		}
		return out, nil
	case "database":
		return s.databaseTarget(principal.Database, name)
	case "language":
		for _, l := range catalog.Languages {
			if l.Name == name {
				return []target{{object: principal.Language, id: l.ID, owner: principal.BootstrapID, name: "language " + name}}, nil
			}
		}
		return nil, sqlstate.UndefinedObject.Errorf("language \"%s\" does not exist", name)
	}
	return nil, sqlstate.FeatureNotSupported.Errorf("GRANT ON %s is not supported", strings.ToUpper(kind))
}

// routineTargets finds the functions of a GRANT.
func (s *Session) routineTargets(st *ast.Grant) ([]target, error) {
	var out []target
	for i := range st.On.Routines {
		r := &st.On.Routines[i]
		f, err := s.routineNamed(r)
		if e, ok := err.(*sqlstate.Error); ok && st.On.Kind == "procedure" && e.Code == sqlstate.UndefinedFunction {
			e.Message = "procedure " + strings.TrimPrefix(e.Message, "function ")
		}
		if err != nil {
			return nil, err
		}
		if st.On.Kind == "procedure" {
			return nil, sqlstate.WrongObjectType.Errorf("\"%s\" is not a procedure", f.Name).At(r.Name.Offset())
		}
		out = append(out, s.functionTarget(f))
	}
	return out, nil
}

// functionTarget is a function as the object of a GRANT.
func (s *Session) functionTarget(f *catalog.Function) target {
	return target{object: principal.Function, id: f.ID, schema: s.schemaID(f.Schema), owner: f.Owner, name: "function " + f.Name}
}

// databaseTarget is a database, or a scope in one, as the object of a GRANT.
func (s *Session) databaseTarget(o principal.Object, name string) ([]target, error) {
	d := s.catalog().DatabaseByName(name)
	if d == nil {
		return nil, sqlstate.InvalidCatalogName.Errorf("database \"%s\" does not exist", name)
	}
	return []target{{object: o, id: d.ID, owner: d.Owner, name: "database " + name}}, nil
}

// relationTarget is a table or view as the object of a GRANT.
func (s *Session) relationTarget(r any) target {
	k := catalog.KeyOf(r)
	return target{principal.Relation, catalog.IDOf(r), s.schemaID(k.Schema), ownerOf(r), "relation " + k.Name, r}
}

// schemaNamed finds a schema by name, or says that there is none.
func (s *Session) schemaNamed(name string) (*catalog.Schema, error) {
	if sch := s.catalog().Schema(name); sch != nil {
		return sch, nil
	}
	return nil, sqlstate.InvalidSchemaName.Errorf("schema \"%s\" does not exist", name)
}

// scopeTarget finds the scope of GRANT .. FOR .. IN.
// https://docs.aws.amazon.com/redshift/latest/dg/t_scoped-permissions.html
func (s *Session) scopeTarget(st *ast.Grant) ([]target, error) {
	for i := range st.To {
		if g := &st.To[i]; g.Kind == "group" || g.Kind == "public" {
			return nil, sqlstate.InvalidGrant.Errorf("scoped permissions can only be granted to users and roles").At(g.Offset())
		}
	}
	in := st.In
	if in.Schema == "" {
		o, ok := map[string]principal.Object{
			"schemas": principal.SchemasInDatabase, "tables": principal.TablesInDatabase, "functions": principal.FunctionsInDatabase,
			"procedures": principal.FunctionsInDatabase, "languages": principal.LanguagesInDatabase,
		}[in.Of]
		if !ok {
			return nil, sqlstate.Syntax.Errorf("%s cannot be granted in a database", in.Of).At(in.Offset())
		}
		t, err := s.databaseTarget(o, in.Database)
		return t, atOffset(err, in.Offset())
	}
	o, ok := map[string]principal.Object{
		"tables": principal.TablesInSchema, "functions": principal.FunctionsInSchema, "procedures": principal.FunctionsInSchema,
	}[in.Of]
	switch {
	case !ok:
		return nil, sqlstate.Syntax.Errorf("%s cannot be granted in a schema", in.Of).At(in.Offset())
	case in.Database != "" && s.catalog().DatabaseByName(in.Database) == nil:
		return nil, sqlstate.InvalidCatalogName.Errorf("database \"%s\" does not exist", in.Database).At(in.Offset())
	case in.Database != "" && in.Database != s.db.Name:
		return nil, sqlstate.FeatureNotSupported.Errorf("scoped permissions in a schema of another database are not supported").At(in.Offset())
	}
	sch, err := s.schemaNamed(in.Schema)
	if err != nil {
		return nil, atOffset(err, in.Offset())
	}
	return []target{{object: o, id: sch.ID, owner: sch.Owner, name: "schema " + sch.Name}}, nil
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

// columnGrant says whether a GRANT is on columns.
func columnGrant(st *ast.Grant) bool {
	for i := range st.Privileges {
		if len(st.Privileges[i].Columns) > 0 {
			return true
		}
	}
	return false
}

// grantOn grants or revokes privileges on one object. Who owns it, and a superuser, acts as its owner; others grant on what they were given to grant.
func (s *Session) grantOn(st *ast.Grant, t *target, to []grantee) error {
	if columnGrant(st) {
		return s.grantColumns(st, t, to)
	}
	want, err := rights(st, t.object)
	if err != nil {
		return err
	}
	a := s.catalog().Access(t.object, t.id)
	acl := s.catalog().ACL(t.object, t.id, t.owner)
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
	s.tx.EditEntry(a.With(0, acl))
	return nil
}

// grantableInScope is what the acting user may grant on an object because it may grant it in its schema or database.
func (s *Session) grantableInScope(t *target) principal.Privilege {
	inSchema, inDatabase, ok := t.object.Scopes()
	if !ok {
		return 0
	}
	c := s.catalog()
	p := c.Access(inDatabase, c.DatabaseID()).ACL.Grantable(s.is())
	if t.schema != 0 {
		p |= c.Access(inSchema, t.schema).ACL.Grantable(s.is())
	}
	return p
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
