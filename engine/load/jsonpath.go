package load

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"io"
	"io/fs"
	"strconv"
	"strings"

	"github.com/redshiftsim/redshiftsim/internal/sqlstate"
)

// step goes from a value to one within it: to the member of an object by its key, or to an element of an array.
type step struct {
	key   []byte // nil = index counts
	index int
}

// mapping says which value of a JSON or Avro record a column gets.
type mapping struct {
	names      map[string]int // column by key, in lower case where case does not count
	ignoreCase bool
	dots       bool
	paths      [][]step         // of each column; nil = names count
	first      map[string][]int // columns whose path begins with a key
	roots      []int            // columns whose path begins with an index, or is the record itself
}

// newMapping maps the keys of records to columns, or reads the JSONPaths file.
func newMapping(ctx context.Context, store func(bucket string) (ObjectStore, bool), columns []Column, o *Options) (*mapping, error) {
	if o.NoShred {
		return wholeRecord(), nil
	}
	m := &mapping{ignoreCase: o.IgnoreCase, dots: o.DotsInKeys, names: map[string]int{}}
	for i, c := range columns {
		if c.Skip {
			continue
		}
		key := c.Name
		if m.ignoreCase {
			key = strings.ToLower(key)
		}
		m.names[key] = i
	}
	if o.PathsFile == "" {
		return m, nil
	}
	exprs, err := jsonPaths(ctx, store, o.PathsFile)
	if err != nil || exprs == nil {
		return m, err
	}
	if len(exprs) != len(columns) {
		return nil, sqlstate.Internal.Errorf("Number of jsonpaths and the number of columns should match. JSONPath size: %d, Number of columns in table or column list: %d",
			len(exprs), len(columns)).WithDetail("code: 8001")
	}
	m.first = map[string][]int{}
	for i, e := range exprs {
		p, err := parsePath(e)
		if err != nil {
			return nil, err
		}
		m.paths = append(m.paths, p)
		if len(p) > 0 && p[0].key != nil {
			m.first[string(p[0].key)] = append(m.first[string(p[0].key)], i)
		} else {
			m.roots = append(m.roots, i)
		}
	}
	return m, nil
}

// column finds the column of a key.
func (m *mapping) column(key []byte) (int, bool) {
	if m.dots && bytes.IndexByte(key, '.') >= 0 {
		key = bytes.ReplaceAll(key, []byte("."), []byte("_"))
	}
	if col, ok := m.names[string(key)]; ok || !m.ignoreCase {
		return col, ok
	}
	col, ok := m.names[string(bytes.ToLower(key))]
	return col, ok
}

// jsonPaths reads {"jsonpaths": ["$.a", ..]}; nil = the object has no such key, and names count.
// https://docs.aws.amazon.com/redshift/latest/dg/copy-parameters-data-format.html#copy-json-jsonpaths
func jsonPaths(ctx context.Context, store func(bucket string) (ObjectStore, bool), url string) ([]string, error) {
	in, err := openURL(ctx, store, url)
	if err != nil {
		return nil, err
	}
	defer in.Close()
	bad := func(why string) error {
		return sqlstate.Internal.Errorf("Invalid JSONPaths file %s", url).WithDetail("%s", why)
	}
	d := json.NewDecoder(io.LimitReader(in, maxManifest))
	var object map[string]json.RawMessage
	if err := d.Decode(&object); err != nil {
		return nil, bad(err.Error())
	}
	if _, err := d.Token(); err != io.EOF {
		return nil, bad("There is something behind the object.")
	}
	raw, ok := object["jsonpaths"]
	if !ok {
		return nil, nil
	}
	var list []any
	if err := json.Unmarshal(raw, &list); err != nil {
		return nil, bad("jsonpaths is no array.")
	}
	out := make([]string, len(list))
	for i, e := range list {
		s, ok := e.(string)
		if !ok || s == "" {
			return nil, bad("An element of jsonpaths is empty, or no string.")
		}
		out[i] = s
	}
	return out, nil
}

// openURL opens one object by its URL.
func openURL(ctx context.Context, store func(bucket string) (ObjectStore, bool), url string) (io.ReadCloser, error) {
	bucket, key, err := SplitURL(url)
	if err != nil {
		return nil, err
	}
	st, ok := store(bucket)
	if !ok {
		return nil, noSuchBucket(bucket)
	}
	in, err := st.Open(ctx, key)
	if errors.Is(err, fs.ErrNotExist) {
		return nil, noSuchKey(url)
	}
	if err != nil {
		return nil, storeError(url, err)
	}
	return in, nil
}

// parsePath reads $['a']['b'][0] or $.a.b[0].
// https://docs.aws.amazon.com/redshift/latest/dg/copy-usage_notes-copy-from-json.html
func parsePath(e string) ([]step, error) {
	bad := sqlstate.Internal.Errorf("Invalid JSONPath format: %s", e)
	s, ok := strings.CutPrefix(strings.TrimSpace(e), "$")
	if !ok {
		return nil, bad
	}
	var out []step
	dots, brackets := false, false
	for s != "" {
		switch {
		case s[0] == '.':
			n := strings.IndexAny(s[1:], ".[]'") + 1
			if n == 0 {
				n = len(s)
			}
			if n == 1 || strings.ContainsAny(s[1:n], "*?@") {
				return nil, bad
			}
			dots = true
			out = append(out, step{key: []byte(s[1:n])})
			s = s[n:]
		case strings.HasPrefix(s, "['"):
			n := strings.Index(s, "']")
			if n < 3 {
				return nil, bad
			}
			brackets = true
			out = append(out, step{key: []byte(s[2:n])})
			s = s[n+2:]
		case s[0] == '[':
			n := strings.IndexByte(s, ']')
			if n < 0 {
				return nil, bad
			}
			i, err := strconv.ParseUint(s[1:n], 10, 31)
			if err != nil {
				return nil, bad
			}
			out = append(out, step{index: int(i)})
			s = s[n+1:]
		default:
			return nil, bad
		}
	}
	if dots && brackets {
		return nil, bad.WithDetail("Bracket notation and dot notation are mixed.")
	}
	return out, nil
}
