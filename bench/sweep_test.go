package bench

import (
	"runtime"
	"testing"
)

var garbage [][]byte

// TestSweep: the garbage of others is collected, and nothing is done where there is none.
func TestSweep(t *testing.T) {
	collections := func() uint32 {
		var m runtime.MemStats
		runtime.ReadMemStats(&m)
		return m.NumForcedGC
	}
	var s sweeper
	s.sweep()
	before := collections()
	s.sweep()
	if n := collections() - before; n != 0 {
		t.Errorf("%d collections of nothing", n)
	}
	for range 4 {
		garbage = append(garbage, make([]byte, sweepBytes))
	}
	garbage = nil
	s.sweep()
	if n := collections() - before; n != 1 {
		t.Errorf("%d collections", n)
	}
}
