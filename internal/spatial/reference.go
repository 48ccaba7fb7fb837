package spatial

import "github.com/redshiftsim/redshiftsim/internal/sqlstate"

// WGS84 is the spatial reference of a GEOGRAPHY for which none is given, and of GeoJSON.
// https://docs.aws.amazon.com/redshift/latest/dg/geospatial-overview.html
const WGS84 = 4326

// ellipsoid is a half axis in meters and how often the flattening goes into 1.
type ellipsoid struct{ a, rf float64 }

// The ellipsoids of EPSG's geographic references below.
var (
	wgs84Ellipsoid = ellipsoid{6378137, 298.257223563}
	wgs72          = ellipsoid{6378135, 298.26}
	grs80          = ellipsoid{6378137, 298.257222101}
	bessel1841     = ellipsoid{6377397.155, 299.1528128}
	intl1924       = ellipsoid{6378388, 297}
	airy1830       = ellipsoid{6377563.396, 299.3249646}
	krassowsky     = ellipsoid{6378245, 298.3}
	ans66          = ellipsoid{6378160, 298.25}
)

// references are the geographic spatial references that a GEOGRAPHY may have here: https://epsg.org
var references = map[int32]ellipsoid{
	4326: wgs84Ellipsoid, 4979: wgs84Ellipsoid, 4322: wgs72, 4324: wgs72,
	4258: grs80, 4269: grs80, 4152: grs80, 4617: grs80, 4283: grs80, 7844: grs80, 4171: grs80, 4167: grs80, 4612: grs80, 6668: grs80, 4674: grs80, 6318: grs80,
	4314: bessel1841, 4312: bessel1841, 4301: bessel1841,
	4230: intl1924, 4265: intl1924, 4277: airy1830, 4284: krassowsky, 4178: krassowsky, 4202: ans66, 4618: ans66,
}

// Geography makes a geometry one of degrees on a spheroid: the reference is WGS84 where none is given. Errors: 0A000 for a reference that is not
// among those that are known here.
// https://docs.aws.amazon.com/redshift/latest/dg/geospatial-overview.html
func (g *Geometry) Geography(given bool) error {
	if !given {
		g.setSRID(WGS84)
	}
	_, err := spheroid(g.SRID)
	return err
}

func spheroid(srid int32) (ellipsoid, error) {
	e, ok := references[srid]
	if !ok {
		return e, sqlstate.FeatureNotSupported.Errorf("geographies with SRID %d are not supported", srid).WithHint("4326 is WGS 84.")
	}
	return e, nil
}

// Read makes the value of a GEOMETRY or GEOGRAPHY of text: WKB or EWKB in hexadecimal digits, WKT or EWKT.
// https://docs.aws.amazon.com/redshift/latest/dg/copy-usage_notes-spatial-data.html
func Read(s string, geography bool) (string, error) {
	var g Geometry
	var given bool
	var err error
	if len(s) > 1 && s[0] == '0' {
		g, given, err = ParseHexWKB(s)
	} else {
		g, given, err = ParseEWKT(s)
	}
	if err == nil && geography {
		err = g.Geography(given)
	}
	if err != nil {
		return "", err
	}
	b, err := Append(nil, &g, true)
	return string(b), err
}

// ToGeography makes the value of a GEOGRAPHY of that of a GEOMETRY: the same coordinates, with WGS84 where the geometry has no reference.
// https://docs.aws.amazon.com/redshift/latest/dg/geospatial-overview.html
func ToGeography(v string, d *Decoder) (string, error) {
	if srid := SRIDOf(v); srid != 0 {
		_, err := spheroid(srid)
		return v, err
	}
	g := d.Decode(v)
	g.SRID = WGS84
	b, err := Append(nil, &g, HasBox(v))
	return string(b), err
}
