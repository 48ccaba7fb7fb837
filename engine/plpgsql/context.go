package plpgsql

import (
	"errors"
	"fmt"

	"github.com/redshiftsim/redshiftsim/engine/ast"
	"github.com/redshiftsim/redshiftsim/internal/sqlstate"
)

// stated is an error with its SQLSTATE; nil = it has none.
func stated(err error) *sqlstate.Error {
	e := (*sqlstate.Error)(nil)
	errors.As(err, &e)
	return e
}

// placed adds the line of the procedure at which an error happened to its CONTEXT, once.
//
//	ERROR:  column "invalid" does not exist
//	CONTEXT:  SQL statement "select invalid"
//	PL/pgSQL function "update_employee_sp" line 3 at execute statement
//
// https://docs.aws.amazon.com/redshift/latest/dg/stored-procedure-trapping-errors.html
func (r *run) placed(err error) error {
	if h, ok := err.(*handlerError); ok {
		if h.error != r.told {
			h.error = r.placed(h.error)
		}
		return h
	}
	e := stated(err)
	if e == nil || err == r.told || r.step == nil {
		return err
	}
	r.told = within(e, fmt.Sprintf("PL/pgSQL function \"%s\" line %d at %s", r.p.Name, r.step.line, r.step.what))
	return r.told
}

// inStatement adds the statement that failed to the context of an error. Its place in that statement is none in what the client sent.
func inStatement(err error, text string) error {
	e := stated(err)
	if e == nil {
		return err
	}
	return within(e, fmt.Sprintf("SQL statement \"%s\"", text))
}

// within gives an error one more line of context.
func within(e *sqlstate.Error, line string) *sqlstate.Error {
	own := *e
	n := own.Shift(-(own.Offset() + 1))
	n.Position = 0
	if n.Where != "" {
		n.Where += "\n"
	}
	n.Where += line
	return n
}

// selectsInto says whether a query makes a table: SELECT INTO of SQL is CREATE TABLE AS, but here INTO names variables.
func selectsInto(st ast.Statement) bool {
	q, ok := st.(*ast.Select)
	return ok && q.Into != nil
}

// outputOf is the variable that stands as an argument of CALL, to which an output is assigned.
// https://docs.aws.amazon.com/redshift/latest/dg/r_CALL_procedure.html#r_CALL_procedure-nested-calls
func (r *run) outputOf(q *Query, arg int) (ref, error) {
	if p, ok := q.Stmt.(*ast.Call).Args[arg].(*ast.Param); ok {
		if x := q.from[p.N-1]; !r.p.vars[x.slot].constant {
			return x, nil
		}
	}
	return ref{}, sqlstate.Syntax.Errorf("argument %d of the procedure is INOUT: a variable that is not constant must stand there", arg+1)
}
