// Package bench times workloads over database/sql: this engine alone (redshiftsim bench), or beside its peers (bench/peers), in one run.
//
//	Target "redshiftsim" --+                       round 1   round 2  ...
//	Target "duckdb"     ---+-- Workload.Prepare    q1: A B   q1: A B        one after the other, so that a slow moment of
//	                       |                       q2: A B   q2: A B        the machine hits all alike
//	                       +-- answers compared before a time counts
//	                                 |
//	                       Report: medians, ratios, benchstat lines
//
// A harness must behave when databases do not: an error ends that query on that target only, rows are read to their end, and a context ends the run.
package bench

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"math"
	"os"
	"path/filepath"
	"runtime"
	"runtime/pprof"
	"slices"
	"strconv"
	"strings"
	"time"
)

// Target is a database to time.
type Target struct {
	Name string
	// Open makes a fresh, empty database. Its handle is closed after the workload.
	Open func() (*sql.DB, error)
	// Flavor names the SQL that differs between engines: "redshift", "duckdb", "sqlite", "postgres", "mysql".
	Flavor string
	// Remote says that the database cannot read files of this machine: data is inserted.
	Remote bool
}

// Query is one timed piece of a workload.
type Query struct {
	Name string
	// Text is run and read to its end; or Do is called, for what is more than one query.
	Text string
	Do   func(ctx context.Context, db *sql.DB, round int) error
	// Check is a query whose answer, after the last run of Do, is compared between the targets; it is not timed.
	Check string
	// Measured gives times that it took itself, of which the slow ones matter: the report shows their tail.
	Measured func(ctx context.Context, db *sql.DB, round int) ([]time.Duration, error)
	// Ops is the number of operations that one run stands for; times are divided by it. 0 = 1.
	Ops int
	// Once is for what changes the data for the queries behind it: one timed run, and no other.
	Once bool
}

// Workload is a set of queries over data that Prepare makes.
type Workload interface {
	Name() string
	// Prepare loads the data into a fresh database.
	Prepare(ctx context.Context, t Target, db *sql.DB) error
	// Queries are those to time on the target, the same names and order on all.
	Queries(t Target) []Query
}

// Finisher is a workload with something to do or to measure when all its queries have run on a target.
type Finisher interface {
	Finish(ctx context.Context, t Target, db *sql.DB) error
}

// Options bound a run.
type Options struct {
	Rounds int // timed runs of each query on each target; default 5
	Warmup int // untimed runs before; default 1
	// Simulated runs each Text query of a Redshift once more, untimed, for Result.Simulated.
	Simulated bool
	// Budget ends the rounds of a query on a target that has taken so long, after one timed run; 0 = no bound.
	Budget time.Duration
	// Profile is a folder for CPU profiles of the first target: each query is run for half a second more when all are timed, as WORKLOAD-QUERY.pprof. Empty = none.
	Profile string
	// Reach is how long a target may take to answer at all; 0 = 30 s.
	Reach time.Duration
	// Log gets a line per step, when set.
	Log func(format string, args ...any)
}

// Result is what one query took on one target.
type Result struct {
	Workload, Query, Target string
	Times                   []time.Duration // per operation, in the order of rounds
	Bytes, Allocs           uint64          // of this process per operation; only meaningful when one target runs in it
	Err                     error
	Tail                    bool       // the slow ones of Times matter
	Answer                  [][]string // of the last run, for Text queries; of Check, for others that have one
	Simulated               *Simulated // what a Text query cost the simulated cluster, of one more run; nil on other engines
}

// Median is the middle time; 0 when there is none.
func (r *Result) Median() time.Duration {
	if len(r.Times) == 0 {
		return 0
	}
	t := slices.Clone(r.Times)
	slices.Sort(t)
	return t[len(t)/2]
}

// Quantile is the time that a share q of the times does not exceed; 0 when there is none.
func (r *Result) Quantile(q float64) time.Duration {
	if len(r.Times) == 0 {
		return 0
	}
	t := slices.Clone(r.Times)
	slices.Sort(t)
	return t[min(len(t)-1, int(q*float64(len(t))))]
}

// Run times the workload on the targets, interleaved, each with the garbage of the others collected. An error of one target is kept in its results and does not stop the others; the error returned
// is ctx's, or that no target could be prepared.
func Run(ctx context.Context, w Workload, targets []Target, o Options) ([]*Result, error) {
	if o.Rounds <= 0 {
		o.Rounds = 5
	}
	log := o.Log
	if log == nil {
		log = func(string, ...any) {}
	}
	type ready struct {
		t  Target
		db *sql.DB
		qs []Query
	}
	var up []ready
	var results []*Result
	var first error
	for _, t := range targets {
		start := time.Now()
		db, err := t.Open()
		if err == nil {
			err = reach(ctx, db, o.Reach)
		}
		if err == nil {
			err = w.Prepare(ctx, t, db)
		}
		if err != nil {
			if db != nil {
				db.Close()
			}
			first = errors.Join(first, fmt.Errorf("%s: %w", t.Name, err))
			results = append(results, &Result{Workload: w.Name(), Query: "prepare", Target: t.Name, Err: err})
			continue
		}
		defer db.Close()
		log("%s: prepared on %s in %s", w.Name(), t.Name, time.Since(start).Round(time.Millisecond))
		up = append(up, ready{t, db, w.Queries(t)})
	}
	if len(up) == 0 {
		return results, first
	}
	var others sweeper
	from := len(results) // those before are of targets that are left out
	for qi := range up[0].qs {
		batch, spent := make([]*Result, len(up)), make([]time.Duration, len(up))
		for i, u := range up {
			batch[i] = &Result{Workload: w.Name(), Query: u.qs[qi].Name, Target: u.t.Name}
		}
		for round := -max(o.Warmup, 1); round < o.Rounds; round++ {
			for i, u := range up {
				if err := ctx.Err(); err != nil {
					return results, err
				}
				if batch[i].Err != nil || u.qs[qi].Once && round != 0 || o.Budget > 0 && spent[i] > o.Budget && round > 0 {
					continue
				}
				if len(up) > 1 {
					others.sweep()
				}
				start := time.Now()
				once(ctx, u.db, u.qs[qi], round, batch[i])
				spent[i] += time.Since(start)
			}
		}
		for i, u := range up {
			if q := u.qs[qi]; q.Check != "" && batch[i].Err == nil {
				batch[i].Answer, batch[i].Err = read(ctx, u.db, q.Check)
			}
		}
		compare(batch)
		for i, u := range up {
			if q := u.qs[qi]; batch[i].Err == nil && o.Simulated && q.Text != "" && u.t.Flavor == "redshift" {
				batch[i].Simulated, batch[i].Err = cost(ctx, u.db, q.Text)
			}
		}
		results = append(results, batch...)
	}
	if o.Profile != "" { // when all is timed, for some queries change the data
		for qi, q := range up[0].qs {
			if q.Once || results[from+qi*len(up)].Err != nil {
				continue
			}
			file := filepath.Join(o.Profile, strings.NewReplacer(" ", "-", ",", "", "/", "-").Replace(w.Name()+"-"+q.Name)+".pprof")
			if err := profile(ctx, up[0].db, q, o.Rounds, file); err != nil {
				return results, fmt.Errorf("profile of %s: %w", q.Name, err)
			}
		}
	}
	if f, ok := w.(Finisher); ok {
		for _, u := range up {
			if err := f.Finish(ctx, u.t, u.db); err != nil {
				return results, fmt.Errorf("%s: %w", u.t.Name, err)
			}
		}
	}
	return results, nil
}

// reach asks a database for a sign of life: one that does not answer is left out, and does not hold up the others.
func reach(ctx context.Context, db *sql.DB, within time.Duration) error {
	if within <= 0 {
		within = 30 * time.Second
	}
	ctx, cancel := context.WithTimeout(ctx, within)
	defer cancel()
	if err := db.PingContext(ctx); err != nil {
		return fmt.Errorf("no answer within %s: %w", within, err)
	}
	return nil
}

// profile runs a query again and again for half a second, as rounds that go on behind those that were timed.
func profile(ctx context.Context, db *sql.DB, q Query, round int, file string) error {
	f, err := os.Create(file)
	if err != nil {
		return err
	}
	if err := pprof.StartCPUProfile(f); err != nil {
		return errors.Join(err, f.Close())
	}
	var r Result
	for start := time.Now(); time.Since(start) < time.Second/2 && r.Err == nil && ctx.Err() == nil; round++ {
		once(ctx, db, q, round, &r)
	}
	pprof.StopCPUProfile()
	return errors.Join(r.Err, f.Close())
}

// once runs a query and records it when round is not a warm-up.
func once(ctx context.Context, db *sql.DB, q Query, round int, r *Result) {
	var before, after runtime.MemStats
	if round == 0 {
		runtime.ReadMemStats(&before)
	}
	if q.Measured != nil {
		times, err := q.Measured(ctx, db, round)
		r.Err, r.Tail = err, true
		if err == nil && round >= 0 {
			r.Times = append(r.Times, times...)
		}
		return
	}
	start := time.Now()
	if q.Do != nil {
		r.Err = q.Do(ctx, db, round)
	} else {
		r.Answer, r.Err = read(ctx, db, q.Text)
	}
	took := time.Since(start)
	ops := max(q.Ops, 1)
	if round == 0 {
		runtime.ReadMemStats(&after)
		r.Bytes = (after.TotalAlloc - before.TotalAlloc) / uint64(ops)
		r.Allocs = (after.Mallocs - before.Mallocs) / uint64(ops)
	}
	if r.Err == nil && round >= 0 {
		r.Times = append(r.Times, took/time.Duration(ops))
	}
}

// read runs text and reads all rows as text.
func read(ctx context.Context, db *sql.DB, text string) ([][]string, error) {
	rows, err := db.QueryContext(ctx, text)
	if err != nil {
		return nil, err
	}
	defer rows.Close()
	cols, err := rows.Columns()
	if err != nil {
		return nil, err
	}
	vals, ptrs := make([]any, len(cols)), make([]any, len(cols))
	for i := range vals {
		ptrs[i] = &vals[i]
	}
	var out [][]string
	for rows.Next() {
		if err := rows.Scan(ptrs...); err != nil {
			return nil, err
		}
		row := make([]string, len(vals))
		for i, v := range vals {
			if b, ok := v.([]byte); ok {
				v = string(b)
			}
			row[i] = fmt.Sprint(v)
		}
		out = append(out, row)
	}
	return out, rows.Err()
}

// compare marks the results whose answers are not those of the first good one. Numbers are compared as numbers, to 9 digits or to
// one in the last digit of the shorter, since Redshift's averages and quotients have fewer digits than its peers', or by their whole part when one side has no
// fraction. Blanks at the end of a text do not count: CHAR has them on some engines.
func compare(batch []*Result) {
	var want *Result
	for _, r := range batch {
		switch {
		case r.Err != nil || r.Answer == nil:
		case want == nil:
			want = r
		case !sameAnswer(want.Answer, r.Answer):
			r.Err = fmt.Errorf("answer differs from that of %s: %.200v, not %.200v", want.Target, fmt.Sprint(r.Answer), fmt.Sprint(want.Answer))
			r.Times = nil
		}
	}
}

func sameAnswer(a, b [][]string) bool {
	if len(a) != len(b) {
		return false
	}
	for i := range a {
		if len(a[i]) != len(b[i]) {
			return false
		}
		for j := range a[i] {
			if strings.TrimRight(a[i][j], " ") != strings.TrimRight(b[i][j], " ") && !sameNumber(a[i][j], b[i][j]) {
				return false
			}
		}
	}
	return true
}

// digits is the number of digits after the point.
func digits(s string) int {
	_, after, _ := strings.Cut(s, ".")
	return len(after)
}

func sameNumber(a, b string) bool {
	x, err1 := strconv.ParseFloat(a, 64)
	y, err2 := strconv.ParseFloat(b, 64)
	if err1 != nil || err2 != nil {
		return false
	}
	if x == math.Trunc(x) || y == math.Trunc(y) {
		return math.Trunc(x) == math.Trunc(y)
	}
	return math.Abs(x-y) <= max(math.Pow10(-min(digits(a), digits(b))), 1e-9*math.Max(math.Abs(x), math.Abs(y)))
}
