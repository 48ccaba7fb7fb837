package lift

import (
	"slices"
	"strconv"

	tidb "github.com/pingcap/tidb/pkg/parser/ast"
	"github.com/pingcap/tidb/pkg/parser/mysql"
	"github.com/pingcap/tidb/pkg/parser/opcode"

	"github.com/redshiftsim/redshiftsim/engine/ast"
	"github.com/redshiftsim/redshiftsim/engine/parse/bridge"
)

// operators are the infix operators that the bridge writes as they are.
var operators = map[opcode.Op]string{
	opcode.LogicOr: "or", opcode.LogicAnd: "and", opcode.EQ: "=", opcode.NE: "<>", opcode.LT: "<", opcode.LE: "<=", opcode.GT: ">", opcode.GE: ">=",
	opcode.Plus: "+", opcode.Minus: "-", opcode.Mul: "*", opcode.Div: "/", opcode.Mod: "%",
}

// list lifts expressions.
func (l *lifter) list(nodes []tidb.ExprNode) ([]ast.Expr, error) {
	out := make([]ast.Expr, len(nodes))
	for i, n := range nodes {
		x, err := l.expr(n)
		if err != nil {
			return nil, err
		}
		out[i] = x
	}
	return out, nil
}

// expr lifts an expression.
func (l *lifter) expr(n tidb.ExprNode) (ast.Expr, error) {
	switch n := n.(type) {
	case *tidb.FuncCallExpr:
		return l.marker(n)
	case *tidb.ColumnNameExpr:
		return l.column(n), nil
	case tidb.ValueExpr:
		return l.literal(n)
	case *tidb.BinaryOperationExpr:
		op, ok := operators[n.Op]
		if !ok {
			return nil, l.bug(n)
		}
		left, err := l.expr(n.L)
		if err != nil {
			return nil, err
		}
		right, err := l.expr(n.R)
		return &ast.Binary{Pos: l.before(n.R), Op: op, L: left, R: right}, err
	case *tidb.UnaryOperationExpr:
		op := ""
		switch n.Op {
		case opcode.Not, opcode.Not2:
			op = "not"
		case opcode.Minus:
			op = "-"
		case opcode.Plus:
			op = "+"
		default:
			return nil, l.bug(n)
		}
		x, err := l.expr(n.V)
		return &ast.Unary{Pos: l.at(n.OriginTextPosition()), Op: op, X: x}, err
	case *tidb.ParenthesesExpr:
		return l.expr(n.Expr)
	case *tidb.RowExpr:
		items, err := l.list(n.Values)
		return &ast.Row{Pos: l.at(n.OriginTextPosition()), Items: items}, err
	case *tidb.PatternInExpr:
		return l.in(n)
	case *tidb.BetweenExpr:
		x, err := l.list([]tidb.ExprNode{n.Expr, n.Left, n.Right})
		if err != nil {
			return nil, err
		}
		return &ast.Between{Pos: l.before(n.Left), X: x[0], Lo: x[1], Hi: x[2], Not: n.Not}, nil
	case *tidb.ExistsSubqueryExpr:
		q, err := l.query(n.Sel)
		e := &ast.Exists{Pos: l.at(n.Sel.OriginTextPosition()), Query: q}
		if n.Not {
			return &ast.Unary{Pos: l.before(n), Op: "not", X: e}, err
		}
		return e, err
	case *tidb.SubqueryExpr:
		q, err := l.query(n.Query)
		return &ast.Subquery{Pos: l.at(n.OriginTextPosition()), Query: q}, err
	case *tidb.CaseExpr:
		return l.caseOf(n)
	}
	return nil, l.bug(n)
}

// column lifts a column's name.
func (l *lifter) column(n *tidb.ColumnNameExpr) ast.Expr {
	c := &ast.ColumnRef{Pos: l.at(n.OriginTextPosition()), Parts: make([]string, 0, 3)}
	if n.Name.Schema.O != "" {
		c.Parts = append(c.Parts, n.Name.Schema.O)
	}
	if n.Name.Table.O != "" {
		c.Parts = append(c.Parts, n.Name.Table.O)
	}
	c.Parts = append(c.Parts, n.Name.Name.O)
	return c
}

// literal lifts a literal: a short integer, a string, a boolean or NULL. Whose driver made it does not matter.
func (l *lifter) literal(n tidb.ValueExpr) (ast.Expr, error) {
	x := &ast.Literal{Pos: l.at(n.OriginTextPosition())}
	v := n.GetValue()
	if i, ok := v.(uint64); ok {
		v = int64(i)
	}
	switch v := v.(type) {
	case nil:
		x.Kind = ast.Null
	case string:
		x.Kind, x.Text = ast.String, v
	case int64:
		if n.GetType().GetFlag()&mysql.IsBooleanFlag != 0 {
			x.Kind, x.Text = ast.Bool, strconv.FormatBool(v != 0)
		} else {
			x.Kind, x.Text = ast.Number, strconv.FormatInt(v, 10)
		}
	default:
		return nil, l.bug(v)
	}
	return x, nil
}

// in lifts IN.
func (l *lifter) in(n *tidb.PatternInExpr) (ast.Expr, error) {
	x, err := l.expr(n.Expr)
	if err != nil {
		return nil, err
	}
	e := &ast.In{X: x, Not: n.Not}
	if n.Sel != nil {
		e.Pos = l.before(n.Sel)
		e.Query, err = l.query(n.Sel)
		return e, err
	}
	e.Pos = l.before(n.List[0])
	e.List, err = l.list(n.List)
	return e, err
}

// caseOf lifts both forms of CASE.
func (l *lifter) caseOf(n *tidb.CaseExpr) (ast.Expr, error) {
	c := &ast.Case{Pos: l.at(n.OriginTextPosition()), Whens: make([]ast.When, len(n.WhenClauses))}
	var err error
	if n.Value != nil {
		if c.Operand, err = l.expr(n.Value); err != nil {
			return nil, err
		}
	}
	for i, w := range n.WhenClauses {
		if c.Whens[i].Cond, err = l.expr(w.Expr); err != nil {
			return nil, err
		}
		if c.Whens[i].Then, err = l.expr(w.Result); err != nil {
			return nil, err
		}
	}
	if n.ElseClause != nil {
		c.Else, err = l.expr(n.ElseClause)
	}
	return c, err
}

// marker lifts a marker's call.
func (l *lifter) marker(n *tidb.FuncCallExpr) (ast.Expr, error) {
	m := l.mark(n.FnName.L)
	if m == nil {
		return nil, l.bug(n)
	}
	pos := ast.Pos(m.Pos)
	if m.Kind == bridge.Quantified { // its query is no scalar
		x, err := l.expr(n.Args[0])
		if err != nil {
			return nil, err
		}
		if m.Literal {
			list, err := l.expr(n.Args[1])
			return &ast.Quantified{Pos: pos, Op: m.Text, X: x, All: m.Not, Array: list}, err
		}
		q, err := l.query(n.Args[1])
		return &ast.Quantified{Pos: pos, Op: m.Text, X: x, All: m.Not, Query: q}, err
	}
	if m.Kind == bridge.Array && m.Literal {
		q, err := l.query(n.Args[0])
		return &ast.Array{Pos: pos, Query: q}, err
	}
	args, err := l.list(n.Args)
	if err != nil {
		return nil, err
	}
	switch m.Kind {
	case bridge.Call:
		return l.call(m, args), nil
	case bridge.Operator:
		return operator(m, args), nil
	case bridge.Prefix:
		return &ast.Unary{Pos: pos, Op: m.Text, X: args[0]}, nil
	case bridge.Cast:
		return &ast.Cast{Pos: pos, X: args[0], Type: m.Type, Try: m.Try, Literal: m.Literal}, nil
	case bridge.Interval:
		return &ast.Interval{Pos: pos, Text: m.Text, Qualifier: m.Names[0]}, nil
	case bridge.Like:
		if m.Text != "" {
			return likeAny(m, args), nil
		}
		e := &ast.Like{Pos: pos, X: args[0], Pattern: args[1], Not: m.Not, Fold: m.Fold}
		if m.Escape {
			e.Escape = args[2]
		}
		return e, nil
	case bridge.Array:
		return &ast.Array{Pos: pos, Items: args}, nil
	case bridge.Is:
		return &ast.Is{Pos: pos, X: args[0], What: m.Text, Not: m.Not}, nil
	case bridge.AtTimeZone:
		return &ast.AtTimeZone{Pos: pos, X: args[0], Zone: args[1]}, nil
	case bridge.Collate:
		return &ast.Collate{Pos: pos, X: args[0], Name: m.Text}, nil
	case bridge.Number:
		return &ast.Literal{Pos: pos, Kind: ast.Number, Text: m.Text}, nil
	case bridge.Bool:
		return &ast.Literal{Pos: pos, Kind: ast.Bool, Text: m.Text}, nil
	case bridge.Text:
		return &ast.Literal{Pos: pos, Kind: ast.String, Text: m.Text}, nil
	case bridge.DefaultValue:
		return &ast.Literal{Pos: pos, Kind: ast.Default}, nil
	case bridge.Param:
		return &ast.Param{Pos: pos, N: m.Args}, nil
	case bridge.NamedParam:
		return &ast.NamedParam{Pos: pos, Name: m.Text}, nil
	case bridge.Path:
		path := &ast.Path{Pos: pos, X: args[0], Steps: slices.Clone(m.Steps)}
		for i := range path.Steps {
			if path.Steps[i].Index != nil {
				path.Steps[i].Index, args = args[1], args[1:]
			}
		}
		return path, nil
	case bridge.Column:
		return &ast.ColumnRef{Pos: pos, Parts: m.Names, Written: m.Aliases}, nil
	case bridge.Outer:
		return &ast.OuterMark{Pos: pos, X: args[0]}, nil
	case bridge.Prior:
		l.priors++
		return &ast.Prior{Pos: pos, X: args[0]}, nil
	case bridge.Star:
		return &ast.Star{Pos: pos, Table: m.Names, Exclude: m.Exclude}, nil
	case bridge.Function:
		return &ast.FuncCall{Pos: pos, Name: []string{m.Text}, NoParens: true}, nil
	case bridge.Grouping:
		g := &ast.Grouping{Pos: pos, Kind: m.Text}
		for _, size := range m.Sizes {
			g.Sets = append(g.Sets, args[:size:size])
			args = args[size:]
		}
		return g, nil
	}
	return nil, l.bug(n)
}

// likeAny makes x LIKE a OR x LIKE b of x LIKE ANY (a, b), and the like with AND of ALL.
func likeAny(m *bridge.Mark, args []ast.Expr) ast.Expr {
	op := "or"
	if m.Text == "all" {
		op = "and"
	}
	var out ast.Expr
	for _, pattern := range args[1:] {
		var e ast.Expr = &ast.Like{Pos: ast.Pos(m.Pos), X: args[0], Pattern: pattern, Not: m.Not, Fold: m.Fold}
		if out != nil {
			e = &ast.Binary{Pos: ast.Pos(m.Pos), Op: op, L: out, R: e}
		}
		out = e
	}
	return out
}

// operator makes the tree of a chain of one operator, from left to right.
func operator(m *bridge.Mark, args []ast.Expr) ast.Expr {
	b := &ast.Binary{Pos: ast.Pos(m.Pos), Op: m.Text, L: args[0], R: args[1]}
	if m.Escape {
		b.Third = args[2]
		return b
	}
	for i, at := range m.Sizes {
		b = &ast.Binary{Pos: ast.Pos(at), Op: m.Text, L: b, R: args[i+2]}
	}
	return b
}

// call makes a function call: after the arguments come the items of WITHIN GROUP and of the window.
func (l *lifter) call(m *bridge.Mark, args []ast.Expr) ast.Expr {
	f := &ast.FuncCall{Pos: ast.Pos(m.Pos), Name: m.Names, Star: m.Star, Distinct: m.Distinct, Approximate: m.Approximate, IgnoreNulls: m.IgnoreNull}
	take := func(n int) (list []ast.Expr) {
		list, args = args[:n:n], args[n:]
		return list
	}
	orders := 0
	items := func(n int) []ast.OrderItem {
		if n == 0 {
			return nil
		}
		list := make([]ast.OrderItem, n)
		for i, x := range take(n) {
			list[i] = ast.OrderItem{Expr: x, Desc: m.Desc[orders], Nulls: m.NullsAt[orders]}
			orders++
		}
		return list
	}
	if m.Args > 0 {
		f.Args = take(m.Args)
	}
	f.WithinGroup = items(m.Within)
	if m.Over {
		f.Over = &ast.Window{Pos: ast.Pos(m.OverPos), Frame: m.Frame}
		if m.Partition > 0 {
			f.Over.Partition = take(m.Partition)
		}
		f.Over.Order = items(m.Order)
	}
	return f
}
