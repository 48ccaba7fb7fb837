package bridge

import (
	"github.com/redshiftsim/redshiftsim/internal/sqlstate"
)

// With writes the WITH clause before UPDATE and DELETE, or of a query; the cursor is then at the statement's own word.
func (p *P) With() error { return p.with() }

// Update writes UPDATE t SET .. [FROM ..] [WHERE ..]. The tables of FROM stand in a query of their own beside the condition:
//
//	UPDATE t SET a = u.b FROM u WHERE t.k = u.k
//	UPDATE `t` SET `a` = `u`.`b` WHERE `rs:1`((SELECT 1 FROM `u` AS `rs:0`),`t`.`k` = `u`.`k`)
//
// https://docs.aws.amazon.com/redshift/latest/dg/r_UPDATE.html
func (p *P) Update() error {
	p.I++
	p.put("UPDATE ")
	g, err := p.target(true)
	if err != nil {
		return err
	}
	if err := p.Expect("set"); err != nil {
		return err
	}
	p.put(" SET ")
	for {
		c, err := p.Column()
		if err != nil {
			return err
		}
		if p.IsOp(".") {
			return sqlstate.UndefinedColumn.Errorf("column \"%s\" of relation \"%s\" does not exist", c.Name, g.Table.Object()).
				WithHint("SET takes columns without the name of a table, and whole ones: a part of a SUPER value cannot be changed.").At(c.Offset())
		}
		g.Columns = append(g.Columns, c)
		if err := p.name(c.Name); err != nil {
			return err
		}
		if err := p.ExpectOp("="); err != nil {
			return err
		}
		p.put(" = ")
		if err := p.Expr(); err != nil {
			return err
		}
		if !p.Op(",") {
			break
		}
		p.put(",")
	}
	return p.others(p.Words("from"))
}

// Delete writes DELETE [FROM] t [USING ..] [WHERE ..].
// https://docs.aws.amazon.com/redshift/latest/dg/r_DELETE.html
func (p *P) Delete() error {
	p.I++
	p.put("DELETE FROM ")
	p.Words("from")
	if _, err := p.target(true); err != nil {
		return err
	}
	return p.others(p.Words("using"))
}

// target writes the table that a statement changes.
func (p *P) target(alias bool) (*Target, error) {
	n, err := p.Name()
	if err != nil {
		return nil, err
	}
	g := &Target{Table: n}
	p.x.Target = g
	if err := p.table(n.Parts[max(0, len(n.Parts)-3):]); err != nil {
		return nil, err
	}
	if alias {
		if p.Words("as") {
			g.Alias, err = p.Label()
		} else if t := p.Tok(); aliasToken(t) {
			g.Alias = t.Text
			p.I++
		}
	}
	return g, err
}

// others writes the other tables and the condition of UPDATE and DELETE.
func (p *P) others(tables bool) error {
	if !tables && !p.Is("where") {
		return nil
	}
	p.put(" WHERE ")
	m := Mark{Kind: Others}
	n := p.open(m)
	if tables {
		m.First = true
		p.put("(SELECT 1 FROM ")
		if err := p.fromList(); err != nil {
			return err
		}
		p.put(")")
	}
	if at := p.Tok(); p.Words("where") {
		if p.Is("current") && p.IsAt(1, "of") {
			return p.Unsupported(at, "WHERE CURRENT OF")
		}
		if m.Second = true; m.First {
			p.put(",")
		}
		if err := p.Expr(); err != nil {
			return err
		}
	}
	p.x.Marks[n] = m
	p.put(")")
	return nil
}

// Insert writes INSERT INTO t [(columns)] VALUES .. | query | DEFAULT VALUES.
// https://docs.aws.amazon.com/redshift/latest/dg/r_INSERT_30.html
func (p *P) Insert() error {
	p.I++
	if err := p.Expect("into"); err != nil {
		return err
	}
	p.put("INSERT INTO ")
	g, err := p.target(false)
	if err != nil {
		return err
	}
	if p.IsOp("(") && !p.queryAhead() {
		if g.Columns, err = p.Columns(); err != nil {
			return err
		}
		p.put(" (")
		for i, c := range g.Columns {
			if i > 0 {
				p.put(",")
			}
			if err := p.name(c.Name); err != nil {
				return err
			}
		}
		p.put(")")
	}
	switch {
	case len(g.Columns) == 0 && p.Words("default", "values"):
		g.Default, g.Made = true, true
		p.put(" () VALUES ()")
		return nil
	case p.Words("values"):
		return p.values(g)
	case p.queryWord() || p.IsOp("("):
		p.put(" ")
		return p.query()
	}
	return p.Unexpected()
}

// values writes the rows of VALUES. A row that is not of literals and parameters alone goes to TiDB; the others are made here, and when these are all the
// statement is.
func (p *P) values(g *Target) error {
	p.put(" VALUES ")
	g.Made = true
	for {
		row := p.plainRow(g.width())
		g.Rows = append(g.Rows, row)
		if row == nil {
			if !g.Made {
				p.put(",")
			}
			g.Made = false
			if err := p.row(); err != nil {
				return err
			}
		}
		if !p.Op(",") {
			return nil
		}
	}
}

// row writes a row of VALUES.
func (p *P) row() error {
	if err := p.ExpectOp("("); err != nil {
		return err
	}
	p.put("(")
	if err := p.list(); err != nil {
		return err
	}
	p.put(")")
	return p.ExpectOp(")")
}

// width guesses how many values a row has.
func (g *Target) width() int {
	if n := len(g.Rows); n > 0 && g.Rows[n-1] != nil {
		return len(g.Rows[n-1])
	}
	return 8
}

// Merge writes the source of MERGE and its condition, as a query: SELECT 1 FROM source WHERE condition.
// https://docs.aws.amazon.com/redshift/latest/dg/r_MERGE.html
func (p *P) Merge() error {
	p.put("SELECT 1 FROM ")
	if err := p.fromSource(); err != nil {
		return err
	}
	if err := p.Expect("on"); err != nil {
		return err
	}
	p.put(" WHERE ")
	return p.Expr()
}
