package server

import (
	"bytes"
	"context"
	"fmt"
	"io"
	"net"
	"runtime"
	"strings"
	"testing"
	"time"

	"github.com/jackc/pgx/v5/pgproto3"

	"github.com/redshiftsim/redshiftsim/engine"
	"github.com/redshiftsim/redshiftsim/internal/sqlstate"
)

// peer is a client that speaks the protocol by hand.
type peer struct {
	t  testing.TB
	nc net.Conn
	fe *pgproto3.Frontend
}

// newPeer connects to a server in memory, and is let in.
func newPeer(t testing.TB, s *Server) *peer {
	t.Helper()
	nc, sc := pipe()
	s.start(sc, true)
	return greeting(t, nc)
}

// greeting says who connects.
func greeting(t testing.TB, nc net.Conn) *peer {
	t.Helper()
	p := &peer{t, nc, pgproto3.NewFrontend(nc, nc)}
	p.send(&pgproto3.StartupMessage{ProtocolVersion: pgproto3.ProtocolVersion30, Parameters: map[string]string{"user": "awsuser", "database": "dev"}})
	return p
}

// meet is greeting, and waits until the client is let in.
func meet(t testing.TB, nc net.Conn) *peer {
	t.Helper()
	p := greeting(t, nc)
	p.ready()
	return p
}

// row reads up to a row.
func (p *peer) row() *pgproto3.DataRow {
	p.t.Helper()
	for {
		m, err := p.fe.Receive()
		if err != nil {
			p.t.Fatal(err)
		}
		if r, ok := m.(*pgproto3.DataRow); ok {
			return r
		}
	}
}

func (p *peer) send(list ...pgproto3.FrontendMessage) {
	p.t.Helper()
	for _, m := range list {
		p.fe.Send(m)
	}
	if err := p.fe.Flush(); err != nil {
		p.t.Fatal(err)
	}
}

// until reads up to a message of a type, and gives the code of an error on the way.
func (p *peer) until(last pgproto3.BackendMessage) (code string) {
	p.t.Helper()
	for {
		m, err := p.fe.Receive()
		if err != nil {
			p.t.Fatalf("waiting for %T: %v", last, err)
		}
		if e, ok := m.(*pgproto3.ErrorResponse); ok {
			code = e.Code
		}
		if fmt.Sprintf("%T", m) == fmt.Sprintf("%T", last) {
			return code
		}
	}
}

func (p *peer) ready() string { p.t.Helper(); return p.until(&pgproto3.ReadyForQuery{}) }

// newTestServer makes a server of a small cluster; it must have ended well when the test ends.
func newTestServer(t testing.TB, cfg Config) *Server {
	t.Helper()
	cfg.Auth, cfg.NoTLS = AuthTrust, true
	s := newServer(engine.New(engine.Config{}), cfg)
	t.Cleanup(func() { shutdown(t, s) })
	return s
}

// busy says whether a statement runs.
func (s *Server) busy() bool {
	s.mu.Lock()
	defer s.mu.Unlock()
	for c := range s.conns {
		if c.running.Load() != nil {
			return true
		}
	}
	return false
}

// within waits for something that happens soon.
func within(t testing.TB, what func() bool) {
	t.Helper()
	for end := time.Now().Add(5 * time.Second); !what(); time.Sleep(time.Millisecond) {
		if time.Now().After(end) {
			t.Fatal("it does not happen")
		}
	}
}

// long is a statement that runs until it is stopped.
const long = "SELECT count(*) FROM generate_series(1, 30000) a, generate_series(1, 30000) b, generate_series(1, 1000) c WHERE a.a + b.b + c.c < 0"

// TestCancel: a cancel request stops the statement, and nothing else. One with a wrong key stops nothing.
func TestCancel(t *testing.T) {
	s := newTestServer(t, Config{})
	p := newPeer(t, s)
	var key pgproto3.BackendKeyData
	for {
		m, err := p.fe.Receive()
		if err != nil {
			t.Fatal(err)
		}
		if k, ok := m.(*pgproto3.BackendKeyData); ok {
			key = pgproto3.BackendKeyData{ProcessID: k.ProcessID, SecretKey: bytes.Clone(k.SecretKey)}
		}
		if _, ok := m.(*pgproto3.ReadyForQuery); ok {
			break
		}
	}
	cancel := func(secret []byte) {
		nc, sc := pipe()
		s.start(sc, true)
		b, err := (&pgproto3.CancelRequest{ProcessID: key.ProcessID, SecretKey: secret}).Encode(nil)
		if err != nil {
			t.Fatal(err)
		}
		_, _ = nc.Write(b)
		_, _ = io.Copy(io.Discard, nc)
	}
	for range 3 {
		p.send(&pgproto3.Query{String: long})
		within(t, s.busy)
		wrong := bytes.Clone(key.SecretKey)
		wrong[0]++
		cancel(wrong)
		cancel(wrong[:3])
		if got := s.counts.canceled.Load(); got != 0 {
			t.Fatalf("%d statements were canceled with a wrong key", got)
		}
		cancel(key.SecretKey)
		if code := p.ready(); code != string(sqlstate.QueryCanceled) {
			t.Fatalf("a canceled statement ended with %q", code)
		}
		s.counts.canceled.Store(0)
	}
	cancel(key.SecretKey) // nothing runs
	p.send(&pgproto3.Query{String: "SELECT 1"})
	if code := p.ready(); code != "" {
		t.Errorf("the connection is not usable: %s", code)
	}
}

// TestTerminate: another session ends one that is idle, which hears of it at once, and one that runs.
func TestTerminate(t *testing.T) {
	s := newTestServer(t, Config{})
	for _, busy := range []bool{false, true} {
		a, b := newPeer(t, s), newPeer(t, s)
		var pid uint32
		for pid == 0 {
			m, err := a.fe.Receive()
			if err != nil {
				t.Fatal(err)
			}
			if k, ok := m.(*pgproto3.BackendKeyData); ok {
				pid = k.ProcessID
			}
		}
		a.ready()
		b.ready()
		if busy {
			a.send(&pgproto3.Query{String: long})
			within(t, s.busy)
		}
		b.send(&pgproto3.Query{String: fmt.Sprintf("SELECT pg_terminate_backend(%d)", pid)})
		if code := b.ready(); code != "" {
			t.Fatal(code)
		}
		if code := a.until(&pgproto3.ErrorResponse{}); code != string(sqlstate.AdminShutdown) {
			t.Errorf("busy %v: %s", busy, code)
		}
		if _, err := a.fe.Receive(); err == nil {
			t.Errorf("busy %v: the connection goes on", busy)
		}
	}
}

// TestShutdown: idle connections end at once, one that runs may end its statement, and is canceled when it takes too long.
func TestShutdown(t *testing.T) {
	s := newServer(engine.New(engine.Config{}), Config{Auth: AuthTrust, NoTLS: true})
	idle, busy := newPeer(t, s), newPeer(t, s)
	idle.ready()
	busy.ready()
	busy.send(&pgproto3.Query{String: long})
	within(t, s.busy)
	ctx, cancel := context.WithTimeout(context.Background(), 200*time.Millisecond)
	defer cancel()
	done := make(chan error, 1)
	go func() { done <- s.Shutdown(ctx) }()
	if code := idle.until(&pgproto3.ErrorResponse{}); code != string(sqlstate.AdminShutdown) {
		t.Error(code)
	}
	select {
	case err := <-done:
		if err != context.DeadlineExceeded {
			t.Error(err)
		}
	case <-time.After(5 * time.Second):
		t.Fatal("the statement runs on")
	}
	nc, sc := pipe()
	s.start(sc, true)
	if _, err := nc.Read(make([]byte, 1)); err != io.EOF {
		t.Error("a server that has ended takes connections", err)
	}
}

// TestShutdownWithoutReader: a client that takes nothing does not keep a server.
func TestShutdownWithoutReader(t *testing.T) {
	s := newServer(engine.New(engine.Config{}), Config{Auth: AuthTrust, NoTLS: true})
	p := newPeer(t, s)
	p.ready()
	p.send(&pgproto3.Query{String: "SELECT * FROM generate_series(1, 100000)"})
	within(t, func() bool { return s.counts.sent.Load() >= flushAt })
	ctx, cancel := context.WithTimeout(context.Background(), 50*time.Millisecond)
	defer cancel()
	done := make(chan error, 1)
	go func() { done <- s.Shutdown(ctx) }()
	select {
	case err := <-done:
		if err != context.DeadlineExceeded {
			t.Error(err)
		}
	case <-time.After(5 * time.Second):
		t.Fatal("the server waits for a client that does not read")
	}
}

// TestTimeouts: who says nothing at the start, or for too long, or does not take what it asked for, is dropped, and its locks are free.
func TestTimeouts(t *testing.T) {
	t.Run("start", func(t *testing.T) {
		s := newTestServer(t, Config{AuthTimeout: 50 * time.Millisecond})
		nc, sc := pipe()
		s.start(sc, true)
		_, _ = nc.Write([]byte{0, 0})
		if _, err := nc.Read(make([]byte, 1)); err != io.EOF {
			t.Error(err)
		}
	})
	t.Run("idle", func(t *testing.T) {
		p := newPeer(t, newTestServer(t, Config{IdleTimeout: 50 * time.Millisecond}))
		p.ready()
		if code := p.until(&pgproto3.ErrorResponse{}); code != "57P05" {
			t.Error(code)
		}
	})
	t.Run("a user's", func(t *testing.T) { // its transaction ends with the session, and a portal that is half read
		s := newTestServer(t, Config{IdleTimeout: time.Hour, idleLimit: func(s *engine.Session) time.Duration {
			if s.IdleLimit() == 60*time.Second {
				return 50 * time.Millisecond
			}
			return 0
		}})
		other := newPeer(t, s)
		other.ready()
		other.query("CREATE USER slow PASSWORD DISABLE SESSION TIMEOUT 60; CREATE TABLE t (a int); INSERT INTO t VALUES (1), (2); GRANT ALL ON t TO slow")
		nc, sc := pipe()
		s.start(sc, true)
		p := &peer{t, nc, pgproto3.NewFrontend(nc, nc)}
		p.send(&pgproto3.StartupMessage{ProtocolVersion: pgproto3.ProtocolVersion30, Parameters: map[string]string{"user": "slow", "database": "dev"}})
		p.ready()
		p.send(&pgproto3.Query{String: "BEGIN; LOCK t"}, &pgproto3.Parse{Query: "SELECT a FROM t"}, &pgproto3.Bind{}, &pgproto3.Execute{MaxRows: 1}, &pgproto3.Flush{})
		p.until(&pgproto3.PortalSuspended{})
		if code := p.until(&pgproto3.ErrorResponse{}); code != "57P01" {
			t.Error(code)
		}
		other.query("INSERT INTO t VALUES (3)")
	})
	for name, x := range map[string]struct {
		cfg Config
		set string
	}{
		"slow reader":                          {Config{WriteTimeout: 100 * time.Millisecond}, ""},
		"slow reader of a timed-out statement": {Config{}, "SET statement_timeout TO 200; "},
	} {
		t.Run(name, func(t *testing.T) { slowReader(t, newTestServer(t, x.cfg), x.set) })
	}
}

// slowReader is a client that locks a table, asks for 4 MB of it, and reads nothing: another comes to the table before long.
func slowReader(t *testing.T, s *Server, set string) {
	slow, other := newPeer(t, s), newPeer(t, s)
	slow.ready()
	other.ready()
	fill := "CREATE TABLE t (a varchar(1000)); INSERT INTO t VALUES ('" + strings.Repeat("x", 1000) + "')" + strings.Repeat("; INSERT INTO t SELECT a FROM t", 12)
	other.send(&pgproto3.Query{String: fill})
	if code := other.ready(); code != "" {
		t.Fatal(code)
	}
	slow.send(&pgproto3.Query{String: set + "BEGIN; LOCK t; SELECT * FROM t"}) // 4 MB of which nobody reads more than the beginning
	slow.until(&pgproto3.RowDescription{})
	other.send(&pgproto3.Query{String: "SELECT count(*) FROM t"})
	if code := other.ready(); code != "" {
		t.Error(code)
	}
}

// TestLimit: one connection more than is allowed hears why, and the place of one that ends is free.
func TestLimit(t *testing.T) {
	s := newTestServer(t, Config{MaxConnections: 2})
	a, b := newPeer(t, s), newPeer(t, s)
	a.ready()
	b.ready()
	if code := newPeer(t, s).until(&pgproto3.ErrorResponse{}); code != string(sqlstate.TooManyConnections) {
		t.Error(code)
	}
	a.send(&pgproto3.Terminate{})
	_, _ = io.Copy(io.Discard, a.nc)
	newPeer(t, s).ready()
	_ = b.nc.Close() // without a word
}

// TestParameters: 32,767 parameters go, one more is Redshift's error.
func TestParameters(t *testing.T) {
	p := newPeer(t, newTestServer(t, Config{}))
	p.ready()
	for n, want := range map[int]string{maxParameters: "", maxParameters + 1: "42P02"} {
		var text strings.Builder
		values := make([][]byte, n)
		text.WriteString("SELECT 1 WHERE 1 IN (")
		for i := range n {
			if i > 0 {
				text.WriteByte(',')
			}
			fmt.Fprintf(&text, "$%d", i+1)
			values[i] = []byte("1")
		}
		text.WriteByte(')')
		p.send(&pgproto3.Parse{Query: text.String()}, &pgproto3.Bind{Parameters: values}, &pgproto3.Execute{}, &pgproto3.Sync{})
		if code := p.ready(); code != want {
			t.Errorf("%d parameters: %q", n, code)
		}
	}
}

// TestIdleConnections measures what 2,000 connections hold that have run a statement each and wait.
func TestIdleConnections(t *testing.T) {
	if testing.Short() {
		t.Skip("it takes a second or two")
	}
	const n = 2000
	s := newTestServer(t, Config{MaxConnections: n})
	var before, after runtime.MemStats
	runtime.GC()
	runtime.ReadMemStats(&before)
	peers := make([]*peer, n)
	for i := range peers {
		peers[i] = newPeer(t, s)
		peers[i].ready()
		peers[i].send(&pgproto3.Query{String: fmt.Sprintf("SELECT %d AS number, 'text' AS word", i)})
		if code := peers[i].ready(); code != "" {
			t.Fatal(code)
		}
	}
	for range 3 { // stacks shrink step by step
		runtime.GC()
	}
	runtime.ReadMemStats(&after)
	used := int64(after.HeapAlloc+after.StackInuse) - int64(before.HeapAlloc+before.StackInuse)
	t.Logf("%d idle connections, both ends: %d KB each, %d MB in all", n, used/n/1024, used>>20)
	if used > 200<<20 {
		t.Errorf("%d idle connections hold %d MB", n, used>>20)
	}
	runtime.KeepAlive(peers)
}
