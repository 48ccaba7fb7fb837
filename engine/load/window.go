package load

import (
	"bytes"
	"encoding/binary"
	"math/bits"

	"github.com/redshiftsim/redshiftsim/internal/types"
	"github.com/redshiftsim/redshiftsim/internal/vector"
)

// window is the fast road of delimited text and CSV: the whole records that the buffer holds are cut into fields in one pass, eight bytes at a time, and
// converted a column at a time, into a batch that others share.
//
//	buf   1|Alien|\n2|Brazil|\nx|Cars|\n4|Da     spans   1 Alien | 2 Brazil | x Cars     columns   Int64s  1 2    (x is no digit: the window ends)
//	      ^lo                                                                                    Texts   Alien Brazil
//
// It takes what is plain: a record with another number of fields, doubled quotes, or a value that its column refuses ends the window, and goes the slow
// road of record and row, which alone knows errors.
type window struct {
	spans []span // of all records, by record and field
	rows  int
	end   int // of the last record
	most  int // records to try: fewer after a window that ended early
	lines int // line ends before end
	ascii bool
}

// windowRows are the records of a window: so few that its bytes and spans stay in the processor's nearest caches while one column after the other is read.
const windowRows = 256

// span is where a field lies, from the window's start; inQuotes is added to the end of one that lay in quotes.
type span struct{ from, to uint32 }

const inQuotes = 1 << 31

// of gives the field.
func (s span) of(buf []byte) []byte { return buf[s.from : s.to&^inQuotes] }

// windowed says that the options let records be taken by windows.
func (o *Options) windowed() bool {
	return len(o.Delimiter) == 1 && (o.Format == CSV || o.Format == Delimited && !o.Escape && !o.RemoveQuotes)
}

// ones has each byte 1.
const ones = 0x0101010101010101

// others has the highest bit set of each byte that is not zero in v.
func others(v uint64) uint64 {
	const low = 0x7F * ones
	return v&low + low | v
}

// takeWindow converts the next plain records to rows n.. of b, and gives their number.
func (r *Reader) takeWindow(b *vector.Batch, n int) int {
	w := &r.window
	if w.most == 0 {
		w.most = windowRows
	}
	if r.in == nil || r.lo == r.hi {
		return 0
	}
	r.scan(min(w.most, vector.Size-n))
	good := w.rows
	if good > 0 {
		for i := range b.Columns {
			good = r.fillSpans(i, b.Columns[i], n, good)
		}
	}
	if good < w.rows {
		w.most = max(16, good)
		for _, c := range b.Columns { // rows from the bad one on may be marked
			clearNulls(c, n+good, n+w.rows)
		}
		w.end, w.lines = 0, 0
		if good > 0 {
			last := w.spans[good*len(b.Columns)-1]
			to := int(last.to &^ inQuotes)
			w.end = to + bytes.IndexByte(r.buf[r.lo+to:r.hi], '\n') + 1
			w.lines = bytes.Count(r.buf[r.lo:r.lo+w.end], nl)
		}
	} else {
		w.most = min(windowRows, 2*w.most)
	}
	r.lo += w.end
	r.line, r.lines = r.line+r.lines+int64(w.lines), 0
	r.read.Lines += int64(good)
	return good
}

// clearNulls makes rows from.. to.. not NULL.
func clearNulls(c *vector.Vector, from, to int) {
	for i := from; i < to && c.Nulls != nil; i++ {
		c.Nulls[i>>6] &^= 1 << (uint(i) & 63)
	}
}

// scan finds the fields of at most so many records.
func (r *Reader) scan(most int) {
	w := &r.window
	want := len(r.job.Columns)
	if need := most*want + 1; cap(w.spans) < need {
		w.spans = make([]span, need)
	}
	buf := r.buf[r.lo:r.hi]
	left := len(buf) // records that begin behind it are another piece's
	if r.to >= 0 {
		left = int(min(int64(left), r.to-r.start-int64(r.lo)))
	}
	w.rows, w.end, w.lines = 0, 0, 0
	if left <= 0 {
		return
	}
	if o := &r.job.Options; o.Format == CSV {
		w.scanCSV(buf, left, most, want, o.Delimiter[0], o.Quote)
	} else {
		w.scanDelimited(buf, left, most, want, o.Delimiter[0])
	}
	w.ascii = ascii(buf[:w.end])
}

// word is the eight bytes from p on, zeros behind the last.
func word(buf []byte, p int) uint64 {
	if p+8 <= len(buf) {
		return binary.LittleEndian.Uint64(buf[p:])
	}
	var last [8]byte
	copy(last[:], buf[p:])
	return binary.LittleEndian.Uint64(last[:])
}

// scanDelimited finds the fields of lines that delimiters part.
func (w *window) scanDelimited(buf []byte, left, most, want int, delim byte) {
	spans := w.spans[:most*want+1] // room for an empty field behind the last delimiter, as dbgen writes them
	ds := uint64(delim) * ones
	from, k, end := uint32(0), 0, want // of the field; its span; the end of the line's spans
	for p := 0; p < len(buf); p += 8 {
		v := word(buf, p)
		for m := ^(others(v^ds) & others(v^('\n'*ones))) & (0x80 * ones); m != 0; m &= m - 1 {
			at := p + bits.TrailingZeros64(m)>>3
			if at >= len(buf) {
				return
			}
			if buf[at] == delim {
				if k >= end { // too many fields, or dbgen's last delimiter and something behind it
					return
				}
				spans[k] = span{from, uint32(at)}
				from = uint32(at) + 1
				k++
				continue
			}
			to := at
			if to > int(from) && buf[to-1] == '\r' {
				to--
			}
			switch {
			case k == end-1 && to > w.end:
				spans[k] = span{from, uint32(to)}
			case k == end && to == int(from):
			default:
				return
			}
			w.rows++
			w.lines++
			w.end = at + 1
			from, k = uint32(at)+1, end
			if end += want; w.rows == most || w.end >= left {
				return
			}
		}
	}
}

// scanCSV finds the fields of records of CSV.
func (w *window) scanCSV(buf []byte, left, most, want int, delim, quote byte) {
	spans := w.spans[:most*want]
	ds, qs := uint64(delim)*ones, uint64(quote)*ones
	from, field, k := 0, 0, 0 // of the field, its number, its span
	quoted, inner := uint32(0), 0
	for p := 0; p < len(buf); p += 8 {
		v := word(buf, p)
		for m := ^(others(v^ds) & others(v^('\n'*ones)) & others(v^qs)) & (0x80 * ones); m != 0; m &= m - 1 {
			at := p + bits.TrailingZeros64(m)>>3
			if at >= len(buf) {
				return
			}
			c := buf[at]
			switch {
			case c == delim:
				if field == want {
					return
				}
				to := at
				if quoted != 0 {
					if to--; buf[to] != quote {
						return
					}
				}
				spans[k] = span{uint32(from), uint32(to) | quoted}
				k, field = k+1, field+1
				from, quoted = at+1, 0
			case c == '\n':
				to := at
				if to > from && buf[to-1] == '\r' {
					to--
				}
				if field != want-1 || to <= w.end {
					return
				}
				if quoted != 0 {
					if to--; buf[to] != quote {
						return
					}
				}
				spans[k] = span{uint32(from), uint32(to) | quoted}
				k++
				w.rows++
				w.end, w.lines = at+1, w.lines+inner+1
				from, field, quoted, inner = at+1, 0, 0, 0
				if w.rows == most || w.end >= left {
					return
				}
			case at == from && quoted == 0: // a field in quotes: on to its end
				n := bytes.IndexByte(buf[at+1:], quote)
				if n < 0 {
					return
				}
				end := at + 1 + n
				if end+1 >= len(buf) || buf[end+1] != delim && buf[end+1] != '\n' && buf[end+1] != '\r' {
					return
				}
				inner += bytes.Count(buf[at+1:end], nl)
				from, quoted = at+1, inQuotes
				p = end + 1 - 8 // the loop adds 8
				m = 1           // no more of this word
			default: // a quote within a field
				return
			}
		}
	}
}

// fillSpans converts a column of the window's first rows to rows n.. of col; the result is the first that the column refuses, rows when there is none.
// A field that is not plain goes the way of a cell.
func (r *Reader) fillSpans(i int, col *vector.Vector, n, rows int) int {
	c := &r.job.Columns[i]
	o := &r.job.Options
	buf := r.buf[r.lo:]
	spans := r.window.spans[i:]
	stride := len(r.job.Columns)
	limit := r.limits[i]
	numbers := o.Null == "" || o.Null[0] < '+' || o.Null[0] > '9' // what reads as a number is not NULL
	row := 0
	switch k := c.Type.Kind; {
	case limit > 0 && k == types.Numeric && numbers:
		out, scale := col.Int64s[n:n+rows], int(c.Type.Scale)
		for ; row < rows; row++ {
			s := &spans[row*stride]
			v, ok := fewDecimals(buf, s, scale)
			if !ok {
				v, ok = plainDecimal(s.of(buf), scale)
			}
			if !ok || v >= limit || v <= -limit {
				if !r.cellOf(i, s, col, n+row) {
					return row
				}
				continue
			}
			out[row] = v
		}
	case limit > 0 && numbers:
		out := col.Int64s[n : n+rows]
		for ; row < rows; row++ {
			s := &spans[row*stride]
			v, ok := fewDigits(buf, s)
			if !ok {
				v, ok = plainInteger(s.of(buf))
			}
			if !ok || v >= limit || v < -limit {
				if !r.cellOf(i, s, col, n+row) {
					return row
				}
				continue
			}
			out[row] = v
		}
	case k == types.Date && numbers && (o.DateFormat == "" || o.DateFormat == "auto"):
		out := col.Int64s[n : n+rows]
		for ; row < rows; row++ {
			s := &spans[row*stride]
			v, ok := plainDate(s.of(buf))
			if !ok {
				if !r.cellOf(i, s, col, n+row) {
					return row
				}
				continue
			}
			out[row] = v
		}
	case k == types.Timestamp && numbers && (o.TimeFormat == "" || o.TimeFormat == "auto"):
		out := col.Int64s[n : n+rows]
		for ; row < rows; row++ {
			s := &spans[row*stride]
			v, ok := plainTime(s.of(buf))
			if !ok {
				if !r.cellOf(i, s, col, n+row) {
					return row
				}
				continue
			}
			out[row] = v
		}
	case k == types.Varchar || k == types.Char:
		out := col.Texts[n : n+rows]
		known := &r.known[i]
		known.begin()
		for ; row < rows; row++ {
			s := &spans[row*stride]
			f := s.of(buf)
			t, ok := r.plainText(c.Type, f)
			if !ok || len(f) == len(o.Null) && string(f) == o.Null {
				if !r.cellOf(i, s, col, n+row) {
					return row
				}
				continue
			}
			switch {
			case t == 1:
				out[row] = bytesAsTexts[f[0]]
			case known.off == 0:
				out[row] = known.text(f[:t])
			default:
				out[row] = r.keep(f[:t])
			}
		}
	default:
		for ; row < rows; row++ {
			if !r.cellOf(i, &spans[row*stride], col, n+row) {
				return row
			}
		}
	}
	return rows
}

// bytesAsTexts are the texts of one byte.
var bytesAsTexts = func() (t [256]string) {
	for c := range t {
		t[c] = string([]byte{byte(c)})
	}
	return t
}()

// knownTexts are texts of a column that came lately. One that comes again is the same string: what stores it finds it in the processor's cache, and the
// buffer need not be kept for it. A column whose texts hardly repeat does without for some windows.
type knownTexts struct {
	slots        [64]string
	hits, misses int
	off          int // windows to do without
}

// begin begins a window.
func (k *knownTexts) begin() {
	k.off = max(0, k.off-1)
	k.hits, k.misses = 0, 0
}

// text gives f as a string.
func (k *knownTexts) text(f []byte) string {
	n := len(f)
	if n == 0 {
		return ""
	}
	slot := &k.slots[(n+int(f[0])*7+int(f[n/2])*5+int(f[n-1])*3)&63]
	if *slot != string(f) {
		*slot = string(f)
		if k.misses++; k.misses > 64 && k.misses > k.hits {
			k.off = 15
		}
		return *slot
	}
	k.hits++
	return *slot
}

// cellOf converts one field by all the rules; false = the record must go the slow road.
func (r *Reader) cellOf(i int, s *span, col *vector.Vector, n int) bool {
	kind := plainField
	if s.to&inQuotes != 0 {
		kind = quotedField
	}
	bad := r.field(i, s.of(r.buf[r.lo:]), kind, col, n)
	plain := bad == nil && r.replaced < 0
	r.replaced = -1
	return plain
}

// plainText gives the length of a text as a column has it; ok is false where a rule of the options, bytes that are no ASCII or the length ask for more.
func (r *Reader) plainText(t types.Type, f []byte) (n int, ok bool) {
	o := &r.job.Options
	n = len(f)
	switch {
	case n == 0:
		return 0, !o.EmptyAsNull
	case o.TrimBlanks, o.BlanksAsNull && f[0] <= ' ', !r.window.ascii && !ascii(f):
		return 0, false
	case t.Kind == types.Char:
		for n > 0 && f[n-1] == ' ' {
			n--
		}
	}
	return n, t.Len > 0 && n <= int(t.Len)
}
