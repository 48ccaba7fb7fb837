package load

import (
	"bytes"
	"io"
	"strings"
	"time"
	"unsafe"

	"github.com/redshiftsim/redshiftsim/internal/vector"
)

// chunk is how much of a file is held at once; a record longer than it makes the buffer grow, up to maxRecord.
const (
	chunk     = 256 << 10
	maxRecord = 64 << 20
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
	quoted  []bool // the field was in quotes: it is no NULL string
	conv    []convert
	columns []*vector.Vector // of the batch, used again for the next
	arena   []byte           // texts of batches; what was handed out is never written again
	cell    []byte           // scratch of unescaping
	read    Read             // of the piece in hand
}

func newReader(j *Job, slice int) *Reader {
	r := &Reader{job: j, slice: slice, conv: make([]convert, len(j.Columns)), columns: make([]*vector.Vector, len(j.Columns))}
	for i := range j.Columns {
		r.conv[i] = converter(&j.Columns[i], &j.Options, j.Zone)
		r.columns[i] = &vector.Vector{Type: j.Columns[i].Type}
	}
	return r
}

// Close closes the file in hand.
func (r *Reader) Close() error {
	if r.in != nil {
		err := r.in.Close()
		r.in = nil
		r.job.done(r.read)
		return err
	}
	return nil
}

// Next makes b a batch of up to vector.Size rows; 0 = the end. The vectors are the reader's and good until the next call; the texts in them stay.
func (r *Reader) Next(b *vector.Batch) (int, error) {
	for {
		n, err := r.fillBatch(b)
		if err != nil || n == 0 {
			return 0, err
		}
		r.job.rows.Add(int64(n))
		if !r.job.Options.NoLoad {
			return n, nil
		}
	}
}

// fillBatch parses rows until b is full or there are none.
func (r *Reader) fillBatch(b *vector.Batch) (int, error) {
	j := r.job
	b.Sel = nil
	b.Columns = append(b.Columns[:0], r.columns...)
	for _, c := range r.columns {
		c.Reset(vector.Size)
	}
	n, lines := 0, int64(0)
	defer func() { j.lines.Add(lines) }()
	for n < vector.Size {
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
		if bad := r.row(rec, b, n); bad != nil {
			for _, c := range b.Columns { // the row's cells may be half written
				if c.Nulls != nil {
					c.Nulls[n>>6] &^= 1 << (uint(n) & 63)
				}
			}
			if err := j.bad(r.located(bad, rec)); err != nil {
				return 0, err
			}
			continue
		}
		n++
	}
	for _, c := range b.Columns {
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
	b.Len = n
	return n, nil
}

// located completes a bad row: whose it is and where it stood.
func (r *Reader) located(bad *RowError, rec []byte) RowError {
	p := r.pieces[r.next-1]
	if r.before < 0 {
		r.before = r.job.linesBefore(p.file, r.skipped)
	}
	bad.Slice, bad.Line = r.slice, r.before+r.line
	bad.File = r.job.url(p.file)
	bad.RawLine = clip(strings.ToValidUTF8(string(rec), "?"), 1024)
	return *bad
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
			if err := r.open(&r.pieces[r.next]); err != nil {
				return nil, false, err
			}
		}
		if r.to < 0 || r.start+int64(r.lo) < r.to {
			rec, ok, err = r.cut(false)
			if err != nil || ok {
				return rec, ok, err
			}
		}
		if err := r.Close(); err != nil {
			return nil, false, err
		}
	}
}

// open opens a piece and goes to its first record.
func (r *Reader) open(p *piece) (err error) {
	if r.in, err = r.job.open(r.job.Files[p.file]); err != nil {
		return err
	}
	r.next++
	r.read = Read{Slice: r.slice, File: r.job.url(p.file), Partial: p.from > 0 || p.to >= 0, Offset: p.from, Start: time.Now()}
	r.lo, r.hi, r.start, r.to, r.eof, r.line, r.lines, r.skipped, r.before = 0, 0, 0, p.to, false, 0, 0, 0, 0
	if p.from == 0 {
		for h, more := 0, true; h < r.job.Options.IgnoreHeader && more; h++ {
			if _, more, err = r.cut(false); err != nil {
				return err
			}
		}
		return nil
	}
	// The byte before the piece may be the line end of the record before it.
	if _, err = r.in.(io.Seeker).Seek(p.from-1, io.SeekStart); err != nil {
		return storeError(r.job.url(p.file), err)
	}
	r.start = p.from - 1
	if _, _, err = r.cut(p.quoted); err != nil {
		return err
	}
	r.skipped, r.before, r.line, r.lines = r.start+int64(r.lo), -1, 0, 0
	return nil
}

// cut takes one record off the file in hand. inQuotes says that it begins within quotes, which only what is cut off a piece's beginning does.
func (r *Reader) cut(inQuotes bool) (rec []byte, ok bool, err error) {
	scanned := 0
	escaped := false
	r.line += r.lines + 1
	r.lines = 0
	o := &r.job.Options
	for {
		window := r.buf[r.lo+scanned : r.hi]
		end := -1
		switch {
		case o.Format == CSV:
			// A quote toggles; a doubled quote toggles twice, so a line end counts only outside.
			for i := 0; i < len(window); {
				if !inQuotes {
					k := bytes.IndexByte(window[i:], '\n')
					q := bytes.IndexByte(window[i:min(len(window), i+max(k, 0)+btoi(k < 0)*len(window))], o.Quote)
					if q >= 0 {
						inQuotes = true
						i += q + 1
						continue
					}
					if k >= 0 {
						end = i + k
					}
					break
				}
				q := bytes.IndexByte(window[i:], o.Quote)
				if q < 0 {
					r.lines += int64(bytes.Count(window[i:], nl))
					break
				}
				r.lines += int64(bytes.Count(window[i:i+q], nl))
				inQuotes = false
				i += q + 1
			}
		case o.Escape:
			for i, c := range window {
				if escaped {
					escaped = false
					if c == '\n' {
						r.lines++
					}
				} else if c == '\\' {
					escaped = true
				} else if c == '\n' {
					end = i
					break
				}
			}
		default:
			end = bytes.IndexByte(window, '\n')
		}
		if end >= 0 {
			rec = r.buf[r.lo : r.lo+scanned+end]
			r.lo += scanned + end + 1
			if n := len(rec); n > 0 && rec[n-1] == '\r' {
				rec = rec[:n-1]
			}
			return rec, true, nil
		}
		scanned += len(window)
		if r.eof {
			rec = r.buf[r.lo:r.hi]
			r.lo = r.hi
			return rec, len(rec) > 0, nil
		}
		if err := r.fill(); err != nil {
			return nil, false, err
		}
	}
}

var nl = []byte{'\n'}

func btoi(b bool) int {
	if b {
		return 1
	}
	return 0
}

// fill reads more of the file behind the unread part.
func (r *Reader) fill() error {
	if err := r.job.ctx.Err(); err != nil {
		return err
	}
	if r.lo > 0 {
		copy(r.buf, r.buf[r.lo:r.hi])
		r.start += int64(r.lo)
		r.lo, r.hi = 0, r.hi-r.lo
	}
	if r.hi == len(r.buf) {
		size := max(chunk, 2*len(r.buf))
		if size > maxRecord {
			return r.job.failure()
		}
		buf := make([]byte, size)
		copy(buf, r.buf[:r.hi])
		r.buf = buf
	}
	n, err := r.in.Read(r.buf[r.hi:])
	if r.hi == 0 && r.start == 0 && r.line == 1 && n >= 3 && bytes.HasPrefix(r.buf, bom) { // a byte order mark is no data
		copy(r.buf, r.buf[3:n])
		r.job.bytes.Add(3)
		r.read.Bytes += 3
		r.start += 3
		n -= 3
	}
	r.hi += n
	r.job.bytes.Add(int64(n))
	r.read.Bytes += int64(n)
	if err == io.EOF {
		r.eof = true
		return nil
	}
	if err != nil {
		return decompressError(r.job.url(r.pieces[r.next-1].file), err)
	}
	return nil
}

var bom = []byte{0xEF, 0xBB, 0xBF}

// row splits rec and writes its fields to row n of b.
func (r *Reader) row(rec []byte, b *vector.Batch, n int) *RowError {
	j, o := r.job, &r.job.Options
	if bad := r.split(rec); bad != nil {
		return bad
	}
	have, want := len(r.fields), len(j.Columns)
	if have > want {
		// One empty field after the last delimiter is ignored: dbgen's .tbl files end each line with one.
		if have != want+1 || len(r.fields[want]) != 0 || o.Format == CSV {
			return &RowError{Code: 1202, Reason: "Extra column(s) found", Position: offset(rec, r.fields[want])}
		}
	}
	if have < want && !o.FillRecord {
		return &RowError{Code: 1214, Reason: "Delimiter not found", Position: len(rec), Column: j.Columns[have].Name, ColType: j.Columns[have].Type.InternalName()}
	}
	for i := range j.Columns {
		col := b.Columns[i]
		if i >= have { // FILLRECORD: NULL, or an empty string for text
			if j.Columns[i].Type.IsText() {
				col.Texts[n] = ""
			} else if bad := r.null(i, col, n, nil); bad != nil {
				return bad
			}
			continue
		}
		f := r.fields[i]
		isNull := !r.quoted[i] && len(f) == len(o.Null) && string(f) == o.Null
		text := j.Columns[i].Type.IsText()
		if !isNull {
			if len(f) == 0 {
				isNull = !text || o.EmptyAsNull
			} else if f[0] <= ' ' && (!text || o.BlanksAsNull) {
				isNull = len(bytes.TrimSpace(f)) == 0
			}
		}
		if isNull {
			if bad := r.null(i, col, n, rec); bad != nil {
				return bad
			}
			continue
		}
		if bad := r.conv[i](r, f, col, n); bad != nil {
			c := &j.Columns[i]
			bad.Column, bad.ColType, bad.RawField = c.Name, c.Type.InternalName(), clip(strings.ToValidUTF8(string(f), "?"), 1024)
			if c.Type.Len > 0 {
				bad.ColLength = itoa(int(c.Type.Len))
			}
			if bad.Position == 0 {
				bad.Position = offset(rec, f)
			}
			return bad
		}
	}
	return nil
}

// null writes NULL, unless the column forbids it.
func (r *Reader) null(i int, col *vector.Vector, n int, rec []byte) *RowError {
	c := &r.job.Columns[i]
	if c.NotNull {
		return &RowError{Code: 1213, Reason: "Missing data for not-null field", Column: c.Name, ColType: c.Type.InternalName(), Position: len(rec)}
	}
	col.SetNull(n)
	return nil
}

// offset is where field begins in rec, 0 when it was rewritten.
func offset(rec, field []byte) int {
	if len(rec) == 0 || cap(field) == 0 {
		return 0
	}
	a, b := uintptr(unsafe.Pointer(unsafe.SliceData(rec))), uintptr(unsafe.Pointer(unsafe.SliceData(field)))
	if b < a || b > a+uintptr(len(rec)) {
		return 0
	}
	return int(b - a)
}

// keep copies text into the arena and gives it as a string.
func (r *Reader) keep(f []byte) string {
	if len(f) == 0 {
		return ""
	}
	if cap(r.arena)-len(r.arena) < len(f) {
		r.arena = make([]byte, 0, max(len(f), min(256<<10, max(4<<10, 2*cap(r.arena)))))
	}
	at := len(r.arena)
	r.arena = append(r.arena, f...)
	return unsafe.String(&r.arena[at], len(f))
}
