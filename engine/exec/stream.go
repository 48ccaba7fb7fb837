package exec

import (
	"fmt"
	"runtime"
	"runtime/debug"
	"sync/atomic"
	"time"

	"golang.org/x/sync/semaphore"

	"github.com/redshiftsim/redshiftsim/internal/sqlstate"
)

// helpers bounds the goroutines of all queries of the process: with the callers' own they fill the machine, and not more.
var helpers = semaphore.NewWeighted(int64(max(1, runtime.GOMAXPROCS(0)-1)))

// segment is a Segment in a run.
type segment struct {
	spec     *Segment
	number   int
	stream   int
	scan     *scanning // of a ScanSource
	out      *exchange // that the last step sends to
	cursor   bool      // the rows are the result
	stable   bool      // what is sent lies in memory that never changes
	optional bool      // without rows there is nothing to do
	pipes    int       // on one slice, at most
	slices   int
	kept     segmentReport
}

// partState is the life of a part.
type partState uint8

const (
	reading partState = iota
	finishing
	ended
	unused // it never ran
)

// part is a segment on one slice: what workers take up, drive for a while, and leave. Each drives a pipeline of its own.
type part struct {
	seg    *segment
	slice  int // LeaderSlice on the leader
	sender int // number of the part among those that send to seg.out
	in     *inbox
	shard  int          // of a scan
	zones  int          // in it
	at     atomic.Int64 // zone from which the next range is taken
	stop   atomic.Bool  // no more rows are needed
	limits limitState

	// Guarded by the query's lock.
	state   partState
	over    bool // the source has given all
	running int  // workers that drive it
	midway  int  // pipelines that were left before their range was read
	first   pipeline
	more    []*pipeline
	began   time.Time

	// Of the worker that finishes it.
	stage   int  // of the pipelines: see finish
	joined  bool // the pipelines are combined at this stage
	drained bool // the combiner of this stage has given all, but what it gave may not be through
	enough  bool // the sinks behind the combiner of this stage need no more
}

// advance makes the next stream ready; false = there is none. The lock is held.
func (q *query) advance() (bool, error) {
	if q.stream == len(q.p.Streams) {
		return false, nil
	}
	number := len(q.segments)
	if q.segments == nil {
		n := 0
		for i := range q.p.Streams {
			n += len(q.p.Streams[i].Segments)
		}
		q.segments = make([]segment, 0, n)
	}
	for _, g := range q.p.Streams[q.stream].Segments {
		q.segments = append(q.segments, segment{})
		if err := q.start(&q.segments[len(q.segments)-1], g, len(q.segments)-1); err != nil {
			return false, err
		}
	}
	segs := q.segments[number:]
	n := 0
	for i := range segs {
		n += segs[i].slices
	}
	q.parts = make([]part, n)
	q.left = 0
	rows := int64(0)
	at := 0
	for i := range segs {
		g := &segs[i]
		for slice := range g.slices {
			p := &q.parts[at]
			at++
			p.seg, p.slice = g, slice
			if g.spec.Where == OnLeader {
				p.slice = LeaderSlice
			}
			if g.scan != nil && !g.scan.place(p) && g.optional {
				p.state = unused
				continue
			}
			if p.zones > 0 {
				rows += q.views[g.scan.spec.View].SliceRows(p.shard)
			}
			q.left++
			if g.out != nil {
				p.sender = int(g.out.senders.Add(1)) - 1
			}
		}
	}
	q.connect(segs)
	q.stream++
	q.wanted = 0
	if !q.small(rows) || loads(segs) {
		q.wanted = q.workers() - 1
	}
	return true, nil
}

// loads says whether a segment reads files.
func loads(segs []segment) bool {
	for i := range segs {
		if _, ok := segs[i].spec.Source.(*LoadSource); ok {
			return true
		}
	}
	return false
}

// start sets up a running segment.
func (q *query) start(g *segment, spec *Segment, number int) error {
	g.spec, g.number, g.stream = spec, number, q.stream
	g.slices, g.pipes = 1, 1
	if spec.Where == OnSlices {
		g.slices = q.p.Slices
	}
	if n := len(spec.Steps); n > 0 {
		if x := sendsTo(spec.Steps[n-1]); x >= 0 {
			g.out = &q.exchanges[x]
		}
	}
	g.cursor = spec.Where == OnLeader && !ends(spec)
	g.optional = true
	for _, s := range spec.Steps {
		g.optional = g.optional && optional(s)
	}
	switch s := spec.Source.(type) {
	case *ScanSource:
		g.stable = true
		for _, s := range spec.Steps {
			g.stable = g.stable && passes(s)
		}
		scan, err := q.scanning(s)
		if err != nil {
			return err
		}
		g.scan, g.pipes = scan, q.workers()
	case *InboxSource:
		if spec.Where != OnLeader {
			g.pipes = q.workers()
		}
	}
	for _, s := range spec.Steps {
		if s, ok := s.(serial); ok && s.serial() {
			g.pipes = 1
		}
	}
	return nil
}

// connect starts the exchanges of a stream and gives its readers their inboxes.
func (q *query) connect(segs []segment) {
	for i := range segs {
		switch s := segs[i].spec.Source.(type) {
		case *InboxSource:
			x := &q.exchanges[s.Exchange]
			x.start(q, &q.p.Exchanges[s.Exchange], segs[i].slices)
		case *MergeSource:
			x := &q.exchanges[s.Exchange]
			x.start(q, &q.p.Exchanges[s.Exchange], int(x.senders.Load()))
		}
	}
	for i := range q.parts {
		p := &q.parts[i]
		if s, ok := p.seg.spec.Source.(*InboxSource); ok {
			at := p.slice
			if at == LeaderSlice {
				at = 0
			}
			p.in = &q.exchanges[s.Exchange].inboxes[at]
		}
	}
}

// sendsTo is the exchange of a step that ends a segment by sending, -1 for others.
func sendsTo(s StepSpec) int {
	switch s := s.(type) {
	case *DistStep:
		return s.Exchange
	case *BcastStep:
		return s.Exchange
	case *ReturnStep:
		return s.Exchange
	case *PlaceStep:
		return s.Exchange
	}
	return -1
}

// ends says that the last step of a segment sends, keeps or writes its rows.
func ends(g *Segment) bool {
	if len(g.Steps) == 0 {
		return false
	}
	switch s := g.Steps[len(g.Steps)-1].(type) {
	case *HashStep, *InsertStep:
		return true
	case *DeleteStep:
		return !s.Forward
	default:
		return sendsTo(s) >= 0
	}
}

// passes says that a step hands on the vectors that it gets, or sends them.
func passes(s StepSpec) bool {
	switch s := s.(type) {
	case *FilterStep, *LimitStep:
		return true
	case *ProjectStep:
		for _, at := range s.PassThrough {
			if at < 0 {
				return false
			}
		}
		return true
	}
	return sendsTo(s) >= 0
}

// optional says that a step does nothing when it gets no row.
func optional(s StepSpec) bool {
	switch s := s.(type) {
	case *FilterStep, *ProjectStep, *LimitStep, *SortStep, *UniqueStep, *WindowStep, *SetOpStep, *DistStep, *BcastStep, *ReturnStep, *PlaceStep,
		*InsertStep, *DeleteStep:
		return true
	case *AggrStep:
		return len(s.Groups) > 0
	case *HJoinStep:
		return s.Kind != RightJoin && s.Kind != FullJoin
	case *NLoopStep:
		return s.Kind != RightJoin && s.Kind != FullJoin
	}
	return false
}

// pick chooses the part to drive next, and a pipeline of it; nil = none can run now. Readers come before senders, so that little waits, and parts that
// nobody drives before others, so that pipelines stay few. The lock is held.
func (q *query) pick(caller bool) (*part, *pipeline) {
	for again := true; again; {
		again = false
		for _, alone := range [2]bool{true, false} {
			for i := len(q.parts) - 1; i >= 0; i-- {
				p := &q.parts[i]
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
						return p, q.enter(p, &p.first)
					}
					continue
				}
				if p.midway > 0 || p.ready() {
					return p, q.enter(p, p.pipeline())
				}
			}
		}
	}
	return nil, nil
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
		free = &p.first
	}
	for _, l := range p.more {
		if !l.busy && (free == nil || !free.midway && l.midway) {
			free = l
		}
	}
	if free == nil {
		free = &pipeline{}
		p.more = append(p.more, free)
	}
	return free
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
	if p.began.IsZero() && q.options.CollectReport {
		p.began = time.Now()
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
	p.close()
	p.state = ended
	q.left--
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

// close closes the readers of a part and its inbox, and lets go of what its steps have kept.
func (p *part) close() {
	p.first.close()
	for _, l := range p.more {
		l.close()
	}
	p.more = nil
	if p.in != nil {
		p.in.close()
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
		if caller && (q.helpers == 0 || q.left == 0) {
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
