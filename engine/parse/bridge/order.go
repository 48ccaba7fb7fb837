package bridge

import (
	"github.com/redshiftsim/redshiftsim/engine/parse/lex"
	"github.com/redshiftsim/redshiftsim/internal/sqlstate"
)

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

// groupingAhead says whether ROLLUP, CUBE or GROUPING SETS is next.
func (p *P) groupingAhead() bool {
	n := p.Ahead(1)
	return (p.Is("rollup") || p.Is("cube")) && n.Kind == lex.Op && n.Text == "(" || p.Is("grouping") && p.IsAt(1, "sets")
}

// sets writes the sets of ROLLUP, CUBE and GROUPING SETS, which may hold each other in GROUPING SETS.
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
		if m.Text == "sets" && p.groupingAhead() { // nested
			if total > 0 {
				p.put(",")
			}
			total++
			if err := p.groupItem(); err != nil {
				return err
			}
		} else if p.IsOp("(") && !p.queryAhead() && p.setAhead() {
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

// ordinal writes an item of GROUP BY or ORDER BY. A number or a boolean at its beginning goes in a marker: alone it would be a place in the list, for
// which TiDB's tree has a node that does not know where it stands.
func (p *P) ordinal() error {
	p.item = p.I
	return p.Expr()
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
	if nulls := p.nullsAt(); nulls != "" {
		p.wrap(start, Mark{Kind: Nulls, Text: nulls, Pos: at})
		p.put(")")
	}
	if desc {
		p.put(" DESC")
	}
	return nil
}

// nullsAt reads NULLS FIRST and NULLS LAST.
func (p *P) nullsAt() string {
	switch {
	case p.Words("nulls", "first"):
		return "first"
	case p.Words("nulls", "last"):
		return "last"
	}
	return ""
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

// markAlias writes the alias of an item of FROM.
func (p *P) markAlias(m Mark) {
	p.put(" AS ")
	p.markName(m)
}
