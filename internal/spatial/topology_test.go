package spatial

import (
	"math"
	"math/rand"
	"testing"
)

// holds are the relations of a point and an area by the place of the point, with the matrix' patterns.
var holds = []Relation{
	{Patterns: []string{"T*F**F***"}, Point: func(p Place) bool { return p == Inside }},
	{Patterns: []string{"T*F**F***", "*TF**F***", "**FT*F***", "**F*TF***"}, Point: func(p Place) bool { return p != Outside }},
	{Patterns: []string{"FT*******", "F**T*****", "F***T****"}, Point: func(p Place) bool { return p == OnBoundary }},
}

// area is a polygon of whole coordinates around the middle of a 12 x 12 grid, and so without crossings: its points are in the order of their directions.
func area(rnd *rand.Rand) Geometry {
	ring := Geometry{Kind: LineString}
	for _, d := range [][2]float64{{1, 0}, {1, 1}, {0, 1}, {-1, 1}, {-1, 0}, {-1, -1}, {0, -1}, {1, -1}} {
		r := float64(1 + rnd.Intn(5))
		ring.Points = append(ring.Points, 6+r*d[0], 6+r*d[1])
	}
	ring.Points = append(ring.Points, ring.Points[0], ring.Points[1])
	return Geometry{Kind: Polygon, Parts: []Geometry{ring}}
}

// The place of a point says of an area what the matrix says.
func TestPlace(t *testing.T) {
	rnd := rand.New(rand.NewSource(3))
	for range 40 {
		a := area(rnd)
		for x := 0.0; x <= 12; x++ {
			for y := 0.0; y <= 12; y++ {
				p := Geometry{Kind: Point, Points: []float64{x, y}}
				for i := range holds {
					quick, err := Relate(&p, &a, &holds[i])
					slow, err2 := Relate(&p, &a, &Relation{Patterns: holds[i].Patterns})
					if err != nil || err2 != nil || quick != slow {
						t.Fatalf("%v in %v: relation %d is %v by its place, %v by the matrix (%v, %v)", p.Points, a.Parts[0].Points, i, quick, slow, err, err2)
					}
				}
				d, ok, err := Distance(&p, &a)
				meets, err2 := Intersects(&a, &p)
				if !ok || err != nil || err2 != nil || (d == 0) != meets {
					t.Fatalf("%v and %v: distance %v, intersects %v (%v, %v)", p.Points, a.Parts[0].Points, d, meets, err, err2)
				}
			}
		}
	}
}

// The areas of two polygons are those of their union and their intersection, which are valid, and in the form of the guide's examples.
func TestOverlays(t *testing.T) {
	rnd := rand.New(rand.NewSource(4))
	for range 300 {
		a, b := area(rnd), area(rnd)
		for i := 0; i < len(b.Parts[0].Points); i += 2 {
			b.Parts[0].Points[i] += 3
		}
		u, err := Union(&a, &b)
		if err != nil {
			t.Fatal(err)
		}
		x, err := Intersection(&a, &b)
		if err != nil {
			t.Fatal(err)
		}
		if sum := a.Area() + b.Area(); math.Abs(u.Area()+x.Area()-sum) > 1e-9*sum {
			t.Fatalf("%v + %v: %v + %v", a.Area(), b.Area(), u.Area(), x.Area())
		}
		for _, g := range []Geometry{u, x} {
			if !g.IsValid() || !g.Turns(false) {
				t.Fatalf("%s of %s and %s", AppendWKT(nil, &g, 15), AppendWKT(nil, &a, 15), AppendWKT(nil, &b, 15))
			}
		}
		h := a.ConvexHull()
		if in, err := Relate(&a, &h, &Relation{Patterns: []string{"T*F**F***"}}); err != nil || !in {
			t.Fatalf("%s is not within its hull %s", AppendWKT(nil, &a, 15), AppendWKT(nil, &h, 15))
		}
	}
}

// FuzzRelate gives any two texts to everything that is computed of two geometries: an error or an answer, never a panic.
func FuzzRelate(f *testing.F) {
	for i, s := range texts {
		f.Add(s, texts[(i*7+3)%len(texts)])
	}
	f.Add("POLYGON((0 0,4 0,4 4,0 4,0 0))", "POLYGON((0 0,2 2,2 0,0 2,0 0))")
	f.Fuzz(func(t *testing.T, s, o string) {
		a, err := ParseWKT(s)
		if err != nil || a.NPoints() > 50 {
			return
		}
		b, err := ParseWKT(o)
		if err != nil || b.NPoints() > 50 {
			return
		}
		a.IsValid()
		a.IsSimple()
		a.ConvexHull()
		a.Boundary()
		_, _ = Relate(&a, &b, &holds[1])
		_, _ = Intersects(&a, &b)
		_, _, _ = Distance(&a, &b)
		_, _ = Intersection(&a, &b)
		_, _ = Union(&a, &b)
	})
}
