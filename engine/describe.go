package engine

import (
	"github.com/redshiftsim/redshiftsim/engine/catalog"
	"github.com/redshiftsim/redshiftsim/engine/system"
	"github.com/redshiftsim/redshiftsim/internal/types"
)

// describeFunction answers what psql before version 15 asks of functions, types and rules; known is false for other functions. What is no such object is NULL.
// https://www.postgresql.org/docs/8.0/functions-info.html
func (s *Session) describeFunction(c *catalog.Catalog, name string, args []types.Datum) (answer types.Datum, known bool, err error) {
	switch name {
	case "pg_function_is_visible":
		if system.IsBuiltin(args[0].Int) {
			return types.Datum{Type: types.TBool, Bool: true}, true, nil
		}
		for _, f := range c.AllFunctions() {
			if int64(f.ID) == args[0].Int {
				return types.Datum{Type: types.TBool, Bool: s.functionVisible(f)}, true, nil
			}
		}
		return types.NullOf(types.TBool), true, nil
	case "pg_type_is_visible": // all are in pg_catalog
		if _, ok := types.ByOID(args[0].Int); ok {
			return types.Datum{Type: types.TBool, Bool: true}, true, nil
		}
		return types.NullOf(types.TBool), true, nil
	case "pg_get_ruledef":
		for _, v := range c.Views() {
			if int64(system.RuleOf(v)) != args[0].Int {
				continue
			}
			view, _, err := s.regclass(types.Datum{Type: types.TOID, Int: int64(v.ID)})
			query := v.Definition()
			if v.LateBinding || v.Materialized != nil { // whose definitions are statements
				query = v.Text
			}
			return types.Datum{Type: types.TText, Text: "CREATE RULE \"_RETURN\" AS ON SELECT TO " + view + " DO INSTEAD " + query + ";"}, true, err
		}
		return types.NullOf(types.TText), true, nil
	}
	return types.Datum{}, false, nil
}

// functionVisible says whether the search path leads to a function: no other of its signature stands before it.
func (s *Session) functionVisible(f *catalog.Function) bool {
	for _, p := range s.searchPath() {
		if fs := s.catalog().Functions(p, f.Name); fs.Find(f.Args) != nil {
			return fs.Find(f.Args) == f
		}
	}
	return false
}
