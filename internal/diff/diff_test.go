package diff

import (
	"os"
	"path/filepath"
	"reflect"
	"strings"
	"testing"
)

func ptr(s string) *string { return &s }

// result makes an outcome with columns of one type and rows of comma-separated texts; - is NULL.
func result(typ string, rows ...string) *Outcome {
	o := &Outcome{Columns: []Column{{"a", typ}, {"b", typ}}}
	for _, r := range rows {
		a, b, _ := strings.Cut(r, ",")
		row := []*string{ptr(a), ptr(b)}
		for i := range row {
			if *row[i] == "-" {
				row[i] = nil
			}
		}
		o.Rows = append(o.Rows, row)
	}
	return o
}

func TestCompare(t *testing.T) {
	n1, n2 := int64(1), int64(2)
	failed := func(code, msg string) *Outcome { return &Outcome{Error: &Error{Code: code, Message: msg}} }
	for _, c := range []struct {
		name, sql string
		a, b      *Outcome
		want      string // "kind reference / simulator", ";" between
	}{
		{"any order", "SELECT a, b FROM t", result("INT4", "1,2", "3,-"), result("INT4", "3,-", "1,2"), ""},
		{"as often", "SELECT a, b FROM t", result("INT4", "1,2", "1,2"), result("INT4", "1,2"), "rows 2 rows, only here:\n1 | 2 / 1 row"},
		{"ordered", "SELECT a, b FROM t ORDER BY a", result("INT4", "1,2", "3,4"), result("INT4", "3,4", "1,2"), "rows row 1: 1 | 2 / row 1: 3 | 4"},
		{"ordered inside alone", "SELECT * FROM (SELECT a, b FROM t ORDER BY a) x", result("INT4", "1,2", "3,4"), result("INT4", "3,4", "1,2"), ""},
		{"ordered and longer", "SELECT a, b FROM t ORDER BY a", result("INT4", "1,2"), result("INT4", "1,2", "3,4"), "rows 1 row / 2 rows, only here:\n3 | 4"},
		{"NULL is no text", "SELECT a, b FROM t", result("VARCHAR", "1,-"), result("VARCHAR", "1,"), "rows 1 row, only here:\n1 | NULL / 1 row, only here:\n1 | ''"},
		{"floats nearly", "SELECT a, b FROM t", result("FLOAT8", "0.1,2", "5,6"), result("FLOAT8", "5,6", "0.10000000000000002,2"), ""},
		{"floats not nearly", "SELECT a, b FROM t", result("FLOAT8", "0.1,2"), result("FLOAT8", "0.1001,2"), "rows 1 row, only here:\n0.1 | 2 / 1 row, only here:\n0.1001 | 2"},
		{"numerics exactly", "SELECT a, b FROM t", result("NUMERIC", "0.1,2"), result("NUMERIC", "0.10,2"), "rows 1 row, only here:\n0.1 | 2 / 1 row, only here:\n0.10 | 2"},
		{"types", "SELECT a, b FROM t", result("INT4"), result("INT8"), "types a INT4, b INT4 / a INT8, b INT8"},
		{"columns", "SELECT a, b FROM t", result("INT4"), &Outcome{Columns: []Column{{"a", "INT4"}}}, "columns a, b / a"},
		{"affected", "DELETE FROM t", &Outcome{Affected: &n1}, &Outcome{Affected: &n2}, "affected 1 row changed / 2 rows changed"},
		{"one fails", "SELECT a, b FROM t", result("INT4", "1,2"), failed("0A000", "no"), "sqlstate 1 row / 0A000 no"},
		{"both fail in one way", "x", failed("42601", "m"), failed("42601", "m"), ""},
		{"both fail", "x", failed("42601", "m"), failed("42703", "m"), "sqlstate 42601 m / 42703 m"},
		{"words", "x", failed("42601", "m"), failed("42601", "n"), "message 42601 m / 42601 n"},
	} {
		var got []string
		for _, d := range Compare(Statement{SQL: c.sql}, c.a, c.b) {
			got = append(got, string(d.Kind)+" "+d.Reference+" / "+d.Sim)
		}
		if s := strings.Join(got, ";"); s != c.want {
			t.Errorf("%s: %q, want %q", c.name, s, c.want)
		}
	}
}

func TestRead(t *testing.T) {
	dir := t.TempDir()
	for name, text := range map[string]string{
		"b/two.sql": "-- first\nSELECT 1;\n\nSELECT ';' -- no; end\n, $$;$$;;\n",
		"a.test": `# a comment
exec
CREATE TABLE t (a int);
INSERT INTO t VALUES (1)
----

query names sort
SELECT a
FROM t
----
a
1

explain 2x2
EXPLAIN SELECT 1
----
XN Result

exec as=two
SELECT 'another session'
----

query
SELECT 'an answer with an empty line'
----
----
x

y
----
----

reset isolation=serializable
----

error
SELECT nope
----
42703 column "nope" does not exist
`,
		"not.txt": "SELECT 0",
	} {
		p := filepath.Join(dir, name)
		if err := os.MkdirAll(filepath.Dir(p), 0o755); err != nil {
			t.Fatal(err)
		}
		if err := os.WriteFile(p, []byte(text), 0o644); err != nil {
			t.Fatal(err)
		}
	}
	s, err := Read(dir)
	if err != nil {
		t.Fatal(err)
	}
	want := []Group{
		{{"a.test", 3, "CREATE TABLE t (a int)"}, {"a.test", 4, "INSERT INTO t VALUES (1)"}, {"a.test", 8, "SELECT a\nFROM t"}, {"a.test", 24, "SELECT 'an answer with an empty line'"}},
		{{"a.test", 37, "SELECT nope"}},
		{{"b/two.sql", 2, "SELECT 1"}, {"b/two.sql", 4, "SELECT ';' -- no; end\n, $$;$$"}},
	}
	if !reflect.DeepEqual(s.Groups, want) || s.Skipped != 2 {
		t.Errorf("%q\nwant %q\n%d skipped", s.Groups, want, s.Skipped)
	}
	if s, err := Read(filepath.Join(dir, "b/two.sql")); err != nil || len(s.Groups) != 1 || s.Groups[0][0].File != "two.sql" {
		t.Errorf("one file: %v, %v", s, err)
	}
	if _, err := Read(filepath.Join(dir, "none")); err == nil {
		t.Error("a folder that is not there")
	}
	if _, err := Read(t.TempDir()); err == nil {
		t.Error("an empty folder")
	}
}

func TestScrub(t *testing.T) {
	target := &Target{}
	target.Scrub("db.example.com", "geheim", "me", "")
	o := &Outcome{
		Columns: []Column{{"pid", "INT4"}, {"n", "INT4"}},
		Rows:    [][]*string{{ptr("4711"), ptr("4711")}, {ptr("12"), nil}},
		Error:   &Error{Message: "me at db.example.com said geheim", Detail: "Serializable isolation violation on table - 100167, transactions forming the cycle are: 55705701, 55705754 (pid:16606)"},
	}
	target.secrets.outcome(o, "4711")
	if got := line(o.Rows[0]) + "; " + line(o.Rows[1]); got != "*** | 4711; 12 | NULL" {
		t.Error(got)
	}
	if o.Error.Message != "me at *** said ***" || o.Error.Detail != "Serializable isolation violation on table - 100167, transactions forming the cycle are: *** (pid:***)" {
		t.Errorf("%+v", o.Error)
	}
}
