package hashtable

import (
	"math"
	"math/bits"
)

// Bounds of a direct array's width: it is used while the keys span at most directFactor times the rows looked at (or directAlways), and come back to
// only when they span directAgain times them, so that a table does not go to and fro. Its elements have 4 bytes.
const (
	directFactor = 8
	directAgain  = 2
	directAlways = 1 << 12
	directMost   = 1 << 27
)

// intTable numbers words. At most one of direct, small and slots is in use; none when it is empty. Words that lie less than 2^32 apart, nearly all that
// there are, go into small slots: half the memory, and so more of a large table in the caches.
type intTable struct {
	origin int64
	direct []uint32    // [word-origin] = group+1, 0 = none
	small  []smallSlot // of words from base on
	base   int64       // of small: 2^32 integers lie from there on
	slots  []intSlot
	shift  uint // 64 - log2(len(small) or len(slots))
	used   int  // words in the table
	lo, hi int64
	rows   int64 // looked at so far
	until  Until
}

// intSlot is a word and its group + 1; 0 = empty.
type intSlot struct {
	word  int64
	group uint32
}

// smallSlot is a word, less the table's base, and its group + 1; 0 = empty.
type smallSlot struct{ off, group uint32 }

// hashWord spreads a word over 64 bits, the upper ones best. It has nothing in common with vector.Hash, by which the rows of a slice were chosen.
func hashWord(w int64) uint64 { return (uint64(w) ^ uint64(w)>>32) * 0x9e3779b97f4a7c15 }

// findCodes writes the groups of codes, Missing where there is none, and says whether that was so.
func findCodes[C uint8 | uint16 | uint32](t *intTable, codes []C, base int64, sel []uint16, out []uint32) bool {
	off, direct := uint64(base)-uint64(t.origin), t.direct
	var none uint32
	if sel != nil {
		out = out[:len(sel)]
		for i, r := range sel {
			var g uint32
			if k := off + uint64(codes[r]); k < uint64(len(direct)) {
				g = direct[k]
			}
			out[i] = g - 1
			none |= g - 1
		}
		return none>>31 != 0
	}
	codes = codes[:len(out)]
	for i, c := range codes {
		var g uint32
		if k := off + uint64(c); k < uint64(len(direct)) {
			g = direct[k]
		}
		out[i] = g - 1
		none |= g - 1
	}
	return none>>31 != 0
}

// findBytes is findCodes of all rows when the array has an element for every code.
func findBytes(direct *[256]uint32, codes []uint8, out []uint32) bool {
	codes = codes[:len(out)]
	var none uint32
	for i, c := range codes {
		g := direct[c] - 1
		out[i] = g
		none |= g
	}
	return none>>31 != 0
}

// findWords is findCodes for plain words.
func (t *intTable) findWords(ws []int64, out []uint32) bool {
	out = out[:len(ws)]
	var none uint32
	switch {
	case t.direct != nil:
		origin, direct := uint64(t.origin), t.direct
		for i, w := range ws {
			var g uint32
			if k := uint64(w) - origin; k < uint64(len(direct)) {
				g = direct[k]
			}
			out[i] = g - 1
			none |= g - 1
		}
	case t.small != nil:
		return t.findSmall(ws, out)
	case t.slots != nil:
		return t.findSlots(ws, out)
	default:
		for i := range out {
			out[i] = Missing
		}
		return true
	}
	return none>>31 != 0
}

// prepare chooses the form before new words, of which lo is the least and hi the greatest, are added; rows have been looked at.
func (t *intTable) prepare(lo, hi int64, rows int) {
	t.rows += int64(rows)
	if t.used > 0 {
		lo, hi = min(lo, t.lo), max(hi, t.hi)
	} else {
		t.refit(lo, hi)
	}
	t.lo, t.hi = lo, hi
	switch {
	case t.slots == nil && t.small == nil:
		if width(lo, hi) <= t.limit(directFactor) {
			t.cover(lo, hi)
			return
		}
		t.toHashed(lo, hi)
	case width(lo, hi) <= t.limit(directAgain):
		t.toDirect(lo, hi)
	case t.small != nil && !t.fits(lo, hi):
		t.widen()
	}
}

// fits says that words in lo..hi have place in small slots.
func (t *intTable) fits(lo, hi int64) bool {
	return lo >= t.base && (uint64(hi)-uint64(t.base))>>32 == 0
}

// reserve makes a table without words ready for n words in lo..hi.
func (t *intTable) reserve(lo, hi int64, n int) {
	t.rows = int64(n)
	if width(lo, hi) <= t.limit(directFactor) {
		t.cover(lo, hi)
		return
	}
	t.slotsFor(lo, hi, n)
}

// width is the number of words in lo..hi, at least 1; the greatest number when they are all.
func width(lo, hi int64) uint64 { return max(uint64(hi)-uint64(lo), uint64(hi)-uint64(lo)+1) }

// limit is the width up to which the array is direct.
func (t *intTable) limit(factor int64) uint64 {
	return uint64(min(max(factor*t.rows, directAlways), directMost))
}

// cover makes the array reach from lo to hi. One that grows gets as much again on the side where it grew, within the limit.
func (t *intTable) cover(lo, hi int64) {
	if t.direct != nil {
		first, last := t.origin, t.origin+int64(len(t.direct)-1)
		if lo >= first && hi <= last {
			return
		}
		grown := width(min(lo, first), max(hi, last))
		slack := uint64(0)
		if m := t.limit(directFactor); grown < m {
			slack = min(m-grown, uint64(len(t.direct)))
		}
		if lo < first {
			lo -= int64(min(slack, uint64(lo)-1<<63)) // not beyond the least integer
		} else {
			lo = first
			hi += int64(min(slack, math.MaxInt64-uint64(hi))) // nor the greatest
		}
		hi = max(hi, last)
	}
	direct := make([]uint32, width(lo, hi))
	if t.direct != nil {
		move(direct[t.origin-lo:], t.direct, t.until)
	}
	t.origin, t.direct = lo, direct
}

// slotsFor makes the first slots, at least twice as many as n words, which lie in lo..hi: small ones when the words leave as much room again beside them.
func (t *intTable) slotsFor(lo, hi int64, n int) {
	log := slotBits(n)
	t.shift = uint(64 - log)
	if w := width(lo, hi); w <= 1<<31 {
		slack := (1<<32 - w) / 2
		t.base = lo - int64(min(slack, uint64(lo)-1<<63)) // not beyond the least integer
		t.base = min(t.base, math.MaxInt64-(1<<32-1))
		t.small = make([]smallSlot, 1<<log)
		return
	}
	t.slots = make([]intSlot, 1<<log)
}

// slotBits is the logarithm of the number of slots for n words.
func slotBits(n int) int { return max(4, bits.Len(uint(2*n))) }

// toHashed turns the direct array into slots, for words in lo..hi.
func (t *intTable) toHashed(lo, hi int64) {
	direct, origin := t.direct, t.origin
	t.direct = nil
	t.slotsFor(lo, hi, t.used)
	t.until.pieces(len(direct), func(lo, hi int) {
		for i, g := range direct[lo:hi] {
			if g != 0 {
				t.put(origin+int64(lo+i), g)
			}
		}
	})
}

// toDirect turns the slots into a direct array.
func (t *intTable) toDirect(lo, hi int64) {
	slots, small := t.slots, t.small
	t.slots, t.small = nil, nil
	t.cover(lo, hi)
	t.each(small, slots, func(w int64, group uint32) { t.direct[w-t.origin] = group })
}

// each calls do for the words in slots, until the growing is given up.
func (t *intTable) each(small []smallSlot, slots []intSlot, do func(w int64, group uint32)) {
	t.until.pieces(len(small), func(lo, hi int) {
		for _, s := range small[lo:hi] {
			if s.group != 0 {
				do(t.base+int64(s.off), s.group)
			}
		}
	})
	t.until.pieces(len(slots), func(lo, hi int) {
		for i := lo; i < hi; i++ {
			if s := &slots[i]; s.group != 0 {
				do(s.word, s.group)
			}
		}
	})
}

// widen turns small slots into large ones.
func (t *intTable) widen() {
	small := t.small
	t.small, t.slots = nil, make([]intSlot, len(small))
	t.each(small, nil, t.put)
}

// resize makes the slots at least twice as many as n words.
func (t *intTable) resize(n int) {
	small, slots, log := t.small, t.slots, slotBits(n)
	t.shift = uint(64 - log)
	if small != nil {
		t.small = make([]smallSlot, 1<<log)
		t.each(small, nil, t.put)
		return
	}
	t.slots = make([]intSlot, 1<<log)
	t.each(nil, slots, t.put)
}

// put fills the first free slot of a word that is not there.
func (t *intTable) put(w int64, group uint32) {
	p := hashWord(w) >> t.shift
	if small := t.small; small != nil {
		mask := uint64(len(small) - 1)
		for small[p&mask].group != 0 {
			p++
		}
		small[p&mask] = smallSlot{uint32(uint64(w) - uint64(t.base)), group}
		return
	}
	mask := uint64(len(t.slots) - 1)
	for t.slots[p&mask].group != 0 {
		p++
	}
	t.slots[p&mask] = intSlot{word: w, group: group}
}

// addAll gives the words of the rows listed, which have none, a group: those that are new are numbered from next on, written to fresh, which has room for
// all or is nil, and counted. prepare has been told of them.
func (t *intTable) addAll(ws []int64, rows []uint32, out []uint32, next uint32, fresh []int64) int {
	out = out[:len(ws)]
	switch {
	case t.direct != nil:
		return t.addDirect(ws, rows, out, next, fresh)
	case t.small != nil:
		return t.addSmall(ws, rows, out, next, fresh)
	}
	return t.addSlots(ws, rows, out, next, fresh)
}

// addDirect is addAll of a direct array.
func (t *intTable) addDirect(ws []int64, rows []uint32, out []uint32, next uint32, fresh []int64) (found int) {
	origin, direct := t.origin, t.direct
	for _, i := range rows {
		w := ws[i]
		at := &direct[w-origin]
		if *at == 0 {
			next++
			*at = next
			if fresh != nil {
				fresh[found] = w
			}
			found++
		}
		out[i] = *at - 1
	}
	t.used += found
	return found
}

// addSmall is addAll of small slots.
func (t *intTable) addSmall(ws []int64, rows []uint32, out []uint32, next uint32, fresh []int64) (found int) {
	small, base, shift, mask := t.small, uint64(t.base), t.shift&63, uint64(len(t.small)-1)
	for _, i := range rows {
		if 2*(t.used+1) > len(small) {
			t.resize(2 * (t.used + 1))
			small, shift, mask = t.small, t.shift&63, uint64(len(t.small)-1)
		}
		w := ws[i]
		off, p := uint32(uint64(w)-base), hashWord(w)>>shift
		for small[p&mask].group != 0 && small[p&mask].off != off {
			p++
		}
		s := &small[p&mask]
		if s.group == 0 {
			next++
			s.off, s.group = off, next
			if fresh != nil {
				fresh[found] = w
			}
			found++
			t.used++
		}
		out[i] = s.group - 1
	}
	return found
}

// addSlots is addAll of slots.
func (t *intTable) addSlots(ws []int64, rows []uint32, out []uint32, next uint32, fresh []int64) (found int) {
	for _, i := range rows {
		if 2*(t.used+1) > len(t.slots) {
			t.resize(2 * (t.used + 1))
		}
		w := ws[i]
		slots, mask := t.slots, uint64(len(t.slots)-1)
		p := hashWord(w) >> (t.shift & 63)
		for slots[p&mask].group != 0 && slots[p&mask].word != w {
			p++
		}
		s := &slots[p&mask]
		if s.group == 0 {
			next++
			s.word, s.group = w, next
			if fresh != nil {
				fresh[found] = w
			}
			found++
			t.used++
		}
		out[i] = s.group - 1
	}
	return found
}

// bytes is what the table holds.
func (t *intTable) bytes() int64 {
	return int64(cap(t.direct))*4 + int64(cap(t.small))*8 + int64(cap(t.slots))*16
}
