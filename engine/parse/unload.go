package parse

import (
	"errors"

	"github.com/redshiftsim/redshiftsim/engine/ast"
	"github.com/redshiftsim/redshiftsim/engine/parse/bridge"
	"github.com/redshiftsim/redshiftsim/engine/parse/lex"
	"github.com/redshiftsim/redshiftsim/internal/sqlstate"
)

// unload parses UNLOAD.
// https://docs.aws.amazon.com/redshift/latest/dg/r_UNLOAD.html
func (p *parser) unload() (ast.Statement, error) {
	p.I++
	st := &ast.Unload{}
	if err := p.ExpectOp("("); err != nil {
		return nil, err
	}
	var err error
	t := p.Tok()
	st.QueryPos = ast.Pos(t.Pos)
	if st.Query, err = p.text(); err != nil {
		return nil, err
	}
	if st.Stmt, err = p.inString(t); err != nil {
		return nil, err
	}
	if err := p.ExpectOp(")"); err != nil {
		return nil, err
	}
	if err := p.Expect("to"); err != nil {
		return nil, err
	}
	st.ToPos = ast.Pos(p.Tok().Pos)
	if st.To, err = p.text(); err != nil {
		return nil, err
	}
	st.Options, err = p.options()
	return st, err
}

// inString parses the query that a string holds. Errors are placed in the text around it.
func (p *parser) inString(t *lex.Token) (*ast.Select, error) {
	toks, err := lex.Scan(t.Text, p.opts)
	var q *ast.Select
	if err == nil {
		q, err = (&parser{P: bridge.New(t.Text, toks), opts: p.opts}).sqlBody()
	}
	var e *sqlstate.Error
	if errors.As(err, &e) && e.Offset() >= 0 {
		return nil, e.Shift(lex.Place(p.Src, t.Pos, e.Offset()) - e.Offset())
	}
	return q, err
}
