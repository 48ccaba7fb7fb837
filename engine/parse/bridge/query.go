package bridge

import (
	"github.com/redshiftsim/redshiftsim/engine/parse/lex"
	"github.com/redshiftsim/redshiftsim/internal/sqlstate"
)

// Query writes a query; its first arm may say INTO when into is set.
func (p *P) Query(into bool) error {
	p.into = into
	err := p.query()
	p.into = false
	return err
}

// query writes [WITH ..] arms [ORDER BY ..] [LIMIT ..].
//
//	a UNION b INTERSECT c ORDER BY 1 LIMIT 2
//	SELECT a UNION SELECT * FROM (SELECT b INTERSECT SELECT c) AS `rs:0` ORDER BY `rs:1`(),`rs:2`(2)
//
// Every arm is a bare SELECT: one that has parentheses, clauses of its own or another operator inside stands in FROM under a Wrap marker, which lift
// takes away again.
func (p *P) query() error {
	if err := p.enter(); err != nil {
		return err
	}
	defer func() { p.depth-- }()
	if err := p.with(); err != nil {
		return err
	}
	start := len(p.out)
	top, arms, err := p.arms()
	if err != nil {
		return err
	}
	p.into = false
	order := p.Is("order") && p.IsAt(1, "by")
	if !order && top == 0 && !p.limitAhead() {
		return p.noLock()
	}
	if arms == parens { // (query) ORDER BY ..
		p.wrapQuery(start)
	}
	return p.tail(top)
}

// armKind says what arms has written.
type armKind uint8

const (
	single armKind = iota // one SELECT
	parens                // one query that was in parentheses
	several
	done // several, all of them arms already
)

// arms writes a chain of UNION and EXCEPT; top is the TOP clause of a lone SELECT, whose LIMIT it is.
func (p *P) arms() (top int, kind armKind, err error) {
	start := len(p.out)
	if top, kind, err = p.intersections(); err != nil {
		return 0, kind, err
	}
	for {
		op := ""
		switch {
		case p.Is("union"):
			op = " UNION "
		case p.Is("except"), p.Is("minus"):
			op = " EXCEPT "
		default:
			return top, kind, nil
		}
		if err := p.arm(start, top, kind); err != nil {
			return 0, kind, err
		}
		top, p.into = 0, false
		word := p.Tok()
		p.I++
		if p.Words("all") {
			if op != " UNION " {
				return 0, kind, p.Unsupported(word, "EXCEPT ALL")
			}
			op = " UNION ALL "
		} else {
			p.Words("distinct")
		}
		p.put(op)
		right := len(p.out)
		t, k, err := p.intersections()
		if err != nil {
			return 0, k, err
		}
		if err := p.arm(right, t, k); err != nil {
			return 0, k, err
		}
		start, kind = len(p.out), done
	}
}

// intersections writes a chain of INTERSECT, which binds tighter than the other operators.
func (p *P) intersections() (top int, kind armKind, err error) {
	start := len(p.out)
	if top, kind, err = p.primary(); err != nil {
		return 0, kind, err
	}
	for p.Is("intersect") {
		if kind != several {
			if err := p.arm(start, top, kind); err != nil {
				return 0, kind, err
			}
		}
		top, p.into = 0, false
		word := p.Tok()
		p.I++
		if p.Words("all") {
			return 0, kind, p.Unsupported(word, "INTERSECT ALL")
		}
		p.Words("distinct")
		p.put(" INTERSECT ")
		right := len(p.out)
		t, k, err := p.primary()
		if err != nil {
			return 0, k, err
		}
		if err := p.arm(right, t, k); err != nil {
			return 0, k, err
		}
		kind = several
	}
	return top, kind, nil
}

// arm makes what was written since start one arm of a set operation.
func (p *P) arm(start int, top int, kind armKind) error {
	if kind == done || kind == single && top == 0 {
		return nil
	}
	if top != 0 {
		if err := p.limit(top, false); err != nil {
			return err
		}
	}
	p.wrapQuery(start)
	return nil
}

// wrapQuery puts the query written since start into FROM.
func (p *P) wrapQuery(start int) {
	p.insert(start, "SELECT * FROM (")
	p.put(")")
	p.item(Mark{Kind: Wrap})
}

// primary writes one SELECT, or a query in parentheses.
func (p *P) primary() (int, armKind, error) {
	if p.IsOp("(") {
		if err := p.enter(); err != nil {
			return 0, 0, err
		}
		defer func() { p.depth-- }()
		p.I++
		if !p.Is("select") && !p.Is("with") && !p.IsOp("(") {
			return 0, 0, p.Unexpected()
		}
		if err := p.query(); err != nil {
			return 0, 0, err
		}
		return 0, parens, p.ExpectOp(")")
	}
	if !p.Is("select") {
		return 0, 0, p.Unexpected()
	}
	top, err := p.selectList()
	return top, single, err
}

// with writes WITH [RECURSIVE] name [(columns)] AS (query), ..
// https://docs.aws.amazon.com/redshift/latest/dg/r_WITH_clause.html
func (p *P) with() error {
	if !p.Is("with") {
		return nil
	}
	at := p.Tok().Pos
	p.I++
	p.put("WITH ")
	if p.Words("recursive") {
		p.put("RECURSIVE ")
	}
	into := p.into
	p.into = false
	for {
		m := Mark{Kind: CTE, Pos: p.Tok().Pos, OverPos: at}
		name, err := p.Ident()
		if err != nil {
			return err
		}
		m.Text = name
		if p.IsOp("(") {
			cols, err := p.Columns()
			if err != nil {
				return err
			}
			for _, c := range cols {
				m.Names = append(m.Names, c.Name)
			}
		}
		if err := p.Expect("as"); err != nil {
			return err
		}
		p.markName(m)
		p.put(" AS ")
		if !p.IsOp("(") {
			return p.Unexpected()
		}
		if err := p.subquery(); err != nil {
			return err
		}
		if !p.Op(",") {
			break
		}
		p.put(",")
	}
	p.put(" ")
	p.into = into
	return nil
}

// selectList writes one SELECT without ORDER BY and LIMIT. It gives the TOP clause, which the caller makes a LIMIT.
// https://docs.aws.amazon.com/redshift/latest/dg/r_SELECT_synopsis.html
func (p *P) selectList() (top int, err error) {
	p.here(p.Tok().Pos)
	p.I++
	p.put("SELECT ")
	into := p.into
	p.into = false
	if top, err = p.top(); err != nil {
		return 0, err
	}
	if p.Words("distinct") {
		if p.Is("on") {
			return 0, p.Unsupported(p.Tok(), "SELECT DISTINCT ON")
		}
		p.put("DISTINCT ")
	} else {
		p.Words("all")
	}
	if top == 0 {
		if top, err = p.top(); err != nil {
			return 0, err
		}
	}
	first := len(p.x.Marks)
	for {
		if err := p.selectItem(); err != nil {
			return 0, err
		}
		if !p.Op(",") {
			break
		}
		p.put(",")
	}
	if p.Is("exclude") {
		if err := p.listExclude(p.x.Marks[first:]); err != nil {
			return 0, err
		}
	}
	if p.Is("into") {
		if err := p.intoClause(into); err != nil {
			return 0, err
		}
	}
	if p.Words("from") {
		p.put(" FROM ")
		if err := p.fromList(); err != nil {
			return 0, err
		}
	} else if p.Is("where") || p.Is("group") || p.Is("having") || p.Is("qualify") || p.Is("order") || top != 0 || p.limitAhead() {
		p.put(" FROM `rs:none`")
	}
	p.into = into
	return top, p.clauses()
}

// listExclude reads EXCLUDE at the end of a list: it is the star's, wherever that stands.
// https://docs.aws.amazon.com/redshift/latest/dg/r_EXCLUDE_list.html
func (p *P) listExclude(marks []Mark) error {
	for i := range marks {
		if m := &marks[i]; m.Kind == Star && m.Exclude == nil {
			return p.exclude(m)
		}
	}
	return p.Unexpected()
}

// top reads TOP n and gives the place of n among the tokens, 0 = there is none.
// https://docs.aws.amazon.com/redshift/latest/dg/r_SELECT_list.html
func (p *P) top() (int, error) {
	if !p.Is("top") {
		return 0, nil
	}
	n := p.Ahead(1)
	if n.Kind != lex.Number && n.Kind != lex.Param {
		return 0, Near(p.Src, n)
	}
	p.I += 2
	return p.I - 1, nil
}

// intoClause reads INTO [TEMP] [TABLE] name.
// https://docs.aws.amazon.com/redshift/latest/dg/r_SELECT_INTO.html
func (p *P) intoClause(allowed bool) error {
	if !allowed {
		return sqlstate.Syntax.Errorf("SELECT ... INTO is not allowed here").At(p.Tok().Pos)
	}
	p.I++
	if p.Words("temp") || p.Words("temporary") {
		p.x.IntoTemp = true
	} else {
		p.Words("local")
		if p.Words("temp") || p.Words("temporary") {
			p.x.IntoTemp = true
		}
	}
	p.Words("table")
	n, err := p.Name()
	p.x.Into = &n
	return err
}

// selectItem writes * or an expression with its alias.
func (p *P) selectItem() error {
	if t := p.Tok(); t.Kind == lex.Op && t.Text == "*" {
		p.I++
		return p.star(t.Pos, nil)
	}
	if err := p.Expr(); err != nil {
		return err
	}
	alias := ""
	switch t := p.Tok(); {
	case p.Words("as"):
		s, err := p.Label()
		if err != nil {
			return err
		}
		alias = s
	case aliasToken(t):
		alias = t.Text
		p.I++
	default:
		return nil
	}
	p.put(" AS ")
	return p.name(alias)
}

// clauses writes WHERE, GROUP BY, HAVING and QUALIFY.
func (p *P) clauses() error {
	if p.Words("where") {
		p.put(" WHERE ")
		if p.Is("current") && p.IsAt(1, "of") {
			return p.Unsupported(p.Tok(), "WHERE CURRENT OF")
		}
		if err := p.Expr(); err != nil {
			return err
		}
	}
	if p.Is("start") && p.IsAt(1, "with") || p.Is("connect") && p.IsAt(1, "by") {
		return p.Unsupported(p.Tok(), "CONNECT BY")
	}
	if p.Words("group", "by") {
		p.put(" GROUP BY ")
		if err := p.groupBy(); err != nil {
			return err
		}
	}
	return p.having()
}

// having writes HAVING and QUALIFY, both in HAVING.
// https://docs.aws.amazon.com/redshift/latest/dg/r_QUALIFY_clause.html
func (p *P) having() error {
	if !p.Is("having") && !p.Is("qualify") {
		return nil
	}
	p.put(" HAVING ")
	m := Mark{Kind: Having, Pos: p.Tok().Pos}
	n := p.open(m)
	if p.Words("having") {
		m.First = true
		if err := p.Expr(); err != nil {
			return err
		}
	}
	if p.Words("qualify") {
		if m.First {
			p.put(",")
		}
		m.Second = true
		if err := p.Expr(); err != nil {
			return err
		}
	}
	p.x.Marks[n] = m
	p.put(")")
	return nil
}

// groupBy writes the items of GROUP BY.
// https://docs.aws.amazon.com/redshift/latest/dg/r_GROUP_BY_clause.html
func (p *P) groupBy() error {
	if t := p.Tok(); p.Words("all") {
		p.open(Mark{Kind: Grouping, Text: "all", Pos: t.Pos})
		p.put(")")
		return nil
	}
	for {
		if err := p.groupItem(); err != nil {
			return err
		}
		if !p.Op(",") {
			return nil
		}
		p.put(",")
	}
}

// groupItem writes one item of GROUP BY.
func (p *P) groupItem() error {
	t := p.Tok()
	paren := p.Ahead(1).Kind == lex.Op && p.Ahead(1).Text == "("
	switch {
	case p.Is("rollup") && paren, p.Is("cube") && paren:
		p.I++
		return p.sets(Mark{Kind: Grouping, Text: t.Text, Pos: t.Pos})
	case p.Is("grouping") && p.IsAt(1, "sets"):
		p.I += 2
		return p.sets(Mark{Kind: Grouping, Text: "sets", Pos: t.Pos})
	case t.Kind == lex.Op && t.Text == "(" && p.Ahead(1).Kind == lex.Op && p.Ahead(1).Text == ")":
		p.I += 2
		p.open(Mark{Kind: Grouping, Text: "sets", Sizes: []int{0}, Pos: t.Pos})
		p.put(")")
		return nil
	}
	return p.ordinal()
}

// sets writes the sets of ROLLUP, CUBE and GROUPING SETS.
// https://docs.aws.amazon.com/redshift/latest/dg/r_GROUP_BY_aggregation-extensions.html
func (p *P) sets(m Mark) error {
	n := p.open(m)
	if err := p.ExpectOp("("); err != nil {
		return err
	}
	total := 0
	item := func() error {
		if total > 0 {
			p.put(",")
		}
		total++
		return p.Expr()
	}
	for {
		size := total
		if p.Is("rollup") || p.Is("cube") || p.Is("grouping") && p.IsAt(1, "sets") {
			return p.Unsupported(p.Tok(), "nesting of GROUPING SETS")
		}
		if p.IsOp("(") && !p.queryAhead() && p.setAhead() {
			p.I++
			for !p.IsOp(")") {
				if err := item(); err != nil {
					return err
				}
				if !p.Op(",") {
					break
				}
			}
			if err := p.ExpectOp(")"); err != nil {
				return err
			}
		} else if err := item(); err != nil {
			return err
		}
		m.Sizes = append(m.Sizes, total-size)
		if !p.Op(",") {
			break
		}
	}
	p.x.Marks[n] = m
	p.put(")")
	return p.ExpectOp(")")
}

// setAhead says whether the parenthesis at the cursor holds a whole set, not the beginning of an expression.
func (p *P) setAhead() bool {
	end := p.match[p.I]
	if end == 0 {
		return false
	}
	n := &p.Toks[end+1]
	return n.Kind == lex.Op && (n.Text == "," || n.Text == ")")
}

// ordinal writes an item of GROUP BY or ORDER BY. A lone number, a place in the list, goes in a marker: MySQL's grammar reads it in a way of its own.
func (p *P) ordinal() error {
	if t := p.Tok(); t.Kind == lex.Number {
		n := p.Ahead(1)
		switch {
		case n.Kind == lex.EOF, n.Kind == lex.Op && (n.Text == "," || n.Text == ")" || n.Text == ";"),
			n.Kind == lex.Word && !continues(n.Text):
			p.I++
			p.open(Mark{Kind: Number, Text: t.Text, Pos: t.Pos})
			p.put(")")
			return nil
		}
	}
	return p.Expr()
}

// continues says whether a word continues an expression.
func continues(w string) bool {
	switch w {
	case "and", "or", "is", "isnull", "notnull", "not", "in", "between", "like", "ilike", "similar", "at", "collate":
		return true
	}
	return false
}

// limitAhead says whether LIMIT or OFFSET is next.
func (p *P) limitAhead() bool { return p.Is("limit") || p.Is("offset") }

// tail writes ORDER BY, LIMIT and OFFSET of a query. The limits are the last item of ORDER BY, so that they may be any expression.
func (p *P) tail(top int) error {
	more := false
	if p.Words("order", "by") {
		p.put(" ORDER BY ")
		more = true
		for {
			if err := p.orderItem(); err != nil {
				return err
			}
			if !p.Op(",") {
				break
			}
			p.put(",")
		}
	}
	if top != 0 && p.Is("limit") {
		return sqlstate.Syntax.Errorf("multiple LIMIT clauses not allowed").At(p.Tok().Pos)
	}
	if top != 0 || p.limitAhead() {
		if err := p.limit(top, more); err != nil {
			return err
		}
	}
	return p.noLock()
}

// noLock refuses FOR UPDATE.
func (p *P) noLock() error {
	if p.Is("for") && (p.IsAt(1, "update") || p.IsAt(1, "share")) {
		return sqlstate.FeatureNotSupported.Errorf("SELECT FOR UPDATE/SHARE is not supported").At(p.Tok().Pos)
	}
	return nil
}

// orderItem writes one item of ORDER BY.
// https://docs.aws.amazon.com/redshift/latest/dg/r_ORDER_BY_clause.html
func (p *P) orderItem() error {
	start := len(p.out)
	at := p.Tok().Pos
	if err := p.ordinal(); err != nil {
		return err
	}
	desc := p.Words("desc")
	if !desc {
		p.Words("asc")
	}
	nulls := ""
	if p.Words("nulls", "first") {
		nulls = "first"
	} else if p.Words("nulls", "last") {
		nulls = "last"
	}
	if nulls != "" {
		p.wrap(start, Mark{Kind: Nulls, Text: nulls, Pos: at})
		p.put(")")
	}
	if desc {
		p.put(" DESC")
	}
	return nil
}

// limit writes LIMIT, OFFSET and TOP as an item of ORDER BY, after more others.
func (p *P) limit(top int, more bool) error {
	if more {
		p.put(",")
	} else {
		p.put(" ORDER BY ")
	}
	m := Mark{Kind: Limit}
	n := p.open(m)
	count := func() error {
		m.First = true
		return p.Expr()
	}
	if top != 0 {
		save := p.I
		p.I, m.First = top, true // the cursor goes back to TOP for a moment
		_, err := p.operand(bpUnary)
		if p.I = save; err != nil {
			return err
		}
	}
	for p.limitAhead() {
		at := p.Tok()
		p.I++
		if at.Text == "offset" {
			if m.Second {
				return sqlstate.Syntax.Errorf("multiple OFFSET clauses not allowed").At(at.Pos)
			}
			if m.First {
				p.put(",")
			}
			m.Second = true
			if err := p.Expr(); err != nil {
				return err
			}
			if p.Is("limit") { // OFFSET before LIMIT: the count comes second
				m.Swapped = true
			}
			continue
		}
		if m.First {
			return sqlstate.Syntax.Errorf("multiple LIMIT clauses not allowed").At(at.Pos)
		}
		if p.Words("all") {
			continue
		}
		if m.Second {
			p.put(",")
		}
		if err := count(); err != nil {
			return err
		}
		if p.IsOp(",") {
			return sqlstate.Syntax.Errorf("LIMIT #,# syntax is not supported").WithHint("Use separate LIMIT and OFFSET clauses.").At(p.Tok().Pos)
		}
	}
	m.Swapped = m.Swapped && m.First
	p.x.Marks[n] = m
	p.put(")")
	return nil
}

// markName writes a name that stands for a marker: of a WITH query, or the alias of an item of FROM.
func (p *P) markName(m Mark) {
	p.open(m)
	p.out = p.out[:len(p.out)-1] // without the parenthesis
}

// item writes the alias of an item of FROM.
func (p *P) item(m Mark) {
	p.put(" AS ")
	p.markName(m)
}
