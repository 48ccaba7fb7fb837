package server

import (
	"context"
	"crypto/rand"
	"crypto/tls"
	"errors"
	"net"
	"sync"
	"sync/atomic"
	"time"

	"github.com/redshiftsim/redshiftsim"
	"github.com/redshiftsim/redshiftsim/engine"
	"github.com/redshiftsim/redshiftsim/internal/attempts"
	"github.com/redshiftsim/redshiftsim/internal/bridge"
)

// Auth is how users prove who they are.
type Auth uint8

// Ways to prove a user.
const (
	// AuthPassword asks for the password in the strongest way that what is kept of it admits: SCRAM-SHA-256 when CREATE USER had it as clear text,
	// md5 when it had an MD5 hash, clear text, over TLS alone, when it had a SHA-256 hash.
	// https://docs.aws.amazon.com/redshift/latest/dg/r_CREATE_USER.html
	AuthPassword Auth = iota
	// AuthMD5 asks all users for md5, for clients that know nothing else.
	AuthMD5
	// AuthCleartext asks all users for the password itself, over TLS alone.
	AuthCleartext
	// AuthTrust believes each name, and makes the user when it is new: for connections in memory and on loopback.
	AuthTrust
)

// Config is how a server serves. The zero value of a field means its default.
type Config struct {
	Auth Auth
	// TLS is what SSLRequest is answered with; nil = a self-signed certificate that is made when it is first asked for.
	TLS *tls.Config
	// NoTLS refuses TLS.
	NoTLS bool
	// UnicodeEncoding reports client_encoding as Redshift does, UNICODE, unless the client named one. The default is UTF8, which pgx's simple protocol needs.
	UnicodeEncoding bool
	// StandardStrings tells all clients standard_conforming_strings=on, which pgx's simple protocol needs, though backslashes in strings are escapes: a value with
	// a backslash that a client writes into a text loses it, or ends the string. The default tells it to those alone that have said so at the start, by
	// standard_conforming_strings=on in a DSN of pgx; in their sessions it is true. Dialer and PQDialer have it set.
	StandardStrings bool

	MaxConnections int           // 500; one more is refused with 53300
	MaxMessage     int           // bytes of a message after authentication; 64 MB
	MaxFailures    int           // wrong passwords of a host in a minute; 20
	AuthTimeout    time.Duration // for all before the first statement; 1 minute
	IdleTimeout    time.Duration // a connection that waits for its client for longer ends; 0 = never
	WriteTimeout   time.Duration // a client that does not take what it asked for for longer is dropped; 5 minutes

	idleLimit func(*engine.Session) time.Duration // of tests: instead of the user's SESSION TIMEOUT

	// Log gets a line about each connection that failed or broke; nil = nobody.
	Log func(format string, args ...any)
}

func (c Config) withDefaults() Config {
	if c.MaxConnections == 0 {
		c.MaxConnections = 500
	}
	if c.MaxMessage == 0 {
		c.MaxMessage = 64 << 20
	}
	if c.MaxFailures == 0 {
		c.MaxFailures = 20
	}
	if c.AuthTimeout == 0 {
		c.AuthTimeout = time.Minute
	}
	if c.WriteTimeout == 0 {
		c.WriteTimeout = 5 * time.Minute
	}
	if c.idleLimit == nil {
		c.idleLimit = (*engine.Session).IdleLimit
	}
	if c.Log == nil {
		c.Log = func(string, ...any) {}
	}
	return c
}

// ErrServerClosed is what Serve gives after Shutdown.
var ErrServerClosed = errors.New("redshiftsim/server: server closed")

// Server serves the connections of one cluster.
type Server struct {
	cfg      Config
	cluster  *engine.Cluster
	secret   [32]byte // of mock salts
	tls      func() (*tls.Config, error)
	failures attempts.Counter
	counts   counters

	mu        sync.Mutex // guards what follows
	listeners map[net.Listener]bool
	conns     map[*conn]bool
	byPID     map[uint32]*conn
	closing   bool
	empty     sync.WaitGroup
	admitted  atomic.Int64
}

// New makes a server of a cluster. It starts nothing. The cluster must live longer: keep its *sql.DB or its connector open.
func New(cluster *redshiftsim.Cluster, cfg Config) *Server {
	return newServer(bridge.Engine(cluster), cfg)
}

func newServer(c *engine.Cluster, cfg Config) *Server {
	s := &Server{cfg: cfg.withDefaults(), cluster: c, listeners: map[net.Listener]bool{}, conns: map[*conn]bool{}, byPID: map[uint32]*conn{}}
	_, _ = rand.Read(s.secret[:]) // never fails
	s.tls = sync.OnceValues(func() (*tls.Config, error) {
		if s.cfg.TLS != nil {
			return s.cfg.TLS, nil
		}
		return selfSigned()
	})
	return s
}

// Serve takes connections until the listener fails or Shutdown is called, which makes it give ErrServerClosed. It closes the listener.
func (s *Server) Serve(l net.Listener) error {
	defer func() { _ = l.Close() }() // Shutdown may have closed it
	s.mu.Lock()
	if s.closing {
		s.mu.Unlock()
		return ErrServerClosed
	}
	s.listeners[l] = true
	s.mu.Unlock()
	defer func() {
		s.mu.Lock()
		delete(s.listeners, l)
		s.mu.Unlock()
	}()
	pause := time.Duration(0)
	for {
		nc, err := l.Accept()
		if err != nil {
			s.mu.Lock()
			closing := s.closing
			s.mu.Unlock()
			if closing {
				return ErrServerClosed
			}
			var ne net.Error
			if errors.As(err, &ne) && ne.Timeout() || isTemporary(err) { // no file descriptors are left: others will end
				pause = min(max(2*pause, 5*time.Millisecond), time.Second)
				s.cfg.Log("accept: %v", err)
				time.Sleep(pause)
				continue
			}
			return err
		}
		pause = 0
		s.start(nc, false)
	}
}

// isTemporary says that accept may succeed later: EMFILE, ENFILE, ECONNABORTED. What deprecates the method names nothing to use instead.
func isTemporary(err error) bool {
	var t interface{ Temporary() bool }
	return errors.As(err, &t) && t.Temporary()
}

// start serves a connection in a goroutine of its own.
func (s *Server) start(nc net.Conn, inMemory bool) {
	c := &conn{srv: s, nc: nc, inMemory: inMemory}
	s.mu.Lock()
	if s.closing || len(s.conns) >= 2*s.cfg.MaxConnections+64 { // too many to tell them so
		s.mu.Unlock()
		_ = nc.Close()
		return
	}
	s.conns[c] = true
	s.empty.Add(1)
	s.mu.Unlock()
	s.counts.accepted.Add(1)
	go func() {
		defer s.empty.Done()
		defer func() {
			s.mu.Lock()
			delete(s.conns, c)
			if c.key != nil && s.byPID[c.pid] == c {
				delete(s.byPID, c.pid)
			}
			s.mu.Unlock()
		}()
		c.serve()
	}()
}

// Shutdown ends the server: no connection is taken any more, idle ones end, statements that run may end before ctx does, and are canceled then. All
// goroutines of the server have ended when it returns.
func (s *Server) Shutdown(ctx context.Context) error {
	s.mu.Lock()
	s.closing = true
	for l := range s.listeners {
		_ = l.Close()
	}
	for c := range s.conns {
		c.finish()
	}
	s.mu.Unlock()
	done := make(chan struct{})
	go func() { s.empty.Wait(); close(done) }()
	select {
	case <-done:
		return nil
	case <-ctx.Done():
	}
	s.mu.Lock()
	for c := range s.conns {
		c.abort()
	}
	s.mu.Unlock()
	<-done
	return ctx.Err()
}
