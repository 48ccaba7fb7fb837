package exec

import (
	"github.com/redshiftsim/redshiftsim/internal/types"
	"github.com/redshiftsim/redshiftsim/internal/vector"
)

// returnSink sends rows to the leader: into the one inbox, or, when runs are to be merged, into the queue of its part.
type returnSink struct {
	sending
	inbox int
}

func (s *ReturnStep) out(in []types.Type) []types.Type { return in }

func (s *ReturnStep) start(t *task, _ []types.Type, _ sink) (sink, error) {
	r := &returnSink{sending: sending{leader: true}}
	r.sending.start(t, s.Exchange)
	r.reuse()
	return r, nil
}

func (r *returnSink) reuse() {
	r.sending.reuse()
	if r.x.ordered {
		r.inbox = r.t.part.sender
	}
}

func (r *returnSink) push(b *vector.Batch) error {
	if err := r.send(r.inbox, 0, b, nil, b.Rows()); err != nil {
		return err
	}
	return r.done()
}
