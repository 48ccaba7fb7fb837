package spatial

import (
	"math"
	"math/rand/v2"
	"testing"
)

// A place comes back from every reference to within a micrometer (10 micrometers on the ellipsoid for those far from the meridian).
func TestTransformThereAndBack(t *testing.T) {
	r := rand.New(rand.NewPCG(7, 7))
	for _, srid := range []int32{3857, 4978, 6317, 32601, 32633, 32660, 32733, 26918, 25832, 4269, 6989} {
		s, err := systemOf(srid)
		if err != nil {
			t.Fatal(err)
		}
		for range 2000 {
			lon, lat := r.Float64()*360-180, r.Float64()*178-89
			if s.method == transverse {
				lon = s.meridian + r.Float64()*60 - 30
			}
			g := Geometry{Kind: Point, Z: true, SRID: 4326, Points: []float64{lon, lat, r.Float64() * 1000}}
			there, err := Transform(&g, srid)
			if err != nil {
				t.Fatal(err)
			}
			back, err := Transform(&there, 4326)
			if err != nil {
				t.Fatal(err)
			}
			for k, slack := range []float64{1e-11, 1e-11, 1e-6} {
				if d := math.Abs(back.Points[k] - g.Points[k]); d > slack && d < 359 {
					t.Fatalf("%d: %v, %v, %v", srid, g.Points, there.Points, back.Points)
				}
			}
		}
	}
}

// Along its meridian the transverse Mercator projection has the length of the meridian, integrated here by Simpson's rule.
func TestTransverseMeridian(t *testing.T) {
	e := wgs84Ellipsoid
	radius := func(lat float64) float64 { return e.a * (1 - e.e2()) / math.Pow(1-e.e2()*sq(math.Sin(lat)), 1.5) }
	for _, lat := range []float64{-80, -33, 0, 0.001, 12, 45, 60, 89} {
		const n = 4000
		h := lat * degree / n
		sum := radius(0) + radius(lat*degree)
		for i := 1; i < n; i++ {
			sum += radius(float64(i)*h) * float64(2+2*(i%2))
		}
		g := Geometry{Kind: Point, SRID: 4326, Points: []float64{15, lat}}
		out, err := Transform(&g, 32633)
		if err != nil || math.Abs(out.Points[0]-500000) > 1e-8 || math.Abs(out.Points[1]-0.9996*sum*h/3) > 1e-6 {
			t.Errorf("%v: %v, %v, not %v", lat, out.Points, err, 0.9996*sum*h/3)
		}
	}
}
