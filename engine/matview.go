package engine

import (
	"slices"
	"strings"

	"github.com/redshiftsim/redshiftsim/engine/ast"
	"github.com/redshiftsim/redshiftsim/engine/bind"
	"github.com/redshiftsim/redshiftsim/engine/catalog"
	"github.com/redshiftsim/redshiftsim/engine/plan"
	"github.com/redshiftsim/redshiftsim/engine/principal"
	"github.com/redshiftsim/redshiftsim/engine/system"
	"github.com/redshiftsim/redshiftsim/engine/txn"
	"github.com/redshiftsim/redshiftsim/internal/sqlstate"
	"github.com/redshiftsim/redshiftsim/internal/types"
	"github.com/redshiftsim/redshiftsim/storage"
)

// createMaterializedView is CREATE MATERIALIZED VIEW: a view, and the table that has its rows.
// https://docs.aws.amazon.com/redshift/latest/dg/materialized-view-create-sql-command.html
func (s *Session) createMaterializedView(c *call, st *ast.CreateMaterializedView) error {
	s.tx.Refresh()
	schema, err := s.place(st.Name, false, principal.CreateView)
	if err != nil {
		return err
	}
	name := st.Name.Object()
	if catalog.IsTempSchema(schema) {
		return sqlstate.FeatureNotSupported.Errorf("materialized views cannot be temporary").At(st.Name.Offset())
	}
	for _, n := range []string{name, catalog.MaterializedTable(name)} {
		if s.tx.Catalog().Get(schema, n) != nil {
			return catalog.Exists(n).At(st.Name.Offset())
		}
	}
	b, err := s.bindQuery(st.Query, true, nil)
	if err != nil {
		return err
	}
	if err := materializable(b); err != nil {
		return err
	}
	for _, o := range readBy(b) {
		if why := s.protected(o); why != "" {
			return sqlstate.FeatureNotSupported.Errorf("materialized views cannot be defined on relations that have %s: \"%s\"", why, catalog.KeyOf(o).Name)
		}
	}
	v := &catalog.View{Schema: schema, Name: name, Owner: s.user.ID, Refs: b.Refs, CaseSensitive: s.caseful, Created: s.c.cfg.Clock(), Version: 1}
	v.Text = s.keptQuery(strings.TrimRight(strings.TrimSpace(st.Text), ";"), partAt(c, st, strings.TrimSpace(st.Text)), b.Attributes)
	if v.Columns, err = columnsOf(b.Columns, st.Columns, st.Name); err != nil {
		return err
	}
	t, def, err := s.materializedTable(v, b, st)
	if err != nil {
		return err
	}
	m := &catalog.Materialized{AutoRefresh: st.AutoRefresh == "yes", Mutable: b.Volatile, Bases: s.bases(b)}
	m.Statement = s.kept(statementText(c, st))
	incremental(m, b, st.Query, v.Columns)
	if m.Incremental && st.Query.Op != "" && len(def.Sort.Columns) > 0 {
		m.Incremental, m.NotIncremental = false, "it has UNION ALL and the materialized view a sort key"
	}
	v.Materialized = m
	if err := s.autoRefreshable(v, m.AutoRefresh); err != nil {
		return err
	}
	v.Depends = dependencies(b)
	v.ID = s.c.newID()
	t.Maintains = v.ID
	s.newTable(t, def)
	m.Table = t.ID
	s.tx.Edit(v)
	s.beginAccess(principal.Relation, v.ID, v.Schema, v.Owner)
	if !m.Incremental {
		s.tell("WARNING", sqlstate.Warning, "An incrementally maintained materialized view could not be created, reason: %s. The materialized view created, %s, will be recomputed from scratch for every REFRESH.", m.NotIncremental, name)
	}
	if s.dry {
		return nil
	}
	if err := s.lock(c.ctx, t.ID, txn.AccessExclusive); err != nil {
		return err
	}
	r := s.refreshing(c, v, t)
	if err := r.fill(); err != nil {
		return err
	}
	r.seen()
	return s.analyzeTable(c, s.current(t), nil, system.Analyzed{Status: "Full", Auto: true})
}

// materializable refuses what no materialized view can be made of.
// https://docs.aws.amazon.com/redshift/latest/dg/materialized-view-create-sql-command.html#mv_CREATE_MATERIALIZED_VIEW-limitations
func materializable(b *bind.Bound) error {
	refuse := func(what string) error {
		return sqlstate.FeatureNotSupported.Errorf("materialized views cannot be defined %s", what)
	}
	if len(b.Virtual) > 0 {
		return refuse("on system tables or views: \"" + b.Virtual[0].Name + "\"")
	}
	for _, w := range b.Views {
		if w.Materialized == nil {
			return refuse("on standard views: \"" + w.Name + "\"")
		}
	}
	for _, t := range b.Reads {
		if t.Temp {
			return refuse("on temporary tables: \"" + t.Name + "\"")
		}
	}
	var err error
	plan.Walk(b.Plan, func(n plan.Node) bool {
		switch n.(type) {
		case *plan.Sort:
			err = refuse("with ORDER BY")
		case *plan.Limit:
			err = refuse("with LIMIT or OFFSET")
		}
		return err == nil
	})
	if err != nil {
		return err
	}
	return b.Writable()
}

// readBy lists the tables and materialized views that a bound query names.
func readBy(b *bind.Bound) (out []any) {
	for _, t := range b.Reads {
		if t.Maintains == 0 {
			out = append(out, t)
		}
	}
	for _, w := range b.Views {
		out = append(out, w)
	}
	return out
}

// protected says what keeps rows or values of a relation from some users, "" = nothing does: no materialized view is made of it.
func (s *Session) protected(o any) string {
	if !catalog.Secured(o) {
		return ""
	}
	sec := s.catalog().Security(catalog.IDOf(o))
	switch {
	case sec == nil:
	case sec.RLS:
		return "row-level security"
	case len(sec.Masks) > 0:
		return "dynamic data masking"
	}
	return ""
}

// materializedTable makes the table of a materialized view. Without DISTSTYLE it is EVEN.
func (s *Session) materializedTable(v *catalog.View, b *bind.Bound, st *ast.CreateMaterializedView) (*catalog.Table, *storage.Definition, error) {
	cols := slices.Clone(v.Columns)
	def := &storage.Definition{BlockBytes: s.c.cfg.BlockBytes}
	names := make([]string, len(cols))
	for i := range cols {
		names[i] = cols[i].Name
		if t := cols[i].Type; t.IsArray() || t.IsReg() || t.Kind == types.ACLItem {
			return nil, nil, sqlstate.FeatureNotSupported.Errorf("Column \"%s.%s\" has unsupported type \"%s\".", v.Name, names[i], t)
		}
		if err := ownColumn(names[i], st.Name.Offset()); err != nil {
			return nil, nil, err
		}
		def.Columns = append(def.Columns, storage.Column{Name: names[i], Type: cols[i].Type})
	}
	for i := range b.Insensitive {
		cols[i].CaseInsensitive = b.Insensitive[i] && cols[i].Type.IsText()
	}
	if err := attributes(names, def, &ast.CreateTable{Attributes: st.Attributes, Query: st.Query}); err != nil {
		return nil, nil, err
	}
	if st.DistStyle == "" && st.DistKey == nil {
		def.Dist.Style = storage.Even
	}
	t := &catalog.Table{Schema: v.Schema, Name: catalog.MaterializedTable(v.Name), Owner: v.Owner, Backup: st.Backup != "no", Columns: cols, Created: v.Created}
	return t, def, canKey(cols, def)
}

// bases lists what a materialized view's query reads, each once.
func (s *Session) bases(b *bind.Bound) []catalog.Base {
	var out []catalog.Base
	for _, sc := range b.Scans() {
		t := sc.Table
		i := slices.IndexFunc(out, func(x catalog.Base) bool { return x.Table == t.ID })
		if i < 0 {
			i = len(out)
			out = append(out, catalog.Base{Relation: t.ID, Table: t.ID})
			if t.Maintains != 0 {
				out[i].Relation = t.Maintains
			}
		}
		for _, at := range sc.Attrs {
			if n := t.Columns[max(at, 0)].PosAttr; at >= 0 && !slices.Contains(out[i].Columns, n) {
				out[i].Columns = append(out[i].Columns, n)
			}
		}
	}
	return out
}

// dependencies lists the relations and functions that a bound query names, by number.
func dependencies(b *bind.Bound) []uint32 {
	var out []uint32
	for _, t := range b.Reads {
		if t.Maintains == 0 {
			out = append(out, t.ID)
		}
	}
	for _, w := range b.Views {
		out = append(out, w.ID)
	}
	for _, f := range b.Functions {
		out = append(out, f.ID)
	}
	return out
}

// autoRefreshable refuses AUTO REFRESH YES where Redshift does, and tells who asks for it in a cluster without background work that nothing will come of it.
// https://docs.aws.amazon.com/redshift/latest/dg/materialized-view-create-sql-command.html#mv_CREATE_MATERIALIZED_VIEW-limitations
func (s *Session) autoRefreshable(v *catalog.View, yes bool) error {
	m := v.Materialized
	switch {
	case !yes:
		return nil
	case m.Mutable:
		return sqlstate.FeatureNotSupported.Errorf("Auto-refresh is not supported for materialized views defined with mutable functions.")
	case slices.ContainsFunc(m.Bases, func(b catalog.Base) bool { return b.Relation != b.Table }):
		return sqlstate.FeatureNotSupported.Errorf("Auto-refresh is not supported for materialized views defined on other materialized views.")
	case !s.c.cfg.Background:
		s.tell("WARNING", sqlstate.Warning, "Materialized view %s will not be refreshed automatically: this cluster does no work in the background.", v.Name)
	}
	return nil
}

// materializedView finds the materialized view that a statement names.
func (s *Session) materializedView(n ast.Name) (*catalog.View, error) {
	o, err := s.resolve(n)
	if err != nil {
		return nil, err
	}
	if v, ok := o.(*catalog.View); ok && v.Materialized != nil {
		return v, nil
	}
	return nil, notMaterialized(n)
}

// notMaterialized is the error of a relation that is no materialized view.
func notMaterialized(n ast.Name) error {
	return sqlstate.WrongObjectType.Errorf("\"%s\" is not a materialized view", n.Object()).At(n.Offset())
}

// backing is the table that has the rows of a materialized view.
func (s *Session) backing(v *catalog.View) (*catalog.Table, error) {
	t, ok := s.tx.Catalog().Get(v.Schema, catalog.MaterializedTable(v.Name)).(*catalog.Table)
	if !ok {
		return nil, sqlstate.Internal.Errorf("the rows of materialized view \"%s\" are gone", v.Name)
	}
	return t, nil
}

// alterMaterializedView is ALTER MATERIALIZED VIEW .. AUTO REFRESH.
// https://docs.aws.amazon.com/redshift/latest/dg/r_ALTER_MATERIALIZED_VIEW.html
func (s *Session) alterMaterializedView(st *ast.AlterMaterializedView) error {
	s.tx.Refresh()
	v, err := s.materializedView(st.Name)
	if err != nil {
		return err
	}
	if err := s.commands(v, principal.Alter, principal.AlterTable); err != nil {
		return err
	}
	yes := st.AutoRefresh == "yes"
	if err := s.autoRefreshable(v, yes); err != nil {
		return err
	}
	s.editMaterialized(v, func(m *catalog.Materialized) { m.AutoRefresh = yes })
	return nil
}

// editMaterialized gives a materialized view another state.
func (s *Session) editMaterialized(v *catalog.View, f func(m *catalog.Materialized)) *catalog.View {
	n, m := *v, *v.Materialized
	m.Bases = slices.Clone(m.Bases)
	f(&m)
	n.Materialized = &m
	s.tx.Edit(&n)
	return &n
}

// alterOfMaterialized gives the ALTER TABLE that an ALTER of a materialized view comes to: that of the table which has its rows. nil = it is done.
func (s *Session) alterOfMaterialized(v *catalog.View, st *ast.AlterTable) (*ast.AlterTable, error) {
	switch st.Action {
	case "owner":
		if err := s.mayAlter(v, st); err != nil {
			return nil, err
		}
		t, err := s.backing(v)
		if err != nil {
			return nil, err
		}
		n, nt := *v, *t
		if n.Owner, err = s.newOwner(st.To); err != nil {
			return nil, err
		}
		nt.Owner = n.Owner
		n.Version++
		nt.Version++
		s.passAccess(principal.Relation, v.ID, v.Owner, n.Owner)
		s.passAccess(principal.Relation, t.ID, t.Owner, n.Owner)
		s.tx.Edit(&n)
		s.tx.Edit(&nt)
		return nil, nil
	case "alter diststyle", "alter sortkey":
		if !st.View {
			break
		}
		if err := s.mayAlter(v, st); err != nil {
			return nil, err
		}
		n := *st
		n.Table = ast.Name{Pos: st.Table.Pos, Parts: []string{v.Schema, catalog.MaterializedTable(v.Name)}}
		return &n, nil
	case "rename":
		return nil, sqlstate.FeatureNotSupported.Errorf("materialized view \"%s\" cannot be renamed", v.Name).At(st.Table.Offset())
	}
	if st.View {
		return nil, unsupported(st, "ALTER MATERIALIZED VIEW "+upper(st.Action))
	}
	return nil, sqlstate.WrongObjectType.Errorf("\"%s\" is not a table", v.Name).At(st.Table.Offset())
}

// ofView refuses a statement about the table of a materialized view: only how the rows are laid out is its own.
func ofView(t *catalog.Table, n ast.Name) error {
	if t.Maintains == 0 {
		return nil
	}
	return sqlstate.WrongObjectType.Errorf("cannot change table \"%s\": it has the rows of a materialized view", t.Name).At(n.Offset())
}

// dropMaterializedView is DROP MATERIALIZED VIEW.
// https://docs.aws.amazon.com/redshift/latest/dg/materialized-view-drop-sql-command.html
func (s *Session) dropMaterializedView(c *call, st *ast.Drop, n ast.Name) error {
	o, err := s.dropped(st, n, "Materialized view")
	if o == nil || err != nil {
		return err
	}
	v, ok := o.(*catalog.View)
	switch {
	case ok && v.Materialized == nil:
		return sqlstate.WrongObjectType.Errorf("\"%s\" is not a materialized view", v.Name).WithHint("Use DROP VIEW to remove a view.").At(n.Offset())
	case !ok:
		if t, ok := o.(*catalog.Table); ok {
			return sqlstate.WrongObjectType.Errorf("\"%s\" is not a materialized view", t.Name).WithHint("Use DROP TABLE to remove a table.").At(n.Offset())
		}
		return sqlstate.InsufficientPrivilege.Errorf("permission denied: \"%s\" is a system catalog", n.Object()).At(n.Offset())
	}
	if err := s.commands(v, principal.Drop, principal.DropView); err != nil {
		return err
	}
	if err := s.dependents(c, st, "materialized view", v.Name, v.ID); err != nil {
		return err
	}
	return s.removeView(c, v)
}

// kindOf is a view's kind as messages say it.
func kindOf(v *catalog.View) string {
	if v.Materialized != nil {
		return "materialized view"
	}
	return "view"
}
