package exec

import (
	"sync"

	"github.com/redshiftsim/redshiftsim/engine/exec/hashtable"
	"github.com/redshiftsim/redshiftsim/internal/types"
	"github.com/redshiftsim/redshiftsim/internal/vector"
)

// joinTable is a numbered hash table of a query: one for all slices when its HashStep is Shared, else one a slice. It is written in one stream and read
// in later ones.
type joinTable struct {
	mu     sync.Mutex
	shared *hashtable.Table
	slices []*hashtable.Table
	probes map[int]int               // by slice: pipelines of a right or full join that have not ended
	sets   map[int]*hashtable.KeySet // by column: what scans ask
}

// put keeps the sealed table of a slice, or of all.
func (t *joinTable) put(slice int, shared bool, h *hashtable.Table) {
	t.mu.Lock()
	defer t.mu.Unlock()
	if shared {
		t.shared = h
		return
	}
	for len(t.slices) <= slice {
		t.slices = append(t.slices, nil)
	}
	t.slices[slice] = h
}

// get gives the table that a slice reads, nil when nothing was put there.
func (t *joinTable) get(slice int) *hashtable.Table {
	t.mu.Lock()
	defer t.mu.Unlock()
	if t.shared != nil || slice >= len(t.slices) {
		return t.shared
	}
	return t.slices[slice]
}

// probe says that a pipeline of a right or full join on a slice begins (1) or has ended (-1), and gives how many have not: whoever ends last hands on
// the rows that nobody met. All have begun before the first ends.
func (t *joinTable) probe(slice, change int) int {
	t.mu.Lock()
	defer t.mu.Unlock()
	if t.probes == nil {
		t.probes = map[int]int{}
	}
	t.probes[slice] += change
	return t.probes[slice]
}

// bounds gives the smallest and largest value of column c over all slices, for the probe side's scan; ok is false when they are not known. none says
// that no row of the table has a value that is not NULL, so that there are no bounds and no partners.
func (t *joinTable) bounds(c int) (lo, hi types.Datum, none, ok bool) {
	t.mu.Lock()
	defer t.mu.Unlock()
	none = true
	for _, h := range t.parts() {
		if h == nil {
			continue
		}
		l, g, some, known := h.Bounds(c)
		switch {
		case !some:
			continue
		case !known:
			return lo, hi, false, false
		case none:
			lo, hi, none = l, g, false
			continue
		}
		if types.Compare(&l, &lo) < 0 {
			lo = l
		}
		if types.Compare(&g, &hi) > 0 {
			hi = g
		}
	}
	return lo, hi, none, !none
}

// parts are the tables of all slices, or the one that they share.
func (t *joinTable) parts() []*hashtable.Table {
	if t.shared != nil {
		return []*hashtable.Table{t.shared}
	}
	return t.slices
}

// keySet gives the values of column c over all slices, which lie in lo..hi, for a scan of so many rows; nil when there are too many of them to be worth
// it. What the set takes is charged to q, as the table is.
func (t *joinTable) keySet(q *query, c int, lo, hi, rows int64) (*hashtable.KeySet, error) {
	t.mu.Lock()
	defer t.mu.Unlock()
	if s := t.sets[c]; s != nil {
		return s, nil
	}
	n := 0
	for _, h := range t.parts() {
		if h != nil {
			n += h.Rows()
		}
	}
	if int64(n) > rows/2 {
		return nil, nil
	}
	s := hashtable.NewKeySet(lo, hi, n)
	if err := q.charge(s.Bytes()); err != nil {
		return nil, err
	}
	for _, h := range t.parts() {
		if h != nil {
			s.Add(h, c)
		}
	}
	if t.sets == nil {
		t.sets = map[int]*hashtable.KeySet{}
	}
	t.sets[c] = s
	return s, nil
}

// table gives the table that the task's slice reads. One that no task built is empty.
func (t *task) table(n int) *hashtable.Table {
	if h := t.q.tables[n].get(t.slice); h != nil {
		return h
	}
	for _, s := range t.q.p.Streams {
		for _, g := range s.Segments {
			for _, st := range g.Steps {
				if hs, ok := st.(*HashStep); ok && hs.Table == n {
					h := hashtable.NewTable(hs.Types, hs.Keys)
					h.Seal()
					return h
				}
			}
		}
	}
	panic("exec: a table that no step builds")
}

// hash is the running HashStep: it copies rows until the input ends, then makes the table findable by key.
type hash struct {
	t     *task
	s     *HashStep
	table *hashtable.Table
	held  held
	done  bool
}

// start makes the state of one pipeline.
func (s *HashStep) start(t *task, _ []types.Type, _ sink) (sink, error) {
	h := &hash{t: t, s: s, table: hashtable.NewTable(s.Types, s.Keys), held: held{t: t}}
	h.table.Until(t.gone)
	return h, nil
}

// reuse makes a new table: the old one is the query's.
func (h *hash) reuse() {
	h.table, h.held, h.done = hashtable.NewTable(h.s.Types, h.s.Keys), held{t: h.t}, false
	h.table.Until(h.t.gone)
}

// out is nothing: the step keeps its rows.
func (s *HashStep) out([]types.Type) []types.Type { return nil }

// push copies the rows.
func (h *hash) push(b *vector.Batch) error {
	h.table.Append(b)
	return h.held.now(h.table.Bytes())
}

// combine takes over another pipeline's rows.
func (h *hash) combine(other sink) error {
	o := other.(*hash)
	h.table.Join(o.table)
	h.held.take(&o.held)
	return h.held.now(h.table.Bytes())
}

// finish seals the table and shows it to the query; its memory is held until the query ends.
func (h *hash) finish() error {
	if h.done {
		return nil
	}
	h.done = true
	if err := h.t.canceled(); err != nil {
		return err
	}
	if h.s.Merge {
		h.table.SealMerge(h.t.gone)
	} else {
		h.table.SealUntil(h.t.gone)
	}
	if err := h.t.canceled(); err != nil {
		return err
	}
	h.t.q.tables[h.s.Table].put(h.t.slice, h.s.Shared, h.table)
	return h.held.now(h.table.Bytes())
}

// held is what a sink has charged to its query.
type held struct {
	t *task
	n int64
}

// now says that the sink holds n bytes.
func (h *held) now(n int64) error {
	d := n - h.n
	if d == 0 {
		return nil
	}
	h.n = n
	return h.t.charge(d)
}

// take takes over what another sink has charged, together with what it held.
func (h *held) take(o *held) {
	h.n += o.n
	o.n = 0
}

// free gives all back.
func (h *held) free() error { return h.now(0) }
