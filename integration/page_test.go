package integration

import (
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"testing"
)

// TestToolsPage checks docs/tools.md: the tests that it names are here, and so are the versions.
func TestToolsPage(t *testing.T) {
	read := func(name string) string {
		text, err := os.ReadFile(name)
		if err != nil {
			t.Fatal(err)
		}
		return string(text)
	}
	page := read("../docs/tools.md")
	files, err := filepath.Glob("*_test.go")
	if err != nil {
		t.Fatal(err)
	}
	var code strings.Builder
	for _, f := range files {
		code.WriteString(read(f))
	}
	for _, name := range regexp.MustCompile(`\bTest\w+`).FindAllString(page, -1) {
		if !strings.Contains(code.String(), "func "+name+"(t *testing.T)") {
			t.Errorf("docs/tools.md names %s, which is no test", name)
		}
	}
	versions := read("go.mod") + read("testdata/node/package.json") + read("testdata/dbt/requirements.txt")
	for _, v := range regexp.MustCompile(`\bv?\d+\.\d+\.\d+\b`).FindAllString(page, -1) {
		if !strings.Contains(versions, v) {
			t.Errorf("docs/tools.md names version %s, which is not tested", v)
		}
	}
}
