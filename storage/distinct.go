package storage

import (
	"github.com/axiomhq/hyperloglog"

	"github.com/redshiftsim/redshiftsim/internal/vector"
)

// distinct counts the distinct values of a column by HyperLogLog: 16,384 registers, a standard error of 0.8 percent. Codes are looked up before they
// are hashed, so that a column of few values costs a byte a row.
//
//	batch -> Const: one hash | Dict, Narrow of one byte: codes not seen yet -> their hashes | the rest: a hash a row -> sketch
type distinct struct {
	sketch *hyperloglog.Sketch
	dict   *vector.Vector // whose codes seen is about
	base   int64          // that of a Narrow vector
	seen   []bool
	hashes [vector.Size]uint64
	coded  bool // seen holds codes of a Narrow vector of base
}

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
	case v.Form == vector.Narrow && v.U8 != nil:
		if !d.coded || d.base != v.Base {
			d.dict, d.base, d.coded = nil, v.Base, true
			d.seen = fresh(d.seen, 256)
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
	n := v.Len
	if sel != nil {
		n = len(sel)
	}
	for i := range n {
		r := i
		if sel != nil {
			r = int(sel[i])
		}
		if v.Null(r) {
			continue
		}
		if c := v.Code(r); !d.seen[c] {
			d.seen[c] = true
			d.insert(v, []uint16{uint16(r)}, 1)
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
	for i := range n {
		r := i
		if sel != nil {
			r = int(sel[i])
		}
		if !v.Null(r) {
			d.sketch.InsertHash(out[i])
		}
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
