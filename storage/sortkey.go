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
// shard, and over a run that inOrder found above all that the table holds.
// https://docs.aws.amazon.com/redshift/latest/dg/vacuum-load-in-sort-key-order.html
func (w *Writer) sort(p *part, inOrder bool) {
	s := p.shard
	lanes, from := p.run()
	from += p.head
	n := int(p.inserted) - p.head
	if n > 0 && w.def.Sort.Style == Interleaved && s.deal == nil {
		s.deal = newDeal(w.def, lanes, from, n)
	}
	if n > 1 {
		if perm := sortRun(w.def, s.deal, lanes, from, n); perm != nil {
			for i := range lanes {
				if p.build != nil && from == 0 && n == p.build.rows {
					lanes[i] = lanes[i].reordered(perm)
				} else {
					lanes[i].permute(from, perm)
				}
			}
			if p.ghosts != nil {
				p.ghosts = permuted(p.ghosts, p.head, p.head+n, perm)
			}
		}
	}
	switch {
	case p.head > 0:
		s.sorted = int64(p.head)
	case p.start == 0:
		s.sorted = int64(n)
	case inOrder:
		s.sorted += int64(n)
	}
}

// run gives the lanes that hold the statement's rows of a slice, and where they begin.
func (p *part) run() (lanes []lane, from int) {
	if p.build != nil {
		return p.build.lanes, p.build.rows - int(p.inserted)
	}
	return p.shard.tail.lanes, p.shard.tailN - int(p.inserted)
}

// inOrder says whether the statement's rows may go behind the sorted region: the sort key is one NOT NULL column of a compound key, the whole table is
// sorted, and all new rows are above all that are there, those that are marked deleted too. Of texts the first eight bytes count.
// https://docs.aws.amazon.com/redshift/latest/dg/vacuum-load-in-sort-key-order.html
func (w *Writer) inOrder() bool {
	keys := w.def.Sort.Columns
	if w.def.Sort.Style == Interleaved || len(keys) != 1 || !w.def.Columns[keys[0]].NotNull {
		return false
	}
	k, t := keys[0], w.def.Columns[keys[0]].Type
	var last, low types.Datum
	some := false
	for i := range w.parts {
		s := w.from.Shard(i)
		if s.Rows() == 0 {
			continue
		}
		if s.sorted < s.Rows() {
			return false
		}
		d := s.get(t, k, s.Rows()-1)
		widen(&low, &last, some, d, d)
		some = true
	}
	if !some {
		return true
	}
	last = firstBytes(last)
	for i := range w.parts {
		p := &w.parts[i]
		if p.inserted == 0 {
			continue
		}
		lanes, from := p.run()
		for r := from; r < from+int(p.inserted); r++ {
			d := firstBytes(lanes[k].datum(t, r))
			if types.Compare(&d, &last) <= 0 {
				return false
			}
		}
	}
	return true
}

// firstBytes cuts a text to the eight bytes of a sorting value.
func firstBytes(d types.Datum) types.Datum {
	if d.Type.Lane() == types.LaneText {
		d.Text = d.Text[:min(len(d.Text), 8)]
	}
	return d
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
func sortRun(def *Definition, deal *deal, lanes []lane, from, n int) []uint32 {
	perm := make([]uint32, n)
	for i := range perm {
		perm[i] = uint32(i)
	}
	keys := make([]uint64, n)
	if def.Sort.Style == Interleaved && len(def.Sort.Columns) > 1 {
		deal.interleave(def, lanes, from, keys)
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
