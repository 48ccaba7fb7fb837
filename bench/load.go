package bench

import (
	"context"
	"database/sql"
	"fmt"
	"runtime"
	"strings"
)

// Load is how fast TPC-H's tables are loaded from files, and what they take in memory then. The files are made once, by TPCHFiles.
type Load struct {
	Scale float64
	// Dir is where the files are; the redshift target maps the bucket "bench" to it.
	Dir string
	// Memory gets what the tables of a target take in memory, when set; when says at which moment.
	Memory func(target, when string, bytes int64)
}

// loadParts is the number of files of a table: as many as slices, so that all of them read.
const loadParts = 4

// Name is load.
func (l Load) Name() string { return "load" }

// Prepare writes the files when they are not there.
func (l Load) Prepare(context.Context, Target, *sql.DB) error {
	if len(tableFiles(l.Dir, "lineitem")) > 0 {
		return nil
	}
	_, err := TPCHFiles(l.Dir, l.Scale, loadParts)
	return err
}

// lineitemCheck looks at every kind of column of lineitem.
const lineitemCheck = "SELECT count(*), sum(l_orderkey), sum(l_linenumber), sum(l_extendedprice), sum(l_quantity * l_discount), min(l_shipdate), max(l_receiptdate), " +
	"count(DISTINCT l_shipmode), min(l_comment), max(l_comment), sum(length(l_comment)) FROM lineitem"

// allCheck counts the rows of each table and the characters of its comments.
func allCheck() string {
	var parts []string
	for _, x := range TPCHTables {
		key, _, _ := strings.Cut(x.Columns, " ")
		prefix, _, _ := strings.Cut(key, "_")
		parts = append(parts, fmt.Sprintf("SELECT '%s' AS of, count(*) AS n, sum(%s) AS keys, sum(length(%s_comment)) AS comments FROM %s", x.Name, key, prefix, x.Name))
	}
	return strings.Join(parts, " UNION ALL ") + " ORDER BY of"
}

// Queries are the load of lineitem, and that of all tables.
func (l Load) Queries(t Target) []Query {
	return []Query{
		{Name: "lineitem", Check: lineitemCheck, Do: func(ctx context.Context, db *sql.DB, _ int) error { return l.load(ctx, t, db, "lineitem") }},
		{Name: "all", Check: allCheck(), Do: func(ctx context.Context, db *sql.DB, _ int) error {
			for _, x := range TPCHTables {
				if err := l.load(ctx, t, db, x.Name); err != nil {
					return err
				}
			}
			return l.tell(ctx, t, db, "after loading")
		}},
	}
}

// load makes a table anew, with its own attributes, and fills it.
func (l Load) load(ctx context.Context, t Target, db *sql.DB, table string) error {
	for _, x := range TPCHTables {
		if x.Name == table {
			return fill(ctx, t, db, x, l.Dir)
		}
	}
	return fmt.Errorf("no table %q", table)
}

// tell tells Memory what the tables of a database take, by its own account.
func (l Load) tell(ctx context.Context, t Target, db *sql.DB, when string) error {
	var q string
	switch {
	case l.Memory == nil:
		return nil
	case t.Flavor == "redshift":
		q = "SELECT sum(actual_bytes) FROM redshiftsim_memory"
	case t.Flavor == "duckdb":
		q = "SELECT sum(memory_usage_bytes) FROM duckdb_memory() WHERE tag = 'IN_MEMORY_TABLE'"
	default:
		return nil
	}
	runtime.GC()
	var n int64
	err := db.QueryRowContext(ctx, q).Scan(&n)
	if err == nil {
		l.Memory(t.Name, when, n)
	}
	return err
}
