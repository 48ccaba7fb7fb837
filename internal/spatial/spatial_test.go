package spatial

import (
	"strings"
	"testing"
)

// Guide: https://docs.aws.amazon.com/redshift/latest/dg/ST_GeoSquare-function.html and ST_GeoHash, ST_GeomFromGeoHash.
func TestGeosquareAndGeohash(t *testing.T) {
	for depth, want := range map[int]int64{10: 797852, 32: -4410772491521635895} {
		if got, err := Geosquare(13.5, 52.5, depth); err != nil || got != want {
			t.Errorf("depth %d: %d, %v; want %d", depth, got, err, want)
		}
	}
	if got, err := AppendGeohash(nil, 45, -45, 25); err != nil || string(got) != "m000000000000000000000gzz" {
		t.Errorf("%s, %v", got, err)
	}
	for s, point := range map[string]bool{"9qqj7nmxncgyy4d0dbxqz0": false, "9qqj7nmxncgyy4d0dbxqz00": true} {
		b, err := GeohashBox(s)
		if g := b.Geometry(0); err != nil || (g.Kind == Point) != point {
			t.Errorf("%s: %v, %v", s, g, err)
		}
	}
}

// texts are geometries of all subtypes and dimensions as ST_AsEWKT prints them.
var texts = []string{
	"POINT(1 2)", "POINT Z (1 2 3)", "POINT M (1 2 3)", "POINT ZM (1 2 3 4)", "POINT EMPTY", "POINT Z EMPTY", "SRID=4326;POINT(-1.5 1e-07)",
	"LINESTRING(0 0,1 1)", "LINESTRING EMPTY", "LINESTRING ZM (0 1 2 3,4 5 6 7)", "POLYGON((0 0,1 0,0 1,0 0))", "POLYGON EMPTY",
	"POLYGON((0 0,10 0,10 10,0 10,0 0),(1 1,1 2,2 1,1 1))", "MULTIPOINT((1 0),EMPTY)", "MULTIPOINT Z ((0 1 0),EMPTY,(2 3 0),(5 6 0))",
	"SRID=4326;MULTILINESTRING((1 0,1 0),(2 0,3 0),(4 0,5 0,6 0))", "MULTIPOLYGON(((0 0,1 0,0 1,0 0)),EMPTY)",
	"GEOMETRYCOLLECTION(POLYGON((0 0,10 0,0 10,0 0)),LINESTRING(20 10,20 0,10 0))", "GEOMETRYCOLLECTION EMPTY",
	"SRID=3857;GEOMETRYCOLLECTION M (POINT M (1 2 3),GEOMETRYCOLLECTION M (POINT M EMPTY,MULTIPOINT M ((1 2 3))))",
}

// Every form of a geometry reads back as the geometry that it was made of.
func TestForms(t *testing.T) {
	var d Decoder
	for _, s := range texts {
		g, _, err := ParseEWKT(s)
		if err != nil {
			t.Fatalf("%s: %v", s, err)
		}
		for _, box := range []bool{false, true} {
			b, err := Append(nil, &g, box)
			if err != nil {
				t.Fatal(err)
			}
			v := string(b)
			back := d.Decode(v)
			if got := string(AppendEWKT(nil, &back, 15)); got != s {
				t.Errorf("value of %s: %s", s, got)
			}
			w, _, err := ParseHexWKB(string(AppendHexWKB(nil, v, true)))
			if err != nil {
				t.Fatalf("%s: %v", s, err)
			}
			if got := string(AppendEWKT(nil, &w, 15)); got != s {
				t.Errorf("EWKB of %s: %s", s, got)
			}
			if HasBox(v) != box || SRIDOf(v) != g.SRID || KindOf(v) != g.Kind {
				t.Errorf("%s: head", s)
			}
			if BoxOf(v, &d) != g.Box() {
				t.Errorf("%s: box %v, not %v", s, BoxOf(v, &d), g.Box())
			}
			if o, err := WithBox(v, !box, &d); err != nil || HasBox(o) == box {
				t.Errorf("%s: %v", s, err)
			} else if o, _ = WithBox(o, box, &d); o != v {
				t.Errorf("%s: the box off and on again makes another value", s)
			}
		}
	}
}

// What is no geometry is an error.
func TestRefusals(t *testing.T) {
	for _, s := range []string{
		"", "POINT", "POINT(1)", "POINT(1 2 3)", "POINT(1 2", "POINT(1 2))", "POINTS(1 2)", "POINT Z (1 2)", "POINT(a b)", "POINT(nan 1)",
		"LINESTRING((0 0,1 1))", "MULTIPOINT(1 2", "GEOMETRYCOLLECTION(POINT Z (1 2 3))", "SRID=-1;POINT(1 2)", "SRID=x;POINT(1 2)", "POLYGON(0 0,1 1)", "POINT(1 2,3 4)",
		strings.Repeat("GEOMETRYCOLLECTION(", 100000),
	} {
		if g, _, err := ParseEWKT(s); err == nil {
			t.Errorf("%.40q is read as %v", s, g)
		}
	}
	for _, s := range []string{
		"", "01", "0201000000", "0108000000", "010200000000000080", "0101000000000000000000F07F0000000000000000", "zz",
		"01040000000100000001020000000000000001", "0107000000010000000101000080000000000000F03F000000000000F03F000000000000F03F",
	} {
		if g, _, err := ParseHexWKB(s); err == nil {
			t.Errorf("%.40q is read as %v", s, g)
		}
	}
	for _, s := range []string{
		"", "{}", `{"type":"Point"}`, `{"type":"Point","coordinates":[1]}`, `{"type":"Point","coordinates":["a","b"]}`, `{"type":"LineString","coordinates":[1,2]}`,
		`{"type":"Feature"}`, `[1]`,
	} {
		if g, err := ParseGeoJSON(s); err == nil {
			t.Errorf("%.40q is read as %v", s, g)
		}
	}
}

// The guide's example of ST_MemSize: https://docs.aws.amazon.com/redshift/latest/dg/ST_MemSize-function.html
func TestMemSize(t *testing.T) {
	g, err := ParseWKT("GEOMETRYCOLLECTION(POLYGON((0 0,10 0,0 10,0 0)),LINESTRING(20 10,20 0,10 0))")
	if err != nil {
		t.Fatal(err)
	}
	if b, _ := Append(nil, &g, true); len(b) != 172 {
		t.Errorf("%d bytes", len(b))
	}
}

// FuzzParse reads any text and bytes as a geometry: what is read prints as something that reads the same.
func FuzzParse(f *testing.F) {
	for _, s := range texts {
		g, _, _ := ParseEWKT(s)
		v, _ := Append(nil, &g, true)
		f.Add(s)
		f.Add(string(AppendWKB(nil, string(v), true)))
		f.Add(string(AppendGeoJSON(nil, &g, 15)))
	}
	f.Fuzz(func(t *testing.T, s string) {
		var d Decoder
		again := func(g Geometry, err error) {
			if err != nil {
				return
			}
			v, err := Append(nil, &g, true)
			if err != nil {
				return
			}
			back, _, err := ParseWKB(AppendWKB(nil, string(v), true))
			if err != nil {
				t.Fatalf("%q: %v", s, err)
			}
			w, err := Append(nil, &back, true)
			if err != nil || string(w) != string(v) {
				t.Fatalf("%q: %v, %q is not %q", s, err, w, v)
			}
			g = d.Decode(string(v))
			if _, _, err := ParseEWKT(string(AppendEWKT(nil, &g, 17))); err != nil {
				t.Fatalf("%q: %v", s, err)
			}
			g.Area()
			g.Centroid()
			g.Turns(true)
		}
		g, _, err := ParseEWKT(s)
		again(g, err)
		g, _, err = ParseWKB([]byte(s))
		again(g, err)
		g, err = ParseGeoJSON(s)
		again(g, err)
	})
}
