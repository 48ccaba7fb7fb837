package exec

import (
	"fmt"
	"math/rand/v2"
	"slices"
	"strings"
	"sync"
	"testing"

	"github.com/redshiftsim/redshiftsim/engine/expr"
	"github.com/redshiftsim/redshiftsim/engine/function"
	"github.com/redshiftsim/redshiftsim/internal/types"
	"github.com/redshiftsim/redshiftsim/internal/vector"
)

// The steps of this file's kind (aggr, hash, hjoin, nloop, unique, setop) are driven by hand: batches in all forms go through several pipelines, which
// are combined in random order, and what comes out is compared with a model that knows rows only.

// tuple is a row of the model.
type tuple []types.Datum

// keyText is a value as text: equal when SQL's = says so; NULL is a value.
func keyText(d types.Datum) string {
	if !d.Null && d.Type.Lane() == types.LaneText {
		return fmt.Sprintf("%q", strings.TrimRight(d.Text, " "))
	}
	return d.String()
}

// text is a row as text.
func (r tuple) text() string {
	s := make([]string, len(r))
	for i := range r {
		s[i] = keyText(r[i])
	}
	return strings.Join(s, "|")
}

// equal is SQL's =: NULL is equal to nothing.
func equal(a, b types.Datum) bool { return !a.Null && !b.Null && types.Compare(&a, &b) == 0 }

// tuplesOf reads the live rows of a batch.
func tuplesOf(b *vector.Batch) []tuple {
	var rs []tuple
	for _, i := range liveRows(b) {
		r := tuple{}
		for _, v := range b.Columns {
			r = append(r, v.Get(int(i)))
		}
		rs = append(rs, r)
	}
	return rs
}

// collector is the sink behind the step under test.
type collector struct {
	t        *testing.T
	types    []types.Type
	rows     []tuple
	finished int
}

func (c *collector) push(b *vector.Batch) error {
	if b.Rows() == 0 || b.Rows() > vector.Size || b.Len > vector.Size {
		c.t.Fatalf("a batch of %d of %d rows", b.Rows(), b.Len)
	}
	if len(b.Columns) != len(c.types) {
		c.t.Fatalf("%d columns, want %d", len(b.Columns), len(c.types))
	}
	for i, v := range b.Columns {
		if v.Len != b.Len || v.Type.Lane() != c.types[i].Lane() {
			c.t.Fatalf("column %d: %d rows of %v, want %d of %v", i, v.Len, v.Type, b.Len, c.types[i])
		}
	}
	if !slices.IsSorted(b.Sel) {
		c.t.Fatal("a selection out of order")
	}
	c.rows = append(c.rows, tuplesOf(b)...)
	return nil
}

func (c *collector) finish() error {
	c.finished++
	return nil
}

// testQuery is a query for steps that are driven by hand.
func testQuery(tables int, steps ...StepSpec) *query {
	return &query{p: &Program{Streams: []Stream{{Segments: []*Segment{{Steps: steps}}}}}, run: run{env: &function.Env{}, tables: make([]joinTable, tables)}}
}

// sameTuples compares two multisets of rows.
func sameTuples(t *testing.T, what string, got, want []tuple) {
	t.Helper()
	texts := func(rs []tuple) []string {
		s := make([]string, len(rs))
		for i, r := range rs {
			s[i] = r.text()
		}
		slices.Sort(s)
		return s
	}
	g, w := texts(got), texts(want)
	if slices.Equal(g, w) {
		return
	}
	for i := range max(len(g), len(w)) {
		if i >= len(g) || i >= len(w) || g[i] != w[i] {
			x, y := "nothing", "nothing"
			if i < len(g) {
				x = g[i]
			}
			if i < len(w) {
				y = w[i]
			}
			t.Fatalf("%s: %d rows, want %d; row %d is %s, want %s", what, len(g), len(w), i, x, y)
		}
	}
}

// columnMaker makes random columns of one type with about spread distinct values.
type columnMaker struct {
	typ    types.Type
	spread int
	nulls  int // one in so many, 0 = none
	dict   *vector.Vector
}

func (m *columnMaker) datum(r *rand.Rand) types.Datum {
	x := r.IntN(m.spread)
	d := types.Datum{Type: m.typ, Int: int64(x), Wide: types.FromInt64(int64(x)), Float: float64(x) / 2, Bool: x&1 != 0}
	if m.typ.Kind == types.Int8 {
		d.Int *= 1 << 33
	}
	d.Text = fmt.Sprint("v", x, strings.Repeat(" ", r.IntN(2)))
	return d
}

func (m *columnMaker) column(r *rand.Rand, n int) *vector.Vector {
	v := vector.New(m.typ, n)
	switch form := r.IntN(6); {
	case form == 0:
		d := m.datum(r)
		d.Null = m.nulls > 0 && r.IntN(3) == 0
		return vector.NewConst(d, n)
	case form < 3 && m.typ.Lane() == types.LaneText:
		if m.dict == nil || r.IntN(3) == 0 {
			m.dict = vector.New(m.typ, 0)
			for i := range m.spread % 250 {
				m.dict.Texts = append(m.dict.Texts, fmt.Sprint("v", i))
			}
			m.dict.Texts = append(m.dict.Texts, "last")
			m.dict.Len = len(m.dict.Texts)
		}
		v.Form, v.Dict, v.Texts, v.U8 = vector.Dict, m.dict, nil, make([]uint8, n)
		for i := range v.U8 {
			v.U8[i] = uint8(r.IntN(m.dict.Len))
		}
	case form < 4 && m.typ.Kind == types.Int4:
		v.Form, v.Base, v.Int64s, v.U8 = vector.Narrow, int64(r.IntN(m.spread)), nil, make([]uint8, n)
		for i := range v.U8 {
			v.U8[i] = uint8(r.IntN(min(m.spread, 256)))
		}
	default:
		for i := range n {
			v.Set(i, m.datum(r))
		}
	}
	for i := range n {
		if m.nulls > 0 && r.IntN(m.nulls) == 0 {
			v.SetNull(i)
		}
	}
	return v
}

// input is batches and what is in them.
type input struct {
	types   []types.Type
	batches []*vector.Batch
	rows    []tuple
}

// makeInput makes some batches of the columns.
func makeInput(r *rand.Rand, ms []*columnMaker, batches, most int) *input {
	in := &input{}
	for _, m := range ms {
		in.types = append(in.types, m.typ)
	}
	for range batches {
		b := &vector.Batch{Len: 1 + r.IntN(most)}
		for _, m := range ms {
			b.Columns = append(b.Columns, m.column(r, b.Len))
		}
		if r.IntN(2) == 0 {
			b.Sel = []uint16{}
			for i := range b.Len {
				if r.IntN(4) > 0 {
					b.Sel = append(b.Sel, uint16(i))
				}
			}
		}
		if b.Rows() == 0 {
			continue
		}
		in.batches = append(in.batches, b)
		in.rows = append(in.rows, tuplesOf(b)...)
	}
	return in
}

// drive pushes the input through up to pipelines pipelines of a step and ends them: those of a combiner are combined first, others finish one by one.
func drive(t *testing.T, r *rand.Rand, q *query, s starter, in *input, pipelines, slice int) ([]tuple, error) {
	t.Helper()
	if x, ok := s.(serial); ok && x.serial() {
		pipelines = 1
	}
	c := &collector{t: t, types: s.out(in.types)}
	sinks, done := make([]sink, pipelines), make([]bool, pipelines)
	for i := range sinks {
		var err error
		if sinks[i], err = s.start(&task{q: q, slice: slice, eager: true}, in.types, c); err != nil {
			t.Fatal(err)
		}
	}
	for _, b := range in.batches {
		i := r.IntN(pipelines)
		if done[i] {
			continue
		}
		sel := slices.Clone(b.Sel)
		if err := sinks[i].push(b); err == errDone {
			done[i] = true
		} else if err != nil {
			return nil, err
		}
		if !slices.Equal(sel, b.Sel) {
			t.Fatal("the step wrote into the batch that it got")
		}
	}
	if _, ok := sinks[0].(combiner); ok {
		for len(sinks) > 1 {
			i, k := r.IntN(len(sinks)-1), len(sinks)-1
			if err := sinks[i].(combiner).combine(sinks[k]); err != nil {
				t.Fatal(err)
			}
			sinks = sinks[:k]
		}
	}
	for _, s := range sinks {
		if d, ok := s.(interface{ drain() (bool, error) }); ok && r.IntN(2) == 0 { // some of it one by one, the rest by finish
			for more := true; more && r.IntN(4) > 0; {
				var err error
				if more, err = d.drain(); err != nil {
					return nil, err
				}
			}
		}
		if err := s.finish(); err != nil {
			return nil, err
		}
		kept := len(c.rows)
		if err := s.finish(); err != nil || len(c.rows) != kept { // as after errDone
			t.Fatalf("a second finish gave %d rows, error %v", len(c.rows)-kept, err)
		}
	}
	if c.types != nil && c.finished != 2*len(sinks) {
		t.Fatalf("the next sink was finished %d times, want %d", c.finished, len(sinks))
	}
	var after []tuple
	for _, b := range in.batches {
		after = append(after, tuplesOf(b)...)
	}
	sameTuples(t, "the input after the step", after, in.rows)
	return c.rows, nil
}

// compiled compiles an expression over columns by position.
func compiled(t testing.TB, e expr.Expr) *expr.Program {
	p, err := expr.Compile(e, func(id expr.ColumnID) int { return int(id) })
	if err != nil {
		t.Fatal(err)
	}
	return p
}

// at is the column at a position.
func at(i int, typ types.Type) *expr.Column { return &expr.Column{ID: expr.ColumnID(i), Typ: typ} }

// TestUnique and its like compare a step with what a few lines over rows say.
func TestUnique(t *testing.T) {
	for seed := range uint64(60) {
		r := rand.New(rand.NewPCG(seed, 2))
		ms := []*columnMaker{{typ: types.TInt4, spread: 5, nulls: 4}, {typ: types.TVarchar(9), spread: 1 + r.IntN(300)}, {typ: types.TFloat8, spread: 9}}[:1+r.IntN(3)]
		in := makeInput(r, ms, r.IntN(8), vector.Size)
		got, err := drive(t, r, testQuery(0), &UniqueStep{}, in, 1+r.IntN(4), 0)
		if err != nil {
			t.Fatal(err)
		}
		sameTuples(t, fmt.Sprint("seed ", seed), got, once(in.rows, func(tuple) bool { return true }))
	}
}

// once keeps the first of equal rows, if keep wants it.
func once(rows []tuple, keep func(tuple) bool) []tuple {
	seen := map[string]bool{}
	var out []tuple
	for _, r := range rows {
		if !seen[r.text()] && keep(r) {
			seen[r.text()] = true
			out = append(out, r)
		}
	}
	return out
}

func TestSetOp(t *testing.T) {
	for seed := range uint64(80) {
		r := rand.New(rand.NewPCG(seed, 3))
		spread := 1 + r.IntN(20)
		ms := []*columnMaker{{typ: types.TInt4, spread: spread, nulls: 4}, {typ: types.TVarchar(9), spread: spread, nulls: 9}}[:1+r.IntN(2)]
		left, right := makeInput(r, ms, r.IntN(4), 200), makeInput(r, ms, r.IntN(3), 50)
		h := &HashStep{Types: right.types, Shared: r.IntN(2) == 0}
		for i := range ms {
			h.Keys = append(h.Keys, i)
		}
		q := testQuery(1, h)
		if _, err := drive(t, r, q, h, right, 1+r.IntN(3), 0); err != nil {
			t.Fatal(err)
		}
		there := map[string]bool{}
		for _, x := range right.rows {
			there[x.text()] = true
		}
		s := &SetOpStep{Except: r.IntN(2) == 0}
		got, err := drive(t, r, q, s, left, 1+r.IntN(3), 0)
		if err != nil {
			t.Fatal(err)
		}
		sameTuples(t, fmt.Sprint("seed ", seed), got, once(left.rows, func(x tuple) bool { return there[x.text()] != s.Except }))
	}
}

// parallel runs fs at once.
func parallel(fs ...func()) {
	var wg sync.WaitGroup
	for _, f := range fs {
		wg.Go(f)
	}
	wg.Wait()
}
