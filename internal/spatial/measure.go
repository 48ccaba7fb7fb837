package spatial

import "math"

// Planar measures of the projection on the xy plane.

// length is the length of a path.
func (g *Geometry) length() float64 {
	sum := 0.0
	for i := 1; i < g.Count(); i++ {
		x0, y0 := g.XY(i - 1)
		x1, y1 := g.XY(i)
		sum += math.Hypot(x1-x0, y1-y0)
	}
	return sum
}

// Length is the length of the linestrings in a geometry.
// https://docs.aws.amazon.com/redshift/latest/dg/ST_Length-function.html
func (g *Geometry) Length() float64 {
	sum := 0.0
	g.Each(func(p *Geometry) {
		if p.Kind == LineString {
			sum += p.length()
		}
	})
	return sum
}

// Perimeter is the length of the rings in a geometry.
// https://docs.aws.amazon.com/redshift/latest/dg/ST_Perimeter-function.html
func (g *Geometry) Perimeter() float64 {
	sum := 0.0
	g.Each(func(p *Geometry) {
		for i := range p.Parts {
			sum += p.Parts[i].length()
		}
	})
	return sum
}

// ringArea is twice the area that a ring encloses: positive when it runs counterclockwise. Coordinates are taken from the first point, which keeps
// their digits.
func (g *Geometry) ringArea() float64 {
	if len(g.Points) == 0 {
		return 0
	}
	x0, y0 := g.XY(0)
	sum := 0.0
	for i := 1; i < g.Count(); i++ {
		xa, ya := g.XY(i - 1)
		xb, yb := g.XY(i)
		sum += (xa-x0)*(yb-y0) - (xb-x0)*(ya-y0)
	}
	return sum
}

// Area is the area of the polygons in a geometry.
// https://docs.aws.amazon.com/redshift/latest/dg/ST_Area-function.html
func (g *Geometry) Area() float64 {
	sum := 0.0
	g.Each(func(p *Geometry) {
		for i := range p.Parts {
			a := math.Abs(p.Parts[i].ringArea()) / 2
			if i > 0 {
				a = -a
			}
			sum += a
		}
	})
	return sum
}

// NPoints counts the points of a geometry that are not empty.
// https://docs.aws.amazon.com/redshift/latest/dg/ST_NPoints-function.html
func (g *Geometry) NPoints() int {
	n := 0
	g.EachPath(func(p *Geometry) { n += p.Count() })
	return n
}

// NRings counts the rings of the polygons in a geometry.
// https://docs.aws.amazon.com/redshift/latest/dg/ST_NRings-function.html
func (g *Geometry) NRings() int {
	n := 0
	g.Each(func(p *Geometry) { n += len(p.Parts) })
	return n
}

// Dimension is 0 for points, 1 for linestrings, 2 for polygons, and the largest of a collection's members.
// https://docs.aws.amazon.com/redshift/latest/dg/ST_Dimension-function.html
func (g *Geometry) Dimension() int {
	switch g.Kind {
	case Point, MultiPoint:
		return 0
	case LineString, MultiLineString:
		return 1
	case Polygon, MultiPolygon:
		return 2
	}
	n := 0
	for i := range g.Parts {
		n = max(n, g.Parts[i].Dimension())
	}
	return n
}

// Range is the least and the greatest of a coordinate: 0 x, 1 y, 2 z, 3 m. Not ok: the geometry is empty or has no such coordinate.
// https://docs.aws.amazon.com/redshift/latest/dg/ST_ZMax-function.html
func (g *Geometry) Range(axis int) (lo, hi float64, ok bool) {
	if axis == 2 && !g.Z || axis == 3 && !g.M {
		return 0, 0, false
	}
	if axis == 3 && !g.Z {
		axis = 2
	}
	lo, hi = math.Inf(1), math.Inf(-1)
	g.EachPath(func(p *Geometry) {
		for i := range p.Count() {
			c := p.At(i)[axis]
			lo, hi = min(lo, c), max(hi, c)
		}
	})
	return lo, hi, lo <= hi
}

// closed says that a path ends where it begins.
func (g *Geometry) closed() bool {
	n := g.Count()
	if n == 0 {
		return false
	}
	x0, y0 := g.XY(0)
	x1, y1 := g.XY(n - 1)
	return x0 == x1 && y0 == y1
}

// IsClosed says that all paths of a geometry end where they begin. An empty geometry is not closed, a multipoint is.
// https://docs.aws.amazon.com/redshift/latest/dg/ST_IsClosed-function.html
func (g *Geometry) IsClosed() bool {
	switch g.Kind {
	case Point:
		return len(g.Points) > 0
	case MultiPoint:
		return true
	case LineString:
		return g.closed()
	}
	for i := range g.Parts {
		if !g.Parts[i].IsClosed() {
			return false
		}
	}
	return len(g.Parts) > 0
}

// Turns says that all polygons of a geometry have exterior rings that run counterclockwise, or clockwise, and interior rings that run the other way.
// What has no polygon turns both ways.
// https://docs.aws.amazon.com/redshift/latest/dg/ST_IsPolygonCCW-function.html
func (g *Geometry) Turns(counterclockwise bool) bool {
	ok := true
	g.Each(func(p *Geometry) {
		for i := range p.Parts {
			if len(p.Parts[i].Points) > 0 && (p.Parts[i].ringArea() > 0) != (counterclockwise == (i == 0)) {
				ok = false
			}
		}
	})
	return ok
}

// Centroid is the mean of points, of lines weighed by their lengths, or of areas, whichever dimension of those not empty is highest. Not ok: empty.
// https://docs.aws.amazon.com/redshift/latest/dg/ST_Centroid-function.html
func (g *Geometry) Centroid() (x, y float64, ok bool) {
	var w [3]weights
	g.Each(func(p *Geometry) {
		switch p.Kind {
		case Point:
			if len(p.Points) > 0 {
				x, y := p.XY(0)
				w[0].add(x, y, 1)
			}
		case LineString:
			w[1].path(p)
			w[0].points(p)
		default:
			for i := range p.Parts {
				r := &p.Parts[i]
				w[2].ring(r, i > 0)
				w[1].path(r)
				w[0].points(r)
			}
		}
	})
	for d := 2; d >= 0; d-- {
		if w[d].sum != 0 {
			return w[d].x / w[d].sum, w[d].y / w[d].sum, true
		}
	}
	return 0, 0, false
}

// weights is a weighed mean of points.
type weights struct{ x, y, sum float64 }

func (w *weights) add(x, y, weight float64) {
	w.x += x * weight
	w.y += y * weight
	w.sum += weight
}

func (w *weights) points(p *Geometry) {
	for i := range p.Count() {
		x, y := p.XY(i)
		w.add(x, y, 1)
	}
}

func (w *weights) path(p *Geometry) {
	for i := 1; i < p.Count(); i++ {
		xa, ya := p.XY(i - 1)
		xb, yb := p.XY(i)
		w.add((xa+xb)/2, (ya+yb)/2, math.Hypot(xb-xa, yb-ya))
	}
}

// ring adds the triangles of a ring with its first point; those of a hole are taken away.
func (w *weights) ring(p *Geometry, hole bool) {
	sign := 1.0
	if (p.ringArea() < 0) != hole {
		sign = -1
	}
	if len(p.Points) == 0 {
		return
	}
	x0, y0 := p.XY(0)
	for i := 1; i < p.Count(); i++ {
		xa, ya := p.XY(i - 1)
		xb, yb := p.XY(i)
		a := (xa-x0)*(yb-y0) - (xb-x0)*(ya-y0)
		w.add((x0+xa+xb)/3, (y0+ya+yb)/3, sign*a)
	}
}
