package exec

import (
	"github.com/redshiftsim/redshiftsim/engine/exec/hashtable"
	"github.com/redshiftsim/redshiftsim/engine/expr"
	"github.com/redshiftsim/redshiftsim/engine/function"
	"github.com/redshiftsim/redshiftsim/internal/types"
	"github.com/redshiftsim/redshiftsim/internal/vector"
)

// distinct lets each combination of group and arguments pass once: the arguments of a DISTINCT aggregate.
type distinct struct {
	seen    *hashtable.Groups // group number (when there are groups), then arguments
	lookup  *hashtable.Lookup
	grouped bool

	keys    []*vector.Vector
	group   vector.Vector // group numbers as a key
	found   []uint32
	first   []bool
	rows    []uint16
	taken   []gathered
	args    []*vector.Vector // of the rows that fresh let pass
	numbers []uint32         // and their groups
}

// newDistinct makes an empty one.
func newDistinct(t *task, args []*expr.Program, grouped bool) *distinct {
	d := &distinct{grouped: grouped, group: vector.Vector{Type: types.TInt8, Form: vector.Narrow}}
	var ts []types.Type
	if grouped {
		ts = append(ts, types.TInt8)
	}
	for _, p := range args {
		ts = append(ts, p.Type())
	}
	d.seen = hashtable.NewGroups(ts)
	d.seen.Until(t.gone)
	d.lookup = d.seen.NewLookup()
	d.keys = make([]*vector.Vector, 0, len(ts))
	d.found, d.first, d.rows, d.numbers = make([]uint32, vector.Size), make([]bool, vector.Size), make([]uint16, vector.Size), make([]uint32, vector.Size)
	d.taken, d.args = make([]gathered, len(args)), make([]*vector.Vector, len(args))
	return d
}

// clear forgets what was seen.
func (d *distinct) clear() { d.lookup.Clear() }

// fresh gives the groups and the number of the rows that have not been seen before, and leaves their arguments in d.args. The vectors are dense.
func (d *distinct) fresh(numbers []uint32, n int, args []*vector.Vector) ([]uint32, int) {
	d.keys = d.keys[:0]
	if d.grouped {
		d.group.U32, d.group.Len = numbers, n
		d.keys = append(d.keys, &d.group)
	}
	d.keys = append(d.keys, args...)
	before := uint32(d.seen.Len())
	d.lookup.Add(d.keys, nil, n, d.found)
	if d.seen.Len() == int(before) {
		return nil, 0
	}
	clear(d.first)
	k := 0
	for i, f := range d.found[:n] {
		if f >= before && !d.first[f-before] {
			d.first[f-before] = true
			d.rows[k] = uint16(i)
			k++
		}
	}
	for i, v := range args {
		d.args[i] = d.taken[i].take(v, d.rows[:k])
	}
	if !d.grouped {
		return nil, k
	}
	for i, r := range d.rows[:k] {
		d.numbers[i] = numbers[r]
	}
	return d.numbers[:k], k
}

// combine adds to state what another has seen and d has not; numbers are the groups that its groups have become.
func (d *distinct) combine(t *task, o *distinct, numbers []uint32, state function.State) error {
	keys := newVectors(cap(d.keys))
	var group []uint32
	args := keys
	if d.grouped {
		args, group = keys[1:], make([]uint32, vector.Size)
	}
	return t.batches(o.seen.Len(), func(lo, hi int) error {
		o.seen.Read(lo, hi, keys)
		if d.grouped {
			for i, g := range keys[0].Int64s {
				group[i] = numbers[g]
			}
		}
		fresh, n := d.fresh(group, hi-lo, args)
		if n == 0 {
			return nil
		}
		return state.Update(fresh, n, d.args)
	})
}
