package system

import (
	"fmt"
	"strconv"

	"github.com/redshiftsim/redshiftsim/engine/function"
	"github.com/redshiftsim/redshiftsim/internal/types"
)

// typeTables are casts and locks, databases with their limits, and what PostgreSQL has for indexes and operators, of which there are no rows.
var typeTables = []table{
	// https://www.postgresql.org/docs/8.0/catalog-pg-cast.html
	{"pg_cast", leader, "castsource oid, casttarget oid, castfunc oid, castcontext character(1)", casts},
	// https://docs.aws.amazon.com/redshift/latest/dg/r_PG_DATABASE_INFO.html
	{
		"pg_database_info", leader, "datid oid, datname name, datdba integer, encoding integer, datistemplate boolean, datallowconn boolean, datlastsysoid oid, " +
			"datvacuumxid text, datfrozenxid text, dattablespace oid, datconfig text[], datacl aclitem[], datconnlimit text",
		func(e *Env, r *row) {
			for _, d := range e.Catalog.Databases() {
				r.id(d.ID)
				database(e, r, d)
				if d.ConnLimit < 0 {
					r.text("UNLIMITED")
				} else {
					r.text(strconv.Itoa(d.ConnLimit))
				}
				r.send()
			}
		},
	},
	// What Redshift keeps of BACKUP NO, which its views for DDL ask for: a key for each such table. https://github.com/awslabs/amazon-redshift-utils
	{
		"pg_conf", leader, "key text, value text",
		func(e *Env, r *row) {
			for _, t := range e.tables() {
				if !t.Backup && !t.Temp {
					r.text(fmt.Sprintf("pg_class_backup_%d_%d", e.Catalog.DatabaseID(), t.ID), "no")
					r.send()
				}
			}
		},
	},
	// https://www.postgresql.org/docs/8.0/view-pg-locks.html
	{
		"pg_locks", leader, "locktype text, relation oid, database oid, transaction text, pid integer, mode text, granted boolean",
		func(e *Env, r *row) {
			var open []Session
			if e.Sessions != nil {
				open = e.Sessions()
			}
			for _, h := range e.held() {
				r.text("relation")
				r.id(h.Table)
				r.id(e.Catalog.DatabaseID())
				r.text(strconv.FormatInt(h.XID, 10))
				if s := session(open, h.XID); s != nil {
					r.int(int64(s.PID))
				} else {
					r.null(1)
				}
				r.text(h.Mode.String())
				r.bool(!h.Waiting)
				r.send()
			}
		},
	},
}

// casts is one row a conversion between two types: i = implicit, e = explicit only.
func casts(_ *Env, r *row) {
	for from := types.Bool; from < types.NumKinds; from++ {
		for to := types.Bool; to < types.NumKinds; to++ {
			a, b := types.Type{Kind: from}, types.Type{Kind: to}
			if from == to || a.Lane() == types.LaneText && b.Lane() == types.LaneText && a.IsText() == b.IsText() && !a.IsText() {
				continue
			}
			context := "i"
			if _, ok := function.FindCast(a, b, false); !ok {
				if _, ok := function.FindCast(a, b, true); !ok {
					continue
				}
				context = "e"
			}
			r.int(int64(a.OID()), int64(b.OID()), 0)
			r.text(context)
			r.send()
		}
	}
}
