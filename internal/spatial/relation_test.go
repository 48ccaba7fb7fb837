package spatial

import (
	"math"
	"math/rand/v2"
	"testing"
)

// randomShape is random too, but every second polygon a box or a triangle on the grid, so that shapes touch.
func randomShape(r *rand.Rand) Geometry {
	for {
		g := randomGeometry(r, 5)
		if g.Kind == Polygon && r.IntN(2) == 0 {
			x, y, w, h := float64(r.IntN(5)), float64(r.IntN(5)), float64(1+r.IntN(4)), float64(1+r.IntN(4))
			p := []float64{x, y, x + w, y, x + w, y + h, x, y + h, x, y}
			if r.IntN(2) == 0 {
				p = []float64{x, y, x + w, y, x, y + h, x, y}
			}
			g.Parts[0].Points = p
		}
		if g.proper() && (g.Kind != Polygon || g.IsValid()) {
			return g
		}
	}
}

type segment [4]float64

// segments are the segments of a geometry; a point is one.
func (g *Geometry) segments() (out []segment) {
	g.EachPath(func(p *Geometry) {
		x, y := p.XY(0)
		if p.Count() == 1 {
			out = append(out, segment{x, y, x, y})
		}
		for i := 1; i < p.Count(); i++ {
			a, b := p.XY(i)
			out = append(out, segment{x, y, a, b})
			x, y = a, b
		}
	})
	return out
}

// crosses says that two segments cross each other in a point that is no end.
func (p segment) crosses(q segment) bool {
	side := func(s segment, x, y float64) float64 { return (s[2]-s[0])*(y-s[1]) - (s[3]-s[1])*(x-s[0]) }
	return side(p, q[0], q[1])*side(p, q[2], q[3]) < 0 && side(q, p[0], p[1])*side(q, p[2], p[3]) < 0
}

// between is the distance of two geometries by all their segments, and the places of their points in areas.
func between(a, b *Geometry) float64 {
	best := math.Inf(1)
	for _, p := range a.segments() {
		for _, q := range b.segments() {
			if p.crosses(q) || a.Kind == Polygon && a.place(q[0], q[1]) != Outside || b.Kind == Polygon && b.place(p[0], p[1]) != Outside {
				return 0
			}
			for k := 0; k < 4; k += 2 {
				best = min(best, toSegment(p[k], p[k+1], q[0], q[1], q[2], q[3]), toSegment(q[k], q[k+1], p[0], p[1], p[2], p[3]))
			}
		}
	}
	return best
}

// Relations, distances and overlays of random geometries do not contradict each other, nor what all pairs of segments say.
func TestRelationsAgree(t *testing.T) {
	meets := &Relation{Patterns: []string{"T********", "*T*******", "***T*****", "****T****"}}
	contains, within := &Relation{Patterns: []string{"T*****FF*"}}, &Relation{Patterns: []string{"T*F**F***"}}
	r := rand.New(rand.NewPCG(11, 99))
	for range 1500 {
		a, b := randomShape(r), randomShape(r)
		var bad []string
		check := func(ok bool, what string, errs ...error) {
			for _, err := range errs {
				ok = ok && err == nil
			}
			if !ok {
				bad = append(bad, what)
			}
		}
		far := between(&a, &b)
		one, err := Intersects(&a, &b)
		other, err2 := Intersects(&b, &a)
		check(one == other && (one == (far == 0) || far < 1e-12), "intersects", err, err2)
		matrix, err := Relate(&a, &b, meets)
		check(matrix == one, "the matrix", err)
		d, ok, err := Distance(&a, &b)
		check(ok && math.Abs(d-far) < 1e-9, "distance", err)
		c, err := Relate(&a, &b, contains)
		w, err2 := Relate(&b, &a, within)
		check(c == w && (!c || one), "contains", err, err2)
		n, err := Intersection(&a, &b)
		check(n.IsEmpty() != one || far > 0 && far < 1e-12, "intersection", err)
		if a.Kind == Polygon && b.Kind == Polygon {
			u, err := Union(&a, &b)
			check(math.Abs(u.Area()+n.Area()-a.Area()-b.Area()) < 1e-9, "areas", err)
		}
		if bad != nil {
			t.Errorf("%v: %s %s", bad, AppendEWKT(nil, &a, 17), AppendEWKT(nil, &b, 17))
		}
	}
}
