package plan

import "github.com/redshiftsim/redshiftsim/engine/expr"

// Single says that all rows are in one place, so that what needs to meet has met: one slice, the leader, or a copy that one slice reads.
func (p *Place) Single() bool { return p.Kind == OnAll || p.Kind == OnSlice0 || p.Kind == OnLeader }

// Covers says that rows which agree in cols are on one slice.
func (p *Place) Covers(cols []expr.ColumnID) bool {
	switch p.Kind {
	case OnAll, OnSlice0, OnLeader:
		return true
	case ByKey:
		for i := range p.Keys {
			if !p.keyIn(i, cols) {
				return false
			}
		}
		return len(p.Keys) > 0
	}
	return false
}

// keyIn says that key i, or a column equal to it, is among cols.
func (p *Place) keyIn(i int, cols []expr.ColumnID) bool {
	for _, c := range cols {
		if p.SameAsKey(i, c) {
			return true
		}
	}
	return false
}

// SameAsKey says that column c holds the same value as key i in every row.
func (p *Place) SameAsKey(i int, c expr.ColumnID) bool {
	if p.Keys[i] == c {
		return true
	}
	if i < len(p.Equal) {
		for _, e := range p.Equal[i] {
			if e == c {
				return true
			}
		}
	}
	return false
}

// Set is a set of columns.
type Set []uint64

// Has says whether id is in the set.
func (s Set) Has(id expr.ColumnID) bool {
	w := int(id >> 6)
	return w < len(s) && s[w]>>(uint(id)&63)&1 != 0
}

// Add puts id into the set.
func (s *Set) Add(id expr.ColumnID) {
	w := int(id >> 6)
	for w >= len(*s) {
		*s = append(*s, 0)
	}
	(*s)[w] |= 1 << (uint(id) & 63)
}

// AddExpr puts the columns that e reads into the set.
func (s *Set) AddExpr(e expr.Expr) {
	if c, ok := e.(*expr.Column); ok {
		s.Add(c.ID)
		return
	}
	for _, id := range expr.Columns(e) {
		s.Add(id)
	}
}

// AddColumns puts output columns into the set.
func (s *Set) AddColumns(cols []Column) {
	for i := range cols {
		s.Add(cols[i].ID)
	}
}

// AddWindow adds the columns by which a Window partitions, orders and computes.
func (s *Set) AddWindow(n *Window) {
	for _, p := range n.Partition {
		s.Add(p)
	}
	for _, k := range n.Order {
		s.Add(k.ID)
	}
	for i := range n.Funcs {
		for _, e := range n.Funcs[i].Args {
			s.AddExpr(e)
		}
	}
}

// Clone copies the set.
func (s Set) Clone() Set { return append(Set(nil), s...) }

// Holds says that every column of e is in the set.
func (s Set) Holds(e expr.Expr) bool {
	if c, ok := e.(*expr.Column); ok {
		return s.Has(c.ID)
	}
	for _, id := range expr.Columns(e) {
		if !s.Has(id) {
			return false
		}
	}
	return true
}

// Meets says that some column of e is in the set.
func (s Set) Meets(e expr.Expr) bool {
	for _, id := range expr.Columns(e) {
		if s.Has(id) {
			return true
		}
	}
	return false
}

// SetOfColumns makes the set of a node's output.
func SetOfColumns(cols []Column) Set {
	var s Set
	s.AddColumns(cols)
	return s
}

// Exprs calls f for every expression that a node itself computes.
func Exprs(n Node, f func(expr.Expr)) {
	list := func(es []expr.Expr) {
		for _, e := range es {
			f(e)
		}
	}
	switch n := n.(type) {
	case *Scan:
		list(n.Filter)
	case *VirtualScan:
		list(n.Filter)
	case *ExternalScan:
		list(n.Filter)
	case *Values:
		for _, r := range n.Rows {
			list(r)
		}
	case *Filter:
		list(n.Conds)
	case *Project:
		for i := range n.Exprs {
			f(n.Exprs[i].Expr)
		}
	case *Join:
		list(n.On)
	case *Aggregate:
		for i := range n.Aggs {
			list(n.Aggs[i].Args)
		}
		list(n.Having)
	case *Unnest:
		f(n.Value)
		list(n.On)
	case *Window:
		for i := range n.Funcs {
			list(n.Funcs[i].Args)
		}
	}
}

// Number gives the nodes the numbers of stl_explain, pre-order from 1, counting what EXPLAIN prints: the Hash of a hash join has a number between the
// join's outer and inner side; a Filter or Project is part of the node below it and shares its number.
// https://docs.aws.amazon.com/redshift/latest/dg/r_STL_EXPLAIN.html
func Number(n Node) { number(n, 1) }

func number(n Node, next int) int {
	switch n := n.(type) {
	case *Filter, *Project, *Insert, *Delete, *Update, *Unload:
		c := n.Children()[0]
		end := number(c, next)
		n.Props().ID = c.Props().ID
		return end
	case *Changes: // their parts are plans side by side
		n.ID = next
		for _, c := range n.Parts {
			next = number(c, next)
		}
		return next
	case *Join:
		n.ID = next
		next = number(n.Outer, next+1)
		if n.Method == HashJoin {
			next++
		}
		return number(n.Inner, next)
	case *SetOp:
		n.ID = next
		next++
		if n.Except {
			n.Sorted.ID, n.Appended.ID = next, next+1
			next += 2
		}
		next = number(n.Left, next)
		if !n.Except {
			next++
		}
		return number(n.Right, next)
	}
	n.Props().ID = next
	next++
	if x, ok := n.(*ExternalScan); ok {
		next += x.lines() - 1
	}
	for _, c := range n.Children() {
		next = number(c, next)
	}
	return next
}
