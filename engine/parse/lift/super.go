package lift

import (
	tidb "github.com/pingcap/tidb/pkg/parser/ast"

	"github.com/redshiftsim/redshiftsim/engine/ast"
	"github.com/redshiftsim/redshiftsim/engine/parse/bridge"
)

// made lifts what stands in FROM as a query for TiDB's sake: a function, UNNEST, PIVOT and UNPIVOT. done is false at any other query; item is the alias.
func (l *lifter) made(s *tidb.SelectStmt, item *bridge.Mark) (f ast.From, done bool, err error) {
	n := s.Where
	if s.From == nil {
		n = s.Fields.Fields[0].Expr
	}
	call, ok := n.(*tidb.FuncCallExpr)
	if !ok {
		return nil, false, nil
	}
	m := l.mark(call.FnName.L)
	if m == nil {
		return nil, false, nil
	}
	pos := ast.Pos(item.Pos)
	switch {
	case s.From != nil && m.Kind == bridge.Pivot:
		f, err = l.pivot(s, call, m, item)
		return f, true, err
	case s.From != nil:
		return nil, false, nil
	case m.Kind == bridge.TableFunction:
		x, err := l.expr(call.Args[0])
		if err != nil {
			return nil, true, err
		}
		if c, ok := x.(*ast.FuncCall); ok && item.At == "" {
			return &ast.TableFunc{Pos: pos, Call: c, Alias: item.Text, Columns: item.Names}, true, nil
		}
		return &ast.Unnest{Pos: pos, X: x, Alias: item.Text, At: item.At}, true, nil
	case m.Kind == bridge.Unnest:
		x, err := l.expr(call.Args[0])
		return &ast.Unnest{Pos: pos, X: x, Alias: item.Text, At: item.At, Object: m.Fold, Func: m.Literal, WithOffset: m.Second, Columns: item.Names}, true, err
	}
	return nil, false, nil
}

// pivot lifts PIVOT and UNPIVOT: FROM holds their source, the marker's call what they say.
func (l *lifter) pivot(s *tidb.SelectStmt, call *tidb.FuncCallExpr, m, item *bridge.Mark) (ast.From, error) {
	src, err := l.fromList(s.From.TableRefs)
	if err != nil {
		return nil, err
	}
	args, err := l.list(call.Args)
	if err != nil {
		return nil, err
	}
	items := func(list []ast.Expr) []ast.Item {
		out := make([]ast.Item, len(list))
		for i, x := range list {
			out[i] = ast.Item{Expr: x, Alias: m.Aliases[i]}
		}
		return out
	}
	if m.Fold {
		return &ast.Unpivot{
			Pos: ast.Pos(m.Pos), Source: src[0], IncludeNulls: m.First, Value: m.Names[0], Name: m.Names[1], In: items(args), Alias: item.Text,
			Columns: item.Names,
		}, nil
	}
	agg, ok := args[0].(*ast.FuncCall)
	column, ok2 := args[1].(*ast.ColumnRef)
	if !ok || !ok2 {
		return nil, l.bug(args)
	}
	return &ast.Pivot{
		Pos: ast.Pos(m.Pos), Source: src[0], Aggregate: agg, As: m.Text, Column: column, In: items(args[2:]), Alias: item.Text, Columns: item.Names,
	}, nil
}
