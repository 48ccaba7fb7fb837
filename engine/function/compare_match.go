package function

import (
	"github.com/redshiftsim/redshiftsim/internal/types"
	"github.com/redshiftsim/redshiftsim/internal/vector"
)

// matcher tests one text against a compiled pattern.
type matcher interface{ match(s string) bool }

// matchOp is one of the pattern operators.
type matchOp struct {
	compile func(pattern string) (matcher, error)
	not     bool
}

// matchOps lists the pattern operators by the names that EXPLAIN prints.
// https://docs.aws.amazon.com/redshift/latest/dg/pattern-matching-conditions.html
var matchOps = map[string]matchOp{
	"~~":             {likeExact, false},
	"!~~":            {likeExact, true},
	"~~*":            {likeFold, false},
	"!~~*":           {likeFold, true},
	"~":              {regexpExact, false},
	"!~":             {regexpExact, true},
	"~*":             {regexpFold, false},
	"!~*":            {regexpFold, true},
	"similar to":     {similar, false},
	"not similar to": {similar, true},
}

// findMatch binds a pattern operator. Both sides are text; other types are not, as in PostgreSQL 8.0, except where they turn to text by themselves.
func findMatch(name string, l, r types.Type) *Bound {
	side := func(t types.Type) (types.Type, bool) {
		if t.IsText() || t.Kind == types.Unknown {
			return types.TText, true
		}
		_, ok := FindCast(t, types.TText, false)
		return types.TText, ok
	}
	a, ok1 := side(l)
	b, ok2 := side(r)
	if !ok1 || !ok2 || (!l.IsText() && !r.IsText() && l.Kind != types.Unknown && r.Kind != types.Unknown) {
		return nil
	}
	return &Bound{Params: []types.Type{a, b}, Returns: types.TBool, Kernel: matchKernel(matchOps[name])}
}

// matchKernel compiles a constant pattern once a call, others once a run of equal ones.
func matchKernel(op matchOp) Kernel {
	return func(_ *Env, n int, args []*vector.Vector, out *vector.Vector) error {
		text, pattern := args[0], args[1]
		o := out.Bools[:n]
		if pattern.Form == vector.Const {
			if n == 0 || pattern.Null(0) {
				return nil
			}
			m, err := op.compile(pattern.Texts[0])
			if err != nil {
				return err
			}
			if text.Form == vector.Const {
				r := m.match(text.Texts[0]) != op.not
				for i := range o {
					o[i] = r
				}
				return nil
			}
			matchAll(m, text.Texts[:n], o)
			if op.not {
				for i := range o {
					o[i] = !o[i]
				}
			}
			return nil
		}
		var m matcher
		last := ""
		for i := range o {
			if out.Null(i) {
				continue
			}
			if p := pattern.Texts[i]; m == nil || p != last {
				var err error
				if m, err = op.compile(p); err != nil {
					return err
				}
				last = p
			}
			s := text.Texts[0]
			if text.Form != vector.Const {
				s = text.Texts[i]
			}
			o[i] = m.match(s) != op.not
		}
		return nil
	}
}

// matchAll calls one matcher for many texts, without an interface call a row for the usual ones.
func matchAll(m matcher, texts []string, o []bool) {
	switch m := m.(type) {
	case likePrefix:
		for i, s := range texts {
			o[i] = m.match(s)
		}
	case likeInfix:
		for i, s := range texts {
			o[i] = m.match(s)
		}
	case *likePattern:
		for i, s := range texts {
			o[i] = m.match(s)
		}
	default:
		for i, s := range texts {
			o[i] = m.match(s)
		}
	}
}
