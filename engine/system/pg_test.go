package system

import (
	"strings"
	"testing"

	"github.com/redshiftsim/redshiftsim/engine/catalog"
	"github.com/redshiftsim/redshiftsim/storage"
	"github.com/redshiftsim/redshiftsim/storage/encoding"
)

// only keeps the rows that contain a text.
func only(rows []string, text string) []string {
	var out []string
	for _, r := range rows {
		if strings.Contains(r, text) {
			out = append(out, r)
		}
	}
	return out
}

// TestClasses holds the catalog of tables against what they were declared as.
// https://docs.aws.amazon.com/redshift/latest/dg/viewing-distribution-styles.html
func TestClasses(t *testing.T) {
	w := busy(t)
	auto := films(100010, "auto", storage.Distribution{Style: storage.AutoAll, Column: -1}, unkeyd)
	w.add(t, auto, nil)
	e := w.admin()
	rows := rowsOf(t, e, "pg_class", "oid", "relname", "relnamespace", "relowner", "relkind", "relnatts", "reldiststyle", "reltuples", "relhaspkey", "relukeys", "relfkeys")
	same(t, "pg_class", rows[:5], "100001|sales|2200|100|r|5|0|400|f|0|0", "100002|listing|2200|100|r|5|1|40|f|0|0", "100003|third|2200|100|r|5|0|0|t|1|1",
		"100004|v|2200|100|v|1|0|0|f|0|0", "100010|auto|2200|100|r|5|9|0|f|0|0")
	if len(only(rows, "|stv_slices|11|1|r|4|")) != 1 || len(only(rows, "|tables|13100|1|v|9|")) != 1 {
		t.Errorf("system tables: %v", rows[5:])
	}
	same(t, "pg_class_info", only(rowsOf(t, e, "pg_class_info", "relname", "reldiststyle", "releffectivediststyle"), "auto|"), "auto|9|10")
	same(t, "pg_namespace", rowsOf(t, e, "pg_namespace", "nspname", "nspowner", "oid"), "pg_catalog|1|11", "information_schema|1|13100", "public|1|2200", "films|101|100500")
	same(t, "pg_database", rowsOf(t, e, "pg_database", "datname", "encoding"), "dev|6")
	same(t, "pg_views", rowsOf(t, e, "pg_views", "schemaname", "viewname", "definition")[:1], "public|v|SELECT title FROM sales;")
	same(t, "pg_user", rowsOf(t, e, "pg_user", "usename", "usesysid", "usesuper"), "rdsdb|1|t", "awsuser|100|t", "ann|101|f")
	// The way from a table to its views that tools take: pg_depend, pg_rewrite.
	rule := rowsOf(t, e, "pg_rewrite", "oid", "ev_class")[0]
	rule = rule[:strings.IndexByte(rule, '|')]
	same(t, "pg_depend", rowsOf(t, e, "pg_depend", "classid", "objid", "refclassid", "refobjid", "deptype"), "2618|"+rule+"|1259|100004|i", "2618|"+rule+"|1259|100001|n")
}

// TestAttributes holds the catalog of columns against what they were declared as; type numbers and modifiers are PostgreSQL's.
func TestAttributes(t *testing.T) {
	e := busy(t).admin()
	same(t, "listing", only(rowsOf(t, e, "pg_attribute", "attrelid", "attname", "atttypid", "attnum", "attlen", "atttypmod", "attnotnull", "atthasdef", "attisdistkey", "attsortkeyord"), "100002|"),
		"100002|title|1043|1|-1|84|f|f|f|0", "100002|genre|1043|2|-1|24|f|f|f|0", "100002|year|23|3|4|-1|f|f|t|1", "100002|minutes|23|4|4|-1|f|f|f|0", "100002|director|1043|5|-1|64|f|f|f|0")
	same(t, "pg_attrdef", rowsOf(t, e, "pg_attrdef", "adrelid", "adnum", "adsrc"), "100003|3|1984", `100003|4|"identity"(100003, 3, '5,3'::text)`)
	same(t, "pg_constraint", rowsOf(t, e, "pg_constraint", "conname", "contype", "conrelid", "confrelid", "conkey", "confkey"),
		"third_pkey|p|100003|0|{3}|~", "third_title|u|100003|0|{1,2}|~", "third_fkey|f|100003|100002|{3}|{3}")
	same(t, "constraints", rowsOf(t, e, "information_schema.table_constraints", "constraint_name", "table_name", "constraint_type"),
		"third_pkey|third|PRIMARY KEY", "third_title|third|UNIQUE", "third_fkey|third|FOREIGN KEY")
	same(t, "varchar", only(rowsOf(t, e, "pg_type", "oid", "typname", "typlen", "typbyval"), "|varchar|"), "1043|varchar|-1|f")
	same(t, "svv_columns", only(rowsOf(t, e, "svv_columns", "table_schema", "table_name", "column_name", "ordinal_position", "column_default", "is_nullable", "data_type",
		"character_maximum_length", "numeric_precision", "numeric_scale"), "public|third"),
		"public|third|title|1|~|YES|character varying|80|~|~", "public|third|genre|2|~|YES|character varying|20|~|~", "public|third|year|3|1984|NO|integer|~|32|0",
		`public|third|minutes|4|"identity"(100003, 3, '5,3'::text)|YES|integer|~|32|0`, "public|third|director|5|~|YES|character varying|60|~|~")
	same(t, "svv_redshift_columns", only(rowsOf(t, e, "svv_redshift_columns", "table_name", "column_name", "data_type", "encoding", "distkey", "sortkey"), "listing"),
		"listing|title|character varying(80)|lzo|f|0", "listing|genre|character varying(20)|lzo|f|0", "listing|year|integer|none|t|1", "listing|minutes|integer|az64|f|0",
		"listing|director|character varying(60)|lzo|f|0")
	same(t, "svv_all_tables", rowsOf(t, e, "svv_all_tables", "database_name", "schema_name", "table_name", "table_type"),
		"dev|public|sales|TABLE", "dev|public|listing|TABLE", "dev|public|third|TABLE", "dev|public|v|VIEW")
}

// TestTableDef: pg_table_def shows the schemas of the search path, and nothing of the others.
// https://docs.aws.amazon.com/redshift/latest/dg/r_PG_TABLE_DEF.html
func TestTableDef(t *testing.T) {
	w := newWorld(1, 1)
	demo := films(100001, "demotable", even, storage.SortKey{Style: storage.Interleaved, Columns: []int{3, 0, 2}})
	demo.Schema = "demo"
	w.add(t, demo, nil)
	e := w.admin()
	path := "$user, public"
	e.Settings = func() []Setting { return []Setting{{Name: "search_path", Value: path}} }
	if rows := only(rowsOf(t, e, "pg_table_def"), "demotable"); len(rows) != 0 {
		t.Errorf("not in the search path: %v", rows)
	}
	path = "$user, public, demo"
	// the columns of an interleaved key are numbered -1, 2, -3
	same(t, "pg_table_def", only(rowsOf(t, e, "pg_table_def", "schemaname", "tablename", "column", "type", "encoding", "distkey", "sortkey", "notnull"), "demotable"),
		"demo|demotable|title|character varying(80)|none|f|2|f", "demo|demotable|genre|character varying(20)|lzo|f|0|f", "demo|demotable|year|integer|none|f|-3|f",
		"demo|demotable|minutes|integer|none|f|-1|f", "demo|demotable|director|character varying(60)|lzo|f|0|f")
}

// TestStatistics reads what ANALYZE found of 400 films of two genres.
func TestStatistics(t *testing.T) {
	e := busy(t).admin()
	same(t, "pg_stats", only(rowsOf(t, e, "pg_stats", "tablename", "attname", "null_frac", "n_distinct", "most_common_vals", "most_common_freqs"), "|genre|"),
		"sales|genre|0|2|{crime,drama}|{0.5,0.5}")
	same(t, "pg_statistic_indicator", rowsOf(t, e, "pg_statistic_indicator", "stairelid", "stairows", "staiins"), "100001|400|0")
}

// TestEncodingCodes: every encoding has a code that gives its name back.
func TestEncodingCodes(t *testing.T) {
	for k := encoding.Raw; k <= encoding.Zstd; k++ {
		if n := EncodingName(EncodingCode(k)); n != k.String() {
			t.Errorf("%s came back as %q", k, n)
		}
	}
	if EncodingCode(encoding.Raw) != 0 || EncodingName(-1) != "" || EncodingName(99) != "" {
		t.Error("none is 0; what is none of the codes has no name")
	}
}

// TestHidden: oid, tableoid and what the guide's page of a table lacks can be asked for, and are no columns of SELECT *.
func TestHidden(t *testing.T) {
	for _, v := range Tables() {
		var hidden []string
		for i, c := range v.Columns {
			if c.Hidden {
				hidden = append(hidden, c.Name)
			} else if len(hidden) > 0 {
				t.Errorf("%s.%s stands behind hidden columns", v.Name, v.Columns[i].Name)
			}
		}
		switch strings.Join(hidden, " ") {
		case "", "oid", "tableoid", "oid tableoid", "data_source copy_query":
		default:
			t.Errorf("%s hides %s", v.Name, hidden)
		}
		if (v.Schema == catalog.Information) && v.Superuser {
			t.Errorf("%s is for superusers", v.Name)
		}
	}
}
