package server

import (
	"encoding/binary"
	"math"
	"strconv"
	"time"

	"github.com/redshiftsim/redshiftsim/engine"
	"github.com/redshiftsim/redshiftsim/engine/exec"
	"github.com/redshiftsim/redshiftsim/internal/types"
	"github.com/redshiftsim/redshiftsim/internal/vector"
)

// Formats of values.
const (
	textFormat   = 0
	binaryFormat = 1
)

// encoder writes rows as DataRow messages. A value goes from its vector to the buffer of answers without a stop.
type encoder struct {
	columns []cell
	style   types.Style
	zone    *time.Location
	scratch []byte      // digits of a numeric
	datum   types.Datum // the value at hand, where the form needs one
}

// cell is a column of the rows.
type cell struct {
	typ  types.Type
	form form
}

// form is how a column's values are written.
type form uint8

const (
	asPrinted form = iota // types.Style prints it
	asDigits              // an integer
	asText                // bytes as they are
	asLetter              // t or f
	binBool
	binInt2
	binInt4
	binInt8
	binFloat4
	binFloat8
	binNumeric
	binTimeTZ
	binInterval
	binChar // text, padded
	binArray
)

// formFor says how values of a type are written in a format. What has no binary form on the wire is text in both.
func formFor(t types.Type, format int16) form {
	if format == textFormat {
		switch t.Kind {
		case types.Bool:
			return asLetter
		case types.Int2, types.Int4, types.Int8, types.OID:
			return asDigits
		case types.Varchar, types.Text, types.Name, types.Unknown:
			return asText
		}
		return asPrinted
	}
	switch t.Kind {
	case types.Bool:
		return binBool
	case types.Int2:
		return binInt2
	case types.Int4, types.OID, types.Date, types.IntervalYM:
		return binInt4
	case types.Int8, types.Time, types.Timestamp, types.TimestampTZ, types.IntervalDS:
		return binInt8
	case types.Float4:
		return binFloat4
	case types.Float8:
		return binFloat8
	case types.Numeric:
		return binNumeric
	case types.TimeTZ:
		return binTimeTZ
	case types.Interval:
		return binInterval
	case types.Char:
		return binChar
	case types.Super, types.Geometry, types.Geography, types.HLLSketch: // JSON, hexadecimal EWKB, JSON or Base64
		return asPrinted
	}
	if t.IsArray() && hasBinary(t.Element()) {
		return binArray
	}
	return asText // varbyte, too: its bytes
}

// begin makes the encoder one of other columns; formats are those of Bind.
func (e *encoder) begin(s *engine.Session, columns []exec.ResultColumn, formats []int16) {
	e.style, e.zone = s.Style(), s.Location()
	e.columns = e.columns[:0]
	for i := range columns {
		e.columns = append(e.columns, cell{columns[i].Type, formFor(columns[i].Type, formatOf(formats, i))})
	}
}

// sendRows writes live rows from..to-1 of a batch, and sends what has come together.
func (c *conn) sendRows(e *encoder, b *vector.Batch, from, to int) error {
	c.out = c.told.take(c.out) // what a procedure told before its row was there
	for i := from; i < to; i++ {
		row := i
		if b.Sel != nil {
			row = int(b.Sel[i])
		}
		c.out = e.row(c.out, b, row)
		if len(c.out) >= flushAt {
			if err := c.flush(); err != nil {
				return err
			}
		}
	}
	c.srv.counts.rows.Add(int64(to - from))
	return nil
}

// row writes a DataRow message.
func (e *encoder) row(dst []byte, b *vector.Batch, row int) []byte {
	start := len(dst)
	dst = append(dst, 'D', 0, 0, 0, 0)
	dst = binary.BigEndian.AppendUint16(dst, uint16(len(e.columns)))
	for i := range e.columns {
		v := b.Columns[i]
		if v.Null(row) {
			dst = append(dst, 0xff, 0xff, 0xff, 0xff)
			continue
		}
		at := len(dst)
		dst = append(dst, 0, 0, 0, 0)
		dst = e.value(dst, &e.columns[i], v, row)
		binary.BigEndian.PutUint32(dst[at:], uint32(len(dst)-at-4))
	}
	binary.BigEndian.PutUint32(dst[start+1:], uint32(len(dst)-start-1))
	return dst
}

// value writes a value that is not NULL.
func (e *encoder) value(dst []byte, c *cell, v *vector.Vector, row int) []byte {
	switch c.form {
	case asDigits:
		return strconv.AppendInt(dst, v.Int64(row), 10)
	case asText:
		v, row = v.At(row)
		return append(dst, v.Texts[row]...)
	case asLetter:
		v, row = v.At(row)
		return types.AppendBool(dst, v.Bools[row])
	case binBool:
		if v, row = v.At(row); v.Bools[row] {
			return append(dst, 1)
		}
		return append(dst, 0)
	case binInt2:
		return binary.BigEndian.AppendUint16(dst, uint16(v.Int64(row)))
	case binInt4:
		return binary.BigEndian.AppendUint32(dst, uint32(v.Int64(row)))
	case binInt8:
		return binary.BigEndian.AppendUint64(dst, uint64(v.Int64(row)))
	case binFloat4:
		v, row = v.At(row)
		return binary.BigEndian.AppendUint32(dst, math.Float32bits(float32(v.Floats[row])))
	case binFloat8:
		v, row = v.At(row)
		return binary.BigEndian.AppendUint64(dst, math.Float64bits(v.Floats[row]))
	}
	e.datum = v.Get(row)
	e.datum.Type = c.typ
	switch c.form {
	case binNumeric:
		e.scratch = types.AppendText(e.scratch[:0], &e.datum, nil)
		return appendNumeric(dst, e.scratch)
	case binTimeTZ: // the zone counts to the west
		dst = binary.BigEndian.AppendUint64(dst, e.datum.Wide.Lo)
		return binary.BigEndian.AppendUint32(dst, uint32(-e.datum.Wide.Hi))
	case binInterval:
		months, micros := types.IntervalParts(e.datum.Wide)
		dst = binary.BigEndian.AppendUint64(dst, uint64(micros%types.MicrosPerDay))
		dst = binary.BigEndian.AppendUint32(dst, uint32(micros/types.MicrosPerDay))
		return binary.BigEndian.AppendUint32(dst, uint32(months))
	case binChar:
		return types.AppendText(dst, &e.datum, nil)
	case binArray:
		return appendArray(dst, c.typ, e.datum.Text)
	}
	return e.style.AppendText(dst, &e.datum, e.zone)
}

// Signs of a numeric in binary.
const (
	numericMinus = 0x4000
	numericNaN   = 0xC000
)

// appendNumeric writes a number that is printed as -12345.6700 in PostgreSQL's binary form: digits to the base of 10000, of which the first has the
// weight 10000^weight.
//
//	-12345.6700   ->   ndigits 3, weight 1, sign 0x4000, dscale 4, digits 1 2345 6700
func appendNumeric(dst, text []byte) []byte {
	var sign uint16
	if len(text) > 0 && text[0] == '-' {
		sign, text = numericMinus, text[1:]
	}
	whole, scale := len(text), 0
	for i, ch := range text {
		if ch == '.' {
			whole, scale = i, len(text)-i-1
			break
		}
	}
	digit := func(i int) uint16 { // decimal digit i, counted from the point; to the left they are negative
		switch {
		case i < 0 && whole+i >= 0:
			return uint16(text[whole+i] - '0')
		case i >= 0 && i < scale:
			return uint16(text[whole+1+i] - '0')
		}
		return 0
	}
	group := func(g int) uint16 { // group 0 is the one before the point
		at := -4 - 4*g
		return digit(at)*1000 + digit(at+1)*100 + digit(at+2)*10 + digit(at+3)
	}
	first, last := (whole+3)/4-1, -(scale+3)/4
	for first >= last && group(first) == 0 {
		first--
	}
	for last <= first && group(last) == 0 {
		last++
	}
	n := first - last + 1
	if n <= 0 {
		n, first, sign = 0, 0, 0
	}
	dst = binary.BigEndian.AppendUint16(dst, uint16(n))
	dst = binary.BigEndian.AppendUint16(dst, uint16(int16(first)))
	dst = binary.BigEndian.AppendUint16(dst, sign)
	dst = binary.BigEndian.AppendUint16(dst, uint16(scale))
	for g := first; n > 0; g, n = g-1, n-1 {
		dst = binary.BigEndian.AppendUint16(dst, group(g))
	}
	return dst
}
