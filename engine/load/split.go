package load

import (
	"bytes"
	"strconv"
	"unicode/utf8"
)

func itoa(n int) string { return strconv.Itoa(n) }

// split cuts rec into r.fields by the format's rules.
func (r *Reader) split(rec []byte) *RowError {
	r.fields, r.kinds, r.cell = r.fields[:0], r.kinds[:0], r.cell[:0]
	o := &r.job.Options
	switch {
	case o.Rules != nil && o.Rules.Regexp != nil:
		return r.splitRegexp(rec)
	case o.Format == OpenCSV:
		return r.splitOpenCSV(rec)
	case o.Format == CSV:
		return r.splitCSV(rec)
	case o.Format == FixedWidth:
		return r.splitFixed(rec)
	case o.Format == JSON || o.Format == Avro:
		return r.splitJSON(rec)
	case o.Format == Shapefile:
		return r.splitShape(rec)
	case o.Escape || o.RemoveQuotes:
		return r.splitEscaped(rec)
	}
	for {
		i := delimiterIn(rec, o.Delimiter)
		if i < 0 {
			r.add(rec, plainField)
			return nil
		}
		r.add(rec[:i], plainField)
		rec = rec[i+len(o.Delimiter):]
	}
}

func (r *Reader) add(f []byte, kind fieldKind) {
	r.fields = append(r.fields, f)
	r.kinds = append(r.kinds, kind)
}

// delimiterIn finds the delimiter, -1 = it is not there.
func delimiterIn(b []byte, d string) int {
	if len(d) == 1 {
		return bytes.IndexByte(b, d[0])
	}
	return bytes.Index(b, []byte(d))
}

// delimited says that b begins with the delimiter.
func delimited(b []byte, d string) bool {
	return len(b) >= len(d) && string(b[:len(d)]) == d
}

// blanks is the length of the spaces and tabs that b begins with; a delimiter among them ends them.
func blanks(b []byte, d string) int {
	i := 0
	for i < len(b) && (b[i] == ' ' || b[i] == '\t') && !delimited(b[i:], d) {
		i++
	}
	return i
}

// splitCSV follows RFC 4180: a field that begins with the quote ends at the next single one, doubled quotes stand for one. White space around the quotes
// does not count.
// https://docs.aws.amazon.com/redshift/latest/dg/copy-parameters-data-format.html#copy-csv
func (r *Reader) splitCSV(rec []byte) *RowError {
	o := &r.job.Options
	q, d := o.Quote, o.Delimiter
	bad := func(at int) *RowError {
		return &RowError{Code: 1216, Reason: "Invalid quote formatting for CSV", Position: at}
	}
	for i := 0; ; {
		start := i
		if i < len(rec) && (rec[i] == ' ' || rec[i] == '\t') {
			i += blanks(rec[i:], d)
		}
		if i < len(rec) && rec[i] == q {
			f, n := r.quotedCSV(rec[i+1:], q)
			if n < 0 {
				return bad(i)
			}
			r.add(f, quotedField)
			i += 1 + n
			i += blanks(rec[i:], d)
			if i < len(rec) && !delimited(rec[i:], d) {
				return bad(i)
			}
		} else {
			f := rec[start:]
			if k := delimiterIn(f, d); k >= 0 {
				f = f[:k]
			}
			if k := bytes.IndexByte(f, q); k >= 0 {
				return bad(start + k)
			}
			r.add(f, plainField)
			i = start + len(f)
		}
		if i >= len(rec) {
			return nil
		}
		i += len(d)
		if i == len(rec) {
			r.add(rec[i:], plainField)
			return nil
		}
	}
}

// quotedCSV reads a field behind its first quote; n is how long it is with the last one, < 0 where that is missing.
func (r *Reader) quotedCSV(b []byte, q byte) (f []byte, n int) {
	k := bytes.IndexByte(b, q)
	if k >= 0 && (k+1 == len(b) || b[k+1] != q) { // no doubled quote inside
		return b[:k], k + 1
	}
	at := len(r.cell)
	for i := 0; ; {
		k := bytes.IndexByte(b[i:], q)
		if k < 0 {
			return nil, -1
		}
		r.cell = append(r.cell, b[i:i+k]...)
		i += k + 1
		if i == len(b) || b[i] != q {
			return r.cell[at:len(r.cell):len(r.cell)], i
		}
		r.cell = append(r.cell, q)
		i++
	}
}

// splitEscaped handles ESCAPE and REMOVEQUOTES.
// https://docs.aws.amazon.com/redshift/latest/dg/copy-parameters-data-conversion.html#copy-escape
func (r *Reader) splitEscaped(rec []byte) *RowError {
	o := &r.job.Options
	if o.Escape {
		if i := bytes.IndexByte(rec, 0); i >= 0 { // NUL ends the record: it cannot be escaped
			rec = rec[:i]
		}
	}
	for i := 0; ; {
		at := len(r.cell)
		var quote byte
		start := i
		if o.RemoveQuotes && i < len(rec) && (rec[i] == '"' || rec[i] == '\'') {
			quote = rec[i]
			i++
		}
		closed := quote == 0
		kind := plainField
		for i < len(rec) {
			c := rec[i]
			if o.Escape && c == '\\' && i+1 < len(rec) {
				if n := r.nullMarker(rec, i, start); n > 0 {
					r.cell = append(r.cell, o.Null...)
					i += n
					continue
				}
				r.cell = append(r.cell, rec[i+1])
				i += 2
				continue
			}
			if quote != 0 && c == quote && (i+1 == len(rec) || delimited(rec[i+1:], o.Delimiter)) {
				closed, kind = true, quotedField
				i++
				break
			}
			if quote == 0 && delimited(rec[i:], o.Delimiter) {
				break
			}
			r.cell = append(r.cell, c)
			i++
		}
		if !closed {
			return &RowError{Code: 1214, Reason: "Delimited value missing end quote", Position: start}
		}
		r.add(r.cell[at:len(r.cell):len(r.cell)], kind)
		if i >= len(rec) {
			return nil
		}
		i += len(o.Delimiter)
		if i == len(rec) {
			r.add(rec[i:], plainField)
			return nil
		}
	}
}

// nullMarker is the length of a NULL string that is the whole field from start on and begins with the backslash at i; \\N is \N too.
func (r *Reader) nullMarker(rec []byte, i, start int) int {
	o := &r.job.Options
	if i != start || o.Null == "" || o.Null[0] != '\\' {
		return 0
	}
	n := 0
	switch {
	case bytes.HasPrefix(rec[i:], []byte(o.Null)):
		n = len(o.Null)
	case o.Null == `\N` && bytes.HasPrefix(rec[i:], []byte(`\\N`)):
		n = 3
	}
	if n > 0 && (i+n == len(rec) || delimited(rec[i+n:], o.Delimiter)) {
		return n
	}
	return 0
}

// splitFixed cuts by character counts; blanks around a field are dropped.
func (r *Reader) splitFixed(rec []byte) *RowError {
	for _, w := range r.job.Options.Widths {
		n := 0
		for range w {
			if n >= len(rec) {
				break
			}
			_, k := utf8.DecodeRune(rec[n:])
			n += k
		}
		f := rec[:n]
		rec = rec[n:]
		r.add(bytes.Trim(f, " "), plainField)
	}
	if len(rec) > 0 && len(bytes.TrimSpace(rec)) > 0 {
		return &RowError{Code: 1202, Reason: "Extra column(s) found"}
	}
	return nil
}
