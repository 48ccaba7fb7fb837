package exec

// A segment on many slices runs as many pipelines, but only as many at once as there are workers. One whose part has ended rests, and the next part takes it
// up with all the room that its steps have made: hash tables, states, buffers of expressions. So 128 slices ask for memory about as often as two.
//
//	slice 0 [scan | aggr partial | dist]  ended -> rests -> slice 2 [..] -> slice 4 ..
//	slice 1 [scan | aggr partial | dist]  ended -> rests -> slice 3 [..] -> slice 5 ..

// reuser is a sink that can begin anew: reuse makes it as start would have for its task, which has another slice and part by now, in the room that it has.
// Nothing that was pushed is in use any more, and close has been called if it has one.
type reuser interface{ reuse() }

// reopener is a reader that can begin anew for its task, which has another slice and part by now; it has been closed.
type reopener interface{ reopen(t *task) }

// keepBytes is what a step may hold to be kept for another slice: large tables are better made anew than cleared.
const keepBytes = 1 << 20

// reused says whether pipelines of a segment are left to other parts of it. A shuffled source has a state of its own, and functions that ask for their slice
// know one.
func (q *query) reused(g *segment) bool {
	if g.slices == 1 || g.cursor || q.options.Shuffle != 0 || q.p.PerSlice {
		return false
	}
	for _, s := range g.spec.Steps {
		switch s.(type) {
		case *FilterStep, *ProjectStep, *AggrStep, *HashStep, *HJoinStep, *NLoopStep, *SortStep, *UniqueStep, *SetOpStep, *LimitStep, *UnnestStep, *DistStep, *BcastStep,
			*ReturnStep:
		default:
			return false
		}
	}
	switch g.spec.Source.(type) {
	case *ScanSource, *InboxSource, *SavedSource:
		return true
	}
	return false
}

// rested gives a pipeline that another part has left, nil when there is none. The query's lock is held.
func (g *segment) rested() *pipeline {
	n := len(g.resting)
	if n == 0 {
		return nil
	}
	l := g.resting[n-1]
	g.resting = g.resting[:n-1]
	return l
}

// quit takes a pipeline from a part that has ended: with rest another part may have it. The query's lock is held.
func (p *part) quit(l *pipeline, rest bool) {
	g := p.seg
	if g.keep && l.rested { // nobody has driven it for this part
		g.resting = append(g.resting, l)
		return
	}
	g.given += l.count.rows
	if !rest || !l.built || !g.keep && (!g.reuse || len(g.resting) >= g.laid-g.gone) {
		l.close()
		return
	}
	l.release()
	l.built, l.end, l.finished, l.midway, l.wanted, l.count = false, false, false, false, 0, sourceCount{}
	l.rested = true
	g.resting = append(g.resting, l)
}

// again takes a pipeline of the run before, for the part's own may be another's by now.
func (p *part) again() {
	if l := p.seg.rested(); l != nil {
		p.first = l
	} else if p.own.built || p.own.rested {
		p.first = &pipeline{}
	}
}

// begin takes up a pipeline that has rested for a part.
func (l *pipeline) begin(p *part) {
	l.rested = false
	for i := range l.tasks {
		l.tasks[i] = task{q: l.tasks[i].q, slice: p.slice, part: p}
	}
	l.reader.(reopener).reopen(&l.tasks[0])
	for _, s := range l.sinks {
		s.(reuser).reuse()
	}
}

// reuse forgets what was counted.
func (c *counted) reuse() { c.rows, c.bytes = 0, 0 }
