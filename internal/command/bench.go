package command

import (
	"context"
	"database/sql"
	"errors"
	"flag"
	"fmt"
	"io"
	"os"
	"runtime/debug"
	"strings"

	"github.com/redshiftsim/redshiftsim/bench"
)

// workloads are the names that bench takes.
const workloads = "movies|itest|cancel|load|formats|csv|tpch|ssb|oltp"

const benchUsage = `usage: redshiftsim bench [FLAGS] [` + workloads + `]

Times a workload on this engine and prints how long its queries took and what the cluster did for them.
  movies  three scans of generated films: an average, a range, a grouping (when no workload is named)
  itest   what an integration test does: a cluster, a table, ten inserts, two selects; and point statements on a small table
  cancel  how long a query goes on after its context has ended
  load    COPY of TPC-H's tables, and what they take in memory
  formats COPY of one of them from each format that UNLOAD writes
  csv     CSV read (COPY NOLOAD) and loaded
  tpch    the 22 queries of TPC-H
  ssb     the 13 queries of the Star Schema Benchmark
  oltp    single rows of a table of 100,000, asked and changed

`

// runBench times a workload on this engine alone; bench/peers sets it beside others.
func runBench(ctx context.Context, args []string, _ io.Reader, out, errs io.Writer) int {
	fl := flag.NewFlagSet("bench", flag.ContinueOnError)
	rows := fl.Int64("rows", 0, "rows of the movies and csv workloads (default 10,000,000 and 2,000,000)")
	rounds := fl.Int("rounds", 5, "timed runs of each query")
	dsn := fl.String("dsn", "", "time the database of a DSN instead of an engine of its own: in a schema of its own, which goes afterwards; data is inserted")
	options := fl.String("options", "nodes=2&slices=2", "options of the cluster, as in a DSN")
	scale := fl.Float64("scale", 1, "scale factor of the load, formats, tpch and ssb workloads")
	queries := fl.String("queries", "", "queries of tpch and ssb to run, as q01,q06; empty = all")
	files := fl.String("files", "", "folder of the tables' files, TABLE.tbl or TABLE.tbl.N with fields parted by |, as dbgen writes them; made there when it has none; empty = a temporary one")
	profiles := fl.String("profiles", "", "folder for a CPU profile of each query")
	asJSON := fl.Bool("json", false, "print the results as JSON")
	stat := fl.Bool("benchstat", false, "print benchmark lines for benchstat")
	usage := describe(fl, benchUsage)
	if code, done := parse(fl, usage, args, 1, out, errs); done {
		return code
	}
	switch {
	case *rows < 0:
		return misuse(fl, usage, errs, fmt.Errorf("-rows %d: it takes a number of rows", *rows))
	case *rounds < 1:
		return misuse(fl, usage, errs, fmt.Errorf("-rounds %d: it takes a number from 1", *rounds))
	case !(*scale > 0):
		return misuse(fl, usage, errs, fmt.Errorf("-scale %v: it takes a number above 0", *scale))
	}
	dir, err := *files, error(nil)
	if dir == "" {
		if dir, err = os.MkdirTemp("", "redshiftsim-bench"); err == nil {
			defer func() { _ = os.RemoveAll(dir) }()
		}
	} else {
		err = os.MkdirAll(dir, 0o755)
	}
	if err != nil {
		fmt.Fprintln(errs, err)
		return 1
	}
	size := func(usual int64) int64 {
		if *rows > 0 {
			return *rows
		}
		return usual
	}
	open := func() (*sql.DB, error) {
		return sql.Open("redshiftsim", "redshiftsim:///dev?enable_result_cache_for_session=off&bucket=bench="+dir+",rw&"+*options)
	}
	memory := func(_, when string, n int64) {
		debug.FreeOSMemory()
		fmt.Fprintf(errs, "memory of the tables %s: %d MB%s\n", when, n>>20, resident())
	}
	target := bench.Target{Name: "redshiftsim", Flavor: "redshift", Open: open}
	if *dsn != "" {
		var end func(context.Context) error
		if target, end, err = remote(ctx, *dsn); err != nil {
			fmt.Fprintln(errs, err)
			return 1
		}
		defer func() {
			if err := end(context.WithoutCancel(ctx)); err != nil {
				fmt.Fprintln(errs, err)
			}
		}()
		memory = nil
	}
	var w bench.Workload = bench.Movies{Rows: size(10_000_000), Dir: dir}
	switch fl.Arg(0) {
	case "", "movies":
	case "itest":
		if target.Remote {
			return misuse(fl, usage, errs, errors.New("itest times the start of clusters, which -dsn has running"))
		}
		w = bench.ITest{Open: map[string]func() (*sql.DB, error){"redshiftsim": open}}
	case "cancel":
		w = bench.Cancel{}
	case "load":
		w = bench.Load{Scale: *scale, Dir: dir, Memory: memory}
	case "formats", "csv":
		if target.Remote {
			return misuse(fl, usage, errs, fmt.Errorf("%s reads files of this machine, which a database elsewhere does not", fl.Arg(0)))
		}
		w = bench.Formats{Scale: *scale, Dir: dir}
		if fl.Arg(0) == "csv" {
			w = bench.CSV{Rows: size(2_000_000), Dir: dir}
		}
	case "tpch":
		w = bench.TPCH{Load: bench.Load{Scale: *scale, Dir: dir, Memory: memory}, Only: *queries}
	case "ssb":
		w = bench.SSB{Scale: *scale, Dir: dir, Only: *queries}
	case "oltp":
		w = bench.OLTP{}
	default:
		return misuse(fl, usage, errs, fmt.Errorf("unknown workload %q", fl.Arg(0)))
	}
	rs, err := bench.Run(ctx, w, []bench.Target{target},
		bench.Options{Rounds: *rounds, Simulated: !target.Remote, Profile: *profiles, Log: func(f string, a ...any) { fmt.Fprintf(errs, f+"\n", a...) }})
	if err == nil {
		switch {
		case *asJSON:
			err = bench.JSON(out, rs)
		case *stat:
			err = bench.Benchstat(out, rs)
		default:
			err = bench.Table(out, rs)
		}
	}
	for _, r := range rs {
		if err == nil {
			err = r.Err
		}
	}
	if err != nil {
		fmt.Fprintln(errs, err)
		return 1
	}
	return 0
}

// resident is what the process holds of the machine's memory, where the machine tells: in words, to put behind a sentence.
func resident() string {
	b, err := os.ReadFile("/proc/self/status")
	if err != nil {
		return ""
	}
	for l := range strings.Lines(string(b)) {
		if v, ok := strings.CutPrefix(l, "VmRSS:"); ok {
			return ", resident " + strings.TrimSpace(v)
		}
	}
	return ""
}
