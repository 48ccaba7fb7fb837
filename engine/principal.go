package engine

import (
	"errors"
	"maps"
	"strconv"
	"strings"
	"time"

	"github.com/redshiftsim/redshiftsim/engine/ast"
	"github.com/redshiftsim/redshiftsim/engine/catalog"
	"github.com/redshiftsim/redshiftsim/engine/principal"
	"github.com/redshiftsim/redshiftsim/engine/system"
	"github.com/redshiftsim/redshiftsim/internal/sqlstate"
	"github.com/redshiftsim/redshiftsim/internal/types"
)

// Bounds of SESSION TIMEOUT.
// https://docs.aws.amazon.com/redshift/latest/dg/r_CREATE_USER.html
const (
	minIdle = 60 * time.Second
	maxIdle = 1728000 * time.Second
)

// denied is the refusal of a statement about principals.
func denied(format string, args ...any) error {
	return sqlstate.InsufficientPrivilege.Errorf(format, args...)
}

// freeLogin says that a new user's or role's name is taken or reserved. Users and roles share their names.
// https://docs.aws.amazon.com/redshift/latest/dg/r_roles-default.html
func (s *Session) freeLogin(kind string, n ast.Principal) error {
	c := s.catalog()
	prefix, _, prefixed := strings.Cut(n.Name, ":")
	switch {
	case n.Name == "public" || prefixed && (prefix == "sys" || prefix == "ds"):
		return sqlstate.ReservedName.Errorf("%s name \"%s\" is reserved", kind, n.Name).At(n.Offset())
	case prefixed && s.providerOf(n.Name) == nil:
		return sqlstate.UndefinedObject.Errorf("identity provider for namespace \"%s\" does not exist", prefix).At(n.Offset())
	case c.User(n.Name) != nil:
		return sqlstate.DuplicateObject.Errorf("user \"%s\" already exists", n.Name)
	case c.Role(n.Name) != nil:
		return sqlstate.DuplicateObject.Errorf("role \"%s\" already exists", n.Name)
	}
	return nil
}

// createUser is CREATE USER.
// https://docs.aws.amazon.com/redshift/latest/dg/r_CREATE_USER.html
func (s *Session) createUser(c *call, st *ast.User) error {
	if st.Alter {
		return s.alterUser(c, st)
	}
	if !s.system(principal.CreateUser) {
		return denied("must be superuser to create users")
	}
	if err := s.freeLogin("user", st.User); err != nil {
		return err
	}
	if err := once(st.Options); err != nil {
		return err
	}
	u := &principal.User{Name: st.User.Name, Connections: -1, Changed: s.c.cfg.Clock()}
	var groups []*principal.Group
	for i := range st.Options {
		o := &st.Options[i]
		if o.Name != "IN GROUP" {
			if err := s.userOption(u, o); err != nil {
				return err
			}
			continue
		}
		for _, n := range o.Names {
			g, err := s.groupNamed(n)
			if err != nil {
				return err
			}
			groups = append(groups, g)
		}
	}
	if err := s.settled(u, false); err != nil {
		return err
	}
	u.ID = s.c.newUserID()
	s.tx.EditEntry(u)
	c.rec.Users = append(c.rec.Users, system.UserChange{Action: "create", User: u})
	for _, g := range groups {
		s.tx.EditEntry(withMembers(g, u.ID))
	}
	return nil
}

// once refuses an option that is said twice.
func once(list []ast.Option) error {
	kind := func(o *ast.Option) string { return strings.TrimPrefix(strings.TrimPrefix(o.Name, "RESET "), "NO") }
	for i := range list {
		for j := range i {
			if kind(&list[i]) == kind(&list[j]) {
				return sqlstate.Syntax.Errorf("conflicting or redundant options").At(list[i].Offset())
			}
		}
	}
	return nil
}

// userOption applies an option to a user that is being made or changed.
func (s *Session) userOption(u *principal.User, o *ast.Option) error {
	var err error
	switch o.Name {
	case "CREATEDB", "NOCREATEDB":
		u.CreateDB = o.Name == "CREATEDB"
	case "CREATEUSER", "NOCREATEUSER":
		u.Superuser = o.Name == "CREATEUSER"
	case "SYSLOG ACCESS":
		u.Unrestricted = o.Value == "UNRESTRICTED"
	case "PASSWORD":
		u.Password, u.Verifier = principal.Disabled, ""
		if o.HasVal {
			if u.Password, err = principal.NewPassword(o.Value, u.Name); err == nil {
				u.Verifier = principal.NewVerifier(o.Value)
			}
		}
	case "VALID UNTIL":
		u.ValidUntil, err = until(o.Value)
	case "CONNECTION LIMIT":
		u.Connections = -1
		if o.Value != "UNLIMITED" {
			u.Connections, err = strconv.Atoi(o.Value)
		}
	case "SESSION TIMEOUT":
		u.Timeout, err = idleLimit(o.Value)
	case "RESET SESSION TIMEOUT":
		u.Timeout = 0
	case "EXTERNALID":
		u.ExternalID = o.Value
	case "NOLOGIN", "LOGIN":
		err = s.lockOption(u, o)
	}
	var e *sqlstate.Error
	if err != nil && !errors.As(err, &e) {
		err = sqlstate.InvalidParameterValue.Errorf("invalid value for %s: \"%s\"", o.Name, o.Value)
	}
	return atOffset(err, o.Offset())
}

// idleLimit reads SESSION TIMEOUT.
func idleLimit(text string) (time.Duration, error) {
	n, err := strconv.Atoi(text)
	d := time.Duration(n) * time.Second
	if err != nil || n > int(maxIdle/time.Second) || d < minIdle {
		return 0, sqlstate.InvalidParameterValue.Errorf("session timeout must be between %d and %d seconds", minIdle/time.Second, maxIdle/time.Second)
	}
	return d, nil
}

// userSetting is ALTER USER SET and RESET: what the user's sessions begin with.
func (s *Session) userSetting(u *principal.User, st *ast.User) error {
	u.Settings = maps.Clone(u.Settings)
	name := st.Reset
	if st.Set != nil {
		name = st.Set.Name
	}
	p := findParameter(name)
	switch {
	case p == nil:
		return unknownParameter(name)
	case p.super && !s.user.Superuser:
		return denied("permission denied to set parameter \"%s\"", name)
	}
	if st.Set == nil || st.Set.IsNull {
		delete(u.Settings, name)
		return nil
	}
	if known, err := CheckSetting(name, st.Set.Value); err != nil || !known {
		if err == nil {
			err = sqlstate.InvalidParameterValue.Errorf("parameter \"%s\" cannot be changed", name)
		}
		return err
	}
	if u.Settings == nil {
		u.Settings = map[string]string{}
	}
	u.Settings[name] = st.Set.Value
	return nil
}

// until reads VALID UNTIL; infinity is the zero time.
func until(text string) (time.Time, error) {
	if strings.EqualFold(strings.TrimSpace(text), "infinity") {
		return time.Time{}, nil
	}
	d, err := types.Parse(text, types.TTimestamp, time.UTC)
	if err != nil {
		return time.Time{}, err
	}
	return types.TimeFromMicros(d.Int), nil
}

// settled refuses what options together may not make of a user; super says that it was a superuser before.
func (s *Session) settled(u *principal.User, super bool) error {
	switch {
	case u.Superuser != super && !s.user.Superuser:
		return denied("must be superuser to create or change superusers")
	case u.Superuser && u.Password == principal.Disabled:
		return sqlstate.InvalidParameterValue.Errorf("cannot disable the password of a superuser")
	case s.providerOf(u.Name) != nil && u.Password != principal.Disabled:
		return sqlstate.InvalidParameterValue.Errorf("a user of an identity provider must have its password disabled")
	case u.ExternalID != "" && u.Password != principal.Disabled:
		return sqlstate.InvalidParameterValue.Errorf("a user with an EXTERNALID must have its password disabled")
	}
	return nil
}

// alterUser is ALTER USER.
// https://docs.aws.amazon.com/redshift/latest/dg/r_ALTER_USER.html
func (s *Session) alterUser(c *call, st *ast.User) error {
	old, err := s.userNamed(st.User.Name)
	if err != nil {
		return err
	}
	if old.ID == principal.BootstrapID {
		return denied("user \"%s\" cannot be altered", old.Name)
	}
	if err := once(st.Options); err != nil {
		return err
	}
	if err := s.mayAlterUser(old, st); err != nil {
		return err
	}
	if err := s.mayWriteNames(st); err != nil {
		return err
	}
	if st.RenameTo != "" {
		return s.renameUser(c, old, st)
	}
	u := *old
	for i := range st.Options {
		if err := s.userOption(&u, &st.Options[i]); err != nil {
			return err
		}
	}
	if st.Set != nil || st.Reset != "" {
		if err := s.userSetting(&u, st); err != nil {
			return err
		}
	}
	if err := s.settled(&u, old.Superuser); err != nil {
		return err
	}
	u.Changed = s.c.cfg.Clock()
	s.tx.EditEntry(&u)
	c.rec.Users = append(c.rec.Users, system.UserChange{Action: "alter", User: &u})
	return nil
}

// mayAlterUser refuses who may not change a user: superusers may, who has ALTER USER may unless a superuser is concerned, and users their own password,
// unless it is disabled, and parameters.
func (s *Session) mayAlterUser(u *principal.User, st *ast.User) error {
	if s.user.Superuser {
		return nil
	}
	all := s.system(principal.AlterUser) && !u.Superuser
	own := u.ID == s.user.ID
	ok := all || own && st.RenameTo == ""
	for i := range st.Options {
		switch o := &st.Options[i]; o.Name {
		case "PASSWORD":
			ok = ok && o.HasVal && u.Password != principal.Disabled
		case "VALID UNTIL":
			ok = false
		default:
			ok = ok && all
		}
	}
	if ok {
		return nil
	}
	return denied("permission denied")
}

// renameUser is ALTER USER RENAME TO: the password, which holds the name, is of no use any more.
func (s *Session) renameUser(c *call, old *principal.User, st *ast.User) error {
	if old.ID == s.user.ID || old.ID == s.login.ID {
		return sqlstate.FeatureNotSupported.Errorf("session user may not be renamed")
	}
	if err := s.freeLogin("user", ast.Principal{Pos: st.User.Pos, Name: st.RenameTo}); err != nil {
		return err
	}
	u := *old
	u.Name, u.Changed = st.RenameTo, s.c.cfg.Clock()
	if u.Password = old.Password.Renamed(); u.Password != old.Password {
		u.Verifier = ""
		s.tell("NOTICE", sqlstate.SuccessfulCompletion, "MD5 password cleared because of user rename")
	}
	s.tx.RemoveEntry(catalog.EntryKey(old))
	s.tx.EditEntry(&u)
	c.rec.Users = append(c.rec.Users, system.UserChange{Action: "rename", User: &u, Old: old.Name})
	return nil
}

// dropPrincipal is DROP USER, DROP GROUP and DROP ROLE.
func (s *Session) dropPrincipal(c *call, st *ast.DropPrincipal) error {
	for _, n := range st.Principals {
		var err error
		switch st.Kind {
		case "user":
			err = s.dropUser(c, n.Name, st.IfExists)
		case "group":
			err = s.dropGroup(n.Name)
		default:
			err = s.dropRole(n.Name, st.IfExists, st.Force)
		}
		if err != nil {
			return err
		}
	}
	return nil
}

// dropUser is DROP USER: the user must own nothing and have no privilege. It leaves its groups and roles.
// https://docs.aws.amazon.com/redshift/latest/dg/r_DROP_USER.html
func (s *Session) dropUser(cl *call, name string, ifExists bool) error {
	if !s.system(principal.DropUser) {
		return denied("must be superuser to drop users")
	}
	c := s.catalog()
	u := c.User(name)
	switch {
	case u == nil && ifExists:
		s.tell("INFO", sqlstate.UndefinedObject, "user \"%s\" does not exist and will be skipped", name)
		return nil
	case u == nil:
		return sqlstate.UndefinedObject.Errorf("user \"%s\" does not exist", name)
	case u.ID == s.user.ID:
		return sqlstate.ObjectInUse.Errorf("current user cannot be dropped")
	case u.ID == s.login.ID:
		return sqlstate.ObjectInUse.Errorf("session user cannot be dropped")
	case u.ID == principal.BootstrapID || u.ID == principal.AdminID:
		return denied("user \"%s\" cannot be dropped", name)
	case u.Superuser && !s.user.Superuser:
		return denied("must be superuser to drop superusers")
	case s.ownsAny(u.ID):
		return sqlstate.ObjectInUse.Errorf("user \"%s\" cannot be dropped because the user owns some object", name)
	case s.hasAny(principal.Identity{Kind: principal.ToUser, ID: u.ID}):
		return sqlstate.ObjectInUse.Errorf("user \"%s\" cannot be dropped because the user has a privilege on some object", name)
	case s.hasPolicy(principal.Identity{Kind: principal.ToUser, ID: u.ID}):
		return sqlstate.ObjectInUse.Errorf("user \"%s\" cannot be dropped because a policy is attached to the user", name)
	}
	for _, g := range c.Groups() {
		if g.Has(u.ID) {
			s.tx.EditEntry(withoutMember(g, u.ID))
		}
	}
	s.leaveRoles(principal.Identity{Kind: principal.ToUser, ID: u.ID})
	s.forgetAssumed(principal.Identity{Kind: principal.ToUser, ID: u.ID})
	s.tx.RemoveEntry(catalog.EntryKey(u))
	cl.rec.Users = append(cl.rec.Users, system.UserChange{Action: "drop", User: u})
	return nil
}

// ownsAny says whether a user owns a database, or a table, view, schema, role, function, template or copy job of the current one.
func (s *Session) ownsAny(user int) bool {
	c := s.catalog()
	for _, o := range c.Objects() {
		if ownerOf(o) == user {
			return true
		}
	}
	for _, sch := range c.Schemas() {
		if sch.Owner == user {
			return true
		}
	}
	for _, r := range c.Roles() {
		if r.Owner == user {
			return true
		}
	}
	for _, f := range c.AllFunctions() {
		if f.Owner == user {
			return true
		}
	}
	for _, t := range c.Templates() {
		if t.Owner == user {
			return true
		}
	}
	for _, j := range c.CopyJobs() {
		if j.Owner == user {
			return true
		}
	}
	for _, d := range c.Datashares() {
		if d.Owner == user {
			return true
		}
	}
	for _, d := range c.Databases() {
		if d.Owner == user {
			return true
		}
	}
	return false
}

// hasAny says whether a principal has, or has given, a privilege on anything, or has default privileges.
func (s *Session) hasAny(id principal.Identity) bool {
	c := s.catalog()
	for _, a := range c.ImportedAccesses() {
		if a.Has(id) {
			return true
		}
	}
	for _, a := range c.Accesses() {
		if a.Has(id) {
			return true
		}
	}
	if c.Assumed().Has(id) {
		return true
	}
	for _, d := range c.AllDefaults() {
		if d.ACL.Has(id) || id.Kind == principal.ToUser && d.Owner == id.ID {
			return true
		}
	}
	return false
}
