package system

import (
	"github.com/redshiftsim/redshiftsim/engine/load"
	"github.com/redshiftsim/redshiftsim/engine/unload"
	"github.com/redshiftsim/redshiftsim/internal/sqlstate"
)

// unloadTables show what UNLOADs wrote: a row for each file, or for each UNLOAD.
var unloadTables = []table{
	// https://docs.aws.amazon.com/redshift/latest/dg/r_STL_UNLOAD_LOG.html
	{
		"stl_unload_log", 0, "userid integer, query integer, slice integer, pid integer, path character(1280), start_time timestamp, end_time timestamp, " +
			"line_count bigint, transfer_size bigint, file_format character(10), user_query_id bigint, transaction_id bigint",
		func(e *Env, r *row) {
			e.unloaded(r, func(x *Record, f *unload.File) {
				r.int(int64(x.UserID), x.Query, int64(f.Slice), int64(x.PID))
				r.text(f.URL)
				r.time(f.Start, f.End)
				r.int(f.Rows, f.Bytes)
				r.text(x.Unload.Options.Format.String())
				r.int(x.Number, x.XID)
			})
		},
	},
	// https://docs.aws.amazon.com/redshift/latest/dg/SYS_UNLOAD_DETAIL.html
	{
		"sys_unload_detail", 0, "user_id integer, query_id integer, session_id integer, transaction_id bigint, file_name character(1280), start_time timestamp, " +
			"end_time timestamp, line_count bigint, transfer_size bigint, file_format character(10)",
		func(e *Env, r *row) {
			e.unloaded(r, func(x *Record, f *unload.File) {
				r.int(int64(x.UserID), x.Number, int64(x.PID), x.XID)
				r.text(f.URL)
				r.time(f.Start, f.End)
				r.int(f.Rows, f.Bytes)
				r.text(x.Unload.Options.Format.String())
			})
		},
	},
	// https://docs.aws.amazon.com/redshift/latest/dg/SYS_UNLOAD_HISTORY.html
	{
		"sys_unload_history", 0, "user_id integer, query_id bigint, transaction_id bigint, session_id integer, database_name text, status text, " +
			"start_time timestamp, end_time timestamp, duration bigint, file_format text, compression_type text, unloaded_location text, unloaded_rows bigint, " +
			"unloaded_files_count bigint, unloaded_files_size bigint, error_message text",
		unloadHistory,
	},
}

// unloaded calls put for each file that the UNLOADs wrote, and sends what it has filled.
func (e *Env) unloaded(r *row, put func(x *Record, f *unload.File)) {
	e.queries(func(x *Record) bool {
		if x.Unload == nil {
			return true
		}
		list := x.Unload.Files()
		for i := range list {
			if put(x, &list[i]); r.at > 0 {
				r.send()
			}
		}
		return !r.over
	})
}

// unloadHistory is one row an UNLOAD.
func unloadHistory(e *Env, r *row) {
	e.queries(func(x *Record) bool {
		j := x.Unload
		if j == nil {
			return true
		}
		r.int(int64(x.UserID), x.Number, x.XID, int64(x.PID))
		status := "completed"
		if x.Aborted() {
			status = "aborted"
		}
		r.text(x.Database, status)
		r.time(x.Start, x.End)
		r.int(micros(x.Start, x.End))
		r.text(j.Options.Format.String(), compressionType(j), j.Target)
		files, size := wholeFiles(j)
		r.int(j.Rows(), files, size)
		r.text(messageOf(x.Err))
		r.send()
		return !r.over
	})
	for _, s := range e.sessions() {
		q := s.Running
		if q == nil || q.Unload == nil {
			continue
		}
		j := q.Unload
		r.int(int64(s.UserID), q.Number, q.XID, int64(s.PID))
		r.text(s.DB, "running")
		r.time(q.Start)
		r.null(1)
		r.int(micros(q.Start, e.Now))
		r.text(j.Options.Format.String(), compressionType(j), j.Target)
		files, size := wholeFiles(j)
		r.int(j.Given(), files, size)
		r.null(1)
		r.send()
	}
}

// wholeFiles are the number and the bytes of the files that an UNLOAD has written.
func wholeFiles(j *unload.Job) (n, bytes int64) {
	for _, f := range j.Files() {
		n, bytes = n+1, bytes+f.Bytes
	}
	return n, bytes
}

// compressionType names the compression of an UNLOAD's files: Parquet compresses by itself.
func compressionType(j *unload.Job) string {
	if j.Options.Format == load.Parquet {
		return "SNAPPY"
	}
	return j.Options.Compression.String()
}

// messageOf is the text of an error, "" without one.
func messageOf(e *sqlstate.Error) string {
	if e == nil {
		return ""
	}
	return e.Message
}
