package storage

import (
	"testing"

	"github.com/redshiftsim/redshiftsim/internal/types"
	"github.com/redshiftsim/redshiftsim/internal/vector"
)

// TestBlocksOfParts reads two slices with two scanners that change places, as the tasks of a query do: whoever was given a slice's zone 0 counts
// the slice's blocks, once, and a scanner that came to a slice and found nothing left counts none.
func TestBlocksOfParts(t *testing.T) {
	def := &Definition{ID: 100000, Columns: []Column{{Name: "a", Type: types.TInt4}}, Dist: Distribution{Column: -1}, BlockBytes: 65536}
	topo := Topology{Nodes: 1, SlicesPerNode: 2}
	vals := make([]int64, 40*vector.Size)
	for i := range vals {
		vals[i] = int64(i) * 0x9E3779B9
	}
	w := ViewOf(NewVersion(def, topo)).NewWriter()
	for slice := range 2 {
		for at := 0; at < len(vals); at += vector.Size {
			if err := w.Append(slice, intBatch(def.Columns[0].Type, vals[at:at+vector.Size])); err != nil {
				t.Fatal(err)
			}
		}
	}
	d, err := w.Close()
	if err != nil {
		t.Fatal(err)
	}
	v, err := NewVersion(def, topo).Apply(d)
	if err != nil {
		t.Fatal(err)
	}
	want := map[int]int64{}
	v.Blocks(func(b BlockInfo) {
		if !b.Hidden {
			want[b.Slice]++
		}
	})
	if want[0] < 2 || want[1] != want[0] {
		t.Fatalf("blocks of the slices: %v", want)
	}
	view := ViewOf(v)
	scanner := func(slice int, r ZoneRange) *Scanner {
		return view.Scan(slice, &ScanSpec{Columns: []int{0}, Zones: &r})
	}
	a, b := scanner(0, ZoneRange{0, 8}), scanner(0, ZoneRange{8, 16})
	a.Move(ZoneRange{16, 40})
	read := func(when string, wantA, wantB int64) {
		t.Helper()
		if a, b := a.Counters().BlocksRead, b.Counters().BlocksRead; a != wantA || b != wantB {
			t.Errorf("%s: the scanners count %d and %d blocks, want %d and %d", when, a, b, wantA, wantB)
		}
	}
	read("slice 0", want[0], 0)
	a.Close()
	b.Close()
	a.Turn(view, 1)
	b.Turn(view, 1)
	b.Move(ZoneRange{0, 8})
	a.Move(ZoneRange{8, 40})
	read("slice 1", 0, want[1])
	a.Close()
	a.Turn(view, 0)
	read("slice 0 again, of which nothing is left", 0, want[1])
}
