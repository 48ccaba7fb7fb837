package exec

import (
	"context"

	"github.com/redshiftsim/redshiftsim/engine/function"
	"github.com/redshiftsim/redshiftsim/internal/vector"
	"github.com/redshiftsim/redshiftsim/storage"
)

// A small program that runs often, a look at one row or the change of one, asks for more memory than it reads. So who keeps the program may keep a Cursor that
// has run it, and run that again: its segments, pipelines, readers, sinks and parcels are there, as reuse.go leaves them from slice to slice. What it has read is
// forgotten first: versions, blocks, dictionaries, texts and arguments belong to those who hold them.
//
//	Run .. Next .. Close, Report -> Idle -> kept with the program -> Again .. Next .. Close, Report -> Idle ..

// idler is a reader or a sink that can wait for another run: it forgets what it was given and made, and keeps its room.
type idler interface{ forget() }

// idleRows is how many rows may have come from the sources of a run that is kept: room for more is better made anew.
const idleRows = 64

// Reruns says whether a run of the program can be kept: one of scans, constants, projections, aggregates without groups, and changes of rows.
func (p *Program) Reruns() bool {
	if len(p.Streams) != 1 || p.Tables > 0 || p.Counters > 0 || p.PerSlice || p.Streams[0].Turn != nil {
		return false
	}
	for _, g := range p.Streams[0].Segments {
		switch s := g.Source.(type) {
		case *ScanSource:
			if len(s.Runtime) > 0 {
				return false
			}
		case *InboxSource, *ValuesSource:
		default:
			return false
		}
		for _, s := range g.Steps {
			switch s := s.(type) {
			case *FilterStep, *ProjectStep, *LimitStep, *ReturnStep, *DistStep, *DeleteStep, *InsertStep, *PlaceStep:
			case *AggrStep:
				if !s.reruns() {
					return false
				}
			default:
				return false
			}
		}
	}
	return true
}

// Idle makes a Cursor that was closed ready for Again, and says whether that was possible: it ran with Options.Keep, over few rows, and did not fail. Its
// Report has been asked for. After Close the query is the caller's alone: no lock is taken, and that of the run goes with it.
func (c *Cursor) Idle() bool {
	q := &c.q
	if !q.options.Keep || q.err != nil || q.panicked != nil || q.wanted > 0 {
		return false
	}
	rows := int64(0)
	for i := range q.segments {
		g := &q.segments[i]
		if rows += g.given; rows > idleRows {
			return false
		}
	}
	for i := range q.segments {
		q.segments[i].forget()
	}
	for i := range q.parts {
		q.parts[i].partRun = partRun{}
	}
	for i := range q.exchanges {
		q.exchanges[i].forget()
	}
	for i := range q.writers {
		w := &q.writers[i]
		w.w.Forget()
		w.def = nil
		clear(w.slices)
	}
	q.run, q.envRoom = run{}, function.Env{}
	return true
}

// Again is Run of the program that the Cursor has run, which Idle has made ready.
func (c *Cursor) Again(ctx context.Context, env *function.Env, sys any, views []storage.View, o Options) error {
	return c.q.begin(ctx, env, sys, views, o)
}

// forget keeps the pipelines of a segment, empty.
func (g *segment) forget() {
	for _, l := range g.resting {
		for i := range l.tasks {
			l.tasks[i].part = nil
		}
		if r, ok := l.reader.(idler); ok {
			r.forget()
		}
		for _, s := range l.sinks {
			if s, ok := s.(idler); ok {
				s.forget()
			}
		}
	}
	if g.scan != nil {
		*g.scan = scanning{preds: g.scan.preds[:0]}
		clear(g.scan.preds[:cap(g.scan.preds)])
	}
	g.kept, g.given = segmentReport{}, 0
}

// forget keeps a few parcels of an exchange, empty.
func (x *exchange) forget() {
	var few [len(x.fewFree)]*parcel
	n := copy(few[:], x.free)
	*x = exchange{}
	x.fewFree = few
	x.free = x.fewFree[:n]
	for _, p := range x.free {
		p.empty()
	}
}

// forget keeps the room of a column for small values.
func (c *parcelColumn) forget() {
	c.own.Empty()
	if w := c.whole; w != nil {
		clear(w.texts[:cap(w.texts)])
		w.ref = vector.Vector{}
	}
}

func (r *scanReader) forget() {
	if r.scanner != nil {
		r.scanner.Forget()
		r.stale = true
	}
	if r.filter != nil {
		r.filter.Forget()
	}
	r.c, r.part, r.spec.Predicates, r.batch = nil, nil, nil, vector.Batch{}
}

func (r *inboxReader) forget() { r.in = nil }

func (r *valuesReader) forget() {
	for _, v := range r.batch.Columns {
		v.Empty()
	}
}

func (f *filterSink) forget() {
	f.batch = vector.Batch{}
	f.cond.Forget()
}

func (p *projectSink) forget() {
	clear(p.batch.Columns)
	clear(p.wide.Columns)
	for i := range p.dense {
		p.dense[i].forget()
	}
	for i := range p.read {
		p.read[i].forget()
	}
	for _, s := range p.states {
		if s != nil {
			s.Forget()
		}
	}
	for _, s := range p.shared {
		s.Forget()
	}
}

// reruns says whether the states of the step can be emptied for another run: they have no groups, and no arguments but the values that they aggregate.
func (s *AggrStep) reruns() bool {
	for i := range s.Aggs {
		if a := &s.Aggs[i]; a.Distinct || a.Fn.Partial == nil || len(a.Args) > 1 {
			return false
		}
	}
	return len(s.Groups) == 0 && s.Limit == 0
}

func (a *aggr) forget() {
	for i := range a.calls {
		c := &a.calls[i]
		c.reuse()
		for _, s := range c.args {
			s.Forget()
		}
		clear(c.vecs)
		for k := range c.inputs {
			c.inputs[k].forget()
		}
	}
	for _, v := range a.cols {
		v.Empty()
	}
	a.n, a.held = 0, held{}
}

func (g *gathered) forget() {
	g.lane.Empty()
	*g = gathered{lane: g.lane, u8: g.u8[:0], u16: g.u16[:0], u32: g.u32[:0], nulls: g.nulls[:0]}
}

func (l *limitSink) forget() { l.batch = vector.Batch{} }

func (s *sending) forget() { s.few, s.rows, s.bytes = nil, nil, nil }

func (p *placeSink) forget() {
	p.sending.forget()
	p.view, p.def = storage.View{}, nil
}

func (d *deleteSink) forget() {
	clear(d.batch.Columns)
	d.batch.Sel = nil
}
