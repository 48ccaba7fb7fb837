package spatial

import (
	"encoding/binary"
	"math"
)

// The bits of a head; the lowest three are the subtype.
const (
	kindBits = 7
	zBit     = 1 << 3
	mBit     = 1 << 4
	sridBit  = 1 << 5
	boxBit   = 1 << 6
	boxBytes = 4 * 8
)

// word reads four bytes of a value.
func word(v string, at int) uint32 {
	_ = v[at+3]
	return uint32(v[at]) | uint32(v[at+1])<<8 | uint32(v[at+2])<<16 | uint32(v[at+3])<<24
}

// number reads eight.
func number(v string, at int) float64 {
	return math.Float64frombits(uint64(word(v, at)) | uint64(word(v, at+4))<<32)
}

// KindOf reads a value's subtype.
func KindOf(v string) Kind { return Kind(v[0] & kindBits) }

// DimsOf says whether a value has z and m coordinates.
func DimsOf(v string) (z, m bool) { return v[0]&zBit != 0, v[0]&mBit != 0 }

// SRIDOf reads a value's spatial reference; 0 = none.
func SRIDOf(v string) int32 {
	if v[0]&sridBit == 0 {
		return 0
	}
	return int32(word(v, 4))
}

// HasBox says that a value is stored with its bounding box.
// https://docs.aws.amazon.com/redshift/latest/dg/SupportsBBox-function.html
func HasBox(v string) bool { return v[0]&boxBit != 0 }

// frame is where the box and the body of a value begin; the same where no box lies.
func frame(v string) (box, body int) {
	box = 4
	if v[0]&sridBit != 0 {
		box += 4
	}
	body = box
	if v[0]&boxBit != 0 && KindOf(v) != Point {
		body += boxBytes
	}
	return box, body
}

// Coordinate reads a coordinate of a point in place: 0 x, 1 y, 2 z, 3 m. Not ok: the point is empty or has no such coordinate.
func Coordinate(v string, axis int) (c float64, ok bool) {
	z, m := DimsOf(v)
	switch axis {
	case 2:
		if !z {
			return 0, false
		}
	case 3:
		if !m {
			return 0, false
		}
		if axis = 2; z {
			axis = 3
		}
	}
	_, at := frame(v)
	c = number(v, at+8*axis)
	return c, !math.IsNaN(number(v, at))
}

// Box is a bounding box in the plane; that of nothing has MinX above MaxX.
type Box struct{ MinX, MinY, MaxX, MaxY float64 }

// emptyBox is the box of no points.
var emptyBox = Box{math.Inf(1), math.Inf(1), math.Inf(-1), math.Inf(-1)}

// IsEmpty says that a box is that of no points.
func (b Box) IsEmpty() bool { return b.MinX > b.MaxX }

// Meets says that two boxes have a point in common.
func (b Box) Meets(o Box) bool {
	return b.MinX <= o.MaxX && o.MinX <= b.MaxX && b.MinY <= o.MaxY && o.MinY <= b.MaxY
}

// Holds says that every point of the other box is one of this.
func (b Box) Holds(o Box) bool {
	return b.MinX <= o.MinX && o.MaxX <= b.MaxX && b.MinY <= o.MinY && o.MaxY <= b.MaxY
}

// Distance is the least distance of points of two boxes; that from an empty one is infinite.
func (b Box) Distance(o Box) float64 {
	if b.IsEmpty() || o.IsEmpty() {
		return math.Inf(1)
	}
	return math.Hypot(max(0, b.MinX-o.MaxX, o.MinX-b.MaxX), max(0, b.MinY-o.MaxY, o.MinY-b.MaxY))
}

// grow makes a box hold a point.
func (b *Box) grow(x, y float64) {
	b.MinX, b.MaxX = min(b.MinX, x), max(b.MaxX, x)
	b.MinY, b.MaxY = min(b.MinY, y), max(b.MaxY, y)
}

// BoxOf is a value's bounding box: read, or computed where none is stored.
// https://docs.aws.amazon.com/redshift/latest/dg/spatial-terminology.html#spatial-terminology-bounding-box
func BoxOf(v string, d *Decoder) Box {
	at, body := frame(v)
	if KindOf(v) == Point {
		b := emptyBox
		if x, y := number(v, body), number(v, body+8); !math.IsNaN(x) {
			b.grow(x, y)
		}
		return b
	}
	if body > at {
		return Box{number(v, at), number(v, at+8), number(v, at+16), number(v, at+24)}
	}
	g := d.Decode(v)
	return g.Box()
}

// Box computes a geometry's bounding box.
func (g *Geometry) Box() Box {
	b := emptyBox
	g.EachPath(func(p *Geometry) {
		for i := range p.Count() {
			b.grow(p.XY(i))
		}
	})
	return b
}

// WithBox gives a value stored with its bounding box, or without.
// https://docs.aws.amazon.com/redshift/latest/dg/AddBBox-function.html
func WithBox(v string, box bool, d *Decoder) (string, error) {
	if HasBox(v) == box {
		return v, nil
	}
	g := d.Decode(v)
	b, err := Append(nil, &g, box)
	return string(b), err
}

// Append writes the value of a geometry, with its bounding box or without. The error is that of a value beyond MaxBytes.
func Append(dst []byte, g *Geometry, box bool) ([]byte, error) {
	start := len(dst)
	h := g.head()
	if g.SRID != 0 {
		h |= sridBit
	}
	if box {
		h |= boxBit
	}
	dst = binary.LittleEndian.AppendUint32(dst, h)
	if g.SRID != 0 {
		dst = binary.LittleEndian.AppendUint32(dst, uint32(g.SRID))
	}
	if box && g.Kind != Point {
		b := g.Box()
		dst = appendNumbers(dst, []float64{b.MinX, b.MinY, b.MaxX, b.MaxY})
	}
	dst = g.appendBody(dst)
	if n := len(dst) - start; n > MaxBytes {
		return nil, tooLarge(n)
	}
	return dst, nil
}

// Size is the number of bytes of a geometry's value with its bounding box.
// https://docs.aws.amazon.com/redshift/latest/dg/ST_MemSize-function.html
func Size(g *Geometry) int {
	n := 4 + g.bodySize()
	if g.SRID != 0 {
		n += 4
	}
	if g.Kind != Point {
		n += boxBytes
	}
	return n
}

// bodySize is the number of bytes that appendBody writes.
func (g *Geometry) bodySize() int {
	switch g.Kind {
	case Point:
		return 8 * g.Stride()
	case LineString:
		return 4 + 8*len(g.Points)
	}
	n := 4
	for i := range g.Parts {
		if g.Kind != Polygon {
			n += 4
		}
		n += g.Parts[i].bodySize()
	}
	return n
}

func (g *Geometry) head() uint32 {
	h := uint32(g.Kind)
	if g.Z {
		h |= zBit
	}
	if g.M {
		h |= mBit
	}
	return h
}

func appendNumbers(dst []byte, f []float64) []byte {
	for _, x := range f {
		dst = binary.LittleEndian.AppendUint64(dst, math.Float64bits(x))
	}
	return dst
}

// empties are the coordinates of the empty point.
var empties = []float64{math.NaN(), math.NaN(), math.NaN(), math.NaN()}

func (g *Geometry) appendBody(dst []byte) []byte {
	switch g.Kind {
	case Point:
		if len(g.Points) == 0 {
			return appendNumbers(dst, empties[:g.Stride()])
		}
		return appendNumbers(dst, g.Points)
	case LineString:
		return appendNumbers(binary.LittleEndian.AppendUint32(dst, uint32(g.Count())), g.Points)
	}
	dst = binary.LittleEndian.AppendUint32(dst, uint32(len(g.Parts)))
	for i := range g.Parts {
		if g.Kind != Polygon {
			dst = binary.LittleEndian.AppendUint32(dst, g.Parts[i].head())
		}
		dst = g.Parts[i].appendBody(dst)
	}
	return dst
}

// Decoder takes values apart in room that it keeps: a Geometry of it is good until its next Decode.
type Decoder struct {
	points []float64
	parts  []Geometry
}

// Decode takes a value apart.
func (d *Decoder) Decode(v string) Geometry {
	d.points, d.parts = d.points[:0], d.parts[:0]
	_, at := frame(v)
	g := Geometry{Kind: KindOf(v), SRID: SRIDOf(v)}
	g.Z, g.M = DimsOf(v)
	d.body(&g, v, at)
	return g
}

func (d *Decoder) body(g *Geometry, v string, at int) int {
	switch g.Kind {
	case Point:
		at = d.run(g, v, at, 1)
		if math.IsNaN(g.Points[0]) {
			g.Points = nil
		}
		return at
	case LineString:
		return d.run(g, v, at+4, int(word(v, at)))
	}
	n := int(word(v, at))
	at += 4
	k := len(d.parts)
	for range n {
		d.parts = append(d.parts, Geometry{})
	}
	g.Parts = d.parts[k : k+n : k+n]
	for i := range g.Parts {
		kind := LineString
		if g.Kind != Polygon {
			kind = Kind(v[at] & kindBits)
			at += 4
		}
		g.Parts[i] = g.like(kind)
		at = d.body(&g.Parts[i], v, at)
	}
	return at
}

// run reads the coordinates of n points.
func (d *Decoder) run(g *Geometry, v string, at, n int) int {
	n *= g.Stride()
	k := len(d.points)
	for i := range n {
		d.points = append(d.points, number(v, at+8*i))
	}
	g.Points = d.points[k : k+n : k+n]
	return at + 8*n
}
