package exec

import (
	"context"
	"fmt"
	"runtime"
	"sync"
	"sync/atomic"
	"time"

	"golang.org/x/sync/errgroup"

	"github.com/redshiftsim/redshiftsim/engine/function"
	"github.com/redshiftsim/redshiftsim/internal/sqlstate"
	"github.com/redshiftsim/redshiftsim/internal/vector"
	"github.com/redshiftsim/redshiftsim/storage"
)

// smallQuery is the number of scanned rows up to which a query runs whole on the caller's goroutine, if Options do not say another.
const smallQuery = 1 << 16

// Options are the limits of a run.
type Options struct {
	Workers       int             // tasks that may run at once, the caller's goroutine among them; 0 = GOMAXPROCS
	MemoryLimit   int64           // bytes that the query may hold; 0 = no limit
	Budget        *storage.Budget // that what the query holds is taken from, in whole grants; nil = none
	CollectReport bool
	SmallQuery    int64 // scanned rows up to which there are no helpers; 0 = 65,536, negative = there always may be some
	Probe         *Probe
	// Shuffle has rows that nothing orders come in a random order of this seed; 0 = they come as they come. There are no helpers then, so that the same seed
	// gives the same order.
	Shuffle  uint64
	WaitMark int // batches that may wait in an exchange before its senders park; 0 = some dozens
	// External opens the files of an external table that are a slice's; env is the query's.
	External func(s *ExternalSource, env *function.Env, slice, slices int) (RowReader, error)
	// Keep has the Cursor keep its room for another run (Idle), where Program.Reruns and there is no Shuffle.
	Keep bool
}

// Probe disturbs a run, for tests: an error of either ends it. nil = nothing does.
type Probe struct {
	Batch func(slice int) error       // before a slice, or LeaderSlice, works on a batch
	Write func(slice, rows int) error // before a slice writes rows to a table
}

// Cursor gives the rows of a running program. It belongs to one goroutine.
type Cursor struct{ q query }

// query is one run of a program: its streams one after the other, by the caller's goroutine and helpers.
type query struct {
	p *Program
	run

	// Room, which stays from a run to the next (again.go).
	segments    []segment // of the streams so far
	parts       []part    // of the present stream
	exchanges   []exchange
	writers     []writing
	envRoom     function.Env
	oneExchange [1]exchange // room of exchanges and segments, when they are few
	fewSegments [2]segment
}

// run is what a query has of one run alone.
type run struct {
	env       *function.Env
	sys       any
	views     []storage.View
	tables    []joinTable // by table number
	counters  []atomic.Int64
	options   Options
	ctx       context.Context // the run's: a Cursor's life is one call in pieces
	canceling <-chan struct{}

	used, peak, batches, affected atomic.Int64

	shuffles atomic.Int64
	inOrder  []bool // by segment; nil without Shuffle

	granting sync.Mutex // one asks the budget at a time
	granted  atomic.Int64

	outlet outlet
	deltas []*storage.Delta
	began  time.Time
	ended  time.Time
	room   *reportRoom // of the next Report; nil = none was made yet

	// mu guards what follows, the segments, and the scheduling state of parts.
	mu       sync.Mutex
	cond     sync.Cond
	idle     atomic.Int32 // workers that wait for something to do
	stream   int          // that comes next
	left     int          // parts of the present stream that have not ended
	inside   bool         // the caller is in Next
	wanted   int          // helpers
	helpers  int          // that run
	flights  int          // goroutines that wait for Lambda functions
	land     func()       // ends what they wait for; nil = nothing is called
	summoned int          // in all
	group    errgroup.Group
	stopped  atomic.Bool // by an error, by Close, or at the end
	over     bool        // Next has returned nil
	err      error
	panicked *helperPanic
}

// Run makes a program ready; Next runs it. The environment is copied.
func Run(ctx context.Context, p *Program, env *function.Env, sys any, views []storage.View, o Options) (*Cursor, error) {
	c := &Cursor{}
	c.q.p = p
	if err := c.q.begin(ctx, env, sys, views, o); err != nil {
		return nil, err
	}
	return c, nil
}

// begin makes a query ready that has nothing but room.
func (q *query) begin(ctx context.Context, env *function.Env, sys any, views []storage.View, o Options) error {
	p := q.p
	if len(views) != p.Views {
		return fmt.Errorf("exec: %d views for a program of %d", len(views), p.Views)
	}
	if q.env = &q.envRoom; env != nil {
		q.envRoom = *env
	}
	q.sys, q.views, q.options, q.ctx = sys, views, o, ctx
	q.fly(ctx)
	if !o.Keep { // a run that looks up once or twice is cheaper without the channel, which is made when it is first asked for
		q.canceling = ctx.Done()
	}
	if o.Shuffle != 0 {
		q.options.Workers, q.inOrder = 1, p.ordered()
	}
	q.cond.L = &q.mu
	q.outlet.q = q
	if p.Tables > 0 {
		q.tables = make([]joinTable, p.Tables)
	}
	if len(p.Exchanges) > 0 && q.exchanges == nil {
		if q.exchanges = q.oneExchange[:]; len(p.Exchanges) > 1 {
			q.exchanges = make([]exchange, len(p.Exchanges))
		}
	}
	if p.Counters > 0 {
		q.counters = make([]atomic.Int64, p.Counters)
	}
	if len(p.Writers) > 0 {
		q.startWriters()
	}
	if o.CollectReport {
		q.began = time.Now()
	}
	return nil
}

// Next gives the next batch, nil after the last; it is valid until the next call. A program without columns is run to its end. After an error Next
// gives it again.
func (c *Cursor) Next() (*vector.Batch, error) {
	q := &c.q
	locked := true
	q.mu.Lock()
	defer func() { // a step that panics must leave no lock for Close to wait for
		if !locked {
			q.mu.Lock()
		}
		q.outside()
		q.mu.Unlock()
	}()
	q.inside = true
	q.outlet.free()
	for {
		switch {
		case q.stopped.Load():
			if h := q.panicked; h != nil {
				q.panicked = nil
				panic(h)
			}
			return nil, q.err
		case q.outlet.some():
			return q.outlet.take(), nil
		case q.left == 0 && q.flights > 0 && q.stream < len(q.p.Streams): // nobody wants what they bring, but their room is the next stream's
			q.cond.Wait()
			continue
		case q.left == 0:
			more, err := q.advance()
			if err == nil && !more {
				err = q.finish()
				q.over = err == nil
				q.stop(nil)
			}
			if err != nil {
				q.stop(err)
			}
			continue
		}
		p, l := q.await(true)
		if p == nil {
			if q.left > 0 && q.helpers == 0 && q.flights == 0 && !q.stopped.Load() {
				panic("exec: parts are left and none can run")
			}
			continue
		}
		q.summon(p)
		q.mu.Unlock()
		locked = false
		err := q.drive(p, l)
		q.mu.Lock()
		locked = true
		q.leave(p, l, err)
	}
}

// outside notes that the caller leaves Next: helpers that wait for something to do need not. The lock is held.
func (q *query) outside() {
	q.inside = false
	q.rouse()
}

// Close ends the run, wherever it is; no goroutine outlives it. A helper's panic that Next has not passed on is its error.
func (c *Cursor) Close() error {
	q := &c.q
	q.mu.Lock()
	if !q.over && q.err == nil {
		q.stopped.Store(true)
		q.cond.Broadcast()
	}
	q.ground()
	q.mu.Unlock()
	_ = q.group.Wait() // helpers give their errors to the query
	q.mu.Lock()
	defer q.mu.Unlock()
	q.abandon()
	q.options.Budget.Return(q.granted.Swap(0))
	if h := q.panicked; h != nil {
		q.panicked = nil
		return sqlstate.Internal.Errorf("internal error: %v", h.value)
	}
	return nil
}

// Affected is the number of rows inserted, updated or deleted, after Next has returned nil.
func (c *Cursor) Affected() int64 { return c.q.affected.Load() }

// Deltas are the changes, by writer number, after Next has returned nil.
func (c *Cursor) Deltas() []*storage.Delta { return c.q.deltas }

// finish makes the changes of a program that has run to its end.
func (q *query) finish() error {
	if q.options.CollectReport {
		q.ended = q.began.Add(time.Since(q.began))
	}
	if len(q.writers) == 0 {
		return nil
	}
	q.deltas = make([]*storage.Delta, len(q.writers))
	for i := range q.writers {
		var err error
		if q.deltas[i], err = q.writers[i].w.Close(); err != nil {
			q.deltas = nil
			return err
		}
	}
	return nil
}

// stop ends the run, the lock being held; the first error stays.
func (q *query) stop(err error) {
	if q.err == nil && !q.over {
		q.err = err
	}
	q.stopped.Store(true)
	q.ground()
	q.cond.Broadcast()
}

// abandon ends the parts that have not ended, when nobody drives them any more.
func (q *query) abandon() {
	for i := range q.parts {
		if p := &q.parts[i]; p.state != ended {
			q.harvest(p)
			p.close(q.options.Keep && q.err == nil && q.panicked == nil)
			p.state = ended
		}
	}
	if q.options.CollectReport && q.ended.IsZero() {
		q.ended = q.began.Add(time.Since(q.began))
	}
}

// small says whether a stream that scans so many rows runs without helpers.
func (q *query) small(rows int64) bool {
	if n := q.options.SmallQuery; n != 0 {
		return rows <= n
	}
	return rows <= smallQuery
}

// charge adds n bytes to what the query holds.
func (q *query) charge(n int64) error {
	used := q.used.Add(n)
	for {
		p := q.peak.Load()
		if used <= p || q.peak.CompareAndSwap(p, used) {
			break
		}
	}
	if err := overLimit(q.options.MemoryLimit, used, n); err != nil {
		return err
	}
	if n > 0 && q.options.Budget != nil && used > q.granted.Load() {
		return q.grant(used)
	}
	return nil
}

// overLimit is 53200 when n bytes more, which make used, are beyond a query's limit; 0 = there is none.
func overLimit(limit, used, n int64) error {
	if limit <= 0 || used <= limit || n <= 0 {
		return nil
	}
	return sqlstate.OutOfMemory.Errorf("out of memory").
		WithDetail("Failed on request of size %d: the query holds %d of the %d bytes that it may.", n, used-n, limit)
}

// grant takes from the budget what is missing to used bytes.
func (q *query) grant(used int64) error {
	q.granting.Lock()
	defer q.granting.Unlock()
	n, err := q.options.Budget.Grant(used - q.granted.Load())
	q.granted.Add(n)
	return err
}

// release gives n bytes back.
func (q *query) release(n int64) { q.used.Add(-n) }

// canceled is the error of a run whose context has ended, or that has stopped.
func (q *query) canceled() error {
	switch {
	case q.options.Keep:
		if q.ctx.Err() != nil {
			return errCanceled()
		}
	case q.canceling != nil:
		select {
		case <-q.canceling:
			return errCanceled()
		default:
		}
	}
	if q.stopped.Load() {
		return errStopped
	}
	return nil
}

func errCanceled() error {
	return sqlstate.QueryCanceled.Errorf("canceling statement due to user request")
}

// workers is the number of tasks that may run at once.
func (q *query) workers() int {
	if q.options.Workers > 0 {
		return q.options.Workers
	}
	return runtime.GOMAXPROCS(0)
}
