package bridge

import (
	"strconv"

	"github.com/redshiftsim/redshiftsim/engine/parse/lex"
	"github.com/redshiftsim/redshiftsim/internal/sqlstate"
)

// unnest writes an item of FROM that makes rows of a SUPER value: as a query of one item, the value.
//
//	c.orders[0].lines AS l AT i
//	(SELECT `rs:1`(`rs:0`(`c`.`orders`,0))) AS `rs:2`
//
// https://docs.aws.amazon.com/redshift/latest/dg/query-super.html#unnest
func (p *P) unnest(m Mark) error {
	p.put("(SELECT ")
	p.open(m)
	if err := p.value(); err != nil {
		return err
	}
	p.put("))")
	return p.alias(Mark{Kind: Item, Pos: m.Pos})
}

// value writes a SUPER value: a column, a path or a call.
func (p *P) value() error {
	t := p.Tok()
	if t.Kind != lex.Quoted && t.Kind != lex.Word {
		return p.Unexpected()
	}
	_, err := p.operand(bpUnary)
	return err
}

// unnestCall writes UNNEST(value) [WITH OFFSET] [AS] alias (column [, offset]).
// https://docs.aws.amazon.com/redshift/latest/dg/r_FROM_clause-unnest-examples.html
func (p *P) unnestCall() error {
	m := Mark{Kind: Unnest, Pos: p.Tok().Pos, Literal: true}
	p.I += 2
	p.put("(SELECT ")
	n := p.open(m)
	if err := p.Expr(); err != nil {
		return err
	}
	if err := p.ExpectOp(")"); err != nil {
		return err
	}
	p.x.Marks[n].Second = p.Words("with", "offset")
	p.put("))")
	return p.alias(Mark{Kind: Item, Pos: m.Pos})
}

// pivots writes PIVOT and UNPIVOT behind the item of FROM that was written since start.
//
//	t PIVOT (sum(a) FOR b IN (1, 2)) p
//	(SELECT 1 FROM `t` AS `rs:0` WHERE `rs:2`(`rs:1`(`a`),`b`,1,2)) AS `rs:3`
//
// https://docs.aws.amazon.com/redshift/latest/dg/r_FROM_clause-pivot-unpivot-examples.html
func (p *P) pivots(start int) error {
	depth := p.depth
	defer func() { p.depth = depth }()
	for {
		t := p.Tok()
		n := p.Ahead(1)
		paren := n.Kind == lex.Op && n.Text == "("
		nulls := p.IsAt(1, "include") || p.IsAt(1, "exclude")
		if !(p.Is("pivot") && paren) && !(p.Is("unpivot") && (paren || nulls)) {
			return nil
		}
		if err := p.enter(); err != nil {
			return err
		}
		p.insert(start, "(SELECT 1 FROM ")
		p.put(" WHERE ")
		m := Mark{Kind: Pivot, Pos: t.Pos}
		k := p.open(m)
		p.I++
		var err error
		if t.Text == "pivot" {
			err = p.pivot(&m)
		} else {
			err = p.unpivot(&m)
		}
		if err != nil {
			return err
		}
		p.x.Marks[k] = m
		p.put("))")
		if err := p.alias(Mark{Kind: Item, Pos: t.Pos}); err != nil {
			return err
		}
		p.last = -1
	}
}

// pivot writes (aggregate [[AS] alias] FOR column IN (value [[AS] alias], ..)).
func (p *P) pivot(m *Mark) error {
	p.I++
	f, err := p.Name()
	if err != nil {
		return err
	}
	if !p.IsOp("(") {
		return p.Unexpected()
	}
	if err := p.callNamed(f.Parts, int(f.Pos), false); err != nil {
		return err
	}
	if m.Text, err = p.itemAlias("for"); err != nil {
		return err
	}
	if err := p.Expect("for"); err != nil {
		return err
	}
	p.put(",")
	c := p.Tok()
	name, err := p.Name()
	if err != nil {
		return err
	}
	if err := p.names(name.Parts, c.Pos); err != nil {
		return err
	}
	if err := p.Expect("in"); err != nil {
		return err
	}
	return p.pivotValues(m)
}

// unpivot writes [INCLUDE | EXCLUDE NULLS] (value FOR name IN (column [[AS] alias], ..)).
func (p *P) unpivot(m *Mark) error {
	m.Fold = true
	if p.Words("include") {
		m.First = true
	} else {
		p.Words("exclude")
	}
	if !p.IsOp("(") {
		if err := p.Expect("nulls"); err != nil {
			return err
		}
	}
	if err := p.ExpectOp("("); err != nil {
		return err
	}
	value, err := p.Ident()
	if err != nil {
		return err
	}
	if err := p.Expect("for"); err != nil {
		return err
	}
	name, err := p.Ident()
	if err != nil {
		return err
	}
	m.Names = []string{value, name}
	if err := p.Expect("in"); err != nil {
		return err
	}
	return p.pivotValues(m)
}

// pivotValues writes (value [[AS] alias], ..) and the parenthesis that ends PIVOT.
func (p *P) pivotValues(m *Mark) error {
	if err := p.ExpectOp("("); err != nil {
		return err
	}
	for {
		if len(m.Aliases) > 0 || !m.Fold {
			p.put(",")
		}
		if err := p.Expr(); err != nil {
			return err
		}
		alias, err := p.itemAlias("")
		if err != nil {
			return err
		}
		m.Aliases = append(m.Aliases, alias)
		if !p.Op(",") {
			break
		}
	}
	if err := p.ExpectOp(")"); err != nil {
		return err
	}
	return p.ExpectOp(")")
}

// itemAlias reads [AS] alias, if there is one; end is a word that is none.
func (p *P) itemAlias(end string) (string, error) {
	t := p.Tok()
	if p.Words("as") {
		return p.Label()
	}
	if aliasToken(t) && !(t.Kind == lex.Word && t.Text == end) {
		p.I++
		return t.Text, nil
	}
	return "", nil
}

// objectTransform writes OBJECT_TRANSFORM(x [KEEP path, ..] [SET path, value, ..]) as a call with the number of kept paths as its second argument.
// https://docs.aws.amazon.com/redshift/latest/dg/r_object_transform_function.html
func (p *P) objectTransform() error {
	t := p.Tok()
	p.I += 2
	n := p.open(Mark{Kind: Call, Names: []string{"object_transform"}, Pos: t.Pos, Args: 1})
	if err := p.Expr(); err != nil {
		return err
	}
	args := 1
	list := func() (int, error) {
		for k := 1; ; k++ {
			p.put(",")
			if err := p.Expr(); err != nil {
				return 0, err
			}
			args++
			if !p.Op(",") {
				return k, nil
			}
		}
	}
	p.put(",")
	at := len(p.out)
	p.put("   0") // the number is not known yet
	args++
	if p.Words("keep") {
		k, err := list()
		if err != nil {
			return err
		}
		digits := strconv.Itoa(k)
		if len(digits) > 4 {
			return sqlstate.TooManyArguments.Errorf("OBJECT_TRANSFORM keeps more than 9999 paths").At(t.Pos)
		}
		copy(p.out[at+4-len(digits):], digits)
	}
	if p.Words("set") {
		here := p.Tok().Pos
		k, err := list()
		if err != nil {
			return err
		}
		if k%2 != 0 {
			return sqlstate.Syntax.Errorf("OBJECT_TRANSFORM SET takes pairs of a path and a value").At(here)
		}
	}
	p.x.Marks[n].Args = args
	p.put(")")
	return p.ExpectOp(")")
}
