package exec

import (
	"fmt"
	"math"
	"math/rand/v2"
	"slices"
	"testing"

	"github.com/redshiftsim/redshiftsim/engine/expr"
	"github.com/redshiftsim/redshiftsim/engine/function"
	"github.com/redshiftsim/redshiftsim/internal/sqlstate"
	"github.com/redshiftsim/redshiftsim/internal/types"
	"github.com/redshiftsim/redshiftsim/internal/vector"
	"github.com/redshiftsim/redshiftsim/storage"
)

// ranking makes a window function of a test: value gives row i's.
func ranking(name string, value func(i int, peers []int32) int64) *function.WindowFunction {
	return &function.WindowFunction{
		Name: name, Returns: types.TInt8,
		Compute: func(_ *function.Env, n int, _ []*vector.Vector, peers, _, _ []int32, _ bool, out *vector.Vector) error {
			out.Reset(n)
			for i := range n {
				out.Int64s[i] = value(i, peers)
			}
			return nil
		},
	}
}

var (
	rowNumber = ranking("row_number", func(i int, _ []int32) int64 { return int64(i) + 1 })
	denseRank = ranking("dense_rank", func(i int, peers []int32) int64 { return int64(peers[i]) + 1 })
	rank      = ranking("rank", func(i int, peers []int32) int64 {
		k := i
		for k > 0 && peers[k-1] == peers[i] {
			k--
		}
		return int64(k) + 1
	})
)

// firstValue is the first of the frame, or the first that is not NULL.
func firstValue(t types.Type) *function.WindowFunction {
	return &function.WindowFunction{
		Name: "first_value", Params: []types.Type{t}, Returns: t, Framed: true,
		Compute: func(_ *function.Env, n int, args []*vector.Vector, _, lo, hi []int32, ignoreNulls bool, out *vector.Vector) error {
			out.Reset(n)
			for i := range n {
				k := lo[i]
				for ignoreNulls && k < hi[i] && args[0].Null(int(k)) {
					k++
				}
				if k == hi[i] {
					out.SetNull(i)
					continue
				}
				out.Set(i, args[0].Get(int(k)))
			}
			return nil
		},
	}
}

// aggregateOf finds an aggregate of one argument, or count(*).
func aggregateOf(t testing.TB, name string, arg ...types.Type) *function.BoundAggregate {
	t.Helper()
	var args []function.Arg
	for _, a := range arg {
		args = append(args, function.Arg{Type: a})
	}
	b, err := function.FindAggregate(name, args, false)
	if err != nil {
		t.Fatal(err)
	}
	return b
}

// frameOf is the model of ROWS frames: row k of a partition of n rows is in the frame of row i.
func frameOf(c *WindowCall, i, k int) bool {
	if c.Whole {
		return true
	}
	return (c.LoUnbounded || int64(k-i) >= c.Lo) && (c.HiUnbounded || int64(k-i) <= c.Hi)
}

// modelOf computes a call for row i of a partition, by PostgreSQL's words: col is the argument, -1 = none.
func modelOf(c *WindowCall, order []SortKey, part []row, i, col int) types.Datum {
	same := func(a, b row) bool { return compareBy(order, a, b) == 0 }
	var frame []types.Datum
	for k := range part {
		if frameOf(c, i, k) {
			if col < 0 {
				frame = append(frame, num(1))
			} else {
				frame = append(frame, part[k][col])
			}
		}
	}
	if c.Fn != nil {
		switch c.Fn.Name {
		case "row_number":
			return num(int64(i) + 1)
		case "rank": // 1 + the number of rows before the row's first peer
			k := 0
			for !same(part[k], part[i]) {
				k++
			}
			return num(int64(k) + 1)
		case "dense_rank": // the number of peer groups up to the row's
			n := int64(1)
			for k := 1; k <= i; k++ {
				if !same(part[k-1], part[k]) {
					n++
				}
			}
			return num(n)
		}
		for _, d := range frame {
			if !c.IgnoreNulls || !d.Null {
				return d
			}
		}
		return types.NullOf(c.Fn.Returns)
	}
	var vals []types.Datum
	for _, d := range frame {
		seen := d.Null
		for _, v := range vals {
			seen = seen || c.Distinct && types.Compare(&v, &d) == 0
		}
		if !seen {
			vals = append(vals, d)
		}
	}
	if c.Agg.Name == "count" {
		return num(int64(len(vals)))
	}
	if len(vals) == 0 {
		return types.NullOf(c.Agg.Returns)
	}
	out := vals[0]
	ints, float := types.Int128{}, 0.0
	for _, v := range vals {
		switch cmp := types.Compare(&v, &out); {
		case c.Agg.Name == "min" && cmp < 0, c.Agg.Name == "max" && cmp > 0:
			out = v
		}
		switch v.Type.Lane() {
		case types.LaneInt:
			ints = ints.AddInt64(v.Int)
		case types.LaneWide:
			ints = ints.Add(v.Wide)
		case types.LaneFloat:
			float += v.Float
		}
	}
	if c.Agg.Name == "min" || c.Agg.Name == "max" {
		return out
	}
	out = types.Datum{Type: c.Agg.Returns}
	if c.Agg.Name == "avg" { // the fraction is cut
		ints, _ = ints.QuoRem(types.FromInt64(int64(len(vals))))
		float /= float64(len(vals))
	}
	out.Int, out.Wide, out.Float = int64(ints.Lo), ints, float
	return out
}

// windowCase is a call and the column that is its argument.
type windowCase struct {
	call WindowCall
	col  int
}

// randomCalls makes calls over the columns of testColumns.
func randomCalls(t testing.TB, r *rand.Rand) []windowCase {
	t.Helper()
	var out []windowCase
	for range 1 + r.IntN(4) {
		c := windowCase{col: -1}
		switch r.IntN(4) {
		case 0:
			c.call.Whole = true
		case 1:
			c.call.LoUnbounded, c.call.Hi = true, int64(r.IntN(5))-2
		case 2:
			c.call.HiUnbounded, c.call.Lo = true, int64(r.IntN(5))-2
		default:
			c.call.Lo = int64(r.IntN(20)) - 10
			c.call.Hi = c.call.Lo + int64([]int{0, 1, 3, 7, 20, 100}[r.IntN(6)])
			if r.IntN(20) == 0 {
				c.call.Lo, c.call.Hi = math.MinInt64/2, math.MaxInt64/2
			}
		}
		switch k := r.IntN(10); {
		case k < 3:
			c.call.Fn = []*function.WindowFunction{rowNumber, rank, denseRank}[k]
		case k == 3:
			c.col = r.IntN(6)
			c.call.Fn, c.call.IgnoreNulls = firstValue(testColumns[c.col].Type), r.IntN(2) == 0
		case k == 4:
			c.call.Agg = aggregateOf(t, "count")
		default:
			name := []string{"count", "sum", "avg", "min", "max"}[k-5]
			c.col = []int{1, 3, 4}[r.IntN(3)]
			if name == "min" || name == "max" {
				c.col = r.IntN(5)
			}
			c.call.Agg = aggregateOf(t, name, testColumns[c.col].Type)
			c.call.Distinct = c.call.Whole && r.IntN(2) == 0
			if k >= 8 && r.IntN(2) == 0 { // one that cannot be put together from parts
				whole := *c.call.Agg
				whole.Partial = nil
				c.call.Agg = &whole
			}
		}
		if c.col >= 0 {
			c.call.Args = []*expr.Program{prog(t, col(c.col))}
		}
		out = append(out, c)
	}
	return out
}

// windowStep makes the step of calls over columns of testColumns.
func windowStep(partition []int, order []SortKey, cases []windowCase) *WindowStep {
	s := &WindowStep{Partition: partition, Order: order, Types: allTypes[:len(allTypes):len(allTypes)]}
	for _, c := range cases {
		s.Funcs = append(s.Funcs, c.call)
		if c.call.Fn != nil {
			s.Types = append(s.Types, c.call.Fn.Returns)
		} else {
			s.Types = append(s.Types, c.call.Agg.Returns)
		}
	}
	return s
}

// checkWindow compares what a step gave with the model: partitions together, in order, whole, and each call's column right.
func checkWindow(t testing.TB, got, in []row, s *WindowStep, cases []windowCase) {
	t.Helper()
	k := len(allTypes)
	bare := make([]row, len(got))
	for i, r := range got {
		bare[i] = r[:k:k]
	}
	sameRows(t, bare, in)
	keys := make([]SortKey, 0, len(s.Partition)+len(s.Order))
	for _, p := range s.Partition {
		keys = append(keys, SortKey{Column: p})
	}
	for lo := 0; lo < len(got); {
		hi := lo + 1
		for hi < len(got) && compareBy(keys, bare[lo], bare[hi]) == 0 {
			hi++
		}
		part := bare[lo:hi]
		inOrder(t, s.Order, part)
		for i := range part {
			for n := range cases {
				c := &cases[n]
				g, w := got[lo+i][k+n], modelOf(&c.call, s.Order, part, i, c.col)
				w.Type = s.Types[k+n]
				if (row{g}).String() != (row{w}).String() {
					name := ""
					if c.call.Agg != nil {
						name = c.call.Agg.Name
					} else {
						name = c.call.Fn.Name
					}
					t.Fatalf("%s(%d) over %v..%v (unbounded %v..%v) of row %d of %d is %s, want %s", name, c.col, c.call.Lo, c.call.Hi, c.call.LoUnbounded,
						c.call.HiUnbounded, i, len(part), row{g}, row{w})
				}
			}
		}
		lo = hi
	}
	seen := map[string]bool{} // partitions come once
	for i := range got {
		if i == 0 || compareBy(keys, bare[i-1], bare[i]) != 0 {
			key := make(row, 0, len(s.Partition))
			for _, p := range s.Partition {
				key = append(key, bare[i][p])
			}
			if seen[key.String()] {
				t.Fatalf("partition %v comes twice", key)
			}
			seen[key.String()] = true
		}
	}
}

// TestWindow compares random calls with the model, over partitions of none, one, few and many rows, in pipelines that are combined.
func TestWindow(t *testing.T) {
	r := rand.New(rand.NewPCG(4, 1))
	for range 80 {
		rows := make([]row, []int{0, 1, 30, 300, 700}[r.IntN(5)])
		for i := range rows {
			rows[i] = randomRow(r, r.Int64N(1000))
		}
		var partition []int
		for _, c := range []int{1, 2, 5} {
			if r.IntN(3) == 0 {
				partition = append(partition, c)
			}
		}
		var order []SortKey
		if r.IntN(4) > 0 {
			order = someKeys(r, len(allTypes))
		}
		cases := randomCalls(t, r)
		step := windowStep(partition, order, cases)
		tk, end := direct(), &sorted{}
		var sinks []sink
		for rest, n := rows, 1+r.IntN(3); n > 0; n-- {
			s, err := step.start(tk, allTypes, end)
			if err != nil {
				t.Fatal(err)
			}
			k := len(rest)
			if n > 1 {
				k = r.IntN(len(rest) + 1)
			}
			pushSorted(t, r, s, allTypes, rest[:k])
			rest = rest[k:]
			sinks = append(sinks, s)
		}
		for _, s := range sinks[1:] {
			if err := sinks[0].(combiner).combine(s); err != nil {
				t.Fatal(err)
			}
		}
		drained(t, sinks[0])
		checkWindow(t, end.rows, rows, step, cases)
		if tk.used != 0 {
			t.Fatalf("%d bytes are held", tk.used)
		}
	}
}

// TestWindowLarge: a partition of many batches. Values of known sums: row i has i.
func TestWindowLarge(t *testing.T) {
	const n = 3*vector.Size + 100
	ts := []types.Type{types.TInt8, types.TFloat8}
	rows := make([]row, n)
	for i, k := range rand.New(rand.NewPCG(4, 2)).Perm(n) {
		rows[i] = row{num(int64(k)), {Type: types.TFloat8, Float: float64(k)}}
	}
	arg := func(i int) []*expr.Program {
		return []*expr.Program{prog(t, &expr.Column{ID: expr.ColumnID(i), Typ: ts[i]})}
	}
	sum, fsum, most := aggregateOf(t, "sum", ts[0]), aggregateOf(t, "sum", ts[1]), aggregateOf(t, "max", ts[0])
	s := &WindowStep{Order: []SortKey{{Column: 0}}, Funcs: []WindowCall{
		{Agg: sum, Args: arg(0), LoUnbounded: true},
		{Agg: fsum, Args: arg(1), LoUnbounded: true},
		{Agg: fsum, Args: arg(1), Lo: -2999},
		{Agg: most, Args: arg(0), Hi: 2999},
		{Agg: most, Args: arg(0), HiUnbounded: true},
		{Agg: sum, Args: arg(0), Whole: true},
		{Fn: rowNumber},
	}}
	s.Types = append(ts[:2:2], sum.Returns, fsum.Returns, fsum.Returns, most.Returns, most.Returns, sum.Returns, types.TInt8)
	end := &sorted{}
	w, err := s.start(direct(), ts, end)
	if err != nil {
		t.Fatal(err)
	}
	pushSorted(t, rand.New(rand.NewPCG(4, 3)), w, ts, rows)
	drained(t, w)
	if len(end.rows) != n {
		t.Fatalf("%d rows", len(end.rows))
	}
	triangle := func(lo, hi int) int64 { return int64(hi)*int64(hi+1)/2 - int64(lo)*int64(lo-1)/2 } // lo + ... + hi
	for i, r := range end.rows {
		want := fmt.Sprintf("%d|%d|0:%d|%d|%d|%d|%d|0:%d|%d", i, i, triangle(0, i), triangle(0, i), triangle(max(0, i-2999), i), min(n-1, i+2999), n-1,
			triangle(0, n-1), i+1)
		got := r.String()
		if f := func(x int64) string { return fmt.Sprint(float64(x)) }; got != want {
			want = fmt.Sprintf("%d|%s|0:%d|%s|%s|%d|%d|0:%d|%d", i, f(int64(i)), triangle(0, i), f(triangle(0, i)), f(triangle(max(0, i-2999), i)),
				min(n-1, i+2999), n-1, triangle(0, n-1), i+1)
			if got != want {
				t.Fatalf("row %d is %s, want %s", i, got, want)
			}
		}
	}
}

// TestWindowOverflow: sums of frames are exact up to 38 digits, and an error beyond; a sum of the whole partition that does not fit is no error of its
// frames.
func TestWindowOverflow(t *testing.T) {
	ts := []types.Type{types.TInt8, types.TNumeric(38, 0)}
	most := types.Pow10(38).AddInt64(-1)
	arg := []*expr.Program{prog(t, &expr.Column{ID: 1, Typ: ts[1]})}
	sum := aggregateOf(t, "sum", ts[1])
	for _, c := range []struct {
		lo     int64
		values []types.Int128
		want   string // of the last row
		fails  bool
	}{
		{0, []types.Int128{most, most, most, most}, fmt.Sprint(most.Hi, ":", most.Lo), false},
		{-1, []types.Int128{most, most.Neg(), most, most.Neg()}, "0:0", false},
		{-1, []types.Int128{most, most.Neg(), most, most}, "", true},
		{-1, []types.Int128{{}, {}, {}, types.FromInt64(7)}, "0:7", false},
	} {
		s := &WindowStep{Order: []SortKey{{Column: 0}}, Types: append(ts[:2:2], sum.Returns), Funcs: []WindowCall{{Agg: sum, Args: arg, Lo: c.lo}}}
		end := &sorted{}
		w, err := s.start(direct(), ts, end)
		if err != nil {
			t.Fatal(err)
		}
		var rows []row
		for i, x := range c.values {
			rows = append(rows, row{num(int64(i)), {Type: ts[1], Wide: x}})
		}
		if err := w.push(batchOf(ts, rows)); err != nil {
			t.Fatal(err)
		}
		_, err = w.(drainer).drain()
		if c.fails {
			if code(err) != sqlstate.NumericOutOfRange {
				t.Errorf("%v: %v, want out of range", c.values, err)
			}
			continue
		}
		if err != nil {
			t.Fatal(err)
		}
		if got := end.rows[3][2:].String(); got != c.want {
			t.Errorf("%v: %s, want %s", c.values, got, c.want)
		}
	}
}

// TestWindowDistinct: DISTINCT in a frame is refused.
func TestWindowDistinct(t *testing.T) {
	s := &WindowStep{Types: []types.Type{types.TInt8, types.TInt8}, Funcs: []WindowCall{{Agg: aggregateOf(t, "count", types.TInt8), Distinct: true, LoUnbounded: true}}}
	if _, err := s.start(direct(), []types.Type{types.TInt8}, discard{}); code(err) != sqlstate.FeatureNotSupported {
		t.Error(err)
	}
}

// TestWindowSteps: windows over tables of all topologies, behind the sort that a plan puts before them or without it.
func TestWindowSteps(t *testing.T) {
	noLeak(t)
	r := rand.New(rand.NewPCG(4, 4))
	everyWay(t, func(t *testing.T, topo storage.Topology, o Options) {
		tb := filled(topo, storage.Even, 2000)
		partition, order := []int{1, 2}, append(someKeys(r, len(allTypes)), SortKey{Column: 0})
		cases := randomCalls(t, r)
		w := windowStep(partition, order, cases)
		steps := []StepSpec{w, &ReturnStep{Exchange: 1}}
		if r.IntN(2) == 0 {
			steps = append([]StepSpec{&SortStep{Keys: append([]SortKey{{Column: 1}, {Column: 2}}, order...)}}, steps...)
		}
		p := program(topo, []Exchange{{Types: allTypes}, {Types: w.Types, ToLeader: true}},
			seg(OnSlices, scanOf(0, 1, 2, 3, 4, 5), allTypes, &DistStep{Exchange: 0, Keys: partition}),
			seg(OnSlices, &InboxSource{Exchange: 0}, allTypes, steps...),
			seg(OnLeader, &InboxSource{Exchange: 1}, w.Types))
		got := all(t, start(t, p, o, tb.view()))
		// Batches of several slices come in any order: the keys, which tell all rows apart, put the rows together again.
		slices.SortFunc(got, func(a, b row) int { return compareBy(append([]SortKey{{Column: 1}, {Column: 2}}, order...), a, b) })
		checkWindow(t, got, tb.rows, w, cases)
	})
}

// BenchmarkWindow computes one call over a million rows in partitions of 1,000.
func BenchmarkWindow(b *testing.B) {
	const batches = 512
	r := rand.New(rand.NewPCG(4, 5))
	ts := []types.Type{types.TInt8, types.TInt4, types.TFloat8}
	var in []*vector.Batch
	for range batches {
		batch := batchOf(ts, nil)
		batch.Len = vector.Size
		for _, v := range batch.Columns {
			v.Reset(vector.Size)
		}
		for i := range vector.Size {
			batch.Columns[0].Int64s[i] = r.Int64N(1000)
			batch.Columns[1].Int64s[i] = r.Int64N(1 << 30)
			batch.Columns[2].Floats[i] = r.Float64()
		}
		in = append(in, batch)
	}
	arg := func(i int) []*expr.Program {
		return []*expr.Program{prog(b, &expr.Column{ID: expr.ColumnID(i), Typ: ts[i]})}
	}
	sum, fsum, most := aggregateOf(b, "sum", ts[1]), aggregateOf(b, "sum", ts[2]), aggregateOf(b, "max", ts[1])
	for name, c := range map[string]WindowCall{
		"none":            {},
		"row_number":      {Fn: rowNumber},
		"whole sum":       {Agg: sum, Args: arg(1), Whole: true},
		"running sum":     {Agg: sum, Args: arg(1), LoUnbounded: true},
		"sliding sum 100": {Agg: sum, Args: arg(1), Lo: -99},
		"running float":   {Agg: fsum, Args: arg(2), LoUnbounded: true},
		"sliding max 100": {Agg: most, Args: arg(1), Lo: -99},
	} {
		b.Run(name, func(b *testing.B) {
			s := &WindowStep{Partition: []int{0}, Order: []SortKey{{Column: 1}}, Types: ts}
			if c.Fn != nil {
				s.Funcs, s.Types = []WindowCall{c}, append(ts[:3:3], c.Fn.Returns)
			} else if c.Agg != nil {
				s.Funcs, s.Types = []WindowCall{c}, append(ts[:3:3], c.Agg.Returns)
			}
			for b.Loop() {
				w, err := s.start(direct(), ts, discard{})
				if err != nil {
					b.Fatal(err)
				}
				for _, x := range in {
					if err := w.push(x); err != nil {
						b.Fatal(err)
					}
				}
				drained(b, w)
			}
			b.ReportMetric(float64(b.Elapsed().Nanoseconds())/float64(b.N)/batches/vector.Size, "ns/row")
		})
	}
}
