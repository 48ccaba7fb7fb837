package plan

import (
	"slices"
	"strings"
	"sync"

	"github.com/redshiftsim/redshiftsim/engine/catalog"
	"github.com/redshiftsim/redshiftsim/engine/expr"
)

// Renaming says what the tables and names of a plan are to a statement that shares it with one of other tables.
//
//	plan of  SELECT v FROM orders_17 WHERE id = $1       Scan orders_17 [v id]
//	shared by SELECT v FROM orders_18 WHERE id = $1      From orders_17, To orders_18      Tables #100001, Own #100044
//
// It is made whole and then never changed; nil stands for a plan that is the statement's own.
type Renaming struct {
	From, To []string         // names in the plan, and what stands for each of them
	Tables   []*catalog.Table // of the plan
	Own      []*catalog.Table // in the place of each of them

	once sync.Once
	root Node
}

// Of is a plan with the statement's own tables and names, made when it is first asked for: most plans are never looked at. root is always the same one.
func (r *Renaming) Of(root Node) Node {
	if r == nil || root == nil {
		return root
	}
	r.once.Do(func() {
		x := renamer{table: r.Table, name: r.Name}
		r.root = x.node(root)
	})
	return r.root
}

// Table is what stands in the place of a table.
func (r *Renaming) Table(t *catalog.Table) *catalog.Table {
	if r != nil {
		if i := slices.Index(r.Tables, t); i >= 0 {
			return r.Own[i]
		}
	}
	return t
}

// ByID is Table by the table's number, nil when the plan has no such table.
func (r *Renaming) ByID(id uint32) *catalog.Table {
	for i := range r.Tables {
		if r.Tables[i].ID == id {
			return r.Own[i]
		}
	}
	return nil
}

// Name is what stands in the place of a name.
func (r *Renaming) Name(s string) string {
	if r != nil {
		if i := slices.Index(r.From, s); i >= 0 {
			return r.To[i]
		}
	}
	return s
}

// Same says whether a name of the plan stands for a name of the statement.
func (r *Renaming) Same(planned, own string) bool {
	i := slices.Index(r.From, planned)
	return i == slices.Index(r.To, own) && (i >= 0 || planned == own)
}

// Renamable says whether a Renaming finds all tables and names of a plan: it knows every node, and each of names stands in it alone, never as a part of
// another name.
func Renamable(root Node, names []string) bool {
	whole := true
	x := renamer{table: func(t *catalog.Table) *catalog.Table { return t }, name: func(s string) string {
		for _, n := range names {
			whole = whole && (s == n || !strings.Contains(s, n))
		}
		return s
	}}
	x.node(root)
	return whole && !x.lost
}

// renamer copies a plan with other tables and names.
type renamer struct {
	table func(*catalog.Table) *catalog.Table
	name  func(string) string
	lost  bool // a node was met that is not known
}

func (r *renamer) column(c Column) Column {
	c.Name, c.Table = r.name(c.Name), r.name(c.Table)
	return c
}

func (r *renamer) columns(list []Column) []Column {
	out := slices.Clone(list)
	for i := range out {
		out[i] = r.column(out[i])
	}
	return out
}

func (r *renamer) expr(e expr.Expr) expr.Expr {
	return expr.Rewrite(e, func(e expr.Expr) expr.Expr {
		switch e := e.(type) {
		case *expr.Column:
			c := *e
			c.Name, c.Table = r.name(e.Name), r.name(e.Table)
			return &c
		case *expr.Subquery:
			r.lost = true
		}
		return e
	})
}

func (r *renamer) exprs(list []expr.Expr) []expr.Expr {
	out := slices.Clone(list)
	for i := range out {
		out[i] = r.expr(out[i])
	}
	return out
}

// node copies a node and those below it. Lists of column numbers and figures are shared.
func (r *renamer) node(n Node) Node {
	switch n := n.(type) {
	case *Scan:
		c := *n
		c.Table, c.Alias, c.Output, c.Filter = r.table(n.Table), r.name(n.Alias), r.columns(n.Output), r.exprs(n.Filter)
		return &c
	case *Values:
		c := *n
		c.Output, c.Rows = r.columns(n.Output), slices.Clone(n.Rows)
		for i := range c.Rows {
			c.Rows[i] = r.exprs(c.Rows[i])
		}
		return &c
	case *Filter:
		c := *n
		c.Input, c.Conds = r.node(n.Input), r.exprs(n.Conds)
		return &c
	case *Project:
		c := *n
		c.Input, c.Exprs = r.node(n.Input), slices.Clone(n.Exprs)
		for i, x := range c.Exprs {
			c.Exprs[i] = Named{r.column(x.Column), r.expr(x.Expr)}
		}
		return &c
	case *Join:
		c := *n
		c.Outer, c.Inner, c.On, c.Conds = r.node(n.Outer), r.node(n.Inner), r.exprs(n.On), r.exprs(n.Conds)
		return &c
	case *Aggregate:
		c := *n
		c.Input, c.Aggs, c.Having = r.node(n.Input), slices.Clone(n.Aggs), r.exprs(n.Having)
		for i := range c.Aggs {
			c.Aggs[i].Column, c.Aggs[i].Args = r.column(n.Aggs[i].Column), r.exprs(n.Aggs[i].Args)
		}
		return &c
	case *Window:
		c := *n
		c.Input, c.Funcs = r.node(n.Input), slices.Clone(n.Funcs)
		for i := range c.Funcs {
			c.Funcs[i].Column, c.Funcs[i].Args = r.column(n.Funcs[i].Column), r.exprs(n.Funcs[i].Args)
		}
		return &c
	case *Subquery:
		c := *n
		c.Input, c.Alias, c.Output = r.node(n.Input), r.name(n.Alias), r.columns(n.Output)
		return &c
	case *Unnest:
		c := *n
		c.Input, c.Value, c.On = r.node(n.Input), r.expr(n.Value), r.exprs(n.On)
		c.Element, c.At, c.Met = r.column(n.Element), r.column(n.At), r.column(n.Met)
		return &c
	case *Expand:
		c := *n
		c.Input, c.Number = r.node(n.Input), r.column(n.Number)
		return &c
	}
	return r.plain(n)
}

// plain is node for those without names of columns.
func (r *renamer) plain(n Node) Node {
	switch n := n.(type) {
	case *Distinct, *Sort, *Merge, *Limit, *Network:
		return WithInputs(n, []Node{r.node(n.Children()[0])})
	case *Insert:
		c := *n
		c.Table, c.Input = r.table(n.Table), r.node(n.Input)
		return &c
	case *Delete:
		c := *n
		c.Table, c.Input = r.table(n.Table), r.node(n.Input)
		return &c
	case *Update:
		c := *n
		c.Table, c.Input = r.table(n.Table), r.node(n.Input)
		return &c
	}
	r.lost = true
	return n
}
