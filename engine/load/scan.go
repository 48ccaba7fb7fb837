package load

import (
	"context"
	"errors"
	"io/fs"
	"math"
	"path"
	"strings"
	"time"

	"github.com/redshiftsim/redshiftsim/internal/sqlstate"
	"github.com/redshiftsim/redshiftsim/internal/types"
	"github.com/redshiftsim/redshiftsim/internal/vector"
)

// Action is what the scan of an external table does with a value that its column cannot hold.
// https://docs.aws.amazon.com/redshift/latest/dg/r_CREATE_EXTERNAL_TABLE.html
type Action uint8

// Actions. Nearest gives the value of the column's type that is nearest.
const (
	ToNull Action = iota
	Nearest
	Truncate
	Replace
	DropRow // each value of the row becomes NULL
	SkipRow // there is no such row
	Fail
)

// actionNames are the actions as SVL_SPECTRUM_SCAN_ERROR has them.
var actionNames = [...]string{"SET_TO_NULL", "OVERFLOW_VALUE", "TRUNCATE", "REPLACE", "DROP_ROW", "DROP_ROW", "FAIL"}

// String names the action.
// https://docs.aws.amazon.com/redshift/latest/dg/r_SVL_SPECTRUM_SCAN_ERROR.html
func (a Action) String() string { return actionNames[a] }

// Rules say how the scan of an external table differs from COPY: a value that its column cannot hold does not fail the statement.
// https://docs.aws.amazon.com/redshift/latest/dg/r_CREATE_EXTERNAL_TABLE_usage.html#r_CREATE_EXTERNAL_TABLE_usage-data-handling
type Rules struct {
	Surplus  Action // a text that is too long
	Bytes    Action // a VARBYTE that is too long
	Invalid  Action // a text that is no UTF-8
	Overflow Action // a number that is too large
	Count    Action // a line with too few values, or too many: ToNull, Fail, SkipRow
	Named    bool   // the actions were asked for: a log says so
	Most     int    // spectrum_query_maxerror; < 0 = no bound
	Regexp   *Regexp
	ByName   bool // Parquet: columns are matched by name
	Bounds   []Bound
}

// ScanError is a value that Rules have changed, as SVL_SPECTRUM_SCAN_ERROR shows it.
// https://docs.aws.amazon.com/redshift/latest/dg/r_SVL_SPECTRUM_SCAN_ERROR.html
type ScanError struct {
	File     string // s3://bucket/key
	Offset   int64  // of the row in the file; -1 where rows have none
	Row      int64  // 0-based
	Column   string
	Original string
	Modified string
	Trigger  string
	Action   Action
	Code     int
}

// scanErrorsKept is how many of them a query keeps.
// https://docs.aws.amazon.com/redshift/latest/dg/r_SVL_SPECTRUM_SCAN_ERROR.html
const scanErrorsKept = 10

// NewScan prepares the scan of files by an external table.
func NewScan(ctx context.Context, table string, columns []Column, o Options, files []File) (*Job, error) {
	j := &Job{Table: table, Columns: columns, Options: o, Files: files, Zone: time.UTC, ctx: ctx, minPiece: minPiece, progress: map[int]Progress{}}
	if o.Format == JSON || o.Format == Avro {
		var err error
		if j.mapping, err = newMapping(ctx, nil, columns, &o); err != nil {
			return nil, err
		}
	}
	return j, nil
}

// Locate lists the files of an external table or of a partition: those of a folder and its subfolders that are not hidden, or those that a manifest names.
// A folder need not be there. Errors: XX000 with S3's words where the bucket is missing.
// https://docs.aws.amazon.com/redshift/latest/dg/c-spectrum-external-tables.html
func Locate(ctx context.Context, location string, columnar bool, store func(bucket string) (ObjectStore, bool)) ([]File, error) {
	st, bucket, key, err := Find(location, store)
	if err != nil {
		return nil, err
	}
	if key != "" && !strings.HasSuffix(key, "/") {
		switch _, err := stat(ctx, st, key); {
		case err == nil:
			return manifest(ctx, store, location, columnar)
		case !errors.Is(err, fs.ErrNotExist):
			return nil, storeError(location, err)
		}
		key += "/"
	}
	found, err := st.List(ctx, key)
	if err != nil {
		return nil, storeError(location, err)
	}
	var out []File
	for _, f := range found {
		if !hidden(f.Name[min(len(key), len(f.Name)):]) {
			out = append(out, File{Object: f, Bucket: bucket, store: st})
		}
	}
	return out, nil
}

// hidden says whether a file, or a folder that it is in, is one that scans pass over.
// https://docs.aws.amazon.com/redshift/latest/dg/c-spectrum-external-tables.html
func hidden(name string) bool {
	for _, part := range strings.Split(name, "/") {
		if strings.HasPrefix(part, ".") || strings.HasPrefix(part, "_") || strings.HasPrefix(part, "#") || strings.HasSuffix(part, "~") {
			return true
		}
	}
	return strings.HasSuffix(name, "/") // a folder that S3's console has made
}

// Packed is the compression that the end of a file's name tells. Errors: 0A000 of one that is not read.
// https://docs.aws.amazon.com/redshift/latest/dg/c-spectrum-data-files.html#c-spectrum-data-files-compression
func Packed(name string) (Compression, error) {
	switch path.Ext(name) {
	case ".gz":
		return Gzip, nil
	case ".bz2":
		return Bzip2, nil
	case ".snappy":
		return None, sqlstate.Unbuilt("SELECT", "text files compressed with SNAPPY")
	}
	return None, nil
}

// packed is the compression of a file: its own, or that of all.
func (j *Job) packed(f *File) Compression {
	if f.Compression != None {
		return f.Compression
	}
	return j.Options.Compression
}

// File is the file from which the last batch came.
func (r *Reader) File() *File { return &r.job.Files[r.pieces[r.next-1].file] }

// ScanErrors are the first values that Rules have changed.
func (j *Job) ScanErrors() []ScanError {
	j.mu.Lock()
	defer j.mu.Unlock()
	return append([]ScanError(nil), j.scanErrors...)
}

// act does with a value of a row, of a column or of a part c of column i, what the rules say. skip = the row is passed over; all = each of its values becomes NULL.
func (r *Reader) act(bad *RowError, f []byte, i int, c *Column, col *vector.Vector, n int) (skip, all bool, err error) {
	if o := bad.done; o != nil {
		return o.skip, o.all, o.err
	}
	rules := r.job.Options.Rules
	e := ScanError{Column: c.Name, Original: clip(strings.ToValidUTF8(string(f), "?"), 128), Trigger: "UNSPECIFIED", Action: ToNull, Code: bad.Code}
	named := ""
	switch {
	case bad.Code == 1204 && c.Type.Kind == types.Varbyte:
		e.Action, e.Code, named = rules.Bytes, 156, "SURPLUS_BYTES_HANDLING"
	case bad.Code == 1204:
		e.Action, e.Code, named = rules.Surplus, 156, "SURPLUS_CHAR_HANDLING"
	case bad.Code == 1220:
		e.Action, named = rules.Invalid, "INVALID_CHAR_HANDLING"
	case bad.Code == 1222:
		e.Action, e.Code, named = rules.Overflow, 199, "NUMERIC_OVERFLOW_HANDLING"
	}
	if rules.Named && named != "" {
		e.Trigger = named
	}
	switch e.Action {
	case ToNull:
		col.SetNull(n)
	case Nearest:
		e.Modified = nearest(c.Type, f, col, n)
	case Truncate:
		o := Options{TruncateColumns: true}
		if again := converter(c, i, &o, r.job.Zone)(r, f, col, n); again != nil { // what is cut is no UTF-8 either
			col.SetNull(n)
		} else if c.Type.Kind != types.Varbyte {
			e.Modified = col.Texts[n]
		}
	case Replace:
		o := Options{TruncateColumns: rules.Surplus == Truncate, AcceptInvChars: true, InvChar: r.job.Options.InvChar}
		if again := varying(c.Type, &o, i)(r, f, col, n); again != nil {
			r.replaced = -1
			return r.act(again, f, i, c, col, n)
		}
		r.replaced = -1
		e.Modified = col.Texts[n]
	case DropRow:
		all = true
	case SkipRow:
		skip = true
	case Fail:
	}
	return skip, all, r.noteError(e, bad)
}

// noteError records what was done with a value. The error is the query's, of an action that fails it, or when there were more than it may meet.
// https://docs.aws.amazon.com/redshift/latest/dg/r_spectrum_query_maxerror.html
func (r *Reader) noteError(e ScanError, bad *RowError) error {
	j := r.job
	j.mu.Lock()
	defer j.mu.Unlock()
	e.File, e.Row, e.Offset = r.read.File, max(0, r.read.Lines-1), -1
	if len(j.scanErrors) < scanErrorsKept {
		j.scanErrors = append(j.scanErrors, e)
	}
	j.badRows++
	switch most := j.Options.Rules.Most; {
	case e.Action == Fail:
		return scanError(15007, "%s. Column: %s, Data: %s, File name: %s", bad.Reason, e.Column, e.Original, e.File)
	case most >= 0 && j.badRows > most:
		return scanError(15007, "The query has met more errors than spectrum_query_maxerror allows: %d. Column: %s, Data: %s, File name: %s", most, e.Column, e.Original, e.File)
	}
	return nil
}

// nearest writes the value of a number's type that is nearest to one that is too large, and gives it as text.
func nearest(t types.Type, f []byte, col *vector.Vector, n int) string {
	negative := len(f) > 0 && strings.HasPrefix(strings.TrimSpace(string(f)), "-")
	var d types.Datum
	switch t.Kind {
	case types.Int2, types.Int4, types.Int8:
		d = types.Datum{Type: t, Int: map[types.Kind]int64{types.Int2: math.MaxInt16, types.Int4: math.MaxInt32, types.Int8: math.MaxInt64}[t.Kind]}
		if negative {
			d.Int = -d.Int - 1
		}
	default: // of decimals: all digits are nines
		v := types.Pow10(int(t.Prec)).AddInt64(-1)
		if negative {
			v = v.Neg()
		}
		d = types.Datum{Type: t, Wide: v}
		if t.Lane() != types.LaneWide {
			d.Int, _ = v.Int64()
		}
	}
	col.Set(n, d)
	return d.String()
}

// lenientRow is row by Rules: skip = there is no such row.
func (r *Reader) lenientRow(rec []byte, b *vector.Batch, n int) (skip bool, err error) {
	j, rules := r.job, r.job.Options.Rules
	r.replaced = -1
	if bad := r.split(rec); bad != nil {
		if rules.Regexp != nil || j.Options.IgnoreErrors {
			return false, r.allNull(b, n)
		}
		return false, scanError(15007, "%s. File name: %s", bad.Reason, r.read.File)
	}
	have, want := len(r.fields), len(j.Columns)
	if have != want && rules.Count != ToNull {
		bad := &RowError{Code: 1202, Reason: "The number of values is not the number of columns"}
		e := ScanError{Original: clip(strings.ToValidUTF8(string(rec[:min(len(rec), 128)]), "?"), 128), Trigger: "COLUMN_COUNT_MISMATCH_HANDLING", Action: rules.Count, Code: bad.Code}
		return rules.Count == SkipRow, r.noteError(e, bad)
	}
	for i := range j.Columns {
		col := b.Columns[i]
		switch {
		case j.Columns[i].Skip:
			continue
		case i >= have:
			col.SetNull(n)
			continue
		}
		bad := r.field(i, r.fields[i], r.kinds[i], col, n)
		if bad == nil {
			continue
		}
		clearNull(col, n)
		skip, all, err := r.act(bad, r.fields[i], i, &r.job.Columns[i], col, n)
		switch {
		case skip || err != nil:
			return true, err
		case all:
			return false, r.allNull(b, n)
		}
	}
	return false, nil
}

// allNull makes each value of row n NULL.
func (r *Reader) allNull(b *vector.Batch, n int) error {
	for _, c := range b.Columns {
		c.SetNull(n)
	}
	return nil
}

// nothing is the conversion of a column that nobody reads.
func nothing(*Reader, []byte, *vector.Vector, int) *RowError { return nil }
