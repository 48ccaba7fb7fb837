package bench

import (
	"fmt"
	"io"
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
	if err := tw.Flush(); err != nil {
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

func round(d time.Duration) time.Duration {
	switch {
	case d > 100*time.Millisecond:
		return d.Round(time.Millisecond)
	case d > time.Millisecond:
		return d.Round(10 * time.Microsecond)
	}
	return d.Round(10 * time.Nanosecond)
}
