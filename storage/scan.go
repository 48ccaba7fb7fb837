package storage

import (
	"sync"

	"github.com/redshiftsim/redshiftsim/internal/types"
	"github.com/redshiftsim/redshiftsim/internal/vector"
)

// ZoneRange is a part of a shard: zones From..To-1 of View.Zones.
type ZoneRange struct{ From, To int }

// ScanSpec says what a scan reads.
type ScanSpec struct {
	Columns    []int       // table columns, in the order of the batch's columns
	Predicates []Predicate // all must be true of a row
	RowIDs     bool        // adds a last column: the bigint ordinal of the row in its shard, for Writer.Delete
	Zones      *ZoneRange  // nil = the whole shard
}

// ScanCounters is what a scan did. Zones are ours; blocks and their bytes are Redshift's: a block of a scanned column counts as read when a zone in it
// may hold rows that pass.
type ScanCounters struct {
	Rows          int64 // in the zones read, before any filter
	RowsPreUser   int64 // of those, not deleted
	RowsKeyed     int64 // dropped by a Set, the keys of a join: rows that the query's own conditions may well have passed
	RowsOut       int64 // of RowsPreUser, passed the predicates
	ZonesRead     int64
	ZonesSkipped  int64
	BlocksRead    int64
	BlocksSkipped int64
	Bytes         int64 // nominal bytes of the blocks read
}

// Scanner reads one slice's part of a view, a zone a batch. It belongs to one task.
type Scanner struct {
	def     *Definition
	sources []source
	spec    *ScanSpec
	tests   []test
	never   bool // no row can pass

	at, to int  // zones of the view
	first  bool // it has been given zone 0 of the slice: the blocks are its to count

	columns  []*vector.Vector
	vecs     []vector.Vector
	probe    vector.Vector // a predicate's column
	sel      []uint16
	borrowed *[vector.Size]uint16   // from selections: sel
	texts    []*[vector.Size]string // from textRows, a slot: the texts of packed zones
	bytes    []byte                 // of those, while they are made
	words    []uint64               // NULL bitmaps of a tail's columns, 32 words each
	leave    []*symbols             // by slot: texts that lie under these are left as they are (ANALYZE); nil = none are
	counters ScanCounters

	// The group of the zone at hand and what its bounds say.
	group      *group
	groupStart int
	groupEnd   int
	groupOf    int // source it belongs to, -1 = none

	fewSources [2]source // room of sources, tests, vecs and columns, when they are few
	fewTests   [1]test
	fewVecs    [2]vector.Vector
	few        [2]*vector.Vector
}

// Scan reads a slice's part. The batches point into storage and are good until the next Next.
func (v View) Scan(slice int, spec *ScanSpec) *Scanner {
	s := &Scanner{def: v.Definition()}
	s.sources = v.sources(slice, s.fewSources[:0])
	s.start(spec)
	return s
}

// start makes the scanner ready for the spec.
func (s *Scanner) start(spec *ScanSpec) {
	s.spec, s.groupOf = spec, -1
	for i := range s.sources {
		s.to += s.sources[i].zones
	}
	if r := spec.Zones; r != nil {
		s.at, s.to = max(0, r.From), min(s.to, r.To)
	}
	s.first = s.at == 0
	if s.at >= s.to {
		return
	}
	if len(spec.Predicates) > 0 {
		if s.tests == nil {
			s.tests = s.fewTests[:0]
		}
		s.tests = prepare(s.def, spec.Predicates, s.tests[:0])
		for i := range s.tests {
			s.never = s.never || s.tests[i].never
		}
	}
	n := len(spec.Columns)
	if spec.RowIDs {
		n++
	}
	if n <= cap(s.vecs) && n > len(s.few) { // of a scan before
		s.vecs, s.columns = s.vecs[:n], s.columns[:n]
	} else if n <= len(s.few) {
		s.vecs, s.columns = s.fewVecs[:n], s.few[:n]
	} else {
		s.vecs, s.columns = make([]vector.Vector, n), make([]*vector.Vector, n)
	}
	for i := range s.vecs {
		s.columns[i] = &s.vecs[i]
		if i < len(spec.Columns) {
			s.vecs[i].Type = s.def.Columns[spec.Columns[i]].Type
		} else {
			s.vecs[i].Type = types.TInt8
		}
	}
}

// Move makes the scanner read other zones of its slice next, those of r; what was made ready for the predicates stays.
func (s *Scanner) Move(r ZoneRange) {
	total := 0
	for i := range s.sources {
		total += s.sources[i].zones
	}
	s.at, s.to = max(0, r.From), min(total, r.To)
	s.first = s.first || s.at == 0
}

// Turn makes a scanner that was closed read another slice of the same view, whose zones Move names; what was made ready for the predicates and the room for
// its columns stay.
func (s *Scanner) Turn(v View, slice int) {
	clear(s.sources)
	s.sources = v.sources(slice, s.sources)
	s.counters, s.group, s.groupOf, s.at, s.to, s.first = ScanCounters{}, nil, -1, 0, 0, false
}

// Rescan is Scan with a scanner that Forget has emptied.
func (v View) Rescan(s *Scanner, slice int, spec *ScanSpec) {
	s.def = v.Definition()
	s.sources = v.sources(slice, s.fewSources[:0])
	s.start(spec)
}

// Forget empties a scanner that was closed: what it has read can go, its room stays.
func (s *Scanner) Forget() {
	clear(s.vecs)
	clear(s.tests)
	*s = Scanner{vecs: s.vecs, columns: s.columns, tests: s.tests[:0], bytes: s.bytes[:0]}
}

// Close ends the scan; batches that it gave are no longer good.
func (s *Scanner) Close() {
	s.at = s.to
	if s.borrowed != nil {
		selections.Put(s.borrowed)
		s.borrowed, s.sel = nil, nil
	}
	for _, t := range s.texts {
		if t != nil {
			clear(t[:])
			textRows.Put(t)
		}
	}
	s.texts = nil
}

// textRows are the texts of zones, of scans that have been closed.
var textRows = sync.Pool{New: func() any { return new([vector.Size]string) }}

// selections are the selection buffers of scans that have been closed.
var selections = sync.Pool{New: func() any { return new([vector.Size]uint16) }}

// Next fills b with the next rows that pass; false = there are none.
func (s *Scanner) Next(b *vector.Batch) (bool, error) {
	for s.at < s.to {
		src, z := s.zone(s.at)
		if n := s.pruneGroup(src, z); n > 0 {
			s.counters.ZonesSkipped += int64(n)
			s.at += n
			continue
		}
		s.at++
		if s.read(src, z, b) {
			return true, nil
		}
	}
	return false, nil
}

// zone gives the source of the view's zone i and its number in the source's shard.
func (s *Scanner) zone(i int) (src, z int) {
	for i >= s.sources[src].zones {
		i -= s.sources[src].zones
		src++
	}
	return src, s.sources[src].first + i
}

// pruneGroup finds the group of zone z and returns how many of the zones still to be read can be left out with it at once.
func (s *Scanner) pruneGroup(src, z int) int {
	sh := s.sources[src].shard
	if z >= sh.zones {
		s.group = nil
		if s.never {
			return 1
		}
		return 0
	}
	if s.groupOf == src && s.group != nil && z < s.groupEnd && z >= s.groupStart {
		return 0
	}
	i := sh.find(z)
	s.group, s.groupOf, s.groupStart = sh.groups[i], src, int(sh.starts[i])
	s.groupEnd = s.groupStart + s.group.zones
	rows := s.group.zones * sh.zoneRows
	for t := range s.tests {
		if s.never || s.tests[t].decideGroup(&s.group.columns[s.tests[t].column], rows) == none {
			run := &s.sources[src]
			return min(s.groupEnd-z, run.first+run.zones-z, s.to-s.at)
		}
	}
	return 0
}

// orderZones is the number of zones after which sets are put in order anew.
const orderZones = 16

// order puts a set that has kept fewer of its rows than the one before it in its place: the fewer rows are left, the less the next ones have to do.
func (s *Scanner) order() {
	for i := range s.tests {
		t := &s.tests[i]
		if i > 0 && t.set != nil && s.tests[i-1].set != nil && t.kept*s.tests[i-1].asked < s.tests[i-1].kept*t.asked {
			*t, s.tests[i-1] = s.tests[i-1], *t
		}
	}
	for i := range s.tests {
		s.tests[i].asked, s.tests[i].kept = 0, 0
	}
}

// read fills b with the rows of zone z that pass; false = none did.
func (s *Scanner) read(src, z int, b *vector.Batch) bool {
	run := &s.sources[src]
	sh := run.shard
	rows := sh.rowsOf(z)
	open := s.group == nil // the tail
	zone := z - s.groupStart
	var need uint64 // tests that the zone map does not settle, by bit; those beyond the 64th are always run
	if !open {
		for i := range s.tests {
			t := &s.tests[i]
			switch t.decideZone(&s.group.columns[t.column], zone, rows) {
			case none:
				s.counters.ZonesSkipped++
				return false
			case some:
				need |= 1 << min(i, 63)
			case every:
				if t.set != nil {
					need |= 1 << min(i, 63)
				}
			}
		}
	} else {
		need = ^uint64(0)
	}
	if s.counters.ZonesRead++; s.counters.ZonesRead%orderZones == 0 {
		s.order()
	}
	skip := 0
	if z == run.first {
		skip = run.skip
	}
	s.counters.Rows += int64(rows - skip)

	var sel []uint16 // nil = all
	n := rows
	if skip > 0 {
		n = copy(s.selection(rows), vector.Rows[skip:rows])
		sel = s.sel[:n]
	}
	dead := run.dead(z)
	if dead != nil && (skip > 0 || need == 0) {
		n = vector.SelectBits(dead.words[:], 0, rows, sel, s.selection(rows))
		sel, dead = s.sel[:n], nil
	}
	s.counters.RowsPreUser += int64(n)
	if dead != nil { // few rows may pass the tests: only these are looked up among the marks, then
		s.counters.RowsPreUser -= int64(dead.count)
	}
	for i := range s.tests {
		if n == 0 {
			return false
		}
		if need>>min(i, 63)&1 == 0 {
			continue
		}
		t := &s.tests[i]
		s.probe.Type = t.typ
		s.point(&s.probe, t.column, sh, zone, rows, len(s.spec.Columns), sel)
		if sel == nil && s.inOrder(t, sh, z, rows) {
			if lo, hi := t.span(&s.probe); hi-lo < rows {
				n = hi - lo
				sel = vector.Rows[lo:hi]
			}
			if t.set == nil || n == 0 {
				continue
			}
		}
		if t.set != nil {
			m := t.set.Filter(&s.probe, sel, n, s.selection(rows))
			t.asked, t.kept = t.asked+n, t.kept+m
			s.counters.RowsKeyed += int64(n - m)
			if m < n {
				n, sel = m, s.sel[:m]
			}
			continue
		}
		if len(s.columns) == 0 && sel == nil && dead == nil && i == len(s.tests)-1 { // nobody asks which rows pass
			if m, ok := t.count(&s.probe); ok {
				if m == 0 {
					return false
				}
				s.counters.RowsOut += int64(m)
				b.Columns, b.Len, b.Sel = s.columns, m, nil
				return true
			}
		}
		if m := t.filter(&s.probe, sel, s.selection(rows)); m < n {
			n = m
			sel = s.sel[:n]
		}
	}
	if dead != nil && n > 0 {
		n = vector.SelectBits(dead.words[:], 0, rows, sel, s.selection(rows))
		sel = s.sel[:n]
	}
	if n == 0 {
		return false
	}
	if n == rows {
		sel = nil
	}
	s.counters.RowsOut += int64(n)

	for i, c := range s.spec.Columns {
		s.point(&s.vecs[i], c, sh, zone, rows, i, sel)
	}
	if s.spec.RowIDs {
		v := &s.vecs[len(s.vecs)-1]
		v.Form, v.Len, v.Base, v.U16 = vector.Narrow, rows, int64(z)*int64(sh.zoneRows), vector.Rows[:rows]
	}
	b.Columns, b.Len, b.Sel = s.columns, rows, sel
	return true
}

// selection is the scanner's selection buffer with room for a batch (at least rows: a small tail alone needs no more).
func (s *Scanner) selection(rows int) []uint16 {
	if cap(s.sel) < rows {
		if s.to == s.at && rows <= 64 { // the last zone
			s.sel = make([]uint16, rows)
		} else {
			s.borrowed = selections.Get().(*[vector.Size]uint16)
			s.sel = s.borrowed[:]
		}
	}
	return s.sel[:cap(s.sel)]
}

// point makes v the column's values in the zone at hand; slot numbers what v's texts, and the bitmap of a tail's NULLs, are made in. Of texts that are packed
// the rows of sel are made, nil = all.
func (s *Scanner) point(v *vector.Vector, column int, sh *Shard, zone, rows, slot int, sel []uint16) {
	if s.group != nil {
		c := &s.group.columns[column]
		c.vector(v, zone, rows)
		if v.Lent = c.isPacked(zone); v.Lent {
			if slot < len(s.leave) && s.leave[slot] == c.symbols {
				v.Texts = nil
				return
			}
			if s.texts == nil {
				s.texts = make([]*[vector.Size]string, len(s.spec.Columns)+1)
			}
			if s.texts[slot] == nil {
				s.texts[slot] = textRows.Get().(*[vector.Size]string)
			}
			v.Texts = s.texts[slot][:rows:rows]
			s.bytes = c.unpack(zone, rows, sel, v.Texts, s.bytes)
		}
		return
	}
	var words []uint64
	v.Lent = false
	hasNulls := sh.nulls.has(column)
	if hasNulls {
		if s.words == nil {
			s.words = make([]uint64, 32*(len(s.spec.Columns)+1))
		}
		words = s.words[32*slot : 32*slot+32]
	}
	sh.tail.lanes[column].view(v, 0, rows, hasNulls, words)
}

// each calls f with every batch.
func (s *Scanner) each(f func(*vector.Batch) error) error {
	var b vector.Batch
	for {
		ok, err := s.Next(&b)
		if err != nil || !ok {
			return err
		}
		if err := f(&b); err != nil {
			return err
		}
	}
}
