package lift

import (
	"strings"

	tidb "github.com/pingcap/tidb/pkg/parser/ast"

	"github.com/redshiftsim/redshiftsim/engine/ast"
	"github.com/redshiftsim/redshiftsim/engine/parse/bridge"
)

// query lifts a query of any form.
func (l *lifter) query(n tidb.Node) (*ast.Select, error) {
	switch n := n.(type) {
	case *tidb.SelectStmt:
		return l.selectStmt(n)
	case *tidb.SetOprStmt:
		q, err := l.arms(n.SelectList.Selects)
		if err != nil {
			return nil, err
		}
		return q, l.clauses(q, n.With, n.OrderBy)
	case *tidb.SetOprSelectList:
		q, err := l.arms(n.Selects)
		if err != nil {
			return nil, err
		}
		return q, l.clauses(q, n.With, n.OrderBy)
	case *tidb.SubqueryExpr:
		return l.query(n.Query)
	}
	return nil, l.bug(n)
}

// arms lifts a set operation: its arms are joined from left to right.
func (l *lifter) arms(list []tidb.Node) (*ast.Select, error) {
	var q *ast.Select
	for _, n := range list {
		a, err := l.query(n)
		if err != nil {
			return nil, err
		}
		if q == nil {
			q = a
			continue
		}
		s, ok := n.(*tidb.SelectStmt)
		if !ok || s.AfterSetOperator == nil {
			return nil, l.bug(n)
		}
		op := ""
		switch *s.AfterSetOperator {
		case tidb.Union:
			op = "union"
		case tidb.UnionAll:
			op = "union all"
		case tidb.Except:
			op = "except"
		case tidb.Intersect:
			op = "intersect"
		default:
			return nil, l.bug(s.AfterSetOperator)
		}
		q = &ast.Select{Pos: q.Pos, Op: op, Left: q, Right: a}
	}
	return q, nil
}

// clauses lifts what may stand around any query: WITH, and ORDER BY with the limits in it.
func (l *lifter) clauses(q *ast.Select, with *tidb.WithClause, order *tidb.OrderByClause) error {
	if with != nil {
		ctes, at, err := l.with(with)
		if err != nil {
			return err
		}
		q.With, q.Recursive, q.Pos = ctes, with.IsRecursive, at
	}
	if order == nil {
		return nil
	}
	for _, it := range order.Items {
		if f, ok := it.Expr.(*tidb.FuncCallExpr); ok {
			if m := l.mark(f.FnName.L); m != nil && m.Kind == bridge.Limit {
				args, err := l.list(f.Args)
				if err != nil {
					return err
				}
				if m.Swapped {
					args[0], args[1] = args[1], args[0]
				}
				if m.First {
					q.Limit, args = args[0], args[1:]
				}
				if m.Second {
					q.Offset = args[0]
				}
				continue
			}
		}
		o, err := l.orderItem(it)
		if err != nil {
			return err
		}
		q.OrderBy = append(q.OrderBy, o)
	}
	return nil
}

// orderItem lifts an item of ORDER BY.
func (l *lifter) orderItem(it *tidb.ByItem) (ast.OrderItem, error) {
	o := ast.OrderItem{Desc: it.Desc}
	e := it.Expr
	if f, ok := e.(*tidb.FuncCallExpr); ok {
		if m := l.mark(f.FnName.L); m != nil && m.Kind == bridge.Nulls {
			o.Nulls, e = m.Text, f.Args[0]
		}
	}
	x, err := l.expr(e)
	o.Expr = x
	return o, err
}

// with lifts WITH and says where it stands.
func (l *lifter) with(w *tidb.WithClause) (ctes []ast.CTE, at ast.Pos, err error) {
	if w == nil {
		return nil, 0, nil
	}
	for _, c := range w.CTEs {
		m, err := l.marked(c.Name.O, bridge.CTE)
		if err != nil {
			return nil, 0, err
		}
		q, err := l.query(c.Query)
		if err != nil {
			return nil, 0, err
		}
		ctes = append(ctes, ast.CTE{Pos: ast.Pos(m.Pos), Name: m.Text, Columns: m.Names, Query: q})
		at = ast.Pos(m.OverPos)
	}
	return ctes, at, nil
}

// selectStmt lifts one SELECT.
func (l *lifter) selectStmt(n *tidb.SelectStmt) (*ast.Select, error) {
	priors := l.priors
	var from []ast.From
	if n.From != nil {
		var err error
		if from, err = l.fromList(n.From.TableRefs); err != nil {
			return nil, err
		}
		if w, ok := from[0].(*wrapped); ok { // SELECT * FROM (query): the query itself, or one with clauses of its own
			q := w.query
			if n.With != nil || n.OrderBy != nil {
				q = &ast.Select{Pos: q.Pos, Left: q}
			}
			return q, l.clauses(q, n.With, n.OrderBy)
		}
		if r, ok := from[0].(*ast.TableRef); ok && r.Name.Object() == "rs:none" {
			from = nil
		}
	}
	q := &ast.Select{Pos: l.at(n.Fields.Fields[0].Offset - 1), Distinct: n.Distinct, From: from, Items: make([]ast.Item, len(n.Fields.Fields))}
	for i, f := range n.Fields.Fields {
		if f.Expr == nil {
			return nil, l.bug(f)
		}
		x, err := l.expr(f.Expr)
		if err != nil {
			return nil, err
		}
		q.Items[i] = ast.Item{Expr: x, Alias: f.AsName.O}
	}
	var err error
	if n.Where != nil {
		if err = l.where(q, n.Where); err != nil {
			return nil, err
		}
	}
	if n.GroupBy != nil {
		for _, it := range n.GroupBy.Items {
			x, err := l.expr(it.Expr)
			if err != nil {
				return nil, err
			}
			q.GroupBy = append(q.GroupBy, x)
		}
	}
	if n.Having != nil {
		if err := l.having(q, n.Having.Expr); err != nil {
			return nil, err
		}
	}
	err = l.clauses(q, n.With, n.OrderBy)
	q.Prior = l.priors > priors
	return q, err
}

// where lifts WHERE, with START WITH and CONNECT BY.
func (l *lifter) where(q *ast.Select, n tidb.ExprNode) (err error) {
	f, ok := n.(*tidb.FuncCallExpr)
	m := (*bridge.Mark)(nil)
	if ok {
		m = l.mark(f.FnName.L)
	}
	if m == nil || m.Kind != bridge.Hierarchy {
		q.Where, err = l.expr(n)
		return err
	}
	connect := len(f.Args) - 1 // the argument that is CONNECT BY
	if m.Second && m.Swapped {
		connect--
	}
	args := make([]ast.Expr, len(f.Args))
	for i, a := range f.Args {
		before := l.priors
		if args[i], err = l.expr(a); err != nil {
			return err
		}
		if i == connect {
			l.priors = before
		}
	}
	if m.First {
		q.Where, args = args[0], args[1:]
	}
	if m.Second {
		if m.Swapped {
			args[0], args[1] = args[1], args[0]
		}
		q.StartWith, args = args[0], args[1:]
	}
	q.ConnectBy = args[0]
	return nil
}

// having lifts HAVING and QUALIFY.
func (l *lifter) having(q *ast.Select, n tidb.ExprNode) error {
	f, ok := n.(*tidb.FuncCallExpr)
	if !ok {
		return l.bug(n)
	}
	m, err := l.marked(f.FnName.L, bridge.Having)
	if err != nil {
		return err
	}
	args, err := l.list(f.Args)
	if err != nil {
		return err
	}
	if m.First {
		q.Having, args = args[0], args[1:]
	}
	if m.Second {
		q.Qualify = args[0]
	}
	return nil
}

// wrapped is a query that stands in FROM only because TiDB's grammar wants it so.
type wrapped struct {
	ast.Pos
	query *ast.Select
}

// fromList lifts FROM. TiDB makes a cross join of a comma; joins that are written as such have a condition or columns, or are natural.
func (l *lifter) fromList(n tidb.ResultSetNode) ([]ast.From, error) {
	var list []tidb.ResultSetNode // from right to left
	for {
		j, ok := n.(*tidb.Join)
		if !ok || j.ExplicitParens || j.On != nil || len(j.Using) > 0 || j.NaturalJoin {
			list = append(list, n)
			break
		}
		if j.Right != nil {
			list = append(list, j.Right)
		}
		n = j.Left
	}
	out := make([]ast.From, len(list))
	for i := range list {
		f, err := l.from(list[i])
		if err != nil {
			return nil, err
		}
		out[len(list)-1-i] = f
	}
	return out, nil
}

// from lifts one item of FROM.
func (l *lifter) from(n tidb.ResultSetNode) (ast.From, error) {
	switch n := n.(type) {
	case *tidb.Join:
		if n.Right == nil { // in parentheses
			return l.from(n.Left)
		}
		return l.join(n)
	case *tidb.TableSource:
		return l.source(n)
	}
	return nil, l.bug(n)
}

// source lifts a table, query or function with its alias.
func (l *lifter) source(n *tidb.TableSource) (ast.From, error) {
	t, isTable := n.Source.(*tidb.TableName)
	if isTable && t.Name.O == "rs:none" {
		return &ast.TableRef{Name: ast.Name{Parts: []string{t.Name.O}}}, nil
	}
	m := l.mark(n.AsName.O)
	if m == nil || m.Kind != bridge.Item && m.Kind != bridge.Wrap {
		return nil, l.bug(n)
	}
	pos := ast.Pos(m.Pos)
	if isTable {
		name := ast.Name{Pos: pos, Parts: []string{t.Name.O}}
		if t.Schema.O != "" {
			name.Parts = append(strings.SplitN(t.Schema.O, bridge.Database, 2), t.Name.O)
		}
		if m.At != "" || m.First { // a SUPER value
			return &ast.Unnest{Pos: pos, X: &ast.ColumnRef{Pos: pos, Parts: name.Parts, Written: m.Aliases}, Alias: m.Text, At: m.At}, nil
		}
		return &ast.TableRef{Pos: pos, Name: name, Written: m.Aliases, Alias: m.Text, Columns: m.Names}, nil
	}
	if s, ok := n.Source.(*tidb.SelectStmt); ok && len(s.Fields.Fields) == 1 {
		if f, done, err := l.made(s, m); done || err != nil {
			return f, err
		}
	}
	q, err := l.query(n.Source)
	if err != nil {
		return nil, err
	}
	if m.Kind == bridge.Wrap {
		return &wrapped{Pos: q.Pos, query: q}, nil
	}
	return &ast.Derived{Pos: pos, Query: q, Alias: m.Text, Columns: m.Names}, nil
}

// join lifts a join.
func (l *lifter) join(n *tidb.Join) (ast.From, error) {
	left, err := l.from(n.Left)
	if err != nil {
		return nil, err
	}
	right, err := l.from(n.Right)
	if err != nil {
		return nil, err
	}
	j := &ast.Join{Pos: ast.Pos(left.Offset()), Kind: "inner", L: left, R: right, Natural: n.NaturalJoin}
	switch n.Tp {
	case tidb.LeftJoin:
		j.Kind = "left"
	case tidb.RightJoin:
		j.Kind = "right"
	}
	for _, c := range n.Using {
		if m := l.mark(c.Name.O); m != nil && m.Kind == bridge.Full {
			j.Kind, j.Natural = "full", m.Not
			continue
		}
		j.Using = append(j.Using, c.Name.O)
	}
	if n.On == nil {
		return j, nil
	}
	cond := n.On.Expr
	if f, ok := cond.(*tidb.FuncCallExpr); ok {
		switch m := l.mark(f.FnName.L); {
		case m == nil:
		case m.Kind == bridge.Cross:
			j.Kind = m.Text
			return j, nil
		case m.Kind == bridge.Full:
			j.Kind = "full"
			cond = f.Args[0]
		}
	}
	j.On, err = l.expr(cond)
	return j, err
}
