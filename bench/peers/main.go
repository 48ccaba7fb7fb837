// Command peers times redshiftsim beside other engines: one run, interleaved, medians and ratios, answers compared before a time counts.
//
//	./run.sh                                   everything, and ../../docs/performance.md made of it
//	go run . -workload movies -rows 10000000
//	go run . -workload itest                   also: load, formats, csv, tpch, ssb, oltp
//	go run . -workload tpch -scale 1 -targets redshiftsim,duckdb,duckdb-compressed,duckdb-disk
//	go run . -workload load -json load.json    keeps the results
//	go run . -page performance.md -from DIR    makes the page of kept results
//
// It is a module of its own, because its engines need cgo.
package main

import (
	"context"
	"flag"
	"fmt"
	"os"
	"runtime"
	"strings"
	"time"

	"github.com/redshiftsim/redshiftsim/bench"
)

type options struct {
	workload, queries, files, only, dsn, postgres, profiles, json string
	rows                                                          int64
	scale                                                         float64
	rounds                                                        int
	stat                                                          bool
	budget                                                        time.Duration
}

func main() {
	var o options
	flag.StringVar(&o.workload, "workload", "movies", "movies, itest, load, formats, csv, tpch, ssb or oltp")
	flag.StringVar(&o.queries, "queries", "", "comma-separated queries of tpch and ssb; empty = all")
	flag.Int64Var(&o.rows, "rows", 10_000_000, "rows of movies and csv")
	flag.Float64Var(&o.scale, "scale", 1, "scale factor of the tables of load, formats, tpch and ssb")
	flag.StringVar(&o.files, "files", "", "folder of the files of load, formats, csv, tpch and ssb, made when they are not there; empty = a temporary one")
	flag.IntVar(&o.rounds, "rounds", 9, "timed runs of each query")
	flag.StringVar(&o.only, "targets", "", "comma-separated targets; empty = those of the workload")
	flag.StringVar(&o.dsn, "dsn", "nodes=2&slices=2", "options of the redshiftsim cluster")
	flag.StringVar(&o.postgres, "postgres", "", "a PostgreSQL server, as host=/tmp user=postgres; empty = it is left out")
	flag.StringVar(&o.profiles, "profiles", "", "folder for CPU profiles of the first target")
	flag.StringVar(&o.json, "json", "", "file for the results")
	flag.BoolVar(&o.stat, "benchstat", false, "print benchmark lines instead of the table")
	flag.DurationVar(&o.budget, "budget", time.Minute, "a query that has taken so long on a target is not run again there")
	page := flag.String("page", "", "write this page from kept results instead of running")
	from := flag.String("from", "", "folder of the results for -page")
	flag.Parse()
	var err error
	if *page != "" {
		err = writePage(*page, *from)
	} else {
		err = run(o)
	}
	if err != nil {
		fmt.Fprintln(os.Stderr, err)
		os.Exit(1)
	}
}

func run(o options) error {
	dir := o.files
	if dir == "" {
		var err error
		if dir, err = os.MkdirTemp("", "peers"); err != nil {
			return err
		}
		defer os.RemoveAll(dir)
	} else if err := os.MkdirAll(dir, 0o755); err != nil {
		return err
	}
	all := targets(dir, o.dsn, o.postgres)
	k := kept{Workload: o.workload, Scale: o.scale, Rows: o.rows, Day: time.Now().UTC().Format(time.DateOnly), Machine: machine()}
	tell := func(t, when string, n int64) {
		fmt.Fprintf(os.Stderr, "memory of the tables %s: %-18s %6d MB\n", when, t, n>>20)
		k.Memory = append(k.Memory, memoryLine{t, when, n})
	}
	load := bench.Load{Scale: o.scale, Dir: dir, Memory: tell}
	var names string
	var w bench.Workload
	switch o.workload {
	case "movies":
		w, names = bench.Movies{Rows: o.rows, Dir: dir}, "redshiftsim,duckdb,duckdb-compressed"
	case "itest":
		x := bench.ITest{}
		x.Open = openers(all)
		w, names = x, "redshiftsim,sqlite,sqlite-go,duckdb,go-mysql-server,postgres"
	case "load":
		w, names = load, "redshiftsim,duckdb"
	case "formats":
		w, names = bench.Formats{Scale: o.scale, Dir: dir}, "redshiftsim,duckdb"
	case "csv":
		w, names = bench.CSV{Rows: o.rows, Dir: dir}, "redshiftsim,duckdb"
	case "tpch":
		w, names = bench.TPCH{Load: load, Only: o.queries}, "redshiftsim,duckdb,duckdb-compressed,duckdb-disk"
	case "ssb":
		w, names = bench.SSB{Scale: o.scale, Dir: dir, Only: o.queries}, "redshiftsim,duckdb,duckdb-compressed,duckdb-disk"
	case "oltp":
		w, names = bench.OLTP{}, "redshiftsim,sqlite,sqlite-go,postgres"
	default:
		return fmt.Errorf("unknown workload %q: movies, itest, load, formats, csv, tpch, ssb or oltp", o.workload)
	}
	if o.only != "" {
		names = o.only
	}
	var ts []bench.Target
	for _, n := range strings.Split(names, ",") {
		t, ok := all[n]
		switch {
		case ok:
			ts = append(ts, t)
		case n == "postgres":
			fmt.Fprintln(os.Stderr, "postgres is left out: -postgres names no server")
		default:
			return fmt.Errorf("unknown target %q", n)
		}
	}
	fmt.Fprintf(os.Stderr, "%s, %s/%s, %d cores\n", runtime.Version(), runtime.GOOS, runtime.GOARCH, runtime.NumCPU())
	results, err := bench.Run(context.Background(), w, ts, bench.Options{
		Rounds: o.rounds, Simulated: true, Budget: o.budget, Profile: o.profiles,
		Log: func(f string, a ...any) { fmt.Fprintf(os.Stderr, f+"\n", a...) },
	})
	if err != nil {
		return err
	}
	if o.profiles != "" {
		if k.Hot, err = hottest(o.profiles, results); err != nil {
			return err
		}
	}
	if o.json != "" {
		if err := k.save(o.json, results); err != nil {
			return err
		}
	}
	if o.stat {
		return bench.Benchstat(os.Stdout, results)
	}
	return bench.Table(os.Stdout, results)
}
