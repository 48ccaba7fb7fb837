package storage

import (
	"github.com/redshiftsim/redshiftsim/internal/types"
	"github.com/redshiftsim/redshiftsim/internal/vector"
)

// waitingColumn is a column's rows in the form in which they are put in order.
type waitingColumn interface {
	// seal encodes zones full zones, from row `at` of the order on.
	seal(m *merge, c *column, i, at, zones int, before *zoneMap)
	// part makes a lane of n rows, from row `at` of the order on.
	part(m *merge, t types.Type, at, n int) lane
}

// take makes column i's, and lets go what waited of it.
func (m *merge) take(i int) waitingColumn {
	q, b := m.q, m.p.build
	var s waitingColumn
	if !q.mixed[i] && m.w.def.Columns[i].Type.Lane() == types.LaneText {
		switch {
		case q.dicts[i] != nil:
			if c := q.coded(i, b); c != nil {
				s = c
			}
		case q.symbols[i] != nil:
			if c := q.packed(i, b); c != nil {
				s = c
			}
		}
	}
	if s == nil {
		s = &plainColumn{all: q.plain(i, b)}
	}
	for _, g := range q.groups {
		g.columns[i] = column{}
	}
	if q.first > 0 {
		q.before[i] = lane{}
	}
	b.lanes[i] = lane{}
	return s
}

// plainColumn has plain values.
type plainColumn struct {
	all  lane
	some lane // in order: those of a group
}

func (s *plainColumn) seal(m *merge, c *column, i, at, zones int, before *zoneMap) {
	rows := m.q.rowsAt(at, zones*m.sealer.rows)
	if rows == nil {
		m.sealer.column(c, i, &s.all, at, zones, before)
		return
	}
	s.some.pick(&s.all, rows)
	m.sealer.column(c, i, &s.some, 0, zones, before)
}

func (s *plainColumn) part(m *merge, t types.Type, at, n int) lane {
	if rows := m.q.rowsAt(at, n); rows != nil {
		s.some.pick(&s.all, rows)
		return s.some.part(t, 0, n)
	}
	return s.all.part(t, at, n)
}

// codedColumn has codes of one dictionary.
type codedColumn struct {
	dict        *dictionary
	codes, some []uint16
	nulls, none []uint8
}

// coded makes a codedColumn; nil when the rows that are plain need another dictionary.
func (q *waiting) coded(i int, b *builder) *codedColumn {
	d, total := q.dicts[i], q.total(b)
	s := &codedColumn{dict: d, codes: make([]uint16, total), nulls: make([]uint8, total)}
	at := 0
	plain := func(l *lane, rows int) bool {
		limit := maxDict16
		if len(d.texts) <= maxDict8 {
			limit = maxDict8
		}
		copy(s.nulls[at:], l.nulls[:rows])
		ok := d.encode(l.texts[:rows], l.nulls[:rows], s.codes[at:at+rows], limit, true)
		at += rows
		return ok
	}
	if q.first > 0 && !plain(&q.before[i], q.first) {
		return nil
	}
	for _, g := range q.groups {
		c := &g.columns[i]
		for z := range g.zones {
			q.codes(s, c, z, at)
			at += q.sealer.rows
		}
	}
	if !plain(&b.lanes[i], b.rows) {
		return nil
	}
	return s
}

// codes takes the codes of a zone to rows at..
func (q *waiting) codes(s *codedColumn, c *column, z, at int) {
	m, rows := &c.zones[z], q.sealer.rows
	out := s.codes[at : at+rows]
	if m.nulled > 0 {
		var v vector.Vector
		c.vector(&v, z, rows)
		for r := range rows {
			if v.Null(r) {
				s.nulls[at+r] = 1
			}
		}
	}
	switch off := int(m.off); {
	case int(m.nulled) == rows:
	case m.form == constant:
		code := uint16(s.dict.code(c.texts[off], vector.HashText(c.texts[off])))
		for r := range out {
			out[r] = code
		}
	case m.form == dict8:
		for r, code := range c.u8[off : off+rows] {
			out[r] = uint16(code)
		}
	default:
		copy(out, c.u16[off:off+rows])
	}
}

// take puts rows at.. of the order in order.
func (s *codedColumn) take(q *waiting, at, n int) (codes []uint16, nulls []uint8) {
	rows := q.rowsAt(at, n)
	if rows == nil {
		return s.codes[at : at+n], s.nulls[at : at+n]
	}
	s.some, s.none = picked(s.some, s.codes, rows), picked(s.none, s.nulls, rows)
	return s.some, s.none
}

func (s *codedColumn) seal(m *merge, c *column, i, at, zones int, before *zoneMap) {
	codes, nulls := s.take(m.q, at, zones*m.sealer.rows)
	m.sealer.codes(c, i, s.dict, max(0, m.q.told[i]), codes, nulls, before)
}

func (s *codedColumn) part(m *merge, t types.Type, at, n int) lane {
	codes, nulls := s.take(m.q, at, n)
	l := lane{nulls: nulls, texts: make([]string, n)}
	s.dict.decode(l.texts, codes, nulls)
	return l.part(t, 0, n)
}

// packedColumn has codes of one table of symbols.
type packedColumn struct {
	symbols *symbols
	codes   [][]byte   // by group, and those of the plain rows
	spans   []codeSpan // of each row
	nulls   []uint8
	none    []uint8 // in order: the NULLs of a group
}

// codeSpan says where the codes of a text lie: in which list, from where on, and how many: 20, 27 and 17 bits.
type codeSpan uint64

const (
	spanLists = 1 << 20
	spanFrom  = 1 << 27
	spanLen   = 1 << 17
)

func newSpan(list, from, n int) codeSpan {
	return codeSpan(list)<<44 | codeSpan(from)<<17 | codeSpan(n)
}

// of gives the codes.
func (s codeSpan) of(lists [][]byte) []byte {
	from := s >> 17 & (spanFrom - 1)
	return lists[s>>44][from : from+s&(spanLen-1)]
}

// packed makes a packedColumn; nil when some zones lie plain, or their codes are too many for spans.
func (q *waiting) packed(i int, b *builder) *packedColumn {
	if len(q.groups) >= spanLists-2 {
		return nil
	}
	for _, g := range q.groups {
		c := &g.columns[i]
		if len(c.packed) >= spanFrom {
			return nil
		}
		for z := range c.zones {
			if c.zones[z].form == plain {
				return nil
			}
		}
	}
	total := q.total(b)
	s := &packedColumn{symbols: q.symbols[i], spans: make([]codeSpan, total), nulls: make([]uint8, total)}
	p := packers.Get().(*packer)
	defer packers.Put(p)
	p.use(s.symbols)
	at := 0
	if q.first > 0 {
		if !s.pack(p, at, &q.before[i], q.first) {
			return nil
		}
		at += q.first
	}
	for _, g := range q.groups {
		c := &g.columns[i]
		s.codes = append(s.codes, c.packed)
		for z := range g.zones {
			s.zone(c, z, at, q.sealer.rows)
			at += q.sealer.rows
		}
	}
	if !s.pack(p, at, &b.lanes[i], b.rows) {
		return nil
	}
	return s
}

// pack packs plain rows, to rows at..
func (s *packedColumn) pack(p *packer, at int, l *lane, rows int) bool {
	copy(s.nulls[at:], l.nulls[:rows])
	codes := p.zone(nil, l.texts[:rows])
	if len(codes) >= spanFrom {
		return false
	}
	from := 0
	for r, e := range p.ends {
		s.spans[at+r] = newSpan(len(s.codes), from, int(e)-from)
		from = int(e)
	}
	s.codes = append(s.codes, codes)
	return true
}

// zone takes the codes of a zone of the group whose codes came last to rows at..
func (s *packedColumn) zone(c *column, z, at, rows int) {
	m := &c.zones[z]
	if m.nulled > 0 {
		var v vector.Vector
		c.vector(&v, z, rows)
		for r := range rows {
			if v.Null(r) {
				s.nulls[at+r] = 1
			}
		}
	}
	list, from := len(s.codes)-1, int(m.base)
	was := from
	for r := range rows {
		to := from
		switch m.form {
		case packed16:
			to = from + int(c.u16[int(m.off)+r])
		case packed32:
			to = from + int(c.u32[int(m.off)+r])
		default: // all are NULL
		}
		s.spans[at+r] = newSpan(list, was, to-was)
		was = to
	}
}

func (s *packedColumn) seal(m *merge, c *column, i, at, zones int, before *zoneMap) {
	p := packers.Get().(*packer)
	defer packers.Put(p)
	rows := m.sealer.rows
	list, nulls := m.q.rowsAt(at, zones*rows), s.nulls[at:]
	if list != nil {
		s.none = picked(s.none, s.nulls, list)
		nulls = s.none
	}
	c.zones = make([]zoneMap, zones)
	m.sealer.nulls(c, i, nulls[:zones*rows])
	texts := make([]string, rows)
	var codes, buf []byte
	var ends []uint32
	zone := func(z int) []string {
		codes, ends = s.take(codes[:0], ends[:0], m.q, at+z*rows, rows)
		buf = unpackAll(s.symbols, codes, ends, texts, buf)
		return texts
	}
	c.symbols = s.symbols
	m.sealer.packZones(c, p, nulls, zone, func(int, []string) { p.codes, p.ends = append(p.codes, codes...), append(p.ends[:0], ends...) })
	m.sealer.end(c, i, before, func(v *vector.Vector, z int) {
		flat := lane{nulls: nulls[z*rows : (z+1)*rows], texts: zone(z)}
		flat.view(v, 0, rows, c.zones[z].nulled > 0, m.sealer.columns[i].words)
	})
}

// take appends the codes of n rows, from row `at` of the order on, and where each ends.
func (s *packedColumn) take(codes []byte, ends []uint32, q *waiting, at, n int) ([]byte, []uint32) {
	rows := q.rowsAt(at, n)
	for i := range n {
		r := at + i
		if rows != nil {
			r = int(rows[i])
		}
		codes = append(codes, s.spans[r].of(s.codes)...)
		ends = append(ends, uint32(len(codes)))
	}
	return codes, ends
}

func (s *packedColumn) part(m *merge, t types.Type, at, n int) lane {
	l := lane{nulls: s.nulls[at:], texts: make([]string, n)}
	if rows := m.q.rowsAt(at, n); rows != nil {
		l.nulls = picked(nil, s.nulls, rows)
	}
	codes, ends := s.take(nil, nil, m.q, at, n)
	unpackAll(s.symbols, codes, ends, l.texts, nil)
	return l.part(t, 0, n)
}
