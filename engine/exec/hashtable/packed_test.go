package hashtable

import (
	"fmt"
	"math"
	"math/rand/v2"
	"testing"

	"github.com/redshiftsim/redshiftsim/internal/types"
	"github.com/redshiftsim/redshiftsim/internal/vector"
)

// Keys of several integers are one word when a table's rows leave room for it, and are found, or not, as any others: values beyond the table's on either side,
// NULLs, and integers so far apart that no word holds them.
func TestPackedKeys(t *testing.T) {
	spreads := []int64{1, 5, 1000, 1 << 31, 1 << 61}
	packs := 0
	for seed := range uint64(300) {
		r := rand.New(rand.NewPCG(seed, 7))
		columns := 2 + r.IntN(3)
		ts, keys := make([]types.Type, columns), make([]int, columns)
		lo, spread := make([]int64, columns), make([]int64, columns)
		for i := range ts {
			ts[i], keys[i] = types.TInt8, i
			spread[i] = spreads[r.IntN(len(spreads))]
			lo[i] = []int64{0, -3, math.MinInt64, math.MaxInt64 - spread[i] + 1, 1 << 40}[r.IntN(5)]
		}
		fill := func(b *vector.Batch, n int, wild, nulls bool) (names []string) {
			b.Len, b.Columns = n, make([]*vector.Vector, columns)
			names = make([]string, n)
			for i := range ts {
				v := &vector.Vector{Type: ts[i]}
				v.Reset(n)
				for k := range n {
					x := lo[i] + r.Int64N(min(spread[i], 40))*max(1, spread[i]/40)
					if wild && r.IntN(4) == 0 {
						x = []int64{lo[i] - 1, lo[i] + spread[i], math.MinInt64, math.MaxInt64}[r.IntN(4)]
					}
					v.Int64s[k] = x
					if nulls && r.IntN(8) == 0 {
						v.SetNull(k)
						names[k] = "NULL"
					}
					if names[k] != "NULL" {
						names[k] += fmt.Sprint(x, " ")
					}
				}
				b.Columns[i] = v
			}
			return names
		}
		var rows vector.Batch
		table := NewTable(ts, keys)
		want := map[string]int{}
		for _, name := range fill(&rows, 1+r.IntN(vector.Size), false, r.IntN(4) == 0) {
			if name != "NULL" {
				want[name]++
			}
		}
		table.Append(&rows)
		table.Seal()
		if table.groups.kind == packedWords {
			packs++
		}
		var b vector.Batch
		names := fill(&b, 1+r.IntN(vector.Size), true, r.IntN(2) == 0)
		p := table.NewProbe()
		p.Start(b.Columns, nil, b.Len, false)
		got := make([]int, b.Len)
		at, build := make([]uint16, vector.Size), make([]uint32, vector.Size)
		for k := p.Next(at, build); k > 0; k = p.Next(at, build) {
			for i, row := range at[:k] {
				got[row]++
				for c := range ts {
					if x, y := vector.At(table.Columns[c].Int64s, int(build[i])), b.Columns[c].Int64s[row]; x != y {
						t.Fatalf("seed %d: row %d (%s) met %d in column %d", seed, row, names[row], x, c)
					}
				}
			}
		}
		for row, name := range names {
			n := want[name]
			if name == "NULL" {
				n = 0
			}
			if got[row] != n {
				t.Fatalf("seed %d: row %d (%s) met %d rows, not %d", seed, row, name, got[row], n)
			}
		}
	}
	if packs < 30 || packs > 270 {
		t.Errorf("%d of 300 tables had packed keys", packs)
	}
}
