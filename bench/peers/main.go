// Command peers times redshiftsim beside DuckDB and SQLite: one run, interleaved, medians and ratios, answers compared before a time counts.
//
//	go run . -workload movies -rows 10000000
//	go run . -workload itest
//	go run . -workload load -scale 1 -rounds 3
//	go run . -workload csv -rows 2000000 -rounds 5
//	go run . -workload tpch -scale 1
//	go run . -workload oltp -rounds 3
//
// It is a module of its own, because its engines need cgo.
package main

import (
	"context"
	"database/sql"
	"flag"
	"fmt"
	"os"
	"runtime"
	"strings"
	"sync/atomic"

	_ "github.com/duckdb/duckdb-go/v2"
	_ "github.com/mattn/go-sqlite3"

	_ "github.com/redshiftsim/redshiftsim"
	"github.com/redshiftsim/redshiftsim/bench"
)

var serial atomic.Int64

func main() {
	workload := flag.String("workload", "movies", "movies, itest, load, csv, tpch or oltp")
	queries := flag.String("queries", "", "comma-separated queries of tpch; empty = all")
	rows := flag.Int64("rows", 10_000_000, "rows of movies and csv")
	scale := flag.Float64("scale", 1, "scale factor of the tables of load and tpch")
	files := flag.String("files", "", "folder of the files of load, csv and tpch, made when they are not there; empty = a temporary one")
	rounds := flag.Int("rounds", 9, "timed runs of each query")
	only := flag.String("targets", "", "comma-separated targets; empty = all of the workload")
	dsn := flag.String("dsn", "nodes=2&slices=2", "options of the redshiftsim cluster")
	stat := flag.Bool("benchstat", false, "print benchmark lines instead of the table")
	flag.Parse()
	if err := run(*workload, *queries, *rows, *scale, *files, *rounds, *only, *dsn, *stat); err != nil {
		fmt.Fprintln(os.Stderr, err)
		os.Exit(1)
	}
}

func run(workload, queries string, rows int64, scale float64, files string, rounds int, only, dsn string, stat bool) error {
	dir := files
	if dir == "" {
		var err error
		if dir, err = os.MkdirTemp("", "peers"); err != nil {
			return err
		}
		defer os.RemoveAll(dir)
	}
	open := map[string]func() (*sql.DB, error){
		"redshiftsim": func() (*sql.DB, error) {
			return sql.Open("redshiftsim", "redshiftsim:///dev?enable_result_cache_for_session=off&bucket=bench="+dir+"&"+dsn)
		},
		"duckdb": func() (*sql.DB, error) { return single("duckdb", "") },
		"duckdb-compressed": func() (*sql.DB, error) {
			db, err := single("duckdb", "")
			if err == nil {
				_, err = db.Exec("ATTACH ':memory:' AS c (COMPRESS); USE c")
			}
			return db, err
		},
		"sqlite": func() (*sql.DB, error) {
			return single("sqlite3", fmt.Sprintf("file:m%d?mode=memory&cache=private", serial.Add(1)))
		},
	}
	flavor := map[string]string{"redshiftsim": "redshift", "duckdb": "duckdb", "duckdb-compressed": "duckdb", "sqlite": "sqlite"}
	var names []string
	var w bench.Workload
	switch workload {
	case "movies":
		w, names = bench.Movies{Rows: rows, Dir: dir}, []string{"redshiftsim", "duckdb", "duckdb-compressed"}
	case "itest":
		w, names = bench.ITest{Open: open}, []string{"redshiftsim", "sqlite", "duckdb"}
	case "load":
		w, names = bench.Load{Scale: scale, Dir: dir, Memory: func(t string, n int64) {
			fmt.Fprintf(os.Stderr, "memory of the tables: %-18s %6d MB\n", t, n>>20)
		}}, []string{"redshiftsim", "duckdb"}
	case "csv":
		w, names = bench.CSV{Rows: rows, Dir: dir}, []string{"redshiftsim", "duckdb"}
	case "tpch":
		w, names = bench.TPCH{Load: bench.Load{Scale: scale, Dir: dir}, Only: queries}, []string{"redshiftsim", "duckdb", "duckdb-compressed"}
	case "oltp":
		w, names = bench.OLTP{}, []string{"redshiftsim", "sqlite"}
	default:
		return fmt.Errorf("unknown workload %q: movies, itest, load, csv, tpch or oltp", workload)
	}
	if only != "" {
		names = strings.Split(only, ",")
	}
	var targets []bench.Target
	for _, n := range names {
		if open[n] == nil {
			return fmt.Errorf("unknown target %q", n)
		}
		targets = append(targets, bench.Target{Name: n, Flavor: flavor[n], Open: open[n]})
	}
	fmt.Fprintf(os.Stderr, "%s, %s/%s, %d cores\n", runtime.Version(), runtime.GOOS, runtime.GOARCH, runtime.NumCPU())
	results, err := bench.Run(context.Background(), w, targets, bench.Options{Rounds: rounds, Log: func(f string, a ...any) { fmt.Fprintf(os.Stderr, f+"\n", a...) }})
	if err != nil {
		return err
	}
	if stat {
		return bench.Benchstat(os.Stdout, results)
	}
	return bench.Table(os.Stdout, results)
}

// single opens an in-memory database of one connection: these engines make a new one per connection.
func single(driver, dsn string) (*sql.DB, error) {
	db, err := sql.Open(driver, dsn)
	if err != nil {
		return nil, err
	}
	db.SetMaxOpenConns(1)
	return db, nil
}
