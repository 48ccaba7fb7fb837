package exec

import (
	"errors"
	"fmt"
	"math/rand/v2"
	"testing"

	"github.com/redshiftsim/redshiftsim/engine/expr"
	"github.com/redshiftsim/redshiftsim/internal/sqlstate"
	"github.com/redshiftsim/redshiftsim/internal/types"
	"github.com/redshiftsim/redshiftsim/internal/vector"
)

// kindNames names the kinds of joins.
var kindNames = [...]string{"inner", "left", "right", "full", "semi", "anti", "antinull", "singlerow"}

// modelJoin is what the kinds mean. ok tells whether two rows meet, null whether a NULL kept them apart.
func modelJoin(kind JoinKind, probe, build []tuple, width [2]int, ts []types.Type, ok func(p, b tuple) (met, null bool)) (out []tuple, many bool) {
	matched := make([]bool, len(build))
	nulls := func(lo, hi int) tuple {
		var r tuple
		for _, t := range ts[lo:hi] {
			r = append(r, types.NullOf(t))
		}
		return r
	}
	for _, p := range probe {
		n, null := 0, false
		for i, b := range build {
			met, nul := ok(p, b)
			null = null || nul
			if !met {
				continue
			}
			n++
			matched[i] = true
			switch kind {
			case SemiJoin, AntiJoin, AntiNullJoin:
			default:
				out = append(out, append(append(tuple{}, p...), b...))
			}
		}
		switch {
		case kind == SemiJoin && n > 0, kind == AntiJoin && n == 0, kind == AntiNullJoin && n == 0 && !null:
			out = append(out, p)
		case n == 0 && (kind == LeftJoin || kind == FullJoin || kind == SingleRowJoin):
			out = append(out, append(append(tuple{}, p...), nulls(width[0], width[0]+width[1])...))
		case n > 1 && kind == SingleRowJoin:
			many = true
		}
	}
	if kind == RightJoin || kind == FullJoin {
		for i, b := range build {
			if !matched[i] {
				out = append(out, append(nulls(0, width[0]), b...))
			}
		}
	}
	return out, many
}

// tooMany says whether err is that of a scalar subquery with two rows.
func tooMany(err error) bool {
	var e *sqlstate.Error
	return errors.As(err, &e) && e.Code == sqlstate.CardinalityViolation
}

// joinCase is a random join: build rows (keys, y), probe rows (x, keys), residual x < y or none.
type joinCase struct {
	probe, build *input
	hash         *HashStep
	keys         []int
	residual     bool
}

// randomJoin makes one; the build side has unique keys at times.
func randomJoin(r *rand.Rand, unique bool) *joinCase {
	spread := []int{2, 50, 3000}[r.IntN(3)]
	all := []*columnMaker{
		{typ: types.TInt4, spread: spread},
		{typ: types.TInt8, spread: spread},
		{typ: types.TVarchar(9), spread: spread},
		{typ: types.TNumeric(30, 2), spread: spread},
		{typ: types.TFloat8, spread: spread},
	}
	r.Shuffle(len(all), func(i, j int) { all[i], all[j] = all[j], all[i] })
	keys := all[:1+r.IntN(3)]
	if len(keys) == 3 {
		keys = all[:1] // one key is the usual case
	}
	for _, k := range keys {
		k.nulls = []int{0, 0, 20}[r.IntN(3)]
	}
	num := &columnMaker{typ: types.TInt4, spread: 100, nulls: 30}
	c := &joinCase{residual: r.IntN(2) == 0}
	c.probe = makeInput(r, append([]*columnMaker{num}, keys...), r.IntN(4), []int{10, 400, vector.Size}[r.IntN(3)])
	for _, k := range keys {
		if r.IntN(4) > 0 {
			k.nulls = 0
		}
	}
	c.build = makeInput(r, append(append([]*columnMaker{}, keys...), num), r.IntN(4), []int{3, 30, 200}[r.IntN(3)])
	c.hash = &HashStep{Types: c.build.types, Shared: r.IntN(2) == 0}
	for i := range keys {
		c.hash.Keys, c.keys = append(c.hash.Keys, i), append(c.keys, i+1)
	}
	if unique {
		seen := map[string]bool{}
		var rows []tuple
		for _, x := range c.build.rows {
			if k := x[:len(keys)].text(); !seen[k] {
				seen[k] = true
				rows = append(rows, x)
			}
		}
		c.build = flatInput(c.build.types, rows)
	}
	return c
}

// flatInput makes batches of rows.
func flatInput(ts []types.Type, rows []tuple) *input {
	in := &input{types: ts, rows: rows}
	for lo := 0; lo < len(rows); lo += vector.Size {
		part := rows[lo:min(lo+vector.Size, len(rows))]
		b := &vector.Batch{Len: len(part)}
		for i, t := range ts {
			v := vector.New(t, len(part))
			for k, r := range part {
				v.Set(k, r[i])
			}
			b.Columns = append(b.Columns, v)
		}
		in.batches = append(in.batches, b)
	}
	return in
}

// meet says how the rows of the case meet.
func (c *joinCase) meet(hashed bool) func(p, b tuple) (bool, bool) {
	return func(p, b tuple) (met, null bool) {
		met = true
		if hashed {
			for i, k := range c.keys {
				if p[k].Null || b[i].Null {
					return false, true
				}
				met = met && equal(p[k], b[i])
			}
		}
		if x, y := p[0], b[len(b)-1]; c.residual && (x.Null || y.Null || x.Int >= y.Int) {
			met = false
		}
		return met, false
	}
}

// less is the residual as a program.
func (c *joinCase) less(t testing.TB) *expr.Program {
	if !c.residual {
		return nil
	}
	y := len(c.probe.types) + len(c.build.types) - 1
	return compiled(t, &expr.Compare{Op: expr.Lt, Left: at(0, types.TInt4), Right: at(y, types.TInt4)})
}

func TestHashJoin(t *testing.T) {
	for seed := range uint64(400) {
		r := rand.New(rand.NewPCG(seed, 4))
		kind := JoinKind(seed % 8)
		c := randomJoin(r, r.IntN(2) == 0)
		if len(c.probe.rows)*len(c.build.rows) > 400_000 { // the model is slow
			continue
		}
		if kind == AntiNullJoin { // NOT IN has one key and no residual
			c.keys, c.hash.Keys, c.residual = c.keys[:1], c.hash.Keys[:1], false
		}
		c.hash.Merge = len(c.keys) == 1 && r.IntN(2) == 0 // whatever the order of the rows
		both := append(append([]types.Type{}, c.probe.types...), c.build.types...)
		s := &HJoinStep{Kind: kind, Keys: c.keys, Merge: c.hash.Merge, Types: both, Residual: c.less(t)}
		if kind == SemiJoin || kind == AntiJoin || kind == AntiNullJoin {
			s.Types = c.probe.types
		}
		q := testQuery(1, c.hash)
		if len(c.build.batches) > 0 || r.IntN(2) == 0 {
			if _, err := drive(t, r, q, c.hash, c.build, 1+r.IntN(3), 2); err != nil {
				t.Fatal(err)
			}
		}
		what := fmt.Sprintf("seed %d: %s join, residual %v, merge %v", seed, kindNames[kind], c.residual, c.hash.Merge)
		want, many := modelJoin(kind, c.probe.rows, c.build.rows, [2]int{len(c.probe.types), len(c.build.types)}, both, c.meet(true))
		got, err := drive(t, r, q, s, c.probe, 1+r.IntN(3), 2)
		if many || err != nil {
			if !many || !tooMany(err) {
				t.Fatalf("%s: error %v, want one: %v", what, err, many)
			}
			continue
		}
		sameTuples(t, what, got, want)
		checkBounds(t, what, q, c)
	}
}

// checkBounds compares the bounds of the table's integer keys with the build rows.
func checkBounds(t *testing.T, what string, q *query, c *joinCase) {
	t.Helper()
	for k := range c.keys {
		lo, hi, none, ok := q.tables[0].bounds(c.hash.Keys[k])
		ints := c.build.types[k].Lane() == types.LaneInt
		if ok != (ints && !none) {
			t.Fatalf("%s: bounds of key %d: known %v, none %v", what, k, ok, none)
		}
		var want []types.Datum
		for _, b := range c.build.rows {
			if d := b[k]; !d.Null {
				want = append(want, d)
			}
		}
		if none != (len(want) == 0) {
			t.Fatalf("%s: none is %v of %d values", what, none, len(want))
		}
		if !ints { // nobody asks for the bounds of others
			continue
		}
		seen := 0
		for _, d := range want {
			if types.Compare(&d, &lo) < 0 || types.Compare(&d, &hi) > 0 {
				t.Fatalf("%s: %v is outside %v..%v", what, d, lo, hi)
			}
			if types.Compare(&d, &lo) == 0 || types.Compare(&d, &hi) == 0 {
				seen++
			}
		}
		if len(want) > 0 && seen == 0 {
			t.Fatalf("%s: bounds %v..%v that no row has", what, lo, hi)
		}
	}
}

func TestNestedLoop(t *testing.T) {
	for seed := range uint64(200) {
		r := rand.New(rand.NewPCG(seed, 5))
		kind := []JoinKind{InnerJoin, LeftJoin, SemiJoin, AntiJoin, SingleRowJoin}[seed%5]
		c := randomJoin(r, false)
		if len(c.probe.rows)*len(c.build.rows) > 60_000 {
			continue
		}
		c.hash.Keys = nil
		both := append(append([]types.Type{}, c.probe.types...), c.build.types...)
		s := &NLoopStep{Kind: kind, Types: both, Cond: c.less(t)}
		if kind == SemiJoin || kind == AntiJoin {
			s.Types = c.probe.types
		}
		q := testQuery(1, c.hash)
		if _, err := drive(t, r, q, c.hash, c.build, 1+r.IntN(3), 0); err != nil {
			t.Fatal(err)
		}
		what := fmt.Sprintf("seed %d: %s loop, condition %v", seed, kindNames[kind], c.residual)
		want, many := modelJoin(kind, c.probe.rows, c.build.rows, [2]int{len(c.probe.types), len(c.build.types)}, both, c.meet(false))
		got, err := drive(t, r, q, s, c.probe, 1+r.IntN(3), 0)
		if many || err != nil {
			if !many || !tooMany(err) {
				t.Fatalf("%s: error %v, want one: %v", what, err, many)
			}
			continue
		}
		sameTuples(t, what, got, want)
	}
}

// TestLongTable joins one row with a table of several batches: pairs come in pieces, and a second partner may be in a later one.
func TestLongTable(t *testing.T) {
	r := rand.New(rand.NewPCG(1, 9))
	one := []types.Type{types.TInt4}
	two := []types.Type{types.TInt4, types.TInt4}
	rows := make([]tuple, 5000)
	for i := range rows {
		rows[i] = tuple{{Type: types.TInt4, Int: 7}}
	}
	for _, c := range []struct {
		hit  []int // build rows that are 7; the others are 8
		want int   // rows of a single-row join, -1 = an error
	}{{nil, 1}, {[]int{0}, 1}, {[]int{4999}, 1}, {[]int{0, 4999}, -1}, {[]int{3000, 3001}, -1}} {
		for i := range rows {
			rows[i][0].Int = 8
		}
		for _, i := range c.hit {
			rows[i][0].Int = 7
		}
		build := flatInput(one, rows)
		probe := flatInput(one, []tuple{{{Type: types.TInt4, Int: 7}}})
		h := &HashStep{Types: one, Shared: true}
		q := testQuery(1, h)
		if _, err := drive(t, r, q, h, build, 2, 0); err != nil {
			t.Fatal(err)
		}
		same := compiled(t, &expr.Compare{Op: expr.Eq, Left: at(0, types.TInt4), Right: at(1, types.TInt4)})
		got, err := drive(t, r, q, &NLoopStep{Kind: SingleRowJoin, Cond: same, Types: two}, probe, 1, 0)
		if c.want < 0 != tooMany(err) || err == nil && len(got) != c.want {
			t.Errorf("loop, partners %v: %d rows, error %v, want %d", c.hit, len(got), err, c.want)
		}
		h.Keys = []int{0}
		q = testQuery(1, h)
		if _, err := drive(t, r, q, h, build, 2, 0); err != nil {
			t.Fatal(err)
		}
		three := []tuple{{{Type: types.TInt4, Int: 7}}, {{Type: types.TInt4, Int: 8}}, {{Type: types.TInt4, Int: 7}}}
		if got, err = drive(t, r, q, &HJoinStep{Kind: InnerJoin, Keys: []int{0}, Types: two}, flatInput(one, three), 2, 0); err != nil {
			t.Fatal(err)
		}
		n := 5000 + len(c.hit)
		if len(got) != n {
			t.Errorf("partners %v: %d pairs, want %d", c.hit, len(got), n)
		}
	}
}

// TestConcurrentProbes probes one table from several goroutines.
func TestConcurrentProbes(t *testing.T) {
	r := rand.New(rand.NewPCG(1, 6))
	ms := []*columnMaker{{typ: types.TInt4, spread: 500}, {typ: types.TVarchar(9), spread: 100}}
	build, probe := makeInput(r, ms, 2, 500), makeInput(r, ms, 6, 300)
	for _, keys := range [][]int{{0}, {1}, {0, 1}} {
		h := &HashStep{Types: build.types, Keys: keys, Shared: true}
		q := testQuery(1, h)
		if _, err := drive(t, r, q, h, build, 2, 0); err != nil {
			t.Fatal(err)
		}
		s := &HJoinStep{Kind: InnerJoin, Keys: keys, Types: append(append([]types.Type{}, probe.types...), build.types...)}
		got := make([][]tuple, 4)
		var fs []func()
		for i := range got {
			fs = append(fs, func() {
				rs, err := drive(t, rand.New(rand.NewPCG(uint64(i), 7)), q, s, probe, 2, i)
				if err != nil {
					t.Error(err)
				}
				got[i] = rs
			})
		}
		parallel(fs...)
		for _, rs := range got[1:] {
			sameTuples(t, "a concurrent probe", rs, got[0])
		}
	}
}

// TestConcurrentMarks runs the pipelines of a full join at once: each row of the table that nobody met is given once.
func TestConcurrentMarks(t *testing.T) {
	r := rand.New(rand.NewPCG(2, 6))
	ms := []*columnMaker{{typ: types.TInt4, spread: 3000, nulls: 20}}
	build, probe := makeInput(r, ms, 3, vector.Size), makeInput(r, ms, 8, 300)
	h := &HashStep{Types: build.types, Keys: []int{0}}
	both := []types.Type{types.TInt4, types.TInt4}
	s := &HJoinStep{Kind: FullJoin, Keys: []int{0}, Types: both}
	q := testQuery(1, h)
	if _, err := drive(t, r, q, h, build, 2, 0); err != nil {
		t.Fatal(err)
	}
	ends, sinks := make([]*collector, 4), make([]sink, 4)
	var fs []func()
	for i := range sinks {
		ends[i] = &collector{t: t, types: both}
		sinks[i], _ = s.start(&task{q: q, eager: true}, probe.types, ends[i])
		fs = append(fs, func() {
			for k := i; k < len(probe.batches); k += len(sinks) {
				if err := sinks[i].push(probe.batches[k]); err != nil {
					t.Error(err)
				}
			}
		})
	}
	parallel(fs...)
	var got []tuple
	for i := range sinks {
		if err := sinks[i].finish(); err != nil {
			t.Fatal(err)
		}
		got = append(got, ends[i].rows...)
	}
	want, _ := modelJoin(FullJoin, probe.rows, build.rows, [2]int{1, 1}, both, func(p, b tuple) (bool, bool) { return equal(p[0], b[0]), false })
	sameTuples(t, "a full join of four pipelines", got, want)
}
