package server

import (
	"io"
	"net"
	"os"
	"sync"
	"time"
)

// pipeBuffer is how many bytes a direction of a pipe holds before its writer waits.
const pipeBuffer = 64 << 10

// pipe makes the two ends of a connection in memory. Unlike those of net.Pipe they have buffers, so that two ends that both write do not wait for each other.
func pipe() (client, server net.Conn) {
	a, b := &half{}, &half{}
	a.cond, b.cond = sync.NewCond(&a.mu), sync.NewCond(&b.mu)
	return &end{in: a, out: b, name: "client"}, &end{in: b, out: a, name: "server"}
}

// half is one direction: bytes that were written and not read yet.
type half struct {
	mu     sync.Mutex
	cond   *sync.Cond
	buf    []byte
	at     int  // bytes of buf that were read
	ended  bool // no more is written
	broken bool // nobody reads any more

	read, write deadline
}

// deadline is a moment after which a read or write fails. half.mu guards it.
type deadline struct {
	at    time.Time
	timer *time.Timer
}

// set moves a deadline: those who wait look again.
func (h *half) set(d *deadline, t time.Time) {
	h.mu.Lock()
	defer h.mu.Unlock()
	if d.timer != nil {
		d.timer.Stop()
		d.timer = nil
	}
	d.at = t
	if !t.IsZero() {
		if left := time.Until(t); left > 0 {
			d.timer = time.AfterFunc(left, func() {
				h.mu.Lock()
				h.mu.Unlock() //nolint:staticcheck // who checked the clock before this moment waits by now
				h.cond.Broadcast()
			})
		}
	}
	h.cond.Broadcast()
}

func (d *deadline) over() bool { return !d.at.IsZero() && !time.Now().Before(d.at) }

// end is one end of a pipe.
type end struct {
	in, out *half
	name    string
}

// Read takes what is there, and waits when nothing is.
func (e *end) Read(p []byte) (int, error) {
	h := e.in
	h.mu.Lock()
	defer h.mu.Unlock()
	for {
		switch {
		case h.broken:
			return 0, net.ErrClosed
		case h.read.over():
			return 0, os.ErrDeadlineExceeded
		case h.at < len(h.buf):
			n := copy(p, h.buf[h.at:])
			if h.at += n; h.at == len(h.buf) {
				h.at = 0
				if h.buf = h.buf[:0]; cap(h.buf) > 4096 { // an idle connection is small
					h.buf = nil
				}
			}
			h.cond.Broadcast()
			return n, nil
		case h.ended:
			return 0, io.EOF
		case len(p) == 0:
			return 0, nil
		}
		h.cond.Wait()
	}
}

// Write adds to what is there, and waits while it is too much. As with TCP, a write to an end that has closed does not fail while what that end said before
// is not read: a client must hear why it was put out.
func (e *end) Write(p []byte) (int, error) {
	n, err := e.out.add(p)
	if err == io.ErrClosedPipe && e.in.unread() {
		return len(p), nil
	}
	return n, err
}

// unread says whether bytes wait to be read.
func (h *half) unread() bool {
	h.mu.Lock()
	defer h.mu.Unlock()
	return h.at < len(h.buf)
}

func (h *half) add(p []byte) (n int, err error) {
	h.mu.Lock()
	defer h.mu.Unlock()
	for {
		room := pipeBuffer - (len(h.buf) - h.at)
		switch {
		case h.ended:
			return n, net.ErrClosed
		case h.broken:
			return n, io.ErrClosedPipe
		case h.write.over():
			return n, os.ErrDeadlineExceeded
		case len(p) == 0:
			return n, nil
		case room > 0:
			if h.at > 0 {
				h.buf = h.buf[:copy(h.buf, h.buf[h.at:])]
				h.at = 0
			}
			k := min(room, len(p))
			h.buf = append(h.buf, p[:k]...)
			p, n = p[k:], n+k
			h.cond.Broadcast()
			continue
		}
		h.cond.Wait()
	}
}

// Close ends both directions. What was written can still be read.
func (e *end) Close() error {
	e.in.mu.Lock()
	e.in.broken, e.in.buf, e.in.at = true, nil, 0
	e.in.mu.Unlock()
	e.in.cond.Broadcast()
	e.out.mu.Lock()
	e.out.ended = true
	e.out.mu.Unlock()
	e.out.cond.Broadcast()
	e.in.set(&e.in.read, time.Time{}) // timers
	e.out.set(&e.out.write, time.Time{})
	return nil
}

// SetDeadline is both of the following.
func (e *end) SetDeadline(t time.Time) error {
	e.in.set(&e.in.read, t)
	e.out.set(&e.out.write, t)
	return nil
}

// SetReadDeadline bounds reads, also the one that waits.
func (e *end) SetReadDeadline(t time.Time) error { e.in.set(&e.in.read, t); return nil }

// SetWriteDeadline bounds writes.
func (e *end) SetWriteDeadline(t time.Time) error { e.out.set(&e.out.write, t); return nil }

// LocalAddr and RemoteAddr name the ends: there is no network.
func (e *end) LocalAddr() net.Addr { return address(e.name) }

// RemoteAddr is the other end.
func (e *end) RemoteAddr() net.Addr {
	if e.name == "client" {
		return address("server")
	}
	return address("client")
}

// address is that of an end of a pipe.
type address string

// Network is the name of what has no network.
func (address) Network() string { return "memory" }

func (a address) String() string { return string(a) }
