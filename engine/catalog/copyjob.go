package catalog

import (
	"fmt"
	"sort"
	"time"
)

// CopyJob is a COPY that is kept under a name, with what it has loaded, entries of a database's catalog (Catalog.WithEntry):
//
//	{copyjob, "nightly"} -> *CopyJob {COPY s.t FROM 's3://b/in/' .., Auto, Before: in/old.csv}
//	{jobfile, "100007 in/new.csv"} -> *JobFile {ingested}
//
// https://docs.aws.amazon.com/redshift/latest/dg/r_COPY-JOB.html
type CopyJob struct {
	ID            uint32
	Name          string
	Owner         int    // number of the user
	Text          string // COPY as it was written, without JOB
	CaseSensitive bool   // quoted names in Text keep their letters
	Table         Key    // what the table's name meant
	TemplateIn    string // schema in which USING TEMPLATE found its template; "" = its name says it, or it was not there
	Source        string // s3://bucket/prefix
	Role          string // IAM_ROLE
	Auto          bool   // new files are loaded without COPY JOB RUN
	// Before are the keys of the files that were there when the job was made: they are never loaded.
	Before map[string]bool
}

// JobFile is a file that a job has loaded, or could not load.
// https://docs.aws.amazon.com/redshift/latest/dg/SYS_COPY_JOB_DETAIL.html
type JobFile struct {
	Job     uint32
	Key     string // within the bucket
	Size    int64  // bytes; -1 unknown
	Found   time.Time
	Failure string // why it could not be loaded; "" = it is loaded
}

const (
	keyCopyJob = "\x00copyjob"
	keyJobFile = "\x00jobfile"
)

// CopyJobKey is where a copy job stands.
func CopyJobKey(name string) Key { return Key{keyCopyJob, name} }

// JobFileKey is where a file of a copy job stands.
func JobFileKey(job uint32, key string) Key { return Key{keyJobFile, fmt.Sprintf("%d %s", job, key)} }

// CopyJob finds a copy job by name, nil when there is none.
func (c *Catalog) CopyJob(name string) *CopyJob {
	j, _ := c.access.get(CopyJobKey(name)).(*CopyJob)
	return j
}

// CopyJobCount is how many copy jobs the database has.
func (c *Catalog) CopyJobCount() int { return c.jobs }

// CopyJobs lists the copy jobs by number.
func (c *Catalog) CopyJobs() []*CopyJob {
	if c.jobs == 0 {
		return nil
	}
	var out []*CopyJob
	c.access.each(func(v any) {
		if j, ok := v.(*CopyJob); ok {
			out = append(out, j)
		}
	})
	sort.Slice(out, func(i, j int) bool { return out[i].ID < out[j].ID })
	return out
}

// JobFile finds a file of a copy job by its key, nil when the job has not tried to load it.
func (c *Catalog) JobFile(job uint32, key string) *JobFile {
	f, _ := c.access.get(JobFileKey(job, key)).(*JobFile)
	return f
}

// JobFiles lists the files that a copy job has loaded, or could not load, by key.
func (c *Catalog) JobFiles(job uint32) []*JobFile {
	var out []*JobFile
	c.access.each(func(v any) {
		if f, ok := v.(*JobFile); ok && f.Job == job {
			out = append(out, f)
		}
	})
	sort.Slice(out, func(i, j int) bool { return out[i].Key < out[j].Key })
	return out
}
