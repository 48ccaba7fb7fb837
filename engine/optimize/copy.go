package optimize

import (
	"fmt"

	"github.com/redshiftsim/redshiftsim/engine/expr"
	"github.com/redshiftsim/redshiftsim/engine/plan"
)

// copier copies a plan so that it may stand in the statement once more: every column that the copy makes has a number of its own.
type copier struct {
	o     *optimizer
	fresh map[expr.ColumnID]expr.ColumnID
}

// copied gives a second copy of n and the number in it of each of n's columns. Columns of outer queries keep theirs.
func (o *optimizer) copied(n plan.Node) (plan.Node, map[expr.ColumnID]expr.ColumnID) {
	c := &copier{o: o, fresh: map[expr.ColumnID]expr.ColumnID{}}
	return c.node(n), c.fresh
}

// made numbers columns that the node at hand makes.
func (c *copier) made(cols []plan.Column) []plan.Column {
	out := append([]plan.Column(nil), cols...)
	for i := range out {
		if _, ok := c.fresh[out[i].ID]; !ok {
			c.fresh[out[i].ID] = c.o.id()
		}
		out[i].ID = c.fresh[out[i].ID]
	}
	return out
}

func (c *copier) id(id expr.ColumnID) expr.ColumnID {
	if f, ok := c.fresh[id]; ok {
		return f
	}
	return id
}

func (c *copier) ids(list []expr.ColumnID) []expr.ColumnID {
	out := make([]expr.ColumnID, len(list))
	for i, id := range list {
		out[i] = c.id(id)
	}
	return out
}

func (c *copier) keys(list []plan.SortKey) []plan.SortKey {
	out := append([]plan.SortKey(nil), list...)
	for i := range out {
		out[i].ID = c.id(out[i].ID)
	}
	return out
}

func (c *copier) expr(e expr.Expr) expr.Expr {
	return expr.Rewrite(e, func(e expr.Expr) expr.Expr {
		if x, ok := e.(*expr.Column); ok {
			if id := c.id(x.ID); id != x.ID {
				y := *x
				y.ID = id
				return &y
			}
		}
		return e
	})
}

func (c *copier) exprs(list []expr.Expr) []expr.Expr {
	out := make([]expr.Expr, len(list))
	for i, e := range list {
		out[i] = c.expr(e)
	}
	return out
}

// node copies n, which decorrelate has rewritten: no expression holds a subquery.
func (c *copier) node(n plan.Node) plan.Node {
	kids := n.Children()
	in := make([]plan.Node, len(kids))
	for i, k := range kids {
		in[i] = c.node(k)
	}
	switch n := n.(type) {
	case *plan.Scan:
		s := *n
		s.Output = c.made(n.Output)
		s.Filter = c.exprs(n.Filter)
		return &s
	case *plan.ExternalScan:
		s := *n
		s.Output = c.made(n.Output)
		s.Filter = c.exprs(n.Filter)
		return &s
	case *plan.VirtualScan:
		s := *n
		s.Output = c.made(n.Output)
		s.Filter = c.exprs(n.Filter)
		return &s
	case *plan.Values:
		v := *n
		v.Output = c.made(n.Output)
		return &v
	case *plan.Filter:
		return &plan.Filter{Input: in[0], Conds: c.exprs(n.Conds)}
	case *plan.Project:
		p := &plan.Project{Input: in[0], Exprs: make([]plan.Named, len(n.Exprs))}
		for i := range n.Exprs {
			p.Exprs[i] = plan.Named{Expr: c.expr(n.Exprs[i].Expr)}
		}
		for i, col := range c.made(n.Columns()) {
			p.Exprs[i].Column = col
		}
		return p
	case *plan.Join:
		j := *n
		j.Outer, j.Inner, j.On = in[0], in[1], c.exprs(n.On)
		return &j
	case *plan.Aggregate:
		a := *n
		a.Input, a.Groups, a.Aggs = in[0], c.ids(n.Groups), append([]plan.Agg(nil), n.Aggs...)
		for i := range a.Aggs {
			a.Aggs[i].Args, a.Aggs[i].Order = c.exprs(a.Aggs[i].Args), c.keys(a.Aggs[i].Order)
			a.Aggs[i].Column = c.made([]plan.Column{a.Aggs[i].Column})[0]
		}
		a.Having = c.exprs(n.Having)
		return &a
	case *plan.Expand:
		return &plan.Expand{Input: in[0], Count: n.Count, Unique: n.Unique, Bounds: c.ids(n.Bounds), Number: c.made([]plan.Column{n.Number})[0]}
	case *plan.Unnest:
		u := *n
		u.Input, u.Value = in[0], c.expr(n.Value)
		u.Element = c.made([]plan.Column{n.Element})[0]
		for _, col := range [...]*plan.Column{&u.At, &u.Met} {
			if col.ID != 0 {
				*col = c.made([]plan.Column{*col})[0]
			}
		}
		u.On = c.exprs(n.On)
		return &u
	case *plan.Distinct, *plan.Limit:
		return plan.WithInputs(n, in)
	case *plan.Sort:
		s := *n
		s.Input, s.Keys = in[0], c.keys(n.Keys)
		return &s
	case *plan.Append:
		return &plan.Append{Inputs: in, Output: c.made(n.Output)}
	case *plan.WorkScan:
		return &plan.WorkScan{Table: n.Table, Output: c.made(n.Output)}
	case *plan.Recursive, *plan.With: // the worktable is one, whoever reads it: a copy has its own
		return c.worktable(n, in)
	case *plan.SetOp:
		s := *n
		s.Left, s.Right, s.Output = in[0], in[1], c.made(n.Output)
		return &s
	case *plan.Subquery:
		s := *n
		s.Input, s.Output = in[0], append([]plan.Column(nil), n.Output...)
		for i := range s.Output {
			s.Output[i].ID = c.id(s.Output[i].ID)
		}
		return &s
	case *plan.Window:
		w := *n
		w.Input, w.Partition, w.Order, w.Funcs = in[0], c.ids(n.Partition), c.keys(n.Order), append([]plan.WindowFunc(nil), n.Funcs...)
		for i := range w.Funcs {
			w.Funcs[i].Args = c.exprs(w.Funcs[i].Args)
			w.Funcs[i].Column = c.made([]plan.Column{w.Funcs[i].Column})[0]
		}
		return &w
	}
	panic(fmt.Sprintf("optimize: copy of %T", n))
}

// worktable copies a node that fills a worktable: the copy fills another, which the copied WorkScans read.
func (c *copier) worktable(n plan.Node, in []plan.Node) plan.Node {
	var old, fresh *plan.Worktable
	var out plan.Node
	switch n := n.(type) {
	case *plan.Recursive:
		old, fresh = n.Work, &plan.Worktable{Name: n.Work.Name}
		out = &plan.Recursive{Seed: in[0], Step: in[1], Work: fresh, Output: c.made(n.Output)}
	case *plan.With:
		old, fresh = n.Table, &plan.Worktable{Name: n.Table.Name}
		out = &plan.With{Table: fresh, Query: in[0], Input: in[1]}
	}
	plan.Walk(out, func(n plan.Node) bool {
		if w, ok := n.(*plan.WorkScan); ok && w.Table == old {
			w.Table = fresh
		}
		return true
	})
	return out
}
