package load

import (
	"encoding/json"
	"testing"

	"github.com/redshiftsim/redshiftsim/internal/nested"
	"github.com/redshiftsim/redshiftsim/internal/types"
)

// nestedLeniently reads a record of one nested column as an external table does; the column comes as JSON.
func nestedLeniently(t testing.TB, text string, typ *nested.Type) []string {
	t.Helper()
	o := Defaults()
	o.Format, o.IgnoreCase, o.IgnoreErrors, o.DateFormat, o.TimeFormat = JSON, true, true, "auto", "auto"
	o.Rules = &Rules{Surplus: Truncate, Most: -1}
	j := jobOf(t, text, []Column{{Name: "x", Type: types.TVarcharMax, Nested: typ, JSON: &nested.JSON{}}}, o)
	got, err := read(t, j, 1)
	if err != nil {
		t.Fatal(text, err)
	}
	return got
}

// deepType has every kind within every other.
func deepType() *nested.Type {
	scalars := nested.StructOf([]string{"s", "n", "t", "b"}, []*nested.Type{nested.Of(types.TVarchar(5)), nested.Of(types.TNumeric(8, 2)), nested.Of(types.TTimestamp), nested.Of(types.TBool)})
	return nested.StructOf([]string{"a", "m", "o"}, []*nested.Type{
		nested.ArrayOf(nested.ArrayOf(nested.Of(types.TInt4))), nested.MapOf(nested.Of(types.TVarchar(5)), nested.ArrayOf(scalars)), scalars,
	})
}

// FuzzNestedText reads any text as a nested column: what comes out is JSON of the type, and reads as itself.
func FuzzNestedText(f *testing.F) {
	for _, s := range []string{
		`{"x": {"A": [[1, 2], [], null, "7"], "m": {"k": [{"s": "long text", "n": 1.005, "t": "2020-01-02T03:04:05Z", "b": true}]}, "o": {"s": "\u00e9\"", "t": "no time"}}}`,
		`{"x": {"a": 1, "m": [], "o": "text"}} {"x": null} {"y": 1} {"X": {"o": {"n": 99999999999, "s": {"deep": []}}}}`,
		`{"x": {"m": {"k": null, "k": []}}}`,
		`{"x": `,
	} {
		f.Add(s)
	}
	typ := deepType()
	f.Fuzz(func(t *testing.T, text string) {
		for _, row := range nestedLeniently(t, text, typ) {
			if row == "~" {
				continue
			}
			if !json.Valid([]byte(row)) {
				t.Fatalf("%s is no JSON", row)
			}
			if again := nestedLeniently(t, `{"x": `+row+`}`, typ); len(again) != 1 || again[0] != row {
				t.Fatalf("%s reads as %s", row, again)
			}
		}
	})
}
