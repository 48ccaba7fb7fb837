package system

import (
	"context"
	"fmt"
	"strings"
	"testing"
	"testing/fstest"

	"github.com/redshiftsim/redshiftsim/engine/catalog"
	"github.com/redshiftsim/redshiftsim/engine/exec"
	"github.com/redshiftsim/redshiftsim/engine/expr"
	"github.com/redshiftsim/redshiftsim/engine/load"
	"github.com/redshiftsim/redshiftsim/engine/plan"
	"github.com/redshiftsim/redshiftsim/engine/principal"
	"github.com/redshiftsim/redshiftsim/engine/txn"
	"github.com/redshiftsim/redshiftsim/internal/sqlstate"
	"github.com/redshiftsim/redshiftsim/internal/types"
	"github.com/redshiftsim/redshiftsim/internal/vector"
	"github.com/redshiftsim/redshiftsim/storage"
)

// statement is a record of a statement of the administrator that took a second.
func statement(query int64, kind, text string) *Record {
	return &Record{
		Query: query, XID: 1000 + query, PID: 10001, UserID: 100, User: "awsuser", Database: "dev", Label: "unset", Priority: "Lowest", Kind: kind, Text: text,
		Start: at(1), Planned: at(1.25), End: at(2), Rows: 3,
	}
}

// info is the figures of a plan node.
func info(startup, total, rows float64, width int) plan.Info {
	return plan.Info{Startup: startup, Total: total, Rows: rows, Width: width}
}

// joinPlan is the plan of the guide's example of stl_explain: an average over a hash join.
// https://docs.aws.amazon.com/redshift/latest/dg/r_STL_EXPLAIN.html
func joinPlan(sales, listing *catalog.Table) plan.Node {
	column := func(id int, table, name string) plan.Column {
		return plan.Column{ID: expr.ColumnID(id), Table: table, Name: name, Type: types.TInt4}
	}
	scan := func(t *catalog.Table, id int, i plan.Info) *plan.Scan {
		return &plan.Scan{Info: i, Table: t, Alias: t.Name, Output: []plan.Column{column(id, t.Name, "listid")}, Attrs: []int{0}}
	}
	j := &plan.Join{
		Info: info(47.08, 6340.89, 3766, 16), Kind: plan.Inner, Method: plan.HashJoin, Distribution: plan.DistNone,
		Outer: scan(listing, 1, info(0, 1924.97, 192497, 12)), Inner: scan(sales, 2, info(0, 37.66, 3766, 12)),
		EquiOuter: []expr.ColumnID{1}, EquiInner: []expr.ColumnID{2},
		Conds: []expr.Expr{&expr.Compare{
			Op: expr.Eq, Left: &expr.Column{ID: 1, Typ: types.TInt4, Table: "listing", Name: "listid"},
			Right: &expr.Column{ID: 2, Typ: types.TInt4, Table: "sales", Name: "listid"},
		}},
	}
	a := &plan.Aggregate{Info: info(6350.30, 6350.31, 1, 16), Input: j}
	plan.Number(a)
	return a
}

// joinProgram is what joinPlan may become on two slices.
//
//	segment 0 slices  scan sales | hash                       node 5, 2
//	segment 1 slices  scan listing | hjoin | aggr | return    node 3, 2, 1, 1
//	segment 2 leader  scan network | aggr | return            node 1
func joinProgram() *exec.Program {
	return &exec.Program{
		Slices: 2, Tables: 1,
		Streams: []exec.Stream{
			{Segments: []*exec.Segment{{Source: &exec.ScanSource{}, Steps: []exec.StepSpec{&exec.HashStep{Table: 0, NodeID: 2}}}}},
			{Segments: []*exec.Segment{
				{Source: &exec.ScanSource{}, Steps: []exec.StepSpec{&exec.HJoinStep{Kind: exec.LeftJoin, Table: 0, NodeID: 2}, &exec.AggrStep{NodeID: 1}, &exec.ReturnStep{NodeID: 1}}},
				{Where: exec.OnLeader, Source: &exec.InboxSource{}, Steps: []exec.StepSpec{&exec.AggrStep{NodeID: 1}}},
			}},
		},
	}
}

// joinReport is a run of joinProgram: slice 1 has three times the rows of slice 0 and takes twice as long.
func joinReport(sales, listing *catalog.Table) *exec.Report {
	r := &exec.Report{Start: at(1.25), End: at(2), PeakMemory: 4096, Batches: 9, Helpers: 1}
	put := func(stream, segment, step int, label string, node int, t *catalog.Table, rows ...int64) {
		for slice, n := range rows {
			s := exec.StepReport{
				Stream: stream, Segment: segment, Step: step, Slice: slice, Label: label, NodeID: node, Rows: n, Bytes: 12 * n,
				Start: at(1.5), End: at(1.5 + 0.1*float64(slice+1)),
			}
			if len(rows) == 1 {
				s.Slice = exec.LeaderSlice
			}
			if t != nil {
				s.Table, s.Name, s.Restrict = t.ID, t.Name, t == listing
				s.Scan = storage.ScanCounters{Rows: n + 10, RowsPreUser: n, ZonesRead: 1, ZonesSkipped: 2, BlocksRead: 3, BlocksSkipped: 4, Bytes: 500}
			}
			r.Steps = append(r.Steps, s)
		}
	}
	put(0, 0, 0, "scan", 5, sales, 100, 300)
	put(0, 0, 1, "hash", 2, nil, 100, 300)
	put(1, 1, 0, "scan", 3, listing, 1000, 3000)
	put(1, 1, 1, "hjoin", 2, nil, 90, 310)
	put(1, 1, 2, "aggr", 1, nil, 1, 1)
	put(1, 1, 3, "return", 1, nil, 1, 1)
	put(1, 2, 0, "scan", 0, nil, 2)
	put(1, 2, 1, "aggr", 1, nil, 1)
	put(1, 2, 2, "return", 0, nil, 1)
	r.Moves = []exec.Move{{Segment: 1, Label: "return", Rows: [][]int64{{0, 0, 1}, {0, 0, 1}, {0, 0, 0}}, Bytes: [][]int64{{0, 0, 12}, {0, 0, 12}, {0, 0, 0}}}}
	return r
}

// joinRecord is the query of joinPlan.
func joinRecord(w *world) *Record {
	sales, listing := w.c.TableByID(100001), w.c.TableByID(100002)
	r := statement(10, "SELECT", "select avg(datediff(day, listtime, saletime)) as avgwait from sales, listing where sales.listid = listing.listid")
	r.Plan, r.Program, r.Report = joinPlan(sales, listing), joinProgram(), joinReport(sales, listing)
	r.Tables = []uint32{sales.ID, listing.ID}
	return r
}

// busy is a cluster that has something for every table.
func busy(t testing.TB) *world {
	t.Helper()
	w := newWorld(1, 2)
	w.c = w.c.WithEntry(ann).WithSchema(&catalog.Schema{ID: 100500, Name: "films", Owner: ann.ID})
	w.add(t, films(100001, "sales", even, unkeyd), filmRows(400))
	w.add(t, films(100002, "listing", storage.Distribution{Style: storage.Key, Column: 2}, storage.SortKey{Style: storage.Compound, Columns: []int{2}}), filmRows(40))
	w.versions[100001] = w.versions[100001].WithStatistics(analyzed(w.versions[100001]))
	tbl := films(100003, "third", even, unkeyd)
	tbl.Columns[2].NotNull, tbl.Columns[2].Default = true, "1984"
	tbl.Columns[3].Identity = &catalog.Identity{Seed: 5, Step: 3}
	tbl.Constraints = []catalog.Constraint{
		{Name: "third_pkey", Kind: 'p', Columns: []int{2}},
		{Name: "third_title", Kind: 'u', Columns: []int{0, 1}},
		{Name: "third_fkey", Kind: 'f', Columns: []int{2}, RefTable: 100002, RefColumns: []int{2}},
	}
	w.add(t, tbl, nil)
	w.c = w.c.With(&catalog.View{
		ID: 100004, Schema: catalog.Public, Name: "v", Owner: principal.AdminID, Text: "SELECT title FROM sales", Depends: []uint32{100001},
		Columns: []catalog.Column{{Name: "title", Type: types.TVarchar(80)}},
	})
	return w
}

// copied is a COPY of a real file with two bad rows.
func copied(t testing.TB) *Record {
	t.Helper()
	o := load.Defaults()
	o.MaxError = 5
	store := load.FS(fstest.MapFS{"data/a": {Data: []byte("1|one\nx2|two\n3|three\n")}, "data/b": {Data: []byte("4|toolong\n")}})
	j, err := load.NewJob(context.Background(), "s3://b/data/", func(string) (load.ObjectStore, bool) { return store, true }, "third",
		[]load.Column{{Name: "n", Type: types.TInt4}, {Name: "word", Type: types.TVarchar(5)}}, o)
	if err != nil {
		t.Fatal(err)
	}
	for slice := range 2 {
		r, err := j.Open(slice, 2)
		if err != nil {
			t.Fatal(err)
		}
		var b vector.Batch
		for n := 1; n > 0; {
			if n, err = r.Next(&b); err != nil {
				t.Fatal(err)
			}
		}
	}
	r := statement(20, "COPY", "copy third from 's3://b/data/'")
	r.Load, r.Tables = j, []uint32{100003}
	r.Program = &exec.Program{Writers: []exec.WriterSpec{{View: 0}}}
	return r
}

// log has a query, DDL, a COPY, what failed, and a statement of ann's.
func (w *world) log(t testing.TB) *Log {
	t.Helper()
	l := NewLog(0)
	ddl := statement(0, "CREATE TABLE", "create table a (b int)")
	ddl.Label = "nightly"
	l.Add(ddl)
	l.Add(joinRecord(w))
	l.Add(copied(t))
	failed := statement(0, "SELECT", "select * from nowhere")
	failed.Err = sqlstate.UndefinedTable.Errorf("relation \"nowhere\" does not exist")
	l.Add(failed)
	ann := statement(30, "INSERT", "insert into third values (1)")
	ann.UserID, ann.User, ann.PID = 101, "ann", 10002
	ann.Err = sqlstate.QueryCanceled.Errorf("canceling statement due to user request")
	l.Add(ann)
	l.Add(statement(0, "SET", "set query_group to x"))
	return l
}

// fill gives an Env sessions, locks and settings.
func fill(e *Env) {
	e.Sessions = func() []Session {
		running := &Running{XID: 1031, Text: "select 31", Start: at(99)}
		running.Query.Store(31)
		return []Session{
			{PID: 10002, User: "ann", UserID: 101, DB: "dev", Start: at(0), Priority: "High", XID: 1031, Begun: at(90), Running: running},
			{PID: 10001, User: "awsuser", UserID: 100, DB: "dev", Start: at(0.5), XID: 1040, Begun: at(95), Running: &Running{XID: 1040, Text: "select 40", Start: at(100), Label: "nightly"}},
			{PID: 10003, User: "awsuser", UserID: 100, DB: "dev", Start: at(50)},
		}
	}
	e.Memory = func() Memory { return Memory{Limit: 1 << 30, Data: 1000, Granted: 256 << 10, Old: 7} }
	e.Advice = func() []Advice {
		t := e.Catalog.TableByID(100001)
		return []Advice{{Kind: AdviceDist, Table: t, Column: 0, Group: 1, Auto: true}, {Kind: AdviceSort, Table: t, Column: 1, Group: -1}}
	}
	e.Violations = func() []QuotaViolation {
		return []QuotaViolation{{Owner: 100, User: 101, XID: 1031, PID: 10002, Schema: 2200, Name: "public", Quota: 2048, Used: 2798, At: at(9)}, {Owner: 100, User: 100, Quota: 1, Used: 2}}
	}
	e.Locks = func() []txn.Held {
		return []txn.Held{
			{Table: 100002, XID: 1031, Mode: txn.ShareRowExclusive},
			{Table: 100002, XID: 1040, Mode: txn.ShareRowExclusive, Waiting: true},
			{Table: 100001, XID: 1050, Mode: txn.AccessExclusive},
			{Table: 100003, XID: 1050, Mode: txn.AccessShare},
		}
	}
	e.Settings = func() []Setting {
		return []Setting{{Name: "query_group", Value: "x", Default: "unset"}, {Name: "search_path", Value: "$user, films", Default: "$user, public"}}
	}
}

// TestStatements holds the logs of statements against what each is said to have: queries that reached the compute nodes, DDL, utilities.
// https://docs.aws.amazon.com/redshift/latest/dg/r_SVL_STATEMENTTEXT.html
func TestStatements(t *testing.T) {
	w := busy(t)
	e := w.admin()
	e.Log = w.log(t)
	same(t, "stl_query", rowsOf(t, e, "stl_query", "userid", "query", "label", "xid", "pid", "database", "starttime", "endtime", "aborted"),
		"100|10|default|1010|10001|dev|2026-01-01 00:00:01|2026-01-01 00:00:02|0", "100|20|default|1020|10001|dev|2026-01-01 00:00:01|2026-01-01 00:00:02|0",
		"101|30|default|1030|10002|dev|2026-01-01 00:00:01|2026-01-01 00:00:02|1")
	same(t, "svl_qlog", rowsOf(t, e, "svl_qlog", "query", "elapsed", "aborted", "substring")[1:],
		"20|1000000|0|copy third from 's3://b/data/'", "30|1000000|1|insert into third values (1)")
	same(t, "svl_statementtext", rowsOf(t, e, "svl_statementtext", "xid", "label", "sequence", "type"),
		"1000|nightly|0|DDL", "1010||0|QUERY", "1020||0|QUERY", "1030||0|QUERY", "1000||0|UTILITY")
	same(t, "stl_ddltext", rowsOf(t, e, "stl_ddltext", "label", "text"), "nightly|create table a (b int)")
	same(t, "stl_utilitytext", rowsOf(t, e, "stl_utilitytext", "text"), "set query_group to x")
	same(t, "stl_wlm_query", rowsOf(t, e, "stl_wlm_query", "query", "service_class", "total_queue_time", "total_exec_time", "exec_start_time", "est_peak_mem", "query_priority")[:1],
		"10|100|0|750000|2026-01-01 00:00:01.25|4096|Lowest")
	same(t, "sys_query_history", rowsOf(t, e, "sys_query_history", "user_id", "query_id", "query_type", "status", "elapsed_time", "execution_time", "planning_time",
		"error_message", "returned_rows", "returned_bytes", "username"),
		"100|1001|DDL|success|1000000|750000|250000|~|0|0|awsuser", "100|1002|SELECT|success|1000000|750000|250000|~|3|12|awsuser",
		"100|1003|COPY|success|1000000|750000|250000|~|0|0|awsuser", "100|1004|SELECT|failed|1000000|750000|250000|relation \"nowhere\" does not exist|3|0|awsuser",
		"101|1005|INSERT|canceled|1000000|750000|250000|canceling statement due to user request|0|0|ann", "100|1006|UTILITY|success|1000000|750000|250000|~|0|0|awsuser")
	fill(e)
	same(t, "running", rowsOf(t, e, "sys_query_history", "user_id", "query_id", "query_label", "status", "end_time", "elapsed_time", "query_text")[6:],
		"100|0|nightly|running|2026-01-01 00:01:40|0|select 40", "101|0|default|running|2026-01-01 00:01:40|1000000|select 31")

	ann := w.env(w.c.User("ann"))
	ann.Log = e.Log
	fill(ann)
	same(t, "ann's stl_query", rowsOf(t, ann, "stl_query", "userid", "query"), "101|30")
	same(t, "ann's recents", rowsOf(t, ann, "stv_recents", "userid", "status", "duration", "pid"), "101|Running|1000000|10002", "101|Done|1000000|-1")
}

// TestText cuts texts into rows of 200 bytes, with line ends written as the guide shows them.
// https://docs.aws.amazon.com/redshift/latest/dg/r_STL_QUERYTEXT.html
func TestText(t *testing.T) {
	w := newWorld(1, 1)
	e := w.admin()
	first, second := "select\n1 AS a0123456789012345678901234567890123456789012345678901234567890,\n2 AS b0123456789012345678901234567890123456789012345678901234567890,\n"+
		"3 AS b012345678901234567890123456789012345678901234", "\nFROM stl_querytext;"
	e.Log.Add(statement(45, "SELECT", first+second))
	e.Log.Add(statement(46, "SELECT", strings.Repeat("x", 199)+`é\`))
	escaped := strings.NewReplacer("\n", `\n`)
	same(t, "stl_querytext", rowsOf(t, e, "stl_querytext", "query", "sequence", "text"),
		"45|0|"+escaped.Replace(first), "45|1|"+escaped.Replace(second), "46|0|"+strings.Repeat("x", 199), `46|1|é\\`)
	same(t, "stl_query", rowsOf(t, e, "stl_query", "querytxt")[:1], first+second)
}

// TestExplain numbers the guide's plan as the guide does.
// https://docs.aws.amazon.com/redshift/latest/dg/r_STL_EXPLAIN.html
func TestExplain(t *testing.T) {
	w := busy(t)
	e := w.admin()
	e.Log.Add(joinRecord(w))
	same(t, "stl_explain", rowsOf(t, e, "stl_explain", "query", "nodeid", "parentid", "plannode", "info"),
		"10|1|0|XN Aggregate  (cost=6350.30..6350.31 rows=1 width=16)|",
		`10|2|1|  ->  XN Hash Join DS_DIST_NONE  (cost=47.08..6340.89 rows=3766 width=16)|Hash Cond: ("outer".listid = "inner".listid)`,
		"10|3|2|        ->  XN Seq Scan on listing  (cost=0.00..1924.97 rows=192497 width=12)|",
		"10|4|2|        ->  XN Hash  (cost=37.66..37.66 rows=3766 width=12)|",
		"10|5|4|              ->  XN Seq Scan on sales  (cost=0.00..37.66 rows=3766 width=12)|")
	same(t, "sys_query_explain", rowsOf(t, e, "sys_query_explain", "query_id", "plan_node_id", "plan_parent_id"), "1001|1|0", "1001|2|1", "1001|3|2", "1001|4|2", "1001|5|4")
	// https://docs.aws.amazon.com/redshift/latest/dg/r_STL_PLAN_INFO.html: bytes are rows times width; 104 is a scan
	same(t, "stl_plan_info", rowsOf(t, e, "stl_plan_info", "nodeid", "segment", "step", "locus", "plannode", "startupcost", "totalcost", "rows", "bytes"),
		"5|0|0|0|104|0|37.66|3766|45192", "4|0|1|0|120|37.66|37.66|3766|45192", "3|1|0|0|104|0|1924.97|192497|2309964", "2|1|1|0|112|47.08|6340.89|3766|60256",
		"1|1|2|0|116|6350.3|6350.31|1|16", "1|1|3|0|116|6350.3|6350.31|1|16", "1|2|1|1|116|6350.3|6350.31|1|16")
	same(t, "stl_stream_segs", rowsOf(t, e, "stl_stream_segs", "stream", "segment"), "0|0", "1|1", "1|2")
}

// TestLiterals puts literals back, but not into quotes.
func TestLiterals(t *testing.T) {
	r := &Record{Literals: []types.Datum{{Type: types.TInt4, Int: 1980}, {Type: types.TVarchar(9), Text: "it's"}}}
	for in, want := range map[string]string{
		"Filter: (year > $1)": "Filter: (year > 1980)", `Filter: ("a$1" = '$1')`: `Filter: ("a$1" = '$1')`, "$3 $ $": "$3 $ $",
		"Filter: (year > $1) AND ($2 = $1)": "Filter: (year > 1980) AND ('it''s'::character varying = 1980)",
	} {
		if got := r.literal(in); got != want {
			t.Errorf("%s: %s, want %s", in, got, want)
		}
	}
}

// TestSteps reads one run through all tables of steps.
// https://docs.aws.amazon.com/redshift/latest/dg/r_SVL_QUERY_REPORT.html
func TestSteps(t *testing.T) {
	w := busy(t)
	e := w.admin()
	e.Log.Add(joinRecord(w))
	same(t, "svl_query_report", rowsOf(t, e, "svl_query_report", "slice", "segment", "step", "elapsed_time", "rows", "bytes", "label", "is_rrscan", "rows_pre_filter"),
		"0|0|0|100000|100|1200|scan   tbl=100001 name=sales|f|110", "1|0|0|200000|300|3600|scan   tbl=100001 name=sales|f|310",
		"0|0|1|100000|100|1200|hash   tbl=240|f|0", "1|0|1|200000|300|3600|hash   tbl=240|f|0",
		"0|1|0|100000|1000|12000|scan   tbl=100002 name=listing|t|1010", "1|1|0|200000|3000|36000|scan   tbl=100002 name=listing|t|3010",
		"0|1|1|100000|90|1080|hjoin  tbl=240|f|0", "1|1|1|200000|310|3720|hjoin  tbl=240|f|0",
		"0|1|2|100000|1|12|aggr   tbl=253|f|0", "1|1|2|200000|1|12|aggr   tbl=253|f|0", "0|1|3|100000|1|12|return|f|0", "1|1|3|200000|1|12|return|f|0",
		"6411|2|0|100000|2|24|scan   tbl=261 name=Internal Worktable|f|0", "6411|2|1|100000|1|12|aggr   tbl=262|f|0", "6411|2|2|100000|1|12|return|f|0")
	same(t, "svl_query_summary", rowsOf(t, e, "svl_query_summary", "stm", "seg", "step", "maxtime", "avgtime", "rows", "bytes", "rate_row", "label", "rows_pre_filter")[:3],
		// 400 rows in 0.2 s are 2,000 a second
		"0|0|0|200000|150000|400|4800|2000|scan   tbl=100001 name=sales|420", "0|0|1|200000|150000|400|4800|2000|hash   tbl=240|0",
		"1|1|0|200000|150000|4000|48000|20000|scan   tbl=100002 name=listing|4020")
	same(t, "stl_scan", rowsOf(t, e, "stl_scan", "slice", "segment", "rows", "type", "tbl", "is_rrscan", "rows_pre_filter", "rows_pre_user_filter", "perm_table_name"),
		"0|0|100|2|100001|f|110|100|sales", "1|0|300|2|100001|f|310|300|sales", "0|1|1000|2|100002|t|1010|1000|listing", "1|1|3000|2|100002|t|3010|3000|listing",
		"6411|2|2|1|261|f|0|0|Internal Worktable")
	same(t, "stl_hash", rowsOf(t, e, "stl_hash", "slice", "segment", "step", "rows", "tbl", "est_rows"), "0|0|1|100|240|3766", "1|0|1|300|240|3766")
	same(t, "stl_hashjoin", rowsOf(t, e, "stl_hashjoin", "slice", "rows", "tbl", "join_type", "hash_segment", "hash_step"), "0|90|240|1|0|1", "1|310|240|1|0|1")
	same(t, "stl_aggr", rowsOf(t, e, "stl_aggr", "slice", "segment", "type", "occupied")[2:], "6411|2|PLAIN|0")
	same(t, "stl_return", rowsOf(t, e, "stl_return", "slice", "segment", "step", "rows", "bytes"), "0|1|3|1|12", "1|1|3|1|12", "6411|2|2|1|12")
	same(t, "redshiftsim_runs", rowsOf(t, e, "redshiftsim_runs", "query", "batches", "helpers", "peak_memory"), "10|9|1|4096")
	same(t, "redshiftsim_scan", rowsOf(t, e, "redshiftsim_scan")[:2], "10|0|sales|3|4|1|2|110|100", "10|1|sales|3|4|1|2|310|300")
	same(t, "sys_query_detail", rowsOf(t, e, "sys_query_detail", "query_id", "stream_id", "segment_id", "step_id", "step_name", "table_id", "table_name", "duration",
		"input_rows", "output_rows", "blocks_read", "data_skewness", "metrics_level", "plan_parent_id", "plan_node_id")[:5],
		"1001|-1|-1|-1||~|~|750000|0|0|0|~|child query|~|~", "1001|0|-1|-1||~|~|200000|0|0|0|~|stream|~|~", "1001|0|0|-1||~|~|200000|0|0|0|~|segment|~|~",
		// 400 of 2 * 300 rows: a third of what even slices would have is missing
		"1001|0|0|0|scan|100001|dev.public.sales|200000|420|400|6|34|step|4|5", "1001|0|0|1|hash|0||200000|0|400|0|34|step|2|4")
}

// TestAlerts holds the events, their texts and their thresholds against the guide's.
// https://docs.aws.amazon.com/redshift/latest/dg/c-reviewing-query-alerts.html
func TestAlerts(t *testing.T) {
	w := busy(t)
	tbl := w.c.TableByID(100001)
	scan := func(rows, pre, all int64) *exec.Report {
		return &exec.Report{Steps: []exec.StepReport{{Label: "scan", Table: 1, Slice: 3, Rows: rows, Scan: storage.ScanCounters{Rows: all, RowsPreUser: pre}}}}
	}
	moved := func(label string, node int, rows ...int64) *exec.Report {
		r := &exec.Report{}
		for i, n := range rows {
			r.Steps = append(r.Steps, exec.StepReport{Segment: 1, Step: 2, Label: label, NodeID: node, Slice: i, Rows: n})
		}
		return r
	}
	loop := func(m plan.JoinMethod, k plan.JoinKind, d plan.Distribution) plan.Node {
		n := &plan.Join{Kind: k, Method: m, Distribution: d, Outer: &plan.Scan{Table: tbl}, Inner: &plan.Scan{Table: tbl}}
		plan.Number(n)
		return n
	}
	groups := &plan.Aggregate{Input: &plan.Scan{Table: tbl}}
	plan.Number(groups)
	two := &exec.Program{Slices: 2, Streams: []exec.Stream{{Segments: []*exec.Segment{{Source: &exec.ScanSource{}}, {Source: &exec.ScanSource{}, Steps: []exec.StepSpec{nil, &exec.PlaceStep{}}}}}}}
	for _, x := range []struct {
		name string
		r    Record
		want string // slice|segment|step|event|solution
	}{
		{"nothing", Record{Plan: groups, Report: scan(50, 1000, 1000)}, ""},
		{"a twentieth is not less than a twentieth", Record{Report: scan(5, 100, 100)}, ""},
		{"selective", Record{Report: scan(49, 1000, 1000)}, "3|0|0|Very selective query filter:ratio=rows(49)/rows_pre_user_filter(1000)=0.049000|" +
			"Review the choice of sort key to enable range restricted scans, or run the VACUUM command to ensure the table is sorted"},
		{"ghosts", Record{Report: scan(43159, 43159, 86318)}, "3|0|0|Scanned a large number of deleted rows:" +
			"rows_pre_filter(86318)-rows_pre_user_filter(43159)=43159 rows were deleted|Run the VACUUM command to reclaim deleted space"},
		{"few ghosts", Record{Report: scan(60, 60, 100)}, ""},
		{"a million rows", Record{Plan: groups, Report: moved("dist", 1, 500_000, 500_000)}, ""},
		{"more to group", Record{Plan: groups, Report: moved("dist", 1, 500_000, 500_001)}, "0|1|2|Distributed a large number of rows across the network:" +
			"1000001 rows were distributed in order to process the aggregation|Review the choice of distribution key to collocate the join or aggregation"},
		{"more to join", Record{Report: moved("dist", 1, 2_000_000)}, "0|1|2|Distributed a large number of rows across the network:" +
			"2000000 rows were distributed in order to process the join|Review the choice of distribution key to collocate the join or aggregation"},
		{"to be written", Record{Program: two, Report: moved("dist", 1, 2_000_000)}, ""},
		{"a million rows to two slices", Record{Program: two, Report: moved("bcast", 1, 1_000_000, 1_000_000)}, ""},
		{"broadcast", Record{Report: moved("bcast", 1, 1_000_001)}, "0|1|2|Broadcasted a large number of rows across the network:" +
			"1000001 rows were broadcasted in order to process the join|Review the choice of distribution key to collocate the join and consider using distributed tables"},
		{"nested loop", Record{Plan: loop(plan.NestedLoop, plan.Inner, plan.BcastInner)}, "0|0|0|Nested Loop Join in the query plan|Review the join predicates to avoid Cartesian products"},
		{"scalar subquery", Record{Plan: loop(plan.NestedLoop, plan.SingleRow, plan.BcastInner)}, ""},
		{"serial", Record{Plan: loop(plan.HashJoin, plan.Inner, plan.DistAllInner)}, "0|0|0|DS_DIST_ALL_INNER for Hash Join in the query plan|" +
			"Review the choice of distribution strategy to distribute the inner, rather than outer, table"},
		{"no statistics", Record{Plan: &plan.Scan{Table: tbl, NoStats: true}}, "0|0|0|Missing query planner statistics|Run the ANALYZE command"},
	} {
		e := w.admin()
		x.r.Query, x.r.UserID, x.r.Start = 1, 100, at(1)
		e.Log.Add(&x.r)
		if got := strings.Join(rowsOf(t, e, "stl_alert_event_log", "slice", "segment", "step", "event", "solution"), "\n"); got != x.want {
			t.Errorf("%s:\n%s\nwant\n%s", x.name, got, x.want)
		}
	}
}

// TestLoads holds the logs of a COPY with bad rows against the files.
// https://docs.aws.amazon.com/redshift/latest/dg/r_STL_LOAD_ERRORS.html
func TestLoads(t *testing.T) {
	w := busy(t)
	e := w.admin()
	e.Log.Add(copied(t))
	same(t, "stl_load_errors", rowsOf(t, e, "stl_load_errors", "slice", "tbl", "session", "query", "filename", "line_number", "colname", "type", "col_length", "raw_line",
		"raw_field_value", "err_code"),
		"0|100003|10001|20|s3://b/data/a|2|n|int4||x2|two|x2|1207", "1|100003|10001|20|s3://b/data/b|1|word|varchar|5|4|toolong|toolong|1204")
	same(t, "stl_loaderror_detail", rowsOf(t, e, "stl_loaderror_detail", "slice", "query", "field", "colname", "value", "is_null"), "0|20|0|n|x2|0", "1|20|1|word|toolong|0")
	same(t, "sys_load_error_detail", rowsOf(t, e, "sys_load_error_detail", "query_id", "table_id", "line_number", "column_name", "error_code"), "1001|100003|2|n|1207", "1001|100003|1|word|1204")
	same(t, "stl_load_commits", rowsOf(t, e, "stl_load_commits", "query", "slice", "filename", "lines_scanned", "errors", "file_format", "is_partial", "start_offset"),
		"20|0|s3://b/data/a|3|1|Text|0|0", "20|1|s3://b/data/b|1|1|Text|0|0")
	same(t, "stl_file_scan", rowsOf(t, e, "stl_file_scan", "slice", "name", "lines", "bytes"), "0|s3://b/data/a|3|21", "1|s3://b/data/b|1|10")
	same(t, "sys_load_history", rowsOf(t, e, "sys_load_history", "status", "table_name", "data_source", "file_format", "loaded_rows", "source_file_count", "source_file_bytes", "error_count"),
		"completed|third|s3://b/data/|txt|2|2|31|2")

	failed := copied(t)
	failed.Err = sqlstate.Internal.Errorf("Load into table 'third' failed.  Check 'stl_load_errors' system table for details.")
	e.Log = NewLog(0)
	e.Log.Add(failed)
	same(t, "a failed COPY commits nothing", rowsOf(t, e, "stl_load_commits"))
	same(t, "it failed", rowsOf(t, e, "sys_load_history", "status", "loaded_rows"), "aborted|0")
	if n := len(rowsOf(t, e, "stl_load_errors")); n != 2 {
		t.Errorf("%d errors", n)
	}
}

// TestLocks shows who holds and who waits.
// https://docs.aws.amazon.com/redshift/latest/dg/r_STV_LOCKS.html
func TestLocks(t *testing.T) {
	w := busy(t)
	e := w.admin()
	fill(e)
	same(t, "stv_locks", rowsOf(t, e, "stv_locks", "table_id", "lock_owner", "lock_owner_pid", "lock_status"),
		"100001|1050|~|Holding write lock", "100002|1031|10002|Holding write lock", "100002|1040|10001|Waiting for write lock")
	same(t, "svv_transactions", rowsOf(t, e, "svv_transactions", "txn_owner", "xid", "lock_mode", "relation", "granted"),
		"~|1050|AccessExclusiveLock|100001|t", "~|1050|ExclusiveLock|~|t", "ann|1031|ShareRowExclusiveLock|100002|t", "ann|1031|ExclusiveLock|~|t",
		"awsuser|1040|ShareRowExclusiveLock|100002|f", "awsuser|1040|ExclusiveLock|~|t", "~|1050|AccessShareLock|100003|t")
	same(t, "stv_inflight", rowsOf(t, e, "stv_inflight", "userid", "query", "xid", "pid", "text"), "101|31|1031|10002|select 31")
	same(t, "stv_wlm_query_state", rowsOf(t, e, "stv_wlm_query_state", "xid", "query", "service_class", "state", "queue_time", "exec_time", "query_priority"),
		"1031|31|100|Running|0|1000000|High")
	same(t, "stv_sessions", rowsOf(t, e, "stv_sessions", "process", "user_name"), "10001|awsuser", "10002|ann", "10003|awsuser")
	same(t, "pg_stat_activity", rowsOf(t, e, "pg_stat_activity", "procpid", "current_query"), "10001|select 40", "10002|select 31", "10003|<IDLE>")
}

// TestLabels names steps as the guide's samples do.
func TestLabels(t *testing.T) {
	for _, x := range []struct {
		s    exec.StepReport
		g    exec.Segment
		want string
	}{
		{exec.StepReport{Label: "scan", Table: 100448, Name: "users"}, exec.Segment{}, "scan   tbl=100448 name=users"},
		{exec.StepReport{Label: "scan"}, exec.Segment{Source: &exec.ValuesSource{}}, "scan   tbl=0"},
		{exec.StepReport{Label: "scan", Name: "stv_slices"}, exec.Segment{Source: &exec.VirtualSource{}}, "scan   tbl=0 name=stv_slices"},
		{exec.StepReport{Label: "dist", Step: 1}, exec.Segment{Steps: []exec.StepSpec{&exec.DistStep{}}}, "dist"},
		{exec.StepReport{Label: "insert", Step: 1}, exec.Segment{Steps: []exec.StepSpec{&exec.InsertStep{}}}, "insert tbl=100007"},
	} {
		r := &Record{
			Tables:  []uint32{100007},
			Program: &exec.Program{Writers: []exec.WriterSpec{{}}, Streams: []exec.Stream{{Segments: []*exec.Segment{&x.g}}}},
		}
		if got := (step{r, &x.s}).label(); got != x.want {
			t.Errorf("%q, want %q", got, x.want)
		}
	}
	if s := fmt.Sprint(skew(300, 400, 2), skew(5, 10, 2), skew(4, 4, 4), skew(0, 0, 4)); s != "34 0 75 0" {
		t.Error(s)
	}
}

// analyzed are the statistics of a version.
func analyzed(v *storage.Version) *storage.Statistics {
	st, err := storage.Analyze(context.Background(), storage.ViewOf(v), nil)
	if err != nil {
		panic(err)
	}
	return st
}
