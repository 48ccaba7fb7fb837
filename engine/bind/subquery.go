package bind

import (
	"github.com/redshiftsim/redshiftsim/engine/ast"
	"github.com/redshiftsim/redshiftsim/engine/expr"
	"github.com/redshiftsim/redshiftsim/engine/function"
	"github.com/redshiftsim/redshiftsim/engine/plan"
	"github.com/redshiftsim/redshiftsim/internal/sqlstate"
	"github.com/redshiftsim/redshiftsim/internal/types"
)

// inner binds a query inside an expression of the block.
func (k *block) inner(s *ast.Select) (query, error) {
	defer k.b.inside(ofExpression)()
	q, err := k.b.query(s, k, k.ctes)
	if err == nil {
		err = k.b.correlates(&q, s.Pos.Offset())
	}
	return q, err
}

// subquery makes the expression of a bound query.
func (k *block) subquery(kind expr.SubqueryKind, q query, pos int) *expr.Subquery {
	return &expr.Subquery{Kind: kind, Plan: q.node, Outer: q.outer, Typ: types.TBool, Pos: pos}
}

// scalar binds (SELECT one column).
func (k *block) scalar(s *ast.Select, pos int) (expr.Expr, error) {
	q, err := k.inner(s)
	if err != nil {
		return nil, err
	}
	if len(q.cols) != 1 {
		return nil, errOneColumn(pos)
	}
	if err := k.b.settle(&q); err != nil {
		return nil, err
	}
	e := k.subquery(expr.Scalar, exact(q), pos)
	e.Typ = q.cols[0].Type
	return e, nil
}

func errOneColumn(pos int) error {
	return sqlstate.Syntax.Errorf("subquery must return only one column").At(pos)
}

// exact makes a query's node give the query's columns only.
func exact(q query) query {
	q.node = exactly(q)
	return q
}

// quantified binds left op ANY|ALL (query); IN is ANY with =, NOT IN is ALL with <>.
func (k *block) quantified(left []expr.Expr, op expr.CompareOp, all bool, s *ast.Select, pos int) (expr.Expr, error) {
	before := k.b.nestedReads
	q, err := k.inner(s)
	if err == nil {
		err = k.single(before, pos, "IN, ANY or ALL")
	}
	if err != nil {
		return nil, err
	}
	switch {
	case len(q.cols) > len(left):
		return nil, sqlstate.Syntax.Errorf("subquery has too many columns").At(pos)
	case len(q.cols) < len(left):
		return nil, sqlstate.Syntax.Errorf("subquery has too few columns").At(pos)
	case len(left) > 1 && op != expr.Eq && op != expr.Ne:
		return nil, unsupported(pos, "comparison of rows with "+op.String()+" is")
	}
	to := make([]types.Type, len(left))
	for i, l := range left {
		r := q.cols[i].Type
		t, err := function.CompareType(l.Type(), r)
		if err != nil {
			return nil, at(function.CompareError(op.String(), l.Type(), r), pos)
		}
		to[i] = t
		if comparable(l.Type(), r) {
			to[i] = r // one lane already: no casts
			continue
		}
		if left[i], err = k.b.coerce(l, t, pos); err != nil {
			return nil, err
		}
	}
	if err := k.b.castQuery(&q, to); err != nil {
		return nil, err
	}
	kind := expr.Any
	if all {
		kind = expr.All
	}
	e := k.subquery(kind, exact(q), pos)
	e.Left, e.Op = left, op
	return e, nil
}

// rowless gives the condition under which a query has rows that reads no table: SELECT 1 WHERE cond, and unions of such. It needs no join, and so may name
// whatever columns of the queries around it.
func rowless(n plan.Node) (expr.Expr, bool) {
	switch n := n.(type) {
	case *plan.Values:
		return &expr.Const{Value: types.Datum{Type: types.TBool, Bool: true}}, len(n.Rows) == 1
	case *plan.Project:
		return rowless(n.Input)
	case *plan.Filter:
		below, ok := rowless(n.Input)
		if !ok {
			return nil, false
		}
		return &expr.And{Args: []expr.Expr{below, &expr.IsBool{Arg: &expr.And{Args: n.Conds}, Value: true}}}, true
	case *plan.Append:
		or := &expr.Or{}
		for _, in := range n.Inputs {
			x, ok := rowless(in)
			if !ok {
				return nil, false
			}
			or.Args = append(or.Args, x)
		}
		return or, true
	}
	return nil, false
}
