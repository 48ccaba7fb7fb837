package system

import (
	"strconv"

	"github.com/redshiftsim/redshiftsim/engine/catalog"
	"github.com/redshiftsim/redshiftsim/engine/principal"
)

// informationTables are information_schema.
// https://www.postgresql.org/docs/8.0/information-schema.html
var informationTables = []table{
	{
		"information_schema.tables", leader, "table_catalog character varying(128), table_schema character varying(128), table_name character varying(128), " +
			"table_type character varying(128), self_referencing_column_name character varying(128), reference_generation character varying(128), " +
			"user_defined_type_catalog character varying(128), user_defined_type_schema character varying(128), user_defined_name character varying(128)",
		func(e *Env, r *row) {
			for _, x := range e.relations(true) {
				word := "BASE TABLE"
				if x.table != nil && x.table.Temp {
					word = "LOCAL TEMPORARY"
				}
				r.text(e.Database, x.schema, x.name, x.tableType(word))
				r.rest()
				r.send()
			}
		},
	},
	{
		"information_schema.columns", leader, "table_catalog character varying(128), table_schema character varying(128), table_name character varying(128), " +
			"column_name character varying(128), ordinal_position integer, column_default character varying(4000), is_nullable character varying(3), " +
			"data_type character varying(128), character_maximum_length integer, character_octet_length integer, numeric_precision integer, " +
			"numeric_precision_radix integer, numeric_scale integer, datetime_precision integer, interval_type character varying(128), " +
			"interval_precision character varying(128), character_set_catalog character varying(128), character_set_schema character varying(128), " +
			"character_set_name character varying(128), collation_catalog character varying(128), collation_schema character varying(128), " +
			"collation_name character varying(128), domain_catalog character varying(128), domain_schema character varying(128), " +
			"domain_name character varying(128), udt_catalog character varying(128), udt_schema character varying(128), udt_name character varying(128), " +
			"scope_catalog character varying(128), scope_schema character varying(128), scope_name character varying(128), maximum_cardinality integer, " +
			"dtd_identifier character varying(128), is_self_referencing character varying(3)",
		func(e *Env, r *row) {
			e.columns(true, r, func(x *relation, i int) {
				c, f := e.column(r, x, i, informationName)
				f.put(r, f.length, f.length, f.precision, f.radix, f.scale, f.fraction)
				r.null(11)
				r.text(e.Database, catalog.PgCatalog, c.Type.InternalName())
				r.null(4)
				r.text(strconv.FormatInt(c.Number(i), 10), "NO")
			})
		},
	},
	{
		"information_schema.constraint_column_usage", leader, "table_catalog character varying(128), table_schema character varying(128), " +
			"table_name character varying(128), column_name character varying(128), constraint_catalog character varying(128), " +
			"constraint_schema character varying(128), constraint_name character varying(128)",
		func(e *Env, r *row) { // of a foreign key the columns that it refers to
			e.keys(func(t *catalog.Table, k *catalog.Constraint) {
				of, columns := t, k.Columns
				if k.Kind == 'f' {
					of, columns = e.referred(t, k), k.RefColumns
				}
				for n := 0; of != nil && n < len(columns); n++ {
					r.text(e.Database, of.Schema, of.Name, of.Columns[columns[n]].Name, e.Database, t.Schema, k.Name)
					r.send()
				}
			})
		},
	},
	{
		"information_schema.key_column_usage", leader, "constraint_catalog character varying(128), constraint_schema character varying(128), " +
			"constraint_name character varying(128), table_catalog character varying(128), table_schema character varying(128), " +
			"table_name character varying(128), column_name character varying(128), ordinal_position integer",
		func(e *Env, r *row) {
			e.keys(func(t *catalog.Table, k *catalog.Constraint) {
				for n, c := range k.Columns {
					r.text(e.Database, t.Schema, k.Name, e.Database, t.Schema, t.Name, t.Columns[c].Name)
					r.int(int64(n + 1))
					r.send()
				}
			})
		},
	},
	{
		"information_schema.referential_constraints", leader, "constraint_catalog character varying(128), constraint_schema character varying(128), " +
			"constraint_name character varying(128), unique_constraint_catalog character varying(128), unique_constraint_schema character varying(128), " +
			"unique_constraint_name character varying(128), match_option character varying(128), update_rule character varying(128), " +
			"delete_rule character varying(128)",
		func(e *Env, r *row) {
			e.keys(func(t *catalog.Table, k *catalog.Constraint) {
				if k.Kind != 'f' {
					return
				}
				r.text(e.Database, t.Schema, k.Name)
				if to := e.referred(t, k); to != nil && primaryKey(to, k.RefColumns) != "" {
					r.text(e.Database, to.Schema, primaryKey(to, k.RefColumns))
				} else {
					r.null(3)
				}
				r.text("NONE", "NO ACTION", "NO ACTION")
				r.send()
			})
		},
	},
	{
		"information_schema.table_privileges", leader, "grantor character varying(128), grantee character varying(128), table_catalog character varying(128), " +
			"table_schema character varying(128), table_name character varying(128), privilege_type character varying(128), " +
			"is_grantable character varying(3), with_hierarchy character varying(3)",
		func(e *Env, r *row) { // an owner's own privileges too
			for _, x := range e.relations(false) {
				e.granted(e.Catalog.ACL(principal.Relation, x.id, x.owner), principal.Relation, -1, func(i *principal.Item, p principal.Privilege) {
					by := e.Catalog.UserName(i.By)
					r.text(by, e.nameOf(i.To), e.Database, x.schema, x.name, p.Words()[0], yesNo(i.Grant&p != 0), "NO")
					r.send()
				})
			}
		},
	},
	{
		"information_schema.schemata", leader, "catalog_name character varying(128), schema_name character varying(128), schema_owner character varying(128), " +
			"default_character_set_catalog character varying(128), default_character_set_schema character varying(128), " +
			"default_character_set_name character varying(128), sql_path character varying(128)",
		func(e *Env, r *row) {
			for _, s := range e.Catalog.Schemas() {
				r.text(e.Database, s.Name, e.Catalog.UserName(s.Owner))
				r.rest()
				r.send()
			}
		},
	},
	{
		"information_schema.views", leader, "table_catalog character varying(128), table_schema character varying(128), table_name character varying(128), " +
			"view_definition text, check_option character varying(128), is_updatable character varying(3), is_insertable_into character varying(3)",
		func(e *Env, r *row) {
			for _, v := range e.Catalog.Views() {
				r.text(e.Database, v.Schema, v.Name, definition(v), "NONE", "NO", "NO")
				r.send()
			}
		},
	},
	{
		"information_schema.table_constraints", leader, "constraint_catalog character varying(128), constraint_schema character varying(128), " +
			"constraint_name character varying(128), table_catalog character varying(128), table_schema character varying(128), " +
			"table_name character varying(128), constraint_type character varying(128), is_deferrable character varying(3), initially_deferred character varying(3)",
		func(e *Env, r *row) {
			e.keys(func(t *catalog.Table, k *catalog.Constraint) {
				r.text(e.Database, t.Schema, k.Name, e.Database, t.Schema, t.Name, constraintType(k), "NO", "NO")
				r.send()
			})
		},
	},
}

// keys calls f for each constraint of the tables.
func (e *Env) keys(f func(t *catalog.Table, k *catalog.Constraint)) {
	for _, t := range e.tables() {
		for i := range t.Constraints {
			f(t, &t.Constraints[i])
		}
	}
}

// referred is the table that a foreign key refers to, its own or another; nil when that is gone.
func (e *Env) referred(t *catalog.Table, k *catalog.Constraint) *catalog.Table {
	if k.RefTable == 0 {
		return t
	}
	return e.Catalog.TableByID(k.RefTable)
}

// constraintType names the kind of a constraint.
func constraintType(c *catalog.Constraint) string {
	switch c.Kind {
	case 'p':
		return "PRIMARY KEY"
	case 'u':
		return "UNIQUE"
	}
	return "FOREIGN KEY"
}
