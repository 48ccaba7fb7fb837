package parse

import (
	"github.com/redshiftsim/redshiftsim/engine/ast"
	"github.com/redshiftsim/redshiftsim/engine/parse/bridge"
	"github.com/redshiftsim/redshiftsim/engine/parse/lex"
	"github.com/redshiftsim/redshiftsim/internal/sqlstate"
)

// ifAction parses the rest of IF.
func (p *parser) ifAction(pos ast.Pos) (ast.Action, error) {
	st := &ast.If{Pos: pos}
	for {
		arm := ast.Arm{Pos: ast.Pos(p.Tok().Pos)}
		x, err := p.formula()
		if err != nil {
			return nil, err
		}
		if err := p.Expect("then"); err != nil {
			return nil, err
		}
		arm.Conds = []*ast.Formula{x}
		if arm.Body, err = p.actionList("elsif", "elseif", "else", "end"); err != nil {
			return nil, err
		}
		st.Arms = append(st.Arms, arm)
		if !p.Words("elsif") && !p.Words("elseif") {
			break
		}
	}
	if p.Words("else") {
		var err error
		if st.Else, err = p.actionList("end"); err != nil {
			return nil, err
		}
	}
	return st, p.ends("if")
}

// ends demands END and a word.
func (p *parser) ends(word string) error {
	p.I++
	return p.Expect(word)
}

// caseAction parses the rest of CASE.
func (p *parser) caseAction(pos ast.Pos) (ast.Action, error) {
	st := &ast.CaseAction{Pos: pos}
	var err error
	if !p.Is("when") {
		if st.Operand, err = p.formula(); err != nil {
			return nil, err
		}
	}
	if !p.Is("when") {
		return nil, p.Unexpected()
	}
	for p.Words("when") {
		arm := ast.Arm{Pos: ast.Pos(p.Tok().Pos)}
		for {
			x, err := p.formula()
			if err != nil {
				return nil, err
			}
			arm.Conds = append(arm.Conds, x)
			if !p.Op(",") {
				break
			}
		}
		if err := p.Expect("then"); err != nil {
			return nil, err
		}
		if arm.Body, err = p.actionList("when", "else", "end"); err != nil {
			return nil, err
		}
		st.Arms = append(st.Arms, arm)
	}
	if st.HasElse = p.Words("else"); st.HasElse {
		if st.Else, err = p.actionList("end"); err != nil {
			return nil, err
		}
	}
	return st, p.ends("case")
}

// loop parses LOOP, WHILE and FOR.
// https://docs.aws.amazon.com/redshift/latest/dg/c_PLpgSQL-statements.html#r_PLpgSQL-loops
func (p *parser) loop(label string) (ast.Action, error) {
	st := &ast.Loop{Pos: ast.Pos(p.Tok().Pos), Label: label}
	var err error
	switch {
	case p.Words("while"):
		st.While, err = p.formula()
	case p.Words("for"):
		err = p.forHead(st)
	}
	if err != nil {
		return nil, err
	}
	if err := p.Expect("loop"); err != nil {
		return nil, err
	}
	if st.Body, err = p.actionList("end"); err != nil {
		return nil, err
	}
	if err := p.ends("loop"); err != nil {
		return nil, err
	}
	return st, p.endLabel(label)
}

// forHead parses what stands between FOR and LOOP.
func (p *parser) forHead(st *ast.Loop) (err error) {
	if st.Var, err = p.targets(); err != nil {
		return err
	}
	if err := p.Expect("in"); err != nil {
		return err
	}
	switch {
	case p.Words("execute"):
		st.Execute, err = p.formula()
		return err
	case p.Is("select"), p.Is("with"), p.IsOp("(") && (p.IsAt(1, "select") || p.IsAt(1, "with")) && !p.rangeAhead():
		in, end := p.until("loop")
		if st.Query, st.QueryText, err = in.inner(); err != nil {
			return err
		}
		if in.Tok().Kind != lex.EOF {
			return in.Unexpected()
		}
		p.I = end
		return nil
	}
	st.Reverse = p.Words("reverse")
	if st.From, err = p.formula(); err != nil {
		return err
	}
	for range 2 { // ..
		if err := p.ExpectOp("."); err != nil {
			return err
		}
	}
	if st.To, err = p.formula(); err != nil {
		return err
	}
	if p.Is("by") { // of PostgreSQL since 8.3
		return sqlstate.Unbuilt("CREATE PROCEDURE", "BY of a FOR loop").At(p.Tok().Pos)
	}
	return nil
}

// rangeAhead says whether .. comes before LOOP: the bounds of a FOR over integers.
func (p *parser) rangeAhead() bool {
	for i := p.I; i+1 < len(p.Toks); i++ {
		t, n := &p.Toks[i], &p.Toks[i+1]
		if t.Kind == lex.Word && t.Text == "loop" {
			return false
		}
		if t.Kind == lex.Op && t.Text == "." && n.Kind == lex.Op && n.Text == "." {
			return true
		}
	}
	return false
}

// until gives a parser of the tokens before a word that stands outside parentheses, or before a semicolon; end is the place of that token.
func (p *parser) until(word string) (in *parser, end int) {
	depth := 0
	for end = p.I; p.Toks[end].Kind != lex.EOF; end++ {
		t := &p.Toks[end]
		if t.Kind == lex.Op && t.Text == "(" {
			depth++
		} else if t.Kind == lex.Op && t.Text == ")" {
			depth--
		} else if depth == 0 && (t.Kind == lex.Word && t.Text == word || t.Kind == lex.Op && t.Text == ";") {
			break
		}
	}
	return p.part(p.Toks[p.I:end], p.Toks[end].Pos), end
}

// part gives a parser of some of the tokens; it ends at a place in the text.
func (p *parser) part(list []lex.Token, at int) *parser {
	toks := make([]lex.Token, 0, len(list)+1)
	toks = append(append(toks, list...), lex.Token{Kind: lex.EOF, Pos: at, End: at})
	return &parser{P: bridge.New(p.Src, toks), opts: p.opts, blocks: p.blocks}
}

// exit parses the rest of EXIT and CONTINUE.
func (p *parser) exit(pos ast.Pos, again bool) (ast.Action, error) {
	st := &ast.Exit{Pos: pos, Continue: again}
	var err error
	if !p.Is("when") && !p.done() {
		if st.Label, err = p.Ident(); err != nil {
			return nil, err
		}
	}
	if p.Words("when") {
		st.When, err = p.formula()
	}
	return st, err
}
