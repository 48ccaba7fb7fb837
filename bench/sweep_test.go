package bench

import (
	"runtime"
	"testing"
)

var garbage [][]byte

// TestSweep: the garbage of others is collected, and nothing is done where there is none.
func TestSweep(t *testing.T) {
	var s sweeper
	s.sweep()
	idle := false
	for range 20 { // what another test has left running may allocate
		idle = idle || !s.sweep()
	}
	if !idle {
		t.Error("there is always something to collect")
	}
	var m runtime.MemStats
	runtime.ReadMemStats(&m)
	before := m.NumGC
	for range 4 {
		garbage = append(garbage, make([]byte, sweepBytes))
	}
	garbage = nil
	if !s.sweep() {
		t.Error("a megabyte is nothing")
	}
	if runtime.ReadMemStats(&m); m.NumGC == before {
		t.Error("nothing was collected")
	}
}
