package vet_test

import (
	"context"
	"fmt"
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"testing"

	"github.com/cockroachdb/datadriven"
	"github.com/redshiftsim/redshiftsim/engine/vet"
)

// TestScripts runs testdata: `file` adds a file to the script, `vet` adds s.sql and checks them all.
func TestScripts(t *testing.T) {
	seen := map[string]bool{}
	datadriven.Walk(t, "testdata", func(t *testing.T, path string) {
		var files []vet.File
		datadriven.RunTest(t, path, func(t *testing.T, d *datadriven.TestData) string {
			if d.Cmd == "file" {
				var f vet.File
				d.ScanArgs(t, "name", &f.Name)
				f.Text = d.Input
				files = append(files, f)
				return ""
			}
			var off []string
			for _, a := range d.CmdArgs {
				off = append(off, a.Vals...)
				if len(a.Vals) == 1 {
					off = strings.Split(a.Vals[0], ",")
				}
			}
			rep, err := vet.Vet(context.Background(), append(files, vet.File{Name: "s.sql", Text: d.Input}), off)
			files = nil
			if err != nil {
				return err.Error() + "\n"
			}
			var b strings.Builder
			for i := range rep.Findings {
				f := &rep.Findings[i]
				seen[f.Rule] = true
				fmt.Fprintln(&b, f)
				if f.Hint != "" {
					fmt.Fprintln(&b, "    HINT:", f.Hint)
				}
			}
			if rep.Unbound > 0 {
				fmt.Fprintf(&b, "not bound: %d (%s)\n", rep.Unbound, strings.Join(rep.Missing, ", "))
			}
			return b.String()
		})
	})
	for _, r := range vet.Rules {
		if !seen[r.Name] {
			t.Errorf("no script warns of %s", r.Name)
		}
	}
}

// TestTables: every statement of the project's own tests can be checked without a panic, and a script that runs without an error has none here.
func TestTables(t *testing.T) {
	paths, err := filepath.Glob("../../testdata/*/*.test")
	if err != nil || len(paths) == 0 {
		t.Fatal(paths, err)
	}
	for _, p := range paths {
		if strings.Contains(p, "error") {
			continue
		}
		text, err := os.ReadFile(p)
		if err != nil {
			t.Fatal(err)
		}
		var script strings.Builder
		for _, block := range strings.Split(string(text), "\n\n") {
			head, body, ok := strings.Cut(block[max(0, directive(block)):], "\n")
			sql, _, end := strings.Cut("\n"+body, "\n----")
			if !ok || !end || directive(block) < 0 {
				continue
			}
			if strings.Contains(head, "as=") { // another session: it has settings and a user of its own
				continue
			}
			switch strings.Fields(head)[0] {
			case "exec", "query", "affected":
				script.WriteString(namespaces.ReplaceAllString(sql, "13b8833d-17c6-4f16-8fe4-1a018f5ed00d") + ";\n")
			case "reset":
				check(t, p, script.String())
				script.Reset()
			}
		}
		check(t, p, script.String())
	}
}

// namespaces are what stands for the namespace of a cluster in a .test file.
var namespaces = regexp.MustCompile(`\$namespace(\(\w+\))?`)

// directive is where a block's directive begins, behind its comments; -1 = nowhere.
func directive(block string) int {
	at := 0
	for _, l := range strings.SplitAfter(block, "\n") {
		if l != "\n" && !strings.HasPrefix(l, "#") {
			return at
		}
		at += len(l)
	}
	return -1
}

func check(t *testing.T, path, text string) {
	t.Helper()
	rep, err := vet.Vet(context.Background(), []vet.File{{Name: path, Text: text}}, nil)
	if err != nil {
		t.Error(err)
		return
	}
	for i := range rep.Findings {
		if f := &rep.Findings[i]; f.Rule == "" {
			t.Error(f)
		}
	}
}

// FuzzVet looks for panics, and for places outside of the text.
func FuzzVet(f *testing.F) {
	f.Add("CREATE TABLE t (a int); SELECT b FROM t; BEGIN; VACUUM; ROLLBACK")
	f.Add("SELECT 'ü\n; \xff")
	f.Fuzz(func(t *testing.T, text string) {
		rep, err := vet.Vet(context.Background(), []vet.File{{Name: "s", Text: text}}, nil)
		if err != nil {
			t.Fatal(err)
		}
		lines := strings.Split(text, "\n")
		for i := range rep.Findings {
			x := &rep.Findings[i]
			if x.Line < 1 || x.Line > len(lines) || x.Column < 1 || x.Column > len([]rune(lines[x.Line-1]))+1 || x.Code == "XX000" && strings.Contains(x.Message, "internal error") {
				t.Errorf("%s in %q", x, text)
			}
		}
	})
}
