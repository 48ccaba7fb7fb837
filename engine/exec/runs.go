package exec

import (
	"github.com/redshiftsim/redshiftsim/engine/exec/hashtable"
	"github.com/redshiftsim/redshiftsim/engine/exec/sortkey"
	"github.com/redshiftsim/redshiftsim/internal/vector"
)

// runs numbers the groups of rows that come in group order: a group is looked for once a run, not once a row. Rows out of order only make more runs.
//
//	keys     7 7 7 9 9 12       begins   t f f t f t
//	first    0     3   5        numbers  0 0 0 1 1 2       found for 7, 9 and 12 alone
type runs struct {
	flat    []gathered
	long    vector.Long
	begins  []bool
	first   []uint16 // physical rows that begin a run
	numbers []uint32 // and their groups
}

// newRuns makes the room for keys.
func newRuns(keys int) *runs {
	return &runs{flat: make([]gathered, keys), begins: make([]bool, vector.Size), first: make([]uint16, 0, vector.Size), numbers: make([]uint32, vector.Size)}
}

// add writes the group of each of n live rows to out; keys that are not there become groups.
func (r *runs) add(l *hashtable.Lookup, keys []*vector.Vector, sel []uint16, n int, out []uint32) {
	if n == 0 {
		return
	}
	begins := r.begins[:n]
	clear(begins)
	begins[0] = true
	for i, v := range keys {
		if v.Form != vector.Flat || sel != nil {
			v = r.flat[i].flat(v, sel, n)
		}
		sortkey.Differ(r.long.Of(v), ownGroups[:n], begins)
	}
	r.first = r.first[:0]
	for i, b := range begins {
		if b {
			row := uint16(i)
			if sel != nil {
				row = sel[i]
			}
			r.first = append(r.first, row)
		}
	}
	l.Add(keys, r.first, len(r.first), r.numbers)
	run := -1
	for i, b := range begins {
		if b {
			run++
		}
		out[i] = r.numbers[run]
	}
}
