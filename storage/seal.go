package storage

import (
	"bytes"
	"math"
	"slices"
	"strings"
	"sync"

	"github.com/redshiftsim/redshiftsim/internal/types"
	"github.com/redshiftsim/redshiftsim/internal/vector"
	"github.com/redshiftsim/redshiftsim/storage/encoding"
)

// sealer turns full zones of plain lanes into groups. It belongs to one writer and one slice, and keeps what goes on from group to group:
// the dictionaries, and the nominal size of the open block of each column.
//
// Columns are sealed one by one, and may be at the same time.
type sealer struct {
	def     *Definition
	rows    int // of a zone
	columns []sealColumn
	learnt  *learnt
	rough   bool // for groups that wait to be sorted: no bounds of texts, no count of blocks
}

// sealColumn is the running state of one column.
type sealColumn struct {
	sizer *encoding.Sizer
	dict  *dictionary
	told  int      // texts of dict that groups before have counted
	plain int      // groups in a row whose texts made no dictionary
	words []uint64 // scratch: a zone's NULLs

	symbols *symbols // of the group before; nil = none
	packs   bool     // all zones of the group before lie under them
}

// newSealer makes a sealer of the writer; last, when not nil, is the group before: its dictionaries are gone on with.
func (w *Writer) newSealer(last *group) *sealer {
	def := w.def
	s := &sealer{def: def, learnt: &w.learnt, rows: def.ZoneRows(), columns: make([]sealColumn, len(def.Columns))}
	words := (s.rows + 63) / 64
	room := make([]uint64, words*len(s.columns))
	for i := range s.columns {
		s.columns[i].words = room[i*words : (i+1)*words]
		s.columns[i].sizer = encoding.NewSizer(def.EncodingOf(i), def.Columns[i].Type)
		if last != nil && last.columns[i].dict != nil {
			s.columns[i].dict, s.columns[i].told = dictionaryOf(last.columns[i].dict), last.columns[i].dict.Len
		}
		if last != nil {
			s.columns[i].symbols = last.columns[i].symbols
		}
	}
	return s
}

// seal encodes the first zones of a builder, which are full. last is the zone map before the first zone in the same region, per column; nil = the
// region begins here.
func (s *sealer) seal(b *builder, zones int, last []zoneMap) *group {
	g := &group{zones: zones, columns: make([]column, len(b.lanes))}
	for i := range b.lanes {
		var before *zoneMap
		if last != nil {
			before = &last[i]
		}
		switch r, c := b.packed[i], b.coded[i]; {
		case r != nil && r.seal(s, &g.columns[i], i, zones, before):
			if s.columns[i].packs {
				continue
			}
			b.decodeColumn(i, b.size)
			continue
		case r != nil:
			b.decodeColumn(i, b.size)
		case c != nil:
			n := zones * s.rows
			s.codes(&g.columns[i], i, c.dict, 0, c.codes[:n], c.nulls[:n], before)
			continue
		}
		s.column(&g.columns[i], i, &b.lanes[i], 0, zones, before)
	}
	return g
}

// codes encodes column i, whose texts have codes of a dictionary, of which groups before have counted as many texts as told says when it is not the one that the
// sealer goes on with.
func (s *sealer) codes(c *column, i int, d *dictionary, told int, codes []uint16, nulls []uint8, before *zoneMap) {
	c.zones = make([]zoneMap, len(codes)/s.rows)
	s.nulls(c, i, nulls)
	s.coded(c, i, d, codes, nulls)
	state := &s.columns[i]
	if state.dict != d {
		state.dict, state.told = d, told
	}
	state.plain = 0
	texts := make([]string, s.rows)
	s.end(c, i, before, func(v *vector.Vector, z int) {
		flat := lane{nulls: nulls[z*s.rows : (z+1)*s.rows], texts: texts}
		d.decode(texts, codes[z*s.rows:], flat.nulls)
		flat.view(v, 0, s.rows, c.zones[z].nulled > 0, state.words)
	})
}

// column encodes column i.
func (s *sealer) column(c *column, i int, l *lane, from, zones int, before *zoneMap) {
	to := from + zones*s.rows
	t := s.def.Columns[i].Type
	c.zones = make([]zoneMap, zones)
	s.nulls(c, i, l.nulls[from:to])
	switch t.Lane() {
	case types.LaneBool:
		s.bools(c, l.bools[from:to], l.nulls[from:to])
	case types.LaneInt:
		s.ints(c, l.ints[from:to], l.nulls[from:to])
	case types.LaneWide:
		s.wides(c, t, l.wides[from:to], l.nulls[from:to])
	case types.LaneFloat:
		s.floats(c, l.floats[from:to], l.nulls[from:to])
	default:
		s.texts(c, i, l.texts[from:to], l.nulls[from:to])
	}
	s.end(c, i, before, func(v *vector.Vector, z int) {
		at := from + z*s.rows
		l.view(v, at, at+s.rows, c.zones[z].nulled > 0, s.columns[i].words)
	})
}

// end finds the bounds of a column, counts its blocks and what it holds; flat makes a Flat vector of a zone.
func (s *sealer) end(c *column, i int, before *zoneMap, flat func(v *vector.Vector, z int)) {
	if !s.rough {
		t := s.def.Columns[i].Type
		for z := range c.zones {
			if lo, hi, ok := c.bounds(t, z); ok {
				widen(&c.lo, &c.hi, c.some, lo, hi)
				c.some = true
			}
		}
		s.count(c, i, before, flat)
	}
	c.measure(s.columns[i].told)
	if c.dict != nil {
		s.columns[i].told = c.dict.Len
	}
}

// nulls packs the NULLs of the zones that have some. A zone of NULLs alone is constant.
func (s *sealer) nulls(c *column, i int, flags []uint8) {
	for z := range c.zones {
		m := &c.zones[z]
		m.nulls = -1
		zone := flags[z*s.rows : (z+1)*s.rows]
		if bytes.IndexByte(zone, 1) < 0 {
			continue
		}
		words := packNulls(zone, s.columns[i].words)
		m.nulls, m.nulled = int32(len(c.nulls)), int32(vector.Count(words, s.rows))
		if int(m.nulled) == s.rows {
			m.form = constant
			c.nulls = append(c.nulls, 1)
		} else {
			c.nulls = append(c.nulls, words...)
		}
		c.nulled += int(m.nulled)
	}
}

// ints chooses a frame of reference: the group's when all of it fits in a byte, or when the zone needs the same width anyway; else the zone's.
func (s *sealer) ints(c *column, vals []int64, nulls []uint8) {
	var all range64
	for z := range c.zones {
		m := &c.zones[z]
		if int(m.nulled) == s.rows {
			continue
		}
		from := z * s.rows
		if m.nulled == 0 {
			m.lo, m.hi = vector.MinMaxInt64(vals[from : from+s.rows])
		} else {
			var r range64
			for i := from; i < from+s.rows; i++ {
				if nulls[i] == 0 {
					r.add(vals[i])
				}
			}
			m.lo, m.hi = r.lo, r.hi
		}
		m.values = true
		all.add(m.lo)
		all.add(m.hi)
	}
	whole := widthOf(all.lo, all.hi)
	var n [narrow32 + 1]int // elements by form; constants lie among the plain ones
	for z := range c.zones {
		m := &c.zones[z]
		size := s.rows
		switch {
		case !m.values || m.lo == m.hi && m.nulled == 0:
			m.form, size = constant, 1
		case whole == narrow8:
			m.form, m.base = narrow8, all.lo
		default:
			m.form, m.base = widthOf(m.lo, m.hi), m.lo
			if m.form == whole {
				m.base = all.lo
			}
		}
		at := &n[max(m.form, plain)]
		m.off = int32(*at)
		*at += size
	}
	c.u8, c.u16, c.u32 = make([]uint8, n[narrow8]), make([]uint16, n[narrow16]), make([]uint32, n[narrow32])
	c.ints = make([]int64, n[plain])
	for z := range c.zones {
		m := &c.zones[z]
		from, at := z*s.rows, int(m.off)
		src := vals[from : from+s.rows]
		var flags []uint8
		if m.nulled > 0 {
			flags = nulls[from : from+s.rows]
		} else {
			m.ascends = slices.IsSorted(src)
		}
		switch m.form {
		case constant:
			c.ints[at] = m.lo
		case plain:
			copy(c.ints[at:], src)
		case narrow8:
			narrow(c.u8[at:at+s.rows], src, m.base, flags)
		case narrow16:
			narrow(c.u16[at:at+s.rows], src, m.base, flags)
		case narrow32:
			narrow(c.u32[at:at+s.rows], src, m.base, flags)
		}
	}
}

// widthOf is the narrowest form that holds lo..hi.
func widthOf(lo, hi int64) form {
	switch d := uint64(hi) - uint64(lo); {
	case d <= math.MaxUint8:
		return narrow8
	case d <= math.MaxUint16:
		return narrow16
	case d <= math.MaxUint32:
		return narrow32
	}
	return plain
}

// narrow writes codes; the code of a NULL is 0.
func narrow[C uint8 | uint16 | uint32](dst []C, src []int64, base int64, nulls []uint8) {
	dst = dst[:len(src)]
	for i, x := range src {
		dst[i] = C(x - base)
	}
	for i, f := range nulls {
		if f != 0 {
			dst[i] = 0
		}
	}
}

// bools keeps a byte a row; a zone of one value is constant.
func (s *sealer) bools(c *column, vals []bool, nulls []uint8) {
	c.bools = make([]bool, 0, len(vals))
	for z := range c.zones {
		m := &c.zones[z]
		from := z * s.rows
		var r range64
		for i := from; i < from+s.rows; i++ {
			if nulls[i] == 0 {
				if vals[i] {
					r.add(1)
				} else {
					r.add(0)
				}
			}
		}
		m.lo, m.hi, m.values = r.lo, r.hi, r.some
		m.off = int32(len(c.bools))
		if !m.values || m.nulled == 0 && m.lo == m.hi {
			m.form = constant
			c.bools = append(c.bools, m.values && m.lo == 1)
			continue
		}
		m.form = plain
		c.bools = append(c.bools, vals[from:from+s.rows]...)
	}
}

// floats keeps doubles; reals too, for a scan hands them out without a copy.
func (s *sealer) floats(c *column, vals []float64, nulls []uint8) {
	c.floats = make([]float64, 0, len(vals))
	for z := range c.zones {
		m := &c.zones[z]
		from := z * s.rows
		var r range64
		same := m.nulled == 0
		first := math.Float64bits(vals[from])
		for i := from; i < from+s.rows; i++ {
			if nulls[i] == 0 {
				r.add(floatOrder(vals[i]))
			}
			same = same && math.Float64bits(vals[i]) == first
		}
		m.lo, m.hi, m.values = r.lo, r.hi, r.some
		m.off = int32(len(c.floats))
		if same || !m.values {
			m.form = constant
			c.floats = append(c.floats, vals[from])
			continue
		}
		m.form = plain
		c.floats = append(c.floats, vals[from:from+s.rows]...)
	}
}

// wides keeps 128-bit values.
func (s *sealer) wides(c *column, t types.Type, vals []types.Int128, nulls []uint8) {
	c.wides = make([]types.Int128, 0, len(vals))
	c.wideBounds = make([]types.Int128, 2*len(c.zones))
	for z := range c.zones {
		m := &c.zones[z]
		from := z * s.rows
		same := m.nulled == 0
		var lo, hi types.Int128
		for i := from; i < from+s.rows; i++ {
			x := vals[i]
			same = same && x == vals[from]
			if nulls[i] != 0 {
				continue
			}
			if !m.values {
				lo, hi, m.values = x, x, true
				continue
			}
			if types.CompareWide(t.Kind, x, lo) < 0 {
				lo = x
			}
			if types.CompareWide(t.Kind, x, hi) > 0 {
				hi = x
			}
		}
		c.wideBounds[2*z], c.wideBounds[2*z+1] = lo, hi
		m.off = int32(len(c.wides))
		if same || !m.values {
			m.form = constant
			c.wides = append(c.wides, vals[from])
			continue
		}
		m.form = plain
		c.wides = append(c.wides, vals[from:from+s.rows]...)
	}
}

// texts tries a dictionary: codes of one byte for up to 256 values, of two for up to 65,536 when rows repeat at least once on average; else the
// texts are packed under symbols. The dictionary of the group before goes on when it has room, so that a column of few values has one.
func (s *sealer) texts(c *column, i int, vals []string, nulls []uint8) {
	state := &s.columns[i]
	room := codeRooms.Get().(*[]uint16)
	defer codeRooms.Put(room)
	if cap(*room) < len(vals) {
		*room = make([]uint16, len(vals))
	}
	codes := (*room)[:len(vals)]
	d := state.dict
	ok := false
	if d != nil {
		limit := maxDict8
		if len(d.texts) > limit {
			limit = min(maxDict16, len(vals)/2)
		}
		ok = d.encode(vals, nulls, codes, limit, true)
	}
	if !ok {
		state.told = 0
		d = newDictionary()
		// after a few groups without one, a column is asked less patiently
		ok = d.encode(vals, nulls, codes, min(maxDict16, max(maxDict8, len(vals)/2)), state.plain < 4)
	}
	if !ok {
		state.dict = nil
		state.plain++
		s.packTexts(c, i, vals, nulls)
		return
	}
	state.dict, state.plain = d, 0
	s.coded(c, i, d, codes, nulls)
}

// codeRooms are scratch: dictionary codes of one group.
var codeRooms = sync.Pool{New: func() any { return new([]uint16) }}

// coded keeps texts as codes of d.
func (s *sealer) coded(c *column, i int, d *dictionary, codes []uint16, nulls []uint8) {
	c.dict = d.publish(s.def.Columns[i].Type)
	wide := len(d.texts) > maxDict8
	c.textBounds = make([]string, 2*len(c.zones))
	seen := make([]int32, len(d.texts))
	for z := range c.zones {
		m := &c.zones[z]
		from := z * s.rows
		var lo, hi string
		distinct := 0
		for r := from; r < from+s.rows; r++ {
			code := codes[r]
			if nulls[r] != 0 || seen[code] == int32(z+1) {
				continue
			}
			seen[code] = int32(z + 1)
			distinct++
			t := d.texts[code]
			if !m.values || types.CompareText(t, lo) < 0 {
				lo = t
			}
			if !m.values || types.CompareText(t, hi) > 0 {
				hi = t
			}
			m.values = true
		}
		c.textBounds[2*z], c.textBounds[2*z+1] = lo, hi
		switch {
		case !m.values || distinct == 1 && m.nulled == 0:
			m.form, m.off = constant, int32(len(c.texts))
			c.texts = append(c.texts, lo)
		case wide:
			m.form, m.off = dict16, int32(len(c.u16))
			c.u16 = append(slices.Grow(c.u16, (len(c.zones)-z)*s.rows), codes[from:from+s.rows]...)
		default:
			m.form, m.off = dict8, int32(len(c.u8))
			c.u8 = slices.Grow(c.u8, (len(c.zones)-z)*s.rows)[:len(c.u8)+s.rows]
			out := c.u8[m.off:]
			for r, code := range codes[from : from+s.rows] {
				out[r] = uint8(code)
			}
		}
	}
}

// packLength is the mean length in bytes from which on texts are packed. Shorter ones, such as names and keys, are read whole far more often than
// comments are, and a scan hands plain ones on without a copy: 0.7 ns a row, not 10.
const packLength = 20

// packTexts keeps texts that make no dictionary under symbols, and a zone of short texts, or for which those save too little, as it is.
func (s *sealer) packTexts(c *column, i int, vals []string, nulls []uint8) {
	p := packers.Get().(*packer)
	defer packers.Put(p)
	state, learnt := &s.columns[i], false
	s.packZones(c, p, nulls, func(z int) []string { return vals[z*s.rows : (z+1)*s.rows] }, func(_ int, zone []string) {
		if !learnt {
			learnt, state.symbols = true, s.learnt.learn(p, state.symbols, i, vals, zone)
			c.symbols = state.symbols
		}
		p.codes = p.zone(p.codes, zone)
	})
	state.packs = c.symbols != nil
	for z := range c.zones {
		state.packs = state.packs && c.zones[z].form != plain
	}
}

// worthPacking says whether rows of texts of raw bytes are kept as codes of so many bytes: a quarter of what they take is to be saved, and they are not short.
func worthPacking(size, raw, rows int) bool {
	return raw >= packLength*rows && 4*(size+2*rows) <= 3*(raw+16*rows)
}

// packZones lays zones of texts under symbols: texts gives those of a zone; codes appends the codes of a zone that is worth it to p.codes, and notes in
// p.ends where each ends.
func (s *sealer) packZones(c *column, p *packer, nulls []uint8, texts func(z int) []string, codes func(z int, zone []string)) {
	c.textBounds = make([]string, 2*len(c.zones))
	p.codes, p.short, p.long = p.codes[:0], p.short[:0], p.long[:0]
	for z := range c.zones {
		m := &c.zones[z]
		from := z * s.rows
		zone := texts(z)
		if s.rough {
			m.values = int(m.nulled) < s.rows
		} else {
			lo, hi, same := textBounds(m, zone, nulls[from:from+s.rows])
			lo, hi = strings.Clone(lo), strings.Clone(hi)
			c.textBounds[2*z], c.textBounds[2*z+1] = lo, hi
			c.arena += len(lo) + len(hi)
			if same {
				m.form, m.off = constant, int32(len(c.texts))
				c.texts = append(c.texts, lo)
				continue
			}
		}
		if !m.values {
			m.form, m.off = constant, int32(len(c.texts))
			c.texts = append(c.texts, "")
			continue
		}
		start, raw := len(p.codes), 0
		for _, t := range zone {
			raw += len(t)
		}
		short := raw < packLength*s.rows
		if !short {
			codes(z, zone)
		}
		switch size := len(p.codes) - start; {
		case short, !worthPacking(size, raw, s.rows):
			p.codes = p.codes[:start]
			m.form, m.off = plain, int32(len(c.texts))
			c.texts = append(c.texts, zone...)
			copyTexts(c.texts[m.off:], zone)
			c.arena += raw
			continue
		case size < 1<<16:
			m.form, m.off = packed16, int32(len(p.short))
			for _, e := range p.ends {
				p.short = append(p.short, uint16(e))
			}
		default:
			m.form, m.off = packed32, int32(len(p.long))
			p.long = append(p.long, p.ends...)
		}
		m.base, m.lo = int64(start), int64(raw)
	}
	if c.symbols != nil && !s.rough {
		c.arena += c.symbols.hold()
	}
	c.packed, c.u16, c.u32 = slices.Clone(p.codes), slices.Clone(p.short), slices.Clone(p.long)
}

// textBounds finds the bounds of a zone's texts, and says whether all are the same.
func textBounds(m *zoneMap, vals []string, nulls []uint8) (lo, hi string, same bool) {
	same = m.nulled == 0
	var low, high uint64
	for i, t := range vals {
		if nulls[i] != 0 {
			continue
		}
		same = same && t == vals[0]
		k := leading(t)
		switch {
		case !m.values:
			lo, hi, low, high, m.values = t, t, k, k, true
		case k > low && k < high: // as most are
		case types.CompareText(t, lo) < 0:
			lo, low = t, k
		case types.CompareText(t, hi) > 0:
			hi, high = t, k
		}
	}
	return lo, hi, same
}

// leading is a number that is below another's only when the text is below the other's: its first eight bytes.
func leading(t string) uint64 {
	if n := len(t); n > 0 && t[n-1] == ' ' {
		t = types.TrimBlanks(t)
	}
	if len(t) >= 8 {
		return uint64(t[0])<<56 | uint64(t[1])<<48 | uint64(t[2])<<40 | uint64(t[3])<<32 | uint64(t[4])<<24 | uint64(t[5])<<16 | uint64(t[6])<<8 | uint64(t[7])
	}
	k := uint64(0)
	for i := range len(t) {
		k |= uint64(t[i]) << (56 - 8*i)
	}
	return k
}

// count gives each zone its place in Redshift's blocks: a block is full when the next zone's encoded bytes would pass its size.
func (s *sealer) count(c *column, i int, before *zoneMap, flat func(v *vector.Vector, z int)) {
	sizer, limit := s.columns[i].sizer, int64(s.def.blockBytes())
	block, fill := int64(0), int64(0)
	if before != nil {
		block, fill = int64(before.block), int64(before.fill)
	} else {
		sizer.Reset()
	}
	v := vector.Vector{Type: s.def.Columns[i].Type}
	for z := range c.zones {
		m := &c.zones[z]
		size, ok := int64(0), false
		if n, known := c.textBytes(z, s.rows); known {
			size, ok = sizer.AddTexts(s.rows, m.nulled > 0, n)
		}
		if !ok {
			flat(&v, z)
			size = sizer.Add(&v)
		}
		if fill > 0 && fill+size > limit {
			if sizer.Reset(); !ok {
				size = sizer.Add(&v)
			}
			block, fill = block+1, 0
		}
		m.first, m.bytes = int32(block), int32(min(size, math.MaxInt32))
		fill += size
		if more := (fill - 1) / limit; more > 0 { // a zone larger than a block
			block, fill = block+more, fill-more*limit
		}
		m.block, m.fill = int32(block), int32(fill)
	}
}
