package engine

import (
	"slices"
	"time"

	"github.com/redshiftsim/redshiftsim/engine/catalog"
	"github.com/redshiftsim/redshiftsim/engine/expr"
	"github.com/redshiftsim/redshiftsim/engine/plan"
)

// columnKey names a column of a table for as long as the table lives.
type columnKey struct {
	table  uint32
	column int // PosAttr
}

// predicatesOf finds the columns of tables that a plan filters, joins or groups by.
//
//	Scan.Filter, Filter, Join -> columns of conditions ─┐
//	Aggregate -> groups                                 ├─ expr.ColumnID -> (through the Projects that compute it) -> column of a table
//
// https://docs.aws.amazon.com/redshift/latest/dg/t_Analyzing_tables.html#t_Analyzing_tables-predicate-columns
func predicatesOf(root plan.Node) []columnKey {
	base := map[expr.ColumnID]columnKey{}
	computed := map[expr.ColumnID]expr.Expr{}
	var used []expr.ColumnID
	conds := func(list []expr.Expr) {
		for _, e := range list {
			used = append(used, columnsIn(e)...)
		}
	}
	plan.Walk(root, func(n plan.Node) bool {
		switch n := n.(type) {
		case *plan.Scan:
			for i, c := range n.Output {
				if a := n.Attrs[i]; a >= 0 && a < len(n.Table.Columns) {
					base[c.ID] = columnKey{n.Table.ID, n.Table.Columns[a].PosAttr}
				}
			}
			conds(n.Filter)
		case *plan.Project:
			for i := range n.Exprs {
				computed[n.Exprs[i].ID] = n.Exprs[i].Expr
			}
		case *plan.Filter:
			conds(n.Conds)
		case *plan.Join:
			conds(n.On)
			used = append(append(used, n.EquiOuter...), n.EquiInner...)
		case *plan.Aggregate:
			used = append(used, n.Groups...)
		}
		return true
	})
	var out []columnKey
	seen := map[expr.ColumnID]bool{}
	var resolve func(id expr.ColumnID)
	resolve = func(id expr.ColumnID) {
		if seen[id] {
			return
		}
		seen[id] = true
		if k, ok := base[id]; ok {
			if !slices.Contains(out, k) {
				out = append(out, k)
			}
			return
		}
		if e := computed[id]; e != nil {
			for _, c := range columnsIn(e) {
				resolve(c)
			}
		}
	}
	for _, id := range used {
		resolve(id)
	}
	return out
}

// columnsIn lists the columns of an expression.
func columnsIn(e expr.Expr) (out []expr.ColumnID) {
	expr.Walk(e, func(e expr.Expr) bool {
		if c, ok := e.(*expr.Column); ok {
			out = append(out, c.ID)
		}
		return true
	})
	return out
}

// mark makes the columns of a plan that runs predicate columns, once.
func (c *Cluster) mark(e *planEntry) {
	if e.marked.Swap(true) {
		return
	}
	if len(e.marks) == 0 {
		return
	}
	now := c.cfg.Clock()
	c.mu.Lock()
	defer c.mu.Unlock()
	for _, k := range e.marks {
		if e.renaming != nil {
			k.table = e.renaming.ByID(k.table).ID
		}
		if _, ok := c.predicates[k]; ok {
			continue
		}
		if c.predicates == nil {
			c.predicates = map[columnKey]time.Time{}
		}
		c.predicates[k] = now
	}
}

// predicateColumns lists the columns that ANALYZE PREDICATE COLUMNS looks at: those that queries used as predicates, the distribution key and the sort
// key; nil when no query has used any.
func (c *Cluster) predicateColumns(t *catalog.Table) []int {
	c.mu.Lock()
	defer c.mu.Unlock()
	used := false
	var out []int
	for i := range t.Columns {
		_, ok := c.predicates[columnKey{t.ID, t.Columns[i].PosAttr}]
		used = used || ok
		if ok || t.Def.Dist.Keyed() && t.Def.Dist.Column == i || slices.Contains(t.Def.Sort.Columns, i) {
			out = append(out, i)
		}
	}
	if !used {
		return nil
	}
	return out
}

// countPredicates counts the columns that queries used as predicates, and those of them that no query had used before a time.
func (c *Cluster) countPredicates(t *catalog.Table, before time.Time) (all, fresh int) {
	c.mu.Lock()
	defer c.mu.Unlock()
	for i := range t.Columns {
		if at, ok := c.predicates[columnKey{t.ID, t.Columns[i].PosAttr}]; ok {
			all++
			if at.After(before) {
				fresh++
			}
		}
	}
	return all, fresh
}

// firstUse is when a query first used a column as a predicate; zero = none has.
func (c *Cluster) firstUse(table uint32, column int) time.Time {
	c.mu.Lock()
	defer c.mu.Unlock()
	return c.predicates[columnKey{table, column}]
}
