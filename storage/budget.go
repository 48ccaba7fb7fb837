package storage

import (
	"sync/atomic"

	"github.com/redshiftsim/redshiftsim/internal/sqlstate"
)

// Budget bounds the bytes that a cluster holds: those of its committed data, and grants to statements that run and transactions that have changed
// something. A nil Budget bounds nothing.
//
//	limit >= data + granted
type Budget struct {
	limit         int64
	data, granted atomic.Int64
}

// GrantBytes is the size of a grant: statements ask for whole ones.
const GrantBytes = 256 << 10

// NewBudget makes a budget of limit bytes; 0 = nil, no limit.
func NewBudget(limit int64) *Budget {
	if limit <= 0 {
		return nil
	}
	return &Budget{limit: limit}
}

// Grant takes n bytes, rounded up to whole grants, and says how many these are. It fails with 53200 when they would pass the limit.
func (b *Budget) Grant(n int64) (int64, error) {
	if b == nil || n <= 0 {
		return 0, nil
	}
	n = (n + GrantBytes - 1) / GrantBytes * GrantBytes
	data := b.data.Load()
	if held := data + b.granted.Add(n); held > b.limit {
		b.granted.Add(-n)
		return 0, sqlstate.OutOfMemory.Errorf("out of memory").
			WithDetail("Failed on request of size %d: the cluster holds %d bytes of data and %d for statements, of %d (memory_limit).", n, data, held-data-n, b.limit)
	}
	return n, nil
}

// Return gives a grant back.
func (b *Budget) Return(n int64) {
	if b != nil && n != 0 {
		b.granted.Add(-n)
	}
}

// Resize says that the committed data have grown by n bytes; below 0 they have shrunk.
func (b *Budget) Resize(n int64) {
	if b != nil {
		b.data.Add(n)
	}
}

// Held is the limit, and what is held by data and by grants; all 0 without a limit.
func (b *Budget) Held() (limit, data, granted int64) {
	if b == nil {
		return 0, 0, 0
	}
	return b.limit, b.data.Load(), b.granted.Load()
}
