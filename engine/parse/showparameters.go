package parse

import (
	"strconv"
	"strings"

	"github.com/redshiftsim/redshiftsim/engine/ast"
	"github.com/redshiftsim/redshiftsim/engine/parse/lex"
	"github.com/redshiftsim/redshiftsim/internal/sqlstate"
)

// mostParameters is how many parameters a statement may have.
const mostParameters = 32767

// showParameters puts what parameters stand for in their places, before the rest of a SHOW is read. No page tells of parameters there; AWS's own drivers list
// all that they show by them:
//
//	SHOW TABLES FROM SCHEMA $1.$2 LIKE $3          SHOW PARAMETERS OF FUNCTION $1.$2.$3($4, $5)
//
// Until the values are known (parser.args is nil) something that can be read stands for them.
func (p *parser) showParameters(st *ast.ShowObjects) error {
	depth := 0
	for i := p.I; i < len(p.Toks); i++ {
		t := p.Toks[i]
		switch {
		case t.Kind == lex.EOF || t.Kind == lex.Op && t.Text == ";":
			return nil
		case t.Kind == lex.Op && t.Text == "(":
			depth++
		case t.Kind == lex.Op && t.Text == ")":
			depth--
		case t.Kind == lex.Param:
			n, err := strconv.Atoi(t.Text)
			if err != nil || n < 1 || n > mostParameters || p.args != nil && n > len(p.args) {
				return sqlstate.UndefinedParameter.Errorf("there is no parameter $%s", t.Text).At(t.Pos)
			}
			st.Params = max(st.Params, n)
			by, err := p.standIn(t, n, depth > 0, i > 0 && p.Toks[i-1].Kind == lex.Word && p.Toks[i-1].Text == "like")
			if err != nil {
				return err
			}
			p.Replace(i, by...)
			i += len(by) - 1
		}
	}
	return nil
}

// standIn are the tokens for a parameter: a type's words, a pattern, or a name.
func (p *parser) standIn(t lex.Token, n int, isType, isPattern bool) ([]lex.Token, error) {
	at := func(kind lex.Kind, text string) lex.Token {
		return lex.Token{Kind: kind, Text: text, Pos: t.Pos, End: t.End}
	}
	switch {
	case isType && p.args == nil:
		return []lex.Token{at(lex.Word, "integer")}, nil
	case isType:
		words := strings.Fields(strings.ToLower(p.args[n-1]))
		var out []lex.Token
		for _, w := range words {
			if strings.Trim(w, "abcdefghijklmnopqrstuvwxyz0123456789_") != "" || w[0] <= '9' {
				break
			}
			out = append(out, at(lex.Word, w))
		}
		if len(out) == 0 || len(out) < len(words) {
			return nil, sqlstate.UndefinedObject.Errorf("type \"%s\" does not exist", p.args[n-1]).At(t.Pos)
		}
		return out, nil
	case p.args == nil && isPattern:
		return []lex.Token{at(lex.String, "%")}, nil
	case p.args == nil:
		return []lex.Token{at(lex.Quoted, "$"+t.Text)}, nil
	case isPattern:
		return []lex.Token{at(lex.String, p.args[n-1])}, nil
	}
	name := p.args[n-1]
	if !p.opts.CaseSensitive {
		name = lex.Fold(name)
	}
	return []lex.Token{at(lex.Quoted, name)}, nil
}
