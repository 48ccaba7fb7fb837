package engine

import (
	"strings"

	"github.com/redshiftsim/redshiftsim/engine/ast"
	"github.com/redshiftsim/redshiftsim/engine/bind"
	"github.com/redshiftsim/redshiftsim/engine/expr"
	"github.com/redshiftsim/redshiftsim/engine/function"
	"github.com/redshiftsim/redshiftsim/internal/sqlstate"
	"github.com/redshiftsim/redshiftsim/internal/types"
)

// A session has one set of names for prepared statements, whether PREPARE or a client's Parse message made them.
//
//	PREPARE name AS ..   Parse "name"
//	        └─────┬──────────┘
//	          Session.named
//	        ┌─────┴──────────┐
//	EXECUTE name (..)    Bind "name"       DEALLOCATE name, Close "name" take it away

// Named finds a prepared statement of the session by its name; nil = there is none.
func (s *Session) Named(name string) *Statement { return s.named[name] }

// Keep gives a statement a name, by which EXECUTE and DEALLOCATE know it, too. The error is 42P05 when another has it.
func (s *Session) Keep(name string, st *Statement) error {
	if s.named[name] != nil {
		return sqlstate.Code("42P05").Errorf("prepared statement \"%s\" already exists", name)
	}
	if s.named == nil {
		s.named = map[string]*Statement{}
	}
	s.named[name] = st
	return nil
}

// Forget takes the name of a prepared statement away; one that is not there is no error.
func (s *Session) Forget(name string) { delete(s.named, name) }

// prepare is PREPARE name AS statement. It lives until the session ends or DEALLOCATE, whatever becomes of the transaction.
// https://docs.aws.amazon.com/redshift/latest/dg/r_PREPARE.html
func (s *Session) prepare(st *ast.Prepare) error {
	if !planned(st.Stmt) {
		return unsupported(st, "PREPARE of "+ast.KindOf(st.Stmt))
	}
	declared, err := declaredTypes(st.Types)
	if err != nil {
		return err
	}
	// The statement is kept as a text of its own, so that its plan is cached under that text.
	text := st.Text
	inner, err := s.parseText(text)
	if err != nil {
		return err
	}
	s.tx.Refresh()
	p, err := s.plan(inner[0], text, declaredKey(text, declared), declared, nil)
	if err != nil {
		from, _ := st.Stmt.Span()
		return shifted(err, from)
	}
	return s.Keep(st.Name, &Statement{
		parsed: parsed{text: text, stmts: inner}, s: s, Params: p.bound.Params, columns: s.columnsOf(p), from: p.from(), declared: declared,
		runs: &parsed{text: declaredKey(text, declared), stmts: inner},
	})
}

// declaredTypes are the types of the parameters that PREPARE names. PREPARE p (char) takes a text of any length, a numeric the digits that it gets
// (ownTypes). https://docs.aws.amazon.com/redshift/latest/dg/r_PREPARE.html
func declaredTypes(names []*ast.TypeName) ([]types.Type, error) {
	var out []types.Type
	for _, n := range names {
		t := n.Type
		switch {
		case n.Err != nil:
			return nil, n.Err
		case n.Name == "unknown":
			t = types.TUnknown
		case !n.Known:
			return nil, sqlstate.UndefinedObject.Errorf("type \"%s\" does not exist", n.Name).At(n.Offset())
		}
		switch t.Kind {
		case types.Varchar:
			t = types.TVarcharMax
		case types.Char:
			t = types.TUnknown
		}
		out = append(out, t)
	}
	return out, nil
}

// shifted moves the place of an error, which counts in a text that begins by bytes into what the client sent.
func shifted(err error, by int) error {
	e, ok := err.(*sqlstate.Error)
	if !ok || e.Offset() < 0 {
		return err
	}
	n := *e // plans and trees that are shared may hold the one given
	return n.Shift(by)
}

// unplaced takes the place out of an error: it counts in another text than the client sent.
func unplaced(err error) error {
	if e, ok := err.(*sqlstate.Error); ok {
		return shifted(err, -(e.Offset() + 1))
	}
	return err
}

// prepared finds the statement of EXECUTE or DEALLOCATE, and its name.
func (s *Session) prepared(name string) (string, *Statement, error) {
	if name, st := s.preparedAs(name); st != nil {
		return name, st, nil
	}
	return name, nil, sqlstate.InvalidStatementName.Errorf("prepared statement \"%s\" does not exist", name)
}

// preparedAs finds a prepared statement by a name of SQL, which has small letters even where it stood in quotes. A client's Parse may have made it under one
// with capitals: DEALLOCATE "_PLAN0x1caf" of psqlODBC means that, unless two are alike.
func (s *Session) preparedAs(name string) (string, *Statement) {
	if st := s.named[name]; st != nil {
		return name, st
	}
	found := ""
	for n := range s.named {
		if strings.ToLower(n) == name {
			if found != "" {
				return name, nil
			}
			found = n
		}
	}
	return found, s.named[found]
}

// execute is EXECUTE name (arguments).
// https://docs.aws.amazon.com/redshift/latest/dg/r_EXECUTE.html
func (s *Session) execute(c *call, st *ast.Execute) (*rowset, int64, error) {
	p, args, err := s.executed(st)
	if err != nil {
		return nil, 0, err
	}
	if len(p.stmts) == 0 {
		return nil, 0, nil
	}
	what := p.executable()
	if what == nil {
		from, _ := st.Span()
		kind := "a transaction command"
		if _, nested := p.stmts[0].(*ast.Execute); nested {
			kind = "EXECUTE"
		}
		return nil, 0, sqlstate.FeatureNotSupported.Errorf("EXECUTE of %s is not supported", kind).At(from)
	}
	inner := *c
	inner.text, inner.plan, inner.shape, inner.args, inner.types = p.text, declaredKey(p.text, p.declared), nil, args, p.declared
	set, n, err := s.road(&inner, what)
	return set, n, unplaced(err)
}

// executable is what EXECUTE runs: any statement that a client's Parse may have, but not one that begins or ends a transaction, and not another EXECUTE, for
// it may be this one. nil = nothing.
func (st *Statement) executable() ast.Statement {
	if st == nil || len(st.stmts) != 1 {
		return nil
	}
	switch st.stmts[0].(type) {
	case *ast.Transaction, *ast.Execute:
		return nil
	}
	return st.stmts[0]
}

// executed finds what EXECUTE runs, and its arguments.
func (s *Session) executed(st *ast.Execute) (*Statement, []types.Datum, error) {
	_, p, err := s.prepared(st.Name)
	if err != nil {
		return nil, nil, err
	}
	if len(st.Args) != len(p.Params) {
		return nil, nil, sqlstate.Syntax.Errorf("wrong number of parameters for prepared statement \"%s\"", st.Name).
			WithDetail("Expected %d parameters but got %d.", len(p.Params), len(st.Args))
	}
	args := make([]types.Datum, len(st.Args))
	env := s.bindEnv(&resolver{c: s.tx.Catalog(), path: s.searchPath()}, nil, nil)
	for i, a := range st.Args {
		if args[i], err = argument(a, p.Params[i], i+1, env); err != nil {
			return nil, nil, err
		}
	}
	return p, args, nil
}

// argument is a value of EXECUTE, converted to the parameter's type as a value is that a column gets. Numbers keep their digits, texts their length.
func argument(a ast.Expr, to types.Type, number int, env *bind.Env) (types.Datum, error) {
	x, err := bind.Scalar(a, types.TUnknown, env)
	if err != nil {
		return types.Datum{}, err
	}
	if l, ok := a.(*ast.Literal); ok && (l.Kind == ast.String || l.Kind == ast.Null) {
		d, err := expr.Value(x, env.Function)
		d.Type = types.TUnknown
		return d, err
	}
	if from := x.Type(); from != to && to.Kind != types.Numeric && !to.IsText() {
		if _, ok := function.FindCast(from, to, false); !ok {
			return types.Datum{}, sqlstate.DatatypeMismatch.Errorf("parameter $%d of type %s cannot be coerced to the expected type %s", number, from, to).
				WithHint("You will need to rewrite or cast the expression.")
		}
		if x, err = bind.Scalar(a, to, env); err != nil {
			return types.Datum{}, err
		}
	}
	return expr.Value(x, env.Function)
}

// deallocate is DEALLOCATE name.
// https://docs.aws.amazon.com/redshift/latest/dg/r_DEALLOCATE.html
func (s *Session) deallocate(st *ast.Deallocate) error {
	if st.Name == "all" {
		s.named = nil
		return nil
	}
	name, _, err := s.prepared(st.Name)
	if err != nil {
		return err
	}
	s.Forget(name)
	return nil
}
