package load

import (
	"bytes"

	"github.com/redshiftsim/redshiftsim/internal/super"
)

// maxDepth is how deep objects and arrays may be nested.
const maxDepth = super.MaxDepth

// badJSON is the error of a record that is no well-formed object or array.
func badJSON(at int) *RowError {
	return &RowError{Code: 1216, Reason: "Invalid JSON format", Position: at}
}

// notObject and noElement are the errors of a path that asks for what a value has not.
// https://docs.aws.amazon.com/redshift/latest/dg/copy-parameters-data-format.html#copy-json-jsonpath-expressions
func notObject() *RowError {
	return &RowError{Code: 1216, Reason: "Invalid JSONPath format: Member is not an object."}
}

func noElement() *RowError {
	return &RowError{Code: 1216, Reason: "Invalid JSONPath format: Not an array or index out of range."}
}

// cutJSON takes the next object or array off the file in hand. What stands between them and is no white space comes as a record of its own, up to the end
// of its line: splitJSON refuses it.
// https://docs.aws.amazon.com/redshift/latest/dg/copy-parameters-data-format.html#copy-json-data-file
func (r *Reader) cutJSON() (rec []byte, ok bool, err error) {
	s := jsonScan{strip: r.job.Options.StripArray}
	scanned, blank := 0, " \t\r\n"
	if s.strip {
		blank += "[,]"
	}
	for {
		window := r.buf[r.lo+scanned : r.hi]
		n, done := s.scan(window)
		scanned += n
		if !done && !r.eof {
			if s.begun == 0 { // white space so far: it need not be kept
				r.line += int64(bytes.Count(r.buf[r.lo:r.lo+scanned], nl))
				r.lo, scanned = r.lo+scanned, 0
			}
			if err := r.fill(); err != nil {
				return nil, false, err
			}
			continue
		}
		all := bytes.TrimRight(r.buf[r.lo:r.lo+scanned], " \t\r\n") // the line of the record is its last one
		r.line += int64(bytes.Count(all, nl))
		r.lo += len(all)
		rec = bytes.TrimLeft(all, blank)
		if len(rec) > r.most {
			return nil, false, r.tooLong()
		}
		if len(rec) == 0 {
			r.lo = r.hi
		}
		return rec, len(rec) > 0, nil
	}
}

// jsonScan finds the end of an object or array by its brackets.
type jsonScan struct {
	strip    bool // records are the elements of an array
	begun    byte // what the record begins with, 0 = nothing yet
	depth    int
	inString bool
	escaped  bool
}

// scan reads on; done says that the record ends after n bytes.
func (s *jsonScan) scan(b []byte) (n int, done bool) {
	for i := 0; i < len(b); i++ {
		c := b[i]
		switch {
		case s.inString:
			switch {
			case s.escaped:
				s.escaped = false
			case c == '\\':
				s.escaped = true
			case c == '"':
				s.inString = false
			default:
				i = max(i, plainText(b, i+1)-1) // most of a text is neither
			}
		case s.begun == 0:
			if c != ' ' && c != '\n' && c != '\r' && c != '\t' && !(s.strip && (c == '[' || c == ',' || c == ']')) {
				if s.begun = c; c == '{' || c == '[' {
					s.depth = 1
				}
			}
		case s.depth == 0: // no JSON: to the end of the line or the next bracket
			if c == '\n' || c == '{' || c == '[' {
				return i, true
			}
		case c == '"':
			s.inString = true
		case c == '{' || c == '[':
			s.depth++
		case c == '}' || c == ']':
			if s.depth--; s.depth == 0 {
				return i + 1, true
			}
		}
	}
	return len(b), false
}

// splitJSON puts the values of an object or array into r.fields, one a column.
func (r *Reader) splitJSON(rec []byte) *RowError {
	want := len(r.job.Columns)
	for range want {
		r.add(nil, nullField)
	}
	c := cursor{b: rec}
	r.key = 0
	var bad *RowError
	m := r.job.mapping
	switch {
	case rec[0] == '{':
		bad = c.members(0, func(key []byte) *RowError { return r.member(&c, key) })
	case rec[0] != '[':
		bad = badJSON(0)
	case m.paths == nil:
		bad = &RowError{Code: 1216, Reason: "Invalid JSON format: an array needs a JSONPaths file"}
	case len(m.first) > 0:
		bad = notObject()
	default:
		if _, ok := c.value(0); !ok {
			bad = badJSON(c.i)
		}
	}
	if bad != nil {
		return bad
	}
	if c.space(); c.i < len(rec) {
		return badJSON(c.i)
	}
	for _, col := range m.roots {
		if bad := r.descend(rec, m.paths[col], col); bad != nil {
			return bad
		}
	}
	return nil
}

// member takes the value of a key of the record, at which c stands.
func (r *Reader) member(c *cursor, key []byte) *RowError {
	m := r.job.mapping
	v, ok := c.value(1)
	if !ok {
		return badJSON(c.i)
	}
	if m.paths == nil {
		if col, ok := r.column(key); ok {
			r.setJSON(col, c.b, v)
		}
		return nil
	}
	for _, col := range m.first[string(key)] {
		p := m.paths[col]
		if len(p) == 1 {
			r.setJSON(col, c.b, v)
		} else if bad := r.descend(c.b[v.from:v.to], p[1:], col); bad != nil {
			return bad
		}
	}
	return nil
}

// descend follows the steps of a path within b, which is one well-formed value.
// https://docs.aws.amazon.com/redshift/latest/dg/copy-parameters-data-format.html#copy-json-jsonpath-expressions
func (r *Reader) descend(b []byte, p []step, col int) *RowError {
	c := cursor{b: b}
	for len(p) > 0 {
		c.space()
		found := false
		var v token
		switch at := p[0]; {
		case at.key == nil:
			if c.i == len(b) || b[c.i] != '[' {
				return noElement()
			}
			n := 0
			c.elements(0, func() bool {
				if v, _ = c.value(0); n == at.index {
					found = true
				}
				n++
				return !found
			})
			if !found {
				return noElement()
			}
		case bytes.HasPrefix(b[c.i:], []byte("null")):
			return nil
		case c.i == len(b) || b[c.i] != '{':
			return notObject()
		default:
			_ = c.members(0, func(key []byte) *RowError {
				if w, _ := c.value(0); string(key) == string(at.key) {
					v, found = w, true
				}
				return nil
			})
			if !found {
				return nil
			}
		}
		b, p = b[v.from:v.to], p[1:]
		c = cursor{b: b}
	}
	v, _ := c.value(0)
	r.setJSON(col, b, v)
	return nil
}

// setJSON makes a value the field of a column: a string without its quotes and escapes, an object or array as its text, anything else as it is.
func (r *Reader) setJSON(col int, b []byte, v token) {
	f := b[v.from:v.to]
	if r.superField(col, f) {
		return
	}
	kind := quotedField
	switch {
	case v.kind == '"' && v.escaped:
		at := len(r.cell)
		r.cell = super.AppendUnescaped(r.cell, f[1:len(f)-1])
		f = r.cell[at:len(r.cell):len(r.cell)]
	case v.kind == '"':
		f = f[1 : len(f)-1]
	case v.kind == 'n':
		f, kind = nil, nullField
	case v.kind == '{' || v.kind == '[':
		if bytes.IndexByte(f, '\n') >= 0 {
			at := len(r.cell)
			r.cell = oneLine(r.cell, f)
			f = r.cell[at:len(r.cell):len(r.cell)]
		}
	}
	r.fields[col], r.kinds[col] = f, kind
}

// oneLine appends JSON text without its line breaks and the blanks around them, as COPY loads nested values into text columns.
// https://docs.aws.amazon.com/redshift/latest/dg/copy-usage_notes-copy-from-json.html
func oneLine(out, f []byte) []byte {
	for i, line := range bytes.Split(f, nl) {
		if line = bytes.TrimRight(line, " \t\r"); i > 0 {
			line = bytes.TrimLeft(line, " \t")
		}
		out = append(out, line...)
	}
	return out
}

// cursor reads JSON text. Its methods leave i at what is wrong when they fail.
type cursor struct {
	b []byte
	i int
}

// token is a value: its place in the text and what it begins with ('"', '{', '[', 't', 'f', 'n', or a digit).
type token struct {
	kind     byte
	escaped  bool // a string with backslashes
	from, to int
}

func (c *cursor) space() {
	for c.i < len(c.b) && (c.b[c.i] == ' ' || c.b[c.i] == '\n' || c.b[c.i] == '\r' || c.b[c.i] == '\t') {
		c.i++
	}
}

// is consumes a byte after white space.
func (c *cursor) is(want byte) bool {
	if c.space(); c.i < len(c.b) && c.b[c.i] == want {
		c.i++
		return true
	}
	return false
}

// value reads any value.
func (c *cursor) value(depth int) (v token, ok bool) {
	c.space()
	if c.i >= len(c.b) || depth > maxDepth {
		return v, false
	}
	v.from, v.kind = c.i, c.b[c.i]
	switch v.kind {
	case '"':
		v.escaped, ok = c.text()
	case '{':
		ok = c.members(depth, func([]byte) *RowError {
			if _, ok := c.value(depth + 1); !ok {
				return badJSON(c.i)
			}
			return nil
		}) == nil
	case '[':
		ok = c.elements(depth, func() bool { _, ok := c.value(depth + 1); return ok })
	case 't':
		ok = c.word("true")
	case 'f':
		ok = c.word("false")
	case 'n':
		ok = c.word("null")
	default:
		ok = c.number()
	}
	v.to = c.i
	return v, ok
}

// members reads an object and calls each with c at the value of a key.
func (c *cursor) members(depth int, each func(key []byte) *RowError) *RowError {
	if !c.is('{') {
		return badJSON(c.i)
	}
	if c.is('}') {
		return nil
	}
	for {
		if c.space(); c.i >= len(c.b) || c.b[c.i] != '"' {
			return badJSON(c.i)
		}
		from := c.i + 1
		escaped, ok := c.text()
		if !ok {
			return badJSON(c.i)
		}
		key := c.b[from : c.i-1]
		if escaped {
			key = super.AppendUnescaped(nil, key)
		}
		if !c.is(':') {
			return badJSON(c.i)
		}
		if bad := each(key); bad != nil {
			return bad
		}
		if c.is('}') {
			return nil
		}
		if !c.is(',') {
			return badJSON(c.i)
		}
	}
}

// elements reads an array and calls each with c at an element; it ends early, and fails, when each says so.
func (c *cursor) elements(depth int, each func() bool) bool {
	if !c.is('[') {
		return false
	}
	if c.is(']') {
		return true
	}
	for each() {
		if c.is(']') {
			return true
		}
		if !c.is(',') {
			return false
		}
	}
	return false
}

// text reads a string.
func (c *cursor) text() (escaped, ok bool) {
	for c.i++; c.i < len(c.b); c.i++ {
		if c.i = plainText(c.b, c.i); c.i == len(c.b) {
			break
		}
		switch ch := c.b[c.i]; {
		case ch == '"':
			c.i++
			return escaped, true
		case ch == '\\':
			escaped = true
			if c.i++; c.i >= len(c.b) {
				return escaped, false
			}
			switch c.b[c.i] {
			case '"', '\\', '/', 'b', 'f', 'n', 'r', 't':
			case 'u':
				if c.i+4 >= len(c.b) || super.Hex4(c.b[c.i+1:]) < 0 {
					return escaped, false
				}
				c.i += 4
			default:
				return escaped, false
			}
		case ch < ' ':
			return escaped, false
		}
	}
	return escaped, false
}

func (c *cursor) word(w string) bool {
	if len(c.b)-c.i >= len(w) && string(c.b[c.i:c.i+len(w)]) == w {
		c.i += len(w)
		return true
	}
	return false
}

// number reads -digits[.digits][e[+-]digits].
func (c *cursor) number() bool {
	digits := func() bool {
		from := c.i
		for c.i < len(c.b) && c.b[c.i]-'0' <= 9 {
			c.i++
		}
		return c.i > from
	}
	if c.b[c.i] == '-' {
		c.i++
	}
	from := c.i
	if !digits() || c.b[from] == '0' && c.i > from+1 {
		return false
	}
	if c.i < len(c.b) && c.b[c.i] == '.' {
		if c.i++; !digits() {
			return false
		}
	}
	if c.i < len(c.b) && c.b[c.i]|0x20 == 'e' {
		if c.i++; c.i < len(c.b) && (c.b[c.i] == '+' || c.b[c.i] == '-') {
			c.i++
		}
		return digits()
	}
	return true
}
