package function

import "github.com/redshiftsim/redshiftsim/internal/spatial"

// geometryType gives the subtype in capitals; M follows where there is an m and no z.
// https://docs.aws.amazon.com/redshift/latest/dg/GeometryType-function.html
func geometryType(r *row) error {
	name := spatial.KindOf(r.text(0)).Upper()
	if z, m := spatial.DimsOf(r.text(0)); m && !z {
		name += "M"
	}
	r.setText(name)
	return nil
}

// boxed gives a geometry its bounding box, or takes it away.
func boxed(box bool) func(s *shape) error {
	return func(s *shape) error {
		v, err := spatial.WithBox(s.text(0), box, &s.room[0])
		s.setText(v)
		return err
	}
}

func setSRID(dst []byte, s *shape) ([]byte, error) {
	srid, err := s.reference(1)
	if err != nil {
		return nil, err
	}
	g := *s.geo(0)
	g.SRID = srid
	return spatial.Append(dst, &g, spatial.HasBox(s.text(0)))
}

func spatialDims(v string) int64 {
	n := int64(2)
	z, m := spatial.DimsOf(v)
	if z {
		n++
	}
	if m {
		n++
	}
	return n
}

func numPoints(s *shape) error {
	if spatial.KindOf(s.text(0)) != spatial.LineString {
		s.setNull()
		return nil
	}
	s.setInt(int64(s.geo(0).Count()))
	return nil
}

// numGeometries counts members; what has none counts as one unless it is empty.
// https://docs.aws.amazon.com/redshift/latest/dg/ST_NumGeometries-function.html
func numGeometries(s *shape) error {
	g := s.geo(0)
	switch {
	case g.Kind.IsMulti():
		s.setInt(int64(len(g.Parts)))
	case g.IsEmpty():
		s.setInt(0)
	default:
		s.setInt(1)
	}
	return nil
}

func numInteriorRings(s *shape) error {
	g := s.geo(0)
	if g.Kind != spatial.Polygon {
		s.setNull()
		return nil
	}
	s.setInt(int64(max(len(g.Parts)-1, 0)))
	return nil
}

// coordinate reads a coordinate of a point in place: NULL where it has none.
// https://docs.aws.amazon.com/redshift/latest/dg/ST_X-function.html
func coordinate(axis int) func(r *row) error {
	return func(r *row) error {
		v := r.text(0)
		if k := spatial.KindOf(v); k != spatial.Point {
			return invalid("geometry must be a POINT, not a %s", k.Upper())
		}
		c, ok := spatial.Coordinate(v, axis)
		if r.setFloat(c); !ok {
			r.setNull()
		}
		return nil
	}
}

// boxSide reads a side of the bounding box.
// https://docs.aws.amazon.com/redshift/latest/dg/ST_XMax-function.html
func boxSide(side func(b spatial.Box) float64) func(s *shape) error {
	return func(s *shape) error {
		b := spatial.BoxOf(s.text(0), &s.room[0])
		if s.setFloat(side(b)); b.IsEmpty() {
			s.setNull()
		}
		return nil
	}
}

// rangeOf is the least or the greatest of a coordinate.
func rangeOf(axis int, most bool) func(s *shape) error {
	return func(s *shape) error {
		lo, hi, ok := s.geo(0).Range(axis)
		switch {
		case !ok:
			s.setNull()
		case most:
			s.setFloat(hi)
		default:
			s.setFloat(lo)
		}
		return nil
	}
}

// pointN is a point of a linestring, counted from 1, or from the end with -1; NULL where there is none.
// https://docs.aws.amazon.com/redshift/latest/dg/ST_PointN-function.html
func pointN(index func(s *shape) int64) func([]byte, *shape) ([]byte, error) {
	return func(dst []byte, s *shape) ([]byte, error) {
		if spatial.KindOf(s.text(0)) != spatial.LineString {
			return s.nothing(dst)
		}
		g, i := s.geo(0), index(s)-1
		if i < -1 {
			i += int64(g.Count()) + 1
		}
		if i < 0 || i >= int64(g.Count()) {
			return s.nothing(dst)
		}
		p := g.PointAt(int(i))
		return put(dst, &p)
	}
}

// exteriorRing is the first ring of a polygon; an empty polygon stays one.
// https://docs.aws.amazon.com/redshift/latest/dg/ST_ExteriorRing-function.html
func exteriorRing(dst []byte, s *shape) ([]byte, error) {
	g := s.geo(0)
	switch {
	case g.Kind != spatial.Polygon:
		return s.nothing(dst)
	case len(g.Parts) == 0:
		return put(dst, g)
	}
	return put(dst, &g.Parts[0])
}

func interiorRingN(dst []byte, s *shape) ([]byte, error) {
	g, i := s.geo(0), s.int(1)
	if g.Kind != spatial.Polygon || i < 1 || i >= int64(len(g.Parts)) {
		return s.nothing(dst)
	}
	return put(dst, &g.Parts[i])
}

// geometryN is a member, counted from 1; what has no members is its own first.
// https://docs.aws.amazon.com/redshift/latest/dg/ST_GeometryN-function.html
func geometryN(dst []byte, s *shape) ([]byte, error) {
	g, i := s.geo(0), s.int(1)
	switch {
	case !g.Kind.IsMulti() && i != 1:
		return s.nothing(dst)
	case !g.Kind.IsMulti():
		return put(dst, g)
	case i < 1 || i > int64(len(g.Parts)):
		return nil, invalid("index %d is out of range: the geometry has %d members", i, len(g.Parts))
	}
	return put(dst, &g.Parts[i-1])
}
