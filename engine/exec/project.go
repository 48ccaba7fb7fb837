package exec

import (
	"github.com/redshiftsim/redshiftsim/engine/expr"
	"github.com/redshiftsim/redshiftsim/internal/types"
	"github.com/redshiftsim/redshiftsim/internal/vector"
)

// filterSink keeps the rows for which a condition is true.
type filterSink struct {
	counted
	cond  *expr.State
	batch vector.Batch
}

func (s *FilterStep) out(in []types.Type) []types.Type { return in }

func (s *FilterStep) start(t *task, _ []types.Type, next sink) (sink, error) {
	return &filterSink{counted: counted{next: next}, cond: s.Cond.NewState(t.env())}, nil
}

func (f *filterSink) push(b *vector.Batch) error {
	f.batch = *b
	if err := f.cond.Filter(&f.batch); err != nil {
		return err
	}
	return f.emit(&f.batch)
}

func (f *filterSink) finish() error { return f.next.finish() }

// projectSink computes columns and hands others on.
//
//	Sel nil, or nothing computed   columns that pass are shared, and keep Sel
//	Sel, something computed        computed columns are dense, so those that pass are gathered
type projectSink struct {
	counted
	step   *ProjectStep
	states []*expr.State
	dense  []parcelColumn // room for columns that are gathered
	batch  vector.Batch
	pure   bool // nothing is computed
	shared []*expr.State
	filter *expr.State    // of the scan whose batches come first to this step; nil = there is none
	wide   vector.Batch   // the input, dense, and what is shared
	read   []parcelColumn // room for the columns of wide that are gathered
}

func (s *ProjectStep) out([]types.Type) []types.Type { return s.Types }

func (s *ProjectStep) start(t *task, _ []types.Type, next sink) (sink, error) {
	p := &projectSink{counted: counted{next: next}, step: s, pure: true}
	p.batch.Columns = make([]*vector.Vector, len(s.Types))
	for i, at := range s.PassThrough {
		if at >= 0 {
			continue
		}
		if p.pure {
			p.pure, p.states = false, make([]*expr.State, len(s.Types))
		}
		p.states[i] = s.Exprs[i].NewState(t.env())
	}
	for _, e := range s.Shared {
		p.shared = append(p.shared, e.NewState(t.env()))
	}
	return p, nil
}

// widen adds the shared expressions to a batch. Their rows are dense, and so those of the columns beside them must be.
func (p *projectSink) widen(b *vector.Batch) (*vector.Batch, error) {
	w := &p.wide
	w.Len = b.Rows()
	if w.Columns == nil {
		w.Columns = make([]*vector.Vector, p.step.Width+len(p.shared))
	}
	copy(w.Columns[:p.step.Width], b.Columns)
	if b.Sel != nil {
		if p.read == nil {
			p.read = make([]parcelColumn, len(p.step.Reads))
		}
		for i, at := range p.step.Reads {
			p.read[i].copy(b.Columns[at], b.Sel, w.Len)
			w.Columns[at] = &p.read[i].own
		}
	}
	for k, s := range p.shared {
		v, ok := p.carried(k, b)
		if !ok {
			var err error
			if v, err = s.Eval(w); err != nil {
				return nil, err
			}
		}
		w.Columns[p.step.Width+k] = v
	}
	return w, nil
}

// carried is the k-th shared expression, if the filter of the scan has computed it for the batch.
func (p *projectSink) carried(k int, b *vector.Batch) (*vector.Vector, bool) {
	if p.step.Carried == nil || p.step.Carried[k] < 0 || p.filter == nil {
		return nil, false
	}
	return p.filter.Carried(p.step.Carried[k], b)
}

func (p *projectSink) push(b *vector.Batch) error {
	if b.Rows() == 0 { // nothing may fail for no row
		return nil
	}
	out := &p.batch
	out.Len, out.Sel = b.Len, b.Sel
	if !p.pure {
		out.Len, out.Sel = b.Rows(), nil
	}
	in := b
	if len(p.shared) > 0 {
		var err error
		if in, err = p.widen(b); err != nil {
			return err
		}
	}
	for i, at := range p.step.PassThrough {
		switch {
		case at < 0:
			v, err := p.states[i].Eval(in)
			if err != nil {
				return err
			}
			out.Columns[i] = v
		case p.pure || b.Sel == nil:
			out.Columns[i] = b.Columns[at]
		default:
			if p.dense == nil {
				p.dense = make([]parcelColumn, len(out.Columns))
			}
			p.dense[i].copy(b.Columns[at], b.Sel, out.Len)
			out.Columns[i] = &p.dense[i].own
		}
	}
	return p.emit(out)
}

func (p *projectSink) finish() error { return p.next.finish() }
