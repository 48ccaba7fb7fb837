package parse

import (
	"strings"

	"github.com/redshiftsim/redshiftsim/engine/ast"
	"github.com/redshiftsim/redshiftsim/engine/parse/lex"
)

// principalName reads a user's, group's or role's name; myco_aad:bob and sys:dba are one name.
func (p *parser) principalName() (string, ast.Pos, error) {
	at := ast.Pos(p.Tok().Pos)
	if p.Is("current_user") || p.Is("session_user") {
		return "", at, p.Unexpected()
	}
	s, err := p.Ident()
	if n := p.Tok(); err == nil && n.Kind == lex.Named && n.Pos == p.end() {
		s += ":" + n.Text
		p.I++
	}
	return s, at, err
}

// userName reads the name of a user with a function for names: in double quotes it keeps its case, whatever enable_case_sensitive_identifier says.
// https://docs.aws.amazon.com/redshift/latest/dg/r_enable_case_sensitive_identifier.html
func (p *parser) userName(read func() (string, error)) (string, error) {
	t := p.Tok()
	s, err := read()
	if err == nil && t.Kind == lex.Quoted {
		s = strings.ReplaceAll(p.Src[t.Pos+1:t.End-1], `""`, `"`) + s[len(t.Text):]
	}
	return s, err
}

// ofUser is principalName of a user.
func (p *parser) ofUser() (s string, at ast.Pos, err error) {
	s, err = p.userName(func() (s string, err error) {
		s, at, err = p.principalName()
		return s, err
	})
	return s, at, err
}

// principal reads the name of a principal of a kind.
func (p *parser) principal(kind string) (ast.Principal, error) {
	read := p.principalName
	if kind == "user" {
		read = p.ofUser
	}
	s, at, err := read()
	return ast.Principal{Pos: at, Kind: kind, Name: s}, err
}

// principals reads names of a kind.
func (p *parser) principals(kind string) ([]ast.Principal, error) {
	var out []ast.Principal
	for {
		u, err := p.principal(kind)
		if err != nil {
			return nil, err
		}
		out = append(out, u)
		if !p.Op(",") {
			return out, nil
		}
	}
}

// user parses CREATE USER and ALTER USER, at the user's name.
// https://docs.aws.amazon.com/redshift/latest/dg/r_CREATE_USER.html
// https://docs.aws.amazon.com/redshift/latest/dg/r_ALTER_USER.html
func (p *parser) user(alter bool) (ast.Statement, error) {
	st := &ast.User{Alter: alter}
	var err error
	if st.User, err = p.principal("user"); err != nil {
		return nil, err
	}
	p.Words("with")
	if alter {
		switch {
		case p.Words("rename", "to"):
			st.RenameTo, _, err = p.ofUser()
			return st, err
		case p.Is("set"):
			set, err := p.set()
			if err != nil {
				return nil, err
			}
			s, ok := set.(*ast.Set)
			if !ok || s.Local {
				return nil, p.Unexpected()
			}
			st.Set = s
			return st, nil
		case p.Is("reset") && !p.IsAt(1, "session"):
			p.I++
			st.Reset, err = p.parameter()
			return st, err
		}
		if p.done() {
			return nil, p.Unexpected()
		}
	}
	for !p.done() {
		if len(st.Options) > 0 {
			p.Op(",")
		}
		o, err := p.userOption(alter)
		if err != nil {
			return nil, err
		}
		st.Options = append(st.Options, o)
	}
	return st, nil
}

// userOption parses one option of CREATE USER and ALTER USER.
func (p *parser) userOption(alter bool) (o ast.Option, err error) {
	t := p.Tok()
	o.Pos = ast.Pos(t.Pos)
	value := func(name string, kind lex.Kind) error {
		v := p.Tok()
		if v.Kind != kind {
			return p.Unexpected()
		}
		p.I++
		o.Name, o.Value, o.HasVal = name, v.Text, true
		return nil
	}
	switch {
	case p.Words("createdb"), p.Words("nocreatedb"), p.Words("createuser"), p.Words("nocreateuser"), alter && p.Words("nologin"):
		o.Name = upper(t.Text)
	case alter && p.Words("login"):
		if p.Is("password") && p.IsAt(1, "disable") {
			p.I++
		}
		if !p.Is("password") {
			return o, p.Unexpected()
		}
		o.Name = "LOGIN"
	case p.Words("password", "disable"):
		o.Name = "PASSWORD"
	case p.Words("password"):
		err = value("PASSWORD", lex.String)
	case p.Words("syslog", "access"):
		w := p.Tok()
		if !p.Words("restricted") && !p.Words("unrestricted") {
			return o, p.Unexpected()
		}
		o.Name, o.Value, o.HasVal = "SYSLOG ACCESS", upper(w.Text), true
	case !alter && p.Words("in", "group"):
		o.Name = "IN GROUP"
		for {
			g, _, err := p.principalName()
			if err != nil {
				return o, err
			}
			o.Names = append(o.Names, g)
			if !p.IsOp(",") {
				break
			}
			p.I++
		}
	case p.Words("valid", "until"):
		err = value("VALID UNTIL", lex.String)
	case p.Is("connection") && p.IsAt(1, "limit"):
		return p.connectionLimit()
	case p.Words("session", "timeout"):
		err = value("SESSION TIMEOUT", lex.Number)
	case alter && p.Words("reset", "session", "timeout"):
		o.Name = "RESET SESSION TIMEOUT"
	case p.Words("externalid"):
		o.Name, o.HasVal = "EXTERNALID", true
		o.Value, err = p.external()
	default:
		err = p.Unexpected()
	}
	return o, err
}

// connectionLimit parses CONNECTION LIMIT {n | UNLIMITED}.
func (p *parser) connectionLimit() (ast.Option, error) {
	o := ast.Option{Pos: ast.Pos(p.Tok().Pos), Name: "CONNECTION LIMIT", HasVal: true}
	p.I += 2
	v := p.Tok()
	if v.Kind != lex.Number && !p.Is("unlimited") {
		return o, p.Unexpected()
	}
	p.I++
	o.Value = upper(v.Text)
	return o, nil
}

// external reads the identifier that an identity provider has given: a quoted name or a string.
func (p *parser) external() (string, error) {
	t := p.Tok()
	if t.Kind == lex.Quoted { // as written: names at a provider keep their case
		p.I++
		return strings.ReplaceAll(p.Src[t.Pos+1:t.End-1], `""`, `"`), nil
	}
	if t.Kind == lex.String || t.Kind == lex.Word {
		p.I++
		return t.Text, nil
	}
	return "", p.Unexpected()
}

// group parses CREATE GROUP and ALTER GROUP, at the group's name.
// https://docs.aws.amazon.com/redshift/latest/dg/r_CREATE_GROUP.html
// https://docs.aws.amazon.com/redshift/latest/dg/r_ALTER_GROUP.html
func (p *parser) group(alter bool) (ast.Statement, error) {
	st := &ast.Group{Alter: alter}
	var err error
	if st.Group, err = p.principal("group"); err != nil {
		return nil, err
	}
	switch {
	case alter && p.Words("rename", "to"):
		st.RenameTo, _, err = p.principalName()
		return st, err
	case alter && p.Words("add", "user"):
	case alter && p.Words("drop", "user"):
		st.Drop = true
	case alter:
		return nil, p.Unexpected()
	case p.Words("with", "user"), p.Words("user"):
	default:
		if p.Words("with") {
			return nil, p.Unexpected()
		}
		return st, nil
	}
	st.Users, err = p.principals("user")
	return st, err
}

// role parses CREATE ROLE and ALTER ROLE, at the role's name.
// https://docs.aws.amazon.com/redshift/latest/dg/r_CREATE_ROLE.html
// https://docs.aws.amazon.com/redshift/latest/dg/r_ALTER_ROLE.html
func (p *parser) role(alter bool) (ast.Statement, error) {
	st := &ast.Role{Alter: alter}
	var err error
	if st.Role, err = p.principal("role"); err != nil {
		return nil, err
	}
	if alter {
		p.Words("with")
	}
	switch {
	case alter && p.Words("rename", "to"):
		st.RenameTo, _, err = p.principalName()
	case alter && p.Words("owner", "to"):
		o, e := p.principal("user")
		st.Owner, err = &o, e
	case p.Words("externalid"):
		if alter {
			p.Words("to")
		}
		id, e := p.external()
		st.ExternalID, err = &id, e
	case alter:
		err = p.Unexpected()
	}
	return st, err
}

// dropPrincipal parses DROP USER, GROUP and ROLE, behind the kind.
// https://docs.aws.amazon.com/redshift/latest/dg/r_DROP_USER.html
// https://docs.aws.amazon.com/redshift/latest/dg/r_DROP_ROLE.html
func (p *parser) dropPrincipal(kind string) (ast.Statement, error) {
	st := &ast.DropPrincipal{Kind: kind}
	if kind != "group" {
		st.IfExists = p.Words("if", "exists")
	}
	var err error
	if kind == "user" {
		st.Principals, err = p.principals(kind)
		return st, err
	}
	u, err := p.principal(kind)
	st.Principals = []ast.Principal{u}
	if kind == "role" && err == nil {
		if st.Force = p.Words("force"); !st.Force {
			p.Words("restrict")
		}
	}
	return st, err
}

// sessionAuthorization parses SET [SESSION | LOCAL] SESSION AUTHORIZATION and RESET SESSION AUTHORIZATION, behind these words.
// https://docs.aws.amazon.com/redshift/latest/dg/r_SET_SESSION_AUTHORIZATION.html
func (p *parser) sessionAuthorization(local, reset bool) (ast.Statement, error) {
	st := &ast.SessionAuthorization{Local: local, Default: reset || p.Words("default")}
	if st.Default {
		return st, nil
	}
	if t := p.Tok(); t.Kind == lex.String {
		p.I++
		st.User = ast.Principal{Pos: ast.Pos(t.Pos), Kind: "user", Name: t.Text}
		return st, nil
	}
	var err error
	st.User, err = p.principal("user")
	return st, err
}

// database parses CREATE DATABASE and ALTER DATABASE, at the database's name.
// https://docs.aws.amazon.com/redshift/latest/dg/r_CREATE_DATABASE.html
// https://docs.aws.amazon.com/redshift/latest/dg/r_ALTER_DATABASE.html
func (p *parser) database(alter bool) (ast.Statement, error) {
	st := &ast.Database{Alter: alter}
	var err error
	if st.Name, err = p.Column(); err != nil {
		return nil, err
	}
	if alter && p.Words("rename", "to") {
		st.RenameTo, err = p.Ident()
		return st, err
	}
	if alter && p.done() {
		return nil, p.Unexpected()
	}
	for !p.done() {
		if !alter && p.Words("from", "datashare") {
			if err := p.fromDatashare(st); err != nil {
				return nil, err
			}
			continue
		}
		o, err := p.databaseOption(alter)
		if err != nil {
			return nil, err
		}
		st.Options = append(st.Options, o)
	}
	return st, nil
}

// databaseOption parses one option of a database. Those of databases that live elsewhere are taken as text.
func (p *parser) databaseOption(alter bool) (o ast.Option, err error) {
	o = ast.Option{Pos: ast.Pos(p.Tok().Pos), HasVal: true}
	oneOf := func(name string, words ...string) error {
		for _, w := range words {
			if p.Words(w) {
				o.Name, o.Value = name, upper(w)
				return nil
			}
		}
		return p.Unexpected()
	}
	elsewhere := func(name string) error {
		o.Name = name
		at := p.Tok().Pos
		for !p.done() {
			p.I++
		}
		o.Value = p.Src[at:max(at, p.end())]
		return nil
	}
	if !alter && p.Is("with") && !p.IsAt(1, "permissions") {
		p.I++
	}
	switch {
	case p.Words("owner"):
		o.Name = "OWNER"
		if alter {
			if err := p.Expect("to"); err != nil {
				return o, err
			}
		} else {
			p.Op("=")
		}
		o.Value, _, err = p.ofUser()
	case p.Is("connection") && p.IsAt(1, "limit"):
		return p.connectionLimit()
	case p.Words("collate"):
		err = oneOf("COLLATE", "case_sensitive", "cs", "case_insensitive", "ci")
	case p.Words("isolation", "level"):
		err = oneOf("ISOLATION LEVEL", "snapshot", "serializable")
	case !alter && p.Words("with", "permissions"):
		o.Name, o.HasVal = "WITH PERMISSIONS", false
	case !alter && p.Words("from", "integration"):
		err = elsewhere("FROM INTEGRATION")
	case !alter && p.Words("from", "arn"):
		err = elsewhere("FROM ARN")
	case alter && p.Words("integration"):
		err = elsewhere("INTEGRATION")
	default:
		err = p.Unexpected()
	}
	return o, err
}

// alterSchema parses ALTER SCHEMA, at the schema's name.
// https://docs.aws.amazon.com/redshift/latest/dg/r_ALTER_SCHEMA.html
func (p *parser) alterSchema() (ast.Statement, error) {
	st := &ast.AlterSchema{}
	var err error
	if st.Name, err = p.Column(); err != nil {
		return nil, err
	}
	switch {
	case p.Words("rename", "to"):
		st.RenameTo, err = p.Ident()
	case p.Words("owner", "to"):
		o, e := p.principal("user")
		st.Owner, err = &o, e
	case p.Is("quota"):
		st.Quota, err = p.quota()
	default:
		err = p.Unexpected()
	}
	return st, err
}

// quota parses QUOTA {n [MB | GB | TB] | UNLIMITED}; a number alone counts gigabytes.
// https://docs.aws.amazon.com/redshift/latest/dg/r_CREATE_SCHEMA.html
func (p *parser) quota() (*ast.Quota, error) {
	q := &ast.Quota{Pos: ast.Pos(p.Tok().Pos)}
	p.I++
	if p.Words("unlimited") {
		q.Unlimited = true
		return q, nil
	}
	t := p.Tok()
	n, err := p.integer()
	if err != nil {
		return nil, err
	}
	factor := int64(1024)
	switch {
	case p.Words("mb"):
		factor = 1
	case p.Words("tb"):
		factor = 1 << 20
	default:
		p.Words("gb")
	}
	if n > 1<<42/factor || n < -1<<42/factor {
		p.I--
		return nil, p.outOfRange(t)
	}
	q.MB = n * factor
	return q, nil
}
