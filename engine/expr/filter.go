package expr

import (
	"cmp"
	"math"
	"math/bits"
	"slices"

	"github.com/redshiftsim/redshiftsim/engine/function"
	"github.com/redshiftsim/redshiftsim/internal/types"
	"github.com/redshiftsim/redshiftsim/internal/vector"
)

// filter keeps rows: it gives the rows of r (numbers in the batch, ascending) for which a condition is true. buf is room for the result and may be
// r.sel's own memory: a row is written at or before the place where it was read.
type filter interface {
	filter(s *State, r *rows, buf []uint16) ([]uint16, error)
}

// Filter narrows b.Sel to the rows for which the program, a condition, is true. The selection is the State's and valid until the next Filter.
func (s *State) Filter(b *vector.Batch) error {
	if s.conds == nil {
		s.conds = &State{p: s.p, env: s.env, slots: make([]slot, s.p.condSlots)}
	}
	s.last = b
	s = s.conds
	sel, n := b.Sel, b.Rows()
	of := s.id + 1
	s.of = of
	for _, c := range s.p.conds {
		if n == 0 {
			break
		}
		s.id++
		s.root = rows{b: b, sel: sel, n: n, id: s.id, of: of}
		if n == b.Len {
			s.root.sel = nil
		}
		out, err := c.filter(s, &s.root, s.sel[:0])
		if err != nil {
			return err
		}
		s.sel, sel, n = out[:0], out, len(out)
	}
	if n < b.Rows() {
		b.Sel = sel
	}
	return nil
}

// room gives a buffer of n rows, never nil.
func room(buf []uint16, n int) []uint16 {
	if cap(buf) < n || buf == nil {
		return make([]uint16, n, max(n, min(vector.Size, 2*n+16)))
	}
	return buf[:n]
}

// conjuncts compiles the parts of a condition, cheapest first; the second and later ones see fewer rows, so each has a scope of its own.
func (c *compiler) conjuncts(e Expr) ([]filter, error) {
	parts := Conjuncts(pushNot(e))
	slices.SortStableFunc(parts, func(a, b Expr) int { return cmp.Compare(cost(a), cost(b)) })
	var out []filter
	ranges := map[int]*rangeCond{}
	for _, p := range parts {
		old := c.scope
		c.scope = c.newScope()
		f, err := c.filter(p)
		c.scope = old
		if err != nil {
			return nil, err
		}
		if rc, ok := f.(*rangeCond); ok && !rc.not { // a >= 1 and a < 5 is one range
			if first := ranges[rc.pos]; first != nil {
				first.bounds = append(first.bounds, rc.bounds...)
				continue
			}
			ranges[rc.pos] = rc
		}
		out = append(out, f)
	}
	return out, nil
}

// cost guesses what a condition costs a row.
func cost(e Expr) int {
	n := 0
	Walk(e, func(x Expr) bool {
		n += ownCost(x)
		return true
	})
	return n
}

// ownCost is the part of a node's cost that is not its operands'.
func ownCost(e Expr) int {
	switch x := e.(type) {
	case *Compare:
		n := 1
		if t := x.Left.Type().Lane(); t == types.LaneText || t == types.LaneWide {
			n += 3
		}
		if !isConstant(x.Left) && !isConstant(x.Right) {
			n++
		}
		return n
	case *In:
		return 3
	case *Cast:
		if !function.Reinterprets(x.Arg.Type(), x.To) {
			return 8
		}
	case *Call:
		switch x.Fn.Name {
		case "+", "-", "*":
			return 2
		case "~", "!~", "~*", "!~*", "similar to", "not similar to":
			return 100
		case "~~", "!~~", "~~*", "!~~*":
			return 15
		}
		return 20
	}
	return 0
}

// pushNot moves NOT down to where it can be said otherwise.
func pushNot(e Expr) Expr {
	switch e := e.(type) {
	case *And:
		args := make([]Expr, len(e.Args))
		for i, a := range e.Args {
			args[i] = pushNot(a)
		}
		return &And{Args: args}
	case *Or:
		args := make([]Expr, len(e.Args))
		for i, a := range e.Args {
			args[i] = pushNot(a)
		}
		return &Or{Args: args}
	case *Not:
		switch x := e.Arg.(type) {
		case *Not:
			return pushNot(x.Arg)
		case *Compare:
			return &Compare{Op: x.Op.Negate(), Left: x.Left, Right: x.Right}
		case *IsNull:
			return &IsNull{Arg: x.Arg, Not: !x.Not}
		case *IsBool:
			return &IsBool{Arg: x.Arg, Value: x.Value, Not: !x.Not}
		case *In:
			return &In{Arg: x.Arg, List: x.List, Not: !x.Not}
		case *And:
			return pushNot(&Or{Args: notAll(x.Args)})
		case *Or:
			return pushNot(&And{Args: notAll(x.Args)})
		}
	}
	return e
}

func notAll(es []Expr) []Expr {
	out := make([]Expr, len(es))
	for i, e := range es {
		out[i] = &Not{Arg: e}
	}
	return out
}

// filter compiles one condition.
func (c *compiler) filter(e Expr) (filter, error) {
	e = pushNot(e)
	switch e := e.(type) {
	case *And:
		conds, err := c.conjuncts(e)
		return &andCond{conds: conds, slot: c.slot()}, err
	case *Or:
		n := &orCond{slot: c.slot()}
		for _, a := range e.Args {
			old := c.scope
			c.scope = c.newScope()
			f, err := c.filter(a)
			c.scope = old
			if err != nil {
				return nil, err
			}
			n.conds = append(n.conds, f)
			n.slots = append(n.slots, c.slot())
		}
		return n, nil
	case *IsNull:
		if col, ok := Bare(e.Arg).(*Column); ok {
			return &nullCond{pos: c.column(col).pos, not: e.Not}, nil
		}
	case *Compare:
		op, l, r := e.Op, Bare(e.Left), e.Right
		if _, ok := l.(*Column); !ok {
			op, l, r = e.Op.Flip(), Bare(e.Right), e.Left
		}
		if col, ok := l.(*Column); ok && isConstant(r) && col.Typ.Lane() == types.LaneInt && r.Type().Lane() == types.LaneInt {
			k, err := c.node(r)
			return &rangeCond{pos: c.column(col).pos, bounds: []bound{{op, k}}, not: op == Ne, slot: c.slot()}, err
		}
	}
	n, err := c.node(e)
	if err != nil {
		return nil, err
	}
	f := &boolCond{node: n, pos: -1, slot: c.slot()}
	if cols := Columns(e); len(cols) == 1 && !volatile(e) {
		f.pos = c.layout(cols[0])
	}
	return f, nil
}

// volatile says that e must be computed for every row anew.
func volatile(e Expr) bool {
	v := false
	Walk(e, func(x Expr) bool {
		if c, ok := x.(*Call); ok && c.Fn.Volatility == function.Volatile {
			v = true
		}
		return !v
	})
	return v
}

// andCond is AND: each condition sees the survivors of the former.
type andCond struct {
	conds []filter
	slot  int
}

func (c *andCond) filter(s *State, r *rows, buf []uint16) ([]uint16, error) {
	sl, cur := &s.slots[c.slot], r
	for _, f := range c.conds {
		out, err := f.filter(s, cur, buf)
		if err != nil || len(out) == 0 {
			return out, err
		}
		buf = out[:0]
		cur = s.ask(sl, r, out)
	}
	if len(c.conds) == 0 {
		return everyRow(r, buf), nil
	}
	return buf[:cur.n], nil
}

// orCond is OR: each condition sees the rows that no former one took.
type orCond struct {
	conds []filter
	slots []int
	slot  int
}

func (c *orCond) filter(s *State, r *rows, buf []uint16) ([]uint16, error) {
	sl := &s.slots[c.slot]
	set := words(&sl.nulls, r.b.Len) // rows taken, by number in the batch
	open := append(sl.sel[0][:0], r.sel...)
	if r.sel == nil {
		open = append(open, allRows(r.n)...)
	}
	sl.sel[0] = open
	for i, f := range c.conds {
		if len(open) == 0 {
			break
		}
		taken, err := f.filter(s, s.ask(&s.slots[c.slots[i]], r, open), sl.sel[1][:0])
		if err != nil {
			return nil, err
		}
		sl.sel[1] = taken
		for _, t := range taken {
			set[t>>6] |= 1 << (t & 63)
		}
		k := 0
		for _, t := range open {
			open[k] = t
			k += 1 - int(set[t>>6]>>(t&63)&1)
		}
		open = open[:k]
	}
	buf = room(buf, r.n)
	k := 0
	for i, w := range set {
		for ; w != 0; w &= w - 1 {
			buf[k] = uint16(i<<6 + bits.TrailingZeros64(w))
			k++
		}
	}
	return buf[:k], nil
}

// everyRow passes all rows.
func everyRow(r *rows, buf []uint16) []uint16 {
	if r.sel == nil {
		buf = room(buf, r.n)
		copy(buf, allRows(r.n))
		return buf
	}
	buf = room(buf, len(r.sel))
	copy(buf, r.sel)
	return buf
}

// nullCond is IS [NOT] NULL of a column.
type nullCond struct {
	pos int
	not bool
}

func (c *nullCond) filter(_ *State, r *rows, buf []uint16) ([]uint16, error) {
	v := r.b.Columns[c.pos]
	if v.Nulls == nil || v.Form == vector.Const {
		if (v.Form == vector.Const && v.Null(0)) != c.not {
			return everyRow(r, buf), nil
		}
		return room(buf, 0), nil
	}
	want := uint64(1)
	if c.not {
		want = 0
	}
	return keepNulls(v.Nulls, want, r, buf), nil
}

// keepNulls keeps the rows whose bit is want.
func keepNulls(nulls []uint64, want uint64, r *rows, buf []uint16) []uint16 {
	buf = room(buf, r.n)
	k := 0
	if r.sel == nil {
		for i := range r.n {
			buf[k] = uint16(i)
			k += int(nulls[i>>6]>>(uint(i)&63)&1^want) ^ 1
		}
		return buf[:k]
	}
	for _, i := range r.sel {
		buf[k] = i
		k += int(nulls[i>>6]>>(i&63)&1^want) ^ 1
	}
	return buf[:k]
}

// rangeCond compares a column of the int lane with constants: an interval [lo, hi], or not (<>) a single value. It reads codes where the column
// has them.
type rangeCond struct {
	pos    int
	bounds []bound
	not    bool
	slot   int
}

// bound is one comparison of a range.
type bound struct {
	op CompareOp
	k  node
}

// prepare computes the interval from the constants, once a State.
func (c *rangeCond) prepare(s *State, r *rows, sl *slot) error {
	sl.lo, sl.hi = math.MinInt64, math.MaxInt64
	for _, b := range c.bounds {
		v, err := evalFlat(s, b.k, r, c.slot)
		if err != nil {
			return err
		}
		if v.Null(0) {
			sl.never = true
			break
		}
		k := v.Int64s[0]
		switch b.op {
		case Eq, Ne:
			sl.lo, sl.hi = max(sl.lo, k), min(sl.hi, k)
		case Lt:
			sl.never = sl.never || k == math.MinInt64
			sl.hi = min(sl.hi, k-1)
		case Le:
			sl.hi = min(sl.hi, k)
		case Gt:
			sl.never = sl.never || k == math.MaxInt64
			sl.lo = max(sl.lo, k+1)
		case Ge:
			sl.lo = max(sl.lo, k)
		}
	}
	sl.never = sl.never || sl.lo > sl.hi
	sl.ready = true
	return nil
}

func (c *rangeCond) filter(s *State, r *rows, buf []uint16) ([]uint16, error) {
	sl := &s.slots[c.slot]
	if !sl.ready {
		if err := c.prepare(s, r, sl); err != nil {
			return nil, err
		}
	}
	if sl.never {
		return room(buf, 0), nil
	}
	v, lo, hi, not := r.b.Columns[c.pos], sl.lo, sl.hi, 0
	if c.not {
		not = 1
	}
	switch v.Form {
	case vector.Const:
		if x := v.Int64s[0]; !v.Null(0) && (x >= lo && x <= hi) != c.not {
			return everyRow(r, buf), nil
		}
		return room(buf, 0), nil
	case vector.Flat:
		buf = pickRange(v.Int64s, uint64(lo), uint64(hi)-uint64(lo), not, r, buf)
	case vector.Dict:
		d := &sl.dict
		if d.dict != v.Dict {
			*d = dictCache{dict: v.Dict, result: vector.New(types.TBool, v.Dict.Len)}
			for i, x := range v.Dict.Int64s {
				d.result.Bools[i] = (x >= lo && x <= hi) != c.not
			}
		}
		buf = pickMask(v, d.result.Bools, r, buf)
	default:
		top := uint64(math.MaxUint32)
		switch {
		case v.U8 != nil:
			top = math.MaxUint8
		case v.U16 != nil:
			top = math.MaxUint16
		}
		from, to := uint64(0), uint64(hi)-uint64(v.Base)
		if lo > v.Base {
			from = uint64(lo) - uint64(v.Base)
		}
		to = min(to, top)
		if hi < v.Base || from > top { // no code is inside
			if !c.not {
				return room(buf, 0), nil
			}
			buf = everyRow(r, buf)
			break
		}
		if from == 0 && to == top { // every code is
			if c.not {
				return room(buf, 0), nil
			}
			buf = everyRow(r, buf)
			break
		}
		switch {
		case v.U8 != nil:
			buf = pickCodeRange(v.U8, uint8(from), uint8(to-from), not, r, buf)
		case v.U16 != nil:
			buf = pickCodeRange(v.U16, uint16(from), uint16(to-from), not, r, buf)
		default:
			buf = pickCodeRange(v.U32, uint32(from), uint32(to-from), not, r, buf)
		}
	}
	return dropNulls(v.Nulls, buf), nil
}

// boolCond is any other condition: its value is computed and the true rows kept. Over one dictionary column it is computed once an entry.
type boolCond struct {
	node node
	pos  int // of the only column, -1 = several
	slot int
}

func (c *boolCond) filter(s *State, r *rows, buf []uint16) ([]uint16, error) {
	if c.pos >= 0 {
		if v := r.b.Columns[c.pos]; v.Form == vector.Dict {
			if mask := c.mask(s, v, r.n); mask != nil {
				switch {
				case v.Nulls == nil:
					return pickMask(v, mask, r, buf), nil
				case s.slots[c.slot].nulls1:
					return c.withNulls(v, mask, r, buf), nil
				}
				return dropNulls(v.Nulls, pickMask(v, mask, r, buf)), nil
			}
		}
	}
	v, err := evalFlat(s, c.node, r, c.slot)
	if err != nil {
		return nil, err
	}
	if v.Form == vector.Const {
		if !v.Null(0) && v.Bools[0] {
			return everyRow(r, buf), nil
		}
		return room(buf, 0), nil
	}
	return pickBools(v, r, buf), nil
}

// mask computes the condition for every entry of v's dictionary, and for NULL; nil = the dictionary is not worth it, or an entry fails.
func (c *boolCond) mask(s *State, v *vector.Vector, n int) []bool {
	sl, dict := &s.slots[c.slot], v.Dict
	if !sl.dict.use(dict, n) {
		return nil
	}
	if sl.dict.result != nil {
		return sl.dict.result.Bools
	}
	mask := vector.New(types.TBool, dict.Len)
	b := vector.Batch{Columns: make([]*vector.Vector, c.pos+1)}
	part := vector.New(v.Type, 1)
	part.SetNull(0)
	b.Columns[c.pos], b.Len = part, 1
	one, err := c.test(s, &b)
	if err != nil {
		sl.dict.failed = true
		return nil
	}
	sl.nulls1 = !one.Null(0) && one.Bools[0]
	for lo := 0; lo < dict.Len; lo += vector.Size {
		hi := min(dict.Len, lo+vector.Size)
		b.Columns[c.pos], b.Len = window(dict, v.Type, lo, hi), hi-lo
		out, err := c.test(s, &b)
		if err != nil {
			sl.dict.failed = true
			return nil
		}
		for i := range hi - lo {
			x := i
			if out.Form == vector.Const {
				x = 0
			}
			mask.Bools[lo+i] = out.Bools[x] && !out.Null(x)
		}
	}
	sl.dict.result = mask
	return mask.Bools
}

// test evaluates the condition over a batch made for it.
func (c *boolCond) test(s *State, b *vector.Batch) (*vector.Vector, error) {
	s.id++
	return evalFlat(s, c.node, &rows{b: b, n: b.Len, id: s.id, of: s.id}, c.slot)
}

// window is a view of rows [lo, hi) of a Flat vector without NULLs.
func window(v *vector.Vector, t types.Type, lo, hi int) *vector.Vector {
	w := &vector.Vector{Type: t, Len: hi - lo}
	switch t.Lane() {
	case types.LaneBool:
		w.Bools = v.Bools[lo:hi]
	case types.LaneInt:
		w.Int64s = v.Int64s[lo:hi]
	case types.LaneWide:
		w.Wides = v.Wides[lo:hi]
	case types.LaneFloat:
		w.Floats = v.Floats[lo:hi]
	default:
		w.Texts = v.Texts[lo:hi]
	}
	return w
}

// withNulls keeps the rows whose entry passes and the NULL ones.
func (c *boolCond) withNulls(v *vector.Vector, mask []bool, r *rows, buf []uint16) []uint16 {
	sel := r.sel
	if sel == nil {
		sel = allRows(r.n)
	}
	buf = room(buf, len(sel))
	k := 0
	for _, i := range sel {
		if v.Null(int(i)) || mask[v.Code(int(i))] {
			buf[k] = i
			k++
		}
	}
	return buf[:k]
}
