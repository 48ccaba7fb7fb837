package spatial

import (
	"math"
	"sync"

	"github.com/redshiftsim/redshiftsim/internal/sqlstate"
)

// method is how a spatial reference measures places.
type method uint8

const (
	geographic method = iota // degrees, and meters of height
	geocentric               // meters from the center of the Earth, along three axes
	webMercator
	transverse // Mercator: UTM
)

// system is a spatial reference between which ST_Transform goes. Their datums are taken as one: WGS 84, NAD83, ETRS89 and the like differ by less than 2 m, and
// PROJ's definitions of them shift nothing.
type system struct {
	method    method
	ellipsoid ellipsoid
	meridian  float64 // transverse: the central one, in degrees
	north     float64 // transverse: the false northing
}

// systemOf is the system of an EPSG number. Errors: 22023 for 0, 0A000 for one that is not known here.
// https://docs.aws.amazon.com/redshift/latest/dg/ST_Transform-function.html
func systemOf(srid int32) (system, error) {
	zone := func(e ellipsoid, first int32, north float64) (system, error) {
		return system{transverse, e, float64(srid-first)*6 - 183, north}, nil
	}
	switch {
	case srid == 0:
		return system{}, invalid("the spatial reference with SRID 0 does not exist")
	case srid == 4326 || srid == 4979:
		return system{ellipsoid: wgs84Ellipsoid}, nil
	case references[srid] == grs80 || srid == 6989:
		return system{ellipsoid: grs80}, nil
	case srid == 4978:
		return system{method: geocentric, ellipsoid: wgs84Ellipsoid}, nil
	case srid == 6317:
		return system{method: geocentric, ellipsoid: grs80}, nil
	case srid == 3857:
		return system{method: webMercator, ellipsoid: wgs84Ellipsoid}, nil
	case srid > 32600 && srid <= 32660:
		return zone(wgs84Ellipsoid, 32600, 0)
	case srid > 32700 && srid <= 32760:
		return zone(wgs84Ellipsoid, 32700, 10000000)
	case srid > 26900 && srid <= 26923:
		return zone(grs80, 26900, 0)
	case srid >= 25828 && srid <= 25838:
		return zone(grs80, 25800, 0)
	}
	return system{}, sqlstate.FeatureNotSupported.Errorf("ST_Transform with SRID %d is not supported", srid).
		WithHint("4326, 4269, 4258, 3857, 4978 and the UTM zones of WGS 84, NAD83 and ETRS89 are.")
}

// Transform gives a geometry in another spatial reference. Errors: 22023 for places that it does not have, 0A000 for references that are not known here.
// https://docs.aws.amazon.com/redshift/latest/dg/ST_Transform-function.html
func Transform(g *Geometry, srid int32) (Geometry, error) {
	from, err := systemOf(g.SRID)
	if err != nil {
		return Geometry{}, err
	}
	to, err := systemOf(srid)
	if err != nil {
		return Geometry{}, err
	}
	out := g.clone()
	out.setSRID(srid)
	if from == to || from.method == geographic && to.method == geographic {
		return out, nil
	}
	out.EachPath(func(p *Geometry) {
		for i := range p.Count() {
			c := p.At(i)
			z := 0.0
			if p.Z {
				z = c[2]
			}
			lon, lat, h := from.place(c[0], c[1], z)
			x, y, z := to.project(lon, lat, h)
			if err == nil && (math.IsNaN(x+y+z) || math.IsInf(x+y+z, 0)) {
				err = invalid("the place %v %v cannot be transformed from SRID %d to SRID %d", c[0], c[1], g.SRID, srid)
			}
			if c[0], c[1] = x, y; p.Z {
				c[2] = z
			}
		}
	})
	return out, err
}

// clone is a geometry whose coordinates are its own.
func (g *Geometry) clone() Geometry {
	out := g.like(g.Kind)
	out.Points = append([]float64(nil), g.Points...)
	for i := range g.Parts {
		out.Parts = append(out.Parts, g.Parts[i].clone())
	}
	return out
}

// turn brings an angle to one between -pi and pi.
func turn(a float64) float64 {
	if math.Abs(a) <= math.Pi {
		return a
	}
	return math.Remainder(a, 2*math.Pi)
}

// project gives the coordinates of a place, of which longitude and latitude are in radians; NaN where it has none.
func (s system) project(lon, lat, h float64) (x, y, z float64) {
	if !(math.Abs(lat) <= math.Pi/2+1e-12) {
		return math.NaN(), 0, 0
	}
	switch s.method {
	case geographic:
		return lon / degree, lat / degree, h
	case geocentric:
		e2 := s.ellipsoid.e2()
		sinN, cosN := sincos(lat)
		sinE, cosE := sincos(turn(lon))
		n := s.ellipsoid.a / math.Sqrt(1-e2*sq(sinN))
		return (n + h) * cosN * cosE, (n + h) * cosN * sinE, (n*(1-e2) + h) * sinN
	case webMercator:
		if math.Abs(math.Abs(lat)-math.Pi/2) < 1e-10 {
			return math.NaN(), 0, 0
		}
		return s.ellipsoid.a * turn(lon), s.ellipsoid.a * math.Asinh(math.Tan(lat)), h
	}
	e, n := mercatorOf(s.ellipsoid).forward(turn(lon-s.meridian*degree), lat)
	return 500000 + s.ellipsoid.a*e, s.north + s.ellipsoid.a*n, h
}

// place is the inverse of project.
func (s system) place(x, y, z float64) (lon, lat, h float64) {
	switch s.method {
	case geographic:
		return x * degree, y * degree, z
	case geocentric:
		return s.ellipsoid.fromCenter(x, y, z)
	case webMercator:
		return turn(x / s.ellipsoid.a), math.Atan(math.Sinh(y / s.ellipsoid.a)), z
	}
	lon, lat = mercatorOf(s.ellipsoid).inverse((x-500000)/s.ellipsoid.a, (y-s.north)/s.ellipsoid.a)
	return turn(lon + s.meridian*degree), lat, z
}

// e2 is the square of the eccentricity.
func (e ellipsoid) e2() float64 { return 1 / e.rf * (2 - 1/e.rf) }

// fromCenter is the place with these coordinates from the center of the Earth: its latitude is iterated, from Bowring's.
func (e ellipsoid) fromCenter(x, y, z float64) (lon, lat, h float64) {
	e2 := e.e2()
	p := math.Hypot(x, y)
	lat = math.Atan2(z, p*(1-e2))
	for range 8 {
		sin := math.Sin(lat)
		n := e.a / math.Sqrt(1-e2*sin*sin)
		lat = math.Atan2(z+e2*n*sin, p)
	}
	sin, cos := sincos(lat)
	return math.Atan2(y, x), lat, p*cos + z*sin - e.a*math.Sqrt(1-e2*sin*sin)
}

// mercator is the transverse Mercator projection of an ellipsoid with a half axis of 1 and the scale of UTM, after K. E. Engsager and K. Poder: A highly
// accurate world wide algorithm for the transverse Mercator mapping (almost), Proc. XXIII Intl. Cartographic Conf. (2007). Series of the sixth order in the third
// flattening lead from geodetic latitudes to those of a sphere, and from the sphere's projection to the ellipsoid's; each has its inverse.
type mercator struct {
	scale                                 float64
	toSphere, toGeodetic, stretch, unbend series
}

// series are the coefficients of sin 2x, sin 4x .. sin 12x.
type series [6]float64

// mostEast is how far from its meridian, in units of the sphere, the projection is of use.
const mostEast = 2.623395162778

var mercators sync.Map

func mercatorOf(e ellipsoid) *mercator {
	m, ok := mercators.Load(e)
	if !ok {
		m, _ = mercators.LoadOrStore(e, newMercator(e))
	}
	return m.(*mercator)
}

// polynomials evaluates, for each coefficient of a series, a polynomial in n whose first power is the coefficient's number.
func polynomials(n float64, p [6][]float64) (out series) {
	power := 1.0
	for i, c := range p {
		power *= n
		v := 0.0
		for k := len(c) - 1; k >= 0; k-- {
			v = v*n + c[k]
		}
		out[i] = v * power
	}
	return out
}

func newMercator(e ellipsoid) *mercator {
	f := 1 / e.rf
	n := f / (2 - f)
	n2 := n * n
	return &mercator{
		scale: 0.9996 / (1 + n) * (1 + n2*(1./4+n2*(1./64+n2/256))),
		toGeodetic: polynomials(n, [6][]float64{
			{2, -2. / 3, -2, 116. / 45, 26. / 45, -2854. / 675},
			{7. / 3, -8. / 5, -227. / 45, 2704. / 315, 2323. / 945},
			{56. / 15, -136. / 35, -1262. / 105, 73814. / 2835},
			{4279. / 630, -332. / 35, -399572. / 14175},
			{4174. / 315, -144838. / 6237},
			{601676. / 22275},
		}),
		toSphere: polynomials(n, [6][]float64{
			{-2, 2. / 3, 4. / 3, -82. / 45, 32. / 45, 4642. / 4725},
			{5. / 3, -16. / 15, -13. / 9, 904. / 315, -1522. / 945},
			{-26. / 15, 34. / 21, 8. / 5, -12686. / 2835},
			{1237. / 630, -12. / 5, -24832. / 14175},
			{-734. / 315, 109598. / 31185},
			{444337. / 155925},
		}),
		unbend: polynomials(n, [6][]float64{
			{-1. / 2, 2. / 3, -37. / 96, 1. / 360, 81. / 512, -96199. / 604800},
			{-1. / 48, -1. / 15, 437. / 1440, -46. / 105, 1118711. / 3870720},
			{-17. / 480, 37. / 840, 209. / 4480, -5569. / 90720},
			{-4397. / 161280, 11. / 504, 830251. / 7257600},
			{-4583. / 161280, 108847. / 3991680},
			{-20648693. / 638668800},
		}),
		stretch: polynomials(n, [6][]float64{
			{1. / 2, -2. / 3, 5. / 16, 41. / 180, -127. / 288, 7891. / 37800},
			{13. / 48, -3. / 5, 557. / 1440, 281. / 630, -1983433. / 1935360},
			{61. / 240, -103. / 140, 15061. / 26880, 167603. / 181440},
			{49561. / 161280, -179. / 168, 6601661. / 7257600},
			{34729. / 80640, -3418889. / 1995840},
			{212378941. / 319334400},
		}),
	}
}

// sum is the value of a series at a complex angle.
func (s *series) sum(re, im float64) (float64, float64) {
	sin, cos := sincos(2 * re)
	sinh, cosh := math.Sinh(2*im), math.Cosh(2*im)
	r, i := 2*cos*cosh, -2*sin*sinh
	var hr, hi, hr1, hi1 float64
	for k := len(s) - 1; k >= 0; k-- {
		hr2, hi2 := hr1, hi1
		hr1, hi1 = hr, hi
		hr, hi = -hr2+r*hr1-i*hi1+s[k], -hi2+i*hr1+r*hi1
	}
	r, i = sin*cosh, cos*sinh
	return r*hr - i*hi, r*hi + i*hr
}

// forward projects a place whose longitude is counted from the meridian.
func (m *mercator) forward(lon, lat float64) (x, y float64) {
	d, _ := m.toSphere.sum(lat, 0)
	sinN, cosN := sincos(lat + d)
	sinE, cosE := sincos(lon)
	n := math.Atan2(sinN, cosE*cosN)
	e := sinE * cosN / math.Hypot(sinN, cosN*cosE)
	e = math.Copysign(math.Log1p(math.Abs(e)*(1+math.Abs(e)/(math.Hypot(1, e)+1))), e)
	dn, de := m.stretch.sum(n, e)
	if n, e = n+dn, e+de; math.Abs(e) > mostEast {
		return math.NaN(), 0
	}
	return m.scale * e, m.scale * n
}

// inverse is the place that is projected there.
func (m *mercator) inverse(x, y float64) (lon, lat float64) {
	e, n := x/m.scale, y/m.scale
	if math.Abs(e) > mostEast {
		return math.NaN(), math.NaN()
	}
	dn, de := m.unbend.sum(n, e)
	n, e = n+dn, math.Atan(math.Sinh(e+de))
	sinN, cosN := sincos(n)
	sinE, cosE := sincos(e)
	lat = math.Atan2(sinN*cosE, math.Hypot(sinE, cosE*cosN))
	d, _ := m.toGeodetic.sum(lat, 0)
	return math.Atan2(sinE, cosE*cosN), lat + d
}
