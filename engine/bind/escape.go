package bind

import (
	"github.com/redshiftsim/redshiftsim/engine/ast"
	"github.com/redshiftsim/redshiftsim/engine/expr"
	"github.com/redshiftsim/redshiftsim/engine/function"
	"github.com/redshiftsim/redshiftsim/internal/types"
)

// escaped gives a pattern that was written with an escape character as one that escapes with a backslash: of constants at once, of other values row by row.
// https://docs.aws.amazon.com/redshift/latest/dg/r_patternmatching_condition_like.html
// https://docs.aws.amazon.com/redshift/latest/dg/pattern-matching-conditions-similar-to.html
func (k *block) escaped(pattern expr.Expr, escape ast.Expr, pos int) (expr.Expr, error) {
	esc, err := k.expr(escape)
	if err != nil {
		return nil, err
	}
	pc, ok1 := pattern.(*expr.Const)
	ec, ok2 := esc.(*expr.Const)
	if !ok1 || !ok2 {
		fn := function.EscapePattern()
		args := []expr.Expr{pattern, esc}
		for i := range args {
			if args[i], err = k.b.coerce(args[i], fn.Params[i], pos); err != nil {
				return nil, err
			}
		}
		return &expr.Call{Fn: fn, Args: args, Pos: pos}, nil
	}
	if pc.Value.Null || ec.Value.Null {
		return &expr.Const{Value: types.NullOf(types.TText)}, nil
	}
	text, err := function.LikeEscape(pc.Value.Text, ec.Value.Text)
	if err != nil {
		return nil, at(err, escape.Offset())
	}
	v := pc.Value
	v.Text = text
	v.Type.Len = int32(max(len(text), 1))
	return &expr.Const{Value: v}, nil
}
