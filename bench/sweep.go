package bench

import (
	"runtime"
	"runtime/metrics"
)

// sweeper collects the garbage of one target before the next one is timed. Targets of one process share a heap: who runs behind one that leaves much of it
// would pay for the collection, as select-prepared did behind a peer whose selects allocate megabytes.
type sweeper struct {
	sample [1]metrics.Sample
	seen   uint64 // bytes that had been allocated at the last collection
}

// sweepBytes is how much must have been allocated for a collection to be worth its time.
const sweepBytes = 256 << 10

// sweep collects, when there is something to collect, and says whether there was.
func (s *sweeper) sweep() bool {
	s.sample[0].Name = "/gc/heap/allocs:bytes"
	metrics.Read(s.sample[:])
	n := s.sample[0].Value.Uint64()
	if n-s.seen <= sweepBytes {
		return false
	}
	s.seen = n
	runtime.GC()
	return true
}
