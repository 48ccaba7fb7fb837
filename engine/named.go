package engine

import (
	"slices"
	"strconv"

	"github.com/redshiftsim/redshiftsim/engine/parse/lex"
)

// NamedParameters rewrites :name parameters as $1, $2, ... in the order in which the names first come, and lists the names. Each is padded to the length
// that it had, so that positions in errors are those of the text given. A text without any comes back as it is.
func NamedParameters(text string) (string, []string, error) { return numberParameters(text, true) }

// BareParameters is NamedParameters without the padding: positions in errors are those of the text it gives, as the Data API tells them.
// https://docs.aws.amazon.com/redshift/latest/mgmt/data-api.html#data-api-calling-considerations-parameters
func BareParameters(text string) (string, []string, error) { return numberParameters(text, false) }

func numberParameters(text string, pad bool) (string, []string, error) {
	toks, err := lex.Scan(text, lex.Options{})
	if err != nil {
		return text, nil, located(err, text)
	}
	var names []string
	var out []byte
	from := 0
	for _, t := range toks {
		if t.Kind != lex.Named {
			continue
		}
		at := slices.Index(names, t.Text)
		if at < 0 {
			at = len(names)
			names = append(names, t.Text)
		}
		out = append(out, text[from:t.Pos]...)
		mark := len(out)
		out = strconv.AppendInt(append(out, '$'), int64(at+1), 10)
		for pad && len(out)-mark < t.End-t.Pos {
			out = append(out, ' ')
		}
		from = t.End
	}
	if names == nil {
		return text, nil, nil
	}
	return string(append(out, text[from:]...)), names, nil
}
