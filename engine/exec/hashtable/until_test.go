package hashtable

import (
	"testing"

	"github.com/redshiftsim/redshiftsim/internal/types"
	"github.com/redshiftsim/redshiftsim/internal/vector"
)

// Growing, joining and sealing ask every few thousand rows, and leave a table that may be read when they are told to stop.
func TestUntil(t *testing.T) {
	const rows = 10 * piece
	for name, ts := range map[string][]types.Type{
		"int": {types.TInt8}, "pair": {types.TInt8, types.TInt8}, "text": {types.TVarchar(20), types.TInt8},
	} {
		fill := func(until Until) *Table {
			keys := make([]int, len(ts))
			for i := range keys {
				keys[i] = i
			}
			h := NewTable(ts, keys)
			h.Until(until)
			for lo := 0; lo < rows; lo += vector.Size {
				b := &vector.Batch{Len: vector.Size}
				for _, typ := range ts {
					v := vector.New(typ, vector.Size)
					for i := range vector.Size {
						if typ.Lane() == types.LaneText {
							v.Texts[i] = "x"
						} else {
							v.Int64s[i] = int64(lo+i) / 2 * 1_000_003
						}
					}
					b.Columns = append(b.Columns, v)
				}
				h.Append(b)
			}
			return h
		}
		asked, last := 0, 0
		count := func() bool { asked++; return last > 0 && asked >= last }
		work := func() {
			h := fill(count)
			h.Join(fill(count))
			h.SealUntil(count)
			if h.Rows() != 2*rows {
				t.Errorf("%s: %d rows", name, h.Rows())
			}
		}
		work()
		all := asked
		if all < 2*rows/vector.Size+2*2*rows/stretch {
			t.Errorf("%s: asked %d times", name, all)
		}
		for last = 1; last < all; last += all/20 + 1 {
			asked = 0
			work()
		}
	}
}
