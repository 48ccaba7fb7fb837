package spatial

import (
	"strconv"
	"strings"
)

// ParseWKT reads well-known text; words in any case, dimensions said as POINT Z or POINTZ.
// https://docs.aws.amazon.com/redshift/latest/dg/ST_GeomFromText-function.html
func ParseWKT(s string) (Geometry, error) {
	p := wktParser{s: s}
	g, err := p.geometry(0)
	if err == nil && !p.end() {
		err = p.unexpected()
	}
	return g, err
}

// ParseEWKT reads well-known text that may begin with SRID=n;. srid tells whether it does.
// https://docs.aws.amazon.com/redshift/latest/dg/ST_GeomFromEWKT-function.html
func ParseEWKT(s string) (g Geometry, srid bool, err error) {
	rest := strings.TrimLeft(s, " \t\r\n")
	id := int64(0)
	if len(rest) > 5 && strings.EqualFold(rest[:5], "SRID=") {
		number, text, ok := strings.Cut(rest[5:], ";")
		id, err = strconv.ParseInt(strings.TrimSpace(number), 10, 32)
		if !ok || err != nil {
			return g, false, invalid("invalid EWKT: SRID=%s", number)
		}
		if err := checkSRID(id); err != nil {
			return g, false, err
		}
		s, srid = text, true
	}
	if g, err = ParseWKT(s); err != nil {
		return g, false, err
	}
	g.setSRID(int32(id))
	return g, srid, nil
}

type wktParser struct {
	s  string
	at int
}

func (p *wktParser) space() {
	for p.at < len(p.s) && strings.IndexByte(" \t\r\n", p.s[p.at]) >= 0 {
		p.at++
	}
}

func (p *wktParser) end() bool {
	p.space()
	return p.at == len(p.s)
}

func (p *wktParser) unexpected() error {
	if p.end() {
		return invalid("invalid WKT: it ends early")
	}
	rest := p.s[p.at:]
	if len(rest) > 20 {
		rest = strings.ToValidUTF8(rest[:20], "") + "..."
	}
	return invalid("invalid WKT: unexpected \"%s\" at character %d", rest, p.at+1)
}

// take passes over a character.
func (p *wktParser) take(c byte) bool {
	p.space()
	if p.at < len(p.s) && p.s[p.at] == c {
		p.at++
		return true
	}
	return false
}

// word reads letters; they are not passed over.
func (p *wktParser) word() string {
	p.space()
	end := p.at
	for end < len(p.s) && (p.s[end]|0x20 >= 'a' && p.s[end]|0x20 <= 'z') {
		end++
	}
	return p.s[p.at:end]
}

// empty passes over EMPTY.
func (p *wktParser) empty() bool {
	if w := p.word(); strings.EqualFold(w, "EMPTY") {
		p.at += len(w)
		return true
	}
	return false
}

// dims reads what stands for dimensions.
func dims(w string) (z, m, ok bool) {
	switch strings.ToUpper(w) {
	case "":
		return false, false, true
	case "Z":
		return true, false, true
	case "M":
		return false, true, true
	case "ZM":
		return true, true, true
	}
	return false, false, false
}

func (p *wktParser) geometry(depth int) (g Geometry, err error) {
	if depth > maxDepth {
		return g, invalid("invalid WKT: collections lie deeper than %d levels", maxDepth)
	}
	w := strings.ToUpper(p.word())
	var ok bool
	for k := Point; k <= Collection; k++ {
		if rest, found := strings.CutPrefix(w, upperNames[k]); found {
			if g.Z, g.M, ok = dims(rest); ok {
				g.Kind = k
			}
		}
	}
	if g.Kind == 0 {
		return g, p.unexpected()
	}
	p.at += len(w)
	if len(w) == len(upperNames[g.Kind]) {
		if next := p.word(); next != "" {
			if z, m, ok := dims(next); ok {
				g.Z, g.M = z, m
				p.at += len(next)
			}
		}
	}
	return g, p.body(&g, depth)
}

// body reads what follows the word of a subtype: EMPTY or a list in parentheses.
func (p *wktParser) body(g *Geometry, depth int) error {
	if p.empty() {
		return nil
	}
	if !p.take('(') {
		return p.unexpected()
	}
	for {
		if err := p.element(g, depth); err != nil {
			return err
		}
		if g.Kind != Point && p.take(',') {
			continue
		}
		if !p.take(')') {
			return p.unexpected()
		}
		return nil
	}
}

// element reads one element of the list.
func (p *wktParser) element(g *Geometry, depth int) error {
	switch g.Kind {
	case Point, LineString:
		return p.point(g)
	case Collection:
		m, err := p.geometry(depth + 1)
		if err == nil && (m.Z != g.Z || m.M != g.M) {
			err = invalid("invalid WKT: members of different dimensions")
		}
		g.Parts = append(g.Parts, m)
		return err
	}
	kind := LineString
	if g.Kind != Polygon {
		kind = g.Kind.member()
	}
	g.Parts = append(g.Parts, g.like(kind))
	part := &g.Parts[len(g.Parts)-1]
	p.space()
	if kind == Point && p.word() == "" && !strings.HasPrefix(p.s[p.at:], "(") { // MULTIPOINT(1 2,3 4)
		return p.point(part)
	}
	return p.body(part, depth)
}

// point reads the coordinates of a point.
func (p *wktParser) point(g *Geometry) error {
	for range g.Stride() {
		p.space()
		end := p.at
		for end < len(p.s) && strings.IndexByte("+-.0123456789eE", p.s[end]) >= 0 {
			end++
		}
		f, err := strconv.ParseFloat(p.s[p.at:end], 64)
		if err != nil {
			return p.unexpected()
		}
		p.at = end
		g.Points = append(g.Points, f)
	}
	return nil
}

// AppendWKT writes well-known text with so many digits a coordinate, Z, M or ZM behind the subtypes.
// https://docs.aws.amazon.com/redshift/latest/dg/ST_AsText-function.html
func AppendWKT(dst []byte, g *Geometry, digits int) []byte {
	dst = append(dst, g.Kind.Upper()...)
	switch {
	case g.Z && g.M:
		dst = append(dst, " ZM "...)
	case g.Z:
		dst = append(dst, " Z "...)
	case g.M:
		dst = append(dst, " M "...)
	}
	if len(g.Points) == 0 && len(g.Parts) == 0 && !g.Z && !g.M {
		dst = append(dst, ' ')
	}
	return appendWKTBody(dst, g, digits)
}

// AppendEWKT writes well-known text behind the spatial reference, if there is one.
// https://docs.aws.amazon.com/redshift/latest/dg/ST_AsEWKT-function.html
func AppendEWKT(dst []byte, g *Geometry, digits int) []byte {
	if g.SRID != 0 {
		dst = append(strconv.AppendInt(append(dst, "SRID="...), int64(g.SRID), 10), ';')
	}
	return AppendWKT(dst, g, digits)
}

func appendWKTBody(dst []byte, g *Geometry, digits int) []byte {
	if len(g.Points) == 0 && len(g.Parts) == 0 {
		return append(dst, "EMPTY"...)
	}
	dst = append(dst, '(')
	s := g.Stride()
	for i, c := range g.Points {
		switch {
		case i > 0 && i%s == 0:
			dst = append(dst, ',')
		case i > 0:
			dst = append(dst, ' ')
		}
		dst = appendCoordinate(dst, c, digits)
	}
	for i := range g.Parts {
		if i > 0 {
			dst = append(dst, ',')
		}
		if g.Kind == Collection {
			dst = AppendWKT(dst, &g.Parts[i], digits)
		} else {
			dst = appendWKTBody(dst, &g.Parts[i], digits)
		}
	}
	return append(dst, ')')
}

// appendCoordinate writes a number with so many significant digits.
func appendCoordinate(dst []byte, c float64, digits int) []byte {
	return strconv.AppendFloat(dst, c, 'g', digits, 64)
}
