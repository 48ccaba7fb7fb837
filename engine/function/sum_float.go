package function

import (
	"math"

	"github.com/redshiftsim/redshiftsim/internal/types"
	"github.com/redshiftsim/redshiftsim/internal/vector"
)

// floatCell is the sum of one group of doubles and the number of its rows that are not NULL.
type floatCell struct {
	sum float64
	n   int64
}

// floatSumState is SUM and AVG of floating-point numbers, in double precision.
type floatSumState struct {
	avg     bool
	cells   []floatCell
	scratch vector.Vector
}

// Resize makes room for groups.
func (s *floatSumState) Resize(n int) { s.cells = growTo(s.cells, n) }

// Update adds rows.
func (s *floatSumState) Update(groups []uint32, n int, args []*vector.Vector) error {
	v := flat(args[0], &s.scratch)
	vals := v.Floats[:n]
	switch {
	case groups == nil && v.Nulls == nil:
		c := &s.cells[0]
		c.sum += sumValues(vals)
		c.n += int64(n)
	case groups == nil:
		c := &s.cells[0]
		sum := 0.0
		for i, x := range vals {
			valid := ^v.Nulls[i>>6] >> (uint(i) & 63) & 1
			sum += math.Float64frombits(math.Float64bits(x) & -valid)
			c.n += int64(valid)
		}
		c.sum += sum
	case v.Nulls != nil:
		for i, g := range groups[:n] {
			valid := ^v.Nulls[i>>6] >> (uint(i) & 63) & 1
			c := &s.cells[g]
			c.sum += math.Float64frombits(math.Float64bits(vals[i]) & -valid)
			c.n += int64(valid)
		}
	case len(s.cells) <= fewGroups && n >= fewRows:
		addFewFloats(s.cells, groups[:n], vals)
	default:
		for i, g := range groups[:n] {
			c := &s.cells[g]
			c.sum += vals[i]
			c.n++
		}
	}
	return nil
}

// addFewFloats adds rows to at most fewGroups groups: neighbouring rows go to different copies of the cells.
func addFewFloats(cells []floatCell, groups []uint32, vals []float64) {
	var acc [4][fewGroups]floatCell
	vals = vals[:len(groups)]
	for ; len(groups) >= 4 && len(vals) >= 4; groups, vals = groups[4:], vals[4:] {
		p := &acc[0][groups[0]%fewGroups]
		p.sum += vals[0]
		p.n++
		p = &acc[1][groups[1]%fewGroups]
		p.sum += vals[1]
		p.n++
		p = &acc[2][groups[2]%fewGroups]
		p.sum += vals[2]
		p.n++
		p = &acc[3][groups[3]%fewGroups]
		p.sum += vals[3]
		p.n++
	}
	for i, g := range groups {
		p := &acc[0][g%fewGroups]
		p.sum += vals[i]
		p.n++
	}
	for g := range cells {
		c := &cells[g]
		for k := range acc {
			c.sum += acc[k][g%fewGroups].sum
			c.n += acc[k][g%fewGroups].n
		}
	}
}

// Merge adds partial sums.
func (s *floatSumState) Merge(groups []uint32, n int, partial []*vector.Vector) error {
	v := flat(partial[0], &s.scratch)
	var counts []int64
	if s.avg {
		var scratch vector.Vector
		counts = flat(partial[1], &scratch).Int64s
	}
	for i, x := range v.Floats[:n] {
		if v.Null(i) {
			continue
		}
		c := &s.cells[groupAt(groups, i)]
		c.sum += x
		if counts != nil {
			c.n += counts[i]
		} else {
			c.n++
		}
	}
	return nil
}

// Partial writes the sums, and for AVG the numbers of rows.
func (s *floatSumState) Partial(lo, hi int, out []*vector.Vector) {
	v := out[0]
	v.Type = types.TFloat8
	v.Reset(hi - lo)
	for g := lo; g < hi; g++ {
		if v.Floats[g-lo] = s.cells[g].sum; s.cells[g].n == 0 {
			v.SetNull(g - lo)
		}
	}
	if s.avg {
		out[1].Type = types.TInt8
		out[1].Reset(hi - lo)
		for g := lo; g < hi; g++ {
			out[1].Int64s[g-lo] = s.cells[g].n
		}
	}
}

// Final writes the sums or averages.
func (s *floatSumState) Final(lo, hi int, out *vector.Vector) error {
	out.Type = types.TFloat8
	out.Reset(hi - lo)
	for g := lo; g < hi; g++ {
		c := &s.cells[g]
		switch {
		case c.n == 0:
			out.SetNull(g - lo)
		case s.avg:
			out.Floats[g-lo] = c.sum / float64(c.n)
		default:
			out.Floats[g-lo] = c.sum
		}
	}
	return nil
}

// Bytes is what the sums hold.
func (s *floatSumState) Bytes() int64 { return int64(cap(s.cells)) * 16 }

// intervalSumState is SUM and AVG of intervals, which add part by part.
type intervalSumState struct {
	avg     bool
	cells   []intervalCell
	scratch vector.Vector
}

// intervalCell is the sum of one group of intervals.
type intervalCell struct{ months, micros, n int64 }

// Resize makes room for groups.
func (s *intervalSumState) Resize(n int) { s.cells = growTo(s.cells, n) }

// Update adds rows.
func (s *intervalSumState) Update(groups []uint32, n int, args []*vector.Vector) error {
	return s.add(groups, n, args[0], nil)
}

// Merge adds partial sums.
func (s *intervalSumState) Merge(groups []uint32, n int, partial []*vector.Vector) error {
	var counts []int64
	if s.avg {
		var scratch vector.Vector
		counts = flat(partial[1], &scratch).Int64s
	}
	return s.add(groups, n, partial[0], counts)
}

// add adds rows, each standing for one row or for counts[i].
func (s *intervalSumState) add(groups []uint32, n int, v *vector.Vector, counts []int64) error {
	v = flat(v, &s.scratch)
	for i, x := range v.Wides[:n] {
		if v.Null(i) {
			continue
		}
		c := &s.cells[groupAt(groups, i)]
		months, micros := types.IntervalParts(x)
		us, ok := intOne('+', c.micros, micros)
		if !ok {
			return intervalRange()
		}
		c.months, c.micros = c.months+months, us
		if counts != nil {
			c.n += counts[i]
		} else {
			c.n++
		}
	}
	return nil
}

// Partial writes the sums, and for AVG the numbers of rows.
func (s *intervalSumState) Partial(lo, hi int, out []*vector.Vector) {
	v := out[0]
	v.Type = types.TInterval
	v.Reset(hi - lo)
	for g := lo; g < hi; g++ {
		c := &s.cells[g]
		if v.Wides[g-lo] = types.MakeInterval(c.months, c.micros); c.n == 0 {
			v.SetNull(g - lo)
		}
	}
	if s.avg {
		out[1].Type = types.TInt8
		out[1].Reset(hi - lo)
		for g := lo; g < hi; g++ {
			out[1].Int64s[g-lo] = s.cells[g].n
		}
	}
}

// Final writes the sums or averages; what is left of a month counts as thirtieths of days.
func (s *intervalSumState) Final(lo, hi int, out *vector.Vector) error {
	out.Type = types.TInterval
	out.Reset(hi - lo)
	for g := lo; g < hi; g++ {
		c := s.cells[g]
		if c.n == 0 {
			out.SetNull(g - lo)
			continue
		}
		if s.avg {
			rest := float64(c.months%c.n)*float64(30*types.MicrosPerDay) + float64(c.micros)
			c.months, c.micros = c.months/c.n, int64(math.RoundToEven(rest/float64(c.n)))
		}
		out.Wides[g-lo] = types.MakeInterval(c.months, c.micros)
	}
	return nil
}

// Bytes is what the sums hold.
func (s *intervalSumState) Bytes() int64 { return int64(cap(s.cells)) * 24 }
