package bench

import (
	"bufio"
	"context"
	"database/sql"
	"fmt"
	"os"
	"path/filepath"
)

// CSV is how fast a CSV file is read: numbers, dates, times, words that repeat, texts in quotes with delimiters in them. The files are made once and lie
// in the system's cache when they are timed.
type CSV struct {
	Rows int64
	// Dir is where the files are; the redshift target maps the bucket "bench" to it.
	Dir string
}

// csvColumns are the columns of the file, by name and type.
const csvColumns = "id bigint, customer integer, amount decimal(12,2), ratio double precision, day date, made timestamp, state varchar(10), note varchar(60)"

// Name is csv.
func (c CSV) Name() string { return "csv" }

// Prepare writes the files when they are not there.
func (c CSV) Prepare(context.Context, Target, *sql.DB) error {
	states := []string{"new", "paid", "shipped", "returned", ""}
	for part := range loadParts {
		name := filepath.Join(c.Dir, fmt.Sprintf("bench.csv.%d", part))
		if _, err := os.Stat(name); err == nil {
			continue
		}
		f, err := os.Create(name)
		if err != nil {
			return err
		}
		w := bufio.NewWriterSize(f, 1<<20)
		for i := int64(part); i < c.Rows; i += loadParts {
			h := uint64(i+1) * 0x9E3779B97F4A7C15 >> 20
			note := fmt.Sprintf("order %x of the season", h%100003)
			if i%3 == 0 {
				note = fmt.Sprintf("\"gift, wrapped, no. %d\"", h%1009)
			}
			fmt.Fprintf(w, "%d,%d,%d.%02d,%.4f,20%02d-%02d-%02d,2024-%02d-%02d %02d:%02d:%02d,%s,%s\n", i, h%90000, h%100000, h%100, float64(h%1000000)/997, h%30, h%12+1, h%28+1,
				h%11+1, h%27+1, h%24, h%60, h%59, states[h%5], note)
		}
		if err := w.Flush(); err != nil {
			return err
		}
		if err := f.Close(); err != nil {
			return err
		}
	}
	return nil
}

// Queries are reading with all types converted and nothing kept (COPY with NOLOAD, an aggregate over read_csv), and loading a table.
func (c CSV) Queries(t Target) []Query {
	types := "{'id': 'bigint', 'customer': 'integer', 'amount': 'decimal(12,2)', 'ratio': 'double', 'day': 'date', 'made': 'timestamp', 'state': 'varchar', 'note': 'varchar'}"
	read := "read_csv('" + filepath.Join(c.Dir, "bench.csv.*") + "', header=false, columns=" + types + ")"
	parse := "SELECT max(id), max(customer), max(amount), max(ratio), max(day), max(made), max(length(state)), max(length(note)) FROM " + read
	fill := "INSERT INTO orders SELECT * FROM " + read
	if t.Flavor == "redshift" {
		fill = "COPY orders FROM 's3://bench/bench.csv' IAM_ROLE DEFAULT CSV"
		parse = fill + " NOLOAD"
	}
	// An empty field is an empty text here, NULL in DuckDB.
	check := "SELECT count(*), sum(id), sum(customer), sum(amount), sum(ratio), min(day), max(day), min(made), max(made), count(DISTINCT nullif(state, '')), sum(length(note)), max(note) FROM orders"
	do := func(texts ...string) func(context.Context, *sql.DB, int) error {
		return func(ctx context.Context, db *sql.DB, _ int) error {
			return execute(ctx, db, append([]string{"DROP TABLE IF EXISTS orders", "CREATE TABLE orders (" + csvColumns + ")"}, texts...)...)
		}
	}
	return []Query{{Name: "parse", Do: do(parse)}, {Name: "load", Do: do(fill), Check: check}}
}
