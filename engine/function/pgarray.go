package function

import "strings"

// arrayToString is array_to_string of an array as the catalog's columns hold it, in PostgreSQL's text form: the elements with a text between them;
// NULL elements are left out. Redshift has it on the leader only, for it has no arrays elsewhere.
// https://www.postgresql.org/docs/8.0/functions-array.html, https://docs.aws.amazon.com/redshift/latest/dg/t_Analyzing_tables.html
func arrayToString(dst []byte, r *row) ([]byte, error) {
	list, ok := arrayElements(r.text(0))
	if !ok {
		return dst, invalid("malformed array literal: \"%s\"", r.text(0))
	}
	return append(dst, strings.Join(list, r.text(1))...), nil
}

// arrayElements takes a one-dimensional array in text form apart: {a,"b, c",NULL}.
func arrayElements(s string) (list []string, ok bool) {
	s, ok = strings.CutPrefix(strings.TrimSpace(s), "{")
	if !ok {
		return nil, false
	}
	if s == "}" {
		return nil, true
	}
	for {
		var e strings.Builder
		quoted := strings.HasPrefix(s, `"`)
		if quoted {
			s = s[1:]
		}
		for s != "" && (quoted && s[0] != '"' || !quoted && s[0] != ',' && s[0] != '}') {
			if s[0] == '\\' && len(s) > 1 {
				s = s[1:]
			}
			e.WriteByte(s[0])
			s = s[1:]
		}
		if quoted {
			if s, ok = strings.CutPrefix(s, `"`); !ok {
				return nil, false
			}
		}
		if quoted || !strings.EqualFold(e.String(), "null") {
			list = append(list, e.String())
		}
		switch {
		case s == "}":
			return list, true
		case strings.HasPrefix(s, ","):
			s = s[1:]
		default:
			return nil, false
		}
	}
}
