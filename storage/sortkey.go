package storage

import (
	"cmp"
	"math"
	"math/bits"
	"slices"
	"sort"
	"sync"

	"github.com/redshiftsim/redshiftsim/internal/types"
)

// sort puts the run that a statement appended to a slice in sort-key order.
// https://docs.aws.amazon.com/redshift/latest/dg/vacuum-load-in-sort-key-order.html
func (w *Writer) sort(p *part, inOrder bool) {
	lanes, from, to := p.run()
	from += p.head
	if perm := w.ordered(p, lanes, from, to-from); perm != nil {
		for i := range lanes {
			if p.build != nil && from == 0 && to == p.build.rows {
				lanes[i] = lanes[i].reordered(perm)
			} else {
				lanes[i].permute(from, perm)
			}
		}
	}
	w.extend(p, to-from, inOrder)
}

// ordered gives the order of n rows of a slice, from row `from` of the lanes of the sort key on, as sortRun does, and orders their marks.
func (w *Writer) ordered(p *part, lanes []lane, from, n int) []uint32 {
	s := p.shard
	if n > 0 && w.def.Sort.Style == Interleaved && s.deal == nil {
		s.deal = newDeal(w.def, lanes, from, n)
	}
	if n < 2 {
		return nil
	}
	perm := sortRun(w.def, s.deal, lanes, from, n)
	if perm != nil && p.ghosts != nil {
		permuted(p.ghosts[p.head:p.head+n], perm)
	}
	return perm
}

// extend moves the end of the sorted region over n rows that were sorted: over a first load into an empty shard, and over a run that inOrder found above
// all that the table holds.
func (w *Writer) extend(p *part, n int, inOrder bool) {
	s := p.shard
	switch {
	case p.head > 0:
		s.sorted = int64(p.head)
	case p.start == 0:
		s.sorted = int64(n)
	case inOrder:
		s.sorted += int64(n)
	}
}

// run gives the plain lanes that hold the statement's rows of a slice, and where they lie.
func (p *part) run() (lanes []lane, from, to int) {
	switch {
	case p.waiting != nil:
		return p.build.lanes, 0, p.build.rows
	case p.build != nil:
		return p.build.lanes, p.build.rows - int(p.inserted), p.build.rows
	}
	return p.shard.tail.lanes, p.shard.tailN - int(p.inserted), p.shard.tailN
}

// following is what decides whether a statement's rows may go behind the sorted region.
type following struct {
	once sync.Once
	can  bool // the whole table is sorted, by a key of one NOT NULL column of a compound key
	some bool // it has rows
	last types.Datum
}

// follows looks at the table as it was.
func (w *Writer) follows() *following {
	f := &w.following
	f.once.Do(func() {
		keys := w.def.Sort.Columns
		if w.def.Sort.Style == Interleaved || len(keys) != 1 || !w.def.Columns[keys[0]].NotNull {
			return
		}
		k, t := keys[0], w.def.Columns[keys[0]].Type
		var low types.Datum
		for i := range w.parts {
			s := w.from.Shard(i)
			if s.Rows() == 0 {
				continue
			}
			if s.sorted < s.Rows() {
				return
			}
			d := s.get(t, k, s.Rows()-1)
			widen(&low, &f.last, f.some, d, d)
			f.some = true
		}
		f.can, f.last = true, firstBytes(f.last)
	})
	return f
}

// compare notes whether one of the statement's rows is not above all that the table had.
func (w *Writer) compare(p *part, lanes []lane, from, to int) {
	f := w.follows()
	if !f.can || !f.some || p.below {
		return
	}
	k := w.def.Sort.Columns[0]
	for r := from; r < to && !p.below; r++ {
		d := firstBytes(lanes[k].datum(w.def.Columns[k].Type, r))
		p.below = types.Compare(&d, &f.last) <= 0
	}
}

// inOrder says whether the statement's rows may go behind the sorted region: the sort key is one NOT NULL column of a compound key, the whole table is
// sorted, and all new rows are above all that are there, those that are marked deleted too. Of texts the first eight bytes count.
// https://docs.aws.amazon.com/redshift/latest/dg/vacuum-load-in-sort-key-order.html
func (w *Writer) inOrder() bool {
	if !w.follows().can {
		return false
	}
	for i := range w.parts {
		p := &w.parts[i]
		if p.inserted == 0 {
			continue
		}
		lanes, from, to := p.run()
		if w.compare(p, lanes, from, to); p.below {
			return false
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
