// Package plpgsql runs the bodies of stored procedures. It knows variables, scopes, control flow and handlers; statements and expressions are the session's,
// which it reaches through a Host.
//
//	body ── parse.Procedure ── ast.Block ── Compile ── Program: nodes whose names are slots
//
//	    x := x + n * 2              assignNode{to: slot 3, value: Formula "x + n * 2" -> " $1 + $2 * 2", from [slot 3, slot 0]}
//	    INSERT INTO t VALUES (x)    sqlNode{Query "INSERT INTO t VALUES ( $1 )", from [slot 3]}
//
//	Program.Run ── frame {slots, one a variable} ──┬─ Host.Eval    a Formula with the slots' values: one value
//	                                               ├─ Host.Run     a Query with them: rows, how many
//	                                               ├─ Host.Open, Fetch, CloseCursor
//	                                               ├─ Host.Commit, Rollback, Start, Trap, Handled
//	                                               └─ Host.Tell    RAISE
//
// Variables stand in SQL as parameters with values, never as text ([decision 100]). A Program belongs to one session: Host keeps plans in its formulas and
// queries. It is not bound to one run: procedures call themselves.
//
// [decision 100]: https://github.com/redshiftsim/redshiftsim/blob/main/docs/decisions/0100-procedures.md
// https://docs.aws.amazon.com/redshift/latest/dg/c_pl_pgSQL_reference.html
package plpgsql
