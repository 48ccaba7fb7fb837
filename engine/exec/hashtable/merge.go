package hashtable

import (
	"sort"

	"github.com/redshiftsim/redshiftsim/engine/exec/sortkey"
	"github.com/redshiftsim/redshiftsim/internal/types"
	"github.com/redshiftsim/redshiftsim/internal/vector"
)

// merged is a table's keys in order, for a probe that comes in order too: it goes through both side by side, without a hash.
//
//	first   [ 1  4  4  9 ]        rows of the table that begin a group, by key: group 0, 1, 2, ..
//	probe     1  1  4  5  9       at group    0  0  1  -  2       at moves on, in leaps when the next key is far off
//
// A probe row that comes out of order is looked for backwards. Rows without a key lie behind all groups.
type merged struct {
	ints  [][]int64          // the keys by group, of the int lane, in chunks
	key   [][]*vector.Vector // of other lanes: the chunks of the table's column
	first []uint32           // and the row by group
	n     int
}

// SealMerge is SealUntil of a table that is probed in the order of its one key: rows are ordered, which costs next to nothing when they come so.
func (t *Table) SealMerge(stop func() bool) {
	if stop == nil {
		stop = never
	}
	key := &t.Columns[t.keys[0]]
	t.bounds = []bounds{key.bounds()}
	t.groups = NewGroups([]types.Type{key.Type})
	if key.Type.Lane() == types.LaneInt && key.Nulls == nil && ascending(key.Int64s) { // row r is group r
		t.merged = &merged{ints: key.Int64s, n: t.n}
		return
	}
	columns := []*vector.Long{&key.Long}
	order := sortkey.SortUntil(columns, []sortkey.Key{{Column: 0}}, t.n, stop)
	if stop() {
		return
	}
	begins := make([]bool, t.n)
	sortkey.Differ(&key.Long, order, begins)
	m := &merged{key: vector.ChunksOf(columns)}
	inOrder := true
	var starts []uint32
	for i, r := range order {
		if key.Null(int(r)) { // the last ones
			break
		}
		if i == 0 || begins[i] {
			starts = append(starts, uint32(i))
			m.first = append(m.first, r)
		}
		inOrder = inOrder && int(r) == i
	}
	m.n = len(m.first)
	if key.Type.Lane() == types.LaneInt {
		m.ints = extend(m.ints, m.n)
		for g, r := range m.first {
			m.ints[g>>vector.ChunkBits][g&vector.ChunkMask] = vector.At(key.Int64s, int(r))
		}
	}
	some := t.n
	for some > 0 && key.Null(int(order[some-1])) {
		some--
	}
	t.merged = m
	if m.n == some && inOrder {
		return
	}
	t.order = order
	if m.n < some {
		t.starts = append(starts, uint32(some))
	}
}

// ascending says that each number is greater than the one before it.
func ascending(chunks [][]int64) bool {
	for k, xs := range chunks {
		if k > 0 && xs[0] <= chunks[k-1][vector.ChunkMask] {
			return false
		}
		for i := 1; i < len(xs); i++ {
			if xs[i] <= xs[i-1] {
				return false
			}
		}
	}
	return true
}

// merge finds the groups of rows that come, by and large, in order.
func (p *Probe) merge(v *vector.Vector, sel []uint16, n int) {
	m, out := p.t.merged, p.groups[:n]
	if v.Type.Lane() == types.LaneInt {
		pos, ints := p.pos, m.ints
		for i, x := range words(v, sel, n, &p.l.words[0]) {
			switch { // most often it is the same key, or the next
			case pos < m.n && vector.At(ints, pos) == x:
			case pos+1 < m.n && vector.At(ints, pos+1) == x:
				pos++
			default:
				if pos = m.findInt(pos, x); pos == m.n || vector.At(ints, pos) != x {
					out[i] = Missing
					continue
				}
			}
			out[i] = uint32(pos)
		}
		p.pos = pos
		return
	}
	if v.Form != vector.Flat {
		p.flat.Type = v.Type
		v.Gather(sel, &p.flat)
		v, sel = &p.flat, nil
	}
	outer := []*vector.Vector{v}
	keys := []sortkey.Key{{Column: 0}}
	for i := range out {
		r := row(sel, i)
		compare := func(g int) int {
			at := int(m.first[g])
			return sortkey.CompareRows(keys, m.key[at>>vector.ChunkBits], at&vector.ChunkMask, outer, r)
		}
		p.pos = m.find(p.pos, compare)
		out[i] = Missing
		if p.pos < m.n && compare(p.pos) == 0 {
			out[i] = uint32(p.pos)
		}
	}
}

// findInt gives the first group whose key is not below x, looking from at on.
func (m *merged) findInt(at int, x int64) int {
	if at < m.n && vector.At(m.ints, at) < x {
		step := 1
		for at+step < m.n && vector.At(m.ints, at+step) < x {
			step *= 2
		}
		lo := at + step/2 + 1
		return lo + sort.Search(min(at+step, m.n)-lo, func(i int) bool { return vector.At(m.ints, lo+i) >= x })
	}
	if at == 0 || vector.At(m.ints, at-1) < x {
		return at
	}
	return sort.Search(at, func(i int) bool { return vector.At(m.ints, i) >= x })
}

// find is findInt of any key: compare says how a group's key compares with what is looked for.
func (m *merged) find(at int, compare func(g int) int) int {
	if at < m.n && compare(at) < 0 {
		step := 1
		for at+step < m.n && compare(at+step) < 0 {
			step *= 2
		}
		lo := at + step/2 + 1
		return lo + sort.Search(min(at+step, m.n)-lo, func(i int) bool { return compare(lo+i) >= 0 })
	}
	if at == 0 || compare(at-1) < 0 {
		return at
	}
	return sort.Search(at, func(i int) bool { return compare(i) >= 0 })
}
