package bind

import (
	"strings"

	"github.com/redshiftsim/redshiftsim/engine/ast"
	"github.com/redshiftsim/redshiftsim/engine/expr"
	"github.com/redshiftsim/redshiftsim/engine/plan"
	"github.com/redshiftsim/redshiftsim/internal/sqlstate"
)

// outerMarks is what is known of column(+) in the condition being bound.
type outerMarks struct {
	columns []expr.ColumnID // marked in this condition
	barred  int             // operands of OR or IN around it
	pos     int             // of the first mark
}

// outerMark binds column(+). Outside of WHERE the mark means nothing.
// https://docs.aws.amazon.com/redshift/latest/dg/r_WHERE_oracle_outer.html
func (k *block) outerMark(e *ast.OuterMark) (expr.Expr, error) {
	x, err := k.expr(e.X)
	if err != nil || k.marks == nil {
		return x, err
	}
	if k.marks.barred > 0 {
		return nil, sqlstate.FeatureNotSupported.Errorf("Outer join operator (+) not allowed in operand of OR or IN.").At(e.Offset())
	}
	if len(k.marks.columns) == 0 {
		k.marks.pos = e.Offset()
	}
	if k.unnested {
		return nil, unsupported(e.Offset(), "(+) beside the unnesting of a SUPER value is")
	}
	k.marks.columns = append(k.marks.columns, expr.Columns(x)...)
	return x, nil
}

// unmarked bars marks until the function that it gives is called.
func (k *block) unmarked() func() {
	m := k.marks
	if m == nil {
		return func() {}
	}
	m.barred++
	return func() { m.barred-- }
}

// where binds WHERE. Conditions with (+) become those of outer joins.
func (k *block) where(s *ast.Select) ([]expr.Expr, error) {
	k.marks = &outerMarks{}
	defer func() { k.marks = nil }()
	x, err := k.condition(s.Where, "WHERE")
	if err != nil || len(k.marks.columns) == 0 {
		return expr.Conjuncts(x), err
	}
	var conds []whereCond
	for _, e := range conjuncts(s.Where, nil) {
		k.marks.columns = nil
		x, err := k.condition(e, "WHERE")
		if err != nil {
			return nil, err
		}
		conds = append(conds, whereCond{x, k.marks.columns, k.marks.pos})
	}
	return k.oracleJoins(s, conds)
}

// conjuncts appends the conditions that AND joins.
func conjuncts(e ast.Expr, to []ast.Expr) []ast.Expr {
	if b, ok := e.(*ast.Binary); ok && strings.EqualFold(b.Op, "and") {
		return conjuncts(b.R, conjuncts(b.L, to))
	}
	return append(to, e)
}

// whereCond is a condition of WHERE with the columns that (+) marks in it.
type whereCond struct {
	x       expr.Expr
	columns []expr.ColumnID
	pos     int
}

// oracleJoins makes the outer joins that (+) asks for: the tables without a mark side by side, then each marked one joined to them. What is left of
// WHERE comes back.
//
//	FROM a, b, c WHERE a.x = b.x(+) AND b.y(+) = 1 AND a.z = c.z         Filter [a.z = c.z]
//	                                                                       Join left [a.x = b.x, b.y = 1]
//	                                                                         Join a c
//	                                                                         b
func (k *block) oracleJoins(s *ast.Select, conds []whereCond) ([]expr.Expr, error) {
	for _, f := range s.From {
		if _, ok := f.(*ast.Join); ok || s.ConnectBy != nil {
			pos := 0
			for _, c := range conds {
				if len(c.columns) > 0 {
					pos = c.pos
					break
				}
			}
			return nil, sqlstate.FeatureNotSupported.Errorf("Outer join operator (+) cannot be used in a query block with FROM clause join syntax").At(pos)
		}
	}
	o := &oracle{k: k, to: make([]int, len(k.parts)), on: make([][]expr.Expr, len(k.parts))}
	for i := range o.to {
		o.to[i] = -1
	}
	if err := o.pairs(conds); err != nil {
		return nil, err
	}
	rest := o.split(conds)
	o.build()
	return rest, nil
}

// oracle is the state of making outer joins of marks. Tables are the items of FROM by number.
type oracle struct {
	k  *block
	to []int         // the table that a marked one is outer joined to, -1 = none
	on [][]expr.Expr // by marked table
}

// tables lists the items of FROM that columns belong to.
func (o *oracle) tables(ids []expr.ColumnID) (out []int) {
	for i := range o.k.parts {
	next:
		for _, r := range o.k.parts[i].rels {
			for _, c := range r.cols {
				if hasID(ids, c.ID) {
					out = append(out, i)
					break next
				}
			}
		}
	}
	return out
}

// pairs finds out which table is joined to which. Tables that conditions without a mark join as well are not outer joined.
func (o *oracle) pairs(conds []whereCond) error {
	for _, c := range conds {
		marked := o.tables(c.columns)
		if len(marked) == 0 {
			continue
		}
		if len(marked) > 1 {
			return sqlstate.FeatureNotSupported.Errorf("A condition may reference only one outer-joined table.").At(c.pos)
		}
		t := marked[0]
		for _, other := range o.tables(expr.Columns(c.x)) {
			if other == t {
				continue
			}
			if o.to[t] >= 0 && o.to[t] != other {
				return sqlstate.FeatureNotSupported.Errorf("A table may be outer joined to at most one other table.").At(c.pos)
			}
			o.to[t] = other
		}
		for at, n := o.to[t], 0; at >= 0; at, n = o.to[at], n+1 {
			if at == t || n > len(o.to) {
				return sqlstate.FeatureNotSupported.Errorf("Two tables cannot be outer joined to each other.").At(c.pos)
			}
		}
	}
	for _, c := range conds {
		if both := o.tables(expr.Columns(c.x)); len(c.columns) == 0 && len(both) == 2 {
			for i, t := range both {
				if o.to[t] == both[1-i] {
					o.to[t] = -1
				}
			}
		}
	}
	return nil
}

// split gives the conditions of the outer joins to them, and the others back.
func (o *oracle) split(conds []whereCond) (rest []expr.Expr) {
	for _, c := range conds {
		if marked := o.tables(c.columns); len(marked) == 1 && o.to[marked[0]] >= 0 {
			o.on[marked[0]] = append(o.on[marked[0]], expr.Conjuncts(c.x)...)
			continue
		}
		rest = append(rest, expr.Conjuncts(c.x)...)
	}
	return rest
}

// build makes the block's node anew.
func (o *oracle) build() {
	var node plan.Node
	done := make([]bool, len(o.to))
	for i, p := range o.k.parts {
		if o.to[i] >= 0 {
			continue
		}
		done[i] = true
		if node == nil {
			node = p.node
		} else {
			node = &plan.Join{Kind: plan.Inner, Outer: node, Inner: p.node}
		}
	}
	for again := true; again; {
		again = false
		for i, p := range o.k.parts {
			if !done[i] && done[o.to[i]] {
				node = &plan.Join{Kind: plan.Left, Outer: node, Inner: p.node, On: o.on[i]}
				done[i], again = true, true
			}
		}
	}
	o.k.src.node = node
}
