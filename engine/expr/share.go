package expr

import (
	"slices"

	"github.com/redshiftsim/redshiftsim/engine/function"
)

// SharedID is the column under which the k-th shared expression is known.
func SharedID(k int) ColumnID { return ColumnID(-2 - k) }

// maxShare bounds the expressions that Share looks at.
const maxShare = 512

// Share finds what several expressions, computed over the same rows, have in common, so that it is computed once.
//
//	price * (1 - discount), price * (1 - discount) * (1 + tax)
//	  shared: #-2 = 1 - discount, #-3 = price * #-2          out: #-3, #-3 * (1 + tax)
//
// A shared expression may name those before it. One that is only computed for some rows (an arm of CASE, what follows in COALESCE, AND, OR) is shared if it
// is computed for all rows elsewhere: it fails where it would have failed. Volatile functions are called every time. out is es when nothing is shared.
//
// conds are conditions that only the rows have passed over which es is computed. What these have computed of es is shared, too: carried[k] is what shared[k]
// was in them, for CompileCarrying, nil = it is in none.
func Share(es, conds []Expr) (shared, out, carried []Expr) {
	s := sharer{}
	for _, e := range es {
		if _, bare := e.(*Column); !bare {
			s.count(e, true)
		}
	}
	c := sharer{least: carryCost}
	for _, e := range conds {
		c.count(e, true)
	}
	if len(s.found) > maxShare {
		return nil, es, nil
	}
	computed := map[*occurrence]bool{}
	for _, f := range s.found {
		computed[f] = c.computes(f)
		if f.times > 1 && f.always || computed[f] {
			s.chosen = append(s.chosen, f)
		}
	}
	if len(s.chosen) == 0 {
		return nil, es, nil
	}
	slices.SortStableFunc(s.chosen, func(a, b *occurrence) int { return a.size - b.size }) // what is part of another comes before it
	shared, carried = make([]Expr, len(s.chosen)), make([]Expr, len(s.chosen))
	for k, f := range s.chosen {
		if shared[k] = s.below(f.e); computed[f] {
			carried[k] = f.e
		}
	}
	out = make([]Expr, len(es))
	for i, e := range es {
		out[i] = s.replace(e)
	}
	return shared, out, carried
}

// computes says whether conditions have computed an expression for every row that they leave.
func (s *sharer) computes(f *occurrence) bool {
	for _, o := range s.found {
		if o.always && o.size == f.size && Equal(o.e, f.e) {
			return true
		}
	}
	return false
}

// occurrence is an expression that was met.
type occurrence struct {
	e      Expr
	size   int // nodes
	times  int
	always bool // somewhere it is computed for all rows
}

type sharer struct {
	found, chosen []*occurrence
	least         int // what an expression must cost to be looked at
}

// count meets e and its operands; always says that it is computed for all rows. It gives e's size and cost, and whether e may be shared.
func (s *sharer) count(e Expr, always bool) (size, cost int, sharable bool) {
	size, cost, sharable = 1, ownCost(e), true
	columns := false
	for i, c := range children(e) {
		n, price, ok := s.count(c, always && (i == 0 || strictIn(e)))
		size, cost = size+n, cost+price
		sharable = sharable && ok
		if _, fixed := c.(*Const); !fixed {
			columns = true
		}
	}
	switch e := e.(type) {
	case *Column, *Const, *Param:
		return size, cost, true
	case *Subquery:
		return size, cost, false
	case *Call:
		sharable = sharable && e.Fn.Volatility != function.Volatile
	case *Cast:
		if function.Reinterprets(e.Arg.Type(), e.To) { // nothing is computed
			return size, cost, sharable
		}
	}
	if !sharable || !columns || cost < s.least || len(s.found) > maxShare {
		return size, cost, sharable
	}
	for _, f := range s.found {
		if f.size == size && Equal(f.e, e) {
			f.times++
			f.always = f.always || always
			return size, cost, true
		}
	}
	s.found = append(s.found, &occurrence{e: e, size: size, times: 1, always: always})
	return size, cost, true
}

// strictIn says whether all operands of a node are computed for all rows; of the others it is the first alone.
func strictIn(e Expr) bool {
	switch e.(type) {
	case *And, *Or, *Case, *Coalesce, *In:
		return false
	}
	return true
}

// replace puts the columns of shared expressions into e.
func (s *sharer) replace(e Expr) Expr {
	for k := len(s.chosen) - 1; k >= 0; k-- {
		if f := s.chosen[k]; Equal(f.e, e) {
			return &Column{ID: SharedID(k), Typ: e.Type()}
		}
	}
	return s.below(e)
}

// below is replace of e's operands.
func (s *sharer) below(e Expr) Expr {
	c := children(e)
	changed := false
	for i, x := range c {
		if y := s.replace(x); y != x {
			c[i], changed = y, true
		}
	}
	if !changed {
		return e
	}
	return withChildren(e, c)
}
