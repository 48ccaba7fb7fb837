package txn

import (
	"context"

	"github.com/redshiftsim/redshiftsim/internal/sqlstate"
)

// lock is the write lock of one table: one owner, and those who wait, first come first served.
// https://docs.aws.amazon.com/redshift/latest/dg/c_write_readwrite.html
type lock struct {
	owner *Tx
	queue []*waiter
}

// waiter is a transaction that waits for a lock. granted is closed when it owns it.
type waiter struct {
	tx      *Tx
	granted chan struct{}
}

// Lock takes the write lock of a table and keeps it until the transaction ends. It waits for the owner, unless ctx ends or waiting would close a
// cycle of transactions that wait for each other (40P01).
func (tx *Tx) Lock(ctx context.Context, table uint32) error {
	for _, t := range tx.held {
		if t == table {
			return nil
		}
	}
	m := tx.m
	m.mu.Lock()
	l := m.locks[table]
	if l == nil {
		l = &lock{}
		m.locks[table] = l
	}
	if l.owner == nil {
		l.owner = tx
		tx.held = append(tx.held, table)
		m.mu.Unlock()
		return nil
	}
	for o := l; o != nil && o.owner != nil; o = o.owner.waits {
		if o.owner == tx {
			other := l.owner
			m.mu.Unlock()
			return sqlstate.DeadlockDetected.Errorf("deadlock detected").
				WithDetail("Transaction %d waits for the write lock of relation %d, held by transaction %d.", tx.ID, table, other.ID)
		}
	}
	w := &waiter{tx: tx, granted: make(chan struct{})}
	l.queue = append(l.queue, w)
	tx.waits, tx.waitsFor = l, table
	m.mu.Unlock()
	var err error
	select {
	case <-w.granted:
	case <-ctx.Done():
		err = sqlstate.QueryCanceled.Errorf("canceling statement due to user request")
	}
	m.mu.Lock()
	defer m.mu.Unlock()
	tx.waits, tx.waitsFor = nil, 0
	if err != nil {
		if l.owner != tx { // not granted meanwhile: leave the queue
			for i, q := range l.queue {
				if q == w {
					l.queue = append(l.queue[:i], l.queue[i+1:]...)
					break
				}
			}
			return err
		}
		m.pass(table, l)
		return err
	}
	tx.held = append(tx.held, table)
	return nil
}

// pass hands a lock on to who waits longest. m.mu is held.
func (m *Manager) pass(table uint32, l *lock) {
	if len(l.queue) == 0 {
		delete(m.locks, table)
		return
	}
	w := l.queue[0]
	l.queue = l.queue[1:]
	l.owner = w.tx
	w.tx.waits, w.tx.waitsFor = nil, 0 // now: who looks for a cycle must not meet a transaction that waits for itself
	close(w.granted)
}

// release hands all locks of the transaction on.
func (tx *Tx) release() {
	if len(tx.held) == 0 {
		return
	}
	tx.m.mu.Lock()
	for _, t := range tx.held {
		tx.m.pass(t, tx.m.locks[t])
	}
	tx.m.mu.Unlock()
	tx.held = tx.held[:0]
}

// Held is a write lock as STV_LOCKS shows it.
// https://docs.aws.amazon.com/redshift/latest/dg/r_STV_LOCKS.html
type Held struct {
	Table uint32
	Owner int64
	Queue []int64
}

// Locks lists the write locks.
func (m *Manager) Locks() []Held {
	m.mu.Lock()
	defer m.mu.Unlock()
	out := make([]Held, 0, len(m.locks))
	for t, l := range m.locks {
		h := Held{Table: t, Owner: l.owner.ID}
		for _, w := range l.queue {
			h.Queue = append(h.Queue, w.tx.ID)
		}
		out = append(out, h)
	}
	return out
}
