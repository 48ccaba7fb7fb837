package engine

import (
	"slices"
	"strings"

	"github.com/redshiftsim/redshiftsim/engine/ast"
	"github.com/redshiftsim/redshiftsim/engine/function"
	"github.com/redshiftsim/redshiftsim/internal/sqlstate"
	"github.com/redshiftsim/redshiftsim/internal/types"
)

// values turns arguments into values of the parameters' types. They count as literals in quotes: what has another type goes through its text, so that
// 5 serves a varchar and '5' an integer.
func (s *Session) values(args []types.Datum, params []types.Type) ([]types.Datum, error) {
	if len(args) != len(params) {
		return nil, wrongCount(len(args), len(params))
	}
	if len(args) == 0 {
		return nil, nil
	}
	out := make([]types.Datum, len(args))
	for i := range args {
		v, err := s.value(args[i], params[i])
		if err != nil {
			return nil, err
		}
		out[i] = v
	}
	return out, nil
}

func (s *Session) value(a types.Datum, t types.Type) (types.Datum, error) {
	switch {
	case a.Null:
		return types.NullOf(t), nil
	case t.Kind == types.Super && a.Type.Kind != types.Super:
		return function.SuperOf(a)
	case a.Type.IsInteger() && t.IsInteger():
		if !types.IntFits(a.Int, t.Kind) {
			return a, sqlstate.NumericOutOfRange.Errorf("value \"%d\" is out of range for type %s", a.Int, t)
		}
		return types.Datum{Type: t, Int: a.Int}, nil
	case a.Type == t || a.Type.Kind == types.Float8 && t.Kind == types.Float8 || a.Type.Kind == types.Bool && t.Kind == types.Bool:
		a.Type = t
		return a, nil
	case a.Type.Kind == types.Unknown && t.Kind == types.Varchar && (t.Len == 0 || t.Len >= types.MaxVarchar) && len(a.Text) <= types.MaxVarchar:
		a.Type = t
		return a, nil
	}
	text := a.Text
	if a.Type.Kind != types.Unknown {
		text = strings.TrimRight(types.Format(a, s.zone), " ")
	}
	return s.style.Parse(text, t, s.zone, s.c.cfg.Clock())
}

// ownTypes gives the types of parameters with those of the digits of decimals that the statement's own would cut or refuse: $1 beside a numeric(5,2) is
// planned as one, until 0.001 or 1000 comes. nil = every value fits.
func (s *Session) ownTypes(args []types.Datum, params []types.Type) []types.Type {
	if len(args) != len(params) {
		return nil
	}
	var own []types.Type
	for i, t := range params {
		if t.Kind != types.Numeric || args[i].Null || args[i].Type == t {
			continue
		}
		text := args[i].Text
		if args[i].Type.Kind != types.Unknown {
			text = strings.TrimRight(types.Format(args[i], s.zone), " ")
		}
		d, ok := types.OwnDecimal(text)
		if !ok || d.Held(t) {
			continue
		}
		if own == nil {
			own = slices.Clone(params)
		}
		own[i] = d.Type
	}
	return own
}

func wrongCount(given, wanted int) error { return wrongCountFor("", given, wanted) }

func wrongCountFor(name string, given, wanted int) error {
	return sqlstate.Code("08P01").Errorf("bind message supplies %d parameters, but prepared statement \"%s\" requires %d", given, name, wanted)
}

// noParameters is the error of values for a statement that takes none. PostgreSQL's is one of numbers; what is refused whatever comes with it says that instead.
func noParameters(st ast.Statement, name string, given int) error {
	if err := unbuilt(st); err != nil {
		return err
	}
	return wrongCountFor(name, given, 0)
}

// unbuilt is the error of a statement that is not built, or that Redshift has not; nil = it may run.
func unbuilt(st ast.Statement) error {
	switch st := st.(type) {
	case *ast.Other:
		return unsupported(st, ast.KindOf(st))
	case *ast.ShowObjects:
		if st.Of == "data catalog" {
			return unsupported(st, "SHOW "+st.Kind+" FROM DATA CATALOG")
		}
		if st.Kind == "MODEL" && !st.All {
			return unsupported(st, ast.KindOf(st))
		}
	}
	return nil
}

// CheckCount refuses a number of values other than the statement's parameters (08P01), naming the prepared statement; one that is not built says so whatever
// the number is (0A000).
func (st *Statement) CheckCount(name string, given int) error {
	switch {
	case given == len(st.Params):
		return nil
	case len(st.stmts) == 1:
		if err := unbuilt(st.stmts[0]); err != nil {
			return located(err, st.text)
		}
	}
	return wrongCountFor(name, given, len(st.Params))
}
