package main

import (
	"bufio"
	"database/sql"
	"encoding/json"
	"fmt"
	"os"
	"path/filepath"
	"runtime"
	"runtime/debug"
	"sort"
	"strings"
	"time"

	"github.com/google/pprof/profile"

	"github.com/redshiftsim/redshiftsim/bench"
)

// kept is a run, as a page is made of it.
type kept struct {
	Workload string            `json:"workload"`
	Scale    float64           `json:"scale"`
	Rows     int64             `json:"rows"`
	Day      string            `json:"day"`
	Machine  []string          `json:"machine"`
	Memory   []memoryLine      `json:"memory,omitempty"`
	Hot      map[string]string `json:"hot,omitempty"` // by query: where the first target's time goes
	Results  []keptResult      `json:"results"`
}

type memoryLine struct {
	Target, When string
	Bytes        int64
}

// keptResult is a bench.Result without its single times.
type keptResult struct {
	Query     string           `json:"query"`
	Target    string           `json:"target"`
	Median    time.Duration    `json:"median_ns"`
	P99       time.Duration    `json:"p99_ns,omitempty"`
	Runs      int              `json:"runs"`
	Simulated *bench.Simulated `json:"simulated,omitempty"`
	Error     string           `json:"error,omitempty"`
}

func (k kept) save(file string, results []*bench.Result) error {
	for _, r := range results {
		x := keptResult{Query: r.Query, Target: r.Target, Median: r.Median(), Runs: len(r.Times), Simulated: r.Simulated}
		if r.Tail {
			x.P99 = r.Quantile(0.99)
		}
		if r.Err != nil {
			x.Error = r.Err.Error()
		}
		k.Results = append(k.Results, x)
	}
	b, err := json.MarshalIndent(k, "", " ")
	if err != nil {
		return err
	}
	return os.WriteFile(file, append(b, '\n'), 0o644)
}

// machine says where and with what a run was: processor, cores, Go, versions of the engines.
func machine() []string {
	cpu := runtime.GOARCH
	if f, err := os.Open("/proc/cpuinfo"); err == nil {
		defer f.Close()
		for in := bufio.NewScanner(f); in.Scan(); {
			if k, v, ok := strings.Cut(in.Text(), ":"); ok && strings.TrimSpace(k) == "model name" {
				cpu = strings.TrimSpace(v)
				break
			}
		}
	}
	out := []string{fmt.Sprintf("%s, %d cores, %s/%s", cpu, runtime.NumCPU(), runtime.GOOS, runtime.GOARCH), runtime.Version()}
	if b, ok := debug.ReadBuildInfo(); ok {
		for _, d := range b.Deps {
			switch d.Path {
			case "github.com/duckdb/duckdb-go/v2", "github.com/mattn/go-sqlite3", "modernc.org/sqlite", "github.com/dolthub/go-mysql-server", "github.com/jackc/pgx/v5":
				out = append(out, d.Path+" "+d.Version)
			}
		}
	}
	if db, err := single("duckdb", ""); err == nil {
		out = append(out, version(db, "DuckDB ", "SELECT version()")...)
	}
	return out
}

func version(db *sql.DB, name, query string) []string {
	defer db.Close()
	var v string
	if db.QueryRow(query).Scan(&v) != nil {
		return nil
	}
	return []string{name + v}
}

// openers are the functions that make a fresh database of each target.
func openers(all map[string]bench.Target) map[string]func() (*sql.DB, error) {
	out := map[string]func() (*sql.DB, error){}
	for n, t := range all {
		out[n] = t.Open
	}
	return out
}

// hottest reads the profiles of a run: for each query the four functions that took most of the time themselves, with their share.
func hottest(dir string, results []*bench.Result) (map[string]string, error) {
	out := map[string]string{}
	for _, r := range results {
		name := strings.NewReplacer(" ", "-", ",", "", "/", "-").Replace(r.Workload+"-"+r.Query) + ".pprof"
		f, err := os.Open(filepath.Join(dir, name))
		if os.IsNotExist(err) {
			continue
		} else if err != nil {
			return nil, err
		}
		p, err := profile.Parse(f)
		_ = f.Close()
		if err != nil {
			return nil, fmt.Errorf("%s: %w", name, err)
		}
		self, total := map[string]int64{}, int64(0)
		for _, s := range p.Sample {
			fn := leaf(s)
			if fn == "" {
				continue
			}
			v := s.Value[len(s.Value)-1]
			total += v
			fn = strings.TrimPrefix(fn, "github.com/redshiftsim/redshiftsim/")
			if i := strings.Index(fn, "[go.shape"); i >= 0 {
				fn = fn[:i]
			}
			self[fn] += v
		}
		var names []string
		for n := range self {
			names = append(names, n)
		}
		sort.Slice(names, func(i, j int) bool {
			return self[names[i]] > self[names[j]] || self[names[i]] == self[names[j]] && names[i] < names[j]
		})
		var parts []string
		for _, n := range names[:min(4, len(names))] {
			parts = append(parts, fmt.Sprintf("%s %d %%", n, 100*self[n]/max(total, 1)))
		}
		out[r.Query] = strings.Join(parts, ", ")
	}
	return out, nil
}

// leaf is the function that a sample is of; "" for what is not Go, as threads of a peer that finish. A preempted function is itself.
func leaf(s *profile.Sample) string {
	for _, l := range s.Location {
		if len(l.Line) == 0 {
			return ""
		}
		if fn := l.Line[0].Function.Name; fn != "runtime.asyncPreempt" {
			return fn
		}
	}
	return ""
}
