package function

import (
	"testing"

	"github.com/redshiftsim/redshiftsim/internal/spatial"
	"github.com/redshiftsim/redshiftsim/internal/types"
	"github.com/redshiftsim/redshiftsim/internal/vector"
)

// geometries are a batch of values of a text, and a Const of another.
func geometries(t *testing.T, text, other string) (rows, one *vector.Vector) {
	t.Helper()
	make := func(s string) string {
		v, err := spatial.Read(s, false)
		if err != nil {
			t.Fatal(err)
		}
		return v
	}
	rows = vector.New(types.TGeometry, vector.Size)
	for i := range rows.Texts {
		rows.Texts[i] = make(text)
	}
	one = vector.New(types.TGeometry, 1)
	one.Form, one.Texts[0] = vector.Const, make(other)
	return rows, one
}

// What is read in place takes no allocation a row: a coordinate, a side of a box, boxes that do not meet, and a point in an area that is a constant.
func TestGeometryAllocations(t *testing.T) {
	const area = "POLYGON((0 0,10 0,10 10,0 10,0 0),(2 2,2 5,5 5,5 2,2 2))"
	for _, c := range []struct{ name, text, other string }{
		{"st_x", "POINT(1 2)", ""},
		{"st_xmax", "LINESTRING(0 0,3 4)", ""},
		{"st_npoints", "LINESTRING(0 0,3 4)", ""},
		{"st_length", "LINESTRING(0 0,3 4)", ""},
		{"st_intersects", "LINESTRING(20 20,30 40)", area},
		{"st_within", "POINT(1 2)", area},
		{"st_distancesphere", "POINT(1 2)", "POINT(3 4)"},
	} {
		args := []Arg{{Type: types.TGeometry}}
		rows, _ := geometries(t, c.text, "POINT(1 2)")
		in := []*vector.Vector{rows}
		if c.other != "" {
			args = append(args, args[0])
			_, one := geometries(t, c.text, c.other)
			in = append(in, one)
		}
		b, err := Find(c.name, args)
		if err != nil {
			t.Fatal(err)
		}
		out := vector.New(b.Returns, vector.Size)
		n := testing.AllocsPerRun(5, func() {
			if err := b.Kernel(nil, vector.Size, in, out); err != nil {
				t.Fatal(err)
			}
		})
		if n > 16 {
			t.Errorf("%s: %v allocations for %d rows", c.name, n, vector.Size)
		}
	}
}
