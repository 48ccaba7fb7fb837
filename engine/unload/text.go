package unload

import (
	"encoding/hex"
	"math"
	"time"
	"unicode/utf8"

	"github.com/redshiftsim/redshiftsim/engine/load"
	"github.com/redshiftsim/redshiftsim/internal/spatial"
	"github.com/redshiftsim/redshiftsim/internal/sqlstate"
	"github.com/redshiftsim/redshiftsim/internal/types"
)

// mark notes the bytes of texts that need a quote, or an escape before them.
// https://docs.aws.amazon.com/redshift/latest/dg/r_UNLOAD.html#unload-csv
func (l *layout) mark() {
	switch {
	case l.format == load.CSV:
		l.special[l.delimiter], l.special['"'], l.special['\n'], l.special['\r'] = true, true, true, true
	case l.escape:
		l.special[l.delimiter], l.special['\\'], l.special['\n'], l.special['\r'] = true, true, true, true
		l.special['"'], l.special['\''] = l.addQuotes, l.addQuotes
	}
	c := l.delimiter
	l.verbatim = l.format == load.Delimited && !l.escape && !l.addQuotes
	l.risky = l.format == load.CSV && (c >= '0' && c <= '9' || c|0x20 >= 'a' && c|0x20 <= 'z' || c == '+' || c == '-' || c == '.' || c == ':' || c == ' ')
}

// line appends row i to the buffer.
func (w *Writer) line(i int) error {
	switch w.loc.format {
	case load.JSON:
		w.buf = w.object(w.buf, i)
	case load.FixedWidth:
		return w.fixed(i)
	default:
		w.buf = w.delimited(w.buf, i)
	}
	return nil
}

// delimited writes row i as text or CSV.
func (w *Writer) delimited(b []byte, i int) []byte {
	for k, c := range w.cols {
		if k > 0 {
			b = append(b, w.loc.delimiter)
		}
		switch {
		case c.flat.Null(i):
			b = append(b, w.nullOf(c)...)
		case c.isText:
			b = w.loc.text(b, c.flat.Texts[i])
		default:
			b = w.loc.plain(b, c, i, w.job.Zone)
		}
	}
	return append(b, '\n')
}

// jsonNull is NULL in a SUPER column, whatever NULL AS says.
var jsonNull = []byte("null")

// nullOf is what stands for NULL.
// https://docs.aws.amazon.com/redshift/latest/dg/r_UNLOAD.html#unload-parameters
func (w *Writer) nullOf(c *column) []byte {
	if c.json {
		return jsonNull
	}
	return w.loc.null
}

// text writes a text.
func (l *layout) text(b []byte, s string) []byte {
	if l.verbatim {
		return append(b, s...)
	}
	at := 0
	for at < len(s) && !l.special[s[at]] {
		at++
	}
	switch {
	case at == len(s) && !l.addQuotes:
		return append(b, s...)
	case l.format == load.CSV:
		return doubled(b, s)
	case l.addQuotes:
		b = append(b, '"')
	}
	b = append(b, s[:at]...)
	for ; at < len(s); at++ {
		if l.special[s[at]] {
			b = append(b, '\\')
		}
		b = append(b, s[at])
	}
	if l.addQuotes {
		b = append(b, '"')
	}
	return b
}

// doubled writes a text in quotes, its own quotes twice.
func doubled(b []byte, s string) []byte {
	b = append(b, '"')
	for i := range len(s) {
		if s[i] == '"' {
			b = append(b, '"')
		}
		b = append(b, s[i])
	}
	return append(b, '"')
}

// plain writes a value that is no text.
func (l *layout) plain(b []byte, c *column, i int, zone *time.Location) []byte {
	if l.addQuotes {
		b = c.value(append(b, '"'), i, zone)
		return append(b, '"')
	}
	start := len(b)
	b = c.value(b, i, zone)
	if l.risky {
		for _, x := range b[start:] {
			if x == l.delimiter {
				s := string(b[start:])
				return doubled(b[:start], s)
			}
		}
	}
	return b
}

// value writes the value of row i, which is not NULL, as text: dates as ISO 8601 has them, whatever DATESTYLE says, so that COPY reads them.
func (c *column) value(b []byte, i int, zone *time.Location) []byte {
	v := c.flat
	switch c.Type.Lane() {
	case types.LaneBool:
		return types.AppendBool(b, v.Bools[i])
	case types.LaneInt:
		return types.AppendInt(b, c.Type, v.Int64s[i], zone)
	case types.LaneWide:
		return types.AppendWide(b, c.Type, v.Wides[i])
	case types.LaneFloat:
		return types.AppendFloat(b, c.Type.Kind, v.Floats[i])
	}
	switch {
	case c.Type.IsSpatial():
		return spatial.AppendHexWKB(b, v.Texts[i], true)
	case c.hex:
		return hex.AppendEncode(b, []byte(v.Texts[i]))
	}
	return append(b, v.Texts[i]...)
}

// header writes the names of the columns as a line.
func (l *layout) header(b []byte, cols []*column) []byte {
	for k, c := range cols {
		if k > 0 {
			b = append(b, l.delimiter)
		}
		b = l.text(b, c.Name)
	}
	return append(b, '\n')
}

// fixed writes row i in columns of fixed width. What is wider is an error, but for a NULL of a column without text.
// https://docs.aws.amazon.com/redshift/latest/dg/r_UNLOAD.html#unload-parameters
func (w *Writer) fixed(i int) error {
	b := w.buf
	for _, c := range w.cols {
		start := len(b)
		null := c.flat.Null(i)
		if null {
			b = append(b, w.nullOf(c)...)
		} else {
			b = c.value(b, i, w.job.Zone)
		}
		n := utf8.RuneCount(b[start:])
		switch {
		case n <= c.width:
		case null && !c.isText:
			b, n = b[:start], 0
		default:
			return sqlstate.Internal.Errorf("The value of column \"%s\" has %d characters: FIXEDWIDTH gives it %d", c.Name, n, c.width)
		}
		for ; n < c.width; n++ {
			b = append(b, ' ')
		}
	}
	w.buf = append(b, '\n')
	return nil
}

// object writes row i as a JSON object: numbers as numbers, the rest as texts, booleans as "t" and "f".
// https://docs.aws.amazon.com/redshift/latest/dg/r_UNLOAD_command_examples.html#unload-examples-json
func (w *Writer) object(b []byte, i int) []byte {
	for _, c := range w.cols {
		b = append(b, c.key...)
		switch {
		case c.flat.Null(i):
			b = append(b, "null"...)
		case c.json:
			b = append(b, c.flat.Texts[i]...)
		case c.isText:
			b = appendString(b, c.flat.Texts[i])
		case c.bare(i):
			b = c.value(b, i, w.job.Zone)
		default:
			b = c.value(append(b, '"'), i, w.job.Zone)
			b = append(b, '"')
		}
	}
	return append(b, '}', '\n')
}

// bare says whether the value of row i is a number that JSON has.
func (c *column) bare(i int) bool {
	switch c.Type.Kind {
	case types.Int2, types.Int4, types.Int8, types.Numeric, types.OID:
		return true
	case types.Float4, types.Float8:
		f := c.flat.Floats[i]
		return !math.IsNaN(f) && !math.IsInf(f, 0)
	}
	return false
}

// appendString writes s as a JSON string; characters beyond ASCII stay as they are.
func appendString(b []byte, s string) []byte {
	b = append(b, '"')
	from := 0
	for i := range len(s) {
		c := s[i]
		if c >= ' ' && c != '"' && c != '\\' {
			continue
		}
		b = append(b, s[from:i]...)
		from = i + 1
		switch c {
		case '"', '\\':
			b = append(b, '\\', c)
		case '\n':
			b = append(b, '\\', 'n')
		case '\r':
			b = append(b, '\\', 'r')
		case '\t':
			b = append(b, '\\', 't')
		default:
			b = append(b, '\\', 'u', '0', '0', "0123456789abcdef"[c>>4], "0123456789abcdef"[c&15])
		}
	}
	b = append(b, s[from:]...)
	return append(b, '"')
}
