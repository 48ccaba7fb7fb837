package sortkey

import (
	"math"
	"math/bits"

	"github.com/redshiftsim/redshiftsim/internal/types"
	"github.com/redshiftsim/redshiftsim/internal/vector"
)

// pack fills words, one a row, with as much of the keys from p on as fits, and gives the bits used and the place from which on keys are left. parts is
// room for one part of a key.
func (s *sorter) pack(rows []uint32, words, parts []uint64, p place) (width int, next place) {
	s.stop.portions(len(words), func(lo, hi int) { clear(words[lo:hi]) })
	enough := max(32, 2*bits.Len(uint(len(rows)))+8)
	for p.key < len(s.keys) && width < 64 {
		k := &s.keys[p.key]
		v := s.columns[k.Column]
		text := v.Type.Lane() == types.LaneText
		if text && width >= enough { // few ties are left: not worth another visit to all texts
			break
		}
		c := code{desc: k.Desc, first: k.NullsFirst}
		last := s.partsOf(v, rows, p.part, parts)
		c.begin()
		s.stop.portions(len(rows), func(lo, hi int) { c.measure(v, rows[lo:hi], parts[lo:hi]) })
		if s.stop.after(0) {
			return 0, place{key: len(s.keys)}
		}
		if !c.measured() { // there are only NULLs
			p = place{key: p.key + 1}
			continue
		}
		c.fit(64 - width)
		if c.cut > c.same && width > 0 && !(text && c.bits >= 16) {
			break
		}
		width += c.bits
		s.stop.portions(len(rows), func(lo, hi int) { c.add(v, rows[lo:hi], words[lo:hi], parts[lo:hi]) })
		switch {
		case c.cut > c.same: // the same part again, of rows that are equal up to the cut
			return width, p
		case last:
			p = place{key: p.key + 1}
		default:
			p.part++
		}
	}
	return width, p
}

// code says how a part of a key, an unsigned number, becomes bits of a word.
//
//	ascending   (x-lo)>>cut        descending   (hi-x)>>cut        NULL   one more than the greatest; with first 0, and the others one more
type code struct {
	lo, hi      uint64
	or, and     uint64 // of all parts
	same        int    // low bits in which all agree: cutting them off loses nothing
	cut, bits   int
	desc, first bool
	nulls       bool
}

// begin makes c ready to measure.
func (c *code) begin() { c.lo, c.or, c.and = math.MaxUint64, 0, math.MaxUint64 }

// measure widens the range by the parts of rows.
func (c *code) measure(v *vector.Long, rows []uint32, parts []uint64) {
	lo, hi, or, and := c.lo, c.hi, c.or, c.and
	if v.Nulls == nil {
		for _, x := range parts {
			lo, hi = min(lo, x), max(hi, x)
			or |= x
			and &= x
		}
	} else {
		for i, r := range rows {
			if v.Nulls[r>>6]>>(r&63)&1 != 0 {
				c.nulls = true
				continue
			}
			x := parts[i]
			lo, hi = min(lo, x), max(hi, x)
			or |= x
			and &= x
		}
	}
	c.lo, c.hi, c.or, c.and = lo, hi, or, and
}

// measured ends the measuring; false = all rows are NULL.
func (c *code) measured() bool {
	c.same = bits.TrailingZeros64(c.or &^ c.and) // 64 when all are one value
	return c.lo <= c.hi
}

// fit chooses the bits, at most room, by cutting low bits off when there are too many.
func (c *code) fit(room int) {
	for c.cut = c.same; ; c.cut++ {
		most := (c.hi - c.lo) >> c.cut
		if c.nulls {
			if most == math.MaxUint64 {
				continue
			}
			most++
		}
		if c.bits = bits.Len64(most); c.bits <= room {
			return
		}
	}
}

// add appends the bits to words.
func (c *code) add(v *vector.Long, rows []uint32, words, parts []uint64) {
	if c.bits == 0 {
		return
	}
	lo, hi, cut, width := c.lo, c.hi, c.cut, c.bits
	words = words[:len(parts)]
	switch {
	case c.nulls:
		null, plus := (hi-lo)>>cut+1, uint64(0)
		if c.first {
			null, plus = 0, 1
		}
		for i, r := range rows {
			x := null
			switch {
			case v.Nulls[r>>6]>>(r&63)&1 != 0:
			case c.desc:
				x = (hi-parts[i])>>cut + plus
			default:
				x = (parts[i]-lo)>>cut + plus
			}
			words[i] = words[i]<<width | x
		}
	case c.desc:
		for i, x := range parts {
			words[i] = words[i]<<width | (hi-x)>>cut
		}
	default:
		for i, x := range parts {
			words[i] = words[i]<<width | (x-lo)>>cut
		}
	}
}

// partsOf fills out with part number part of the key v of rows, as unsigned numbers that order as the key does, and says whether it is the last. What it
// gives for NULLs means nothing.
func (s *sorter) partsOf(v *vector.Long, rows []uint32, part int, out []uint64) (last bool) {
	if v.Type.Lane() == types.LaneText {
		return s.textParts(v, rows, 8*part, out)
	}
	s.stop.portions(len(rows), func(lo, hi int) { fixedParts(v, rows[lo:hi], part, out[lo:hi]) })
	return v.Type.Lane() != types.LaneWide || part == 1
}

// fixedParts is partsOf of values that are no texts.
func fixedParts(v *vector.Long, rows []uint32, part int, out []uint64) {
	switch v.Type.Lane() {
	case types.LaneBool:
		for i, r := range rows {
			out[i] = boolWord(vector.At(v.Bools, int(r)))
		}
	case types.LaneInt:
		for i, r := range rows {
			out[i] = uint64(vector.At(v.Int64s, int(r))) ^ 1<<63
		}
	case types.LaneFloat:
		for i, r := range rows {
			out[i] = floatWord(vector.At(v.Floats, int(r)))
		}
	case types.LaneWide:
		for i, r := range rows {
			hi, lo := wideWords(v.Type.Kind, vector.At(v.Wides, int(r)))
			if out[i] = hi; part == 1 {
				out[i] = lo
			}
		}
	}
}

// textParts gives eight bytes of texts from byte at on, and zeros behind their ends. These are the last when no text is longer, unless one ends in a
// zero: then their lengths follow, by which a text comes before the same text with zeros at its end.
func (s *sorter) textParts(v *vector.Long, rows []uint32, at int, out []uint64) (last bool) {
	longest, zeros := 0, false
	s.stop.portions(len(rows), func(lo, hi int) {
		n, z := textBytes(v, rows[lo:hi], at, out[lo:hi])
		longest, zeros = max(longest, n), zeros || z
	})
	if longest > at {
		return longest <= at+8 && !zeros
	}
	s.stop.portions(len(rows), func(lo, hi int) {
		for i := lo; i < hi; i++ {
			out[i] = uint64(len(trimmed(vector.At(v.Texts, int(rows[i])))))
		}
	})
	return true
}

// textBytes gives eight bytes of each text from byte at on, the length of the longest that is not NULL, and whether one ends in a zero.
func textBytes(v *vector.Long, rows []uint32, at int, out []uint64) (longest int, zeros bool) {
	out = out[:len(rows)]
	for i, r := range rows {
		t := trimmed(vector.At(v.Texts, int(r)))
		out[i] = textWord(t, at)
		if n := len(t); n > longest && (v.Nulls == nil || v.Nulls[r>>6]>>(r&63)&1 == 0) {
			longest = n
		}
		zeros = zeros || len(t) > 0 && t[len(t)-1] == 0
	}
	return longest, zeros
}

// boolWord is 0 for false, 1 for true.
func boolWord(b bool) uint64 {
	if b {
		return 1
	}
	return 0
}

// floatWord orders floats: -0 is 0, all NaNs are one and above all others.
func floatWord(x float64) uint64 {
	switch {
	case x != x:
		return math.MaxUint64
	case x == 0:
		return 1 << 63
	}
	b := math.Float64bits(x)
	if b>>63 != 0 {
		return ^b
	}
	return b | 1<<63
}

// wideWords orders values of the wide lane as types.CompareWide does, the first word before the second.
func wideWords(kind types.Kind, x types.Int128) (hi, lo uint64) {
	switch kind {
	case types.Interval:
		x = types.IntervalOrder(x)
	case types.TimeTZ: // the instant, then the zone, the easternmost first
		return uint64(int64(x.Lo)-x.Hi*types.MicrosPerSecond) ^ 1<<63, ^uint64(x.Hi) ^ 1<<63
	}
	return uint64(x.Hi) ^ 1<<63, x.Lo
}

// trimmed is a text without trailing blanks, which comparisons ignore.
func trimmed(t string) string {
	if n := len(t); n > 0 && t[n-1] == ' ' {
		return types.TrimBlanks(t)
	}
	return t
}

// textWord is eight bytes of t from byte at on, the first highest, with zeros behind its end.
func textWord(t string, at int) uint64 {
	if at >= len(t) {
		return 0
	}
	t = t[at:]
	if len(t) >= 8 {
		return uint64(t[7]) | uint64(t[6])<<8 | uint64(t[5])<<16 | uint64(t[4])<<24 | uint64(t[3])<<32 | uint64(t[2])<<40 | uint64(t[1])<<48 | uint64(t[0])<<56
	}
	w := uint64(0)
	for i := range len(t) {
		w |= uint64(t[i]) << (56 - 8*i)
	}
	return w
}
