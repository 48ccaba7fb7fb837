package storage

import (
	"slices"

	"github.com/redshiftsim/redshiftsim/internal/vector"
)

// waiting are the rows of a statement on one slice that wait for its end to be sorted. They wait encoded, for plain ones take five times the memory.
//
//	before            rows of the shard's tail, which stay in front
//	groups            full zones in the order in which they came; texts under one dictionary, or one table of symbols, as long as these serve
//	the builder       what came last, plain
//	    -> arrange: the sort key's columns alone are made plain and give the order of all rows
//	    -> columns, one by one: made plain (texts stay codes), put in order and encoded anew; what waited of the column is let go
type waiting struct {
	sealer *sealer
	groups []*group
	rows   int   // in groups
	bytes  int64 // that these hold

	before []lane
	first  int // rows of before

	dicts   []*dictionary // by column: under which all groups have their texts; nil = under none
	symbols []*symbols    // by column: under which all groups have theirs
	mixed   []bool        // by column: neither
	told    []int         // by column: texts of the dictionary that the shard's last group counts already; -1 = the dictionary is new

	order []uint32 // of all rows, once arranged; nil = they lie in order
}

// wait puts the builder's full zones aside.
func (w *Writer) wait(p *part) {
	b, s := p.build, p.shard
	if p.waiting == nil {
		p.waiting = w.newWaiting(s, b, b.rows-int(p.inserted))
	}
	q := p.waiting
	w.compare(p, b.lanes, 0, b.rows)
	zones := b.rows / s.zoneRows
	g := q.sealer.seal(b, zones, nil)
	q.add(g)
	b.drop(zones*s.zoneRows, w.counts)
}

// newWaiting begins, with the first rows of the builder as those before.
func (w *Writer) newWaiting(s *Shard, b *builder, first int) *waiting {
	var last *group
	if n := len(s.groups); n > 0 {
		last = s.groups[n-1]
	}
	def := w.def
	n := len(def.Columns)
	q := &waiting{
		sealer: w.newSealer(last), first: first, dicts: make([]*dictionary, n), symbols: make([]*symbols, n), mixed: make([]bool, n),
		told: make([]int, n),
	}
	q.sealer.rough = true
	for i := range q.told {
		c := &q.sealer.columns[i]
		q.dicts[i], q.symbols[i], q.told[i] = c.dict, c.symbols, c.told
	}
	if first > 0 {
		b.decode(b.size)
		q.before = make([]lane, n)
		for i := range q.before {
			q.before[i] = b.lanes[i].grown(def.Columns[i].Type, first, first)
		}
		b.drop(first, false)
	}
	return q
}

// add adds a group, and notes under what its texts lie.
func (q *waiting) add(g *group) {
	for i := range g.columns {
		c, state := &g.columns[i], &q.sealer.columns[i]
		if state.dict != q.dicts[i] {
			q.mixed[i] = q.mixed[i] || len(q.groups) > 0
			q.dicts[i], q.told[i] = state.dict, -1
		}
		if c.dict == nil && state.symbols != q.symbols[i] {
			q.mixed[i] = q.mixed[i] || len(q.groups) > 0
			q.symbols[i] = state.symbols
		}
	}
	q.groups = append(q.groups, g)
	q.rows += g.zones * q.sealer.rows
	q.bytes += g.actual()
}

// total is the number of rows, those of the builder included.
func (q *waiting) total(b *builder) int { return q.first + q.rows + b.rows }

// plain makes a column's rows plain.
func (q *waiting) plain(i int, b *builder) lane {
	t := q.sealer.def.Columns[i].Type
	l := newLane(t, q.total(b))
	v := vector.Vector{Type: t}
	at := 0
	put := func(from *lane, rows int) {
		if rows > 0 {
			from.view(&v, 0, rows, true, make([]uint64, (rows+63)/64))
			l.put(at, &v, nil)
			at += rows
		}
	}
	if q.first > 0 {
		put(&q.before[i], q.first)
	}
	var buf []byte
	var texts []string
	for _, g := range q.groups {
		c := &g.columns[i]
		for z := range g.zones {
			v = vector.Vector{Type: t}
			if c.vector(&v, z, q.sealer.rows); c.isPacked(z) {
				texts = slices.Grow(texts[:0], q.sealer.rows)[:q.sealer.rows]
				buf = c.unpack(z, q.sealer.rows, nil, texts, buf)
				v.Texts = texts
			}
			l.put(at, &v, nil)
			at += q.sealer.rows
		}
	}
	v = vector.Vector{Type: t}
	put(&b.lanes[i], b.rows)
	return l
}

// arrange finds the order of all rows, and moves the end of the sorted region.
func (w *Writer) arrange(p *part, inOrder bool) {
	q, b := p.waiting, p.build
	b.decode(b.rows)
	lanes := make([]lane, len(w.def.Columns))
	for _, c := range w.def.Sort.Columns {
		if lanes[c].nulls == nil {
			lanes[c] = q.plain(c, b)
		}
	}
	from, total := q.first+p.head, q.total(b)
	perm := w.ordered(p, lanes, from, total-from)
	w.extend(p, total-from, inOrder)
	if perm == nil || from == 0 {
		q.order = perm
		return
	}
	q.order = make([]uint32, total)
	for i := range q.order {
		q.order[i] = uint32(i)
		if i >= from {
			q.order[i] = uint32(from) + perm[i-from]
		}
	}
}

// mergeAll arranges the rows that wait on slices, and encodes them: slices, then columns, several at a time.
func (w *Writer) mergeAll(slices []int, inOrder bool) error {
	if len(slices) == 0 {
		return nil
	}
	together(len(slices), func(i int) {
		if w.ended() == nil {
			w.arrange(&w.parts[slices[i]], inOrder)
		}
	})
	columns := len(w.def.Columns)
	merges := make([]merge, len(slices))
	for i, slice := range slices {
		merges[i] = newMerge(w, &w.parts[slice])
	}
	together(len(slices)*columns, func(k int) { merges[k/columns].column(columns - 1 - k%columns) })
	if err := w.ended(); err != nil {
		return err
	}
	for i := range merges {
		merges[i].end()
	}
	return nil
}

// merge encodes the rows that wait on one slice, in their order.
type merge struct {
	w      *Writer
	p      *part
	q      *waiting
	sealer *sealer
	groups []*group
	last   []zoneMap // before them
	tail   *tail     // what is left of them; nil = nothing
}

func newMerge(w *Writer, p *part) merge {
	q, s := p.waiting, p.shard
	m := merge{w: w, p: p, q: q, sealer: w.sealerOf(p), last: s.lastZones(s.sorted)}
	total := q.total(p.build)
	for zones := total / s.zoneRows; zones > 0; {
		n := min(zones, w.groupRows(s)/s.zoneRows)
		m.groups = append(m.groups, &group{zones: n, columns: make([]column, len(w.def.Columns))})
		zones -= n
	}
	if rest := total % s.zoneRows; rest > 0 {
		m.tail = &tail{size: rest, lanes: make([]lane, len(w.def.Columns))}
		m.tail.used.Store(int64(rest))
	}
	return m
}

// column encodes column i.
func (m *merge) column(i int) {
	if m.w.ended() != nil {
		return
	}
	var at int
	rows := m.sealer.rows
	t := m.w.def.Columns[i].Type
	all := m.take(i)
	for k, g := range m.groups {
		if m.w.ended() != nil {
			return
		}
		all.seal(m, &g.columns[i], i, at, g.zones, m.before(k, i))
		at += g.zones * rows
	}
	if m.tail != nil {
		m.tail.lanes[i] = all.part(m, t, at, m.tail.size)
	}
}

// before is the zone map of column i before group k, in the same region; nil = there is none.
func (m *merge) before(k, i int) *zoneMap {
	if k == 0 {
		if m.last == nil {
			return nil
		}
		return &m.last[i]
	}
	s := m.p.shard
	z := s.zones
	for _, g := range m.groups[:k] {
		z += g.zones
	}
	if inSorted(z-1, s.zoneRows, s.sorted) != inSorted(z, s.zoneRows, s.sorted) {
		return nil
	}
	zones := m.groups[k-1].columns[i].zones
	return &zones[len(zones)-1]
}

// rowsAt lists rows at.. to.. of the order, nil when they lie in order.
func (q *waiting) rowsAt(at, n int) []uint32 {
	if q.order == nil {
		return nil
	}
	return q.order[at : at+n]
}

// end gives the shard what was made.
func (m *merge) end() {
	s := m.p.shard
	for _, g := range m.groups {
		s.push(g)
	}
	m.p.build, *m.q = nil, waiting{}
	if m.tail == nil {
		return
	}
	for i := range m.tail.lanes {
		if slices.Contains(m.tail.lanes[i].nulls, 1) {
			s.nulls = s.nulls.with(i)
		}
	}
	s.tail, s.tailN = m.tail, m.tail.size
	s.countTexts()
}
