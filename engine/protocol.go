package engine

import (
	"context"
	"strconv"
	"strings"

	"github.com/redshiftsim/redshiftsim/engine/ast"
	"github.com/redshiftsim/redshiftsim/engine/exec"
	"github.com/redshiftsim/redshiftsim/internal/types"
)

// What the wire protocol asks of a session and database/sql does not: the end of each statement, columns before a statement runs, parameters of declared
// types, and a transaction that goes from one Sync to the next.
//
//	Parse/Bind/Execute  Parse/Bind/Execute  Sync          two statements, one transaction
//	   └ Pipeline()                          └ Sync()

// completion is a statement that has ended and was not told yet.
type completion struct {
	tag     string
	counted bool // the number of its rows follows the tag
	rows    int64
}

// done tells the session's owner that a statement has ended. A text's last statement is told after its transaction has ended: that may fail.
func (r *Result) done() {
	p := r.pending
	if p.tag == "" {
		return
	}
	r.pending = completion{}
	if p.counted {
		p.tag += " " + strconv.FormatInt(p.rows, 10)
	}
	r.s.completed(p.tag)
}

// completionOf begins the completion of a statement that is about to run. Tags are those of the time of PostgreSQL 8.0: SELECT and FETCH have no number of
// rows, as Redshift's own Python driver knows (core.py, server_version below 8.2).
func (s *Session) completionOf(st ast.Statement) completion {
	if s.completed == nil {
		return completion{}
	}
	switch st := st.(type) {
	case *ast.Select:
		return completion{tag: "SELECT"}
	case *ast.Insert:
		return completion{tag: "INSERT 0", counted: true}
	case *ast.Update, *ast.Delete, *ast.Merge:
		return completion{tag: ast.KindOf(st), counted: true}
	case *ast.CreateTable:
		if st.Query != nil {
			return completion{tag: "SELECT"}
		}
	case *ast.Execute:
		if _, p := s.preparedAs(st.Name); p.executable() != nil {
			return s.completionOf(p.executable())
		}
	case *ast.Transaction:
		if s.tx != nil && s.tx.Failed && st.Kind == "commit" {
			return completion{tag: "ROLLBACK"}
		}
		return completion{tag: strings.ToUpper(st.Kind)}
	}
	return completion{tag: ast.TagOf(st)}
}

// Pipeline makes all that runs until Sync one transaction, unless a block does already.
func (s *Session) Pipeline() { s.piped = true }

// Sync ends a pipeline, and commits what it did outside of a block.
func (s *Session) Sync() (err error) {
	if !s.piped {
		return nil
	}
	s.piped = false
	if s.block || s.tx == nil {
		return nil
	}
	return s.Commit()
}

// Fail is an error of the client's protocol between statements: it fails the transaction as an error of a statement does.
func (s *Session) Fail() {
	if s.enter() == nil {
		defer s.leave()
		s.fail()
	}
}

// joined says that the end of a statement is not the end of its transaction.
func (s *Session) joined() bool { return s.block || s.piped }

// Style is how the session prints values.
func (s *Session) Style() types.Style { return s.style }

// PrepareTyped is Prepare for a client that knows the types of some parameters; types.TUnknown leaves one open.
func (s *Session) PrepareTyped(ctx context.Context, text string, params []types.Type) (*Statement, error) {
	for i := range params {
		if params[i].Kind != types.Unknown {
			return s.prepareText(ctx, text, params)
		}
	}
	return s.prepareText(ctx, text, nil)
}

// declaredKey is what a plan with declared parameters is kept under.
func declaredKey(text string, declared []types.Type) string {
	if declared == nil {
		return text
	}
	b := append([]byte(text), 0)
	for _, t := range declared {
		b = append(append(b, t.String()...), ',')
	}
	return string(b)
}

// Statements is how many statements the text has.
func (st *Statement) Statements() int { return len(st.stmts) }

// Planned says that the statement is a query or a change: its columns are those that it was prepared with.
func (st *Statement) Planned() bool { return len(st.stmts) == 1 && planned(st.stmts[0]) }

// Alone says whether the statement runs in no transaction with others, as VACUUM: a pipeline that begins with it begins behind it.
func (st *Statement) Alone() bool {
	if len(st.stmts) != 1 {
		return false
	}
	switch st := st.stmts[0].(type) {
	case *ast.Vacuum, *ast.AppendTable, *ast.Database:
		return true
	case *ast.AlterTable:
		return st.Action == "alter type"
	case *ast.Drop:
		return st.Kind == "database"
	}
	return false
}

// Ends says whether the statement is one that a failed transaction takes: COMMIT or ROLLBACK.
func (st *Statement) Ends() bool {
	return len(st.stmts) == 0 || len(st.stmts) == 1 && ends(st.stmts[0])
}

func ends(st ast.Statement) bool {
	t, ok := st.(*ast.Transaction)
	return ok && t.Kind != "begin"
}

// Columns are the columns of the rows that the statement would give, found without running it; nil = it gives no rows.
func (st *Statement) Columns() (columns []exec.ResultColumn, err error) {
	if st.columns != nil || len(st.stmts) != 1 {
		return st.columns, nil
	}
	s := st.s
	defer s.recovered(st.text, &err)
	if planned(st.stmts[0]) {
		return nil, nil // a change
	}
	if s.tx != nil && s.tx.Failed {
		return nil, nil
	}
	own := s.tx == nil
	s.begin()
	s.tx.Refresh()
	columns, err = s.describe(st.stmts[0], st.text)
	if own {
		s.rollback()
	}
	return columns, located(err, st.text)
}

// describe finds the columns of a statement that is not on the query road. What a SHOW gives is small, and reading it changes nothing.
func (s *Session) describe(st ast.Statement, text string) ([]exec.ResultColumn, error) {
	c := &call{ctx: context.Background(), text: text, plan: text}
	var set *rowset
	var err error
	switch st := st.(type) {
	case *ast.Explain:
		set = s.rowsOf([]string{"QUERY PLAN"}, nil, nil)
	case *ast.Show:
		set, _, err = s.show(c, st)
	case *ast.ShowObjects:
		if st.Params > 0 {
			set, err = s.showHead(st)
			break
		}
		set, _, err = s.showObjects(c, st)
	case *ast.AnalyzeCompression:
		set = s.rowsOf(compressionColumns, nil, nil)
	case *ast.Execute:
		if _, p := s.preparedAs(st.Name); p.executable() != nil {
			return p.Columns()
		}
		return nil, nil
	case *ast.Call:
		_, columns, err := s.callParameters(st, nil)
		return columns, err
	case *ast.Fetch:
		k, err := s.open(st.Cursor)
		if err != nil { // the cursor may be there when the statement runs
			return nil, nil
		}
		if k.filled {
			return k.columns, nil
		}
		return s.queryColumns(k.query, k.text, k.args)
	}
	if err != nil || set == nil {
		return nil, err
	}
	return set.columns, nil
}

// queryColumns are the columns of a query's rows; nil for a change.
func (s *Session) queryColumns(st ast.Statement, text string, args []types.Datum) ([]exec.ResultColumn, error) {
	e, err := s.makePlan(st, text, args)
	if err != nil {
		return nil, err
	}
	return s.columnsOf(e), nil
}

// columnsOf are the columns of a plan's rows; nil for a change.
func (s *Session) columnsOf(e *planEntry) []exec.ResultColumn {
	if e.bound.Writes != nil {
		return nil
	}
	return s.described(e.result())
}
