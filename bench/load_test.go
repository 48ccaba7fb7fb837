package bench

import (
	"bytes"
	"context"
	"database/sql"
	"os"
	"path/filepath"
	"strings"
	"testing"

	_ "github.com/redshiftsim/redshiftsim"
)

// TestTPCHFiles: the tables have the rows of the specification, every line the fields of its table, and the same bytes each time.
func TestTPCHFiles(t *testing.T) {
	dirs := [2]string{t.TempDir(), t.TempDir()}
	for _, d := range dirs {
		if _, err := TPCHFiles(d, 0.001, 2); err != nil {
			t.Fatal(err)
		}
	}
	rows := map[string]int{}
	for _, x := range TPCHTables {
		files, err := filepath.Glob(filepath.Join(dirs[0], x.Name+".tbl.*"))
		if err != nil || len(files) == 0 {
			t.Fatal(x.Name, err)
		}
		for _, f := range files {
			a, err := os.ReadFile(f)
			if err != nil {
				t.Fatal(err)
			}
			b, err := os.ReadFile(filepath.Join(dirs[1], filepath.Base(f)))
			if err != nil || !bytes.Equal(a, b) {
				t.Errorf("%s differs from run to run (%v)", filepath.Base(f), err)
			}
			for _, l := range strings.Split(strings.TrimSuffix(string(a), "\n"), "\n") {
				rows[x.Name]++
				if got, want := strings.Count(l, "|")+1, strings.Count(x.Columns, "_"); got != want {
					t.Fatalf("%s: %d fields, want %d: %s", x.Name, got, want, l)
				}
			}
		}
	}
	for table, want := range map[string]int{"region": 5, "nation": 25, "supplier": 10, "part": 200, "partsupp": 800, "customer": 150, "orders": 1500} {
		if rows[table] != want {
			t.Errorf("%s: %d rows, want %d", table, rows[table], want)
		}
	}
	if n := rows["lineitem"]; n < 4*1500-300 || n > 4*1500+300 {
		t.Errorf("lineitem: %d rows, want about 4 an order", n)
	}
}

// TestLoad loads the tables; keys point at what they name, and the memory of the tables is told.
func TestLoad(t *testing.T) {
	dir := t.TempDir()
	told := int64(0)
	w := Load{Scale: 0.002, Dir: dir, Memory: func(_, _ string, n int64) { told = n }}
	target := Target{Name: "redshiftsim", Flavor: "redshift"}
	db, err := sql.Open("redshiftsim", "redshiftsim:///dev?enable_result_cache_for_session=off&bucket=bench="+dir)
	if err != nil {
		t.Fatal(err)
	}
	defer db.Close()
	if err := w.Prepare(context.Background(), target, db); err != nil {
		t.Fatal(err)
	}
	for _, q := range w.Queries(target) {
		if err := q.Do(context.Background(), db, 0); err != nil {
			t.Fatal(q.Name, err)
		}
	}
	if told <= 0 {
		t.Error("nothing is told of the memory")
	}
	for text, want := range map[string]int64{
		"SELECT count(*) FROM lineitem WHERE l_orderkey NOT IN (SELECT o_orderkey FROM orders)":                                                                0,
		"SELECT count(*) FROM orders WHERE o_custkey NOT IN (SELECT c_custkey FROM customer)":                                                                  0,
		"SELECT count(*) FROM lineitem l LEFT JOIN partsupp ON l_partkey = ps_partkey AND l_suppkey = ps_suppkey WHERE ps_partkey IS NULL":                     0,
		"SELECT count(*) - count(DISTINCT o_orderkey) FROM orders":                                                                                             0,
		"SELECT count(*) FROM lineitem WHERE l_receiptdate <= l_shipdate OR l_shipdate <= '1992-01-01' OR l_returnflag = 'R' AND l_receiptdate > '1995-06-17'": 0,
		"SELECT count(*) FROM nation WHERE n_regionkey NOT IN (SELECT r_regionkey FROM region)":                                                                0,
	} {
		var n int64
		if err := db.QueryRow(text).Scan(&n); err != nil || n != want {
			t.Errorf("%s: %d, want %d (%v)", text, n, want, err)
		}
	}
}

// TestCSV reads and loads the file of the workload.
func TestCSV(t *testing.T) {
	dir := t.TempDir()
	db, err := sql.Open("redshiftsim", "redshiftsim://?bucket=bench="+dir)
	if err != nil {
		t.Fatal(err)
	}
	defer db.Close()
	ctx := context.Background()
	w := CSV{Rows: 1000, Dir: dir}
	target := Target{Name: "redshiftsim", Flavor: "redshift"}
	if err := w.Prepare(ctx, target, db); err != nil {
		t.Fatal(err)
	}
	for _, q := range w.Queries(target) {
		if err := q.Do(ctx, db, 0); err != nil {
			t.Fatal(err)
		}
	}
	var n, sum, quoted int64
	if err := db.QueryRowContext(ctx, "SELECT count(*), sum(id), sum(CASE WHEN note LIKE 'gift, %' THEN 1 ELSE 0 END) FROM orders").Scan(&n, &sum, &quoted); err != nil || n != 1000 || sum != 999*500 || quoted != 334 {
		t.Errorf("%d rows, sum %d, %d in quotes: %v", n, sum, quoted, err)
	}
}

// TestFormats loads the table from each format that UNLOAD writes of it; the workload itself compares what came with what was there. Damage to a file is told.
func TestFormats(t *testing.T) {
	dir := t.TempDir()
	w := Formats{Scale: 0.001, Dir: dir}
	rs, err := Run(context.Background(), w, []Target{engine(dir)}, Options{Rounds: 1})
	if err != nil {
		t.Fatal(err)
	}
	if len(rs) != len(formats) {
		t.Errorf("%d results", len(rs))
	}
	for _, r := range rs {
		if r.Err != nil || len(r.Times) != 1 {
			t.Errorf("%s: %d times, %v", r.Query, len(r.Times), r.Err)
		}
	}
	files, err := filepath.Glob(filepath.Join(dir, "orders-csv", "*"))
	if err != nil || len(files) != 4 {
		t.Fatalf("%d files of CSV, %v", len(files), err)
	}
	if err := os.Remove(files[1]); err != nil {
		t.Fatal(err)
	}
	rs, err = Run(context.Background(), w, []Target{engine(dir)}, Options{Rounds: 1})
	if err != nil {
		t.Fatal(err)
	}
	if r := find(t, rs, "csv", "redshiftsim"); r.Err == nil || !strings.Contains(r.Err.Error(), "rows are missing") {
		t.Errorf("a file is gone, and nothing is said: %v", r.Err)
	}
}

// TestGivenFiles runs on the files of TPC-H's own program: one a table, with a bar at the end of each line.
func TestGivenFiles(t *testing.T) {
	made, dir := t.TempDir(), t.TempDir()
	if _, err := TPCHFiles(made, 0.001, 2); err != nil {
		t.Fatal(err)
	}
	for _, x := range TPCHTables {
		var all []byte
		for _, f := range tableFiles(made, x.Name) {
			b, err := os.ReadFile(f)
			if err != nil {
				t.Fatal(err)
			}
			all = append(all, bytes.ReplaceAll(b, []byte("\n"), []byte("|\n"))...)
		}
		if err := os.WriteFile(filepath.Join(dir, x.Name+".tbl"), all, 0o644); err != nil {
			t.Fatal(err)
		}
	}
	var answers [2][]*Result
	for i, d := range []string{made, dir} {
		var err error
		// A scale that does not matter: files are there.
		if answers[i], err = Run(context.Background(), TPCH{Load: Load{Scale: 1000, Dir: d}, Only: "q01,q06"}, []Target{engine(d)}, Options{Rounds: 1}); err != nil {
			t.Fatal(err)
		}
	}
	for i, r := range answers[0] {
		if g := answers[1][i]; r.Err != nil || g.Err != nil || len(r.Answer) == 0 || !sameAnswer(r.Answer, g.Answer) {
			t.Errorf("%s: %v (%v) and %v (%v)", r.Query, r.Answer, r.Err, g.Answer, g.Err)
		}
	}
}
