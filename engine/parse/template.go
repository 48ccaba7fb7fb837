package parse

import (
	"github.com/redshiftsim/redshiftsim/engine/ast"
	"github.com/redshiftsim/redshiftsim/engine/parse/lex"
)

// createTemplate parses CREATE [OR REPLACE] TEMPLATE, behind these words. It has one parameter at least.
// https://docs.aws.amazon.com/redshift/latest/dg/r_CREATE_TEMPLATE.html
func (p *parser) createTemplate(replace bool) (ast.Statement, error) {
	st := &ast.Template{Verb: "create", Replace: replace}
	var err error
	if st.Name, err = p.Name(); err != nil {
		return nil, err
	}
	if err := p.Expect("for"); err != nil {
		return nil, err
	}
	if err := p.Expect("copy"); err != nil {
		return nil, err
	}
	p.Words("as")
	if st.Options, err = p.options(); err == nil && len(st.Options) == 0 {
		err = p.Unexpected()
	}
	return st, err
}

// alterTemplate parses ALTER TEMPLATE, behind these words.
// https://docs.aws.amazon.com/redshift/latest/dg/r_ALTER_TEMPLATE.html
func (p *parser) alterTemplate() (ast.Statement, error) {
	st := &ast.Template{Verb: "alter"}
	var err error
	if st.Name, err = p.Name(); err != nil {
		return nil, err
	}
	st.Change = p.Tok().Text
	switch {
	case p.Words("rename", "to"):
		st.RenameTo, err = p.Ident()
	case p.Words("owner", "to"):
		u, e := p.principal("user")
		st.Owner, err = &u, e
	case p.Words("add"):
		o, e := p.option()
		if e == nil && o.Name == "" {
			e = p.Unexpected()
		}
		st.Options, err = []ast.Option{o}, e
	case p.Words("drop"):
		o, e := p.templateWord()
		st.Options, err = []ast.Option{o}, e
	case p.Words("set"):
		st.Options, err = p.templateValues()
	default:
		err = p.Unexpected()
	}
	return st, err
}

// templateWord parses the word of a parameter.
func (p *parser) templateWord() (o ast.Option, err error) {
	t := p.Tok()
	if _, ok := options[t.Text]; !ok || t.Kind != lex.Word {
		return o, p.Unexpected()
	}
	p.I++
	return ast.Option{Pos: ast.Pos(t.Pos), Name: upper(t.Text)}, nil
}

// templateValues parses parameter TO value, ..
func (p *parser) templateValues() (out []ast.Option, err error) {
	for {
		kind := options[p.Tok().Text]
		o, err := p.templateWord()
		if err != nil {
			return nil, err
		}
		if err := p.Expect("to"); err != nil {
			return nil, err
		}
		if err := p.optionValue(&o, kind); err != nil {
			return nil, err
		}
		if !o.HasVal {
			return nil, p.Unexpected()
		}
		if out = append(out, o); !p.Op(",") {
			return out, nil
		}
	}
}

// dropTemplate parses DROP TEMPLATE, behind these words.
// https://docs.aws.amazon.com/redshift/latest/dg/r_DROP_TEMPLATE.html
func (p *parser) dropTemplate() (ast.Statement, error) {
	n, err := p.Name()
	return &ast.Template{Verb: "drop", Name: n}, err
}
