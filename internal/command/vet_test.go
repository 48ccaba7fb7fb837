package command

import (
	"os"
	"strings"
	"testing"
)

// TestVet runs the files that README shows, and holds what it shows against what comes.
func TestVet(t *testing.T) {
	t.Chdir("testdata")
	code, out, errs := run(t, "", "vet", "schema.sql", "report.sql")
	if code != 1 || errs != "7 statements: 3 errors, 4 warnings\n" {
		t.Errorf("exit %d, %q", code, errs)
	}
	readme, err := os.ReadFile("../../../README.md")
	if err != nil {
		t.Fatal(err)
	}
	if !strings.Contains(string(readme), "```\n"+out+errs+"```") {
		t.Errorf("README.md shows another output than this:\n%s%s", out, errs)
	}
}

func TestVetOptions(t *testing.T) {
	const warned = "CREATE TABLE t (a text)"
	for _, c := range []struct {
		args      []string
		in        string
		code      int
		out, errs string
	}{
		{args: []string{"vet", "-"}, in: "SELECT 1", errs: "1 statement: 0 errors, 0 warnings\n"},
		{
			args: []string{"vet", "-"}, in: warned, errs: "1 statement: 0 errors, 1 warning\n",
			out: "stdin:1:19: warning: TEXT without a length holds 256 bytes: longer text is refused, or cut by a cast [varchar-no-length]\n",
		},
		{
			args: []string{"vet", "-strict", "-"}, in: warned, code: 1, errs: "1 statement: 0 errors, 1 warning\n",
			out: "stdin:1:19: warning: TEXT without a length holds 256 bytes: longer text is refused, or cut by a cast [varchar-no-length]\n",
		},
		{args: []string{"vet", "-strict", "-off", "varchar-no-length", "-"}, in: warned, errs: "1 statement: 0 errors, 0 warnings\n"},
		{args: []string{"vet", "-off", "nosuch", "-"}, code: 2, errs: "redshiftsim vet: there is no rule \"nosuch\"\n"},
		{args: []string{"vet", "testdata/none.sql"}, code: 2, errs: "redshiftsim vet: open testdata/none.sql: no such file or directory\n"},
		{args: []string{"vet", "-"}, in: "SELECT 1 +\n", code: 1, out: "stdin:1:11: 42601 syntax error at end of input\n", errs: "1 statement: 1 error, 0 warnings\n"},
		{
			args: []string{"vet", "-"}, in: "\ufeffSELECT a FROM t;\nSELECT a FROM x.t", errs: "2 statements: 0 errors, 0 warnings\n" +
				"2 statements not bound, for nothing before created what is named: t, x\n",
		},
	} {
		code, out, errs := run(t, c.in, c.args...)
		if code != c.code || out != c.out || errs != c.errs {
			t.Errorf("%q: exit %d, want %d\nout  %q\nerrs %q", c.args, code, c.code, out, errs)
		}
	}
	if code, _, errs := run(t, "", "vet"); code != 2 || !strings.Contains(errs, "sort-key-missed") {
		t.Errorf("without files: exit %d, %s", code, errs)
	}
	if code, out, _ := run(t, "", "vet", "-h"); code != 0 || !strings.Contains(out, "usage: redshiftsim vet") {
		t.Errorf("-h: exit %d, %s", code, out)
	}
}

// TestUsage: every command is in the usage, in the command's comment and in README.
func TestUsage(t *testing.T) {
	_, out, _ := run(t, "", "help")
	main, err := os.ReadFile("../../cmd/redshiftsim/main.go")
	if err != nil {
		t.Fatal(err)
	}
	for _, c := range commands {
		if !strings.Contains(out, "  "+c.name+" ") || !strings.Contains(string(main), "//\tredshiftsim "+c.name) {
			t.Errorf("%s is missing in the usage or in the comment of cmd/redshiftsim", c.name)
		}
	}
}
