package bench

import (
	"context"
	"database/sql"
	"fmt"
	"os"
	"runtime"
	"runtime/debug"
	"strings"
	"testing"
)

// TestShortStatements holds what an integration test and single statements of known shapes ask of memory against the figures on file: they jitter by a few
// bytes, so that a tenth more is a loss, not chance. Less is a gain: -update writes the file anew, and then its figures are held.
func TestShortStatements(t *testing.T) {
	if raced {
		t.Skip("the race detector asks for memory of its own")
	}
	ctx := context.Background()
	open := func() (*sql.DB, error) { return sql.Open("redshiftsim", "redshiftsim://") }
	test := ITest{Open: map[string]func() (*sql.DB, error){"redshiftsim": open}}
	target := engine(t.TempDir())
	db, err := target.Open()
	if err != nil {
		t.Fatal(err)
	}
	defer db.Close()
	db.SetMaxOpenConns(1)
	table := OLTP{Rows: 10_000, Ops: 1}
	if err := table.Prepare(ctx, target, db); err != nil {
		t.Fatal(err)
	}
	round := 0
	statement := func(name string, before ...string) func(i int) error {
		queries := map[string]Query{}
		for _, q := range table.Queries(target) {
			queries[q.Name] = q
		}
		return func(int) error {
			round++
			for _, n := range append(before, name) {
				if _, err := queries[n].Measured(ctx, db, round); err != nil {
					return err
				}
			}
			return nil
		}
	}
	var b strings.Builder
	b.WriteString("# what: allocations, bytes; go test ./bench -run TestShortStatements -update\n")
	for _, x := range []struct {
		name string
		do   func(i int) error
	}{
		{"integration test", func(i int) error { return test.one(ctx, Target{Name: "redshiftsim", Flavor: "redshift"}, i) }},
		{"open and first query", func(int) error { return test.open(ctx, Target{Name: "redshiftsim"}) }},
		{"select literal", statement("select literal")},
		{"insert", statement("insert")},
		{"update", statement("update")},
		{"insert and delete", statement("delete", "insert")},
	} {
		allocs, bytes, err := asked(x.do)
		if err != nil {
			t.Fatalf("%s: %v", x.name, err)
		}
		fmt.Fprintf(&b, "%s: %d %d\n", x.name, allocs, bytes)
	}
	const file = "testdata/short.txt"
	if *update {
		if err := os.WriteFile(file, []byte(b.String()), 0o644); err != nil {
			t.Fatal(err)
		}
		return
	}
	want, err := os.ReadFile(file)
	if err != nil {
		t.Fatal(err)
	}
	got, on := strings.Split(b.String(), "\n"), strings.Split(string(want), "\n")
	for i := range on {
		var now, then [2]int64
		name, figures, ok := strings.Cut(on[i], ": ")
		if !ok || strings.HasPrefix(name, "#") {
			continue
		}
		if _, err := fmt.Sscan(figures, &then[0], &then[1]); err != nil || i >= len(got) || !strings.HasPrefix(got[i], name+": ") {
			t.Fatalf("line %d: %q, %q on file, %v", i+1, at(got, i), on[i], err)
		}
		if _, err := fmt.Sscan(strings.TrimPrefix(got[i], name+": "), &now[0], &now[1]); err != nil {
			t.Fatal(err)
		}
		for k, what := range []string{"allocations", "bytes"} {
			if now[k] > then[k]+then[k]/10 {
				t.Errorf("%s: %d %s, %d on file", name, now[k], what, then[k])
			}
		}
	}
}

// asked runs f warm, and gives the allocations and bytes of a run, the least of some portions: what the garbage collector, which rests, and the growth of
// lists that last, add now and then is not the statement's.
func asked(f func(i int) error) (allocs, bytes uint64, err error) {
	defer debug.SetGCPercent(debug.SetGCPercent(-1))
	const warm, portions, runs = 50, 5, 40
	n := 0
	run := func(times int) {
		for ; times > 0 && err == nil; times-- {
			err = f(n)
			n++
		}
	}
	run(warm)
	for range portions {
		var before, after runtime.MemStats
		runtime.ReadMemStats(&before)
		run(runs)
		runtime.ReadMemStats(&after)
		a, by := (after.Mallocs-before.Mallocs)/runs, (after.TotalAlloc-before.TotalAlloc)/runs
		if allocs == 0 || a < allocs {
			allocs = a
		}
		if bytes == 0 || by < bytes {
			bytes = by
		}
	}
	return allocs, bytes, err
}
