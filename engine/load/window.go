package load

import (
	"bytes"
	"encoding/binary"
	"math"
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
}

// span is where a field lies, from the window's start.
type span struct {
	from, to uint32
	quoted   bool
}

// windowed says that the options let records be taken by windows.
func (o *Options) windowed() bool {
	return len(o.Delimiter) == 1 && (o.Format == CSV || o.Format == Delimited && !o.Escape && !o.RemoveQuotes)
}

// ones has each byte 1.
const ones = 0x0101010101010101

// zeros has the highest bit set of each byte that is zero in v.
func zeros(v uint64) uint64 {
	const low = 0x7F * ones
	return ^((v&low + low) | v | low)
}

// takeWindow converts the next plain records to rows n.. of b, and gives their number.
func (r *Reader) takeWindow(b *vector.Batch, n int) int {
	w := &r.window
	if w.most == 0 {
		w.most = vector.Size
	}
	if r.in == nil || r.lo == r.hi {
		return 0
	}
	r.scan(min(w.most, vector.Size-n))
	good := w.rows
	if good > 0 {
		text := ""
		for i := range b.Columns {
			if text == "" && r.job.Columns[i].Type.Lane() == types.LaneText {
				text = string(r.buf[r.lo : r.lo+w.end])
			}
			good = r.fillSpans(i, b.Columns[i], n, good, text)
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
			w.end = int(last.to) + bytes.IndexByte(r.buf[r.lo+int(last.to):r.hi], '\n') + 1
			w.lines = bytes.Count(r.buf[r.lo:r.lo+w.end], nl)
		}
	} else {
		w.most = min(vector.Size, 2*w.most)
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
	o := &r.job.Options
	want := len(r.job.Columns)
	buf := r.buf[r.lo:r.hi]
	left := len(buf) // records that begin behind it are another piece's
	if r.to >= 0 {
		left = int(min(int64(left), r.to-r.start-int64(r.lo)))
	}
	if need := most * want; cap(w.spans) < need {
		w.spans = make([]span, need)
	}
	spans := w.spans[:most*want]
	delim, quote := o.Delimiter[0], o.Quote
	ds, qs := uint64(delim)*ones, uint64(quote)*ones
	csv := o.Format == CSV
	w.rows, w.end, w.lines = 0, 0, 0
	from, field, k := 0, 0, 0 // of the field, its number, its span
	quoted, inner := false, 0
	for p := 0; p < len(buf) && left > 0; p += 8 {
		var v uint64
		if p+8 <= len(buf) {
			v = binary.LittleEndian.Uint64(buf[p:])
		} else {
			var last [8]byte
			copy(last[:], buf[p:])
			v = binary.LittleEndian.Uint64(last[:])
		}
		m := zeros(v^ds) | zeros(v^('\n'*ones))
		if csv {
			m |= zeros(v ^ qs)
		}
		for ; m != 0; m &= m - 1 {
			at := p + bits.TrailingZeros64(m)>>3
			if at >= len(buf) {
				return
			}
			c := buf[at]
			switch {
			case c == delim:
				if field < want && k < len(spans) {
					to := at
					if quoted {
						if to--; buf[to] != quote {
							return
						}
					}
					spans[k] = span{uint32(from), uint32(to), quoted}
					k++
				} else if field > want {
					return
				}
				field++
				from, quoted = at+1, false
			case c == '\n':
				to := at
				if to > from && buf[to-1] == '\r' {
					to--
				}
				switch {
				case field == want-1 && to > w.end:
					if quoted {
						if to--; buf[to] != quote {
							return
						}
					}
					spans[k] = span{uint32(from), uint32(to), quoted}
					k++
				case field == want && to == from && !csv: // dbgen's last delimiter
				default:
					return
				}
				w.rows++
				w.end, w.lines = at+1, w.lines+inner+1
				from, field, quoted, inner = at+1, 0, false, 0
				if w.rows == most || w.end >= left {
					return
				}
			case at == from && !quoted: // a field in quotes: on to its end
				n := bytes.IndexByte(buf[at+1:], quote)
				if n < 0 {
					return
				}
				end := at + 1 + n
				if end+1 >= len(buf) || buf[end+1] != delim && buf[end+1] != '\n' && buf[end+1] != '\r' {
					return
				}
				inner += bytes.Count(buf[at+1:end], nl)
				from, quoted = at+1, true
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
func (r *Reader) fillSpans(i int, col *vector.Vector, n, rows int, text string) int {
	c := &r.job.Columns[i]
	o := &r.job.Options
	buf := r.buf[r.lo : r.lo+r.window.end]
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
			v, ok := plainDecimal(buf[s.from:s.to], scale)
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
			v, ok := plainInteger(buf[s.from:s.to])
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
			v, ok := plainDate(buf[s.from:s.to])
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
			v, ok := plainTime(buf[s.from:s.to])
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
			f := buf[s.from:s.to]
			t, ok := r.plainText(c.Type, f)
			if !ok || len(f) == len(o.Null) && string(f) == o.Null {
				if !r.cellOf(i, s, col, n+row) {
					return row
				}
				continue
			}
			if known.off == 0 {
				out[row] = known.text(f[:t])
			} else {
				out[row] = text[s.from : int(s.from)+t]
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
	if s.quoted {
		kind = quotedField
	}
	bad := r.field(i, r.buf[r.lo+int(s.from):r.lo+int(s.to)], kind, col, n)
	plain := bad == nil && r.replaced < 0
	r.replaced = -1
	return plain
}

// plainInteger reads up to 18 digits with a sign.
func plainInteger(f []byte) (v int64, ok bool) {
	neg := false
	if len(f) > 0 && f[0] == '-' {
		neg, f = true, f[1:]
	}
	if len(f) == 0 || len(f) > 18 {
		return 0, false
	}
	for _, c := range f {
		c -= '0'
		if c > 9 {
			return 0, false
		}
		v = v*10 + int64(c)
	}
	if neg {
		v = -v
	}
	return v, true
}

// powers are the powers of ten that fit.
var powers = func() (p [19]int64) {
	p[0] = 1
	for i := 1; i < len(p); i++ {
		p[i] = 10 * p[i-1]
	}
	return p
}()

// plainDecimal reads a decimal of up to 18 digits in all, and no more behind the point than scale.
func plainDecimal(f []byte, scale int) (v int64, ok bool) {
	neg := false
	if len(f) > 0 && f[0] == '-' {
		neg, f = true, f[1:]
	}
	point := len(f)
	for i, c := range f {
		c -= '0'
		if c > 9 {
			if f[i] != '.' || point != len(f) {
				return 0, false
			}
			point = i
			continue
		}
		v = v*10 + int64(c)
	}
	frac := max(0, len(f)-point-1)
	whole := point
	if whole+frac == 0 || frac > scale || whole+scale > 18 {
		return 0, false
	}
	v *= powers[scale-frac]
	if neg {
		v = -v
	}
	return v, true
}

// daysBefore is the number of days of a year before each month, without a leap day.
var daysBefore = [13]int64{0, 0, 31, 59, 90, 120, 151, 181, 212, 243, 273, 304, 334}

// plainDate reads YYYY-MM-DD into days since 2000-01-01.
func plainDate(f []byte) (int64, bool) {
	if len(f) != 10 || f[4] != '-' || f[7] != '-' {
		return 0, false
	}
	a, b, c, d := f[0]-'0', f[1]-'0', f[2]-'0', f[3]-'0'
	e, g, h, i := f[5]-'0', f[6]-'0', f[8]-'0', f[9]-'0'
	if a > 9 || b > 9 || c > 9 || d > 9 || e > 1 || g > 9 || h > 3 || i > 9 {
		return 0, false
	}
	y, m, day := uint(a)*1000+uint(b)*100+uint(c)*10+uint(d), uint(e)*10+uint(g), uint(h)*10+uint(i)
	if y == 0 || m == 0 || m > 12 || day == 0 || day > 28 && int(day) > monthDays(int(y), int(m)) {
		return 0, false
	}
	before := y - 1
	days := int64(before*365+before/4-before/100+before/400) + daysBefore[m] + int64(day)
	if m > 2 && y%4 == 0 && (y%100 != 0 || y%400 == 0) {
		days++
	}
	return days - 730120, true // 2000-01-01 is day 730,120 of the calendar
}

// plainTime reads YYYY-MM-DD HH:MI:SS into microseconds since 2000-01-01.
func plainTime(f []byte) (int64, bool) {
	if len(f) != 19 || f[10] != ' ' || f[13] != ':' || f[16] != ':' {
		return 0, false
	}
	days, ok := plainDate(f[:10])
	a, b, c, d, e, g := f[11]-'0', f[12]-'0', f[14]-'0', f[15]-'0', f[17]-'0', f[18]-'0'
	if !ok || a > 2 || b > 9 || c > 5 || d > 9 || e > 5 || g > 9 {
		return 0, false
	}
	h := int64(a)*10 + int64(b)
	if h > 23 {
		return 0, false
	}
	return days*day + ((h*60+int64(c)*10+int64(d))*60+int64(e)*10+int64(g))*1000000, true
}

// plainText gives the length of a text as a column has it; ok is false where a rule of the options, bytes that are no ASCII or the length ask for more.
func (r *Reader) plainText(t types.Type, f []byte) (n int, ok bool) {
	o := &r.job.Options
	n = len(f)
	switch {
	case n == 0:
		return 0, !o.EmptyAsNull
	case o.TrimBlanks, o.BlanksAsNull && f[0] <= ' ', !ascii(f):
		return 0, false
	case t.Kind == types.Char:
		for n > 0 && f[n-1] == ' ' {
			n--
		}
	}
	return n, t.Len > 0 && n <= int(t.Len)
}

// limitOf is the first number that is too large for a column; 0 = the window does not convert such a type.
func limitOf(t types.Type) int64 {
	switch t.Kind {
	case types.Int2:
		return 1 << 15
	case types.Int4:
		return 1 << 31
	case types.Int8:
		return math.MaxInt64 // of 18 digits none is larger
	case types.Numeric:
		if t.Prec <= 18 {
			return powers[t.Prec]
		}
	default:
		// no number
	}
	return 0
}
