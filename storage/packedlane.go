package storage

import (
	"slices"
	"strings"

	"github.com/redshiftsim/redshiftsim/internal/types"
	"github.com/redshiftsim/redshiftsim/internal/vector"
)

// packedLane holds the rows of a column of texts that are packed when they arrive, while the processor's cache has them, for the groups before were packed too.
//
//	batch  Flat [furiously even][deposits nag]  ->  codes  3 7 | 9 4      ends  2 4      zones  bounds, bytes of the texts
type packedLane struct {
	symbols *symbols
	codes   []byte
	ends    []uint32 // of each row
	nulls   []uint8
	zones   []textZone
	rows    int      // of a zone
	texts   []string // scratch
}

// textZone is what becomes the zone map of a zone of packed rows.
type textZone struct {
	lo, hi, first string
	low, high     uint64 // what leading gives of lo and hi
	values        bool   // a value that is not NULL exists
	differ        bool   // not all rows that are not NULL have the same text
	raw           int    // bytes of the texts
}

// add takes texts in.
func (z *textZone) add(texts []string, nulls []uint8) {
	for i, t := range texts {
		if nulls[i] != 0 {
			continue
		}
		z.raw += len(t)
		k := leading(t)
		switch {
		case !z.values:
			z.lo, z.low, z.high, z.values = strings.Clone(t), k, k, true
			z.hi, z.first = z.lo, z.lo
			continue
		case k > z.low && k < z.high: // as most are
		case types.CompareText(t, z.lo) < 0:
			z.lo, z.low = strings.Clone(t), k
		case types.CompareText(t, z.hi) > 0:
			z.hi, z.high = strings.Clone(t), k
		}
		z.differ = z.differ || t != z.first
	}
}

// pack makes the rows of column i packed, if those of the group before are: they are not sorted by. The builder has held a
// whole group before and has its full size, so that a packed lane never grows.
func (w *Writer) pack(p *part, i int) {
	s, b := p.keeps(), p.build
	if s == nil || !s.columns[i].packs || w.sorts() && slices.Contains(w.def.Sort.Columns, i) {
		return
	}
	l := &b.lanes[i]
	r := &packedLane{symbols: s.columns[i].symbols, ends: make([]uint32, b.size), nulls: l.nulls, rows: s.rows}
	if w.counts {
		b.texts -= l.textBytes(0, b.rows)
	}
	r.add(0, l.texts[:b.rows])
	b.packed[i], b.lanes[i] = r, lane{}
}

// put packs rows of v to rows at..; false = they come as something else than plain texts.
func (r *packedLane) put(at int, v *vector.Vector, sel []uint16, n int) bool {
	if v.Form != vector.Flat {
		return false
	}
	texts := v.Texts
	if sel != nil || v.Nulls != nil {
		texts = slices.Grow(r.texts[:0], n)[:n]
		r.texts = texts
		for i := range texts {
			k := i
			if sel != nil {
				k = int(sel[i])
			}
			if texts[i] = v.Texts[k]; v.Null(k) {
				texts[i], r.nulls[at+i] = "", 1
			}
		}
	}
	r.add(at, texts[:n])
	return true
}

// add packs texts, whose NULLs are marked, to rows at..
func (r *packedLane) add(at int, texts []string) {
	p := packers.Get().(*packer)
	defer packers.Put(p)
	p.use(r.symbols)
	start := uint32(len(r.codes))
	r.codes = p.zone(r.codes, texts)
	for i, e := range p.ends {
		r.ends[at+i] = start + e
	}
	for len(texts) > 0 {
		z := at / r.rows
		if z == len(r.zones) {
			r.zones = append(r.zones, textZone{})
		}
		n := min(len(texts), (z+1)*r.rows-at)
		r.zones[z].add(texts[:n], r.nulls[at:at+n])
		at, texts = at+n, texts[n:]
	}
}

// move copies n rows from row `from`, where a zone begins, to the front.
func (r *packedLane) move(from, n int) {
	start := uint32(0)
	if from > 0 {
		start = r.ends[from-1]
	}
	r.codes = r.codes[:copy(r.codes, r.codes[start:])]
	for i, e := range r.ends[from : from+n] {
		r.ends[i] = e - start
	}
	copy(r.nulls, r.nulls[from:from+n])
	clear(r.nulls[n:])
	k := copy(r.zones, r.zones[from/r.rows:])
	clear(r.zones[k:])
	r.zones = r.zones[:k]
}

// decode makes the texts of n rows from row `from` on.
func (r *packedLane) decode(out []string, from, n int) {
	var buf []byte
	var ends [vector.Size]uint32
	start := uint32(0)
	if from > 0 {
		start = r.ends[from-1]
	}
	for at := 0; at < n; {
		k := min(n-at, vector.Size)
		for i, e := range r.ends[from+at : from+at+k] {
			ends[i] = e - start
		}
		buf = unpackAll(r.symbols, r.codes[start:start+ends[k-1]], ends[:k], out[at:at+k], buf)
		start += ends[k-1]
		at += k
	}
}

// seal makes a column of the first zones; false = some of them had better lie plain.
func (r *packedLane) seal(s *sealer, c *column, i, zones int, before *zoneMap) bool {
	c.zones = make([]zoneMap, zones)
	s.nulls(c, i, r.nulls[:zones*s.rows])
	size, raw := 0, 0
	for z := range zones {
		m := &r.zones[z]
		from, to := r.span(z)
		if !r.constant(s, c, z) && !worthPacking(to-from, m.raw, s.rows) {
			*c = column{}
			return false
		}
		size, raw = size+to-from, raw+m.raw
	}
	state := &s.columns[i]
	if state.packs = wellPacked(size, raw, r.symbols); !state.packs {
		state.symbols = nil // the next group has others
	}
	c.symbols, c.textBounds = r.symbols, make([]string, 2*zones)
	c.packed = slices.Clone(r.codes[:r.ends[zones*s.rows-1]])
	for z := range zones {
		r.zone(s, c, z)
	}
	if !s.rough {
		c.arena += c.symbols.hold()
	}
	texts := make([]string, s.rows)
	s.end(c, i, before, func(v *vector.Vector, z int) {
		r.decode(texts, z*s.rows, s.rows)
		flat := lane{nulls: r.nulls[z*s.rows : (z+1)*s.rows], texts: texts}
		flat.view(v, 0, s.rows, c.zones[z].nulled > 0, state.words)
	})
	return true
}

// constant says whether a zone has one value.
func (r *packedLane) constant(s *sealer, c *column, z int) bool {
	t := &r.zones[z]
	return !t.values || !s.rough && !t.differ && c.zones[z].nulled == 0
}

// span is where the codes of a zone lie.
func (r *packedLane) span(z int) (from, to int) {
	if z > 0 {
		from = int(r.ends[z*r.rows-1])
	}
	return from, int(r.ends[(z+1)*r.rows-1])
}

// zone makes the zone map of a zone, of which the NULLs are known.
func (r *packedLane) zone(s *sealer, c *column, z int) {
	m, t := &c.zones[z], &r.zones[z]
	m.values = t.values
	if !s.rough {
		c.textBounds[2*z], c.textBounds[2*z+1] = t.lo, t.hi
		c.arena += len(t.lo) + len(t.hi)
	}
	if r.constant(s, c, z) {
		m.form, m.off = constant, int32(len(c.texts))
		c.texts = append(c.texts, t.lo)
		return
	}
	from, to := r.span(z)
	m.base, m.lo = int64(from), int64(t.raw)
	ends := r.ends[z*r.rows : (z+1)*r.rows]
	if to-from < 1<<16 {
		m.form, m.off = packed16, int32(len(c.u16))
		c.u16 = slices.Grow(c.u16, (len(c.zones)-z)*r.rows)
		for _, e := range ends {
			c.u16 = append(c.u16, uint16(int(e)-from))
		}
		return
	}
	m.form, m.off = packed32, int32(len(c.u32))
	for _, e := range ends {
		c.u32 = append(c.u32, e-uint32(from))
	}
}
