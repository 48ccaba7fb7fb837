package storage

import (
	"errors"
	"sync/atomic"
)

// ErrConflict says that a delta does not fit the version that it meets: a row that it deletes was deleted since, or the rows were laid out anew
// (VACUUM, TRUNCATE, ALTER). The caller makes Redshift's error 1023 of it.
// https://docs.aws.amazon.com/redshift/latest/dg/r_Serializable_isolation.html
var ErrConflict = errors.New("storage: conflict with a concurrent change of the table")

// Version is what one snapshot sees of a table: its definition, a shard a slice, statistics. It is immutable.
type Version struct {
	def        *Definition
	topo       Topology
	shards     []*Shard // nil, and nil entries, are empty
	live       int64
	generation uint64
	stats      *Statistics
	changed    changes // since stats were made
	content    uint64  // equal for versions with the same rows, wherever they lie
	loaded     bool    // it, or one that it came from, has held rows
}

// contents numbers the contents of tables. A count of changes would not do: two transactions that begin at one version may change as many rows, but others.
var contents atomic.Uint64

// changes counts rows that were inserted and rows that were deleted.
type changes struct{ inserted, deleted int64 }

func (c changes) plus(inserted, deleted int64) changes {
	return changes{c.inserted + inserted, c.deleted + deleted}
}

// NewVersion is an empty table; it allocates nothing but itself.
func NewVersion(def *Definition, topo Topology) *Version { return &Version{def: def, topo: topo} }

// Definition is the table's shape.
func (v *Version) Definition() *Definition { return v.def }

// Topology is the cluster's shape.
func (v *Version) Topology() Topology { return v.topo }

// Rows is the number of live rows; those of an ALL table count once.
func (v *Version) Rows() int64 { return v.live }

// Loaded says whether the table has ever held a row.
func (v *Version) Loaded() bool { return v.loaded }

// Generation changes when rows are laid out anew, so that row ids of before mean nothing.
func (v *Version) Generation() uint64 { return v.generation }

// Shard is a slice's part. The one copy of an ALL table is shard 0.
func (v *Version) Shard(slice int) *Shard {
	if slice >= len(v.shards) || v.shards[slice] == nil {
		return noShard
	}
	return v.shards[slice]
}

// Statistics is what ANALYZE found last; nil = never analyzed.
func (v *Version) Statistics() *Statistics { return v.stats }

// Changed is the number of rows inserted and deleted since the statistics were made.
func (v *Version) Changed() int64 { return v.changed.inserted + v.changed.deleted }

// Changes are the two numbers behind Changed; an UPDATE counts in both.
func (v *Version) Changes() (inserted, deleted int64) { return v.changed.inserted, v.changed.deleted }

// WithStatistics is v with other statistics; data and generation stay.
func (v *Version) WithStatistics(s *Statistics) *Version {
	n := *v
	n.stats, n.changed = s, changes{}
	return &n
}

// WithDefinition is v under a definition that changes no data: names, NOT NULL, longer varchars.
func (v *Version) WithDefinition(def *Definition) *Version {
	n := *v
	n.def = def
	return &n
}

// Physical is the number of rows in all shards with those that are deleted, and how many of them are deleted and how many sorted.
func (v *Version) Physical() (rows, deleted, sorted int64) {
	for _, s := range v.shards {
		if s != nil {
			rows += s.Rows()
			deleted += s.Deleted()
			sorted += min(s.sorted, s.Rows())
		}
	}
	return rows, deleted, sorted
}

// Truncate is v without rows.
// https://docs.aws.amazon.com/redshift/latest/dg/r_TRUNCATE.html
func (v *Version) Truncate() *Version {
	n := &Version{def: v.def, topo: v.topo, generation: v.generation + 1, stats: v.stats, changed: v.changed.plus(0, v.live), content: v.content, loaded: v.loaded}
	if v.live > 0 {
		n.content = contents.Add(1)
	}
	return n
}

// Delta is the change of one transaction to one table: the version that it was made on and the one that it makes.
type Delta struct {
	base, next        *Version
	inserted, deleted int64
}

// Inserted is the number of rows that were appended.
func (d *Delta) Inserted() int64 { return d.inserted }

// Deleted is the number of rows that were marked deleted.
func (d *Delta) Deleted() int64 { return d.deleted }

// Between is the delta that made next of base by changes of rows alone: inserts and deletes, of one statement or of many.
func Between(base, next *Version) *Delta {
	was, is := base.changed, next.changed
	return &Delta{base: base, next: next, inserted: is.inserted - was.inserted, deleted: is.deleted - was.deleted}
}

// Apply lays a delta on v, the newest version. When v is the one that the delta was made on, the result is there already; shards that others have
// changed since get the delta's rows and marks anew. ErrConflict: a row that it deletes was deleted since, or the generation is another.
func (v *Version) Apply(d *Delta) (*Version, error) {
	if v == d.base {
		return d.next, nil
	}
	if v.generation != d.base.generation {
		return nil, ErrConflict
	}
	n := *v
	n.shards = make([]*Shard, v.topo.Slices())
	copy(n.shards, v.shards)
	n.live += d.inserted - d.deleted
	n.changed = n.changed.plus(d.inserted, d.deleted)
	if d.inserted+d.deleted > 0 {
		n.content = contents.Add(1)
	}
	n.loaded = n.loaded || d.inserted > 0
	for i := range n.shards {
		base, next := d.base.Shard(i), d.next.Shard(i)
		switch v.Shard(i) {
		case next:
		case base:
			n.shards[i] = d.next.Shard(i)
		default:
			if base == next {
				continue
			}
			s, err := replay(v, i, base, next)
			if err != nil {
				return nil, err
			}
			n.shards[i] = s
		}
	}
	return &n, nil
}

// replay puts what next has over base on shard i of v.
func replay(v *Version, i int, base, next *Shard) (*Shard, error) {
	w := ViewOf(v).NewWriter()
	w.conflicts = true
	for z := range base.allZones() {
		own := next.dead.leaf(z).minus(base.dead.leaf(z))
		if own == nil {
			continue
		}
		var ids []int64
		for r := range base.rowsOf(z) {
			if own.words[r>>6]>>(uint(r)&63)&1 != 0 {
				ids = append(ids, int64(z*base.zoneRows+r))
			}
		}
		w.Delete(i, ids)
	}
	s := &Scanner{def: v.def, sources: []source{ownRows(base, next)}}
	s.start(&ScanSpec{Columns: allColumns(v.def)})
	if err := s.each(func(b *vectorBatch) error { return w.Append(i, b) }); err != nil {
		return nil, err
	}
	d, err := w.Close()
	if err != nil {
		return nil, err
	}
	return d.next.Shard(i), nil
}

// allColumns is 0, 1 ... of a definition.
func allColumns(def *Definition) []int {
	c := make([]int, len(def.Columns))
	for i := range c {
		c[i] = i
	}
	return c
}
