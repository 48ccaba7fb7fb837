package system

import (
	"strconv"
	"time"

	"github.com/redshiftsim/redshiftsim/engine/load"
	"github.com/redshiftsim/redshiftsim/engine/spectrum"
)

// externalScanTables tell of queries that read external tables: what was chosen, listed, read, and what did not fit.
// https://docs.aws.amazon.com/redshift/latest/dg/c-spectrum-external-performance.html
var externalScanTables = []table{
	// https://docs.aws.amazon.com/redshift/latest/dg/r_SVL_SPECTRUM_SCAN_ERROR.html
	{
		"svl_spectrum_scan_error", 0, "userid integer, query integer, location character(128), rowid character(128), colname character(128), " +
			"original_value character(128), modified_value character(128), trigger character(128), action character(128), action_value character(128), error_code integer",
		func(e *Env, r *row) {
			e.scanErrors(func(q *Record, x *load.ScanError) {
				r.int(int64(q.UserID), q.Query)
				r.text(clipped(x.File, 128), rowID(x), x.Column, x.Original, clipped(x.Modified, 128), x.Trigger, x.Action.String(), "")
				r.int(int64(x.Code))
				r.send()
			})
		},
	},
	// https://docs.aws.amazon.com/redshift/latest/dg/SYS_EXTERNAL_QUERY_ERROR.html
	{
		"sys_external_query_error", 0, "user_id integer, query_id bigint, file_location character(256), rowid character(2100), column_name character(127), " +
			"original_value character(1024), modified_value character(1024), trigger character(128), action character(128), action_value character(128), " +
			"error_code integer, query_uuid character(36)",
		func(e *Env, r *row) {
			e.scanErrors(func(q *Record, x *load.ScanError) {
				r.int(int64(q.UserID), q.Number)
				r.text(clipped(x.File, 256), rowID(x), x.Column, x.Original, x.Modified, x.Trigger, x.Action.String(), "")
				r.int(int64(x.Code))
				r.text(e.uuid(q))
				r.send()
			})
		},
	},
	// https://docs.aws.amazon.com/redshift/latest/dg/r_SVL_S3QUERY.html
	{
		"svl_s3query", 0, "userid integer, query integer, segment integer, step integer, node integer, slice integer, starttime timestamp, endtime timestamp, " +
			"elapsed integer, external_table_name character(136), is_partitioned character(1), is_rrscan character(1), s3_scanned_rows bigint, s3_scanned_bytes bigint, " +
			"s3query_returned_rows bigint, s3query_returned_bytes bigint, files integer, splits integer, total_split_size bigint, max_split_size bigint, " +
			"total_retries integer, max_retries integer, max_request_duration integer, avg_request_duration double precision, max_request_parallelism integer, " +
			"avg_request_parallelism double precision",
		func(e *Env, r *row) {
			e.externalScans(func(q *Record, s *spectrum.Scan, segment int) {
				for slice := range e.Topology.Slices() {
					p := portionOf(s, slice)
					start, end := p.times(s)
					r.int(int64(q.UserID), q.Query, int64(segment), 0, int64(e.Topology.Node(slice)), int64(slice))
					r.time(start, end)
					r.int(end.Sub(start).Microseconds())
					r.text(externalName(e, s))
					r.tf(s.Table.Keys > 0, false)
					r.int(p.rows, p.bytes, p.rows, p.returned, p.files, p.splits, p.bytes, p.largest, 0, 0, p.longest)
					r.float(p.mean)
					r.int(min(p.splits, 1))
					r.float(float64(min(p.splits, 1)))
					r.send()
				}
			})
		},
	},
	// https://docs.aws.amazon.com/redshift/latest/dg/r_SVL_S3PARTITION.html
	{
		"svl_s3partition", 0, "query integer, segment integer, node integer, slice integer, starttime timestamp, endtime timestamp, duration bigint, " +
			"total_partitions integer, qualified_partitions integer, assigned_partitions integer, assignment character(1)",
		func(e *Env, r *row) {
			e.externalScans(func(q *Record, s *spectrum.Scan, segment int) {
				for slice := range e.Topology.Slices() {
					if s.Table.Keys == 0 {
						continue
					}
					r.int(q.Query, int64(segment), int64(e.Topology.Node(slice)), int64(slice))
					r.time(s.Start, s.Start.Add(s.Pruned))
					r.int(s.Pruned.Microseconds(), int64(s.Total), int64(s.Qualified), portionOf(s, slice).partitions)
					r.text("p")
					r.send()
				}
			})
		},
	},
	// https://docs.aws.amazon.com/redshift/latest/dg/r_SVL_S3QUERY_SUMMARY.html
	{
		"svl_s3query_summary", 0, "userid integer, query integer, xid bigint, pid integer, segment integer, step integer, starttime timestamp, endtime timestamp, " +
			"elapsed integer, aborted integer, external_table_name character(136), file_format character(16), is_partitioned character(1), is_rrscan character(1), " +
			"is_nested character(1), s3_scanned_rows bigint, s3_scanned_bytes bigint, s3query_returned_rows bigint, s3query_returned_bytes bigint, files integer, " +
			"files_max integer, files_avg integer, splits integer, splits_max integer, splits_avg integer, total_split_size bigint, max_split_size bigint, " +
			"avg_split_size bigint, total_retries integer, max_retries integer, max_request_duration integer, avg_request_duration double precision, " +
			"max_request_parallelism integer, avg_request_parallelism double precision, total_slowdown_count bigint, max_slowdown_count integer",
		func(e *Env, r *row) {
			e.externalScans(func(q *Record, s *spectrum.Scan, segment int) {
				p := portionOf(s, allSlices)
				slices := int64(e.Topology.Slices())
				files, splits := int64(0), int64(0)
				for slice := range e.Topology.Slices() {
					x := portionOf(s, slice)
					files, splits = max(files, x.files), max(splits, x.splits)
				}
				start, end := p.times(s)
				r.int(int64(q.UserID), q.Query, q.XID, int64(q.PID), int64(segment), 0)
				r.time(start, end)
				r.int(end.Sub(start).Microseconds(), one(q.Err != nil))
				r.text(externalName(e, s), s.Table.Storage.Word())
				r.tf(s.Table.Keys > 0, false, s.ReadsNested())
				r.int(p.rows, p.bytes, p.rows, p.returned, p.files, files, p.files/slices, p.splits, splits, p.splits/slices, p.bytes, p.largest, p.bytes/max(p.splits, 1), 0, 0, p.longest)
				r.float(p.mean)
				r.int(min(p.splits, 1))
				r.float(float64(min(p.splits, 1)))
				r.int(0, 0)
				r.send()
			})
		},
	},
	// https://docs.aws.amazon.com/redshift/latest/dg/r_SVL_S3PARTITION_SUMMARY.html
	{
		"svl_s3partition_summary", 0, "query integer, segment integer, assignment character(1), min_starttime timestamp, max_endtime timestamp, min_duration bigint, " +
			"max_duration bigint, avg_duration bigint, total_partitions integer, qualified_partitions integer, min_assigned_partitions integer, " +
			"max_assigned_partitions integer, avg_assigned_partitions bigint",
		func(e *Env, r *row) {
			e.externalScans(func(q *Record, s *spectrum.Scan, segment int) {
				if s.Table.Keys == 0 {
					return
				}
				least, most, all := int64(-1), int64(0), int64(0)
				for slice := range e.Topology.Slices() {
					n := portionOf(s, slice).partitions
					if most, all = max(most, n), all+n; least < 0 || n < least {
						least = n
					}
				}
				took := s.Pruned.Microseconds()
				r.int(q.Query, int64(segment))
				r.text("p")
				r.time(s.Start, s.Start.Add(s.Pruned))
				r.int(took, took, took, int64(s.Total), int64(s.Qualified), least, most, all/int64(e.Topology.Slices()))
				r.send()
			})
		},
	},
	// https://docs.aws.amazon.com/redshift/latest/dg/r_SVL_S3LIST.html
	{
		"svl_s3list", 0, "query integer, segment integer, node integer, slice integer, eventtime timestamp, bucket text, prefix text, recursive character(1), " +
			"retrieved_files integer, max_file_size bigint, avg_file_size double precision, generated_splits integer, avg_split_length double precision, duration bigint",
		func(e *Env, r *row) {
			e.externalScans(func(q *Record, s *spectrum.Scan, segment int) {
				p := portionOf(s, allSlices)
				for _, l := range s.Lists() {
					r.int(q.Query, int64(segment), 0, 0)
					r.time(s.Start)
					r.text(l.Bucket, l.Prefix)
					r.tf(true)
					r.int(int64(l.Files), l.Largest)
					r.float(float64(l.Bytes) / float64(max(l.Files, 1)))
					r.int(p.splits)
					r.float(float64(p.bytes) / float64(max(p.splits, 1)))
					r.int(l.Took.Microseconds())
					r.send()
				}
			})
		},
	},
	// https://docs.aws.amazon.com/redshift/latest/dg/r_SVL_S3LOG.html
	{
		"svl_s3log", 0, "pid integer, query integer, segment integer, step integer, node integer, slice integer, eventtime timestamp, message text",
		func(e *Env, r *row) {
			e.queries(func(q *Record) bool {
				if q.External == nil || q.Err == nil {
					return true
				}
				message := q.Err.Message
				if q.Err.Detail != "" {
					message += ". " + q.Err.Detail
				}
				r.int(int64(q.PID), q.Query, 0, 0, 0, 0)
				r.time(q.End)
				r.text(message)
				r.send()
				return !r.over
			})
		},
	},
	// https://docs.aws.amazon.com/redshift/latest/dg/SYS_EXTERNAL_QUERY_DETAIL.html
	{
		"sys_external_query_detail", 0, "user_id integer, query_id bigint, transaction_id bigint, child_query_sequence integer, segment_id integer, source_type character(32), " +
			"start_time timestamp, end_time timestamp, duration bigint, total_partitions integer, qualified_partitions integer, scanned_files bigint, returned_rows bigint, " +
			"returned_bytes bigint, file_format text, file_location text, external_query_text text, warning_message character(4000), table_name character(136), " +
			"is_recursive character(1), is_nested character(1), s3list_time bigint, get_partition_time bigint, query_uuid character(36)",
		func(e *Env, r *row) {
			e.externalScans(func(q *Record, s *spectrum.Scan, segment int) {
				p := portionOf(s, allSlices)
				start, end := p.times(s)
				r.int(int64(q.UserID), q.Number, q.XID, 1, int64(segment))
				r.text("S3")
				r.time(start, end)
				r.int(end.Sub(start).Microseconds(), int64(s.Total), int64(s.Qualified), p.files, p.rows, p.bytes)
				r.text(s.Table.Storage.Word(), trimmedLocation(s.Table.Location), "", "", externalName(e, s))
				r.tf(true, s.ReadsNested())
				r.int(s.Listed.Milliseconds(), s.Pruned.Microseconds())
				r.text(e.uuid(q))
				r.send()
			})
		},
	},
}

// one is 1 for a truth.
func one(v bool) int64 {
	if v {
		return 1
	}
	return 0
}

// clipped cuts a text to n bytes.
func clipped(s string, n int) string { return s[:min(len(s), n)] }

// rowID is where a value stood: the offset of its row, which is not kept, its row group, and its row.
func rowID(x *load.ScanError) string { return "-1:0:" + strconv.FormatInt(x.Row, 10) }

// externalName is how the views call an external table.
func externalName(e *Env, s *spectrum.Scan) string {
	return clipped("S3 Scan "+e.Database+"_"+s.Name, 136)
}

// externalScans calls f for each scan of an external table in a query that the user may see, with the number of its segment.
func (e *Env) externalScans(f func(q *Record, s *spectrum.Scan, segment int)) {
	e.queries(func(q *Record) bool {
		if q.External != nil {
			for _, s := range q.External.Scans() {
				f(q, s, q.segmentOf(s))
			}
		}
		return true
	})
}

// segmentOf is the segment that a scan opens.
func (r *Record) segmentOf(s *spectrum.Scan) int {
	n := 0
	if r.Program == nil {
		return 0
	}
	for i := range r.Program.Streams {
		for _, g := range r.Program.Streams[i].Segments {
			if s.Reads(g.Source) {
				return n
			}
			n++
		}
	}
	return 0
}

// scanErrors calls f for each value that did not fit.
func (e *Env) scanErrors(f func(q *Record, x *load.ScanError)) {
	e.externalScans(func(q *Record, s *spectrum.Scan, _ int) {
		if j := s.Job(); j != nil {
			list := j.ScanErrors()
			for i := range list {
				f(q, &list[i])
			}
		}
	})
}

// allSlices asks portionOf for what all slices have read.
const allSlices = -1

// portion is what a slice, or all of them, has read of an external table.
type portion struct {
	rows, bytes, returned  int64
	files, splits, largest int64
	partitions, longest    int64
	mean                   float64
	start, end             time.Time
}

// portionOf adds up what was read.
func portionOf(s *spectrum.Scan, slice int) (p portion) {
	j := s.Job()
	if j == nil {
		return p
	}
	files, partitions, total := map[string]bool{}, map[int]bool{}, time.Duration(0)
	at := map[string]int{}
	for i := range j.Files {
		at[j.Files[i].URL()] = j.Files[i].Partition
	}
	for _, x := range j.Reads() {
		if slice != allSlices && x.Slice != slice {
			continue
		}
		took := x.End.Sub(x.Start)
		size := x.Bytes
		if x.Stored > 0 {
			size = x.Stored
		}
		p.rows, p.bytes, p.splits = p.rows+x.Lines, p.bytes+size, p.splits+1
		p.largest, p.longest, total = max(p.largest, size), max(p.longest, took.Microseconds()), total+took
		files[x.File], partitions[at[x.File]] = true, true
		if p.start.IsZero() || x.Start.Before(p.start) {
			p.start = x.Start
		}
		if x.End.After(p.end) {
			p.end = x.End
		}
	}
	p.files, p.partitions = int64(len(files)), int64(len(partitions))
	if p.splits > 0 {
		p.mean = float64(total.Microseconds()) / float64(p.splits)
	}
	p.returned = p.bytes
	return p
}

// times are when a portion was read; of an empty one when its scan began.
func (p *portion) times(s *spectrum.Scan) (start, end time.Time) {
	if p.start.IsZero() {
		return s.Start, s.Start
	}
	return p.start, p.end
}
