package super

import (
	"strconv"
	"strings"
	"sync"
	"unicode/utf8"
	"unsafe"

	"github.com/redshiftsim/redshiftsim/internal/sqlstate"
	"github.com/redshiftsim/redshiftsim/internal/types"
)

// Parser reads JSON. It keeps its memory from value to value and is for one goroutine; the zero value is ready.
type Parser struct {
	// Dedup keeps the last of an object's attributes of one name, which is an error otherwise: json_parse_dedup_attributes.
	Dedup bool
	// Truncate cuts a string that is too long, which is an error otherwise: json_parse_truncate_strings.
	Truncate bool

	b    Builder
	s    string
	i    int
	text []byte
}

var parsers = sync.Pool{New: func() any { return new(Parser) }}

// Parse appends the value of a JSON text to dst, which comes back as it was when the text is none.
//
// A number without point and exponent is an Int or, beyond 64 bits, a Decimal; one with a point a Decimal of the scale that is written; one with an exponent or
// more than 38 digits a Float. Errors are JSON parsing error (XX000) with what is wrong, and where, as detail.
// https://docs.aws.amazon.com/redshift/latest/dg/JSON_PARSE.html
func Parse(dst []byte, json string) ([]byte, error) {
	p := parsers.Get().(*Parser)
	dst, err := p.Parse(dst, json)
	parsers.Put(p)
	return dst, err
}

// ParseBytes is Parse of bytes, which are not kept.
func (p *Parser) ParseBytes(dst, json []byte) ([]byte, error) {
	return p.Parse(dst, unsafe.String(unsafe.SliceData(json), len(json)))
}

// Parse appends the value of a JSON text to dst, as the function Parse does.
// https://docs.aws.amazon.com/redshift/latest/dg/super-configurations.html#parsing-options-super
func (p *Parser) Parse(dst []byte, json string) ([]byte, error) {
	p.b.Reset(dst)
	p.s, p.i = json, 0
	err := p.document()
	out := p.b.Bytes()
	p.b.buf, p.s = nil, ""
	if err == nil && len(out)-len(dst) > MaxSize {
		err = TooLarge()
	}
	if err != nil {
		return dst, err
	}
	return out, nil
}

// TooLarge is the error of a value of more than MaxSize bytes.
func TooLarge() error {
	return sqlstate.Internal.Errorf("JSON parsing error").WithDetail("the value is larger than the limit of a SUPER value, %d bytes", MaxSize)
}

// TooDeep is the error of a value with more than MaxDepth arrays and objects within each other.
func TooDeep() error {
	return sqlstate.Internal.Errorf("JSON parsing error").WithDetail("the value is nested more deeply than the limit of a SUPER value, %d levels", MaxDepth)
}

// fail is the error of what lies at p.i.
func (p *Parser) fail(what string) error {
	return sqlstate.Internal.Errorf("JSON parsing error").WithDetail("%s at byte %d", what, p.i+1)
}

func (p *Parser) document() error {
	p.space()
	if err := p.value(0); err != nil {
		return err
	}
	if p.space(); p.i < len(p.s) {
		return p.fail("text after the end of the JSON value")
	}
	return nil
}

func (p *Parser) space() {
	for p.i < len(p.s) {
		if c := p.s[p.i]; c > ' ' || c != ' ' && c != '\n' && c != '\t' && c != '\r' {
			return
		}
		p.i++
	}
}

// value reads a value that lies within depth arrays and objects.
func (p *Parser) value(depth int) error {
	if p.i >= len(p.s) {
		return p.fail("a JSON value is missing")
	}
	switch c := p.s[p.i]; {
	case c == '"':
		return p.string()
	case c == '{', c == '[':
		if depth >= MaxDepth {
			return TooDeep()
		}
		if len(p.b.buf) > 2*MaxSize { // rather now than with all memory gone
			return TooLarge()
		}
		if c == '[' {
			return p.array(depth + 1)
		}
		return p.object(depth + 1)
	case c == '-' || c-'0' <= 9:
		return p.number()
	case strings.HasPrefix(p.s[p.i:], "true"):
		p.i += 4
		p.b.Bool(true)
	case strings.HasPrefix(p.s[p.i:], "false"):
		p.i += 5
		p.b.Bool(false)
	case strings.HasPrefix(p.s[p.i:], "null"):
		p.i += 4
		p.b.Null()
	default:
		return p.fail("no JSON value begins")
	}
	return nil
}

// next gives the byte after white space, and takes it if it is one of two; 0 = the text has ended.
func (p *Parser) next(a, b byte) byte {
	if p.space(); p.i >= len(p.s) {
		return 0
	}
	c := p.s[p.i]
	if c == a || c == b {
		p.i++
	}
	return c
}

func (p *Parser) array(depth int) error {
	p.b.BeginArray()
	p.i++
	if p.space(); p.i < len(p.s) && p.s[p.i] == ']' {
		p.i++
		p.b.EndArray()
		return nil
	}
	for {
		p.space()
		if err := p.value(depth); err != nil {
			return err
		}
		switch p.next(',', ']') {
		case ',':
		case ']':
			p.b.EndArray()
			return nil
		default:
			return p.fail("an array goes on without a comma or its end")
		}
	}
}

func (p *Parser) object(depth int) error {
	p.b.BeginObject()
	p.i++
	if p.space(); p.i < len(p.s) && p.s[p.i] == '}' {
		p.i++
		return p.endObject()
	}
	for {
		if p.space(); p.i >= len(p.s) || p.s[p.i] != '"' {
			return p.fail("the name of an attribute is missing")
		}
		name, err := p.quoted()
		if err != nil {
			return err
		}
		p.b.Name(name)
		if p.next(':', ':') != ':' {
			return p.fail("a colon is missing after the name of an attribute")
		}
		p.space()
		if err := p.value(depth); err != nil {
			return err
		}
		switch p.next(',', '}') {
		case ',':
		case '}':
			return p.endObject()
		default:
			return p.fail("an object goes on without a comma or its end")
		}
	}
}

// endObject ends an object, which may have each name once.
func (p *Parser) endObject() error {
	name, found := p.b.endObject(p.Dedup)
	if found && !p.Dedup {
		return sqlstate.Internal.Errorf("JSON parsing error").WithDetail("the attribute \"%s\" appears more than once in an object", name)
	}
	return nil
}

// string adds a string.
func (p *Parser) string() error {
	at := p.i
	s, err := p.quoted()
	if err != nil {
		return err
	}
	if len(s) > MaxString {
		if !p.Truncate {
			p.i = at
			return sqlstate.Internal.Errorf("JSON parsing error").WithDetail("a string is longer than the limit of a string in a SUPER value, %d bytes", MaxString)
		}
		s = types.CutText(s, MaxString)
	}
	p.b.String(s)
	return nil
}

// plain says which bytes of a string stand for themselves.
var plain = func() (t [256]bool) {
	for c := ' '; c < 0x80; c++ {
		t[c] = c != '"' && c != '\\'
	}
	return t
}()

// quoted reads a string; it is valid until the next.
func (p *Parser) quoted() (string, error) {
	p.i++
	from, escapes, wide := p.i, false, false
	for {
		for p.i < len(p.s) && plain[p.s[p.i]] {
			p.i++
		}
		if p.i >= len(p.s) {
			return "", p.fail("the end of a string is missing")
		}
		switch c := p.s[p.i]; {
		case c == '"':
			s := p.s[from:p.i]
			if wide && !utf8.ValidString(s) {
				return "", sqlstate.Internal.Errorf("JSON parsing error").WithDetail("a string is not valid UTF-8")
			}
			p.i++
			if !escapes {
				return s, nil
			}
			p.text = AppendUnescaped(p.text[:0], s)
			if !utf8.Valid(p.text) { // half of a surrogate pair
				return strings.ToValidUTF8(string(p.text), "\uFFFD"), nil
			}
			return unsafe.String(unsafe.SliceData(p.text), len(p.text)), nil
		case c == '\\':
			n := escape(p.s[p.i:])
			if n == 0 {
				return "", p.fail("a string has an escape that JSON does not know")
			}
			escapes = true
			p.i += n
		case c < ' ':
			return "", p.fail("a string has a control character that is not escaped")
		default:
			wide = true
			p.i++
		}
	}
}

// escape is the length of the escape with which s begins, 0 when it is none.
func escape(s string) int {
	if len(s) < 2 {
		return 0
	}
	switch s[1] {
	case '"', '\\', '/', 'b', 'f', 'n', 'r', 't':
		return 2
	case 'u':
		if len(s) >= 6 && Hex4(s[2:6]) >= 0 {
			return 6
		}
	}
	return 0
}

// digits skips digits and says how many.
func (p *Parser) digits() int {
	from := p.i
	for p.i < len(p.s) && p.s[p.i]-'0' <= 9 {
		p.i++
	}
	return p.i - from
}

// number adds a number.
func (p *Parser) number() error {
	from := p.i
	if p.s[p.i] == '-' {
		p.i++
	}
	first := p.i
	n := p.digits()
	if n == 0 || n > 1 && p.s[first] == '0' {
		return p.fail("a number is not written as JSON writes it")
	}
	scale, float := 0, false
	if p.i < len(p.s) && p.s[p.i] == '.' {
		p.i++
		if scale = p.digits(); scale == 0 {
			return p.fail("a number is not written as JSON writes it")
		}
	}
	if p.i < len(p.s) && p.s[p.i]|0x20 == 'e' {
		if p.i++; p.i < len(p.s) && (p.s[p.i] == '+' || p.s[p.i] == '-') {
			p.i++
		}
		if p.digits() == 0 {
			return p.fail("a number is not written as JSON writes it")
		}
		float = true
	}
	s := p.s[from:p.i]
	if !float && n+scale <= 18 {
		p.small(s, scale)
		return nil
	}
	if !float && scale <= types.MaxScale {
		if x, err := types.ParseDecimal(s, types.MaxPrecision, scale); err == nil {
			p.b.Decimal(x, scale)
			return nil
		}
	}
	f, err := strconv.ParseFloat(s, 64)
	if err != nil {
		p.i = from
		return p.fail("a number is out of the range of double precision")
	}
	p.b.Float(f)
	return nil
}

// small adds a number of at most 18 digits.
func (p *Parser) small(s string, scale int) {
	x, negative := int64(0), false
	for i := range len(s) {
		switch c := s[i]; c {
		case '-':
			negative = true
		case '.':
		default:
			x = 10*x + int64(c-'0')
		}
	}
	if negative {
		x = -x
	}
	if scale == 0 {
		p.b.Int(x)
		return
	}
	p.b.Decimal(types.FromInt64(x), scale)
}
