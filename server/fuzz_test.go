package server

import (
	"encoding/binary"
	"io"
	"net"
	"testing"
	"time"

	"github.com/jackc/pgx/v5/pgproto3"

	"github.com/redshiftsim/redshiftsim/engine"
)

// fuzzed makes a server whose clients send anything.
func fuzzed(f *testing.F, auth Auth) *Server {
	s := newServer(engine.New(engine.Config{Nodes: 1, Slices: 1}), Config{
		Auth: auth, NoTLS: true, AuthTimeout: time.Second, IdleTimeout: time.Second, WriteTimeout: time.Second, MaxMessage: 1 << 20, MaxFailures: 1 << 30,
		Log: func(format string, args ...any) {
			if len(format) > 5 && format[:5] == "panic" {
				panic(args)
			}
		},
	})
	f.Cleanup(func() { shutdown(f, s) })
	return s
}

// talk sends bytes and reads whatever comes until the connection ends.
func talk(t *testing.T, s *Server, data []byte) {
	nc, sc := pipe()
	s.start(sc, true)
	_ = nc.SetDeadline(time.Now().Add(10 * time.Second))
	done := make(chan struct{})
	go func() { defer close(done); _, _ = io.Copy(io.Discard, nc) }()
	_, _ = nc.Write(data)
	time.Sleep(time.Millisecond)
	hangUp(nc)
	<-done
	s.mu.Lock()
	n := len(s.conns)
	s.mu.Unlock()
	if n > 100 {
		t.Fatalf("%d connections do not end", n)
	}
}

// hangUp ends what the client says, as a half-closed socket does.
func hangUp(nc net.Conn) {
	h := nc.(*end).out
	h.mu.Lock()
	h.ended = true
	h.mu.Unlock()
	h.cond.Broadcast()
}

// packet is a start-up packet.
func packet(version uint32, pairs ...string) []byte {
	b := binary.BigEndian.AppendUint32(nil, version)
	for _, p := range pairs {
		b = append(append(b, p...), 0)
	}
	b = append(b, 0)
	return append(binary.BigEndian.AppendUint32(nil, uint32(len(b)+4)), b...)
}

// FuzzStartup: whatever a client begins with, the server neither panics nor lets it in nor holds memory for it.
func FuzzStartup(f *testing.F) {
	s := fuzzed(f, AuthPassword)
	f.Add(packet(3<<16, "user", "awsuser", "database", "dev"))
	f.Add(packet(3<<16|2, "user", "awsuser", "_pq_.x", "1", "options", `-c a=b\ c --d=e`))
	f.Add(packet(sslCode))
	f.Add(append(packet(gssCode), packet(cancelCode)...))
	f.Add([]byte{0x40, 0, 0, 0})
	sasl, _ := (&pgproto3.SASLInitialResponse{AuthMechanism: scramName, Data: []byte("n,,n=,r=abc")}).Encode(packet(3<<16, "user", "awsuser"))
	sasl, _ = (&pgproto3.SASLResponse{Data: []byte("c=biws,r=abc,p=AAAA")}).Encode(sasl)
	f.Add(sasl)
	f.Fuzz(func(t *testing.T, data []byte) {
		talk(t, s, data)
		if s.counts.statements.Load() > 0 {
			t.Fatal("a statement ran without a password")
		}
	})
}

// FuzzMessages: whatever a client sends once it is in, the server does not panic.
func FuzzMessages(f *testing.F) {
	s := fuzzed(f, AuthTrust)
	start := packet(3<<16, "user", "awsuser", "database", "dev")
	for _, list := range [][]pgproto3.FrontendMessage{
		{&pgproto3.Query{String: "SELECT 1; SELECT 'x'"}, &pgproto3.Terminate{}},
		{
			&pgproto3.Parse{Name: "a", Query: "SELECT $1, $2", ParameterOIDs: []uint32{20, 1700}}, &pgproto3.Describe{ObjectType: 'S', Name: "a"},
			&pgproto3.Bind{PreparedStatement: "a", DestinationPortal: "p", ParameterFormatCodes: []int16{1}, Parameters: [][]byte{make([]byte, 8), {0, 1, 0, 0, 0, 0, 0, 2, 0, 9}}, ResultFormatCodes: []int16{1}},
			&pgproto3.Execute{Portal: "p", MaxRows: 1}, &pgproto3.Close{ObjectType: 'P', Name: "p"}, &pgproto3.Flush{}, &pgproto3.Sync{},
		},
		{&pgproto3.FunctionCall{}, &pgproto3.CopyData{Data: []byte("x")}, &pgproto3.CopyDone{}, &pgproto3.CopyFail{}},
	} {
		var b []byte
		for _, m := range list {
			b, _ = m.Encode(b)
		}
		f.Add(b)
	}
	f.Add([]byte{'Q', 0x3f, 0xff, 0xff, 0xff})
	f.Fuzz(func(t *testing.T, data []byte) { talk(t, s, append(start[:len(start):len(start)], data...)) })
}
