package expr

import (
	"strings"

	"github.com/redshiftsim/redshiftsim/engine/function"
	"github.com/redshiftsim/redshiftsim/internal/types"
)

// Fold computes what is known before the statement runs: immutable calls of constants, conditions that constants decide. What fails while it is
// folded is left as it is, to fail when a row needs it. env may be nil.
func Fold(e Expr, env *function.Env) (Expr, error) {
	return Rewrite(e, func(e Expr) Expr { return foldNode(e, env) }), nil
}

// constBool gives the value of a boolean constant: 1 true, 0 false, -1 NULL; ok = e is one.
func constBool(e Expr) (v int, ok bool) {
	c, ok := e.(*Const)
	switch {
	case !ok:
		return 0, false
	case c.Value.Null:
		return -1, true
	case c.Value.Type.Kind != types.Bool:
		return 0, false
	case c.Value.Bool:
		return 1, true
	}
	return 0, true
}

func isConst(e Expr) bool {
	_, ok := e.(*Const)
	return ok
}

func isNullConst(e Expr) bool {
	c, ok := e.(*Const)
	return ok && c.Value.Null
}

func boolConst(v bool) Expr { return &Const{Value: types.Datum{Type: types.TBool, Bool: v}} }

func nullConst(t types.Type) Expr { return &Const{Value: types.NullOf(t)} }

// foldNode folds one node whose operands are folded.
func foldNode(e Expr, env *function.Env) Expr {
	switch e := e.(type) {
	case *And:
		return foldLogic(e.Args, true)
	case *Or:
		return foldLogic(e.Args, false)
	case *Not:
		if v, ok := constBool(e.Arg); ok {
			if v < 0 {
				return nullConst(types.TBool)
			}
			return boolConst(v == 0)
		}
		if n := pushNot(e); n != Expr(e) {
			if _, still := n.(*Not); !still {
				return n
			}
		}
	case *IsNull:
		if c, ok := e.Arg.(*Const); ok {
			return boolConst(c.Value.Null != e.Not)
		}
	case *IsBool:
		if v, ok := constBool(e.Arg); ok {
			return boolConst((v >= 0 && (v == 1) == e.Value) != e.Not)
		}
	case *Compare:
		if isNullConst(e.Left) || isNullConst(e.Right) {
			return nullConst(types.TBool)
		}
		if isConst(e.Left) && isConst(e.Right) {
			return evaluated(e, env)
		}
	case *In:
		if isNullConst(e.Arg) {
			return nullConst(types.TBool)
		}
		if allConst(e.List) && isConst(e.Arg) {
			return evaluated(e, env)
		}
	case *Cast:
		c, ok := e.Arg.(*Const)
		switch {
		case !ok:
		case c.Value.Null:
			return nullConst(e.To)
		case !timeless(c, e.To):
		default:
			return evaluated(e, env)
		}
	case *Call:
		if e.Fn.Volatility == function.Volatile {
			return e
		}
		if e.Fn.Strict {
			for _, a := range e.Args {
				if isNullConst(a) {
					return nullConst(e.Fn.Returns)
				}
			}
		}
		if e.Fn.Volatility == function.Immutable && allConst(e.Args) && e.Fn.Place != function.ComputeOnly {
			return evaluated(e, env)
		}
	case *Case:
		return foldCase(e)
	case *Coalesce:
		return foldCoalesce(e)
	}
	return e
}

func allConst(es []Expr) bool {
	for _, e := range es {
		if !isConst(e) {
			return false
		}
	}
	return true
}

// timeless says that the cast of a constant gives the same on every day and in every session: 'today'::date and a timestamptz without its zone
// are left for the run.
func timeless(c *Const, to types.Type) bool {
	fn, ok := function.FindCast(c.Value.Type, to, true)
	if !ok || fn.Volatility != function.Immutable {
		return false
	}
	if to.IsDatetime() && c.Value.Type.Lane() == types.LaneText {
		if to.Kind == types.TimestampTZ || to.Kind == types.TimeTZ {
			return false
		}
		s := strings.ToLower(c.Value.Text)
		for _, w := range []string{"now", "today", "tomorrow", "yesterday"} {
			if strings.Contains(s, w) {
				return false
			}
		}
	}
	return true
}

// evaluated computes e, or leaves it when that fails.
func evaluated(e Expr, env *function.Env) Expr {
	p, err := Compile(e, func(ColumnID) int { return -1 })
	if err != nil {
		return e
	}
	if env == nil {
		env = &function.Env{}
	}
	d, err := p.Const(env)
	if err != nil {
		return e
	}
	return &Const{Value: d}
}

// foldLogic simplifies AND (and = true) and OR: neutral operands go, a deciding one decides, nested ones are flattened.
func foldLogic(args []Expr, and bool) Expr {
	var out []Expr
	null := false
	var add func(es []Expr) bool
	add = func(es []Expr) bool {
		for _, a := range es {
			switch x := a.(type) {
			case *And:
				if and {
					if add(x.Args) {
						return true
					}
					continue
				}
			case *Or:
				if !and {
					if add(x.Args) {
						return true
					}
					continue
				}
			}
			v, ok := constBool(a)
			switch {
			case !ok:
				out = append(out, a)
			case v < 0:
				null = true
			case (v == 1) != and:
				return true
			}
		}
		return false
	}
	if add(args) {
		return boolConst(!and)
	}
	if null {
		out = append(out, nullConst(types.TBool))
	}
	switch len(out) {
	case 0:
		return boolConst(and)
	case 1:
		return out[0]
	}
	if and {
		return &And{Args: out}
	}
	return &Or{Args: out}
}

// foldCase drops arms that are never taken and ends at one that always is.
func foldCase(e *Case) Expr {
	n := &Case{Typ: e.Typ, Else: e.Else}
	for _, w := range e.Whens {
		if v, ok := constBool(w.Cond); ok {
			if v == 1 {
				n.Else = w.Then
				break
			}
			continue
		}
		n.Whens = append(n.Whens, w)
	}
	if len(n.Whens) == 0 {
		if n.Else == nil {
			return nullConst(e.Typ)
		}
		if n.Else.Type() == e.Typ {
			return n.Else
		}
		return e
	}
	if len(n.Whens) == len(e.Whens) {
		return e
	}
	return n
}

// foldCoalesce drops NULLs and what stands behind a value that is not NULL.
func foldCoalesce(e *Coalesce) Expr {
	var out []Expr
	for _, a := range e.Args {
		if isNullConst(a) {
			continue
		}
		out = append(out, a)
		if isConst(a) {
			break
		}
	}
	switch {
	case len(out) == 0:
		return nullConst(e.Typ)
	case len(out) == 1 && out[0].Type() == e.Typ:
		return out[0]
	case len(out) == len(e.Args):
		return e
	}
	return &Coalesce{Args: out, Typ: e.Typ}
}

// Value computes an expression that has no columns.
func Value(e Expr, env *function.Env) (types.Datum, error) {
	p, err := Compile(e, func(ColumnID) int { return -1 })
	if err != nil {
		return types.Datum{}, err
	}
	return p.Const(env)
}
