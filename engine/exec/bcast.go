package exec

import (
	"github.com/redshiftsim/redshiftsim/internal/types"
	"github.com/redshiftsim/redshiftsim/internal/vector"
)

// bcastSink sends every row to every slice: one copy that all share, counted as Redshift would send it, once a slice.
// https://docs.aws.amazon.com/redshift/latest/dg/c_data_redistribution.html
type bcastSink struct {
	sending
	slices int
}

func (s *BcastStep) out(in []types.Type) []types.Type { return in }

func (s *BcastStep) start(t *task, _ []types.Type, _ sink) (sink, error) {
	d := &bcastSink{slices: t.q.p.Slices}
	d.sending.start(t, s.Exchange)
	return d, nil
}

func (s *bcastSink) push(b *vector.Batch) error {
	n := b.Rows()
	var bytes int64
	var err error
	if len(s.x.inboxes) == 1 { // one slice reads it for all
		bytes, err = s.x.send(0, b, nil, s.stable)
	} else {
		bytes, err = s.x.share(b, s.stable)
	}
	if err != nil && err != errDone {
		return err
	}
	if s.counts {
		for i := range s.slices {
			s.rows[i] += int64(n)
			s.bytes[i] += bytes
		}
	}
	return s.done()
}
