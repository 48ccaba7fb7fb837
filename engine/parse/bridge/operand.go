package bridge

import (
	"strconv"

	"github.com/redshiftsim/redshiftsim/engine/ast"
	"github.com/redshiftsim/redshiftsim/engine/parse/lex"
	"github.com/redshiftsim/redshiftsim/internal/sqlstate"
)

// maxParam is the highest number of a parameter: the protocol counts them in 16 bits.
const maxParam = 1<<15 - 1

// operand writes a primary with its prefix operators.
func (p *P) operand(min int) (level, error) {
	t := p.Tok()
	switch t.Kind {
	case lex.Number:
		p.I++
		p.here(t.Pos)
		p.num(t, p.item == p.I-1)
		return lSimple, nil
	case lex.String:
		p.I++
		p.here(t.Pos)
		p.str(t)
		return lSimple, nil
	case lex.Param:
		n, err := strconv.Atoi(t.Text)
		if err != nil || n < 1 || n > maxParam {
			return 0, sqlstate.UndefinedParameter.Errorf("there is no parameter $%s", t.Text).At(t.Pos)
		}
		p.I++
		p.open(Mark{Kind: Param, Pos: t.Pos, Args: n})
		p.put(")")
		return lSimple, nil
	case lex.Named:
		p.I++
		p.open(Mark{Kind: NamedParam, Pos: t.Pos, Text: t.Text})
		p.put(")")
		return lSimple, nil
	case lex.Quoted:
		return lSimple, p.column()
	case lex.Op:
		switch t.Text {
		case "(":
			start := len(p.out)
			if err := p.paren(); err != nil {
				return 0, err
			}
			return lSimple, p.path(start, t.Pos)
		case "-", "+":
			p.I++
			p.put(" ") // -- would be a comment
			p.here(t.Pos)
			p.put(t.Text)
			start := len(p.out)
			l, err := p.expr(bpUnary)
			if err != nil {
				return 0, err
			}
			// -1::text is -(1::text), and a sign is not a SimpleExpr of everything
			p.raise(start, l, lSimple)
			if len(p.out) > start && (p.out[start] == ' ' || p.out[start] == '-') {
				p.parens(start)
			}
			return lSimple, nil
		case "@", "|/", "||/", "~", "!!":
			p.I++
			p.open(Mark{Kind: Prefix, Text: t.Text, Pos: t.Pos})
			if _, err := p.expr(bpOther + 1); err != nil {
				return 0, err
			}
			p.put(")")
			return lSimple, nil
		}
		return 0, p.Unexpected()
	case lex.Word:
		return p.word(min)
	}
	return 0, p.Unexpected()
}

// num writes a number: TiDB reads short ones, a marker carries the others so that they stay as they were written.
func (p *P) num(t *lex.Token, mark bool) {
	plain := !mark && len(t.Text) <= 9 && (t.Text[0] != '0' || len(t.Text) == 1)
	for i := 0; plain && i < len(t.Text); i++ {
		plain = t.Text[i] >= '0' && t.Text[i] <= '9'
	}
	if plain {
		p.put(t.Text)
		return
	}
	p.open(Mark{Kind: Number, Text: t.Text, Pos: t.Pos})
	p.put(")")
}

// paren writes (query), (expression) or a row.
func (p *P) paren() error {
	if p.queryAhead() {
		p.here(p.Tok().Pos)
		return p.subquery()
	}
	p.here(p.Tok().Pos)
	p.I++
	p.put("(")
	if err := p.list(); err != nil {
		return err
	}
	p.put(")")
	return p.ExpectOp(")")
}

// word writes what begins with a word: literals, CASE, casts, functions, columns.
func (p *P) word(min int) (level, error) {
	t := p.Tok()
	next := p.Ahead(1)
	paren := next.Kind == lex.Op && next.Text == "("
	switch t.Text {
	case "null", "true", "false":
		p.I++
		if p.item == p.I-1 && t.Text != "null" {
			p.open(Mark{Kind: Bool, Text: t.Text, Pos: t.Pos})
			p.put(")")
			return lSimple, nil
		}
		p.here(t.Pos)
		p.put(t.Text)
		return lSimple, nil
	case "default":
		p.I++
		p.open(Mark{Kind: DefaultValue, Pos: t.Pos})
		p.put(")")
		return lSimple, nil
	case "not":
		if bpNot < min {
			return 0, p.Unexpected()
		}
		p.I++
		p.here(t.Pos)
		p.put("NOT ")
		start := len(p.out)
		l, err := p.expr(bpNot)
		if err != nil {
			return 0, err
		}
		p.raise(start, l, lNot)
		return lNot, nil
	case "case":
		return lSimple, p.caseExpr()
	case "exists":
		if paren && p.queryAt(p.I+1) {
			p.I++
			p.here(t.Pos)
			p.put("EXISTS ")
			return lSimple, p.subquery()
		}
	case "cast", "try_cast", "convert":
		if paren {
			return lSimple, p.cast()
		}
	case "extract":
		if paren {
			return lSimple, p.extract()
		}
	case "trim":
		if paren {
			return lSimple, p.trim()
		}
	case "object_transform":
		if paren {
			return lSimple, p.objectTransform()
		}
	case "substring", "substr", "position", "overlay":
		if paren {
			return lSimple, p.keywordArgs()
		}
	case "interval":
		if next.Kind == lex.String {
			p.I += 2
			q, err := p.qualifier()
			if err != nil {
				return 0, err
			}
			p.open(Mark{Kind: Interval, Pos: t.Pos, Text: next.Text, Names: []string{q}})
			p.put(")")
			return lSimple, nil
		}
	case "approximate":
		if next.Kind == lex.Word && p.Ahead(2).Kind == lex.Op && p.Ahead(2).Text == "(" {
			p.I++
			return lSimple, p.call(true)
		}
	case "array":
		if next.Kind == lex.Op && next.Text == "[" || paren && p.queryAt(p.I+1) {
			start := len(p.out)
			if err := p.arrayOf(); err != nil {
				return 0, err
			}
			return lSimple, p.path(start, t.Pos)
		}
	case "row":
		if next.Kind == lex.Op && next.Text == "[" {
			return 0, Near(p.Src, next)
		}
	case "prior":
		if (next.Kind == lex.Word || next.Kind == lex.Quoted || paren) && p.hierarchical() {
			p.I++
			p.open(Mark{Kind: Prior, Pos: t.Pos})
			if _, err := p.expr(bpUnary); err != nil {
				return 0, err
			}
			p.put(")")
			return lSimple, nil
		}
	}
	if ok, err := p.typedLiteral(); ok || err != nil {
		return lSimple, err
	}
	if paren && p.outerAhead(2) && !reserved[t.Text] {
		return lSimple, p.column()
	}
	if paren && (!reserved[t.Text] || t.Text == "left" || t.Text == "right" || t.Text == "isnull" || t.Text == "user" || t.Text == "collate" || niladic[t.Text] || t.Text == "any" || t.Text == "some") {
		start := len(p.out)
		if err := p.call(false); err != nil {
			return 0, err
		}
		return lSimple, p.path(start, t.Pos)
	}
	if niladic[t.Text] && !(next.Kind == lex.Op && next.Text == ".") {
		p.I++
		p.open(Mark{Kind: Function, Text: t.Text, Pos: t.Pos})
		p.put(")")
		return lSimple, nil
	}
	if reserved[t.Text] {
		return 0, p.Unexpected()
	}
	return lSimple, p.column()
}

// arrayOf writes ARRAY[a, b ..] and ARRAY(query).
// https://www.postgresql.org/docs/8.0/sql-expressions.html
func (p *P) arrayOf() error {
	m := Mark{Kind: Array, Pos: p.Tok().Pos}
	p.I++
	if m.Literal = p.IsOp("("); m.Literal {
		p.open(m)
		if err := p.subquery(); err != nil {
			return err
		}
		p.put(")")
		return nil
	}
	p.I++
	p.open(m)
	if err := p.list(); err != nil {
		return err
	}
	p.put(")")
	return p.ExpectOp("]")
}

// outerAhead says whether +) stands n tokens on, behind a parenthesis: the mark of an outer join.
func (p *P) outerAhead(n int) bool {
	a, b := p.Ahead(n), p.Ahead(n+1)
	return a.Kind == lex.Op && a.Text == "+" && b.Kind == lex.Op && b.Text == ")"
}

// typedLiteral writes date '2001-01-01' and the like.
func (p *P) typedLiteral() (bool, error) {
	t := p.Tok()
	switch t.Text {
	case "date", "timestamp", "timestamptz", "time", "timetz", "double", "numeric", "decimal", "int", "integer", "bigint", "smallint", "varchar", "char", "text", "bool", "boolean", "real", "float", "float4",
		"float8", "int2", "int4", "int8", "character":
	default:
		return false, nil
	}
	save := p.I
	typ, err := p.Type()
	if err != nil || p.Tok().Kind != lex.String {
		p.I = save
		return false, nil
	}
	s := p.Tok()
	p.I++
	p.open(Mark{Kind: Cast, Pos: t.Pos, Type: typ, Literal: true})
	p.here(s.Pos)
	p.str(s)
	p.put(")")
	return true, nil
}

// hierarchical says whether CONNECT BY is somewhere in the text: PRIOR is an operator then.
func (p *P) hierarchical() bool {
	if p.prior != 0 {
		return p.prior > 0
	}
	p.prior = -1
	for i := range p.Toks[:len(p.Toks)-1] {
		if a, b := &p.Toks[i], &p.Toks[i+1]; a.Kind == lex.Word && a.Text == "connect" && b.Kind == lex.Word && b.Text == "by" {
			p.prior = 1
			break
		}
	}
	return p.prior > 0
}

// dot says whether a dot is next that has a name behind it: in a..b of PL/pgSQL none has.
func (p *P) dot() bool {
	n := p.Ahead(1)
	return p.IsOp(".") && !(n.Kind == lex.Op && n.Text == ".")
}

// path writes the steps .name and [index] behind a SUPER value that was written since start.
// https://docs.aws.amazon.com/redshift/latest/dg/query-super.html#navigation
func (p *P) path(start, pos int) error {
	if !p.IsOp("[") && !p.dot() {
		return nil
	}
	var steps []ast.Step
	n := p.wrap(start, Mark{Kind: Path, Pos: pos})
	for {
		s := ast.Step{Pos: ast.Pos(p.Tok().Pos)}
		switch {
		case p.Op("["):
			p.put(",")
			s.Index = &ast.Literal{} // its place among the arguments
			if err := p.Expr(); err != nil {
				return err
			}
			if err := p.ExpectOp("]"); err != nil {
				return err
			}
		case p.dot():
			p.I++
			var err error
			s.Written = p.written(p.Tok())
			if s.Name, err = p.Label(); err != nil {
				return err
			}
		default:
			p.x.Marks[n].Steps = steps
			p.put(")")
			return nil
		}
		steps = append(steps, s)
	}
}

// column writes a column's name of one to three parts; more go in a marker.
func (p *P) column() error {
	t := p.Tok()
	start := len(p.out)
	parts := []string{t.Text}
	p.I++
	for p.dot() {
		if n := p.Ahead(1); n.Kind == lex.Op && n.Text == "*" {
			p.I += 2
			return p.star(t.Pos, parts)
		}
		p.I++
		s, err := p.Label()
		if err != nil {
			return err
		}
		parts = append(parts, s)
	}
	if p.IsOp("(") && p.outerAhead(1) {
		at := p.Tok().Pos
		p.I += 3
		p.open(Mark{Kind: Outer, Pos: at})
		err := p.names(parts, t.Pos)
		p.put(")")
		return err
	}
	if p.IsOp("(") && (len(parts) > 1 || t.Kind == lex.Quoted) {
		if err := p.callNamed(parts, t.Pos, false); err != nil {
			return err
		}
		return p.path(start, t.Pos)
	}
	if w := p.WrittenParts(parts); w != nil {
		p.open(Mark{Kind: Column, Pos: t.Pos, Names: parts, Aliases: w})
		p.put(")")
	} else if err := p.names(parts, t.Pos); err != nil {
		return err
	}
	if !p.IsOp("[") {
		return nil
	}
	return p.path(start, t.Pos)
}

// names writes a column's name.
func (p *P) names(parts []string, pos int) error {
	if len(parts) > 3 {
		p.open(Mark{Kind: Column, Pos: pos, Names: parts})
		p.put(")")
		return nil
	}
	p.here(pos)
	for i, s := range parts {
		if i > 0 {
			p.put(".")
		}
		if err := p.name(s); err != nil {
			return err
		}
	}
	return nil
}

// star writes * or t.* with EXCLUDE.
func (p *P) star(pos int, table []string) error {
	m := Mark{Kind: Star, Pos: pos, Names: table}
	if err := p.exclude(&m); err != nil {
		return err
	}
	p.open(m)
	p.put(")")
	return nil
}

// exclude reads EXCLUDE a, b or EXCLUDE (a, b), if it is there.
// https://docs.aws.amazon.com/redshift/latest/dg/r_EXCLUDE_list.html
func (p *P) exclude(m *Mark) error {
	if !p.Words("exclude") {
		return nil
	}
	if p.IsOp("(") {
		cols, err := p.Columns()
		for _, c := range cols {
			m.Exclude = append(m.Exclude, c.Name)
		}
		return err
	}
	for {
		s, err := p.Ident()
		if err != nil {
			return err
		}
		m.Exclude = append(m.Exclude, s)
		if !p.Op(",") {
			return nil
		}
	}
}

// caseExpr writes both forms of CASE.
func (p *P) caseExpr() error {
	p.here(p.Tok().Pos)
	p.I++
	p.put("CASE")
	if !p.Is("when") {
		p.put(" ")
		if err := p.Expr(); err != nil {
			return err
		}
	}
	if !p.Is("when") {
		return p.Unexpected()
	}
	for p.Words("when") {
		p.put(" WHEN ")
		if err := p.Expr(); err != nil {
			return err
		}
		if err := p.Expect("then"); err != nil {
			return err
		}
		p.put(" THEN ")
		if err := p.Expr(); err != nil {
			return err
		}
	}
	if p.Words("else") {
		p.put(" ELSE ")
		if err := p.Expr(); err != nil {
			return err
		}
	}
	p.put(" END")
	return p.Expect("end")
}

// cast writes CAST(x AS t), TRY_CAST(x AS t) and CONVERT(t, x).
func (p *P) cast() error {
	t := p.Tok()
	p.I += 2
	n := p.open(Mark{Kind: Cast, Pos: t.Pos, Try: t.Text == "try_cast"})
	var typ *ast.TypeName
	var err error
	if t.Text == "convert" {
		if typ, err = p.Type(); err != nil {
			return err
		}
		if err = p.ExpectOp(","); err != nil {
			return err
		}
		err = p.Expr()
	} else {
		if err = p.Expr(); err != nil {
			return err
		}
		if err = p.Expect("as"); err != nil {
			return err
		}
		typ, err = p.Type()
	}
	if err != nil {
		return err
	}
	p.x.Marks[n].Type = typ
	p.put(")")
	return p.ExpectOp(")")
}

// frameBound reads one end of a frame.
func (p *P) frameBound() (ast.Bound, error) {
	switch {
	case p.Words("unbounded", "preceding"):
		return ast.Bound{Kind: "unbounded preceding"}, nil
	case p.Words("unbounded", "following"):
		return ast.Bound{Kind: "unbounded following"}, nil
	case p.Words("current", "row"):
		return ast.Bound{Kind: "current row"}, nil
	}
	t := p.Tok()
	if t.Kind != lex.Number {
		return ast.Bound{}, p.Unexpected()
	}
	p.I++
	b := ast.Bound{Kind: "preceding", N: &ast.Literal{Pos: ast.Pos(t.Pos), Kind: ast.Number, Text: t.Text}}
	if p.Words("following") {
		b.Kind = "following"
		return b, nil
	}
	return b, p.Expect("preceding")
}
