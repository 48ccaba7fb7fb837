package engine

import (
	"strings"

	"github.com/redshiftsim/redshiftsim/engine/ast"
	"github.com/redshiftsim/redshiftsim/engine/catalog"
	"github.com/redshiftsim/redshiftsim/engine/principal"
	"github.com/redshiftsim/redshiftsim/internal/sqlstate"
	"github.com/redshiftsim/redshiftsim/internal/types"
)

// iamRole is the name under which a role is kept: the ARNs of a chain without blanks, and the cluster's default role always as DefaultRole.
func (s *Session) iamRole(text string) string {
	arns := strings.Split(text, ",")
	for i := range arns {
		arns[i] = strings.TrimSpace(arns[i])
	}
	text = strings.Join(arns, ",")
	if strings.EqualFold(text, principal.DefaultRole) || text == s.c.cfg.IAMRole {
		return principal.DefaultRole
	}
	return text
}

// isARN says whether each role of a chain is an ARN.
func isARN(chain string) bool {
	for _, arn := range strings.Split(chain, ",") {
		if !strings.HasPrefix(strings.TrimSpace(arn), "arn:") {
			return false
		}
	}
	return true
}

// grantAssume is GRANT and REVOKE ASSUMEROLE.
// https://docs.aws.amazon.com/redshift/latest/dg/r_GRANT-usage-notes.html#r_GRANT-usage-notes-assumerole
func (s *Session) grantAssume(st *ast.Grant) error {
	if !s.user.Superuser {
		return denied("must be superuser to grant or revoke ASSUMEROLE")
	}
	to, err := s.grantees(st)
	if err != nil {
		return err
	}
	var commands principal.Command
	for _, w := range st.For {
		c, _ := principal.ParseCommand(w)
		commands |= c
	}
	a := s.catalog().Assumed()
	for _, role := range st.On.ARNs {
		switch {
		case strings.EqualFold(role, "all"):
			role = principal.AnyRole
		case strings.EqualFold(role, principal.DefaultRole) || isARN(role):
			role = s.iamRole(role)
		default:
			return sqlstate.InvalidParameterValue.Errorf("Invalid IAM role ARN '%s'", role).WithHint("Use DEFAULT, ALL or 'arn:aws:iam::<account>:role/<name>'.").At(st.On.Offset())
		}
		for _, g := range to {
			if g.option || st.OptionOnly {
				return sqlstate.InvalidGrant.Errorf("ASSUMEROLE cannot be granted WITH GRANT OPTION")
			}
			if st.Revoke {
				a = a.Without(role, g.Identity, commands)
			} else {
				a = a.With(role, g.Identity, commands)
			}
		}
	}
	s.tx.EditEntry(a)
	return nil
}

// forgetAssumed takes a principal that is dropped out of the list.
func (s *Session) forgetAssumed(id principal.Identity) {
	a := s.catalog().Assumed()
	if n := a.Forget(id); len(n.List) < len(a.List) {
		s.tx.EditEntry(n)
	}
}

// assumes refuses a command to who may not assume the IAM role that it names; "" is none.
func (s *Session) assumes(role string, c principal.Command) error {
	if role == "" {
		return nil
	}
	role = s.iamRole(role)
	if s.catalog().Assumed().May(s.is(), role, c) {
		return nil
	}
	return denied("User %s does not have ASSUMEROLE permission on IAM role \"%s\" for %s", s.user.Name, role, c)
}

// hasAssume is HAS_ASSUMEROLE_PRIVILEGE.
// https://docs.aws.amazon.com/redshift/latest/dg/r_HAS_ASSUMEROLE_PRIVILEGE.html
func (s *Session) hasAssume(args []types.Datum) (bool, error) {
	u := s.user
	if len(args) == 3 {
		var err error
		if u, err = s.userArgument(args[0]); err != nil {
			return false, err
		}
		args = args[1:]
	}
	if u.ID != s.user.ID && !s.user.Superuser {
		return false, denied("permission denied to see the ASSUMEROLE privileges of user \"%s\"", u.Name)
	}
	c, ok := principal.ParseCommand(args[1].Text)
	if !ok || c == principal.AllCommands {
		return false, sqlstate.InvalidParameterValue.Errorf("unrecognized command type: \"%s\"", args[1].Text).WithHint("It is COPY, UNLOAD, EXTERNAL FUNCTION or CREATE MODEL.")
	}
	return s.catalog().Assumed().May(s.catalog().Reach(u), s.iamRole(args[0].Text), c), nil
}

// assumedTable makes the rows of the two functions that list ASSUMEROLE privileges, for superusers alone.
func (s *Session) assumedTable(name string, columns [3]string, rows [][3]string) (*catalog.Virtual, error) {
	if !s.user.Superuser {
		return nil, denied("must be superuser to use %s()", name)
	}
	t := &catalog.Virtual{Schema: catalog.PgCatalog, Name: name, Leader: true}
	for _, c := range columns {
		t.Columns = append(t.Columns, catalog.Column{Name: c, Type: types.TVarcharMax})
	}
	t.Rows = func(_ any, emit func([]types.Datum) bool) error {
		for _, r := range rows {
			row := make([]types.Datum, len(r))
			for i, v := range r {
				row[i] = types.Datum{Type: types.TVarcharMax, Text: v}
			}
			if !emit(row) {
				break
			}
		}
		return nil
	}
	return t, nil
}

// shownRole is a role as the functions show it: "default" is any role.
func (s *Session) shownRole(role string) string {
	switch {
	case role == principal.AnyRole:
		return principal.DefaultRole
	case role == principal.DefaultRole && s.c.cfg.IAMRole != "":
		return s.c.cfg.IAMRole
	}
	return role
}

// rolesOfUser is PG_GET_IAM_ROLE_BY_USER: what was granted to a user by name.
// https://docs.aws.amazon.com/redshift/latest/dg/PG_GET_IAM_ROLE_BY_USER.html
func (s *Session) rolesOfUser(name string) (*catalog.Virtual, error) {
	var rows [][3]string
	if s.user.Superuser {
		u, err := s.userNamed(name)
		if err != nil {
			return nil, err
		}
		for _, x := range s.catalog().Assumed().List {
			if x.To == (principal.Identity{Kind: principal.ToUser, ID: u.ID}) {
				rows = append(rows, [3]string{u.Name, s.shownRole(x.Role), x.For.String()})
			}
		}
	}
	return s.assumedTable("pg_get_iam_role_by_user", [3]string{"username", "iam_role", "cmd"}, rows)
}

// granteesOfRole is PG_GET_GRANTEE_BY_IAM_ROLE: to whom a role was granted by name.
// https://docs.aws.amazon.com/redshift/latest/dg/PG_GET_GRANTEE_BY_IAMROLE.html
func (s *Session) granteesOfRole(role string) (*catalog.Virtual, error) {
	role = s.iamRole(role)
	var rows [][3]string
	for _, x := range s.catalog().Assumed().List {
		if x.Role != role && s.shownRole(x.Role) != role {
			continue
		}
		name := s.catalog().NameOf(x.To)
		if x.To.Kind == principal.Public {
			name = "public"
		}
		rows = append(rows, [3]string{name, [...]string{"p", "u", "g", "r"}[x.To.Kind], x.For.String()})
	}
	return s.assumedTable("pg_get_grantee_by_iam_role", [3]string{"grantee", "grantee_type", "cmd_type"}, rows)
}
