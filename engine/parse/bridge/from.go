package bridge

import (
	"strconv"
	"strings"

	"github.com/redshiftsim/redshiftsim/engine/parse/lex"
	"github.com/redshiftsim/redshiftsim/internal/sqlstate"
)

// fromList writes the items of FROM.
// https://docs.aws.amazon.com/redshift/latest/dg/r_FROM_clause30.html
func (p *P) fromList() error {
	before, h := p.height, 0
	for {
		p.height = 0
		if _, err := p.joined(); err != nil {
			return err
		}
		var err error
		if h, err = p.grow(max(h, p.height)); err != nil {
			return err
		}
		if !p.Op(",") {
			p.height = max(before, h)
			return nil
		}
		p.put(",")
	}
}

// joined writes an item of FROM with the joins that follow it; any says whether there are some.
func (p *P) joined() (any bool, err error) {
	if err := p.enter(); err != nil {
		return false, err
	}
	defer func() { p.depth-- }()
	before := p.height
	p.height = 0
	if err := p.fromItem(); err != nil {
		return false, err
	}
	for h := p.height; ; any = true {
		kind, natural, ok, err := p.joinWord()
		if err != nil || !ok {
			p.height = max(before, h)
			return any, err
		}
		p.height = 0
		if err := p.join(kind, natural); err != nil {
			return any, err
		}
		if h, err = p.grow(max(h, p.height)); err != nil {
			return any, err
		}
	}
}

// joinWord reads [NATURAL] [INNER | LEFT | RIGHT | FULL [OUTER]] JOIN or CROSS JOIN.
func (p *P) joinWord() (kind string, natural, ok bool, err error) {
	n := 0
	if natural = p.Is("natural"); natural {
		n = 1
	}
	kind = "inner"
	switch t := p.Ahead(n); {
	case t.Kind != lex.Word:
	case t.Text == "inner", t.Text == "cross" && !natural:
		kind = t.Text
		n++
	case t.Text == "left", t.Text == "right", t.Text == "full":
		kind = t.Text
		n++
		if p.IsAt(n, "outer") {
			n++
		}
	}
	if !p.IsAt(n, "join") {
		if n == 0 {
			return "", false, false, nil
		}
		return "", false, false, Near(p.Src, p.Ahead(n))
	}
	p.I += n + 1
	return kind, natural, true, nil
}

// join writes the rest of a join: the right side, in parentheses when it has joins of its own, and the condition. TiDB has no full join: it is a
// left one whose condition says so; a cross join has a condition that says so too, which tells it from a comma.
func (p *P) join(kind string, natural bool) error {
	natively := natural && kind != "full"
	if natively {
		p.put(" NATURAL")
	}
	switch kind {
	case "left", "full":
		p.put(" LEFT JOIN ")
	case "right":
		p.put(" RIGHT JOIN ")
	default:
		p.put(" JOIN ")
	}
	start := len(p.out)
	if kind == "cross" || natural {
		if err := p.fromItem(); err != nil {
			return err
		}
		switch {
		case kind == "cross":
			p.put(" ON ")
			p.open(Mark{Kind: Cross, Text: kind})
			p.put(")")
		case !natively:
			p.put(" USING (")
			p.markName(Mark{Kind: Full, Not: true})
			p.put(")")
		}
		return nil
	}
	nested, err := p.joined()
	if err != nil {
		return err
	}
	if nested { // a JOIN b JOIN c ON x ON y
		p.parens(start)
	}
	if p.Words("on") {
		p.put(" ON ")
		if kind == "full" {
			p.open(Mark{Kind: Full})
		}
		if err := p.Expr(); err != nil {
			return err
		}
		if kind == "full" {
			p.put(")")
		}
		return nil
	}
	if !p.Words("using") {
		if p.last < 0 { // only a SUPER value is joined without a condition
			return p.Unexpected()
		}
		p.x.Marks[p.last].First = true
		p.put(" ON ")
		p.open(Mark{Kind: Cross, Text: kind})
		p.put(")")
		return nil
	}
	cols, err := p.Columns()
	if err != nil {
		return err
	}
	p.put(" USING (")
	if kind == "full" {
		p.markName(Mark{Kind: Full})
		p.put(",")
	}
	for i, c := range cols {
		if i > 0 {
			p.put(",")
		}
		if err := p.name(c.Name); err != nil {
			return err
		}
	}
	p.put(")")
	return nil
}

// fromItem writes a table, a query, a function or joins in parentheses, with its alias, and what PIVOT and UNPIVOT make of it.
func (p *P) fromItem() error {
	start := len(p.out)
	if err := p.fromSource(); err != nil {
		return err
	}
	return p.pivots(start)
}

// fromSource writes an item of FROM without PIVOT.
func (p *P) fromSource() error {
	t := p.Tok()
	p.last = -1
	if t.Kind == lex.Op && t.Text == "(" {
		if p.queryAhead() {
			if err := p.subquery(); err != nil {
				return err
			}
			return p.alias(Mark{Kind: Item, Pos: t.Pos})
		}
		return p.joinParens()
	}
	if n := p.Ahead(1); n.Kind == lex.Word && !reserved[n.Text] && p.Is("unpivot") || n.Kind == lex.Quoted && p.Is("unpivot") {
		p.I++
		return p.unnest(Mark{Kind: Unnest, Pos: t.Pos, Fold: true})
	} else if n.Kind == lex.Op && n.Text == "(" {
		switch {
		case p.Is("unnest"):
			return p.unnestCall()
		case p.Is("table"):
			return p.Unsupported(t, "TABLE in FROM")
		}
	}
	if n := p.Ahead(1); p.Is("values") && n.Kind == lex.Op && n.Text == "(" || niladic[t.Text] && t.Kind == lex.Word {
		return p.Unexpected()
	}
	save := p.I
	name, err := p.Name()
	if err != nil {
		return err
	}
	written := p.WrittenParts(name.Parts)
	switch {
	case p.IsOp("("):
		p.put("(SELECT ")
		p.open(Mark{Kind: TableFunction, Pos: t.Pos})
		if err := p.callNamed(name.Parts, t.Pos, false); err != nil {
			return err
		}
		p.put("))")
	case p.IsOp("["), len(name.Parts) > 3:
		p.I = save
		return p.unnest(Mark{Kind: Unnest, Pos: t.Pos})
	default:
		if err := p.table(name.Parts); err != nil {
			return err
		}
		p.Op("*") // FROM t *: its descendants too, of which a table has none
		if err := p.alias(Mark{Kind: Item, Pos: t.Pos, Aliases: written}); err != nil {
			return err
		}
		if len(name.Parts) > 1 {
			p.last = len(p.x.Marks) - 1
		}
		return nil
	}
	return p.alias(Mark{Kind: Item, Pos: t.Pos})
}

// Database joins the database's name to the schema's where a table is named with three parts: TiDB's names have two.
const Database = "\x01"

// table writes a table's name.
func (p *P) table(parts []string) error {
	if len(parts) == 3 {
		parts = []string{parts[0] + Database + parts[1], parts[2]}
	}
	for i, s := range parts {
		if strings.HasSuffix(s, " ") {
			return sqlstate.InvalidName.Errorf("names of tables that end in a blank are not supported: \"%s\"", s).At(p.Toks[p.I-1].Pos)
		}
		if i > 0 {
			p.put(".")
		}
		if err := p.name(s); err != nil {
			return err
		}
	}
	return nil
}

// joinParens writes joins in parentheses.
func (p *P) joinParens() error {
	at := p.Tok().Pos
	p.I++
	start := len(p.out)
	p.put("(")
	inner := p.IsOp("(")
	any, err := p.joined()
	if err != nil {
		return err
	}
	if !any && !inner {
		return p.Unexpected()
	}
	if !any { // ((a JOIN b)) is (a JOIN b)
		p.out[start] = ' '
	} else {
		p.put(")")
	}
	if err := p.ExpectOp(")"); err != nil {
		return err
	}
	p.last = -1
	if p.Is("as") || aliasToken(p.Tok()) { // a query of all its columns; the names inside are hidden
		p.insert(start, "(SELECT `rs:"+strconv.Itoa(p.mark(Mark{Kind: Star, Pos: at}))+"`() FROM ")
		p.put(")")
		return p.alias(Mark{Kind: Item, Pos: at})
	}
	return nil
}

// alias writes [AS] alias [(columns)] as a marker.
func (p *P) alias(m Mark) error {
	t := p.Tok()
	switch {
	case p.Words("as"):
		s, err := p.Label()
		if err != nil {
			return err
		}
		m.Text = s
	case aliasToken(t) && !p.atAhead():
		m.Text = t.Text
		p.I++
	}
	if m.Text != "" && p.Op("(") {
		for {
			c, err := p.Ident()
			if err != nil {
				return err
			}
			m.Names = append(m.Names, c)
			if !p.IsOp(",") && !p.IsOp(")") { // a function's columns have types too
				if _, err := p.Type(); err != nil {
					return err
				}
			}
			if !p.Op(",") {
				break
			}
		}
		if err := p.ExpectOp(")"); err != nil {
			return err
		}
	}
	if p.atAhead() {
		if len(m.Names) > 0 {
			return p.Unexpected()
		}
		p.I++
		s, err := p.Ident()
		if err != nil {
			return err
		}
		m.At = s
	}
	p.markAlias(m)
	return nil
}

// atAhead says whether AT and a name are next.
func (p *P) atAhead() bool { return p.Is("at") && aliasToken(p.Ahead(1)) }
