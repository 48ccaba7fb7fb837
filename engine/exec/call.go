package exec

import (
	"context"
	"fmt"
	"runtime/debug"
	"sync"
	"sync/atomic"

	"github.com/redshiftsim/redshiftsim/engine/exfunc"
	"github.com/redshiftsim/redshiftsim/engine/expr"
	"github.com/redshiftsim/redshiftsim/internal/sqlstate"
	"github.com/redshiftsim/redshiftsim/internal/types"
	"github.com/redshiftsim/redshiftsim/internal/vector"
)

// A call of a Lambda function takes long and costs no work, so no worker waits for it: the segment ends there, and another reads what comes back, on the same slice,
// as it would read a network. While batches of all slices are in the air a query without helpers goes on with others.
//
//	scan t | call f      rows -> batch {records as JSON, parcels of the columns that go on}
//	                       full, or no more rows -> line of the slice: [batch] [batch]
//	                                                  one goroutine: send, write results into the parcels, put
//	scan network | ..    inbox of the slice <- [parcel] [parcel]
//
// One batch of a slice is in the air at a time, and one waits: then the slice's rows wait, too. Rows stay in their order.

// callSink collects rows into batches.
type callSink struct {
	q     *query
	slice int
	s     *CallStep
	x     *exchange
	line  *callLine
	args  []*expr.State
	vals  []*vector.Vector
	keep  vector.Batch // the columns that go on
	batch *callBatch   // the open one; nil = none
	rows  int64        // that were sent
	bytes int64        // of their texts
}

// callBatch is a batch and the rows that it was made of.
type callBatch struct {
	*exfunc.Batch
	parcels []*parcel
}

// callLine is what a slice has sent.
type callLine struct {
	mu      sync.Mutex
	queue   []*callBatch
	running bool
	waits   atomic.Int32 // batches without an answer
}

func (s *CallStep) out(in []types.Type) []types.Type {
	out := make([]types.Type, 0, len(s.Keep)+1)
	for _, at := range s.Keep {
		out = append(out, in[at])
	}
	return append(out, s.Fn.Returns)
}

// serial says that the rows of a slice pass through one pipeline: batches are as large as they may.
func (s *CallStep) serial() bool { return true }

func (s *CallStep) start(t *task, _ []types.Type, _ sink) (sink, error) {
	c := &callSink{q: t.q, slice: t.slice, s: s, x: &t.q.exchanges[s.Exchange], vals: make([]*vector.Vector, len(s.Args))}
	c.line = &c.x.lines[t.part.sender]
	for _, a := range s.Args {
		c.args = append(c.args, a.NewState(t.env()))
	}
	c.keep.Columns = make([]*vector.Vector, len(s.Keep))
	return c, nil
}

func (c *callSink) push(b *vector.Batch) error {
	n := b.Rows()
	if n == 0 {
		return nil
	}
	for i, a := range c.args {
		v, err := a.Eval(b)
		if err != nil {
			return err
		}
		c.vals[i] = v
	}
	for i, at := range c.s.Keep {
		c.keep.Columns[i] = b.Columns[at]
	}
	rows := b.Sel
	if rows == nil {
		rows = vector.Rows[:n]
	}
	for lo := 0; lo < n; {
		if c.batch == nil {
			c.batch = &callBatch{Batch: exfunc.NewBatch(c.s.Fn)}
		}
		hi, held := lo, c.batch.Bytes()
		for hi < n && c.batch.Add(c.vals, hi) {
			hi++
		}
		if err := c.q.charge(c.batch.Bytes() - held); err != nil {
			return err
		}
		if err := c.take(rows[lo:hi]); err != nil {
			return err
		}
		if hi < n {
			c.send()
		}
		lo = hi
	}
	if c.x.done() {
		return errDone
	}
	return nil
}

// take copies rows into the parcels of the open batch.
func (c *callSink) take(rows []uint16) error {
	c.rows += int64(len(rows))
	for len(rows) > 0 {
		var p *parcel
		if n := len(c.batch.parcels); n > 0 && c.batch.parcels[n-1].Len < vector.Size {
			p = c.batch.parcels[n-1]
		} else {
			p = c.x.parcel()
			c.batch.parcels = append(c.batch.parcels, p)
		}
		n := min(len(rows), vector.Size-p.Len)
		texts := int64(0)
		for _, v := range c.keep.Columns {
			texts += textBytes(v, rows[:n], n)
		}
		c.bytes += texts
		if err := p.add(c.x, &c.keep, rows[:n], n, texts); err != nil {
			return err
		}
		rows = rows[n:]
	}
	return nil
}

// send gives the open batch to the slice's line, and has somebody work on that.
func (c *callSink) send() {
	l, q := c.line, c.q
	l.waits.Add(1)
	l.mu.Lock()
	l.queue = append(l.queue, c.batch)
	start := !l.running
	l.running = true
	l.mu.Unlock()
	if c.batch = nil; !start {
		return
	}
	c.x.senders.Add(1) // readers wait for it as they do for the segment
	q.mu.Lock()
	q.flights++
	q.mu.Unlock()
	q.group.Go(func() error {
		err := c.fly()
		q.mu.Lock()
		if err != nil && !q.stopped.Load() {
			q.stop(err)
		}
		c.x.senders.Add(-1)
		q.flights--
		q.cond.Broadcast()
		q.mu.Unlock()
		return nil
	})
}

// fly sends the batches of the line, one after the other, until there is none.
func (c *callSink) fly() (err error) {
	q, l := c.q, c.line
	defer func() {
		if v := recover(); v != nil {
			err = sqlstate.Internal.Errorf("internal error: %v", v).WithDetail("%s", debug.Stack())
		}
	}()
	for {
		l.mu.Lock()
		if len(l.queue) == 0 || q.stopped.Load() || c.x.done() {
			l.running = false
			l.mu.Unlock()
			return nil
		}
		b := l.queue[0]
		l.queue[0] = nil
		l.queue = l.queue[1:]
		l.mu.Unlock()
		r, err := q.env.Calls.Send(b.Batch, c.slice)
		if err == nil {
			err = c.deliver(b, r)
		}
		if err != nil {
			return err
		}
		q.release(b.Bytes())
		l.waits.Add(-1)
		q.wake()
	}
}

// deliver puts the rows of a batch, with their results, into the inbox of the slice.
func (c *callSink) deliver(b *callBatch, r *exfunc.Results) error {
	to := c.slice
	if len(c.x.inboxes) == 1 { // the leader's, or that of the one slice
		to = 0
	}
	at, k := 0, len(c.s.Keep)
	for _, p := range b.parcels {
		v := &p.columns[k].own
		v.Type = c.s.Fn.Returns
		v.Reset(p.Len)
		v.Nulls = nil
		if err := r.Write(v, 0, at, p.Len); err != nil {
			return err
		}
		at += p.Len
		p.Columns[k] = v
		texts := textBytes(v, nil, p.Len)
		p.bytes += texts
		if err := c.q.charge(texts); err != nil {
			return err
		}
		if err := c.x.inboxes[to].put(p); err != nil && err != errDone {
			return err
		}
	}
	if at != b.Rows {
		panic(fmt.Sprintf("exec: a batch of %d rows with parcels of %d", b.Rows, at))
	}
	return nil
}

// finish sends the last batch. The exchange learns of the end when that is answered.
func (c *callSink) finish() error {
	if c.batch != nil {
		c.send()
	}
	return nil
}

// given is what was sent.
func (c *callSink) given() (rows, bytes int64) { return c.rows, c.bytes }

// fly readies the calls of a run, if it has any: when the run stops they end.
func (q *query) fly(ctx context.Context) {
	if q.env != nil && q.env.Calls != nil {
		ctx, q.land = context.WithCancel(ctx)
		q.env.Calls = q.env.Calls.Begin(ctx)
	}
}

// ground ends the calls of a run.
func (q *query) ground() {
	if q.land != nil {
		q.land()
	}
}
