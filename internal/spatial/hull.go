package spatial

import (
	"cmp"
	"slices"
)

// ConvexHull is the convex hull of a geometry's points: a point, a linestring or a polygon that runs clockwise from its lexicographically smallest
// point. m coordinates are dropped; an empty geometry stays as it is.
// https://docs.aws.amazon.com/redshift/latest/dg/ST_ConvexHull-function.html
func (g *Geometry) ConvexHull() Geometry {
	if g.IsEmpty() {
		return *g
	}
	if g.M {
		flat := g.Force(g.Z, false)
		g = &flat
	}
	var pts [][]float64
	g.EachPath(func(p *Geometry) {
		for i := range p.Count() {
			pts = append(pts, p.At(i))
		}
	})
	slices.SortFunc(pts, func(a, b []float64) int { return cmp.Or(cmp.Compare(a[0], b[0]), cmp.Compare(a[1], b[1])) })
	pts = slices.CompactFunc(pts, func(a, b []float64) bool { return a[0] == b[0] && a[1] == b[1] })
	upper := chain(pts)
	slices.Reverse(pts)
	lower := chain(pts)
	ring := append(upper, lower[1:]...)
	switch {
	case len(pts) == 1:
		p := g.like(Point)
		p.Points = pts[0]
		return p
	case len(ring) <= 3: // there and back
		l := g.like(LineString)
		l.Points = slices.Concat(ring[0], ring[1])
		return l
	}
	l := g.like(LineString)
	for _, p := range ring {
		l.Points = append(l.Points, p...)
	}
	out := g.like(Polygon)
	out.Parts = []Geometry{l}
	return out
}

// chain is the side of the hull along which sorted points turn clockwise.
func chain(pts [][]float64) [][]float64 {
	var out [][]float64
	for _, p := range pts {
		for len(out) > 1 && cross(out[len(out)-2], out[len(out)-1], p) >= 0 {
			out = out[:len(out)-1]
		}
		out = append(out, p)
	}
	return out
}

// cross is above 0 when b, seen from a, lies clockwise of c.
func cross(a, b, c []float64) float64 {
	return (b[0]-a[0])*(c[1]-a[1]) - (c[0]-a[0])*(b[1]-a[1])
}

// Boundary is an empty collection for points, a multipoint for lines: the points where an odd number of them end, and for areas their rings, as a
// linestring if it is one. An empty geometry stays as it is; m coordinates are dropped.
// https://docs.aws.amazon.com/redshift/latest/dg/ST_Boundary-function.html
func (g *Geometry) Boundary() Geometry {
	if g.IsEmpty() {
		return *g
	}
	if g.M {
		flat := g.Force(g.Z, false)
		g = &flat
	}
	switch g.Kind {
	case Point, MultiPoint, Collection:
		return g.like(Collection)
	case LineString, MultiLineString:
		return g.ends()
	}
	out := g.like(MultiLineString)
	g.Each(func(p *Geometry) { out.Parts = append(out.Parts, p.Parts...) })
	if g.Kind == Polygon && len(out.Parts) == 1 {
		return out.Parts[0]
	}
	return out
}

// ends are the points in which an odd number of linestrings end, in lexicographic order; the z of such a point is the mean of the different ones
// that meet there.
func (g *Geometry) ends() Geometry {
	type xy [2]float64
	count, zs := map[xy]int{}, map[xy][]float64{}
	g.EachPath(func(p *Geometry) {
		if p.Count() == 0 || p.closed() {
			return
		}
		for _, i := range []int{0, p.Count() - 1} {
			c := p.At(i)
			at := xy{c[0], c[1]}
			count[at]++
			if g.Z && !slices.Contains(zs[at], c[2]) {
				zs[at] = append(zs[at], c[2])
			}
		}
	})
	var odd []xy
	for at, n := range count {
		if n%2 == 1 {
			odd = append(odd, at)
		}
	}
	slices.SortFunc(odd, func(a, b xy) int { return cmp.Or(cmp.Compare(a[0], b[0]), cmp.Compare(a[1], b[1])) })
	out := g.like(MultiPoint)
	for _, at := range odd {
		p := g.like(Point)
		p.Points = append(p.Points, at[0], at[1])
		if g.Z {
			sum := 0.0
			for _, z := range zs[at] {
				sum += z
			}
			p.Points = append(p.Points, sum/float64(len(zs[at])))
		}
		out.Parts = append(out.Parts, p)
	}
	return out
}
