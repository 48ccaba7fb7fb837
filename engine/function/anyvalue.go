package function

import (
	"github.com/redshiftsim/redshiftsim/internal/types"
	"github.com/redshiftsim/redshiftsim/internal/vector"
)

// findAnyValue chooses ANY_VALUE of anything: here the first value that is not NULL.
// https://docs.aws.amazon.com/redshift/latest/dg/r_ANY_VALUE.html
func findAnyValue(_ string, args []Arg) (*BoundAggregate, error) {
	if len(args) != 1 {
		return nil, nil
	}
	t := valueArg(args[0])
	b := &BoundAggregate{Params: []types.Type{t}, Returns: t, Partial: []types.Type{t}}
	switch t.Lane() {
	case types.LaneBool:
		b.New = func() State {
			return &anyState[bool]{typ: t, lane: func(v *vector.Vector) []bool { return v.Bools }}
		}
	case types.LaneInt:
		b.New = func() State {
			return &anyState[int64]{typ: t, lane: func(v *vector.Vector) []int64 { return v.Int64s }}
		}
	case types.LaneWide:
		b.New = func() State {
			return &anyState[types.Int128]{typ: t, lane: func(v *vector.Vector) []types.Int128 { return v.Wides }}
		}
	case types.LaneFloat:
		b.New = func() State {
			return &anyState[float64]{typ: t, lane: func(v *vector.Vector) []float64 { return v.Floats }}
		}
	default:
		b.New = func() State {
			return &anyState[string]{typ: t, lane: func(v *vector.Vector) []string { return v.Texts }}
		}
	}
	return b, nil
}

// anyState is ANY_VALUE. Once every group has its value, rows cost nothing.
type anyState[T any] struct {
	typ     types.Type
	lane    func(*vector.Vector) []T
	vals    []T
	seen    []bool
	empty   int // groups without a value
	scratch vector.Vector
}

// Resize makes room for groups.
func (s *anyState[T]) Resize(n int) {
	s.empty += max(n-len(s.seen), 0)
	s.vals, s.seen = growTo(s.vals, n), growTo(s.seen, n)
}

// Update takes the first values.
func (s *anyState[T]) Update(groups []uint32, n int, args []*vector.Vector) error {
	if s.empty == 0 {
		return nil
	}
	v := flat(args[0], &s.scratch)
	vals := s.lane(v)
	for i := range n {
		g := groupAt(groups, i)
		if s.seen[g] || v.Null(i) {
			continue
		}
		s.vals[g], s.seen[g] = vals[i], true
		if s.empty--; s.empty == 0 {
			break
		}
	}
	return nil
}

// Merge takes partial results as rows.
func (s *anyState[T]) Merge(groups []uint32, n int, partial []*vector.Vector) error {
	return s.Update(groups, n, partial)
}

// Partial writes the values.
func (s *anyState[T]) Partial(lo, hi int, out []*vector.Vector) { _ = s.Final(lo, hi, out[0]) }

// Final writes the values.
func (s *anyState[T]) Final(lo, hi int, out *vector.Vector) error {
	out.Type = s.typ
	out.Reset(hi - lo)
	copy(s.lane(out), s.vals[lo:hi])
	nullUnseen(out, s.seen[lo:hi])
	return nil
}

// Bytes is what the values hold, at most.
func (s *anyState[T]) Bytes() int64 {
	return int64(cap(s.vals))*16 + int64(cap(s.seen))
}
