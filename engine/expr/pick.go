package expr

import "github.com/redshiftsim/redshiftsim/internal/vector"

// The loops below write every row number and move on by 0 or 1: no branch depends on the data.

// pickRange keeps the rows with lo <= x <= lo+span (not = 0) or the others (not = 1).
func pickRange(xs []int64, lo, span uint64, not int, r *rows, buf []uint16) []uint16 {
	buf = room(buf, r.n)
	k := 0
	if r.sel == nil {
		for i, x := range xs[:r.n] {
			hit := 0
			if uint64(x)-lo <= span {
				hit = 1
			}
			buf[k] = uint16(i)
			k += hit ^ not
		}
		return buf[:k]
	}
	for _, i := range r.sel {
		hit := 0
		if uint64(xs[i])-lo <= span {
			hit = 1
		}
		buf[k] = i
		k += hit ^ not
	}
	return buf[:k]
}

// pickCodeRange is pickRange over codes.
func pickCodeRange[C uint8 | uint16 | uint32](codes []C, lo, span C, not int, r *rows, buf []uint16) []uint16 {
	buf = room(buf, r.n)
	k := 0
	if r.sel == nil {
		for i, c := range codes[:r.n] {
			hit := 0
			if c-lo <= span {
				hit = 1
			}
			buf[k] = uint16(i)
			k += hit ^ not
		}
		return buf[:k]
	}
	for _, i := range r.sel {
		hit := 0
		if codes[i]-lo <= span {
			hit = 1
		}
		buf[k] = i
		k += hit ^ not
	}
	return buf[:k]
}

// pickMask keeps the rows of a Dict vector whose entry is marked; a dictionary without entries has only NULL rows.
func pickMask(v *vector.Vector, mask []bool, r *rows, buf []uint16) []uint16 {
	if len(mask) == 0 {
		return room(buf, 0)
	}
	switch {
	case v.U8 != nil:
		return pickMasked(v.U8, mask, r, buf)
	case v.U16 != nil:
		return pickMasked(v.U16, mask, r, buf)
	}
	return pickMasked(v.U32, mask, r, buf)
}

func pickMasked[C uint8 | uint16 | uint32](codes []C, mask []bool, r *rows, buf []uint16) []uint16 {
	buf = room(buf, r.n)
	k := 0
	if r.sel == nil {
		for i, c := range codes[:r.n] {
			hit := 0
			if mask[c] {
				hit = 1
			}
			buf[k] = uint16(i)
			k += hit
		}
		return buf[:k]
	}
	for _, i := range r.sel {
		hit := 0
		if mask[codes[i]] {
			hit = 1
		}
		buf[k] = i
		k += hit
	}
	return buf[:k]
}

// pickBools keeps the rows of r whose value in v, dense and Flat, is true.
func pickBools(v *vector.Vector, r *rows, buf []uint16) []uint16 {
	buf = room(buf, r.n)
	k := 0
	bools := v.Bools[:r.n]
	if v.Nulls != nil {
		for i, b := range bools {
			hit := 0
			if b {
				hit = 1
			}
			row := uint16(i)
			if r.sel != nil {
				row = r.sel[i]
			}
			buf[k] = row
			k += hit &^ int(v.Nulls[i>>6]>>(uint(i)&63)&1)
		}
		return buf[:k]
	}
	if r.sel == nil {
		for i, b := range bools {
			hit := 0
			if b {
				hit = 1
			}
			buf[k] = uint16(i)
			k += hit
		}
		return buf[:k]
	}
	sel := r.sel[:len(bools)]
	for i, b := range bools {
		hit := 0
		if b {
			hit = 1
		}
		buf[k] = sel[i]
		k += hit
	}
	return buf[:k]
}

// dropNulls takes the NULL rows out of a selection, in place.
func dropNulls(nulls []uint64, sel []uint16) []uint16 {
	if nulls == nil {
		return sel
	}
	k := 0
	for _, i := range sel {
		sel[k] = i
		k += 1 - int(nulls[i>>6]>>(i&63)&1)
	}
	return sel[:k]
}
