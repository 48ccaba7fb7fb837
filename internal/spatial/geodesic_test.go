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
	if a, _ := g.GeodesicArea(); !close(a, 201824655743.383, 1e-6) { // the guide's figure is an approximation
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

func first(a, _ float64) float64 { return a }

// What is known of WGS 84: a quarter of a meridian, half the way around, the surface; and that areas add up.
func TestGeodesicArithmetic(t *testing.T) {
	s, _ := surfaceOf(WGS84)
	if d := s.distance(0, 30, 40, -20); !close(d, first(s.between(0, 30, 40, -20)), 2e-5) {
		t.Errorf("distance %v", d)
	}
	for _, c := range []struct{ x1, y1, x2, y2, want float64 }{
		{0, 0, 0, 90, 10001965.729312},    // the quarter of a meridian
		{0, 0, 180, 0, 2 * 10001965.7293}, // over a pole
		{0, -90, 17, 90, 2 * 10001965.7293},
		{0, 0, 90, 0, 6378137 * math.Pi / 2},
		{0, 0, 0, 0, 0},
		{-179, 0, 179, 0, 6378137 * math.Pi / 90}, // across the date line
	} {
		if d, _ := s.between(c.x1, c.y1, c.x2, c.y2); !close(d, c.want, 1e-12) && math.Abs(d-c.want) > 1e-3 {
			t.Errorf("%v: %v", c, d)
		}
	}
	octant := Geometry{Kind: LineString, Points: []float64{0, 0, 90, 0, 0, 90, 0, 0}}
	if a := s.ringArea(&octant); !close(a, 510065621724088.5/8, 1e-13) {
		t.Errorf("octant %v of %v", a, 510065621724088.5/8)
	}
	cap := Geometry{Kind: LineString, Points: []float64{0, 60, 90, 60, 180, 60, -90, 60, 0, 60}} // around a pole
	sum := 0.0
	for i := range 4 {
		part := Geometry{Kind: LineString, Points: []float64{0, 90, cap.Points[2*i], 60, cap.Points[2*i+2], 60, 0, 90}}
		sum += s.ringArea(&part)
	}
	if a := s.ringArea(&cap); !close(a, sum, 1e-12) {
		t.Errorf("cap %v, parts %v", a, sum)
	}
}

// Karney's paper, section 3 and its tables 4 and 5: the inverse problem for places nearly opposite, on WGS 84: from 30 S 0 E to 29.9 N 179.8 E.
func TestGeodesicNearlyOpposite(t *testing.T) {
	s, _ := surfaceOf(WGS84)
	if d, _ := s.between(0, -30, 179.8, 29.9); math.Abs(d-19989832.827610) > 1e-6 {
		t.Errorf("%.6f", d)
	}
}

// A path and its length do not depend on the end at which one begins, nor on where longitudes begin; halves add up along the equator and meridians.
func TestGeodesicSymmetry(t *testing.T) {
	s, _ := surfaceOf(WGS84)
	for lat1 := -90.0; lat1 <= 90; lat1 += 11.25 {
		for lat2 := -90.0; lat2 <= 90; lat2 += 9.5 {
			for lon := -180.0; lon <= 180; lon += 14.4 {
				d, a := s.between(3, lat1, 3+lon, lat2)
				back, b := s.between(3+lon, lat2, 3, lat1)
				south, c := s.between(3, -lat1, 3+lon, -lat2)
				if !close(d, back, 1e-13) || !close(d, south, 1e-13) {
					t.Fatalf("%v %v %v: %v, %v, %v", lat1, lat2, lon, d, back, south)
				}
				if math.Abs(lon) < 179 && math.Abs(lat1-lat2) < 180 && (!close(a, -b, 1e-9) && math.Abs(a+b) > 1 || !close(a, -c, 1e-9) && math.Abs(a+c) > 1) {
					t.Fatalf("%v %v %v: areas %v, %v, %v", lat1, lat2, lon, a, b, c)
				}
				if low := 0.993 * EarthRadius * Arc(3, lat1, 3+lon, lat2); d < low-1e-6 || d > low*1.014+1 && d > 1e-6 {
					t.Fatalf("%v %v %v: %v is far from %v", lat1, lat2, lon, d, low)
				}
			}
		}
	}
}
