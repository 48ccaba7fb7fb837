package parse

import (
	"strings"

	"github.com/redshiftsim/redshiftsim/engine/ast"
	"github.com/redshiftsim/redshiftsim/engine/parse/lex"
)

// maxBlocks bounds how deep blocks, conditions and loops nest.
const maxBlocks = 500

// procedure parses the body of a procedure: one block.
// https://docs.aws.amazon.com/redshift/latest/dg/c_PLpgSQL-structure.html
func (p *parser) procedure() (*ast.Block, error) {
	b, err := p.block(p.label())
	if err != nil {
		return nil, err
	}
	p.Op(";")
	if p.Tok().Kind != lex.EOF {
		return nil, p.Unexpected()
	}
	return b, nil
}

// label reads <<label>>.
func (p *parser) label() string {
	if !p.IsOp("<<") {
		return ""
	}
	if t, end := p.Ahead(1), p.Ahead(2); (t.Kind == lex.Word || t.Kind == lex.Quoted) && end.Kind == lex.Op && end.Text == ">>" {
		p.I += 3
		return t.Text
	}
	return ""
}

// block parses [DECLARE ..] BEGIN .. [EXCEPTION ..] END [label].
func (p *parser) block(label string) (*ast.Block, error) {
	b := &ast.Block{Pos: ast.Pos(p.Tok().Pos), Label: label}
	if p.Words("declare") {
		for !p.Is("begin") {
			p.Words("declare") // before each, as PostgreSQL has it
			d, err := p.declare()
			if err != nil {
				return nil, err
			}
			b.Declare = append(b.Declare, d)
		}
	}
	if err := p.Expect("begin"); err != nil {
		return nil, err
	}
	var err error
	if b.Body, err = p.actionList("end", "exception"); err != nil {
		return nil, err
	}
	if p.Words("exception") {
		for p.Is("when") || p.Is("continue_handler") || p.Is("exit_handler") {
			h, err := p.handler()
			if err != nil {
				return nil, err
			}
			b.Handlers = append(b.Handlers, h)
		}
		if len(b.Handlers) == 0 {
			return nil, p.Unexpected()
		}
	}
	if err := p.Expect("end"); err != nil {
		return nil, err
	}
	return b, p.endLabel(label)
}

// endLabel reads the label that may stand behind END.
func (p *parser) endLabel(label string) error {
	if t := p.Tok(); label != "" && (t.Kind == lex.Word || t.Kind == lex.Quoted) {
		if t.Text != label {
			return p.Unexpected()
		}
		p.I++
	}
	return nil
}

// handler parses [CONTINUE_HANDLER | EXIT_HANDLER] WHEN condition [OR ..] THEN ..
// https://docs.aws.amazon.com/redshift/latest/dg/stored-procedure-trapping-errors.html
func (p *parser) handler() (h ast.Handler, err error) {
	h.Pos = ast.Pos(p.Tok().Pos)
	switch {
	case p.Words("continue_handler"):
		h.Kind = "continue"
	case p.Words("exit_handler"):
		h.Kind = "exit"
	}
	if err := p.Expect("when"); err != nil {
		return h, err
	}
	for {
		c, err := p.Label()
		if err != nil {
			return h, err
		}
		h.Conditions = append(h.Conditions, c)
		if !p.Words("or") {
			break
		}
	}
	if err := p.Expect("then"); err != nil {
		return h, err
	}
	h.Body, err = p.actionList("end", "when", "continue_handler", "exit_handler")
	return h, err
}

// declare parses one declaration.
func (p *parser) declare() (d ast.Declare, err error) {
	d.Pos = ast.Pos(p.Tok().Pos)
	if d.Name, err = p.Ident(); err != nil {
		return d, err
	}
	switch {
	case p.Words("alias", "for"):
		t := p.Tok()
		if t.Kind != lex.Param && t.Kind != lex.Word && t.Kind != lex.Quoted {
			return d, p.Unexpected()
		}
		p.I++
		d.AliasFor = t.Text
		if t.Kind == lex.Param {
			d.AliasFor = "$" + t.Text
		}
		return d, p.ExpectOp(";")
	case p.Words("cursor"):
		return d, p.declaredCursor(&d)
	}
	d.Constant = p.Words("constant")
	if err := p.declaredType(&d); err != nil {
		return d, err
	}
	d.NotNull = p.Words("not", "null")
	if p.Words("default") || p.Op(":=") || p.Op("=") {
		if d.Default, err = p.formula(); err != nil {
			return d, err
		}
	}
	return d, p.ExpectOp(";")
}

// declaredType parses a type, table%ROWTYPE or column%TYPE.
func (p *parser) declaredType(d *ast.Declare) error {
	save := p.I
	if n, err := p.Name(); err == nil && p.Op("%") {
		switch {
		case p.Words("rowtype"):
			d.RowType = &n
			return nil
		case p.Words("type"):
			d.TypeOf = &n
			return nil
		}
		return p.Unexpected()
	}
	p.I = save
	var err error
	d.Type, err = p.Type()
	return err
}

// declaredCursor parses name CURSOR [(args)] {FOR | IS} query.
func (p *parser) declaredCursor(d *ast.Declare) (err error) {
	d.Cursor = true
	if p.IsOp("(") {
		if d.Args, err = p.routineArgs(); err != nil {
			return err
		}
	}
	if !p.Words("for") {
		if err := p.Expect("is"); err != nil {
			return err
		}
	}
	if d.Query, d.QueryText, err = p.inner(); err != nil {
		return err
	}
	return p.ExpectOp(";")
}

// actionList parses statements up to one of the words, which it leaves.
func (p *parser) actionList(ends ...string) ([]ast.Action, error) {
	if p.blocks++; p.blocks > maxBlocks {
		return nil, p.TooDeep()
	}
	defer func() { p.blocks-- }()
	var out []ast.Action
	for {
		for _, w := range ends {
			if p.Is(w) {
				return out, nil
			}
		}
		a, err := p.plAction()
		if err != nil {
			return nil, err
		}
		if err := p.ExpectOp(";"); err != nil {
			return nil, err
		}
		out = append(out, a)
	}
}

// plAction parses one statement of PL/pgSQL, without its semicolon.
// https://docs.aws.amazon.com/redshift/latest/dg/c_PLpgSQL-statements.html
func (p *parser) plAction() (ast.Action, error) {
	label := p.label()
	t := p.Tok()
	pos := ast.Pos(t.Pos)
	if t.Kind != lex.Word && t.Kind != lex.Quoted && t.Kind != lex.Param {
		return nil, p.Unexpected()
	}
	if p.assignAhead() {
		return p.assign()
	}
	switch t.Text {
	case "declare", "begin":
		return p.block(label)
	case "loop", "while", "for":
		return p.loop(label)
	}
	if label != "" {
		return nil, p.Unexpected()
	}
	p.I++
	switch t.Text {
	case "if":
		return p.ifAction(pos)
	case "case":
		return p.caseAction(pos)
	case "exit", "continue":
		return p.exit(pos, t.Text == "continue")
	case "return":
		return p.returned(pos)
	case "raise":
		return p.raise(pos)
	case "execute":
		return p.dynamic(pos)
	case "open":
		return p.open(pos)
	case "fetch", "move":
		return p.fetchInto(pos, t.Text == "move")
	case "close":
		c, err := p.cursorName()
		return &ast.CloseAction{Pos: pos, Cursor: c}, err
	case "get":
		return p.diagnostics(pos)
	case "null":
		return &ast.Nothing{Pos: pos}, nil
	case "perform":
		return p.perform(pos)
	}
	p.I--
	return p.sql(pos)
}

// assignAhead says whether name[.field] := is next; PL/pgSQL takes = for :=.
func (p *parser) assignAhead() bool {
	n := 1
	for t := p.Ahead(n); t.Kind == lex.Op && t.Text == "."; t = p.Ahead(n) {
		n += 2
	}
	t := p.Ahead(n)
	return t.Kind == lex.Op && (t.Text == ":=" || t.Text == "=")
}

// target reads a variable or a field of a record.
func (p *parser) target() (ast.Target, error) {
	t := p.Tok()
	if t.Kind == lex.Param {
		p.I++
		return ast.Target{Pos: ast.Pos(t.Pos), Parts: []string{"$" + t.Text}}, nil
	}
	n, err := p.Name()
	return ast.Target(n), err
}

// targets reads several.
func (p *parser) targets() ([]ast.Target, error) {
	var out []ast.Target
	for {
		t, err := p.target()
		if err != nil {
			return nil, err
		}
		out = append(out, t)
		if !p.Op(",") {
			return out, nil
		}
	}
}

// assign parses target := value.
func (p *parser) assign() (ast.Action, error) {
	a := &ast.Assign{Pos: ast.Pos(p.Tok().Pos)}
	var err error
	if a.To, err = p.target(); err != nil {
		return nil, err
	}
	p.I++
	a.Value, err = p.formula()
	return a, err
}

// formula parses an expression, and keeps its text.
func (p *parser) formula() (*ast.Formula, error) {
	f := &ast.Formula{Pos: ast.Pos(p.Tok().Pos)}
	var err error
	f.X, f.Text, err = p.scalar()
	return f, err
}

// formulas parses a list of expressions in parentheses.
func (p *parser) formulas() ([]*ast.Formula, error) {
	if err := p.ExpectOp("("); err != nil {
		return nil, err
	}
	var out []*ast.Formula
	for !p.Op(")") {
		if len(out) > 0 {
			if err := p.ExpectOp(","); err != nil {
				return nil, err
			}
		}
		f, err := p.formula()
		if err != nil {
			return nil, err
		}
		out = append(out, f)
	}
	return out, nil
}

// returned parses the rest of RETURN.
func (p *parser) returned(pos ast.Pos) (ast.Action, error) {
	st := &ast.Return{Pos: pos}
	if p.done() {
		return st, nil
	}
	var err error
	st.Value, err = p.formula()
	return st, err
}

// raise parses the rest of RAISE.
// https://docs.aws.amazon.com/redshift/latest/dg/c_PLpgSQL-statements.html#r_PLpgSQL-raise
func (p *parser) raise(pos ast.Pos) (ast.Action, error) {
	st := &ast.Raise{Pos: pos, Level: "exception"}
	if p.done() {
		st.Bare = true
		return st, nil
	}
	if t := p.Tok(); p.Words("debug") || p.Words("log") || p.Words("info") || p.Words("notice") || p.Words("warning") || p.Words("exception") {
		st.Level = t.Text
	}
	var err error
	if st.Format, err = p.text(); err != nil {
		return nil, err
	}
	for p.Op(",") {
		x, err := p.formula()
		if err != nil {
			return nil, err
		}
		st.Args = append(st.Args, x)
	}
	return st, nil
}

// dynamic parses the rest of EXECUTE.
func (p *parser) dynamic(pos ast.Pos) (ast.Action, error) {
	st := &ast.Dynamic{Pos: pos}
	var err error
	if st.Text, err = p.formula(); err != nil {
		return nil, err
	}
	if p.Words("into") {
		st.Into, err = p.targets()
	}
	return st, err
}

// cursorName reads the name of a cursor.
func (p *parser) cursorName() (string, error) {
	t, err := p.target()
	return strings.Join(t.Parts, "."), err
}

// open parses the rest of OPEN.
func (p *parser) open(pos ast.Pos) (ast.Action, error) {
	st := &ast.OpenCursor{Pos: pos}
	var err error
	if st.Cursor, err = p.cursorName(); err != nil {
		return nil, err
	}
	switch {
	case p.IsOp("("):
		st.Args, err = p.formulas()
	case p.Words("for", "execute"):
		st.Execute, err = p.formula()
	case p.Words("for"):
		st.Query, st.QueryText, err = p.inner()
	}
	return st, err
}

// fetchInto parses the rest of FETCH and MOVE.
func (p *parser) fetchInto(pos ast.Pos, move bool) (ast.Action, error) {
	st := &ast.FetchInto{Pos: pos, Move: move}
	p.Words("next")
	if !p.Words("from") {
		p.Words("in")
	}
	var err error
	if st.Cursor, err = p.cursorName(); err != nil || move {
		return st, err
	}
	if err := p.Expect("into"); err != nil {
		return nil, err
	}
	st.Into, err = p.targets()
	return st, err
}

// diagnostics parses the rest of GET DIAGNOSTICS.
func (p *parser) diagnostics(pos ast.Pos) (ast.Action, error) {
	st := &ast.Diagnostics{Pos: pos}
	if err := p.Expect("diagnostics"); err != nil {
		return nil, err
	}
	for {
		t, err := p.target()
		if err != nil {
			return nil, err
		}
		if !p.Op("=") {
			if err := p.ExpectOp(":="); err != nil {
				return nil, err
			}
		}
		item, err := p.Label()
		if err != nil {
			return nil, err
		}
		st.To, st.Items = append(st.To, t), append(st.Items, item)
		if !p.Op(",") {
			return st, nil
		}
	}
}

// perform parses the rest of PERFORM: a query that begins with that word instead of SELECT.
func (p *parser) perform(pos ast.Pos) (ast.Action, error) {
	in, end := p.until(";")
	first := p.Toks[p.I-1]
	first.Text = "select"
	in = p.part(append([]lex.Token{first}, in.Toks[:len(in.Toks)-1]...), p.Toks[end].Pos)
	st, err := in.sql(pos)
	if err != nil {
		return nil, err
	}
	p.I = end
	q := st.(*ast.SQL)
	q.Perform, q.Text = true, "SELECT"+q.Text[len("perform"):]
	return st, nil
}

// sql parses a statement of SQL. INTO and its targets are taken out of a query first.
// https://docs.aws.amazon.com/redshift/latest/dg/c_PLpgSQL-statements.html#r_PLpgSQL-select-into
func (p *parser) sql(pos ast.Pos) (ast.Action, error) {
	st := &ast.SQL{Pos: pos}
	in, end := p.until(";")
	st.Text = p.Src[int(pos):max(int(pos), p.Toks[max(end-1, 0)].End)]
	if in.Is("select") || in.Is("with") {
		var err error
		var from, to int
		if in, st.Into, st.Strict, from, to, err = in.withoutInto(); err != nil {
			return nil, err
		}
		if from < to {
			st.Text = strings.TrimRight(p.Src[int(pos):from], " \t\r\n") + " " + strings.TrimLeft(st.Text[to-int(pos):], " \t\r\n")
		}
	}
	var err error
	if st.Stmt, err = in.whole(in.statement); err != nil {
		return nil, err
	}
	if in.Tok().Kind != lex.EOF || len(in.out) > 0 {
		return nil, in.Unexpected()
	}
	p.I = end
	return st, nil
}

// withoutInto gives a parser of a query without its INTO, the targets, whether STRICT stands before them, and where INTO and they stood.
func (p *parser) withoutInto() (in *parser, list []ast.Target, strict bool, from, to int, err error) {
	depth, into := 0, -1
	for i := range p.Toks {
		t := &p.Toks[i]
		switch {
		case t.Kind == lex.Op && t.Text == "(":
			depth++
		case t.Kind == lex.Op && t.Text == ")":
			depth--
		case depth == 0 && t.Kind == lex.Word && t.Text == "into":
			into = i
		}
		if into >= 0 {
			break
		}
	}
	if into < 0 {
		return p, nil, false, 0, 0, nil
	}
	p.I = into + 1
	strict = p.Words("strict")
	if list, err = p.targets(); err != nil {
		return nil, nil, false, 0, 0, err
	}
	toks := append(append([]lex.Token(nil), p.Toks[:into]...), p.Toks[p.I:len(p.Toks)-1]...)
	return p.part(toks, p.Toks[len(p.Toks)-1].Pos), list, strict, p.Toks[into].Pos, p.Toks[p.I-1].End, nil
}
