package expr

import (
	"github.com/redshiftsim/redshiftsim/internal/types"
	"github.com/redshiftsim/redshiftsim/internal/vector"
)

// part is the rows of a set that an operand is still asked about: their numbers in the batch, and their places in the result.
//
//	r.sel   3  17  40  41  90        places  0 1 2 3 4
//	part    3      40      90        places  0   2   4
type part struct{ sel, pos []uint16 }

// whole is all of r, in the slot's buffers, which may then be narrowed in place.
func (sl *slot) whole(r *rows) part {
	sl.pos[0] = append(sl.pos[0][:0], allRows(r.n)...)
	if r.sel == nil {
		sl.sel[0] = append(sl.sel[0][:0], sl.pos[0]...)
	} else {
		sl.sel[0] = append(sl.sel[0][:0], r.sel...)
	}
	return part{sl.sel[0], sl.pos[0]}
}

// ask makes the set of rows for an operand that sees only those of sel.
func (s *State) ask(sl *slot, r *rows, sel []uint16) *rows {
	s.id++
	sl.sub = rows{b: r.b, sel: sel, n: len(sel), id: s.id, of: r.of}
	if len(sel) == r.b.Len {
		sl.sub.sel = nil
	}
	return &sl.sub
}

// logicNode is AND (and = true) or OR. An operand is computed only for the rows that the ones before it left open, so that what they exclude
// cannot fail there.
type logicNode struct {
	args     []node
	argSlots []int // scratch, and the set of rows of each operand
	and      bool
	slot     int
}

func (c *compiler) logic(es []Expr, and bool) (node, error) {
	n := &logicNode{and: and, slot: c.slot()}
	for i, e := range es {
		a, err := c.scopedUnless(i == 0, e)
		if err != nil {
			return nil, err
		}
		n.args = append(n.args, a)
		n.argSlots = append(n.argSlots, c.slot())
	}
	return n, nil
}

func (l *logicNode) eval(s *State, r *rows) (*vector.Vector, error) {
	sl := &s.slots[l.slot]
	first, err := evalFlat(s, l.args[0], r, l.argSlots[0])
	if err != nil {
		return nil, err
	}
	if first.Form == vector.Const && !first.Null(0) && first.Bools[0] != l.and {
		return sl.constant(types.Datum{Type: types.TBool, Bool: !l.and}, r.n), nil
	}
	open := sl.whole(r)
	out := sl.reset(types.TBool, r.n)
	for i := range out.Bools {
		out.Bools[i] = l.and
	}
	nulls := words(&sl.nulls, r.n)
	v := first
	for i, a := range l.args {
		if i > 0 {
			if len(open.sel) == 0 {
				break
			}
			if v, err = evalFlat(s, a, s.ask(&s.slots[l.argSlots[i]], r, open.sel), l.argSlots[i]); err != nil {
				return nil, err
			}
		}
		k := 0
		for j, p := range open.pos { // v's row j stands at place p
			x := j
			if v.Form == vector.Const {
				x = 0
			}
			null := v.Null(x)
			if !null && v.Bools[x] != l.and { // decided
				out.Bools[p] = !l.and
				nulls[p>>6] &^= 1 << (p & 63)
				continue
			}
			if null {
				nulls[p>>6] |= 1 << (p & 63)
			}
			open.sel[k], open.pos[k] = open.sel[j], p
			k++
		}
		open = part{open.sel[:k], open.pos[:k]}
	}
	if anyBit(nulls) {
		out.Nulls = nulls
	}
	return out, nil
}

// notNode is NOT.
type notNode struct {
	arg  node
	slot int
}

func (c *notNode) eval(s *State, r *rows) (*vector.Vector, error) {
	v, err := evalFlat(s, c.arg, r, c.slot)
	if err != nil {
		return nil, err
	}
	sl := &s.slots[c.slot]
	if v.Form == vector.Const {
		d := v.Get(0)
		d.Type, d.Bool = types.TBool, !d.Bool
		return sl.constant(d, r.n), nil
	}
	out := sl.reset(types.TBool, r.n)
	for i, b := range v.Bools[:r.n] {
		out.Bools[i] = !b
	}
	out.Nulls = v.Nulls
	return out, nil
}

// isNullNode is IS [NOT] NULL.
type isNullNode struct {
	arg  node
	not  bool
	slot int
}

func (c *isNullNode) eval(s *State, r *rows) (*vector.Vector, error) {
	v, err := c.arg.eval(s, r)
	if err != nil {
		return nil, err
	}
	sl := &s.slots[c.slot]
	if v.Form == vector.Const || v.Nulls == nil {
		null := v.Form == vector.Const && v.Null(0)
		return sl.constant(types.Datum{Type: types.TBool, Bool: null != c.not}, r.n), nil
	}
	out := sl.reset(types.TBool, r.n)
	for i := range out.Bools {
		out.Bools[i] = (v.Nulls[i>>6]>>(uint(i)&63)&1 != 0) != c.not
	}
	return out, nil
}

// isBoolNode is IS [NOT] TRUE or FALSE.
type isBoolNode struct {
	arg        node
	value, not bool
	slot       int
}

func (c *isBoolNode) eval(s *State, r *rows) (*vector.Vector, error) {
	v, err := evalFlat(s, c.arg, r, c.slot)
	if err != nil {
		return nil, err
	}
	sl := &s.slots[c.slot]
	if v.Form == vector.Const {
		is := !v.Null(0) && v.Bools[0] == c.value
		return sl.constant(types.Datum{Type: types.TBool, Bool: is != c.not}, r.n), nil
	}
	out := sl.reset(types.TBool, r.n)
	for i := range out.Bools {
		out.Bools[i] = (!v.Null(i) && v.Bools[i] == c.value) != c.not
	}
	return out, nil
}
