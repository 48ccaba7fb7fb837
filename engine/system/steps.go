package system

import (
	"fmt"

	"github.com/redshiftsim/redshiftsim/engine/exec"
	"github.com/redshiftsim/redshiftsim/engine/plan"
)

// step is one step of a query on one slice.
type step struct {
	r *Record
	s *exec.StepReport
}

// stepColumns are those with which the tables of steps begin.
const stepColumns = "userid integer, query integer, slice integer, segment integer, step integer, starttime timestamp, endtime timestamp, " +
	"tasknum integer, rows bigint"

// stepTables are the logs of steps, one a label; what the guide calls internal is 0 or f, what this engine does not know is NULL.
var stepTables = []table{
	// https://docs.aws.amazon.com/redshift/latest/dg/r_STL_SCAN.html
	{
		"stl_scan", 0, stepColumns + ", bytes bigint, fetches bigint, type integer, tbl integer, is_rrscan character(1), is_delayed_scan character(1), " +
			"rows_pre_filter bigint, rows_pre_user_filter bigint, perm_table_name character(136), is_rlf_scan character(1), is_rlf_scan_reason integer, " +
			"num_em_blocks integer, checksum bigint, runtime_filtering character(1), scan_region integer, num_sortkey_as_predicate integer, " +
			"row_fetcher_state integer, consumed_scan_ranges bigint, work_stealing_reason bigint, is_vectorized_scan character(1), " +
			"is_vectorized_scan_reason integer, row_fetcher_reason bigint, topology_signature bigint, use_tpm_partition character(1), " +
			"is_rrscan_expr character(1), scanned_mega_value character(1)",
		stepRows(func(r *row, x step) {
			s := x.s
			r.int(s.Bytes, 0, x.scanType(), x.tbl())
			r.tf(s.Restrict, s.IsDelayed)
			r.int(s.Scan.Rows, s.Scan.RowsPreUser)
			r.text(x.scanName())
			r.tf(false)
			r.int(0, 0, 0)
			r.tf(s.IsDelayed)
			r.int(0, 0, 0, 0, 0)
			r.tf(true)
			r.int(0, 0, 0)
			r.tf(false, false, false)
		}, "scan", "parse"),
	},
	// https://docs.aws.amazon.com/redshift/latest/dg/r_STL_AGGR.html
	{
		"stl_aggr", 0, stepColumns + ", bytes bigint, slots integer, occupied integer, maxlength integer, tbl integer, is_diskbased character(1), " +
			"workmem bigint, type character(6), resizes integer, flushable integer",
		stepRows(func(r *row, x step) {
			r.int(x.s.Bytes)
			r.null(1)
			kind := x.aggrType()
			if kind == "HASHED" {
				r.int(x.s.Rows)
			} else {
				r.int(0)
			}
			r.int(0, x.tbl())
			r.tf(false)
			r.int(x.s.Memory)
			r.text(kind)
			r.int(0, 0)
		}, "aggr"),
	},
	// https://docs.aws.amazon.com/redshift/latest/dg/r_STL_BCAST.html
	{"stl_bcast", 0, stepColumns + ", bytes bigint, packets integer", stepRows(moved, "bcast")},
	// https://docs.aws.amazon.com/redshift/latest/dg/r_STL_DIST.html
	{"stl_dist", 0, stepColumns + ", bytes bigint, packets integer", stepRows(moved, "dist")},
	// https://docs.aws.amazon.com/redshift/latest/dg/r_STL_DELETE.html
	{"stl_delete", 0, stepColumns + ", tbl integer", stepRows(func(r *row, x step) { r.int(x.tbl()) }, "delete")},
	// https://docs.aws.amazon.com/redshift/latest/dg/r_STL_HASH.html
	{
		"stl_hash", 0, stepColumns + ", bytes bigint, slots integer, occupied integer, maxlength integer, tbl integer, is_diskbased character(1), " +
			"workmem bigint, num_parts integer, est_rows bigint, num_blocks_permitted integer, resizes integer, checksum bigint, runtime_filter_size integer, " +
			"max_runtime_filter_size integer",
		stepRows(func(r *row, x step) {
			r.int(x.s.Bytes)
			r.null(3)
			r.int(x.tbl())
			r.tf(false)
			r.int(x.s.Memory, 1)
			if n := x.r.inner(x.s.NodeID); n != nil {
				r.int(int64(n.Props().Rows))
			} else {
				r.null(1)
			}
			r.int(0, 0, 0)
			r.null(2)
		}, "hash"),
	},
	// https://docs.aws.amazon.com/redshift/latest/dg/r_STL_HASHJOIN.html
	{
		"stl_hashjoin", 0, stepColumns + ", tbl integer, num_parts integer, join_type integer, hash_looped character(1), switched_parts character(1), " +
			"used_prefetching character(1), hash_segment integer, hash_step integer, checksum bigint, distribution integer",
		stepRows(func(r *row, x step) {
			r.int(x.tbl(), 1, x.joinType())
			r.tf(false, false, false)
			if segment, at, ok := x.r.hashStep(x.hashTable()); ok {
				r.int(int64(segment), int64(at))
			} else {
				r.null(2)
			}
			r.int(0, 0)
		}, "hjoin"),
	},
	// https://docs.aws.amazon.com/redshift/latest/dg/r_STL_INSERT.html
	{
		"stl_insert", 0, stepColumns + ", tbl integer, inserted_mega_value character(1)",
		stepRows(func(r *row, x step) {
			r.int(x.tbl())
			r.tf(false)
		}, "insert"),
	},
	// https://docs.aws.amazon.com/redshift/latest/dg/r_STL_LIMIT.html
	{"stl_limit", 0, stepColumns + ", checksum bigint", stepRows(checksum, "limit")},
	// https://docs.aws.amazon.com/redshift/latest/dg/r_STL_MERGE.html
	{"stl_merge", 0, stepColumns, stepRows(func(*row, step) {}, "merge")},
	// https://docs.aws.amazon.com/redshift/latest/dg/r_STL_MERGEJOIN.html
	{"stl_mergejoin", 0, stepColumns + ", tbl integer, checksum bigint", stepRows(joined, "mjoin")},
	// https://docs.aws.amazon.com/redshift/latest/dg/r_STL_NESTLOOP.html
	{"stl_nestloop", 0, stepColumns + ", tbl integer, checksum bigint", stepRows(joined, "nloop")},
	// https://docs.aws.amazon.com/redshift/latest/dg/r_STL_PARSE.html
	{"stl_parse", 0, stepColumns, stepRows(func(*row, step) {}, "parse")},
	// https://docs.aws.amazon.com/redshift/latest/dg/r_STL_PROJECT.html
	{"stl_project", 0, stepColumns + ", checksum bigint", stepRows(checksum, "project")},
	// https://docs.aws.amazon.com/redshift/latest/dg/r_STL_RETURN.html
	{
		"stl_return", 0, stepColumns + ", bytes bigint, packets integer, checksum bigint",
		stepRows(func(r *row, x step) {
			moved(r, x)
			r.int(0)
		}, "return"),
	},
	// https://docs.aws.amazon.com/redshift/latest/dg/r_STL_SAVE.html
	{
		"stl_save", 0, stepColumns + ", bytes bigint, tbl integer, is_diskbased character(1), workmem bigint",
		stepRows(func(r *row, x step) {
			r.int(x.s.Bytes, x.tbl())
			r.tf(false)
			r.int(x.s.Memory)
		}, "save"),
	},
	// https://docs.aws.amazon.com/redshift/latest/dg/r_STL_SORT.html
	{
		"stl_sort", 0, stepColumns + ", bytes bigint, tbl integer, is_diskbased character(1), workmem bigint, checksum bigint",
		stepRows(func(r *row, x step) {
			r.int(x.s.Bytes, x.tbl())
			r.tf(false)
			r.int(x.s.Memory, 0)
		}, "sort"),
	},
	// https://docs.aws.amazon.com/redshift/latest/dg/r_STL_UNIQUE.html
	{
		"stl_unique", 0, stepColumns + ", type character(6), is_diskbased character(1), slots integer, workmem bigint, max_buffers_used bigint, " +
			"resizes integer, occupied integer, flushable integer, used_unique_prefetching character(1), bytes bigint",
		stepRows(func(r *row, x step) {
			r.text("HASHED")
			r.tf(false)
			r.null(1)
			r.int(x.s.Memory, 0, 0, x.s.Rows, 0)
			r.tf(false)
			r.int(x.s.Bytes)
		}, "unique"),
	},
	// https://docs.aws.amazon.com/redshift/latest/dg/r_STL_WINDOW.html
	{
		"stl_window", 0, stepColumns + ", is_diskbased character(1), workmem bigint",
		stepRows(func(r *row, x step) {
			r.tf(false)
			r.int(x.s.Memory)
		}, "window"),
	},
}

// stepRows makes the rows of the steps that have one of the labels; fill adds the columns behind stepColumns.
func stepRows(fill func(r *row, x step), labels ...string) func(e *Env, r *row) {
	return func(e *Env, r *row) {
		e.queries(func(x *Record) bool {
			if x.Report == nil {
				return true
			}
			steps := x.steps()
			for i := range steps {
				s := &steps[i]
				for _, l := range labels {
					if s.Label == l {
						r.int(int64(x.UserID), x.Query, int64(s.Slice), int64(s.Segment), int64(s.Step))
						r.time(s.Start, s.End)
						r.int(int64(s.Slice), s.Rows)
						fill(r, step{x, s})
						r.send()
					}
				}
			}
			return !r.over
		})
	}
}

// moved fills bytes and packets; how many packets a real cluster would send is not known.
func moved(r *row, x step) {
	r.int(x.s.Bytes)
	r.null(1)
}

// checksum fills a column for internal use.
func checksum(r *row, _ step) { r.int(0) }

// joined fills tbl and checksum.
func joined(r *row, x step) { r.int(x.tbl(), 0) }

// segment finds a segment of the program by number, nil when there is none.
func (r *Record) segment(number int) *exec.Segment {
	if r.Program == nil {
		return nil
	}
	for i := range r.Program.Streams {
		ss := r.Program.Streams[i].Segments
		if number < len(ss) {
			return ss[number]
		}
		number -= len(ss)
	}
	return nil
}

// source is the source of the step's segment when the step is one; nil too when the program is not known.
func (x step) source() exec.SourceSpec {
	if g := x.r.segment(x.s.Segment); g != nil && x.s.Step == 0 {
		return g.Source
	}
	return nil
}

// spec is what the step was compiled to; nil for a source, the last return of the leader, and when the program is not known.
func (x step) spec() exec.StepSpec {
	if g := x.r.segment(x.s.Segment); g != nil && x.s.Step > 0 && x.s.Step <= len(g.Steps) {
		return g.Steps[x.s.Step-1]
	}
	return nil
}

// hashTable is the number of the hash table that the step builds or probes, -1 = none.
func (x step) hashTable() int {
	switch s := x.spec().(type) {
	case *exec.HashStep:
		return s.Table
	case *exec.HJoinStep:
		return s.Table
	case *exec.NLoopStep:
		return s.Table
	case *exec.SetOpStep:
		return s.Table
	}
	return -1
}

// inner is the inner side of a join by its number, nil when there is none.
func (r *Record) inner(join int) (inner plan.Node) {
	plan.Walk(r.Root(), func(n plan.Node) bool {
		if j, ok := n.(*plan.Join); ok && j.ID == join {
			inner = j.Inner
		}
		return inner == nil
	})
	return inner
}

// hashStep finds the step that builds a hash table.
func (r *Record) hashStep(table int) (segment, at int, ok bool) {
	for n := 0; ; n++ {
		g := r.segment(n)
		if g == nil {
			return 0, 0, false
		}
		for i, s := range g.Steps {
			if h, is := s.(*exec.HashStep); is && h.Table == table {
				return n, i + 1, true
			}
		}
	}
}

// firstTransient numbers the transient tables of a query: hash tables first, then what steps keep. Numbers of three digits are transient.
// https://docs.aws.amazon.com/redshift/latest/dg/r_SVL_QUERY_REPORT.html
const firstTransient = 240

// transient is the number of the transient table that the step keeps or reads.
func (x step) transient() int64 {
	if t := x.hashTable(); t >= 0 {
		return int64(firstTransient + t)
	}
	n := firstTransient + x.s.Segment*10 + x.s.Step
	if x.r.Program != nil {
		n += x.r.Program.Tables
	}
	return int64(n)
}

// tbl is the number of the step's table: a permanent one, or a transient one; 0 for constants and system tables.
func (x step) tbl() int64 {
	if x.s.Table != 0 {
		return int64(x.s.Table)
	}
	switch s := x.spec().(type) {
	case *exec.InsertStep:
		return x.r.target(s.Writer)
	case *exec.DeleteStep:
		return x.r.target(s.Writer)
	}
	switch x.source().(type) {
	case *exec.ValuesSource, *exec.VirtualSource, *exec.ExternalSource:
		return 0
	case *exec.LoadSource:
		return x.r.target(0)
	}
	return x.transient()
}

// target is the number of the table that a writer of the program writes, 0 when it is not known.
func (r *Record) target(writer int) int64 {
	if r.Program == nil || writer >= len(r.Program.Writers) || r.Program.Writers[writer].View >= len(r.Tables) {
		return 0
	}
	return int64(r.Tables[r.Program.Writers[writer].View])
}

// scanType is the kind of a scan.
// https://docs.aws.amazon.com/redshift/latest/dg/r_STL_SCAN.html#r_STL_SCAN-scan-types
func (x step) scanType() int64 {
	if x.s.Table != 0 {
		return 2
	}
	switch x.source().(type) {
	case *exec.ExternalSource:
		return 29
	case *exec.LoadSource:
		return 21
	case *exec.ValuesSource, *exec.VirtualSource:
		return 3
	}
	return 1
}

// scanName is perm_table_name: the table's name, or Internal Worktable for what other steps made.
func (x step) scanName() string {
	switch x.source().(type) {
	case *exec.ValuesSource, *exec.LoadSource, *exec.ExternalSource:
		return x.s.Name
	}
	if x.s.Name == "" {
		return "Internal Worktable"
	}
	return x.s.Name
}

// aggrType is HASHED for groups, PLAIN for one row.
// https://docs.aws.amazon.com/redshift/latest/dg/r_STL_AGGR.html
func (x step) aggrType() string {
	s, ok := x.spec().(*exec.AggrStep)
	switch {
	case !ok:
	case len(s.Groups) == 0:
		return "PLAIN"
	case s.Sorted:
		return "SORTED"
	}
	return "HASHED"
}

// joinType is the kind of a hash join; those that the guide does not tell are 6.
// https://docs.aws.amazon.com/redshift/latest/dg/r_STL_HASHJOIN.html
func (x step) joinType() int64 {
	s, ok := x.spec().(*exec.HJoinStep)
	if !ok {
		return 6
	}
	switch s.Kind {
	case exec.InnerJoin:
		return 0
	case exec.LeftJoin, exec.SingleRowJoin:
		return 1
	case exec.FullJoin:
		return 2
	case exec.RightJoin:
		return 3
	case exec.SemiJoin:
		return 5
	}
	return 6
}

// label is the step's name with its table, as svl_query_report shows it: "scan   tbl=100448 name=users", "hash   tbl=240", "dist".
func (x step) label() string {
	switch x.s.Label {
	case "scan":
		if name := x.scanName(); name != "" {
			return fmt.Sprintf("scan   tbl=%d name=%s", x.tbl(), name)
		}
		return fmt.Sprintf("scan   tbl=%d", x.tbl())
	case "aggr", "hash", "hjoin", "mjoin", "nloop", "save", "sort", "unique", "window", "insert", "delete":
		return fmt.Sprintf("%-6s tbl=%d", x.s.Label, x.tbl())
	}
	return x.s.Label
}
