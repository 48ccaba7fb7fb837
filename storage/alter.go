package storage

import (
	"context"
	"slices"

	"github.com/redshiftsim/redshiftsim/internal/types"
	"github.com/redshiftsim/redshiftsim/internal/vector"
)

// Redistribute lays all live rows out anew under another definition of the same columns (ALTER DISTSTYLE, SORTKEY, ENCODE) or another topology
// (resize). Each slice's rows are sorted whole. It gives up with the error of ctx when that ends: between two batches, and between two groups.
// https://docs.aws.amazon.com/redshift/latest/dg/r_ALTER_TABLE.html
func (v *Version) Redistribute(ctx context.Context, def *Definition, topo Topology) (*Version, error) {
	n := &Version{def: def, topo: topo, generation: v.generation + 1, stats: v.stats, changed: v.changed, loaded: v.loaded}
	w := ViewOf(n).NewWriter()
	w.Until(ctx)
	d := newDealer(def, topo)
	for slice := range v.topo.Slices() {
		s := ViewOf(v).Scan(slice, &ScanSpec{Columns: allColumns(v.def)})
		err := s.each(func(b *vector.Batch) error {
			if err := ctx.Err(); err != nil {
				return err
			}
			return d.deal(b, w)
		})
		if err != nil {
			return nil, err
		}
	}
	return w.rewritten(v)
}

// dealer puts rows on the slices where a definition places them, as a load does.
type dealer struct {
	def   *Definition
	topo  Topology
	row   int64 // rows placed so far
	dest  []uint16
	parts [][]uint16 // rows of the batch at hand, by slice
}

func newDealer(def *Definition, topo Topology) *dealer {
	return &dealer{def: def, topo: topo, dest: make([]uint16, vector.Size), parts: make([][]uint16, topo.Slices())}
}

// deal appends the live rows of b to w, each to its slice.
func (d *dealer) deal(b *vector.Batch, w *Writer) error {
	d.def.Place(d.topo, b, d.row, d.dest)
	for i := range d.parts {
		d.parts[i] = d.parts[i][:0]
	}
	for i := range b.Rows() {
		r := uint16(i)
		if b.Sel != nil {
			r = b.Sel[i]
		}
		d.parts[d.dest[i]] = append(d.parts[d.dest[i]], r)
	}
	for i, sel := range d.parts {
		if len(sel) > 0 {
			if err := w.Append(i, &vector.Batch{Columns: b.Columns, Len: b.Len, Sel: sel}); err != nil {
				return err
			}
		}
	}
	d.row += int64(b.Rows())
	return nil
}

// rewritten closes a writer that copied all of v's rows to a table of their own: nothing counts as changed.
func (w *Writer) rewritten(v *Version) (*Version, error) {
	d, err := w.Close()
	if err != nil {
		return nil, err
	}
	d.next.changed, d.next.content = v.changed, v.content
	return d.next, nil
}

// AddColumn is v with one more column at the end, in which every row has value (NULL or a constant default). Rows stay where they are; nothing is
// copied but the tails.
func (v *Version) AddColumn(col Column, value types.Datum) *Version {
	def := *v.def
	def.Columns = append(slices.Clone(v.def.Columns), col)
	value.Type = col.Type
	return v.reshape(&def, func(s *Shard, g *group) *group {
		n := &group{zones: g.zones, columns: append(slices.Clone(g.columns), column{})}
		n.columns[len(g.columns)] = constantColumn(&def, len(g.columns), g.zones, s.zoneRows, value)
		return n
	}, func(t *tail, rows int) []lane {
		l := newLane(col.Type, t.size)
		l.put(0, vector.NewConst(value, rows), nil)
		return append(copyLanes(v.def, t, rows, nil), l)
	}, func(m nullMask) nullMask {
		if value.Null {
			m = m.with(len(v.def.Columns))
		}
		return m
	}, nil)
}

// DropColumn is v without column i. Distribution and sort keys that name it must have been altered before; positions behind it move up.
func (v *Version) DropColumn(i int) *Version {
	def := *v.def
	def.Columns = slices.Delete(slices.Clone(v.def.Columns), i, i+1)
	if def.Dist.Column > i {
		def.Dist.Column--
	}
	def.Sort.Columns = nil
	for _, c := range v.def.Sort.Columns {
		if c > i {
			c--
		}
		def.Sort.Columns = append(def.Sort.Columns, c)
	}
	return v.reshape(&def, func(_ *Shard, g *group) *group {
		return &group{zones: g.zones, columns: slices.Delete(slices.Clone(g.columns), i, i+1)}
	}, func(t *tail, rows int) []lane {
		return copyLanes(v.def, t, rows, func(c int) bool { return c != i })
	}, func(m nullMask) nullMask {
		if m == 0 {
			return 0
		}
		return ^nullMask(0) // what is not NULL costs a look
	}, func(st []ColumnStats) []ColumnStats {
		if i < len(st) {
			return slices.Delete(slices.Clone(st), i, i+1)
		}
		return st
	})
}

// RenameColumn is v with another name for column i.
func (v *Version) RenameColumn(i int, name string) *Version {
	def := *v.def
	def.Columns = slices.Clone(v.def.Columns)
	def.Columns[i].Name = name
	return v.WithDefinition(&def)
}

// copyLanes copies the first rows of a tail's columns (those that keep says; nil = all).
func copyLanes(def *Definition, t *tail, rows int, keep func(int) bool) []lane {
	var out []lane
	for c := range t.lanes {
		if keep == nil || keep(c) {
			out = append(out, t.lanes[c].grown(def.Columns[c].Type, rows, t.size))
		}
	}
	return out
}

// reshape makes a version of another set of columns: row ids keep their meaning but deltas of before do not fit, so the generation is a new one.
func (v *Version) reshape(def *Definition, change func(*Shard, *group) *group, lanes func(*tail, int) []lane, mask func(nullMask) nullMask,
	stats func([]ColumnStats) []ColumnStats,
) *Version {
	n := *v
	n.def = def
	n.generation++
	if v.stats != nil && stats != nil {
		n.stats = &Statistics{Rows: v.stats.Rows, Columns: stats(v.stats.Columns)}
	}
	if v.shards != nil {
		n.shards = make([]*Shard, len(v.shards))
	}
	for i, s := range v.shards {
		if s == nil {
			continue
		}
		c := s.clone()
		c.groups = make([]*group, len(s.groups))
		for j, g := range s.groups {
			c.groups[j] = change(s, g)
		}
		c.sealed = 0
		for _, g := range c.groups {
			c.sealed += g.actual()
		}
		if s.tail != nil {
			c.tail = &tail{size: s.tail.size, lanes: lanes(s.tail, s.tailN)}
			c.tail.used.Store(int64(s.tailN))
			c.countTexts()
		}
		c.nulls = mask(s.nulls)
		n.shards[i] = c
	}
	return &n
}

// constantColumn is a column of full zones that all hold one value.
func constantColumn(def *Definition, c, zones, zoneRows int, value types.Datum) column {
	l := newLane(value.Type, zoneRows)
	l.put(0, vector.NewConst(value, zoneRows), nil)
	one := (&Writer{def: &Definition{Columns: def.Columns[c : c+1], Sort: SortKey{}, BlockBytes: def.BlockBytes, Temp: def.Temp}}).newSealer(nil)
	g := one.seal(&builder{lanes: []lane{l}, coded: []*codedRows{nil}, packed: []*packedLane{nil}}, 1, nil)
	col := g.columns[0]
	col.zones = slices.Repeat(col.zones, zones) // all point at the one value
	if col.wideBounds != nil {
		col.wideBounds = slices.Repeat(col.wideBounds, zones)
	}
	if col.textBounds != nil {
		col.textBounds = slices.Repeat(col.textBounds, zones)
	}
	col.nulled *= zones
	col.measure(0)
	return col
}
