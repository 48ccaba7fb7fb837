package parse

import (
	"bufio"
	"encoding/json"
	"os"
	"path/filepath"
	"strings"
	"testing"
)

// shared finds a directory beside the checkout; a variable of the environment may name it. The test is skipped where it is not.
func shared(t *testing.T, dir, variable string) string {
	t.Helper()
	path := os.Getenv(variable)
	if path == "" {
		path = filepath.Join("..", "..", "..", "shared", dir)
	}
	if _, err := os.Stat(path); err != nil {
		t.Skipf("no %s beside this checkout (../shared/%s), and %s is not set", dir, dir, variable)
	}
	return path
}

// rest reads testdata/corpus.rest: what is not parsed, and why.
func rest(t *testing.T) map[string]string {
	t.Helper()
	text, err := os.ReadFile("testdata/corpus.rest")
	if err != nil {
		t.Fatal(err)
	}
	m := map[string]string{}
	for _, line := range strings.Split(strings.TrimSpace(string(text)), "\n") {
		if strings.HasPrefix(line, "#") {
			continue
		}
		id, why, ok := strings.Cut(line, "\t")
		if !ok || m[id] != "" {
			t.Fatalf("testdata/corpus.rest: %q", line)
		}
		m[id] = why
	}
	return m
}

// TestCorpus parses what others have written for Redshift: all but the entries of testdata/corpus.rest, and at least 98.5 % of what is neither template
// nor prose.
func TestCorpus(t *testing.T) {
	dir := shared(t, "corpus", "CORPUS")
	why := rest(t)
	used := map[string]bool{}
	all, parsed := 0, 0
	for _, name := range []string{"docs.jsonl", "statements.jsonl", "statements-bytebase.jsonl"} {
		f, err := os.Open(filepath.Join(dir, name))
		if err != nil {
			t.Fatal(err)
		}
		defer f.Close()
		lines := bufio.NewScanner(f)
		lines.Buffer(nil, 1<<24)
		allBefore, parsedBefore := all, parsed
		for lines.Scan() {
			var e struct{ ID, SQL, Kind string }
			if err := json.Unmarshal(lines.Bytes(), &e); err != nil {
				t.Fatal(err)
			}
			reason := why[e.ID]
			used[e.ID] = true
			if !strings.HasPrefix(reason, "template") && !strings.HasPrefix(reason, "prose") {
				all++
			}
			if e.Kind == "expression" {
				e.SQL = "select " + e.SQL
			}
			_, err := Parse(e.SQL)
			switch {
			case err == nil && reason != "":
				t.Errorf("%s is parsed: take it out of testdata/corpus.rest", e.ID)
			case err == nil:
				parsed++
				if bad := sound(e.SQL); bad != "" {
					t.Errorf("%s: %s\n\t%s", e.ID, bad, e.SQL)
				}
			case reason == "":
				t.Errorf("%s: %v\n\t%s", e.ID, err, e.SQL)
			}
		}
		t.Logf("%s: %d of %d statements", name, parsed-parsedBefore, all-allBefore)
	}
	share := 100 * float64(parsed) / float64(all)
	t.Logf("%d of %d statements, %.2f %%", parsed, all, share)
	if share < 98.5 {
		t.Errorf("%.2f %% of the statements are parsed", share)
	}
	for id := range why {
		if !used[id] {
			t.Errorf("testdata/corpus.rest: there is no entry %s", id)
		}
	}
}

// TestBenchmarks parses all statements of TPC-H, TPC-DS and TICKIT.
func TestBenchmarks(t *testing.T) {
	dir := shared(t, "data", "DATA")
	n := 0
	err := filepath.WalkDir(dir, func(path string, d os.DirEntry, err error) error {
		if err != nil || !strings.HasSuffix(path, ".sql") {
			return err
		}
		text, err := os.ReadFile(path)
		if err != nil {
			return err
		}
		list, err := Parse(string(text))
		if err != nil {
			t.Errorf("%s: %v", path, err)
		}
		n += len(list)
		return nil
	})
	if err != nil || n < 100 {
		t.Errorf("%d statements: %v", n, err)
	}
	t.Logf("%d statements", n)
}
