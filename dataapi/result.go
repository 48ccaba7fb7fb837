package dataapi

import (
	"context"
	"encoding/base64"
	"encoding/json"
	"math"
	"strconv"
	"time"
	"unicode/utf8"

	"github.com/redshiftsim/redshiftsim/engine"
	"github.com/redshiftsim/redshiftsim/engine/exec"
	"github.com/redshiftsim/redshiftsim/internal/sqlstate"
	"github.com/redshiftsim/redshiftsim/internal/types"
	"github.com/redshiftsim/redshiftsim/internal/vector"
)

// Sizes of results.
// https://docs.aws.amazon.com/redshift/latest/mgmt/data-api.html#data-api-calling-considerations-result-format
const (
	pageBytes   = 1 << 20   // of a page of JSON, and of a chunk of CSV
	pageChunks  = 15        // chunks of CSV in one answer
	resultBytes = 500 << 20 // of a result
	rowBytes    = 64 << 10  // of a row
)

// result is the rows of a statement, as they go over the wire.
//
//	JSON  pages: [{"longValue":1},{"stringValue":"a"}],[..      each some rows, at most 1 MB
//	CSV   pages: id,name\r\n1,a\r\n..                           the first begins with the names of the columns
type result struct {
	columns []columnMetadata
	format  string
	pages   [][]byte
	rows    int64
	size    int64 // as lines of CSV
	bytes   int64 // that are held
}

// held is how many bytes a result holds; nil = none.
func (r *result) held() int64 {
	if r == nil {
		return 0
	}
	return r.bytes
}

// writer makes a result of batches.
type writer struct {
	out    *result
	types  []types.Type
	zone   *time.Location
	spans  types.Style
	page   []byte
	line   []byte // the row at hand as CSV
	fields []byte // and as JSON
	text   []byte // a value
}

func newWriter(s *engine.Session, columns []exec.ResultColumn, origins engine.Origins, format string) *writer {
	w := &writer{out: &result{format: format}, zone: s.Location(), spans: types.Style{Spans: s.Style().Spans}}
	for i := range columns {
		w.types = append(w.types, columns[i].Type)
		from := origins.At(i)
		m := metadataOf(columns[i].Name, columns[i].Type, from.NotNull())
		m.SchemaName, m.TableName = from.Names()
		w.out.columns = append(w.out.columns, m)
		w.line = appendCSV(w.line, []byte(columns[i].Name), i)
	}
	w.out.size = int64(len(w.line)) + 1
	if format == "CSV" {
		w.page = append(append(w.page, w.line...), "\r\n"...)
	}
	return w
}

// batch adds the rows of a batch.
func (w *writer) batch(b *vector.Batch) error {
	for i := range b.Rows() {
		row := i
		if b.Sel != nil {
			row = int(b.Sel[i])
		}
		if err := w.row(b, row); err != nil {
			return err
		}
	}
	return nil
}

// row adds a row.
func (w *writer) row(b *vector.Batch, row int) error {
	json := w.out.format == "JSON"
	w.line, w.fields = w.line[:0], append(w.fields[:0], '[')
	for c := range w.types {
		v := b.Columns[c]
		null := v.Null(row)
		w.text = w.text[:0]
		if !null {
			w.text = w.value(w.text, w.types[c], v, row)
		}
		switch {
		case !null:
			w.line = appendCSV(w.line, w.text, c)
		case c > 0:
			w.line = append(w.line, ',')
		}
		if json {
			if c > 0 {
				w.fields = append(w.fields, ',')
			}
			w.fields = appendField(w.fields, w.types[c], w.text, null)
		}
	}
	if len(w.line) > rowBytes {
		return sqlstate.Code("54000").Errorf("Packet for query is too large: a row has %d bytes, it can have 64 KB", len(w.line))
	}
	w.out.rows++
	if w.out.size += int64(len(w.line)) + 1; w.out.size > resultBytes {
		return sqlstate.Code("54000").Errorf("Database response exceeded size limit: it can have 500 MB")
	}
	w.add(json)
	return nil
}

// add puts the row at hand on the page, or on the next one.
func (w *writer) add(json bool) {
	if json {
		w.fields = append(w.fields, ']')
		if len(w.page)+len(w.fields) >= pageBytes {
			w.turn()
		}
		if len(w.page) > 0 {
			w.page = append(w.page, ',')
		}
		w.page = append(w.page, w.fields...)
		return
	}
	if len(w.page)+len(w.line)+2 > pageBytes {
		w.turn()
	}
	w.page = append(append(w.page, w.line...), "\r\n"...)
}

// turn ends a page.
func (w *writer) turn() {
	p := append([]byte(nil), w.page...)
	w.out.pages = append(w.out.pages, p)
	w.out.bytes += int64(cap(p))
	w.page = w.page[:0]
}

// end gives the result.
func (w *writer) end() *result {
	if len(w.page) > 0 || len(w.out.pages) == 0 {
		w.turn()
	}
	return w.out
}

// value prints a value as JDBC's getString does: timestamps always with a fraction, chars without the blanks that fill them.
// https://docs.aws.amazon.com/redshift/latest/mgmt/pass-sql-statements.html#data-api-calling-cli-execute-statement-parameters
func (w *writer) value(dst []byte, t types.Type, v *vector.Vector, row int) []byte {
	if t.IsInteger() {
		return strconv.AppendInt(dst, v.Int64(row), 10)
	}
	d := v.Get(row)
	d.Type = t
	switch t.Kind {
	case types.Bool:
		return strconv.AppendBool(dst, d.Bool)
	case types.Char:
		return append(dst, d.Text...)
	case types.Timestamp:
		dst = w.spans.AppendText(dst, &d, w.zone)
		if d.Int%types.MicrosPerSecond == 0 && len(dst) > 0 && dst[len(dst)-1] >= '0' && dst[len(dst)-1] <= '9' { // not infinity, not BC
			dst = append(dst, ".0"...)
		}
		return dst
	}
	return w.spans.AppendText(dst, &d, w.zone)
}

// appendField writes a value as the member of Field that its type has.
// https://docs.aws.amazon.com/redshift/latest/mgmt/data-api.html#data-api-calling-considerations-jdbc
func appendField(dst []byte, t types.Type, text []byte, null bool) []byte {
	switch {
	case null:
		return append(dst, `{"isNull":true}`...)
	case t.IsInteger():
		return append(append(append(dst, `{"longValue":`...), text...), '}')
	case t.Kind == types.Bool:
		return append(append(append(dst, `{"booleanValue":`...), text...), '}')
	case t.IsFloat():
		return append(appendNumber(append(dst, `{"doubleValue":`...), text), '}')
	case t.Kind == types.Varbyte || t.IsSpatial(): // JDBC's LONGVARBINARY
		dst = append(dst, `{"blobValue":"`...)
		raw := make([]byte, 0, len(text)/2)
		for i := 0; i+1 < len(text); i += 2 {
			raw = append(raw, unhex(text[i])<<4|unhex(text[i+1]))
		}
		return append(base64.StdEncoding.AppendEncode(dst, raw), `"}`...)
	}
	return append(appendString(append(dst, `{"stringValue":`...), text), '}')
}

func unhex(c byte) byte {
	if c >= 'a' {
		return c - 'a' + 10
	}
	if c >= 'A' {
		return c - 'A' + 10
	}
	return c - '0'
}

// appendNumber writes a float; what is no number of JSON is a text, as the protocol has it.
func appendNumber(dst, text []byte) []byte {
	f, err := strconv.ParseFloat(string(text), 64)
	switch {
	case err != nil || math.IsNaN(f):
		return append(dst, `"NaN"`...)
	case math.IsInf(f, 1):
		return append(dst, `"Infinity"`...)
	case math.IsInf(f, -1):
		return append(dst, `"-Infinity"`...)
	}
	return append(dst, text...)
}

// appendString writes a text of JSON.
func appendString(dst, text []byte) []byte {
	const digits = "0123456789abcdef"
	dst = append(dst, '"')
	for len(text) > 0 {
		c := text[0]
		if c >= utf8.RuneSelf {
			r, n := utf8.DecodeRune(text)
			dst = utf8.AppendRune(dst, r) // what is no UTF-8 becomes U+FFFD
			text = text[n:]
			continue
		}
		switch text = text[1:]; {
		case c == '"' || c == '\\':
			dst = append(dst, '\\', c)
		case c < ' ' || c == 0x7f:
			dst = append(dst, '\\', 'u', '0', '0', digits[c>>4], digits[c&15])
		default:
			dst = append(dst, c)
		}
	}
	return append(dst, '"')
}

// appendCSV writes column c's text to a line: in quotes where it needs them (RFC 4180), and where it is empty, for NULL is nothing.
func appendCSV(dst, text []byte, c int) []byte {
	if c > 0 {
		dst = append(dst, ',')
	}
	plain := len(text) > 0
	for _, b := range text {
		plain = plain && b != ',' && b != '"' && b != '\n' && b != '\r'
	}
	if plain {
		return append(dst, text...)
	}
	dst = append(dst, '"')
	for _, b := range text {
		if b == '"' {
			dst = append(dst, '"')
		}
		dst = append(dst, b)
	}
	return append(dst, '"')
}

// resultOf finds the result that is asked for, and where in it.
func (h *Handler) resultOf(ctx context.Context, c *caller, in *ofStatement, format string) (*result, int64, error) {
	st, p, err := h.asked(c, in)
	if err != nil {
		return nil, 0, err
	}
	if p == nil {
		if st.batch {
			return nil, 0, invalid("BatchExecuteStatement result can only be retrieved with sub-statement id.")
		}
		p = st.parts[0]
	}
	at, err := readToken("r", in.NextToken)
	if err != nil {
		return nil, 0, err
	}
	if st.format != format {
		return nil, 0, invalid("The result of the statement has the format %s: retrieve it by %s.", st.format, map[string]string{"JSON": "GetStatementResult", "CSV": "GetStatementResultV2"}[st.format])
	}
	if err := h.wait(ctx, st, p.done, in.WaitTimeSeconds); err != nil {
		return nil, 0, err
	}
	h.mu.Lock()
	defer h.mu.Unlock()
	switch {
	case p.result == nil && p.has:
		return nil, 0, notFound(*in.ID, "The result of the query is no longer kept.")
	case p.result == nil:
		return nil, 0, notFound(*in.ID, "Query does not have result. Please check query status with DescribeStatement.")
	case at >= int64(len(p.result.pages)):
		return nil, 0, invalid("Invalid NextToken.")
	}
	return p.result, at, nil
}

// getStatementResult is GetStatementResult.
// https://docs.aws.amazon.com/redshift/latest/mgmt/data-api-calling-cli-get-statement-result.html
func (h *Handler) getStatementResult(ctx context.Context, c *caller, in *ofStatement) (answer, error) {
	r, at, err := h.resultOf(ctx, c, in, "JSON")
	if err != nil {
		return nil, err
	}
	return r.answer(`[`, func(out []byte) ([]byte, int64) { return append(out, r.pages[at]...), at + 1 })
}

// getStatementResultV2 is GetStatementResultV2: up to 15 chunks of CSV.
// https://docs.aws.amazon.com/redshift/latest/mgmt/data-api.html#data-api-calling-considerations-result-format
func (h *Handler) getStatementResultV2(ctx context.Context, c *caller, in *ofStatement) (answer, error) {
	r, at, err := h.resultOf(ctx, c, in, "CSV")
	if err != nil {
		return nil, err
	}
	return r.answer(`[`, func(out []byte) ([]byte, int64) {
		to := min(at+pageChunks, int64(len(r.pages)))
		for i := at; i < to; i++ {
			if i > at {
				out = append(out, ',')
			}
			out = append(appendString(append(out, `{"CSVRecords":`...), r.pages[i]), '}')
		}
		return out, to
	})
}

// answer writes a page of a result: records writes the records, and says which page is next.
func (r *result) answer(open string, records func(out []byte) ([]byte, int64)) (answer, error) {
	columns, err := json.Marshal(r.columns)
	if err != nil {
		return nil, err
	}
	out := append(append(append([]byte(`{"ColumnMetadata":`), columns...), `,"TotalNumRows":`+str(r.rows)...), `,"Records":`+open...)
	out, next := records(out)
	out = append(out, ']')
	if r.format == "CSV" {
		out = append(out, `,"ResultFormat":"CSV"`...)
	}
	if next < int64(len(r.pages)) {
		out = append(out, `,"NextToken":"`+tokenOf("r", next)+`"`...)
	}
	return json.RawMessage(append(out, '}')), nil
}
