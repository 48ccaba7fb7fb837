package engine

import (
	"slices"

	"github.com/redshiftsim/redshiftsim/engine/bind"
	"github.com/redshiftsim/redshiftsim/engine/catalog"
	"github.com/redshiftsim/redshiftsim/engine/mvrewrite"
	"github.com/redshiftsim/redshiftsim/engine/plan"
	"github.com/redshiftsim/redshiftsim/engine/principal"
)

// rewrites says whether queries may be made to read materialized views that they do not name: there are some, and mv_enable_aqmv_for_session is on. Under SERIALIZABLE they
// are not, for what they have read would not be known.
// https://docs.aws.amazon.com/redshift/latest/dg/materialized-view-auto-rewrite.html
func (s *Session) rewrites(c *catalog.Catalog) bool {
	return c.MaterializedViews() > 0 && !s.tx.Serializable && s.on("mv_enable_aqmv_for_session")
}

// couldRead says whether a materialized view may serve a query whose plan is kept: the plan is made anew then, for what is up to date changes with every statement.
func (s *Session) couldRead(e *planEntry, c *catalog.Catalog) bool {
	return e.bound.Kind == bind.Select && s.rewrites(c) && len(s.serving(c, e.bound)) > 0
}

// serving lists the materialized views that may be read in the place of tables that a query reads: they are eligible and up to date, and the user may read them.
func (s *Session) serving(c *catalog.Catalog, b *bind.Bound) []*catalog.View {
	return slices.DeleteFunc(c.Views(), func(v *catalog.View) bool {
		m := v.Materialized
		if m == nil || !m.Rewrites() || v.Secured {
			return true
		}
		for i := range m.Bases {
			id := m.Bases[i].Table
			if !slices.ContainsFunc(b.Reads, func(t *catalog.Table) bool { return t.ID == id && !t.Secured }) {
				return true
			}
		}
		// the rows that the transaction sees of the view are those that its state in the newest catalog is about
		seen, newest := s.tx.Seen(m.Table), s.c.txns.Root().Version(m.Table)
		return seen == nil || newest == nil || !seen.SameRows(newest) || m.Stale(s.tx.Seen) || !s.mayRelation(v, principal.Select)
	})
}

// rewritten gives the plan of a query that reads a materialized view in the place of its base tables, of those that serve the smallest, and that view; nil = none does.
func (s *Session) rewritten(b *bind.Bound) (plan.Node, *catalog.View, error) {
	c := s.tx.Catalog()
	if b.Kind != bind.Select || len(b.Virtual) > 0 || b.Abroad || !s.rewrites(c) {
		return b.Plan, nil, nil
	}
	best, rows, found := b.Plan, int64(0), (*catalog.View)(nil)
	for _, v := range s.serving(c, b) {
		n := s.tx.Seen(v.Materialized.Table).Rows()
		if found != nil && n >= rows {
			continue
		}
		view, err := s.rewriteView(v)
		if err != nil {
			return nil, nil, err
		}
		if p, ok := mvrewrite.Use(b.Plan, view); ok {
			best, rows, found = p, n, v
		}
	}
	return best, found, nil
}

// serves says whether the materialized view that a plan reads is still up to date: others may have committed while the plan waited for locks.
func (s *Session) serves(e *planEntry) bool {
	return e.rewritten == nil || slices.Contains(s.serving(s.tx.Catalog(), e.bound), e.rewritten)
}

// rewriteView binds the query of a materialized view, to be compared with others.
func (s *Session) rewriteView(v *catalog.View) (*mvrewrite.View, error) {
	t, err := s.backing(v)
	if err != nil {
		return nil, err
	}
	r := s.refreshing(nil, v, t)
	b, _, err := r.bound(r.source())
	if err != nil {
		return nil, err
	}
	out := &mvrewrite.View{Table: t, Alias: "derived_table1", Query: b.Plan}
	plan.Walk(b.Plan, func(n plan.Node) bool {
		q, ok := n.(*plan.Subquery)
		if ok {
			out.Query, out.Columns = q.Input, q.Output
		}
		return !ok
	})
	return out, nil
}
