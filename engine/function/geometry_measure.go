package function

import (
	"math"

	"github.com/redshiftsim/redshiftsim/internal/spatial"
)

// points reads arguments that must be points with one spatial reference; ok = none is empty.
func (s *shape) points(xy [][2]float64) (ok bool, err error) {
	ok = true
	for k := range xy {
		if err := s.must(k, spatial.Point); err != nil {
			return false, err
		}
		if err := s.alike(0, k); err != nil {
			return false, err
		}
		x, y, there := s.place(k)
		xy[k] = [2]float64{x, y}
		ok = ok && there
	}
	return ok, nil
}

// distanceSphere is the distance of two points on a sphere.
// https://docs.aws.amazon.com/redshift/latest/dg/ST_DistanceSphere-function.html
func distanceSphere(s *shape) error {
	radius := spatial.EarthRadius
	if s.has(2) {
		if radius = s.float(2); radius < 0 {
			return invalid("radius must not be negative")
		}
	}
	var p [2][2]float64
	ok, err := s.points(p[:])
	if err != nil {
		return err
	}
	if !ok {
		s.setNull()
		return nil
	}
	s.setFloat(radius * spatial.Arc(p[0][0], p[0][1], p[1][0], p[1][1]))
	return nil
}

// bearing is the direction from a point to another, clockwise from north, in [0, 2 pi).
func bearing(a, b [2]float64) float64 { return fullTurn(math.Atan2(b[0]-a[0], b[1]-a[1])) }

// fullTurn brings an angle to [0, 2 pi).
func fullTurn(a float64) float64 {
	if a < 0 {
		a += 2 * math.Pi
	}
	if a >= 2*math.Pi {
		a = 0
	}
	return a
}

var errEmptyPoint = invalid("point must not be empty")

// azimuth is the direction from a point to another; NULL when they are the same.
// https://docs.aws.amazon.com/redshift/latest/dg/ST_Azimuth-function.html
func azimuth(s *shape) error {
	var p [2][2]float64
	ok, err := s.points(p[:])
	switch {
	case err != nil:
		return err
	case !ok:
		return errEmptyPoint
	case p[0] == p[1]:
		s.setNull()
	default:
		s.setFloat(bearing(p[0], p[1]))
	}
	return nil
}

// angle is the clockwise angle of three points at the second, or of two directions.
// https://docs.aws.amazon.com/redshift/latest/dg/ST_Angle-function.html
func angle(s *shape) error {
	var p [4][2]float64
	ok, err := s.points(p[:len(s.args)])
	if err != nil {
		return err
	}
	if !ok {
		return errEmptyPoint
	}
	from, to := [2][2]float64{p[0], p[1]}, [2][2]float64{p[2], p[3]}
	if !s.has(3) {
		from, to = [2][2]float64{p[1], p[0]}, [2][2]float64{p[1], p[2]}
	}
	if from[0] == from[1] || to[0] == to[1] {
		s.setNull()
		return nil
	}
	s.setFloat(fullTurn(bearing(to[0], to[1]) - bearing(from[0], from[1])))
	return nil
}
