package nested

import (
	"testing"

	"github.com/redshiftsim/redshiftsim/internal/super"
	"github.com/redshiftsim/redshiftsim/internal/types"
	"github.com/redshiftsim/redshiftsim/internal/vector"
)

// person is struct<given:varchar(20),tags:map<int,array<date>>>.
func person() *Type {
	return StructOf([]string{"given", "tags"}, []*Type{Of(types.TVarchar(20)), MapOf(Of(types.TInt4), ArrayOf(Of(types.TDate)))})
}

// TestTypes writes types, measures them and marks what is read.
func TestTypes(t *testing.T) {
	p := person()
	if got, want := p.Text(types.Type.String, nil), "struct<given:character varying(20),tags:map<integer,array<date>>>"; got != want {
		t.Errorf("%s, want %s", got, want)
	}
	if p.Depth() != 3 || Of(types.TBool).Depth() != 0 || p.Field("tags", false) != 1 || p.Field("Tags", false) != -1 || p.Field("Tags", true) != 1 || p.Parts[1].Field("key", true) != -1 {
		t.Error("depth or fields are wrong")
	}
	e := p.Parts[1].Element()
	if e.Field("key", false) != 0 || e.Field("value", false) != 1 || p.Element() != nil || p.SQL() != types.TNested || e.Parts[0].SQL() != types.TInt4 {
		t.Error("elements are wrong")
	}
	c := p.Copy()
	c.Parts[1].Parts[1].Read = true
	if !c.Reads() || p.Reads() || c.Parts[0].Reads() || c.Copy().Reads() {
		t.Error("marks are wrong")
	}
}

// TestValues puts values of each lane into a value and takes them out of it.
func TestValues(t *testing.T) {
	for _, d := range []types.Datum{
		{Type: types.TBool, Bool: true},
		{Type: types.TInt8, Int: -1 << 63},
		{Type: types.TNumeric(10, 2), Int: 1234},
		{Type: types.TNumeric(38, 3), Wide: types.Pow10(37)},
		{Type: types.TFloat8, Float: 1e300},
		{Type: types.TVarchar(9), Text: "a\x00é"},
		{Type: types.TTimestamp, Int: 1},
		types.NullOf(types.TDate),
	} {
		in, out := vector.New(d.Type, 1), vector.New(d.Type, 1)
		in.Set(0, d)
		var b super.Builder
		b.BeginArray()
		Append(&b, in, 0)
		b.EndArray()
		if !Put(out, 0, At(super.Value(b.Bytes()), []int{0})) {
			out.SetNull(0)
		}
		if got := out.Get(0); !got.Equal(&d) {
			t.Errorf("%v comes out as %v", d, got)
		}
		if Put(out, 0, At(super.Value(b.Bytes()), []int{1})) || Put(out, 0, At(super.Value(b.Bytes()), []int{0, 0})) {
			t.Error("there is a value where there is none")
		}
	}
}

// TestJSON writes a value as the guide does.
// https://docs.aws.amazon.com/redshift/latest/dg/serializing-complex-JSON.html
func TestJSON(t *testing.T) {
	var b super.Builder
	b.BeginArray()
	b.String(`{"first":"John"}`)
	b.BeginArray()
	b.BeginArray()
	b.Int(1)
	b.BeginArray()
	b.Int(0)
	b.Null()
	b.EndArray()
	b.EndArray()
	b.EndArray()
	b.EndArray()
	v := super.Value(b.Bytes())
	for inline, want := range map[bool]string{
		false: `{"given": "{\"first\":\"John\"}", "tags": {"1": ["2000-01-01", null]}}`,
		true:  `{"given": {"first":"John"}, "tags": {"1": ["2000-01-01", null]}}`,
	} {
		if got := string((&JSON{Inline: inline}).Append(nil, person(), v)); got != want {
			t.Errorf("%s, want %s", got, want)
		}
	}
	for x, want := range map[int64]string{0: "2000-01-01T00:00:00.000Z", 1_500_000: "2000-01-01T00:00:01.500Z", 123_456: "2000-01-01T00:00:00.123456Z"} {
		if got := isoTimestamp(x); got != want {
			t.Errorf("%s, want %s", got, want)
		}
	}
}
