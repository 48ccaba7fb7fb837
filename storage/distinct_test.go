package storage

import (
	"math/rand/v2"
	"testing"

	"github.com/axiomhq/hyperloglog"

	"github.com/redshiftsim/redshiftsim/internal/types"
	"github.com/redshiftsim/redshiftsim/internal/vector"
)

// TestDistinct: what does not reach the sketch would not have changed it, in whatever form the values come.
func TestDistinct(t *testing.T) {
	r := rand.New(rand.NewPCG(1, 9))
	for _, values := range []int64{1, 200, 3000, 40000, 1 << 40} {
		var d distinct
		all := hyperloglog.NewNoSparse()
		exact := map[int64]bool{}
		for batch := range 60 {
			v := vector.Vector{Type: types.TInt8, Len: vector.Size, Base: int64(batch % 3 * 7)}
			ints := make([]int64, vector.Size)
			for i := range ints {
				ints[i] = r.Int64N(values) + v.Base
			}
			switch {
			case values <= 200:
				v.Form = vector.Narrow
				for _, x := range ints {
					v.U8 = append(v.U8, uint8(x-v.Base))
				}
			case values <= 40000:
				v.Form = vector.Narrow
				for _, x := range ints {
					v.U16 = append(v.U16, uint16(x-v.Base))
				}
			default:
				v.Int64s = ints
			}
			var sel []uint16
			rows := ints
			if batch%2 == 1 {
				rows = nil
				for i := 0; i < len(ints); i += 1 + r.IntN(3) {
					sel, rows = append(sel, uint16(i)), append(rows, ints[i])
				}
			}
			d.add(&v, sel)
			for _, x := range rows {
				all.InsertHash(vector.HashInt64(x))
				exact[x] = true
			}
		}
		if got, want := d.estimate(), float64(all.Estimate()); got != want {
			t.Errorf("%d values: %v, want %v", values, got, want)
		}
		if got, n := d.estimate(), float64(len(exact)); got < 0.96*n || got > 1.04*n {
			t.Errorf("%v for %v values", got, n)
		}
	}
}
