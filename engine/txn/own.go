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
		return tx.SameRow(t.ID)
	}
	if err != nil {
		return err
	}
	if err := tx.hold(o, v); err != nil {
		return err
	}
	if o.snap != o.base {
		o.own = d
	}
	tx.kept = true
	o.current, o.dirty = v, true
	return nil
}

// rebase lays the transaction's changes of a table on its newest version, when others have committed since: rows that they inserted beside it. Under a
// lock that is held alone there is nothing to do.
func (tx *Tx) rebase(o *table) error {
	newest := tx.m.root.Load().Version(o.id)
	if newest == o.base || newest == nil || o.base == nil || o.current == nil {
		return nil
	}
	if newest.Definition() != o.base.Definition() {
		return conflict()
	}
	current := newest
	if o.current != o.base {
		var err error
		if current, err = newest.Apply(storage.Between(o.base, o.current)); errors.Is(err, storage.ErrConflict) {
			return tx.SameRow(o.id)
		} else if err != nil {
			return err
		}
		o.own = storage.Between(newest, current)
	}
	o.base, o.current = newest, current
	return nil
}

// rebaseAll is rebase of every table that the transaction changed and that others may have committed to.
func (tx *Tx) rebaseAll() error {
	for i := range tx.tables {
		if o := &tx.tables[i]; o.dirty && o.shared {
			if err := tx.rebase(o); err != nil {
				return err
			}
		}
	}
	return nil
}
