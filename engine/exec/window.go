package exec

import (
	"github.com/redshiftsim/redshiftsim/engine/exec/hashtable"
	"github.com/redshiftsim/redshiftsim/engine/exec/sortkey"
	"github.com/redshiftsim/redshiftsim/engine/expr"
	"github.com/redshiftsim/redshiftsim/internal/sqlstate"
	"github.com/redshiftsim/redshiftsim/internal/types"
	"github.com/redshiftsim/redshiftsim/internal/vector"
)

// windowSink is the running WindowStep: it keeps its input and the arguments of its calls, orders the rows by partition and key, computes one column a
// call over them, and gives all out in that order.
//
//	rows in order   0 1 2 3 | 4 5 | 6 7 8 9      starts 0 4 6 10
//	peers           0 0 1 2 | 0 1 | 0 1 1 2      rows of a partition that the order does not tell apart
//	frame of row 7, ROWS 1 PRECEDING             rows [6, 8)
//
// A frame never leaves its partition. https://docs.aws.amazon.com/redshift/latest/dg/r_Window_function_synopsis.html
type windowSink struct {
	counted
	t     *task
	s     *WindowStep
	store rowStore
	calls []windowCall
	held  held

	rows   int
	order  []uint32 // of the rows in the store
	starts []int    // of partitions in it, and its end
	out    vector.Batch
	at     int // row that is given out next
	ready  bool
}

// windowCall is one call of the step.
type windowCall struct {
	spec   *WindowCall
	eval   []*expr.State
	vecs   []*vector.Vector
	args   rowStore         // of the rows in the store
	result hashtable.Column // of rows in order, or of what index says
	index  []uint32         // place in result of each row in order; nil = its own
}

// start makes the state of one pipeline.
func (s *WindowStep) start(t *task, in []types.Type, next sink) (sink, error) {
	w := &windowSink{counted: counted{next: next}, t: t, s: s, store: newRowStore(t, in), calls: make([]windowCall, len(s.Funcs)), held: held{t: t}}
	for i := range s.Funcs {
		spec, c := &s.Funcs[i], &w.calls[i]
		if spec.Distinct && (!spec.Whole || spec.Agg == nil) {
			return nil, sqlstate.FeatureNotSupported.Errorf("DISTINCT is not supported for window functions with a frame clause")
		}
		c.spec = spec
		c.eval, c.vecs = make([]*expr.State, len(spec.Args)), make([]*vector.Vector, len(spec.Args))
		ts := make([]types.Type, len(spec.Args))
		for k, p := range spec.Args {
			c.eval[k], ts[k] = p.NewState(t.q.env), p.Type()
		}
		c.args = newRowStore(t, ts)
		c.result.Type = s.Types[len(in)+i]
	}
	return w, nil
}

// out are the input's columns, then those of the calls.
func (s *WindowStep) out([]types.Type) []types.Type { return s.Types }

// push keeps rows, and their arguments.
func (w *windowSink) push(b *vector.Batch) error {
	n := b.Rows()
	for i := range w.calls {
		c := &w.calls[i]
		for k, e := range c.eval {
			v, err := e.Eval(b)
			if err != nil {
				return err
			}
			c.vecs[k] = v
		}
		c.args.add(c.vecs, nil, n)
	}
	w.store.add(b.Columns, b.Sel, n)
	return w.held.now(w.bytes())
}

// combine takes over another pipeline's rows.
func (w *windowSink) combine(other sink) error {
	o := other.(*windowSink)
	w.held.take(&o.held)
	if w.store.rows < o.store.rows { // fewer rows move, of all stores alike
		w.store, o.store = o.store, w.store
		w.calls, o.calls = o.calls, w.calls
	}
	w.store.append(&o.store)
	for i := range w.calls {
		w.calls[i].args.append(&o.calls[i].args)
	}
	return w.held.now(w.bytes())
}

// bytes is what the sink holds.
func (w *windowSink) bytes() int64 {
	n := w.store.bytes() + 4*int64(cap(w.order)) + 8*int64(cap(w.starts))
	for i := range w.calls {
		c := &w.calls[i]
		n += c.args.bytes() + c.result.Bytes() + 4*int64(cap(c.index))
	}
	return n
}

// drain computes all at the first call, and gives the next rows.
func (w *windowSink) drain() (bool, error) {
	if !w.ready {
		if err := w.compute(); err != nil {
			return false, err
		}
		w.ready = true
		w.out.Columns = newVectors(len(w.s.Types))
		for i, v := range w.out.Columns {
			v.Type = w.s.Types[i]
		}
	}
	n := min(w.rows-w.at, vector.Size)
	if n == 0 {
		return false, nil
	}
	lo, hi := w.at, w.at+n
	k := len(w.store.columns)
	for i, v := range w.out.Columns[:k] {
		w.store.columns[i].Gather(w.order[lo:hi], v)
	}
	for i, v := range w.out.Columns[k:] {
		if c := &w.calls[i]; c.index != nil {
			c.result.Gather(c.index[lo:hi], v)
		} else {
			c.result.View(lo, hi, v) // lo is a multiple of a batch
		}
	}
	w.out.Len, w.at = n, hi
	return hi < w.rows, w.emit(&w.out)
}

// finish lets the rows go.
func (w *windowSink) finish() error {
	w.store, w.calls, w.order, w.starts = rowStore{}, nil, nil, nil
	if err := w.held.free(); err != nil {
		return err
	}
	return w.next.finish()
}

// compute orders the rows, finds their partitions and computes the calls.
func (w *windowSink) compute() error {
	w.rows = w.store.rows
	if w.rows == 0 {
		return nil
	}
	keys := make([]sortkey.Key, len(w.s.Partition), len(w.s.Partition)+len(w.s.Order))
	for i, p := range w.s.Partition {
		keys[i].Column = p
	}
	keys = append(keys, sortKeys(w.s.Order)...)
	var err error
	if w.order, err = w.store.order(&w.held, keys); err != nil {
		return err
	}
	columns := w.store.long()
	begins, err := w.partitions(columns)
	if err != nil {
		return err
	}
	var peers []int32
	for i := range w.calls {
		c := &w.calls[i]
		if c.spec.Fn != nil {
			if peers == nil {
				if peers, err = w.peers(columns, begins); err != nil {
					return err
				}
			}
			err = w.function(c, peers)
		} else {
			err = w.aggregate(c, columns)
		}
		if err != nil {
			return err
		}
		c.args = rowStore{}
		if err := w.held.now(w.bytes()); err != nil {
			return err
		}
	}
	return nil
}

// partitions finds where partitions begin in the order, and notes their starts.
func (w *windowSink) partitions(columns []*vector.Long) (begins []bool, err error) {
	begins = make([]bool, w.rows)
	for _, p := range w.s.Partition {
		if err := w.differ(columns[p], begins); err != nil {
			return nil, err
		}
	}
	err = w.t.batches(w.rows, func(lo, hi int) error {
		for i := lo; i < hi; i++ {
			if begins[i] || i == 0 {
				w.starts = append(w.starts, i)
			}
		}
		return nil
	})
	w.starts = append(w.starts, w.rows)
	return begins, err
}

// differ sets begins[i] where row i of the order is not in v what the row before it is.
func (w *windowSink) differ(v *vector.Long, begins []bool) error {
	return w.t.batches(w.rows, func(lo, hi int) error {
		lo = max(lo-1, 0)
		sortkey.Differ(v, w.order[lo:hi], begins[lo:hi])
		return nil
	})
}

// peers numbers the peer groups of each partition; begins says where partitions begin, and is written to.
func (w *windowSink) peers(columns []*vector.Long, begins []bool) ([]int32, error) {
	for _, k := range w.s.Order {
		if err := w.differ(columns[k.Column], begins); err != nil {
			return nil, err
		}
	}
	peers := make([]int32, w.rows)
	p, group := 0, int32(0)
	return peers, w.t.batches(w.rows, func(lo, hi int) error {
		for i := lo; i < hi; i++ {
			switch {
			case i == w.starts[p]:
				group = 0
				p++
			case begins[i]:
				group++
			}
			peers[i] = group
		}
		return nil
	})
}

// function computes a WindowFunction, partition by partition.
func (w *windowSink) function(c *windowCall, peers []int32) error {
	f := c.frame(w.rows)
	args := newVectors(len(c.args.columns))
	for k, v := range args {
		v.Type = c.args.columns[k].Type
	}
	out := vector.New(c.result.Type, 0)
	var lo, hi []int32
	done := 0
	for p, from := range w.starts[:len(w.starts)-1] {
		to := w.starts[p+1]
		n := to - from
		if done += n; done >= vector.Size || p == 0 {
			done = 0
			if err := w.t.canceled(); err != nil {
				return err
			}
		}
		if cap(lo) < n {
			lo, hi = make([]int32, n, 2*n), make([]int32, n, 2*n)
		}
		lo, hi = lo[:n], hi[:n]
		for i := range n {
			a, b := f.of(i, 0, n)
			lo[i], hi[i] = int32(a), int32(b)
		}
		for k, v := range args {
			c.args.columns[k].Gather(w.order[from:to], v)
		}
		out.Reset(n)
		if err := c.spec.Fn.Compute(w.t.q.env, n, args, peers[from:to], lo, hi, c.spec.IgnoreNulls, out); err != nil {
			return err
		}
		c.result.Append(out, nil, n)
	}
	return nil
}

// frame is a ROWS frame relative to its row.
type frame struct {
	fromStart, toEnd bool
	lo, hi           int // of its first row, of the row behind its last
}

// frame gives the call's frame; offsets beyond rows are the same as rows.
func (c *windowCall) frame(rows int) frame {
	s := c.spec
	if s.Whole {
		return frame{fromStart: true, toEnd: true}
	}
	most := int64(rows)
	clamp := func(x int64) int { return int(max(-most, min(x, most))) }
	return frame{fromStart: s.LoUnbounded, toEnd: s.HiUnbounded, lo: clamp(s.Lo), hi: clamp(s.Hi) + 1}
}

// of gives the frame of row i in the partition [from, to): rows [lo, hi), none when lo = hi.
func (f frame) of(i, from, to int) (lo, hi int) {
	lo, hi = from, to
	if !f.fromStart {
		lo = max(from, min(i+f.lo, to))
	}
	if !f.toEnd {
		hi = max(from, min(i+f.hi, to))
	}
	return lo, max(lo, hi)
}
