package spatial

import (
	"encoding/binary"
	"math"
	"regexp"
	"strconv"
	"strings"
)

// The kinds of shapes; 10 more have z, 20 more m.
const (
	nullShape    = 0
	pointShape   = 1
	lineShape    = 3
	polygonShape = 5
	pointsShape  = 8
)

// noMeasure is the largest number that stands for no measure in a shapefile.
const noMeasure = -1e38

// ParseShape reads the content of a record of a shapefile, little endian, whose spatial reference is srid; not ok: it is a null shape. Errors: 22023.
//
//	kind  box    parts  points  where each part begins   x y ..    range of z, z ..    range of m, m ..
//	4     4 x 8  4      4       4 each                   16 each   16, 8 each          16, 8 each; may be missing
//
// https://www.esri.com/content/dam/esrisites/sitecore-archive/Files/Pdfs/library/whitepapers/pdfs/shapefile.pdf
func ParseShape(b []byte, srid int32) (g Geometry, ok bool, err error) {
	s := shapeReader{b: b}
	kind := s.int()
	base := kind % 10
	g.Z, g.SRID = kind/10 == 1 && base != 0, srid
	if kind == nullShape {
		return g, false, s.err
	}
	if kind < 0 || kind > 28 || base != pointShape && base != lineShape && base != polygonShape && base != pointsShape {
		return g, false, invalid("shapes of type %d are not supported", kind)
	}
	if base == pointShape {
		s.points, s.starts = 1, []int{0}
	} else {
		s.skip(4 * 8)
		parts := 1
		if base != pointsShape {
			parts = s.int()
		}
		s.points = s.int()
		s.bounds(parts, base != pointsShape)
	}
	s.coordinates(&g, kind/10, base != pointShape)
	if s.err != nil {
		return g, false, s.err
	}
	return s.geometry(&g, base), true, nil
}

// shapeReader reads a shape; the first error stays.
type shapeReader struct {
	b      []byte
	points int
	starts []int // of parts, among the points
	flat   []float64
	err    error
}

var errShape = invalid("a shape ends before its coordinates do")

func (s *shapeReader) skip(n int) []byte {
	if s.err != nil || n < 0 || n > len(s.b) {
		s.err = errShape
		return nil
	}
	out := s.b[:n]
	s.b = s.b[n:]
	return out
}

func (s *shapeReader) int() int {
	if b := s.skip(4); b != nil {
		return int(int32(binary.LittleEndian.Uint32(b)))
	}
	return 0
}

// bounds reads where the parts begin.
func (s *shapeReader) bounds(parts int, listed bool) {
	if s.err != nil || parts < 0 || parts > len(s.b)/4+1 || s.points < 0 || s.points > len(s.b)/16 {
		s.err = errShape
		return
	}
	s.starts = make([]int, parts)
	for i := range s.starts {
		if listed {
			s.starts[i] = s.int()
		}
		if s.starts[i] < 0 || s.starts[i] > s.points || i > 0 && s.starts[i] < s.starts[i-1] || i == 0 && s.starts[i] != 0 {
			s.err = invalid("the parts of a shape are out of order")
		}
	}
	if parts == 0 && s.points > 0 {
		s.err = invalid("the parts of a shape are out of order")
	}
}

// coordinates reads the numbers of all points; level 1 has z, and may have m, level 2 has m. Measures that are all missing are left out.
func (s *shapeReader) coordinates(g *Geometry, level int, ranges bool) {
	axis := func(optional bool) []byte {
		n := 8 * s.points
		if ranges {
			n += 16
		}
		if optional && len(s.b) < n {
			return nil
		}
		b := s.skip(n)
		if b != nil && ranges {
			b = b[16:]
		}
		return b
	}
	xy := s.skip(16 * s.points)
	var z, m []byte
	if level == 1 {
		z = axis(false)
	}
	if level > 0 && s.err == nil {
		m = axis(true)
	}
	if s.err != nil {
		return
	}
	at := func(b []byte, i int) float64 { return math.Float64frombits(binary.LittleEndian.Uint64(b[8*i:])) }
	for i := 0; m != nil && i < s.points && !g.M; i++ {
		g.M = at(m, i) > noMeasure
	}
	s.flat = make([]float64, 0, s.points*g.Stride())
	for i := range s.points {
		s.flat = append(s.flat, at(xy, 2*i), at(xy, 2*i+1))
		if g.Z {
			s.flat = append(s.flat, at(z, i))
		}
		if g.M {
			s.flat = append(s.flat, at(m, i))
		}
	}
	for _, x := range s.flat {
		if math.IsNaN(x) || math.IsInf(x, 0) {
			s.err = invalid("a coordinate of a shape is not finite")
		}
	}
}

// geometry puts the parts together: of one a simple geometry, of more a MULTI one; of points always a MULTIPOINT.
func (s *shapeReader) geometry(g *Geometry, base int) Geometry {
	if base == pointShape {
		g.Kind, g.Points = Point, s.flat
		return *g
	}
	var parts []Geometry
	if base == pointsShape {
		g.Kind = MultiPoint
		for n := g.Stride(); len(s.flat) > 0; s.flat = s.flat[n:] {
			p := g.like(Point)
			p.Points = s.flat[:n:n]
			g.Parts = append(g.Parts, p)
		}
		return *g
	}
	for i, from := range s.starts {
		to := s.points
		if i+1 < len(s.starts) {
			to = s.starts[i+1]
		}
		p := g.like(LineString)
		if p.Points = s.flat[from*g.Stride() : to*g.Stride()]; len(p.Points) > 0 {
			parts = append(parts, p)
		}
	}
	g.Kind, g.Parts = MultiLineString, parts
	if base == polygonShape {
		g.Kind, g.Parts = MultiPolygon, g.polygons(parts)
	}
	switch len(g.Parts) {
	case 0:
		return g.like(g.Kind - MultiPoint + Point)
	case 1:
		return g.Parts[0]
	}
	return *g
}

// polygons deals rings to polygons: a ring that runs clockwise is a polygon's, another is a hole of the smallest one that holds it, or a polygon where
// none does.
func (g *Geometry) polygons(rings []Geometry) []Geometry {
	var out []Geometry
	add := func(r Geometry) {
		p := g.like(Polygon)
		p.Parts = []Geometry{r}
		out = append(out, p)
	}
	for _, r := range rings {
		if r.ringArea() <= 0 || len(rings) == 1 {
			add(r)
		}
	}
	outer := len(out)
	for _, r := range rings {
		if r.ringArea() <= 0 || len(rings) == 1 {
			continue
		}
		best, size := -1, math.Inf(1)
		for i := range outer {
			o := &out[i].Parts[0]
			if a := -o.ringArea(); a < size && o.holds(&r) {
				best, size = i, a
			}
		}
		if best < 0 {
			add(r)
			continue
		}
		out[best].Parts = append(out[best].Parts, r)
	}
	return out
}

// holds says that a ring lies in this one: its first point that is not on it is inside.
func (g *Geometry) holds(ring *Geometry) bool {
	for i := range ring.Count() {
		x, y := ring.XY(i)
		if on, odd := g.crossings(x, y); !on {
			return odd
		}
	}
	return true
}

var (
	authority = regexp.MustCompile(`AUTHORITY\s*\[\s*"EPSG"\s*,\s*"?(\d+)"?\s*\]\s*\]\s*$`)
	zoneName  = regexp.MustCompile(`^(WGS_?1984|WGS_?84|ETRS_?1989|ETRS89|NAD_?1983|NAD83)_UTM_ZONE_(\d+)([NS]?)$`)
	// namedReferences are the spatial references by their names in projection files, in capitals and with _ for what is neither letter nor digit.
	namedReferences = map[string]int32{
		"GCS_WGS_1984": 4326, "WGS_84": 4326, "WGS84": 4326, "GCS_NORTH_AMERICAN_1983": 4269, "NAD83": 4269, "GCS_ETRS_1989": 4258, "ETRS89": 4258,
		"WGS_1984_WEB_MERCATOR_AUXILIARY_SPHERE": 3857, "WGS_84_PSEUDO_MERCATOR": 3857,
	}
	noWord = regexp.MustCompile(`[^A-Z0-9]+`)
)

// SRIDOfProjection is the spatial reference that the text of a projection file (.prj) describes: the EPSG number that it gives, or that of its name; 0 = it
// is not known here.
// https://docs.aws.amazon.com/redshift/latest/dg/spatial-copy-shapefile.html
func SRIDOfProjection(text string) int32 {
	if m := authority.FindStringSubmatch(text); m != nil {
		n, _ := strconv.ParseInt(m[1], 10, 32) // digits; too many are 0
		return int32(n)
	}
	_, rest, _ := strings.Cut(text, `"`)
	name, _, _ := strings.Cut(rest, `"`)
	name = strings.Trim(noWord.ReplaceAllString(strings.ToUpper(name), "_"), "_")
	if n, ok := namedReferences[name]; ok {
		return n
	}
	m := zoneName.FindStringSubmatch(name)
	if m == nil {
		return 0
	}
	zone, _ := strconv.Atoi(m[2])
	first, last := 32600, 60 // WGS 84
	switch south := m[3] == "S"; {
	case m[1][0] == 'W' && south:
		first = 32700
	case m[1][0] == 'E' && !south:
		first, last = 25800, 38
	case m[1][0] == 'N' && !south:
		first, last = 26900, 23
	case south:
		return 0
	}
	if zone < 1 || zone > last || first == 25800 && zone < 28 {
		return 0
	}
	return int32(first + zone)
}
