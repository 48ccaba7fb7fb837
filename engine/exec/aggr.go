package exec

import (
	"github.com/redshiftsim/redshiftsim/engine/exec/hashtable"
	"github.com/redshiftsim/redshiftsim/engine/expr"
	"github.com/redshiftsim/redshiftsim/engine/function"
	"github.com/redshiftsim/redshiftsim/internal/types"
	"github.com/redshiftsim/redshiftsim/internal/vector"
)

// aggr is the running AggrStep: groups are numbered by a hash table, each aggregate keeps one column of states by group number.
//
//	batch -> keys -> groups [0 1 0 2] -+-> sum.Update(groups, args)
//	                                   +-> count.Update(groups)
//	finish: groups 0..2047, 2048.. -> keys | results (or partial columns)
type aggr struct {
	counted
	t      *task
	s      *AggrStep
	types  []types.Type      // of the keys
	groups *hashtable.Groups // nil = no GROUP BY: all rows are group 0
	lookup *hashtable.Lookup
	runs   *runs // rows come in group order; nil = in any
	calls  []aggrCall
	n      int // groups that the states know
	held   held

	keys    []*vector.Vector
	numbers []uint32
	at      int              // groups handed on
	cols    []*vector.Vector // of the output
	codes   *codeCounts      // nil = more is asked than COUNT(*) by one column
}

// aggrCall is one aggregate.
type aggrCall struct {
	fn       *function.BoundAggregate
	state    function.State
	args     []*expr.State // of rows
	vecs     []*vector.Vector
	inputs   []gathered // Final: the partial columns made Flat
	distinct *distinct  // nil = every row counts
}

// start makes the state of one pipeline.
func (s *AggrStep) start(t *task, in []types.Type, next sink) (sink, error) {
	a := &aggr{counted: counted{next: next}, t: t, s: s, held: held{t: t}}
	if n := len(s.Groups); n > 0 {
		a.types = make([]types.Type, n)
		for i, g := range s.Groups {
			a.types[i] = in[g]
		}
		a.keys, a.numbers = make([]*vector.Vector, n), make([]uint32, vector.Size)
		if s.Sorted {
			a.runs = newRuns(n)
		}
	}
	a.begin()
	if a.onlyCounts() {
		a.codes = &codeCounts{}
	}
	return a, nil
}

// begin makes the table of groups and their states.
func (a *aggr) begin() {
	t, s := a.t, a.s
	if a.types != nil {
		a.groups = hashtable.NewGroups(a.types)
		a.groups.Until(t.gone)
		a.lookup = a.groups.NewLookup()
	}
	a.calls = make([]aggrCall, len(s.Aggs))
	for i := range s.Aggs {
		spec, c := &s.Aggs[i], &a.calls[i]
		c.fn, c.state = spec.Fn, spec.Fn.New()
		if s.Phase == Final {
			c.vecs, c.inputs = make([]*vector.Vector, len(spec.Inputs)), make([]gathered, len(spec.Inputs))
			continue
		}
		c.args, c.vecs = make([]*expr.State, len(spec.Args)), make([]*vector.Vector, len(spec.Args))
		for k, p := range spec.Args {
			c.args[k] = p.NewState(t.env())
		}
		if spec.Distinct && len(spec.Args) > 0 {
			c.distinct = newDistinct(t, spec.Args, a.groups != nil)
		}
	}
	if a.groups == nil {
		a.resize(1)
	}
}

// reuse empties the table and the states, or makes new ones.
func (a *aggr) reuse() {
	a.counted.reuse()
	a.held, a.n, a.at = held{t: a.t}, 0, 0
	if a.calls == nil {
		a.begin()
		return
	}
	if a.lookup != nil {
		a.lookup.Clear()
	}
	for i := range a.calls {
		a.calls[i].reuse()
	}
	if a.groups == nil {
		a.resize(1)
	}
}

// reuse empties the states, or makes a new one.
func (c *aggrCall) reuse() {
	if e, ok := c.state.(function.Emptier); ok {
		e.Empty()
	} else {
		c.state = c.fn.New()
	}
	if c.distinct != nil {
		c.distinct.clear()
	}
}

// out are the group columns, then the results or the partial columns.
func (s *AggrStep) out([]types.Type) []types.Type { return s.Types }

// serial says that an aggregate cannot be put together from parts.
func (s *AggrStep) serial() bool {
	for i := range s.Aggs {
		if a := &s.Aggs[i]; a.Fn.Partial == nil && (!a.Distinct || len(a.Args) == 0) {
			return true
		}
	}
	return false
}

// resize makes the states know n groups.
func (a *aggr) resize(n int) {
	if n == a.n {
		return
	}
	a.n = n
	for i := range a.calls {
		a.calls[i].state.Resize(n)
	}
}

// push adds a batch.
func (a *aggr) push(b *vector.Batch) error {
	if a.s.Limit > 0 && a.t.part.limits.enough(a.s, false) {
		return errDone
	}
	if a.codes != nil {
		if done, err := a.codes.add(a, b); done || err != nil {
			return err
		}
	}
	n := b.Rows()
	var numbers []uint32
	if a.groups != nil {
		for i, g := range a.s.Groups {
			a.keys[i] = b.Columns[g]
		}
		numbers = a.numbers[:n]
		if a.runs != nil {
			a.runs.add(a.lookup, a.keys, b.Sel, n, numbers)
		} else {
			a.lookup.Add(a.keys, b.Sel, n, numbers)
		}
		a.resize(a.groups.Len())
	}
	for i := range a.calls {
		c := &a.calls[i]
		var err error
		if a.s.Phase == Final {
			err = c.merge(a.s.Aggs[i].Inputs, b, numbers, n)
		} else {
			err = c.update(b, numbers, n)
		}
		if err != nil {
			return err
		}
	}
	if err := a.held.now(a.bytes()); err != nil {
		return err
	}
	if a.s.Limit > 0 && a.t.part.limits.enough(a.s, int64(a.n) >= a.s.Limit) {
		return errDone
	}
	return nil
}

// update adds rows to the states.
func (c *aggrCall) update(b *vector.Batch, numbers []uint32, n int) error {
	for k, p := range c.args {
		v, err := p.Eval(b)
		if err != nil {
			return err
		}
		c.vecs[k] = v
	}
	if c.distinct != nil {
		if numbers, n = c.distinct.fresh(numbers, n, c.vecs); n == 0 {
			return nil
		}
		return c.state.Update(numbers, n, c.distinct.args)
	}
	return c.state.Update(numbers, n, c.vecs)
}

// merge adds partial rows to the states, in the form in which Partial wrote them: Flat and dense.
func (c *aggrCall) merge(inputs []int, b *vector.Batch, numbers []uint32, n int) error {
	for k, p := range inputs {
		v := b.Columns[p]
		if v.Form != vector.Flat || b.Sel != nil {
			v = c.inputs[k].flat(v, b.Sel, n)
		}
		c.vecs[k] = v
	}
	return c.state.Merge(numbers, n, c.vecs)
}

// bytes is what the step holds.
func (a *aggr) bytes() int64 {
	var n int64
	if a.groups != nil {
		n = a.groups.Bytes()
	}
	for i := range a.calls {
		n += a.calls[i].state.Bytes()
		if d := a.calls[i].distinct; d != nil {
			n += d.seen.Bytes()
		}
	}
	return n
}

// combine merges another pipeline's groups: states by their partial form, those of DISTINCT value by value.
func (a *aggr) combine(other sink) error {
	o := other.(*aggr)
	if o.n > a.n { // fewer groups move
		a.groups, o.groups, a.lookup, o.lookup, a.calls, o.calls, a.n, o.n = o.groups, a.groups, o.lookup, a.lookup, o.calls, a.calls, o.n, a.n
	}
	numbers := make([]uint32, o.n) // of o's groups among a's
	if a.groups != nil {
		keys := newVectors(len(a.keys))
		err := a.t.batches(o.n, func(lo, hi int) error {
			o.groups.Read(lo, hi, keys)
			a.lookup.Add(keys, nil, hi-lo, numbers[lo:hi])
			return nil
		})
		if err != nil {
			return err
		}
		a.resize(a.groups.Len())
	}
	for i := range a.calls {
		if err := a.calls[i].combine(a.t, &o.calls[i], numbers); err != nil {
			return err
		}
	}
	a.held.take(&o.held)
	o.groups, o.lookup, o.calls = nil, nil, nil
	return a.held.now(a.bytes())
}

// combine merges another's states; numbers are the groups that its groups have become.
func (c *aggrCall) combine(t *task, o *aggrCall, numbers []uint32) error {
	if c.distinct != nil {
		return c.distinct.combine(t, o.distinct, numbers, c.state)
	}
	if c.fn.Partial == nil {
		panic("exec: " + c.fn.Name + " cannot be put together from two pipelines")
	}
	partial := newVectors(len(c.fn.Partial))
	for i, t := range c.fn.Partial {
		partial[i].Type = t
	}
	return t.batches(len(numbers), func(lo, hi int) error {
		o.state.Partial(lo, hi, partial)
		return c.state.Merge(numbers[lo:hi], hi-lo, partial)
	})
}

// newVectors makes n empty vectors.
func newVectors(n int) []*vector.Vector {
	own, vs := make([]vector.Vector, n), make([]*vector.Vector, n)
	for i := range vs {
		vs[i] = &own[i]
	}
	return vs
}

// drain hands on the next groups, at most a batch; more = there may be others.
func (a *aggr) drain() (more bool, err error) {
	if a.at >= a.n {
		return false, nil
	}
	if err := a.t.canceled(); err != nil {
		return false, err
	}
	if a.cols == nil {
		a.cols = newVectors(len(a.s.Types))
		for i, t := range a.s.Types {
			a.cols[i].Type = t
		}
	}
	lo, hi := a.at, min(a.at+vector.Size, a.n)
	a.at = hi
	at := len(a.keys)
	if a.groups != nil {
		a.groups.Read(lo, hi, a.cols[:at])
	}
	for i := range a.calls {
		c := &a.calls[i]
		if a.s.Phase == Partial {
			to := at + len(c.fn.Partial)
			c.state.Partial(lo, hi, a.cols[at:to])
			at = to
			continue
		}
		if err := c.state.Final(lo, hi, a.cols[at]); err != nil {
			return false, err
		}
		at++
	}
	err = a.emit(&vector.Batch{Columns: a.cols, Len: hi - lo})
	return hi < a.n, err
}

// finish hands on the groups that are left.
func (a *aggr) finish() error {
	more, err := true, error(nil)
	for more && err == nil {
		more, err = a.drain()
	}
	if a.at = a.n; a.bytes() > keepBytes {
		a.groups, a.lookup, a.calls = nil, nil, nil
	}
	if e := a.held.free(); err == nil {
		err = e
	}
	return a.end(err)
}
