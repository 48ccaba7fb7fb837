package redshiftsim_test

import (
	"context"
	"database/sql"
	"fmt"
	"math/big"
	"net/url"
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"testing"

	"github.com/redshiftsim/redshiftsim/internal/sqltest"
)

// tpch is TPC-H at scale 0.01 with AWS's DDL and queries, of which a copy lies beside this checkout or the test is skipped; PostgreSQL 15 computed the answers.
const tpch = "../shared/data/tpch"

// tpchDesigns are the physical designs of the tables: what DISTKEY and SORTKEY become.
var tpchDesigns = []struct{ name, keys string }{
	{"aws", ""}, // as AWS's DDL says
	{"even", "diststyle even"},
	{"all", "diststyle all"},
}

// tpchKeys finds the physical part of AWS's CREATE TABLE.
var tpchKeys = regexp.MustCompile(`(?is)\)\s*(distkey|diststyle)[^;]*;`)

// TestTPCH runs the 22 queries on three shapes of clusters and three physical designs.
func TestTPCH(t *testing.T) {
	ddl, err := os.ReadFile(filepath.Join(tpch, "ddl.sql"))
	if err != nil {
		t.Skip("the TPC-H files are not here: ", err)
	}
	text := string(ddl)
	text = text[:strings.Index(text, "/*")] // then come notes and COPY statements for the guide's own bucket
	queries, err := filepath.Glob(filepath.Join(tpch, "queries", "*.sql"))
	if err != nil || len(queries) != 22 {
		t.Fatalf("%d queries, %v", len(queries), err)
	}
	for _, shape := range []string{"nodes=1&slices=1", "nodes=2&slices=2", "nodes=3&slices=4"} {
		for _, d := range tpchDesigns {
			t.Run(strings.NewReplacer("nodes=", "", "&slices=", "x").Replace(shape)+"/"+d.name, func(t *testing.T) {
				made := text
				if d.keys != "" {
					made = tpchKeys.ReplaceAllString(text, ") "+d.keys+";")
				}
				db := open(t, "redshiftsim://?"+shape+"&bucket=tpch="+url.QueryEscape(tpch))
				loadTPCH(t, db, made)
				for _, f := range queries {
					t.Run(strings.TrimSuffix(filepath.Base(f), ".sql"), func(t *testing.T) { answersTPCH(t, db, f) })
				}
			})
		}
	}
}

func loadTPCH(t *testing.T, db *sql.DB, ddl string) {
	if _, err := db.ExecContext(context.Background(), ddl); err != nil {
		t.Fatal(err)
	}
	for _, name := range []string{"region", "nation", "part", "supplier", "partsupp", "customer", "orders", "lineitem"} {
		copied := fmt.Sprintf("copy %s from 's3://tpch/data-sf0.01/%s.tbl.gz' iam_role default delimiter '|' gzip region 'us-east-1'; analyze %[1]s", name, name)
		if _, err := db.ExecContext(context.Background(), copied); err != nil {
			t.Fatal(name, err)
		}
	}
}

// answersTPCH runs one query and compares its rows with the answers.
func answersTPCH(t *testing.T, db *sql.DB, file string) {
	query, err := os.ReadFile(file)
	if err != nil {
		t.Fatal(err)
	}
	answers, err := os.ReadFile(filepath.Join(tpch, "answers-pg15-sf0.01", strings.TrimSuffix(filepath.Base(file), ".sql")+".csv"))
	if err != nil {
		t.Fatal(err)
	}
	var want [][]string
	for _, line := range strings.Split(strings.TrimSuffix(string(answers), "\n"), "\n") {
		if line != "" {
			want = append(want, strings.Split(strings.ReplaceAll(line, `\N`, ""), "|"))
		}
	}
	got := texts(t, db, string(query))
	if len(got) != len(want) {
		t.Fatalf("%d rows, want %d", len(got), len(want))
	}
	for i := range want {
		for j := range want[i] {
			if len(got[i]) != len(want[i]) || !sameCell(got[i][j], want[i][j]) {
				t.Fatalf("row %d\n got %s\nwant %s", i+1, strings.Join(got[i], "|"), strings.Join(want[i], "|"))
			}
		}
	}
}

// texts gives a query's rows as text, NULL as "".
func texts(t *testing.T, db *sql.DB, query string) [][]string {
	t.Helper()
	rows, err := db.QueryContext(context.Background(), query)
	if err != nil {
		t.Fatal(err)
	}
	defer rows.Close()
	cols, err := rows.ColumnTypes()
	if err != nil {
		t.Fatal(err)
	}
	var out [][]string
	for rows.Next() {
		cells := make([]any, len(cols))
		for i := range cells {
			cells[i] = new(any)
		}
		if err := rows.Scan(cells...); err != nil {
			t.Fatal(err)
		}
		line := make([]string, len(cells))
		for i := range cells {
			if v := *cells[i].(*any); v != nil && v != "" {
				line[i] = sqltest.Cell(v, strings.ToLower(cols[i].DatabaseTypeName()))
			}
		}
		out = append(out, line)
	}
	if err := rows.Err(); err != nil {
		t.Fatal(err)
	}
	return out
}

// sameCell compares cells as text, blanks at the end aside. Redshift keeps fewer digits of quotients, averages and long products than PostgreSQL: two
// numbers are the same when they differ by less than one in the last digit of got, or, summed up from such, by less than 1e-8 of themselves.
// https://docs.aws.amazon.com/redshift/latest/dg/r_numeric_computations201.html
func sameCell(got, want string) bool {
	got, want = strings.TrimRight(got, " "), strings.TrimRight(want, " ")
	if got == want {
		return true
	}
	g, ok1 := new(big.Rat).SetString(got)
	w, ok2 := new(big.Rat).SetString(want)
	if !ok1 || !ok2 {
		return false
	}
	_, digits, _ := strings.Cut(got, ".")
	unit := new(big.Rat).SetFrac(big.NewInt(1), new(big.Int).Exp(big.NewInt(10), big.NewInt(int64(len(digits))), nil))
	diff := g.Sub(g, w)
	diff.Abs(diff)
	return diff.Sign() == 0 || strings.Contains(want, ".") && (diff.Cmp(unit) < 0 || diff.Cmp(w.Mul(w.Abs(w), big.NewRat(1, 1e8))) < 0)
}
