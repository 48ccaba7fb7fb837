package system

import (
	"time"

	"github.com/redshiftsim/redshiftsim/engine/catalog"
	"github.com/redshiftsim/redshiftsim/engine/load"
)

// copyJobTables are the copy jobs, and the files that came for them.
var copyJobTables = []table{
	// https://docs.aws.amazon.com/redshift/latest/dg/SYS_COPY_JOB.html
	// Its page lacks the last two, which the guide's query for the files of a job names.
	// https://docs.aws.amazon.com/redshift/latest/dg/loading-data-copy-job.html#loading-data-copy-job-create-s3-autocopy
	{
		"sys_copy_job", leader, "job_id bigint, job_name character(128), iam_role character(128), job_text character(256), is_auto integer, " +
			"on_error_suspend integer, data_source character(256) hidden, copy_query text hidden",
		copyJobs(func(_ *Env, r *row, j *catalog.CopyJob) {
			r.id(j.ID)
			r.text(j.Name, j.Role, j.Text)
			r.flagged(j.Auto)
			r.int(0)
			r.text(j.Source, j.Text)
			r.send()
		}),
	},
	// https://docs.aws.amazon.com/redshift/latest/dg/SYS_COPY_JOB_DETAIL.html
	{
		"sys_copy_job_detail", leader, "user_id integer, database_name text, job_id integer, job_name text, file_location text, file_name text, file_size bigint, " +
			"file_etag text, job_text character(256), modification_time timestamp, enqueue_time timestamp, status character(1)",
		copyJobs(func(e *Env, r *row, j *catalog.CopyJob) {
			for _, f := range e.Catalog.JobFiles(j.ID) {
				status := "I"
				if f.Failure != "" {
					status = "E"
				}
				e.jobFile(r, j, f.Key, f.Size, f.Found, status)
			}
			for _, o := range e.Arrived(e.Catalog, j) {
				e.jobFile(r, j, o.Name, o.Size, e.Now, "P")
			}
		}),
	},
	// https://docs.aws.amazon.com/redshift/latest/dg/SYS_COPY_JOB_INFO.html
	{
		"sys_copy_job_info", leader, "job_id bigint, job_name character(128), database_name character(128), record_time timestamp, message character(512)",
		copyJobs(func(e *Env, r *row, j *catalog.CopyJob) {
			put := func(at time.Time, message string) {
				r.id(j.ID)
				r.text(j.Name, e.Database)
				r.time(at)
				r.text(message)
				r.send()
			}
			for _, f := range e.Catalog.JobFiles(j.ID) {
				if f.Failure != "" {
					bucket, _, _ := load.SplitURL(j.Source)
					put(f.Found, "s3://"+bucket+"/"+f.Key+": "+f.Failure)
				}
			}
			if text, at := e.JobNote(j.ID); text != "" {
				put(at, text)
			}
		}),
	},
}

// copyJobs makes the rows of the jobs of all databases that the reading user may see.
func copyJobs(rows func(e *Env, r *row, j *catalog.CopyJob)) func(*Env, *row) {
	return everywhere(func(e *Env, r *row) {
		for _, j := range e.Catalog.CopyJobs() {
			if e.sees(j.Owner) {
				rows(e, r, j)
			}
		}
	})
}

// jobFile sends a file of a job. No bucket here tells when an object was made, nor its ETag: it is the moment at which it was found.
func (e *Env) jobFile(r *row, j *catalog.CopyJob, key string, size int64, found time.Time, status string) {
	bucket, _, _ := load.SplitURL(j.Source)
	r.int(int64(j.Owner))
	r.text(e.Database)
	r.id(j.ID)
	r.text(j.Name, bucket, key)
	if size < 0 {
		r.null(1)
	} else {
		r.int(size)
	}
	r.null(1)
	r.text(j.Text)
	r.time(found, found)
	r.text(status)
	r.send()
}
