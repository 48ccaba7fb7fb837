package engine

import (
	"context"
	"errors"
	"regexp"
	"slices"
	"strings"
	"time"

	"github.com/redshiftsim/redshiftsim/engine/ast"
	"github.com/redshiftsim/redshiftsim/engine/exec"
	"github.com/redshiftsim/redshiftsim/engine/principal"
	"github.com/redshiftsim/redshiftsim/engine/system"
	"github.com/redshiftsim/redshiftsim/engine/txn"
	"github.com/redshiftsim/redshiftsim/internal/sqlstate"
	"github.com/redshiftsim/redshiftsim/internal/types"
	"github.com/redshiftsim/redshiftsim/internal/vector"
)

// Result is what a text gives: the rows of one statement after the other. Statements run as NextResult comes to them; Close runs those that are left,
// for a text is one piece of work, whatever of its rows is read.
type Result struct {
	s     *Session
	ctx   context.Context // of the text: the statements that are left run under it
	text  string
	stmts []ast.Statement
	plan  string // text that the plan of a text of one statement is kept under
	shape *parsed
	at    int // of the next statement
	args  []types.Datum
	lits  []literal    // instead of args: literals that were taken out of the text
	types []types.Type // that the client declared for args; nil = none

	pending  completion
	set      *rowset
	affected int64
	err      error // that ended the text
	closed   bool

	watched, ending *watched // of the statement that runs; of the last one without rows

	call call // of the statement that runs
}

// start1 runs a parsed text up to its first rows.
func (s *Session) start1(ctx context.Context, text string, x *parsed, args []types.Datum, lits []literal, declared []types.Type) (*Result, error) {
	if s.closed || s.c.closed.Load() {
		return nil, sqlstate.AdminShutdown.Errorf("the connection is closed")
	}
	if len(x.stmts) > 1 && len(args) > 0 {
		s.fail()
		return nil, sqlstate.Syntax.Errorf("cannot insert multiple commands into a prepared statement")
	}
	r := s.spare
	if s.spare = nil; r == nil {
		r = &Result{}
	}
	*r = Result{s: s, ctx: ctx, text: text, stmts: x.stmts, plan: x.text, args: args, lits: lits, types: declared}
	if x.kept {
		r.shape = x
	}
	if err := s.enter(); err != nil {
		return nil, err
	}
	defer s.leave()
	if err := r.advance(); err != nil {
		return nil, err
	}
	return r, nil
}

// advance runs statements up to one that gives rows; after the last it ends the transaction that is the text's own.
func (r *Result) advance() error {
	s := r.s
	for r.at < len(r.stmts) {
		r.done()
		st := r.stmts[r.at]
		r.at++
		r.ended(nil)
		pending := s.completionOf(st)
		set, n, err := s.statement(r, st)
		if err != nil {
			s.fail()
			r.err = located(err, r.text)
			return r.err
		}
		pending.rows = n
		r.affected, r.pending = n, pending
		if set == nil {
			continue
		}
		r.set = set
		if len(r.stmts) > 1 || s.joined() {
			return nil
		}
		// A query alone has all that it will read: its views keep their rows whatever happens to the tables.
		set.tx = nil
		if err := s.commit(); err != nil {
			set.close(err)
			r.err, r.set = err, nil
			return err
		}
		return nil
	}
	if s.joined() {
		r.ended(nil)
		r.done()
		return nil
	}
	err := s.commit()
	r.ended(err)
	if err != nil {
		r.err, r.pending = err, completion{}
		return err
	}
	r.done()
	return nil
}

// Columns are those of the current rows; none when no statement that is left gives rows.
func (r *Result) Columns() []exec.ResultColumn {
	if r.set == nil {
		return nil
	}
	return r.set.columns
}

// Origins says where the columns of the current rows come from.
func (r *Result) Origins() Origins {
	if r.set == nil {
		return Origins{}
	}
	return r.set.from
}

// Next gives the next batch of the current rows, nil after the last. The batch is valid until the next call.
func (r *Result) Next() (b *vector.Batch, err error) {
	if r.set == nil {
		return nil, r.err
	}
	defer r.recovered(&err)
	if b, err = r.set.next(); err != nil {
		r.fail(err)
		return nil, r.err
	}
	return b, nil
}

// recovered is the session's, for what the caller's turn to pull has run.
func (r *Result) recovered(err *error) {
	if p := recover(); p != nil {
		r.fail(internal(r.text, p))
		*err = r.err
	}
}

// fail ends the text.
func (r *Result) fail(err error) {
	r.err = located(err, r.text)
	r.set.close(r.err)
	if tx := r.set.tx; tx != nil && tx == r.s.tx {
		r.s.fail()
	}
	r.set, r.at = nil, len(r.stmts)
}

// NextResult goes on to the rows of the next statement that gives any; false = there is none.
func (r *Result) NextResult() (more bool, err error) {
	if r.err != nil || r.closed {
		return false, r.err
	}
	defer r.recoveredOutside(&err)
	if err := r.drain(); err != nil {
		return false, err
	}
	if err := r.s.enter(); err != nil {
		r.err = err
		return false, err
	}
	defer r.s.leave()
	if err := r.advance(); err != nil {
		return false, err
	}
	return r.set != nil, nil
}

func (r *Result) recoveredOutside(err *error) {
	if p := recover(); p != nil {
		r.err = internal(r.text, p)
		r.s.fail()
		*err, r.at = r.err, len(r.stmts)
	}
}

// HasNext says whether statements are left to run.
func (r *Result) HasNext() bool { return r.at < len(r.stmts) }

// drain ends the current rows. Those of the last statement are dropped; of one before it they are read to the end, for it may still fail.
func (r *Result) drain() error {
	set := r.set
	if set == nil {
		return nil
	}
	if r.at < len(r.stmts) {
		for {
			b, err := r.Next()
			if err != nil {
				return err
			}
			if b == nil {
				break
			}
		}
	}
	set.close(nil)
	r.affected, r.pending.rows, r.set = set.rows, set.rows, nil
	return nil
}

// Affected is the number of rows that the last statement so far changed, or returned.
func (r *Result) Affected() int64 { return r.affected }

// Close ends the result: statements that are left run, rows that are left are dropped.
func (r *Result) Close() (err error) {
	if r.closed {
		return r.err
	}
	r.closed = true
	defer r.recoveredOutside(&err)
	for r.err == nil {
		if r.set == nil && r.at >= len(r.stmts) {
			return nil
		}
		last := r.at >= len(r.stmts)
		if err := r.drain(); err != nil {
			return err
		}
		if last && (len(r.stmts) == 1 || r.s.joined()) {
			return nil
		}
		if err := r.advance(); err != nil {
			return err
		}
	}
	return r.err
}

// finish reads all rows to their end, for a row that nobody asked for may be the one that fails, and closes the result.
func (r *Result) finish() (int64, error) {
	for {
		for {
			b, err := r.Next()
			if err != nil {
				_ = r.Close() // the same error
				return 0, err
			}
			if b == nil {
				break
			}
		}
		more, err := r.NextResult()
		if err != nil || !more {
			_ = r.Close() // what is left of it is the error that NextResult gave
			return r.affected, err
		}
	}
}

// finished is finish of a result that nobody else has seen: the session's next text has its room.
func (r *Result) finished() (int64, error) {
	n, err := r.finish()
	if err == nil {
		r.Release()
	}
	return n, err
}

// Release gives the room of a result that is closed to the session's next text: nobody may use the result, or a batch of it, any more. It is called at
// most once, by whose turn the session is.
func (r *Result) Release() {
	s := r.s
	if r.closed && r.err == nil {
		*r = Result{}
		s.spare = r
	}
}

// rowset is the rows of one statement.
type rowset struct {
	s       *Session
	columns []exec.ResultColumn
	from    Origins // of columns
	cursor  *exec.Cursor
	entry   *planEntry      // of cursor's program
	batches []*vector.Batch // of SHOW and EXPLAIN, instead of a cursor
	rec     *system.Record
	rows    int64
	tx      *txn.Tx // failed by an error; nil = it has ended
	ctx     context.Context
	stop    *stopper
	over    bool
	keep    *keeper // collects the result for the cache; nil = it is not kept
	watched *watched
	broken  error // what comes instead of the next rows
}

// next gives the next batch, nil after the last.
func (r *rowset) next() (*vector.Batch, error) {
	if r.over {
		return nil, nil
	}
	if r.broken != nil {
		r.s.lost(r.broken)
		return nil, r.broken
	}
	var b *vector.Batch
	var err error
	if r.cursor == nil {
		if len(r.batches) > 0 {
			b, r.batches = r.batches[0], r.batches[1:]
		}
	} else {
		b, err = r.cursor.Next()
	}
	switch {
	case err != nil:
		return nil, interrupted(r.ctx, err)
	case b == nil:
		r.close(nil)
		if r.keep != nil {
			r.keep.end(r.rec.Number)
		}
		return nil, nil
	}
	if r.keep != nil {
		r.keep.add(b)
	}
	if r.watched != nil && len(r.watched.runs) > 0 {
		if b, r.broken = r.watched.rows(b); b == nil {
			r.s.lost(r.broken)
			return nil, r.broken
		}
	}
	r.rows += int64(b.Rows())
	return b, nil
}

// close ends the rows and writes the log's record.
func (r *rowset) close(err error) {
	if r.over {
		return
	}
	r.over = true
	if r.cursor != nil {
		cerr := r.cursor.Close()
		if err == nil && r.rec != nil {
			r.rec.Report = r.cursor.Report()
		}
		_ = cerr // rows that nobody asked for
	}
	if r.cursor != nil && err == nil && r.rec != nil {
		r.entry.rest(r.cursor)
		r.cursor = nil
	}
	r.stop.stop()
	r.s.logged(r.rec, r.rows, err)
	r.watched.end(r.rows, err)
}

// logged completes a record and adds it to the log.
func (s *Session) logged(rec *system.Record, rows int64, err error) {
	s.running.Store(nil)
	if s.login.Timeout > 0 {
		s.active = s.c.cfg.Clock()
	}
	if rec == nil || s.unlogged {
		return
	}
	if rec.Query > 0 {
		s.lastQuery = rec.Query // of what was completed: a running query that asks learns of the one before it
		rec.Priority = s.finalPriority(rec.Query)
	}
	rec.Rows, rec.End = rows, s.c.cfg.Clock()
	s.ended = rec.End
	if err != nil {
		rec.Err = coded(err)
		if s.tx != nil {
			rec.Conflict = s.tx.Conflict
		}
	}
	s.c.Log().Add(rec)
	if s.c.cfg.Background && rec.Query > 0 {
		s.c.observed()
	}
}

// coded is an error with its SQLSTATE.
func coded(err error) *sqlstate.Error {
	if e := (*sqlstate.Error)(nil); errors.As(err, &e) {
		return e
	}
	return sqlstate.Internal.Errorf("%v", err)
}

// deadline gives a statement's context its timeout.
func (s *Session) deadline(ctx context.Context) (context.Context, context.CancelFunc) {
	if s.timeout <= 0 {
		return ctx, nil
	}
	return context.WithTimeoutCause(ctx, s.timeout, errTimeout)
}

// errTimeout is the cause of a context that statement_timeout ended.
var errTimeout = sqlstate.QueryCanceled.Errorf("canceling statement due to statement timeout")

// interrupted gives the error of a statement whose context has ended its own words: the timeout's, or those of a client that gave up.
func interrupted(ctx context.Context, err error) error {
	switch {
	case err == nil || ctx == nil || ctx.Err() == nil:
		return err
	case errors.Is(context.Cause(ctx), errTimeout):
		return errTimeout
	case stopped(ctx) != nil:
		return stopped(ctx)
	case errors.Is(err, context.Canceled), errors.Is(err, context.DeadlineExceeded):
		return canceled()
	}
	return err
}

// rowsOf makes a rowset of computed text rows: SHOW, EXPLAIN.
func (s *Session) rowsOf(names []string, rows [][]string, rec *system.Record) *rowset {
	set := &rowset{s: s, rec: rec, tx: s.tx}
	for _, n := range names {
		if s.upper {
			n = strings.ToUpper(n)
		}
		set.columns = append(set.columns, exec.ResultColumn{Name: n, Type: types.TVarcharMax})
	}
	for len(rows) > 0 {
		n := min(len(rows), vector.Size)
		b := &vector.Batch{Len: n}
		for c := range names {
			v := vector.New(types.TVarcharMax, n)
			for i := range n {
				v.Texts[i] = rows[i][c]
			}
			b.Columns = append(b.Columns, v)
		}
		set.batches = append(set.batches, b)
		rows = rows[n:]
	}
	return set
}

// described gives the columns of a result the names that the client sees.
// https://docs.aws.amazon.com/redshift/latest/dg/r_describe_field_name_in_uppercase.html
func (s *Session) described(columns []exec.ResultColumn) []exec.ResultColumn {
	if !s.upper {
		return columns
	}
	columns = slices.Clone(columns)
	for i := range columns {
		columns[i].Name = strings.ToUpper(columns[i].Name)
	}
	return columns
}

// hidden is a password in CREATE or ALTER USER: logs show stars.
var hidden = regexp.MustCompile(`(?i)\b(password\s+)('([^']|'')*'|\$(\w*)\$[^$]*\$\w*\$)`)

// partOf is the text of one statement; alone = it is all of text.
func partOf(text string, alone bool, st ast.Statement) string {
	from, to := st.Span()
	if alone || from < 0 || to > len(text) || from >= to {
		return text
	}
	return text[from:to]
}

// record begins the log's record of a statement; alone = it is all of the text.
func (s *Session) record(kind, text string, alone bool, st ast.Statement, start time.Time) *system.Record {
	part := partOf(text, alone, st)
	switch st.(type) {
	case *ast.User:
		part = hidden.ReplaceAllString(part, "$1'***'")
	case *ast.IdentityProvider:
		part = principal.HideSecret(part, "***")
	}
	return &system.Record{
		Number: s.c.Log().Next(),
		PID:    s.pid, UserID: s.user.ID, User: s.user.Name, Database: s.db.Name, Label: s.label, Slots: s.slots, Kind: kind,
		Text: part, Start: start, XID: s.tx.ID, Begun: s.tx.Start, Block: s.block,
	}
}
