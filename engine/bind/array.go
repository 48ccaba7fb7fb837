package bind

import (
	"github.com/redshiftsim/redshiftsim/engine/ast"
	"github.com/redshiftsim/redshiftsim/engine/expr"
	"github.com/redshiftsim/redshiftsim/engine/function"
	"github.com/redshiftsim/redshiftsim/engine/plan"
	"github.com/redshiftsim/redshiftsim/internal/types"
)

// subscripts binds x[i].name ..: steps into a SUPER value, or to elements of the catalog's arrays.
func (k *block) subscripts(e *ast.Path) (expr.Expr, error) {
	pos := e.Offset()
	x, err := k.part(e.X)
	if err != nil {
		return nil, err
	}
	for i := range e.Steps {
		s := &e.Steps[i]
		if x.Type().Kind == types.Super {
			if x, err = k.step(x, s); err != nil {
				return nil, err
			}
			continue
		}
		if x.Type().Kind == types.Nested {
			if x, err = k.stepInto(x, s); err != nil {
				return nil, err
			}
			continue
		}
		fn, ok := function.Subscript(x.Type())
		if !ok || s.Index == nil {
			return nil, noParts(x.Type(), s)
		}
		i, err := k.expr(s.Index)
		if err != nil {
			return nil, err
		}
		if i, err = k.b.coerce(i, types.TInt4, s.Index.Offset()); err != nil {
			return nil, err
		}
		k.b.placed(fn.Name, fn.Place, fn.Volatility)
		x = &expr.Call{Fn: fn, Args: []expr.Expr{x, i}, Pos: pos}
	}
	return x, nil
}

// anyOfArray binds x op ANY|ALL (array) of an array that is no constant. A parameter is an array of what x is.
func (k *block) anyOfArray(e *ast.Quantified, op expr.CompareOp) (expr.Expr, error) {
	pos := e.Offset()
	x, err := k.expr(e.X)
	if err != nil {
		return nil, err
	}
	list, err := k.expr(e.Array)
	if err != nil {
		return nil, err
	}
	as := alone(x.Type())
	switch t := list.Type(); {
	case t.Kind == types.Unknown:
		if list, err = k.b.coerce(list, types.ArrayOf(as), e.Array.Offset()); err != nil {
			return nil, err
		}
	case !t.IsArray():
		return nil, unsupported(pos, "op ANY and ALL of a value that is no array is")
	default:
		if as, err = function.CompareType(x.Type(), t.Element()); err != nil {
			return nil, at(function.CompareError(op.String(), x.Type(), t.Element()), pos)
		}
	}
	if x, err = k.b.coerce(x, as, pos); err != nil {
		return nil, err
	}
	k.b.bound = k.b.bound || fromParams(list)
	fn := function.Quantified(list.Type(), op.String(), e.All, as)
	k.b.placed("any", fn.Place, fn.Volatility)
	return &expr.Call{Fn: fn, Args: []expr.Expr{x, list}, Pos: pos}, nil
}

// array binds ARRAY[items] and ARRAY(query).
func (k *block) array(e *ast.Array) (expr.Expr, error) {
	pos := e.Offset()
	if e.Query != nil {
		return k.arrayOfRows(e.Query, pos)
	}
	args, where, err := k.args(e.Items)
	if err != nil {
		return nil, err
	}
	literals := true
	for _, a := range args {
		literals = literals && a.Type().Kind == types.Unknown
	}
	t, err := k.b.common(args, where)
	if err != nil {
		return nil, err
	}
	if literals {
		t = types.TText
	}
	fn := function.ArrayOf(t, len(args))
	k.b.placed(fn.Name, fn.Place, fn.Volatility)
	return &expr.Call{Fn: fn, Args: args, Pos: pos}, nil
}

// arrayOfRows is ARRAY(query): an aggregate over the query's one column, as a scalar subquery.
func (k *block) arrayOfRows(s *ast.Select, pos int) (expr.Expr, error) {
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
	fn := function.CollectArray(q.cols[0].Type)
	k.b.placed(fn.Name, fn.Place, function.Immutable)
	c := plan.Column{ID: k.b.id(), Name: fn.Name, Type: fn.Returns}
	node := &plan.Aggregate{Input: exactly(q), Aggs: []plan.Agg{{Column: c, Fn: fn, Args: []expr.Expr{columnOf(q.cols[0])}}}}
	x := k.subquery(expr.Scalar, query{node: node, cols: []plan.Column{c}, outer: q.outer}, pos)
	x.Typ = c.Type
	none := &expr.Const{Value: types.Datum{Type: c.Type, Text: "{}"}} // of rows that a correlated query has none for
	return &expr.Coalesce{Args: []expr.Expr{x, none}, Typ: c.Type}, nil
}
