package txn

import (
	"errors"

	"github.com/redshiftsim/redshiftsim/engine/catalog"
	"github.com/redshiftsim/redshiftsim/storage"
)

// view is what the transaction sees of a table that it writes: its snapshot's rows and its own, not what others committed between the snapshot and
// the lock.
func (o *table) view() storage.View {
	if o.snap == o.base {
		return storage.ViewOf(o.current)
	}
	return storage.ViewOf(o.snap).WithBase(o.base).WithOwn(o.own)
}

// Apply adds a statement's row changes, made over Target, to the transaction's version of the table. A row that it deletes and that another
// transaction deleted since the snapshot is a conflict: 1023.
func (tx *Tx) Apply(t *catalog.Table, d *storage.Delta) error {
	o, err := tx.write(t)
	if err != nil {
		return err
	}
	on := o.current
	if o.snap != o.base { // the delta is over the snapshot and holds all own changes so far
		on = o.base
	}
	v, err := on.Apply(d)
	if errors.Is(err, storage.ErrConflict) {
		return tx.serialization(t.ID)
	}
	if err != nil {
		return err
	}
	if o.snap != o.base {
		o.own = d
	}
	tx.kept = true
	o.current, o.dirty = v, true
	return nil
}
