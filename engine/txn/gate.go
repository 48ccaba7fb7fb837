package txn

import (
	"context"
	"sync"
	"time"

	"github.com/redshiftsim/redshiftsim/storage"
)

// gate counts the transactions that are open, and can be shut: then no transaction begins, and when the last has ended who shut it is alone.
type gate struct {
	mu   sync.Mutex
	open int
	shut chan struct{} // closed when the gate opens again; nil = it is open
	idle chan struct{} // closed when the last transaction ends; nil = nobody waits for that
}

// enter waits until the gate is open.
func (g *gate) enter() {
	for {
		g.mu.Lock()
		shut := g.shut
		if shut == nil {
			g.open++
			g.mu.Unlock()
			return
		}
		g.mu.Unlock()
		<-shut
	}
}

// enterBeside is enter of a transaction whose session has one in another cluster: that cluster may be waiting for it behind its own gate. So it does not wait
// for others to end, and goes through a shut gate as long as some are open.
func (g *gate) enterBeside() {
	for {
		g.mu.Lock()
		shut := g.shut
		if shut == nil || g.idle != nil {
			g.open++
			g.mu.Unlock()
			return
		}
		g.mu.Unlock()
		<-shut
	}
}

// leave says that a transaction has ended.
func (g *gate) leave() {
	g.mu.Lock()
	defer g.mu.Unlock()
	if g.open--; g.open == 0 && g.idle != nil {
		close(g.idle)
		g.idle = nil
	}
}

// close shuts the gate and waits until no transaction is open. When ctx ends first the gate is open again.
func (g *gate) close(ctx context.Context) error {
	for {
		g.mu.Lock()
		shut := g.shut
		if shut == nil {
			break
		}
		g.mu.Unlock()
		select {
		case <-shut:
		case <-ctx.Done():
			return ctx.Err()
		}
	}
	g.shut = make(chan struct{})
	if g.open == 0 {
		g.mu.Unlock()
		return nil
	}
	idle := make(chan struct{})
	g.idle = idle
	g.mu.Unlock()
	select {
	case <-idle:
		return nil
	case <-ctx.Done():
		g.reopen()
		return ctx.Err()
	}
}

// tryClose shuts the gate when it is open and no transaction is.
func (g *gate) tryClose() bool {
	g.mu.Lock()
	defer g.mu.Unlock()
	if g.shut != nil || g.open > 0 {
		return false
	}
	g.shut = make(chan struct{})
	return true
}

// reopen lets transactions begin.
func (g *gate) reopen() {
	g.mu.Lock()
	defer g.mu.Unlock()
	close(g.shut)
	g.shut, g.idle = nil, nil
}

// Relay lays all tables out anew for another shape of the cluster. No transaction begins meanwhile, and those that are open end first: ctx bounds the
// wait. done is called before the next transaction begins, when all has gone well; else nothing is changed.
func (m *Manager) Relay(ctx context.Context, topo storage.Topology, done func()) error {
	if err := m.gate.close(ctx); err != nil {
		return err
	}
	defer m.gate.reopen()
	m.commit.Lock()
	defer m.commit.Unlock()
	next := *m.root.Load()
	type laid struct {
		id uint32
		v  *storage.Version
	}
	var all []laid
	err := next.versions.each(func(id uint32, v *storage.Version) error {
		if err := ctx.Err(); err != nil {
			return err
		}
		n, err := v.Redistribute(ctx, v.Definition(), topo)
		all = append(all, laid{id, n})
		return err
	})
	if err != nil {
		return err
	}
	for _, x := range all {
		m.replace(&next, x.id, x.v)
	}
	next.Commits++
	m.root.Store(&next)
	done()
	return nil
}

// Alone runs f in a transaction while no other is open, and none begins; it is committed when f gives no error. false = others are open: nothing was done.
func (m *Manager) Alone(now time.Time, f func(tx *Tx) error) (bool, error) {
	if !m.gate.tryClose() {
		return false, nil
	}
	defer m.gate.reopen()
	tx := m.begin(now)
	tx.alone = true
	defer tx.Rollback()
	if err := f(tx); err != nil {
		return true, err
	}
	return true, tx.Commit()
}
