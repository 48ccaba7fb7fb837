package load

import (
	"compress/bzip2"
	"compress/gzip"
	"context"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"strings"
	"sync"
	"sync/atomic"
	"time"

	"github.com/klauspost/compress/zstd"

	"github.com/redshiftsim/redshiftsim/internal/sqlstate"
	"github.com/redshiftsim/redshiftsim/internal/types"
)

// Column is a column that a COPY fills.
type Column struct {
	Name    string
	Type    types.Type
	NotNull bool
}

// RowError is a bad row, as STL_LOAD_ERRORS shows it.
// https://docs.aws.amazon.com/redshift/latest/dg/r_STL_LOAD_ERRORS.html
type RowError struct {
	Slice      int
	File       string // s3://bucket/key
	Line       int64  // 1-based
	Column     string
	ColType    string
	ColLength  string
	Position   int // of the field in the line
	RawLine    string
	RawField   string
	Code       int
	Reason     string
	Time       time.Time
	TableName  string
	LineOffset int64
}

// Read is what a slice read of a file, or of a part of one, as STL_LOAD_COMMITS and STL_FILE_SCAN show it.
// https://docs.aws.amazon.com/redshift/latest/dg/r_STL_LOAD_COMMITS.html
type Read struct {
	Slice      int
	File       string // s3://bucket/key
	Partial    bool   // the file was cut into parts
	Offset     int64  // at which the part begins
	Lines      int64  // records, without the header
	Bytes      int64  // after decompression
	Start, End time.Time
}

// Job is one COPY: what to read, how, and what went wrong. It is shared by the slices' readers.
type Job struct {
	Table   string
	Columns []Column
	Options Options
	Store   ObjectStore
	Bucket  string
	Files   []Object
	Zone    *time.Location // of timestamptz text without an offset

	ctx      context.Context
	minPiece int64 // minPiece, smaller in tests
	dealt    sync.Once
	pieces   []piece
	dealErr  error

	mu     sync.Mutex
	errors []RowError
	reads  []Read
	rows   atomic.Int64
	bytes  atomic.Int64
	lines  atomic.Int64
}

// NewJob lists the objects under url and prepares a COPY of them. Errors: XX000 with S3's words where the bucket or the prefix is missing.
func NewJob(ctx context.Context, url string, store func(bucket string) (ObjectStore, bool), table string, columns []Column, o Options) (*Job, error) {
	bucket, key, err := SplitURL(url)
	if err != nil {
		return nil, err
	}
	st, ok := store(bucket)
	if !ok {
		return nil, sqlstate.Internal.Errorf("S3ServiceException:The specified bucket does not exist,Status 404,Error NoSuchBucket").
			WithDetail("bucket %q is not mapped", bucket).WithHint("map it with the DSN option bucket=%s=DIR, or Config.Buckets", bucket)
	}
	var files []Object
	if o.Manifest {
		files, err = manifest(ctx, st, bucket, key)
	} else {
		files, err = st.List(ctx, key)
	}
	if err != nil {
		return nil, storeError(url, err)
	}
	if len(files) == 0 {
		return nil, sqlstate.Internal.Errorf("The specified S3 prefix '%s' does not exist", key).
			WithDetail("code: 8001")
	}
	if o.Format == FixedWidth && len(o.Widths) != len(columns) {
		return nil, sqlstate.InvalidParameterValue.Errorf("FIXEDWIDTH names %d columns, the target has %d", len(o.Widths), len(columns))
	}
	return &Job{Table: table, Columns: columns, Options: o, Store: st, Bucket: bucket, Files: files, Zone: time.UTC, ctx: ctx, minPiece: minPiece}, nil
}

func storeError(url string, err error) error {
	var e *sqlstate.Error
	if errors.As(err, &e) {
		return e
	}
	return sqlstate.Internal.Errorf("S3ServiceException:%v,Status 403,Error AccessDenied", err).WithDetail("code: 8001, reading %s", url)
}

// Rows is the number of rows loaded so far; Bytes of file content read; Lines scanned.
func (j *Job) Rows() int64 { return j.rows.Load() }

// Bytes is the number of bytes read so far, after decompression.
func (j *Job) Bytes() int64 { return j.bytes.Load() }

// Lines is the number of lines scanned.
func (j *Job) Lines() int64 { return j.lines.Load() }

// Errors are the bad rows found so far.
func (j *Job) Errors() []RowError {
	j.mu.Lock()
	defer j.mu.Unlock()
	return append([]RowError(nil), j.errors...)
}

// Reads are the files and parts of files that have been read, in the order in which that ended.
func (j *Job) Reads() []Read {
	j.mu.Lock()
	defer j.mu.Unlock()
	return append([]Read(nil), j.reads...)
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
	j.errors = append(j.errors, e)
	if len(j.errors) >= max(1, j.Options.MaxError) {
		return j.failure()
	}
	return nil
}

func (j *Job) failure() error {
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
		r.pieces = append(r.pieces, j.pieces[i])
	}
	return r, nil
}

// url is how a file is named in messages.
func (j *Job) url(file int) string { return "s3://" + j.Bucket + "/" + j.Files[file].Name }

// open opens an object and undoes its compression.
func (j *Job) open(f Object) (io.ReadCloser, error) {
	url := "s3://" + j.Bucket + "/" + f.Name
	rc, err := j.Store.Open(j.ctx, f.Name)
	if err != nil {
		if errors.Is(err, fs.ErrNotExist) {
			return nil, noSuchKey(url)
		}
		return nil, storeError(url, err)
	}
	var in io.Reader
	switch j.Options.Compression {
	case None:
		return rc, nil
	case Gzip:
		in, err = gzip.NewReader(rc)
	case Bzip2:
		in = bzip2.NewReader(rc)
	case Zstd:
		var d *zstd.Decoder
		if d, err = zstd.NewReader(rc, zstd.WithDecoderConcurrency(1)); err == nil {
			in = d.IOReadCloser()
		}
	}
	if err != nil {
		rc.Close()
		return nil, decompressError(url, err)
	}
	return struct {
		io.Reader
		io.Closer
	}{in, rc}, nil
}

func decompressError(url string, err error) error {
	return sqlstate.Internal.Errorf("The file %s cannot be decompressed: %s", url, strings.TrimPrefix(err.Error(), "gzip: ")).
		WithDetail("code: 8001")
}

// Compressed names the compression in messages.
func (c Compression) String() string {
	switch c {
	case Gzip:
		return "GZIP"
	case Bzip2:
		return "BZIP2"
	case Zstd:
		return "ZSTD"
	}
	return "none"
}

// Notices are the INFO lines of a COPY that ended well: what was loaded, and what could not be.
// https://docs.aws.amazon.com/redshift/latest/dg/r_COPY_command_examples.html
func (j *Job) Notices() []string {
	out := []string{fmt.Sprintf("Load into table '%s' completed, %d record(s) loaded successfully.", j.Table, j.Rows())}
	if n := len(j.Errors()); n > 0 {
		out = append(out, fmt.Sprintf("Load into table '%s' completed, %d record(s) could not be loaded.  Check 'stl_load_errors' system table for details.", j.Table, n))
	}
	return out
}
