package bench

import (
	"bytes"
	"context"
	"database/sql"
	"encoding/json"
	"errors"
	"math"
	"regexp"
	"strconv"
	"strings"
	"testing"
	"time"

	_ "github.com/redshiftsim/redshiftsim"
)

func engine(dir string) Target {
	return Target{Name: "redshiftsim", Flavor: "redshift", Open: func() (*sql.DB, error) {
		return sql.Open("redshiftsim", "redshiftsim:///dev?enable_result_cache_for_session=off&nodes=2&slices=2&bucket=bench="+dir+",rw")
	}}
}

// TestTPCHQueries loads a small scale and runs the 22 queries; those that count rows of the tables give what the generator's constants say.
func TestTPCHQueries(t *testing.T) {
	if testing.Short() {
		t.Skip("loads eight tables")
	}
	dir := t.TempDir()
	w := TPCH{Load: Load{Scale: 0.01, Dir: dir}}
	rs, err := Run(context.Background(), w, []Target{engine(dir)}, Options{Rounds: 1})
	if err != nil {
		t.Fatal(err)
	}
	if len(rs) != 22 {
		t.Fatalf("%d queries", len(rs))
	}
	for i, r := range rs {
		if r.Err != nil || r.Query != []string{"q0", "q"}[min(1, (i+1)/10)]+strconv.Itoa(i+1) {
			t.Errorf("%s: %v", r.Query, r.Err)
		}
	}
	groups := 0 // q13 counts each customer once
	for _, row := range find(t, rs, "q13", "redshiftsim").Answer {
		n, err := strconv.Atoi(row[1])
		if err != nil {
			t.Fatal(err)
		}
		groups += n
	}
	if groups != 1500 {
		t.Errorf("q13 counts %d customers of 1500", groups)
	}
	if q1 := find(t, rs, "q01", "redshiftsim").Answer; len(q1) != 4 || q1[0][0] != "A" || q1[1][0] != "N" || q1[3][0] != "R" {
		t.Errorf("q01 has groups %v", q1)
	}
}

// TestTPCHFlavors: what only Redshift says is written as others do, and nothing else is left of it.
func TestTPCHFlavors(t *testing.T) {
	ours, theirs := TPCH{}.Queries(Target{Flavor: "redshift"}), TPCH{Only: "q04,q01"}.Queries(Target{Flavor: "duckdb"})
	if len(ours) != 22 || len(theirs) != 2 || theirs[0].Name != "q01" || theirs[1].Name != "q04" {
		t.Fatalf("%d and %d queries", len(ours), len(theirs))
	}
	if want := "CAST(date '1998-12-01' + INTERVAL '-90 day' AS date)"; !strings.Contains(theirs[0].Text, want) {
		t.Errorf("%s has no %s", theirs[0].Text, want)
	}
	for _, q := range (TPCH{}).Queries(Target{Flavor: "duckdb"}) {
		if regexp.MustCompile(`(?i)dateadd|;`).MatchString(q.Text) {
			t.Errorf("%s: %s", q.Name, q.Text)
		}
	}
}

// TestOLTP runs every statement on a small table and leaves it as the statements say: what was inserted is deleted again.
func TestOLTP(t *testing.T) {
	w := OLTP{Rows: 3000, Updates: 50, Ops: 20}
	target := engine(t.TempDir())
	var kept *sql.DB
	open := target.Open
	target.Open = func() (*sql.DB, error) {
		db, err := open()
		kept = db
		return db, err
	}
	checked := 0
	rs, err := Run(context.Background(), checking{w, func() {
		var n, sum int
		if err := kept.QueryRow("SELECT count(*), sum(n) FROM kv").Scan(&n, &sum); err != nil {
			t.Fatal(err)
		}
		want := 50 // updates, once
		want += 3 * 20
		for i := range 3000 {
			want += i % 97
		}
		if n != 3000 || sum != want {
			t.Errorf("%d rows of sum %d, want 3000 of %d", n, sum, want)
		}
		checked++
	}}, []Target{target}, Options{Rounds: 2})
	if err != nil {
		t.Fatal(err)
	}
	for _, r := range rs {
		if r.Err != nil || r.Query != "10,000 updates" && r.Query != "check" && len(r.Times) != 40 {
			t.Errorf("%s: %d times, %v", r.Query, len(r.Times), r.Err)
		}
	}
	if checked == 0 {
		t.Error("nothing was checked")
	}
}

// checking is a workload with a look at the tables behind it.
type checking struct {
	Workload
	check func()
}

func (c checking) Queries(t Target) []Query {
	return append(c.Workload.Queries(t), Query{Name: "check", Do: func(context.Context, *sql.DB, int) error { c.check(); return nil }})
}

// TestSummary: the sum and the mean are of the queries that all have run.
func TestSummary(t *testing.T) {
	var rs []*Result
	for i, d := range []time.Duration{10, 20, 40, 80} {
		q := "q" + strconv.Itoa(i)
		rs = append(rs, &Result{Query: q, Target: "a", Times: []time.Duration{d * time.Millisecond}}, &Result{Query: q, Target: "b", Times: []time.Duration{4 * d * time.Millisecond}})
	}
	rs[7].Err = errors.New("gone")
	rs[1].Times[0] = 10 * time.Millisecond // ratios 1, 1/4, 1/4
	var b bytes.Buffer
	if err := Table(&b, rs); err != nil {
		t.Fatal(err)
	}
	mean := math.Pow(1.0/16, 1.0/3)
	for _, want := range []string{`sum +70ms +250ms +0.28x`, `geometric mean +` + strconv.FormatFloat(mean, 'f', 2, 64) + "x"} {
		if !regexp.MustCompile(want).MatchString(b.String()) {
			t.Errorf("no %q in\n%s", want, b.String())
		}
	}
	b.Reset()
	var back []map[string]any
	if err := JSON(&b, rs); err != nil || json.Unmarshal(b.Bytes(), &back) != nil || len(back) != 8 || back[0]["median_ns"] != 1e7 || back[7]["error"] != "gone" {
		t.Errorf("%v\n%s", err, b.String())
	}
}
