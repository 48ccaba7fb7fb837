package bench

import (
	"bufio"
	"bytes"
	"context"
	"database/sql"
	"fmt"
	"os"
	"path/filepath"
	"regexp"
	"strings"
)

// tableFiles are the files of a table in a folder: TABLE.tbl, as TPC-H's own program writes it, or TABLE.tbl.N.
func tableFiles(dir, table string) []string {
	var out []string
	for _, pattern := range []string{".tbl", ".tbl.*"} {
		files, err := filepath.Glob(filepath.Join(dir, table+pattern))
		if err == nil { // a pattern of these cannot be wrong
			out = append(out, files...)
		}
	}
	return out
}

// fill makes a table anew and loads it from its files in dir: with COPY where the engine reads files, else a thousand rows a statement.
func fill(ctx context.Context, t Target, db *sql.DB, x Relation, dir string) error {
	create := fmt.Sprintf("CREATE TABLE %s (%s)", x.Name, x.Columns)
	if t.Flavor == "redshift" {
		create += " " + x.Attributes
	}
	if err := execute(ctx, db, "DROP TABLE IF EXISTS "+x.Name, create); err != nil {
		return err
	}
	files := tableFiles(dir, x.Name)
	if len(files) == 0 {
		return fmt.Errorf("no files of %s in %s", x.Name, dir)
	}
	if t.Remote {
		return insertFiles(ctx, db, x, files)
	}
	var qs []string
	switch t.Flavor {
	case "redshift":
		qs = []string{fmt.Sprintf("COPY %s FROM 's3://bench/%s.tbl' IAM_ROLE DEFAULT DELIMITER '|'", x.Name, x.Name)}
	case "duckdb":
		qs = []string{fmt.Sprintf("COPY %s FROM '%s' (DELIMITER '|', HEADER false)", x.Name, filepath.Join(dir, x.Name+".tbl*"))}
	case "postgres":
		for _, f := range files {
			qs = append(qs, fmt.Sprintf("COPY %s FROM '%s' (DELIMITER '|')", x.Name, f))
		}
	default:
		return insertFiles(ctx, db, x, files)
	}
	return execute(ctx, db, qs...)
}

// execute runs statements that give no rows, one after the other.
func execute(ctx context.Context, db *sql.DB, texts ...string) error {
	for _, q := range texts {
		if _, err := db.ExecContext(ctx, q); err != nil {
			return fmt.Errorf("%s: %w", q, err)
		}
	}
	return nil
}

// insertFiles inserts the rows of files: the engines that have no COPY read no files.
func insertFiles(ctx context.Context, db *sql.DB, x Relation, files []string) error {
	return insertRows(ctx, db, x.Name, func(add func(values []string) error) error {
		for _, name := range files {
			if err := eachLine(name, func(line string) error { return add(strings.Split(line, "|")) }); err != nil {
				return err
			}
		}
		return nil
	})
}

// eachLine gives the lines of a file.
func eachLine(name string, f func(line string) error) error {
	in, err := os.Open(name)
	if err != nil {
		return err
	}
	defer in.Close()
	lines := bufio.NewScanner(in)
	for lines.Scan() {
		if err := f(lines.Text()); err != nil {
			return err
		}
	}
	return lines.Err()
}

// insertRows inserts the rows that each adds, as literals, a thousand a statement, in one transaction.
func insertRows(ctx context.Context, db *sql.DB, table string, each func(add func(values []string) error) error) error {
	tx, err := db.BeginTx(ctx, nil)
	if err != nil {
		return err
	}
	defer tx.Rollback() //nolint:errcheck // after Commit it has nothing to do
	const rows = 1000
	var text bytes.Buffer
	n := 0
	flush := func() error {
		if n == 0 {
			return nil
		}
		_, err := tx.ExecContext(ctx, text.String())
		text.Reset()
		n = 0
		return err
	}
	err = each(func(values []string) error {
		if n == 0 {
			fmt.Fprintf(&text, "INSERT INTO %s VALUES ", table)
		} else {
			text.WriteByte(',')
		}
		for i, v := range values {
			text.WriteByte("(,"[min(i, 1)])
			fmt.Fprintf(&text, "'%s'", strings.ReplaceAll(v, "'", "''"))
		}
		text.WriteByte(')')
		if n++; n == rows {
			return flush()
		}
		return nil
	})
	if err == nil {
		err = flush()
	}
	if err != nil {
		return err
	}
	return tx.Commit()
}

// analyze gathers statistics where that is a statement of its own. DuckDB compresses a database in memory when it is checkpointed, and not before: a
// target whose name ends in -compressed is.
func analyze(ctx context.Context, t Target, db *sql.DB) error {
	if t.Flavor == "mysql" {
		return nil
	}
	_, err := db.ExecContext(ctx, "ANALYZE")
	if err == nil && strings.HasSuffix(t.Name, "-compressed") {
		_, err = db.ExecContext(ctx, "CHECKPOINT")
	}
	return err
}

var (
	dateLiteral = regexp.MustCompile(`date ('[\d-]+')`)
	yearOf      = regexp.MustCompile(`extract\(year FROM (\w+)\)`)
)

// sqliteText writes the dates of a query as SQLite has them: texts.
func sqliteText(text string) string {
	text = tpchDate.ReplaceAllStringFunc(text, func(s string) string {
		m := tpchDate.FindStringSubmatch(s)
		return fmt.Sprintf("date(%s, '%s %s')", strings.TrimPrefix(m[3], "date "), m[2], m[1])
	})
	text = yearOf.ReplaceAllString(text, "CAST(substr($1, 1, 4) AS int)")
	text = strings.ReplaceAll(text, "substring(", "substr(")
	return dateLiteral.ReplaceAllString(text, "$1")
}
