package bridge

import (
	"github.com/redshiftsim/redshiftsim/engine/ast"
	"github.com/redshiftsim/redshiftsim/engine/parse/lex"
)

// call writes a function call at the cursor's word.
func (p *P) call(approximate bool) error {
	t := p.Tok()
	p.I++
	return p.callNamed([]string{t.Text}, t.Pos, approximate)
}

// callNamed writes a call; the cursor is at its parenthesis.
func (p *P) callNamed(name []string, pos int, approximate bool) error {
	p.I++
	n := p.open(Mark{Kind: Call, Names: name, Pos: pos, Approximate: approximate})
	args := 0
	sep := func() {
		if args > 0 {
			p.put(",")
		}
		args++
	}
	m := Mark{}
	last := name[len(name)-1]
	switch {
	case p.IsOp("*") && p.Ahead(1).Kind == lex.Op && p.Ahead(1).Text == ")":
		p.I++
		m.Star = true
	case p.IsOp(")"):
	default:
		if p.Words("distinct") {
			m.Distinct = true
		} else {
			p.Words("all")
		}
		if p.queryWord() { // f(select ...) is array(select ...) and the like
			return p.Unexpected()
		}
		if w := p.Tok(); dateparts[last] && w.Kind == lex.Word && p.Ahead(1).Kind == lex.Op && p.Ahead(1).Text == "," {
			p.I++
			sep()
			p.here(w.Pos)
			p.text(w.Text)
			m.Args++
			p.I++
		}
		for {
			if p.Tok().Kind == lex.Word && p.Ahead(1).Kind == lex.Op && (p.Ahead(1).Text == "=>" || p.Ahead(1).Text == ":=") {
				return p.Unsupported(p.Tok(), "a named argument")
			}
			sep()
			m.Args++
			if err := p.Expr(); err != nil {
				return err
			}
			if !p.Op(",") {
				break
			}
		}
		if p.Words("ignore", "nulls") {
			m.IgnoreNull = true
		} else {
			p.Words("respect", "nulls")
		}
		if p.Is("order") { // string_agg(x order by y) does not exist here
			return p.Unexpected()
		}
	}
	if err := p.ExpectOp(")"); err != nil {
		return err
	}
	order := func() (int, error) {
		k := 0
		for {
			sep()
			k++
			if err := p.Expr(); err != nil {
				return k, err
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
			m.Desc, m.NullsAt = append(m.Desc, desc), append(m.NullsAt, nulls)
			if !p.Op(",") {
				return k, nil
			}
		}
	}
	var err error
	if p.Words("within", "group") {
		if err := p.ExpectOp("("); err != nil {
			return err
		}
		if !p.Words("order", "by") {
			return p.Unexpected()
		}
		if m.Within, err = order(); err != nil {
			return err
		}
		if err := p.ExpectOp(")"); err != nil {
			return err
		}
	}
	if p.Words("ignore", "nulls") {
		m.IgnoreNull = true
	} else {
		p.Words("respect", "nulls")
	}
	if p.Is("filter") && p.Ahead(1).Kind == lex.Op && p.Ahead(1).Text == "(" {
		return Near(p.Src, p.Ahead(1))
	}
	if p.Is("over") {
		m.Over, m.OverPos = true, p.Tok().Pos
		p.I++
		if !p.IsOp("(") {
			return p.Unsupported(p.Tok(), "a named window")
		}
		p.I++
		if p.Words("partition", "by") {
			for {
				sep()
				m.Partition++
				if err := p.Expr(); err != nil {
					return err
				}
				if !p.Op(",") {
					break
				}
			}
		}
		if p.Words("order", "by") {
			if m.Order, err = order(); err != nil {
				return err
			}
		}
		if p.Is("range") || p.Is("groups") {
			return p.Unexpected()
		}
		if p.Is("rows") {
			f := &ast.Frame{Pos: ast.Pos(p.Tok().Pos)}
			p.I++
			if p.Words("between") {
				if f.Lo, err = p.frameBound(); err != nil {
					return err
				}
				if err := p.Expect("and"); err != nil {
					return err
				}
				f.Hi, err = p.frameBound()
			} else {
				f.Lo, err = p.frameBound()
				f.Hi = ast.Bound{Kind: "current row"}
			}
			if err != nil {
				return err
			}
			m.Frame = f
		}
		if err := p.ExpectOp(")"); err != nil {
			return err
		}
	}
	p.put(")")
	k := &p.x.Marks[n]
	m.Kind, m.Names, m.Pos, m.Approximate = Call, k.Names, k.Pos, k.Approximate
	*k = m
	return nil
}

func (p *P) queryWord() bool { return p.Is("select") || p.Is("with") }

// extract writes EXTRACT(field FROM x).
func (p *P) extract() error {
	t := p.Tok()
	p.I += 2
	f := p.Tok()
	if f.Kind != lex.Word && f.Kind != lex.String && f.Kind != lex.Quoted {
		return p.Unexpected()
	}
	p.I++
	if err := p.Expect("from"); err != nil {
		return err
	}
	p.open(Mark{Kind: Call, Names: []string{"extract"}, Pos: t.Pos, Args: 2})
	p.here(f.Pos)
	p.text(f.Text)
	p.put(",")
	if err := p.Expr(); err != nil {
		return err
	}
	p.put(")")
	return p.ExpectOp(")")
}

// trim writes TRIM([BOTH|LEADING|TRAILING] [chars FROM] x) and TRIM(x[, chars]) as btrim, ltrim, rtrim.
func (p *P) trim() error {
	t := p.Tok()
	p.I += 2
	name := "btrim"
	side := true
	switch {
	case p.Words("both"):
	case p.Words("leading"):
		name = "ltrim"
	case p.Words("trailing"):
		name = "rtrim"
	default:
		side = false
	}
	n := p.open(Mark{Kind: Call, Names: []string{name}, Pos: t.Pos, Args: 1})
	if side && p.Words("from") {
		if err := p.Expr(); err != nil {
			return err
		}
		p.put(")")
		return p.ExpectOp(")")
	}
	at := len(p.out)
	if err := p.Expr(); err != nil {
		return err
	}
	switch {
	case p.Words("from"):
		// the characters come first in the source and second in the call
		chars := string(p.out[at:])
		moved := 0
		for i := len(p.x.offsets) - 1; i >= 0 && p.x.offsets[i].out >= at; i-- {
			moved++
		}
		offs := append([]offset(nil), p.x.offsets[len(p.x.offsets)-moved:]...)
		p.x.offsets = p.x.offsets[:len(p.x.offsets)-moved]
		p.out = p.out[:at]
		if err := p.Expr(); err != nil {
			return err
		}
		p.put(",")
		shift := len(p.out) - at
		for _, o := range offs {
			p.x.offsets = append(p.x.offsets, offset{o.out + shift, o.src})
		}
		p.put(chars)
		p.x.Marks[n].Args = 2
	case p.Op(","):
		p.put(",")
		if err := p.Expr(); err != nil {
			return err
		}
		p.x.Marks[n].Args = 2
	}
	p.put(")")
	return p.ExpectOp(")")
}

// keywordArgs writes SUBSTRING(x FROM a FOR b) and POSITION(a IN b), and the plain calls of those names.
func (p *P) keywordArgs() error {
	t := p.Tok()
	save, out, offs, marks := p.I, len(p.out), len(p.x.offsets), len(p.x.Marks)
	p.I += 2
	n := p.open(Mark{Kind: Call, Names: []string{t.Text}, Pos: t.Pos, Args: 1})
	if _, err := p.expr(bpOther); err != nil {
		return err
	}
	back := func() {
		p.I, p.out, p.x.offsets, p.x.Marks = save, p.out[:out], p.x.offsets[:offs], p.x.Marks[:marks]
	}
	switch {
	case t.Text == "position" && p.Words("in"):
		p.put(",")
		p.x.Marks[n].Args = 2
		if _, err := p.expr(bpOther); err != nil {
			return err
		}
	case t.Text != "position" && (p.Is("from") || p.Is("for")):
		p.x.Marks[n].Args = 2
		p.put(",")
		if p.Words("from") {
			if err := p.Expr(); err != nil {
				return err
			}
		} else {
			p.put("1")
		}
		if p.Words("for") {
			p.put(",")
			p.x.Marks[n].Args = 3
			if err := p.Expr(); err != nil {
				return err
			}
		}
	default:
		back()
		return p.call(false)
	}
	p.put(")")
	return p.ExpectOp(")")
}
