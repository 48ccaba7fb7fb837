package engine

import (
	"container/list"
	"strings"
	"sync"
	"weak"

	"github.com/redshiftsim/redshiftsim/internal/types"
	"github.com/redshiftsim/redshiftsim/internal/vector"
	"github.com/redshiftsim/redshiftsim/storage"
)

// Results of queries are kept on the leader, so that a query that comes again is not run.
//
//	plan + values of its parameters  ->  keptResult {versions of the tables read, batches, number of the query that made them}
//
// A result serves while the plan is the one that it came from (which says that text, names, views and settings mean the same) and every table read has the
// same version. Queries with functions that may answer otherwise next time, of system tables, and in transactions that changed their tables are run.
// https://docs.aws.amazon.com/redshift/latest/dg/c_challenges_achieving_high_performance_queries.html#result-caching
const (
	resultCacheBytes = 8 << 20
	maxResultBytes   = 256 << 10 // of one result
)

// resultKey names a result.
type resultKey struct {
	plan   *planEntry
	values string
}

// keptResult is a whole result. It is immutable.
type keptResult struct {
	key      resultKey
	versions []weak.Pointer[storage.Version]
	batches  []*vector.Batch
	bytes    int64
	query    int64
	number   int64 // of the query in the SYS views
}

// resultCache keeps the results that were used last.
type resultCache struct {
	mu    sync.Mutex
	byKey map[resultKey]*list.Element
	used  list.List // of *keptResult, newest first
	bytes int64
}

// get finds a result that was made of these versions.
func (c *resultCache) get(k resultKey, versions []weak.Pointer[storage.Version]) *keptResult {
	c.mu.Lock()
	defer c.mu.Unlock()
	e := c.byKey[k]
	if e == nil {
		return nil
	}
	r := e.Value.(*keptResult)
	for i := range versions {
		if r.versions[i] != versions[i] {
			c.drop(e)
			return nil
		}
	}
	c.used.MoveToFront(e)
	return r
}

// put keeps a result.
func (c *resultCache) put(r *keptResult) {
	c.mu.Lock()
	defer c.mu.Unlock()
	if c.byKey == nil {
		c.byKey = map[resultKey]*list.Element{}
	}
	if old := c.byKey[r.key]; old != nil {
		c.drop(old)
	}
	c.byKey[r.key] = c.used.PushFront(r)
	c.bytes += r.bytes
	for c.bytes > resultCacheBytes {
		c.drop(c.used.Back())
	}
}

func (c *resultCache) drop(e *list.Element) {
	r := c.used.Remove(e).(*keptResult)
	delete(c.byKey, r.key)
	c.bytes -= r.bytes
}

// cacheable says whether the result of a plan may be kept, and under what; versions are those of the tables that it reads.
func (s *Session) cacheable(e *planEntry, values []types.Datum, views []storage.View) (k resultKey, versions []weak.Pointer[storage.Version], ok bool) {
	if s.uncached || !e.kept || e.bound.Writes != nil || e.bound.Volatile || e.bound.Uncached || !e.bound.UsesTables || len(e.bound.Virtual) > 0 || len(e.bound.External) > 0 || len(views) == 0 {
		return k, nil, false
	}
	versions = make([]weak.Pointer[storage.Version], len(views))
	for i := range views {
		if views[i].Own() != nil {
			return k, nil, false
		}
		versions[i] = weak.Make(views[i].Version())
	}
	var room [64]byte
	b := room[:0]
	for i := range values {
		if values[i].Null {
			b = append(b, 0)
			continue
		}
		b = append(types.AppendText(append(b, 1), &values[i], s.zone), 0)
	}
	return resultKey{e, string(b)}, versions, true
}

// keeper collects a result while its rows are read.
type keeper struct {
	cache  *resultCache
	result keptResult
	none   bool // it is too large, or a batch was lost

	// Room of a result of one batch of few columns.
	batch   vector.Batch
	columns [2]*vector.Vector
	vectors [2]vector.Vector
	list    [1]*vector.Batch
}

// room is what batch b is copied to.
func (k *keeper) room(b *vector.Batch) *vector.Batch {
	n := len(b.Columns)
	if len(k.result.batches) == 0 && n <= len(k.columns) {
		k.batch.Columns, k.result.batches = k.columns[:n:n], k.list[:0]
		for i := range k.batch.Columns {
			k.columns[i] = &k.vectors[i]
		}
		return &k.batch
	}
	c := &vector.Batch{Columns: make([]*vector.Vector, n)}
	own := make([]vector.Vector, n)
	for i := range own {
		c.Columns[i] = &own[i]
	}
	return c
}

// add copies a batch.
func (k *keeper) add(b *vector.Batch) {
	if k.none {
		return
	}
	n := b.Rows()
	c := k.room(b)
	c.Len = n
	k.result.bytes += 64
	for i, v := range b.Columns {
		out := c.Columns[i]
		out.Type = v.Type
		out.Exact(n)
		v.Gather(b.Sel, out)
		k.result.bytes += 64
		switch v.Type.Lane() {
		case types.LaneBool:
			k.result.bytes += int64(n)
		case types.LaneWide:
			k.result.bytes += 16 * int64(n)
		case types.LaneText:
			k.result.bytes += 16*int64(n) + detach(out.Texts)
		default:
			k.result.bytes += 8 * int64(n)
		}
		if k.result.bytes > maxResultBytes {
			k.none, k.result.batches = true, nil
			return
		}
	}
	k.result.batches = append(k.result.batches, c)
}

// detach copies texts out of what they are parts of, blocks and dictionaries, which would stay with them. They share one allocation.
func detach(texts []string) int64 {
	n := 0
	for _, s := range texts {
		n += len(s)
	}
	if n > maxResultBytes { // it is not kept
		return int64(n)
	}
	var b strings.Builder
	b.Grow(n)
	for _, s := range texts {
		b.WriteString(s)
	}
	all := b.String()
	for i, s := range texts {
		texts[i], all = all[:len(s)], all[len(s):]
	}
	return int64(n)
}

// end keeps the result, which is whole; number is that of the query in the SYS views.
func (k *keeper) end(number int64) {
	if !k.none {
		k.result.number = number
		k.result.bytes += 1024 + int64(len(k.result.key.values))
		k.cache.put(&k.result)
	}
}
