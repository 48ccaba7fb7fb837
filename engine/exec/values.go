package exec

import (
	"github.com/redshiftsim/redshiftsim/engine/function"
	"github.com/redshiftsim/redshiftsim/internal/types"
	"github.com/redshiftsim/redshiftsim/internal/vector"
)

// valuesReader computes constant rows, a batch at a time.
type valuesReader struct {
	t     *task
	rows  *ValuesSource
	at    int
	batch vector.Batch
}

func (s *ValuesSource) open(t *task) (reader, error) {
	return &valuesReader{t: t, rows: s}, nil
}

func (r *valuesReader) ready() bool { return true }

func (r *valuesReader) next() (*vector.Batch, bool, error) {
	n, err := r.rows.fill(&r.batch, r.t.part.seg.spec.Types, r.at, r.t.env())
	if n == 0 || err != nil {
		return nil, n == 0, err
	}
	r.at += n
	return &r.batch, false, nil
}

// fill computes the rows from at on, as many as a batch has, and says how many these are; b keeps its room from one call to the next.
func (s *ValuesSource) fill(b *vector.Batch, ts []types.Type, at int, env *function.Env) (int, error) {
	rows := s.Rows[at:]
	rows = rows[:min(len(rows), vector.Size)]
	if len(rows) == 0 {
		return 0, nil
	}
	if cap(b.Columns) < len(ts) {
		vecs := make([]vector.Vector, len(ts))
		b.Columns = make([]*vector.Vector, len(ts))
		for i := range vecs {
			b.Columns[i] = &vecs[i]
		}
	}
	b.Columns = b.Columns[:len(ts)]
	b.Len = len(rows)
	for i, t := range ts {
		v := b.Columns[i]
		v.Type = t
		v.Reset(len(rows))
		for j := range rows {
			d, err := rows[j][i].Const(env)
			if err != nil {
				return 0, err
			}
			v.Set(j, d)
		}
	}
	return len(rows), nil
}

func (r *valuesReader) reopen(t *task) { r.t, r.at = t, 0 }

func (r *valuesReader) close() error { return nil }
