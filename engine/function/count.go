package function

import (
	"github.com/redshiftsim/redshiftsim/internal/types"
	"github.com/redshiftsim/redshiftsim/internal/vector"
)

// fewGroups is the number of groups up to which the grouped loops keep several copies of the accumulators, so that neighbouring rows of one group need
// not wait for each other's store; a power of two. From fewRows rows on, clearing and adding the copies is paid back.
const (
	fewGroups = 64
	fewRows   = 256
)

// growTo extends s with zeros to n.
func growTo[T any](s []T, n int) []T {
	if n <= len(s) {
		return s
	}
	if n <= cap(s) {
		return s[:n]
	}
	t := make([]T, n, max(n, 2*cap(s)))
	copy(t, s)
	return t
}

// flat gives v as a Flat vector, decoded into scratch when it is not one.
func flat(v, scratch *vector.Vector) *vector.Vector {
	if v.Form == vector.Flat {
		return v
	}
	scratch.Type = v.Type
	v.Gather(nil, scratch)
	return scratch
}

// countState is COUNT: rows, or rows where the argument is not NULL.
type countState struct{ n []int64 }

// Resize makes room for groups.
func (s *countState) Resize(n int) { s.n = growTo(s.n, n) }

// Update counts rows.
func (s *countState) Update(groups []uint32, n int, args []*vector.Vector) error {
	var nulls []uint64
	if len(args) > 0 {
		nulls = args[0].Nulls
		if nulls != nil && args[0].Form == vector.Const {
			if args[0].Null(0) {
				return nil
			}
			nulls = nil
		}
	}
	switch {
	case groups == nil:
		if nulls != nil {
			n -= vector.Count(nulls, n)
		}
		s.n[0] += int64(n)
	case nulls != nil:
		countValid(s.n, groups[:n], nulls)
	case len(s.n) <= fewGroups && n >= fewRows:
		countFew(s.n, groups[:n])
	default:
		countRows(s.n, groups[:n])
	}
	return nil
}

// countRows counts every row of its group.
func countRows(counts []int64, groups []uint32) {
	for _, g := range groups {
		counts[g]++
	}
}

// countFew is countRows for at most fewGroups groups.
func countFew(counts []int64, groups []uint32) {
	var acc [4][fewGroups]uint32
	rest := groups
	for ; len(rest) >= 4; rest = rest[4:] {
		acc[0][rest[0]%fewGroups]++
		acc[1][rest[1]%fewGroups]++
		acc[2][rest[2]%fewGroups]++
		acc[3][rest[3]%fewGroups]++
	}
	for _, g := range rest {
		acc[0][g%fewGroups]++
	}
	for g := range counts {
		counts[g] += int64(acc[0][g%fewGroups]) + int64(acc[1][g%fewGroups]) + int64(acc[2][g%fewGroups]) + int64(acc[3][g%fewGroups])
	}
}

// countValid counts the rows that are not NULL.
func countValid(counts []int64, groups []uint32, nulls []uint64) {
	for i, g := range groups {
		counts[g] += int64(^nulls[i>>6] >> (uint(i) & 63) & 1)
	}
}

// Partial writes the counts.
func (s *countState) Partial(lo, hi int, out []*vector.Vector) { s.write(lo, hi, out[0]) }

// Final writes the counts.
func (s *countState) Final(lo, hi int, out *vector.Vector) error {
	s.write(lo, hi, out)
	return nil
}

// write fills out with the counts of groups.
func (s *countState) write(lo, hi int, out *vector.Vector) {
	out.Type = types.TInt8
	out.Reset(hi - lo)
	copy(out.Int64s, s.n[lo:hi])
}

// Merge adds counts.
func (s *countState) Merge(groups []uint32, n int, partial []*vector.Vector) error {
	var scratch vector.Vector
	v := flat(partial[0], &scratch)
	for i, x := range v.Int64s[:n] {
		if v.Null(i) {
			continue
		}
		g := uint32(0)
		if groups != nil {
			g = groups[i]
		}
		s.n[g] += x
	}
	return nil
}

// Bytes is what the counts hold.
func (s *countState) Bytes() int64 { return int64(cap(s.n)) * 8 }
