package server

import (
	"bufio"
	"io"
	"net"
	"strings"
	"sync/atomic"
	"testing"

	"github.com/jackc/pgx/v5/pgproto3"

	"github.com/redshiftsim/redshiftsim/engine"
)

// countedConn counts the system calls of a server's connection.
type countedConn struct {
	net.Conn
	reads, writes *atomic.Int64
}

func (c countedConn) Read(p []byte) (int, error)  { c.reads.Add(1); return c.Conn.Read(p) }
func (c countedConn) Write(p []byte) (int, error) { c.writes.Add(1); return c.Conn.Write(p) }

type countedListener struct {
	net.Listener
	reads, writes atomic.Int64
}

// Accept wraps the connection.
func (l *countedListener) Accept() (net.Conn, error) {
	c, err := l.Listener.Accept()
	if err != nil {
		return nil, err
	}
	return countedConn{c, &l.reads, &l.writes}, nil
}

// asker is a client on loopback that sends bytes that are ready and only looks for the end of the answer.
type asker struct {
	nc net.Conn
	in *bufio.Reader
	l  *countedListener
}

// newAsker connects to a server of its own that has a table t of a thousand rows.
func newAsker(tb testing.TB) *asker {
	tb.Helper()
	s := newServer(engine.New(engine.Config{}), Config{Auth: AuthTrust, NoTLS: true})
	plain, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		tb.Fatal(err)
	}
	a := &asker{l: &countedListener{Listener: plain}}
	go func() { _ = s.Serve(a.l) }()
	tb.Cleanup(func() { shutdown(tb, s) })
	if a.nc, err = net.Dial("tcp", plain.Addr().String()); err != nil {
		tb.Fatal(err)
	}
	tb.Cleanup(func() { _ = a.nc.Close() })
	a.in = bufio.NewReader(a.nc)
	a.ask(tb, encoded(&pgproto3.StartupMessage{ProtocolVersion: pgproto3.ProtocolVersion30, Parameters: map[string]string{"user": "awsuser", "database": "dev"}}))
	a.ask(tb, encoded(&pgproto3.Query{String: "CREATE TABLE t (a int, b int); INSERT INTO t VALUES (77, 1)" + strings.Repeat(", (1, 2)", 999)}))
	a.ask(tb, encoded(&pgproto3.Query{String: "SET enable_result_cache_for_session TO off"}))
	a.ask(tb, encoded(&pgproto3.Parse{Name: "s", Query: "SELECT b FROM t WHERE a = $1"}, &pgproto3.Sync{}))
	return a
}

// encoded is what goes over the wire for messages.
func encoded(messages ...pgproto3.FrontendMessage) (out []byte) {
	for _, m := range messages {
		out, _ = m.Encode(out)
	}
	return out
}

// ask sends messages and reads up to ReadyForQuery.
func (a *asker) ask(tb testing.TB, messages []byte) {
	if _, err := a.nc.Write(messages); err != nil {
		tb.Fatal(err)
	}
	for {
		head, err := a.in.Peek(5)
		if err != nil {
			tb.Fatal(err)
		}
		kind, size := head[0], int(head[1])<<24|int(head[2])<<16|int(head[3])<<8|int(head[4])
		if kind == 'E' {
			rest, _ := io.ReadAll(io.LimitReader(a.in, int64(size)))
			tb.Fatalf("%q", rest)
		}
		if _, err := a.in.Discard(size + 1); err != nil {
			tb.Fatal(err)
		}
		if kind == 'Z' {
			return
		}
	}
}

// statements are ways to send one.
var statements = []struct {
	name     string
	messages []byte
}{
	{"simple", encoded(&pgproto3.Query{String: "SELECT b FROM t WHERE a = 77"})},
	{"prepared", encoded(
		&pgproto3.Bind{PreparedStatement: "s", Parameters: [][]byte{[]byte("77")}, ResultFormatCodes: []int16{1}},
		&pgproto3.Describe{ObjectType: 'P'}, &pgproto3.Execute{}, &pgproto3.Sync{})},
	{"unnamed", encoded(
		&pgproto3.Parse{Query: "SELECT b FROM t WHERE a = $1"}, &pgproto3.Bind{Parameters: [][]byte{[]byte("77")}},
		&pgproto3.Describe{ObjectType: 'P'}, &pgproto3.Execute{}, &pgproto3.Sync{})},
	{"set", encoded(&pgproto3.Query{String: "SET query_group TO 'a'"})},
}

// TestSystemCalls: a statement is one read and one write, however many messages it has.
func TestSystemCalls(t *testing.T) {
	a := newAsker(t)
	for _, c := range statements {
		reads, writes := a.l.reads.Load(), a.l.writes.Load()
		const n = 50
		for range n {
			a.ask(t, c.messages)
		}
		// The answer may be here before the server reads again: one read more or less. What takes 100 ms, on a busy machine, is watched by reading.
		if r, w := a.l.reads.Load()-reads, a.l.writes.Load()-writes; r < n-1 || r > n+n/2 || w != n {
			t.Errorf("%s: %d reads and %d writes for %d statements", c.name, r, w, n)
		}
	}
}

// BenchmarkStatement times statements over loopback, with all that the server does for one. reads/op and writes/op are the server's.
func BenchmarkStatement(b *testing.B) {
	for _, c := range statements {
		b.Run(c.name, func(b *testing.B) {
			a := newAsker(b)
			a.ask(b, c.messages)
			reads, writes := a.l.reads.Load(), a.l.writes.Load()
			b.ReportAllocs()
			b.ResetTimer()
			for b.Loop() {
				a.ask(b, c.messages)
			}
			b.ReportMetric(float64(a.l.reads.Load()-reads)/float64(b.N), "reads/op")
			b.ReportMetric(float64(a.l.writes.Load()-writes)/float64(b.N), "writes/op")
		})
	}
}
