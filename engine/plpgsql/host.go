package plpgsql

import (
	"github.com/redshiftsim/redshiftsim/engine/ast"
	"github.com/redshiftsim/redshiftsim/internal/types"
)

// Formula is an expression without rows. Cache is the host's.
type Formula struct {
	Text  string // with $1, $2, .. in the places of variables
	Query *Query // when it has a subquery: the query that computes it
	X     ast.Expr
	Cache any

	from []ref
	room []types.Datum // for the values of from, while it is computed
}

// Query is a statement of SQL. Cache is the host's.
type Query struct {
	Text  string // with $1, $2, .. in the places of variables
	Stmt  ast.Statement
	Cache any

	from []ref
}

// Rows is what a statement gave.
type Rows struct {
	Names  []string // of the columns; nil = the statement gives no rows
	Types  []types.Type
	Values [][]types.Datum // as many as were asked for
	Count  int64           // rows returned or changed
	Last   bool            // of a cursor: no rows are left
}

// Host is the session in which a procedure runs. Errors are those that a user sees.
type Host interface {
	// Check gives the error that ends the run: of a statement that was cancelled, or took too long. nil = go on.
	Check() error
	// Eval computes an expression with the values of its variables.
	Eval(f *Formula, values []types.Datum) (types.Datum, error)
	// Cast converts a value as an assignment does, and where no cast leads from one type to the other, by its text.
	Cast(d types.Datum, to types.Type) (types.Datum, error)
	// Format is a value as text.
	Format(d types.Datum) string
	// Run runs a statement of SQL to its end. first says that no more than one row is wanted.
	Run(q *Query, values []types.Datum, first bool) (*Rows, error)
	// Execute runs a text of SQL, which has no variables.
	Execute(text string, first bool) (*Rows, error)
	// Call runs a procedure, q being CALL: its row is that of the output arguments. It gives which of them, in order, are the arguments of the call.
	Call(q *Query, values []types.Datum) (row *Rows, args []int, err error)
	// Open opens the session's cursor on a query, or on the query that text is.
	Open(cursor string, q *Query, values []types.Datum) error
	OpenText(cursor, text string) error
	// Fetch gives up to n rows of the open cursor of a name.
	Fetch(cursor string, n int64) (*Rows, error)
	// CloseCursor closes the open cursor of a name.
	CloseCursor(cursor string) error
	// Portal makes a name for a cursor that has none.
	Portal() string
	// Commit, Rollback and Start are the statements of these names, which text is.
	Commit() error
	Rollback() error
	Start() error
	// Trap ends what an error has failed, and begins a transaction for its handler.
	Trap() error
	// Handled commits what a handler of a procedure that is not NONATOMIC has done.
	Handled() error
	// Tell sends the message of RAISE to the client and to the log: level is "LOG", "INFO", "NOTICE", "WARNING" or "EXCEPTION", which goes to the log alone.
	Tell(level, message string, line int)
}
