// Package system makes the rows of the system tables: STL, STV, SVL, SVV, SYS, pg_catalog and information_schema.
//
//	catalog.Virtual{Columns, Rows}  --Rows(env)-->  rows of an Env: the catalog, the newest versions, the log, the sessions
//
// Nothing is stored for them: they are computed from what the cluster is, when they are read. Bind and compile never see this package; the engine
// wires its tables into the catalog.
// https://docs.aws.amazon.com/redshift/latest/dg/cm_chap_system-tables.html
package system

import (
	"strconv"
	"sync/atomic"
	"time"

	"github.com/redshiftsim/redshiftsim/engine/catalog"
	"github.com/redshiftsim/redshiftsim/engine/load"
	"github.com/redshiftsim/redshiftsim/engine/principal"
	"github.com/redshiftsim/redshiftsim/engine/txn"
	"github.com/redshiftsim/redshiftsim/engine/unload"
	"github.com/redshiftsim/redshiftsim/storage"
)

// Env is what the rows of system tables are made from; it is what Virtual.Rows gets as env. It holds for one statement.
type Env struct {
	Catalog   *catalog.Catalog
	Version   func(table uint32) *storage.Version // as the reading session sees it, nil when there is none
	Topology  storage.Topology
	Log       *Log
	Release   string        // of the engine, as version() ends
	Namespace func() string // of the cluster
	User      *principal.User
	Database  string
	PID       int
	Now       time.Time
	Settings  func() []Setting // of the reading session
	Sessions  func() []Session
	Locks     func() []txn.Held
	Memory    func() Memory
	HeadOnly  bool // the columns of a SHOW are asked for, not its rows
	// Predicate is when a column (PosAttr) of a table was first filtered, joined or grouped by; zero = never.
	Predicate func(table uint32, column int) time.Time

	// Advice is what the queries of the log say of the keys of the tables of this database.
	Advice func() []Advice

	// Violations are the transactions that were stopped because of a schema's quota, oldest first.
	Violations func() []QuotaViolation

	// Arrived lists the files of a copy job that it has not tried to load.
	Arrived func(c *catalog.Catalog, j *catalog.CopyJob) []load.Object

	// JobNote tells what kept a copy job, by number, from looking for files when it last tried; "" = nothing.
	JobNote func(job uint32) (text string, at time.Time)

	// Elsewhere gives the catalog of another database of the cluster, and its tables; nil = no other is seen.
	Elsewhere func(db *catalog.Database) (c *catalog.Catalog, version func(table uint32) *storage.Version)

	// Reaches says whether the user may look into a database that was made from a datashare.
	Reaches func(db *catalog.Database) bool

	// Datashares are those that the user may see.
	Datashares func() []Share

	is *principal.Reach // of User, once asked for
}

// In is what the rows of system tables are made from in a database of the cluster.
func (e *Env) In(db *catalog.Database) *Env {
	if db.Name == e.Database {
		return e
	}
	o := *e
	o.Catalog, o.Version = e.Elsewhere(db)
	o.Database = db.Name
	return &o
}

// everywhere makes the rows of all databases: SVV_ALL_ and SVV_REDSHIFT_ tables show the objects of each, whichever the session is connected to.
// https://docs.aws.amazon.com/redshift/latest/dg/cross-database-overview.html
func everywhere(rows func(*Env, *row)) func(*Env, *row) {
	return func(e *Env, r *row) {
		for _, db := range e.Catalog.Databases() {
			if r.over {
				return
			}
			if db.Name == e.Database || e.Elsewhere != nil {
				rows(e.In(db), r)
			}
		}
	}
}

// Memory is what a cluster holds in this process: redshiftsim_memory_use.
type Memory struct {
	Limit   int64 // 0 = none
	Data    int64 // of the newest state
	Granted int64 // to statements that run, and to changes that are not committed; counted only with a limit
	Old     int64 // that only older versions hold, which somebody still reads
}

// Setting is a session parameter: SHOW ALL, pg_settings.
type Setting struct{ Name, Value, Default, Doc string }

// Session is a connection: STV_SESSIONS.
// https://docs.aws.amazon.com/redshift/latest/dg/r_STV_SESSIONS.html
type Session struct {
	PID     int
	User    string
	UserID  int
	DB      string
	Start   time.Time
	Timeout time.Duration // SESSION TIMEOUT; 0 = none
	Running *Running      // nil = idle
	// XID is the session's transaction, or its last one, and Begun when that began; 0 = there was none.
	XID   int64
	Begun time.Time
	// Priority is that of the running query.
	Priority string
	Cursor   *Cursor // nil = none is open
}

// Cursor is an open cursor: STV_ACTIVE_CURSORS.
// https://docs.aws.amazon.com/redshift/latest/dg/r_STV_ACTIVE_CURSORS.html
type Cursor struct {
	Name                 string
	XID                  int64
	Start                time.Time
	Rows, Bytes, Fetched int64
}

// Running is the statement that a session is at: STV_RECENTS, STV_INFLIGHT. Whoever sees it reads; Query alone is set later, by the statement.
type Running struct {
	Query  atomic.Int64 // 0 = it has not reached the compute nodes
	XID    int64
	Number int64  // in the SYS views
	Kind   string // as Record.Kind
	Label  string // query_group
	Slots  int    // wlm_query_slot_count; 0 = 1
	Text   string
	Start  time.Time

	Vacuum string      // table that is being vacuumed
	Load   *load.Job   // of a COPY
	Unload *unload.Job // of an UNLOAD
}

// sees says whether the reading user may see a row of user id: superusers, and users with SYSLOG ACCESS UNRESTRICTED or ACCESS SYSTEM TABLE,
// see all rows, others their own.
// https://docs.aws.amazon.com/redshift/latest/dg/cm_chap_system-tables.html#c_visibility-of-data
func (e *Env) sees(id int) bool { return e.User.ID == id || e.User.Unrestricted || e.privileged() }

// records lists the statements that the reading user may see, oldest first.
func (e *Env) records(f func(r *Record) bool) {
	if e.Log == nil {
		return
	}
	for _, r := range e.Log.Records() {
		if e.sees(r.UserID) && !f(r) {
			return
		}
	}
}

// queries lists those that reached the compute nodes.
func (e *Env) queries(f func(r *Record) bool) {
	e.records(func(r *Record) bool { return r.Query == 0 || f(r) })
}

// tables lists the tables that the reading session can see: temporary ones are its own.
func (e *Env) tables() []*catalog.Table {
	all := e.Catalog.Tables()
	if e.Catalog.Temps() == 0 {
		return all
	}
	own := all[:0]
	for _, t := range all {
		if !t.Temp || t.Schema == e.tempSchema() {
			own = append(own, t)
		}
	}
	return own
}

// tempSchema is where the reading session's temporary tables are.
func (e *Env) tempSchema() string { return catalog.TempPrefix + strconv.Itoa(e.PID) }

// version is what the reading session sees of a table; an empty one when there is none.
func (e *Env) version(t *catalog.Table) *storage.Version {
	if v := e.Version(t.ID); v != nil {
		return v
	}
	return storage.NewVersion(t.Def, e.Topology)
}
