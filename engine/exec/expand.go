package exec

import (
	"sync/atomic"

	"github.com/redshiftsim/redshiftsim/internal/types"
	"github.com/redshiftsim/redshiftsim/internal/vector"
)

// expand is the running ExpandStep: a batch goes on Count times as it came, each time with another number beside it.
type expand struct {
	counted
	t     *task
	count int
	from  *atomic.Int64 // of unique numbers; nil = the numbers of repetitions
	own   []int64
	input *vector.Batch // that is being repeated; nil = none
	at    int           // its next number
	batch vector.Batch
}

func (s *ExpandStep) out(in []types.Type) []types.Type {
	if len(s.Bounds) > 0 {
		return append(in[:len(in):len(in)], s.Type)
	}
	if s.Unique {
		return append(in[:len(in):len(in)], types.TInt8)
	}
	return append(in[:len(in):len(in)], types.TInt4)
}

func (s *ExpandStep) start(t *task, _ []types.Type, next sink) (sink, error) {
	if len(s.Bounds) > 0 {
		return &series{counted: counted{next: next}, t: t, bounds: s.Bounds, typ: s.Type}, nil
	}
	e := &expand{counted: counted{next: next}, t: t, count: s.Count}
	if s.Unique {
		e.from, e.own = &t.q.counters[s.Counter], make([]int64, vector.Size)
	}
	return e, nil
}

// push hands a batch on with number 0.
func (e *expand) push(b *vector.Batch) error {
	if b.Rows() == 0 {
		return nil
	}
	e.input, e.at = b, 0
	err := e.resume()
	for err == nil && e.t.eager && e.pending() {
		err = e.resume()
	}
	return err
}

// pending says that the batch at hand is to be handed on with further numbers.
func (e *expand) pending() bool { return e.input != nil }

// resume hands the batch at hand on with its next number.
func (e *expand) resume() error {
	if err := e.t.canceled(); err != nil {
		return err
	}
	b, o := e.input, &e.batch
	number := e.number(b.Len)
	o.Columns, o.Len, o.Sel = append(append(o.Columns[:0], b.Columns...), number), b.Len, b.Sel
	if e.at++; e.at == e.count {
		e.input = nil
	}
	return e.emit(o)
}

// number makes the column of numbers for n rows.
func (e *expand) number(n int) *vector.Vector {
	if e.from == nil {
		return vector.NewConst(types.Datum{Type: types.TInt4, Int: int64(e.at)}, n)
	}
	first := e.from.Add(int64(n)) - int64(n)
	for i := range n {
		e.own[i] = first + int64(i)
	}
	return &vector.Vector{Type: types.TInt8, Len: n, Int64s: e.own[:n]}
}

// finish has nothing of its own to hand on.
func (e *expand) finish() error { return e.next.finish() }
