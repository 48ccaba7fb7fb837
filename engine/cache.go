package engine

import (
	"container/list"
	"sync"
	"sync/atomic"

	"github.com/redshiftsim/redshiftsim/engine/bind"
	"github.com/redshiftsim/redshiftsim/engine/catalog"
	"github.com/redshiftsim/redshiftsim/engine/exec"
	"github.com/redshiftsim/redshiftsim/engine/optimize"
	"github.com/redshiftsim/redshiftsim/engine/plan"
	"github.com/redshiftsim/redshiftsim/engine/system"
)

// planned statements are kept by text: who sends a text again, or runs a prepared statement, finds its program ready.
//
//	text + context  ->  planEntry {program, looked: names and what they were, tables: statistics and size when it was planned}
//
// An entry serves as long as each name still means the same object, nothing about privileges has changed (superusers without views do not care), and no table read has other statistics or grew to another power of two.

// planKey is what an entry is found by: the text, and what else of the session decides what it means (search path, time zone). Parameters' types follow
// from the text alone.
type planKey struct{ text, context string }

// look is a name that binding looked up, and what it was.
type look struct {
	schema, name string
	object       any
}

// sized is a table as it was when the plan was made.
type sized struct {
	table *catalog.Table
	step  int // of its rows
	stats optimize.TableStats
}

// planEntry is a planned statement. It is immutable but for sure and marked.
type planEntry struct {
	bound   *bind.Bound
	root    plan.Node
	program *exec.Program
	marks   []columnKey      // predicatesOf root
	views   []*catalog.Table // view number i is that of table i
	looked  []look
	path    []string
	guarded bool          // privileges decided: of an ordinary user, or of the owner of a view
	stamp   catalog.Stamp // of those
	sizes   []sized
	size    int64
	weight  atomic.Int64 // what system.PlanBytes says of the plan, 0 = it was not asked
	inserts bool         // an exec.Inserter runs it
	reruns  bool         // a run of it can be kept
	simple  bool         // values do not change the plan
	kept    bool         // it is in the cache of plans
	// rewritten is the materialized view that it reads and the query does not name: it serves once. nil = there is none.
	rewritten *catalog.View

	// renaming says what the tables and names of root, program and marks are here, when the plan was made for others (sharedplan.go); columns are the
	// program's then, nil = as they are.
	renaming *plan.Renaming
	columns  []exec.ResultColumn
	origins  []plan.Origin // of a query's columns, before renaming; nil = all are computed

	resting *atomic.Pointer[exec.Cursor] // a run that has ended; statements that share the plan share it

	marked atomic.Bool // its columns are marked as predicate columns

	there *catalog.Catalog // of the producer in which the transaction writes; nil = in none

	sure atomic.Pointer[catalog.Catalog] // the catalog in which looked was last found to hold
}

// result describes the columns of the plan's rows.
func (e *planEntry) result() []exec.ResultColumn {
	if e.columns != nil {
		return e.columns
	}
	return e.program.Columns
}

// bytes is what the log counts for the plan of an entry that is kept; for one that serves once the log counts itself.
func (e *planEntry) bytes() int64 {
	if !e.kept || e.root == nil {
		return 0
	}
	n := e.weight.Load()
	if n == 0 {
		n = system.PlanBytes(e.root)
		e.weight.Store(n)
	}
	return n
}

// step is the power of two of a number of rows.
func step(rows int64) int {
	n := 0
	for rows > 0 {
		rows >>= 1
		n++
	}
	return n
}

// holds says whether the names still mean the same objects in c.
func (e *planEntry) holds(c *catalog.Catalog) bool {
	if e.sure.Load() == c {
		return true
	}
	if e.guarded && e.stamp != c.Stamp() {
		return false
	}
	for i := range e.looked {
		l := &e.looked[i]
		if o, err := c.Resolve(e.path, l.schema, l.name); err != nil || o != l.object {
			return false
		}
	}
	e.sure.Store(c)
	return true
}

// restingSize is about what a run that rests holds.
const restingSize = 6 << 10

// planCacheBytes bounds the plans that a cluster keeps.
const planCacheBytes = 8 << 20

// planCache keeps the plans that were used last.
type planCache struct {
	mu     sync.Mutex
	byKey  map[planKey]*list.Element
	used   list.List // of *cached, newest first
	bytes  int64
	clears atomic.Int64
}

type cached struct {
	key   planKey
	entry *planEntry
}

// get finds a plan.
func (p *planCache) get(k planKey) *planEntry {
	p.mu.Lock()
	defer p.mu.Unlock()
	e := p.byKey[k]
	if e == nil {
		return nil
	}
	if p.used.Front() != e {
		p.used.MoveToFront(e)
	}
	return e.Value.(*cached).entry
}

// put keeps a plan; one that is too large for the cache is not kept.
func (p *planCache) put(k planKey, e *planEntry) {
	if e.size > planCacheBytes/8 {
		return
	}
	p.mu.Lock()
	defer p.mu.Unlock()
	if p.byKey == nil {
		p.byKey = map[planKey]*list.Element{}
		p.used.Init()
	}
	if old := p.byKey[k]; old != nil {
		p.drop(old)
	}
	p.byKey[k] = p.used.PushFront(&cached{k, e})
	p.bytes += e.size
	for p.bytes > planCacheBytes && p.used.Len() > 1 {
		p.drop(p.used.Back())
	}
}

// clear forgets all plans.
func (p *planCache) clear() {
	p.mu.Lock()
	defer p.mu.Unlock()
	p.byKey, p.bytes = nil, 0
	p.used.Init()
	p.clears.Add(1)
}

// keptPlan is the plan that a session asked for last: many statements of one shape follow each other.
type keptPlan struct {
	key    planKey
	entry  *planEntry
	clears int64 // of the cache when it was there
}

// keptPlan finds a plan of the cluster.
func (s *Session) keptPlan(k planKey) *planEntry {
	clears := s.c.plans.clears.Load()
	if l := &s.lastPlan; l.entry != nil && l.key == k && l.clears == clears {
		return l.entry
	}
	e := s.c.plans.get(k)
	if e != nil {
		s.lastPlan = keptPlan{k, e, clears}
	}
	return e
}

// keepPlan keeps a plan for the cluster.
func (s *Session) keepPlan(k planKey, e *planEntry) {
	s.lastPlan = keptPlan{k, e, s.c.plans.clears.Load()}
	s.c.plans.put(k, e)
}

func (p *planCache) drop(e *list.Element) {
	c := p.used.Remove(e).(*cached)
	delete(p.byKey, c.key)
	p.bytes -= c.entry.size
}

// planSize estimates what an entry keeps alive.
func planSize(text string, root plan.Node) int64 {
	n := int64(2048 + 2*len(text))
	plan.Walk(root, func(x plan.Node) bool {
		n += 1024 + 128*int64(len(x.Columns()))
		if v, ok := x.(*plan.Values); ok {
			n += 256 * int64(len(v.Rows)) * int64(max(len(v.Output), 1))
		}
		return true
	})
	return n
}
