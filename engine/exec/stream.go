package exec

import (
	"sync/atomic"
	"time"
)

// partState is the life of a part.
type partState uint8

const (
	reading partState = iota
	finishing
	ended
)

// part is a segment on one slice: what workers take up, drive for a while, and leave. Each drives a pipeline of its own.
type part struct {
	partRun
	own pipeline
}

// partRun is what a part has but for the room of its own pipeline.
type partRun struct {
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
	over    bool      // the source has given all
	running int       // workers that drive it
	midway  int       // pipelines that were left before their range was read
	first   *pipeline // the part's own, or one that another part of the segment has left
	more    []*pipeline
	began   time.Duration

	// Of the worker that finishes it.
	stage   int  // of the pipelines: see finish
	joined  bool // the pipelines are combined at this stage
	drained bool // the combiner of this stage has given all, but what it gave may not be through
	enough  bool // the sinks behind the combiner of this stage need no more
}

// advance makes the next stream ready; false = there is none. The lock is held.
func (q *query) advance() (bool, error) {
	if q.stream > 0 {
		if t := q.p.Streams[q.stream-1].Turn; t != nil {
			if err := q.canceled(); err != nil {
				return false, err
			}
			if _, err := q.turn(t); err != nil {
				return false, err
			}
		}
	}
	if q.stream == len(q.p.Streams) {
		return false, nil
	}
	number, n := 0, 0
	for i := range q.p.Streams {
		if i == q.stream {
			number = n
		}
		n += len(q.p.Streams[i].Segments)
	}
	if q.segments == nil {
		if q.segments = q.fewSegments[:0]; n > len(q.fewSegments) {
			q.segments = make([]segment, 0, n)
		}
	}
	for i, g := range q.p.Streams[q.stream].Segments {
		at := number + i
		if at == len(q.segments) {
			q.segments = append(q.segments, segment{})
		}
		s := &q.segments[at]
		if q.options.Keep {
			*s = segment{scan: s.scan, resting: s.resting} // of the run before
		} else {
			*s = segment{kept: s.kept} // of the rounds before, if it has run
		}
		if err := q.start(&q.segments[at], g, at); err != nil {
			return false, err
		}
	}
	segs := q.segments[number : number+len(q.p.Streams[q.stream].Segments)]
	n = 0
	for i := range segs {
		segs[i].count()
		n += segs[i].laid
	}
	if q.parts = q.parts[:cap(q.parts)]; q.options.Keep && n <= len(q.parts) { // they are from a run before
		q.parts = q.parts[:n]
	} else {
		q.parts = make([]part, n)
	}
	q.left = 0
	rows := int64(0)
	at := 0
	for depth := range q.depths(segs) + 1 {
		for i := range segs {
			if segs[i].depth == depth {
				rows += q.lay(&segs[i], q.parts[at:at+segs[i].laid])
				at += segs[i].laid
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

// count says how many parts the segment has: slices whose scan reads nothing have none, when there is nothing to do without rows.
func (g *segment) count() {
	g.laid = g.slices
	if g.scan == nil || !g.optional {
		return
	}
	var p part
	for p.slice = range g.slices {
		if p.zones = 0; !g.scan.place(&p) {
			g.laid--
		}
	}
}

// lay sets up the parts of a segment and gives the number of rows that they scan.
func (q *query) lay(g *segment, parts []part) int64 {
	rows := int64(0)
	at := 0
	for slice := range g.slices {
		if at == len(parts) {
			break
		}
		p := &parts[at]
		p.seg, p.slice, p.first = g, slice, &p.own
		if g.spec.Where == OnLeader {
			p.slice = LeaderSlice
		}
		if g.scan != nil && !g.scan.place(p) && g.optional {
			continue
		}
		if at++; g.keep {
			p.again()
		}
		if p.zones > 0 {
			rows += q.views[g.scan.spec.View].SliceRows(p.shard)
		}
		q.left++
		if g.out != nil {
			p.sender = int(g.out.senders.Add(1)) - 1
		}
	}
	return rows
}

// close closes the readers of a part and its inbox, and lets go of what its steps have kept; rest = pipelines are left to other parts of the segment.
func (p *part) close(rest bool) {
	p.quit(p.first, rest)
	for _, l := range p.more {
		p.quit(l, rest)
	}
	p.more = nil
	if p.in != nil {
		p.in.close()
	}
}
