package exec

import (
	"github.com/redshiftsim/redshiftsim/engine/exec/hashtable"
	"github.com/redshiftsim/redshiftsim/internal/sqlstate"
	"github.com/redshiftsim/redshiftsim/internal/vector"
)

// savedReader gives the rows that a HashStep without keys has saved on the slice.
type savedReader struct {
	number int
	table  *hashtable.Table // nil = none
	at     int
	cols   []vector.Vector
	batch  vector.Batch
}

func (s *SavedSource) open(t *task) (reader, error) {
	r := &savedReader{number: s.Table}
	r.reopen(t)
	return r, nil
}

func (r *savedReader) reopen(t *task) {
	r.table, r.at = t.q.tables[r.number].get(t.slice), 0
	if r.table == nil || r.cols != nil {
		return
	}
	r.cols = make([]vector.Vector, len(r.table.Columns))
	r.batch.Columns = make([]*vector.Vector, len(r.cols))
	for i := range r.cols {
		r.batch.Columns[i] = &r.cols[i]
	}
}

func (r *savedReader) ready() bool { return true }

func (r *savedReader) next() (*vector.Batch, bool, error) {
	n := 0
	if r.table != nil {
		n = min(r.table.Rows()-r.at, vector.Size)
	}
	if n == 0 {
		return nil, true, nil
	}
	for i := range r.cols {
		r.table.Columns[i].View(r.at, r.at+n, &r.cols[i])
	}
	r.at += n
	r.batch.Len, r.batch.Sel = n, nil
	return &r.batch, false, nil
}

func (r *savedReader) close() error { return nil }

// turn is the end of a stream of a recursive query: the rows that its step has found are added to all rows and become those that the next round starts
// from. again = there is a next round, and everything that this one has built is gone.
//
//	stream 0   seed             | hash next       turn: all = seed, work = seed
//	stream 1   scan t           | hash 7
//	stream 2   scan work | hjoin 7 | hash next    turn: all += next, work = next; back to stream 1 while there are any
//	stream 3   scan all ...
func (q *query) turn(t *Turn) (again bool, err error) {
	next, all, work := &q.tables[t.Next], &q.tables[t.All], &q.tables[t.Work]
	found, total := 0, 0
	before := all.bytes()
	for len(all.slices) < len(next.slices) {
		all.slices = append(all.slices, nil)
	}
	for i, h := range next.slices {
		if h == nil {
			continue
		}
		found += h.Rows()
		if all.slices[i] == nil {
			all.slices[i] = hashtable.NewTable(t.Types, nil)
		}
		all.slices[i].Extend(h)
	}
	for _, h := range all.slices {
		if h != nil {
			total += h.Rows()
		}
	}
	if int64(total) > t.Limit {
		return false, sqlstate.ProgramLimit.Errorf("Exceeded recursive CTE max rows limit, please add correct CTE termination predicates or change the max_recursion_rows parameter.")
	}
	if err := q.charge(all.bytes() - before); err != nil {
		return false, err
	}
	q.release(work.bytes())
	work.slices, next.slices = next.slices, nil
	work.sets, next.sets, all.sets = nil, nil, nil
	if !t.Repeat || found == 0 {
		return false, nil
	}
	for i := t.From; i < q.stream; i++ {
		for _, g := range q.p.Streams[i].Segments {
			q.undo(g)
		}
	}
	q.stream = t.From
	return true, nil
}

// undo forgets what a segment has built or sent, so that it can run again.
func (q *query) undo(g *Segment) {
	for _, s := range g.Steps {
		if h, ok := s.(*HashStep); ok {
			b := &q.tables[h.Table]
			q.release(b.bytes())
			b.shared, b.slices, b.probes, b.sets = nil, nil, nil, nil
		}
	}
	if n := len(g.Steps); n > 0 {
		if x := sendsTo(g.Steps[n-1]); x >= 0 {
			q.exchanges[x] = exchange{}
		}
	}
}

// bytes is what the tables hold in memory, as it was charged.
func (t *joinTable) bytes() int64 {
	n := int64(0)
	for _, h := range t.parts() {
		if h != nil {
			n += h.Bytes()
		}
	}
	for _, s := range t.sets {
		n += s.Bytes()
	}
	return n
}
