package bench

import (
	"context"
	"database/sql"
	"fmt"
	"os"
	"path/filepath"
	"runtime"
)

// Load is how fast TPC-H's tables are loaded from files, and what they take in memory then. The files are made once, by TPCHFiles.
type Load struct {
	Scale float64
	// Dir is where the files are; the redshift target maps the bucket "bench" to it.
	Dir string
	// Memory gets what the tables of a target take, behind each load, when set.
	Memory func(target string, bytes int64)
}

// loadParts is the number of files of a table: as many as slices, so that all of them read.
const loadParts = 4

// Name is load.
func (l Load) Name() string { return "load" }

// Prepare writes the files when they are not there.
func (l Load) Prepare(context.Context, Target, *sql.DB) error {
	if _, err := os.Stat(filepath.Join(l.Dir, "lineitem.tbl.0")); err == nil {
		return nil
	}
	_, err := TPCHFiles(l.Dir, l.Scale, loadParts)
	return err
}

// Queries are the load of lineitem, and that of all tables.
func (l Load) Queries(t Target) []Query {
	return []Query{
		{Name: "lineitem", Do: func(ctx context.Context, db *sql.DB, _ int) error { return l.load(ctx, t, db, "lineitem") }},
		{Name: "all", Do: func(ctx context.Context, db *sql.DB, _ int) error {
			for _, x := range TPCHTables {
				if err := l.load(ctx, t, db, x.Name); err != nil {
					return err
				}
			}
			if l.Memory == nil {
				return nil
			}
			n, err := tableBytes(ctx, t, db)
			if err == nil {
				l.Memory(t.Name, n)
			}
			return err
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

// tableBytes is what the tables of a database take in memory, by its own account.
func tableBytes(ctx context.Context, t Target, db *sql.DB) (n int64, err error) {
	q := "SELECT sum(actual_bytes) FROM redshiftsim_memory"
	if t.Flavor == "duckdb" {
		q = "SELECT sum(memory_usage_bytes) FROM duckdb_memory() WHERE tag = 'IN_MEMORY_TABLE'"
	}
	runtime.GC()
	err = db.QueryRowContext(ctx, q).Scan(&n)
	return n, err
}
