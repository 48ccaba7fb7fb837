package server

import (
	"context"
	"errors"
	"net"
	"sync"
	"time"
)

// Bounds of watching a client whose statement runs.
const (
	watchAfter = 100 * time.Millisecond // shorter statements cost a timer, and no goroutine
	readAhead  = 64 << 10               // bytes that are kept for later: a client that sends more is no longer watched, for it is there
)

// input is where a connection's messages come from. While a statement runs for longer than watchAfter a goroutine reads, too: what it reads is kept for
// later, and the end of the connection cancels the statement, which else would run for a client that has gone until it has something to send.
//
//	statement runs ───────────────┐ ends
//	      └ watchAfter ┐ Read ..  ┘ Read is interrupted by a deadline that has passed
//	                   └ EOF: the statement is canceled
//
// PostgreSQL does so with client_connection_check_interval; like there, a client that closes its side and waits for an answer has gone.
// https://www.postgresql.org/docs/15/runtime-config-connection.html#GUC-CLIENT-CONNECTION-CHECK-INTERVAL
type input struct {
	c     *conn
	timer *time.Timer

	mu    sync.Mutex // guards what follows
	stop  context.CancelFunc
	armed bool          // a statement runs, and nobody watches yet
	done  chan struct{} // closed when who watches has ended; nil = nobody does

	// What was read. The goroutine that watches has it until done is closed.
	kept []byte
	err  error // how the connection ended
}

// Read gives what was kept, and waits for the connection when nothing was.
func (in *input) Read(p []byte) (int, error) {
	if len(in.kept) == 0 {
		return in.c.nc.Read(p)
	}
	n := copy(p, in.kept)
	if in.kept = in.kept[n:]; len(in.kept) == 0 {
		in.kept = nil
	}
	return n, nil
}

// begin notes that a statement runs, which stop cancels.
func (in *input) begin(stop context.CancelFunc) {
	if in.err != nil || len(in.kept) >= readAhead {
		return
	}
	in.mu.Lock()
	in.stop, in.armed = stop, true
	in.mu.Unlock()
	if in.timer == nil {
		in.timer = time.AfterFunc(watchAfter, in.watch)
	} else {
		in.timer.Reset(watchAfter)
	}
}

// end notes that it has ended. Nobody else reads when it returns.
func (in *input) end() {
	if in.timer == nil {
		return
	}
	in.timer.Stop()
	in.mu.Lock()
	done := in.done
	in.armed, in.done, in.stop = false, nil, nil
	in.mu.Unlock()
	if done == nil {
		return
	}
	in.c.readUntil(time.Unix(1, 0))
	<-done
	in.c.readUntil(time.Time{})
}

// watch reads while a statement runs.
func (in *input) watch() {
	in.mu.Lock()
	if !in.armed { // it has ended, or its timer comes late
		in.mu.Unlock()
		return
	}
	stop, done := in.stop, make(chan struct{})
	in.armed, in.done = false, done
	in.c.readUntil(time.Time{}) // before end can set another
	in.mu.Unlock()
	defer close(done)
	var chunk [4096]byte
	for len(in.kept) < readAhead {
		n, err := in.c.nc.Read(chunk[:])
		in.kept = append(in.kept, chunk[:n]...)
		var ne net.Error
		switch {
		case err == nil:
		case errors.As(err, &ne) && ne.Timeout(): // end wants it so, or finish
			return
		default:
			in.err, in.kept = err, nil // nobody waits for what it asked before it went
			if !in.c.isStopped() {
				in.c.srv.cfg.Log("%s: the client has gone while its statement runs", in.c.host())
			}
			stop()
			return
		}
	}
}

// readUntil sets the moment at which reads fail, unless the connection is to end when it is idle.
func (c *conn) readUntil(t time.Time) {
	c.mu.Lock()
	defer c.mu.Unlock()
	if !c.stopped {
		_ = c.nc.SetReadDeadline(t)
	}
}
