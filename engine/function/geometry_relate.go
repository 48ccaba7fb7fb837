package function

import (
	"strings"

	"github.com/redshiftsim/redshiftsim/internal/spatial"
	"github.com/redshiftsim/redshiftsim/internal/sqlstate"
)

// The relations of two geometries by their matrices. An empty geometry is in none of them.
// https://docs.aws.amazon.com/redshift/latest/dg/geospatial-functions.html
var (
	containing = spatial.Relation{Patterns: []string{"T*****FF*"}, Holds: true, Flip: true, Point: isInside}
	within     = spatial.Relation{Patterns: []string{"T*F**F***"}, Within: true, Point: isInside}
	covering   = spatial.Relation{Patterns: []string{"T*****FF*", "*T****FF*", "***T**FF*", "****T*FF*"}, Holds: true, Flip: true, Point: isCovered}
	coveredBy  = spatial.Relation{Patterns: []string{"T*F**F***", "*TF**F***", "**FT*F***", "**F*TF***"}, Within: true, Point: isCovered}
	properly   = spatial.Relation{Patterns: []string{"T**FF*FF*"}, Holds: true, Flip: true, Point: isInside}
	touching   = spatial.Relation{Patterns: []string{"FT*******", "F**T*****", "F***T****"}, Point: func(p spatial.Place) bool { return p == spatial.OnBoundary }}
	equalTo    = spatial.Relation{Patterns: []string{"T*F**FFF*"}, Within: true, Holds: true}
	crossing   = [3]spatial.Relation{ // the first geometry has fewer dimensions, as many, more
		{Patterns: []string{"T*T******"}}, {Patterns: []string{"0********"}}, {Patterns: []string{"T*****T**"}},
	}
)

func isInside(p spatial.Place) bool  { return p == spatial.Inside }
func isCovered(p spatial.Place) bool { return p != spatial.Outside }

// pair checks two geometries: they have one spatial reference, and neither is a collection.
func (s *shape) pair() error {
	for k := range 2 {
		if spatial.KindOf(s.text(k)) == spatial.Collection {
			return invalid("geometry must not be a GEOMETRYCOLLECTION")
		}
	}
	return s.alike(0, 1)
}

// boxes are the bounding boxes of two geometries, as they are stored.
func (s *shape) boxes() (a, b spatial.Box) {
	return spatial.BoxOf(s.text(0), &s.boxRoom), spatial.BoxOf(s.text(1), &s.boxRoom)
}

// related says whether a relation holds; the boxes are looked at first.
func (s *shape) related(r *spatial.Relation) (bool, error) {
	a, b := s.boxes()
	if !a.Meets(b) || r.Within && !b.Holds(a) || r.Holds && !a.Holds(b) {
		return false, nil
	}
	return spatial.Relate(s.geo(0), s.geo(1), r)
}

// relates is the kernel of a relation.
func relates(r *spatial.Relation) Kernel {
	return shapes(func(s *shape) error {
		if err := s.pair(); err != nil {
			return err
		}
		ok, err := s.related(r)
		s.setBool(ok)
		return err
	})
}

// touches holds either way around: a point comes first.
// https://docs.aws.amazon.com/redshift/latest/dg/ST_Touches-function.html
func touches(s *shape) error {
	if err := s.pair(); err != nil {
		return err
	}
	r := touching
	r.Flip = spatial.KindOf(s.text(1)) == spatial.Point
	ok, err := s.related(&r)
	s.setBool(ok)
	return err
}

// noNulls refuses NULLs, as the pages of two functions say.
func (s *shape) noNulls(name string) error {
	if s.null(0) || s.null(1) {
		return nullGeometry(name)
	}
	return s.pair()
}

// crosses holds for points and lines that lie in a geometry of more dimensions and outside, and for lines that meet in points.
// https://docs.aws.amazon.com/redshift/latest/dg/ST_Crosses-function.html
func crosses(s *shape) error {
	if err := s.noNulls("ST_Crosses"); err != nil {
		return err
	}
	a, b := s.geo(0).Dimension(), s.geo(1).Dimension()
	ok, err := false, error(nil)
	switch {
	case a < b:
		ok, err = s.related(&crossing[0])
	case a > b:
		ok, err = s.related(&crossing[2])
	case a == 1:
		ok, err = s.related(&crossing[1])
	}
	s.setBool(ok)
	return err
}

// equals holds for geometries with the same points.
// https://docs.aws.amazon.com/redshift/latest/dg/ST_Equals-function.html
func equals(s *shape) error {
	if err := s.noNulls("ST_Equals"); err != nil {
		return err
	}
	ok, err := s.related(&equalTo)
	s.setBool(ok)
	return err
}

// intersects says whether two geometries have a point in common, or have none.
// https://docs.aws.amazon.com/redshift/latest/dg/ST_Intersects-function.html
func intersects(common bool) func(s *shape) error {
	return func(s *shape) error {
		if err := s.pair(); err != nil {
			return err
		}
		ok, err := false, error(nil)
		if a, b := s.boxes(); a.Meets(b) {
			ok, err = spatial.Intersects(s.geo(0), s.geo(1))
		}
		s.setBool(ok == common)
		return err
	}
}

// distance is the least distance of two geometries; NULL when one is empty.
// https://docs.aws.amazon.com/redshift/latest/dg/ST_Distance-function.html
func distance(s *shape) error {
	if err := s.pair(); err != nil {
		return err
	}
	d, ok, err := spatial.Distance(s.geo(0), s.geo(1))
	if s.setFloat(d); !ok {
		s.setNull()
	}
	return err
}

// geodesicDistance is the distance of two points on their ellipsoid.
func geodesicDistance(s *shape) error {
	var p [2][2]float64
	ok, err := s.points(p[:])
	if err != nil {
		return err
	}
	if !ok {
		s.setNull()
		return nil
	}
	d, err := spatial.GeodesicDistance(spatial.SRIDOf(s.text(0)), p[0][0], p[0][1], p[1][0], p[1][1])
	s.setFloat(d)
	return err
}

// oneType refuses a geometry beside a geography.
// https://docs.aws.amazon.com/redshift/latest/dg/ST_Distance-function.html
func oneType(b *Bound, args []Arg) error {
	if l, r := args[0].Type, args[1].Type; l.IsSpatial() && r.IsSpatial() && l != r {
		return sqlstate.UndefinedFunction.Errorf("function %s(%s) does not exist", b.Name, strings.Join([]string{bareName(l), bareName(r)}, ", ")).
			WithHint("No function matches the given name and argument types. You may need to add explicit type casts.")
	}
	return nil
}

// dWithin says whether two geometries are no farther apart than a threshold. Empty ones are nowhere.
// https://docs.aws.amazon.com/redshift/latest/dg/ST_DWithin-function.html
func dWithin(s *shape) error {
	if err := s.pair(); err != nil {
		return err
	}
	most := s.float(2)
	if most < 0 {
		return invalid("threshold must not be negative")
	}
	a, b := s.boxes()
	if a.Distance(b) > most*(1+1e-12) {
		s.setBool(false)
		return nil
	}
	d, ok, err := spatial.Distance(s.geo(0), s.geo(1))
	s.setBool(ok && d <= most)
	return err
}

// isRing says whether a linestring is closed and simple.
// https://docs.aws.amazon.com/redshift/latest/dg/ST_IsRing-function.html
func isRing(s *shape) error {
	if err := s.must(0, spatial.LineString); err != nil {
		return err
	}
	s.setBool(s.geo(0).IsClosed() && s.geo(0).IsSimple())
	return nil
}

// overlays makes a geometry of two in the plane.
func overlays(f func(a, b *spatial.Geometry) (spatial.Geometry, error), refused ...spatial.Kind) Kernel {
	return makes(func(dst []byte, s *shape) ([]byte, error) {
		if err := s.pair(); err != nil {
			return nil, err
		}
		for k := range 2 {
			g := s.geo(k)
			if g.Z || g.M {
				return nil, invalid("geometry must be two-dimensional")
			}
			for _, kind := range refused {
				if g.Kind == kind {
					return nil, invalid("geometry must not be a %s", kind.Upper())
				}
			}
		}
		g, err := f(s.geo(0), s.geo(1))
		if err != nil {
			return nil, err
		}
		return put(dst, &g)
	})
}
