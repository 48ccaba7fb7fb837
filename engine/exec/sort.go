package exec

import (
	"github.com/redshiftsim/redshiftsim/engine/exec/hashtable"
	"github.com/redshiftsim/redshiftsim/engine/exec/sortkey"
	"github.com/redshiftsim/redshiftsim/internal/types"
	"github.com/redshiftsim/redshiftsim/internal/vector"
)

// rowStore keeps rows in columns of their own.
type rowStore struct {
	columns []hashtable.Column
	rows    int
	charged int64
}

// newRowStore makes an empty store.
func newRowStore(ts []types.Type) rowStore {
	s := rowStore{columns: make([]hashtable.Column, len(ts))}
	for i, t := range ts {
		s.columns[i].Type = t
	}
	return s
}

// add copies the rows sel of columns, nil = all n.
func (s *rowStore) add(t *task, columns []*vector.Vector, sel []uint16, n int) error {
	for i := range s.columns {
		s.columns[i].Append(columns[i], sel, n)
	}
	s.rows += n
	return s.charge(t)
}

// take adds the rows of another store.
func (s *rowStore) take(t *task, o *rowStore) error {
	for i := range s.columns {
		s.columns[i].AppendColumn(&o.columns[i])
	}
	s.rows += o.rows
	return s.charge(t)
}

// charge tells the query how much is held.
func (s *rowStore) charge(t *task) error {
	n := int64(0)
	for i := range s.columns {
		n += s.columns[i].Bytes()
	}
	d := n - s.charged
	s.charged = n
	return t.charge(d)
}

// flat gives the columns as Flat vectors over the store.
func (s *rowStore) flat() []*vector.Vector {
	vs := make([]vector.Vector, len(s.columns))
	out := make([]*vector.Vector, len(vs))
	for i := range vs {
		s.columns[i].View(0, s.rows, &vs[i])
		out[i] = &vs[i]
	}
	return out
}

// keep makes the rows listed the store's only ones.
func (s *rowStore) keep(rows []uint32) {
	for i := range s.columns {
		v := vector.New(s.columns[i].Type, len(rows))
		s.columns[i].Gather(rows, v)
		c := hashtable.Column{Type: s.columns[i].Type}
		c.Append(v, nil, len(rows))
		s.columns[i] = c
	}
	s.rows = len(rows)
}

// keysOf gives the keys of a step in the words of sortkey.
func keysOf(keys []SortKey) []sortkey.Key {
	out := make([]sortkey.Key, len(keys))
	for i, k := range keys {
		out[i] = sortkey.Key{Column: k.Column, Desc: k.Desc, NullsFirst: k.NullsFirst}
	}
	return out
}

// sortSink keeps its input, or the best of it, and gives it in order.
//
//	Limit 0    all rows wait in the store
//	Limit n    at twice n rows (and a batch more) the worse half goes; the last row that stays is a bound that later rows must reach
type sortSink struct {
	counted
	step  *SortStep
	task  *task
	keys  []sortkey.Key
	store rowStore
	bound sortkey.Bound
	cut   bool // bound holds
	sel   []uint16

	order []uint32
	given int
	ready bool
	batch vector.Batch
	vecs  []vector.Vector
}

func (s *SortStep) out(in []types.Type) []types.Type { return in }

func (s *SortStep) start(t *task, in []types.Type, next sink) (sink, error) {
	return &sortSink{counted: counted{next: next}, step: s, task: t, keys: keysOf(s.Keys), store: newRowStore(in)}, nil
}

func (s *sortSink) push(b *vector.Batch) error {
	n, sel := b.Rows(), b.Sel
	if s.cut {
		if s.sel == nil {
			s.sel = make([]uint16, vector.Size)
		}
		n = s.bound.Select(b, s.sel)
		if n == 0 {
			return nil
		}
		sel = s.sel[:n]
	}
	if err := s.store.add(s.task, b.Columns, sel, n); err != nil {
		return err
	}
	if l := s.step.Limit; l > 0 && int64(s.store.rows) >= 2*l+vector.Size {
		return s.prune()
	}
	return nil
}

// prune drops the rows behind the limit.
func (s *sortSink) prune() error {
	if err := s.task.canceled(); err != nil {
		return err
	}
	columns := s.store.flat()
	order := sortkey.Sort(columns, s.keys, s.store.rows)
	if l := s.step.Limit; int64(len(order)) > l {
		order = order[:l]
	}
	s.bound, s.cut = sortkey.NewBound(columns, s.keys, int(order[len(order)-1])), int64(len(order)) == s.step.Limit
	s.store.keep(order)
	return s.store.charge(s.task)
}

func (s *sortSink) combine(other sink) error {
	o := other.(*sortSink)
	err := s.store.take(s.task, &o.store)
	o.store = rowStore{}
	return err
}

func (s *sortSink) drain() (bool, error) {
	if !s.ready {
		s.ready = true
		s.order = sortkey.Sort(s.store.flat(), s.keys, s.store.rows)
		if l := s.step.Limit; l > 0 && int64(len(s.order)) > l {
			s.order = s.order[:l]
		}
		s.vecs = make([]vector.Vector, len(s.store.columns))
		for i := range s.vecs {
			s.vecs[i].Type = s.store.columns[i].Type
			s.batch.Columns = append(s.batch.Columns, &s.vecs[i])
		}
	}
	if s.given == len(s.order) {
		return false, nil
	}
	part := s.order[s.given:min(len(s.order), s.given+vector.Size)]
	for i := range s.vecs {
		s.store.columns[i].Gather(part, &s.vecs[i])
	}
	s.batch.Len, s.batch.Sel = len(part), nil
	s.given += len(part)
	return s.given < len(s.order), s.emit(&s.batch)
}

func (s *sortSink) finish() error { return s.next.finish() }
