package server

import (
	"context"
	"errors"
	"fmt"
	"io"
	"net"
	"os"
	"runtime/debug"
	"strconv"
	"strings"
	"sync"
	"sync/atomic"
	"time"

	"github.com/jackc/pgx/v5/pgproto3"

	"github.com/redshiftsim/redshiftsim/engine"
	"github.com/redshiftsim/redshiftsim/internal/sqlstate"
)

// flushAt is how many bytes of answers are kept before they are sent while more come.
const flushAt = 32 << 10

// conn is a connection: what its goroutine needs.
type conn struct {
	srv       *Server
	be        *pgproto3.Backend
	in        input
	out       []byte // answers that are not sent yet
	s         *engine.Session
	inMemory  bool
	encrypted bool
	admitted  bool
	method    string    // of authentication, as the connection log has it
	unicode   bool      // client_encoding is reported as UNICODE
	standard  bool      // strings are standard: the client's texts are read so
	doubled   []int     // characters that reading the text at hand has put in
	began     time.Time // the statement that runs
	pid       uint32
	key       []byte

	unnamed  *engine.Statement // of Parse without a name; those with one are the session's
	portals  map[string]*portal
	skip     bool                     // an error came: messages are dropped up to Sync
	piped    bool                     // the session is in a pipeline
	ahead    pgproto3.FrontendMessage // read, and not served yet
	aheadErr error
	reported [len(parameters)]string
	answered bool // the text at hand has given an answer
	broken   error
	rows     encoder

	running atomic.Pointer[context.CancelFunc]
	told    notices

	mu      sync.Mutex // guards what follows
	nc      net.Conn
	stopped bool // the connection ends when it is idle
}

// parameters are what a client is told of the session, in the order and spelling of the protocol; client_encoding comes first, as clients wait for it.
var parameters = [...]string{
	"client_encoding", "DateStyle", "integer_datetimes", "is_superuser", "server_encoding", "server_version", "session_authorization",
	"standard_conforming_strings", "TimeZone", "application_name", "padb_version",
}

// parameterSettings are the same names, as those of settings of the session.
var parameterSettings = func() (names [len(parameters)]string) {
	for i, name := range parameters {
		names[i] = strings.ToLower(name)
	}
	return names
}()

// setConn puts TLS between the connection and its bytes.
func (c *conn) setConn(nc net.Conn) {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.nc = nc
	if c.stopped {
		_ = nc.SetReadDeadline(time.Unix(1, 0))
	}
}

// finish ends the connection as soon as it waits for its client. Any goroutine may call it.
func (c *conn) finish() {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.stopped = true
	_ = c.nc.SetReadDeadline(time.Unix(1, 0))
}

// abort ends the connection now, also one whose client does not read.
func (c *conn) abort() {
	c.finish()
	c.cancel()
	c.mu.Lock()
	nc := c.nc
	c.mu.Unlock()
	_ = nc.Close()
}

// cancel stops the statement that runs, if one does.
func (c *conn) cancel() {
	if stop := c.running.Load(); stop != nil {
		(*stop)()
	}
}

// isStopped says that finish was called.
func (c *conn) isStopped() bool {
	c.mu.Lock()
	defer c.mu.Unlock()
	return c.stopped
}

// serve is the connection's life.
func (c *conn) serve() {
	defer func() {
		if p := recover(); p != nil { // a bug of the server, which must not end the others' connections
			c.srv.cfg.Log("panic on the connection of %s: %v\n%s", c.host(), p, debug.Stack())
		}
		if c.s != nil {
			c.closePortals()
			_ = c.s.Close()
		}
		if c.admitted {
			c.srv.admitted.Add(-1)
		}
		_ = c.nc.Close()
	}()
	err := c.begin()
	if err == nil {
		err = c.ready()
	}
	for err == nil {
		err = c.one()
	}
	c.part(err)
}

// part says goodbye: what ended the connection goes to the client, if it is the client's business.
func (c *conn) part(err error) {
	var e *sqlstate.Error
	var ne net.Error
	switch {
	case errors.Is(err, errDone), errors.Is(err, io.EOF):
		return
	case c.broken != nil: // nothing gets through any more
		c.srv.cfg.Log("%s: %v", c.host(), c.broken)
		return
	case errors.As(err, &e):
		c.srv.cfg.Log("%s: %s", c.host(), e.Message)
	case c.isStopped():
		e = fatal(sqlstate.AdminShutdown.Errorf("terminating connection due to administrator command"))
	case errors.As(err, &ne) && ne.Timeout() && c.s == nil: // who says nothing hears nothing
		c.srv.cfg.Log("%s: authentication timeout", c.host())
		return
	case errors.As(err, &ne) && ne.Timeout():
		e = fatal(sqlstate.Code("57P05").Errorf("terminating connection due to idle-session timeout"))
		if _, users := c.idleLimit(); users {
			c.closePortals()
			_ = errors.As(c.s.TimeOut(), &e)
		}
	default:
		if !errors.Is(err, net.ErrClosed) && !errors.Is(err, io.ErrUnexpectedEOF) {
			c.srv.cfg.Log("%s: %v", c.host(), err)
		}
		return
	}
	_ = c.nc.SetWriteDeadline(time.Now().Add(time.Second))
	last := *e // others may hold it
	c.fail(fatal(&last))
	if len(c.out) > 0 {
		_, _ = c.nc.Write(c.out)
	}
}

// send adds a message to the answers. What cannot be encoded (more than 1 GB) ends the connection.
func (c *conn) send(m pgproto3.BackendMessage) {
	out, err := m.Encode(c.told.take(c.out))
	if err != nil {
		c.broken = err
		return
	}
	c.out = out
}

// flush sends the answers. A client that does not take them for too long is dropped, for its transaction may hold locks.
func (c *conn) flush() error {
	if c.broken != nil {
		return c.broken
	}
	if len(c.out) == 0 {
		return nil
	}
	if c.s != nil {
		_ = c.nc.SetWriteDeadline(time.Now().Add(c.patience()))
	}
	n, err := c.nc.Write(c.out)
	c.srv.counts.sent.Add(int64(n))
	if cap(c.out) > 4*flushAt {
		c.out = nil
	}
	c.out = c.out[:0]
	if err != nil {
		c.broken = fmt.Errorf("write: %w", err)
	}
	return c.broken
}

// grace is how long a client may take to read what is under way when its statement has timed out.
const grace = time.Second

// patience is how long the client may take to read what is sent. A statement whose time is over cannot say so while nobody reads, and holds its locks.
func (c *conn) patience() time.Duration {
	d := c.srv.cfg.WriteTimeout
	if c.running.Load() == nil {
		return d
	}
	v, _ := c.s.Setting("statement_timeout")
	if ms, err := strconv.Atoi(v); err == nil && ms > 0 {
		d = min(d, max(time.Until(c.began.Add(time.Duration(ms)*time.Millisecond)), 0)+grace)
	}
	return d
}

// idleLimit is how long the client may say nothing, 0 = for ever; users = it is the user's SESSION TIMEOUT.
func (c *conn) idleLimit() (limit time.Duration, users bool) {
	limit = c.srv.cfg.IdleTimeout
	if own := c.srv.cfg.idleLimit(c.s); own > 0 && (limit == 0 || own < limit) {
		return own, true
	}
	return limit, false
}

// receive reads a message.
func (c *conn) receive() (pgproto3.FrontendMessage, error) {
	m, err := c.be.Receive()
	if err == nil {
		return m, nil
	}
	var ne net.Error
	var op *net.OpError
	if errors.Is(err, io.EOF) || errors.Is(err, io.ErrUnexpectedEOF) || errors.Is(err, net.ErrClosed) || errors.Is(err, os.ErrDeadlineExceeded) ||
		errors.As(err, &ne) || errors.As(err, &op) {
		return nil, err
	}
	return nil, protocolError("invalid frontend message: %v", err) // of pgproto3: what it reads it does not understand
}

// next gives the next message: the one that was read ahead, or one that is waited for. What was answered goes out before.
func (c *conn) next() (pgproto3.FrontendMessage, error) {
	if c.ahead != nil || c.aheadErr != nil {
		m, err := c.ahead, c.aheadErr
		c.ahead, c.aheadErr = nil, nil
		return m, err
	}
	if c.in.err != nil { // the client has gone: what it sent before is not run
		return nil, c.in.err
	}
	c.mu.Lock()
	switch {
	case c.stopped:
		_ = c.nc.SetReadDeadline(time.Unix(1, 0))
	default:
		if limit, _ := c.idleLimit(); limit > 0 {
			_ = c.nc.SetReadDeadline(time.Now().Add(limit))
		}
	}
	c.mu.Unlock()
	return c.receive()
}

// one serves a message.
func (c *conn) one() error {
	m, err := c.next()
	if err != nil {
		return err
	}
	if c.skip {
		switch m.(type) {
		case *pgproto3.Sync, *pgproto3.Terminate:
		default:
			return nil
		}
	}
	switch m := m.(type) {
	case *pgproto3.Query:
		return c.simple(m.String)
	case *pgproto3.Parse:
		return c.extended(c.parse(m))
	case *pgproto3.Bind:
		return c.extended(c.bind(m))
	case *pgproto3.Describe:
		return c.extended(c.describe(m))
	case *pgproto3.Execute:
		return c.extended(c.execute(m.Portal, m.MaxRows))
	case *pgproto3.Close:
		return c.extended(c.close(m))
	case *pgproto3.Flush:
		return c.flush()
	case *pgproto3.Sync:
		return c.sync()
	case *pgproto3.Terminate:
		return errDone
	case *pgproto3.FunctionCall: // an extended message that ends as a simple one does
		c.fail(sqlstate.FeatureNotSupported.Errorf("function calls of the protocol are not supported").WithHint("Use SELECT function(..)."))
		return c.ready()
	case *pgproto3.CopyData, *pgproto3.CopyDone, *pgproto3.CopyFail: // of a COPY that was refused
	default: // a password that nobody asked for is all that is left
		return protocolError("invalid frontend message type %d", 'p')
	}
	return nil
}

// ready tells what has changed and the state of the transaction, and sends all answers.
func (c *conn) ready() error {
	if c.s.Status() != 'T' {
		c.closePortals()
	}
	if !c.s.Alive() { // terminated: the error was the last word
		if err := c.flush(); err != nil {
			return err
		}
		return errDone
	}
	c.report()
	c.readyFor(c.s.Status())
	return c.flush()
}

// report tells the parameters that have another value than was told.
func (c *conn) report() {
	for i, name := range parameters {
		v := c.parameter(parameterSettings[i])
		if v == "" && name == "standard_conforming_strings" {
			continue
		}
		if v != c.reported[i] || c.key == nil {
			c.send(&pgproto3.ParameterStatus{Name: name, Value: v})
			c.reported[i] = v
		}
	}
}

// parameter is the value of a reported parameter, by its name in small letters.
func (c *conn) parameter(name string) string {
	switch name {
	case "integer_datetimes":
		return "on"
	case "standard_conforming_strings": // docs/decisions/0080-wire.md
		if c.standard || c.srv.cfg.StandardStrings {
			return "on"
		}
		return ""
	case "padb_version":
		return engine.Version[strings.LastIndexByte(engine.Version, ' ')+1:]
	}
	v, _ := c.s.Setting(name)
	if name == "client_encoding" {
		if c.unicode || v == "UNICODE" {
			return "UNICODE"
		}
		return "UTF8"
	}
	return v
}

// statementContext makes the context of a statement, which cancel requests end.
func (c *conn) statementContext() (context.Context, context.CancelFunc) {
	ctx, stop := context.WithCancel(context.Background())
	return ctx, stop
}

// runs notes what a cancel request stops, and the end of the connection, until ran is called.
func (c *conn) runs(stop context.CancelFunc) {
	c.running.Store(&stop)
	c.began = time.Now()
	c.in.begin(stop)
}

// ran notes that the statement of runs has ended.
func (c *conn) ran() {
	c.in.end()
	c.running.Store(nil)
}

// fail sends an error.
func (c *conn) fail(err error) {
	if errors.Is(err, engine.LostConnection()) { // a fault of a test: the client hears nothing but what came before
		if c.flush() == nil {
			c.broken = errDone
		}
		return
	}
	var e *sqlstate.Error
	if !errors.As(err, &e) {
		e = sqlstate.Internal.Errorf("%v", err)
	}
	c.srv.counts.errors.Add(1)
	where := e.Where
	if e.Code == sqlstate.Internal && where != "" { // a stack is the server's business
		c.srv.cfg.Log("%s: %s\n%s", c.host(), e.Message, where)
		where = ""
	}
	c.send(&pgproto3.ErrorResponse{
		Severity: e.Severity, Code: string(e.Code), Message: e.Message, Detail: e.Detail, Hint: e.Hint, Position: int32(c.place(e)), Where: where,
		SchemaName: e.Schema, TableName: e.Table, ColumnName: e.Column, Routine: e.Routine,
	})
}

// ends says that an error is the end of the connection: PG_TERMINATE_BACKEND and its like.
func ends(err error) bool {
	var e *sqlstate.Error
	return errors.As(err, &e) && e.Code == sqlstate.AdminShutdown
}

// notices are what a statement tells besides errors, until the next message takes them along: a function may tell it from a task of the query, while
// rows are sent.
type notices struct {
	some atomic.Bool
	mu   sync.Mutex
	out  []byte
}

// take moves the notices to the end of dst.
func (n *notices) take(dst []byte) []byte {
	if !n.some.Load() {
		return dst
	}
	n.mu.Lock()
	defer n.mu.Unlock()
	dst = append(dst, n.out...)
	n.out = n.out[:0]
	n.some.Store(false)
	return dst
}

// notice keeps what a statement tells besides errors.
func (c *conn) notice(e *sqlstate.Error) {
	m := pgproto3.NoticeResponse{
		Severity: e.Severity, Code: string(e.Code), Message: e.Message, Detail: e.Detail, Hint: e.Hint, Position: int32(e.Position),
	}
	c.told.mu.Lock()
	defer c.told.mu.Unlock()
	if out, err := m.Encode(c.told.out); err == nil {
		c.told.out = out
		c.told.some.Store(true)
	}
}

// completed sends the tag of a statement that has ended.
func (c *conn) completed(tag string) {
	c.srv.counts.statements.Add(1)
	c.answered, c.began = true, time.Now()
	c.tag(tag)
}
