package spatial

import (
	"math"
	"testing"
)

func close(a, b, rel float64) bool { return math.Abs(a-b) <= rel*math.Max(math.Abs(a), math.Abs(b)) }

// The examples of the guide: https://docs.aws.amazon.com/redshift/latest/dg/ST_Area-function.html and those of ST_Length, ST_Perimeter, ST_Distance.
func TestGeodesicGuide(t *testing.T) {
	read := func(s string) Geometry {
		g, given, err := ParseEWKT(s)
		if err == nil {
			err = g.Geography(given)
		}
		if err != nil {
			t.Fatal(err)
		}
		return g
	}
	g := read("POLYGON((34 35,28 30,25 34,34 35))")
	if a, _ := g.GeodesicArea(); !close(a, 201824655743.383, 1e-12) {
		t.Errorf("area %v", a)
	}
	g = read("LINESTRING(5 0,6 0,4 0)")
	if l, _ := g.GeodesicLength(); !close(l, 333958.472379804, 1e-13) {
		t.Errorf("length %v", l)
	}
	g = read("POLYGON((0 0,1 0,0 1,0 0))")
	if l, _ := g.GeodesicPerimeter(); !close(l, 378790.428393693, 1e-13) {
		t.Errorf("perimeter %v", l)
	}
	if d, _ := GeodesicDistance(WGS84, 13.37761826722198, 52.516411678282445, 13.377950831464005, 52.51705102546893); !close(d, 74.64129172609631, 1e-10) {
		t.Errorf("distance %v", d)
	}
}

// What is known of WGS 84: a quarter of a meridian, half the way around, the surface; and that areas add up.
func TestGeodesicArithmetic(t *testing.T) {
	s, _ := surfaceOf(WGS84)
	for _, c := range []struct{ x1, y1, x2, y2, want float64 }{
		{0, 0, 0, 90, 10001965.729312}, // the quarter of a meridian
		{0, -90, 17, 90, 2 * 10001965.7293},
		{0, 0, 90, 0, 6378137 * math.Pi / 2},
		{0, 0, 0, 0, 0},
		{-179, 0, 179, 0, 6378137 * math.Pi / 90}, // across the date line
	} {
		if d := s.distance(c.x1, c.y1, c.x2, c.y2); !close(d, c.want, 2e-5) {
			t.Errorf("%v: %v", c, d)
		}
	}
	octant := Geometry{Kind: LineString, Points: []float64{0, 0, 90, 0, 0, 90, 0, 0}}
	if a := s.ringArea(&octant); !close(a, 510065621724088.5/8, 1e-5) {
		t.Errorf("octant %v of %v", a, 510065621724088.5/8)
	}
	cap := Geometry{Kind: LineString, Points: []float64{0, 60, 90, 60, 180, 60, -90, 60, 0, 60}} // around a pole
	sum := 0.0
	for i := range 4 {
		part := Geometry{Kind: LineString, Points: []float64{0, 90, cap.Points[2*i], 60, cap.Points[2*i+2], 60, 0, 90}}
		sum += s.ringArea(&part)
	}
	if a := s.ringArea(&cap); !close(a, sum, 1e-5) {
		t.Errorf("cap %v, parts %v", a, sum)
	}
}

// The length and the area of a path do not depend on the end at which one begins, nor on the hemisphere; the length is near to that on a sphere.
func TestGeodesicSymmetry(t *testing.T) {
	s, _ := surfaceOf(WGS84)
	for lat1 := -78.75; lat1 < 90; lat1 += 11.25 {
		for lat2 := -85.5; lat2 < 90; lat2 += 9.5 {
			for lon := -144.0; lon <= 144; lon += 14.4 {
				d, a := s.distance(3, lat1, 3+lon, lat2), s.below(3, lat1, 3+lon, lat2)
				back, b := s.distance(3+lon, lat2, 3, lat1), s.below(3+lon, lat2, 3, lat1)
				south, c := s.distance(3, -lat1, 3+lon, -lat2), s.below(3, -lat1, 3+lon, -lat2)
				if !close(d, back, 1e-13) || !close(d, south, 1e-13) {
					t.Fatalf("%v %v %v: %v, %v, %v", lat1, lat2, lon, d, back, south)
				}
				if math.Abs(a+b) > 1e-5*s.c2 || math.Abs(a+c) > 1e-5*s.c2 {
					t.Fatalf("%v %v %v: areas %v, %v, %v", lat1, lat2, lon, a, b, c)
				}
				if low := 0.993 * EarthRadius * Arc(3, lat1, 3+lon, lat2); d < low-1e-6 || d > low*1.014+1e-6 {
					t.Fatalf("%v %v %v: %v is far from %v", lat1, lat2, lon, d, low)
				}
			}
		}
	}
}

// A small square has the area of its meridian arcs by its parallels: 1/100 of a degree at 45 degrees, where a degree north is 111131.78 m and a degree
// east 78846.81 m.
func TestGeodesicSmall(t *testing.T) {
	s, _ := surfaceOf(WGS84)
	ring := Geometry{Kind: LineString, Points: []float64{10, 44.995, 10.01, 44.995, 10.01, 45.005, 10, 45.005, 10, 44.995}}
	if a := s.ringArea(&ring); !close(a, 1111.3178*788.4681, 1e-4) {
		t.Errorf("%v, not %v", a, 1111.3178*788.4681)
	}
}
