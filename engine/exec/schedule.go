package exec

import (
	"fmt"
	"runtime"
	"runtime/debug"
	"time"

	"golang.org/x/sync/semaphore"

	"github.com/redshiftsim/redshiftsim/internal/sqlstate"
)

// helpers bounds the goroutines of all queries of the process: with the callers' own they fill the machine, and not more.
var helpers = semaphore.NewWeighted(int64(max(1, runtime.GOMAXPROCS(0)-1)))

// pick chooses the part to drive next, and a pipeline of it; nil = none can run now. Parts are listed from the end of the stream on, by segment and
// slice: readers come before senders, so that little waits, and what is written first is read first. Parts that nobody drives come before others, so
// that pipelines stay few. Those that would get a thin batch come last. The lock is held.
func (q *query) pick(caller bool) (*part, *pipeline) {
	for again := true; again; {
		again = false
		var thin *part
		for _, alone := range [2]bool{true, false} {
			for i := range q.parts {
				p := &q.parts[i]
				if q.left == 0 {
					return nil, nil
				}
				if p.state >= ended || p.seg.cursor && !caller || p.running > 0 == alone || p.running >= p.seg.pipes {
					continue
				}
				out := p.seg.out
				if out != nil && out.done() || p.running == 0 && p.in != nil && p.seg.optional && !p.first.built && p.in.empty() {
					if p.running == 0 { // nobody wants what it would give, or nothing came
						q.end(p)
						again = true
					}
					continue
				}
				if out != nil && out.full(p.sender) {
					continue
				}
				if p.midway == 0 && (p.over || p.stop.Load()) {
					if p.running == 0 {
						p.state = finishing
						return p, q.enter(p, p.begun())
					}
					continue
				}
				if p.midway > 0 || p.ready() {
					if p.midway == 0 && p.thin() {
						thin = p
						continue
					}
					return p, q.enter(p, p.pipeline())
				}
			}
		}
		if thin != nil && !again {
			return thin, q.enter(thin, thin.pipeline())
		}
	}
	return nil, nil
}

// thin says that a part which is ready would find an open parcel and nothing else, though its senders may fill it further. With many inboxes each gets
// little of what one sender gives: to take it would be to run the part's steps for a few rows as often as there are senders.
func (p *part) thin() bool {
	in := p.in
	return in != nil && !p.seg.cursor && len(in.x.inboxes) >= manyDestinations && in.whole.Load() == 0 && !in.over()
}

// ready says whether a new pipeline would find rows, or the end.
func (p *part) ready() bool {
	switch {
	case p.seg.scan != nil:
		return p.at.Load() < int64(p.zones) || p.running == 0
	case p.in != nil:
		return p.in.ready()
	case p.first.reader != nil:
		return p.first.reader.ready()
	}
	return true
}

// pipeline gives one that nobody drives, first those that were left midway.
func (p *part) pipeline() *pipeline {
	free := (*pipeline)(nil)
	if !p.first.busy {
		free = p.begun()
	}
	for _, l := range p.more {
		if !l.busy && (free == nil || !free.midway && l.midway) {
			free = l
		}
	}
	if free == nil {
		if free = p.seg.rested(); free == nil {
			free = &pipeline{}
		}
		p.more = append(p.more, free)
	}
	return free
}

// begun is the part's first pipeline, which nobody drives; when it has not been built it may be one that rests.
func (p *part) begun() *pipeline {
	if !p.first.built && !p.first.rested {
		if l := p.seg.rested(); l != nil {
			p.first = l
		}
	}
	return p.first
}

// enter notes that a worker drives a pipeline of a part.
func (q *query) enter(p *part, l *pipeline) *pipeline {
	if l.midway {
		l.midway = false
		p.midway--
	}
	l.busy = true
	p.running++
	if p.seg.out != nil {
		p.seg.out.running.Add(1)
	}
	if p.began == 0 && q.options.CollectReport {
		p.began = max(1, time.Since(q.began))
	}
	return l
}

// leave is the opposite of enter: err is what driving it gave, or nil.
func (q *query) leave(p *part, l *pipeline, err error) {
	l.busy = false
	p.running--
	if p.seg.out != nil {
		p.seg.out.running.Add(-1)
	}
	if err != nil {
		if err != errStopped {
			q.stop(err)
		}
		return
	}
	if l.midway {
		p.midway++
	}
	if l.end {
		p.over = true
	}
	if p.state == finishing && l.finished {
		q.end(p)
	}
	q.rouse()
}

// rouse wakes the workers that wait, the lock being held.
func (q *query) rouse() {
	if q.idle.Load() > 0 {
		q.cond.Broadcast()
	}
}

// end ends a part. When the result's last part has ended nothing that is left is wanted.
func (q *query) end(p *part) {
	q.harvest(p)
	p.seg.gone++
	p.close(p.state == finishing)
	if p.seg.gone == p.seg.laid && !p.seg.keep {
		p.seg.resting = nil
	}
	p.state = ended
	q.left = max(0, q.left-1) // it is 0 already when the result has ended before what fed it
	if p.seg.out != nil {
		p.seg.out.end(p.sender)
	}
	q.rouse()
	if p.seg.cursor {
		for i := range q.parts {
			if o := &q.parts[i]; o.seg.cursor && o.state < ended {
				return
			}
		}
		q.left = 0
	}
}

// await is pick for who can wait: it gives nil when the query has stopped, or when nothing can run and the caller is not in Next. The lock is held, but
// while it waits.
func (q *query) await(caller bool) (*part, *pipeline) {
	p, l := q.pick(caller)
	if p != nil {
		return p, l
	}
	q.idle.Add(1) // from here on who makes something ready takes the lock, so that what pick does not see yet will wake us
	defer q.idle.Add(-1)
	for !q.stopped.Load() && q.inside && q.left > 0 {
		if p, l = q.pick(caller); p != nil {
			return p, l
		}
		if caller && (q.helpers == 0 && q.flights == 0 || q.left == 0) {
			break
		}
		q.cond.Wait()
	}
	return nil, nil
}

// wake wakes the workers that wait. It is called when a parcel has become whole, or a full queue less so.
func (q *query) wake() {
	if q.idle.Load() == 0 {
		return
	}
	q.mu.Lock()
	q.cond.Broadcast()
	q.mu.Unlock()
}

// summon starts helpers, as many as are wanted and the process has room for, unless p, which the caller is about to drive, has enough to read.
func (q *query) summon(p *part) {
	if p.seg.cursor && p.in != nil && p.in.x.waiting.Load() > p.in.x.mark/2 {
		return
	}
	for q.helpers < q.wanted && helpers.TryAcquire(1) {
		q.helpers++
		q.summoned++
		q.group.Go(q.help)
	}
}

// helperPanic is a panic on a helper's goroutine, passed on to the caller's.
type helperPanic struct {
	value any
	stack []byte
}

// String is the panic's value and where it arose.
func (h *helperPanic) String() string { return fmt.Sprintf("%v\n%s", h.value, h.stack) }

// help is the life of a helper. It goes when nothing can run and the caller is not there to make room: a reader who takes his time holds no goroutine.
func (q *query) help() error {
	locked := true
	q.mu.Lock()
	defer func() {
		if v := recover(); v != nil {
			if !locked {
				q.mu.Lock()
			}
			if q.err == nil {
				q.panicked = &helperPanic{v, debug.Stack()}
			}
			q.stop(sqlstate.Internal.Errorf("internal error: %v", v))
		}
		q.helpers--
		q.cond.Broadcast()
		q.mu.Unlock()
		helpers.Release(1)
	}()
	for !q.stopped.Load() {
		p, l := q.await(false)
		if p == nil {
			break
		}
		q.mu.Unlock()
		locked = false
		err := q.drive(p, l)
		q.mu.Lock()
		locked = true
		q.leave(p, l, err)
	}
	return nil
}

// harvest keeps what the report says of a part before its pipelines go.
func (q *query) harvest(p *part) {
	if !q.options.CollectReport {
		return
	}
	q.measure(p)
}
