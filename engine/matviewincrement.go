package engine

import (
	"strconv"

	"github.com/redshiftsim/redshiftsim/engine/ast"
	"github.com/redshiftsim/redshiftsim/engine/bind"
	"github.com/redshiftsim/redshiftsim/engine/catalog"
	"github.com/redshiftsim/redshiftsim/engine/function"
	"github.com/redshiftsim/redshiftsim/internal/sqlstate"
	"github.com/redshiftsim/redshiftsim/internal/types"
	"github.com/redshiftsim/redshiftsim/internal/vector"
	"github.com/redshiftsim/redshiftsim/storage"
)

// A refresh that is incremental works on the tables that the query names one after the other. Table i has changed from Old to New by the rows Since gives;
// tables before it are taken as they are now, those behind it as they were:
//
//	q(New, New) - q(Old, Old) = q(Changed, Old) + q(New, Changed)
//
// Inserts alone, without aggregates: the rows of these terms are inserted. Inserts alone, and counts, exact sums, minima and maxima: the groups of the terms
// are put together with those of the view that have the same keys (matviewmerge.go). Otherwise the terms say which rows, or groups, of the view change; these are
// deleted and made anew, by the query over rows that can be in them:
//
//	terms -> hashes of rows or of group keys -> DELETE FROM mv_tbl WHERE hash IN (..)
//	                                         -> INSERT INTO mv_tbl query WHERE hash IN (..)
//
// Hashes may collide: then more is made anew than had to be.

// atWork is the schema in which statements of a refresh find what is theirs alone: no user can name it.
const atWork = "\x00refresh"

// Names in the schema atWork.
const (
	theQuery  = "q" // the query of the view, as a view
	theHashes = "h" // a table of hashes
)

// hashColumn is the column of theHashes.
var hashColumn = []catalog.Column{{Name: "h", Type: types.TInt8, PosAttr: 1}}

// firstStanding numbers tables that stand for others: no table has such a number.
const firstStanding = 2_000_000_000

// viewOf is what the session's transaction sees of a table, or what stands for it.
func (s *Session) viewOf(t *catalog.Table) (storage.View, error) {
	if v, ok := s.stand[t.ID]; ok {
		return v, nil
	}
	if len(s.imports.list) > 0 {
		if v, ok, err := s.importedView(t); ok || err != nil {
			return v, err
		}
	}
	v, err := s.tx.View(t)
	if err == nil && s.remote != nil {
		v = v.Spread(catalog.SpreadDefinition(t.Def), s.topology())
	}
	return v, err
}

// changed is an occurrence of a base table in the view's query.
type changed struct {
	arm       int // of UNION ALL
	pos       int // of its name in the text
	table     *catalog.Table
	old, now  *storage.Version
	ins, dels *storage.Version // what lies between; nil = nothing
}

// increment brings the view up to date by what has changed; false = the whole query must run.
func (r *refreshing) increment(now func(table uint32) *storage.Version) (bool, error) {
	if !r.m.Incremental {
		return false, nil
	}
	occurrences, appends, ok, err := r.occurrences(now)
	if err != nil || !ok {
		return false, err
	}
	defer func() { r.s.stand, r.stand = nil, nil }()
	if appends && !r.m.Grouped {
		return true, r.append(occurrences)
	}
	if appends && r.m.Merges != nil {
		return true, r.merge(occurrences)
	}
	if len(r.m.Keys) == 0 { // one row of all: there is nothing to leave out
		return false, nil
	}
	hashes, err := r.hashes(occurrences)
	if err != nil {
		return false, err
	}
	return true, r.replace(occurrences, hashes)
}

// occurrences finds where the view's text names base tables, and what has changed in these; ok is false when that cannot be told, appends says that nothing
// was deleted.
func (r *refreshing) occurrences(now func(table uint32) *storage.Version) (list []changed, appends, ok bool, err error) {
	st, err := parseOne(r.v.Text)
	if err != nil {
		return nil, false, false, err
	}
	type difference struct{ ins, dels *storage.Version }
	known := map[uint32]difference{}
	appends = true
	for _, ref := range namesIn(st.(*ast.Select)) {
		if r.v.Ref(ref.name.Schema(), ref.name.Object()) == nil { // c.orders: an array in a row of c
			continue
		}
		t, err := r.baseOf(ref.name)
		if err != nil {
			return nil, false, false, err
		}
		x := changed{arm: ref.arm, pos: int(ref.name.Pos), table: t, now: now(t.ID)}
		for i := range r.m.Bases {
			if r.m.Bases[i].Table == t.ID {
				x.old = r.m.Bases[i].Version
			}
		}
		if x.old == nil || x.now == nil {
			return nil, false, false, nil
		}
		d, done := known[t.ID]
		if !done {
			if d.ins, d.dels, ok, err = x.now.Since(x.old); err != nil || !ok {
				return nil, false, false, err
			}
			known[t.ID] = d
		}
		x.ins, x.dels = d.ins, d.dels
		appends = appends && d.dels == nil
		list = append(list, x)
	}
	return list, appends, true, nil
}

// occurrence is a name in FROM.
type occurrence struct {
	arm  int // of UNION ALL
	name ast.Name
}

// namesIn lists the tables that the FROM clauses of a query without subqueries name, in order.
func namesIn(q *ast.Select) (out []occurrence) {
	for arm, q := range arms(q) {
		var from func(f ast.From)
		from = func(f ast.From) {
			switch f := f.(type) {
			case *ast.TableRef:
				out = append(out, occurrence{arm, f.Name})
			case *ast.Join:
				from(f.L)
				from(f.R)
			}
		}
		for _, f := range q.From {
			from(f)
		}
	}
	return out
}

// baseOf is the table that has the rows of what a name in the view's text means.
func (r *refreshing) baseOf(n ast.Name) (*catalog.Table, error) {
	ref := r.v.Ref(n.Schema(), n.Object())
	if ref == nil {
		return nil, sqlstate.UndefinedTable.Errorf("relation \"%s\" does not exist", n.Object())
	}
	switch o := r.s.tx.Catalog().Get(ref.At.Schema, ref.At.Name).(type) {
	case *catalog.Table:
		return o, nil
	case *catalog.View:
		if o.Materialized != nil {
			return r.s.backing(o)
		}
	}
	return nil, sqlstate.UndefinedTable.Errorf("relation \"%s\" does not exist", n.Object())
}

// let makes rows stand for the table of an occurrence.
func (r *refreshing) let(x *changed, rows *storage.Version) {
	r.place(x.pos, x.table, rows)
}

// place makes rows stand for a table where the view's text names it.
func (r *refreshing) place(pos int, t *catalog.Table, rows *storage.Version) {
	n := *t
	n.ID, n.Def = uint32(firstStanding+len(r.s.stand)), rows.Definition()
	r.s.stand[n.ID] = storage.ViewOf(rows)
	r.stand[pos] = &n
}

// terms calls f with each way in which one occurrence stands for what changed in it: those before it have the rows of now, those behind it the rows of then.
func (r *refreshing) terms(list []changed, f func() error) error {
	defer func() { r.arm = -1 }()
	for i := range list {
		for _, rows := range []*storage.Version{list[i].ins, list[i].dels} {
			if rows == nil {
				continue
			}
			r.begin()
			r.arm = list[i].arm // the others have no part in the difference
			for j := range list {
				switch {
				case j < i:
					r.let(&list[j], list[j].now)
				case j > i:
					r.let(&list[j], list[j].old)
				default:
					r.let(&list[j], rows)
				}
			}
			if err := f(); err != nil {
				return err
			}
		}
	}
	return nil
}

// begin forgets what stands for what.
func (r *refreshing) begin() {
	r.s.stand, r.stand, r.atWork = map[uint32]storage.View{}, map[int]*catalog.Table{}, map[string]*catalog.Table{}
}

// append inserts what inserts into the base tables add to the view.
func (r *refreshing) append(list []changed) error {
	return r.terms(list, func() error { return r.change(r.insert(r.source())) })
}

// hashes makes a table of the hashes of all rows, or groups, of the view that change.
func (r *refreshing) hashes(list []changed) (*storage.Version, error) {
	seen := map[int64]bool{}
	q := r.source()
	q.Items = r.hashItem()
	r.restrict = func(q *ast.Select) *ast.Select { // HAVING is about whole groups
		n := *q
		n.Having = nil
		return &n
	}
	defer func() { r.restrict = nil }()
	if err := r.terms(list, func() error { return r.collectHashes(q, seen) }); err != nil {
		return nil, err
	}
	return r.hashTable(seen)
}

// hashItem is the select list of a query for hashes.
func (r *refreshing) hashItem() []ast.Item { return []ast.Item{{Expr: r.hash(r.keys()), Alias: "h"}} }

// collectHashes adds the hashes that a query gives to seen.
func (r *refreshing) collectHashes(q *ast.Select, seen map[int64]bool) error {
	return r.collect(q, func(b *vector.Batch) error {
		for i := range b.Rows() {
			if b.Sel != nil {
				i = int(b.Sel[i])
			}
			seen[b.Columns[0].Get(i).Int] = true
		}
		return nil
	})
}

// hashTable makes a table of hashes.
func (r *refreshing) hashTable(seen map[int64]bool) (*storage.Version, error) {
	def := &storage.Definition{Columns: []storage.Column{{Name: "h", Type: types.TInt8}}, Dist: storage.Distribution{Style: storage.All, Column: -1}}
	return storage.Filled(def, r.s.c.Topology(), func(put func(b *vector.Batch) error) error {
		v := vector.New(types.TInt8, 0)
		flush := func() error {
			v.Len = len(v.Int64s)
			err := put(&vector.Batch{Columns: []*vector.Vector{v}, Len: v.Len})
			v = vector.New(types.TInt8, 0)
			return err
		}
		for h := range seen {
			if len(v.Int64s) == vector.Size {
				if err := flush(); err != nil {
					return err
				}
			}
			v.Int64s = append(v.Int64s, h)
		}
		return flush()
	})
}

// replace deletes the rows of the view that have one of the hashes, and makes them anew over the rows of now.
func (r *refreshing) replace(list []changed, hashes *storage.Version) error {
	r.begin()
	for i := range list {
		r.let(&list[i], list[i].now)
	}
	r.work(theHashes, hashColumn, hashes)
	table := ast.Name{Pos: -1, Parts: []string{r.t.Schema, r.t.Name}}
	if err := r.change(&ast.Delete{Table: table, Where: among(r.hash(r.keys()))}); err != nil {
		return err
	}
	q := r.source()
	q.Where = among(r.hash(r.keys()))
	if r.m.Grouped { // groups that are not asked for need not be made
		r.restrict = func(q *ast.Select) *ast.Select {
			n := *q
			var keys []ast.Expr
			for _, i := range r.m.Keys {
				keys = append(keys, q.Items[i].Expr)
			}
			n.Where = among(r.hash(keys))
			if q.Where != nil {
				n.Where = &ast.Binary{Pos: -1, Op: "and", L: q.Where, R: n.Where}
			}
			return &n
		}
		defer func() { r.restrict = nil }()
	}
	return r.change(r.insert(q))
}

// among says that a hash is one of those of theHashes.
func among(x ast.Expr) ast.Expr {
	return &ast.In{Pos: -1, X: x, Query: &ast.Select{
		Pos: -1, Items: []ast.Item{{Expr: column("h")}}, From: fromName(workName(theHashes)),
	}}
}

func column(name string) ast.Expr { return &ast.ColumnRef{Pos: -1, Parts: []string{name}} }

// work makes rows a table that statements of the refresh find in the schema atWork.
func (r *refreshing) work(name string, cols []catalog.Column, rows *storage.Version) {
	t := &catalog.Table{ID: uint32(firstStanding + len(r.s.stand)), Schema: atWork, Name: name, Owner: r.v.Owner, Def: rows.Definition(), Columns: cols}
	r.s.stand[t.ID] = storage.ViewOf(rows)
	r.atWork[name] = t
}

// keys are the view's columns by which its rows, or groups, are told apart.
func (r *refreshing) keys() []ast.Expr {
	var out []ast.Expr
	for _, i := range r.m.Keys {
		out = append(out, column(r.v.Columns[i].Name))
	}
	return out
}

// hash is FNV_HASH of the values of keys, as they are equal for equal values: without the blanks at the end of texts, without the sign of a zero.
func (r *refreshing) hash(values []ast.Expr) ast.Expr {
	h := figure(1)
	for n, x := range values {
		t := r.v.Columns[r.m.Keys[n]].Type
		x = &ast.Cast{Pos: -1, X: x, Type: &ast.TypeName{Pos: -1, Type: t, Known: true}} // an arm of UNION ALL may have another one
		switch {
		case t.Kind == types.Varchar || t.Kind == types.Char:
			x = callOf("rtrim", x)
		case t.Lane() == types.LaneFloat:
			x = &ast.Binary{Pos: -1, Op: "+", L: x, R: figure(0)}
		}
		h = callOf("coalesce", callOf("fnv_hash", x, h), h)
	}
	return h
}

func callOf(name string, args ...ast.Expr) ast.Expr {
	return &ast.FuncCall{Pos: -1, Name: []string{name}, Args: args}
}

func figure(n int) ast.Expr { return &ast.Literal{Pos: -1, Kind: ast.Number, Text: strconv.Itoa(n)} }

// workName is a name in the schema atWork.
func workName(name string) ast.Name { return ast.Name{Pos: -1, Parts: []string{atWork, name}} }

// source is SELECT * FROM the view's query.
func (r *refreshing) source() *ast.Select {
	return &ast.Select{Pos: -1, Items: star(), From: fromName(workName(theQuery))}
}

// insert is INSERT of a query's rows into the view's table.
func (r *refreshing) insert(q *ast.Select) *ast.Insert {
	return &ast.Insert{Table: ast.Name{Pos: -1, Parts: []string{r.t.Schema, r.t.Name}}, Query: q}
}

// Relation finds what a statement of the refresh names: the view's query and what else is at work, what stands for a base table, or what the catalog has.
func (r *refreshing) relation(base *resolver, schema, name string, pos int) (any, error) {
	if schema == atWork {
		if t := r.atWork[name]; t != nil {
			return t, nil
		}
		return &catalog.View{ID: r.v.ID, Schema: atWork, Name: theQuery, Owner: r.v.Owner, Text: r.v.Text, Columns: r.v.Columns, Refs: r.v.Refs, CaseSensitive: r.v.CaseSensitive}, nil
	}
	o, err := base.Relation(schema, name, pos)
	if _, is := o.(*catalog.Table); is && pos >= 0 && r.stand[pos] != nil {
		return r.stand[pos], nil
	}
	return o, err
}

// workResolver looks names up for a statement of a refresh.
type workResolver struct {
	*resolver
	r *refreshing
}

// Relation finds a relation by name.
func (w *workResolver) Relation(schema, name string, pos int) (any, error) {
	return w.r.relation(w.resolver, schema, name, pos)
}

// plan plans a statement of the refresh.
func (r *refreshing) plan(st ast.Statement) (*planEntry, error) {
	b, res, err := r.bound(st)
	if err != nil {
		return nil, err
	}
	e := r.s.entry(b, res)
	return e, r.s.complete(e, b.Plan, r.v.Text)
}

// bound binds a statement of the refresh, as the view's owner.
func (r *refreshing) bound(st ast.Statement) (*bind.Bound, *resolver, error) {
	s := r.s
	res := &resolver{c: s.tx.Catalog(), path: s.searchPath()}
	env := s.bindEnv(&workResolver{res, r}, nil, nil)
	env.Maintains, env.CaseSensitive = r.t.ID, true
	if u := env.Guard.Catalog.UserByID(r.v.Owner); u != nil {
		env.Guard.User = env.Guard.Catalog.Reach(u)
	}
	env.Parse = func(text string) (ast.Statement, error) {
		st, err := parseOne(text)
		q, ok := st.(*ast.Select)
		if !ok || text != r.v.Text {
			return st, err
		}
		if r.arm >= 0 {
			q = arms(q)[r.arm]
		}
		if r.restrict != nil {
			q = r.restrict(q)
		}
		return q, err
	}
	b, err := bind.Bind(st, env)
	return b, res, err
}

// ready plans a statement of the refresh and takes its locks.
func (r *refreshing) ready(st ast.Statement) (*planEntry, error) {
	for {
		e, err := r.plan(st)
		if err != nil {
			return nil, err
		}
		if ok, err := r.s.lockPlan(r.c, e); ok || err != nil {
			return e, err
		}
	}
}

// change runs a change of the view's table.
func (r *refreshing) change(st ast.Statement) error {
	e, err := r.ready(st)
	if err != nil {
		return err
	}
	for i := range r.m.Bases {
		if err := r.s.tx.Read(r.m.Bases[i].Table); err != nil {
			return err
		}
	}
	_, _, err = r.s.run(r.c, e, nil)
	return err
}

// collect runs a query and gives its rows to f.
func (r *refreshing) collect(q *ast.Select, f func(b *vector.Batch) error) (err error) {
	s := r.s
	e, err := r.ready(q)
	if err != nil {
		return err
	}
	views := make([]storage.View, len(e.views))
	for i, t := range e.views {
		if views[i], err = s.viewOf(t); err != nil {
			return err
		}
	}
	s.tx.Keep()
	var env function.Env
	s.envIn(&env, nil, s.c.cfg.Clock())
	cur, err := e.start(r.c.ctx, &env, nil, views, s.options(r.c, 0))
	if err != nil {
		return err
	}
	defer func() {
		if closed := cur.Close(); err == nil {
			err = closed
		}
	}()
	for {
		b, err := cur.Next()
		if b == nil || err != nil {
			return err
		}
		if err := f(b); err != nil {
			return err
		}
	}
}
