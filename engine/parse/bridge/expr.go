package bridge

import (
	"strconv"

	"github.com/redshiftsim/redshiftsim/engine/ast"
	"github.com/redshiftsim/redshiftsim/engine/parse/lex"
	"github.com/redshiftsim/redshiftsim/internal/sqlstate"
)

// level is the non-terminal of TiDB's grammar that a written expression belongs to; an operator puts an operand of too low a level in parentheses.
type level uint8

const (
	lOr level = 1 + iota
	lAnd
	lNot
	lBool // comparisons, IS
	lPred // IN, BETWEEN
	lAdd
	lMul
	lSimple
)

// Binding powers of Redshift's operators: PostgreSQL's table. The guide's page on compound expressions puts some bit operators elsewhere; this is what users mean.
// https://docs.aws.amazon.com/redshift/latest/dg/r_compound_expressions.html
const (
	bpOr = 1 + iota
	bpAnd
	bpNot
	bpIs
	bpCompare
	bpLike
	bpOther
	bpAdd
	bpMul
	bpPow
	bpZone
	bpUnary
	bpSubscript
	bpCast
)

// native are binary operators that MySQL's grammar has: binding power, level, what the operands need.
var native = map[string]struct {
	bp               int
	is, needL, needR level
	text             string
}{
	"=": {bpCompare, lBool, lPred, lPred, " = "}, "<": {bpCompare, lBool, lPred, lPred, " < "}, ">": {bpCompare, lBool, lPred, lPred, " > "},
	"<=": {bpCompare, lBool, lPred, lPred, " <= "}, ">=": {bpCompare, lBool, lPred, lPred, " >= "}, "<>": {bpCompare, lBool, lPred, lPred, " <> "}, "!=": {bpCompare, lBool, lPred, lPred, " <> "},
	"+": {bpAdd, lAdd, lAdd, lMul, " + "}, "-": {bpAdd, lAdd, lAdd, lMul, " - "},
	"*": {bpMul, lMul, lMul, lSimple, " * "}, "/": {bpMul, lMul, lMul, lSimple, " / "}, "%": {bpMul, lMul, lMul, lSimple, " % "},
}

// marked are binary operators that become markers.
var marked = map[string]int{
	"||": bpOther, "~": bpOther, "~*": bpOther, "!~": bpOther, "!~*": bpOther, "~~": bpOther, "~~*": bpOther, "!~~": bpOther, "!~~*": bpOther, "&": bpOther, "|": bpOther, "#": bpOther,
	"<<": bpOther, ">>": bpOther, "&&": bpOther, "@>": bpOther, "<@": bpOther, "^": bpPow,
}

// Expr writes an expression.
func (p *P) Expr() error {
	_, err := p.expr(0)
	return err
}

func (p *P) raise(start int, have, need level) {
	if have < need {
		p.parens(start)
	}
}

// expr writes an expression whose operators bind at least as tightly as min.
func (p *P) expr(min int) (level, error) {
	if err := p.enter(); err != nil {
		return 0, err
	}
	defer func() { p.depth-- }()
	start := len(p.out)
	lv, err := p.operand(min)
	if err != nil {
		return 0, err
	}
	compared := false
	chain := -1 // the marker of a || b || c, when nothing came after it
	for {
		t := p.Tok()
		last := chain
		chain = -1
		if t.Kind == lex.Op {
			if t.Text == "::" {
				if bpCast < min {
					return lv, nil
				}
				p.I++
				typ, err := p.Type()
				if err != nil {
					return 0, err
				}
				p.wrap(start, Mark{Kind: Cast, Pos: t.Pos, Type: typ})
				p.put(")")
				lv = lSimple
				continue
			}
			if n, ok := native[t.Text]; ok {
				if n.bp < min {
					return lv, nil
				}
				if n.bp == bpCompare {
					if compared {
						return 0, p.Unexpected()
					}
					compared = true
				}
				p.I++
				if n.bp == bpCompare && (p.Is("any") || p.Is("some") || p.Is("all")) {
					if err := p.quantified(start, t); err != nil {
						return 0, err
					}
					lv = lSimple
					continue
				}
				p.raise(start, lv, n.needL)
				p.here(t.Pos)
				p.put(n.text)
				right := len(p.out)
				r, err := p.expr(n.bp + 1)
				if err != nil {
					return 0, err
				}
				p.raise(right, r, n.needR)
				lv = n.is
				continue
			}
			if bp, ok := marked[t.Text]; ok {
				if bp < min {
					return lv, nil
				}
				p.I++
				if last >= 0 && p.x.Marks[last].Text == t.Text { // one more operand of the same marker: nesting stays flat
					p.out = p.out[:len(p.out)-1]
					m := &p.x.Marks[last]
					m.Sizes = append(m.Sizes, t.Pos)
				} else {
					last = p.wrap(start, Mark{Kind: Operator, Text: t.Text, Pos: t.Pos})
				}
				p.put(",")
				if _, err := p.expr(bp + 1); err != nil {
					return 0, err
				}
				p.put(")")
				lv, chain = lSimple, last
				continue
			}
			if t.Text == "[" {
				return 0, p.Unsupported(t, "navigation of SUPER values")
			}
			return lv, nil
		}
		if t.Kind != lex.Word {
			return lv, nil
		}
		switch t.Text {
		case "or", "and":
			bp, is, text := bpOr, lOr, " OR "
			if t.Text == "and" {
				bp, is, text = bpAnd, lAnd, " AND "
			}
			if bp < min {
				return lv, nil
			}
			p.I++
			p.raise(start, lv, is)
			p.here(t.Pos)
			p.put(text)
			right := len(p.out)
			r, err := p.expr(bp + 1)
			if err != nil {
				return 0, err
			}
			p.raise(right, r, is+1)
			lv, compared = is, false
		case "is", "isnull", "notnull":
			if bpIs < min {
				return lv, nil
			}
			if err := p.is(start); err != nil {
				return 0, err
			}
			lv = lSimple
		case "not", "in", "between", "like", "ilike", "similar":
			if bpLike < min {
				return lv, nil
			}
			if t.Text == "not" {
				switch n := p.Ahead(1); {
				case n.Kind == lex.Word && (n.Text == "in" || n.Text == "between" || n.Text == "like" || n.Text == "ilike" || n.Text == "similar"):
				default:
					return lv, nil
				}
			}
			if lv, err = p.predicate(start, lv); err != nil {
				return 0, err
			}
		case "at":
			if bpZone < min || !p.IsAt(1, "time") || !p.IsAt(2, "zone") {
				return lv, nil
			}
			p.I += 3
			p.wrap(start, Mark{Kind: AtTimeZone, Pos: t.Pos})
			p.put(",")
			if _, err := p.expr(bpZone + 1); err != nil {
				return 0, err
			}
			p.put(")")
			lv = lSimple
		case "collate":
			if bpZone < min {
				return lv, nil
			}
			p.I++
			name := p.Tok().Text
			p.I++
			p.wrap(start, Mark{Kind: Collate, Pos: t.Pos, Text: name})
			p.put(")")
			lv = lSimple
		default:
			return lv, nil
		}
	}
}

// is writes IS [NOT] NULL, TRUE, FALSE, UNKNOWN.
func (p *P) is(start int) error {
	t := p.Tok()
	m := Mark{Kind: Is, Pos: t.Pos, Text: "null"}
	p.I++
	if t.Text == "is" {
		m.Not = p.Words("not")
		switch w := p.Tok(); {
		case w.Kind == lex.Word && (w.Text == "null" || w.Text == "true" || w.Text == "false" || w.Text == "unknown"):
			m.Text = w.Text
			p.I++
		case p.Is("distinct"):
			return p.Unsupported(w, "IS DISTINCT FROM")
		default:
			return p.Unexpected()
		}
	} else {
		m.Not = t.Text == "notnull"
	}
	p.wrap(start, m)
	p.put(")")
	return nil
}

// predicate writes [NOT] IN, BETWEEN, LIKE, ILIKE, SIMILAR TO.
func (p *P) predicate(start int, lv level) (level, error) {
	at := p.Tok().Pos
	not := p.Words("not")
	word := p.Tok().Text
	p.I++
	switch word {
	case "in":
		p.raise(start, lv, lAdd)
		p.here(at)
		if not {
			p.put(" NOT")
		}
		p.put(" IN ")
		if !p.IsOp("(") {
			return 0, p.Unexpected()
		}
		if p.queryAhead() {
			return lPred, p.subquery()
		}
		p.I++
		p.put("(")
		if err := p.list(); err != nil {
			return 0, err
		}
		p.put(")")
		return lPred, p.ExpectOp(")")
	case "between":
		p.Words("symmetric")
		p.raise(start, lv, lAdd)
		p.here(at)
		if not {
			p.put(" NOT")
		}
		p.put(" BETWEEN ")
		lo := len(p.out)
		l, err := p.expr(bpOther)
		if err != nil {
			return 0, err
		}
		p.raise(lo, l, lAdd)
		if err := p.Expect("and"); err != nil {
			return 0, err
		}
		p.put(" AND ")
		hi := len(p.out)
		if l, err = p.expr(bpOther); err != nil {
			return 0, err
		}
		p.raise(hi, l, lSimple)
		return lPred, nil
	}
	m := Mark{Kind: Like, Pos: at, Not: not, Fold: word == "ilike"}
	if word == "similar" {
		if err := p.Expect("to"); err != nil {
			return 0, err
		}
		m.Kind, m.Text = Operator, "similar to"
		if not {
			m.Text = "not similar to"
		}
	}
	if p.Is("any") || p.Is("all") || p.Is("some") {
		return 0, p.Unsupported(p.Tok(), "LIKE ANY and LIKE ALL")
	}
	n := p.mark(m)
	p.insert(start, "`rs:"+strconv.Itoa(n)+"`(")
	p.put(",")
	if _, err := p.expr(bpOther); err != nil {
		return 0, err
	}
	if p.Words("escape") {
		p.x.Marks[n].Escape = true
		p.put(",")
		if _, err := p.expr(bpOther); err != nil {
			return 0, err
		}
	}
	p.put(")")
	return lSimple, nil
}

// quantified writes x op ANY|ALL (query).
func (p *P) quantified(start int, op *lex.Token) error {
	all := p.Is("all")
	p.I++
	if !p.IsOp("(") || !p.queryAhead() {
		return p.Unsupported(p.Tok(), "ANY and ALL over lists and arrays")
	}
	text := op.Text
	if text == "!=" {
		text = "<>"
	}
	p.wrap(start, Mark{Kind: Quantified, Text: text, Not: all, Pos: op.Pos})
	p.put(",")
	if err := p.subquery(); err != nil {
		return err
	}
	p.put(")")
	return nil
}

// list writes a comma-separated list of expressions, up to the closing parenthesis.
func (p *P) list() error {
	for {
		if err := p.Expr(); err != nil {
			return err
		}
		if !p.Op(",") {
			return nil
		}
		p.put(",")
	}
}

// queryAhead says whether the parenthesis at the cursor opens a query.
func (p *P) queryAhead() bool { return p.queryAt(p.I) }

func (p *P) queryAt(i int) bool {
	t := &p.Toks[i+1]
	if t.Kind == lex.Word {
		return t.Text == "select" || t.Text == "with"
	}
	if t.Kind == lex.Op && t.Text == "(" && p.queryAt(i+1) {
		if n := &p.Toks[p.match[i+1]+1]; p.match[i+1] > 0 {
			if n.Kind == lex.Op {
				return n.Text == ")"
			}
			switch n.Text {
			case "union", "intersect", "except", "minus", "order", "limit":
				return true
			}
		}
	}
	return false
}

// subquery writes (query).
func (p *P) subquery() error {
	if err := p.ExpectOp("("); err != nil {
		return err
	}
	p.put("(")
	if err := p.query(); err != nil {
		return err
	}
	p.put(")")
	return p.ExpectOp(")")
}

// operand writes a primary with its prefix operators.
func (p *P) operand(min int) (level, error) {
	t := p.Tok()
	switch t.Kind {
	case lex.Number:
		p.I++
		p.here(t.Pos)
		p.num(t)
		return lSimple, nil
	case lex.String:
		p.I++
		p.here(t.Pos)
		p.str(t)
		return lSimple, nil
	case lex.Param:
		n, err := strconv.Atoi(t.Text)
		if err != nil || n < 1 || n > 32767 {
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
			return lSimple, p.paren()
		case "-", "+":
			p.I++
			p.here(t.Pos)
			if t.Text == "-" {
				p.put(" -")
			} else {
				p.put(" +")
			}
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

// num writes a number: TiDB reads short ones, a marker carries the others so that no digit is lost.
func (p *P) num(t *lex.Token) {
	plain := len(t.Text) <= 9
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
	case "array", "row":
		if next.Kind == lex.Op && next.Text == "[" {
			return 0, Near(p.Src, next)
		}
	case "prior":
		if next.Kind == lex.Word || next.Kind == lex.Quoted {
			return 0, p.Unsupported(t, "CONNECT BY")
		}
	}
	if ok, err := p.typedLiteral(); ok || err != nil {
		return lSimple, err
	}
	if paren && p.outerAhead(2) {
		return 0, p.Unsupported(next, "the outer join operator (+)")
	}
	if paren && (!reserved[t.Text] || t.Text == "left" || t.Text == "right" || t.Text == "user" || niladic[t.Text] || t.Text == "any" || t.Text == "some") {
		return lSimple, p.call(false)
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

// column writes a column's name of one to three parts; more are a path.
func (p *P) column() error {
	t := p.Tok()
	parts := []string{t.Text}
	p.I++
	for p.IsOp(".") {
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
		return p.Unsupported(p.Tok(), "the outer join operator (+)")
	}
	if p.IsOp("(") && len(parts) > 1 {
		return p.callNamed(parts, t.Pos, false)
	}
	if p.IsOp("[") {
		return p.Unsupported(p.Tok(), "navigation of SUPER values")
	}
	if len(parts) > 3 {
		p.open(Mark{Kind: Path, Pos: t.Pos, Names: parts})
		p.put(")")
		return nil
	}
	p.here(t.Pos)
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
