package sortkey

import (
	"math/rand/v2"
	"testing"

	"github.com/redshiftsim/redshiftsim/internal/types"
	"github.com/redshiftsim/redshiftsim/internal/vector"
)

// A sort asks every `portion` elements that a pass looks at, however short its runs are, and once it is told to stop it asks no more.
func TestUntil(t *testing.T) {
	const n = 20 * portion
	r := rand.New(rand.NewPCG(1, 2))
	columns := make([]*vector.Vector, 2)
	for i := range columns {
		columns[i] = vector.New(types.TInt8, n)
		for k := range n {
			columns[i].Int64s[k] = int64(r.Uint64()) >> (63 - 40*i)
		}
	}
	for name, keys := range map[string][]Key{
		"one wide key":          {{Column: 1}},
		"ties and what is next": {{Column: 0}, {Column: 1}},
	} {
		asked := 0
		SortUntil(longs(columns), keys, n, func() bool { asked++; return false })
		// rows are numbered, parted, measured, packed, made entries, looked at, counted, scattered and copied: nine passes at least
		if least := 9 * n / portion; asked < least {
			t.Errorf("%s: asked %d times, want at least %d", name, asked, least)
		}
		for stop := 1; stop <= asked; stop += 1 + asked/50 {
			again := 0
			SortUntil(longs(columns), keys, n, func() bool { again++; return again == stop })
			if again != stop {
				t.Fatalf("%s: told to stop at question %d, asked %d", name, stop, again)
			}
		}
	}
}

// Buffers serve a sort of about as many rows again, and hold nothing that it must not read.
func TestRoomAgain(t *testing.T) {
	for _, n := range []int{1000, 1017, 900, 1000} {
		v := vector.New(types.TInt8, n)
		for i := range n {
			v.Int64s[i] = int64(i*7919) % int64(n)
		}
		order := SortUntil(longs([]*vector.Vector{v}), []Key{{Column: 0, Desc: true}}, n, nil)
		for i := 1; i < n; i++ {
			if v.Int64s[order[i-1]] < v.Int64s[order[i]] {
				t.Fatalf("%d rows: %d before %d", n, v.Int64s[order[i-1]], v.Int64s[order[i]])
			}
		}
	}
}
