package engine

import (
	"context"
	"errors"
	"io"
	"slices"
	"time"

	"github.com/redshiftsim/redshiftsim/engine/ast"
	"github.com/redshiftsim/redshiftsim/engine/exec"
	"github.com/redshiftsim/redshiftsim/engine/load"
	"github.com/redshiftsim/redshiftsim/internal/sqlstate"
	"github.com/redshiftsim/redshiftsim/internal/types"
	"github.com/redshiftsim/redshiftsim/internal/vector"
)

// Hook looks at what runs on a cluster, or disturbs it: a recorder, or a fault of package redshifttest. Functions that are nil are not called. They are called
// in the goroutine of whom they concern, many at a time.
//
//	session ── Begin ── statement ──┬─ exec: Run.Batch, Run.Write ─┬─ rows: Run.Rows ── End
//	                                └─ buckets: Object             └─ COMMIT: Commit
//
// A cluster without hooks pays one look at a nil pointer for each statement, commit, batch and bucket.
type Hook struct {
	// Begin is called before a statement runs. An error is the statement's. The Run that it gives disturbs what the statement does; nil = nothing does.
	Begin func(ctx context.Context, st *Sent) (*Run, error)
	// End is called when a statement has ended, or its rows were read or dropped; and for a text that could not be parsed.
	End func(st *Sent)
	// Commit is called before a transaction that changed something commits. With an error it is rolled back instead.
	Commit func(k *Committing) error
	// Object is called before objects of a bucket are listed, key being their prefix, and before one is opened, created or deleted.
	Object func(bucket, key string) error
	// Lambda is called before a Lambda function is invoked. An error is the invocation's: an exfunc.ServiceError is the service's, another the function's.
	Lambda func(ctx context.Context, name string) error
	// Waits is called when a session begins to wait for a lock. It may not use the cluster.
	Waits func(pid int)
}

// Run disturbs one statement. The functions may be called by several tasks at once.
type Run struct {
	// Batch is called before a slice works on a batch of rows.
	Batch func(ctx context.Context, slice int) error
	// Write is called before a slice writes rows to a table.
	Write func(slice, rows int) error
	// Rows is called before rows are given to the client: pass of them are, then err breaks the connection if it is not nil.
	Rows func(rows int) (pass int, err error)
}

// Sent is a statement that was sent: what is known at its begin, and at its end.
type Sent struct {
	PID            int
	User, Database string
	Text           string
	Args           []any // int64, float64, bool, string or nil
	Start          time.Time
	Transaction    int64 // 0 = none was open, and none was begun

	Took time.Duration
	Rows int64 // returned or changed
	Err  error
}

// Committing is a transaction that is about to commit.
type Committing struct {
	PID int
	s   *Session
}

// Conflict is the error of a transaction that another is in the way of: 1023 about the first table that it wrote, or, when it wrote none, the words that
// Redshift has for two changes of one object.
// https://docs.aws.amazon.com/redshift/latest/dg/c_serial_isolation-serializable-isolation-troubleshooting.html
func (k *Committing) Conflict() error { return k.s.tx.Refused() }

// Timeout is the error of a statement that statement_timeout ended, LostConnection that of a session whose connection broke: it has ended.
func Timeout() error { return errTimeout }

// LostConnection is the error that a Run.Rows gives to break the connection.
func LostConnection() error { return errLost }

var errLost = fatal(sqlstate.Code("08006").Errorf("connection reset by peer"))

// Hook adds a hook to the cluster; remove takes it away. Clones have none. Sessions that are running a statement go on without it.
func (c *Cluster) Hook(h *Hook) (remove func()) {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.setHooks(append(slices.Clone(c.hooked()), h))
	return func() {
		c.mu.Lock()
		defer c.mu.Unlock()
		c.setHooks(slices.DeleteFunc(slices.Clone(c.hooked()), func(o *Hook) bool { return o == h }))
	}
}

// setHooks makes list the hooks. c.mu is held.
func (c *Cluster) setHooks(list []*Hook) {
	if len(list) == 0 {
		c.hooks.Store(nil)
		c.txns.OnWait(nil)
		return
	}
	c.hooks.Store(&list)
	c.txns.OnWait(func(pid int) {
		for _, h := range list {
			if h.Waits != nil {
				h.Waits(pid)
			}
		}
	})
}

// hooked lists the hooks; nil = there is none.
func (c *Cluster) hooked() []*Hook {
	if p := c.hooks.Load(); p != nil {
		return *p
	}
	return nil
}

// hooks are those that hear of the session: none of one that leaves no trace.
func (s *Session) hooks() []*Hook {
	if s.unlogged {
		return nil
	}
	return s.c.hooked()
}

// Waiting says whether a session waits for a lock.
func (c *Cluster) Waiting(pid int) bool { return c.txns.Waiting(pid) }

// watched is a statement with the hooks that were there when it began.
type watched struct {
	hooks []*Hook
	runs  []*Run
	sent  Sent
	over  bool
}

// watch gives what the hooks are told of a statement; nil = there are none.
func (s *Session) watch(text string, args []types.Datum) *watched {
	hooks := s.hooks()
	if hooks == nil {
		return nil
	}
	w := &watched{hooks: hooks, sent: Sent{PID: s.pid, User: s.user.Name, Database: s.db.Name, Text: text, Start: time.Now()}}
	for i := range args {
		w.sent.Args = append(w.sent.Args, goValue(&args[i]))
	}
	return w
}

// goValue is an argument as Go has it.
func goValue(d *types.Datum) any {
	switch {
	case d.Null:
		return nil
	case d.Type.IsInteger():
		return d.Int
	case d.Type.Kind == types.Bool:
		return d.Bool
	case d.Type.Kind == types.Float8, d.Type.Kind == types.Float4:
		return d.Float
	}
	return types.Format(*d, time.UTC)
}

// begin tells the hooks that the statement begins.
func (w *watched) begin(ctx context.Context) error {
	for _, h := range w.hooks {
		if h.Begin == nil {
			continue
		}
		r, err := h.Begin(ctx, &w.sent)
		if err != nil {
			return err
		}
		if r != nil {
			w.runs = append(w.runs, r)
		}
	}
	return nil
}

// end tells the hooks how it ended, once.
func (w *watched) end(rows int64, err error) {
	if w == nil || w.over {
		return
	}
	w.over = true
	w.sent.Rows, w.sent.Err, w.sent.Took = rows, err, time.Since(w.sent.Start)
	for _, h := range w.hooks {
		if h.End != nil {
			h.End(&w.sent)
		}
	}
}

// probe is what the run of a program is disturbed by; nil = nothing.
func (w *watched) probe(ctx context.Context) *exec.Probe {
	if w == nil || len(w.runs) == 0 {
		return nil
	}
	return &exec.Probe{
		Batch: func(slice int) error {
			for _, r := range w.runs {
				if r.Batch != nil {
					if err := r.Batch(ctx, slice); err != nil {
						return err
					}
				}
			}
			return nil
		},
		Write: func(slice, rows int) error {
			for _, r := range w.runs {
				if r.Write != nil {
					if err := r.Write(slice, rows); err != nil {
						return err
					}
				}
			}
			return nil
		},
	}
}

// rows gives what of a batch reaches the client, and the error that comes behind it.
func (w *watched) rows(b *vector.Batch) (*vector.Batch, error) {
	for _, r := range w.runs {
		if r.Rows == nil {
			continue
		}
		n := b.Rows()
		pass, err := r.Rows(n)
		if err == nil {
			continue
		}
		if pass <= 0 {
			return nil, err
		}
		cut := *b
		if cut.Sel == nil {
			cut.Sel = vector.Rows[:cut.Len]
		}
		cut.Sel = cut.Sel[:min(pass, n)]
		return &cut, err
	}
	return b, nil
}

// watchedStatement is statement on a cluster with hooks.
func (s *Session) watchedStatement(r *Result, st ast.Statement) (set *rowset, n int64, err error) {
	w := s.watch(partOf(r.text, len(r.stmts) == 1, st), r.args)
	if r.lits != nil { // the text has them
		w.sent.Args = nil
	}
	defer func() {
		if p := recover(); p != nil {
			w.end(0, internal(r.text, p))
			panic(p)
		}
	}()
	if s.tx != nil {
		w.sent.Transaction = s.tx.ID
	}
	if err := w.begin(r.ctx); err != nil {
		w.end(0, err)
		return nil, 0, err
	}
	r.watched = w
	set, n, err = s.plainStatement(r, st)
	r.watched = nil
	if s.tx != nil {
		w.sent.Transaction = s.tx.ID
	}
	switch {
	case err != nil:
		w.end(0, err)
	case set != nil:
		set.watched = w
	default: // its own commit may still fail
		w.sent.Rows, r.ending = n, w
	}
	return set, n, err
}

// ended tells the hooks how the last statement without rows ended, now that it is known.
func (r *Result) ended(err error) {
	if w := r.ending; w != nil {
		r.ending = nil
		w.end(w.sent.Rows, err)
	}
}

// spied tells the hooks of a BEGIN, COMMIT or ROLLBACK that came as a call.
func (s *Session) spied(text string, f func() error) error {
	w := s.watch(text, nil)
	if w == nil {
		return f()
	}
	if s.tx != nil {
		w.sent.Transaction = s.tx.ID
	}
	err := w.begin(context.Background())
	if err == nil {
		err = f()
	}
	if s.tx != nil {
		w.sent.Transaction = s.tx.ID
	}
	w.end(0, err)
	return err
}

// unparsed tells the hooks of a text that could not be parsed.
func (s *Session) unparsed(text string, args []types.Datum, err error) {
	if w := s.watch(text, args); w != nil {
		w.end(0, err)
	}
}

// committing asks the hooks whether the transaction may commit.
func (s *Session) committing() error {
	hooks := s.hooks()
	if hooks == nil || !s.tx.Changed() {
		return nil
	}
	for _, h := range hooks {
		if h.Commit == nil {
			continue
		}
		if err := h.Commit(&Committing{PID: s.pid, s: s}); err != nil {
			return err
		}
	}
	return nil
}

// lost ends a session whose connection a hook broke.
func (s *Session) lost(err error) {
	if errors.Is(err, errLost) {
		s.killed.Store(true)
	}
}

// store finds a bucket for COPY and UNLOAD.
func (s *Session) store(name string) (load.ObjectStore, bool) {
	if s.consumer != nil { // what it loads comes from there
		return s.consumer.store(name)
	}
	b, ok := s.c.Bucket(name)
	hooks := s.hooks()
	if !ok || hooks == nil {
		return b, ok
	}
	h := hookedStore{b, name, hooks}
	if r, ok := b.(load.Remover); ok {
		return hookedRemover{h, r}, true
	}
	return h, true
}

// hookedStore asks the hooks before each request to a bucket.
type hookedStore struct {
	store  load.ObjectStore
	bucket string
	hooks  []*Hook
}

// hookedRemover is one that can delete.
type hookedRemover struct {
	hookedStore
	remover load.Remover
}

func (h hookedStore) ask(key string) error {
	for _, k := range h.hooks {
		if k.Object != nil {
			if err := k.Object(h.bucket, key); err != nil {
				return err
			}
		}
	}
	return nil
}

func (h hookedStore) Open(ctx context.Context, key string) (io.ReadCloser, error) {
	if err := h.ask(key); err != nil {
		return nil, err
	}
	return h.store.Open(ctx, key)
}

func (h hookedStore) List(ctx context.Context, prefix string) ([]load.Object, error) {
	if err := h.ask(prefix); err != nil {
		return nil, err
	}
	return h.store.List(ctx, prefix)
}

func (h hookedStore) Create(ctx context.Context, key string) (io.WriteCloser, error) {
	if err := h.ask(key); err != nil {
		return nil, err
	}
	return h.store.Create(ctx, key)
}

func (h hookedRemover) Remove(ctx context.Context, key string) error {
	if err := h.ask(key); err != nil {
		return err
	}
	return h.remover.Remove(ctx, key)
}
