package spatial

import (
	"math"
	"slices"
)

// Force gives a geometry other dimensions: coordinates that it lacks are 0.
// https://docs.aws.amazon.com/redshift/latest/dg/ST_Force4D-function.html
func (g *Geometry) Force(z, m bool) Geometry {
	out := Geometry{Kind: g.Kind, Z: z, M: m, SRID: g.SRID}
	if len(g.Points) > 0 {
		out.Points = make([]float64, 0, g.Count()*out.Stride())
	}
	for i := range g.Count() {
		out.addPoint(g.At(i), g.Z, g.M)
	}
	for i := range g.Parts {
		out.Parts = append(out.Parts, g.Parts[i].Force(z, m))
	}
	return out
}

// addPoint adds a point that has z and m or not.
func (g *Geometry) addPoint(c []float64, z, m bool) {
	g.Points = append(g.Points, c[0], c[1])
	if g.Z {
		v := 0.0
		if z {
			v = c[2]
		}
		g.Points = append(g.Points, v)
	}
	if g.M {
		v := 0.0
		if m {
			v = c[len(c)-1]
		}
		g.Points = append(g.Points, v)
	}
}

// PointAt is a point of a path as a geometry.
func (g *Geometry) PointAt(i int) Geometry {
	p := g.like(Point)
	p.Points = g.At(i)
	return p
}

// Reverse turns the order of points in linestrings and rings.
// https://docs.aws.amazon.com/redshift/latest/dg/ST_Reverse-function.html
func (g *Geometry) Reverse() Geometry {
	out := g.like(g.Kind)
	for i := g.Count() - 1; i >= 0; i-- {
		out.Points = append(out.Points, g.At(i)...)
	}
	for i := range g.Parts {
		out.Parts = append(out.Parts, g.Parts[i].Reverse())
	}
	return out
}

// Multi is the MULTI subtype with a point, linestring or polygon as its member; others stay.
// https://docs.aws.amazon.com/redshift/latest/dg/ST_Multi-function.html
func (g *Geometry) Multi() Geometry {
	if g.Kind.IsMulti() {
		return *g
	}
	out := g.like(g.Kind - Point + MultiPoint)
	if !g.IsEmpty() || g.Kind == Point {
		out.Parts = []Geometry{*g}
	}
	return out
}

// AllPoints is a multipoint of all points of a geometry that are not empty.
// https://docs.aws.amazon.com/redshift/latest/dg/ST_Points-function.html
func (g *Geometry) AllPoints() Geometry {
	out := g.like(MultiPoint)
	g.EachPath(func(p *Geometry) {
		for i := range p.Count() {
			out.Parts = append(out.Parts, p.PointAt(i))
		}
	})
	return out
}

// Join is a linestring of all points of two geometries in their order.
// https://docs.aws.amazon.com/redshift/latest/dg/ST_MakeLine-function.html
func Join(gs ...*Geometry) Geometry {
	out := gs[0].like(LineString)
	for _, g := range gs {
		g.EachPath(func(p *Geometry) { out.Points = append(out.Points, p.Points...) })
	}
	return out
}

// Insert puts a point before point i of a linestring; it takes on the linestring's dimensions.
// https://docs.aws.amazon.com/redshift/latest/dg/ST_AddPoint-function.html
func (g *Geometry) Insert(i int, p *Geometry) Geometry {
	out, one := g.like(LineString), g.like(Point)
	one.addPoint(p.Points, p.Z, p.M)
	out.Points = slices.Concat(g.Points[:i*g.Stride()], one.Points, g.Points[i*g.Stride():])
	return out
}

// Remove takes point i out of a linestring.
// https://docs.aws.amazon.com/redshift/latest/dg/ST_RemovePoint-function.html
func (g *Geometry) Remove(i int) Geometry {
	out := g.like(LineString)
	out.Points = slices.Concat(g.Points[:i*g.Stride()], g.Points[(i+1)*g.Stride():])
	return out
}

// Envelope is the bounding box of a geometry as a point, a linestring or a polygon that runs clockwise; an empty geometry stays as it is.
// https://docs.aws.amazon.com/redshift/latest/dg/ST_Envelope-function.html
func (g *Geometry) Envelope() Geometry {
	b := g.Box()
	if b.IsEmpty() {
		return *g
	}
	return b.Geometry(g.SRID)
}

// Geometry is a box as a point, a linestring or a polygon that runs clockwise from its lower left corner.
// https://docs.aws.amazon.com/redshift/latest/dg/ST_MakeEnvelope-function.html
func (b Box) Geometry(srid int32) Geometry {
	switch {
	case b.MinX == b.MaxX && b.MinY == b.MaxY:
		return Geometry{Kind: Point, SRID: srid, Points: []float64{b.MinX, b.MinY}}
	case b.MinX == b.MaxX || b.MinY == b.MaxY:
		return Geometry{Kind: LineString, SRID: srid, Points: []float64{b.MinX, b.MinY, b.MaxX, b.MaxY}}
	}
	ring := Geometry{Kind: LineString, SRID: srid, Points: []float64{
		b.MinX, b.MinY, b.MinX, b.MaxY, b.MaxX, b.MaxY, b.MaxX, b.MinY, b.MinX, b.MinY,
	}}
	return Geometry{Kind: Polygon, SRID: srid, Parts: []Geometry{ring}}
}

// Interpolate is the point at a fraction of the length of a linestring that is not empty; z and m are the averages of those of the ends of the segment
// where it lies, the earlier one of two.
// https://docs.aws.amazon.com/redshift/latest/dg/ST_LineInterpolatePoint-function.html
func (g *Geometry) Interpolate(fraction float64) Geometry {
	at, n := g.length()*fraction, g.Count()
	for i := 1; i < n; i++ {
		a, b := g.At(i-1), g.At(i)
		d := math.Hypot(b[0]-a[0], b[1]-a[1])
		if i < n-1 && (at > d || fraction >= 1) {
			at -= d
			continue
		}
		t := 0.0
		switch {
		case fraction >= 1:
			t = 1
		case d > 0:
			t = min(at/d, 1)
		}
		out := g.like(Point)
		for k := range a {
			if k >= 2 {
				t = 0.5
			}
			out.Points = append(out.Points, (1-t)*a[k]+t*b[k])
		}
		return out
	}
	return g.PointAt(n - 1)
}

// Collect is a MULTI subtype of geometries that are all points, linestrings or polygons, else a collection. Errors: different SRIDs or dimensions.
// https://docs.aws.amazon.com/redshift/latest/dg/ST_Collect-function.html
func Collect(parts []Geometry) (Geometry, error) {
	first := &parts[0]
	kind := first.Kind
	for i := range parts {
		if err := first.Agrees(&parts[i]); err != nil {
			return Geometry{}, err
		}
		if first.Z != parts[i].Z || first.M != parts[i].M {
			return Geometry{}, invalid("geometries have different dimensions")
		}
		if parts[i].Kind != kind {
			kind = Collection
		}
	}
	if kind <= Polygon {
		kind += MultiPoint - Point
	} else {
		kind = Collection
	}
	out := first.like(kind)
	out.Parts = parts
	return out, nil
}

// Agrees refuses geometries with different spatial references.
func (g *Geometry) Agrees(o *Geometry) error {
	return SameSRID(g.SRID, o.SRID)
}

// SameSRID refuses spatial references that differ.
func SameSRID(a, b int32) error {
	if a != b {
		return invalid("geometries have different SRIDs: %d and %d", min(a, b), max(a, b))
	}
	return nil
}

// Simplify leaves out points of linestrings and rings that lie no farther than tolerance from the line without them, by Ramer, Douglas and Peucker.
// https://docs.aws.amazon.com/redshift/latest/dg/ST_Simplify-function.html
func (g *Geometry) Simplify(tolerance float64) Geometry {
	out := g.like(g.Kind)
	if n := g.Count(); g.Kind == LineString && n > 0 {
		keep := make([]bool, n)
		keep[0], keep[n-1] = true, true
		g.mark(0, n-1, tolerance, keep)
		for i, k := range keep {
			if k {
				out.Points = append(out.Points, g.At(i)...)
			}
		}
	} else {
		out.Points = g.Points
	}
	for i := range g.Parts {
		out.Parts = append(out.Parts, g.Parts[i].Simplify(tolerance))
	}
	return out
}

// Fit is the smallest tolerance with which Simplify leaves a value of no more than most bytes, and what it leaves; where none does, what the largest leaves.
func (g *Geometry) Fit(most int) (Geometry, float64) {
	var worths []float64
	g.EachPath(func(p *Geometry) {
		if p.Kind == LineString && p.Count() > 2 {
			worths = p.worths(worths)
		}
	})
	step := 8 * g.Stride()
	drop := min((Size(g)-most+step-1)/step, len(worths))
	if drop <= 0 {
		return *g, 0
	}
	slices.Sort(worths)
	return g.Simplify(worths[drop-1]), worths[drop-1]
}

// worths appends, for each point but the two ends, the smallest tolerance with which Simplify leaves it out: its distance from the line without it, or that of
// a point before it in the division, if that is smaller.
func (g *Geometry) worths(out []float64) []float64 {
	type part struct {
		lo, hi int
		worth  float64
	}
	stack := []part{{0, g.Count() - 1, math.Inf(1)}}
	for len(stack) > 0 {
		p := stack[len(stack)-1]
		stack = stack[:len(stack)-1]
		if p.hi-p.lo < 2 {
			continue
		}
		far, at := g.farthest(p.lo, p.hi, -1)
		far = min(far, p.worth)
		out = append(out, far)
		stack = append(stack, part{p.lo, at, far}, part{at, p.hi, far})
	}
	return out
}

// farthest is the first of the points between two that lies farthest from their line, and farther than least; -1 = none does.
func (g *Geometry) farthest(lo, hi int, least float64) (far float64, at int) {
	xa, ya := g.XY(lo)
	xb, yb := g.XY(hi)
	far, at = least, -1
	for i := lo + 1; i < hi; i++ {
		x, y := g.XY(i)
		if d := toSegment(x, y, xa, ya, xb, yb); d > far {
			far, at = d, i
		}
	}
	return far, at
}

// mark keeps the points between two that lie farther from their line than tolerance.
func (g *Geometry) mark(lo, hi int, tolerance float64, keep []bool) {
	stack := [][2]int{{lo, hi}}
	for len(stack) > 0 {
		lo, hi := stack[len(stack)-1][0], stack[len(stack)-1][1]
		stack = stack[:len(stack)-1]
		if _, at := g.farthest(lo, hi, tolerance); at >= 0 {
			keep[at] = true
			stack = append(stack, [2]int{lo, at}, [2]int{at, hi})
		}
	}
}

// toSegment is the distance of a point from a segment.
func toSegment(x, y, xa, ya, xb, yb float64) float64 {
	dx, dy := xb-xa, yb-ya
	t := 0.0
	if l := dx*dx + dy*dy; l > 0 {
		t = max(0, min(1, ((x-xa)*dx+(y-ya)*dy)/l))
	}
	return math.Hypot(x-xa-t*dx, y-ya-t*dy)
}
