package exec

import (
	"github.com/redshiftsim/redshiftsim/internal/sqlstate"
	"github.com/redshiftsim/redshiftsim/internal/types"
)

// pipeline is the running state of a part's source and steps, for one worker at a time.
//
//	reader -> [filter] -> [hjoin] -> gate -> [aggr] -> gate -> [sort] -> [limit] -> [dist]
//	          stage 0                        stage 1           stage 2
//
// A stage is what lies between two combiners. Gates hold the end of the input back: the driver ends stage after stage, each once the pipelines of the
// part are combined.
type pipeline struct {
	reader reader
	head   sink
	sinks  []sink // by step
	tasks  []task // of the source, of each step
	keeps  []int  // steps that are combiners
	rests  []int  // steps that are resumers, the last first
	wanted int    // the first step whose rows are
	count  sourceCount

	fewTasks [3]task // room of tasks and sinks
	fewSinks [2]sink

	built    bool
	rested   bool // it has been built for another part, which has ended
	single   bool // from the last combiner on, each batch gives at most one
	end      bool // the reader has given all
	finished bool

	// Guarded by the query's lock.
	busy   bool // somebody drives it
	midway bool // it was left before its range was read
}

// build makes the reader and the sinks.
func (l *pipeline) build(q *query, p *part) error {
	g := p.seg
	steps := g.spec.Steps
	if l.built = true; l.rested {
		l.begin(p)
		return nil
	}
	if n := len(steps) + 1; n <= len(l.fewTasks) {
		l.tasks = l.fewTasks[:n]
	} else {
		l.tasks = make([]task, n)
	}
	for i := range l.tasks {
		l.tasks[i] = task{q: q, slice: p.slice, part: p}
	}
	var room [8][]types.Type
	ins := append(room[:0], g.spec.Types)
	for _, s := range steps {
		st, ok := s.(starter)
		if !ok {
			return sqlstate.FeatureNotSupported.Errorf("step %T is not supported", s)
		}
		ins = append(ins, st.out(ins[len(ins)-1]))
	}
	var next sink = discard{}
	l.single = true
	if g.cursor {
		next = &q.outlet
	}
	if n := len(steps); n <= len(l.fewSinks) {
		l.sinks = l.fewSinks[:n]
	} else {
		l.sinks = make([]sink, n)
	}
	for i := len(steps) - 1; i >= 0; i-- {
		s, err := steps[i].(starter).start(&l.tasks[i+1], ins[i], next)
		if err != nil {
			return err
		}
		l.sinks[i], next = s, s
		if _, ok := s.(resumer); ok {
			l.rests = append(l.rests, i)
		}
		if _, ok := s.(combiner); ok {
			l.keeps = append(l.keeps, i)
			next = &gate{s}
		}
		switch steps[i].(type) {
		case *FilterStep, *ProjectStep, *LimitStep:
		default:
			l.single = l.single && len(l.keeps) > 0
		}
	}
	for i, j := 0, len(l.keeps)-1; i < j; i, j = i+1, j-1 {
		l.keeps[i], l.keeps[j] = l.keeps[j], l.keeps[i]
	}
	l.head = next
	src, ok := g.spec.Source.(opener)
	if !ok {
		return sqlstate.FeatureNotSupported.Errorf("source %T is not supported", g.spec.Source)
	}
	r, err := src.open(&l.tasks[0])
	l.reader = r
	if err != nil {
		return err
	}
	l.shuffled(q, g)
	if scan, ok := l.reader.(*scanReader); ok && len(l.sinks) > 0 { // a shuffle would part the filter's batches from the step's
		if p, ok := l.sinks[0].(*projectSink); ok {
			p.filter = scan.filter
		}
	}
	return nil
}

// close closes the reader and lets go of what the steps keep.
func (l *pipeline) close() {
	l.release()
	*l = pipeline{built: l.built, busy: l.busy, fewTasks: l.fewTasks} // what a step has left to others may still ask its task
}

// release closes the reader and the sinks that have something to give back.
func (l *pipeline) release() {
	if l.reader != nil {
		_ = l.reader.close() // nothing more is wanted of it
	}
	for _, s := range l.sinks {
		if c, ok := s.(closer); ok {
			c.close()
		}
	}
}

// drive runs a pipeline of a part until its range is read, its inbox is empty, what reads its rows has enough, or the cursor has a batch.
// It is the only place where a segment runs.
func (q *query) drive(p *part, l *pipeline) error {
	if !l.built {
		if err := l.build(q, p); err != nil {
			return err
		}
	}
	if p.state == finishing {
		return q.conclude(p, l)
	}
	g := p.seg
	if g.cursor {
		q.outlet.lend = l.single && len(l.keeps) == 0
	}
	for {
		step := l.waiting()
		if step < 0 && p.stop.Load() {
			return nil
		}
		if g.out != nil && g.out.full(p.sender) {
			l.midway = true
			return nil
		}
		if err := q.canceled(); err != nil {
			return err
		}
		var err error
		if step >= 0 {
			err = l.resume(step)
		} else {
			b, end, e := l.reader.next()
			if e != nil {
				return e
			}
			if b == nil {
				l.end = end
				return nil
			}
			q.batches.Add(1)
			if p := q.options.Probe; p != nil {
				if err := p.Batch(l.tasks[0].slice); err != nil {
					return err
				}
			}
			n := b.Rows()
			if n == 0 {
				continue
			}
			l.count.count(b, n)
			err = l.head.push(b)
		}
		if err == errDone {
			p.stop.Store(true)
		} else if err != nil {
			return err
		}
		if g.cursor && q.outlet.some() {
			l.midway = true
			return nil
		}
	}
}

// waiting is the last step that has more to give of a batch, -1 when none has: those before it get their turn when it is through. A step that needs no
// more rows says nothing of those behind it: what they have of a batch is still given.
func (l *pipeline) waiting() int {
	for _, i := range l.rests {
		if i >= l.wanted && l.sinks[i].(resumer).pending() {
			return i
		}
	}
	return -1
}

// resume has a step give more. When that is not needed, neither is what the steps before it have.
func (l *pipeline) resume(step int) error {
	err := l.sinks[step].(resumer).resume()
	if err == errDone {
		l.wanted = step + 1
	}
	return err
}

// conclude ends the input of a part's steps, stage by stage. It may leave a part whose readers have enough, and is then called again.
func (q *query) conclude(p *part, l *pipeline) error {
	for ; p.stage <= len(l.keeps); p.stage, p.joined = p.stage+1, false {
		from, to := 0, len(l.sinks)
		if p.stage > 0 {
			from = l.keeps[p.stage-1]
		}
		if p.stage < len(l.keeps) {
			to = l.keeps[p.stage]
		}
		if p.stage > 0 {
			more, err := q.drain(p, l, from)
			if more || err != nil {
				return err
			}
		}
		if p.seg.cursor {
			q.outlet.lend = false
		}
		for _, o := range p.more {
			if !o.built {
				continue
			}
			first := from
			if p.stage > 0 {
				first++
			}
			if err := o.finish(first, to); err != nil {
				return err
			}
		}
		if err := l.finish(from, to); err != nil {
			return err
		}
	}
	l.finished = true
	return nil
}

// drain combines the pipelines' states of combiner number at into the first pipeline's, and has that give what it kept if it can do so batch by batch.
// more = it was left before the end.
func (q *query) drain(p *part, l *pipeline, at int) (more bool, err error) {
	c := l.sinks[at].(combiner)
	if !p.joined {
		p.joined = true
		for _, o := range p.more {
			if !o.built {
				continue
			}
			if err := c.combine(o.sinks[at]); err != nil {
				return false, err
			}
		}
	}
	d, ok := c.(drainer)
	if !ok {
		return false, nil
	}
	g := p.seg
	if g.cursor {
		q.outlet.lend = l.single && p.stage == len(l.keeps)
	}
	for {
		if g.out != nil && g.out.full(p.sender) || g.cursor && q.outlet.some() {
			return true, nil
		}
		if err := q.canceled(); err != nil {
			return false, err
		}
		step := l.waiting()
		switch {
		case step >= 0:
			err = l.resume(step)
		case p.enough || p.drained:
			p.enough, p.drained = false, false
			return false, nil
		default:
			more, err = d.drain()
			p.drained = !more
		}
		if err == errDone { // what was given may be lent to the cursor: it is taken before anything ends
			p.enough = true
		} else if err != nil {
			return false, err
		}
	}
}

// finish ends the input of sinks from..to-1, which lie in one stage. A sink that needs no more rows has not ended those behind it.
func (l *pipeline) finish(from, to int) error {
	for _, i := range l.rests {
		l.tasks[i+1].eager = true
		defer func() { l.tasks[i+1].eager = false }()
	}
	for i := from; i < to; i++ {
		if err := l.sinks[i].finish(); err != errDone {
			return err
		}
	}
	return nil
}
