package txn

import (
	"errors"
	"slices"

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
	tx.unsettle(o)
	o.base, o.current = newest, current
	return nil
}

// Basis is the version of a table that the transaction sees, if all later ones grow from it: a materialized view that was made of it can be told then what has
// changed since. nil = others have written beside the transaction, and its rows may come to lie elsewhere.
func (tx *Tx) Basis(id uint32) *storage.Version {
	o := tx.find(id)
	switch {
	case o == nil || !o.dirty:
		return tx.Snapshot().Version(id)
	case o.snap != o.base:
		return nil
	}
	return o.current
}

// unsettle forgets, in the materialized views that the transaction has refreshed, versions of a table with the transaction's own rows: these are about to
// be laid behind rows of others.
func (tx *Tx) unsettle(o *table) {
	for i := range tx.edits {
		v, ok := tx.edits[i].new.(*catalog.View)
		if !ok || v.Materialized == nil {
			continue
		}
		for k := range v.Materialized.Bases {
			if b := &v.Materialized.Bases[k]; b.Table == o.id && b.Version != nil && b.Version != o.base {
				n, m := *v, *v.Materialized
				m.Bases = slices.Clone(m.Bases)
				m.Bases[k].Version = nil
				n.Materialized = &m
				v, tx.edits[i].new, tx.over = &n, &n, nil
			}
		}
	}
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
