package system

import (
	"slices"

	"github.com/redshiftsim/redshiftsim/engine/catalog"
	"github.com/redshiftsim/redshiftsim/engine/principal"
	"github.com/redshiftsim/redshiftsim/engine/spectrum"
	"github.com/redshiftsim/redshiftsim/internal/types"
)

// svvTables are the catalog as Redshift's own views show it.
// https://docs.aws.amazon.com/redshift/latest/dg/svv_views.html
var svvTables = []table{
	// https://docs.aws.amazon.com/redshift/latest/dg/r_SVV_TABLES.html
	{
		"svv_tables", leader, "table_catalog text, table_schema text, table_name text, table_type text, remarks text",
		func(e *Env, r *row) {
			for _, x := range append(e.relations(true), e.externalRelations()...) {
				r.text(e.Database, x.schema, x.name, x.tableType("BASE TABLE"))
				r.maybe(x.remark())
				r.send()
			}
		},
	},
	// https://docs.aws.amazon.com/redshift/latest/dg/r_SVV_COLUMNS.html
	{
		"svv_columns", leader, "table_catalog text, table_schema text, table_name text, column_name text, ordinal_position integer, column_default text, " +
			"is_nullable text, data_type text, character_maximum_length integer, numeric_precision integer, numeric_precision_radix integer, " +
			"numeric_scale integer, datetime_precision integer, interval_type text, interval_precision text, character_set_catalog text, " +
			"character_set_schema text, character_set_name text, collation_catalog text, collation_schema text, collation_name text, domain_name text, remarks text",
		func(e *Env, r *row) {
			put := func(x *relation, i int) {
				c, f := e.column(r, x, i, plainName)
				f.put(r, f.length, f.precision, f.radix, f.scale, f.fraction)
				r.remarked(c.Comment)
			}
			e.columns(true, r, put)
			e.externalColumns(r, put)
		},
	},
	// https://docs.aws.amazon.com/redshift/latest/dg/r_SVV_ALL_SCHEMAS.html
	{
		"svv_all_schemas", leader, "database_name character varying(128), schema_name character varying(128), schema_owner integer, " +
			"schema_type character varying(128), schema_acl character varying(128), source_database character varying(128), schema_option character varying(256)",
		everywhere((*Env).schemas),
	},
	// https://docs.aws.amazon.com/redshift/latest/dg/r_SVV_ALL_TABLES.html
	{
		"svv_all_tables", leader, "database_name character varying(128), schema_name character varying(128), table_name character varying(128), " +
			"table_acl character varying(128), table_type character varying(128), remarks character varying(128)",
		everywhere(func(e *Env, r *row) {
			for _, x := range append(e.readable(), e.externalRelations()...) {
				r.text(e.Database, x.schema, x.name)
				e.acl(r, principal.Relation, x.id)
				r.text(x.tableType("TABLE"))
				r.maybe(x.remark())
				r.send()
			}
		}),
	},
	// https://docs.aws.amazon.com/redshift/latest/dg/r_SVV_ALL_COLUMNS.html
	{
		"svv_all_columns", leader, "database_name character varying(128), schema_name character varying(128), table_name character varying(128), " +
			"column_name character varying(128), ordinal_position integer, column_default character varying(4000), is_nullable character varying(3), " +
			"data_type character varying(128), character_maximum_length integer, numeric_precision integer, numeric_scale integer, remarks character varying(256)",
		everywhere(func(e *Env, r *row) {
			put := func(x *relation, i int) {
				c, f := e.column(r, x, i, plainName)
				f.put(r, f.length, f.precision, f.scale)
				r.remarked(c.Comment)
			}
			e.readableColumns(r, put)
			e.externalColumns(r, put)
		}),
	},
	// https://docs.aws.amazon.com/redshift/latest/dg/r_SVV_SCHEMA_QUOTA_STATE.html
	{
		"svv_schema_quota_state", leader, "schema_id integer, schema_name character(128), schema_owner integer, quota integer, disk_usage integer, " +
			"disk_usage_pct double precision",
		func(e *Env, r *row) {
			for _, s := range e.Catalog.Schemas() {
				if s.Quota == 0 {
					continue
				}
				used := e.SchemaUsage(s.Name)
				r.id(s.ID)
				r.text(s.Name)
				r.int(int64(s.Owner), s.Quota, used)
				v := QuotaViolation{Quota: s.Quota, Used: used}
				r.float(v.percent())
				r.send()
			}
		},
	},
	// https://docs.aws.amazon.com/redshift/latest/dg/r_SVV_REDSHIFT_SCHEMA_QUOTA.html
	{
		"svv_redshift_schema_quota", leader, "database_name character(128), schema_name character(128), schema_owner integer, quota integer, disk_usage integer",
		everywhere(func(e *Env, r *row) {
			for _, s := range e.Catalog.Schemas() {
				if s.Quota != 0 && e.sees(s.Owner) {
					r.text(e.Database, s.Name)
					r.int(int64(s.Owner), s.Quota, e.SchemaUsage(s.Name))
					r.send()
				}
			}
		}),
	},
	// https://docs.aws.amazon.com/redshift/latest/dg/r_SVV_REDSHIFT_DATABASES.html
	{
		"svv_redshift_databases", leader, "database_name character varying(128), database_owner integer, database_type character varying(32), " +
			"database_acl character varying(128), database_options character varying(128), database_isolation_level character varying(128)",
		(*Env).databases,
	},
	// https://docs.aws.amazon.com/redshift/latest/dg/r_SVV_REDSHIFT_SCHEMAS.html
	{
		"svv_redshift_schemas", leader, "database_name character varying(128), schema_name character varying(128), schema_owner integer, " +
			"schema_type character varying(16), schema_acl character varying(128), schema_option character varying(128)",
		everywhere((*Env).ownSchemas),
	},
	// https://docs.aws.amazon.com/redshift/latest/dg/r_SVV_REDSHIFT_TABLES.html
	{
		"svv_redshift_tables", leader, "database_name character varying(128), schema_name character varying(128), table_name character varying(128), " +
			"table_type character varying(128), table_acl character varying(128), remarks character varying(128), table_owner character varying(128)",
		everywhere(func(e *Env, r *row) {
			owners := e.owners()
			for _, x := range e.readable() {
				r.text(e.Database, x.schema, x.name, x.tableType("TABLE"))
				e.acl(r, principal.Relation, x.id)
				r.maybe(x.remark())
				r.text(owners(x.owner))
				r.send()
			}
		}),
	},
	// https://docs.aws.amazon.com/redshift/latest/dg/r_SVV_REDSHIFT_COLUMNS.html
	{
		"svv_redshift_columns", leader, "database_name character varying(128), schema_name character varying(128), table_name character varying(128), " +
			"column_name character varying(128), ordinal_position integer, data_type character varying(32), column_default character varying(4000), " +
			"is_nullable character varying(3), encoding character varying(128), distkey boolean, sortkey integer, column_acl character varying(128), " +
			"remarks character varying(256)",
		everywhere(func(e *Env, r *row) {
			e.readableColumns(r, func(x *relation, i int) {
				c := &x.columns[i]
				r.text(e.Database, x.schema, x.name, c.Name)
				r.int(c.Number(i))
				r.text(c.Type.String())
				r.maybe(x.defaultOf(i))
				r.text(yesNo(!c.NotNull), x.encodingOf(i).String())
				r.bool(x.isDistKey(i))
				r.int(x.sortOrder(i))
				r.rest()
			})
		}),
	},
}

// columns calls put for each column and sends the row.
func (e *Env) columns(system bool, r *row, put func(x *relation, i int)) {
	all := e.relations(system)
	for n := range all {
		x := &all[n]
		for i := range x.visible() {
			put(x, i)
			r.send()
		}
		if r.over {
			return
		}
	}
}

// readable lists the tables and views that the reading user has access to: its own, and in a schema with USAGE those of which it may select a column at
// least; all for a superuser.
// https://docs.aws.amazon.com/redshift/latest/dg/r_SHOW_TABLES.html#r_SHOW_TABLES-privileges
func (e *Env) readable() []relation {
	return slices.DeleteFunc(e.relations(false), func(x relation) bool { return !e.selects(&x, 0) })
}

// readableColumns calls put for each column that the user may select, or owns, and sends the row.
func (e *Env) readableColumns(r *row, put func(x *relation, i int)) {
	for _, x := range e.readable() {
		for i := range x.visible() {
			if e.selects(&x, i+1) {
				put(&x, i)
				r.send()
			}
		}
		if r.over {
			return
		}
	}
}

// Reads says whether the reading user has access to a table or view: to all of it, or, which is enough to see columns, to some.
func (e *Env) Reads(o any, all bool) bool {
	x := relationOf(o)
	if x == nil {
		return true
	}
	if all {
		return e.selects(x, whole)
	}
	return e.selects(x, 0)
}

// whole stands for all columns of a table, and those to come.
const whole = -1

// selects says whether the reading user has access to a table or view: to its column of a number, 0 = to any of them.
func (e *Env) selects(x *relation, column int) bool {
	if e.privileged() || e.User.ID == x.owner || x.object() == nil {
		return true
	}
	space := e.Catalog.Schema(x.schema)
	if space == nil || !e.uses(space) { // temporary tables have an owner, and no other readers
		return false
	}
	if e.Catalog.May(e.reach(), principal.Relation, x.id, space.ID, x.owner, principal.Select) == 0 {
		return true
	}
	for n, acl := range e.Catalog.Access(principal.Relation, x.id).Columns {
		if column != whole && (column == 0 || n == column) && acl.Of(e.reach())&principal.Select != 0 {
			return true
		}
	}
	return false
}

// Uses says whether the reading user may look into a schema.
func (e *Env) Uses(s *catalog.Schema) bool { return e.uses(s) }

func (e *Env) uses(s *catalog.Schema) bool {
	return e.privileged() || e.Catalog.May(e.reach(), principal.Schema, s.ID, 0, s.Owner, principal.Usage) == 0
}

// tableType is VIEW, or the given word for a table.
func (x *relation) tableType(word string) string {
	switch x.kind {
	case 'v', externalViewKind:
		return "VIEW"
	case externalKind:
		return "EXTERNAL TABLE"
	}
	return word
}

// yesNo is how information_schema writes a truth.
func yesNo(v bool) string {
	if v {
		return "YES"
	}
	return "NO"
}

// plainName is the name of a type without its modifiers.
func plainName(t types.Type) string {
	t.Len, t.Prec, t.Scale = 0, 0, 0
	return t.String()
}

// figures are the numbers by which information_schema describes a type; below 0 = not for this type.
type figures struct{ length, precision, radix, scale, fraction int64 }

// column writes what every list of columns begins with, from the database to the type's name, and gives the column and the figures of its type.
func (e *Env) column(r *row, x *relation, i int, name func(types.Type) string) (*catalog.Column, figures) {
	c := &x.columns[i]
	r.text(e.Database, x.schema, x.name, c.Name)
	r.int(c.Number(i))
	r.maybe(x.defaultOf(i))
	r.text(yesNo(!c.NotNull))
	if c.Nested != nil {
		r.text(spectrum.TypeName(c))
	} else {
		r.text(name(c.Type))
	}
	return c, figuresOf(c.Type)
}

// informationName is the name of a type in information_schema.columns, whose words know no intervals of Redshift's: they have their internal names there
// (docs/decisions/0098-dbt.md).
func informationName(t types.Type) string {
	if t.Kind == types.IntervalYM || t.Kind == types.IntervalDS {
		return t.InternalName()
	}
	return plainName(t)
}

// figuresOf gives the figures of a type, as PostgreSQL does.
func figuresOf(t types.Type) figures {
	f := figures{-1, -1, -1, -1, -1}
	switch t.Kind {
	case types.Char, types.Varchar:
		if t.Len > 0 {
			f.length = int64(t.Len)
		}
	case types.Int2:
		f.precision, f.radix, f.scale = 16, 2, 0
	case types.Int4:
		f.precision, f.radix, f.scale = 32, 2, 0
	case types.Int8:
		f.precision, f.radix, f.scale = 64, 2, 0
	case types.Float4:
		f.precision, f.radix = 24, 2
	case types.Float8:
		f.precision, f.radix = 53, 2
	case types.Numeric:
		f.precision, f.radix, f.scale = int64(t.Prec), 10, int64(t.Scale)
	case types.Time, types.TimeTZ, types.Timestamp, types.TimestampTZ:
		f.fraction = 6
	case types.Date:
		f.fraction = 0
	}
	return f
}

// put fills columns with figures.
func (f figures) put(r *row, vs ...int64) {
	for _, v := range vs {
		if v < 0 {
			r.null(1)
		} else {
			r.int(v)
		}
	}
}
