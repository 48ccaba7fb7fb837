package expr

import (
	"cmp"
	"fmt"
	"math"
	"slices"
	"sort"
	"strings"

	"github.com/redshiftsim/redshiftsim/internal/types"
	"github.com/redshiftsim/redshiftsim/internal/vector"
)

// compareNode compares two operands of one lane.
type compareNode struct {
	op          CompareOp
	left, right node
	ls, rs      int // scratch
	slot        int
	typ         types.Type
}

// compare compiles a comparison; a constant stands on the right.
func (c *compiler) compare(e *Compare) (node, error) {
	l, r := e.Left.Type(), e.Right.Type()
	if l.Lane() != r.Lane() || (l.Kind == types.Numeric && r.Kind == types.Numeric && l.Scale != r.Scale) {
		panic(fmt.Sprintf("expr: comparison of %s with %s: a cast is missing", l, r))
	}
	n := &compareNode{op: e.Op, slot: c.slot(), ls: c.slot(), rs: c.slot(), typ: l}
	if l.Kind == types.Unknown {
		n.typ = r
	}
	left, right := e.Left, e.Right
	if isConstant(left) && !isConstant(right) {
		left, right, n.op = right, left, e.Op.Flip()
	}
	var err error
	if n.left, err = c.node(left); err != nil {
		return nil, err
	}
	n.right, err = c.node(right)
	return n, err
}

// isConstant says that e is a constant or a parameter.
func isConstant(e Expr) bool {
	switch e := Bare(e).(type) {
	case *Const, *Param:
		return true
	case *Cast:
		return isConstant(e.Arg)
	}
	return false
}

func (c *compareNode) eval(s *State, r *rows) (*vector.Vector, error) {
	a, err := evalFlat(s, c.left, r, c.ls)
	if err != nil {
		return nil, err
	}
	b, err := evalFlat(s, c.right, r, c.rs)
	if err != nil {
		return nil, err
	}
	sl := &s.slots[c.slot]
	ac, bc := a.Form == vector.Const, b.Form == vector.Const
	if ac && a.Null(0) || bc && b.Null(0) {
		return sl.constant(types.NullOf(types.TBool), r.n), nil
	}
	n, op := r.n, c.op
	if ac && bc {
		n = 1
	} else if ac {
		a, b, ac, bc, op = b, a, false, true, op.Flip()
	}
	out := sl.reset(types.TBool, n)
	compareLanes(c.typ, op, a, b, bc, out.Bools)
	if c.typ.Kind == types.Super && op != Eq && op != Ne {
		return sl.unordered(a, b, ac, bc, r.n), nil
	}
	if ac && bc {
		out.Form, out.Len = vector.Const, r.n
		return out, nil
	}
	switch {
	case a.Nulls == nil && (bc || b.Nulls == nil):
	case bc || b.Nulls == nil:
		out.Nulls = a.Nulls
	case a.Nulls == nil:
		out.Nulls = b.Nulls
	default:
		out.Nulls = words(&sl.nulls, n)
		for i := range out.Nulls {
			out.Nulls[i] = a.Nulls[i] | b.Nulls[i]
		}
	}
	return out, nil
}

// compareLanes fills o with a op b; b is one value when bc.
func compareLanes(t types.Type, op CompareOp, a, b *vector.Vector, bc bool, o []bool) {
	n := len(o)
	switch t.Lane() {
	case types.LaneInt:
		if bc {
			compareConst(op, a.Int64s[:n], b.Int64s[0], o)
		} else {
			compareRows(op, a.Int64s[:n], b.Int64s[:n], o)
		}
	case types.LaneFloat:
		if bc {
			compareConst(op, a.Floats[:n], b.Floats[0], o)
		} else {
			compareRows(op, a.Floats[:n], b.Floats[:n], o)
		}
		for i, x := range a.Floats[:n] { // NaN equals itself and is the greatest
			y := b.Floats[0]
			if !bc {
				y = b.Floats[i]
			}
			if math.IsNaN(x) || math.IsNaN(y) {
				o[i] = op.holds(types.CompareFloat(x, y))
			}
		}
	case types.LaneBool:
		for i, x := range a.Bools[:n] {
			y := b.Bools[0]
			if !bc {
				y = b.Bools[i]
			}
			o[i] = op.holds(cmpBool(x, y))
		}
	case types.LaneWide:
		for i, x := range a.Wides[:n] {
			y := b.Wides[0]
			if !bc {
				y = b.Wides[i]
			}
			o[i] = op.holds(types.CompareWide(t.Kind, x, y))
		}
	default:
		compareTexts(t, op, a, b, bc, o)
	}
}

// compareTexts compares bytes; trailing blanks do not count, but in varbyte.
func compareTexts(t types.Type, op CompareOp, a, b *vector.Vector, bc bool, o []bool) {
	y := b.Texts[0]
	switch {
	case t.Kind == types.Super:
		compareSupers(op, a, b, bc, o)
	case t.Kind == types.Varbyte:
		for i, x := range a.Texts[:len(o)] {
			if !bc {
				y = b.Texts[i]
			}
			o[i] = op.holds(strings.Compare(x, y))
		}
	case (op == Eq || op == Ne) && bc:
		y = types.TrimBlanks(y)
		for i, x := range a.Texts[:len(o)] {
			o[i] = (x == y || len(x) > len(y) && types.TrimBlanks(x) == y) == (op == Eq)
		}
	case op == Eq || op == Ne:
		for i, x := range a.Texts[:len(o)] {
			o[i] = types.EqualText(x, b.Texts[i]) == (op == Eq)
		}
	default:
		for i, x := range a.Texts[:len(o)] {
			if !bc {
				y = b.Texts[i]
			}
			o[i] = op.holds(types.CompareText(x, y))
		}
	}
}

// holds says whether the comparison is true of an order: -1, 0, 1.
func (op CompareOp) holds(c int) bool {
	switch op {
	case Eq:
		return c == 0
	case Ne:
		return c != 0
	case Lt:
		return c < 0
	case Le:
		return c <= 0
	case Gt:
		return c > 0
	}
	return c >= 0
}

func cmpBool(a, b bool) int {
	switch {
	case a == b:
		return 0
	case b:
		return -1
	}
	return 1
}

// compareConst and compareRows spell the operator in the loop.
func compareConst[T cmp.Ordered](op CompareOp, a []T, y T, o []bool) {
	o = o[:len(a)]
	switch op {
	case Eq:
		for i, x := range a {
			o[i] = x == y
		}
	case Ne:
		for i, x := range a {
			o[i] = x != y
		}
	case Lt:
		for i, x := range a {
			o[i] = x < y
		}
	case Le:
		for i, x := range a {
			o[i] = x <= y
		}
	case Gt:
		for i, x := range a {
			o[i] = x > y
		}
	default:
		for i, x := range a {
			o[i] = x >= y
		}
	}
}

func compareRows[T cmp.Ordered](op CompareOp, a, b []T, o []bool) {
	switch op {
	case Gt, Ge:
		a, b, op = b, a, op.Flip()
	}
	o, b = o[:len(a)], b[:len(a)]
	switch op {
	case Eq:
		for i, x := range a {
			o[i] = x == b[i]
		}
	case Ne:
		for i, x := range a {
			o[i] = x != b[i]
		}
	case Lt:
		for i, x := range a {
			o[i] = x < b[i]
		}
	default:
		for i, x := range a {
			o[i] = x <= b[i]
		}
	}
}

// inNode is [NOT] IN a list of constants; other lists are compiled as comparisons.
type inNode struct {
	arg  node
	list []node
	not  bool
	typ  types.Type
	slot int
}

// listSet is a list's values, sorted; small spans of integers also as a bitmap.
type listSet struct {
	ints    []int64
	bits    []uint64 // bit v-ints[0]
	texts   []string // without trailing blanks
	words   []uint64 // of texts, where they are few and short; nil = they are not
	others  []types.Datum
	hasNull bool
}

func (c *compiler) in(e *In) (node, error) {
	for _, x := range e.List {
		if !isConstant(x) || e.Arg.Type().Lane() != x.Type().Lane() {
			return c.node(inAsCompares(e))
		}
	}
	n := &inNode{not: e.Not, typ: e.Arg.Type(), slot: c.slot()}
	var err error
	if n.arg, err = c.node(e.Arg); err != nil {
		return nil, err
	}
	n.list, err = c.nodes(e.List)
	return n, err
}

// inAsCompares writes a list out.
func inAsCompares(e *In) Expr {
	var arms []Expr
	for _, x := range e.List {
		op := Eq
		if e.Not {
			op = Ne
		}
		arms = append(arms, &Compare{Op: op, Left: e.Arg, Right: x})
	}
	if len(arms) == 1 {
		return arms[0]
	}
	if e.Not {
		return &And{Args: arms}
	}
	return &Or{Args: arms}
}

// build makes the set from the list's constants.
func (c *inNode) build(s *State, r *rows) (*listSet, error) {
	set := &listSet{}
	for _, x := range c.list {
		v, err := x.eval(s, r)
		if err != nil {
			return nil, err
		}
		d := v.Get(0)
		switch {
		case d.Null:
			set.hasNull = true
		case c.typ.Lane() == types.LaneInt:
			set.ints = append(set.ints, d.Int)
		case c.typ.Lane() == types.LaneText && c.typ.Kind != types.Varbyte && c.typ.Kind != types.Super:
			set.texts = append(set.texts, types.TrimBlanks(d.Text))
		default:
			d.Type = c.typ
			set.others = append(set.others, d)
		}
	}
	slices.Sort(set.ints)
	sort.Strings(set.texts)
	set.words = shortWords(set.texts)
	if k := len(set.ints); k > 0 {
		if span := uint64(set.ints[k-1]) - uint64(set.ints[0]); span < 1<<16 {
			set.bits = make([]uint64, span/64+1)
			for _, v := range set.ints {
				b := uint64(v) - uint64(set.ints[0])
				set.bits[b>>6] |= 1 << (b & 63)
			}
		}
	}
	return set, nil
}

func (c *inNode) eval(s *State, r *rows) (*vector.Vector, error) {
	sl := &s.slots[c.slot]
	v, err := evalFlat(s, c.arg, r, c.slot)
	if err != nil {
		return nil, err
	}
	if !sl.ready {
		if sl.list, err = c.build(s, r); err != nil {
			return nil, err
		}
		sl.ready = true
	}
	n := r.n
	if v.Form == vector.Const {
		if v.Null(0) {
			return sl.constant(types.NullOf(types.TBool), n), nil
		}
		n = 1
	}
	out, set := sl.reset(types.TBool, n), sl.list
	o := out.Bools
	switch {
	case set.bits != nil:
		lo, span := set.ints[0], uint64(len(set.bits))*64
		for i, x := range v.Int64s[:n] {
			d := uint64(x) - uint64(lo)
			o[i] = d < span && set.bits[d>>6]>>(d&63)&1 != 0
		}
	case c.typ.Lane() == types.LaneInt:
		for i, x := range v.Int64s[:n] {
			_, o[i] = slices.BinarySearch(set.ints, x)
		}
	case c.typ.Lane() == types.LaneText && c.typ.Kind != types.Varbyte && c.typ.Kind != types.Super:
		set.amongTexts(v.Texts[:n], o)
	default:
		for i := range o {
			d := v.Get(i)
			d.Type = c.typ
			o[i] = slices.ContainsFunc(set.others, func(x types.Datum) bool { return types.Compare(&d, &x) == 0 })
		}
	}
	var nulls []uint64
	if v.Form != vector.Const {
		nulls = v.Nulls
	}
	if set.hasNull { // no match among the known ones is unknown
		w := words(&sl.nulls, n)
		copy(w, nulls)
		for i, hit := range o {
			if !hit {
				w[i>>6] |= 1 << (uint(i) & 63)
			}
		}
		nulls = w
	}
	if c.not {
		for i := range o {
			o[i] = !o[i]
		}
	}
	out.Nulls = nulls
	if v.Form == vector.Const {
		out.Form, out.Len = vector.Const, r.n
	}
	return out, nil
}
