package exec

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
	laid     int // parts: slices but those where a scan finds nothing to do
	gone     int // parts that have ended
	depth    int // segments between it and the end of the stream
	kept     segmentReport
	reuse    bool        // pipelines are left to other parts
	keep     bool        // pipelines are left to another run
	given    int64       // rows that its sources gave
	resting  []*pipeline // those that parts have left
}

// depths finds out how far segments are from the end of their stream, and gives the greatest distance. Readers are listed behind their senders.
func (q *query) depths(segs []segment) int {
	most := 0
	for i := len(segs) - 1; i >= 0; i-- {
		for j := i + 1; j < len(segs) && segs[i].out != nil; j++ {
			if x := reads(segs[j].spec.Source); x >= 0 && &q.exchanges[x] == segs[i].out {
				segs[i].depth = segs[j].depth + 1
				most = max(most, segs[i].depth)
			}
		}
	}
	return most
}

// loads says whether a segment reads files.
func loads(segs []segment) bool {
	for i := range segs {
		switch segs[i].spec.Source.(type) {
		case *LoadSource, *ExternalSource:
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
		g.stable = q.options.Shuffle == 0
		for _, s := range spec.Steps {
			g.stable = g.stable && passes(s)
		}
		scan, err := q.scanning(g.scan, s)
		if err != nil {
			return err
		}
		g.scan, g.pipes = scan, q.workers()
	case *InboxSource:
		if spec.Where != OnLeader && !q.p.Exchanges[s.Exchange].Calls { // rows that had an order have it behind a call
			g.pipes = q.workers()
		}
	}
	g.reuse, g.keep = q.reused(g), q.options.Keep
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
			if q.p.Exchanges[s.Exchange].Calls {
				x.lines = make([]callLine, x.senders.Load())
			}
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

// reads is the exchange that a source reads, -1 for others.
func reads(s SourceSpec) int {
	switch s := s.(type) {
	case *InboxSource:
		return s.Exchange
	case *MergeSource:
		return s.Exchange
	}
	return -1
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
	case *CallStep:
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
	case *HashStep, *InsertStep, *UnloadStep:
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
	case *FilterStep, *ProjectStep, *ExpandStep, *UnnestStep, *LimitStep, *SortStep, *UniqueStep, *WindowStep, *SetOpStep, *DistStep, *BcastStep, *ReturnStep, *PlaceStep,
		*CallStep, *InsertStep, *DeleteStep, *UnloadStep:
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
