package bridge

import (
	"github.com/redshiftsim/redshiftsim/engine/parse/lex"
	"github.com/redshiftsim/redshiftsim/internal/sqlstate"
)

// level is the non-terminal of TiDB's grammar that a written expression belongs to; an operator puts an operand of too low a level in parentheses.
type level uint8

// Levels, loosest first.
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

// raise puts parentheses around what was written since start, if its level is below the one needed.
func (p *P) raise(start int, have, need level) {
	if have < need {
		p.parens(start)
	}
}

// operation is an expression that operators are still being added to.
type operation struct {
	start    int   // of its text
	min      int   // the loosest binding that still belongs to it
	level    level // of what is written so far
	compared bool  // a comparison is what is written so far: another may not follow
	open     bool  // LIKE or BETWEEN ends it, after which no other predicate may follow
	chain    int   // the marker of a || b || c, when nothing came after it; else -1
	height   int   // of its tree
}

// expr writes an expression whose operators bind at least as tightly as min.
func (p *P) expr(min int) (level, error) {
	depth, height := p.depth, p.height
	if err := p.enter(); err != nil {
		return 0, err
	}
	o := operation{start: len(p.out), min: min, chain: -1}
	p.height = 0
	var err error
	if o.level, err = p.operand(min); err != nil {
		return 0, err
	}
	if o.height, err = p.grow(p.height); err != nil {
		return 0, err
	}
	for more := true; more; {
		p.height = 0
		t, open := p.Tok(), o.open
		o.open = false
		switch t.Kind {
		case lex.Op:
			more, err = p.infix(&o, t)
		case lex.Word:
			more, err = p.infixWord(&o, t, open)
		default:
			more = false
		}
		if err != nil {
			return 0, err
		}
		if more {
			if o.height, err = p.grow(max(o.height, p.height)); err != nil {
				return 0, err
			}
		}
	}
	p.depth, p.height = depth, max(height, o.height)
	return o.level, nil
}

// marker makes the expression so far the first argument of a marker, whose other one is an expression that binds at least as tightly as right.
func (p *P) marker(o *operation, m Mark, right int) (int, error) {
	if err := p.enter(); err != nil { // until the expression ends
		return 0, err
	}
	n := p.wrap(o.start, m)
	p.put(",")
	_, err := p.expr(right)
	p.put(")")
	o.level, o.compared, o.chain = lSimple, false, -1
	return n, err
}

// infix writes an operator and what is right of it; more is false at one that does not belong to the expression.
func (p *P) infix(o *operation, t *lex.Token) (more bool, err error) {
	if t.Text == "::" {
		if bpCast < o.min {
			return false, nil
		}
		p.I++
		typ, err := p.Type()
		if err == nil {
			err = p.enter()
		}
		p.wrap(o.start, Mark{Kind: Cast, Pos: t.Pos, Type: typ})
		p.put(")")
		o.level, o.compared, o.chain = lSimple, false, -1
		return true, err
	}
	bp := marked[t.Text]
	if n, ok := native[t.Text]; ok {
		bp = n.bp
	}
	if bp == 0 || bp < o.min {
		return false, nil
	}
	if bp == bpCompare && o.compared {
		return false, p.Unexpected()
	}
	p.I++
	return true, p.operate(o, t, t.Text, bp)
}

// operate writes an operator that stands at t, and what is right of it.
func (p *P) operate(o *operation, t *lex.Token, op string, bp int) error {
	if n, ok := native[op]; ok {
		o.compared, o.chain = bp == bpCompare, -1
		if n.bp == bpCompare && (p.Is("any") || p.Is("some") || p.Is("all")) {
			o.level = lSimple
			return p.quantified(o.start, t.Pos, op)
		}
		return p.binary(o, t, bp, n.is, n.needL, n.needR, n.text)
	}
	if n := o.chain; n >= 0 && p.x.Marks[n].Text == op { // one more operand of the same marker: nesting stays flat
		p.out[len(p.out)-1] = ','
		p.x.Marks[n].Sizes = append(p.x.Marks[n].Sizes, t.Pos)
		_, err := p.expr(bp + 1)
		p.put(")")
		return err
	}
	n, err := p.marker(o, Mark{Kind: Operator, Text: op, Pos: t.Pos}, bp+1)
	o.chain = n
	return err
}

// qualified reads OPERATOR(pg_catalog.~), which psql and pg_dump write for operators: it binds as those do that have no place of their own.
// https://www.postgresql.org/docs/8.0/sql-syntax.html#SQL-PRECEDENCE
func (p *P) qualified(o *operation, t *lex.Token) error {
	p.I += 2
	schema := ""
	if n := p.Ahead(1); n.Kind == lex.Op && n.Text == "." {
		var err error
		if schema, err = p.Ident(); err != nil {
			return err
		}
		p.I++
	}
	op := p.Tok()
	_, known := native[op.Text]
	if op.Kind != lex.Op || !known && marked[op.Text] == 0 {
		return p.Unexpected()
	}
	p.I++
	if err := p.ExpectOp(")"); err != nil {
		return err
	}
	if schema != "" && schema != "pg_catalog" {
		return sqlstate.UndefinedFunction.Errorf("operator does not exist: %s.%s", schema, op.Text).At(t.Pos)
	}
	return p.operate(o, t, op.Text, bpOther)
}

// binary writes an operator that MySQL's grammar has, with the parentheses that it needs there.
func (p *P) binary(o *operation, t *lex.Token, bp int, is, needL, needR level, text string) error {
	p.raise(o.start, o.level, needL)
	p.here(t.Pos)
	p.put(text)
	right := len(p.out)
	r, err := p.expr(bp + 1)
	if err != nil {
		return err
	}
	p.raise(right, r, needR)
	o.level = is
	return nil
}

// infixWord is infix for operators that are words; open says that LIKE or BETWEEN is what stands before.
func (p *P) infixWord(o *operation, t *lex.Token, open bool) (more bool, err error) {
	switch t.Text {
	case "or", "and":
		bp, is, text := bpOr, lOr, " OR "
		if t.Text == "and" {
			bp, is, text = bpAnd, lAnd, " AND "
		}
		if bp < o.min {
			return false, nil
		}
		p.I++
		o.compared, o.chain = false, -1
		return true, p.binary(o, t, bp, is, is, is+1, text)
	case "is", "isnull", "notnull":
		if bpIs < o.min {
			return false, nil
		}
		if err := p.enter(); err != nil {
			return false, err
		}
		o.level, o.compared, o.chain = lSimple, false, -1
		return true, p.is(o.start)
	case "not", "in", "between", "like", "ilike", "similar":
		if bpLike < o.min || t.Text == "not" && !p.predicateAt(1) {
			return false, nil
		}
		if open { // these do not associate
			return false, p.Unexpected()
		}
		o.open = !p.Is("in") && !p.IsAt(1, "in")
		if err := p.enter(); err != nil {
			return false, err
		}
		o.level, err = p.predicate(o.start, o.level)
		o.compared, o.chain = false, -1
		return true, err
	case "operator":
		if next := p.Ahead(1); bpOther < o.min || next.Kind != lex.Op || next.Text != "(" {
			return false, nil
		}
		return true, p.qualified(o, t)
	case "at":
		if bpZone < o.min || !p.Words("at", "time", "zone") {
			return false, nil
		}
		_, err := p.marker(o, Mark{Kind: AtTimeZone, Pos: t.Pos}, bpZone+1)
		return true, err
	case "collate":
		if bpZone < o.min || p.Collated {
			return false, nil
		}
		p.I++
		name, err := p.Label()
		if err == nil {
			err = p.enter()
		}
		p.wrap(o.start, Mark{Kind: Collate, Pos: t.Pos, Text: name})
		p.put(")")
		o.level, o.compared, o.chain = lSimple, false, -1
		return true, err
	}
	return false, nil
}

// predicateAt says whether one of the words that may be negated stands n tokens on.
func (p *P) predicateAt(n int) bool {
	return p.IsAt(n, "in") || p.IsAt(n, "between") || p.IsAt(n, "like") || p.IsAt(n, "ilike") || p.IsAt(n, "similar")
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
	if w := p.Tok(); (p.Is("any") || p.Is("all") || p.Is("some")) && p.Ahead(1).Kind == lex.Op && p.Ahead(1).Text == "(" {
		if word == "similar" || p.queryAt(p.I+1) {
			return 0, p.Unsupported(w, "ANY and ALL over a query with a pattern")
		}
		return lSimple, p.likeAny(start, m)
	}
	n := p.wrap(start, m)
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

// likeAny writes x [NOT] LIKE ANY|ALL (pattern, ..); the marker's Text says which.
func (p *P) likeAny(start int, m Mark) error {
	m.Text = "any"
	if p.Is("all") {
		m.Text = "all"
	}
	p.I += 2
	p.wrap(start, m)
	p.put(",")
	if err := p.list(); err != nil {
		return err
	}
	p.put(")")
	return p.ExpectOp(")")
}

// quantified writes x op ANY|ALL (query), or of an array.
func (p *P) quantified(start, pos int, op string) error {
	m := Mark{Kind: Quantified, Text: op, Not: p.Is("all"), Pos: pos}
	p.I++
	if !p.IsOp("(") {
		return p.Unexpected()
	}
	if m.Text == "!=" {
		m.Text = "<>"
	}
	m.Literal = !p.queryAhead()
	p.wrap(start, m)
	p.put(",")
	if m.Literal { // an array
		p.I++
		if p.Is("values") {
			return p.Unexpected()
		}
		if err := p.Expr(); err != nil {
			return err
		}
		if p.IsOp(",") {
			return p.Unsupported(p.Tok(), "ANY and ALL over a list")
		}
		if err := p.ExpectOp(")"); err != nil {
			return err
		}
	} else if err := p.subquery(); err != nil {
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

// queryAt is queryAhead for the parenthesis at token i. (query) + 1 and (query) JOIN t in parentheses are no queries.
func (p *P) queryAt(i int) bool {
	in := i
	for p.Toks[in+1].Kind == lex.Op && p.Toks[in+1].Text == "(" {
		if in++; in-i > maxDepth { // too deep, whatever it is
			return false
		}
	}
	if t := &p.Toks[in+1]; t.Kind != lex.Word || t.Text != "select" && t.Text != "with" {
		return false
	}
	for ; in > i; in-- { // what follows each of the inner ones
		if p.match[in] == 0 {
			return false
		}
		n := &p.Toks[p.match[in]+1]
		if n.Kind == lex.Op && n.Text == ")" {
			continue
		}
		switch {
		case n.Kind != lex.Word:
			return false
		case n.Text == "union", n.Text == "intersect", n.Text == "except", n.Text == "minus", n.Text == "order", n.Text == "limit":
		default:
			return false
		}
	}
	return true
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
