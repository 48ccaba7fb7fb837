package txn

import (
	"runtime"
	"slices"
	"sync"

	"github.com/redshiftsim/redshiftsim/storage"
)

// hold takes from the budget what v, the transaction's next version of a table, holds beyond the newest state.
func (tx *Tx) hold(o *table, v *storage.Version) error {
	b := tx.m.Budget
	if b == nil {
		return nil
	}
	more := v.ActualBytes() - tx.m.root.Load().Version(o.id).ActualBytes() - o.held
	n, err := b.Grant(more)
	o.held += n
	return err
}

// replace puts v, nil = none, in a table's place in the state that is being made. m.commit is held.
func (m *Manager) replace(next *Root, id uint32, v *storage.Version) {
	before := next.versions.get(id)
	next.versions = next.versions.put(id, v)
	if m.Budget != nil {
		m.Budget.Resize(v.ActualBytes() - before.ActualBytes())
	}
	if before != nil && before.Rows() > 0 && (v == nil || v.Generation() != before.Generation()) {
		m.old.add(before, v)
	}
}

// old remembers what was laid out anew, or dropped: only who still reads it holds it. A version that a newer one goes on from shares almost all with it,
// and is not remembered.
type old struct {
	mu   sync.Mutex
	list []func() int64 // the bytes, as long as somebody reads them
}

// add remembers what v has that now has not; what is gone is forgotten.
func (o *old) add(v, now *storage.Version) {
	o.mu.Lock()
	defer o.mu.Unlock()
	o.list = slices.DeleteFunc(o.list, func(bytes func() int64) bool { return bytes() == 0 })
	o.list = append(o.list, v.Beside(now)...)
}

// OldBytes is what versions of before VACUUM, TRUNCATE, ALTER, DROP or a resize hold in memory because somebody still reads them. When there may be some
// the garbage is collected first, for who reads is known by what can be reached.
func (m *Manager) OldBytes() int64 {
	m.old.mu.Lock()
	some := len(m.old.list) > 0
	m.old.mu.Unlock()
	if !some {
		return 0
	}
	runtime.GC()
	m.old.mu.Lock()
	defer m.old.mu.Unlock()
	n := int64(0)
	for _, bytes := range m.old.list {
		n += bytes()
	}
	return n
}

// Bytes is what the newest state holds in memory.
func (m *Manager) Bytes() int64 {
	n := int64(0)
	_ = m.root.Load().versions.each(func(_ uint32, v *storage.Version) error { // it returns what f does: nil
		n += v.ActualBytes()
		return nil
	})
	return n
}
