package unload

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"io/fs"
	"slices"
	"strings"
	"sync"
	"sync/atomic"
	"time"

	"github.com/redshiftsim/redshiftsim/engine/load"
	"github.com/redshiftsim/redshiftsim/internal/sqlstate"
	"github.com/redshiftsim/redshiftsim/internal/types"
)

// Column is a column of the query.
type Column struct {
	Name string
	Type types.Type
}

// File is a file that was written, as STL_UNLOAD_LOG shows it.
// https://docs.aws.amazon.com/redshift/latest/dg/r_STL_UNLOAD_LOG.html
type File struct {
	Slice      int
	URL        string // s3://bucket/key
	Rows       int64
	Header     bool
	Bytes      int64 // as it is stored
	Start, End time.Time
}

// Job is one UNLOAD: what is written where, and how. It is shared by the slices' writers.
type Job struct {
	Options Options
	Columns []Column
	Target  string         // what TO names
	Zone    *time.Location // in which timestamptz is printed

	partition []int // columns of PARTITION BY
	written   []int // columns that go to the files
	store     load.ObjectStore
	bucket    string
	prefix    string // of the keys; with PARTITION BY it ends with a slash
	ctx       context.Context
	cancel    context.CancelFunc
	folders   sync.Map // of partitions that CLEANPATH has emptied: func() error, which does it once

	query int64 // that writes

	mu    sync.Mutex
	open  map[*output]bool
	files []File
	rows  atomic.Int64
	given atomic.Int64
}

// New makes the job of an UNLOAD to target; Prepare must follow before it is used.
func New(o Options, target string, zone *time.Location) *Job {
	return &Job{Options: o, Target: target, Zone: zone, open: map[*output]bool{}}
}

// Describe tells the columns of the query, and which of them PARTITION BY names. Errors: what the format or the partition cannot have.
func (j *Job) Describe(columns []Column, partition []int) error {
	j.Columns, j.partition = columns, partition
	for i := range columns {
		if j.Options.Include || !slices.Contains(partition, i) {
			j.written = append(j.written, i)
		}
	}
	return j.check()
}

// Prepare finds the bucket, and sees whether there is anything that may be overwritten; CLEANPATH empties it. Errors: XX000 with S3's words where the
// bucket is missing or fails, and where the destination is not empty.
// https://docs.aws.amazon.com/redshift/latest/dg/r_UNLOAD.html#allowoverwrite
func (j *Job) Prepare(ctx context.Context, store func(bucket string) (load.ObjectStore, bool)) error {
	var err error
	if j.store, j.bucket, j.prefix, err = load.Find(j.Target, store); err != nil {
		return err
	}
	j.ctx, j.cancel = context.WithCancel(ctx)
	if len(j.partition) > 0 && j.prefix != "" && !strings.HasSuffix(j.prefix, "/") {
		j.prefix += "/"
	}
	switch {
	case j.Options.Overwrite:
		return nil
	case j.Options.CleanPath:
		if _, ok := j.store.(load.Remover); !ok {
			return sqlstate.FeatureNotSupported.Errorf("UNLOAD option CLEANPATH: the bucket \"%s\" cannot delete", j.bucket).
				WithHint("Its ObjectStore has no method Remove.")
		}
		if len(j.partition) > 0 { // the folders are emptied as they are met
			return nil
		}
		return j.clean(j.prefix)
	}
	found, err := j.store.List(ctx, j.prefix)
	if err != nil {
		return load.StoreError(j.Target, err)
	}
	if len(found) > 0 {
		return sqlstate.Internal.Errorf("Specified unload destination on S3 is not empty. Consider using a different bucket / prefix, " +
			"manually removing the target files in S3, or using the ALLOWOVERWRITE option.")
	}
	return nil
}

// clean deletes the objects under a prefix.
// https://docs.aws.amazon.com/redshift/latest/dg/r_UNLOAD.html#cleanpath
func (j *Job) clean(prefix string) error {
	found, err := j.store.List(j.ctx, prefix)
	for _, o := range found {
		if err == nil {
			err = j.store.(load.Remover).Remove(j.ctx, o.Name)
		}
		if errors.Is(err, fs.ErrNotExist) { // somebody else was faster
			err = nil
		}
	}
	if err != nil {
		return load.StoreError(j.url(prefix), err)
	}
	return nil
}

// emptied empties the folder of a partition before the first slice writes into it.
func (j *Job) emptied(folder string) error {
	once, _ := j.folders.LoadOrStore(folder, sync.OnceValue(func() error { return j.clean(j.prefix + folder) }))
	return once.(func() error)()
}

// check finds what the format cannot write.
// https://docs.aws.amazon.com/redshift/latest/dg/r_UNLOAD.html#unload-usage-notes
func (j *Job) check() error {
	o := &j.Options
	if o.Format == load.FixedWidth && len(o.Widths) != len(j.written) {
		return sqlstate.InvalidParameterValue.Errorf("FIXEDWIDTH names %d columns, the query has %d", len(o.Widths), len(j.written))
	}
	if len(j.written) == 0 {
		return sqlstate.InvalidParameterValue.Errorf("PARTITION BY needs at least one column that is no partition column")
	}
	for _, i := range j.partition {
		if c := &j.Columns[i]; !partitions(c.Type.Kind) {
			return sqlstate.FeatureNotSupported.Errorf("column \"%s\" of type %s cannot be a PARTITION BY column", c.Name, c.Type)
		}
	}
	seen := map[string]bool{}
	for _, i := range j.written {
		c := &j.Columns[i]
		if !writes(o.Format, c.Type.Kind) {
			return sqlstate.FeatureNotSupported.Errorf("UNLOAD of column \"%s\" of type %s to %s is not supported", c.Name, c.Type, o.Format)
		}
		if (o.Format == load.JSON || o.Format == load.Parquet) && seen[c.Name] {
			return sqlstate.DuplicateColumn.Errorf("column name \"%s\" is not unique", c.Name).
				WithDetail("UNLOAD to %s needs a name of its own for each column.", o.Format)
		}
		seen[c.Name] = true
	}
	return nil
}

// partitions says whether PARTITION BY takes columns of a type.
// https://docs.aws.amazon.com/redshift/latest/dg/r_UNLOAD.html#unload-partitionby-usage
func partitions(k types.Kind) bool {
	switch k {
	case types.Int2, types.Int4, types.Int8, types.Numeric, types.Float4, types.Bool, types.Char, types.Varchar, types.Date, types.Timestamp:
		return true
	}
	return false
}

// writes says whether a format takes columns of a type: VARBYTE, GEOMETRY, GEOGRAPHY and HLLSKETCH go to text and CSV alone, and Parquet has no type for a time with its zone or for a span.
// https://docs.aws.amazon.com/redshift/latest/dg/r_UNLOAD.html#unload-usage-varbyte
// https://docs.aws.amazon.com/redshift/latest/dg/spatial-limitations.html
// https://docs.aws.amazon.com/redshift/latest/dg/r_UNLOAD.html#unload-usage-hll
func writes(f load.Format, k types.Kind) bool {
	switch k {
	case types.Varbyte, types.Geometry, types.Geography, types.HLLSketch:
		return f == load.Delimited || f == load.CSV
	case types.TimeTZ, types.Interval, types.IntervalYM, types.IntervalDS:
		return f != load.Parquet
	}
	return true
}

// url is how an object is named in messages.
func (j *Job) url(key string) string { return "s3://" + j.bucket + "/" + key }

// key is the name of a part of a slice's rows; folder is that of its partition.
// https://docs.aws.amazon.com/redshift/latest/dg/r_UNLOAD.html
func (j *Job) key(folder string, slice, part int) string {
	name := fmt.Sprintf("%04d_part_%02d", slice, part)
	if j.Options.Serial && j.Options.Stamp == "" {
		name = fmt.Sprintf("%03d", part)
	}
	if j.Options.Stamp != "" {
		name = fmt.Sprintf("%s%d_%s", j.Options.Stamp, j.query, name)
	}
	return j.prefix + folder + name + j.Options.suffix()
}

// Number tells the number of the query that writes, before it begins: the names of an external table's files bear it.
func (j *Job) Number(query int64) { j.query = query }

// Finish ends an UNLOAD whose writers are closed: slices that had no rows get their empty file, then the manifest is written.
func (j *Job) Finish(slices int) error {
	if err := j.fill(slices); err != nil {
		return err
	}
	if !j.Options.Manifest {
		return nil
	}
	return j.writeManifest()
}

// fill writes the files of slices that had no rows: lines of text are as many files as there are slices, or one.
func (j *Job) fill(slices int) error {
	if !j.Options.textual() || len(j.partition) > 0 || j.Options.Stamp != "" {
		return nil
	}
	if j.Options.Serial {
		slices = 1
	}
	had := map[int]bool{}
	for _, f := range j.files {
		had[f.Slice] = true
	}
	for s := range slices {
		if had[s] {
			continue
		}
		w, err := j.Open(s)
		if err == nil {
			err = w.begin()
		}
		if err == nil {
			err = w.Close()
		}
		if err != nil {
			return err
		}
	}
	return nil
}

// Abort gives up the files that are not whole. No writer may be at work any more. After Finish it does nothing.
func (j *Job) Abort() {
	if j.cancel == nil {
		return
	}
	j.cancel()
	for o := range j.open {
		_ = o.object.Close() // that it was given up is no news
	}
	clear(j.open)
}

// Rows is the number of rows in files that are whole.
func (j *Job) Rows() int64 { return j.rows.Load() }

// Given is the number of rows that the slices have given so far, in files that are not whole too.
func (j *Job) Given() int64 { return j.given.Load() }

// Files are the files that are whole, in the order of their names.
func (j *Job) Files() []File {
	j.mu.Lock()
	defer j.mu.Unlock()
	out := slices.Clone(j.files)
	slices.SortFunc(out, func(a, b File) int { return cmp.Compare(a.URL, b.URL) })
	return out
}

// Notice is the INFO line of an UNLOAD that ended well.
// https://docs.aws.amazon.com/redshift/latest/dg/r_UNLOAD.html
func (j *Job) Notice() string {
	return fmt.Sprintf("UNLOAD completed, %d record(s) unloaded successfully.", j.Rows())
}
