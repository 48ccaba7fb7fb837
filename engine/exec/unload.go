package exec

import (
	"github.com/redshiftsim/redshiftsim/internal/types"
	"github.com/redshiftsim/redshiftsim/internal/vector"
)

// unloadSink hands the rows of a slice to the writer of its files; AWS calls the step unload. The leader's rows are those of slice 0.
// https://docs.aws.amazon.com/redshift/latest/dg/r_UNLOAD.html
type unloadSink struct {
	counted
	t  *task
	to RowWriter
}

func (s *UnloadStep) out([]types.Type) []types.Type { return nil }

// serial: a slice has one writer, and its rows have an order.
func (s *UnloadStep) serial() bool { return true }

func (s *UnloadStep) start(t *task, _ []types.Type, _ sink) (sink, error) {
	slice := t.slice
	if slice == LeaderSlice {
		slice = 0
	}
	w, err := s.Open(slice)
	if err != nil {
		return nil, err
	}
	return &unloadSink{t: t, to: w}, nil
}

func (s *unloadSink) push(b *vector.Batch) error {
	if err := s.to.Write(b); err != nil {
		return err
	}
	n := int64(b.Rows())
	s.rows += n
	s.t.q.affected.Add(n)
	return nil
}

func (s *unloadSink) finish() error { return s.to.Close() }
