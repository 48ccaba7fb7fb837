package hashtable

import "math/bits"

// pairTable numbers keys of two words, each of which may be NULL: two columns of words, or one of the wide lane.
type pairTable struct {
	slots []pairSlot
	shift uint
	used  int
	until Until
}

// pairSlot is a key and its group + 1; 0 = empty. nulls has bit 0 and 1 for a and b, which are then 0.
type pairSlot struct {
	a, b  int64
	group uint32
	nulls uint32
}

// hashPair spreads two words over 64 bits, the upper ones best.
func hashPair(a, b int64, nulls uint32) uint64 {
	hi, lo := bits.Mul64(uint64(a)^0x9e3779b97f4a7c15, uint64(b)^0xbf58476d1ce4e5b9^uint64(nulls)<<32)
	return (hi ^ lo ^ bits.RotateLeft64(uint64(a), 32) ^ uint64(b)) * 0x94d049bb133111eb
}

// find writes the groups of keys, Missing where there is none, and says whether that was so. nulls nil = no key has a NULL.
func (t *pairTable) find(a, b []int64, nulls []uint8, out []uint32) bool {
	n := len(out)
	a, b = a[:n], b[:n]
	if t.slots == nil {
		for i := range out {
			out[i] = Missing
		}
		return true
	}
	var none uint32
	slots, shift, mask := t.slots, t.shift&63, uint64(len(t.slots)-1)
	for i := range out {
		var null uint32
		if nulls != nil {
			null = uint32(nulls[i])
		}
		p := hashPair(a[i], b[i], null) >> shift
		for {
			s := &slots[p&mask]
			if s.group == 0 || s.a == a[i] && s.b == b[i] && s.nulls == null {
				out[i] = s.group - 1
				none |= s.group - 1
				break
			}
			p++
		}
	}
	return none>>31 != 0
}

// resize makes the slots at least twice as many as n keys.
func (t *pairTable) resize(n int) {
	old := t.slots
	log := max(4, bits.Len(uint(2*n)))
	t.slots, t.shift = make([]pairSlot, 1<<log), uint(64-log)
	t.until.pieces(len(old), func(lo, hi int) {
		for i := lo; i < hi; i++ {
			if s := &old[i]; s.group != 0 {
				*t.slot(s.a, s.b, s.nulls) = *s
			}
		}
	})
}

// slot is the slot of a key, or the free one for it.
func (t *pairTable) slot(a, b int64, nulls uint32) *pairSlot {
	mask := uint64(len(t.slots) - 1)
	p := hashPair(a, b, nulls) >> t.shift
	for {
		s := &t.slots[p&mask]
		if s.group == 0 || s.a == a && s.b == b && s.nulls == nulls {
			return s
		}
		p++
	}
}

// add gives the group of a key, which is next when it is new.
func (t *pairTable) add(a, b int64, nulls, next uint32) (group uint32, fresh bool) {
	if 2*(t.used+1) > len(t.slots) {
		t.resize(2 * (t.used + 1))
	}
	s := t.slot(a, b, nulls)
	if s.group != 0 {
		return s.group - 1, false
	}
	*s = pairSlot{a: a, b: b, nulls: nulls, group: next + 1}
	t.used++
	return next, true
}

// bytes is what the table holds.
func (t *pairTable) bytes() int64 { return int64(cap(t.slots)) * 24 }
