package bench

import (
	"context"
	"database/sql"
	"flag"
	"fmt"
	"os"
	"slices"
	"strings"
	"testing"
	"time"
)

var baseline = flag.Bool("baseline", false, "time workloads against a loop of plain Go, and hold the ratios against testdata/baseline.txt")

// TestBaseline times workloads beside a loop of plain Go in the same process, five rounds in turn with it, and holds the median of the ratios against the one on file:
// twice as much fails, a quarter more is a warning. An absolute time is never asserted, and one worker keeps the number of cores out of it; a machine whose
// memory is slow against its cores moves all ratios alike. Run by CI alone, with nothing beside it:
//
//	loop 80 ms   tpch 60 ms   loop 84 ms   tpch 64 ms   loop 82 ms  ...
//	             60 / 82                   64 / 83                   -> the median of five, against the file
func TestBaseline(t *testing.T) {
	if !*baseline {
		t.Skip("-baseline is not given: timings need a machine that does nothing else")
	}
	ctx, dir := context.Background(), t.TempDir()
	target := Target{Name: "redshiftsim", Flavor: "redshift", Open: func() (*sql.DB, error) {
		return sql.Open("redshiftsim", "redshiftsim:///dev?enable_result_cache_for_session=off&nodes=2&slices=2&workers=1&bucket=bench="+dir)
	}}
	db, err := target.Open()
	if err != nil {
		t.Fatal(err)
	}
	defer db.Close()
	db.SetMaxOpenConns(1)
	tpch, movies, ssb := TPCH{Load: Load{Scale: 0.05, Dir: dir}}, Movies{Rows: 4_000_000, Dir: dir}, SSB{Scale: 0.05, Dir: t.TempDir()}
	points := OLTP{Rows: 10_000, Ops: 500}
	for _, w := range []Workload{tpch, movies, points} {
		if err := w.Prepare(ctx, target, db); err != nil {
			t.Fatal(err)
		}
	}
	// The benchmarks have tables of the same names.
	stars, err := sql.Open("redshiftsim", "redshiftsim:///dev?enable_result_cache_for_session=off&nodes=2&slices=2&workers=1&bucket=bench="+ssb.Dir)
	if err != nil {
		t.Fatal(err)
	}
	defer stars.Close()
	if err := ssb.Prepare(ctx, target, stars); err != nil {
		t.Fatal(err)
	}
	test := ITest{Open: map[string]func() (*sql.DB, error){"redshiftsim": func() (*sql.DB, error) { return sql.Open("redshiftsim", "redshiftsim://") }}}
	round := 0
	all := func(db *sql.DB, qs []Query, times int) func() error {
		return func() error {
			for range times {
				for _, q := range qs {
					if _, err := read(ctx, db, q.Text); err != nil {
						return fmt.Errorf("%s: %w", q.Name, err)
					}
				}
			}
			return nil
		}
	}
	measured := map[string]Query{}
	for _, q := range points.Queries(target) {
		measured[q.Name] = q
	}
	point := func(names ...string) func() error {
		return func() error {
			round++
			for _, n := range names {
				if _, err := measured[n].Measured(ctx, db, round); err != nil {
					return err
				}
			}
			return nil
		}
	}
	films := movies.Queries(target)
	items := []struct {
		name string
		do   func() error
	}{
		{"movies avg, 16 times", all(db, films[:1], 16)},
		{"movies between, 8 times", all(db, films[1:2], 8)},
		{"movies groupby, 8 times", all(db, films[2:], 8)},
		{"tpch, 22 queries", all(db, tpch.Queries(target), 1)},
		{"ssb, 13 queries", all(stars, ssb.Queries(target), 1)},
		{"load lineitem", func() error { return tpch.load(ctx, target, db, "lineitem") }},
		{"500 selects", point("select literal")},
		{"500 inserts", point("insert")},
		{"500 updates", point("update")},
		{"100 integration tests", func() error {
			for range 100 {
				round++
				if err := test.one(ctx, Target{Name: "redshiftsim", Flavor: "redshift"}, round); err != nil {
					return err
				}
			}
			return nil
		}},
	}
	// ratio is the median of five rounds of the work between two loops.
	ratio := func(do func() error) (float64, error) {
		var rs []float64
		before := looped()
		for range 5 {
			start := time.Now()
			if err := do(); err != nil {
				return 0, err
			}
			took, after := time.Since(start), looped()
			rs = append(rs, 2*took.Seconds()/(before+after).Seconds())
			before = after
		}
		slices.Sort(rs)
		return rs[2], nil
	}
	const file = "testdata/baseline.txt"
	var b strings.Builder
	b.WriteString("# what: its time by that of a loop of plain Go, on one worker; go test ./bench -run TestBaseline -baseline -update\n")
	on := map[string]float64{}
	if kept, err := os.ReadFile(file); err == nil {
		for l := range strings.Lines(string(kept)) {
			if name, f, ok := strings.Cut(l, ": "); ok && l[0] != '#' {
				var x float64
				if _, err := fmt.Sscan(f, &x); err != nil {
					t.Fatalf("%s: %q", file, l)
				}
				on[name] = x
			}
		}
	} else if !*update {
		t.Fatal(err)
	}
	for _, x := range items {
		then := on[x.name]
		if then == 0 && !*update {
			t.Errorf("%s is not on file", x.name)
			continue
		}
		now := 0.0
		// What another program on the machine does now is not ours: a ratio that is too high must be so three times.
		for try := 0; try < 3 && (try == 0 || now > 1.25*then && !*update); try++ {
			again, err := ratio(x.do)
			if err != nil {
				t.Fatalf("%s: %v", x.name, err)
			}
			if try == 0 || again < now {
				now = again
			}
		}
		fmt.Fprintf(&b, "%s: %.3f\n", x.name, now)
		switch {
		case *update:
		case now > 2*then:
			t.Errorf("%s: %.3f times the loop's time, %.3f on file: %.2fx", x.name, now, then, now/then)
		case now > 1.25*then:
			t.Logf("WARNING: %s: %.3f times the loop's time, %.3f on file: %.2fx", x.name, now, then, now/then)
		default:
			t.Logf("%s: %.3f times the loop's time, %.3f on file", x.name, now, then)
		}
	}
	if *update {
		if err := os.WriteFile(file, []byte(b.String()), 0o644); err != nil {
			t.Fatal(err)
		}
	}
}

var (
	loopLane  = make([]int32, 1<<22)
	loopTable = make([]uint64, 1<<20)
	loopSum   uint64 // what the loop finds, so that it is not optimised away
)

// looped is the time of one loop.
func looped() time.Duration {
	start := time.Now()
	loop()
	return time.Since(start)
}

// loop is the fixed work that others are measured by: a lane summed up under a condition, keys put into a table that is larger than a cache, words cut, looked
// up and kept, so that it asks of cores, caches, memory and the allocator what queries and statements ask.
func loop() {
	for i := range loopLane {
		loopLane[i] = int32(uint32(i) * 2654435761 >> 20)
	}
	for range 4 {
		for _, v := range loopLane {
			if v >= 100 && v < 2000 {
				loopSum += uint64(v)
			}
		}
	}
	clear(loopTable)
	for i := range uint64(1 << 19) {
		k := (i + 1) * 0x9E3779B97F4A7C15
		at := k >> 44
		for loopTable[at] != 0 && loopTable[at] != k {
			at = (at + 1) & (1<<20 - 1)
		}
		loopTable[at] = k
	}
	seen := map[string][]string{}
	for i := range 20_000 {
		words := strings.Fields(fmt.Sprintf("select %d from table_%d where id = %d", i, i%97, i*7))
		seen[words[3]] = words
	}
	loopSum += uint64(len(seen))
}
