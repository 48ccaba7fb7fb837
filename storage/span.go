package storage

import (
	"sort"

	"github.com/redshiftsim/redshiftsim/internal/types"
	"github.com/redshiftsim/redshiftsim/internal/vector"
)

// inOrder says whether the probe of a zone of a shard lies in the order of its values, and the test is a range of them: then the rows that pass are a run,
// whose ends are searched for. The zone was found to be so when it was sealed, or it is in the sorted region and the column is the first of a compound sort key.
// https://docs.aws.amazon.com/redshift/latest/dg/t_Sorting_data.html
func (s *Scanner) inOrder(t *test, sh *Shard, z, rows int) bool {
	if s.group == nil || !s.group.columns[t.column].zones[z-s.groupStart].ascends {
		k := &s.def.Sort
		if k.Style != Compound || len(k.Columns) == 0 || k.Columns[0] != t.column || int64(z)*int64(sh.zoneRows)+int64(rows) > sh.sorted {
			return false
		}
	}
	if t.nulls || t.free || t.isIn || len(t.not) > 0 || t.typ.Lane() != types.LaneInt || s.probe.Nulls != nil {
		return false
	}
	return s.probe.Form == vector.Narrow || s.probe.Form == vector.Flat
}

// span gives the rows of v, whose values ascend, that are in the range of the test: from lo to hi-1.
func (t *test) span(v *vector.Vector) (lo, hi int) {
	switch {
	case v.Form == vector.Flat:
		x := v.Int64s[:v.Len]
		lo = sort.Search(len(x), func(i int) bool { return x[i] >= t.lo })
		return lo, lo + sort.Search(len(x)-lo, func(i int) bool { return x[lo+i] > t.hi })
	case v.U8 != nil:
		return spanOf(t, v.U8[:v.Len], v.Base)
	case v.U16 != nil:
		return spanOf(t, v.U16[:v.Len], v.Base)
	}
	return spanOf(t, v.U32[:v.Len], v.Base)
}

// spanOf is span of codes.
func spanOf[C uint8 | uint16 | uint32](t *test, codes []C, base int64) (lo, hi int) {
	from, to, ok := bounds[C](t, base)
	if !ok {
		return 0, 0
	}
	lo = sort.Search(len(codes), func(i int) bool { return codes[i] >= from })
	return lo, lo + sort.Search(len(codes)-lo, func(i int) bool { return codes[lo+i] > to })
}
