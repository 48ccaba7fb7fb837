package explorer

import (
	"bytes"
	"encoding/json"
	"io/fs"
	"net/http"
	"net/http/httptest"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"strings"
	"testing"
)

// outside is what a page would load: an address in an attribute, a style or an import.
var outside = regexp.MustCompile(`(?i)(src|href|action)\s*=\s*["']?\s*(https?:)?//|url\(|@import|\bimport\s*\(|from\s+["']`)

// TestExport: the page is one file that loads nothing, and what tables hold cannot get out of the data's element.
func TestExport(t *testing.T) {
	for _, shape := range shapes {
		c := serveTest(t, shape, Config{Trust: true})
		const name = "</script><script>alert(1)</script>"
		if _, err := c.db.Exec(`CREATE TABLE "` + name + `" (a varchar(40)); INSERT INTO "` + name + `" VALUES ('</script>')`); err != nil {
			t.Fatal(err)
		}
		c.open(onCluster)
		query := c.run("SELECT count(*) FROM facts WHERE day = 7").Query
		for _, n := range []int64{0, query} {
			var b bytes.Buffer
			if err := Export(&b, c.h.cluster, n); err != nil {
				t.Fatal(err)
			}
			if m := outside.FindString(b.String()); m != "" {
				t.Errorf("%v: the page loads %q", shape, m)
			}
			if n := strings.Count(b.String(), "</script>"); n != 2 {
				t.Errorf("%v: %d ends of scripts", shape, n)
			}
			_, rest, _ := strings.Cut(b.String(), `<script type="application/json" id="data">`)
			data, _, ok := strings.Cut(rest, "</script>")
			var x exported
			if err := json.Unmarshal([]byte(data), &x); err != nil || !ok {
				t.Fatal(err)
			}
			if x.Query == nil || x.Query.Query != query || len(x.Overview.Tables) != 5 || len(x.Blocks) != 5 {
				t.Errorf("%v: query %+v, %d tables, %d maps", shape, x.Query, len(x.Overview.Tables), len(x.Blocks))
			}
			skipped := 0
			for _, b := range x.Blocks["public.facts"].Blocks {
				if b.Skipped {
					skipped++
				}
			}
			if got := c.one("SELECT sum(blocks_skipped) FROM redshiftsim_scan WHERE query = "+jsonText(query), 1); got[0] != int64(skipped) {
				t.Errorf("%v: %d blocks are marked as skipped, the log has %v", shape, skipped, got)
			}
		}
		if err := Export(&bytes.Buffer{}, c.h.cluster, 999999); err == nil {
			t.Errorf("%v: a query that there is not is exported", shape)
		}
	}
}

func jsonText(v any) string {
	b, _ := json.Marshal(v)
	return string(b)
}

// TestPage: the page is served with a policy that its style and its program, and nothing else, fit.
func TestPage(t *testing.T) {
	c := serveTest(t, [2]int{1, 1}, Config{Trust: true})
	w := httptest.NewRecorder()
	c.h.ServeHTTP(w, httptest.NewRequest(http.MethodGet, "http://localhost:8080/", nil))
	text, policy := w.Body.String(), w.Header().Get("Content-Security-Policy")
	if w.Code != http.StatusOK || !strings.Contains(text, `id="data">null</script>`) || outside.MatchString(text) {
		t.Errorf("%d, %d bytes", w.Code, len(text))
	}
	for _, tag := range []string{"style", "script"} {
		m := regexp.MustCompile(`(?s)<` + tag + `>(.*?)</` + tag + `>`).FindStringSubmatch(text)
		if m == nil || !strings.Contains(policy, hash(m[1])) {
			t.Errorf("the policy does not know the page's %s: %s", tag, policy)
		}
	}
	if strings.Contains(policy, "unsafe") || !strings.Contains(policy, "default-src 'none'") || w.Header().Get("X-Frame-Options") != "DENY" {
		t.Error(policy)
	}
	for path, want := range map[string]int{"/x": http.StatusNotFound, "/api/run": http.StatusMethodNotAllowed} {
		w = httptest.NewRecorder()
		c.h.ServeHTTP(w, httptest.NewRequest(http.MethodGet, "http://localhost:8080"+path, nil))
		if w.Code != want {
			t.Errorf("%s: %d", path, w.Code)
		}
	}
}

// TestScripts: every part of the program is in the page, none makes markup of text, and node can read the whole.
func TestScripts(t *testing.T) {
	parts, err := fs.Glob(files, "page/*.js")
	if err != nil || len(parts) != len(scripts) {
		t.Errorf("%d parts, %d in the page, %v", len(parts), len(scripts), err)
	}
	for _, p := range parts {
		b, err := fs.ReadFile(files, p)
		if err != nil {
			t.Fatal(err)
		}
		for _, bad := range []string{"innerHTML", "outerHTML", "insertAdjacentHTML", "document.write", "eval("} {
			if bytes.Contains(b, []byte(bad)) {
				t.Errorf("%s: %s", p, bad)
			}
		}
	}
	node, err := exec.LookPath("node")
	if err != nil {
		t.Skip("node is not here")
	}
	_, rest, _ := strings.Cut(string(page.tail), "<script>")
	program, _, _ := strings.Cut(rest, "</script>")
	file := filepath.Join(t.TempDir(), "page.js")
	if err := os.WriteFile(file, []byte(program), 0o600); err != nil {
		t.Fatal(err)
	}
	if out, err := exec.Command(node, "--check", file).CombinedOutput(); err != nil {
		t.Errorf("%v\n%s", err, out)
	}
}
