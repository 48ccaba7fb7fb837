package system

import (
	"github.com/redshiftsim/redshiftsim/engine/exec"
)

// metric is what STL_QUERY_METRICS has of a query, a segment or a step: sums over slices, and the most of one slice, or of one segment.
type metric struct {
	rows, maxRows     int64
	run, maxRun       int64 // microseconds
	blocks, maxBlocks int64
	bytes, maxBytes   int64 // scanned
}

// of makes the metric of a step's slices.
func (m *metric) of(slices []exec.StepReport) {
	for i := range slices {
		s := &slices[i]
		took := micros(s.Start, s.End)
		m.rows, m.maxRows = m.rows+s.Rows, max(m.maxRows, s.Rows)
		m.run, m.maxRun = m.run+took, max(m.maxRun, took)
		m.blocks, m.maxBlocks = m.blocks+s.Scan.BlocksRead, max(m.maxBlocks, s.Scan.BlocksRead)
		m.bytes, m.maxBytes = m.bytes+s.Scan.Bytes, max(m.maxBytes, s.Scan.Bytes)
	}
}

// segmentMetric is a segment of a query with its steps.
type segmentMetric struct {
	metric
	segment int
	labels  []string
	numbers []int
	steps   []metric
}

// metrics gives the metrics of a query's segments, and of the whole of it. A segment's time is its longest step's: its steps run together.
func (x *Record) metrics() (segments []segmentMetric, whole metric) {
	var at *segmentMetric
	x.eachStep(func(slices []exec.StepReport) {
		s := &slices[0]
		if at == nil || at.segment != s.Segment {
			segments = append(segments, segmentMetric{segment: s.Segment})
			at = &segments[len(segments)-1]
		}
		var m metric
		m.of(slices)
		at.labels, at.numbers, at.steps = append(at.labels, step{x, s}.stepName()), append(at.numbers, s.Step), append(at.steps, m)
		at.rows, at.maxRows = max(at.rows, m.rows), max(at.maxRows, m.maxRows)
		at.run, at.maxRun = max(at.run, m.run), max(at.maxRun, m.maxRun)
		at.blocks, at.maxBlocks = at.blocks+m.blocks, at.maxBlocks+m.maxBlocks
		at.bytes, at.maxBytes = at.bytes+m.bytes, at.maxBytes+m.maxBytes
	})
	for i := range segments {
		m := &segments[i].metric
		whole.rows, whole.maxRows = max(whole.rows, m.rows), max(whole.maxRows, m.rows)
		whole.run, whole.maxRun = whole.run+m.run, max(whole.maxRun, m.maxRun)
		whole.blocks, whole.maxBlocks = whole.blocks+m.blocks, max(whole.maxBlocks, m.blocks)
		whole.bytes, whole.maxBytes = whole.bytes+m.bytes, max(whole.maxBytes, m.bytes)
	}
	return segments, whole
}

// stepTypes are the numbers of the kinds of steps.
// https://docs.aws.amazon.com/redshift/latest/dg/r_STV_QUERY_METRICS.html#r_STV_QUERY_METRICS-step-type
var stepTypes = map[string]int64{
	"scan": 1, "parse": 1, "insert": 2, "aggregate": 3, "sort": 6, "merge": 7, "distribute": 8, "broadcast": 9, "hashjoin": 10, "mergejoin": 11, "save": 12,
	"hash": 14, "nestloop": 15, "project": 16, "limit": 17, "unique": 18, "delete": 20, "sortlimit": 26, "window": 29,
}

// stepType is the number of a step's kind: a return from the leader goes to the client.
func stepType(name string, leader bool) int64 {
	if name == "return" {
		if leader {
			return 37
		}
		return 38
	}
	return stepTypes[name]
}

// priorities are the numbers of priorities: LOWEST is 0.
var priorities = map[string]int64{"Lowest": 0, "Low": 1, "Normal": 2, "High": 3, "Highest": 4, "Critical": 5}

// metricTables are the metrics that query monitoring rules look at. What a task computes it computes on a processor of its own, so CPU time is its run time.
var metricTables = []table{
	// https://docs.aws.amazon.com/redshift/latest/dg/r_STL_QUERY_METRICS.html
	{
		"stl_query_metrics", 0, "userid integer, service_class integer, query integer, segment integer, step_type integer, starttime timestamp, slices integer, " +
			"max_rows bigint, rows bigint, max_cpu_time bigint, cpu_time bigint, max_blocks_read integer, blocks_read bigint, max_run_time bigint, " +
			"run_time bigint, max_blocks_to_disk bigint, blocks_to_disk bigint, step integer, max_query_scan_size bigint, query_scan_size bigint, " +
			"query_priority integer, query_queue_time bigint, service_class_name character(64)", queryMetrics,
	},
	// https://docs.aws.amazon.com/redshift/latest/dg/r_SVL_QUERY_METRICS.html
	{
		"svl_query_metrics", 0, "userid integer, query integer, service_class integer, dimension character varying(24), segment integer, step integer, " +
			"step_label character varying(30), query_cpu_time bigint, query_blocks_read bigint, query_execution_time bigint, query_cpu_usage_percent bigint, " +
			"query_temp_blocks_to_disk bigint, segment_execution_time bigint, cpu_skew numeric(38,2), io_skew numeric(38,2), scan_row_count bigint, " +
			"join_row_count bigint, nested_loop_join_row_count bigint, return_row_count bigint, spectrum_scan_row_count bigint, spectrum_scan_size_mb bigint, " +
			"query_queue_time bigint", metricsByLevel,
	},
	// https://docs.aws.amazon.com/redshift/latest/dg/r_SVL_QUERY_METRICS_SUMMARY.html
	{
		"svl_query_metrics_summary", 0, "userid integer, query integer, service_class integer, query_cpu_time bigint, query_blocks_read bigint, " +
			"query_execution_time bigint, query_cpu_usage_percent numeric(38,2), query_temp_blocks_to_disk bigint, segment_execution_time bigint, " +
			"cpu_skew numeric(38,2), io_skew numeric(38,2), scan_row_count bigint, join_row_count bigint, nested_loop_join_row_count bigint, " +
			"return_row_count bigint, spectrum_scan_row_count bigint, spectrum_scan_size_mb bigint, query_queue_time bigint",
		metricsSummary,
	},
	// https://docs.aws.amazon.com/redshift/latest/dg/r_SVL_QUERY_QUEUE_INFO.html
	{
		"svl_query_queue_info", superuser, "database text, query integer, xid bigint, userid integer, querytxt text, queue_start_time timestamp, " +
			"exec_start_time timestamp, service_class integer, slots integer, queue_elapsed bigint, exec_elapsed bigint, wlm_total_elapsed bigint, " +
			"commit_queue_elapsed bigint, commit_exec_time bigint, service_class_name character(64)",
		func(e *Env, r *row) {
			e.queries(func(x *Record) bool {
				took := micros(x.Planned, x.End) / 1e6
				r.text(x.Database)
				r.int(x.Query, x.XID, int64(x.UserID))
				r.text(cut(x.Text, 100))
				r.time(x.Planned, x.Planned)
				r.int(serviceClass, x.slots(), 0, took, took, 0, 0)
				r.text(serviceName)
				r.send()
				return !r.over
			})
		},
	},
	// Segments are not compiled to machine code here, so none is.
	// https://docs.aws.amazon.com/redshift/latest/dg/r_SVL_COMPILE.html
	{
		"svl_compile", 0, "userid integer, xid bigint, pid integer, query integer, segment integer, locus integer, starttime timestamp, endtime timestamp, " +
			"compile integer",
		func(e *Env, r *row) {
			e.queries(func(x *Record) bool {
				if x.Program == nil {
					return true
				}
				number := int64(0)
				for i := range x.Program.Streams {
					for _, g := range x.Program.Streams[i].Segments {
						locus := int64(1)
						if g.Where == exec.OnLeader {
							locus = 2
						}
						r.int(int64(x.UserID), x.XID, int64(x.PID), x.Query, number, locus)
						r.time(x.Planned, x.Planned)
						r.int(0)
						r.send()
						number++
					}
				}
				return !r.over
			})
		},
	},
}

// queryMetrics is one row a query, a segment and a step.
func queryMetrics(e *Env, r *row) {
	e.queries(func(x *Record) bool {
		segments, whole := x.metrics()
		put := func(segment, kind, number int64, m *metric) {
			r.int(int64(x.UserID), serviceClass, x.Query, segment, kind)
			r.time(x.Planned)
			r.int(int64(e.Topology.Slices()), m.maxRows, m.rows, m.maxRun, m.run, m.maxBlocks, m.blocks, m.maxRun, m.run, 0, 0, number, m.maxBytes>>20, m.bytes>>20)
			r.int(priorities[x.Priority], 0)
			r.text(serviceName)
			r.send()
		}
		if len(segments) == 0 {
			return true
		}
		put(-1, -1, -1, &whole)
		for i := range segments {
			g := &segments[i]
			put(int64(g.segment), -1, -1, &g.metric)
			for k := range g.steps {
				put(int64(g.segment), stepType(g.labels[k], i == len(segments)-1), int64(g.numbers[k]), &g.steps[k])
			}
		}
		return !r.over
	})
}

// skewOf is the most of one slice against what a slice has on average.
func skewOf(most, sum, n int64) float64 {
	if sum == 0 {
		return 0
	}
	return float64(most) * float64(n) / float64(sum)
}

// seen are the row counts of the metrics views.
type seen struct{ scan, join, nested, ret int64 }

// count takes a step into account.
func (c *seen) count(label string, rows int64) {
	switch label {
	case "scan", "parse":
		c.scan = max(c.scan, rows)
	case "hashjoin", "mergejoin":
		c.join = max(c.join, rows)
	case "nestloop":
		c.join, c.nested = max(c.join, rows), max(c.nested, rows)
	case "return":
		c.ret = rows
	}
}

// put fills the row counts, and what Spectrum would have read; 0 is NULL.
func (c seen) put(r *row) {
	for _, v := range []int64{c.scan, c.join, c.nested, c.ret} {
		if v == 0 {
			r.null(1)
		} else {
			r.int(v)
		}
	}
	r.null(2)
}

// metricsByLevel is one row a query, a segment and a step; a metric that is not of the row's level is NULL.
func metricsByLevel(e *Env, r *row) {
	e.queries(func(x *Record) bool {
		segments, whole := x.metrics()
		if len(segments) == 0 {
			return true
		}
		begin := func(dimension string) {
			r.int(int64(x.UserID), x.Query, serviceClass)
			r.text(dimension)
		}
		end := func() {
			r.int(0)
			r.send()
		}
		begin("query")
		r.null(3)
		r.int(whole.run/1e6, whole.blocks, micros(x.Planned, x.End)/1e6, x.usage(e, &whole), 0)
		r.null(9)
		end()
		n := int64(e.Topology.Slices())
		for i := range segments {
			g := &segments[i]
			begin("segment")
			r.int(int64(g.segment))
			r.null(2)
			r.null(5)
			r.int(g.maxRun / 1e6)
			r.decimal(skewOf(g.maxRun, g.run, n))
			r.decimal(skewOf(g.maxBlocks, g.blocks, n))
			r.null(6)
			end()
			for k, label := range g.labels {
				begin("step")
				r.int(int64(g.segment), int64(g.numbers[k]))
				r.text(label)
				r.null(8)
				var c seen
				c.count(label, g.steps[k].rows)
				c.put(r)
				end()
			}
		}
		return !r.over
	})
}

// usage is how much of what the slices could have computed the query did, in percent.
func (x *Record) usage(e *Env, m *metric) int64 {
	took := micros(x.Planned, x.End) * int64(e.Topology.Slices())
	if took == 0 {
		return 0
	}
	return min(100, 100*m.run/took)
}

// metricsSummary is one row a query: the greatest of its metrics.
func metricsSummary(e *Env, r *row) {
	n := int64(e.Topology.Slices())
	e.queries(func(x *Record) bool {
		segments, whole := x.metrics()
		if len(segments) == 0 {
			return true
		}
		var c seen
		longest, cpu, io := int64(0), 0.0, 0.0
		for i := range segments {
			g := &segments[i]
			longest, cpu, io = max(longest, g.maxRun), max(cpu, skewOf(g.maxRun, g.run, n)), max(io, skewOf(g.maxBlocks, g.blocks, n))
			for k, label := range g.labels {
				c.count(label, g.steps[k].rows)
			}
		}
		r.int(int64(x.UserID), x.Query, serviceClass, whole.run/1e6, whole.blocks, micros(x.Planned, x.End)/1e6)
		r.decimal(float64(x.usage(e, &whole)))
		r.int(0, longest/1e6)
		r.decimal(cpu)
		r.decimal(io)
		c.put(r)
		r.int(0)
		r.send()
		return !r.over
	})
}
