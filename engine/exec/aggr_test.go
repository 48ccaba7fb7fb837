package exec

import (
	"fmt"
	"math/rand/v2"
	"slices"
	"testing"

	"github.com/redshiftsim/redshiftsim/engine/expr"
	"github.com/redshiftsim/redshiftsim/engine/function"
	"github.com/redshiftsim/redshiftsim/internal/types"
	"github.com/redshiftsim/redshiftsim/internal/vector"
)

// tally is the aggregate of these tests: it counts rows, or counts and adds the values of its argument that are not NULL.
type tally struct {
	rows, sum []int64
	count     bool
}

func (s *tally) Resize(n int) {
	for len(s.rows) < n {
		s.rows, s.sum = append(s.rows, 0), append(s.sum, 0)
	}
}

func (s *tally) Update(groups []uint32, n int, args []*vector.Vector) error {
	for i := range n {
		g := uint32(0)
		if groups != nil {
			g = groups[i]
		}
		if len(args) == 0 {
			s.rows[g]++
			continue
		}
		if d := args[0].Get(i); !d.Null {
			s.rows[g]++
			s.sum[g] += d.Int
		}
	}
	return nil
}

func (s *tally) Partial(lo, hi int, out []*vector.Vector) {
	out[0].Reset(hi - lo)
	out[1].Reset(hi - lo)
	copy(out[0].Int64s, s.rows[lo:hi])
	copy(out[1].Int64s, s.sum[lo:hi])
}

func (s *tally) Merge(groups []uint32, n int, partial []*vector.Vector) error {
	for i := range n {
		g := uint32(0)
		if groups != nil {
			g = groups[i]
		}
		s.rows[g] += partial[0].Int64s[i]
		s.sum[g] += partial[1].Int64s[i]
	}
	return nil
}

func (s *tally) Final(lo, hi int, out *vector.Vector) error {
	out.Reset(hi - lo)
	for i := range hi - lo {
		switch {
		case s.count:
			out.Int64s[i] = s.rows[lo+i]
		case s.rows[lo+i] == 0:
			out.SetNull(i)
		default:
			out.Int64s[i] = s.sum[lo+i]
		}
	}
	return nil
}

func (s *tally) Bytes() int64 { return int64(cap(s.rows)+cap(s.sum)) * 8 }

// tallyOf is the aggregate as bind would give it.
func tallyOf(count bool) *function.BoundAggregate {
	a := &function.BoundAggregate{
		Name: "tally", Returns: types.TInt8, Partial: []types.Type{types.TInt8, types.TInt8},
		New: func() function.State { return &tally{count: count} },
	}
	if count {
		a.Empty = &types.Datum{Type: types.TInt8}
	}
	return a
}

// aggrCase is AggrSteps over columns (x int4, y int8, keys...).
type aggrCase struct {
	in     *input
	groups []int
	calls  []AggrCall
}

// randomAggr makes one.
func randomAggr(t testing.TB, r *rand.Rand) *aggrCase {
	spread := []int{1, 6, 200, 5000}[r.IntN(4)]
	keys := []*columnMaker{
		{typ: types.TInt4, spread: spread, nulls: 9},
		{typ: types.TVarchar(9), spread: spread, nulls: 9},
		{typ: types.TFloat8, spread: 5},
		{typ: types.TNumeric(30, 2), spread: spread, nulls: 7},
		{typ: types.TInt8, spread: spread},
	}
	r.Shuffle(len(keys), func(i, j int) { keys[i], keys[j] = keys[j], keys[i] })
	ms := append([]*columnMaker{{typ: types.TInt4, spread: 30, nulls: 5}, {typ: types.TInt8, spread: 10}}, keys[:r.IntN(4)]...)
	c := &aggrCase{in: makeInput(r, ms, r.IntN(9), []int{5, 300, vector.Size}[r.IntN(3)])}
	for i := 2; i < len(ms); i++ {
		c.groups = append(c.groups, i)
	}
	x, y := compiled(t, at(0, types.TInt4)), compiled(t, at(1, types.TInt8))
	all := []AggrCall{
		{Fn: tallyOf(true)},
		{Fn: tallyOf(false), Args: []*expr.Program{x}},
		{Fn: tallyOf(true), Args: []*expr.Program{x}, Distinct: true},
		{Fn: tallyOf(false), Args: []*expr.Program{y}, Distinct: true},
		{Fn: tallyOf(true), Args: []*expr.Program{y}},
	}
	r.Shuffle(len(all), func(i, j int) { all[i], all[j] = all[j], all[i] })
	c.calls = all[:r.IntN(4)]
	return c
}

// model computes what the case's groups are.
func (c *aggrCase) model() []tuple {
	order, rows, keys := []string{}, map[string][]tuple{}, map[string]tuple{}
	if len(c.groups) == 0 {
		order = append(order, "")
	}
	for _, r := range c.in.rows {
		var k tuple
		for _, g := range c.groups {
			k = append(k, r[g])
		}
		if n := k.text(); len(c.groups) > 0 && keys[n] == nil {
			order, keys[n] = append(order, n), k
		}
		rows[k.text()] = append(rows[k.text()], r)
	}
	var out []tuple
	for _, n := range order {
		o := append(tuple{}, keys[n]...)
		for _, call := range c.calls {
			arg := -1
			if len(call.Args) > 0 {
				arg = 0
				if call.Args[0].Type() == types.TInt8 {
					arg = 1
				}
			}
			count, sum, seen := int64(0), int64(0), map[int64]bool{}
			for _, r := range rows[n] {
				if arg >= 0 && (r[arg].Null || call.Distinct && seen[r[arg].Int]) {
					continue
				}
				count++
				if arg >= 0 {
					seen[r[arg].Int] = true
					sum += r[arg].Int
				}
			}
			d := types.Datum{Type: types.TInt8, Int: count}
			if call.Fn.Empty == nil {
				d.Int, d.Null = sum, count == 0
			}
			o = append(o, d)
		}
		out = append(out, o)
	}
	return out
}

// step makes the step of a phase; partial steps have two columns an aggregate.
func (c *aggrCase) step(phase Phase) *AggrStep {
	s := &AggrStep{Phase: phase, Aggs: slices.Clone(c.calls)}
	for i, g := range c.groups {
		s.Types = append(s.Types, c.in.types[g])
		if s.Groups = append(s.Groups, g); phase == Final {
			s.Groups[i] = i
		}
	}
	at := len(c.groups)
	for i := range s.Aggs {
		s.Types = append(s.Types, types.TInt8)
		if phase == Partial {
			s.Types = append(s.Types, types.TInt8)
		}
		if phase == Final {
			s.Aggs[i].Args, s.Aggs[i].Inputs, s.Aggs[i].Distinct = nil, []int{at, at + 1}, false
		}
		at += 2
	}
	return s
}

func TestAggr(t *testing.T) {
	for seed := range uint64(120) {
		r := rand.New(rand.NewPCG(seed, 8))
		c := randomAggr(t, r)
		want := c.model()
		what := fmt.Sprintf("seed %d: %d groups, %d aggregates", seed, len(c.groups), len(c.calls))
		got, err := drive(t, r, testQuery(0), c.step(Single), c.in, 1+r.IntN(4), 0)
		if err != nil {
			t.Fatal(err)
		}
		sameTuples(t, what, got, want)
		byRuns := c.step(Single)
		byRuns.Sorted = true // whatever the order of the rows
		if got, err = drive(t, r, testQuery(0), byRuns, c.in, 1+r.IntN(4), 0); err != nil {
			t.Fatal(err)
		}
		sameTuples(t, what+", by runs", got, want)

		c.calls = slices.DeleteFunc(c.calls, func(a AggrCall) bool { return a.Distinct }) // what two phases can do
		want = c.model()
		ps := c.step(Partial)
		var parts []tuple
		for slice := range 3 { // three slices, each with its part of the rows
			part := &input{types: c.in.types}
			for i, b := range c.in.batches {
				if i%3 == slice {
					part.batches, part.rows = append(part.batches, b), append(part.rows, tuplesOf(b)...)
				}
			}
			rs, err := drive(t, r, testQuery(0), ps, part, 1+r.IntN(3), slice)
			if err != nil {
				t.Fatal(err)
			}
			parts = append(parts, rs...)
		}
		mid := flatInput(ps.Types, parts)
		for _, b := range mid.batches { // as a network may hand them on
			if b.Sel = nil; r.IntN(2) == 0 {
				b.Sel = vector.Rows[:b.Len]
			}
		}
		if got, err = drive(t, r, testQuery(0), c.step(Final), mid, 1+r.IntN(3), 0); err != nil {
			t.Fatal(err)
		}
		sameTuples(t, what+" in two phases", got, want)
	}
}

// TestAggrSerial: an aggregate without a partial form wants all rows in one pipeline, unless its DISTINCT values can be merged.
func TestAggrSerial(t *testing.T) {
	whole := tallyOf(true)
	whole.Partial = nil
	x := []*expr.Program{compiled(t, at(0, types.TInt4))}
	for _, c := range []struct {
		call AggrCall
		want bool
	}{{AggrCall{Fn: tallyOf(true)}, false}, {AggrCall{Fn: whole, Args: x}, true}, {AggrCall{Fn: whole, Args: x, Distinct: true}, false}} {
		if got := (&AggrStep{Aggs: []AggrCall{c.call}}).serial(); got != c.want {
			t.Errorf("serial is %v, want %v", got, c.want)
		}
	}
}
