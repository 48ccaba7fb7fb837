package expr

import (
	"strings"
	"testing"

	"github.com/redshiftsim/redshiftsim/engine/function"
	"github.com/redshiftsim/redshiftsim/internal/types"
)

// TestShare: what several expressions have in common is found, inner parts before outer ones; what may not be computed for all rows, or gives another value
// each time, is left.
func TestShare(t *testing.T) {
	op := func(o string, l, r Expr) Expr {
		fn, err := function.FindOperator(o, l.Type(), r.Type())
		if err != nil {
			t.Fatal(err)
		}
		return &Call{Fn: fn, Args: []Expr{l, r}, Op: true}
	}
	a, b := &Column{ID: 1, Typ: types.TInt4, Name: "a"}, &Column{ID: 2, Typ: types.TInt4, Name: "b"}
	one := &Const{Value: types.Datum{Type: types.TInt4, Int: 1}}
	sum := func() Expr { return op("+", a, b) }
	isNull := &IsNull{Arg: b}
	random, err := function.Find("random", nil)
	if err != nil {
		t.Fatal(err)
	}
	volatile := &Call{Fn: random}
	for _, c := range []struct {
		in           []Expr
		shared, outs string
	}{
		{[]Expr{a, op("*", sum(), one), op("-", sum(), b)}, "(a + b)", "a; (s0 * 1); (s0 - b)"},
		{[]Expr{op("*", sum(), one), op("-", op("*", sum(), one), a)}, "(a + b); (s0 * 1)", "s1; (s1 - a)"},
		{[]Expr{op("*", sum(), sum())}, "(a + b)", "(s0 * s0)"},
		{[]Expr{&Case{Typ: types.TInt4, Whens: []When{{isNull, sum()}}, Else: sum()}}, "", "CASE WHEN (b IS NULL) THEN (a + b) ELSE (a + b) END"},
		{[]Expr{sum(), &Case{Typ: types.TInt4, Whens: []When{{isNull, sum()}}}}, "(a + b)", "s0; CASE WHEN (b IS NULL) THEN s0 ELSE NULL::integer END"},
		{[]Expr{op("+", volatile, one), op("+", volatile, one)}, "", "(random() + 1); (random() + 1)"},
		{[]Expr{sum(), op("+", b, a)}, "", "(a + b); (b + a)"},
	} {
		shared, out, _ := Share(c.in, nil)
		text := func(list []Expr) string {
			var s []string
			for _, e := range list {
				s = append(s, Text(e, func(c *Column) string {
					if c.ID < 0 {
						return "s" + string(rune('0'-2-c.ID))
					}
					return c.Name
				}))
			}
			return strings.Join(s, "; ")
		}
		if got := text(shared); got != c.shared {
			t.Errorf("shared %s, want %s", got, c.shared)
		}
		if got := text(out); got != c.outs {
			t.Errorf("out %s, want %s", got, c.outs)
		}
	}
}
