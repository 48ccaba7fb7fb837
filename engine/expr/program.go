package expr

import (
	"fmt"
	"sync"

	"github.com/redshiftsim/redshiftsim/engine/function"
	"github.com/redshiftsim/redshiftsim/internal/sqlstate"
	"github.com/redshiftsim/redshiftsim/internal/types"
	"github.com/redshiftsim/redshiftsim/internal/vector"
)

// Program is a compiled expression. It is immutable and shared by the tasks that run it; each makes its own State.
//
//	a * (1 - b)        call 3 -+- column 0 (slot 0)
//	                           +- call 2 -+- const (slot 1)
//	                                      +- column 1 (slot 2)      a slot holds what its node computes, in every State
type Program struct {
	root             node
	conds            []filter // of a boolean program: its conjuncts, cheapest first
	typ              types.Type
	slots, condSlots int // of root, of conds
	carried          []*keptNode
}

// Type is the type of the results.
func (p *Program) Type() types.Type { return p.typ }

// node computes one operation over the live rows of a batch.
type node interface {
	// eval gives one value a row of r, dense, in any Form; it stays valid until the node is evaluated again.
	eval(s *State, r *rows) (*vector.Vector, error)
}

// rows says over which rows a node is to be computed: those of sel (nil = all) of a batch. id is new for each such set, so that a column which
// occurs twice is gathered once.
type rows struct {
	b   *vector.Batch
	sel []uint16
	n   int
	id  uint64
	of  uint64 // the batch: new for each that the State is given
}

// slot is the room that a node has in a State.
type slot struct {
	out    vector.Vector    // what it computed
	flat   vector.Vector    // out, or an argument, brought to Flat form
	alias  vector.Vector    // a view of somebody else's data: never written through
	args   []*vector.Vector // of a call
	nulls  []uint64         // buffer for out.Nulls
	nullF  []uint64         // buffer for flat.Nulls
	u8     []uint8          // gathered codes
	u16    []uint16
	u32    []uint32
	sel    [2][]uint16 // rows still undecided, rows taken
	pos    [2][]uint16 // their places in the result
	id     uint64      // rows for which out is valid (columns)
	idF    uint64      // rows for which flat is valid (columns)
	sub    rows        // the set given to operands that see fewer rows
	dict   dictCache
	ready  bool // what depends on constants alone has been computed
	list   *listSet
	lo     int64 // of a range of integers
	hi     int64
	never  bool // no row passes: a bound is NULL or the range is empty
	nulls1 bool // NULL passes (conditions over a dictionary)
	kept   *kept
}

// State is a Program's working memory, owned by one task.
type State struct {
	p     *Program
	env   *function.Env
	slots []slot
	id    uint64
	root  rows
	sel   []uint16 // the selection that Filter leaves in the batch
	none  vector.Vector
	conds *State // of the conditions, which have slots of their own; made by the first Filter
	of    uint64 // the batch that was filtered last
	last  *vector.Batch
}

// NewState makes the working memory of one task.
func (p *Program) NewState(env *function.Env) *State {
	return &State{p: p, env: env}
}

// Eval computes the expression for the live rows of b. The result is dense (one row a live row), in any Form, and valid until the next Eval; a bare
// column of a batch without selection comes back as it is.
func (s *State) Eval(b *vector.Batch) (*vector.Vector, error) {
	if b.Rows() == 0 { // nothing may fail for no row
		s.none.Type = s.p.typ
		s.none.Reset(0)
		return &s.none, nil
	}
	if s.slots == nil {
		s.slots = make([]slot, s.p.slots)
	}
	s.id++
	s.root = rows{b: b, sel: b.Sel, n: b.Rows(), id: s.id, of: s.id}
	return s.p.root.eval(s, &s.root)
}

// Forget makes the State as new, but for room for results: what it was given and has computed can go. Its environment stays.
func (s *State) Forget() {
	for i := range s.slots {
		sl := &s.slots[i]
		clear(sl.args)
		sl.out.Empty()
		*sl = slot{out: sl.out, args: sl.args, nulls: sl.nulls}
	}
	s.root, s.of, s.last, s.none = rows{}, 0, nil, vector.Vector{}
	if s.conds != nil {
		s.conds.Forget()
	}
}

// Const computes an expression without columns: the value of a parameter, a folded constant, a bound of a scan.
func (p *Program) Const(env *function.Env) (types.Datum, error) {
	if d, ok, err := single(p.root, env); ok || err != nil {
		d.Type = p.typ
		return d, err
	}
	return p.NewState(env).Const()
}

// Const is that of the program, in the room of the State: with other parameters in its environment it gives another value.
func (s *State) Const() (types.Datum, error) {
	if d, ok, err := single(s.p.root, s.env); ok || err != nil {
		d.Type = s.p.typ
		return d, err
	}
	if s.id > 0 {
		s.Forget()
	}
	v, err := s.Eval(&vector.Batch{Len: 1})
	if err != nil {
		return types.Datum{}, err
	}
	d := v.Get(0)
	d.Type = s.p.typ
	return d, nil
}

// single computes a constant, a parameter, or a strict function of such, without a State; ok is false for other nodes.
func single(n node, env *function.Env) (d types.Datum, ok bool, err error) {
	switch n := n.(type) {
	case *constNode:
		return n.value, true, nil
	case *paramNode:
		d = env.Params[n.n-1]
		d.Type = n.typ
		return d, true, nil
	case *renameNode:
		d, ok, err = single(n.arg, env)
		d.Type = n.typ
		return d, ok, err
	case *callNode:
		return n.single(env)
	}
	return d, false, nil
}

// single is the call's value for one row.
func (c *callNode) single(env *function.Env) (d types.Datum, ok bool, err error) {
	if !c.fn.Strict || len(c.args) > 2 {
		return d, false, nil
	}
	room := singles.Get().(*singleRoom)
	defer room.free()
	for i, a := range c.args {
		d, ok, err := single(a, env)
		if !ok || err != nil {
			return d, ok, err
		}
		if d.Null {
			return types.NullOf(c.fn.Returns), true, nil
		}
		v := &room.args[i]
		room.lane(v, d.Type, i)
		v.Set(0, d)
		v.Form = vector.Const
		room.at[i] = v
	}
	room.lane(&room.out, c.fn.Returns, 2)
	if err := c.fn.Kernel(env, 1, room.at[:len(c.args)], &room.out); err != nil {
		return d, false, at(err, c.pos)
	}
	return room.out.Get(0), true, nil
}

// singleRoom is the room for a call of one row: vectors of two arguments and the result, and a lane of one element for each.
type singleRoom struct {
	args [2]vector.Vector
	at   [2]*vector.Vector
	out  vector.Vector

	bools  [3]bool
	ints   [3]int64
	wides  [3]types.Int128
	floats [3]float64
	texts  [3]string
}

// singles are rooms that nobody uses.
var singles = sync.Pool{New: func() any { return new(singleRoom) }}

// lane makes v a Flat vector of one row, over lane number i.
func (r *singleRoom) lane(v *vector.Vector, t types.Type, i int) {
	*v = vector.Vector{Type: t, Len: 1}
	switch t.Lane() {
	case types.LaneBool:
		v.Bools = r.bools[i : i+1 : i+1]
	case types.LaneInt:
		v.Int64s = r.ints[i : i+1 : i+1]
	case types.LaneWide:
		v.Wides = r.wides[i : i+1 : i+1]
	case types.LaneFloat:
		v.Floats = r.floats[i : i+1 : i+1]
	default:
		v.Texts = r.texts[i : i+1 : i+1]
	}
}

// free gives the room back, without the texts that were in it.
func (r *singleRoom) free() {
	r.out, r.texts = vector.Vector{}, [3]string{}
	singles.Put(r)
}

// compiler numbers the slots of a program.
type compiler struct {
	layout func(ColumnID) int
	slots  int
	scope  int
	cols   map[scopedColumn]*columnNode
	last   int // the number of the newest scope
	kept   []*keptNode
}

// scopedColumn is a column, by its place in the batch, as one set of rows sees it.
type scopedColumn struct{ pos, scope int }

// newScope names a set of rows.
func (c *compiler) newScope() int {
	c.last++
	return c.last
}

// Compile makes a program of e; layout gives the position of a column in the batches that it will see.
func Compile(e Expr, layout func(ColumnID) int) (*Program, error) {
	return (&compiler{layout: layout}).program(e)
}

// program compiles e; what is in c.kept already is kept by its condition.
func (c *compiler) program(e Expr) (*Program, error) {
	f := &compiler{layout: c.layout, kept: c.kept}
	c.kept = nil
	p := &Program{typ: e.Type()}
	var err error
	if p.root, err = c.node(e); err != nil {
		return nil, err
	}
	p.slots = c.slots
	if p.typ.Kind == types.Bool {
		f.keep(e)
		if p.conds, err = f.conjuncts(e); err != nil {
			return nil, err
		}
		p.condSlots = f.slots
	}
	c.kept = f.kept
	return p, nil
}

// slot takes the next slot.
func (c *compiler) slot() int {
	c.slots++
	return c.slots - 1
}

// scoped compiles an operand that sees fewer rows than its parent: its columns are gathered for themselves.
func (c *compiler) scoped(e Expr) (node, error) {
	old := c.scope
	c.scope = c.newScope()
	n, err := c.node(e)
	c.scope = old
	return n, err
}

// nodes compiles several operands of one scope.
func (c *compiler) nodes(es []Expr) ([]node, error) {
	out := make([]node, len(es))
	for i, e := range es {
		var err error
		if out[i], err = c.node(e); err != nil {
			return nil, err
		}
	}
	return out, nil
}

// node compiles one expression.
func (c *compiler) node(e Expr) (node, error) {
	if k := c.keeps(e); k != nil {
		return c.keptOnce(k)
	}
	switch e := e.(type) {
	case *Column:
		return c.column(e), nil
	case *Const:
		return &constNode{value: e.Value, slot: c.slot()}, nil
	case *Param:
		return &paramNode{n: e.N, typ: e.Typ, slot: c.slot()}, nil
	case *Call:
		args, err := c.nodes(e.Args)
		if err != nil {
			return nil, err
		}
		return &callNode{fn: e.Fn, args: args, slot: c.slot(), argSlots: c.reserve(len(args)), pos: -1}, nil
	case *Cast:
		return c.cast(e)
	case *Compare:
		return c.compare(e)
	case *And:
		return c.logic(e.Args, true)
	case *Or:
		return c.logic(e.Args, false)
	case *Not:
		arg, err := c.node(e.Arg)
		return &notNode{arg: arg, slot: c.slot()}, err
	case *IsNull:
		arg, err := c.node(e.Arg)
		return &isNullNode{arg: arg, not: e.Not, slot: c.slot()}, err
	case *IsBool:
		arg, err := c.node(e.Arg)
		return &isBoolNode{arg: arg, value: e.Value, not: e.Not, slot: c.slot()}, err
	case *In:
		return c.in(e)
	case *Case:
		return c.caseOf(e)
	case *Coalesce:
		n := &coalesceNode{typ: e.Typ, slot: c.slot()}
		for i, a := range e.Args {
			arg, err := c.scopedUnless(i == 0, a)
			if err != nil {
				return nil, err
			}
			n.args = append(n.args, arg)
			n.argSlots = append(n.argSlots, c.slot())
		}
		return n, nil
	case *Subquery:
		return nil, sqlstate.FeatureNotSupported.Errorf("This type of correlated subquery pattern is not supported yet").At(e.Pos)
	}
	panic(fmt.Sprintf("expr: cannot compile a %T", e))
}

// reserve takes n slots in a row and gives the first.
func (c *compiler) reserve(n int) int {
	c.slots += n
	return c.slots - n
}

// scopedUnless is node when plain, else scoped.
func (c *compiler) scopedUnless(plain bool, e Expr) (node, error) {
	if plain {
		return c.node(e)
	}
	return c.scoped(e)
}

// column finds or makes the node of a column in the present scope.
func (c *compiler) column(e *Column) *columnNode {
	pos := c.layout(e.ID)
	if pos < 0 {
		panic(fmt.Sprintf("expr: column %d (%s.%s) is not in the batch", e.ID, e.Table, e.Name))
	}
	key := scopedColumn{pos, c.scope}
	if n := c.cols[key]; n != nil {
		return n
	}
	if c.cols == nil {
		c.cols = map[scopedColumn]*columnNode{}
	}
	n := &columnNode{pos: pos, slot: c.slot()}
	c.cols[key] = n
	return n
}

// cast compiles a conversion; one that changes nothing only renames the type.
func (c *compiler) cast(e *Cast) (node, error) {
	arg, err := c.node(e.Arg)
	if err != nil {
		return nil, err
	}
	from := e.Arg.Type()
	if from == e.To {
		return arg, nil
	}
	if function.Reinterprets(from, e.To) {
		return &renameNode{arg: arg, typ: e.To, slot: c.slot()}, nil
	}
	fn, ok := function.FindCast(from, e.To, !e.Implicit)
	if !ok {
		if fn, ok = function.FindCast(from, e.To, true); !ok { // an implicit one that only comparisons make: numeric = text
			return nil, function.CastError(from, e.To).At(e.Pos)
		}
	}
	pos := -1 // as in PostgreSQL, a row that fails has no place in the text; a literal has
	if l, ok := e.Arg.(*Const); ok {
		pos = l.Place - 1
	}
	if _, literal := e.Arg.(*Const); !literal && !e.Implicit && function.CutsNumeric(from, e.To) {
		fn = function.CutNumeric(fn)
	}
	call := &callNode{fn: fn, args: []node{arg}, slot: c.slot(), argSlots: c.reserve(1), pos: pos}
	if e.Try {
		return &tryNode{call: call}, nil
	}
	return call, nil
}
