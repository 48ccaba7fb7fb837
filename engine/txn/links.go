package txn

import (
	"slices"
	"sync"
	"time"
)

// links are the pairs of transactions that one session has in two clusters: it reads in its own and writes in the other. They wait as one, so a cycle may go
// through several clusters:
//
//	cluster A   tx 1 holds a   tx 4 waits for a           1 and 2 are one session's, 3 and 4 another's
//	cluster B   tx 3 holds b   tx 2 waits for b           1 -> 2 -> 3 -> 4 -> 1
//
// Who begins to wait looks for such a cycle when a transaction of its cluster is linked; whoever closes one sees all of it, for the others wait already.
var links = struct {
	mu  sync.Mutex
	all map[*Tx]*Tx
}{all: map[*Tx]*Tx{}}

// BeginBeside begins a transaction for a session that has one, tx, in another cluster. at is the state that it reads for good, nil = the newest, as that of any
// transaction. It does not wait for other transactions to end. Whoever ends one of the two ends the other.
func (m *Manager) BeginBeside(tx *Tx, at *Root, now time.Time) *Tx {
	m.gate.enterBeside()
	n := m.begin(now)
	if at != nil {
		n.snapshot, n.kept = at, true
	}
	links.mu.Lock()
	defer links.mu.Unlock()
	links.all[tx], links.all[n] = n, tx
	tx.linked, n.linked = true, true
	return n
}

// unlink forgets a transaction that has ended.
func (tx *Tx) unlink() {
	if !tx.linked {
		return
	}
	links.mu.Lock()
	defer links.mu.Unlock()
	if o := links.all[tx]; o != nil {
		delete(links.all, tx)
		delete(links.all, o)
	}
}

// Idle says that the transaction has changed nothing and holds no lock.
func (tx *Tx) Idle() bool { return !tx.Changed() && len(tx.held) == 0 }

// cycleAcross says whether the transaction waits for itself, through transactions of several clusters.
func (tx *Tx) cycleAcross() bool {
	links.mu.Lock()
	defer links.mu.Unlock()
	var ms []*Manager
	for t := range links.all {
		if !slices.Contains(ms, t.m) {
			ms = append(ms, t.m)
		}
	}
	if !slices.Contains(ms, tx.m) {
		return false
	}
	slices.SortFunc(ms, func(a, b *Manager) int { return int(a.number - b.number) }) // who takes several takes them in this order
	for _, m := range ms {
		m.mu.Lock()
		defer m.mu.Unlock()
	}
	return tx.waitsForItself()
}

// waitsForItself is the search of cycleAcross. links.mu and the mutexes of all clusters in it are held.
func (tx *Tx) waitsForItself() bool {
	seen := map[*Tx]bool{}
	var walk func(t *Tx) bool
	walk = func(t *Tx) bool {
		found := false
		for _, x := range []*Tx{t, links.all[t]} {
			if x == nil || x.waits == nil {
				continue
			}
			w := x.waits
			w.on.blockers(w.holder, slices.Index(w.on.queue, w), func(b *Tx) bool {
				switch {
				case b == tx || links.all[b] == tx:
					found = true
				case !seen[b]:
					seen[b] = true
					found = walk(b)
				}
				return !found
			})
			if found {
				return true
			}
		}
		return false
	}
	return walk(tx)
}
