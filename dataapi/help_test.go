package dataapi

import (
	"bytes"
	"encoding/json"
	"io"
	"net/http"
	"strings"
	"testing"
	"time"

	"github.com/redshiftsim/redshiftsim"
)

// clock is a cluster's clock that is moved by hand.
type clock struct{ now time.Time }

func (c *clock) read() time.Time { return c.now }

// client calls the operations of a handler, as a caller whose requests are signed by a key that nobody checks.
type client struct {
	t   testing.TB
	h   *Handler
	key string
}

// m is a body of JSON.
type m = map[string]any

// newClient makes a cluster and its API.
func newClient(t testing.TB, cfg redshiftsim.Config, o Options) *client {
	t.Helper()
	k, err := redshiftsim.NewConnector(cfg)
	if err != nil {
		t.Fatal(err)
	}
	h := New(k.Cluster(), o)
	t.Cleanup(func() {
		if err := h.Close(); err != nil {
			t.Error(err)
		}
		if err := k.Close(); err != nil {
			t.Error(err)
		}
	})
	return &client{t: t, h: h, key: "AKIDEXAMPLE"}
}

// request is a signed request, whose signature nobody checks.
func request(t testing.TB, operation, key, body string) *http.Request {
	t.Helper()
	r, err := http.NewRequestWithContext(t.Context(), http.MethodPost, Endpoint+"/", strings.NewReader(body))
	if err != nil {
		t.Fatal(err)
	}
	r.Header.Set("Content-Type", contentType)
	r.Header.Set("X-Amz-Target", targetOf+operation)
	r.Header.Set("Authorization", "AWS4-HMAC-SHA256 Credential="+key+"/20261126/us-east-1/redshift-data/aws4_request, SignedHeaders=host;x-amz-date, Signature=00")
	return r
}

// try calls an operation and gives HTTP's status and the body.
func (c *client) try(operation string, in m) (int, m) {
	c.t.Helper()
	b, err := json.Marshal(in)
	if err != nil {
		c.t.Fatal(err)
	}
	resp, err := c.h.Client().Do(request(c.t, operation, c.key, string(b)))
	if err != nil {
		c.t.Fatal(err)
	}
	defer resp.Body.Close()
	body, err := io.ReadAll(resp.Body)
	if err != nil {
		c.t.Fatal(err)
	}
	out := m{}
	d := json.NewDecoder(bytes.NewReader(body))
	d.UseNumber()
	if err := d.Decode(&out); err != nil {
		c.t.Fatalf("%s: %v in %s", operation, err, body)
	}
	if resp.Header.Get("Content-Type") != contentType || len(resp.Header.Get("X-Amzn-Requestid")) != 36 {
		c.t.Errorf("%s: headers %v", operation, resp.Header)
	}
	return resp.StatusCode, out
}

// call calls an operation that succeeds.
func (c *client) call(operation string, in m) m {
	c.t.Helper()
	code, out := c.try(operation, in)
	if code != http.StatusOK {
		c.t.Fatalf("%s %v: %d %v", operation, in, code, out)
	}
	return out
}

// fails calls an operation that fails with a kind of error, and words in its message.
func (c *client) fails(operation string, in m, code int, kind, words string) m {
	c.t.Helper()
	got, out := c.try(operation, in)
	text, _ := out["Message"].(string)
	if got != code || out["__type"] != kind || !strings.Contains(text, words) {
		c.t.Errorf("%s %v:\n got %d %v\nwant %d %s %q", operation, in, got, out, code, kind, words)
	}
	return out
}

// in is the input of a statement on the cluster: members over the usual ones.
func in(sql string, more m) m {
	out := m{"Sql": sql, "ClusterIdentifier": "c", "Database": "dev", "WaitTimeSeconds": 30}
	for k, v := range more {
		if v == nil {
			delete(out, k)
		} else {
			out[k] = v
		}
	}
	return out
}

// batchOf is the input of a batch.
func batchOf(more m, sqls ...string) m {
	out := in("", more)
	delete(out, "Sql")
	out["Sqls"] = sqls
	return out
}

// run runs a statement to its end, which is a good one, and gives its id.
func (c *client) run(sql string, more m) string {
	c.t.Helper()
	out := c.call("ExecuteStatement", in(sql, more))
	id := out["Id"].(string)
	if d := c.call("DescribeStatement", m{"Id": id, "WaitTimeSeconds": 30}); d["Status"] != "FINISHED" {
		c.t.Fatalf("%s: %v", sql, d)
	}
	return id
}

// broken runs a statement to its end, which is a bad one, and gives its error.
func (c *client) broken(sql string, more m) string {
	c.t.Helper()
	d := c.call("DescribeStatement", m{"Id": c.call("ExecuteStatement", in(sql, more))["Id"], "WaitTimeSeconds": 30})
	if d["Status"] != "FAILED" {
		c.t.Fatalf("%s: %v", sql, d)
	}
	return d["Error"].(string)
}

// rows runs a query and gives its records as JSON.
func (c *client) rows(sql string, more m) string {
	c.t.Helper()
	return text(c.call("GetStatementResult", m{"Id": c.run(sql, more)})["Records"])
}

// text is a value as JSON.
func text(v any) string {
	b, err := json.Marshal(v)
	if err != nil {
		panic(err)
	}
	return string(b)
}

// equal compares values as JSON.
func equal(t testing.TB, what string, got any, want string) {
	t.Helper()
	var w any
	d := json.NewDecoder(strings.NewReader(want))
	d.UseNumber()
	if err := d.Decode(&w); err != nil {
		t.Fatalf("%s: %v", what, err)
	}
	if text(got) != text(w) {
		t.Errorf("%s:\n got %s\nwant %s", what, text(got), text(w))
	}
}
