package spatial

import (
	"math"

	"github.com/peterstace/simplefeatures/geom"
)

// maxPiecePoints is how many points the pieces of a buffer may have together: four times as many as the largest geometry has, some 50 MB while they are united.
const maxPiecePoints = 1 << 18

// polygonHead is what a value with one ring has ahead of its points: the head, the box around it, and two numbers.
const polygonHead = 44

// Buffer are the places of the plane that are no farther from a geometry than distance, whose circles have 4 * quarter points; of a distance below 0
// the places of its polygons that are at least as far from their boundary. Errors: 22023 of a GEOMETRYCOLLECTION, 54000 of too many points.
//
//	 ____ ____
//	(____|____\       a box along each segment, a sector where the path turns away, a half circle at either end, as one
//	      \    \      polygon: the boxes lie on one side of its rings alone, and are added to it, or taken from it
//
// https://docs.aws.amazon.com/redshift/latest/dg/ST_Buffer-function.html
func Buffer(g *Geometry, distance float64, quarter int64) (out Geometry, err error) {
	switch {
	case g.Kind == Collection:
		return out, invalid("geometry must not be a GEOMETRYCOLLECTION")
	case math.IsNaN(distance) || math.IsInf(distance, 0):
		return out, invalid("distance must be a finite number")
	case g.Dimension() == 2 && !g.proper():
		return out, errInvalid
	}
	quarter = max(quarter, 1)
	w := widener{distance: math.Abs(distance), circle: int(min(quarter, MaxBytes)) * 4}
	if n := polygonHead + 16*(w.circle+1); distance > 0 && !g.IsEmpty() && n > MaxBytes { // all turns together are a circle at least
		return out, tooLarge(n)
	}
	defer guard(&err)
	var parts []geom.Geometry
	g.Each(func(p *Geometry) {
		if err != nil || p.IsEmpty() || distance <= 0 && p.Kind != Polygon {
			return
		}
		var part geom.Geometry
		if part, err = w.part(p, distance < 0); err == nil {
			parts = append(parts, part)
		}
	})
	if err != nil {
		return out, err
	}
	all, err := unite(parts)
	if err != nil {
		return out, errInvalid
	}
	if all.IsEmpty() {
		return Geometry{Kind: Polygon, SRID: g.SRID}, nil
	}
	return planarOf(all, g.SRID)
}

// unite makes one of many geometries: of two at a time, for the library loses parts of more; halves first, for what lies side by side is small together.
func unite(parts []geom.Geometry) (geom.Geometry, error) {
	if len(parts) < 2 {
		return geom.UnionMany(parts)
	}
	a, err := unite(parts[:len(parts)/2])
	if err != nil {
		return a, err
	}
	b, err := unite(parts[len(parts)/2:])
	if err != nil {
		return b, err
	}
	return geom.Union(a, b)
}

// widener makes the pieces of buffers.
type widener struct {
	distance float64
	circle   int // points of a whole circle
	points   int // of all pieces so far
	pieces   []geom.Geometry
}

// part is the buffer of a point, a linestring or a polygon that is not empty.
func (w *widener) part(p *Geometry, inward bool) (geom.Geometry, error) {
	w.pieces = w.pieces[:0]
	var err error
	switch p.Kind {
	case Point:
		err = w.add(w.disk(place(p, 0)))
	case LineString:
		err = w.path(p)
	default:
		if w.distance == 0 {
			return p.shape(), nil
		}
		for i := range p.Parts {
			if err == nil {
				err = w.ring(&p.Parts[i], (i > 0) != inward)
			}
		}
	}
	if err != nil {
		return geom.Geometry{}, err
	}
	grown, err := unite(w.pieces)
	switch {
	case err != nil || p.Kind != Polygon:
	case inward:
		grown, err = geom.Difference(p.shape(), grown)
	default:
		grown, err = geom.Union(p.shape(), grown)
	}
	if err != nil {
		return grown, errInvalid
	}
	return grown, nil
}

// add keeps a piece: a ring that its first point closes. One without an area is passed over.
func (w *widener) add(ring []geom.XY) error {
	if w.points += len(ring) + 1; w.points > maxPiecePoints {
		return tooLarge(w.points * 16)
	}
	area := 0.0
	flat := make([]float64, 0, 2*len(ring)+2)
	for i, p := range ring {
		q := ring[(i+1)%len(ring)]
		area += p.Sub(ring[0]).Cross(q.Sub(ring[0]))
		flat = append(flat, p.X, p.Y)
	}
	if area == 0 {
		return nil
	}
	line := geom.NewLineString(geom.NewSequence(append(flat, ring[0].X, ring[0].Y), geom.DimXY))
	w.pieces = append(w.pieces, geom.NewPolygon([]geom.LineString{line}).AsGeometry())
	return nil
}

// at is the place on the circle around p at an angle.
func (w *widener) at(p geom.XY, angle float64) geom.XY {
	sin, cos := sincos(angle)
	return geom.XY{X: p.X + w.distance*cos, Y: p.Y + w.distance*sin}
}

// sincos are the sine and the cosine of an angle within a few turns, rounded as a C library rounds them: those of package math are off in the last
// digit more often than the guide's examples allow.
func sincos(angle float64) (sin, cos float64) {
	const high, low = math.Pi / 2, 6.123233995736766e-17 // a quarter turn
	k := math.Round(angle / high)
	r := math.FMA(-k, high, angle)
	x := r - k*low
	y := (r - x) - k*low // x + y is what is left of the angle
	z := x * x
	s, c := 0.0, 0.0 // sums of the series behind their first terms
	for n := 17.0; n > 1; n -= 2 {
		s = -(1 + s) * z / (n * (n - 1))
	}
	for n := 18.0; n > 2; n -= 2 {
		c = -(1 + c) * z / (n * (n - 1))
	}
	sin = x + (x*s + y*(1-z/2))
	w := 1 - z/2
	cos = w + (((1 - w) - z/2) - (c*z/2 + x*y))
	switch int(k) & 3 {
	case 1:
		return cos, -sin
	case 2:
		return -sin, -cos
	case 3:
		return -cos, sin
	}
	return sin, cos
}

// disk is the circle around a point, clockwise from the east. Its angle is carried on from point to point: the guide's digits come from that.
func (w *widener) disk(p geom.XY) []geom.XY {
	out := make([]geom.XY, 0, w.circle)
	angle, step := 0.0, 2*math.Pi/float64(w.circle)
	for range w.circle {
		out = append(out, w.at(p, angle))
		angle -= step
	}
	return out
}

// arc is what lies between two places on the circle around p, clockwise and without them, in steps of one angle.
func (w *widener) arc(out []geom.XY, p, from, to geom.XY) []geom.XY {
	a, b := math.Atan2(from.Y-p.Y, from.X-p.X), math.Atan2(to.Y-p.Y, to.X-p.X)
	for b > a {
		b -= 2 * math.Pi
	}
	n := max(math.Ceil(float64(w.circle)*(a-b)/(2*math.Pi)), 1)
	step := (a - b) / n
	for angle := a - step; n > 1; n-- {
		out = append(out, w.at(p, angle))
		angle -= step
	}
	return out
}

// end is the half circle around the end p of a path that comes from before.
func (w *widener) end(before, p geom.XY) []geom.XY {
	out := []geom.XY{p, w.side(p, before, p, 1)}
	angle, step := math.Atan2(before.Y-p.Y, before.X-p.X)-math.Pi/2, 2*math.Pi/float64(w.circle)
	for range w.circle/2 - 1 {
		angle -= step
		out = append(out, w.at(p, angle))
	}
	return append(out, w.side(p, before, p, -1))
}

// side is the place at the distance to the left of a path that runs from a to b, as seen from p; to the right with -1.
func (w *widener) side(p, a, b geom.XY, sign float64) geom.XY {
	d := b.Sub(a)
	length := math.Hypot(d.X, d.Y)
	return geom.XY{X: p.X + sign*w.distance*-d.Y/length, Y: p.Y + sign*w.distance*d.X/length}
}

// path makes the pieces of a linestring.
func (w *widener) path(g *Geometry) error {
	p := bends(g, false)
	if len(p) < 2 {
		return w.add(w.disk(place(g, 0)))
	}
	n := len(p) - 1
	for i := range n {
		a, b := p[i], p[i+1]
		box := []geom.XY{a, w.side(a, a, b, 1), w.side(b, a, b, 1), b, w.side(b, a, b, -1), w.side(a, a, b, -1)}
		if err := w.add(box); err != nil {
			return err
		}
		if i > 0 {
			if err := w.turn(p[i-1], a, b, false); err != nil {
				return err
			}
		}
	}
	if err := w.add(w.end(p[n-1], p[n])); err != nil {
		return err
	}
	return w.add(w.end(p[1], p[0]))
}

// turn makes the sector at b, on the side from which a path turns away there; with left on that side alone.
func (w *widener) turn(a, b, c geom.XY, left bool) error {
	cross := b.Sub(a).Cross(c.Sub(b))
	from, to := w.side(b, a, b, 1), w.side(b, b, c, 1)
	if cross > 0 {
		if left {
			return nil
		}
		from, to = w.side(b, b, c, -1), w.side(b, a, b, -1)
	}
	if from == to {
		return nil
	}
	return w.add(append(w.arc([]geom.XY{b, from}, b, from, to), to))
}

// ring makes the pieces of a ring on the side that is outside it, or inside.
func (w *widener) ring(g *Geometry, inside bool) error {
	p := bends(g, true)
	if (g.ringArea() > 0) != inside { // what lies to the left is wanted
		for i, j := 0, len(p)-1; i < j; i, j = i+1, j-1 {
			p[i], p[j] = p[j], p[i]
		}
	}
	n := len(p)
	for i := range n {
		a, b, c := p[i], p[(i+1)%n], p[(i+2)%n]
		if err := w.add([]geom.XY{a, w.side(a, a, b, 1), w.side(b, a, b, 1), b}); err != nil {
			return err
		}
		if err := w.turn(a, b, c, true); err != nil {
			return err
		}
	}
	return nil
}

func place(g *Geometry, i int) geom.XY {
	x, y := g.XY(i)
	return geom.XY{X: x, Y: y}
}

// bends are the points of a path where it does not go straight on; a ring has none twice.
func bends(g *Geometry, ring bool) []geom.XY {
	n := g.Count()
	out := make([]geom.XY, 0, n)
	for i := range n {
		p := place(g, i)
		if k := len(out); k > 0 && out[k-1] == p {
			continue
		}
		for k := len(out); k > 1 && straight(out[k-2], out[k-1], p); k-- {
			out = out[:k-1]
		}
		out = append(out, p)
	}
	if !ring {
		return out
	}
	out = out[:len(out)-1]
	for n := len(out); n > 3 && straight(out[n-1], out[0], out[1]); n-- {
		out = out[1:]
	}
	return out
}

// straight says that b lies on the way from a to c.
func straight(a, b, c geom.XY) bool {
	u, v := b.Sub(a), c.Sub(b)
	return u.Cross(v) == 0 && u.Dot(v) > 0
}
