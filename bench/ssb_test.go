package bench

import (
	"bufio"
	"bytes"
	"context"
	"os"
	"path/filepath"
	"strconv"
	"strings"
	"testing"
)

// TestSSB runs the 13 queries on a small scale, and computes two of the answers from the files.
func TestSSB(t *testing.T) {
	dir := t.TempDir()
	rs, err := Run(context.Background(), SSB{Scale: 0.01, Dir: dir}, []Target{engine(dir)}, Options{Rounds: 1, Simulated: true})
	if err != nil {
		t.Fatal(err)
	}
	if len(rs) != 13 {
		t.Fatalf("%d queries", len(rs))
	}
	for _, r := range rs {
		if r.Err != nil {
			t.Errorf("%s: %v", r.Query, r.Err)
		}
	}
	region := map[string]string{}
	lines(t, dir, "supplier", func(f []string) { region["s"+f[0]] = f[5] })
	lines(t, dir, "customer", func(f []string) { region["c"+f[0]] = f[5] })
	mfgr := map[string]string{}
	lines(t, dir, "part", func(f []string) { mfgr[f[0]] = f[2] })
	revenue, profit, scanned := 0, 0, int64(0)
	lines(t, dir, "lineorder", func(f []string) {
		n := func(i int) int {
			v, err := strconv.Atoi(f[i])
			if err != nil {
				t.Fatal(err)
			}
			return v
		}
		scanned++
		if n(5)/10_000 == 1993 && n(11) >= 1 && n(11) <= 3 && n(8) < 25 {
			revenue += n(9) * n(11)
		}
		if region["c"+f[2]] == "AMERICA" && region["s"+f[4]] == "AMERICA" && mfgr[f[3]] <= "MFGR#2" {
			profit += n(12) - n(13)
		}
	})
	if q := find(t, rs, "q1.1", "redshiftsim").Answer; len(q) != 1 || q[0][0] != strconv.Itoa(revenue) {
		t.Errorf("q1.1 is %v, the files say %d", q, revenue)
	}
	got := 0
	for _, row := range find(t, rs, "q4.1", "redshiftsim").Answer {
		n, err := strconv.Atoi(row[2])
		if err != nil {
			t.Fatal(err)
		}
		got += n
	}
	if got != profit {
		t.Errorf("q4.1 has a profit of %d, the files say %d", got, profit)
	}
	s := find(t, rs, "q2.1", "redshiftsim").Simulated
	if s == nil || s.RowsScanned < scanned || s.BlocksRead == 0 || s.Skew < 1 || s.Skew > 4 {
		t.Errorf("q2.1 has figures %+v, the table of facts %d rows", s, scanned)
	}
	var b bytes.Buffer
	if err := Table(&b, rs); err != nil || !strings.Contains(b.String(), "simulated, no times:") {
		t.Errorf("%v in\n%s", err, b.String())
	}
}

// TestSQLiteText: dates become texts, and nothing that SQLite does not know is left.
func TestSQLiteText(t *testing.T) {
	for _, c := range [][2]string{
		{"o < dateadd(month, 3, date '1993-07-01')", "o < date('1993-07-01', '3 month')"},
		{"l <= dateadd(day, -90, date '1998-12-01') AND x > date '1995-03-15'", "l <= date('1998-12-01', '-90 day') AND x > '1995-03-15'"},
		{"extract(year FROM o_orderdate) = substring(p, 1, 2)", "CAST(substr(o_orderdate, 1, 4) AS int) = substr(p, 1, 2)"},
	} {
		if got := sqliteText(c[0]); got != c[1] {
			t.Errorf("%s is %s, want %s", c[0], got, c[1])
		}
	}
}

// lines calls f with the fields of each row of a table's files.
func lines(t *testing.T, dir, table string, f func(fields []string)) {
	t.Helper()
	files, err := filepath.Glob(filepath.Join(dir, table+".tbl.*"))
	if err != nil || len(files) == 0 {
		t.Fatalf("no files of %s: %v", table, err)
	}
	for _, name := range files {
		b, err := os.ReadFile(name)
		if err != nil {
			t.Fatal(err)
		}
		in := bufio.NewScanner(bytes.NewReader(b))
		for in.Scan() {
			f(strings.Split(in.Text(), "|"))
		}
	}
}
