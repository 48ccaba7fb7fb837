package bench

import (
	"encoding/json"
	"fmt"
	"io"
	"math"
	"runtime"
	"text/tabwriter"
	"time"
)

// Benchstat writes results as Go benchmark lines, one per round, for golang.org/x/perf/cmd/benchstat.
func Benchstat(w io.Writer, results []*Result) error {
	fmt.Fprintf(w, "goos: %s\ngoarch: %s\n", runtime.GOOS, runtime.GOARCH)
	for _, r := range results {
		for _, t := range r.Times {
			if _, err := fmt.Fprintf(w, "Benchmark%s/q=%s/target=%s-%d\t1\t%d ns/op\n", title(r.Workload), r.Query, r.Target, runtime.GOMAXPROCS(0), t.Nanoseconds()); err != nil {
				return err
			}
		}
		if r.Err != nil {
			if _, err := fmt.Fprintf(w, "# %s %s on %s failed: %v\n", r.Workload, r.Query, r.Target, r.Err); err != nil {
				return err
			}
		}
	}
	return nil
}

func title(s string) string {
	if s == "" {
		return s
	}
	return string(s[0]-32*b2i(s[0] >= 'a' && s[0] <= 'z')) + s[1:]
}

func b2i(b bool) byte {
	if b {
		return 1
	}
	return 0
}

// Table writes medians by query and target, and each target's ratio base/target: how many times the first target's time is of the other's.
func Table(w io.Writer, results []*Result) error {
	var targets, queries []string
	cell := map[[2]string]*Result{}
	seen := map[string]bool{}
	for _, r := range results {
		if !seen["t"+r.Target] {
			seen["t"+r.Target] = true
			targets = append(targets, r.Target)
		}
		if !seen["q"+r.Query] {
			seen["q"+r.Query] = true
			queries = append(queries, r.Query)
		}
		cell[[2]string{r.Query, r.Target}] = r
	}
	tw := tabwriter.NewWriter(w, 2, 8, 2, ' ', tabwriter.AlignRight)
	fmt.Fprint(tw, "query\t")
	for i, t := range targets {
		fmt.Fprint(tw, t, "\t")
		if i > 0 {
			fmt.Fprintf(tw, "%s / %s\t", targets[0], t)
		}
	}
	fmt.Fprintln(tw)
	for _, q := range queries {
		fmt.Fprint(tw, q, "\t")
		base := cell[[2]string{q, targets[0]}]
		for i, t := range targets {
			r := cell[[2]string{q, t}]
			switch {
			case r == nil:
				fmt.Fprint(tw, "\t")
			case r.Err != nil:
				fmt.Fprint(tw, "error\t")
			default:
				fmt.Fprint(tw, round(r.Median()), "\t")
			}
			if i > 0 {
				if r != nil && base != nil && r.Err == nil && base.Err == nil && r.Median() > 0 {
					fmt.Fprintf(tw, "%.2fx\t", float64(base.Median())/float64(r.Median()))
				} else {
					fmt.Fprint(tw, "\t")
				}
			}
		}
		fmt.Fprintln(tw)
	}
	if len(queries) > 3 && len(targets) > 1 {
		summary(tw, targets, queries, cell)
	}
	if err := tw.Flush(); err != nil {
		return err
	}
	if err := simulatedTable(w, results); err != nil {
		return err
	}
	for _, r := range results {
		var err error
		switch {
		case r.Err != nil:
			_, err = fmt.Fprintf(w, "%s on %s: %v\n", r.Query, r.Target, r.Err)
		case r.Tail:
			_, err = fmt.Fprintf(w, "%s on %s: %d times, p50 %s, p99 %s, longest %s\n", r.Query, r.Target, len(r.Times), round(r.Median()), round(r.Quantile(0.99)),
				round(r.Quantile(1)))
		}
		if err != nil {
			return err
		}
	}
	return nil
}

// simulatedTable writes what the queries cost the simulated cluster, if one ran them.
func simulatedTable(w io.Writer, results []*Result) error {
	tw := tabwriter.NewWriter(w, 2, 8, 2, ' ', tabwriter.AlignRight)
	head := false
	for _, r := range results {
		s := r.Simulated
		if s == nil {
			continue
		}
		if !head {
			fmt.Fprint(tw, "\nsimulated, no times:\tblocks read\tskipped\trows scanned\trows moved\tMB moved\tskew\t\n")
			head = true
		}
		fmt.Fprintf(tw, "%s\t%d\t%d\t%d\t%d\t%.1f\t%.2f\t\n", r.Query, s.BlocksRead, s.BlocksSkipped, s.RowsScanned, s.RowsMoved, float64(s.BytesMoved)/1e6, s.Skew)
	}
	return tw.Flush()
}

// summary writes the sum of the medians of the queries that all targets have run, and the geometric mean of the ratios.
func summary(w io.Writer, targets, queries []string, cell map[[2]string]*Result) {
	sums, logs := make([]time.Duration, len(targets)), make([]float64, len(targets))
	n := 0
queries:
	for _, q := range queries {
		for _, t := range targets {
			if r := cell[[2]string{q, t}]; r == nil || r.Err != nil || r.Median() <= 0 {
				continue queries
			}
		}
		n++
		for i, t := range targets {
			m := cell[[2]string{q, t}].Median()
			sums[i] += m
			logs[i] += math.Log(float64(cell[[2]string{q, targets[0]}].Median()) / float64(m))
		}
	}
	if n == 0 {
		return
	}
	fmt.Fprint(w, "sum\t")
	for i, s := range sums {
		fmt.Fprint(w, round(s), "\t")
		if i > 0 {
			fmt.Fprintf(w, "%.2fx\t", float64(sums[0])/float64(s))
		}
	}
	fmt.Fprint(w, "\ngeometric mean\t")
	for i := range targets {
		fmt.Fprint(w, "\t")
		if i > 0 {
			fmt.Fprintf(w, "%.2fx\t", math.Exp(logs[i]/float64(n)))
		}
	}
	fmt.Fprintln(w)
}

// JSON writes results as one array: workload, query, target, nanoseconds of each timed run, bytes and allocations an operation where they were counted, and
// the error if there is one.
func JSON(w io.Writer, results []*Result) error {
	type line struct {
		Workload    string     `json:"workload"`
		Query       string     `json:"query"`
		Target      string     `json:"target"`
		Nanoseconds []int64    `json:"ns"`
		Median      int64      `json:"median_ns"`
		Bytes       uint64     `json:"bytes_per_op,omitempty"`
		Allocs      uint64     `json:"allocs_per_op,omitempty"`
		Simulated   *Simulated `json:"simulated,omitempty"`
		Error       string     `json:"error,omitempty"`
	}
	out := make([]line, len(results))
	for i, r := range results {
		l := line{Workload: r.Workload, Query: r.Query, Target: r.Target, Median: r.Median().Nanoseconds(), Bytes: r.Bytes, Allocs: r.Allocs, Simulated: r.Simulated, Nanoseconds: []int64{}}
		for _, t := range r.Times {
			l.Nanoseconds = append(l.Nanoseconds, t.Nanoseconds())
		}
		if r.Err != nil {
			l.Error = r.Err.Error()
		}
		out[i] = l
	}
	e := json.NewEncoder(w)
	e.SetIndent("", "  ")
	return e.Encode(out)
}

func round(d time.Duration) time.Duration {
	switch {
	case d > 100*time.Millisecond:
		return d.Round(time.Millisecond)
	case d > time.Millisecond:
		return d.Round(10 * time.Microsecond)
	}
	return d.Round(10 * time.Nanosecond)
}
