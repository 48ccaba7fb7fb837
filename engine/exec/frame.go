package exec

import (
	"math/bits"
	"slices"

	"github.com/redshiftsim/redshiftsim/engine/exec/sortkey"
	"github.com/redshiftsim/redshiftsim/engine/function"
	"github.com/redshiftsim/redshiftsim/internal/sqlstate"
	"github.com/redshiftsim/redshiftsim/internal/types"
	"github.com/redshiftsim/redshiftsim/internal/vector"
)

// aggregate computes a windowed aggregate, by the first of these roads that it can take:
//
//	whole      frame = partition         a group a partition                                      O(rows)
//	additive   COUNT, SUM, AVG, exact    differences of running sums of the partial columns       O(rows)
//	running    from or to an end         rows are added one by one, each adds to what was before  O(rows), a call of the State a row
//	levels     it has a partial form     frames put together of 1, 2, 4, 8 ... rows               O(rows * log(frame))
//	each       any                       every frame anew                                         O(rows * frame)
func (w *windowSink) aggregate(c *windowCall, columns []*vector.Long) error {
	f := c.frame(w.rows)
	if f.fromStart && f.toEnd {
		if c.spec.Distinct {
			return w.wholeDistinct(c, columns)
		}
		numbers, err := w.numbers()
		if err != nil {
			return err
		}
		return w.whole(c, w.order, numbers)
	}
	if additive(c.spec.Agg) {
		if done, err := w.additive(c, f); done || err != nil {
			return err
		}
	}
	switch {
	case f.fromStart, f.toEnd && c.spec.Agg.Partial != nil:
		return w.running(c, f)
	case c.spec.Agg.Partial != nil:
		return w.levels(c, f)
	}
	return w.each(c, f)
}

// numbers gives the partition of each row in order.
func (w *windowSink) numbers() ([]uint32, error) {
	numbers := make([]uint32, w.rows)
	p := 0
	return numbers, w.t.batches(w.rows, func(lo, hi int) error {
		for i := lo; i < hi; i++ {
			for i >= w.starts[p+1] {
				p++
			}
			numbers[i] = uint32(p)
		}
		return nil
	})
}

// room makes empty vectors for the rows of a store.
func (s *rowStore) room() []*vector.Vector {
	vs := newVectors(len(s.columns))
	for i, v := range vs {
		v.Type = s.columns[i].Type
	}
	return vs
}

// gather fills vs with the rows listed.
func (s *rowStore) gather(rows []uint32, vs []*vector.Vector) {
	for i, v := range vs {
		s.columns[i].Gather(rows, v)
	}
}

// whole computes an aggregate of each partition, over rows of the store, whose partitions numbers gives.
func (w *windowSink) whole(c *windowCall, rows, numbers []uint32) error {
	state := c.spec.Agg.New()
	parts := len(w.starts) - 1
	state.Resize(parts)
	args := c.args.room()
	err := w.t.batches(len(rows), func(lo, hi int) error {
		c.args.gather(rows[lo:hi], args)
		return state.Update(numbers[lo:hi], hi-lo, args)
	})
	if err != nil {
		return err
	}
	if c.index = numbers; len(numbers) != w.rows {
		if c.index, err = w.numbers(); err != nil {
			return err
		}
	}
	return w.results(c, state, parts)
}

// results puts a state's groups into the result.
func (w *windowSink) results(c *windowCall, state function.State, groups int) error {
	out := vector.New(c.result.Type, 0)
	return w.t.batches(groups, func(lo, hi int) error {
		if err := state.Final(lo, hi, out); err != nil {
			return err
		}
		c.result.Append(out, nil, hi-lo)
		return nil
	})
}

// wholeDistinct is whole over the first row, in the window's order, of each partition and value. What LISTAGG and percentiles make of them keeps that
// order. https://docs.aws.amazon.com/redshift/latest/dg/r_WF_LISTAGG.html
func (w *windowSink) wholeDistinct(c *windowCall, columns []*vector.Long) error {
	keys := make([]sortkey.Key, 0, len(w.s.Partition)+len(c.args.columns))
	for _, p := range w.s.Partition {
		keys = append(keys, sortkey.Key{Column: p})
	}
	columns = append(columns[:len(columns):len(columns)], c.args.long()...)
	for i := len(columns) - len(c.args.columns); i < len(columns); i++ {
		keys = append(keys, sortkey.Key{Column: i})
	}
	order := sortkey.SortUntil(columns, keys, w.rows, w.t.gone)
	if err := w.t.canceled(); err != nil {
		return err
	}
	begins := make([]bool, w.rows)
	for _, k := range keys {
		sortkey.Differ(columns[k.Column], order, begins)
	}
	begins[0] = true
	place := make([]uint32, w.rows) // of each row of the store in the window's order
	for i, r := range w.order {
		place[r] = uint32(i)
	}
	var rows []uint32
	for i, r := range order {
		if begins[i] {
			rows = append(rows, place[r])
		} else {
			rows[len(rows)-1] = min(rows[len(rows)-1], place[r])
		}
	}
	slices.Sort(rows)
	numbers := make([]uint32, len(rows))
	p := 0
	for i, at := range rows {
		for int(at) >= w.starts[p+1] {
			p++
		}
		rows[i], numbers[i] = w.order[at], uint32(p)
	}
	return w.whole(c, rows, numbers)
}

// additive says that partial columns can be added and taken away without loss.
func additive(a *function.BoundAggregate) bool {
	if a.Name != "count" && a.Name != "sum" && a.Name != "avg" || a.Partial == nil {
		return false
	}
	for _, t := range a.Partial {
		if l := t.Lane(); l != types.LaneInt && l != types.LaneWide || t.Kind == types.Interval {
			return false
		}
	}
	return true
}

// ownGroups is 0, 1, 2 ...: the groups of rows that are their own, read-only.
var ownGroups = func() (g [vector.Size]uint32) {
	for i := range g {
		g[i] = uint32(i)
	}
	return g
}()

// runningSum is a partial column added up: sums[i] and some[i] are of the rows before i.
type runningSum struct {
	sums []types.Int128
	some []uint32 // rows that are not NULL
}

// additive computes frames as differences of running sums; false = the sums might leave 128 bits.
func (w *windowSink) additive(c *windowCall, f frame) (bool, error) {
	fn := c.spec.Agg
	sums := make([]runningSum, len(fn.Partial))
	for k := range sums {
		sums[k] = runningSum{make([]types.Int128, 1, w.rows+1), make([]uint32, 1, w.rows+1)}
	}
	if err := w.held.now(w.bytes() + 20*int64(len(sums))*int64(w.rows)); err != nil {
		return false, err
	}
	args, partial := c.args.room(), partialRoom(fn)
	high := uint64(0) // bits of the upper half that values use
	err := w.t.batches(w.rows, func(lo, hi int) error {
		state := fn.New()
		state.Resize(hi - lo)
		c.args.gather(w.order[lo:hi], args)
		if err := state.Update(ownGroups[:hi-lo], hi-lo, args); err != nil {
			return err
		}
		state.Partial(0, hi-lo, partial)
		for k := range sums {
			high |= sums[k].add(partial[k])
		}
		return nil
	})
	if err != nil || bits.Len64(high)+bits.Len(uint(w.rows)) > 62 {
		return false, err
	}
	out := vector.New(c.result.Type, 0)
	p := 0
	return true, w.t.batches(w.rows, func(lo, hi int) error {
		for _, v := range partial {
			v.Reset(hi - lo)
		}
		for i := lo; i < hi; i++ {
			for i >= w.starts[p+1] {
				p++
			}
			a, b := f.of(i, w.starts[p], w.starts[p+1])
			for k, v := range partial {
				if !sums[k].between(a, b, v, i-lo) {
					return sqlstate.NumericOutOfRange.Errorf("Numeric data overflow (addition)")
				}
			}
		}
		state := fn.New()
		state.Resize(hi - lo)
		if err := state.Merge(ownGroups[:hi-lo], hi-lo, partial); err != nil {
			return err
		}
		if err := state.Final(0, hi-lo, out); err != nil {
			return err
		}
		c.result.Append(out, nil, hi-lo)
		return nil
	})
}

// add adds up the rows of v, and gives the bits that the upper halves of their magnitudes use.
func (s *runningSum) add(v *vector.Vector) (high uint64) {
	n := len(s.sums) - 1
	sum, some := s.sums[n], s.some[n]
	wide := v.Type.Lane() == types.LaneWide
	for i := range v.Len {
		if !v.Null(i) {
			some++
			if wide {
				x := v.Wides[i]
				high |= uint64(x.Hi ^ x.Hi>>63)
				sum = sum.Add(x)
			} else {
				sum = sum.AddInt64(v.Int64s[i])
			}
		}
		s.sums, s.some = append(s.sums, sum), append(s.some, some)
	}
	return high
}

// between writes the sum of rows [a, b) to row i of v; false = it does not fit.
func (s *runningSum) between(a, b int, v *vector.Vector, i int) bool {
	if s.some[b] == s.some[a] {
		v.SetNull(i)
	}
	sum := s.sums[b].Sub(s.sums[a])
	if v.Type.Lane() == types.LaneWide {
		v.Wides[i] = sum
		return true
	}
	x, ok := sum.Int64()
	v.Int64s[i] = x
	return ok
}

// partialRoom makes vectors for a partial form.
func partialRoom(fn *function.BoundAggregate) []*vector.Vector {
	vs := newVectors(len(fn.Partial))
	for k, v := range vs {
		v.Type = fn.Partial[k]
	}
	return vs
}

// running computes frames that begin with their partition, in order, or end with it, backwards: a frame is the one before and some rows more.
func (w *windowSink) running(c *windowCall, f frame) error {
	numbers, err := w.numbers()
	if err != nil {
		return err
	}
	state := c.spec.Agg.New()
	parts := len(w.starts) - 1
	state.Resize(parts)
	one := rowOf{args: &c.args, order: w.order, vecs: c.args.room(), row: c.args.room()}
	out := vector.New(c.result.Type, 0)
	give := func(p int) error {
		if err := state.Final(p, p+1, out); err != nil {
			return err
		}
		c.result.Append(out, nil, 1)
		return nil
	}
	add := func(i int) error { return state.Update(numbers[i:i+1], 1, one.at(i)) }
	if f.fromStart {
		next, p := 0, 0
		return w.t.batches(w.rows, func(lo, hi int) error {
			for i := lo; i < hi; i++ {
				if i == w.starts[p+1] {
					p++
				}
				next = max(next, w.starts[p])
				for _, end := f.of(i, w.starts[p], w.starts[p+1]); next < end; next++ {
					if err := add(next); err != nil {
						return err
					}
				}
				if err := give(p); err != nil {
					return err
				}
			}
			return nil
		})
	}
	c.index = make([]uint32, w.rows)
	next, p := w.rows, parts-1
	return w.t.batches(w.rows, func(lo, hi int) error {
		for i := w.rows - 1 - lo; i >= w.rows-hi; i-- {
			if i < w.starts[p] {
				p--
			}
			next = min(next, w.starts[p+1])
			for begin, _ := f.of(i, w.starts[p], w.starts[p+1]); next > begin; {
				next--
				if err := add(next); err != nil {
					return err
				}
			}
			if err := give(p); err != nil {
				return err
			}
			c.index[i] = uint32(w.rows - 1 - i)
		}
		return nil
	})
}

// rowOf gives the arguments of single rows in order, as vectors of one row.
type rowOf struct {
	args      *rowStore
	order     []uint32
	vecs, row []*vector.Vector
	lo, hi    int // rows that vecs have
}

// nullBit is the bitmap of one row that is NULL, read-only.
var nullBit = []uint64{1}

// at gives the arguments of row i.
func (o *rowOf) at(i int) []*vector.Vector {
	if i < o.lo || i >= o.hi {
		o.lo = i / vector.Size * vector.Size
		o.hi = min(o.lo+vector.Size, len(o.order))
		o.args.gather(o.order[o.lo:o.hi], o.vecs)
	}
	i -= o.lo
	for k, v := range o.vecs {
		r := o.row[k]
		r.Len, r.Nulls = 1, nil
		if v.Null(i) {
			r.Nulls = nullBit
		}
		switch v.Type.Lane() {
		case types.LaneBool:
			r.Bools = v.Bools[i : i+1 : i+1]
		case types.LaneInt:
			r.Int64s = v.Int64s[i : i+1 : i+1]
		case types.LaneWide:
			r.Wides = v.Wides[i : i+1 : i+1]
		case types.LaneFloat:
			r.Floats = v.Floats[i : i+1 : i+1]
		default:
			r.Texts = v.Texts[i : i+1 : i+1]
		}
	}
	return o.row
}

// levels puts frames together from aggregates of 1, 2, 4, 8 ... rows in their partial form: a frame of 13 rows is one of 1, the 4 behind it, and the 8
// behind these. Level by level, what a frame needs of it is merged into the row's group, then pairs are merged for the next.
func (w *windowSink) levels(c *windowCall, f frame) error {
	fn := c.spec.Agg
	state := fn.New()
	state.Resize(w.rows)
	at, left := make([]uint32, w.rows), make([]uint32, w.rows) // where what is left of a row's frame begins, its length
	ends := make([]uint32, w.rows)                             // of partitions
	longest := uint32(0)
	for p, from := range w.starts[:len(w.starts)-1] {
		to := w.starts[p+1]
		for i := from; i < to; i++ {
			lo, hi := f.of(i, from, to)
			at[i], left[i], ends[i] = uint32(lo), uint32(hi-lo), uint32(to)
			longest = max(longest, left[i])
		}
	}
	level, err := w.singles(c)
	if err != nil {
		return err
	}
	partial := level.room()
	groups, rows := make([]uint32, vector.Size), make([]uint32, vector.Size)
	for size := uint32(1); size <= longest; size *= 2 {
		if err := w.held.now(w.bytes() + 2*level.bytes() + state.Bytes() + 12*int64(w.rows)); err != nil {
			return err
		}
		err := w.t.batches(w.rows, func(lo, hi int) error {
			n := 0
			for i := lo; i < hi; i++ {
				if left[i]&size != 0 {
					groups[n], rows[n] = uint32(i), at[i]
					at[i] += size
					n++
				}
			}
			level.gather(rows[:n], partial)
			return state.Merge(groups[:n], n, partial)
		})
		if err != nil {
			return err
		}
		if 2*size > longest || 2*size < size {
			break
		}
		if level, err = w.pairs(fn, &level, ends, size); err != nil {
			return err
		}
	}
	return w.results(c, state, w.rows)
}

// singles gives the partial form of each row in order.
func (w *windowSink) singles(c *windowCall) (rowStore, error) {
	fn := c.spec.Agg
	level := newRowStore(w.t, fn.Partial)
	args, partial := c.args.room(), level.room()
	return level, w.t.batches(w.rows, func(lo, hi int) error {
		state := fn.New()
		state.Resize(hi - lo)
		c.args.gather(w.order[lo:hi], args)
		if err := state.Update(ownGroups[:hi-lo], hi-lo, args); err != nil {
			return err
		}
		state.Partial(0, hi-lo, partial)
		level.add(partial, nil, hi-lo)
		return nil
	})
}

// pairs makes of the aggregates of size rows from each row on those of twice as many, as far as the partition goes.
func (w *windowSink) pairs(fn *function.BoundAggregate, level *rowStore, ends []uint32, size uint32) (rowStore, error) {
	next := newRowStore(w.t, fn.Partial)
	partial := next.room()
	groups, rows := make([]uint32, vector.Size), make([]uint32, vector.Size)
	return next, w.t.batches(w.rows, func(lo, hi int) error {
		state := fn.New()
		state.Resize(hi - lo)
		for i := lo; i < hi; i++ {
			rows[i-lo] = uint32(i)
		}
		level.gather(rows[:hi-lo], partial)
		if err := state.Merge(ownGroups[:hi-lo], hi-lo, partial); err != nil {
			return err
		}
		n := 0
		for i := uint32(lo); i < uint32(hi); i++ {
			if i+size < ends[i] {
				groups[n], rows[n] = i-uint32(lo), i+size
				n++
			}
		}
		level.gather(rows[:n], partial)
		if err := state.Merge(groups[:n], n, partial); err != nil {
			return err
		}
		state.Partial(0, hi-lo, partial)
		next.add(partial, nil, hi-lo)
		return nil
	})
}

// each computes every frame anew.
func (w *windowSink) each(c *windowCall, f frame) error {
	args := c.args.room()
	out := vector.New(c.result.Type, 0)
	p := 0
	return w.t.batches(w.rows, func(lo, hi int) error {
		for i := lo; i < hi; i++ {
			if i == w.starts[p+1] {
				p++
			}
			state := c.spec.Agg.New()
			state.Resize(1)
			a, b := f.of(i, w.starts[p], w.starts[p+1])
			err := w.t.batches(b-a, func(from, to int) error {
				c.args.gather(w.order[a+from:a+to], args)
				return state.Update(nil, to-from, args)
			})
			if err != nil {
				return err
			}
			if err := state.Final(0, 1, out); err != nil {
				return err
			}
			c.result.Append(out, nil, 1)
		}
		return nil
	})
}
