package system

import "github.com/redshiftsim/redshiftsim/storage/encoding"

// EncodingCode is pg_attribute.attencodingtype of an encoding: its number here, 0 for none. Redshift's own numbers are not published; FORMAT_ENCODING
// turns them into names.
func EncodingCode(k encoding.Kind) int64 { return int64(k) - int64(encoding.Raw) }

// EncodingName is FORMAT_ENCODING: the name of a code, "" when there is none of that number.
func EncodingName(code int64) string {
	k := encoding.Kind(code + int64(encoding.Raw))
	if code < 0 || k > encoding.Zstd {
		return ""
	}
	return k.String()
}
