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
}

// newRowStore makes an empty store of a task.
func newRowStore(task *task, ts []types.Type) rowStore {
	s := rowStore{columns: make([]hashtable.Column, len(ts))}
	for i, t := range ts {
		s.columns[i].Type = t
		s.columns[i].Until(task.gone)
	}
	return s
}

// add copies the rows sel of columns, nil = all n.
func (s *rowStore) add(columns []*vector.Vector, sel []uint16, n int) {
	for i, v := range columns {
		s.columns[i].Append(v, sel, n)
	}
	s.rows += n
}

// join takes over the rows of another store.
func (s *rowStore) join(o *rowStore) {
	if s.rows < o.rows { // fewer rows move
		*s, *o = *o, *s
	}
	s.append(o)
}

// append adds the rows of another store, which is empty then.
func (s *rowStore) append(o *rowStore) {
	for i := range o.columns {
		s.columns[i].Take(&o.columns[i])
	}
	s.rows += o.rows
	*o = rowStore{}
}

// keep makes the rows listed the store's only ones.
func (s *rowStore) keep(rows []uint32) {
	for i := range s.columns {
		var c hashtable.Column
		c.Type = s.columns[i].Type
		v := vector.New(c.Type, 0)
		for part := rows; len(part) > 0; {
			n := min(len(part), vector.Size)
			s.columns[i].Gather(part[:n], v)
			c.Append(v, nil, n)
			part = part[n:]
		}
		s.columns[i] = c
	}
	s.rows = len(rows)
}

// clear empties the store.
func (s *rowStore) clear() {
	for i := range s.columns {
		s.columns[i].Clear()
	}
	s.rows = 0
}

// long gives the columns.
func (s *rowStore) long() []*vector.Long {
	ls := make([]*vector.Long, len(s.columns))
	for i := range ls {
		ls[i] = &s.columns[i].Long
	}
	return ls
}

// bytes is what the store holds.
func (s *rowStore) bytes() int64 {
	n := int64(0)
	for i := range s.columns {
		n += s.columns[i].Bytes()
	}
	return n
}

// order sorts the rows; what that needs is charged to h for as long as it takes.
func (s *rowStore) order(h *held, keys []sortkey.Key) ([]uint32, error) {
	work := sortkey.WorkBytes * int64(s.rows)
	if err := h.now(h.n + work); err != nil {
		return nil, err
	}
	order := sortkey.SortUntil(s.long(), keys, s.rows, h.t.gone)
	if err := h.t.canceled(); err != nil {
		return nil, err
	}
	return order, h.now(h.n - work)
}

// sortKeys gives the keys of a step in the words of sortkey.
func sortKeys(keys []SortKey) []sortkey.Key {
	out := make([]sortkey.Key, len(keys))
	for i, k := range keys {
		out[i] = sortkey.Key{Column: k.Column, Desc: k.Desc, NullsFirst: k.NullsFirst}
	}
	return out
}

// sortSink is the running SortStep: it keeps its input, or the best of it, and gives it in order.
//
//	Limit 0    all rows wait in the store
//	Limit n    at twice n rows (and a batch more) all but the first n go; the last of these is the bound before which later rows must come
type sortSink struct {
	counted
	limit int // 0 = none
	task  *task
	keys  []sortkey.Key
	types []types.Type
	store rowStore
	bound *sortkey.Bound // nil = rows are too few for one
	held  held
	out   orderedRows
	ready bool // out is
}

// maxLimit is the limit from which on a sort keeps all rows.
const maxLimit = 1 << 30

// start makes the state of one pipeline.
func (s *SortStep) start(t *task, in []types.Type, next sink) (sink, error) {
	k := &sortSink{counted: counted{next: next}, task: t, keys: sortKeys(s.Keys), types: in, store: newRowStore(t, in), held: held{t: t}}
	if s.Limit > 0 && s.Limit < maxLimit {
		k.limit = int(s.Limit)
	}
	return k, nil
}

// reuse empties the store, or makes one.
func (s *sortSink) reuse() {
	s.counted.reuse()
	s.bound, s.held, s.ready = nil, held{t: s.task}, false
	if len(s.store.columns) == 0 {
		s.store = newRowStore(s.task, s.types)
	}
}

// out are the columns of the input.
func (s *SortStep) out(in []types.Type) []types.Type { return in }

// push keeps the rows that may be wanted.
func (s *sortSink) push(b *vector.Batch) error {
	sel, n := b.Sel, b.Rows()
	if s.bound != nil {
		sel = s.bound.Select(b)
		if n = len(sel); n == 0 {
			return nil
		}
	}
	s.store.add(b.Columns, sel, n)
	if s.limit > 0 && s.store.rows >= 2*s.limit+vector.Size {
		return s.prune()
	}
	return s.held.now(s.store.bytes())
}

// prune drops the rows behind the limit.
func (s *sortSink) prune() error {
	if err := s.held.now(s.store.bytes()); err != nil {
		return err
	}
	s.mix()
	order, err := s.store.order(&s.held, s.keys)
	if err != nil {
		return err
	}
	s.bound = sortkey.NewBound(s.store.long(), s.keys, int(order[s.limit-1]))
	s.store.keep(order[:s.limit])
	return s.held.now(s.store.bytes())
}

// combine takes over another pipeline's rows.
func (s *sortSink) combine(other sink) error {
	o := other.(*sortSink)
	s.held.take(&o.held)
	s.store.join(&o.store)
	if s.limit > 0 && s.store.rows >= 2*s.limit+vector.Size {
		return s.prune()
	}
	return s.held.now(s.store.bytes())
}

// drain gives the next rows in order.
func (s *sortSink) drain() (bool, error) {
	if !s.ready {
		s.mix()
		order, err := s.store.order(&s.held, s.keys)
		if err != nil {
			return false, err
		}
		if s.limit > 0 && len(order) > s.limit {
			order = order[:s.limit]
		}
		s.out.start(&s.store, order)
		s.ready = true
		if err := s.held.now(s.held.n + 4*int64(s.store.rows)); err != nil {
			return false, err
		}
	}
	b := s.out.next()
	if b == nil {
		return false, nil
	}
	return len(s.out.order) > 0, s.emit(b)
}

// finish lets the rows go.
func (s *sortSink) finish() error {
	if s.store.bytes() > keepBytes {
		s.store = rowStore{}
	}
	s.store.clear()
	s.out = orderedRows{}
	if err := s.held.free(); err != nil {
		return err
	}
	return s.next.finish()
}

// orderedRows gives a store's rows in an order, batch by batch.
type orderedRows struct {
	store *rowStore
	order []uint32 // of the rows that are left
	batch vector.Batch
}

// start makes it give the rows that order lists.
func (o *orderedRows) start(s *rowStore, order []uint32) {
	o.store, o.order = s, order
	o.batch.Columns = newVectors(len(s.columns))
	for i, v := range o.batch.Columns {
		v.Type = s.columns[i].Type
	}
}

// next gives the next batch, nil when there is none; it is valid until the next call.
func (o *orderedRows) next() *vector.Batch {
	n := min(len(o.order), vector.Size)
	if n == 0 {
		return nil
	}
	for i, v := range o.batch.Columns {
		o.store.columns[i].Gather(o.order[:n], v)
	}
	o.batch.Len, o.order = n, o.order[n:]
	return &o.batch
}
