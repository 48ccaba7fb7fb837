package exec

import (
	"github.com/redshiftsim/redshiftsim/internal/types"
	"github.com/redshiftsim/redshiftsim/internal/vector"
)

// codeCounts counts rows by one column of byte codes, narrow integers or a dictionary's, before they are grouped: where COUNT(*) is all that is asked, a
// group is looked up once a batch and distinct code, not once a row.
//
//	codes 3 0 3 3 7 ..  ->  counts [0]=1 [3]=3 [7]=1  ->  keys 0 3 7 | partial counts 1 3 1
type codeCounts struct {
	key    vector.Vector // the distinct codes, as a column like the batch's
	codes  [256]uint8
	counts vector.Vector
	out    [1]*vector.Vector
}

// codeRows is the number of rows from which counting codes first is paid back.
const codeRows = vector.Size / 2

// onlyCounts says that the step is COUNT(*), once or more, by one column, of rows.
func (a *aggr) onlyCounts() bool {
	if a.s.Phase == Final || len(a.s.Groups) != 1 || a.runs != nil || a.s.Limit > 0 || len(a.calls) == 0 {
		return false
	}
	for i := range a.calls {
		if c := &a.calls[i]; c.fn.Name != "count" || len(c.args) > 0 || c.distinct != nil || len(c.fn.Partial) != 1 {
			return false
		}
	}
	return true
}

// add adds a batch; false = it is not of the kind, and nothing was done.
func (k *codeCounts) add(a *aggr, b *vector.Batch) (bool, error) {
	v := b.Columns[a.s.Groups[0]]
	if v.U8 == nil || v.Nulls != nil || b.Sel != nil || b.Len < codeRows {
		return false, nil
	}
	var acc [4][256]uint32 // neighbouring rows of one code need not wait for each other's store
	rest := v.U8[:b.Len]
	for ; len(rest) >= 4; rest = rest[4:] {
		acc[0][rest[0]]++
		acc[1][rest[1]]++
		acc[2][rest[2]]++
		acc[3][rest[3]]++
	}
	for _, c := range rest {
		acc[0][c]++
	}
	k.counts.Type = types.TInt8
	k.counts.Reset(256)
	n := 0
	for c := range 256 {
		if rows := acc[0][c] + acc[1][c] + acc[2][c] + acc[3][c]; rows > 0 {
			k.codes[n], k.counts.Int64s[n] = uint8(c), int64(rows)
			n++
		}
	}
	k.key = *v
	k.key.U8, k.key.Len, k.counts.Len = k.codes[:n], n, n
	a.keys[0] = &k.key
	numbers := a.numbers[:n]
	a.lookup.Add(a.keys, nil, n, numbers)
	a.resize(a.groups.Len())
	k.out[0] = &k.counts
	for i := range a.calls {
		if err := a.calls[i].state.Merge(numbers, n, k.out[:]); err != nil {
			return true, err
		}
	}
	return true, a.held.now(a.bytes())
}
