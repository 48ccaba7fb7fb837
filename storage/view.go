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
func (v View) Definition() *Definition { return v.snap.def }

// Topology is the cluster's shape.
func (v View) Topology() Topology { return v.snap.topo }

// All says that one physical copy, in shard 0, stands for a copy on every node.
func (v View) All() bool { return v.snap.def.Dist.All() }

// Rows is the number of rows that the view shows.
func (v View) Rows() int64 {
	if w := v.whole(); w != nil {
		return w.live
	}
	return v.snap.live + v.own.next.live - v.own.base.live
}

// source is a run of zones of one shard, in a view.
type source struct {
	shard     *Shard
	first     int      // zone
	zones     int      // from first on
	skip      int      // rows of the first zone that the view does not show
	add, less *deletes // further marks: those of add that less does not have; nil = none
}

// sources fills s with the runs of a slice and returns how many there are.
func (v View) sources(slice int, s *[2]source) int {
	if w := v.whole(); w != nil {
		sh := w.Shard(slice)
		s[0] = source{shard: sh, zones: sh.allZones()}
		return 1
	}
	sh, base, next := v.snap.Shard(slice), v.own.base.Shard(slice), v.own.next.Shard(slice)
	s[0] = source{shard: sh, zones: sh.allZones()}
	if base != next {
		s[0].add, s[0].less = &next.dead, &base.dead
	}
	s[1] = ownRows(base, next)
	return 2
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
	var s [2]source
	n := 0
	for i := range v.sources(slice, &s) {
		n += s[i].zones
	}
	return n
}

// SliceRows is the number of rows of a slice's part, with those that are deleted.
func (v View) SliceRows(slice int) int64 {
	var s [2]source
	n := int64(0)
	for i := range v.sources(slice, &s) {
		if s[i].zones > 0 {
			n += s[i].shard.Rows() - int64(s[i].first*s[i].shard.zoneRows) - int64(s[i].skip)
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
		var runs [2]source
		for i := range v.sources(slice, &runs) {
			s := runs[i].shard
			if runs[i].zones == 0 {
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
		var runs [2]source
		for i := range v.sources(slice, &runs) {
			s := runs[i].shard
			if runs[i].zones == 0 {
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
