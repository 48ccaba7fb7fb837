package explorer

import (
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
)

// TestGuard: requests of other pages, under other names, and of nobody.
func TestGuard(t *testing.T) {
	c := serveTest(t, [2]int{1, 1}, Config{Trust: true, Hosts: []string{"sim.example"}})
	for _, x := range []struct {
		name string
		with func(*http.Request)
		want int
	}{
		{"as the page does", func(*http.Request) {}, http.StatusOK},
		{"by the name localhost", func(r *http.Request) { r.Host = "LOCALHOST:8080" }, http.StatusOK},
		{"by an IPv6 address", func(r *http.Request) { r.Host = "[::1]:8080" }, http.StatusOK},
		{"by a name that is known", func(r *http.Request) { r.Host = "sim.example" }, http.StatusOK},
		{"by a name that leads here", func(r *http.Request) { r.Host = "evil.example:8080" }, http.StatusMisdirectedRequest},
		{"from another page", func(r *http.Request) { r.Header.Set("Origin", "https://evil.example") }, http.StatusForbidden},
		{"from another port", func(r *http.Request) { r.Header.Set("Origin", "http://127.0.0.1:9999") }, http.StatusForbidden},
		{"from a sandbox", func(r *http.Request) { r.Header.Set("Origin", "null") }, http.StatusForbidden},
		{"from another site", func(r *http.Request) { r.Header.Set("Sec-Fetch-Site", "cross-site") }, http.StatusForbidden},
		{"from the same site", func(r *http.Request) { r.Header.Set("Sec-Fetch-Site", "same-site") }, http.StatusForbidden},
		{"from the page itself", func(r *http.Request) { r.Header.Set("Sec-Fetch-Site", "same-origin") }, http.StatusOK},
		{"as a form", func(r *http.Request) { r.Header.Set("Content-Type", "text/plain") }, http.StatusUnsupportedMediaType},
	} {
		c.with = x.with
		if status, b := c.send("open", openRequest{onCluster}); status != x.want {
			t.Errorf("%s: %d %s", x.name, status, b)
		}
	}
	c.with = func(*http.Request) {}
	if status, _ := c.send("open", openRequest{"elsewhere"}); status != http.StatusBadRequest {
		t.Errorf("a place that there is not: %d", status)
	}
	if status, _ := c.send("run", runRequest{"SELECT 1"}); status != http.StatusGone {
		t.Errorf("without a tab: %d", status)
	}
	if status, _ := c.send("open", map[string]string{"place": onCluster, "more": "x"}); status != http.StatusBadRequest {
		t.Errorf("an unknown field: %d", status)
	}
	c.open(onCluster)
	if status, _ := c.send("run", runRequest{strings.Repeat("x", maxBody)}); status != http.StatusBadRequest {
		t.Errorf("a request that is too long: %d", status)
	}
	for range maxTabs {
		c.send("open", openRequest{onCluster})
	}
	if status, _ := c.send("open", openRequest{onCluster}); status != http.StatusServiceUnavailable {
		t.Errorf("one tab too many: %d", status)
	}
	if status, b := c.send("close", nothing{}); status != http.StatusOK {
		t.Errorf("close: %d %s", status, b)
	}
	if status, _ := c.send("run", runRequest{"SELECT 1"}); status != http.StatusGone {
		t.Errorf("a tab that is closed: %d", status)
	}
	if c.open(onCluster).Tab == "" {
		t.Error("the closed tab's place is not free")
	}
}

// TestPassword: without Trust a user of the cluster proves itself, sees what it may see, and has its tabs for itself.
func TestPassword(t *testing.T) {
	c := serveTest(t, [2]int{2, 2}, Config{MaxFailures: 3})
	for _, s := range []string{"CREATE USER ann PASSWORD 'Secret123'", "CREATE USER bob PASSWORD 'Secret456'", "GRANT SELECT ON dims TO ann", "CREATE USER nobody PASSWORD DISABLE"} {
		if _, err := c.db.Exec(s); err != nil {
			t.Fatal(err)
		}
	}
	as := func(user, password string) func(*http.Request) {
		return func(r *http.Request) { r.SetBasicAuth(user, password) }
	}
	w := httptest.NewRecorder()
	c.h.ServeHTTP(w, httptest.NewRequest(http.MethodGet, "http://127.0.0.1:8080/", nil))
	if w.Code != http.StatusUnauthorized || w.Header().Get("WWW-Authenticate") == "" || strings.Contains(w.Body.String(), "<html") {
		t.Errorf("without a name: %d", w.Code)
	}
	c.with = as("ann", "Secret123")
	c.open(onCluster)
	a := ask[runAnswer](c, "run", runRequest{"SELECT current_user; SELECT count(*) FROM dims; SELECT count(*) FROM facts"})
	if *a.Statements[0].Rows[0][0] != "ann" || a.Error == nil || a.Error.Code != "42501" {
		t.Errorf("%+v", a)
	}
	if o := ask[overview](c, "overview", nothing{}); o.Hidden == "" || len(o.Tables) != 0 {
		t.Errorf("ann sees the sizes of tables: %+v", o)
	}
	if v := ask[queryView](c, "query", queryRequest{a.Query}); len(v.Steps) == 0 {
		t.Error("ann does not see her own query")
	}
	if status, b := c.send("blocks", blocksRequest{"public.dims", 0}); status != http.StatusUnprocessableEntity || !strings.Contains(string(b), "42501") {
		t.Errorf("ann reads zone maps: %d %s", status, b)
	}
	c.with = as("bob", "Secret456")
	if status, _ := c.send("run", runRequest{"SELECT 1"}); status != http.StatusGone {
		t.Errorf("bob uses ann's tab: %d", status)
	}
	for i, want := range []int{401, 401, 401, 429} {
		c.with = as("ann", "wrong")
		if i == 1 {
			c.with = as("nobody", "")
		}
		if status, _ := c.send("open", openRequest{onCluster}); status != want {
			t.Errorf("wrong password %d: %d, want %d", i, status, want)
		}
	}
	if c.with = as("ann", "Secret123"); true {
		if status, _ := c.send("open", openRequest{onCluster}); status != http.StatusTooManyRequests {
			t.Errorf("the host need not wait: %d", status)
		}
	}
}
