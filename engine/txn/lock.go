package txn

import (
	"context"
	"slices"

	"github.com/redshiftsim/redshiftsim/internal/sqlstate"
)

// Mode is the strength of a table lock. A stronger mode conflicts with all that a weaker one conflicts with.
//
//	                    AccessShare  Share  ShareRowExclusive  AccessExclusive
//	AccessShare             .          .            .                 x          who reads
//	Share                   .          .            x                 x          INSERT and COPY under SNAPSHOT: side by side
//	ShareRowExclusive       .          x            x                 x          UPDATE, DELETE, MERGE; every write under SERIALIZABLE
//	AccessExclusive         x          x            x                 x          LOCK, DROP, TRUNCATE, ALTER TABLE: nobody reads meanwhile
//
// https://docs.aws.amazon.com/redshift/latest/dg/c_write_readwrite.html, https://docs.aws.amazon.com/redshift/latest/dg/r_LOCK.html
type Mode uint8

// The modes, weakest first.
const (
	AccessShare Mode = iota + 1
	Share
	ShareRowExclusive
	AccessExclusive
)

// String is the mode as SVV_TRANSACTIONS spells it.
// https://docs.aws.amazon.com/redshift/latest/dg/r_SVV_TRANSACTIONS.html
func (m Mode) String() string {
	return [...]string{"NoLock", "AccessShareLock", "ShareLock", "ShareRowExclusiveLock", "AccessExclusiveLock"}[m]
}

// conflicts says whether two transactions cannot hold a and b on one table.
func conflicts(a, b Mode) bool {
	lo, hi := min(a, b), max(a, b)
	switch hi {
	case AccessExclusive:
		return true
	case ShareRowExclusive:
		return lo >= Share
	}
	return false
}

// lock is the lock of one table: who holds it, in which mode, and those who wait, first come first served. A holder who wants a stronger mode goes to
// the front.
type lock struct {
	holders []holder
	queue   []*waiter
}

type holder struct {
	tx   *Tx
	mode Mode
}

// waiter is a transaction that waits for a lock. granted is closed when it has it.
type waiter struct {
	holder
	on      *lock
	granted chan struct{}
}

// held is a lock of a transaction.
type held struct {
	table uint32
	mode  Mode
}

// mode is how the transaction holds a table; 0 = not at all.
func (tx *Tx) mode(table uint32) Mode {
	for _, h := range tx.held {
		if h.table == table {
			return h.mode
		}
	}
	return 0
}

// Holds says whether the transaction has a table's lock in a mode, or a stronger one.
func (tx *Tx) Holds(table uint32, mode Mode) bool { return tx.mode(table) >= mode }

// Lock takes the lock of a table and keeps it until the transaction ends. It waits for those whose modes conflict, unless ctx ends (the error is 57014) or
// waiting would close a cycle of transactions that wait for each other (40P01).
func (tx *Tx) Lock(ctx context.Context, table uint32, mode Mode) error {
	if tx.Holds(table, mode) {
		return nil
	}
	m := tx.m
	m.mu.Lock()
	if mode == AccessExclusive {
		m.exclusive.Add(1)
	}
	l, h := m.lockOf(table), holder{tx, mode}
	at := len(l.queue)
	if tx.mode(table) > 0 {
		at = 0
	}
	if !l.blocked(h, at) {
		m.grant(l, h, table)
		m.mu.Unlock()
		return nil
	}
	w := &waiter{holder: h, on: l, granted: make(chan struct{})}
	l.queue = slices.Insert(l.queue, at, w)
	tx.waits = w
	if other := tx.cycle(); other != nil {
		m.leave(w, table)
		m.mu.Unlock()
		return sqlstate.DeadlockDetected.Errorf("deadlock detected").
			WithDetail("Transaction %d waits for %s of relation %d, held by transaction %d.", tx.ID, mode, table, other.ID)
	}
	if m.onWait != nil {
		m.onWait(tx.PID)
	}
	m.mu.Unlock()
	if tx.cycleAcross() {
		m.mu.Lock()
		waits := tx.waits == w
		if waits {
			m.leave(w, table)
		}
		m.mu.Unlock()
		if waits {
			return sqlstate.DeadlockDetected.Errorf("deadlock detected").
				WithDetail("Transaction %d waits for %s of relation %d, held by a transaction that waits for it in another cluster.", tx.ID, mode, table)
		}
	}
	select {
	case <-w.granted:
		return nil
	case <-ctx.Done():
	}
	m.mu.Lock()
	defer m.mu.Unlock()
	if tx.waits == nil { // granted meanwhile: the statement is over all the same, and the lock is the transaction's
		return canceled()
	}
	m.leave(w, table)
	return canceled()
}

func canceled() error {
	return sqlstate.QueryCanceled.Errorf("canceling statement due to user request")
}

// OnWait has f called whenever a transaction begins to wait for a lock, with the session's number; nil = nobody is told. f may not lock anything.
func (m *Manager) OnWait(f func(pid int)) {
	m.mu.Lock()
	defer m.mu.Unlock()
	m.onWait = f
}

// Waiting says whether a transaction of a session waits for a lock.
func (m *Manager) Waiting(pid int) bool {
	m.mu.Lock()
	defer m.mu.Unlock()
	for _, l := range m.locks {
		for _, w := range l.queue {
			if w.tx.PID == pid {
				return true
			}
		}
	}
	return false
}

// TryLock is Lock without waiting; false = somebody holds, or waits for, a mode that conflicts.
func (tx *Tx) TryLock(table uint32, mode Mode) bool {
	if tx.Holds(table, mode) {
		return true
	}
	m := tx.m
	m.mu.Lock()
	defer m.mu.Unlock()
	l, h := m.lockOf(table), holder{tx, mode}
	if l.blocked(h, len(l.queue)) {
		return false
	}
	if mode == AccessExclusive {
		m.exclusive.Add(1)
	}
	m.grant(l, h, table)
	return true
}

// lockOf gives the lock of a table, made when nobody has it: of the one that was forgotten last, if there is one. m.mu is held.
func (m *Manager) lockOf(table uint32) *lock {
	l := m.locks[table]
	if l != nil {
		return l
	}
	if l, m.spare = m.spare, nil; l == nil {
		l = &lock{}
	}
	m.locks[table] = l
	return l
}

// Exclusive says whether a table is locked, or about to be, so that readers must wait. Otherwise a query that is a transaction of its own needs no lock:
// it has its snapshot.
func (m *Manager) Exclusive(table uint32) bool {
	if m.exclusive.Load() == 0 {
		return false
	}
	m.mu.Lock()
	defer m.mu.Unlock()
	l := m.locks[table]
	return l != nil && l.blocked(holder{nil, AccessShare}, len(l.queue))
}

// blocked says whether who asks must wait for a holder, or for one of the first n who wait.
func (l *lock) blocked(who holder, n int) bool {
	blocked := false
	l.blockers(who, n, func(*Tx) bool {
		blocked = true
		return false
	})
	return blocked
}

// blockers calls f with those whom who asks must wait for, until f gives false.
func (l *lock) blockers(w holder, n int, f func(*Tx) bool) {
	for _, h := range l.holders {
		if h.tx != w.tx && conflicts(h.mode, w.mode) && !f(h.tx) {
			return
		}
	}
	for _, q := range l.queue[:n] {
		if q.tx != w.tx && conflicts(q.mode, w.mode) && !f(q.tx) {
			return
		}
	}
}

// cycle finds the transaction behind which tx would wait for itself, nil when there is none. m.mu is held.
func (tx *Tx) cycle() *Tx {
	seen := map[*Tx]bool{}
	var walk func(t *Tx) *Tx
	walk = func(t *Tx) (first *Tx) {
		w := t.waits
		if w == nil {
			return nil
		}
		w.on.blockers(w.holder, slices.Index(w.on.queue, w), func(b *Tx) bool {
			switch {
			case b == tx:
				first = b
			case !seen[b]:
				seen[b] = true
				if walk(b) != nil {
					first = b
				}
			}
			return first == nil
		})
		return first
	}
	return walk(tx)
}

// grant gives who asked the lock. m.mu is held.
func (m *Manager) grant(l *lock, w holder, table uint32) {
	tx := w.tx
	if i := slices.IndexFunc(l.holders, func(h holder) bool { return h.tx == tx }); i >= 0 {
		l.holders[i].mode = w.mode
		i = slices.IndexFunc(tx.held, func(h held) bool { return h.table == table })
		tx.held[i].mode = w.mode
		return
	}
	l.holders = append(l.holders, w)
	if tx.held == nil {
		tx.held = tx.fewHeld[:0]
	}
	tx.held = append(tx.held, held{table, w.mode})
}

// leave takes a waiter out of its queue; who came behind it may go on. m.mu is held.
func (m *Manager) leave(w *waiter, table uint32) {
	if w.mode == AccessExclusive {
		m.exclusive.Add(-1)
	}
	w.tx.waits = nil
	l := w.on
	l.queue = slices.DeleteFunc(l.queue, func(q *waiter) bool { return q == w })
	m.wake(table, l)
}

// wake grants what can be granted, in the order of the queue, and forgets a lock that nobody has. m.mu is held.
func (m *Manager) wake(table uint32, l *lock) {
	for i := 0; i < len(l.queue); {
		w := l.queue[i]
		if l.blocked(w.holder, i) {
			i++
			continue
		}
		l.queue = slices.Delete(l.queue, i, i+1)
		w.tx.waits = nil // now: who looks for a cycle must not meet a transaction that waits for itself
		m.grant(l, w.holder, table)
		close(w.granted)
	}
	if len(l.holders) == 0 && len(l.queue) == 0 {
		delete(m.locks, table)
		m.spare = l
	}
}

// release hands all locks of the transaction on.
func (tx *Tx) release() {
	if len(tx.held) == 0 {
		return
	}
	m := tx.m
	m.mu.Lock()
	for _, h := range tx.held {
		if h.mode == AccessExclusive {
			m.exclusive.Add(-1)
		}
		l := m.locks[h.table]
		l.holders = slices.DeleteFunc(l.holders, func(o holder) bool { return o.tx == tx })
		m.wake(h.table, l)
	}
	m.mu.Unlock()
	tx.held = tx.held[:0]
}

// Held is a lock that a transaction has or waits for, as SVV_TRANSACTIONS and STV_LOCKS show it.
// https://docs.aws.amazon.com/redshift/latest/dg/r_STV_LOCKS.html
type Held struct {
	Table   uint32
	XID     int64
	Mode    Mode
	Waiting bool
}

// Locks lists the locks: of each table those who hold it, then those who wait.
func (m *Manager) Locks() []Held {
	m.mu.Lock()
	defer m.mu.Unlock()
	out := make([]Held, 0, len(m.locks))
	for t, l := range m.locks {
		for _, h := range l.holders {
			out = append(out, Held{Table: t, XID: h.tx.ID, Mode: h.mode})
		}
		for _, w := range l.queue {
			out = append(out, Held{Table: t, XID: w.tx.ID, Mode: w.mode, Waiting: true})
		}
	}
	return out
}
