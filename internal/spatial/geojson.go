package spatial

import (
	"encoding/json"
)

// ParseGeoJSON reads a GeoJSON geometry. Where one position has three or more coordinates all get a z, 0 where it is missing; the reference is 4326.
// https://docs.aws.amazon.com/redshift/latest/dg/ST_GeomFromGeoJSON-function.html
func ParseGeoJSON(s string) (Geometry, error) {
	g, deep, err := geoJSON([]byte(s), 0)
	if err != nil {
		return Geometry{}, err
	}
	if !deep {
		g = g.Force(false, false)
	}
	g.setSRID(WGS84)
	return g, nil
}

// geoJSON reads a geometry with z coordinates; deep tells whether any was given.
func geoJSON(b []byte, depth int) (g Geometry, deep bool, err error) {
	var o struct {
		Type        string
		Coordinates any
		Geometries  []json.RawMessage
	}
	if depth > maxDepth {
		return g, false, invalid("invalid GeoJSON: collections lie deeper than %d levels", maxDepth)
	}
	if err := json.Unmarshal(b, &o); err != nil {
		return g, false, invalid("invalid GeoJSON: %s", err)
	}
	for k := Point; k <= Collection; k++ {
		if kindNames[k] == o.Type {
			g = Geometry{Kind: k, Z: true}
		}
	}
	switch g.Kind {
	case 0:
		return g, false, invalid("invalid GeoJSON: type \"%s\" is no geometry", o.Type)
	case Collection:
		for _, m := range o.Geometries {
			part, d, err := geoJSON(m, depth+1)
			if err != nil {
				return g, false, err
			}
			deep = deep || d
			g.Parts = append(g.Parts, part)
		}
		return g, deep, nil
	}
	list, ok := o.Coordinates.([]any)
	if !ok {
		return g, false, errCoordinates
	}
	if g.Kind == Point {
		if len(list) == 0 {
			return g, false, nil
		}
		deep, err = g.position(list)
		return g, deep, err
	}
	deep, err = g.positions(list)
	return g, deep, err
}

var errCoordinates = invalid("invalid GeoJSON: coordinates do not fit the type")

// positions reads the coordinates of any subtype but a point.
func (g *Geometry) positions(list []any) (deep bool, err error) {
	for _, e := range list {
		inner, ok := e.([]any)
		if !ok {
			return false, errCoordinates
		}
		var d bool
		if g.Kind == LineString {
			d, err = g.position(inner)
		} else {
			kind := LineString
			if g.Kind != Polygon {
				kind = g.Kind.member()
			}
			part := g.like(kind)
			switch {
			case kind != Point:
				d, err = part.positions(inner)
			case len(inner) > 0:
				d, err = part.position(inner)
			}
			g.Parts = append(g.Parts, part)
		}
		if err != nil {
			return false, err
		}
		deep = deep || d
	}
	return deep, nil
}

// position adds a point; coordinates behind the third are passed over.
func (g *Geometry) position(list []any) (deep bool, err error) {
	if len(list) < 2 {
		return false, errCoordinates
	}
	for i := range 3 {
		var c float64
		if i < len(list) {
			var ok bool
			if c, ok = list[i].(float64); !ok {
				return false, errCoordinates
			}
		}
		g.Points = append(g.Points, c)
	}
	return len(list) > 2, nil
}

// AppendGeoJSON writes GeoJSON with so many digits a coordinate; m coordinates are left out.
// https://docs.aws.amazon.com/redshift/latest/dg/ST_AsGeoJSON-function.html
func AppendGeoJSON(dst []byte, g *Geometry, digits int) []byte {
	dst = append(append(append(dst, `{"type":"`...), g.Kind.String()...), '"')
	if g.Kind != Collection {
		return append(g.appendCoordinates(append(dst, `,"coordinates":`...), digits), '}')
	}
	dst = append(dst, `,"geometries":[`...)
	for i := range g.Parts {
		if i > 0 {
			dst = append(dst, ',')
		}
		dst = AppendGeoJSON(dst, &g.Parts[i], digits)
	}
	return append(dst, "]}"...)
}

func (g *Geometry) appendCoordinates(dst []byte, digits int) []byte {
	if g.Kind == Point && len(g.Points) > 0 {
		return g.appendPosition(dst, 0, digits)
	}
	dst = append(dst, '[')
	for i := range g.Count() {
		if i > 0 {
			dst = append(dst, ',')
		}
		dst = g.appendPosition(dst, i, digits)
	}
	for i := range g.Parts {
		if i > 0 {
			dst = append(dst, ',')
		}
		dst = g.Parts[i].appendCoordinates(dst, digits)
	}
	return append(dst, ']')
}

func (g *Geometry) appendPosition(dst []byte, i, digits int) []byte {
	n := 2
	if g.Z {
		n = 3
	}
	for k, c := range g.At(i)[:n] {
		dst = append(dst, "[,"[min(k, 1)])
		dst = appendCoordinate(dst, c, digits)
	}
	return append(dst, ']')
}
