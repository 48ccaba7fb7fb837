package exec

import (
	"github.com/redshiftsim/redshiftsim/internal/types"
	"github.com/redshiftsim/redshiftsim/internal/vector"
)

// unloadSink hands the rows of a slice to the writer of its files; AWS calls the step unload. The leader's rows are those of slice 0.
// https://docs.aws.amazon.com/redshift/latest/dg/r_UNLOAD.html
type unloadSink struct {
	counted
	to   RowWriter
	held held
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
	return &unloadSink{to: w, held: held{t: t}}, nil
}

func (s *unloadSink) push(b *vector.Batch) error {
	if err := s.to.Write(b); err != nil {
		return err
	}
	n := int64(b.Rows())
	s.rows += n
	s.held.t.q.affected.Add(n)
	return s.held.now(s.to.Bytes())
}

func (s *unloadSink) finish() error {
	if err := s.to.Close(); err != nil {
		return err
	}
	return s.held.free()
}
