package exec

import (
	"github.com/redshiftsim/redshiftsim/engine/exec/hashtable"
	"github.com/redshiftsim/redshiftsim/internal/types"
	"github.com/redshiftsim/redshiftsim/internal/vector"
)

// setop is the running SetOpStep: it keeps each row once that is in the table (INTERSECT), or that is not (EXCEPT). NULL is equal to NULL.
type setop struct {
	unique
	s     *SetOpStep
	probe *hashtable.Probe
	sel   []uint16
}

// start makes the state of one pipeline.
func (s *SetOpStep) start(t *task, in []types.Type, next sink) (sink, error) {
	return &setop{unique: *newUnique(t, in, next), s: s, probe: t.table(s.Table).NewProbe(), sel: make([]uint16, vector.Size)}, nil
}

func (o *setop) reuse() {
	o.unique.reuse()
	o.probe.Move(o.t.table(o.s.Table))
}

// out are the columns as they come.
func (s *SetOpStep) out(in []types.Type) []types.Type { return in }

// push keeps the rows that belong to the result.
func (o *setop) push(b *vector.Batch) error {
	o.probe.Start(b.Columns, b.Sel, b.Rows(), true)
	return o.add(b, o.probe.Found(!o.s.Except, o.sel))
}

// combine takes over another pipeline's rows.
func (o *setop) combine(other sink) error { return o.join(&other.(*setop).unique) }
