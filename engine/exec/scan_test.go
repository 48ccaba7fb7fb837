package exec

import (
	"testing"

	"github.com/redshiftsim/redshiftsim/engine/exec/hashtable"
	"github.com/redshiftsim/redshiftsim/internal/types"
	"github.com/redshiftsim/redshiftsim/internal/vector"
)

// TestSetTrial: a set that drops nothing is seldom asked, and one that is of use only in a later part of the table is found to be.
func TestSetTrial(t *testing.T) {
	build := hashtable.NewTable([]types.Type{types.TInt8}, []int{0})
	build.Append(&vector.Batch{Columns: []*vector.Vector{vector.NewConst(types.Datum{Type: types.TInt8, Int: 5}, 1)}, Len: 1})
	build.Seal()
	set := hashtable.NewKeySet(5, 5, 1)
	set.Add(build, 0)
	trial, out := setTrial{set: set}, make([]uint16, vector.Size)
	read := func(batches int, value int64) (rows, asked int) {
		for range batches {
			v := vector.New(types.TInt8, vector.Size)
			for i := range v.Int64s {
				v.Int64s[i] = value
			}
			if trial.rest <= 0 {
				asked++
			}
			rows += trial.Filter(v, nil, vector.Size, out)
		}
		return rows, asked
	}
	const many = 2000
	rows, asked := read(many, 5)
	if rows != many*vector.Size {
		t.Errorf("%d rows with a partner are left, want all %d", rows, many*vector.Size)
	}
	if asked > many/10 {
		t.Errorf("a set that drops nothing was asked %d times of %d", asked, many)
	}
	if rows, _ = read(many, 6); rows > longPause+vector.Size {
		t.Errorf("%d rows without a partner are left, want at most those of a rest, %d", rows, longPause)
	}
}
