package engine

import (
	"github.com/redshiftsim/redshiftsim/engine/ast"
	"github.com/redshiftsim/redshiftsim/engine/bind"
	"github.com/redshiftsim/redshiftsim/engine/expr"
	"github.com/redshiftsim/redshiftsim/internal/sqlstate"
	"github.com/redshiftsim/redshiftsim/internal/types"
)

// prepare is PREPARE name AS statement. It lives until the session ends or DEALLOCATE, whatever becomes of the transaction.
// https://docs.aws.amazon.com/redshift/latest/dg/r_PREPARE.html
func (s *Session) prepare(c *call, st *ast.Prepare) error {
	if s.prepared[st.Name] != nil {
		return sqlstate.Code("42P05").Errorf("prepared statement \"%s\" already exists", st.Name)
	}
	if !planned(st.Stmt) {
		return unsupported(st, "PREPARE of "+ast.KindOf(st.Stmt))
	}
	s.tx.Refresh()
	if _, err := s.makePlan(st.Stmt, c.text, nil); err != nil {
		return err
	}
	// The statement is kept as a text of its own, so that its plan is cached under that text.
	text := st.Text
	inner, err := s.parseText(text)
	if err != nil {
		return err
	}
	if s.prepared == nil {
		s.prepared = map[string]*prepared{}
	}
	s.prepared[st.Name] = &prepared{text: text, stmt: inner[0]}
	return nil
}

// execute is EXECUTE name (arguments).
// https://docs.aws.amazon.com/redshift/latest/dg/r_EXECUTE.html
func (s *Session) execute(c *call, st *ast.Execute) (*rowset, int64, error) {
	p := s.prepared[st.Name]
	if p == nil {
		return nil, 0, sqlstate.InvalidStatementName.Errorf("prepared statement \"%s\" does not exist", st.Name)
	}
	args := make([]types.Datum, len(st.Args))
	env := s.bindEnv(&resolver{c: s.tx.Catalog(), path: s.searchPath()}, nil, nil)
	for i, a := range st.Args {
		x, err := bind.Scalar(a, types.TUnknown, env)
		if err != nil {
			return nil, 0, err
		}
		if args[i], err = expr.Value(x, env.Function); err != nil {
			return nil, 0, err
		}
		if l, ok := a.(*ast.Literal); ok && l.Kind == ast.String {
			args[i].Type = types.TUnknown
		}
	}
	inner := *c
	inner.text, inner.plan, inner.args = p.text, p.text, args
	set, n, err := s.query(&inner, p.stmt)
	if e, ok := err.(*sqlstate.Error); ok && e.Offset() >= 0 { // its place is in another text than the client sent
		n := *e
		err = n.Shift(-(n.Offset() + 1))
	}
	return set, n, err
}

// deallocate is DEALLOCATE name.
// https://docs.aws.amazon.com/redshift/latest/dg/r_DEALLOCATE.html
func (s *Session) deallocate(st *ast.Deallocate) error {
	if st.Name == "all" {
		s.prepared = nil
		if s.deallocated != nil {
			s.deallocated("")
		}
		return nil
	}
	if s.prepared[st.Name] == nil {
		if s.deallocated != nil && s.deallocated(st.Name) {
			return nil
		}
		return sqlstate.InvalidStatementName.Errorf("prepared statement \"%s\" does not exist", st.Name)
	}
	delete(s.prepared, st.Name)
	return nil
}
