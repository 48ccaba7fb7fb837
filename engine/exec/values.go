package exec

import (
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
	rows := r.rows.Rows[r.at:]
	rows = rows[:min(len(rows), vector.Size)]
	if len(rows) == 0 {
		return nil, true, nil
	}
	r.at += len(rows)
	ts := r.t.part.seg.spec.Types
	if r.batch.Columns == nil {
		vecs := make([]vector.Vector, len(ts))
		r.batch.Columns = make([]*vector.Vector, len(ts))
		for i := range vecs {
			r.batch.Columns[i] = &vecs[i]
		}
	}
	r.batch.Len = len(rows)
	for i, t := range ts {
		v := r.batch.Columns[i]
		v.Type = t
		v.Reset(len(rows))
		for j := range rows {
			d, err := rows[j][i].Const(r.t.env())
			if err != nil {
				return nil, false, err
			}
			v.Set(j, d)
		}
	}
	return &r.batch, false, nil
}

func (r *valuesReader) close() error { return nil }
