package redshifttest

import (
	"context"
	"database/sql"
	"encoding/csv"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/redshiftsim/redshiftsim"
	"github.com/redshiftsim/redshiftsim/explorer"
	"github.com/redshiftsim/redshiftsim/internal/bridge"
)

// What a dump has.
const (
	dumpStatements = 20              // the last ones
	dumpText       = 600             // bytes of a statement
	dumpRows       = 1000            // of a table
	dumpWait       = 2 * time.Second // for a table that the failed test has locked
)

// dump says what a failed test leaves: in its log, or in the folder of DumpTo.
func dump(t testing.TB, k *redshiftsim.Connector, o *options) {
	t.Helper()
	text := report(t, k, o)
	if o.folder == "" {
		t.Log("redshifttest: " + text)
		return
	}
	folder := filepath.Join(o.folder, fileName(t.Name()))
	err := os.MkdirAll(folder, 0o755)
	if err == nil {
		err = os.WriteFile(filepath.Join(folder, "report.txt"), []byte(text), 0o644)
	}
	if err == nil {
		err = tables(k, func(db *sql.DB, table string) error {
			return export(db, table, filepath.Join(folder, fileName(table)+".csv"))
		})
	}
	if err == nil {
		err = picture(k, filepath.Join(folder, "explorer.html"))
	}
	if err != nil {
		t.Logf("redshifttest: the dump: %v", err)
	}
	t.Logf("redshifttest: the dump is in %s", folder)
}

// picture writes the page that shows the cluster, with the plan of the last query that ran one: a file that a browser opens.
func picture(k *redshiftsim.Connector, path string) (err error) {
	file, err := os.Create(path)
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, file.Close()) }()
	return explorer.Export(file, k.Cluster(), 0)
}

// report is a dump's text: seed and shape, tables, statements.
func report(t testing.TB, k *redshiftsim.Connector, o *options) string {
	var b strings.Builder
	nodes, slices := k.Cluster().Shape()
	fmt.Fprintf(&b, "%s failed on %d nodes x %d slices with seed %d: redshifttest.Seed(%[4]d) repeats what was random\n", t.Name(), nodes, slices, o.config.Seed)
	records := bridge.Engine(k.Cluster()).Log().Records()
	err := tables(k, func(db *sql.DB, table string) error {
		var rows int64
		var ddl string
		if err := query(db, "SELECT count(*) FROM "+table, &rows); err != nil {
			fmt.Fprintf(&b, "\n%s: %v\n", table, err)
			return nil
		}
		if err := query(db, "SHOW TABLE "+table, &ddl); err != nil {
			ddl = err.Error()
		}
		fmt.Fprintf(&b, "\n%s: %d rows\n%s\n", table, rows, indent(ddl))
		return nil
	})
	if err != nil {
		fmt.Fprintf(&b, "\nthe tables: %v\n", err)
	}
	fmt.Fprintf(&b, "\nthe last statements, of %d:\n", len(records))
	for _, r := range records[max(0, len(records)-dumpStatements):] {
		fmt.Fprintf(&b, "  pid %d, transaction %d: %s\n", r.PID, r.XID, strings.ReplaceAll(clip(r.Text, dumpText), "\n", "\n    "))
		if r.Err != nil {
			fmt.Fprintf(&b, "    %s\n", strings.ReplaceAll(r.Err.Error(), "\n", "\n    "))
		} else {
			fmt.Fprintf(&b, "    %d rows\n", r.Rows)
		}
	}
	return b.String()
}

// clip cuts a text that is longer than n bytes.
func clip(s string, n int) string {
	if len(s) <= n {
		return s
	}
	return fmt.Sprintf("%s ... (%d bytes)", strings.ToValidUTF8(s[:n], ""), len(s))
}

// fileName is a name without what file systems refuse.
func fileName(s string) string {
	return strings.Map(func(r rune) rune {
		if strings.ContainsRune(`/\:*?"<>| `, r) {
			return '_'
		}
		return r
	}, s)
}

func indent(s string) string { return "  " + strings.ReplaceAll(strings.TrimSpace(s), "\n", "\n  ") }

// tables calls f with the tables of users, over a database of its own: the test may have used its connections up.
func tables(k *redshiftsim.Connector, f func(db *sql.DB, table string) error) error {
	db := sql.OpenDB(held{k})
	defer db.Close()
	ctx, stop := context.WithTimeout(context.Background(), dumpWait)
	defer stop()
	rows, err := db.QueryContext(ctx, `SELECT quote_ident(schemaname) || '.' || quote_ident(tablename) FROM pg_tables
		WHERE schemaname NOT IN ('pg_catalog', 'information_schema', 'pg_internal', 'pg_automv') AND schemaname NOT LIKE 'pg_temp%' ORDER BY 1`)
	if err != nil {
		return err
	}
	defer rows.Close()
	for rows.Next() {
		var table string
		if err := rows.Scan(&table); err != nil {
			return err
		}
		if err := f(db, table); err != nil {
			return err
		}
	}
	return rows.Err()
}

// query reads one value, and does not wait long for it.
func query(db *sql.DB, text string, into any) error {
	ctx, stop := context.WithTimeout(context.Background(), dumpWait)
	defer stop()
	return db.QueryRowContext(ctx, text).Scan(into)
}

// export writes the first rows of a table as CSV.
func export(db *sql.DB, table, path string) (err error) {
	ctx, stop := context.WithTimeout(context.Background(), dumpWait)
	defer stop()
	rows, err := db.QueryContext(ctx, fmt.Sprintf("SELECT * FROM %s LIMIT %d", table, dumpRows))
	if err != nil {
		return nil // the report says why
	}
	defer rows.Close()
	file, err := os.Create(path)
	if err != nil {
		return err
	}
	defer func() {
		if cerr := file.Close(); err == nil {
			err = cerr
		}
	}()
	columns, err := rows.Columns()
	if err != nil {
		return err
	}
	w := csv.NewWriter(file)
	if err := w.Write(columns); err != nil {
		return err
	}
	values, cells := make([]sql.NullString, len(columns)), make([]any, len(columns))
	for i := range values {
		cells[i] = &values[i]
	}
	line := make([]string, len(columns))
	for rows.Next() {
		if err := rows.Scan(cells...); err != nil {
			return err
		}
		for i := range values {
			line[i] = values[i].String
		}
		if err := w.Write(line); err != nil {
			return err
		}
	}
	w.Flush()
	return rows.Err()
}
