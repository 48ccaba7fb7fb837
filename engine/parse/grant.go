package parse

import (
	"strings"

	"github.com/redshiftsim/redshiftsim/engine/ast"
	"github.com/redshiftsim/redshiftsim/engine/parse/lex"
)

// privileges are the privileges of several words; all others are one word.
var privileges = []string{
	"create user", "drop user", "alter user", "create schema", "drop schema", "alter default privileges", "access catalog", "access system table",
	"create table", "drop table", "alter table", "create or replace function", "create or replace external function", "drop function",
	"create or replace procedure", "drop procedure", "create or replace view", "drop view", "create model", "drop model", "create datashare",
	"alter datashare", "drop datashare", "create library", "drop library", "create role", "drop role", "truncate table", "ignore rls", "explain rls",
	"explain masking", "all privileges", "create database",
}

// plainPrivileges are those of one word.
var plainPrivileges = wordSet(`all select insert update delete drop references alter truncate create usage temporary temp execute assumerole share rule trigger
 vacuum analyze cancel connect`)

// wordSet makes a set of words.
func wordSet(s string) map[string]bool {
	m := map[string]bool{}
	for _, w := range strings.Fields(s) {
		m[w] = true
	}
	return m
}

// grant parses GRANT and REVOKE; of ALTER DEFAULT PRIVILEGES too.
// https://docs.aws.amazon.com/redshift/latest/dg/r_GRANT.html
// https://docs.aws.amazon.com/redshift/latest/dg/r_REVOKE.html
func (p *parser) grant(defaults bool) (*ast.Grant, error) {
	g := &ast.Grant{Revoke: p.Is("revoke")}
	p.I++
	admin := false
	if g.Revoke {
		admin = !defaults && p.Words("admin", "option", "for")
		g.OptionOnly = admin || p.Words("grant", "option", "for")
	}
	bare := p.I // of scopes the guide has GRANT OPTION without FOR
	if !g.OptionOnly && g.Revoke && !defaults {
		g.OptionOnly = p.Words("grant", "option")
	}
	var err error
	if admin || !defaults && p.rolesAhead() {
		g.Roles, err = p.roles()
	} else {
		g.Privileges, err = p.privileges()
	}
	if err != nil {
		return nil, err
	}
	switch {
	case g.Roles != nil:
	case p.Is("on"):
		g.On, err = p.grantObject(g, defaults)
	case p.Is("for") && !defaults:
		g.In, err = p.grantScope()
	case defaults:
		err = p.Unexpected()
	}
	if err == nil && g.In == nil && g.OptionOnly && p.Toks[bare].Text == "grant" {
		p.I = bare
		err = p.Unexpected()
	}
	if err != nil {
		return nil, err
	}
	word := "to"
	if g.Revoke {
		word = "from"
	}
	if err := p.Expect(word); err != nil {
		return nil, err
	}
	if err := p.grantees(g); err != nil {
		return nil, err
	}
	return g, p.grantEnd(g)
}

// rolesAhead says whether roles are granted: ROLE r, or bare names with TO or FROM behind them, which older statements have.
func (p *parser) rolesAhead() bool {
	if p.Is("role") {
		return true
	}
	t, n := p.Tok(), p.Ahead(1)
	if t.Kind == lex.Quoted {
		return true
	}
	named := t.Kind == lex.Word && !plainPrivileges[t.Text] && (n.Kind == lex.Named || n.Kind == lex.Op && n.Text == "," || p.IsAt(1, "to") || p.IsAt(1, "from"))
	return named
}

// roles parses [ROLE] r, ..
func (p *parser) roles() ([]ast.Principal, error) {
	var out []ast.Principal
	for {
		p.Words("role")
		r, err := p.principal("role")
		if err != nil {
			return nil, err
		}
		out = append(out, r)
		if !p.Op(",") {
			return out, nil
		}
	}
}

// privileges parses the list of privileges.
func (p *parser) privileges() ([]ast.Privilege, error) {
	var out []ast.Privilege
	for {
		x, err := p.privilege()
		if err != nil {
			return nil, err
		}
		if p.IsOp("(") {
			if x.Columns, err = p.Columns(); err != nil {
				return nil, err
			}
		}
		out = append(out, x)
		if !p.Op(",") {
			return out, nil
		}
	}
}

// privilege parses one privilege: the longest that the words make.
func (p *parser) privilege() (ast.Privilege, error) {
	x := ast.Privilege{Pos: ast.Pos(p.Tok().Pos)}
	for _, s := range privileges {
		if p.Words(strings.Fields(s)...) {
			x.Name = upper(strings.TrimSuffix(s, " privileges"))
			if s == "alter default privileges" {
				x.Name = upper(s)
			}
			return x, nil
		}
	}
	t := p.Tok()
	if t.Kind != lex.Word || !plainPrivileges[t.Text] {
		return x, p.Unexpected()
	}
	p.I++
	if x.Name = upper(t.Text); x.Name == "TEMP" {
		x.Name = "TEMPORARY"
	}
	return x, nil
}

// grantKinds are the kinds of objects behind ON, by their words.
var grantKinds = []struct{ words, kind string }{
	{"all tables in schema", "tables in schema"},
	{"all functions in schema", "functions in schema"},
	{"all procedures in schema", "procedures in schema"},
	{"external table", "external table"},
	{"external schema", "external schema"},
	{"copy job", "copy job"},
	{"table", "table"},
	{"database", "database"},
	{"schema", "schema"},
	{"language", "language"},
	{"model", "model"},
	{"datashare", "datashare"},
	{"template", "template"},
	{"function", "function"},
	{"procedure", "procedure"},
}

// grantObject parses ON and the objects.
func (p *parser) grantObject(g *ast.Grant, defaults bool) (*ast.GrantObject, error) {
	p.I++
	o := &ast.GrantObject{Pos: ast.Pos(p.Tok().Pos), Kind: "table"}
	if defaults {
		t := p.Tok()
		if !p.Words("tables") && !p.Words("functions") && !p.Words("procedures") {
			return nil, p.Unexpected()
		}
		o.Kind = t.Text
		return o, nil
	}
	if len(g.Privileges) == 1 && g.Privileges[0].Name == "ASSUMEROLE" {
		return o, p.assumed(o)
	}
	for _, k := range grantKinds {
		words := strings.Fields(k.words)
		if n := p.Ahead(len(words)); n.Kind != lex.Word && n.Kind != lex.Quoted { // a table called model
			continue
		}
		if p.Is("to") || p.Is("from") {
			break
		}
		if follow := p.Ahead(len(words)); follow.Kind == lex.Word && (follow.Text == "to" || follow.Text == "from") {
			continue
		}
		if p.Words(words...) {
			o.Kind, o.Named = k.kind, k.kind == "table"
			break
		}
	}
	for {
		if o.Kind == "function" || o.Kind == "procedure" {
			r, err := p.routine()
			if err != nil {
				return nil, err
			}
			o.Routines = append(o.Routines, r)
		} else {
			n, err := p.Name()
			if err != nil {
				return nil, err
			}
			o.Names = append(o.Names, n)
		}
		if !p.Op(",") {
			return o, nil
		}
	}
}

// assumed parses what ASSUMEROLE is on: ARNs, DEFAULT or ALL.
func (p *parser) assumed(o *ast.GrantObject) error {
	o.Kind = "iam role"
	t := p.Tok()
	if p.Words("all") || p.Words("default") {
		o.ARNs = []string{t.Text}
		return nil
	}
	for {
		s, err := p.text()
		if err != nil {
			return err
		}
		o.ARNs = append(o.ARNs, s)
		if !p.Op(",") {
			return nil
		}
	}
}

// grantScope parses FOR objects IN SCHEMA s [DATABASE d] | DATABASE d.
func (p *parser) grantScope() (*ast.GrantScope, error) {
	p.I++
	t := p.Tok()
	s := &ast.GrantScope{Pos: ast.Pos(t.Pos), Of: t.Text}
	switch {
	case p.Words("schemas"), p.Words("tables"), p.Words("functions"), p.Words("procedures"), p.Words("languages"), p.Words("templates"):
	case p.Words("copy", "jobs"):
		s.Of = "copy jobs"
	default:
		return nil, p.Unexpected()
	}
	if err := p.Expect("in"); err != nil {
		return nil, err
	}
	var err error
	if p.Words("schema") {
		n, err := p.Name()
		if err != nil {
			return s, err
		}
		if s.Schema, s.Database = n.Object(), n.Schema(); !p.Is("database") || s.Database != "" {
			return s, nil
		}
	}
	if err := p.Expect("database"); err != nil {
		return nil, err
	}
	s.Database, err = p.Ident()
	return s, err
}

// grantees parses those to whom, or from whom.
func (p *parser) grantees(g *ast.Grant) error {
	for {
		u, err := p.grantee()
		if err != nil {
			return err
		}
		if !g.Revoke {
			u.Option = p.Words("with", "grant", "option") || p.Words("with", "admin", "option")
		}
		g.To = append(g.To, u)
		if !p.Op(",") {
			return nil
		}
	}
}

// grantee parses one of them.
func (p *parser) grantee() (u ast.Principal, err error) {
	t := p.Tok()
	u.Pos = ast.Pos(t.Pos)
	next := p.Ahead(1)
	name := next.Kind == lex.Word && next.Text != "with" || next.Kind == lex.Quoted
	switch {
	case t.Kind == lex.Word && t.Text == "public" && next.Kind != lex.Named:
		p.I++
		u.Kind = "public"
		return u, nil
	case p.Is("role") && name, p.Is("group") && name, p.Is("user") && name, p.Is("datashare") && name:
		p.I++
		return p.principal(t.Text)
	case p.Is("iam_role"), p.Is("namespace") && next.Kind == lex.String, p.Is("account") && next.Kind == lex.String:
		p.I++
		u.Kind = t.Text
		if u.Name, err = p.text(); err != nil {
			return u, err
		}
		if u.Kind == "account" {
			u.Catalog = p.Words("via", "data", "catalog") || p.Words("via", "data_catalog")
		}
		return u, nil
	case p.Words("rls", "policy"), p.Words("masking", "policy"):
		u.Kind = t.Text + " policy"
		u.Name, err = p.Ident()
		return u, err
	}
	return p.principal("user")
}

// grantEnd parses what may follow: FOR of ASSUMEROLE, CASCADE and RESTRICT of REVOKE.
func (p *parser) grantEnd(g *ast.Grant) error {
	if g.On != nil && g.On.Kind == "iam role" {
		if err := p.Expect("for"); err != nil {
			return err
		}
		for {
			t := p.Tok()
			switch {
			case p.Words("all"), p.Words("copy"), p.Words("unload"):
				g.For = append(g.For, upper(t.Text))
			case p.Words("external", "function"), p.Words("create", "model"):
				g.For = append(g.For, upper(t.Text+" "+p.Toks[p.I-1].Text))
			default:
				return p.Unexpected()
			}
			if !p.Op(",") {
				break
			}
		}
	}
	if g.Revoke {
		if g.Cascade = p.Words("cascade"); !g.Cascade {
			p.Words("restrict")
		}
	}
	return nil
}

// defaultPrivileges parses ALTER DEFAULT PRIVILEGES, behind these words.
// https://docs.aws.amazon.com/redshift/latest/dg/r_ALTER_DEFAULT_PRIVILEGES.html
func (p *parser) defaultPrivileges() (ast.Statement, error) {
	st := &ast.DefaultPrivileges{}
	var err error
	if p.Words("for", "user") {
		if st.ForUsers, err = p.principals("user"); err != nil {
			return nil, err
		}
	}
	if p.Words("in", "schema") {
		for {
			s, err := p.Column()
			if err != nil {
				return nil, err
			}
			st.Schemas = append(st.Schemas, s)
			if !p.Op(",") {
				break
			}
		}
	}
	if !p.Is("grant") && !p.Is("revoke") {
		return nil, p.Unexpected()
	}
	st.Grant, err = p.grant(true)
	return st, err
}

// routine parses a function's or procedure's name with its arguments, where they are given.
func (p *parser) routine() (r ast.Routine, err error) {
	if r.Name, err = p.Name(); err != nil || !p.IsOp("(") {
		return r, err
	}
	r.HasArgs = true
	r.Args, err = p.routineArgs()
	return r, err
}

// routineArgs parses ([[mode] [name] type, ..]).
func (p *parser) routineArgs() ([]ast.RoutineArg, error) {
	p.I++
	var out []ast.RoutineArg
	if p.Op(")") {
		return out, nil
	}
	for {
		a, err := p.routineArg()
		if err != nil {
			return nil, err
		}
		out = append(out, a)
		if !p.Op(",") {
			return out, p.ExpectOp(")")
		}
	}
}

// routineArg parses one argument. Name and mode may come in either order, and both may be missing: a word with a comma, a parenthesis or the rest of
// a type behind it is a type.
func (p *parser) routineArg() (a ast.RoutineArg, err error) {
	a.Pos = ast.Pos(p.Tok().Pos)
	mode := func() {
		if t := p.Tok(); a.Mode == "" && (p.Is("in") || p.Is("out") || p.Is("inout")) {
			a.Mode = t.Text
			p.I++
		}
	}
	mode()
	if n := p.Ahead(1); p.Tok().Kind == lex.Quoted || n.Kind == lex.Word && !typeEnd(p.Tok().Text, n.Text) || n.Kind == lex.Quoted {
		if a.Name, err = p.Label(); err != nil {
			return a, err
		}
		mode()
	}
	a.Type, err = p.Type()
	return a, err
}

// typeEnd says whether a word belongs to the type that another begins: double precision, character varying, time with time zone.
func typeEnd(first, next string) bool {
	switch next {
	case "precision":
		return first == "double"
	case "varying":
		return first == "character" || first == "char" || first == "nchar" || first == "binary"
	case "with", "without":
		return first == "time" || first == "timestamp"
	case "character", "char":
		return first == "national"
	}
	return first == "interval" && strings.Contains("year month day hour minute second", next)
}
