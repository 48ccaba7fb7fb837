package bridge

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

// Kinds of arms.
const (
	single armKind = iota // one SELECT
	parens                // one query that was in parentheses
	several
	done // several, all of them arms already
)

// arms writes a chain of UNION and EXCEPT; top is the TOP clause of a lone SELECT, whose LIMIT it is.
func (p *P) arms() (top int, kind armKind, err error) {
	start, before := len(p.out), p.height
	p.height = 0
	if top, kind, err = p.intersections(); err != nil {
		return 0, kind, err
	}
	for h := p.height; ; {
		op := ""
		switch {
		case p.Is("union"):
			op = " UNION "
		case p.Is("except"), p.Is("minus"):
			op = " EXCEPT "
		default:
			p.height = max(before, h)
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
		p.height = 0
		t, k, err := p.intersections()
		if err != nil {
			return 0, k, err
		}
		if h, err = p.grow(max(h, p.height)); err != nil {
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
	start, before := len(p.out), p.height
	p.height = 0
	if top, kind, err = p.primary(); err != nil {
		return 0, kind, err
	}
	h := p.height
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
		p.height = 0
		t, k, err := p.primary()
		if err != nil {
			return 0, k, err
		}
		if h, err = p.grow(max(h, p.height)); err != nil {
			return 0, k, err
		}
		if err := p.arm(right, t, k); err != nil {
			return 0, k, err
		}
		kind = several
	}
	p.height = max(before, h)
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
	p.markAlias(Mark{Kind: Wrap})
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
