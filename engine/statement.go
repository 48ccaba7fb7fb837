package engine

import (
	"context"
	"maps"
	"strconv"
	"strings"
	"time"

	"github.com/redshiftsim/redshiftsim/engine/ast"
	"github.com/redshiftsim/redshiftsim/engine/compile"
	"github.com/redshiftsim/redshiftsim/engine/plan"
	"github.com/redshiftsim/redshiftsim/engine/system"
	"github.com/redshiftsim/redshiftsim/internal/sqlstate"
	"github.com/redshiftsim/redshiftsim/internal/types"
)

// call is one statement on its way.
type call struct {
	ctx   context.Context
	text  string  // of which the statement is a part
	plan  string  // text that the statement's plan is kept under
	shape *parsed // that text, when it is kept with what it was parsed to
	args  []types.Datum
	lits  []literal    // instead of args: literals that were taken out of the text
	multi bool         // the text has other statements: they are one transaction
	types []types.Type // that the client declared for args
	rec   *system.Record
	watch *watched      // nil = no hooks
	kept  *embeddedPlan // of a statement of a procedure; nil elsewhere

	running *system.Running
	room    rowset // of the statement's rows
}

// statement runs one statement. It gives its rows, or the number of rows that it changed. The caller ends the transaction.
func (s *Session) statement(r *Result, st ast.Statement) (set *rowset, n int64, err error) {
	if s.hooks() != nil {
		return s.watchedStatement(r, st)
	}
	return s.plainStatement(r, st)
}

func (s *Session) plainStatement(r *Result, st ast.Statement) (set *rowset, n int64, err error) {
	if err := r.ctx.Err(); err != nil {
		return nil, 0, canceled()
	}
	if len(r.args) > 0 && !takesArguments(st, false) {
		return nil, 0, noParameters(st, "", len(r.args))
	}
	if t, ok := st.(*ast.Transaction); ok {
		return nil, 0, s.recordedTransaction(r.text, len(r.stmts) == 1 && !s.piped, t, func() error { return s.transaction(t) })
	}
	if s.tx != nil && s.tx.Failed {
		return nil, 0, errAborted()
	}
	if s.login.Timeout > 0 {
		if err := s.idled(); err != nil {
			return nil, 0, err
		}
	}
	var start time.Time
	if s.tx != nil {
		start = s.c.cfg.Clock()
	} else { // the transaction begins with the statement
		s.c.loadArrived(r.ctx)
		start = s.begin().Start
	}
	now := &present{}
	ctx, stop := s.stoppable(r.ctx, &now.stopper), &now.stopper
	multi := len(r.stmts) > 1 || s.piped
	c := &r.call
	*c = call{
		ctx: ctx, text: r.text, plan: r.plan, shape: r.shape, args: r.args, lits: r.lits, multi: multi, types: r.types, watch: r.watched,
		rec: s.record(ast.KindOf(st), r.text, !multi, st, start),
	}
	c.running = &now.running
	show(c.running, c.rec)
	s.running.Store(c.running)
	set, n, err = s.timed(c, st)
	if set != nil {
		set.ctx, set.stop = ctx, stop
		return set, n, nil
	}
	err = interrupted(ctx, err)
	stop.stop()
	s.logged(c.rec, n, err)
	return nil, n, err
}

// runningOf is what the system tables show of a statement while it runs.
func runningOf(r *system.Record) *system.Running {
	n := &system.Running{}
	show(n, r)
	return n
}

// show fills in what the system tables show.
func show(n *system.Running, r *system.Record) {
	n.XID, n.Number, n.Kind, n.Label, n.Slots, n.Text, n.Start, n.Load, n.Unload = r.XID, r.Number, r.Kind, r.Label, r.Slots, r.Text, r.Start, r.Load, r.Unload
	n.Query.Store(r.Query)
}

// road is the one switch: which way a statement takes.
func (s *Session) road(c *call, st ast.Statement) (*rowset, int64, error) {
	if _, out := st.(*ast.Unload); s.mustRead() && (!harmless(st) || out && s.reader) {
		return nil, 0, errReadOnly()
	}
	if err := s.writesThrough(c, st); err != nil {
		return nil, 0, err
	}
	if s.remote != nil {
		s.renew()
	}
	if s.db.Import != nil {
		if err := s.onImported(st); err != nil {
			return nil, 0, err
		}
	}
	done, err := s.afarStatement(c, st)
	var set *rowset
	n := int64(0)
	if !done && err == nil {
		set, n, err = s.way(c, st)
	}
	if err == nil {
		err = s.onlyRemote()
	}
	return set, n, err
}

// way is the switch of road.
func (s *Session) way(c *call, st ast.Statement) (*rowset, int64, error) {
	s.refresh(s.catalog())
	switch st := st.(type) {
	case *ast.Select:
		if into := intoOf(st); into != nil {
			return nil, 0, s.selectInto(c, st, into)
		}
		return s.query(c, st)
	case *ast.Insert:
		if own, t := s.externalTarget(c, st); t != nil {
			n, err := s.insertExternal(c, own, t)
			return nil, n, err
		}
		return s.query(c, st)
	case *ast.Update, *ast.Delete, *ast.Merge:
		return s.query(c, st)
	case *ast.Explain:
		return s.explain(c, st)
	case *ast.CreateTable:
		if st.Query != nil {
			return nil, 0, s.createTableAs(c, st)
		}
		return nil, 0, s.createTable(c, st)
	case *ast.CreateView:
		return nil, 0, s.createView(c, st)
	case *ast.CreateMaterializedView:
		return nil, 0, s.createMaterializedView(c, st)
	case *ast.AlterMaterializedView:
		return nil, 0, s.alterMaterializedView(st)
	case *ast.RefreshMaterializedView:
		return nil, 0, s.refreshMaterializedView(c, st)
	case *ast.CreateSchema:
		return nil, 0, s.createSchema(c, st)
	case *ast.Drop:
		return nil, 0, s.drop(c, st)
	case *ast.AlterTable:
		return nil, 0, s.alterTable(c, st)
	case *ast.Truncate:
		return nil, 0, s.truncate(c, st)
	case *ast.DeclareCursor:
		return nil, 0, s.declare(c, st)
	case *ast.Fetch:
		return s.fetch(c, st)
	case *ast.CloseCursor:
		return nil, 0, s.closeStatement(st)
	case *ast.Comment:
		return nil, 0, s.comment(st)
	case *ast.ShowObjects:
		return s.showObjects(c, st)
	case *ast.AppendTable:
		return nil, 0, s.appendTable(c, st)
	case *ast.CreateExternalSchema:
		return nil, 0, s.createExternalSchema(st)
	case *ast.AlterExternalSchema:
		return nil, 0, s.alterExternalSchema(st)
	case *ast.CreateExternalTable:
		if st.Query != nil {
			return nil, 0, s.createExternalTableAs(c, st)
		}
		return nil, 0, s.createExternalTable(c, st)
	case *ast.AlterExternalTable:
		return nil, 0, s.alterExternalTable(c, st)
	case *ast.ExternalView:
		if st.Alter {
			return nil, 0, s.alterExternalView(c, st)
		}
		return nil, 0, s.createExternalView(c, st)
	case *ast.Datashare:
		set, err := s.datashare(c, st)
		return set, 0, err
	case *ast.DropExternalView:
		return nil, 0, s.dropExternalView(c, st)
	case *ast.IdentityProvider:
		set, err := s.identityProvider(c, st)
		return set, 0, err
	case *ast.AlterSchema:
		return nil, 0, s.alterSchema(c, st)
	case *ast.Database:
		if st.Alter {
			return nil, 0, s.alterDatabase(c, st)
		}
		return nil, 0, s.createDatabase(c, st)
	case *ast.Lock:
		return nil, 0, s.lockStatement(c, st)
	case *ast.Analyze:
		return nil, 0, s.analyze(c, st)
	case *ast.AnalyzeCompression:
		return s.analyzeCompression(c, st)
	case *ast.Vacuum:
		return nil, 0, s.vacuum(c, st)
	case *ast.Copy:
		return nil, 0, s.copyInto(c, st, nil)
	case *ast.CopyJob:
		return s.copyJob(c, st)
	case *ast.Unload:
		return nil, 0, s.unload(c, st)
	case *ast.Set:
		return nil, 0, s.setStatement(st)
	case *ast.TransactionMode:
		return nil, 0, s.setMode(st)
	case *ast.Use:
		return nil, 0, s.useDatabase(st)
	case *ast.Reset:
		if st.Name == "use" {
			return nil, 0, s.resetUse()
		}
		return nil, 0, s.reset(st)
	case *ast.AlterSystem:
		return nil, 0, s.alterSystem(c, st)
	case *ast.Show:
		return s.show(c, st)
	case *ast.Prepare:
		return nil, 0, s.prepare(st)
	case *ast.Execute:
		return s.execute(c, st)
	case *ast.Deallocate:
		return nil, 0, s.deallocate(st)
	case *ast.User:
		return nil, 0, s.createUser(c, st)
	case *ast.Group:
		return nil, 0, s.createGroup(st)
	case *ast.Role:
		return nil, 0, s.createRole(st)
	case *ast.DropPrincipal:
		return nil, 0, s.dropPrincipal(c, st)
	case *ast.Grant:
		return nil, 0, s.grant(st)
	case *ast.Template:
		return nil, 0, s.template(st)
	case *ast.Policy:
		return nil, 0, s.policy(st)
	case *ast.AttachPolicy:
		return nil, 0, s.attachPolicy(st)
	case *ast.AlterSecurity:
		return nil, 0, s.alterSecurity(c, st)
	case *ast.DefaultPrivileges:
		return nil, 0, s.alterDefaultPrivileges(st)
	case *ast.CreateRoutine:
		return nil, 0, s.createRoutine(st)
	case *ast.DropRoutine:
		return nil, 0, s.dropRoutine(c, st)
	case *ast.AlterRoutine:
		return nil, 0, s.alterRoutine(st)
	case *ast.Call:
		return s.call(c, st)
	case *ast.SessionAuthorization:
		return nil, 0, s.setAuthorization(st)
	case *ast.Cancel:
		return nil, 0, s.cancel(st)
	}
	return nil, 0, unsupported(st, ast.KindOf(st))
}

// takesArguments says whether parameters may stand in a statement: in a procedure also in the query of CREATE TABLE AS.
func takesArguments(st ast.Statement, procedure bool) bool {
	switch st := st.(type) {
	case *ast.Call:
		return true
	case *ast.CreateTable:
		return procedure && st.Query != nil
	case *ast.Select:
		return procedure || planned(st)
	}
	return planned(st) || showParameters(st) != nil
}

// harmless says that a statement may run in a read-only transaction; what EXECUTE runs is looked at when it is planned.
func harmless(st ast.Statement) bool {
	switch st := st.(type) {
	case *ast.Select:
		return intoOf(st) == nil
	case *ast.Datashare:
		return st.Action == "desc"
	case *ast.IdentityProvider:
		return st.Action == "desc"
	case *ast.CopyJob:
		return st.Verb == "list" || st.Verb == "show"
	case *ast.Call, *ast.Explain, *ast.Set, *ast.TransactionMode, *ast.Use, *ast.Reset, *ast.Show, *ast.Prepare, *ast.Execute, *ast.Deallocate, *ast.SessionAuthorization, *ast.DeclareCursor, *ast.Fetch, *ast.CloseCursor, *ast.ShowObjects, *ast.Unload, *ast.Cancel, *ast.Other:
		return true
	}
	return false
}

func errReadOnly() error {
	return sqlstate.ReadOnlyTransaction.Errorf("transaction is read-only")
}

// unsupported refuses what is not built, by name.
func unsupported(st ast.Statement, what string) error {
	from, _ := st.Span()
	if o, ok := st.(*ast.Other); ok && o.Foreign { // Redshift has it not either
		if strings.HasSuffix(o.Kind, "INDEX") && strings.HasPrefix(o.Kind, "CREATE") {
			return sqlstate.FeatureNotSupported.Errorf("SQL command \"%s\" not supported on Redshift tables.", o.Text).At(from)
		}
		return sqlstate.FeatureNotSupported.Errorf("%s is not supported", what).At(from)
	}
	return sqlstate.Unbuilt(ast.KindOf(st), what).At(from)
}

// canceled is the error of a statement that its client gave up.
func canceled() error {
	return sqlstate.QueryCanceled.Errorf("canceling statement due to user request")
}

// planned says whether a statement takes the query road, where parameters are.
func planned(st ast.Statement) bool {
	switch st := st.(type) {
	case *ast.Select:
		return intoOf(st) == nil
	case *ast.Insert, *ast.Update, *ast.Delete, *ast.Merge:
		return true
	}
	return false
}

// transaction is BEGIN, COMMIT and ROLLBACK.
// https://docs.aws.amazon.com/redshift/latest/dg/r_BEGIN.html
func (s *Session) transaction(t *ast.Transaction) error {
	switch t.Kind {
	case "begin":
		if s.block {
			if s.tx != nil && s.tx.Failed {
				return errAborted()
			}
			s.tell("WARNING", sqlstate.ActiveTransaction, "there is already a transaction in progress")
			return nil
		}
		return s.beginBlock(t.ReadOnly || s.effects.readOnly && !t.ReadWrite)
	case "commit":
		if s.tx == nil || !s.block {
			s.tell("WARNING", sqlstate.NoActiveTransaction, "there is no transaction in progress")
		}
		if s.tx != nil && s.tx.Failed { // as PostgreSQL: COMMIT of a failed transaction is a ROLLBACK, and no error
			s.rollback()
			return nil
		}
		return s.commit()
	}
	if s.tx == nil || !s.block {
		s.tell("WARNING", sqlstate.NoActiveTransaction, "there is no transaction in progress")
	}
	s.rollback()
	return nil
}

// recordedTransaction runs f, a statement that begins or ends a transaction, and logs it: a COMMIT and a ROLLBACK stand with what they end.
// https://docs.aws.amazon.com/redshift/latest/dg/r_STL_UTILITYTEXT.html
func (s *Session) recordedTransaction(text string, alone bool, t *ast.Transaction, f func() error) error {
	start, tx := s.c.cfg.Clock(), s.tx
	var rec *system.Record
	if tx != nil {
		rec = s.record(strings.ToUpper(t.Kind), text, alone, t, start)
	}
	err := f()
	switch {
	case rec != nil:
		if err != nil {
			rec.Conflict = tx.Conflict
		}
	case s.tx == nil: // there was none to end
		return err
	default:
		rec = s.record(strings.ToUpper(t.Kind), text, alone, t, start)
	}
	rec.Planned = start
	s.logged(rec, 0, err)
	return err
}

// timed is road; the record tells how long it waited for locks.
func (s *Session) timed(c *call, st ast.Statement) (*rowset, int64, error) {
	before := s.waited
	set, n, err := s.road(c, st)
	c.rec.LockWait = s.waited - before
	return set, n, err
}

// mustRead says that what runs now may not write: the block's mode says so, or outside of one the session's.
func (s *Session) mustRead() bool { return s.reader || s.readOnly || s.effects.readOnly && !s.block }

// setMode is SET TRANSACTION and SET SESSION CHARACTERISTICS AS TRANSACTION. Levels have no effect, as those of BEGIN have none: the database's counts.
// https://docs.aws.amazon.com/redshift/latest/dg/r_SET_SESSION_CHARACTERISTICS.html
// https://www.postgresql.org/docs/8.0/sql-set-transaction.html
func (s *Session) setMode(st *ast.TransactionMode) error {
	switch {
	case st.Deferrable != "":
		return unsupported(st, "DEFERRABLE")
	case !st.ReadOnly && !st.ReadWrite:
		return nil
	case st.Session:
		return s.assign("readonly", strconv.FormatBool(st.ReadOnly), false, false)
	case s.block:
		s.readOnly = st.ReadOnly
	}
	return nil
}

// alone refuses a statement inside a transaction: in a block, or in a text of several.
// https://docs.aws.amazon.com/redshift/latest/dg/r_VACUUM_command.html
func (s *Session) alone(c *call, what string) error {
	if s.block {
		return sqlstate.ActiveTransaction.Errorf("%s cannot run inside a transaction block", what)
	}
	if c.multi {
		return sqlstate.ActiveTransaction.Errorf("%s cannot run inside a multiple commands statement", what)
	}
	return nil
}

// explain is EXPLAIN: the plan that would run.
// https://docs.aws.amazon.com/redshift/latest/dg/r_EXPLAIN.html
func (s *Session) explain(c *call, st *ast.Explain) (*rowset, int64, error) {
	inner, fills := st.Stmt, false
	if sel, ok := inner.(*ast.Select); ok && intoOf(sel) != nil {
		inner, fills = withoutInto(sel), true
	}
	if ct, ok := inner.(*ast.CreateTable); ok && ct.Query != nil {
		inner, fills = ct.Query, true
	}
	text, values := c.text, []types.Datum(nil)
	if ex, ok := inner.(*ast.Execute); ok {
		p, args, err := s.executed(ex)
		if err != nil {
			return nil, 0, err
		}
		if values, err = s.values(args, p.Params); err != nil {
			return nil, 0, err
		}
		if len(p.stmts) == 1 {
			inner, text = p.stmts[0], p.text
		}
	}
	if !planned(inner) {
		return nil, 0, unsupported(st, "EXPLAIN of "+ast.KindOf(inner))
	}
	p, err := s.makePlan(inner, text, values)
	if err != nil {
		if text != c.text {
			err = unplaced(err)
		}
		return nil, 0, err
	}
	root := p.root
	if fills { // a table is made of the rows, where they are
		if root, err = s.optimized(p, &plan.Insert{Input: p.bound.Plan}); err != nil {
			return nil, 0, err
		}
	}
	lines := plan.Explain(root, st.Verbose)
	rows := make([][]string, len(lines))
	for i := range lines {
		rows[i] = lines[i : i+1]
	}
	return s.rowsOf([]string{"QUERY PLAN"}, rows, c.rec), 0, nil
}

// Steps prints the streams, segments and steps that a query or change would run.
func (s *Session) Steps(_ context.Context, text string) (out string, err error) {
	defer s.recovered(text, &err)
	e, err := s.planned(text, nil)
	if err != nil {
		return "", err
	}
	return compile.Steps(e.program), nil
}

// ExplainJSON gives the plan of a query or change in the shape of PostgreSQL's EXPLAIN (FORMAT JSON), without running it.
func (s *Session) ExplainJSON(text string) (out []byte, err error) {
	defer s.recovered(text, &err)
	e, err := s.planned(text, nil)
	if err != nil {
		return nil, err
	}
	return plan.JSON(e.root, nil)
}

// Plan gives the plan of a query or change with these arguments, without running it.
func (s *Session) Plan(text string, args []types.Datum) (root plan.Node, err error) {
	defer s.recovered(text, &err)
	e, err := s.planned(text, args)
	if err != nil {
		return nil, err
	}
	return e.root, nil
}

// planned plans a text of one query or change; args nil = its parameters have no values.
func (s *Session) planned(text string, args []types.Datum) (*planEntry, error) {
	stmts, err := s.parseText(text)
	if err != nil {
		return nil, err
	}
	if len(stmts) != 1 || !planned(stmts[0]) {
		return nil, sqlstate.FeatureNotSupported.Errorf("a plan is that of one query or change")
	}
	if s.tx == nil {
		s.begin()
		defer s.rollback()
	}
	e, err := s.makePlan(stmts[0], text, nil)
	if err == nil && args != nil {
		var values []types.Datum
		if values, err = s.values(args, e.bound.Params); err == nil && e.bound.ParamsUsed {
			e, err = s.makePlan(stmts[0], text, values)
		}
	}
	return e, located(err, text)
}

// setStatement is SET.
// https://docs.aws.amazon.com/redshift/latest/dg/r_SET.html
func (s *Session) setStatement(st *ast.Set) error {
	if st.Name == authorizationVar {
		return s.setAuthorization(&ast.SessionAuthorization{User: ast.Principal{Pos: -1, Name: st.Value}, Local: st.Local, Default: st.IsNull})
	}
	return s.assign(st.Name, st.Value, st.IsNull, st.Local)
}

// reset is RESET.
func (s *Session) reset(st *ast.Reset) error {
	if st.Name == authorizationVar {
		return s.setAuthorization(&ast.SessionAuthorization{Default: true})
	}
	if st.Name == "all" { // but not SESSION AUTHORIZATION
		vars := maps.Clone(s.initial)
		if as, ok := s.vars[authorizationVar]; ok {
			if vars == nil {
				vars = map[string]string{}
			}
			vars[authorizationVar] = as
		}
		s.use(vars)
		return nil
	}
	return s.set(st.Name, "", true)
}

// show is SHOW.
// https://docs.aws.amazon.com/redshift/latest/dg/r_SHOW.html
func (s *Session) show(c *call, st *ast.Show) (*rowset, int64, error) {
	if st.Name == "all" {
		var rows [][]string
		for _, p := range s.settings() {
			rows = append(rows, []string{p.Name, p.Value, p.Doc})
		}
		return s.rowsOf([]string{"name", "setting", "description"}, rows, c.rec), 0, nil
	}
	if st.Name == "use" {
		return s.shownUse(c), 0, nil
	}
	v, ok := s.Setting(st.Name)
	if !ok {
		return nil, 0, unknownParameter(st.Name)
	}
	return s.rowsOf([]string{st.Name}, [][]string{{v}}, c.rec), 0, nil
}
