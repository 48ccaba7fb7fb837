package redshiftsim_test

import (
	"crypto/sha256"
	"encoding/hex"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/redshiftsim/redshiftsim/engine/function"
)

// exampleHash is the name of a statement in testdata/function/examples.tsv.
func exampleHash(sql string) string {
	plain := strings.Join(strings.Fields(strings.ToLower(sql)), "")
	sum := sha256.Sum256([]byte(strings.TrimRight(plain, ";")))
	return hex.EncodeToString(sum[:6])
}

// chapterStatements are the hashes of all statements of a chapter, and of each block as a whole, for a text in it may hold a semicolon.
func chapterStatements(t *testing.T, path string) map[string]bool {
	t.Helper()
	text, err := os.ReadFile(filepath.Join("testdata", path))
	if err != nil {
		t.Fatal(err)
	}
	out := map[string]bool{}
	for _, block := range strings.Split(string(text), "\n\n") {
		var lines []string
		for _, l := range strings.Split(block, "\n") {
			if !strings.HasPrefix(l, "#") {
				lines = append(lines, l)
			}
		}
		if len(lines) < 2 {
			continue
		}
		sql, _, _ := strings.Cut(strings.Join(lines[1:], "\n"), "\n----")
		out[exampleHash(sql)] = true
		for _, s := range strings.Split(sql, ";") {
			out[exampleHash(s)] = true
		}
	}
	return out
}

// TestGuideExamples: each example of the guide's pages of functions stands in the chapter that the list says, or the list says why it stands in none; and each
// page of the book of functions is in the list, or named in a chapter.
func TestGuideExamples(t *testing.T) {
	list, err := os.ReadFile("testdata/function/examples.tsv")
	if err != nil {
		t.Fatal(err)
	}
	chapters, pages := map[string]map[string]bool{}, map[string]bool{}
	n, absent := 0, 0
	for _, line := range strings.Split(strings.TrimSpace(string(list)), "\n") {
		if strings.HasPrefix(line, "#") {
			continue
		}
		f := strings.Split(line, "\t")
		if len(f) != 4 || len(f[2]) != 12 {
			t.Fatalf("not four fields: %q", line)
		}
		pages[f[0]] = true
		if n++; strings.HasPrefix(f[3], "- ") && len(f[3]) > 8 {
			absent++
			continue
		}
		if chapters[f[3]] == nil {
			chapters[f[3]] = chapterStatements(t, f[3])
		}
		if !chapters[f[3]][f[2]] {
			t.Errorf("%s, example %s, is not in %s", f[0], f[1], f[3])
		}
	}
	if n < 400 || absent > n/4 {
		t.Errorf("%d examples, %d of them in no chapter", n, absent)
	}
	files, err := filepath.Glob("testdata/*/*.test")
	if err != nil {
		t.Fatal(err)
	}
	for _, path := range files {
		text, err := os.ReadFile(path)
		if err != nil {
			t.Fatal(err)
		}
		for _, part := range strings.Split(string(text), "/redshift/latest/dg/")[1:] {
			page, _, _ := strings.Cut(part, ".html")
			pages[page] = true
		}
	}
	for _, c := range function.Chapters() {
		for _, e := range c.Entries {
			if !pages[e.Page] && e.Page != "" {
				t.Errorf("no chapter has an example of the page %s of %s", e.Page, e.Name)
			}
		}
	}
}
