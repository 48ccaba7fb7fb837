package exec

import (
	"github.com/redshiftsim/redshiftsim/internal/types"
	"github.com/redshiftsim/redshiftsim/internal/vector"
	"github.com/redshiftsim/redshiftsim/storage"
)

// placeSink sends rows to the slices where the distribution of the table that is written puts them. Round robin goes on from the rows that the table
// has, so that EVEN stays even from statement to statement.
// https://docs.aws.amazon.com/redshift/latest/dg/c_choosing_dist_sort.html
type placeSink struct {
	sending
	step *PlaceStep
	view storage.View
	def  *storage.Definition
	rows int64 // that the table had
}

func (s *PlaceStep) out(in []types.Type) []types.Type { return in }

func (s *PlaceStep) start(t *task, _ []types.Type, _ sink) (sink, error) {
	p := &placeSink{step: s}
	p.sending.start(t, s.Exchange)
	p.look()
	return p, nil
}

// look takes in the table as it is.
func (p *placeSink) look() {
	q := p.t.q
	p.view = q.views[q.p.Writers[p.step.Writer].View]
	p.def, p.rows = p.view.Definition(), p.view.Rows()
}

func (p *placeSink) reuse() {
	p.sending.reuse()
	p.look()
}

func (p *placeSink) push(b *vector.Batch) error {
	n := b.Rows()
	if p.def.Dist.All() || len(p.x.inboxes) == 1 {
		if err := p.send(0, 0, b, nil, n); err != nil {
			return err
		}
		return p.done()
	}
	start := p.x.turn.Add(int64(n)) - int64(n)
	p.def.Place(p.view.Topology(), b, p.rows+start, p.slots.room(n))
	return p.spread(b)
}
