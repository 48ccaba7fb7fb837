package txn

import (
	"context"
	"errors"
	"flag"
	"fmt"
	"maps"
	"math/rand/v2"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/redshiftsim/redshiftsim/engine/catalog"
	"github.com/redshiftsim/redshiftsim/internal/sqlstate"
	"github.com/redshiftsim/redshiftsim/internal/types"
	"github.com/redshiftsim/redshiftsim/internal/vector"
	"github.com/redshiftsim/redshiftsim/storage"
)

var (
	modelTime = flag.Duration("model", 0, "run the model tests this long, from a random seed")
	schedules = flag.Int("schedules", 0, "run that many schedules of the model test, from a random seed")
)

// The model is a database of maps: committed is rows by table, a transaction has a copy of it as its snapshot. A schedule is a random interleaving of
// transactions over a few tables; after every step what the engine answered (rows, errors, who waits) is held against the model.
//
//	schedule seed 7, SNAPSHOT
//	  s0  begin   s1 begin   s0 read t1   s1 delete t1   s0 update t1: waits   s1 commit   s0: 1023   s0 rollback ...
type model struct {
	r            *rand.Rand
	m            *Manager
	serializable bool
	tables       []*catalog.Table
	sessions     []*modelSession
	committed    []modelRows // by table
	began        []modelRows // committed, when the schedule began
	commits      int         // that changed a table
	history      []*modelTx  // all transactions, for cycles and serial orders
	bug          func(*model, *modelSession, string)
	log          strings.Builder
	nextRow      int64
}

// modelRows are rows by identity: what an UPDATE makes is another row.
type modelRows map[int64]int64

// modelTx is a transaction in the model.
type modelTx struct {
	tx       *Tx
	id       int
	snapshot []modelRows // nil until the first statement has its locks
	at       int         // commits that it sees
	commit   int         // its own number; 0 = none; read-only ones get that of the last
	state    string      // running, committed, aborted
	inserted []modelRows
	deleted  []map[int64]bool
	locks    []Mode
	reads    map[int]bool
	writes   map[int]bool
	ops      []modelOp
}

// modelOp is a statement that succeeded: what it did, and for reads what it saw.
type modelOp struct {
	kind  string
	table int
	arg   int64
	saw   []int64
}

// modelSession runs one transaction after the other.
type modelSession struct {
	n       int
	tx      *modelTx
	waiting *modelOp
	done    chan error
	mode    Mode
}

func newModel(seed uint64, serializable bool) *model {
	w := &model{r: rand.New(rand.NewPCG(seed, 1)), m: manager(), serializable: serializable}
	for i := range 1 + w.r.IntN(3) {
		def := &storage.Definition{ID: catalog.FirstID + 1 + uint32(i), Columns: []storage.Column{{Name: "a", Type: types.TInt8}}, Dist: storage.Distribution{Column: -1}, BlockBytes: 4096}
		tab := &catalog.Table{ID: def.ID, Schema: catalog.Public, Name: fmt.Sprintf("t%d", i), Def: def, Version: 1}
		tx := w.m.Begin(time.Time{})
		tx.Edit(tab)
		tx.Create(def.ID, storage.NewVersion(def, topo))
		if err := tx.Commit(); err != nil {
			panic(err)
		}
		w.tables, w.committed = append(w.tables, tab), append(w.committed, modelRows{})
	}
	for i := range 2 + w.r.IntN(3) {
		w.sessions = append(w.sessions, &modelSession{n: i})
	}
	return w
}

// run is one schedule.
func (w *model) run() error {
	fill := &modelSession{n: 9}
	w.begin(fill)
	for i := range w.tables {
		if err := w.step(fill, &modelOp{kind: "insert", table: i, arg: 6}); err != nil {
			return err
		}
	}
	if err := w.end(fill, true); err != nil {
		return err
	}
	w.history = nil
	for _, rows := range w.committed {
		w.began = append(w.began, maps.Clone(rows))
	}
	for range 8 + w.r.IntN(40) {
		s := w.sessions[w.r.IntN(len(w.sessions))]
		if err := w.move(s); err != nil {
			return err
		}
		if err := w.settle(); err != nil {
			return err
		}
	}
	for _, s := range w.sessions { // to the end: rollbacks wake who waits
		for s.tx != nil {
			if s.waiting != nil {
				var other *modelSession
				for _, o := range w.sessions {
					if o.tx != nil && o.waiting == nil {
						other = o
					}
				}
				if other == nil {
					return fmt.Errorf("all wait")
				}
				if err := w.end(other, true); err != nil {
					return err
				}
			} else if err := w.end(s, w.r.IntN(4) > 0); err != nil {
				return err
			}
			if err := w.settle(); err != nil {
				return err
			}
		}
	}
	return w.final()
}

// move lets a session do something.
func (w *model) move(s *modelSession) error {
	switch {
	case s.waiting != nil:
		return nil
	case s.tx == nil:
		w.begin(s)
		return nil
	case len(s.tx.ops) > 0 && w.r.IntN(4) == 0:
		return w.end(s, w.r.IntN(5) > 0)
	}
	op := &modelOp{kind: []string{"read", "read", "insert", "insert", "update", "delete", "lock"}[w.r.IntN(7)], table: w.r.IntN(len(w.tables)), arg: w.r.Int64N(3)}
	if op.kind == "lock" && w.r.IntN(3) > 0 {
		op.kind = "update"
	}
	if op.kind == "insert" {
		op.arg++
	}
	return w.step(s, op)
}

func (w *model) begin(s *modelSession) {
	tx := w.m.Begin(time.Time{})
	tx.Serializable = w.serializable
	n := len(w.tables)
	s.tx = &modelTx{
		tx: tx, id: int(tx.ID), state: "running", inserted: make([]modelRows, n), deleted: make([]map[int64]bool, n), locks: make([]Mode, n),
		reads: map[int]bool{}, writes: map[int]bool{},
	}
	for i := range n {
		s.tx.inserted[i], s.tx.deleted[i] = modelRows{}, map[int64]bool{}
	}
	w.history = append(w.history, s.tx)
	fmt.Fprintf(&w.log, "s%d begin %d\n", s.n, tx.ID)
}

// modeOf is the lock that a statement takes.
func (w *model) modeOf(kind string) Mode {
	switch {
	case kind == "read":
		return AccessShare
	case kind == "lock":
		return AccessExclusive
	case kind == "insert" && !w.serializable:
		return Share
	}
	return ShareRowExclusive
}

// step takes the statement's lock. The model says who holds what, and so who waits.
func (w *model) step(s *modelSession, op *modelOp) error {
	mode := w.modeOf(op.kind)
	fmt.Fprintf(&w.log, "s%d %s t%d %d", s.n, op.kind, op.table, op.arg)
	w.plant(s, "lock "+op.kind)
	s.mode = mode
	done := make(chan error, 1)
	go func() { done <- s.tx.tx.Lock(context.Background(), w.tables[op.table].ID, mode) }()
	s.waiting, s.done = op, done
	for { // until it is granted, refused or in the queue
		select {
		case err := <-done:
			done <- err
			return w.resume(s)
		default:
		}
		w.m.mu.Lock()
		waits := s.tx.tx.waits != nil
		w.m.mu.Unlock()
		if waits {
			break
		}
		time.Sleep(0)
	}
	fmt.Fprintf(&w.log, ": waits\n")
	if mode == AccessShare && !w.exclusive(op.table) {
		return fmt.Errorf("a reader waits, and nobody has or wants AccessExclusive")
	}
	for _, o := range w.sessions {
		if o != s && o.tx != nil && (conflicts(o.tx.locks[op.table], mode) && o.tx.locks[op.table] > 0 || o.waiting != nil && o.waiting.table == op.table) {
			return nil
		}
	}
	return fmt.Errorf("it waits for nobody")
}

// exclusive says whether a session holds or wants a table alone.
func (w *model) exclusive(table int) bool {
	for _, s := range w.sessions {
		if s.tx != nil && (s.tx.locks[table] == AccessExclusive || s.waiting != nil && s.waiting.table == table && s.mode == AccessExclusive) {
			return true
		}
	}
	return false
}

// settle lets those go on who were granted their locks.
func (w *model) settle() error {
	for again := true; again; {
		again = false
		for _, s := range w.sessions {
			if s.waiting == nil {
				continue
			}
			w.m.mu.Lock()
			waits := s.tx.tx.waits != nil
			w.m.mu.Unlock()
			if !waits {
				fmt.Fprintf(&w.log, "s%d goes on", s.n)
				if err := w.resume(s); err != nil {
					return err
				}
				again = true
			}
		}
	}
	return nil
}

// resume is the statement with its lock, or without.
func (w *model) resume(s *modelSession) error {
	op := s.waiting
	err := <-s.done
	s.waiting = nil
	if err != nil {
		fmt.Fprintf(&w.log, ": %v\n", err)
		if state(err) != sqlstate.DeadlockDetected {
			return fmt.Errorf("lock: %w", err)
		}
		return w.end(s, false)
	}
	t := s.tx
	for _, o := range w.sessions {
		if o != s && o.tx != nil && o.tx.locks[op.table] > 0 && conflicts(o.tx.locks[op.table], s.mode) {
			return fmt.Errorf("s%d and s%d hold t%d in modes that conflict", s.n, o.n, op.table)
		}
	}
	t.locks[op.table] = max(t.locks[op.table], s.mode)
	err = w.statement(s, op)
	w.plant(s, "after "+op.kind)
	want := w.expect(t, op)
	got := state(err)
	fmt.Fprintf(&w.log, ": %v saw %v\n", err, op.saw)
	switch {
	case err != nil && got != sqlstate.Internal:
		return err
	case (err != nil) != (want != ""):
		return fmt.Errorf("%s t%d of s%d: error %v, the model says %q", op.kind, op.table, s.n, err, want)
	case err != nil:
		return w.end(s, false)
	}
	if op.kind == "read" {
		if want := values(t.sees(op.table)); !slices.Equal(op.saw, want) {
			return fmt.Errorf("read t%d of s%d: %v, the model says %v", op.table, s.n, op.saw, want)
		}
	}
	t.ops = append(t.ops, *op)
	return nil
}

// statement runs a statement on the engine.
func (w *model) statement(s *modelSession, op *modelOp) error {
	tx, tab := s.tx.tx, w.tables[op.table]
	tx.Refresh()
	if op.kind == "lock" {
		return nil
	}
	w.plant(s, "statement "+op.kind)
	if op.kind == "read" {
		v, err := tx.View(tab)
		if err != nil {
			return err
		}
		tx.Keep()
		if err := tx.Read(tab.ID); err != nil {
			return err
		}
		op.saw, _ = scan(v)
		slices.Sort(op.saw)
		return nil
	}
	v, err := tx.Target(tab)
	if err != nil {
		return err
	}
	tx.Keep()
	if op.kind != "insert" {
		if err := tx.Read(tab.ID); err != nil {
			return err
		}
	}
	if err := tx.Write(tab.ID); err != nil {
		return err
	}
	writer := v.NewWriter()
	var fresh []int64
	if op.kind == "insert" {
		for i := range op.arg {
			fresh = append(fresh, int64(s.tx.id*100+len(s.tx.ops)*10)+i)
		}
	} else {
		vals, ids := scan(v)
		var dead []int64
		for i, x := range vals {
			if x%3 == op.arg {
				dead = append(dead, ids[i])
				if op.kind == "update" {
					fresh = append(fresh, x+1000)
				}
			}
		}
		writer.Delete(0, dead)
	}
	if len(fresh) > 0 {
		if err := writer.Append(0, &vector.Batch{Columns: []*vector.Vector{{Type: types.TInt8, Len: len(fresh), Int64s: fresh}}, Len: len(fresh)}); err != nil {
			return err
		}
	}
	d, err := writer.Close()
	if errors.Is(err, storage.ErrConflict) {
		return tx.SameRow(tab.ID)
	}
	if err != nil {
		return err
	}
	return tx.Apply(tab, d)
}

// scan reads the values and row ids of a view.
func scan(v storage.View) (vals, ids []int64) {
	s := v.Scan(0, &storage.ScanSpec{Columns: []int{0}, RowIDs: true})
	var b vector.Batch
	for {
		if ok, err := s.Next(&b); !ok || err != nil {
			return vals, ids
		}
		for i := range b.Rows() {
			if b.Sel != nil {
				i = int(b.Sel[i])
			}
			vals, ids = append(vals, b.Columns[0].Get(i).Int), append(ids, b.Columns[1].Get(i).Int)
		}
	}
}

// expect runs the statement on the model; "" = it succeeds.
func (w *model) expect(t *modelTx, op *modelOp) string {
	if op.kind == "lock" {
		return ""
	}
	if t.snapshot == nil {
		t.at = w.commits
		for _, rows := range w.committed {
			t.snapshot = append(t.snapshot, maps.Clone(rows))
		}
	}
	if op.kind != "insert" {
		t.reads[op.table] = true
	}
	if op.kind != "read" {
		t.writes[op.table] = true
	}
	if w.serializable && w.cyclic(t) {
		return "a cycle"
	}
	switch op.kind {
	case "insert":
		for i := range op.arg {
			w.nextRow++
			t.inserted[op.table][w.nextRow] = int64(t.id*100+len(t.ops)*10) + i
		}
		return ""
	case "read":
		return ""
	}
	var made []int64
	for id, v := range t.sees(op.table) {
		if v%3 != op.arg {
			continue
		}
		if _, own := t.inserted[op.table][id]; own {
			delete(t.inserted[op.table], id)
		} else {
			if _, there := w.committed[op.table][id]; !there {
				return "a row that another changed"
			}
			t.deleted[op.table][id] = true
		}
		if op.kind == "update" {
			made = append(made, v+1000)
		}
	}
	for _, v := range made {
		w.nextRow++
		t.inserted[op.table][w.nextRow] = v
	}
	return ""
}

// sees is what a transaction sees of a table.
func (t *modelTx) sees(table int) modelRows {
	out := maps.Clone(t.snapshot[table])
	for id := range t.deleted[table] {
		delete(out, id)
	}
	maps.Copy(out, t.inserted[table])
	return out
}

func values(rows modelRows) []int64 {
	out := make([]int64, 0, len(rows))
	for _, v := range rows {
		out = append(out, v)
	}
	slices.Sort(out)
	return out
}

// cyclic says whether t comes before itself: the whole history, no matter who has ended.
func (w *model) cyclic(t *modelTx) bool {
	before := func(a, b *modelTx) bool {
		if a.state == "aborted" || b.state == "aborted" || a == b {
			return false
		}
		for table := range a.reads {
			if b.writes[table] && (b.state == "running" || b.commit > a.at) {
				return true
			}
		}
		for table := range a.writes {
			if b.reads[table] && a.state == "committed" && a.commit <= b.at {
				return true
			}
		}
		return false
	}
	seen := map[*modelTx]bool{}
	var walk func(x *modelTx) bool
	walk = func(x *modelTx) bool {
		for _, y := range w.history {
			if !before(x, y) {
				continue
			}
			if y == t {
				return true
			}
			if !seen[y] {
				seen[y] = true
				if walk(y) {
					return true
				}
			}
		}
		return false
	}
	return walk(t)
}

// end commits or rolls back.
func (w *model) end(s *modelSession, commit bool) error {
	t := s.tx
	s.tx = nil
	if !commit {
		fmt.Fprintf(&w.log, "s%d rollback\n", s.n)
		t.state = "aborted"
		t.tx.Rollback()
		return nil
	}
	fmt.Fprintf(&w.log, "s%d commit\n", s.n)
	s.tx = t
	w.plant(s, "commit")
	s.tx = nil
	if err := t.tx.Commit(); err != nil {
		return fmt.Errorf("commit of s%d: %w", s.n, err)
	}
	w.plant(s, "committed")
	t.state = "committed"
	if len(t.writes) > 0 {
		w.commits++
	}
	t.commit = w.commits
	for i := range w.committed {
		for id := range t.deleted[i] {
			delete(w.committed[i], id)
		}
		maps.Copy(w.committed[i], t.inserted[i])
	}
	return w.check()
}

// check holds what is committed against the model.
func (w *model) check() error {
	tx := w.m.Begin(time.Time{})
	defer tx.Rollback()
	for i, tab := range w.tables {
		v, err := tx.View(tab)
		if err != nil {
			return err
		}
		got, _ := scan(v)
		slices.Sort(got)
		if want := values(w.committed[i]); !slices.Equal(got, want) {
			return fmt.Errorf("t%d has %v, the model %v", i, got, want)
		}
		if n := v.Rows(); n != int64(len(got)) {
			return fmt.Errorf("t%d says %d rows, it has %d", i, n, len(got))
		}
	}
	return nil
}

// final is the end of a schedule: no lock and no node is left, and under SERIALIZABLE a serial order gives what every transaction saw and what is there.
func (w *model) final() error {
	if n := len(w.m.Locks()); n != 0 || w.m.exclusive.Load() != 0 {
		return fmt.Errorf("%d locks are left", n)
	}
	if n := len(w.m.graph.nodes); n != 0 {
		return fmt.Errorf("%d nodes are left", n)
	}
	if !w.serializable {
		return nil
	}
	var done []*modelTx
	for _, t := range w.history {
		if t.state == "committed" && len(t.ops) > 0 {
			done = append(done, t)
		}
	}
	if len(done) > 6 { // too many orders
		return nil
	}
	start := make([][]int64, len(w.tables))
	for i := range start {
		start[i] = values(w.began[i])
	}
	if !w.serial(done, start) {
		return fmt.Errorf("no serial order of the %d that committed gives what they saw", len(done))
	}
	return nil
}

// serial looks for an order in which the rest gives what it saw, and the state that is there.
func (w *model) serial(rest []*modelTx, now [][]int64) bool {
	if len(rest) == 0 {
		for i := range now {
			got := slices.Clone(now[i])
			slices.Sort(got)
			if !slices.Equal(got, values(w.committed[i])) {
				return false
			}
		}
		return true
	}
	for i, t := range rest {
		next := slices.Clone(now)
		if t.replay(next) && w.serial(slices.Delete(slices.Clone(rest), i, i+1), next) {
			return true
		}
	}
	return false
}

// replay runs the transaction alone; false = it saw something else.
func (t *modelTx) replay(now [][]int64) bool {
	for n, op := range t.ops {
		rows := now[op.table]
		switch op.kind {
		case "read":
			got := slices.Clone(rows)
			slices.Sort(got)
			if !slices.Equal(got, op.saw) {
				return false
			}
		case "insert":
			rows = slices.Clone(rows)
			for i := range op.arg {
				rows = append(rows, int64(t.id*100+n*10)+i)
			}
		case "update", "delete":
			var kept []int64
			for _, v := range rows {
				switch {
				case v%3 != op.arg:
					kept = append(kept, v)
				case op.kind == "update":
					kept = append(kept, v+1000)
				}
			}
			rows = kept
		}
		now[op.table] = rows
	}
	return true
}

func (w *model) plant(s *modelSession, at string) {
	if w.bug != nil {
		w.bug(w, s, at)
	}
}

// schedule runs one and describes what went wrong.
func schedule(seed uint64, bug func(*model, *modelSession, string)) (err error) {
	w := newModel(seed, seed%2 == 1)
	w.bug = bug
	defer func() {
		if p := recover(); p != nil {
			err = fmt.Errorf("panic: %v", p)
		}
		if err != nil {
			err = fmt.Errorf("seed %d: %w\n%s", seed, err, w.log.String())
		}
	}()
	return w.run()
}

// TestModel runs random schedules under both levels: 2,000 of them, or as many as -schedules or -model (a time) ask for.
func TestModel(t *testing.T) {
	first, n := uint64(0), 2000
	if *modelTime > 0 || *schedules > 0 {
		first, n = rand.Uint64()>>1, *schedules
		t.Logf("first seed %d", first)
	}
	start := time.Now()
	for i := uint64(0); i < uint64(n) || *modelTime > 0 && time.Since(start) < *modelTime; i++ {
		if err := schedule(first+i, nil); err != nil {
			t.Fatal(err)
		}
	}
}

// TestModelFinds: the model finds bugs that are planted in the engine. Each breaks one rule of the package's comment.
func TestModelFinds(t *testing.T) {
	for name, bug := range map[string]func(*model, *modelSession, string){
		"a snapshot that moves": func(_ *model, s *modelSession, at string) {
			if strings.HasPrefix(at, "lock ") {
				s.tx.tx.kept = false
			}
		},
		"rows of one who inserts beside are not laid on the newest version": func(_ *model, s *modelSession, at string) {
			if at == "after insert" {
				for i := range s.tx.tx.tables {
					s.tx.tx.tables[i].shared = false
				}
			}
		},
		"a lock that is not taken": func(w *model, s *modelSession, at string) {
			if at == "after update" {
				s.tx.tx.release()
			}
		},
		"a row that another changed is changed again": func(_ *model, s *modelSession, at string) {
			if at == "statement update" && s.tx.tx.snapshot != nil && len(s.tx.tx.tables) == 0 {
				s.tx.tx.snapshot = s.tx.tx.m.root.Load()
			}
		},
		"who has committed is forgotten": func(w *model, _ *modelSession, at string) {
			if at == "committed" {
				w.m.graph.nodes = slices.DeleteFunc(w.m.graph.nodes, func(n *node) bool { return n.commit > 0 })
			}
		},
		"reads are not noted": func(_ *model, s *modelSession, at string) {
			if at == "after read" && s.tx.tx.node != nil {
				s.tx.tx.node.reads = nil
			}
		},
		"a rollback that commits": func(_ *model, s *modelSession, at string) {
			if at == "after delete" {
				_ = s.tx.tx.Commit()
			}
		},
	} {
		t.Run(strings.ReplaceAll(name, " ", "-"), func(t *testing.T) {
			for seed := range uint64(4000) {
				if schedule(seed, bug) != nil {
					return
				}
			}
			t.Error("it is not found in 4,000 schedules")
		})
	}
}
