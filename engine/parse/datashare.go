package parse

import (
	"github.com/redshiftsim/redshiftsim/engine/ast"
	"github.com/redshiftsim/redshiftsim/engine/parse/lex"
)

// datashare parses CREATE, ALTER, DROP and DESC DATASHARE, behind these words.
// https://docs.aws.amazon.com/redshift/latest/dg/r_ALTER_DATASHARE.html
func (p *parser) datashare(action string) (ast.Statement, error) {
	st := &ast.Datashare{Action: action}
	var err error
	if st.Name, err = p.Column(); err != nil {
		return nil, err
	}
	switch action {
	case "create":
		err = p.shareProperties(st)
	case "alter":
		err = p.alterDatashare(st)
	case "desc":
		if p.Words("of") {
			st.Account, st.Namespace, err = p.ofNamespace()
		}
	}
	return st, err
}

// ofNamespace parses [ACCOUNT a] NAMESPACE n.
func (p *parser) ofNamespace() (account, namespace string, err error) {
	if p.Words("account") {
		if account, err = p.text(); err != nil {
			return "", "", err
		}
	}
	if err := p.Expect("namespace"); err != nil {
		return "", "", err
	}
	namespace, err = p.text()
	return account, namespace, err
}

// truth parses [=] TRUE | FALSE.
func (p *parser) truth() (*bool, error) {
	p.Op("=")
	v := p.Words("true")
	if !v && !p.Words("false") {
		return nil, p.Unexpected()
	}
	return &v, nil
}

// shareProperties parses [[SET] PUBLICACCESSIBLE [=] TRUE | FALSE] [,] [MANAGEDBY [=] service].
func (p *parser) shareProperties(st *ast.Datashare) (err error) {
	if p.Words("set") && p.done() {
		return p.Unexpected()
	}
	if p.Words("publicaccessible") {
		if st.Public, err = p.truth(); err != nil {
			return err
		}
		p.Op(",")
	}
	if p.Words("managedby") {
		p.Op("=")
		st.ManagedBy, err = p.Ident()
	}
	return err
}

// alterDatashare parses what ALTER DATASHARE does.
func (p *parser) alterDatashare(st *ast.Datashare) (err error) {
	switch {
	case p.Words("set", "includenew"):
		if st.IncludeNew, err = p.truth(); err != nil {
			return err
		}
		if !p.Words("for", "schema") {
			return p.Unexpected()
		}
		st.Schema, err = p.Name()
		return err
	case p.Is("set") && p.IsAt(1, "publicaccessible"):
		return p.shareProperties(st)
	case p.Words("add"):
	case p.Words("remove"):
		st.Remove = true
	default:
		return p.Unexpected()
	}
	switch {
	case p.Words("all", "tables", "in", "schema"):
		st.Kind = "tables in schema"
	case p.Words("all", "functions", "in", "schema"):
		st.Kind = "functions in schema"
	case p.Words("table"), p.Words("view"):
		st.Kind = "table"
	case p.Words("schema"):
		st.Kind = "schema"
	case p.Words("function"):
		st.Kind = "function"
	default:
		return p.Unexpected()
	}
	for {
		if st.Kind == "function" {
			r, err := p.routine()
			if err != nil {
				return err
			}
			st.Routines = append(st.Routines, r)
		} else {
			n, err := p.Name()
			if err != nil {
				return err
			}
			st.Names = append(st.Names, n)
		}
		if !p.Op(",") {
			return nil
		}
	}
}

// fromDatashare parses datashare OF [ACCOUNT a] NAMESPACE n, behind FROM DATASHARE: three options.
// https://docs.aws.amazon.com/redshift/latest/dg/r_CREATE_DATABASE.html
func (p *parser) fromDatashare(st *ast.Database) error {
	at := p.Tok()
	if at.Kind != lex.Word && at.Kind != lex.Quoted {
		return p.Unexpected()
	}
	name, err := p.Ident()
	if err != nil {
		return err
	}
	st.Options = append(st.Options, ast.Option{Pos: ast.Pos(at.Pos), Name: "FROM DATASHARE", Value: name, HasVal: true})
	if err := p.Expect("of"); err != nil {
		return err
	}
	account, namespace, err := p.ofNamespace()
	if err != nil {
		return err
	}
	if account != "" {
		st.Options = append(st.Options, ast.Option{Pos: ast.Pos(at.Pos), Name: "ACCOUNT", Value: account, HasVal: true})
	}
	st.Options = append(st.Options, ast.Option{Pos: ast.Pos(at.Pos), Name: "NAMESPACE", Value: namespace, HasVal: true})
	return nil
}
