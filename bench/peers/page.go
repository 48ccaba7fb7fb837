package main

import (
	"encoding/json"
	"fmt"
	"math"
	"os"
	"path/filepath"
	"slices"
	"sort"
	"strings"
	"time"
)

// chapters are the workloads of the page, in its order, with what they are.
var chapters = []struct{ workload, title, what string }{
	{"tpch", "TPC-H", "The 22 queries with AWS's keys (`redshiftsim bench tpch`), hot; the data follows the specification's distributions, its texts are our own. DuckDB is in memory, in memory " +
		"compressed, and on disk: the ratio is to its best of the three. Where the time of each query goes: [queries](performance/queries.md)."},
	{"ssb", "Star Schema Benchmark", "13 queries over one table of facts and four small ones, keys as in AWS's tutorial on table design."},
	{"movies", "One column of many rows", "avg(year), count with a range, group by year."},
	{"load", "Loading", "TPC-H's files, in four parts a table, COPY on both sides, statistics and encodings included."},
	{"formats", "Formats", "TPC-H's orders loaded from what UNLOAD writes of it in each format, four files each. DuckDB reads no fixed width."},
	{"csv", "Reading CSV", "COPY NOLOAD against read_csv: no row is kept."},
	{"itest", "An integration test", "A fresh cluster, a table, ten inserts, two selects, drop, close, with texts that never repeat; a fresh cluster and its first query alone; and point statements on 10,000 rows. A time is that of one operation."},
	{"oltp", "One row of 100,000", "As literal, parameter and prepared statement; again after 10,000 updates without VACUUM. The median and the 99th of a hundred."},
}

// writePage makes the page from the results in a folder, NAME.json each, and a chart per chapter beside it.
func writePage(page, from string) error {
	files, err := filepath.Glob(filepath.Join(from, "*.json"))
	if err != nil || len(files) == 0 {
		return fmt.Errorf("no results in %q", from)
	}
	sort.Strings(files)
	by := map[string][]kept{}
	for _, f := range files {
		var k kept
		b, err := os.ReadFile(f)
		if err == nil {
			err = json.Unmarshal(b, &k)
		}
		if err != nil {
			return fmt.Errorf("%s: %w", f, err)
		}
		by[k.Workload] = append(by[k.Workload], k)
	}
	var b strings.Builder
	b.WriteString("# Performance\n\nMade by `bench/peers/run.sh`; do not edit. All engines of a table ran in one process or on one machine, in one run, their rounds taken in turn; a time is the " +
		"median of the rounds, the garbage of the others is collected before each, answers are compared before a time counts. Machines differ and are noisy: the ratios are what counts, below 1 redshiftsim is faster. " +
		"Wall time here is no promise about a real cluster.\n\n")
	charts := strings.TrimSuffix(page, ".md")
	if err := os.MkdirAll(charts, 0o755); err != nil {
		return err
	}
	said := false
	for _, c := range chapters {
		ks := by[c.workload]
		if len(ks) == 0 {
			continue
		}
		if !said {
			fmt.Fprintf(&b, "%s. %s.\n", ks[0].Day, strings.Join(ks[0].Machine, "; "))
			said = true
		}
		fmt.Fprintf(&b, "\n## %s\n\n%s", c.title, c.what)
		for _, k := range ks {
			if len(k.targets()) == 1 && len(ks) > 1 {
				continue // a scale of the growth table
			}
			chart := c.workload + ".svg"
			if err := k.chart(filepath.Join(charts, chart), c.title); err != nil {
				return err
			}
			fmt.Fprintf(&b, "%s\n\n![%s](%s/%s)\n\n", k.size(), c.title, filepath.Base(charts), chart)
			k.table(&b)
		}
		growth(&b, ks)
	}
	for _, k := range by["program"] {
		fmt.Fprintf(&b, "\n## Memory of the process, and the program\n\n- %s\n", strings.Join(k.Machine, "\n- "))
	}
	return os.WriteFile(page, []byte(b.String()), 0o644)
}

// size says how much data a run was over.
func (k kept) size() string {
	switch k.Workload {
	case "movies", "csv":
		return fmt.Sprintf(" %g million rows.", float64(k.Rows)/1e6)
	case "load", "formats", "tpch", "ssb":
		return fmt.Sprintf(" Scale factor %v.", k.Scale)
	}
	return ""
}

func (k kept) targets() []string {
	var out []string
	for _, r := range k.Results {
		if !slices.Contains(out, r.Target) {
			out = append(out, r.Target)
		}
	}
	return out
}

func (k kept) queries() []string {
	var out []string
	for _, r := range k.Results {
		if !slices.Contains(out, r.Query) {
			out = append(out, r.Query)
		}
	}
	return out
}

func (k kept) find(query, target string) *keptResult {
	for i := range k.Results {
		if r := &k.Results[i]; r.Query == query && r.Target == target {
			return r
		}
	}
	return nil
}

// best is the fastest time of a query on the peers whose names begin with a word, and whether there is one.
func (k kept) best(query, family string) (time.Duration, bool) {
	best := time.Duration(math.MaxInt64)
	for _, t := range k.targets() {
		if r := k.find(query, t); strings.HasPrefix(t, family) && r != nil && r.Error == "" && r.Runs > 0 {
			best = min(best, r.Median)
		}
	}
	return best, best < math.MaxInt64
}

// table writes medians, the ratio to the peer that is the bar, simulated figures, memory, and where the time goes.
func (k kept) table(b *strings.Builder) {
	ts := k.targets()
	self := ts[0]
	bar := ""
	if len(ts) > 1 {
		bar, _, _ = strings.Cut(ts[1], "-")
	}
	fmt.Fprintf(b, "| query | %s |", strings.Join(ts, " | "))
	if bar != "" {
		fmt.Fprintf(b, " of %s |", bar)
	}
	b.WriteString("\n|---|")
	b.WriteString(strings.Repeat("--:|", len(ts)+min(1, len(bar))))
	b.WriteByte('\n')
	sum, barSum, logs, n := time.Duration(0), time.Duration(0), 0.0, 0
	var failed []string
	for _, q := range k.queries() {
		fmt.Fprintf(b, "| %s |", q)
		for _, t := range ts {
			r := k.find(q, t)
			switch {
			case r == nil:
				b.WriteString(" |")
			case r.Error != "":
				b.WriteString(" - |")
				failed = append(failed, fmt.Sprintf("%s on %s: %.160s", q, t, r.Error))
			case r.P99 > 0:
				fmt.Fprintf(b, " %s (p99 %s) |", short(r.Median), short(r.P99))
			default:
				fmt.Fprintf(b, " %s |", short(r.Median))
			}
		}
		if bar != "" {
			if p, ok := k.best(q, bar); ok && k.find(q, self).Error == "" {
				m := k.find(q, self).Median
				fmt.Fprintf(b, " %.2fx |", float64(m)/float64(p))
				sum, barSum, logs, n = sum+m, barSum+p, logs+math.Log(float64(m)/float64(p)), n+1
			} else {
				b.WriteString(" |")
			}
		}
		b.WriteByte('\n')
	}
	if k.Workload == "tpch" || k.Workload == "ssb" {
		fmt.Fprintf(b, "\nSum %s against %s: **%.2fx**; geometric mean **%.2fx**.\n", short(sum), short(barSum), float64(sum)/float64(barSum), math.Exp(logs/float64(n)))
	}
	for _, f := range failed {
		fmt.Fprintf(b, "\nNot counted: %s\n", f)
	}
	k.memory(b)
	k.figures(b)
}

// memory writes what the tables took, the last time that it was asked.
func (k kept) memory(b *strings.Builder) {
	var moments []string
	last := map[[2]string]int64{}
	for _, m := range k.Memory {
		if !slices.Contains(moments, m.When) {
			moments = append(moments, m.When)
		}
		last[[2]string{m.When, m.Target}] = m.Bytes
	}
	if len(moments) == 0 {
		return
	}
	fmt.Fprintf(b, "\n| memory of the tables, MB | %s |\n|---|%s\n", strings.Join(k.targets(), " | "), strings.Repeat("--:|", len(k.targets())))
	for _, w := range moments {
		fmt.Fprintf(b, "| %s |", w)
		for _, t := range k.targets() {
			if n, ok := last[[2]string{w, t}]; ok {
				fmt.Fprintf(b, " %d |", n>>20)
			} else {
				b.WriteString(" |")
			}
		}
		b.WriteByte('\n')
	}
}

// figures writes what a query cost the simulated cluster, and where its time goes.
func (k kept) figures(b *strings.Builder) {
	head := false
	for _, q := range k.queries() {
		r := k.find(q, k.targets()[0])
		if r == nil || r.Simulated == nil {
			continue
		}
		if !head {
			b.WriteString("\nWhat the simulated cluster did for it, which is the same on every machine, and where our time went:\n\n" +
				"| query | blocks read | skipped | rows scanned | MB moved | skew | most of the time (share of itself) |\n|---|--:|--:|--:|--:|--:|---|\n")
			head = true
		}
		s := r.Simulated
		fmt.Fprintf(b, "| %s | %d | %d | %d | %.1f | %.2f | %s |\n", q, s.BlocksRead, s.BlocksSkipped, s.RowsScanned, float64(s.BytesMoved)/1e6, s.Skew, k.Hot[q])
	}
	if head || len(k.Hot) == 0 {
		return
	}
	b.WriteString("\nWhere our time went (share of a function itself):\n\n")
	for _, q := range k.queries() {
		if k.Hot[q] != "" {
			fmt.Fprintf(b, "- %s: %s\n", q, k.Hot[q])
		}
	}
}

// growth writes how the times of a workload grow with its size, when it was run at several: of the sum, and of the query that grows most from one size to the next.
func growth(b *strings.Builder, ks []kept) {
	if len(ks) < 2 || ks[0].lines() == 0 {
		return
	}
	ks = slices.Clone(ks)
	sort.SliceStable(ks, func(i, j int) bool { return ks[i].lines() < ks[j].lines() })
	b.WriteString("\nHow it grows, sum of the queries and the one that grows most (n log n is of the rows of the largest table):\n\n" +
		"|  | sum | of the one before | n log n would be | the most |\n|--:|--:|--:|--:|---|\n")
	for i, k := range ks {
		what := strings.TrimSuffix(strings.ToLower(strings.TrimSpace(k.size())), ".")
		if i == 0 {
			fmt.Fprintf(b, "| %s | %s | | | |\n", what, short(k.sum()))
			continue
		}
		before := ks[i-1]
		most, name := 0.0, ""
		for _, q := range k.queries() {
			x, y := k.find(q, k.targets()[0]), before.find(q, k.targets()[0])
			if y == nil || y.Median == 0 {
				continue
			}
			if r := float64(x.Median) / float64(y.Median); r > most {
				most, name = r, q
			}
		}
		n, m := k.lines(), before.lines()
		fmt.Fprintf(b, "| %s | %s | %.1fx | %.1fx | %s %.1fx |\n", what, short(k.sum()), float64(k.sum())/float64(before.sum()), n*math.Log(n)/(m*math.Log(m)), name, most)
	}
}

// lines is the number of rows of the largest table of a run; 0 = the workload has one size.
func (k kept) lines() float64 {
	switch k.Workload {
	case "tpch", "ssb", "load":
		return 6e6 * k.Scale
	case "movies", "csv":
		return float64(k.Rows)
	}
	return 0
}

// sum is that of the medians of the first target.
func (k kept) sum() time.Duration {
	sum := time.Duration(0)
	for _, q := range k.queries() {
		sum += k.find(q, k.targets()[0]).Median
	}
	return sum
}

func short(d time.Duration) string {
	switch {
	case d >= 10*time.Second:
		return fmt.Sprintf("%.1f s", d.Seconds())
	case d >= 100*time.Millisecond:
		return fmt.Sprintf("%.0f ms", float64(d)/1e6)
	case d >= time.Millisecond:
		return fmt.Sprintf("%.1f ms", float64(d)/1e6)
	}
	return fmt.Sprintf("%.1f us", float64(d)/1e3)
}
