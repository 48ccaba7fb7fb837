package function

import (
	"math"

	"github.com/redshiftsim/redshiftsim/internal/types"
	"github.com/redshiftsim/redshiftsim/internal/vector"
)

// findVariance chooses a variance or standard deviation: of any number, in double precision.
// https://docs.aws.amazon.com/redshift/latest/dg/r_STDDEV_functions.html
// https://docs.aws.amazon.com/redshift/latest/dg/r_VARIANCE_functions.html
func findVariance(name string, args []Arg) (*BoundAggregate, error) {
	if len(args) != 1 {
		return nil, nil
	}
	if t := args[0].Type; t.Kind == types.Unknown {
		return nil, ambiguousFunction(name, args)
	} else if !t.IsNumber() {
		return nil, nil
	}
	population := name == "stddev_pop" || name == "var_pop"
	root := name[0] == 's'
	return &BoundAggregate{
		Params: []types.Type{types.TFloat8}, Returns: types.TFloat8,
		Partial: []types.Type{types.TInt8, types.TFloat8, types.TFloat8},
		New:     func() State { return &varianceState{population: population, root: root} },
	}, nil
}

// moments are what is known of one group's numbers: how many, their mean, and the sum of the squares of their distances from it. Two of them join
// without loss of digits, however far the mean lies from zero (Chan, Golub and LeVeque).
type moments struct {
	n        int64
	mean, m2 float64
}

// join adds the numbers of o.
func (s *moments) join(o moments) {
	if o.n == 0 {
		return
	}
	if s.n == 0 {
		*s = o
		return
	}
	n := s.n + o.n
	d := o.mean - s.mean
	s.mean += d * (float64(o.n) / float64(n))
	s.m2 += o.m2 + d*d*(float64(s.n)*(float64(o.n)/float64(n)))
	s.n = n
}

// varianceState is the family of VARIANCE and STDDEV.
type varianceState struct {
	population, root bool
	groups           []moments
	scratch          vector.Vector
}

// Resize makes room for groups.
func (s *varianceState) Resize(n int) { s.groups = growTo(s.groups, n) }

// Update adds rows: those of a single group are joined as a batch, others one by one (Welford).
func (s *varianceState) Update(groups []uint32, n int, args []*vector.Vector) error {
	v := flat(args[0], &s.scratch)
	vals := v.Floats[:n]
	if groups == nil {
		s.groups[0].join(momentsOf(vals, v.Nulls))
		return nil
	}
	for i, x := range vals {
		if v.Nulls != nil && v.Nulls[i>>6]>>(uint(i)&63)&1 != 0 {
			continue
		}
		p := &s.groups[groups[i]]
		p.n++
		d := x - p.mean
		p.mean += d / float64(p.n)
		p.m2 += d * (x - p.mean)
	}
	return nil
}

// momentsOf looks at a batch twice: for the mean, then for the distances from it.
func momentsOf(vals []float64, nulls []uint64) moments {
	p := moments{n: int64(len(vals))}
	if nulls == nil {
		if p.n == 0 {
			return p
		}
		p.mean = sumValues(vals) / float64(p.n)
		var a, b float64
		for ; len(vals) >= 2; vals = vals[2:] {
			d, e := vals[0]-p.mean, vals[1]-p.mean
			a += d * d
			b += e * e
		}
		for _, x := range vals {
			a += (x - p.mean) * (x - p.mean)
		}
		p.m2 = a + b
		return p
	}
	p.n = 0
	for i, x := range vals {
		if nulls[i>>6]>>(uint(i)&63)&1 == 0 {
			p.mean += x
			p.n++
		}
	}
	if p.n == 0 {
		return moments{}
	}
	p.mean /= float64(p.n)
	for i, x := range vals {
		if nulls[i>>6]>>(uint(i)&63)&1 == 0 {
			p.m2 += (x - p.mean) * (x - p.mean)
		}
	}
	return p
}

// Merge joins partial results.
func (s *varianceState) Merge(groups []uint32, n int, partial []*vector.Vector) error {
	var scratch [3]vector.Vector
	counts, means, m2s := flat(partial[0], &scratch[0]), flat(partial[1], &scratch[1]), flat(partial[2], &scratch[2])
	for i := range n {
		s.groups[groupAt(groups, i)].join(moments{counts.Int64s[i], means.Floats[i], m2s.Floats[i]})
	}
	return nil
}

// Partial writes number, mean and squares.
func (s *varianceState) Partial(lo, hi int, out []*vector.Vector) {
	for i, t := range [...]types.Type{types.TInt8, types.TFloat8, types.TFloat8} {
		out[i].Type = t
		out[i].Reset(hi - lo)
	}
	for g := lo; g < hi; g++ {
		p := &s.groups[g]
		out[0].Int64s[g-lo], out[1].Floats[g-lo], out[2].Floats[g-lo] = p.n, p.mean, p.m2
	}
}

// Final writes the results: a sample of one row has none.
func (s *varianceState) Final(lo, hi int, out *vector.Vector) error {
	out.Type = types.TFloat8
	out.Reset(hi - lo)
	for g := lo; g < hi; g++ {
		p := &s.groups[g]
		n := p.n
		if !s.population {
			n--
		}
		if n <= 0 {
			out.SetNull(g - lo)
			continue
		}
		x := p.m2 / float64(n)
		if s.root {
			x = math.Sqrt(x)
		}
		out.Floats[g-lo] = x
	}
	return nil
}

// Bytes is what the groups hold.
func (s *varianceState) Bytes() int64 { return int64(cap(s.groups)) * 24 }
