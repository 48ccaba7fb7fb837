package dataapi

import (
	"net/http"
	"testing"
	"time"

	"github.com/redshiftsim/redshiftsim"
)

// TestSession keeps a session, with what SET and CREATE TEMP TABLE made in it, until it was idle for long enough.
// https://docs.aws.amazon.com/redshift/latest/mgmt/data-api.html#data-api-calling-considerations-session-reuse
func TestSession(t *testing.T) {
	now := &clock{time.Date(2026, 11, 26, 12, 0, 0, 0, time.UTC)}
	c := newClient(t, redshiftsim.Config{Clock: now.read}, Options{})
	out := c.call("ExecuteStatement", in("create temp table t as select 42 as a", m{"SessionKeepAliveSeconds": 60}))
	id, _ := out["SessionId"].(string)
	if id == "" || out["Status"] != "FINISHED" {
		t.Fatalf("first: %v", out)
	}
	inside := func(more m) m {
		o := m{"SessionId": id, "ClusterIdentifier": nil, "Database": nil}
		for k, v := range more {
			o[k] = v
		}
		return o
	}
	now.now = now.now.Add(50 * time.Second)
	if got := c.rows("select a from t", inside(nil)); got != `[[{"longValue":42}]]` {
		t.Errorf("second: %s", got)
	}
	c.run("begin", inside(nil))
	c.run("create table u (a int)", inside(nil))
	c.run("commit", inside(nil))
	c.run("select * from u", nil)
	list := c.call("ListSessions", m{})["Sessions"].([]any)
	if len(list) != 1 {
		t.Fatalf("sessions: %v", list)
	}
	s := list[0].(m)
	if s["SessionId"] != id || s["Status"] != "AVAILABLE" || s["Database"] != "dev" || s["DbUser"] != "awsuser" || text(s["SessionAliveSeconds"]) != "60" ||
		text(s["CreatedAt"]) != "1795694400" || text(s["UpdatedAt"]) != "1795694450" || text(s["SessionTtl"]) != "1795694510" {
		t.Errorf("session: %v", s)
	}
	c.fails("ExecuteStatement", in("select 1", m{"SessionId": id}), http.StatusBadRequest, "ValidationException", "they are the session's")
	c.fails("ExecuteStatement", in("select 1", inside(m{"Database": "other"})), http.StatusBadRequest, "ValidationException", "connected to database dev")
	c.run("select 1", inside(m{"Database": "dev", "SessionKeepAliveSeconds": 10}))
	now.now = now.now.Add(11 * time.Second)
	c.fails("ExecuteStatement", in("select 1", inside(nil)), http.StatusNotFound, "ResourceNotFoundException", "Session is not available")
	if n := len(c.call("ListSessions", m{})["Sessions"].([]any)); n != 0 {
		t.Errorf("%d open sessions", n)
	}
	list = c.call("ListSessions", m{"Status": "CLOSED"})["Sessions"].([]any)
	if len(list) != 1 || list[0].(m)["Status"] != "CLOSED" {
		t.Errorf("closed: %v", list)
	}
	now.now = now.now.Add(25 * time.Hour)
	if n := len(c.call("ListSessions", m{"Status": "CLOSED"})["Sessions"].([]any)); n != 0 {
		t.Errorf("%d closed sessions a day later", n)
	}
}

// TestSessionEndsByItself: nobody calls, and the session ends: what it had locked is free.
func TestSessionEndsByItself(t *testing.T) {
	c := newClient(t, redshiftsim.Config{}, Options{})
	c.run("create table t (a int)", nil)
	out := c.call("ExecuteStatement", in("begin", m{"SessionKeepAliveSeconds": 1}))
	c.run("lock t", m{"SessionId": out["SessionId"], "ClusterIdentifier": nil, "Database": nil})
	begun := time.Now()
	out = c.call("ExecuteStatement", in("insert into t values (1)", m{"WaitTimeSeconds": 20}))
	if out["Status"] != "FINISHED" || time.Since(begun) > 15*time.Second {
		t.Errorf("after %v: %v", time.Since(begun), out)
	}
}

// TestSessionIsBusy: one statement at a time.
func TestSessionIsBusy(t *testing.T) {
	c := newClient(t, redshiftsim.Config{}, Options{})
	c.run("create table t (a int)", nil)
	first := c.call("ExecuteStatement", in("begin", m{"SessionKeepAliveSeconds": 600}))
	own := m{"SessionId": first["SessionId"], "ClusterIdentifier": nil, "Database": nil}
	c.run("lock t", own)
	second := c.call("ExecuteStatement", in("select 1", m{"SessionKeepAliveSeconds": 600}))
	other := m{"SessionId": second["SessionId"], "ClusterIdentifier": nil, "Database": nil, "WaitTimeSeconds": nil}
	id := c.call("ExecuteStatement", in("insert into t values (1)", other))["Id"]
	c.fails("ExecuteStatement", in("select 1", other), http.StatusBadRequest, "ValidationException", "Session is busy")
	if s := c.call("ListSessions", m{"Status": "BUSY"})["Sessions"].([]any); len(s) != 1 || s[0].(m)["CurrentStatementId"] != id {
		t.Errorf("busy: %v", s)
	}
	if got := c.call("CancelStatement", m{"Id": id}); got["Status"] != true {
		t.Errorf("cancel: %v", got)
	}
	if d := c.describe(id); d["Status"] != "ABORTED" {
		t.Errorf("canceled: %v", d)
	}
	if got := c.rows("select 7", m{"SessionId": second["SessionId"], "ClusterIdentifier": nil, "Database": nil}); got != `[[{"longValue":7}]]` {
		t.Errorf("behind: %s", got)
	}
	c.run("commit", own)
	c.fails("CancelStatement", m{"Id": id}, http.StatusBadRequest, "ValidationException", "Could not cancel a query that is already in ABORTED state")
}

// TestSessionThatCannotConnect is gone with its statement.
func TestSessionThatCannotConnect(t *testing.T) {
	c := newClient(t, redshiftsim.Config{}, Options{})
	out := c.call("ExecuteStatement", in("select 1", m{"Database": "nowhere", "SessionKeepAliveSeconds": 60}))
	if out["Status"] != "FAILED" {
		t.Errorf("%v", out)
	}
	c.fails("ExecuteStatement", in("select 1", m{"SessionId": out["SessionId"], "ClusterIdentifier": nil, "Database": nil}), http.StatusNotFound, "ResourceNotFoundException", "Session")
}
