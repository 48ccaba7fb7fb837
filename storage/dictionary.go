package storage

import (
	"math"
	"strings"
	"unsafe"

	"github.com/redshiftsim/redshiftsim/internal/types"
	"github.com/redshiftsim/redshiftsim/internal/vector"
)

// Sizes of dictionaries: codes of one and of two bytes.
const (
	maxDict8  = 256
	maxDict16 = 65536
)

// dictionary gives texts codes in the order of their first appearance. It belongs to one writer; what it publishes is immutable.
//
//	table: open addressing, code+1 at the hash's slot (0 = free)      texts[code], hashes[code]
type dictionary struct {
	table  []uint32
	hashes []uint32
	texts  []string
	vec    *vector.Vector // what was published last
}

// newDictionary makes an empty one.
func newDictionary() *dictionary { return &dictionary{table: make([]uint32, 64)} }

// dictionaryOf goes on with a published dictionary.
func dictionaryOf(v *vector.Vector) *dictionary {
	d := newDictionary()
	for _, t := range v.Texts[:v.Len] {
		d.code(t, vector.HashText(t))
	}
	d.texts, d.vec = v.Texts[:v.Len:v.Len], v // equal texts, kept once; the capacity is cut, so growth copies
	return d
}

// code finds or adds a text. Texts that are added are cloned: the caller's may be part of something large.
func (d *dictionary) code(t string, hash uint64) int { return d.codeOf(t, hash, math.MaxInt) }

// codeOf is code for a dictionary of at most so many texts; -1 = it is full.
func (d *dictionary) codeOf(t string, hash uint64, most int) int {
	mask := uint64(len(d.table) - 1)
	for at := hash & mask; ; at = (at + 1) & mask {
		e := d.table[at]
		if e == 0 {
			if len(d.texts) >= most {
				return -1
			}
			d.texts = append(d.texts, strings.Clone(t))
			d.hashes = append(d.hashes, uint32(hash))
			d.table[at] = uint32(len(d.texts))
			if 2*len(d.texts) > len(d.table) {
				d.grow()
			}
			return len(d.texts) - 1
		}
		if d.hashes[e-1] == uint32(hash) && d.texts[e-1] == t {
			return int(e - 1)
		}
	}
}

// grow doubles the table.
func (d *dictionary) grow() {
	d.table = make([]uint32, 4*len(d.table))
	mask := uint32(len(d.table) - 1)
	for i, h := range d.hashes {
		at := h & mask
		for d.table[at] != 0 {
			at = (at + 1) & mask
		}
		d.table[at] = uint32(i + 1)
	}
}

// encode writes the codes of vals; false when more than limit texts would be needed. A NULL's code is 0. Unless patient it gives up early when
// the first rows hardly repeat.
func (d *dictionary) encode(vals []string, nulls []uint8, codes []uint16, limit int, patient bool) bool {
	early, start := 4096, len(d.texts)
	if !patient {
		early = 1024
	}
	last, lastCode := "", -1
	var recent [64]struct { // texts of columns with few come again soon: they need no hash
		text string
		code int
	}
	for i, t := range vals {
		if nulls[i] != 0 {
			codes[i] = 0
			continue
		}
		if lastCode >= 0 && t == last {
			codes[i] = uint16(lastCode)
			continue
		}
		near := &recent[nearby(t)]
		if near.code > 0 && (len(near.text) == len(t) && unsafe.StringData(near.text) == unsafe.StringData(t) || near.text == t) {
			codes[i] = uint16(near.code - 1)
			last, lastCode = t, near.code-1
			continue
		}
		c := d.codeOf(t, vector.HashText(t), limit)
		near.text, near.code = t, c+1
		if c < 0 || c >= limit || i == early && len(d.texts)-start > early*3/4 {
			return false
		}
		codes[i] = uint16(c)
		last, lastCode = t, c
	}
	return true
}

// decode makes the texts of codes; a NULL's is empty.
func (d *dictionary) decode(out []string, codes []uint16, nulls []uint8) {
	for r := range out {
		if out[r] = ""; nulls[r] == 0 {
			out[r] = d.texts[codes[r]]
		}
	}
}

// nearby is a slot for a text by its length and some of its bytes.
func nearby(t string) int {
	n := len(t)
	if n == 0 {
		return 0
	}
	return (n + int(t[0])*7 + int(t[n/2])*5 + int(t[n-1])*3) & 63
}

// publish is the dictionary as a Flat vector; the same vector as long as nothing was added.
func (d *dictionary) publish(t types.Type) *vector.Vector {
	if d.vec == nil || d.vec.Len != len(d.texts) {
		n := len(d.texts)
		d.vec = &vector.Vector{Type: t, Len: n, Texts: d.texts[:n:n]}
	}
	return d.vec
}
