package types

import (
	"errors"
	"math"
	"strconv"
	"strings"
	"time"
	"unicode/utf8"

	"github.com/redshiftsim/redshiftsim/internal/sketch"
	"github.com/redshiftsim/redshiftsim/internal/spatial"
	"github.com/redshiftsim/redshiftsim/internal/sqlstate"
)

// Parse reads text as a value of a type, with Redshift's errors. Text longer than a char or varchar is refused unless only blanks are lost.
func Parse(text string, to Type, loc *time.Location) (Datum, error) {
	return ParseAt(text, to, loc, time.Time{})
}

// ParseAt is Parse with the moment that 'now' and 'today' mean; a zero now is the machine's clock.
func ParseAt(text string, to Type, loc *time.Location, now time.Time) (Datum, error) {
	return Style{}.Parse(text, to, loc, now)
}

// Parse is ParseAt in a session's style: its order of day, month and year.
func (s Style) Parse(text string, to Type, loc *time.Location, now time.Time) (Datum, error) {
	d := Datum{Type: to}
	var err error
	switch to.Kind {
	case Bool:
		d.Bool, err = ParseBool(text)
	case Int2, Int4, Int8, OID:
		d.Int, err = ParseInt(text, to.Kind)
	case Numeric:
		var v Int128
		v, err = ParseDecimal(text, int(to.Prec), int(to.Scale))
		if d.Wide = v; to.Lane() == LaneInt {
			d.Int, _ = v.Int64()
		}
	case Float4, Float8:
		d.Float, err = ParseFloat(text, to.Kind)
	case Date, Time, TimeTZ, Timestamp, TimestampTZ:
		if now.IsZero() {
			now = time.Now()
		}
		d.Wide, err = ParseDatetime(text, to.Kind, loc, now, s.Order)
		d.Int = int64(d.Wide.Lo)
	case Interval, IntervalYM, IntervalDS:
		var mo, us int64
		mo, us, err = ParseInterval(text, to.intervalUnit())
		if to.Kind == Interval {
			d.Wide = MakeInterval(mo, us)
			break
		}
		if d.Int = us; to.Kind == IntervalYM {
			d.Int = mo
		}
		d.Int = to.CutInterval(d.Int)
	case Varbyte:
		d.Text = text
		if to.Len > 0 && len(text) > int(to.Len) {
			err = sqlstate.StringTruncation.Errorf("value too long for type %s", to)
		}
	case Geometry, Geography:
		d.Text, err = spatial.Read(text, to.Kind == Geography)
	case HLLSketch:
		d.Text, err = sketch.Parse(text)
	case Super: // a literal is a string, not JSON
		d.Text, err = superKnows.of(text)
	case Char, Varchar, Name, Text, Unknown, ACLItem:
		d.Text, err = FitText(text, to)
	case Int2Array, Int4Array, OIDArray, Float4Array, BoolArray, Int8Array, CharArray, NameArray, VarcharArray, TextArray, ACLItemArray, Int2Vector, OIDVector:
		d.Text, err = s.parseArray(text, to)
	default:
		err = sqlstate.FeatureNotSupported.Errorf("type \"%s\" is not supported", to)
	}
	return d, err
}

// ParseBool reads true/t/yes/y/1/on and false/f/no/n/0/off in any case.
// https://docs.aws.amazon.com/redshift/latest/dg/r_Boolean_type.html
func ParseBool(text string) (bool, error) {
	s := trim(text)
	if len(s) > 0 && len(s) <= 5 {
		var buf [5]byte
		l := buf[:len(s)]
		for i := range l {
			l[i] = s[i]
			if c := s[i]; c >= 'A' && c <= 'Z' {
				l[i] = c | 0x20
			}
		}
		switch string(l) {
		case "t", "tr", "tru", "true", "y", "ye", "yes", "1", "on":
			return true, nil
		case "f", "fa", "fal", "fals", "false", "n", "no", "0", "off", "of":
			return false, nil
		}
	}
	return false, sqlstate.InvalidText.Errorf("invalid input syntax for type boolean: \"%s\"", text)
}

// ParseInt reads an integer of a kind.
func ParseInt(text string, kind Kind) (int64, error) {
	s := trim(text)
	v, ok := int64(0), len(s) > 0 && len(s) <= 18
	i, neg := 0, false
	if ok && (s[0] == '-' || s[0] == '+') {
		i, neg = 1, s[0] == '-'
		ok = len(s) > 1
	}
	for ; ok && i < len(s); i++ {
		c := s[i] - '0'
		if c > 9 {
			ok = false
		}
		v = v*10 + int64(c)
	}
	if neg {
		v = -v
	}
	if !ok { // long ones and wrong ones
		var err error
		v, err = strconv.ParseInt(s, 10, 64)
		if errors.Is(err, strconv.ErrRange) {
			return 0, outOfRange(text, kind)
		}
		if err != nil || strings.ContainsRune(s, '_') {
			return 0, sqlstate.InvalidText.Errorf("invalid input syntax for integer: \"%s\"", text)
		}
	}
	if !IntFits(v, kind) {
		return 0, outOfRange(text, kind)
	}
	return v, nil
}

// IntFits says whether an integer kind holds v.
func IntFits(v int64, kind Kind) bool {
	switch kind {
	case Int2:
		return v == int64(int16(v))
	case Int4:
		return v == int64(int32(v))
	case OID:
		return v == int64(uint32(v))
	}
	return true
}

func outOfRange(text string, kind Kind) error {
	return sqlstate.NumericOutOfRange.Errorf("value \"%s\" is out of range for type %s", trim(text), names[kind])
}

// ParseFloat reads a real or double precision number.
func ParseFloat(text string, kind Kind) (float64, error) {
	s := trim(text)
	bits := 64
	if kind == Float4 {
		bits = 32
	}
	f, err := strconv.ParseFloat(s, bits)
	switch {
	case err == nil && !strings.ContainsAny(s, "xXpP_"):
		if f == 0 && strings.ContainsAny(mantissa(s), "123456789") {
			break // underflow
		}
		if kind == Float4 && f != 0 && math.Abs(f) < minReal {
			break
		}
		return f, nil
	case !errors.Is(err, strconv.ErrRange):
		return 0, sqlstate.InvalidText.Errorf("invalid input syntax for type %s: \"%s\"", names[kind], text)
	}
	return 0, sqlstate.NumericOutOfRange.Errorf("\"%s\" is out of range for type %s", s, names[kind])
}

// minReal is the smallest real above 0. https://docs.aws.amazon.com/redshift/latest/dg/r_Numeric_types201.html
const minReal = 0x1p-126

func mantissa(s string) string {
	if i := strings.IndexAny(s, "eE"); i >= 0 {
		return s[:i]
	}
	return s
}

// FloatFits says whether real holds f without overflow; double always does.
func FloatFits(f float64, kind Kind) bool {
	return kind != Float4 || math.Abs(f) <= math.MaxFloat32 || math.IsInf(f, 0) || math.IsNaN(f)
}

// FitText checks a text against the limit of its type, in bytes: what is too long is refused unless only blanks are lost. Char loses its
// trailing blanks, which printing brings back.
// https://docs.aws.amazon.com/redshift/latest/dg/r_Character_types.html
func FitText(s string, to Type) (string, error) {
	if to.Kind == Char {
		s = TrimBlanks(s)
	}
	if to.Len <= 0 || len(s) <= int(to.Len) {
		return s, nil
	}
	cut := CutText(s, int(to.Len))
	if len(TrimBlanks(s)) <= len(cut) {
		return cut, nil
	}
	return "", sqlstate.StringTruncation.Errorf("value too long for type %s", to)
}

// SingleByte refuses a text that a CHAR cannot hold.
// https://docs.aws.amazon.com/redshift/latest/dg/r_Character_types.html
func SingleByte(s string) error {
	for i := 0; i < len(s); i++ {
		if s[i] >= 0x80 {
			return sqlstate.Internal.Errorf("CHAR string contains invalid ASCII character").WithDetail("code: 8001")
		}
	}
	return nil
}

// CutText cuts s to at most n bytes, at a character.
func CutText(s string, n int) string {
	if len(s) <= n {
		return s
	}
	for n > 0 && !utf8.RuneStart(s[n]) {
		n--
	}
	return s[:n]
}

// TrimBlanks cuts trailing blanks: comparison of char and varchar ignores them.
func TrimBlanks(s string) string {
	for len(s) > 0 && s[len(s)-1] == ' ' {
		s = s[:len(s)-1]
	}
	return s
}

// CompareText orders two texts by bytes, trailing blanks ignored.
// https://docs.aws.amazon.com/redshift/latest/dg/r_Character_types.html
func CompareText(a, b string) int {
	if len(a) > 0 && a[len(a)-1] == ' ' {
		a = TrimBlanks(a)
	}
	if len(b) > 0 && b[len(b)-1] == ' ' {
		b = TrimBlanks(b)
	}
	return strings.Compare(a, b)
}

// EqualText is CompareText(a, b) == 0.
func EqualText(a, b string) bool {
	if len(a) == len(b) {
		return a == b
	}
	return TrimBlanks(a) == TrimBlanks(b)
}
