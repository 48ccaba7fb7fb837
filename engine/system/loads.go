package system

import (
	"strings"
	"time"

	"github.com/redshiftsim/redshiftsim/engine/load"
)

// loadTables show what COPY did.
var loadTables = []table{
	// https://docs.aws.amazon.com/redshift/latest/dg/r_STL_LOAD_ERRORS.html
	{
		"stl_load_errors", 0, "userid integer, slice integer, tbl integer, starttime timestamp, session integer, query integer, filename character(256), " +
			"line_number bigint, colname character(127), type character(10), col_length character(10), position integer, raw_line character(1024), " +
			"raw_field_value character(1024), err_code integer, err_reason character(100), is_partial integer, start_offset bigint, copy_job_id bigint",
		func(e *Env, r *row) {
			e.badRows(r, func(x *Record, b *load.RowError) {
				r.int(int64(x.UserID), int64(b.Slice), x.target(0))
				r.time(x.Start)
				r.int(int64(x.PID), x.Query)
				r.text(b.File)
				r.int(b.Line)
				r.text(b.Column, b.ColType, b.ColLength)
				r.int(int64(b.Position))
				r.text(dots(b.RawLine), dots(b.RawField))
				r.int(int64(b.Code))
				r.text(b.Reason)
				r.flagged(b.Partial)
				r.int(b.StartOffset, x.Load.CopyJob)
			})
		},
	},
	// https://docs.aws.amazon.com/redshift/latest/dg/r_STL_LOADERROR_DETAIL.html
	{
		"stl_loaderror_detail", 0, "userid integer, slice integer, session integer, query integer, filename character(256), line_number bigint, " +
			"field integer, colname character(1024), value character(1024), is_null integer, type character(10), col_length character(10)",
		func(e *Env, r *row) {
			var of *Record
			var logged map[int]int
			e.badRows(r, func(x *Record, b *load.RowError) {
				if x != of {
					of, logged = x, map[int]int{}
				}
				if logged[b.Slice]++; logged[b.Slice] > errorsPerSlice || b.Column == "" {
					return
				}
				r.int(int64(x.UserID), int64(b.Slice), int64(x.PID), x.Query)
				r.text(b.File)
				r.int(b.Line, fieldOf(x.Load, b.Column))
				r.text(b.Column, dots(b.RawField))
				r.flagged(b.RawField == "")
				r.text(b.ColType, b.ColLength)
			})
		},
	},
	// https://docs.aws.amazon.com/redshift/latest/dg/SYS_LOAD_ERROR_DETAIL.html
	{
		"sys_load_error_detail", 0, "user_id integer, query_id bigint, transaction_id bigint, session_id integer, database_name character(64), " +
			"table_id integer, start_time timestamp, file_name character(256), line_number bigint, column_name character(127), column_type character(10), " +
			"column_length character(10), position integer, error_code integer, error_message character(512)",
		func(e *Env, r *row) {
			e.badRows(r, func(x *Record, b *load.RowError) {
				r.int(int64(x.UserID), x.Number, x.XID, int64(x.PID))
				r.text(x.Database)
				r.int(x.target(0))
				r.time(x.Start)
				r.text(b.File)
				r.int(b.Line)
				r.text(b.Column, b.ColType, b.ColLength)
				r.int(int64(b.Position), int64(b.Code))
				r.text(b.Reason)
			})
		},
	},
	// https://docs.aws.amazon.com/redshift/latest/dg/r_STL_LOAD_COMMITS.html
	{
		"stl_load_commits", 0, "userid integer, query integer, slice integer, name character(256), filename character(256), byte_offset integer, " +
			"lines_scanned integer, errors integer, curtime timestamp, status integer, file_format character(16), is_partial integer, start_offset bigint, " +
			"copy_job_id bigint",
		func(e *Env, r *row) {
			e.reads(r, func(x *Record, f *load.Read) {
				if x.Aborted() { // nothing of it was loaded
					return
				}
				r.int(int64(x.UserID), x.Query, int64(f.Slice))
				r.text(f.File, f.File)
				r.int(0, f.Lines, badIn(x.Load, f))
				r.time(f.End)
				r.int(1)
				r.text(x.Load.Options.Format.String())
				r.flagged(f.Partial)
				r.int(f.Offset, x.Load.CopyJob)
			})
		},
	},
	// https://docs.aws.amazon.com/redshift/latest/dg/r_STL_FILE_SCAN.html
	{
		"stl_file_scan", 0, "userid integer, query integer, slice integer, name character(90), lines bigint, bytes bigint, loadtime bigint, " +
			"curtime timestamp, is_partial integer, start_offset bigint",
		func(e *Env, r *row) {
			e.reads(r, func(x *Record, f *load.Read) {
				r.int(int64(x.UserID), x.Query, int64(f.Slice))
				r.text(f.File)
				r.int(f.Lines, f.Bytes, micros(f.Start, f.End))
				r.time(f.Start)
				r.flagged(f.Partial)
				r.int(f.Offset)
			})
		},
	},
	// https://docs.aws.amazon.com/redshift/latest/dg/SYS_LOAD_DETAIL.html
	{
		"sys_load_detail", 0, "user_id integer, query_id integer, file_name character(256), bytes_scanned integer, lines_scanned integer, " +
			"splits_scanned integer, record_time timestamp, start_time timestamp, end_time timestamp, file_etag character(256), file_last_modified timestamp",
		func(e *Env, r *row) {
			e.reads(r, func(x *Record, f *load.Read) {
				r.int(int64(x.UserID), x.Number)
				r.text(f.File)
				r.int(f.Bytes, f.Lines, 1)
				r.time(f.End, f.Start, f.End)
				r.null(2)
			})
		},
	},
	// https://docs.aws.amazon.com/redshift/latest/dg/r_STL_REPLACEMENTS.html
	{
		"stl_replacements", 0, "userid integer, query integer, slice integer, tbl integer, starttime timestamp, session integer, filename character(256), " +
			"line_number bigint, colname character(127), raw_line character(1024), user_query_id bigint",
		func(e *Env, r *row) {
			e.replacements(r, func(x *Record, c *load.Replacement) {
				r.int(int64(x.UserID), x.Query, int64(c.Slice), x.target(0))
				r.time(x.Start)
				r.int(int64(x.PID))
				r.text(c.File)
				r.int(c.Line)
				r.text(c.Column, dots(c.RawLine))
				r.int(x.Number)
			})
		},
	},
	// https://docs.aws.amazon.com/redshift/latest/dg/SYS_COPY_REPLACEMENTS.html
	{
		"sys_copy_replacements", 0, "user_id integer, query_id bigint, table_id integer, file_name character(256), column_name character(127), line_number bigint, " +
			"raw_line character(1024)",
		func(e *Env, r *row) {
			e.replacements(r, func(x *Record, c *load.Replacement) {
				r.int(int64(x.UserID), x.Number, x.target(0))
				r.text(c.File, c.Column)
				r.int(c.Line)
				r.text(dots(c.RawLine))
			})
		},
	},
	// https://docs.aws.amazon.com/redshift/latest/dg/r_SVL_SPATIAL_SIMPLIFY.html
	{
		"svl_spatial_simplify", 0, "query integer, line_number integer, maximum_tolerance double precision, initial_size integer, simplified character(1), " +
			"final_size integer, final_tolerance double precision",
		func(e *Env, r *row) { e.simplified(r, func(x *Record) int64 { return x.Query }) },
	},
	// https://docs.aws.amazon.com/redshift/latest/dg/SYS_SPATIAL_SIMPLIFY.html
	{
		"sys_spatial_simplify", 0, "query_id bigint, line_number bigint, maximum_tolerance double precision, initial_size bigint, simplified character(1), " +
			"final_size bigint, final_tolerance double precision",
		func(e *Env, r *row) { e.simplified(r, func(x *Record) int64 { return x.Number }) },
	},
	// https://docs.aws.amazon.com/redshift/latest/dg/r_STL_S3CLIENT.html
	{
		"stl_s3client", 0, "userid integer, query integer, slice integer, recordtime timestamp, pid integer, http_method character(64), bucket character(64), " +
			"key character(256), transfer_size bigint, data_size bigint, start_time bigint, end_time bigint, transfer_time bigint, compression_time bigint, " +
			"connect_time bigint, app_connect_time bigint, retries bigint, request_id character(32), extended_request_id character(128), " +
			"ip_address character(64), is_partial integer, start_offset bigint, query_uuid character(36)",
		func(e *Env, r *row) {
			e.reads(r, func(x *Record, f *load.Read) {
				bucket, key, _ := load.SplitURL(f.File) // it was opened by that address
				r.int(int64(x.UserID), x.Query, int64(f.Slice))
				r.time(f.End)
				r.int(int64(x.PID))
				r.text("GET", bucket, key)
				r.int(f.Stored, f.Bytes, micros(epoch2000, f.Start), micros(epoch2000, f.End), micros(f.Start, f.End), 0, 0, 0, 0)
				r.text("", "", "")
				r.flagged(f.Partial)
				r.int(f.Offset)
				r.text(e.uuid(x))
			})
		},
	},
	// https://docs.aws.amazon.com/redshift/latest/dg/r_STV_LOAD_STATE.html
	{
		"stv_load_state", 0, "userid integer, session integer, query integer, slice integer, pid integer, recordtime timestamp, bytes_to_load bigint, " +
			"bytes_loaded bigint, bytes_to_load_compressed bigint, bytes_loaded_compressed bigint, lines integer, num_files integer, " +
			"num_files_complete integer, current_file character(256), pct_complete integer",
		loadState,
	},
	// https://docs.aws.amazon.com/redshift/latest/dg/SYS_LOAD_HISTORY.html
	{
		"sys_load_history", 0, "user_id integer, query_id bigint, transaction_id bigint, session_id integer, database_name text, status text, table_name text, " +
			"start_time timestamp, end_time timestamp, duration bigint, data_source text, file_format text, loaded_rows bigint, loaded_bytes bigint, " +
			"source_file_count integer, source_file_bytes bigint, file_count_scanned integer, file_bytes_scanned bigint, error_count bigint, copy_job_id bigint",
		loadHistory,
	},
}

// errorsPerSlice is how many bad rows of a slice STL_LOADERROR_DETAIL keeps.
// https://docs.aws.amazon.com/redshift/latest/dg/r_STL_LOADERROR_DETAIL.html
const errorsPerSlice = 20

// badRows calls put for each bad row of the COPYs, and sends what it has filled.
func (e *Env) badRows(r *row, put func(x *Record, b *load.RowError)) {
	e.queries(func(x *Record) bool {
		if x.Load == nil {
			return true
		}
		bad := x.Load.Errors()
		for i := range bad {
			if put(x, &bad[i]); r.at > 0 {
				r.send()
			}
		}
		return !r.over
	})
}

// reads calls put for each file or part of one that the COPYs read, and sends what it has filled.
func (e *Env) reads(r *row, put func(x *Record, f *load.Read)) {
	e.queries(func(x *Record) bool {
		if x.Load == nil {
			return true
		}
		list := x.Load.Reads()
		for i := range list {
			if put(x, &list[i]); r.at > 0 {
				r.send()
			}
		}
		return !r.over
	})
}

// replacements calls put for each row in which a COPY replaced characters, and sends what it has filled.
func (e *Env) replacements(r *row, put func(x *Record, c *load.Replacement)) {
	e.queries(func(x *Record) bool {
		if x.Load == nil {
			return true
		}
		list := x.Load.Replacements()
		for i := range list {
			if put(x, &list[i]); r.at > 0 {
				r.send()
			}
		}
		return !r.over
	})
}

// simplified sends a row for each shape that SIMPLIFY AUTO of a COPY has met, and one for each COPY with SIMPLIFY.
func (e *Env) simplified(r *row, number func(x *Record) int64) {
	e.queries(func(x *Record) bool {
		if x.Load == nil || !x.Load.Options.Simplify.On {
			return true
		}
		o := &x.Load.Options.Simplify
		if !o.Auto {
			r.int(number(x))
			r.null(1)
			r.float(o.Tolerance)
			r.null(4)
			r.send()
			return !r.over
		}
		for _, s := range x.Load.Simplified() {
			r.int(number(x), s.Record)
			r.float(o.Tolerance)
			r.int(s.Initial)
			r.tf(s.Done)
			r.int(s.Final)
			r.float(s.Tolerance)
			r.send()
		}
		return !r.over
	})
}

// badIn counts the bad rows that a slice found in a file.
func badIn(j *load.Job, f *load.Read) int64 {
	n := int64(0)
	for _, b := range j.Errors() {
		if b.Slice == f.Slice && b.File == f.File {
			n++
		}
	}
	return n
}

// fieldOf is the place of a column in the file, from 0.
func fieldOf(j *load.Job, column string) int64 {
	for i := range j.Columns {
		if j.Columns[i].Name == column {
			return int64(i)
		}
	}
	return -1
}

// dots replaces characters of several bytes by periods, as the logs of bad rows do.
// https://docs.aws.amazon.com/redshift/latest/dg/r_STL_LOAD_ERRORS.html
func dots(s string) string {
	for i := 0; i < len(s); i++ {
		if s[i] >= 0x80 {
			return strings.Map(func(c rune) rune {
				if c >= 0x80 {
					return '.'
				}
				return c
			}, s)
		}
	}
	return s
}

// epoch2000 is where STL_S3CLIENT counts its microseconds from.
var epoch2000 = time.Date(2000, 1, 1, 0, 0, 0, 0, time.UTC)

// loadState is a row for each slice of the COPYs that run.
func loadState(e *Env, r *row) {
	for _, s := range e.sessions() {
		if s.Running == nil || s.Running.Load == nil {
			continue
		}
		j := s.Running.Load
		packed := j.Options.Compression != load.None
		for _, p := range j.Progress() {
			r.int(int64(s.UserID), int64(s.PID), s.Running.Query.Load(), int64(p.Slice), int64(s.PID))
			r.time(e.Now)
			if packed {
				r.int(0, p.Bytes, p.Size, p.Stored)
			} else {
				r.int(p.Size, p.Bytes, 0, 0)
			}
			r.int(p.Lines, int64(p.Files), int64(p.Done))
			r.text(p.File)
			r.int(p.Percent())
			r.send()
		}
	}
}

// loadHistory is one row a COPY.
func loadHistory(e *Env, r *row) {
	e.queries(func(x *Record) bool {
		j := x.Load
		if j == nil {
			return true
		}
		r.int(int64(x.UserID), x.Number, x.XID, int64(x.PID))
		status, rows := "completed", j.Rows()
		if x.Aborted() {
			status, rows = "aborted", 0
		}
		r.text(x.Database, status, j.Table)
		r.time(x.Start, x.End)
		r.int(micros(x.Start, x.End))
		r.load(j, rows)
		return !r.over
	})
	for _, s := range e.sessions() {
		q := s.Running
		if q == nil || q.Load == nil {
			continue
		}
		r.int(int64(s.UserID), q.Number, q.XID, int64(s.PID))
		r.text(s.DB, "running", q.Load.Table)
		r.time(q.Start)
		r.null(1)
		r.int(micros(q.Start, e.Now))
		r.load(q.Load, q.Load.Rows())
	}
}

// load ends and sends a row of SYS_LOAD_HISTORY.
func (r *row) load(j *load.Job, rows int64) {
	format := strings.ToLower(j.Options.Format.String())
	if format == "text" {
		format = "txt"
	}
	r.text(j.Source, format)
	r.int(rows, j.Bytes(), int64(len(j.Files)), j.Size(), int64(len(files(j))), j.Bytes(), int64(j.BadRows()), j.CopyJob)
	r.send()
}

// files are the names of the files that were read.
func files(j *load.Job) map[string]bool {
	out := map[string]bool{}
	for _, f := range j.Reads() {
		out[f.File] = true
	}
	return out
}
