package spatial

import (
	"encoding/binary"
	"encoding/hex"
	"math"
)

// The bits of an EWKB type, and what WKB adds to a type for dimensions.
const (
	ewkbZ    = 0x80000000
	ewkbM    = 0x40000000
	ewkbSRID = 0x20000000
	isoZ     = 1000
	isoM     = 2000
)

// ParseWKB reads WKB or EWKB of either byte order; types may say z and m as WKB does or as EWKB does. srid tells whether a reference was given.
// https://docs.aws.amazon.com/redshift/latest/dg/ST_GeomFromEWKB-function.html
func ParseWKB(b []byte) (g Geometry, srid bool, err error) {
	p := wkbParser{b: b}
	g, err = p.geometry(0)
	if err == nil && len(p.b) > 0 {
		err = invalid("invalid WKB: %d bytes follow the geometry", len(p.b))
	}
	if err != nil {
		return Geometry{}, false, err
	}
	g.setSRID(p.srid)
	return g, p.given, nil
}

// ParseHexWKB reads the hexadecimal form of WKB or EWKB.
func ParseHexWKB(s string) (g Geometry, srid bool, err error) {
	b, err := hex.DecodeString(s)
	if err != nil {
		return Geometry{}, false, invalid("invalid WKB: not hexadecimal")
	}
	return ParseWKB(b)
}

type wkbParser struct {
	b     []byte
	order binary.ByteOrder
	srid  int32
	given bool
}

var errShortWKB = invalid("invalid WKB: it ends early")

func (p *wkbParser) word() (uint32, error) {
	if len(p.b) < 4 {
		return 0, errShortWKB
	}
	v := p.order.Uint32(p.b)
	p.b = p.b[4:]
	return v, nil
}

// count reads a number of things of at least size bytes each.
func (p *wkbParser) count(size int) (int, error) {
	n, err := p.word()
	if err == nil && int64(n)*int64(size) > int64(len(p.b)) {
		err = errShortWKB
	}
	return int(n), err
}

func (p *wkbParser) geometry(depth int) (g Geometry, err error) {
	if depth > maxDepth {
		return g, invalid("invalid WKB: collections lie deeper than %d levels", maxDepth)
	}
	if len(p.b) < 1 {
		return g, errShortWKB
	}
	switch p.b[0] {
	case 0:
		p.order = binary.BigEndian
	case 1:
		p.order = binary.LittleEndian
	default:
		return g, invalid("invalid WKB: byte order %d", p.b[0])
	}
	p.b = p.b[1:]
	t, err := p.word()
	if err != nil {
		return g, err
	}
	if t&ewkbSRID != 0 {
		if err := p.reference(depth); err != nil {
			return g, err
		}
	}
	g.Z, g.M = t&ewkbZ != 0, t&ewkbM != 0
	t &^= ewkbZ | ewkbM | ewkbSRID
	switch {
	case t >= isoZ+isoM:
		g.Z, g.M, t = true, true, t-isoZ-isoM
	case t >= isoM:
		g.M, t = true, t-isoM
	case t >= isoZ:
		g.Z, t = true, t-isoZ
	}
	if t < uint32(Point) || t > uint32(Collection) {
		return g, invalid("invalid WKB: geometry type %d", t)
	}
	g.Kind = Kind(t)
	return g, p.body(&g, depth)
}

func (p *wkbParser) reference(depth int) error {
	v, err := p.word()
	if err != nil {
		return err
	}
	if err := checkSRID(int64(int32(v))); err != nil {
		return err
	}
	if depth > 0 && int32(v) != p.srid {
		return invalid("invalid WKB: members with different SRIDs")
	}
	p.srid, p.given = int32(v), true
	return nil
}

func (p *wkbParser) body(g *Geometry, depth int) error {
	switch g.Kind {
	case Point:
		if err := p.points(g, 1); err != nil {
			return err
		}
		if math.IsNaN(g.Points[0]) && math.IsNaN(g.Points[1]) {
			g.Points = nil
		}
		return g.Finite()
	case LineString:
		n, err := p.count(8 * g.Stride())
		if err == nil {
			err = p.points(g, n)
		}
		if err == nil {
			err = g.Finite()
		}
		return err
	case Polygon:
		n, err := p.count(4)
		if err != nil {
			return err
		}
		g.Parts = make([]Geometry, n)
		for i := range g.Parts {
			g.Parts[i] = g.like(LineString)
			if err := p.body(&g.Parts[i], depth); err != nil {
				return err
			}
		}
		return nil
	}
	n, err := p.count(9)
	if err != nil {
		return err
	}
	for range n {
		m, err := p.geometry(depth + 1)
		if err != nil {
			return err
		}
		if want := g.Kind.member(); want != 0 && m.Kind != want {
			return invalid("invalid WKB: a %s in a %s", m.Kind.Upper(), g.Kind.Upper())
		}
		if m.Z != g.Z || m.M != g.M {
			return invalid("invalid WKB: members of different dimensions")
		}
		g.Parts = append(g.Parts, m)
	}
	return nil
}

// Finite refuses coordinates that are no numbers.
func (g *Geometry) Finite() error {
	for _, x := range g.Points {
		if math.IsNaN(x) || math.IsInf(x, 0) {
			return invalid("coordinates must be finite numbers")
		}
	}
	for i := range g.Parts {
		if err := g.Parts[i].Finite(); err != nil {
			return err
		}
	}
	return nil
}

func (p *wkbParser) points(g *Geometry, n int) error {
	n *= g.Stride()
	if len(p.b) < 8*n {
		return errShortWKB
	}
	g.Points = make([]float64, n)
	for i := range g.Points {
		g.Points[i] = math.Float64frombits(p.order.Uint64(p.b[8*i:]))
	}
	p.b = p.b[8*n:]
	return nil
}

// AppendWKB writes the WKB of a value, or its EWKB with the spatial reference where it has one: little endian, types numbered as the Open Geospatial
// Consortium does.
// https://docs.aws.amazon.com/redshift/latest/dg/ST_AsEWKB-function.html
func AppendWKB(dst []byte, v string, extended bool) []byte {
	_, at := frame(v)
	dst = append(dst, 1)
	srid := SRIDOf(v)
	if !extended {
		srid = 0
	}
	z, m := DimsOf(v)
	dst = appendWKBType(dst, KindOf(v), z, m, srid)
	dst, _ = appendWKBBody(dst, v, at, KindOf(v), stride(z, m))
	return dst
}

func appendWKBType(dst []byte, k Kind, z, m bool, srid int32) []byte {
	t := uint32(k)
	if z {
		t += isoZ
	}
	if m {
		t += isoM
	}
	if srid == 0 {
		return binary.LittleEndian.AppendUint32(dst, t)
	}
	return binary.LittleEndian.AppendUint32(binary.LittleEndian.AppendUint32(dst, t|ewkbSRID), uint32(srid))
}

// appendWKBBody copies a body: what lies in a value is WKB but for the byte orders and types of members.
func appendWKBBody(dst []byte, v string, at int, k Kind, stride int) ([]byte, int) {
	end := at
	switch k {
	case Point:
		end += 8 * stride
	case LineString:
		end += 4 + int(word(v, at))*8*stride
	case Polygon:
		end += 4
		for range word(v, at) {
			end += 4 + int(word(v, end))*8*stride
		}
	default:
		dst = append(dst, v[at:at+4]...)
		end += 4
		for range word(v, at) {
			h := v[end]
			dst = append(dst, 1)
			dst = appendWKBType(dst, Kind(h&kindBits), h&zBit != 0, h&mBit != 0, 0)
			dst, end = appendWKBBody(dst, v, end+4, Kind(h&kindBits), stride)
		}
		return dst, end
	}
	return append(dst, v[at:end]...), end
}

const upperHex = "0123456789ABCDEF"

// AppendHex writes bytes as upper-case hexadecimal digits.
func AppendHex(dst, b []byte) []byte {
	for _, c := range b {
		dst = append(dst, upperHex[c>>4], upperHex[c&15])
	}
	return dst
}

// AppendHexWKB writes AppendWKB's bytes in hexadecimal digits. The hexadecimal EWKB is how a GEOMETRY prints.
// https://docs.aws.amazon.com/redshift/latest/dg/ST_AsHexEWKB-function.html
func AppendHexWKB(dst []byte, v string, extended bool) []byte {
	start := len(dst)
	dst = AppendWKB(dst, v, extended)
	n := len(dst) - start
	dst = append(dst, make([]byte, n)...)
	for i := n - 1; i >= 0; i-- { // from behind, each byte's digits lie at or behind it
		c := dst[start+i]
		dst[start+2*i], dst[start+2*i+1] = upperHex[c>>4], upperHex[c&15]
	}
	return dst
}
