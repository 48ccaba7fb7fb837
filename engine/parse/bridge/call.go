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

// caller writes one call: its arguments, then the items of WITHIN GROUP, then those of the window.
type caller struct {
	p    *P
	m    Mark
	args int
}

// callNamed writes a call; the cursor is at its parenthesis.
func (p *P) callNamed(name []string, pos int, approximate bool) error {
	p.I++
	c := &caller{p: p, m: Mark{Kind: Call, Names: name, Pos: pos, Approximate: approximate}}
	n := p.open(c.m)
	if err := c.arguments(name[len(name)-1]); err != nil {
		return err
	}
	if p.Words("within", "group") {
		if err := c.within(); err != nil {
			return err
		}
	}
	c.nulls()
	if p.Is("filter") && p.Ahead(1).Kind == lex.Op && p.Ahead(1).Text == "(" {
		return Near(p.Src, p.Ahead(1))
	}
	if p.Is("over") {
		if err := c.over(); err != nil {
			return err
		}
	}
	p.put(")")
	p.x.Marks[n] = c.m
	return nil
}

// next begins one more argument of the marker.
func (c *caller) next() {
	if c.args > 0 {
		c.p.put(",")
	}
	c.args++
}

// nulls reads IGNORE NULLS and RESPECT NULLS.
func (c *caller) nulls() {
	if c.p.Words("ignore", "nulls") {
		c.m.IgnoreNull = true
	} else {
		c.p.Words("respect", "nulls")
	}
}

// arguments writes what stands between the call's own parentheses.
func (c *caller) arguments(name string) error {
	p := c.p
	if p.IsOp("*") && p.Ahead(1).Kind == lex.Op && p.Ahead(1).Text == ")" {
		p.I++
		c.m.Star = true
	}
	if p.Op(")") {
		return nil
	}
	if p.Words("distinct") {
		c.m.Distinct = true
	} else {
		p.Words("all")
	}
	if p.queryWord() { // array(select ..) and the like
		return p.Unexpected()
	}
	if w := p.Tok(); dateparts[name] && w.Kind == lex.Word && p.Ahead(1).Kind == lex.Op && p.Ahead(1).Text == "," {
		c.next()
		p.here(w.Pos)
		p.text(w.Text)
		c.m.Args++
		p.I += 2
	}
	for {
		if n := p.Ahead(1); p.Tok().Kind == lex.Word && n.Kind == lex.Op && (n.Text == "=>" || n.Text == ":=") {
			return p.Unsupported(p.Tok(), "a named argument")
		}
		c.next()
		c.m.Args++
		if err := p.Expr(); err != nil {
			return err
		}
		if !p.Op(",") {
			break
		}
	}
	c.nulls()
	return p.ExpectOp(")")
}

// order writes the items of an ORDER BY and gives their number.
func (c *caller) order() (int, error) {
	p := c.p
	for n := 1; ; n++ {
		c.next()
		if err := p.Expr(); err != nil {
			return n, err
		}
		desc := p.Words("desc")
		if !desc {
			p.Words("asc")
		}
		c.m.Desc, c.m.NullsAt = append(c.m.Desc, desc), append(c.m.NullsAt, p.nullsAt())
		if !p.Op(",") {
			return n, nil
		}
	}
}

// within writes WITHIN GROUP (ORDER BY ..).
func (c *caller) within() (err error) {
	p := c.p
	if err := p.ExpectOp("("); err != nil {
		return err
	}
	if !p.Words("order", "by") {
		return p.Unexpected()
	}
	if c.m.Within, err = c.order(); err != nil {
		return err
	}
	return p.ExpectOp(")")
}

// over writes the window.
// https://docs.aws.amazon.com/redshift/latest/dg/r_Window_function_synopsis.html
func (c *caller) over() (err error) {
	p := c.p
	c.m.Over, c.m.OverPos = true, p.Tok().Pos
	p.I++
	if !p.IsOp("(") {
		return p.Unsupported(p.Tok(), "a named window")
	}
	p.I++
	if p.Words("partition", "by") {
		for {
			c.next()
			c.m.Partition++
			if err := p.Expr(); err != nil {
				return err
			}
			if !p.Op(",") {
				break
			}
		}
	}
	if p.Words("order", "by") {
		if c.m.Order, err = c.order(); err != nil {
			return err
		}
	}
	if p.Is("rows") {
		if c.m.Frame, err = p.frame(); err != nil {
			return err
		}
	}
	return p.ExpectOp(")")
}

// frame reads ROWS BETWEEN .. AND .., or ROWS and its beginning.
func (p *P) frame() (f *ast.Frame, err error) {
	f = &ast.Frame{Pos: ast.Pos(p.Tok().Pos), Hi: ast.Bound{Kind: "current row"}}
	p.I++
	between := p.Words("between")
	if f.Lo, err = p.frameBound(); err != nil || !between {
		return f, err
	}
	if err := p.Expect("and"); err != nil {
		return nil, err
	}
	f.Hi, err = p.frameBound()
	return f, err
}

// queryWord says whether a query begins at the cursor.
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
	if !p.keywordAhead(t.Text == "position") {
		return p.call(false)
	}
	p.I += 2
	n := p.open(Mark{Kind: Call, Names: []string{t.Text}, Pos: t.Pos, Args: 2})
	if _, err := p.expr(bpOther); err != nil {
		return err
	}
	p.put(",")
	switch {
	case t.Text == "position":
		if err := p.Expect("in"); err != nil {
			return err
		}
		if _, err := p.expr(bpOther); err != nil {
			return err
		}
	case p.Words("from"):
		if err := p.Expr(); err != nil {
			return err
		}
	default:
		p.put("1")
	}
	if t.Text != "position" && p.Words("for") {
		p.put(",")
		p.x.Marks[n].Args = 3
		if err := p.Expr(); err != nil {
			return err
		}
	}
	p.put(")")
	return p.ExpectOp(")")
}

// keywordAhead says whether the call at the cursor's word has FROM or FOR among its own arguments, or IN. It jumps over inner parentheses, so that
// calls in calls cost no more than their tokens.
func (p *P) keywordAhead(in bool) bool {
	for i := p.I + 2; p.Toks[i].Kind != lex.EOF; i++ {
		switch t := &p.Toks[i]; {
		case t.Kind == lex.Op && t.Text == "(":
			if p.match[i] == 0 {
				return false
			}
			i = p.match[i]
		case t.Kind == lex.Op && (t.Text == ")" || t.Text == ";"):
			return false
		case t.Kind == lex.Word && (in && t.Text == "in" || !in && (t.Text == "from" || t.Text == "for")):
			return true
		}
	}
	return false
}
