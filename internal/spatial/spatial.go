// Package spatial is the value of the types GEOMETRY and GEOGRAPHY: its bytes in the text lane, its texts, and what can be computed of it.
//
//	WKT, EWKT, WKB, EWKB, GeoJSON, geohash, geosquare <-> Geometry <-> the bytes of a value
//
//	head  srid  box              body                      little endian; head = subtype, dimensions, and what of the next two is there
//	4     4     4 x 8            point       x y [z] [m]   8 bytes each; NaN = the empty point
//	                             linestring  count, points
//	                             polygon     count, rings: count, points
//	                             others      count, members: head, body
//
// The box is stored ahead so that predicates look at 32 bytes first; a point is its own box. A GEOMETRYCOLLECTION of a triangle and a line of three
// points takes 172 bytes, as the guide's example says.
//
//	value.go    bytes: heads and boxes read in place; Decoder makes a Geometry in room that it keeps; Append writes one
//	wkb.go wkt.go geojson.go geohash.go shape.go    the other forms
//	measure.go  lengths, areas, boxes, centroids           edit.go hull.go  other geometries of one
//	buffer.go   what is near a geometry: pieces of it that topology.go's library unites
//	topology.go relations (DE-9IM), intersection, union, distance and validity, by github.com/peterstace/simplefeatures
//	geodesic.go geography.go  lengths and areas on an ellipsoid      reference.go  which one a spatial reference has
//	project.go  from one spatial reference to another
//
// https://docs.aws.amazon.com/redshift/latest/dg/geospatial-overview.html
package spatial

import (
	"math"

	"github.com/peterstace/simplefeatures/geom"

	"github.com/redshiftsim/redshiftsim/internal/sqlstate"
)

// Kind is a subtype, numbered as in WKB.
type Kind uint8

// The subtypes.
// https://docs.aws.amazon.com/redshift/latest/dg/geospatial-overview.html
const (
	Point Kind = 1 + iota
	LineString
	Polygon
	MultiPoint
	MultiLineString
	MultiPolygon
	Collection
)

// kindNames are the subtypes as ST_GeometryType spells them behind ST_.
var kindNames = [...]string{"", "Point", "LineString", "Polygon", "MultiPoint", "MultiLineString", "MultiPolygon", "GeometryCollection"}

// upperNames are the subtypes as WKT and GeometryType spell them.
var upperNames = [...]string{"", "POINT", "LINESTRING", "POLYGON", "MULTIPOINT", "MULTILINESTRING", "MULTIPOLYGON", "GEOMETRYCOLLECTION"}

// String spells a subtype as ST_GeometryType does behind ST_: LineString.
func (k Kind) String() string { return kindNames[k] }

// Upper spells a subtype as WKT does: LINESTRING.
func (k Kind) Upper() string { return upperNames[k] }

// IsMulti says MULTIPOINT, MULTILINESTRING, MULTIPOLYGON or GEOMETRYCOLLECTION.
func (k Kind) IsMulti() bool { return k >= MultiPoint }

// member is the subtype of the members of a MULTI subtype; 0 = any.
func (k Kind) member() Kind {
	if k >= MultiPoint && k <= MultiPolygon {
		return k - MultiPoint + Point
	}
	return 0
}

// MaxBytes is the size that a value may have.
// https://docs.aws.amazon.com/redshift/latest/dg/spatial-limitations.html
const MaxBytes = 1048447

// maxDepth is how deep collections may lie in collections.
const maxDepth = 64

// Geometry is a value taken apart.
type Geometry struct {
	Kind Kind
	Z, M bool
	SRID int32
	// Points are the numbers of a point or linestring, Stride a point; none = empty.
	Points []float64
	// Parts are a polygon's rings, as linestrings, or the members of the other subtypes.
	Parts []Geometry

	flat *geom.Geometry // planar, once it was asked for
}

// Stride is the number of coordinates of a point.
func (g *Geometry) Stride() int { return stride(g.Z, g.M) }

func stride(z, m bool) int {
	n := 2
	if z {
		n++
	}
	if m {
		n++
	}
	return n
}

// Count is the number of points of a point or linestring.
func (g *Geometry) Count() int { return len(g.Points) / g.Stride() }

// XY is a point's place in the plane.
func (g *Geometry) XY(i int) (x, y float64) {
	i *= g.Stride()
	return g.Points[i], g.Points[i+1]
}

// At are all coordinates of a point.
func (g *Geometry) At(i int) []float64 {
	s := g.Stride()
	return g.Points[i*s : i*s+s : i*s+s]
}

// like is an empty geometry of a subtype with the dimensions and reference of g.
func (g *Geometry) like(k Kind) Geometry { return Geometry{Kind: k, Z: g.Z, M: g.M, SRID: g.SRID} }

// IsEmpty says that a geometry has no point.
// https://docs.aws.amazon.com/redshift/latest/dg/ST_IsEmpty-function.html
func (g *Geometry) IsEmpty() bool {
	for i := range g.Parts {
		if !g.Parts[i].IsEmpty() {
			return false
		}
	}
	return len(g.Points) == 0
}

// EachPath calls f for the points and linestrings of which a geometry is made, rings among them.
func (g *Geometry) EachPath(f func(p *Geometry)) {
	if g.Kind <= LineString {
		f(g)
		return
	}
	for i := range g.Parts {
		g.Parts[i].EachPath(f)
	}
}

// Each calls f for the points, linestrings and polygons of which a geometry is made.
func (g *Geometry) Each(f func(p *Geometry)) {
	if g.Kind <= Polygon {
		f(g)
		return
	}
	for i := range g.Parts {
		g.Parts[i].Each(f)
	}
}

// setSRID gives a geometry and its parts a spatial reference.
func (g *Geometry) setSRID(srid int32) {
	g.SRID = srid
	for i := range g.Parts {
		g.Parts[i].setSRID(srid)
	}
}

// invalid is the error of a text or value that is no geometry.
func invalid(format string, args ...any) error {
	return sqlstate.InvalidParameterValue.Errorf(format, args...)
}

// tooLarge is the error of a value beyond MaxBytes.
func tooLarge(n int) error {
	return sqlstate.ProgramLimit.Errorf("geometry of %d bytes is larger than the maximum of %d bytes", n, MaxBytes)
}

// checkSRID refuses a negative spatial reference.
func checkSRID(srid int64) error {
	if srid < 0 || srid > math.MaxInt32 {
		return invalid("invalid SRID: %d", srid)
	}
	return nil
}
