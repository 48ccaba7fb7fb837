package spatial

import (
	"math"
	"sync"
)

// Shortest paths on an ellipsoid of revolution, and the areas below them: C. F. F. Karney, Algorithms for geodesics, J. Geodesy 87, 43-55 (2013),
// https://doi.org/10.1007/s00190-012-0578-z, with series to the sixth order. The letters are the paper's: bet is a reduced latitude, alp an azimuth,
// sig an arc on the auxiliary sphere, omg a longitude there, lam one on the ellipsoid; s and c before them are sine and cosine.

const (
	tol0 = 0x1p-52
	tol1 = 200 * tol0
	tiny = 0x1p-511
)

var (
	tol2    = math.Sqrt(tol0)
	xthresh = 1000 * tol2
)

// surface is an ellipsoid with what is computed of it once.
type surface struct {
	a, b, f, f1, e2, ep2, n, c2, etol2 float64
	a3                                 [order]float64
	c3                                 [order * (order - 1) / 2]float64
	c4                                 [order * (order + 1) / 2]float64
}

// newSurface works out the series of an ellipsoid.
func newSurface(e ellipsoid) *surface {
	s := &surface{a: e.a, f: 1 / e.rf}
	f := s.f
	s.f1 = 1 - f
	s.e2 = f * (2 - f)
	s.ep2 = s.e2 / (s.f1 * s.f1)
	s.n = f / (2 - f)
	s.b = s.a * s.f1
	s.c2 = (s.a*s.a + s.b*s.b*math.Atanh(math.Sqrt(s.e2))/math.Sqrt(s.e2)) / 2
	s.etol2 = 0.1 * tol2 / math.Sqrt(max(0.001, f)*min(1, 1-f/2)/2)
	s.series()
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

func norm(x, y float64) (float64, float64) {
	h := math.Hypot(x, y)
	return x / h, y / h
}

func sq(x float64) float64 { return x * x }

// sincosd is the sine and cosine of degrees, exact at multiples of 90.
func sincosd(x float64) (s, c float64) {
	r := math.Remainder(x, 90)
	q := int(math.Round((math.Mod(x, 360) - r) / 90))
	s, c = math.Sincos(r * degree)
	switch q & 3 {
	case 1:
		s, c = c, -s
	case 2:
		s, c = -s, -c
	case 3:
		s, c = -c, s
	}
	return s + 0, c + 0
}

// angleDiff is the way from a longitude to another, -180 to 180.
func angleDiff(x, y float64) float64 {
	return math.Remainder(math.Remainder(y, 360)-math.Remainder(x, 360), 360)
}

// path is what is known of a shortest path while it is looked for.
type path struct {
	sbet1, cbet1, dn1, sbet2, cbet2, dn2 float64
	salp1, calp1, salp2, calp2           float64
	ssig1, csig1, ssig2, csig2, sig12    float64
	somg12, comg12                       float64
	eps, domg12                          float64
}

// between is the length of the shortest path from a place to another, and the area between it and the equator, positive to the east.
func (s *surface) between(lon1, lat1, lon2, lat2 float64) (s12, area float64) {
	lon12 := angleDiff(lon1, lon2)
	sign := 1.0
	if lon12 < 0 {
		sign = -1
	}
	lon12 = math.Abs(lon12)
	lat1, lat2 = max(-90, min(90, lat1)), max(-90, min(90, lat2))
	if math.Abs(lat1) < math.Abs(lat2) { // the first is the one nearer to a pole
		lat1, lat2 = lat2, lat1
	}
	return s.ordered(lon12, lat1, lat2, sign)
}

// ordered is between with the first place nearer to a pole; sign is that of the area.
func (s *surface) ordered(lon12, lat1, lat2, sign float64) (s12, area float64) {
	if lat1 >= 0 { // and in the south
		lat1, lat2, sign = -lat1, -lat2, -sign
	}
	var p path
	p.sbet1, p.cbet1 = s.reduced(lat1)
	p.sbet2, p.cbet2 = s.reduced(lat2)
	if p.cbet1 < -p.sbet1 {
		if p.cbet2 == p.cbet1 {
			p.sbet2 = math.Copysign(p.sbet1, p.sbet2)
		}
	} else if math.Abs(p.sbet2) == -p.sbet1 {
		p.cbet2 = p.cbet1
	}
	p.dn1, p.dn2 = math.Sqrt(1+s.ep2*sq(p.sbet1)), math.Sqrt(1+s.ep2*sq(p.sbet2))
	lam12 := lon12 * degree
	slam12, clam12 := sincosd(lon12)
	p.somg12 = 2 // not known
	meridian := lat1 == -90 || slam12 == 0
	if meridian {
		s12, meridian = s.meridian(&p, slam12, clam12)
	}
	omg12 := 0.0
	switch {
	case meridian:
	case p.sbet1 == 0 && lon12 <= 180*s.f1: // along the equator
		p.calp1, p.calp2, p.salp1, p.salp2 = 0, 0, 1, 1
		s12, omg12 = s.a*lam12, lam12/s.f1
	default:
		sig12, dnm := s.start(&p, lam12, slam12, clam12)
		if sig12 >= 0 {
			s12, omg12 = sig12*s.b*dnm, lam12/(s.f1*dnm)
			break
		}
		s.solve(&p, slam12, clam12)
		l, _, _ := s.lengths(&p, p.eps)
		s12 = l * s.b
		sd, cd := math.Sincos(p.domg12)
		p.somg12, p.comg12 = slam12*cd-clam12*sd, clam12*cd+slam12*sd
	}
	return s12, sign * s.below(&p, meridian, omg12)
}

// reduced is the sine and cosine of the reduced latitude.
func (s *surface) reduced(lat float64) (sbet, cbet float64) {
	sbet, cbet = sincosd(lat)
	sbet, cbet = norm(sbet*s.f1, cbet)
	return sbet, max(tiny, cbet)
}

// meridian follows a meridian; not ok: that is not the shortest path.
func (s *surface) meridian(p *path, slam12, clam12 float64) (s12 float64, ok bool) {
	p.calp1, p.salp1, p.calp2, p.salp2 = clam12, slam12, 1, 0
	p.ssig1, p.csig1, p.ssig2, p.csig2 = p.sbet1, p.calp1*p.cbet1, p.sbet2, p.calp2*p.cbet2
	p.sig12 = math.Atan2(max(0, p.csig1*p.ssig2-p.ssig1*p.csig2), p.csig1*p.csig2+p.ssig1*p.ssig2)
	l, m, _ := s.lengths(p, s.n)
	if p.sig12 >= 1 && m < 0 {
		return 0, false
	}
	if p.sig12 < 3*tiny {
		return 0, true
	}
	return l * s.b, true
}

// start guesses the azimuth at the first place. sig12 is not below 0 for a path so short that it is solved with the guess.
func (s *surface) start(p *path, lam12, slam12, clam12 float64) (sig12, dnm float64) {
	sbet12, cbet12 := p.sbet2*p.cbet1-p.cbet2*p.sbet1, p.cbet2*p.cbet1+p.sbet2*p.sbet1
	sbet12a := p.sbet2*p.cbet1 + p.cbet2*p.sbet1
	short := cbet12 >= 0 && sbet12 < 0.5 && p.cbet2*lam12 < 0.5
	somg12, comg12 := slam12, clam12
	if short {
		m := sq(p.sbet1 + p.sbet2)
		m /= m + sq(p.cbet1+p.cbet2)
		dnm = math.Sqrt(1 + s.ep2*m)
		somg12, comg12 = math.Sincos(lam12 / (s.f1 * dnm))
	}
	p.salp1 = p.cbet2 * somg12
	if comg12 >= 0 {
		p.calp1 = sbet12 + p.cbet2*p.sbet1*sq(somg12)/(1+comg12)
	} else {
		p.calp1 = sbet12a - p.cbet2*p.sbet1*sq(somg12)/(1-comg12)
	}
	ssig12, csig12 := math.Hypot(p.salp1, p.calp1), p.sbet1*p.sbet2+p.cbet1*p.cbet2*comg12
	sig12 = -1
	switch {
	case short && ssig12 < s.etol2:
		t := 1 - comg12
		if comg12 >= 0 {
			t = sq(somg12) / (1 + comg12)
		}
		p.salp2, p.calp2 = norm(p.cbet1*somg12, sbet12-p.cbet1*p.sbet2*t)
		sig12 = math.Atan2(ssig12, csig12)
	case csig12 < 0 && ssig12 < 6*s.n*math.Pi*sq(p.cbet1):
		s.antipodal(p, sbet12a, slam12, clam12)
	}
	if p.salp1 > 0 {
		p.salp1, p.calp1 = norm(p.salp1, p.calp1)
	} else {
		p.salp1, p.calp1 = 1, 0
	}
	return sig12, dnm
}

// antipodal guesses the azimuth between places that are nearly opposite.
func (s *surface) antipodal(p *path, sbet12a, slam12, clam12 float64) {
	k2 := sq(p.sbet1) * s.ep2
	scale := s.f * p.cbet1 * s.a3f(k2/(2*(1+math.Sqrt(1+k2))+k2)) * math.Pi
	x, y := math.Atan2(-slam12, -clam12)/scale, sbet12a/(scale*p.cbet1)
	if y > -tol1 && x > -1-xthresh {
		p.salp1 = min(1, -x)
		p.calp1 = -math.Sqrt(1 - sq(p.salp1))
		return
	}
	k := astroid(x, y)
	somg12, comg12 := math.Sincos(scale * -x * k / (1 + k))
	comg12 = -comg12
	p.salp1 = p.cbet2 * somg12
	p.calp1 = sbet12a - p.cbet2*p.sbet1*sq(somg12)/(1-comg12)
}

// astroid is the positive root of k^4 + 2 k^3 - (x^2 + y^2 - 1) k^2 - 2 y^2 k - y^2.
func astroid(x, y float64) float64 {
	p, q := x*x, y*y
	r := (p + q - 1) / 6
	if q == 0 && r <= 0 {
		return 0
	}
	t := p * q / 4
	r2 := r * r
	r3 := r * r2
	disc := t * (t + 2*r3)
	u := r
	if disc >= 0 {
		t3 := t + r3
		t3 += math.Copysign(math.Sqrt(disc), t3)
		c := math.Cbrt(t3)
		u += c
		if c != 0 {
			u += r2 / c
		}
	} else {
		u += 2 * r * math.Cos(math.Atan2(math.Sqrt(-disc), -(t+r3))/3)
	}
	v := math.Sqrt(u*u + q)
	uv := u + v
	if u < 0 {
		uv = q / (v - u)
	}
	w := (uv - q) / (2 * v)
	return uv / (math.Sqrt(uv+w*w) + w)
}

// solve finds the azimuth by Newton's method, within bounds that are halved when it fails.
func (s *surface) solve(p *path, slam12, clam12 float64) {
	const newton, limit = 20, 20 + 53 + 10
	salpA, calpA, salpB, calpB := tiny, 1.0, tiny, -1.0
	near, found := false, false
	for it := 0; ; it++ {
		v, dv := s.miss(p, slam12, clam12)
		tol := tol0
		if near {
			tol *= 8
		}
		if found || !(math.Abs(v) >= tol) || it == limit {
			return
		}
		switch {
		case v > 0 && (it > newton || p.calp1/p.salp1 > calpB/salpB):
			salpB, calpB = p.salp1, p.calp1
		case v < 0 && (it > newton || p.calp1/p.salp1 < calpA/salpA):
			salpA, calpA = p.salp1, p.calp1
		}
		if it < newton && dv > 0 {
			d := -v / dv
			sd, cd := math.Sincos(d)
			if salp := p.salp1*cd + p.calp1*sd; salp > 0 && math.Abs(d) < math.Pi {
				p.salp1, p.calp1 = norm(salp, p.calp1*cd-p.salp1*sd)
				near = math.Abs(v) <= 16*tol0
				continue
			}
		}
		p.salp1, p.calp1 = norm((salpA+salpB)/2, (calpA+calpB)/2)
		near = false
		found = math.Abs(salpA-p.salp1)+(calpA-p.calp1) < tol0*tol2 || math.Abs(p.salp1-salpB)+(p.calp1-calpB) < tol0*tol2
	}
}

// miss is by how much a path with azimuth alp1 misses the longitude of the second place, and the derivative of that.
func (s *surface) miss(p *path, slam12, clam12 float64) (v, dv float64) {
	if p.sbet1 == 0 && p.calp1 == 0 {
		p.calp1 = -tiny
	}
	salp0, calp0 := p.salp1*p.cbet1, math.Hypot(p.calp1, p.salp1*p.sbet1)
	somg1, comg1 := salp0*p.sbet1, p.calp1*p.cbet1
	p.ssig1, p.csig1 = norm(p.sbet1, comg1)
	if p.salp2 = p.salp1; p.cbet2 != p.cbet1 {
		p.salp2 = salp0 / p.cbet2
	}
	p.calp2 = math.Abs(p.calp1)
	if p.cbet2 != p.cbet1 || math.Abs(p.sbet2) != -p.sbet1 {
		d := (p.sbet1 - p.sbet2) * (p.sbet1 + p.sbet2)
		if p.cbet1 < -p.sbet1 {
			d = (p.cbet2 - p.cbet1) * (p.cbet1 + p.cbet2)
		}
		p.calp2 = math.Sqrt(sq(p.calp1*p.cbet1)+d) / p.cbet2
	}
	somg2, comg2 := salp0*p.sbet2, p.calp2*p.cbet2
	p.ssig2, p.csig2 = norm(p.sbet2, comg2)
	p.sig12 = math.Atan2(max(0, p.csig1*p.ssig2-p.ssig1*p.csig2), p.csig1*p.csig2+p.ssig1*p.ssig2)
	somg12, comg12 := max(0, comg1*somg2-somg1*comg2), comg1*comg2+somg1*somg2
	eta := math.Atan2(somg12*clam12-comg12*slam12, comg12*clam12+somg12*slam12)
	p.eps = s.epsOf(calp0)
	var c [order]float64
	s.c3f(p.eps, &c)
	b := sineSeries(p.ssig2, p.csig2, c[:]) - sineSeries(p.ssig1, p.csig1, c[:])
	p.domg12 = -s.f * s.a3f(p.eps) * salp0 * (p.sig12 + b)
	if p.calp2 == 0 {
		return eta + p.domg12, -2 * s.f1 * p.dn1 / p.sbet1
	}
	_, m, _ := s.lengths(p, p.eps)
	return eta + p.domg12, m * s.f1 / (p.calp2 * p.cbet2)
}

// epsOf is the expansion parameter of a path that leaves the equator with an azimuth.
func (s *surface) epsOf(calp0 float64) float64 {
	k2 := sq(calp0) * s.ep2
	return k2 / (2*(1+math.Sqrt(1+k2)) + k2)
}

// lengths are the length of the path and its reduced length, both by b.
func (s *surface) lengths(p *path, eps float64) (s12, m12, m0 float64) {
	var c1, c2 [order + 1]float64
	a1, a2 := a1f(eps), a2f(eps)
	powers(&c1, c1Terms, eps)
	powers(&c2, c2Terms, eps)
	m0 = a1 - a2
	a1, a2 = 1+a1, 1+a2
	b1 := sineSeries(p.ssig2, p.csig2, c1[:]) - sineSeries(p.ssig1, p.csig1, c1[:])
	b2 := sineSeries(p.ssig2, p.csig2, c2[:]) - sineSeries(p.ssig1, p.csig1, c2[:])
	j := m0*p.sig12 + (a1*b1 - a2*b2)
	m12 = p.dn2*(p.csig1*p.ssig2) - p.dn1*(p.ssig1*p.csig2) - p.csig1*p.csig2*j
	return a1 * (p.sig12 + b1), m12, m0
}

// below is the area between a path and the equator.
func (s *surface) below(p *path, meridian bool, omg12 float64) float64 {
	area := 0.0
	salp0, calp0 := p.salp1*p.cbet1, math.Hypot(p.calp1, p.salp1*p.sbet1)
	if calp0 != 0 && salp0 != 0 {
		ssig1, csig1 := norm(p.sbet1, p.calp1*p.cbet1)
		ssig2, csig2 := norm(p.sbet2, p.calp2*p.cbet2)
		var c [order]float64
		s.c4f(s.epsOf(calp0), &c)
		area = sq(s.a) * calp0 * salp0 * s.e2 * (cosineSeries(ssig2, csig2, c[:]) - cosineSeries(ssig1, csig1, c[:]))
	}
	if !meridian && p.somg12 == 2 {
		p.somg12, p.comg12 = math.Sincos(omg12)
	}
	var alp12 float64
	if !meridian && p.comg12 > -0.7071 && p.sbet2-p.sbet1 < 1.75 {
		d, d1, d2 := 1+p.comg12, 1+p.cbet1, 1+p.cbet2
		alp12 = 2 * math.Atan2(p.somg12*(p.sbet1*d2+p.sbet2*d1), d*(p.sbet1*p.sbet2+d1*d2))
	} else {
		salp12, calp12 := p.salp2*p.calp1-p.calp2*p.salp1, p.calp2*p.calp1+p.salp2*p.salp1
		if salp12 == 0 && calp12 < 0 {
			salp12, calp12 = tiny*p.calp1, -1
		}
		alp12 = math.Atan2(salp12, calp12)
	}
	return area + s.c2*alp12
}
