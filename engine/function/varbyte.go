package function

import (
	"encoding/base64"
	"encoding/hex"
	"strconv"
	"strings"
	"unicode/utf8"

	"github.com/redshiftsim/redshiftsim/internal/sqlstate"
	"github.com/redshiftsim/redshiftsim/internal/types"
)

// varbyteFunctions is the chapter of binary values.
// https://docs.aws.amazon.com/redshift/latest/dg/varbyte-functions.html
var varbyteFunctions = []Scalar{
	{Name: "from_hex", Args: sig(text), Returns: always(types.Type{Kind: types.Varbyte, Len: types.MaxVarbyte}), Kernel: build(fromHex), Doc: "r_FROM_HEX"},
	{Name: "to_hex", Args: sig(int8), Returns: always(types.TVarchar(16)), Bind: bindToHex, Doc: "r_TO_HEX"},
	{Name: "to_hex", Args: sig(varbyte), Returns: always(types.TTextMax), Kernel: build1(bytesHex), Doc: "r_TO_HEX"},
	{Name: "from_varbyte", Args: sig(varbyte, text), Returns: always(types.TTextMax), Kernel: build(fromVarbyte), Doc: "r_FROM_VARBYTE"},
	{Name: "to_varbyte", Args: sig(text, text), Returns: always(types.Type{Kind: types.Varbyte, Len: types.MaxVarbyte}), Kernel: build(toVarbyte), Doc: "r_TO_VARBYTE"},
	{Name: "getbit", Args: sig(varbyte, int4), Returns: always(types.TInt4), Kernel: each(getbit), Doc: "r_GETBIT"},
}

// fromHex reads hexadecimal digits, two a byte.
func fromHex(dst []byte, r *row) ([]byte, error) {
	b, err := hex.AppendDecode(dst, []byte(r.text(0)))
	if err != nil {
		return nil, sqlstate.InvalidText.Errorf("invalid hexadecimal string \"%s\"", r.text(0))
	}
	return b, nil
}

// bindToHex writes a number in hexadecimal; negative ones in two's complement, as wide as their type.
func bindToHex(b *Bound, _ []Arg) error {
	mask := ^uint64(0)
	switch b.Params[0].Kind {
	case types.Int2, types.Int4:
		mask = 1<<32 - 1
	}
	b.Kernel = build(func(dst []byte, r *row) ([]byte, error) {
		return strconv.AppendUint(dst, uint64(r.int(0))&mask, 16), nil
	})
	return nil
}

func bytesHex(dst []byte, s string) []byte { return hex.AppendEncode(dst, []byte(s)) }

// formatError is the error of a format that names no way to write bytes.
func formatError(format string) error {
	return invalid("invalid format \"%s\": it must be hex, binary, utf8 or base64", format)
}

// fromVarbyte writes bytes in one of the formats.
func fromVarbyte(dst []byte, r *row) ([]byte, error) {
	s := r.text(0)
	switch strings.ToLower(r.text(1)) {
	case "hex":
		return bytesHex(dst, s), nil
	case "base64":
		return base64.StdEncoding.AppendEncode(dst, []byte(s)), nil
	case "binary":
		for i := range len(s) {
			for bit := 7; bit >= 0; bit-- {
				dst = append(dst, '0'+s[i]>>bit&1)
			}
		}
		return dst, nil
	case "utf8", "utf-8", "utf_8":
		if !utf8.ValidString(s) {
			return nil, sqlstate.InvalidByteSequence.Errorf("invalid UTF-8 byte sequence")
		}
		return append(dst, s...), nil
	}
	return nil, formatError(r.text(1))
}

// toVarbyte reads bytes in one of the formats; a first digit that is missing is 0.
func toVarbyte(dst []byte, r *row) ([]byte, error) {
	s := r.text(0)
	bad := func() error {
		return sqlstate.InvalidText.Errorf("\"%s\" is not valid in format %s", s, strings.ToLower(r.text(1)))
	}
	switch strings.ToLower(r.text(1)) {
	case "hex":
		b, err := hex.AppendDecode(dst, []byte(strings.Repeat("0", len(s)%2)+s))
		if err != nil {
			return nil, bad()
		}
		return b, nil
	case "base64":
		b, err := base64.StdEncoding.AppendDecode(dst, []byte(s))
		if err != nil {
			return nil, bad()
		}
		return b, nil
	case "binary":
		d := strings.Repeat("0", -len(s)&7) + s
		for ; d != ""; d = d[8:] {
			v, err := strconv.ParseUint(d[:8], 2, 8)
			if err != nil {
				return nil, bad()
			}
			dst = append(dst, byte(v))
		}
		return dst, nil
	case "utf8", "utf-8", "utf_8":
		return append(dst, s...), nil
	}
	return nil, formatError(r.text(1))
}

// getbit is a bit of a binary value; bit 0 is the lowest of the last byte.
func getbit(r *row) error {
	s, n := r.text(0), r.int(1)
	if n < 0 || n >= int64(len(s))*8 {
		return invalid("index %d out of valid range, 0..%d", n, len(s)*8-1)
	}
	r.setInt(int64(s[int64(len(s))-1-n/8] >> (n & 7) & 1))
	return nil
}
