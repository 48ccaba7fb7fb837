package hashtable

// A look into slots that no cache holds goes twice over a few hundred keys: first it reads the slot where each one's place begins and does nothing with it,
// so that the processor has as many reads under way at once as it can; then it looks. Guessing what lies there, as a look does, would wait for each in turn.

// lookKeys is the number of keys whose slots are read ahead: they stay in the nearest cache. farSlots is the size in bytes of slots from which that is worth it.
const (
	lookKeys = 256
	farSlots = 1 << 19
)

// findSmall is findWords of small slots.
func (t *intTable) findSmall(ws []int64, out []uint32) (missing bool) {
	for len(ws) >= lookKeys && len(t.small) > farSlots/8 {
		t.touchSmall(ws[:lookKeys])
		missing = t.lookSmall(ws[:lookKeys], out) || missing
		ws, out = ws[lookKeys:], out[lookKeys:]
	}
	return t.lookSmall(ws, out) || missing
}

// touchSmall reads the slots of words. The sum is nothing but a reason to read them.
//
//go:noinline
func (t *intTable) touchSmall(ws []int64) (sum uint32) {
	small, shift, mask := t.small, t.shift&63, uint64(len(t.small)-1)
	for _, w := range ws {
		sum += small[hashWord(w)>>shift&mask].group
	}
	return sum
}

// lookSmall finds the groups of words.
func (t *intTable) lookSmall(ws []int64, out []uint32) bool {
	base, small, shift, mask := uint64(t.base), t.small, t.shift&63, uint64(len(t.small)-1)
	var none uint32
	out = out[:len(ws)]
	for i, w := range ws {
		off := uint64(w) - base
		if off>>32 != 0 {
			out[i], none = Missing, Missing
			continue
		}
		p := hashWord(w) >> shift
		for {
			s := small[p&mask]
			if s.off == uint32(off) || s.group == 0 {
				out[i] = s.group - 1
				none |= s.group - 1
				break
			}
			p++
		}
	}
	return none>>31 != 0
}

// findSlots is findWords of large slots.
func (t *intTable) findSlots(ws []int64, out []uint32) (missing bool) {
	for len(ws) >= lookKeys && len(t.slots) > farSlots/16 {
		t.touchSlots(ws[:lookKeys])
		missing = t.lookSlots(ws[:lookKeys], out) || missing
		ws, out = ws[lookKeys:], out[lookKeys:]
	}
	return t.lookSlots(ws, out) || missing
}

// touchSlots is touchSmall of large slots.
//
//go:noinline
func (t *intTable) touchSlots(ws []int64) (sum uint32) {
	slots, shift, mask := t.slots, t.shift&63, uint64(len(t.slots)-1)
	for _, w := range ws {
		sum += slots[hashWord(w)>>shift&mask].group
	}
	return sum
}

// lookSlots is lookSmall of large slots.
func (t *intTable) lookSlots(ws []int64, out []uint32) bool {
	slots, shift, mask := t.slots, t.shift&63, uint64(len(t.slots)-1)
	var none uint32
	out = out[:len(ws)]
	for i, w := range ws {
		p := hashWord(w) >> shift
		for {
			s := &slots[p&mask]
			if s.word == w || s.group == 0 {
				out[i] = s.group - 1
				none |= s.group - 1
				break
			}
			p++
		}
	}
	return none>>31 != 0
}
