package bench

import (
	"context"
	"database/sql"
	"flag"
	"fmt"
	"os"
	"strings"
	"testing"
)

var update = flag.Bool("update", false, "write testdata/counts.txt anew")

// TestCounts holds what the queries of TPC-H and of the star schema benchmark cost the simulated cluster, at a small scale, against the figures on file. They
// are the same on every machine: what changes them is a plan, a zone map or a runtime filter that got better or worse. The file shows which; it is no answer
// that could be wrong, so -update writes it anew when the change was meant.
func TestCounts(t *testing.T) {
	if testing.Short() {
		t.Skip("loads thirteen tables")
	}
	var b strings.Builder
	b.WriteString("# query: blocks read, blocks skipped, zones read, batches, rows scanned, rows moved, bytes moved; go test ./bench -run TestCounts -update\n")
	for _, w := range []func(dir string) Workload{
		func(dir string) Workload { return TPCH{Load: Load{Scale: 0.01, Dir: dir}} },
		func(dir string) Workload { return SSB{Scale: 0.01, Dir: dir} },
	} {
		dir := t.TempDir()
		target := Target{Name: "redshiftsim", Flavor: "redshift", Open: func() (*sql.DB, error) {
			return sql.Open("redshiftsim", "redshiftsim:///dev?enable_result_cache_for_session=off&nodes=2&slices=2&workers=1&block_size=4096&bucket=bench="+dir)
		}}
		rs, err := Run(context.Background(), w(dir), []Target{target}, Options{Rounds: 1, Simulated: true})
		if err != nil {
			t.Fatal(err)
		}
		for _, r := range rs {
			if r.Err != nil {
				t.Fatalf("%s: %v", r.Query, r.Err)
			}
			s := r.Simulated
			fmt.Fprintf(&b, "%s %s: %d %d %d %d %d %d %d\n", r.Workload, r.Query, s.BlocksRead, s.BlocksSkipped, s.ZonesRead, s.Batches, s.RowsScanned, s.RowsMoved, s.BytesMoved)
		}
	}
	const file = "testdata/counts.txt"
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
	for i := range max(len(got), len(on)) {
		if i >= len(got) || i >= len(on) || got[i] != on[i] {
			t.Errorf("line %d is\n%s\non file\n%s", i+1, at(got, i), at(on, i))
		}
	}
}

func at(lines []string, i int) string {
	if i < len(lines) {
		return lines[i]
	}
	return "(none)"
}

// TestHelpers counts the goroutines that queries start: one beside the caller's on two workers, and none for a few rows. When work comes in waves a helper may
// have gone and another comes, which hangs on timing: so the least of some runs counts, and of the joins of TPC-H two more are let pass. One per slice, segment or
// batch would be eight at least.
func TestHelpers(t *testing.T) {
	if testing.Short() {
		t.Skip("loads eight tables")
	}
	ctx, dir := context.Background(), t.TempDir()
	db, err := sql.Open("redshiftsim", "redshiftsim:///dev?enable_result_cache_for_session=off&nodes=2&slices=2&workers=2&bucket=bench="+dir)
	if err != nil {
		t.Fatal(err)
	}
	defer db.Close()
	db.SetMaxOpenConns(1) // pg_last_query_id is of a session
	w := TPCH{Load: Load{Scale: 0.05, Dir: dir}}
	target := engine(dir)
	if err := w.Prepare(ctx, target, db); err != nil {
		t.Fatal(err)
	}
	least := func(text string) int {
		least := 1000
		for range 8 {
			var n int
			if _, err := read(ctx, db, text); err != nil {
				t.Fatalf("%s: %v", text, err)
			}
			if err := db.QueryRow("SELECT helpers FROM redshiftsim_runs WHERE query = pg_last_query_id()").Scan(&n); err != nil {
				t.Fatalf("%s: %v", text, err)
			}
			if least = min(least, n); least == 0 {
				break
			}
		}
		return least
	}
	for _, q := range w.Queries(target) {
		if n := least(q.Text); n > 3 {
			t.Errorf("%s starts %d goroutines on two workers", q.Name, n)
		}
	}
	if n := least("SELECT count(*), sum(l_tax) FROM lineitem WHERE l_comment LIKE '%regular%'"); n != 1 {
		t.Errorf("a scan of 300,000 rows starts %d goroutines", n)
	}
	for _, few := range []string{"SELECT n_name FROM nation WHERE n_nationkey = 3", "SELECT n_name, r_name FROM nation JOIN region ON n_regionkey = r_regionkey", "SELECT c_name FROM customer WHERE c_custkey = 77"} {
		if n := least(few); n != 0 {
			t.Errorf("%s starts %d goroutines", few, n)
		}
	}
}
