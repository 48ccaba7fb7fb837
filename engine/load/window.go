package load

import (
	"bytes"
	"encoding/binary"
	"math/bits"
	"strings"

	"github.com/redshiftsim/redshiftsim/internal/types"
	"github.com/redshiftsim/redshiftsim/internal/vector"
)

// window is the fast road of delimited text and CSV: records that lie whole in the buffer are read field by field, eight bytes at a time. Most fields are
// converted as they are passed over: where a number's digits end, the delimiter must stand, which nobody has looked for before.
//
//	buf   1|Alien|\n2|Brazil|\nx|Cars|\n4|Da$       columns   Int64s  1 2      (x is no digit: the window ends)
//	      ^lo                               ^hi               U8      0 1      codes of Alien, Brazil
//
// It takes what is plain: a record with another number of fields, doubled quotes, or a value that its column refuses ends the window, and goes the slow
// road of record and row, which alone knows errors.
type window struct {
	fields []plainColumn
	delim  byte
	quote  byte // of CSV
	csv    bool

	delims, quotes uint64 // the character eight times
}

// plainColumn is how a window reads a column.
type plainColumn struct {
	kind  plainKind
	plain bool    // the delimiter, and the quote of CSV, stand in no plain field
	scale int     // of decimals
	low   int64   // the least number
	limit int64   // numbers are below it
	ints  []int64 // of the batch
	most  int     // characters of a text
	null  int     // length of the text that means NULL
}

// plainKind says what a column's plain fields look like.
type plainKind uint8

const (
	anything  plainKind = iota
	number              // digits
	fractions           // digits, a point, and as many digits as the column has
	dates               // YYYY-MM-DD
	times               // YYYY-MM-DD HH:MI:SS
	text
)

// within are the characters that may stand in a plain field of a kind.
var within = [...]string{number: "0123456789", fractions: "0123456789.", dates: "0123456789-", times: "0123456789-: ", text: ""}

// slack is what may be read behind the bytes of the buffer that are the file's.
const slack = 48

// inQuotes is added to the end of a span that lay in quotes.
const inQuotes = 1 << 31

// span is where a field lies, from the window's start.
type span struct{ from, to uint32 }

// of gives the field.
func (s span) of(buf []byte) []byte { return buf[s.from : s.to&^inQuotes] }

// windowed says that the options let records be taken by windows.
func (o *Options) windowed() bool {
	return len(o.Delimiter) == 1 && (o.Rules == nil || o.Rules.Regexp == nil && o.Rules.Count == ToNull) && o.Delimiter != "\n" && (o.Format == CSV || o.Format == Delimited && !o.Escape && !o.RemoveQuotes)
}

// begin chooses how the columns of a reader are read.
func (w *window) begin(r *Reader) {
	o := &r.job.Options
	w.fields = make([]plainColumn, len(r.job.Columns))
	w.csv = o.Format == CSV
	w.delim = o.Delimiter[0]
	w.quote = o.Quote
	w.delims, w.quotes = uint64(w.delim)*ones, uint64(w.quote)*ones
	numbers := o.Null == "" || o.Null[0] < '+' || o.Null[0] > '9' // what reads as a number is not NULL
	for i := range w.fields {
		f, t := &w.fields[i], r.job.Columns[i].Type
		if r.job.Columns[i].Skip {
			continue
		}
		f.scale = int(t.Scale)
		if f.limit = limitOf(t); f.limit > 0 {
			if f.low = -f.limit; t.Kind == types.Numeric {
				f.low++
			}
		}
		switch k := t.Kind; {
		case k == types.Varchar || k == types.Char:
			f.kind = text
		case !numbers:
		case f.limit > 0 && k == types.Numeric && f.scale > 0:
			f.kind = fractions
		case f.limit > 0:
			f.kind = number
		case k == types.Date && (o.DateFormat == "" || o.DateFormat == "auto"):
			f.kind = dates
		case k == types.Timestamp && (o.TimeFormat == "" || o.TimeFormat == "auto"):
			f.kind = times
		}
		if f.plain = f.kind != text || !o.TrimBlanks && !o.BlanksAsNull; f.kind == text {
			f.most, f.null = max(0, int(t.Len)), len(o.Null)
		}
		f.plain = f.plain && strings.IndexByte(within[f.kind], w.delim) < 0 && (!w.csv || strings.IndexByte(within[f.kind], w.quote) < 0)
	}
}

// limitOf is the first number that is too large for a column; 0 = the window does not convert such a type.
func limitOf(t types.Type) int64 {
	switch t.Kind {
	case types.Int2:
		return 1 << 15
	case types.Int4:
		return 1 << 31
	case types.Int8:
		return 1<<63 - 1 // of 18 digits none is larger
	case types.Numeric:
		if t.Prec <= 18 {
			return powers[t.Prec]
		}
	default:
		// no number
	}
	return 0
}

// takeWindow converts the next plain records to rows n.. of b, and gives their number.
func (r *Reader) takeWindow(b *vector.Batch, n int) int {
	if r.in == nil || r.lo == r.hi {
		return 0
	}
	left := r.hi - r.lo // records that begin behind it are another piece's
	if r.to >= 0 {
		left = int(min(int64(left), r.to-r.start-int64(r.lo)))
	}
	for i, c := range b.Columns {
		r.window.fields[i].ints = c.Int64s
	}
	r.buf[:cap(r.buf)][r.hi] = '\n' // so that what looks for an end finds one
	buf, hi := r.buf[r.lo:r.hi+slack], r.hi-r.lo
	at, first, lines := 0, n, 0
	for n < vector.Size && at < left {
		end, inner := r.plainRecord(buf, hi, at, b, n)
		if end < 0 {
			for _, c := range b.Columns { // the row's cells may be half written
				clearNull(c, n)
			}
			break
		}
		at, lines = end, lines+inner+1
		n++
	}
	r.lo += at
	r.line, r.lines = r.line+r.lines+int64(lines), 0
	r.read.Lines += int64(n - first)
	return n - first
}

// clearNull makes row i not NULL.
func clearNull(c *vector.Vector, i int) {
	if c.Nulls != nil {
		c.Nulls[i>>6] &^= 1 << (uint(i) & 63)
	}
}

// plainRecord converts the record that begins at `at` to row n, and gives where the next begins and how many line ends are in it; end < 0 = it is not
// plain, or not all of it lies before hi.
func (r *Reader) plainRecord(buf []byte, hi, at int, b *vector.Batch, n int) (end, lines int) {
	w := &r.window
	last := len(w.fields) - 1
	delim := w.delim
	for i := range w.fields {
		f := &w.fields[i]
		if f.kind == text {
			to := -1
			if f.plain {
				to = r.textAt(buf, at, i, n)
			}
			switch {
			case to < 0:
			case i < last && buf[to] == delim:
				at = to + 1
				continue
			case i == last && buf[to] == '\n':
				at = to + 1
				continue
			}
			if at, lines = r.otherText(buf, at, i, b.Columns[i], n, lines); at < 0 {
				return -1, 0
			}
			continue
		}
		v, to, ok := int64(0), at, false
		switch f.kind {
		case number:
			v, to, ok = numberAt(buf, at)
			ok = ok && v < f.limit
		case fractions:
			v, to, ok = fractionAt(buf, at, f.scale)
			ok = ok && v < f.limit
		case dates:
			to = at + 10
			v, ok = plainDate(buf[at:to])
		case times:
			to = at + 19
			v, ok = plainTime(buf[at:to])
		default:
			// anything may stand in it
		}
		if ok && f.plain {
			if c := buf[to]; c == delim && i < last {
				f.ints[n] = v
				at = to + 1
				continue
			}
			if i == last {
				if next := w.recordEnd(buf, to); next >= 0 {
					f.ints[n] = v
					at = next
					continue
				}
			}
		}
		if at, lines = r.otherAt(buf, at, i, b.Columns[i], n, lines); at < 0 {
			return -1, 0
		}
	}
	if at > hi {
		return -1, 0
	}
	return at, lines
}

// recordEnd says where the next record begins when the last field of one ends before `to`; < 0 = it does not end there.
func (w *window) recordEnd(buf []byte, to int) int {
	if buf[to] == w.delim && !w.csv { // as dbgen writes them
		to++
	}
	if buf[to] == '\r' {
		to++
	}
	if buf[to] != '\n' {
		return -1
	}
	return to + 1
}

// zeroIn has the highest bit of the first byte of v that is zero set, and none below.
func zeroIn(v uint64) uint64 { return (v - ones) &^ v & (0x80 * ones) }

// ones has each byte 1.
const ones = 0x0101010101010101

// load is the eight bytes from p on.
func load(buf []byte, p int) uint64 { return binary.LittleEndian.Uint64(buf[p : p+8 : len(buf)]) }

// fieldEnd finds where a field that is in no quotes ends, and whether its bytes are ASCII. A line end stands in the buffer, at the latest behind what is the file's.
func (w *window) fieldEnd(buf []byte, at int) (to int, isASCII bool) {
	all := uint64(0)
	for p := at; ; p += 8 {
		x := load(buf, p)
		m := w.ends(x)
		if m == 0 {
			all |= x
			continue
		}
		all |= x & (m&-m - 1)
		return p + bits.TrailingZeros64(m)>>3, all&(0x80*ones) == 0
	}
}

// fieldAt finds field i, which begins at `at`: where it lies, where the next field or record begins, < 0 = it is not plain, and the line ends within.
func (w *window) fieldAt(buf []byte, at, i int) (s span, next, lines int, isASCII bool) {
	isLast := i == len(w.fields)-1
	if w.csv && buf[at] == w.quote {
		n := bytes.IndexByte(buf[at+1:], w.quote)
		if n < 0 {
			return s, -1, 0, false
		}
		f := buf[at+1 : at+1+n]
		s, next = span{uint32(at + 1), uint32(at+1+n) | inQuotes}, at+n+2
		lines, isASCII = bytes.Count(f, nl), ascii(f)
		switch {
		case next+1 >= len(buf):
			next = -1
		case isLast:
			next = w.recordEnd(buf, next)
		case buf[next] == w.delim:
			next++
		default:
			next = -1
		}
		return s, next, lines, isASCII
	}
	to, isASCII := w.fieldEnd(buf, at)
	switch c := buf[to]; {
	case c == w.delim && !isLast:
		return span{uint32(at), uint32(to)}, to + 1, 0, isASCII
	case !isLast:
		return s, -1, 0, false
	case c == '\n':
		next = to + 1
		if to > at && buf[to-1] == '\r' {
			to--
		}
		if i == 0 && to == at { // an empty line
			next = -1
		}
	default:
		next = w.recordEnd(buf, to)
	}
	return span{uint32(at), uint32(to)}, next, 0, isASCII
}

// textAt takes a text that begins at `at` for row n, when it is a few ASCII characters that no rule of the options changes, and says where it ends; < 0 = it
// is not.
func (r *Reader) textAt(buf []byte, at, i, n int) int {
	w := &r.window
	f := &w.fields[i]
	c := &r.texts[i]
	x := load(buf, at)
	var k int
	if m := w.ends(x); m != 0 {
		if k = bits.TrailingZeros64(m) >> 3; k == 1 && !c.plain && c.ones[byte(x)] != 0 && f.null != 1 {
			c.codes[n] = c.ones[byte(x)] - 1
			return at + 1
		}
		x &= m&-m - 1
	} else {
		k, x = w.longEnd(buf, at, x)
	}
	if uint(k-1) >= uint(f.most) || k == f.null || x&(0x80*ones) != 0 {
		return -1
	}
	switch buf[at+k-1] {
	case ' ', '\r':
		return -1
	}
	if c.plain {
		c.column.Texts[n] = r.keep(buf[at : at+k])
	} else if !c.add(buf, at, k, n) {
		return -1
	}
	return at + k
}

// longEnd finds the end of a text of eight characters or more, of which x are the first, and gives its length and its bytes, laid one over the other.
func (w *window) longEnd(buf []byte, at int, x uint64) (k int, all uint64) {
	in := (*[24]byte)(buf[at+8:])
	x1, x2, x3 := binary.LittleEndian.Uint64(in[:]), binary.LittleEndian.Uint64(in[8:]), binary.LittleEndian.Uint64(in[16:])
	m := bitsOf(w.ends(x1)) | bitsOf(w.ends(x2))<<8 | bitsOf(w.ends(x3))<<16
	k = 8 + bits.TrailingZeros64(m)
	if m == 0 {
		to, isASCII := w.fieldEnd(buf, at+32)
		if k = to - at; !isASCII {
			x |= 0x80
		}
	}
	if all = x | x1 | x2 | x3; all&(0x80*ones) != 0 && ascii(buf[at:at+k]) { // they stood behind it
		all = 0
	}
	return k, all
}

// ends has the highest bit set of the first byte of x at which a text ends, and perhaps of some behind it.
func (w *window) ends(x uint64) uint64 {
	m := zeroIn(x^w.delims) | zeroIn(x^'\n'*ones)
	if w.csv {
		m |= zeroIn(x ^ w.quotes)
	}
	return m
}

// bitsOf gathers the highest bits of the bytes of v, of which no others are set.
func bitsOf(v uint64) uint64 { return v >> 7 * 0x0102040810204080 >> 56 }

// otherText converts a text that begins at `at` to row n; next is where the next field or record begins, < 0 = the record is not plain; the line ends in it
// are added to lines.
func (r *Reader) otherText(buf []byte, at, i int, col *vector.Vector, n, lines int) (next, all int) {
	s, next, inner, isASCII := r.window.fieldAt(buf, at, i)
	if next < 0 {
		return -1, 0
	}
	f := s.of(buf)
	k, ok := r.plainText(r.job.Columns[i].Type, f, isASCII)
	if o := &r.job.Options; !ok || len(f) == len(o.Null) && string(f) == o.Null {
		if !r.cellOf(i, &s, buf, col, n) {
			return -1, 0
		}
	} else {
		col.Texts[n] = r.keep(f[:k])
	}
	r.texts[i].again(n)
	return next, lines + inner
}

// otherAt is otherText of what is no text, or what does not look as most of its column does.
func (r *Reader) otherAt(buf []byte, at, i int, col *vector.Vector, n, lines int) (next, all int) {
	s, next, inner, _ := r.window.fieldAt(buf, at, i)
	if next < 0 {
		return -1, 0
	}
	f := &r.window.fields[i]
	v, ok := int64(0), false
	switch f.kind {
	case number:
		v, ok = plainInteger(s.of(buf))
		ok = ok && v < f.limit && v >= f.low
	case fractions:
		v, ok = plainDecimal(s.of(buf), f.scale)
		ok = ok && v < f.limit && v >= f.low
	case dates:
		v, ok = plainDate(s.of(buf))
	case times:
		v, ok = plainTime(s.of(buf))
	default:
		// by all the rules
	}
	if ok {
		f.ints[n] = v
	} else if !r.cellOf(i, &s, buf, col, n) {
		return -1, 0
	}
	return next, lines + inner
}

// cellOf converts one field by all the rules; false = the record must go the slow road.
func (r *Reader) cellOf(i int, s *span, buf []byte, col *vector.Vector, n int) bool {
	kind := plainField
	if s.to&inQuotes != 0 {
		kind = quotedField
	}
	bad := r.field(i, s.of(buf), kind, col, n)
	plain := bad == nil && r.replaced < 0
	r.replaced = -1
	return plain
}

// plainText gives the length of a text as a column has it; ok is false where a rule of the options, bytes that are no ASCII or the length ask for more.
func (r *Reader) plainText(t types.Type, f []byte, isASCII bool) (n int, ok bool) {
	o := &r.job.Options
	n = len(f)
	switch {
	case n == 0:
		return 0, !o.EmptyAsNull
	case o.TrimBlanks, o.BlanksAsNull && f[0] <= ' ', !isASCII:
		return 0, false
	case t.Kind == types.Char:
		for n > 0 && f[n-1] == ' ' {
			n--
		}
	}
	return n, t.Len > 0 && n <= int(t.Len)
}
