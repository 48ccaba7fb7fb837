package load

import (
	"bufio"
	"bytes"
	"encoding/binary"
	"io"
	"unicode/utf16"
	"unicode/utf8"
)

// badFile is an error of a file as a whole: it is logged as a row of STL_LOAD_ERRORS, counts for MAXERROR, and the rest of the file is skipped.
type badFile struct {
	code   int
	reason string
}

func (b *badFile) Error() string { return b.reason }

// wrongEncoding is what COPY says of a file whose encoding is not the one that was named.
// https://docs.aws.amazon.com/redshift/latest/dg/r_Load_Error_Reference.html
func wrongEncoding(e Encoding) error {
	return &badFile{1221, "The file has an encoding other than " + e.String()}
}

// decoded gives the text of a file as UTF-8.
func decoded(in io.Reader, e Encoding) io.Reader {
	switch e {
	case ISO88591:
		return &latin1{in: in}
	case UTF16, UTF16LE, UTF16BE:
		return &wide16{in: bufio.NewReaderSize(in, chunk/4), encoding: e}
	}
	return in
}

// latin1 reads ISO 8859-1: a byte is a code point.
type latin1 struct {
	in  io.Reader
	raw [chunk / 8]byte
	out []byte
}

// Read gives UTF-8.
func (l *latin1) Read(p []byte) (int, error) {
	if len(l.out) == 0 {
		n, err := l.in.Read(l.raw[:])
		if n == 0 {
			return 0, err
		}
		l.out = l.out[:0:0]
		for _, c := range l.raw[:n] {
			l.out = utf8.AppendRune(l.out, rune(c))
		}
	}
	n := copy(p, l.out)
	l.out = l.out[n:]
	return n, nil
}

// wide16 reads UTF-16. Half of a surrogate pair comes out as the three bytes that UTF-8 would have for it, which is no valid character: the column's
// conversion reports it.
type wide16 struct {
	in       *bufio.Reader
	encoding Encoding
	order    binary.ByteOrder // nil before the first read
	out      []byte
	buf      [4096]byte
}

// Read gives UTF-8.
func (w *wide16) Read(p []byte) (int, error) {
	if len(w.out) == 0 {
		if w.order == nil {
			if err := w.begin(); err != nil {
				return 0, err
			}
		}
		if err := w.fill(); err != nil {
			return 0, err
		}
	}
	n := copy(p, w.out)
	w.out = w.out[n:]
	return n, nil
}

// begin reads the byte order mark.
func (w *wide16) begin() error {
	mark, err := w.in.Peek(2)
	if err != nil && err != io.EOF {
		return err
	}
	var of binary.ByteOrder
	switch {
	case len(mark) < 2:
		of = nil
	case mark[0] == 0xFF && mark[1] == 0xFE:
		of = binary.LittleEndian
	case mark[0] == 0xFE && mark[1] == 0xFF:
		of = binary.BigEndian
	}
	w.order = of
	switch w.encoding {
	case UTF16LE:
		w.order = binary.LittleEndian
	case UTF16BE:
		w.order = binary.BigEndian
	}
	switch {
	case w.order == nil && len(mark) > 0, of != nil && of != w.order:
		return wrongEncoding(w.encoding)
	case w.order == nil: // an empty file
		return io.EOF
	case of != nil:
		_, err = w.in.Discard(2)
	}
	return err
}

// fill decodes the next code units into out.
func (w *wide16) fill() error {
	w.out = w.buf[:0]
	for len(w.out) < len(w.buf)-utf8.UTFMax {
		b, err := w.in.Peek(2)
		if len(b) < 2 {
			switch {
			case len(b) == 1 && err == io.EOF:
				return wrongEncoding(w.encoding)
			case len(w.out) > 0 && err == io.EOF:
				return nil
			}
			return err
		}
		c := rune(w.order.Uint16(b))
		if _, err := w.in.Discard(2); err != nil {
			return err
		}
		if utf16.IsSurrogate(c) {
			if b, _ := w.in.Peek(2); len(b) == 2 {
				if r := utf16.DecodeRune(c, rune(w.order.Uint16(b))); r != utf8.RuneError {
					if _, err := w.in.Discard(2); err != nil {
						return err
					}
					w.out = utf8.AppendRune(w.out, r)
					continue
				}
			}
			w.out = append(w.out, 0xE0|byte(c>>12), 0x80|byte(c>>6&0x3F), 0x80|byte(c&0x3F))
			continue
		}
		w.out = utf8.AppendRune(w.out, c)
	}
	return nil
}

// Byte order marks.
var (
	bom     = []byte{0xEF, 0xBB, 0xBF}
	bomWide = [2][]byte{{0xFF, 0xFE}, {0xFE, 0xFF}}
)

// wideMark says that a file which should be UTF-8 begins with the mark of UTF-16.
func wideMark(b []byte) bool { return bytes.HasPrefix(b, bomWide[0]) || bytes.HasPrefix(b, bomWide[1]) }
