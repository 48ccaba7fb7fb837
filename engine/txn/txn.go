// Package txn holds the one root of a cluster's data, and the transactions that read and replace it.
//
//	Manager --root--> Root {Catalog, versions by table number}          one atomic pointer; immutable
//	                     ^            ^
//	Tx A  snapshot ------+            |                                  kept at A's first touch of a table
//	Tx B  snapshot -------------------+   newer
//	      tables: movies {base, current}                                 B holds the write lock of movies: base cannot change under it
//	      edits:  public.films: nil -> *catalog.Table                    B's DDL, replayed on the newest catalog
//	Commit, under one mutex: the newest root + edits + current versions  -> the next root
//
// Rules.
//  1. BEGIN loads nothing. Names are looked up in the newest catalog (root.go) plus the transaction's own edits (edit.go); rows are read from the snapshot.
//  2. Who writes to a table holds its lock to the end (lock.go). UPDATE, DELETE and DDL hold it alone: the newest version of the table is their base until
//     then, and what is committed is base plus their changes. INSERT and COPY share it under SNAPSHOT: their rows are laid on whatever is newest at commit.
//  3. Under SNAPSHOT a row that another transaction updated or deleted since the snapshot is a conflict; under SERIALIZABLE a cycle of reads and writes of
//     tables is (serial.go). Both are error 1023.
//  4. Rollback drops: nothing outside the transaction has seen anything.
//  5. Every transaction passes a gate (gate.go). Relay (a resize) and Alone (upkeep) shut it, and have the root to themselves.
//  6. A session that writes in another cluster has a transaction there beside its own (links.go); both wait as one, and one of them alone changes anything.
//  7. With a Budget, commits count what the root holds in memory, and a transaction holds grants for what it has changed (memory.go).
//
// https://docs.aws.amazon.com/redshift/latest/dg/c_serial_isolation.html
package txn

import (
	"sync"
	"sync/atomic"
	"time"

	"github.com/redshiftsim/redshiftsim/engine/catalog"
	"github.com/redshiftsim/redshiftsim/internal/sqlstate"
	"github.com/redshiftsim/redshiftsim/storage"
)

// Manager owns the root and the write locks.
type Manager struct {
	root   atomic.Pointer[Root]
	commit sync.Mutex // one commit at a time
	xid    atomic.Int64

	mu        sync.Mutex // guards locks, their queues, Tx.waits and onWait
	onWait    func(pid int)
	locks     map[uint32]*lock
	spare     *lock        // the last one that was forgotten
	exclusive atomic.Int64 // AccessExclusive locks that are held or waited for

	graph  graph
	gate   gate
	number int64 // of the managers of the process

	// Budget is what committed data, and changes that are not committed, are taken from; nil = no limit. It is set before the first transaction.
	Budget *storage.Budget
	old    old
}

// FirstXID is the number of the first transaction.
const FirstXID = 1000

// NewManager starts from a catalog without tables.
func NewManager(c *catalog.Catalog) *Manager {
	return newManager(&Root{Catalog: c}, FirstXID)
}

// managers counts those of the process.
var managers atomic.Int64

func newManager(r *Root, xid int64) *Manager {
	m := &Manager{locks: map[uint32]*lock{}, number: managers.Add(1)}
	m.root.Store(r)
	m.xid.Store(xid)
	return m
}

// Root gives the newest committed state.
func (m *Manager) Root() *Root { return m.root.Load() }

// Clone gives a manager that starts from the newest committed state; afterwards neither sees the other's commits. Temporary tables stay behind.
func (m *Manager) Clone() *Manager {
	r := m.root.Load()
	n := *r
	for _, c := range r.Catalogs() {
		if c.Temps() == 0 {
			continue
		}
		for _, t := range c.Tables() {
			if t.Temp {
				c = c.Without(t.Schema, t.Name)
				n.versions = n.versions.put(t.ID, nil)
			}
		}
		n.put(c)
	}
	r = &n
	return newManager(r, m.xid.Load())
}

// table is what a transaction has done to a table.
type table struct {
	id      uint32
	base    *storage.Version // committed when the lock was granted, or newer: changes are over it; nil = made by this transaction
	snap    *storage.Version // in the transaction's snapshot
	current *storage.Version // base plus own changes; nil = dropped
	own     *storage.Delta   // own row changes, needed while snap is not base
	dirty   bool
	held    int64 // granted for what current holds beyond the newest state
	shared  bool  // base may be older than what others, who insert beside it, have committed
}

// Tx is a transaction. It belongs to one session and is not for concurrent use.
type Tx struct {
	ID    int64
	Start time.Time
	PID   int // of the session
	// Database is the number of the session's database. It is set before the first statement.
	Database uint32
	// Serializable says that the database's level is SERIALIZABLE, not SNAPSHOT. It is set before the first statement.
	Serializable bool
	// Failed says that a statement failed: nothing but ROLLBACK is taken.
	Failed bool
	// Conflict is the table of the error 1023 that the transaction met; 0 = none.
	Conflict uint32

	m        *Manager
	snapshot *Root
	kept     bool // the snapshot is for good
	edits    []edit
	over     *catalog.Catalog // catalog that cat was made from
	cat      *catalog.Catalog // with the edits
	tables   []table
	few      [1]table // room of tables
	held     []held
	fewHeld  [1]held // room of held
	waits    *waiter // guarded by m.mu
	node     *node   // under SERIALIZABLE
	done     bool
	alone    bool // it began behind the shut gate
	linked   bool // links has it
}

// Written lists the tables that the transaction has written so far and not dropped.
func (tx *Tx) Written() []uint32 {
	var out []uint32
	for i := range tx.tables {
		if o := &tx.tables[i]; o.dirty && o.current != nil {
			out = append(out, o.id)
		}
	}
	return out
}

// Changed says whether there is anything to commit.
func (tx *Tx) Changed() bool {
	for i := range tx.tables {
		if tx.tables[i].dirty {
			return true
		}
	}
	return len(tx.edits) > 0
}

// Refused is the error of a transaction that another is in the way of: 1023 about the first table that it wrote; without one, that of two transactions that
// change one object of the catalog.
func (tx *Tx) Refused() error {
	if w := tx.Written(); len(w) > 0 {
		return tx.SameRow(w[0])
	}
	return conflict()
}

// Begin starts a transaction. While the cluster is being resized it waits.
func (m *Manager) Begin(now time.Time) *Tx {
	m.gate.enter()
	return m.begin(now)
}

// begin starts a transaction, whether the gate is open or not.
func (m *Manager) begin(now time.Time) *Tx {
	return &Tx{ID: m.xid.Add(1), Start: now, Database: catalog.FirstDatabase, m: m}
}

// Catalog is the newest catalog with the transaction's own edits; until a snapshot is kept, it is that of the same state as the rows.
func (tx *Tx) Catalog() *catalog.Catalog {
	r := tx.m.root.Load()
	if !tx.kept {
		r = tx.Snapshot()
	}
	c := r.Of(tx.Database)
	if len(tx.edits) == 0 {
		return c
	}
	if tx.over != c {
		over, err := tx.replay(c)
		if err != nil {
			// Somebody else changed an object that this transaction changed too: COMMIT will say so. Until then it sees its own.
			return tx.cat
		}
		tx.over, tx.cat = c, over
	}
	return tx.cat
}

// Untouched says that the transaction has neither read a table nor changed anything, nor holds a lock.
func (tx *Tx) Untouched() bool {
	return !tx.kept && len(tx.edits) == 0 && len(tx.tables) == 0 && len(tx.held) == 0
}

// conflict is Redshift's error for two transactions that change one object.
func conflict() error {
	return sqlstate.Internal.Errorf("could not complete because of conflict with concurrent transaction")
}

// Snapshot is the state whose rows the transaction reads.
func (tx *Tx) Snapshot() *Root {
	if tx.snapshot == nil {
		tx.Refresh()
	}
	return tx.snapshot
}

// Keep makes the snapshot the transaction's for good: a statement has read rows under it, or is about to.
func (tx *Tx) Keep() {
	tx.Snapshot()
	tx.kept = true
}

// Kept says that the snapshot is for good.
func (tx *Tx) Kept() bool { return tx.kept }

// Refresh takes the newest state as the snapshot, unless one is kept: a statement begins, or was granted a lock.
func (tx *Tx) Refresh() {
	switch {
	case tx.kept:
	case tx.Serializable:
		tx.m.graph.join(tx)
	default:
		tx.snapshot = tx.m.root.Load()
	}
}

// Seen is the version of a table that the transaction sees, by number: its own, else the snapshot's; nil when there is none.
func (tx *Tx) Seen(id uint32) *storage.Version {
	if o := tx.find(id); o != nil {
		return o.current
	}
	return tx.Snapshot().Version(id)
}

func (tx *Tx) find(id uint32) *table {
	for i := range tx.tables {
		if tx.tables[i].id == id {
			return &tx.tables[i]
		}
	}
	return nil
}

// View is what the transaction sees of a table: its snapshot and its own changes.
func (tx *Tx) View(t *catalog.Table) (storage.View, error) {
	if o := tx.find(t.ID); o != nil {
		if o.current == nil {
			return storage.View{}, gone(t.ID)
		}
		return o.view(), nil
	}
	v := tx.Snapshot().Version(t.ID)
	if v == nil {
		if tx.m.root.Load().Version(t.ID) == nil {
			return storage.View{}, gone(t.ID)
		}
		// https://docs.aws.amazon.com/redshift/latest/dg/c_serial_isolation.html: the table is younger than the snapshot
		return storage.View{}, sqlstate.Internal.Errorf("1018").WithDetail("Relation does not exist")
	}
	if v.Definition() != t.Def {
		return storage.View{}, conflict()
	}
	return storage.ViewOf(v), nil
}

func gone(id uint32) error {
	return sqlstate.Internal.Errorf("could not open relation with OID %d", id)
}

// Target is View for a table that is about to be written; its lock must be held.
func (tx *Tx) Target(t *catalog.Table) (storage.View, error) {
	o, err := tx.write(t)
	if err != nil {
		return storage.View{}, err
	}
	return o.view(), nil
}

// write gives the state of a locked table, made when the transaction first writes to it.
func (tx *Tx) write(t *catalog.Table) (*table, error) {
	if o := tx.find(t.ID); o != nil {
		if o.current == nil {
			return nil, gone(t.ID)
		}
		if o.shared && tx.Holds(t.ID, ShareRowExclusive) { // who wrote beside it has ended
			o.shared = false
			return o, tx.rebase(o)
		}
		return o, nil
	}
	base := tx.m.root.Load().Version(t.ID)
	if base == nil {
		return nil, gone(t.ID)
	}
	if base.Definition() != t.Def {
		return nil, conflict()
	}
	snap := tx.Snapshot().Version(t.ID)
	if snap == nil {
		return nil, sqlstate.Internal.Errorf("1018").WithDetail("Relation does not exist")
	}
	if snap.Generation() != base.Generation() {
		return nil, tx.SameRow(t.ID)
	}
	if tx.tables == nil {
		tx.tables = tx.few[:0]
	}
	tx.tables = append(tx.tables, table{id: t.ID, base: base, snap: snap, current: base, shared: !tx.Holds(t.ID, ShareRowExclusive)})
	return &tx.tables[len(tx.tables)-1], nil
}

// SameRow is the error of a transaction that meets a row, or a layout of rows, that another has changed since its snapshot.
func (tx *Tx) SameRow(table uint32) error { return tx.violation(table, []int64{tx.ID}) }

// Newest is the version that the transaction's next change of a locked table starts from.
func (tx *Tx) Newest(t *catalog.Table) (*storage.Version, error) {
	o, err := tx.write(t)
	if err != nil {
		return nil, err
	}
	return o.current, nil
}

// Put makes v the transaction's version of a locked table: TRUNCATE, ALTER, VACUUM, statistics.
func (tx *Tx) Put(t *catalog.Table, v *storage.Version) error {
	o, err := tx.write(t)
	if err != nil {
		return err
	}
	tx.kept = true
	if err := tx.hold(o, v); err != nil {
		return err
	}
	o.current, o.base, o.snap, o.own, o.dirty = v, v, v, nil, true
	return nil
}

// Create gives a table that the transaction has put into the catalog its first version.
func (tx *Tx) Create(id uint32, v *storage.Version) {
	tx.tables = append(tx.tables, table{id: id, base: v, snap: v, current: v, dirty: true})
}

// Drop takes the rows of a locked table away.
func (tx *Tx) Drop(t *catalog.Table) error {
	if o := tx.find(t.ID); o != nil {
		o.current, o.dirty = nil, true
		return nil
	}
	if tx.m.root.Load().Version(t.ID) == nil {
		return gone(t.ID)
	}
	tx.tables = append(tx.tables, table{id: t.ID, dirty: true})
	return nil
}

// Commit makes the transaction's changes the newest state, whole. It fails when another transaction changed an object that this one changed too;
// then nothing is changed.
func (tx *Tx) Commit() error {
	if tx.done {
		return nil
	}
	defer tx.end()
	if !tx.Changed() {
		tx.m.graph.committed(tx, tx.m.root.Load().Commits+1)
		return nil
	}
	m := tx.m
	if err := tx.rebaseAll(); err != nil { // what is long is done before the mutex
		return err
	}
	m.commit.Lock()
	defer m.commit.Unlock()
	if err := tx.rebaseAll(); err != nil {
		return err
	}
	next := *m.root.Load()
	if len(tx.edits) > 0 {
		c, err := tx.replay(next.Of(tx.Database))
		if err != nil {
			return err
		}
		next.put(c)
	}
	for i := range tx.tables {
		if o := &tx.tables[i]; o.dirty {
			m.replace(&next, o.id, o.current)
		}
	}
	next.Commits++
	m.graph.committed(tx, next.Commits)
	m.root.Store(&next)
	return nil
}

// Rollback drops the transaction's changes.
func (tx *Tx) Rollback() {
	if !tx.done {
		tx.end()
	}
}

func (tx *Tx) end() {
	tx.done = true
	tx.unlink()
	tx.m.graph.leave(tx)
	tx.release()
	for i := range tx.tables {
		tx.m.Budget.Return(tx.tables[i].held)
	}
	if !tx.alone {
		tx.m.gate.leave()
	}
	tx.tables, tx.edits, tx.cat, tx.over, tx.few = nil, nil, nil, nil, [1]table{}
}
