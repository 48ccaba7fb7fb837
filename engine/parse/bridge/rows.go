package bridge

import (
	"strconv"

	"github.com/redshiftsim/redshiftsim/engine/ast"
	"github.com/redshiftsim/redshiftsim/engine/parse/lex"
)

// plainRow reads a row of VALUES that holds only literals and parameters, and makes the trees that TiDB's parser and lift would have made of it. It
// gives nil, and leaves the cursor where it was, at any other row. width is how many values are expected.
func (p *P) plainRow(width int) []ast.Expr {
	if !p.IsOp("(") {
		return nil
	}
	row := make([]ast.Expr, 0, width)
	lits := make([]ast.Literal, 0, width) // the row's literals lie together
	for i := p.I + 1; ; {
		sign := &p.Toks[i]
		negative := sign.Kind == lex.Op && sign.Text == "-"
		if negative {
			i++
		}
		t, end := &p.Toks[i], &p.Toks[min(i+1, len(p.Toks)-1)]
		i += 2
		if end.Kind != lex.Op {
			return nil
		}
		if t.Kind == lex.Param {
			n, err := strconv.Atoi(t.Text)
			if err != nil || n < 1 || n > maxParam || negative {
				return nil
			}
			row = append(row, &ast.Param{Pos: ast.Pos(t.Pos), N: n})
		} else {
			if len(lits) == cap(lits) { // earlier ones stay where they are
				lits = make([]ast.Literal, 0, width)
			}
			l, ok := plain(t)
			if !ok || negative && l.Kind != ast.Number {
				return nil
			}
			lits = append(lits, l)
			x := &lits[len(lits)-1]
			if negative {
				row = append(row, &ast.Unary{Pos: ast.Pos(sign.Pos), Op: "-", X: x})
			} else {
				row = append(row, x)
			}
		}
		switch end.Text {
		case ",":
		case ")":
			p.I = i
			return row
		default:
			return nil
		}
	}
}

// plain is the literal that a token is; ok is false when it is none.
func plain(t *lex.Token) (l ast.Literal, ok bool) {
	l.Pos = ast.Pos(t.Pos)
	switch t.Kind {
	case lex.Number:
		l.Kind, l.Text = ast.Number, t.Text
		return l, true
	case lex.String:
		l.Kind, l.Text = ast.String, t.Text
		return l, true
	case lex.Word:
		switch t.Text {
		case "null":
			l.Kind = ast.Null
			return l, true
		case "true", "false":
			l.Kind, l.Text = ast.Bool, t.Text
			return l, true
		case "default":
			l.Kind = ast.Default
			return l, true
		}
	}
	return l, false
}
