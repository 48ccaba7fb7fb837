package redshiftsim_test

import (
	"bufio"
	"context"
	"flag"
	"net/url"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
)

// tpcds holds AWS's DDL and statements of TPC-DS, of which a copy lies beside this checkout or the test is skipped.
const tpcds = "../shared/data/tpcds"

// keepTPCDS keeps the rows that the test makes, for another database to compute the answers in testdata/tpcds: see its README.
var keepTPCDS = flag.String("tpcds", "", "write the rows of TestTPCDS below this folder")

// tpcdsLoose lists the statements of whose answer only the number of rows is compared, and why.
var tpcdsLoose = map[string]string{
	"q17": "divides by the average of integers, which Redshift cuts to an integer",
	"q22": "its LIMIT cuts rows that sort alike by averages of integers",
	"q39": "averages integers",
	"q59": "its LIMIT cuts rows that sort alike",
	"q66": "sums quotients, each of which Redshift cuts to four digits",
	"q84": "its LIMIT cuts rows that sort alike",
}

// TestTPCDS plans and runs the 103 statements over made-up rows; PostgreSQL 15 computed the answers over the same rows where it can run the statement.
func TestTPCDS(t *testing.T) {
	ddl, err := os.ReadFile(filepath.Join(tpcds, "ddl.sql"))
	if err != nil {
		t.Skip("the TPC-DS files are not here: ", err)
	}
	text := string(ddl)
	text = text[:strings.Index(text, "/*")]
	files, err := filepath.Glob(filepath.Join(tpcds, "queries", "*.sql"))
	if err != nil || len(files) != 103 {
		t.Fatalf("%d statements, %v", len(files), err)
	}
	queries := make([]string, len(files))
	for i, f := range files {
		q, err := os.ReadFile(f)
		if err != nil {
			t.Fatal(err)
		}
		queries[i] = string(q)
	}
	dir := *keepTPCDS
	if dir == "" {
		dir = t.TempDir()
	}
	data := newTPCDSData(text, queries)
	if err := data.write(dir); err != nil {
		t.Fatal(err)
	}
	db := open(t, "redshiftsim://?nodes=2&slices=2&bucket=tpcds="+url.QueryEscape(dir))
	if _, err := db.ExecContext(context.Background(), text); err != nil {
		t.Fatal(err)
	}
	for _, c := range data.tables {
		if _, err := db.ExecContext(context.Background(), "copy "+c.name+" from 's3://tpcds/"+c.name+".tbl' iam_role default delimiter '|' emptyasnull; analyze "+c.name); err != nil {
			t.Fatal(c.name, err)
		}
	}
	some, answered := 0, 0
	var empty []string
	for i, f := range files {
		name := strings.TrimSuffix(filepath.Base(f), ".sql")
		t.Run(name, func(t *testing.T) {
			got := texts(t, db, queries[i])
			if len(got) > 0 {
				some++
			} else {
				empty = append(empty, name)
			}
			want, ok := answersTPCDS(t, name)
			if !ok {
				return
			}
			answered++
			sameTPCDS(t, name, got, want)
		})
	}
	t.Logf("%d of %d statements give rows, not %s; %d have PostgreSQL's answer", some, len(files), strings.Join(empty, " "), answered)
	if *keepTPCDS == "" && (some < 95 || answered < 102) {
		t.Errorf("only %d statements give rows, %d answers", some, answered)
	}
}

// answersTPCDS reads PostgreSQL's answer: a line a row, cells parted by bars, NULL empty.
func answersTPCDS(t *testing.T, name string) ([][]string, bool) {
	f, err := os.Open(filepath.Join("testdata", "tpcds", name+".csv"))
	if err != nil {
		return nil, false
	}
	defer f.Close()
	var out [][]string
	s := bufio.NewScanner(f)
	s.Buffer(nil, 1<<20)
	for s.Scan() {
		out = append(out, strings.Split(s.Text(), "|"))
	}
	if err := s.Err(); err != nil {
		t.Fatal(err)
	}
	return out, true
}

// sameTPCDS compares rows, in any order: ORDER BY of most statements leaves ties.
func sameTPCDS(t *testing.T, name string, got, want [][]string) {
	if len(got) != len(want) {
		t.Fatalf("%d rows, want %d", len(got), len(want))
	}
	if tpcdsLoose[name] != "" {
		return
	}
	left := slices.Clone(got)
	for i, w := range want {
		at := slices.IndexFunc(left, func(g []string) bool { return slices.EqualFunc(g, w, sameCell) })
		if at < 0 {
			t.Fatalf("row %d is not there: %s\nleft over: %s", i+1, strings.Join(w, "|"), strings.Join(left[0], "|"))
		}
		left = slices.Delete(left, at, at+1)
	}
}
