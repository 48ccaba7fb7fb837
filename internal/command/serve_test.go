package command

import (
	"bufio"
	"context"
	"io"
	"net"
	"net/http"
	"strings"
	"testing"
	"time"
)

// TestServeRefuses: a server that everybody can use is made by nobody who does not say so.
func TestServeRefuses(t *testing.T) {
	t.Setenv("REDSHIFTSIM_PASSWORD", "")
	for _, c := range []struct {
		args []string
		code int
		errs string
	}{
		{[]string{"serve"}, 1, "a password is needed"},
		{[]string{"serve", "--listen", "0.0.0.0:0", "--trust"}, 1, "not a loopback address"},
		{[]string{"serve", "--listen", "example.com:0", "--trust"}, 1, "not a loopback address"},
		{[]string{"serve", "--password", "x", "--auth", "none"}, 1, "password, md5 or cleartext"},
		{[]string{"serve", "--password", "x", "--tls-cert", "c.pem"}, 1, "go together"},
		{[]string{"serve", "--password", "x", "redshiftsim://?nodes=none"}, 1, "nodes"},
		{[]string{"serve", "a", "b"}, 2, "one argument too many"},
		{[]string{"serve", "--nonsense"}, 2, "usage: redshiftsim serve"},
	} {
		if code, _, errs := run(t, "", c.args...); code != c.code || !strings.Contains(errs, c.errs) {
			t.Errorf("%q: exit %d, %q", c.args, code, errs)
		}
	}
}

// TestServe starts a server, asks it for TLS and for its figures, and stops it.
func TestServe(t *testing.T) {
	ctx, stop := context.WithCancel(context.Background())
	defer stop()
	r, w := io.Pipe()
	code := make(chan int, 1)
	go func() {
		code <- dispatch(ctx, []string{"serve", "--listen", "127.0.0.1:0", "--trust", "--metrics", "127.0.0.1:0", "redshiftsim://?nodes=3&slices=1"}, nil, w, io.Discard)
		_ = w.Close()
	}()
	lines := bufio.NewScanner(r)
	next := func(before string) string {
		if !lines.Scan() {
			t.Fatal("no more output")
		}
		_, after, ok := strings.Cut(lines.Text(), before)
		if !ok {
			t.Fatalf("%q has no %q", lines.Text(), before)
		}
		return after
	}
	metrics := next("metrics at ")
	addr, _, _ := strings.Cut(next("3 nodes x 1 slices at postgres://awsuser@"), "/")
	nc, err := net.DialTimeout("tcp", addr, 5*time.Second)
	if err != nil {
		t.Fatal(err)
	}
	defer nc.Close()
	_ = nc.SetDeadline(time.Now().Add(5 * time.Second))
	var answer [1]byte
	if _, err := nc.Write([]byte{0, 0, 0, 8, 4, 210, 22, 47}); err != nil {
		t.Fatal(err)
	}
	if _, err := io.ReadFull(nc, answer[:]); err != nil || answer[0] != 'S' {
		t.Errorf("SSLRequest: %q, %v", answer, err)
	}
	resp, err := http.Get(metrics)
	if err != nil {
		t.Fatal(err)
	}
	text, err := io.ReadAll(resp.Body)
	_ = resp.Body.Close()
	if err != nil || !strings.Contains(string(text), "\nredshiftsim_connections_total 1\n") || !strings.Contains(string(text), "# TYPE redshiftsim_sockets gauge\n") {
		t.Errorf("metrics: %v\n%s", err, text)
	}
	stop()
	next("stopping")
	select {
	case c := <-code:
		if c != 0 {
			t.Errorf("exit %d", c)
		}
	case <-time.After(10 * time.Second):
		t.Fatal("the server does not stop")
	}
}
