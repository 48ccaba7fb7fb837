package exec

import "github.com/redshiftsim/redshiftsim/internal/vector"

// parseReader reads the files of a slice; AWS calls the step parse.
type parseReader struct {
	rows  RowReader
	batch vector.Batch
}

func (s *LoadSource) open(t *task) (reader, error) {
	rows, err := s.Open(t.slice, t.q.p.Slices)
	if err != nil {
		return nil, err
	}
	return &parseReader{rows: rows}, nil
}

func (s *ExternalSource) open(t *task) (reader, error) {
	rows, err := t.q.options.External(s, t.q.env, t.slice, t.q.p.Slices)
	if err != nil {
		return nil, err
	}
	return &parseReader{rows: rows}, nil
}

func (r *parseReader) ready() bool { return true }

func (r *parseReader) next() (*vector.Batch, bool, error) {
	n, err := r.rows.Next(&r.batch)
	if err != nil || n == 0 {
		return nil, true, err
	}
	return &r.batch, false, nil
}

func (r *parseReader) close() error { return r.rows.Close() }
