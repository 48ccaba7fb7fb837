package expr

import (
	"errors"
	"fmt"
	"math/rand"
	"strings"
	"testing"
	"time"

	"github.com/redshiftsim/redshiftsim/engine/function"
	"github.com/redshiftsim/redshiftsim/internal/sqlstate"
	"github.com/redshiftsim/redshiftsim/internal/types"
	"github.com/redshiftsim/redshiftsim/internal/vector"
)

var testEnv = &function.Env{Location: time.UTC, Params: []types.Datum{{Type: types.TInt4, Int: 5}}}

// small builders: col, num, str, op, cmpOf.
func col(i int, t types.Type) Expr {
	return &Column{ID: ColumnID(i), Typ: t, Name: fmt.Sprintf("c%d", i), Table: "t"}
}

func val(t types.Type, s string) Expr {
	if s == "NULL" {
		return &Const{Value: types.NullOf(t)}
	}
	d, err := types.Parse(s, t, time.UTC)
	if err != nil {
		panic(err)
	}
	return &Const{Value: d}
}

func i4(v int64) Expr { return &Const{Value: types.Datum{Type: types.TInt4, Int: v}} }

func op(name string, l, r Expr) Expr {
	b, err := function.FindOperator(name, l.Type(), r.Type())
	if err != nil {
		panic(err)
	}
	args := []Expr{l, r}
	for i, p := range b.Params {
		if args[i].Type() != p && p.Kind != types.Unknown {
			args[i] = &Cast{Arg: args[i], To: p, Implicit: true, Pos: -1}
		}
	}
	return &Call{Fn: b, Args: args, Op: true, Pos: 7}
}

func is(o CompareOp, l, r Expr) Expr {
	t, err := function.CompareType(l.Type(), r.Type())
	if err != nil {
		panic(err)
	}
	side := func(e Expr) Expr {
		if e.Type() == t {
			return e
		}
		return &Cast{Arg: e, To: t, Implicit: true, Pos: -1}
	}
	return &Compare{Op: o, Left: side(l), Right: side(r)}
}

func place0(id ColumnID) int { return int(id) }

func compile(t testing.TB, e Expr) *State {
	t.Helper()
	p, err := Compile(e, place0)
	if err != nil {
		t.Fatal(err)
	}
	return p.NewState(testEnv)
}

// code stores a Flat vector as Narrow (integers) or Dict (others), as a scan would.
func code(v *vector.Vector, width int) *vector.Vector {
	out := &vector.Vector{Type: v.Type, Len: v.Len, Nulls: v.Nulls}
	codes := make([]uint32, v.Len)
	if v.Type.Lane() == types.LaneInt && width < 3 {
		out.Form, out.Base = vector.Narrow, -20
		for i := range codes {
			if !v.Null(i) {
				codes[i] = uint32(v.Int64s[i] + 20)
			}
		}
	} else {
		out.Form = vector.Dict
		var entries []types.Datum
		for i := range codes {
			if v.Null(i) {
				continue
			}
			d, k := v.Get(i), -1
			for j := range entries {
				if entries[j].Equal(&d) {
					k = j
				}
			}
			if k < 0 {
				k = len(entries)
				entries = append(entries, d)
			}
			codes[i] = uint32(k)
		}
		out.Dict = vector.New(v.Type, len(entries))
		for i, d := range entries {
			out.Dict.Set(i, d)
		}
	}
	switch width {
	case 0, 3:
		for _, c := range codes {
			out.U8 = append(out.U8, uint8(c))
		}
	case 1:
		for _, c := range codes {
			out.U16 = append(out.U16, uint16(c))
		}
	default:
		out.U32 = codes
	}
	return out
}

var testTypes = []types.Type{types.TInt4, types.TInt4, types.TVarchar(10), types.TNumeric(8, 2), types.TFloat8, types.TBool, types.TDate}

// testBatch makes columns of testTypes with NULLs.
func testBatch(rng *rand.Rand, n int) *vector.Batch {
	b := &vector.Batch{Len: n}
	texts := []string{"", "a", "ab", "ab ", "abc", "b", "xyz", "12"}
	for _, t := range testTypes {
		v := vector.New(t, n)
		for i := range n {
			d := types.Datum{Type: t, Int: int64(rng.Intn(40) - 20), Bool: rng.Intn(2) == 0, Float: float64(rng.Intn(9)) / 4, Text: texts[rng.Intn(len(texts))]}
			d.Null = rng.Intn(6) == 0
			v.Set(i, d)
		}
		b.Columns = append(b.Columns, v)
	}
	return b
}

// testExprs are conditions and values over the columns of testBatch; some fail on some rows.
func testExprs() []Expr {
	a, b, s, n, f, o, d := col(0, testTypes[0]), col(1, testTypes[1]), col(2, testTypes[2]), col(3, testTypes[3]), col(4, testTypes[4]), col(5, testTypes[5]), col(6, testTypes[6])
	like := func(p string) Expr { return op("~~", s, val(types.TUnknown, p)) }
	notZero := is(Ne, b, i4(0))
	es := []Expr{
		a, s, n,
		op("+", a, b), op("-", i4(100), a), op("*", n, op("-", i4(1), n)), op("/", n, i4(3)), op("||", s, s), op("||", s, a),
		op("+", f, a), op("+", d, a), op("%", a, i4(7)),
		is(Lt, a, i4(3)), is(Eq, a, b), is(Ge, n, val(types.TNumeric(3, 1), "-0.5")), is(Gt, s, val(types.TUnknown, "ab")), is(Eq, s, val(types.TUnknown, "ab")),
		is(Ne, s, val(types.TUnknown, "ab")), is(Le, f, val(types.TFloat8, "1")), is(Lt, d, val(types.TDate, "2000-01-05")), is(Eq, o, val(types.TBool, "true")), is(Ne, a, i4(1000)),
		is(Lt, a, i4(1000)), is(Lt, a, i4(-1000)), is(Eq, a, &Param{N: 1, Typ: types.TInt4}), is(Eq, a, val(types.TInt4, "NULL")), is(Gt, i4(3), a), is(Lt, a, b),
		like("a%"), like("%b%"), like("_b"), op("!~~", s, val(types.TUnknown, "a%")), op("~", s, val(types.TUnknown, "^a.*c$")),
		&IsNull{Arg: a}, &IsNull{Arg: s, Not: true}, &IsNull{Arg: op("+", a, b)}, &IsBool{Arg: o, Value: true}, &IsBool{Arg: o, Value: false, Not: true},
		&In{Arg: a, List: []Expr{i4(1), i4(5), i4(-3)}}, &In{Arg: a, List: []Expr{i4(1), val(types.TInt4, "NULL")}, Not: true}, &In{Arg: a, List: []Expr{i4(1), b}},
		&In{Arg: a, List: []Expr{i4(1), i4(1 << 30)}, Not: true},
		&In{Arg: s, List: []Expr{val(types.TVarchar(10), "ab"), val(types.TVarchar(10), "xyz ")}}, &In{Arg: n, List: []Expr{val(types.TNumeric(8, 2), "0.05")}},
		o, &Not{Arg: o}, &Not{Arg: is(Lt, a, i4(3))}, &Not{Arg: &And{Args: []Expr{o, is(Lt, a, i4(3))}}},
		&And{Args: []Expr{is(Ge, a, i4(-5)), is(Lt, a, i4(10)), like("a%")}},
		&And{Args: []Expr{notZero, is(Gt, op("/", a, b), i4(1))}},
		&Or{Args: []Expr{is(Eq, b, i4(0)), is(Gt, op("/", a, b), i4(1))}},
		&Or{Args: []Expr{is(Eq, a, i4(5)), like("x%"), o}},
		&And{Args: []Expr{&Or{Args: []Expr{o, is(Eq, s, val(types.TUnknown, "b"))}}, &Not{Arg: &Or{Args: []Expr{is(Eq, a, i4(2)), is(Eq, b, i4(2))}}}}},
		&Case{Whens: []When{{is(Eq, b, i4(0)), i4(-1)}, {o, op("/", a, b)}}, Else: op("+", a, op("*", a, i4(2))), Typ: types.TInt4},
		&Case{Whens: []When{{like("a%"), s}, {is(Gt, a, i4(0)), val(types.TVarchar(10), "pos")}}, Typ: types.TVarchar(10)},
		op("+", a, &Case{Whens: []When{{is(Gt, a, i4(0)), op("*", a, i4(2))}}, Else: op("-", a, i4(1)), Typ: types.TInt4}),
		&Coalesce{Args: []Expr{a, b, i4(7)}, Typ: types.TInt4}, &Coalesce{Args: []Expr{s, &Cast{Arg: a, To: types.TVarchar(10), Pos: -1}}, Typ: types.TVarchar(10)},
		is(Eq, &Coalesce{Args: []Expr{s, val(types.TVarchar(10), "none")}, Typ: types.TVarchar(10)}, val(types.TUnknown, "none")),
		&Cast{Arg: s, To: types.TInt4, Try: true, Pos: 3}, &Cast{Arg: n, To: types.TInt4, Pos: -1}, &Cast{Arg: a, To: types.TInt8, Implicit: true, Pos: -1},
		&Cast{Arg: s, To: types.TVarchar(1), Pos: -1},
		is(Gt, op("||", s, val(types.TUnknown, "z")), val(types.TUnknown, "abz")),
	}
	return es
}

// TestForms: an expression gives the same for every form of its columns, selected or not, as for each row alone; and Filter keeps the true rows.
func TestForms(t *testing.T) {
	rng := rand.New(rand.NewSource(3))
	for k, e := range testExprs() {
		row, state := compile(t, e), compile(t, e)
		for round := range 12 {
			n := []int{1, 3, 64, 100, 700}[rng.Intn(5)]
			flat := testBatch(rng, n)
			want := make([]types.Datum, n)
			for i := range n {
				one := &vector.Batch{Len: 1}
				for _, c := range flat.Columns {
					v := vector.New(c.Type, 1)
					v.Set(0, c.Get(i))
					one.Columns = append(one.Columns, v)
				}
				v, err := row.Eval(one)
				if err != nil {
					t.Fatalf("%d %s: %v", k, Text(e, nil), err)
				}
				want[i] = v.Get(0)
			}
			b := &vector.Batch{Len: n}
			for _, c := range flat.Columns {
				if w := rng.Intn(5); w < 4 && c.Type.Lane() != types.LaneBool {
					c = code(c, w)
				}
				b.Columns = append(b.Columns, c)
			}
			if round%2 == 1 {
				b.Sel = []uint16{}
				for i := range n {
					if rng.Intn(3) > 0 {
						b.Sel = append(b.Sel, uint16(i))
					}
				}
			}
			live := b.Sel
			if live == nil {
				live = allRows(n)
			}
			got, err := state.Eval(b)
			if err != nil {
				t.Fatalf("%d %s: %v", k, Text(e, nil), err)
			}
			for j, i := range live {
				g, w := got.Get(j), want[i]
				g.Type, w.Type = e.Type(), e.Type()
				if !g.Equal(&w) {
					t.Fatalf("%d %s row %d (form %d): got %v, want %v", k, Text(e, nil), i, got.Form, g, w)
				}
			}
			if e.Type().Kind != types.Bool {
				continue
			}
			var keep []uint16
			for _, i := range live {
				if !want[i].Null && want[i].Bool {
					keep = append(keep, i)
				}
			}
			if err := state.Filter(b); err != nil {
				t.Fatal(err)
			}
			sel := b.Sel
			if sel == nil {
				sel = allRows(n)
			}
			if fmt.Sprint(sel) != fmt.Sprint(keep) && len(sel)+len(keep) > 0 {
				t.Fatalf("%d %s: filter kept %v, want %v", k, Text(e, nil), sel, keep)
			}
		}
	}
}

func TestText(t *testing.T) {
	s, n, a := col(2, types.TVarchar(10)), col(3, types.TNumeric(8, 2)), col(0, types.TInt4)
	var many []Expr
	for i := range 11 {
		many = append(many, i4(int64(i+1)))
	}
	for _, c := range []struct {
		e    Expr
		want string
		ops  int
	}{
		{is(Gt, n, val(types.TNumeric(8, 2), "30")), "(c3 > 30.00)", 1}, // r_EXPLAIN prints (pricepaid > 30.00)
		{is(Gt, op("/", a, i4(10)), i4(0)), "((c0 / 10) > 0)", 2},
		{is(Ge, col(6, types.TDate), val(types.TDate, "1992-01-01")), "(c6 >= '1992-01-01'::date)", 1},
		{op("~~", s, val(types.TText, "A%")), "((c2)::text ~~ 'A%'::text)", 1},
		{is(Eq, s, val(types.TText, "O'Neil")), "((c2)::text = 'O''Neil'::text)", 1},
		{is(Eq, n, col(1, types.TInt4)), "(c3 = (c1)::numeric)", 2},
		{&IsNull{Arg: a, Not: true}, "(c0 IS NOT NULL)", 0},
		{&In{Arg: a, List: many}, "(c0 = ANY ('{1,2,3,4,5,6,7,8,9,10,11}'::integer[]))", 10}, // r_in_condition
		{&In{Arg: a, List: many[:2]}, "((c0 = 1) OR (c0 = 2))", 2},
		{&And{Args: []Expr{is(Lt, a, i4(1)), &Not{Arg: col(5, types.TBool)}}}, "((c0 < 1) AND (NOT c5))", 1},
		{&Case{Whens: []When{{is(Lt, a, i4(1)), i4(2)}}, Typ: types.TInt4}, "CASE WHEN (c0 < 1) THEN 2 ELSE NULL::integer END", 1},
	} {
		if got := Text(c.e, nil); got != c.want {
			t.Errorf("got %s, want %s", got, c.want)
		}
		if got := Ops(c.e); got != c.ops {
			t.Errorf("%s: %d operators, want %d", c.want, got, c.ops)
		}
	}
	side := func(c *Column) string { return `"outer".` + c.Name }
	if got := Text(is(Eq, a, i4(1)), side); got != `("outer".c0 = 1)` {
		t.Error(got)
	}
}

func TestFold(t *testing.T) {
	a, o := col(0, types.TInt4), col(5, types.TBool)
	null := val(types.TBool, "NULL")
	div := op("/", i4(1), i4(0))
	for _, c := range []struct {
		e    Expr
		want string
	}{
		{op("+", i4(1), i4(2)), "3"},
		{is(Lt, a, op("*", i4(2), i4(3))), "(c0 < 6)"},
		{div, "(1 / 0)"},
		{&Cast{Arg: val(types.TUnknown, "1992-01-01"), To: types.TDate, Pos: -1}, "'1992-01-01'::date"},
		{&Cast{Arg: val(types.TUnknown, "today"), To: types.TDate, Pos: -1}, "'today'::date"},
		{&And{Args: []Expr{o, val(types.TBool, "t")}}, "c5"},
		{&And{Args: []Expr{o, val(types.TBool, "f")}}, "false"},
		{&Or{Args: []Expr{o, val(types.TBool, "t")}}, "true"},
		{&And{Args: []Expr{o, &And{Args: []Expr{is(Lt, a, i4(1)), is(Eq, i4(1), i4(1))}}}}, "(c5 AND (c0 < 1))"},
		{&And{Args: []Expr{o, null}}, "(c5 AND NULL::boolean)"},
		{&Not{Arg: is(Lt, a, i4(1))}, "(c0 >= 1)"},
		{is(Eq, a, val(types.TInt4, "NULL")), "NULL::boolean"},
		{op("+", a, val(types.TInt4, "NULL")), "NULL::integer"},
		{&IsNull{Arg: val(types.TInt4, "NULL")}, "true"},
		{&Case{Whens: []When{{val(types.TBool, "f"), div}, {val(types.TBool, "t"), i4(4)}}, Else: div, Typ: types.TInt4}, "4"},
		{&Coalesce{Args: []Expr{val(types.TInt4, "NULL"), a, i4(1), div}, Typ: types.TInt4}, "COALESCE(c0, 1)"},
		{&In{Arg: i4(2), List: []Expr{i4(1), i4(2)}}, "true"},
	} {
		before := Text(c.e, nil)
		got, err := Fold(c.e, testEnv)
		if err != nil || Text(got, nil) != c.want {
			t.Errorf("%s: got %s %v, want %s", before, Text(got, nil), err, c.want)
		}
		if Text(c.e, nil) != before {
			t.Errorf("%s was changed", before)
		}
	}
}

func TestErrors(t *testing.T) {
	a, b := col(0, types.TInt4), col(1, types.TInt4)
	batch := &vector.Batch{Len: 2}
	for _, vs := range [][2]int64{{6, 7}, {2, 0}} {
		v := vector.New(types.TInt4, 2)
		v.Int64s[0], v.Int64s[1] = vs[0], vs[1]
		batch.Columns = append(batch.Columns, v)
	}
	_, err := compile(t, op("/", a, b)).Eval(batch)
	var e *sqlstate.Error
	if !errors.As(err, &e) || e.Code != sqlstate.DivisionByZero || e.Offset() >= 0 {
		t.Errorf("7/0: %v", err)
	}
	batch.Sel = []uint16{0} // the bad row is not alive
	if v, err := compile(t, op("/", a, b)).Eval(batch); err != nil || v.Int64s[0] != 3 {
		t.Errorf("6/2: %v %v", v, err)
	}
	if v, err := compile(t, op("/", i4(1), i4(0))).Eval(&vector.Batch{}); err != nil || v.Len != 0 {
		t.Errorf("1/0 for no row: %v", err)
	}
}

// TestDictOnce: a function of a dictionary column runs once an entry, and an entry that no live row uses cannot fail.
func TestDictOnce(t *testing.T) {
	calls := 0
	fn := &function.Bound{
		Name: "f", Params: []types.Type{types.TText}, Returns: types.TInt4, Strict: true,
		Kernel: func(_ *function.Env, n int, args []*vector.Vector, out *vector.Vector) error {
			calls += n
			for i := range n {
				if s := args[0].Texts[i]; s == "bad" {
					return sqlstate.InvalidText.Errorf("bad")
				} else if s == "null" {
					out.SetNull(i)
				}
				out.Int64s[i] = int64(len(args[0].Texts[i]))
			}
			return nil
		},
	}
	batch := func(entries ...string) *vector.Batch {
		v := &vector.Vector{Type: types.TVarchar(9), Form: vector.Dict, Len: 1000, U8: make([]uint8, 1000), Dict: vector.New(types.TVarchar(9), len(entries))}
		copy(v.Dict.Texts, entries)
		for i := range v.U8 {
			v.U8[i] = uint8(i % 3)
		}
		return &vector.Batch{Columns: []*vector.Vector{v}, Len: 1000}
	}
	s := compile(t, &Call{Fn: fn, Args: []Expr{col(0, types.TVarchar(9))}})
	b := batch("a", "null", "ccc", "never")
	for range 3 {
		v, err := s.Eval(b)
		if err != nil {
			t.Fatal(err)
		}
		if got := []string{v.Get(0).String(), v.Get(1).String(), v.Get(2).String(), v.Get(998).String()}; strings.Join(got, " ") != "1 NULL 3 3" {
			t.Fatal(got)
		}
	}
	if calls != 4 {
		t.Errorf("%d calls for 4 entries", calls)
	}
	if v, err := s.Eval(batch("a", "b", "cc", "bad")); err != nil || v.Get(2).Int != 2 {
		t.Errorf("an unused entry failed: %v", err)
	}
	if _, err := s.Eval(batch("a", "bad", "cc")); err == nil {
		t.Error("a used entry did not fail")
	}
}

// TestNoAllocation: in the steady state neither Eval nor Filter allocates, for long batches and short ones.
func TestNoAllocation(t *testing.T) {
	rng := rand.New(rand.NewSource(5))
	a, n, o, s := col(0, testTypes[0]), col(3, testTypes[3]), col(5, testTypes[5]), col(2, testTypes[2])
	for _, e := range []Expr{
		op("*", n, op("-", i4(1), n)),
		&Case{Whens: []When{{o, op("+", a, i4(1))}}, Else: a, Typ: types.TInt4},
		&And{Args: []Expr{is(Ge, a, i4(-5)), is(Lt, a, i4(10)), &Or{Args: []Expr{o, is(Eq, s, val(types.TText, "ab"))}}}},
		&Coalesce{Args: []Expr{a, i4(7)}, Typ: types.TInt4},
	} {
		for _, size := range []int{3, vector.Size} {
			b := testBatch(rng, size)
			sel := make([]uint16, 0, size)
			for i := 0; i < size; i += 2 {
				sel = append(sel, uint16(i))
			}
			state := compile(t, e)
			run := func() {
				for _, b.Sel = range [][]uint16{nil, sel} {
					if _, err := state.Eval(b); err != nil {
						t.Fatal(err)
					}
					if e.Type().Kind == types.Bool {
						if err := state.Filter(b); err != nil {
							t.Fatal(err)
						}
					}
				}
			}
			run()
			if got := testing.AllocsPerRun(10, run); got > 0 {
				t.Errorf("%s over %d rows: %v allocations", Text(e, nil), size, got)
			}
		}
	}
}

func TestTree(t *testing.T) {
	a, b := col(0, types.TInt4), col(1, types.TInt4)
	e := &And{Args: []Expr{is(Lt, a, i4(1)), &And{Args: []Expr{is(Eq, a, b), &In{Arg: b, List: []Expr{a}}}}}}
	if got := len(Conjuncts(e)); got != 3 {
		t.Errorf("%d conjuncts", got)
	}
	if got := fmt.Sprint(Columns(e)); got != "[0 1]" {
		t.Error(got)
	}
	swapped := Rewrite(e, func(x Expr) Expr {
		if c, ok := x.(*Column); ok && c.ID == 1 {
			return a
		}
		return x
	})
	if Text(swapped, nil) != "((c0 < 1) AND ((c0 = c0) AND (c0 = c0)))" || Equal(e, swapped) || !Equal(swapped, swapped) {
		t.Error(Text(swapped, nil))
	}
	if AndOf() != nil || AndOf(a) != a || len(AndOf(e, a).(*And).Args) != 4 {
		t.Error("AndOf")
	}
}

func benchFilter(b *testing.B, e Expr, v *vector.Vector) {
	state := compile(b, e)
	batch := &vector.Batch{Columns: []*vector.Vector{v}, Len: v.Len}
	b.SetBytes(int64(v.Len))
	for b.Loop() {
		batch.Sel = nil
		if err := state.Filter(batch); err != nil {
			b.Fatal(err)
		}
	}
	b.ReportMetric(float64(b.Elapsed().Nanoseconds())/float64(b.N)/float64(v.Len), "ns/row")
}

func BenchmarkFilter(b *testing.B) {
	rng := rand.New(rand.NewSource(1))
	flat := vector.New(types.TInt4, vector.Size)
	texts := vector.New(types.TVarchar(10), vector.Size)
	for i := range vector.Size {
		flat.Int64s[i] = int64(rng.Intn(200) - 20)
		texts.Texts[i] = []string{"alpha", "beta", "gamma", "delta"}[rng.Intn(4)]
	}
	between := &And{Args: []Expr{is(Ge, col(0, types.TInt4), i4(20)), is(Lt, col(0, types.TInt4), i4(100))}}
	b.Run("u8", func(b *testing.B) { benchFilter(b, between, code(flat, 0)) })
	b.Run("u16", func(b *testing.B) { benchFilter(b, between, code(flat, 1)) })
	b.Run("u32", func(b *testing.B) { benchFilter(b, between, code(flat, 2)) })
	b.Run("flat", func(b *testing.B) { benchFilter(b, between, flat) })
	b.Run("like-dict", func(b *testing.B) {
		benchFilter(b, op("~~", col(0, types.TVarchar(10)), val(types.TText, "%et%")), code(texts, 0))
	})
	b.Run("like-flat", func(b *testing.B) {
		benchFilter(b, op("~~", col(0, types.TVarchar(10)), val(types.TText, "%et%")), texts)
	})
	b.Run("text-eq-flat", func(b *testing.B) {
		benchFilter(b, is(Eq, col(0, types.TVarchar(10)), val(types.TText, "beta")), texts)
	})
	small := vector.New(types.TInt4, 5)
	b.Run("5rows", func(b *testing.B) { benchFilter(b, between, small) })
}
