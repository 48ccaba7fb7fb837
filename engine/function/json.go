package function

import (
	"strconv"
	"strings"

	"github.com/redshiftsim/redshiftsim/internal/sqlstate"
	"github.com/redshiftsim/redshiftsim/internal/super"
	"github.com/redshiftsim/redshiftsim/internal/types"
)

// jsonFunctions is the chapter of JSON kept in text. Values are found by walking over the text; no tree is built.
// https://docs.aws.amazon.com/redshift/latest/dg/json-functions.html
var jsonFunctions = []Scalar{
	{Name: "is_valid_json", Args: sig(text), Returns: always(types.TBool), Kernel: map1(func(s string) bool { return jsonKind(s) == '{' }), Doc: "IS_VALID_JSON"},
	{Name: "is_valid_json_array", Args: sig(text), Returns: always(types.TBool), Kernel: map1(func(s string) bool { return jsonKind(s) == '[' }), Doc: "IS_VALID_JSON_ARRAY"},
	{Name: "json_array_length", Args: sig(text, boolean), Optional: 1, Returns: always(types.TInt4), Kernel: each(jsonArrayLength), Doc: "JSON_ARRAY_LENGTH"},
	{Name: "json_extract_array_element_text", Args: sig(text, int4, boolean), Optional: 1, Returns: varcharOf(0), Kernel: each(jsonElement), Doc: "JSON_EXTRACT_ARRAY_ELEMENT_TEXT"},
	{Name: "json_extract_path_text", Args: sig(text, text), Variadic: true, Returns: varcharOf(0), Kernel: each(jsonPath), Doc: "JSON_EXTRACT_PATH_TEXT"},
	{Name: "json_extract_path_text", Args: sig(text, text, boolean), Returns: varcharOf(0), Kernel: each(jsonPath), Doc: "JSON_EXTRACT_PATH_TEXT"},
	{Name: "json_extract_path_text", Args: sig(text, text, text, boolean), Returns: varcharOf(0), Kernel: each(jsonPath), Doc: "JSON_EXTRACT_PATH_TEXT"},
	{Name: "json_extract_path_text", Args: sig(text, text, text, text, boolean), Returns: varcharOf(0), Kernel: each(jsonPath), Doc: "JSON_EXTRACT_PATH_TEXT"},
	{Name: "json_extract_path_text", Args: sig(text, text, text, text, text, boolean), Returns: varcharOf(0), Kernel: each(jsonPath), Doc: "JSON_EXTRACT_PATH_TEXT"},
	{Name: "json_extract_path_text", Args: sig(text, text, text, text, text, text, boolean), Returns: varcharOf(0), Kernel: each(jsonPath), Doc: "JSON_EXTRACT_PATH_TEXT"},
}

// maxJSONDepth is how deeply a SUPER value may nest; text deeper than that is not valid.
const maxJSONDepth = 1000

// jsonBlanks skips white space.
func jsonBlanks(s string, i int) int {
	for i < len(s) && (s[i] == ' ' || s[i] == '\n' || s[i] == '\t' || s[i] == '\r') {
		i++
	}
	return i
}

// jsonKind is the first byte of a text that is one JSON value, 0 when it is none.
func jsonKind(s string) byte {
	i := jsonBlanks(s, 0)
	end := jsonValue(s, i, 0, nil)
	if end < 0 || jsonBlanks(s, end) != len(s) {
		return 0
	}
	return s[i]
}

// jsonValue gives the end of the value that begins at s[i]; -1 = it is not valid. visit, when not nil, is called for each member of an object or an
// array with its key (or its number) and the bounds of its value.
func jsonValue(s string, i, depth int, visit func(key string, n, lo, hi int)) int {
	if i >= len(s) || depth > maxJSONDepth {
		return -1
	}
	switch c := s[i]; c {
	case '"':
		return jsonString(s, i)
	case '{', '[':
		last := c + 2 // } and ] follow { and [ by two
		if i = jsonBlanks(s, i+1); i < len(s) && s[i] == last {
			return i + 1
		}
		for n := 0; ; n++ {
			key := ""
			if c == '{' {
				end := jsonString(s, i)
				if end < 0 {
					return -1
				}
				if visit != nil {
					key = jsonText(s[i:end])
				}
				if i = jsonBlanks(s, end); i >= len(s) || s[i] != ':' {
					return -1
				}
				i = jsonBlanks(s, i+1)
			}
			end := jsonValue(s, i, depth+1, nil)
			if end < 0 {
				return -1
			}
			if visit != nil {
				visit(key, n, i, end)
			}
			if i = jsonBlanks(s, end); i >= len(s) {
				return -1
			}
			switch s[i] {
			case last:
				return i + 1
			case ',':
				i = jsonBlanks(s, i+1)
			default:
				return -1
			}
		}
	case 't', 'f', 'n':
		for _, w := range [3]string{"true", "false", "null"} {
			if strings.HasPrefix(s[i:], w) {
				return i + len(w)
			}
		}
		return -1
	}
	return jsonNumber(s, i)
}

// jsonString gives the end of the string that begins at s[i].
func jsonString(s string, i int) int {
	if i >= len(s) || s[i] != '"' {
		return -1
	}
	for i++; i < len(s); i++ {
		switch c := s[i]; {
		case c == '"':
			return i + 1
		case c < ' ':
			return -1
		case c == '\\':
			if i++; i >= len(s) {
				return -1
			}
			if s[i] == 'u' {
				if i+4 >= len(s) {
					return -1
				}
				if _, err := strconv.ParseUint(s[i+1:i+5], 16, 16); err != nil {
					return -1
				}
				i += 4
			} else if strings.IndexByte(`"\/bfnrt`, s[i]) < 0 {
				return -1
			}
		}
	}
	return -1
}

// jsonNumber gives the end of the number that begins at s[i].
func jsonNumber(s string, i int) int {
	digits := func() bool {
		at := i
		for i < len(s) && s[i] >= '0' && s[i] <= '9' {
			i++
		}
		return i > at
	}
	if s[i] == '-' {
		i++
	}
	zero := i < len(s) && s[i] == '0'
	at := i
	if !digits() || zero && i > at+1 {
		return -1
	}
	if i < len(s) && s[i] == '.' {
		if i++; !digits() {
			return -1
		}
	}
	if i < len(s) && s[i]|0x20 == 'e' {
		if i++; i < len(s) && (s[i] == '+' || s[i] == '-') {
			i++
		}
		if !digits() {
			return -1
		}
	}
	return i
}

// jsonText is a value as text: strings lose their quotes and escapes, others stay as they are written.
func jsonText(v string) string {
	if v == "" || v[0] != '"' {
		return v
	}
	v = v[1 : len(v)-1]
	if strings.IndexByte(v, '\\') < 0 {
		return v
	}
	return strings.ToValidUTF8(string(super.AppendUnescaped(make([]byte, 0, len(v)), v)), "\uFFFD")
}

// jsonInvalid ends a call whose JSON is not valid: NULL when the caller asked for it.
func jsonInvalid(r *row, null bool, what string) error {
	if null {
		r.setNull()
		return nil
	}
	return sqlstate.Internal.Errorf("JSON parsing error").WithDetail("invalid json %s %s", what, r.text(0))
}

// jsonArrayLength counts the elements of the outer array.
func jsonArrayLength(r *row) error {
	s, n := r.text(0), 0
	if jsonKind(s) != '[' {
		return jsonInvalid(r, r.flag(1), "array object")
	}
	jsonValue(s, jsonBlanks(s, 0), 0, func(string, int, int, int) { n++ })
	r.setInt(int64(n))
	return nil
}

// setJSON sets a text from a value; what is not there, and JSON's null, are NULL.
func (r *row) setJSON(v string) {
	if v == "" || v == "null" {
		r.setNull()
		return
	}
	r.setText(jsonText(v))
}

// jsonElement is an element of the outer array, from 0.
func jsonElement(r *row) error {
	s, v := r.text(0), ""
	if jsonKind(s) != '[' {
		return jsonInvalid(r, r.flag(2), "array object")
	}
	jsonValue(s, jsonBlanks(s, 0), 0, func(_ string, n, lo, hi int) {
		if int64(n) == r.int(1) {
			v = s[lo:hi]
		}
	})
	r.setJSON(v)
	return nil
}

// jsonPath is the value to which a path of keys leads; in an array a key is the number of an element.
func jsonPath(r *row) error {
	s, last, null := r.text(0), len(r.args), false
	if r.args[last-1].Type.Kind == types.Bool {
		last--
		null = r.bool(last)
	}
	if jsonKind(s) == 0 {
		return jsonInvalid(r, null, "object")
	}
	v := s[jsonBlanks(s, 0):]
	for k := 1; k < last && v != ""; k++ {
		want, found := r.text(k), ""
		if v[0] != '{' && v[0] != '[' {
			v = ""
			break
		}
		object := v[0] == '{'
		jsonValue(v, 0, 0, func(key string, n, lo, hi int) {
			if object && key == want || !object && strconv.Itoa(n) == want {
				found = v[lo:hi]
			}
		})
		v = found
	}
	r.setJSON(v)
	return nil
}
