package system

import (
	"time"

	"github.com/redshiftsim/redshiftsim/engine/exec"
)

// reportTables show all steps of the log's queries: by slice, in sum, and as the SYS views do.
var reportTables = []table{
	// https://docs.aws.amazon.com/redshift/latest/dg/r_SVL_QUERY_REPORT.html
	{
		"svl_query_report", 0, "userid integer, query integer, slice integer, segment integer, step integer, start_time timestamp, end_time timestamp, " +
			"elapsed_time bigint, rows bigint, bytes bigint, label character(256), is_diskbased character(1), workmem bigint, is_rrscan character(1), " +
			"is_delayed_scan character(1), rows_pre_filter bigint", queryReport,
	},
	// https://docs.aws.amazon.com/redshift/latest/dg/r_SVL_QUERY_SUMMARY.html
	{
		"svl_query_summary", 0, "userid integer, query integer, stm integer, seg integer, step integer, maxtime bigint, avgtime bigint, rows bigint, " +
			"bytes bigint, rate_row double precision, rate_byte double precision, label text, is_diskbased character(1), workmem bigint, " +
			"is_rrscan character(1), is_delayed_scan character(1), rows_pre_filter bigint", querySummary,
	},
	// https://docs.aws.amazon.com/redshift/latest/dg/SYS_QUERY_DETAIL.html
	{
		"sys_query_detail", 0, "user_id integer, query_id bigint, child_query_sequence integer, stream_id integer, segment_id integer, step_id integer, " +
			"step_name text, table_id integer, table_name character(136), is_rrscan character(1), start_time timestamp, end_time timestamp, duration bigint, " +
			"alert text, input_bytes bigint, input_rows bigint, output_bytes bigint, output_rows bigint, blocks_read bigint, blocks_write bigint, " +
			"local_read_io bigint, remote_read_io bigint, source text, data_skewness integer, time_skewness integer, is_active character(1), " +
			"spilled_block_local_disk bigint, spilled_block_remote_disk bigint, step_attribute character(64), metrics_level character(64), " +
			"plan_parent_id integer, plan_node_id integer", queryDetail,
	},
	// What a run asked of this process.
	{
		"redshiftsim_runs", 0, "userid integer, query integer, batches bigint, helpers integer, peak_memory bigint",
		func(e *Env, r *row) {
			e.queries(func(x *Record) bool {
				if x.Report != nil {
					r.int(int64(x.UserID), x.Query, x.Report.Batches, int64(x.Report.Helpers), x.Report.PeakMemory)
					r.send()
				}
				return !r.over
			})
		},
	},
	// What scans of tables did: Redshift's blocks, and this engine's zones.
	{
		"redshiftsim_scan", 0, "query integer, slice integer, name text, blocks_read bigint, blocks_skipped bigint, zones_read bigint, zones_skipped bigint, " +
			"rows_pre_filter bigint, rows bigint",
		func(e *Env, r *row) {
			e.queries(func(x *Record) bool {
				if x.Report == nil {
					return true
				}
				steps := x.steps()
				for i := range steps {
					s := &steps[i]
					if s.Label == "scan" && s.Table != 0 {
						r.int(x.Query, int64(s.Slice))
						r.text(s.Name)
						r.int(s.Scan.BlocksRead, s.Scan.BlocksSkipped, s.Scan.ZonesRead, s.Scan.ZonesSkipped, s.Scan.Rows, s.Rows)
						r.send()
					}
				}
				return !r.over
			})
		},
	},
}

// queryReport is one row a step and slice.
func queryReport(e *Env, r *row) {
	e.queries(func(x *Record) bool {
		x.eachStep(func(slices []exec.StepReport) {
			label := step{x, &slices[0]}.label()
			for i := range slices {
				s := &slices[i]
				r.int(int64(x.UserID), x.Query, int64(s.Slice), int64(s.Segment), int64(s.Step))
				r.time(s.Start, s.End)
				r.int(micros(s.Start, s.End), s.Rows, s.Bytes)
				r.text(label)
				r.tf(false)
				r.int(s.Memory)
				r.tf(s.Restrict, s.IsDelayed)
				r.int(s.Scan.Rows)
				r.send()
			}
		})
		return !r.over
	})
}

// total sums up the slices of a step.
type total struct {
	start, end         time.Time
	longest, sum       int64 // microseconds
	rows, bytes, most  int64 // most rows of one slice
	memory, pre        int64
	restrict, delayed  bool
	blocks, blockBytes int64
	slices             int64
}

// sumUp makes the total of a step.
func sumUp(slices []exec.StepReport) total {
	t := total{slices: int64(len(slices))}
	for i := range slices {
		s := &slices[i]
		took := micros(s.Start, s.End)
		t.longest, t.sum = max(t.longest, took), t.sum+took
		t.rows, t.bytes, t.most = t.rows+s.Rows, t.bytes+s.Bytes, max(t.most, s.Rows)
		t.memory, t.pre = t.memory+s.Memory, t.pre+s.Scan.Rows
		t.restrict, t.delayed = t.restrict || s.Restrict, t.delayed || s.IsDelayed
		t.blocks, t.blockBytes = t.blocks+s.Scan.BlocksRead, t.blockBytes+s.Scan.Bytes
		t.span(s.Start, s.End)
	}
	return t
}

// span widens the time of a total.
func (t *total) span(start, end time.Time) {
	if t.start.IsZero() || start.Before(t.start) {
		t.start = start
	}
	if end.After(t.end) {
		t.end = end
	}
}

// querySummary is one row a step.
func querySummary(e *Env, r *row) {
	e.queries(func(x *Record) bool {
		x.eachStep(func(slices []exec.StepReport) {
			s := &slices[0]
			t := sumUp(slices)
			r.int(int64(x.UserID), x.Query, int64(s.Stream), int64(s.Segment), int64(s.Step), t.longest, t.sum/t.slices, t.rows, t.bytes)
			if t.longest > 0 {
				seconds := float64(t.longest) / 1e6
				r.float(float64(t.rows)/seconds, float64(t.bytes)/seconds)
			} else {
				r.null(2)
			}
			r.text(step{x, s}.label())
			r.tf(false)
			r.int(t.memory)
			r.tf(t.restrict, t.delayed)
			r.int(t.pre)
			r.send()
		})
		return !r.over
	})
}

// stepNames are the words of sys_query_detail.step_name that differ from the labels.
var stepNames = map[string]string{"aggr": "aggregate", "bcast": "broadcast", "dist": "distribute", "hjoin": "hashjoin", "mjoin": "mergejoin", "nloop": "nestloop"}

// stepName is sys_query_detail.step_name.
func (x step) stepName() string {
	if s, ok := x.spec().(*exec.SortStep); ok && s.Limit > 0 {
		return "sortlimit"
	}
	if n, ok := stepNames[x.s.Label]; ok {
		return n
	}
	return x.s.Label
}

// skew says how uneven slices are, in percent: 0 when all have as much as the one with most. How Redshift computes it is not published.
func skew(most, sum, n int64) int64 {
	if most == 0 || n == 0 {
		return 0
	}
	return 100 - 100*sum/(n*most)
}

// queryDetail is one row a query, a stream, a segment and a step.
// https://docs.aws.amazon.com/redshift/latest/dg/SYS_QUERY_DETAIL.html
func queryDetail(e *Env, r *row) {
	e.queries(func(x *Record) bool {
		if x.Report == nil {
			return true
		}
		ns, hs := nodes(x.Root()), hashes(x.Root())
		alerts := x.alerts()
		levels := map[[2]int]*total{}
		var whole total
		whole.span(x.Report.Start, x.Report.End)
		x.eachStep(func(slices []exec.StepReport) {
			s, t := &slices[0], sumUp(slices)
			for _, k := range [...][2]int{{s.Stream, -1}, {s.Stream, s.Segment}} {
				if levels[k] == nil {
					levels[k] = &total{}
				}
				levels[k].span(t.start, t.end)
				levels[k].blockBytes += t.blockBytes
			}
		})
		level := func(stream, segment int, t *total, name string) {
			r.int(int64(x.UserID), x.Number, 1, int64(stream), int64(segment), -1)
			r.text("")
			r.null(3)
			r.time(t.start, t.end)
			r.int(micros(t.start, t.end))
			r.null(1)
			r.int(t.blockBytes, 0, 0, 0, 0)
			r.null(1)
			r.int(0, 0)
			r.null(3)
			r.tf(false)
			r.int(0, 0)
			r.null(1)
			r.text(name)
			r.null(2)
			r.send()
		}
		level(-1, -1, &whole, "child query")
		stream, segment := -1, -1
		x.eachStep(func(slices []exec.StepReport) {
			s := &slices[0]
			if s.Stream != stream {
				stream = s.Stream
				level(stream, -1, levels[[2]int{stream, -1}], "stream")
			}
			if s.Segment != segment {
				segment = s.Segment
				level(stream, segment, levels[[2]int{stream, segment}], "segment")
			}
			id := s.NodeID
			if h, ok := hs[id]; ok && s.Label == "hash" {
				id = h
			}
			t := sumUp(slices)
			at := levels[[2]int{stream, segment}]
			r.int(int64(x.UserID), x.Number, 1, int64(stream), int64(segment), int64(s.Step))
			r.text(step{x, s}.stepName())
			if table := (step{x, s}).table(); table != 0 {
				r.id(table)
				r.text(e.fullName(table, s.Name))
			} else {
				r.int(0)
				r.text(s.Name)
			}
			r.tf(t.restrict)
			r.time(at.start, at.end)
			r.int(micros(at.start, at.end))
			r.maybe(alertOf(alerts, s.Segment, s.Step))
			in := t.pre
			if s.Label == "scan" && s.Table == 0 {
				in = t.rows
			}
			r.int(t.blockBytes, in, t.bytes, t.rows, t.blocks)
			r.null(1)
			r.int(t.blocks, 0)
			if s.Label == "scan" && (step{x, s}).table() != 0 {
				r.text("Redshift(local)") // https://github.com/datahub-project/datahub reads lineage by it
			} else {
				r.null(1)
			}
			r.int(skew(t.most, t.rows, t.slices), skew(t.longest, t.sum, t.slices))
			r.tf(false)
			r.int(0, 0)
			r.null(1)
			r.text("step")
			if n, ok := ns[id]; ok {
				r.int(n.parent, int64(id))
			} else {
				r.null(2)
			}
			r.send()
		})
		return !r.over
	})
}

// table is the number of the permanent table that the step reads or writes, 0 = none.
func (x step) table() uint32 {
	switch x.spec().(type) {
	case *exec.InsertStep, *exec.DeleteStep:
		return uint32(x.tbl())
	}
	return x.s.Table
}

// fullName is database.schema.table, or the name alone when the table is gone.
func (e *Env) fullName(id uint32, name string) string {
	if t := e.Catalog.TableByID(id); t != nil {
		return e.Database + "." + t.Schema + "." + t.Name
	}
	return name
}
