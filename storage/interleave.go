package storage

import (
	"math/bits"
	"sort"

	"github.com/redshiftsim/redshiftsim/internal/types"
	"github.com/redshiftsim/redshiftsim/internal/vector"
)

// deal is how the values of an interleaved sort key are dealt to buckets, in a shard: as evenly as they were spread when it was made, by the first load
// or by VACUUM REINDEX. Rows that come later go to the buckets that there are, so the deal grows skewed.
//
//	column 0   | -inf .. bounds[0][0] | .. bounds[0][1] | ... | NULL        bucket numbers 0, 1, 2 ...
//	column 1   ...                                                          their bits are dealt in turn: the z-order of a row
//
// https://docs.aws.amazon.com/redshift/latest/dg/t_Sorting_data-interleaved.html
type deal struct {
	bounds [][]types.Datum // by sort column: the least value of each bucket but the first
	share  []float64       // by sort column: the part of the rows that was in the fullest bucket
}

// maxDealBits bounds the buckets of a column: 1,024.
const maxDealBits = 10

// dealBits is the width of a bucket number.
func dealBits(columns int) int { return min(maxDealBits, 64/columns) }

// newDeal makes the deal of n rows from row `from` on.
func newDeal(def *Definition, lanes []lane, from, n int) *deal {
	columns := def.Sort.Columns
	d := &deal{bounds: make([][]types.Datum, len(columns)), share: make([]float64, len(columns))}
	keys, perm := make([]uint64, n), make([]uint32, n)
	buckets := 1<<dealBits(len(columns)) - 1 // one is NULL's
	for i, c := range columns {
		t := def.Columns[c].Type
		rank(t, &lanes[c], from, keys)
		for r := range perm {
			perm[r] = uint32(r)
		}
		radix(keys, perm)
		for b := 1; b < buckets; b++ {
			x := lanes[c].datum(t, from+int(perm[n*b/buckets]))
			if x.Null {
				break
			}
			if at := len(d.bounds[i]); at == 0 || types.Compare(&d.bounds[i][at-1], &x) < 0 {
				d.bounds[i] = append(d.bounds[i], x)
			}
		}
		counts := make([]int64, len(d.bounds[i])+2)
		for r := range n {
			x := lanes[c].datum(t, from+r)
			counts[d.bucket(i, &x)]++
		}
		d.share[i] = fullest(counts)
	}
	return d
}

// bucket is the number of the bucket of a value of sort column i.
func (d *deal) bucket(i int, x *types.Datum) int {
	b := d.bounds[i]
	if x.Null {
		return len(b) + 1
	}
	return sort.Search(len(b), func(j int) bool { return types.Compare(x, &b[j]) < 0 })
}

// fullest is the part of the rows in the fullest bucket.
func fullest(counts []int64) float64 {
	most, all := int64(0), int64(0)
	for _, n := range counts {
		most, all = max(most, n), all+n
	}
	if all == 0 {
		return 0
	}
	return float64(most) / float64(all)
}

// interleave writes the z-order of n rows: the bits of the bucket numbers of their sort columns are dealt in turn, the highest first, so that each
// column has equal weight.
func (d *deal) interleave(def *Definition, lanes []lane, from int, keys []uint64) {
	columns := def.Sort.Columns
	width := dealBits(len(columns))
	for i, c := range columns {
		t := def.Columns[c].Type
		fill := max(0, width-bits.Len(uint(len(d.bounds[i])+1)))
		for r := range keys {
			x := lanes[c].datum(t, from+r)
			k := uint64(d.bucket(i, &x)) << fill
			for b := range width {
				keys[r] |= (k >> (width - 1 - b) & 1) << (63 - (b*len(columns) + i))
			}
		}
	}
}

// InterleavedSkew says for each column of an interleaved sort key how much fuller its fullest bucket is than when the key was dealt: 1 = no skew. Of the
// slices the greatest counts. nil = the table has no such key, or no rows.
// https://docs.aws.amazon.com/redshift/latest/dg/r_SVV_INTERLEAVED_COLUMNS.html
func (v *Version) InterleavedSkew() []float64 {
	columns := v.def.Sort.Columns
	if v.def.Sort.Style != Interleaved || v.live == 0 {
		return nil
	}
	out := make([]float64, len(columns))
	for i := range out {
		out[i] = 1
	}
	for slice := range v.topo.Slices() {
		d := v.Shard(slice).deal
		if d == nil {
			continue
		}
		counts := make([][]int64, len(columns))
		for i := range counts {
			counts[i] = make([]int64, len(d.bounds[i])+2)
		}
		_ = ViewOf(v).Scan(slice, &ScanSpec{Columns: columns}).each(func(b *vector.Batch) error { // it returns what f does: nil
			for i, c := range b.Columns {
				for n := range b.Rows() {
					r := n
					if b.Sel != nil {
						r = int(b.Sel[n])
					}
					x := c.Get(r)
					counts[i][d.bucket(i, &x)]++
				}
			}
			return nil
		})
		for i := range out {
			if d.share[i] > 0 {
				out[i] = max(out[i], fullest(counts[i])/d.share[i])
			}
		}
	}
	return out
}
