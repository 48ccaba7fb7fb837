package load

import (
	"bytes"
	"strconv"
	"unicode/utf8"
)

func itoa(n int) string { return strconv.Itoa(n) }

// split cuts rec into r.fields by the format's rules.
func (r *Reader) split(rec []byte) *RowError {
	r.fields, r.quoted, r.cell = r.fields[:0], r.quoted[:0], r.cell[:0]
	o := &r.job.Options
	switch {
	case o.Format == CSV:
		return r.splitCSV(rec)
	case o.Format == FixedWidth:
		return r.splitFixed(rec)
	case o.Escape || o.RemoveQuotes:
		return r.splitEscaped(rec)
	}
	for {
		i := bytes.IndexByte(rec, o.Delimiter)
		if i < 0 {
			r.add(rec, false)
			return nil
		}
		r.add(rec[:i], false)
		rec = rec[i+1:]
	}
}

func (r *Reader) add(f []byte, quoted bool) {
	r.fields = append(r.fields, f)
	r.quoted = append(r.quoted, quoted)
}

// splitCSV follows RFC 4180: a field that begins with the quote ends at the next single one, doubled quotes stand for one.
func (r *Reader) splitCSV(rec []byte) *RowError {
	o := &r.job.Options
	q, d := o.Quote, o.Delimiter
	for i := 0; ; {
		if i < len(rec) && rec[i] == q {
			start := i + 1
			k := bytes.IndexByte(rec[start:], q)
			if k >= 0 && (start+k+1 == len(rec) || rec[start+k+1] != q) { // no doubled quote inside
				r.add(rec[start:start+k], true)
				i = start + k + 1
			} else {
				at := len(r.cell)
				for i = start; ; {
					k := bytes.IndexByte(rec[i:], q)
					if k < 0 {
						return &RowError{Code: 1216, Reason: "Invalid quote formatting for CSV", Position: start - 1}
					}
					r.cell = append(r.cell, rec[i:i+k]...)
					i += k + 1
					if i < len(rec) && rec[i] == q {
						r.cell = append(r.cell, q)
						i++
						continue
					}
					break
				}
				r.add(r.cell[at:len(r.cell):len(r.cell)], true)
			}
			if i < len(rec) && rec[i] != d {
				return &RowError{Code: 1216, Reason: "Invalid quote formatting for CSV", Position: i}
			}
		} else {
			k := bytes.IndexByte(rec[i:], d)
			f := rec[i:]
			if k >= 0 {
				f = rec[i : i+k]
			}
			if bytes.IndexByte(f, q) >= 0 {
				return &RowError{Code: 1216, Reason: "Invalid quote formatting for CSV", Position: i}
			}
			r.add(f, false)
			i += len(f)
		}
		if i >= len(rec) {
			return nil
		}
		i++ // the delimiter
		if i == len(rec) {
			r.add(rec[i:], false)
			return nil
		}
	}
}

// splitEscaped handles ESCAPE and REMOVEQUOTES.
// https://docs.aws.amazon.com/redshift/latest/dg/copy-parameters-data-conversion.html#copy-escape
func (r *Reader) splitEscaped(rec []byte) *RowError {
	o := &r.job.Options
	for i := 0; ; {
		at := len(r.cell)
		var quote byte
		start := i
		if o.RemoveQuotes && i < len(rec) && (rec[i] == '"' || rec[i] == '\'') {
			quote = rec[i]
			i++
		}
		closed := quote == 0
		literal := false // an escaped NULL marker is data
		for i < len(rec) {
			c := rec[i]
			if o.Escape && c == '\\' && i+1 < len(rec) {
				if string(rec[i:min(len(rec), i+len(o.Null))]) == o.Null && i == start && (i+len(o.Null) == len(rec) || rec[i+len(o.Null)] == o.Delimiter) {
					r.cell = append(r.cell, o.Null...)
					i += len(o.Null)
					continue
				}
				r.cell = append(r.cell, rec[i+1])
				i += 2
				continue
			}
			if quote != 0 && c == quote && (i+1 == len(rec) || rec[i+1] == o.Delimiter) {
				closed, literal = true, true
				i++
				break
			}
			if quote == 0 && c == o.Delimiter {
				break
			}
			r.cell = append(r.cell, c)
			i++
		}
		if !closed {
			return &RowError{Code: 1214, Reason: "Delimited value missing end quote", Position: start}
		}
		r.add(r.cell[at:len(r.cell):len(r.cell)], literal)
		if i >= len(rec) {
			return nil
		}
		i++
		if i == len(rec) {
			r.add(rec[i:], false)
			return nil
		}
	}
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
		r.add(bytes.Trim(f, " "), false)
	}
	if len(rec) > 0 && len(bytes.TrimSpace(rec)) > 0 {
		return &RowError{Code: 1202, Reason: "Extra column(s) found"}
	}
	return nil
}
