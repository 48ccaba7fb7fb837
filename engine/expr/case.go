package expr

import (
	"github.com/redshiftsim/redshiftsim/internal/types"
	"github.com/redshiftsim/redshiftsim/internal/vector"
)

// caseNode is CASE: each condition filters the rows that the ones before left, and its result is computed for the rows it took.
type caseNode struct {
	whens     []caseArm
	otherwise node // nil = NULL
	elseSlot  int
	typ       types.Type
	slot      int
}

type caseArm struct {
	cond filter
	then node
	slot int // set of rows and scratch of then
}

func (c *compiler) caseOf(e *Case) (node, error) {
	n := &caseNode{typ: e.Typ, slot: c.slot()}
	for i, w := range e.Whens {
		old := c.scope
		if i > 0 {
			c.scope = c.newScope()
		}
		cond, err := c.filter(w.Cond)
		c.scope = old
		if err != nil {
			return nil, err
		}
		then, err := c.scoped(w.Then)
		if err != nil {
			return nil, err
		}
		n.whens = append(n.whens, caseArm{cond, then, c.slot()})
	}
	if e.Else != nil {
		var err error
		if n.otherwise, err = c.scoped(e.Else); err != nil {
			return nil, err
		}
		n.elseSlot = c.slot()
	}
	return n, nil
}

func (c *caseNode) eval(s *State, r *rows) (*vector.Vector, error) {
	sl := &s.slots[c.slot]
	open := sl.whole(r)
	out := sl.reset(c.typ, r.n)
	nulls := words(&sl.nulls, r.n)
	for i := range c.whens {
		if len(open.sel) == 0 {
			break
		}
		arm := &c.whens[i]
		as := &s.slots[arm.slot]
		rest := r // the first condition sees all rows
		if i > 0 {
			rest = s.ask(as, r, open.sel)
		}
		taken, err := arm.cond.filter(s, rest, sl.sel[1][:0])
		if err != nil {
			return nil, err
		}
		sl.sel[1] = taken[:0]
		if len(taken) == 0 {
			continue
		}
		var pos []uint16
		open, pos = sl.split(open, taken)
		v, err := evalFlat(s, arm.then, s.ask(as, r, taken), arm.slot)
		if err != nil {
			return nil, err
		}
		scatter(out, nulls, v, pos)
	}
	if len(open.sel) > 0 {
		if c.otherwise == nil {
			for _, p := range open.pos {
				nulls[p>>6] |= 1 << (p & 63)
			}
		} else {
			v, err := evalFlat(s, c.otherwise, s.ask(&s.slots[c.elseSlot], r, open.sel), c.elseSlot)
			if err != nil {
				return nil, err
			}
			scatter(out, nulls, v, open.pos)
		}
	}
	if anyBit(nulls) {
		out.Nulls = nulls
	}
	return out, nil
}

// split takes the rows taken out of open, in place, and gives the rest and the places of the taken ones.
func (sl *slot) split(open part, taken []uint16) (rest part, pos []uint16) {
	if cap(sl.pos[1]) < len(taken) {
		sl.pos[1] = make([]uint16, 0, max(len(taken), min(vector.Size, 2*len(taken)+16)))
	}
	pos = sl.pos[1][:0]
	k, t := 0, 0
	for i, row := range open.sel {
		if t < len(taken) && taken[t] == row {
			pos = append(pos, open.pos[i])
			t++
			continue
		}
		open.sel[k], open.pos[k] = row, open.pos[i]
		k++
	}
	sl.pos[1] = pos
	return part{open.sel[:k], open.pos[:k]}, pos
}

// scatter writes v's rows (Flat or Const) to places of out; NULLs go to the bitmap.
func scatter(out *vector.Vector, nulls []uint64, v *vector.Vector, pos []uint16) {
	if v.Nulls != nil {
		if v.Form == vector.Const {
			if v.Null(0) {
				for _, p := range pos {
					nulls[p>>6] |= 1 << (p & 63)
				}
				return
			}
		} else {
			for i, p := range pos {
				nulls[p>>6] |= v.Nulls[i>>6] >> (uint(i) & 63) & 1 << (p & 63)
			}
		}
	}
	one := v.Form == vector.Const
	switch out.Type.Lane() {
	case types.LaneBool:
		place(out.Bools, v.Bools, pos, one)
	case types.LaneInt:
		place(out.Int64s, v.Int64s, pos, one)
	case types.LaneWide:
		place(out.Wides, v.Wides, pos, one)
	case types.LaneFloat:
		place(out.Floats, v.Floats, pos, one)
	default:
		place(out.Texts, v.Texts, pos, one)
	}
}

func place[T any](dst, src []T, pos []uint16, one bool) {
	if one {
		x := src[0]
		for _, p := range pos {
			dst[p] = x
		}
		return
	}
	src = src[:len(pos)]
	for i, p := range pos {
		dst[p] = src[i]
	}
}

// coalesceNode is COALESCE: an argument is computed for the rows for which all before it were NULL.
type coalesceNode struct {
	args     []node
	argSlots []int
	typ      types.Type
	slot     int
}

func (c *coalesceNode) eval(s *State, r *rows) (*vector.Vector, error) {
	sl := &s.slots[c.slot]
	v, err := evalFlat(s, c.args[0], r, c.argSlots[0])
	if err != nil {
		return nil, err
	}
	if v.Nulls == nil || v.Form == vector.Const && !v.Null(0) {
		return v, nil
	}
	open := sl.whole(r)
	out := sl.reset(c.typ, r.n)
	nulls := words(&sl.nulls, r.n)
	for i, a := range c.args {
		if i > 0 {
			if len(open.sel) == 0 {
				break
			}
			if v, err = evalFlat(s, a, s.ask(&s.slots[c.argSlots[i]], r, open.sel), c.argSlots[i]); err != nil {
				return nil, err
			}
		}
		for _, p := range open.pos {
			nulls[p>>6] &^= 1 << (p & 63)
		}
		scatter(out, nulls, v, open.pos)
		k := 0
		for j, p := range open.pos {
			if nulls[p>>6]>>(p&63)&1 != 0 {
				open.sel[k], open.pos[k] = open.sel[j], p
				k++
			}
		}
		open = part{open.sel[:k], open.pos[:k]}
	}
	if anyBit(nulls) {
		out.Nulls = nulls
	}
	return out, nil
}
