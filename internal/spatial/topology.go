package spatial

import (
	"slices"

	"github.com/peterstace/simplefeatures/geom"
)

// planar makes the library's geometry of the projection on the xy plane. What the library cannot take is refused: paths of one place, rings that are
// not closed.
func (g *Geometry) planar() (geom.Geometry, error) {
	if g.flat == nil {
		if !g.proper() {
			return geom.Geometry{}, errInvalid
		}
		s := g.shape()
		g.flat = &s
	}
	return *g.flat, nil
}

var errInvalid = invalid("geometry is not valid")

// proper says that paths have two places, and rings come back to where they begin.
func (g *Geometry) proper() bool {
	switch g.Kind {
	case LineString:
		b := g.Box()
		return len(g.Points) == 0 || b.MinX < b.MaxX || b.MinY < b.MaxY
	case Polygon:
		for i := range g.Parts {
			if r := &g.Parts[i]; r.Count() < 4 || !r.closed() || !r.proper() {
				return false
			}
		}
		return true
	}
	for i := range g.Parts {
		if !g.Parts[i].proper() {
			return false
		}
	}
	return true
}

// sequence is the path without z and m.
func (g *Geometry) sequence() geom.Sequence {
	xy := make([]float64, 0, 2*g.Count())
	for i := range g.Count() {
		x, y := g.XY(i)
		xy = append(xy, x, y)
	}
	return geom.NewSequence(xy, geom.DimXY)
}

func (g *Geometry) point() geom.Point {
	if len(g.Points) == 0 {
		return geom.NewEmptyPoint(geom.DimXY)
	}
	x, y := g.XY(0)
	return geom.NewPoint(geom.Coordinates{XY: geom.XY{X: x, Y: y}, Type: geom.DimXY})
}

func (g *Geometry) line() geom.LineString { return geom.NewLineString(g.sequence()) }

func (g *Geometry) polygon() geom.Polygon {
	return geom.NewPolygon(each(g.Parts, (*Geometry).line))
}

func each[T any](parts []Geometry, f func(g *Geometry) T) []T {
	out := make([]T, len(parts))
	for i := range parts {
		out[i] = f(&parts[i])
	}
	return out
}

func (g *Geometry) shape() geom.Geometry {
	switch g.Kind {
	case Point:
		return g.point().AsGeometry()
	case LineString:
		return g.line().AsGeometry()
	case Polygon:
		return g.polygon().AsGeometry()
	case MultiPoint:
		return geom.NewMultiPoint(each(g.Parts, (*Geometry).point)).AsGeometry()
	case MultiLineString:
		return geom.NewMultiLineString(each(g.Parts, (*Geometry).line)).AsGeometry()
	case MultiPolygon:
		return geom.NewMultiPolygon(each(g.Parts, (*Geometry).polygon)).AsGeometry()
	}
	return geom.NewGeometryCollection(each(g.Parts, (*Geometry).shape)).AsGeometry()
}

// guard turns what the library panics with, when a geometry is not valid, into an error.
func guard(err *error) {
	if recover() != nil {
		*err = errInvalid
	}
}

// Relation is a predicate of the DE-9IM: true when one of the patterns matches the matrix of two geometries.
// https://docs.aws.amazon.com/redshift/latest/dg/geospatial-functions.html
type Relation struct {
	Patterns []string
	// Within says that the first geometry's box must lie in the second's, Holds the other way around; else boxes must meet.
	Within, Holds bool
	// Point is the answer for a point and an area: the place of the point decides. nil = the matrix.
	Point func(where Place) bool
	// Flip says that the first geometry is the area for Point.
	Flip bool
}

// Place is where a point lies with respect to an area.
type Place uint8

// The places.
const (
	Outside Place = iota
	OnBoundary
	Inside
)

// Relate says whether a relation holds.
func Relate(a, b *Geometry, r *Relation) (ok bool, err error) {
	p, area := a, b
	if r.Flip {
		p, area = b, a
	}
	if r.Point != nil && p.Kind == Point && area.Dimension() == 2 && area.Kind != Collection {
		if len(p.Points) == 0 {
			return false, nil
		}
		x, y := p.XY(0)
		return r.Point(area.place(x, y)), nil
	}
	x, err := a.planar()
	if err != nil {
		return false, err
	}
	y, err := b.planar()
	if err != nil {
		return false, err
	}
	defer guard(&err)
	m, err := geom.Relate(x, y)
	if err != nil {
		return false, errInvalid
	}
	for _, pattern := range r.Patterns {
		if ok, _ := geom.RelateMatches(m, pattern); ok {
			return true, nil
		}
	}
	return false, nil
}

// place says where a point lies with respect to the polygons of an area. A point on the boundary of one is on that of the area.
func (g *Geometry) place(x, y float64) Place {
	best := Outside
	g.Each(func(p *Geometry) {
		in := false
		for i := range p.Parts {
			on, odd := p.Parts[i].crossings(x, y)
			if on {
				best = max(best, OnBoundary)
				return
			}
			in = in != odd
		}
		if in {
			best = Inside
		}
	})
	return best
}

// crossings counts, odd or even, how often a ray to the east crosses a ring, and says whether it begins on it.
func (g *Geometry) crossings(x, y float64) (on, odd bool) {
	for i := 1; i < g.Count(); i++ {
		xa, ya := g.XY(i - 1)
		xb, yb := g.XY(i)
		if min(ya, yb) > y || max(ya, yb) < y || max(xa, xb) < x {
			continue
		}
		side := (xb-xa)*(y-ya) - (x-xa)*(yb-ya)
		if side == 0 && min(xa, xb) <= x {
			return true, false
		}
		if (ya > y) != (yb > y) && (side > 0) == (yb > ya) {
			odd = !odd
		}
	}
	return false, odd
}

// Intersects says whether two geometries have a point in common.
// https://docs.aws.amazon.com/redshift/latest/dg/ST_Intersects-function.html
func Intersects(a, b *Geometry) (ok bool, err error) {
	if a.Kind == Point && b.Kind != Point {
		a, b = b, a
	}
	if b.Kind == Point && len(b.Points) > 0 && a.Dimension() == 2 && a.Kind != Collection {
		x, y := b.XY(0)
		return a.place(x, y) != Outside, nil
	}
	x, err := a.planar()
	if err != nil {
		return false, err
	}
	y, err := b.planar()
	if err != nil {
		return false, err
	}
	defer guard(&err)
	return geom.Intersects(x, y), nil
}

// Distance is the least distance of points of two geometries. Not ok: one is empty.
// https://docs.aws.amazon.com/redshift/latest/dg/ST_Distance-function.html
func Distance(a, b *Geometry) (d float64, ok bool, err error) {
	x, err := a.planar()
	if err != nil {
		return 0, false, err
	}
	y, err := b.planar()
	if err != nil {
		return 0, false, err
	}
	defer guard(&err)
	d, ok = geom.Distance(x, y)
	return d, ok, nil
}

// Intersection is what two geometries have in common; nothing is an empty geometry of the lower dimension.
// https://docs.aws.amazon.com/redshift/latest/dg/ST_Intersection-function.html
func Intersection(a, b *Geometry) (Geometry, error) {
	if !a.IsEmpty() && !b.IsEmpty() && a.Box().Meets(b.Box()) {
		out, err := overlay(a, b, geom.Intersection)
		if err != nil || !out.IsEmpty() {
			return out, err
		}
	}
	return a.like([...]Kind{Point, LineString, Polygon}[min(a.Dimension(), b.Dimension())]), nil
}

// Union is all points of two geometries of points or areas; with an empty one it is that.
// https://docs.aws.amazon.com/redshift/latest/dg/ST_Union-function.html
func Union(a, b *Geometry) (Geometry, error) {
	switch {
	case a.IsEmpty():
		return *a, nil
	case b.IsEmpty():
		return *b, nil
	}
	return overlay(a, b, geom.Union)
}

func overlay(a, b *Geometry, f func(a, b geom.Geometry) (geom.Geometry, error)) (out Geometry, err error) {
	x, err := a.planar()
	if err != nil {
		return out, err
	}
	y, err := b.planar()
	if err != nil {
		return out, err
	}
	defer guard(&err)
	g, err := f(x, y)
	if err != nil {
		return out, errInvalid
	}
	return planarOf(g, a.SRID)
}

// planarOf is the geometry of one of the library.
func planarOf(g geom.Geometry, srid int32) (Geometry, error) {
	out, _, err := ParseWKB(g.AsBinary())
	out.setSRID(srid)
	out.canonical()
	return out, err
}

// canonical brings what an overlay gives into the form of the guide's examples: exterior rings run clockwise and interior ones counterclockwise, both
// from their lexicographically smallest point and without points between two others on a line; members are in lexicographic order.
func (g *Geometry) canonical() {
	for i := range g.Parts {
		if p := &g.Parts[i]; g.Kind == Polygon {
			p.ring(i > 0)
		} else {
			p.canonical()
		}
	}
	switch {
	case g.Kind == LineString && g.Count() > 1 && slices.Compare(g.At(0), g.At(g.Count()-1)) > 0:
		*g = g.Reverse()
	case g.Kind == Polygon && len(g.Parts) > 1:
		slices.SortFunc(g.Parts[1:], byFirst)
	case g.Kind != Polygon:
		slices.SortFunc(g.Parts, byFirst)
	}
}

// byFirst orders geometries by their subtype, then by their points.
func byFirst(a, b Geometry) int {
	if a.Kind != b.Kind {
		return int(a.Kind) - int(b.Kind)
	}
	var x, y []float64
	a.EachPath(func(p *Geometry) { x = append(x, p.Points...) })
	b.EachPath(func(p *Geometry) { y = append(y, p.Points...) })
	return slices.Compare(x, y)
}

// ring is canonical of one ring of xy points.
func (g *Geometry) ring(hole bool) {
	n := g.Count() - 1 // without the last, which is the first
	var keep [][]float64
	for i := range n {
		before, p, after := g.At((i+n-1)%n), g.At(i), g.At((i+1)%n)
		if cross(before, p, after) != 0 {
			keep = append(keep, p)
		}
	}
	if len(keep) < 3 {
		return
	}
	if (g.ringArea() > 0) != hole {
		slices.Reverse(keep)
	}
	first := 0
	for i := range keep {
		if slices.Compare(keep[i], keep[first]) < 0 {
			first = i
		}
	}
	points := make([]float64, 0, 2*len(keep)+2)
	for i := range len(keep) + 1 {
		points = append(points, keep[(first+i)%len(keep)]...)
	}
	g.Points = points
}

// IsValid says whether a geometry is valid: coordinates are finite, paths have two places, rings are closed, do not cross themselves or each other, lie
// in the exterior ring and turn against it, and the interior is connected.
// https://docs.aws.amazon.com/redshift/latest/dg/spatial-terminology.html#spatial-terminology-validity
func (g *Geometry) IsValid() bool {
	if !g.proper() {
		return false
	}
	turns := true
	g.Each(func(p *Geometry) { turns = turns && (p.Turns(true) || p.Turns(false)) })
	if !turns {
		return false
	}
	var err error
	func() {
		defer guard(&err)
		err = g.shape().Validate()
	}()
	return err == nil
}

// IsSimple says whether a geometry is simple: no point follows on itself, and lines meet each other and themselves in their ends alone.
// https://docs.aws.amazon.com/redshift/latest/dg/spatial-terminology.html#spatial-terminology-simplicity
func (g *Geometry) IsSimple() bool {
	if g.Kind == Collection {
		for i := range g.Parts {
			if !g.Parts[i].IsSimple() {
				return false
			}
		}
		return true
	}
	ok := true
	g.EachPath(func(p *Geometry) {
		for i := 1; i < p.Count(); i++ {
			xa, ya := p.XY(i - 1)
			xb, yb := p.XY(i)
			ok = ok && (xa != xb || ya != yb)
		}
	})
	if !ok || g.Dimension() == 2 {
		return ok
	}
	var err error
	func() {
		defer guard(&err)
		if simple, known := g.shape().IsSimple(); known && !simple {
			err = errInvalid
		}
	}()
	return err == nil
}
