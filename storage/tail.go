package storage

import (
	"sync/atomic"

	"github.com/redshiftsim/redshiftsim/internal/vector"
)

// tailStart is the capacity of a new tail.
const tailStart = 16

// tail is the open zone of a shard: plain lanes, appended in place by who owns its end.
//
//	rows     0 .......... n ........ used ........ cap
//	         visible to a   claimed by a writer      free
//	         version of n   (or lost by one)
//
// Ownership: a writer whose shard sees n rows claims n..n+k by CompareAndSwap(n, n+k) on used. When that fails, someone else (a clone of the
// cluster, or a transaction that was rolled back) owns what follows, and the writer copies the rows below n into a tail of its own. So rows below a
// version's n never change, and rows above it are nobody's to read.
type tail struct {
	used  atomic.Int64
	size  int // capacity in rows
	lanes []lane
}

// claim gives a tail in which the caller owns rows n..n+k: t itself, or a copy with room for at least n+k rows, at most limit.
func (t *tail) claim(def *Definition, n, k, limit int) *tail {
	if t != nil && n+k <= t.size && t.used.CompareAndSwap(int64(n), int64(n+k)) {
		return t
	}
	size := tailStart
	for size < n+k {
		size *= 2
	}
	c := &tail{size: min(size, limit), lanes: make([]lane, len(def.Columns))}
	for i := range c.lanes {
		if t == nil || n == 0 {
			c.lanes[i] = newLane(def.Columns[i].Type, c.size)
		} else {
			c.lanes[i] = t.lanes[i].grown(def.Columns[i].Type, n, c.size)
		}
	}
	c.used.Store(int64(n + k))
	return c
}

// put writes the live rows of a batch to rows at.., which the caller owns, and returns the columns (by bit) that got a NULL,
// and the bytes of the texts.
func (t *tail) put(at int, b *vector.Batch) (nulls nullMask, texts int) {
	n := b.Rows()
	for i := range t.lanes {
		if t.lanes[i].put(at, b.Columns[i], b.Sel) {
			nulls = nulls.with(i)
		}
		if l := t.lanes[i].texts; l != nil { // what they were cut from can go
			copyTexts(l[at:at+n], l[at:at+n])
			texts += t.lanes[i].textBytes(at, n)
		}
	}
	return nulls, texts
}

// actual is what the tail holds in memory, without the bytes of its texts.
func (t *tail) actual() int64 {
	n := int64(0)
	for i := range t.lanes {
		n += t.lanes[i].actual()
	}
	return n
}

// nullMask says which columns of a tail may hold NULLs, a bit a column; columns from 63 on share the last bit.
type nullMask uint64

func (m nullMask) with(column int) nullMask { return m | 1<<min(uint(column), 63) }
func (m nullMask) has(column int) bool      { return m>>min(uint(column), 63)&1 != 0 }
