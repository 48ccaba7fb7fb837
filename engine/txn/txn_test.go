package txn

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"sync"
	"testing"
	"time"

	"github.com/redshiftsim/redshiftsim/engine/catalog"
	"github.com/redshiftsim/redshiftsim/internal/sqlstate"
	"github.com/redshiftsim/redshiftsim/internal/types"
	"github.com/redshiftsim/redshiftsim/internal/vector"
	"github.com/redshiftsim/redshiftsim/storage"
)

var topo = storage.Topology{Nodes: 1, SlicesPerNode: 1}

// newTable commits an empty table of one integer column.
func newTable(t testing.TB, m *Manager, id uint32) *catalog.Table {
	t.Helper()
	def := &storage.Definition{ID: id, Columns: []storage.Column{{Name: "a", Type: types.TInt8}}, Dist: storage.Distribution{Column: -1}}
	tab := &catalog.Table{ID: id, Schema: catalog.Public, Name: fmt.Sprintf("t%d", id), Def: def, Version: 1}
	tx := m.Begin(time.Now())
	tx.Edit(tab)
	tx.Create(id, storage.NewVersion(def, topo))
	if err := tx.Commit(); err != nil {
		t.Fatal(err)
	}
	return tab
}

func manager() *Manager { return NewManager(catalog.New(nil, "dev", "awsuser")) }

// change appends values and deletes row ids, as one statement of tx.
func change(tx *Tx, tab *catalog.Table, vals []int64, dead ...int64) error {
	if err := tx.Lock(context.Background(), tab.ID, ShareRowExclusive); err != nil {
		return err
	}
	tx.Refresh()
	v, err := tx.Target(tab)
	if err != nil {
		return err
	}
	w := v.NewWriter()
	if len(vals) > 0 {
		if err := w.Append(0, &vector.Batch{Columns: []*vector.Vector{{Type: types.TInt8, Len: len(vals), Int64s: vals}}, Len: len(vals)}); err != nil {
			return err
		}
	}
	w.Delete(0, dead)
	d, err := w.Close()
	if err != nil {
		return err
	}
	return tx.Apply(tab, d)
}

// rows reads what tx sees of a table.
func rows(t testing.TB, tx *Tx, tab *catalog.Table) []int64 {
	t.Helper()
	v, err := tx.View(tab)
	if err != nil {
		t.Fatal(err)
	}
	tx.Keep()
	s := v.Scan(0, &storage.ScanSpec{Columns: []int{0}})
	out := []int64{}
	var b vector.Batch
	for {
		ok, err := s.Next(&b)
		if err != nil {
			t.Fatal(err)
		}
		if !ok {
			return out
		}
		for i := range b.Rows() {
			if b.Sel != nil {
				i = int(b.Sel[i])
			}
			out = append(out, b.Columns[0].Get(i).Int)
		}
	}
}

func state(err error) sqlstate.Code {
	var e *sqlstate.Error
	if !errors.As(err, &e) {
		return ""
	}
	return e.Code
}

// TestVisibility: nobody sees what is not committed, a snapshot does not move, the writer sees its own rows, a rollback leaves nothing.
func TestVisibility(t *testing.T) {
	m := manager()
	tab := newTable(t, m, catalog.FirstID+1)
	w, old := m.Begin(time.Now()), m.Begin(time.Now())
	if got := rows(t, old, tab); len(got) != 0 {
		t.Fatalf("a new table has %v", got)
	}
	if err := change(w, tab, []int64{1, 2}); err != nil {
		t.Fatal(err)
	}
	if got := rows(t, w, tab); !slices.Equal(got, []int64{1, 2}) {
		t.Fatalf("the writer sees %v", got)
	}
	if got := rows(t, m.Begin(time.Now()), tab); len(got) != 0 {
		t.Fatalf("others see %v before the commit", got)
	}
	if err := w.Commit(); err != nil {
		t.Fatal(err)
	}
	if got := rows(t, old, tab); len(got) != 0 {
		t.Fatalf("a kept snapshot sees %v", got)
	}
	if got := rows(t, m.Begin(time.Now()), tab); !slices.Equal(got, []int64{1, 2}) {
		t.Fatalf("after the commit: %v", got)
	}
	back := m.Begin(time.Now())
	if err := change(back, tab, []int64{3}, 0); err != nil {
		t.Fatal(err)
	}
	back.Rollback()
	if got := rows(t, m.Begin(time.Now()), tab); !slices.Equal(got, []int64{1, 2}) {
		t.Fatalf("after a rollback: %v", got)
	}
}

// TestSameRow: with a snapshot older than another's commit, a row that the other did not touch may be deleted, the row that it deleted is error 1023.
func TestSameRow(t *testing.T) {
	for _, c := range []struct {
		row  int64
		code sqlstate.Code
	}{{0, sqlstate.Internal}, {1, ""}} {
		m := manager()
		tab := newTable(t, m, catalog.FirstID+1)
		fill := m.Begin(time.Now())
		if err := change(fill, tab, []int64{1, 2}); err != nil {
			t.Fatal(err)
		}
		if err := fill.Commit(); err != nil {
			t.Fatal(err)
		}
		late := m.Begin(time.Now())
		rows(t, late, tab) // keeps its snapshot
		first := m.Begin(time.Now())
		if err := change(first, tab, []int64{9}, 0); err != nil {
			t.Fatal(err)
		}
		if err := first.Commit(); err != nil {
			t.Fatal(err)
		}
		err := change(late, tab, []int64{5}, c.row)
		if errors.Is(err, storage.ErrConflict) {
			err = sqlstate.Internal.Errorf("1023")
		}
		if state(err) != c.code {
			t.Fatalf("row %d: %v", c.row, err)
		}
		if err != nil {
			continue
		}
		if got := rows(t, late, tab); !slices.Equal(got, []int64{1, 5}) { // its snapshot and its own, not the other's 9
			t.Fatalf("the late writer sees %v", got)
		}
		if err := late.Commit(); err != nil {
			t.Fatal(err)
		}
		if got := rows(t, m.Begin(time.Now()), tab); !slices.Equal(got, []int64{9, 5}) {
			t.Fatalf("after both: %v", got)
		}
	}
}

// TestCatalogConflict: two transactions that make one name, the second commit fails and changes nothing.
func TestCatalogConflict(t *testing.T) {
	m := manager()
	def := &storage.Definition{ID: catalog.FirstID + 1, Columns: []storage.Column{{Name: "a", Type: types.TInt8}}}
	make1 := func(id uint32) *Tx {
		tx := m.Begin(time.Now())
		tx.Edit(&catalog.Table{ID: id, Schema: catalog.Public, Name: "t", Def: def})
		tx.Create(id, storage.NewVersion(def, topo))
		return tx
	}
	a, b := make1(catalog.FirstID+1), make1(catalog.FirstID+2)
	if err := a.Commit(); err != nil {
		t.Fatal(err)
	}
	err := b.Commit()
	if err == nil || err.Error() == "" || state(err) != sqlstate.Internal {
		t.Fatalf("the second CREATE: %v", err)
	}
	r := m.Root()
	if got := r.Catalog.Get(catalog.Public, "t").(*catalog.Table).ID; got != catalog.FirstID+1 {
		t.Fatalf("table %d stands", got)
	}
	if r.Version(catalog.FirstID+2) != nil {
		t.Fatal("rows of the table that lost are there")
	}
}

// TestDeadlock: who closes a cycle of waits gets 40P01, the other goes on.
func TestDeadlock(t *testing.T) {
	m := manager()
	a, b := m.Begin(time.Now()), m.Begin(time.Now())
	ctx := context.Background()
	if err := a.Lock(ctx, 1, ShareRowExclusive); err != nil {
		t.Fatal(err)
	}
	if err := b.Lock(ctx, 2, ShareRowExclusive); err != nil {
		t.Fatal(err)
	}
	got := make(chan error)
	go func() { got <- a.Lock(ctx, 2, ShareRowExclusive) }()
	for !waits(m, 2) {
		time.Sleep(time.Millisecond)
	}
	if err := b.Lock(ctx, 1, ShareRowExclusive); state(err) != sqlstate.DeadlockDetected {
		t.Fatalf("closing the cycle: %v", err)
	}
	b.Rollback()
	if err := <-got; err != nil {
		t.Fatal(err)
	}
	a.Rollback()
	if n := len(m.Locks()); n != 0 {
		t.Fatalf("%d locks are left", n)
	}
}

func waits(m *Manager, table uint32) bool {
	for _, h := range m.Locks() {
		if h.Table == table && h.Waiting {
			return true
		}
	}
	return false
}

// TestLockCancel: a wait that is given up leaves the queue, and the lock to the next.
func TestLockCancel(t *testing.T) {
	m := manager()
	a, b, c := m.Begin(time.Now()), m.Begin(time.Now()), m.Begin(time.Now())
	if err := a.Lock(context.Background(), 1, ShareRowExclusive); err != nil {
		t.Fatal(err)
	}
	ctx, cancel := context.WithCancel(context.Background())
	errs := make(chan error)
	go func() { errs <- b.Lock(ctx, 1, ShareRowExclusive) }()
	for !waits(m, 1) {
		time.Sleep(time.Millisecond)
	}
	cancel()
	if err := <-errs; state(err) != sqlstate.QueryCanceled {
		t.Fatalf("given up: %v", err)
	}
	go func() { errs <- c.Lock(context.Background(), 1, ShareRowExclusive) }()
	for !waits(m, 1) {
		time.Sleep(time.Millisecond)
	}
	a.Rollback()
	if err := <-errs; err != nil {
		t.Fatal(err)
	}
	c.Rollback()
}

// TestConcurrentWriters: goroutines add to counters in tables under locks taken in any order; no increment is lost, deadlocks apart, and clones made
// meanwhile, which append to the same tails, see whole states only.
func TestConcurrentWriters(t *testing.T) {
	m := manager()
	tabs := []*catalog.Table{newTable(t, m, catalog.FirstID+1), newTable(t, m, catalog.FirstID+2), newTable(t, m, catalog.FirstID+3)}
	const workers, each = 6, 60
	var wg sync.WaitGroup
	var mu sync.Mutex
	committed := map[uint32]int{}
	for w := range workers {
		wg.Add(1)
		go func() {
			defer wg.Done()
			for i := range each {
				tx := m.Begin(time.Now())
				x, y := tabs[(w+i)%3], tabs[(w*i+1)%3]
				err := change(tx, x, []int64{int64(i)})
				if err == nil && y != x {
					err = change(tx, y, []int64{int64(i)})
				}
				if err != nil || i%7 == 0 { // rolled back: the next writer finds the tail's end taken
					tx.Rollback()
					if c := state(err); err != nil && c != sqlstate.DeadlockDetected && !errors.Is(err, storage.ErrConflict) && c != sqlstate.Internal {
						t.Errorf("%v", err)
					}
					continue
				}
				if err := tx.Commit(); err != nil {
					t.Errorf("commit: %v", err)
					continue
				}
				mu.Lock()
				committed[x.ID]++
				if y != x {
					committed[y.ID]++
				}
				mu.Unlock()
				if i%10 == 0 {
					c := m.Clone()
					other := c.Begin(time.Now())
					before := len(rows(t, other, x))
					if err := change(other, x, []int64{-1}); err != nil {
						t.Errorf("in a clone: %v", err)
					}
					if got := rows(t, other, x); len(got) != before+1 || got[before] != -1 {
						t.Errorf("a clone has %d rows, had %d", len(got), before)
					}
					other.Rollback()
				}
			}
		}()
	}
	wg.Wait()
	for _, tab := range tabs {
		if got := len(rows(t, m.Begin(time.Now()), tab)); got != committed[tab.ID] {
			t.Errorf("table %d has %d rows, %d were committed", tab.ID, got, committed[tab.ID])
		}
	}
	if n := len(m.Locks()); n != 0 {
		t.Errorf("%d locks are left", n)
	}
}

// BenchmarkCommit is the cost of a one-row insert's transaction among 1,000 tables.
func BenchmarkCommit(b *testing.B) {
	m := manager()
	var tab *catalog.Table
	for i := range 1000 {
		tab = newTable(b, m, catalog.FirstID+1+uint32(i))
	}
	now := time.Now()
	for b.Loop() {
		tx := m.Begin(now)
		if err := change(tx, tab, []int64{1}); err != nil {
			b.Fatal(err)
		}
		if err := tx.Commit(); err != nil {
			b.Fatal(err)
		}
	}
}
