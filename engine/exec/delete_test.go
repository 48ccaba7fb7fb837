package exec

import (
	"math/rand/v2"
	"testing"
)

// TestMarks: a set of row ids tells what is new, from the first few over the change to pages.
func TestMarks(t *testing.T) {
	r := rand.New(rand.NewPCG(1, 2))
	for range 200 {
		var m marks
		want, grown := map[int64]bool{}, int64(0)
		for range 1 + r.IntN(40) {
			id := int64(r.IntN(20))
			if r.IntN(2) == 0 {
				id += markPage * int64(r.IntN(5))
			}
			fresh, g := m.set(id)
			if grown += g; fresh == want[id] {
				t.Fatalf("%d is new: %v, among %v", id, fresh, want)
			}
			want[id] = true
		}
		if len(want) > fewMarks != (grown > 0) {
			t.Fatalf("%d ids take %d bytes of pages", len(want), grown)
		}
	}
}
