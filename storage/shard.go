package storage

import (
	"bytes"
	"sort"
	"sync/atomic"

	"github.com/redshiftsim/redshiftsim/internal/types"
	"github.com/redshiftsim/redshiftsim/internal/vector"
)

// Shard is one slice's part of a Version; immutable but for its cached bounds.
type Shard struct {
	groups []*group
	starts []int32 // first zone of each group
	zones  int     // sealed ones: all full
	sealed int64   // bytes that groups hold in memory
	tail   *tail
	tailN  int   // rows of the tail that this version sees
	texts  int64 // bytes of the texts of those
	nulls  nullMask
	sorted int64 // rows 0..sorted-1 are in sort-key order
	dead   deletes
	deal   *deal // of an interleaved sort key; nil = no rows were sorted by one yet

	zoneRows int
	bounds   atomic.Pointer[[]bound]  // of the tail's columns, made when first asked for
	facts    atomic.Pointer[tailFact] // of the columns of the tail that scans have asked for
}

// noShard is the shard of a slice without rows.
var noShard = &Shard{zoneRows: vector.Size}

// Rows is the number of rows, deleted ones included.
func (s *Shard) Rows() int64 { return int64(s.zones*s.zoneRows + s.tailN) }

// Deleted is the number of rows that are marked deleted and still take room.
func (s *Shard) Deleted() int64 { return int64(s.dead.count) }

// Sorted is the number of rows in the sorted region.
func (s *Shard) Sorted() int64 { return s.sorted }

// countTexts counts the bytes of the texts of the tail.
func (s *Shard) countTexts() {
	s.texts = 0
	if s.tail == nil {
		return
	}
	for i := range s.tail.lanes {
		s.texts += int64(s.tail.lanes[i].textBytes(0, s.tailN))
	}
}

// allZones is the number of zones with the tail.
func (s *Shard) allZones() int {
	if s.tailN > 0 {
		return s.zones + 1
	}
	return s.zones
}

// rowsOf is the number of rows of zone z.
func (s *Shard) rowsOf(z int) int {
	if z == s.zones {
		return s.tailN
	}
	return s.zoneRows
}

// find gives the group of sealed zone z.
func (s *Shard) find(z int) int {
	return sort.Search(len(s.starts), func(i int) bool { return int(s.starts[i]) > z }) - 1
}

// clone is a shallow copy for a writer to change.
func (s *Shard) clone() *Shard {
	return &Shard{
		groups: s.groups, starts: s.starts, zones: s.zones, sealed: s.sealed, tail: s.tail, tailN: s.tailN, texts: s.texts, nulls: s.nulls, sorted: s.sorted, dead: s.dead,
		deal: s.deal, zoneRows: s.zoneRows,
	}
}

// push adds a group. The list is copied: versions that share its array may both grow it.
func (s *Shard) push(g *group) {
	n := len(s.groups)
	s.groups = append(s.groups[:n:n], g)
	s.starts = append(s.starts[:n:n], int32(s.zones))
	s.zones += g.zones
	s.sealed += g.actual()
}

// actual is what the shard holds in memory.
func (s *Shard) actual() int64 {
	n := s.sealed + s.dead.actual()
	if s.tail != nil {
		n += s.tail.actual() + s.texts
	}
	return n
}

// lastZones gives the zone maps of the last sealed zone per column, when it lies in the same region as zone s.zones would; nil = a region begins.
func (s *Shard) lastZones(sorted int64) []zoneMap {
	if s.zones == 0 {
		return nil
	}
	if inSorted(s.zones-1, s.zoneRows, sorted) != inSorted(s.zones, s.zoneRows, sorted) {
		return nil
	}
	g := s.groups[len(s.groups)-1]
	last := make([]zoneMap, len(g.columns))
	for i := range last {
		last[i] = g.columns[i].zones[g.zones-1]
	}
	return last
}

// inSorted says whether zone z belongs to the sorted region: whether its first row does.
func inSorted(z, zoneRows int, sorted int64) bool { return int64(z)*int64(zoneRows) < sorted }

// get reads one value; for edges, not for hot loops.
func (s *Shard) get(t types.Type, column int, row int64) types.Datum {
	z, r := int(row/int64(s.zoneRows)), int(row%int64(s.zoneRows))
	v := vector.Vector{Type: t}
	if z < s.zones {
		i := s.find(z)
		c := &s.groups[i].columns[column]
		z -= int(s.starts[i])
		c.vector(&v, z, s.zoneRows)
		if c.isPacked(z) && !v.Null(r) {
			return types.Datum{Type: t, Text: c.text(z, r)}
		}
		return v.Get(r)
	}
	s.tail.lanes[column].view(&v, 0, s.tailN, false, nil)
	if s.tail.lanes[column].nulls[r] != 0 {
		return types.NullOf(t)
	}
	return v.Get(r)
}

// bound is the minimum and maximum of a column of the tail; some is false when it has no value that is not NULL.
type bound struct {
	lo, hi types.Datum
	some   bool
	nulled int
}

// tailBounds gives the bounds of the tail's columns. They are computed once a shard: writers of single rows need not keep them.
func (s *Shard) tailBounds(def *Definition) []bound {
	if b := s.bounds.Load(); b != nil {
		return *b
	}
	out := make([]bound, len(def.Columns))
	for i := range out {
		out[i] = s.tailBound(def.Columns[i].Type, i)
	}
	s.bounds.Store(&out)
	return out
}

// tailFact is what is known of one column of the tail: its bounds, or its bytes.
type tailFact struct {
	column int
	bounds bool
	bound  bound
	bytes  int64 // in Redshift's count
	next   *tailFact
}

// fact gives the bounds or the bytes of one column of the tail. They are found once a shard: who asks for those of one column does not compute those of
// all, since a change of one row makes a new shard.
func (s *Shard) fact(t types.Type, column int, bounds bool) *tailFact {
	head := s.facts.Load()
	for f := head; f != nil; f = f.next {
		if f.column == column && f.bounds == bounds {
			return f
		}
	}
	f := &tailFact{column: column, bounds: bounds, next: head}
	if bounds {
		f.bound = s.tailBound(t, column)
	} else {
		f.bytes = s.tailBytes(t, column)
	}
	s.facts.CompareAndSwap(head, f) // another scan may have been first: then this one is not kept
	return f
}

// tailBound computes the bounds of one column of the tail.
func (s *Shard) tailBound(t types.Type, i int) (b bound) {
	if s.tailN == 0 {
		return b
	}
	l := &s.tail.lanes[i]
	if s.nulls.has(i) {
		b.nulled = bytes.Count(l.nulls[:s.tailN], []byte{1})
	}
	b.lo.Type, b.hi.Type = t, t
	if l.ints != nil && b.nulled == 0 {
		b.lo.Int, b.hi.Int = vector.MinMaxInt64(l.ints[:s.tailN])
		b.some = true
		return b
	}
	v := vector.Vector{Type: t}
	l.view(&v, 0, s.tailN, false, nil)
	for r := range s.tailN {
		if b.nulled > 0 && l.nulls[r] != 0 {
			continue
		}
		d := v.Get(r)
		widen(&b.lo, &b.hi, b.some, d, d)
		b.some = true
	}
	return b
}
