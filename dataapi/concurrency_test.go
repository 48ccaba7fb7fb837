package dataapi

import (
	"context"
	"errors"
	"net/http"
	"runtime"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/redshiftsim/redshiftsim"
)

// holding locks table t until release is called.
func holding(c *client) (release func()) {
	first := c.call("ExecuteStatement", in("begin", m{"SessionKeepAliveSeconds": 3600}))
	own := m{"SessionId": first["SessionId"], "ClusterIdentifier": nil, "Database": nil}
	c.run("lock t", own)
	return func() { c.run("commit", own) }
}

// TestStates: a statement that waits is STARTED, and has no result yet; one that is canceled has done nothing.
func TestStates(t *testing.T) {
	c := newClient(t, redshiftsim.Config{}, Options{})
	c.run("create table t (a int)", nil)
	release := holding(c)
	out := c.call("ExecuteStatement", in("insert into t values (1)", m{"WaitTimeSeconds": 1}))
	if out["Status"] != "STARTED" || out["HasResultSet"] != false || text(out["RedshiftPid"]) == "0" {
		t.Errorf("submitted: %v", out)
	}
	id := out["Id"]
	d := c.call("DescribeStatement", m{"Id": id})
	if d["Status"] != "STARTED" || text(d["Duration"]) != "-1" || text(d["ResultRows"]) != "-1" || text(d["ResultSize"]) != "-1" || text(d["RedshiftQueryId"]) != "0" {
		t.Errorf("running: %v", d)
	}
	c.fails("GetStatementResult", m{"Id": id, "WaitTimeSeconds": 1}, http.StatusNotFound, "ResourceNotFoundException", "Query does not have result")
	batch := c.call("BatchExecuteStatement", batchOf(m{"WaitTimeSeconds": nil}, "select 1", "insert into t values (2)", "select 3"))["Id"].(string)
	equal(t, "a part that is over", c.call("GetStatementResult", m{"Id": batch + ":1", "WaitTimeSeconds": 30})["Records"], `[[{"longValue":1}]]`)
	if d := c.call("DescribeStatement", m{"Id": batch + ":1"}); d["Status"] != "STARTED" || d["SubStatements"].([]any)[0].(m)["Status"] != "FINISHED" {
		t.Errorf("batch: %v", d)
	}
	c.fails("CancelStatement", m{"Id": batch + ":2"}, http.StatusBadRequest, "ValidationException", "sub-statement")
	for _, id := range []any{batch, id} {
		if out := c.call("CancelStatement", m{"Id": id}); out["Status"] != true {
			t.Errorf("cancel: %v", out)
		}
	}
	release()
	d = c.describe(batch)
	if d["Status"] != "ABORTED" || text(ids(d["SubStatements"], "Status")) != `["FINISHED","ABORTED","ABORTED"]` {
		t.Errorf("canceled batch: %v", d)
	}
	if got := c.rows("select count(*) from t", nil); got != `[[{"longValue":0}]]` {
		t.Errorf("rows: %s", got)
	}
}

// TestLimits: 500 statements of a cluster that are not over, 500 sessions, so many who wait for one statement.
func TestLimits(t *testing.T) {
	c := newClient(t, redshiftsim.Config{}, Options{})
	c.run("create table t (a int)", nil)
	release := holding(c)
	all := make([]any, maxActive)
	for i := range all {
		all[i] = c.call("ExecuteStatement", in("insert into t values (1)", m{"WaitTimeSeconds": nil}))["Id"]
	}
	c.fails("ExecuteStatement", in("select 1", nil), http.StatusBadRequest, "ActiveStatementsExceededException", "500")
	c.fails("ExecuteStatement", in("select 1", m{"SessionKeepAliveSeconds": 60}), http.StatusBadRequest, "ActiveStatementsExceededException", "500")
	if n := len(c.call("ListSessions", m{})["Sessions"].([]any)); n != 1 {
		t.Errorf("%d sessions: one that was refused is left", n)
	}
	ctx, stop := context.WithCancel(context.Background())
	var waiting sync.WaitGroup
	seconds := int64(30)
	for range maxWaiting {
		waiting.Go(func() { _ = c.h.wait(ctx, c.h.byID[all[0].(string)], make(chan struct{}), &seconds) })
	}
	for end := time.Now().Add(10 * time.Second); time.Now().Before(end); time.Sleep(time.Millisecond) {
		c.h.mu.Lock()
		n := c.h.byID[all[0].(string)].waiting
		c.h.mu.Unlock()
		if n == maxWaiting {
			break
		}
	}
	c.fails("DescribeStatement", m{"Id": all[0], "WaitTimeSeconds": 1}, http.StatusBadRequest, "ActiveWaitingRequestsExceededException", "100")
	stop()
	waiting.Wait()
	release0 := func() {
		for _, id := range all {
			c.call("CancelStatement", m{"Id": id})
		}
	}
	release0()
	release()
	for range maxSessions - 1 {
		c.run("select 1", m{"SessionKeepAliveSeconds": 600})
	}
	c.fails("ExecuteStatement", in("select 1", m{"SessionKeepAliveSeconds": 60}), http.StatusBadRequest, "ActiveSessionsExceededException", "500")
	c.run("select 1", nil)
}

// TestConcurrent has many callers submit, wait, cancel, list and read at once.
func TestConcurrent(t *testing.T) {
	c := newClient(t, redshiftsim.Config{}, Options{})
	c.run("create table t (a int)", nil)
	var all sync.WaitGroup
	for i := range 8 {
		all.Go(func() {
			for range 10 {
				id := c.call("ExecuteStatement", in("insert into t values (:n)", m{"Parameters": []m{{"name": "n", "value": str(int64(i))}}, "WaitTimeSeconds": nil}))["Id"]
				if i == 0 {
					_, _ = c.try("CancelStatement", m{"Id": id})
				}
				c.call("ListStatements", m{"Status": "ALL"})
				if d := c.describe(id); d["Status"] != "FINISHED" && !(i == 0 && d["Status"] == "ABORTED") {
					t.Errorf("%v", d)
				}
				c.rows("select count(*) from t", m{"SessionKeepAliveSeconds": 1})
				c.call("ListSessions", m{})
			}
		})
	}
	all.Wait()
	if got := c.rows("select count(*) from t where a > 0", nil); got != `[[{"longValue":70}]]` {
		t.Errorf("rows: %s", got)
	}
}

// TestClose: statements that wait are canceled, sessions end, and no goroutine is left.
func TestClose(t *testing.T) {
	k, err := redshiftsim.NewConnector(redshiftsim.Config{})
	if err != nil {
		t.Fatal(err)
	}
	defer k.Close()
	before := runtime.NumGoroutine()
	c := &client{t: t, h: New(k.Cluster(), Options{}), key: "K"}
	c.run("create table t (a int)", nil)
	holding(c)
	id := c.call("ExecuteStatement", in("insert into t values (1)", m{"WaitTimeSeconds": nil}))["Id"]
	waited := make(chan m, 1)
	go func() {
		_, out := c.try("DescribeStatement", m{"Id": id, "WaitTimeSeconds": 30})
		waited <- out
	}()
	for end := time.Now().Add(10 * time.Second); time.Now().Before(end); time.Sleep(time.Millisecond) {
		c.h.mu.Lock()
		n := c.h.byID[id.(string)].waiting
		c.h.mu.Unlock()
		if n == 1 {
			break
		}
	}
	if err := c.h.Close(); err != nil {
		t.Fatal(err)
	}
	<-waited
	if err := c.h.Close(); err != nil {
		t.Errorf("again: %v", err)
	}
	c.fails("ListStatements", m{}, http.StatusServiceUnavailable, "ServiceUnavailableException", "closed")
	for end := time.Now().Add(10 * time.Second); runtime.NumGoroutine() > before && time.Now().Before(end); time.Sleep(time.Millisecond) {
	}
	if n := runtime.NumGoroutine(); n > before {
		stacks := make([]byte, 1<<16)
		t.Errorf("%d goroutines, %d before:\n%s", n, before, stacks[:runtime.Stack(stacks, true)])
	}
}

// TestCallerGoes: a request that ends while it waits is answered with the error of its context.
func TestCallerGoes(t *testing.T) {
	c := newClient(t, redshiftsim.Config{}, Options{})
	c.run("create table t (a int)", nil)
	defer holding(c)()
	id := c.call("ExecuteStatement", in("insert into t values (1)", m{"WaitTimeSeconds": nil}))["Id"].(string)
	ctx, stop := context.WithTimeout(t.Context(), 50*time.Millisecond)
	defer stop()
	r := request(t, "DescribeStatement", "K", `{"Id":"`+id+`","WaitTimeSeconds":30}`).WithContext(ctx)
	if _, err := c.h.Client().Do(r); !errors.Is(err, context.DeadlineExceeded) || !strings.Contains(err.Error(), "Post") {
		t.Errorf("%v", err)
	}
	c.call("CancelStatement", m{"Id": id})
}
