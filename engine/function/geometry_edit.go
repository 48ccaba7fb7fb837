package function

import "github.com/redshiftsim/redshiftsim/internal/spatial"

// addPoint puts a point before an index of a linestring, or behind its last.
// https://docs.aws.amazon.com/redshift/latest/dg/ST_AddPoint-function.html
func addPoint(dst []byte, s *shape) ([]byte, error) {
	if err := s.lineAndPoint(0, 1); err != nil {
		return nil, err
	}
	g, p := s.geo(0), s.geo(1)
	i := int64(-1)
	if s.has(2) {
		i = s.int(2)
	}
	if i == -1 {
		i = int64(g.Count())
	}
	if i < 0 || i > int64(g.Count()) {
		return nil, pointIndex(s.int(2), g)
	}
	if p.IsEmpty() {
		return put(dst, g)
	}
	out := g.Insert(int(i), p)
	return put(dst, &out)
}

// lineAndPoint refuses arguments that are not a linestring and a point.
func (s *shape) lineAndPoint(line, point int) error {
	if err := s.must(line, spatial.LineString); err != nil {
		return err
	}
	return s.must(point, spatial.Point)
}

func pointIndex(i int64, g *spatial.Geometry) error {
	return invalid("index %d is out of range: the linestring has %d points", i, g.Count())
}

// setPoint replaces a point of a linestring, counted from 0, or from the end with -1.
// https://docs.aws.amazon.com/redshift/latest/dg/ST_SetPoint-function.html
func setPoint(dst []byte, s *shape) ([]byte, error) {
	if err := s.lineAndPoint(0, 2); err != nil {
		return nil, err
	}
	if err := s.alike(0, 2); err != nil {
		return nil, err
	}
	g, i, p := s.geo(0), s.int(1), s.geo(2)
	if i < 0 {
		i += int64(g.Count())
	}
	if i < 0 || i >= int64(g.Count()) {
		return nil, pointIndex(s.int(1), g)
	}
	if p.IsEmpty() {
		return put(dst, g)
	}
	out := g.Remove(int(i))
	out = out.Insert(int(i), p)
	return put(dst, &out)
}

func removePoint(dst []byte, s *shape) ([]byte, error) {
	if err := s.must(0, spatial.LineString); err != nil {
		return nil, err
	}
	g, i := s.geo(0), s.int(1)
	if i < 0 || i >= int64(g.Count()) {
		return nil, pointIndex(i, g)
	}
	out := g.Remove(int(i))
	return put(dst, &out)
}

// boundaryOf gives the ends of lines and the rings of areas.
// https://docs.aws.amazon.com/redshift/latest/dg/ST_Boundary-function.html
func boundaryOf(dst []byte, s *shape) ([]byte, error) {
	if spatial.KindOf(s.text(0)) == spatial.Collection {
		return nil, invalid("geometry must not be a GEOMETRYCOLLECTION")
	}
	g := s.geo(0).Boundary()
	return put(dst, &g)
}

// buffer widens a geometry, or with a negative distance narrows its polygons; a quarter of a circle has 8 segments.
// https://docs.aws.amazon.com/redshift/latest/dg/ST_Buffer-function.html
func buffer(dst []byte, s *shape) ([]byte, error) {
	quarter := int64(8)
	if s.has(2) {
		quarter = s.int(2)
	}
	g, err := spatial.Buffer(s.geo(0), s.float(1), quarter)
	if err != nil {
		return nil, err
	}
	return put(dst, &g)
}

// toReference gives a geometry in another spatial reference.
// https://docs.aws.amazon.com/redshift/latest/dg/ST_Transform-function.html
func toReference(dst []byte, s *shape) ([]byte, error) {
	srid, err := s.reference(1)
	if err != nil {
		return nil, err
	}
	g, err := spatial.Transform(s.geo(0), srid)
	if err != nil {
		return nil, err
	}
	return put(dst, &g)
}

func centroid(dst []byte, s *shape) ([]byte, error) {
	x, y, ok := s.geo(0).Centroid()
	if !ok {
		return s.nothing(dst)
	}
	p := spatial.Geometry{Kind: spatial.Point, SRID: s.geo(0).SRID, Points: []float64{x, y}}
	return put(dst, &p)
}

// simplify leaves points out; a negative tolerance is 0.
// https://docs.aws.amazon.com/redshift/latest/dg/ST_Simplify-function.html
func simplify(dst []byte, s *shape) ([]byte, error) {
	g := s.geo(0).Simplify(max(s.float(1), 0))
	return put(dst, &g)
}

// interpolatePoint is the point at a fraction of a linestring.
// https://docs.aws.amazon.com/redshift/latest/dg/ST_LineInterpolatePoint-function.html
func interpolatePoint(dst []byte, s *shape) ([]byte, error) {
	if err := s.must(0, spatial.LineString); err != nil {
		return nil, err
	}
	f := s.float(1)
	if !(f >= 0 && f <= 1) {
		return nil, invalid("fraction %v is out of range: it must be 0 to 1", f)
	}
	g := s.geo(0)
	if g.IsEmpty() {
		p := spatial.Geometry{Kind: spatial.Point, Z: g.Z, M: g.M, SRID: g.SRID}
		return put(dst, &p)
	}
	p := g.Interpolate(f)
	return put(dst, &p)
}
