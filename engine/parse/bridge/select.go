package bridge

import (
	"github.com/redshiftsim/redshiftsim/engine/parse/lex"
	"github.com/redshiftsim/redshiftsim/internal/sqlstate"
)

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
	where := len(p.out)
	filtered := p.Words("where")
	if filtered {
		p.put(" WHERE ")
		where = len(p.out)
		if p.Is("current") && p.IsAt(1, "of") {
			return p.Unsupported(p.Tok(), "WHERE CURRENT OF")
		}
		if err := p.Expr(); err != nil {
			return err
		}
	}
	if p.hierarchyAhead() {
		if err := p.hierarchy(where, filtered); err != nil {
			return err
		}
	}
	if p.Words("group", "by") {
		p.put(" GROUP BY ")
		if err := p.groupBy(); err != nil {
			return err
		}
	}
	return p.having()
}

// hierarchyAhead says whether START WITH or CONNECT BY is next.
func (p *P) hierarchyAhead() bool {
	return p.Is("start") && p.IsAt(1, "with") || p.Is("connect") && p.IsAt(1, "by")
}

// hierarchy writes START WITH and CONNECT BY, in either order, beside the condition of WHERE.
// https://docs.aws.amazon.com/redshift/latest/dg/r_CONNECT_BY_clause.html
func (p *P) hierarchy(where int, filtered bool) error {
	m := Mark{Kind: Hierarchy, Pos: p.Tok().Pos, First: filtered}
	if !filtered {
		p.put(" WHERE ")
		where = len(p.out)
	}
	n := p.wrap(where, m)
	connect := false
	for p.hierarchyAhead() {
		t := p.Tok()
		start := p.Is("start")
		if start && m.Second || !start && connect {
			return p.Unexpected()
		}
		p.I += 2
		if m.First || connect || m.Second {
			p.put(",")
		}
		if start {
			m.Second, m.Swapped = true, connect
		} else {
			connect, m.Pos = true, t.Pos
		}
		if err := p.Expr(); err != nil {
			return err
		}
	}
	if !connect {
		return p.Unexpected()
	}
	p.x.Marks[n] = m
	p.put(")")
	return nil
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
