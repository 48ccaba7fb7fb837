package exec

import (
	"sync"

	"github.com/redshiftsim/redshiftsim/internal/sqlstate"
	"github.com/redshiftsim/redshiftsim/internal/types"
	"github.com/redshiftsim/redshiftsim/internal/vector"
	"github.com/redshiftsim/redshiftsim/storage"
)

// writing is a WriterSpec in a run: the one storage writer that all tasks share, a slice at a time.
type writing struct {
	w      *storage.Writer
	def    *storage.Definition
	slices []writtenSlice
}

// writtenSlice guards a writer's part of one slice.
type writtenSlice struct {
	mu   sync.Mutex
	held int64 // bytes that the writer has come to hold, as they were charged
	dead marks // rows deleted by this statement
}

// startWriters makes the writers of a run.
func (q *query) startWriters() {
	if q.writers == nil {
		q.writers = make([]writing, len(q.p.Writers))
		for i := range q.writers {
			q.writers[i] = writing{w: &storage.Writer{}, slices: make([]writtenSlice, q.p.Slices)}
		}
	}
	for i, s := range q.p.Writers {
		v := q.views[s.View]
		v.Reuse(q.writers[i].w)
		q.writers[i].def = v.Definition()
		q.writers[i].w.Until(q.ctx)
		if q.options.Budget != nil {
			q.writers[i].w.Count()
		}
	}
}

// insertSink appends rows to its slice of a table.
type insertSink struct {
	counted
	t     *task
	to    *writing
	slice int
}

func (s *InsertStep) out([]types.Type) []types.Type { return nil }

func (s *InsertStep) start(t *task, _ []types.Type, _ sink) (sink, error) {
	return &insertSink{t: t, to: &t.q.writers[s.Writer], slice: t.slice}, nil
}

func (s *insertSink) push(b *vector.Batch) error {
	if err := checkNulls(s.to.def, b); err != nil {
		return err
	}
	n := int64(b.Rows())
	if p := s.t.q.options.Probe; p != nil {
		if err := p.Write(s.slice, int(n)); err != nil {
			return err
		}
	}
	part := &s.to.slices[s.slice]
	part.mu.Lock()
	err := s.to.w.Append(s.slice, b)
	if err == nil && s.t.q.options.Budget != nil {
		held := s.to.w.Held(s.slice)
		err = s.t.q.charge(held - part.held)
		part.held = held
	}
	part.mu.Unlock()
	if err != nil {
		return err
	}
	s.rows += n
	s.t.q.affected.Add(n)
	return nil
}

func (s *insertSink) finish() error { return nil }

func (s *insertSink) reuse() {
	s.counted.reuse()
	s.slice = s.t.slice
}

// checkNulls refuses NULLs in columns that are NOT NULL.
// https://docs.aws.amazon.com/redshift/latest/dg/r_CREATE_TABLE_NEW.html
func checkNulls(def *storage.Definition, b *vector.Batch) error {
	for i := range def.Columns {
		if c := &def.Columns[i]; c.NotNull && anyNull(b.Columns[i], b.Sel) {
			e := sqlstate.NotNullViolation.Errorf("Cannot insert a NULL value into column %s", c.Name)
			e.Column = c.Name
			return e
		}
	}
	return nil
}

// anyNull says whether one of the rows of v, nil = all, is NULL.
func anyNull(v *vector.Vector, rows []uint16) bool {
	if v.Nulls == nil {
		return false
	}
	if v.Form == vector.Const {
		return v.Null(0)
	}
	if rows == nil {
		return vector.Count(v.Nulls, v.Len) > 0
	}
	for _, r := range rows {
		if v.Nulls[r>>6]>>(r&63)&1 != 0 {
			return true
		}
	}
	return false
}
