package load

import (
	"errors"
	"io"
	"strings"
	"time"

	"github.com/dlclark/regexp2"

	"github.com/redshiftsim/redshiftsim/internal/vector"
)

// chunk is how much of a file is held at once; a record longer than it makes the buffer grow, up to maxRecord, which is the longest row that COPY loads.
// https://docs.aws.amazon.com/redshift/latest/dg/r_COPY.html
const (
	chunk     = 256 << 10
	maxRecord = 4 << 20
)

// fieldKind says what a field is besides its text.
type fieldKind uint8

const (
	plainField  fieldKind = iota
	quotedField           // it was in quotes: it is no NULL string
	nullField             // it is NULL, or not there
)

// Reader yields the rows of one slice's pieces of files.
type Reader struct {
	job     *Job
	slice   int
	pieces  []piece
	next    int // piece to be opened
	in      io.ReadCloser
	buf     []byte
	lo, hi  int   // unread part of buf
	start   int64 // file offset of buf[0]
	to      int64 // records from here on are another piece's; < 0 = none are
	skipped int64 // offset at which the piece's first record begins
	eof     bool
	line    int64 // number of the record's first line, from skipped on
	lines   int64 // line breaks seen within records
	before  int64 // lines before skipped, < 0 = not counted yet
	fields  [][]byte
	kinds   []fieldKind
	conv    []convert
	columns []*vector.Vector // of the batch, used again for the next
	arena   []byte           // texts of batches; what was handed out is never written again
	cell    []byte           // scratch of unescaping
	keys    []jsonKey        // of the JSON records so far, in their order
	key     int              // next of them
	read    Read             // of the piece in hand
	avro    *avroFile        // the file in hand, of records that are no text
	shapes  *shapeFile
	parquet *parquetFile

	progress Progress
	windowed bool
	window   window
	texts    []codedColumn // by column

	most    int             // bytes of a row
	have    int             // rows of the batch in hand
	regexp  *regexp2.Regexp // of RegexSerDe
	dropped []int           // rows of the batch in hand that become NULL
	text    []byte          // scratch of the JSON of a nested column

	nestedDrop bool // a value within a nested column makes its row one of NULLs

	replaced int // column whose invalid characters were replaced in the row in hand, -1 = none
	logged   int // replacements that were recorded
}

func newReader(j *Job, slice int) *Reader {
	r := &Reader{job: j, slice: slice, conv: make([]convert, len(j.Columns)), columns: make([]*vector.Vector, len(j.Columns)), most: longest(j.Columns), replaced: -1, windowed: j.Options.windowed() && !j.slow}
	for i := range j.Columns {
		if r.columns[i] = (&vector.Vector{Type: j.Columns[i].Type}); j.Columns[i].Skip {
			r.conv[i] = nothing
			continue
		}
		r.conv[i] = converter(&j.Columns[i], i, &j.Options, j.Zone)
		if t := j.Columns[i].Nested; t != nil {
			r.conv[i] = newNestedText(&j.Columns[i], i, &j.Options, j.Zone).convert
		}
		if i == 0 && j.Options.Format == Shapefile {
			r.conv[i] = stored
		}
	}
	if r.windowed {
		r.window.begin(r)
		r.texts = newTexts(&r.window, r.columns)
	}
	return r
}

// Close closes the file in hand.
func (r *Reader) Close() error {
	if r.parquet != nil {
		r.parquet.close()
		r.read.Bytes = r.pieces[r.next-1].size
		if r.job.Options.Rules != nil {
			r.read.Bytes = r.parquet.bytes
		}
		r.parquet = nil
		r.job.bytes.Add(r.read.Bytes)
	}
	if r.in != nil {
		err := r.in.Close()
		r.in = nil
		if r.shapes != nil {
			err = errors.Join(err, r.shapes.closer.Close())
			r.shapes = nil
		}
		if r.job.packed(r.File()) == None && r.job.Options.Encoding == UTF8 {
			r.read.Stored = r.read.Bytes
		}
		r.progress.Lines, r.progress.Bytes, r.progress.Stored = r.progress.Lines+r.read.Lines, r.progress.Bytes+r.read.Bytes, r.progress.Stored+r.read.Stored
		r.progress.Done++
		r.job.done(r.read)
		r.read = Read{File: r.read.File}
		return err
	}
	return nil
}

// Next makes b a batch of up to vector.Size rows; 0 = the end. The vectors are the reader's and good until the next call; the texts in them stay.
func (r *Reader) Next(b *vector.Batch) (int, error) {
	for {
		n, err := r.fillBatch(b)
		r.tell()
		if err != nil || n == 0 {
			return 0, err
		}
		r.job.rows.Add(int64(n))
		if !r.job.Options.NoLoad {
			return n, nil
		}
	}
}

// tell makes known how far the reader is.
func (r *Reader) tell() {
	p := r.progress
	p.Lines, p.Bytes, p.Stored, p.File = p.Lines+r.read.Lines, p.Bytes+r.read.Bytes, p.Stored+r.read.Stored, r.read.File
	r.job.mu.Lock()
	defer r.job.mu.Unlock()
	r.job.progress[r.slice] = p
}

// fillBatch parses rows until b is full or there are none.
func (r *Reader) fillBatch(b *vector.Batch) (int, error) {
	j := r.job
	if j.Options.Format == Parquet {
		return r.fillColumns(b)
	}
	b.Sel = nil
	b.Columns = append(b.Columns[:0], r.columns...)
	for _, c := range r.columns {
		c.Reset(vector.Size)
	}
	n, lines := 0, int64(0)
	defer func() { j.lines.Add(lines) }()
	for n < vector.Size {
		if r.windowed {
			if k := r.takeWindow(b, n); k > 0 {
				n, lines = n+k, lines+int64(k)
				continue
			}
		}
		if r.have = n; n > 0 && r.in == nil && j.Options.Rules != nil { // a batch is of one file
			break
		}
		rec, ok, err := r.record()
		if err != nil {
			return 0, err
		}
		if !ok {
			break
		}
		lines++
		r.read.Lines++
		if len(rec) == 0 && j.Options.IgnoreBlankLines {
			continue
		}
		if j.Options.Rules != nil {
			if skip, err := r.lenientRow(rec, b, n); err != nil {
				return 0, err
			} else if skip {
				for _, c := range b.Columns {
					clearNull(c, n)
				}
				continue
			}
		} else if bad := r.row(rec, b, n); bad != nil {
			for _, c := range b.Columns { // the row's cells may be half written
				clearNull(c, n)
			}
			if err := j.bad(r.located(bad, rec)); err != nil {
				return 0, err
			}
			continue
		}
		if r.replaced >= 0 {
			r.logReplacement(rec)
		}
		for i := range r.texts {
			r.texts[i].again(n)
		}
		n++
	}
	for i, c := range b.Columns {
		shorten(c, n)
		if r.texts != nil {
			b.Columns[i] = r.texts[i].batch(n)
		}
	}
	b.Len = n
	return n, nil
}

// shorten cuts a flat vector to n rows.
func shorten(c *vector.Vector, n int) {
	c.Len = n
	switch {
	case c.Int64s != nil:
		c.Int64s = c.Int64s[:n]
	case c.Texts != nil:
		c.Texts = c.Texts[:n]
	case c.Floats != nil:
		c.Floats = c.Floats[:n]
	case c.Wides != nil:
		c.Wides = c.Wides[:n]
	case c.Bools != nil:
		c.Bools = c.Bools[:n]
	}
	if c.Nulls != nil {
		c.Nulls = c.Nulls[:(n+63)/64]
	}
}

// located completes a bad row: whose it is and where it stood.
func (r *Reader) located(bad *RowError, rec []byte) RowError {
	p := r.pieces[r.next-1]
	bad.Slice, bad.Line = r.slice, r.lineNumber()
	bad.File, bad.Partial, bad.StartOffset = r.read.File, p.cut(), p.from
	bad.RawLine = clip(strings.ToValidUTF8(string(rec[:min(len(rec), 4096)]), "?"), 1024)
	return *bad
}

// lineNumber is the line of the record in hand in its file; of JSON the last one.
func (r *Reader) lineNumber() int64 {
	if r.before < 0 {
		r.before = r.job.linesBefore(r.pieces[r.next-1].file, r.skipped)
	}
	n := r.before + r.line
	if r.job.Options.Format == Parquet {
		return -1
	}
	if r.job.Options.Format == JSON {
		n++
	}
	return n
}

// logReplacement records that ACCEPTINVCHARS changed a row.
// https://docs.aws.amazon.com/redshift/latest/dg/r_STL_REPLACEMENTS.html
func (r *Reader) logReplacement(rec []byte) {
	c := r.job.Columns[r.replaced].Name
	r.replaced = -1
	r.job.replacedRows.Add(1)
	if r.logged++; r.logged > replacementsPerSlice {
		return
	}
	e := Replacement{Slice: r.slice, File: r.read.File, Line: r.lineNumber(), Column: c, RawLine: clip(strings.ToValidUTF8(string(rec[:min(len(rec), 4096)]), "?"), 1024)}
	r.job.mu.Lock()
	defer r.job.mu.Unlock()
	r.job.replacements = append(r.job.replacements, e)
}

func clip(s string, n int) string {
	if len(s) > n {
		return s[:n]
	}
	return s
}

// record gives the next record without its line end; it is valid until the next call. ok is false after the last piece.
func (r *Reader) record() (rec []byte, ok bool, err error) {
	for {
		if r.in == nil {
			if r.next == len(r.pieces) {
				return nil, false, nil
			}
			err = r.open(&r.pieces[r.next])
		}
		if err == nil && (r.to < 0 || r.start+int64(r.lo) < r.to) {
			rec, ok, err = r.nextRecord()
			if ok && err == nil {
				return rec, ok, err
			}
		}
		var bad *badFile
		if errors.As(err, &bad) { // the file is skipped
			err = r.job.bad(r.located(&RowError{Code: bad.code, Reason: bad.reason}, nil))
		}
		if err != nil {
			return nil, false, err
		}
		if err := r.Close(); err != nil {
			return nil, false, err
		}
		if r.have > 0 && r.job.Options.Rules != nil {
			return nil, false, nil
		}
	}
}

// nextRecord takes the next record off the file in hand, as its format has it.
func (r *Reader) nextRecord() (rec []byte, ok bool, err error) {
	switch r.job.Options.Format {
	case JSON:
		return r.cutJSON()
	case Avro:
		var n int64
		rec, n, ok, err = r.avro.next()
		r.line++
		r.read.Bytes += n
		r.job.bytes.Add(n)
		if err == nil {
			err = r.job.ctx.Err()
		}
		return rec, ok, err
	case Shapefile:
		return r.cutShape()
	}
	return r.cut(false)
}

// reading is what is recorded of a piece, before it is read.
func (j *Job) reading(slice int, p *piece) Read {
	return Read{Slice: slice, File: j.Files[p.file].URL(), Partial: p.cut(), Offset: p.from, Start: time.Now()}
}

// open opens a piece and goes to its first record.
func (r *Reader) open(p *piece) (err error) {
	f := &r.job.Files[p.file]
	r.next++
	r.read = r.job.reading(r.slice, p)
	r.lo, r.hi, r.start, r.to, r.eof, r.line, r.lines, r.skipped, r.before = 0, 0, 0, p.to, false, 0, 0, 0, 0
	if r.in, err = r.job.open(f, &r.read.Stored); err != nil {
		return err
	}
	o := &r.job.Options
	if o.Format == Avro {
		r.to = -1
		r.avro, err = openAvro(r.in, f.URL())
		return err
	}
	if o.Format == Shapefile {
		r.to = -1
		r.shapes, err = r.job.openShapes(r.in, f)
		return err
	}
	if p.from == 0 {
		for h, more := 0, true; h < o.IgnoreHeader && more; h++ {
			if _, more, err = r.cut(false); err != nil {
				return err
			}
		}
		return nil
	}
	// The byte before the piece may be the line end of the record before it.
	if _, err = r.in.(io.Seeker).Seek(p.from-1, io.SeekStart); err != nil {
		return storeError(f.URL(), err)
	}
	r.start = p.from - 1
	if _, _, err = r.cut(p.quoted); err != nil {
		return err
	}
	r.skipped, r.before, r.line, r.lines = r.start+int64(r.lo), -1, 0, 0
	return nil
}
