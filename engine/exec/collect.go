package exec

import (
	"slices"
	"time"

	"github.com/redshiftsim/redshiftsim/storage"
)

// partReport is what is kept of a part for the report when its pipelines go.
type partReport struct {
	slice       int
	began, gone time.Duration // since the run began
	steps       []stepCount   // from the source on
	scan        *storage.ScanCounters
	rows, bytes []int64 // sent, by receiver; nil = it does not send
}

// stepCount is what one step of a part did.
type stepCount struct{ rows, bytes, memory int64 }

// giver is a sink that counts what it hands on; bytes are those of texts, but for steps that send.
type giver interface{ given() (rows, bytes int64) }

// mover is a sink that sends.
type mover interface{ moved() (rows, bytes []int64) }

// measure sums up the pipelines of a part.
func (q *query) measure(p *part) {
	k := &p.seg.kept
	n := len(p.seg.spec.Steps) + 1
	if i := slices.IndexFunc(k.parts, func(r partReport) bool { return r.slice == p.slice }); i >= 0 { // it ran in an earlier round
		q.again(p, i)
		return
	}
	if k.parts == nil {
		q.keepParts(k, p.seg.laid, n)
	}
	at := len(k.parts) * n
	if at == len(k.counts) { // a later round has parts that the first had not
		k.counts = append(k.counts, make([]stepCount, n)...)
	}
	r := partReport{slice: p.slice, gone: time.Since(q.began), steps: k.counts[at : at+n : at+n]}
	r.began = r.gone
	if p.began != 0 {
		r.began = p.began
	}
	q.add(&r, p, p.first)
	for _, l := range p.more {
		q.add(&r, p, l)
	}
	k.parts = append(k.parts, r)
}

// fewKept is the room for the report of a segment on one slice, as small queries have it.
type fewKept struct {
	parts  [1]partReport
	counts [4]stepCount
	scan   storage.ScanCounters
}

// keepParts makes the room for so many parts of a segment, of so many steps each.
func (q *query) keepParts(k *segmentReport, parts, steps int) {
	if few := (*fewKept)(nil); parts == 1 && steps <= len(few.counts) {
		few = q.fewKept()
		k.parts, k.counts, k.scan = few.parts[:0], few.counts[:steps], &few.scan
		return
	}
	k.parts, k.counts = make([]partReport, 0, parts), make([]stepCount, parts*steps)
}

// fewKept is room for one more segment.
func (q *query) fewKept() *fewKept {
	if q.room == nil {
		q.room = &reportRoom{}
	}
	room := q.room
	if room.segments == len(room.few) {
		return &fewKept{}
	}
	room.segments++
	return &room.few[room.segments-1]
}

// again adds another round of a part to its report; a report that was given out stays as it is.
func (q *query) again(p *part, i int) {
	k := &p.seg.kept
	k.parts = slices.Clone(k.parts)
	r := &k.parts[i]
	r.steps, r.rows, r.bytes = slices.Clone(r.steps), slices.Clone(r.rows), slices.Clone(r.bytes)
	if r.scan != nil {
		scan := *r.scan
		r.scan = &scan
	}
	r.gone = time.Since(q.began)
	q.add(r, p, p.first)
	for _, l := range p.more {
		q.add(r, p, l)
	}
}

// add adds a pipeline to a part's report.
func (q *query) add(r *partReport, p *part, l *pipeline) {
	if l.rested { // what it has is of another part, or of another run
		return
	}
	for i := range l.tasks {
		r.steps[i].memory += l.tasks[i].peak
	}
	r.steps[0].rows += l.count.rows
	r.steps[0].bytes += l.count.bytes
	if s := l.scan(); s != nil && s.scanner != nil {
		if k := &p.seg.kept; r.scan == nil && k.scan != nil {
			r.scan, k.scan = k.scan, nil
		} else if r.scan == nil {
			r.scan = &storage.ScanCounters{}
		}
		addCounters(r.scan, s.scanner.Counters())
	}
	for i, s := range l.sinks {
		if s, ok := s.(giver); ok {
			rows, bytes := s.given()
			r.steps[i+1].rows += rows
			r.steps[i+1].bytes += bytes
		}
		if s, ok := s.(mover); ok {
			rows, bytes := s.moved()
			if r.rows == nil {
				r.rows, r.bytes = rows, bytes
				continue
			}
			for j := range rows {
				r.rows[j] += rows[j]
				r.bytes[j] += bytes[j]
			}
		}
	}
}

// addCounters adds what another scanner of a slice did.
func addCounters(to *storage.ScanCounters, c storage.ScanCounters) {
	to.Rows += c.Rows
	to.RowsPreUser += c.RowsPreUser
	to.RowsKeyed += c.RowsKeyed
	to.RowsOut += c.RowsOut
	to.ZonesRead += c.ZonesRead
	to.ZonesSkipped += c.ZonesSkipped
	to.BlocksRead += c.BlocksRead
	to.BlocksSkipped += c.BlocksSkipped
	to.Bytes += c.Bytes
}

// reportRoom is a report of a small query in one piece.
type reportRoom struct {
	report   Report
	raw      rawReport
	runs     [2]segmentReport
	few      [2]fewKept
	segments int // that have room in few
}

// Report is what the run did so far, of the parts that have ended; nil when none was asked for. After Close it is all that there was.
func (c *Cursor) Report() *Report {
	q := &c.q
	if !q.options.CollectReport {
		return nil
	}
	q.mu.Lock()
	defer q.mu.Unlock()
	room := q.room
	if q.room = nil; room == nil { // a report that was given out stays as it is
		room = &reportRoom{}
	}
	r := &room.report
	*r = Report{Start: q.began, End: q.ended, PeakMemory: q.peak.Load(), Batches: q.batches.Load(), Helpers: q.summoned}
	if r.End.IsZero() {
		r.End = time.Now()
	}
	n := 0
	for i := range q.p.Streams {
		n += len(q.p.Streams[i].Segments)
	}
	r.raw = &room.raw
	*r.raw = rawReport{p: q.p, began: q.began, runs: room.runs[:]}
	if n <= len(room.runs) {
		r.raw.runs = room.runs[:n]
	} else {
		r.raw.runs = make([]segmentReport, n)
	}
	for i := range q.segments {
		g := &q.segments[i]
		k := g.kept
		k.parts, k.scan = k.parts[:len(k.parts):len(k.parts)], nil // parts that end later are of a later report
		if g.scan != nil {
			k.restricted, k.delays = len(g.scan.spec.Predicates) > 0, g.scan.delayed
		}
		r.raw.runs[i] = k
	}
	return r
}

// segment adds the steps of a segment to w.
func (raw *rawReport) segment(w *Report, g *Segment, stream, number int) {
	run := &raw.runs[number]
	slices := 1
	if g.Where == OnSlices {
		slices = raw.p.Slices
	}
	at := func(slice int) *partReport {
		for i := range run.parts {
			if run.parts[i].slice == slice {
				return &run.parts[i]
			}
		}
		return nil
	}
	n := len(g.Steps) + 1
	ts := g.Types
	for step := range n {
		if step > 0 {
			if s, ok := g.Steps[step-1].(starter); ok {
				ts = s.out(ts)
			}
		}
		width := int64(0)
		for _, t := range ts {
			width += int64(t.RawBytes(0))
		}
		for slice := range slices {
			s := StepReport{Stream: stream, Segment: number, Step: step, Slice: slice, Start: raw.began, End: raw.began}
			if g.Where == OnLeader {
				s.Slice = LeaderSlice
			}
			describe(&s, g, step)
			if p := at(s.Slice); p != nil {
				c := p.steps[step]
				s.Rows, s.Bytes, s.Memory, s.Start, s.End = c.rows, c.bytes, c.memory, raw.began.Add(p.began), raw.began.Add(p.gone)
				if step == 0 || !moves(g.Steps[step-1]) {
					s.Bytes += width * c.rows
				}
				if step == 0 && p.scan != nil {
					s.Scan = *p.scan
				}
			}
			if step > 0 {
				if _, ok := g.Steps[step-1].(*HashStep); ok { // it hands nothing on: what it keeps is what it was given
					before := &w.Steps[len(w.Steps)-slices]
					s.Rows, s.Bytes = before.Rows, before.Bytes
				}
			}
			if step == 0 {
				s.Restrict, s.IsDelayed = run.restricted, run.delays
			}
			w.Steps = append(w.Steps, s)
		}
	}
	if g.Where == OnLeader && !ends(g) {
		s := StepReport{Stream: stream, Segment: number, Step: n, Slice: LeaderSlice, Label: "return", Start: raw.began, End: w.End}
		if p := at(LeaderSlice); p != nil {
			s.Rows, s.Start, s.End = p.steps[n-1].rows, raw.began.Add(p.began), raw.began.Add(p.gone)
			s.Bytes = w.Steps[len(w.Steps)-1].Bytes
		}
		w.Steps = append(w.Steps, s)
	}
	if n > 1 && moves(g.Steps[n-2]) {
		w.Moves = append(w.Moves, raw.move(g, number))
	}
}

// moves says that a step sends rows over the network.
func moves(s StepSpec) bool {
	_, calls := s.(*CallStep) // theirs stay on their slices
	return !calls && sendsTo(s) >= 0
}

// move makes the matrix of what a segment sent.
func (raw *rawReport) move(g *Segment, number int) Move {
	n := raw.p.Slices + 1
	m := Move{Segment: number, Rows: make([][]int64, n), Bytes: make([][]int64, n)}
	var s StepReport
	describe(&s, g, len(g.Steps))
	m.Label, m.NodeID = s.Label, s.NodeID
	cells := make([]int64, 2*n*n)
	for i := range n {
		m.Rows[i], m.Bytes[i] = cells[2*i*n:(2*i+1)*n], cells[(2*i+1)*n:(2*i+2)*n]
	}
	parts := raw.runs[number].parts
	for i := range parts {
		p := &parts[i]
		from := p.slice
		if from == LeaderSlice {
			from = n - 1
		}
		to := 0
		if _, ok := g.Steps[len(g.Steps)-1].(*ReturnStep); ok {
			to = n - 1
		}
		copy(m.Rows[from][to:], p.rows)
		copy(m.Bytes[from][to:], p.bytes)
	}
	return m
}

// describe gives a step AWS's label, its plan node, and, for a scan, its table.
// https://docs.aws.amazon.com/redshift/latest/dg/c-query-planning.html
func describe(r *StepReport, g *Segment, step int) {
	if step == 0 {
		switch s := g.Source.(type) {
		case *ScanSource:
			r.Label, r.NodeID, r.Name, r.Table = "scan", s.NodeID, s.Table, s.TableID
		case *MergeSource:
			r.Label = "merge"
		case *SavedSource:
			r.Label, r.NodeID, r.Name = "scan", s.NodeID, s.Name
		case *ExternalSource:
			r.Label, r.NodeID, r.Name = "scan", s.NodeID, s.Name
		case *LoadSource:
			r.Label, r.Name = "parse", s.Name
		case *VirtualSource:
			r.Label, r.Name = "scan", s.Name
		default:
			r.Label = "scan"
		}
		return
	}
	switch s := g.Steps[step-1].(type) {
	case *FilterStep, *ProjectStep:
		r.Label = "project"
	case *ExpandStep:
		r.Label, r.NodeID = "project", s.NodeID
	case *UnnestStep:
		r.Label, r.NodeID = "project", s.NodeID
	case *CallStep:
		r.Label, r.NodeID = "project", s.NodeID
	case *AggrStep:
		r.Label, r.NodeID = "aggr", s.NodeID
	case *HashStep:
		r.Label, r.NodeID = "hash", s.NodeID
		if s.Save || s.Merge || len(s.Keys) == 0 { // materialized, for whoever goes through it in order
			r.Label = "save"
		}
	case *HJoinStep:
		r.Label, r.NodeID = "hjoin", s.NodeID
		if s.Merge {
			r.Label = "mjoin"
		}
	case *NLoopStep:
		r.Label, r.NodeID = "nloop", s.NodeID
	case *SortStep:
		r.Label, r.NodeID = "sort", s.NodeID
	case *UniqueStep:
		r.Label, r.NodeID = "unique", s.NodeID
	case *LimitStep:
		r.Label, r.NodeID = "limit", s.NodeID
	case *WindowStep:
		r.Label, r.NodeID = "window", s.NodeID
	case *SetOpStep:
		r.Label, r.NodeID = "hjoin", s.NodeID
	case *DistStep:
		r.Label, r.NodeID = "dist", s.NodeID
	case *PlaceStep:
		r.Label, r.NodeID = "dist", s.NodeID
	case *BcastStep:
		r.Label, r.NodeID = "bcast", s.NodeID
	case *ReturnStep:
		r.Label, r.NodeID = "return", s.NodeID
	case *InsertStep:
		r.Label, r.NodeID = "insert", s.NodeID
	case *DeleteStep:
		r.Label, r.NodeID = "delete", s.NodeID
	case *UnloadStep:
		r.Label, r.NodeID = "unload", s.NodeID
	}
}
