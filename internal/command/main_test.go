package command

import (
	"bytes"
	"context"
	"database/sql"
	"os"
	"path/filepath"
	"strings"
	"testing"
)

// run calls a command as the shell would.
func run(t *testing.T, in string, args ...string) (code int, out, errs string) {
	t.Helper()
	var o, e bytes.Buffer
	code = dispatch(context.Background(), args, strings.NewReader(in), &o, &e)
	return code, o.String(), e.String()
}

// TestExitCodes: psql's with ON_ERROR_STOP.
func TestExitCodes(t *testing.T) {
	dir := t.TempDir()
	file := func(name, text string) string {
		p := filepath.Join(dir, name)
		if err := os.WriteFile(p, []byte(text), 0o600); err != nil {
			t.Fatal(err)
		}
		return p
	}
	good := file("good.sql", "CREATE TABLE t (a int);\nINSERT INTO t VALUES (1), (2);\nSELECT sum(a) AS total FROM t;\n")
	bad := file("bad.sql", "SELECT 1 AS before;\nSELECT 1 / 0;\nSELECT 3 AS after;\n")
	for _, c := range []struct {
		args      []string
		in        string
		code      int
		out, errs string // a part of them
		none      bool   // nothing at all is printed
	}{
		{args: []string{"sql", "-c", "SELECT 1 + 1 AS two"}, out: " two \n-----\n   2\n(1 row)\n"},
		{args: []string{"sql", "-f", good}, out: "     3\n"},
		{args: []string{"sql", "-f", bad}, code: 3, out: "before", errs: "ERROR:  division by zero"},
		{args: []string{"sql", "-c", "SELECT nope", "-c", "SELECT 3 AS after"}, code: 3, errs: "LINE 1: SELECT nope\n               ^"},
		{args: []string{"sql", "-f", filepath.Join(dir, "none.sql")}, code: 1},
		{args: []string{"sql", "-c", "SELECT 1", "redshiftsim://?nodes=none"}, code: 2, errs: "nodes"},
		{args: []string{"sql", "-f", "-"}, in: "SELECT 5 AS five;", out: "five"},
		{args: []string{"sql"}, in: "CREATE TABLE films (year int, title varchar(9));\n\\dt\n\\d films\nSELECT\n 7 AS seven;\n\\q\nSELECT 8;", out: "seven"},
		{args: []string{"sql", "-c", `\i ` + good}, out: "     3\n"},
		{args: []string{"sql", "-f", bad}, code: 3, errs: bad + ":2: ERROR:  division by zero"},
		{args: []string{"sql", "-c", `\i ` + bad}, code: 3, errs: bad + ":2: ERROR:  division by zero"},
		{args: []string{"sql", "-f", file("bom.sql", "\ufeffSELECT 5 AS five;\r\n-- the end\r\n")}, out: " five \n------\n    5\n(1 row)\n"},
		{args: []string{"sql", "-f", file("comment.sql", "/* no /* statement */ */ ; -- none\n;")}, none: true},
		{args: []string{"sql", "-f", file("empty.sql", "")}, none: true},
		{args: []string{"sql", "-c", "-- first\n/* a table */ CREATE TABLE t (a int)"}, out: "CREATE TABLE\n"},
		{args: []string{"sql", "redshiftsim://?nodes=3", "-c", "SELECT count(*) AS slices FROM stv_slices"}, out: "     6\n"},
		{args: []string{"sql", "-f", dir}, code: 3, errs: "redshiftsim sql: read " + dir},
		{args: []string{"demo", "-rows", "-5"}, code: 2, errs: "redshiftsim demo: -rows"},
		{args: []string{"bench", "-rows", "-5"}, code: 2, errs: "redshiftsim bench: -rows"},
		{args: []string{"bench", "-rounds", "0"}, code: 2, errs: "redshiftsim bench: -rounds"},
		{args: []string{"bench", "-scale", "0"}, code: 2, errs: "redshiftsim bench: -scale"},
		{args: []string{"version"}, out: "redshiftsim "},
		{args: []string{"--version"}, out: "redshiftsim "},
		{args: []string{"nosuch"}, code: 2, errs: `unknown command "nosuch"`},
		{args: []string{"help"}, out: "an SQL shell"},
	} {
		code, out, errs := run(t, c.in, c.args...)
		if code != c.code || !strings.Contains(out, c.out) || !strings.Contains(errs, c.errs) {
			t.Errorf("%q: exit %d, want %d\nout  %q\nerrs %q", c.args, code, c.code, out, errs)
		}
		if c.none && out+errs != "" {
			t.Errorf("%q: prints %q, %q", c.args, out, errs)
		}
		if strings.Contains(out, "after") || strings.Contains(out, "eight") {
			t.Errorf("%q: went on after the end: %q", c.args, out)
		}
	}
	_, out, _ := run(t, "CREATE TABLE films (year int, title varchar(9));\n\\dt\n\\d films\n", "sql")
	for _, want := range []string{"films", "character varying(9)", "az64", "lzo"} {
		if !strings.Contains(out, want) {
			t.Errorf("\\d says nothing of %s: %q", want, out)
		}
	}
}

// TestHelp: -h of every command prints its usage to the standard output and is no failure; a flag that there is not, and an argument too many, are.
func TestHelp(t *testing.T) {
	for _, c := range commands {
		if code, out, errs := run(t, "", c.name, "-h"); code != 0 || !strings.HasPrefix(out, "usage: redshiftsim "+c.name) || errs != "" {
			t.Errorf("%s -h: exit %d\nout  %q\nerrs %q", c.name, code, out, errs)
		}
		want := 2
		if c.name == "sql" { // as psql
			want = 1
		}
		code, out, errs := run(t, "", c.name, "-nonsense")
		if code != want || out != "" || !strings.HasPrefix(errs, "redshiftsim "+c.name+": flag provided but not defined: -nonsense\n\nusage: ") {
			t.Errorf("%s -nonsense: exit %d\nout  %q\nerrs %q", c.name, code, out, errs)
		}
	}
	for _, args := range [][]string{{"demo", "x"}, {"sql", "redshiftsim://", "x"}, {"serve", "redshiftsim://", "x"}, {"bench", "movies", "x"}} {
		if code, _, errs := run(t, "", args...); code == 0 || !strings.Contains(errs, `"x" is one argument too many`) {
			t.Errorf("%q: exit %d, %q", args, code, errs)
		}
	}
}

// TestShellValues prints values as psql prints them.
func TestShellValues(t *testing.T) {
	_, out, errs := run(t, "", "sql", "-c", `SELECT 1000000::float8 AS a, 1.5e-7::float8 AS b, true AS c, NULL AS d, timestamptz '2020-01-01 00:00:00+05:30' AS e,
		timestamp '0044-03-15 BC' AS f, date '0044-03-15 BC' AS g, 0.1::real AS h, 'x'::char(3) AS i`, "-c", "SET timezone TO 'Asia/Kolkata'; SELECT timestamptz '2020-01-01 00:00:00+05:30' AS e")
	for _, want := range []string{
		" 1000000 | 1.5e-07 | t |   | 2019-12-31 18:30:00+00 | 0044-03-15 00:00:00 BC | 0044-03-15 BC | 0.1 | x\n", "\n 2020-01-01 00:00:00+05:30\n",
	} {
		if !strings.Contains(out, want) {
			t.Errorf("want %q in\n%s%s", want, out, errs)
		}
	}
}

// TestShellProcedures prints what procedures tell, and where they failed, as psql does.
func TestShellProcedures(t *testing.T) {
	_, out, errs := run(t, "CREATE OR REPLACE PROCEDURE p(b inout int) AS $$\nBEGIN\n  RAISE INFO 'b; is %', b;\n  b := b + 1;\nEND;\n$$ LANGUAGE plpgsql;\nCALL p(1);\n"+
		"CREATE PROCEDURE e() AS $$\nBEGIN\n  EXECUTE 'select nosuch';\nEND $$ LANGUAGE plpgsql;\nCALL e();\n", "sql")
	if w := "CREATE PROCEDURE\n b \n---\n 2\n(1 row)\nCREATE PROCEDURE\n"; out != w {
		t.Errorf("%q", out)
	}
	if w := "INFO:  b; is 1\nERROR:  column \"nosuch\" does not exist\nCONTEXT:  SQL statement \"select nosuch\"\nPL/pgSQL function \"e\" line 2 at execute statement\n"; errs != w {
		t.Errorf("%q", errs)
	}
}

// TestDemo: the lesson's figures, by arithmetic: 5 columns x 4 slices, 3 hidden columns x 4 slices more, 353 films over four slices.
func TestDemo(t *testing.T) {
	code, out, errs := run(t, "", "demo", "-rows", "100000")
	if code != 0 {
		t.Fatalf("exit %d: %s", code, errs)
	}
	for _, want := range []string{
		"20 blocks = 20 MB", "| EVEN      |   32 |      353", "     0 |   89\n     1 |   88\n     2 |   88\n     3 |   88\n", "694756 / 353 = 1968.1473",
		"segment 1 leader  scan network | aggr final avg | return", "DS_BCAST_INNER", "DS_DIST_NONE", "moved: nothing", "| AUTO(ALL) |", "blocks read",
	} {
		if !strings.Contains(out, want) {
			t.Errorf("the demo does not say %q", want)
		}
	}
	if t.Failed() {
		t.Log(out)
	}
}

// TestBenchFiles: -files keeps the files of a workload and uses what lies there.
func TestBenchFiles(t *testing.T) {
	dir := filepath.Join(t.TempDir(), "kept")
	if code, out, errs := run(t, "", "bench", "-files", dir, "-scale", "0.001", "-rounds", "1", "formats"); code != 0 || !strings.Contains(out, "parquet") {
		t.Fatalf("exit %d\n%s\n%s", code, out, errs)
	}
	if err := os.WriteFile(filepath.Join(dir, "lineitem.tbl.0"), []byte("no number|\n"), 0o644); err != nil {
		t.Fatal(err)
	}
	if code, _, errs := run(t, "", "bench", "-files", dir, "-scale", "0.001", "-rounds", "1", "load"); code != 1 || !strings.Contains(errs, "stl_load_errors") {
		t.Errorf("a file that was given is made anew: exit %d, %s", code, errs)
	}
}

// TestBenchRemote: -dsn times the database of a DSN in a schema of its own, which is gone afterwards.
func TestBenchRemote(t *testing.T) {
	const dsn = "redshiftsim://benchremote"
	keep, err := sql.Open("redshiftsim", dsn)
	if err != nil {
		t.Fatal(err)
	}
	defer keep.Close()
	if code, out, errs := run(t, "", "bench", "-dsn", dsn, "-rows", "1500", "-rounds", "1", "movies"); code != 0 || !strings.Contains(out, "groupby") {
		t.Errorf("exit %d\n%s\n%s", code, out, errs)
	}
	var schemas int
	if err := keep.QueryRow("SELECT count(*) FROM pg_namespace WHERE nspname LIKE 'redshiftsim_bench%'").Scan(&schemas); err != nil || schemas != 0 {
		t.Errorf("%d schemas are left, %v", schemas, err)
	}
	for workload, why := range map[string]string{"itest": "-dsn", "formats": "files of this machine", "csv": "files of this machine"} {
		if code, _, errs := run(t, "", "bench", "-dsn", dsn, workload); code != 2 || !strings.Contains(errs, why) {
			t.Errorf("%s: exit %d, %s", workload, code, errs)
		}
	}
	for _, args := range [][]string{{"bench", "-dsn", "redshift://u@h/db", "oltp"}, {"sql", "-c", "SELECT 1", "postgres://u@h/db"}} {
		if code, _, errs := run(t, "", args...); code == 0 || !strings.Contains(errs, "passthrough") {
			t.Errorf("%v: exit %d, %s", args, code, errs)
		}
	}
}
