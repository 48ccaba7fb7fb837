package engine

import (
	"slices"
	"time"

	"github.com/redshiftsim/redshiftsim/engine/ast"
	"github.com/redshiftsim/redshiftsim/engine/catalog"
	"github.com/redshiftsim/redshiftsim/engine/principal"
	"github.com/redshiftsim/redshiftsim/engine/system"
	"github.com/redshiftsim/redshiftsim/engine/txn"
	"github.com/redshiftsim/redshiftsim/internal/sqlstate"
	"github.com/redshiftsim/redshiftsim/storage"
)

// What a refresh came to, as SVL_MV_REFRESH_STATUS says it.
// https://docs.aws.amazon.com/redshift/latest/dg/r_SVL_MV_REFRESH_STATUS.html
const (
	refreshedNot          = "MV was already updated"
	refreshedFully        = "Refresh successfully recomputed MV from scratch"
	refreshedIncrementing = "Refresh successfully updated MV incrementally"
	refreshConflict       = "Refresh failed. Serializable isolation violation"
	refreshFailed         = "Refresh failed due to an internal error"
)

// protectedStatus is the status of a refresh over a relation that is protected.
var protectedStatus = map[string]string{
	"row-level security": "Refresh failed. A base table has been RLS-protected", "dynamic data masking": "Refresh failed. A base table is protected by dynamic data masking",
}

// refreshing is the refresh of one materialized view.
//
//	bases at the versions that the view has seen --Since--> inserted and deleted rows -> rows or groups that change -> the view's table
//	                                              laid out anew, or not incremental   -> the whole query            -> the view's table
//
// It holds the table's write lock: queries read the rows of before until it commits.
type refreshing struct {
	s *Session
	c *call
	v *catalog.View
	t *catalog.Table // that has the rows
	m *catalog.Materialized

	arm      int                             // of UNION ALL, -1 = all
	stand    map[int]*catalog.Table          // by place in the view's text: what stands for a base table
	atWork   map[string]*catalog.Table       // tables of its own: hashes of what is made anew, groups
	restrict func(q *ast.Select) *ast.Select // leaves out of the view's query what need not be made
}

// refreshing begins to work on a materialized view whose rows are in t.
func (s *Session) refreshing(c *call, v *catalog.View, t *catalog.Table) *refreshing {
	return &refreshing{s: s, c: c, v: v, t: t, m: v.Materialized, arm: -1}
}

// refreshMaterializedView is REFRESH MATERIALIZED VIEW. With CASCADE the materialized views that it is made of are refreshed before it.
// https://docs.aws.amazon.com/redshift/latest/dg/materialized-view-refresh-sql-command.html
func (s *Session) refreshMaterializedView(c *call, st *ast.RefreshMaterializedView) error {
	s.tx.Refresh()
	v, err := s.materializedView(st.Name)
	if err != nil {
		return err
	}
	if err := s.owns(v.Owner, v.Name); err != nil {
		return err
	}
	if s.dry {
		return nil
	}
	if st.Cascade {
		for _, id := range s.below(v) {
			w := s.viewByID(id)
			if w == nil {
				continue
			}
			if _, err := s.refreshOne(c, w, "Manual"); err != nil {
				s.noteRefresh(c, v, "Manual", "Cascade refresh failed because materialized view "+w.Schema+"."+w.Name+" was not refreshed.")
				return err
			}
		}
		if v = s.viewByID(v.ID); v == nil {
			return sqlstate.UndefinedTable.Errorf("relation \"%s\" does not exist", st.Name.Object()).At(st.Name.Offset())
		}
	}
	status, err := s.refreshOne(c, v, "Manual")
	if err != nil {
		return err
	}
	s.tellRefreshed(v, status)
	return nil
}

// tellRefreshed says what came of a refresh, in the guide's words.
// https://docs.aws.amazon.com/redshift/latest/dg/materialized-view-refresh.html
func (s *Session) tellRefreshed(v *catalog.View, status string) {
	text := "Materialized view " + v.Name + " is already up to date."
	switch status {
	case refreshedFully:
		text = "Materialized view " + v.Name + " was recomputed successfully."
	case refreshedIncrementing:
		text = "Materialized view " + v.Name + " was incrementally updated successfully."
	default:
		if slices.ContainsFunc(s.below(v), func(id uint32) bool {
			w := s.viewByID(id)
			return w != nil && w.Materialized.Stale(s.tx.Seen)
		}) {
			text += "  However, it depends on another materialized view that is not up to date."
		}
	}
	s.tell("INFO", sqlstate.SuccessfulCompletion, "%s", text)
}

// viewByID finds a materialized view by number, nil when it is gone.
func (s *Session) viewByID(id uint32) *catalog.View { return viewIn(s.tx.Catalog(), id) }

func viewIn(c *catalog.Catalog, id uint32) *catalog.View {
	for _, v := range c.Views() {
		if v.ID == id && v.Materialized != nil {
			return v
		}
	}
	return nil
}

// below lists the materialized views that one is made of, those first that others are made of.
func (s *Session) below(v *catalog.View) []uint32 {
	var out []uint32
	for i := range v.Materialized.Bases {
		b := &v.Materialized.Bases[i]
		if b.Relation == b.Table {
			continue
		}
		if w := s.viewByID(b.Relation); w != nil {
			for _, id := range append(s.below(w), w.ID) {
				if !slices.Contains(out, id) {
					out = append(out, id)
				}
			}
		}
	}
	return out
}

// refreshOne refreshes a materialized view, says how, and notes it in the log; kind is Manual or Auto.
func (s *Session) refreshOne(c *call, v *catalog.View, kind string) (string, error) {
	start := s.c.cfg.Clock()
	status, err := s.refreshed(c, v)
	if err != nil && status == "" {
		status = refreshFailed
		if s.tx.Conflict != 0 {
			status = refreshConflict
		}
	}
	s.noteRefreshFrom(c, v, kind, status, start)
	return status, err
}

func (s *Session) refreshed(c *call, v *catalog.View) (string, error) {
	t, err := s.backing(v)
	if err != nil {
		return "", err
	}
	if err := s.lock(c.ctx, t.ID, txn.ShareRowExclusive); err != nil {
		return "", err
	}
	s.tx.Refresh()
	s.tx.Keep() // else a statement of the refresh moves it on, and the view is taken to have seen what only later statements of it saw
	id := v.ID
	if v = s.viewByID(id); v == nil {
		return "Refresh failed. MV was not found", sqlstate.UndefinedTable.Errorf("materialized view \"%s\" does not exist", t.Name)
	}
	if t, err = s.backing(v); err != nil {
		return "", err
	}
	r := s.refreshing(c, v, t)
	if st := r.m.State; st != 0 {
		return st.Failure(), sqlstate.ObjectNotInPrerequisite.Errorf("materialized view \"%s\" cannot be refreshed: %s", v.Name, lowerFirst(st.Event())).
			WithHint("Drop the materialized view and create it again.")
	}
	for i := range r.v.Refs {
		o := s.tx.Catalog().Get(r.v.Refs[i].At.Schema, r.v.Refs[i].At.Name)
		if why := s.protected(o); o != nil && why != "" {
			return protectedStatus[why], sqlstate.ObjectNotInPrerequisite.Errorf("materialized view \"%s\" cannot be refreshed: base table \"%s\" has %s", v.Name, catalog.KeyOf(o).Name, why)
		}
	}
	if _, err := s.tx.View(t); err != nil { // it is younger than the snapshot
		return "", err
	}
	if s.refreshedBeside(v) {
		return refreshConflict, s.tx.SameRow(t.ID)
	}
	now := r.sees()
	if !r.m.Stale(now) && !r.m.Relaid(now) {
		return refreshedNot, nil
	}
	if done, err := r.increment(now); err != nil {
		return "", err
	} else if done {
		r.sawUpTo(now)
		return refreshedIncrementing, nil
	}
	if err := r.mayRecompute(); err != nil {
		return "", err
	}
	if err := r.recompute(); err != nil {
		return "", err
	}
	return refreshedFully, nil
}

// refreshedBeside says whether another transaction has refreshed a view since this one's snapshot. Its rows may be the same as before, but what it has seen of the base
// tables is not what the snapshot has.
func (s *Session) refreshedBeside(v *catalog.View) bool {
	if v.Materialized.UpTo == s.tx.ID {
		return false
	}
	then := viewIn(s.tx.Snapshot().Of(s.tx.Database), v.ID)
	return then == nil || then.Materialized.UpTo != v.Materialized.UpTo
}

// lowerFirst is a sentence's beginning inside of another.
func lowerFirst(s string) string { return string(s[0]|0x20) + s[1:] }

// sees gives the version of each base table that the refresh sees. Rows that its transaction has not committed it sees only when the view is not incremental, or
// was made or refreshed in it; and those of materialized views that were refreshed before it.
// https://docs.aws.amazon.com/redshift/latest/dg/materialized-view-refresh-sql-command.html#mv_REFRESH_MARTERIALIZED_VIEW_usage
func (r *refreshing) sees() func(table uint32) *storage.Version {
	tx := r.s.tx
	root := r.s.c.txns.Root().Of(r.s.db.ID)
	if !r.m.Incremental || root.Get(r.v.Schema, r.v.Name) != any(r.v) {
		return tx.Basis
	}
	return func(table uint32) *storage.Version {
		for i := range r.m.Bases {
			if b := &r.m.Bases[i]; b.Table == table && b.Relation != b.Table {
				return tx.Basis(table)
			}
		}
		return tx.Snapshot().Version(table)
	}
}

// mayRecompute refuses to run the whole query for an owner who may not create in the view's schema.
// https://docs.aws.amazon.com/redshift/latest/dg/materialized-view-refresh-sql-command.html#mv_REFRESH_MARTERIALIZED_VIEW_usage
func (r *refreshing) mayRecompute() error {
	c := r.s.catalog()
	sch, owner := c.Schema(r.v.Schema), c.UserByID(r.v.Owner)
	if sch == nil || owner == nil {
		return sqlstate.InvalidSchemaName.Errorf("schema \"%s\" does not exist", r.v.Schema)
	}
	if c.May(c.Reach(owner), principal.Schema, sch.ID, 0, sch.Owner, principal.Create) != 0 {
		return sqlstate.InsufficientPrivilege.Errorf("permission denied for schema %s", sch.Name)
	}
	return nil
}

// recompute replaces the view's rows by those that its query gives now.
func (r *refreshing) recompute() error {
	v, err := r.s.tx.Newest(r.t)
	if err != nil {
		return err
	}
	if err := r.s.tx.Put(r.t, v.Truncate()); err != nil {
		return err
	}
	if err := r.fill(); err != nil {
		return err
	}
	r.seen()
	return nil
}

// fill inserts what the query gives into the view's table, which is empty.
func (r *refreshing) fill() error {
	return r.change(r.insert(r.source()))
}

// seen notes which versions of its base tables the view has seen: those that the transaction sees.
func (r *refreshing) seen() { r.sawUpTo(r.s.tx.Basis) }

func (r *refreshing) sawUpTo(version func(table uint32) *storage.Version) {
	r.v = r.s.editMaterialized(r.v, func(m *catalog.Materialized) {
		for i := range m.Bases {
			m.Bases[i].Version = version(m.Bases[i].Table)
		}
		m.UpTo = r.s.tx.ID
	})
	r.m = r.v.Materialized
}

// refreshOver refreshes the materialized views with AUTO REFRESH YES that are made of a table which was written; false = a transaction is open. It goes before a
// background VACUUM, after which they would have to be recomputed.
// https://docs.aws.amazon.com/redshift/latest/dg/materialized-view-refresh.html#materialized-view-auto-refresh
func (c *Cluster) refreshOver(database, table uint32) bool {
	root := c.txns.Root()
	for _, v := range root.Of(database).Dependents(table) {
		m := v.Materialized
		if m == nil || !m.AutoRefresh || m.State != 0 || !m.Stale(root.Version) {
			continue
		}
		done := c.alone(database, "REFRESH MATERIALIZED VIEW "+v.Schema+"."+v.Name, func(s *Session, k *call) error {
			k.rec.Kind = "REFRESH MATERIALIZED VIEW"
			w := s.viewByID(v.ID)
			if w == nil {
				return nil
			}
			_, err := s.refreshOne(k, w, "Auto")
			return err
		})
		if !done {
			return false
		}
	}
	return true
}

// noteRefresh puts a refresh that did not begin into the log.
func (s *Session) noteRefresh(c *call, v *catalog.View, kind, status string) {
	s.noteRefreshFrom(c, v, kind, status, s.c.cfg.Clock())
}

// noteRefreshFrom keeps for SVL_MV_REFRESH_STATUS what came of a refresh that began at start.
func (s *Session) noteRefreshFrom(c *call, v *catalog.View, kind, status string, start time.Time) {
	m := maintenanceOf(c.rec)
	m.Refreshes = append(m.Refreshes, system.Refreshed{XID: s.tx.ID, View: v.ID, Schema: v.Schema, Name: v.Name, Type: kind, Status: status, Start: start, End: s.c.cfg.Clock()})
}
