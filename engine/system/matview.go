package system

import (
	"time"

	"github.com/redshiftsim/redshiftsim/engine/catalog"
	"github.com/redshiftsim/redshiftsim/engine/principal"
)

// Refreshed is a refresh of a materialized view, with what came of it.
// https://docs.aws.amazon.com/redshift/latest/dg/r_SVL_MV_REFRESH_STATUS.html
type Refreshed struct {
	XID          int64
	View         uint32
	Schema, Name string
	Type         string // Manual, Auto
	Status       string
	Start, End   time.Time
}

// ViewState is what happened to a base table of a materialized view: it will be recomputed, or it cannot be refreshed any more.
// https://docs.aws.amazon.com/redshift/latest/dg/r_STL_MV_STATE.html
type ViewState struct {
	XID                     int64
	At                      time.Time
	Event                   string
	TableSchema, Table      string
	ViewSchema, View, State string
}

// viewTables tell of materialized views.
var viewTables = []table{
	// https://docs.aws.amazon.com/redshift/latest/dg/r_SVV_MV_INFO.html
	{
		"svv_mv_info", leader, "database_name character(128), schema_name character(128), user_name character(128), name character(128), " +
			"is_stale character(1), state integer, autorefresh character(1), autorewrite character(1)",
		func(e *Env, r *row) {
			e.materialized(func(v *catalog.View) bool { return e.sees(v.Owner) }, func(v *catalog.View) {
				m := v.Materialized
				r.text(e.Database, v.Schema, e.Catalog.UserName(v.Owner), v.Name)
				r.tf(m.Stale(e.Version))
				r.int(stateOf(m))
				r.tf(m.AutoRefresh, m.Rewrites())
				r.send()
			})
		},
	},
	// https://docs.aws.amazon.com/redshift/latest/dg/r_STV_MV_INFO.html
	{
		"stv_mv_info", 0, "db_name character(128), schema character(128), name character(128), updated_upto_xid bigint, is_stale character(1), " +
			"owner_user_name character(128), state integer, autorewrite character(1), autorefresh character(1)",
		func(e *Env, r *row) {
			e.materialized(e.inUsable, func(v *catalog.View) {
				m := v.Materialized
				r.text(e.Database, v.Schema, v.Name)
				r.int(m.UpTo)
				r.tf(m.Stale(e.Version))
				r.text(e.Catalog.UserName(v.Owner))
				r.int(stateOf(m))
				r.tf(m.Rewrites(), m.AutoRefresh)
				r.send()
			})
		},
	},
	// https://docs.aws.amazon.com/redshift/latest/dg/r_STV_MV_DEPS.html
	{
		"stv_mv_deps", 0, "db_name character(128), schema character(128), name character(128), ref_schema character(128), ref_name character(128), " +
			"ref_database_name character(128)",
		func(e *Env, r *row) {
			e.nested(e.inUsable, func(v, on *catalog.View) {
				r.text(e.Database, v.Schema, v.Name, on.Schema, on.Name, e.Database)
				r.send()
			})
		},
	},
	// https://docs.aws.amazon.com/redshift/latest/dg/r_SVV_MV_DEPENDENCY.html
	{
		"svv_mv_dependency", leader, "database_name character(128), schema_name character(128), name character(128), dependent_database_name character(128), " +
			"dependent_schema_name character(128), dependent_name character(128)",
		func(e *Env, r *row) {
			e.nested(func(v *catalog.View) bool { return e.sees(v.Owner) }, func(v, on *catalog.View) {
				r.text(e.Database, v.Schema, v.Name, e.Database, on.Schema, on.Name)
				r.send()
			})
		},
	},
	// https://docs.aws.amazon.com/redshift/latest/dg/r_SVL_MV_REFRESH_STATUS.html
	{
		"svl_mv_refresh_status", 0, "db_name character(128), userid bigint, schema_name character(128), mv_name character(128), xid bigint, starttime timestamp, " +
			"endtime timestamp, status text, refresh_type character(32), consumer_account character(12), consumer_region character(32), " +
			"consumer_namespace character(36)",
		func(e *Env, r *row) {
			e.maintained(func(x *Record) bool {
				for _, f := range x.Refreshes {
					r.text(x.Database)
					r.int(int64(x.UserID))
					r.text(f.Schema, f.Name)
					r.int(f.XID)
					r.time(f.Start)
					r.time(f.End)
					r.text(f.Status, f.Type)
					r.rest()
					r.send()
				}
				return !r.over
			})
		},
	},
	// https://docs.aws.amazon.com/redshift/latest/dg/SYS_MV_REFRESH_HISTORY.html
	{
		"sys_mv_refresh_history", 0, "user_id integer, session_id integer, transaction_id bigint, database_name character(128), schema_name character(128), " +
			"mv_id bigint, mv_name character(128), refresh_type character(32), status text, start_time timestamp, end_time timestamp, duration bigint, " +
			"consumer_account character(12), consumer_region character(32), consumer_namespace character(36)",
		func(e *Env, r *row) {
			e.maintained(func(x *Record) bool {
				for _, f := range x.Refreshes {
					r.int(int64(x.UserID), int64(x.PID), f.XID)
					r.text(x.Database, f.Schema)
					r.id(f.View)
					r.text(f.Name, f.Type, f.Status)
					r.time(f.Start)
					r.time(f.End)
					r.int(f.End.Sub(f.Start).Microseconds())
					r.rest()
					r.send()
				}
				return !r.over
			})
		},
	},
	// https://docs.aws.amazon.com/redshift/latest/dg/r_STL_MV_STATE.html
	{
		"stl_mv_state", 0, "userid bigint, starttime timestamp, xid bigint, event_desc character(500), db_name character(128), base_table_schema character(128), " +
			"base_table_name character(128), mv_schema character(128), mv_name character(128), state character(32)",
		func(e *Env, r *row) {
			e.maintained(func(x *Record) bool {
				for _, f := range x.States {
					r.int(int64(x.UserID))
					r.time(f.At)
					r.int(f.XID)
					r.text(f.Event, x.Database, f.TableSchema, f.Table, f.ViewSchema, f.View, f.State)
					r.send()
				}
				return !r.over
			})
		},
	},
	// https://docs.aws.amazon.com/redshift/latest/dg/SYS_MV_STATE.html
	{
		"sys_mv_state", 0, "user_id bigint, transaction_id bigint, database_name character(128), event_desc character(500), start_time timestamp, " +
			"base_table_database_name character(128), base_table_schema character(128), base_table_name character(128), mv_schema character(128), " +
			"mv_name character(128), state character(32)",
		func(e *Env, r *row) {
			e.maintained(func(x *Record) bool {
				for _, f := range x.States {
					r.int(int64(x.UserID), f.XID)
					r.text(x.Database, f.Event)
					r.time(f.At)
					r.text(x.Database, f.TableSchema, f.Table, f.ViewSchema, f.View, f.State)
					r.send()
				}
				return !r.over
			})
		},
	},
}

// stateOf is STV_MV_INFO.state: 1 = refreshed incrementally, 0 = recomputed, above = why it cannot be refreshed.
func stateOf(m *catalog.Materialized) int64 {
	switch {
	case m.State != 0:
		return int64(m.State)
	case m.Incremental:
		return 1
	}
	return 0
}

// materialized calls f for the materialized views that see lets through, by number.
func (e *Env) materialized(see func(v *catalog.View) bool, f func(v *catalog.View)) {
	for _, v := range e.Catalog.Views() {
		if v.Materialized != nil && see(v) {
			f(v)
		}
	}
}

// nested calls f for each materialized view that is made of another, and that other.
func (e *Env) nested(see func(v *catalog.View) bool, f func(v, on *catalog.View)) {
	e.materialized(see, func(v *catalog.View) {
		for i := range v.Materialized.Bases {
			for _, on := range e.Catalog.Views() {
				if b := &v.Materialized.Bases[i]; b.Relation != b.Table && on.ID == b.Relation {
					f(v, on)
				}
			}
		}
	})
}

// inUsable says whether a view is in a schema that the reading user may use.
func (e *Env) inUsable(v *catalog.View) bool {
	s := e.Catalog.Schema(v.Schema)
	return s != nil && e.Catalog.May(e.reach(), principal.Schema, s.ID, 0, s.Owner, principal.Usage) == 0
}
