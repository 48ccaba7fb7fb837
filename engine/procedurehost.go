package engine

import (
	"slices"
	"strconv"
	"strings"

	"github.com/redshiftsim/redshiftsim/engine/ast"
	"github.com/redshiftsim/redshiftsim/engine/bind"
	"github.com/redshiftsim/redshiftsim/engine/catalog"
	"github.com/redshiftsim/redshiftsim/engine/exec"
	"github.com/redshiftsim/redshiftsim/engine/expr"
	"github.com/redshiftsim/redshiftsim/engine/function"
	"github.com/redshiftsim/redshiftsim/engine/plpgsql"
	"github.com/redshiftsim/redshiftsim/engine/system"
	"github.com/redshiftsim/redshiftsim/internal/sqlstate"
	"github.com/redshiftsim/redshiftsim/internal/types"
	"github.com/redshiftsim/redshiftsim/internal/vector"
)

// host is the session as a procedure sees it.
type host struct {
	s *Session
	k *calling
	c *call // the CALL
}

// Check looks whether the client, another session or a timeout ends the CALL.
func (h *host) Check() error {
	if h.c.ctx.Err() == nil {
		return nil
	}
	return interrupted(h.c.ctx, canceled())
}

// boundFormula is an expression, compiled for values of these types.
type boundFormula struct {
	params  []types.Type
	catalog *catalog.Catalog
	context string
	state   *expr.State
	env     function.Env
	calls   bool // of Lambda functions
}

// Eval computes an expression. What its names mean is looked up again when the catalog has changed.
func (h *host) Eval(f *plpgsql.Formula, values []types.Datum) (types.Datum, error) {
	s := h.s
	b, _ := f.Cache.(*boundFormula)
	cat := s.tx.Catalog()
	s.refresh(cat)
	s.searchPath()
	if b == nil || b.catalog != cat || b.context != s.context || !sameTypes(b.params, values) {
		b = &boundFormula{params: typesOf(values), catalog: cat, context: s.context}
		env := s.bindEnv(&resolver{c: cat, path: s.path, in: s.database}, b.params, nil)
		x, err := bind.Scalar(f.X, types.TUnknown, env)
		var p *expr.Program
		if err == nil {
			p, err = expr.Compile(x, func(expr.ColumnID) int { return -1 })
		}
		if err != nil {
			return types.Datum{}, unplaced(err)
		}
		b.state, b.calls = p.NewState(&b.env), expr.Calls(x)
		f.Cache = b
	}
	s.envIn(&b.env, values, s.c.cfg.Clock())
	if b.calls {
		b.env.Calls = s.caller(h.c)
	}
	d, err := b.state.Const()
	return d, unplaced(err)
}

// sameTypes says whether values are of these types.
func sameTypes(list []types.Type, values []types.Datum) bool {
	if len(list) != len(values) {
		return false
	}
	for i := range list {
		if list[i] != values[i].Type {
			return false
		}
	}
	return true
}

// castKey is a conversion, castTo the program of it, in its room: without one it goes by text.
type castKey struct{ from, to types.Type }

type castTo struct {
	state *expr.State
	env   function.Env
}

// Cast converts a value.
func (h *host) Cast(d types.Datum, to types.Type) (types.Datum, error) {
	if d.Null {
		return types.NullOf(to), nil
	}
	if to.Kind == types.Text && d.Type.IsText() { // refcursor
		d.Type = to
		return d, nil
	}
	key := castKey{d.Type, to}
	x := h.k.casts[key]
	if x == nil {
		x = &castTo{}
		if from := asValue(d.Type); d.Type.Kind != types.Unknown && !byText(from, to) {
			env := h.s.bindEnv(&resolver{c: h.s.tx.Catalog(), path: h.s.searchPath()}, []types.Type{from}, nil)
			var value ast.Expr = &ast.Param{Pos: -1, N: 1}
			if from.Kind == types.Super { // a string in it loses its quotes, as in a cast
				value = &ast.Cast{Pos: -1, X: value, Type: &ast.TypeName{Pos: -1, Type: to, Known: true}}
			}
			if e, err := bind.Scalar(value, to, env); err == nil {
				p, err := expr.Compile(e, func(expr.ColumnID) int { return -1 })
				if err != nil {
					return d, err
				}
				x.state = p.NewState(&x.env)
			}
		}
		h.k.casts[key] = x
	}
	if x.state != nil {
		d.Type = asValue(d.Type)
		h.s.envIn(&x.env, []types.Datum{d}, h.s.c.cfg.Clock())
		out, err := x.state.Const()
		return out, unplaced(err)
	}
	out, err := h.s.style.Parse(h.Format(d), to, h.s.zone, h.s.c.cfg.Clock())
	return out, unplaced(err)
}

// byText says that a conversion goes by the text of the value: no cast of SQL leads there without being asked.
func byText(from, to types.Type) bool {
	_, ok := function.FindCast(from, to, from.Kind == types.Super)
	return !ok && from != to
}

// asValue is the type of a refcursor's value.
func asValue(t types.Type) types.Type {
	if t.Kind == types.Text {
		return types.TVarcharMax
	}
	return t
}

// Format is a value as the session prints it.
func (h *host) Format(d types.Datum) string {
	return string(h.s.style.AppendText(nil, &d, h.s.zone))
}

// keptQuery is what the session keeps of a statement.
type keptQuery struct {
	types []types.Type
	key   string
	plan  embeddedPlan
}

// keptOf is what is kept of a statement for values of these types.
func keptOf(q *plpgsql.Query, values []types.Datum) *keptQuery {
	k, _ := q.Cache.(*keptQuery)
	if k == nil || !sameTypes(k.types, values) {
		k = &keptQuery{types: typesOf(values)}
		k.key = declaredKey(q.Text, k.types)
		q.Cache = k
	}
	return k
}

// Run runs a statement of SQL.
func (h *host) Run(q *plpgsql.Query, values []types.Datum, first bool) (*plpgsql.Rows, error) {
	if err := h.permitted(q.Stmt); err != nil {
		return nil, err
	}
	if len(values) > 0 && !takesArguments(q.Stmt, true) {
		return nil, sqlstate.UndefinedParameter.Errorf("there is no parameter $1")
	}
	return h.run(h.embedded(q, values), q.Stmt, first)
}

// embedded begins a statement that the procedure runs.
func (h *host) embedded(q *plpgsql.Query, values []types.Datum) *call {
	k := keptOf(q, values)
	values = slices.Clone(values)
	for i := range values {
		values[i].Type = asValue(values[i].Type)
	}
	c := h.started(q.Stmt, q.Text)
	c.plan, c.args, c.types, c.kept = k.key, values, typesOf(values), &k.plan
	return c
}

// started begins a statement of a text without variables.
func (h *host) started(st ast.Statement, text string) *call {
	s := h.s
	c := &call{ctx: h.c.ctx, text: text, plan: text, multi: true, kept: &embeddedPlan{}}
	c.rec = s.record(ast.KindOf(st), text, true, st, s.c.cfg.Clock())
	c.rec.Procedure = h.k.inner
	c.running = runningOf(c.rec)
	s.running.Store(c.running)
	return c
}

// run runs a statement to its end and reads its rows, or the first of them.
func (h *host) run(c *call, st ast.Statement, first bool) (rows *plpgsql.Rows, err error) {
	s := h.s
	defer func() { s.running.Store(h.c.running) }()
	set, n, err := s.timed(c, st)
	if set == nil {
		err = unplaced(interrupted(c.ctx, err))
		s.logged(c.rec, n, err)
		if err != nil {
			return nil, err
		}
		return &plpgsql.Rows{Count: n}, h.committed(st)
	}
	set.ctx = c.ctx
	if rows, err = h.read(set, first); err != nil {
		err = unplaced(err)
		set.close(err)
		return nil, err
	}
	set.close(nil)
	return rows, h.committed(st)
}

// read reads rows: all of them, or the first.
func (h *host) read(set *rowset, first bool) (*plpgsql.Rows, error) {
	rows := rowsLike(set.columns)
	for {
		b, err := set.next()
		if err != nil {
			return nil, err
		}
		if b == nil {
			return rows, nil
		}
		for i := range b.Rows() {
			if rowsAdd(rows, b, i); first {
				return rows, nil
			}
		}
	}
}

// Execute runs the statements of a text one after the other; the rows are those of the last.
// https://docs.aws.amazon.com/redshift/latest/dg/c_PLpgSQL-statements.html#r_PLpgSQL-dynamic-sql
func (h *host) Execute(text string, first bool) (*plpgsql.Rows, error) {
	stmts, err := h.s.parseText(text)
	if err != nil {
		return nil, unplaced(err)
	}
	rows := &plpgsql.Rows{}
	for _, st := range stmts {
		if _, ok := st.(*ast.Transaction); ok {
			return nil, sqlstate.FeatureNotSupported.Errorf("EXECUTE of transaction commands is not implemented")
		}
		if q, ok := st.(*ast.Select); ok && intoOf(q) != nil {
			return nil, sqlstate.FeatureNotSupported.Errorf("EXECUTE of SELECT ... INTO is not implemented").
				WithHint("You might want to use EXECUTE ... INTO or EXECUTE CREATE TABLE ... AS instead.")
		}
		if err := h.permitted(st); err != nil {
			return nil, err
		}
		c := h.started(st, partOf(text, len(stmts) == 1, st))
		if c.text = text; len(stmts) > 1 {
			c.plan = c.rec.Text
		}
		if k, ok := st.(*ast.Call); ok {
			rows, err = h.callRow(c, k)
		} else {
			rows, err = h.run(c, st, first)
		}
		if err != nil {
			return nil, err
		}
	}
	return rows, nil
}

// permitted refuses what no procedure may do, and TRUNCATE where it may not commit.
// https://docs.aws.amazon.com/redshift/latest/dg/stored-procedure-constraints.html
func (h *host) permitted(st ast.Statement) error {
	switch st := st.(type) {
	case *ast.Truncate:
		return h.mayEnd("TRUNCATE")
	case *ast.Set:
		if !st.Local {
			return nil
		}
		return sqlstate.FeatureNotSupported.Errorf("SET LOCAL is not supported in a stored procedure")
	case *ast.Drop:
		if st.Kind != "database" {
			return nil
		}
	case *ast.Prepare, *ast.Execute, *ast.Deallocate, *ast.Vacuum, *ast.AppendTable, *ast.Database, *ast.CreateExternalTable, *ast.DeclareCursor, *ast.Fetch, *ast.CloseCursor:
	default:
		return nil
	}
	return sqlstate.FeatureNotSupported.Errorf("%s is not supported in a stored procedure", ast.KindOf(st))
}

// Call runs CALL of a procedure: its output arguments must be INOUT.
// https://docs.aws.amazon.com/redshift/latest/dg/r_CALL_procedure.html#r_CALL_procedure-nested-calls
func (h *host) Call(q *plpgsql.Query, values []types.Datum) (*plpgsql.Rows, []int, error) {
	c := h.embedded(q, values)
	var out []int
	row, err := h.called(c, q.Stmt.(*ast.Call), func(fn *catalog.Function) error {
		n := 0
		for _, a := range fn.Procedure.Args {
			if a.Out && !a.In {
				return sqlstate.FeatureNotSupported.Errorf("OUT argument of procedure \"%s\" is not supported in a nested call", fn.Name).WithHint("Make it an INOUT argument.")
			}
			if a.Out {
				out = append(out, n)
			}
			n++
		}
		return nil
	})
	return row, out, err
}

// callRow runs CALL in EXECUTE, where there may be OUT arguments.
func (h *host) callRow(c *call, st *ast.Call) (*plpgsql.Rows, error) {
	return h.called(c, st, func(*catalog.Function) error { return nil })
}

// called runs a CALL and gives its row.
func (h *host) called(c *call, st *ast.Call, accepts func(*catalog.Function) error) (*plpgsql.Rows, error) {
	s := h.s
	defer func() { s.running.Store(h.c.running) }()
	s.tx.Refresh()
	s.refresh(s.tx.Catalog())
	fn, args, err := s.called(c, st)
	if err == nil {
		err = accepts(fn)
	}
	var row []types.Datum
	if err == nil {
		row, err = s.invoke(c, fn, args, false)
	}
	err = unplaced(err)
	s.logged(c.rec, 0, err)
	if err != nil {
		return nil, err
	}
	columns := outputColumns(fn)
	rows := rowsLike(columns)
	if len(columns) == 0 {
		return &plpgsql.Rows{}, nil
	}
	rows.Values, rows.Count = [][]types.Datum{row}, 1
	return rows, nil
}

// rowsLike begins rows of these columns.
func rowsLike(columns []exec.ResultColumn) *plpgsql.Rows {
	rows := &plpgsql.Rows{Names: make([]string, len(columns)), Types: make([]types.Type, len(columns))}
	for i := range columns {
		rows.Names[i], rows.Types[i] = strings.ToLower(columns[i].Name), columns[i].Type
	}
	return rows
}

// rowsAdd adds a row of a batch.
func rowsAdd(rows *plpgsql.Rows, b *vector.Batch, i int) {
	at := i
	if b.Sel != nil {
		at = int(b.Sel[i])
	}
	row := make([]types.Datum, len(b.Columns))
	for c, v := range b.Columns {
		row[c] = v.Get(at)
		row[c].Type = rows.Types[c]
	}
	rows.Values, rows.Count = append(rows.Values, row), rows.Count+1
}

// Portal makes a name for a cursor, as PostgreSQL does.
func (h *host) Portal() string {
	h.s.portals++
	return "<unnamed portal " + strconv.Itoa(h.s.portals) + ">"
}

// Open opens the session's cursor.
// https://docs.aws.amazon.com/redshift/latest/dg/stored-procedure-constraints.html
func (h *host) Open(name string, q *plpgsql.Query, values []types.Datum) error {
	s := h.s
	sel, ok := q.Stmt.(*ast.Select)
	switch {
	case !ok || intoOf(sel) != nil:
		return sqlstate.Code("42P11").Errorf("cannot open %s query as cursor", ast.KindOf(q.Stmt))
	case s.cursor != nil && s.cursor.name == name:
		return sqlstate.DuplicateCursor.Errorf("cursor \"%s\" already in use", name)
	case s.cursor != nil:
		return sqlstate.FeatureNotSupported.Errorf("Only one cursor at a time can be open per session.").WithDetail("Cursor \"%s\" is open.", s.cursor.name)
	}
	s.tx.Refresh()
	k := keptOf(q, values)
	values = slices.Clone(values)
	for i := range values {
		values[i].Type = asValue(values[i].Type)
	}
	probe := &call{ctx: h.c.ctx, text: q.Text, plan: k.key, args: values, types: typesOf(values), kept: &k.plan}
	if _, err := s.planOf(probe, q.Stmt); err != nil {
		return unplaced(err)
	}
	s.cursor = &cursor{name: name, user: s.user, text: q.Text, query: q.Stmt, args: values, kept: &k.plan, start: s.c.cfg.Clock()}
	s.showCursor()
	return nil
}

// OpenText is Open for a query that is known only now.
func (h *host) OpenText(name, text string) error {
	stmts, err := h.s.parseText(text)
	switch {
	case err != nil:
		return unplaced(err)
	case len(stmts) != 1:
		return sqlstate.Code("42P11").Errorf("cannot open multi-query plan as cursor")
	}
	return h.Open(name, &plpgsql.Query{Text: text, Stmt: stmts[0]}, nil)
}

// cursorNamed finds an open cursor.
func (h *host) cursorNamed(name string) (*cursor, error) {
	return h.s.open(ast.ColumnName{Pos: -1, Name: name})
}

// Fetch fetches rows of a cursor. The first time its query runs, and is logged.
func (h *host) Fetch(name string, n int64) (*plpgsql.Rows, error) {
	s := h.s
	k, err := h.cursorNamed(name)
	if err != nil {
		return nil, err
	}
	if !k.filled {
		c := h.started(k.query, k.text)
		err := unplaced(interrupted(c.ctx, s.fill(c, k)))
		s.logged(c.rec, k.rows, err)
		s.running.Store(h.c.running)
		if err != nil {
			return nil, err
		}
	}
	rows := rowsLike(k.columns)
	from := min(k.at, k.rows)
	to := min(k.rows, from+n)
	for _, b := range k.slice(from, to) {
		for i := range b.Rows() {
			rowsAdd(rows, b, i)
		}
	}
	if k.at = to; to == k.rows && to-from < n {
		k.at = k.rows + 1
	}
	rows.Last = to == k.rows
	s.showCursor()
	return rows, nil
}

// CloseCursor closes a cursor.
func (h *host) CloseCursor(name string) error {
	if _, err := h.cursorNamed(name); err != nil {
		return err
	}
	h.s.closeCursor()
	return nil
}

// mayEnd refuses what ends the transaction in a procedure that may not.
// https://docs.aws.amazon.com/redshift/latest/dg/stored-procedure-transaction-management.html
func (h *host) mayEnd(what string) error {
	if !h.k.atomic {
		return nil
	}
	return sqlstate.Code("2D000").Errorf("%s cannot be invoked from a procedure that is executing in an atomic context.", what).
		WithHint("Try calling the procedure as a top-level call i.e. not from within an explicit transaction block.\n" +
			"Or, if this procedure (or one of its ancestors in the call chain) was created with SET config options, recreate the procedure without them.")
}

// Commit commits and goes on in a new transaction, in the block when it is the client's.
func (h *host) Commit() error {
	if err := h.mayEnd("COMMIT"); err != nil {
		return err
	}
	return h.restart(h.s.commit)
}

// Rollback is the same with ROLLBACK.
func (h *host) Rollback() error {
	if err := h.mayEnd("ROLLBACK"); err != nil {
		return err
	}
	return h.restart(h.undo)
}

func (h *host) undo() error {
	h.s.rollback()
	return nil
}

// restart ends the transaction with end and begins the next. A block that START TRANSACTION has begun ends with it, the client's goes on.
func (h *host) restart(end func() error) error {
	s := h.s
	block, readOnly := s.block && !s.owned, s.readOnly
	s.owned = false
	err := s.restart(end)
	s.block, s.readOnly = block, readOnly
	return err
}

// Start begins a block in a NONATOMIC procedure, unless there is one.
// https://docs.aws.amazon.com/redshift/latest/dg/stored-procedure-transaction-management.html#stored-procedure-transaction-management-nonatomic-mode
func (h *host) Start() error {
	s := h.s
	if s.block || h.k.joined {
		return nil
	}
	if err := h.restart(s.commit); err != nil {
		return err
	}
	s.block, s.owned = true, true
	return nil
}

// committed commits a statement of a NONATOMIC procedure, unless it is in a block.
func (h *host) committed(ast.Statement) error {
	if !h.k.fn.Procedure.NonAtomic || h.s.block || h.k.joined {
		return nil
	}
	return h.restart(h.s.commit)
}

// Trap rolls back what an error has failed.
// https://docs.aws.amazon.com/redshift/latest/dg/stored-procedure-trapping-errors.html
func (h *host) Trap() error {
	return h.restart(h.undo)
}

// Handled commits what a handler has done.
func (h *host) Handled() error {
	return h.restart(h.s.commit)
}

// note keeps a message for the log, unless stored_proc_log_min_messages is above its level.
// https://docs.aws.amazon.com/redshift/latest/dg/r_stored_proc_log_min_messages.html
func (h *host) note(level, message string, line int) {
	least, _ := h.s.Setting("stored_proc_log_min_messages")
	if system.MessageLevel(level) < system.MessageLevel(least) {
		return
	}
	h.c.rec.Procedure.Raise(system.Message{Time: h.s.c.cfg.Clock(), Level: system.MessageLevel(level), Text: message, Line: line, XID: h.s.tx.ID})
}

// Tell sends a message of RAISE. LOG is for the log alone, unless client_min_messages asks for more than it does by itself.
// https://docs.aws.amazon.com/redshift/latest/dg/c_PLpgSQL-statements.html#r_PLpgSQL-messages-errors
func (h *host) Tell(level, message string, line int) {
	s := h.s
	h.note(level, message, line)
	code := sqlstate.SuccessfulCompletion
	switch level {
	case "WARNING":
		code = sqlstate.Warning
	case "INFO", "NOTICE", "LOG":
	default:
		return
	}
	s.tell(level, code, "%s", message)
}
