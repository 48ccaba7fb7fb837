package hashtable

import (
	"math/bits"

	"github.com/redshiftsim/redshiftsim/internal/vector"
)

// KeySet holds the values of a column of the int lane, or, when they lie far apart, a Bloom filter of them: a scan asks it before it hands a row on.
//
//	keys 7 9 12   lo 7   bits 1 0 1 0 0 1     9 -> bit 2
//	keys far apart       blocks of 64 bits, two of each key's set
type KeySet struct {
	lo    int64
	exact []uint64 // bit w-lo
	bloom []uint64 // a power of two of words
	shift uint
}

// Widths of an exact set: always up to setAlways bits, up to setFactor bits a key, never beyond setMost.
const (
	setAlways = 1 << 23
	setFactor = 512
	setMost   = 1 << 27
)

// NewKeySet makes an empty set for n values, which lie in lo..hi.
func NewKeySet(lo, hi int64, n int) *KeySet {
	if w := width(lo, hi); w <= setAlways || w <= setFactor*uint64(n) && w <= setMost {
		return &KeySet{lo: lo, exact: make([]uint64, w/64+1)}
	}
	log := max(6, bits.Len(uint(n/4))) // 16 to 32 bits a key
	return &KeySet{bloom: make([]uint64, 1<<log), shift: uint(64 - log)}
}

// Bytes is the memory that the set holds.
func (s *KeySet) Bytes() int64 { return int64(len(s.exact)+len(s.bloom)) * 8 }

// bloomBits are the bits of a hash in its word; its upper bits have chosen the word.
func bloomBits(h uint64) uint64 { return 1<<(h&63) | 1<<(h>>6&63) }

// Add adds the values of column c of t that are not NULL.
func (s *KeySet) Add(t *Table, c int) {
	var v vector.Vector
	for k := range t.Columns[c].Chunks() {
		t.Columns[c].Chunk(k, &v)
		s.add(&v)
	}
}

// add adds the values of a Flat vector.
func (s *KeySet) add(v *vector.Vector) {
	for i, w := range v.Int64s {
		switch {
		case v.Nulls != nil && v.Null(i):
		case s.exact != nil:
			k := uint64(w - s.lo)
			s.exact[k>>6] |= 1 << (k & 63)
		default:
			h := hashWord(w)
			s.bloom[h>>s.shift] |= bloomBits(h)
		}
	}
}

// Filter writes the live rows of v whose value may be in the set, in order, and gives their number; sel as in a batch of n live rows. out has room for all.
func (s *KeySet) Filter(v *vector.Vector, sel []uint16, n int, out []uint16) int {
	all := sel == nil
	if all {
		sel = vector.Rows[:]
	}
	sel = sel[:n]
	k := 0
	switch {
	case v.Form == vector.Const:
		if v.Null(0) || !s.Has(v.Int64s[0]) {
			return 0
		}
		return copy(out, sel)
	case v.Form == vector.Dict:
		k = s.dict(v, sel, out)
	case v.Form == vector.Flat && s.exact != nil:
		k = among(s.exact, v.Int64s, -uint64(s.lo), sel, all, out)
	case v.Form == vector.Flat:
		k = maybe(s, v.Int64s, 0, sel, out)
	case s.exact == nil && v.U8 != nil:
		k = maybe(s, v.U8, v.Base, sel, out)
	case s.exact == nil && v.U16 != nil:
		k = maybe(s, v.U16, v.Base, sel, out)
	case s.exact == nil:
		k = maybe(s, v.U32, v.Base, sel, out)
	case v.U8 != nil:
		k = among(s.exact, v.U8, uint64(v.Base-s.lo), sel, all, out)
	case v.U16 != nil:
		k = among(s.exact, v.U16, uint64(v.Base-s.lo), sel, all, out)
	default:
		k = among(s.exact, v.U32, uint64(v.Base-s.lo), sel, all, out)
	}
	if v.Nulls == nil {
		return k
	}
	m := 0
	for _, r := range out[:k] {
		if !v.Null(int(r)) {
			out[m] = r
			m++
		}
	}
	return m
}

// among keeps the rows whose code, plus off, is in the set: of those listed, or, with all, of the first len(sel).
func among[C uint8 | uint16 | uint32 | int64](set []uint64, codes []C, off uint64, sel []uint16, all bool, out []uint16) int {
	k := 0
	out = out[:len(sel)]
	if all {
		for i, c := range codes[:len(sel)] {
			out[k] = uint16(i)
			x := off + uint64(c)
			if w := x >> 6; w < uint64(len(set)) {
				k += int(set[w] >> (x & 63) & 1)
			}
		}
		return k
	}
	for _, r := range sel {
		out[k] = r
		x := off + uint64(codes[r])
		if w := x >> 6; w < uint64(len(set)) {
			k += int(set[w] >> (x & 63) & 1)
		}
	}
	return k
}

// maybe keeps the rows whose code, plus base, the Bloom filter may have.
func maybe[C uint8 | uint16 | uint32 | int64](s *KeySet, codes []C, base int64, sel, out []uint16) int {
	k := 0
	bloom, shift := s.bloom, s.shift&63
	out = out[:len(sel)]
	for _, r := range sel {
		out[k] = r
		h := hashWord(base + int64(codes[r]))
		if m := bloomBits(h); bloom[h>>shift]&m == m {
			k++
		}
	}
	return k
}

// dict asks for the values that codes stand for.
func (s *KeySet) dict(v *vector.Vector, sel, out []uint16) int {
	k := 0
	for _, r := range sel {
		out[k] = r
		if c := int(v.Code(int(r))); c < v.Dict.Len && s.Has(v.Dict.Int64s[c]) {
			k++
		}
	}
	return k
}

// Has says whether a value may be in the set.
func (s *KeySet) Has(w int64) bool {
	if s.exact != nil {
		k := uint64(w - s.lo)
		return k>>6 < uint64(len(s.exact)) && s.exact[k>>6]>>(k&63)&1 != 0
	}
	h := hashWord(w)
	m := bloomBits(h)
	return s.bloom[h>>s.shift]&m == m
}
