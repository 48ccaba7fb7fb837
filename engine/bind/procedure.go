package bind

import (
	"github.com/redshiftsim/redshiftsim/engine/ast"
	"github.com/redshiftsim/redshiftsim/engine/catalog"
	"github.com/redshiftsim/redshiftsim/engine/expr"
	"github.com/redshiftsim/redshiftsim/engine/function"
	"github.com/redshiftsim/redshiftsim/internal/sqlstate"
	"github.com/redshiftsim/redshiftsim/internal/types"
)

// Procedure binds the arguments of CALL and finds the procedure, of sets, that they fit best. They are cast as values are that variables get. params are the
// types of $1, $2, .. in them as they turned out. The error is 42883 when no procedure takes the arguments, 42809 when a function does.
// https://docs.aws.amazon.com/redshift/latest/dg/r_CALL_procedure.html
func Procedure(st *ast.Call, sets []*catalog.Functions, env *Env) (fn *catalog.Function, args []expr.Expr, params []types.Type, err error) {
	b := &binder{env: env, caseful: env.CaseSensitive}
	b.params = append(b.params, env.Params...)
	k := &block{b: b, noAgg: "aggregates not allowed in CALL arguments", noWin: "window functions not allowed in CALL arguments"}
	args = make([]expr.Expr, len(st.Args))
	kinds := make([]types.Type, len(args))
	for i, a := range st.Args {
		if args[i], err = k.expr(a); err != nil {
			return nil, nil, nil, err
		}
		if hasSubquery(args[i]) {
			return nil, nil, nil, sqlstate.FeatureNotSupported.Errorf("cannot use subquery in CALL argument").At(a.Offset())
		}
		kinds[i] = args[i].Type()
	}
	var other *catalog.Function
	for _, set := range sets {
		rows := make([][]types.Type, len(set.List))
		for i, f := range set.List {
			rows[i] = asText(f.Args)
		}
		if i := function.Choose(rows, arguments(args)); i >= 0 && set.List[i].Procedure != nil {
			fn = set.List[i]
			break
		} else if i >= 0 {
			other = set.List[i]
		}
	}
	switch {
	case fn != nil:
	case other != nil:
		return nil, nil, nil, sqlstate.WrongObjectType.Errorf("%s is not a procedure", other.Signature()).
			WithHint("To call a function, use SELECT.").At(st.Name.Offset())
	default:
		return nil, nil, nil, sqlstate.UndefinedFunction.Errorf("procedure %s(%s) does not exist", st.Name.Object(), catalog.KindNames(kinds)).
			WithHint("No procedure matches the given name and argument types. You may need to add explicit type casts.").At(st.Name.Offset())
	}
	for i, t := range asText(fn.Args) {
		if args[i], err = b.assign(args[i], t, "", st.Args[i].Offset()); err != nil {
			return nil, nil, nil, err
		}
	}
	return fn, args, b.params, nil
}

// asText gives a refcursor the type of its values.
func asText(list []types.Type) []types.Type {
	out := list
	for i, t := range list {
		if t.Kind == types.Text {
			if &out[0] == &list[0] {
				out = append([]types.Type(nil), list...)
			}
			out[i] = types.TVarcharMax
		}
	}
	return out
}
