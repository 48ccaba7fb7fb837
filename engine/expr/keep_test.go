package expr

import (
	"fmt"
	"math/rand"
	"testing"

	"github.com/redshiftsim/redshiftsim/engine/function"
	"github.com/redshiftsim/redshiftsim/internal/sqlstate"
	"github.com/redshiftsim/redshiftsim/internal/types"
	"github.com/redshiftsim/redshiftsim/internal/vector"
)

// counting makes a function of an integer that counts the rows it is computed for; 0 it refuses.
func counting(rows *int) func(Expr) Expr {
	fn := &function.Bound{
		Name: "counting", Params: []types.Type{types.TInt8}, Returns: types.TInt8, Strict: true,
		Kernel: func(_ *function.Env, n int, args []*vector.Vector, out *vector.Vector) error {
			*rows += n
			for i := range n {
				if out.Null(i) {
					continue
				}
				x := args[0].Get(i).Int
				if x == 0 {
					return sqlstate.DivisionByZero.Errorf("division by zero")
				}
				out.Int64s[i] = 60 / x
			}
			return nil
		},
	}
	return func(e Expr) Expr { return &Call{Fn: fn, Args: []Expr{e}, Pos: -1} }
}

// TestKeep: what occurs several times in a condition is computed once a row, and for no row that nobody asks about.
func TestKeep(t *testing.T) {
	rows := 0
	f := counting(&rows)
	a := col(0, types.TInt8)
	n8 := func(v int64) Expr { return &Const{Value: types.Datum{Type: types.TInt8, Int: v}} }
	for _, c := range []struct {
		name     string
		e        Expr
		computed int
		kept     int
	}{
		{"and", &And{Args: []Expr{is(Gt, f(a), n8(2)), is(Lt, f(a), n8(60)), is(Ne, f(a), n8(30))}}, 10, 8},
		{"or", &Or{Args: []Expr{is(Eq, f(a), n8(6)), is(Eq, f(a), n8(10)), is(Eq, f(a), n8(60))}}, 10, 4},
		{"a guard before", &And{Args: []Expr{is(Gt, a, n8(5)), is(Gt, f(a), n8(6)), is(Lt, f(a), n8(10))}}, 5, 2},
		{"rows that the first left out", &Or{Args: []Expr{&And{Args: []Expr{is(Le, a, n8(2)), is(Gt, f(a), n8(30))}}, is(Lt, f(a), n8(7))}}, 2 + 9, 3},
		{"inside one another", &And{Args: []Expr{is(Gt, op("+", f(a), f(a)), n8(20)), is(Lt, op("+", f(a), f(a)), n8(40))}}, 10, 2},
	} {
		s := compile(t, c.e)
		for range 2 { // a State serves batch after batch
			v := vector.New(types.TInt8, 10)
			for i := range 10 {
				v.Int64s[i] = int64(i + 1)
			}
			rows = 0
			b := &vector.Batch{Columns: []*vector.Vector{v}, Len: 10}
			if err := s.Filter(b); err != nil {
				t.Fatal(c.name, err)
			}
			if rows != c.computed || b.Rows() != c.kept {
				t.Errorf("%s: computed for %d rows, want %d; %d rows pass, want %d", c.name, rows, c.computed, b.Rows(), c.kept)
			}
		}
	}
	guarded := compile(t, &And{Args: []Expr{is(Gt, a, n8(0)), is(Gt, f(a), n8(1)), is(Lt, f(a), n8(100))}})
	v := vector.New(types.TInt8, 3)
	v.Int64s[1] = 7
	if err := guarded.Filter(&vector.Batch{Columns: []*vector.Vector{v}, Len: 3}); err != nil {
		t.Error("a row that the guard leaves out was computed:", err)
	}
}

// TestKeepAlike: random conditions over shared parts pass the rows for which the condition's value is true, in every form of the columns.
func TestKeepAlike(t *testing.T) {
	rng := rand.New(rand.NewSource(4))
	rows := 0
	f := counting(&rows)
	var cond func(depth int) Expr
	cond = func(depth int) Expr {
		a := f(&Coalesce{Args: []Expr{&Cast{Arg: col(0, types.TInt4), To: types.TInt8, Implicit: true, Pos: -1}, &Const{Value: types.Datum{Type: types.TInt8, Int: 1}}}, Typ: types.TInt8})
		guard := is(Ne, col(0, types.TInt4), i4(0))
		switch k := rng.Intn(6); {
		case depth == 0 || k < 2:
			return &And{Args: []Expr{guard, is(CompareOp(rng.Intn(6)), a, &Const{Value: types.Datum{Type: types.TInt8, Int: int64(rng.Intn(80) - 40)}})}}
		case k == 2:
			return &Not{Arg: cond(depth - 1)}
		case k == 3:
			return &Or{Args: []Expr{cond(depth - 1), cond(depth - 1), cond(depth - 1)}}
		}
		return &And{Args: []Expr{cond(depth - 1), cond(depth - 1)}}
	}
	for round := range 400 {
		e := cond(3)
		b := testBatch(rng, 1+rng.Intn(300))
		for _, coded := range []bool{false, true} {
			in := &vector.Batch{Len: b.Len, Columns: append([]*vector.Vector{}, b.Columns...)}
			if coded {
				in.Columns[0] = code(in.Columns[0], rng.Intn(4))
			}
			if rng.Intn(2) == 0 {
				in.Sel = []uint16{}
				for i := range in.Len {
					if rng.Intn(3) > 0 {
						in.Sel = append(in.Sel, uint16(i))
					}
				}
			}
			value, err := compile(t, e).Eval(in)
			if err != nil {
				t.Fatal(err)
			}
			var want []int
			for i := range in.Rows() {
				row := i
				if in.Sel != nil {
					row = int(in.Sel[i])
				}
				if d := value.Get(i); !d.Null && d.Bool {
					want = append(want, row)
				}
			}
			s := compile(t, e)
			for range 2 {
				out := *in
				if err := s.Filter(&out); err != nil {
					t.Fatal(err)
				}
				var got []int
				for i := range out.Rows() {
					row := i
					if out.Sel != nil {
						row = int(out.Sel[i])
					}
					got = append(got, row)
				}
				if fmt.Sprint(got) != fmt.Sprint(want) {
					t.Fatalf("round %d: rows %v, want %v\n%s", round, got, want, Text(e, func(c *Column) string { return c.Name }))
				}
			}
		}
	}
}

// TestCarried: what a condition has computed is there for the rows that it leaves, without being computed again.
func TestCarried(t *testing.T) {
	rows := 0
	f := counting(&rows)
	a := col(0, types.TInt8)
	n8 := func(v int64) Expr { return &Const{Value: types.Datum{Type: types.TInt8, Int: v}} }
	for _, c := range []struct {
		name     string
		e        Expr
		computed int
		want     string
	}{
		{"of all rows", &And{Args: []Expr{is(Gt, f(a), n8(6)), is(Lt, f(a), n8(30))}}, 10, "[20 15 12 10 8 7]"},
		{"of some rows", &And{Args: []Expr{is(Gt, a, n8(2)), is(Gt, f(a), n8(6)), is(Ne, f(a), n8(12))}}, 8, "[20 15 10 8 7]"},
		{"of every row", is(Gt, f(a), n8(0)), 10, "[60 30 20 15 12 10 8 7 6 6]"},
	} {
		p, err := CompileCarrying(c.e, place0, []Expr{f(a)})
		if err != nil {
			t.Fatal(err)
		}
		s := p.NewState(testEnv)
		for range 2 {
			v := vector.New(types.TInt8, 10)
			for i := range 10 {
				v.Int64s[i] = int64(i + 1)
			}
			rows = 0
			b := &vector.Batch{Columns: []*vector.Vector{v}, Len: 10}
			if err := s.Filter(b); err != nil {
				t.Fatal(err)
			}
			got, ok := s.Carried(0, b)
			if !ok {
				t.Fatal(c.name, ": nothing was carried")
			}
			var values []int64
			for i := range b.Rows() {
				values = append(values, got.Get(i).Int)
			}
			if fmt.Sprint(values) != c.want || rows != c.computed {
				t.Errorf("%s: %v, want %s; computed for %d rows, want %d", c.name, values, c.want, rows, c.computed)
			}
			if _, ok := s.Carried(0, &vector.Batch{Columns: b.Columns, Len: 10}); ok {
				t.Error("values of another batch")
			}
		}
	}
	if shared, _, carried := Share([]Expr{op("+", f(a), n8(1))}, []Expr{is(Gt, f(a), n8(1))}); len(shared) != 1 || carried[0] == nil {
		t.Errorf("shared %v, carried %v", shared, carried)
	}
	if shared, _, _ := Share([]Expr{op("+", f(a), n8(1))}, []Expr{&Or{Args: []Expr{is(Eq, a, n8(1)), is(Gt, f(a), n8(1))}}}); len(shared) != 0 {
		t.Errorf("what a condition computes for some rows alone is carried: %v", shared)
	}
}
