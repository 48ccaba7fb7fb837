package function

import (
	"github.com/redshiftsim/redshiftsim/internal/spatial"
	"github.com/redshiftsim/redshiftsim/internal/super"
	"github.com/redshiftsim/redshiftsim/internal/vector"
)

// geomFromText reads WKT; a negative SRID gives NULL.
// https://docs.aws.amazon.com/redshift/latest/dg/ST_GeomFromText-function.html
func geomFromText(dst []byte, s *shape) ([]byte, error) {
	if s.has(1) && s.int(1) < 0 {
		return s.nothing(dst)
	}
	g, err := spatial.ParseWKT(s.text(0))
	if err != nil {
		return nil, err
	}
	if s.has(1) {
		g.SRID = int32(s.int(1))
	}
	return put(dst, &g)
}

func geomFromEWKT(dst []byte, s *shape) ([]byte, error) {
	g, _, err := spatial.ParseEWKT(s.text(0))
	if err != nil {
		return nil, err
	}
	return put(dst, &g)
}

// geogFromText reads WKT or EWKT; the SRID is 4326 where none is given.
// https://docs.aws.amazon.com/redshift/latest/dg/ST_GeogFromText-function.html
func geogFromText(dst []byte, s *shape) ([]byte, error) {
	g, given, err := spatial.ParseEWKT(s.text(0))
	if err == nil {
		err = g.Geography(given)
	}
	if err != nil {
		return nil, err
	}
	return put(dst, &g)
}

func parseBytes(v string) (spatial.Geometry, bool, error) { return spatial.ParseWKB([]byte(v)) }

// geomFromWKB reads WKB; the SRID is that of the call.
// https://docs.aws.amazon.com/redshift/latest/dg/ST_GeomFromWKB-function.html
func geomFromWKB(parse func(string) (spatial.Geometry, bool, error)) func([]byte, *shape) ([]byte, error) {
	return func(dst []byte, s *shape) ([]byte, error) {
		if s.has(1) && s.int(1) < 0 {
			return s.nothing(dst)
		}
		g, _, err := parse(s.text(0))
		if err != nil {
			return nil, err
		}
		if g.SRID = 0; s.has(1) {
			g.SRID = int32(s.int(1))
		}
		return put(dst, &g)
	}
}

// geomFromEWKB reads EWKB as a geometry, or, with a reference for those that give none, as a geography.
// https://docs.aws.amazon.com/redshift/latest/dg/ST_GeogFromWKB-function.html
func geomFromEWKB(parse func(string) (spatial.Geometry, bool, error), geography int32) func([]byte, *shape) ([]byte, error) {
	return func(dst []byte, s *shape) ([]byte, error) {
		g, given, err := parse(s.text(0))
		if err == nil && geography != 0 {
			err = g.Geography(given)
		}
		if err != nil {
			return nil, err
		}
		return put(dst, &g)
	}
}

func geomFromGeoJSON(dst []byte, s *shape) ([]byte, error) {
	g, err := spatial.ParseGeoJSON(s.text(0))
	if err != nil {
		return nil, err
	}
	return put(dst, &g)
}

// geomFromSuper reads the GeoJSON that a SUPER value is.
func geomFromSuper(dst []byte, s *shape) ([]byte, error) {
	g, err := spatial.ParseGeoJSON(string(super.Value(s.text(0)).AppendJSON(nil)))
	if err != nil {
		return nil, err
	}
	return put(dst, &g)
}

// geomFromGeohash gives the area of a geohash, or of its first characters.
// https://docs.aws.amazon.com/redshift/latest/dg/ST_GeomFromGeoHash-function.html
func geomFromGeohash(dst []byte, s *shape) ([]byte, error) {
	hash := s.text(0)
	if s.has(1) && s.int(1) >= 0 && s.int(1) < int64(len(hash)) {
		hash = hash[:s.int(1)]
	}
	b, err := spatial.GeohashBox(hash)
	if err != nil {
		return nil, err
	}
	return putBox(dst, b)
}

// putBox writes a box as the geometry that it is.
func putBox(dst []byte, b spatial.Box) ([]byte, error) {
	g := b.Geometry(0)
	return put(dst, &g)
}

func geomFromGeosquare(dst []byte, s *shape) ([]byte, error) {
	depth := int64(spatial.MaxGeosquareDepth)
	if s.has(1) {
		if depth = s.int(1); depth < 1 {
			return nil, invalid("max_depth %d is out of range: it must be at least 1", depth)
		}
	}
	b, err := spatial.GeosquareBox(s.int(0), int(min(depth, spatial.MaxGeosquareDepth)))
	if err != nil {
		return nil, err
	}
	return putBox(dst, b)
}

// makePoint makes a point of two to four coordinates.
// https://docs.aws.amazon.com/redshift/latest/dg/ST_MakePoint-function.html
func makePoint(dst []byte, s *shape) ([]byte, error) {
	var c [4]float64
	n := len(s.args)
	for k := range n {
		c[k] = s.float(k)
	}
	g := spatial.Geometry{Kind: spatial.Point, Z: n > 2, M: n > 3, Points: c[:n]}
	if err := g.Finite(); err != nil {
		return nil, err
	}
	return put(dst, &g)
}

// makeEnvelope makes a box; its corners are taken as they are given.
// https://docs.aws.amazon.com/redshift/latest/dg/ST_MakeEnvelope-function.html
func makeEnvelope(dst []byte, s *shape) ([]byte, error) {
	var srid int32
	var err error
	if s.has(4) {
		if srid, err = s.reference(4); err != nil {
			return nil, err
		}
	}
	g := spatial.Box{MinX: s.float(0), MinY: s.float(1), MaxX: s.float(2), MaxY: s.float(3)}.Geometry(srid)
	if err := g.Finite(); err != nil {
		return nil, err
	}
	return put(dst, &g)
}

// makeLine makes a linestring of the points of two geometries.
// https://docs.aws.amazon.com/redshift/latest/dg/ST_MakeLine-function.html
func makeLine(dst []byte, s *shape) ([]byte, error) {
	for k := range 2 {
		if err := s.must(k, spatial.LineString, spatial.Point, spatial.MultiPoint); err != nil {
			return nil, err
		}
	}
	if err := s.alike(0, 1); err != nil {
		return nil, err
	}
	a, b := s.geo(0), s.geo(1)
	if err := sameDims(a, b); err != nil {
		return nil, err
	}
	g := spatial.Join(a, b)
	return put(dst, &g)
}

// sameDims refuses geometries of different dimensions.
func sameDims(a, b *spatial.Geometry) error {
	if a.Z != b.Z || a.M != b.M {
		return invalid("geometries have different dimensions")
	}
	return nil
}

func lineFromMultiPoint(dst []byte, s *shape) ([]byte, error) {
	if err := s.must(0, spatial.MultiPoint); err != nil {
		return nil, err
	}
	g := spatial.Join(s.geo(0))
	return put(dst, &g)
}

// ringOf refuses a linestring that cannot be a ring.
func ringOf(g *spatial.Geometry) error {
	if !g.IsEmpty() && (g.Count() == 1 || !g.IsClosed()) {
		return invalid("linestring must be closed")
	}
	return nil
}

// makePolygon makes a polygon of closed linestrings.
// https://docs.aws.amazon.com/redshift/latest/dg/ST_MakePolygon-function.html
func makePolygon(dst []byte, s *shape) ([]byte, error) {
	if err := s.must(0, spatial.LineString); err != nil {
		return nil, err
	}
	rings := []spatial.Geometry{*s.geo(0)}
	if s.has(1) {
		if err := s.must(1, spatial.MultiLineString); err != nil {
			return nil, err
		}
		if err := s.alike(0, 1); err != nil {
			return nil, err
		}
		if err := sameDims(s.geo(0), s.geo(1)); err != nil {
			return nil, err
		}
		rings = append(rings, s.geo(1).Parts...)
	}
	return polygonIn(dst, rings, s.geo(0).SRID)
}

// polygonIn writes the polygon of rings; empty ones are left out, and one without exterior ring is empty.
func polygonIn(dst []byte, rings []spatial.Geometry, srid int32) ([]byte, error) {
	g := spatial.Geometry{Kind: spatial.Polygon, Z: rings[0].Z, M: rings[0].M, SRID: srid}
	for i := range rings {
		if err := ringOf(&rings[i]); err != nil {
			return nil, err
		}
		if !rings[0].IsEmpty() && !rings[i].IsEmpty() {
			g.Parts = append(g.Parts, rings[i])
		}
	}
	return put(dst, &g)
}

func polygonOf(dst []byte, s *shape) ([]byte, error) {
	if err := s.must(0, spatial.LineString); err != nil {
		return nil, err
	}
	srid, err := s.reference(1)
	if err != nil {
		return nil, err
	}
	return polygonIn(dst, []spatial.Geometry{*s.geo(0)}, srid)
}

// collectTwo puts two geometries together; one that is NULL leaves the other.
// https://docs.aws.amazon.com/redshift/latest/dg/ST_Collect-function.html
func collectTwo(dst []byte, s *shape) ([]byte, error) {
	switch a, b := s.null(0), s.null(1); {
	case a && b:
		return s.nothing(dst)
	case a:
		return append(dst, s.text(1)...), nil
	case b:
		return append(dst, s.text(0)...), nil
	}
	g, err := spatial.Collect([]spatial.Geometry{*s.geo(0), *s.geo(1)})
	if err != nil {
		return nil, err
	}
	return put(dst, &g)
}

// toGeography makes geographies of geometries.
// https://docs.aws.amazon.com/redshift/latest/dg/geospatial-overview.html
func toGeography(_ *Env, n int, in, out *vector.Vector) error {
	var d spatial.Decoder
	for i, v := range in.Texts[:n] {
		if out.Null(i) {
			continue
		}
		var err error
		if out.Texts[i], err = spatial.ToGeography(v, &d); err != nil {
			return err
		}
	}
	return nil
}
