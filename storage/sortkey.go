package storage

import (
	"cmp"
	"math"
	"math/bits"
	"slices"
	"sort"

	"github.com/redshiftsim/redshiftsim/internal/types"
)

// sort puts the run that a statement appended to a slice in sort-key order, and moves the end of the sorted region: over a first load into an empty
// shard, and over a run whose keys are all above what a wholly sorted shard holds.
// https://docs.aws.amazon.com/redshift/latest/dg/vacuum-load-in-sort-key-order.html
func (w *Writer) sort(p *part) {
	s := p.shard
	n := int(p.inserted)
	var lanes []lane
	from := 0 // of the run in lanes
	if p.build != nil {
		lanes, from = p.build.lanes, p.build.rows-n
	} else {
		lanes, from = s.tail.lanes, s.tailN-n
	}
	if n > 1 {
		if perm := sortRun(w.def, lanes, from, n); perm != nil {
			for i := range lanes {
				lanes[i].permute(from, perm)
			}
		}
	}
	switch {
	case p.start == 0:
		s.sorted = int64(n)
	case s.sorted == p.start && w.above(p, lanes, from):
		s.sorted += int64(n)
	}
}

// above says whether the run, sorted, begins above the shard's last row. It asks for a compound key of one NOT NULL column, as Redshift does.
func (w *Writer) above(p *part, lanes []lane, from int) bool {
	keys := w.def.Sort.Columns
	if w.def.Sort.Style == Interleaved || len(keys) != 1 || !w.def.Columns[keys[0]].NotNull {
		return false
	}
	t := w.def.Columns[keys[0]].Type
	first := lanes[keys[0]].datum(t, from)
	var last types.Datum
	if from > 0 { // the row before lies in the same lanes: in the tail, or the builder that took the tail over
		last = lanes[keys[0]].datum(t, from-1)
	} else {
		last = p.shard.get(t, keys[0], p.start-1)
	}
	return types.Compare(&first, &last) > 0
}

// datum reads row i.
func (l *lane) datum(t types.Type, i int) types.Datum {
	d := types.Datum{Type: t}
	switch {
	case l.nulls[i] != 0:
		d.Null = true
	case l.ints != nil:
		d.Int = l.ints[i]
	case l.texts != nil:
		d.Text = l.texts[i]
	case l.floats != nil:
		d.Float = l.floats[i]
	case l.wides != nil:
		d.Wide = l.wides[i]
	default:
		d.Bool = l.bools[i]
	}
	return d
}

// sortRun gives the order of n rows from row `from` on: perm[i] is the row that comes i-th, counted from `from`; nil = they are in order already.
// Rows of equal keys keep their order. NULLs come last.
func sortRun(def *Definition, lanes []lane, from, n int) []uint32 {
	perm := make([]uint32, n)
	for i := range perm {
		perm[i] = uint32(i)
	}
	keys := make([]uint64, n)
	if def.Sort.Style == Interleaved && len(def.Sort.Columns) > 1 {
		interleave(def, lanes, from, keys)
		radix(keys, perm)
		return perm
	}
	if len(def.Sort.Columns) == 1 {
		rank(def.Columns[def.Sort.Columns[0]].Type, &lanes[def.Sort.Columns[0]], from, keys)
		if slices.IsSorted(keys) {
			return nil
		}
		radix(keys, perm)
		return perm
	}
	// The last key first: each pass is stable, so earlier keys win.
	ordered := make([]uint64, n)
	for i := len(def.Sort.Columns) - 1; i >= 0; i-- {
		c := def.Sort.Columns[i]
		rank(def.Columns[c].Type, &lanes[c], from, keys)
		for j, r := range perm {
			ordered[j] = keys[r]
		}
		radix(ordered, perm)
	}
	return perm
}

// rank writes one number per row that orders as the values do, NULLs above all.
func rank(t types.Type, l *lane, from int, keys []uint64) {
	n := len(keys)
	nulls := l.nulls[from : from+n]
	switch {
	case l.ints != nil:
		rank64(keys, nulls, func(i int) int64 { return l.ints[from+i] })
	case l.floats != nil:
		rank64(keys, nulls, func(i int) int64 { return floatOrder(l.floats[from+i]) })
	case l.texts != nil:
		vals := l.texts[from : from+n]
		rankBy(keys, nulls, vals, types.CompareText)
	case l.wides != nil:
		rankBy(keys, nulls, l.wides[from:from+n], func(a, b types.Int128) int { return types.CompareWide(t.Kind, a, b) })
	default:
		rank64(keys, nulls, func(i int) int64 {
			if l.bools[from+i] {
				return 1
			}
			return 0
		})
	}
}

// rank64 counts from the least value, so that a small range of values has short keys.
func rank64(keys []uint64, nulls []uint8, at func(int) int64) {
	var r range64
	for i := range keys {
		if nulls[i] == 0 {
			r.add(at(i))
		}
	}
	null := uint64(r.hi) - uint64(r.lo)
	if null == math.MaxUint64 && slices.Contains(nulls, 1) { // no number is left for NULL
		vals := make([]int64, len(keys))
		for i := range vals {
			vals[i] = at(i)
		}
		rankBy(keys, nulls, vals, cmp.Compare[int64])
		return
	}
	null++
	for i := range keys {
		if nulls[i] != 0 {
			keys[i] = null
		} else {
			keys[i] = uint64(at(i)) - uint64(r.lo)
		}
	}
}

// rankBy sorts the values and numbers them, equal ones alike.
func rankBy[T any](keys []uint64, nulls []uint8, vals []T, compare func(a, b T) int) {
	order := make([]uint32, 0, len(keys))
	for i := range keys {
		if nulls[i] == 0 {
			order = append(order, uint32(i))
		} else {
			keys[i] = uint64(len(keys))
		}
	}
	slices.SortFunc(order, func(a, b uint32) int { return compare(vals[a], vals[b]) })
	k := uint64(0)
	for i, r := range order {
		if i > 0 && compare(vals[order[i-1]], vals[r]) != 0 {
			k++
		}
		keys[r] = k
	}
}

// radix sorts keys and the row numbers with them, stably, 11 bits a pass; passes in which all keys agree are left out.
func radix(keys []uint64, perm []uint32) {
	if len(keys) < 256 {
		type pair struct {
			key uint64
			row uint32
		}
		pairs := make([]pair, len(keys))
		for i := range keys {
			pairs[i] = pair{keys[i], perm[i]}
		}
		sort.SliceStable(pairs, func(i, j int) bool { return pairs[i].key < pairs[j].key })
		for i, p := range pairs {
			keys[i], perm[i] = p.key, p.row
		}
		return
	}
	var differ uint64
	for _, k := range keys {
		differ |= k ^ keys[0]
	}
	k2, p2 := make([]uint64, len(keys)), make([]uint32, len(perm))
	a, p := keys, perm
	for shift := 0; shift < bits.Len64(differ); shift += 11 {
		if differ>>shift&2047 == 0 {
			continue
		}
		var count [2048]uint32
		for _, k := range a {
			count[k>>shift&2047]++
		}
		at := uint32(0)
		for i, c := range count {
			count[i], at = at, at+c
		}
		for i, k := range a {
			d := k >> shift & 2047
			k2[count[d]], p2[count[d]] = k, p[i]
			count[d]++
		}
		a, k2 = k2, a
		p, p2 = p2, p
	}
	if &a[0] != &keys[0] {
		copy(keys, a)
		copy(perm, p)
	}
}

// interleave gives equal weight to each sort column: the bits of their ranks in the run are dealt in turn, the highest first.
// https://docs.aws.amazon.com/redshift/latest/dg/t_Sorting_data-interleaved.html
func interleave(def *Definition, lanes []lane, from int, keys []uint64) {
	columns := def.Sort.Columns
	width := 64 / len(columns) // bits of each
	one := make([]uint64, len(keys))
	for i, c := range columns {
		rank(def.Columns[c].Type, &lanes[c], from, one)
		top := slices.Max(one)
		drop := max(0, bits.Len64(top)-width)
		fill := max(0, width-bits.Len64(top))
		for r, k := range one {
			k = k >> drop << fill
			for b := range width {
				keys[r] |= (k >> (width - 1 - b) & 1) << (63 - (b*len(columns) + i))
			}
		}
	}
}
