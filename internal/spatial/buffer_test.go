package spatial

import (
	"math"
	"math/rand/v2"
	"testing"
)

// awayFrom is the least distance of a place from the points and segments of a geometry, by arithmetic.
func awayFrom(g *Geometry, x, y float64) float64 {
	best := math.Inf(1)
	g.EachPath(func(p *Geometry) {
		for i := range p.Count() {
			bx, by := p.XY(i)
			ax, ay := bx, by
			if i > 0 {
				ax, ay = p.XY(i - 1)
			}
			dx, dy := bx-ax, by-ay
			t := 0.0
			if l := dx*dx + dy*dy; l > 0 {
				t = max(0, min(1, ((x-ax)*dx+(y-ay)*dy)/l))
			}
			best = min(best, math.Hypot(x-ax-t*dx, y-ay-t*dy))
		}
	})
	return best
}

// randomGeometry has up to n points, on a grid or off it.
func randomGeometry(r *rand.Rand, n int) Geometry {
	grid := r.IntN(2) == 0
	coordinate := func() float64 {
		if grid {
			return float64(r.IntN(7))
		}
		return r.Float64() * 6
	}
	path := func(n int) Geometry {
		g := Geometry{Kind: LineString}
		for range n {
			g.Points = append(g.Points, coordinate(), coordinate())
		}
		return g
	}
	switch r.IntN(4) {
	case 0:
		return Geometry{Kind: Point, Points: []float64{coordinate(), coordinate()}}
	case 1:
		return path(2 + r.IntN(n))
	case 2:
		return Geometry{Kind: MultiLineString, Parts: []Geometry{path(2), path(2 + r.IntN(n))}}
	}
	// A star around a place: never crosses itself.
	ring := Geometry{Kind: LineString}
	k := 3 + r.IntN(n)
	for i := range k {
		a, d := 2*math.Pi*(float64(i)+r.Float64()/2)/float64(k), 1+3*r.Float64()
		ring.Points = append(ring.Points, 3+d*math.Cos(a), 3+d*math.Sin(a))
	}
	ring.Points = append(ring.Points, ring.Points[:2]...)
	return Geometry{Kind: Polygon, Parts: []Geometry{ring}}
}

// A place lies in a buffer if it is nearer than the distance, and not if it is farther; in between is what the chords of circles cut off.
func TestBufferOfRandomGeometries(t *testing.T) {
	r := rand.New(rand.NewPCG(5, 17))
	for i := range 400 {
		g := randomGeometry(r, 8)
		d := 0.05 + 3*r.Float64()
		if g.Kind == Polygon && r.IntN(2) == 0 {
			d = -d
		}
		quarter := int64(1 + r.IntN(12))
		out, err := Buffer(&g, d, quarter)
		if err != nil {
			t.Errorf("%d: %v %s", i, err, AppendEWKT(nil, &g, 15))
			continue
		}
		if !out.IsEmpty() && !out.IsValid() {
			t.Errorf("%d: invalid buffer of %s by %v", i, AppendEWKT(nil, &g, 15), d)
		}
		slack := math.Abs(d) * (1 - math.Cos(math.Pi/4/float64(quarter)))
		for range 200 {
			x, y := r.Float64()*14-4, r.Float64()*14-4
			away := awayFrom(&g, x, y)
			if g.Kind == Polygon && g.place(x, y) != Outside {
				away = -away
			}
			got := out.place(x, y) != Outside
			var must, may bool
			if d > 0 {
				must, may = away < d-slack-1e-9, away < d+1e-9
			} else {
				must, may = away < d-1e-9, away < d+slack+1e-9
			}
			if got && !may || must && !got {
				t.Fatalf("%d: (%v %v) is %v from %s, its buffer by %v (%d): %v", i, x, y, away, AppendEWKT(nil, &g, 15), d, quarter, got)
			}
		}
	}
}

// Sines and cosines are those of package math to the last digit but one, and exact at quarter turns as far as an angle can be one.
func TestSincos(t *testing.T) {
	r := rand.New(rand.NewPCG(1, 2))
	for range 100000 {
		a := (r.Float64() - 0.5) * 40
		s, c := sincos(a)
		if math.Abs(s-math.Sin(a)) > 3e-16 || math.Abs(c-math.Cos(a)) > 3e-16 {
			t.Fatalf("%v: %v %v, not %v %v", a, s, c, math.Sin(a), math.Cos(a))
		}
	}
	if s, c := sincos(0); s != 0 || c != 1 {
		t.Error(s, c)
	}
	if s, c := sincos(math.Pi); s != 1.2246467991473532e-16 || c != -1 {
		t.Error(s, c)
	}
}
