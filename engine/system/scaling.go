package system

import (
	"fmt"
	"slices"

	"github.com/redshiftsim/redshiftsim/internal/types"
)

// scalingTables are the views of what ran on the main cluster and on those that concurrency scaling adds: here there is the main cluster alone, so each has
// the rows of its STL or SVL relation, without the column slice where the guide has none.
//
//	stl_unload_log   userid query slice pid path ..
//	svcs_unload_log  userid query       pid path ..
//
// https://docs.aws.amazon.com/redshift/latest/dg/svcs_views.html
var scalingTables = []table{
	// https://docs.aws.amazon.com/redshift/latest/dg/r_SVCS_ALERT_EVENT_LOG.html
	scaled("svcs_alert_event_log", alertTables, "stl_alert_event_log", "userid integer, query integer, segment integer, step integer, pid integer, xid bigint, "+
		"event character(1024), solution character(1024), event_time timestamp"),
	// https://docs.aws.amazon.com/redshift/latest/dg/r_SVCS_COMPILE.html
	scaled("svcs_compile", metricTables, "svl_compile", ""),
	// https://docs.aws.amazon.com/redshift/latest/dg/r_SVCS_CONCURRENCY_SCALING_USAGE.html
	{"svcs_concurrency_scaling_usage", superuser, "start_time timestamp, end_time timestamp, queries bigint, usage_in_seconds numeric(27,0)", nil},
	// https://docs.aws.amazon.com/redshift/latest/dg/r_SVCS_EXPLAIN.html
	scaled("svcs_explain", planTables, "stl_explain", ""),
	// https://docs.aws.amazon.com/redshift/latest/dg/r_SVCS_PLAN_INFO.html
	scaled("svcs_plan_info", planTables, "stl_plan_info", ""),
	// https://docs.aws.amazon.com/redshift/latest/dg/r_SVCS_QUERY_SUMMARY.html
	scaled("svcs_query_summary", reportTables, "svl_query_summary", ""),
	// https://docs.aws.amazon.com/redshift/latest/dg/r_SVCS_S3LIST.html
	scaled("svcs_s3list", externalScanTables, "svl_s3list", "query integer, segment integer, node integer, eventtime timestamp, bucket character(256), "+
		"prefix character(256), recursive character(1), retrieved_files integer, max_file_size bigint, avg_file_size double precision, generated_splits integer, "+
		"avg_split_length double precision, duration bigint"),
	// https://docs.aws.amazon.com/redshift/latest/dg/r_SVCS_S3LOG.html
	scaled("svcs_s3log", externalScanTables, "svl_s3log", "pid integer, query integer, segment integer, step integer, node integer, eventtime timestamp, "+
		"message character(512)"),
	// https://docs.aws.amazon.com/redshift/latest/dg/r_SVCS_S3PARTITION_SUMMARY.html
	scaled("svcs_s3partition_summary", externalScanTables, "svl_s3partition_summary", ""),
	// https://docs.aws.amazon.com/redshift/latest/dg/r_SVCS_S3QUERY_SUMMARY.html
	scaled("svcs_s3query_summary", externalScanTables, "svl_s3query_summary", "userid integer, query integer, xid bigint, pid integer, segment integer, step integer, "+
		"starttime timestamp, endtime timestamp, elapsed integer, aborted integer, external_table_name character(136), file_format character(16), "+
		"is_partitioned character(1), is_rrscan character(1), is_nested character varying(1), s3_scanned_rows bigint, s3_scanned_bytes bigint, "+
		"s3query_returned_rows bigint, s3query_returned_bytes bigint, files integer, files_max integer, files_avg integer, splits bigint, splits_max integer, "+
		"splits_avg bigint, total_split_size bigint, max_split_size bigint, avg_split_size bigint, total_retries bigint, max_retries integer, "+
		"max_request_duration bigint, avg_request_duration bigint, max_request_parallelism integer, avg_request_parallelism double precision, "+
		"total_slowdown_count bigint, max_slowdown_count integer"),
	// https://docs.aws.amazon.com/redshift/latest/dg/r_SVCS_STREAM_SEGS.html
	scaled("svcs_stream_segs", planTables, "stl_stream_segs", ""),
	// https://docs.aws.amazon.com/redshift/latest/dg/r_SVCS_UNLOAD_LOG.html
	scaled("svcs_unload_log", unloadTables, "stl_unload_log", "userid integer, query integer, pid integer, path character(1280), start_time timestamp, "+
		"end_time timestamp, line_count bigint, transfer_size bigint, file_format character(10)"),
}

// scaled is a view with the rows of another: with its columns, or with those of a list, which are found there by name.
func scaled(name string, chapter []table, of, columns string) table {
	i := slices.IndexFunc(chapter, func(t table) bool { return t.name == of })
	from := chapter[i]
	if columns == "" {
		return table{name, from.access, from.columns, from.rows}
	}
	theirs := columnsOf(from.columns)
	var places []int
	for _, c := range columnsOf(columns) {
		n := 0
		for n < len(theirs) && theirs[n].Name != c.Name {
			n++
		}
		if n == len(theirs) {
			panic(fmt.Sprintf("system: %s has no column %s", of, c.Name))
		}
		places = append(places, n)
	}
	return table{name, from.access, columns, func(e *Env, r *row) {
		from.rows(e, newRow(theirs, func(cells []types.Datum) bool {
			for _, n := range places {
				r.copied(&cells[n])
			}
			r.send()
			return !r.over
		}))
	}}
}

// copied fills a column with a value of another relation's: a fraction may become whole.
func (r *row) copied(d *types.Datum) {
	switch {
	case d.Null:
		r.null(1)
	case d.Type.Lane() == types.LaneText:
		r.text(d.Text)
	case d.Type.Lane() == types.LaneFloat && r.columns[r.at].Type.Lane() == types.LaneFloat:
		r.float(d.Float)
	case d.Type.Lane() == types.LaneFloat:
		r.int(int64(d.Float))
	default:
		r.int(d.Int)
	}
}
