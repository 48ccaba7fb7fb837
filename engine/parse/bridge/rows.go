package bridge

import (
	"github.com/redshiftsim/redshiftsim/engine/ast"
	"github.com/redshiftsim/redshiftsim/engine/parse/lex"
)

// plainRow reads a row of VALUES that holds only literals, and makes the tree that TiDB's parser and lift would have made of it. It gives nil, and
// leaves the cursor where it was, at any other row.
func (p *P) plainRow(width int) []ast.Expr {
	start := p.I
	if !p.IsOp("(") {
		return nil
	}
	i := start + 1
	row := make([]ast.Expr, 0, width)
	lits := make([]ast.Literal, 0, width)
	for {
		t := &p.Toks[i]
		negative := t.Kind == lex.Op && t.Text == "-"
		if negative {
			i++
		}
		v := &p.Toks[i]
		i++
		if len(lits) == cap(lits) { // earlier ones stay where they are
			lits = make([]ast.Literal, 0, width)
		}
		lits = append(lits, ast.Literal{Pos: ast.Pos(v.Pos), Text: v.Text})
		l := &lits[len(lits)-1]
		switch {
		case v.Kind == lex.Number:
			l.Kind = ast.Number
		case negative:
			return nil
		case v.Kind == lex.String:
			l.Kind = ast.String
		case v.Kind != lex.Word:
			return nil
		case v.Text == "null":
			l.Kind, l.Text = ast.Null, ""
		case v.Text == "true", v.Text == "false":
			l.Kind = ast.Bool
		case v.Text == "default":
			l.Kind, l.Text = ast.Default, ""
		default:
			return nil
		}
		if negative {
			row = append(row, &ast.Unary{Pos: ast.Pos(t.Pos), Op: "-", X: l})
		} else {
			row = append(row, l)
		}
		end := &p.Toks[i]
		if end.Kind != lex.Op {
			return nil
		}
		i++
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
