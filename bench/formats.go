package bench

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"path/filepath"
	"strings"
)

// Formats is how fast one table, TPC-H's orders, is loaded from files of each format that UNLOAD writes. The files are made once, by UNLOAD, and lie in the
// system's cache when they are timed; so a Redshift is the first target.
type Formats struct {
	Scale float64
	// Dir is where the files are; the redshift target maps the bucket "bench" to it.
	Dir string
}

// format is one of them: what UNLOAD and COPY call it, the end of its files' names, and how DuckDB reads it; "" = not at all.
type format struct{ name, unload, load, files, duckdb string }

var formats = []format{
	{"delimited", "DELIMITER '|'", "DELIMITER '|'", "", "DELIMITER '|', HEADER false"},
	{"delimited, gzip", "DELIMITER '|' GZIP", "DELIMITER '|' GZIP", ".gz", "DELIMITER '|', HEADER false, COMPRESSION gzip"},
	{"delimited, zstd", "DELIMITER '|' ZSTD", "DELIMITER '|' ZSTD", ".zst", "DELIMITER '|', HEADER false, COMPRESSION zstd"},
	{"fixed width", "FIXEDWIDTH '" + ordersWidths + "'", "FIXEDWIDTH '" + ordersWidths + "'", "", ""},
	{"csv", "FORMAT CSV", "CSV", "", "FORMAT csv, HEADER false"},
	{"json", "FORMAT JSON", "FORMAT JSON 'auto'", "", "FORMAT json"},
	{"parquet", "FORMAT PARQUET", "FORMAT PARQUET", ".parquet", "FORMAT parquet"},
}

const ordersWidths = "o_orderkey:12,o_custkey:12,o_orderstatus:1,o_totalprice:14,o_orderdate:10,o_orderpriority:15,o_clerk:15,o_shippriority:4,o_comment:79"

// orders is the table that all of them hold.
var orders = func() Relation {
	for _, x := range TPCHTables {
		if x.Name == "orders" {
			return x
		}
	}
	panic("TPC-H has orders")
}()

// Name is formats.
func (w Formats) Name() string { return "formats" }

// folder is where the files of a format are, below the bucket.
func (f format) folder() string { return "orders-" + strings.ReplaceAll(f.name, ", ", "-") }

// Prepare writes the files when they are not there.
func (w Formats) Prepare(ctx context.Context, t Target, db *sql.DB) error {
	have := func(f format) bool {
		files, err := filepath.Glob(filepath.Join(w.Dir, f.folder(), "*"))
		return err == nil && len(files) > 0
	}
	if t.Remote {
		return errors.New("a database elsewhere reads no files of this machine")
	}
	if len(tableFiles(w.Dir, orders.Name)) == 0 {
		if _, err := TPCHFiles(w.Dir, w.Scale, loadParts); err != nil {
			return err
		}
	}
	if err := fill(ctx, t, db, orders, w.Dir); err != nil {
		return err
	}
	for _, f := range formats {
		switch {
		case have(f):
		case t.Flavor != "redshift":
			return fmt.Errorf("no files of %s in %s: a Redshift writes them", f.name, w.Dir)
		default:
			if err := execute(ctx, db, fmt.Sprintf("UNLOAD ('SELECT * FROM orders') TO 's3://bench/%s/' IAM_ROLE DEFAULT %s", f.folder(), f.unload)); err != nil {
				return err
			}
		}
	}
	return nil
}

// Queries are a load of the table for each format. A load that does not give the rows of the table as it was is an error.
func (w Formats) Queries(t Target) []Query {
	const check = "SELECT count(*), sum(o_orderkey), sum(o_totalprice), min(o_orderdate), max(o_orderdate), count(DISTINCT o_clerk), min(o_comment), max(o_comment), sum(length(o_comment)) FROM loaded"
	var out []Query
	for _, f := range formats {
		out = append(out, Query{Name: f.name, Check: check, Do: func(ctx context.Context, db *sql.DB, _ int) error { return w.load(ctx, t, db, f) }})
	}
	return out
}

func (w Formats) load(ctx context.Context, t Target, db *sql.DB, f format) error {
	create, load := "CREATE TABLE loaded ("+orders.Columns+")", ""
	switch {
	case t.Flavor == "redshift":
		create += " " + orders.Attributes
		load = fmt.Sprintf("COPY loaded FROM 's3://bench/%s/' IAM_ROLE DEFAULT %s", f.folder(), f.load)
	case t.Flavor == "duckdb" && f.duckdb != "":
		load = fmt.Sprintf("COPY loaded FROM '%s' (%s)", filepath.Join(w.Dir, f.folder(), "*"+f.files), f.duckdb)
	default:
		return fmt.Errorf("%s has no %s", t.Name, f.name)
	}
	if err := execute(ctx, db, "DROP TABLE IF EXISTS loaded", create, load); err != nil {
		return err
	}
	var missing, n int64
	const check = "SELECT (SELECT sum(o_orderkey) FROM orders) - (SELECT sum(o_orderkey) FROM loaded), (SELECT count(*) FROM orders) - (SELECT count(*) FROM loaded)"
	if err := db.QueryRowContext(ctx, check).Scan(&missing, &n); err != nil {
		return err
	}
	if missing != 0 || n != 0 {
		return fmt.Errorf("%s: %d rows are missing, keys of sum %d", f.name, n, missing)
	}
	return nil
}
