package storage

import (
	"context"
	"slices"

	"github.com/redshiftsim/redshiftsim/internal/vector"
)

// Writer makes the change of one statement to one table. Append and Delete may be called at the same time for different slices, not for one.
//
//	Append -> the shard's tail, in place, as long as it has room             (single rows: about a microsecond)
//	       -> a builder of plain lanes when not; 64 full zones become a group   (loads), of a table with a sort key one that waits (waiting.go)
//	Close  -> the run is sorted by the sort key, what is full becomes a group, the rest the new tail
type Writer struct {
	def       *Definition
	snap      *Version // whose deletes the statement sees
	base      *Version
	from      *Version // base, or what the transaction has made of it so far
	own       *Delta
	parts     []part
	err       error
	keep      bool            // rows keep the order in which they come, whatever the sort key (Vacuum)
	vacuums   bool            // rows are those that were there
	counts    bool            // Held is asked for
	ctx       context.Context // of Until; nil = none
	following following
	learnt    learnt
	conflicts bool // rows that base has deleted are conflicts although snap is base (replay)
}

// part is the writer's state of one slice.
type part struct {
	shard    *Shard // a private copy; nil = untouched
	start    int64  // rows of the shard before this statement
	build    *builder
	waiting  *waiting // full zones that are to be sorted; nil = there are none
	below    bool     // one of the statement's rows is not above all that the table had
	sealer   *sealer
	inserted int64
	deleted  int64
	conflict bool
	ghosts   []uint8 // of the run: 1 = marked deleted, and kept (Vacuum)
	head     int     // rows of the run that keep their place (Vacuum)

	leaf     *leaf // of zone leafZone, private
	leafZone int
}

// NewWriter begins a statement's changes to the table. The view's own changes are part of what Close returns.
func (v View) NewWriter() *Writer {
	w := &Writer{}
	v.Reuse(w)
	return w
}

// Reuse makes a new writer in the room of one that Forget has emptied.
func (v View) Reuse(w *Writer) {
	parts := w.parts
	*w = Writer{snap: v.snap, base: v.base, own: v.own}
	if w.base == nil {
		w.base = v.snap
	}
	w.from = w.base
	if v.own != nil {
		w.from = v.own.next
	}
	w.def = w.from.def
	if w.base.generation != w.snap.generation {
		w.err = ErrConflict
	}
	if n := w.from.topo.Slices(); n == len(parts) {
		w.parts = parts
	} else {
		w.parts = make([]part, n)
	}
}

// Forget lets go of all that a writer holds but its room, so that the versions it came from can go.
func (w *Writer) Forget() {
	clear(w.parts)
	*w = Writer{parts: w.parts}
}

// open makes the slice's private shard.
func (w *Writer) open(slice int) *part {
	p := &w.parts[slice]
	if p.shard == nil {
		p.shard = w.from.Shard(slice).clone()
		p.shard.zoneRows = w.def.ZoneRows()
		p.start = p.shard.Rows()
		p.leafZone = -1
	}
	return p
}

// Append adds the live rows of b, whose columns are the table's, in order and cast to its types, NOT NULL checked. The batch is copied, the bytes of its
// texts at the latest by Close.
func (w *Writer) Append(slice int, b *vector.Batch) error {
	k := b.Rows()
	if k == 0 {
		return nil
	}
	p := w.open(slice)
	s := p.shard
	p.inserted += int64(k)
	if p.build == nil {
		if s.tailN+k <= s.zoneRows {
			s.tail = s.tail.claim(w.def, s.tailN, k, s.zoneRows)
			nulls, texts := s.tail.put(s.tailN, b)
			s.nulls |= nulls
			s.texts += int64(texts)
			s.tailN += k
			return nil
		}
		p.build = newBuilder(w.def, s, k)
	}
	w.grow(p, k)
	w.build(p, b, k)
	switch {
	case p.build.rows < w.groupRows(s):
	case w.sorts():
		w.wait(p)
	default:
		w.flush(p, w.groupRows(s))
	}
	return nil
}

// Until makes Close give up with the error of ctx when that ends, between two slices and between two groups: sorting and encoding take longer than reading.
// Nothing of the statement is seen then.
func (w *Writer) Until(ctx context.Context) { w.ctx = ctx }

// ended is the error of the context that Until gave.
func (w *Writer) ended() error {
	if w.ctx == nil {
		return nil
	}
	return w.ctx.Err()
}

// Count makes the writer count what Held tells. It is called before the first Append.
func (w *Writer) Count() { w.counts = true }

// Held is what the writer has come to hold in memory for a slice since it began: rows that wait to be encoded, and those that are. It belongs to who
// may call Append for the slice.
func (w *Writer) Held(slice int) int64 {
	p := &w.parts[slice]
	if p.shard == nil {
		return 0
	}
	n := p.shard.actual() - w.from.Shard(slice).actual()
	if p.waiting != nil {
		n += p.waiting.bytes
	}
	if p.build != nil {
		n += p.build.actual()
	}
	return max(n, 0)
}

// sorts says whether the statement's rows are sorted when it ends.
func (w *Writer) sorts() bool { return !w.keep && w.def.sorted() }

// groupRows is the number of rows that are encoded together: on many slices fewer, so that what waits stays small.
func (w *Writer) groupRows(s *Shard) int {
	zones := groupZones
	if len(w.parts) > 16 {
		zones = groupZones / 4
	}
	return zones * s.zoneRows
}

// keeps is the sealer that the slice's rows will go to, nil = none has been made.
func (p *part) keeps() *sealer {
	if p.waiting != nil {
		return p.waiting.sealer
	}
	return p.sealer
}

// flush encodes the first rows of the builder, a whole number of zones, and moves the rest to its front.
func (w *Writer) flush(p *part, rows int) {
	s, b := p.shard, p.build
	s.push(w.sealerOf(p).seal(b, rows/s.zoneRows, s.lastZones(s.sorted)))
	b.drop(rows, w.counts)
}

// sealerOf makes the slice's sealer when it is first needed.
func (w *Writer) sealerOf(p *part) *sealer {
	if p.sealer == nil {
		var last *group
		if n := len(p.shard.groups); n > 0 {
			last = p.shard.groups[n-1]
		}
		p.sealer = w.newSealer(last)
	}
	return p.sealer
}

// Delete marks rows deleted, by the ids that a scan with RowIDs gave, and returns how many were not yet. A row that another transaction has
// deleted since the snapshot is a conflict: Close then answers ErrConflict.
func (w *Writer) Delete(slice int, rowIDs []int64) int {
	if len(rowIDs) == 0 {
		return 0
	}
	p := w.open(slice)
	s := p.shard
	if !slices.IsSorted(rowIDs) {
		rowIDs = slices.Clone(rowIDs)
		slices.Sort(rowIDs)
	}
	n := 0
	for _, id := range rowIDs {
		z, r := int(id/int64(s.zoneRows)), int(id%int64(s.zoneRows))
		if s.dead.has(z, r) {
			if (w.conflicts || w.snap != w.base) && w.base.Shard(slice).dead.has(z, r) && (w.conflicts || !w.snap.Shard(slice).dead.has(z, r)) {
				p.conflict = true
			}
			continue
		}
		if p.leafZone != z {
			p.leaf, p.leafZone = s.dead.change(z), z
		}
		p.leaf.words[r>>6] |= 1 << (uint(r) & 63)
		p.leaf.count++
		s.dead.count++
		n++
	}
	p.deleted += int64(n)
	return n
}

// made is a version that a writer has made, with room for the shards of a small cluster.
type made struct {
	Version
	few [4]*Shard
}

// Close ends the statement and gives the transaction's changes to the table so far.
func (w *Writer) Close() (*Delta, error) {
	if w.err != nil {
		return nil, w.err
	}
	room := &made{Version: *w.from}
	next := &room.Version
	d := &Delta{base: w.base, next: next}
	if w.own != nil {
		d.inserted, d.deleted = w.own.inserted, w.own.deleted
	}
	fresh, changed, inOrder := false, false, w.sorts() && !w.vacuums && w.inOrder()
	if err := w.finishAll(inOrder); err != nil {
		return nil, err
	}
	for i := range w.parts {
		p := &w.parts[i]
		if p.shard == nil {
			continue
		}
		if !fresh {
			if next.shards = room.few[:]; len(w.parts) <= len(room.few) {
				next.shards = next.shards[:len(w.parts):len(w.parts)]
			} else {
				next.shards = make([]*Shard, len(w.parts))
			}
			copy(next.shards, w.from.shards)
			fresh = true
		}
		next.shards[i] = p.shard
		next.live += p.inserted - p.deleted
		next.changed = next.changed.plus(p.inserted, p.deleted)
		changed = changed || p.inserted+p.deleted > 0
		next.loaded = next.loaded || p.inserted > 0
		d.inserted += p.inserted
		d.deleted += p.deleted
	}
	if changed {
		next.content = contents.Add(1)
	}
	return d, nil
}

// finishAll finishes the slices, several at a time where there is much to encode.
func (w *Writer) finishAll(inOrder bool) error {
	large := 0
	var waiting []int
	for i := range w.parts {
		if w.parts[i].conflict {
			return ErrConflict
		}
		if w.parts[i].build != nil {
			large++
		}
		if w.parts[i].waiting != nil {
			waiting = append(waiting, i)
		}
	}
	if err := w.mergeAll(waiting, inOrder); err != nil {
		return err
	}
	if large <= 1 {
		for i := range w.parts {
			if err := w.finish(&w.parts[i], inOrder); err != nil {
				return err
			}
		}
		return nil
	}
	errs := make([]error, len(w.parts))
	together(len(w.parts), func(i int) { errs[i] = w.finish(&w.parts[i], inOrder) })
	for _, err := range errs {
		if err != nil {
			return err
		}
	}
	return nil
}

// finish sorts the slice's run and encodes what is full.
func (w *Writer) finish(p *part, inOrder bool) error {
	s := p.shard
	if s == nil || p.inserted == 0 {
		return nil
	}
	if err := w.ended(); err != nil {
		return err
	}
	if w.sorts() && p.waiting == nil {
		if p.build != nil {
			p.build.decode(p.build.rows)
		}
		w.sort(p, inOrder)
	}
	if p.build != nil {
		if err := w.encode(p); err != nil {
			return err
		}
	}
	if p.ghosts != nil {
		s.mark(p.ghosts)
		p.deleted += int64(s.dead.count)
	}
	return nil
}

// encode makes groups of the full zones of a slice's builder, and a tail of the rest.
func (w *Writer) encode(p *part) error {
	s, b := p.shard, p.build
	p.build = nil
	for b.rows >= s.zoneRows {
		if err := w.ended(); err != nil {
			return err
		}
		zones := min(b.rows, w.groupRows(s)) / s.zoneRows
		s.push(w.sealerOf(p).seal(b, zones, s.lastZones(s.sorted)))
		b.drop(zones*s.zoneRows, false)
	}
	if b.rows == 0 {
		return nil
	}
	b.decode(b.rows)
	t := &tail{size: b.rows, lanes: make([]lane, len(b.lanes))}
	for i := range b.lanes {
		l := &b.lanes[i]
		t.lanes[i] = l.part(w.def.Columns[i].Type, 0, b.rows)
		if slices.Contains(t.lanes[i].nulls, 1) {
			s.nulls = s.nulls.with(i)
		}
	}
	t.used.Store(int64(b.rows))
	s.tail, s.tailN = t, b.rows
	s.countTexts()
	return nil
}
