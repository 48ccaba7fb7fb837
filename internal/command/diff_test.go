package command

import (
	"os"
	"path/filepath"
	"strings"
	"testing"
)

// TestDiffReplay compares the engine with what PostgreSQL 15 answered to passthrough/testdata/diff: all but the words of errors agree.
func TestDiffReplay(t *testing.T) {
	const cassette = "testdata/diff/postgres.jsonl"
	code, out, errs := run(t, "", "diff", "-replay", cassette, "-ignore", "message")
	if code != 0 || !strings.Contains(out, "63 statements, 0 differences\n") {
		t.Errorf("exit %d\n%s\n%s", code, out, errs)
	}
	code, out, _ = run(t, "", "diff", "-replay", cassette)
	const want = `errors.sql:3: message: SELECT nope FROM t
  reference  42703 column "nope" does not exist
  simulator  42703 column "nope" does not exist in t
`
	if code != 1 || !strings.Contains(out, want) {
		t.Errorf("exit %d\n%s", code, out)
	}
}

// TestDiffRun compares two engines: of different shapes they agree, and a statement that tells the shape differs.
func TestDiffRun(t *testing.T) {
	dir := t.TempDir()
	suite := filepath.Join(dir, "suite.sql")
	text := "CREATE TABLE t (a int);\nINSERT INTO t VALUES (1), (2);\nSELECT a FROM t;\nSELECT count(*) FROM stv_slices;\nSELECT current_user, pg_backend_pid() AS pid;\n"
	if err := os.WriteFile(suite, []byte(text), 0o600); err != nil {
		t.Fatal(err)
	}
	cassette := filepath.Join(dir, "cassette.jsonl")
	code, out, errs := run(t, "", "diff", "-ref", "redshiftsim://?nodes=3&slices=4", "-record", cassette, suite)
	if code != 1 || !strings.Contains(out, "suite.sql:4: rows") || !strings.Contains(out, "5 statements, 1 difference\n") {
		t.Errorf("exit %d\n%s\n%s", code, out, errs)
	}
	if code, out, errs = run(t, "", "diff", "-replay", cassette, "-sim", "redshiftsim://?nodes=3&slices=4"); code != 0 {
		t.Errorf("exit %d\n%s\n%s", code, out, errs)
	}
	for _, c := range []struct {
		args []string
		errs string
	}{
		{[]string{"diff"}, "usage: redshiftsim diff"},
		{[]string{"diff", "-ref", "redshiftsim://"}, "usage"},
		{[]string{"diff", "-ref", "redshiftsim://", "-replay", cassette, suite}, "usage"},
		{[]string{"diff", "-replay", cassette, "-record", cassette}, "usage"},
		{[]string{"diff", "-replay", cassette, "-ignore", "colour"}, "the kinds are"},
		{[]string{"diff", "-replay", filepath.Join(dir, "none")}, "none"},
		{[]string{"diff", "-ref", "redshiftsim://", filepath.Join(dir, "none")}, "none"},
		{[]string{"diff", "-ref", "redshift://u:geheim@h/db", suite}, "passthrough"},
		{[]string{"diff", "-ref", "redshiftsim://?nodes=x", suite}, "reference: opening"},
	} {
		code, out, errs := run(t, "", c.args...)
		if out != "" {
			t.Errorf("%v: reports %q beside the error", c.args, out)
		}
		if code != 2 || !strings.Contains(errs, c.errs) || strings.Contains(errs, "geheim") {
			t.Errorf("%v: exit %d\n%s", c.args, code, errs)
		}
	}
	if code, _, _ := run(t, "", "diff", "-h"); code != 0 {
		t.Errorf("-h: exit %d", code)
	}
	left, err := filepath.Glob(filepath.Join(dir, "cassette.jsonl.*"))
	if err != nil || len(left) > 0 {
		t.Errorf("%v is left, %v", left, err)
	}
}

// TestDiffSecrets: what a DSN says of the cluster is what goes from its answers.
func TestDiffSecrets(t *testing.T) {
	t.Setenv("PGHOST", "other.example.com")
	t.Setenv("PGUSER", "")
	t.Setenv("PGPASSWORD", "")
	got := strings.Join(secrets("redshift://me:geheim@db.example.com:5439/dev?user=you&password=p"), " ")
	if got != "db.example.com geheim me other.example.com you p" {
		t.Error(got)
	}
}
