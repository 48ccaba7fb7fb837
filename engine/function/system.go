package function

import (
	"strconv"
	"strings"

	"github.com/redshiftsim/redshiftsim/internal/sqlstate"
	"github.com/redshiftsim/redshiftsim/internal/types"
	"github.com/redshiftsim/redshiftsim/internal/vector"
)

// systemFunctions is the chapter of the session and the catalog. What the session knows is in Env; what the catalog knows is asked of Env.Catalog.
// https://docs.aws.amazon.com/redshift/latest/dg/r_System_information_functions.html
var systemFunctions = []Scalar{
	{Name: "current_user", Aliases: []string{"user"}, Column: "current_user", Returns: always(types.TName), Kernel: say(func(e *Env) string { return e.User }), Volatility: Stable, Doc: "r_CURRENT_USER"},
	{Name: "session_user", Returns: always(types.TName), Kernel: say(func(e *Env) string { return e.SessionUser }), Volatility: Stable, Doc: "r_SESSION_USER"},
	{Name: "current_user_id", Returns: always(types.TInt4), Kernel: each(func(r *row) error { r.setInt(int64(r.env.UserID)); return nil }), Volatility: Stable, Doc: "r_CURRENT_USER_ID"},
	{Name: "current_database", Returns: always(types.TName), Kernel: say(func(e *Env) string { return e.Database }), Volatility: Stable, Doc: "r_CURRENT_DATABASE"},
	{Name: "current_schema", Returns: always(types.TName), Kernel: ask("current_schema"), Place: LeaderOnly, Volatility: Stable, Doc: "r_CURRENT_SCHEMA"},
	{Name: "current_schemas", Args: sig(boolean), Returns: always(types.Type{Kind: types.NameArray}), Kernel: each(currentSchemas), Place: LeaderOnly, Volatility: Stable, Doc: "r_CURRENT_SCHEMAS"},
	{Name: "version", Returns: always(types.TText), Kernel: say(func(e *Env) string { return e.Version }), Place: LeaderOnly, Volatility: Stable, Doc: "r_VERSION"},
	{Name: "db_collation", Returns: always(types.TVarchar(32)), Kernel: say(collationName), Volatility: Stable, Doc: "r_DB_COLLATION"},
	{Name: "pg_backend_pid", Returns: always(types.TInt4), Kernel: each(func(r *row) error { r.setInt(int64(r.env.PID)); return nil }), Volatility: Stable, Doc: "PG_BACKEND_PID"},
	{Name: "current_setting", Args: sig(text, boolean), Optional: 1, Returns: always(types.TText), Kernel: each(currentSetting), Volatility: Stable, Doc: "r_CURRENT_SETTING"},
	{Name: "set_config", Args: sig(text, text, boolean), Returns: always(types.TText), Kernel: ask("set_config"), Place: LeaderOnly, Volatility: Volatile, Doc: "r_SET_CONFIG"},
	{Name: "has_column_privilege", Args: sig(text, text, text), Returns: always(types.TBool), Kernel: ask("has_column_privilege"), Place: LeaderOnly, Volatility: Stable, Doc: "c_sql-functions-leader-node"},
	{Name: "has_column_privilege", Args: sig(int8, text, text), Returns: always(types.TBool), Kernel: ask("has_column_privilege"), Place: LeaderOnly, Volatility: Stable, Doc: "c_sql-functions-leader-node"},
	{Name: "has_column_privilege", Args: sig(text, text, text, text), Returns: always(types.TBool), Kernel: ask("has_column_privilege"), Place: LeaderOnly, Volatility: Stable, Doc: "c_sql-functions-leader-node"},
	{Name: "has_column_privilege", Args: sig(text, int8, text, text), Returns: always(types.TBool), Kernel: ask("has_column_privilege"), Place: LeaderOnly, Volatility: Stable, Doc: "c_sql-functions-leader-node"},
	{Name: "has_assumerole_privilege", Args: sig(text, text), Returns: always(types.TBool), Kernel: ask("has_assumerole_privilege"), Volatility: Stable, Doc: "r_HAS_ASSUMEROLE_PRIVILEGE"},
	{Name: "has_assumerole_privilege", Args: sig(text, text, text), Returns: always(types.TBool), Kernel: ask("has_assumerole_privilege"), Volatility: Stable, Doc: "r_HAS_ASSUMEROLE_PRIVILEGE"},
	{Name: "slice_num", Returns: always(types.TInt4), Kernel: each(func(r *row) error { r.setInt(int64(r.env.Slice)); return nil }), Volatility: Volatile, Doc: "r_SLICE_NUM"},
	{Name: "pg_last_query_id", Returns: always(types.TInt4), Kernel: ask("pg_last_query_id"), Volatility: Stable, Doc: "PG_LAST_QUERY_ID"},
	{Name: "pg_last_copy_id", Returns: always(types.TInt4), Kernel: ask("pg_last_copy_id"), Volatility: Stable, Doc: "PG_LAST_COPY_ID"},
	{Name: "pg_last_copy_count", Returns: always(types.TInt8), Kernel: ask("pg_last_copy_count"), Volatility: Stable, Doc: "PG_LAST_COPY_COUNT"},
	{Name: "pg_last_unload_id", Returns: always(types.TInt4), Kernel: ask("pg_last_unload_id"), Volatility: Stable, Doc: "PG_LAST_UNLOAD_ID"},
	{Name: "pg_last_unload_count", Returns: always(types.TInt8), Kernel: ask("pg_last_unload_count"), Volatility: Stable, Doc: "PG_LAST_UNLOAD_COUNT"},
	{Name: "pg_cancel_backend", Args: sig(int4), Returns: always(types.TBool), Kernel: ask("pg_cancel_backend"), Place: LeaderOnly, Volatility: Volatile, Doc: "PG_CANCEL_BACKEND"},
	{Name: "pg_terminate_backend", Args: sig(int4), Returns: always(types.TBool), Kernel: ask("pg_terminate_backend"), Place: LeaderOnly, Volatility: Volatile, Doc: "PG_TERMINATE_BACKEND"},
	{Name: "current_namespace", Returns: always(types.TVarchar(36)), Kernel: ask("current_namespace"), Place: LeaderOnly, Volatility: Stable, Doc: "r_CURRENT_NAMESPACE"},
	{Name: "current_aws_account", Column: "current_account", Returns: always(types.TInt8), Kernel: ask("current_aws_account"), Volatility: Stable, Doc: "r_CURRENT_AWS_ACCOUNT"},
	{Name: "default_iam_role", Returns: always(types.TText), Kernel: ask("default_iam_role"), Place: LeaderOnly, Volatility: Stable, Doc: "r_DEFAULT_IAM_ROLE"},
	{Name: "reboot_cluster", Returns: always(types.TText), Kernel: ask("reboot_cluster"), Place: LeaderOnly, Volatility: Volatile, Doc: "r_REBOOT_CLUSTER"},
	{Name: "change_query_priority", Args: sig(int8, text), Returns: always(types.TText), Kernel: ask("change_query_priority"), Place: LeaderOnly, Volatility: Volatile, Doc: "r_CHANGE_QUERY_PRIORITY"},
	{Name: "change_session_priority", Args: sig(int4, text), Returns: always(types.TText), Kernel: ask("change_session_priority"), Place: LeaderOnly, Volatility: Volatile, Doc: "r_CHANGE_SESSION_PRIORITY"},
	{Name: "change_user_priority", Args: sig(text, text), Returns: always(types.TText), Kernel: ask("change_user_priority"), Place: LeaderOnly, Volatility: Volatile, Doc: "r_CHANGE_USER_PRIORITY"},
	{Name: "user_is_member_of", Args: sig(text, text), Returns: always(types.TBool), Kernel: ask("user_is_member_of"), Volatility: Stable, Doc: "r_USER_IS_MEMBER_OF"},
	{Name: "role_is_member_of", Args: sig(text, text), Returns: always(types.TBool), Kernel: ask("role_is_member_of"), Volatility: Stable, Doc: "r_ROLE_IS_MEMBER_OF"},
	{Name: "pg_get_userbyid", Args: sig(int8), Returns: always(types.TName), Kernel: ask("pg_get_userbyid"), Place: LeaderOnly, Volatility: Stable, Doc: "c_sql-functions-leader-node"},
	{Name: "pg_get_viewdef", Args: sig(int8, boolean), Optional: 1, Returns: always(types.TText), Kernel: ask("pg_get_viewdef"), Place: LeaderOnly, Volatility: Stable, Doc: "c_sql-functions-leader-node"},
	{Name: "pg_get_viewdef", Args: sig(text, boolean), Optional: 1, Returns: always(types.TText), Kernel: ask("pg_get_viewdef"), Place: LeaderOnly, Volatility: Stable, Doc: "c_sql-functions-leader-node"},
	{Name: "pg_table_is_visible", Args: sig(int8), Returns: always(types.TBool), Kernel: ask("pg_table_is_visible"), Place: LeaderOnly, Volatility: Stable, Doc: "c_sql-functions-leader-node"},
	{Name: "pg_function_is_visible", Args: sig(int8), Returns: always(types.TBool), Kernel: ask("pg_function_is_visible"), Place: LeaderOnly, Volatility: Stable, Doc: "c_sql-functions-leader-node"},
	{Name: "pg_type_is_visible", Args: sig(int8), Returns: always(types.TBool), Kernel: ask("pg_type_is_visible"), Place: LeaderOnly, Volatility: Stable, Doc: "c_sql-functions-leader-node"},
	{Name: "pg_operator_is_visible", Args: sig(int8), Returns: always(types.TBool), Kernel: each(func(r *row) error { r.setNull(); return nil }), Place: LeaderOnly, Volatility: Stable, Doc: "c_sql-functions-leader-node"}, // pg_operator has no rows
	{Name: "pg_opclass_is_visible", Args: sig(int8), Returns: always(types.TBool), Kernel: each(func(r *row) error { r.setNull(); return nil }), Place: LeaderOnly, Volatility: Stable, Doc: "c_sql-functions-leader-node"},
	{Name: "pg_conversion_is_visible", Args: sig(int8), Returns: always(types.TBool), Kernel: each(func(r *row) error { r.setNull(); return nil }), Place: LeaderOnly, Volatility: Stable, Doc: "c_sql-functions-leader-node"},
	{Name: "pg_get_ruledef", Args: sig(int8, boolean), Optional: 1, Returns: always(types.TText), Kernel: ask("pg_get_ruledef"), Place: LeaderOnly, Volatility: Stable, Doc: "c_sql-functions-leader-node"},
	{Name: "pg_get_indexdef", Args: sig(int8, int4, boolean), Returns: always(types.TText), Kernel: each(func(r *row) error { r.setNull(); return nil }), Place: LeaderOnly, Volatility: Stable, Doc: "c_sql-functions-leader-node"}, // there are no indexes
	{Name: "oidvectortypes", Args: sig(oidvector), Returns: always(types.TText), Kernel: each(oidVectorTypes), Place: LeaderOnly, Doc: "c_sql-functions-leader-node"},
	{Name: "pg_encoding_to_char", Args: sig(int4), Returns: always(types.TName), Kernel: each(charsetName), Place: LeaderOnly, Doc: "c_sql-functions-leader-node"},
	{Name: "pg_get_constraintdef", Args: sig(int8, boolean), Optional: 1, Returns: always(types.TText), Kernel: ask("pg_get_constraintdef"), Place: LeaderOnly, Volatility: Stable, Doc: "c_sql-functions-leader-node"},
	{Name: "pg_get_indexdef", Args: sig(int8), Returns: always(types.TText), Kernel: each(func(r *row) error { r.setNull(); return nil }), Place: LeaderOnly, Volatility: Stable, Doc: "c_sql-functions-leader-node"}, // there are no indexes
	{Name: "pg_get_expr", Args: sig(text, int8, boolean), Optional: 1, Returns: always(types.TText), Kernel: cut(func(s string, _ *row) (string, error) { return s, nil }), Place: LeaderOnly, Volatility: Stable, Doc: "c_sql-functions-leader-node"},
	{Name: "regclassout", Args: sig(regclass), Returns: always(types.TText), Kernel: each(func(r *row) error { r.setText(r.text(0)); return nil }), Place: LeaderOnly, Doc: "c_sql-functions-leader-node"},
	{Name: "regprocedureout", Args: sig(regprocedure), Returns: always(types.TText), Kernel: each(func(r *row) error { r.setText(r.text(0)); return nil }), Place: LeaderOnly, Doc: "c_sql-functions-leader-node"},
	{Name: "regprocout", Args: sig(Param{Type: types.Type{Kind: types.Regproc}}), Returns: always(types.TText), Kernel: each(func(r *row) error { r.setText(r.text(0)); return nil }), Place: LeaderOnly, Doc: "c_sql-functions-leader-node"},
	{Name: "regtypeout", Args: sig(regtype), Returns: always(types.TText), Kernel: each(func(r *row) error { r.setText(r.text(0)); return nil }), Place: LeaderOnly, Doc: "c_sql-functions-leader-node"},
	{Name: "textin", Args: sig(text), Returns: always(types.TText), Kernel: each(func(r *row) error { r.setText(r.text(0)); return nil }), Place: LeaderOnly, Doc: "c_sql-functions-leader-node"},
	{Name: "makeaclitem", Args: sig(int4, int4, int4, text, boolean), Returns: always(types.Type{Kind: types.ACLItem}), Kernel: ask("makeaclitem"), Place: LeaderOnly, Volatility: Stable, Doc: "c_sql-functions-leader-node"},
	{Name: "aclcontains", Args: sig(aclitems, aclitem), Returns: always(types.TBool), Kernel: each(aclContains), Place: LeaderOnly, Doc: "c_sql-functions-leader-node"},
	{Name: "format_encoding", Args: sig(int4), Returns: always(types.TText), Kernel: ask("format_encoding"), Place: LeaderOnly, Volatility: Stable, Doc: "c_sql-functions-leader-node"},
	{Name: "format_type", Args: sig(int8, int4), Returns: always(types.TText), Kernel: each(formatType), Place: LeaderOnly, Loose: true, Doc: "c_sql-functions-leader-node"},
	{Name: "obj_description", Args: sig(int8, text), Optional: 1, Returns: always(types.TText), Kernel: ask("obj_description"), Place: LeaderOnly, Volatility: Stable, Doc: "c_sql-functions-leader-node"},
	{Name: "col_description", Args: sig(int8, int4), Returns: always(types.TText), Kernel: ask("col_description"), Place: LeaderOnly, Volatility: Stable, Doc: "c_sql-functions-leader-node"},
}

// Parameters that take the names of objects.
var (
	regclass     = Param{Type: types.TRegclass}
	regprocedure = Param{Type: types.Type{Kind: types.Regprocedure}}
	regtype      = Param{Type: types.Type{Kind: types.Regtype}}
	aclitem      = Param{Type: types.Type{Kind: types.ACLItem}}
	aclitems     = Param{Type: types.Type{Kind: types.ACLItemArray}}
	oidvector    = Param{Type: types.Type{Kind: types.OIDVector}}
)

// collationName is how the database compares texts.
// https://docs.aws.amazon.com/redshift/latest/dg/r_DB_COLLATION.html
func collationName(e *Env) string {
	if e.Folds {
		return "case_insensitive"
	}
	return "case_sensitive"
}

// oidVectorTypes prints the types of pg_proc.proargtypes.
func oidVectorTypes(r *row) error {
	list := strings.Fields(r.text(0))
	for i, s := range list {
		id, err := strconv.ParseInt(s, 10, 64)
		if err != nil {
			return err
		}
		list[i] = "???"
		if t, ok := types.ByOID(id); ok {
			list[i] = t.String()
		}
	}
	r.setText(strings.Join(list, ", "))
	return nil
}

// charsetNames are PostgreSQL 8.0's names of character sets, by their numbers. A Redshift database has UNICODE, which is UTF-8.
var charsetNames = [...]string{
	"SQL_ASCII", "EUC_JP", "EUC_CN", "EUC_KR", "EUC_TW", "JOHAB", "UNICODE", "MULE_INTERNAL",
	"LATIN1", "LATIN2", "LATIN3", "LATIN4", "LATIN5", "LATIN6", "LATIN7", "LATIN8", "LATIN9", "LATIN10",
}

// charsetName is empty where no character set has the number.
func charsetName(r *row) error {
	n := r.int(0)
	if n < 0 || n >= int64(len(charsetNames)) {
		r.setText("")
		return nil
	}
	r.setText(charsetNames[n])
	return nil
}

// say makes kernels of what the session knows.
func say(f func(e *Env) string) Kernel {
	return each(func(r *row) error { r.setText(f(r.env)); return nil })
}

// ask makes kernels of what Env.Catalog answers.
func ask(name string) Kernel {
	return func(env *Env, n int, args []*vector.Vector, out *vector.Vector) error {
		if env.Catalog == nil {
			return sqlstate.FeatureNotSupported.Errorf("function %s() is not supported", name)
		}
		list := make([]types.Datum, len(args))
		for i := range n {
			if out.Null(i) {
				continue
			}
			for k, v := range args {
				list[k] = v.Get(i & maskOf(v))
			}
			d, err := env.Catalog(name, list)
			if err != nil {
				return err
			}
			if d.Null {
				out.SetNull(i)
			} else {
				out.Set(i, d)
			}
		}
		return nil
	}
}

// currentSchemas writes the search path as PostgreSQL writes an array of names.
func currentSchemas(r *row) error {
	r.setText("{" + strings.Join(r.env.SearchPath(r.bool(0)), ",") + "}")
	return nil
}

// currentSetting is SHOW as a function.
func currentSetting(r *row) error {
	name := strings.ToLower(strings.TrimSpace(r.text(0)))
	v, ok := r.env.Setting(name)
	switch {
	case ok:
		r.setText(v)
	case len(r.args) > 1 && !r.bool(1): // error_if_undefined
		r.setNull()
	default:
		return sqlstate.UndefinedObject.Errorf("unrecognized configuration parameter \"%s\"", r.text(0))
	}
	return nil
}

// formatType names the type of an OID and its modifier, NULL or -1 for none.
func formatType(r *row) error {
	if r.null(0) {
		r.setNull()
		return nil
	}
	mod := int32(-1)
	if !r.null(1) {
		mod = int32(r.int(1))
	}
	t, ok := types.ByOID(r.int(0))
	switch {
	case !ok:
		r.setText("???")
		return nil
	case mod < 4:
	case t.Kind == types.Numeric:
		t.Prec, t.Scale = uint8((mod-4)>>16), uint8(mod-4)
	case t.Kind == types.Varchar || t.Kind == types.Char:
		t.Len = mod - 4
	}
	r.setText(t.String())
	return nil
}
