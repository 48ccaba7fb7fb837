package function

import "github.com/redshiftsim/redshiftsim/internal/spatial"

// wholeDigits are the digits of a coordinate where no precision is given.
const wholeDigits = 15

// asText writes a geometry in one of the texts.
// https://docs.aws.amazon.com/redshift/latest/dg/ST_AsText-function.html
func asText(write func(dst []byte, g *spatial.Geometry, digits int) []byte) func([]byte, *shape) ([]byte, error) {
	return func(dst []byte, s *shape) ([]byte, error) {
		digits := int64(wholeDigits)
		if s.has(1) {
			if digits = s.int(1); digits < 1 || digits > 20 {
				return nil, invalid("precision %d is out of range: it must be 1 to 20", digits)
			}
		}
		return write(dst, s.geo(0), int(digits)), nil
	}
}

func wkb(extended bool) func(dst []byte, v string) []byte {
	return func(dst []byte, v string) []byte { return spatial.AppendWKB(dst, v, extended) }
}

func hexWKB(extended bool) func(dst []byte, v string) []byte {
	return func(dst []byte, v string) []byte { return spatial.AppendHexWKB(dst, v, extended) }
}

// geohash writes the geohash of a point.
// https://docs.aws.amazon.com/redshift/latest/dg/ST_GeoHash-function.html
func geohash(dst []byte, s *shape) ([]byte, error) {
	digits := int64(20)
	if s.has(1) {
		if digits = s.int(1); digits < 1 || digits > 65535 {
			return nil, invalid("precision %d is out of range", digits)
		}
	}
	if err := s.must(0, spatial.Point); err != nil {
		return nil, err
	}
	x, y, ok := s.place(0)
	if !ok {
		return s.nothing(dst)
	}
	return spatial.AppendGeohash(dst, x, y, int(digits))
}

// place reads a point in place.
func (r *row) place(k int) (x, y float64, ok bool) {
	x, ok = spatial.Coordinate(r.text(k), 0)
	y, _ = spatial.Coordinate(r.text(k), 1)
	return x, y, ok
}

// geosquare gives the geosquare of a point; that of the empty point is 0, which is none.
// https://docs.aws.amazon.com/redshift/latest/dg/ST_GeoSquare-function.html
func geosquare(r *row) error {
	depth := int64(spatial.MaxGeosquareDepth)
	if len(r.args) > 1 {
		if depth = r.int(1); depth < 1 || depth > spatial.MaxGeosquareDepth {
			return invalid("max_depth %d is out of range: it must be 1 to %d", depth, spatial.MaxGeosquareDepth)
		}
	}
	if k := spatial.KindOf(r.text(0)); k != spatial.Point {
		return invalid("geometry must be a POINT, not a %s", k.Upper())
	}
	x, y, ok := r.place(0)
	if !ok {
		r.setInt(0)
		return nil
	}
	v, err := spatial.Geosquare(x, y, int(depth))
	r.setInt(v)
	return err
}
