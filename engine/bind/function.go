package bind

import (
	"github.com/redshiftsim/redshiftsim/engine/ast"
	"github.com/redshiftsim/redshiftsim/engine/expr"
	"github.com/redshiftsim/redshiftsim/internal/types"
)

// function binds a function in FROM. Its arguments are constants; its rows are those of a system table that the session makes of them.
// https://docs.aws.amazon.com/redshift/latest/dg/PG_GET_COLS.html
func (k *block) function(f *ast.TableFunc) (source, error) {
	name := f.Call.Name[len(f.Call.Name)-1]
	if k.b.env.TableFunction == nil {
		return source{}, unsupported(f.Offset(), "a function in FROM is")
	}
	args := make([]types.Datum, len(f.Call.Args))
	for i, a := range f.Call.Args {
		e, err := k.expr(a)
		if err != nil {
			return source{}, err
		}
		if e, err = expr.Fold(e, k.b.env.Function); err != nil {
			return source{}, err
		}
		c, ok := e.(*expr.Const)
		if !ok {
			return source{}, unsupported(a.Offset(), "an argument of a function in FROM that is not a constant is")
		}
		args[i] = c.Value
	}
	t, err := k.b.env.TableFunction(name, args)
	if err != nil {
		return source{}, at(err, f.Offset())
	}
	alias := f.Alias
	if alias == "" {
		alias = name
	}
	k.b.out.ParamsUsed = true // the table is this statement's: no other may take the plan
	s := k.b.virtual(t, alias)
	return s, rename(&s.rels[0], f.Columns, f.Offset())
}
