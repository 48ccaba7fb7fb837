package engine

import (
	"slices"

	"github.com/redshiftsim/redshiftsim/engine/catalog"
	"github.com/redshiftsim/redshiftsim/engine/system"
)

// States of STL_MV_STATE.
// https://docs.aws.amazon.com/redshift/latest/dg/r_STL_MV_STATE.html
const (
	viewRecomputes    = "Recompute"
	viewUnrefreshable = "Unrefreshable"
)

// laidAnew notes that the rows of a table were laid out anew: the next refresh of a materialized view that is made of it runs the whole query.
func (s *Session) laidAnew(c *call, t *catalog.Table, event string) {
	for _, v := range s.madeOf(t) {
		s.noteState(c, t, v, event, viewRecomputes)
	}
}

// outdates makes the materialized views that are made of a table impossible to refresh.
// https://docs.aws.amazon.com/redshift/latest/dg/materialized-view-create-sql-command.html#materialized-view-ddl
func (s *Session) outdates(c *call, t *catalog.Table, state catalog.RefreshState) {
	for _, v := range s.madeOf(t) {
		s.outdate(c, t, v, state)
	}
}

func (s *Session) outdate(c *call, t *catalog.Table, v *catalog.View, state catalog.RefreshState) {
	s.editMaterialized(v, func(m *catalog.Materialized) { m.State = state })
	s.noteState(c, t, v, state.Event(), viewUnrefreshable)
}

// madeOf lists the materialized views whose queries name a table, or the materialized view whose rows it has.
func (s *Session) madeOf(t *catalog.Table) []*catalog.View {
	id := t.ID
	if t.Maintains != 0 {
		id = t.Maintains
	}
	return slices.DeleteFunc(s.tx.Catalog().Dependents(id), func(v *catalog.View) bool { return v.Materialized == nil })
}

// noteState keeps for STL_MV_STATE what happened to a base table. The schema of the table is left out where the guide's examples do.
func (s *Session) noteState(c *call, t *catalog.Table, v *catalog.View, event, state string) {
	schema := t.Schema
	if state == viewUnrefreshable {
		schema = ""
	}
	m := maintenanceOf(c.rec)
	m.States = append(m.States, system.ViewState{
		XID: s.tx.ID, At: s.c.cfg.Clock(), Event: event, TableSchema: schema, Table: t.Name, ViewSchema: v.Schema, View: v.Name, State: state,
	})
}

// schemaRenamed makes the materialized views of a schema that has got another name, and those made of its tables, impossible to refresh.
func (s *Session) schemaRenamed(c *call, name string) {
	for _, o := range s.tx.Catalog().InSchema(name) {
		t, ok := o.(*catalog.Table)
		if !ok {
			continue
		}
		s.outdates(c, t, catalog.SchemaRenamed)
		if v := s.viewByID(t.Maintains); v != nil && v.Materialized.State != catalog.SchemaRenamed {
			s.outdate(c, t, v, catalog.SchemaRenamed)
		}
	}
}
