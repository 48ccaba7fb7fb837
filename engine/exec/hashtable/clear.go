package hashtable

// keepSlots bounds what a table that is cleared keeps: an array of more elements than this must have had one word in keepShare of them, for it is cleared
// whole, and the next keys are taken to be as many.
const (
	keepSlots = 1 << 14
	keepShare = 16
)

// keeps says whether an array that held used words is worth keeping.
func keeps(slots, used int) bool { return slots <= keepSlots || slots <= keepShare*used }

// Clear empties the table, of which l must be the only Lookup, and forgets what l remembers; the room stays for keys like those before. Columns that Read
// gave are no longer good.
func (l *Lookup) Clear() {
	g := l.g
	l.forget()
	used := g.n
	g.n, g.null = 0, 0
	for i := range g.keys {
		g.keys[i].Clear()
	}
	g.ints.clear()
	g.pairs.clear()
	if keeps(len(g.tags.slots), used) {
		clear(g.tags.slots)
	} else {
		g.tags.slots = nil
	}
}

// forget drops what is known of dictionaries.
func (l *Lookup) forget() { l.codes.domains, l.codes.seen = l.codes.domains[:0], false }

// clear empties the table. Words that came in too small batches for a direct array, but were close together in the end, get one.
func (t *intTable) clear() {
	switch n := len(t.direct) + len(t.small) + len(t.slots); {
	case !keeps(n, t.used):
		t.direct, t.small, t.slots = nil, nil, nil
	case t.direct == nil && t.used > 0 && width(t.lo, t.hi) <= t.limit(directFactor):
		t.small, t.slots = nil, nil
		t.cover(t.lo, t.hi)
	default:
		clear(t.direct)
		clear(t.small)
		clear(t.slots)
	}
	t.used, t.rows, t.lo, t.hi = 0, 0, 0, 0
}

// refit drops the arrays of a table without words in which words of lo..hi have no place.
func (t *intTable) refit(lo, hi int64) {
	if t.direct != nil && (lo < t.origin || uint64(hi)-uint64(t.origin) >= uint64(len(t.direct))) {
		t.direct = nil
	}
	if t.small != nil && !t.fits(lo, hi) {
		t.small = nil
	}
}

// clear empties the table.
func (t *pairTable) clear() {
	if keeps(len(t.slots), t.used) {
		clear(t.slots)
	} else {
		t.slots = nil
	}
	t.used = 0
}

// Clear empties the column; its first chunk is kept.
func (c *Column) Clear() {
	c.Len, c.text, c.Nulls = 0, 0, nil
	c.Bools, c.Int64s, c.Wides = firstChunk(c.Bools), firstChunk(c.Int64s), firstChunk(c.Wides)
	c.Floats, c.Texts = firstChunk(c.Floats), firstChunk(c.Texts)
}

// firstChunk is the first of a lane's chunks, without elements; those that it had are zero, for what is new in a lane is zero.
func firstChunk[T any](chunks [][]T) [][]T {
	if len(chunks) == 0 {
		return nil
	}
	clear(chunks[0])
	chunks[0] = chunks[0][:0]
	clear(chunks[1:])
	return chunks[:1]
}

// Move makes the probe one of another table, whose rows and keys are of the same types.
func (p *Probe) Move(t *Table) {
	if p.t != t {
		p.t, p.l.g = t, t.groups
		p.l.forget()
	}
	p.sel, p.n, p.at, p.off, p.pos = nil, 0, 0, 0, 0
}
