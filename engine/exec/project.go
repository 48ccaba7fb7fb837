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
	return p, nil
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
	for i, at := range p.step.PassThrough {
		switch {
		case at < 0:
			v, err := p.states[i].Eval(b)
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
