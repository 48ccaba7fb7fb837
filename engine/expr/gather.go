package expr

import (
	"github.com/redshiftsim/redshiftsim/internal/types"
	"github.com/redshiftsim/redshiftsim/internal/vector"
)

// identity lists the rows of a full batch.
var identity = func() (s [vector.Size]uint16) {
	for i := range s {
		s[i] = uint16(i)
	}
	return s
}()

// allRows gives the numbers 0..n-1.
func allRows(n int) []uint16 {
	if n <= len(identity) {
		return identity[:n:n]
	}
	s := make([]uint16, n)
	for i := range s {
		s[i] = uint16(i)
	}
	return s
}

// words gives a zeroed bitmap of n bits from a buffer.
func words(buf *[]uint64, n int) []uint64 {
	w := (n + 63) / 64
	if cap(*buf) < w {
		*buf = make([]uint64, max(w, vector.Size/64))
	}
	b := (*buf)[:w]
	clear(b)
	return b
}

// anyBit says whether a bitmap has a bit set.
func anyBit(b []uint64) bool {
	var or uint64
	for _, w := range b {
		or |= w
	}
	return or != 0
}

// gatherNulls gives the bitmap of the rows sel (nil = the first n) of a bitmap, in a buffer; nil when no row is NULL.
func gatherNulls(buf *[]uint64, nulls []uint64, sel []uint16, n int) []uint64 {
	if nulls == nil {
		return nil
	}
	if sel == nil {
		w := words(buf, n)
		copy(w, nulls)
		return w
	}
	w := words(buf, n)
	var or uint64
	for i, r := range sel {
		bit := nulls[r>>6] >> (r & 63) & 1
		or |= bit
		w[i>>6] |= bit << (uint(i) & 63)
	}
	if or == 0 {
		return nil
	}
	return w
}

// flatten copies the rows sel of v to out in Flat form, reusing out's lane and the bitmap buffer.
func flatten(v *vector.Vector, sel []uint16, n int, out *vector.Vector, nulls *[]uint64) {
	out.Type = v.Type
	if v.Form == vector.Const {
		v.Gather(sel, out)
		return
	}
	bare := *v // without its bitmap, which Gather would copy to fresh memory
	bare.Nulls, bare.Len = nil, n
	bare.Gather(sel, out)
	out.Nulls = gatherNulls(nulls, v.Nulls, sel, n)
}

// asFlat gives v as Flat or Const, through the slot's second vector when it is encoded.
func (sl *slot) asFlat(v *vector.Vector) *vector.Vector {
	if v.Form == vector.Flat || v.Form == vector.Const {
		return v
	}
	flatten(v, nil, v.Len, &sl.flat, &sl.nullF)
	return &sl.flat
}

// reset prepares the slot's result: Flat, n rows, no NULLs.
func (sl *slot) reset(t types.Type, n int) *vector.Vector {
	sl.out.Type = t
	sl.out.Reset(n)
	return &sl.out
}

// constant makes the slot's result one value for n rows.
func (sl *slot) constant(d types.Datum, n int) *vector.Vector {
	out := sl.reset(d.Type, 1)
	if d.Null {
		out.Nulls = words(&sl.nulls, 1)
		out.Nulls[0] = 1
	} else {
		out.Set(0, d)
	}
	out.Form, out.Len = vector.Const, n
	return out
}

// columnNode is a column of the batch.
type columnNode struct {
	pos, slot int
}

func (c *columnNode) eval(s *State, r *rows) (*vector.Vector, error) {
	v := r.b.Columns[c.pos]
	if r.sel == nil {
		return v, nil
	}
	sl := &s.slots[c.slot]
	if sl.id == r.id {
		return &sl.out, nil
	}
	sl.id = r.id
	n := len(r.sel)
	switch v.Form {
	case vector.Const:
		sl.id = 0
		sl.alias = *v
		sl.alias.Len = n
		return &sl.alias, nil
	}
	return sl.pick(v, r.sel), nil
}

// pick gathers the rows sel of a vector that is not Const into the slot's result, in the form that they have.
func (sl *slot) pick(v *vector.Vector, sel []uint16) *vector.Vector {
	out, n := &sl.out, len(sel)
	if v.Form == vector.Flat {
		flatten(v, sel, n, out, &sl.nulls)
		return out
	}
	out.Type, out.Form, out.Len, out.Base, out.Dict = v.Type, v.Form, n, v.Base, v.Dict
	out.U8, out.U16, out.U32 = nil, nil, nil
	switch {
	case v.U8 != nil:
		sl.u8 = pickCodes(sl.u8, v.U8, sel)
		out.U8 = sl.u8
	case v.U16 != nil:
		sl.u16 = pickCodes(sl.u16, v.U16, sel)
		out.U16 = sl.u16
	default:
		sl.u32 = pickCodes(sl.u32, v.U32, sel)
		out.U32 = sl.u32
	}
	out.Nulls = gatherNulls(&sl.nulls, v.Nulls, sel, n)
	return out
}

// evalFlat is eval for who needs Flat or Const: rows are gathered and decoded in one pass, once however often the column occurs.
func (c *columnNode) evalFlat(s *State, r *rows) *vector.Vector {
	v := r.b.Columns[c.pos]
	if v.Form == vector.Const || (r.sel == nil && v.Form == vector.Flat) {
		if r.sel == nil || v.Len == r.n {
			return v
		}
		out, _ := c.eval(s, r)
		return out
	}
	sl := &s.slots[c.slot]
	if sl.idF != r.id {
		flatten(v, r.sel, r.n, &sl.flat, &sl.nullF)
		sl.idF = r.id
	}
	return &sl.flat
}

// pickCodes gathers codes into a buffer.
func pickCodes[C uint8 | uint16 | uint32](buf, codes []C, sel []uint16) []C {
	if cap(buf) < len(sel) {
		buf = make([]C, max(len(sel), min(vector.Size, 2*len(sel)+16)))
	}
	buf = buf[:len(sel)]
	for i, r := range sel {
		buf[i] = codes[r]
	}
	return buf
}

// evalFlat evaluates a node to Flat or Const form; scratch is the slot in which an encoded result is decoded.
func evalFlat(s *State, n node, r *rows, scratch int) (*vector.Vector, error) {
	if c, ok := n.(*columnNode); ok {
		return c.evalFlat(s, r), nil
	}
	v, err := n.eval(s, r)
	if err != nil {
		return nil, err
	}
	return s.slots[scratch].asFlat(v), nil
}

// constNode is a constant.
type constNode struct {
	value types.Datum
	slot  int
}

func (c *constNode) eval(s *State, r *rows) (*vector.Vector, error) {
	sl := &s.slots[c.slot]
	if !sl.ready {
		sl.constant(c.value, r.n)
		sl.ready = true
	}
	sl.out.Len = r.n
	return &sl.out, nil
}

// paramNode is a statement's parameter, constant while the State lives.
type paramNode struct {
	n, slot int
	typ     types.Type
}

func (c *paramNode) eval(s *State, r *rows) (*vector.Vector, error) {
	sl := &s.slots[c.slot]
	if !sl.ready {
		d := s.env.Params[c.n-1]
		d.Type = c.typ
		sl.constant(d, r.n)
		sl.ready = true
	}
	sl.out.Len = r.n
	return &sl.out, nil
}

// renameNode gives a value another type of the same data.
type renameNode struct {
	arg  node
	typ  types.Type
	slot int
}

func (c *renameNode) eval(s *State, r *rows) (*vector.Vector, error) {
	v, err := c.arg.eval(s, r)
	if err != nil {
		return nil, err
	}
	out := &s.slots[c.slot].alias
	*out = *v
	out.Type = c.typ
	return out, nil
}
