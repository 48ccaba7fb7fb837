package bench

import (
	"context"
	"database/sql"
	_ "embed"
	"strings"
)

//go:embed ssb/queries.sql
var ssbQueries string

// SSB is the 13 queries of the Star Schema Benchmark: one wide table of facts with four small ones around it, scanned, filtered and grouped.
type SSB struct {
	Scale float64
	Dir   string // of the files, which are made when they are not there; the redshift target maps the bucket "bench" to it
	Only  string // queries to run, separated by commas: "q1.1,q4.2"; empty = all
}

// Name is ssb.
func (w SSB) Name() string { return "ssb" }

// Prepare writes the files when they are not there, and loads them.
func (w SSB) Prepare(ctx context.Context, t Target, db *sql.DB) error {
	if len(tableFiles(w.Dir, "lineorder")) == 0 {
		if err := SSBFiles(w.Dir, w.Scale, loadParts); err != nil {
			return err
		}
	}
	for _, x := range SSBTables {
		if err := fill(ctx, t, db, x, w.Dir); err != nil {
			return err
		}
	}
	return analyze(ctx, t, db)
}

// Queries are q1.1 to q4.3, in four flights.
func (w SSB) Queries(Target) []Query {
	return queries(ssbQueries, w.Only)
}

// queries cuts a file into its queries, each behind a line "-- q...". only are those to take, separated by commas; empty = all.
func queries(file, only string) []Query {
	var out []Query
	for _, x := range strings.Split(file, "-- q")[1:] {
		name, text, _ := strings.Cut("q"+x, "\n")
		if only != "" && !strings.Contains(","+only+",", ","+name+",") {
			continue
		}
		out = append(out, Query{Name: name, Text: strings.TrimSuffix(strings.TrimSpace(text), ";")})
	}
	return out
}
