package exec

import (
	"time"

	"github.com/redshiftsim/redshiftsim/storage"
)

// partReport is what is kept of a part for the report when its pipelines go.
type partReport struct {
	slice       int
	began, gone time.Time
	steps       []stepCount // from the source on
	scan        storage.ScanCounters
	rows, bytes []int64 // sent, by receiver; nil = it does not send
}

// stepCount is what one step of a part did.
type stepCount struct{ rows, bytes, memory int64 }

// giver is a sink that counts what it hands on; bytes are those of texts, but for steps that send.
type giver interface{ given() (rows, bytes int64) }

// mover is a sink that sends.
type mover interface{ moved() (rows, bytes []int64) }

// measure sums up the pipelines of a part.
func (q *query) measure(p *part) partReport {
	r := partReport{slice: p.slice, began: p.began, gone: time.Now(), steps: make([]stepCount, len(p.seg.spec.Steps)+1)}
	if r.began.IsZero() {
		r.began = r.gone
	}
	q.add(&r, &p.first)
	for _, l := range p.more {
		q.add(&r, l)
	}
	return r
}

// add adds a pipeline to a part's report.
func (q *query) add(r *partReport, l *pipeline) {
	for i := range l.tasks {
		r.steps[i].memory += l.tasks[i].peak
	}
	r.steps[0].rows += l.count.rows
	r.steps[0].bytes += l.count.bytes
	if s, ok := l.reader.(*scanReader); ok && s.scanner != nil {
		addCounters(&r.scan, s.scanner.Counters())
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
	to.RowsOut += c.RowsOut
	to.ZonesRead += c.ZonesRead
	to.ZonesSkipped += c.ZonesSkipped
	to.BlocksRead += c.BlocksRead
	to.BlocksSkipped += c.BlocksSkipped
	to.Bytes += c.Bytes
}

// Report is what the run did so far, of the parts that have ended; nil when none was asked for. After Close it is all that there was.
func (c *Cursor) Report() *Report {
	q := &c.q
	if !q.options.CollectReport {
		return nil
	}
	q.mu.Lock()
	defer q.mu.Unlock()
	r := &Report{Start: q.began, End: q.ended, PeakMemory: q.peak.Load(), Batches: q.batches.Load()}
	if r.End.IsZero() {
		r.End = time.Now()
	}
	number := 0
	for i := range q.p.Streams {
		for _, g := range q.p.Streams[i].Segments {
			var run *segment
			if number < len(q.segments) {
				run = &q.segments[number]
			}
			q.reportSegment(r, g, i, number, run)
			number++
		}
	}
	return r
}

// reportSegment adds the steps of a segment; run is nil when it has not begun.
func (q *query) reportSegment(r *Report, g *Segment, stream, number int, run *segment) {
	slices := 1
	if g.Where == OnSlices {
		slices = q.p.Slices
	}
	at := func(slice int) *partReport {
		if run != nil {
			for i := range run.reports {
				if run.reports[i].slice == slice {
					return &run.reports[i]
				}
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
			s := StepReport{Stream: stream, Segment: number, Step: step, Slice: slice}
			if g.Where == OnLeader {
				s.Slice = LeaderSlice
			}
			describe(&s, g, step)
			if p := at(s.Slice); p != nil {
				c := p.steps[step]
				s.Rows, s.Bytes, s.Memory, s.Start, s.End = c.rows, c.bytes, c.memory, p.began, p.gone
				if !(step > 0 && sendsTo(g.Steps[step-1]) >= 0) {
					s.Bytes += width * c.rows
				}
				if step == 0 {
					s.Scan = p.scan
				}
			}
			if s.Start.IsZero() {
				s.Start, s.End = q.began, q.began
			}
			if step == 0 && run != nil && run.scan != nil {
				s.Restrict, s.IsDelayed = len(run.scan.spec.Predicates) > 0, run.scan.delayed
			}
			r.Steps = append(r.Steps, s)
		}
	}
	if g.Where == OnLeader && !ends(g) {
		s := StepReport{Stream: stream, Segment: number, Step: n, Slice: LeaderSlice, Label: "return", Start: q.began, End: r.End}
		if p := at(LeaderSlice); p != nil {
			s.Rows, s.Bytes, s.Start, s.End = p.steps[n-1].rows, 0, p.began, p.gone
			s.Bytes = r.Steps[len(r.Steps)-1].Bytes
		}
		r.Steps = append(r.Steps, s)
	}
	if n > 1 && sendsTo(g.Steps[n-2]) >= 0 {
		r.Moves = append(r.Moves, q.move(g, number, run))
	}
}

// move makes the matrix of what a segment sent.
func (q *query) move(g *Segment, number int, run *segment) Move {
	n := q.p.Slices + 1
	m := Move{Segment: number, Rows: make([][]int64, n), Bytes: make([][]int64, n)}
	var s StepReport
	describe(&s, g, len(g.Steps))
	m.Label, m.NodeID = s.Label, s.NodeID
	cells := make([]int64, 2*n*n)
	for i := range n {
		m.Rows[i], m.Bytes[i] = cells[2*i*n:(2*i+1)*n], cells[(2*i+1)*n:(2*i+2)*n]
	}
	if run == nil {
		return m
	}
	for i := range run.reports {
		p := &run.reports[i]
		from := p.slice
		if from == LeaderSlice {
			from = n - 1
		}
		copy(m.Rows[from], p.rows)
		copy(m.Bytes[from], p.bytes)
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
	case *AggrStep:
		r.Label, r.NodeID = "aggr", s.NodeID
	case *HashStep:
		r.Label, r.NodeID = "hash", s.NodeID
	case *HJoinStep:
		r.Label, r.NodeID = "hjoin", s.NodeID
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
	}
}
