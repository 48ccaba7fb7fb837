package expr

import (
	"slices"

	"github.com/redshiftsim/redshiftsim/engine/function"
)

// children gives the direct operands of a node, in order. The slice is the caller's.
func children(e Expr) []Expr {
	switch e := e.(type) {
	case *Call:
		return append([]Expr(nil), e.Args...)
	case *Cast:
		return []Expr{e.Arg}
	case *Compare:
		return []Expr{e.Left, e.Right}
	case *And:
		return append([]Expr(nil), e.Args...)
	case *Or:
		return append([]Expr(nil), e.Args...)
	case *Not:
		return []Expr{e.Arg}
	case *IsNull:
		return []Expr{e.Arg}
	case *IsBool:
		return []Expr{e.Arg}
	case *In:
		return append([]Expr{e.Arg}, e.List...)
	case *Case:
		var c []Expr
		for _, w := range e.Whens {
			c = append(c, w.Cond, w.Then)
		}
		if e.Else != nil {
			c = append(c, e.Else)
		}
		return c
	case *Coalesce:
		return append([]Expr(nil), e.Args...)
	case *Subquery:
		return append([]Expr(nil), e.Left...)
	}
	return nil
}

// withChildren is e with other operands, in the order of children.
func withChildren(e Expr, c []Expr) Expr {
	switch e := e.(type) {
	case *Call:
		n := *e
		n.Args = c
		return &n
	case *Cast:
		n := *e
		n.Arg = c[0]
		return &n
	case *Compare:
		return &Compare{Op: e.Op, Left: c[0], Right: c[1]}
	case *And:
		return &And{Args: c}
	case *Or:
		return &Or{Args: c}
	case *Not:
		return &Not{Arg: c[0]}
	case *IsNull:
		return &IsNull{Arg: c[0], Not: e.Not}
	case *IsBool:
		return &IsBool{Arg: c[0], Value: e.Value, Not: e.Not}
	case *In:
		return &In{Arg: c[0], List: c[1:], Not: e.Not}
	case *Case:
		n := &Case{Typ: e.Typ, Whens: make([]When, len(e.Whens))}
		for i := range e.Whens {
			n.Whens[i] = When{Cond: c[2*i], Then: c[2*i+1]}
		}
		if e.Else != nil {
			n.Else = c[len(c)-1]
		}
		return n
	case *Coalesce:
		return &Coalesce{Args: c, Typ: e.Typ}
	case *Subquery:
		n := *e
		n.Left = c
		return &n
	}
	return e
}

// Walk calls f for e and, while f says so, for everything below it. A Subquery's plan is not entered, its left side is.
func Walk(e Expr, f func(Expr) bool) {
	if e == nil || !f(e) {
		return
	}
	all := func(list []Expr) {
		for _, x := range list {
			Walk(x, f)
		}
	}
	switch e := e.(type) { // what is met most: no list is made
	case *Const, *Param, *Column:
	case *Call:
		all(e.Args)
	case *And:
		all(e.Args)
	case *Compare:
		Walk(e.Left, f)
		Walk(e.Right, f)
	case *Cast:
		Walk(e.Arg, f)
	default:
		all(children(e))
	}
}

// Rewrite rebuilds e from the leaves up: f gets every node with its operands already rewritten and gives what takes its place. Parts that f
// leaves alone are shared with e.
func Rewrite(e Expr, f func(Expr) Expr) Expr {
	if e == nil {
		return nil
	}
	c := children(e)
	changed := false
	for i, x := range c {
		if y := Rewrite(x, f); y != x {
			c[i], changed = y, true
		}
	}
	if changed {
		e = withChildren(e, c)
	}
	return f(e)
}

// Replace rebuilds e from the top down: what f gives in place of a node stands as it is, and only nodes for which f gives nil are looked into.
func Replace(e Expr, f func(Expr) Expr) Expr {
	if e == nil {
		return nil
	}
	if x := f(e); x != nil {
		return x
	}
	c := children(e)
	changed := false
	for i, x := range c {
		if y := Replace(x, f); y != x {
			c[i], changed = y, true
		}
	}
	if changed {
		return withChildren(e, c)
	}
	return e
}

// Columns lists the columns that e reads, each once, in order of appearance; for a Subquery also the outer columns that its query uses.
func Columns(e Expr) []ColumnID {
	var ids []ColumnID
	add := func(id ColumnID) {
		for _, x := range ids {
			if x == id {
				return
			}
		}
		ids = append(ids, id)
	}
	Walk(e, func(x Expr) bool {
		switch x := x.(type) {
		case *Column:
			add(x.ID)
		case *Subquery:
			for _, id := range x.Outer {
				add(id)
			}
		}
		return true
	})
	return ids
}

// Equal says whether two expressions are the same: same shape, columns, constants and functions. Positions and column names do not matter. A volatile call is the
// same only as itself: GROUP BY 1 means the item of the list, two calls of random() are two.
func Equal(a, b Expr) bool {
	if a == b {
		return true
	}
	if a == nil || b == nil {
		return false
	}
	if a.Type() != b.Type() {
		return false
	}
	switch a := a.(type) {
	case *Column:
		b, ok := b.(*Column)
		return ok && a.ID == b.ID
	case *Const:
		b, ok := b.(*Const)
		return ok && a.Value.Equal(&b.Value)
	case *Param:
		b, ok := b.(*Param)
		return ok && a.N == b.N
	case *Call:
		b, ok := b.(*Call)
		if !ok || a.Fn != b.Fn && (a.Fn.Name != b.Fn.Name || !slices.Equal(a.Fn.Params, b.Fn.Params) || !a.Fn.External.Same(b.Fn.External)) || a.Fn.Volatility == function.Volatile {
			return false
		}
	case *Cast:
		b, ok := b.(*Cast)
		if !ok || a.Try != b.Try || a.Implicit != b.Implicit {
			return false
		}
	case *Compare:
		b, ok := b.(*Compare)
		if !ok || a.Op != b.Op {
			return false
		}
	case *And:
		if _, ok := b.(*And); !ok {
			return false
		}
	case *Or:
		if _, ok := b.(*Or); !ok {
			return false
		}
	case *Not:
		if _, ok := b.(*Not); !ok {
			return false
		}
	case *IsNull:
		b, ok := b.(*IsNull)
		if !ok || a.Not != b.Not {
			return false
		}
	case *IsBool:
		b, ok := b.(*IsBool)
		if !ok || a.Not != b.Not || a.Value != b.Value {
			return false
		}
	case *In:
		b, ok := b.(*In)
		if !ok || a.Not != b.Not {
			return false
		}
	case *Case:
		b, ok := b.(*Case)
		if !ok || len(a.Whens) != len(b.Whens) {
			return false
		}
	case *Coalesce:
		if _, ok := b.(*Coalesce); !ok {
			return false
		}
	default:
		return a == b // subqueries are equal only to themselves
	}
	ca, cb := children(a), children(b)
	if len(ca) != len(cb) {
		return false
	}
	for i := range ca {
		if !Equal(ca[i], cb[i]) {
			return false
		}
	}
	return true
}

// Conjuncts splits nested ANDs into their parts.
func Conjuncts(e Expr) []Expr {
	a, ok := e.(*And)
	if !ok {
		if e == nil {
			return nil
		}
		return []Expr{e}
	}
	var out []Expr
	for _, x := range a.Args {
		out = append(out, Conjuncts(x)...)
	}
	return out
}

// AndOf joins conditions; none gives nil, one gives itself.
func AndOf(conds ...Expr) Expr {
	var out []Expr
	for _, c := range conds {
		out = append(out, Conjuncts(c)...)
	}
	switch len(out) {
	case 0:
		return nil
	case 1:
		return out[0]
	}
	return &And{Args: out}
}

// Bare strips the implicit casts that leave the data as it is: a varchar column compared as text, an integer as bigint.
func Bare(e Expr) Expr {
	for {
		c, ok := e.(*Cast)
		if !ok || !function.Reinterprets(c.Arg.Type(), c.To) {
			return e
		}
		e = c.Arg
	}
}

// Negate gives the comparison that is true exactly when op is false (for values that are not NULL).
func (op CompareOp) Negate() CompareOp { return [...]CompareOp{Ne, Eq, Ge, Gt, Le, Lt}[op] }

// Flip gives the comparison for exchanged operands.
func (op CompareOp) Flip() CompareOp { return [...]CompareOp{Eq, Ne, Gt, Ge, Lt, Le}[op] }

// String is the operator's sign.
func (op CompareOp) String() string { return [...]string{"=", "<>", "<", "<=", ">", ">="}[op] }
