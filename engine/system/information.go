package system

import "github.com/redshiftsim/redshiftsim/engine/catalog"

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
			"numeric_precision_radix integer, numeric_scale integer, datetime_precision integer",
		func(e *Env, r *row) {
			e.columns(true, r, func(x *relation, i int) {
				c := &x.columns[i]
				f := figuresOf(c.Type)
				r.text(e.Database, x.schema, x.name, c.Name)
				r.int(position(c, i))
				r.maybe(x.defaultOf(i))
				r.text(yesNo(!c.NotNull), plainName(c.Type))
				f.put(r, f.length, f.length, f.precision, f.radix, f.scale, f.fraction)
			})
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
			for _, t := range e.tables() {
				for i := range t.Constraints {
					r.text(e.Database, t.Schema, t.Constraints[i].Name, e.Database, t.Schema, t.Name, constraintType(&t.Constraints[i]), "NO", "NO")
					r.send()
				}
			}
		},
	},
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
