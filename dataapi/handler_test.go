package dataapi

import (
	"encoding/json"
	"io"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"

	"github.com/redshiftsim/redshiftsim"
)

// answerTo sends a request to the handler as if it came over a network.
func answerTo(t *testing.T, h *Handler, r *http.Request, from string) (int, string) {
	t.Helper()
	r.RemoteAddr = from
	w := httptest.NewRecorder()
	h.ServeHTTP(w, r)
	var out struct {
		Kind string `json:"__type"`
	}
	if err := json.Unmarshal(w.Body.Bytes(), &out); err != nil {
		t.Fatalf("%v: %s", err, w.Body)
	}
	return w.Code, out.Kind
}

// TestWhoMayCall: without keys, what is signed and local; nothing that a browser can be led to send.
func TestWhoMayCall(t *testing.T) {
	c := newClient(t, redshiftsim.Config{}, Options{})
	const local, list = "127.0.0.1:1234", "{}"
	for _, x := range []struct {
		what, from string
		change     func(r *http.Request)
		code       int
		kind       string
	}{
		{"local", local, func(r *http.Request) { r.Host = "127.0.0.1:8081" }, 200, ""},
		{"IPv6", "[::1]:1234", func(r *http.Request) { r.Host = "[::1]:8081" }, 200, ""},
		{"by name", local, func(r *http.Request) { r.Host = "localhost:8081" }, 200, ""},
		{"another machine", "192.0.2.1:1234", func(r *http.Request) { r.Host = "localhost:8081" }, 403, "AccessDeniedException"},
		{"a name that was rebound", local, func(r *http.Request) { r.Host = "evil.example:8081" }, 403, "AccessDeniedException"},
		{"not signed", local, func(r *http.Request) { r.Host = "localhost"; r.Header.Del("Authorization") }, 403, "MissingAuthenticationTokenException"},
		{"signed otherwise", local, func(r *http.Request) { r.Host = "localhost"; r.Header.Set("Authorization", "Bearer x") }, 400, "IncompleteSignatureException"},
		{"a form", local, func(r *http.Request) { r.Header.Set("Content-Type", "text/plain") }, 400, "SerializationException"},
		{"GET", local, func(r *http.Request) { r.Method = http.MethodGet }, 404, "UnknownOperationException"},
		{"no operation", local, func(r *http.Request) { r.Header.Del("X-Amz-Target") }, 400, "UnknownOperationException"},
		{"no JSON", local, func(r *http.Request) { r.Host = "localhost"; r.Body = io.NopCloser(strings.NewReader("{")) }, 400, "SerializationException"},
		{"too much", local, func(r *http.Request) {
			r.Host = "localhost"
			r.Body = io.NopCloser(strings.NewReader(strings.Repeat(" ", maxBody+1)))
		}, 413, "RequestEntityTooLargeException"},
	} {
		r := request(t, "ListStatements", "K", list)
		x.change(r)
		if code, kind := answerTo(t, c.h, r, x.from); code != x.code || kind != x.kind {
			t.Errorf("%s: %d %s, want %d %s", x.what, code, kind, x.code, x.kind)
		}
	}
}

// TestOverPort serves over a port, as serve does.
func TestOverPort(t *testing.T) {
	c := newClient(t, redshiftsim.Config{}, Options{})
	srv := httptest.NewServer(c.h)
	defer srv.Close()
	r := request(t, "ExecuteStatement", "K", `{"Sql":"select 1","Database":"dev","WorkgroupName":"work","WaitTimeSeconds":10}`)
	r.URL.Host, r.Host = srv.Listener.Addr().String(), ""
	resp, err := srv.Client().Do(r)
	if err != nil {
		t.Fatal(err)
	}
	defer resp.Body.Close()
	var out m
	if err := json.NewDecoder(resp.Body).Decode(&out); err != nil || out["Status"] != "FINISHED" || out["WorkgroupName"] != "work" || out["ClusterIdentifier"] != nil {
		t.Errorf("%v, %v", out, err)
	}
}

// TestClusters: each name is a cluster's, other names are those of the first, or of none.
func TestClusters(t *testing.T) {
	k, err := redshiftsim.NewConnector(redshiftsim.Config{Nodes: 3, Slices: 1, Database: "orders"})
	if err != nil {
		t.Fatal(err)
	}
	defer k.Close()
	o := Options{Clusters: map[string]*redshiftsim.Cluster{"orders": k.Cluster()}}
	c := newClient(t, redshiftsim.Config{}, o)
	if got := c.rows("select current_database()", m{"ClusterIdentifier": "orders", "Database": "orders"}); got != `[[{"stringValue":"orders"}]]` {
		t.Errorf("orders: %s", got)
	}
	if got := c.rows("select current_database()", nil); got != `[[{"stringValue":"dev"}]]` {
		t.Errorf("another: %s", got)
	}
	only := &client{t: t, h: New(nil, o), key: "K"}
	defer only.h.Close()
	only.fails("ExecuteStatement", in("select 1", nil), http.StatusBadRequest, "ValidationException", "Redshift endpoint doesn't exist in this region.")
}

// TestUsers: as whom a statement runs.
// https://docs.aws.amazon.com/redshift/latest/mgmt/data-api.html#data-api-calling-considerations-authentication
func TestUsers(t *testing.T) {
	c := newClient(t, redshiftsim.Config{}, Options{DbUser: "app", Secrets: map[string]Secret{
		"good": {User: "ann", Password: "Secret123"}, "bad": {User: "ann", Password: "Wrong123"}, "arn:aws:secretsmanager:us-west-2:123456789012:secret:x": {User: "ann"},
	}})
	c.run("create user ann password 'Secret123'", m{"DbUser": "awsuser"})
	for _, x := range []struct {
		more m
		want string
	}{
		{nil, "app"},
		{m{"DbUser": "ann"}, "ann"},
		{m{"SecretArn": "good"}, "ann"},
		{m{"SecretArn": "arn:aws:secretsmanager:us-west-2:123456789012:secret:x"}, "ann"},
	} {
		if got := c.rows("select current_user", x.more); got != `[[{"stringValue":"`+x.want+`"}]]` {
			t.Errorf("%v: %s", x.more, got)
		}
	}
	if got := c.broken("select 1", m{"SecretArn": "bad"}); got != `FATAL: password authentication failed for user "ann"` {
		t.Errorf("a wrong password: %s", got)
	}
	out := c.call("ExecuteStatement", in("select 1", m{"SecretArn": "good"}))
	if out["DbUser"] != nil || out["SecretArn"] != "good" {
		t.Errorf("a secret's user is not shown: %v", out)
	}
	if got := c.broken("create user x password disable", nil); !strings.Contains(got, "ERROR: ") {
		t.Errorf("an ordinary user: %s", got)
	}
}

// TestEvents: who asks for events gets them, with the state that the statement ended in.
// https://docs.aws.amazon.com/redshift/latest/mgmt/data-api-monitoring-events.html
func TestEvents(t *testing.T) {
	events := make(chan Event, 10)
	c := newClient(t, redshiftsim.Config{}, Options{Event: func(e Event) { events <- e }})
	c.run("select 1", nil)
	id := c.run("select 1", m{"WithEvent": true, "StatementName": "test.testtable"})
	if e := <-events; e.StatementID != id || e.StatementName != "test.testtable" || e.State != "FINISHED" || e.Rows != 1 || e.RedshiftQueryID != -1 || e.ExpireAt == 0 {
		t.Errorf("%+v", e)
	}
	c.broken("select x", m{"WithEvent": true})
	if e := <-events; e.State != "FAILED" || e.Rows != -1 {
		t.Errorf("%+v", e)
	}
}

// TestThrottle: AWS's quotas, where they are asked for.
// https://docs.aws.amazon.com/redshift/latest/mgmt/amazon-redshift-limits.html#data-api-quotas-account
func TestThrottle(t *testing.T) {
	c := newClient(t, redshiftsim.Config{}, Options{Throttle: true})
	for range 3 {
		c.call("ListStatements", m{})
	}
	c.fails("ListStatements", m{}, http.StatusBadRequest, "ThrottlingException", "Rate exceeded")
	c.call("ListSessions", m{})
	for name := range operations {
		if quotas[name] == 0 {
			t.Errorf("%s has no quota", name)
		}
	}
}
