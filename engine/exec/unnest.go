package exec

import (
	"github.com/redshiftsim/redshiftsim/engine/expr"
	"github.com/redshiftsim/redshiftsim/internal/nested"
	"github.com/redshiftsim/redshiftsim/internal/super"
	"github.com/redshiftsim/redshiftsim/internal/types"
	"github.com/redshiftsim/redshiftsim/internal/vector"
)

// unnest is the running UnnestStep. It goes through the arrays of a batch row by row and hands on a batch of elements whenever one is full; elements are parts
// of their arrays' bytes, and the other columns are gathered.
//
//	id 1 2 3    a [x, y] NULL [z]     ->    id 1 1 3    element x y z
//
// With On, what rows of a left one have met is known when all elements of the batch have been seen: those that met nothing come last.
type unnest struct {
	counted
	t     *task
	s     *UnnestStep
	value *expr.State
	on    *expr.State

	input   *vector.Batch // at hand; nil = none
	v       *vector.Vector
	flat    gathered
	row     int    // the live row at hand
	element int    // of its array, the next one
	scalar  bool   // elements are values of a type of SQL, as a nested column has them
	last    bool   // the rows that met nothing are what is left
	met     []bool // by live row, when On decides

	kept  []gathered
	picks []uint16 // rows of the input, by row of the batch that is made
	lives []uint16 // the same as live rows
	batch vector.Batch
	made  [3]vector.Vector // element, index or name, met
	nulls [3][vector.Size / 64]uint64
}

func (s *UnnestStep) out([]types.Type) []types.Type { return s.Types }

func (s *UnnestStep) start(t *task, _ []types.Type, next sink) (sink, error) {
	u := &unnest{counted: counted{next: next}, t: t, s: s, value: s.Value.NewState(t.env())}
	if s.On != nil {
		u.on, u.met = s.On.NewState(t.env()), make([]bool, vector.Size)
	}
	u.kept = make([]gathered, len(s.Keep))
	k := len(s.Keep)
	u.batch.Columns = make([]*vector.Vector, k, len(s.Types))
	for i, want := range [...]bool{true, s.At, s.Met} {
		if want {
			u.made[i].Type = s.Types[k]
			u.batch.Columns = append(u.batch.Columns, &u.made[i])
			k++
		}
	}
	kind := u.made[0].Type.Kind
	u.scalar = kind != types.Super && kind != types.Nested
	u.picks, u.lives = make([]uint16, 0, vector.Size), make([]uint16, 0, vector.Size)
	return u, nil
}

// reuse forgets the batch at hand.
func (u *unnest) reuse() {
	u.counted.reuse()
	u.input, u.v = nil, nil
}

// push takes a batch up and hands its first elements on.
func (u *unnest) push(b *vector.Batch) error {
	n := b.Rows()
	if n == 0 {
		return nil
	}
	v, err := u.value.Eval(b)
	if err != nil {
		return err
	}
	if v.Form == vector.Dict {
		v = u.flat.flat(v, nil, n)
	}
	u.input, u.v, u.row, u.element, u.last = b, v, 0, 0, false
	if u.met != nil {
		clear(u.met[:n])
	}
	err = u.resume()
	for err == nil && u.t.eager && u.pending() {
		err = u.resume()
	}
	return err
}

// pending says that the batch at hand has elements left.
func (u *unnest) pending() bool { return u.input != nil }

// resume hands on the next elements.
func (u *unnest) resume() error {
	if err := u.t.canceled(); err != nil {
		return err
	}
	u.begin()
	n := u.input.Rows()
	if u.last {
		u.unmet(n)
	} else {
		u.fill(n)
	}
	b := u.input
	done := u.row == n
	if done {
		u.row = 0
		if u.last || u.on == nil || !u.s.Outer {
			u.input = nil
		}
	}
	if len(u.picks) == 0 {
		u.last = done
		return nil
	}
	out := u.end(b)
	if u.on == nil || u.last {
		return u.emit(out)
	}
	u.last = done && u.s.Outer
	if err := u.on.Filter(out); err != nil {
		return err
	}
	for i := range out.Rows() {
		k := i
		if out.Sel != nil {
			k = int(out.Sel[i])
		}
		u.met[u.lives[k]] = true
	}
	return u.emit(out)
}

// begin empties the batch that is made.
func (u *unnest) begin() {
	u.picks, u.lives = u.picks[:0], u.lives[:0]
	for i := range u.made {
		if v := &u.made[i]; v.Type.Kind != types.Unknown {
			v.Reset(vector.Size)
			clear(u.nulls[i][:])
			v.Nulls = u.nulls[i][:]
		}
	}
}

// pick adds a row of the input; the place of its element comes back.
func (u *unnest) pick(row int) int {
	at := row
	if u.input.Sel != nil {
		at = int(u.input.Sel[row])
	}
	u.picks, u.lives = append(u.picks, uint16(at)), append(u.lives, uint16(row))
	return len(u.picks) - 1
}

// fill takes elements until the batch is full or the input ends.
func (u *unnest) fill(n int) {
	for u.row < n && len(u.picks) < vector.Size {
		v, some := u.of(u.row)
		count := elements(v, some, u.s.Object)
		for ; u.element < count && len(u.picks) < vector.Size; u.element++ {
			u.add(u.pick(u.row), v, u.element)
		}
		if u.element < count {
			return
		}
		if count == 0 && u.s.Outer && u.on == nil {
			if len(u.picks) == vector.Size {
				return
			}
			u.none(u.pick(u.row))
		}
		u.row, u.element = u.row+1, 0
	}
}

// unmet takes the rows of which no element passed.
func (u *unnest) unmet(n int) {
	for ; u.row < n && len(u.picks) < vector.Size; u.row++ {
		if !u.met[u.row] {
			u.none(u.pick(u.row))
		}
	}
}

// of is the value of a live row; false = NULL.
func (u *unnest) of(row int) (super.Value, bool) {
	if u.v.Form == vector.Const {
		row = 0
	}
	if u.v.Null(row) {
		return "", false
	}
	return super.Value(u.v.Texts[row]), true
}

// elements is how many elements a value has: what is no array is one, itself, and what is no object has no attributes.
// https://partiql.org/dql/from.html
func elements(v super.Value, some, object bool) int {
	k := v.Kind()
	switch {
	case !some || k == super.Null:
		return 0
	case object && k == super.Object || !object && k == super.Array:
		return v.Len()
	case object:
		return 0
	}
	return 1
}

// add sets element k of v at place i.
func (u *unnest) add(i int, from super.Value, k int) {
	var x super.Value
	at := &u.made[1]
	switch {
	case u.s.Object:
		name, value := from.Attribute(k)
		x = value
		if u.s.At {
			at.Texts[i] = name
		}
	case from.Kind() == super.Array:
		x, _ = from.Index(k)
		if u.s.At {
			at.Int64s[i] = int64(k)
		}
	default:
		x = from
		if u.s.At {
			u.null(1, i)
		}
	}
	if u.scalar {
		if !nested.Put(&u.made[0], i, x) {
			u.null(0, i)
		}
	} else if u.made[0].Texts[i] = string(x); x.Kind() == super.Null {
		u.null(0, i)
	}
	if u.s.Met {
		u.made[2].Int64s[i] = 1
	}
}

// none makes the new columns NULL at place i.
func (u *unnest) none(i int) {
	for k := range u.made {
		if u.made[k].Type.Kind != types.Unknown {
			u.null(k, i)
		}
	}
}

func (u *unnest) null(k, i int) { u.nulls[k][i>>6] |= 1 << (uint(i) & 63) }

// end completes the batch.
func (u *unnest) end(in *vector.Batch) *vector.Batch {
	n := len(u.picks)
	o := &u.batch
	for i, at := range u.s.Keep {
		o.Columns[i] = u.kept[i].take(in.Columns[at], u.picks)
	}
	for k := range u.made {
		v := &u.made[k]
		if v.Type.Kind == types.Unknown {
			continue
		}
		cutLane(v, n)
		some := uint64(0)
		for _, w := range u.nulls[k][:(n+63)/64] {
			some |= w
		}
		if v.Nulls = u.nulls[k][:(n+63)/64]; some == 0 {
			v.Nulls = nil
		}
	}
	o.Len, o.Sel = n, nil
	return o
}

// cutLane makes v a vector of its first n rows.
func cutLane(v *vector.Vector, n int) {
	v.Len = n
	switch v.Type.Lane() {
	case types.LaneBool:
		v.Bools = v.Bools[:n]
	case types.LaneInt:
		v.Int64s = v.Int64s[:n]
	case types.LaneWide:
		v.Wides = v.Wides[:n]
	case types.LaneFloat:
		v.Floats = v.Floats[:n]
	default:
		v.Texts = v.Texts[:n]
	}
}

// finish has nothing of its own to hand on.
func (u *unnest) finish() error { return u.next.finish() }
