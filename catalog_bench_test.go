package redshiftsim_test

import (
	"fmt"
	"testing"
	"time"
)

// catalogQueries are what tools ask of a catalog, of one table of many or of all of them.
var catalogQueries = map[string]string{
	"gorm columns": `SELECT c.column_name, c.is_nullable = 'YES', c.udt_name, c.character_maximum_length, c.numeric_precision, 8 * typlen, c.column_default, pd.description
		FROM information_schema.columns AS c JOIN pg_type AS pgt ON c.udt_name = pgt.typname LEFT JOIN pg_catalog.pg_description as pd ON pd.objsubid = c.ordinal_position
		AND pd.objoid = (SELECT oid FROM pg_catalog.pg_class WHERE relname = 't500' AND relnamespace = (SELECT oid FROM pg_catalog.pg_namespace WHERE nspname = 'public'))
		WHERE table_catalog = 'dev' AND table_schema = 'public' AND table_name = 't500'`,
	"gorm constraints": `SELECT c.column_name, constraint_name, constraint_type FROM information_schema.table_constraints tc JOIN information_schema.constraint_column_usage AS ccu
		USING (constraint_schema, constraint_catalog, table_name, constraint_name) JOIN information_schema.columns AS c ON c.table_schema = tc.constraint_schema
		AND tc.table_name = c.table_name AND ccu.column_name = c.column_name WHERE constraint_type IN ('PRIMARY KEY', 'UNIQUE') AND c.table_name = 't500'`,
	"all columns": `SELECT n.nspname, c.oid::regclass, a.attname, format_type(a.atttypid, a.atttypmod), col_description(a.attrelid, a.attnum) FROM pg_class c
		JOIN pg_namespace n ON n.oid = c.relnamespace JOIN pg_attribute a ON a.attrelid = c.oid WHERE n.nspname !~ '^pg_' AND a.attnum > 0`,
	"all constraints": "SELECT conname, pg_get_constraintdef(oid) FROM pg_constraint",
	"all privileges":  "SELECT relname, has_table_privilege(oid, 'select'), pg_table_is_visible(oid), obj_description(oid, 'pg_class') FROM pg_class",
}

// TestManyTables: on a cluster with 1,000 tables of ten columns no query of a tool works in proportion to their square.
func TestManyTables(t *testing.T) {
	db := open(t, "redshiftsim://?nodes=2&slices=2")
	for i := range 1000 {
		exec(t, db, fmt.Sprintf("CREATE TABLE t%d (id bigint PRIMARY KEY, name varchar(40), age int, born timestamp, score numeric(10,2), a int, b int, c int, d int, e int)", i))
	}
	for name, q := range catalogQueries {
		took := time.Hour
		for range 3 {
			start := time.Now()
			if rows := all(t, db, q); len(rows) == 0 {
				t.Errorf("%s: no rows", name)
			}
			took = min(took, time.Since(start))
		}
		t.Logf("%s: %v", name, took)
		if took > 250*time.Millisecond { // 1 to 15 ms on a quiet machine; what is quadratic takes seconds
			t.Errorf("%s took %v", name, took)
		}
	}
}
