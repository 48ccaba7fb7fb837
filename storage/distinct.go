package storage

import (
	"bytes"
	"math/bits"

	"github.com/axiomhq/hyperloglog"

	"github.com/redshiftsim/redshiftsim/internal/types"
	"github.com/redshiftsim/redshiftsim/internal/vector"
)

// distinct counts the distinct values of a column by HyperLogLog: 16,384 registers, a standard error of 0.8 percent. Codes are looked up before they
// are hashed, so that a column of few values costs a byte a row, and hashes that would raise no register do not reach the sketch.
//
//	batch -> Const: one hash | Dict, Narrow of up to two bytes: codes not seen yet -> their hashes | the rest: a hash a row -> most -> sketch
type distinct struct {
	sketch *hyperloglog.Sketch
	most   [1 << registerBits]uint8 // the sketch's registers: the most leading zeros of a hash that begins with the register's number
	dict   *vector.Vector           // whose codes seen is about
	base   int64                    // that seen counts Narrow vectors from
	seen   []uint8                  // 1 = this code
	hashes [vector.Size]uint64
	coded  bool // seen is about Narrow vectors
	all    codeRange

	symbols *symbols  // not nil: texts are hashed as the codes that they have under these
	blank   [256]bool // codes that stand at the end of texts that may end with a blank
	packer  *packer
	codes   []byte // scratch
}

// codeRange are codes from..to-1 of which all were seen: a zone that has no others need not be looked at.
type codeRange struct{ from, to int }

// has says whether the codes of o are among them.
func (c codeRange) has(o codeRange) bool { return c.from <= o.from && o.to <= c.to }

// registerBits are the leading bits of a hash that say which register it goes to.
const registerBits = 14

// add counts the live rows of a vector; NULLs do not count. zone is that of a Narrow vector.
func (d *distinct) add(v *vector.Vector, sel []uint16, zone *zoneMap) {
	if d.sketch == nil {
		d.sketch = hyperloglog.NewNoSparse()
	}
	switch {
	case d.symbols != nil:
		d.pack(v, sel)
	case v.Form == vector.Const:
		if !v.Null(0) {
			d.insert(v, nil, 1)
		}
	case v.Form == vector.Dict:
		if d.dict != v.Dict {
			d.dict, d.coded, d.all = v.Dict, false, codeRange{}
			d.seen = fresh(d.seen, v.Dict.Len)
		}
		d.newOnes(v, sel, codeRange{0, v.Dict.Len})
	case v.Form == vector.Narrow && v.U32 == nil:
		size := 1 << 8
		if v.U16 != nil {
			size = 1 << 16
		}
		if off := v.Base - d.base; !d.coded || off < 0 || off > int64(len(d.seen)-size) {
			d.dict, d.base, d.coded, d.all = nil, v.Base-int64(size/2), true, codeRange{} // the base of other groups is near, above or below
			d.seen = fresh(d.seen, 2*size)
		}
		d.newOnes(v, sel, codeRange{int(zone.lo - d.base), int(zone.hi-d.base) + 1})
	default:
		d.insert(v, sel, v.Len)
	}
}

// fresh is a slice of n zeros.
func fresh(s []uint8, n int) []uint8 {
	if cap(s) < n {
		return make([]uint8, n)
	}
	s = s[:n]
	clear(s)
	return s
}

// newOnes inserts the values of codes that were not seen yet; within are those that there may be.
func (d *distinct) newOnes(v *vector.Vector, sel []uint16, within codeRange) {
	switch {
	case d.all.has(within):
		return
	case v.U8 != nil:
		newCodes(d, v, v.U8, sel)
	default:
		newCodes(d, v, v.U16, sel)
	}
	if bytes.IndexByte(d.seen[within.from:within.to], 0) < 0 {
		d.all = within
	}
}

func newCodes[C uint8 | uint16](d *distinct, v *vector.Vector, codes []C, sel []uint16) {
	seen := d.seen
	if v.Form == vector.Narrow {
		seen = seen[v.Base-d.base:]
	}
	one := [1]uint16{}
	add := func(r int) {
		if !v.Null(r) {
			seen[codes[r]] = 1
			one[0] = uint16(r)
			d.insert(v, one[:], 1)
		}
	}
	if sel == nil {
		for r, c := range codes[:v.Len] {
			if seen[c] == 0 {
				add(r)
			}
		}
		return
	}
	for _, r := range sel {
		if seen[codes[r]] == 0 {
			add(int(r))
		}
	}
}

// insert hashes rows; n is their number when sel is nil.
func (d *distinct) insert(v *vector.Vector, sel []uint16, n int) {
	if sel != nil {
		n = len(sel)
	}
	out := d.hashes[:min(max(n, v.Len), len(d.hashes))]
	vector.Hash(v, sel, nil, out)
	out = out[:n]
	if v.Nulls == nil {
		for _, h := range out {
			d.hash(h)
		}
		return
	}
	for i, h := range out {
		r := i
		if sel != nil {
			r = int(sel[i])
		}
		if !v.Null(r) {
			d.hash(h)
		}
	}
}

// hash takes a hash in.
func (d *distinct) hash(h uint64) {
	zeros := uint8(bits.LeadingZeros64(h<<registerBits|1<<(registerBits-1))) + 1
	if at := &d.most[h>>(64-registerBits)]; *at < zeros {
		*at = zeros
		d.sketch.InsertHash(h)
	}
}

// under makes texts be counted by their codes under a table.
func (d *distinct) under(t *symbols) {
	if d.symbols = t; t == nil {
		return
	}
	d.blank[' '] = true // of a literal
	for c := range t.n {
		d.blank[c] = d.blank[c] || t.bytes[c][t.lens[c]-1] == ' '
	}
}

// oneTable is the table of symbols under which all texts of a column lie, but those of tails and constant zones; nil = there is none. Equal texts then
// have equal codes, and their bytes need not be made to tell them apart.
func (v View) oneTable(c int) *symbols {
	var one *symbols
	for slice := range v.snap.topo.Slices() {
		var room [2]source
		for _, src := range v.unspread().sources(slice, room[:0]) {
			for _, g := range src.shard.groups {
				c := &g.columns[c]
				for z := range c.zones {
					switch {
					case c.isPacked(z) && (one == nil || one == c.symbols):
						one = c.symbols
					case c.zones[z].form != constant:
						return nil
					}
				}
			}
		}
	}
	return one
}

// packed counts the live rows of a zone whose texts lie under d's symbols; v has its NULLs.
func (d *distinct) packed(c *column, z int, v *vector.Vector, sel []uint16) {
	if d.sketch == nil {
		d.sketch = hyperloglog.NewNoSparse()
	}
	m := &c.zones[z]
	codes := c.packed[m.base:]
	if m.form == packed16 {
		packedRows(d, codes, c.u16[int(m.off):int(m.off)+v.Len], v, sel)
	} else {
		packedRows(d, codes, c.u32[int(m.off):int(m.off)+v.Len], v, sel)
	}
}

func packedRows[E uint16 | uint32](d *distinct, codes []byte, ends []E, v *vector.Vector, sel []uint16) {
	if sel == nil {
		sel = vector.Rows[:len(ends)]
	}
	for _, r := range sel {
		if v.Null(int(r)) {
			continue
		}
		from, to := 0, int(ends[r])
		if r > 0 {
			from = int(ends[r-1])
		}
		if n := to - from; n > 0 && n < 8 && from+8 <= len(codes) && !d.blank[codes[to-1]] { // as most are: what text does of them
			w := word(codes[from:]) & (1<<(8*n) - 1)
			d.hash(vector.HashInt64(int64(bits.RotateLeft64(uint64(n), 32) ^ w)))
			continue
		}
		d.text(codes[from:to])
	}
}

// pack counts the live rows of a vector by the codes that their texts would have.
func (d *distinct) pack(v *vector.Vector, sel []uint16) {
	if sel == nil {
		sel = vector.Rows[:v.Len]
	}
	if v.Form == vector.Const {
		sel = sel[:min(1, len(sel))]
	}
	for _, r := range sel {
		if x := v.Get(int(r)); !x.Null {
			d.text(d.codesOf(x.Text))
		}
	}
}

// codesOf gives the codes of a text.
func (d *distinct) codesOf(text string) []byte {
	if d.packer == nil {
		d.packer = new(packer)
		d.packer.use(d.symbols)
	}
	d.codes = d.packer.zone(d.codes[:0], []string{text})
	return d.codes
}

// text counts the text of codes. Trailing blanks are no part of it: when it may have some, it is made, and packed without.
func (d *distinct) text(codes []byte) {
	if n := len(codes); n > 0 && d.blank[codes[n-1]] {
		buf := make([]byte, maxSymbol*(n+1))
		if text := types.TrimBlanks(string(buf[:d.symbols.expand(buf, 0, codes)])); text != "" {
			codes = d.codesOf(text)
		} else {
			codes = nil
		}
	}
	h := uint64(len(codes))
	for ; len(codes) >= 8; codes = codes[8:] {
		h = vector.HashInt64(int64(h ^ word(codes)))
	}
	var w uint64
	for i, c := range codes {
		w |= uint64(c) << (8 * i)
	}
	d.hash(vector.HashInt64(int64(bits.RotateLeft64(h, 32) ^ w)))
}

// merged adds what o has counted.
func (d *distinct) merged(o *distinct) *distinct {
	if d == nil || d.sketch == nil {
		return o
	}
	if o != nil {
		_ = d.sketch.Merge(o.sketch) // both have the same precision
	}
	return d
}

// estimate is the number of distinct values.
func (d *distinct) estimate() float64 {
	if d.sketch == nil {
		return 0
	}
	return float64(d.sketch.Estimate())
}
