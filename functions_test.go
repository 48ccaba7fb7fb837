package redshiftsim_test

import (
	"flag"
	"fmt"
	"os"
	"path/filepath"
	"regexp"
	"sort"
	"strings"
	"testing"

	"github.com/redshiftsim/redshiftsim/engine/function"
)

// example is a query of a chapter of testdata/function, and the first row of its answer.
type example struct {
	chapter, sql, answer string
	rows                 int
}

// chapterExamples reads the queries of all chapters, short ones first.
func chapterExamples(t *testing.T) []example {
	t.Helper()
	files, err := filepath.Glob("testdata/function/*.test")
	if err != nil || len(files) == 0 {
		t.Fatalf("no chapters: %v", err)
	}
	var out []example
	for _, f := range files {
		text, err := os.ReadFile(f)
		if err != nil {
			t.Fatal(err)
		}
		for _, block := range strings.Split(string(text), "\n\n") {
			var lines []string
			for _, l := range strings.Split(strings.Trim(block, "\n"), "\n") {
				if !strings.HasPrefix(l, "#") {
					lines = append(lines, l)
				}
			}
			if len(lines) == 0 || !strings.HasPrefix(lines[0], "query") && lines[0] != "error" {
				continue
			}
			sql, answer, ok := strings.Cut(strings.Join(lines[1:], "\n"), "\n----\n")
			if !ok || answer == "" {
				continue
			}
			rows := strings.Split(answer, "\n")
			if strings.Contains(lines[0], "types") || strings.Contains(lines[0], "names") {
				rows = rows[1:]
			}
			if n := len(rows); n > 0 {
				if lines[0] == "error" {
					n = 1 << 20 // rather anything else
				}
				out = append(out, example{filepath.Base(f), strings.ReplaceAll(sql, "\n", " "), rows[0], n})
			}
		}
	}
	sort.SliceStable(out, func(i, k int) bool {
		return min(out[i].rows, 2) < min(out[k].rows, 2) || out[i].rows < 1<<20 && out[k].rows == 1<<20
	})
	return out
}

// TestFunctionPage: every function has an example in a chapter, and docs/functions.md shows what the book of functions and the chapters say.
// go test . -run TestFunctionPage -rewrite writes the page.
func TestFunctionPage(t *testing.T) {
	examples := chapterExamples(t)
	var b strings.Builder
	b.WriteString(`# Functions

What each function takes, where it runs, and an example with the first row of its answer, which ` + "`testdata/function`" + ` checks on three clusters. The
page is generated: ` + "`go test . -run TestFunctionPage -rewrite`" + `.

"leader" functions run on the leader node alone: not in queries that read tables of users. "compute" functions need such a table.
Functions that are not listed answer 0A000 by name (H3, machine learning) or do not exist.
`)
	places := map[function.Place]string{function.Anywhere: "", function.LeaderOnly: "leader", function.ComputeOnly: "compute"}
	for _, c := range function.Chapters() {
		fmt.Fprintf(&b, "\n## %s\n\n[guide](https://docs.aws.amazon.com/redshift/latest/dg/%s.html)\n\n| function | returns | runs on | example |\n|---|---|---|---|\n", c.Title, c.Page)
		for _, e := range c.Entries {
			call := regexp.MustCompile(`(?i)(^|[^a-z0-9_'"])` + e.Name + ` ?\(`)
			bare := regexp.MustCompile(`(?i)(^|[^a-z0-9_'"])` + e.Name + `($|[^a-z0-9_'"(])`)
			var found *example
			for i := range examples {
				x := &examples[i]
				if call.MatchString(x.sql) || (e.Form || e.Signature == e.Name+"()") && bare.MatchString(x.sql) {
					found = x
					break
				}
			}
			if found == nil {
				t.Errorf("no example of %s in testdata/function/*.test", e.Name)
				continue
			}
			cell := strings.NewReplacer("|", "\\|", "\n", " ")
			answer := found.answer
			if found.rows > 1 && found.rows < 1<<20 {
				answer += " …"
			}
			returns := e.Returns
			if returns == "" {
				returns = "by its arguments"
			}
			fmt.Fprintf(&b, "| [`%s`](https://docs.aws.amazon.com/redshift/latest/dg/%s.html) | %s | %s | `%s`<br>`%s` |\n",
				cell.Replace(e.Signature), e.Page, returns, places[e.Place], cell.Replace(found.sql), cell.Replace(answer))
		}
	}
	if t.Failed() {
		return
	}
	const page = "docs/functions.md"
	if f := flag.Lookup("rewrite"); f != nil && f.Value.String() == "true" {
		if err := os.WriteFile(page, []byte(b.String()), 0o644); err != nil {
			t.Fatal(err)
		}
	}
	if now, err := os.ReadFile(page); err != nil || string(now) != b.String() {
		t.Errorf("%s is not what the book of functions says: go test . -run TestFunctionPage -rewrite (%v)", page, err)
	}
}
