package spatial

import (
	"math"
	"sync"
)

// Lengths and areas on an ellipsoid of revolution, to the first order in its flattening: the examples of the guide have their digits. Distances and
// azimuths are Andoyer's and Lambert's: P. D. Thomas, Mathematical models for navigation systems (1965), AD0627893. The area between a path and the
// equator is a spherical excess and an integral along the path, whose series is C. F. F. Karney's: Algorithms for geodesics, J. Geodesy 87, 43-55
// (2013), https://doi.org/10.1007/s00190-012-0578-z; a short path takes the trapezoid on the sphere.

const degree = math.Pi / 180

// surface is an ellipsoid with what is computed of it once: flattening, eccentricities, third flattening, the square of the authalic radius.
type surface struct{ a, f, e2, ep2, n, c2, short float64 }

func newSurface(e ellipsoid) *surface {
	f := 1 / e.rf
	s := &surface{a: e.a, f: f, e2: f * (2 - f), n: f / (2 - f)}
	b := e.a * (1 - f)
	s.ep2 = s.e2 / (1 - s.e2)
	s.c2 = sq(e.a)/2 + sq(b)*math.Atanh(math.Sqrt(s.e2))/(2*math.Sqrt(s.e2))
	s.short = (2*e.a + b) / 3 / 638 // 10 km on Earth
	return s
}

// surfaces are the ellipsoids that were asked for.
var surfaces sync.Map

// surfaceOf gives the ellipsoid of a spatial reference.
func surfaceOf(srid int32) (*surface, error) {
	e, err := spheroid(srid)
	if err != nil {
		return nil, err
	}
	s, ok := surfaces.Load(e)
	if !ok {
		s, _ = surfaces.LoadOrStore(e, newSurface(e))
	}
	return s.(*surface), nil
}

func sq(x float64) float64 { return x * x }

// angleDiff is the way from a longitude to another, -180 to 180.
func angleDiff(x, y float64) float64 {
	return math.Remainder(math.Remainder(y, 360)-math.Remainder(x, 360), 360)
}

// path is the shortest path between two places.
type path struct {
	lat1, lat2, dlon float64 // in radians
	s1, c1, s2, c2   float64 // sines and cosines of the latitudes
	d, sd, cd        float64 // the arc on a sphere
}

func newPath(x1, y1, x2, y2 float64) path {
	p := path{lat1: y1 * degree, lat2: y2 * degree, dlon: angleDiff(x1, x2) * degree}
	p.s1, p.c1 = math.Sincos(p.lat1)
	p.s2, p.c2 = math.Sincos(p.lat2)
	p.cd = max(-1, min(1, p.s1*p.s2+p.c1*p.c2*math.Cos(p.dlon)))
	p.d = math.Acos(p.cd)
	p.sd = math.Sin(p.d)
	return p
}

// distance is the length of the shortest path between two places.
func (s *surface) distance(x1, y1, x2, y2 float64) float64 {
	if x1 == x2 && y1 == y2 {
		return 0
	}
	p := newPath(x1, y1, x2, y2)
	return s.length(&p)
}

func (s *surface) length(p *path) float64 {
	h, g := 0.0, 0.0
	if p.cd < 1 {
		h = (p.d + 3*p.sd) / (1 - p.cd)
	}
	if p.cd > -1 {
		g = (p.d - 3*p.sd) / (1 + p.cd)
	}
	return s.a * (p.d - s.f/4*(h*sq(p.s1-p.s2)+g*sq(p.s1+p.s2)))
}

// azimuths are the directions of a path at its ends, clockwise from north, -pi to pi.
func (s *surface) azimuths(p *path) (alp1, alp2 float64) {
	const none = 1e-14
	if p.sd < none { // the same place, or opposite ones: along a meridian
		if p.lat1 <= p.lat2 {
			return 0, 0
		}
		return math.Pi, math.Pi
	}
	sl, cl := math.Sincos(p.dlon)
	var a, b, u, v float64
	if p.c2 > none {
		a = math.Atan2(sl, p.c1*p.s2/p.c2-p.s1*cl)
		u = s.f / 2 * sq(p.c1) * math.Sin(2*a)
	}
	if p.c1 > none {
		b = math.Atan2(sl, p.c2*p.s1/p.c1-p.s2*cl)
		v = s.f / 2 * sq(p.c2) * math.Sin(2*b)
	}
	t := p.d / p.sd
	alp1 = a - (v*t - u)
	alp2 = math.Pi - b - (v - u*t)
	if alp2 > math.Pi {
		alp2 -= 2 * math.Pi
	}
	if a >= 0 { // to the east, and so it stays
		return max(0, min(math.Pi, alp1)), alp2
	}
	return max(-math.Pi, min(0, alp1)), alp2
}

// below is the area between a path and the equator, positive for one to the east in the north.
func (s *surface) below(x1, y1, x2, y2 float64) float64 {
	p := newPath(x1, y1, x2, y2)
	if p.dlon == 0 {
		return 0
	}
	if pole := poleOf(y1, y2); pole != 0 { // along a meridian, to where longitudes meet
		return pole * p.dlon * s.c2
	}
	alp1, alp2 := s.azimuths(&p)
	excess := math.Remainder(alp2-alp1, 2*math.Pi)
	if s.length(&p) < s.short {
		t1, t2 := math.Tan(p.lat1/2), math.Tan(p.lat2/2)
		excess = 2 * math.Atan((t1+t2)/(1+t1*t2)*math.Tan(p.dlon/2))
	}
	tb1, tb2 := math.Tan(p.lat1)*(1-s.f), math.Tan(p.lat2)*(1-s.f)
	cb1, cb2 := math.Cos(math.Atan(tb1)), math.Cos(math.Atan(tb2))
	sa1, ca1 := math.Sincos(alp1)
	sa0 := sa1 * cb1
	ca0 := math.Sqrt(1 - sq(sa0))
	k := math.Sqrt(1 + s.ep2*sq(ca0))
	eps := (k - 1) / (k + 1)
	integral := s.series(eps, tb2*cb2, math.Cos(alp2)*cb2) - s.series(eps, tb1*cb1, ca1*cb1)
	return s.c2*excess + s.e2*sq(s.a)*ca0*sa0*integral
}

// poleOf says which of two latitudes is a pole: 1 the north pole, -1 the south pole, 0 none, or both.
func poleOf(y1, y2 float64) float64 {
	pole := 0.0
	for _, y := range [...]float64{y1, y2} {
		if math.Abs(y) >= 90 {
			pole += math.Copysign(1, y)
		}
	}
	return max(-1, min(1, pole))
}

// series is the integral's series to the first order, at the place on the path whose arc has this sine and cosine, up to a factor: the terms of
// equation 63.
func (s *surface) series(eps, sin, cos float64) float64 {
	c := cos / math.Hypot(sin, cos)
	return ((10-4*s.n)/15-eps/5)*c + eps/45*(4*c*c-3)*c
}
