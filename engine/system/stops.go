package system

import (
	"slices"
	"strings"
	"time"

	"github.com/redshiftsim/redshiftsim/internal/sqlstate"
)

// Stop is a CANCEL, a PG_CANCEL_BACKEND or, with Terminate, a PG_TERMINATE_BACKEND.
type Stop struct {
	PID       int // of the session that was stopped
	At        time.Time
	UserID    int // who did it
	Terminate bool
}

// maxStops bounds how many stops are kept, the last ones.
const maxStops = 1024

// Stopped notes a stop.
func (l *Log) Stopped(x Stop) {
	if l.limit < 0 {
		return
	}
	l.mu.Lock()
	defer l.mu.Unlock()
	l.stops = keep(l.stops, x, maxStops)
}

// Stops lists the stops that are kept, oldest first.
func (l *Log) Stops() []Stop {
	l.mu.Lock()
	defer l.mu.Unlock()
	return slices.Clone(l.stops)
}

// stopTables tell who stopped what, and which statements were refused for standing in a transaction.
var stopTables = []table{
	// https://docs.aws.amazon.com/redshift/latest/dg/r_SVL_TERMINATE.html
	{
		"svl_terminate", superuser, "pid integer, eventtime timestamp, userid integer, type character varying(9)",
		func(e *Env, r *row) {
			for _, x := range e.Log.Stops() {
				r.int(int64(x.PID))
				r.time(x.At)
				r.int(int64(x.UserID))
				if x.Terminate {
					r.text("TERMINATE")
				} else {
					r.text("CANCEL")
				}
				r.send()
			}
		},
	},
	// https://docs.aws.amazon.com/redshift/latest/dg/r_SVL_MULTI_STATEMENT_VIOLATIONS.html
	{
		"svl_multi_statement_violations", 0, "userid integer, database character(32), cmdname character(20), xid bigint, pid integer, label character(320), " +
			"starttime timestamp, endtime timestamp, sequence integer, type character varying(10), text character(200)",
		func(e *Env, r *row) {
			e.records(func(x *Record) bool {
				if x.Err == nil || x.Err.Code != sqlstate.ActiveTransaction || !strings.Contains(x.Err.Message, " cannot run inside a ") {
					return true
				}
				family := x.family()
				if family == "" {
					family = "QUERY"
				}
				pieces(x.Text, 200, func(i int, s string) {
					r.int(int64(x.UserID))
					r.text(x.Database, x.Kind)
					r.int(x.XID, int64(x.PID))
					r.text(x.labelOr(""))
					r.time(x.Start, x.End)
					r.int(int64(i))
					r.text(family, s)
					r.send()
				})
				return !r.over
			})
		},
	},
}
