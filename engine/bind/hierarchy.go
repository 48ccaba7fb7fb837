package bind

import (
	"github.com/redshiftsim/redshiftsim/engine/ast"
	"github.com/redshiftsim/redshiftsim/engine/expr"
	"github.com/redshiftsim/redshiftsim/engine/function"
	"github.com/redshiftsim/redshiftsim/engine/plan"
	"github.com/redshiftsim/redshiftsim/internal/sqlstate"
	"github.com/redshiftsim/redshiftsim/internal/types"
)

// hierarchy is what CONNECT BY adds to a block: the level of a row, and, while its condition is bound or when PRIOR stands elsewhere, the parent rows.
type hierarchy struct {
	level  *expr.Column
	parent *source      // of PRIOR; nil where PRIOR may not stand
	above  *expr.Column // the parent's level
	prior  bool         // PRIOR has been met
}

// levelName is the pseudocolumn that counts from 1 at the roots.
const levelName = "level"

// connectBy turns the block's source into a recursion: the roots, then, again and again, the rows that the condition joins with those found last.
//
//	FROM employee START WITH name = 'John' CONNECT BY PRIOR id = manager_id
//	  Recursive
//	    Project [employee's columns, level = 1]              Filter [name = 'John'] over employee
//	    Project [employee's columns, level = level + 1]      Join [parent.id = manager_id] of the rows found last and employee
//
// When PRIOR stands elsewhere in the query, the parent's columns and level go on beside each row, NULL beside a root.
//
// Joins of FROM come before it, WHERE after it. https://docs.aws.amazon.com/redshift/latest/dg/r_CONNECT_BY_clause.html
func (k *block) connectBy(s *ast.Select) error {
	b := k.b
	roots := k.src
	again := &block{b: b, outer: k.outer, ctes: k.ctes}
	if err := again.from(s.From); err != nil {
		return err
	}
	cols := hierarchyColumns(&roots)
	for _, c := range cols {
		b.use(c.ID)
	}
	children := hierarchyColumns(&again.src)
	for _, c := range children {
		b.use(c.ID)
	}
	k.noAgg, k.noWin = "aggregates not allowed in START WITH clause", "Window functions are not allowed in START WITH"
	seed := roots.node
	if s.StartWith != nil {
		cond, err := k.condition(s.StartWith, "START WITH")
		if err != nil {
			return err
		}
		seed = &plan.Filter{Input: seed, Conds: expr.Conjuncts(cond)}
	}
	level := plan.Column{Name: levelName, Type: types.TInt4}
	one := &expr.Const{Value: types.Datum{Type: types.TInt4, Int: 1}}
	given := append(cols[:len(cols):len(cols)], level)
	if s.Prior { // the parent row beside its child
		given = append(given, given...)
	}
	work := &plan.Worktable{Name: "connect_by"}
	parents := b.worktable(work, given)
	plus, err := function.FindOperator("+", types.TInt4, types.TInt4)
	if err != nil {
		return err
	}
	deeper := &expr.Call{Fn: plus, Args: []expr.Expr{columnOf(parents.cols[len(cols)]), one}, Op: true, Pos: -1}
	h := &hierarchy{level: &expr.Column{ID: b.id(), Typ: types.TInt4, Name: levelName}, above: columnOf(parents.cols[len(cols)])}
	parent := roots.renumbered(cols, parents.cols)
	h.parent = &parent
	again.tree = h
	again.noAgg, again.noWin = "aggregates not allowed in CONNECT BY clause", "Window functions are not allowed in CONNECT BY"
	cond, err := again.condition(s.ConnectBy, "CONNECT BY")
	if err != nil {
		return err
	}
	if !h.prior {
		return sqlstate.Syntax.Errorf("CONNECT BY must have a condition with PRIOR").At(s.ConnectBy.Offset())
	}
	for _, id := range again.outerUsed {
		k.outerUsed = addID(k.outerUsed, id)
	}
	// LEVEL in the condition is the child's, which is one more than the parent's
	cond = expr.Replace(cond, func(x expr.Expr) expr.Expr {
		if c, ok := x.(*expr.Column); ok && c.ID == h.level.ID {
			return deeper
		}
		return nil
	})
	join := &plan.Join{Kind: plan.Inner, Outer: parents.node, Inner: again.src.node, On: expr.Conjuncts(cond)}
	out := append([]plan.Column(nil), given...)
	for i := range out {
		out[i].ID = b.id()
	}
	first, then := b.withLevel(seed, cols, one), b.withLevel(join, children, deeper)
	k.src = roots.renumbered(cols, out)
	k.tree = &hierarchy{level: columnOf(out[len(cols)])}
	if s.Prior {
		for i, c := range parents.cols[:len(cols)+1] {
			first.Exprs = append(first.Exprs, b.beside(c, &expr.Const{Value: types.NullOf(c.Type)}))
			then.Exprs = append(then.Exprs, b.beside(c, columnOf(parents.cols[i])))
		}
		above := out[len(cols)+1:]
		parent := roots.renumbered(cols, above)
		k.tree.parent, k.tree.above = &parent, columnOf(above[len(cols)])
	}
	k.src.node = &plan.Recursive{Seed: first, Step: then, Work: work, Output: out}
	k.refs = k.refs[:0]
	return nil
}

// hierarchyColumns are all columns of a source's relations, in order.
func hierarchyColumns(s *source) []plan.Column {
	var out []plan.Column
	for i := range s.rels {
		for _, c := range s.rels[i].cols {
			out = append(out, plan.Column{ID: c.ID, Name: c.Name, Table: c.Table, Type: c.Typ})
		}
	}
	return out
}

// withLevel gives cols and the level beside them.
func (b *binder) withLevel(n plan.Node, cols []plan.Column, level expr.Expr) *plan.Project {
	p := passing(n, cols)
	p.Exprs = append(p.Exprs, b.beside(plan.Column{Name: levelName, Type: types.TInt4}, level))
	return p
}

// beside is an expression as a new column like c.
func (b *binder) beside(c plan.Column, e expr.Expr) plan.Named {
	c.ID = b.id()
	return plan.Named{Column: c, Expr: e}
}

// renumbered is a source whose columns are others: to[i] stands for from[i].
func (s *source) renumbered(from, to []plan.Column) source {
	at := map[expr.ColumnID]expr.ColumnID{}
	for i := range from {
		at[from[i].ID] = to[i].ID
	}
	out := source{rels: make([]relation, len(s.rels))}
	for i, r := range s.rels {
		r.cols = append([]expr.Column(nil), r.cols...)
		for j := range r.cols {
			r.cols[j].ID = at[r.cols[j].ID]
		}
		out.rels[i] = r
	}
	for _, v := range s.vis {
		v.e = expr.Rewrite(v.e, func(x expr.Expr) expr.Expr {
			if c, ok := x.(*expr.Column); ok {
				d := *c
				d.ID = at[c.ID]
				return &d
			}
			return x
		})
		out.vis = append(out.vis, v)
	}
	return out
}

// priorOf binds PRIOR x: x of the parent row.
func (k *block) priorOf(e *ast.Prior) (expr.Expr, error) {
	if k.tree == nil || k.tree.parent == nil {
		return nil, sqlstate.FeatureNotSupported.Errorf("PRIOR where there is no parent row is not supported").At(e.Offset())
	}
	k.tree.prior = true
	src, level := k.src, k.tree.level
	k.src, k.tree.level = *k.tree.parent, k.tree.above
	x, err := k.expr(e.X)
	k.src, k.tree.level = src, level
	return x, err
}
