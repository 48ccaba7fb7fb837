package storage

// SameRows says whether v has the rows of another version of its table: nothing was inserted or deleted between. They may have been laid out anew.
func (v *Version) SameRows(other *Version) bool { return v.content == other.content }

// GrewFrom says whether only inserts and deletes lie between an earlier version and v: rows keep their places, and what was inserted stands behind. After
// VACUUM, TRUNCATE, ALTER or a resize it is not so.
func (v *Version) GrewFrom(earlier *Version) bool {
	return v.generation == earlier.generation && v.topo == earlier.topo && len(v.def.Columns) >= len(earlier.def.Columns)
}

// Since gives what changed from an earlier version of the table to v, as tables of their own: the rows that were inserted and are still there, and those that
// were there and are deleted. nil = there are none. ok is false when rows were laid out anew in between, so that it cannot be told.
//
//	shard of v    0 ............ earlier.Rows() ............ v.Rows()
//	              dead now, alive then: deleted | alive: inserted
func (v *Version) Since(earlier *Version) (inserted, deleted *Version, ok bool, err error) {
	if !v.GrewFrom(earlier) {
		return nil, nil, false, nil
	}
	def := *v.def
	def.Sort = SortKey{}
	fresh, gone := ViewOf(NewVersion(&def, v.topo)).NewWriter(), ViewOf(NewVersion(&def, v.topo)).NewWriter()
	for i := range v.topo.Slices() {
		was, is := earlier.Shard(i), v.Shard(i)
		if is.Rows() < was.Rows() {
			return nil, nil, false, nil
		}
		if err := v.copyRows(ownRows(was, is), i, fresh); err != nil {
			return nil, nil, false, err
		}
		for z := range was.allZones() {
			died := is.dead.leaf(z).minus(was.dead.leaf(z))
			if died == nil {
				continue
			}
			if err := v.copyRows(source{shard: only(is, z, was.rowsOf(z), died), first: z, zones: 1}, i, gone); err != nil {
				return nil, nil, false, err
			}
		}
	}
	if inserted, err = closed(fresh); err == nil {
		deleted, err = closed(gone)
	}
	return inserted, deleted, err == nil, err
}

// copyRows appends the live rows of a run to a slice of w.
func (v *Version) copyRows(run source, slice int, w *Writer) error {
	if run.zones == 0 {
		return nil
	}
	s := &Scanner{def: v.def, sources: []source{run}}
	s.start(&ScanSpec{Columns: allColumns(v.def)})
	return s.each(func(b *vectorBatch) error { return w.Append(slice, b) })
}

// only is a shard whose zone z shows, of its first rows, those that died marks and no others.
func only(s *Shard, z, rows int, died *leaf) *Shard {
	c := s.clone()
	l := c.dead.change(z)
	l.count = 0
	for r := range s.rowsOf(z) {
		bit := uint64(1) << (uint(r) & 63)
		if r < rows && died.words[r>>6]&bit != 0 {
			l.words[r>>6] &^= bit
		} else {
			l.words[r>>6] |= bit
			l.count++
		}
	}
	return c
}

// closed closes a writer that fills a table of its own; nil = nothing was written.
func closed(w *Writer) (*Version, error) {
	d, err := w.Close()
	if err != nil || d.next.live == 0 {
		return nil, err
	}
	return d.next, nil
}

// Filled is a table of rows: batches of its columns, dealt to slices as Place would a load.
func Filled(def *Definition, topo Topology, each func(put func(b *vectorBatch) error) error) (*Version, error) {
	v := NewVersion(def, topo)
	w := ViewOf(v).NewWriter()
	d := newDealer(def, topo)
	if err := each(func(b *vectorBatch) error { return d.deal(b, w) }); err != nil {
		return nil, err
	}
	delta, err := w.Close()
	if err != nil {
		return nil, err
	}
	return delta.next, nil
}
