package system

import (
	"strconv"
	"strings"
	"time"

	"github.com/redshiftsim/redshiftsim/engine/catalog"
	"github.com/redshiftsim/redshiftsim/engine/function"
	"github.com/redshiftsim/redshiftsim/engine/principal"
	"github.com/redshiftsim/redshiftsim/internal/types"
	"github.com/redshiftsim/redshiftsim/storage"
)

const classColumns = "relname name, relnamespace oid, reltype oid, relowner integer, relam oid, relfilenode oid, reltablespace oid, relpages integer, " +
	"reltuples double precision, reltoastrelid oid, reltoastidxid oid, relhasindex boolean, relisshared boolean, relkind character(1), relnatts integer, " +
	"relexternid oid, relisreplicated boolean, relispinned boolean, reldiststyle integer, relprojbaseid oid, relchecks integer, reltriggers integer, " +
	"relukeys integer, relfkeys integer, relrefs integer, relhasoids boolean, relhaspkey boolean, relhasrules boolean, relhassubclass boolean, relacl aclitem[]"

const attributeColumns = "attrelid oid, attname name, atttypid oid, attstattarget integer, attlen integer, attnum integer, attndims integer, " +
	"attcacheoff integer, atttypmod integer, attbyval boolean, attstorage character(1), attalign character(1), attnotnull boolean, atthasdef boolean, " +
	"attisdropped boolean, attislocal boolean, attinhcount integer, attisdistkey boolean, attispreloaded boolean, attsortkeyord integer, " +
	"attencodingtype integer, attencrypttype integer"

// pgTables are the tables of PostgreSQL 8.0's catalog, as Redshift has extended them.
// https://docs.aws.amazon.com/redshift/latest/dg/c_intro_catalog_views.html
var pgTables = []table{
	{"pg_class", leader, classColumns + ", oid oid hidden", func(e *Env, r *row) { classes(e, r, false) }},
	// https://docs.aws.amazon.com/redshift/latest/dg/r_PG_CLASS_INFO.html
	{
		"pg_class_info", leader, "reloid oid, " + classColumns + ", relcreationtime timestamp, releffectivediststyle integer",
		func(e *Env, r *row) { classes(e, r, true) },
	},
	{"pg_attribute", leader, attributeColumns, func(e *Env, r *row) { attributes(e, r, false) }},
	{
		"pg_namespace", leader, "nspname name, nspowner integer, nspacl aclitem[], oid oid hidden",
		func(e *Env, r *row) {
			for _, s := range e.Catalog.Schemas() {
				r.text(s.Name)
				r.int(int64(s.Owner))
				e.acl(r, principal.Schema, s.ID)
				r.id(s.ID)
				r.send()
			}
		},
	},
	{
		"pg_type", leader, "typname name, typnamespace oid, typowner integer, typlen integer, typbyval boolean, typtype character(1), typisdefined boolean, " +
			"typdelim character(1), typrelid oid, typelem oid, typinput regproc, typoutput regproc, typreceive regproc, typsend regproc, typanalyze regproc, " +
			"typalign character(1), typstorage character(1), typnotnull boolean, typbasetype oid, typtypmod integer, typndims integer, typdefaultbin text, " +
			"typdefault text, oid oid hidden", typeRows,
	},
	{
		"pg_database", leader, "datname name, datdba integer, encoding integer, datistemplate boolean, datallowconn boolean, datlastsysoid oid, " +
			"datvacuumxid text, datfrozenxid text, dattablespace oid, datconfig text[], datacl aclitem[], oid oid hidden",
		func(e *Env, r *row) {
			for _, d := range e.Catalog.Databases() {
				database(e, r, d)
				r.id(d.ID)
				r.send()
			}
		},
	},
	{
		"pg_attrdef", leader, "adrelid oid, adnum integer, adbin text, adsrc text, oid oid hidden",
		func(e *Env, r *row) {
			for _, x := range e.relations(false) {
				for i := range x.columns {
					if d := x.defaultOf(i); d != "" {
						r.id(x.id)
						r.int(x.columns[i].Number(i))
						r.text(d, d) // what PG_GET_EXPR takes is the text already
						r.id(x.id<<11 + uint32(i))
						r.send()
					}
				}
			}
		},
	},
	{"pg_description", leader, "objoid oid, classoid oid, objsubid integer, description text", descriptions},
	{
		"pg_constraint", leader, "conname name, connamespace oid, contype character(1), condeferrable boolean, condeferred boolean, conrelid oid, contypid oid, " +
			"confrelid oid, confupdtype character(1), confdeltype character(1), confmatchtype character(1), conkey smallint[], confkey smallint[], conbin text, consrc text, " +
			"oid oid hidden", constraints,
	},
	// Views depend on what they read through their rewrite rules, as in PostgreSQL.
	{
		"pg_rewrite", leader, "rulename name, ev_class oid, ev_attr smallint, ev_type character(1), is_instead boolean, ev_qual text, ev_action text, oid oid hidden",
		func(e *Env, r *row) {
			for _, v := range e.Catalog.Views() {
				r.text("_RETURN")
				r.id(v.ID)
				r.int(-1)
				r.text("1")
				r.bool(true)
				r.null(2)
				r.id(RuleOf(v))
				r.send()
			}
		},
	},
	{
		"pg_depend", leader, "classid oid, objid oid, objsubid integer, refclassid oid, refobjid oid, refobjsubid integer, deptype character(1)",
		func(e *Env, r *row) {
			put := func(class, object, ref uint32, kind string) {
				r.int(int64(class), int64(object), 0, classOfClass, int64(ref), 0)
				r.text(kind)
				r.send()
			}
			for _, v := range e.Catalog.Views() {
				put(classOfRewrite, RuleOf(v), v.ID, "i")
				for _, d := range v.Depends {
					put(classOfRewrite, RuleOf(v), d, "n")
				}
			}
		},
	},
	// https://docs.aws.amazon.com/redshift/latest/dg/r_PG_STATISTIC_INDICATOR.html
	{
		"pg_statistic_indicator", leader, "stairelid oid, stairows double precision, staiins double precision, staidels double precision",
		func(e *Env, r *row) {
			for _, t := range e.tables() {
				if v := e.version(t); v.Statistics() != nil {
					r.id(t.ID)
					inserted, deleted := v.Changes()
					r.float(v.Statistics().Rows, float64(inserted), float64(deleted))
					r.send()
				}
			}
		},
	},
}

// database fills the columns of pg_database.
func database(e *Env, r *row, d *catalog.Database) {
	r.text(d.Name)
	r.int(int64(d.Owner), 6) // UTF8
	r.bool(false, true)
	r.int(catalog.FirstID - 1)
	r.null(2)
	r.int(1663)
	r.null(1)
	e.acl(r, principal.Database, d.ID)
}

// Numbers of pg_class and pg_rewrite in pg_depend, as in PostgreSQL.
const (
	classOfClass   = 1259
	classOfRewrite = 2618
)

// RuleOf numbers the rewrite rule of a view, in pg_rewrite.
func RuleOf(v *catalog.View) uint32 { return 1<<30 + v.ID }

// rowType numbers the type of a relation's rows. pg_type has no row for it; that it is not 0 tells relations that have columns.
func rowType(relation uint32) int64 { return 3<<29 + int64(relation) }

// classes is one row a relation; info adds what pg_class_info has, where the number comes first and has another name.
func classes(e *Env, r *row, info bool) {
	spaces := e.namespaces()
	for _, x := range e.relations(true) {
		if info {
			r.id(x.id)
		}
		r.text(x.name)
		r.int(int64(spaces[x.schema]), rowType(x.id), int64(x.owner), 0, int64(x.id), 0)
		rows, pages, style, effective := 0.0, int64(0), int64(0), int64(0)
		uniques, foreigns, primary := int64(0), int64(0), false
		if t := x.table; t != nil {
			v := e.version(t)
			rows, pages = float64(v.Rows()), v.NominalBlocks()
			effective = styleCodes[t.Def.Dist.Style]
			if style = effective; t.Def.Dist.Style.Auto() {
				style = 9
			}
			for _, c := range t.Constraints {
				switch c.Kind {
				case 'p':
					primary = true
				case 'u':
					uniques++
				case 'f':
					foreigns++
				}
			}
		}
		r.int(pages)
		r.float(rows)
		r.int(0, 0)
		r.bool(false, false)
		r.text(string(x.kind))
		r.int(int64(len(x.visible())), 0)
		r.bool(false, false)
		r.int(style, 0, 0, 0, uniques, foreigns, 0)
		r.bool(false, primary, x.view != nil, false)
		e.acl(r, principal.Relation, x.id)
		if !info {
			r.id(x.id)
		} else {
			if made := x.created(); made.IsZero() {
				r.null(1)
			} else {
				r.time(made)
			}
			r.int(effective)
		}
		r.send()
		if r.over {
			return
		}
	}
}

// attributes is one row a column; info adds what pg_attribute_info has.
func attributes(e *Env, r *row, info bool) {
	for _, x := range e.relations(true) {
		for i := range x.visible() {
			c := &x.columns[i]
			l := layoutOf(c.Type)
			r.id(x.id)
			r.text(c.Name)
			r.int(int64(c.Type.OID()), -1, l.len, c.Number(i), 0, -1, int64(c.Type.Modifier()))
			r.bool(l.byValue)
			r.text(l.storage, l.align)
			r.bool(c.NotNull, x.defaultOf(i) != "", false, true)
			r.int(0)
			r.bool(x.isDistKey(i), false)
			r.int(x.sortOrder(i), EncodingCode(x.encodingOf(i)), 0)
			if info {
				if acl := e.Catalog.Access(principal.Relation, x.id).Columns[int(c.Number(i))]; acl != nil {
					r.text(acl.Text(e.Catalog.NameOf))
				} else {
					r.null(1)
				}
			}
			r.send()
		}
		if r.over {
			return
		}
	}
}

// layout is how PostgreSQL 8.0 describes a type's values.
type layout struct {
	len     int64 // -1 = it varies
	byValue bool
	align   string // c s i d: 1 2 4 8 bytes
	storage string // p plain, x extended, m main
}

// layoutOf gives the layout of a type.
func layoutOf(t types.Type) layout {
	switch t.Kind {
	case types.Bool:
		return layout{1, true, "c", "p"}
	case types.Int2:
		return layout{2, true, "s", "p"}
	case types.Int4, types.OID, types.Date, types.Float4, types.Regclass, types.Regprocedure, types.Regtype, types.Regproc:
		return layout{4, true, "i", "p"}
	case types.Int8, types.Float8, types.Time, types.Timestamp, types.TimestampTZ:
		return layout{8, false, "d", "p"}
	case types.TimeTZ:
		return layout{12, false, "d", "p"}
	case types.Interval, types.IntervalDS, types.IntervalYM:
		return layout{12, false, "d", "p"}
	case types.Name:
		return layout{64, false, "i", "p"}
	case types.Numeric:
		return layout{-1, false, "i", "m"}
	case types.Unknown:
		return layout{-2, false, "c", "p"}
	}
	return layout{-1, false, "i", "x"}
}

// typeRows is one row a type.
func typeRows(_ *Env, r *row) {
	for k := range types.NumKinds {
		t := types.Type{Kind: k}
		l := layoutOf(t)
		kind := "b"
		if k == types.Unknown || k == types.AnyArray {
			kind = "p"
		}
		name := t.InternalName()
		r.text(name)
		r.int(pgCatalogID, 1, l.len)
		r.bool(l.byValue)
		r.text(kind)
		r.bool(true)
		r.text(",")
		r.int(0)
		if t.IsArray() && k != types.AnyArray {
			r.int(int64(t.Element().OID()))
		} else {
			r.int(0)
		}
		for _, f := range ioFunctions(t) {
			r.text(f)
		}
		r.text("-", l.align, l.storage)
		r.bool(false)
		r.int(0, -1, 0)
		r.null(2)
		r.int(int64(t.OID()))
		r.send()
	}
}

// pgCatalogID is the number of schema pg_catalog.
const pgCatalogID = 11

// constraints is one row a constraint; all are informational.
func constraints(e *Env, r *row) {
	spaces := e.namespaces()
	for _, t := range e.tables() {
		for i, c := range t.Constraints {
			r.text(c.Name)
			r.id(spaces[t.Schema])
			r.text(string(c.Kind))
			r.bool(false, false)
			r.int(int64(t.ID), 0, int64(c.RefTable))
			if c.Kind == 'f' {
				r.text("a", "a", "u")
			} else {
				r.text("", "", "")
			}
			r.text(numbers(t, c.Columns))
			if ref := e.Catalog.TableByID(c.RefTable); c.RefTable != 0 && ref != nil {
				r.text(numbers(ref, c.RefColumns))
			} else {
				r.null(1)
			}
			r.null(2)
			r.id(constraintID(t, i))
			r.send()
		}
	}
}

// numbers lists columns of a table by number as PostgreSQL prints an array: {1,2}.
func numbers(t *catalog.Table, columns []int) string {
	parts := make([]string, len(columns))
	for i, c := range columns {
		parts[i] = strconv.FormatInt(t.Columns[c].Number(c), 10)
	}
	return types.FormatArray(types.Type{Kind: types.Int2Array}, parts...)
}

// pgViews are the views of PostgreSQL's catalog.
var pgViews = []table{
	// https://docs.aws.amazon.com/redshift/latest/dg/r_PG_TABLE_DEF.html
	{
		"pg_table_def", leader, "schemaname name, tablename name, column name, type text, encoding text, distkey boolean, sortkey integer, notnull boolean",
		tableDefinitions,
	},
	{
		"pg_tables", leader, "schemaname name, tablename name, tableowner name, tablespace name, hasindexes boolean, hasrules boolean, hastriggers boolean",
		func(e *Env, r *row) {
			owners := e.owners()
			for _, x := range e.relations(true) {
				if x.kind == 'r' {
					r.text(x.schema, x.name, owners(x.owner))
					r.null(1)
					r.bool(false, false, false)
					r.send()
				}
			}
		},
	},
	{
		"pg_views", leader, "schemaname name, viewname name, viewowner name, definition text",
		func(e *Env, r *row) {
			owners := e.owners()
			for _, x := range e.relations(true) {
				if x.kind == 'v' {
					r.text(x.schema, x.name, owners(x.owner))
					if x.view != nil {
						r.text(definition(x.view))
					} else {
						r.null(1)
					}
					r.send()
				}
			}
		},
	},
	{
		"pg_settings", leader, "name text, setting text, category text, short_desc text, extra_desc text, context text, vartype text, source text, " +
			"min_val text, max_val text",
		func(e *Env, r *row) {
			if e.Settings == nil {
				return
			}
			for _, s := range e.Settings() {
				r.text(s.Name, s.Value, "", s.Doc)
				r.null(1)
				r.text("user", "string")
				if s.Value == s.Default {
					r.text("default")
				} else {
					r.text("session")
				}
				r.null(2)
				r.send()
			}
		},
	},
	{
		"pg_stat_activity", leader, "datid oid, datname name, procpid integer, usesysid integer, usename name, current_query text, query_start timestamp",
		func(e *Env, r *row) {
			for _, s := range e.sessions() {
				r.id(e.Catalog.DatabaseID())
				r.text(s.DB)
				r.int(int64(s.PID), int64(s.UserID))
				r.text(s.User)
				if q := s.Running; q != nil {
					r.text(q.Text)
					r.time(q.Start)
				} else {
					r.text("<IDLE>")
					r.null(1)
				}
				r.send()
			}
		},
	},
	{
		"pg_stats", leader, "schemaname name, tablename name, attname name, null_frac real, avg_width integer, n_distinct real, most_common_vals anyarray, " +
			"most_common_freqs real[], histogram_bounds anyarray, correlation real", columnStatistics,
	},
}

// tableDefinitions is one row for each column of the tables that an unqualified name can find.
func tableDefinitions(e *Env, r *row) {
	in := map[string]bool{catalog.PgCatalog: true, e.tempSchema(): true}
	for _, s := range e.searchPath() {
		in[s] = true
	}
	for _, x := range e.relations(true) {
		if x.kind != 'r' || !in[x.schema] {
			continue
		}
		for i := range x.visible() {
			c := &x.columns[i]
			r.text(x.schema, x.name, c.Name, c.Type.String(), x.encodingOf(i).String())
			r.bool(x.isDistKey(i))
			r.int(x.sortOrder(i))
			r.bool(c.NotNull)
			r.send()
		}
		if r.over {
			return
		}
	}
}

// searchPath lists the schemas of the session's search path.
func (e *Env) searchPath() []string {
	path := catalog.Public
	if e.Settings != nil {
		for _, s := range e.Settings() {
			if s.Name == "search_path" {
				path = s.Value
			}
		}
	}
	var out []string
	for _, s := range strings.Split(path, ",") {
		if s = strings.Trim(strings.TrimSpace(s), `"'`); s == "$user" {
			s = e.User.Name
		}
		out = append(out, s)
	}
	return out
}

// definition is the text of a view as pg_views shows it.
func definition(v *catalog.View) string { return strings.TrimRight(v.Definition(), "; \n\t") + ";" }

// columnStatistics is one row for each column that ANALYZE has looked at.
func columnStatistics(e *Env, r *row) {
	for _, t := range e.tables() {
		st := e.version(t).Statistics()
		if st == nil || t.Secured && !e.User.Superuser { // common values would be those of rows that a policy hides
			continue
		}
		for i := range t.Columns {
			if i >= len(st.Columns) || st.Columns[i].NDistinct == 0 {
				continue
			}
			c := &st.Columns[i]
			r.text(t.Schema, t.Name, t.Columns[i].Name)
			r.float(c.NullFrac)
			r.int(int64(c.Width))
			r.float(c.NDistinct)
			commonValues(r, c)
			r.null(1)
			r.send()
		}
	}
}

// commonValues fills the columns of a column's common values, their frequencies, and its histogram.
func commonValues(r *row, c *storage.ColumnStats) {
	values, freqs, bounds := slots(c)
	r.maybe(values)
	r.maybe(freqs)
	r.maybe(bounds)
}

// slots prints a column's common values, their frequencies and its histogram as arrays; "" = there is none.
func slots(c *storage.ColumnStats) (common, frequencies, histogram string) {
	values, freqs := make([]string, len(c.MCV)), make([]string, len(c.MCV))
	for i := range c.MCV {
		values[i] = element(c.MCV[i].Value)
		freqs[i] = strconv.FormatFloat(c.MCV[i].Freq, 'g', 6, 64)
	}
	bounds := make([]string, len(c.Histogram))
	for i := range c.Histogram {
		bounds[i] = element(c.Histogram[i])
	}
	array := func(list []string) string {
		if len(list) == 0 {
			return ""
		}
		return "{" + strings.Join(list, ",") + "}"
	}
	return array(values), array(freqs), array(bounds)
}

// element prints a value as an element of an array.
func element(d types.Datum) string {
	s := types.Format(d, time.UTC)
	if s == "" || strings.ContainsAny(s, `{}," \`) {
		return `"` + strings.NewReplacer(`\`, `\\`, `"`, `\"`).Replace(s) + `"`
	}
	return s
}

// constraintID is pg_constraint.oid of a table's constraint.
func constraintID(t *catalog.Table, i int) uint32 { return t.ID<<11 + 1<<10 + uint32(i) }

// ConstraintTable is the number of the table that a constraint of pg_constraint is of.
func ConstraintTable(oid int64) int64 { return oid >> 11 }

// ConstraintDefinition is pg_get_constraintdef: the text of a constraint of t, "" when it has none of that number. A table that its name alone does not lead
// to has its schema before it.
// https://docs.aws.amazon.com/redshift/latest/dg/c_SQL_functions_leader_node_only.html
func ConstraintDefinition(c *catalog.Catalog, t *catalog.Table, oid int64, visible func(t *catalog.Table) bool) string {
	i := int(oid & (1<<10 - 1))
	if t == nil || i >= len(t.Constraints) || int64(constraintID(t, i)) != oid {
		return ""
	}
	k := &t.Constraints[i]
	names := func(t *catalog.Table, columns []int) string {
		out := make([]string, len(columns))
		for j, n := range columns {
			out[j] = function.QuoteIdent(t.Columns[n].Name)
		}
		return "(" + strings.Join(out, ", ") + ")"
	}
	def := constraintType(k) + " " + names(t, k.Columns)
	ref := t
	if k.RefTable != 0 {
		ref = c.TableByID(k.RefTable)
	}
	if k.Kind != 'f' || ref == nil {
		return def
	}
	name := function.QuoteIdent(ref.Name)
	if !visible(ref) {
		name = function.QuoteIdent(ref.Schema) + "." + name
	}
	return def + " REFERENCES " + name + names(ref, k.RefColumns)
}
