package server

import (
	"crypto/tls"
	"fmt"
	"strings"
	"testing"
	"time"

	"github.com/jackc/pgx/v5/pgproto3"

	"github.com/redshiftsim/redshiftsim/engine"
)

// TestVerifiedTLS: a client that verifies certificates refuses one that is signed by itself, and the log says what may have happened.
func TestVerifiedTLS(t *testing.T) {
	lines := make(chan string, 8)
	s := newServer(engine.New(engine.Config{}), Config{Auth: AuthTrust, Log: func(format string, args ...any) { lines <- fmt.Sprintf(format, args...) }})
	defer shutdown(t, s)
	nc, sc := pipe()
	s.start(sc, false)
	fe := pgproto3.NewFrontend(nc, nc)
	fe.Send(&pgproto3.SSLRequest{})
	if err := fe.Flush(); err != nil {
		t.Fatal(err)
	}
	var answer [1]byte
	if _, err := nc.Read(answer[:]); err != nil || answer[0] != 'S' {
		t.Fatal(answer, err)
	}
	if err := tls.Client(nc, &tls.Config{ServerName: "localhost"}).Handshake(); err == nil || !strings.Contains(err.Error(), "certificate") {
		t.Errorf("the client says %v", err)
	}
	select {
	case line := <-lines:
		if !strings.Contains(line, "TLS handshake: ") || !strings.Contains(line, "signed by itself") {
			t.Errorf("the log says %q", line)
		}
	case <-time.After(10 * time.Second):
		t.Error("the log says nothing")
	}
}
