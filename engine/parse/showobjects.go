package parse

import (
	"github.com/redshiftsim/redshiftsim/engine/ast"
	"github.com/redshiftsim/redshiftsim/engine/parse/lex"
)

// shows are the forms of SHOW that list or describe objects: the words, what follows them, and what that is.
//
//	"" a name    "from database", .. these words and a name    "routine" a routine    "grants" ON or FOR    "policies" ON, FROM or nothing    "-" nothing
//	"alone" not even LIKE
var shows = []struct {
	words []string
	then  string
}{
	{[]string{"databases"}, "databases"},
	{[]string{"schemas"}, "from database"},
	{[]string{"tables"}, "from schema"},
	{[]string{"columns"}, "from table"},
	{[]string{"constraints", "primary", "keys"}, "from table"},
	{[]string{"constraints", "foreign", "keys"}, "from table"},
	{[]string{"column", "grants"}, "on table"},
	{[]string{"grants"}, "grants"},
	{[]string{"functions"}, "from schema"},
	{[]string{"procedures"}, "from schema"},
	{[]string{"parameters", "of", "function"}, "routine"},
	{[]string{"parameters", "of", "procedure"}, "routine"},
	{[]string{"procedure"}, "routine"},
	{[]string{"external", "table"}, ""},
	{[]string{"table"}, ""},
	{[]string{"view"}, ""},
	{[]string{"model"}, "model"},
	{[]string{"template"}, ""},
	{[]string{"templates"}, "from schema"},
	{[]string{"rls", "policies"}, "policies"},
	{[]string{"masking", "policies"}, "policies"},
	{[]string{"datashares"}, "-"},
	{[]string{"user", "lockout"}, "alone"},
}

// showObjects parses SHOW of objects, behind SHOW; nil when no form begins here.
// https://docs.aws.amazon.com/redshift/latest/dg/r_SHOW.html
func (p *parser) showObjects() (ast.Statement, error) {
	for _, s := range shows {
		if n := p.Ahead(1); s.then == "" && n.Kind != lex.Word && n.Kind != lex.Quoted {
			continue // a parameter of that name
		}
		if !p.Words(s.words...) {
			continue
		}
		st := &ast.ShowObjects{Kind: upper(join(s.words))}
		if err := p.showParameters(st); err != nil {
			return nil, err
		}
		if s.then == "alone" {
			return st, nil
		}
		if err := p.showWhat(st, s.then); err != nil {
			return nil, err
		}
		return st, p.showFilter(st)
	}
	return nil, nil
}

// showWhat parses what a form of SHOW is about.
func (p *parser) showWhat(st *ast.ShowObjects, then string) (err error) {
	name := func() error {
		n, err := p.Name()
		st.Name = &n
		return err
	}
	routine := func() error {
		r, err := p.routine()
		st.Routine = &r
		return err
	}
	switch then {
	case "-":
		return nil
	case "":
		err = name()
		st.Partition = st.Kind == "EXTERNAL TABLE" && p.Words("partition")
		return err
	case "routine":
		return routine()
	case "model":
		if p.Words("all") {
			st.All = true
			return nil
		}
		return name()
	case "databases":
		if p.Words("from", "data", "catalog") {
			st.Of = "data catalog"
			for p.Words("account") || len(st.Accounts) > 0 && p.Op(",") {
				a, err := p.text()
				if err != nil {
					return err
				}
				st.Accounts = append(st.Accounts, a)
			}
		}
		return nil
	case "grants":
		return p.showGrants(st)
	case "policies":
		return p.showPolicies(st, name)
	}
	st.Exported = p.Words("exported")
	words := splitWords(then)
	if !p.Words(words...) {
		return p.Unexpected()
	}
	st.Of = words[1]
	if err := name(); err != nil || st.Kind != "COLUMN GRANTS" || !p.Words("for") {
		return err
	}
	u, err := p.grantee()
	st.For = &u
	return err
}

// showGrants parses ON object [FOR principal], or FOR principal [FROM DATABASE name].
// https://docs.aws.amazon.com/redshift/latest/dg/r_SHOW_GRANTS.html
func (p *parser) showGrants(st *ast.ShowObjects) (err error) {
	if !p.Is("on") && !p.Is("for") {
		return p.Unexpected()
	}
	if p.Is("on") {
		if st.On, err = p.grantObject(&ast.Grant{}, false); err != nil {
			return err
		}
	}
	if p.Words("for") {
		u, err := p.grantee()
		st.For = &u
		if err != nil || st.On != nil || !p.Words("from", "database") {
			return err
		}
		n, err := p.Name()
		st.Name = &n
		return err
	}
	return nil
}

// showPolicies parses [ON relation [FOR principal] | FROM DATABASE name].
// https://docs.aws.amazon.com/redshift/latest/dg/r_SHOW_POLICIES.html
func (p *parser) showPolicies(st *ast.ShowObjects, name func() error) error {
	switch {
	case p.Words("on"):
		st.Of = "table"
		if err := name(); err != nil || !p.Words("for") {
			return err
		}
		u, err := p.grantee()
		st.For = &u
		return err
	case p.Words("from", "database"):
		st.Of = "database"
		return name()
	}
	return nil
}

// showFilter parses LIKE 'pattern', LIMIT n and IAM_ROLE.
func (p *parser) showFilter(st *ast.ShowObjects) error {
	if p.Words("like") {
		s, err := p.text()
		if err != nil {
			return err
		}
		st.Like = &s
	}
	if t := p.Tok(); st.Of == "data catalog" && p.Words("iam_role") {
		o := ast.Option{Pos: ast.Pos(t.Pos), Name: "IAM_ROLE"}
		if err := p.optionValue(&o, role); err != nil {
			return err
		}
		st.Options = append(st.Options, o)
	}
	if p.Words("limit") {
		n, err := p.integer()
		st.Limit = &n
		return err
	}
	return nil
}

// use parses USE database.
// https://docs.aws.amazon.com/redshift/latest/dg/r_USE_command.html
func (p *parser) use() (ast.Statement, error) {
	p.I++
	c, err := p.Column()
	return &ast.Use{Database: c}, err
}

// cancel parses CANCEL pid ['message'].
// https://docs.aws.amazon.com/redshift/latest/dg/r_CANCEL.html
func (p *parser) cancel() (ast.Statement, error) {
	p.I++
	n, err := p.integer()
	if err != nil {
		return nil, err
	}
	st := &ast.Cancel{PID: n}
	if p.Tok().Kind == lex.String {
		st.Message, err = p.text()
	}
	return st, err
}

// transactionMode parses the modes behind SET TRANSACTION and SET SESSION CHARACTERISTICS AS TRANSACTION.
func (p *parser) transactionMode(session bool) (ast.Statement, error) {
	t := &ast.Transaction{}
	st := &ast.TransactionMode{Session: session}
	if p.done() {
		return nil, p.Unexpected()
	}
	for !p.done() {
		switch {
		case p.Words("deferrable"):
			st.Deferrable = "deferrable"
		case p.Words("not", "deferrable"):
			st.Deferrable = "not deferrable"
		default:
			if err := p.mode(t); err != nil {
				return nil, err
			}
		}
		if !p.Op(",") && p.done() {
			break
		}
	}
	st.Isolation, st.ReadOnly, st.ReadWrite = t.Isolation, t.ReadOnly, t.ReadWrite
	return st, nil
}
