package exec

import (
	"github.com/redshiftsim/redshiftsim/internal/types"
	"github.com/redshiftsim/redshiftsim/internal/vector"
)

// opener is a SourceSpec that runs: open makes the reader of one pipeline.
type opener interface {
	open(t *task) (reader, error)
}

// reader gives a pipeline its batches. It belongs to one task, but for ready.
type reader interface {
	// ready says whether next would give a batch or the end. It is asked under the query's lock by any worker: it reads atomics and returns. A reader
	// that never waits for others says true.
	ready() bool
	// next gives the next batch, valid until the next call. No batch and end false: there is none now, ready tells when there is.
	next() (b *vector.Batch, end bool, err error)
	// close is called once, when no more is wanted.
	close() error
}

// inboxReader reads an exchange in any order.
type inboxReader struct {
	in *inbox
	p  *parcel // given out
}

func (s *InboxSource) open(t *task) (reader, error) { return &inboxReader{in: t.part.in}, nil }

func (r *inboxReader) reopen(t *task) { r.in = t.part.in }

func (r *inboxReader) ready() bool { return r.in.ready() }

func (r *inboxReader) next() (*vector.Batch, bool, error) {
	r.free()
	over := r.in.over()
	if r.p = r.in.take(); r.p == nil {
		return nil, over, nil
	}
	return &r.p.Batch, false, nil
}

// free gives the parcel back that was given out.
func (r *inboxReader) free() {
	if r.p != nil {
		r.in.x.release(r.p)
		r.p = nil
	}
}

func (r *inboxReader) close() error {
	r.free()
	return nil
}

// sourceCount is what a pipeline's reader has given.
type sourceCount struct {
	rows  int64
	bytes int64 // of texts, from a sample
}

// count counts a batch of n rows.
func (c *sourceCount) count(b *vector.Batch, n int) {
	c.rows += int64(n)
	for _, v := range b.Columns {
		if v.Type.Lane() == types.LaneText {
			c.bytes += sampleTexts(v, b.Sel, n)
		}
	}
}
