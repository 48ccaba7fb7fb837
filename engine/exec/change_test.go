package exec

import (
	"context"
	"errors"
	"math/rand/v2"
	"testing"

	"github.com/redshiftsim/redshiftsim/engine/expr"
	"github.com/redshiftsim/redshiftsim/internal/sqlstate"
	"github.com/redshiftsim/redshiftsim/internal/types"
	"github.com/redshiftsim/redshiftsim/internal/vector"
	"github.com/redshiftsim/redshiftsim/storage"
)

var allTypes = testTypes(0, 1, 2, 3, 4, 5)

// content reads a table as a program does.
func (tb *table) content(t testing.TB) []row {
	t.Helper()
	where := OnSlices
	if tb.def.Dist.All() {
		where = OnOneSlice
	}
	p := program(tb.topo, []Exchange{{Types: allTypes, ToLeader: true}},
		seg(where, scanOf(0, 1, 2, 3, 4, 5), allTypes, &ReturnStep{Exchange: 0}), leaderOf(allTypes))
	return all(t, start(t, p, Options{Workers: 1}, tb.view()))
}

// change runs a program without columns, takes its change over and gives the number of rows.
func (tb *table) change(t testing.TB, p *Program, o Options, views ...storage.View) int64 {
	t.Helper()
	c := start(t, p, o, views...)
	if got := all(t, c); got != nil {
		t.Fatal("rows of a change")
	}
	if len(c.Deltas()) != 1 {
		t.Fatalf("%d deltas", len(c.Deltas()))
	}
	tb.take(c.Deltas()[0])
	return c.Affected()
}

// changing makes a program that writes view 0; sources read the others.
func changing(topo storage.Topology, views int, exchanges []Exchange, segs ...*Segment) *Program {
	p := program(topo, exchanges, segs...)
	p.Writers, p.Views = []WriterSpec{{View: 0}}, views
	return p
}

// placeFrom makes INSERT .. SELECT * of a source.
func placeFrom(topo storage.Topology, views int, where Where, src SourceSpec) *Program {
	return changing(topo, views, []Exchange{{Types: allTypes}},
		seg(where, src, allTypes, &PlaceStep{Exchange: 0, Writer: 0}),
		seg(OnSlices, &InboxSource{Exchange: 0}, allTypes, &InsertStep{Writer: 0}))
}

// literals makes the source of INSERT .. VALUES.
func literals(t testing.TB, rows []row) *ValuesSource {
	s := &ValuesSource{}
	for _, r := range rows {
		var cells []*expr.Program
		for _, d := range r {
			cells = append(cells, prog(t, konst(d)))
		}
		s.Rows = append(s.Rows, cells)
	}
	return s
}

// TestInsert: rows come to where the distribution puts them; EVEN stays even from statement to statement.
func TestInsert(t *testing.T) {
	for _, style := range []storage.DistStyle{storage.Even, storage.Key, storage.All} {
		everyWay(t, func(t *testing.T, topo storage.Topology, o Options) {
			from := filled(topo, storage.Even, 3001)
			tb := newTable(topo, style)
			p := placeFrom(topo, 2, OnSlices, &ScanSource{View: 1, Columns: []int{0, 1, 2, 3, 4, 5}, KeyPred: -1})
			if n := tb.change(t, p, o, tb.view(), from.view()); n != 3001 {
				t.Fatalf("INSERT 0 %d", n)
			}
			r := rand.New(rand.NewPCG(9, 9))
			want := append([]row(nil), from.rows...)
			for i := range 7 {
				rows := []row{randomRow(r, int64(5000+i))}
				want = append(want, rows...)
				if n := tb.change(t, placeFrom(topo, 1, OnLeader, literals(t, rows)), o, tb.view()); n != 1 {
					t.Fatalf("INSERT 0 %d", n)
				}
			}
			sameRows(t, tb.content(t), want)
			for s := range topo.Slices() {
				n, even := tb.view().SliceRows(s), int64(3008/topo.Slices())
				switch {
				case style == storage.Even && (n < even || n > even+1):
					t.Errorf("slice %d has %d of 3008 rows", s, n)
				case style == storage.All && n != []int64{3008, 0}[min(s, 1)]:
					t.Errorf("slice %d has %d rows of a copy", s, n)
				}
			}
			if style == storage.Key {
				scan := scanOf(0)
				ts := testTypes(0)
				p := program(topo, []Exchange{{Types: ts, ToLeader: true}}, seg(OnSlices, scan, ts, &eachStep{func(tk *task, b *vector.Batch) error {
					for _, r := range rowsOf(b) {
						if int(storage.SlotOf(&r[0], topo.Slices())) != tk.slice {
							t.Errorf("%v is on slice %d", r, tk.slice)
						}
					}
					return nil
				}}, &ReturnStep{Exchange: 0}), leaderOf(ts))
				all(t, start(t, p, o, tb.view()))
			}
		})
	}
}

// TestNotNull: the error names the column, and nothing is written. A NULL that a selection leaves out does not count.
func TestNotNull(t *testing.T) {
	topo := topologies[1]
	r := rand.New(rand.NewPCG(1, 1))
	rows := []row{randomRow(r, 1), randomRow(r, 2)}
	rows[1][0] = types.NullOf(types.TInt8)
	for _, way := range ways {
		tb := newTable(topo, storage.Even)
		c := start(t, placeFrom(topo, 1, OnLeader, literals(t, rows)), way, tb.view())
		_, err := c.Next()
		var e *sqlstate.Error
		if !errors.As(err, &e) || e.Code != sqlstate.NotNullViolation || e.Message != "Cannot insert a NULL value into column id" || e.Column != "id" {
			t.Fatalf("%v", err)
		}
		closed(t, c)
		if c.Deltas() != nil {
			t.Fatal("a change")
		}
		p := placeFrom(topo, 1, OnLeader, literals(t, rows))
		g := p.Streams[0].Segments[0]
		g.Steps = append([]StepSpec{&FilterStep{Cond: prog(t, &expr.IsNull{Arg: col(0), Not: true})}}, g.Steps...)
		if n := tb.change(t, p, way, tb.view()); n != 1 {
			t.Fatalf("%d rows", n)
		}
	}
}

// TestDelete: rows that a condition names go, once; the rest stays.
func TestDelete(t *testing.T) {
	for _, style := range []storage.DistStyle{storage.Even, storage.All} {
		everyWay(t, func(t *testing.T, topo storage.Topology, o Options) {
			tb := filled(topo, style, 12000)
			where := OnSlices
			if style == storage.All {
				where = OnOneSlice
			}
			del := func(lo, hi int64) int64 {
				scan := &ScanSource{Columns: nil, RowIDs: true, KeyPred: -1, Predicates: []Pred{
					{Column: 0, Op: storage.Ge, Value: prog(t, konst(num(lo)))}, {Column: 0, Op: storage.Lt, Value: prog(t, konst(num(hi)))},
				}}
				return tb.change(t, changing(topo, 1, nil, seg(where, scan, []types.Type{types.TInt8}, &DeleteStep{Writer: 0})), o, tb.view())
			}
			if n := del(100, 3000); n != 2900 {
				t.Fatalf("DELETE %d", n)
			}
			if n := del(2000, 3500); n != 500 {
				t.Fatalf("DELETE %d", n)
			}
			if n := del(0, 0); n != 0 {
				t.Fatalf("DELETE %d", n)
			}
			sameRows(t, tb.content(t), keepRows(tb.rows, func(r row) bool { return r[0].Int < 100 || r[0].Int >= 3500 }))
		})
	}
}

// updating makes UPDATE t SET id = id + by, grp = 1 WHERE lo <= id < hi; each row comes times times, as from a join. A new key moves rows.
func updating(t testing.TB, tb *table, lo, hi, by int64, times int, move bool) *Program {
	idTypes := append([]types.Type{types.TInt8}, allTypes...)
	scan := &ScanSource{Columns: []int{0, 1, 2, 3, 4, 5}, RowIDs: true, KeyPred: -1, Predicates: []Pred{
		{Column: 0, Op: storage.Ge, Value: prog(t, konst(num(lo)))}, {Column: 0, Op: storage.Lt, Value: prog(t, konst(num(hi)))},
	}}
	set := &ProjectStep{
		Exprs:       []*expr.Program{nil, prog(t, call(t, "+", col(0), konst(num(by)))), prog(t, konst(i4(1))), nil, nil, nil, nil},
		PassThrough: []int{6, -1, -1, 2, 3, 4, 5}, Types: idTypes,
	}
	steps := []StepSpec{set, &repeatStep{times}, &DeleteStep{Writer: 0, RowID: 0, Forward: true}}
	scanTypes := append(append([]types.Type{}, allTypes...), types.TInt8)
	if !move {
		return changing(tb.topo, 1, nil, seg(OnSlices, scan, scanTypes, append(steps, &InsertStep{Writer: 0})...))
	}
	return changing(tb.topo, 1, []Exchange{{Types: allTypes}},
		seg(OnSlices, scan, scanTypes, append(steps, &PlaceStep{Exchange: 0, Writer: 0})...),
		seg(OnSlices, &InboxSource{Exchange: 0}, allTypes, &InsertStep{Writer: 0}))
}

// repeatStep gives every batch several times, as a join with several matches would.
type repeatStep struct{ times int }

type repeatSink struct {
	counted
	times int
}

func (*repeatStep) step()                            {}
func (*repeatStep) out(in []types.Type) []types.Type { return in }
func (s *repeatStep) start(_ *task, _ []types.Type, next sink) (sink, error) {
	return &repeatSink{counted{next: next}, s.times}, nil
}

func (s *repeatSink) push(b *vector.Batch) error {
	for range s.times {
		if err := s.emit(b); err != nil {
			return err
		}
	}
	return nil
}
func (s *repeatSink) finish() error { return s.next.finish() }

// TestUpdate: the old row goes, the new one comes, once however many matches there were, where its key says.
func TestUpdate(t *testing.T) {
	for _, style := range []storage.DistStyle{storage.Even, storage.Key} {
		everyWay(t, func(t *testing.T, topo storage.Topology, o Options) {
			tb := filled(topo, style, 9000)
			for _, times := range []int{1, 3} {
				p := updating(t, tb, 1000, 2500, 100000, times, style == storage.Key)
				if n := tb.change(t, p, o, tb.view()); n != map[int]int64{1: 1500, 3: 0}[times] {
					t.Fatalf("UPDATE %d", n)
				}
				p = updating(t, tb, 101000, 102500, -100000, times, style == storage.Key)
				if n := tb.change(t, p, o, tb.view()); n != map[int]int64{1: 1500, 3: 0}[times] {
					t.Fatalf("UPDATE %d back", n)
				}
				if times == 1 {
					var want []row
					for _, r := range tb.rows {
						if r[0].Int >= 1000 && r[0].Int < 2500 {
							r = append(row{}, r...)
							r[1] = i4(1)
						}
						want = append(want, r)
					}
					tb.rows = want
					sameRows(t, tb.content(t), want)
					if n := tb.change(t, updating(t, tb, 1000, 2500, 200000, 3, style == storage.Key), o, tb.view()); n != 1500 {
						t.Fatalf("UPDATE %d of rows that come three times", n)
					}
				}
			}
			if n := len(tb.content(t)); n != 9000 {
				t.Fatalf("%d rows are left", n)
			}
		})
	}
}

// TestConflict: a row that somebody else has deleted since is storage's conflict, told by Next.
func TestConflict(t *testing.T) {
	topo := topologies[1]
	tb := filled(topo, storage.Even, 100)
	old := tb.v
	del := changing(topo, 1, nil, seg(OnSlices, &ScanSource{RowIDs: true, KeyPred: -1}, []types.Type{types.TInt8}, &DeleteStep{Writer: 0}))
	tb.change(t, del, Options{}, tb.view())
	c, err := Run(context.Background(), del, testEnv, nil, []storage.View{storage.ViewOf(old).WithBase(tb.v)}, Options{})
	if err != nil {
		t.Fatal(err)
	}
	if _, err := c.Next(); !errors.Is(err, storage.ErrConflict) {
		t.Fatalf("%v", err)
	}
	closed(t, c)
}

// TestOwnChanges: a statement sees what its transaction has done before.
func TestOwnChanges(t *testing.T) {
	topo := topologies[1]
	tb := filled(topo, storage.Even, 1000)
	base := tb.view()
	r := rand.New(rand.NewPCG(4, 4))
	add := []row{randomRow(r, 70001), randomRow(r, 70002)}
	c := start(t, placeFrom(topo, 1, OnLeader, literals(t, add)), Options{}, base)
	all(t, c)
	own := base.WithOwn(c.Deltas()[0])
	c = start(t, updating(t, tb, 70000, 80000, 1, 2, false), Options{}, own)
	all(t, c)
	if c.Affected() != 2 {
		t.Fatalf("UPDATE %d", c.Affected())
	}
	tb.take(c.Deltas()[0])
	want := append([]row(nil), tb.rows...)
	for _, r := range add {
		r = append(row{}, r...)
		r[0], r[1] = num(r[0].Int+1), i4(1)
		want = append(want, r)
	}
	sameRows(t, tb.content(t), want)
}
