package function

import (
	"math"

	"github.com/redshiftsim/redshiftsim/internal/types"
	"github.com/redshiftsim/redshiftsim/internal/vector"
)

// minMaxInts is MIN and MAX over the int lane. It looks for the least of value XOR flip: for MAX flip is -1, which turns the order round, so one loop
// serves both.
type minMaxInts struct {
	typ     types.Type
	flip    int64
	best    []int64 // of value XOR flip
	seen    []bool
	scratch vector.Vector
}

// newMinMaxInts makes an empty one.
func newMinMaxInts(t types.Type, most bool) *minMaxInts {
	s := &minMaxInts{typ: t}
	if most {
		s.flip = -1
	}
	return s
}

// Resize makes room for groups.
func (s *minMaxInts) Resize(n int) {
	old := len(s.best)
	s.best, s.seen = growTo(s.best, n), growTo(s.seen, n)
	for g := old; g < n; g++ {
		s.best[g] = math.MaxInt64
	}
}

// Update looks at rows.
func (s *minMaxInts) Update(groups []uint32, n int, args []*vector.Vector) error {
	v := args[0]
	if n == 0 {
		return nil
	}
	if v.Form == vector.Const && groups == nil {
		if !v.Null(0) {
			s.take(0, v.Int64s[0])
		}
		return nil
	}
	if v.Form == vector.Narrow {
		switch {
		case v.U8 != nil:
			minMaxCodes(s, groups, v.U8[:n], v.Base, v.Nulls)
		case v.U16 != nil:
			minMaxCodes(s, groups, v.U16[:n], v.Base, v.Nulls)
		default:
			minMaxCodes(s, groups, v.U32[:n], v.Base, v.Nulls)
		}
		return nil
	}
	v = flat(v, &s.scratch)
	if groups == nil {
		if least, ok := leastOf(v.Int64s[:n], s.flip, math.MaxInt64, v.Nulls); ok {
			s.take(0, least^s.flip)
		}
		return nil
	}
	leastGroups(s.best, s.seen, groups[:n], v.Int64s[:n], 0, s.flip, v.Nulls)
	return nil
}

// take looks at one value.
func (s *minMaxInts) take(g uint32, x int64) {
	s.best[g] = min(s.best[g], x^s.flip)
	s.seen[g] = true
}

// minMaxCodes looks at rows of codes; ungrouped, it compares the codes.
func minMaxCodes[C uint8 | uint16 | uint32](s *minMaxInts, groups []uint32, codes []C, base int64, nulls []uint64) {
	if groups == nil {
		if least, ok := leastOf(codes, C(s.flip), ^C(0), nulls); ok {
			s.take(0, base+int64(least^C(s.flip)))
		}
		return
	}
	leastGroups(s.best, s.seen, groups[:len(codes)], codes, base, s.flip, nulls)
}

// leastOf gives the least of code XOR flip over the rows that are not NULL, and whether there are any. top is the greatest code.
func leastOf[C code](codes []C, flip, top C, nulls []uint64) (least C, ok bool) {
	if nulls != nil {
		least = top
		for i, c := range codes {
			if nulls[i>>6]>>(uint(i)&63)&1 == 0 {
				least = min(least, c^flip)
				ok = true
			}
		}
		return least, ok
	}
	a, b, c, d := top, top, top, top
	rest := codes
	for ; len(rest) >= 8; rest = rest[8:] {
		w := (*[8]C)(rest)
		a = min(a, w[0]^flip)
		b = min(b, w[1]^flip)
		c = min(c, w[2]^flip)
		d = min(d, w[3]^flip)
		a = min(a, w[4]^flip)
		b = min(b, w[5]^flip)
		c = min(c, w[6]^flip)
		d = min(d, w[7]^flip)
	}
	for _, x := range rest {
		a = min(a, x^flip)
	}
	return min(a, b, c, d), len(codes) > 0
}

// leastGroups keeps the least of (base + code) XOR flip of each group.
func leastGroups[C code](best []int64, seen []bool, groups []uint32, codes []C, base, flip int64, nulls []uint64) {
	codes, seen = codes[:len(groups)], seen[:len(best)]
	if nulls == nil {
		for i, g := range groups {
			x := (base + int64(codes[i])) ^ flip
			if x < best[g] {
				best[g] = x
			}
			seen[g] = true
		}
		return
	}
	for i, g := range groups {
		if nulls[i>>6]>>(uint(i)&63)&1 != 0 {
			continue
		}
		x := (base + int64(codes[i])) ^ flip
		if x < best[g] {
			best[g] = x
		}
		seen[g] = true
	}
}

// Merge looks at partial results as at rows.
func (s *minMaxInts) Merge(groups []uint32, n int, partial []*vector.Vector) error {
	return s.Update(groups, n, partial)
}

// Partial writes the values.
func (s *minMaxInts) Partial(lo, hi int, out []*vector.Vector) { _ = s.Final(lo, hi, out[0]) }

// Final writes the values.
func (s *minMaxInts) Final(lo, hi int, out *vector.Vector) error {
	out.Type = s.typ
	out.Reset(hi - lo)
	for g := lo; g < hi; g++ {
		out.Int64s[g-lo] = s.best[g] ^ s.flip
	}
	nullUnseen(out, s.seen[lo:hi])
	return nil
}

// nullUnseen makes the rows of groups without a value NULL.
func nullUnseen(out *vector.Vector, seen []bool) {
	for i, ok := range seen {
		if !ok {
			out.SetNull(i)
		}
	}
}

// Bytes is what the values hold.
func (s *minMaxInts) Bytes() int64 { return int64(cap(s.best)) * 9 }

// minMaxFloats is MIN and MAX of floating-point numbers; NaN is the greatest.
type minMaxFloats struct {
	typ     types.Type
	most    bool
	best    []float64
	seen    []bool
	scratch vector.Vector
}

// Resize makes room for groups: the least of nothing starts as NaN, which any number replaces.
func (s *minMaxFloats) Resize(n int) {
	old := len(s.best)
	s.best, s.seen = growTo(s.best, n), growTo(s.seen, n)
	for g := old; g < n; g++ {
		if s.best[g] = math.NaN(); s.most {
			s.best[g] = math.Inf(-1)
		}
	}
}

// Update looks at rows.
func (s *minMaxFloats) Update(groups []uint32, n int, args []*vector.Vector) error {
	v := args[0]
	if v.Form == vector.Const && groups == nil {
		if n = min(n, 1); v.Null(0) {
			return nil
		}
	} else {
		v = flat(v, &s.scratch)
	}
	for i, x := range v.Floats[:n] {
		if v.Nulls != nil && v.Nulls[i>>6]>>(uint(i)&63)&1 != 0 {
			continue
		}
		g := groupAt(groups, i)
		old := s.best[g]
		if s.most {
			if x > old || x != x {
				s.best[g] = x
			}
		} else if x < old || old != old {
			s.best[g] = x
		}
		s.seen[g] = true
	}
	return nil
}

// Merge looks at partial results as at rows.
func (s *minMaxFloats) Merge(groups []uint32, n int, partial []*vector.Vector) error {
	return s.Update(groups, n, partial)
}

// Partial writes the values.
func (s *minMaxFloats) Partial(lo, hi int, out []*vector.Vector) { _ = s.Final(lo, hi, out[0]) }

// Final writes the values.
func (s *minMaxFloats) Final(lo, hi int, out *vector.Vector) error {
	out.Type = s.typ
	out.Reset(hi - lo)
	copy(out.Floats, s.best[lo:hi])
	nullUnseen(out, s.seen[lo:hi])
	return nil
}

// Bytes is what the values hold.
func (s *minMaxFloats) Bytes() int64 { return int64(cap(s.best)) * 9 }

// minMaxWides is MIN and MAX over the wide lane.
type minMaxWides struct {
	typ     types.Type
	most    bool
	best    []types.Int128
	seen    []bool
	scratch vector.Vector
}

// Resize makes room for groups.
func (s *minMaxWides) Resize(n int) { s.best, s.seen = growTo(s.best, n), growTo(s.seen, n) }

// Update looks at rows.
func (s *minMaxWides) Update(groups []uint32, n int, args []*vector.Vector) error {
	v := flat(args[0], &s.scratch)
	for i, x := range v.Wides[:n] {
		if v.Nulls != nil && v.Nulls[i>>6]>>(uint(i)&63)&1 != 0 {
			continue
		}
		g := groupAt(groups, i)
		if !s.seen[g] {
			s.best[g], s.seen[g] = x, true
			continue
		}
		if c := types.CompareWide(s.typ.Kind, x, s.best[g]); c != 0 && c > 0 == s.most {
			s.best[g] = x
		}
	}
	return nil
}

// Merge looks at partial results as at rows.
func (s *minMaxWides) Merge(groups []uint32, n int, partial []*vector.Vector) error {
	return s.Update(groups, n, partial)
}

// Partial writes the values.
func (s *minMaxWides) Partial(lo, hi int, out []*vector.Vector) { _ = s.Final(lo, hi, out[0]) }

// Final writes the values.
func (s *minMaxWides) Final(lo, hi int, out *vector.Vector) error {
	out.Type = s.typ
	out.Reset(hi - lo)
	copy(out.Wides, s.best[lo:hi])
	nullUnseen(out, s.seen[lo:hi])
	return nil
}

// Bytes is what the values hold.
func (s *minMaxWides) Bytes() int64 { return int64(cap(s.best)) * 17 }
