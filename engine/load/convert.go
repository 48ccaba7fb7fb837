package load

import (
	"bytes"
	"encoding/binary"
	"encoding/hex"
	"fmt"
	"math"
	"strconv"
	"strings"
	"time"
	"unicode/utf8"
	"unsafe"

	"github.com/redshiftsim/redshiftsim/internal/sqlstate"
	"github.com/redshiftsim/redshiftsim/internal/types"
	"github.com/redshiftsim/redshiftsim/internal/vector"
)

// convert writes field f, which is not NULL, to row n of col.
type convert func(r *Reader, f []byte, col *vector.Vector, n int) *RowError

// converter chooses the conversion of a column once per reader.
func converter(c *Column, column int, o *Options, zone *time.Location) convert {
	t := c.Type
	switch t.Kind {
	case types.Int2:
		return integer(t, math.MinInt16, math.MaxInt16)
	case types.Int4, types.OID:
		return integer(t, math.MinInt32, math.MaxInt32)
	case types.Int8:
		return integer(t, math.MinInt64, math.MaxInt64)
	case types.Numeric:
		return decimal(t, o.RoundDec)
	case types.Float4, types.Float8:
		return floating(t)
	case types.Bool:
		return boolean
	case types.Char:
		return character(t, o)
	case types.Varchar, types.Text, types.Name:
		return varying(t, o, column)
	case types.Varbyte:
		return hexadecimal(t)
	case types.Super:
		return document(c, o, column)
	case types.Geometry, types.Geography, types.HLLSketch:
		return opaque(t)
	case types.Date:
		return dated(t, o.DateFormat, "YYYY-MM-DD", o.AcceptAnyDate, zone)
	case types.Timestamp, types.TimestampTZ:
		def := "YYYY-MM-DD HH:MI:SS"
		if t.Kind == types.TimestampTZ {
			def += "OF"
		}
		return dated(t, o.TimeFormat, def, o.AcceptAnyDate, zone)
	}
	return general(t, zone)
}

// str views f as a string for a call that does not keep it.
func str(f []byte) string { return unsafe.String(unsafe.SliceData(f), len(f)) }

func typeName(t types.Type) string {
	switch t.Kind {
	case types.Int2:
		return "Short"
	case types.Int8:
		return "Long"
	case types.Numeric:
		return "Decimal"
	}
	return "Integer"
}

// integer parses [+-]digits.
// https://docs.aws.amazon.com/redshift/latest/dg/r_Load_Error_Reference.html
func integer(t types.Type, lo, hi int64) convert {
	return func(_ *Reader, f []byte, col *vector.Vector, n int) *RowError {
		s := bytes.TrimSpace(f)
		i, neg := 0, false
		if len(s) > 1 && (s[0] == '-' || s[0] == '+') {
			neg, i = s[0] == '-', 1
		}
		var v uint64
		for ; i < len(s); i++ {
			c := s[i] - '0'
			if c > 9 {
				return &RowError{Code: 1207, Reason: fmt.Sprintf("Invalid digit, Value '%c', Pos %d, Type: %s", s[i], i, typeName(t))}
			}
			if v > (math.MaxUint64-9)/10 {
				return overflow(s, t)
			}
			v = v*10 + uint64(c)
		}
		var x int64
		switch {
		case neg && v <= 1<<63:
			x = -int64(v)
		case !neg && v <= math.MaxInt64:
			x = int64(v)
		default:
			return overflow(s, t)
		}
		if x < lo || x > hi {
			return overflow(s, t)
		}
		col.Int64s[n] = x
		return nil
	}
}

func overflow(s []byte, t types.Type) *RowError {
	return &RowError{Code: 1222, Reason: fmt.Sprintf("Overflow, Value '%s', Pos %d, Type: %s", s, len(s)-1, typeName(t))}
}

// decimal parses [+-]digits[.digits][e[+-]digits]; digits beyond the scale are cut, or rounded with ROUNDEC.
// https://docs.aws.amazon.com/redshift/latest/dg/copy-parameters-data-conversion.html#copy-roundec
func decimal(t types.Type, round bool) convert {
	scale := int(t.Scale)
	wide := t.Lane() == types.LaneWide
	limit := types.Pow10(min(int(t.Prec), 38))
	return func(_ *Reader, f []byte, col *vector.Vector, n int) *RowError {
		s := bytes.TrimSpace(f)
		i, neg := 0, false
		if len(s) > 1 && (s[0] == '-' || s[0] == '+') {
			neg, i = s[0] == '-', 1
		}
		var v uint64
		var big types.Int128
		isBig, seen, point, frac, up := false, false, false, 0, false
		for ; i < len(s); i++ {
			c := s[i]
			if c == '.' && !point {
				point = true
				continue
			}
			if (c == 'e' || c == 'E') && seen {
				return exponent(s, t, round, col, n)
			}
			d := c - '0'
			if d > 9 {
				return &RowError{Code: 1207, Reason: fmt.Sprintf("Invalid digit, Value '%c', Pos %d, Type: Decimal", c, i)}
			}
			seen = true
			if point {
				if frac == scale {
					up = up || (round && d >= 5)
					for i++; i < len(s); i++ { // the rest only has to be digits
						if s[i]-'0' > 9 {
							return &RowError{Code: 1207, Reason: fmt.Sprintf("Invalid digit, Value '%c', Pos %d, Type: Decimal", s[i], i)}
						}
					}
					break
				}
				frac++
			}
			if !isBig && v > (math.MaxInt64-9)/10 {
				isBig, big = true, types.Int128{Lo: v}
			}
			if isBig {
				var ok bool
				if big, ok = big.Mul(types.FromInt64(10)); !ok {
					return overflow(s, t)
				}
				big = big.AddInt64(int64(d))
			} else {
				v = v*10 + uint64(d)
			}
		}
		if !seen {
			return &RowError{Code: 1209, Reason: fmt.Sprintf("Invalid numeric, Value '%s', Pos 0, Type: Decimal", s)}
		}
		if !isBig {
			big = types.Int128{Lo: v}
		}
		big, ok := big.Mul(types.Pow10(scale - frac))
		if !ok {
			return overflow(s, t)
		}
		if up {
			big = big.AddInt64(1)
		}
		return store(big, neg, limit, wide, s, t, col, n)
	}
}

// store writes an unscaled numeric after checking its precision.
func store(v types.Int128, neg bool, limit types.Int128, wide bool, s []byte, t types.Type, col *vector.Vector, n int) *RowError {
	if v.Cmp(limit) >= 0 {
		return overflow(s, t)
	}
	if neg {
		v = v.Neg()
	}
	if wide {
		col.Wides[n] = v
		return nil
	}
	x, ok := v.Int64()
	if !ok {
		return overflow(s, t)
	}
	col.Int64s[n] = x
	return nil
}

// exponent rewrites 1.5e3 as plain digits and parses those.
func exponent(s []byte, t types.Type, round bool, col *vector.Vector, n int) *RowError {
	bad := &RowError{Code: 1209, Reason: fmt.Sprintf("Invalid numeric, Value '%s', Pos 0, Type: Decimal", s)}
	at := bytes.IndexAny(s, "eE")
	e, err := strconv.Atoi(string(s[at+1:]))
	if err != nil || e > 80 || e < -80 {
		return bad
	}
	m := string(s[:at])
	sign := ""
	if m[0] == '-' || m[0] == '+' {
		sign, m = m[:1], m[1:]
	}
	whole, frac, _ := strings.Cut(m, ".")
	point := len(whole) + e
	digits := whole + frac
	if point < 0 {
		digits, point = strings.Repeat("0", -point)+digits, 0
	}
	if point > len(digits) {
		digits += strings.Repeat("0", point-len(digits))
	}
	return decimal(t, round)(nil, []byte(sign+"0"+digits[:point]+"."+digits[point:]), col, n)
}

func floating(t types.Type) convert {
	bits := 64
	if t.Kind == types.Float4 {
		bits = 32
	}
	return func(_ *Reader, f []byte, col *vector.Vector, n int) *RowError {
		s := bytes.TrimSpace(f)
		v, err := strconv.ParseFloat(str(s), bits)
		if err != nil || bytes.ContainsAny(s, "xX_pP") {
			return &RowError{Code: 1208, Reason: fmt.Sprintf("Invalid float/double value '%s'", s)}
		}
		col.Floats[n] = v
		return nil
	}
}

// boolean takes the texts of the guide, in any case.
// https://docs.aws.amazon.com/redshift/latest/dg/r_Boolean_type.html
func boolean(_ *Reader, f []byte, col *vector.Vector, n int) *RowError {
	s := bytes.TrimSpace(f)
	if len(s) == 1 {
		switch s[0] {
		case 't', 'T', 'y', 'Y', '1':
			col.Bools[n] = true
			return nil
		case 'f', 'F', 'n', 'N', '0':
			col.Bools[n] = false
			return nil
		}
	}
	switch strings.ToLower(string(s)) {
	case "true", "yes":
		col.Bools[n] = true
	case "false", "no":
		col.Bools[n] = false
	default:
		return &RowError{Code: 1210, Reason: "Unknown boolean format"}
	}
	return nil
}

// character is CHAR(n): single-byte characters, blanks at the end do not count.
func character(t types.Type, o *Options) convert {
	cut := o.TruncateColumns
	return func(r *Reader, f []byte, col *vector.Vector, n int) *RowError {
		f = bytes.TrimRight(f, " ")
		for i, c := range f {
			if c >= utf8.RuneSelf {
				return &RowError{Code: 1220, Reason: fmt.Sprintf("Multibyte character not supported for CHAR (Hint: Try using VARCHAR). Invalid char: % x", f[i:min(len(f), i+utf8Len(c))])}
			}
		}
		if len(f) > int(t.Len) {
			if !cut {
				return &RowError{Code: 1204, Reason: "String length exceeds DDL length"}
			}
			f = f[:t.Len]
		}
		col.Texts[n] = r.keep(f)
		return nil
	}
}

func utf8Len(lead byte) int {
	switch {
	case lead >= 0xF0:
		return 4
	case lead >= 0xE0:
		return 3
	}
	return 2
}

// hexadecimal reads a VARBYTE: two digits a byte.
// https://docs.aws.amazon.com/redshift/latest/dg/copy-usage-varbyte.html
func hexadecimal(t types.Type) convert {
	limit := int(t.Len)
	if limit == 0 {
		limit = types.MaxVarbyte
	}
	return func(r *Reader, f []byte, col *vector.Vector, n int) *RowError {
		b := make([]byte, hex.DecodedLen(len(f)))
		if _, err := hex.Decode(b, f); err != nil {
			return &RowError{Code: 1223, Reason: "Invalid hexadecimal value"}
		}
		return bytesOf(b, limit, col, n)
	}
}

// opaque reads geometries as WKT, EWKT, or WKB and EWKB in hexadecimal digits, sketches as JSON or Base64.
// https://docs.aws.amazon.com/redshift/latest/dg/copy-usage_notes-spatial-data.html
// https://docs.aws.amazon.com/redshift/latest/dg/copy-usage_notes-hll.html
func opaque(t types.Type) convert {
	return func(_ *Reader, f []byte, col *vector.Vector, n int) *RowError {
		d, err := types.Parse(string(bytes.TrimSpace(f)), t, nil)
		if err != nil {
			return &RowError{Code: 1200, Reason: reasonOf(err)}
		}
		col.Texts[n] = d.Text
		return nil
	}
}

// reasonOf is what an error says, as long as STL_LOAD_ERRORS has it.
func reasonOf(err error) string {
	if e, ok := err.(*sqlstate.Error); ok {
		reason, _, _, _ := e.Fields()
		return clip(reason, 100)
	}
	return clip(err.Error(), 100)
}

// bytesOf writes a value of a VARBYTE column.
func bytesOf(b []byte, limit int, col *vector.Vector, n int) *RowError {
	if len(b) > limit {
		return &RowError{Code: 1204, Reason: "Binary length exceeds DDL length"}
	}
	col.Texts[n] = string(b)
	return nil
}

// varying is VARCHAR(n): n bytes of valid UTF-8.
// https://docs.aws.amazon.com/redshift/latest/dg/multi-byte-character-load-errors.html
func varying(t types.Type, o *Options, column int) convert {
	limit := int(t.Len)
	if limit == 0 {
		limit = types.MaxVarchar
	}
	return func(r *Reader, f []byte, col *vector.Vector, n int) *RowError {
		if o.TrimBlanks {
			f = bytes.TrimRight(f, " \t\n\v\f\r")
		}
		if !ascii(f) {
			switch code, seq, at := invalid(f, o.AcceptInvChars); {
			case at < 0:
				// all is well
			case o.AcceptInvChars:
				f = replace(f, o.InvChar)
				if r.replaced < 0 {
					r.replaced = column
				}
			default:
				return &RowError{Code: 1220, Reason: fmt.Sprintf("String contains invalid or unsupported UTF8 codepoints. Bad UTF8 hex sequence: % x (error %d)", seq, code), Position: at}
			}
		}
		if len(f) > limit {
			switch {
			case o.TruncateColumns:
				k := limit
				for k > 0 && !utf8.RuneStart(f[k]) {
					k--
				}
				f = f[:k]
			default:
				return &RowError{Code: 1204, Reason: "String length exceeds DDL length"}
			}
		}
		col.Texts[n] = r.keep(f)
		return nil
	}
}

// ascii says that all bytes are below 128.
func ascii(f []byte) bool {
	for ; len(f) >= 8; f = f[8:] {
		if binary.LittleEndian.Uint64(f)&0x8080808080808080 != 0 {
			return false
		}
	}
	for _, c := range f {
		if c >= utf8.RuneSelf {
			return false
		}
	}
	return true
}

// invalid finds the first bad sequence and its code in the guide's list; at is -1 where all is well. strict also finds the code points that are no
// characters, which COPY loads unless ACCEPTINVCHARS is given.
// https://docs.aws.amazon.com/redshift/latest/dg/multi-byte-character-load-errors.html
func invalid(f []byte, strict bool) (code int, seq []byte, at int) {
	for i := 0; i < len(f); {
		c := f[i]
		if c < utf8.RuneSelf {
			i++
			continue
		}
		v, k := utf8.DecodeRune(f[i:])
		if k > 1 {
			if strict && noCharacter(v) {
				return 9, f[i : i+k], i
			}
			i += k
			continue
		}
		switch {
		case c < 0xC0 || c >= 0xFE:
			return 3, f[i : i+1], i
		case c >= 0xF8:
			return 1, f[i : i+1], i
		case i+utf8Len(c) > len(f):
			return 2, f[i:], i
		case c == 0xED && f[i+1] >= 0xA0:
			return 5, f[i : i+3], i
		case c > 0xF4, c == 0xF4 && f[i+1] >= 0x90:
			return 8, f[i : i+4], i
		}
		return 4, f[i : i+utf8Len(c)], i
	}
	return 0, nil, -1
}

// noCharacter says that a code point is one of those that stand for no character.
func noCharacter(v rune) bool { return v&0xFFFE == 0xFFFE || v >= 0xFDD0 && v <= 0xFDEF }

// replace puts c in the place of each byte of what is no character.
// https://docs.aws.amazon.com/redshift/latest/dg/copy-parameters-data-conversion.html#copy-acceptinvchars
func replace(f []byte, c byte) []byte {
	out := make([]byte, 0, len(f))
	for len(f) > 0 {
		v, k := utf8.DecodeRune(f)
		if k == 1 && f[0] >= utf8.RuneSelf || noCharacter(v) {
			for range k {
				out = append(out, c)
			}
		} else {
			out = append(out, f[:k]...)
		}
		f = f[k:]
	}
	return out
}

// general parses by the type's text form.
func general(t types.Type, zone *time.Location) convert {
	return func(_ *Reader, f []byte, col *vector.Vector, n int) *RowError {
		d, err := types.Parse(string(f), t, zone)
		if err != nil {
			return &RowError{Code: 1200, Reason: clip(err.Error(), 100)}
		}
		col.Set(n, d)
		return nil
	}
}
