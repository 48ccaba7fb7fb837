package server

import (
	"crypto/tls"
	"errors"
	"io"
	"net"
	"strings"
	"testing"
	"time"

	"github.com/jackc/pgx/v5/pgproto3"

	"github.com/redshiftsim/redshiftsim/engine"
	"github.com/redshiftsim/redshiftsim/internal/sqlstate"
)

// ways are the kinds of connections: each gives a client's end, and what is closed when it goes without a word.
func ways(t *testing.T, s *Server) map[string]func() (nc, below net.Conn) {
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	served := make(chan error, 1)
	go func() { served <- s.Serve(l) }()
	t.Cleanup(func() {
		if err := <-served; !errors.Is(err, ErrServerClosed) {
			t.Error(err)
		}
	})
	t.Cleanup(func() { shutdown(t, s) })
	dial := func() net.Conn {
		nc, err := net.Dial("tcp", l.Addr().String())
		if err != nil {
			t.Fatal(err)
		}
		return nc
	}
	return map[string]func() (nc, below net.Conn){
		"memory": func() (net.Conn, net.Conn) {
			nc, sc := pipe()
			s.start(sc, true)
			return nc, nc
		},
		"loopback": func() (net.Conn, net.Conn) {
			nc := dial()
			return nc, nc
		},
		"TLS": func() (net.Conn, net.Conn) {
			nc := dial()
			b, _ := (&pgproto3.SSLRequest{}).Encode(nil)
			if _, err := nc.Write(b); err != nil {
				t.Fatal(err)
			}
			if _, err := nc.Read(b[:1]); err != nil || b[0] != 'S' {
				t.Fatal(err, b[0])
			}
			return tls.Client(nc, &tls.Config{InsecureSkipVerify: true}), nc //nolint:gosec // the certificate was made a moment ago
		},
	}
}

// waiting says how many connections run a statement.
func (s *Server) waiting() (n int) {
	s.mu.Lock()
	defer s.mu.Unlock()
	for c := range s.conns {
		if c.running.Load() != nil {
			n++
		}
	}
	return n
}

// TestVanish: a client that goes while its statement runs, or waits for a lock, takes the statement with it, and what it had sent behind it.
func TestVanish(t *testing.T) {
	for name, sent := range map[string][]pgproto3.FrontendMessage{
		"runs":      {&pgproto3.Query{String: long}},
		"waits":     {&pgproto3.Query{String: "LOCK t"}},
		"piped":     {&pgproto3.Query{String: "LOCK t"}, &pgproto3.Query{String: "CREATE TABLE late (a int)"}},
		"extended":  {&pgproto3.Parse{Query: long}, &pgproto3.Bind{}, &pgproto3.Execute{}, &pgproto3.Sync{}},
		"terminate": {&pgproto3.Query{String: long}, &pgproto3.Terminate{}},
	} {
		s := newServer(engine.New(engine.Config{}), Config{Auth: AuthTrust})
		for way, dial := range ways(t, s) {
			t.Run(name+"/"+way, func(t *testing.T) {
				holder := newPeer(t, s)
				holder.ready()
				holder.send(&pgproto3.Query{String: "CREATE TABLE IF NOT EXISTS t (a int)"}, &pgproto3.Query{String: "BEGIN; LOCK t"})
				if first, second := holder.ready(), holder.ready(); first+second != "" {
					t.Fatal(first, second)
				}
				nc, below := dial()
				p := meet(t, nc)
				p.send(sent...)
				within(t, func() bool { return s.waiting() == 1 })
				_ = below.Close()
				within(t, func() bool { return s.waiting() == 0 })
				holder.send(&pgproto3.Query{String: "COMMIT; SELECT * FROM late"})
				if code := holder.ready(); code != string(sqlstate.UndefinedTable) {
					t.Errorf("what a client that has gone had sent was run: %q", code)
				}
				_ = holder.nc.Close()
				within(t, func() bool { s.mu.Lock(); defer s.mu.Unlock(); return len(s.conns) == 0 })
			})
		}
	}
}

// TestPipelineWhileItWaits: what a client sends while its statement runs is answered in its turn, also when it is more than is kept, and also when
// the bound of an idle connection is shorter than the statement.
func TestPipelineWhileItWaits(t *testing.T) {
	cluster := engine.New(engine.Config{})
	const idle = time.Second
	s := newServer(cluster, Config{Auth: AuthTrust, IdleTimeout: idle})
	holders := newServer(cluster, Config{Auth: AuthTrust}) // which may be idle, however slow the machine is
	for way, dial := range ways(t, s) {
		t.Run(way, func(t *testing.T) {
			holder := newPeer(t, holders)
			holder.ready()
			holder.send(&pgproto3.Query{String: "CREATE TABLE IF NOT EXISTS t (a int)"}, &pgproto3.Query{String: "BEGIN; LOCK t"})
			if first, second := holder.ready(), holder.ready(); first+second != "" {
				t.Fatal(first, second)
			}
			nc, _ := dial()
			p := meet(t, nc)
			wide := strings.Repeat("x", 30_000)
			const n = 10
			sent := make(chan error, 1)
			p.send(&pgproto3.Query{String: "LOCK t"})
			go func() { // it does not fit: the server reads on when the statement has ended
				for i := range n {
					time.Sleep(30 * time.Millisecond) // before watching begins, and while it goes on
					b, err := (&pgproto3.Query{String: "SELECT '" + wide + strings.Repeat("y", i) + "'"}).Encode(nil)
					if err == nil {
						_, err = nc.Write(b)
					}
					if err != nil {
						sent <- err
						return
					}
				}
				sent <- nil
			}()
			time.Sleep(idle + idle/4) // longer than an idle connection may wait
			_ = holder.nc.Close()
			if code := p.ready(); code != "" {
				t.Fatal(code)
			}
			for i := range n {
				m := p.row()
				if got, want := string(m.Values[0]), wide+strings.Repeat("y", i); got != want {
					t.Fatalf("row %d has %d bytes, not %d", i, len(got), len(want))
				}
				p.ready()
			}
			if err := <-sent; err != nil {
				t.Fatal(err)
			}
			_ = nc.Close()
		})
	}
}

// TestPipeLastWords: a client that writes to a connection in memory whose server has closed it reads what the server said, as over TCP.
func TestPipeLastWords(t *testing.T) {
	client, srv := pipe()
	if _, err := srv.Write([]byte("bye")); err != nil {
		t.Fatal(err)
	}
	_ = srv.Close()
	if _, err := client.Write([]byte("hello")); err != nil {
		t.Errorf("a write before the last words are read: %v", err)
	}
	b, err := io.ReadAll(client)
	if string(b) != "bye" || err != nil {
		t.Errorf("%q %v", b, err)
	}
	if _, err := client.Write([]byte("hello")); err != io.ErrClosedPipe {
		t.Errorf("a write after them: %v", err)
	}
}
