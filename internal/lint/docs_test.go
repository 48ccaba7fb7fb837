package lint

import (
	"io/fs"
	"os"
	"path"
	"path/filepath"
	"regexp"
	"strings"
	"testing"
)

// foreign are files of other projects that the docs name.
var foreign = []string{"clients/redshift/staging.go"}

var (
	link   = regexp.MustCompile(`\]\(([^)\s]+)\)`)
	fenced = regexp.MustCompile("(?s)```.*?```")
	goFile = regexp.MustCompile(`[a-zA-Z0-9_./-]*[a-z0-9_]\.go\b`)
	header = regexp.MustCompile(`(?m)^#+ (.*)$`)
)

// TestDocs follows the relative links of every page, with the heading that they name, and holds the Go files that pages and package comments name against
// the tree: a file that was renamed or went is named nowhere.
func TestDocs(t *testing.T) {
	const root = "../.."
	files := map[string]bool{}
	var pages, sources []string
	err := filepath.WalkDir(root, func(p string, d fs.DirEntry, err error) error {
		if err != nil {
			return err
		}
		if d.IsDir() {
			if d.Name() == ".git" {
				return filepath.SkipDir
			}
			return nil
		}
		p = filepath.ToSlash(strings.TrimPrefix(p, root+string(filepath.Separator)))
		files[p] = true
		switch path.Ext(p) {
		case ".md":
			pages = append(pages, p)
		case ".go":
			sources = append(sources, p)
		}
		return nil
	})
	if err != nil {
		t.Fatal(err)
	}
	read := func(p string) string {
		b, err := os.ReadFile(filepath.Join(root, filepath.FromSlash(p)))
		if err != nil {
			t.Fatal(err)
		}
		return string(b)
	}
	named := func(where, text string) (n int) {
		for _, f := range goFile.FindAllString(text, -1) {
			known := false
			for _, p := range append(sources, foreign...) {
				known = known || p == f || strings.HasSuffix(p, "/"+f)
			}
			if n++; !known {
				t.Errorf("%s names %s, which is not there", where, f)
			}
		}
		return n
	}
	links, names := 0, 0
	for _, p := range pages {
		text := read(p)
		names += named(p, text)
		for _, m := range link.FindAllStringSubmatch(fenced.ReplaceAllString(text, ""), -1) {
			to, anchor, _ := strings.Cut(m[1], "#")
			if strings.Contains(to, ":") { // elsewhere
				continue
			}
			target := p
			if to != "" {
				target = path.Join(path.Dir(p), to)
			}
			_, err := os.Stat(filepath.Join(root, filepath.FromSlash(target)))
			if links++; err != nil {
				t.Errorf("%s links to %s, which is not there", p, m[1])
			} else if anchor != "" && !hasHeading(read(target), anchor) {
				t.Errorf("%s links to %s, which has no such heading", p, m[1])
			}
		}
	}
	for _, p := range sources {
		text := read(p)
		if at := strings.Index("\n"+text, "\npackage "); at > 0 {
			names += named(p, text[:at])
		}
	}
	if links < 50 || names < 50 {
		t.Errorf("only %d links and %d names of files were found: this test does not see the docs", links, names)
	}
}

// hasHeading says whether a page has the heading that an anchor means, as GitHub makes anchors.
func hasHeading(page, anchor string) bool {
	for _, m := range header.FindAllStringSubmatch(page, -1) {
		var b strings.Builder
		for _, r := range strings.ToLower(m[1]) {
			switch {
			case r == ' ':
				b.WriteByte('-')
			case r == '-' || r == '_' || r >= 'a' && r <= 'z' || r >= '0' && r <= '9' || r > 0x7f:
				b.WriteRune(r)
			}
		}
		if b.String() == anchor {
			return true
		}
	}
	return false
}
