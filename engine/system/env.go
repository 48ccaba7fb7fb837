// Package system makes the rows of the system tables: STL, STV, SVL, SVV, SYS, pg_catalog and information_schema.
//
//	catalog.Virtual{Columns, Rows}  --Rows(env)-->  rows of an Env: the catalog, the newest versions, the log, the sessions
//
// Nothing is stored for them: they are computed from what the cluster is, when they are read. Bind and compile never see this package; the engine
// wires its tables into the catalog.
// https://docs.aws.amazon.com/redshift/latest/dg/cm_chap_system-tables.html
package system

import (
	"time"

	"github.com/redshiftsim/redshiftsim/engine/catalog"
	"github.com/redshiftsim/redshiftsim/engine/txn"
	"github.com/redshiftsim/redshiftsim/storage"
)

// Env is what the rows of system tables are made from; it is what Virtual.Rows gets as env. It holds for one statement.
type Env struct {
	Catalog  *catalog.Catalog
	Version  func(table uint32) *storage.Version // as the reading session sees it, nil when there is none
	Topology storage.Topology
	Log      *Log
	User     *catalog.User
	Database string
	PID      int
	Now      time.Time
	Settings func() []Setting // of the reading session
	Sessions func() []Session
	Locks    func() []txn.Held
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
	Running *Running // nil = idle
}

// Running is the statement that a session is at: STV_RECENTS, STV_INFLIGHT.
type Running struct {
	Query int64
	XID   int64
	Text  string
	Start time.Time
}
