package expr

import (
	"math"

	"github.com/redshiftsim/redshiftsim/internal/vector"
)

// keepCost is what an expression must cost a row for its results to be kept: less is computed again sooner than found again.
const keepCost = 4

// carryCost is what an expression must cost a row for a projection to take it from the condition below.
const carryCost = 20

// keptNode is an expression that occurs more than once in a condition. Conditions see ever fewer rows, so it is computed for the rows that ask first,
// and those who ask for some of them later get these: nothing is computed for a row that nobody asks about, so nothing fails that would not have.
//
//	upper(a) <> 'X' AND upper(a) LIKE 'B%'      first: rows 0 1 2 3 4 -> values       second asks for 1 4: the values at 1 and 4
type keptNode struct {
	e        Expr
	arg      node // nil until it is compiled
	slot     int
	compiled bool
}

// kept is what a keptNode has computed for some rows of a batch.
type kept struct {
	of     uint64 // the batch
	values *vector.Vector
	all    bool     // of every row: a value's place is its row's number
	at     []uint16 // row -> place of its value
	has    []uint32 // row -> stamp, where at is of this computation
	stamp  uint32
	places []uint16
}

// CompileCarrying is Compile of a condition that keeps the values of some of its parts for State.Carried.
func CompileCarrying(e Expr, layout func(ColumnID) int, carry []Expr) (*Program, error) {
	c := &compiler{layout: layout}
	for _, x := range carry {
		c.kept = append(c.kept, &keptNode{e: x})
	}
	n := len(carry)
	p, err := c.program(e)
	if err != nil {
		return nil, err
	}
	p.carried = c.kept[:n:n]
	return p, nil
}

// Carried gives the k-th carried part for the live rows of the batch that Filter has narrowed last, dense. false = it was not computed row by row (but once
// for each entry of a dictionary).
func (s *State) Carried(k int, b *vector.Batch) (*vector.Vector, bool) {
	c := s.conds
	if c == nil || s.last != b {
		return nil, false
	}
	n := s.p.carried[k]
	sl := &c.slots[n.slot]
	m := sl.kept
	if n.arg == nil || m == nil || m.of == 0 || m.of != c.of {
		return nil, false
	}
	return n.among(sl, &rows{b: b, sel: b.Sel, n: b.Rows()})
}

// keep finds what occurs more than once in a condition.
func (c *compiler) keep(e Expr) {
	s := sharer{least: keepCost}
	s.count(e, true)
	if len(s.found) > maxShare {
		return
	}
	for _, f := range s.found {
		if f.times > 1 && c.keeps(f.e) == nil {
			c.kept = append(c.kept, &keptNode{e: f.e})
		}
	}
}

// keeps gives the node of an expression whose results are kept, unless it is being compiled.
func (c *compiler) keeps(e Expr) *keptNode {
	if len(c.kept) == 0 {
		return nil
	}
	switch e.(type) {
	case *Column, *Const, *Param:
		return nil
	}
	for _, k := range c.kept {
		if Equal(k.e, e) && (k.arg != nil || !k.compiled) {
			return k
		}
	}
	return nil
}

// keptOnce compiles a kept expression when it is first met. Its columns are gathered for itself: its results stay while others gather them anew.
func (c *compiler) keptOnce(k *keptNode) (node, error) {
	if k.arg == nil {
		k.compiled = true
		arg, err := c.scoped(k.e)
		if err != nil {
			return nil, err
		}
		k.arg, k.slot = arg, c.slot()
	}
	return k, nil
}

func (k *keptNode) eval(s *State, r *rows) (*vector.Vector, error) {
	sl := &s.slots[k.slot]
	if sl.kept == nil {
		sl.kept = &kept{}
	}
	m := sl.kept
	if m.of == r.of {
		if v, ok := k.among(sl, r); ok {
			return v, nil
		}
	}
	m.of = 0
	v, err := k.arg.eval(s, r)
	if err != nil {
		return nil, err
	}
	m.of, m.values, m.all = r.of, v, r.sel == nil
	if !m.all && v.Form != vector.Const {
		m.mark(r.sel, r.b.Len)
	}
	return v, nil
}

// among gives the values of r's rows among those that were computed; false = some were not.
func (k *keptNode) among(sl *slot, r *rows) (*vector.Vector, bool) {
	m := sl.kept
	if m.values.Form == vector.Const {
		sl.alias = *m.values
		sl.alias.Len = r.n
		return &sl.alias, true
	}
	if m.all && r.sel == nil {
		return m.values, true
	}
	places, ok := m.find(r)
	if !ok {
		return nil, false
	}
	return sl.pick(m.values, places), true
}

// mark notes the places of the rows of which there are values.
func (m *kept) mark(sel []uint16, rows int) {
	if len(m.has) < rows || m.stamp == math.MaxUint32 {
		rows = max(rows, vector.Size)
		m.at, m.has, m.stamp = make([]uint16, rows), make([]uint32, rows), 0
	}
	m.stamp++
	for i, row := range sel {
		m.at[row], m.has[row] = uint16(i), m.stamp
	}
}

// find lists the places of r's rows among the values; false = some are not there.
func (m *kept) find(r *rows) ([]uint16, bool) {
	sel := r.sel
	if sel == nil {
		sel = allRows(r.n)
	}
	if m.all {
		return sel, true
	}
	if cap(m.places) < len(m.at) {
		m.places = make([]uint16, len(m.at))
	}
	places := m.places[:len(sel)]
	for i, row := range sel {
		if m.has[row] != m.stamp {
			return nil, false
		}
		places[i] = m.at[row]
	}
	return places, true
}
