package engine

import (
	"errors"
	"strings"

	"github.com/redshiftsim/redshiftsim/engine/ast"
	"github.com/redshiftsim/redshiftsim/engine/catalog"
	"github.com/redshiftsim/redshiftsim/engine/function"
	"github.com/redshiftsim/redshiftsim/engine/parse"
	"github.com/redshiftsim/redshiftsim/engine/principal"
	"github.com/redshiftsim/redshiftsim/internal/sqlstate"
	"github.com/redshiftsim/redshiftsim/internal/types"
)

// privilegeFunction answers the functions that ask who may do what; known is false for others.
// https://docs.aws.amazon.com/redshift/latest/dg/r_System_information_functions.html
func (s *Session) privilegeFunction(name string, args []types.Datum) (answer, known bool, err error) {
	switch name {
	case "user_is_member_of":
		answer, err = s.userIsMember(args[0].Text, args[1].Text)
		return answer, true, err
	case "role_is_member_of":
		answer, err = s.roleIsMember(args[0].Text, args[1].Text)
		return answer, true, err
	case "has_assumerole_privilege":
		answer, err = s.hasAssume(args)
		return answer, true, err
	case "has_table_privilege", "has_schema_privilege", "has_database_privilege", "has_language_privilege", "has_column_privilege", "has_function_privilege":
	default:
		return false, false, nil
	}
	u := s.user
	more := 2
	if name == "has_column_privilege" {
		more = 3
	}
	if len(args) > more {
		if u, err = s.userArgument(args[0]); err != nil {
			return false, true, err
		}
		args = args[1:]
	}
	is := s.catalog().Reach(u)
	switch name {
	case "has_table_privilege":
		answer, err = s.hasOn(is, principal.Relation, args)
	case "has_schema_privilege":
		answer, err = s.hasOn(is, principal.Schema, args)
	case "has_database_privilege":
		answer, err = s.hasOn(is, principal.Database, args)
	case "has_language_privilege":
		answer, err = s.hasOn(is, principal.Language, args)
	case "has_function_privilege":
		answer, err = s.hasFunction(is, args)
	default:
		answer, err = s.hasColumn(is, args)
	}
	return answer, true, err
}

// userArgument finds a user by name or number.
func (s *Session) userArgument(d types.Datum) (*principal.User, error) {
	if d.Type.Lane() == types.LaneText {
		return s.userNamed(d.Text)
	}
	if u := s.catalog().UserByID(int(d.Int)); u != nil {
		return u, nil
	}
	return nil, sqlstate.UndefinedObject.Errorf("user with OID %d does not exist", d.Int)
}

// asked reads the privilege that is asked for, of an object's kind; WITH GRANT OPTION behind it asks for that.
func asked(text string, o principal.Object) (p principal.Privilege, option bool, err error) {
	word := strings.ToUpper(strings.TrimSpace(text))
	if w, ok := strings.CutSuffix(word, " WITH GRANT OPTION"); ok {
		word, option = w, true
	}
	p, ok := principal.ParsePrivilege(word)
	if !ok || p&o.All() == 0 {
		return 0, false, sqlstate.InvalidParameterValue.Errorf("unrecognized privilege type: \"%s\"", text)
	}
	return p, option, nil
}

// hasOn answers for an object that is named by its name or number.
func (s *Session) hasOn(is *principal.Reach, o principal.Object, args []types.Datum) (bool, error) {
	t, err := s.objectArgument(o, args[0])
	if err != nil {
		return false, err
	}
	p, option, err := asked(args[1].Text, o)
	if err != nil {
		return false, err
	}
	c := s.catalog()
	if v, ok := t.rel.(*catalog.Virtual); ok { // all may read a system table, or superusers and who has ACCESS SYSTEM TABLE
		return is.Super || !option && p == principal.Select && (!v.Superuser || is.System&principal.AccessSystemTable != 0), nil
	}
	if !option {
		return c.May(is, o, t.id, t.schema, t.owner, p) == 0, nil
	}
	return is.Super || is.User == t.owner || c.ACL(o, t.id, t.owner).Grantable(is)&p != 0, nil
}

// objectArgument finds the object that a function is asked about.
func (s *Session) objectArgument(o principal.Object, d types.Datum) (target, error) {
	c := s.catalog()
	byName := d.Type.Lane() == types.LaneText
	switch o {
	case principal.Relation:
		r, err := s.relationArgument(d)
		if err != nil {
			return target{}, err
		}
		if v, ok := r.(*catalog.Virtual); ok {
			return target{object: o, id: v.ID, rel: v}, nil
		}
		return s.relationTarget(r), nil
	case principal.Schema:
		for _, sch := range c.Schemas() {
			if byName && sch.Name == d.Text || !byName && int64(sch.ID) == d.Int {
				return target{object: o, id: sch.ID, owner: sch.Owner}, nil
			}
		}
		if byName {
			return target{}, sqlstate.InvalidSchemaName.Errorf("schema \"%s\" does not exist", d.Text)
		}
		return target{}, sqlstate.InvalidSchemaName.Errorf("schema with OID %d does not exist", d.Int)
	case principal.Language:
		for _, l := range catalog.Languages {
			if byName && l.Name == d.Text || !byName && int64(l.ID) == d.Int {
				return target{object: o, id: l.ID, owner: principal.BootstrapID}, nil
			}
		}
		return target{}, sqlstate.UndefinedObject.Errorf("language \"%s\" does not exist", types.Format(d, s.zone))
	}
	for _, db := range c.Databases() {
		if byName && db.Name == d.Text || !byName && int64(db.ID) == d.Int {
			return target{object: o, id: db.ID, owner: db.Owner}, nil
		}
	}
	return target{}, sqlstate.InvalidCatalogName.Errorf("database \"%s\" does not exist", types.Format(d, s.zone))
}

// relationArgument finds a relation by its name, as a statement would, or by its number.
func (s *Session) relationArgument(d types.Datum) (any, error) {
	c := s.catalog()
	if d.Type.Lane() != types.LaneText {
		if o := s.index.relation(c, d.Int); o != nil {
			return o, nil
		}
		return nil, sqlstate.UndefinedTable.Errorf("relation with OID %d does not exist", d.Int)
	}
	parts := splitName(d.Text)
	name := parts[len(parts)-1]
	schema := ""
	if len(parts) > 1 {
		schema = parts[len(parts)-2]
	}
	o, err := c.Resolve(s.searchPath(), schema, name)
	if catalog.IsExternal(o) { // PG_CLASS has none
		return nil, sqlstate.UndefinedTable.Errorf("relation \"%s.%s\" does not exist", schema, name)
	}
	return o, err
}

// splitName cuts a qualified name at its dots; quotes go, and what is not quoted is folded to lower case.
func splitName(text string) []string {
	var parts []string
	var b strings.Builder
	quoted := false
	for _, r := range text {
		switch {
		case r == '"':
			quoted = !quoted
		case r == '.' && !quoted:
			parts = append(parts, b.String())
			b.Reset()
		default:
			b.WriteString(strings.ToLower(string(r)))
		}
	}
	return append(parts, b.String())
}

// hasColumn answers has_column_privilege: on the table, or on the column.
func (s *Session) hasColumn(is *principal.Reach, args []types.Datum) (bool, error) {
	r, err := s.relationArgument(args[0])
	if err != nil {
		return false, err
	}
	t := s.relationTarget(r)
	p, _, err := asked(args[2].Text, principal.Column)
	if err != nil {
		return false, err
	}
	columns := catalog.ColumnsOf(r)
	for i := range columns {
		if columns[i].Name == args[1].Text {
			c := s.catalog()
			return c.May(is, principal.Relation, t.id, t.schema, t.owner, p) == 0 || c.Access(principal.Relation, t.id).Columns[columns[i].PosAttr].Of(is)&p != 0, nil
		}
	}
	return false, sqlstate.UndefinedColumn.Errorf("column \"%s\" of relation \"%s\" does not exist", args[1].Text, catalog.KeyOf(r).Name)
}

// hasFunction answers has_function_privilege, of a function that is named with the types of its arguments, f(integer, text), or by its number. All may
// run the functions of the book.
func (s *Session) hasFunction(is *principal.Reach, args []types.Datum) (bool, error) {
	p, option, err := asked(args[1].Text, principal.Function)
	if err != nil {
		return false, err
	}
	f, builtin, err := s.functionArgument(args[0])
	if err != nil || builtin {
		return err == nil && (!option || is.Super), err
	}
	c := s.catalog()
	if option {
		return is.Super || is.User == f.Owner || c.ACL(f.Object(), f.ID, f.Owner).Grantable(is)&p != 0, nil
	}
	return c.May(is, f.Object(), f.ID, s.schemaID(f.Schema), f.Owner, p) == 0, nil
}

// functionArgument finds a function by its signature or its number; builtin = it is one of the book.
func (s *Session) functionArgument(d types.Datum) (f *catalog.Function, builtin bool, err error) {
	if d.Type.Lane() != types.LaneText {
		for _, f := range s.catalog().AllFunctions() {
			if int64(f.ID) == d.Int {
				return f, false, nil
			}
		}
		return nil, false, sqlstate.UndefinedFunction.Errorf("function with OID %d does not exist", d.Int)
	}
	stmts, err := parse.Parse("DROP FUNCTION " + d.Text)
	if err != nil || len(stmts) != 1 {
		return nil, false, invalidSignature(d.Text)
	}
	drop, ok := stmts[0].(*ast.DropRoutine)
	if !ok || len(drop.Routines) != 1 || drop.Cascade || drop.IfExists || !drop.Routines[0].HasArgs {
		return nil, false, invalidSignature(d.Text)
	}
	r := &drop.Routines[0]
	kinds, err := argumentTypes(r.Args)
	if err != nil {
		return nil, false, err
	}
	if r.Name.Schema() == "" || r.Name.Schema() == "pg_catalog" {
		book := make([]function.Arg, len(kinds))
		for i, t := range kinds {
			book[i].Type = t
		}
		if _, err := function.Find(r.Name.Object(), book); err == nil {
			return nil, true, nil
		}
	}
	f, err = s.routineNamed(r, false)
	if p, perr := s.routineNamed(r, true); err != nil && perr == nil { // it asks about procedures, too
		f, err = p, nil
	}
	var e *sqlstate.Error
	if errors.As(err, &e) { // its place is one in another text
		err = sqlstate.UndefinedFunction.Errorf("function \"%s\" does not exist", d.Text)
	}
	return f, false, err
}

func invalidSignature(text string) error {
	return sqlstate.InvalidText.Errorf("expected a left parenthesis").WithDetail("\"%s\" is no function with the types of its arguments.", text)
}

// userIsMember is user_is_member_of: of a role or a group, directly or through roles. Others than superusers and members of sys:secadmin and sys:superuser
// may ask of themselves alone.
// https://docs.aws.amazon.com/redshift/latest/dg/r_USER_IS_MEMBER_OF.html
func (s *Session) userIsMember(user, of string) (bool, error) {
	u, err := s.userNamed(user)
	if err != nil {
		return false, err
	}
	c := s.catalog()
	if !s.user.Superuser && u.ID != s.user.ID && !s.isOne("sys:secadmin") && !s.isOne("sys:superuser") {
		return false, denied("permission denied to check the membership of user \"%s\"", user)
	}
	is := c.Reach(u)
	r, g := c.Role(of), c.Group(of)
	if r == nil && g == nil {
		return false, sqlstate.UndefinedObject.Errorf("role or group \"%s\" does not exist", of)
	}
	return r != nil && is.Role(r.ID) || g != nil && is.Group(g.ID), nil
}

// isOne says whether the acting user has the role of a name.
func (s *Session) isOne(role string) bool {
	r := s.catalog().Role(role)
	return r != nil && s.is().Role(r.ID)
}

// roleIsMember is role_is_member_of: whether the second role was granted to the first, directly or through others.
// https://docs.aws.amazon.com/redshift/latest/dg/r_ROLE_IS_MEMBER_OF.html
func (s *Session) roleIsMember(role, of string) (bool, error) {
	r, err := s.roleNamed(role)
	if err != nil {
		return false, err
	}
	g, err := s.roleNamed(of)
	if err != nil {
		return false, err
	}
	for _, x := range []*principal.Role{r, g} {
		if !s.system(principal.AccessSystemTable) && !s.is().Role(x.ID) && x.Owner != s.user.ID {
			return false, denied("permission denied to check the membership of role \"%s\"", x.Name)
		}
	}
	return r.ID != g.ID && principal.ReachOfRole(r.ID, s.catalog().Roles()).Role(g.ID), nil
}
