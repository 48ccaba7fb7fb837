package engine

import (
	"context"
	"errors"
	"sync"

	"github.com/redshiftsim/redshiftsim/engine/ast"
	"github.com/redshiftsim/redshiftsim/engine/principal"
	"github.com/redshiftsim/redshiftsim/engine/system"
	"github.com/redshiftsim/redshiftsim/internal/sqlstate"
)

// errKilled is the cause of a context, and the error of a session, that PG_TERMINATE_BACKEND ended.
var errKilled = sqlstate.AdminShutdown.Errorf("terminating connection due to administrator command")

// stopper is the context of a statement, which other sessions can end. Most statements end before anybody waits for that, so the context which
// context.WithCancelCause would give is made when something that only it has is first asked for.
type stopper struct {
	context.Context                    // that the statement was given
	free            context.CancelFunc // of its timeout; nil = it has none

	mu     sync.Mutex
	made   context.Context // nil = nobody has asked for it
	cancel context.CancelCauseFunc
	over   bool // the statement has ended
}

// make gives the context that can be cancelled. p.mu is held.
func (p *stopper) make() context.Context {
	if p.made == nil {
		if p.made, p.cancel = context.WithCancelCause(p.Context); p.over {
			p.cancel(nil)
		}
	}
	return p.made
}

// Done is closed when the statement is stopped, has ended, or its own context ends.
func (p *stopper) Done() <-chan struct{} {
	p.mu.Lock()
	defer p.mu.Unlock()
	return p.make().Done()
}

// Value is that of the statement's own context. Package context asks for one of its own, by which it finds causes and links the contexts that are made of this one.
func (p *stopper) Value(key any) any {
	p.mu.Lock()
	defer p.mu.Unlock()
	return p.make().Value(key)
}

// Err says why the statement should end; nil = it should not.
func (p *stopper) Err() error {
	p.mu.Lock()
	defer p.mu.Unlock()
	switch {
	case p.made != nil:
		return p.made.Err()
	case p.over:
		return context.Canceled
	}
	return p.Context.Err()
}

// end stops the statement, for a reason.
func (p *stopper) end(cause error) {
	p.mu.Lock()
	defer p.mu.Unlock()
	p.make()
	p.cancel(cause)
}

// stop frees what belongs to a context that has served; nil has none.
func (p *stopper) stop() {
	if p == nil {
		return
	}
	if p.free != nil {
		p.free()
	}
	p.mu.Lock()
	defer p.mu.Unlock()
	if p.over = true; p.made != nil {
		p.cancel(nil)
	}
}

// present is what other sessions see and stop of a statement that runs.
type present struct {
	stopper
	running system.Running
}

// stoppable gives a statement's context an end that other sessions can bring about, and its timeout.
func (s *Session) stoppable(ctx context.Context, p *stopper) context.Context {
	p.Context = ctx
	ctx, p.free = s.deadline(p)
	s.stopper.Store(p)
	if s.killed.Load() {
		p.end(errKilled)
	}
	return ctx
}

// backend finds the session of a number that s may stop: its user's own, or any for a superuser. nil = there is none.
func (s *Session) backend(pid int64) (*Session, error) {
	s.c.mu.Lock()
	o := s.c.sessions[int(pid)]
	s.c.mu.Unlock()
	if o == nil {
		s.tell("WARNING", sqlstate.Warning, "PID %d is not a PostgreSQL server process", pid)
		return nil, nil
	}
	return o, s.signals(o)
}

// signals refuses a session that s may not stop.
func (s *Session) signals(o *Session) error {
	if !s.user.Superuser && o.user.ID != s.user.ID {
		return sqlstate.InsufficientPrivilege.Errorf("must be superuser to signal other server processes")
	}
	return nil
}

// cancel is CANCEL: the statement that a session runs ends with the message, or with Redshift's own. An idle session is left alone.
// https://docs.aws.amazon.com/redshift/latest/dg/r_CANCEL.html
func (s *Session) cancel(st *ast.Cancel) error {
	s.c.mu.Lock()
	o := s.c.sessions[int(st.PID)]
	s.c.mu.Unlock()
	if o == nil {
		return sqlstate.UndefinedObject.Errorf(
			"Session %d does not exist. The session PID might have changed. Check the stl_restarted_sessions system table for details.", st.PID)
	}
	if !s.system(principal.Cancel) {
		if err := s.signals(o); err != nil {
			return err
		}
	}
	s.stops(o, false)
	o.interrupt(st.Message)
	return nil
}

// stops notes that s ends what o runs, or o itself.
func (s *Session) stops(o *Session, terminate bool) {
	s.c.Log().Stopped(system.Stop{PID: o.pid, At: s.c.cfg.Clock(), UserID: s.user.ID, Terminate: terminate})
}

// interrupt ends the statement that a session runs with a message; "" = that of Redshift, which has the number of the query.
func (s *Session) interrupt(message string) {
	stop, running := s.stopper.Load(), s.running.Load()
	if stop == nil || running == nil {
		return
	}
	cause := canceled()
	if message != "" {
		cause = sqlstate.QueryCanceled.Errorf("%s", message)
	} else if n := running.Query.Load(); n > 0 {
		cause = sqlstate.QueryCanceled.Errorf("Query (%d) cancelled on user's request", n)
	}
	stop.end(cause)
}

// cancelBackend ends the statement that a session runs; false = there is no such session.
// https://docs.aws.amazon.com/redshift/latest/dg/PG_CANCEL_BACKEND.html
func (s *Session) cancelBackend(pid int64) (bool, error) {
	o, err := s.backend(pid)
	if o == nil || err != nil {
		return false, err
	}
	s.stops(o, false)
	o.interrupt("")
	return true, nil
}

// terminateBackend ends a session: what it runs is canceled, its transaction is rolled back and its locks are free, now if it is idle, else when the
// statement has ended.
// https://docs.aws.amazon.com/redshift/latest/dg/PG_TERMINATE_BACKEND.html
func (s *Session) terminateBackend(pid int64) (bool, error) {
	o, err := s.backend(pid)
	if o == nil || err != nil {
		return false, err
	}
	s.stops(o, true)
	o.killed.Store(true)
	if p := o.stopper.Load(); p != nil {
		p.end(errKilled)
	}
	switch {
	case o.terminated != nil: // its owner closes it
		o.terminated()
	case o != s && o.turn.TryLock(): // it is idle: nothing of it runs before the lock is given back
		o.rollback()
		o.turn.Unlock()
	}
	return true, nil
}

// enter begins a call of the session's owner, and refuses it when the session was ended by another. leave ends it.
func (s *Session) enter() error {
	s.turn.Lock()
	if s.killed.Load() {
		s.rollback()
		s.turn.Unlock()
		return errKilled
	}
	return nil
}

func (s *Session) leave() {
	if s.killed.Load() {
		s.rollback()
	}
	s.turn.Unlock()
}

// running says whether some session runs a query of that number.
func (c *Cluster) runs(query int64) bool {
	for _, o := range c.open() {
		if o.Running != nil && o.Running.Query.Load() == query {
			return true
		}
	}
	return false
}

// stopped is the error of a statement that another session stopped; nil = none did.
func stopped(ctx context.Context) error {
	if e := (*sqlstate.Error)(nil); errors.As(context.Cause(ctx), &e) {
		return e
	}
	return nil
}

// reboot is REBOOT_CLUSTER: every other session ends, its transaction rolled back. What is committed stays.
// https://docs.aws.amazon.com/redshift/latest/dg/r_REBOOT_CLUSTER.html
func (s *Session) reboot() error {
	if !s.user.Superuser {
		return sqlstate.InsufficientPrivilege.Errorf("must be superuser to reboot the cluster")
	}
	for _, o := range s.c.open() {
		if o.PID == s.pid {
			continue
		}
		if _, err := s.terminateBackend(int64(o.PID)); err != nil {
			return err
		}
	}
	return nil
}
