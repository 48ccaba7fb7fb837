package exec

import (
	"github.com/redshiftsim/redshiftsim/engine/exec/hashtable"
	"github.com/redshiftsim/redshiftsim/internal/types"
	"github.com/redshiftsim/redshiftsim/internal/vector"
)

// unique is the running UniqueStep, and what SetOpStep keeps: each row once, NULL being equal to NULL.
type unique struct {
	counted
	t       *task
	groups  *hashtable.Groups
	lookup  *hashtable.Lookup
	held    held
	step    *UniqueStep // nil: what SetOpStep keeps
	types   []types.Type
	numbers []uint32
	at      int              // rows handed on
	cols    []*vector.Vector // of the output
}

// newUnique makes an empty one for rows of the types.
func newUnique(t *task, in []types.Type, next sink) *unique {
	u := &unique{counted: counted{next: next}, t: t, types: in, numbers: make([]uint32, vector.Size)}
	u.reuse()
	return u
}

// reuse empties the table of rows, or makes one.
func (u *unique) reuse() {
	u.counted.reuse()
	u.held, u.at = held{t: u.t}, 0
	if u.lookup != nil {
		u.lookup.Clear()
		return
	}
	u.groups = hashtable.NewGroups(u.types)
	u.groups.Until(u.t.gone)
	u.lookup = u.groups.NewLookup()
}

// start makes the state of one pipeline.
func (s *UniqueStep) start(t *task, in []types.Type, next sink) (sink, error) {
	u := newUnique(t, in, next)
	u.step = s
	return u, nil
}

// out are the columns as they come.
func (s *UniqueStep) out(in []types.Type) []types.Type { return in }

// push keeps the rows that are new. Whoever wants some of them needs no more than that from any pipeline.
func (u *unique) push(b *vector.Batch) error {
	if u.step == nil || u.step.Limit == 0 {
		return u.add(b, b.Sel)
	}
	if u.t.part.limits.enough(u.step, false) {
		return errDone
	}
	if err := u.add(b, b.Sel); err != nil {
		return err
	}
	if u.t.part.limits.enough(u.step, int64(u.groups.Len()) >= u.step.Limit) {
		return errDone
	}
	return nil
}

// add keeps the rows of sel (nil = all) that are new.
func (u *unique) add(b *vector.Batch, sel []uint16) error {
	n := b.Len
	if sel != nil {
		n = len(sel)
	}
	u.lookup.Add(b.Columns, sel, n, u.numbers)
	return u.held.now(u.groups.Bytes())
}

// combine takes over another pipeline's rows.
func (u *unique) combine(other sink) error { return u.join(other.(*unique)) }

// join takes over another's rows.
func (u *unique) join(o *unique) error {
	if o.groups.Len() > u.groups.Len() { // fewer rows move
		u.groups, o.groups, u.lookup, o.lookup = o.groups, u.groups, o.lookup, u.lookup
	}
	cols := newVectors(u.groups.Columns())
	err := u.t.batches(o.groups.Len(), func(lo, hi int) error {
		o.groups.Read(lo, hi, cols)
		u.lookup.Add(cols, nil, hi-lo, u.numbers)
		return nil
	})
	if err != nil {
		return err
	}
	o.groups, o.lookup = nil, nil
	u.held.take(&o.held)
	return u.held.now(u.groups.Bytes())
}

// drain hands on the next rows, at most a batch; more = there may be others.
func (u *unique) drain() (more bool, err error) {
	if u.groups == nil || u.at >= u.groups.Len() {
		return false, nil
	}
	if err := u.t.canceled(); err != nil {
		return false, err
	}
	if u.cols == nil {
		u.cols = newVectors(u.groups.Columns())
	}
	lo, hi := u.at, min(u.at+vector.Size, u.groups.Len())
	u.at = hi
	u.groups.Read(lo, hi, u.cols)
	err = u.emit(&vector.Batch{Columns: u.cols, Len: hi - lo})
	return hi < u.groups.Len(), err
}

// finish hands on the rows that are left.
func (u *unique) finish() error {
	more, err := true, error(nil)
	for more && err == nil {
		more, err = u.drain()
	}
	if u.groups == nil || u.groups.Bytes() > keepBytes {
		u.groups, u.lookup = nil, nil
	}
	if e := u.held.free(); err == nil {
		err = e
	}
	return u.end(err)
}
