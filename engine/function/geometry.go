package function

import (
	"github.com/redshiftsim/redshiftsim/internal/spatial"
	"github.com/redshiftsim/redshiftsim/internal/sqlstate"
	"github.com/redshiftsim/redshiftsim/internal/types"
	"github.com/redshiftsim/redshiftsim/internal/vector"
)

// The parameters and results of spatial functions. Functions that take a GEOGRAPHY have a row of their own for it; others get it as the GEOMETRY to
// which it converts.
var (
	geom       = Param{Type: types.TGeometry}
	geog       = Param{Type: types.TGeography}
	isGeometry = always(types.TGeometry)
	isInt      = always(types.TInt4)
	isFloat    = always(types.TFloat8)
	isBool     = always(types.TBool)
	isText     = always(types.TVarcharMax)
	isBytes    = always(types.Type{Kind: types.Varbyte, Len: types.MaxVarbyte})
)

// spatialFunctions is the chapter of GEOMETRY and GEOGRAPHY. Kernels are in geometry_make.go (geometries of texts and numbers), geometry_text.go (and
// back), geometry_access.go (what lies in them), geometry_edit.go (geometries of geometries), geometry_measure.go and geometry_relate.go (two of them).
// https://docs.aws.amazon.com/redshift/latest/dg/geospatial-functions.html
var spatialFunctions = []Scalar{
	{Name: "st_geomfromtext", Args: sig(text, int4), Optional: 1, Returns: isGeometry, Kernel: makes(geomFromText), Doc: "ST_GeomFromText-function"},
	{Name: "st_geomfromewkt", Args: sig(text), Returns: isGeometry, Kernel: makes(geomFromEWKT), Doc: "ST_GeomFromEWKT-function"},
	{Name: "st_geomfromwkb", Args: sig(text, int4), Optional: 1, Returns: isGeometry, Kernel: makes(geomFromWKB(spatial.ParseHexWKB)), Doc: "ST_GeomFromWKB-function"},
	{Name: "st_geomfromwkb", Args: sig(varbyte, int4), Optional: 1, Returns: isGeometry, Kernel: makes(geomFromWKB(parseBytes)), Doc: "ST_GeomFromWKB-function"},
	{Name: "st_geomfromewkb", Args: sig(text), Returns: isGeometry, Kernel: makes(geomFromEWKB(spatial.ParseHexWKB, 0)), Doc: "ST_GeomFromEWKB-function"},
	{Name: "st_geomfromewkb", Args: sig(varbyte), Returns: isGeometry, Kernel: makes(geomFromEWKB(parseBytes, 0)), Doc: "ST_GeomFromEWKB-function"},
	{Name: "st_geomfromgeojson", Args: sig(text), Returns: isGeometry, Kernel: makes(geomFromGeoJSON), Doc: "ST_GeomFromGeoJSON-function"},
	{Name: "st_geomfromgeojson", Args: sig(superValue), Returns: isGeometry, Kernel: makes(geomFromSuper), Doc: "ST_GeomFromGeoJSON-function"},
	{Name: "st_geomfromgeohash", Args: sig(text, int4), Optional: 1, Returns: isGeometry, Kernel: makes(geomFromGeohash), Doc: "ST_GeomFromGeoHash-function"},
	{Name: "st_geomfromgeosquare", Args: sig(int8, int4), Optional: 1, Returns: isGeometry, Kernel: makes(geomFromGeosquare), Doc: "ST_GeomFromGeoSquare-function"},
	{Name: "st_geogfromtext", Args: sig(text), Returns: always(types.TGeography), Kernel: makes(geogFromText), Doc: "ST_GeogFromText-function"},
	{Name: "st_geogfromwkb", Args: sig(text), Returns: always(types.TGeography), Kernel: makes(geomFromEWKB(spatial.ParseHexWKB, spatial.WGS84)), Doc: "ST_GeogFromWKB-function"},
	{Name: "st_point", Args: sig(float8, float8), Returns: isGeometry, Kernel: makes(makePoint), Doc: "ST_Point-function"},
	{Name: "st_makepoint", Args: sig(float8, float8, float8, float8), Optional: 2, Returns: isGeometry, Kernel: makes(makePoint), Doc: "ST_MakePoint-function"},
	{Name: "st_makeenvelope", Args: sig(float8, float8, float8, float8, int4), Optional: 1, Returns: isGeometry, Kernel: makes(makeEnvelope), Doc: "ST_MakeEnvelope-function"},
	{Name: "st_makeline", Args: sig(geom, geom), Returns: isGeometry, Kernel: makes(makeLine), Doc: "ST_MakeLine-function"},
	{Name: "st_linefrommultipoint", Args: sig(geom), Returns: isGeometry, Kernel: makes(lineFromMultiPoint), Doc: "ST_LineFromMultiPoint-function"},
	{Name: "st_makepolygon", Args: sig(geom, geom), Optional: 1, Returns: isGeometry, Kernel: makes(makePolygon), Doc: "ST_MakePolygon-function"},
	{Name: "st_polygon", Args: sig(geom, int4), Returns: isGeometry, Kernel: makes(polygonOf), Doc: "ST_Polygon-function"},
	{Name: "st_collect", Args: sig(geom, geom), Returns: isGeometry, Kernel: makes(collectTwo), Loose: true, Doc: "ST_Collect-function"},

	{Name: "st_astext", Args: sig(geom, int4), Optional: 1, Returns: isText, Kernel: makes(asText(spatial.AppendWKT)), Doc: "ST_AsText-function"},
	{Name: "st_astext", Args: sig(geog, int4), Optional: 1, Returns: isText, Kernel: makes(asText(spatial.AppendWKT)), Doc: "ST_AsText-function"},
	{Name: "st_asewkt", Args: sig(geom, int4), Optional: 1, Returns: isText, Kernel: makes(asText(spatial.AppendEWKT)), Doc: "ST_AsEWKT-function"},
	{Name: "st_asewkt", Args: sig(geog, int4), Optional: 1, Returns: isText, Kernel: makes(asText(spatial.AppendEWKT)), Doc: "ST_AsEWKT-function"},
	{Name: "st_asgeojson", Args: sig(geom, int4), Optional: 1, Returns: isText, Kernel: makes(asText(spatial.AppendGeoJSON)), Doc: "ST_AsGeoJSON-function"},
	{Name: "st_asgeojson", Args: sig(geog, int4), Optional: 1, Returns: isText, Kernel: makes(asText(spatial.AppendGeoJSON)), Doc: "ST_AsGeoJSON-function"},
	{Name: "st_asbinary", Args: sig(geom), Returns: isBytes, Kernel: build1(wkb(false)), Doc: "ST_AsBinary-function"},
	{Name: "st_asewkb", Args: sig(geom), Returns: isBytes, Kernel: build1(wkb(true)), Doc: "ST_AsEWKB-function"},
	{Name: "st_ashexwkb", Args: sig(geom), Returns: isText, Kernel: build1(hexWKB(false)), Doc: "ST_AsHexWKB-function"},
	{Name: "st_ashexwkb", Args: sig(geog), Returns: isText, Kernel: build1(hexWKB(false)), Doc: "ST_AsHexWKB-function"},
	{Name: "st_ashexewkb", Args: sig(geom), Returns: isText, Kernel: build1(hexWKB(true)), Doc: "ST_AsHexEWKB-function"},
	{Name: "st_ashexewkb", Args: sig(geog), Returns: isText, Kernel: build1(hexWKB(true)), Doc: "ST_AsHexEWKB-function"},
	{Name: "st_geohash", Args: sig(geom, int4), Optional: 1, Returns: isText, Kernel: makes(geohash), Doc: "ST_GeoHash-function"},
	{Name: "st_geosquare", Args: sig(geom, int4), Optional: 1, Returns: always(types.TInt8), Kernel: each(geosquare), Doc: "ST_GeoSquare-function"},

	{Name: "geometrytype", Args: sig(geom), Returns: always(types.TVarchar(32)), Kernel: each(geometryType), Doc: "GeometryType-function"},
	{Name: "st_geometrytype", Args: sig(geom), Returns: always(types.TVarchar(32)), Kernel: map1(func(v string) string { return subtypeNames[spatial.KindOf(v)] }), Doc: "ST_GeometryType-function"},
	{Name: "addbbox", Args: sig(geom), Returns: isGeometry, Kernel: shapes(boxed(true)), Doc: "AddBBox-function"},
	{Name: "dropbbox", Args: sig(geom), Returns: isGeometry, Kernel: shapes(boxed(false)), Doc: "DropBBox-function"},
	{Name: "supportsbbox", Args: sig(geom), Returns: isBool, Kernel: map1(spatial.HasBox), Doc: "SupportsBBox-function"},
	{Name: "st_memsize", Args: sig(geom), Returns: isInt, Kernel: map1(func(v string) int64 { return int64(len(v)) }), Doc: "ST_MemSize-function"},
	{Name: "st_srid", Args: sig(geom), Returns: isInt, Kernel: map1(func(v string) int64 { return int64(spatial.SRIDOf(v)) }), Doc: "ST_SRID-function"},
	{Name: "st_setsrid", Args: sig(geom, int4), Returns: isGeometry, Kernel: makes(setSRID), Doc: "ST_SetSRID-function"},
	{Name: "st_ndims", Args: sig(geom), Returns: isInt, Kernel: map1(spatialDims), Doc: "ST_NDims-function"},
	{Name: "st_dimension", Args: sig(geom), Returns: isInt, Kernel: counts((*spatial.Geometry).Dimension), Doc: "ST_Dimension-function"},
	{Name: "st_npoints", Args: sig(geom), Returns: isInt, Kernel: counts((*spatial.Geometry).NPoints), Doc: "ST_NPoints-function"},
	{Name: "st_npoints", Args: sig(geog), Returns: isInt, Kernel: counts((*spatial.Geometry).NPoints), Doc: "ST_NPoints-function"},
	{Name: "st_nrings", Args: sig(geom), Returns: isInt, Kernel: counts((*spatial.Geometry).NRings), Doc: "ST_NRings-function"},
	{Name: "st_numpoints", Args: sig(geom), Returns: isInt, Kernel: shapes(numPoints), Doc: "ST_NumPoints-function"},
	{Name: "st_numgeometries", Args: sig(geom), Returns: isInt, Kernel: shapes(numGeometries), Doc: "ST_NumGeometries-function"},
	{Name: "st_numinteriorrings", Args: sig(geom), Returns: isInt, Kernel: shapes(numInteriorRings), Doc: "ST_NumInteriorRings-function"},
	{Name: "st_x", Args: sig(geom), Returns: isFloat, Kernel: each(coordinate(0)), Doc: "ST_X-function"},
	{Name: "st_y", Args: sig(geom), Returns: isFloat, Kernel: each(coordinate(1)), Doc: "ST_Y-function"},
	{Name: "st_z", Args: sig(geom), Returns: isFloat, Kernel: each(coordinate(2)), Doc: "ST_Z-function"},
	{Name: "st_m", Args: sig(geom), Returns: isFloat, Kernel: each(coordinate(3)), Doc: "ST_M-function"},
	{Name: "st_xmin", Args: sig(geom), Returns: isFloat, Kernel: shapes(boxSide(func(b spatial.Box) float64 { return b.MinX })), Doc: "ST_XMin-function"},
	{Name: "st_xmax", Args: sig(geom), Returns: isFloat, Kernel: shapes(boxSide(func(b spatial.Box) float64 { return b.MaxX })), Doc: "ST_XMax-function"},
	{Name: "st_ymin", Args: sig(geom), Returns: isFloat, Kernel: shapes(boxSide(func(b spatial.Box) float64 { return b.MinY })), Doc: "ST_YMin-function"},
	{Name: "st_ymax", Args: sig(geom), Returns: isFloat, Kernel: shapes(boxSide(func(b spatial.Box) float64 { return b.MaxY })), Doc: "ST_YMax-function"},
	{Name: "st_zmin", Args: sig(geom), Returns: isFloat, Kernel: shapes(rangeOf(2, false)), Doc: "ST_ZMin-function"},
	{Name: "st_zmax", Args: sig(geom), Returns: isFloat, Kernel: shapes(rangeOf(2, true)), Doc: "ST_ZMax-function"},
	{Name: "st_mmin", Args: sig(geom), Returns: isFloat, Kernel: shapes(rangeOf(3, false)), Doc: "ST_MMin-function"},
	{Name: "st_mmax", Args: sig(geom), Returns: isFloat, Kernel: shapes(rangeOf(3, true)), Doc: "ST_MMax-function"},
	{Name: "st_startpoint", Args: sig(geom), Returns: isGeometry, Kernel: makes(pointN(func(*shape) int64 { return 1 })), Doc: "ST_StartPoint-function"},
	{Name: "st_endpoint", Args: sig(geom), Returns: isGeometry, Kernel: makes(pointN(func(*shape) int64 { return -1 })), Doc: "ST_EndPoint-function"},
	{Name: "st_pointn", Args: sig(geom, int4), Returns: isGeometry, Kernel: makes(pointN(func(s *shape) int64 { return s.int(1) })), Doc: "ST_PointN-function"},
	{Name: "st_exteriorring", Args: sig(geom), Returns: isGeometry, Kernel: makes(exteriorRing), Doc: "ST_ExteriorRing-function"},
	{Name: "st_interiorringn", Args: sig(geom, int4), Returns: isGeometry, Kernel: makes(interiorRingN), Doc: "ST_InteriorRingN-function"},
	{Name: "st_geometryn", Args: sig(geom, int4), Returns: isGeometry, Kernel: makes(geometryN), Doc: "ST_GeometryN-function"},
	{Name: "st_isempty", Args: sig(geom), Returns: isBool, Kernel: tells((*spatial.Geometry).IsEmpty), Doc: "ST_IsEmpty-function"},
	{Name: "st_isclosed", Args: sig(geom), Returns: isBool, Kernel: tells((*spatial.Geometry).IsClosed), Doc: "ST_IsClosed-function"},
	{Name: "st_iscollection", Args: sig(geom), Returns: isBool, Kernel: map1(func(v string) bool { return spatial.KindOf(v).IsMulti() }), Doc: "ST_IsCollection-function"},
	{Name: "st_ispolygonccw", Args: sig(geom), Returns: isBool, Kernel: tells(func(g *spatial.Geometry) bool { return g.Turns(true) }), Doc: "ST_IsPolygonCCW-function"},
	{Name: "st_ispolygoncw", Args: sig(geom), Returns: isBool, Kernel: tells(func(g *spatial.Geometry) bool { return g.Turns(false) }), Doc: "ST_IsPolygonCW-function"},

	{Name: "st_addpoint", Args: sig(geom, geom, int4), Optional: 1, Returns: isGeometry, Kernel: makes(addPoint), Doc: "ST_AddPoint-function"},
	{Name: "st_setpoint", Args: sig(geom, int4, geom), Returns: isGeometry, Kernel: makes(setPoint), Doc: "ST_SetPoint-function"},
	{Name: "st_removepoint", Args: sig(geom, int4), Returns: isGeometry, Kernel: makes(removePoint), Doc: "ST_RemovePoint-function"},
	{Name: "st_reverse", Args: sig(geom), Returns: isGeometry, Kernel: turns((*spatial.Geometry).Reverse), Doc: "ST_Reverse-function"},
	{Name: "st_multi", Args: sig(geom), Returns: isGeometry, Kernel: turns((*spatial.Geometry).Multi), Doc: "ST_Multi-function"},
	{Name: "st_points", Args: sig(geom), Returns: isGeometry, Kernel: turns((*spatial.Geometry).AllPoints), Doc: "ST_Points-function"},
	{Name: "st_envelope", Args: sig(geom), Returns: isGeometry, Kernel: turns((*spatial.Geometry).Envelope), Doc: "ST_Envelope-function"},
	{Name: "st_convexhull", Args: sig(geom), Returns: isGeometry, Kernel: turns((*spatial.Geometry).ConvexHull), Doc: "ST_ConvexHull-function"},
	{Name: "st_boundary", Args: sig(geom), Returns: isGeometry, Kernel: makes(boundaryOf), Doc: "ST_Boundary-function"},
	{Name: "st_buffer", Args: sig(geom, float8, int4), Optional: 1, Returns: isGeometry, Kernel: makes(buffer), Doc: "ST_Buffer-function"},
	{Name: "st_transform", Args: sig(geom, int4), Returns: isGeometry, Kernel: makes(toReference), Doc: "ST_Transform-function"},
	{Name: "st_centroid", Args: sig(geom), Returns: isGeometry, Kernel: makes(centroid), Doc: "ST_Centroid-function"},
	{Name: "st_simplify", Args: sig(geom, float8), Returns: isGeometry, Kernel: makes(simplify), Doc: "ST_Simplify-function"},
	{Name: "st_lineinterpolatepoint", Args: sig(geom, float8), Returns: isGeometry, Kernel: makes(interpolatePoint), Doc: "ST_LineInterpolatePoint-function"},
	{Name: "st_force2d", Args: sig(geom), Returns: isGeometry, Kernel: forced(false, false), Doc: "ST_Force2D-function"},
	{Name: "st_force3d", Args: sig(geom), Returns: isGeometry, Kernel: forced(true, false), Doc: "ST_Force3D-function"},
	{Name: "st_force3dz", Args: sig(geom), Returns: isGeometry, Kernel: forced(true, false), Doc: "ST_Force3DZ-function"},
	{Name: "st_force3dm", Args: sig(geom), Returns: isGeometry, Kernel: forced(false, true), Doc: "ST_Force3DM-function"},
	{Name: "st_force4d", Args: sig(geom), Returns: isGeometry, Kernel: forced(true, true), Doc: "ST_Force4D-function"},

	{Name: "st_area", Args: sig(geom), Returns: isFloat, Kernel: measures((*spatial.Geometry).Area), Doc: "ST_Area-function"},
	{Name: "st_area", Args: sig(geog), Returns: isFloat, Kernel: geodesic((*spatial.Geometry).GeodesicArea), Doc: "ST_Area-function"},
	{Name: "st_length", Args: sig(geom), Returns: isFloat, Kernel: measures((*spatial.Geometry).Length), Doc: "ST_Length-function"},
	{Name: "st_length", Args: sig(geog), Returns: isFloat, Kernel: geodesic((*spatial.Geometry).GeodesicLength), Doc: "ST_Length-function"},
	{Name: "st_length2d", Args: sig(geom), Returns: isFloat, Kernel: measures((*spatial.Geometry).Length), Doc: "ST_Length2D-function"},
	{Name: "st_perimeter", Args: sig(geom), Returns: isFloat, Kernel: measures((*spatial.Geometry).Perimeter), Doc: "ST_Perimeter-function"},
	{Name: "st_perimeter", Args: sig(geog), Returns: isFloat, Kernel: geodesic((*spatial.Geometry).GeodesicPerimeter), Doc: "ST_Perimeter-function"},
	{Name: "st_perimeter2d", Args: sig(geom), Returns: isFloat, Kernel: measures((*spatial.Geometry).Perimeter), Doc: "ST_Perimeter2D-function"},
	{Name: "st_lengthsphere", Args: sig(geom), Returns: isFloat, Kernel: measures((*spatial.Geometry).LengthSphere), Doc: "ST_LengthSphere-function"},
	{Name: "st_distancesphere", Args: sig(geom, geom, float8), Optional: 1, Returns: isFloat, Kernel: shapes(distanceSphere), Doc: "ST_DistanceSphere-function"},
	{Name: "st_distance", Args: sig(geom, geom), Returns: isFloat, Kernel: shapes(distance), Bind: oneType, Doc: "ST_Distance-function"},
	{Name: "st_distance", Args: sig(geog, geog), Returns: isFloat, Kernel: shapes(geodesicDistance), Bind: oneType, Doc: "ST_Distance-function"},
	{Name: "st_dwithin", Args: sig(geom, geom, float8), Returns: isBool, Kernel: shapes(dWithin), Doc: "ST_DWithin-function"},
	{Name: "st_azimuth", Args: sig(geom, geom), Returns: isFloat, Kernel: shapes(azimuth), Doc: "ST_Azimuth-function"},
	{Name: "st_angle", Args: sig(geom, geom, geom, geom), Optional: 1, Returns: isFloat, Kernel: shapes(angle), Doc: "ST_Angle-function"},

	{Name: "st_contains", Args: sig(geom, geom), Returns: isBool, Kernel: relates(&containing), Doc: "ST_Contains-function"},
	{Name: "st_containsproperly", Args: sig(geom, geom), Returns: isBool, Kernel: relates(&properly), Doc: "ST_ContainsProperly-function"},
	{Name: "st_coveredby", Args: sig(geom, geom), Returns: isBool, Kernel: relates(&coveredBy), Doc: "ST_CoveredBy-function"},
	{Name: "st_covers", Args: sig(geom, geom), Returns: isBool, Kernel: relates(&covering), Doc: "ST_Covers-function"},
	{Name: "st_crosses", Args: sig(geom, geom), Returns: isBool, Kernel: shapes(crosses), Loose: true, Doc: "ST_Crosses-function"},
	{Name: "st_disjoint", Args: sig(geom, geom), Returns: isBool, Kernel: shapes(intersects(false)), Doc: "ST_Disjoint-function"},
	{Name: "st_equals", Args: sig(geom, geom), Returns: isBool, Kernel: shapes(equals), Loose: true, Doc: "ST_Equals-function"},
	{Name: "st_intersects", Args: sig(geom, geom), Returns: isBool, Kernel: shapes(intersects(true)), Doc: "ST_Intersects-function"},
	{Name: "st_touches", Args: sig(geom, geom), Returns: isBool, Kernel: shapes(touches), Doc: "ST_Touches-function"},
	{Name: "st_within", Args: sig(geom, geom), Returns: isBool, Kernel: relates(&within), Doc: "ST_Within-function"},
	{Name: "st_isring", Args: sig(geom), Returns: isBool, Kernel: shapes(isRing), Doc: "ST_IsRing-function"},
	{Name: "st_issimple", Args: sig(geom), Returns: isBool, Kernel: tells((*spatial.Geometry).IsSimple), Doc: "ST_IsSimple-function"},
	{Name: "st_isvalid", Args: sig(geom), Returns: isBool, Kernel: tells((*spatial.Geometry).IsValid), Doc: "ST_IsValid-function"},
	{Name: "st_intersection", Args: sig(geom, geom), Returns: isGeometry, Kernel: overlays(spatial.Intersection), Doc: "ST_Intersection-function"},
	{Name: "st_union", Args: sig(geom, geom), Returns: isGeometry, Kernel: overlays(spatial.Union, spatial.LineString, spatial.MultiLineString), Doc: "ST_Union-function"},
}

// subtypeNames are the results of ST_GeometryType.
var subtypeNames = func() (n [spatial.Collection + 1]string) {
	for k := range n {
		n[k] = "ST_" + spatial.Kind(k).String()
	}
	return n
}()

// shape is a row of a call whose arguments are geometries; each is taken apart at most once a row, a constant once a batch.
type shape struct {
	*row
	made [4]spatial.Geometry
	done [4]bool
	room [4]spatial.Decoder

	boxRoom spatial.Decoder
}

// at moves on to a row.
func (s *shape) at(r *row) {
	s.row = r
	for k := range min(len(r.args), len(s.done)) {
		if maskOf(r.args[k]) != 0 {
			s.done[k] = false
		}
	}
}

// geo is argument k taken apart.
func (s *shape) geo(k int) *spatial.Geometry {
	if !s.done[k] {
		s.made[k], s.done[k] = s.room[k].Decode(s.text(k)), true
	}
	return &s.made[k]
}

// has says that an argument that may be missing is there.
func (s *shape) has(k int) bool { return k < len(s.args) }

// shapes is each for rows of geometries.
func shapes(f func(s *shape) error) Kernel {
	return func(env *Env, n int, args []*vector.Vector, out *vector.Vector) error {
		var s shape
		return each(func(r *row) error {
			s.at(r)
			return f(&s)
		})(env, n, args, out)
	}
}

// makes is build for rows of geometries: it makes geometries, and texts of them.
func makes(f func(dst []byte, s *shape) ([]byte, error)) Kernel {
	return func(env *Env, n int, args []*vector.Vector, out *vector.Vector) error {
		var s shape
		return build(func(dst []byte, r *row) ([]byte, error) {
			s.at(r)
			return f(dst, &s)
		})(env, n, args, out)
	}
}

// turns makes a geometry of one.
func turns(f func(g *spatial.Geometry) spatial.Geometry) Kernel {
	return makes(func(dst []byte, s *shape) ([]byte, error) {
		g := f(s.geo(0))
		return put(dst, &g)
	})
}

// forced gives geometries other dimensions.
func forced(z, m bool) Kernel {
	return turns(func(g *spatial.Geometry) spatial.Geometry {
		if g.Z == z && g.M == m {
			return *g
		}
		return g.Force(z, m)
	})
}

// measures, counts and tells compute a number or a truth of a geometry.
func measures(f func(g *spatial.Geometry) float64) Kernel {
	return shapes(func(s *shape) error {
		s.setFloat(f(s.geo(0)))
		return nil
	})
}

// geodesic is measures of geographies.
func geodesic(f func(g *spatial.Geometry) (float64, error)) Kernel {
	return shapes(func(s *shape) error {
		v, err := f(s.geo(0))
		s.setFloat(v)
		return err
	})
}

func counts(f func(g *spatial.Geometry) int) Kernel {
	return shapes(func(s *shape) error {
		s.setInt(int64(f(s.geo(0))))
		return nil
	})
}

func tells(f func(g *spatial.Geometry) bool) Kernel {
	return shapes(func(s *shape) error {
		s.setBool(f(s.geo(0)))
		return nil
	})
}

// put writes a geometry as a value; new ones have their bounding box.
// https://docs.aws.amazon.com/redshift/latest/dg/r_default_geometry_encoding.html
func put(dst []byte, g *spatial.Geometry) ([]byte, error) { return spatial.Append(dst, g, true) }

// nothing is a result that is NULL.
func (s *shape) nothing(dst []byte) ([]byte, error) {
	s.setNull()
	return dst, nil
}

// must refuses an argument of another subtype.
func (s *shape) must(k int, kinds ...spatial.Kind) error {
	got := spatial.KindOf(s.text(k))
	for _, want := range kinds {
		if got == want {
			return nil
		}
	}
	return invalid("geometry must be a %s, not a %s", kinds[0].Upper(), got.Upper())
}

// alike refuses arguments with different spatial references.
func (s *shape) alike(k, l int) error {
	return spatial.SameSRID(spatial.SRIDOf(s.text(k)), spatial.SRIDOf(s.text(l)))
}

// reference is an argument that is a spatial reference.
func (s *shape) reference(k int) (int32, error) {
	if v := s.int(k); v < 0 {
		return 0, invalid("invalid SRID: %d", v)
	}
	return int32(s.int(k)), nil
}

// nullGeometry is the error of the functions that refuse NULL.
func nullGeometry(name string) error {
	return sqlstate.NullNotAllowed.Errorf("%s does not take a null geometry", name)
}
