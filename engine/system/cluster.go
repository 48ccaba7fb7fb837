package system

import (
	"sort"

	"github.com/redshiftsim/redshiftsim/engine/txn"
)

// nodeBlocks is the capacity that a node is said to have, in blocks: the 160 GB of the smallest node type that has two slices, dc2.large. Nothing
// is limited by it.
// https://docs.aws.amazon.com/redshift/latest/mgmt/working-with-clusters.html
const nodeBlocks = 160 << 10

// clusterTables show the cluster as it is now: slices, storage, sessions, what they run, locks.
var clusterTables = []table{
	// https://docs.aws.amazon.com/redshift/latest/dg/r_STV_SLICES.html
	{"stv_slices", 0, "node integer, slice integer, localslice integer, type character(1)", sliceTable},
	// https://docs.aws.amazon.com/redshift/latest/dg/r_STV_NODE_STORAGE_CAPACITY.html
	{"stv_node_storage_capacity", superuser, "node integer, used integer, capacity integer", storageCapacity},
	// https://docs.aws.amazon.com/redshift/latest/dg/r_STV_SESSIONS.html
	{
		"stv_sessions", 0, "starttime timestamp, process integer, user_name character(50), db_name character(50), timeout_sec integer",
		func(e *Env, r *row) {
			for _, s := range e.sessions() {
				r.time(s.Start)
				r.int(int64(s.PID))
				r.text(s.User, s.DB)
				r.int(int64(s.Timeout.Seconds()))
				r.send()
			}
		},
	},
	// https://docs.aws.amazon.com/redshift/latest/dg/r_STV_RECENTS.html
	{
		"stv_recents", 0, "userid integer, status character(20), starttime timestamp, duration integer, user_name character(50), db_name character(50), " +
			"query character(600), pid integer", recents,
	},
	// https://docs.aws.amazon.com/redshift/latest/dg/r_STV_INFLIGHT.html
	{
		"stv_inflight", 0, "userid integer, slice integer, query integer, label character(320), xid bigint, pid integer, starttime timestamp, " +
			"text character(100), suspended integer, insert_pristine integer, concurrency_scaling_status integer", inflight,
	},
	// https://docs.aws.amazon.com/redshift/latest/dg/r_STV_WLM_QUERY_STATE.html
	{
		"stv_wlm_query_state", 0, "xid integer, task integer, query integer, service_class integer, slot_count integer, wlm_start_time timestamp, " +
			"state character(16), queue_time bigint, exec_time bigint, query_priority character(20)", queryStates,
	},
	// https://docs.aws.amazon.com/redshift/latest/dg/r_STV_ACTIVE_CURSORS.html
	{
		"stv_active_cursors", 0, "userid integer, name character varying(256), xid bigint, pid integer, starttime timestamp, row_count bigint, " +
			"byte_count bigint, fetched_rows bigint",
		func(e *Env, r *row) {
			for _, s := range e.sessions() {
				if k := s.Cursor; k != nil {
					r.int(int64(s.UserID))
					r.text(k.Name)
					r.int(k.XID, int64(s.PID))
					r.time(k.Start)
					r.int(k.Rows, k.Bytes, k.Fetched)
					r.send()
				}
			}
		},
	},
	// https://docs.aws.amazon.com/redshift/latest/dg/r_SVV_ACTIVE_CURSORS.html
	{
		"svv_active_cursors", 0, "user_id integer, cursor_name character varying(128), transaction_id bigint, session_id integer, declare_time timestamp, " +
			"total_bytes bigint, total_rows bigint, fetched_rows bigint, cursor_storage_limit_used_percent integer",
		func(e *Env, r *row) {
			for _, s := range e.sessions() {
				if k := s.Cursor; k != nil {
					r.int(int64(s.UserID))
					r.text(k.Name)
					r.int(k.XID, int64(s.PID))
					r.time(k.Start)
					r.int(k.Bytes, k.Rows, k.Fetched, k.Bytes*100/(e.cursorSpace()<<20))
					r.send()
				}
			}
		},
	},
	// https://docs.aws.amazon.com/redshift/latest/dg/r_STV_LOCKS.html
	{
		"stv_locks", superuser, "table_id bigint, last_commit timestamp, last_update timestamp, lock_owner bigint, lock_owner_pid bigint, " +
			"lock_owner_start_ts timestamp, lock_owner_end_ts timestamp, lock_status character(22)", locks,
	},
	// https://docs.aws.amazon.com/redshift/latest/dg/r_SVV_TRANSACTIONS.html
	{
		"svv_transactions", leader, "txn_owner text, txn_db text, xid bigint, pid integer, txn_start timestamp, lock_mode text, " +
			"lockable_object_type text, relation integer, granted boolean", transactions,
	},
	// https://docs.aws.amazon.com/redshift/latest/dg/r_STV_DB_ISOLATION_LEVEL.html
	{
		"stv_db_isolation_level", 0, "db_name character(128), isolation_level character(20)",
		func(e *Env, r *row) {
			for _, d := range e.Catalog.Databases() {
				r.text(d.Name, d.Isolation.String())
				r.send()
			}
		},
	},
}

// sliceTable is one row a slice.
func sliceTable(e *Env, r *row) {
	for s := range e.Topology.Slices() {
		r.int(int64(e.Topology.Node(s)), int64(s), int64(s%e.Topology.SlicesPerNode))
		r.text("D")
		r.send()
	}
}

// storageCapacity is one row a node.
func storageCapacity(e *Env, r *row) {
	for n, u := range e.usedBlocks() {
		r.int(int64(n), u, nodeBlocks)
		r.send()
	}
}

// usedBlocks counts the blocks of each node.
func (e *Env) usedBlocks() []int64 {
	used := make([]int64, e.Topology.Nodes)
	for _, t := range e.tables() {
		for slice, n := range sliceBlocks(e.version(t)) {
			used[e.Topology.Node(slice)] += n
		}
	}
	return used
}

// sessions lists the sessions that the reading user may see, by number.
func (e *Env) sessions() []Session {
	if e.Sessions == nil {
		return nil
	}
	all := e.Sessions()
	own := all[:0]
	for _, s := range all {
		if e.sees(s.UserID) {
			own = append(own, s)
		}
	}
	sort.Slice(own, func(i, j int) bool { return own[i].PID < own[j].PID })
	return own
}

// recentRecords is how many finished statements STV_RECENTS shows.
const recentRecords = 100

// recents is what runs, and what ended last.
func recents(e *Env, r *row) {
	for _, s := range e.sessions() {
		if q := s.Running; q != nil {
			r.int(int64(s.UserID))
			r.text("Running")
			r.time(q.Start)
			r.int(micros(q.Start, e.Now))
			r.text(s.User, s.DB, q.Text)
			r.int(int64(s.PID))
			r.send()
		}
	}
	var done []*Record
	e.records(func(x *Record) bool {
		done = append(done, x)
		return true
	})
	for _, x := range done[max(0, len(done)-recentRecords):] {
		r.int(int64(x.UserID))
		r.text("Done")
		r.time(x.Start)
		r.int(micros(x.Start, x.End))
		r.text(x.User, x.Database, x.Text)
		r.int(-1)
		r.send()
	}
}

// inflightSlice is the slice that STV_INFLIGHT names for a running query.
const inflightSlice = 6411

// inflight is what runs on compute nodes.
func inflight(e *Env, r *row) {
	for _, s := range e.sessions() {
		q := s.Running
		if q == nil || q.Query.Load() == 0 {
			continue
		}
		r.int(int64(s.UserID), inflightSlice, q.Query.Load())
		r.text(q.Label)
		r.int(q.XID, int64(s.PID))
		r.time(q.Start)
		r.text(q.Text)
		r.int(0, 0, 0)
		r.send()
	}
}

// queryStates is what workload management knows of the queries that run; none waits in its queue.
func queryStates(e *Env, r *row) {
	for _, s := range e.sessions() {
		q := s.Running
		if q == nil || q.Query.Load() == 0 {
			continue
		}
		r.int(q.XID, q.Query.Load(), q.Query.Load(), serviceClass, int64(max(q.Slots, 1)))
		r.time(q.Start)
		r.text("Running")
		r.int(0, micros(q.Start, e.Now))
		r.text(s.Priority)
		r.send()
	}
}

// held lists the locks by table, those that are held first.
func (e *Env) held() []txn.Held {
	if e.Locks == nil {
		return nil
	}
	all := e.Locks()
	sort.SliceStable(all, func(i, j int) bool { return all[i].Table < all[j].Table })
	return all
}

// session finds the session that runs a statement of a transaction, nil when it is between statements.
func session(all []Session, xid int64) *Session {
	for i := range all {
		if all[i].XID == xid {
			return &all[i]
		}
	}
	return nil
}

// locks is one row for each lock that is held or waited for.
func locks(e *Env, r *row) {
	open := e.sessions()
	put := func(table uint32, xid int64, status string) {
		r.int(int64(table))
		r.null(2)
		r.int(xid)
		if s := session(open, xid); s != nil {
			r.int(int64(s.PID))
			r.time(s.Begun)
		} else {
			r.null(2)
		}
		r.null(1)
		r.text(status)
		r.send()
	}
	for _, h := range e.held() {
		switch {
		case h.Mode < txn.Share: // of a reader
		case h.Waiting:
			put(h.Table, h.XID, "Waiting for write lock")
		default:
			put(h.Table, h.XID, "Holding write lock")
		}
	}
}

// transactions is one row for each lock, as svv_transactions shows it, and one for each transaction that holds or awaits some: it has itself.
// https://docs.aws.amazon.com/redshift/latest/dg/r_SVV_TRANSACTIONS.html
func transactions(e *Env, r *row) {
	open, itself := e.sessions(), map[int64]bool{}
	put := func(s *Session, xid int64, mode, object string) {
		if s != nil {
			r.text(s.User, s.DB)
			r.int(xid, int64(s.PID))
			r.time(s.Begun)
		} else {
			r.null(1)
			r.text(e.Database)
			r.int(xid)
			r.null(2)
		}
		r.text(mode, object)
	}
	for _, h := range e.held() {
		s := session(open, h.XID)
		if s == nil && !e.privileged() { // somebody else's
			continue
		}
		put(s, h.XID, h.Mode.String(), "relation")
		r.id(h.Table)
		r.bool(!h.Waiting)
		r.send()
		if !itself[h.XID] {
			itself[h.XID] = true
			put(s, h.XID, "ExclusiveLock", "transactionid")
			r.null(1)
			r.bool(true)
			r.send()
		}
	}
}

// cursorSpace is how many MB the results of all cursors may take, on dc2.large nodes.
// https://docs.aws.amazon.com/redshift/latest/dg/declare.html#declare-constraints
func (e *Env) cursorSpace() int64 {
	if e.Topology.Nodes > 1 {
		return 192000
	}
	return 8000
}
