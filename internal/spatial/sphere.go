package spatial

import "math"

// EarthRadius is the mean radius of the WGS 84 ellipsoid, in meters: (2a + b) / 3.
// https://docs.aws.amazon.com/redshift/latest/dg/ST_LengthSphere-function.html
const EarthRadius = 6371008.7714150598

// Arc is the angle in radians between two places in degrees, seen from the middle of a sphere.
func Arc(x1, y1, x2, y2 float64) float64 {
	s1, c1 := math.Sincos(y1 * degree)
	s2, c2 := math.Sincos(y2 * degree)
	sd, cd := math.Sincos((x2 - x1) * degree)
	return math.Atan2(math.Hypot(c2*sd, c1*s2-s1*c2*cd), s1*s2+c1*c2*cd)
}

// LengthSphere is the length of the linestrings of a geometry whose coordinates are degrees on a sphere as large as the Earth.
// https://docs.aws.amazon.com/redshift/latest/dg/ST_LengthSphere-function.html
func (g *Geometry) LengthSphere() float64 {
	sum := 0.0
	g.Each(func(p *Geometry) {
		if p.Kind != LineString {
			return
		}
		for i := 1; i < p.Count(); i++ {
			x1, y1 := p.XY(i - 1)
			x2, y2 := p.XY(i)
			sum += Arc(x1, y1, x2, y2)
		}
	})
	return sum * EarthRadius
}
