package bind

import (
	"github.com/redshiftsim/redshiftsim/engine/ast"
	"github.com/redshiftsim/redshiftsim/engine/expr"
	"github.com/redshiftsim/redshiftsim/internal/sqlstate"
	"github.com/redshiftsim/redshiftsim/internal/types"
)

// anyOf binds x op ANY|ALL (array). An array of constants is a list, which compute nodes take; every other array is the leader's (docs/decisions/0088-constant-arrays.md).
//
//	a = ANY ('{1,2}')     a IN ('1', '2')          a > ALL (ARRAY[1, 2])   a > 1 AND a > 2
//	a <> ALL ('{1,2}')    a NOT IN ('1', '2')      a = ANY ($1)            a call
//
// https://www.postgresql.org/docs/8.0/functions-comparisons.html
func (k *block) anyOf(e *ast.Quantified, op expr.CompareOp) (expr.Expr, error) {
	items, null, ok, err := constants(e.Array)
	switch {
	case err != nil:
		return nil, err
	case !ok:
		return k.anyOfArray(e, op)
	case null, len(items) == 0:
		if _, err := k.expr(e.X); err != nil {
			return nil, err
		}
		if null {
			return &expr.Const{Value: types.NullOf(types.TBool)}, nil
		}
		return &expr.Const{Value: types.Datum{Type: types.TBool, Bool: e.All}}, nil
	case op == expr.Eq && !e.All, op == expr.Ne && e.All:
		return k.in(&ast.In{Pos: e.Pos, X: e.X, List: items, Not: e.All})
	}
	args := make([]expr.Expr, len(items))
	for i := range items {
		if args[i], err = k.binary(&ast.Binary{Pos: e.Pos, Op: e.Op, L: e.X, R: items[i]}); err != nil {
			return nil, err
		}
	}
	switch {
	case len(args) == 1:
		return args[0], nil
	case e.All:
		return &expr.And{Args: args}, nil
	}
	return &expr.Or{Args: args}, nil
}

// constants takes an array apart that is written as one: '{1,2}', '{1,2}'::int[], ARRAY[1, 2]; ok is false for every other. null = the array is NULL.
func constants(e ast.Expr) (items []ast.Expr, null, ok bool, err error) {
	switch e := e.(type) {
	case *ast.Literal:
		if e.Kind == ast.Null {
			return nil, true, true, nil
		}
		if e.Kind != ast.String {
			return nil, false, false, nil
		}
		list, err := types.ArrayItems(e.Text, types.ArrayOf(types.TText))
		if err != nil {
			return nil, false, false, at(err, e.Offset())
		}
		for _, it := range list {
			l := &ast.Literal{Pos: e.Pos, Kind: ast.String, Text: it.Text}
			if it.Null {
				l = &ast.Literal{Pos: e.Pos}
			}
			items = append(items, l)
		}
		return items, false, true, nil
	case *ast.Array:
		for _, it := range e.Items {
			if !isLiteral(it) {
				return nil, false, false, nil
			}
		}
		return e.Items, false, e.Query == nil, nil
	case *ast.Cast:
		t := e.Type.Type
		if !e.Type.Known || e.Type.Err != nil || !t.IsArray() || e.Try {
			return nil, false, false, nil
		}
		if items, null, ok, err = constants(e.X); err != nil || !ok {
			return nil, false, false, err
		}
		cast := make([]ast.Expr, len(items)) // e.X is shared
		for i := range items {
			cast[i] = &ast.Cast{Pos: e.Pos, X: items[i], Type: &ast.TypeName{Pos: e.Type.Pos, Name: t.Element().String(), Type: t.Element(), Known: true}}
		}
		return cast, null, true, nil
	}
	return nil, false, false, nil
}

// isLiteral says whether an element of ARRAY[..] is a constant as it is written: 1, -1, 'x', '2020-01-01'::date.
func isLiteral(e ast.Expr) bool {
	switch e := e.(type) {
	case *ast.Literal:
		return e.Kind != ast.Default
	case *ast.Unary:
		return (e.Op == "-" || e.Op == "+") && isLiteral(e.X)
	case *ast.Cast:
		return isLiteral(e.X)
	}
	return false
}

// errConstantArrays is what compute nodes say to an array that a parameter brings.
// https://github.com/aws/amazon-redshift-python-driver/issues/45
func errConstantArrays() *sqlstate.Error {
	return sqlstate.Internal.Errorf("Only constant arrays supported in IN/ANY/ALL operation.").WithDetail("code: 8001").
		WithHint("Write the values into the statement: = ANY ('{1,2}'), or IN ($1, $2).")
}

// fromParams says whether an array comes from parameters, alone or among the elements of ARRAY[..].
func fromParams(e expr.Expr) bool {
	found := false
	expr.Walk(e, func(e expr.Expr) bool {
		_, ok := e.(*expr.Param)
		found = found || ok
		return !found
	})
	return found
}
