package exec

import "github.com/redshiftsim/redshiftsim/internal/vector"

// outlet is behind the last step of the leader's segments: what the cursor gives. A batch that nothing is made over before the caller comes again is
// lent to it; others are copied.
type outlet struct {
	q      *query
	lend   bool // the call that is running pushes at most one batch
	lent   *vector.Batch
	copies []*parcel // from at on
	at     int
	given  *parcel // the copy that the caller has
	rows   int64
}

func (o *outlet) push(b *vector.Batch) error {
	o.rows += int64(b.Rows())
	if o.lend && o.lent == nil {
		o.lent = b
		return nil
	}
	p := newParcel(len(b.Columns))
	o.copies = append(o.copies, p)
	return p.fill(o.q, b, b.Sel, b.Rows(), false)
}

func (o *outlet) finish() error { return nil }

// some says that there is a batch for the caller.
func (o *outlet) some() bool { return o.lent != nil || o.at < len(o.copies) }

// take gives the next batch.
func (o *outlet) take() *vector.Batch {
	if b := o.lent; b != nil {
		o.lent = nil
		return b
	}
	p := o.copies[o.at]
	o.copies[o.at] = nil
	if o.at++; o.at == len(o.copies) {
		o.copies, o.at = o.copies[:0], 0
	}
	o.given = p
	return &p.Batch
}

// free takes back what the caller has had.
func (o *outlet) free() {
	if o.given != nil {
		o.q.release(o.given.bytes)
		o.given = nil
	}
}
