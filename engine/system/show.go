package system

import (
	"fmt"
	lists "slices"
	"sort"
	"strings"

	"github.com/redshiftsim/redshiftsim/engine/catalog"
	"github.com/redshiftsim/redshiftsim/engine/function"
	"github.com/redshiftsim/redshiftsim/engine/principal"
	"github.com/redshiftsim/redshiftsim/engine/spectrum"
	"github.com/redshiftsim/redshiftsim/internal/types"
	"github.com/redshiftsim/redshiftsim/storage"
	"github.com/redshiftsim/redshiftsim/storage/encoding"
)

// Listing is what a SHOW of objects lists: columns, rows by name, and which column the name is in, which LIKE looks at.
type Listing struct {
	Columns []catalog.Column
	Rows    [][]types.Datum
	Name    int
}

// list runs a definition that is no table.
func (e *Env) list(columns string, name int, rows func(e *Env, r *row)) Listing {
	l := Listing{Columns: columnsOf(columns), Name: name}
	if e.HeadOnly {
		return l
	}
	rows(e, newRow(l.Columns, func(d []types.Datum) bool {
		l.Rows = append(l.Rows, lists.Clone(d))
		return true
	}))
	sort.SliceStable(l.Rows, func(i, j int) bool { return l.Rows[i][name].Text < l.Rows[j][name].Text })
	return l
}

// databases sends a row of each database, for SHOW DATABASES and SVV_REDSHIFT_DATABASES.
func (e *Env) databases(r *row) {
	for _, d := range e.Catalog.Databases() {
		kind := "local"
		if d.Import != nil {
			if e.Reaches != nil && !e.Reaches(d) { // what was revoked is not listed
				continue
			}
			kind = "shared"
		}
		r.text(d.Name)
		r.int(int64(d.Owner))
		r.text(kind)
		e.acl(r, principal.Database, d.ID)
		r.null(1)
		r.text(d.Isolation.String())
		r.send()
	}
}

// schemas sends a row of each schema that the user may look into, for SHOW SCHEMAS and SVV_ALL_SCHEMAS; what only external schemas have is NULL of others.
func (e *Env) schemas(r *row) {
	e.ownSchemas(r)
	e.externalSchemas(func(s *catalog.Schema) {
		r.text(e.Database, s.Name)
		r.int(int64(s.Owner))
		r.text("external")
		e.acl(r, principal.Schema, s.ID)
		r.text(s.External.Database, spectrum.JSON(s.External.Options))
		r.send()
	})
}

// ownSchemas sends a row of each schema that is not external, for SVV_REDSHIFT_SCHEMAS, too.
func (e *Env) ownSchemas(r *row) {
	for _, s := range e.Catalog.Schemas() {
		if s.External == nil && e.uses(s) {
			r.text(e.Database, s.Name)
			r.int(int64(s.Owner))
			r.text("local")
			e.acl(r, principal.Schema, s.ID)
			r.rest()
			r.send()
		}
	}
}

// ShowDatabases is SHOW DATABASES.
// https://docs.aws.amazon.com/redshift/latest/dg/r_SHOW_DATABASES.html
func (e *Env) ShowDatabases() Listing {
	return e.list("database_name character varying(128), database_owner integer, database_type character varying(32), database_acl character varying(128), "+
		"parameters character varying(128), database_isolation_level character varying(128)", 0, (*Env).databases)
}

// ShowSchemas is SHOW SCHEMAS, of those that the user may look into.
// https://docs.aws.amazon.com/redshift/latest/dg/r_SHOW_SCHEMAS.html
func (e *Env) ShowSchemas() Listing {
	return e.list("database_name character varying(128), schema_name character varying(128), schema_owner integer, schema_type character varying(128), "+
		"schema_acl character varying(128), source_database character varying(128), schema_option character varying(256)", 1, (*Env).schemas)
}

// ShowTables is SHOW TABLES: tables and views of a schema that the user has access to. When a table was changed is not kept.
// https://docs.aws.amazon.com/redshift/latest/dg/r_SHOW_TABLES.html
func (e *Env) ShowTables(schema string) Listing {
	return e.list("database_name character varying(128), schema_name character varying(128), table_name character varying(128), table_type character varying(128), "+
		"table_acl character varying(128), remarks character varying(128), owner character varying(128), last_altered_time timestamp, "+
		"last_modified_time timestamp, dist_style character varying(32), table_subtype character varying(128)", 2, func(e *Env, r *row) {
		owners := e.owners()
		for _, x := range append(e.relations(true), e.externalRelations()...) {
			if x.schema != schema || !e.selects(&x, 0) || x.table != nil && x.table.Maintains != 0 {
				continue
			}
			r.text(e.Database, x.schema, x.name, x.tableType("TABLE"))
			e.acl(r, principal.Relation, x.id)
			r.maybe(x.remark())
			r.text(owners(x.owner))
			r.null(2)
			switch {
			case x.table != nil:
				r.text(distStyles[x.table.Def.Dist.Style], "REGULAR TABLE")
			case x.view != nil && x.view.LateBinding:
				r.null(1)
				r.text("LATE BINDING VIEW")
			case x.view != nil && x.view.Materialized != nil:
				r.null(1)
				r.text("MATERIALIZED VIEW")
			case x.view != nil:
				r.null(1)
				r.text("REGULAR VIEW")
			default:
				r.null(2)
			}
			r.send()
		}
	})
}

// object is the table or view; nil for a system table.
func (x *relation) object() any {
	switch {
	case x.table != nil:
		return x.table
	case x.view != nil:
		return x.view
	}
	return nil
}

// distStyles are the distribution styles as SHOW spells them.
var distStyles = map[storage.DistStyle]string{
	storage.Even: "EVEN", storage.Key: "KEY", storage.All: "ALL", storage.AutoAll: "AUTO (ALL)", storage.AutoEven: "AUTO (EVEN)", storage.AutoKey: "AUTO (KEY)",
}

// ShowColumns is SHOW COLUMNS of a relation by number: those that the user may select.
// https://docs.aws.amazon.com/redshift/latest/dg/r_SHOW_COLUMNS.html
func (e *Env) ShowColumns(id uint32) Listing {
	return e.listColumns(func(r *row) {
		for _, x := range e.relations(true) {
			if x.id != id {
				continue
			}
			for i := range x.visible() {
				if e.selects(&x, i+1) {
					e.showColumn(r, &x, i)
				}
			}
		}
	})
}

// listColumns lists columns in their order.
func (e *Env) listColumns(rows func(r *row)) Listing {
	l := e.list("database_name character varying(128), schema_name character varying(128), table_name character varying(128), column_name character varying(128), "+
		"ordinal_position integer, column_default character varying(4000), is_nullable character varying(3), data_type character varying(128), "+
		"character_maximum_length integer, numeric_precision integer, numeric_scale integer, remarks character varying(256), sort_key_type character varying(16), "+
		"sort_key integer, dist_key integer, encoding character varying(32), collation character varying(128)", 3, func(_ *Env, r *row) { rows(r) })
	sort.SliceStable(l.Rows, func(i, j int) bool { return l.Rows[i][4].Int < l.Rows[j][4].Int })
	return l
}

// showColumn is a row of SHOW COLUMNS.
func (e *Env) showColumn(r *row, x *relation, i int) {
	c, f := e.column(r, x, i, plainName)
	f.put(r, f.length, f.precision, f.scale)
	r.maybe(c.Comment)
	order := x.sortOrder(i)
	switch {
	case order == 0:
		r.null(1)
	case x.table.Def.Sort.Style == storage.Interleaved:
		r.text("INTERLEAVED")
	default:
		r.text("COMPOUND")
	}
	r.int(order)
	if x.isDistKey(i) {
		r.int(1)
	} else {
		r.null(1)
	}
	if x.table != nil {
		r.text(x.encodingOf(i).String())
	} else {
		r.null(1)
	}
	if k := c.Type.Kind; k == types.Varchar || k == types.Char {
		r.text("default")
	} else {
		r.null(1)
	}
	r.send()
}

// ShowKeys is SHOW CONSTRAINTS PRIMARY KEYS of a table.
// https://docs.aws.amazon.com/redshift/latest/dg/r_SHOW_CONSTRAINTS.html
func (e *Env) ShowKeys(t *catalog.Table) Listing {
	l := e.list("database_name character varying(128), schema_name character varying(128), table_name character varying(128), pk_name character varying(128), "+
		"column_name character varying(128), key_seq integer", 3, func(e *Env, r *row) {
		for _, k := range t.Constraints {
			for n, c := range k.Columns {
				if k.Kind == 'p' {
					r.text(e.Database, t.Schema, t.Name, k.Name, t.Columns[c].Name)
					r.int(int64(n + 1))
					r.send()
				}
			}
		}
	})
	return l
}

// ShowReferences is SHOW CONSTRAINTS FOREIGN KEYS: those of a table, or, exported, those of other tables that refer to it.
// https://docs.aws.amazon.com/redshift/latest/dg/r_SHOW_CONSTRAINTS.html
func (e *Env) ShowReferences(t *catalog.Table, exported bool) Listing {
	const name = " character varying(128)"
	return e.list("pk_database_name"+name+", pk_schema_name"+name+", pk_table_name"+name+", pk_column_name"+name+", fk_database_name"+name+", fk_schema_name"+name+
		", fk_table_name"+name+", fk_column_name"+name+", key_seq integer, fk_name"+name+", pk_name"+name+", update_rule smallint, delete_rule smallint, "+
		"deferrability smallint", 9, func(e *Env, r *row) {
		for _, from := range e.tables() {
			for _, k := range from.Constraints {
				to := from
				if k.RefTable != 0 {
					to = e.Catalog.TableByID(k.RefTable)
				}
				if k.Kind != 'f' || to == nil || exported && to.ID != t.ID || !exported && from.ID != t.ID {
					continue
				}
				for n := range k.Columns {
					r.text(e.Database, to.Schema, to.Name, to.Columns[k.RefColumns[n]].Name, e.Database, from.Schema, from.Name, from.Columns[k.Columns[n]].Name)
					r.int(int64(n + 1))
					r.text(k.Name)
					r.maybe(primaryKey(to, k.RefColumns))
					r.rest()
					r.send()
				}
			}
		}
	})
}

// primaryKey is the name of the key that a foreign key refers to, "" = none.
func primaryKey(t *catalog.Table, columns []int) string {
	for _, k := range t.Constraints {
		if k.Kind != 'f' && lists.Equal(k.Columns, columns) {
			return k.Name
		}
	}
	return ""
}

// ShowTable is SHOW TABLE: the statement that makes the table.
// https://docs.aws.amazon.com/redshift/latest/dg/r_SHOW_TABLE.html
func ShowTable(c *catalog.Catalog, t *catalog.Table) string {
	x := relation{id: t.ID, schema: t.Schema, name: t.Name, kind: 'r', columns: t.Columns, table: t}
	parts := make([]string, 0, len(t.Columns))
	for i := range t.Columns {
		parts = append(parts, x.columnText(i))
	}
	text := strings.Join(parts, ",\n")
	for _, k := range t.Constraints {
		text += ", " + constraintText(c, t, &k)
	}
	kind := "TABLE"
	if t.Temp {
		kind = "TEMPORARY TABLE"
	}
	return fmt.Sprintf("CREATE %s %s.%s (\n%s\n)\n%s;", kind, function.QuoteIdent(t.Schema), function.QuoteIdent(t.Name), text, x.attributesText())
}

// columnText is a column of SHOW TABLE.
func (x *relation) columnText(i int) string {
	c := &x.columns[i]
	s := function.QuoteIdent(c.Name) + " " + c.Type.String()
	if c.NotNull {
		s += " NOT NULL"
	}
	switch {
	case c.Identity != nil && c.Identity.ByDefault:
		s += fmt.Sprintf(" GENERATED BY DEFAULT AS IDENTITY(%d,%d)", c.Identity.Seed, c.Identity.Step)
	case c.Identity != nil:
		s += fmt.Sprintf(" IDENTITY(%d,%d)", c.Identity.Seed, c.Identity.Step)
	case c.Default != "":
		if d := defaultText(c); d != "" {
			s += " DEFAULT " + d
		}
	}
	if k := x.encodingOf(i); k != encoding.Raw || k != x.table.Def.DefaultEncoding(i) { // raw where it is the default is not said, as the guide's examples have it
		s += " ENCODE " + map[bool]string{true: "raw", false: k.String()}[k == encoding.Raw]
	}
	if k := c.Type.Kind; k == types.Varchar || k == types.Char {
		s += " COLLATE case_sensitive"
		if c.CaseInsensitive {
			s = strings.TrimSuffix(s, "sensitive") + "insensitive"
		}
	}
	if x.isDistKey(i) {
		s += " distkey"
	}
	return s
}

// constraintText is a constraint of SHOW TABLE.
func constraintText(c *catalog.Catalog, t *catalog.Table, k *catalog.Constraint) string {
	names := func(t *catalog.Table, columns []int) string {
		list := make([]string, len(columns))
		for i, at := range columns {
			list[i] = function.QuoteIdent(t.Columns[at].Name)
		}
		return "(" + strings.Join(list, ", ") + ")"
	}
	switch k.Kind {
	case 'p':
		return "PRIMARY KEY " + names(t, k.Columns)
	case 'u':
		return "UNIQUE " + names(t, k.Columns)
	}
	to := t
	if k.RefTable != 0 {
		if to = c.TableByID(k.RefTable); to == nil {
			return "FOREIGN KEY " + names(t, k.Columns)
		}
	}
	return "FOREIGN KEY " + names(t, k.Columns) + " REFERENCES " + function.QuoteIdent(to.Schema) + "." + function.QuoteIdent(to.Name) + names(to, k.RefColumns)
}

// attributesText is distribution and sort key of SHOW TABLE.
func (x *relation) attributesText() string {
	def := x.table.Def
	s := "DISTSTYLE " + strings.Fields(distStyles[def.Dist.Style])[0]
	if len(def.Sort.Columns) > 0 && (def.Sort.Style == storage.Compound || def.Sort.Style == storage.Interleaved) {
		names := make([]string, len(def.Sort.Columns))
		for i, c := range def.Sort.Columns {
			names[i] = function.QuoteIdent(x.columns[c].Name)
		}
		word := " SORTKEY"
		if def.Sort.Style == storage.Interleaved {
			word = " INTERLEAVED SORTKEY"
		}
		s += word + " ( " + strings.Join(names, ", ") + " )"
	}
	return s
}

// ShowView is SHOW VIEW: the view's query.
// https://docs.aws.amazon.com/redshift/latest/dg/r_SHOW_VIEW.html
func ShowView(v *catalog.View) string { return definition(v) }
