package engine

import (
	"slices"
	"strings"

	"github.com/redshiftsim/redshiftsim/engine/ast"
	"github.com/redshiftsim/redshiftsim/engine/bind"
	"github.com/redshiftsim/redshiftsim/engine/catalog"
	"github.com/redshiftsim/redshiftsim/engine/exec"
	"github.com/redshiftsim/redshiftsim/engine/optimize"
	"github.com/redshiftsim/redshiftsim/engine/plan"
	"github.com/redshiftsim/redshiftsim/storage"
)

// A plan is a function of the text, the settings that decide what it means, the definitions of its tables, what is known of their rows, and the shape of the
// cluster. Tests make the same tables in one cluster after another, so a plan is kept with the parsed text that it was made of, for all clusters of the
// process, together with all of that; who finds all of it equal takes the plan over, program and all.
//
//	cluster 1   SELECT v FROM orders_17 WHERE id = $1   ─ parsed ─ bind, optimize, compile ─┐
//	                   shape without names ── sharedPlan {entry, names orders_17, rows 0 ..} <┘
//	cluster 2   SELECT v FROM orders_18 WHERE id = $1   ─ parsed ─ adopt: the plan of orders_17, with plan.Renaming for those who look at it
//
// A program knows tables by number of view and columns by position; only the report of a run and the plan in the log name them (system.Record.Renaming).
type sharedPlan struct {
	entry    *planEntry // without what was found out since it was made: it holds no rows and no catalog
	context  string
	names    []string // in the place of the shape's stand-ins
	free     []string // other names of columns that may be others elsewhere
	topology storage.Topology
}

// maxSharedLooks is how many names of relations a plan that is shared may have looked up.
const maxSharedLooks = 8

// shareable says whether an entry that was made of x is a function of what a sharedPlan knows: its names are tables and nothing else, nothing about
// privileges was asked, and nothing in it depends on when, where and for whom it was made.
func (s *Session) shareable(e *planEntry, x *parsed) bool {
	b := e.bound
	if !e.kept || e.guarded || !s.user.Superuser || b.Volatile || b.PerSlice || b.ParamsUsed || b.Abroad || len(b.Virtual) > 0 || len(b.External) > 0 || len(b.Views) > 0 {
		return false
	}
	if len(e.looked) > maxSharedLooks || s.tx.Catalog().HasFunctions() || x.source().mixed || !plan.Renamable(e.root, x.names) {
		return false
	}
	for i := range e.looked {
		if _, ok := e.looked[i].object.(*catalog.Table); !ok {
			return false
		}
	}
	return true
}

// share lets other clusters, and statements of other tables, have the plan that was made of x.
func (s *Session) share(e *planEntry, x *parsed) {
	if !s.shareable(e, x) {
		return
	}
	p := &sharedPlan{context: s.context, names: x.names, free: free(e, x), topology: s.c.Topology()}
	p.entry = &planEntry{
		bound: e.bound, root: e.root, program: e.program, views: e.views, looked: e.looked, sizes: e.sizes, size: e.size, marks: e.marks, origins: e.origins,
		inserts: e.inserts, reruns: e.reruns, simple: e.simple, resting: e.resting,
	}
	p.entry.weight.Store(e.bytes())
	parses.share(x.source(), p)
}

// free lists the columns of a plan's tables that the text does not name, and whose names have digits, as those of tests that make names of their own do:
// extra_3 here, extra_5 there. Each must stand in the plan for nothing else.
func free(e *planEntry, x *parsed) (list []string) {
	for i := range e.looked {
		for _, c := range e.looked[i].object.(*catalog.Table).Columns {
			if isFree(c.Name, x) && !slices.Contains(list, c.Name) && plan.Renamable(e.root, []string{c.Name}) {
				list = append(list, c.Name)
			}
		}
	}
	return list
}

// isFree says whether a column's name has digits and nothing to do with the text of a statement.
func isFree(name string, x *parsed) bool {
	return strings.ContainsAny(name, "0123456789") && !slices.Contains(x.names, name) && !containsFold(x.text, name) && !bind.Invents(name)
}

// containsFold says whether a text has a name in it, in small letters or capitals.
func containsFold(text, name string) bool {
	for i := 0; i+len(name) <= len(text); i++ {
		if text[i]|0x20 == name[0]|0x20 && strings.EqualFold(text[i:i+len(name)], name) {
			return true
		}
	}
	return false
}

// adopted is an entry that took over a shared plan, in one allocation.
type adopted struct {
	planEntry
	bound    bind.Bound
	renaming plan.Renaming
	looks    [1]look
	one      [1]sized
	tables   [4][1]*catalog.Table
}

// adopt gives the plan of x that another statement has shared; nil = there is none, or something that it is a function of is not the same here.
func (s *Session) adopt(x *parsed) *planEntry {
	p := x.source().shared.Load()
	if p == nil || p.context != s.context || p.topology != s.c.Topology() || !s.user.Superuser || len(p.names) != len(x.names) || s.tx.Catalog().HasFunctions() {
		return nil
	}
	a := &adopted{}
	a.sizes = a.one[:0]
	r := &a.renaming
	r.From, r.To = p.names, x.names
	r.Tables, r.Own = a.tables[0][:0], a.tables[1][:0]
	if !s.lookedAlike(a, p, x) {
		return nil
	}
	from, e := p.entry, &a.planEntry
	for i := range from.sizes {
		z := &from.sizes[i]
		t := r.Table(z.table)
		if stats, err := s.tableStats(t); err != nil || stats != z.stats {
			return nil
		}
		e.sizes = append(e.sizes, sized{t, z.step, z.stats})
	}
	e.path, e.stamp = s.searchPath(), s.tx.Catalog().Stamp()
	e.root, e.program, e.size, e.resting = from.root, from.program, from.size, from.resting
	e.inserts, e.reruns, e.simple, e.marks = from.inserts, from.reruns, from.simple, from.marks
	e.origins = from.origins
	e.weight.Store(from.weight.Load())
	e.sure.Store(s.tx.Catalog())
	a.bound = *from.bound
	e.bound = &a.bound
	e.bound.Writes = r.Table(from.bound.Writes)
	e.bound.Reads, e.views = s.own(r, from.bound.Reads, a.tables[2][:0]), s.own(r, from.views, a.tables[3][:0])
	e.bound.Plan, e.bound.Refs = nil, nil // what CREATE VIEW and EXPLAIN ask of a plan that they make themselves
	if !slices.Equal(r.Tables, r.Own) || !slices.Equal(r.From, r.To) {
		e.renaming = r
	}
	if columns := from.program.Columns; len(r.From) > 0 && slices.ContainsFunc(columns, func(c exec.ResultColumn) bool { return slices.Contains(r.From, c.Name) }) {
		e.columns = slices.Clone(columns)
		for i := range e.columns {
			e.columns[i].Name = r.Name(columns[i].Name)
		}
	}
	return e
}

// lookedAlike looks up what the names of a shared plan mean here, and says whether these are tables of the same definitions.
func (s *Session) lookedAlike(a *adopted, p *sharedPlan, x *parsed) bool {
	c, r := s.tx.Catalog(), &a.renaming
	a.looked = a.looks[:0]
	for i := range p.entry.looked {
		l := &p.entry.looked[i]
		schema, name := r.Name(l.schema), r.Name(l.name)
		o, err := c.Resolve(s.path, schema, name)
		t, ok := o.(*catalog.Table)
		if err != nil || !ok {
			return false
		}
		theirs := l.object.(*catalog.Table)
		if at := slices.Index(r.Tables, theirs); at < 0 && !slices.Contains(r.Own, t) {
			r.Tables, r.Own = append(r.Tables, theirs), append(r.Own, t)
		} else if at < 0 || r.Own[at] != t {
			return false
		}
		a.looked = append(a.looked, look{schema, name, o})
	}
	for i := range r.Tables {
		renameFree(r, p, x, r.Tables[i], r.Own[i])
	}
	for i := range r.Tables {
		if !alike(r, r.Tables[i], r.Own[i]) {
			return false
		}
	}
	return true
}

// renameFree adds to a renaming the columns of two tables that are free to have other names.
func renameFree(r *plan.Renaming, p *sharedPlan, x *parsed, a, b *catalog.Table) {
	for i := range min(len(a.Columns), len(b.Columns)) {
		from, to := a.Columns[i].Name, b.Columns[i].Name
		if from != to && !r.Same(from, to) && slices.Contains(p.free, from) && isFree(to, x) {
			n := len(r.From)
			r.From, r.To = append(r.From[:n:n], from), append(r.To[:n:n], to)
		}
	}
}

// own gives the tables that stand for those of a shared plan. room is for them.
func (s *Session) own(r *plan.Renaming, tables, room []*catalog.Table) []*catalog.Table {
	for _, t := range tables {
		room = append(room, r.Table(t))
	}
	return room
}

// alike says whether two tables are the same to a plan: they differ in numbers, times, comments and names of constraints, and in names as r says. What a field more
// means is to be said here (TestAlike counts them).
func alike(r *plan.Renaming, a, b *catalog.Table) bool {
	if a.Secured || b.Secured || a.Temp != b.Temp || (a.Maintains == 0) != (b.Maintains == 0) || a.Backup != b.Backup || a.Owner != b.Owner || !r.Same(a.Schema, b.Schema) || !r.Same(a.Name, b.Name) {
		return false
	}
	return slices.EqualFunc(a.Columns, b.Columns, func(x, y catalog.Column) bool {
		if (x.Identity == nil) != (y.Identity == nil) || x.Identity != nil && *x.Identity != *y.Identity || !r.Same(x.Name, y.Name) {
			return false
		}
		return x.Type == y.Type && x.NotNull == y.NotNull && x.Default == y.Default && x.Encoding == y.Encoding && x.PosAttr == y.PosAttr && x.Hidden == y.Hidden &&
			x.CaseInsensitive == y.CaseInsensitive && x.Nested == y.Nested
	}) && slices.EqualFunc(a.Constraints, b.Constraints, func(x, y catalog.Constraint) bool {
		if x.Kind != y.Kind || !slices.Equal(x.Columns, y.Columns) || !slices.Equal(x.RefColumns, y.RefColumns) {
			return false
		}
		return refersAlike(r, x.RefTable, y.RefTable)
	}) && definedAlike(r, a.Def, b.Def)
}

// refersAlike says whether the tables of two foreign keys are the same to a plan: one of its tables and what stands for it, or tables that it does not read.
func refersAlike(r *plan.Renaming, a, b uint32) bool {
	if a == 0 || b == 0 {
		return a == b
	}
	at := func(list []*catalog.Table, id uint32) int {
		return slices.IndexFunc(list, func(t *catalog.Table) bool { return t.ID == id })
	}
	return at(r.Tables, a) == at(r.Own, b)
}

func definedAlike(r *plan.Renaming, a, b *storage.Definition) bool {
	return a.Dist == b.Dist && a.Sort.Style == b.Sort.Style && slices.Equal(a.Sort.Columns, b.Sort.Columns) && a.BlockBytes == b.BlockBytes && a.Temp == b.Temp &&
		slices.EqualFunc(a.Columns, b.Columns, func(x, y storage.Column) bool {
			return x.Type == y.Type && x.Encoding == y.Encoding && x.NotNull == y.NotNull && r.Same(x.Name, y.Name)
		})
}

// tableStats is what the optimizer is told of a table.
func (s *Session) tableStats(t *catalog.Table) (optimize.TableStats, error) {
	v, err := s.viewOf(t)
	if err != nil {
		return optimize.TableStats{}, err
	}
	w := v.Version()
	ts := optimize.TableStats{Statistics: w.Statistics(), Rows: float64(v.Rows()), Loaded: w.Loaded(), Spread: s.remote != nil && !s.stands(t.ID)}
	if rows, _, sorted := w.Physical(); rows > 0 && t.Def.Sort.Style != storage.SortNone && len(t.Def.Sort.Columns) > 0 {
		ts.Unsorted = 1 - float64(sorted)/float64(rows)
	}
	return ts, nil
}

// source is the text that a text differs from in names alone; its own when there is no such text.
func (x *parsed) source() *parsed {
	if x.home != nil {
		return x.home
	}
	return x
}

// named gives the tree of a statement of x in its own names.
func (x *parsed) named(st ast.Statement) ast.Statement {
	if x == nil || len(x.names) == 0 {
		return st
	}
	st, _, _ = withNames(st, x.names)
	return st
}
