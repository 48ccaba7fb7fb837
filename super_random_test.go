package redshiftsim_test

import (
	"bytes"
	"database/sql"
	"encoding/json"
	"fmt"
	"math/rand/v2"
	"slices"
	"strings"
	"testing"

	"github.com/redshiftsim/redshiftsim/internal/sqltest"
)

// randomJSON makes a value of arrays, objects and scalars, as encoding/json has it.
func randomJSON(r *rand.Rand, depth int) any {
	switch k := r.IntN(8); {
	case depth > 0 && k < 3:
		list := make([]any, r.IntN(5))
		for i := range list {
			list[i] = randomJSON(r, depth-1)
		}
		return list
	case depth > 0 && k < 6:
		m := map[string]any{}
		for _, n := range []string{"a", "b", "c"} {
			if r.IntN(3) > 0 {
				m[n] = randomJSON(r, depth-1)
			}
		}
		return m
	case k == 6:
		return nil
	}
	return []any{json.Number("1"), json.Number("2"), "x", true}[r.IntN(4)]
}

// text is a value as SUPER prints it: objects have their attributes in the order in which encoding/json writes them, by name.
func text(v any) string {
	var b bytes.Buffer
	e := json.NewEncoder(&b)
	e.SetEscapeHTML(false)
	if err := e.Encode(v); err != nil {
		panic(err)
	}
	return strings.TrimSpace(b.String())
}

// step goes one step into a value: nil where there is nothing.
func step(v any, s string) any {
	if i := s[0]; i == '[' {
		list, ok := v.([]any)
		if n := int(s[1] - '0'); ok && n < len(list) {
			return list[n]
		}
		return nil
	}
	m, _ := v.(map[string]any)
	return m[s[1:]]
}

// iterate gives the elements that unnesting makes of a value.
func iterate(v any) []any {
	switch v := v.(type) {
	case nil:
		return nil
	case []any:
		return v
	}
	return []any{v}
}

// shown is a cell as the test prints it.
func shown(v any) string {
	if v == nil {
		return "NULL"
	}
	return text(v)
}

// TestRandomSuper holds paths and unnesting against a model over Go values, on clusters of several shapes.
func TestRandomSuper(t *testing.T) {
	for _, shape := range sqltest.Shapes {
		t.Run(shape.String(), func(t *testing.T) {
			db, err := sql.Open("redshiftsim", fmt.Sprintf("redshiftsim://?nodes=%d&slices=%d", shape.Nodes, shape.Slices))
			if err != nil {
				t.Fatal(err)
			}
			defer db.Close()
			r := rand.New(rand.NewPCG(7, uint64(shape.Slices)))
			values := make([]any, 400)
			rows := make([]string, len(values))
			for i := range values {
				values[i] = randomJSON(r, 4)
				rows[i] = fmt.Sprintf("(%d, JSON_PARSE('%s'))", i, text(values[i]))
			}
			if _, err := db.Exec("CREATE TABLE t (id int, v super) DISTSTYLE EVEN; INSERT INTO t VALUES " + strings.Join(rows, ", ")); err != nil {
				t.Fatal(err)
			}
			steps := []string{".a", ".b", ".c", "[0]", "[1]"}
			for range 40 {
				var path []string
				for range r.IntN(4) + 1 {
					path = append(path, steps[r.IntN(len(steps))])
				}
				second := steps[r.IntN(len(steps))]
				p := strings.Join(path, "")
				var paths, elements, left, nested []string
				for i, v := range values {
					for _, s := range path {
						v = step(v, s)
					}
					paths = append(paths, fmt.Sprintf("%d|%s", i, shown(v)))
					found := iterate(v)
					for _, x := range found {
						elements = append(elements, fmt.Sprintf("%d|%s", i, shown(x)))
						for _, y := range iterate(step(x, second)) {
							nested = append(nested, fmt.Sprintf("%d|%s", i, shown(y)))
						}
					}
					if left = append(left, fmt.Sprintf("%d|%d", i, len(found))); len(found) == 0 {
						continue
					}
				}
				check(t, db, "SELECT id, t.v"+p+" FROM t", paths)
				check(t, db, "SELECT id, x FROM t, t.v"+p+" x", elements)
				check(t, db, "SELECT id, y FROM t, t.v"+p+" AS x, x"+second+" AS y", nested)
				check(t, db, "SELECT id, (SELECT count(*) FROM t.v"+p+" e) FROM t", left)
			}
		})
	}
}

// check holds the rows of a query of two columns against those wanted, in any order.
func check(t *testing.T, db *sql.DB, query string, want []string) {
	t.Helper()
	rows, err := db.Query(query)
	if err != nil {
		t.Fatalf("%s: %v", query, err)
	}
	defer rows.Close()
	var got []string
	for rows.Next() {
		var a, b sql.NullString
		if err := rows.Scan(&a, &b); err != nil {
			t.Fatal(err)
		}
		if !b.Valid {
			b.String = "NULL"
		}
		got = append(got, a.String+"|"+b.String)
	}
	if err := rows.Err(); err != nil {
		t.Fatalf("%s: %v", query, err)
	}
	slices.Sort(got)
	want = slices.Sorted(slices.Values(want))
	if !slices.Equal(got, want) {
		for i := range max(len(got), len(want)) {
			if i >= len(got) || i >= len(want) || got[i] != want[i] {
				t.Fatalf("%s\n%d rows, %d wanted; the first that differs: %q", query, len(got), len(want), append(append([]string{}, got[min(i, len(got)):min(i+1, len(got))]...), want[min(i, len(want)):min(i+1, len(want))]...))
			}
		}
	}
}
