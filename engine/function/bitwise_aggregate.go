package function

import (
	"github.com/redshiftsim/redshiftsim/internal/types"
	"github.com/redshiftsim/redshiftsim/internal/vector"
)

// findBool chooses BOOL_AND or BOOL_OR of booleans or integers.
// https://docs.aws.amazon.com/redshift/latest/dg/r_BOOL_AND.html
// https://docs.aws.amazon.com/redshift/latest/dg/r_BOOL_OR.html
func findBool(name string, args []Arg) (*BoundAggregate, error) {
	if len(args) != 1 {
		return nil, nil
	}
	if t := args[0].Type; t.Kind != types.Bool && !t.IsInteger() && t.Kind != types.Unknown {
		return nil, nil
	}
	or := name == "bool_or"
	return &BoundAggregate{
		Params: []types.Type{types.TBool}, Returns: types.TBool, Partial: []types.Type{types.TBool},
		New: func() State { return &boolState{or: or} },
	}, nil
}

// boolState is BOOL_AND and BOOL_OR: a group is decided by the first value that equals or.
type boolState struct {
	or            bool
	decided, seen []bool
	scratch       vector.Vector
}

// Resize makes room for groups.
func (s *boolState) Resize(n int) { s.decided, s.seen = growTo(s.decided, n), growTo(s.seen, n) }

// Update looks at rows.
func (s *boolState) Update(groups []uint32, n int, args []*vector.Vector) error {
	v := flat(args[0], &s.scratch)
	for i, x := range v.Bools[:n] {
		if v.Nulls != nil && v.Nulls[i>>6]>>(uint(i)&63)&1 != 0 {
			continue
		}
		g := groupAt(groups, i)
		s.seen[g] = true
		if x == s.or {
			s.decided[g] = true
		}
	}
	return nil
}

// Merge looks at partial results as at rows.
func (s *boolState) Merge(groups []uint32, n int, partial []*vector.Vector) error {
	return s.Update(groups, n, partial)
}

// Partial writes the values.
func (s *boolState) Partial(lo, hi int, out []*vector.Vector) { _ = s.Final(lo, hi, out[0]) }

// Final writes the values.
func (s *boolState) Final(lo, hi int, out *vector.Vector) error {
	out.Type = types.TBool
	out.Reset(hi - lo)
	for g := lo; g < hi; g++ {
		out.Bools[g-lo] = s.decided[g] == s.or
	}
	nullUnseen(out, s.seen[lo:hi])
	return nil
}

// Bytes is what the values hold.
func (s *boolState) Bytes() int64 { return int64(cap(s.decided) + cap(s.seen)) }

// findBits chooses BIT_AND or BIT_OR: integers keep their type, other numbers are rounded to bigint.
// https://docs.aws.amazon.com/redshift/latest/dg/c_bitwise_aggregate_functions.html
func findBits(name string, args []Arg) (*BoundAggregate, error) {
	if len(args) != 1 {
		return nil, nil
	}
	t := args[0].Type
	switch {
	case t.IsInteger():
	case t.IsNumber() || t.Kind == types.Unknown:
		t = types.TInt8
	case t.Kind == types.Bool:
		t = types.TInt4
	default:
		return nil, nil
	}
	flip := int64(0)
	if name == "bit_and" {
		flip = -1
	}
	return &BoundAggregate{
		Params: []types.Type{t}, Returns: t, Partial: []types.Type{t},
		New: func() State { return &bitState{typ: t, flip: flip} },
	}, nil
}

// bitState is BIT_OR, and with flip -1 BIT_AND: a AND b = NOT (NOT a OR NOT b).
type bitState struct {
	typ     types.Type
	flip    int64
	bits    []int64 // OR of value XOR flip
	seen    []bool
	scratch vector.Vector
}

// Resize makes room for groups.
func (s *bitState) Resize(n int) { s.bits, s.seen = growTo(s.bits, n), growTo(s.seen, n) }

// Update looks at rows.
func (s *bitState) Update(groups []uint32, n int, args []*vector.Vector) error {
	v := flat(args[0], &s.scratch)
	for i, x := range v.Int64s[:n] {
		if v.Nulls != nil && v.Nulls[i>>6]>>(uint(i)&63)&1 != 0 {
			continue
		}
		g := groupAt(groups, i)
		s.bits[g] |= x ^ s.flip
		s.seen[g] = true
	}
	return nil
}

// Merge looks at partial results as at rows.
func (s *bitState) Merge(groups []uint32, n int, partial []*vector.Vector) error {
	return s.Update(groups, n, partial)
}

// Partial writes the values.
func (s *bitState) Partial(lo, hi int, out []*vector.Vector) { _ = s.Final(lo, hi, out[0]) }

// Final writes the values.
func (s *bitState) Final(lo, hi int, out *vector.Vector) error {
	out.Type = s.typ
	out.Reset(hi - lo)
	for g := lo; g < hi; g++ {
		out.Int64s[g-lo] = s.bits[g] ^ s.flip
	}
	nullUnseen(out, s.seen[lo:hi])
	return nil
}

// Bytes is what the values hold.
func (s *bitState) Bytes() int64 { return int64(cap(s.bits)) * 9 }
