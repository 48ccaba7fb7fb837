package exec

import (
	"context"
	"fmt"
	"math/rand/v2"
	"os"
	"runtime"
	"slices"
	"strings"
	"testing"
	"time"

	"golang.org/x/sync/semaphore"

	"github.com/redshiftsim/redshiftsim/engine/expr"
	"github.com/redshiftsim/redshiftsim/engine/function"
	"github.com/redshiftsim/redshiftsim/internal/types"
	"github.com/redshiftsim/redshiftsim/internal/vector"
	"github.com/redshiftsim/redshiftsim/storage"
)

// TestMain lets tests have more helpers than the machine has cores.
func TestMain(m *testing.M) {
	helpers = semaphore.NewWeighted(testHelpers)
	os.Exit(m.Run())
}

const testHelpers = 8

var testEnv = &function.Env{Location: time.UTC}

// topologies are the shapes of clusters that every test of results runs on.
var topologies = []storage.Topology{{Nodes: 1, SlicesPerNode: 1}, {Nodes: 2, SlicesPerNode: 2}, {Nodes: 3, SlicesPerNode: 4}}

// ways are the ways to run: alone, with helpers, with readers that hardly keep up.
var ways = []Options{
	{Workers: 1},
	{Workers: 1, SmallQuery: -1, WaitMark: 1},
	{Workers: 2, SmallQuery: -1},
	{Workers: 4, SmallQuery: -1, WaitMark: 1, CollectReport: true},
	{Workers: 3, SmallQuery: -1, WaitMark: 3, CollectReport: true},
}

// row is a row of a model.
type row []types.Datum

func (r row) String() string {
	var b strings.Builder
	for i := range r {
		if i > 0 {
			b.WriteByte('|')
		}
		switch d := r[i]; {
		case d.Null:
			b.WriteString("NULL")
		case d.Type.Lane() == types.LaneText:
			b.WriteString(d.Text)
		case d.Type.Lane() == types.LaneFloat:
			fmt.Fprint(&b, d.Float)
		case d.Type.Lane() == types.LaneWide:
			fmt.Fprint(&b, d.Wide.Hi, ":", d.Wide.Lo)
		case d.Type.Lane() == types.LaneBool:
			fmt.Fprint(&b, d.Bool)
		default:
			fmt.Fprint(&b, d.Int)
		}
	}
	return b.String()
}

func texts(rows []row) []string {
	out := make([]string, len(rows))
	for i := range rows {
		out[i] = rows[i].String()
	}
	return out
}

// sameRows compares multisets.
func sameRows(t testing.TB, got, want []row) {
	t.Helper()
	g, w := texts(got), texts(want)
	slices.Sort(g)
	slices.Sort(w)
	if len(g) != len(w) {
		t.Fatalf("%d rows, want %d", len(g), len(w))
	}
	for i := range g {
		if g[i] != w[i] {
			t.Fatalf("row %d is %q, want %q", i, g[i], w[i])
		}
	}
}

func num(i int64) types.Datum   { return types.Datum{Type: types.TInt8, Int: i} }
func i4(i int64) types.Datum    { return types.Datum{Type: types.TInt4, Int: i} }
func text(s string) types.Datum { return types.Datum{Type: types.TVarchar(20), Text: s} }
func rowsOf(b *vector.Batch) (out []row) {
	for i := range b.Rows() {
		r := i
		if b.Sel != nil {
			r = int(b.Sel[i])
		}
		o := make(row, len(b.Columns))
		for c, v := range b.Columns {
			o[c] = v.Get(r)
		}
		out = append(out, o)
	}
	return out
}

// testColumns: id (key), grp (narrow), name (dictionary), price (floats), wide.
var testColumns = []storage.Column{
	{Name: "id", Type: types.TInt8, NotNull: true},
	{Name: "grp", Type: types.TInt4},
	{Name: "name", Type: types.TVarchar(20)},
	{Name: "price", Type: types.TFloat8},
	{Name: "gross", Type: types.TNumeric(30, 2)},
	{Name: "seen", Type: types.TBool},
}

func testTypes(cols ...int) []types.Type {
	var out []types.Type
	for _, c := range cols {
		out = append(out, testColumns[c].Type)
	}
	return out
}

func randomRow(r *rand.Rand, id int64) row {
	out := row{
		num(id), i4(r.Int64N(50)), text(fmt.Sprintf("name %d", r.IntN(30))),
		{Type: types.TFloat8, Float: float64(r.IntN(1000)) / 4},
		{Type: types.TNumeric(30, 2), Wide: types.Int128{Lo: r.Uint64N(1000)}},
		{Type: types.TBool, Bool: r.IntN(2) == 0},
	}
	for c := 1; c < len(out); c++ {
		if r.IntN(20) == 0 {
			out[c] = types.NullOf(out[c].Type)
		}
	}
	return out
}

// table is a table and what is in it.
type table struct {
	def  *storage.Definition
	topo storage.Topology
	v    *storage.Version
	rows []row
}

func newTable(topo storage.Topology, style storage.DistStyle) *table {
	d := &storage.Definition{ID: 100001, Columns: testColumns, Dist: storage.Distribution{Style: style, Column: -1}}
	if style == storage.Key {
		d.Dist.Column = 0
	}
	return &table{def: d, topo: topo, v: storage.NewVersion(d, topo)}
}

// batchOf makes a flat batch.
func batchOf(ts []types.Type, rows []row) *vector.Batch {
	b := &vector.Batch{Len: len(rows)}
	for c, t := range ts {
		v := vector.New(t, len(rows))
		for i := range rows {
			v.Set(i, rows[i][c])
		}
		b.Columns = append(b.Columns, v)
	}
	return b
}

// load appends rows, as an INSERT places them.
func (tb *table) load(rows []row) {
	w := storage.ViewOf(tb.v).NewWriter()
	ts := testTypes(0, 1, 2, 3, 4, 5)
	at := int64(0)
	for len(rows) > 0 {
		k := min(len(rows), vector.Size)
		b := batchOf(ts, rows[:k])
		slots := make([]uint16, k)
		tb.def.Place(tb.topo, b, at, slots)
		for s := range tb.topo.Slices() {
			sel := []uint16{}
			for i, x := range slots {
				if int(x) == s {
					sel = append(sel, uint16(i))
				}
			}
			part := *b
			part.Sel = sel
			if err := w.Append(s, &part); err != nil {
				panic(err)
			}
		}
		tb.rows = append(tb.rows, rows[:k]...)
		rows = rows[k:]
		at += int64(k)
	}
	tb.apply(w)
}

func (tb *table) apply(w *storage.Writer) {
	d, err := w.Close()
	if err != nil {
		panic(err)
	}
	tb.take(d)
}

func (tb *table) take(d *storage.Delta) {
	v, err := tb.v.Apply(d)
	if err != nil {
		panic(err)
	}
	tb.v = v
}

func (tb *table) view() storage.View { return storage.ViewOf(tb.v) }

// tables are the filled tables so far, which tests share.
var tables = map[string]*table{}

// filled is a table of n random rows, the caller's own.
func filled(topo storage.Topology, style storage.DistStyle, n int) *table {
	key := fmt.Sprint(topo, style, n)
	if tables[key] == nil {
		tables[key] = fill(topo, style, n)
	}
	tb := *tables[key]
	tb.rows = slices.Clip(tb.rows)
	return &tb
}

func fill(topo storage.Topology, style storage.DistStyle, n int) *table {
	tb := newTable(topo, style)
	r := rand.New(rand.NewPCG(1, uint64(n)))
	rows := make([]row, n)
	for i := range rows {
		rows[i] = randomRow(r, int64(i))
	}
	tb.load(rows)
	return tb
}

// program builders.

func col(i int) expr.Expr           { return &expr.Column{ID: expr.ColumnID(i), Typ: testColumns[i].Type} }
func konst(d types.Datum) expr.Expr { return &expr.Const{Value: d} }

func prog(t testing.TB, e expr.Expr) *expr.Program {
	t.Helper()
	p, err := expr.Compile(e, func(id expr.ColumnID) int { return int(id) })
	if err != nil {
		t.Fatal(err)
	}
	return p
}

func call(t testing.TB, op string, l, r expr.Expr) expr.Expr {
	t.Helper()
	b, err := function.FindOperator(op, l.Type(), r.Type())
	if err != nil {
		t.Fatal(err)
	}
	args := []expr.Expr{l, r}
	for i, p := range b.Params {
		if args[i].Type() != p {
			args[i] = &expr.Cast{Arg: args[i], To: p, Implicit: true, Pos: -1}
		}
	}
	return &expr.Call{Fn: b, Args: args, Op: true, Pos: -1}
}

// scanOf reads columns of view 0.
func scanOf(cols ...int) *ScanSource {
	return &ScanSource{Columns: cols, KeyPred: -1, Table: "t", TableID: 100001}
}

func seg(where Where, src SourceSpec, ts []types.Type, steps ...StepSpec) *Segment {
	return &Segment{Where: where, Source: src, Types: ts, Steps: steps}
}

// program makes a program of one stream; result are the types of the cursor, nil for a change.
func program(topo storage.Topology, exchanges []Exchange, segs ...*Segment) *Program {
	return &Program{Streams: []Stream{{Segments: segs}}, Exchanges: exchanges, Views: 1, Slices: topo.Slices(), Topology: topo}
}

// all reads a cursor to its end and closes it; it checks that no helper is left.
func all(t testing.TB, c *Cursor) []row {
	t.Helper()
	var out []row
	for {
		b, err := c.Next()
		if err != nil {
			t.Fatal(err)
		}
		if b == nil {
			break
		}
		if b.Rows() == 0 {
			t.Fatal("a batch without rows")
		}
		out = append(out, rowsOf(b)...)
	}
	if b, err := c.Next(); b != nil || err != nil {
		t.Fatalf("after the end: %v, %v", b, err)
	}
	closed(t, c)
	return out
}

// closed closes a cursor and checks that its helpers have gone.
func closed(t testing.TB, c *Cursor) {
	t.Helper()
	if err := c.Close(); err != nil {
		t.Fatal(err)
	}
	if c.q.helpers != 0 {
		t.Fatalf("%d helpers are left", c.q.helpers)
	}
	if !helpers.TryAcquire(testHelpers) {
		t.Fatal("helpers hold on to the semaphore")
	}
	helpers.Release(testHelpers)
}

func start(t testing.TB, p *Program, o Options, views ...storage.View) *Cursor {
	t.Helper()
	c, err := Run(context.Background(), p, testEnv, nil, views, o)
	if err != nil {
		t.Fatal(err)
	}
	return c
}

// everyWay runs f on all topologies in all ways.
func everyWay(t *testing.T, f func(t *testing.T, topo storage.Topology, o Options)) {
	for _, topo := range topologies {
		for i, o := range ways {
			t.Run(fmt.Sprintf("%dx%d/way%d", topo.Nodes, topo.SlicesPerNode, i), func(t *testing.T) { f(t, topo, o) })
		}
	}
}

// noLeak checks at the end that as many goroutines run as at the start.
func noLeak(t *testing.T) {
	t.Helper()
	before := runtime.NumGoroutine()
	t.Cleanup(func() {
		for range 100 {
			if runtime.NumGoroutine() <= before {
				return
			}
			time.Sleep(time.Millisecond)
		}
		t.Errorf("%d goroutines, %d before", runtime.NumGoroutine(), before)
	})
}

// Steps of tests.

type (
	// keepStep keeps all rows and gives them at the end: a sort that does not sort. stepwise gives them batch by batch.
	keepStep struct{ stepwise bool }
	// countStep gives the number of rows.
	countStep struct{}
	// eachStep calls f with each batch.
	eachStep struct {
		f func(t *task, b *vector.Batch) error
	}
)

func (*keepStep) step()  {}
func (*countStep) step() {}
func (*eachStep) step()  {}

func (*keepStep) out(in []types.Type) []types.Type { return in }
func (*countStep) out([]types.Type) []types.Type   { return []types.Type{types.TInt8} }
func (*eachStep) out(in []types.Type) []types.Type { return in }

type keepSink struct {
	counted
	t     *task
	types []types.Type
	kept  []row
	out   *vector.Batch
}

type keepDrainer struct{ keepSink }

func (s *keepStep) start(t *task, in []types.Type, next sink) (sink, error) {
	k := keepSink{counted: counted{next: next}, t: t, types: in}
	if s.stepwise {
		return &keepDrainer{k}, nil
	}
	return &k, nil
}

func (s *keepSink) push(b *vector.Batch) error {
	s.kept = append(s.kept, rowsOf(b)...)
	return s.t.charge(int64(b.Rows()))
}

func (s *keepSink) combine(o sink) error {
	s.kept = append(s.kept, o.(*keepSink).kept...)
	return nil
}

func (s *keepDrainer) combine(o sink) error {
	return s.keepSink.combine(&o.(*keepDrainer).keepSink)
}

// one pushes the next batch, whose memory the next one takes.
func (s *keepSink) one() (bool, error) {
	n := min(len(s.kept), 1000)
	if n == 0 {
		return false, nil
	}
	if s.out == nil {
		s.out = batchOf(s.types, s.kept[:n])
	} else {
		for c, v := range s.out.Columns {
			v.Reset(n)
			for i := range n {
				v.Set(i, s.kept[i][c])
			}
		}
		s.out.Len, s.out.Sel = n, nil
	}
	s.kept = s.kept[n:]
	return true, s.emit(s.out)
}

func (s *keepDrainer) drain() (bool, error) { return s.one() }

func (s *keepSink) finish() error {
	for {
		more, err := s.one()
		if err != nil {
			return err
		}
		if !more {
			return s.next.finish()
		}
	}
}

type countSink struct {
	counted
	n int64
}

func (*countStep) start(_ *task, _ []types.Type, next sink) (sink, error) {
	return &countSink{counted: counted{next: next}}, nil
}

func (s *countSink) push(b *vector.Batch) error { s.n += int64(b.Rows()); return nil }
func (s *countSink) combine(o sink) error       { s.n += o.(*countSink).n; return nil }
func (s *countSink) finish() error {
	if err := s.emit(batchOf([]types.Type{types.TInt8}, []row{{num(s.n)}})); err != nil {
		return err
	}
	return s.next.finish()
}

type eachSink struct {
	counted
	t *task
	f func(t *task, b *vector.Batch) error
}

func (s *eachStep) start(t *task, _ []types.Type, next sink) (sink, error) {
	return &eachSink{counted{next: next}, t, s.f}, nil
}

func (s *eachSink) push(b *vector.Batch) error {
	if err := s.f(s.t, b); err != nil {
		return err
	}
	return s.emit(b)
}
func (s *eachSink) finish() error { return s.next.finish() }
