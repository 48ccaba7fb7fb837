package system

import (
	"strings"

	"github.com/redshiftsim/redshiftsim/engine/exec"
	"github.com/redshiftsim/redshiftsim/internal/sqlstate"
)

const (
	textColumns  = "userid integer, xid bigint, pid integer, label character(320), starttime timestamp, endtime timestamp, sequence integer, text character(200)"
	queryColumns = "userid integer, query integer, label character(320), xid bigint, pid integer, database character(32), querytxt character(4000), " +
		"starttime timestamp, endtime timestamp, aborted integer, insert_pristine integer, concurrency_scaling_status integer"
)

// statementTables show the statements of the log: one row each, or one for every 200 bytes of text.
var statementTables = []table{
	// https://docs.aws.amazon.com/redshift/latest/dg/r_STL_QUERY.html
	{
		"stl_query", 0, queryColumns,
		func(e *Env, r *row) {
			e.queries(func(x *Record) bool {
				r.int(int64(x.UserID), x.Query)
				r.text(x.labelOr("default"))
				r.int(x.XID, int64(x.PID))
				r.text(x.Database, x.Text)
				r.time(x.Start, x.End)
				r.flagged(x.Aborted())
				r.int(0, 0)
				r.send()
				return !r.over
			})
		},
	},
	// https://docs.aws.amazon.com/redshift/latest/dg/r_STL_QUERYTEXT.html
	{
		"stl_querytext", 0, "userid integer, xid bigint, pid integer, query integer, sequence integer, text character(200)",
		func(e *Env, r *row) {
			e.queries(func(x *Record) bool {
				pieces(x.Text, 200, func(i int, s string) {
					r.int(int64(x.UserID), x.XID, int64(x.PID), x.Query, int64(i))
					r.text(s)
					r.send()
				})
				return !r.over
			})
		},
	},
	// https://docs.aws.amazon.com/redshift/latest/dg/r_STL_DDLTEXT.html
	// https://docs.aws.amazon.com/redshift/latest/dg/r_STL_TR_CONFLICT.html
	{
		"stl_tr_conflict", superuser, "xact_id bigint, process_id bigint, xact_start_ts timestamp, abort_time timestamp, table_id bigint",
		func(e *Env, r *row) {
			e.records(func(x *Record) bool {
				if x.Conflict != 0 {
					r.int(x.XID, int64(x.PID))
					r.time(x.Begun)
					r.time(x.End)
					r.id(x.Conflict)
					r.send()
				}
				return true
			})
		},
	},
	{"stl_ddltext", 0, textColumns, func(e *Env, r *row) { statementText(e, r, "DDL", false) }},
	// https://docs.aws.amazon.com/redshift/latest/dg/r_STL_UTILITYTEXT.html
	{"stl_utilitytext", 0, textColumns, func(e *Env, r *row) { statementText(e, r, "UTILITY", false) }},
	// https://docs.aws.amazon.com/redshift/latest/dg/r_SVL_STATEMENTTEXT.html
	{
		"svl_statementtext", 0, "userid integer, xid bigint, pid integer, label character(320), starttime timestamp, endtime timestamp, sequence integer, " +
			"type character varying(10), text character(200)",
		func(e *Env, r *row) { statementText(e, r, "", true) },
	},
	// https://docs.aws.amazon.com/redshift/latest/dg/r_SVL_QLOG.html
	{
		"svl_qlog", 0, "userid integer, query integer, xid bigint, pid integer, starttime timestamp, endtime timestamp, elapsed bigint, aborted integer, " +
			"label character(320), substring character(60), source_query integer, concurrency_scaling_status_txt text, from_sp_call integer",
		func(e *Env, r *row) {
			e.queries(func(x *Record) bool {
				r.int(int64(x.UserID), x.Query, x.XID, int64(x.PID))
				r.time(x.Start, x.End)
				r.int(micros(x.Start, x.End))
				r.flagged(x.Aborted())
				r.text(x.labelOr("default"), x.Text)
				r.source(x)
				r.text("0 - Ran on the main cluster")
				if x.Procedure != nil {
					r.caller(x.Procedure.From)
				} else {
					r.null(1)
				}
				r.send()
				return !r.over
			})
		},
	},
	// https://docs.aws.amazon.com/redshift/latest/dg/r_STL_WLM_QUERY.html
	{
		"stl_wlm_query", 0, "userid integer, xid integer, task integer, query integer, service_class integer, slot_count integer, " +
			"service_class_start_time timestamp, queue_start_time timestamp, queue_end_time timestamp, total_queue_time bigint, exec_start_time timestamp, " +
			"exec_end_time timestamp, total_exec_time bigint, service_class_end_time timestamp, final_state character(16), est_peak_mem bigint, " +
			"query_priority character(20), service_class_name character(64)", wlmQueries,
	},
	// https://docs.aws.amazon.com/redshift/latest/dg/SYS_QUERY_HISTORY.html
	{
		"sys_query_history", 0, "user_id integer, query_id bigint, query_label character(320), transaction_id bigint, session_id integer, " +
			"database_name character(128), query_type character(32), status character(10), result_cache_hit boolean, start_time timestamp, end_time timestamp, " +
			"elapsed_time bigint, queue_time bigint, execution_time bigint, error_message character(512), returned_rows bigint, returned_bytes bigint, " +
			"query_text character(4000), redshift_version character(256), usage_limit character(150), compute_type character varying(32), compile_time bigint, " +
			"planning_time bigint, lock_wait_time bigint, service_class_id integer, service_class_name character(64), query_priority character(20), " +
			"short_query_accelerated character(10), user_query_hash character(40), generic_query_hash character(40), query_hash_version integer, " +
			"result_cache_query_id integer, username character(128)", history,
	},
	// https://docs.aws.amazon.com/redshift/latest/dg/SYS_QUERY_TEXT.html
	{
		"sys_query_text", 0, "user_id integer, query_id bigint, transaction_id bigint, session_id integer, start_time timestamp, sequence integer, " +
			"text character(4000), query_uuid character(36)",
		func(e *Env, r *row) {
			e.records(func(x *Record) bool {
				pieces(x.Text, 4000, func(i int, s string) {
					r.int(int64(x.UserID), x.Number, x.XID, int64(x.PID))
					r.time(x.Start)
					r.int(int64(i))
					r.text(s, e.uuid(x))
					r.send()
				})
				return !r.over
			})
		},
	},
	// https://docs.aws.amazon.com/redshift/latest/dg/SYS_CHILD_QUERY_TEXT.html
	{
		"sys_child_query_text", 0, "user_id integer, query_id bigint, child_query_sequence integer, sequence integer, text character(200), " +
			"query_uuid character(36)",
		func(e *Env, r *row) {
			e.queries(func(x *Record) bool { // each is a query of its own: none is rewritten as several
				pieces(x.Text, 200, func(i int, s string) {
					r.int(int64(x.UserID), x.Number, 1, int64(i))
					r.text(s, e.uuid(x))
					r.send()
				})
				return !r.over
			})
		},
	},
}

// labelOr is the query group, or what a table shows when none was set.
func (r *Record) labelOr(none string) string {
	if r.Label == "" || r.Label == "unset" {
		return none
	}
	return r.Label
}

// Queue of all queries: the default one of automatic workload management.
// https://docs.aws.amazon.com/redshift/latest/dg/cm-c-wlm-system-tables-and-views.html#wlm-service-class-ids
const (
	serviceClass = 100
	serviceName  = "Default queue"
)

// wlmQueries is one row a query; no query waits in a queue.
func wlmQueries(e *Env, r *row) {
	e.queries(func(x *Record) bool {
		r.int(int64(x.UserID), x.XID, x.Query, x.Query, serviceClass, x.slots())
		r.time(x.Planned, x.Planned, x.Planned)
		r.int(0)
		r.time(x.Planned, x.End)
		r.int(micros(x.Planned, x.End))
		r.time(x.End)
		r.text("Completed")
		r.int(x.peakMemory())
		r.text(x.Priority, serviceName)
		r.send()
		return !r.over
	})
}

// peakMemory is the most that a query held, in bytes.
func (r *Record) peakMemory() int64 {
	if r.Report == nil {
		return 0
	}
	return r.Report.PeakMemory
}

// family says in which of the three text logs a statement stands: QUERY, DDL or UTILITY; "" = in none, for it is a query that never reached the
// compute nodes.
func (r *Record) family() string {
	if r.Query > 0 {
		return "QUERY"
	}
	return familyOf(r.Kind)
}

// familyOf is DDL or UTILITY; "" = a kind of query.
func familyOf(kind string) string {
	word, _, _ := strings.Cut(kind, " ")
	if kind == "CREATE TABLE AS" {
		return ""
	}
	switch word {
	case "SELECT", "INSERT", "UPDATE", "DELETE", "MERGE", "COPY", "UNLOAD":
		return ""
	case "CREATE", "DROP", "ALTER":
		switch object := lastWord(kind); object {
		case "DATABASE", "USER", "GROUP":
			return "UTILITY"
		}
		return "DDL"
	}
	return "UTILITY"
}

// lastWord is the last word of s.
func lastWord(s string) string { return s[strings.LastIndexByte(s, ' ')+1:] }

// statementText fills the text logs: those of a family, or all with their family.
func statementText(e *Env, r *row, family string, all bool) {
	e.records(func(x *Record) bool {
		f := x.family()
		if f == "" || !all && f != family || x.Kind == "COMMIT" && x.Err == nil {
			return true
		}
		x.textRows(r, f, all)
		return !r.over
	})
	if family == "DDL" {
		return
	}
	// Whoever ends it, the end of a transaction that wrote something, or of a block, stands there as COMMIT.
	// https://docs.aws.amazon.com/redshift/latest/dg/stored-procedure-transaction-management.html
	for _, x := range e.noted() {
		if !x.Undone && !r.over {
			c := Record{UserID: x.UserID, XID: x.XID, PID: x.PID, Label: x.Label, Start: x.From, End: x.To, Text: "COMMIT"}
			c.textRows(r, "UTILITY", all)
		}
	}
}

// textRows are the rows of a statement in a text log; all = that of all families, which tells the family.
func (r *Record) textRows(to *row, family string, all bool) {
	pieces(r.Text, 200, func(i int, s string) {
		to.int(int64(r.UserID), r.XID, int64(r.PID))
		to.text(r.labelOr(""))
		to.time(r.Start, r.End)
		to.int(int64(i))
		if all {
			to.text(family)
		}
		to.text(s)
		to.send()
	})
}

// escapes writes line ends, tabs and backslashes as the text logs do.
// https://docs.aws.amazon.com/redshift/latest/dg/r_STL_QUERYTEXT.html
var escapes = strings.NewReplacer("\\", `\\`, "\n", `\n`, "\r", `\r`, "\t", `\t`)

// pieces calls f for each n bytes of a statement's text; an escape stays whole.
func pieces(text string, n int, f func(i int, s string)) {
	text = escapes.Replace(text)
	for i := 0; text != "" || i == 0; i++ {
		s := cut(text, n)
		if slashes := len(s) - len(strings.TrimRight(s, `\`)); slashes%2 == 1 {
			s = s[:len(s)-1]
		}
		f(i, s)
		text = text[len(s):]
	}
}

// queryType is the vocabulary of sys_query_history.query_type.
func queryType(kind string) string {
	switch kind {
	case "SELECT", "INSERT", "UPDATE", "DELETE", "COPY", "UNLOAD":
		return kind
	case "CREATE TABLE AS":
		return "CTAS"
	}
	if f := familyOf(kind); f != "" {
		return f
	}
	return "OTHER"
}

// status is how a statement ended.
func (r *Record) status() string {
	switch {
	case r.Err == nil:
		return "success"
	case r.Err.Code == sqlstate.QueryCanceled:
		return "canceled"
	}
	return "failed"
}

// history is one row a statement, those that run included.
func history(e *Env, r *row) {
	source := e.sources()
	e.records(func(x *Record) bool {
		ran := source(x)
		r.int(int64(x.UserID), x.Number)
		r.text(x.labelOr("default"))
		r.int(x.XID, int64(x.PID))
		r.text(x.Database, queryType(x.Kind), x.status())
		r.bool(x.Source > 0)
		r.time(x.Start, x.End)
		r.int(micros(x.Start, x.End), 0, micros(x.Planned, x.End))
		if x.Err != nil {
			r.text(x.Err.Message)
		} else {
			r.null(1)
		}
		rows, _ := x.returned()
		_, bytes := ran.returned()
		r.int(rows, bytes)
		r.text(escapes.Replace(cut(x.Text, 4000)), e.Release)
		r.null(1)
		r.text("primary")
		r.int(0, micros(x.Start, x.Planned), x.LockWait.Microseconds())
		if x.Query > 0 {
			r.int(serviceClass)
			r.text(serviceName, x.Priority)
		} else {
			r.null(3)
		}
		r.text("false", x.queryHash(ran, false), x.queryHash(ran, true))
		r.int(hashVersion, x.SourceNumber)
		r.text(x.User)
		r.send()
		return !r.over
	})
	for _, s := range e.sessions() {
		q := s.Running
		if q == nil {
			continue
		}
		r.int(int64(s.UserID), q.Number)
		if q.Label == "" || q.Label == "unset" {
			r.text("default")
		} else {
			r.text(q.Label)
		}
		r.int(q.XID, int64(s.PID))
		r.text(s.DB, queryType(q.Kind), "running")
		r.bool(false)
		r.time(q.Start, e.Now) // so far, as the guide's sample has it
		r.int(micros(q.Start, e.Now), 0)
		r.null(4)
		r.text(escapes.Replace(cut(q.Text, 4000)), e.Release)
		r.null(1)
		r.text("primary")
		r.null(len(r.cells) - r.at - 1)
		r.text(s.User)
		r.send()
	}
}

// sources finds the record of the query whose kept result answered a query: the query's own when it was run, or when the log has lost the other.
func (e *Env) sources() func(x *Record) *Record {
	var ran map[int64]*Record
	return func(x *Record) *Record {
		if x.SourceNumber == 0 {
			return x
		}
		if ran == nil {
			ran = map[int64]*Record{}
			for _, o := range e.Log.Records() {
				ran[o.Number] = o
			}
		}
		if o := ran[x.SourceNumber]; o != nil {
			return o
		}
		return x
	}
}

// returned is what a statement gave to its client: rows, and their bytes where the run tells.
func (r *Record) returned() (rows, bytes int64) {
	switch r.Kind {
	case "SELECT", "EXPLAIN", "SHOW", "EXECUTE", "CALL":
		rows = r.Rows
	}
	if r.Report != nil {
		for _, s := range r.steps() {
			if s.Slice == exec.LeaderSlice && s.Label == "return" {
				bytes = s.Bytes
			}
		}
	}
	return rows, bytes
}

// source writes the number of the query whose kept result answered; NULL when the statement was run.
// https://docs.aws.amazon.com/redshift/latest/dg/r_SVL_QLOG.html
func (r *row) source(x *Record) {
	if x.Source > 0 {
		r.int(x.Source)
	} else {
		r.null(1)
	}
}
