package storage

import (
	"slices"

	"github.com/redshiftsim/redshiftsim/internal/types"
	"github.com/redshiftsim/redshiftsim/internal/vector"
)

// builder gathers rows that no longer fit in a tail: first those of the old tail, then the run.
type builder struct {
	lanes  []lane
	coded  []*codedRows  // by column: its rows, which lie in no lane then
	packed []*packedLane // the same
	texts  int           // bytes of the texts in it, when they are counted
	rows   int
	size   int // capacity
}

// newBuilder begins with the rows of the shard's tail, which becomes empty.
func newBuilder(def *Definition, s *Shard, k int) *builder {
	b := &builder{rows: s.tailN, size: max(2*s.zoneRows, s.tailN+k)}
	n := len(def.Columns)
	b.lanes, b.coded, b.packed = make([]lane, n), make([]*codedRows, n), make([]*packedLane, n)
	for i := range b.lanes {
		if s.tailN == 0 {
			b.lanes[i] = newLane(def.Columns[i].Type, b.size)
		} else {
			b.lanes[i] = s.tail.lanes[i].grown(def.Columns[i].Type, s.tailN, b.size)
		}
	}
	s.tail, s.tailN, s.texts, s.nulls = nil, 0, 0, 0
	return b
}

// grow makes room for k more rows. Once the rows are an eighth of those of a group, there is room for these and a batch.
func (w *Writer) grow(p *part, k int) {
	b := p.build
	if b.rows+k <= b.size {
		return
	}
	b.size = max(b.rows+k, 2*b.size)
	if most := w.groupRows(p.shard) + vector.Size; b.rows >= most/8 {
		b.size = max(b.rows+k, most)
	}
	for i := range b.lanes {
		if b.coded[i] != nil {
			b.coded[i].grow(b.size)
		} else {
			b.lanes[i] = b.lanes[i].grown(w.def.Columns[i].Type, b.rows, b.size)
		}
	}
}

// build copies the live rows of a batch to a slice's builder; there is room for them.
func (w *Writer) build(p *part, batch *vector.Batch, k int) {
	b := p.build
	for i := range b.lanes {
		v := batch.Columns[i]
		if b.rows < vector.Size && v.Type.Lane() == types.LaneText && b.coded[i] == nil && b.packed[i] == nil {
			switch v.Form {
			case vector.Dict:
				w.code(p, i)
			case vector.Flat:
				w.pack(p, i)
			}
		}
		switch c, r := b.coded[i], b.packed[i]; {
		case c != nil && c.put(b.rows, v, batch.Sel, k), r != nil && r.put(b.rows, v, batch.Sel, k):
			continue
		}
		b.decodeColumn(i, b.size)
		b.put(i, v, batch.Sel, k, p.keeps())
		if w.counts {
			b.texts += b.lanes[i].textBytes(b.rows, k)
		}
	}
	b.rows += k
}

// put copies rows of a column to its lane. The bytes of texts are copied too while the processor's cache has them, but those of columns that have a dictionary, of
// which few are read again: keeps is the sealer that knows, nil = none does yet.
func (b *builder) put(i int, v *vector.Vector, sel []uint16, k int, keeps *sealer) {
	l := &b.lanes[i]
	l.put(b.rows, v, sel)
	if l.texts != nil && v.Form == vector.Flat && (keeps == nil || keeps.columns[i].dict == nil) {
		texts := l.texts[b.rows : b.rows+k]
		copyTexts(texts, texts)
	}
}

// drop lets the first rows go.
func (b *builder) drop(rows int, counts bool) {
	rest := b.rows - rows
	for i := range b.lanes {
		switch {
		case b.coded[i] != nil:
			b.coded[i].move(rows, rest)
		case b.packed[i] != nil:
			b.packed[i].move(rows, rest)
		default:
			b.lanes[i].move(rows, rest)
		}
	}
	b.rows, b.texts = rest, 0
	for i := range b.lanes {
		if counts {
			b.texts += b.lanes[i].textBytes(0, rest)
		}
	}
}

// actual is what the builder holds in memory.
func (b *builder) actual() int64 {
	n := int64(b.texts)
	for i := range b.lanes {
		if c := b.coded[i]; c != nil {
			n += int64(2*len(c.codes) + len(c.nulls))
		}
		if r := b.packed[i]; r != nil {
			n += int64(cap(r.codes) + 4*len(r.ends) + len(r.nulls))
		}
		n += b.lanes[i].actual()
	}
	return n
}

// codedRows are the rows of a column of texts that come as codes, under the dictionary with which they will be sealed: no text is looked at again.
//
//	batch  Dict [MAIL TRUCK]  codes 1 0 1  -> maps[0]: MAIL = 2, TRUCK = 0  ->  codes 0 2 0  of dict [TRUCK AIR MAIL ...]
type codedRows struct {
	dict  *dictionary // of at most maxDict8 texts
	codes []uint16
	nulls []uint8
	maps  [4]codeMap // of the dictionaries that came last: as many as slices that read, most often
	next  int        // of maps, to be given up
}

// codeMap says which code those of another dictionary have become; 0 = none yet, else the code + 1.
type codeMap struct {
	from  *vector.Vector
	codes []uint16
}

// code makes the rows of column i coded, if they may be: they are not sorted by, and have a dictionary with room.
func (w *Writer) code(p *part, i int) {
	if w.sorts() && slices.Contains(w.def.Sort.Columns, i) {
		return
	}
	s := p.keeps()
	if s == nil && !w.sorts() {
		s = w.sealerOf(p)
	}
	var d *dictionary
	switch {
	case s != nil:
		if s.columns[i].dict == nil {
			s.columns[i].dict, s.columns[i].told = newDictionary(), 0
		}
		d = s.columns[i].dict
	case len(p.shard.groups) == 0:
		d = newDictionary()
	}
	b := p.build
	if d == nil || len(d.texts) > maxDict8 {
		return
	}
	c := &codedRows{dict: d, codes: make([]uint16, b.size), nulls: b.lanes[i].nulls}
	if !d.encode(b.lanes[i].texts[:b.rows], c.nulls[:b.rows], c.codes, maxDict8, true) {
		return
	}
	if w.counts {
		b.texts -= b.lanes[i].textBytes(0, b.rows)
	}
	b.coded[i], b.lanes[i] = c, lane{}
}

// put writes the rows of v to rows at..; false = they cannot be coded.
func (c *codedRows) put(at int, v *vector.Vector, sel []uint16, n int) bool {
	if v.Form != vector.Dict {
		return false
	}
	out := c.codes[at : at+n]
	if v.Nulls != nil {
		return c.putNulls(at, v, sel, out)
	}
	m := c.mapOf(v.Dict)
	switch {
	case v.U8 != nil:
		return putMapped(c, m, out, v.U8, sel)
	case v.U16 != nil:
		return putMapped(c, m, out, v.U16, sel)
	}
	return putMapped(c, m, out, v.U32, sel)
}

// mapOf finds or begins the map of a dictionary.
func (c *codedRows) mapOf(from *vector.Vector) *codeMap {
	for i := range c.maps {
		if c.maps[i].from == from {
			return &c.maps[i]
		}
	}
	m := &c.maps[c.next]
	c.next = (c.next + 1) % len(c.maps)
	m.from = from
	if cap(m.codes) < from.Len {
		m.codes = make([]uint16, from.Len, max(maxDict8, from.Len))
	}
	m.codes = m.codes[:from.Len]
	clear(m.codes)
	return m
}

// add gives a text of a dictionary its code; 0 = there are too many.
func (c *codedRows) add(m *codeMap, from uint32) uint16 {
	t := m.from.Texts[from]
	k := c.dict.codeOf(t, vector.HashText(t), maxDict8)
	if k < 0 {
		return 0
	}
	m.codes[from] = uint16(k + 1)
	return m.codes[from]
}

func putMapped[C uint8 | uint16 | uint32](c *codedRows, m *codeMap, out []uint16, codes []C, sel []uint16) bool {
	to := m.codes
	for i := range out {
		r := i
		if sel != nil {
			r = int(sel[i])
		}
		k := to[codes[r]]
		if k == 0 {
			if k = c.add(m, uint32(codes[r])); k == 0 {
				return false
			}
		}
		out[i] = k - 1
	}
	return true
}

// putNulls is put for rows of which some may be NULL.
func (c *codedRows) putNulls(at int, v *vector.Vector, sel []uint16, out []uint16) bool {
	m := c.mapOf(v.Dict)
	for i := range out {
		r := i
		if sel != nil {
			r = int(sel[i])
		}
		if v.Null(r) {
			out[i], c.nulls[at+i] = 0, 1
			continue
		}
		code := v.Code(r)
		k := m.codes[code]
		if k == 0 {
			if k = c.add(m, code); k == 0 {
				clear(c.nulls[at : at+len(out)])
				return false
			}
		}
		out[i] = k - 1
	}
	return true
}

// grow makes room for size rows.
func (c *codedRows) grow(size int) {
	codes, nulls := make([]uint16, size), make([]uint8, size)
	copy(codes, c.codes)
	copy(nulls, c.nulls)
	c.codes, c.nulls = codes, nulls
}

// move copies n rows from row `from` to the front.
func (c *codedRows) move(from, n int) {
	copy(c.codes, c.codes[from:from+n])
	copy(c.nulls, c.nulls[from:from+n])
	clear(c.nulls[n:])
}

// decode makes all columns plain, with room for size rows.
func (b *builder) decode(size int) {
	for i := range b.coded {
		b.decodeColumn(i, size)
	}
}

// decodeColumn makes a column plain, with room for size rows.
func (b *builder) decodeColumn(i, size int) {
	var l lane
	switch c, r := b.coded[i], b.packed[i]; {
	case c != nil:
		l = lane{nulls: c.nulls[:size], texts: make([]string, size)}
		c.dict.decode(l.texts[:b.rows], c.codes, c.nulls)
	case r != nil:
		l = lane{nulls: r.nulls[:size], texts: make([]string, size)}
		r.decode(l.texts, 0, b.rows)
	default:
		return
	}
	b.coded[i], b.packed[i], b.lanes[i] = nil, nil, l
}
