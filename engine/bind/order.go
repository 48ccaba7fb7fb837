package bind

import (
	"github.com/redshiftsim/redshiftsim/engine/ast"
	"github.com/redshiftsim/redshiftsim/engine/expr"
	"github.com/redshiftsim/redshiftsim/engine/plan"
	"github.com/redshiftsim/redshiftsim/internal/sqlstate"
	"github.com/redshiftsim/redshiftsim/internal/types"
)

// nullsFirst resolves where NULLs go: they are the largest values unless the item says otherwise.
// https://docs.aws.amazon.com/redshift/latest/dg/r_ORDER_BY_clause.html
func nullsFirst(o *ast.OrderItem) bool {
	switch o.Nulls {
	case "first":
		return true
	case "last":
		return false
	}
	return o.Desc
}

// orderBy binds ORDER BY of a plain SELECT. The keys' IDs are places in items, to which expressions that are not in the list are added as hidden
// ones. A name is first an output column, then a column of FROM.
func (k *block) orderBy(list []ast.OrderItem, items *[]outItem, distinct bool) ([]plan.SortKey, error) {
	if len(list) == 0 {
		return nil, nil
	}
	keys := make([]plan.SortKey, 0, len(list))
	shown := len(*items)
next:
	for i := range list {
		o := &list[i]
		at := -1
		switch e := o.Expr.(type) {
		case *ast.Literal:
			n, ok := ordinal(e)
			switch {
			case ok && (n < 1 || n > shown):
				return nil, sqlstate.InvalidColumnReference.Errorf("ORDER BY position %d is not in select list", n).At(e.Offset())
			case ok:
				at = n - 1
			case e.Kind == ast.Number || e.Kind == ast.String:
				return nil, sqlstate.Syntax.Errorf("non-integer constant in ORDER BY").At(e.Offset())
			default:
				continue next
			}
		case *ast.ColumnRef:
			if len(e.Parts) == 1 {
				for j := range shown {
					if (*items)[j].name != e.Parts[0] {
						continue
					}
					if at >= 0 && !expr.Equal((*items)[at].x, (*items)[j].x) {
						return nil, sqlstate.AmbiguousColumn.Errorf("ORDER BY \"%s\" is ambiguous", e.Parts[0]).At(e.Offset())
					}
					if at < 0 {
						at = j
					}
				}
			}
		}
		if at < 0 {
			x, err := k.expr(o.Expr)
			if err != nil {
				return nil, err
			}
			if _, ok := x.(*expr.Const); ok {
				continue
			}
			for j := range *items {
				if expr.Equal((*items)[j].x, x) {
					at = j
					break
				}
			}
			if at < 0 {
				if distinct {
					return nil, sqlstate.InvalidColumnReference.Errorf("for SELECT DISTINCT, ORDER BY expressions must appear in select list").At(o.Expr.Offset())
				}
				at = len(*items)
				*items = append(*items, outItem{e: o.Expr, name: label(o.Expr, x), x: x, alias: hiddenItem})
			}
		}
		keys = append(keys, plan.SortKey{ID: expr.ColumnID(at), Desc: o.Desc, NullsFirst: nullsFirst(o)})
	}
	return keys, nil
}

// outputOrder puts ORDER BY and LIMIT above a set operation, whose output columns are all that can be named.
func (b *binder) outputOrder(q *query, s *ast.Select) error {
	k := &block{b: b}
	if len(s.OrderBy) > 0 {
		if err := b.settle(q); err != nil {
			return err
		}
		var keys []plan.SortKey
		for i := range s.OrderBy {
			o := &s.OrderBy[i]
			at := -1
			switch e := o.Expr.(type) {
			case *ast.Literal:
				n, ok := ordinal(e)
				if !ok {
					return sqlstate.Syntax.Errorf("non-integer constant in ORDER BY").At(e.Offset())
				}
				if n < 1 || n > len(q.cols) {
					return sqlstate.InvalidColumnReference.Errorf("ORDER BY position %d is not in select list", n).At(e.Offset())
				}
				at = n - 1
			case *ast.ColumnRef:
				name := e.Parts[len(e.Parts)-1]
				for j := range q.cols {
					if q.cols[j].Name == name {
						if at >= 0 {
							return sqlstate.AmbiguousColumn.Errorf("ORDER BY \"%s\" is ambiguous", name).At(e.Offset())
						}
						at = j
					}
				}
				if at < 0 {
					return sqlstate.UndefinedColumn.Errorf("column \"%s\" does not exist", name).At(e.Offset())
				}
			default:
				return sqlstate.FeatureNotSupported.Errorf("ORDER BY on a UNION/INTERSECT/EXCEPT result must be on one of the result columns").At(o.Expr.Offset())
			}
			if err := sortable(q.cols[at].Type); err != nil {
				return err
			}
			keys = append(keys, plan.SortKey{ID: q.cols[at].ID, Desc: o.Desc, NullsFirst: nullsFirst(o)})
		}
		q.node = &plan.Sort{Input: q.node, Keys: keys}
	}
	n, err := k.limit(q.node, s)
	q.node = n
	return err
}

// limit puts LIMIT and OFFSET above a node.
// https://docs.aws.amazon.com/redshift/latest/dg/r_ORDER_BY_clause.html
func (k *block) limit(n plan.Node, s *ast.Select) (plan.Node, error) {
	if s.Limit == nil && s.Offset == nil {
		return n, nil
	}
	l := &plan.Limit{Input: n, Count: -1}
	var err error
	if s.Limit != nil {
		if l.Count, err = k.rowCount(s.Limit, "LIMIT", -1); err != nil {
			return nil, err
		}
	}
	if s.Offset != nil {
		if l.Offset, err = k.rowCount(s.Offset, "OFFSET", 0); err != nil {
			return nil, err
		}
	}
	return l, nil
}

// rowCount computes a LIMIT or OFFSET. absent is what NULL means.
func (k *block) rowCount(e ast.Expr, clause string, absent int64) (int64, error) {
	if l, ok := e.(*ast.Literal); ok && l.Kind == ast.Null {
		return absent, nil
	}
	bare := block{b: k.b, noAgg: "aggregates not allowed in " + clause, noWin: "Window functions are not allowed in " + clause}
	x, err := bare.expr(e)
	if err != nil {
		if es, ok := err.(*sqlstate.Error); ok && es.Code == sqlstate.UndefinedColumn {
			return 0, sqlstate.InvalidColumnReference.Errorf("argument of %s must not contain variables", clause).At(e.Offset())
		}
		return 0, err
	}
	if x, err = k.b.assign(x, types.TInt8, "", e.Offset()); err != nil {
		return 0, err
	}
	params := false
	expr.Walk(x, func(x expr.Expr) bool {
		_, p := x.(*expr.Param)
		params = params || p
		return true
	})
	if params {
		k.b.out.ParamsUsed = true
		if k.b.env.Function == nil || len(k.b.env.Function.Params) == 0 {
			return absent, nil // only prepared: the values come with another Bind
		}
	}
	d, err := expr.Value(x, k.b.env.Function)
	if err != nil {
		return 0, at(err, e.Offset())
	}
	if d.Null {
		return absent, nil
	}
	if d.Int < 0 {
		return 0, sqlstate.InvalidParameterValue.Errorf("%s must not be negative", clause).At(e.Offset())
	}
	return d.Int, nil
}
