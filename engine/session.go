package engine

import (
	"context"
	"errors"
	"fmt"
	"runtime/debug"
	"slices"
	"sync"
	"sync/atomic"
	"time"

	"github.com/redshiftsim/redshiftsim/engine/ast"
	"github.com/redshiftsim/redshiftsim/engine/bind"
	"github.com/redshiftsim/redshiftsim/engine/catalog"
	"github.com/redshiftsim/redshiftsim/engine/exec"
	"github.com/redshiftsim/redshiftsim/engine/function"
	"github.com/redshiftsim/redshiftsim/engine/parse"
	"github.com/redshiftsim/redshiftsim/engine/principal"
	"github.com/redshiftsim/redshiftsim/engine/system"
	"github.com/redshiftsim/redshiftsim/engine/txn"
	"github.com/redshiftsim/redshiftsim/internal/sqlstate"
	"github.com/redshiftsim/redshiftsim/internal/types"
	"github.com/redshiftsim/redshiftsim/storage"
)

// Session is a connection to a cluster. It is for one goroutine at a time.
//
//	tx nil                     between transactions
//	tx, block false            inside one text: a statement alone, or several as one transaction
//	tx, block true             after BEGIN, until COMMIT or ROLLBACK
type Session struct {
	c       *Cluster
	db      *catalog.Database // that names are of; as it was when the session began, or when USE led to it
	home    *catalog.Database // that the session is connected to
	used    bool              // db is that of a USE
	pid     int
	login   *principal.User // who connected, as it was then
	user    *principal.User // as whom statements run
	stamp   catalog.Stamp   // of the catalog in which user, and what follows, were looked up
	reach   *principal.Reach
	active  time.Time // end of the last statement, kept where a session may be idle for so long only
	start   time.Time
	running atomic.Pointer[system.Running]
	stopper atomic.Pointer[stopper]       // of the statement that runs, or ran last
	killed  atomic.Bool                   // by PG_TERMINATE_BACKEND
	xid     atomic.Int64                  // of the transaction, or of the last one
	begunAt atomic.Int64                  // its begin, in microseconds
	turn    sync.Mutex                    // held while a call of the owner runs
	shown   atomic.Pointer[system.Cursor] // of cursor

	vars, initial map[string]string // parameters that were set; as the session began
	undo          map[string]string // vars as the transaction began
	local         map[string]string // vars as they are after COMMIT, when SET LOCAL was used
	hasLocal      bool
	effects                                    // of vars
	random        atomic.Pointer[laggedRandom] // after SET SEED
	asked         function.Env                 // of env
	binds         bind.Env                     // of bindEnv
	shape         []byte                       // scratch of read
	unnamed       []byte                       // of renamed
	lits          []literal
	names         []string // of renamed
	few           fewTexts
	last          *parsed // that find gave
	lastPlan      keptPlan

	inserts *inserting // room of insert, once there was one
	spare   *Result    // of a text that has ended, for the next one

	tx       *txn.Tx
	ended    time.Time     // the last statement that the log has
	waited   time.Duration // for locks of relations
	block    bool
	piped    bool                  // what runs until Sync is one transaction
	readOnly bool                  // the transaction may not write
	reader   bool                  // no transaction may
	unlogged bool                  // it leaves nothing in the log
	temp     bool                  // temporary tables were made
	named    map[string]*Statement // prepared statements by their names
	cursor   *cursor               // nil = none is open
	within   string                // the schema that CREATE SCHEMA fills: names are looked up there first
	grown    []string              // schemas into which the transaction puts rows

	calling  *calling // the innermost CALL that runs
	definer  *principal.User
	owned    bool // block was begun by START TRANSACTION in a procedure
	portals  int  // names that cursors without one were given
	programs map[*catalog.Function]keptProgram

	lastQuery     int64 // pg_last_query_id
	lastCopy      int64 // pg_last_copy_id
	lastCopyCount int64 // pg_last_copy_count

	lastUnload      int64 // pg_last_unload_id
	lastUnloadCount int64 // pg_last_unload_count
	notice          func(*sqlstate.Error)
	completed       func(tag string)
	terminated      func()
	closed          bool
	timedOut        bool // it was idle for too long
	index           objectIndex
	dry             bool // of a Checker: definitions are made, rows are not

	// stand are rows that stand for those of tables while a materialized view is refreshed; nil = none.
	stand map[uint32]storage.View
	// imports are what the transaction has read of datashares.
	imports imports
	// remote is where the transaction writes through a datashare; nil = it does not.
	remote *remote
	// consumer is the session of another cluster that this one acts for at the producer (remote.go); nil = it is a client's.
	consumer *Session
}

// fewTexts is room of read and renamed for texts as they mostly are.
type fewTexts struct {
	shape, unnamed [160]byte
	lits           [6]literal
	names          [4]string
}

// inserting is the room in which INSERTs of computed rows run, one after the other.
type inserting struct {
	exec.Inserter
	env  function.Env
	view [1]storage.View
}

// SessionOptions are what a client says when it connects.
type SessionOptions struct {
	User     string            // "" = the administrator
	Password string            // "" = none was given
	Database string            // "" = the cluster's
	Settings map[string]string // parameters to begin with
	// Proof is how User was proved.
	Proof Proof
	// Notice gets messages that are no errors (INFO, WARNING, NOTICE), while a statement runs.
	Notice func(*sqlstate.Error)
	// Client is what a server knows of who connects, for STL_CONNECTION_LOG; zero for a connection inside the process.
	Client system.Client
	// Completed gets the command tag of each statement that has ended: INSERT 0 1. nil = nobody asks.
	// https://www.postgresql.org/docs/8.0/protocol-message-formats.html
	Completed func(tag string)
	// Terminated is called when PG_TERMINATE_BACKEND has ended the session, by another goroutine.
	Terminated func()
	// ReadOnly refuses what would change anything (25006), whatever the session says of its transactions; UNLOAD too.
	ReadOnly bool
	// Unlogged leaves nothing of its visit and its statements in the log: it is somebody who looks at the cluster.
	Unlogged bool
}

// client is Client with the method of authentication.
func (o *SessionOptions) client() system.Client {
	c := o.Client
	if c.Auth == "" {
		if c.Auth = "Trust"; o.Password != "" {
			c.Auth = "password"
		}
	}
	return c
}

// Proof is who has seen that a user is the one it says.
type Proof uint8

// Proofs.
const (
	ByPassword Proof = iota // the session itself, by the password
	Proven                  // the caller: no password is asked, but the user must be there
	Trusted                 // nobody: the name is believed, and a user made when it is new
)

// NewSession connects. The administrator is a superuser; another user is made when it first connects without a password, and is not. A password must be
// its user's (28P01), and the user must be there (28000).
func (c *Cluster) NewSession(o SessionOptions) (*Session, error) {
	if c.closed.Load() {
		return nil, sqlstate.AdminShutdown.Errorf("the cluster is closed")
	}
	if o.Database == "" {
		o.Database = c.cfg.Database
	}
	db := c.txns.Root().Catalog.DatabaseByName(o.Database)
	if db == nil {
		return nil, sqlstate.InvalidCatalogName.Errorf("database \"%s\" does not exist", o.Database)
	}
	u, err := c.login(o)
	if err != nil {
		c.Log().Arrive(system.Visit{User: o.User, DB: o.Database, Start: c.cfg.Clock(), Application: o.Settings["application_name"], Client: o.client()})
		return nil, err
	}
	s := &Session{c: c, db: db, home: db, login: u, user: u, start: c.cfg.Clock(), notice: o.Notice, completed: o.Completed, terminated: o.Terminated, lastQuery: -1, lastCopy: -1, lastUnload: -1}
	s.reader, s.unlogged = o.ReadOnly, o.Unlogged
	s.shape, s.unnamed, s.lits, s.names = s.few.shape[:0], s.few.unnamed[:0], s.few.lits[:0], s.few.names[:0]
	s.use(nil)
	for k, v := range u.Settings {
		if err := s.put(k, v, false); err != nil {
			return nil, err
		}
	}
	for k, v := range o.Settings {
		if err := s.set(k, v, false); err != nil {
			return nil, err
		}
	}
	s.initial = s.vars
	if err := c.admit(s); err != nil {
		return nil, err
	}
	if s.unlogged {
		return s, nil
	}
	c.Log().Arrive(system.Visit{
		PID: s.pid, User: u.Name, UserID: u.ID, DB: db.Name, Start: s.start, Timeout: u.Timeout, Application: o.Settings["application_name"], Client: o.client(),
	})
	return s, nil
}

// PID is the session's number.
func (s *Session) PID() int { return s.pid }

// Cluster is where the session is.
func (s *Session) Cluster() *Cluster { return s.c }

// Alive says whether the session can run statements: neither it nor its cluster is closed, and nobody has terminated it.
func (s *Session) Alive() bool { return !s.closed && !s.killed.Load() && !s.c.closed.Load() }

// LastQuery is what PG_LAST_QUERY_ID gives: the number of the last query of the session that reached the compute nodes; below 0 = none.
// https://docs.aws.amazon.com/redshift/latest/dg/PG_LAST_QUERY_ID.html
func (s *Session) LastQuery() int64 { return s.lastQuery }

// Location is the session's time zone.
func (s *Session) Location() *time.Location { return s.zone }

// Status is the state of the transaction, as the protocol spells it: I idle, T in a block, E in a failed block.
func (s *Session) Status() byte {
	switch {
	case s.tx == nil || !s.block:
		return 'I'
	case s.tx.Failed:
		return 'E'
	}
	return 'T'
}

// dropTemps drops the temporary tables that the session made in a database.
func (s *Session) dropTemps(db *catalog.Database) {
	tx := s.c.txns.Begin(s.c.cfg.Clock())
	tx.Database = db.ID
	for _, o := range tx.Catalog().InSchema(s.tempSchema()) {
		if t, ok := o.(*catalog.Table); ok {
			tx.Remove(t.Schema, t.Name)
			tx.RemoveEntry(catalog.AccessKey(principal.Relation, t.ID))
			_ = tx.Drop(t)
		}
	}
	_ = tx.Commit() // nobody else knows the tables: it cannot conflict
}

// Close ends the session: an open transaction is rolled back, temporary tables go.
func (s *Session) Close() error {
	if s.closed {
		return nil
	}
	s.closed = true
	s.rollback()
	if s.temp {
		for _, db := range s.c.txns.Root().Catalog.Databases() { // USE may have led to any of them
			s.dropTemps(db)
		}
	}
	s.c.forget(s)
	s.c.Log().Leave(s.pid, s.c.cfg.Clock(), s.timedOut)
	return nil
}

// tempSchema is where the session's temporary tables are.
func (s *Session) tempSchema() string { return fmt.Sprintf("%s%d", catalog.TempPrefix, s.pid) }

// searchPath lists the schemas in which a name is looked up: temporary tables, system tables, then the search path.
// https://docs.aws.amazon.com/redshift/latest/dg/r_search_path.html
func (s *Session) searchPath() []string {
	if s.path == nil {
		own := s.usable(s.userPath())
		if s.within != "" {
			s.path = append(s.path, s.within)
		}
		temp := s.tempSchema()
		if s.temp && !slices.Contains(own, temp) {
			s.path = append(s.path, temp)
		}
		if !slices.Contains(own, catalog.PgCatalog) {
			s.path = append(s.path, catalog.PgCatalog)
		}
		s.path = append(s.path, own...)
		s.context = s.planContext()
	}
	return s.path
}

// userPath is the search path as it was set, $user and pg_temp replaced.
func (s *Session) userPath() []string {
	v, _ := s.Setting("search_path")
	out := splitPath(v)
	for i := range out {
		switch out[i] {
		case "$user":
			out[i] = s.user.Name
		case "pg_temp":
			out[i] = s.tempSchema()
		}
	}
	return out
}

// currentSchema is where new objects go: the first schema of the search path that exists.
func (s *Session) currentSchema(c *catalog.Catalog) string {
	for _, p := range s.usable(s.userPath()) {
		if c.Schema(p) != nil {
			return p
		}
	}
	return ""
}

// begin makes sure that there is a transaction.
func (s *Session) begin() *txn.Tx {
	if s.tx == nil {
		s.tx = s.c.txns.Begin(s.c.cfg.Clock())
		s.begunAt.Store(types.MicrosFromTime(s.tx.Start))
		s.xid.Store(s.tx.ID)
		s.tx.PID, s.tx.Database, s.tx.Serializable = s.pid, s.db.ID, s.db.Isolation == catalog.Serializable
		s.undo, s.hasLocal, s.grown = s.vars, false, s.grown[:0]
	}
	return s.tx
}

// commit ends the transaction. A failed one is rolled back instead, and says so.
func (s *Session) commit() error {
	tx := s.tx
	if tx == nil {
		s.block, s.readOnly = false, false
		return nil
	}
	if tx.Failed {
		s.rollback()
		return sqlstate.InFailedTransaction.Errorf("current transaction is aborted, commit unexpectedly resulted in rollback")
	}
	if err := s.quotas(); err != nil {
		s.rollback()
		return err
	}
	if err := s.committing(); err != nil {
		s.rollback()
		return err
	}
	if err := s.commitRemote(); err != nil {
		s.rollback()
		return err
	}
	block := s.block
	s.tx, s.block, s.readOnly, s.imports = nil, false, false, imports{}
	var written []uint32
	if s.c.cfg.Background {
		written = tx.Written()
	}
	s.closeCursor()
	note := s.ending(tx, block)
	err := tx.Commit()
	note.noted(err != nil)
	if s.c.cfg.Background {
		s.c.ended(s.db.ID, written)
	}
	switch {
	case err != nil:
		s.use(s.undo)
	case s.hasLocal:
		s.use(s.local)
	}
	s.undo, s.local, s.hasLocal = nil, nil, false
	return err
}

// rollback drops the transaction; parameters are again what they were.
func (s *Session) rollback() {
	tx := s.tx
	s.endRemote()
	note := s.ending(tx, s.block)
	s.block, s.readOnly = false, false
	if tx == nil {
		return
	}
	tx.Rollback()
	note.noted(true)
	s.closeCursor()
	s.tx, s.imports = nil, imports{}
	if s.c.cfg.Background {
		s.c.ended(s.db.ID, nil)
	}
	s.use(s.undo)
	s.undo, s.local, s.hasLocal = nil, nil, false
}

// Begin is BEGIN, READ ONLY or not.
// https://docs.aws.amazon.com/redshift/latest/dg/r_BEGIN.html
func (s *Session) Begin(readOnly bool) error {
	return s.spied("BEGIN", func() error {
		return s.recordedTransaction("BEGIN", true, &ast.Transaction{Kind: "begin"}, func() error { return s.beginBlock(readOnly || s.effects.readOnly) })
	})
}

func (s *Session) beginBlock(readOnly bool) error {
	if s.block {
		return sqlstate.ActiveTransaction.Errorf("there is already a transaction in progress")
	}
	if s.tx == nil {
		s.c.loadArrived(context.Background())
	}
	s.begin()
	s.block, s.readOnly = true, readOnly
	return nil
}

// Commit is COMMIT. In a failed transaction it rolls back and fails with 25P02.
func (s *Session) Commit() (err error) {
	if err := s.enter(); err != nil {
		return err
	}
	defer s.leave()
	defer s.recovered("COMMIT", &err)
	return s.spied("COMMIT", func() error { return s.recordedTransaction("COMMIT", true, &ast.Transaction{Kind: "commit"}, s.commit) })
}

// Rollback is ROLLBACK.
func (s *Session) Rollback() {
	if s.enter() == nil {
		defer s.leave()
		_ = s.spied("ROLLBACK", func() error { // a hook may not keep it from that
			return s.recordedTransaction("ROLLBACK", true, &ast.Transaction{Kind: "rollback"}, func() error {
				s.rollback()
				return nil
			})
		})
		s.rollback()
	}
}

// fail marks the transaction: a failed statement ends it, there are no savepoints.
func (s *Session) fail() {
	if s.tx == nil {
		return
	}
	if s.block {
		s.endRemote()
		s.tx.Failed = true
		s.tx.Rollback() // the block stands until ROLLBACK; what it holds does not
		s.closeCursor()
		return
	}
	s.rollback()
}

// recovered turns a panic, which is a bug of this engine, into XX000 with the statement in its detail.
func (s *Session) recovered(text string, err *error) {
	if p := recover(); p != nil {
		*err = internal(text, p)
		s.fail()
	}
}

func internal(text string, p any) error {
	e := sqlstate.Internal.Errorf("internal error: %v", p).WithDetail("statement: %s", text).
		WithHint("this is a bug in redshiftsim, not in the statement")
	e.Where = string(debug.Stack())
	return e
}

// located gives an error its position in text, as a new value: trees and plans that are shared may hold the one given.
func located(err error, text string) error {
	var e *sqlstate.Error
	if err == nil || !errors.As(err, &e) {
		return err
	}
	if e.Offset() < 0 {
		return err
	}
	c := *e
	return c.Locate(text)
}

// tell sends a notice to the client.
func (s *Session) tell(severity string, code sqlstate.Code, format string, args ...any) {
	if s.notice == nil || severity != "INFO" && messageLevel(severity) < s.least {
		return
	}
	e := code.Errorf(format, args...)
	e.Severity = severity
	s.notice(e)
}

// parseText parses a text, as the session reads names; errors have positions.
func (s *Session) parseText(text string) ([]ast.Statement, error) {
	stmts, err := parse.With(text, s.reading())
	return stmts, located(err, text)
}

// Query runs text up to its first rows; the Result runs the rest. args are values for $1, $2, ... and need a text of one statement.
func (s *Session) Query(ctx context.Context, text string, args []types.Datum) (r *Result, err error) {
	defer s.recovered(text, &err)
	x, lits, err := s.read(text, args)
	if err != nil {
		s.unparsed(text, args, err)
		s.fail()
		return nil, err
	}
	return s.start1(ctx, text, x, args, lits, nil)
}

// Exec runs text to its end and gives the number of rows that its last statement changed, or returned.
func (s *Session) Exec(ctx context.Context, text string, args []types.Datum) (int64, error) {
	r, err := s.Query(ctx, text, args)
	if err != nil {
		return 0, err
	}
	return r.finished()
}

// Statement is a prepared text.
type Statement struct {
	parsed
	s *Session
	// Params are the types of its parameters.
	Params []types.Type
	// OIDs are the types of the parameters as the client named them, whatever they are here; 0 = it named none.
	OIDs []uint32
	// Doubled are the characters of the text that its owner has put in, by which places of errors must be moved.
	Doubled  []int
	columns  []exec.ResultColumn // of a query
	from     Origins             // of columns
	declared []types.Type        // what the client said of Params; nil = nothing
	runs     *parsed             // what is run, under the text that its plan is kept under
}

// Prepare parses text and finds the types of its parameters. A text of several statements may be prepared when it has no parameters.
func (s *Session) Prepare(ctx context.Context, text string) (*Statement, error) {
	return s.prepareText(ctx, text, nil)
}

func (s *Session) prepareText(_ context.Context, text string, declared []types.Type) (st *Statement, err error) {
	defer s.recovered(text, &err)
	x := s.readAsWritten(text)
	var stmts []ast.Statement
	if x != nil {
		stmts = []ast.Statement{x.named(x.stmts[0])}
	} else if stmts, err = s.parseText(text); err != nil {
		s.fail()
		return nil, err
	}
	st = &Statement{parsed: parsed{text: text, stmts: stmts}, s: s, declared: declared, runs: x}
	if x == nil || declared != nil {
		st.runs = &parsed{text: declaredKey(text, declared), stmts: stmts}
	}
	if len(stmts) != 1 {
		return st, nil
	}
	if s.tx != nil && s.tx.Failed && !ends(stmts[0]) {
		return nil, errAborted()
	}
	call, isCall := stmts[0].(*ast.Call)
	if !planned(stmts[0]) && !isCall {
		st.Params = showParameters(stmts[0])
		return st, nil
	}
	own := s.tx == nil
	s.begin()
	s.tx.Refresh()
	if isCall {
		if st.Params, st.columns, err = s.callParameters(call, declared); err != nil {
			s.fail()
			return nil, located(err, text)
		}
		if own {
			return st, s.commit()
		}
		return st, nil
	}
	p, err := s.plan(stmts[0], text, st.runs.text, declared, x)
	if err != nil {
		s.fail()
		return nil, located(err, text)
	}
	st.Params, st.columns, st.from = p.bound.Params, s.columnsOf(p), p.from()
	if own {
		return st, s.commit()
	}
	return st, nil
}

// Query runs the statement.
func (st *Statement) Query(ctx context.Context, args []types.Datum) (r *Result, err error) {
	defer st.s.recovered(st.text, &err)
	return st.s.start1(ctx, st.text, st.runs, args, nil, st.declared)
}

// Exec runs the statement to its end.
func (st *Statement) Exec(ctx context.Context, args []types.Datum) (int64, error) {
	r, err := st.Query(ctx, args)
	if err != nil {
		return 0, err
	}
	return r.finished()
}

// NumInput is the number of parameters; -1 = it is not known before the statement runs.
func (st *Statement) NumInput() int {
	if len(st.stmts) == 1 && (planned(st.stmts[0]) || len(st.Params) > 0) {
		return len(st.Params)
	}
	return -1
}

func errAborted() error {
	return sqlstate.InFailedTransaction.Errorf("current transaction is aborted, commands ignored until end of transaction block")
}
