package function

import (
	"crypto/md5"
	"crypto/sha1"
	"crypto/sha256"
	"crypto/sha512"
	"encoding/binary"
	"encoding/hex"
	"hash/crc32"
	"math"
	"math/bits"
	"strings"

	"github.com/redshiftsim/redshiftsim/internal/sqlstate"
	"github.com/redshiftsim/redshiftsim/internal/types"
	"github.com/redshiftsim/redshiftsim/internal/vector"
)

// hashFunctions is the chapter of hashes.
// https://docs.aws.amazon.com/redshift/latest/dg/hash-functions.html
var hashFunctions = []Scalar{
	{Name: "md5", Args: sig(text), Returns: always(types.TVarchar(32)), Kernel: build1(md5Hex), Doc: "r_MD5"},
	{Name: "sha1", Aliases: []string{"sha", "func_sha1"}, Args: sig(text), Returns: always(types.TVarchar(40)), Kernel: build1(sha1Hex), Doc: "SHA1"},
	{Name: "sha2", Args: sig(text, int4), Returns: always(types.TVarchar(128)), Kernel: build(sha2), Doc: "SHA2"},
	{Name: "sha2", Args: sig(varbyte, int4), Returns: always(types.TVarchar(128)), Kernel: build(sha2), Doc: "r_CREATE_USER"},
	{Name: "crc32", Args: sig(text), Returns: always(types.TVarchar(8)), Kernel: build1(crc32Hex), Doc: "crc32-function"},
	{Name: "checksum", Args: sig(text), Returns: always(types.TInt4), Kernel: each(checksumText), Doc: "r_CHECKSUM"},
	{Name: "checksum", Args: sig(number), Returns: always(types.TInt4), Kernel: checksum, Doc: "r_CHECKSUM"},
	{Name: "fnv_hash", Args: sig(anything, int8), Optional: 1, Returns: always(types.TInt8), Kernel: each(fnvHash), Doc: "r_FNV_HASH"},
	{Name: "murmur3_32_hash", Args: sig(anything, int4), Optional: 1, Returns: always(types.TInt4), Kernel: each(murmur3), Doc: "MURMUR3_32_HASH"},
	{Name: "farmfingerprint64", Args: sig(text), Returns: always(types.TInt8), Kernel: map1(farm), Doc: "r_FARMFINGERPRINT64"},
	{Name: "farmfingerprint64", Args: sig(varbyte), Returns: always(types.TInt8), Kernel: map1(farm), Doc: "r_FARMFINGERPRINT64"},
}

func md5Hex(dst []byte, s string) []byte {
	h := md5.Sum([]byte(s))
	return hex.AppendEncode(dst, h[:])
}

func sha1Hex(dst []byte, s string) []byte {
	h := sha1.Sum([]byte(s))
	return hex.AppendEncode(dst, h[:])
}

// sha2 is one of the SHA-2 hashes by its number of bits; 0 means 256, others give an empty text.
// https://docs.aws.amazon.com/redshift/latest/dg/SHA2.html
func sha2(dst []byte, r *row) ([]byte, error) {
	s := []byte(r.text(0))
	switch r.int(1) {
	case 224:
		h := sha256.Sum224(s)
		return hex.AppendEncode(dst, h[:]), nil
	case 0, 256:
		h := sha256.Sum256(s)
		return hex.AppendEncode(dst, h[:]), nil
	case 384:
		h := sha512.Sum384(s)
		return hex.AppendEncode(dst, h[:]), nil
	case 512:
		h := sha512.Sum512(s)
		return hex.AppendEncode(dst, h[:]), nil
	}
	return dst, nil
}

// castagnoli is the table of CRC-32C.
var castagnoli = crc32.MakeTable(crc32.Castagnoli)

func crc32Hex(dst []byte, s string) []byte {
	var b [4]byte
	binary.BigEndian.PutUint32(b[:], crc32.Checksum([]byte(s), castagnoli))
	return hex.AppendEncode(dst, b[:])
}

// checksum is a number's unscaled value: CHECKSUM(109.20) is 10920 in the guide.
// https://docs.aws.amazon.com/redshift/latest/dg/r_CHECKSUM.html
func checksum(_ *Env, n int, args []*vector.Vector, out *vector.Vector) error {
	t := args[0].Type
	if t.IsFloat() {
		return sqlstate.FeatureNotSupported.Errorf("CHECKSUM of %s is not supported", t)
	}
	a := wideOf(args[0], t)
	for i := range n {
		v := a.at(i)
		out.Int64s[i] = int64(int32(v.Lo))
	}
	return nil
}

// checksumText is ours: the guide has no example of a text. It is CRC32's number, signed; trailing blanks of a CHAR do not count.
func checksumText(r *row) error {
	s := r.text(0)
	if r.args[0].Type.Kind == types.Char {
		s = strings.TrimRight(s, " ")
	}
	r.setInt(int64(int32(crc32.Checksum([]byte(s), castagnoli))))
	return nil
}

// image writes the binary form of argument 0 as FNV_HASH reads it: integers and dates in their own width, little end first.
func image(buf *[16]byte, v *vector.Vector, i int) []byte {
	i &= maskOf(v)
	switch v.Type.Lane() {
	case types.LaneBool:
		buf[0] = 0
		if v.Bools[i] {
			buf[0] = 1
		}
		return buf[:1]
	case types.LaneInt:
		binary.LittleEndian.PutUint64(buf[:], uint64(v.Int64s[i]))
		switch v.Type.Kind {
		case types.Int2:
			return buf[:2]
		case types.Int4, types.Date, types.OID, types.IntervalYM:
			return buf[:4]
		}
		return buf[:8]
	case types.LaneWide:
		binary.LittleEndian.PutUint64(buf[:], v.Wides[i].Lo)
		binary.LittleEndian.PutUint64(buf[8:], uint64(v.Wides[i].Hi))
		return buf[:16]
	case types.LaneFloat:
		if v.Type.Kind == types.Float4 {
			binary.LittleEndian.PutUint32(buf[:], math.Float32bits(float32(v.Floats[i])))
			return buf[:4]
		}
		binary.LittleEndian.PutUint64(buf[:], math.Float64bits(v.Floats[i]))
		return buf[:8]
	}
	return nil
}

// fnvHash is FNV-1a in 64 bits; the seed is the hash so far.
// https://docs.aws.amazon.com/redshift/latest/dg/r_FNV_HASH.html
func fnvHash(r *row) error {
	h := uint64(14695981039346656037)
	if len(r.args) > 1 {
		h = uint64(r.int(1))
	}
	if r.args[0].Type.Lane() == types.LaneText {
		s := r.text(0)
		for i := range len(s) {
			h = (h ^ uint64(s[i])) * 1099511628211
		}
	} else {
		var buf [16]byte
		for _, c := range image(&buf, r.args[0], r.i) {
			h = (h ^ uint64(c)) * 1099511628211
		}
	}
	r.setInt(int64(h))
	return nil
}

// murmur3 is Murmur3 in 32 bits over the bytes that Iceberg prescribes: whole numbers, dates and times as 8 bytes, numerics as few bytes as their
// digits need, big end first.
// https://docs.aws.amazon.com/redshift/latest/dg/MURMUR3_32_HASH.html
func murmur3(r *row) error {
	v := r.args[0]
	i := r.i & maskOf(v)
	seed := uint32(0)
	if len(r.args) > 1 {
		seed = uint32(r.int(1))
	}
	var buf [16]byte
	b := buf[:8]
	put := func(x uint64) { binary.LittleEndian.PutUint64(b, x) }
	switch v.Type.Lane() {
	case types.LaneText:
		b = []byte(v.Texts[i])
	case types.LaneBool:
		if put(0); v.Bools[i] {
			put(1)
		}
	case types.LaneFloat:
		put(math.Float64bits(v.Floats[i] + 0))
	case types.LaneInt:
		switch v.Type.Kind {
		case types.Numeric:
			b = shortest(&buf, types.FromInt64(v.Int64s[i]))
		case types.Date:
			put(uint64(v.Int64s[i] + epochSeconds/86400))
		case types.Timestamp, types.TimestampTZ:
			put(uint64(v.Int64s[i] + epochSeconds*types.MicrosPerSecond))
		default:
			put(uint64(v.Int64s[i]))
		}
	default:
		b = shortest(&buf, v.Wides[i])
	}
	r.setInt(int64(int32(murmur(b, seed))))
	return nil
}

// shortest writes a number in two's complement, big end first, without needless bytes.
func shortest(buf *[16]byte, v types.Int128) []byte {
	binary.BigEndian.PutUint64(buf[:], uint64(v.Hi))
	binary.BigEndian.PutUint64(buf[8:], v.Lo)
	at := 0
	for at < 15 && (buf[at] == 0 && buf[at+1] < 0x80 || buf[at] == 0xff && buf[at+1] >= 0x80) {
		at++
	}
	return buf[at:]
}

// murmur is MurmurHash3_x86_32.
func murmur(b []byte, seed uint32) uint32 {
	const c1, c2 = 0xcc9e2d51, 0x1b873593
	h, n := seed, uint32(len(b))
	for ; len(b) >= 4; b = b[4:] {
		h ^= bits.RotateLeft32(binary.LittleEndian.Uint32(b)*c1, 15) * c2
		h = bits.RotateLeft32(h, 13)*5 + 0xe6546b64
	}
	var k uint32
	for i, c := range b {
		k |= uint32(c) << (8 * i)
	}
	h ^= bits.RotateLeft32(k*c1, 15) * c2
	h ^= n
	h = (h ^ h>>16) * 0x85ebca6b
	h = (h ^ h>>13) * 0xc2b2ae35
	return h ^ h>>16
}

// Constants of FarmHash.
const (
	farmK0 = 0xc3a5c85c97cb3127
	farmK1 = 0xb492b66fbe98f273
	farmK2 = 0x9ae16a3b2f90404f
)

// farm is FarmHash's Fingerprint64.
// https://docs.aws.amazon.com/redshift/latest/dg/r_FARMFINGERPRINT64.html
func farm(s string) int64 { return int64(fingerprint([]byte(s))) }

func farm64(b []byte, at int) uint64 { return binary.LittleEndian.Uint64(b[at:]) }

// farmMix joins two words under a multiplier.
func farmMix(u, v, mul uint64) uint64 {
	a := (u ^ v) * mul
	a ^= a >> 47
	b := (v ^ a) * mul
	b ^= b >> 47
	return b * mul
}

// fingerprint hashes by length: up to 16, 32, 64 bytes, and longer ones in blocks of 64.
func fingerprint(b []byte) uint64 {
	n := len(b)
	mul := farmK2 + uint64(n)*2
	rot := func(x uint64, k int) uint64 { return bits.RotateLeft64(x, -k) }
	switch {
	case n == 0:
		return farmK2
	case n <= 3:
		y := uint64(b[0]) + uint64(b[n>>1])<<8
		z := uint64(n) + uint64(b[n-1])<<2
		x := y*farmK2 ^ z*farmK0
		return (x ^ x>>47) * farmK2
	case n < 8:
		a := uint64(binary.LittleEndian.Uint32(b))
		return farmMix(uint64(n)+a<<3, uint64(binary.LittleEndian.Uint32(b[n-4:])), mul)
	case n <= 16:
		a, z := farm64(b, 0)+farmK2, farm64(b, n-8)
		c := rot(z, 37)*mul + a
		d := (rot(a, 25) + z) * mul
		return farmMix(c, d, mul)
	case n <= 32:
		a, x := farm64(b, 0)*farmK1, farm64(b, 8)
		c, d := farm64(b, n-8)*mul, farm64(b, n-16)*farmK2
		return farmMix(rot(a+x, 43)+rot(c, 30)+d, a+rot(x+farmK2, 18)+c, mul)
	case n <= 64:
		a, x := farm64(b, 0)*farmK2, farm64(b, 8)
		c, d := farm64(b, n-8)*mul, farm64(b, n-16)*farmK2
		y := rot(a+x, 43) + rot(c, 30) + d
		z := farmMix(y, a+rot(x+farmK2, 18)+c, mul)
		e, f := farm64(b, 16)*mul, farm64(b, 24)
		g, h := (y+farm64(b, n-32))*mul, (z+farm64(b, n-24))*mul
		return farmMix(rot(e+f, 43)+rot(g, 30)+h, e+rot(f+a, 18)+g, mul)
	}
	weak := func(at int, p, q uint64) (uint64, uint64) {
		w, x, y, z := farm64(b, at), farm64(b, at+8), farm64(b, at+16), farm64(b, at+24)
		p += w
		q = rot(q+p+z, 21)
		c := p
		p += x + y
		q += rot(p, 44)
		return p + z, q + c
	}
	const seed = 81
	x := uint64(seed)
	y := uint64(seed)
	y = y*farmK1 + 113
	z := y*farmK2 + 113
	z = (z ^ z>>47) * farmK2
	var v0, v1, w0, w1 uint64
	x = x*farmK2 + farm64(b, 0)
	end := (n - 1) / 64 * 64
	last := end + (n-1)&63 - 63
	for at := 0; ; at += 64 {
		x = rot(x+y+v0+farm64(b, at+8), 37) * farmK1
		y = rot(y+v1+farm64(b, at+48), 42) * farmK1
		x ^= w1
		y += v0 + farm64(b, at+40)
		z = rot(z+w0, 33) * farmK1
		v0, v1 = weak(at, v1*farmK1, x+w0)
		w0, w1 = weak(at+32, z+w1, y+farm64(b, at+16))
		x, z = z, x
		if at+64 == end {
			break
		}
	}
	mul = farmK1 + (z&0xff)<<1
	at := last
	w0 += uint64((n - 1) & 63)
	v0 += w0
	w0 += v0
	x = rot(x+y+v0+farm64(b, at+8), 37) * mul
	y = rot(y+v1+farm64(b, at+48), 42) * mul
	x ^= w1 * 9
	y += v0*9 + farm64(b, at+40)
	z = rot(z+w0, 33) * mul
	v0, v1 = weak(at, v1*mul, x+w0)
	w0, w1 = weak(at+32, z+w1, y+farm64(b, at+16))
	x, z = z, x
	return farmMix(farmMix(v0, w0, mul)+(y^y>>47)*farmK0+z, farmMix(v1, w1, mul)+x, mul)
}
