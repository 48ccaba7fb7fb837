package spatial

import "math/bits"

// geohashDigits are the digits of a geohash, five bits each.
const geohashDigits = "0123456789bcdefghjkmnpqrstuvwxyz"

// halves is what is left of the world while longitude and latitude are halved in turn.
type halves struct {
	box Box
	lat bool
}

// world is the domain of geohashes and geosquares.
var world = Box{-180, -90, 180, 90}

// ends are the bounds that are halved next.
func (h *halves) ends() (lo, hi *float64) {
	if h.lat = !h.lat; h.lat {
		return &h.box.MinX, &h.box.MaxX
	}
	return &h.box.MinY, &h.box.MaxY
}

// AppendGeohash writes the geohash of a place with so many digits. Longitudes and latitudes beyond the world are refused.
// https://docs.aws.amazon.com/redshift/latest/dg/ST_GeoHash-function.html
func AppendGeohash(dst []byte, x, y float64, digits int) ([]byte, error) {
	if !world.Holds(Box{x, y, x, y}) {
		return nil, invalid("coordinates (%v %v) are out of range: longitudes are -180 to 180, latitudes -90 to 90", x, y)
	}
	h := halves{box: world}
	for range digits {
		d := 0
		for range 5 {
			c := x
			if h.lat {
				c = y
			}
			lo, hi := h.ends()
			mid := (*lo + *hi) / 2
			if d *= 2; c >= mid {
				d++
				*lo = mid
			} else {
				*hi = mid
			}
		}
		dst = append(dst, geohashDigits[d])
	}
	return dst, nil
}

// GeohashBox is the area of a geohash.
// https://docs.aws.amazon.com/redshift/latest/dg/ST_GeomFromGeoHash-function.html
func GeohashBox(s string) (Box, error) {
	h := halves{box: world}
	for i := range len(s) {
		d := -1
		for k := range len(geohashDigits) {
			if c := s[i]; geohashDigits[k] == c || c >= 'A' && c <= 'Z' && geohashDigits[k] == c|0x20 {
				d = k
			}
		}
		if d < 0 {
			return Box{}, invalid("invalid geohash \"%s\"", s)
		}
		for bit := 16; bit > 0; bit /= 2 {
			lo, hi := h.ends()
			mid := (*lo + *hi) / 2
			if d&bit != 0 {
				*lo = mid
			} else {
				*hi = mid
			}
		}
	}
	return h.box, nil
}

// MaxGeosquareDepth is how often the world can be divided.
const MaxGeosquareDepth = 32

// Geosquare is the square of a place after depth divisions: a 1, then the half of the world, then two bits for the quarter of each square: its lower
// half, its right half.
// https://docs.aws.amazon.com/redshift/latest/dg/ST_GeoSquare-function.html
func Geosquare(x, y float64, depth int) (int64, error) {
	if !world.Holds(Box{x, y, x, y}) {
		return 0, invalid("coordinates (%v %v) are out of range: longitudes are -180 to 180, latitudes -90 to 90", x, y)
	}
	n := uint64(1) << (depth - 1) // squares from pole to pole
	size := 180 / float64(n)
	col := min(uint64((x+180)/size), 2*n-1)
	row := n - 1 - min(uint64((y+90)/size), n-1)
	v := 2 | col>>(depth-1)
	for k := depth - 2; k >= 0; k-- {
		v = v<<2 | row>>k&1<<1 | col>>k&1
	}
	return int64(v), nil
}

// GeosquareBox is the area of a geosquare, divided depth times at most. The error is that of a number that is none.
// https://docs.aws.amazon.com/redshift/latest/dg/ST_GeomFromGeoSquare-function.html
func GeosquareBox(square int64, depth int) (Box, error) {
	v := uint64(square)
	n := bits.Len64(v)
	if n == 1 { // not divided
		return world, nil
	}
	if n == 0 || n%2 != 0 {
		return Box{}, invalid("invalid geosquare %d", square)
	}
	b := world
	v <<= 65 - n // behind the 1
	half := v >> 63
	v <<= 1
	if half == 1 {
		b.MinX = 0
	} else {
		b.MaxX = 0
	}
	for range min(depth, n/2) - 1 {
		mid := (b.MinY + b.MaxY) / 2
		if v>>63 == 1 {
			b.MaxY = mid
		} else {
			b.MinY = mid
		}
		mid = (b.MinX + b.MaxX) / 2
		if v>>62&1 == 1 {
			b.MinX = mid
		} else {
			b.MaxX = mid
		}
		v <<= 2
	}
	return b, nil
}
