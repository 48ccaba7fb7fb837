package system

import (
	"strconv"
	"strings"

	"github.com/redshiftsim/redshiftsim/engine/catalog"
	"github.com/redshiftsim/redshiftsim/engine/function"
	"github.com/redshiftsim/redshiftsim/engine/principal"
	"github.com/redshiftsim/redshiftsim/internal/types"
)

// routineTables is information_schema.routines: the functions and procedures that the user may run. AWS's JDBC driver lists functions by it, where SHOW FUNCTIONS is not asked.
// https://www.postgresql.org/docs/8.0/infoschema-routines.html
var routineTables = []table{{"information_schema.routines", leader, routineTableColumns(), routineRows}}

func routineTableColumns() string {
	const name = " character varying(128)"
	var b strings.Builder
	for _, c := range strings.Fields(`specific_catalog specific_schema specific_name routine_catalog routine_schema routine_name routine_type module_catalog module_schema
		module_name udt_catalog udt_schema udt_name data_type character_maximum_length# character_octet_length# character_set_catalog character_set_schema
		character_set_name collation_catalog collation_schema collation_name numeric_precision# numeric_precision_radix# numeric_scale# datetime_precision#
		interval_type interval_precision type_udt_catalog type_udt_schema type_udt_name scope_catalog scope_schema scope_name maximum_cardinality# dtd_identifier
		routine_body routine_definition= external_name external_language parameter_style is_deterministic sql_data_access is_null_call sql_path
		schema_level_routine max_dynamic_result_sets# is_user_defined_cast is_implicitly_invocable security_type to_sql_specific_catalog
		to_sql_specific_schema to_sql_specific_name`) {
		if b.Len() > 0 {
			b.WriteString(", ")
		}
		switch {
		case strings.HasSuffix(c, "#"):
			b.WriteString(c[:len(c)-1] + " integer")
		case strings.HasSuffix(c, "="):
			b.WriteString(c[:len(c)-1] + " character varying(65535)")
		default:
			b.WriteString(c + name)
		}
	}
	return b.String()
}

// routineRows is one row a function. Figures of its type are NULL, as they are of PostgreSQL's; so are all that PostgreSQL has not.
func routineRows(e *Env, r *row) {
	e.eachProc(func(p *proc) bool {
		if p.made != nil && !e.executes(p.made) {
			return true
		}
		schema, kind, body, language := catalog.PgCatalog, "FUNCTION", "EXTERNAL", "INTERNAL"
		procedure := p.made != nil && p.made.Procedure != nil
		switch {
		case procedure:
			schema, kind, language = p.made.Schema, "PROCEDURE", "PLPGSQL"
		case p.made != nil && p.made.External != nil:
			schema, language = p.made.Schema, "EXFUNC"
		case p.made != nil:
			schema, body, language = p.made.Schema, "SQL", "SQL"
		}
		r.text(e.Database, schema, p.name+"_"+strconv.FormatUint(uint64(p.id), 10), e.Database, schema, p.name, kind)
		r.null(6)
		if procedure { // it has no result
			r.null(23)
		} else {
			long, short := resultNames(p)
			r.text(long)
			r.null(14)
			r.text(e.Database, catalog.PgCatalog, short)
			r.null(4)
			r.text("0")
		}
		r.text(body)
		if p.made != nil && (e.privileged() || e.User.ID == p.owner) {
			r.text(p.source)
		} else {
			r.null(1)
		}
		r.null(1)
		r.text(language, "GENERAL", yesNo(p.volatility == function.Immutable), "MODIFIES", yesNo(p.strict))
		r.null(1)
		r.text("YES")
		r.int(0)
		r.null(2)
		if p.definer {
			r.text("DEFINER")
		} else {
			r.text("INVOKER")
		}
		r.rest()
		r.send()
		return !r.over
	})
}

// resultNames are the names of a function's result: as information_schema spells it, and as pg_type does.
func resultNames(p *proc) (long, short string) {
	t := p.returns
	if p.oids != nil {
		switch p.result {
		case cstringOID:
			return "cstring", "cstring"
		case byteaOID:
			return "bytea", "bytea"
		}
		t, _ = types.ByOID(int64(p.result))
	}
	if t.IsArray() {
		return "ARRAY", t.InternalName()
	}
	return plainName(t), t.InternalName()
}

// executes says whether the reading user may run a function that SQL has made.
func (e *Env) executes(f *catalog.Function) bool {
	space := e.Catalog.Schema(f.Schema)
	return e.privileged() || space != nil && e.Catalog.May(e.reach(), f.Object(), f.ID, space.ID, f.Owner, principal.Execute) == 0
}
