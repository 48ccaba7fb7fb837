package spatial

import "math"

// pathLength is the length of a path on the ellipsoid, in meters.
func (s *surface) pathLength(p *Geometry) float64 {
	sum := 0.0
	for i := 1; i < p.Count(); i++ {
		x1, y1 := p.XY(i - 1)
		x2, y2 := p.XY(i)
		sum += s.distance(x1, y1, x2, y2)
	}
	return sum
}

// GeodesicLength is the length in meters of the linestrings of a geography.
// https://docs.aws.amazon.com/redshift/latest/dg/ST_Length-function.html
func (g *Geometry) GeodesicLength() (float64, error) {
	s, err := surfaceOf(g.SRID)
	sum := 0.0
	if err == nil {
		g.Each(func(p *Geometry) {
			if p.Kind == LineString {
				sum += s.pathLength(p)
			}
		})
	}
	return sum, err
}

// GeodesicPerimeter is the length in meters of the rings of a geography.
// https://docs.aws.amazon.com/redshift/latest/dg/ST_Perimeter-function.html
func (g *Geometry) GeodesicPerimeter() (float64, error) {
	s, err := surfaceOf(g.SRID)
	sum := 0.0
	if err == nil {
		g.Each(func(p *Geometry) {
			for i := range p.Parts {
				sum += s.pathLength(&p.Parts[i])
			}
		})
	}
	return sum, err
}

// GeodesicArea is the area in square meters of the polygons of a geography; a ring encloses the smaller of the two parts into which it divides the
// ellipsoid.
// https://docs.aws.amazon.com/redshift/latest/dg/ST_Area-function.html
func (g *Geometry) GeodesicArea() (float64, error) {
	s, err := surfaceOf(g.SRID)
	sum := 0.0
	if err == nil {
		g.Each(func(p *Geometry) {
			for i := range p.Parts {
				a := s.ringArea(&p.Parts[i])
				if i > 0 {
					a = -a
				}
				sum += a
			}
		})
	}
	return sum, err
}

// ringArea is the area that a ring encloses.
func (s *surface) ringArea(p *Geometry) float64 {
	sum, crossings := 0.0, 0
	for i := 1; i < p.Count(); i++ {
		x1, y1 := p.XY(i - 1)
		x2, y2 := p.XY(i)
		sum += s.below(x1, y1, x2, y2)
		crossings += crosses(x1, x2)
	}
	whole := 4 * math.Pi * s.c2
	if crossings%2 != 0 { // around a pole
		if sum < 0 {
			sum += whole / 2
		} else {
			sum -= whole / 2
		}
	}
	return math.Abs(math.Remainder(sum, whole))
}

// crosses counts crossings of the meridian of Greenwich: 1 to the east, -1 to the west.
func crosses(x1, x2 float64) int {
	d := angleDiff(x1, x2)
	x1, x2 = math.Remainder(x1, 360), math.Remainder(x2, 360)
	switch {
	case x1 <= 0 && x2 > 0 && d > 0:
		return 1
	case x2 <= 0 && x1 > 0 && d < 0:
		return -1
	}
	return 0
}

// GeodesicDistance is the distance in meters of two places.
// https://docs.aws.amazon.com/redshift/latest/dg/ST_Distance-function.html
func GeodesicDistance(srid int32, x1, y1, x2, y2 float64) (float64, error) {
	s, err := surfaceOf(srid)
	if err != nil {
		return 0, err
	}
	return s.distance(x1, y1, x2, y2), nil
}
