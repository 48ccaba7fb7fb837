package exec

import (
	"context"
	"time"

	"github.com/redshiftsim/redshiftsim/engine/function"
	"github.com/redshiftsim/redshiftsim/internal/vector"
	"github.com/redshiftsim/redshiftsim/storage"
)

// Inserter runs INSERT .. VALUES without parts, pipelines and an exchange: what the program's two segments would do with a few rows is done by the caller, a
// batch at a time, in room that stays from one statement to the next. Rows go where they would have gone, the same errors come in the same order, and the
// report says the same of the same steps.
//
//	segment 0 slice 0  scan constants | dist        fill -> Place -> share of each slice
//	segment 1 slices   scan network | insert                          -> NOT NULL -> Writer.Append
//
// It belongs to one goroutine; its zero value is ready.
type Inserter struct {
	q      Options
	ctx    context.Context
	w      storage.Writer
	def    *storage.Definition
	batch  vector.Batch // of the source
	share  vector.Batch // the rows of one slice in it
	slots  slots
	counts insertCounts
	held   []int64 // bytes that the writer has come to hold, by slice

	used, peak, granted int64
}

// insertCounts is what a run of an Inserter leaves for its report.
type insertCounts struct {
	slices  int // that have the table's second segment
	gone    time.Duration
	batches int64
	width   int64 // bytes of a row, without its texts
	parts   []insertPart
	one     [1]insertPart
}

// insertPart is a slice that was sent rows.
type insertPart struct {
	slice       int
	rows, bytes int64
}

// Inserts says that a program is one that an Inserter can run: INSERT of computed rows.
func (p *Program) Inserts() bool {
	if len(p.Streams) != 1 || len(p.Streams[0].Segments) != 2 || p.Views != 1 || p.PerSlice {
		return false
	}
	from, to := p.Streams[0].Segments[0], p.Streams[0].Segments[1]
	if len(from.Steps) != 1 || len(to.Steps) != 1 || from.Where != OnOneSlice || to.Where != OnSlices {
		return false
	}
	_, values := from.Source.(*ValuesSource)
	_, places := from.Steps[0].(*PlaceStep)
	_, inbox := to.Source.(*InboxSource)
	_, inserts := to.Steps[0].(*InsertStep)
	return values && places && inbox && inserts
}

// Run runs a program of which Inserts is true, and gives the number of rows and the change of the table. Nothing of it is left when it fails.
func (r *Inserter) Run(ctx context.Context, p *Program, env *function.Env, view storage.View, o Options) (n int64, d *storage.Delta, rep *Report, err error) {
	began := time.Time{}
	if o.CollectReport {
		began = time.Now()
	}
	r.q, r.ctx, r.def = o, ctx, view.Definition()
	view.Reuse(&r.w)
	r.w.Until(ctx)
	if o.Budget != nil {
		r.w.Count()
		r.held = append(r.held[:0], make([]int64, p.Slices)...)
	}
	r.counts = insertCounts{slices: p.Slices, parts: r.counts.parts[:0]}
	defer r.end()
	if n, err = r.rows(p, env, view); err != nil {
		return 0, nil, nil, err
	}
	if d, err = r.w.Close(); err != nil {
		return 0, nil, nil, err
	}
	if o.CollectReport {
		rep = r.report(p, began)
	}
	return n, d, rep, nil
}

// fewRoom is the number of rows up to which the room of a statement is kept for the next one.
const fewRoom = 64

// end gives back what was granted, and lets go of the statement's rows.
func (r *Inserter) end() {
	r.q.Budget.Return(r.granted)
	r.used, r.peak, r.granted, r.ctx, r.def = 0, 0, 0, nil, nil
	r.q = Options{}
	r.w.Forget()
	if r.batch.Len > fewRoom {
		r.batch = vector.Batch{}
	}
	for _, v := range r.batch.Columns {
		clear(v.Texts)
	}
	r.share = vector.Batch{}
}

// rows computes the rows, and gives each batch to its slices.
func (r *Inserter) rows(p *Program, env *function.Env, view storage.View) (int64, error) {
	g := p.Streams[0].Segments[0]
	for _, t := range g.Types {
		r.counts.width += int64(t.RawBytes(0))
	}
	for at := 0; ; {
		if r.ctx.Err() != nil {
			return 0, errCanceled()
		}
		n, err := g.Source.(*ValuesSource).fill(&r.batch, g.Types, at, env)
		if n == 0 || err != nil {
			return int64(at), err
		}
		if err := r.probed(0); err != nil {
			return 0, err
		}
		r.counts.batches++
		if r.def.Dist.All() || p.Slices == 1 {
			err = r.insert(0, &r.batch)
		} else {
			err = r.deal(p.Slices, n, view, int64(at))
		}
		if err != nil {
			return 0, err
		}
		at += n
	}
}

// deal gives each slice its rows of the batch; before is the number of rows of the statement that were placed.
func (r *Inserter) deal(slices, n int, view storage.View, before int64) error {
	to := r.slots.room(n)
	r.def.Place(view.Topology(), &r.batch, view.Rows()+before, to)
	if n == 1 {
		return r.insert(int(to[0]), &r.batch)
	}
	if len(r.slots.counts) != 2*slices {
		r.slots.counts = nil
	}
	rows := r.slots.sort(&r.batch, to, slices)
	for slice, k := range r.slots.counts[:slices] {
		if k == 0 {
			continue
		}
		r.share = r.batch
		r.share.Sel, rows = rows[:k], rows[k:]
		if err := r.insert(slice, &r.share); err != nil {
			return err
		}
	}
	return nil
}

// probed disturbs the run before a slice works on a batch.
func (r *Inserter) probed(slice int) error {
	if r.q.Probe == nil {
		return nil
	}
	return r.q.Probe.Batch(slice)
}

// insert appends the live rows of a batch to a slice.
func (r *Inserter) insert(slice int, b *vector.Batch) error {
	n := b.Rows()
	bytes, lanes := int64(n)*r.counts.width, int64(0)
	for _, v := range b.Columns {
		bytes += textBytes(v, b.Sel, n)
		lanes += laneBytes(v.Type)
	}
	sent := int64(n)*(lanes-r.counts.width) + bytes // in memory, not as Redshift would send it
	if err := r.charge(sent); err != nil {
		return err
	}
	r.count(slice, n, bytes)
	r.counts.batches++
	if err := r.probed(slice); err != nil {
		return err
	}
	if err := checkNulls(r.def, b); err != nil {
		return err
	}
	if r.q.Probe != nil {
		if err := r.q.Probe.Write(slice, n); err != nil {
			return err
		}
	}
	if err := r.w.Append(slice, b); err != nil {
		return err
	}
	if r.q.Budget != nil {
		held := r.w.Held(slice)
		more := held - r.held[slice]
		r.held[slice] = held
		if err := r.charge(more); err != nil {
			return err
		}
	}
	r.used -= sent
	return nil
}

// count counts rows that were sent to a slice.
func (r *Inserter) count(slice, n int, bytes int64) {
	if !r.q.CollectReport {
		return
	}
	parts := r.counts.parts
	at := len(parts) - 1
	for at >= 0 && parts[at].slice != slice {
		at--
	}
	if at < 0 {
		parts = append(parts, insertPart{slice: slice})
		at = len(parts) - 1
		r.counts.parts = parts
	}
	parts[at].rows += int64(n)
	parts[at].bytes += bytes
}

// charge is the query's.
func (r *Inserter) charge(n int64) error {
	r.used += n
	r.peak = max(r.peak, r.used)
	if err := overLimit(r.q.MemoryLimit, r.used, n); err != nil {
		return err
	}
	if n <= 0 || r.q.Budget == nil || r.used <= r.granted {
		return nil
	}
	more, err := r.q.Budget.Grant(r.used - r.granted)
	r.granted += more
	return err
}

// report is what the run did.
func (r *Inserter) report(p *Program, began time.Time) *Report {
	room := &struct {
		report Report
		raw    rawReport
		counts insertCounts
	}{}
	room.counts = r.counts
	room.counts.gone = time.Since(began)
	room.counts.parts = append(room.counts.one[:0], r.counts.parts...)
	room.raw = rawReport{p: p, began: began, insert: &room.counts}
	room.report = Report{Start: began, End: began.Add(room.counts.gone), PeakMemory: r.peak, Batches: r.counts.batches, raw: &room.raw}
	return &room.report
}

// runs gives the counts the form that other programs' have.
func (c *insertCounts) runs() []segmentReport {
	from, to := partReport{gone: c.gone, steps: make([]stepCount, 2)}, make([]partReport, c.slices)
	from.rows, from.bytes = make([]int64, c.slices+1), make([]int64, c.slices+1)
	for i := range to {
		to[i] = partReport{slice: i, began: c.gone, gone: c.gone, steps: make([]stepCount, 2)}
	}
	for _, p := range c.parts {
		texts := p.bytes - p.rows*c.width // the report adds the rest
		from.steps[0].rows += p.rows
		from.steps[0].bytes += texts
		from.steps[1].rows += p.rows
		from.steps[1].bytes += p.bytes
		from.rows[p.slice], from.bytes[p.slice] = p.rows, p.bytes
		to[p.slice].began = 0
		to[p.slice].steps[0] = stepCount{rows: p.rows, bytes: texts}
		to[p.slice].steps[1] = stepCount{rows: p.rows}
	}
	return []segmentReport{{parts: []partReport{from}}, {parts: to}}
}
