package load

import (
	"bytes"
	"errors"
	"fmt"
	"io"
)

// cut takes one record off the file in hand. inQuotes says that it begins within quotes, which only what is cut off a piece's beginning does.
func (r *Reader) cut(inQuotes bool) (rec []byte, ok bool, err error) {
	scanned := 0
	escaped := false
	var csv csvScan
	r.line += r.lines + 1
	r.lines = 0
	o := &r.job.Options
	for {
		window := r.buf[r.lo+scanned : r.hi]
		end := -1
		switch {
		case o.Format == CSV:
			// A quote toggles; a doubled quote toggles twice, so a line end counts only outside.
			line := -1 // the line end that is next, looked for once however many quotes stand before it
			for i := 0; i < len(window); {
				if !inQuotes {
					if line < i {
						if line = bytes.IndexByte(window[i:], '\n'); line >= 0 {
							line += i
						} else {
							line = len(window)
						}
					}
					if q := bytes.IndexByte(window[i:line], o.Quote); q >= 0 {
						inQuotes = true
						i += q + 1
						continue
					}
					if line < len(window) {
						end = line
					}
					break
				}
				q := bytes.IndexByte(window[i:], o.Quote)
				if q < 0 {
					r.lines += int64(bytes.Count(window[i:], nl))
					break
				}
				r.lines += int64(bytes.Count(window[i:i+q], nl))
				inQuotes = false
				i += q + 1
			}
		case o.WholeFile:
			var lines int
			end, lines = csv.scan(window, o)
			r.lines += int64(lines)
		case o.Escape:
			for i, c := range window {
				if escaped {
					escaped = false
					if c == '\n' {
						r.lines++
					}
				} else if c == '\\' {
					escaped = true
				} else if c == '\n' {
					end = i
					break
				}
			}
		default:
			end = bytes.IndexByte(window, '\n')
		}
		if end >= 0 {
			rec = r.buf[r.lo : r.lo+scanned+end]
			r.lo += scanned + end + 1
			if len(rec) > r.most/2 && len(rec)+bytes.Count(rec, []byte{'|'}) > r.most {
				return nil, false, r.tooLong()
			}
			if n := len(rec); n > 0 && rec[n-1] == '\r' {
				rec = rec[:n-1]
			}
			return rec, true, nil
		}
		scanned += len(window)
		if r.eof {
			rec = r.buf[r.lo:r.hi]
			r.lo = r.hi
			return rec, len(rec) > 0, nil
		}
		if err := r.fill(); err != nil {
			return nil, false, err
		}
	}
}

var nl = []byte{'\n'}

func btoi(b bool) int {
	if b {
		return 1
	}
	return 0
}

// fill reads more of the file behind the unread part.
func (r *Reader) fill() error {
	if err := r.job.ctx.Err(); err != nil {
		return err
	}
	if r.lo > 0 {
		copy(r.buf, r.buf[r.lo:r.hi])
		r.start += int64(r.lo)
		r.lo, r.hi = 0, r.hi-r.lo
	}
	if r.hi > r.most {
		return r.tooLong()
	}
	if r.hi == len(r.buf) {
		size := max(chunk, 2*len(r.buf))
		buf := make([]byte, size, size+slack)
		copy(buf, r.buf[:r.hi])
		r.buf = buf
	}
	n, err := r.in.Read(r.buf[r.hi:])
	if r.hi == 0 && r.start == 0 && n >= 3 && bytes.HasPrefix(r.buf, bom) { // a byte order mark is no data
		copy(r.buf, r.buf[3:n])
		r.job.bytes.Add(3)
		r.read.Bytes += 3
		r.start += 3
		n -= 3
	} else if r.hi == 0 && r.start == 0 && r.job.Options.Encoding == UTF8 && wideMark(r.buf[:n]) {
		return wrongEncoding(UTF8)
	}
	r.hi += n
	r.job.bytes.Add(int64(n))
	r.read.Bytes += int64(n)
	if err == io.EOF {
		r.eof = true
		return nil
	}
	var bad *badFile
	switch {
	case err == nil, errors.As(err, &bad), r.job.ctx.Err() != nil:
		return err
	case r.job.packed(r.File()) == None:
		return storeError(r.read.File, err)
	}
	return decompressError(r.read.File, err)
}

// tooLong records that the record in hand is longer than COPY loads, which fails whatever MAXERROR says.
// https://docs.aws.amazon.com/redshift/latest/dg/r_COPY.html
func (r *Reader) tooLong() error {
	_ = r.job.bad(r.located(&RowError{Code: 1216, Reason: fmt.Sprintf("Invalid line: a row is longer than %d bytes", r.most)}, r.buf[r.lo:r.hi]))
	return r.job.failure()
}
