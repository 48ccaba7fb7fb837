package storage

import (
	"github.com/redshiftsim/redshiftsim/internal/types"
	"github.com/redshiftsim/redshiftsim/internal/vector"
)

type vectorBatch = vector.Batch

// View is what one transaction sees of one table.
//
//	rows of a shard   0 ............ snap ............ base ............ next
//	                  | visible      | others' commits | the transaction's own
//	                  |              | since: a gap    |
//	deleted           by snap, or by own marks (next has them, base has not)
//
// snap is the snapshot; base the newest version when the table's write lock was taken, on which own was built. Without own, or when base is snap,
// there is no gap and one version says all.
type View struct {
	snap, base *Version
	own        *Delta
	spread     *spread // nil = the slices of the view are those of its version
}

// spread makes the slices of another cluster read a version: its zones, shard after shard, are dealt to them in runs.
//
//	shards of the version   0: zones 0..4        1: zones 0..2
//	slices of the view      0: 0.0 0.1 0.2 0.3 | 1: 0.4 1.0 1.1 1.2
//
// A table of style ALL has one shard, which every slice may read.
type spread struct {
	def  *Definition
	topo Topology
}

// ViewOf is the view of a reader: one version.
func ViewOf(v *Version) View { return View{snap: v} }

// WithBase is the view with the version on which the transaction will write, when its snapshot is older.
func (v View) WithBase(base *Version) View {
	v.base = base
	return v
}

// WithOwn is the view with the transaction's changes so far; nil takes them away.
func (v View) WithOwn(d *Delta) View {
	v.own = d
	if d != nil {
		v.base = d.base
	}
	return v
}

// Spread is the view as the slices of a cluster of another shape read it. def is the definition with a distribution that makes no promise about where rows
// are: EVEN, or, of a table that has it, ALL. The view must be of one version, and is not written to.
func (v View) Spread(def *Definition, topo Topology) View {
	v.spread = &spread{def, topo}
	return v
}

// whole is the one version that v shows when there is no gap, else nil.
func (v View) whole() *Version {
	switch {
	case v.own == nil:
		return v.snap
	case v.own.base == v.snap:
		return v.own.next
	}
	return nil
}

// Version is the version behind the view: with the transaction's changes when no gap lies between, else the snapshot.
func (v View) Version() *Version {
	if w := v.whole(); w != nil {
		return w
	}
	return v.snap
}

// Own is the transaction's changes so far, or nil.
func (v View) Own() *Delta { return v.own }

// Definition is the table's shape.
func (v View) Definition() *Definition {
	if v.spread != nil {
		return v.spread.def
	}
	return v.snap.def
}

// Topology is the cluster's shape.
func (v View) Topology() Topology {
	if v.spread != nil {
		return v.spread.topo
	}
	return v.snap.topo
}

// All says that one physical copy, in shard 0, stands for a copy on every node.
func (v View) All() bool { return v.Definition().Dist.All() }

// Rows is the number of rows that the view shows.
func (v View) Rows() int64 {
	if w := v.whole(); w != nil {
		return w.live
	}
	return v.snap.live + v.own.next.live - v.own.base.live
}

// unspread is the view by the slices of its version: what is asked of all rows is asked of each shard once.
func (v View) unspread() View {
	v.spread = nil
	return v
}

// source is a run of zones of one shard, in a view.
type source struct {
	shard     *Shard
	first     int      // zone
	zones     int      // from first on
	skip      int      // rows of the first zone that the view does not show
	add, less *deletes // further marks: those of add that less does not have; nil = none
}

// sources puts the runs of a slice into s, which has room for two.
func (v View) sources(slice int, s []source) []source {
	if v.spread != nil && !v.All() {
		return v.spread.sources(v.snap, slice, s[:0])
	}
	if w := v.whole(); w != nil {
		sh := w.Shard(slice)
		return append(s[:0], source{shard: sh, zones: sh.allZones()})
	}
	sh, base, next := v.snap.Shard(slice), v.own.base.Shard(slice), v.own.next.Shard(slice)
	first := source{shard: sh, zones: sh.allZones()}
	if base != next {
		first.add, first.less = &next.dead, &base.dead
	}
	return append(s[:0], first, ownRows(base, next))
}

// sources are the runs of a slice: an equal share of all zones.
func (p *spread) sources(v *Version, slice int, s []source) []source {
	total := 0
	for _, sh := range v.shards {
		if sh != nil {
			total += sh.allZones()
		}
	}
	from, to := slice*total/p.topo.Slices(), (slice+1)*total/p.topo.Slices()
	at := 0 // zones of the shards before
	for _, sh := range v.shards {
		if sh == nil {
			continue
		}
		n := sh.allZones()
		if lo, hi := max(from-at, 0), min(to-at, n); lo < hi {
			s = append(s, source{shard: sh, first: lo, zones: hi - lo})
		}
		at += n
	}
	return s
}

// ownRows is the run of rows that next has beyond base.
func ownRows(base, next *Shard) source {
	n := base.Rows()
	if next.Rows() <= n {
		return source{shard: next}
	}
	first := int(n / int64(next.zoneRows))
	return source{shard: next, first: first, zones: next.allZones() - first, skip: int(n % int64(next.zoneRows))}
}

// dead is the marks of zone z.
func (s *source) dead(z int) *leaf {
	l := s.shard.dead.leaf(z)
	if s.add != nil {
		l = l.plus(s.add.leaf(z).minus(s.less.leaf(z)))
	}
	return l
}

// Zones is the number of zones of a slice's part: tasks take ranges of them.
func (v View) Zones(slice int) int {
	var room [2]source
	n := 0
	for _, s := range v.sources(slice, room[:0]) {
		n += s.zones
	}
	return n
}

// SliceRows is the number of rows of a slice's part, with those that are deleted.
func (v View) SliceRows(slice int) int64 {
	var room [2]source
	n := int64(0)
	for _, s := range v.sources(slice, room[:0]) {
		if s.zones > 0 {
			end := min(s.shard.Rows(), int64((s.first+s.zones)*s.shard.zoneRows))
			n += end - int64(s.first*s.shard.zoneRows) - int64(s.skip)
		}
	}
	return n
}

// MinMax gives bounds of a column over all slices; deleted rows count too. ok is false when no row holds a value.
func (v View) MinMax(column int) (lo, hi types.Datum, ok bool) {
	add := func(l, h types.Datum, some bool) {
		if some {
			widen(&lo, &hi, ok, l, h)
			ok = true
		}
	}
	for slice := range v.snap.topo.Slices() {
		var room [2]source
		for _, run := range v.unspread().sources(slice, room[:0]) {
			s := run.shard
			if run.zones == 0 {
				continue
			}
			for _, g := range s.groups {
				c := &g.columns[column]
				add(c.lo, c.hi, c.some)
			}
			if s.tailN > 0 {
				b := s.tailBounds(v.snap.def)[column]
				add(b.lo, b.hi, b.some)
			}
		}
	}
	return lo, hi, ok
}

// NullCount is the number of NULLs of a column over all slices; deleted rows count too.
func (v View) NullCount(column int) int64 {
	n := int64(0)
	for slice := range v.snap.topo.Slices() {
		var room [2]source
		for _, run := range v.unspread().sources(slice, room[:0]) {
			s := run.shard
			if run.zones == 0 {
				continue
			}
			for _, g := range s.groups {
				n += int64(g.columns[column].nulled)
			}
			if s.nulls.has(column) {
				n += int64(s.tailBounds(v.snap.def)[column].nulled)
			}
		}
	}
	return n
}
