package types

import (
	"testing"
	"time"
)

// TestArrays reads arrays and prints them again; the expected texts are PostgreSQL's.
func TestArrays(t *testing.T) {
	for _, c := range []struct{ in, out string }{
		{"{}", "{}"},
		{"{1,2}", "{1,2}"},
		{`{a,"b, c",NULL}`, `{a,"b, c",NULL}`},
		{`{"a\"b","",null,"null"}`, `{"a\"b","",NULL,"null"}`},
		{`{\\}`, `{"\\"}`},
		{"a,b", ""},
		{"{a", ""},
		{"{a}b", ""},
		{"{{1},{2}}", ""},
		{"{,}", ""},
		{`{"a}`, ""},
		{`{a"b}`, ""},
	} {
		list, err := ArrayItems(c.in, TTextArray)
		if (err == nil) != (c.out != "") {
			t.Errorf("%s: %v", c.in, err)
			continue
		}
		if err == nil {
			if got := string(AppendArray(nil, TTextArray, list)); got != c.out {
				t.Errorf("%s prints %s, want %s", c.in, got, c.out)
			}
		}
	}
	for _, c := range []struct {
		in, out string
		kind    Kind
	}{{"{1, 2}", "{1,2}", Int4Array}, {"{1,x}", "", Int4Array}, {"1 22 3", "1 22 3", OIDVector}, {"{a,NULL}", "{a,NULL}", NameArray}} {
		d, err := ParseAt(c.in, Type{Kind: c.kind}, time.UTC, time.Time{})
		if (err == nil) != (c.out != "") || err == nil && d.Text != c.out {
			t.Errorf("%s as %s: %s, %v", c.in, Type{Kind: c.kind}, d.Text, err)
		}
	}
}
