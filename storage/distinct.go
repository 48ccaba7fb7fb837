package storage

import (
	"math/bits"

	"github.com/axiomhq/hyperloglog"

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
	base   int64                    // that of a Narrow vector
	seen   []bool
	hashes [vector.Size]uint64
	coded  bool // seen holds codes of a Narrow vector of base
}

// registerBits are the leading bits of a hash that say which register it goes to.
const registerBits = 14

// add counts the live rows of a vector; NULLs do not count.
func (d *distinct) add(v *vector.Vector, sel []uint16) {
	if d.sketch == nil {
		d.sketch = hyperloglog.NewNoSparse()
	}
	switch {
	case v.Form == vector.Const:
		if !v.Null(0) {
			d.insert(v, nil, 1)
		}
	case v.Form == vector.Dict:
		if d.dict != v.Dict {
			d.dict, d.coded = v.Dict, false
			d.seen = fresh(d.seen, v.Dict.Len)
		}
		d.codes(v, sel)
	case v.Form == vector.Narrow && v.U32 == nil:
		size := 1 << 8
		if v.U16 != nil {
			size = 1 << 16
		}
		if !d.coded || d.base != v.Base || len(d.seen) < size {
			d.dict, d.base, d.coded = nil, v.Base, true
			d.seen = fresh(d.seen, size)
		}
		d.codes(v, sel)
	default:
		d.insert(v, sel, v.Len)
	}
}

// fresh is a slice of n falses.
func fresh(s []bool, n int) []bool {
	if cap(s) < n {
		return make([]bool, n)
	}
	s = s[:n]
	clear(s)
	return s
}

// codes inserts the values of codes that were not seen yet.
func (d *distinct) codes(v *vector.Vector, sel []uint16) {
	if v.U8 != nil {
		newCodes(d, v, v.U8, sel)
	} else {
		newCodes(d, v, v.U16, sel)
	}
}

func newCodes[C uint8 | uint16](d *distinct, v *vector.Vector, codes []C, sel []uint16) {
	one := [1]uint16{}
	add := func(r int) {
		if !v.Null(r) {
			d.seen[codes[r]] = true
			one[0] = uint16(r)
			d.insert(v, one[:], 1)
		}
	}
	if sel == nil {
		seen := d.seen
		for r, c := range codes[:v.Len] {
			if !seen[c] {
				add(r)
			}
		}
		return
	}
	for _, r := range sel {
		if !d.seen[codes[r]] {
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
