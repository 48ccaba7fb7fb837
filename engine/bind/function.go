package bind

import (
	"strings"
	"time"

	"github.com/redshiftsim/redshiftsim/engine/ast"
	"github.com/redshiftsim/redshiftsim/engine/catalog"
	"github.com/redshiftsim/redshiftsim/engine/expr"
	"github.com/redshiftsim/redshiftsim/engine/function"
	"github.com/redshiftsim/redshiftsim/internal/sqlstate"
	"github.com/redshiftsim/redshiftsim/internal/types"
)

// function binds a function in FROM. Its arguments are constants; its rows are those of a system table that the session makes of them. A function of one
// value is a table of one row, as in PostgreSQL: AWS's Python driver asks FROM current_database().
// https://docs.aws.amazon.com/redshift/latest/dg/PG_GET_COLS.html
func (k *block) function(f *ast.TableFunc) (source, error) {
	name := f.Call.Name[len(f.Call.Name)-1]
	if !recordFunctions[name] {
		return k.oneRow(f, name)
	}
	if k.b.env.TableFunction == nil {
		return source{}, unsupported(f.Offset(), "a function in FROM is")
	}
	t, err := k.rowsOf(f.Call, name)
	if err != nil {
		return source{}, err
	}
	alias := f.Alias
	if alias == "" {
		alias = name
	}
	s := k.b.virtual(t, alias)
	return s, rename(&s.rels[0], f.Columns, f.Offset())
}

// oneRow binds a function of one value in FROM. Its column has the alias's name, or the function's.
func (k *block) oneRow(f *ast.TableFunc, name string) (source, error) {
	if function.IsAggregate(name) {
		return source{}, sqlstate.Grouping.Errorf("cannot use aggregate function in function expression in FROM").At(f.Offset())
	}
	if f.Call.Over != nil {
		return source{}, sqlstate.WindowingError.Errorf("cannot use window function in function expression in FROM").At(f.Offset())
	}
	if f.Alias != "" {
		name = f.Alias
	}
	q, err := k.b.query(&ast.Select{Pos: f.Pos, Items: []ast.Item{{Expr: f.Call, Alias: name}}}, nil, nil)
	if err != nil {
		return source{}, err
	}
	return k.b.derived(q, name, f.Columns, f.Offset())
}

// rowsOf gives the rows of a call whose arguments are constants.
func (k *block) rowsOf(f *ast.FuncCall, name string) (*catalog.Virtual, error) {
	args := make([]types.Datum, len(f.Args))
	for i, a := range f.Args {
		e, err := k.expr(a)
		if err != nil {
			return nil, err
		}
		if e, err = expr.Fold(e, k.b.env.Function); err != nil {
			return nil, err
		}
		c, ok := e.(*expr.Const)
		if !ok {
			return nil, unsupported(a.Offset(), "an argument of a function in FROM that is not a constant is")
		}
		args[i] = c.Value
	}
	t, err := k.b.env.TableFunction(name, args)
	if err != nil {
		return nil, at(err, f.Offset())
	}
	k.b.out.ParamsUsed = true // the table is this statement's: no other may take the plan
	return t, nil
}

// recordFunctions give rows of several columns, which a select list shows as one: (public,sales_vw,pricepaid,"numeric(8,2)",8).
var recordFunctions = map[string]bool{
	"pg_get_cols": true, "pg_get_late_binding_view_cols": true, "pg_get_iam_role_by_user": true, "pg_get_grantee_by_iam_role": true, "pg_get_session_roles": true,
	"pg_timezone_names": true, "pg_timezone_abbrevs": true, "mask_get_policy_for_user_on_column": true, "mask_get_policy_for_role_on_column": true,
}

// recordItem binds such a function in a select list: every row comes once for each of its records.
// https://docs.aws.amazon.com/redshift/latest/dg/PG_GET_COLS.html
func (k *block) recordItem(f *ast.FuncCall, name string) (expr.Expr, error) {
	switch {
	case k.noAgg != "" || k.inAgg > 0:
		return nil, sqlstate.FeatureNotSupported.Errorf("set-returning functions are not allowed here").At(f.Offset())
	case k.rows != nil || k.each != nil:
		return nil, unsupported(f.Offset(), "more than one set-returning function in a select list is")
	}
	t, err := k.rowsOf(f, name)
	if err != nil {
		return nil, err
	}
	k.b.placed(name, function.LeaderOnly, function.Stable)
	records := &catalog.Virtual{Schema: t.Schema, Name: name, Leader: true, Columns: []catalog.Column{{Name: name, Type: types.TVarcharMax}}}
	records.Rows = func(env any, emit func([]types.Datum) bool) error {
		return t.Rows(env, func(row []types.Datum) bool {
			return emit([]types.Datum{{Type: types.TVarcharMax, Text: record(row)}})
		})
	}
	s := k.b.virtual(records, name)
	k.rows = s.node
	c := &s.rels[0].cols[0]
	k.b.use(c.ID)
	return c, nil
}

// record writes a row as PostgreSQL writes a composite value: what holds more than letters, digits and the like is in quotes.
func record(row []types.Datum) string {
	var b strings.Builder
	b.WriteByte('(')
	for i := range row {
		if i > 0 {
			b.WriteByte(',')
		}
		s := types.Format(row[i], time.UTC)
		switch {
		case row[i].Null:
		case s == "" || strings.ContainsAny(s, "(),\"\\ \t\n"):
			b.WriteString(`"` + strings.NewReplacer(`"`, `""`, `\`, `\\`).Replace(s) + `"`)
		default:
			b.WriteString(s)
		}
	}
	b.WriteByte(')')
	return b.String()
}
