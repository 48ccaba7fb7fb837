package function

import (
	"cmp"
	"slices"

	"github.com/redshiftsim/redshiftsim/internal/sqlstate"
	"github.com/redshiftsim/redshiftsim/internal/types"
	"github.com/redshiftsim/redshiftsim/internal/vector"
)

// findMedian chooses MEDIAN, which is percentile_cont(0.5) and sorts by itself.
// https://docs.aws.amazon.com/redshift/latest/dg/r_MEDIAN.html
func findMedian(name string, args []Arg) (*BoundAggregate, error) {
	if len(args) != 1 {
		return nil, nil
	}
	if args[0].Type.Kind == types.Unknown {
		return nil, ambiguousFunction(name, args)
	}
	half := types.TNumeric(1, 1)
	p, ok := interpolated(args[0].Type, half)
	if !ok {
		return nil, nil
	}
	return &BoundAggregate{Params: []types.Type{p.arg}, Returns: p.returns, Place: ComputeOnly, New: func() State {
		s := p
		s.sorts, s.share, s.given = true, 5, true
		return &s
	}}, nil
}

// findPercentile chooses PERCENTILE_CONT or PERCENTILE_DISC (APPROXIMATE or not: ours is exact); the arguments are the percentile and the sort key of
// WITHIN GROUP, by which rows arrive sorted, ascending or descending.
// https://docs.aws.amazon.com/redshift/latest/dg/r_PERCENTILE_CONT.html
// https://docs.aws.amazon.com/redshift/latest/dg/r_APPROXIMATE_PERCENTILE_DISC.html
func findPercentile(name string, args []Arg) (*BoundAggregate, error) {
	if len(args) != 2 {
		return nil, nil
	}
	share := args[0].Type
	switch {
	case share.IsInteger(), share.Kind == types.Numeric && share.Lane() == types.LaneInt:
	case share.IsNumber() || share.Kind == types.Unknown:
		share = types.TNumeric(19, 18)
	default:
		return nil, nil
	}
	var p percentileState
	if name == "percentile_disc" {
		t := args[1].Type
		if t.Kind == types.Unknown {
			t = valueArg(args[1])
		}
		p = percentileState{arg: t, returns: t, scale: int(share.Scale), discrete: true}
	} else {
		var ok bool
		if p, ok = interpolated(args[1].Type, share); !ok {
			return nil, nil
		}
	}
	return &BoundAggregate{Params: []types.Type{share, p.arg}, Returns: p.returns, Place: ComputeOnly, New: func() State {
		s := p
		return &s
	}}, nil
}

// interpolated gives the types of an interpolation in t at a share. Numbers in between have the digits of both: the median of integers is a
// numeric(38,1), as the guide prints it. Where 38 digits do not hold them, the argument's scale remains.
//
//	integers, numeric -> numeric     real, double -> double     date, timestamp, timestamptz -> the same
func interpolated(t, share types.Type) (percentileState, bool) {
	p := percentileState{arg: t, returns: t, scale: int(share.Scale)}
	switch {
	case t.IsInteger() || t.Kind == types.Numeric:
		d := intDecimal(t)
		more := int(share.Scale)
		if more > 10 { // a double
			more = 4
		}
		if int(d.Prec)+more > types.MaxPrecision {
			more = 0
		}
		p.returns = types.TNumeric(types.MaxPrecision, int(d.Scale)+more)
		p.cut = p.scale - more
	case t.IsFloat():
		p.returns = types.TFloat8
	case t.Kind == types.Date || t.Kind == types.Timestamp || t.Kind == types.TimestampTZ:
	default:
		return p, false
	}
	return p, true
}

// percentileState is MEDIAN and the percentiles: it keeps all values in the order in which they come.
type percentileState struct {
	arg, returns types.Type
	scale        int   // of the share
	cut          int   // digits that the result has less than the exact interpolation
	share        int64 // percentile * 10^scale
	given        bool  // share is known
	discrete     bool
	sorts        bool // values come in any order

	log     rowLog
	ints    []int64 // the values, in the lane of arg
	wides   []types.Int128
	floats  []float64
	bools   []bool
	texts   []string
	held    int64 // bytes of texts
	scratch vector.Vector
}

// Resize makes room for groups.
func (s *percentileState) Resize(n int) {
	if n > s.log.groups {
		s.log.groups, s.log.start = n, nil
	}
}

// Update keeps the values of rows.
func (s *percentileState) Update(groups []uint32, n int, args []*vector.Vector) error {
	if len(args) > 1 {
		if n > 0 && !s.given {
			if d := args[0].Get(0); !d.Null {
				if d.Int < 0 || d.Int > types.Pow10Int64(s.scale) {
					return sqlstate.NumericOutOfRange.Errorf("percentile value %s is not between 0 and 1", types.AppendDecimal64(nil, d.Int, s.scale))
				}
				s.share, s.given = d.Int, true
			}
		}
		args = args[1:]
	}
	v := flat(args[0], &s.scratch)
	for i := range n {
		if v.Null(i) {
			continue
		}
		s.log.add(groupAt(groups, i))
		switch s.arg.Lane() {
		case types.LaneInt:
			s.ints = append(s.ints, v.Int64s[i])
		case types.LaneWide:
			s.wides = append(s.wides, v.Wides[i])
		case types.LaneFloat:
			s.floats = append(s.floats, v.Floats[i])
		case types.LaneBool:
			s.bools = append(s.bools, v.Bools[i])
		default:
			s.texts = append(s.texts, v.Texts[i])
			s.held += int64(len(v.Texts[i]))
		}
	}
	return nil
}

// Partial is never called: a percentile has no partial form.
func (s *percentileState) Partial(_, _ int, _ []*vector.Vector) {}

// Merge is never called: a percentile has no partial form.
func (s *percentileState) Merge(_ []uint32, _ int, _ []*vector.Vector) error { return nil }

// Final finds the percentile of each group.
func (s *percentileState) Final(lo, hi int, out *vector.Vector) error {
	out.Type = s.returns
	out.Reset(hi - lo)
	for g := lo; g < hi; g++ {
		rows := s.log.rowsOf(g)
		if len(rows) == 0 || !s.given {
			out.SetNull(g - lo)
			continue
		}
		if s.sorts {
			s.sort(rows)
		}
		if err := s.pick(rows, out, g-lo); err != nil {
			return err
		}
	}
	return nil
}

// sort orders rows by their values.
func (s *percentileState) sort(rows []int32) {
	switch s.arg.Lane() {
	case types.LaneInt:
		slices.SortFunc(rows, func(a, b int32) int { return cmp.Compare(s.ints[a], s.ints[b]) })
	case types.LaneWide:
		slices.SortFunc(rows, func(a, b int32) int { return s.wides[a].Cmp(s.wides[b]) })
	default:
		slices.SortFunc(rows, func(a, b int32) int { return types.CompareFloat(s.floats[a], s.floats[b]) })
	}
}

// pick writes the percentile of sorted rows. PERCENTILE_DISC is the first value whose cumulative distribution reaches the share: row CEIL(p*n).
// PERCENTILE_CONT interpolates between the rows around 1 + p*(n-1).
func (s *percentileState) pick(rows []int32, out *vector.Vector, i int) error {
	whole := types.Pow10Int64(s.scale)
	if s.discrete {
		at, part := mulDiv(s.share, int64(len(rows)), whole)
		if part == 0 && at > 0 {
			at--
		}
		s.copy(rows[at], out, i)
		return nil
	}
	at, part := mulDiv(s.share, int64(len(rows)-1), whole)
	a := rows[at]
	b := a
	if part != 0 {
		b = rows[at+1]
	}
	switch {
	case s.returns.Lane() == types.LaneFloat:
		f := float64(part) / float64(whole)
		if out.Floats[i] = s.floats[a]; part != 0 {
			out.Floats[i] = (1-f)*s.floats[a] + f*s.floats[b]
		}
	case s.returns.Kind == types.Numeric:
		x, y := s.wide(a), s.wide(b)
		x, ok1 := x.Mul(types.FromInt64(whole - part))
		y, ok2 := y.Mul(types.FromInt64(part))
		sum := x.Add(y)
		if !ok1 || !ok2 || (x.Hi^sum.Hi)&(y.Hi^sum.Hi) < 0 {
			return decimalOverflow(s.returns, "multiplication")
		}
		if sum, _ = sum.QuoRem(types.Pow10(s.cut)); !types.FitsPrecision(sum, types.MaxPrecision) {
			return decimalOverflow(s.returns, "multiplication")
		}
		out.Wides[i] = sum
	default: // times: a whole number of days or microseconds
		x, y := s.ints[a], s.ints[b]
		d := types.FromInt64(y).Sub(types.FromInt64(x))
		d, _ = d.Mul(types.FromInt64(part)) // 65 and 60 bits
		d, _ = d.QuoRem(types.FromInt64(whole))
		out.Int64s[i] = x + int64(d.Lo)
	}
	return nil
}

// mulDiv is a*b / c with its remainder; the product may have 128 bits, the quotient has 64.
func mulDiv(a, b, c int64) (quo, rem int64) {
	hi, lo := mulSigned(a, b)
	q, r := types.Int128{Hi: hi, Lo: lo}.QuoRem(types.FromInt64(c))
	return int64(q.Lo), int64(r.Lo)
}

// wide is a number of either lane.
func (s *percentileState) wide(r int32) types.Int128 {
	if s.arg.Lane() == types.LaneInt {
		return types.FromInt64(s.ints[r])
	}
	return s.wides[r]
}

// copy writes the value of row r.
func (s *percentileState) copy(r int32, out *vector.Vector, i int) {
	switch s.arg.Lane() {
	case types.LaneInt:
		out.Int64s[i] = s.ints[r]
	case types.LaneWide:
		out.Wides[i] = s.wides[r]
	case types.LaneFloat:
		out.Floats[i] = s.floats[r]
	case types.LaneBool:
		out.Bools[i] = s.bools[r]
	default:
		out.Texts[i] = s.texts[r]
	}
}

// Bytes is what the values hold.
func (s *percentileState) Bytes() int64 {
	return s.log.bytes() + int64(cap(s.ints)+cap(s.floats))*8 + int64(cap(s.wides)+cap(s.texts))*16 + int64(cap(s.bools)) + s.held
}
