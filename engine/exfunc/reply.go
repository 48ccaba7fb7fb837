package exfunc

import (
	"bytes"
	"encoding/json"
	"strconv"
	"strings"
	"time"

	"github.com/redshiftsim/redshiftsim/internal/sqlstate"
	"github.com/redshiftsim/redshiftsim/internal/types"
	"github.com/redshiftsim/redshiftsim/internal/vector"
)

// Results are those of a batch, in the order of its rows.
type Results struct {
	fn   *Function
	list []json.RawMessage
}

// reply is what a Lambda function answers. A runtime such as Python's, whose handler returns the text of an object, has it as a JSON string.
type reply struct {
	Success    json.RawMessage   `json:"success"`
	ErrorMsg   *string           `json:"error_msg"`
	NumRecords json.RawMessage   `json:"num_records"`
	Results    []json.RawMessage `json:"results"`
}

// invalid is the error of a reply that is none.
func (f *Function) invalid(format string, args ...any) error {
	return f.fails(dataCode, "Invalid External Function Response").WithDetail("code: %d, external function %s, LAMBDA '%s': "+format,
		append([]any{dataCode, f.Name, f.Lambda}, args...)...)
}

// Numbers of Redshift's errors: of the call itself, and of what came back.
// https://docs.aws.amazon.com/redshift/latest/dg/r_CREATE_EXTERNAL_FUNCTION.html
const (
	clientCode = 32103
	dataCode   = 32004
)

// fails is an error with Redshift's number.
func (f *Function) fails(code int, message string) *sqlstate.Error {
	return sqlstate.Internal.Errorf("%s", message).WithDetail("code: %d, external function %s, LAMBDA '%s'", code, f.Name, f.Lambda)
}

// read takes the results of rows rows from a reply.
func (f *Function) read(body []byte, rows int) (*Results, error) {
	text := bytes.TrimSpace(body)
	if len(text) > 0 && text[0] == '"' {
		var inner string
		if err := json.Unmarshal(text, &inner); err != nil {
			return nil, f.invalid("%v", err)
		}
		text = []byte(inner)
	}
	var r reply
	if err := json.Unmarshal(text, &r); err != nil {
		return nil, f.invalid("%v", err)
	}
	switch s := strings.ToLower(strings.Trim(string(r.Success), `"`)); s {
	case "", "true":
	case "false":
		message := "external function " + f.Name + " failed without an error_msg"
		if r.ErrorMsg != nil && *r.ErrorMsg != "" {
			message = *r.ErrorMsg
		}
		return nil, f.fails(dataCode, message)
	default:
		return nil, f.invalid("success is %s, not true or false", r.Success)
	}
	if r.Results == nil {
		return nil, f.invalid("there is no field results")
	}
	if n := len(r.Results); n != rows {
		return nil, f.invalid("%d records were sent and %d results came back", rows, n)
	}
	if s := strings.Trim(string(r.NumRecords), `"`); s != "" && s != "null" && s != strconv.Itoa(rows) {
		return nil, f.invalid("%d records were sent and num_records is %s", rows, s)
	}
	return &Results{f, r.Results}, nil
}

// Write sets n rows of out, from row to on, to the results from at on. out is Flat and has room for them, and for their bits of NULL.
func (r *Results) Write(out *vector.Vector, to, at, n int) error {
	for i, raw := range r.list[at : at+n] {
		d, err := r.fn.value(raw)
		if err != nil {
			return err
		}
		out.Set(to+i, d)
	}
	return nil
}

// value is one result: a JSON string is read as a text of SQL would be, a number or a boolean for a text is its digits or its word.
func (f *Function) value(raw json.RawMessage) (types.Datum, error) {
	to := f.Returns
	var text string
	switch c := raw[0]; {
	case c == 'n':
		return types.NullOf(to), nil
	case c == '"':
		if text = string(raw[1 : len(raw)-1]); strings.IndexByte(text, '\\') >= 0 {
			if err := json.Unmarshal(raw, &text); err != nil {
				return types.Datum{}, f.invalid("%v", err)
			}
		}
	case c == 't' || c == 'f':
		if to.Kind != types.Bool && !to.IsText() {
			return types.Datum{}, f.invalid("a result is %s, no %s", raw, to)
		}
		text = string(raw)
	case c == '{' || c == '[' || to.Kind == types.Bool || to.IsDatetime():
		return types.Datum{}, f.invalid("a result is %s, no %s", clip(raw), to)
	default:
		text = number(string(raw), to)
	}
	return f.parse(text)
}

// parse reads a text as a value of the type that the function returns.
func (f *Function) parse(text string) (types.Datum, error) {
	d, err := types.Parse(text, f.Returns, time.UTC)
	if e, ok := err.(*sqlstate.Error); ok {
		return d, e.Code.Errorf("%s", e.Message).WithDetail("External function %s, LAMBDA '%s', gave it.", f.Name, f.Lambda)
	}
	return d, err
}

// number writes a JSON number as a text of its type: what has no fraction may be written as 3.0 or 3e2, as runtimes do that know floats alone.
func number(text string, to types.Type) string {
	if !to.IsInteger() || !strings.ContainsAny(text, ".eE") {
		return text
	}
	x, err := strconv.ParseFloat(text, 64)
	if err != nil || x != float64(int64(x)) || x >= 1<<63 || x < -1<<63 {
		return text // it is refused
	}
	return strconv.FormatInt(int64(x), 10)
}

// clip is the beginning of a text for a message.
func clip(raw []byte) []byte {
	const most = 100
	if len(raw) > most {
		return append(append([]byte{}, raw[:most]...), "..."...)
	}
	return raw
}
