package types

import (
	"strings"
	"time"

	"github.com/redshiftsim/redshiftsim/internal/sqlstate"
)

// Item is an element of an array as text; Null = it is NULL.
type Item struct {
	Text string
	Null bool
}

// ArrayItems takes a one-dimensional array in text form apart: {a,"b, c",NULL}, and 1 2 3 of a vector. An array of arrays, and what is no array, is 22P02.
// https://www.postgresql.org/docs/8.0/arrays.html
func ArrayItems(text string, t Type) ([]Item, error) {
	if t.Kind == Int2Vector || t.Kind == OIDVector {
		var list []Item
		for _, w := range strings.Fields(text) {
			list = append(list, Item{Text: w})
		}
		return list, nil
	}
	list, ok := arrayItems(text)
	if !ok {
		return nil, sqlstate.InvalidText.Errorf("malformed array literal: \"%s\"", text)
	}
	return list, nil
}

// arrayItems is ArrayItems of an array in braces.
func arrayItems(s string) (list []Item, ok bool) {
	s, ok = strings.CutPrefix(strings.TrimSpace(s), "{")
	if !ok {
		return nil, false
	}
	if s == "}" {
		return nil, true
	}
	for {
		var e strings.Builder
		s = strings.TrimLeft(s, " ")
		quoted := strings.HasPrefix(s, `"`)
		if quoted {
			s = s[1:]
		}
		for s != "" && (quoted && s[0] != '"' || !quoted && s[0] != ',' && s[0] != '}') {
			if !quoted && (s[0] == '{' || s[0] == '"') {
				return nil, false
			}
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
		} else if e.Len() == 0 {
			return nil, false
		}
		list = append(list, Item{Text: e.String(), Null: !quoted && strings.EqualFold(e.String(), "null")})
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

// AppendArray writes elements as an array of a type prints: in braces, quoted where they must be; a vector with blanks between.
func AppendArray(dst []byte, t Type, list []Item) []byte {
	sep, vector := byte(','), t.Kind == Int2Vector || t.Kind == OIDVector
	if vector {
		sep = ' '
	} else {
		dst = append(dst, '{')
	}
	for i, it := range list {
		if i > 0 {
			dst = append(dst, sep)
		}
		switch {
		case it.Null:
			dst = append(dst, "NULL"...)
		case it.Text == "" || strings.ContainsAny(it.Text, "{},\" \\\t\n\r") || strings.EqualFold(it.Text, "null"):
			dst = append(dst, '"')
			for k := range len(it.Text) {
				if c := it.Text[k]; c == '"' || c == '\\' {
					dst = append(dst, '\\')
				}
				dst = append(dst, it.Text[k])
			}
			dst = append(dst, '"')
		default:
			dst = append(dst, it.Text...)
		}
	}
	if !vector {
		dst = append(dst, '}')
	}
	return dst
}

// FormatArray is an array of texts as it prints.
func FormatArray(t Type, list ...string) string {
	items := make([]Item, len(list))
	for i, s := range list {
		items[i].Text = s
	}
	return string(AppendArray(nil, t, items))
}

// parseArray reads an array: its elements are those of its type, and come out as they print.
func (s Style) parseArray(text string, to Type) (string, error) {
	list, err := ArrayItems(text, to)
	if err != nil {
		return "", err
	}
	for i := range list {
		if list[i].Null {
			continue
		}
		d, err := s.Parse(list[i].Text, to.Element(), nil, time.Time{})
		if err != nil {
			return "", err
		}
		list[i].Text = Format(d, nil)
	}
	return string(AppendArray(nil, to, list)), nil
}
