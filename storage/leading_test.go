package storage

import (
	"cmp"
	"math/rand"
	"testing"

	"github.com/redshiftsim/redshiftsim/internal/types"
)

// TestLeading: numbers that differ order texts as CompareText does, of which trailing blanks are no part.
func TestLeading(t *testing.T) {
	r := rand.New(rand.NewSource(1))
	text := func() string {
		b := make([]byte, r.Intn(12))
		for i := range b {
			b[i] = "\x00\x01 a\xff"[r.Intn(5)]
		}
		return string(b)
	}
	for range 100000 {
		a, b := text(), text()
		if k := cmp.Compare(leading(a), leading(b)); k != 0 && k != types.CompareText(a, b) {
			t.Fatalf("%q, %q: %d, CompareText %d", a, b, k, types.CompareText(a, b))
		}
	}
}
