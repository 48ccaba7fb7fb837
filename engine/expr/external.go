package expr

import "github.com/redshiftsim/redshiftsim/engine/function"

// Calls says whether an expression calls a Lambda function.
func Calls(e Expr) bool {
	found := false
	Walk(e, func(e Expr) bool {
		if c, ok := e.(*Call); ok && c.Fn.External != nil {
			found = true
		}
		return !found
	})
	return found
}

// NextCall finds a call of a Lambda function in e that is computed for every row and has no other such call in its arguments; nil = there is none. Calls of a
// stable function that no column is part of do not count: they are sent once a statement.
func NextCall(e Expr) *Call {
	for i, c := range children(e) {
		if i > 0 && !strictIn(e) {
			break
		}
		if x := NextCall(c); x != nil {
			return x
		}
	}
	x, ok := e.(*Call)
	if !ok || x.Fn.External == nil || x.Fn.Volatility != function.Volatile && !hasColumn(x) {
		return nil
	}
	return x
}

// hasColumn says whether a column is part of an expression.
func hasColumn(e Expr) bool {
	found := false
	Walk(e, func(e Expr) bool {
		if _, ok := e.(*Column); ok {
			found = true
		}
		return !found
	})
	return found
}
