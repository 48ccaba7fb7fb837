package load

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
	"slices"
	"strings"
	"sync"
	"sync/atomic"
	"time"

	"github.com/redshiftsim/redshiftsim/internal/nested"
	"github.com/redshiftsim/redshiftsim/internal/sqlstate"
	"github.com/redshiftsim/redshiftsim/internal/types"
)

// Column is a column that a COPY fills.
type Column struct {
	Name    string
	Type    types.Type
	NotNull bool
	Skip    bool         // nobody reads it: it is passed over
	Nested  *nested.Type // of an external table's column of type types.TNested; what is read of it is marked
	JSON    *nested.JSON // such a column is read as a text; nil = it is not
}

// RowError is a bad row, as STL_LOAD_ERRORS shows it.
// https://docs.aws.amazon.com/redshift/latest/dg/r_STL_LOAD_ERRORS.html
type RowError struct {
	Slice       int
	File        string // s3://bucket/key
	Line        int64  // 1-based
	Column      string
	ColType     string
	ColLength   string
	Position    int // of the field in the line
	RawLine     string
	RawField    string
	Code        int
	Reason      string
	Time        time.Time
	TableName   string
	Partial     bool  // the file was cut into parts
	StartOffset int64 // of the part

	done *outcome // of a nested column, within which it was dealt with
}

// outcome is what was done with a value by the rules of an external table.
type outcome struct {
	skip, all bool
	err       error
}

// Replacement is a row in which ACCEPTINVCHARS replaced characters, as STL_REPLACEMENTS shows it.
// https://docs.aws.amazon.com/redshift/latest/dg/r_STL_REPLACEMENTS.html
type Replacement struct {
	Slice   int
	File    string // s3://bucket/key
	Line    int64  // 1-based; -1 in a columnar file
	Column  string // the first that had any
	RawLine string
}

// replacementsPerSlice is how many rows of a slice STL_REPLACEMENTS keeps.
const replacementsPerSlice = 100

// maxLogged is how many bad rows are kept: as many as MAXERROR can allow. IGNOREALLERRORS may meet more.
const maxLogged = 100000

// Read is what a slice read of a file, or of a part of one, as STL_LOAD_COMMITS and STL_FILE_SCAN show it.
// https://docs.aws.amazon.com/redshift/latest/dg/r_STL_LOAD_COMMITS.html
type Read struct {
	Slice      int
	File       string // s3://bucket/key
	Partial    bool   // the file was cut into parts
	Offset     int64  // at which the part begins
	Lines      int64  // records, without the header
	Bytes      int64  // after decompression
	Stored     int64  // before it
	Start, End time.Time
}

// Progress is how far a slice is, as STV_LOAD_STATE shows it.
// https://docs.aws.amazon.com/redshift/latest/dg/r_STV_LOAD_STATE.html
type Progress struct {
	Slice       int
	Files, Done int    // files, or parts of files, that are its own, and that it has read
	File        string // in hand: s3://bucket/key
	Size        int64  // bytes of its files as they are stored
	Lines       int64
	Bytes       int64 // read, after decompression
	Stored      int64 // read, before it
}

// Percent is how much of the slice's files has been read, in hundredths of their bytes.
func (p Progress) Percent() int64 {
	switch read := max(p.Stored, p.Bytes*int64(btoi(p.Stored == 0))); {
	case p.Done == p.Files:
		return 100
	case p.Size > 0:
		return min(99, 100*read/p.Size)
	}
	return 0
}

// File is an object that a COPY reads.
type File struct {
	Object
	Bucket      string
	Compression Compression // its own; None = that of the options
	Partition   int         // of the external table, by its place among them; -1 = it is in none
	store       ObjectStore
}

// URL is how the file is named in messages: s3://bucket/key.
func (f *File) URL() string { return "s3://" + f.Bucket + "/" + f.Name }

// Job is one COPY: what to read, how, and what went wrong. It is shared by the slices' readers.
type Job struct {
	Table   string
	Columns []Column
	Options Options
	Source  string // what FROM names
	CopyJob int64  // number of the copy job that runs it; 0 = none
	Files   []File
	Zone    *time.Location // of timestamptz text without an offset

	ctx      context.Context
	mapping  *mapping // JSON, Avro
	minPiece int64    // minPiece, smaller in tests
	slow     bool     // no windows: tests hold the two roads against each other
	dealt    sync.Once
	pieces   []piece
	dealErr  error

	mu           sync.Mutex
	errors       []RowError
	badRows      int // all of them
	reads        []Read
	replacements []Replacement
	simplified   []Simplified
	scanErrors   []ScanError
	progress     map[int]Progress // by slice
	rows         atomic.Int64
	bytes        atomic.Int64
	lines        atomic.Int64
	replacedRows atomic.Int64
}

// loadsBinary refuses what does not load VARBYTE, GEOMETRY, GEOGRAPHY and HLLSKETCH columns.
// https://docs.aws.amazon.com/redshift/latest/dg/copy-usage_notes-spatial-data.html
// https://docs.aws.amazon.com/redshift/latest/dg/copy-usage_notes-hll.html
// https://docs.aws.amazon.com/redshift/latest/dg/copy-usage-varbyte.html
func loadsBinary(columns []Column, o *Options) error {
	for i := range columns {
		if t := columns[i].Type; t.IsOpaque() && o.Format != Delimited && o.Format != CSV && (o.Format != Shapefile || !t.IsSpatial()) {
			return sqlstate.FeatureNotSupported.Errorf("%s does not load %s columns", o.Format, strings.ToUpper(t.String())).WithHint("Text and CSV do.")
		}
		if columns[i].Type.Kind != types.Varbyte {
			continue
		}
		switch {
		case o.Format == FixedWidth || o.Format == JSON || o.Format == Avro:
			return sqlstate.FeatureNotSupported.Errorf("%s does not load VARBYTE columns", o.Format).WithHint("Text, CSV and PARQUET do.")
		case o.RemoveQuotes:
			return sqlstate.FeatureNotSupported.Errorf("REMOVEQUOTES is not supported for VARBYTE columns")
		}
	}
	return nil
}

// NewJob lists the objects under url and prepares a COPY of them. Errors: XX000 with S3's words where the bucket or the prefix is missing.
func NewJob(ctx context.Context, url string, store func(bucket string) (ObjectStore, bool), table string, columns []Column, o Options) (*Job, error) {
	bucket, key, err := SplitURL(url)
	if err != nil {
		return nil, err
	}
	if o.Format == FixedWidth && len(o.Widths) != len(columns) {
		return nil, sqlstate.InvalidParameterValue.Errorf("FIXEDWIDTH names %d columns, the target has %d", len(o.Widths), len(columns))
	}
	if err := loadsBinary(columns, &o); err != nil {
		return nil, err
	}
	if o.Format == Shapefile {
		if err := loadsShapes(columns); err != nil {
			return nil, err
		}
	}
	if o.NoShred && (len(columns) != 1 || columns[0].Type.Kind != types.Super) {
		return nil, sqlstate.InvalidParameterValue.Errorf("COPY option 'noshred' loads a table, or a list of columns, of one SUPER column")
	}
	st, ok := store(bucket)
	if !ok {
		return nil, noSuchBucket(bucket)
	}
	j := &Job{Table: table, Columns: columns, Options: o, Source: url, Zone: time.UTC, ctx: ctx, minPiece: minPiece, progress: map[int]Progress{}}
	if o.Manifest {
		j.Files, err = manifest(ctx, store, url, o.Format == Parquet)
	} else {
		var found []Object
		found, err = st.List(ctx, key)
		for _, f := range found {
			if o.Only != nil && !o.Only[f.Name] {
				continue
			}
			j.Files = append(j.Files, File{Object: f, Bucket: bucket, store: st})
		}
	}
	if err != nil {
		return nil, storeError(url, err)
	}
	if o.Format == Shapefile {
		j.Files = shapeParts(j.Files)
	}
	if len(j.Files) == 0 {
		return nil, sqlstate.Internal.Errorf("The specified S3 prefix '%s' does not exist", key).
			WithDetail("code: 8001")
	}
	if o.Format == JSON || o.Format == Avro {
		if j.mapping, err = newMapping(ctx, store, columns, &o); err != nil {
			return nil, err
		}
	}
	return j, nil
}

// List gives the objects under url. Errors: as those of NewJob, but for a prefix without objects.
func List(ctx context.Context, url string, store func(bucket string) (ObjectStore, bool)) ([]Object, error) {
	bucket, key, err := SplitURL(url)
	if err != nil {
		return nil, err
	}
	st, ok := store(bucket)
	if !ok {
		return nil, noSuchBucket(bucket)
	}
	found, err := st.List(ctx, key)
	if err != nil {
		return nil, storeError(url, err)
	}
	return found, nil
}

func noSuchBucket(bucket string) error {
	return sqlstate.Internal.Errorf("S3ServiceException:The specified bucket does not exist,Status 404,Error NoSuchBucket").
		WithDetail("bucket %q is not mapped", bucket).WithHint("map it with the DSN option bucket=%s=DIR, or Config.Buckets", bucket)
}

func storeError(url string, err error) error {
	var e *sqlstate.Error
	switch {
	case errors.As(err, &e):
		return e
	case errors.Is(err, context.Canceled), errors.Is(err, context.DeadlineExceeded):
		return err
	case errors.Is(err, fs.ErrNotExist):
		return noSuchKey(url)
	}
	return sqlstate.Internal.Errorf("S3ServiceException:%v,Status 403,Error AccessDenied", err).WithDetail("code: 8001, %s", url)
}

// Rows is the number of rows loaded so far; Bytes of file content read; Lines scanned.
func (j *Job) Rows() int64 { return j.rows.Load() }

// Size is the bytes of the files as they are stored.
func (j *Job) Size() int64 {
	n := int64(0)
	for i := range j.Files {
		n += max(0, j.Files[i].Size)
	}
	return n
}

// Bytes is the number of bytes read so far, after decompression.
func (j *Job) Bytes() int64 { return j.bytes.Load() }

// Lines is the number of lines scanned.
func (j *Job) Lines() int64 { return j.lines.Load() }

// Errors are the bad rows found so far, the first 100,000.
func (j *Job) Errors() []RowError {
	j.mu.Lock()
	defer j.mu.Unlock()
	return append([]RowError(nil), j.errors...)
}

// BadRows is the number of bad rows found so far.
func (j *Job) BadRows() int {
	j.mu.Lock()
	defer j.mu.Unlock()
	return j.badRows
}

// Reads are the files and parts of files that have been read, in the order in which that ended.
func (j *Job) Reads() []Read {
	j.mu.Lock()
	defer j.mu.Unlock()
	return append([]Read(nil), j.reads...)
}

// Replacements are the rows in which ACCEPTINVCHARS replaced characters, the first 100 of each slice.
func (j *Job) Replacements() []Replacement {
	j.mu.Lock()
	defer j.mu.Unlock()
	return append([]Replacement(nil), j.replacements...)
}

// Progress is how far the slices are, in their order.
func (j *Job) Progress() []Progress {
	j.mu.Lock()
	defer j.mu.Unlock()
	out := make([]Progress, 0, len(j.progress))
	for _, p := range j.progress {
		out = append(out, p)
	}
	slices.SortFunc(out, func(a, b Progress) int { return a.Slice - b.Slice })
	return out
}

// done records that a reader is through with a piece.
func (j *Job) done(r Read) {
	j.mu.Lock()
	defer j.mu.Unlock()
	r.End = time.Now()
	j.reads = append(j.reads, r)
}

// bad records a bad row; it gives the error that ends the COPY when MAXERROR is reached.
// MAXERROR 0 and 1 are the same: https://docs.aws.amazon.com/redshift/latest/dg/copy-parameters-data-load.html#copy-maxerror
func (j *Job) bad(e RowError) error {
	j.mu.Lock()
	defer j.mu.Unlock()
	e.Time, e.TableName = time.Now().UTC(), j.Table
	if j.badRows++; j.badRows <= maxLogged {
		j.errors = append(j.errors, e)
	}
	if j.badRows >= j.Options.most() {
		return j.failure()
	}
	return nil
}

func (j *Job) failure() error {
	if j.Options.Rules != nil {
		if n := len(j.errors); n > 0 {
			e := &j.errors[n-1]
			return scanError(15007, "%s. Column: %s, Data: %s, File name: %s", e.Reason, e.Column, e.RawField, e.File)
		}
		return scanError(15007, "The scan of table %s failed", j.Table)
	}
	return sqlstate.Internal.Errorf("Load into table '%s' failed.  Check 'stl_load_errors' system table for details.", j.Table)
}

// Open gives the reader of a slice's files, or parts of files: every slices-th one.
// https://docs.aws.amazon.com/redshift/latest/dg/c_best-practices-use-multiple-files.html
func (j *Job) Open(slice, slices int) (*Reader, error) {
	if err := j.deal(slices); err != nil {
		return nil, err
	}
	r := newReader(j, slice)
	for i := slice; i < len(j.pieces); i += slices {
		p := j.pieces[i]
		r.pieces = append(r.pieces, p)
		r.progress.Size += p.size
	}
	r.progress.Slice, r.progress.Files = slice, len(r.pieces)
	r.tell()
	return r, nil
}

// decompressError is what COPY says of a file that is not compressed as it was told.
func decompressError(url string, err error) error {
	return sqlstate.Internal.Errorf("The file %s cannot be decompressed: %s", url, strings.TrimPrefix(err.Error(), "gzip: ")).
		WithDetail("code: 8001")
}

// Notices are the INFO lines of a COPY that ended well: what was loaded, what could not be, and in how many rows characters were replaced.
// https://docs.aws.amazon.com/redshift/latest/dg/r_COPY_command_examples.html
func (j *Job) Notices() []string {
	out := []string{fmt.Sprintf("Load into table '%s' completed, %d record(s) loaded successfully.", j.Table, j.Rows())}
	if n := j.BadRows(); n > 0 {
		out = append(out, fmt.Sprintf("Load into table '%s' completed, %d record(s) could not be loaded.  Check 'stl_load_errors' system table for details.", j.Table, n))
	}
	if n := j.replacedRows.Load(); n > 0 {
		out = append(out, fmt.Sprintf("Load into table '%s' completed, %d record(s) were loaded with replacements made for ACCEPTINVCHARS. Check 'stl_replacements' system table for details.", j.Table, n))
	}
	return out
}
