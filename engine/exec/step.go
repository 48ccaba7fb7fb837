package exec

import (
	"errors"

	"github.com/redshiftsim/redshiftsim/engine/function"

	"github.com/redshiftsim/redshiftsim/internal/types"
	"github.com/redshiftsim/redshiftsim/internal/vector"
)

// sink is the running state of one step in one pipeline; it belongs to one task.
//
//	source -> filter -> project -> aggr | (combined over the pipelines of the slice) | -> dist
//
// The rows of a batch are those alive in it (Sel). A batch and its vectors are valid until push returns: who keeps rows copies them. A sink may hand on
// the batch that it got with another Sel, or a batch of its own; it must not write into vectors that it got.
type sink interface {
	push(b *vector.Batch) error
	// finish ends the input: what is kept is pushed on, then the next sink is finished. It may be called again after it has returned errDone.
	finish() error
}

// combiner is a sink that keeps rows or groups. A segment may run several pipelines on one slice, each over a share of the source; before the first
// finishes, the states of the others are combined into it, and the sinks behind it see only its rows.
type combiner interface {
	sink
	// combine takes over what other, made by the same step for the same slice, has kept.
	combine(other sink) error
}

// drainer is a combiner that gives what it has kept batch by batch, so that a slow reader parks it and a cursor's batches are not copied: once the
// input has ended and all is combined, drain is called until more is false, then finish. Each call pushes at most one batch.
type drainer interface {
	combiner
	drain() (more bool, err error)
}

// resumer is a sink that makes many batches of one: push gives the first, and as long as pending is true the driver calls resume, which gives the next,
// so that between two batches a full exchange parks it, a cursor takes its rows and a cancel is seen. The batch that was pushed stays valid until
// then. While task.eager holds, nobody will call resume, and push gives all.
type resumer interface {
	sink
	pending() bool
	resume() error
}

// closer is a sink with something to give back when its pipeline ends, wherever that is: nothing is pushed any more, and only the cursor may still lend
// what it has pushed.
type closer interface{ close() }

// starter is a StepSpec that runs: start makes its state for one pipeline. in are the types of the columns that will be pushed.
type starter interface {
	start(t *task, in []types.Type, next sink) (sink, error)
	// out are the types of the columns that it pushes on.
	out(in []types.Type) []types.Type
}

// serial is what a starter may have besides: true says that all rows of a slice must pass through one pipeline of the step (an aggregate without a partial
// form). A segment with such a step runs one pipeline a slice, unless a combiner stands before the step.
type serial interface{ serial() bool }

// errDone says "no more, please": a sink that needs no further row returns it, the driver loop closes the source and finishes the pipeline.
var errDone = errors.New("exec: no more rows are needed")

// errStopped ends what still runs of a query that has ended; the caller never sees it.
var errStopped = errors.New("exec: the query has ended")

// task is what one step in one pipeline, or its source, may ask: the query, and whose pipeline it is.
type task struct {
	q          *query
	slice      int // LeaderSlice on the leader
	part       *part
	eager      bool  // batches come from a sink that ends its input: what is pushed must be given whole
	used, peak int64 // bytes charged
}

// env is what the pipeline's functions may ask.
func (t *task) env() *function.Env {
	if t.q.p == nil || !t.q.p.PerSlice {
		return t.q.env
	}
	e := *t.q.env
	if e.Slice = t.slice; t.slice == LeaderSlice {
		e.Slice = noSlice
	}
	return &e
}

// noSlice is what SLICE_NUM gives on the leader. https://docs.aws.amazon.com/redshift/latest/dg/r_SLICE_NUM.html
const noSlice = 10000

// charge adds n bytes to what the query holds; 53200 when that is more than its limit. A negative n gives back.
func (t *task) charge(n int64) error {
	t.used += n
	t.peak = max(t.peak, t.used)
	return t.q.charge(n)
}

// canceled is the error of a cancelled query (57014), or nil. The driver loop asks before every source batch; a sink that makes many batches of one asks
// before each.
func (t *task) canceled() error { return t.q.canceled() }

// gone is canceled as a question.
func (t *task) gone() bool { return t.q.canceled() != nil }

// batches calls f for each batch of rows [lo, hi) of n, until one fails or the query is cancelled.
func (t *task) batches(n int, f func(lo, hi int) error) error {
	for lo := 0; lo < n; lo += vector.Size {
		if err := t.canceled(); err != nil {
			return err
		}
		if err := f(lo, min(lo+vector.Size, n)); err != nil {
			return err
		}
	}
	return nil
}

// counted is what a sink embeds to hand batches on: it counts the rows for the report.
type counted struct {
	next  sink
	rows  int64
	bytes int64 // of texts, from a sample
}

// emit hands a batch on when it has rows.
func (c *counted) emit(b *vector.Batch) error {
	n := b.Rows()
	if n == 0 {
		return nil
	}
	c.rows += int64(n)
	for _, v := range b.Columns {
		if v.Type.Lane() == types.LaneText {
			c.bytes += sampleTexts(v, b.Sel, n)
		}
	}
	return c.next.push(b)
}

// given is what was handed on; bytes are those of texts.
func (c *counted) given() (rows, bytes int64) { return c.rows, c.bytes }

// sampleTexts guesses the bytes of the texts in n rows from eight of them.
func sampleTexts(v *vector.Vector, sel []uint16, n int) int64 {
	const sample = 8
	if n <= sample || v.Form == vector.Const {
		return textBytes(v, sel, n)
	}
	var rows [sample]uint16
	for i := range rows {
		r := i * n / sample
		if sel != nil {
			r = int(sel[r])
		}
		rows[i] = uint16(r)
	}
	return textBytes(v, rows[:], sample) * int64(n) / sample
}

// discard is behind the last step of a segment.
type discard struct{}

func (discard) push(*vector.Batch) error { return nil }
func (discard) finish() error            { return nil }

// gate stands before a combiner: the end of a pipeline's input stops there until the pipelines of the slice are combined.
type gate struct{ next sink }

func (g *gate) push(b *vector.Batch) error { return g.next.push(b) }
func (g *gate) finish() error              { return nil }
