// Package lift turns what TiDB's parser made of a bridge's text into ast: markers become what they stand for, offsets those of the source.
//
//	FuncCallExpr `rs:1`               Binary ||
//	  FuncCallExpr `rs:0`      ->       Cast int        Marks[0] cast to int
//	    ColumnNameExpr a                  ColumnRef a   Marks[1] operator ||
//	  ValueExpr 'x'                     Literal 'x'
//
// Nothing above knows that TiDB or a marker exists. A node that the bridge cannot have written is a bug, and says so with the text (XX000).
package lift

import (
	"strconv"
	"strings"
	"sync"

	"github.com/pingcap/tidb/pkg/parser"
	tidb "github.com/pingcap/tidb/pkg/parser/ast"
	"github.com/pingcap/tidb/pkg/parser/mysql"

	"github.com/redshiftsim/redshiftsim/engine/ast"
	"github.com/redshiftsim/redshiftsim/engine/parse/bridge"
	"github.com/redshiftsim/redshiftsim/internal/sqlstate"
)

// mode is how TiDB's parser reads a bridge's text: backslashes in strings are ordinary.
const mode = mysql.ModeNoBackslashEscapes

// largest and deepest are the length and the depth of a text after which a parser is thrown away: it keeps the memory that it grew to. Up to small bytes it
// may keep the tree, too, until it is used again: to forget it is to clear a stack that is larger than most trees.
const (
	largest = 64 << 10
	deepest = 200
	small   = 1 << 10
)

// parsers are idle parsers of TiDB; one is not safe for concurrent use, and making one costs as much as a small statement.
var parsers = sync.Pool{New: func() any {
	installed()
	p := parser.New()
	p.SetSQLMode(mode)
	return p
}}

// installed runs install once.
var installed = sync.OnceFunc(install)

// lifter is one statement on its way up.
type lifter struct {
	x      *bridge.Output
	priors int // PRIORs so far, but for those in a CONNECT BY
}

// Statement gives the Select, Insert, Update or Delete that a bridge has written.
func Statement(x *bridge.Output) (ast.Statement, error) {
	if g := x.Target; g != nil && g.Made {
		return &ast.Insert{Table: g.Table, Columns: g.Columns, Default: g.Default, Rows: g.Rows}, nil
	}
	var st ast.Statement
	err := parsed(x, func(l *lifter, n tidb.StmtNode) (err error) {
		st, err = l.statement(n)
		return err
	})
	return st, err
}

// Query gives the query that a bridge has written.
func Query(x *bridge.Output) (*ast.Select, error) {
	st, err := Statement(x)
	if err != nil {
		return nil, err
	}
	q, ok := st.(*ast.Select)
	if !ok {
		return nil, (&lifter{x: x}).bug(st)
	}
	return q, nil
}

// Scalar gives the expression that a bridge has written alone.
func Scalar(x *bridge.Output) (ast.Expr, error) {
	q, err := Query(x)
	if err != nil {
		return nil, err
	}
	return q.Items[0].Expr, nil
}

// parsed parses a bridge's text and calls f with its tree, which f must not keep: its parser is used again.
func parsed(x *bridge.Output, f func(*lifter, tidb.StmtNode) error) error {
	p := parsers.Get().(*parser.Parser)
	nodes, _, err := p.ParseSQL(x.Text)
	l := &lifter{x: x}
	switch {
	case err != nil:
		err = sqlstate.Internal.Errorf("the parser does not take %q: %v", x.Text, err)
	case len(nodes) != 1:
		err = l.bug(nodes)
	default:
		err = f(l, nodes[0])
	}
	if len(x.Text) <= largest && x.Depth <= deepest {
		if len(x.Text) > small || err != nil {
			p.Reset()
			p.SetSQLMode(mode)
		}
		parsers.Put(p)
	}
	return err
}

// bug is the error of a node that the bridge does not write.
func (l *lifter) bug(n any) error {
	return sqlstate.Internal.Errorf("unexpected %T in %q", n, l.x.Text)
}

// mark finds what a marker's name stands for, nil when the name is not a marker's.
func (l *lifter) mark(name string) *bridge.Mark {
	s, ok := strings.CutPrefix(name, "rs:")
	if !ok {
		return nil
	}
	n, err := strconv.Atoi(s)
	if err != nil || n < 0 || n >= len(l.x.Marks) {
		return nil
	}
	return &l.x.Marks[n]
}

// marked is mark where the name must be a marker's of a kind.
func (l *lifter) marked(name string, kind bridge.MarkKind) (*bridge.Mark, error) {
	m := l.mark(name)
	if m == nil || m.Kind != kind {
		return nil, sqlstate.Internal.Errorf("unexpected name %q in %q", name, l.x.Text)
	}
	return m, nil
}

// at is the place in the source of a place in the text.
func (l *lifter) at(out int) ast.Pos { return ast.Pos(l.x.Source(out)) }

// before is the place of the operator that was written before a node.
func (l *lifter) before(n tidb.Node) ast.Pos { return l.at(n.OriginTextPosition() - 1) }

// statement lifts a statement.
func (l *lifter) statement(n tidb.StmtNode) (ast.Statement, error) {
	switch n := n.(type) {
	case *tidb.SelectStmt, *tidb.SetOprStmt:
		q, err := l.query(n)
		if err != nil {
			return nil, err
		}
		if l.x.Into != nil {
			first := q
			for first.Left != nil {
				first = first.Left
			}
			first.Into, first.IntoTemp = l.x.Into, l.x.IntoTemp
		}
		return q, nil
	case *tidb.InsertStmt:
		return l.insert(n)
	case *tidb.UpdateStmt:
		return l.update(n)
	case *tidb.DeleteStmt:
		return l.delete(n)
	}
	return nil, l.bug(n)
}

// insert lifts INSERT: the rows that are in the text go between those that the bridge has made.
func (l *lifter) insert(n *tidb.InsertStmt) (ast.Statement, error) {
	g := l.x.Target
	st := &ast.Insert{Table: g.Table, Columns: g.Columns}
	if n.Select != nil {
		q, err := l.query(n.Select)
		st.Query = q
		return st, err
	}
	st.Rows = g.Rows
	next := 0
	for i := range st.Rows {
		if st.Rows[i] != nil {
			continue
		}
		if next >= len(n.Lists) {
			return nil, l.bug(n)
		}
		row, err := l.list(n.Lists[next])
		if err != nil {
			return nil, err
		}
		st.Rows[i] = row
		next++
	}
	return st, nil
}

// update lifts UPDATE.
func (l *lifter) update(n *tidb.UpdateStmt) (ast.Statement, error) {
	g := l.x.Target
	st := &ast.Update{Table: g.Table, Alias: g.Alias}
	with, _, err := l.with(n.With)
	if err != nil {
		return nil, err
	}
	st.With, st.Recursive = with, n.With != nil && n.With.IsRecursive
	if len(n.List) != len(g.Columns) {
		return nil, l.bug(n)
	}
	for i, a := range n.List {
		v, err := l.expr(a.Expr)
		if err != nil {
			return nil, err
		}
		st.Set = append(st.Set, ast.Assignment{Column: g.Columns[i], Value: v})
	}
	st.From, st.Where, err = l.others(n.Where)
	return st, err
}

// delete lifts DELETE.
func (l *lifter) delete(n *tidb.DeleteStmt) (ast.Statement, error) {
	g := l.x.Target
	st := &ast.Delete{Table: g.Table, Alias: g.Alias}
	with, _, err := l.with(n.With)
	if err != nil {
		return nil, err
	}
	st.With, st.Recursive = with, n.With != nil && n.With.IsRecursive
	st.Using, st.Where, err = l.others(n.Where)
	return st, err
}

// others lifts what UPDATE and DELETE have in WHERE: the other tables, and the condition.
func (l *lifter) others(where tidb.ExprNode) (from []ast.From, cond ast.Expr, err error) {
	if where == nil {
		return nil, nil, nil
	}
	f, ok := where.(*tidb.FuncCallExpr)
	if !ok {
		return nil, nil, l.bug(where)
	}
	m, err := l.marked(f.FnName.L, bridge.Others)
	if err != nil {
		return nil, nil, err
	}
	args := f.Args
	if m.First {
		sub, ok := args[0].(*tidb.SubqueryExpr)
		if !ok {
			return nil, nil, l.bug(args[0])
		}
		q, err := l.query(sub.Query)
		if err != nil {
			return nil, nil, err
		}
		from, args = q.From, args[1:]
	}
	if m.Second {
		cond, err = l.expr(args[0])
	}
	return from, cond, err
}
