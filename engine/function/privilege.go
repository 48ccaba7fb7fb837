package function

import (
	"slices"

	"github.com/redshiftsim/redshiftsim/internal/types"
)

// privilegeFunctions ask whether a user may do something with an object: HAS_TABLE_PRIVILEGE and its like. HAS_COLUMN_PRIVILEGE has one argument more
// and stands in systemFunctions.
var privilegeFunctions = slices.Concat(
	hasPrivilege("has_table_privilege", "r_HAS_TABLE_PRIVILEGE"),
	hasPrivilege("has_schema_privilege", "r_HAS_SCHEMA_PRIVILEGE"),
	hasPrivilege("has_database_privilege", "r_HAS_DATABASE_PRIVILEGE"),
	hasPrivilege("has_language_privilege", "c_sql-functions-leader-node"),
	hasPrivilege("has_function_privilege", "c_sql-functions-leader-node"),
)

// hasPrivilege lists the forms of one such function: ([user,] object, privilege), user and object each by name or by number.
func hasPrivilege(name, doc string) (forms []Scalar) {
	for _, args := range [][]Param{
		sig(text, text), sig(int8, text), sig(text, text, text), sig(text, int8, text), sig(int8, text, text), sig(int8, int8, text),
	} {
		forms = append(forms, Scalar{
			Name: name, Args: args, Returns: always(types.TBool), Kernel: ask(name), Place: LeaderOnly, Volatility: Stable, Doc: doc,
		})
	}
	return forms
}
