package system

import (
	"slices"
	"sort"
	"time"

	"github.com/redshiftsim/redshiftsim/internal/sqlstate"
)

// Ending is the end of a transaction that wrote something, or that BEGIN began.
type Ending struct {
	XID      int64
	PID      int
	UserID   int
	Database string
	Label    string // query_group
	Begun    time.Time
	From, To time.Time // of the commit, or of the rollback
	Undone   bool
	Tables   []uint32 // written
	Wrote    bool     // rows or definitions
}

// fewEndings are those that there is room for from the first on.
const fewEndings = 16

// maxEndings bounds how many endings are kept, the last ones.
const maxEndings = 8192

// End notes the end of a transaction.
func (l *Log) End(x *Ending) {
	if l.limit < 0 {
		return
	}
	l.mu.Lock()
	defer l.mu.Unlock()
	if l.endings == nil {
		l.endings = make([]Ending, 0, fewEndings)
	}
	l.endings = keep(l.endings, *x, maxEndings)
}

// Endings lists the endings that are kept, oldest first.
func (l *Log) Endings() []Ending {
	l.mu.Lock()
	defer l.mu.Unlock()
	return slices.Clone(l.endings)
}

// noted lists those that the reading user may see.
func (e *Env) noted() []Ending {
	if e.Log == nil {
		return nil
	}
	return slices.DeleteFunc(e.Log.Endings(), func(x Ending) bool { return !e.sees(x.UserID) })
}

// endings lists the transactions that have ended and whose rows the reading user may see, by number: those that the log noted, and those of single
// statements that wrote nothing.
func (e *Env) endings() []Ending {
	if e.Log == nil {
		return nil
	}
	known := map[int64]bool{}
	for _, x := range e.Log.Endings() {
		known[x.XID] = true
	}
	out := e.noted()
	e.records(func(x *Record) bool {
		if !known[x.XID] && !x.Block {
			known[x.XID] = true
			out = append(out, Ending{XID: x.XID, UserID: x.UserID, Database: x.Database, Begun: x.Begun, From: x.End, To: x.End, Undone: x.Err != nil})
		}
		return true
	})
	sort.SliceStable(out, func(i, j int) bool { return out[i].XID < out[j].XID })
	return out
}

// commitTables tell of the ends of transactions. How many blocks a commit wrote is not kept.
var commitTables = []table{
	// https://docs.aws.amazon.com/redshift/latest/dg/r_STL_COMMIT_STATS.html
	{
		"stl_commit_stats", superuser, "xid bigint, node integer, startqueue timestamp, startwork timestamp, endflush timestamp, endstage timestamp, " +
			"endlocal timestamp, startglobal timestamp, endtime timestamp, queuelen bigint, permblocks bigint, newblocks bigint, dirtyblocks bigint, " +
			"headers bigint, numxids integer, oldestxid bigint, extwritelatency bigint, metadatawritten integer, tombstonedblocks bigint, tossedblocks bigint, " +
			"batched_by bigint",
		func(e *Env, r *row) {
			for _, x := range e.endings() {
				if !x.Wrote || x.Undone {
					continue
				}
				for node := -1; node < e.Topology.Nodes; node++ {
					r.int(x.XID, int64(node))
					r.time(x.From, x.From, x.To, x.To, x.To, x.To, x.To)
					r.int(0)
					r.rest()
					r.send()
				}
			}
		},
	},
	// https://docs.aws.amazon.com/redshift/latest/dg/SYS_TRANSACTION_HISTORY.html
	{
		"sys_transaction_history", superuser, "user_id integer, transaction_id bigint, isolation_level text, status text, transaction_start_time timestamp, " +
			"commit_start_time timestamp, commit_end_time timestamp, blocks_committed bigint, undo_transaction_id bigint",
		func(e *Env, r *row) {
			levels := map[string]string{}
			for _, d := range e.Catalog.Databases() {
				levels[d.Name] = d.Isolation.String()
			}
			for _, x := range e.endings() {
				r.int(int64(x.UserID), x.XID)
				r.maybe(levels[x.Database])
				status, undo := "committed", int64(-1)
				if x.Undone {
					status, undo, x.From = "rolledback", x.XID, noTime
				}
				r.text(status)
				r.time(x.Begun, x.From, x.To)
				if x.Wrote && !x.Undone {
					r.null(1)
				} else {
					r.int(0)
				}
				r.int(undo)
				r.send()
			}
		},
	},
	// https://docs.aws.amazon.com/redshift/latest/dg/r_STL_UNDONE.html
	{
		"stl_undone", 0, "userid integer, xact_id bigint, xact_id_undone bigint, undo_start_ts timestamp, undo_end_ts timestamp, table_id bigint",
		func(e *Env, r *row) {
			for _, x := range e.endings() {
				if x.Undone {
					for _, t := range x.Tables {
						r.int(int64(x.UserID), x.XID, x.XID)
						r.time(x.From, x.To)
						r.id(t)
						r.send()
					}
				}
			}
		},
	},
	// https://docs.aws.amazon.com/redshift/latest/dg/r_STL_ERROR.html
	{
		"stl_error", 0, "userid integer, process character(12), recordtime timestamp, pid integer, errcode integer, file character(90), linenum integer, " +
			"context character(100), error character(512)",
		func(e *Env, r *row) {
			e.records(func(x *Record) bool {
				if x.Err != nil && x.Err.Code == sqlstate.Internal { // of the engine, not of the SQL
					r.int(int64(x.UserID))
					r.text("padbmaster")
					r.time(x.End)
					r.int(int64(x.PID), 8001)
					r.null(3)
					r.text(x.Err.Message)
					r.send()
				}
				return !r.over
			})
		},
	},
}

// noTime is what SYS_TRANSACTION_HISTORY shows as the beginning of a commit that there was none of.
var noTime = time.Date(2000, 1, 1, 0, 0, 0, 0, time.UTC)
