package expr

import (
	"errors"

	"github.com/redshiftsim/redshiftsim/engine/function"
	"github.com/redshiftsim/redshiftsim/internal/sqlstate"
	"github.com/redshiftsim/redshiftsim/internal/types"
	"github.com/redshiftsim/redshiftsim/internal/vector"
)

// callNode calls a function's kernel. Calls of constants are computed once a batch; an immutable function of one dictionary column once a
// dictionary entry.
type callNode struct {
	fn       *function.Bound
	args     []node
	slot     int
	argSlots int // the first of len(args) scratch slots
	pos      int // of the literal that is cast, -1 = none: what fails then has no place in the text
}

// at gives an error its position.
func at(err error, pos int) error {
	var e *sqlstate.Error
	if errors.As(err, &e) {
		_ = e.At(pos) // err itself: At writes into it
	}
	return err
}

func (c *callNode) eval(s *State, r *rows) (*vector.Vector, error) {
	sl := &s.slots[c.slot]
	if sl.args == nil {
		sl.args = make([]*vector.Vector, len(c.args))
	}
	args := sl.args
	constant, coded, encoded := 0, 0, -1
	for i, a := range c.args {
		if col, ok := a.(*columnNode); ok {
			if v := r.b.Columns[col.pos]; v.Form != vector.Dict {
				args[i] = col.evalFlat(s, r)
				if args[i].Form == vector.Const {
					constant++
				}
				continue
			}
		}
		v, err := a.eval(s, r)
		if err != nil {
			return nil, err
		}
		args[i] = v
		switch v.Form {
		case vector.Const:
			constant++
		case vector.Dict:
			coded++
			encoded = i
		}
	}
	if constant == len(args) && c.fn.Volatility != function.Volatile {
		out, err := c.call(s, sl, 1, args)
		if err != nil {
			return nil, at(err, c.pos)
		}
		out.Form, out.Len = vector.Const, r.n
		return out, nil
	}
	if coded == 1 && constant == len(args)-1 && c.fn.Strict && c.fn.Volatility == function.Immutable {
		if out := c.callDict(s, sl, r.n, args, encoded); out != nil {
			return out, nil
		}
	}
	for i, v := range args {
		args[i] = s.slots[c.argSlots+i].asFlat(v)
	}
	out, err := c.call(s, sl, r.n, args)
	if err != nil {
		return nil, at(err, c.pos)
	}
	return out, nil
}

// call runs the kernel over n rows into the slot. A strict function's NULLs are merged here; a NULL constant makes the whole result NULL.
func (c *callNode) call(s *State, sl *slot, n int, args []*vector.Vector) (*vector.Vector, error) {
	out := sl.reset(c.fn.Returns, n)
	if c.fn.Strict {
		for _, v := range args {
			if v.Nulls == nil {
				continue
			}
			if v.Form == vector.Const {
				if v.Null(0) {
					return sl.constant(types.NullOf(c.fn.Returns), n), nil
				}
				continue
			}
			if out.Nulls == nil {
				out.Nulls = words(&sl.nulls, n)
			}
			for i, w := range v.Nulls[:len(out.Nulls)] {
				out.Nulls[i] |= w
			}
		}
	} else {
		out.Nulls = words(&sl.nulls, n)
	}
	if err := c.fn.Kernel(s.env, n, args, out); err != nil {
		return nil, err
	}
	if out.Nulls != nil && !anyBit(out.Nulls) {
		out.Nulls = nil
	}
	return out, nil
}

// dictCache keeps what a function made of the entries of one dictionary.
type dictCache struct {
	dict   *vector.Vector // the dictionary that result belongs to; held, so that its address is not used again
	result *vector.Vector // Flat, a value an entry; nil = not computed
	nulls  []uint64       // entries for which the function gave NULL
	seen   int            // rows met with this dictionary
	failed bool           // an entry, perhaps one that no row uses, is an error: rows are computed one by one
}

// ready says whether the dictionary should be computed as a whole: when it is small beside the rows seen with it.
func (d *dictCache) use(dict *vector.Vector, n int) bool {
	if d.dict != dict {
		*d = dictCache{dict: dict}
	}
	d.seen += n
	return !d.failed && (d.result != nil || dict.Len <= 2*d.seen)
}

// callDict computes the function over the dictionary of argument k and gives the rows as codes of the results; nil = not this way.
func (c *callNode) callDict(s *State, sl *slot, n int, args []*vector.Vector, k int) *vector.Vector {
	v, d := args[k], &sl.dict
	if v.Dict.Len == 0 || !d.use(v.Dict, n) {
		return nil
	}
	if d.result == nil {
		call := make([]*vector.Vector, len(args))
		copy(call, args)
		call[k] = v.Dict
		var fresh slot
		out, err := c.call(s, &fresh, v.Dict.Len, call)
		if err != nil {
			d.failed = true
			return nil
		}
		if out.Form == vector.Const {
			return nil
		}
		d.result = &vector.Vector{}
		*d.result = *out
		d.nulls, d.result.Nulls = out.Nulls, nil
	}
	out := &sl.alias
	*out = *v
	out.Type, out.Dict = c.fn.Returns, d.result
	if d.nulls != nil {
		w := words(&sl.nulls, n)
		copy(w, v.Nulls)
		for i := range n {
			code := v.Code(i)
			w[i>>6] |= d.nulls[code>>6] >> (code & 63) & 1 << (uint(i) & 63)
		}
		out.Nulls = w
	}
	return out
}

// tryNode is TRY_CAST: what cannot be converted is NULL. The rows are converted together and, when one fails, one by one.
type tryNode struct{ call *callNode }

func (t *tryNode) eval(s *State, r *rows) (*vector.Vector, error) {
	c := t.call
	arg, err := evalFlat(s, c.args[0], r, c.argSlots)
	if err != nil {
		return nil, err
	}
	sl := &s.slots[c.slot]
	if sl.args == nil {
		sl.args = make([]*vector.Vector, 1)
	}
	sl.args[0] = arg
	n := r.n
	if arg.Form == vector.Const {
		n = min(n, 1)
	}
	if out, err := c.call(s, sl, n, sl.args); err == nil {
		if arg.Form == vector.Const {
			out.Form, out.Len = vector.Const, r.n
		}
		return out, nil
	}
	out := vector.New(c.fn.Returns, n)
	var row slot
	for i := range n {
		d := arg.Get(i)
		one := vector.NewConst(d, 1)
		v, err := c.call(s, &row, 1, []*vector.Vector{one})
		if err != nil {
			out.SetNull(i)
			continue
		}
		out.Set(i, v.Get(0))
	}
	if arg.Form == vector.Const {
		out.Form, out.Len = vector.Const, r.n
	}
	return out, nil
}
