package engine

import (
	"context"
	"errors"
	"strconv"
	"strings"
	"sync/atomic"

	"github.com/redshiftsim/redshiftsim/engine/ast"
	"github.com/redshiftsim/redshiftsim/engine/bind"
	"github.com/redshiftsim/redshiftsim/engine/catalog"
	"github.com/redshiftsim/redshiftsim/engine/compile"
	"github.com/redshiftsim/redshiftsim/engine/exec"
	"github.com/redshiftsim/redshiftsim/engine/function"
	"github.com/redshiftsim/redshiftsim/engine/optimize"
	"github.com/redshiftsim/redshiftsim/engine/plan"
	"github.com/redshiftsim/redshiftsim/engine/spectrum"
	"github.com/redshiftsim/redshiftsim/engine/system"
	"github.com/redshiftsim/redshiftsim/engine/txn"
	"github.com/redshiftsim/redshiftsim/internal/types"
	"github.com/redshiftsim/redshiftsim/storage"
)

// plan gives the plan of a statement, from the cache, from another cluster, or made now. keep is the text that it is kept under, with the types that were
// declared for parameters. x is the text that st comes from, nil when that is not kept.
func (s *Session) plan(st ast.Statement, text, keep string, declared []types.Type, x *parsed) (*planEntry, error) {
	if s.remote != nil { // it is one for the producer's slices
		return s.planTyped(x.named(st), text, declared, nil)
	}
	c := s.catalog()
	s.refresh(c)
	shared := !s.tx.Edits()
	var key planKey
	if shared {
		s.searchPath()
		key = planKey{keep, s.context}
		if e := s.keptPlan(key); e != nil && e.holds(c) && s.fresh(e) && !s.couldRead(e, c) {
			return e, nil
		}
	}
	if shared && x != nil && declared == nil && !s.rewrites(c) {
		if e := s.adopt(x); e != nil {
			e.kept = true
			s.keepPlan(key, e)
			return e, nil
		}
	}
	e, err := s.planTyped(x.named(st), text, declared, nil)
	if err != nil {
		return nil, err
	}
	if shared && e.rewritten == nil && !e.bound.ParamsUsed && !e.bound.Abroad && !e.bound.Personal && (keep != text || from0(st, text)) {
		e.kept = true
		if x == nil {
			key.text = strings.Clone(key.text) // it may be a part of a long script
		}
		s.keepPlan(key, e)
		if x != nil && declared == nil {
			s.share(e, x)
		}
	}
	return e, nil
}

// from0 says that a statement is all of its text: only then does the text name the plan.
func from0(st ast.Statement, text string) bool {
	from, to := st.Span()
	return strings.TrimSpace(text[:max(from, 0)]) == "" && (to >= len(text) || strings.Trim(text[to:], "; \t\r\n") == "")
}

// fresh says whether the tables of a plan still have the statistics and about the size that it was made for.
func (s *Session) fresh(e *planEntry) bool {
	for i := range e.sizes {
		z := &e.sizes[i]
		v, err := s.tx.View(z.table)
		if err != nil {
			return false
		}
		if w := v.Version(); w.Statistics() != z.stats.Statistics || step(v.Rows()) != z.step {
			return false
		}
	}
	return true
}

// makePlan binds, optimizes and compiles a statement.
func (s *Session) makePlan(st ast.Statement, text string, values []types.Datum) (*planEntry, error) {
	return s.planTyped(st, text, typesOf(values), values)
}

// typesOf lists the types of values.
func typesOf(values []types.Datum) []types.Type {
	var out []types.Type
	for i := range values {
		out = append(out, values[i].Type)
	}
	return out
}

func (s *Session) planTyped(st ast.Statement, text string, known []types.Type, values []types.Datum) (*planEntry, error) {
	r := &resolver{c: s.catalog(), path: s.searchPath(), in: s.database}
	b, err := bind.Bind(st, s.bindEnv(r, known, values))
	if err != nil {
		return nil, err
	}
	b.Abroad = b.Abroad || s.db.Import != nil
	e := s.entry(b, r)
	if b.Writes == nil {
		e.origins = plan.Origins(b.Plan, b.Columns)
	}
	if e.there = s.there(); e.there != nil {
		return e, s.complete(e, b.Plan, text)
	}
	root, rewritten, err := s.rewritten(b)
	if err != nil {
		return nil, err
	}
	e.rewritten = rewritten
	return e, s.complete(e, root, text)
}

// entry begins the plan of a bound statement; it knows what its names meant.
func (s *Session) entry(b *bind.Bound, r *resolver) *planEntry {
	e := &planEntry{bound: b, looked: r.looked, path: r.path, guarded: !s.user.Superuser || len(b.Views) > 0 || b.Routines || len(b.Policies) > 0, stamp: r.c.Stamp()}
	e.sure.Store(r.c)
	return e
}

// optimized gives the plan that runs; e learns the sizes of the tables.
func (s *Session) optimized(e *planEntry, logical plan.Node) (plan.Node, error) {
	var failed error
	stats := func(t *catalog.Table) optimize.TableStats {
		ts, err := s.tableStats(t)
		if err != nil {
			if failed == nil {
				failed = err
			}
			return ts
		}
		e.sizes = append(e.sizes, sized{t, step(int64(ts.Rows)), ts})
		return ts
	}
	root, err := optimize.Optimize(logical, &optimize.Env{Topology: s.topology(), Stats: stats, Function: s.env(nil)})
	if err == nil {
		err = failed
	}
	return root, err
}

// complete optimizes and compiles.
func (s *Session) complete(e *planEntry, logical plan.Node, text string) error {
	var err error
	if e.root, err = s.optimized(e, logical); err != nil {
		return err
	}
	if e.program, err = compile.Compile(e.root, &compile.Env{Topology: s.topology(), Columns: e.bound.Columns}); err != nil {
		return err
	}
	e.program.PerSlice = e.bound.PerSlice
	e.views, e.marks = compile.Views(e.root), predicatesOf(e.root)
	e.simple = isSimple(e)
	e.inserts = e.bound.Kind == bind.Insert && e.program.Inserts()
	e.reruns = e.program.Reruns()
	if e.size = planSize(text, e.root); e.reruns {
		e.size, e.resting = e.size+restingSize, new(atomic.Pointer[exec.Cursor])
	}
	return nil
}

// query runs a statement of the query road.
func (s *Session) query(c *call, st ast.Statement) (*rowset, int64, error) {
	s.tx.Refresh()
	if c.lits != nil {
		if set, n, done, err := s.queryShape(c, st); done {
			return set, n, err
		}
		stmts, err := s.parseText(c.text)
		if err != nil {
			return nil, 0, err
		}
		c.lits, c.plan, c.shape, st = nil, c.text, nil, stmts[0]
	}
	for {
		e, err := s.planOf(c, st)
		if err != nil {
			return nil, 0, err
		}
		if own := s.ownTypes(c.args, e.bound.Params); own != nil {
			if e, err = s.plan(c.shape.named(st), c.text, declaredKey(c.text, own), own, nil); err != nil {
				return nil, 0, err
			}
		}
		values, err := s.values(c.args, e.bound.Params)
		if err != nil {
			return nil, 0, err
		}
		if e.bound.ParamsUsed && len(values) > 0 {
			if e, err = s.makePlan(c.shape.named(st), c.text, values); err != nil {
				return nil, 0, err
			}
		}
		if ok, err := s.lockPlan(c, e); err != nil {
			return nil, 0, err
		} else if !ok {
			continue
		}
		return s.run(c, e, values)
	}
}

// embeddedPlan is the plan that a statement of a procedure was last run with: it serves inside of transactions that have changed the catalog, too.
type embeddedPlan struct {
	entry   *planEntry
	context string
}

// planOf is plan, for a statement on its way.
func (s *Session) planOf(c *call, st ast.Statement) (*planEntry, error) {
	k := c.kept
	if k == nil {
		return s.plan(st, c.text, c.plan, c.types, c.shape)
	}
	cat := s.catalog()
	s.refresh(cat)
	s.searchPath()
	if k.entry != nil && s.remote == nil && k.context == s.context && k.entry.holds(cat) && s.fresh(k.entry) {
		return k.entry, nil
	}
	e, err := s.plan(st, c.text, c.plan, c.types, c.shape)
	if k.entry = nil; err == nil && s.remote == nil && !e.bound.ParamsUsed && !e.bound.Abroad && !e.bound.Personal {
		k.entry, k.context = e, s.context
	}
	return e, err
}

// queryShape runs a statement whose literals were taken out of its text; st is what is left of it. done is false when it must take the long way: nothing
// has happened then.
func (s *Session) queryShape(c *call, st ast.Statement) (set *rowset, n int64, done bool, err error) {
	record := *c.rec
	for {
		e, err := s.plan(st, c.plan, c.plan, nil, c.shape)
		if err != nil {
			return nil, 0, false, nil
		}
		values, ok := s.shapedValues(c.lits, e)
		if !ok || e.rewritten != nil || s.couldRead(e, s.catalog()) { // literals decide what a materialized view has
			return nil, 0, false, nil
		}
		if ok, err = s.lockPlan(c, e); err != nil {
			return nil, 0, true, err
		} else if !ok {
			continue
		}
		c.rec.Literals = values
		if set, n, err = s.run(c, e, values); err == nil || c.ctx.Err() != nil {
			return set, n, true, err
		}
		*c.rec = record
		return nil, 0, false, nil
	}
}

// lockPlan takes the locks of the tables that a plan writes and reads; false = names mean something else by now, and the plan is no good.
func (s *Session) lockPlan(c *call, e *planEntry) (bool, error) {
	w := e.bound.Writes
	if w != nil {
		if s.mustRead() {
			return false, errReadOnly()
		}
		if err := s.lockTarget(c, e); err != nil {
			return false, err
		}
	}
	alone := w == nil && !s.block && !c.multi // multi: or in a pipeline
	for _, t := range e.views {
		if there := s.afar(t); there != nil && t != w {
			if err := s.remote.agent.lock(c.ctx, there.ID, txn.AccessShare); err != nil {
				return false, err
			}
		}
		if s.stands(t.ID) || t == w || alone && !s.c.txns.Exclusive(t.ID) {
			continue
		}
		if err := s.lock(c.ctx, t.ID, txn.AccessShare); err != nil {
			return false, err
		}
	}
	s.renew()
	return e.holds(s.catalog()) && s.serves(e) && e.there == s.there(), nil
}

// lockTarget takes the lock of the table that a plan writes.
func (s *Session) lockTarget(c *call, e *planEntry) error {
	w := e.bound.Writes
	if there := s.afar(w); there != nil {
		if err := s.identityAfar(there); err != nil {
			return err
		}
		return s.remote.agent.lock(c.ctx, there.ID, s.remote.agent.writeMode(e.bound.Kind))
	}
	if s.remote != nil || s.stands(w.ID) {
		if s.stands(w.ID) || !s.leaveRemote() {
			return errOneDatabase()
		}
	}
	return s.lock(c.ctx, w.ID, s.writeMode(e.bound.Kind))
}

// writeMode is the lock of a change. Under SNAPSHOT INSERT and COPY go side by side.
// https://docs.aws.amazon.com/redshift/latest/dg/c_write_readwrite.html
func (s *Session) writeMode(k bind.Kind) txn.Mode {
	if k == bind.Insert && !s.tx.Serializable {
		return txn.Share
	}
	return txn.ShareRowExclusive
}

// noted tells the transaction what a plan reads and writes: under SERIALIZABLE it may be one table too many (1023). A change of rows reads its table too.
func (s *Session) noted(e *planEntry) error {
	w := e.bound.Writes
	for _, t := range e.views {
		if s.stands(t.ID) || t == w && e.bound.Kind == bind.Insert && !readsOwn(e) {
			continue
		}
		if err := s.tx.Read(t.ID); err != nil {
			return err
		}
	}
	if w != nil && s.afar(w) == nil {
		return s.tx.Write(w.ID)
	}
	return nil
}

// readsOwn says whether an INSERT reads the table that it fills.
func readsOwn(e *planEntry) bool {
	for _, t := range e.bound.Reads {
		if t == e.bound.Writes {
			return true
		}
	}
	return false
}

// run runs a plan: a query's rows come with the rowset; a change is made, and files are written, at once.
func (s *Session) run(c *call, e *planEntry, values []types.Datum) (*rowset, int64, error) {
	views := s.viewRoom(e)
	for i, t := range e.views {
		var err error
		if t == e.bound.Writes {
			views[i], err = s.targetOf(t)
		} else {
			views[i], err = s.viewOf(t)
		}
		if err != nil {
			return nil, 0, err
		}
		c.rec.Tables = append(c.rec.Tables, t.ID)
	}
	if len(views) > 0 {
		s.keepSnapshots()
		if err := s.noted(e); err != nil {
			return nil, 0, err
		}
		s.c.mark(e)
	}
	if applied := e.bound.Policies; len(applied) > 0 {
		if err := s.policySettings(applied); err != nil {
			return nil, 0, err
		}
		c.rec.Policies = appliedPolicies(applied)
	}
	c.rec.Plan, c.rec.Program, c.rec.Planned = e.root, e.program, s.c.cfg.Clock()
	c.rec.PlanBytes, c.rec.Renaming = e.bytes(), e.renaming
	unloads := e.bound.Kind == bind.UnloadFiles
	if e.bound.UsesTables || e.bound.Writes != nil || unloads {
		c.rec.Query = s.c.queries.Add(1)
		if c.rec.Unload != nil {
			c.rec.Unload.Number(c.rec.Query)
		}
		s.numbered(c)
	}
	if e.inserts {
		n, err := s.insert(c, e, values)
		return nil, n, s.runError(err, e)
	}
	key, versions, cacheable := s.cacheable(e, values, views)
	if cacheable {
		if r := s.c.results.get(key, versions); r != nil {
			c.rec.Source, c.rec.SourceNumber, c.rec.Plan, c.rec.Program = r.query, r.number, nil, nil
			return &rowset{s: s, columns: s.described(e.result()), from: e.from(), batches: r.batches, rec: c.rec, tx: s.tx}, 0, nil
		}
	}
	shuffle := uint64(0)
	if e.bound.Writes == nil && !unloads {
		shuffle = s.c.shuffle()
	}
	var sys any
	if len(e.bound.Virtual) > 0 {
		sys = s.systemEnv()
	}
	var env function.Env
	s.envIn(&env, values, c.rec.Planned)
	if e.bound.Calls {
		env.Calls = s.caller(c)
	}
	options := s.options(c, shuffle)
	if len(e.bound.External) > 0 {
		most, _ := s.Setting("spectrum_query_maxerror")
		n, _ := strconv.Atoi(most) // it was checked when it was set
		c.rec.External = spectrum.NewRun(c.ctx, s.store, n)
		options.External = c.rec.External.Open
	}
	cur, err := e.start(c.ctx, &env, sys, views, options)
	if err != nil {
		return nil, 0, s.runError(err, e)
	}
	set := &c.room
	*set = rowset{s: s, columns: s.described(e.result()), from: e.from(), cursor: cur, entry: e, rec: c.rec, tx: s.tx}
	if cacheable {
		set.keep = &keeper{cache: &s.c.results, result: keptResult{key: key, versions: versions, query: c.rec.Query}}
	}
	if e.bound.Writes == nil && !unloads {
		return set, 0, nil
	}
	ended := false
	defer func() {
		if !ended { // an error, or a panic: that is the one to tell
			_ = cur.Close()
		}
	}()
	if !unloads {
		s.growing(e.bound)
	}
	n, err := s.change(c, set, e)
	if err != nil {
		return nil, 0, s.runError(err, e)
	}
	ended = true
	e.rest(cur)
	return nil, n, nil
}

// start runs the plan's program, in the room of an earlier run if one rests.
func (e *planEntry) start(ctx context.Context, env *function.Env, sys any, views []storage.View, o exec.Options) (*exec.Cursor, error) {
	if o.Keep = e.kept && e.reruns && o.Shuffle == 0; o.Keep {
		if c := e.resting.Swap(nil); c != nil {
			return c, c.Again(ctx, env, sys, views, o)
		}
	}
	return exec.Run(ctx, e.program, env, sys, views, o)
}

// rest keeps the room of a run that has ended, whose report was asked for, for the next one.
func (e *planEntry) rest(c *exec.Cursor) {
	if e.reruns && c.Idle() {
		e.resting.Store(c)
	}
}

// options are those of a run.
func (s *Session) options(c *call, shuffle uint64) exec.Options {
	return exec.Options{
		Shuffle: shuffle, Workers: s.c.cfg.Workers, Budget: s.c.txns.Budget, CollectReport: s.c.cfg.LogLimit >= 0, Probe: c.watch.probe(c.ctx),
	}
}

// numbered lets the system tables show the number of a statement, which they may show already, and the files that it is about to read or write. A Checker's
// statements are not shown.
func (s *Session) numbered(c *call) {
	if n := s.running.Load(); n != nil && n == c.running && c.rec.Load == nil && c.rec.Unload == nil {
		n.Query.Store(c.rec.Query)
		return
	}
	s.running.Store(runningOf(c.rec))
}

// viewRoom is room for the views of a plan. A cursor keeps them; an INSERT of computed rows does not.
func (s *Session) viewRoom(e *planEntry) []storage.View {
	if !e.inserts {
		return make([]storage.View, len(e.views))
	}
	if s.inserts == nil {
		s.inserts = &inserting{}
	}
	return s.inserts.view[:]
}

// insert runs an INSERT of computed rows. The view of its table is in the session's room.
func (s *Session) insert(c *call, e *planEntry, values []types.Datum) (int64, error) {
	r := s.inserts
	defer func() { r.view[0], r.env.Params = storage.View{}, nil }()
	s.growing(e.bound)
	s.envIn(&r.env, values, c.rec.Planned)
	n, d, report, err := r.Run(c.ctx, e.program, &r.env, r.view[0], s.options(c, 0))
	if err != nil {
		return 0, err
	}
	c.rec.Report = report
	return n, s.changed(c, e.bound.Writes, d)
}

// changed adds a change of a table to the transaction.
func (s *Session) changed(c *call, t *catalog.Table, d *storage.Delta) error {
	if there := s.afar(t); there != nil {
		return s.remote.agent.changed(&call{ctx: c.ctx, rec: &system.Record{}}, there, d)
	}
	if err := s.tx.Apply(t, d); err != nil {
		return err
	}
	return s.spread(c, t)
}

// runError gives the errors of a running statement the words that users know.
func (s *Session) runError(err error, e *planEntry) error {
	if errors.Is(err, storage.ErrConflict) {
		return s.sameRow(e.bound.Writes)
	}
	return err
}

// change runs an INSERT, UPDATE, DELETE, COPY or UNLOAD to its end and adds its rows to the transaction.
func (s *Session) change(c *call, set *rowset, e *planEntry) (int64, error) {
	cur := set.cursor
	for {
		b, err := cur.Next()
		if err != nil {
			return 0, err
		}
		if b == nil {
			break
		}
	}
	n := cur.Affected()
	deltas := cur.Deltas()
	set.rec.Report = cur.Report()
	if err := cur.Close(); err != nil {
		return 0, err
	}
	for i, d := range deltas {
		if d == nil {
			continue
		}
		if err := s.changed(c, e.views[e.program.Writers[i].View], d); err != nil {
			return 0, err
		}
	}
	return n, nil
}
